//! What a run takes up: never more than `--max-memory` and 32 MiB, whatever the groups, fields, windows and samples.
#![expect(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use std::fmt::Write as _;
use std::process::Command;

use testkit::{Random, feed};

const MEBIBYTE: usize = 1 << 20;

/// Runs percentile; the peak of its resident memory in bytes as the kernel told it every ten milliseconds.
fn run(arguments: &[&str], input: &[u8]) -> (Option<i32>, String, String, usize) {
    let script = r#""$0" "$@" <&3 & child=$!
peak=0
while now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$child/status" 2>/dev/null) && [ -n "$now" ]; do
    peak=$now; sleep 0.01
done
wait $child; status=$?
echo "peak $peak" >&2
exit $status"#;
    let script = format!("exec 3<&0; {script}");
    let mut command = Command::new("bash");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_percentile")]).args(arguments).env_remove("EVIDENCE_SEAL");
    let output = feed(&mut command, input);
    let stderr = String::from_utf8(output.stderr).unwrap();
    let (told, peak) = stderr.trim_end().rsplit_once("peak ").unwrap();
    let told = told.to_owned();
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), told, peak.parse::<usize>().unwrap() * 1024)
}

/// Runs with so many MiB, within which and 32 it must stay.
fn bounded(mebibytes: usize, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let granted = format!("{mebibytes}MiB");
    let (status, stdout, stderr, peak) = run(&[&["--max-memory", &granted], arguments].concat(), input.as_bytes());
    // A long run was seen; one that is over within milliseconds has no time to take up much.
    assert!(peak > 0 || input.len() < MEBIBYTE);
    assert!(peak <= (mebibytes + 32) * MEBIBYTE, "{arguments:?} took {peak} bytes of {mebibytes} MiB");
    (status, stdout, stderr)
}

#[test]
#[cfg(target_os = "linux")]
fn samples_that_do_not_fit_become_sketches() {
    let mut random = Random::new(5);
    let (mut numbers, mut records) = (String::new(), String::new());
    for _ in 0..testkit::times(10_000_000) {
        writeln!(numbers, "{}", random.fraction()).unwrap();
    }
    for place in 0..testkit::times(1_000_000) {
        let (a, b, c) = (random.fraction(), random.fraction(), random.fraction());
        writeln!(records, r#"{{"g":{},"t":{place},"a":{a},"b":{b},"c":{c},"d":{place}}}"#, place % 40).unwrap();
    }
    for (arguments, input) in [
        (&[][..], &numbers),
        (&["--threads", "1"], &numbers),
        (&["--state", "--source-id", "a"], &numbers),
        (&["-b", "g"], &records),
        (&["-b", "g", "--window", "1000s", "--time", "t"], &records),
        (&["-q", "-b", "g", "--sort", "a.p99", "--top", "3"], &records),
    ] {
        let (status, stdout, stderr) = bounded(8, arguments, input);
        assert_eq!(status, Some(0), "{arguments:?}: {stderr}");
        assert!(!stdout.is_empty() && stderr.is_empty());
    }
    let (status, stdout, _) = bounded(1, &[], &numbers);
    assert!(status == Some(0) && stdout.contains("\"approximate\":{\"relative_error\":0.001}"), "{stdout}");
    let (status, stdout, stderr) = bounded(8, &["--expected-interval", "1"], "30000000\n20000000\n0.25\n");
    assert_eq!((status, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("too much to correct exactly"), "{stderr}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_hundred_thousand_groups_work_and_too_many_are_an_error() {
    let mut random = Random::new(9);
    let mut text = String::new();
    let (groups, records) = (100_000, 300_000);
    let mut sums = vec![0u64; groups];
    let mut counts = vec![0u64; groups];
    for place in 0..records {
        let group = if place < groups { place } else { random.below(groups) };
        let value = random.below(1_000_000) as u64;
        sums[group] += value;
        counts[group] += 1;
        writeln!(text, r#"{{"user":"user-{group}","ms":{}.{:03},"place":{place}}}"#, value / 1000, value % 1000)
            .unwrap();
    }
    let wanted = |stdout: &str| {
        assert_eq!(stdout.lines().count(), groups);
        for line in stdout.lines().step_by(997) {
            let record = schema::json::parse(line.as_bytes()).unwrap();
            let name = record.get("user").unwrap().as_text().unwrap();
            let group: usize = name.strip_prefix("user-").unwrap().parse().unwrap();
            let number = |key: &str| record.get("ms").unwrap().get(key).unwrap().as_number().unwrap().to_f64().unwrap();
            assert_eq!(number("count") as u64, counts[group], "{line}");
            assert_eq!((number("sum") * 1000.0).round() as u64, sums[group], "{line}");
        }
    };
    let arguments = ["-f", "ms", "-b", "user", "--sum"];
    let (status, exact, stderr) = bounded(256, &arguments, &text);
    assert_eq!(status, Some(0), "{stderr}");
    wanted(&exact);
    // Where exact samples have no room, few of them wait with their group for the sketch they are printed as.
    let (status, sketched, stderr) = bounded(64, &[&arguments[..], &["--sketch"]].concat(), &text);
    assert_eq!(status, Some(0), "{stderr}");
    wanted(&sketched);
    for arguments in [&arguments[..], &["-f", "ms", "-b", "user,place"], &["-f", "ms", "-b", "user", "--threads", "1"]]
    {
        let (status, stdout, stderr) = bounded(4, arguments, &text);
        assert_eq!((status, stdout.as_str()), (Some(2), ""), "{stderr}");
        assert!(stderr.contains(" groups so far do not fit 4,194,304 bytes"), "{stderr}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_long_record_costs_little_more_than_its_text() {
    const LONG: usize = 50_000_000;
    let text = format!("{{\"a\":1,\"t\":\"{}\"}}\n", "x".repeat(LONG));
    let list = format!("{{\"a\":2,\"t\":[{}1]}}\n", "1,".repeat(LONG / 2));
    let keys: String = (0..LONG / 12).map(|key| format!("\"k{key:07}\":1,")).collect();
    let object = format!("{{\"a\":3,{keys}\"t\":{{{keys}\"z\":0}}}}\n");
    for (line, arguments) in [
        (&text, &["-f", "a"][..]),
        (&list, &["-f", "a"]),
        (&list, &["-f", "t"]),
        (&object, &["-f", "a", "-b", "b", "--max-line", "256MiB"]),
        (&text, &["-f", "a", "--where", "a > 0", "-a", "n = max(a)"]),
    ] {
        let (status, stdout, stderr, peak) = run(arguments, line.as_bytes());
        assert!(status == Some(0) && stdout.contains("\"count\":"), "{stderr}");
        assert!(peak <= 4 * line.len(), "{arguments:?}: {peak} bytes for {}", line.len());
    }
    // Several of them, on many threads, at once.
    let four = text.repeat(4);
    for threads in ["1", "2", "8"] {
        let (status, stdout, stderr, peak) =
            run(&["-f", "a", "--max-memory", "200MiB", "--threads", threads], four.as_bytes());
        assert!(status == Some(0) && stdout.contains("\"count\":4,"), "{stderr}");
        assert!(peak <= 232 * MEBIBYTE, "{threads} threads: {peak} bytes");
        // Where there is no room for one, that is said, and there is none taken.
        let (status, stdout, stderr, peak) =
            run(&["-f", "a", "--max-memory", "16MiB", "--threads", threads], four.as_bytes());
        assert_eq!((status, stdout.as_str()), (Some(2), ""));
        assert!(stderr.contains("a line longer than --max-memory has room for"), "{stderr}");
        assert!(peak <= 48 * MEBIBYTE, "{threads} threads: {peak} bytes");
    }
}
