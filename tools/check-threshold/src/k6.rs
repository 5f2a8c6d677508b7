//! k6's `options.thresholds` (JSON), verbatim, against k6 evidence.
//!
//! Owns k6's small grammar (`p(95)<500`) and where its figures stand in evidence. Refuses what k6 itself refuses, and
//! an aggregate that was never measured: k6 passes there, here it is missing.

use expr::{Decimal, Path, Reading, Step, Threshold};
use schema::{Value, json};

/// One threshold of k6: a metric, and an expression on one of its aggregates.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The metric, tags and all: `http_req_duration{expected_response:true}`.
    pub metric: String,
    /// The expression, verbatim.
    pub source: String,
    method: Method,
    operator: &'static str,
    bound: Decimal,
}

#[derive(Clone, Debug, PartialEq)]
enum Method {
    Plain(&'static str),
    Percentile(Decimal),
}

const OPERATORS: [&str; 7] = ["===", "<=", ">=", "==", "!=", "<", ">"];
const METHODS: [&str; 7] = ["count", "rate", "value", "avg", "min", "max", "med"];

/// Reads k6 options, or the object of thresholds alone.
pub fn read(document: &Value<'_>) -> Result<Vec<Rule>, String> {
    let thresholds = document.get("options").and_then(|options| options.get("thresholds"));
    let thresholds = thresholds.or_else(|| document.get("thresholds")).unwrap_or(document);
    let Some(object) = thresholds.as_object() else {
        return Err(format!("{} where k6's object of thresholds should be", thresholds.kind()));
    };
    let mut rules = Vec::new();
    for (metric, list) in object.iter() {
        selector(metric)?;
        rules.extend(read_list(metric, list)?);
    }
    Ok(rules)
}

/// The thresholds of one metric: texts, or objects with `threshold` (`abortOnFail` is k6's business).
fn read_list(metric: &str, list: &Value<'_>) -> Result<Vec<Rule>, String> {
    let Some(list) = list.as_list() else {
        return Err(format!("{metric}: {} where a list of thresholds should be", list.kind()));
    };
    let text = |entry: &Value<'_>| match entry {
        Value::Text(text) => Some(text.to_string()),
        entry => entry.get("threshold").and_then(Value::as_text).map(str::to_owned),
    };
    let mut rules = Vec::new();
    for entry in list {
        let Some(source) = text(entry) else {
            return Err(format!("{metric}: {} where a threshold like \"p(95)<500\" should be", entry.kind()));
        };
        rules.push(Rule::parse(metric, &source)?);
    }
    Ok(rules)
}

/// A metric's name, and tags in braces: `test_metric{abc:123,easyas:doremi}`.
fn selector(text: &str) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{text:?}: {what}; wanted metric or metric{{tag:value,…}}"));
    let Some((name, tags)) = text.split_once('{') else {
        return if text.contains('}') || text.is_empty() { wrong("a brace that was not opened") } else { Ok(()) };
    };
    if name.is_empty() || name.contains('}') {
        return wrong("no metric before its tags");
    }
    let Some(tags) = tags.strip_suffix('}') else { return wrong("tags that do not end with a brace") };
    for tag in tags.split(',') {
        match tag.split_once(':') {
            Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {}
            _ => return wrong("a tag without its value"),
        }
    }
    Ok(())
}

/// An expression cut at its operator: what stands before and behind.
fn scan(source: &str) -> Option<(&str, &'static str, &str)> {
    let (at, operator) = OPERATORS
        .iter()
        .filter_map(|operator| Some((source.find(operator)?, *operator)))
        .min_by_key(|(at, operator)| (*at, usize::MAX - operator.len()))?;
    Some((source.get(..at)?.trim(), operator, source.get(at + operator.len()..)?.trim()))
}

impl Method {
    fn parse(text: &str) -> Option<Method> {
        if let Some(plain) = METHODS.iter().find(|method| **method == text) {
            return Some(Method::Plain(plain));
        }
        let percentile = Decimal::parse(text.strip_prefix("p(")?.strip_suffix(')')?.trim())?;
        (Decimal::ZERO..=Decimal::from(100u64)).contains(&percentile).then_some(Method::Percentile(percentile))
    }

    /// The names the figure may have in evidence: ours, with k6's own behind them.
    fn names(&self) -> Vec<String> {
        let (plain, k6) = match self {
            Method::Plain("avg") => ("mean".to_owned(), "avg".to_owned()),
            Method::Plain("med") => ("p50".to_owned(), "med".to_owned()),
            Method::Plain(name) => ((*name).to_owned(), (*name).to_owned()),
            Method::Percentile(percentile) => (format!("p{percentile}"), format!("p({percentile})")),
        };
        let mut names = vec![format!("{plain}_ms"), plain.clone(), format!("{k6}_ms"), k6];
        if *self == Method::Percentile(Decimal::from(50u64)) {
            names.push("med".to_owned());
        }
        // Bytes have their unit in the name, too: data_received.count_bytes.
        names.insert(2, format!("{plain}_bytes"));
        if matches!(self, Method::Plain("count" | "rate" | "value")) {
            names = vec![plain.clone(), format!("{plain}_bytes"), format!("{plain}_ms")];
        }
        names.dedup();
        names
    }
}

impl Rule {
    /// Reads one expression on a metric.
    pub fn parse(metric: &str, source: &str) -> Result<Rule, String> {
        let wrong = |what: String| format!("{metric}: {source:?}: {what}");
        let Some((method, operator, bound)) = scan(source) else {
            return Err(wrong("wanted an expression like p(95)<500".to_owned()));
        };
        let Some(method) = Method::parse(method) else {
            return Err(wrong(format!(
                "{method:?} is not an aggregate; these are: {} and p(0) to p(100)",
                METHODS.join(" ")
            )));
        };
        let Some(bound) = Decimal::parse(bound.strip_prefix('+').unwrap_or(bound)) else {
            return Err(wrong(format!("{bound:?} is not a number")));
        };
        let operator = if operator == "===" { "==" } else { operator };
        Ok(Rule { metric: metric.to_owned(), source: source.to_owned(), method, operator, bound })
    }

    /// The thresholds this rule is for a record: one wherever its metric has the figure, by the first of its names that
    /// is there. Two runs side by side are both judged; where it is nowhere, that is what the one threshold finds.
    pub fn thresholds(&self, record: &Value<'_>) -> Result<Vec<Threshold>, expr::Error> {
        let names = self.method.names();
        let mut figures = Vec::new();
        for inner in [None, Some("values")] {
            let below = |first: Option<Step>| {
                let steps = first.into_iter().chain([name(&self.metric)]).chain(inner.map(name));
                Path::from_steps(steps.collect())
            };
            // Below the name of a source, as merge-evidence puts it, or under k6's own "metrics".
            let matched = below(Some(Step::Any)).map(|path| path.matches(record)).unwrap_or_default();
            for metric in below(None).into_iter().chain(matched.into_iter().map(|found| found.path)) {
                let paths = names.iter().filter_map(|figure| metric.child(figure));
                // More than one value of that name is there, too, and ambiguous.
                figures.extend(paths.into_iter().find(|path| path.read(record) != Reading::Missing));
            }
        }
        if figures.is_empty() {
            figures.extend(names.first().and_then(|figure| Path::from_steps(vec![name(&self.metric), name(figure)])));
        }
        let label: String = format!("{} {}", self.metric, self.source).replace(": ", ":").replace('"', "'");
        let line = |path: &Path| format!("{label}: {path} {} {}", self.operator, self.bound);
        figures.iter().map(|path| Threshold::parse(&line(path))).collect()
    }
}

fn name(text: &str) -> Step {
    Step::Name { text: text.to_owned(), quoted: false }
}

/// Reads the bytes of a file of k6 thresholds.
pub fn read_bytes(bytes: &[u8]) -> Result<Vec<Rule>, String> {
    let value = json::parse(bytes).map_err(|error| {
        let (line, column) = error.line_and_column(bytes);
        format!("{line}:{column}: {error}")
    })?;
    read(&value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::Status;

    fn outside(name: &str) -> Vec<Vec<String>> {
        let text = testkit::outside(&format!("cases/{name}.tsv")).unwrap_or_default();
        text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn the_table_of_expressions() {
        let rows = outside("k6-threshold-parse");
        for row in &rows {
            let ok = row[1] == "1";
            match row[6].split(' ').next().unwrap() {
                "full-expression" => assert_eq!(Rule::parse("m", &row[0]).is_ok(), ok, "{row:?}"),
                "method-only" => {
                    let method = Method::parse(&row[0]);
                    assert_eq!(method.is_some(), ok, "{row:?}");
                    match method {
                        Some(Method::Plain(name)) => assert_eq!(name, row[2]),
                        Some(Method::Percentile(percentile)) => assert_eq!(percentile.to_string(), row[3]),
                        None => {}
                    }
                }
                _ => {
                    let cut = scan(&row[0]);
                    assert_eq!(cut.is_some(), ok, "{row:?}");
                    if let Some((method, operator, value)) = cut {
                        assert_eq!((method, operator, value), (row[2].as_str(), row[4].as_str(), row[5].as_str()));
                    }
                }
            }
        }
        assert!(rows.is_empty() || rows.len() == 33, "{}", rows.len());
    }

    #[test]
    fn the_table_of_configurations() {
        let rows = outside("k6-threshold-config-json");
        for row in &rows {
            let value = json::parse(row[0].as_bytes()).unwrap();
            let rules = read_list("m", &value);
            if row[1] == "ERROR" {
                assert!(rules.is_err(), "{row:?}");
                continue;
            }
            let sources: Vec<String> = rules.unwrap().into_iter().map(|rule| rule.source).collect();
            assert_eq!(sources.join(";"), row[1], "{row:?}");
        }
        assert!(rows.is_empty() || rows.len() == 9, "{}", rows.len());
    }

    #[test]
    fn the_table_of_selectors() {
        for row in &outside("k6-metric-selector-parse") {
            assert_eq!(selector(&row[0]).is_ok(), row[1] == "1", "{row:?}");
        }
    }

    /// Evidence as merge-evidence makes it of what k6 measured.
    fn evidence(kind: &str, samples: &str) -> String {
        if samples.starts_with("(no samples") {
            return "{}".to_owned();
        }
        let mut members = Vec::new();
        match kind {
            "sink" => {
                for pair in samples.split(';') {
                    let (name, value) = pair.split_once('=').unwrap();
                    members.push(format!("{:?}:{value}", Method::parse(name).unwrap().names().pop().unwrap()));
                }
            }
            // The rate of a counter is known once the run has lasted; these rows say how long: not at all.
            "counter" => members.push(format!("\"count\":{}", samples.trim_start_matches("value="))),
            "trend" => {
                let mut sorted: Vec<f64> = samples.split(',').map(|sample| sample.parse().unwrap()).collect();
                sorted.sort_by(f64::total_cmp);
                // k6's own figures (its interpolation, R-7), rounded as its summary prints them.
                let at = |percent: f64| {
                    let place = percent / 100.0 * (sorted.len() - 1) as f64;
                    let low = sorted[place.floor() as usize];
                    let high = sorted[place.ceil() as usize];
                    ((low + (high - low) * place.fract()) * 1e6).round() / 1e6
                };
                for percent in [0.0, 1.0, 50.0, 95.0, 99.0, 100.0] {
                    members.push(format!("\"p{percent}_ms\":{}", at(percent)));
                }
                members.push(format!("\"count\":{}", sorted.len()));
            }
            other => panic!("{other}"),
        }
        format!("{{\"k6\":{{\"m\":{{{}}}}}}}", members.join(","))
    }

    #[test]
    fn the_table_of_evaluations() {
        let rows = outside("k6-threshold-eval");
        let mut ours = 0;
        for row in &rows {
            let record_text = evidence(&row[0], &row[1]);
            let record = json::parse(record_text.as_bytes()).unwrap();
            let statuses = row[3].split(';').map(|source| {
                let rule = Rule::parse("m", source).unwrap();
                let mut thresholds = rule.thresholds(&record).unwrap_or_else(|error| panic!("{row:?}: {error}"));
                assert_eq!(thresholds.len(), 1, "{row:?}");
                thresholds.remove(0).checks(&record, "", None).remove(0).status
            });
            let status = Status::all(statuses);
            // Where nothing was measured k6 passes, or counts it as 0: here that is never an answer.
            let unmeasured = row[1].starts_with("(no samples") || row[5].contains("ours should be");
            if unmeasured {
                ours += 1;
            }
            let wanted = match row[4].as_str() {
                _ if unmeasured => Status::Inconclusive,
                "1" => Status::Pass,
                _ => Status::Fail,
            };
            assert_eq!(status, wanted, "{row:?} on {record_text}");
        }
        assert!(rows.is_empty() || (rows.len() == 40 && ours == 8), "{} {ours}", rows.len());
    }
    #[test]
    fn two_runs_side_by_side_are_both_judged() {
        let rule = Rule::parse("http_req_duration", "p(95)<500").unwrap();
        let paths = |text: &str| {
            let record = json::parse(text.as_bytes()).unwrap();
            let thresholds = rule.thresholds(&record).unwrap();
            thresholds.iter().map(Threshold::metric_text).collect::<Vec<_>>()
        };
        assert_eq!(
            paths(r#"{"a":{"http_req_duration":{"p95_ms":1}},"b":{"http_req_duration":{"p95_ms":900}}}"#),
            ["a.http_req_duration.p95_ms", "b.http_req_duration.p95_ms"]
        );
        assert_eq!(paths(r#"{"http_req_duration":{"p95_ms":1,"p(95)":2}}"#), ["http_req_duration.p95_ms"]);
        assert_eq!(paths(r#"{"http_req_duration":{"p95_ms":null}}"#), ["http_req_duration.p95_ms"]);
        assert_eq!(paths("{}"), ["http_req_duration.p95_ms"]);
    }
}
