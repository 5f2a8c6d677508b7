//! Which lines say that a run failed: what a shell, a build tool, a job or the tool itself writes where a command ended.
//!
//! Owns the one table of them. A line that a healthy run may have around its report is none.

use super::job;
use crate::readers::Format;

/// The first line of `text` that says that the run failed, with its number.
pub fn failure(text: &str) -> Option<(usize, &str)> {
    let line = text.lines().enumerate().find(|(_, line)| says_failed(line))?;
    Some((line.0 + 1, line.1.trim()))
}

/// As [`failure`], of what stands behind a report or of all of a text; there, the last line may be what a shell says where
/// its command was asked to end. Before that line it may have been a server, which its script stops.
pub fn ended(text: &str) -> Option<(usize, &str)> {
    failure(text).or_else(|| died(text)).or_else(|| {
        let (number, last) = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).last()?;
        let last = last.trim();
        // Node says which it is behind an error that nothing caught.
        let node = last
            .strip_prefix("Node.js v")
            .is_some_and(|version| version.starts_with(|digit: char| digit.is_ascii_digit()));
        let said = node
            || ["Terminated", "Terminated: 15", "signal: terminated", "Hangup", "Hangup: 1"].contains(&last)
            || last.starts_with("zsh: terminated ")
            || last.ends_with(" terminated by signal SIGTERM (Polite quit request)");
        said.then_some((number + 1, last))
    })
}

/// Whether a line is what a shell, a build tool or a package manager says of a command that failed.
pub fn says_failed(line: &str) -> bool {
    let margin = !line.starts_with([' ', '\t']);
    let line = line.trim();
    let begins = [
        "npm ERR!",
        "npm error ",
        "error Command failed",
        "ELIFECYCLE ",
        "ERR_PNPM_",
        "##[error]",
        "Error: Process completed with exit code ",
        "Error: The operation was canceled.",
        "ERROR: Job failed",
        "Command exited with non-zero status ",
        "Command terminated by signal ",
        "command terminated by signal ",
        "error: process didn't exit successfully",
        "timeout: sending signal ",
        "timeout: the monitored command dumped core",
        "command terminated with exit code ",
        "error: test failed, to rerun pass ",
        "error: Recipe `",
        "task: Failed to run task ",
        "lerna ERR!",
        "ninja: build stopped: ",
        "FAILED: Build did NOT complete successfully",
        "FAILURE: Build failed with an exception.",
        "BUILD FAILED",
        "[INFO] BUILD FAILURE",
        "[ERROR] Failed to execute goal ",
        "ERROR: InvocationError ",
        "panic: ",
        "client_loop: send disconnect",
        "thread 'main' panicked at",
        "thread 'main' (",
        "terminate called ",
        "Exception in thread \"main\"",
        "java.lang.OutOfMemoryError",
        "rake aborted!",
        "write error: No space left on device",
        "--- FAIL: ",
        "go: errors parsing go.mod",
        "[ERROR] There are test failures.",
        "[ERROR] The forked VM terminated ",
        "^C",
        "srun: error: ",
        "slurmstepd: error: *** ",
        "slurmstepd: error: Detected ",
        "=>> PBS: job killed: ",
        "TERM_RUNLIMIT: job killed ",
        "packet_write_wait: Connection to ",
        "parallel: This job failed",
        "triggerUncaughtException(",
        "##vso[task.complete result=Failed",
        "##teamcity[buildProblem ",
        "The runner has received a shutdown signal.",
        "error Command \"",
        "fish: Unknown command: ",
    ];
    let whole = [
        "Segmentation fault",
        "Segmentation fault: 11",
        "Aborted",
        "Abort trap: 6",
        "Killed",
        "Killed: 9",
        "Alarm clock",
        "Alarm clock: 14",
        "Interrupt",
        "Interrupt: 2",
        "CPU time limit exceeded",
        "File size limit exceeded",
        "Floating point exception",
        "Trace/breakpoint trap",
        "Bad system call",
        "Finished: FAILURE",
        "Finished: ABORTED",
        "Finished: UNSTABLE",
        "Finished: NOT_BUILT",
        "Bus error",
        "Illegal instruction",
        "User defined signal 1",
        "User defined signal 2",
        "signal: segmentation fault",
        "signal: bus error",
        "signal: quit",
        "signal: killed",
        "signal: interrupt",
        "signal: aborted",
    ];
    // What k6, systemd and a shell's script say has something of its own before it.
    let of_k6 = ["thresholds on metrics ", "some thresholds have failed", "test run was aborted", "test aborted"];
    let said_by_k6 = |line: &str| {
        let error =
            line.split_once("level=error msg=\"").filter(|(before, _)| before.is_empty() || before.ends_with(' '));
        let error = error.map(|(_, said)| said);
        // On a terminal: `ERRO[0003] thresholds on metrics 'x' have been crossed`
        let error = error.or_else(|| Some(line.strip_prefix("ERRO[")?.split_once(']')?.1.trim_start()));
        error.is_some_and(|said| of_k6.iter().any(|start| said.starts_with(start)))
    };
    // Who is asked to end does so by SIGTERM: a server that its script stops is no failure of the run.
    let status = |status: &str| {
        let digits = status.bytes().take_while(u8::is_ascii_digit).count();
        status
            .get(..digits)
            .and_then(|status| status.parse::<u8>().ok())
            .filter(|status| ![0, 15, 143].contains(status))
    };
    let by_systemd =
        line.split_once(": Main process exited, code=").and_then(|(_, rest)| status(rest.split_once("status=")?.1));
    said_by_k6(line)
        || job::failed(line)
        || broke(line)
        || by_systemd.is_some()
        || parted(line)
        || margin && (error(line) || not_found(line) || runner(line))
        // Rows of a table begin with a digit, and there may be millions.
        || !line.starts_with(|first: char| first.is_ascii_digit())
            && begins.iter().any(|start| line.starts_with(start))
        || whole.contains(&line.strip_suffix(" (core dumped)").unwrap_or(line))
        || line == "Quit (core dumped)"
        || line
            .rsplit_once(" exited with code ")
            .is_some_and(|(name, code)| !name.contains(' ') && status(code).is_some())
        || exit_of(line).and_then(status).is_some()
        || line.strip_prefix("exit status ").is_some_and(|status| status.parse::<u8>().is_ok_and(|status| status > 0))
        || line.strip_prefix("make").is_some_and(|rest| {
            let rest = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(rest, |(_, rest)| rest);
            rest.starts_with(": *** [") || rest.starts_with(": *** No rule ")
        })
}

/// Whether a line at the margin is the last word of a test runner whose run failed.
fn runner(line: &str) -> bool {
    const BEGINS: [&str; 21] = [
        "test result: FAILED. ",
        "error: could not compile `",
        "Fatal Python error: ",
        "PHP Parse error:  ",
        "Fatal error: Uncaught ",
        "Errors while running CTest",
        "The following tests FAILED:",
        "Coverage failure: total of ",
        "FAIL\t",
        "FAILED (failures=",
        "FAILED (errors=",
        "FAILED (unexpected successes=",
        "Test Run Failed.",
        "Test Run Aborted.",
        "Result: FAIL",
        "SUMMARY: AddressSanitizer: ",
        "SUMMARY: LeakSanitizer: ",
        "SUMMARY: MemorySanitizer: ",
        "SUMMARY: ThreadSanitizer: ",
        "ThreadSanitizer: reported ",
        "error MSB",
    ];
    // `Test Suites: 1 failed, 2 passed, 3 total`, `Tests run: 3, Failures: 1, Errors: 0`, `Tests: 3, Assertions: 3, Failures: 1.`
    let counted = || {
        let sums = ["Test Suites: ", "Tests: ", "Tests run: ", "[ERROR] Tests run: "];
        let Some(rest) = sums.iter().find_map(|start| line.strip_prefix(start)) else { return false };
        rest.trim_end_matches('.').split(", ").any(|sum| {
            let sum = sum.trim();
            let (word, count) = sum
                .split_once(": ")
                .or_else(|| sum.split_once(' ').map(|(count, word)| (word, count)))
                .unwrap_or_default();
            ["failed", "Failures", "Errors"].contains(&word) && count.parse::<u64>().is_ok_and(|count| count > 0)
        })
    };
    if line.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let banner = || line.starts_with("!!!!!!!!") && line.ends_with("!!!!!!!!") && line.contains(' ');
    line == "FAIL"
        || line == "FAILURES!"
        || line == "ERRORS!"
        || BEGINS.iter().any(|start| line.starts_with(start))
        || banner()
        || line.starts_with("FAIL ") && line.ends_with(" failed]")
        || line.starts_with("pod ")
            && ["Error", "OOMKilled"].iter().any(|why| line.ends_with(&format!(" terminated ({why})")))
        || counted()
}

/// The status in a line that is nothing but how a command ended: `exit status 1`, `Process exited with code: 1`.
fn exit_of(line: &str) -> Option<&str> {
    (line.len() < 64 && line.ends_with(|last: char| last.is_ascii_digit() || last == '.')).then_some(())?;
    let word = |line: &str, word: &str| {
        line.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word)).map(|_| word.len())
    };
    let ways = [
        "exit status",
        "exit code",
        "exited with code exit status",
        "exited with code",
        "exited with status",
        "exited with exit code",
        "exited with exit status",
        "finished with exit code",
        "returned exit code",
        "returned non-zero exit status",
        "rc=",
    ];
    // Buildkite puts a siren before its own.
    let line = line.trim_start_matches(|letter: char| !letter.is_ascii()).trim_start();
    let said = ["Error: ", "the ", "command ", "process ", "script "]
        .iter()
        .fold(line, |line, who| word(line, who).map_or(line, |end| &line[end..]));
    let end = ways
        .iter()
        .find_map(|way| word(said, way).filter(|end| way.ends_with('=') || said[*end..].starts_with([' ', ':'])))?;
    let status = said[end..].trim_start_matches([' ', ':']).trim_end_matches('.');
    status.bytes().all(|byte| byte.is_ascii_digit()).then_some(status)
}

/// Whether a line says it with a name within: what a runner, a job or the kernel says of one command.
fn parted(line: &str) -> bool {
    // How it begins, what stands within, and how it ends.
    const PARTS: [(&str, &str, &str); 17] = [
        ("Vitest caught ", " unhandled error", " during the test run."),
        ("Jest: ", "coverage threshold for ", ""),
        ("ERROR: Coverage for ", " does not meet ", ""),
        ("FAIL Required test coverage of ", " not reached.", ""),
        ("ERROR: Required test coverage of ", " not reached.", ""),
        ("xargs: ", ": exited with status ", ""),
        ("xargs: ", ": terminated by signal ", ""),
        ("Script done on ", " [COMMAND_EXIT_CODE=\"", "]"),
        ("The command \"", "\" exited with ", "."),
        ("", "ut of memory: Killed process ", ""),
        ("Connection to ", "", " closed by remote host."),
        ("Timeout, server ", "", " not responding."),
        ("Build step '", "' marked build as failure", ""),
        ("> Task :", "", " FAILED"),
        ("nox > Session ", "", " failed."),
        ("", ": FAIL code ", ""),
        ("WARNING: ", " could not run to completion because the timeout was exceeded", ""),
    ];
    let name = line.split_once(": FAIL code ").is_none_or(|(name, _)| !name.contains(' '));
    let known = PARTS.iter().any(|(begin, within, end)| {
        line.strip_prefix(begin).is_some_and(|rest| rest.contains(within)) && line.ends_with(end)
    });
    // A command that ended well is named alike.
    let well = line.ends_with("\" exited with 0.") || line.ends_with(" [COMMAND_EXIT_CODE=\"0\"]");
    let full = line.strip_suffix(": No space left on device").and_then(|rest| rest.split_once(": "));
    known && name && !well
        || line.ends_with("[Errno 28] No space left on device")
        || full.is_some_and(|(program, _)| !program.is_empty() && !program.contains(char::is_whitespace))
}

/// Whether a line is what a language's runtime, its library or a sanitizer writes of a program that it ends.
fn broke(line: &str) -> bool {
    let begins = [
        "*** stack smashing detected ***",
        "*** buffer overflow detected ***",
        "free(): ",
        "malloc(): ",
        "malloc_consolidate(): ",
        "realloc(): ",
        "munmap_chunk(): ",
        "double free or corruption",
        "corrupted size vs. prev_size",
        "corrupted double-linked list",
        "fatal error: all goroutines are asleep",
        "fatal error: concurrent map ",
        "fatal error: out of memory",
        "fatal error: runtime: ",
        "fatal error: stack overflow",
        "fatal error: unexpected signal",
        "fatal runtime error: ",
        "runtime: out of memory",
        "FATAL ERROR: ",
        "Unhandled exception. ",
        "PHP Fatal error:  ",
        "error: Uncaught ",
        "panic(main thread): ",
        "# A fatal error has been detected by the Java Runtime Environment:",
        "INTERNALERROR> ",
    ];
    let sanitized = line.strip_prefix("==").and_then(|rest| rest.split_once("==ERROR: "));
    begins.iter().any(|start| line.starts_with(start))
        || line.contains(": Assertion `") && line.ends_with("' failed.")
        || sanitized.is_some_and(|(process, _)| process.parse::<u64>().is_ok())
}

/// Whether a line calls itself an error and ends in a status: `error: script "test" exited with code 1`.
fn error(line: &str) -> bool {
    let word = line.get(..7).filter(|start| start.eq_ignore_ascii_case("error: "));
    let Some(rest) = word.map(|word| &line[word.len()..]) else { return false };
    let status = rest.trim_end_matches('.');
    let digits = status.len() - status.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    let (said, status) = status.split_at(status.len() - digits);
    let ways = ["exit code ", "exit status ", "exited with code ", "exited with status ", "exit code: "];
    ways.iter().any(|way| said.ends_with(way)) && status.parse::<u8>().is_ok_and(|status| status > 0)
}

/// Whether a shell did not find the tool of a report that we read; another program may be one that a script can do without.
fn not_found(line: &str) -> bool {
    let of_zsh = line.strip_prefix("zsh: command not found: ");
    let name = of_zsh.or_else(|| {
        let before = line
            .strip_suffix(": command not found")
            .or_else(|| line.strip_suffix(": not found").filter(|before| before.contains("sh: ")))
            .or_else(|| {
                let ends = [": No such file or directory", ": Permission denied"];
                let before = ends.iter().find_map(|end| line.strip_suffix(end))?;
                STARTERS.iter().any(|starter| before.strip_prefix(starter).is_some()).then_some(before)
            })?;
        before.rsplit(": ").next()
    });
    name.is_some_and(|name| {
        // `failed to run command ‘wrk’`
        let name = name.strip_prefix("failed to run command ").unwrap_or(name);
        let name = name.trim().trim_matches(['\'', '‘', '’', '"']);
        let name = name.rsplit('/').next().unwrap_or(name);
        Format::from_word(name).is_some() || name == "memtier_benchmark"
    })
}

/// What starts another program, and says so where it cannot.
const STARTERS: [&str; 9] =
    ["bash: ", "sh: ", "/bin/sh: ", "env: ", "timeout: ", "nohup: ", "nice: ", "time: ", "/usr/bin/env: "];

/// How a language's runtime ends a program, as the last thing that stands in a text: a trace, and the error at the margin.
fn died(text: &str) -> Option<(usize, &str)> {
    let mut trace = None;
    let mut last = 0;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        if line.trim_end() == "Traceback (most recent call last):" {
            (trace, last) = (Some((number + 1, line.trim_end())), 0);
        } else if !line.starts_with([' ', '\t']) {
            last += 1;
        }
    }
    trace.filter(|_| last == 1)
}

/// What a tool itself says where its run broke off, beside a report of its own: it is none of another tool's. The report
/// may have been written all the same.
const OF_TOOLS: [(&str, &str); 24] = [
    ("fio", "fio: terminating on signal "),
    ("fio", "fio: pid="),
    ("fio", "fio: io_u error "),
    ("fio", "fio: failed "),
    ("fio", "fio: file:"),
    ("fio", "fio: engine "),
    ("fio", "verify: "),
    ("iperf3", "iperf3: interrupt - "),
    ("pgbench", "Run was aborted; "),
    ("pgbench", "pgbench: fatal: "),
    ("ab", "Test aborted after "),
    ("siege", "siege aborted due to "),
    ("h2load", "client could not connect to host"),
    ("prove", "Dubious, test returned "),
    ("tap", "Dubious, test returned "),
    ("robot", "[ ERROR ] Parsing '"),
    ("robot", "Execution stopped by user"),
    ("robot", "Execution terminated by signal"),
    ("pods", "Error from server"),
    ("pods", "Unable to connect to the server: "),
    ("pods", "error: You must be logged in to the server"),
    ("pods", "The connection to the server "),
    // What follows may be said while a script waits for its server, too, and then stands before the report.
    ("redis-benchmark", "Could not connect to Redis at "),
    ("iperf3", "iperf3: error - "),
];
/// So many of the last rows count behind a report alone.
const WAITING: usize = 2;

/// The first line beside a report of `tool` in which the tool says that its run broke off, with its number. `before` tells
/// that the lines stand before the report.
pub fn said_by<'t>(tool: &str, text: &'t str, before: bool) -> Option<(usize, &'t str)> {
    let rows = &OF_TOOLS[..OF_TOOLS.len() - if before { WAITING } else { 0 }];
    let mut lines = text.lines().enumerate();
    let (number, line) = lines.find(|(_, line)| {
        let line = line.trim();
        rows.iter().any(|(of, start)| *of == tool && line.starts_with(start) && !line.contains(", err=0"))
            || tool == "pgbench" && line.starts_with("client ") && line.contains(" aborted in ")
            // In TAP itself it is one of the totals.
            || !["tap", "prove"].contains(&tool) && line.starts_with("# Looks like you")
            || tool == "ab" && line.starts_with("Total of ") && line.ends_with(" requests completed")
            // One that stands before the report is of another run: to warm up, say.
            || !before && job::of_tool(tool, line)
    })?;
    Some((number + 1, line.trim()))
}
