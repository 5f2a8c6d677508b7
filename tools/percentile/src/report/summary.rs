//! The summary of one metric as it is written: count, missing, min, mean, stddev, percentiles, max, method; and which
//! of these figures cannot be told.
//!
//! Owns the fields and their order, and what is null where there are no samples. Refuses to print a number that is
//! not exact or correctly rounded without saying so under `approximate`, and between what it lies in `@evidence`.

use schema::{Code, Number, Object, Unknown, Value};

use crate::groups::Metric;
use crate::groups::doubt::{NO_LIMIT, Reach};
use crate::options::Asked;
use crate::samples::Samples;
use crate::stats::binomial;
use crate::stats::buckets;
#[cfg(test)]
use crate::stats::definitions::Method;
use crate::stats::definitions::{Level, Percentile};
use crate::stats::interval::{Span, between};
use crate::stats::moments::Moments;
use number::Sample;
use number::Total;

/// A summary, and which of its figures cannot be told.
#[derive(Debug, Default)]
pub struct Summary {
    /// The figures.
    pub object: Object<'static>,
    /// What cannot be told; the path is the figure's key.
    pub unknown: Vec<Unknown>,
}

/// What a summary says of the records besides their samples.
#[derive(Clone, Copy, Debug, Default)]
pub struct Records {
    /// How many records the group has.
    pub all: u64,
    /// Of how many `--where` could not tell, since they lack what it reads.
    pub undecided: u64,
    /// Whether the input had no records at all.
    pub none: bool,
}

/// The summary of `metric` of a group with so many records.
pub fn summary(metric: &mut Metric, records: Records, asked: &Asked) -> Summary {
    metric.samples.settle();
    let reach = Reach::of(metric.doubts.as_deref().into_iter());
    let samples = &metric.samples;
    let count = samples.count();
    let doubtful = metric.doubtful();
    let known = metric.records();
    let mut object = Object::new();
    object.insert("count", count);
    object.insert("missing", records.all.saturating_sub(known));
    for (key, value) in [
        ("invalid", metric.invalid),
        ("allowed", metric.allowed),
        ("doubtful", doubtful),
        ("undecided", records.undecided),
    ] {
        if value > 0 {
            object.insert(key, value);
        }
    }
    let is_exact = !asked.buckets && samples.as_sketch().is_none();
    let lost = reach.as_ref().map_or(0, |reach| reach.lost);
    let spans: Vec<Span> = if reach.is_none() && is_exact {
        Vec::new()
    } else {
        asked.percentiles.iter().map(|percentile| Span::of(asked.method, percentile, count, lost)).collect()
    };
    let mut ranks: Vec<u64> = spans.iter().flat_map(Span::ranks).collect();
    if count > 0 {
        for percentile in &asked.percentiles {
            let place = asked.method.place(percentile, count);
            ranks.extend([place.low, place.high]);
        }
    }
    let sure = asked.sure.as_ref().map(|level| confidence(level, asked, count, lost)).unwrap_or_default();
    ranks.extend(sure.iter().flat_map(|(low, high)| [*low, *high]).flatten());
    ranks.sort_unstable();
    ranks.dedup();
    let found = samples.select(&ranks);
    let at = |rank: u64| ranks.binary_search(&rank).ok().and_then(|place| found.get(place)).copied();
    let limits = if is_exact { Vec::new() } else { samples.edges(&ranks) };
    let ends = samples.ends();
    let (sum, squares) = if asked.buckets { middles(samples) } else { samples.totals() };
    let upper = |one: Sample| if asked.buckets { edge(one, buckets::highest) } else { one };
    object.insert("min", or_null(ends.map(|(least, _)| least.number())));
    if asked.sum {
        object.insert("sum", or_null(if count == 0 { None } else { sum.number() }));
    }
    object.insert("mean", or_null(sum.mean(count)));
    object.insert("stddev", or_null(sum.deviation(&squares, count)));
    for percentile in &asked.percentiles {
        let at = |rank: u64| at(rank).map(|one| if percentile.is_least() { one } else { upper(one) });
        let value = if count == 0 { None } else { between(asked.method.place(percentile, count), at) };
        object.insert(percentile.name.clone(), or_null(value));
    }
    let edges = |rank: u64| {
        let place = ranks.binary_search(&rank).ok()?;
        let one = *found.get(place)?;
        Some(if asked.buckets { (one, upper(one)) } else { limits.get(place).copied().unwrap_or((one, one)) })
    };
    for (percentile, (low, high)) in asked.percentiles.iter().zip(&sure) {
        let low = low.and_then(edges).map(|(low, _)| low.number());
        let high = high.and_then(edges).map(|(_, high)| high.number());
        object.insert(format!("{}_low", percentile.name), or_null(low));
        object.insert(format!("{}_high", percentile.name), or_null(high));
    }
    if let Some(level) = &asked.sure {
        object.insert("sure", level.share.number());
    }
    object.insert("max", or_null(ends.map(|(_, most)| upper(most).number())));
    object.insert("method", asked.method.name());
    if let Some(interval) = asked.interval {
        object.insert("expected_interval", interval.number());
    }
    let mut unknown = Unknowns::default();
    if records.none {
        let figures = object.iter().filter(|(_, value)| matches!(value, Value::Number(_) | Value::Null));
        for (key, _) in figures.filter(|(key, _)| *key != "missing" && *key != "expected_interval") {
            unknown.put(key, Code::NoRecords, "the input had no records", [None, None]);
        }
    }
    let code = reach.as_ref().map_or(Code::WithinError, |reach| reach.code);
    let relative = if asked.buckets {
        // A bucket of three significant digits is at most a thousandth of its value wide.
        Some(0.001)
    } else {
        samples.as_sketch().map(|sketch| sketch.relative_error()).or(metric.rounded.then_some(ROUNDING))
    };
    let detail = match (&reach, relative) {
        (Some(reach), _) => reach.detail.clone(),
        (None, Some(error)) => format!("known to a relative error of {error}"),
        (None, None) => String::new(),
    };
    if let Some(reach) = &reach {
        doubts(&mut unknown, reach, count, ends, upper, asked);
    } else if asked.buckets {
        buckets(&mut unknown, &detail, ends, &object);
    }
    if object.get("sum").is_some() && metric.rounded && reach.is_none() {
        unknown.put("sum", Code::WithinError, "samples with more than 18 digits are rounded", [None, None]);
    }
    for (percentile, span) in asked.percentiles.iter().zip(&spans) {
        // The correction of omissions makes up no one knows how many samples of one that was lost.
        let is_open = asked.interval.is_some() && lost > 0;
        let ends = if is_open { [None, None] } else { span.ends(edges) };
        if count > 0 || reach.is_some() {
            unknown.put(&percentile.name, code, &detail, ends);
        }
    }
    if let Some(error) = relative {
        object.insert("approximate", relative_error(error));
    }
    if metric.rounded {
        widened(&mut unknown, &object, ends);
    }
    Summary { object, unknown: unknown.0 }
}

/// The ranks, among the samples that were read, between which each percentile lies at a level; lost samples were below
/// everything for the one, and above for the other.
fn confidence(level: &Level, asked: &Asked, count: u64, lost: u64) -> Vec<(Option<u64>, Option<u64>)> {
    let all = count.checked_add(lost).filter(|&all| all <= i64::MAX as u64);
    let of = |percentile: &Percentile| {
        let (low, high) = all.map_or((None, None), |all| binomial::ranks(percentile, all, level));
        (low.and_then(|low| low.checked_sub(lost)).filter(|&low| low > 0), high.filter(|&high| high <= count))
    };
    asked.percentiles.iter().map(of).collect()
}

/// What cannot be told, in order.
#[derive(Default)]
struct Unknowns(Vec<Unknown>);

impl Unknowns {
    /// Notes that a figure lies between two limits, unless these are one and the same value.
    fn put(&mut self, key: &str, code: Code, detail: &str, [low, high]: [Option<Number<'static>>; 2]) {
        if low.is_some() && low == high {
            return;
        }
        self.0.push(Unknown { path: key.to_owned(), code, detail: detail.to_owned(), low, high });
    }
}

/// What lost samples make of all figures but the percentiles.
fn doubts(
    unknown: &mut Unknowns,
    reach: &Reach,
    count: u64,
    ends: Option<(Sample, Sample)>,
    upper: impl Fn(Sample) -> Sample,
    asked: &Asked,
) {
    let Reach { code, detail, .. } = reach;
    let uncounted = if asked.interval.is_some() { NO_LIMIT } else { reach.uncounted };
    if uncounted > 0 {
        let most = count.checked_add(uncounted).map(Number::from);
        unknown.put("count", *code, detail, [Some(Number::from(count)), most]);
    }
    unknown.put("min", *code, detail, [None, ends.map(|(least, _)| upper(least).number())]);
    for key in ["sum", "mean", "stddev"] {
        if key != "sum" || asked.sum {
            unknown.put(key, *code, detail, [None, None]);
        }
    }
    unknown.put("max", *code, detail, [ends.map(|(_, most)| most.number()), None]);
}

/// How far the nearest double of a number is from it at most, as a share of it: 2^-53 and a bit.
const ROUNDING: f64 = 1.2e-16;

/// Between what the figures lie where a sample was rounded to a double: nothing is known to more than that.
fn widened(unknown: &mut Unknowns, object: &Object<'_>, ends: Option<(Sample, Sample)>) {
    let largest = ends.map_or(0.0, |(least, most)| least.to_f64().abs().max(most.to_f64().abs()));
    for (key, value) in object.iter() {
        let Some(value) = value.as_number().and_then(Number::to_f64) else { continue };
        let of_all = matches!(key, "mean" | "stddev");
        let is_one =
            matches!(key, "min" | "max") || key.strip_prefix('p').is_some_and(|rest| rest.parse::<f64>().is_ok());
        if !of_all && !is_one {
            continue;
        }
        let error = if of_all { 4.0 * largest * ROUNDING } else { value.abs() * ROUNDING };
        let [low, high] = [(value - error).next_down(), (value + error).next_up()].map(Number::from_f64);
        match unknown.0.iter_mut().find(|entry| entry.path == key) {
            // Limits that are there are those of samples, and rounded like these.
            Some(entry) => {
                let about = |limit: &Option<Number<'static>>| limit.as_ref().and_then(Number::to_f64);
                let wider = |limit: f64, sign: f64| limit + sign * (limit.abs() * ROUNDING);
                entry.low = about(&entry.low).and_then(|limit| Number::from_f64(wider(limit, -1.0).next_down()));
                entry.high = about(&entry.high).and_then(|limit| Number::from_f64(wider(limit, 1.0).next_up()));
            }
            None => unknown.put(key, Code::WithinError, "samples with more than 18 digits are rounded", [low, high]),
        }
    }
}

/// Between what the figures of samples lie that are known to their bucket only, but for the percentiles.
fn buckets(unknown: &mut Unknowns, detail: &str, ends: Option<(Sample, Sample)>, object: &Object<'_>) {
    let Some((least, most)) = ends else { return };
    let upper = |one: Sample| edge(one, buckets::highest);
    let code = Code::WithinError;
    unknown.put("min", code, detail, [Some(least.number()), Some(upper(least).number())]);
    unknown.put("max", code, detail, [Some(most.number()), Some(upper(most).number())]);
    // No sample lies further from the middle of its bucket than half of the widest, the one of the greatest sample.
    let width = upper(most).to_f64() - most.to_f64();
    if width == 0.0 {
        return;
    }
    for key in ["sum", "mean", "stddev"] {
        let Some(value) = object.get(key).and_then(Value::as_number).and_then(Number::to_f64) else { continue };
        let count = object.get("count").and_then(Value::as_number).and_then(Number::to_f64).unwrap_or(1.0);
        // The deviation of the distances is at most the square root of n / (n - 1) times the greatest of them.
        let width = if key == "sum" { width * count } else { width };
        let limits = [(value - width).next_down(), (value + width).next_up()];
        unknown.put(key, code, detail, limits.map(Number::from_f64));
    }
}

/// One percentile of samples, alone.
#[cfg(test)]
pub fn percentile(samples: &Samples, method: Method, percentile: &Percentile) -> Option<Number<'static>> {
    let place = method.place(percentile, samples.count());
    let found = samples.select(&[place.low, place.high]);
    between(place, |rank| found.get(usize::from(rank != place.low)).copied())
}

fn relative_error(error: f64) -> Object<'static> {
    let mut approximate = Object::new();
    approximate.insert("relative_error", or_null(Number::from_f64(error)));
    approximate
}

/// The sums of samples as if each lay in the middle of its bucket.
fn middles(samples: &Samples) -> (Total, Total) {
    let mut moments = Moments::default();
    samples.each_about(|one, count| moments.add(buckets::middle(one.at_scale(0).unwrap_or_default()), 0, count));
    moments.totals()
}

fn edge(one: Sample, edge: fn(i64) -> i64) -> Sample {
    one.at_scale(0).map_or(one, |value| Sample::new(edge(value), 0))
}

fn or_null(number: Option<Number<'static>>) -> Value<'static> {
    number.map_or(Value::Null, Value::Number)
}
