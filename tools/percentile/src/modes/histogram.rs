//! Prometheus histograms: cumulative `le` buckets, and quantiles of them as `histogram_quantile` has them.
//!
//! Owns the buckets of each group and the interpolation (linear inside a bucket, from zero in the first), which is an
//! estimate: between which bounds the quantile lies for sure is said under `@evidence`. Refuses counts that fall, a
//! histogram without its `+Inf` bucket, and two metrics in one: nothing can be told from those.

use std::collections::{BTreeMap, HashMap};

use expr::{Path, Reading};
use filter::{Error, Filter, Records, Require};
use schema::{Code, Number, Object, Unknown, Value, json};

use crate::flags::Config;
use crate::plan::Plan;
use crate::read::left_out::reject;
use crate::report;
use crate::stats::definitions::Percentile;

/// One group's buckets.
struct Histogram {
    key: Vec<Value<'static>>,
    /// Upper bounds and cumulative counts.
    buckets: Vec<(f64, f64)>,
    /// The name of the metric, without what its parts are called by.
    name: Option<String>,
    /// What the `_count` of the metric says, where there is one.
    counted: Option<f64>,
    /// How each series spells each bound.
    spelled: HashMap<(Vec<u8>, u64), String>,
}

/// The quantile `q` of cumulative buckets in ascending order, the last of which is `+Inf`; `None` without samples.
///
/// As `bucketQuantile` of Prometheus has it.
fn quantile(q: f64, buckets: &[(f64, f64)]) -> Option<f64> {
    let (&(_, observations), finite) = buckets.split_last()?;
    let &(last_bound, _) = finite.last()?;
    if observations == 0.0 {
        return None;
    }
    let mut rank = q * observations;
    let Some(place) = finite.iter().position(|bucket| bucket.1 >= rank) else { return Some(last_bound) };
    let &(end, mut count) = finite.get(place)?;
    let mut start = 0.0;
    match place.checked_sub(1).and_then(|before| finite.get(before)) {
        None if end <= 0.0 => return Some(end),
        None => {}
        Some(&(bound, below)) => {
            start = bound;
            count -= below;
            rank -= below;
        }
    }
    Some(start + (end - start) * (rank / count))
}

/// Reads the buckets of all inputs and gives a record a group.
pub fn records(config: &Config, plan: &Plan, filter: &mut Filter) -> Result<Vec<Object<'static>>, Error> {
    let paths = |texts: &[&str]| texts.iter().filter_map(|text| Path::parse(text).ok()).collect::<Vec<Path>>();
    let bounds = paths(&["le", "labels.le"]);
    let names = paths(&["name", "__name__", "labels.__name__", "metric"]);
    let counts = if plan.fields.is_empty() { paths(&["value", "count"]) } else { plan.fields.clone() };
    let mut histograms: Vec<Histogram> = Vec::new();
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut records = Records::new(&config.files, Require::WhereSealing);
    while let Some(record) = records.next(filter)? {
        let place = format!("{}:{}", record.file, record.line);
        let value = &record.value;
        if !filter.keeps(value) {
            continue;
        }
        let first = |paths: &[Path]| {
            paths.iter().find_map(|path| match path.read(value) {
                Reading::Found(found) => Some(found.clone().into_owned()),
                _ => None,
            })
        };
        let name = first(&names).and_then(|name| name.as_text().map(str::to_owned));
        let (base, part) = name.as_deref().map(parted).unzip();
        let bound = first(&bounds);
        if bound.is_none() && part.is_none_or(|part| part != "_count") {
            filter.counts.skipped += 1;
            if part.is_none_or(str::is_empty) {
                filter.note("no bucket", place, "the record has no le; it is skipped");
            }
            continue;
        }
        let count = first(&counts).unwrap_or_default();
        let read = match &bound {
            Some(bound) => bucket(bound, &count).map(|(bound, count)| (Some(bound), count)),
            None => number(&count).map(|count| (None, count)).ok_or_else(|| wrong("the count", &count)),
        };
        let (limit, count) = match read {
            Ok(read) => read,
            Err(reason) => {
                reject(place, reason, filter)?;
                continue;
            }
        };
        let key: Vec<Value<'static>> =
            plan.by.iter().map(|path| first(std::slice::from_ref(path)).unwrap_or_default()).collect();
        let mut text = Vec::new();
        key.iter().for_each(|value| {
            json::write(value, &mut text);
            text.push(b'\n');
        });
        let at = *places.entry(text).or_insert_with(|| {
            histograms.push(Histogram { key, buckets: Vec::new(), name: None, counted: None, spelled: HashMap::new() });
            histograms.len() - 1
        });
        let Some(histogram) = histograms.get_mut(at) else { continue };
        filter.counts.used += 1;
        if let Some(base) = base {
            match &histogram.name {
                Some(known) if known != base => {
                    let reason = format!(
                        "{known} and {base} are two metrics, and their buckets do not add up: take one with --where \
                         'name == \"{known}_bucket\"', or tell them apart with -b name"
                    );
                    return Err(Error::data(place, reason));
                }
                Some(_) => {}
                None => histogram.name = Some(base.to_owned()),
            }
        }
        let (Some(limit), Some(bound)) = (limit, bound) else {
            *histogram.counted.get_or_insert(0.0) += count;
            continue;
        };
        let spelling = spelling(&bound);
        let series = (series(value, &counts), limit.to_bits());
        match histogram.spelled.get(&series) {
            Some(known) if *known != spelling => {
                let reason =
                    format!("le={known:?} and le={spelling:?} are one bound, written in two ways in one series");
                return Err(Error::data(place, reason));
            }
            Some(_) => {}
            None => drop(histogram.spelled.insert(series, spelling)),
        }
        // Of several instances the counts of one bound add up, as `sum by (le)` has it.
        match histogram.buckets.iter_mut().find(|bucket| bucket.0 == limit) {
            Some(bucket) => bucket.1 += count,
            None => histogram.buckets.push((limit, count)),
        }
    }
    crate::read::left_out::within_grant(filter)?;
    // A group of counts without a bucket is no histogram.
    histograms.retain(|histogram| !histogram.buckets.is_empty());
    let none = filter.counts.lines == 0;
    if histograms.is_empty() && plan.by.is_empty() {
        let buckets = vec![(f64::INFINITY, 0.0)];
        histograms.push(Histogram { key: Vec::new(), buckets, name: None, counted: None, spelled: HashMap::new() });
    }
    let told = report::rejected(filter);
    histograms.into_iter().map(|histogram| summary(histogram, plan, none, told.as_ref())).collect()
}

/// The name of a metric, and which part of a histogram the record is.
fn parted(name: &str) -> (&str, &str) {
    for part in ["_bucket", "_count", "_sum"] {
        if let Some(base) = name.strip_suffix(part) {
            return (base, part);
        }
    }
    (name, "")
}

/// How a bound is written.
fn spelling(bound: &Value<'_>) -> String {
    match bound {
        Value::Text(text) => text.to_string(),
        other => {
            let mut text = Vec::new();
            json::write(other, &mut text);
            String::from_utf8_lossy(&text).into_owned()
        }
    }
}

/// What tells a series from others: its labels but `le`, and whatever else the record says but its count and its time.
fn series(value: &Value<'_>, counts: &[Path]) -> Vec<u8> {
    let mut parts: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut put = |key: String, value: &Value<'_>| {
        let mut text = Vec::new();
        json::write(value, &mut text);
        parts.insert(key, text);
    };
    for (key, member) in value.as_object().into_iter().flat_map(Object::iter) {
        let is_count = counts.iter().any(|path| path.dotted() == key);
        match member {
            _ if is_count || matches!(key, "le" | "value" | "count" | "timestamp" | "ts" | "time") => {}
            Value::Object(labels) => {
                labels
                    .iter()
                    .filter(|(label, _)| *label != "le")
                    .for_each(|(label, value)| put(format!("{key}.{label}"), value));
            }
            other => put(key.to_owned(), other),
        }
    }
    let mut text = Vec::new();
    for (key, value) in parts {
        json::write_text(&key, &mut text);
        text.extend_from_slice(&value);
    }
    text
}

/// The upper bound and the count of a bucket; else what is wrong with it.
fn bucket(bound: &Value<'_>, count: &Value<'_>) -> Result<(f64, f64), String> {
    Ok((limit(bound).ok_or_else(|| wrong("le", bound))?, number(count).ok_or_else(|| wrong("the count", count))?))
}

fn number(count: &Value<'_>) -> Option<f64> {
    count.as_number().and_then(Number::to_f64).filter(|count| *count >= 0.0)
}

fn wrong(what: &str, value: &Value<'_>) -> String {
    let mut text = Vec::new();
    json::write(value, &mut text);
    let fault = if value.as_number().is_some_and(|number| number.as_str().starts_with('-')) {
        "below 0"
    } else {
        "not a number"
    };
    format!("{what} {} is {fault}", String::from_utf8_lossy(&text))
}

/// Between which bounds the quantile `q` lies: those of its bucket.
fn edges(q: f64, buckets: &[(f64, f64)]) -> [Option<f64>; 2] {
    let Some((&(_, observations), finite)) = buckets.split_last() else { return [None, None] };
    let rank = q * observations;
    let place = finite.iter().position(|bucket| bucket.1 >= rank).unwrap_or(finite.len());
    let above = finite.get(place).map(|bucket| bucket.0);
    // Nothing says that the first bucket begins at zero, but a quantile of 0 is in the first that holds anything.
    let below = place.checked_sub(1).and_then(|before| finite.get(before)).map(|bucket| bucket.0);
    [below, above]
}

fn summary(
    mut histogram: Histogram,
    plan: &Plan,
    none: bool,
    told: Option<&(u64, String)>,
) -> Result<Object<'static>, Error> {
    let mut record = Object::new();
    for (path, value) in plan.by.iter().zip(histogram.key) {
        record.insert(path.dotted().to_owned(), value);
    }
    histogram.buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    let fault = |reason: &str| {
        let mut text = Vec::new();
        json::write_object(&record, &mut text);
        Error::data(format!("--histogram {}", String::from_utf8_lossy(&text)), reason)
    };
    let Some(&(_, count)) = histogram.buckets.last().filter(|bucket| bucket.0 == f64::INFINITY) else {
        return Err(fault("has no bucket le=\"+Inf\", so the number of samples is unknown"));
    };
    if histogram.buckets.windows(2).any(|pair| matches!(pair, [a, b] if b.1 < a.1)) {
        return Err(fault("inconsistent: the counts of the buckets fall where they must not (they are cumulative)"));
    }
    let number = |value: Option<f64>| value.and_then(Number::from_f64).map_or(Value::Null, Value::Number);
    let mut summary = Object::new();
    summary.insert("count", number(Some(count)));
    for key in ["missing", "min", "mean", "stddev"] {
        summary.insert(key, if key == "missing" { Value::from(0) } else { Value::Null });
    }
    let mut unknown = Vec::new();
    let mut put = |key: &str, code: Code, detail: String, limits: [Option<f64>; 2]| {
        let [low, high] = limits.map(|limit| limit.and_then(Number::from_f64));
        unknown.push(Unknown { path: key.to_owned(), code, detail, low, high });
    };
    let disagreeing = histogram.counted.filter(|&counted| counted != count);
    let why = match disagreeing {
        _ if none => Some((Code::NoRecords, "the input had no records".to_owned())),
        Some(counted) => Some((Code::Inconsistent, format!("_count is {counted}, the bucket +Inf {count}"))),
        None => None,
    };
    if let Some((code, detail)) = &why {
        put("count", *code, detail.clone(), [None, None]);
    }
    for percentile in &plan.asked.percentiles {
        let q = Percentile::fraction(percentile);
        summary.insert(percentile.name.clone(), number(quantile(q, &histogram.buckets)));
        match &why {
            Some((code, detail)) => put(&percentile.name, *code, detail.clone(), [None, None]),
            None if count > 0.0 => {
                let limits = edges(q, &histogram.buckets);
                put(&percentile.name, Code::WithinError, "interpolated within a bucket".to_owned(), limits);
            }
            None => {}
        }
    }
    summary.insert("max", Value::Null);
    summary.insert("method", "histogram_quantile");
    let unknown = unknown.into_iter().map(|entry| report::placed(plan.name.as_ref(), entry)).collect();
    match &plan.name {
        Some(name) => {
            record.insert(name.clone(), summary);
        }
        None => {
            for (key, value) in summary {
                record.insert(key.into_owned(), value);
            }
        }
    }
    report::evidence(&mut record, unknown, told);
    Ok(record)
}

/// An upper bound: a number or its text, `+Inf` too.
fn limit(value: &Value<'_>) -> Option<f64> {
    let text = match value {
        Value::Number(number) => number.as_str(),
        Value::Text(text) => text.as_ref(),
        _ => return None,
    };
    match text {
        "+Inf" | "Inf" => Some(f64::INFINITY),
        _ => text.parse().ok().filter(|bound: &f64| bound.is_finite()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_lies_between_its_edges() {
        let buckets = [(0.1, 5.0), (0.25, 9.0), (1.0, 9.0), (f64::INFINITY, 12.0)];
        assert_eq!(edges(0.25, &buckets), [None, Some(0.1)]);
        assert_eq!(edges(0.5, &buckets), [Some(0.1), Some(0.25)]);
        // Above the last bound nothing is known but that.
        assert_eq!(edges(0.99, &buckets), [Some(1.0), None]);
        for percent in 1..=75 {
            let q = f64::from(percent) / 100.0;
            let ([low, high], value) = (edges(q, &buckets), quantile(q, &buckets).unwrap());
            assert!(low.is_none_or(|low| low <= value) && high.is_none_or(|high| value <= high), "{q}");
        }
    }

    #[test]
    fn agrees_with_prometheus() {
        let Some(text) = testkit::outside("cases/percentile/prom/histogram_quantile.json") else { return };
        let document = json::parse(text.as_bytes()).unwrap();
        let mut checked = 0;
        for case in document.get("cases").unwrap().as_list().unwrap() {
            let mut buckets: Vec<(f64, f64)> = Vec::new();
            for bucket in case.get("buckets").unwrap().as_list().unwrap() {
                let [bound, count] = bucket.as_list().unwrap() else { panic!() };
                buckets.push((limit(bound).unwrap(), count.as_number().unwrap().to_f64().unwrap()));
            }
            for (q, wanted) in case.get("expect").unwrap().as_object().unwrap().iter() {
                let q: f64 = match q.split_once('/') {
                    Some((a, b)) => a.parse::<f64>().unwrap() / b.parse::<f64>().unwrap(),
                    None => q.parse().unwrap(),
                };
                // No percentile of ours lies outside 0 to 100.
                let Some(wanted) = wanted.as_number().filter(|_| (0.0..=1.0).contains(&q)) else { continue };
                let got = quantile(q, &buckets).unwrap();
                assert!((got - wanted.to_f64().unwrap()).abs() < 1e-12, "{:?} {q} {got}", case.get("name"));
                checked += 1;
            }
        }
        assert!(checked > 25, "{checked}");
    }
}
