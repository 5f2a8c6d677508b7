//! fio's JSON (`--output-format=json`, 3.33): by job and direction, nanoseconds become milliseconds.
//!
//! `latency` is the whole time of an operation, `completion` the part after it was submitted; fio gives percentiles of the
//! latter. A direction that did nothing has zeros for statistics: they are of no operation.

use schema::{Code, Object, Value};

use super::{count, put, rank, scaled};
use crate::facts::{Builder, Content, Doubt, Facts};
use crate::quantity::NANOSECONDS;
use crate::relations;

/// Whether a document has the shape of fio's.
pub fn fits(document: &Value<'_>) -> bool {
    document.get("fio version").is_some() && document.get("jobs").is_some_and(|jobs| jobs.as_list().is_some())
}

/// Reads it: `{"job":{"error":0,"read":{"operations":…,"iops":…,"latency":{"mean_ms":…}}}}`.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut facts = Facts { format: "fio", ..Facts::default() };
    let mut report = Builder::default();
    for job in document.get("jobs").and_then(Value::as_list).unwrap_or_default() {
        let name = job.get("jobname").and_then(Value::as_text).unwrap_or("job");
        put(one(job), name, &mut report, &mut facts.doubts);
    }
    let report = report.build();
    if report.is_empty() {
        facts.doubts.push(Doubt::new(&[], Code::NoSamples, "the report has no jobs"));
    }
    if let Some(Value::Number(seconds)) = document.get("timestamp") {
        facts.span.see_seconds(seconds.to_f64().unwrap_or(f64::NAN));
    }
    facts.content = Content::One(Value::Object(report));
    facts
}

fn one<'a>(job: &Value<'a>) -> (Value<'a>, Vec<Doubt>) {
    let mut doubts = Vec::new();
    let mut report = Builder::default();
    for (name, key) in [("error", "error"), ("total_errors", "total_err")] {
        if let Some(value) = job.get(key) {
            report.put(name, value.clone());
        }
    }
    for direction in ["read", "write", "trim"] {
        let Some(side) = job.get(direction) else { continue };
        let mut into = Builder::default();
        let operations = count(side, "total_ios");
        for (name, key) in [
            ("operations", "total_ios"),
            ("bytes", "io_bytes"),
            ("bytes_per_s", "bw_bytes"),
            ("iops", "iops"),
            ("duration_ms", "runtime"),
            ("short", "short_ios"),
            ("dropped", "drop_ios"),
        ] {
            if let Some(value) = side.get(key) {
                into.put(name, value.clone());
            }
        }
        for (name, key) in [("latency", "lat_ns"), ("completion", "clat_ns"), ("submission", "slat_ns")] {
            let Some(figures) = side.get(key) else { continue };
            let none = count(figures, "N") == Some(0) || operations == Some(0);
            let summary = statistics(figures, none);
            if none {
                let keys = summary.iter().map(|(key, _)| key).filter(|key| *key != "count");
                doubts.extend(
                    keys.map(|key| Doubt::new(&[direction, name, key], Code::NoSamples, "no operation was timed")),
                );
            }
            let summary = Value::Object(summary);
            if !none {
                doubts.extend(relations::ordered_within(
                    &summary,
                    &[direction.to_owned(), name.to_owned()],
                    // The classes of fio's histogram are up to 1/64 wide.
                    relations::Rounding { absolute: 0.0, relative: 0.016 },
                ));
            }
            into.put(name, summary);
        }
        report.put(direction, into.build());
    }
    (Value::Object(report.build()), doubts)
}

fn statistics(figures: &Value<'_>, none: bool) -> Object<'static> {
    let mut summary = Builder::default();
    let shown = |value: Option<&Value<'_>>| if none { Value::Null } else { scaled(value, NANOSECONDS) };
    if let Some(Value::Number(count)) = figures.get("N") {
        summary.put("count", Value::Number(count.clone().into_owned()));
    }
    for (name, key) in [("min_ms", "min"), ("mean_ms", "mean"), ("max_ms", "max"), ("stddev_ms", "stddev")] {
        if let Some(value) = figures.get(key) {
            summary.put(name, shown(Some(value)));
        }
    }
    for (text, value) in figures.get("percentile").and_then(Value::as_object).into_iter().flat_map(Object::iter) {
        summary.put(format!("p{}_ms", rank(text)), shown(Some(value)));
    }
    summary.build()
}
