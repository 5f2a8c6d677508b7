//! One test case: what it holds, and what became of it.

use schema::Code;

use crate::readers::runners::tally::{Outcome, outcome};

/// One test case; while it is open its outcome is not settled.
#[derive(Default)]
pub struct Case {
    /// `classname.name`
    pub name: String,
    /// `<failure>` elements in it.
    pub failures: u64,
    /// `<error>` elements in it.
    pub errors: u64,
    /// Whether an error came before any failure.
    pub error_first: bool,
    /// Whether it is marked as skipped.
    pub skipped: bool,
    /// Whether the skip is a mark that a failure is expected and does not count.
    pub todo: bool,
    /// Whether it is called skipped because it could not be run.
    pub never_ran: bool,
    /// Attempts that failed before one passed.
    pub flakes: u64,
    /// Attempts that failed as the last one did.
    pub reruns: u64,
    /// `status`, `result`
    pub words: Vec<String>,
    /// The first child that we do not know.
    pub strange: Option<String>,
    /// Whether its time is written as just `0`.
    pub instant: bool,
    /// Whether its time has more decimals than a coarse clock gives.
    pub fine: bool,
    /// How deep its element is.
    pub depth: usize,
}

impl Case {
    /// What became of it; `covered` tells whether its failure lies behind a skip.
    pub fn outcome(&self) -> (Outcome, bool) {
        let failed = if self.error_first || self.failures == 0 { Outcome::Error } else { Outcome::Failure };
        if self.failures + self.errors > 0 {
            return if self.skipped && self.todo { (Outcome::Skipped, false) } else { (failed, self.skipped) };
        }
        if self.never_ran {
            return (Outcome::Error, false);
        }
        let mut worst = None;
        for word in &self.words {
            let said = outcome(word).unwrap_or_else(|| {
                Outcome::Unclear(
                    Code::UnknownStatus,
                    format!("{:?} is {word:?}, which is not a known status", self.name),
                )
            });
            let rank = |outcome: &Outcome| match outcome {
                Outcome::Passed => 0,
                Outcome::Skipped => 1,
                Outcome::Disabled => 2,
                Outcome::Unclear(..) => 3,
                Outcome::Error => 4,
                Outcome::Failure => 5,
            };
            if worst.as_ref().is_none_or(|worst| rank(&said) > rank(worst)) {
                worst = Some(said);
            }
        }
        let became = match worst {
            Some(bad @ (Outcome::Failure | Outcome::Error)) => bad,
            Some(Outcome::Disabled) if !self.skipped => Outcome::Disabled,
            _ if self.skipped => Outcome::Skipped,
            Some(Outcome::Passed) | None
                if self.strange.is_some() && (worst.is_none() || self.strange.as_deref() == Some("")) =>
            {
                self.unclear()
            }
            Some(said) => said,
            None if self.reruns > 0 => Outcome::Unclear(
                Code::Inconsistent,
                format!("{:?} was run again, and what came of it is not said", self.name),
            ),
            None => Outcome::Passed,
        };
        (became, false)
    }

    fn unclear(&self) -> Outcome {
        let name = &self.name;
        match self.strange.as_deref() {
            Some("") => Outcome::Unclear(
                Code::NoSamples,
                format!("{name:?} is a file as a whole: node --test writes that where no test of it reported"),
            ),
            strange => Outcome::Unclear(
                Code::UnknownStatus,
                format!("{name:?} contains <{}>, which is not a known outcome", strange.unwrap_or_default()),
            ),
        }
    }
}

/// Why CTest did not run a test that it was to run: not one that skipped itself.
pub const NEVER_RAN: [&str; 5] = [
    "Unable to find executable",
    "Required Files Missing",
    "Fixture dependency failed",
    "Failed to change working directory",
    "Failed to start",
];

/// What a case may hold beside its outcome.
pub const BESIDE: [&str; 24] = [
    "system-out",
    "system-err",
    "systemOut",
    "systemErr",
    "properties",
    "property",
    "output",
    "attachments",
    "attachment",
    "artifacts",
    "file",
    "source",
    "description",
    "tags",
    "time",
    "metrics",
    "metadata",
    "benchmark",
    "measurement",
    "screenshot",
    "steps",
    "step",
    "testcase",
    "testsuite",
];
