//! Gatling's statistics (`js/stats.json`, `js/global_stats.json`, of 2 and 3): whole milliseconds.
//!
//! Each figure comes three times: of all requests, of the good ones (`ok`) and of the failed ones (`ko`), and is 0 or `-`
//! where there were none. The latency is that of all of them; that of the good ones stands below `successes`.

use schema::{Code, Number, Object, Value};

use super::{Load, Of, Said};
use crate::facts::{Builder, Doubt, Facts, float};
use crate::relations::Rounding;

/// Gatling cuts to whole milliseconds, and its percentiles are those of a t-digest.
const ROUNDING: Rounding = Rounding { absolute: 1.0, relative: 0.01 };

/// The statistics, and where they stand. Which percentiles the four are can be configured, and the report does not say.
const STATISTICS: [(&str, &str); 8] = [
    ("min_ms", "minResponseTime"),
    ("mean_ms", "meanResponseTime"),
    ("p50_ms", "percentiles1"),
    ("p75_ms", "percentiles2"),
    ("p95_ms", "percentiles3"),
    ("p99_ms", "percentiles4"),
    ("max_ms", "maxResponseTime"),
    ("stddev_ms", "standardDeviation"),
];

/// How deep groups of requests are looked into.
const DEEPEST: usize = 32;

/// Whether a document has the shape of the statistics: of all requests alone, or with those of each name.
pub fn fits(document: &Value<'_>) -> bool {
    let counted = |stats: &Value<'_>| {
        let requests = stats.get("numberOfRequests");
        requests.is_some_and(|requests| requests.get("ko").is_some()) && stats.get("meanResponseTime").is_some()
    };
    counted(document) || document.get("contents").is_some() && document.get("stats").is_some_and(counted)
}

/// Reads them.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let (mut by_name, mut doubts) = (Builder::default(), Vec::new());
    let failed = below(document, DEEPEST, &mut by_name, &mut doubts);
    let mut all = load(document.get("stats").unwrap_or(document));
    let by_name = by_name.build();
    if !by_name.is_empty() {
        all.more.push(("by_name".to_owned(), by_name.into()));
    }
    if let Said::Value(Value::Number(known)) = &all.failed
        && known.to_f64().is_some_and(|known| failed > known)
    {
        let detail = format!("{failed} requests of the names failed, but ko of all is {known}");
        for name in ["failed", "errors", "success_ratio"] {
            all.unsure.push(Doubt::new(&[name], Code::Inconsistent, detail.clone()));
        }
    }
    let mut facts = all.finish();
    facts.doubts.extend(doubts);
    facts
}

/// The requests in a group, and in the groups in it: how many of them failed.
fn below<'a>(group: &Value<'a>, deep: usize, by_name: &mut Builder<'a>, doubts: &mut Vec<Doubt>) -> f64 {
    let mut failed = 0.0;
    for (_, entry) in group.get("contents").and_then(Value::as_object).into_iter().flat_map(Object::iter) {
        let text = |key: &str| entry.get(key).and_then(Value::as_text).unwrap_or_default();
        let name = if text("path").is_empty() { text("name") } else { text("path") };
        if text("type") == "GROUP" {
            if deep > 0 {
                failed += below(entry, deep - 1, by_name, doubts);
            }
            continue;
        }
        let Some(stats) = entry.get("stats") else { continue };
        failed += figure(stats, "numberOfRequests", "ko").as_number().and_then(Number::to_f64).unwrap_or(0.0);
        let (report, doubted) = load(stats).report();
        if by_name.put(name.to_owned(), report) {
            doubts.extend(doubted.into_iter().map(|doubt| doubt.under(name).under("by_name")));
        } else {
            doubts.push(Doubt::new(&["by_name", name], Code::Ambiguous, "two requests have this name"));
        }
    }
    failed
}

/// A figure of the requests of one kind: a number, or, in the older releases, its text.
fn figure(stats: &Value<'_>, key: &str, kind: &str) -> Value<'static> {
    match stats.get(key).and_then(|figure| figure.get(kind)) {
        Some(Value::Number(number)) => Number::parse(number.as_str().to_owned()).map_or(Value::Null, Value::Number),
        Some(Value::Text(text)) => super::number(text),
        _ => Value::Null,
    }
}

fn load<'a>(stats: &Value<'a>) -> Load<'a> {
    let mut load = Load::new("gatling", Of::Requests, Of::Requests, ROUNDING);
    let count = |kind: &str| figure(stats, "numberOfRequests", kind);
    let as_float = |value: &Value<'_>| value.as_number().and_then(Number::to_f64);
    load.requests = Said::of(Some(count("total")));
    load.failed = Said::of(Some(count("ko")));
    load.unanswered =
        Said::never("Gatling does not tell requests without an answer from answers that its checks refused");
    load.rate = Said::of(Some(figure(stats, "meanNumberOfRequestsPerSecond", "total")));
    load.duration_ms = Said::never("the statistics do not say how long the run took");
    let [total, good, bad] = ["total", "ok", "ko"].map(|kind| as_float(&count(kind)));
    if let (Some(total), Some(good), Some(bad)) = (total, good, bad)
        && total != good + bad
    {
        let detail = format!("ok and ko do not add up to total: {good} + {bad} != {total}");
        for name in ["requests", "failed", "errors", "success_ratio"] {
            load.unsure.push(Doubt::new(&[name], Code::Inconsistent, detail.clone()));
        }
    }
    // The bar of the failed ones, which is drawn from the same count.
    let bars = stats.as_object().into_iter().flat_map(Object::iter).filter(|(key, _)| key.starts_with("group"));
    let failed = bars.filter(|(_, bar)| bar.get("name").and_then(Value::as_text) == Some("failed"));
    if let (Some(bar), Some(bad)) = (failed.last().and_then(|(_, bar)| float(bar, "count")), bad)
        && bar != bad
    {
        let detail = format!("{bar} requests are listed as failed, but ko is {bad}");
        for name in ["failed", "errors", "success_ratio"] {
            load.unsure.push(Doubt::new(&[name], Code::Inconsistent, detail.clone()));
        }
    }
    let mut successes = Builder::default();
    successes.put("count", count("ok"));
    for (name, key) in STATISTICS {
        if stats.get(key).is_none() {
            continue;
        }
        load.latency.push((name.to_owned(), figure(stats, key, "total")));
        let value = if good.is_some_and(|good| good > 0.0) { figure(stats, key, "ok") } else { Value::Null };
        if value == Value::Null {
            load.unsure.push(Doubt::new(&["successes", name], Code::NoSamples, "no request was answered with success"));
        }
        successes.put(name, value);
    }
    load.more.push(("successes".to_owned(), successes.build().into()));
    load
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn read_of(total: u64, good: u64, bad: u64, time: &str) -> (String, Vec<String>) {
        let text = format!(
            r#"{{"name":"All Requests","numberOfRequests":{{"total":{total},"ok":{good},"ko":{bad}}},"minResponseTime":{{"total":1,"ok":{time},"ko":1}},"meanResponseTime":{{"total":3,"ok":{time},"ko":3}},"percentiles3":{{"total":5,"ok":{time},"ko":5}},"maxResponseTime":{{"total":7,"ok":{time},"ko":7}},"meanNumberOfRequestsPerSecond":{{"total":5.0,"ok":0,"ko":5.0}}}}"#
        );
        let document = schema::json::parse(text.as_bytes()).unwrap();
        assert!(fits(&document));
        let facts = read(&document);
        (test::text(&facts), test::doubts(&facts))
    }

    #[test]
    fn of_no_good_request_there_is_no_latency() {
        let (text, doubts) = read_of(10, 10, 0, "4");
        assert!(text.starts_with(r#"{"requests":10,"failed":0,"errors":0,"#), "{text}");
        assert!(text.contains(r#""latency":{"count":10,"min_ms":1,"mean_ms":3,"p95_ms":5,"max_ms":7}"#), "{text}");
        assert!(text.contains(r#""successes":{"count":10,"min_ms":4,"#), "{text}");
        assert_eq!(doubts.len(), 2, "{doubts:?}");
        for time in ["0", "\"-\""] {
            let (text, doubts) = read_of(10, 0, 10, time);
            assert!(text.contains(r#""failed":10"#) && text.contains(r#""p95_ms":null"#), "{text}");
            let wanted = "successes/p95_ms: no-samples: no request was answered with success";
            assert!(doubts.contains(&wanted.to_owned()), "{doubts:?}");
            assert!(doubts.contains(&"latency/p95_ms: no-samples: all 10 requests failed".to_owned()), "{doubts:?}");
        }
        let (_, doubts) = read_of(0, 0, 0, "0");
        assert!(doubts.contains(&"failed: no-samples: no request was made".to_owned()), "{doubts:?}");
        let (_, doubts) = read_of(10, 3, 2, "4");
        assert!(doubts.iter().any(|doubt| doubt.starts_with("failed: inconsistent: ok and ko")), "{doubts:?}");
    }
}
