//! sysbench's report (1.0.20): milliseconds with two decimals.
//!
//! Only the database tests count errors; they ignore some, and reconnect.

use schema::{Code, Number};

use crate::facts::{Doubt, Facts, Failure};
use crate::quantity::{self, SECONDS, shift};
use crate::readers::load::{Load, Of, Said, behind, first_count, number};
use crate::relations::Rounding;

/// Whether a text is such a report.
pub fn fits(text: &str) -> bool {
    text.trim_start().starts_with("sysbench ") && text.contains("Running the test with following options")
}

/// How far the bounds of its histogram are apart: 1,024 of them from 0.001 to 100,000 ms.
const STEP: f64 = 0.018;
/// Half of the last digit that it prints, in milliseconds.
const HALF: f64 = 0.005;

/// Reads a report.
///
/// # Errors
/// A report without its number of events: it was cut short.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let mut load = Load::new("sysbench", Of::Requests, Of::Requests, Rounding { absolute: 0.01, relative: STEP });
    let seconds = behind(text, "total time:").and_then(|time| time.strip_suffix('s')).map(str::trim);
    let Some(events) = behind(text, "total number of events:").and_then(first_count) else {
        return Err(Failure::whole("no \"total number of events\": the report of sysbench was cut short"));
    };
    // The last line: without it the number may be the beginning of one.
    if behind(text, "execution time (avg/stddev):").is_none() {
        return Err(Failure::whole("no \"execution time\" at its end: the report of sysbench was cut short"));
    }
    load.requests = Said::count(events);
    let ignored = behind(text, "ignored errors:").and_then(first_count);
    load.failed = ignored.map_or_else(|| Said::never("this test of sysbench does not count errors"), Said::count);
    load.unanswered = Said::never("sysbench ends at a lost connection");
    load.duration_ms = Said::of(seconds.map(|seconds| shift(&number(seconds), SECONDS)));
    let rate = behind(text, "events per second:").map(number).or_else(|| {
        let transactions = behind(text, "transactions:")?;
        let (_, rate) = transactions.split_once('(')?;
        rate.split(' ').next().map(number)
    });
    let made = seconds.and_then(|seconds| seconds.parse::<f64>().ok()).filter(|seconds| *seconds > 0.0);
    load.rate = Said::of(rate.or_else(|| made.map(|seconds| quantity::value(events as f64 / seconds))));
    let latency = text.split_once("Latency (ms):").map_or("", |(_, rest)| rest);
    for line in latency.lines().skip(1) {
        let Some((name, value)) = line.trim().split_once(':') else { break };
        let name = match name {
            "min" => "min_ms".to_owned(),
            "avg" => "mean_ms".to_owned(),
            "max" => "max_ms".to_owned(),
            "sum" => "total_ms".to_owned(),
            name => match name.split_once("th percentile").or_else(|| name.split_once("st percentile")) {
                Some((rank, _)) => format!("p{rank}_ms"),
                None => continue,
            },
        };
        let value = number(value);
        if let (true, Some(figure)) = (name.starts_with('p'), value.as_number().and_then(Number::to_f64)) {
            let reason = "sysbench reads it off a histogram whose bounds are 1.8 % apart";
            let [low, high] =
                [(figure / (1.0 + STEP) - HALF).max(0.0), figure * (1.0 + STEP) + HALF].map(Number::from_f64);
            load.limits.push(Doubt::new(&[&name], Code::WithinError, reason).within(low, high));
        }
        load.latency.push((name, value));
    }
    for name in ["p50_ms", "p90_ms", "p95_ms", "p99_ms"] {
        load.latency_lacks.push((name, "sysbench prints the one percentile that --percentile asks for"));
    }
    if let Some(count) = behind(text, "reconnects:").and_then(first_count) {
        load.more.push(("reconnects".to_owned(), count.into()));
    }
    Ok(load.finish())
}
