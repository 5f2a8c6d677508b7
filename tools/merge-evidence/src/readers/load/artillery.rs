//! Artillery's report (`artillery run -o report.json`, 1 and 2): milliseconds, percentiles within 1 %.
//!
//! The latency is that of the answers: what was refused or timed out is in none of it. An error that is no request without
//! an answer (a check that failed, a value that could not be captured) may be one of an answer that is counted already, so
//! that it makes `failed` a range.

use schema::{Code, Number, Object, Value};

use super::{Load, Of, Said};
use crate::facts::{Doubt, Facts, float};
use crate::quantity::{self, shift};
use crate::relations::Rounding;

/// A DDSketch of 1 %, printed to a tenth of a millisecond.
const ROUNDING: Rounding = Rounding { absolute: 0.1, relative: 0.02 };

/// What the first release gives the statistics of: these, beside percentiles.
const STATISTICS: [&str; 3] = ["min", "mean", "max"];

/// Whether a document has the shape of a report.
pub fn fits(document: &Value<'_>) -> bool {
    document.get("aggregate").is_some_and(|all| {
        let object = |key: &str| all.get(key).is_some_and(|value| value.as_object().is_some());
        object("counters") && object("rates") || object("codes") && object("latency") && object("errors")
    })
}

/// Reads a report.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let Some(all) = document.get("aggregate") else { return Facts::default() };
    let mut load = Load::new("artillery", Of::Answers, Of::Requests, ROUNDING);
    let members = |key: &str| all.get(key).and_then(Value::as_object).into_iter().flat_map(Object::iter);
    let old = all.get("counters").is_none();
    let counter = |name: &str| all.get("counters").and_then(|counters| float(counters, name));
    let (mut bad, mut errors, mut coded) = (0.0, 0.0, 0.0);
    let counted = |prefix: &'static str, section: &'static str| {
        members(if old { section } else { "counters" }).filter_map(move |(key, count)| {
            let name = if old { key } else { key.strip_prefix(prefix)? };
            Some((name.to_owned(), count.clone(), count.as_number()?.to_f64()?))
        })
    };
    for (code, shown, count) in counted("http.codes.", "codes") {
        coded += count;
        // What is no status is none of success.
        bad += if code.parse().map_or(true, |code: u16| code >= 400) { count } else { 0.0 };
        load.status_codes.push((code, shown));
    }
    for (kind, shown, count) in counted("errors.", "errors") {
        errors += count;
        load.error_kinds.push((kind, shown));
    }
    let (requests, answers) = if old {
        let answers = float(all, "requestsCompleted");
        (answers.map(|answers| answers + errors), answers)
    } else {
        // A counter that was never raised is not there.
        (counter("http.requests"), counter("http.requests").map(|_| counter("http.responses").unwrap_or(0.0)))
    };
    match requests.zip(answers) {
        Some((requests, answers)) => requested(&mut load, &Counts { requests, answers, bad, errors, coded }),
        None => {
            let reason = "the report counts no HTTP requests";
            (load.requests, load.failed, load.unanswered) =
                (Said::never(reason), Said::never(reason), Said::never(reason));
        }
    }
    load.rate = Said::never("Artillery's own rate is that of its last periods");
    load.duration_ms = match (float(all, "firstMetricAt"), float(all, "lastMetricAt")) {
        (Some(first), Some(last)) if last > first => Said::Value(quantity::value(last - first)),
        _ => Said::default(),
    };
    if let (Said::Value(duration), Some(requests)) = (&load.duration_ms, requests)
        && let Some(duration) = duration.as_number().and_then(Number::to_f64)
    {
        load.rate = Said::Value(quantity::value(requests / duration * 1000.0));
    }
    let times = if old { all.get("latency") } else { None };
    let times =
        times.or_else(|| ["summaries", "histograms"].iter().find_map(|key| all.get(key)?.get("http.response_time")));
    for (key, value) in times.and_then(Value::as_object).into_iter().flat_map(Object::iter) {
        let rank = key.strip_prefix('p').filter(|rank| rank.bytes().all(|byte| byte.is_ascii_digit()));
        let name = match (key, rank) {
            ("median", _) => "p50".to_owned(),
            // p999 is that of 99.9 %.
            (_, Some(rank)) if rank.len() > 2 => format!("p{}.{}", &rank[..2], &rank[2..]),
            (key, rank) if rank.is_some() || STATISTICS.contains(&key) => key.to_owned(),
            _ => continue,
        };
        if !load.latency.iter().any(|(known, _)| *known == format!("{name}_ms")) {
            load.latency.push((format!("{name}_ms"), shift(value, 0)));
        }
    }
    load.count = times.and_then(|times| times.get("count")).map(|count| Said::of(Some(count.clone())));
    let users = counted("vusers.", "scenarioCounts").filter(|(name, ..)| !name.contains('.') && !old);
    let users: Object = users.map(|(name, shown, _)| (name, shown)).collect();
    if !users.is_empty() {
        load.more.push(("virtual_users".to_owned(), users.into()));
    }
    // A user who failed has an error, which is counted beside it.
    if let Some(users) = counter("vusers.failed").filter(|users| *users > errors && !old) {
        let detail = format!("{users} virtual users failed, but there are {errors} errors");
        for name in ["failed", "errors", "success_ratio"] {
            load.unsure.push(Doubt::new(&[name], Code::Inconsistent, detail.clone()));
        }
    }
    // Users that neither completed nor failed were still at it: the run was stopped, and what they met is not told.
    let ended = ["vusers.completed", "vusers.failed"].map(|name| counter(name).unwrap_or(0.0));
    if let Some(created) = counter("vusers.created").filter(|created| *created > ended.iter().sum() && !old) {
        let detail = format!("{created} virtual users began, {} completed and {} failed", ended[0], ended[1]);
        for name in ["requests", "failed", "errors", "unanswered", "success_ratio"] {
            load.unsure.push(Doubt::new(&[name], Code::Inconsistent, detail.clone()));
        }
    }
    let mut facts = load.finish();
    for key in ["firstMetricAt", "lastMetricAt"] {
        facts.span.see_seconds(float(all, key).unwrap_or(f64::NAN) / 1000.0);
    }
    facts
}

/// What is counted of requests.
struct Counts {
    requests: f64,
    answers: f64,
    /// Answers of failure.
    bad: f64,
    errors: f64,
    /// Answers whose status is said.
    coded: f64,
}

/// The counts of requests: what had no answer failed, what was answered with a bad status failed, and of the errors beyond
/// those each may be another one, as may an answer without a status.
fn requested(load: &mut Load<'_>, counts: &Counts) {
    let Counts { requests, answers, bad, errors, coded } = *counts;
    let unanswered = (requests - answers).max(0.0);
    let least = (unanswered + bad).max(errors).min(requests);
    load.requests = Said::Value(quantity::value(requests));
    load.unanswered = Said::Value(quantity::value(unanswered));
    load.failed = Said::Value(quantity::value(least));
    let (beyond, unsaid) = ((errors - unanswered).max(0.0), (answers - coded).max(0.0));
    if beyond + unsaid > 0.0 {
        let most = (unanswered + bad + beyond + unsaid).min(requests.max(least));
        let detail = format!(
            "{errors} errors, {unanswered} requests without an answer, {bad} answers of failure, {unsaid} answers without a status"
        );
        for name in ["failed", "errors"] {
            let [low, high] = [least, most].map(|limit| quantity::value(limit).as_number().cloned());
            load.unsure.push(Doubt::new(&[name], Code::WithinError, detail.clone()).within(low, high));
        }
        let [low, high] = [most, least].map(|failed| quantity::value((requests - failed) / requests));
        let doubt = Doubt::new(&["success_ratio"], Code::WithinError, detail);
        load.unsure.push(doubt.within(low.as_number().cloned(), high.as_number().cloned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn read_of(counters: &str, summaries: &str) -> (String, Vec<String>) {
        let text = format!(
            r#"{{"aggregate":{{"counters":{{{counters}}},"rates":{{"http.request_rate":10}},"firstMetricAt":1737045325000,"lastMetricAt":1737045335000,"summaries":{{{summaries}}}}},"intermediate":[]}}"#
        );
        let document = schema::json::parse(text.as_bytes()).unwrap();
        assert!(fits(&document));
        let facts = read(&document);
        (test::text(&facts), test::doubts(&facts))
    }

    const TIMES: &str = r#""http.response_time":{"min":2,"max":30,"count":90,"mean":4.1,"p50":4,"median":4,"p95":10.1,"p99":30.3,"p999":30.3}"#;

    #[test]
    fn what_was_not_answered_failed() {
        let (text, doubts) = read_of(
            r#""vusers.created":100,"vusers.completed":90,"vusers.failed":10,"http.requests":100,"http.codes.200":90,"http.responses":90,"errors.ETIMEDOUT":10"#,
            TIMES,
        );
        assert!(
            text.starts_with(
                r#"{"requests":100,"failed":10,"errors":10,"unanswered":10,"success_ratio":0.9,"rate":10,"#
            ),
            "{text}"
        );
        assert!(text.contains(r#""latency":{"count":90,"min_ms":2,"max_ms":30,"mean_ms":4.1,"p50_ms":4,"p95_ms":10.1,"p99_ms":30.3,"p99.9_ms":30.3}"#), "{text}");
        assert!(text.contains(r#""virtual_users":{"created":100,"completed":90,"failed":10}"#), "{text}");
        assert_eq!(doubts, [""; 0]);
    }

    #[test]
    fn a_check_that_failed_is_no_success() {
        let counters = r#""http.requests":100,"http.codes.200":97,"http.codes.500":3,"http.responses":100,"errors.Failed capture or match":5"#;
        let (text, doubts) = read_of(counters, TIMES);
        assert!(text.contains(r#""failed":5"#), "{text}");
        assert!(doubts.iter().any(|doubt| doubt.starts_with("failed: within-error: 5 errors")), "{doubts:?}");
        // An answer whose status is nowhere.
        let (_, doubts) = read_of(r#""http.requests":100,"http.responses":100"#, TIMES);
        assert!(doubts.iter().any(|doubt| doubt.starts_with("failed: within-error: 0 errors")), "{doubts:?}");
        // Refused all of them: no answer was timed.
        let (text, doubts) = read_of(r#""http.requests":10,"errors.ECONNREFUSED":10,"vusers.failed":10"#, "");
        assert!(text.starts_with(r#"{"requests":10,"failed":10,"#), "{text}");
        assert_eq!(doubts, [""; 0]);
        // Another engine counts other things.
        let (_, doubts) = read_of(r#""socketio.emit":10"#, "");
        assert!(doubts.contains(&"failed: missing: the report counts no HTTP requests".to_owned()), "{doubts:?}");
    }

    #[test]
    fn the_first_release() {
        let text = br#"{"aggregate":{"requestsCompleted":9,"latency":{"min":1,"max":5,"median":2,"p95":4,"p99":5},"codes":{"200":8,"503":1},"errors":{"ECONNRESET":1}}}"#;
        let document = schema::json::parse(text).unwrap();
        assert!(fits(&document));
        let text = test::text(&read(&document));
        assert!(text.starts_with(r#"{"requests":10,"failed":2,"errors":2,"unanswered":1,"#), "{text}");
        assert!(text.contains(r#""p50_ms":2,"p95_ms":4"#), "{text}");
    }

    #[test]
    fn users_who_were_still_at_it_are_seen() {
        let counters =
            |users: &str| format!(r#"{users},"http.requests":100,"http.codes.200":100,"http.responses":100"#);
        let stopped = counters(r#""vusers.created":100,"vusers.completed":60,"vusers.failed":0"#);
        let doubts = read_of(&stopped, TIMES).1;
        assert!(
            doubts.contains(&"failed: inconsistent: 100 virtual users began, 60 completed and 0 failed".to_owned()),
            "{doubts:?}"
        );
        for healthy in [
            r#""vusers.created":100,"vusers.completed":100,"vusers.failed":0"#,
            r#""vusers.created":100,"vusers.completed":93,"vusers.failed":7,"errors.x":7"#,
            r#""vusers.completed":100"#,
        ] {
            let doubts = read_of(&counters(healthy), TIMES).1;
            assert!(!doubts.iter().any(|doubt| doubt.contains("virtual users began")), "{healthy}: {doubts:?}");
        }
    }
}
