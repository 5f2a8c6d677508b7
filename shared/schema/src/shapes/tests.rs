//! The shapes against the strict reader: what they find in a line is what stands under the keys.

use testkit::Random;

use super::*;

const KEYS_ASKED: [&str; 4] = ["a", "ms", "route", "none"];

fn line(random: &mut Random) -> String {
    let number = |random: &mut Random| match random.below(9) {
        0 => "-1".to_owned(),
        1 => "1e3".to_owned(),
        2 => "0.50".to_owned(),
        3 => "12345678901234567".to_owned(),
        4 => "01".to_owned(),
        _ => format!("{}.{:02}", random.below(1000), random.below(100)),
    };
    let value = |random: &mut Random| match random.below(28) {
        0 => "true".to_owned(),
        1 => "null".to_owned(),
        2 => "\"a\\\"b\"".to_owned(),
        3 => "\"é\"".to_owned(),
        4 => "[1]".to_owned(),
        5 => "\"}\"".to_owned(),
        6 => "\"\"".to_owned(),
        7..10 => format!("\"/api/{}\"", "x".repeat(random.below(40))),
        _ => number(random),
    };
    let keys: &[&str] = [&["a", "ms", "route"][..], &["a", "x", "ms"], &["route", "a"], &["a", "a"]][random.below(4)];
    let colon = if random.once_in(16) { ": " } else { ":" };
    let members: Vec<String> = keys.iter().map(|key| format!("\"{key}\"{colon}{}", value(random))).collect();
    let end = ["\r\n", " \n", "x\n", "\n"][random.below(12).min(3)];
    format!("{{{}}}{end}", members.join(","))
}

#[test]
fn what_is_found_is_what_the_strict_reader_reads() {
    let mut found = 0;
    for seed in 0..testkit::times(400) as u64 {
        let mut random = Random::new(seed);
        let mut shapes = Shapes::new(KEYS_ASKED.map(str::to_owned).to_vec()).unwrap();
        let mut spans = Spans::default();
        for _ in 0..120 {
            let mut text = line(&mut random);
            if random.once_in(9) {
                // A flipped bit anywhere.
                let mut bytes = text.into_bytes();
                let at = random.below(bytes.len() - 1);
                bytes[at] ^= 1 << random.below(7);
                text = String::from_utf8_lossy(&bytes).into_owned();
            }
            let mut padded = text.clone().into_bytes();
            padded.resize(text.len() + PADDING, b'\n');
            let first = text.split_inclusive('\n').next().unwrap_or_default();
            let mut values = [(0, 0); VALUES];
            let mut all = Spans::default();
            let whole = shapes.find_all(&padded, 0, &mut all, &mut values);
            let parsed = json::parse(first.as_bytes());
            if shapes.find(&padded, 0, &mut spans) {
                found += 1;
                let value = parsed.as_ref().unwrap_or_else(|error| panic!("{first:?}: {error}"));
                assert_eq!(spans.end, first.len(), "{first:?}");
                for (key, &(from, to)) in KEYS_ASKED.iter().zip(&spans.keys) {
                    let mut written = Vec::new();
                    value.get(key).inspect(|value| json::write(value, &mut written));
                    assert_eq!(&text.as_bytes()[from..to], written.as_slice(), "{key} of {first:?}");
                }
            }
            if let Some(place) = whole {
                let value = parsed.as_ref().unwrap();
                let object = value.as_object().unwrap();
                assert_eq!(shapes.width(place), object.len());
                for ((_, value), &(from, to)) in object.iter().zip(&values) {
                    let mut written = Vec::new();
                    json::write(value, &mut written);
                    assert_eq!(&text.as_bytes()[from..to], written.as_slice());
                }
            } else if let Ok(value) = &parsed {
                shapes.learn(first.trim_end_matches(['\n', '\r']).as_bytes(), value);
            }
        }
    }
    assert!(found > testkit::times(400) * 20, "{found}");
}
