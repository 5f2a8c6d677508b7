//! memtier_benchmark's JSON (`--json-out-file`, 1.3 to 2.x by its source): milliseconds, by command and in all.
//!
//! It counts no answers that are errors: those are lines of its standard error. A run that was interrupted says so in newer
//! releases alone.

use schema::{Code, Object, Value};

use super::{put, rank};
use crate::facts::{Builder, Content, Doubt, Facts};
use crate::readers::load::{Load, Of, Said};
use crate::relations::Rounding;

/// Where the figures of all runs, or of the one, are.
const ALL: &str = "ALL STATS";

/// Whether a document has the shape of memtier's.
pub fn fits(document: &Value<'_>) -> bool {
    document.get(ALL).and_then(|all| all.get("Totals")).is_some_and(|totals| totals.get("Ops/sec").is_some())
}

/// Reads it: `{"Sets":{…},"Gets":{…},"Totals":{…}}`.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut facts = Facts { format: "memtier", ..Facts::default() };
    let mut report = Builder::default();
    let Some(all) = document.get(ALL) else { return facts };
    let runtime = all.get("Runtime");
    let milliseconds = runtime
        .filter(|runtime| runtime.get("Time unit").and_then(Value::as_text).is_none_or(|unit| unit == "MILLISECONDS"));
    let duration = milliseconds.and_then(|runtime| runtime.get("Total duration"));
    for (command, figures) in all.as_object().into_iter().flat_map(Object::iter) {
        if figures.get("Ops/sec").is_some() {
            put(load(figures, duration).report(), command, &mut report, &mut facts.doubts);
        }
    }
    let interrupted = runtime.and_then(|runtime| runtime.get("Interrupted"));
    if interrupted.is_some_and(|said| *said == Value::Bool(true) || said.as_text() == Some("true")) {
        facts.doubts.push(Doubt::new(&[], Code::Inconsistent, "memtier says that its run was interrupted"));
    }
    for key in ["Start time", "Finish time"] {
        let time = milliseconds.and_then(|runtime| crate::facts::float(runtime, key));
        facts.span.see_seconds(time.unwrap_or(f64::NAN) / 1000.0);
    }
    facts.content = Content::One(Value::Object(report.build()));
    facts
}

/// The figures of one command.
fn load<'a>(figures: &Value<'a>, duration: Option<&Value<'a>>) -> Load<'a> {
    // A histogram of three digits.
    let mut load = Load::new("memtier", Of::Requests, Of::Requests, Rounding { absolute: 0.001, relative: 0.005 });
    let never = "memtier does not count answers that are errors";
    (load.failed, load.unanswered) = (Said::never(never), Said::never(never));
    load.requests = Said::of(figures.get("Count").cloned());
    load.rate = Said::of(figures.get("Ops/sec").cloned());
    load.duration_ms = Said::of(duration.cloned());
    for (name, keys) in
        [("min_ms", &["Min Latency"][..]), ("mean_ms", &["Average Latency", "Latency"]), ("max_ms", &["Max Latency"])]
    {
        if let Some(value) = keys.iter().find_map(|key| figures.get(key)) {
            load.latency.push((name.to_owned(), value.clone()));
        }
    }
    let ranks = figures.get("Percentile Latencies").and_then(Value::as_object);
    for (key, value) in ranks.into_iter().flat_map(Object::iter) {
        if let Some(of) = key.strip_prefix('p').filter(|of| of.starts_with(|first: char| first.is_ascii_digit())) {
            load.latency.push((format!("p{}_ms", rank(of)), value.clone()));
        }
    }
    for name in ["p50_ms", "p95_ms", "p99_ms"] {
        load.latency_lacks.push((name, "--print-percentiles does not name it"));
    }
    for (key, name) in
        [("Hits/sec", "hits_rate"), ("Misses/sec", "misses_rate"), ("Connection Errors", "connection_errors")]
    {
        if let Some(value) = figures.get(key).filter(|value| value.as_number().is_some()) {
            load.more.push((name.to_owned(), value.clone()));
        }
    }
    load
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn by_command_and_in_all() {
        let text = r#"{"configuration":{},"ALL STATS":{"Runtime":{"Total duration":10000,"Time unit":"MILLISECONDS","Interrupted":"false"},"Sets":{"Count":0,"Ops/sec":0.0,"Latency":0.0,"Percentile Latencies":{}},"Totals":{"Count":5000,"Ops/sec":500.0,"Hits/sec":1.5,"Average Latency":1.25,"Min Latency":0.5,"Max Latency":9.5,"Percentile Latencies":{"p50.00":1.1,"p99.00":4.5,"p99.90":9.1,"Histogram log format":{"x":1}}}}}"#;
        let document = schema::json::parse(text.as_bytes()).unwrap();
        assert!(fits(&document));
        let facts = read(&document);
        let shown = test::text(&facts);
        assert!(shown.contains(r#""Totals":{"requests":5000,"failed":null"#), "{shown}");
        assert!(
            shown.contains(r#""min_ms":0.5,"mean_ms":1.25,"max_ms":9.5,"p50_ms":1.1,"p99_ms":4.5,"p99.9_ms":9.1"#),
            "{shown}"
        );
        assert!(test::doubts(&facts).iter().any(|doubt| doubt.starts_with("Sets/latency/mean_ms: no-samples")));
        let stopped = text.replace("\"false\"", "true");
        let facts = read(&schema::json::parse(stopped.as_bytes()).unwrap());
        assert!(test::doubts(&facts).contains(&": inconsistent: memtier says that its run was interrupted".to_owned()));
    }
}
