//! Reports of Node's test runners that are one JSON document: jest and vitest (`--json`, `--reporter=json`), mocha
//! (`--reporter json`) and Playwright (`--reporter=json`).
//!
//! Run with jest 30.5.2, vitest 4.1.12, mocha 12.0.3 and Playwright 1.65.1. The tests are what is counted; sums that say more,
//! and a suite or a run that failed without one of its tests, are failures, too.

use schema::{Code, Value};

use super::tally::{Failing, Outcome, Seconds, Tally, facts, outcome};
use crate::facts::{Facts, Span, float};

/// The list under `key`; none is empty.
pub fn list<'v, 'a>(value: &'v Value<'a>, key: &str) -> &'v [Value<'a>] {
    value.get(key).and_then(Value::as_list).unwrap_or_default()
}

/// The text under `key`; none is empty.
pub fn text<'v>(value: &'v Value<'_>, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_text).unwrap_or_default()
}

/// Whether there is a list under each key.
pub fn lists(value: &Value<'_>, keys: &[&str]) -> bool {
    keys.iter().all(|key| value.get(key).is_some_and(|list| list.as_list().is_some()))
}

fn unknown(name: &str, word: &str) -> Outcome {
    Outcome::Unclear(Code::UnknownStatus, format!("{name:?} is {word:?}, which is not a known status"))
}

/// What a report counts so far.
#[derive(Default)]
pub struct Report {
    /// How many of each kind.
    pub tally: Tally,
    failing: Failing,
    /// When it ran.
    pub span: Span,
}

impl Report {
    /// Counts a test by its word.
    pub fn test(&mut self, name: &str, word: &str) {
        let became = match outcome(word) {
            Some(became) if !word.is_empty() => became,
            _ => unknown(name, word),
        };
        if matches!(became, Outcome::Failure | Outcome::Error) {
            self.failing.push(name);
        }
        self.tally.count(&became);
    }

    /// Counts what broke outside of tests.
    pub fn broke(&mut self, name: &str) {
        self.tally.errors += 1;
        self.tally.outside += 1;
        self.failing.push(name);
    }

    /// Holds the sums of failures, of tests and of those that passed that a report says against what is there; a sum of the
    /// first two that cannot be read may be any.
    pub fn held(&mut self, sums: &Value<'_>, (failures, tests): (&str, &str), passes: &[&str]) {
        let said = |key: &str| sums.get(key).map(|_| float(sums, key).filter(|sum| *sum >= 0.0));
        let failed = self.tally.failures + self.tally.errors;
        match said(failures) {
            Some(Some(sum)) if sum as u64 > failed => {
                let detail = format!("{failures} is {sum}, but {failed} are there");
                self.tally.unseen.add(sum as u64 - failed, Code::Inconsistent, detail);
            }
            Some(None) => self.tally.lost.add(1, Code::NotANumber, format!("{failures} is not a count")),
            _ => {}
        }
        let there = self.tally.tests();
        match said(tests) {
            Some(Some(sum)) if sum as u64 > there => {
                let detail = format!("{tests} is {sum}, but {there} are there");
                self.tally.lost.add(sum as u64 - there, Code::Inconsistent, detail);
            }
            Some(Some(_)) => {}
            _ => self.tally.lost.add(1, Code::Missing, format!("{tests} is not a count")),
        }
        let unread = |key: &&&str| sums.get(key).is_some() && float(sums, key).is_none_or(|sum| sum < 0.0);
        if let Some(key) = passes.iter().find(unread) {
            self.tally.lost.add(1, Code::NotANumber, format!("{key} is no count"));
        }
        // What is said to have passed less often than it is there may be no pass.
        let passed = passes.iter().map(|key| float(sums, key)).sum::<Option<f64>>().filter(|sum| *sum >= 0.0);
        if let Some(sum) = passed.filter(|sum| *sum < self.tally.passed as f64) {
            let there = self.tally.passed;
            let detail = format!("{} is {sum}, but {there} are there", passes.join(" + "));
            self.tally.unclear.add(there - sum as u64, Code::Inconsistent, detail.as_str());
            self.tally.passed = sum as u64;
        }
    }

    /// What became of it.
    pub fn finish(self, format: &'static str) -> Facts<'static> {
        facts(format, vec![(format.to_owned(), self.tally)], &Seconds::None, self.failing, self.span)
    }
}

/// Whether a document is what `jest --json` writes, and vitest after it.
pub fn fits_jest(value: &Value<'_>) -> bool {
    lists(value, &["testResults"]) && ["numTotalTests", "success"].iter().all(|key| value.get(key).is_some())
}

/// Reads jest's report.
pub fn read_jest(value: &Value<'_>) -> Facts<'static> {
    let mut report = Report::default();
    if let Some(began) = float(value, "startTime") {
        report.span.see_seconds(began / 1000.0);
    }
    for suite in list(value, "testResults") {
        let before = report.tally.failed();
        for test in list(suite, "assertionResults") {
            let name = test.get("fullName").map_or_else(|| text(test, "title"), |_| text(test, "fullName"));
            report.test(name, text(test, "status"));
        }
        // One that cannot be loaded has no tests.
        if text(suite, "status") != "passed" && report.tally.failed() == before {
            let quiet = matches!(text(suite, "status"), "skipped" | "pending" | "todo" | "focused");
            if !quiet {
                report.broke(text(suite, "name"));
            }
        }
    }
    report.held(value, ("numFailedTests", "numTotalTests"), &["numPassedTests"]);
    // A suite that could not be run may be left out of the list.
    let suites = ["numFailedTestSuites", "numRuntimeErrorTestSuites"].map(|key| float(value, key).unwrap_or(0.0));
    if suites.iter().any(|count| *count > 0.0) && !report.tally.is_failed() {
        report.broke("suites");
    }
    if value.get("wasInterrupted") == Some(&Value::Bool(true)) {
        report.tally.lost.add(1, Code::Missing, "the run was interrupted");
    }
    // A floor of coverage, an error outside of tests: no test shows them.
    if value.get("success") != Some(&Value::Bool(true)) && !report.tally.is_failed() {
        match list(value, "testResults").is_empty() {
            true => report.tally.lost.add(1, Code::NoSamples, "no suite was run, and success is not true"),
            false => report.broke("success"),
        }
    }
    report.finish("jest")
}

/// Whether a document is what mocha's JSON reporter writes.
pub fn fits_mocha(value: &Value<'_>) -> bool {
    lists(value, &["tests", "passes", "failures", "pending"])
        && value.get("stats").is_some_and(|stats| stats.get("failures").is_some() && stats.get("passes").is_some())
}

/// Reads mocha's report.
pub fn read_mocha(value: &Value<'_>) -> Facts<'static> {
    let mut report = Report::default();
    for (key, word) in [("passes", "passed"), ("failures", "failed"), ("pending", "pending")] {
        for test in list(value, key) {
            report.test(text(test, "fullTitle"), word);
        }
    }
    if let Some(stats) = value.get("stats") {
        report.span.see_text(text(stats, "start"));
        report.span.see_text(text(stats, "end"));
        report.held(stats, ("failures", "tests"), &["passes"]);
        // A hook that broke leaves the tests behind it out of every list.
        let most = list(value, "tests").len() as u64;
        if most > report.tally.tests() {
            let missing = most - report.tally.tests();
            report.tally.lost.add(
                missing,
                Code::Inconsistent,
                format!("{most} tests are listed, {missing} have no result"),
            );
        }
    }
    report.finish("mocha")
}

/// Whether a document is what Playwright's JSON reporter writes.
pub fn fits_playwright(value: &Value<'_>) -> bool {
    lists(value, &["suites", "errors"]) && value.get("stats").is_some_and(|stats| stats.get("unexpected").is_some())
}

/// Reads Playwright's report. A test that passed at a later try is a pass, and counted as flaky.
pub fn read_playwright(value: &Value<'_>) -> Facts<'static> {
    let mut report = Report::default();
    let mut open: Vec<&Value<'_>> = list(value, "suites").iter().collect();
    while let Some(suite) = open.pop() {
        open.extend(list(suite, "suites"));
        for spec in list(suite, "specs") {
            let name = text(spec, "title");
            let tests = list(spec, "tests");
            for test in tests {
                let results = list(test, "results");
                match text(test, "status") {
                    "expected" if results.is_empty() => {
                        let detail = format!("{name:?} is expected, and has no result");
                        report.tally.count(&Outcome::Unclear(Code::Missing, detail));
                    }
                    "expected" => report.test(name, "passed"),
                    "flaky" => {
                        report.test(name, "passed");
                        report.tally.flaky += 1;
                        report.tally.reruns += results.len().saturating_sub(1) as u64;
                    }
                    "unexpected" => report.test(name, "failed"),
                    "skipped" => report.test(name, "skipped"),
                    other => report.tally.count(&unknown(name, other)),
                }
            }
            if spec.get("ok") == Some(&Value::Bool(false))
                && !tests.iter().any(|test| text(test, "status") == "unexpected")
            {
                report.broke(name);
            }
        }
    }
    for error in list(value, "errors") {
        let message = text(error, "message");
        report.broke(message.lines().next().unwrap_or_default());
    }
    if let Some(stats) = value.get("stats") {
        report.span.see_text(text(stats, "startTime"));
        report.held(stats, ("unexpected", "unexpected"), &["expected", "flaky"]);
        let said = ["expected", "skipped", "unexpected", "flaky"].map(|key| float(stats, key).unwrap_or(f64::NAN));
        let (sum, there) = (said.iter().sum::<f64>(), report.tally.tests());
        if sum.is_nan() || sum > there as f64 {
            let missing = if sum.is_nan() { 1 } else { sum as u64 - there };
            let detail = format!("stats say {sum} tests, but {there} are there");
            report.tally.lost.add(missing, Code::Inconsistent, detail);
        }
    }
    report.finish("playwright")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    /// `ok`, and what is doubted at the top.
    fn ok(fits: fn(&Value<'_>) -> bool, read: fn(&Value<'_>) -> Facts<'static>, text: &str) -> String {
        let value = schema::json::parse(text.as_bytes()).unwrap();
        assert!(fits(&value), "{text}");
        let text = test::text(&read(&value));
        text.split(r#""ok":"#).nth(1).unwrap().split([',', '}']).next().unwrap().to_owned()
    }

    #[test]
    fn jest_s_suites_sums_and_success_all_count() {
        let jest = |rest: &str, status: &str, tests: &str| {
            let text = format!(
                r#"{{"numTotalTests":1,"startTime":1795837482000,{rest},"testResults":[{{"name":"a.js","status":"{status}","assertionResults":[{tests}]}}]}}"#
            );
            ok(fits_jest, read_jest, &text)
        };
        let good = r#"{"fullName":"a","status":"passed"}"#;
        assert_eq!(jest(r#""numFailedTests":0,"success":true"#, "passed", good), "true");
        assert_eq!(jest(r#""numFailedTests":0,"success":false"#, "passed", good), "false");
        assert_eq!(jest(r#""numFailedTests":0,"numPassedTests":1,"success":true"#, "passed", good), "true");
        assert_eq!(jest(r#""numFailedTests":0,"numPassedTests":0,"success":true"#, "passed", good), "null");
        assert_eq!(jest(r#""numFailedTests":1,"success":true"#, "passed", good), "false");
        for sum in ["null", "-1", "\"x\""] {
            let sums = format!(r#""numFailedTests":0,"numPassedTests":{sum},"success":true"#);
            assert_eq!(jest(&sums, "passed", good), "null", "{sum}");
        }
        assert_eq!(jest(r#""numFailedTests":0,"success":true"#, "failed", good), "false");
        let failed = r#""numFailedTests":0,"success":true,"numRuntimeErrorTestSuites":1"#;
        assert_eq!(jest(failed, "passed", good), "false");
        assert_eq!(jest(r#""numFailedTests":null,"success":true"#, "passed", good), "null");
        assert_eq!(jest(r#""numFailedTests":0,"success":true,"wasInterrupted":true"#, "passed", good), "null");
        assert_eq!(jest(r#""numFailedTests":0,"success":true"#, "passed", ""), "null");
        for status in ["failed", "pending", "todo", "purple", ""] {
            let answer = jest(r#""numFailedTests":0,"success":true"#, "passed", &good.replace("passed", status));
            assert_eq!(answer, if status == "failed" { "false" } else { "null" }, "{status}");
        }
        assert_eq!(ok(fits_jest, read_jest, r#"{"numTotalTests":0,"success":true,"testResults":[]}"#), "null");
        assert_eq!(ok(fits_jest, read_jest, r#"{"numTotalTests":0,"success":false,"testResults":[]}"#), "null");
    }

    #[test]
    fn mocha_s_lists_and_sums_agree_or_nothing_passes() {
        let mocha = |stats: &str, tests: &str, passes: &str, failures: &str| {
            let text = format!(
                r#"{{"stats":{{{stats}}},"tests":[{tests}],"pending":[],"passes":[{passes}],"failures":[{failures}]}}"#
            );
            ok(fits_mocha, read_mocha, &text)
        };
        let (sums, one) = (r#""tests":1,"passes":1,"failures":0"#, r#"{"fullTitle":"a"}"#);
        assert_eq!(mocha(sums, one, one, ""), "true");
        assert_eq!(mocha(sums, one, "", ""), "null");
        assert_eq!(mocha(&sums.replace("\"passes\":1", "\"passes\":0"), one, one, ""), "null");
        assert_eq!(mocha(&sums.replace("\"tests\":1", "\"tests\":2"), one, one, ""), "null");
        assert_eq!(mocha(&sums.replace("\"failures\":0", "\"failures\":1"), one, one, ""), "false");
        assert_eq!(mocha(sums, one, one, one), "false");
        assert_eq!(mocha(r#""tests":0,"passes":0,"failures":0"#, "", "", ""), "null");
    }

    #[test]
    fn playwright_s_specs_errors_and_sums_all_count() {
        let playwright = |stats: [u64; 4], errors: &str, tests: &str| {
            let [expected, skipped, unexpected, flaky] = stats;
            let text = format!(
                r#"{{"errors":[{errors}],"stats":{{"expected":{expected},"skipped":{skipped},"unexpected":{unexpected},"flaky":{flaky}}},"suites":[{{"suites":[{{"specs":[{{"title":"a","ok":true,"tests":[{tests}]}}]}}]}}]}}"#
            );
            ok(fits_playwright, read_playwright, &text)
        };
        let good = r#"{"status":"expected","results":[{"status":"passed"}]}"#;
        assert_eq!(playwright([1, 0, 0, 0], "", good), "true");
        assert_eq!(playwright([0, 0, 0, 1], "", &good.replace("expected", "flaky")), "true");
        assert_eq!(playwright([0, 0, 1, 0], "", &good.replace("expected", "unexpected")), "false");
        assert_eq!(playwright([0, 1, 0, 0], "", &good.replace("expected", "skipped")), "null");
        assert_eq!(playwright([1, 0, 0, 0], "", &good.replace("expected", "purple")), "null");
        assert_eq!(playwright([1, 0, 0, 0], "", r#"{"status":"expected","results":[]}"#), "null");
        assert_eq!(playwright([0, 1, 0, 0], "", good), "null");
        assert_eq!(playwright([1, 0, 0, 0], "", &good.replace("expected", "flaky")), "true");
        assert_eq!(playwright([1, 0, 0, 0], r#"{"message":"no tests found"}"#, good), "false");
        assert_eq!(playwright([2, 0, 0, 0], "", good), "null");
        assert_eq!(playwright([1, 0, 1, 0], "", good), "false");
        assert_eq!(playwright([0, 0, 0, 0], "", ""), "null");
    }
}
