//! Windows of records that look alike, and of the same records written so that only the strict reader takes them: the same
//! output, the same notes, the same exit code.

use std::process::Command;

use testkit::Random;

/// The same record with an escape in one of its texts.
fn escaped(line: &str) -> String {
    line.replace("\"web", "\"\\u0077eb")
}

fn number(random: &mut Random) -> String {
    match random.below(24) {
        0 => "null".to_owned(),
        1 => "\"slow\"".to_owned(),
        2 => "1e3".to_owned(),
        3 => "-0.5".to_owned(),
        4 => "true".to_owned(),
        _ => format!("{}.{:02}", random.below(500), random.below(100)),
    }
}

fn time(random: &mut Random, minute: usize) -> String {
    let second = random.below(60);
    match random.below(40) {
        0 => format!("\"2026-03-05T20:{minute:02}:60Z\""),
        1 => format!("\"2026-03-05T20:{minute:02}:{second:02}+01:00\""),
        2 => format!("\"2026-03-05 20:{minute:02}:{second:02}Z\""),
        3 => format!("{}", 1_772_742_720 + 60 * minute),
        4 => "null".to_owned(),
        5 => "\"soon\"".to_owned(),
        6 => format!("\"2026-03-05T20:{minute:02}:{second:02}.1234567891Z\""),
        7 => format!("\"2026-02-30T20:{minute:02}:{second:02}Z\""),
        8 => format!("\"2026-03-05T20:{minute:02}:{second:02}.Z\""),
        9 => format!("\"2026-03-05T20:{minute:02}:{second:02}z\""),
        10..20 => format!("\"2026-03-05T20:{minute:02}:{second:02}Z\""),
        _ => format!("\"2026-03-05T20:{minute:02}:{second:02}.{:03}Z\"", random.below(1000)),
    }
}

#[test]
fn known_shapes_and_the_strict_reader_agree() {
    const OPTIONS: [&[&str]; 6] = [
        &["-f", "ms", "--window", "1m"],
        &["-f", "ms,n", "-b", "host", "--window", "7s"],
        &["-f", "ms", "--window", "90s", "--where", "n >= 3", "-b", "host,n"],
        &["-f", "ms", "--window", "1h", "--allow-rejected", "100%"],
        &["-f", "n", "--window", "1m", "--fill"],
        &["--window", "2m"],
    ];
    let mut alike = 0;
    for seed in 0..testkit::times(800) {
        let mut random = Random::new(seed);
        let (mut minute, mut text) = (random.below(30), String::new());
        for _ in 0..random.below(60) {
            match random.below(9) {
                0 => minute += random.below(4),
                1 => minute = minute.saturating_sub(random.below(3)),
                _ => {}
            }
            let minute = minute % 60;
            let (time, ms) = (time(&mut random, minute), number(&mut random));
            let (n, host) = (random.below(6), random.below(3));
            text.push_str(&match random.below(30) {
                0 => format!("{{\"ms\":{ms},\"time\":{time},\"host\":\"web{host}\"}}\n"),
                1 => format!("{{\"host\":\"web{host}\",\"n\":{n}}}\n"),
                _ => format!("{{\"time\":{time},\"host\":\"web{host}\",\"ms\":{ms},\"n\":{n}}}\n"),
            });
        }
        let options = OPTIONS[seed as usize % OPTIONS.len()];
        let run = |text: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_percentile"));
            let out = testkit::feed(command.args(options).args(["--time", "time", "--seal"]), text.as_bytes());
            let output = String::from_utf8(out.stdout).unwrap();
            // The seals carry a digest of what was written, which is the same, and of what was read, which is not.
            let lines: Vec<String> =
                output.lines().filter(|line| !line.contains("\"@seal\"")).map(str::to_owned).collect();
            (lines, String::from_utf8(out.stderr).unwrap(), out.status.code())
        };
        let (fast, plain) = (run(&text), run(&escaped(&text)));
        assert_eq!(fast, plain, "seed {seed} {options:?}\n{text}");
        alike += fast.0.len();
    }
    assert!(alike > 100, "{alike}");
}

/// Lines out of their order by less than the grace (half a minute, or a width where that is less) lose nothing.
#[test]
fn a_log_that_is_a_little_out_of_order_has_the_same_windows() {
    const OPTIONS: [&[&str]; 5] = [
        &["--window", "1m"],
        &["--window", "5s", "-b", "host"],
        &["--window", "30s", "--fill"],
        &["--window", "5m", "-a", "n=count()"],
        &["--window", "10s", "--max-memory", "1MiB"],
    ];
    let mut moved = 0;
    for seed in 0..testkit::times(400) {
        let mut random = Random::new(seed);
        let options = *random.pick(&OPTIONS);
        let grace = match options[1] {
            "5s" => 5,
            "10s" => 10,
            _ => 30,
        };
        let mut now = 1_772_000_000;
        let mut lines: Vec<(usize, String)> = Vec::new();
        for _ in 0..random.below(80) {
            now += if random.once_in(20) { 60 + random.below(600) } else { random.below(9) };
            let (ms, host) = (random.below(500), random.below(2));
            let line = format!("{{\"ts\":{now},\"ms\":{ms},\"host\":\"web{host}\"}}\n");
            // When it was written: as long after its time as the request took.
            lines.push((now + random.below(grace), line));
        }
        let run = |lines: &[(usize, String)]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_percentile"));
            let command = command.args(["--time", "ts", "-f", "ms"]).args(options).env_remove("EVIDENCE_SEAL");
            let input: String = lines.iter().map(|(_, line)| line.as_str()).collect();
            let output = testkit::feed(command, input.as_bytes());
            (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let (status, in_order) = run(&lines);
        let mut written = lines.clone();
        written.sort_by_key(|(at, _)| *at);
        moved += u32::from(written != lines);
        let (other, out_of_order) = run(&written);
        let sorted = |text: &str| {
            // Groups of a window stand in the order of their first record.
            let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
            rows.sort_unstable();
            rows
        };
        assert_eq!((other, sorted(&out_of_order)), (status, sorted(&in_order)), "{seed} {options:?}");
        assert!(!out_of_order.contains("\"late\""), "{seed} {options:?}");
    }
    assert!(moved > 0);
}
