//! Figures below zero that no run can have: a count, a time, a rate or a share of a known tool's report.
//!
//! Without this `p95_ms <= 250ms` would hold of a report that is broken or was edited. Formats whose figures may be
//! negative (tables, plain JSON, scrapes, plugins, instruments) are not looked at.

use schema::{Code, Number, Value};

use super::k6::names;
use crate::facts::{Content, Doubt, Facts};

/// Formats in which every number is a count, a time, a size, a rate or a share.
const NEVER_NEGATIVE: [&str; 28] = [
    "vegeta",
    "oha",
    "hyperfine",
    "locust",
    "jmeter",
    "gatling",
    "artillery",
    "autocannon",
    "bombardier",
    "hey",
    "wrk",
    "ab",
    "siege",
    "h2load",
    "pgbench",
    "sysbench",
    "redis-benchmark",
    "memtier",
    "fio",
    "iperf3",
    "pytest-benchmark",
    "stub-status",
    "newman",
    "coverage",
    "sarif",
    "jest",
    "mocha",
    "playwright",
];

/// Formats in which some are, by their names.
const IN_PART: [&str; 4] = ["curl", "google-benchmark", "k6", "k6-points"];

/// What is made of the counts below it: failures of the statuses.
const COUNTED: [(&str, [&str; 4]); 3] = [
    ("status_codes", ["requests", "failed", "errors", "success_ratio"]),
    ("error_kinds", ["requests", "failed", "errors", "success_ratio"]),
    ("error_messages", ["requests", "failed", "errors", "success_ratio"]),
];

/// A doubt about every such figure, and about those that are counted from it.
pub fn doubts(facts: &Facts<'_>) -> Vec<Doubt> {
    // Tables and plain JSON may have millions of records.
    if !NEVER_NEGATIVE.contains(&facts.format) && !IN_PART.contains(&facts.format) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let known = |steps: &[String]| -> bool {
        match facts.format {
            format if NEVER_NEGATIVE.contains(&format) => true,
            // Counters of the user's own have any name, and any value.
            "google-benchmark" => steps.last().is_some_and(|name| name.ends_with("_ms") || name == "iterations"),
            "curl" => steps.last().is_some_and(|name| name.ends_with("_ms") || name.ends_with("_bytes")),
            "k6" | "k6-points" => steps.first().is_some_and(|metric| {
                names::kind(metric).is_some()
                    || ["requests", "failed", "rate", "latency"].contains(&metric.as_str())
                    || metric.ends_with("duration_ms")
            }),
            _ => false,
        }
    };
    match &facts.content {
        Content::One(value) => walk(value, &mut Vec::new(), &mut found),
        Content::Many(list) => {
            for (place, value) in list.iter().enumerate() {
                walk(value, &mut vec![place.to_string()], &mut found);
            }
        }
    }
    let record = usize::from(matches!(facts.content, Content::Many(_)));
    let mut doubts = Vec::new();
    for (steps, shown) in found {
        if !known(steps.get(record..).unwrap_or_default()) {
            continue;
        }
        let detail = format!("{} is {shown}: it is never negative", steps.last().map_or("", String::as_str));
        for (above, counted) in COUNTED {
            let Some(at) = steps.iter().position(|step| step == above) else { continue };
            let beside = steps.get(..at).unwrap_or_default();
            doubts.extend(counted.iter().map(|name| {
                let steps = beside.iter().cloned().chain([(*name).to_owned()]).collect();
                Doubt::of(steps, Code::Inconsistent, detail.clone())
            }));
        }
        doubts.push(Doubt::of(steps, Code::Inconsistent, detail));
    }
    doubts
}

/// The numbers below zero, with their steps and as they are written.
fn walk(value: &Value<'_>, above: &mut Vec<String>, found: &mut Vec<(Vec<String>, String)>) {
    match value {
        Value::Number(number) if number.to_f64().is_some_and(|number| number < 0.0) => {
            found.push((above.clone(), Number::as_str(number).to_owned()));
        }
        Value::Object(object) => {
            for (key, value) in object.iter() {
                above.push(key.to_owned());
                walk(value, above, found);
                above.pop();
            }
        }
        Value::List(list) => {
            let mut place = 0;
            list.each(|value| {
                above.push(place.to_string());
                walk(value, above, found);
                above.pop();
                place += 1;
            });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::test;
    use crate::readers;

    fn doubts(text: &str) -> Vec<String> {
        test::doubts(&readers::read(text.as_bytes(), None, false).unwrap().facts)
    }

    #[test]
    fn no_run_has_a_count_a_time_or_a_rate_below_zero() {
        let sample =
            |name: &str| std::fs::read_to_string(testkit::root().join("testdata/merge-evidence").join(name)).unwrap();
        let fio = sample("fio/read.json").replace("\"iops\": 32000", "\"iops\": -32000");
        assert!(
            doubts(&fio).contains(&"a/read/iops: inconsistent: iops is -32000.0: it is never negative".to_owned()),
            "{:?}",
            doubts(&fio)
        );
        let curl = r#"{"http_code":200,"exitcode":0,"time_total":-1,"remote_port":-1}"#;
        assert_eq!(doubts(curl), ["time_total_ms: inconsistent: time_total_ms is -1000: it is never negative"]);
        let k6 = r#"{"metrics":{"http_reqs":{"count":9,"rate":1},"drift":{"avg":-3,"min":-9,"med":-2,"max":1},"http_req_waiting":{"avg":-3,"min":-9,"med":-2,"max":1}}}"#;
        let k6 = doubts(k6);
        assert_eq!(k6.len(), 3, "{k6:?}");
        assert!(k6.iter().all(|doubt| doubt.starts_with("http_req_waiting/")), "{k6:?}");
        let artillery =
            sample("artillery/ok.json").replace("\"http.codes.200\"", "\"http.codes.500\":-5,\"http.codes.200\"");
        let artillery = doubts(&artillery);
        for of in ["status_codes/500", "failed", "errors", "success_ratio", "requests"] {
            let named = |doubt: &&String| {
                doubt.starts_with(&format!("{of}: ")) && doubt.ends_with("500 is -5: it is never negative")
            };
            assert!(artillery.iter().any(|doubt| named(&doubt)), "{artillery:?}");
        }
    }

    #[test]
    fn what_may_be_below_zero_is_let_be() {
        for text in [
            "OK - drift|offset=-0.001s;1;2\n",
            "temperature_celsius -5\n",
            r#"{"offset_ms":-5}"#,
            "op,delta_ms\na,-5\n",
            "1..1\nok 1\n",
        ] {
            assert_eq!(doubts(text), [""; 0], "{text}");
        }
    }
}
