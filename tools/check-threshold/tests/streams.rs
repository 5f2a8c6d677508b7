//! A sealed stream to which an accident happened never passes, whatever it was: 100,000 of each kind, in this process.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

// The tool itself, but for its `main`: see `testkit::in_process`.
#[path = "../src/brief.rs"]
mod brief;
#[path = "../src/flags.rs"]
mod flags;
#[path = "../src/k6.rs"]
mod k6;
#[path = "../src/listing.rs"]
mod listing;
#[path = "../src/metrics.rs"]
mod metrics;
#[path = "../src/nagios.rs"]
mod nagios;
#[path = "../src/power.rs"]
mod power;
#[path = "../src/runs.rs"]
mod runs;
#[path = "../src/session.rs"]
mod session;
#[path = "../src/sources.rs"]
mod sources;
#[path = "../src/stream.rs"]
mod stream;
#[path = "../src/suggest.rs"]
mod suggest;

use filter::Digesting;
use testkit::Random;

/// How the tool ends with a sealed stream of records.
fn status(stream: &[u8]) -> u8 {
    let run = |input: String, _| {
        let words = ["--seal", "-q", "a <= 9", "b == true", "d.p99 <= 90 given d.count > 0", "-i", &input];
        filter::status(&flags::TOOL, 2, words.map(Into::into), session::run)
    };
    testkit::in_process(stream, run).1
}

/// The seal of these lines, of the schema of today or of the first.
fn seal(lines: &[String], schema: u64) -> String {
    let digest = |text: &str| {
        let mut digesting = Digesting::default();
        digesting.add(text.as_bytes());
        format!("{:032x}", digesting.end().digest.unwrap())
    };
    let all = lines.concat();
    let count = format!("\"rejected\":0,\"records\":{},\"bytes\":{}", lines.len(), all.len());
    let named = |schema: u64| format!("{{\"@seal\":{{\"tool\":\"x\",\"version\":\"1\",\"schema\":{schema},{count}");
    if schema == 1 {
        return format!("{},\"inputs\":[],\"upstream\":[]}}}}\n", named(1));
    }
    let text = format!("{},\"digest\":\"{}\",\"inputs\":[],\"upstream\":[]", named(2), digest(&all));
    format!("{text},\"own_digest\":\"{}\"}}}}\n", digest(&text))
}

/// What the records of a stream come to, so that each threshold has an answer of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Passes,
    /// One of them breaks a bound.
    Fails,
    /// One of them says that something of it cannot be told.
    Doubts,
}

/// One or two sealed segments of records, each line with its newline; and which line is the odd one.
fn stream(random: &mut Random, kind: Kind, schema: u64) -> (Vec<String>, usize) {
    let segments: Vec<usize> = (0..=random.below(2)).map(|_| 1 + random.below(5)).collect();
    let odd = random.below(segments.iter().sum());
    let (mut lines, mut record, mut place) = (Vec::new(), 0, 0);
    for count in segments {
        let mut segment = Vec::new();
        for _ in 0..count {
            let bad = record == odd;
            let a = if bad && kind == Kind::Fails { 10 + random.below(90) } else { random.below(10) };
            let doubt = if bad && kind == Kind::Doubts {
                ",\"@evidence\":{\"unknown\":[{\"path\":\"a\",\"code\":\"stale\"}]}"
            } else {
                ""
            };
            if bad {
                place = lines.len() + segment.len();
            }
            let (count, p99) = (1 + random.below(9), random.below(90));
            segment.push(format!("{{\"a\":{a},\"b\":true,\"d\":{{\"count\":{count},\"p99\":{p99}}}{doubt}}}\n"));
            record += 1;
        }
        let end = seal(&segment, schema);
        lines.extend(segment);
        lines.push(end);
    }
    (lines, place)
}

/// One accident of a kind; `None` where nothing happened.
fn accident(kind: &str, lines: &[String], random: &mut Random) -> Option<Vec<u8>> {
    let mut left = lines.to_vec();
    let mut bytes = lines.concat().into_bytes();
    let (a, b) = (random.below(lines.len()), random.below(lines.len()));
    match kind {
        "a line is lost" => drop(left.remove(a)),
        "two lines change places" => left.swap(a, b),
        "a line comes twice" => left.insert(a, lines[b].clone()),
        "what is doubted is not said" => left = vec![lines.concat().replace("@evidence", "evidence")],
        "it is cut" => {
            bytes.truncate(random.below(bytes.len()));
            // Behind a seal's last brace, or its newline, all that is there is whole.
            let whole = [&b"}}\n"[..], b"\"}}", b"]}}"].iter().any(|end| bytes.ends_with(end));
            return (!whole && !bytes.is_empty()).then_some(bytes);
        }
        "a bit is flipped" => {
            let place = random.below(bytes.len());
            bytes[place] ^= 1 << random.below(8);
            return Some(bytes);
        }
        _ => {
            let digits: Vec<usize> = (0..bytes.len()).filter(|&place| bytes[place].is_ascii_digit()).collect();
            let place = digits[random.below(digits.len())];
            let other = b'0' + random.below(10) as u8;
            let old = std::mem::replace(&mut bytes[place], other);
            return (old != other).then_some(bytes);
        }
    }
    let left = left.concat().into_bytes();
    (left != bytes).then_some(left)
}

#[test]
fn no_accident_makes_a_pass_or_undoes_a_failure() {
    let mut random = Random::new(8);
    for kind in [
        "a line is lost",
        "two lines change places",
        "a line comes twice",
        "what is doubted is not said",
        "it is cut",
        "a bit is flipped",
        "a digit is another",
    ] {
        let (mut rounds, mut failed, mut whole) = (0, 0, 0);
        while rounds < testkit::times(100_000) {
            let outcome = match kind {
                "what is doubted is not said" => Kind::Doubts,
                _ => [Kind::Passes, Kind::Fails, Kind::Doubts][random.below(3)],
            };
            // Seals of the first schema have counts alone: they see lines that are lost or doubled.
            let schema = if matches!(kind, "a line is lost" | "a line comes twice" | "it is cut") && random.once_in(4) {
                1
            } else {
                2
            };
            let (lines, odd) = stream(&mut random, outcome, schema);
            if rounds % 100 == 0 {
                let wanted = match outcome {
                    Kind::Passes => 0,
                    Kind::Fails => 1,
                    Kind::Doubts => 3,
                };
                assert_eq!(status(lines.concat().as_bytes()), wanted, "{lines:?}");
                whole += 1;
            }
            let Some(damaged) = accident(kind, &lines, &mut random) else { continue };
            let got = status(&damaged);
            let shown = || String::from_utf8_lossy(&damaged).into_owned();
            assert_ne!(got, 0, "{kind}: {lines:?} became {}", shown());
            // A record that is still there as it was breaks its bound as before.
            let stays = outcome == Kind::Fails
                && (kind == "it is cut" && damaged.len() >= lines[..=odd].concat().len()
                    || kind != "it is cut"
                        && damaged.split_inclusive(|&byte| byte == b'\n').any(|line| line == lines[odd].as_bytes()));
            if stays {
                assert_eq!(got, 1, "{kind}: {lines:?} became {}", shown());
                failed += 1;
            }
            rounds += 1;
        }
        assert!(whole > 0, "{kind}");
        assert!(failed > 0 || kind == "what is doubted is not said", "{kind}");
    }
}
