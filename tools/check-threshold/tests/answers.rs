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
        ["--baseline", "a", "b"],
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
