//! OpenTelemetry's metrics in JSON (OTLP 1.x, as the collector's file exporter writes them), a request a line.
//!
//! A metric's unit goes into its name. A sum that only grows is a counter; what was not recorded is unknown. Source:
//! opentelemetry-proto, metrics.proto.

use std::collections::HashMap;

use schema::{Code, Number, Object, Value};

use crate::facts::{Builder, Content, Doubt, Facts};
use crate::readers::prometheus::api::names;

/// Whether a document has the shape of a request of metrics.
pub fn fits(document: &Value<'_>) -> bool {
    let resources = document.get("resourceMetrics").and_then(Value::as_list);
    resources.is_some_and(|resources| {
        resources.iter().all(|resource| resource.get("scopeMetrics").is_some() || resource.get("resource").is_some())
    })
}

/// One point of a metric.
struct Point<'a> {
    labels: Vec<(String, String)>,
    value: Value<'a>,
    doubt: Option<(Code, String)>,
}

/// Reads it: `{"http_requests":{"code=200,method=get":1027},"op_ms":{"count":…,"sum":…}}`.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut facts = Facts { format: "otel", ..Facts::default() };
    let mut order = Vec::new();
    let mut metrics: HashMap<String, Vec<Point<'a>>> = HashMap::new();
    let list =
        |value: &Value<'a>, key: &str| value.get(key).and_then(Value::as_list).map(<[_]>::to_vec).unwrap_or_default();
    for resource in list(document, "resourceMetrics") {
        for scope in list(&resource, "scopeMetrics") {
            for metric in list(&scope, "metrics") {
                let text = |key: &str| metric.get(key).and_then(Value::as_text).unwrap_or_default();
                let name = named(text("name"), text("unit"));
                if !metrics.contains_key(&name) {
                    order.push(name.clone());
                }
                let into = metrics.entry(name.clone()).or_default();
                for kind in ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] {
                    let Some(data) = metric.get(kind) else { continue };
                    // 2, or its name, is cumulative: only that is a counter.
                    let cumulative = match data.get("aggregationTemporality") {
                        Some(Value::Number(number)) => number.as_i64() == Some(2),
                        Some(Value::Text(word)) => word.ends_with("CUMULATIVE"),
                        _ => false,
                    };
                    let only_grows = data.get("isMonotonic") == Some(&Value::Bool(true));
                    let counts = cumulative && (kind != "sum" || only_grows);
                    facts.counters.insert(name.clone(), counts && kind != "gauge");
                    for point in list(data, "dataPoints") {
                        if let Some(nanoseconds) = whole(point.get("timeUnixNano")) {
                            facts.span.see_seconds(nanoseconds / 1e9);
                        }
                        let mut point = one(kind, &point);
                        let negative = |value: &Value<'_>| {
                            value.as_number().and_then(Number::to_f64).is_some_and(|number| number < 0.0)
                        };
                        if kind == "sum" && only_grows && negative(&point.value) {
                            point.doubt = Some((Code::Inconsistent, "a sum that only grows is negative".to_owned()));
                        }
                        into.push(point);
                    }
                }
            }
        }
    }
    let mut report = Builder::default();
    for name in order {
        let points = metrics.remove(&name).unwrap_or_default();
        let keys = names(points.iter().map(|point| point.labels.as_slice()));
        let alone = points.len() == 1 && points.iter().all(|point| point.labels.is_empty());
        if points.is_empty() {
            facts.doubts.push(Doubt::new(&[&name], Code::NoSamples, "the metric has no points"));
            report.put(name, Value::Null);
            continue;
        }
        let mut members = Builder::default();
        for (point, key) in points.into_iter().zip(keys) {
            let key = if key.is_empty() { "{}".to_owned() } else { key };
            let steps: Vec<&str> = std::iter::once(name.as_str()).chain((!alone).then_some(key.as_str())).collect();
            if let Some((code, detail)) = point.doubt {
                facts.doubts.push(Doubt::new(&steps, code, detail));
            }
            if alone {
                report.put(name.clone(), point.value);
            } else if !members.put(key.clone(), point.value) {
                facts.doubts.push(Doubt::new(
                    &[&name, &key],
                    Code::Ambiguous,
                    "two points of the metric have this name",
                ));
            }
        }
        if !alone {
            report.put(name, members.build());
        }
    }
    facts.content = Content::One(Value::Object(report.build()));
    facts
}

/// A metric's name with its unit (of UCUM, as OpenTelemetry writes it), where it has not got it already.
fn named(name: &str, unit: &str) -> String {
    let suffix = match unit {
        "s" => "_seconds",
        "ms" => "_ms",
        "us" => "_us",
        "ns" => "_ns",
        "min" => "_min",
        "By" => "_bytes",
        "%" => "_pct",
        _ => return name.to_owned(),
    };
    match expr::Path::from_keys([name]).and_then(|path| path.unit()) {
        Some(_) => name.to_owned(),
        None => format!("{name}{suffix}"),
    }
}

/// A whole number, which OTLP's JSON writes as text.
fn whole(value: Option<&Value<'_>>) -> Option<f64> {
    match value? {
        Value::Text(text) => text.parse().ok(),
        Value::Number(number) => number.to_f64(),
        _ => None,
    }
}

fn number<'a>(value: Option<&Value<'a>>) -> Value<'a> {
    match value {
        Some(Value::Text(text)) => Number::parse(text.to_string()).map_or(Value::Null, Value::Number),
        Some(Value::Number(number)) => Value::Number(number.clone()),
        _ => Value::Null,
    }
}

fn one<'a>(kind: &str, point: &Value<'a>) -> Point<'a> {
    let attributes = point.get("attributes").and_then(Value::as_list).unwrap_or_default();
    let labels = attributes.iter().filter_map(|attribute| {
        let key = attribute.get("key")?.as_text()?.to_owned();
        let value = attribute.get("value").and_then(Value::as_object).and_then(|value| value.iter().next());
        let value = match value {
            Some((_, Value::Text(text))) => text.to_string(),
            Some((_, Value::Number(number))) => number.to_string(),
            Some((_, Value::Bool(yes))) => yes.to_string(),
            _ => String::new(),
        };
        Some((key, value))
    });
    let labels = labels.collect();
    // The first bit of the flags says that nothing was recorded.
    let nothing = whole(point.get("flags")).is_some_and(|flags| flags as u64 & 1 == 1);
    if nothing {
        return Point {
            labels,
            value: Value::Null,
            doubt: Some((Code::NoSamples, "no value was recorded".to_owned())),
        };
    }
    if matches!(kind, "gauge" | "sum") {
        let value = number(point.get("asInt").or_else(|| point.get("asDouble")));
        let doubt = (value == Value::Null).then(|| (Code::NotANumber, "the point has no number".to_owned()));
        return Point { labels, value, doubt };
    }
    let mut members = Builder::default();
    for key in ["count", "sum", "min", "max"] {
        if let Some(value) = point.get(key) {
            members.put(key, number(Some(value)));
        }
    }
    for entry in point.get("quantileValues").and_then(Value::as_list).unwrap_or_default() {
        if let (Some(Value::Number(quantile)), Some(value)) = (entry.get("quantile"), entry.get("value")) {
            members.put(format!("p{}", quantile.shifted(2)), number(Some(value)));
        }
    }
    let bounds = point.get("explicitBounds").and_then(Value::as_list).unwrap_or_default();
    let counts = point.get("bucketCounts").and_then(Value::as_list).unwrap_or_default();
    if !counts.is_empty() && counts.len() == bounds.len() + 1 {
        let mut buckets = Object::new();
        let mut below = 0.0;
        for (place, count) in counts.iter().enumerate() {
            below += whole(Some(count)).unwrap_or(0.0);
            let bound = match bounds.get(place) {
                Some(Value::Number(bound)) => bound.to_string(),
                _ => "+Inf".to_owned(),
            };
            buckets.insert(bound, crate::quantity::value(below));
        }
        members.put("buckets", buckets);
    }
    let all = whole(point.get("count"));
    let bucketed =
        (!counts.is_empty()).then(|| counts.iter().map(|count| whole(Some(count)).unwrap_or(0.0)).sum::<f64>());
    let doubt = match (all, bucketed) {
        (Some(0.0), _) => Some((Code::NoSamples, "nothing was observed".to_owned())),
        (Some(all), Some(bucketed)) if all != bucketed => {
            Some((Code::Inconsistent, format!("the buckets do not add up to the count: {bucketed} != {all}")))
        }
        _ => None,
    };
    Point { labels, value: Value::Object(members.build()), doubt }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn metrics_of_each_kind() {
        let document = schema::json::parse(
            br#"{"resourceMetrics":[{"resource":{},"scopeMetrics":[{"metrics":[
            {"name":"reqs","unit":"1","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"attributes":[{"key":"code","value":{"intValue":"200"}}],"asInt":"7","timeUnixNano":"1772740800000000000"}]}},
            {"name":"temp","unit":"By","gauge":{"dataPoints":[{"asDouble":1.5}]}},
            {"name":"op","unit":"ms","histogram":{"aggregationTemporality":2,"dataPoints":[{"count":"3","sum":12.5,"bucketCounts":["1","2"],"explicitBounds":[5]}]}},
            {"name":"idle","unit":"s","histogram":{"dataPoints":[{"count":"0","sum":0}]}},
            {"name":"gone","gauge":{"dataPoints":[{"flags":1}]}}]}]}]}"#,
        )
        .unwrap();
        assert!(fits(&document));
        let facts = read(&document);
        assert_eq!(
            test::text(&facts),
            r#"{"reqs":{"200":7},"temp_bytes":1.5,"op_ms":{"count":3,"sum":12.5,"buckets":{"5":1,"+Inf":3}},"idle_seconds":{"count":0,"sum":0},"gone":null}"#
        );
        assert_eq!(
            test::doubts(&facts),
            ["idle_seconds: no-samples: nothing was observed", "gone: no-samples: no value was recorded"]
        );
        assert_eq!((facts.counters["reqs"], facts.counters["temp_bytes"]), (true, false));
    }
}
