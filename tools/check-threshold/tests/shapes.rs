//! A stream judged without reading its records says, byte for byte, what it says when each is read.
//!
//! `--where true` keeps every record, and has each read first: the plain way beside the fast one.

use std::process::{Command, Output};

use testkit::Random;

/// Records with a hole for each value.
const SHAPES: [&str; 6] = [
    r#"{"op":"send","p99_ms":%,"errors":%,"count":%,"ok":%,"mode":%}"#,
    r#"{"op":"read","p99_ms":%,"errors":%,"ok":%,"mode":%}"#,
    r#"{ "op": "list", "p99_ms": %, "latency_ms": {"p95": %, "count": %}, "errors": % }"#,
    r#"{"latency_ms":{"p95":%},"stages":[%,%],"errors":%,"op":%}"#,
    r#"{"errors":%,"@evidence":{"declared":["errors"]},"p99_ms":%}"#,
    r#"{"a.b":%,"a":{"b":%},"errors":%}"#,
];

const VALUES: [&str; 26] = [
    "0",
    "1",
    "2",
    "12",
    "99.5",
    "150.25",
    "199.999999",
    "200",
    "200.000001",
    "250",
    "-3",
    "1e2",
    "0.30000000000000004",
    "12345678901234567890",
    "true",
    "false",
    "null",
    "\"\"",
    "\"slow\"",
    "\"fast\"",
    "\"a\\\"b\"",
    "\"größe\"",
    "[]",
    "{}",
    "01",
    "\"150\"",
];

const THRESHOLDS: [&str; 4] = [
    "p99_ms <= 200ms\nerrors == 0 else warn\nok == true\nmode != \"slow\" else fatal",
    "in_s: p99_ms <= 0.2s\nerrors < 2 \"too many\"\nlatency_ms.p95 in 1..100",
    "errors <= 12 missing skip\n[send, l*]\np99_ms < 1m\n[read]\nerrors != 1 \"errors={errors}\"",
    "a.b <= 99.5\nstages[0] >= 0\nerrors >= 0 after 2",
];

const OPTIONS: [&[&str]; 6] =
    [&[], &["--no-record"], &["-b", "op"], &["-b", "op", "--only", "send"], &["-q"], &["--missing", "fail"]];

fn stream(random: &mut Random) -> Vec<u8> {
    let mut lines = Vec::new();
    // Most values in most streams are plain numbers, or hardly any record would be told quickly.
    let plain = random.once_in(2);
    for _ in 0..60 {
        let mut line = Vec::new();
        for byte in random.pick(&SHAPES).bytes() {
            match byte {
                b'%' if plain && !random.once_in(10) => {
                    line.extend_from_slice(format!("{}.{}", random.below(300), random.below(100)).as_bytes());
                }
                b'%' => line.extend_from_slice(random.pick(&VALUES).as_bytes()),
                byte => line.push(byte),
            }
        }
        if random.once_in(15) {
            line = random.mutated(&line);
        }
        lines.extend_from_slice(&line);
        lines.extend_from_slice(if random.once_in(20) { b"\r\n" } else { b"\n" });
    }
    lines
}

fn run(arguments: &[&str], thresholds: &str, stream: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_check-threshold"));
    testkit::feed(command.args(arguments).arg("-t").arg(thresholds), stream)
}

#[test]
fn reading_the_records_changes_nothing() {
    let mut random = Random::new(44);
    let folder = std::env::temp_dir().join(format!("check-threshold-shapes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let files: Vec<String> = (0..THRESHOLDS.len())
        .map(|place| {
            let path = folder.join(format!("{place}.thresholds"));
            std::fs::write(&path, THRESHOLDS[place]).unwrap();
            path.to_str().unwrap().to_owned()
        })
        .collect();
    for _ in 0..testkit::times(10_000) {
        let (options, file, stream) = (random.pick(&OPTIONS), random.pick(&files), stream(&mut random));
        let fast = run(options, file, &stream);
        let plain = run(&[options, ["--where", "true"].as_slice()].concat(), file, &stream);
        let text = String::from_utf8_lossy(&stream).into_owned();
        assert_eq!(String::from_utf8_lossy(&fast.stdout), String::from_utf8_lossy(&plain.stdout), "{options:?} {text}");
        assert_eq!(String::from_utf8_lossy(&fast.stderr), String::from_utf8_lossy(&plain.stderr), "{options:?} {text}");
        assert_eq!(fast.status.code(), plain.status.code(), "{options:?} {text}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
