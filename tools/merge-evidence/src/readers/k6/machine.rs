//! k6's machine-readable summary (`--new-machine-readable-summary`, 1.5 and later; schema 1.0.0): brought into the shape
//! of handleSummary's `data`, whose reader does the rest.
//!
//! It has no threshold and no rate of a counter; the latter is what k6 makes of the count and the length of the run. What
//! became of thresholds only the exit status says.

use schema::{Code, Object, Value};

use crate::facts::{Builder, Doubt, Span, float};
use crate::quantity::{self, SECONDS, shift};

/// Whether a document has the shape of such a summary.
pub fn fits(document: &Value<'_>) -> bool {
    let Some(metrics) = metrics(document) else { return false };
    document.get("metadata").is_some_and(|metadata| metadata.get("k6Version").is_some())
        && metrics.iter().all(|metric| name(metric).is_some() && metric.get("values").is_some())
}

/// A summary as handleSummary has it, what of it cannot be told, and when it was made.
pub struct Data<'a> {
    /// `metrics`, `state` and `root_group`.
    pub document: Value<'a>,
    /// What the summary leaves open.
    pub doubts: Vec<Doubt>,
    /// From the begin of the run to its end.
    pub span: Span,
}

/// Brings a summary into that shape.
pub fn data<'a>(document: &Value<'a>) -> Data<'a> {
    let seconds = document.get("config").and_then(|config| float(config, "duration"));
    let mut doubts = vec![Doubt::new(
        &["thresholds"],
        Code::Missing,
        "this form of k6's summary does not say what became of the thresholds: its exit status does",
    )];
    let mut all = Builder::default();
    for metric in metrics(document).unwrap_or_default() {
        let Some(name) = name(metric) else { continue };
        if !all.put(name.to_owned(), renamed(metric, seconds)) {
            doubts.push(Doubt::new(&[name], Code::Ambiguous, "two metrics have this name"));
        }
    }
    let checks = document.get("results").and_then(|results| results.get("checks"));
    let judged = |wanted: &str| {
        let metrics = checks.and_then(|checks| checks.get("metrics")).and_then(Value::as_list).unwrap_or_default();
        metrics.iter().find(|metric| name(metric) == Some(wanted))
    };
    if let Some(passed) = judged("checks_succeeded") {
        let counts = |metric: Option<&Value<'_>>| {
            let values = metric?.get("values")?;
            Some((float(values, "matches")?, float(values, "total")?))
        };
        if let (Some((passes, total)), Some((fails, _))) = (counts(Some(passed)), counts(judged("checks_failed")))
            && passes + fails != total
        {
            let detail = format!("succeeded + failed checks != total: {passes} + {fails} != {total}");
            doubts.push(Doubt::new(&["checks"], Code::Inconsistent, detail));
        }
        all.put("checks", renamed(passed, seconds));
    }
    let mut data = Builder::default();
    data.put("metrics", all.build());
    if let Some(duration) = document.get("config").and_then(|config| config.get("duration")) {
        data.put("state", [("testRunDurationMs", shift(duration, SECONDS))].into_iter().collect::<Object>());
    }
    let each = checks.and_then(|checks| checks.get("results")).and_then(Value::as_list).map(each).unwrap_or_default();
    data.put("root_group", [("checks", each.into())].into_iter().collect::<Object>());
    let mut span = Span::default();
    let made = document.get("metadata").and_then(|metadata| metadata.get("generatedAt")).and_then(Value::as_text);
    span.see_text(made.unwrap_or_default());
    if let (Some(made), Some(seconds)) = (span.to, seconds) {
        span.see_seconds(made.as_duration().as_secs_f64() - seconds);
    }
    Data { document: Value::Object(data.build()), doubts, span }
}

fn metrics<'d, 'a>(document: &'d Value<'a>) -> Option<&'d [Value<'a>]> {
    document.get("results")?.get("metrics")?.as_list()
}

fn name<'d>(metric: &'d Value<'_>) -> Option<&'d str> {
    metric.get("name").and_then(Value::as_text)
}

/// A metric with the names that handleSummary has for its figures: of a rate `passes` and `fails`, of a counter its `rate`.
fn renamed<'a>(metric: &Value<'a>, seconds: Option<f64>) -> Object<'a> {
    let kind = metric.get("type").and_then(Value::as_text).unwrap_or_default();
    let mut figures = Builder::default();
    for (key, value) in metric.get("values").and_then(Value::as_object).into_iter().flat_map(Object::iter) {
        match (kind, key) {
            ("rate", "matches") => {
                figures.put("passes", value.clone());
            }
            ("rate", "total") => {
                let matches = metric.get("values").and_then(|values| float(values, "matches"));
                let fails = value.as_number().and_then(schema::Number::to_f64).zip(matches);
                figures.put("fails", fails.map_or(Value::Null, |(total, matches)| quantity::value(total - matches)));
            }
            _ => {
                figures.put(key.to_owned(), value.clone());
            }
        }
    }
    if kind == "counter"
        && let (Some(Value::Number(count)), Some(seconds)) = (figures.get("count"), seconds)
        && let Some(count) = count.to_f64()
        && seconds > 0.0
    {
        figures.put("rate", quantity::value(count / seconds));
    }
    let mut read = Builder::default();
    for key in ["type", "contains"] {
        if let Some(value) = metric.get(key) {
            read.put(key, value.clone());
        }
    }
    read.put("values", figures.build());
    read.build()
}

/// The checks as those of the root group, for their groups are not said; those of one name are one.
fn each<'a>(results: &[Value<'a>]) -> Vec<Value<'a>> {
    let mut counted: Vec<(&str, f64, f64)> = Vec::new();
    for check in results {
        let Some(name) = name(check) else { continue };
        let [passes, fails] = ["passes", "fails"].map(|key| float(check, key).unwrap_or(f64::NAN));
        match counted.iter_mut().find(|(known, ..)| *known == name) {
            Some(known) => (known.1, known.2) = (known.1 + passes, known.2 + fails),
            None => counted.push((name, passes, fails)),
        }
    }
    let check = |(name, passes, fails): (&str, f64, f64)| {
        let path = Value::from(format!("::{name}"));
        let members = [("path", path), ("passes", quantity::value(passes)), ("fails", quantity::value(fails))];
        Value::Object(members.into_iter().collect::<Object>())
    };
    counted.into_iter().map(check).collect()
}

#[cfg(test)]
mod tests {
    use super::super::summary;
    use crate::facts::test;

    /// A run of 10 s; `%` stands for the metrics beside `http_reqs`.
    fn of(failed: u64, more: &str) -> String {
        let passed = 100 - failed;
        format!(
            r#"{{"config":{{"duration":10,"execution":"local","script":"a.js"}},"metadata":{{"generatedAt":"2026-11-28T10:00:10Z","k6Version":"1.5.0"}},"version":"1.0.0","results":{{"checks":{{"metrics":[{{"name":"checks_total","type":"counter","contains":"default","values":{{"count":100}}}},{{"name":"checks_failed","type":"rate","contains":"default","values":{{"matches":{failed},"rate":0,"total":100}}}},{{"name":"checks_succeeded","type":"rate","contains":"default","values":{{"matches":{passed},"rate":{},"total":100}}}}],"results":[{{"name":"ok","passes":{passed},"fails":{failed}}}]}},"metrics":[{{"name":"http_reqs","type":"counter","contains":"default","values":{{"count":100}}}}{more}]}}}}"#,
            passed as f64 / 100.0
        )
    }

    fn read(text: &str) -> (String, Vec<String>) {
        let document = schema::json::parse(text.as_bytes()).unwrap();
        assert!(summary::fits(&document), "{text}");
        let facts = summary::read(&document);
        assert_eq!(facts.span.from.unwrap().to_string(), "2026-11-28T10:00:00Z");
        (test::text(&facts), test::doubts(&facts))
    }

    const NO_THRESHOLDS: &str = "thresholds: missing: this form of k6's summary does not say what became of the thresholds: its exit status does";

    #[test]
    fn has_the_names_of_the_other_summaries() {
        let (text, doubts) = read(&of(
            2,
            r#",{"name":"http_req_failed","type":"rate","contains":"default","values":{"matches":3,"rate":0.03,"total":100}},{"name":"http_req_duration","type":"trend","contains":"time","values":{"avg":5,"max":20,"med":4,"min":1,"p(90)":9,"p(95)":12}}"#,
        ));
        assert_eq!(doubts, [NO_THRESHOLDS]);
        for wanted in [
            r#""http_reqs":{"count":100,"rate":10}"#,
            r#""http_req_failed":{"passes":3,"rate":0.03,"fails":97}"#,
            r#""p95_ms":12"#,
            r#""checks":{"passes":98,"rate":0.98,"fails":2,"each":{"::ok":{"passes":98,"fails":2}}}"#,
            r#""test_run_duration_ms":10000"#,
            r#""requests":100,"failed":3,"rate":10"#,
        ] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
    }

    #[test]
    fn what_was_not_measured_or_cannot_be_is_unknown() {
        let zeros = r#",{"name":"http_req_duration","type":"trend","contains":"time","values":{"avg":0,"max":0,"med":0,"min":0,"p(90)":0,"p(95)":0}},{"name":"http_req_failed","type":"rate","contains":"default","values":{"matches":0,"rate":0,"total":0}}"#;
        let (_, doubts) = read(&of(0, zeros));
        assert!(doubts.iter().any(|doubt| doubt.starts_with("http_req_duration/p95_ms: no-samples")), "{doubts:?}");
        assert!(doubts.iter().any(|doubt| doubt.starts_with("http_req_failed/rate: no-samples")), "{doubts:?}");
        let (_, doubts) =
            read(&of(0, "").replace(r#""matches":0,"rate":0,"total":100"#, r#""matches":7,"rate":0,"total":100"#));
        assert!(doubts.iter().any(|doubt| doubt.starts_with("checks: inconsistent: succeeded + failed")), "{doubts:?}");
        let twice = r#",{"name":"http_reqs","type":"counter","contains":"default","values":{"count":5}}"#;
        let (_, doubts) = read(&of(0, twice));
        assert!(doubts.contains(&"http_reqs: ambiguous: two metrics have this name".to_owned()), "{doubts:?}");
    }
}
