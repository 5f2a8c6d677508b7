//! Reports of tests that are one JSON document: googletest's and pytest-json-report's.
//!
//! Run with googletest 1.12.1 and pytest-json-report 1.5.0.

use schema::{Code, Value};

use super::tally::{Failing, Outcome, Seconds, Tally, facts, outcome, seconds};
use crate::facts::{Facts, Span, float};

fn list<'v, 'a>(value: &'v Value<'a>, key: &str) -> &'v [Value<'a>] {
    value.get(key).and_then(Value::as_list).unwrap_or_default()
}

fn text<'v>(value: &'v Value<'_>, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_text).unwrap_or_default()
}

fn count(value: &Value<'_>, key: &str) -> u64 {
    float(value, key).unwrap_or(0.0) as u64
}

fn unknown(name: &str, word: &str) -> Outcome {
    Outcome::Unclear(Code::UnknownStatus, format!("{name:?} is {word:?}, which is not a known status"))
}

/// Whether a document is what `--gtest_output=json` writes.
pub fn fits_gtest(value: &Value<'_>) -> bool {
    value.get("testsuites").is_some_and(|suites| suites.as_list().is_some()) && value.get("tests").is_some()
}

/// Reads googletest's report.
pub fn read_gtest(value: &Value<'_>) -> Facts<'static> {
    let (mut suites, mut failing, mut span) = (Vec::new(), Failing::default(), Span::default());
    span.see_text(text(value, "timestamp"));
    for suite in list(value, "testsuites") {
        let name = text(suite, "name");
        let mut tally = Tally::default();
        for test in list(suite, "testsuite") {
            let full = format!("{name}.{}", text(test, "name"));
            let words = [text(test, "status"), text(test, "result")];
            let bad = [words[1], words[0]].iter().find(|word| outcome(word).is_none()).copied();
            let worse = |wanted: &Outcome| words.iter().any(|word| outcome(word).as_ref() == Some(wanted));
            let became = if !list(test, "failures").is_empty() || worse(&Outcome::Failure) {
                Outcome::Failure
            } else if let Some(word) = bad {
                unknown(&full, word)
            } else if worse(&Outcome::Disabled) {
                Outcome::Disabled
            } else if worse(&Outcome::Skipped) || !list(test, "skipped").is_empty() {
                Outcome::Skipped
            } else {
                Outcome::Passed
            };
            if became == Outcome::Failure {
                failing.push(&full);
            }
            tally.count(&became);
        }
        held(&mut tally, suite, name);
        suites.push((name.to_owned(), tally));
    }
    let mut root = Tally::default();
    suites.iter().for_each(|(_, tally)| root.join(tally));
    let before = (root.unseen.count, root.lost.count);
    held(&mut root, value, text(value, "name"));
    // What only the whole says is a suite of its own name.
    let mut more = Tally::default();
    for (share, before, now) in [(&mut more.unseen, before.0, &root.unseen), (&mut more.lost, before.1, &root.lost)] {
        let (code, detail) = now.why().cloned().unwrap_or((Code::Inconsistent, String::new()));
        share.add(now.count - before, code, detail);
    }
    if more.unseen.count + more.lost.count > 0 {
        suites.push((text(value, "name").to_owned(), more));
    }
    facts("gtest", suites, &seconds(text(value, "time").strip_suffix('s')), failing, span)
}

/// Holds what a suite says against the tests that are there.
fn held(tally: &mut Tally, suite: &Value<'_>, name: &str) {
    let said = count(suite, "failures").saturating_add(count(suite, "errors"));
    let shown = tally.failed().saturating_add(tally.unseen.count);
    if said > shown {
        let detail = format!("the suite {name:?} says {said} failures and errors, but shows {shown}");
        tally.unseen.add(said - shown, Code::Inconsistent, detail);
    }
    tally.held_disabled(name, count(suite, "disabled"));
    let (said, most) = (count(suite, "tests"), tally.tests_said().1);
    if said > most {
        tally.lost.add(
            said - most,
            Code::Inconsistent,
            format!("the suite {name:?} says tests {said}, but has {most}"),
        );
    }
}

/// Whether a document is what `pytest --json-report` writes.
pub fn fits_pytest(value: &Value<'_>) -> bool {
    ["exitcode", "summary", "created", "root"].iter().all(|key| value.get(key).is_some())
}

/// Reads pytest-json-report's report. Its `exitcode` counts: what it says failed did.
pub fn read_pytest(value: &Value<'_>) -> Facts<'static> {
    let (mut tally, mut failing, mut span) = (Tally::default(), Failing::default(), Span::default());
    span.see_seconds(float(value, "created").unwrap_or(f64::NAN));
    let of_word = |name: &str, word: &str| match word {
        "xpassed" => Outcome::Passed,
        "xfailed" => Outcome::Skipped,
        "rerun" => Outcome::Unclear(Code::Missing, format!("{name:?} was run again, and what came of it is not said")),
        _ => outcome(word).unwrap_or_else(|| unknown(name, word)),
    };
    for test in list(value, "tests") {
        let (name, word) = (text(test, "nodeid"), text(test, "outcome"));
        let became = of_word(name, if word.is_empty() { "none" } else { word });
        if matches!(became, Outcome::Failure | Outcome::Error) {
            failing.push(name);
        }
        tally.count(&became);
    }
    for collector in list(value, "collectors").iter().filter(|collector| text(collector, "outcome") == "failed") {
        tally.errors += 1;
        tally.outside += 1;
        failing.push(text(collector, "nodeid"));
    }
    if let Some(summary) = value.get("summary") {
        if value.get("tests").is_none() {
            // --json-report-omit=tests leaves the sums.
            for (key, word) in [
                ("passed", "passed"),
                ("failed", "failed"),
                ("error", "error"),
                ("skipped", "skipped"),
                ("xfailed", "xfailed"),
                ("xpassed", "xpassed"),
            ] {
                (0..count(summary, key).min(10_000_000)).for_each(|_| tally.count(&of_word(key, word)));
            }
        }
        let said = count(summary, "failed").saturating_add(count(summary, "error"));
        if said > tally.failed() {
            let detail = format!("its summary says {said} failed, but {} are there", tally.failed());
            tally.unseen.add(said - tally.failed(), Code::Inconsistent, detail);
        }
        let total = count(summary, "total");
        if total > tally.tests() {
            let detail = format!("its summary says {total} tests, but {} are there", tally.tests());
            tally.lost.add(total - tally.tests(), Code::Inconsistent, detail);
        }
    }
    let exit = count(value, "exitcode");
    // 5 is pytest's word for no tests: then nothing was run, and that is no failure.
    if !matches!(exit, 0 | 5) && !tally.is_failed() {
        tally.errors += 1;
        tally.outside += 1;
        failing.push(&format!("exitcode {exit}"));
    }
    let time =
        value.get("duration").and_then(Value::as_number).map_or(Seconds::None, |time| seconds(Some(time.as_str())));
    facts("pytest-json", vec![("pytest".to_owned(), tally)], &time, failing, span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn shown(facts: &Facts<'_>) -> String {
        test::text(facts).split(r#","suites""#).next().unwrap_or_default().to_owned()
    }

    #[test]
    fn googletest() {
        let read_of = |failures: u64, tests: &str| {
            let text = format!(
                r#"{{"tests":1,"failures":{failures},"time":"0.25s","name":"AllTests","testsuites":[{{"name":"A","testsuite":[{tests}]}}]}}"#
            );
            let value = schema::json::parse(text.as_bytes()).unwrap();
            assert!(fits_gtest(&value));
            shown(&read_gtest(&value))
        };
        let good = r#"{"name":"a","status":"RUN","result":"COMPLETED"}"#;
        assert_eq!(
            read_of(0, good),
            r#"{"tests":1,"passed":1,"failed":0,"failures":0,"errors":0,"skipped":0,"disabled":0,"ok":true,"time_ms":250"#
        );
        assert!(read_of(1, good).contains(r#""ok":false"#));
        // One that a suite calls disabled may be the one that looks as if it ran.
        let disabled = r#"{"tests":1,"testsuites":[{"name":"A","tests":1,"disabled":1,"testsuite":[GOOD]}]}"#
            .replace("GOOD", good);
        let facts = read_gtest(&schema::json::parse(disabled.as_bytes()).unwrap());
        assert!(
            test::doubts(&facts).iter().any(|doubt| doubt.contains("disabled") && doubt.contains("passed")),
            "{facts:?}"
        );
        assert!(shown(&facts).contains(r#""ok":null"#));
        // A suite that says more tests than it holds has lost some.
        let lost = r#"{"tests":9,"failures":0,"name":"AllTests","testsuites":[{"name":"A","testsuite":[GOOD]}]}"#
            .replace("GOOD", good);
        assert!(shown(&read_gtest(&schema::json::parse(lost.as_bytes()).unwrap())).contains(r#""ok":null"#));
        assert!(
            read_of(0, r#"{"name":"a","status":"RUN","result":"COMPLETED","failures":[{"failure":"x"}]}"#)
                .contains(r#""failed":1"#)
        );
        for test in [
            r#"{"status":"NOTRUN","result":"SUPPRESSED"}"#,
            r#"{"status":"RUN","result":"SKIPPED"}"#,
            r#"{"status":"RUN","result":"PURPLE"}"#,
            "",
        ] {
            assert!(read_of(0, test).contains(r#""ok":null"#), "{test}");
        }
    }

    #[test]
    fn pytest() {
        let read_of = |exit: u64, summary: &str, tests: &str| {
            let text = format!(
                r#"{{"created":1795837482.5,"duration":0.5,"exitcode":{exit},"root":"/","summary":{{{summary}}}{tests}}}"#
            );
            let value = schema::json::parse(text.as_bytes()).unwrap();
            assert!(fits_pytest(&value));
            shown(&read_pytest(&value))
        };
        let good = r#","tests":[{"nodeid":"a","outcome":"passed"}]"#;
        assert!(read_of(0, r#""passed":1,"total":1"#, good).contains(r#""ok":true,"time_ms":500"#));
        assert!(read_of(1, r#""passed":1,"total":1"#, good).contains(r#""ok":false"#));
        assert!(read_of(0, r#""passed":1,"total":2"#, good).contains(r#""ok":null"#));
        assert!(
            read_of(1, r#""error":1,"total":1"#, r#","tests":[{"nodeid":"a","outcome":"error"}]"#)
                .contains(r#""errors":1"#)
        );
        assert!(
            read_of(2, "", r#","tests":[],"collectors":[{"nodeid":"t.py","outcome":"failed"}]"#)
                .contains(r#""ok":false"#)
        );
        assert!(read_of(5, "", r#","tests":[]"#).contains(r#""ok":null"#));
        assert!(read_of(0, r#""passed":3,"total":3"#, "").contains(r#""tests":3,"passed":3"#));
        assert!(
            read_of(0, r#""xfailed":1,"total":1"#, r#","tests":[{"nodeid":"a","outcome":"xfailed"}]"#)
                .contains(r#""ok":null"#)
        );
    }
}
