//! JUnit XML: test cases counted by what became of them, each suite and all together.
//!
//! The cases are what is counted. What a suite says of itself is held against them: more failures than it shows, and
//! fewer cases than it says where nothing explains that, are doubts; a failure that is there stays a failure. Owns the
//! dialects of the writers; the rules that every report of tests shares are in `tally`.

use std::collections::HashMap;

use schema::{Code, Value, json};

use super::Failure;
use super::tally::{Failing, Outcome, Seconds, Tally, outcome, seconds};
use super::xml::{self, Element, Event};
use crate::facts::{Builder, Content, Facts};

/// What a suite says of itself.
#[derive(Clone, Debug, Default)]
struct Said {
    tests: Option<u64>,
    failures: Option<u64>,
    errors: Option<u64>,
    skipped: Option<u64>,
    disabled: Option<u64>,
    flakes: Option<u64>,
}

#[derive(Default)]
struct Suite {
    name: String,
    /// Its element: `testsuite`, `testsuites`, or whatever the root is called.
    element: String,
    said: Said,
    time: Seconds,
    /// Its own cases; counted when it closes.
    cases: Vec<Case>,
    /// What the suites in it counted, and what it counts itself.
    tally: Tally,
    /// How many suites lie directly in it.
    suites: u64,
    /// `<failure>` and `<error>` elements in it, of which a case may have several.
    marks: u64,
    /// How many cases in it are marked as skipped, whatever else became of them.
    skips: u64,
    /// Catch2 counts assertions where others count tests.
    assertions: bool,
}

/// One test case; while it is open its outcome is not settled.
#[derive(Default)]
struct Case {
    name: String,
    failures: u64,
    errors: u64,
    /// Whether an error came before any failure.
    error_first: bool,
    skipped: bool,
    /// Whether the skip is a mark that a failure is expected and does not count.
    todo: bool,
    /// Whether it is called skipped because it could not be run.
    never_ran: bool,
    flakes: u64,
    reruns: u64,
    /// `status`, `result`
    words: Vec<String>,
    /// The first child that we do not know.
    strange: Option<String>,
    /// Whether its time is written as just `0`.
    instant: bool,
    depth: usize,
}

/// Whether a text begins as JUnit's XML does, whatever its root is called.
pub fn fits(text: &str) -> bool {
    match xml::root(text) {
        Some("testsuite" | "testsuites") => true,
        // Other reports of tests have cases too, and are told apart by their roots.
        Some("robot" | "Site" | "Catch2TestRun" | "Catch" | "html" | "assemblies" | "test-run" | "TestRun") | None => {
            false
        }
        Some(_) => ["<testsuite", ":testsuite", "<testcase", ":testcase"].iter().any(|tag| text.contains(tag)),
    }
}

/// Reads a report: `{"tests":…,"passed":…,"failed":…,"ok":…,"suites":{…}}`.
///
/// # Errors
/// XML that is broken or ends before its root does; a count that is none.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let mut reading = Reading::default();
    xml::walk(text, |event| reading.event(event))?;
    if reading.done.len() == 1 && reading.done[0].is_nothing() {
        return Err(Failure::whole("holds no test suite"));
    }
    let mut facts = Facts { format: "junit", span: reading.span, ..Facts::default() };
    let Reading { done, failing, marks, .. } = reading;
    report(&mut facts, &done, failing, marks);
    Ok(facts)
}

#[derive(Default)]
struct Reading {
    open: Vec<Suite>,
    done: Vec<Suite>,
    cases: Vec<Case>,
    failing: Failing,
    depth: usize,
    /// The depth of an element whose inside is of an earlier attempt.
    muted: Option<usize>,
    /// Whether the writer marks reruns.
    marks: bool,
    writer: Writer,
    span: crate::facts::Span,
}

/// Writers with a dialect of their own, told by what they write.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Writer {
    #[default]
    Other,
    /// vitest: a test without a result has the time 0.
    Vitest,
    /// node --test: bare `<testsuites>`, the totals in comments.
    Node,
}

impl Reading {
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Open(element) => {
                if self.muted.is_none() {
                    self.element(&element)?;
                }
                self.depth += 1;
            }
            Event::Close(name) => {
                self.depth = self.depth.saturating_sub(1);
                if self.muted.is_some_and(|depth| depth == self.depth) {
                    self.muted = None;
                } else if self.muted.is_none() {
                    match name {
                        "testcase" => self.end_case(),
                        "testsuite" | "testsuites" => self.end_suite(),
                        _ if self.depth == 0 => self.end_suite(),
                        _ => {}
                    }
                }
            }
            Event::Comment(text) if self.writer == Writer::Node => self.total(text),
            Event::Text(text) => self.text(text),
            Event::Comment(_) => {}
        }
        Ok(())
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), String> {
        match element.name() {
            "testsuite" | "testsuites" => self.suite(element),
            // Any other root holds the suites.
            _ if element.depth == 0 && element.name() != "testcase" => self.suite(element),
            "testcase" => {
                if self.open.is_empty() {
                    self.open.push(Suite::default());
                }
                self.case(element)
            }
            name @ ("failure" | "error") => {
                match self.cases.last_mut() {
                    Some(case) if name == "failure" => case.failures += 1,
                    Some(case) => {
                        case.error_first |= case.failures == 0;
                        case.errors += 1;
                    }
                    // The set-up of all tests broke: no test says so.
                    None => self.outside(name == "failure"),
                }
                Ok(())
            }
            name => {
                let Some(case) = self.cases.last_mut() else { return Ok(()) };
                match name {
                    "skipped" | "skip" | "ignored" => {
                        case.skipped = true;
                        let message = element.get("message")?.unwrap_or_default();
                        // Node's todo and Catch2's !mayfail: the failure beside it is expected.
                        case.todo |= element.get("type")?.is_some_and(|kind| kind.eq_ignore_ascii_case("todo"))
                            || message.contains("!mayfail")
                            || message.contains("!shouldfail");
                        if NEVER_RAN.iter().any(|start| message.starts_with(start))
                            && case.words.iter().any(|word| word == "notrun")
                        {
                            case.never_ran = true;
                        }
                    }
                    "flakyFailure" | "flakyError" => {
                        case.flakes += 1;
                        self.muted = Some(self.depth);
                    }
                    "rerunFailure" | "rerunError" => {
                        case.reruns += 1;
                        self.muted = Some(self.depth);
                    }
                    _ if case.depth + 1 == self.depth && !BESIDE.contains(&name) => {
                        case.strange.get_or_insert_with(|| name.to_owned());
                    }
                    _ => {}
                }
                Ok(())
            }
        }
    }

    fn suite(&mut self, element: &Element<'_>) -> Result<(), String> {
        let suite = suite(element)?;
        self.span.see_text(&element.get("timestamp")?.unwrap_or_default());
        if element.depth == 0 {
            self.writer = match suite.name.as_str() {
                "vitest tests" => Writer::Vitest,
                "" if suite.element == "testsuites" && suite.said.tests.is_none() => Writer::Node,
                _ => Writer::Other,
            };
            self.marks = suite.name == "nextest-run";
        }
        self.marks |= suite.said.flakes.is_some();
        if let Some(outer) = self.open.last_mut() {
            outer.suites += 1;
        }
        self.open.push(suite);
        Ok(())
    }

    fn case(&mut self, element: &Element<'_>) -> Result<(), String> {
        let class = element.get("classname")?.unwrap_or_default();
        let name = element.get("name")?.unwrap_or_default();
        let mut case =
            Case { depth: self.depth, instant: element.get("time")?.as_deref() == Some("0"), ..Case::default() };
        for key in ["status", "result"] {
            case.words.extend(element.get(key)?);
        }
        if self.writer == Writer::Node && class == "test" && is_script(&name) {
            case.strange = Some(String::new());
        }
        case.name = if class.is_empty() { name } else { format!("{class}.{name}") };
        self.cases.push(case);
        Ok(())
    }

    fn end_case(&mut self) {
        if let (Some(case), Some(suite)) = (self.cases.pop(), self.open.last_mut()) {
            suite.cases.push(case);
        }
    }

    /// Counts what a suite says of itself as a whole; it is named among what failed.
    fn outside(&mut self, failure: bool) {
        let Some(suite) = self.open.last_mut() else { return };
        suite.marks += 1;
        suite.tally.outside += 1;
        *(if failure { &mut suite.tally.failures } else { &mut suite.tally.errors }) += 1;
        self.failing.push(&suite.name);
    }

    /// bats counts the tests that it ran, and says in the output of one how many it did not.
    fn text(&mut self, text: &str) {
        if let Some((_, rest)) = text.split_once("bats warning: Executed ")
            && let Some((ran, rest)) = rest.split_once(" instead of expected ")
            && let (Ok(ran), Some(Ok(planned))) = (ran.parse::<u64>(), rest.split(' ').next().map(str::parse::<u64>))
            && let Some(suite) = self.open.last_mut()
        {
            let detail = format!("bats ran {ran} of the {planned} tests of {:?}", suite.name);
            suite.tally.lost.add(planned.saturating_sub(ran), Code::Inconsistent, detail);
        }
    }

    /// A total that Node writes as a comment: `fail 1`.
    fn total(&mut self, text: &str) {
        let Some((key, count)) = text.trim().split_once(' ') else { return };
        let (Ok(count), Some(root)) = (count.parse::<u64>(), self.open.first_mut()) else { return };
        match key {
            "fail" | "cancelled" => *root.said.failures.get_or_insert(0) += count,
            "skipped" | "todo" => *root.said.skipped.get_or_insert(0) += count,
            _ => {}
        }
    }

    fn end_suite(&mut self) {
        let Some(mut suite) = self.open.pop() else { return };
        suite.settle(self.writer, &mut self.failing);
        if let Some(outer) = self.open.last_mut() {
            outer.tally.join(&suite.tally);
            outer.marks += suite.marks;
            outer.skips += suite.skips;
            outer.assertions |= suite.assertions;
        }
        self.done.push(suite);
    }
}

/// Why CTest did not run a test that it was to run: not one that skipped itself.
const NEVER_RAN: [&str; 5] = [
    "Unable to find executable",
    "Required Files Missing",
    "Fixture dependency failed",
    "Failed to change working directory",
    "Failed to start",
];

/// What a case may hold beside its outcome.
const BESIDE: [&str; 24] = [
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

/// Whether a name is that of a script: what Node calls the test that a file as a whole is.
pub fn is_script(name: &str) -> bool {
    [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"].iter().any(|ending| name.ends_with(ending)) && !name.contains(' ')
}

impl Case {
    /// What became of it; `covered` tells whether its failure lies behind a skip.
    fn outcome(&self) -> (Outcome, bool) {
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
                    format!("{:?} is {word:?}, which is no status that we know", self.name),
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
                format!("{name:?} holds <{}>, which is no outcome that we know", strange.unwrap_or_default()),
            ),
        }
    }
}

impl Suite {
    fn is_nothing(&self) -> bool {
        !matches!(self.element.as_str(), "testsuite" | "testsuites") && self.tally.tests() == 0 && self.suites == 0
    }

    /// The failures and errors that it says; `None` where it says neither.
    fn said_failed(&self) -> Option<u64> {
        match (self.said.failures, self.said.errors) {
            (None, None) => None,
            (failures, errors) => Some(failures.unwrap_or(0).saturating_add(errors.unwrap_or(0))),
        }
    }

    /// Counts its cases, and holds what it says against them.
    fn settle(&mut self, writer: Writer, failing: &mut Failing) {
        let cases = std::mem::take(&mut self.cases);
        let nested = self.tally.clone();
        let direct = cases.len() as u64;
        let said_more = self.said.tests.is_some_and(|said| said < direct + nested.tests());
        self.count(cases, writer, said_more, failing);
        self.failures();
        self.tests(&nested, direct);
    }

    /// Counts cases. A case that is there twice, where the suite says fewer, was run again: what failed at any time
    /// failed, else the last run is what came of it.
    fn count(&mut self, cases: Vec<Case>, writer: Writer, again: bool, failing: &mut Failing) {
        let dead = writer == Writer::Vitest && cases.iter().all(|case| case.instant);
        let said_failed = self.said_failed();
        let mut covered = Vec::new();
        let mut settled: Vec<(Outcome, Case, u64)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for case in cases {
            let (mut became, is_covered) = case.outcome();
            if dead && became == Outcome::Passed {
                let detail =
                    format!("every test of {:?} took exactly 0 s, as vitest writes of tests that never ran", self.name);
                became = Outcome::Unclear(Code::NoSamples, detail);
            }
            self.marks += case.failures + case.errors;
            self.skips += u64::from(case.skipped);
            if again && let Some(&place) = places.get(&case.name) {
                let (first, _, runs) = &mut settled[place];
                *runs += 1;
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
            let more = case.flakes + case.reruns + runs - 1;
            self.tally.reruns += more;
            self.tally.flaky += u64::from(became == Outcome::Passed && more > 0);
            self.tally.count(&became);
        }
    }

    /// More failures than are shown are failures all the same, where nothing explains them.
    fn failures(&mut self) {
        let Some(said) = self.said_failed() else { return };
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
    fn tests(&mut self, nested: &Tally, direct: u64) {
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
            let detail = format!("the suite {name:?} says tests {said}, but holds {held}");
            if said > most {
                let share = match (self.said.failures, self.said.skipped) {
                    (None, _) => &mut tally.lost,
                    (_, Some(skipped)) if skipped == tally.skipped => &mut tally.unlisted_passed,
                    _ => &mut tally.unlisted,
                };
                share.add(said - most, Code::Inconsistent, detail);
            } else if said < least {
                tally.unmarked.add((least - said).min(tally.passed), Code::Inconsistent, detail);
            }
        }
        if let Some(said) = self.said.skipped {
            let most =
                tally.skipped.max(self.skips).saturating_add(tally.unmarked.count).saturating_add(tally.missing());
            if said > most {
                let detail = format!("the suite {name:?} says skipped {said}, but holds {}", tally.skipped);
                tally.unmarked.add((said - most).min(tally.passed), Code::Inconsistent, detail);
            }
        }
        if let (Some(said), Some(tests)) = (self.said.disabled, self.said.tests)
            && said > tally.skipped.saturating_add(tally.unmarked.count).saturating_add(tally.missing())
            && tests <= held
            && nested.tests() == 0
        {
            let detail = format!("the suite {name:?} says disabled {said}, but holds {}", tally.disabled);
            tally.unmarked.add((said - tally.skipped).min(tally.passed), Code::Inconsistent, detail);
        }
    }
}

fn suite(element: &Element<'_>) -> Result<Suite, String> {
    let count = |keys: &[&str]| -> Result<Option<u64>, String> {
        for key in keys {
            if let Some(text) = element.get(key)? {
                return counted(key, text.trim());
            }
        }
        Ok(None)
    };
    let said = Said {
        tests: count(&["tests"])?,
        failures: count(&["failures"])?,
        errors: count(&["errors"])?,
        skipped: count(&["skipped", "skips", "skip", "ignored"])?,
        disabled: count(&["disabled"])?,
        flakes: count(&["flakes"])?,
    };
    Ok(Suite {
        name: element.get("name")?.unwrap_or_default(),
        element: element.name().to_owned(),
        said,
        time: seconds(element.get("time")?.as_deref()),
        assertions: element.get("hostname")?.as_deref() == Some("tbd"),
        ..Suite::default()
    })
}

/// A count; an empty one, and one below 0 (mocha's sum of a broken hook), is not said.
fn counted(key: &str, text: &str) -> Result<Option<u64>, String> {
    if text.is_empty() || text.strip_prefix('-').is_some_and(|rest| rest.parse::<u64>().is_ok()) {
        return Ok(None);
    }
    let plain = text.strip_suffix(".0").unwrap_or(text);
    plain.parse().map(Some).map_err(|_| format!("{key}={}: wanted a count", json::quote(text.as_bytes())))
}

fn report(facts: &mut Facts<'static>, done: &[Suite], failing: Failing, marks: bool) {
    let Some((root, inner)) = done.split_last() else { return };
    let mut doubts = Vec::new();
    let mut report = Builder::default();
    root.tally.report(&[], marks, &mut report, &mut doubts);
    root.time.report(&[], &mut report, &mut doubts);
    // A root that is the only suite is shown as one too.
    let shown = if inner.is_empty() { done } else { inner };
    let mut suites = Builder::default();
    let mut names: HashMap<&str, u64> = HashMap::new();
    for suite in shown {
        let nth = names.entry(suite.name.as_str()).or_insert(0);
        let name = loop {
            *nth += 1;
            let name = if *nth == 1 { suite.name.clone() } else { format!("{}#{nth}", suite.name) };
            if !suites.has(&name) {
                break name;
            }
        };
        let mut counts = Builder::default();
        let above = ["suites", name.as_str()];
        suite.tally.report(&above, marks, &mut counts, &mut doubts);
        suite.time.report(&above, &mut counts, &mut doubts);
        suites.put(name, counts.build());
    }
    report.put("suites", suites.build());
    failing.report(&mut report);
    facts.doubts = crate::relations::joined(doubts);
    facts.content = Content::One(Value::Object(report.build()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn suites_and_what_became_of_their_tests() {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="all" tests="5" failures="1" errors="1" time="1.5">
  <testsuite name="a" tests="3" failures="1" errors="0" skipped="1" time="0.25" timestamp="2026-03-05T20:32:12Z">
    <testcase classname="A" name="one &lt;1&gt;" time="0.1"/>
    <testcase classname="A" name="two"><failure message="x">trace <![CDATA[<b>]]></failure><error/></testcase>
    <testcase classname="A" name="three"><skipped/></testcase>
  </testsuite>
  <testsuite name="b" tests="2"><testcase name="four"><error/></testcase><testcase name="five"></testcase></testsuite>
</testsuites>"#;
        assert!(fits(text));
        let facts = read(text).unwrap();
        assert_eq!(test::doubts(&facts), [""; 0]);
        assert_eq!(
            test::text(&facts),
            r#"{"tests":5,"passed":2,"failed":2,"failures":1,"errors":1,"skipped":1,"disabled":0,"ok":false,"time_ms":1500,"suites":{"a":{"tests":3,"passed":1,"failed":1,"failures":1,"errors":0,"skipped":1,"disabled":0,"ok":false,"time_ms":250},"b":{"tests":2,"passed":1,"failed":1,"failures":0,"errors":1,"skipped":0,"disabled":0,"ok":false}},"failing":["A.two","four"]}"#
        );
    }

    /// What a report says: its counts that differ from 0 and `ok`, then the paths at the top that are doubted.
    fn said(text: &str) -> String {
        let facts = read(text).unwrap();
        let Content::One(value) = &facts.content else { panic!() };
        let mut words = Vec::new();
        for (key, value) in value.as_object().unwrap().iter().take_while(|(key, _)| *key != "suites") {
            let mut shown = Vec::new();
            json::write(value, &mut shown);
            let shown = String::from_utf8(shown).unwrap();
            if shown != "0" {
                words.push(format!("{key}={shown}"));
            }
        }
        let mut doubted: Vec<&str> =
            facts.doubts.iter().filter(|doubt| doubt.steps.len() == 1).map(|doubt| doubt.steps[0].as_str()).collect();
        doubted.sort_unstable();
        if !doubted.is_empty() {
            words.push(format!("? {}", doubted.join(" ")));
        }
        words.join(" ")
    }

    #[test]
    fn fewer_cases_than_a_suite_says_are_a_doubt_and_not_a_failure() {
        for (text, wanted) in [
            // Nothing says that what is not there did not fail.
            (
                r#"<testsuite name="a" tests="3"><testcase name="x"/></testsuite>"#,
                "tests=1 passed=1 ok=null ? disabled errors failed failures ok passed skipped tests",
            ),
            // pytest: subtests are counted and not written.
            (
                r#"<testsuite name="a" tests="3" failures="0" errors="0" skipped="0"><testcase name="x"/></testsuite>"#,
                "tests=1 passed=1 ok=true ? passed tests",
            ),
            (
                r#"<testsuite tests="3" failures="0"><testcase name="x"/></testsuite>"#,
                "tests=1 passed=1 ok=true ? passed skipped tests",
            ),
            // A failure stays one.
            (
                r#"<testsuite tests="3" failures="1"><testcase name="x"><failure/></testcase></testsuite>"#,
                "tests=1 failed=1 failures=1 ok=false ? passed skipped tests",
            ),
            // More failures than are shown are failures.
            (r#"<testsuite tests="0" errors="2"/>"#, "ok=false ? errors failed failures passed skipped tests"),
            (
                r#"<testsuite tests="2" failures="1"><testcase name="x"/><testcase name="y"/></testsuite>"#,
                "tests=2 passed=2 ok=false ? errors failed failures",
            ),
        ] {
            assert_eq!(said(text), wanted, "{text}");
        }
    }

    #[test]
    fn more_cases_than_a_suite_says_are_no_loss() {
        for (text, wanted) in [
            // mocha: failures is always 0, the errors are the failures.
            (
                r#"<testsuite tests="1" failures="0" errors="1" skipped="0"><testcase name="x"><failure/></testcase></testsuite>"#,
                "tests=1 failed=1 failures=1 ok=false",
            ),
            // pytest: a test that failed and whose tear-down broke is there twice.
            (
                r#"<testsuite tests="1" failures="1" errors="1"><testcase name="x"><failure/></testcase><testcase name="x"><error/></testcase></testsuite>"#,
                "tests=1 failed=1 failures=1 reruns=1 ok=false",
            ),
            // pytest-rerunfailures: an attempt that failed is a case that passed.
            (
                r#"<testsuite tests="1" failures="0" errors="0"><testcase name="x"/><testcase name="x"/></testsuite>"#,
                "tests=1 passed=1 flaky=1 reruns=1 ok=true",
            ),
            // Node: a suite counts what is directly in it.
            (
                r#"<testsuites><testsuite name="a" tests="2" failures="0"><testcase name="x"/><testsuite name="b" tests="2" failures="0"><testcase name="y"/><testcase name="z"/></testsuite></testsuite></testsuites>"#,
                "tests=3 passed=3 ok=true",
            ),
            // jest: a todo is not counted, and has no mark.
            (
                r#"<testsuites tests="2" failures="0"><testsuite tests="2" failures="0" skipped="1"><testcase name="x"/><testcase name="todo"/><testcase name="z"><skipped/></testcase></testsuite></testsuites>"#,
                "tests=3 passed=2 skipped=1 ok=true ? passed skipped",
            ),
            (
                r#"<testsuite tests="0" failures="0"><testcase name="todo"/></testsuite>"#,
                "tests=1 passed=1 ok=null ? errors failed failures ok passed skipped tests",
            ),
            // Catch2: assertions are counted.
            (
                r#"<testsuites><testsuite name="t" errors="0" failures="2" skipped="0" tests="9" hostname="tbd"><testcase name="x"><failure/><failure/></testcase><testcase name="y"/></testsuite></testsuites>"#,
                "tests=2 passed=1 failed=1 failures=1 ok=false",
            ),
        ] {
            assert_eq!(said(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_did_not_run_is_no_pass() {
        let unclear = "ok=null ? disabled errors failed failures ok passed skipped tests";
        for (case, wanted) in [
            (r#"<testcase name="a" status="notrun" result="suppressed"/>"#, "disabled=1 "),
            (r#"<testcase name="a" status="disabled"/>"#, "disabled=1 "),
            (r#"<testcase name="a" status="run" result="skipped"><skipped/></testcase>"#, ""),
        ] {
            let wanted = format!("tests=1 skipped=1 {wanted}ok=null ? errors failed failures ok passed skipped tests");
            assert_eq!(said(&format!("<testsuite>{case}</testsuite>")), wanted, "{case}");
        }
        for (case, wanted) in [
            (r#"<testcase name="a" status="run" result="completed"/>"#, "tests=1 passed=1 ok=true"),
            (r#"<testcase name="a"><system-out>x</system-out></testcase>"#, "tests=1 passed=1 ok=true"),
            (r#"<testcase name="a" status="failed"/>"#, "tests=1 failed=1 failures=1 ok=false"),
            (r#"<testcase name="a" result="ERROR"><system-out/></testcase>"#, "tests=1 failed=1 errors=1 ok=false"),
            (r#"<testcase name="a" status="purple"/>"#, &format!("tests=1 {unclear}")),
            (r#"<testcase name="a"><blocked/></testcase>"#, &format!("tests=1 {unclear}")),
            (r#"<testcase name="a" status="passed"><blocked/></testcase>"#, "tests=1 passed=1 ok=true"),
            (
                r#"<testcase name="a"><flakyFailure><failure/></flakyFailure></testcase>"#,
                "tests=1 passed=1 flaky=1 reruns=1 ok=true",
            ),
            (
                r#"<testcase name="a"><failure/><rerunFailure/></testcase>"#,
                "tests=1 failed=1 failures=1 reruns=1 ok=false",
            ),
            // CTest: a program that was never built.
            (
                r#"<testcase name="a" status="notrun"><skipped message="Unable to find executable"/></testcase>"#,
                "tests=1 failed=1 errors=1 ok=false",
            ),
        ] {
            assert_eq!(said(&format!("<testsuite>{case}</testsuite>")), wanted, "{case}");
        }
    }

    #[test]
    fn a_failure_behind_a_skip_is_a_failure() {
        let case = r#"<testcase name="a"><skipped/><failure/></testcase><testcase name="b"/>"#;
        for (suite, wanted) in [
            ("", "tests=2 passed=1 failed=1 failures=1 ok=false"),
            (r#" tests="2" failures="1""#, "tests=2 passed=1 failed=1 failures=1 ok=false"),
            // The suite does not count it.
            (
                r#" tests="2" failures="0""#,
                "tests=2 passed=1 ok=null ? disabled errors failed failures ok passed skipped",
            ),
        ] {
            assert_eq!(said(&format!("<testsuite{suite}>{case}</testsuite>")), wanted, "{suite}");
        }
        for skip in
            [r#"<skipped type="todo" message="true"/>"#, r#"<skipped message="TEST_CASE tagged with !mayfail"/>"#]
        {
            let text = format!("<testsuite><testcase name=\"a\">{skip}<failure/></testcase><testcase/></testsuite>");
            assert_eq!(said(&text), "tests=2 passed=1 skipped=1 ok=true", "{skip}");
        }
    }

    #[test]
    fn any_root_and_any_prefix() {
        let wanted = "tests=2 passed=1 failed=1 failures=1 ok=false";
        let inner = r#"<testsuite name="a"><testcase name="x"><failure/></testcase></testsuite><testsuite name="b"><testcase name="y"/></testsuite>"#;
        for text in [
            format!("<testrun name='r' tests='2' ignored=''>{inner}</testrun>"),
            format!("<!DOCTYPE r SYSTEM 'x.dtd'><r>{inner}</r>"),
            format!("<j:testsuites xmlns:j='u'>{}</j:testsuites>", inner.replace("</", "</j:").replace("<t", "<j:t")),
            "<r><testcase name='x'><failure/></testcase><testcase name='y'/></r>".to_owned(),
        ] {
            assert!(fits(&text));
            assert_eq!(said(&text), wanted, "{text}");
        }
        assert!(!fits("<robot><suite><test name='<testcase'/></suite></robot>") && !fits("<html><testcase/></html>"));
        assert_eq!(read("<r><a/></r>").unwrap_err().reason, "holds no test suite");
    }

    #[test]
    fn skipped_tests_prove_nothing() {
        let all = "tests passed failed failures errors skipped ok";
        for (text, unknown, ok) in [
            (r#"<testsuite><testcase name="x"><skipped/></testcase></testsuite>"#, all, "null"),
            (r#"<testsuite><skipped/><testcase name="x"><skipped/></testcase></testsuite>"#, all, "null"),
            (r#"<testsuite><testcase name="x"><skipped/></testcase><testcase name="y"/></testsuite>"#, "", "true"),
            (
                r#"<testsuite><testcase name="x"><skipped/></testcase><error/></testsuite>"#,
                "tests passed failures skipped",
                "false",
            ),
        ] {
            let facts = read(text).unwrap();
            let doubts = test::doubts(&facts);
            let top: Vec<&str> =
                doubts.iter().filter_map(|doubt| doubt.split_once(": ")).map(|parts| parts.0).collect();
            let top: Vec<&str> = top.into_iter().filter(|path| !path.contains('/')).collect();
            assert_eq!(top.join(" "), unknown, "{text}");
            assert!(test::text(&facts).contains(&format!(r#""ok":{ok},"suites""#)), "{text}");
            for doubt in doubts {
                assert!(doubt.ends_with(": no-samples: no test was run: all 1 were skipped"), "{doubt}");
            }
        }
        let two = r#"<testsuites><testsuite name="a"><testcase name="x"><skipped/></testcase></testsuite><testsuite name="b"><testcase name="y"/></testsuite></testsuites>"#;
        assert!(test::doubts(&read(two).unwrap()).iter().all(|doubt| doubt.starts_with("suites/a/")));
    }

    #[test]
    fn what_breaks_outside_of_a_test_counts() {
        for (text, wanted) in [
            (
                r#"<testsuite name="s" tests="1"><testcase name="x"/><error message="setup failed"/></testsuite>"#,
                "tests=1 passed=1 failed=1 errors=1 ok=false",
            ),
            (
                r#"<testsuites><testsuite name="s"><testcase name="x"/></testsuite><failure/></testsuites>"#,
                "tests=1 passed=1 failed=1 failures=1 ok=false",
            ),
            (
                r#"<testsuite name="s"><error/></testsuite>"#,
                "failed=1 errors=1 ok=false ? failures passed skipped tests",
            ),
            (
                r#"<testsuite name="s" errors="0"><testcase name="x"/><error/></testsuite>"#,
                "tests=1 passed=1 failed=1 errors=1 ok=false",
            ),
            (
                r#"<testsuite tests="1"><system-err>boom</system-err></testsuite>"#,
                "ok=null ? disabled errors failed failures ok passed skipped tests",
            ),
        ] {
            assert_eq!(said(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_count_that_is_none_is_refused() {
        for (text, place, reason) in [
            ("<testsuite tests=\"2\" failures=\"two\"/>", (1, 1), r#"failures="two": wanted a count"#),
            ("<testsuites>\n <testsuite tests=\"1.5\"/>\n</testsuites>", (2, 2), r#"tests="1.5": wanted a count"#),
        ] {
            let failure = read(text).unwrap_err();
            assert_eq!((failure.place, failure.reason.as_str()), (Some(place), reason));
        }
        for text in ["tests=\" 0 \"", "failures=\"\"", "skipped=\"-1\"", "tests=\"0.0\""] {
            assert!(read(&format!("<testsuite {text}/>")).is_ok(), "{text}");
        }
    }

    #[test]
    fn no_tests_prove_nothing_and_a_cut_text_is_refused() {
        let facts = read("<testsuites/>").unwrap();
        assert!(test::doubts(&facts).contains(&"ok: no-samples: no test was run".to_owned()));
        for text in [
            "<testsuite><testcase name=\"x\"/>",
            "<testsuite",
            "<testsuite></a>",
            "<a/>",
            "",
            "<testsuites/><testsuites/>",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
