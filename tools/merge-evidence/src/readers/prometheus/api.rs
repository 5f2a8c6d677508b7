//! Answers of Prometheus' HTTP API (`/api/v1/query`, `/api/v1/query_range`), alone or anywhere in a snapshot document.
//!
//! Values are strings there. An empty result, an error, a warning, NaN and the infinities are no values: the number
//! of a query that found nothing is not 0.

use std::collections::HashMap;

use schema::{Code, List, Number, Object, Value};

use crate::facts::cadence::{Cadence, Hole};
use crate::facts::{Builder, Content, Doubt, Facts, Span, Told};
use crate::quantity;

/// Whether a document is an answer, or has one in it.
pub fn fits(document: &Value<'_>) -> bool {
    is_answer(document)
        || match document {
            Value::List(list) if !list.is_empty() && is_result(list) => true,
            Value::Object(object) => object.iter().any(|(_, value)| fits(value)),
            Value::List(list) => list.any(fits),
            _ => false,
        }
}

/// Whether a list is what `promtool query -o json` prints: series with their labels and their values, or none at all.
pub fn is_result(list: &List<'_>) -> bool {
    list.all(|series| {
        let value = series.get("value").is_some_and(|value| sample(value).is_some());
        let values = series.get("values").and_then(Value::as_list);
        series.get("metric").is_some_and(|metric| metric.as_object().is_some())
            && (value || values.is_some_and(|values| values.iter().all(|value| sample(value).is_some())))
    })
}

fn is_answer(value: &Value<'_>) -> bool {
    match value.get("status").and_then(Value::as_text) {
        Some("success") => value.get("data").is_some_and(|data| {
            (data.get("resultType").is_some() && data.get("result").is_some()) || sample(data).is_some()
        }),
        Some("error") => value.get("errorType").is_some(),
        _ => false,
    }
}

/// Reads a document: each answer in it becomes its value, all else stays.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut facts = Facts { format: "prometheus", ..Facts::default() };
    // promtool prints the result alone: a list of series.
    let wrapped;
    let document = match document {
        Value::List(list) if is_result(list) => {
            let range = list.iter().any(|series| series.get("values").is_some());
            let kind = if range { "matrix" } else { "vector" };
            let data = [("resultType", Value::from(kind)), ("result", Value::List(list.clone()))];
            let answer: [(&str, Value<'a>); 2] =
                [("status", Value::from("success")), ("data", data.into_iter().collect::<Object<'a>>().into())];
            wrapped = Value::Object(answer.into_iter().collect());
            &wrapped
        }
        document => document,
    };
    let value = walk(document, &mut Vec::new(), &mut facts);
    facts.told.iter().for_each(|told| facts.span.join(told.span));
    facts.content = Content::One(value);
    facts
}

fn walk<'a>(value: &Value<'a>, above: &mut Vec<String>, facts: &mut Facts<'a>) -> Value<'a> {
    if is_answer(value) {
        return answer(value, above, facts);
    }
    let mut below = |key: &str, value: &Value<'a>| {
        above.push(key.to_owned());
        let value = walk(value, above, facts);
        above.pop();
        value
    };
    match value {
        Value::Object(object) => {
            let members = object.iter().map(|(key, value)| (key.to_owned(), below(key, value)));
            Value::Object(members.collect())
        }
        Value::List(list) => {
            Value::List(list.iter().enumerate().map(|(place, value)| below(&place.to_string(), value)).collect())
        }
        other => other.clone(),
    }
}

fn answer<'a>(answer: &Value<'a>, above: &[String], facts: &mut Facts<'a>) -> Value<'a> {
    let Facts { doubts, told, holes, .. } = facts;
    let text = |key: &str| answer.get(key).and_then(Value::as_text).unwrap_or_default();
    let mut doubt = |steps: &[&str], code, detail: String| {
        let mut doubt = Doubt::new(steps, code, detail);
        doubt.steps.splice(0..0, above.iter().cloned());
        doubts.push(doubt);
    };
    // One answer of today does not vouch for another of yesterday: each series is as old as its own samples.
    let mut tell = |steps: &[&str], span: Span| {
        let steps = above.iter().map(String::as_str).chain(steps.iter().copied()).map(str::to_owned).collect();
        told.push(Told { steps, span });
    };
    if text("status") == "error" {
        doubt(&[], Code::Missing, format!("the query failed: {}: {}", text("errorType"), text("error")));
        return Value::Null;
    }
    let warnings = answer.get("warnings").and_then(Value::as_list).unwrap_or_default();
    if let Some(first) = warnings.first() {
        // A warning says that a store did not answer: what came is a part.
        let first = first.as_text().unwrap_or_default();
        doubt(&[], Code::MissingSource, format!("the answer carries a warning: {first}"));
    }
    // VictoriaMetrics says so where Thanos warns.
    if answer.get("isPartial") == Some(&Value::Bool(true)) {
        doubt(&[], Code::MissingSource, "the answer is partial (isPartial)".to_owned());
    }
    let Some(data) = answer.get("data") else { return Value::Null };
    let series = match (data.get("resultType").and_then(Value::as_text), data.get("result")) {
        (None, _) | (Some("scalar"), _) => {
            let pair = data.get("result").unwrap_or(data);
            let mut span = Span::default();
            let value = single(pair, &mut span);
            tell(&[], span);
            return match value {
                Ok(value) => value,
                Err((code, detail)) => {
                    doubt(&[], code, detail);
                    Value::Null
                }
            };
        }
        (Some("string"), Some(Value::List(pair))) => {
            return pair.get(1).cloned().unwrap_or_default();
        }
        (Some("vector" | "matrix"), Some(Value::List(series))) => series,
        (Some(other), _) => {
            doubt(&[], Code::WrongType, format!("a result of the type {other:?}"));
            return Value::Null;
        }
    };
    if series.is_empty() {
        doubt(&[], Code::NoSamples, "the query gave an empty vector".to_owned());
        return Value::Null;
    }
    let names: Vec<&str> = series.iter().map(|series| label(series, "__name__")).collect();
    let one_name = names.iter().all(|name| Some(name) == names.first());
    let mut by_name = Builder::default();
    let keys = keys(series, &names);
    let range = Range::of(series);
    for ((series, name), labels) in series.iter().zip(&names).zip(keys) {
        let mut steps: Vec<&str> = Vec::new();
        if !one_name {
            steps.push(name);
        }
        if !labels.is_empty() {
            steps.push(&labels);
        }
        let mut span = Span::default();
        let value = measured(series, &mut span);
        tell(&steps, span);
        if let Some(hole) = range.hole(&cadence(series)) {
            holes.push((
                above.iter().map(String::as_str).chain(steps.iter().copied()).map(str::to_owned).collect(),
                hole,
            ));
        }
        let value = match value {
            Ok(value) => value,
            Err((code, detail)) => {
                doubt(&steps, code, detail);
                Value::Null
            }
        };
        let placed = match steps.as_slice() {
            [] => return value,
            [key] => by_name.put((*key).to_owned(), value),
            [name, labels, ..] => match by_name.entry(name) {
                Value::Object(object) => object.insert((*labels).to_owned(), value).is_none(),
                empty => {
                    *empty = [((*labels).to_owned(), value)].into_iter().collect::<Object>().into();
                    true
                }
            },
        };
        if !placed {
            doubt(&steps, Code::Ambiguous, SHARED.to_owned());
        }
    }
    Value::Object(by_name.build())
}

/// What is said of two series that have one path with us.
pub const SHARED: &str = "two series have this name";

/// The key of each series among those of its metric.
fn keys(series: &[Value<'_>], metrics: &[&str]) -> Vec<String> {
    let labels: Vec<Vec<(String, String)>> = series.iter().map(labels).collect();
    let mut keys = vec![String::new(); series.len()];
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, metric) in metrics.iter().enumerate() {
        places.entry(metric).or_default().push(place);
    }
    for places in places.values() {
        let found = names(places.iter().filter_map(|&place| labels.get(place)).map(Vec::as_slice));
        for (&place, name) in places.iter().zip(found) {
            if let Some(key) = keys.get_mut(place) {
                // Beside series with labels, one without any has this key.
                *key = if name.is_empty() && places.len() > 1 { "{}".to_owned() } else { name };
            }
        }
    }
    keys
}

fn label<'v>(series: &'v Value<'_>, name: &str) -> &'v str {
    series.get("metric").and_then(|metric| metric.get(name)).and_then(Value::as_text).unwrap_or_default()
}

fn labels(series: &Value<'_>) -> Vec<(String, String)> {
    let metric = series.get("metric").and_then(Value::as_object).into_iter().flat_map(Object::iter);
    let labels = metric.map(|(name, value)| (name, value.as_text().unwrap_or_default()));
    // A label without a value is none.
    let labels = labels.filter(|(name, value)| *name != "__name__" && !value.is_empty());
    labels.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The keys of the series of one metric: the value of the only label where all that have one label have the same, else
/// `code=200,method=get`.
pub fn names<'l>(series: impl Iterator<Item = &'l [(String, String)]> + Clone) -> Vec<String> {
    let mut only = series.clone().filter_map(|labels| match labels {
        [(name, _)] => Some(name.as_str()),
        _ => None,
    });
    let first = only.next();
    let values_tell = only.all(|name| Some(name) == first);
    series
        .map(|labels| match labels {
            [(_, value)] if values_tell && !value.is_empty() => value.clone(),
            labels => {
                let mut pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
                pairs.sort_unstable();
                pairs.join(",")
            }
        })
        .collect()
}

/// The times of a series.
fn cadence(series: &Value<'_>) -> Cadence {
    let mut cadence = Cadence::default();
    let values = series.get("values").and_then(Value::as_list).unwrap_or_default();
    for (time, _) in values.iter().filter_map(sample) {
        cadence.see(time.to_f64().unwrap_or(f64::NAN));
    }
    cadence
}

/// What the series of one answer were sampled over: a range query samples all of them from its start to its end, so
/// one that begins late or ends early was not seen for that time.
struct Range {
    from: f64,
    to: f64,
    usual: f64,
}

impl Range {
    fn of(series: &[Value<'_>]) -> Range {
        let mut range = Range { from: f64::INFINITY, to: f64::NEG_INFINITY, usual: f64::INFINITY };
        for cadence in series.iter().map(cadence) {
            if let Some((first, last)) = cadence.ends() {
                (range.from, range.to) = (range.from.min(first), range.to.max(last));
            }
            range.usual = range.usual.min(cadence.usual().unwrap_or(f64::INFINITY));
        }
        range
    }

    /// The widest stretch of it in which a series has no sample.
    fn hole(&self, cadence: &Cadence) -> Option<Hole> {
        let inside = cadence.hole(true);
        let holes = [inside, cadence.short_of(self.from, self.to, self.usual)];
        let widest = holes.into_iter().flatten().max_by(|a, b| a.length().total_cmp(&b.length()))?;
        Some(Hole { inside: inside.is_some(), ..widest })
    }
}

fn measured(series: &Value<'_>, span: &mut Span) -> Result<Value<'static>, (Code, String)> {
    if let Some(pair) = series.get("value") {
        return single(pair, span);
    }
    let Some(values) = series.get("values").and_then(Value::as_list) else {
        return Err((Code::WrongType, "a series without plain values".to_owned()));
    };
    let mut numbers = Vec::with_capacity(values.len());
    for pair in values {
        numbers.push(match single(pair, span)? {
            Value::Number(number) => number,
            _ => return Err((Code::NotANumber, "a series of texts".to_owned())),
        });
    }
    let doubles: Vec<f64> = numbers.iter().filter_map(|number| number.to_f64()).collect();
    let place = |pick: fn(f64, f64) -> bool| {
        let mut best = 0;
        for (place, value) in doubles.iter().enumerate() {
            if doubles.get(best).is_some_and(|best| pick(*value, *best)) {
                best = place;
            }
        }
        numbers.get(best).cloned().map_or(Value::Null, Value::Number)
    };
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
        return Err((Code::NoSamples, "the series has no values".to_owned()));
    };
    let mean = doubles.iter().sum::<f64>() / doubles.len() as f64;
    let summary = [
        ("count", Value::from(numbers.len() as u64)),
        ("min", place(|value, best| value < best)),
        ("mean", quantity::value(mean)),
        ("max", place(|value, best| value > best)),
        ("first", first.clone().into()),
        ("last", last.clone().into()),
    ];
    Ok(Value::Object(summary.into_iter().collect()))
}

/// `[1234.5, "20"]`: seconds since 1970 and a number as text.
fn sample<'v>(pair: &'v Value<'_>) -> Option<(&'v Number<'v>, &'v str)> {
    match pair.as_list()? {
        [Value::Number(time), Value::Text(value)] => Some((time, value)),
        _ => None,
    }
}

fn single(pair: &Value<'_>, span: &mut Span) -> Result<Value<'static>, (Code, String)> {
    let Some((time, text)) = sample(pair) else {
        return Err((Code::WrongType, "a sample that is not [time, \"value\"]".to_owned()));
    };
    span.see_seconds(time.to_f64().unwrap_or(f64::NAN));
    match Number::parse(text.to_owned()) {
        Some(number) => Ok(Value::Number(number)),
        None => Err((Code::NotANumber, format!("the value is {text}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn facts(text: &str) -> (String, Vec<String>) {
        let document = schema::json::parse(text.as_bytes()).unwrap();
        assert!(fits(&document), "{text}");
        let facts = read(&document);
        (test::text(&facts), test::doubts(&facts))
    }

    #[test]
    fn answers_of_the_api() {
        let Some(table) = testkit::outside("cases/prometheus-json-values.tsv") else { return };
        let mut seen = 0;
        for row in table.lines().skip(1) {
            let [json, value, ..] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
            let (text, doubts) = facts(json);
            seen += 1;
            match value {
                "NaN" | "+Inf" | "-Inf" => {
                    assert_eq!(
                        (text.as_str(), doubts),
                        ("null", vec![format!(": not-a-number: the value is {value}")])
                    );
                }
                "foo=1;bar=2" => assert_eq!(text, r#"{"foo":1,"bar":2}"#),
                "foo=1@1;bar=2@2" => assert_eq!(
                    text,
                    r#"{"foo":{"count":1,"min":1,"mean":1,"max":1,"first":1,"last":1},"bar":{"count":1,"min":2,"mean":2,"max":2,"first":2,"last":2}}"#
                ),
                value if value.starts_with("(no data)") => {
                    assert_eq!(
                        (text.as_str(), doubts),
                        ("null", vec![": no-samples: the query gave an empty vector".to_owned()])
                    );
                }
                number => {
                    let number: f64 = number.parse().unwrap();
                    assert_eq!((text.parse::<f64>().unwrap(), doubts), (number, Vec::new()), "{json}");
                }
            }
        }
        assert_eq!(seen, 13);
    }

    #[test]
    fn a_snapshot_of_several_queries() {
        let (text, doubts) = facts(
            r#"{"collected_at":"2026-03-05T20:32:12Z","queries":{"restarts":{"status":"success","data":{"resultType":"vector","result":[]}},"drops":{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"x"},"value":[1772742732,"0"]}]}},"up":{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","pod":"a"},"value":[1,"1"]},{"metric":{"__name__":"up","pod":"b","zone":"z"},"value":[1,"0"]}]}},"bad":{"status":"error","errorType":"bad_data","error":"parse error"},"part":{"status":"success","warnings":["store down"],"data":{"resultType":"scalar","result":[1,"7"]}}}}"#,
        );
        assert_eq!(
            text,
            r#"{"collected_at":"2026-03-05T20:32:12Z","queries":{"restarts":null,"drops":0,"up":{"a":1,"pod=b,zone=z":0},"bad":null,"part":7}}"#
        );
        assert_eq!(
            doubts,
            [
                "queries/restarts: no-samples: the query gave an empty vector",
                "queries/bad: missing: the query failed: bad_data: parse error",
                "queries/part: missing-source: the answer carries a warning: store down"
            ]
        );
    }

    #[test]
    fn a_range_with_a_nan_is_unknown() {
        let (text, doubts) = facts(
            r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"pod":"a"},"values":[[1,"3"],[2,"NaN"]]},{"metric":{"pod":"b"},"values":[[1,"3"],[2,"1.50"]]}]}}"#,
        );
        assert_eq!(text, r#"{"a":null,"b":{"count":2,"min":1.50,"mean":2.25,"max":3,"first":3,"last":1.50}}"#);
        assert_eq!(doubts, ["a: not-a-number: the value is NaN"]);
    }

    #[test]
    fn a_hole_in_a_range_is_told() {
        let document = schema::json::parse(
            br#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[0,"1"],[15,"1"],[3600,"1"],[3615,"1"]]}]}}"#,
        )
        .unwrap();
        let holes = read(&document).holes;
        assert_eq!(holes.len(), 1);
        assert_eq!((holes[0].0.len(), holes[0].1.length()), (0, 3585.0));
    }

    #[test]
    fn a_series_that_ends_early_beside_whole_ones_is_told() {
        let samples = |from: u32, to: u32| {
            let pairs: Vec<String> = (from..to).map(|n| format!("[{},\"1\"]", n * 15)).collect();
            pairs.join(",")
        };
        let document = format!(
            r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{"i":"whole"}},"values":[{}]}},{{"metric":{{"i":"early"}},"values":[{}]}},{{"metric":{{"i":"late"}},"values":[{}]}},{{"metric":{{"i":"once"}},"values":[[300,"1"]]}},{{"metric":{{"i":"near"}},"values":[{}]}}]}}}}"#,
            samples(0, 41),
            samples(0, 20),
            samples(30, 41),
            samples(3, 38)
        );
        let holes = read(&schema::json::parse(document.as_bytes()).unwrap()).holes;
        let told: Vec<(&str, f64, f64)> =
            holes.iter().map(|(steps, hole)| (steps[0].as_str(), hole.from, hole.to)).collect();
        assert_eq!(told, [("early", 285.0, 600.0), ("late", 0.0, 450.0), ("once", 300.0, 600.0)]);
    }

    #[test]
    fn a_part_of_an_answer_is_told() {
        let (_, doubts) = facts(
            r#"{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[{"metric":{},"value":[1,"0"]}]}}"#,
        );
        assert_eq!(doubts, [": missing-source: the answer is partial (isPartial)"]);
    }

    #[test]
    fn each_series_has_a_path_of_its_own() {
        let vector = |metrics: &[&str]| {
            let series = metrics.iter().map(|metric| format!(r#"{{"metric":{{{metric}}},"value":[1,"1"]}}"#));
            let series = series.collect::<Vec<_>>().join(",");
            facts(&format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{series}]}}}}"#))
        };
        let (a, ax, b) = (r#""__name__":"a""#, r#""__name__":"a","job":"x""#, r#""__name__":"b""#);
        for (metrics, wanted) in [
            ([a, ax, b], r#"{"a":{"{}":1,"x":1},"b":1}"#),
            ([ax, a, b], r#"{"a":{"x":1,"{}":1},"b":1}"#),
            ([r#""l":"a-b""#, r#""l":"a_b""#, r#""l":"A_b""#], r#"{"a-b":1,"a_b":1,"A_b":1}"#),
        ] {
            assert_eq!(vector(&metrics), (wanted.to_owned(), Vec::new()));
        }
        // A label without a value is none; a value may look like labels.
        for (metrics, path) in [
            ([a, r#""__name__":"a","job":"""#, ax], "{}"),
            ([r#""x":"a=b,c=d""#, r#""a":"b","c":"d""#, r#""x":"b""#], "a=b,c=d"),
            ([r#""a":"b,c=d""#, r#""a":"b","c":"d""#, r#""z":"b""#], "a=b,c=d"),
            ([r#""x":"{}""#, "", r#""x":"b""#], "{}"),
        ] {
            assert_eq!(vector(&metrics).1, [format!("{path}: ambiguous: two series have this name")], "{metrics:?}");
        }
    }

    #[test]
    fn series_without_a_name_of_their_own() {
        let (text, doubts) = facts(
            r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"pod":"a"},"value":[1,"3"]},{"metric":{"node":"a"},"value":[1,"4"]},{"metric":{},"value":[1,"5"]}]}}"#,
        );
        assert_eq!(text, r#"{"pod=a":3,"node=a":4,"{}":5}"#);
        assert_eq!(doubts, [""; 0]);
        let (text, _) = facts(r#"[{"metric":{"__name__":"up","pod":"a"},"value":[1,"3"]}]"#);
        assert_eq!(text, r#"{"a":3}"#);
    }
}
