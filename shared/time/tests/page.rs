//! The table of docs/stamps.md, every row run.
#![expect(clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use time::{Clock, DateOrder, Reading, Stamp};

/// The present of the page: stamps without a year lie before it.
const NOW: &str = "2026-03-06T12:00:00Z";

struct Row {
    place: String,
    line: String,
    options: Vec<String>,
    means: String,
}

fn rows() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/stamps.md");
    let page = std::fs::read_to_string(path).expect("the page is there");
    let mut rows = Vec::new();
    for (number, text) in page.lines().enumerate() {
        let cells: Vec<&str> = text.trim_matches('|').split(" | ").map(str::trim).collect();
        let [_, line, options, means] = cells.as_slice() else { continue };
        let Some(line) = line.strip_prefix('`').and_then(|line| line.strip_suffix('`')) else { continue };
        rows.push(Row {
            place: format!("docs/stamps.md:{}", number + 1),
            line: line.replace("\\t", "\t").replace("\\|", "|"),
            options: options.trim_matches('`').split_whitespace().map(str::to_owned).collect(),
            means: (*means).to_owned(),
        });
    }
    rows
}

fn clock(options: &[String]) -> Clock {
    let mut clock = Clock::new(TimeZone::UTC, NOW.parse().expect("a time"));
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let value = options.next().expect("an option has a value");
        match option.as_str() {
            "--tz" => clock.zone = TimeZone::get(value).expect("a zone"),
            "--date-order" => clock.order = Some(DateOrder::parse(value).expect("an order")),
            "--date" => clock.base = Some(value.parse().expect("a date")),
            "--time-format" => clock.format = Some(value.replace('_', " ")),
            other => panic!("{other} is no option of the page"),
        }
    }
    clock
}

fn shown(reading: &Reading) -> String {
    match reading {
        Reading::Stamp { stamp: Stamp::At(time) | Stamp::Maybe(time), .. } => time.to_string(),
        Reading::Stamp { stamp: Stamp::Between(from, to, _), .. } => format!("from {from} to {to}"),
        Reading::Stamp { stamp: Stamp::Refused(reason), .. } => format!("refused: {reason}"),
        Reading::Unreadable => "not read, and reported".to_owned(),
        Reading::Continues => "belongs to the line before".to_owned(),
        Reading::None | Reading::Stamp { stamp: Stamp::None, .. } => "no time".to_owned(),
    }
}

#[test]
fn every_row_is_what_it_says() {
    let rows = rows();
    assert!(rows.len() >= 200, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let found = shown(&clock(&row.options).line(row.line.as_bytes()));
        if found != row.means {
            wrong.push(format!(
                "{}: {:?} {:?}\n    page: {}\n    here: {found}",
                row.place, row.line, row.options, row.means
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn no_stamp_is_another_instant_in_another_zone_unless_it_has_none() {
    // What names its zone means the same everywhere: the rows whose reading does not need an option.
    for row in rows().iter().filter(|row| row.options.is_empty()) {
        let mut here = clock(&[]);
        here.zone = TimeZone::get("Asia/Kolkata").expect("a zone");
        let (Ok(said), Reading::Stamp { stamp: Stamp::At(found), .. }) =
            (row.means.parse::<Timestamp>(), here.line(row.line.as_bytes()))
        else {
            continue;
        };
        let apart = said.duration_since(found).as_secs();
        assert!(apart == 0 || apart == 19_800, "{}: {} or {found}", row.place, row.means);
    }
}
