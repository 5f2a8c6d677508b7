//! Whole runs: the same bytes for every number of threads, bounded memory, and odd descriptors.

use std::process::Command;

use testkit::{Random, feed};

fn run(arguments: &[&str], input: &[u8]) -> (Option<i32>, Vec<u8>, Vec<u8>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kv-extract"));
    let output = feed(command.args(arguments).env_remove("EVIDENCE_SEAL"), input);
    (output.status.code(), output.stdout, output.stderr)
}

/// A log of about `size` bytes, with a long line, odd bytes and a value that no unit fits now and then.
fn log(size: usize) -> Vec<u8> {
    let mut random = Random::new(7);
    let mut log = Vec::with_capacity(size + 100_000);
    while log.len() < size {
        match random.below(3_000) {
            0 => log.extend(std::iter::repeat_n(b'x', 70_000)),
            1 => log.extend_from_slice(b"took=soon \x1b[31mred=1\x1b[0m"),
            2 => log.extend_from_slice(b"a=1 a=2 b=\xff c='x y' d = e"),
            3..=900 => log.extend_from_slice(b"nothing but prose in this line"),
            number => {
                let line =
                    format!("2026 INFO LATENCY p50_us={number} took={}ms codec=\"h264 main\" id=7a", number % 97);
                log.extend_from_slice(line.as_bytes());
            }
        }
        log.push(b'\n');
    }
    log
}

#[test]
fn every_number_of_threads_gives_the_same_bytes() {
    let log = log(11 << 20);
    for options in [
        &["--seal", "--stats"][..],
        &["-m", "LATENCY", "--seal"],
        &["--source", "-v", "prose"],
        &["--as", "took=us", "--allow-rejected", "1%", "--max-line", "64KiB", "--seal", "--stats"],
        &["--as", "took=us"],
        &["--where", "p50_us > 2000", "-k", "p50*"],
    ] {
        let with = |threads: &'static str| run(&[options, &["--threads", threads]].concat(), &log);
        let one = with("1");
        assert!(one.1.len() > 1_000, "{options:?}: {}", String::from_utf8_lossy(&one.2));
        for threads in ["2", "3"] {
            let many = with(threads);
            assert_eq!(many.0, one.0, "{options:?}");
            assert!(many.1 == one.1, "{options:?}: {threads} threads give other bytes");
            assert_eq!(String::from_utf8_lossy(&many.2), String::from_utf8_lossy(&one.2), "{options:?}");
        }
    }
}

/// Units that nobody asked for: exactly the numbers whose unit is another one than the first of their key are in doubt,
/// wherever the blocks of a log end.
#[test]
fn every_number_of_threads_doubts_the_same_units() {
    let mut random = Random::new(5);
    let mut lines = Vec::new();
    for number in 0..300_000_u64 {
        // One key is mixed from the middle on, one near the end, and one never.
        let took = if number > 150_000 && random.below(20_000) == 0 { "s" } else { "ms" };
        let size = if number == 299_000 { "MB" } else { "kB" };
        let free = if random.below(2) == 0 { "B" } else { "bytes" };
        lines.push((number, took, size, free));
    }
    let log: String = lines
        .iter()
        .map(|(number, took, size, free)| format!("op={number} took=12 {took} size=5 {size} free=7 {free} end\n"))
        .collect();
    let doubts = lines.iter().filter(|(_, took, size, _)| *took == "s" || *size == "MB").count();
    assert!(doubts > 2);
    for options in [&[][..], &["-f", "kv"], &["-k", "op,took,size"], &["--where", "op >= 0"]] {
        let one = run(&[options, &["--threads", "1"]].concat(), log.as_bytes());
        let text = String::from_utf8_lossy(&one.1);
        let mut doubted = 0;
        for (line, (number, took, size, _)) in text.lines().zip(&lines) {
            let is_mixed = *took == "s" || *size == "MB";
            assert_eq!(line.contains("unit-mismatch"), is_mixed, "{options:?}: {line}");
            assert!(line.starts_with(&format!("{{\"op\":{number},")), "{options:?}: {line}");
            doubted += usize::from(is_mixed);
        }
        assert_eq!((doubted, text.lines().count()), (doubts, lines.len()), "{options:?}");
        for threads in ["2", "3"] {
            let many = run(&[options, &["--threads", threads]].concat(), log.as_bytes());
            assert!(many.1 == one.1, "{options:?}: {threads} threads give other bytes");
            assert_eq!(String::from_utf8_lossy(&many.2), String::from_utf8_lossy(&one.2), "{options:?}");
        }
    }
}

#[test]
fn what_is_behind_the_last_line_is_the_same_for_every_number_of_threads() {
    let log = log(11 << 20);
    for (text, options) in [
        ("took=soon", &["--stats"][..]),
        ("p50_us=2999 ", &["--where", "p50_us > 2000", "-k", "p50*"]),
        ("p50_us=907 ", &["-f", "auto", "-m", "LATENCY", "--as", "took=us", "--allow-rejected", "1%"]),
    ] {
        let lines: Vec<&[u8]> = log.split_inclusive(|&byte| byte == b'\n').collect();
        let holds = |line: &&[u8]| line.windows(text.len()).any(|window| window == text.as_bytes());
        let last = lines.iter().rposition(holds).unwrap();
        let rest = run(options, &lines[last + 1..].concat());
        assert!(rest.1.len() > 100, "{text}: {}", String::from_utf8_lossy(&rest.2));
        let with =
            |threads: &'static str| run(&[options, &["--after-last", text, "--threads", threads]].concat(), &log);
        let one = with("1");
        assert!(one.1 == rest.1, "{text}: other lines than those behind the last");
        for threads in ["2", "3"] {
            let many = with(threads);
            assert_eq!(many.0, one.0, "{text}");
            assert!(many.1 == one.1, "{text}: {threads} threads give other bytes");
            assert_eq!(String::from_utf8_lossy(&many.2), String::from_utf8_lossy(&one.2), "{text}");
        }
    }
}

#[test]
fn what_is_new_is_the_same_for_every_number_of_threads() {
    let log = log(22 << 20);
    let half = last_line(&log[..log.len() / 2]);
    let folder = std::env::temp_dir().join(format!("kv-extract-new-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let whole = run(&["-m", "LATENCY"], &log);
    for threads in ["1", "2", "3"] {
        let (path, state) = (folder.join(format!("log.{threads}")), folder.join(format!("state.{threads}")));
        let names = [&path, &state].map(|path| path.to_str().unwrap().to_owned());
        let mut all = Vec::new();
        // The last line of the first half is still being written.
        for text in [&log[..half + 5], &log[..]] {
            std::fs::write(&path, text).unwrap();
            let new = run(&["-m", "LATENCY", "--threads", threads, "--resume", &names[1], &names[0]], b"");
            assert_eq!(new.0, Some(0), "{}", String::from_utf8_lossy(&new.2));
            all.extend_from_slice(&new.1);
        }
        assert!(all == whole.1, "{threads} threads: what is new, taken together, is not the whole");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A log of about `size` bytes whose lines have times, as prose or as JSON, with lines that belong to the one before and
/// some that have none.
fn timed_log(size: usize, is_json: bool) -> Vec<u8> {
    let mut random = Random::new(11);
    let mut log = String::with_capacity(size + 1_000);
    let mut number = 0_u64;
    while log.len() < size {
        number += 1;
        let second = number / 20;
        let time =
            format!("2026-03-05T{:02}:{:02}:{:02}.{:03}Z", 10 + second / 3_600, second / 60 % 60, second % 60, 7);
        let status = 200 + random.below(400);
        match (random.below(500), is_json) {
            (0, false) => log.push_str("    at main.rs:7 a=1\n"),
            (1, false) => log.push_str("no time a=2\n"),
            (0, true) => log.push('\n'),
            (1, true) => log.push_str("{\"x\":\"\\u00e9\",\"time\":\"2026-03-05 11:00:00Z\"}\n"),
            (_, false) => log.push_str(&format!("{time} INFO served status={status} route=/api/{number}\n")),
            (_, true) => log.push_str(&format!(
                "{{\"time\":\"{time}\",\"level\":\"info\",\"status\":{status},\"route\":\"/api/{number}\"}}\n"
            )),
        }
    }
    log.into_bytes()
}

#[test]
fn windows_and_records_are_the_same_for_every_number_of_threads() {
    let (prose, json) = (timed_log(10 << 20, false), timed_log(10 << 20, true));
    // A record over several lines leaves the rest to the reader of such.
    let mut spread = json[..json.len() - json.len() % 1_000].to_vec();
    spread.truncate(last_line(&spread));
    spread.extend_from_slice(b"{\n  \"time\": \"2026-03-05T11:00:00Z\",\n  \"status\": 500\n}\n");
    spread.extend_from_slice(&json[..2 << 20][..last_line(&json[..2 << 20])]);
    for (log, options) in [
        (&prose, &["--since", "2026-03-05T10:30:00Z", "--until", "2026-03-05T11:30:00Z", "--stats"][..]),
        (&prose, &["--since", "2026-03-05T10:30:00Z", "-m", "route", "--where", "status >= 500", "--source"]),
        (&json, &["-f", "json", "--stats"]),
        (&json, &["-f", "json", "--since", "2026-03-05T10:30:00Z", "--source"]),
        (&json, &["-f", "json", "-m", "/api/7", "--source", "--stats"]),
        (&spread, &["-f", "json", "--source", "--stats"]),
        (&spread, &["-f", "json", "--since", "2026-03-05T10:30:00Z", "-k", "status"]),
    ] {
        let with = |threads: &'static str| run(&[options, &["--threads", threads]].concat(), log);
        let one = with("1");
        assert!(one.1.len() > 1_000, "{options:?}: {}", String::from_utf8_lossy(&one.2));
        for threads in ["2", "3"] {
            let many = with(threads);
            assert_eq!(many.0, one.0, "{options:?}");
            assert!(many.1 == one.1, "{options:?}: {threads} threads give other bytes");
            assert_eq!(String::from_utf8_lossy(&many.2), String::from_utf8_lossy(&one.2), "{options:?}");
        }
    }
}

/// Behind the last newline.
fn last_line(text: &[u8]) -> usize {
    text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1)
}

#[test]
fn records_in_blocks_are_those_of_the_reader_of_records() {
    let json = timed_log(1 << 20, true);
    let first = b"{\n  \"time\": \"2026-03-05T09:00:00Z\"\n}\n";
    for options in [
        &["-f", "json"][..],
        &["-f", "json", "--where", "status >= 500", "-k", "route"],
        &["-f", "json", "--since", "2026-03-05T10:10:00Z"],
        &["-f", "json", "-m", "/api/7"],
        &["-f", "json", "--allow-rejected", "10%"],
    ] {
        let mut log = json.clone();
        if options.contains(&"--allow-rejected") {
            log.extend_from_slice(b"{\"a\":}\n7\n{\"b\":1}\n");
        }
        let blocks = run(options, &log);
        // What begins with a record over several lines is left to the other reader as a whole.
        let other = run(options, &[first, log.as_slice()].concat());
        assert_eq!(blocks.0, other.0, "{options:?}: {}", String::from_utf8_lossy(&blocks.2));
        let rest = other.1.strip_prefix(&b"{\"time\":\"2026-03-05T09:00:00Z\"}\n"[..]).unwrap_or(&other.1);
        assert!(!rest.is_empty() && blocks.1 == rest, "{options:?}");
    }
}

#[test]
fn memory_is_bounded() {
    // Lines of the largest size, control characters that grow sixfold, and one line without an end.
    let mut log = Vec::new();
    for _ in 0..12 {
        log.extend_from_slice(b"k=\"");
        log.extend(std::iter::repeat_n(1, (1 << 20) - 10));
        log.extend_from_slice(b"\"\n");
    }
    log.extend(std::iter::repeat_n(b'x', 20 << 20));
    let path = std::env::temp_dir().join(format!("kv-extract-memory-{}", std::process::id()));
    std::fs::write(&path, &log).unwrap();
    let limited = format!(
        "ulimit -v 400000; {} --threads 4 --allow-rejected 1 {} | wc -l",
        env!("CARGO_BIN_EXE_kv-extract"),
        path.display()
    );
    let output = Command::new("sh").args(["-c", &limited]).output().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "12", "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn odd_descriptors_and_inputs() {
    testkit::hostile(env!("CARGO_BIN_EXE_kv-extract"), "kv-extract");
}
