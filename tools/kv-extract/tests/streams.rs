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
