//! locust's statistics (2.47): the `_stats.csv` of `--csv`, and what `--json` prints.
//!
//! A failed request is in the latency, a refused one as well. Percentiles are of times that were rounded to two digits, so
//! that they may lie below the minimum: each stands for a range. The rate ends with the last answer, not with the run.

use schema::{Code, Number, Value};

use super::{Load, Of, Said, Whole, number};
use crate::facts::Failure;
use crate::facts::{Builder, Content, Doubt, Facts, float};
use crate::quantity;
use crate::relations::Rounding;

const ROUNDING: Rounding = Rounding { absolute: 0.5, relative: 0.051 };

/// Whether a text is the CSV of statistics.
pub fn fits(text: &str) -> bool {
    // locust 1 has its header in quotes.
    let header = text.lines().next().unwrap_or_default().replace('"', "");
    header.starts_with("Type,Name,Request Count,Failure Count,Median Response Time,")
}

/// Reads the CSV: the row of all requests at the top, each name below `by_name`.
///
/// # Errors
/// A row that does not fit the header; no row of all requests.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let failed = |error: &csv::Error| Failure::whole(format!("not the statistics of locust: {error}"));
    let header: Vec<String> = reader.headers().map_err(|error| failed(&error))?.iter().map(str::to_owned).collect();
    let mut names = Vec::new();
    let mut all = None;
    for row in reader.records() {
        let row = row.map_err(|error| failed(&error))?;
        let cell =
            |name: &str| header.iter().position(|column| column == name).and_then(|at| row.get(at)).unwrap_or_default();
        let mut load = Load::new("locust", Of::Requests, Of::Requests, ROUNDING);
        load.requests = Said::of(Some(number(cell("Request Count"))));
        load.failed = Said::of(Some(number(cell("Failure Count"))));
        load.unanswered = Said::never("locust does not tell refused requests from other failures");
        load.rate = Said::of(Some(number(cell("Requests/s"))));
        load.duration_ms = Said::never("locust's statistics do not say how long the run took");
        let exact =
            [("min_ms", "Min Response Time"), ("mean_ms", "Average Response Time"), ("max_ms", "Max Response Time")];
        load.latency = exact.iter().map(|(name, column)| ((*name).to_owned(), number(cell(column)))).collect();
        for column in &header {
            if let Some(rank) = column.strip_suffix('%')
                && rank != "100"
            {
                load.latency.push((format!("p{rank}_ms"), number(cell(column))));
            }
        }
        rounded(&mut load);
        if load.failed.float() == Some(0.0) && cell("Failures/s").trim().parse().is_ok_and(|rate: f64| rate > 0.0) {
            let detail = format!("no failure, but {} failures a second", cell("Failures/s").trim());
            let names = ["failed", "errors", "success_ratio"];
            load.unsure.extend(names.map(|name| Doubt::new(&[name], Code::Inconsistent, detail.clone())));
        }
        let name = [cell("Type"), cell("Name")].join(" ");
        // A request may have this name, too; the row of all has no method.
        if cell("Name") == "Aggregated" && ["", "None"].contains(&cell("Type")) {
            if all.replace(load).is_some() {
                return Err(Failure::whole(
                    "a second row of all requests (Aggregated): give each run a file of its own",
                ));
            }
        } else {
            names.push((name.trim().to_owned(), load));
        }
    }
    let all = all.ok_or_else(|| Failure::whole("no row of all requests (Aggregated): the file was cut short"))?;
    Ok(together(all, names))
}

/// The ranges that percentiles stand for: below 100 they are whole, above they have two digits.
fn rounded(load: &mut Load<'_>) {
    let of = |load: &Load<'_>, wanted: &str| {
        let found = load.latency.iter().find(|(name, _)| name == wanted);
        found.and_then(|(_, value)| value.as_number()).and_then(Number::to_f64)
    };
    let (least, most) = (of(load, "min_ms"), of(load, "max_ms"));
    for (name, value) in &load.latency {
        let Some(value) = value.as_number().and_then(Number::to_f64) else { continue };
        if !name.starts_with('p') || value < 100.0 {
            continue;
        }
        let half = 10f64.powf(value.log10().floor() - 1.0) / 2.0;
        // No percentile is outside of what was measured.
        let low = (value - half).max(least.unwrap_or(f64::NEG_INFINITY));
        let high = (value + half).min(most.unwrap_or(f64::INFINITY)).max(low);
        let doubt = Doubt::new(&[name], Code::WithinError, "locust rounds the times of its percentiles to two digits");
        load.limits.push(Doubt { low: Number::from_f64(low), high: Number::from_f64(high), ..doubt });
    }
}

/// The statistics of all requests, with those of each name below them.
fn together<'a>(mut all: Load<'a>, names: Vec<(String, Load<'a>)>) -> Facts<'a> {
    let mut by_name = Builder::default();
    let mut doubts = Vec::new();
    for (name, load) in names {
        let (report, doubted) = load.report();
        if by_name.put(name.clone(), report) {
            doubts.extend(doubted.into_iter().map(|doubt| doubt.under(&name).under("by_name")));
        } else {
            doubts.push(Doubt::new(&["by_name", &name], Code::Ambiguous, "two rows have this name"));
        }
    }
    all.more.push(("by_name".to_owned(), by_name.build().into()));
    let mut facts = all.finish();
    facts.doubts.extend(doubts);
    facts.doubts.extend(added_up(&facts.content));
    facts
}

/// The requests and the failures of all are those of the names: locust counts each of them twice.
fn added_up(content: &Content<'_>) -> Vec<Doubt> {
    let Content::One(report) = content else { return Vec::new() };
    let Some(names) = report.get("by_name").and_then(Value::as_object).filter(|names| !names.is_empty()) else {
        return Vec::new();
    };
    let mut doubts = Vec::new();
    for (key, below) in [("requests", &["requests"][..]), ("failed", &["failed", "errors", "success_ratio"])] {
        // Of no request there is no number of failures.
        let sum: f64 = names.iter().map(|(_, name)| float(name, key).unwrap_or(0.0)).sum();
        if let Some(said) = float(report, key)
            && said != sum
        {
            let detail = format!("{key} of all names do not add up: {sum} != {said}");
            doubts.extend(below.iter().map(|name| Doubt::new(&[name], Code::Inconsistent, detail.clone())));
        }
    }
    doubts
}

/// Whether a document is what `--json` prints: a list of statistics.
pub fn fits_json(document: &Value<'_>) -> bool {
    let entries = document.as_list().unwrap_or_default();
    let keys = ["num_requests", "num_failures", "response_times", "total_response_time"];
    !entries.is_empty() && entries.iter().all(|entry| keys.iter().all(|key| entry.get(key).is_some()))
}

/// Reads what `--json` prints.
pub fn read_json<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut names = Vec::new();
    let mut total = Entry::default();
    for entry in document.as_list().unwrap_or_default() {
        let one = Entry::of(entry);
        total.join(&one);
        let text = |key: &str| entry.get(key).and_then(Value::as_text).unwrap_or_default();
        names.push(([text("method"), text("name")].join(" ").trim().to_owned(), one.load()));
    }
    let span = total.span;
    let mut facts = together(total.load(), names);
    for moment in span.into_iter().flatten() {
        facts.span.see_seconds(moment);
    }
    facts.content = match facts.content {
        Content::One(value) => Content::One(value),
        other => other,
    };
    facts
}

#[derive(Default)]
struct Entry {
    requests: f64,
    failures: f64,
    untimed: f64,
    sum: f64,
    least: Option<f64>,
    most: Option<f64>,
    times: Whole,
    span: Option<[f64; 2]>,
}

impl Entry {
    fn of(entry: &Value<'_>) -> Entry {
        let mut times = Whole::default();
        for (time, count) in
            entry.get("response_times").and_then(Value::as_object).into_iter().flat_map(schema::Object::iter)
        {
            // locust writes the rounded time as text, `270` or `270.0`.
            if let (Ok(time), Some(count)) = (time.parse::<f64>(), count.as_number().and_then(Number::as_u64)) {
                times.see(time as u64, count);
            }
        }
        let at = |key: &str| float(entry, key);
        Entry {
            requests: at("num_requests").unwrap_or(0.0),
            failures: at("num_failures").unwrap_or(0.0),
            untimed: at("num_none_requests").unwrap_or(0.0),
            sum: at("total_response_time").unwrap_or(0.0),
            least: at("min_response_time"),
            most: at("max_response_time"),
            times,
            span: at("start_time").zip(at("last_request_timestamp")).map(|(from, to)| [from, to]),
        }
    }

    fn join(&mut self, other: &Entry) {
        self.requests += other.requests;
        self.failures += other.failures;
        self.untimed += other.untimed;
        self.sum += other.sum;
        self.least = [self.least, other.least].into_iter().flatten().reduce(f64::min);
        self.most = [self.most, other.most].into_iter().flatten().reduce(f64::max);
        self.times.merge(&other.times);
        self.span = match (self.span, other.span) {
            (Some([from, to]), Some([start, end])) => Some([from.min(start), to.max(end)]),
            (one, other) => one.or(other),
        };
    }

    fn load(&self) -> Load<'static> {
        let mut load = Load::new("locust", Of::Requests, Of::Requests, ROUNDING);
        load.requests = Said::Value(quantity::value(self.requests));
        load.failed = Said::Value(quantity::value(self.failures));
        load.unanswered = Said::never("locust does not tell refused requests from other failures");
        let seconds = self.span.map(|[from, to]| to - from).filter(|seconds| *seconds > 0.0);
        load.rate = Said::of(seconds.map(|seconds| quantity::value(self.requests / seconds)));
        // From the first request to the last answer, which may be long before the end of the run.
        load.duration_ms = Said::of(seconds.map(|seconds| quantity::value(seconds * 1000.0)));
        load.count = Some(Said::count(self.times.count()));
        // A request without a time is counted apart (`num_none_requests`).
        let timed = self.times.count() as f64 + self.untimed;
        if self.times.count() > 0 && timed < self.requests {
            let detail = format!("response_times has {timed} of {} requests", self.requests);
            for name in ["p50_ms", "p90_ms", "p95_ms", "p99_ms"] {
                load.limits.push(Doubt::new(&[name], Code::Inconsistent, detail.clone()));
            }
        }
        let value = |number: Option<f64>| number.map_or(Value::Null, quantity::value);
        let mean = (self.requests > 0.0).then(|| self.sum / self.requests);
        load.latency = vec![
            ("min_ms".to_owned(), value(self.least)),
            ("mean_ms".to_owned(), value(mean)),
            ("max_ms".to_owned(), value(self.most)),
        ];
        load.latency.extend(self.times.statistics(0).into_iter().filter(|(name, _)| name.starts_with('p')));
        for name in ["p50_ms", "p90_ms", "p95_ms", "p99_ms"] {
            load.latency_lacks.push((name, "no request was timed"));
        }
        rounded(&mut load);
        load
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn there_is_one_row_of_all_requests() {
        let file = testkit::root().join("testdata/merge-evidence/locust/good.csv");
        let text = std::fs::read_to_string(file).unwrap();
        let alone = test::text(&read(&text).unwrap());
        // A request that is called so is none.
        let named = text.replace("GET,/mix,", "GET,Aggregated,");
        assert_eq!(test::text(&read(&named).unwrap()), alone.replace("GET /mix", "GET Aggregated"));
        let last = text.lines().last().unwrap();
        for twice in [last.to_owned(), last.replace(",Aggregated,", "\"\",\"Aggregated\",")] {
            assert!(read(&format!("{text}{twice}\n")).unwrap_err().reason.starts_with("a second row"), "{twice}");
        }
    }

    #[test]
    fn a_rate_of_failures_is_of_some() {
        let file = testkit::root().join("testdata/merge-evidence/locust/good.csv");
        let text = std::fs::read_to_string(file).unwrap();
        let edited = text.replace(",Aggregated,28,2,", ",Aggregated,28,0,").replace("/mix,7,2,", "/mix,7,0,");
        let doubts = test::doubts(&read(&edited).unwrap());
        assert!(doubts.iter().any(|doubt| doubt.starts_with("failed: inconsistent: no failure, but ")), "{doubts:?}");
    }
}
