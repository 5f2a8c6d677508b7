//! One suite: what it says of itself, held against the cases that are there.

use std::collections::HashMap;

use schema::{Code, json};

use super::case::Case;
use crate::readers::runners::tally::{Failing, Outcome, Seconds, Tally, outcome, seconds};
use crate::readers::runners::tap::line::{self, Directive};
use crate::readers::xml::Element;

/// What a suite says of itself.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// `tests`; as all of these, `None` where it is not said.
    pub tests: Option<u64>,
    /// `failures`
    pub failures: Option<u64>,
    /// `errors`
    pub errors: Option<u64>,
    /// `skipped`
    pub skipped: Option<u64>,
    /// `disabled`
    pub disabled: Option<u64>,
    /// `flakes`
    pub flakes: Option<u64>,
    /// `passed`
    pub passed: Option<u64>,
}

#[derive(Default)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// Its element: `testsuite`, `testsuites`, or whatever the root is called.
    pub element: String,
    /// What it says of itself.
    pub said: Said,
    /// Its time.
    pub time: Seconds,
    /// Its own cases; counted when it closes.
    pub cases: Vec<Case>,
    /// What the suites in it counted, and what it counts itself.
    pub tally: Tally,
    /// Its own cases that are counted as failures and broke, too, and those counted as errors that failed.
    both: [u64; 2],
    /// How many suites lie directly in it.
    pub suites: u64,
    /// `<failure>` and `<error>` elements in it, of which a case may have several.
    pub marks: u64,
    /// How many cases in it are marked as skipped, whatever else became of them.
    pub skips: u64,
    /// Failures and errors among its sums that are none.
    pub expected: u64,
    /// Catch2 and doctest count assertions where others count tests.
    pub assertions: bool,
    /// It says nothing but its name, `tests`, `failures` and `errors`.
    pub bare: bool,
    /// pytest counts subtests among its tests, and writes no case for those that passed.
    pub subtests: bool,
    /// The word by which it says that it failed as a whole.
    pub failed: Option<String>,
    /// What it says of itself that cannot be: a count of failures or tests below 0, that it was aborted.
    pub odd: Option<String>,
}

/// Writers with a dialect of their own, told by what they write.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Writer {
    #[default]
    Other,
    /// vitest: a test without a result has the time 0.
    Vitest,
    /// node --test: bare `<testsuites>`, the totals in comments.
    Node,
}

impl Suite {
    /// Whether it is a root that holds no case and no suite.
    pub fn is_nothing(&self) -> bool {
        !matches!(self.element.as_str(), "testsuite" | "testsuites") && self.tally.tests() == 0 && self.suites == 0
    }

    /// The failures and errors that it says; `None` where it says neither.
    fn said_failed(&self) -> Option<u64> {
        match (self.said.failures, self.said.errors) {
            (None, None) => None,
            (failures, errors) => Some(failures.unwrap_or(0).saturating_add(errors.unwrap_or(0))),
        }
    }

    /// Takes in the TAP of its file, which Perl's TAP::Formatter::JUnit keeps behind the cases it made of it: of a point
    /// that was skipped, or is still to do, it makes one like any other.
    pub fn take_tap(&mut self, output: &str) {
        let number = |case: &Case| {
            let digits = case.name.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = case.name.split_at(digits);
            (rest.is_empty() || rest.starts_with(" - ")).then(|| number.parse::<u64>().ok()).flatten()
        };
        if !output.contains("1..") || !self.cases.iter().all(|case| number(case).is_some()) {
            return;
        }
        let places: HashMap<Option<u64>, usize> =
            self.cases.iter().enumerate().map(|(place, case)| (number(case), place)).collect();
        for point in output.lines().filter_map(line::point) {
            if matches!(point.directive, Directive::Skip | Directive::Todo)
                && let Some(case) = places.get(&point.number).and_then(|place| self.cases.get_mut(*place))
            {
                // A point to do that is ok is an error to it, and a sum of its suite; it proves nothing.
                self.expected += case.failures + case.errors;
                (case.skipped, case.todo) = (true, true);
            }
        }
    }

    /// Counts its cases, and holds what it says against them.
    pub fn settle(&mut self, writer: Writer, failing: &mut Failing) {
        let cases = std::mem::take(&mut self.cases);
        let nested = self.tally.clone();
        if let Some(odd) = &self.odd {
            self.tally.lost.add(1, Code::Inconsistent, odd.as_str());
        }
        let direct = cases.len() as u64;
        let said_more = self.said.tests.is_some_and(|said| said < direct + nested.tests());
        self.count(cases, writer, said_more, failing);
        self.failures();
        self.of_both_kinds();
        self.tests(direct);
        // Of flaky tests a writer may say how many there were, and show none.
        self.tally.flaky = self.tally.flaky.max(self.said.flakes.unwrap_or(0));
    }

    /// Counts cases. A case that is there twice, where the suite says fewer, was run again: what failed at any time
    /// failed, else the last run is what came of it.
    fn count(&mut self, cases: Vec<Case>, writer: Writer, again: bool, failing: &mut Failing) {
        // Where the clock is coarse, a short test may take 0; where it is not, one that ran never does.
        let every = cases.iter().all(|case| case.instant);
        let dead = writer == Writer::Vitest && (every || cases.iter().any(|case| case.fine));
        let said_failed = self.said_failed();
        let mut covered = Vec::new();
        let mut settled: Vec<(Outcome, Case, u64)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for case in cases {
            let (mut became, is_covered) = case.outcome();
            if dead && case.instant && became == Outcome::Passed {
                let which = if every { "every test" } else { "a test" };
                let detail =
                    format!("{which} of {:?} took exactly 0 s, as vitest writes of tests that never ran", self.name);
                became = Outcome::Unclear(Code::NoSamples, detail);
            }
            self.marks += case.failures + case.errors;
            self.skips += u64::from(case.skipped);
            if again && let Some(&place) = places.get(&case.name) {
                let (first, there, runs) = &mut settled[place];
                *runs += 1;
                (there.failures, there.errors) = (there.failures + case.failures, there.errors + case.errors);
                if !matches!(first, Outcome::Failure | Outcome::Error) {
                    *first = became;
                }
                continue;
            }
            if is_covered {
                covered.push(settled.len());
            }
            places.insert(case.name.clone(), settled.len());
            settled.push((became, case, 1));
        }
        // The suite's own sums decide whether a failure behind a skip is one.
        let failed = settled.iter().filter(|(became, ..)| matches!(became, Outcome::Failure | Outcome::Error)).count();
        let counted = self.tally.failed() + failed as u64;
        if !covered.is_empty() && said_failed == Some(counted - covered.len() as u64) {
            for place in covered {
                let detail = format!(
                    "{:?} is skipped and failed, and its suite does not count it as failed",
                    settled[place].1.name
                );
                settled[place].0 = Outcome::Unclear(Code::Inconsistent, detail);
            }
        }
        for (became, case, runs) in settled {
            if matches!(became, Outcome::Failure | Outcome::Error) {
                failing.push(&case.name);
            }
            if case.failures > 0 && case.errors > 0 {
                self.both[0] += u64::from(became == Outcome::Failure);
                self.both[1] += u64::from(became == Outcome::Error);
            }
            let more = case.flakes + case.reruns + runs - 1;
            self.tally.reruns += more;
            self.tally.flaky += u64::from(became == Outcome::Passed && more > 0);
            self.tally.count(&became);
        }
    }

    /// A test that failed and broke, too (pytest's failure before an error of its teardown), is one test that failed, and
    /// one of each kind, but where its suite counts it as one of them alone.
    fn of_both_kinds(&mut self) {
        let [broke, failed] = std::mem::take(&mut self.both);
        let (said, tally) = (&self.said, &mut self.tally);
        let rest =
            |said: Option<u64>, known: u64, both: u64| said.map_or(both, |said| both.min(said.saturating_sub(known)));
        let errors = rest(said.errors, tally.errors, broke);
        let failures = rest(said.failures, tally.failures, failed);
        tally.errors += errors;
        tally.failures += failures;
        tally.both += errors + failures;
    }

    /// More failures than are shown are failures all the same, where nothing explains them.
    fn failures(&mut self) {
        if let Some(word) = &self.failed
            && !self.tally.is_failed()
        {
            let detail = format!("the suite {:?} says of itself {word:?}, but shows no failure", self.name);
            self.tally.unseen.add(1, Code::Inconsistent, detail);
        }
        let Some(said) = self.said_failed().map(|said| said.saturating_sub(self.expected)) else { return };
        let shown = self.tally.failed();
        // Some writers count errors among the failures, some each assertion that failed.
        let explained = shown > 0 && (self.said.failures == Some(shown) || said <= self.marks);
        let known = shown.saturating_add(self.tally.unseen.count);
        if said > known && !explained {
            let detail = format!("the suite {:?} says {said} failures and errors, but shows {shown}", self.name);
            self.tally.unseen.add(said - known, Code::Inconsistent, detail);
        }
    }

    /// Holds the number of tests and of skipped ones that it says against those that are there.
    fn tests(&mut self, direct: u64) {
        let (tally, name) = (&mut self.tally, &self.name);
        let (least, most) = tally.tests_said();
        let held = tally.tests();
        if let Some(said) = self.said.tests
            // A root that says 0 was not counted by its writer.
            && !(said == 0 && self.suites > 0)
            && !(self.assertions && held > 0)
            // Some count what is directly in them: Node its suites too.
            && !(self.suites > 0 && (said == direct || said == direct + self.suites))
        {
            let detail = format!("the suite {name:?} says tests {said}, but has {held}");
            if said > most {
                let skipped = self.said.skipped.unwrap_or(0).max(self.said.disabled.unwrap_or(0));
                let missing = said - most;
                // A class that is skipped as a whole may have no cases.
                let explained = skipped.saturating_sub(tally.skipped).min(missing);
                let share = match (self.said.failures, self.said.skipped) {
                    (Some(_), Some(skipped)) if self.subtests && skipped == tally.skipped => &mut tally.unlisted_passed,
                    (Some(_), _) if self.subtests => &mut tally.unlisted,
                    // Who says 10 tests and holds 1 has lost 9: that none of them failed is one more thing that it says.
                    (said_failures, _) => {
                        if said_failures.is_some() {
                            tally.unlisted.add(explained, Code::Inconsistent, detail.as_str());
                        }
                        &mut tally.lost
                    }
                };
                let rest = if self.subtests || self.said.failures.is_none() { missing } else { missing - explained };
                share.add(rest, Code::Inconsistent, detail);
            } else if said < least {
                tally.unmarked.add((least - said).min(tally.passed), Code::Inconsistent, detail);
            }
        }
        if let Some(said) = self.said.skipped {
            let most =
                tally.skipped.max(self.skips).saturating_add(tally.unmarked.count).saturating_add(tally.missing());
            if said > most {
                let detail = format!("the suite {name:?} says skipped {said}, but has {}", tally.skipped);
                tally.unmarked.add((said - most).min(tally.passed), Code::Inconsistent, detail);
            }
        }
        // Of several suites some count their own alone; Node's totals are of all.
        let of_all = self.suites == 0 || self.element == "testsuites" && self.said.tests.is_none();
        if let Some(said) = self.said.passed.filter(|said| *said < tally.passed && of_all) {
            let detail = format!("the suite {name:?} says passed {said}, but holds {}", tally.passed);
            let known = tally.unmarked.count;
            tally.unmarked.add((tally.passed - said).saturating_sub(known), Code::Inconsistent, detail);
        }
        if let (Some(said), Some(tests)) = (self.said.disabled, self.said.tests)
            && tests <= held
        {
            tally.held_disabled(name, said);
        }
    }
}

/// Reads what the element of a suite says.
///
/// # Errors
/// A count that is none.
pub fn suite(element: &Element<'_>) -> Result<Suite, String> {
    let count = |keys: &[&str]| -> Result<Option<u64>, String> {
        for key in keys {
            if let Some(text) = element.get(key)? {
                return counted(key, text.trim());
            }
        }
        Ok(None)
    };
    // Other words for a sum, where they are a number: of two sums the greater holds.
    let more = |known: Option<u64>, keys: &[&str]| -> Result<Option<u64>, String> {
        let mut most = known;
        for key in keys {
            most = most.max(element.get(key)?.and_then(|text| text.trim().parse().ok()));
        }
        Ok(most)
    };
    let said = Said {
        tests: count(&["tests"])?,
        failures: more(count(&["failures"])?, &["failed", "failure"])?,
        errors: more(count(&["errors"])?, &["error", "broken", "crashed", "aborted", "timeouts", "timedout"])?,
        skipped: more(count(&SKIPPED)?, &NOT_RUN)?,
        disabled: count(&["disabled"])?,
        flakes: count(&["flakes"])?,
        passed: more(None, &["passed", "passes", "succeeded", "successes"])?,
    };
    let mut odd = None;
    // mocha's sum of what is skipped is below 0 where a hook broke, which it says among its errors.
    let broke = said.failures.unwrap_or(0).saturating_add(said.errors.unwrap_or(0)) > 0;
    let skipped = SKIPPED.into_iter().chain(NOT_RUN).filter(|_| !broke);
    for key in ["tests", "failures", "errors", "disabled", "flakes"].into_iter().chain(skipped) {
        if let Some(text) = element.get(key)?.filter(|text| text.trim().starts_with('-')) {
            odd = Some(format!("{key} is {}", text.trim()));
        }
    }
    if element.get("aborted")?.is_some_and(|text| text.trim().eq_ignore_ascii_case("true")) {
        odd = Some("it says that it was aborted".to_owned());
    }
    let mut failed = None;
    for key in ["status", "result", "outcome", "success", "state"] {
        let word = element.get(key)?;
        failed = failed.or(word.filter(|word| matches!(outcome(word), Some(Outcome::Failure | Outcome::Error))));
    }
    let mut bare = said.tests.is_some() && said.failures.is_some() && said.errors.is_some();
    for key in ["time", "timestamp", "hostname", "skipped", "disabled", "package", "id", "file"] {
        bare &= element.get(key)?.is_none();
    }
    Ok(Suite {
        odd,
        bare,
        failed,
        name: element.get("name")?.unwrap_or_default(),
        element: element.name().to_owned(),
        said,
        time: seconds(element.get("time")?.as_deref()),
        assertions: element.get("hostname")?.as_deref() == Some("tbd"),
        ..Suite::default()
    })
}

/// The words for a sum of what was skipped.
const SKIPPED: [&str; 4] = ["skipped", "skips", "skip", "ignored"];
/// The words for tests that did not run for another reason, where they are a number.
const NOT_RUN: [&str; 8] = ["notrun", "not-run", "not_run", "pending", "todo", "inconclusive", "incomplete", "blocked"];

/// A count; an empty one, and one below 0 (mocha's sum of a broken hook), is not said.
fn counted(key: &str, text: &str) -> Result<Option<u64>, String> {
    if text.is_empty() || text.strip_prefix('-').is_some_and(|rest| rest.parse::<u64>().is_ok()) {
        return Ok(None);
    }
    let plain = text.strip_suffix(".0").unwrap_or(text);
    plain.parse().map(Some).map_err(|_| format!("{key}={}: wanted a count", json::quote(text.as_bytes())))
}
