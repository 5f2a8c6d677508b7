//! siege's JSON (4.0.7, `-j`): seconds with two decimals, a percentage for availability.
//!
//! Its `transactions` are the answers that were no failure. There are no percentiles.

use schema::Value;

use super::{Load, Of, Said};
use crate::facts::{Facts, float};
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
    // Ten milliseconds is the least that two decimals of a second tell.
    let mut load = Load::new("siege", Of::Successes, Of::Successes, Rounding { absolute: 10.0, relative: 0.0 });
    let of = |key: &str| document.get(key).cloned();
    let whole = |key: &str| float(document, key).map(|count| count as u64);
    load.failed = Said::of(of("failed_transactions"));
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
    load.finish()
}
