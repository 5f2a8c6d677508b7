//! Objects whose statistics have no samples, and those whose zeros are answers.

use super::*;
use crate::json;

/// Why each statistic of an object was not measured.
fn doubted(text: &str) -> String {
    let Value::Object(object) = json::parse(text.as_bytes()).unwrap() else { panic!("{text}") };
    let found: Vec<String> = without_samples(&object).into_iter().map(|(key, code)| format!("{key}:{code}")).collect();
    found.join(" ")
}

/// Why what stands at these keys was not measured.
fn doubted_at(text: &str, keys: &[&str]) -> Option<Code> {
    let value = json::parse(text.as_bytes()).unwrap();
    let mut objects = Vec::new();
    let mut here = &value;
    for key in keys {
        let Value::Object(object) = here else { panic!("{text}") };
        objects.push((object, *key));
        here = object.get(key).unwrap();
    }
    let counts: Vec<Counts> = objects.iter().map(|(object, _)| Counts::of(object)).collect();
    let levels = objects.iter().zip(&counts).rev();
    let levels: Vec<_> = levels.map(|((object, key), counts)| Level { object, counts, key }).collect();
    doubt(&levels)
}

#[test]
fn what_happened_in_an_object_beside() {
    for (text, keys, wanted) in [
        (r#"{"requests":{"total":0},"latency":{"p99":0}}"#, &["latency", "p99"][..], true),
        (r#"{"requests":{"average":0,"total":0},"latency":{"max":0}}"#, &["latency", "max"], true),
        (r#"{"http_reqs":{"count":0},"http_req_duration":{"p(95)":0}}"#, &["http_req_duration", "p(95)"], true),
        (
            r#"{"http_reqs":{"values":{"count":0}},"http_req_duration":{"values":{"p(95)":0}}}"#,
            &["http_req_duration", "values", "p(95)"],
            true,
        ),
        (r#"{"summary":{"count":0},"p99":0}"#, &["p99"], true),
        (r#"{"requests":{"total":0},"errors":{"rate":0}}"#, &["errors", "rate"], true),
        (r#"{"numberOfRequests":{"total":0,"ok":0},"responseTime":{"mean":0}}"#, &["responseTime", "mean"], true),
        // What happened, and what is known without it.
        (r#"{"requests":{"total":9},"latency":{"p99":0}}"#, &["latency", "p99"], false),
        (r#"{"requests":{"total":0},"latency":{"p99":7}}"#, &["latency", "p99"], false),
        (r#"{"requests":{"total":0,"rate":5},"latency":{"p99":0}}"#, &["latency", "p99"], false),
        (r#"{"requests":{"total":0},"responses":{"count":9},"latency":{"p99":0}}"#, &["latency", "p99"], false),
        (r#"{"requests":{"total":0},"memory":{"max":0}}"#, &["memory", "max"], false),
        (r#"{"hits":{"total":0},"took_ms":0}"#, &["took_ms"], false),
        (r#"{"hits":{"total":0},"latency":{"p99":0}}"#, &["latency", "p99"], false),
        (r#"{"errors":{"count":0},"latency":{"p99":0}}"#, &["latency", "p99"], false),
        (r#"{"requests":{"total":0},"errors":{"count":0}}"#, &["errors", "count"], false),
        (r#"{"requests":{"total":0},"latency":{"count":5,"p99":0}}"#, &["latency", "p99"], false),
    ] {
        assert_eq!(doubted_at(text, keys).is_some(), wanted, "{text}");
    }
}

#[test]
fn zeros_of_load_tools_that_measured_nothing() {
    let trend = r#"{"avg":0,"min":0,"med":0,"max":0,"p(90)":0,"p(95)":0}"#;
    let k6 = |metric: &str, trend: &str| format!(r#"{{"metrics":{{"{metric}":{{"type":"trend","values":{trend}}}}}}}"#);
    let gatling = |total: u64, ok: u64, time: u64| {
        format!(
            r#"{{"stats":{{"numberOfRequests":{{"total":{total},"ok":{ok}}},"percentiles4":{{"total":0,"ok":{time}}},"meanResponseTime":{{"ok":0}}}}}}"#
        )
    };
    let bombardier = |good: u64, bad: u64| {
        format!(
            r#"{{"result":{{"req1xx":0,"req2xx":{good},"req3xx":0,"req4xx":0,"req5xx":{bad},"others":0,"latency":{{"mean":0,"percentiles":{{"99":0}}}},"rps":{{"mean":0}}}}}}"#
        )
    };
    for (text, keys, wanted) in [
        (k6("never", trend), &["metrics", "never", "values", "p(95)"][..], true),
        (k6("never", trend), &["metrics", "never", "values", "avg"], true),
        (trend.to_owned(), &["p(95)"], true),
        (k6("http_req_blocked", trend), &["metrics", "http_req_blocked", "values", "avg"], false),
        (k6("t", &trend.replace("\"max\":0", "\"max\":3")), &["metrics", "t", "values", "avg"], false),
        (k6("t", &trend.replace('{', "{\"count\":5,")), &["metrics", "t", "values", "avg"], false),
        (gatling(0, 0, 0), &["stats", "percentiles4", "total"], true),
        (gatling(9, 0, 0), &["stats", "percentiles4", "ok"], true),
        (gatling(9, 0, 0), &["stats", "meanResponseTime", "ok"], true),
        (gatling(9, 9, 0), &["stats", "percentiles4", "ok"], false),
        (gatling(9, 0, 7), &["stats", "percentiles4", "ok"], false),
        (gatling(0, 0, 0), &["stats", "numberOfRequests", "ok"], false),
        (bombardier(0, 0), &["result", "latency", "percentiles", "99"], true),
        (bombardier(0, 0), &["result", "latency", "mean"], true),
        (bombardier(9, 0), &["result", "latency", "mean"], false),
        (bombardier(0, 9), &["result", "latency", "mean"], false),
        (bombardier(0, 0), &["result", "rps", "mean"], false),
    ] {
        assert_eq!(doubted_at(&text, keys).is_some(), wanted, "{text} {keys:?}");
    }
}

#[test]
fn what_has_no_samples() {
    for (text, wanted) in [
        (r#"{"count":0,"p99":0}"#, "p99:no-samples"),
        (r#"{"count":-1,"p99_ms":5}"#, "p99_ms:no-samples"),
        (r#"{"count":0.0,"max_ms":5}"#, "max_ms:no-samples"),
        (r#"{"count":null,"p99":5}"#, "p99:null"),
        (r#"{"count":"0","p99":5}"#, "p99:not-a-number"),
        (r#"{"count":1e400,"p99":5}"#, "p99:overflow"),
        (r#"{"count":1e-400,"p99":5}"#, "p99:overflow"),
        (r#"{"passes":1e400,"fails":0,"rate":1}"#, "rate:overflow"),
        (r#"{"n":0,"p99":"timeout","mean":0}"#, "p99:no-samples mean:no-samples"),
        (r#"{"latency_ms_count":0,"latency_ms_p99":0,"other_ms_p99":0}"#, "latency_ms_p99:no-samples"),
        (r#"{"latency_count":0,"p99_latency_ms":0}"#, "p99_latency_ms:no-samples"),
        (r#"{"latencyCount":0,"latencyP99":0}"#, "latencyP99:no-samples"),
        (r#"{"requestCount":0,"p95Ms":0,"latencyP99Ms":0}"#, "p95Ms:no-samples latencyP99Ms:no-samples"),
        (r#"{"latency.count":0,"latency.p99":0}"#, "latency.p99:no-samples"),
        (r#"{"latency_p99":0,"count":0}"#, "latency_p99:no-samples"),
        (r#"{"requests":0,"p99_ms":0}"#, "p99_ms:no-samples"),
        (r#"{"error_rate":0,"count":0}"#, "error_rate:no-samples"),
        (r#"{"error_rate":0,"requests":0,"success_pct":0}"#, "error_rate:no-samples success_pct:no-samples"),
        (r#"{"iterations":0,"p95_ms":0}"#, "p95_ms:no-samples"),
        (r#"{"nb_samples":0,"p99":0}"#, "p99:no-samples"),
        (r#"{"data_points":0,"p99":0}"#, "p99:no-samples"),
        (r#"{"sample_size":0,"p99":5}"#, "p99:no-samples"),
        (r#"{"sampleSize":0,"percentile99":0,"quantile95":0}"#, "percentile99:no-samples quantile95:no-samples"),
        (r#"{"nobs":0,"mean":0.0}"#, "mean:no-samples"),
        (r#"{"points":0,"mean":0,"max":0}"#, "mean:no-samples max:no-samples"),
        (r#"{"latency_cnt":0,"latency_p99":0}"#, "latency_p99:no-samples"),
        (r#"{"txns":0,"executions":0,"avg_ms":0}"#, "avg_ms:no-samples"),
        (r#"{"totalCount":0,"p97_5":0,"average":0}"#, "p97_5:no-samples average:no-samples"),
        (r#"{"Request Count":0,"95%":0,"Average Response Time":0}"#, "95%:no-samples Average Response Time:no-samples"),
        (r#"{"min":0,"max":0,"mean":0.0,"N":0}"#, "min:no-samples max:no-samples mean:no-samples"),
        (r#"{"n":0,"p99":null}"#, "p99:no-samples"),
        (r#"{"passes":0,"fails":0,"rate":0}"#, "rate:no-samples"),
        (
            r#"{"samples":0,"stddev":0,"99.000000":0,"99th":0}"#,
            "stddev:no-samples 99.000000:no-samples 99th:no-samples",
        ),
        (r#"{"transactions":0,"response_time_max":0}"#, "response_time_max:no-samples"),
        (r#"{"success_rate":1,"success":0,"failure":0}"#, "success_rate:no-samples"),
        (r#"{"success_rate":1,"succeeded":0,"failed":0}"#, "success_rate:no-samples"),
        (r#"{"success_rate":100,"passed":0,"failed":0,"errors":0}"#, "success_rate:no-samples"),
        (r#"{"failed_pct":0,"passes":0,"fails":0}"#, "failed_pct:no-samples"),
        (r#"{"p95":0,"avg":0,"max":0,"rps":0}"#, "p95:no-samples avg:no-samples max:no-samples"),
        (r#"{"p95_ms":0,"throughput":0}"#, "p95_ms:no-samples"),
        (r#"{"total":0,"p99_ms":0}"#, "p99_ms:no-samples"),
        (r#"{"completed":0,"failed":0,"mean_ms":0,"max_ms":null}"#, "mean_ms:no-samples max_ms:no-samples"),
        (r#"{"messages":0,"p50":0,"p99":0}"#, "p50:no-samples p99:no-samples"),
        (r#"{"http_reqs":0,"http_req_duration_p95":0}"#, "http_req_duration_p95:no-samples"),
        (r#"{"successful_requests":0,"p99_ms":0}"#, "p99_ms:no-samples"),
        (r#"{"request_total":0,"p99_ms":5}"#, "p99_ms:no-samples"),
        (r#"{"total":0,"failed":0,"error_rate":0}"#, "error_rate:no-samples"),
        (
            r#"{"requests":0,"pct99":0,"Latency99":0,"lat_99":0,"99% Line":0}"#,
            "pct99:no-samples Latency99:no-samples lat_99:no-samples 99% Line:no-samples",
        ),
        // An uptime of no look at anything.
        (r#"{"uptime_pct":100,"checks":0}"#, "uptime_pct:no-samples"),
        (r#"{"uptime_pct":100,"rounds":0,"requests":9}"#, "uptime_pct:no-samples"),
        (r#"{"availability_ratio":1,"probes":0}"#, "availability_ratio:no-samples"),
        (r#"{"availability_pct":100,"total_polls":0}"#, "availability_pct:no-samples"),
        (r#"{"uptime_pct":100,"check_count":0}"#, "uptime_pct:no-samples"),
        (r#"{"success_rate":1,"ok":0,"err":0}"#, "success_rate:no-samples"),
        (r#"{"error_pct":0,"ok_count":0,"err_count":0}"#, "error_pct:no-samples"),
        (r#"{"success_rate":1,"requests_ok":0,"requests_failed":0}"#, "success_rate:no-samples"),
        (r#"{"ok":0,"ko":0,"p99_ms":0,"max_ms":0}"#, "p99_ms:no-samples max_ms:no-samples"),
        (r#"{"total":0,"covered":0,"skipped":0,"pct":100}"#, "pct:no-samples"),
        (r#"{"total":0,"success_rate":1}"#, "success_rate:no-samples"),
        (r#"{"line_coverage_pct":100,"total":0}"#, "line_coverage_pct:no-samples"),
        (r#"{"requests":0,"ratio":1,"percent":100}"#, "ratio:no-samples percent:no-samples"),
        (r#"{"messages_received":0,"latency_p99_ms":0}"#, "latency_p99_ms:no-samples"),
        (r#"{"received_messages":0,"p99_ms":0}"#, "p99_ms:no-samples"),
        (r#"{"records_processed":0,"lag_max_ms":0,"lag_mean_ms":0}"#, "lag_max_ms:no-samples lag_mean_ms:no-samples"),
        (r#"{"messages_received":0,"latency_ms":0}"#, "latency_ms:no-samples"),
        (r#"{"requests":0,"latency_ms":0,"response_time_ms":0}"#, "latency_ms:no-samples response_time_ms:no-samples"),
        // Something happened, but no sample of this figure.
        (r#"{"requests":0,"calls":9,"p99_ms":0}"#, "p99_ms:no-samples"),
        (r#"{"requests":0,"iterations":9,"p99_ms":5}"#, "p99_ms:no-samples"),
        (r#"{"requests":0,"events":9,"p99_ms":5}"#, "p99_ms:no-samples"),
        (r#"{"requests":9,"queries":0,"query_p99_ms":5}"#, "query_p99_ms:no-samples"),
        (r#"{"hits":0,"misses":0,"lookup_p99_ms":5}"#, "lookup_p99_ms:no-samples"),
        (r#"{"hits":0,"lookup_p99_ms":5}"#, "lookup_p99_ms:no-samples"),
        (r#"{"events":0,"requests":0,"p99_ms":5}"#, "p99_ms:no-samples"),
        (r#"{"events":0,"requests":null,"p99_ms":5}"#, "p99_ms:no-samples"),
        (r#"{"events":0,"requests":1e400,"p99_ms":5}"#, "p99_ms:no-samples"),
    ] {
        assert_eq!(doubted(text), wanted, "{text}");
    }
}

#[test]
fn what_is_an_answer() {
    for text in [
        r#"{"count":0,"rate":0}"#,
        r#"{"total":0,"p99_ms":5}"#,
        r#"{"jobs":0,"requests":9,"p99_ms":0}"#,
        r#"{"tasks":0,"p50_ms":0,"p99_ms":3}"#,
        r#"{"messages":0,"memory_max_mb":0}"#,
        r#"{"total":0,"latency_5":0}"#,
        r#"{"failed_requests":0,"p99_ms":0}"#,
        r#"{"completed":9,"error_rate":0}"#,
        r#"{"errors":{"total":0},"error_rate":0}"#,
        r#"{"dropped_iterations_count":0,"dropped_iterations_rate":0}"#,
        r#"{"error_count":0,"error_rate":0}"#,
        r#"{"requests":0,"memory_mb":50,"memory_max_mb":60,"cpu_pct":1,"uptime_pct":100,"restarts":0}"#,
        r#"{"count":0,"total":5,"errors":0,"value":0}"#,
        r#"{"ok":0,"n":0}"#,
        r#"{"n":0,"p99":5}"#,
        r#"{"n":0,"max":5}"#,
        r#"{"count":5,"p99":0}"#,
        r#"{"passes":3,"fails":0,"rate":1}"#,
        r#"{"requests":{"total":0},"p99":5}"#,
        r#"{"latency_count":3,"count":0,"latency_p99":5}"#,
        r#"{"request_rate":0,"count":0}"#,
        r#"{"errors_count":0,"latency_p99":5}"#,
        r#"{"count":true,"p99":5}"#,
        r#"{"passes":0,"rate":0}"#,
        r#"{"hits":0,"misses":100,"lookup_p99_ms":5}"#,
        r#"{"hits":0,"misses":100,"lookup_p99_ms":0}"#,
        r#"{"cache_hits":0,"cache_misses":100,"p99_ms":5}"#,
        r#"{"events":0,"requests":9,"p99_ms":5}"#,
        r#"{"requests":0,"queries":9,"query_p99_ms":0}"#,
        r#"{"requests":0,"calls":9,"p99_ms":5}"#,
        r#"{"runs":0,"operations":9,"error_rate":0.1}"#,
        r#"{"success_rate":1,"success":9,"failure":0}"#,
        r#"{"success_rate":0,"passed":0,"failed":3}"#,
        r#"{"success_rate":1,"passed":0}"#,
        r#"{"cache_hit_rate":1,"checkout_success_rate":1,"passed":0,"failed":0}"#,
        r#"{"requests":5,"success_rate":1,"ok":0,"errors":0}"#,
        r#"{"rps":0,"p95":5,"cpu_pct":0}"#,
        // What was up while nobody asked for anything.
        r#"{"requests":0,"uptime_pct":100,"availability_pct":100}"#,
        r#"{"checks":0,"p99_ms":5,"error_rate":0.1}"#,
        r#"{"checks":3,"uptime_pct":100}"#,
        r#"{"total":0,"uptime_pct":100}"#,
        // Of all that went well or badly, none went badly.
        r#"{"count":0,"pct":0}"#,
        r#"{"total":0,"pct":0}"#,
        r#"{"count":0,"pct":100}"#,
        r#"{"total":8,"covered":8,"pct":100}"#,
        r#"{"ok":0,"err":0}"#,
        r#"{"ok":0,"err":0,"p99_ms":5}"#,
        r#"{"ok":9,"err":0,"p99_ms":0,"success_rate":1}"#,
        r#"{"checks_passed":0,"checks_failed":0,"success_rate":0.9}"#,
        r#"{"messages_received":0,"latency_p99_ms":5}"#,
        r#"{"requests":0,"latency_ms":5,"duration_ms":0,"queue_time_ms":0,"redis_latency_ms":0}"#,
        r#"{"requests":0,"memory":{"pct":5},"cpu_pct":1}"#,
        r#"{"requests":5,"latency_ms":0}"#,
    ] {
        assert_eq!(doubted(text), "", "{text}");
    }
}

#[test]
fn counts_above() {
    let code = |text: &str, keys: &[&str]| {
        let value = json::parse(text.as_bytes()).unwrap();
        let mut objects = Vec::new();
        let mut at = &value;
        for key in keys {
            let object = at.as_object().unwrap();
            objects.push((object, Counts::of(object), *key));
            at = at.get(key).unwrap();
        }
        let levels: Vec<Level<'_, '_>> =
            objects.iter().rev().map(|(object, counts, key)| Level { object, counts, key }).collect();
        let code = doubt(&levels).map_or("", Code::name);
        assert!(code.is_empty() || watched(&levels).iter().any(|value| is_none(value)), "{text}");
        code
    };
    assert_eq!(code(r#"{"count":0,"latency_ms":{"p99":0}}"#, &["latency_ms", "p99"]), "no-samples");
    assert_eq!(code(r#"{"d":{"0.99":0},"d_count":0}"#, &["d", "0.99"]), "no-samples");
    assert_eq!(
        code(r#"{"N":0,"min":0,"max":0,"percentile":{"99.000000":0}}"#, &["percentile", "99.000000"]),
        "no-samples"
    );
    assert_eq!(code(r#"{"requests":0,"latency":{"p99":0}}"#, &["latency", "p99"]), "no-samples");
    assert_eq!(code(r#"{"n":0,"latency_ms":{"p99":0,"max":0}}"#, &["latency_ms", "max"]), "no-samples");
    assert_eq!(code(r#"{"N":0,"percentiles":{"99":null}}"#, &["percentiles", "99"]), "no-samples");
    assert_eq!(code(r#"{"n":0,"latency":{"p99":7}}"#, &["latency", "p99"]), "");
    assert_eq!(code(r#"{"n":0,"a":{"p99":0},"b":{"p99":7}}"#, &["a", "p99"]), "");
    assert_eq!(code(r#"{"n":0,"a":{"p99":0},"b":{"count":1,"p99":7}}"#, &["a", "p99"]), "no-samples");
    assert_eq!(code(r#"{"n":0,"a":{"max":0}}"#, &["a", "max"]), "");
    assert_eq!(code(r#"{"count":0,"latency":{"count":3,"p99":5}}"#, &["latency", "p99"]), "");
    assert_eq!(code(r#"{"requests":0,"memory_mb":{"max":5}}"#, &["memory_mb", "max"]), "");
    assert_eq!(code(r#"{"requests":0,"errors":{"rate":0}}"#, &["errors", "rate"]), "no-samples");
    assert_eq!(code(r#"{"requests":0,"errors":{"pct":0}}"#, &["errors", "pct"]), "no-samples");
    assert_eq!(code(r#"{"requests":0,"memory":{"pct":5}}"#, &["memory", "pct"]), "");
    assert_eq!(code(r#"{"count":0,"progress":{"pct":5}}"#, &["progress", "pct"]), "");
    assert_eq!(code(r#"{"ok":0,"err":0,"latency":{"p99":0}}"#, &["latency", "p99"]), "no-samples");
    assert_eq!(code(r#"{"checks":0,"uptime":{"pct":100}}"#, &["uptime", "pct"]), "no-samples");
}

#[test]
fn what_is_never_negative() {
    for key in [
        "errors",
        "errors_count",
        "errors_total",
        "totalErrors",
        "failures",
        "requests",
        "p99_ms",
        "latency_p99_ms",
        "p95_s",
        "p95Ms",
        "latency_ms_mean",
        "latency_mean",
        "max_latency_us",
        "duration_min_s",
        "http_req_duration_avg",
        "dropped",
    ] {
        assert!(is_never_negative(key), "{key}");
    }
    for key in [
        "offset_ms",
        "p99_offset_ms",
        "clock_skew_ms",
        "drift_p95_ms",
        "errors_delta",
        "p99_ms_change",
        "errors_diff",
        "temperature",
        "rss_mb",
        "score",
        "p99",
        "mean_ms",
        "error_budget",
        "errors_remaining",
        "net_errors",
        "balance",
        "lag_ms",
        "min_ms",
        "latency",
        "latency_change_mean",
        "duration_delta_max_ms",
    ] {
        assert!(!is_never_negative(key), "{key}");
    }
}

#[test]
fn what_happens() {
    let is = |path: &str| is_of_what_happens(&path.split('.').rev().collect::<Vec<_>>());
    for path in [
        "target_rps",
        "requests",
        "http_reqs.rate",
        "http_reqs.count",
        "total",
        "expected",
        "rows_in",
        "planned_messages",
        "arrival_rate",
        "target_rate",
        "tests",
        "summary.total",
        "messages_sent",
        "targetRps",
        "requests_per_second",
    ] {
        assert!(is(path), "{path}");
    }
    for path in [
        "swap_total_mb",
        "swap_total",
        "memory.total",
        "memory_limit_mb",
        "pods.wanted",
        "replicas",
        "p99_ms",
        "max_connections",
        "limit",
        "capacity",
        "bytes_in",
        "disk.total_bytes",
        "baseline_ms",
        "cpu_total",
    ] {
        assert!(!is(path), "{path}");
    }
}
