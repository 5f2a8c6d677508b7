//! autocannon's JSON (`autocannon -j`, 7 to 9): whole milliseconds.
//!
//! The latency is that of the answers: what timed out is in no percentile. With a rate (`-R`) it has more samples than
//! answers, made up to make up for what was not sent; those statistics are of no answer.

use schema::{Code, Number, Object, Value};

use super::{Load, Of, Said};
use crate::facts::{Doubt, Facts, float};
use crate::quantity::{self, SECONDS, shift};
use crate::relations::Rounding;

/// Whether a document has the shape of autocannon's.
pub fn fits(document: &Value<'_>) -> bool {
    let latency = document.get("latency");
    latency.is_some_and(|latency| latency.get("totalCount").is_some() || latency.get("p97_5").is_some())
        && document.get("requests").is_some_and(|requests| requests.get("total").is_some())
        && document.get("2xx").is_some()
}

/// Reads it.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    // Whole milliseconds, cut down, in a histogram of three digits.
    let mut load = Load::new("autocannon", Of::Answers, Of::Answers, Rounding { absolute: 1.0, relative: 0.001 });
    let inside = |object: &str, key: &str| document.get(object).and_then(|object| object.get(key));
    let count = |value: Option<&Value<'_>>| value.and_then(Value::as_number).and_then(Number::to_f64);
    let top = |key: &str| float(document, key).unwrap_or(0.0);
    // Each release since 7 writes all of these; without one of them nobody knows what failed.
    let told = ["errors", "4xx", "5xx", "mismatches"].iter().all(|key| float(document, key).is_some());
    let answered = count(inside("requests", "total"));
    let errors = top("errors");
    let bad = top("4xx") + top("5xx") + top("mismatches");
    match answered {
        Some(_) if !told => {
            load.requests = Said::never("the report does not say how many requests were not answered");
            load.failed = Said::never("the report does not say how many failed");
            load.unanswered = Said::never("the report does not say how many were not answered");
        }
        Some(answered) => {
            load.requests = Said::Value(quantity::value(answered + errors));
            load.failed = Said::Value(quantity::value((errors + bad).min(answered + errors)));
            load.unanswered = Said::Value(quantity::value(errors));
        }
        None => load.requests = Said::default(),
    }
    load.rate = Said::of(inside("requests", "average").cloned());
    load.duration_ms = Said::of(document.get("duration").map(|seconds| shift(seconds, SECONDS)));
    let samples = count(inside("latency", "totalCount"));
    load.count = Some(samples.or(answered).map_or_else(Said::default, |count| Said::Value(quantity::value(count))));
    for (key, value) in document.get("latency").and_then(Value::as_object).into_iter().flat_map(Object::iter) {
        let name = match key {
            "min" | "mean" | "max" | "stddev" => key.to_owned(),
            key if key.starts_with('p') && key[1..].starts_with(|first: char| first.is_ascii_digit()) => {
                key.replace('_', ".")
            }
            _ => continue,
        };
        load.latency.push((format!("{name}_ms"), value.clone()));
    }
    load.latency_lacks = vec![("p95_ms", "autocannon has p90 and p97_5, and no p95")];
    if let (Some(samples), Some(answered)) = (samples, answered)
        && samples > answered
    {
        for (name, _) in load.latency.clone() {
            let reason =
                format!("made of {samples} samples of {answered} answers: with -R autocannon makes samples up");
            load.limits.push(Doubt::new(&[&name], Code::Inconsistent, reason));
        }
    }
    for (status, counted) in
        document.get("statusCodeStats").and_then(Value::as_object).into_iter().flat_map(Object::iter)
    {
        load.status_codes.push((status.to_owned(), counted.get("count").cloned().unwrap_or_default()));
    }
    for kind in ["timeouts", "mismatches", "resets"] {
        if top(kind) > 0.0 {
            load.error_kinds.push((kind.to_owned(), document.get(kind).cloned().unwrap_or_default()));
        }
    }
    // A count of what went wrong is part of the sums that it belongs to.
    let stats = load.status_codes.iter().filter(|(code, _)| code.parse::<u16>().is_ok_and(|code| code >= 400));
    let refused = stats.filter_map(|(_, count)| count.as_number()?.to_f64()).sum::<f64>();
    let classes = top("4xx") + top("5xx");
    let all = ["1xx", "2xx", "3xx"].iter().map(|class| top(class)).sum::<f64>() + classes;
    for (part, of, relation) in [
        (answered.unwrap_or(0.0), all, "requests.total > 1xx + 2xx + 3xx + 4xx + 5xx"),
        (top("timeouts"), errors, "timeouts > errors"),
        (top("non2xx"), top("1xx") + top("3xx") + classes, "non2xx > 1xx + 3xx + 4xx + 5xx"),
        (refused, classes, "the status codes from 400 on > 4xx + 5xx"),
    ] {
        if told && part > of {
            let detail = format!("{relation}: {part} > {of}");
            for name in ["failed", "errors", "unanswered", "success_ratio"] {
                load.unsure.push(Doubt::new(&[name], Code::Inconsistent, detail.clone()));
            }
        }
    }
    if let Some(value) = document.get("connections") {
        load.more.push(("connections".to_owned(), value.clone()));
    }
    let mut facts = load.finish();
    for key in ["start", "finish"] {
        facts.span.see_text(document.get(key).and_then(Value::as_text).unwrap_or_default());
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn what_went_wrong_is_in_no_sum_that_is_less() {
        let doubts = |from: &str, to: &str| {
            let path = testkit::root().join("testdata/merge-evidence/autocannon/ok.json");
            let text = std::fs::read_to_string(path).unwrap();
            assert!(text.contains(from), "{from}");
            test::doubts(&read(&schema::json::parse(text.replacen(from, to, 1).as_bytes()).unwrap()))
        };
        let failed = |doubts: &[String]| doubts.iter().any(|doubt| doubt.starts_with("failed: inconsistent: "));
        assert!(!failed(&doubts("{", "{")));
        for (from, to) in [
            (r#""timeouts": 0"#, r#""timeouts": 5"#),
            (r#""non2xx": 0"#, r#""non2xx": 5"#),
            (r#""200": {"#, r#""503": {"#),
            (r#""2xx": 79"#, r#""2xx": 0"#),
        ] {
            assert!(failed(&doubts(from, to)), "{to}");
        }
    }
}
