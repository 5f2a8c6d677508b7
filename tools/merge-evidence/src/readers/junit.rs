//! JUnit XML: test cases counted by what became of them, each suite and all together.
//!
//! What a suite says of itself must be what it holds; a suite of no tests but skipped ones, or a text that ends too
//! early, proves nothing.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use schema::{Code, Number, Value, json};

use super::Failure;
use crate::facts::{Builder, Content, Doubt, Facts};
use crate::quantity::{SECONDS, shifted};

/// How many names of failed tests are carried along.
const NAMES_LIMIT: usize = 100;

#[derive(Clone, Default)]
struct Counts {
    tests: u64,
    passed: u64,
    failed: u64,
    errors: u64,
    skipped: u64,
}

#[derive(Default)]
struct Suite {
    name: String,
    said: Vec<(&'static str, u64)>,
    time: Option<Number<'static>>,
    counts: Counts,
}

/// Whether a text begins as JUnit's XML does.
pub fn fits(text: &str) -> bool {
    let mut rest = text.trim_start();
    while let Some(after) = rest.strip_prefix("<?").and_then(|rest| rest.split_once("?>")).map(|parts| parts.1) {
        rest = after.trim_start();
    }
    while let Some(after) = rest.strip_prefix("<!--").and_then(|rest| rest.split_once("-->")).map(|parts| parts.1) {
        rest = after.trim_start();
    }
    rest.starts_with("<testsuite")
}

/// Reads a report: `{"tests":…,"passed":…,"ok":…,"suites":{…}}`.
///
/// # Errors
/// XML that is broken or ends before its root does; a count that is none.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Suite> = Vec::new();
    let mut done: Vec<Suite> = Vec::new();
    let mut case: Option<(String, Option<&'static str>)> = None;
    let mut failing: Vec<Value<'static>> = Vec::new();
    let mut depth = 0u64;
    let mut facts = Facts { format: "junit", ..Facts::default() };
    loop {
        let at = reader.buffer_position() as usize;
        let failure = |reason: String| Failure { place: Some(place(text, at)), reason };
        let event = reader.read_event().map_err(|error| failure(format!("broken XML: {error}")))?;
        let (start, empty) = match &event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                match end.name().as_ref() {
                    "testsuite" | "testsuites" => close(&mut open, &mut done),
                    "testcase" => finish(&mut case, &mut open, &mut failing),
                    _ => {}
                }
                continue;
            }
            Event::Eof if depth > 0 => {
                return Err(failure("the document ends inside an element (cut short?)".to_owned()));
            }
            Event::Eof => break,
            _ => continue,
        };
        if depth == 0 && !done.is_empty() {
            return Err(failure("a second report behind the first".to_owned()));
        }
        if !empty {
            depth += 1;
            if depth > schema::json::DEPTH_LIMIT as u64 {
                return Err(failure(format!("nested deeper than {}", schema::json::DEPTH_LIMIT)));
            }
        }
        match start.name().as_ref() {
            "testsuite" | "testsuites" => {
                let suite = suite(start).map_err(failure)?;
                facts.span.see_text(&attribute(start, "timestamp").map_err(failure)?.unwrap_or_default());
                open.push(suite);
                if empty {
                    close(&mut open, &mut done);
                }
            }
            "testcase" => {
                let class = attribute(start, "classname").map_err(failure)?.unwrap_or_default();
                let name = attribute(start, "name").map_err(failure)?.unwrap_or_default();
                case = Some((if class.is_empty() { name } else { format!("{class}.{name}") }, None));
                if empty {
                    finish(&mut case, &mut open, &mut failing);
                }
            }
            name => {
                let outcome = match name {
                    "failure" => "failed",
                    "error" => "errors",
                    "skipped" => "skipped",
                    _ => continue,
                };
                match &mut case {
                    // A test that failed and then broke in its teardown failed.
                    Some((_, became)) => {
                        became.get_or_insert(outcome);
                    }
                    // The set-up of all tests broke: no test says so.
                    None => fail(outcome, &mut open, &mut failing),
                }
            }
        }
    }
    if done.is_empty() {
        return Err(Failure::whole("holds no test suite"));
    }
    report(&mut facts, done, failing);
    Ok(facts)
}

fn close(open: &mut Vec<Suite>, done: &mut Vec<Suite>) {
    let Some(suite) = open.pop() else { return };
    if let Some(outer) = open.last_mut() {
        outer.counts.tests += suite.counts.tests;
        outer.counts.passed += suite.counts.passed;
        outer.counts.failed += suite.counts.failed;
        outer.counts.errors += suite.counts.errors;
        outer.counts.skipped += suite.counts.skipped;
    }
    done.push(suite);
}

fn finish(case: &mut Option<(String, Option<&'static str>)>, open: &mut [Suite], failing: &mut Vec<Value<'static>>) {
    let (Some((name, outcome)), Some(suite)) = (case.take(), open.last_mut()) else { return };
    suite.counts.tests += 1;
    match outcome {
        Some("failed") => suite.counts.failed += 1,
        Some("errors") => suite.counts.errors += 1,
        Some(_) => suite.counts.skipped += 1,
        None => suite.counts.passed += 1,
    }
    if matches!(outcome, Some("failed" | "errors")) && failing.len() < NAMES_LIMIT {
        failing.push(Value::from(name));
    }
}

/// Counts what a suite says of itself as a whole; it is named among what failed.
fn fail(outcome: &str, open: &mut [Suite], failing: &mut Vec<Value<'static>>) {
    let Some(suite) = open.last_mut() else { return };
    match outcome {
        "failed" => suite.counts.failed += 1,
        "errors" => suite.counts.errors += 1,
        _ => return,
    }
    if failing.len() < NAMES_LIMIT {
        failing.push(Value::from(suite.name.clone()));
    }
}

fn suite(start: &BytesStart<'_>) -> Result<Suite, String> {
    let mut suite = Suite { name: attribute(start, "name")?.unwrap_or_default(), ..Suite::default() };
    for (key, ours) in [("tests", "tests"), ("failures", "failed"), ("errors", "errors"), ("skipped", "skipped")] {
        if let Some(text) = attribute(start, key)? {
            let count = text.trim().parse();
            let count = count.map_err(|_| format!("{key}={}: wanted a count", json::quote(text.as_bytes())))?;
            suite.said.push((ours, count));
        }
    }
    suite.time = attribute(start, "time")?.and_then(|text| Number::parse(text.replace(',', "")));
    Ok(suite)
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    let found = start.try_get_attribute(name).map_err(|error| format!("broken XML: {error}"))?;
    let Some(found) = found else { return Ok(None) };
    let raw = found.value.into_owned();
    // Names of tests hold whatever they hold: an entity we do not know stays as it is written.
    Ok(Some(quick_xml::escape::unescape(&raw).map_or_else(|_| raw.clone(), |text| text.into_owned())))
}

fn report(facts: &mut Facts<'static>, done: Vec<Suite>, failing: Vec<Value<'static>>) {
    let root = done.last().map(|suite| suite.counts.clone()).unwrap_or_default();
    let mut doubts = Vec::new();
    let mut report = counted(&root);
    unproven(&root, &[], &mut doubts, &mut report);
    let only = done.len() == 1;
    let mut suites = Builder::default();
    for (place, suite) in done.iter().enumerate() {
        let is_root = place + 1 == done.len();
        let name = (1..)
            .map(|n: u64| if n == 1 { suite.name.clone() } else { format!("{}#{n}", suite.name) })
            .find(|name| !suites.has(name))
            .unwrap_or_default();
        let mut inner = counted(&suite.counts);
        let above = ["suites", &name];
        let above: &[&str] = if is_root && !only { &[] } else { &above };
        unproven(&suite.counts, above, &mut doubts, &mut inner);
        for detail in suite.contradictions(is_root && !only) {
            for above in [above, &[]] {
                // A failure that was seen is proof; that there were no more of them is not.
                let counts = if above.is_empty() { &root } else { &suite.counts };
                let known_bad = |key: &str| key == "ok" && counts.failed + counts.errors > 0;
                for key in KEYS.iter().filter(|key| !known_bad(key)) {
                    doubts.push(Doubt::new(&[above, &[key]].concat(), Code::Inconsistent, detail.clone()));
                }
            }
        }
        if is_root {
            if let Some(time) = &suite.time {
                report.put("time_ms", shifted(time, SECONDS));
            }
            if !only {
                continue;
            }
        }
        if let Some(time) = &suite.time {
            inner.put("time_ms", shifted(time, SECONDS));
        }
        suites.put(name, inner.build());
    }
    report.put("suites", suites.build());
    if !failing.is_empty() {
        report.put("failing", failing);
    }
    facts.doubts = crate::relations::joined(doubts);
    facts.content = Content::One(Value::Object(report.build()));
}

/// What a report says of its tests.
const KEYS: [&str; 6] = ["tests", "passed", "failed", "errors", "skipped", "ok"];

/// No tests but skipped ones prove nothing; what failed beside them does.
fn unproven(counts: &Counts, above: &[&str], doubts: &mut Vec<Doubt>, report: &mut Builder<'static>) {
    if counts.tests > counts.skipped {
        return;
    }
    let detail = match counts.skipped {
        0 => "no test was run".to_owned(),
        skipped => format!("no test was run: all {skipped} were skipped"),
    };
    let failed = counts.failed + counts.errors > 0;
    let proof = |key: &str| match key {
        "ok" => failed,
        "failed" => counts.failed > 0,
        "errors" => counts.errors > 0,
        _ => false,
    };
    for key in KEYS.into_iter().filter(|key| !proof(key)) {
        doubts.push(Doubt::new(&[above, &[key]].concat(), Code::NoSamples, detail.clone()));
    }
    if !failed {
        *report.entry("ok") = Value::Null;
    }
}

impl Suite {
    /// What the suite says of itself and does not hold. A root that says 0 was not counted by its writer.
    fn contradictions(&self, uncounted: bool) -> Vec<String> {
        let counts = &self.counts;
        let mut details = Vec::new();
        for (key, said) in &self.said {
            let counted = match *key {
                "tests" => counts.tests,
                "failed" => counts.failed,
                "errors" => counts.errors,
                _ => counts.skipped,
            };
            // Some writers count errors among the failures.
            let both = *key == "failed" && *said == counts.failed + counts.errors;
            if counted != *said && !both && !(uncounted && *said == 0) {
                details.push(format!("the suite {:?} says {key} {said}, but holds {counted}", self.name));
            }
        }
        details
    }
}

fn counted(counts: &Counts) -> Builder<'static> {
    let mut report = Builder::default();
    for (key, count) in [
        ("tests", counts.tests),
        ("passed", counts.passed),
        ("failed", counts.failed),
        ("errors", counts.errors),
        ("skipped", counts.skipped),
    ] {
        report.put(key, count);
    }
    report.put("ok", counts.failed + counts.errors == 0);
    report
}

fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
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
            r#"{"tests":5,"passed":2,"failed":1,"errors":1,"skipped":1,"ok":false,"time_ms":1500,"suites":{"a":{"tests":3,"passed":1,"failed":1,"errors":0,"skipped":1,"ok":false,"time_ms":250},"b":{"tests":2,"passed":1,"failed":0,"errors":1,"skipped":0,"ok":false}},"failing":["A.two","four"]}"#
        );
    }

    #[test]
    fn a_suite_that_lost_a_test_is_inconsistent() {
        let facts = read(r#"<testsuite name="a" tests="3"><testcase name="x"/></testsuite>"#).unwrap();
        let doubts = test::doubts(&facts);
        assert_eq!(doubts.len(), 12);
        assert!(doubts.contains(&"tests: inconsistent: the suite \"a\" says tests 3, but holds 1".to_owned()));
        assert!(doubts.iter().any(|doubt| doubt.starts_with("ok: ")), "{doubts:?}");
        assert!(doubts.iter().any(|doubt| doubt.starts_with("suites/a/failed: ")), "{doubts:?}");
    }

    #[test]
    fn skipped_tests_prove_nothing() {
        let all = "tests passed failed errors skipped ok";
        for (text, unknown, ok) in [
            (r#"<testsuite><testcase name="x"><skipped/></testcase></testsuite>"#, all, "null"),
            (r#"<testsuite><skipped/><testcase name="x"><skipped/></testcase></testsuite>"#, all, "null"),
            (r#"<testsuite><testcase name="x"><skipped/></testcase><testcase name="y"/></testsuite>"#, "", "true"),
            (
                r#"<testsuite><testcase name="x"><skipped/></testcase><error/></testsuite>"#,
                "tests passed failed skipped",
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
        for (text, wanted, doubts) in [
            (
                r#"<testsuite name="s" tests="1"><testcase name="x"/><error message="setup failed"/></testsuite>"#,
                r#"{"tests":1,"passed":1,"failed":0,"errors":1,"skipped":0,"ok":false,"#,
                "",
            ),
            (
                r#"<testsuites><testsuite name="s"><testcase name="x"/></testsuite><failure/></testsuites>"#,
                r#"{"tests":1,"passed":1,"failed":1,"errors":0,"skipped":0,"ok":false,"#,
                "",
            ),
            (
                r#"<testsuite name="s"><error/></testsuite>"#,
                r#"{"tests":0,"passed":0,"failed":0,"errors":1,"skipped":0,"ok":false,"#,
                "tests: no-samples: no test was run",
            ),
            (
                r#"<testsuite name="s" errors="0"><testcase name="x"/><error/></testsuite>"#,
                r#"{"tests":1,"passed":1,"failed":0,"errors":1,"skipped":0,"ok":false,"#,
                "suites/s/tests: inconsistent: the suite \"s\" says errors 0, but holds 1",
            ),
            (
                r#"<testsuite tests="1"><system-err>boom</system-err></testsuite>"#,
                r#"{"tests":0,"passed":0,"failed":0,"errors":0,"skipped":0,"ok":null,"#,
                "tests: no-samples: no test was run; the suite \"\" says tests 1, but holds 0",
            ),
        ] {
            let facts = read(text).unwrap();
            assert!(test::text(&facts).starts_with(wanted), "{}", test::text(&facts));
            assert_eq!(test::doubts(&facts).first().map_or("", String::as_str), doubts, "{text}");
        }
    }

    #[test]
    fn a_count_that_is_none_is_refused() {
        for (text, place, reason) in [
            ("<testsuite tests=\"2\" failures=\"two\"/>", (1, 1), r#"failures="two": wanted a count"#),
            ("<testsuites>\n <testsuite tests=\"\"/>\n</testsuites>", (2, 2), r#"tests="": wanted a count"#),
            ("<testsuite errors=\"-1\"/>", (1, 1), r#"errors="-1": wanted a count"#),
        ] {
            let failure = read(text).unwrap_err();
            assert_eq!((failure.place, failure.reason.as_str()), (Some(place), reason));
        }
        assert!(read("<testsuite tests=\" 0 \"/>").is_ok());
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
