//! What became of the tests of a run, whoever wrote it: counted, with bounds where a count is not sure.
//!
//! Owns the names that every reader of test reports gives (`tests passed failed ok` …), what proves a failure and what
//! proves nothing; refuses to know any format.

use std::collections::HashMap;

use schema::{Code, Number, Value};

use crate::facts::{Builder, Content, Doubt, Facts, Span};
use crate::quantity::{SECONDS, decimal};

/// How many names of failed tests are carried along.
const NAMES_LIMIT: usize = 100;

/// What became of one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It ran and nothing failed.
    Passed,
    /// An assertion failed.
    Failure,
    /// It broke, could not be set up or took too long.
    Error,
    /// It did not run, or does not count.
    Skipped,
    /// It was not to run: a part of what is skipped.
    Disabled,
    /// It cannot be told, and why.
    Unclear(Code, String),
}

/// What a word in a report (`status`, `result`, `outcome`) says became of a test; `None` where we do not know the word.
pub fn outcome(word: &str) -> Option<Outcome> {
    let word: String = word.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_ascii_lowercase();
    Some(match word.as_str() {
        "" | "pass" | "passed" | "passing" | "success" | "succeeded" | "successful" | "ok" | "run" | "ran"
        | "completed" | "complete" | "done" | "true" | "good" | "green" | "fixed" | "xfail" | "xfailed" => {
            Outcome::Passed
        }
        "fail" | "failed" | "failure" | "failing" | "regression" | "notok" | "false" | "bad" | "red"
        | "unsuccessful" => Outcome::Failure,
        "error" | "errored" | "err" | "broken" | "crash" | "crashed" | "timeout" | "timedout" | "aborted" | "abort"
        | "exception" | "fatal" | "killed" | "interrupted" | "cancelled" | "canceled" => Outcome::Error,
        "skip" | "skipped" | "ignored" | "ignore" | "pending" | "todo" | "untested" | "notexecuted"
        | "inconclusive" | "incomplete" | "unavailable" | "na" | "notapplicable" | "bpass" | "bfail" | "bxpass"
        | "bxfail" => Outcome::Skipped,
        "disabled" | "suppressed" | "notrun" | "excluded" => Outcome::Disabled,
        _ => return None,
    })
}

/// A number of tests of which something cannot be told, and why.
#[derive(Clone, Debug, Default)]
pub struct Share {
    /// How many.
    pub count: u64,
    why: Option<(Code, String)>,
}

impl Share {
    /// `count` more, for this reason; the first reason is kept.
    pub fn add(&mut self, count: u64, code: Code, detail: impl Into<String>) {
        if count > 0 {
            self.count = self.count.saturating_add(count);
            self.why.get_or_insert_with(|| (code, detail.into()));
        }
    }

    /// The reason that was given first.
    pub fn why(&self) -> Option<&(Code, String)> {
        self.why.as_ref()
    }

    fn join(&mut self, other: &Share) {
        if let Some((code, detail)) = &other.why {
            self.add(other.count, *code, detail.clone());
        }
    }
}

/// Tests counted by what became of them.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Tests that passed, the flaky ones too.
    pub passed: u64,
    /// Tests in which an assertion failed, and failures outside of tests.
    pub failures: u64,
    /// Tests that broke, and what broke outside of tests.
    pub errors: u64,
    /// Tests that are among both of them.
    pub both: u64,
    /// Those of `failures` and `errors` that are no test: a set-up or a tear-down.
    pub outside: u64,
    /// Tests that did not run or do not count, the disabled ones too.
    pub skipped: u64,
    /// Tests that were not to run.
    pub disabled: u64,
    /// Tests that passed after they had failed.
    pub flaky: u64,
    /// Runs of a test beyond its first.
    pub reruns: u64,
    /// Tests that are there, but what became of them is not.
    pub unclear: Share,
    /// Tests that are not there, and may have failed.
    pub lost: Share,
    /// Tests that are not there, and did not fail by what the report says.
    pub unlisted: Share,
    /// Tests that are not there, and passed by what the report says.
    pub unlisted_passed: Share,
    /// Tests counted as passed that by the report's own sums may have been none.
    pub unmarked: Share,
    /// Those of them that are called disabled.
    pub unmarked_disabled: Share,
    /// Failures by the report's own sums that no test shows.
    pub unseen: Share,
}

impl Tally {
    /// Counts one test.
    pub fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failure => self.failures += 1,
            Outcome::Error => self.errors += 1,
            Outcome::Skipped => self.skipped += 1,
            Outcome::Disabled => {
                self.skipped += 1;
                self.disabled += 1;
            }
            Outcome::Unclear(code, detail) => self.unclear.add(1, *code, detail.as_str()),
        }
    }

    /// Counts what another tally counted.
    pub fn join(&mut self, other: &Tally) {
        self.passed += other.passed;
        self.failures += other.failures;
        self.errors += other.errors;
        self.both += other.both;
        self.outside += other.outside;
        self.skipped += other.skipped;
        self.disabled += other.disabled;
        self.flaky += other.flaky;
        self.reruns += other.reruns;
        self.unclear.join(&other.unclear);
        self.lost.join(&other.lost);
        self.unlisted.join(&other.unlisted);
        self.unlisted_passed.join(&other.unlisted_passed);
        self.unmarked.join(&other.unmarked);
        self.unmarked_disabled.join(&other.unmarked_disabled);
        self.unseen.join(&other.unseen);
    }

    /// Holds how many tests the suite of this name says were not to run against those that are marked so.
    pub fn held_disabled(&mut self, name: &str, said: u64) {
        let most = self.skipped.saturating_add(self.unmarked.count).saturating_add(self.missing());
        if said > most {
            let detail = format!("the suite {name:?} says disabled {said}, but has {}", self.disabled);
            let count = (said - most).min(self.passed);
            self.unmarked_disabled.add(count, Code::Inconsistent, detail.as_str());
            self.unmarked.add(count, Code::Inconsistent, detail);
        }
    }

    /// The tests that are there.
    pub fn tests(&self) -> u64 {
        self.passed + self.failed() - self.outside + self.skipped + self.unclear.count
    }

    /// What failed, in tests and outside of them.
    pub fn failed(&self) -> u64 {
        self.failures + self.errors - self.both
    }

    /// The least and the most number of tests that a sum over this tally may say.
    pub fn tests_said(&self) -> (u64, u64) {
        let most = self.tests().saturating_add(self.missing()).saturating_add(self.reruns);
        (self.tests() - self.unmarked.count.min(self.passed), most)
    }

    /// The tests that are said, but not there.
    pub fn missing(&self) -> u64 {
        self.lost.count.saturating_add(self.unlisted.count).saturating_add(self.unlisted_passed.count)
    }

    /// Whether a failure is proven: by a test that failed, or by the report's own sums.
    pub fn is_failed(&self) -> bool {
        self.failed() > 0 || self.unseen.count > 0
    }

    /// Whether a test is proven to have run.
    fn ran(&self) -> bool {
        self.failed() > self.outside || self.passed > self.unmarked.count
    }

    /// Whether nothing failed; `None` where it cannot be told.
    pub fn ok(&self) -> Option<bool> {
        match (self.is_failed(), self.ran() && self.unclear.count == 0 && self.lost.count == 0) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        }
    }

    /// Each count, and the shares that may lower it and raise it.
    fn counts(&self) -> [(&'static str, u64, Shares<'_>, Shares<'_>); 7] {
        let Tally { unclear, lost, unlisted, unlisted_passed, unmarked, unmarked_disabled, unseen, .. } = self;
        let none = || Shares(Vec::new());
        // A failure that no test shows is of one kind or the other.
        let failed = || Shares(vec![unclear, lost, unseen]);
        [
            ("tests", self.tests(), none(), Shares(vec![lost, unlisted, unlisted_passed])),
            ("passed", self.passed, Shares(vec![unmarked]), Shares(vec![unclear, lost, unlisted, unlisted_passed])),
            ("failed", self.failed(), none(), failed()),
            ("failures", self.failures, none(), failed()),
            ("errors", self.errors, none(), failed()),
            ("skipped", self.skipped, none(), Shares(vec![unclear, lost, unlisted, unmarked])),
            ("disabled", self.disabled, none(), Shares(vec![unclear, lost, unmarked_disabled])),
        ]
    }

    /// Why nothing is proven to have run.
    fn nothing(&self) -> (Code, String) {
        if let Some(known) = Shares(vec![&self.unclear, &self.unmarked]).why() {
            return known;
        }
        let mut detail = match self.skipped {
            0 => "no test was run".to_owned(),
            skipped => format!("no test was run: all {skipped} were skipped"),
        };
        if let Some((_, more)) = Shares(vec![&self.lost, &self.unlisted, &self.unlisted_passed]).why() {
            detail = format!("{detail}; {more}");
        }
        (Code::NoSamples, detail)
    }

    /// Puts the counts and `ok` into `report`, and into `doubts`, below `above`, what of them cannot be told. `marks`
    /// says that the writer marks reruns, so that none seen is none.
    pub fn report(&self, above: &[&str], marks: bool, report: &mut Builder<'static>, doubts: &mut Vec<Doubt>) {
        let mut doubt = |key: &str, code: Code, detail: &str, low, high| {
            doubts.push(Doubt::new(&[above, &[key]].concat(), code, detail).within(low, high));
        };
        for (key, value, less, more) in self.counts() {
            // Failures by the report's own sums are as many as those say.
            report.put(key, if key == "failed" { value.saturating_add(self.unseen.count) } else { value });
            let failed = matches!(key, "failed" | "failures" | "errors");
            let proven = failed && value > 0 || key == "failed" && self.is_failed();
            let (below, above) = (less.sum().min(value), more.sum());
            if !self.ran() && !proven && key != "disabled" {
                let (code, detail) = self.nothing();
                doubt(key, code, &detail, None, None);
            } else if below + above > 0
                && let Some((code, detail)) = Shares([less.0, more.0].concat()).why()
            {
                // Failures by the report's own sums are failures, though no test shows them.
                let least = if key == "failed" && self.is_failed() { (value - below).max(1) } else { value - below };
                doubt(key, code, &detail, Some(least.into()), Some(value.saturating_add(above).into()));
            }
        }
        if marks || self.reruns > 0 || self.flaky > 0 {
            report.put("flaky", self.flaky);
            report.put("reruns", self.reruns);
        }
        match self.ok() {
            Some(ok) => report.put("ok", ok),
            None => {
                let open = Shares(vec![&self.unclear, &self.lost]).why().filter(|_| self.ran());
                let (code, detail) = open.unwrap_or_else(|| self.nothing());
                doubt("ok", code, &detail, None, None);
                report.put("ok", Value::Null)
            }
        };
    }
}

/// Numbers of tests that one count is not sure by.
struct Shares<'t>(Vec<&'t Share>);

impl Shares<'_> {
    fn sum(&self) -> u64 {
        self.0.iter().fold(0, |sum, share| sum.saturating_add(share.count))
    }

    /// The reasons, joined; the code is that of the first. `None` where there is none.
    fn why(&self) -> Option<(Code, String)> {
        let mut reasons = self.0.iter().filter_map(|share| share.why.clone());
        let (code, mut detail) = reasons.next()?;
        for (_, more) in reasons {
            if !detail.contains(&more) {
                detail.push_str("; ");
                detail.push_str(&more);
            }
        }
        Some((code, detail))
    }
}

/// The names of what failed: the first hundred.
#[derive(Debug, Default)]
pub struct Failing(Vec<Value<'static>>);

impl Failing {
    /// One more that failed.
    pub fn push(&mut self, name: &str) {
        if self.0.len() < NAMES_LIMIT {
            self.0.push(Value::from(name.to_owned()));
        }
    }

    /// Puts the names under `failing`, where there are any.
    pub fn report(self, report: &mut Builder<'static>) {
        if !self.0.is_empty() {
            report.put("failing", self.0);
        }
    }
}

/// What a report comes to: its counts, those of each suite and the names of what failed.
pub fn facts(
    format: &'static str,
    suites: Vec<(String, Tally)>,
    time: &Seconds,
    failing: Failing,
    span: Span,
) -> Facts<'static> {
    let mut root = Tally::default();
    suites.iter().for_each(|(_, tally)| root.join(tally));
    let (mut report, mut inner, mut doubts) = (Builder::default(), Builder::default(), Vec::new());
    root.report(&[], false, &mut report, &mut doubts);
    time.report(&[], &mut report, &mut doubts);
    let mut names: HashMap<String, u64> = HashMap::new();
    for (name, tally) in &suites {
        let nth = names.entry(name.clone()).or_insert(0);
        *nth += 1;
        let name = if *nth == 1 { name.clone() } else { format!("{name}#{nth}") };
        let mut counts = Builder::default();
        tally.report(&["suites", &name], false, &mut counts, &mut doubts);
        inner.put(name, counts.build());
    }
    report.put("suites", inner.build());
    failing.report(&mut report);
    let doubts = crate::relations::joined(doubts);
    Facts { format, content: Content::One(Value::Object(report.build())), doubts, span, ..Facts::default() }
}

/// A duration in seconds as a report writes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Seconds {
    /// It says none.
    #[default]
    None,
    /// A number.
    Known(Number<'static>),
    /// No number, or one that can be read in two ways; the text.
    Odd(String),
}

/// Reads a duration in seconds, with a comma where it can only be one thing.
pub fn seconds(text: Option<&str>) -> Seconds {
    let text = text.unwrap_or_default().trim();
    if text.is_empty() {
        return Seconds::None;
    }
    match decimal(text) {
        Some(number) if !number.as_str().starts_with('-') => Seconds::Known(number),
        _ => Seconds::Odd(text.to_owned()),
    }
}

impl Seconds {
    /// Puts `time_ms` into `report`, or why there is none into `doubts`.
    pub fn report(&self, above: &[&str], report: &mut Builder<'static>, doubts: &mut Vec<Doubt>) {
        match self {
            Seconds::None => {}
            Seconds::Known(number) => {
                report.put("time_ms", number.shifted(SECONDS));
            }
            Seconds::Odd(text) => {
                report.put("time_ms", Value::Null);
                let detail = match text.contains(',') {
                    true => format!("time {text:?}: the comma may be a decimal point or group digits"),
                    false => format!("time {text:?}: wanted seconds"),
                };
                doubts.push(Doubt::new(&[above, &["time_ms"]].concat(), Code::NotANumber, detail));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_are_taken_where_they_can_only_be_one_thing() {
        for (text, known) in [
            ("0.25", "0.25"),
            ("1,234.567", "1234.567"),
            ("14,029,255.5", "14029255.5"),
            ("1,234,567", "1234567"),
            ("1.234,56", "1234.56"),
            ("1.234.567,8", "1234567.8"),
            ("1,5", "1.5"),
            ("0,35", "0.35"),
            ("0,025", "0.025"),
            ("12,3456", "12.3456"),
            (" 3 ", "3"),
            ("1e-05", "1e-05"),
        ] {
            assert_eq!(seconds(Some(text)), Seconds::Known(Number::parse(known).unwrap()), "{text}");
        }
        for text in ["12,345", "1,2,3", "1,23.4", "NaN", "PT1.5S", "-0.5", "1.2.3", "12.34,5"] {
            assert_eq!(seconds(Some(text)), Seconds::Odd(text.to_owned()));
        }
        assert_eq!((seconds(None), seconds(Some(" "))), (Seconds::None, Seconds::None));
    }

    #[test]
    fn what_is_not_there_widens_and_never_hides_a_failure() {
        let mut tally = Tally { passed: 2, ..Tally::default() };
        assert_eq!(tally.ok(), Some(true));
        tally.unlisted.add(3, Code::Inconsistent, "says 5");
        assert_eq!(tally.ok(), Some(true));
        tally.lost.add(1, Code::Inconsistent, "says 6");
        assert_eq!(tally.ok(), None);
        tally.count(&Outcome::Error);
        assert_eq!((tally.ok(), tally.tests(), tally.tests_said()), (Some(false), 3, (3, 7)));
        let mut report = Builder::default();
        let mut doubts = Vec::new();
        tally.report(&[], false, &mut report, &mut doubts);
        let doubted: Vec<&str> = doubts.iter().map(|doubt| doubt.steps[0].as_str()).collect();
        assert_eq!(doubted, ["tests", "passed", "failed", "failures", "errors", "skipped", "disabled"]);
        let limits: Vec<String> = doubts
            .iter()
            .map(|doubt| format!("{}..{}", doubt.low.as_ref().unwrap(), doubt.high.as_ref().unwrap()))
            .collect();
        assert_eq!(limits, ["3..7", "2..6", "1..2", "0..1", "1..2", "0..4", "0..1"]);
    }
}
