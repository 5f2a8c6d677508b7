//! What the report of a load tool comes to, under names that all of them share, and what its figures mean.
//!
//! Owns the names (`requests failed rate duration_ms latency.p95_ms status_codes`) and the three things in which the tools
//! differ silently: whose times the latency is made of, whose rate it is, and how coarsely figures were rounded. Refuses
//! to fill in what a tool does not say: that is `null`, unknown, with the reason.

pub mod ab;
pub mod artillery;
pub mod autocannon;
pub mod bombardier;
pub mod gatling;
pub mod h2load;
pub mod hey;
pub mod jmeter;
pub mod locust;
pub mod oha;
pub mod siege;
pub mod vegeta;
mod whole;
pub mod wrk;

use schema::{Code, Number, Object, Value};

pub use whole::Whole;

use crate::facts::{Builder, Content, Doubt, Facts};
use crate::quantity;
use crate::relations::{self, Figure, Rounding};

/// What is said of a figure that stands nowhere, or not as a number.
pub const UNSAID: &str = "the report does not say";
/// A resolution in milliseconds below which many an answer lies.
const COARSE: f64 = 1.0;
/// What is said of a statistic that is no number.
pub const UNMEASURED: &str = "the tool had nothing to measure";

/// Whose figures they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of {
    /// Every request, also those that were refused or timed out.
    #[default]
    Requests,
    /// The requests that were answered, whatever the status.
    Answers,
    /// The requests that were answered with success.
    Successes,
}

impl Of {
    fn word(self) -> &'static str {
        match self {
            Of::Requests => "requests",
            Of::Answers => "answers",
            Of::Successes => "successes",
        }
    }
}

/// A figure that a report has, or why it has not.
#[derive(Clone, Debug)]
pub enum Said<'a> {
    /// It stands in the report.
    Value(Value<'a>),
    /// It does not, or cannot be trusted.
    Not(Code, String),
}

impl Default for Said<'_> {
    fn default() -> Self {
        Said::Not(Code::Missing, UNSAID.to_owned())
    }
}

impl<'a> Said<'a> {
    /// A figure that may be absent from the report.
    pub fn of(value: Option<Value<'a>>) -> Said<'a> {
        match value {
            Some(value @ Value::Number(_)) => Said::Value(value),
            _ => Said::default(),
        }
    }

    /// A count.
    pub fn count(count: u64) -> Said<'a> {
        Said::Value(count.into())
    }

    /// A figure that this format has no place for.
    pub fn never(reason: &str) -> Said<'a> {
        Said::Not(Code::Missing, reason.to_owned())
    }

    /// The same, unless it is below zero, which no count, rate or time can be.
    fn possible(self, name: &str) -> Said<'a> {
        match self {
            Said::Value(value) if is_negative(&value) => {
                Said::Not(Code::Inconsistent, format!("{name} is {}: it is never negative", shown(&value)))
            }
            said => said,
        }
    }

    fn float(&self) -> Option<f64> {
        match self {
            Said::Value(value) => value.as_number().and_then(Number::to_f64),
            Said::Not(..) => None,
        }
    }
}

/// One report.
#[derive(Clone, Debug, Default)]
pub struct Load<'a> {
    /// The word of the format.
    pub format: &'static str,
    /// Whose times the latency is made of.
    pub latency_of: Of,
    /// Whose rate the rate is.
    pub rate_of: Of,
    /// How coarsely the latency was rounded.
    pub rounding: Rounding,
    /// Requests that were begun, and have ended.
    pub requests: Said<'a>,
    /// Requests without an answer, and answers that say failure.
    pub failed: Said<'a>,
    /// Of those, the ones without any answer: refused, cut off, timed out.
    pub unanswered: Said<'a>,
    /// So many a second.
    pub rate: Said<'a>,
    /// How long the load lasted.
    pub duration_ms: Said<'a>,
    /// How many times the latency is made of; where it is not said, it follows from the other counts.
    pub count: Option<Said<'a>>,
    /// The statistics, unit in the name: `p95_ms`.
    pub latency: Vec<(String, Value<'a>)>,
    /// Statistics that this format has no place for, and why.
    pub latency_lacks: Vec<(&'static str, &'static str)>,
    /// Statistics that stand for a range, because they were rounded or because some answers are not in them: doubts, each
    /// with the name of its statistic for a path.
    pub limits: Vec<Doubt>,
    /// Counts that the report shows, and that may be others: doubts with their paths in the report.
    pub unsure: Vec<Doubt>,
    /// Answers by status: `200`, or `2xx`.
    pub status_codes: Vec<(String, Value<'a>)>,
    /// What went wrong, by its name, and how often.
    pub error_kinds: Vec<(String, Value<'a>)>,
    /// What else the report says.
    pub more: Vec<(String, Value<'a>)>,
}

impl<'a> Load<'a> {
    /// A report of nothing yet.
    pub fn new(format: &'static str, latency_of: Of, rate_of: Of, rounding: Rounding) -> Self {
        Load { format, latency_of, rate_of, rounding, ..Load::default() }
    }

    /// The report under its shared names, and what is doubted of it.
    pub fn finish(self) -> Facts<'a> {
        let mut facts = Facts { format: self.format, ..Facts::default() };
        let (value, doubts) = self.report();
        facts.doubts = doubts;
        facts.content = Content::One(value);
        facts
    }

    /// The same as a value and its doubts, for a report that has several.
    pub fn report(mut self) -> (Value<'a>, Vec<Doubt>) {
        let mut doubts = std::mem::take(&mut self.unsure);
        self.requests = self.requests.possible("requests");
        self.failed = self.failed.possible("failed");
        self.unanswered = self.unanswered.possible("unanswered");
        self.rate = self.rate.possible("rate");
        self.duration_ms = self.duration_ms.possible("duration_ms");
        let mut report = Builder::default();
        let [requests, failed, unanswered] = [&self.requests, &self.failed, &self.unanswered].map(Said::float);
        let nothing = requests == Some(0.0);
        let mut put = |report: &mut Builder<'a>, name: &str, said: Said<'a>| match said {
            Said::Value(value) => {
                report.put(name.to_owned(), value);
            }
            Said::Not(code, reason) => {
                doubts.push(Doubt::new(&[name], code, reason));
                // A count that is null would doubt the statistics below it, which the report does say.
                if name != "requests" || code != Code::Missing {
                    report.put(name.to_owned(), Value::Null);
                }
            }
        };
        let ratio = match (requests, failed) {
            (Some(requests), Some(failed)) if requests > 0.0 && failed <= requests => {
                Said::Value(quantity::value((requests - failed) / requests))
            }
            (Some(_), Some(_)) if nothing => Said::Not(Code::NoSamples, "no request was made".to_owned()),
            _ => Said::Not(Code::Missing, "it takes requests and failed".to_owned()),
        };
        put(&mut report, "requests", self.requests);
        // Of no request none failed, and none passed.
        let failed_said = match self.failed {
            Said::Value(_) if nothing && failed == Some(0.0) => {
                Said::Not(Code::NoSamples, "no request was made".to_owned())
            }
            said => said,
        };
        put(&mut report, "failed", failed_said.clone());
        // One name for both kinds of failure, also where a threshold calls it errors.
        put(&mut report, "errors", failed_said);
        put(&mut report, "unanswered", self.unanswered);
        put(&mut report, "success_ratio", ratio);
        put(&mut report, "rate", self.rate);
        report.put("rate_of", self.rate_of.word());
        put(&mut report, "duration_ms", self.duration_ms);
        let derived = || {
            let left_out = match self.latency_of {
                Of::Requests => Some(0.0),
                Of::Answers => unanswered,
                Of::Successes => failed,
            };
            let count = requests.zip(left_out).map(|(requests, left_out)| (requests - left_out).max(0.0));
            count.map_or_else(Said::default, |count| Said::Value(quantity::value(count)))
        };
        let count = self.count.unwrap_or_else(derived);
        let timed = count.float();
        let mut latency = Builder::default();
        match count {
            Said::Value(value) => {
                latency.put("count", value);
            }
            // A report without a count has statistics all the same: a null beside them would doubt them.
            Said::Not(Code::Missing, reason) => doubts.push(Doubt::new(&["latency", "count"], Code::Missing, reason)),
            Said::Not(code, reason) => {
                doubts.push(Doubt::new(&["latency", "count"], code, reason));
                latency.put("count", Value::Null);
            }
        }
        let zero = |value: &Value<'_>| value.as_number().and_then(Number::to_f64) == Some(0.0);
        // Whoever measures in whole milliseconds writes 0 of a server that is faster.
        let below_resolution = self.rounding.absolute >= COARSE
            && timed.is_some_and(|timed| timed > 0.0)
            && requests.zip(failed).is_some_and(|(requests, failed)| failed < requests);
        let untimed = if timed == Some(0.0) {
            Some("no answer was timed".to_owned())
        } else if requests.is_some() && requests > Some(0.0) && failed == requests {
            Some(format!("all {} requests failed", requests.unwrap_or_default()))
        } else if !self.latency.is_empty()
            && self.latency.iter().all(|(_, value)| zero(value) || *value == Value::Null)
            && !below_resolution
        {
            Some("every figure is 0: no answer was timed".to_owned())
        } else {
            None
        };
        for (name, value) in self.latency {
            let reason = match &value {
                Value::Number(_) if is_negative(&value) && untimed.is_none() => {
                    Some((Code::Inconsistent, format!("{name} is {}: a time is never negative", shown(&value))))
                }
                Value::Number(_) => untimed.clone().map(|reason| (Code::NoSamples, reason)),
                _ => {
                    let reason = untimed.clone().unwrap_or_else(|| UNMEASURED.to_owned());
                    Some((Code::NoSamples, reason))
                }
            };
            if let Some((code, reason)) = &reason {
                doubts.push(Doubt::new(&["latency", &name], *code, reason.clone()));
            }
            latency.put(name, if reason.is_some() { Value::Null } else { value });
        }
        if untimed.is_none() {
            doubts.extend(self.limits.into_iter().map(|doubt| doubt.under("latency")));
        }
        for (name, reason) in self.latency_lacks {
            if latency.put(name, Value::Null) {
                let code = if timed == Some(0.0) { Code::NoSamples } else { Code::Missing };
                doubts.push(Doubt::new(&["latency", name], code, reason));
            }
        }
        let latency = Value::Object(latency.build());
        doubts.extend(relations::ordered_within(&latency, &["latency".to_owned()], self.rounding));
        report.put("latency", latency);
        report.put("latency_of", self.latency_of.word());
        if self.rounding.absolute > 0.0 {
            report.put("latency_resolution_ms", quantity::value(self.rounding.absolute));
        }
        // A fiftieth is left to whoever estimates; what is rounded further says so, so that its order is not doubted.
        if self.rounding.relative > 0.02 {
            report.put("latency_resolution_ratio", quantity::value(self.rounding.relative));
        }
        for (name, members) in [("status_codes", self.status_codes), ("error_kinds", self.error_kinds)] {
            if !members.is_empty() {
                report.put(name, members.into_iter().collect::<Object>());
            }
        }
        for (name, value) in self.more {
            report.put(name, value);
        }
        let report = Value::Object(report.build());
        let figure = |name: &str| Figure::at(&report, &[name]);
        if let (Some(requests), Some(failed)) = (figure("requests"), figure("failed"))
            && failed.value > requests.value
        {
            let detail = format!("failed > requests: {} > {}", failed.value, requests.value);
            doubts.extend(relations::broken(&[&requests, &failed], &detail));
        }
        (report, relations::joined(doubts))
    }
}

/// What of a report by the shared names was not measured: every statistic of requests that all failed, or that took no
/// time, or that there were none of. For readers that build the report themselves.
pub fn unmeasured(report: &Value<'_>) -> Vec<Doubt> {
    let Some(latency) = report.get("latency").and_then(Value::as_object) else { return Vec::new() };
    let keys = latency.iter().map(|(key, _)| key).filter(|key| *key != "count");
    let figures: Vec<Figure> = keys.filter_map(|key| Figure::at(report, &["latency", key])).collect();
    let top = |name: &str| Figure::at(report, &[name]).map(|figure| figure.value);
    let count = Figure::at(report, &["latency", "count"]).map(|figure| figure.value);
    let (requests, failed) = (top("requests"), top("failed"));
    let reason = if count == Some(0.0) || requests == Some(0.0) {
        "no answer was timed".to_owned()
    } else if requests.is_some() && failed == requests {
        format!("all {} requests failed", requests.unwrap_or_default())
    } else if !figures.is_empty() && figures.iter().all(|figure| figure.value == 0.0) {
        "every figure is 0: no answer was timed".to_owned()
    } else {
        return Vec::new();
    };
    figures.iter().map(|figure| Doubt::of(figure.steps.clone(), Code::NoSamples, reason.clone())).collect()
}

fn is_negative(value: &Value<'_>) -> bool {
    value.as_number().and_then(Number::to_f64).is_some_and(|number| number < 0.0)
}

fn shown(value: &Value<'_>) -> String {
    value.as_number().map_or(String::new(), |number| number.as_str().to_owned())
}

/// A number as a tool prints it; null where it is none (`nan`, `-nan`, `N/A`).
pub fn number(text: &str) -> Value<'static> {
    Number::parse(text.trim().to_owned()).map_or(Value::Null, Value::Number)
}

/// A length of time as a tool prints it (`738us`, `51.41ms`, `2.08s`, `1.50m`), in milliseconds.
pub fn milliseconds(text: &str) -> Option<Value<'static>> {
    let text = text.trim();
    let digits = text.trim_end_matches(|letter: char| letter.is_alphabetic());
    let number = Number::parse(digits.trim().to_owned())?;
    let minutes = |minutes: f64| quantity::value(number.to_f64().unwrap_or(f64::NAN) * minutes * 60_000.0);
    Some(match text.get(digits.len()..)? {
        "ns" => Value::Number(number.shifted(quantity::NANOSECONDS)),
        "us" | "µs" => Value::Number(number.shifted(-3)),
        "ms" | "msec" => Value::Number(number),
        "s" | "sec" | "secs" | "seconds" => Value::Number(number.shifted(quantity::SECONDS)),
        "m" | "min" => minutes(1.0),
        "h" => minutes(60.0),
        _ => return None,
    })
}

/// The first whole number in a text.
pub fn first_count(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.trim_end_matches([',', ';']).parse().ok()
}

/// What stands behind `label` in the first line that begins with it.
pub fn behind<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.trim_start().strip_prefix(label)).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn doubts(resolution: f64, requests: u64, failed: u64) -> Vec<String> {
        let rounding = Rounding { absolute: resolution, relative: 0.0 };
        let mut load = Load::new("ab", Of::Answers, Of::Answers, rounding);
        (load.requests, load.failed, load.unanswered) = (Said::count(requests), Said::count(failed), Said::count(0));
        load.latency = vec![("p50_ms".to_owned(), 0u64.into()), ("max_ms".to_owned(), 0u64.into())];
        test::doubts(&load.finish()).into_iter().filter(|doubt| doubt.starts_with("latency/max_ms")).collect()
    }

    #[test]
    fn a_time_of_0_is_one_below_the_resolution_of_a_coarse_clock() {
        assert_eq!(doubts(1.0, 9, 0), [""; 0]);
        assert_eq!(doubts(10.0, 9, 8), [""; 0]);
        let untimed = ["latency/max_ms: no-samples: every figure is 0: no answer was timed"];
        assert_eq!(doubts(0.1, 9, 0), untimed);
        assert_eq!(doubts(1.0, 9, 9), ["latency/max_ms: no-samples: all 9 requests failed"]);
        assert_eq!(doubts(1.0, 0, 0), ["latency/max_ms: no-samples: no answer was timed"]);
    }
}
