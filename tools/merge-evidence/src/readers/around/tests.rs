use super::*;
use crate::facts::test;
use crate::readers;

fn sample(name: &str) -> String {
    std::fs::read_to_string(testkit::root().join("testdata/merge-evidence").join(name)).unwrap()
}

fn read(text: &str) -> Result<(String, Vec<String>), Failure> {
    let reading = readers::read(text.as_bytes(), None, false)?;
    Ok((test::text(&reading.facts), test::doubts(&reading.facts)))
}

/// One green report of every kind: JSON, XML, text that is told by its first line and text that is not.
const SAMPLES: [&str; 8] = [
    "fio/read.json",
    "k6-healthy/hs.json",
    "hey/ok.txt",
    "wrk/ok.txt",
    "ab/mix.txt",
    "redis-benchmark/short.txt",
    "stub-status/good.txt",
    "locust/good.csv",
];

#[test]
fn a_report_is_read_among_notes_banners_and_colours() {
    for name in SAMPLES {
        let text = sample(name);
        let alone = read(&text).unwrap();
        for before in [
            "note: both iodepth >= 1 and synchronous I/O engine are selected, queue depth will be capped at 1\n",
            "\n> site@1.0.0 load\n> run --json {a} [b]\n\n",
            "[INFO] {\"level\":30} it begins\n<warning> x\n",
            "{\"level\":\"info\",\"msg\":\"a line of a log\"} and more\n",
            "\u{1b}[2K\u{1b}[1G\u{1b}[33mwarn\u{1b}[0m deprecated\n",
            "make[1]: *** Deleting file 'x'\n",
        ] {
            assert_eq!(read(&format!("{before}{text}")).as_ref(), Ok(&alone), "{name} behind {before:?}");
        }
    }
    for name in &SAMPLES[..2] {
        let text = sample(name);
        let (end, alone) = (text.trim_end(), read(&text).unwrap());
        for behind in ["\nReport written to x\n", "\n\n[12:00] done {1}\n", "\nexit status 0\nKilled by nobody\n"] {
            assert_eq!(read(&format!("{end}{behind}")).as_ref(), Ok(&alone), "{name} before {behind:?}");
        }
        // Half a report is none, whatever stands before it; and behind a report no other line may begin.
        for cut in [end.len() / 2, end.len() - 1] {
            assert!(read(&format!("note: x\n{}\n", end.get(..cut).unwrap_or(end))).is_err(), "{name} cut at {cut}");
        }
        assert!(read(&format!("note: x\n{end} trailing\n")).is_err());
    }
}

#[test]
fn two_reports_among_notes_are_none() {
    for name in SAMPLES {
        let text = sample(name);
        let failure = read(&format!("first run\n{text}\nsecond run\n{text}")).unwrap_err();
        assert!(
            ["more than one report", "a second report", "second run", "fields", "stub_status"]
                .iter()
                .any(|said| failure.reason.contains(said)),
            "{name}: {}",
            failure.reason
        );
        // Without a word before the first one, too.
        let between = read(&format!("{text}\nsecond run\n{text}"));
        assert!(between.is_err(), "{name}: {between:?}");
    }
}

/// A whole suite of a report that was cut, or one report of a list that was, is not the report.
#[test]
fn what_lies_within_something_that_was_cut_is_none() {
    let suites = "<?xml version=\"1.0\"?>\n<testsuites tests=\"2\" failures=\"1\">\n\
                  <testsuite name=\"a\" tests=\"1\" failures=\"0\"><testcase name=\"a\"/></testsuite>\n\
                  <testsuite name=\"b\" tests=\"1\" failures=\"1\"><testcase name=\"b\"><failure/></testcase></testsuite>\n\
                  </testsuites>";
    assert!(read(suites).is_ok());
    for banner in ["", "> x@1.0.0 test\n\n"] {
        for cut in (1..suites.len() - 1).filter(|&cut| suites.is_char_boundary(cut)) {
            assert!(read(&format!("{banner}{}", &suites[..cut])).is_err(), "{:?}", &suites[..cut]);
        }
    }
    for name in &SAMPLES[..2] {
        let whole = sample(name);
        let whole = whole.trim_end();
        for cut in [whole.len() / 4, whole.len() / 2, whole.len() - 1] {
            let half = &whole[..cut];
            for text in [
                format!("{whole}\n{half}\n"),
                format!("{half}\n{whole}\n"),
                format!("note: x\n{half}\n{whole}\n"),
                format!("[\n{whole}\n,\n{half}"),
                format!("{{\"a\":\n{whole}\n,\"b\":{half}"),
                format!("x [\n{whole}\n,\n"),
                format!("note: x\n{whole}\n,{{"),
            ] {
                assert!(read(&text).is_err(), "{name} cut at {cut}: {:?}", text.get(..80));
            }
        }
        // A line of a log in JSON before it is none of this.
        let alone = read(whole).unwrap();
        assert_eq!(
            read(&format!("{{\"level\":\"info\",\"msg\":\"[x\"}}\n[1/3] building\n{whole}\n")).as_ref(),
            Ok(&alone)
        );
    }
}

/// The end of a report whose beginning is not there is another run's: of a log that was cut at its head, or of two runs in one.
#[test]
fn the_end_of_another_report_is_heard() {
    let suites = "<testsuites tests=\"1\" failures=\"0\">\n<testsuite name=\"a\" tests=\"1\" failures=\"0\">\n\
                  <testcase name=\"a\"/>\n</testsuite>\n</testsuites>\n";
    let json = sample("k6-healthy/hs.json");
    let (flat, ab) = (sample("artillery/ok.json"), sample("ab/mix.txt"));
    for (whole, begins) in [
        (suites, ["<testcase ", "</testsuite>", "</testsuites>"]),
        (&json, ["\"name\"", "\"options\"", "\"metrics\""]),
        (&flat, ["\"counters\"", "\"rates\"", "\"firstCounterAt\""]),
        (&ab, ["Concurrency Level:", "Complete requests:", "Percentage of"]),
    ] {
        let alone = read(whole).unwrap();
        for begin in begins {
            let tail = &whole[whole.find(begin).unwrap()..];
            assert!(read(&format!("{tail}\n{whole}")).is_err(), "{tail} before");
            assert!(read(&format!("{whole}\n{tail}")).is_err(), "{tail} behind");
        }
        for note in [
            "config: {\n  url: 'x',\n  tags: [ 'a' ]\n}\n",
            "{ a: 1 }\n[INFO] array[0] {\n}\n",
            "a smile :]\n 50%|#####     | 5/10 [00:01<00:00]\n",
            "took 5s }\n",
        ] {
            assert_eq!(read(&format!("{note}{whole}")).as_ref(), Ok(&alone), "{note}");
        }
    }
}

/// What a shell says last, where its command was asked to end; a server that was stopped before the load is none.
#[test]
fn a_run_that_was_asked_to_end_is_heard() {
    for name in ["fio/read.json", "k6-healthy/hs.json", "wrk/ok.txt", "hey/ok.txt", "artillery/ok.json"] {
        let text = sample(name);
        let alone = read(&text).unwrap();
        for said in
            ["Terminated", "Terminated: 15", "Killed: 9", "Hangup", "zsh: killed     k6 run x.js", "signal: terminated"]
        {
            let (_, doubts) = read(&format!("{}\n{said}\n", text.trim_end())).unwrap();
            assert!(doubts.iter().any(|doubt| doubt.ends_with(said)), "{name} {said}: {doubts:?}");
        }
        for before in ["Terminated\n", "run.sh: line 3: 4711 Terminated              ./server\n"] {
            assert_eq!(read(&format!("{before}{text}")).as_ref(), Ok(&alone), "{name} behind {before}");
        }
        let server = format!("{}\nrun.sh: line 9: 4711 Terminated              ./server\n", text.trim_end());
        assert_eq!(read(&server).unwrap().1, alone.1, "{name}");
    }
    for said in [
        "ERRO[0003] thresholds on metrics 'http_req_duration' have been crossed",
        "ERRO[0003] test run was aborted because k6 received a 'interrupt' signal",
        "time=\"2026-11-28T10:00:00Z\" level=error msg=\"test aborted: enough at file:///x.js:9:3(12)\"",
    ] {
        assert!(says_failed(said), "{said}");
    }
    assert!(!says_failed("INFO[0003] test aborted"));
}

/// A report that ends within a number has not that number: `1234` cut to `12` is another latency.
#[test]
fn a_number_that_was_cut_is_not_read() {
    let numbers = |text: &str| -> std::collections::BTreeSet<String> {
        let parted = text.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
        parted.filter(|part| part.starts_with(|letter: char| letter.is_ascii_digit())).map(str::to_owned).collect()
    };
    for name in [
        "ab/mix.txt",
        "ab/percentiles.csv",
        "h2load/mix.txt",
        "sysbench/cpu.txt",
        "wrk/ok.txt",
        "pgbench/run.txt",
        "redis-benchmark/good.csv",
        "hey/ok.txt",
    ] {
        let text = sample(name);
        let whole = numbers(&read(&text).unwrap().0);
        for cut in (20..text.len()).filter(|&cut| text.is_char_boundary(cut)) {
            for end in ["", "\n"] {
                let Ok((found, _)) = read(&format!("{}{end}", &text[..cut])) else { continue };
                let other: Vec<String> = numbers(&found).difference(&whole).cloned().collect();
                assert!(other.is_empty(), "{name} cut to {:?}: {other:?}", &text[..cut]);
            }
        }
    }
}

#[test]
fn a_line_that_says_that_the_run_failed_is_heard() {
    for said in [
        "npm ERR! Test failed.  See above for more details.",
        "npm error code 1",
        "error Command failed with exit code 2.",
        " ELIFECYCLE  Command failed with exit code 1.",
        "make: *** [Makefile:3: load] Error 1",
        "make[2]: *** [load] Error 137",
        "exit status 1",
        "exit code 1",
        "Exit code: 137",
        "ERROR: script returned exit code 1",
        "Process exited with code 2.",
        "Segmentation fault (core dumped)",
        "Killed",
        "##[error]Process completed with exit code 1.",
        "Command exited with non-zero status 3",
        "load.service: Main process exited, code=exited, status=1/FAILURE",
        "bash: line 1:    77 Killed                  k6 run a.js",
        "./run.sh: line 3: 1234 Segmentation fault      (core dumped) ./load",
        "command terminated with exit code 1",
        "[ERROR] Failed to execute goal x:y:1:test (default) on project z",
        "panic: runtime error: index out of range",
        "k6-1 exited with code 99",
    ] {
        for name in SAMPLES.iter().filter(|name| !name.ends_with("csv") && !name.starts_with("stub")) {
            let (_, doubts) = read(&format!("{}\n{said}\n", sample(name))).unwrap();
            assert!(
                doubts.iter().any(|doubt| doubt.starts_with(": inconsistent: line ") && doubt.ends_with(said.trim())),
                "{name} before {said:?}: {doubts:?}"
            );
        }
    }
    for said in [
        "./run.sh: line 9: 1234 Terminated              python3 server.py",
        "web.service: Main process exited, code=killed, status=15/TERM",
        "web-1 exited with code 143",
        "web-1 exited with code 0",
        "exit code 0",
        "Process exited with code 143",
        "exit code 1 is what we want",
        "it says exit code 1",
        // dash says so of a server that its script ended and waited for.
        "Terminated",
    ] {
        assert!(!says_failed(said), "{said}");
    }
    let tap = |more: &str| read(&format!("TAP version 14\n1..1\n{more}")).unwrap().1.len();
    assert_eq!(tap("ok 1 - a\nnpm error code 1\n"), 1);
    assert_eq!(read("> x@1.0.0 test\n\n1..2\nok 1\nok 2\n"), read("1..2\nok 1\nok 2\n"));
    assert!(read("it costs\n1..2\nor so\n").is_err());
    // What failed by its own report stays a failure.
    assert_eq!(tap("not ok 1 - a\nnpm error code 1\n"), 0);
    assert_eq!(tap("ok 1 - a\n# Killed\nexit status 0\nmake: [Makefile:3: x] Error 1 (ignored)\n"), 0);
}

#[test]
fn a_job_a_shell_or_a_runtime_that_says_that_it_failed_is_heard() {
    for said in [
        "xargs: wrk: exited with status 255; aborting",
        "##[error]Bash exited with code '1'.",
        "##[error]The operation was canceled.",
        "Error: The operation was canceled.",
        "Exited with code exit status 1",
        "The command \"wrk\" exited with 1.",
        "\u{1f6a8} Error: The command exited with status 1",
        "Finished: FAILURE",
        "Finished: ABORTED",
        "error: builder for '/nix/store/x.drv' failed with exit code 1",
        "error: script \"test\" exited with code 1",
        "error Command failed with signal \"SIGTERM\".",
        "ERROR: script returned exit code 143",
        "Error: container exited with code 137",
        "Script done on 2026-03-05 20:33:12+00:00 [COMMAND_EXIT_CODE=\"1\"]",
        "[ 1234.5] Out of memory: Killed process 4711 (wrk) total-vm:1kB",
        "client_loop: send disconnect: Broken pipe",
        "Connection to 10.0.0.1 closed by remote host.",
        "^C",
        "rc=1",
        "Alarm clock",
        "sh: 1: k6: not found",
        "bash: pgbench: command not found",
        "zsh: command not found: wrk",
        "thread 'main' panicked at src/main.rs:1:1:",
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "Exception in thread \"main\" java.lang.NullPointerException",
        "java.lang.OutOfMemoryError: Java heap space",
        "write error: No space left on device",
        "tee: out: No space left on device",
        "> Task :test FAILED",
        "nox > Session tests failed.",
        "  py: FAIL code 1 (0.1=setup[0.0]+cmd[0.1] seconds)",
        "rake aborted!",
        "Build step 'Execute shell' marked build as failure",
        "WARNING: step_script could not run to completion because the timeout was exceeded. For more",
        "level=error msg=\"test run was aborted because k6 received a 'interrupt' signal\"",
        "--- FAIL: TestZ (0.00s)",
        "bash: line 1: 4711 Floating point exception(core dumped) ./load",
        "[1]+  Killed                  wrk -t2 http://x/",
        "zsh: bus error  ./load",
        "command terminated by signal 9",
        "signal: segmentation fault (core dumped)",
        "*** stack smashing detected ***: terminated",
        "free(): invalid pointer",
        "load: load.c:3: main: Assertion `0' failed.",
        "==4711==ERROR: AddressSanitizer: heap-use-after-free on address 0x1",
        "fatal error: all goroutines are asleep - deadlock!",
        "slurmstepd: error: *** JOB 12 ON n1 CANCELLED AT 2026-11-28T10:00:00 DUE TO TIME LIMIT ***",
        "env: ‘wrk’: No such file or directory",
        "timeout: failed to run command ‘wrk’: No such file or directory",
        "bash: ./k6: Permission denied",
        "Vitest caught 1 unhandled error during the test run.",
        "Vitest caught 2 unhandled errors during the test run.",
        "Jest: \"global\" coverage threshold for branches (100%) not met: 50%",
        "ERROR: Coverage for lines (50%) does not meet global threshold (90%)",
        "FAIL Required test coverage of 90% not reached. Total coverage: 50.00%",
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
        "Unhandled exception. System.InvalidOperationException: x",
        "make: *** No rule to make target 'load'.  Stop.",
        "slurmstepd: error: Detected 1 oom-kill event(s) in StepId=12.batch.",
        "=>> PBS: job killed: walltime 3602 exceeded limit 3600",
        "OSError: [Errno 28] No space left on device",
        "##vso[task.complete result=Failed;]",
        "pod default/k6 terminated (Error)",
        "error Command \"load\" not found.",
        "Test Suites: 1 failed, 2 passed, 3 total",
        "Tests:       1 failed, 5 passed, 6 total",
        "Tests run: 3, Failures: 1, Errors: 0, Skipped: 0",
        "[ERROR] Tests run: 3, Failures: 0, Errors: 2, Skipped: 0",
        "Tests: 3, Assertions: 3, Failures: 1.",
        "FAILED (failures=1)",
        "FAILURES!",
        "FAIL",
        "FAIL\texample.com/x\t0.003s",
        "FAIL example.com/x [build failed]",
        "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        "error: could not compile `x` (lib) due to 1 previous error",
        "Result: FAIL",
        "Errors while running CTest",
        "Test Run Failed.",
        "Fatal Python error: Segmentation fault",
        "!!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!",
        "Coverage failure: total of 50 is less than fail-under=90",
        "SUMMARY: ThreadSanitizer: data race load.c:3 in main",
    ] {
        assert!(says_failed(said), "{said}");
    }
    for said in [
        "xargs: warning: options --max-args and --replace are mutually exclusive",
        "The command \"wrk\" exited with 0.",
        "Finished: SUCCESS",
        "Script done on 2026-03-05 20:33:12+00:00 [COMMAND_EXIT_CODE=\"0\"]",
        "Connection to 10.0.0.1 closed.",
        // docker compose says so of a run that ended well, too.
        "Aborting on container exit...",
        "rc=0",
        "/root/.bashrc: line 3: brew: command not found",
        "> Task :test",
        "nox > Session tests was successful.",
        "  py: OK (0.1=setup[0.0]+cmd[0.1] seconds)",
        "ok 3 - it says: No space left on device",
        "  error: a command exited with code 1",
        "2026-03-05 20:33:12 ERROR disk: No space left on device",
        "ERRO[0003] GoError: boom",
        "thread 'tokio-runtime-worker' panicked at src/main.rs:1:1:",
        "==4711== ERROR SUMMARY: 0 errors from 0 contexts (suppressed: 0 from 0)",
        "bash: line 3: /etc/profile.d/x: No such file or directory",
        "cat: wrk: No such file or directory",
        "[1]+  Terminated              python3 server.py",
        "[1]+  Done                    wrk -t2 http://x/",
        "Required test coverage of 90% reached. Total coverage: 95.00%",
        "Coverage for lines is 95%",
        "Test Suites: 3 passed, 3 total",
        "Tests:       6 passed, 6 total",
        "Tests:       0 failed, 6 passed, 6 total",
        "Tests run: 3, Failures: 0, Errors: 0, Skipped: 1",
        "OK (3 tests, 3 assertions)",
        "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        "Result: PASS",
        "FAIL-safe mode is on",
        "!!! note !!!",
        "pod \"k6\" deleted",
    ] {
        assert!(!says_failed(said), "{said}");
    }
    let trace = "Traceback (most recent call last):\n  File \"x.py\", line 1, in <module>\n    f()\nValueError: boom\n";
    assert!(ended(&format!("1..1\nok 1\n{trace}")).is_some());
    assert!(ended(&format!("{trace}retried, and it went well\n")).is_none());
    let uncaught = "x.js:1\n    throw err;\n    ^\n\nError: late\n    at f (x.js:1:1)\n\nNode.js v20.20.2\n";
    assert!(ended(&format!("1..1\nok 1\n{uncaught}")).is_some());
    assert!(ended("Node.js v20.20.2\n1..1\nok 1\n").is_none());
}

/// A line is a tool's own beside a report of that tool alone.
#[test]
fn what_a_tool_says_of_its_own_run_is_heard() {
    for (name, said) in [
        ("jest/ok.json", "# Looks like you failed 1 test of 2."),
        ("fio/read.json", "fio: terminating on signal 15"),
        ("fio/read.json", "fio: failed to set file size"),
        ("fio/read.json", "fio: pid=4711, err=28/file:filesetup.c:240, func=ftruncate, error=x"),
        ("pgbench/run.txt", "client 2 aborted in state 8: ERROR:  deadlock detected"),
        ("pgbench/run.txt", "Run was aborted; the above results are incomplete."),
        ("ab/mix.txt", "Total of 123 requests completed"),
        ("wrk/ok.txt", "bash: line 1: 4711 Terminated              wrk -t2 -c10 -d10s http://127.0.0.1:8080/"),
        ("fio/read.json", "[1]+  Exit 1                  fio --output-format=json job.fio"),
        ("redis-benchmark/short.txt", "Could not connect to Redis at 127.0.0.1:6379: Connection refused"),
    ] {
        let text = sample(name);
        let (_, doubts) = read(&format!("{}\n{said}\n", text.trim_end())).unwrap();
        assert!(doubts.iter().any(|doubt| doubt.ends_with(said)), "{name} {said}: {doubts:?}");
        if said.starts_with('#') {
            continue;
        }
        let other = sample("k6-healthy/hs.json");
        // What begins a report of redis-benchmark is one, beside any other.
        if !name.starts_with("redis") {
            assert_eq!(read(&format!("{}\n{said}\n", other.trim_end())), read(&other), "k6 beside {said}");
        }
    }
}

#[test]
fn what_a_runner_puts_before_each_line_goes() {
    let heads = |lines: &str, head: &str| lines.lines().map(|line| format!("{head}{line}\n")).collect::<String>();
    for name in SAMPLES {
        let text = sample(name);
        let alone = read(&text).unwrap();
        for head in [
            "k6-1  | ",
            "load_1 | ",
            "2026-11-28T10:00:00.1234567Z ",
            "2026-11-28T10:00:00+01:00 ",
            "Nov 28 10:00:00 ci run[77]: ",
        ] {
            assert_eq!(read(&heads(&text, head)).as_ref(), Ok(&alone), "{name} behind {head:?}");
        }
        let coloured = text.lines().map(|line| format!("\u{1b}[36mk6-1  | \u{1b}[0m{line}\n")).collect::<String>();
        assert_eq!(read(&coloured).as_ref(), Ok(&alone), "{name} in colour");
        // Lines of two containers are not one report.
        let Some(half) = text.match_indices('\n').map(|(at, _)| at + 1).nth(text.lines().count() / 2) else {
            continue;
        };
        let (before, behind) = text.split_at(half);
        if behind.trim().is_empty() {
            continue;
        }
        let mixed = [heads(before, "a  | "), heads(behind, "b  | ")].concat();
        assert_ne!(read(&mixed).as_ref(), Ok(&alone), "{name} of two containers");
    }
    let tap = |last: &str| read(&[&heads("1..1\nok 1 - a\n", "test-1  | "), last].concat()).unwrap();
    assert_eq!(tap(""), read("1..1\nok 1 - a\n").unwrap());
    assert_eq!(tap("test-1 exited with code 0\n"), tap(""));
    assert!(tap("test-1 exited with code 1\n").1[0].starts_with(": inconsistent: line 3 says that the run failed"));
    // A table of other people's that looks alike stays one.
    assert_eq!(read("a | b\na | 2\n").unwrap().0, r#"[{"a":"a","b":2}]"#);
}

#[test]
fn notes_behind_a_table_are_no_rows_and_a_cut_row_is_no_note() {
    for name in ["hey/ok.csv", "ab/percentiles.csv", "locust/good.csv", "jmeter/header.csv", "redis-benchmark/good.csv"]
    {
        let text = sample(name);
        let (rows, alone) = (text.trim_end(), read(&text).unwrap());
        for notes in ["\ndone\n", "\n\nDone in 3.21s.\n[ci] bye\n\n", "\nexit status 0"] {
            assert_eq!(read(&format!("{rows}{notes}")).as_ref(), Ok(&alone), "{name} before {notes:?}");
            let banner = format!("\n> site@1.0.0 load\n\n{rows}{notes}");
            assert_eq!(read(&banner).as_ref(), Ok(&alone), "{name} behind a banner, before {notes:?}");
        }
        assert_eq!(read(&format!("\n\n{rows}\n")).as_ref(), Ok(&alone), "{name} behind blank lines");
        let (_, doubts) = read(&format!("{rows}\nmake: *** [load] Error 1\n")).unwrap();
        assert!(doubts.iter().any(|doubt| doubt.contains("says that the run failed")), "{name}: {doubts:?}");
        // Within a row, but not within the last number of it, which may as well be whole.
        let last = rows.rfind('\n').unwrap() + 1;
        for cut in last + 1..last + rows[last..].find([',', '"']).unwrap_or(1).max(2) {
            let part = &rows[..cut];
            assert!(read(part).is_err() || read(part).as_ref() == Ok(&alone), "{name}: {:?}", &part[last..]);
        }
    }
    let said = "Error from server: NOAUTH Authentication required.\n";
    assert!(read(&[&sample("redis-benchmark/good.csv"), said].concat()).is_err());
    let failure = read(&[said, &sample("redis-benchmark/good.csv")].concat()).unwrap_err();
    assert!(failure.reason.contains("broke off: Error from server"), "{}", failure.reason);
}

#[test]
fn places_are_those_of_the_whole_text() {
    let (_, doubts) = read(&format!("note: a\n{}\nKilled\n", sample("fio/read.json").trim_end())).unwrap();
    let lines = sample("fio/read.json").trim_end().lines().count();
    assert_eq!(doubts.last().unwrap(), &format!(": inconsistent: line {} says that the run failed: Killed", lines + 2));
}

#[test]
fn colours_go_in_linear_time_and_leave_the_rest() {
    assert_eq!(uncoloured("a\u{1b}[1;31mb\u{1b}[0m\u{1b}[2Kc").as_deref(), Some("abc"));
    assert_eq!(uncoloured("a\u{1b}["), Some("a".to_owned()));
    assert_eq!(uncoloured("a \u{1b} b"), None);
    let nested = "\u{1b}[".repeat(100_000);
    assert_eq!(read(&nested).unwrap().1, [": no-records: the source is empty"]);
}

/// A shell that was asked to run something behind says its number first.
#[test]
fn the_number_of_a_job_is_no_json() {
    for before in ["[1] 4711\n", "[1]+  Done                    ./server\n", "[2]-  Terminated              ./server\n"]
    {
        let (text, doubts) = read(&format!("{before}1..1\nok 1 - a\n")).unwrap();
        assert!(text.contains(r#""ok":true"#) && doubts.is_empty(), "{before}: {text} {doubts:?}");
    }
    assert!(super::super::begins_as_json(b"[1]\n") && super::super::begins_as_json(b"[1] \n[2]"));
    assert!(super::super::begins_as_json(b"[1] ,\n") && super::super::begins_as_json(b"[1, 2]"));
}
