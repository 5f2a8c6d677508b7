//! Prometheus histograms: cumulative `le` buckets, and quantiles of them as `histogram_quantile` has them.
//!
//! Owns the buckets of each group and the interpolation (linear inside a bucket, from zero in the first). Refuses
//! counts that fall and a histogram without its `+Inf` bucket: nothing can be told from those.

use expr::{Path, Reading};
use filter::{Error, Filter, Records, Require};
use schema::{Number, Object, Value, json};

use crate::fields::reject;
use crate::flags::Config;
use crate::plan::Plan;
use crate::rank::Percentile;

/// One group's buckets: upper bounds and cumulative counts.
struct Histogram {
    key: Vec<Value<'static>>,
    buckets: Vec<(f64, f64)>,
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
    let counts = if plan.fields.is_empty() { paths(&["value", "count"]) } else { plan.fields.clone() };
    let mut histograms: Vec<Histogram> = Vec::new();
    let mut records = Records::new(&config.files, Require::WhereSealing);
    while let Some(record) = records.next(filter)? {
        let place = format!("{}:{}", record.file, record.line);
        let value = record.value.clone().into_owned();
        if !filter.keeps(&value) {
            continue;
        }
        let first = |paths: &[Path]| {
            paths.iter().find_map(|path| match path.read(&value) {
                Reading::Found(found) => Some(found.clone().into_owned()),
                _ => None,
            })
        };
        let Some(bound) = first(&bounds) else {
            filter.counts.skipped += 1;
            filter.note("no bucket", place, "the record has no le; it is skipped");
            continue;
        };
        let (bound, count) = match bucket(&bound, &first(&counts).unwrap_or_default()) {
            Ok(bucket) => bucket,
            Err(reason) => {
                reject(place, reason, filter)?;
                continue;
            }
        };
        let key: Vec<Value<'static>> =
            plan.by.iter().map(|path| first(std::slice::from_ref(path)).unwrap_or_default()).collect();
        let histogram = match histograms.iter_mut().position(|histogram| histogram.key == key) {
            Some(place) => &mut histograms[place],
            None => {
                histograms.push(Histogram { key, buckets: Vec::new() });
                let last = histograms.len() - 1;
                &mut histograms[last]
            }
        };
        // Of several instances the counts of one bound add up, as `sum by (le)` has it.
        match histogram.buckets.iter_mut().find(|bucket| bucket.0 == bound) {
            Some(bucket) => bucket.1 += count,
            None => histogram.buckets.push((bound, count)),
        }
        filter.counts.used += 1;
    }
    crate::session::within_grant(filter)?;
    if histograms.is_empty() && plan.by.is_empty() {
        histograms.push(Histogram { key: Vec::new(), buckets: vec![(f64::INFINITY, 0.0)] });
    }
    histograms.into_iter().map(|histogram| summary(histogram, plan)).collect()
}

/// The upper bound and the count of a bucket; else what is wrong with it.
fn bucket(bound: &Value<'_>, count: &Value<'_>) -> Result<(f64, f64), String> {
    let wrong = |what: &str, value: &Value<'_>| {
        let mut text = Vec::new();
        json::write(value, &mut text);
        format!("{what} {} is not a number", String::from_utf8_lossy(&text))
    };
    let number = count.as_number().and_then(Number::to_f64).filter(|count| *count >= 0.0);
    Ok((limit(bound).ok_or_else(|| wrong("le", bound))?, number.ok_or_else(|| wrong("the count", count))?))
}

fn summary(mut histogram: Histogram, plan: &Plan) -> Result<Object<'static>, Error> {
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
        return Err(fault("has no bucket le=\"+Inf\", so that nobody knows how many samples there are"));
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
    for percentile in &plan.asked.percentiles {
        summary.insert(percentile.name.clone(), number(quantile(Percentile::fraction(percentile), &histogram.buckets)));
    }
    summary.insert("max", Value::Null);
    summary.insert("method", "histogram_quantile");
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
