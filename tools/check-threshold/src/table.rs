//! Checks for people: a table for each record, in columns.
//!
//! Owns the words and widths. Refuses to wait for the end: a stream may have none, so each record is shown when it is
//! judged.

use schema::{Check, Status, Value, json};

/// The columns: outcome, check, value, bound, margin, samples, source, and why.
const COLUMNS: usize = 8;

/// Columns of figures stand to the right.
const FIGURES: [usize; 3] = [2, 4, 5];

/// The checks of one record, until they are shown.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<[String; COLUMNS]>,
    shown: bool,
    /// The widest cell of each column so far, so that records stand below each other.
    widths: [usize; COLUMNS],
}

impl Table {
    /// Adds a check.
    pub fn add(&mut self, check: &Check<'_>) {
        let scope = if check.scope.is_empty() { String::new() } else { format!("{}: ", check.scope) };
        let unit = unit(check);
        let compared = !check.op.is_empty();
        let known = |value: &Value<'_>| !matches!(value, Value::Null);
        let figure =
            |value: &Value<'_>, shown: bool| if shown && known(value) { with_unit(value, unit) } else { String::new() };
        let bound = figure(&check.expected, compared);
        let word = if check.status == Status::Skip { "SKIP" } else { check.status.verdict() };
        self.rows.push([
            word.to_owned(),
            format!("{scope}{}", check.id),
            figure(&check.actual, compared),
            if bound.is_empty() { String::new() } else { format!("{} {bound}", check.op) },
            check.margin.as_ref().map_or_else(String::new, |margin| with_unit(margin, unit)),
            check.samples.map_or_else(String::new, |samples| samples.to_string()),
            check.source.clone().unwrap_or_default(),
            why(check),
        ]);
    }

    /// The rows so far, below their heads the first time; then none are left.
    pub fn show(&mut self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let mut rows = std::mem::take(&mut self.rows);
        if !self.shown {
            self.shown = true;
            let heads = ["OUTCOME", "CHECK", "VALUE", "BOUND", "MARGIN", "N", "SOURCE", "WHY"];
            rows.insert(0, heads.map(str::to_owned));
        }
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = String::new();
        for row in &rows {
            let mut line = String::new();
            for ((column, cell), width) in row.iter().enumerate().zip(&self.widths) {
                let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
                if FIGURES.contains(&column) {
                    line.push_str(&pad);
                    line.push_str(cell);
                } else {
                    line.push_str(cell);
                    line.push_str(&pad);
                }
                line.push_str("  ");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// What the figures do not say: a message, a condition, or what to mend.
fn why(check: &Check<'_>) -> String {
    match (check.status, check.code) {
        (Status::Inconclusive, Some(code)) if check.violation.is_empty() => {
            format!("{code}: {}: {}", code.meaning(), code.remedy())
        }
        (Status::Pass | Status::Skip, _) => String::new(),
        _ if check.reason == check.violation && !check.op.is_empty() => String::new(),
        _ => check.reason.clone(),
    }
}

/// The letters behind a number.
fn unit<'c>(check: &'c Check<'_>) -> &'c str {
    match check.unit.as_str() {
        "pct" => "%",
        "bytes" => "B",
        "ratio" => "",
        unit => unit,
    }
}

fn with_unit(value: &Value<'_>, unit: &str) -> String {
    let mut out = Vec::new();
    json::write(value, &mut out);
    let text = String::from_utf8_lossy(&out);
    if matches!(value, Value::Number(_)) { format!("{text}{unit}") } else { text.into_owned() }
}
