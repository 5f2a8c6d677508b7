//! Streams and documents with bytes changed at random: every form has an answer, and never a crash.

use std::fs;
use std::process::Command;

use testkit::{Random, feed};

const FORMS: [&str; 11] =
    ["json", "text", "markdown", "html", "junit", "tap", "csv", "nagios", "in-toto", "prometheus", "alerts"];

/// What is asked beside the form.
const MORE: [&[&str]; 5] = [
    &[],
    &["--ramp"],
    &["--unsealed", "--gate", "d=p99_us,errors", "--decide", "d"],
    &["--verify", "-"],
    &["-b", "source", "--expect", "a,b", "--expect-groups", "2", "--expect-checks", "x"],
];

fn run(arguments: &[&str], stdin: &[u8]) -> (Option<i32>, Vec<u8>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verdict"));
    let output = feed(command.args(["--now", "0"]).args(arguments), stdin);
    (output.status.code(), output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn every_form_has_an_answer() {
    let folder = testkit::root().join("testdata/verdict");
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let mut inputs = vec![read("suite/stdin"), read("ramp/stdin"), read("pass/stdin"), read("terminal-escapes/stdin")];
    inputs.push(read("suite/stdout"));
    inputs.push(read("ramp-json/stdout"));
    let mut random = Random::new(11);
    for _ in 0..testkit::times(20_000) {
        let input = random.pick(&inputs).clone();
        let bytes = random.mutated(&input);
        let form = *random.pick(&FORMS);
        let more = *random.pick(&MORE);
        let arguments = [&["--format", form], more].concat();
        let (status, stdout, stderr) = run(&arguments, &bytes);
        let shown = String::from_utf8_lossy(&bytes);
        assert!(
            matches!(status, Some(0..=3)) && !stderr.contains("panicked"),
            "{arguments:?} {status:?} {stderr}\n{shown}"
        );
        let answered = !stdout.is_empty() || form == "alerts" || status == Some(2);
        assert!(answered, "{arguments:?} {stderr}\n{shown}");
        if form == "json" && status != Some(2) {
            assert_eq!(testkit::schema_errors(schema::VERDICT_SCHEMA, &stdout), Vec::<String>::new(), "{shown}");
        }
    }
}
