//! The reason codes: a closed list, each with one sentence on what it means and what to fix.

use std::fmt;

use serde::{Serialize, Serializer};

/// Why an answer is *cannot tell*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// `missing`: the evidence has no such value.
    Missing,
    /// `null`: the value is null.
    Null,
    /// `not-a-number`: the value is text or NaN where a number is wanted.
    NotANumber,
    /// `wrong-type`: the value is of another kind than the comparison.
    WrongType,
    /// `no-samples`: nothing was measured: there are no samples.
    NoSamples,
    /// `ambiguous`: a flat key and a nested path both have this name.
    Ambiguous,
    /// `declared`: the value was declared, not observed.
    Declared,
    /// `stale`: the source is older than this run.
    Stale,
    /// `no-baseline`: there is no baseline that passed.
    NoBaseline,
    /// `unit-mismatch`: the units of the two sides differ in kind.
    UnitMismatch,
    /// `division-by-zero`: a divisor is zero.
    DivisionByZero,
    /// `overflow`: a number is beyond 38 digits.
    Overflow,
    /// `given-not-met`: what the check relies on did not happen.
    GivenNotMet,
    /// `violated`: a limit with \"else inconclusive\" was missed.
    Violated,
    /// `undecided`: neither the pass nor the fail condition is true.
    Undecided,
    /// `conflict`: two sources disagree on this value.
    Conflict,
    /// `inconsistent`: the source contradicts itself on this value.
    Inconsistent,
    /// `not-mergeable`: finished percentiles cannot be merged.
    NotMergeable,
    /// `no-records`: there was no record at all.
    NoRecords,
    /// `no-checks`: no threshold applies to this evidence.
    NoChecks,
    /// `malformed`: a line could not be read.
    Malformed,
    /// `no-seal`: the stream does not end with its seal: the stage before died or was cut.
    NoSeal,
    /// `count-mismatch`: the seal counts more or fewer lines or bytes than arrived.
    CountMismatch,
    /// `upstream-rejected`: a stage before rejected lines.
    UpstreamRejected,
    /// `missing-group`: an expected group is not there.
    MissingGroup,
    /// `unexpected-group`: a group that was not expected is there.
    UnexpectedGroup,
    /// `duplicate-source`: the same source was given twice.
    DuplicateSource,
    /// `missing-source`: an expected source is not there.
    MissingSource,
    /// `claimed-only`: it was claimed, but never observed.
    ClaimedOnly,
    /// `source-changed`: the source is not what it was when judged.
    SourceChanged,
    /// `not-signed`: a signature was asked for, and the document has none.
    NotSigned,
    /// `source-gone`: the source is no longer there.
    SourceGone,
    /// `unknown-status`: this version does not know the status or code.
    UnknownStatus,
    /// `within-error`: the bound lies within the stated error of the value.
    WithinError,
    /// `gap`: the series has a gap: nothing was recorded for part of the time.
    Gap,
    /// `digest-mismatch`: the stream is not the one that was sealed: its checksum differs.
    DigestMismatch,
    /// `stopped`: the run was stopped before its end.
    Stopped,
    /// `within-noise`: the bound lies within what chance alone explains.
    WithinNoise,
    /// `too-few-facts`: there is too little data to compute an interval from.
    TooFewFacts,
    /// `too-few-runs`: there are too few runs to tell a difference.
    TooFewRuns,
}

/// One row a code: the code, its name on the wire, what it means, the one thing to add or fix.
type Row = (Code, &'static str, &'static str, &'static str);

const ROWS: [Row; 40] = [
    (
        Code::Missing,
        "missing",
        "the evidence has no such value",
        "add the metric to the evidence, or correct the name in the threshold",
    ),
    (Code::Null, "null", "the value is null", "make the source write the value it measured"),
    (
        Code::NotANumber,
        "not-a-number",
        "the value is text or NaN where a number is wanted",
        "make the source write a finite number",
    ),
    (
        Code::WrongType,
        "wrong-type",
        "the value is of another kind than the comparison",
        "compare numbers with numbers and text with text",
    ),
    (
        Code::NoSamples,
        "no-samples",
        "nothing was measured: there are no samples",
        "check the name, and that there was traffic: the count is 0",
    ),
    (Code::Ambiguous, "ambiguous", "a flat key and a nested path both have this name", "quote the step you mean"),
    (
        Code::Declared,
        "declared",
        "the value was declared, not observed",
        "check an observed metric; a declared one may only be the bound",
    ),
    (Code::Stale, "stale", "the source is older than this run", "collect the source again, during this run"),
    (
        Code::NoBaseline,
        "no-baseline",
        "there is no baseline that passed",
        "give --baseline a verdict that is PASS or WARN, or plain evidence",
    ),
    (
        Code::UnitMismatch,
        "unit-mismatch",
        "the units of the two sides differ in kind",
        "compare two values of the same kind of unit",
    ),
    (
        Code::DivisionByZero,
        "division-by-zero",
        "a divisor is zero",
        "add \"given DIVISOR > 0\" to say what the check relies on",
    ),
    (Code::Overflow, "overflow", "a number is beyond 38 digits", "use a coarser unit"),
    (
        Code::GivenNotMet,
        "given-not-met",
        "what the check relies on did not happen",
        "make the run meet the given clause",
    ),
    (
        Code::Violated,
        "violated",
        "a limit with \"else inconclusive\" was missed",
        "find out why; until then the run neither passes nor fails",
    ),
    (
        Code::Undecided,
        "undecided",
        "neither the pass nor the fail condition is true",
        "widen one of the two conditions",
    ),
    (
        Code::Conflict,
        "conflict",
        "two sources disagree on this value",
        "remove one source, or choose with --on-conflict",
    ),
    (
        Code::Inconsistent,
        "inconsistent",
        "the source contradicts itself on this value",
        "fix the source that wrote these figures",
    ),
    (
        Code::NotMergeable,
        "not-mergeable",
        "finished percentiles cannot be merged",
        "keep states with percentile --state and merge those",
    ),
    (Code::NoRecords, "no-records", "there was no record at all", "look at the stage before: it wrote nothing"),
    (
        Code::NoChecks,
        "no-checks",
        "no threshold applies to this evidence",
        "add a threshold that applies to it in any case",
    ),
    (Code::Malformed, "malformed", "a line could not be read", "fix the stage that wrote this line"),
    (
        Code::NoSeal,
        "no-seal",
        "the stream does not end with its seal: the stage before died or was cut",
        "see whether the stage before died; EVIDENCE_SEAL=1 makes every stage write a seal",
    ),
    (
        Code::CountMismatch,
        "count-mismatch",
        "the seal counts more or fewer lines or bytes than arrived",
        "find what drops or adds lines between the two stages",
    ),
    (
        Code::UpstreamRejected,
        "upstream-rejected",
        "a stage before rejected lines",
        "fix those lines, or allow them there with --allow-rejected",
    ),
    (Code::MissingGroup, "missing-group", "an expected group is not there", "run it, or take it off the list"),
    (
        Code::UnexpectedGroup,
        "unexpected-group",
        "a group that was not expected is there",
        "add it to the list, or remove it from the input",
    ),
    (Code::DuplicateSource, "duplicate-source", "the same source was given twice", "give each source once"),
    (Code::MissingSource, "missing-source", "an expected source is not there", "collect it, or take it off the list"),
    (Code::ClaimedOnly, "claimed-only", "it was claimed, but never observed", "add an observed check of the same id"),
    (Code::SourceChanged, "source-changed", "the source is not what it was when judged", "judge the source again"),
    (Code::NotSigned, "not-signed", "the document has no signature", "sign it where it is made, with verdict --sign"),
    (Code::SourceGone, "source-gone", "the source is no longer there", "bring it back to verify against it"),
    (
        Code::UnknownStatus,
        "unknown-status",
        "this version does not know the status or code",
        "look up what it means where it was written; use the same version of all five tools",
    ),
    (
        Code::WithinError,
        "within-error",
        "the bound lies within the stated error of the value",
        "use an exact figure, or move the bound away from the value",
    ),
    (
        Code::Gap,
        "gap",
        "the series has a gap: nothing was recorded for part of the time",
        "close the gap, or allow the distance with --every",
    ),
    (
        Code::DigestMismatch,
        "digest-mismatch",
        "the stream is not the one that was sealed: its checksum differs",
        "find what changes or reorders lines between the two stages",
    ),
    (Code::Stopped, "stopped", "the run was stopped before its end", "let the run go to its end"),
    (Code::WithinNoise, "within-noise", "the bound lies within what chance alone explains", "take more samples"),
    (Code::TooFewFacts, "too-few-facts", "there is too little data to compute an interval from", "measure more"),
    (
        Code::TooFewRuns,
        "too-few-runs",
        "there are too few runs to tell a difference",
        "add runs on both sides, or earlier nights",
    ),
];

impl Code {
    /// Every code, in the order of the design.
    pub fn all() -> impl Iterator<Item = Code> {
        ROWS.iter().map(|row| row.0)
    }

    /// The code's name on the wire: `no-seal`.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// What it means, as the first half of a sentence.
    pub fn meaning(self) -> &'static str {
        self.row().2
    }

    /// The one thing to add or mend, as the second half of a sentence.
    pub fn remedy(self) -> &'static str {
        self.row().3
    }

    /// The code a name stands for. `None` for `""` and for names we do not know (a reader then says `unknown-status`).
    pub fn from_name(name: &str) -> Option<Code> {
        ROWS.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_stands_at_its_code() {
        for (place, row) in ROWS.iter().enumerate() {
            assert_eq!(row.0 as usize, place);
            assert_eq!(Code::from_name(row.1), Some(row.0));
        }
        assert_eq!(Code::from_name(""), None);
    }
}
