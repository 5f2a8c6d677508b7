//! States of folds, merged in any order and any tree, are the single run's documents to the byte; what goes wrong on the way is
//! refused with its code.
#![expect(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use std::path::PathBuf;
use std::process::{Command, Output};

use testkit::{Random, feed};

fn tool(folder: &PathBuf, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_merge-evidence"));
    feed(command.args(arguments).arg("-q").current_dir(folder).env_remove("EVIDENCE_SEAL"), input.as_bytes())
}

fn run(folder: &PathBuf, arguments: &[&str], input: &str) -> String {
    let output = tool(folder, arguments, input);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What a merge of these rows is refused for.
fn refused(folder: &PathBuf, arguments: &[&str], rows: &str) -> String {
    let output = tool(folder, &[&["--merge"], arguments].concat(), rows);
    assert!(output.status.code() == Some(2) && output.stdout.is_empty(), "{rows}");
    String::from_utf8(output.stderr).unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("fold-states.{name}.{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A record; some lack what is asked of them, some declare it, some say a text.
fn record(random: &mut Random, place: usize) -> String {
    let time = format!("2026-03-05T20:{:02}:{:02}Z", place / 60 % 60, place % 60);
    let size = match random.below(12) {
        0 => "\"large\"".to_owned(),
        1 => "null".to_owned(),
        kind => format!("{}.{:02}", random.below(900) * kind, random.below(100)),
    };
    let ok = ["true", "false", "true", "7"][random.below(4)];
    let planned = if random.below(30) == 0 { ",\"@evidence\":{\"declared\":[\"user\"]}" } else { "" };
    let op = random.below(4);
    format!("{{\"ts\":\"{time}\",\"op\":\"{op}\",\"size\":{size},\"ok\":{ok},\"user\":{}{planned}}}\n", random.below(9))
}

const FORMS: [&[&str]; 4] = [
    &["-a", "n = count()", "-a", "bad = count(where ok == false)"],
    &["-b", "op", "-a", "n = count()", "-a", "total = sum(size)", "-a", "mean = mean(size)", "-a", "low = min(size)"],
    &[
        "-b",
        "op",
        "--where",
        "ok != 7",
        "-a",
        "high = max(user)",
        "-a",
        "users = distinct(user)",
        "-a",
        "down = any(not ok)",
    ],
    &["--where", "size > 100", "-b", "op", "-a", "share = count(where ok) / count()", "-a", "fine = all(ok)"],
];

#[test]
fn parts_merge_to_the_single_run() {
    let folder = folder("parts");
    let mut random = Random::new(20);
    for round in 0..testkit::times(400) as usize {
        let form = FORMS[round % FORMS.len()];
        let parts = 1 + random.below(5);
        let mut inputs = vec![String::new(); parts];
        for place in 0..parts + random.below(60) {
            // Each has one at least: an empty file has no format and is refused by the single run as well.
            let part = if place < parts { place } else { random.below(parts) };
            inputs[part].push_str(&record(&mut random, place * 7));
        }
        let names: Vec<String> = (0..parts).map(|part| format!("part{part}.jsonl")).collect();
        let mut states = Vec::new();
        for (name, input) in names.iter().zip(&inputs) {
            std::fs::write(folder.join(name), input).unwrap();
            states.push(run(&folder, &[form, &["--state", name]].concat(), ""));
        }
        let paths: Vec<&str> = names.iter().map(String::as_str).collect();
        let whole = run(&folder, &[form, &paths].concat(), "");
        let all = states.concat();
        let mut rows: Vec<&str> = all.lines().collect();
        while states.len() > 1 {
            let one = states.swap_remove(random.below(states.len()));
            let other = states.swap_remove(random.below(states.len()));
            states.push(run(&folder, &["--merge", "--state"], &(other + &one)));
        }
        assert_eq!(run(&folder, &["--merge"], &states.concat()), whole, "{form:?} as a tree");
        for at in (1..rows.len()).rev() {
            rows.swap(at, random.below(at + 1));
        }
        let shuffled: String = rows.iter().map(|row| format!("{row}\n")).collect();
        assert_eq!(run(&folder, &["--merge", "--expect", &parts.to_string()], &shuffled), whole, "{form:?} shuffled");
        // A row that is lost, that came twice, or of which one digit was changed.
        let at = random.below(rows.len());
        let others = |with: &str| -> String {
            rows.iter().enumerate().map(|(place, row)| format!("{}\n", if place == at { with } else { row })).collect()
        };
        assert!(refused(&folder, &["--expect", &parts.to_string()], &others("")).contains("missing-source"));
        assert!(refused(&folder, &[], &others(&format!("{0}\n{0}", rows[at]))).contains("duplicate-source"));
        let digits: Vec<usize> =
            rows[at].match_indices(|digit: char| digit.is_ascii_digit()).map(|found| found.0).collect();
        let body = rows[at].find("\"written\"").map_or(rows[at].len(), |written| written);
        let digit = digits[random.below(digits.iter().filter(|&&place| place < body).count())];
        let mut changed = rows[at].as_bytes().to_vec();
        changed[digit] = b'0' + (changed[digit] - b'0' + 1) % 10;
        let stderr = refused(&folder, &[], &others(std::str::from_utf8(&changed).unwrap()));
        assert!(["digest-mismatch", "state", "JSON number"].iter().any(|word| stderr.contains(word)), "{stderr}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_may_not_be_merged_is_refused() {
    let folder = folder("refused");
    let lines = "{\"op\":\"a\",\"n\":1}\n{\"op\":\"b\",\"n\":2}\n";
    std::fs::write(folder.join("one"), lines).unwrap();
    std::fs::write(folder.join("again"), lines).unwrap();
    std::fs::write(folder.join("two"), "{\"op\":\"a\",\"n\":3}\n").unwrap();
    let state = |arguments: &[&str]| run(&folder, &[&["--state"], arguments].concat(), "");
    let one = state(&["-a", "n = sum(n)", "--source-id", "web1", "one"]);
    let again = state(&["-a", "n = sum(n)", "--source-id", "web2", "again"]);
    let two = state(&["-a", "n = sum(n)", "--source-id", "web2", "two"]);
    let other = state(&["-a", "n = max(n)", "--source-id", "web2", "two"]);
    let chosen = state(&["-a", "n = sum(n)", "--where", "n > 1", "--source-id", "web2", "two"]);
    let grouped = state(&["-a", "n = sum(n)", "-b", "op", "--source-id", "web2", "two"]);
    let both = one.clone() + &two;
    assert!(run(&folder, &["--merge"], &both).starts_with("{\"n\":6,"));
    for (rows, more, words) in [
        (one.clone() + &again, &[][..], "duplicate-source: \"web1\" and \"web2\" read the same input"),
        (one.clone() + &other, &[], "not-mergeable: the states were folded with different aggregates"),
        (one.clone() + &chosen, &[], "different where"),
        (one.clone() + &grouped, &[], "different by"),
        (both.clone(), &["--expect", "web[1..3]"], "missing-source: web3"),
        (both.clone(), &["--expect", "web1"], "unexpected-source: web2"),
        ("{\"n\":1}\n".to_owned(), &[], "not-mergeable: the record is not a state"),
        (String::new(), &[], "no-records"),
    ] {
        let stderr = refused(&folder, more, &rows);
        assert!(stderr.contains(words), "{stderr}, {words}");
    }
    assert!(run(&folder, &["--merge", "--allow-equal"], &(one.clone() + &again)).starts_with("{\"n\":6,"));
    for arguments in [
        &["--state", "-a", "n = last(n)", "one"][..],
        &["--state", "one"],
        &["--state", "-a", "n = count()", "x=one"],
        &["--merge", "-a", "n = count()", "one"],
    ] {
        assert_eq!(tool(&folder, arguments, "").status.code(), Some(2), "{arguments:?}");
    }
    // A state of yesterday puts what it went into in doubt.
    let old = state(&["-a", "n = sum(n)", "--source-id", "web1", "--now", "2026-03-04T12:00:00Z", "one"]);
    let new = state(&["-a", "n = sum(n)", "--source-id", "web2", "--now", "2026-03-05T12:00:00Z", "two"]);
    let merged = run(&folder, &["--merge", "--newer-than", "1h", "--now", "2026-03-05T12:30:00Z"], &(old + &new));
    assert!(merged.contains("\"path\":\"n\",\"code\":\"stale\""), "{merged}");
    std::fs::remove_dir_all(folder).unwrap();
}
