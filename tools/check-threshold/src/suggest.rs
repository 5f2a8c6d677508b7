//! `--suggest`: thresholds that nobody has written yet, as a person would write them from a run that passed.
//!
//! Owns which side of a figure is the bad one, told by its name, and which figures are none to judge by: buckets, times
//! of day, absolute counters, sums. Refuses a run that failed: a bound made from it would let the failure pass; and
//! never caps what is good.

use expr::{Decimal, Judge, Missing, Path, Quantity, Thresholds};
use schema::{OUR_KEYS, Object, Status, Value, counts};

/// What a record suggests.
#[derive(Debug, Default)]
pub struct Suggested {
    /// Lines of the language, each of which the record passes.
    pub lines: Vec<String>,
    /// Figures whose names do not say which side is the bad one.
    pub unsided: Vec<String>,
    /// What shows that the run failed; where there is something, there are no lines.
    pub failed: Vec<String>,
}

/// Thresholds for a record, `margin` away from what was measured, on the side that is worse.
pub fn suggest(record: &Value<'_>, margin: Quantity) -> Suggested {
    let mut walk = Walk { margin, found: Suggested::default() };
    if let Value::Object(object) = record {
        walk.object(object, &mut Vec::new());
    }
    let mut found = walk.found;
    if !found.failed.is_empty() {
        found.lines.clear();
        return found;
    }
    // What the evidence doubts, or a count of no samples, is no ground for a bound.
    let text = found.lines.join("\n");
    let Ok(thresholds) = Thresholds::parse(&text) else { return found };
    let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
    let checks = judge.record(record, "");
    let mut passed = checks.iter().map(|check| check.status == Status::Pass);
    found.lines.retain(|_| passed.next().unwrap_or(false));
    found
}

/// Three digits, away from what was measured, so that what was measured passes.
fn rounded(number: Quantity, up: bool) -> Option<Decimal> {
    let near = number.to_number(17);
    let number = Decimal::from_number(&near)?;
    if number.is_zero() {
        return Some(number);
    }
    let magnitude = number.digits().unsigned_abs().checked_ilog10()? as i32 + 1 + number.exponent();
    let places = 3 - magnitude;
    let floor = number.floor_to(places);
    if up && floor != number { floor.plus(Decimal::new(1, -places)?) } else { Some(floor) }
}

/// What a name says of its figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It is nothing to judge a run by.
    None,
    /// More is better.
    Least,
    /// Less is worse than it was at all: tests do not go away.
    NoLess,
    /// Less is better.
    Most,
    /// It counts what must not happen.
    Zero,
}

const NONE: [&str; 18] = [
    "window",
    "timestamp",
    "created",
    "epoch",
    "resolution",
    "version",
    "pid",
    "stddev",
    "bucket",
    "skipped",
    "disabled",
    "todo",
    "flaky",
    "reruns",
    "min",
    "minimum",
    "seed",
    "port",
];
/// Names that end so are of what added up since the start of a process, or are a point of a series.
const NONE_LAST: [&str; 4] = ["total", "sum", "first", "last"];
const NO_LESS: [&str; 3] = ["tests", "passed", "planned"];
const ZERO: [&str; 33] = [
    "fail",
    "failed",
    "fails",
    "failure",
    "failures",
    "error",
    "errors",
    "unanswered",
    "missing",
    "dropped",
    "drops",
    "lost",
    "rejected",
    "refused",
    "timeout",
    "timeouts",
    "restarts",
    "reset",
    "resets",
    "crossed",
    "evicted",
    "oom",
    "killed",
    "crash",
    "crashes",
    "panic",
    "panics",
    "violations",
    "invalid",
    "not",
    "retransmits",
    "stale",
    "leaked",
];
const LEAST: [&str; 42] = [
    "rps",
    "rate",
    "throughput",
    "iops",
    "achieved",
    "uptime",
    "available",
    "availability",
    "success",
    "ok",
    "passes",
    "checks",
    "count",
    "samples",
    "iterations",
    "requests",
    "reqs",
    "hits",
    "healthy",
    "ready",
    "up",
    "qps",
    "tps",
    "bandwidth",
    "coverage",
    "vus",
    "users",
    "answers",
    "operations",
    "transactions",
    "events",
    "bits",
    "ops",
    "queries",
    "rounds",
    "received",
    "sent",
    "handled",
    "accepts",
    "throughputs",
    "ratio",
    "completed",
];
const MOST: [&str; 35] = [
    "ms",
    "s",
    "us",
    "ns",
    "seconds",
    "milliseconds",
    "bytes",
    "kb",
    "mb",
    "gb",
    "pct",
    "percent",
    "latency",
    "duration",
    "elapsed",
    "memory",
    "cpu",
    "heap",
    "lag",
    "depth",
    "queue",
    "backlog",
    "pending",
    "age",
    "load",
    "load1",
    "load5",
    "load15",
    "used",
    "usage",
    "goroutines",
    "threads",
    "fds",
    "waiting",
    "time",
];

/// Members that are no figures of a run, with all below them.
const NOT_BELOW: [&str; 5] = ["status_codes", "error_kinds", "suites", "buckets", "metadata"];

/// The words of a name, also of one in camelCase: `error_pct` and `errorPct` are the same two.
fn words(key: &str) -> Vec<String> {
    let mut apart = String::with_capacity(key.len() + 4);
    let mut before = ' ';
    for letter in key.chars() {
        if letter.is_ascii_uppercase() && before.is_ascii_lowercase() {
            apart.push(' ');
        }
        apart.push(letter.to_ascii_lowercase());
        before = letter;
    }
    apart
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Which side of a figure is the bad one, by its own name and by those that it stands below, the innermost first.
pub fn side(keys: &[String]) -> Option<Side> {
    let mut names = keys.iter().rev().filter(|key| !key.contains([' ', '/', '=', '{'])).take(3).map(|key| words(key));
    let own = names.next()?;
    let above: Vec<Vec<String>> = names.collect();
    let has = |words: &[String], list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let parent = above.first().map(Vec::as_slice).unwrap_or_default();
    let last = keys.last().map(String::as_str).unwrap_or_default();
    // A counter by a label (`http_requests_total.500`) has added up since its process began, and may count errors.
    let is_status = |word: &String| matches!(word.as_bytes(), [b'4' | b'5', rest @ ..] if rest.len() == 2 && rest.iter().all(|byte| byte.is_ascii_digit() || *byte == b'x'));
    if parent.last().is_some_and(|word| word == "total") || matches!(own.as_slice(), [only] if is_status(only)) {
        return Some(Side::None);
    }
    // k6's rate of failures: its passes are the failures.
    if has(parent, &["failed"]) && has(&own, &["passes", "fails"]) {
        return Some(Side::None);
    }
    let ends = own.last().is_some_and(|word| NONE_LAST.contains(&word.as_str()));
    if ends || has(&own, &NONE) || has(&own, &["start"]) && has(&own, &["time"]) {
        let counts_bad = own.last().is_some_and(|word| word == "total") && has(&own, &ZERO);
        return Some(if counts_bad { Side::Zero } else { Side::None });
    }
    let of = |words: &[String]| {
        if has(words, &ZERO) {
            Some(Side::Zero)
        } else if has(words, &NO_LESS) {
            Some(Side::NoLess)
        } else if has(words, &LEAST) || has(words, &["per"]) {
            Some(Side::Least)
        } else if has(words, &MOST) {
            Some(Side::Most)
        } else {
            None
        }
    };
    if has(&own, &ZERO) || counts::is_share(last) && has(parent, &ZERO) {
        return Some(Side::Zero);
    }
    if counts::is_count(last) {
        return Some(if has(parent, &ZERO) { Side::Zero } else { Side::Least });
    }
    if counts::is_statistic(last) && !counts::is_share(last) {
        // The mean of a rate is a rate.
        return Some(if of(parent) == Some(Side::Least) && !has(&own, &MOST) { Side::Least } else { Side::Most });
    }
    of(&own).or_else(|| above.iter().find_map(|words| if has(words, &NONE) { Some(Side::None) } else { of(words) }))
}

/// Whether a figure is one bucket of a histogram, which moves wherever traffic does: it says nothing alone.
pub fn is_in_a_bucket(keys: &[String]) -> bool {
    keys.iter().any(|key| key == "buckets" || key.ends_with("_bucket") || key.ends_with("_buckets"))
}

struct Walk {
    margin: Quantity,
    found: Suggested,
}

impl Walk {
    fn object(&mut self, object: &Object<'_>, keys: &mut Vec<String>) {
        for (key, value) in object.iter().filter(|(key, _)| !OUR_KEYS.contains(key)) {
            if NOT_BELOW.contains(&key) || key.ends_with("_bucket") {
                continue;
            }
            keys.push(key.to_owned());
            match value {
                Value::Object(inner) if keys.len() < Path::STEP_LIMIT => self.object(inner, keys),
                Value::Number(number) => {
                    if let (Some(path), Some(value)) =
                        (Path::from_keys(keys.iter().cloned()), Decimal::from_number(number))
                    {
                        self.number(object, keys, &path, value);
                    }
                }
                Value::Bool(yes) => {
                    if let Some(path) = Path::from_keys(keys.iter().cloned()) {
                        self.flag(key, &path, *yes);
                    }
                }
                _ => {}
            }
            keys.pop();
        }
    }

    fn flag(&mut self, key: &str, path: &Path, yes: bool) {
        match (key, yes) {
            ("ok", false) => self.found.failed.push(format!("{path} is false")),
            ("ok" | "passed" | "success" | "healthy" | "up" | "complete" | "ready", true) => {
                self.found.lines.push(format!("{path} == true"));
            }
            _ => {}
        }
    }

    fn number(&mut self, beside: &Object<'_>, keys: &[String], path: &Path, value: Decimal) {
        let key = keys.last().map(String::as_str).unwrap_or_default();
        let share = |key: &str| beside.get(key).and_then(Value::as_number).and_then(schema::Number::to_f64);
        let mostly = share("success_ratio").is_some_and(|ratio| ratio > 0.9);
        if !value.is_zero() {
            if key == "exit" || ["failed", "failures", "errors"].contains(&key) && !mostly {
                self.found.failed.push(format!("{path} is {value}"));
                return;
            }
            if ["failed", "errors", "unanswered"].contains(&key) {
                // The share that succeeded says it.
                return;
            }
        }
        if key == "exit" {
            self.found.lines.push(format!("{path} == 0"));
            return;
        }
        let mut side = side(keys);
        if side == Some(Side::Zero) && counts::is_share(key) && Decimal::parse("0.5").is_some_and(|half| value >= half)
        {
            self.found.failed.push(format!("{path} is {value}"));
            return;
        }
        if key == "duration_ms" && beside.get("rate_of").is_some() {
            // How long the load was: a run that ended early is none.
            side = Some(Side::Least);
        }
        let one = Quantity::new(Decimal::ONE);
        let measured = Quantity::new(value);
        let positive = value.signum() > 0;
        let line = match side {
            None => {
                self.found.unsided.push(path.to_string());
                return;
            }
            Some(Side::None) => None,
            Some(Side::Zero) if value.is_zero() => Some(format!("{path} == 0")),
            // No bound of 0 is one that the next good run holds.
            Some(_) if value.is_zero() => None,
            Some(Side::NoLess) => Some(format!("{path} >= {value}")),
            Some(Side::Least) if key == "success_ratio" => {
                rounded(measured, false).map(|bound| format!("{path} >= {bound}   # was {value}"))
            }
            Some(Side::Least) => {
                let room = if positive { one.minus(self.margin) } else { one.plus(self.margin) };
                let bound = room.and_then(|room| measured.times(room)).and_then(|bound| rounded(bound, false));
                bound.map(|bound| format!("{path} >= {bound}   # was {value}"))
            }
            Some(Side::Most | Side::Zero) => {
                let room = if positive { one.plus(self.margin) } else { one.minus(self.margin) };
                let bound = room.and_then(|room| measured.times(room)).and_then(|bound| rounded(bound, true));
                bound.map(|bound| format!("{path} <= {bound}   # was {value}"))
            }
        };
        self.found.lines.extend(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::json;

    fn of(text: &str) -> Suggested {
        suggest(&json::parse(text.as_bytes()).unwrap(), Quantity::new(Decimal::parse("0.2").unwrap()))
    }

    #[test]
    fn what_a_person_would_write() {
        for (text, wanted) in [
            (r#"{"p95_ms":260.6}"#, "p95_ms <= 313   # was 260.6"),
            (
                r#"{"tests":100,"passed":98,"failed":0,"skipped":2,"ok":true,"time_ms":1053}"#,
                "tests >= 100|passed >= 98|failed == 0|ok == true|time_ms <= 1270   # was 1053",
            ),
            (r#"{"http_req_failed":{"rate":0,"passes":0,"fails":122}}"#, "http_req_failed.rate == 0"),
            (
                r#"{"checks":{"rate":0.75,"passes":3,"fails":0}}"#,
                "checks.rate >= 0.6   # was 0.75|checks.passes >= 2.4   # was 3|checks.fails == 0",
            ),
            (r#"{"uptime_pct":99.95}"#, "uptime_pct >= 79.9   # was 99.95"),
            (
                r#"{"errorPct":0,"p99Ms":12,"successPct":99,"sampleCount":40,"latencyMin":3}"#,
                "errorPct == 0|p99Ms <= 14.4   # was 12|successPct >= 79.2   # was 99|sampleCount >= 32   # was 40",
            ),
            (r#"{"drift_ms":-3.3}"#, "drift_ms <= -2.64   # was -3.3"),
            (
                r#"{"lat_seconds_bucket":{"0.1":4},"lat_seconds_sum":7,"jobs_total":3,"errors_total":0}"#,
                "errors_total == 0",
            ),
            (r#"{"process_start_time_seconds":1795827820,"x_created":1795827820,"node_timestamp_seconds":5}"#, ""),
            (
                r#"{"by_name":{"GET /ok":{"rate":20,"latency":{"p99_ms":69,"min_ms":1}}}}"#,
                "by_name.\"GET /ok\".rate >= 16   # was 20|by_name.\"GET /ok\".latency.p99_ms <= 82.8   # was 69",
            ),
            (
                r#"{"read":{"bytes_per_s":100},"http_req_blocked":{"count":3}}"#,
                "read.bytes_per_s >= 80   # was 100|http_req_blocked.count >= 2.4   # was 3",
            ),
            (r#"{"rps":{"mean":50,"p99":90}}"#, "rps.mean >= 40   # was 50|rps.p99 >= 72   # was 90"),
            (
                r#"{"requests":1000,"failed":3,"errors":3,"unanswered":0,"success_ratio":0.997,"rate":10,"rate_of":"requests","duration_ms":1000}"#,
                "requests >= 800   # was 1000|unanswered == 0|success_ratio >= 0.997   # was 0.997|rate >= 8   # was 10|duration_ms >= 800   # was 1000",
            ),
            (r#"{"run":{"exit":0},"status_codes":{"200":5}}"#, "run.exit == 0"),
            (r#"{"http_requests_total":{"200":90,"500":3},"codes":{"5xx":3}}"#, ""),
            (r#"{"http_req_connecting":{"p95_ms":0}}"#, ""),
            (r#"{"p95_ms":0,"count":0}"#, ""),
            (r#"{"p95_ms":5,"@evidence":{"unknown":[{"path":"p95_ms","code":"stale","detail":""}]}}"#, ""),
        ] {
            let found = of(text);
            assert_eq!((found.lines.join("|").as_str(), found.failed.len()), (wanted, 0), "{text}");
        }
        assert_eq!(of(r#"{"shoe":{"kind":7}}"#).unsided, ["shoe.kind"]);
    }

    #[test]
    fn a_run_that_failed_is_no_ground() {
        for text in [
            r#"{"x":{"tests":3,"ok":false}}"#,
            r#"{"tests":3,"errors":1}"#,
            r#"{"run":{"exit":1},"ok":true}"#,
            r#"{"requests":9,"failed":9,"success_ratio":0}"#,
            r#"{"http_req_failed":{"rate":1,"passes":3}}"#,
        ] {
            let found = of(text);
            assert!(!found.failed.is_empty() && found.lines.is_empty(), "{text}");
        }
    }
}
