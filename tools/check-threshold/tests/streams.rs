//! A sealed stream from which any one line is gone never passes, however it is cut.

use std::process::Command;

use testkit::{Random, feed};

fn status(stream: &[u8]) -> Option<i32> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_check-threshold"));
    command.args(["-q", "a <= 9", "b == true"]).env("EVIDENCE_SEAL", "1");
    feed(&mut command, stream).status.code()
}

/// One or two sealed segments of records, each line with its newline.
fn stream(random: &mut Random) -> Vec<String> {
    let mut lines = Vec::new();
    for _ in 0..=random.below(2) {
        let records: Vec<String> =
            (0..1 + random.below(5)).map(|_| format!("{{\"a\":{},\"b\":true}}\n", random.below(10))).collect();
        let bytes: usize = records.iter().map(String::len).sum();
        lines.extend(records.iter().cloned());
        lines.push(format!(
            "{{\"@seal\":{{\"tool\":\"x\",\"version\":\"1\",\"schema\":1,\"rejected\":0,\"records\":{},\"bytes\":{bytes},\
             \"inputs\":[],\"upstream\":[]}}}}\n",
            records.len()
        ));
    }
    lines
}

#[test]
fn leaving_out_a_line_never_passes() {
    let mut random = Random::new(8);
    let mut whole = 0;
    for round in 0..if testkit::long() { 100_000 } else { 500 } {
        let mut lines = stream(&mut random);
        if round % 100 == 0 {
            assert_eq!(status(lines.concat().as_bytes()), Some(0), "{lines:?}");
            whole += 1;
        }
        let at = random.below(lines.len());
        let gone = lines.remove(at);
        // A segment that is gone with its seal as its only line was never there: here each has a record.
        assert_ne!(status(lines.concat().as_bytes()), Some(0), "{lines:?} without {gone:?}");
    }
    assert!(whole > 0);
}

#[test]
fn a_stream_cut_at_any_byte_never_passes() {
    let lines = stream(&mut Random::new(3)).concat();
    for cut in 0..lines.len() {
        // After a seal's last brace, or its newline, the segment is whole.
        let whole = lines.as_bytes()[..cut].ends_with(b"]}}\n") || lines.as_bytes()[..cut].ends_with(b"]}}");
        if !whole {
            assert_ne!(status(&lines.as_bytes()[..cut]), Some(0), "cut at {cut}: {}", &lines[..cut]);
        }
    }
}
