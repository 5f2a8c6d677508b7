//! The summary of one metric as it is written: count, missing, min, mean, stddev, percentiles, max, method.
//!
//! Owns the fields and their order, and what is null where there are no samples. Refuses to print a number that is
//! not exact or correctly rounded without saying so under `approximate`.

use schema::{Number, Object, Value};

use crate::decimal::Decimal;
use crate::groups::Metric;
use crate::hlog;
use crate::moments::{Moments, Total};
use crate::rank::{Method, Percentile};
use crate::samples::Samples;

/// What of a metric is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The percentiles.
    pub percentiles: Vec<Percentile>,
    /// Their definition.
    pub method: Method,
    /// Whether the sum is.
    pub sum: bool,
    /// Whether the samples are lower edges of HdrHistogram's buckets.
    pub buckets: bool,
    /// What `--expected-interval` corrected them by.
    pub interval: Option<Decimal>,
}

/// The summary of `metric`, which `missing` records lacked.
pub fn summary(metric: &mut Metric, missing: u64, asked: &Asked) -> Object<'static> {
    metric.samples.settle();
    let samples = &metric.samples;
    let count = samples.count();
    let mut object = Object::new();
    object.insert("count", count);
    object.insert("missing", missing);
    if metric.invalid > 0 {
        object.insert("invalid", metric.invalid);
    }
    let mut ranks: Vec<u64> = Vec::new();
    if count > 0 {
        for percentile in &asked.percentiles {
            let place = asked.method.place(percentile, count);
            ranks.extend([place.low, place.high]);
        }
    }
    ranks.sort_unstable();
    ranks.dedup();
    let found = samples.select(&ranks);
    let at = |rank: u64| ranks.binary_search(&rank).ok().and_then(|place| found.get(place)).copied();
    let ends = samples.ends();
    let (sum, squares) = if asked.buckets { middles(samples) } else { samples.totals() };
    let upper = |one: Decimal| if asked.buckets { edge(one, hlog::highest) } else { one };
    object.insert("min", or_null(ends.map(|(least, _)| least.number())));
    if asked.sum {
        object.insert("sum", or_null(if count == 0 { None } else { sum.number() }));
    }
    object.insert("mean", or_null(sum.mean(count)));
    object.insert("stddev", or_null(sum.deviation(&squares, count)));
    for percentile in &asked.percentiles {
        let at = |rank: u64| at(rank).map(|one| if percentile.is_least() { one } else { upper(one) });
        let value = if count == 0 { None } else { value(asked.method, percentile, count, at) };
        object.insert(percentile.name.clone(), or_null(value));
    }
    object.insert("max", or_null(ends.map(|(_, most)| upper(most).number())));
    object.insert("method", asked.method.name());
    if let Some(interval) = asked.interval {
        object.insert("expected_interval", interval.number());
    }
    if asked.buckets {
        // A bucket of three significant digits is at most a thousandth of its value wide.
        object.insert("approximate", relative_error(0.001));
    }
    if let Some(sketch) = samples.as_sketch() {
        object.insert("approximate", relative_error(sketch.relative_error()));
    }
    object
}

/// One percentile of samples, alone.
#[cfg(test)]
pub fn percentile(samples: &Samples, method: Method, percentile: &Percentile) -> Option<Number<'static>> {
    let place = method.place(percentile, samples.count());
    let found = samples.select(&[place.low, place.high]);
    value(method, percentile, samples.count(), |rank| found.get(usize::from(rank != place.low)).copied())
}

fn relative_error(error: f64) -> Object<'static> {
    let mut approximate = Object::new();
    approximate.insert("relative_error", or_null(Number::from_f64(error)));
    approximate
}

/// The sums of samples as if each lay in the middle of its bucket.
fn middles(samples: &Samples) -> (Total, Total) {
    let mut moments = Moments::default();
    samples.each_about(|one, count| moments.add(hlog::middle(one.at_scale(0).unwrap_or_default()), 0, count));
    moments.totals()
}

fn edge(one: Decimal, edge: fn(i64) -> i64) -> Decimal {
    one.at_scale(0).map_or(one, |value| Decimal::new(edge(value), 0))
}

fn value(
    method: Method,
    percentile: &Percentile,
    count: u64,
    at: impl Fn(u64) -> Option<Decimal>,
) -> Option<Number<'static>> {
    let place = method.place(percentile, count);
    let low = at(place.low)?;
    if place.above == 0 {
        return Some(low.number());
    }
    let high = at(place.high)?;
    if low == high { Some(low.number()) } else { Total::between(low, high, place.above, place.parts) }
}

fn or_null(number: Option<Number<'static>>) -> Value<'static> {
    number.map_or(Value::Null, Value::Number)
}
