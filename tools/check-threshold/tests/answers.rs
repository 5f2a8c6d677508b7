//! What must not pass in silence: evidence, a command line, and the one line of the answer.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::process::Command;

use testkit::feed;

/// The exit status and the line that answers; `BASELINE` in the arguments is a file of that text.
fn answer(arguments: &[&str], stdin: &str, baseline: &str) -> (Option<i32>, String) {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let file = std::env::temp_dir().join(format!("check-threshold-answers-{}-{number}", std::process::id()));
    std::fs::write(&file, baseline).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_check-threshold"));
    let path = file.to_str().unwrap();
    command.arg("-q").args(arguments.iter().map(|argument| if *argument == "BASELINE" { path } else { argument }));
    let output = feed(command.env_remove("EVIDENCE_SEAL"), stdin.as_bytes());
    std::fs::remove_file(&file).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).replace("check-threshold: ", "");
    let decided = |line: &&str| ["FAIL", "INCONCLUSIVE", "WARN", "--"].iter().any(|word| line.starts_with(word));
    (output.status.code(), stderr.lines().find(decided).unwrap_or_default().to_owned())
}

#[test]
fn an_option_that_takes_one_value_is_given_once() {
    for [option, first, second] in [
        ["--fail", "errors > 0", "p99 > 200"],
        ["--pass", "errors == 0", "p99 <= 200"],
        ["--warning", "1", "200"],
        ["--critical", "1", "200"],
        ["--only", "a", "b"],
        ["--by", "a", "b"],
        ["--missing", "fail", "skip"],
        ["--last", "1", "2"],
        ["--suggest", "10%", "20%"],
        ["--changed", "10%", "20%"],
        ["--allow-rejected", "0", "100%"],
    ] {
        let got = answer(&[option, first, option, second], r#"{"errors":5,"p99":100}"#, "");
        assert_eq!(got, (Some(2), format!("{option}: {second:?}: given twice")));
    }
    let both = answer(&["--fail", "errors > 0 or p99 > 200"], r#"{"errors":5,"p99":100}"#, "");
    assert_eq!(both, (Some(1), "FAIL not (errors > 0 or p99 > 200)".to_owned()));
}

#[test]
fn changed_compares_every_number_or_says_why_not() {
    let digits = "123456789012345678901234567890123456789012";
    let long = format!("{{\"a\":{digits}}}");
    let deep = |inner: &str| format!("{}{inner}{}", "{\"a\":".repeat(70), "}".repeat(70));
    let (deep_one, deep_nine) = (deep("1"), deep("9"));
    for (record, baseline, exit, said) in [
        (r#"{"a":1e999999}"#, r#"{"a":1e999999}"#, 3, "INCONCLUSIVE overflow: abs(a"),
        (r#"{"a":5,"b":1}"#, r#"{"a":1e999999,"b":1}"#, 3, "INCONCLUSIVE overflow: abs(a"),
        (&long, &long, 3, "INCONCLUSIVE overflow: abs(a"),
        (r#"{"l":[1,900]}"#, r#"{"l":[1,10]}"#, 1, "FAIL l[1]=8900% > 10%"),
        (r#"{"l":[{"p":900}]}"#, r#"{"l":[{"p":10}]}"#, 1, "FAIL l[0].p=8900% > 10%"),
        (r#"{"l":[1]}"#, r#"{"l":[1,10]}"#, 3, "INCONCLUSIVE missing: abs(l[1]"),
        (r#"{"l":[1,5]}"#, r#"{"l":[1]}"#, 0, ""),
        (r#"{"l":[100]}"#, r#"{"l":[105]}"#, 0, ""),
        (r#"{"a":{"b":1},"a.b":1}"#, r#"{"a":{"b":1},"a.b":1}"#, 3, "INCONCLUSIVE ambiguous: abs(a.b"),
        (r#"{"a":null}"#, r#"{"a":1}"#, 3, "INCONCLUSIVE null: abs(a"),
        (r#"{"a":"1"}"#, r#"{"a":1}"#, 3, "INCONCLUSIVE not-a-number: abs(a"),
        (r#"{"a":{"b":1}}"#, r#"{"a":1}"#, 3, "INCONCLUSIVE wrong-type: abs(a"),
        (r#"{"b":1}"#, r#"{}"#, 3, "INCONCLUSIVE @record: no-checks"),
        (&deep_nine, &deep_one, 3, "INCONCLUSIVE wrong-type: abs(a.a.a"),
        (r#"{"a: \"b":9}"#, r#"{"a: \"b":1}"#, 1, "FAIL "),
        (r#"{"a":1}"#, "[1]", 3, "INCONCLUSIVE @record: no-baseline"),
    ] {
        let (status, line) = answer(&["--changed", "10%", "--baseline", "BASELINE"], record, baseline);
        assert_eq!(status, Some(exit), "{record} {baseline}: {line}");
        assert!(line.starts_with(said), "{record} {baseline}: {line}");
    }
    // What else is asked does not stand in for it.
    let failed = r#"{"verdict":"FAIL","groups":[{"id":"","verdict":"FAIL","evidence":{"a":1}}]}"#;
    let got = answer(&["--changed", "10%", "--baseline", "BASELINE", "a <= 5"], r#"{"a":1}"#, failed);
    assert_eq!(got, (Some(3), "INCONCLUSIVE @record: no-baseline".to_owned()));
}

#[test]
fn rejected_lines_within_the_grant_are_passed_over() {
    let stream = "{\"a\":1}\n{\"a\":\n{\"a\":2}\n{\"a\":3}\n";
    for (grant, stdin, exit, said) in [
        ("1", stream, 0, ""),
        ("25%", stream, 0, ""),
        ("0", stream, 3, "INCONCLUSIVE @stream: malformed: 1 of 4 records, more than --allow-rejected 0"),
        ("24%", stream, 3, "INCONCLUSIVE @stream: malformed: 1 of 4 records, more than --allow-rejected 24%"),
        ("100%", "{\"a\":\n", 3, "INCONCLUSIVE no-records: a"),
        // What is granted is no excuse for what was read.
        ("9", "{\"a\":\n{\"a\":9}\n", 1, "FAIL a=9 > 5"),
    ] {
        let (status, line) = answer(&["--allow-rejected", grant, "a <= 5"], stdin, "");
        assert_eq!(status, Some(exit), "{grant} {stdin}: {line}");
        assert!(line.starts_with(said), "{grant} {stdin}: {line}");
    }
}

#[test]
fn the_seal_counts_each_rejected_record_once() {
    let stdin = format!("{{\"a\":1,\"b\":\"{}\"}}\n{{\"a\":\n{{\"a\":2}}\n", "x".repeat(40));
    let mut command = Command::new(env!("CARGO_BIN_EXE_check-threshold"));
    command.args(["--no-record", "--max-line", "20", "--allow-rejected", "2", "a <= 5"]);
    let output = feed(command.env_remove("EVIDENCE_SEAL"), stdin.as_bytes());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    let seal = text.lines().last().unwrap();
    assert!(seal.contains(r#""lines":3,"used":1,"skipped":0,"rejected":2,"#), "{seal}");
    assert!(seal.contains(r#""allow_rejected":"2""#), "{seal}");
}
