//! bombardier's JSON (`bombardier -o json`, 1.2 by its template): microseconds, counts by class of status.
//!
//! What had no status (refused, timed out) is counted as `others`, and its time is in the latency. Percentiles are there with
//! `-l` alone.

use schema::{Code, Number, Object, Value};

use super::{Load, Of, Said};
use crate::facts::{Doubt, Facts, float};
use crate::quantity::{self, SECONDS, shift};
use crate::relations::Rounding;

/// Ten to the power of this many makes milliseconds of microseconds.
const MICROSECONDS: i32 = -3;
/// The classes of status, and whether they say success.
const CLASSES: [(&str, bool); 5] = [("1xx", true), ("2xx", true), ("3xx", true), ("4xx", false), ("5xx", false)];

/// Whether a document has the shape of bombardier's.
pub fn fits(document: &Value<'_>) -> bool {
    let spec = document.get("spec").is_some_and(|spec| spec.get("numberOfConnections").is_some());
    spec && document.get("result").is_some_and(|result| result.get("req2xx").is_some())
}

/// Reads it.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let Some(result) = document.get("result") else { return Facts::default() };
    let rounding = Rounding { absolute: 0.001, relative: 0.0 };
    let mut load = Load::new("bombardier", Of::Requests, Of::Requests, rounding);
    let count = |key: &str| result.get(key).and_then(Value::as_number).and_then(Number::as_u64);
    let classes: Option<Vec<(u64, bool)>> =
        CLASSES.iter().map(|(class, good)| Some((count(&format!("req{class}"))?, *good))).collect();
    if let (Some(classes), Some(others)) = (classes, count("others")) {
        let bad: u64 = classes.iter().filter(|(_, good)| !good).map(|(count, _)| count).sum();
        let requests = classes.iter().map(|(count, _)| count).sum::<u64>().saturating_add(others);
        load.requests = Said::count(requests);
        load.failed = Said::count(bad.saturating_add(others));
        load.unanswered = Said::count(others);
        for ((class, _), (count, _)) in CLASSES.iter().zip(classes) {
            load.status_codes.push(((*class).to_owned(), count.into()));
        }
        let errors = result.get("errors").and_then(Value::as_list).unwrap_or_default();
        let mut counted = 0.0;
        for error in errors {
            let kind = error.get("description").and_then(Value::as_text).unwrap_or_default().to_owned();
            counted += float(error, "count").unwrap_or(0.0);
            load.error_kinds.push((kind, error.get("count").cloned().unwrap_or_default()));
        }
        if counted > others as f64 {
            let detail = format!("errors > others: {counted} > {others}");
            for name in ["requests", "failed", "errors", "unanswered", "success_ratio"] {
                load.unsure.push(Doubt::new(&[name], Code::Inconsistent, detail.clone()));
            }
        }
        let seconds = float(result, "timeTakenSeconds").filter(|seconds| *seconds > 0.0);
        load.rate = Said::of(seconds.map(|seconds| quantity::value(requests as f64 / seconds)));
    }
    load.duration_ms = Said::of(result.get("timeTakenSeconds").map(|seconds| shift(seconds, SECONDS)));
    let latency = result.get("latency");
    for key in ["mean", "stddev", "max"] {
        if let Some(value) = latency.and_then(|latency| latency.get(key)) {
            load.latency.push((format!("{key}_ms"), shift(value, MICROSECONDS)));
        }
    }
    let ranks = latency.and_then(|latency| latency.get("percentiles")).and_then(Value::as_object);
    for (rank, value) in ranks.into_iter().flat_map(Object::iter) {
        load.latency.push((format!("p{}_ms", rank.trim()), shift(value, MICROSECONDS)));
    }
    for name in ["min_ms", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms"] {
        load.latency_lacks.push((name, "bombardier has mean and max, with -l the percentiles 50, 75, 90 and 99"));
    }
    if let Some(connections) = document.get("spec").and_then(|spec| spec.get("numberOfConnections")) {
        load.more.push(("connections".to_owned(), connections.clone()));
    }
    load.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn what_had_no_status_was_not_answered() {
        let text = r#"{"spec":{"numberOfConnections":4,"testType":"timed"},"result":{"timeTakenSeconds":2,"req1xx":0,"req2xx":90,"req3xx":0,"req4xx":0,"req5xx":4,"others":6,"errors":[{"description":"timeout","count":6}],"latency":{"mean":1500.5,"stddev":10,"max":20000,"percentiles":{"50":1400,"75":1500,"90":1600,"99":1700}}}}"#;
        let facts = read(&schema::json::parse(text.as_bytes()).unwrap());
        let shown = test::text(&facts);
        assert!(
            shown
                .starts_with(r#"{"requests":100,"failed":10,"errors":10,"unanswered":6,"success_ratio":0.9,"rate":50"#),
            "{shown}"
        );
        assert!(
            shown.contains(
                r#""mean_ms":1.5005,"stddev_ms":0.01,"max_ms":20,"p50_ms":1.4,"p75_ms":1.5,"p90_ms":1.6,"p99_ms":1.7"#
            ),
            "{shown}"
        );
        let lost = text.replace(r#""others":6"#, r#""others":0"#);
        let facts = read(&schema::json::parse(lost.as_bytes()).unwrap());
        assert!(test::doubts(&facts).contains(&"failed: inconsistent: errors > others: 6 > 0".to_owned()));
    }
}
