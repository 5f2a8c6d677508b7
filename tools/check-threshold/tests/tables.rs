//! Other gates' rules, said in this language: each outside table is walked. Without those tables nothing is tested.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

use std::process::Command;

use expr::{Baseline, Threshold};
use schema::{Status, json};

fn outside(name: &str) -> Vec<Vec<String>> {
    let text = testkit::outside(&format!("cases/{name}.tsv")).unwrap_or_default();
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn exit(arguments: &[&str], stdin: &str) -> Option<i32> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_check-threshold"));
    testkit::feed(command.args(arguments).env_remove("EVIDENCE_SEAL"), stdin.as_bytes()).status.code()
}

#[test]
fn argo_through_pass_and_fail() {
    let rows = outside("argo-three-way");
    for row in &rows {
        let condition = |cell: &str| match cell {
            "true" => Some("x == 1"),
            "false" => Some("x == 2"),
            "(evaluation error)" => Some("nothing == 1"),
            "(unset)" => None,
            other => panic!("{other}"),
        };
        let mut arguments = vec!["-q"];
        let (pass, fail) = (condition(&row[0]), condition(&row[1]));
        for (option, text) in [("--pass", pass), ("--fail", fail)] {
            if let Some(text) = text {
                arguments.extend([option, text]);
            }
        }
        let wanted = match (row[0].as_str(), row[1].as_str()) {
            // Nothing was asked: no pass, but a mistake.
            ("(unset)", "(unset)") => 2,
            // Upstream gives up; but that failure is proven, whatever else cannot be told.
            ("(evaluation error)", "true") => 1,
            _ => match row[2].as_str() {
                "Successful" => 0,
                "Failed" => 1,
                _ => 3,
            },
        };
        assert_eq!(exit(&arguments, "{\"x\":1}\n"), Some(wanted), "{row:?}");
    }
    assert!(rows.is_empty() || rows.len() == 8);
}

/// `<=+10%` of Keptn: relative to what was before.
fn keptn(criterion: &str) -> String {
    let text = criterion.trim().trim_start_matches('(').trim_end_matches(')').trim();
    let operator: String = text.chars().take_while(|letter| "<>=".contains(*letter)).collect();
    let rest = text[operator.len()..].trim();
    let operator = if operator == "=" { "==".to_owned() } else { operator };
    let (number, percent) = match rest.strip_suffix('%') {
        Some(number) => (number.trim(), true),
        None => (rest, false),
    };
    let signed = number.starts_with(['+', '-']);
    let value: f64 = number.parse().unwrap();
    match (percent, signed) {
        (true, _) => format!("x {operator} {}% * baseline", 100.0 + value),
        (false, true) if value < 0.0 => format!("x {operator} baseline - {}", -value),
        (false, true) => format!("x {operator} baseline + {value}"),
        (false, false) => format!("x {operator} {value}"),
    }
}

#[test]
fn keptn_criteria_relative_to_a_baseline() {
    let rows = outside("keptn-criteria-eval");
    for row in &rows {
        let line = if row[3].contains(" OR ") {
            row[3].split(" OR ").map(keptn).collect::<Vec<_>>().join(" or ")
        } else {
            row[3].split(" AND ").map(keptn).collect::<Vec<_>>().join(" and ")
        };
        // Every aggregate of equal values is that value.
        let before = row[1].split(',').next().unwrap();
        let baseline = (!before.is_empty()).then(|| {
            let text = format!("{{\"x\":{before}}}");
            Baseline::of(json::parse(text.as_bytes()).unwrap().into_owned())
        });
        let text = format!("{{\"x\":{}}}", row[0]);
        let record = json::parse(text.as_bytes()).unwrap();
        let threshold = Threshold::parse(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let check = threshold.checks(&record, "", baseline.as_ref()).remove(0);
        let wanted = if row[4] == "1" { Status::Pass } else { Status::Fail };
        assert_eq!(check.status, wanted, "{row:?}: {line}");
    }
    assert!(rows.is_empty() || rows.len() == 20, "{}", rows.len());
}

/// `must_be_between greater_than:0 less_than_or_equal:2` of Soda.
fn soda(text: &str) -> String {
    let comparison = |part: &str| {
        let (name, bound) = part.split_once(':').unwrap();
        let operator = match name.trim_start_matches("must_be_") {
            "must_be" => "==",
            "must_not_be" => "!=",
            "greater_than" => ">",
            "greater_than_or_equal" => ">=",
            "less_than" => "<",
            "less_than_or_equal" => "<=",
            other => panic!("{other}"),
        };
        format!("x {operator} {bound}")
    };
    let parts: Vec<&str> = text.split(' ').collect();
    let join = |word: &str| parts[1..].iter().map(|part| comparison(part)).collect::<Vec<_>>().join(word);
    match parts[0] {
        "must_be_between" => join(" and "),
        "must_be_not_between" => join(" or "),
        one => comparison(one),
    }
}

#[test]
fn soda_thresholds() {
    let rows = outside("soda-threshold");
    for row in &rows {
        let line = soda(&row[0]);
        let text = format!("{{\"x\":{}}}", row[1]);
        let record = json::parse(text.as_bytes()).unwrap();
        let threshold = Threshold::parse(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let wanted = if row[2] == "1" { Status::Pass } else { Status::Fail };
        assert_eq!(threshold.checks(&record, "", None).remove(0).status, wanted, "{row:?}: {line}");
    }
    assert!(rows.is_empty() || rows.len() == 37, "{}", rows.len());
}
