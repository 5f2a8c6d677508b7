//! A check as people read it: the cells of its row, and the sentence below it. One form for all tools.
//!
//! Owns how a figure is written with its unit, and that a text can do nothing to a terminal. Rounds a long figure, but refuses
//! to make two figures of a check look equal that differ, or in the other order; the exact ones are in the JSON document.

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

/// What was measured is shown as it is up to so many digits that count, a bound, which people wrote, up to more.
const MEASURED: usize = 6;
const ASKED: usize = 9;

/// With how many digits a longer one is shown, where that tells it from the others; digits before the point are never left out.
const ROUNDED: i32 = 4;
/// A document has no more digits than these.
const MOST: i32 = 40;

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
                    // What to do is said already.
                    (false, true) if names_a_way(told) => told.to_owned(),
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

/// Whether a reason says what to do: an option, the variable, or which tool to use.
fn names_a_way(reason: &str) -> bool {
    [" --", "EVIDENCE_SEAL=1", ": put ", "; put ", "kv-extract turns", "the command before"]
        .iter()
        .any(|word| reason.contains(word))
}

/// How far the actual value is from the bound, with its unit; below 0 beyond it, and `""` where there is no such figure.
pub fn margin(check: &Check<'_>) -> String {
    let margin = check.margin.as_ref().filter(|margin| **margin != Value::Null);
    let figures = Figures::of(check);
    margin.map_or_else(String::new, |margin| figures.shown(margin, figures.measured))
}

/// How the figures of a check are written.
#[derive(Clone, Copy)]
struct Figures<'c> {
    unit: &'c str,
    /// Whether they are shares that are written in percent, as their bound is.
    percent: bool,
    /// How many digits a long one has.
    digits: i32,
    /// Up to how many digits one that was measured is shown as it is.
    measured: usize,
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
        let figures = Figures { unit, percent, digits: ROUNDED, measured: MEASURED };
        // As many digits as tell the figures of the check apart, in their order.
        let mut all: Vec<(Decimal, usize)> = Vec::new();
        let mut add = |value: &Value<'_>, exact| all.extend(figures.decimal(value).map(|decimal| (decimal, exact)));
        add(&check.actual, MEASURED);
        if let Some(before) = &check.before {
            add(before, MEASURED);
        }
        if let Some(interval) = &check.interval {
            add(&interval.low, MEASURED);
            add(&interval.high, MEASURED);
        }
        match &check.expected {
            Value::List(ends) => ends.iter().for_each(|end| add(end, ASKED)),
            expected => add(expected, ASKED),
        }
        // Where one that was measured is long, all are shown alike.
        let measured = if all.iter().any(|&(figure, exact)| exact == MEASURED && is_long(figure, exact)) {
            ROUNDED as usize
        } else {
            MEASURED
        };
        all.iter_mut().filter(|(_, exact)| *exact == MEASURED).for_each(|(_, exact)| *exact = measured);
        let tells_apart = |digits: &i32| {
            let shown: Vec<Decimal> = all.iter().map(|&(figure, exact)| rounded(figure, exact, *digits)).collect();
            let pairs = |list: &[Decimal]| -> Vec<_> {
                list.iter().enumerate().flat_map(|(at, a)| list.iter().skip(at + 1).map(move |b| a.cmp(b))).collect()
            };
            pairs(&shown) == pairs(&all.iter().map(|(figure, _)| *figure).collect::<Vec<_>>())
        };
        Figures { digits: (ROUNDED..MOST).find(tells_apart).unwrap_or(MOST), measured, ..figures }
    }

    /// The figure that is shown, all its digits.
    fn decimal(self, value: &Value<'_>) -> Option<Decimal> {
        let decimal = value.as_number().and_then(Decimal::from_number)?;
        if self.percent { decimal.times(Decimal::from(100u64)) } else { Some(decimal) }
    }

    /// A figure without its unit, as it is up to `exact` digits.
    fn bare(self, value: &Value<'_>, exact: usize) -> String {
        match self.decimal(value) {
            // The number's own text, where nothing is done to it.
            Some(decimal) if self.percent || rounded(decimal, exact, self.digits) != decimal => {
                rounded(decimal, exact, self.digits).to_string()
            }
            _ => plain(value),
        }
    }

    fn with_unit(self, text: String) -> String {
        match (self.percent, self.unit) {
            (true, _) => format!("{text} %"),
            (false, "") => text,
            (false, unit) => format!("{text} {unit}"),
        }
    }

    fn shown(self, value: &Value<'_>, exact: usize) -> String {
        let text = self.bare(value, exact);
        if matches!(value, Value::Number(_)) { self.with_unit(text) } else { text }
    }
}

/// Whether `figure` has digits after the point and more than `exact` in all.
fn is_long(figure: Decimal, exact: usize) -> bool {
    figure.exponent() < 0 && figure.digits().unsigned_abs().checked_ilog10().unwrap_or(0) as usize >= exact
}

/// `figure` to `digits` digits that count, where it has more than `exact`; those before the point are all kept.
fn rounded(figure: Decimal, exact: usize, digits: i32) -> Decimal {
    let places = (digits - figure.magnitude()).max(0);
    let half = Decimal::new(5, -places - 1);
    match half.and_then(|half| figure.abs().plus(half)).filter(|_| is_long(figure, exact)) {
        Some(above) if figure.signum() < 0 => -above.floor_to(places),
        Some(above) => above.floor_to(places),
        None => figure,
    }
}

/// Up to how many digits a figure in a sentence is shown as it is, and to how many a longer one.
const SAID: usize = 9;
const SAID_ROUNDED: i32 = 6;

/// A reason whose long fractions are rounded; as it is where two figures that differ would look alike.
pub fn rounded_figures(reason: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut pairs: Vec<(Decimal, Decimal)> = Vec::new();
    let (mut at, mut copied) = (0, 0);
    let bytes = reason.as_bytes();
    while let Some(start) =
        bytes.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_digit)).map(|step| at + step)
    {
        let rest = bytes.get(start..).unwrap_or_default();
        let length = rest.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.').unwrap_or(rest.len());
        at = start + length;
        let before = start.checked_sub(1).and_then(|before| bytes.get(before));
        let stands_alone = before.is_none_or(|byte| b" =<>(,+-".contains(byte))
            && !matches!(bytes.get(at), Some(b'e' | b'E' | b':' | b'-'));
        let figure = reason.get(start..at).filter(|_| stands_alone).and_then(Decimal::parse);
        if let Some(figure) = figure {
            let short = rounded(figure, SAID, SAID_ROUNDED);
            pairs.push((figure, short));
            if short != figure {
                shown.push_str(reason.get(copied..start).unwrap_or_default());
                shown.push_str(&short.to_string());
                copied = at;
            }
        }
    }
    let alike = |place: usize, (a, short): &(Decimal, Decimal)| {
        pairs.iter().skip(place + 1).any(|(b, other)| a != b && short == other)
    };
    if copied == 0 || pairs.iter().enumerate().any(|(place, pair)| alike(place, pair)) {
        return Cow::Borrowed(reason);
    }
    shown.push_str(reason.get(copied..).unwrap_or_default());
    Cow::Owned(shown)
}

/// What was measured, with its unit; where the check compares with a baseline, behind what that has: `614 → 650 ms`.
pub fn value(check: &Check<'_>) -> String {
    match &check.before {
        Some(before) if check.actual.as_number().is_some() => {
            let figures = Figures::of(check);
            figures.with_unit(format!(
                "{} → {}",
                figures.bare(before, figures.measured),
                figures.bare(&check.actual, figures.measured)
            ))
        }
        _ => actual(check),
    }
}

/// What was measured, with its unit.
pub fn actual(check: &Check<'_>) -> String {
    if check.actual == Value::Null && check.op.is_empty() {
        return String::new();
    }
    let figures = Figures::of(check);
    figures.shown(&check.actual, figures.measured)
}

/// What was asked for, as people write it: `<= 2000 us`, `in 1..5`.
pub fn bound(check: &Check<'_>) -> String {
    if check.op.is_empty() {
        return String::new();
    }
    let figures = Figures::of(check);
    let expected = match (check.kind, &check.expected) {
        (Kind::Range, Value::List(ends)) => {
            figures.with_unit(ends.iter().map(|end| figures.bare(end, ASKED)).collect::<Vec<_>>().join(".."))
        }
        (_, expected) => figures.shown(expected, ASKED),
    };
    format!("{} {expected}", check.op)
}

/// Between what the true figure lies, `171..240 at 95%`, where the threshold says how sure; an end that there is not, is left
/// out.
pub fn interval(check: &Check<'_>) -> String {
    let Some(interval) = &check.interval else { return String::new() };
    let figures = Figures::of(check);
    let end = |end: &Value<'_>| if *end == Value::Null { String::new() } else { figures.bare(end, figures.measured) };
    let (low, high) = (end(&interval.low), end(&interval.high));
    let percent = if figures.percent { " %" } else { "" };
    let level = interval.sure.as_number().and_then(|level| level.to_f64()).unwrap_or_default() * 100.0;
    let runs = interval.runs.map_or(String::new(), |runs| format!(", {runs} runs"));
    let ends = if low.is_empty() && high.is_empty() { "no end".to_owned() } else { format!("{low}..{high}{percent}") };
    format!("{ends} at {}%{runs}", (level * 1e6).round() / 1e6)
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
    fn figures_of_a_reason_are_rounded_where_that_tells_them_apart() {
        for (reason, shown) in [
            ("ms.mean=502.3270588235294 > 104.795058823529404", "ms.mean=502.327 > 104.795"),
            ("-6.60000000001% .. 0.31% at 95%", "-6.6% .. 0.31% at 95%"),
            ("a=0.33333333333333331 > 0.333333", "a=0.33333333333333331 > 0.333333"),
            ("a=1772742732.123456789 > 1", "a=1772742732 > 1"),
            (
                "version 1.2.3333333333, v0.1234567890123, 20:32:12.123456789",
                "version 1.2.3333333333, v0.1234567890123, 20:32:12.123456789",
            ),
            ("1.5e-7000000000 and 12345678901", "1.5e-7000000000 and 12345678901"),
        ] {
            assert_eq!(rounded_figures(reason), shown);
        }
    }

    #[test]
    fn a_long_figure_is_rounded_and_never_to_its_bound() {
        let shown = |actual: &str, expected: &str| {
            let check = check(&format!(
                r#"{{"id":"r","status":"fail","type":"max","op":"<=","actual":{actual},"expected":{expected},"unit":"","threshold":"a / b <= 1%"}}"#
            ));
            format!("{} {}", value(&check), bound(&check))
        };
        assert_eq!(shown("0.00059964021587047771", "0.001"), "0.05996 % <= 0.1 %");
        assert_eq!(shown("0.00100000021587047771", "0.001"), "0.10000002 % <= 0.1 %");
        assert_eq!(shown("0.00099999999987047771", "0.001"), "0.09999999999 % <= 0.1 %");
        assert_eq!(shown("-0.00099999999987047771", "-0.001"), "-0.09999999999 % <= -0.1 %");
        assert_eq!(shown("12345.678912345", "1"), "1234568 % <= 100 %");
        let ms = check(
            r#"{"id":"r","status":"pass","type":"max","op":"<=","actual":95.285714285714286,"before":95.2857,"expected":104.81427,"margin":9.528555714285714,"unit":"ms","threshold":"mean_ms <= 110% * baseline"}"#,
        );
        assert_eq!((value(&ms).as_str(), bound(&ms).as_str()), ("95.2857 → 95.28571 ms", "<= 104.81427 ms"));
        let whole = check(
            r#"{"id":"r","status":"pass","type":"max","op":"<=","actual":123456789,"expected":123456790,"unit":"","threshold":"r <= 123456790"}"#,
        );
        assert_eq!(value(&whole), "123456789");
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
