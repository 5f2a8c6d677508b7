//! newman's JSON report (`newman run -r json`, 6): the assertions of a Postman collection, and its requests.
//!
//! The assertions are what is counted as tests. A request without an answer and a script that broke are errors outside of
//! them: newman counts neither among its assertions, so that `assertions.failed` is 0 where nothing was asserted at all.
//! The times are those of the answers; newman's own average takes a request without an answer for 0 ms.

use schema::{Code, Value};

use super::tally::{Failing, Outcome, Seconds, Tally, facts};
use crate::facts::{Content, Doubt, Facts, Span, float};
use crate::readers::load::Whole;

/// Whether a document has the shape of newman's report.
pub fn fits(document: &Value<'_>) -> bool {
    let Some(run) = document.get("run") else { return false };
    run.get("stats").is_some_and(|stats| stats.get("assertions").is_some() && stats.get("requests").is_some())
        && ["executions", "failures"].iter().all(|key| run.get(key).is_some_and(|list| list.as_list().is_some()))
}

/// Reads it.
pub fn read(document: &Value<'_>) -> Facts<'static> {
    let (mut tally, mut failing, mut span) = (Tally::default(), Failing::default(), Span::default());
    let Some(run) = document.get("run") else { return Facts::default() };
    let list = |value: &Value<'_>, key: &str| value.get(key).and_then(Value::as_list).map_or(0, <[_]>::len) as u64;
    let (mut times, mut refused) = (Whole::default(), 0u64);
    for execution in run.get("executions").and_then(Value::as_list).unwrap_or_default() {
        let name = execution.get("item").and_then(|item| item.get("name")).and_then(Value::as_text).unwrap_or_default();
        for assertion in execution.get("assertions").and_then(Value::as_list).unwrap_or_default() {
            let full = format!("{name}: {}", assertion.get("assertion").and_then(Value::as_text).unwrap_or_default());
            let became = match (assertion.get("error"), assertion.get("skipped")) {
                (Some(error), _) if *error != Value::Null => Outcome::Failure,
                (_, Some(Value::Bool(true))) => Outcome::Skipped,
                (_, Some(Value::Bool(false)) | None) => Outcome::Passed,
                _ => Outcome::Unclear(Code::UnknownStatus, format!("{full:?} is neither skipped nor run")),
            };
            if became == Outcome::Failure {
                failing.push(&full);
            }
            tally.count(&became);
        }
        let mut broke = execution.get("requestError").is_some_and(|error| *error != Value::Null);
        refused += u64::from(broke);
        for key in ["prerequestScript", "testScript"] {
            let scripts = execution.get(key).and_then(Value::as_list).unwrap_or_default();
            broke |= scripts.iter().any(|script| script.get("error").is_some_and(|error| *error != Value::Null));
        }
        if broke {
            outside(&mut tally, &mut failing, name);
        }
        if let Some(time) = execution.get("response").and_then(|response| float(response, "responseTime"))
            && time >= 0.0
        {
            times.see(time as u64, 1);
        }
    }
    if run.get("error").is_some_and(|error| *error != Value::Null) {
        outside(&mut tally, &mut failing, "run");
    }
    let shown = tally.failed();
    let said = list(run, "failures");
    if said > shown {
        let detail = format!("{said} failures are listed, {shown} are shown");
        tally.unseen.add(said - shown, Code::Inconsistent, detail);
    }
    held(&mut tally, run);
    for key in ["started", "completed"] {
        let moment = run.get("timings").and_then(|timings| float(timings, key));
        span.see_seconds(moment.unwrap_or(f64::NAN) / 1000.0);
    }
    let mut facts = facts("newman", vec![("newman".to_owned(), tally)], &Seconds::None, failing, span);
    requests(&mut facts, run, &times, refused);
    facts
}

fn outside(tally: &mut Tally, failing: &mut Failing, name: &str) {
    tally.errors += 1;
    tally.outside += 1;
    failing.push(name);
}

/// Holds the sums of assertions against those that are there; a report without its executions has the sums alone.
fn held(tally: &mut Tally, run: &Value<'_>) {
    let sum = |of: &str, key: &str| run.get("stats").and_then(|stats| float(stats.get(of)?, key));
    let detail = |what: &str, said: f64, there: u64| format!("{what} is {said}, but {there} are there");
    match sum("assertions", "total") {
        Some(said) if said >= 0.0 => {
            let there = tally.tests();
            let missing = (said as u64).saturating_sub(there);
            tally.lost.add(missing, Code::Inconsistent, detail("assertions.total", said, there));
        }
        _ => tally.lost.add(1, Code::NotANumber, "assertions.total is not a count"),
    }
    let needed = ["assertions", "requests"];
    let others = ["scripts", "testScripts", "prerequestScripts", "tests", "prerequests", "items", "iterations"];
    for of in needed.into_iter().chain(others) {
        match sum(of, "failed") {
            Some(said) if said >= 0.0 => {
                let there = tally.failed().saturating_add(tally.unseen.count);
                let missing = (said as u64).saturating_sub(there);
                tally.unseen.add(missing, Code::Inconsistent, detail(&format!("{of}.failed"), said, there));
            }
            None if !needed.contains(&of) => {}
            _ => tally.lost.add(1, Code::NotANumber, format!("{of}.failed is not a count")),
        }
    }
    // What was begun, and has not ended.
    for of in ["iterations", "items", "requests"] {
        if let Some(pending) = sum(of, "pending").filter(|pending| *pending > 0.0) {
            tally.lost.add(pending as u64, Code::Missing, format!("{of}.pending is {pending}: the run did not end"));
        }
    }
}

/// `requests`, `requests_failed`, and the times of the answers.
fn requests(facts: &mut Facts<'static>, run: &Value<'_>, times: &Whole, refused: u64) {
    let Content::One(Value::Object(report)) = &mut facts.content else { return };
    let sum = |key: &str| run.get("stats").and_then(|stats| float(stats.get("requests")?, key));
    let total = sum("total").filter(|total| *total >= 0.0);
    let none = total.is_none_or(|total| total == 0.0);
    for (name, value) in [("requests", total), ("requests_failed", sum("failed").map(|said| said.max(refused as f64)))]
    {
        match value {
            Some(value) => {
                report.insert(name, crate::quantity::value(value));
            }
            None => {
                report.insert(name, Value::Null);
                facts.doubts.push(Doubt::new(&[name], Code::Missing, "the report does not say"));
            }
        }
    }
    if none {
        facts.doubts.push(Doubt::new(&["requests_failed"], Code::NoSamples, "no request was made"));
    }
    let mut latency = schema::Object::new();
    latency.insert("count", Value::from(times.count()));
    for (name, value) in times.statistics(0) {
        latency.insert(name, value);
    }
    if times.count() == 0 {
        for name in ["min_ms", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms"] {
            latency.insert(name, Value::Null);
            facts.doubts.push(Doubt::new(&["latency", name], Code::NoSamples, "no answer was timed"));
        }
    }
    report.insert("latency", Value::Object(latency));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn read_of(stats: [u64; 4], assertions: &str, more: &str, failures: &str) -> (String, Vec<String>) {
        let [total, failed, requests, refused] = stats;
        let text = format!(
            r#"{{"run":{{"stats":{{"requests":{{"total":{requests},"pending":0,"failed":{refused}}},"assertions":{{"total":{total},"pending":0,"failed":{failed}}}}},"timings":{{"responseAverage":0,"started":1795884461639,"completed":1795884462388}},"executions":[{{"item":{{"name":"a"}},"assertions":[{assertions}]{more}}}],"failures":[{failures}],"error":null}}}}"#
        );
        let document = schema::json::parse(text.as_bytes()).unwrap();
        assert!(fits(&document));
        let facts = read(&document);
        (test::text(&facts), test::doubts(&facts))
    }

    const ANSWER: &str = r#","response":{"code":200,"responseTime":12}"#;
    const GOOD: &str = r#"{"assertion":"is 200","skipped":false}"#;

    #[test]
    fn what_was_not_asserted_did_not_pass() {
        let (text, doubts) = read_of([1, 0, 1, 0], GOOD, ANSWER, "");
        assert!(text.contains(r#""tests":1,"passed":1,"failed":0"#) && text.contains(r#""ok":true"#), "{text}");
        assert!(text.contains(r#""requests":1,"requests_failed":0,"latency":{"count":1,"min_ms":12,"#), "{text}");
        assert_eq!(doubts, [""; 0]);
        for (stats, assertions) in [
            ([0, 0, 1, 0], ""),
            ([1, 0, 1, 0], r#"{"assertion":"is 200","skipped":true}"#),
            ([2, 0, 1, 0], GOOD),
            ([1, 0, 1, 0], r#"{"assertion":"is 200","skipped":"maybe"}"#),
        ] {
            let (text, _) = read_of(stats, assertions, ANSWER, "");
            assert!(text.contains(r#""ok":null"#), "{assertions}: {text}");
        }
    }

    #[test]
    fn requests_without_an_answer_and_scripts_that_broke_failed() {
        let failed = r#"{"assertion":"is 200","skipped":false,"error":{"message":"no"}}"#;
        for (stats, assertions, more, failures) in [
            ([1, 1, 1, 0], failed, ANSWER, "{}"),
            ([0, 0, 1, 1], "", r#","requestError":{"code":"ECONNREFUSED"}"#, "{}"),
            ([1, 0, 1, 0], GOOD, r#","testScript":[{"error":{"name":"ReferenceError"}}]"#, "{}"),
            ([1, 1, 1, 0], GOOD, ANSWER, ""),
            ([1, 0, 1, 1], GOOD, ANSWER, ""),
            ([1, 0, 1, 0], GOOD, ANSWER, "{}"),
        ] {
            let (text, _) = read_of(stats, assertions, more, failures);
            assert!(text.contains(r#""ok":false"#), "{text}");
        }
        let (_, doubts) = read_of([0, 0, 1, 1], "", r#","requestError":{"code":"ECONNREFUSED"}"#, "{}");
        assert!(doubts.contains(&"latency/p95_ms: no-samples: no answer was timed".to_owned()), "{doubts:?}");
    }
}
