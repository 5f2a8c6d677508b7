//! A check as people read it: the cells of its row, and the sentence below it. One form for all tools.
//!
//! Owns how a figure is written with its unit, and that a text can do nothing to a terminal. Refuses to round: two figures
//! that differ look different.

use std::borrow::Cow;
use std::collections::HashSet;

use expr::Decimal;
use schema::{Check, Code, Kind, Status, Value};

use crate::terminal::{Row, Style, Table};

/// The columns of a table of checks; those without a cell are left out.
const HEAD: [&str; 10] =
    ["OUTCOME", "GROUP", "CHECK", "VALUE", "LOW..HIGH", "BOUND", "MARGIN", "CHANGE", "N", "SOURCE"];

/// Columns of figures.
const FIGURES: [usize; 6] = [3, 4, 5, 6, 7, 8];

/// Columns that are left out where the rest does not fit: how many samples, from where, and how far from the bound.
const SPARE: [usize; 3] = [8, 9, 6];

/// Columns that go below their rows where nothing else gives way: the change from a baseline, and the interval.
const BELOW: [usize; 2] = [7, 4];

/// How many checks that passed a table lists; where there are more, it counts them.
const PASSED: usize = 20;

/// The longest cell.
const CELL: usize = 200;

/// Checks for people: a table that may come in pieces, what did not pass first.
#[derive(Debug)]
pub struct CheckTable {
    table: Table,
    rows: Vec<(Status, Row)>,
    /// The codes whose advice was given.
    advised: HashSet<Code>,
}

impl Default for CheckTable {
    fn default() -> CheckTable {
        let table = Table::new(&HEAD, &FIGURES, &SPARE).with_below(&BELOW);
        CheckTable { table, rows: Vec::new(), advised: HashSet::new() }
    }
}

impl CheckTable {
    /// Adds a check under `title`, of the group `group`; `more` is said below it, too.
    pub fn add(&mut self, check: &Check<'_>, title: &str, group: &str, more: &str) {
        let cell = |text: &str| clipped(&visible(text), CELL).into_owned();
        let word = if check.status == Status::Skip { "SKIP" } else { check.status.verdict() };
        let cells = vec![
            word.to_owned(),
            cell(group),
            cell(title),
            cell(&value(check)),
            cell(&interval(check)),
            cell(&bound(check)),
            cell(&margin(check)),
            check.change_words().unwrap_or_default(),
            check.samples.map_or_else(String::new, |samples| samples.to_string()),
            check.source.as_deref().map(cell).unwrap_or_default(),
        ];
        let mut note = self.note(check);
        if !more.is_empty() {
            note = if note.is_empty() { more.to_owned() } else { format!("{note}; {more}") };
        }
        let row = Row { cells, style: Style::Outcome(check.status), note: visible(&note).into_owned() };
        self.rows.push((check.status, row));
    }

    /// What the figures do not say: a message, a condition, or what to do; the advice of a code once.
    fn note(&mut self, check: &Check<'_>) -> String {
        let told = if check.op.is_empty() || check.reason != check.violation { check.reason.as_str() } else { "" };
        match (check.status, check.code) {
            (Status::Pass | Status::Skip, _) => String::new(),
            (Status::Inconclusive, Some(code)) => {
                // The id is in the row.
                let told = told.strip_prefix(&format!("{}: ", check.id)).unwrap_or(told);
                let first = self.advised.insert(code);
                match (told.is_empty() || told == code.name(), first) {
                    (true, true) => format!("{code}: {}: {}", code.meaning(), code.remedy()),
                    (true, false) => code.name().to_owned(),
                    (false, true) => format!("{told}: {}", code.remedy()),
                    (false, false) => told.to_owned(),
                }
            }
            _ => told.to_owned(),
        }
    }

    /// Whether nothing was added since it was shown.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows so far, those that did not pass first, of many that passed only their number; then none are left.
    pub fn show(&mut self, indent: &str, width: usize, colored: bool) -> String {
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_by_key(|(status, _)| std::cmp::Reverse(*status));
        let passed = rows.iter().filter(|(status, _)| *status <= Status::Pass).count();
        if passed > PASSED {
            rows.retain(|(status, _)| *status > Status::Pass);
        }
        let rows: Vec<Row> = rows.into_iter().map(|(_, row)| row).collect();
        let mut text = if rows.is_empty() { String::new() } else { self.table.render(&rows, indent, width, colored) };
        if passed > PASSED {
            let more = if rows.is_empty() { "" } else { " more" };
            text.push_str(&format!("{indent}… and {passed}{more} checks that passed\n"));
        }
        text
    }
}

/// How far the actual value is from the bound, with its unit; below 0 beyond it, and `""` where there is no such figure.
pub fn margin(check: &Check<'_>) -> String {
    let margin = check.margin.as_ref().filter(|margin| **margin != Value::Null);
    margin.map_or_else(String::new, |margin| Figures::of(check).shown(margin))
}

/// How the figures of a check are written.
#[derive(Clone, Copy)]
struct Figures<'c> {
    unit: &'c str,
    /// Whether they are shares that are written in percent, as their bound is.
    percent: bool,
}

impl<'c> Figures<'c> {
    fn of(check: &'c Check<'_>) -> Figures<'c> {
        let unit = match check.unit.as_str() {
            "pct" | "percent" => "%",
            "ratio" => "",
            unit => unit,
        };
        let line = check.threshold.as_deref().unwrap_or_default();
        // `errors / requests < 1%`; a share of something else, `110% * baseline`, is none.
        let is_share = |rest: &str| {
            let digits = rest.trim_start().trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
            let after = digits.trim_start().strip_prefix('%').map(str::trim_start);
            after.is_some_and(|after| !after.starts_with(['*', '/', '+', '-']))
        };
        let percent = unit.is_empty()
            && !check.op.is_empty()
            && line
                .match_indices(check.op.as_str())
                .any(|(at, _)| line.get(at + check.op.len()..).is_some_and(is_share));
        Figures { unit, percent }
    }

    /// A figure without its unit.
    fn bare(self, value: &Value<'_>) -> String {
        let share = value.as_number().filter(|_| self.percent).and_then(Decimal::from_number);
        match share.and_then(|share| share.times(Decimal::from(100u64))) {
            Some(percent) => percent.to_string(),
            None => plain(value),
        }
    }

    fn with_unit(self, text: String) -> String {
        match (self.percent, self.unit) {
            (true, _) => format!("{text} %"),
            (false, "") => text,
            (false, unit) => format!("{text} {unit}"),
        }
    }

    fn shown(self, value: &Value<'_>) -> String {
        let text = self.bare(value);
        if matches!(value, Value::Number(_)) { self.with_unit(text) } else { text }
    }
}

/// What was measured, with its unit; where the check compares with a baseline, behind what that has: `614 → 650 ms`.
pub fn value(check: &Check<'_>) -> String {
    match &check.before {
        Some(before) if check.actual.as_number().is_some() => {
            let figures = Figures::of(check);
            figures.with_unit(format!("{} → {}", figures.bare(before), figures.bare(&check.actual)))
        }
        _ => actual(check),
    }
}

/// What was measured, with its unit.
pub fn actual(check: &Check<'_>) -> String {
    if check.actual == Value::Null && check.op.is_empty() {
        return String::new();
    }
    Figures::of(check).shown(&check.actual)
}

/// What was asked for, as people write it: `<= 2000 us`, `in 1..5`.
pub fn bound(check: &Check<'_>) -> String {
    if check.op.is_empty() {
        return String::new();
    }
    let figures = Figures::of(check);
    let expected = match (check.kind, &check.expected) {
        (Kind::Range, Value::List(ends)) => {
            figures.with_unit(ends.iter().map(|end| figures.bare(end)).collect::<Vec<_>>().join(".."))
        }
        (_, expected) => figures.shown(expected),
    };
    format!("{} {expected}", check.op)
}

/// Between what the true figure lies, `171..240 at 95%`, where the threshold says how sure; an end that there is not, is left
/// out.
pub fn interval(check: &Check<'_>) -> String {
    let Some(interval) = &check.interval else { return String::new() };
    let figures = Figures::of(check);
    let end = |end: &Value<'_>| if *end == Value::Null { String::new() } else { short(figures.bare(end)) };
    let (low, high) = (end(&interval.low), end(&interval.high));
    let percent = if figures.percent { " %" } else { "" };
    let level = interval.sure.as_number().and_then(|level| level.to_f64()).unwrap_or_default() * 100.0;
    let runs = interval.runs.map_or(String::new(), |runs| format!(", {runs} runs"));
    let ends = if low.is_empty() && high.is_empty() { "no end".to_owned() } else { format!("{low}..{high}{percent}") };
    format!("{ends} at {}%{runs}", (level * 1e6).round() / 1e6)
}

/// A number to six digits.
fn short(text: String) -> String {
    match text.parse::<f64>() {
        Ok(number) if text.len() > 8 => {
            format!("{number:.5e}").parse::<f64>().map_or(text, |number| number.to_string())
        }
        _ => text,
    }
}

/// A value as people read it: numbers and words bare, text as it is, the rest as JSON; `?` where unknown.
pub fn plain(value: &Value<'_>) -> String {
    match value {
        Value::Null => "?".to_owned(),
        Value::Text(text) => text.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::List(_) | Value::Object(_) => {
            let mut text = Vec::new();
            schema::json::write(value, &mut text);
            String::from_utf8_lossy(&text).into_owned()
        }
    }
}

/// A text that can do nothing: control characters, and those that turn the direction of what follows, hide or have no
/// shape, stand as their numbers: `\u{202e}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(hides) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            letter if hides(letter) => shown.push_str(&format!("\\u{{{:x}}}", u32::from(letter))),
            letter => shown.push(letter),
        }
    }
    Cow::Owned(shown)
}

fn hides(letter: char) -> bool {
    matches!(letter,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}'
        | '\u{e0000}'..='\u{e0fff}')
        || u32::from(letter) & 0xfffe == 0xfffe
}

/// The first `limit` characters, with `…` where there are more.
pub fn clipped(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => Cow::Borrowed(text),
        Some(_) => {
            let end = text.char_indices().nth(limit.saturating_sub(1)).map_or(0, |(end, _)| end);
            Cow::Owned(format!("{}…", &text[..end]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::json;

    fn check(line: &str) -> Check<'static> {
        Check::from_value(&json::parse(line.as_bytes()).unwrap()).unwrap().into_owned()
    }

    #[test]
    fn shares_are_written_in_percent_where_their_bound_is() {
        let share = check(
            r#"{"id":"r","status":"fail","type":"max","op":"<","actual":0.0275,"expected":0.01,"unit":"","threshold":"errors / requests < 1%"}"#,
        );
        assert_eq!((value(&share).as_str(), bound(&share).as_str()), ("2.75 %", "< 1 %"));
        let part = check(
            r#"{"id":"p99_ms","status":"pass","type":"max","op":"<=","actual":650,"before":614,"expected":675.4,"unit":"ms","threshold":"p99_ms <= 110% * baseline"}"#,
        );
        assert_eq!((value(&part).as_str(), bound(&part).as_str()), ("614 → 650 ms", "<= 675.4 ms"));
        let plain = check(
            r#"{"id":"r","status":"pass","type":"max","op":"<=","actual":1,"expected":1.1,"unit":"","threshold":"r <= 110% * baseline"}"#,
        );
        assert_eq!(value(&plain), "1");
    }

    #[test]
    fn what_did_not_pass_is_first_and_many_that_passed_are_counted() {
        let mut table = CheckTable::default();
        for number in 0..21 {
            table.add(&check(&format!(r#"{{"id":"a{number}","status":"pass"}}"#)), &format!("a{number}"), "", "");
        }
        for id in ["b", "c"] {
            let line = format!(r#"{{"id":"{id}","status":"inconclusive","code":"missing","reason":"{id}: missing"}}"#);
            table.add(&check(&line), id, "", "");
        }
        let text = table.show("", 80, false);
        assert!(text.ends_with("… and 21 more checks that passed\n"), "{text}");
        // The advice of a code is given once.
        assert_eq!((text.matches("the evidence has no such value").count(), text.matches("missing").count()), (1, 2));
        assert!(table.is_empty() && table.show("", 80, false).is_empty());
    }
}
