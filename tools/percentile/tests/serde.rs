//! The reading of records against serde_json: which lines are records, and what their fields hold, whether a line goes
//! the fast way or not; among them very many lines that are almost records.
#![expect(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use std::collections::BTreeMap;
use std::fmt;
use std::process::Command;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use testkit::Random;

/// An object as serde_json reads it, values as their text; a key that comes twice is an error.
struct Members(BTreeMap<String, Box<RawValue>>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    // A text may hold an escape that is half a letter; only reading it tells.
                    serde_json::from_str::<serde_json::Value>(value.get()).or_else(|error| {
                        // Too large for a double is a number all the same.
                        if error.to_string().contains("out of range") {
                            Ok(0.into())
                        } else {
                            Err(A::Error::custom(error))
                        }
                    })?;
                    if members.insert(key, value).is_some() {
                        return Err(A::Error::custom("a key comes twice"));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// What is known of a group: its samples and how many records have none.
#[derive(Debug, Default, PartialEq)]
struct Group {
    samples: Vec<f64>,
    missing: u64,
    invalid: u64,
}

/// The JSON of a value, the same for the same value.
fn normal(text: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(text) {
        // Numbers are the same where their texts are.
        Ok(serde_json::Value::Number(_)) | Err(_) => text.to_owned(),
        Ok(value) => value.to_string(),
    }
}

/// The groups by `op` of the numbers under `ms`, as serde_json reads them, and how many lines are rejected.
fn oracle(text: &[u8]) -> (BTreeMap<String, Group>, usize) {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut rejected = 0;
    for line in text.split(|&byte| byte == b'\n') {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let number = |members: &Members| match members.0.get("ms").map(|value| value.get()) {
            None | Some("null") => Some(None),
            Some(text) if text.starts_with(|letter: char| letter == '-' || letter.is_ascii_digit()) => {
                text.parse().ok().filter(|number: &f64| number.is_finite()).map(Some)
            }
            Some(_) => None,
        };
        let Ok(members) = serde_json::from_slice::<Members>(line) else {
            rejected += 1;
            continue;
        };
        let group = groups.entry(normal(members.0.get("op").map_or("null", |value| value.get()))).or_default();
        match number(&members) {
            Some(Some(number)) => group.samples.push(number),
            Some(None) => group.missing += 1,
            // The record is in its group, and what stands there is invalid.
            None => {
                group.invalid += 1;
                rejected += 1;
            }
        }
    }
    (groups, rejected)
}

/// The same as percentile reads it.
fn percentile(text: &[u8], lines: usize) -> (Vec<(String, Members)>, usize) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_percentile"));
    command.args(["-f", "ms", "-b", "op", "--sum", "-p", "50", "--seal", "--unsealed", "--allow-rejected"]);
    let output = testkit::feed(command.arg(lines.to_string()).env_remove("EVIDENCE_SEAL"), text);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut records: Vec<&[u8]> = output.stdout.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).collect();
    let seal: serde_json::Value = serde_json::from_slice(records.pop().unwrap()).unwrap();
    let rejected = seal["@seal"]["rejected"].as_u64().unwrap() as usize;
    let groups = records.into_iter().map(|record| {
        let members: Members = serde_json::from_slice(record).unwrap();
        let summary = serde_json::from_str(members.0["ms"].get()).unwrap();
        (normal(members.0["op"].get()), summary)
    });
    (groups.collect(), rejected)
}

fn line(random: &mut Random) -> Vec<u8> {
    let ms = match random.below(24) {
        0 => "null".to_owned(),
        1 => format!("{}", random.below(100)),
        2 => format!("-{}.5", random.below(100)),
        3 => format!("{}e{}", random.below(100), random.below(5)),
        4 => "\"12ms\"".to_owned(),
        5 => "0".to_owned(),
        6 => format!("0{}", random.below(100)),
        7 => format!("{}.", random.below(100)),
        8 => format!("{:.9}", random.fraction() * 1e6),
        9 => "1e999".to_owned(),
        _ => format!("{}.{:03}", random.below(3000), random.below(1000)),
    };
    let op = [
        "\"send\"",
        "\"recv\"",
        "\"a longer name than a word\"",
        "\"\\u00e9\"",
        "\"\u{e9}\"",
        "7",
        "null",
        "\"\"",
        "true",
    ];
    let choice = if random.once_in(4) { op.len() } else { 3 };
    let op = op[random.below(choice)];
    let text = match random.below(12) {
        0 => format!("{{\"op\":{op}}}"),
        1 => format!("{{\"ms\":{ms}}}"),
        2 => format!("{{ \"op\" : {op} , \"ms\" : {ms} }}"),
        3 => format!("{{\"op\":{op},\"ms\":{ms},\"more\":{{\"list\":[1,\"x\"]}}}}"),
        4 => format!("{{\"op\":{op},\"ms\":{ms},\"op\":{op}}}"),
        _ => format!(
            "{{\"ts\":\"2026-03-05T20:32:12.345Z\",\"op\":{op},\"user\":{},\"ms\":{ms},\"ok\":true}}",
            random.below(1000)
        ),
    };
    if random.below(5) == 0 { random.mutated(text.as_bytes()) } else { text.into_bytes() }
}

#[test]
fn records_are_what_serde_json_reads() {
    let mut random = Random::new(23);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..testkit::times(2_000) {
        let mut text =
            b"{\"ts\":\"2026-03-05T20:32:12.345Z\",\"op\":\"send\",\"user\":1,\"ms\":1.5,\"ok\":true}\n".repeat(2);
        for _ in 0..random.below(500) {
            text.extend(line(&mut random));
            text.push(b'\n');
        }
        let lines = text.split(|&byte| byte == b'\n').count();
        let (wanted, rejected) = oracle(&text);
        let (groups, told) = percentile(&text, lines);
        assert_eq!(told, rejected, "{}", String::from_utf8_lossy(&text));
        assert_eq!(groups.len(), wanted.len());
        for (name, summary) in groups {
            let number = |key: &str| summary.0[key].get().parse::<f64>().ok();
            let Group { samples, missing, invalid } =
                wanted.get(&name).unwrap_or_else(|| panic!("{name}: no such group"));
            assert_eq!(number("count"), Some(samples.len() as f64), "{name}");
            assert_eq!(number("missing"), Some(*missing as f64), "{name}");
            let of = |key: &str| summary.0.get(key).map_or(0.0, |count| count.get().parse().unwrap());
            assert_eq!((of("invalid"), of("allowed")), (*invalid as f64, *invalid as f64), "{name}");
            assert_eq!(number("min"), samples.iter().copied().reduce(f64::min), "{name}");
            assert_eq!(number("max"), samples.iter().copied().reduce(f64::max), "{name}");
            let sum: f64 = samples.iter().sum();
            let size: f64 = samples.iter().map(|sample| sample.abs()).sum();
            assert!((number("sum").unwrap_or(0.0) - sum).abs() <= 1e-12 * size, "{name}: {sum}");
            good += samples.len();
        }
        bad += rejected;
    }
    assert!(good > bad && bad > 1000, "{good} {bad}");
}
