//! The audit of readers: what every format must have, from the one list of their words; and that no damage to a report
//! of failures makes it one of success.
//!
//! Dev-only.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::facts::{Content, Facts};
use crate::readers::{self, Format};
use crate::tests::fuzz::FUZZED;

fn cases() -> PathBuf {
    testkit::root().join("testdata/merge-evidence")
}

/// Where the broken inputs of a format are: a folder, and how their names begin.
fn broken(word: &str) -> (String, String) {
    match word {
        "csv" | "tsv" => ("broken-tables".to_owned(), format!("{word}-")),
        "json" | "jsonl" | "evidence" => ("broken-documents".to_owned(), format!("{word}-")),
        "prometheus" => ("broken-prometheus-scrape".to_owned(), String::new()),
        "robot" | "ctest" | "catch2" | "gtest" | "pytest-json" | "go-test" => {
            ("broken-test-reports".to_owned(), format!("{}-", word.trim_end_matches("-test")))
        }
        _ if cases().join(format!("broken-{word}")).exists() => (format!("broken-{word}"), String::new()),
        _ => (word.to_owned(), "broken-".to_owned()),
    }
}

#[test]
fn every_format_has_a_fuzz_function() {
    for word in Format::words() {
        assert!(FUZZED.contains(&word), "{word}");
    }
}

#[test]
fn every_format_has_cases_with_broken_inputs() {
    for word in Format::words() {
        let (folder, prefix) = broken(word);
        let folder = cases().join(folder);
        let stdout = std::fs::read_to_string(folder.join("stdout")).unwrap_or_default();
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            names.push(entry.unwrap().file_name().into_string().unwrap());
        }
        let mut seen = 0;
        for name in names.iter().filter(|name| name.contains('.') && name.starts_with(&prefix)) {
            let is_head = |line: &str| names.iter().any(|name| line.trim_start_matches("== ") == name);
            let mut lines = stdout.lines().skip_while(|line| line.trim_start_matches("== ") != name).skip(1);
            let said: Vec<&str> = lines.by_ref().take_while(|line| !is_head(line)).collect();
            let refused = said.iter().any(|line| line.starts_with("merge-evidence: "));
            // Unknown, or a text that no comparison of numbers takes, or a run that failed.
            let words = [" = ?", "\"code\":", " = \"many\"", " = \"n/a\"", "ok = false"];
            let doubted = said.iter().any(|line| words.iter().any(|word| line.contains(word)));
            assert!(refused || doubted, "{word}: {name} is broken, and nothing is said of it");
            seen += 1;
        }
        assert!(seen >= 2, "{word}: {seen} broken inputs in {}", folder.display());
    }
}

#[test]
fn every_format_is_on_its_pages() {
    let page = |path: &str| std::fs::read_to_string(testkit::root().join(path)).unwrap();
    let readme = page("tools/merge-evidence/README.md");
    let reports = page("docs/reports.md");
    // The first cell of each row of a table, and its other cells.
    let rows = |page: &str| -> Vec<(String, Vec<String>)> {
        let rows = page.lines().filter(|line| line.starts_with("| "));
        rows.map(|row| {
            let mut cells = row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned());
            (cells.next().unwrap_or_default(), cells.collect())
        })
        .collect()
    };
    let (readme, reports) = (rows(&readme), rows(&reports));
    for word in Format::words() {
        let named = |cell: &str| cell.split(' ').any(|name| name == format!("`{word}`"));
        assert!(readme.iter().any(|(cell, _)| named(cell)), "{word} has no row in the README's table of formats");
        // Source and version, unit, what a rate is per, whether failures are in the times.
        let meaning = reports.iter().find(|(cell, rest)| named(cell) && rest.len() == 4);
        let (_, cells) = meaning.unwrap_or_else(|| panic!("{word} has no row in docs/reports.md, Every format"));
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{word}: {cells:?}");
        let versioned = cells.first().is_some_and(|cell| cell.chars().any(|letter| letter.is_ascii_digit()));
        assert!(versioned || ["json", "jsonl", "csv", "tsv"].contains(&word), "{word}: no version: {cells:?}");
    }
}

/// Where the numbers of a text begin: digits that no letter stands beside.
fn numbers(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let within =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let mut found = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        let begins = byte.is_ascii_digit() && !within(at.checked_sub(1).and_then(|before| bytes.get(before)));
        let end = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count() + at;
        if begins && !bytes.get(end).is_some_and(u8::is_ascii_alphabetic) && at >= 12 && text.is_char_boundary(at - 12)
        {
            found.push(at);
        }
    }
    found
}

/// What a report says of failures, as a gate would read it: `failed`, and `ok`; none where that is unknown.
fn gates(facts: &Facts<'_>) -> [Option<bool>; 2] {
    let Content::One(value) = &facts.content else { return [None, None] };
    let doubted = |key: &str| {
        let covers = |steps: &[String]| steps.is_empty() || steps.first().is_some_and(|step| step == key);
        facts.doubts.iter().any(|doubt| covers(&doubt.steps))
    };
    let failed = value.get("failed").and_then(schema::Value::as_number).and_then(schema::Number::to_f64);
    let ok = match value.get("ok") {
        Some(schema::Value::Bool(ok)) => Some(*ok),
        _ => None,
    };
    [failed.map(|failed| failed == 0.0).filter(|_| !doubted("failed")), ok.filter(|_| !doubted("ok"))]
}

/// Lines that a tool writes only where something failed, and what else a report can lose without a trace: its page names
/// the exit status as the gate.
const TRACELESS: [&str; 6] =
    ["Non-2xx", "Write errors:", "Socket errors:", "FAIL\t", "<!-- fail", "number of transactions skipped"];

#[test]
fn no_damage_to_a_report_of_failures_makes_it_one_of_success() {
    let mut random = testkit::Random::new(18);
    let mut faults: BTreeMap<String, String> = BTreeMap::new();
    let (mut reports, mut damaged) = (0, 0);
    for folder in std::fs::read_dir(cases()).unwrap() {
        let Ok(files) = std::fs::read_dir(folder.unwrap().path()) else { continue };
        for file in files {
            let path = file.unwrap().path();
            if path.extension().is_none() {
                continue;
            }
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let Ok(whole) = readers::read(text.as_bytes(), None, false) else { continue };
            let failing = gates(&whole.facts).contains(&Some(false));
            // A row of samples that is gone leaves no trace: those formats say so on their page.
            let rows = path.extension().is_some_and(|ending| ending == "csv" || ending == "log");
            // A package is a part of its own, and a subtest may begin after all that was planned.
            let parts = matches!(whole.facts.format, "go-test" | "tap");
            if !failing || rows || matches!(whole.facts.format, "json" | "csv" | "tsv" | "evidence") {
                continue;
            }
            reports += 1;
            let mut check = |kind: &str, text: &str| {
                damaged += 1;
                let Ok(reading) = readers::read(text.as_bytes(), None, false) else { return };
                if gates(&reading.facts).contains(&Some(true)) {
                    let place = format!("{}: {kind}", path.strip_prefix(cases()).unwrap().display());
                    faults.entry(place).or_insert_with(|| text.to_owned());
                }
            };
            for (at, line) in text.split_inclusive('\n').scan(0, |at, line| {
                *at += line.len();
                Some((*at, line))
            }) {
                if !parts {
                    check("cut", &text[..at]);
                }
                if !line.trim().is_empty() && !TRACELESS.iter().any(|start| line.trim_start().starts_with(start)) {
                    check(&format!("without {}", line.trim()), &[&text[..at - line.len()], &text[at..]].concat());
                }
            }
            for _ in 0..testkit::times(2_000) {
                let at = random.below(text.len().max(1));
                if text.is_char_boundary(at) && !parts {
                    check("cut", &text[..at]);
                }
            }
            let numbers = numbers(&text);
            let few = numbers.len() < 400;
            for at in numbers.into_iter().filter(|_| few || random.once_in(4)) {
                let comment = text[..at].ends_with("<!-- fail ");
                if !comment {
                    let around: String = text[at.saturating_sub(12)..].chars().take(24).collect();
                    check(&format!("x for a digit of {around:?}"), &[&text[..at], "x", &text[at + 1..]].concat());
                }
            }
        }
    }
    let shown: Vec<&String> = faults.keys().take(40).collect();
    assert!(faults.is_empty(), "{} of {damaged}: {shown:#?}", faults.len());
    assert!(reports > 20, "{reports}");
}
