//! States of parts, merged in any order and any tree, are the single run's answer to the byte: samples, windows, values
//! of `-a`, groups by a formula, and what could not be read.
#![expect(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use std::process::Command;

use testkit::{Random, feed};

fn run(arguments: &[&str], input: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_percentile"));
    let output = feed(command.args(arguments).arg("-q").env_remove("EVIDENCE_SEAL"), input.as_bytes());
    assert!(output.status.success(), "{arguments:?}: {}\n{input}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A record; those of later places have later times.
fn record(random: &mut Random, place: usize) -> String {
    let time = 1_700_000_000 + place * 7 + random.below(7);
    let number = match random.below(12) {
        // Which of several texts came first only one reader of all knows.
        0 | 1 => "\"timeout\"".to_owned(),
        2 => "null".to_owned(),
        kind => format!("{}.{:02}", random.below(900) * kind, random.below(100)),
    };
    let ok = ["true", "false", "true", "true", "7"][random.below(5)];
    let time = if random.below(40) == 0 { "\"later\"".to_owned() } else { time.to_string() };
    let user = random.below(9);
    format!(
        "{{\"ts\":{time},\"op\":\"{}\",\"ms\":{number},\"ok\":{ok},\"user\":{user},\"place\":{place}}}\n",
        random.below(3)
    )
}

const FORMS: [&[&str]; 6] = [
    &["-f", "ms", "-b", "op"],
    &[
        "-f",
        "ms",
        "--window",
        "1m",
        "--time",
        "ts",
        "-b",
        "op",
        "-a",
        "errors = count(where ok == false)",
        "-a",
        "n = count()",
    ],
    &[
        "-f",
        "ms",
        "-b",
        "op",
        "--time",
        "ts",
        "-a",
        "total = sum(ms)",
        "-a",
        "mean = mean(place / 3)",
        "-a",
        "low = min(place)",
        "-a",
        "high = max(place)",
        "-a",
        "bad = any(ok == false)",
        "-a",
        "fine = all(place < 1000)",
        "-a",
        "users = distinct(user)",
        "-a",
        "start = first(place)",
        "-a",
        "end = last(place)",
        "-a",
        "share = count(where place > 20) / count()",
    ],
    &["-f", "ms", "-b", "minute = floor(time(ts) / 60)", "-a", "n = count()"],
    &["-f", "ms", "-b", "slow = place > 30", "-b", "op", "--where", "place != 3"],
    &["-f", "ms", "--no-missing", "--window", "90s", "--time", "ts", "--sketch"],
];

#[test]
fn parts_merge_to_the_single_run() {
    let mut random = Random::new(20);
    for round in 0..testkit::times(1000) as usize {
        let form = FORMS[round % FORMS.len()];
        let records: Vec<String> = (0..5 + random.below(60)).map(|place| record(&mut random, place)).collect();
        let whole = records.concat();
        let wanted = run(&[form, &["-p", "0,50,99"]].concat(), &whole);
        let parts = 1 + random.below(5);
        let mut inputs = vec![String::new(); parts];
        for record in &records {
            inputs[random.below(parts)].push_str(record);
        }
        let mut states: Vec<String> = Vec::new();
        for (place, input) in inputs.iter().enumerate() {
            let part = format!("{}/{parts}", place + 1);
            states.push(run(&[form, &["--state", "--part", &part]].concat(), input));
        }
        // A tree: two of them at a time, wherever they stand.
        let mut by_rows = states.concat();
        while states.len() > 1 {
            let one = states.swap_remove(random.below(states.len()));
            let other = states.swap_remove(random.below(states.len()));
            let both = if states.is_empty() { format!("{other}{one}") } else { format!("{one}{other}") };
            // Not all parts are there yet, which --state does not mind; the last merge asks.
            states.push(if states.is_empty() { both } else { run(&["--merge", "--state"], &both) });
        }
        let merged = run(&["--merge", "-p", "0,50,99"], &states.concat());
        assert_eq!(merged, wanted, "{form:?} {parts} parts\n{whole}");
        // The rows of all states in any order, as a shuffle leaves them.
        let mut rows: Vec<&str> = by_rows.lines().collect();
        for at in (1..rows.len()).rev() {
            rows.swap(at, random.below(at + 1));
        }
        by_rows = rows.iter().map(|row| format!("{row}\n")).collect();
        assert_eq!(run(&["--merge", "-p", "0,50,99"], &by_rows), wanted, "{form:?}");
        // And the state of all is the single run's, but for who read it.
        if round % 7 == 0 {
            let single = run(&[form, &["--state", "--source-id", "x"]].concat(), &whole);
            let merged = run(&["--merge", "--state"], &by_rows);
            let body = |state: &str| {
                let rows = state.lines().map(|row| {
                    let mut row: serde_json::Value = serde_json::from_str(row).unwrap();
                    let state = row["@state"].as_object_mut().unwrap();
                    ["of", "sources", "digest"].iter().for_each(|key| drop(state.remove(*key)));
                    row.to_string()
                });
                rows.collect::<Vec<_>>()
            };
            assert_eq!(body(&merged), body(&single), "{form:?}");
        }
    }
}

#[test]
fn a_lost_or_changed_row_is_seen_with_windows_and_aggregates() {
    let form = FORMS[1];
    let mut random = Random::new(4);
    let input: String = (0..60).map(|place| record(&mut random, place)).collect();
    let state = run(&[form, &["--state", "--source-id", "a"]].concat(), &input);
    let rows: Vec<&str> = state.lines().collect();
    assert!(rows.len() > 5);
    let refused = |text: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_percentile"));
        let output = feed(command.arg("--merge").env_remove("EVIDENCE_SEAL"), text.as_bytes());
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for (place, row) in rows.iter().enumerate() {
        let others = |with: &str| {
            rows.iter()
                .enumerate()
                .map(|(at, row)| format!("{}\n", if at == place { with } else { row }))
                .collect::<String>()
        };
        let (status, stderr) = refused(&others(""));
        assert!(status == Some(2) && stderr.contains("missing-source"), "{stderr}");
        let changed = row.replacen("\"taken\":", "\"taken\":1", 1);
        assert_ne!(&changed, row);
        let (status, stderr) = refused(&others(&changed));
        assert!(status == Some(2) && stderr.contains("digest-mismatch"), "{stderr}");
        let (status, stderr) = refused(&others(&format!("{row}\n{row}")));
        assert!(status == Some(2) && stderr.contains("duplicate-source"), "{stderr}");
    }
}

#[test]
fn long_lists_come_to_the_same_however_they_are_read() {
    let mut random = Random::new(8);
    let mut taken_apart = 0;
    for round in 0..testkit::times(200) as usize {
        let (parts, groups) = (1 + random.below(4), 1 + random.below(3));
        // Values that repeat, that are far apart, of several scales, and a group that is a sketch.
        let spread = [300, 40_000, 1 << 40][round % 3];
        let form: &[&str] =
            if round % 7 == 6 { &["-f", "ms", "-b", "op", "--sketch"] } else { &["-f", "ms", "-b", "op"] };
        let mut inputs = vec![String::new(); parts];
        for _ in 0..400 + random.below(3000) {
            let number = random.below(spread) as i64 - 50;
            let number = match random.below(50) {
                0 => format!("{number}.125"),
                1 => format!("{number}e-7"),
                _ => format!("{number}.5"),
            };
            let part = random.below(parts);
            inputs[part].push_str(&format!("{{\"op\":{},\"ms\":{number}}}\n", random.below(groups)));
        }
        let state = |(place, input): (usize, &String)| {
            let part = format!("{}/{parts}", place + 1);
            run(&[form, &["--state", "--part", &part]].concat(), input)
        };
        let states: String = inputs.iter().enumerate().map(state).collect();
        let wanted = run(&[form, &["-p", "0,1,50,99,100"]].concat(), &inputs.concat());
        assert_eq!(run(&["--merge", "-p", "0,1,50,99,100"], &states), wanted);
        // With a blank, a row is read as any JSON is.
        let plain = states.replace("\"steps\":[", "\"steps\": [");
        taken_apart += usize::from(plain != states);
        assert_eq!(run(&["--merge", "-p", "0,1,50,99,100"], &plain), wanted);
        assert_eq!(run(&["--merge", "--state"], &plain).len(), run(&["--merge", "--state"], &states).len());
        // One changed digit is seen by both.
        for text in [&states, &plain].into_iter().filter(|text| text.contains("steps")) {
            let at = text.find("steps").unwrap() + 30;
            let at = at + text[at..].find(|letter: char| ('0'..='8').contains(&letter)).unwrap();
            let digit = text.as_bytes()[at];
            let changed = format!("{}{}{}", &text[..at], char::from(digit + 1), &text[at + 1..]);
            let mut command = Command::new(env!("CARGO_BIN_EXE_percentile"));
            let output = feed(command.arg("--merge").env_remove("EVIDENCE_SEAL"), changed.as_bytes());
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.code() == Some(2) && stderr.contains("digest-mismatch"), "{stderr}");
        }
    }
    assert!(taken_apart > 1);
}
