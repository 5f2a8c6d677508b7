//! Chains of two to four tools, sealed, with one accident between two of them: what does not pass never comes to pass.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use testkit::{Random, feed};

/// A tool and its arguments.
type Stage = &'static [&'static str];

/// What stands between the log and the verdict.
const CHAINS: &[&[Stage]] = &[
    &[&["check-threshold", "a <= 5"]],
    &[&["percentile", "-f", "a"], &["check-threshold", "a.max <= 5"]],
    &[&["merge-evidence", "-a", "worst = max(a)"], &["check-threshold", "worst <= 5"]],
    &[&["merge-evidence", "x=-"], &["check-threshold", "x[0].a <= 5", "x[1].a <= 5", "x[2].a <= 5"]],
    &[&["kv-extract", "-f", "json"], &["percentile", "-f", "a"], &["check-threshold", "a.max <= 5"]],
    &[&["percentile", "-f", "a"], &["merge-evidence", "x=-"], &["check-threshold", "x.a.max <= 5"]],
    &[&["percentile", "-f", "a", "--state"], &["percentile", "--merge"], &["check-threshold", "a.max <= 5"]],
    &[&["percentile", "-f", "a", "-b", "b"], &["check-threshold", "-b", "b", "a.max <= 5"]],
    &[&["percentile", "-f", "a", "-b", "b"], &["merge-evidence", "r[b]=-"], &["check-threshold", "r.*.a.max <= 5"]],
    &[
        &["kv-extract", "-f", "json", "--where", "a >= 0"],
        &["merge-evidence", "-a", "worst = max(a)"],
        &["check-threshold", "worst <= 5"],
    ],
    // What was only planned passes nothing, whatever it is.
    &[
        &["merge-evidence", "--declared", "x=-"],
        &["percentile", "-a", "m = max(x[0].a)"],
        &["check-threshold", "m <= 50"],
    ],
    &[&["merge-evidence", "--declared", "x=-"], &["kv-extract", "-f", "json"], &["check-threshold", "x[0].a <= 50"]],
];

fn run(folder: &Path, words: &[&str], input: &[u8]) -> (Vec<u8>, i32) {
    let mut command = Command::new(folder.join(words[0]));
    let output = feed(command.args(&words[1..]).env("EVIDENCE_SEAL", "1"), input);
    (output.stdout, output.status.code().unwrap())
}

/// One accident to a stream.
fn damaged(stream: &[u8], random: &mut Random) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = stream.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    let (a, b) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(6) {
        0 => return stream[..random.below(stream.len())].to_vec(),
        1 => drop(lines.remove(a)),
        2 => lines.swap(a, b),
        3 => {
            // Without `@evidence` nothing says any more what could not be told.
            let text = String::from_utf8(stream.to_vec()).unwrap();
            return text.replacen("\"@evidence\"", "\"evidence\"", 1).into_bytes();
        }
        4 => {
            let digits: Vec<usize> = (0..stream.len()).filter(|&at| stream[at].is_ascii_digit()).collect();
            let mut changed = stream.to_vec();
            changed[digits[random.below(digits.len())]] = b'0' + random.below(10) as u8;
            return changed;
        }
        _ => {
            let mut flipped = stream.to_vec();
            flipped[random.below(stream.len())] ^= 1 << random.below(8);
            return flipped;
        }
    }
    lines.concat()
}

#[test]
fn no_accident_makes_a_pass() {
    let folder = testkit::tools();
    let mut random = Random::new(14);
    let mut streams = Vec::new();
    for chain in CHAINS {
        for log in ["a=1 b=x\na=9 b=y\na=3 b=z\n", "a=1\na=timeout\na=2\n", "b=1\n"] {
            let mut stream = run(&folder, &["kv-extract"], log.as_bytes()).0;
            for (place, words) in chain.iter().enumerate() {
                streams.push((&chain[place..], stream.clone()));
                stream = run(&folder, words, &stream).0;
                if stream.is_empty() {
                    // A stage that could not do its work hands nothing on.
                    break;
                }
            }
            if !stream.is_empty() {
                streams.push((&chain[chain.len()..], stream));
            }
        }
    }
    // A stage that sees the accident hands on nothing, or one of few things: what follows is the same each time, and
    // starting it is nearly all that a round costs.
    let mut known: HashMap<(Stage, Vec<u8>), (Vec<u8>, i32)> = HashMap::new();
    let mut again = |words: Stage, input: Vec<u8>| {
        known.entry((words, input)).or_insert_with_key(|(_, input)| run(&folder, words, input)).clone()
    };
    for _ in 0..testkit::times(100_000) {
        let (rest, stream) = &streams[random.below(streams.len())];
        let before = damaged(stream, &mut random);
        let stages: Vec<Stage> = rest.iter().copied().chain([&["verdict"][..]]).collect();
        let (mut after, mut status) = run(&folder, stages[0], &before);
        for &words in &stages[1..] {
            (after, status) = again(words, after);
        }
        let shown = String::from_utf8_lossy(&before);
        // Without its accident none of them passes; a chain that ends with 2 gives no document to pass with.
        assert_ne!(status, 0, "{rest:?}\n{shown}\n{}", String::from_utf8_lossy(&after));
    }
}
