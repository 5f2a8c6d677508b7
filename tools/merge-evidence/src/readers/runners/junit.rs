//! JUnit XML: test cases counted by what became of them, each suite and all together.
//!
//! The cases are what is counted. What a suite says of itself is held against them: more failures than it shows, and
//! fewer cases than it says where nothing explains that, are doubts; a failure that is there stays a failure. Owns the
//! elements and what they are to the writers; `junit/case.rs` says what became of a case, `junit/suite.rs` what a suite's
//! own sums prove; the rules that every report of tests shares are in `tally`.

mod case;
mod suite;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use schema::{Code, Value};

use self::case::{BESIDE, Case, NEVER_RAN};
use self::suite::{Suite, Writer, suite};
use super::tally::{Failing, outcome};
use crate::facts::Failure;
use crate::facts::{Builder, Content, Facts};
use crate::readers::xml::{self, Element, Event};

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
        return Err(Failure::whole("contains no test suite"));
    }
    let mut facts = Facts { format: "junit", span: reading.span, ..Facts::default() };
    let Reading { done, failing, marks, .. } = reading;
    report(&mut facts, &done, failing, marks);
    Ok(facts)
}

/// How many decimals of a second a coarse clock has: browsers give tenths of a millisecond.
const COARSE: usize = 4;

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
    /// How many tests Node says in its comments, the tests that hold others too: those are written as suites.
    total: u64,
    span: crate::facts::Span,
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
        element.check()?;
        let mut suite = suite(element)?;
        let of_pytest = |suite: &Suite| matches!(suite.name.as_str(), "pytest" | "pytest tests");
        suite.subtests = of_pytest(&suite) || self.open.first().is_some_and(of_pytest);
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
        element.check()?;
        let class = element.get("classname")?.unwrap_or_default();
        let name = element.get("name")?.unwrap_or_default();
        let time = element.get("time")?.unwrap_or_default();
        let fine = time.split_once('.').is_some_and(|(_, decimals)| decimals.len() > COARSE);
        let mut case = Case { depth: self.depth, instant: time == "0", fine, ..Case::default() };
        for key in ["status", "result"] {
            case.words.extend(element.get(key)?);
        }
        // Where these say what became of a test; other writers mean something else by them.
        for key in ["outcome", "success", "state"] {
            case.words.extend(element.get(key)?.filter(|word| outcome(word).is_some()));
        }
        // A failure that is told by an attribute alone: a count, or its message.
        for key in ["failure", "failures", "error", "errors"] {
            let said = element.get(key)?.is_some_and(|text| {
                let text = text.trim();
                !matches!(text, "" | "false" | "False" | "no" | "none") && text.parse() != Ok(0u64)
            });
            if said {
                case.words.push("failed".to_owned());
            }
        }
        if element.get("skipped")?.is_some_and(|text| matches!(text.trim(), "true" | "True" | "1")) {
            case.words.push("skipped".to_owned());
        }
        if element.get("executed")?.is_some_and(|text| text.trim().eq_ignore_ascii_case("false")) {
            case.words.push("notrun".to_owned());
        }
        // doctest counts assertions, too, and says of a suite nothing but its sums.
        if let Some(suite) = self.open.last_mut()
            && suite.bare
            && case.words == ["run"]
            && is_cpp(&class)
        {
            suite.assertions = true;
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
        if let Some(suite) = self.open.last_mut().filter(|_| self.cases.is_empty()) {
            suite.take_tap(text);
        }
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
            "tests" => self.total = self.total.saturating_add(count),
            "pass" => *root.said.passed.get_or_insert(0) += count,
            _ => {}
        }
    }

    fn end_suite(&mut self) {
        let Some(mut suite) = self.open.pop() else { return };
        suite.settle(self.writer, &mut self.failing);
        if self.open.is_empty() {
            let most = suite.tally.tests_said().1.saturating_add(self.done.len() as u64);
            let detail = format!("its own totals say tests {}, but it has {}", self.total, suite.tally.tests());
            suite.tally.lost.add(self.total.saturating_sub(most), Code::Inconsistent, detail);
        }
        if let Some(outer) = self.open.last_mut() {
            outer.tally.join(&suite.tally);
            outer.marks += suite.marks;
            outer.skips += suite.skips;
            outer.assertions |= suite.assertions;
        }
        self.done.push(suite);
    }
}

/// Whether a name is that of a script: what Node calls the test that a file as a whole is.
pub fn is_script(name: &str) -> bool {
    // A whole path may have blanks: `/home/me/my site/a.test.js`, `C:\\my site\\a.test.js`.
    let whole = name.starts_with('/') || name.get(1..3) == Some(":\\");
    [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"].iter().any(|ending| name.ends_with(ending))
        && (whole || !name.contains(' '))
}

/// Whether a class is a file of C++: what doctest calls the class of a test.
fn is_cpp(class: &str) -> bool {
    let endings = [".cpp", ".cc", ".cxx", ".c++", ".C", ".h", ".hh", ".hpp", ".hxx", ".inl", ".mm"];
    endings.iter().any(|ending| class.ends_with(ending))
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
