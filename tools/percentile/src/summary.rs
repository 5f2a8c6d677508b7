//! The summary of one metric as it is written: count, missing, min, mean, stddev, percentiles, max, method.
//!
//! Owns the fields and their order, and what is null where there are no samples. Refuses to print a number that is
//! not exact or correctly rounded without saying so under `approximate`.

use schema::{Number, Object, Value};

use crate::decimal::Decimal;
use crate::groups::Metric;
use crate::moments::Total;
use crate::rank::{Method, Percentile};

/// What of a metric is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The percentiles.
    pub percentiles: Vec<Percentile>,
    /// Their definition.
    pub method: Method,
    /// Whether the sum is.
    pub sum: bool,
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
    let (sum, squares) = samples.totals();
    object.insert("min", or_null(ends.map(|(least, _)| least.number())));
    if asked.sum {
        object.insert("sum", or_null(if count == 0 { None } else { sum.number() }));
    }
    object.insert("mean", or_null(sum.mean(count)));
    object.insert("stddev", or_null(sum.deviation(&squares, count)));
    for percentile in &asked.percentiles {
        let value = if count == 0 { None } else { value(asked.method, percentile, count, at) };
        object.insert(percentile.name.clone(), or_null(value));
    }
    object.insert("max", or_null(ends.map(|(_, most)| most.number())));
    object.insert("method", asked.method.name());
    if let Some(sketch) = samples.as_sketch() {
        let mut approximate = Object::new();
        approximate.insert("relative_error", or_null(Number::from_f64(sketch.relative_error())));
        object.insert("approximate", approximate);
    }
    object
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
