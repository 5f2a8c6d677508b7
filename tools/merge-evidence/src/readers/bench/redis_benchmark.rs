//! redis-benchmark's CSV (`--csv`), its summary and its short form (`-q`) (7.0): milliseconds, requests a second.
//!
//! It says nothing of errors: a server that answers with errors ends the run.

use schema::{Code, Value};

use super::put;
use crate::facts::Failure;
use crate::facts::{Builder, Content, Doubt, Facts};
use crate::quantity::SECONDS;
use crate::readers::load::{Load, Of, Said, number};
use crate::readers::table;
use crate::relations::Rounding;

const NEVER: &str = "redis-benchmark does not count failures";

/// Whether a text is the CSV.
pub fn fits_rows(text: &str) -> bool {
    text.starts_with("\"test\",\"rps\",\"avg_latency_ms\"")
}

fn load() -> Load<'static> {
    let mut load =
        Load::new("redis-benchmark", Of::Requests, Of::Requests, Rounding { absolute: 0.001, relative: 0.005 });
    load.requests = Said::never("this output does not say how many requests there were");
    load.duration_ms = Said::never("this output does not say how long the run took");
    load.failed = Said::never(NEVER);
    load.unanswered = Said::never(NEVER);
    load.count = Some(load.requests.clone());
    load
}

/// Reads the CSV: `{"GET":{"rate":25000.00,"latency":{"p50_ms":…}}}`.
///
/// # Errors
/// A row that does not fit the header.
pub fn read_rows(text: &str) -> Result<Facts<'static>, Failure> {
    if table::is_open(text, b',') {
        return Err(Failure::whole("ends within a quoted cell: the CSV of redis-benchmark was cut short"));
    }
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let failed = |error: &csv::Error| Failure::whole(format!("not the CSV of redis-benchmark: {error}"));
    let header: Vec<String> = reader.headers().map_err(|error| failed(&error))?.iter().map(str::to_owned).collect();
    let mut tests = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| failed(&error))?;
        let mut load = load();
        let mut name = "";
        for (column, cell) in header.iter().zip(row.iter()) {
            match column.as_str() {
                "test" => name = cell,
                "rps" => load.rate = Said::of(Some(number(cell))),
                column => {
                    let statistic = column.replace("_latency_ms", "_ms").replace("avg_", "mean_");
                    load.latency.push((statistic, number(cell)));
                }
            }
        }
        tests.push((name.to_owned(), load));
    }
    Ok(together(tests))
}

fn together(tests: Vec<(String, Load<'static>)>) -> Facts<'static> {
    let mut facts = Facts { format: "redis-benchmark", ..Facts::default() };
    let mut report = Builder::default();
    if tests.is_empty() {
        facts.doubts.push(Doubt::new(&[], Code::NoSamples, "no test ended"));
    }
    for (name, load) in tests {
        put(load.report(), &name, &mut report, &mut facts.doubts);
    }
    facts.content = Content::One(Value::Object(report.build()));
    facts
}

/// Whether a text is a summary, the short form, or the refusal of a server that is not there.
pub fn fits(text: &str) -> bool {
    let start: String = text.chars().take(4096).collect();
    let last = |line: &str| line.rsplit('\r').next().unwrap_or(line).trim().to_owned();
    start.starts_with("Could not connect to Redis")
        || start.lines().any(|line| last(line).starts_with("====== ") && last(line).ends_with(" ======"))
        || start.lines().map(last).any(|line| short(&line).is_some())
}

/// `SET: 5235.60 requests per second, p50=0.039 msec`: the test, its rate and its median.
pub fn short(line: &str) -> Option<(&str, &str, &str)> {
    let (before, after) = line.split_once(" requests per second, p50=")?;
    let (name, rate) = before.rsplit_once(": ")?;
    Some((name, rate, after.strip_suffix(" msec")?))
}

/// Reads a summary or the short form.
///
/// # Errors
/// None: what did not end is unknown.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let mut tests: Vec<(String, Load<'static>)> = Vec::new();
    let mut statistics: Vec<String> = Vec::new();
    for line in text.lines() {
        // Progress is written over itself with a carriage return.
        let line = line.rsplit('\r').next().unwrap_or(line).trim();
        if let Some((name, rate, p50)) = short(line) {
            let mut load = load();
            load.rate = Said::of(Some(number(rate)));
            load.latency.push(("p50_ms".to_owned(), number(p50)));
            tests.push((name.to_owned(), load));
        } else if let Some(name) = line.strip_prefix("====== ").and_then(|line| line.strip_suffix(" ======")) {
            tests.push((name.to_owned(), load()));
        } else if let Some((_, load)) = tests.last_mut() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let Some((count, seconds)) = line.split_once(" requests completed in ") {
                let seconds = seconds.split(' ').next().unwrap_or_default();
                load.requests = Said::of(Some(number(count)));
                load.count = Some(load.requests.clone());
                load.duration_ms = Said::of(Some(crate::quantity::shift(&number(seconds), SECONDS)));
            } else if let Some(rest) = line.strip_prefix("throughput summary: ") {
                load.rate = Said::of(rest.split(' ').next().map(number));
            } else if words.first() == Some(&"avg") {
                statistics = words.iter().map(|word| (*word).replace("avg", "mean")).collect();
            } else if !statistics.is_empty() && words.len() == statistics.len() {
                let named = statistics.drain(..).zip(&words);
                load.latency.extend(named.map(|(name, word)| (format!("{name}_ms"), number(word))));
            }
        }
    }
    let mut facts = together(tests);
    if let Some(line) = text.lines().find(|line| line.starts_with("Could not connect to Redis")) {
        facts.doubts.push(Doubt::new(&[], Code::NoSamples, line.to_owned()));
    }
    Ok(facts)
}
