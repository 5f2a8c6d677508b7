//! k6's granular output (`k6 run --out json=FILE`): points folded per metric, in memory that depends on metrics only.
//!
//! Owns the two kinds of lines and what the points of each kind of metric come to. Percentiles are `percentile -f data.value -b metric`.

use std::collections::{BTreeMap, HashMap};

use expr::Decimal;
use schema::{Code, Number, Object, Value, json};

use super::line::{number, point};
use super::names::{self, Contains, Kind, contains, may_be_zero, statistic};
use crate::facts::moments::Moments;
use crate::facts::{Builder, Content, Doubt, Facts};
use crate::quantity;
use crate::readers::impossible;

/// Whether a line is one that k6 writes: an object with `type` Metric or Point, `metric` and `data`.
pub fn fits(line: &[u8]) -> bool {
    let Ok(value) = json::parse_lazily(line) else { return false };
    let kind = value.get("type").and_then(Value::as_text);
    matches!(kind, Some("Metric" | "Point")) && value.get("metric").is_some() && value.get("data").is_some()
}

/// Numbers with up to this many decimals are added as integers of one size each.
const DECIMALS: usize = 19;

/// The points read so far.
#[derive(Debug, Default)]
pub struct Points {
    metrics: Vec<Metric>,
    places: HashMap<Vec<u8>, usize>,
    /// Where the last point went: k6 writes the metrics of a request in the same order each time.
    last: usize,
    span: Moments,
    lines: u64,
    /// The tags of a point before, as text.
    tags: Vec<u8>,
}

#[derive(Debug, Default)]
struct Metric {
    name: String,
    kind: Option<Kind>,
    contains: Contains,
    thresholds: Vec<String>,
    count: u64,
    nonzero: u64,
    min: Extreme,
    max: Extreme,
    last: String,
    sum: Sum,
}

/// The smallest or largest number so far: its double to compare by, its text to print.
#[derive(Debug, Default)]
struct Extreme(Option<(f64, String)>);

/// A sum of decimals that does not depend on their order: one integer for each power of ten.
#[derive(Debug, Default)]
struct Sum {
    short: [i128; DECIMALS],
    long: BTreeMap<i32, i128>,
    /// Past 38 digits a sum cannot be told.
    overflow: bool,
}

impl Points {
    /// Takes one line.
    ///
    /// # Errors
    /// JSON that is malformed, or no line of k6's: the column and the reason.
    pub fn line(&mut self, line: &[u8]) -> Result<(), (usize, String)> {
        self.lines += 1;
        match point(line, &mut self.tags) {
            Some(point) => self.point(point.metric, point.time, point.value).ok_or_else(|| (1, wanted(line))),
            None => self.any(line),
        }
    }

    /// How many lines were read.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    fn any(&mut self, line: &[u8]) -> Result<(), (usize, String)> {
        let value = json::parse(line).map_err(|error| {
            let cut = if error.unfinished { " (cut short?)" } else { "" };
            (error.line_and_column(line).1, format!("{error}{cut}"))
        })?;
        let wanted = || (1, wanted(line));
        let text = |key: &str| value.get(key).and_then(Value::as_text);
        let (kind, name) = (text("type").ok_or_else(wanted)?, text("metric").ok_or_else(wanted)?);
        let data = value.get("data").ok_or_else(wanted)?;
        match kind {
            "Point" => {
                let number = data.get("value").and_then(Value::as_number).ok_or_else(wanted)?;
                let time = data.get("time").and_then(Value::as_text).unwrap_or_default();
                self.point(name.as_bytes(), time.as_bytes(), number.as_str().as_bytes()).ok_or_else(wanted)
            }
            "Metric" => {
                let place = self.place(name.as_bytes()).ok_or_else(wanted)?;
                let metric = &mut self.metrics[place];
                metric.kind = data.get("type").and_then(Value::as_text).and_then(Kind::from_word);
                metric.contains = contains(name, data.get("contains").and_then(Value::as_text));
                let thresholds = data.get("thresholds").and_then(Value::as_list).unwrap_or_default();
                metric.thresholds = thresholds.iter().filter_map(Value::as_text).map(str::to_owned).collect();
                Ok(())
            }
            _ => Err(wanted()),
        }
    }

    fn place(&mut self, name: &[u8]) -> Option<usize> {
        let next = if self.last + 1 < self.metrics.len() { self.last + 1 } else { 0 };
        for guess in [next, self.last] {
            if self.metrics.get(guess).is_some_and(|metric| metric.name.as_bytes() == name) {
                self.last = guess;
                return Some(guess);
            }
        }
        let place = match self.places.get(name) {
            Some(&place) => place,
            None => {
                let name = std::str::from_utf8(name).ok()?;
                // The lines that say what a metric is are often filtered out; k6's own are known without.
                let (kind, contains) = (names::kind(name), contains(name, None));
                let metric = Metric { name: name.to_owned(), kind, contains, ..Metric::default() };
                self.metrics.push(metric);
                self.places.insert(name.as_bytes().to_owned(), self.metrics.len() - 1);
                self.metrics.len() - 1
            }
        };
        self.last = place;
        Some(place)
    }

    fn point(&mut self, name: &[u8], time: &[u8], value: &[u8]) -> Option<()> {
        let place = self.place(name)?;
        self.span.see(time);
        self.metrics[place].see(std::str::from_utf8(value).ok()?)
    }

    /// What the points come to.
    pub fn finish(self) -> Facts<'static> {
        let mut facts = Facts { format: "k6-points", span: self.span.finish(), ..Facts::default() };
        let mut report = Builder::default();
        for metric in self.metrics {
            let name = metric.name.clone();
            let (summary, doubts) = metric.finish();
            facts.doubts.extend(doubts.into_iter().map(|doubt| doubt.under(&name)));
            names::put(&name, summary, &mut report);
        }
        if report.has("iterations") && !report.has("dropped_iterations") {
            let none = [("count", Value::from(0u64)), ("samples", Value::from(0u64))];
            report.put("dropped_iterations", none.into_iter().collect::<Object>());
        }
        facts.content = Content::One(Value::Object(report.build()));
        facts.doubts.extend(impossible::doubts(&facts));
        facts
    }
}

fn wanted(line: &[u8]) -> String {
    format!("{} is not a line of k6's JSON output", json::quote(line))
}

impl Metric {
    fn see(&mut self, text: &str) -> Option<()> {
        let (double, short) = number(text)?;
        self.count += 1;
        self.nonzero += u64::from(double != 0.0);
        self.min.see(double, text, |a, b| a < b);
        self.max.see(double, text, |a, b| a > b);
        if self.kind == Some(Kind::Gauge) {
            self.last.clear();
            self.last.push_str(text);
        }
        match short {
            Some((digits, decimals)) => self.sum.short[decimals] += i128::from(digits),
            None => self.sum.add(text),
        }
        Some(())
    }

    fn finish(self) -> (Object<'static>, Vec<Doubt>) {
        let mut summary = Builder::default();
        let mut doubts = Vec::new();
        let total = self.sum.total();
        let mean = match total {
            Some(total) if self.count > 0 => {
                let total = total.to_number().to_f64().unwrap_or(f64::NAN);
                quantity::value(total / self.count as f64)
            }
            _ => Value::Null,
        };
        let count = Value::from(self.count);
        let ratio = quantity::value(self.nonzero as f64 / self.count as f64);
        let total = total.map_or(Value::Null, |total| Value::Number(total.to_number()));
        // A time that k6 measured is never exactly 0: those are requests without an answer. A user's trend of plain
        // numbers may be.
        let untimed = self.kind == Some(Kind::Trend)
            && self.count > 0
            && self.nonzero == 0
            && self.contains == Contains::Time
            && !may_be_zero(&self.name);
        let (min, max) = (self.min.value(), self.max.value());
        let last = Number::parse(self.last.clone()).map_or(Value::Null, Value::Number);
        let figures: Vec<(&str, Value<'static>)> = match self.kind {
            Some(Kind::Counter) => vec![("count", total), ("samples", count)],
            Some(Kind::Gauge) => vec![("value", last), ("min", min), ("max", max), ("samples", count)],
            Some(Kind::Rate) => {
                vec![("rate", ratio), ("passes", self.nonzero.into()), ("fails", (self.count - self.nonzero).into())]
            }
            Some(Kind::Trend) => vec![("count", count), ("min", min), ("mean", mean), ("max", max)],
            None => {
                let detail = "no Metric line says whether it is a counter, a rate or a trend: samples are its points";
                doubts.push(Doubt::new(&["count"], Code::Missing, detail));
                vec![("count", Value::Null), ("samples", count), ("min", min), ("mean", mean), ("max", max)]
            }
        };
        for (key, value) in figures {
            let told = key != "count" || self.kind.is_some();
            let counts = matches!(key, "count" | "samples");
            let key = statistic(self.contains, key);
            if untimed && !counts {
                doubts.push(Doubt::new(&[&key], Code::NoSamples, "every sample is 0: no answer was timed"));
                summary.put(key, Value::Null);
                continue;
            }
            if value == Value::Null && told {
                let (code, detail) = match self.count {
                    0 => (Code::NoSamples, "the metric has no points"),
                    _ => (Code::Overflow, "the sum is beyond 38 digits"),
                };
                doubts.push(Doubt::new(&[&key], code, detail));
            }
            summary.put(key, value);
        }
        if !self.thresholds.is_empty() {
            summary.put("threshold_texts", self.thresholds.into_iter().map(Value::from).collect::<Vec<_>>());
        }
        (summary.build(), doubts)
    }
}

impl Extreme {
    fn see(&mut self, double: f64, text: &str, beyond: fn(f64, f64) -> bool) {
        let replaced = match &self.0 {
            None => true,
            Some((best, _)) if beyond(double, *best) => true,
            // Two decimals can share a double: then their exact values decide.
            Some((best, known)) => {
                *best == double && known != text && {
                    let exact = |text: &str| Decimal::parse(text);
                    match (exact(text), exact(known)) {
                        (Some(came), Some(known)) => {
                            let side = if came < known {
                                -1.0
                            } else if came > known {
                                1.0
                            } else {
                                0.0
                            };
                            beyond(side, 0.0)
                        }
                        _ => false,
                    }
                }
            }
        };
        if replaced {
            match &mut self.0 {
                Some((best, known)) => {
                    *best = double;
                    known.clear();
                    known.push_str(text);
                }
                none => *none = Some((double, text.to_owned())),
            }
        }
    }

    fn value(&self) -> Value<'static> {
        let number = self.0.as_ref().and_then(|(_, text)| match Decimal::parse(text) {
            Some(decimal) => Some(decimal.to_number()),
            None => Number::parse(text.clone()),
        });
        number.map_or(Value::Null, Value::Number)
    }
}

impl Sum {
    fn add(&mut self, text: &str) {
        let Some(decimal) = Decimal::parse(text) else {
            self.overflow = true;
            return;
        };
        let slot = self.long.entry(decimal.exponent()).or_default();
        match slot.checked_add(decimal.digits()) {
            Some(sum) => *slot = sum,
            None => self.overflow = true,
        }
    }

    fn total(&self) -> Option<Decimal> {
        if self.overflow {
            return None;
        }
        let short = self.short.iter().enumerate().map(|(decimals, &digits)| (-(decimals as i32), digits));
        let long = self.long.iter().map(|(&exponent, &digits)| (exponent, digits));
        short
            .chain(long)
            .filter(|(_, digits)| *digits != 0)
            .try_fold(Decimal::ZERO, |total, (exponent, digits)| total.plus(Decimal::new(digits, exponent)?))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::facts::test;

    pub const LINES: &str = r#"{"type":"Metric","data":{"name":"vus","type":"gauge","contains":"default","thresholds":[],"submetrics":null},"metric":"vus"}
{"type":"Point","data":{"time":"2017-05-09T14:34:45.625742514+02:00","value":5,"tags":null},"metric":"vus"}
{"metric":"http_req_duration","type":"Metric","data":{"name":"http_req_duration","type":"trend","contains":"time","thresholds":["avg<1000"],"submetrics":null}}
{"metric":"http_req_duration","type":"Point","data":{"time":"2017-05-09T14:34:45.239531499+02:00","value":459.865729,"tags":{"group":"::my group::json","method":"GET","status":"200","url":"https://x/"}}}
{"metric":"http_req_duration","type":"Point","data":{"time":"2017-05-09T14:34:46+02:00","value":0.1,"tags":{"group":"","url":"a\"b"}}}
{"metric":"checks","type":"Metric","data":{"name":"checks","type":"rate","contains":"default"}}
{"metric":"checks","type":"Point","data":{"time":"2017-05-09T12:34:47Z","value":1,"tags":{}}}
{"metric":"checks","type":"Point","data":{"time":"2017-05-09T12:34:47.5Z","value":0,"tags":{"check":"a"}}}
{"metric":"data_sent","type":"Metric","data":{"name":"data_sent","type":"counter","contains":"data"}}
{"metric":"data_sent","type":"Point","data":{"time":"2017-05-09T12:34:47.5Z","value":1.5e3,"tags":{"check":"a"}}}
{"metric":"data_sent","type":"Point","data":{"time":"2017-05-09T12:34:47.5Z","value":0.25,"tags":{"check":"a"}}}"#;

    #[test]
    fn points_fold_per_metric() {
        let mut points = Points::default();
        for line in LINES.lines() {
            assert!(fits(line.as_bytes()));
            points.line(line.as_bytes()).unwrap();
        }
        let facts = points.finish();
        assert_eq!(
            test::text(&facts),
            r#"{"vus":{"value":5,"min":5,"max":5,"samples":1},"http_req_duration":{"count":2,"min_ms":0.1,"mean_ms":229.9828645,"max_ms":459.865729,"threshold_texts":["avg<1000"]},"checks":{"rate":0.5,"passes":1,"fails":1},"data_sent":{"count_bytes":1500.25,"samples":2}}"#
        );
        assert_eq!(test::doubts(&facts), [""; 0]);
        assert_eq!(facts.span.from.unwrap().to_string(), "2017-05-09T12:34:45.239531499Z");
        assert_eq!(facts.span.to.unwrap().to_string(), "2017-05-09T12:34:47.5Z");
    }

    #[test]
    fn damaged_lines_are_errors() {
        for line in [
            "",
            "{}",
            "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"time\":\"\",\"value\":\"x\",\"tags\":{}}}",
            "{\"metric\":\"a\",\"type\":\"Po",
            "[]",
        ] {
            assert!(Points::default().line(line.as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn a_metric_without_points_has_no_samples() {
        let mut points = Points::default();
        points.line(LINES.lines().next().unwrap().as_bytes()).unwrap();
        points.line(LINES.lines().nth(5).unwrap().as_bytes()).unwrap();
        let doubts = test::doubts(&points.finish());
        assert_eq!(doubts[0], "vus/value: no-samples: the metric has no points");
        assert!(doubts.contains(&"checks/rate: no-samples: the metric has no points".to_owned()), "{doubts:?}");
    }

    #[test]
    fn sums_do_not_depend_on_order() {
        let mut random = testkit::Random::new(3);
        let mut values: Vec<String> =
            (0..500).map(|_| format!("{}.{}e{}", random.below(1000), random.below(100_000), random.below(9))).collect();
        values.extend((0..500).map(|_| format!("0.{}", random.below(1 << 30))));
        let total = |values: &[String]| {
            let mut metric = Metric::default();
            values.iter().for_each(|value| metric.see(value).unwrap());
            test::text(&Facts { content: Content::One(metric.finish().0.into()), ..Facts::default() })
        };
        let first = total(&values);
        for _ in 0..20 {
            random.shuffle(&mut values);
            assert_eq!(total(&values), first);
        }
    }
}
