//! k6's end-of-test summaries: handleSummary's `data`, the old `--summary-export` and the machine-readable one (see
//! `machine`), told apart by shape.
//!
//! In the old one a threshold's `true` means *crossed*; here `ok` means the same for both. Statistics get the names
//! that all our tools use (see `names`). What k6 leaves out is put back where it follows: dropped iterations, the
//! length of the run. A trend of zeros was not measured.

use schema::{Code, Object, Value};

use super::machine;
use super::names::{self, contains, may_be_zero, statistic};
use crate::facts::{Builder, Content, Doubt, Facts, float};
use crate::quantity;
use crate::relations::{self, Figure};

/// Metrics that tell k6's old export from any other document with a `metrics` object.
const TELLTALE: [&str; 6] = ["http_reqs", "iterations", "vus", "vus_max", "checks", "data_sent"];

/// Whether a document has the shape of one of the summaries.
pub fn fits(document: &Value<'_>) -> bool {
    if machine::fits(document) {
        return true;
    }
    let Some(metrics) = document.get("metrics").and_then(Value::as_object) else { return false };
    if metrics.is_empty() || !metrics.iter().all(|(_, metric)| metric.as_object().is_some()) {
        return false;
    }
    let new = metrics.iter().all(|(_, metric)| metric.get("values").is_some() && metric.get("type").is_some());
    let old = metrics.iter().all(|(_, metric)| metric.get("values").is_none())
        && TELLTALE.iter().any(|name| metrics.get(name).is_some());
    new || old
}

/// Reads any of the summaries.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    if machine::fits(document) {
        let data = machine::data(document);
        let mut facts = read(&data.document);
        facts.doubts.extend(data.doubts);
        facts.span.join(data.span);
        return facts;
    }
    let mut facts = Facts { format: "k6", ..Facts::default() };
    let mut summary = Builder::default();
    let mut thresholds = Thresholds::default();
    for (name, metric) in document.get("metrics").and_then(Value::as_object).into_iter().flat_map(Object::iter) {
        let read = statistics(name, metric, &mut facts.doubts, &mut thresholds);
        names::put(name, read, &mut summary);
    }
    // k6 leaves the metric out where nothing was dropped.
    if summary.has("iterations") && !summary.has("dropped_iterations") {
        let none = [("count", Value::from(0u64)), ("rate", Value::from(0u64))];
        summary.put("dropped_iterations", none.into_iter().collect::<Object>());
    }
    let groups = document.get("root_group");
    let mut each = Builder::default();
    if let Some(root) = groups {
        checks(root, &mut each, 0);
    }
    let each = each.build();
    if !each.is_empty() {
        facts.doubts.extend(added_up(&each, document));
        if let Value::Null = summary.entry("checks") {
            *summary.entry("checks") = Value::Object(Object::new());
        }
        if let Value::Object(checks) = summary.entry("checks") {
            checks.insert("each", each);
        }
    }
    if thresholds.untold > 0 {
        let detail = format!("of {} of {} thresholds it is not known", thresholds.untold, thresholds.total);
        let doubt = Doubt::new(&["thresholds", "crossed"], thresholds.because.unwrap_or(Code::Null), detail);
        let (low, high) = (thresholds.crossed, thresholds.crossed + thresholds.untold);
        facts.doubts.push(Doubt { low: Some(low.into()), high: Some(high.into()), ..doubt });
    }
    if thresholds.total > 0 {
        let counts = [("total", thresholds.total), ("crossed", thresholds.crossed)];
        summary.put("thresholds", counts.map(|(key, count)| (key, Value::from(count))).into_iter().collect::<Object>());
    }
    if let Some(duration) = document.get("state").and_then(|state| state.get("testRunDurationMs")) {
        summary.put("test_run_duration_ms", duration.clone());
    } else if let Some(duration) = lasted(document) {
        summary.put("test_run_duration_ms", quantity::value(duration));
    }
    common(&mut summary, &mut facts.doubts);
    let summary = Value::Object(summary.build());
    facts.doubts.extend(doubts(&summary));
    facts.doubts = relations::joined(std::mem::take(&mut facts.doubts));
    facts.content = Content::One(summary);
    facts
}

#[derive(Default)]
struct Thresholds {
    total: u64,
    crossed: u64,
    untold: u64,
    /// Why the first of them is not known.
    because: Option<Code>,
}

/// One metric: its statistics renamed, then its thresholds as `{"p(95)<500":{"ok":true}}`.
fn statistics<'a>(name: &str, metric: &Value<'a>, doubts: &mut Vec<Doubt>, thresholds: &mut Thresholds) -> Object<'a> {
    let old = metric.get("values").is_none();
    let values = metric.get("values").unwrap_or(metric);
    let contains = contains(name, metric.get("contains").and_then(Value::as_text));
    let statistic = |key: &str| statistic(contains, key);
    // The old export calls a rate's ratio `value`; a gauge has a `value` too, but no passes.
    let rate = values.get("passes").is_some() && values.get("fails").is_some();
    let mut read = Builder::default();
    for (key, value) in values.as_object().into_iter().flat_map(Object::iter) {
        if old && key == "thresholds" {
            continue;
        }
        let key = if old && rate && key == "value" { "rate" } else { key };
        read.put(statistic(key), value.clone());
    }
    let nothing = unmeasured(name, values);
    if let Some(detail) = nothing {
        for (key, _) in values.as_object().into_iter().flat_map(Object::iter) {
            let key = if rate && key == "value" { "rate" } else { key };
            if !matches!(key, "passes" | "fails" | "count" | "thresholds") {
                let key = statistic(key);
                *read.entry(&key) = Value::Null;
                doubts.push(Doubt::new(&[name, &key], Code::NoSamples, detail));
            } else if key != "count" && rate {
                // Of none none failed, and none passed.
                doubts.push(Doubt::new(&[name, key], Code::NoSamples, detail));
            }
        }
    }
    let mut judged = Builder::default();
    for (threshold, outcome) in metric.get("thresholds").and_then(Value::as_object).into_iter().flat_map(Object::iter) {
        let ok = match outcome {
            Value::Bool(crossed) if old => Some(!crossed),
            outcome => match outcome.get("ok") {
                Some(Value::Bool(ok)) => Some(*ok),
                _ => None,
            },
        };
        // k6 passes a threshold on nothing.
        let (ok, why) = match (ok, nothing) {
            (Some(true), Some(_)) => (None, (Code::NoSamples, "k6 judged it on no samples")),
            (Some(true), None) if crosses(threshold, values, rate) => {
                (None, (Code::Inconsistent, "the figure next to it contradicts it"))
            }
            (None, _) => (None, (Code::Null, "the summary does not say")),
            (ok, _) => (ok, (Code::Null, "")),
        };
        thresholds.total += 1;
        thresholds.crossed += u64::from(ok == Some(false));
        thresholds.untold += u64::from(ok.is_none());
        let value = ok.map_or(Value::Null, Value::Bool);
        judged.put(threshold.to_owned(), [("ok", value)].into_iter().collect::<Object>());
        if ok.is_none() {
            thresholds.because.get_or_insert(why.0);
            doubts.push(Doubt::new(&[name, "thresholds", threshold, "ok"], why.0, why.1));
        }
        let wanted = threshold.split(['<', '>', '=', '!', ' ']).next().unwrap_or_default();
        let key = statistic(wanted);
        if wanted.starts_with("p(") && !read.has(&key) {
            *read.entry(&key) = Value::Null;
            let detail = format!("the threshold {threshold} reads it, but summaryTrendStats does not have {wanted}");
            doubts.push(Doubt::new(&[name, &key], Code::Missing, detail));
        }
    }
    let judged = judged.build();
    if !judged.is_empty() {
        read.put("thresholds", judged);
    }
    read.build()
}

/// Whether a metric's own figure does not hold a threshold of it, `p(95)<500`.
fn crosses(threshold: &str, values: &Value<'_>, rate: bool) -> bool {
    let plain = threshold.replace(' ', "");
    let Some(at) = plain.find(['<', '>', '=', '!']) else { return false };
    let (name, rest) = plain.split_at(at);
    let bound = rest.trim_start_matches(['<', '>', '=', '!']);
    let Ok(limit) = bound.parse::<f64>() else { return false };
    if rate && limit > 1.0 {
        return false; // `rate>70`: what was meant is no share.
    }
    let figure = float(values, name).or_else(|| float(values, "value").filter(|_| rate && name == "rate"));
    let Some(figure) = figure.filter(|figure| !relations::close(*figure, limit, relations::ROUNDING)) else {
        return false;
    };
    match rest.strip_suffix(bound).unwrap_or_default() {
        "<" | "<=" => figure > limit,
        ">" | ">=" => figure < limit,
        "==" | "===" => true,
        _ => false,
    }
}

/// Why the statistics of a metric say nothing: it has no samples, or it is a trend of zeros, which is what k6 writes for
/// one without samples and for requests that were never answered.
fn unmeasured(name: &str, values: &Value<'_>) -> Option<&'static str> {
    const EMPTY: &str = "the metric has no samples";
    if let (Some(passes), Some(fails)) = (float(values, "passes"), float(values, "fails")) {
        return (passes + fails == 0.0).then_some(EMPTY);
    }
    let count = float(values, "count");
    let figures = values
        .as_object()
        .into_iter()
        .flat_map(Object::iter)
        .filter(|(key, _)| matches!(*key, "avg" | "med" | "min" | "max") || key.starts_with("p("));
    let figures: Vec<f64> = figures.filter_map(|(_, value)| value.as_number()?.to_f64()).collect();
    // A gauge has a value beside its min and max.
    let trend = !figures.is_empty() && values.get("value").is_none() && values.get("rate").is_none();
    if !trend {
        return None;
    }
    if count == Some(0.0) {
        return Some(EMPTY);
    }
    let zeros = figures.iter().all(|figure| *figure == 0.0) && !may_be_zero(name);
    match count {
        _ if !zeros => None,
        // A trend of the user's own may be 0; a time of k6's is not, it is measured in nanoseconds.
        Some(_) if names::kind(name).is_none() => None,
        Some(_) => Some("every sample is 0: no answer was timed"),
        None => {
            Some("every figure is 0, which is what k6 writes for no samples; count among summaryTrendStats would tell")
        }
    }
}

/// Every check of a group and the groups below it, by its path: `::group::check`.
fn checks<'a>(group: &Value<'a>, each: &mut Builder<'a>, depth: usize) {
    // A list in the one format, an object by name in the other.
    let below = |key: &str| -> Vec<&Value<'a>> {
        match group.get(key) {
            Some(Value::List(list)) => list.iter().collect(),
            Some(Value::Object(object)) => object.iter().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        }
    };
    for check in below("checks") {
        let Some(path) = check.get("path").or(check.get("name")).and_then(Value::as_text) else { continue };
        let counts = ["passes", "fails"].into_iter().filter_map(|key| Some((key, check.get(key)?.clone())));
        each.put(path.to_owned(), counts.collect::<Object>());
    }
    if depth < schema::json::DEPTH_LIMIT {
        for group in below("groups") {
            checks(group, each, depth + 1);
        }
    }
}

/// The passes and fails of all checks are those of the metric `checks`.
fn added_up(each: &Object<'_>, document: &Value<'_>) -> Vec<Doubt> {
    let Some(metric) = document.get("metrics").and_then(|metrics| metrics.get("checks")) else { return Vec::new() };
    let metric = metric.get("values").unwrap_or(metric);
    let mut doubts = Vec::new();
    for key in ["passes", "fails"] {
        let Some(said) = float(metric, key) else { continue };
        let sum: f64 = each.iter().filter_map(|(_, check)| float(check, key)).sum();
        if sum != said {
            let detail = format!("{key} of all checks do not add up: {sum} != {said}");
            doubts.push(Doubt::new(&["checks", key], Code::Inconsistent, detail.clone()));
            doubts.push(Doubt::new(&["checks", "each"], Code::Inconsistent, detail));
        }
    }
    doubts
}

/// How long the run took, in milliseconds: k6's rates are over the whole run, so that any counter tells it.
fn lasted(document: &Value<'_>) -> Option<f64> {
    let metrics = document.get("metrics").and_then(Value::as_object)?;
    let told = metrics.iter().filter_map(|(_, metric)| {
        let (count, rate) = (float(metric, "count")?, float(metric, "rate")?);
        (count > 0.0 && rate > 0.0).then_some((count, rate))
    });
    // The largest count tells it most exactly.
    let (count, rate) = told.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some((count / rate * 1e6).round() / 1e3)
}

/// The names that every load tool's report has with us, beside k6's own: `requests failed rate duration_ms latency`.
/// A metric of the user's with such a name keeps it.
fn common<'a>(summary: &mut Builder<'a>, doubts: &mut Vec<Doubt>) {
    let places = [
        (&["http_reqs", "count"][..], "requests"),
        (&["http_req_failed", "passes"], "failed"),
        (&["http_reqs", "rate"], "rate"),
        (&["test_run_duration_ms"], "duration_ms"),
        (&["http_req_duration"], "latency"),
    ];
    if !summary.has("http_reqs") {
        return;
    }
    for (place, name) in places {
        let found = place.split_first().and_then(|(first, rest)| {
            let value = summary.get(first)?;
            rest.iter().try_fold(value, |value, key| value.get(key)).cloned()
        });
        let Some(mut value) = found else { continue };
        if let Value::Object(latency) = &mut value {
            latency.remove("thresholds");
        }
        if !summary.put(name, value) {
            continue;
        }
        let copied: Vec<Doubt> = doubts
            .iter()
            .filter(|doubt| doubt.steps.len() >= place.len() && doubt.steps.iter().zip(place).all(|(a, b)| a == b))
            .filter(|doubt| !doubt.steps.iter().any(|step| step == "thresholds"))
            .map(|doubt| {
                let rest = doubt.steps.get(place.len()..).unwrap_or_default();
                Doubt { steps: [&[name.to_owned()], rest].concat(), ..doubt.clone() }
            })
            .collect();
        doubts.extend(copied);
    }
}

fn doubts(summary: &Value<'_>) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let duration = Figure::at(summary, &["test_run_duration_ms"]);
    for (name, metric) in summary.as_object().into_iter().flat_map(Object::iter) {
        let figure = |key: &str| Figure::at(summary, &[name, key]);
        relations::generic(metric, &mut vec![name.to_owned()], &mut doubts);
        if let (Some(passes), Some(fails), Some(rate)) = (figure("passes"), figure("fails"), figure("rate")) {
            let all = passes.value + fails.value;
            doubts.extend(relations::proportion(&rate, passes.value, all, &[&passes, &fails]));
        } else if let (Some(count), Some(rate), Some(duration)) = (figure("count"), figure("rate"), &duration)
            && duration.value > 0.0
        {
            doubts.extend(relations::paced(&rate, &count, duration, duration.value / 1000.0));
        }
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/samples/");

    fn sample(name: &str) -> Option<String> {
        std::fs::read_to_string(format!("{SAMPLES}{name}")).ok()
    }

    fn sorted(value: &Value<'_>) -> Value<'static> {
        match value.clone().into_owned() {
            Value::Object(object) => {
                let mut members: Vec<_> = object.iter().map(|(key, value)| (key.to_owned(), sorted(value))).collect();
                members.sort_by(|a, b| a.0.cmp(&b.0));
                members.into_iter().collect::<Object>().into()
            }
            other => other,
        }
    }

    #[test]
    fn one_run_in_both_formats_is_one_reading() {
        let (Some(new), Some(old)) =
            (sample("k6.same-run.handleSummary.json"), sample("k6.same-run.legacy-summary-export.json"))
        else {
            return;
        };
        let mut read = [&new, &old].map(|text| {
            let document = schema::json::parse(text.as_bytes()).unwrap();
            assert!(fits(&document));
            let facts = read(&document);
            assert_eq!(test::doubts(&facts), [""; 0]);
            let Content::One(value) = facts.content else { panic!() };
            sorted(&value)
        });
        // The old export does not say how long the run took, but its rates do.
        let took = read.each_mut().map(|read| {
            let Value::Object(read) = read else { panic!() };
            read.remove("duration_ms");
            read.remove("test_run_duration_ms").unwrap().as_number().unwrap().to_f64().unwrap()
        });
        assert!(relations::close(took[0], took[1], 1e-6), "{took:?}");
        // Only the new one says that a trend of the script's own holds times, so only there its figures have a unit.
        let trends = read.each_mut().map(|read| {
            let Value::Object(read) = read else { panic!() };
            read.remove("my_trend").unwrap()
        });
        assert_eq!(format!("{:?}", trends[0]).replace("_ms", ""), format!("{:?}", trends[1]));
        assert!(trends[0].get("p95_ms").is_some() && trends[1].get("p95").is_some());
        assert_eq!(
            trends[1].get("thresholds").unwrap().get("my_trend<1000").unwrap().get("ok"),
            Some(&Value::Bool(false))
        );
        assert_eq!(read[0], read[1]);
        assert_eq!(read[1].get("thresholds").unwrap().get("crossed").unwrap().as_number().unwrap().as_u64(), Some(2));
    }

    #[test]
    fn crossed_is_crossed_and_an_absent_percentile_is_missing() {
        let Some(text) = sample("k6.legacy-summary-export.crossed.json") else { return };
        let document = schema::json::parse(text.as_bytes()).unwrap();
        let facts = read(&document);
        let doubts = test::doubts(&facts);
        assert_eq!(doubts.len(), 4);
        assert_eq!(
            doubts[0],
            "http_req_duration{scenario:auth_me}/p99_ms: missing: the threshold p(99)<200 reads it, but summaryTrendStats does not have p(99)"
        );
        let text = test::text(&facts);
        assert!(text.contains(r#""p95_ms":303.0214372,"#), "{text}");
        assert!(text.contains(r#""p99_ms":null,"thresholds":{"p(99)<200":{"ok":false}}"#), "{text}");
        assert!(text.contains(r#""thresholds":{"rate<0.01":{"ok":true}}"#), "{text}");
        assert!(text.contains(r#""thresholds":{"total":5,"crossed":4},"test_run_duration_ms":"#), "{text}");
    }

    #[test]
    fn real_summaries_are_consistent() {
        for name in [
            "k6-reporter.grpc.json",
            "k6-reporter.simple.json",
            "k6.handleSummary.circleci-orb.json",
            "k6.handleSummary.threshold-failed.json",
        ] {
            let Some(text) = sample(name) else { return };
            let document = schema::json::parse(text.as_bytes()).unwrap();
            assert!(fits(&document), "{name}");
            assert_eq!(test::doubts(&read(&document)), [""; 0], "{name}");
        }
    }

    #[test]
    fn the_users_there_were_are_one_number() {
        let text = br#"{"metrics":{"vus_max":{"value":90,"min":10,"max":87000}}}"#;
        let facts = read(&schema::json::parse(text).unwrap());
        assert_eq!(test::text(&facts), r#"{"vus_max":87000,"vus_max.value":90,"vus_max.min":10,"vus_max.max":87000}"#);
        let Content::One(value) = facts.content else { panic!() };
        for (path, wanted) in [("vus_max", "87000"), ("vus_max.max", "87000"), ("vus_max.min", "10")] {
            match expr::Path::parse(path).unwrap().read(&value) {
                expr::Reading::Found(Value::Number(number)) => assert_eq!(number.as_str(), wanted),
                other => panic!("{path}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_rate_of_nothing_is_unknown() {
        for text in [
            r#"{"metrics":{"http_reqs":{"type":"counter","values":{"count":0,"rate":0}},"errors":{"type":"rate","values":{"rate":0,"passes":0,"fails":0}}}}"#,
            r#"{"metrics":{"http_reqs":{"count":0,"rate":0},"errors":{"value":0,"passes":0,"fails":0}}}"#,
        ] {
            let document = schema::json::parse(text.as_bytes()).unwrap();
            assert_eq!(
                test::doubts(&read(&document)),
                ["rate", "passes", "fails"].map(|of| format!("errors/{of}: no-samples: the metric has no samples")),
                "{text}"
            );
        }
    }

    #[test]
    fn a_threshold_that_its_own_figure_crosses_is_not_known_to_hold() {
        let ok = |threshold: &str, ok: bool| {
            let text = format!(
                r#"{{"metrics":{{"http_reqs":{{"type":"counter","values":{{"count":9,"rate":3}}}},"http_req_duration":{{"type":"trend","values":{{"avg":5,"min":1,"med":4,"max":900,"p(95)":800}},"thresholds":{{"{threshold}":{{"ok":{ok}}}}}}}}}}}"#
            );
            let facts = read(&schema::json::parse(text.as_bytes()).unwrap());
            test::doubts(&facts).iter().any(|doubt| doubt.contains("thresholds/crossed: inconsistent"))
        };
        for crossed in ["p(95)<500", "p(95) < 500", "max<=899.9", "avg>6", "min>=1.5", "med==5"] {
            assert!(ok(crossed, true), "{crossed}");
            assert!(!ok(crossed, false), "{crossed}");
        }
        for held in
            ["p(95)<800.0000000001", "p(95)<=800", "max<1000", "avg>4", "p(99)<1", "count>10", "p(95)<", "med!=9"]
        {
            assert!(!ok(held, true), "{held}");
        }
    }

    #[test]
    fn figures_that_cannot_be_are_named() {
        let document = schema::json::parse(br#"{"state":{"testRunDurationMs":10000},"metrics":{"http_reqs":{"type":"counter","values":{"count":100,"rate":5}},"http_req_duration":{"type":"trend","values":{"avg":0,"med":0,"p(95)":0,"max":0}},"ok":{"type":"rate","values":{"rate":0.5,"passes":9,"fails":1}}}}"#).unwrap();
        let doubts = test::doubts(&read(&document));
        assert!(
            doubts.contains(
                &"http_reqs/rate: inconsistent: rate != count / test_run_duration: 5 != 100 / 10s".to_owned()
            ),
            "{doubts:?}"
        );
        assert!(
            doubts.contains(&"ok/rate: inconsistent: rate != passed / all: 0.5 != 9 / 10".to_owned()),
            "{doubts:?}"
        );
        assert!(doubts.iter().any(|doubt| doubt.starts_with("http_req_duration/p50_ms")), "{doubts:?}");
    }
}
