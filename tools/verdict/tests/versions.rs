//! What version 0.1 wrote is still read: its streams, states and documents are kept in testdata/0.1, never written anew.

use std::process::Command;

/// A command line in that folder, its exit status, and what its output must hold.
const LINES: &[(&str, i32, &str)] = &[
    ("kv-extract -f json --where 'op == \"get\"' records.jsonl", 0, "{\"op\":\"get\",\"dur_ms\":9.5,\"ok\":false}"),
    (
        "cat records.jsonl | EVIDENCE_SEAL=1 percentile -f dur_ms -b op",
        0,
        "\"upstream\":[{\"tool\":\"kv-extract\",\"version\":\"0.1.0\",\"schema\":1",
    ),
    ("percentile --merge state.jsonl", 0, "\"count\":4"),
    ("cat state.jsonl | EVIDENCE_SEAL=1 percentile --merge", 0, "\"count\":4"),
    ("merge-evidence 's[op]=summary.jsonl'", 0, "\"max\":40"),
    ("merge-evidence --get op.put.dur_ms.max evidence.jsonl", 0, "40"),
    ("check-threshold -q -t t.thresholds -i evidence.jsonl", 0, ""),
    ("check-threshold -q 'plan.users <= 5' -i evidence.jsonl", 3, ""),
    ("check-threshold -q --baseline verdict-pass.json 'op.put.dur_ms.p99 <= 100% * baseline' -i evidence.jsonl", 0, ""),
    ("verdict checks.jsonl", 0, "\"chain\":\"sealed\""),
    ("verdict --require-chain checks.jsonl", 0, "\"verdict\":\"PASS\""),
    ("verdict checks-fail.jsonl", 1, "\"verdict\":\"FAIL\""),
    ("verdict verdict-pass.json verdict-ramp.json", 0, "\"verdict\":\"PASS\""),
    ("verdict verdict-pass.json verdict-fail.json", 1, "\"verdict\":\"FAIL\""),
    ("verdict --verify verdict-pass.json", 0, "\"verdict\":\"PASS\""),
    ("verdict --verify verdict-fail.json", 0, "\"verdict\":\"PASS\""),
    ("verdict --verify verdict-ramp.json", 0, "\"verdict\":\"PASS\""),
    ("verdict --verify verdict-night.json", 0, "\"verdict\":\"PASS\""),
    // A seal of that time is held to its counts.
    ("sed 2d records.jsonl | percentile -f dur_ms", 2, ""),
    ("sed 1d checks.jsonl | verdict", 3, "count-mismatch"),
];

#[test]
fn what_0_1_wrote_is_read() {
    let folder = testkit::root().join("testdata/0.1");
    let tools = testkit::tools();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let mut wrong = Vec::new();
    for (line, status, holds) in LINES {
        let output = Command::new("bash")
            .args(["-c", line])
            .current_dir(&folder)
            .env("PATH", &path)
            .env_remove("EVIDENCE_SEAL")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        if output.status.code() != Some(*status) || !text.contains(holds) {
            wrong.push(format!("$ {line}\n{:?}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
