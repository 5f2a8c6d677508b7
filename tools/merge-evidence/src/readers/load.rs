//! What the figures of a load tool's report mean, under the names that all of them share.

use schema::{Code, Value};

use crate::facts::Doubt;
use crate::relations::Figure;

/// What of a report by the shared names was not measured: every statistic of requests that all failed, or that took no
/// time, or that there were none of. For readers that build the report themselves.
pub fn unmeasured(report: &Value<'_>) -> Vec<Doubt> {
    let Some(latency) = report.get("latency").and_then(Value::as_object) else { return Vec::new() };
    let keys = latency.iter().map(|(key, _)| key).filter(|key| *key != "count");
    let figures: Vec<Figure> = keys.filter_map(|key| Figure::at(report, &["latency", key])).collect();
    let top = |name: &str| Figure::at(report, &[name]).map(|figure| figure.value);
    let count = Figure::at(report, &["latency", "count"]).map(|figure| figure.value);
    let (requests, failed) = (top("requests"), top("failed"));
    let reason = if count == Some(0.0) || requests == Some(0.0) {
        "no answer was timed".to_owned()
    } else if requests.is_some() && failed == requests {
        format!("all {} requests failed", requests.unwrap_or_default())
    } else if !figures.is_empty() && figures.iter().all(|figure| figure.value == 0.0) {
        "every figure is 0: no answer was timed".to_owned()
    } else {
        return Vec::new();
    };
    figures.iter().map(|figure| Doubt::of(figure.steps.clone(), Code::NoSamples, reason.clone())).collect()
}
