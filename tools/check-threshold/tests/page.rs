//! The page's examples and its table of odd evidence: each row is run.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::PathBuf;
use std::process::Command;

use schema::{Value, json};

const PAGE: &str = include_str!("../README.md");

#[test]
fn examples() {
    testkit::transcript("tools/check-threshold/README.md");
}

/// The texts between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn file(name: String, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("check-threshold-{}-{name}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn every_odd_evidence() {
    let start = PAGE.find("| evidence | threshold |").unwrap();
    let rows = PAGE[start..].lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut count = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let (evidence, thresholds, wanted) = (quoted(cells[0]), quoted(cells[1]), cells[2].trim_matches('`'));
        let mut files = Vec::new();
        let mut command = Command::new(env!("CARGO_BIN_EXE_check-threshold"));
        command.arg("--no-record").env_remove("EVIDENCE_SEAL");
        if let Some(baseline) = evidence.get(1) {
            files.push(file(format!("{count}-baseline"), baseline));
            command.arg("--baseline").arg(&files[0]);
        }
        if !thresholds.is_empty() {
            files.push(file(format!("{count}-thresholds"), &thresholds.join("\n")));
            command.arg("-t").arg(files.last().unwrap());
        }
        let text = evidence.first().map(|text| format!("{text}\n")).unwrap_or_default();
        let output = testkit::feed(&mut command, text.as_bytes());
        for file in files {
            std::fs::remove_file(file).unwrap();
        }
        count += 1;
        if wanted == "usage" {
            assert_eq!(output.status.code(), Some(2), "{row}");
            continue;
        }
        assert_eq!(output.status.code(), Some(3), "{row}");
        let checks: Vec<Value<'_>> = output
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| line.starts_with(b"{\"id\""))
            .map(|line| json::parse(line).unwrap())
            .collect();
        let field =
            |check: &Value<'_>, key: &str| check.get(key).and_then(Value::as_text).unwrap_or_default().to_owned();
        let told: Vec<&Value<'_>> = checks.iter().filter(|check| field(check, "code") == wanted).collect();
        assert!(!told.is_empty(), "{row}: {checks:?}");
        for check in told {
            let metric = field(check, "metric");
            // The metric is named, but where the line itself was no record.
            assert!(!metric.is_empty() || wanted == "malformed", "{row}: {check:?}");
            assert!(field(check, "reason").contains(wanted) || wanted == "violated", "{row}: {check:?}");
            assert_eq!(check.get("passed"), Some(&Value::Null), "{row}");
        }
    }
    assert!(count >= 30, "{count}");
}
