//! The fast way through records against the strict reader: the same output for every odd line and every thread count.
#![expect(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use std::process::Command;

use testkit::{Random, feed};

fn run(arguments: &[&str], input: &[u8]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_percentile"));
    // The one thing of a state that is another each second.
    let command = command.args(arguments).env_remove("EVIDENCE_SEAL").env("SOURCE_DATE_EPOCH", "1772742732");
    let output = feed(command, input);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A record, mostly of one shape, now and then odd in one of many ways.
fn record(random: &mut Random, oddities: bool) -> String {
    let value = match random.below(if oddities { 30 } else { 4 }) {
        0 => format!("{}", random.below(1000)),
        1 => "null".to_owned(),
        2 => "-12.50".to_owned(),
        3..=20 => format!("{}.{:03}", random.below(2000), random.below(1000)),
        21 => "1e2".to_owned(),
        22 => "\"87ms\"".to_owned(),
        23 => "true".to_owned(),
        24 => "123456789012.125".to_owned(),
        25 => "0.1234567890123456789".to_owned(),
        26 => "[1]".to_owned(),
        27 => "{\"a\":1}".to_owned(),
        28 => "0".to_owned(),
        _ => "1e-320".to_owned(),
    };
    let op = ["send", "recv", "a b", "", "sünd", "q\\\"x", "longer than eight bytes", "longer than eight bytez"];
    let op = op[random.below(op.len())];
    match random.below(if oddities { 12 } else { 1 }) {
        0..=7 => {
            format!("{{\"ts\":\"2026-03-05T20:32:12Z\",\"op\":\"{op}\",\"n\":12,\"latency_ms\":{value},\"ok\":true}}")
        }
        8 => format!("{{ \"op\" : \"{op}\" , \"latency_ms\" : {value} }}"),
        9 => format!("{{\"latency_ms\":{value}}}"),
        10 => format!("{{\"op\":{},\"latency_ms\":{value},\"x\":\"\\u00e9\"}}\r", random.below(3)),
        _ => format!("{{\"op\":\"{op}\",\"latency_ms\":{value},\"nested\":{{\"op\":[1,2]}}}}"),
    }
}

#[test]
fn the_fast_way_reads_what_the_strict_reader_reads() {
    let mut random = Random::new(7);
    for round in 0..testkit::times(400) {
        let mut text = String::new();
        for _ in 0..random.below(400) {
            text.push_str(&record(&mut random, round % 4 != 0));
            text.push('\n');
        }
        let fast = run(&["-f", "latency_ms", "-b", "op", "--sum"], text.as_bytes());
        // A wildcard that matches the same field takes the plain way through every record.
        let plain = run(&["-f", "latency_ms,nowhere.*", "-b", "op", "--sum"], text.as_bytes());
        assert_eq!(fast.0, Some(0), "{}", fast.2);
        assert_eq!(fast, plain, "{text}");
    }
}

#[test]
fn conditions_choose_what_the_strict_reader_would() {
    let mut random = Random::new(17);
    let conditions: [&[&str]; 7] = [
        &["latency_ms > 900"],
        &["op == \"send\"", "ok"],
        &["op != \"send\" and latency_ms < 1000 or n == 13"],
        &["latency_ms in 10 .. 500"],
        &["op in [\"send\", \"a b\"]"],
        &["not (latency_ms >= 100)", "x != 1"],
        &["latency_ms != null"],
    ];
    for round in 0..testkit::times(700) as usize {
        let mut text = String::new();
        for _ in 0..random.below(300) {
            text.push_str(&record(&mut random, round % 4 != 0));
            text.push('\n');
        }
        let mut arguments = vec!["-b", "op", "--sum"];
        for condition in conditions[round % conditions.len()] {
            arguments.extend(["--where", condition]);
        }
        let fast = run(&[&["-f", "latency_ms"], &arguments[..]].concat(), text.as_bytes());
        let plain = run(&[&["-f", "latency_ms,nowhere.*"], &arguments[..]].concat(), text.as_bytes());
        assert_eq!(fast.0, Some(0), "{}", fast.2);
        assert_eq!(fast, plain, "{arguments:?}\n{text}");
        let seals = [&["-f", "latency_ms", "--seal", "--unsealed", "--threads", "2"], &arguments[..]].concat();
        let wildcard = [&["-f", "latency_ms,nowhere.*", "--seal", "--unsealed"], &arguments[..]].concat();
        assert_eq!(run(&seals, text.as_bytes()), run(&wildcard, text.as_bytes()), "{arguments:?}");
    }
}

#[test]
fn every_number_is_the_field_the_strict_reader_finds() {
    let mut random = Random::new(23);
    for round in 0..testkit::times(500) as usize {
        let mut text = String::new();
        for _ in 0..random.below(300) {
            text.push_str(&record(&mut random, round % 3 != 0));
            text.push('\n');
        }
        let form: &[&str] = [
            &["--sum"][..],
            &["--sum", "-b", "op"],
            &["--sum", "--where", "latency_ms > 100", "-b", "ok"],
            &["--state", "--source-id", "a"],
        ][round % 4];
        let fast = run(form, text.as_bytes());
        // With a text that means nothing every record goes the plain way.
        let plain = run(&[form, &["--na", "no such text"]].concat(), text.as_bytes());
        let less = |text: &str| text.replace(",\"na\":[\"no such text\"]", "");
        let state = |text: &str| text.split(",\"digest\"").next().unwrap_or_default().to_owned();
        assert_eq!((fast.0, state(&fast.1), &fast.2), (plain.0, state(&less(&plain.1)), &plain.2), "{form:?}\n{text}");
        assert_eq!(run(&[form, &["--threads", "3"]].concat(), text.as_bytes()), fast);
    }
}

#[test]
fn a_bad_line_is_found_among_good_ones_by_any_number_of_threads() {
    let good = "{\"op\":\"send\",\"latency_ms\":12.345,\"ok\":true}\n";
    let mut text = good.repeat(40_000);
    for bad in [
        "{\"op\":\"send\",\"latency_ms\":12.345,\"ok\":true,}\n",
        "{\"op\":\"send\",\"latency_ms\":012.345,\"ok\":true}\n",
        "{\"op\":\"se\u{1}nd\",\"latency_ms\":12.345,\"ok\":true}\n",
        "{\"op\":\"send\",\"latency_ms\":12.345,\"latency_ms\":1}\n",
        "{\"op\":\"send\",\"latency_ms\":12.345,\"ok\":true} x\n",
    ] {
        let length = text.len();
        let column = schema::json::parse(bad.as_bytes()).unwrap_err().line_and_column(bad.as_bytes()).1;
        text.push_str(bad);
        text.push_str(&good.repeat(40_000));
        for threads in ["1", "2", "7"] {
            let (status, stdout, stderr) =
                run(&["--threads", threads, "-f", "latency_ms", "-b", "op"], text.as_bytes());
            assert_eq!((status, stdout.as_str()), (Some(2), ""));
            assert!(stderr.starts_with(&format!("percentile: stdin:40001:{column}: ")), "{stderr}");
        }
        text.truncate(length);
    }
}

#[test]
fn threads_change_nothing() {
    let mut random = Random::new(3);
    let mut numbers = String::new();
    let mut records = String::new();
    for _ in 0..200_000 {
        let value = random.below(3_000_000);
        let line = match random.below(1000) {
            0 => "oops".to_owned(),
            1 => String::new(),
            2 => format!("-{value}"),
            3 => format!("{value}e-9"),
            _ => format!("{}.{:03}", value / 1000, value % 1000),
        };
        numbers.push_str(&line);
        numbers.push('\n');
        records.push_str(&format!("{{\"op\":{},\"x\":{}.5}}\n", value % 7, value));
    }
    for (input, arguments) in [(&numbers, &["--sum"][..]), (&records, &["-f", "x", "-b", "op", "-m", "r8"])] {
        let one = run(&[&["--threads", "1"], arguments].concat(), input.as_bytes());
        assert_eq!(one.0, Some(0));
        for threads in ["2", "5"] {
            let more = run(&[&["--threads", threads], arguments].concat(), input.as_bytes());
            assert_eq!(more, one);
            let little = run(&[&["--threads", threads, "--max-memory", "8MiB"], arguments].concat(), input.as_bytes());
            assert_eq!(little, one, "memory that suffices when used well changes nothing");
        }
        let sketched = run(&[&["--max-memory", "100K"], arguments].concat(), input.as_bytes());
        assert!(sketched.1.contains("\"approximate\":{\"relative_error\":0.001}"), "{}", sketched.1);
        let again = run(&[&["--max-memory", "100K", "--threads", "1"], arguments].concat(), input.as_bytes());
        assert_eq!(sketched, again);
    }
}
