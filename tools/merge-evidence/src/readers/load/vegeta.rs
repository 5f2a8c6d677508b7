//! vegeta's JSON report (`vegeta report -type=json`): whole nanoseconds become milliseconds.
//!
//! Owns vegeta's names and the relations between its figures; refuses nothing that has its shape.

use jiff::Timestamp;
use schema::{Code, Object, Value};

use super::unmeasured;
use crate::facts::{Builder, Content, Doubt, Facts, float};
use crate::quantity::{self, NANOSECONDS, shift};
use crate::relations::{self, Figure};

/// Whether a document has the shape of a report.
pub fn fits(document: &Value<'_>) -> bool {
    let object = |key| document.get(key).is_some_and(|value| value.as_object().is_some());
    object("latencies") && object("status_codes") && document.get("requests").is_some()
}

/// Reads a report.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut facts = Facts { format: "vegeta", ..Facts::default() };
    let mut report = Builder::default();
    for (key, value) in document.as_object().into_iter().flat_map(Object::iter) {
        match key {
            "latencies" => {
                let mut latency = Builder::default();
                if let Some(requests) = document.get("requests") {
                    latency.put("count", requests.clone());
                }
                for (key, value) in value.as_object().into_iter().flat_map(Object::iter) {
                    let name = match key.strip_suffix("th") {
                        Some(rank) => format!("p{rank}_ms"),
                        None => format!("{key}_ms"),
                    };
                    latency.put(name, shift(value, NANOSECONDS));
                }
                report.put("latency", latency.build());
            }
            "duration" | "wait" => {
                report.put(format!("{key}_ms"), shift(value, NANOSECONDS));
            }
            "bytes_in" | "bytes_out" => {
                let sizes = value.as_object().into_iter().flat_map(Object::iter);
                report.put(
                    key.to_owned(),
                    sizes.map(|(key, value)| (format!("{key}_bytes"), value.clone())).collect::<Object>(),
                );
            }
            "success" => {
                report.put("success_ratio", value.clone());
            }
            // vegeta's `errors` are the different messages, not the requests that failed.
            "errors" => {
                let errors = value.as_list().unwrap_or_default();
                report.put("error_messages_count", errors.len() as u64);
                if !errors.is_empty() {
                    report.put("error_messages", value.clone());
                }
            }
            _ => {
                report.put(key.to_owned(), value.clone());
            }
        }
    }
    let failures = failed(document);
    for name in ["failed", "errors"] {
        report.put(name, failures.map_or(Value::Null, quantity::value));
        if failures.is_none() {
            facts.doubts.push(Doubt::new(&[name], Code::Missing, "neither status_codes nor success gives it"));
        } else if float(document, "requests") == Some(0.0) {
            facts.doubts.push(Doubt::new(&[name], Code::NoSamples, "no request was made"));
        }
    }
    // Each message is of a request at least that was not answered with success: vegeta writes none of another.
    let messages = document.get("errors").and_then(Value::as_list).map_or(0, <[_]>::len);
    if let Some(failures) = failures.filter(|failures| messages as f64 > *failures) {
        let detail = format!("failed < the messages in errors: {failures} < {messages}");
        for name in ["failed", "errors", "success_ratio"] {
            facts.doubts.push(Doubt::new(&[name], Code::Inconsistent, detail.clone()));
        }
    }
    report.put("rate_of", "requests");
    report.put("latency_of", "requests");
    for key in ["earliest", "latest", "end"] {
        facts.span.see_text(document.get(key).and_then(Value::as_text).unwrap_or_default());
    }
    let report = Value::Object(report.build());
    facts.doubts.extend(doubts(&report));
    facts.doubts = relations::joined(std::mem::take(&mut facts.doubts));
    if let Some(doubt) = facts.doubts.iter().find(|doubt| doubt.steps == ["requests"]) {
        let count = Doubt::new(&["latency", "count"], doubt.code, doubt.detail.clone());
        facts.doubts.push(count);
    }
    facts.content = Content::One(report);
    facts
}

/// How many requests were not answered with a status of 200 to 399.
fn failed(document: &Value<'_>) -> Option<f64> {
    let requests = float(document, "requests")?;
    let codes = document.get("status_codes").and_then(Value::as_object);
    let passed = codes.filter(|codes| !codes.is_empty()).map(|codes| {
        let good = codes.iter().filter(|(code, _)| code.parse::<u16>().is_ok_and(|code| (200..400).contains(&code)));
        good.filter_map(|(_, count)| count.as_number()?.to_f64()).sum::<f64>()
    });
    let passed = passed.or_else(|| Some((float(document, "success")? * requests).round()))?;
    (passed <= requests).then_some(requests - passed)
}

fn doubts(report: &Value<'_>) -> Vec<Doubt> {
    let figure = |steps: &[&str]| Figure::at(report, steps);
    let latency = |name: &str| figure(&["latency", name]);
    let mut doubts = relations::ordered(report.get("latency").unwrap_or(&Value::Null), &["latency".to_owned()]);
    let Some(requests) = figure(&["requests"]) else { return doubts };
    if let (Some(mean), Some(total)) = (latency("mean_ms"), latency("total_ms")) {
        // vegeta's mean is cut to a whole nanosecond.
        doubts.extend(relations::summed(&mean, &requests, &total, 1e-6));
    }
    if let (Some(p99), Some(max)) = (latency("p99_ms"), latency("max_ms")) {
        let low = latency("p50_ms").map(|figure| figure.value);
        doubts.extend(relations::tail(&requests, &p99, &max, low, false));
    }
    doubts.extend(unmeasured(report));
    if let Some(duration) = figure(&["duration_ms"]) {
        doubts.extend(between(report, &duration));
        // One request alone has no duration, and vegeta then calls it a rate of 1.
        if let Some(rate) = figure(&["rate"])
            && requests.value > 1.0
        {
            doubts.extend(relations::paced(&rate, &requests, &duration, duration.value / 1000.0));
        }
    }
    doubts.extend(by_status(report, &requests));
    doubts
}

/// `duration = latest - earliest`, a microsecond apart at most.
fn between(report: &Value<'_>, duration: &Figure) -> Vec<Doubt> {
    let moment = |key: &str| report.get(key)?.as_text()?.parse::<Timestamp>().ok();
    let (Some(earliest), Some(latest)) = (moment("earliest"), moment("latest")) else { return Vec::new() };
    let apart = latest.duration_since(earliest).as_secs_f64() * 1000.0;
    if (apart - duration.value).abs() <= 0.001 {
        return Vec::new();
    }
    let detail = format!("duration != latest - earliest: {}ms != {apart}ms", duration.value);
    let mut doubts = relations::broken(&[duration], &detail);
    doubts.extend(["earliest", "latest"].map(|key| Doubt::new(&[key], schema::Code::Inconsistent, detail.clone())));
    doubts
}

fn by_status(report: &Value<'_>, requests: &Figure) -> Vec<Doubt> {
    let Some(codes) = report.get("status_codes").and_then(Value::as_object) else { return Vec::new() };
    let (mut all, mut passed) = (0.0, 0.0);
    let mut figures = Vec::new();
    for (code, _) in codes.iter() {
        let Some(figure) = Figure::at(report, &["status_codes", code]) else { continue };
        all += figure.value;
        if code.parse::<u16>().is_ok_and(|code| (200..400).contains(&code)) {
            passed += figure.value;
        }
        figures.push(figure);
    }
    let figures: Vec<&Figure> = figures.iter().collect();
    let mut doubts = Vec::new();
    if all != requests.value {
        let detail = format!("the status codes do not add up to requests: {all} != {}", requests.value);
        doubts.extend(relations::broken(&[figures.as_slice(), &[requests]].concat(), &detail));
    }
    if let Some(success) = Figure::at(report, &["success_ratio"]) {
        let others = [figures.as_slice(), &[requests]].concat();
        let broken = relations::proportion(&success, passed, requests.value, &others);
        // Then the failures, which are counted from the codes, are doubtful, too.
        if let Some(doubt) = broken.first() {
            doubts.extend(["failed", "errors"].map(|name| Doubt::new(&[name], doubt.code, doubt.detail.clone())));
        }
        doubts.extend(broken);
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn the_first_report_contradicts_itself_five_times() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/samples/vegeta-reports.jsonl");
        let Ok(reports) = std::fs::read_to_string(path) else { return };
        for (place, line) in reports.lines().enumerate() {
            let document = schema::json::parse(line.as_bytes()).unwrap();
            assert!(fits(&document));
            let facts = read(&document);
            let mut relations: Vec<&str> = facts
                .doubts
                .iter()
                .flat_map(|doubt| doubt.detail.split("; "))
                .map(|detail| detail.split(": ").next().unwrap())
                .collect();
            relations.sort_unstable();
            relations.dedup();
            let expected: &[&str] = &[
                "duration != latest - earliest",
                "mean * requests != total",
                "p99 of 10 samples is not the max",
                "rate != requests / duration",
                "success != passed / all",
            ];
            assert_eq!(relations, if place == 0 { expected } else { &[] }, "line {}", place + 1);
        }
    }

    #[test]
    fn figures_are_exact_milliseconds() {
        let document = schema::json::parse(
            br#"{"latencies":{"total":3000001,"mean":1500000,"50th":1,"99th":2000000,"max":2000000},"bytes_in":{"total":8,"mean":4},"duration":1000000000,"wait":5,"requests":2,"rate":2,"success":1,"status_codes":{"200":2},"errors":[]}"#,
        )
        .unwrap();
        let facts = read(&document);
        assert_eq!(
            test::text(&facts),
            r#"{"latency":{"count":2,"total_ms":3.000001,"mean_ms":1.5,"p50_ms":0.000001,"p99_ms":2,"max_ms":2},"bytes_in":{"total_bytes":8,"mean_bytes":4},"duration_ms":1000,"wait_ms":0.000005,"requests":2,"rate":2,"success_ratio":1,"status_codes":{"200":2},"error_messages_count":0,"failed":0,"errors":0,"rate_of":"requests","latency_of":"requests"}"#
        );
        assert_eq!(test::doubts(&facts), [""; 0]);
    }

    #[test]
    fn messages_are_of_requests_that_failed() {
        let doubts = |codes: &str, errors: &str| {
            let text = format!(
                r#"{{"latencies":{{"mean":1,"max":2}},"requests":3,"status_codes":{codes},"errors":[{errors}]}}"#
            );
            test::doubts(&read(&schema::json::parse(text.as_bytes()).unwrap()))
        };
        let refused = r#""dial tcp: refused""#;
        let detail = "failed: inconsistent: failed < the messages in errors: 0 < 1";
        assert_eq!(doubts(r#"{"200":3}"#, refused)[0], detail);
        assert_eq!(doubts(r#"{"0":2,"200":1}"#, refused), [""; 0]);
        assert_eq!(doubts(r#"{"0":1,"200":2}"#, r#""a","b""#).len(), 3);
        assert_eq!(doubts(r#"{"200":3}"#, ""), [""; 0]);
    }

    #[test]
    fn nothing_took_any_time() {
        let document = schema::json::parse(
            br#"{"latencies":{"mean":0,"50th":0,"99th":0,"max":0},"requests":9,"status_codes":{"200":9}}"#,
        )
        .unwrap();
        let doubts = test::doubts(&read(&document));
        assert_eq!(doubts.len(), 4);
        assert!(doubts[0].ends_with("no-samples: every figure is 0: no answer was timed"), "{doubts:?}");
    }
}
