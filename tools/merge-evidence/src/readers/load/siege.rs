//! siege's JSON (4.0.7, `-j`): seconds with two decimals, a percentage for availability.
//!
//! Its `transactions` are the answers that it takes for no failure, 404 among them; only those below 400 are successful.
//! There are no percentiles.

use schema::{Code, Value};

use super::{Load, Of, Said};
use crate::facts::{Doubt, Facts, float};
use crate::quantity::{SECONDS, shift};
use crate::relations::Rounding;

/// Whether a document has the shape of siege's.
pub fn fits(document: &Value<'_>) -> bool {
    ["transactions", "availability", "successful_transactions", "failed_transactions", "longest_transaction"]
        .iter()
        .all(|key| document.get(key).is_some_and(|value| value.as_number().is_some()))
}

/// Reads it.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let of = |key: &str| document.get(key).cloned();
    let whole = |key: &str| float(document, key).map(|count| count as u64);
    // An answer of 404 is neither successful nor failed to siege: it is a transaction.
    let unsuccessful = match (whole("transactions"), whole("successful_transactions")) {
        (Some(answered), Some(successful)) => answered.saturating_sub(successful),
        _ => 0,
    };
    let whose = if unsuccessful > 0 { Of::Answers } else { Of::Successes };
    // Ten milliseconds is the least that two decimals of a second tell.
    let mut load = Load::new("siege", whose, whose, Rounding { absolute: 10.0, relative: 0.0 });
    load.failed = match of("failed_transactions") {
        Some(value) if unsuccessful == 0 => Said::of(Some(value)),
        _ => whole("failed_transactions").map_or_else(Said::default, |failed| Said::count(failed + unsuccessful)),
    };
    load.requests = match (whole("transactions"), whole("failed_transactions")) {
        (Some(answered), Some(failed)) => Said::count(answered + failed),
        _ => Said::default(),
    };
    load.unanswered = Said::never("siege counts refused connections and bad answers together");
    load.rate = Said::of(of("transaction_rate"));
    load.duration_ms = Said::of(of("elapsed_time").map(|seconds| shift(&seconds, SECONDS)));
    for (name, key) in
        [("min_ms", "shortest_transaction"), ("mean_ms", "response_time"), ("max_ms", "longest_transaction")]
    {
        load.latency.push((name.to_owned(), of(key).map_or(Value::Null, |seconds| shift(&seconds, SECONDS))));
    }
    for name in ["p50_ms", "p90_ms", "p95_ms", "p99_ms"] {
        load.latency_lacks.push((name, "siege has no percentiles"));
    }
    for (name, key) in
        [("availability_pct", "availability"), ("concurrency", "concurrency"), ("throughput_mb_per_s", "throughput")]
    {
        if let Some(value) = of(key) {
            load.more.push((name.to_owned(), value));
        }
    }
    if let (Some(said), Some(answered), Some(failed)) =
        (float(document, "availability"), whole("transactions"), whole("failed_transactions"))
        && answered + failed > 0
    {
        // Two decimals of a percentage.
        let share = answered as f64 * 100.0 / (answered + failed) as f64;
        if (said - share).abs() > 0.02 {
            let detail = format!("availability != transactions / all: {said} != {share}");
            for name in ["failed", "errors", "success_ratio", "availability_pct"] {
                load.unsure.push(Doubt::new(&[name], Code::Inconsistent, detail.clone()));
            }
        }
    }
    load.finish()
}
