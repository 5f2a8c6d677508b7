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
                       --window 1m --time t|--na -|--no-missing|--histogram|--hlog|--expected-interval 1|--plot|--plot --ascii|--hgrm|\
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
            "-f -p -b -m -a --sum --unit --weight --where --sketch --relative-error --max-memory --sort --top --window \
             --na --no-missing --state",
        ),
        (
            "--state",
            "-f -b -a --window --unit --weight --where --sketch --relative-error --max-memory --state --merge --hlog \
             --expected-interval --na --no-missing",
        ),
        (
            "--hgrm",
            "-f -b --unit --weight --where --sketch --relative-error --max-memory --merge --hlog --expected-interval \
             --plot --hgrm --na --no-missing",
        ),
        (
            "--weight x",
            "-f -p -b -m --sum --unit --weight --where --sketch --relative-error --max-memory --sort --top --state \
             --window --plot --hgrm --expected-interval --na --no-missing",
        ),
        (
            "--sketch",
            "-f -p -b -m -a --name --sum --unit --weight --where --sketch --relative-error --max-memory --sort --top \
             --state --window --plot --hgrm --na --no-missing",
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
        (&["--time", "t"], "--time wants --window or -a or --state"),
        (&["--expect", "2"], "--expect wants --merge"),
        (&["--part", "1/2"], "--part wants --state"),
        (&["--max-state", "1MB"], "--max-state wants --state"),
        (&["--fill"], "--fill wants --window or --merge"),
        (&["--ascii"], "--ascii wants --plot"),
    ] {
        assert_eq!(run(arguments, ""), (Some(2), String::new(), wanted.to_owned()), "{arguments:?}");
    }
    let wanted = "--name is for bare numbers; fields of records have names of their own";
    assert_eq!(run(&["--name", "x"], "{\"a\":1}\n"), (Some(2), String::new(), wanted.to_owned()));
}

const RECORDS: &str = r#"{"op":"a","ms":1,"late":1,"t":90}
{"op":"b","ms":2,"late":1,"t":30}
"#;

#[test]
fn no_name_stands_for_two_values() {
    for (arguments, wanted) in [
        (
            &["-f", "ms", "-b", "op", "-a", "ms = count()"][..],
            r#"the field ms and -a ms would both be written as "ms""#,
        ),
        (&["-f", "ms", "-b", "op", "-a", "op = count()"], r#"-b op and -a op would both be written as "op""#),
        (&["-f", "ms", "-b", "op", "-a", "op.x = count()"], r#"-b op and -a op.x would both be written as "op.x""#),
        (&["-f", "ms", "-a", "ms.p50 = count()"], r#"the field ms and -a ms.p50 would both be written as "ms.p50""#),
        (
            &["-f", "a.b", "-a", "a.b.p50 = count()"],
            r#"the field a.b and -a a.b.p50 would both be written as "a.b.p50""#,
        ),
        (&["-f", "ms", "-a", "n.x = count()", "-a", "n = count()"], r#"-a n.x and -a n would both be written as "n""#),
        (&["-a", "ms = count()"], r#"the field ms and -a ms would both be written as "ms""#),
        (&["-f", "*", "-a", "ms = count()"], r#"the field ms and -a ms would both be written as "ms""#),
        (&["-f", "ms", "-b", "ms"], r#"-b ms and the field ms would both be written as "ms""#),
        (&["--histogram", "-b", "count"], r#"-b count and the summary would both be written as "count""#),
        (&["--histogram", "-b", "op", "--name", "op"], r#"-b op and --name op would both be written as "op""#),
        (
            &["--window", "1m", "--time", "t", "-f", "window"],
            r#"--window and the field window would both be written as "window""#,
        ),
        (&["--window", "1m", "--time", "t", "-b", "late"], r#"--window and -b late would both be written as "late""#),
    ] {
        assert_eq!(run(arguments, RECORDS), (Some(2), String::new(), wanted.to_owned()), "{arguments:?}");
    }
    // Beside what is there is no clash, nor is the same thing said twice.
    for arguments in [
        &["-f", "ms", "-a", "ms.errors = count()", "-a", "slow.share = count()"][..],
        &["-f", "ms,ms", "-b", "op,op", "--top", "2"],
        &["-f", "a.b", "-b", "a", "-q"],
    ] {
        let (status, _, said) = run(arguments, RECORDS);
        assert_eq!((status, said.as_str()), (Some(0), ""), "{arguments:?}");
    }
    assert_eq!(run(&["--histogram", "-b", "invalid"], "").0, Some(0));
    assert_eq!(run(&["-f", "ms,ms", "-p", "50"], RECORDS), run(&["-f", "ms", "-p", "50"], RECORDS));
}

#[test]
fn what_is_sorted_by_is_there() {
    let of_ms = "it has op; of ms: count, missing, min, mean, stddev, p50, max";
    for (arguments, sort, wanted) in [
        (&["-f", "ms", "-b", "op"][..], "p99.9", of_ms),
        (&["-f", "ms", "-b", "op"], "method", of_ms),
        (&["-f", "ms", "-b", "op"], "ms", of_ms),
        (&["-f", "ms", "-b", "op"], "ms.sum", of_ms),
        (&["-f", "ms", "-b", "op", "-a", "n = count()"], "x", &of_ms.replace("op", "op, n")),
        (&["-f", "*", "-b", "op"], "p99.9", &of_ms.replace("of ms", "of late, ms, t")),
        (&["-b", "op"], "other.p50", &of_ms.replace("of ms", "of late, ms, t")),
        (&["--histogram"], "p99.9", "it has count, missing, min, mean, stddev, p50, max"),
    ] {
        let wanted = format!("--sort {sort}: the output has no such number; {wanted}");
        let got = run(&[arguments, &["-p", "50", "--sort", sort]].concat(), RECORDS);
        assert_eq!(got, (Some(2), String::new(), wanted), "{arguments:?}");
    }
    for arguments in [
        &["-f", "ms", "-b", "op", "--sort", "p99.9", "-p", "99.9"][..],
        &["-f", "ms", "-b", "op", "--sort", "ms.sum", "--sum"],
        &["-f", "ms", "-b", "op", "--sort", "ms.invalid"],
        &["-f", "ms", "-b", "op", "--sort", "n", "-a", "n = count()"],
        &["-b", "op", "--sort", "p99"],
    ] {
        let (status, _, said) = run(arguments, RECORDS);
        assert_eq!((status, said.as_str()), (Some(0), ""), "{arguments:?}");
    }
}
