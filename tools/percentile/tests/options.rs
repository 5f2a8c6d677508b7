//! Options that would do nothing, or harm, where they stand: each is refused, and named.
#![expect(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use std::process::Command;

/// Runs percentile on `input`: its status, what it wrote, and the first line of what it said.
fn run(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_percentile"));
    let output = testkit::feed(command.args(arguments).env_remove("EVIDENCE_SEAL"), input.as_bytes());
    let said = String::from_utf8(output.stderr).unwrap();
    let said = said.lines().next().unwrap_or_default().trim_start_matches("percentile: ").to_owned();
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), said)
}

/// An option of each kind, with a value that is right.
const OPTIONS: &str = "-f x|-p 50|-b x|-m r7|-a n=count()|--name x|--sum|--unit ms|--weight x|--where x==1|--sketch|\
                       --relative-error 0.1|--max-memory 1GiB|--sort count|--top 1|--state|--merge|--expect 1|\
                       --window 1m --time t|--histogram|--hlog|--expected-interval 1|--plot|--plot --ascii|--hgrm|\
                       --threads 1|--source-id a|--allow-rejected 0|--max-line 1MiB|--format json|-q";

#[test]
fn what_a_mode_has_no_use_for_is_refused() {
    for (mode, taken) in [
        (
            "--merge",
            "-p -m --name --sum --relative-error --max-memory --sort --top --state --merge --expect --plot --hgrm",
        ),
        ("--hlog", "-p -m --name --sum --unit --sort --top --state --hlog --plot --hgrm"),
        ("--histogram", "-f -p -b --name --unit --where --sort --top --histogram"),
        (
            "--window 1m --time t",
            "-f -p -b -m -a --sum --unit --weight --where --sketch --relative-error --max-memory --sort --top --window",
        ),
        (
            "--state",
            "-f -b --unit --weight --where --sketch --relative-error --max-memory --state --merge --hlog \
             --expected-interval",
        ),
        (
            "--hgrm",
            "-f -b --unit --weight --where --sketch --relative-error --max-memory --merge --hlog --expected-interval \
             --plot --hgrm",
        ),
        (
            "--sketch",
            "-f -p -b -m -a --name --sum --unit --weight --where --sketch --relative-error --max-memory --sort --top \
             --state --window --plot --hgrm",
        ),
    ] {
        let taken: Vec<&str> = taken.split_whitespace().collect();
        let everywhere = ["--threads", "--source-id", "--allow-rejected", "--max-line", "--format", "-q"];
        for option in OPTIONS.split('|') {
            let name = option.split_whitespace().next().unwrap();
            let arguments: Vec<&str> = mode.split_whitespace().chain(option.split_whitespace()).collect();
            let source = if arguments.contains(&"--source-id") { &[][..] } else { &["--source-id", "a"] };
            let (status, stdout, said) = run(&[&arguments[..], source].concat(), "");
            let is_usage =
                said.contains(" do not go together: ") || said.contains(" wants ") || said.contains(" is for ");
            let is_taken = taken.contains(&name) || everywhere.contains(&name);
            assert_eq!(!is_usage, is_taken, "{mode} {option}: {said}");
            if is_usage {
                let mode = mode.split_whitespace().next().unwrap();
                assert_eq!((status, stdout.as_str()), (Some(2), ""), "{mode} {option}");
                assert!(
                    said.contains(name) && (said.contains(mode) || name == "--name" || name == "--expect"),
                    "{said}"
                );
            }
        }
    }
    for (arguments, wanted) in [
        (&["--window", "1m"][..], "--window wants --time"),
        (&["--time", "t"], "--time wants --window"),
        (&["--expect", "2"], "--expect wants --merge"),
        (&["--ascii"], "--ascii wants --plot"),
    ] {
        assert_eq!(run(arguments, ""), (Some(2), String::new(), wanted.to_owned()), "{arguments:?}");
    }
    let wanted = "--name is for bare numbers; fields of records have names of their own";
    assert_eq!(run(&["--name", "x"], "{\"a\":1}\n"), (Some(2), String::new(), wanted.to_owned()));
}
