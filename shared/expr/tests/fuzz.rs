//! Nothing that is read makes the parser or the evaluator panic, run long or disagree with itself.
//!
//! Functions of bytes, fed here by a seeded loop over mutated lines; cargo-fuzz calls the same (`fuzz/`).
#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

#[path = "../fuzz/properties.rs"]
mod properties;

use testkit::Random;

const LINES: [&str; 24] = [
    "VAL12-08 cp_availability: uptime_pct >= 99.9",
    "VAL12-10: recovery_ok / (recovery_ok + recovery_fail) >= 99% given recovery_ok + recovery_fail > 0",
    "deploy-count == 1 + cold_deps",
    "p99_ms <= 500ms else warn",
    "stuck_count == 0 else warn after 3 of 5",
    "achieved_rps >= 95% * rps else inconclusive",
    "p99_ms <= 110% * baseline when mode == \"degraded\"",
    "actions.*.p95_ms <= 250ms",
    "process_exit.sim == 0 and process_exit.tester == 0 else fatal \"rc(sim={process_exit.sim})\"",
    "x in 1..5 missing fail",
    "x in [1, 2.5e3, -7]",
    "not (a or b) and c",
    "metrics.\"http_req_duration{expected:true}\".p95 < 5 # comment",
    ".\"a b\".p95 >= -1.5e-3",
    "len(actions) >= 3",
    "abs(a - b) / max(a, b, 1) <= 0.1",
    "time(started) >= time(\"2026-03-05T20:32:12Z\")",
    "default(x, 0) != null",
    "**.p95_ms <= 1000 / 3",
    "rss_mib <= 1GiB",
    "round(x * 100) / 100 == floor(y)",
    "n = 100 * count(where health == \"ok\") / count()",
    "stages[0].vu == 5 - -3",
    "[a, \"b c\", d-*]",
];

const RECORDS: [&str; 8] = [
    r#"{"a":1,"b":0,"c":true,"x":3,"y":2.5,"p99_ms":400,"mode":"degraded","uptime_pct":99.95,"stages":[{"vu":8}]}"#,
    r#"{"recovery_ok":99,"recovery_fail":1,"deploy-count":3,"cold_deps":2,"rps":100,"achieved_rps":96,"stuck_count":1}"#,
    r#"{"actions":{"send":{"p95_ms":200,"count":0},"read":{"p95_ms":null}},"process_exit":{"sim":0}}"#,
    r#"{"a":"","b":[],"c":{},"x":"NaN","y":1e400,"rss_mib":99999999999999999999999999999999999999}"#,
    r#"{"a":true,"a.b":1,"metrics":{"http_req_duration{expected:true}":{"p95":4}},"a b":{"p95":-0}}"#,
    r#"{"x":1,"@evidence":{"declared":["x"],"unknown":[{"path":"a","code":"stale","detail":""}]},"a":1}"#,
    r#"{"started":"2026-03-05T20:32:13Z","health":"ok"}"#,
    r#"{"x":null,"@evidence":7}"#,
];

#[test]
fn the_parser_stands_anything() {
    let mut random = Random::new(1);
    for line in LINES.into_iter().chain([".≠==te", "p99_ms≤200", ".\"≥\".x < 1", "a.≤ < 1"]) {
        properties::parser(line.as_bytes());
    }
    for _ in 0..testkit::times(400_000) {
        let mut line = random.pick(&LINES).as_bytes().to_vec();
        for _ in 0..=random.below(4) {
            if random.once_in(3) {
                // Two lines grown together at random places find more than single letters do.
                let other = random.pick(&LINES).as_bytes();
                let (cut, from) = (random.below(line.len() + 1), random.below(other.len()));
                line.truncate(cut);
                line.extend_from_slice(&other[from..]);
            } else {
                line = random.mutated(&line);
            }
        }
        properties::parser(&line);
    }
}

#[test]
fn the_evaluator_stands_anything() {
    let mut random = Random::new(2);
    for _ in 0..testkit::times(400_000) {
        let mut line = random.pick(&LINES).as_bytes().to_vec();
        if random.once_in(2) {
            line = random.mutated(&line);
        }
        let mut record = random.pick(&RECORDS).as_bytes().to_vec();
        if random.once_in(3) {
            record = random.mutated(&record);
        }
        line.push(b'\n');
        line.extend_from_slice(&record);
        properties::evaluator(&line);
    }
}

#[test]
fn the_judge_stands_anything() {
    let mut random = Random::new(3);
    for _ in 0..testkit::times(100_000) {
        let mut stream = Vec::new();
        for _ in 0..=random.below(3) {
            let line = random.pick(&LINES).as_bytes().to_vec();
            stream.extend_from_slice(&if random.once_in(4) { random.mutated(&line) } else { line });
            stream.push(b'\n');
        }
        stream.push(b'\n');
        for _ in 0..=random.below(3) {
            let record = *random.pick(&RECORDS);
            for _ in 0..=random.below(4) {
                let mut record = record.as_bytes().to_vec();
                if random.once_in(2) {
                    record = random.mutated(&record);
                }
                stream.extend_from_slice(&record);
                stream.push(b'\n');
            }
        }
        properties::judge(&stream);
    }
}

/// Long and deep texts take time in proportion to their length.
#[test]
fn time_is_linear() {
    let started = std::time::Instant::now();
    for text in [
        "a.".repeat(30_000),
        "a".repeat(60_000),
        "((((".repeat(15_000),
        "not ".repeat(15_000),
        "1 <= ".repeat(12_000),
        "a and ".repeat(10_000) + "a",
        "x in [".to_owned() + &"1,".repeat(15_000) + "2]",
        "\"".repeat(60_000),
        "a * ".repeat(15_000),
        "x <= 5 given ".repeat(4_000),
        "#".repeat(60_000),
        "*.".repeat(30_000) + "a <= 1",
        "x <= 1 \"".to_owned() + &"{a}".repeat(20_000) + "\"",
        "x".repeat(5_000_000),
    ] {
        properties::parser(text.as_bytes());
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
