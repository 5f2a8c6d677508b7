//! pytest-benchmark's JSON (`--benchmark-json`, 5.2): by test, seconds become milliseconds.

use schema::{Code, Value};

use super::{put, scaled};
use crate::facts::{Builder, Content, Doubt, Facts, float};
use crate::quantity::SECONDS;
use crate::relations;

/// Whether a document has the shape of pytest-benchmark's.
pub fn fits(document: &Value<'_>) -> bool {
    let rows = document.get("benchmarks").and_then(Value::as_list);
    document.get("machine_info").is_some()
        && rows.is_some_and(|rows| rows.iter().all(|row| row.get("stats").is_some() && row.get("name").is_some()))
}

/// Reads it: `{"test_sum":{"count":17643,"mean_ms":…,"p50_ms":…,"rate":…}}`; tests of one name by their full name.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut facts = Facts { format: "pytest-benchmark", ..Facts::default() };
    let rows = document.get("benchmarks").and_then(Value::as_list).unwrap_or_default();
    let text = |row: &Value<'a>, key: &str| row.get(key).and_then(Value::as_text).unwrap_or_default().to_owned();
    let mut report = Builder::default();
    for row in rows {
        let name = text(row, "name");
        let shared = rows.iter().filter(|other| text(other, "name") == name).count() > 1;
        let name = if shared { text(row, "fullname") } else { name };
        let stats = row.get("stats").cloned().unwrap_or_default();
        let mut into = Builder::default();
        if let Some(rounds) = stats.get("rounds") {
            into.put("count", rounds.clone());
        }
        for (ours, key) in [
            ("min_ms", "min"),
            ("mean_ms", "mean"),
            ("p25_ms", "q1"),
            ("p50_ms", "median"),
            ("p75_ms", "q3"),
            ("max_ms", "max"),
            ("stddev_ms", "stddev"),
            ("total_ms", "total"),
        ] {
            if let Some(value) = stats.get(key) {
                into.put(ours, scaled(Some(value), SECONDS));
            }
        }
        for (ours, key) in [("iterations", "iterations"), ("rate", "ops")] {
            if let Some(value) = stats.get(key) {
                into.put(ours, value.clone());
            }
        }
        let summary = Value::Object(into.build());
        let mut doubts = relations::ordered(&summary, &[]);
        if float(&stats, "max") == Some(0.0) {
            let keys = summary.as_object().into_iter().flat_map(schema::Object::iter).map(|(key, _)| key);
            let times = keys.filter(|key| key.ends_with("_ms") || *key == "rate");
            doubts.extend(times.map(|key| Doubt::new(&[key], Code::NoSamples, "every round took 0 s: none was timed")));
        }
        put((summary, doubts), &name, &mut report, &mut facts.doubts);
    }
    if rows.is_empty() {
        facts.doubts.push(Doubt::new(&[], Code::NoSamples, "the report has no benchmarks"));
    }
    facts.span.see_text(document.get("datetime").and_then(Value::as_text).unwrap_or_default());
    facts.content = Content::One(Value::Object(report.build()));
    facts
}
