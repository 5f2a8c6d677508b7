//! Figures of zero in the documents of three load tools as they write them, of which other names say that they are of nothing:
//! k6's trend without samples, Gatling's statistics of no request, bombardier's of no answer.
//!
//! Owns those shapes. Refuses to doubt a figure above zero, and k6's times of connecting, which are zero where a connection is
//! kept.

use super::{Level, is_none, is_positive};
use crate::{Object, Value};

/// k6's statistics of a trend, beside its percentiles.
const TREND: [&str; 4] = ["avg", "min", "med", "max"];
/// The times of k6 that are zero for every request of a connection that is kept.
const OPENING: [&str; 4] =
    ["http_req_connecting", "http_req_tls_handshaking", "http_req_blocked", "http_req_looking_up"];

/// Whether the figure of zero that levels lead to is of nothing.
pub(super) fn are_none(levels: &[Level<'_, '_>]) -> bool {
    is_empty_trend(levels)
        || gatling(levels).is_some_and(is_none)
        || bombardier(levels).is_some_and(|answers| answers.iter().all(|(_, value)| is_none(value)))
}

/// All that they say, whatever it is now.
pub(super) fn amounts<'v, 'a>(levels: &[Level<'v, 'a>]) -> Vec<&'v Value<'a>> {
    let trend = levels.first().filter(|level| is_trend(level.object)).and_then(|level| level.object.get("max"));
    let answers = bombardier(levels).unwrap_or_default();
    trend.into_iter().chain(gatling(levels)).chain(answers.into_iter().map(|(_, value)| value)).collect()
}

/// Whether a path may lead to a figure of Gatling's, whose last name is no statistic: `percentiles4.ok`.
pub fn is_statistic_of(above: &str, name: &str) -> bool {
    matches!(name, "total" | "ok" | "ko")
        && (above.ends_with("ResponseTime")
            || above == "standardDeviation"
            || above.strip_prefix("percentiles").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())))
}

fn is_trend(object: &Object<'_>) -> bool {
    TREND.iter().all(|key| matches!(object.get(key), Some(Value::Number(_))))
        && object.iter().any(|(key, _)| key.starts_with("p("))
        && ["count", "value", "rate", "samples"].iter().all(|key| object.get(key).is_none())
}

/// k6 writes zeros for a trend without samples; `count` among `summaryTrendStats` would tell.
fn is_empty_trend(levels: &[Level<'_, '_>]) -> bool {
    let Some((level, above)) = levels.split_first() else { return false };
    let metric = above.iter().map(|level| level.key).find(|key| *key != "values").unwrap_or_default();
    let base = metric.split('{').next().unwrap_or(metric);
    let is_above = |(_, value): (&str, &Value<'_>)| matches!(value, Value::Number(number) if is_positive(number));
    is_trend(level.object) && !OPENING.contains(&base) && !level.object.iter().any(is_above)
}

/// How many requests a figure of Gatling's is of: `numberOfRequests.ok` of `percentiles4.ok`.
fn gatling<'v, 'a>(levels: &[Level<'v, 'a>]) -> Option<&'v Value<'a>> {
    let [inner, outer, ..] = levels else { return None };
    is_statistic_of(outer.key, inner.key).then_some(())?;
    outer.object.get("numberOfRequests")?.get(inner.key)
}

/// bombardier's answers by class of status, and what had none, of a figure of its latency.
fn bombardier<'v, 'a>(levels: &[Level<'v, 'a>]) -> Option<Vec<(&'v str, &'v Value<'a>)>> {
    let level = levels.iter().find(|level| level.key == "latency")?;
    level.object.get("req2xx")?;
    let is_class = |key: &str| key == "others" || key.len() == 6 && key.starts_with("req") && key.ends_with("xx");
    Some(level.object.iter().filter(|(key, _)| is_class(key)).collect())
}
