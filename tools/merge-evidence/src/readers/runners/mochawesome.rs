//! mochawesome's JSON, as Cypress users keep it (mochawesome 8.1, with mocha 12.0.3 run): suites within suites, and the hooks
//! of each beside its tests.
//!
//! Its sums leave out what broke in a hook: `failures` is 0 where a `before()` threw. The tests and the hooks are counted.

use schema::{Code, Value};

use super::node_json::{Report, list, lists, text};
use super::tally::Outcome;
use crate::facts::{Facts, float};

/// Whether a document is what mochawesome writes, or mochawesome-merge after it.
pub fn fits(value: &Value<'_>) -> bool {
    let stats = value.get("stats");
    lists(value, &["results"])
        && stats.is_some_and(|stats| ["testsRegistered", "failures"].iter().all(|key| stats.get(key).is_some()))
}

/// Reads it.
pub fn read(value: &Value<'_>) -> Facts<'static> {
    let mut report = Report::default();
    let is = |test: &Value<'_>, key: &str| test.get(key) == Some(&Value::Bool(true));
    // A file without suites is `false`.
    let mut open: Vec<&Value<'_>> = list(value, "results").iter().rev().collect();
    while let Some(suite) = open.pop() {
        open.extend(list(suite, "suites").iter().rev());
        for hook in list(suite, "beforeHooks").iter().chain(list(suite, "afterHooks")) {
            if is(hook, "fail") || text(hook, "state") == "failed" {
                report.broke(text(hook, "fullTitle"));
            }
        }
        for test in list(suite, "tests") {
            let name = text(test, "fullTitle");
            match text(test, "state") {
                // A hook before it broke: it never ran.
                "" if is(test, "skipped") => report.test(name, "skipped"),
                "" if is(test, "pending") => report.test(name, "pending"),
                "passed" if is(test, "fail") => {
                    let detail = format!("{name:?} has passed and failed");
                    report.tally.count(&Outcome::Unclear(Code::Inconsistent, detail));
                }
                state => report.test(name, state),
            }
        }
    }
    if let Some(stats) = value.get("stats") {
        report.span.see_text(text(stats, "start"));
        report.span.see_text(text(stats, "end"));
        report.held(stats, ("failures", "tests"), &["passes"]);
        let (there, registered) = (report.tally.tests(), float(stats, "testsRegistered").unwrap_or(0.0) as u64);
        if registered > there {
            let detail = format!("testsRegistered is {registered}, but {there} are there");
            report.tally.lost.add(registered - there, Code::Inconsistent, detail);
        }
    }
    report.finish("mocha")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    /// A report of one suite with these tests and hooks, and these sums.
    fn report(tests: &[&str], before: &str, sums: [u64; 4]) -> (String, Vec<String>) {
        let [registered, all, passes, failures] = sums;
        let tests = tests.iter().enumerate().map(|(at, state)| format!(r#"{{"fullTitle":"t{at}",{state}}}"#));
        let tests = tests.collect::<Vec<_>>().join(",");
        let document = format!(
            r#"{{"stats":{{"suites":1,"tests":{all},"passes":{passes},"pending":0,"failures":{failures},"testsRegistered":{registered}}},"results":[false,{{"tests":[],"suites":[{{"beforeHooks":[{before}],"afterHooks":[],"tests":[{tests}],"suites":[]}}]}}],"meta":{{}}}}"#
        );
        let document = schema::json::parse(document.as_bytes()).unwrap();
        assert!(fits(&document));
        let facts = read(&document);
        (test::text(&facts), test::doubts(&facts))
    }

    const PASSED: &str = r#""state":"passed","pass":true,"fail":false"#;
    const FAILED: &str = r#""state":"failed","pass":false,"fail":true"#;
    const PENDING: &str = r#""state":"pending","pending":true"#;
    const SKIPPED: &str = r#""state":null,"skipped":true"#;

    #[test]
    fn tests_and_hooks_are_counted() {
        let (text, doubts) = report(&[PASSED, PASSED, PENDING], "", [3, 2, 2, 0]);
        assert!(
            text.contains(r#""tests":3,"passed":2,"failed":0,"failures":0,"errors":0,"skipped":1"#)
                && doubts.is_empty(),
            "{text} {doubts:?}"
        );
        let (text, _) = report(&[PASSED, FAILED], "", [2, 2, 1, 1]);
        assert!(text.contains(r#""failed":1"#) && text.contains(r#""ok":false"#), "{text}");
        // As mochawesome 8.1 writes it of a before() that threw: no failure in its sums.
        let hook = r#"{"fullTitle":"before all","state":"failed","fail":true}"#;
        let (text, _) = report(&[SKIPPED, SKIPPED], hook, [2, 0, 0, 0]);
        assert!(text.contains(r#""failed":1"#) && text.contains(r#""ok":false"#), "{text}");
    }

    #[test]
    fn what_is_not_there_is_no_pass() {
        for (tests, sums) in [
            (&[PASSED][..], [2, 1, 1, 0]),
            (&[PASSED], [1, 1, 1, 1]),
            (&[PASSED], [1, 1, 0, 0]),
            (&[SKIPPED], [1, 0, 0, 0]),
            (&[r#""state":null"#], [1, 1, 0, 0]),
            (&[], [0, 0, 0, 0]),
        ] {
            let (text, _) = report(tests, "", sums);
            assert!(!text.contains(r#""ok":true"#), "{text}");
        }
    }
}
