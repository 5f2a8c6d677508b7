//! oha's JSON (`oha --output-format json`): seconds become milliseconds.
//!
//! Owns oha's names and the relations between its figures. Its nulls (nothing succeeded) are `no-samples`.

use schema::{Code, Number, Object, Value};

use super::unmeasured;
use crate::facts::{Builder, Content, Doubt, Facts};
use crate::quantity::{SECONDS, shift, value as number};
use crate::relations::{self, Figure};

/// What oha calls requests that were on their way when the time was up.
const DEADLINE: &str = "aborted due to deadline";

/// Whether a document has the shape of oha's output.
pub fn fits(document: &Value<'_>) -> bool {
    let summary = document.get("summary");
    summary.is_some_and(|summary| summary.get("successRate").is_some() && summary.get("requestsPerSec").is_some())
        && document.get("latencyPercentiles").is_some()
}

/// Reads oha's output.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut facts = Facts { format: "oha", ..Facts::default() };
    let of = |section: &str, key: &str| document.get(section).and_then(|section| section.get(key));
    let counted = |section: &str| -> f64 {
        let counts = document.get(section).and_then(Value::as_object).into_iter().flat_map(Object::iter);
        counts.filter_map(|(_, count)| count.as_number()?.to_f64()).fold(0.0, |sum, count| sum + count)
    };
    // What was on its way when the time was up did not fail; oha leaves it out of its own success rate, too.
    let cut = of("errorDistribution", DEADLINE).and_then(Value::as_number).and_then(Number::to_f64).unwrap_or(0.0);
    let (answered, errors) = (counted("statusCodeDistribution"), counted("errorDistribution") - cut);
    let refused: f64 = {
        let codes =
            document.get("statusCodeDistribution").and_then(Value::as_object).into_iter().flat_map(Object::iter);
        // What is no status is none of success.
        let bad = codes.filter(|(code, _)| code.parse().map_or(true, |code: u16| code >= 400));
        bad.filter_map(|(_, count)| count.as_number()?.to_f64()).sum()
    };
    let mut report = Builder::default();
    report.put("requests", number(answered + errors));
    // oha calls every answer a success, a 503 too; here a failure is a request without an answer of success.
    for name in ["failed", "errors"] {
        report.put(name, number(errors + refused));
        if answered + errors == 0.0 {
            facts.doubts.push(Doubt::new(&[name], Code::NoSamples, "no request was made"));
        }
    }
    report.put("unanswered", number(errors));
    report.put("cut_off", number(cut));
    report.put("success_ratio", number((answered - refused) / (answered + errors)));
    for (name, key) in [("answered_ratio", "successRate"), ("rate", "requestsPerSec")] {
        report.put(name, of("summary", key).cloned().unwrap_or_default());
    }
    report.put("rate_of", "requests");
    report.put("latency_of", "answers");
    report.put("duration_ms", shift(of("summary", "total").unwrap_or(&Value::Null), SECONDS));
    let mut latency = Builder::default();
    latency.put("count", number(answered));
    for (name, key) in [("min_ms", "fastest"), ("mean_ms", "average"), ("max_ms", "slowest")] {
        latency.put(name, shift(of("summary", key).unwrap_or(&Value::Null), SECONDS));
    }
    for (rank, value) in
        document.get("latencyPercentiles").and_then(Value::as_object).into_iter().flat_map(Object::iter)
    {
        latency.put(format!("{rank}_ms"), shift(value, SECONDS));
    }
    report.put("latency", latency.build());
    for (name, key) in [("total_bytes", "totalData"), ("mean_bytes", "sizePerRequest")] {
        if let Some(value) = of("summary", key) {
            match report.entry("body") {
                Value::Object(body) => {
                    body.insert(name, value.clone());
                }
                body => *body = [(name, value.clone())].into_iter().collect::<Object>().into(),
            }
        }
    }
    for (name, key) in [("status_codes", "statusCodeDistribution"), ("error_messages", "errorDistribution")] {
        if let Some(value) = document.get(key) {
            report.put(name, value.clone());
        }
    }
    let report = Value::Object(report.build());
    let mut doubts = std::mem::take(&mut facts.doubts);
    doubts.extend(without_answer(&report));
    doubts.extend(inconsistent(&report, answered, errors));
    facts.doubts = relations::joined(doubts);
    facts.content = Content::One(report);
    facts
}

fn without_answer(report: &Value<'_>) -> Vec<Doubt> {
    let nulls = |above: Option<&str>, value: &Value<'_>| -> Vec<Doubt> {
        let members = value.as_object().into_iter().flat_map(Object::iter);
        let null = members.filter(|(_, value)| **value == Value::Null);
        null.map(|(key, _)| {
            let steps: Vec<&str> = above.into_iter().chain([key]).collect();
            Doubt::new(&steps, Code::NoSamples, "oha had no answer to measure")
        })
        .collect()
    };
    let mut doubts = nulls(None, report);
    doubts.extend(nulls(Some("latency"), report.get("latency").unwrap_or(&Value::Null)));
    doubts
}

fn inconsistent(report: &Value<'_>, answered: f64, errors: f64) -> Vec<Doubt> {
    let latency = |name: &str| Figure::at(report, &["latency", name]);
    let mut doubts = relations::ordered(report.get("latency").unwrap_or(&Value::Null), &["latency".to_owned()]);
    let Some(count) = latency("count") else { return doubts };
    if let (Some(p99), Some(max)) = (latency("p99_ms"), latency("max_ms")) {
        doubts.extend(relations::tail(&count, &p99, &max, latency("min_ms").map(|min| min.value), false));
    }
    doubts.extend(unmeasured(report));
    if let (Some(requests), Some(rate), Some(duration)) =
        (Figure::at(report, &["requests"]), Figure::at(report, &["rate"]), Figure::at(report, &["duration_ms"]))
    {
        // What was cut off at the deadline is in the rate of 1.16, and in that of others it is not.
        let product = rate.value * duration.value / 1000.0;
        let most = requests.value + Figure::at(report, &["cut_off"]).map_or(0.0, |cut| cut.value);
        let between = product >= answered * (1.0 - 1e-4) && product <= most * (1.0 + 1e-4);
        if !between {
            doubts.extend(relations::paced(&rate, &requests, &duration, duration.value / 1000.0));
        }
    }
    if let Some(success) = Figure::at(report, &["answered_ratio"]) {
        let cut = Figure::at(report, &["cut_off"]).map_or(0.0, |cut| cut.value);
        let least = answered / (answered + errors + cut).max(1.0);
        if answered + errors > 0.0 && (success.value < least - 1e-6 || success.value > 1.0) {
            let broken = relations::proportion(&success, answered, answered + errors, &[&count]);
            // Then the failures, which are counted from the distributions, are doubtful, too.
            if let Some(doubt) = broken.first() {
                let counted = ["failed", "errors", "unanswered", "success_ratio"];
                doubts.extend(counted.map(|name| Doubt::new(&[name], doubt.code, doubt.detail.clone())));
            }
            doubts.extend(broken);
        }
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn report(rate: &str, p99: &str) -> String {
        format!(
            r#"{{"summary":{{"successRate":1.0,"total":0.5,"slowest":0.02,"fastest":0.001,"average":0.004,"requestsPerSec":{rate},"totalData":2000,"sizePerRequest":10,"sizePerSec":4000.0}},"responseTimeHistogram":{{"0.001":1}},"latencyPercentiles":{{"p50":0.004,"p99":{p99},"p99.9":0.02}},"rps":{{"mean":400}},"details":{{}},"statusCodeDistribution":{{"200":200}},"errorDistribution":{{}}}}"#
        )
    }

    #[test]
    fn seconds_become_milliseconds() {
        let text = report("400.0", "0.0195");
        let document = schema::json::parse(text.as_bytes()).unwrap();
        assert!(fits(&document));
        let facts = read(&document);
        assert_eq!(
            test::text(&facts),
            r#"{"requests":200,"failed":0,"errors":0,"unanswered":0,"cut_off":0,"success_ratio":1,"answered_ratio":1.0,"rate":400.0,"rate_of":"requests","latency_of":"answers","duration_ms":500,"latency":{"count":200,"min_ms":1,"mean_ms":4,"max_ms":20,"p50_ms":4,"p99_ms":19.5,"p99.9_ms":20},"body":{"total_bytes":2000,"mean_bytes":10},"status_codes":{"200":200},"error_messages":{}}"#
        );
        assert_eq!(test::doubts(&facts), [""; 0]);
    }

    #[test]
    fn an_answer_that_is_an_error_failed() {
        let text = report("400.0", "0.0195").replace(r#"{"200":200}"#, r#"{"200":150,"301":10,"404":15,"503":25}"#);
        let facts = read(&schema::json::parse(text.as_bytes()).unwrap());
        assert!(
            test::text(&facts).starts_with(r#"{"requests":200,"failed":40,"errors":40,"unanswered":0,"#),
            "{}",
            test::text(&facts)
        );
    }

    #[test]
    fn a_success_rate_of_less_than_was_answered_leaves_the_failures_unknown() {
        let text = report("400.0", "0.0195").replace(r#""successRate":1.0"#, r#""successRate":0.9"#);
        let doubts = test::doubts(&read(&schema::json::parse(text.as_bytes()).unwrap()));
        for name in ["failed", "errors", "unanswered", "success_ratio", "answered_ratio"] {
            let doubt = format!("{name}: inconsistent: answered != passed / all: 0.9 != 200 / 200");
            assert!(doubts.contains(&doubt), "{name}: {doubts:?}");
        }
        // One that has what was cut off in it, too, is none of less.
        let cut = text
            .replace("0.9,", "0.97561,")
            .replace(r#""errorDistribution":{}"#, r#""errorDistribution":{"aborted due to deadline":5}"#);
        assert_eq!(test::doubts(&read(&schema::json::parse(cut.as_bytes()).unwrap())), [""; 0]);
    }

    #[test]
    fn what_was_cut_off_at_the_deadline_may_be_in_the_rate() {
        // oha 1.16.0 -z: 200 answers, and 5 requests on their way at the end, in half a second.
        let text = report("410.0", "0.0195")
            .replace(r#""errorDistribution":{}"#, r#""errorDistribution":{"aborted due to deadline":5}"#);
        let facts = read(&schema::json::parse(text.as_bytes()).unwrap());
        assert_eq!(test::doubts(&facts), [""; 0]);
        let facts = test::doubts(&read(&schema::json::parse(text.replace("410.0", "412.0").as_bytes()).unwrap()));
        assert!(facts.iter().any(|doubt| doubt.starts_with("rate: inconsistent")), "{facts:?}");
    }

    #[test]
    fn contradictions_and_nulls() {
        let text = report("100", "0.03");
        let facts = test::doubts(&read(&schema::json::parse(text.as_bytes()).unwrap()));
        assert!(
            facts.contains(&"rate: inconsistent: rate != requests / duration: 100 != 200 / 0.5s".to_owned()),
            "{facts:?}"
        );
        assert!(facts.contains(&"latency/p99_ms: inconsistent: p99.9 < p99: 20 < 30".to_owned()), "{facts:?}");
        let text = report("0", "null").replace("{\"200\":200}", "{}").replace("0.02,", "null,");
        let facts = test::doubts(&read(&schema::json::parse(text.as_bytes()).unwrap()));
        assert!(facts.contains(&"latency/p99_ms: no-samples: oha had no answer to measure".to_owned()), "{facts:?}");
    }
}
