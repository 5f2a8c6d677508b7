//! Google Benchmark's JSON (`--benchmark_format=json`, 1.7): by benchmark, the unit of each row becomes milliseconds.
//!
//! The time of a row is a mean over its iterations. Repetitions of one benchmark are the samples of its statistics.

use schema::{Code, Number, Value};

use super::{places, scaled};
use crate::facts::{Builder, Content, Doubt, Facts, float};
use crate::quantity;

/// Whether a document has the shape of Google Benchmark's.
pub fn fits(document: &Value<'_>) -> bool {
    let rows = document.get("benchmarks").and_then(Value::as_list);
    document.get("context").is_some()
        && rows.is_some_and(|rows| rows.iter().all(|row| row.get("name").is_some() && row.get("iterations").is_some()))
}

/// Reads it: `{"BM_x":{"count":3,"mean_ms":…,"cpu_mean_ms":…}}`.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut facts = Facts { format: "google-benchmark", ..Facts::default() };
    let rows = document.get("benchmarks").and_then(Value::as_list).unwrap_or_default();
    let text = |row: &Value<'a>, key: &str| row.get(key).and_then(Value::as_text).map(str::to_owned);
    let mut names: Vec<String> = Vec::new();
    for row in rows {
        let name = text(row, "run_name").or_else(|| text(row, "name")).unwrap_or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut report = Builder::default();
    for name in names {
        let of: Vec<&Value<'a>> = rows
            .iter()
            .filter(|row| text(row, "run_name").or_else(|| text(row, "name")).as_deref() == Some(name.as_str()))
            .collect();
        let runs = of.iter().filter(|row| text(row, "run_type").as_deref() != Some("aggregate"));
        let runs: Vec<&Value<'a>> = runs.copied().collect();
        // What failed, was skipped (1.8) or went through no iteration measured nothing.
        let told = |row: &&&Value<'a>, key: &str| row.get(key) == Some(&Value::Bool(true));
        let failed = of.iter().find(|row| told(row, "error_occurred"));
        let unmeasured =
            failed.map(|row| format!("the benchmark failed: {}", text(row, "error_message").unwrap_or_default()));
        let skipped = of.iter().find(|row| told(row, "skipped"));
        let unmeasured = unmeasured
            .or_else(|| skipped.map(|row| format!("it was skipped: {}", text(row, "skip_message").unwrap_or_default())))
            .or_else(|| {
                let idle = runs.iter().any(|run| float(run, "iterations") == Some(0.0));
                idle.then(|| "it went through no iteration".to_owned())
            });
        let mut into = Builder::default();
        if !runs.is_empty() {
            into.put("count", runs.len() as u64);
        }
        if let Some([Value::Number(iterations)]) =
            runs.first().and_then(|run| run.get("iterations")).map(std::slice::from_ref)
        {
            into.put("iterations", Value::Number(iterations.clone()));
        }
        for (prefix, key) in [("", "real_time"), ("cpu_", "cpu_time")] {
            let times: Vec<Value<'static>> = runs.iter().map(|run| time(run, key)).collect();
            let doubles: Vec<f64> = times.iter().filter_map(|time| time.as_number()?.to_f64()).collect();
            match times.as_slice() {
                [] => {}
                [one] => {
                    into.put(format!("{prefix}mean_ms"), one.clone());
                }
                _ => {
                    let mean = doubles.iter().sum::<f64>() / doubles.len() as f64;
                    for (statistic, value) in [
                        ("min_ms", doubles.iter().copied().fold(f64::INFINITY, f64::min)),
                        ("mean_ms", mean),
                        ("max_ms", doubles.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
                    ] {
                        into.put(format!("{prefix}{statistic}"), quantity::value(value));
                    }
                }
            }
            for row in of.iter().filter(|row| text(row, "run_type").as_deref() == Some("aggregate")) {
                let statistic = match text(row, "aggregate_name").as_deref() {
                    Some("median") => "p50",
                    Some("stddev") => "stddev",
                    Some("mean") => "mean",
                    // The coefficient of variation and the user's own have other units.
                    _ => continue,
                };
                into.put(format!("{prefix}{statistic}_ms"), time(row, key));
            }
        }
        for (ours, key) in [("items_per_s", "items_per_second"), ("bytes_per_s", "bytes_per_second")] {
            if let Some(value) = runs.first().and_then(|run| run.get(key)) {
                into.put(ours, value.clone());
            }
        }
        let mut into = into.build();
        if let Some(reason) = unmeasured {
            let keys: Vec<String> = into.iter().map(|(key, _)| key.to_owned()).filter(|key| key != "count").collect();
            for key in keys {
                into.insert(key.clone(), Value::Null);
                facts.doubts.push(Doubt::new(&[&name, &key], Code::NoSamples, reason.clone()));
            }
        }
        into.insert("failed", Value::Bool(failed.is_some()));
        report.put(name, into);
    }
    if rows.is_empty() {
        facts.doubts.push(Doubt::new(&[], Code::NoSamples, "the report has no benchmarks"));
    }
    let date = document.get("context").and_then(|context| context.get("date")).and_then(Value::as_text);
    facts.span.see_text(date.unwrap_or_default());
    facts.content = Content::One(Value::Object(report.build()));
    facts
}

/// A time of a row in milliseconds.
fn time(row: &Value<'_>, key: &str) -> Value<'static> {
    let unit = row.get("time_unit").and_then(Value::as_text).unwrap_or("ns");
    match row.get(key) {
        // Version 1.7 writes 1.4188162275589443e+02.
        Some(Value::Number(number)) => match places(unit) {
            Some(places) => scaled(Some(&Value::Number(Number::clone(number))), places),
            None => Value::Null,
        },
        _ => Value::Null,
    }
}
