//! The table for people: a row a group and field, three digits that count, and a mark where a figure cannot be told.
//!
//! Owns what is a column and how wide. Refuses to be wider than the terminal: what does not fit stands below, its groups
//! named again; and to print its head twice where nothing changed, since windows come one by one.

use std::collections::{HashMap, HashSet};

use expr::{Path, Unit};
use schema::{Object, Value};

use super::{path_below, plain};
use crate::plan::Plan;

/// What stands behind a figure that cannot be told.
const MARK: char = '?';

/// How wide the stamp of a window is, and a measured value with its unit.
const WINDOW: usize = 20;
const USUAL: usize = 6;

/// What stands behind the stamp of a window that came late: such a row is wider than its column.
const LATE: &str = " (late)";

/// The column that gives way where the others then stand in one line.
const SPARE: &str = "mean";

/// So many reasons of marks are printed at most.
const REASONS: usize = 5;

/// A table that may come in pieces.
#[derive(Debug, Default)]
pub struct Table {
    /// The head as it was printed last.
    head: Vec<String>,
    /// The columns of each part, as they were printed last.
    parts: Vec<Vec<usize>>,
    /// The width of each column.
    widths: Vec<usize>,
    /// The columns that are there only where they are not zero, and were once.
    told: HashSet<String>,
    /// The reasons that were printed.
    reasons: HashSet<String>,
}

impl Table {
    /// One row a group and field: the groups, the count, the percentiles; with its head, unless that stands above.
    pub fn text(
        &mut self,
        plan: &Plan,
        by: &[String],
        names: &[String],
        records: &[Object<'static>],
        width: usize,
    ) -> String {
        let several = names.len() > 1;
        let mut head: Vec<String> = by.to_vec();
        if several {
            head.push("field".to_owned());
        }
        let left = head.len();
        let summaries: Vec<Vec<(Option<&str>, &Object<'static>)>> =
            records.iter().map(|record| summaries(plan, names, record)).collect();
        for column in OPTIONAL {
            let is_there = |summary: &Object<'static>| {
                summary.get(column).and_then(Value::as_number).is_some_and(|number| number.as_str() != "0")
            };
            if summaries.iter().flatten().any(|(_, summary)| is_there(summary)) {
                self.told.insert(column.to_owned());
            }
        }
        let columns = self.columns(plan);
        let own: Vec<String> = plan.aggregates.iter().map(|aggregate| aggregate.name.dotted().to_owned()).collect();
        // What was asked for by name stands before what every summary has: a narrow table breaks on the right.
        let counts = columns.iter().take_while(|column| COUNTS.contains(&column.as_str())).count();
        let (counts, measures) = columns.split_at_checked(counts).unwrap_or((&columns, &[]));
        head.extend(counts.iter().chain(&own).chain(measures).cloned());
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut approximate = None;
        let mut reasons: Vec<String> = Vec::new();
        for (record, summaries) in records.iter().zip(&summaries) {
            let doubts = Doubts::of(record);
            for (name, summary) in summaries {
                let above = name.map(str::to_owned);
                let mut row: Vec<String> = by.iter().map(|name| front(record, name)).collect();
                if several {
                    row.push(above.clone().unwrap_or_default());
                }
                let unit = name.and_then(|name| Path::parse(name).ok()?.unit()).or(plan.unit);
                let mut cells = Vec::new();
                for column in &columns {
                    let value = summary.get(column).unwrap_or(&Value::Null);
                    let mut cell = if COUNTS.contains(&column.as_str()) { plain(value) } else { measured(value, unit) };
                    if let Some(reason) = doubts.get(&path_below(above.as_ref(), column)) {
                        cell.push(MARK);
                        reasons.push(reason);
                    }
                    cells.push(cell);
                }
                let measured = cells.split_off(counts.len().min(cells.len()));
                row.append(&mut cells);
                for name in &own {
                    let mut cell = record.get(name).map_or_else(|| "-".to_owned(), plain);
                    if let Some(reason) = doubts.get(name) {
                        cell.push(MARK);
                        reasons.push(reason);
                    }
                    row.push(cell);
                }
                row.extend(measured);
                approximate = approximate.or_else(|| summary.get("approximate").cloned());
                rows.push(row);
            }
        }
        let mut text = self.laid_out(head, &rows, left, width);
        for reason in reasons {
            if self.reasons.len() < REASONS && self.reasons.insert(reason.clone()) {
                text.push_str(&format!("{MARK} {reason}\n"));
            }
        }
        if let Some(error) = approximate.as_ref().and_then(|value| value.get("relative_error")) {
            let line = format!("approximate: within {} of each percentile\n", plain(error));
            if self.reasons.insert(line.clone()) {
                text.push_str(&line);
            }
        }
        text
    }

    /// The columns of a summary, those that say nothing left out.
    fn columns(&self, plan: &Plan) -> Vec<String> {
        let mut columns = vec!["count".to_owned()];
        columns
            .extend(OPTIONAL.iter().filter(|column| self.told.contains(**column)).map(|column| (*column).to_owned()));
        if plan.asked.sum {
            columns.push("sum".to_owned());
        }
        columns.push("mean".to_owned());
        for percentile in &plan.asked.percentiles {
            if plan.asked.sure.is_some() {
                columns.push(format!("{}_low", percentile.name));
            }
            columns.push(percentile.name.clone());
            if plan.asked.sure.is_some() {
                columns.push(format!("{}_high", percentile.name));
            }
        }
        columns.push("max".to_owned());
        columns
    }

    /// The rows below each other, in as many parts as the width asks for; the head where it is not the last one.
    fn laid_out(&mut self, head: Vec<String>, rows: &[Vec<String>], left: usize, width: usize) -> String {
        if self.head != head {
            // Of windows the widest cells are still to come.
            let first = head.first().is_some_and(|name| name == "window");
            let usual = |column: usize| match column {
                0 if first => WINDOW,
                _ if first && column >= left => USUAL,
                _ => 0,
            };
            let widths = head.iter().enumerate().map(|(column, cell)| cell.chars().count().max(usual(column)));
            self.widths = widths.collect();
        }
        for row in rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(cell.strip_suffix(LATE).unwrap_or(cell).chars().count());
            }
        }
        let mut parts = self.parts(left, width, None);
        if let Some(spare) = head.iter().skip(left).position(|name| name == SPARE).filter(|_| parts.len() > 1) {
            let fewer = self.parts(left, width, Some(left + spare));
            if fewer.len() == 1 {
                parts = fewer;
            }
        }
        // In parts the rows say nothing without their head.
        let is_new = self.head != head || self.parts != parts || parts.len() > 1;
        let lines = || is_new.then_some(&head).into_iter().chain(rows);
        let mut text = String::new();
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                text.push('\n');
            }
            for row in lines() {
                let mut line = String::new();
                for &column in part {
                    let (Some(cell), Some(&width)) = (row.get(column), self.widths.get(column)) else { continue };
                    let gap = if line.is_empty() { "" } else { "  " };
                    let blanks = " ".repeat(width.saturating_sub(cell.chars().count()));
                    line.push_str(&if column < left {
                        format!("{gap}{cell}{blanks}")
                    } else {
                        format!("{gap}{blanks}{cell}")
                    });
                }
                text.push_str(line.trim_end());
                text.push('\n');
            }
        }
        self.head = head;
        self.parts = parts;
        text
    }

    /// The columns of each part: the groups, and as many others as fit, at least one; without the column `spare`.
    fn parts(&self, left: usize, width: usize, spare: Option<usize>) -> Vec<Vec<usize>> {
        let wide = |columns: &[usize]| {
            columns.iter().filter_map(|&column| self.widths.get(column)).map(|width| width + 2).sum::<usize>()
        };
        let groups: Vec<usize> = (0..left).collect();
        let mut parts = vec![groups.clone()];
        for column in (left..self.widths.len()).filter(|column| Some(*column) != spare) {
            let Some(part) = parts.last_mut() else { continue };
            part.push(column);
            if wide(part) > width + 2 && part.len() > left + 1 {
                part.pop();
                parts.push(groups.iter().copied().chain([column]).collect());
            }
        }
        parts
    }
}

/// Columns that stand there only where one of them is not zero.
const OPTIONAL: [&str; 4] = ["missing", "invalid", "doubtful", "undecided"];

/// Columns that count, and are not measured.
const COUNTS: [&str; 5] = ["count", "missing", "invalid", "doubtful", "undecided"];

/// The summaries in a record, each with the name it stands under.
fn summaries<'r>(
    plan: &'r Plan,
    names: &'r [String],
    record: &'r Object<'static>,
) -> Vec<(Option<&'r str>, &'r Object<'static>)> {
    if !names.is_empty() {
        let known: HashSet<&str> = names.iter().map(String::as_str).collect();
        let named: Vec<_> = record
            .iter()
            .filter(|(key, _)| known.contains(key))
            .filter_map(|(key, value)| Some((Some(key), value.as_object()?)))
            .collect();
        if !named.is_empty() {
            return named;
        }
    }
    let under = plan.name.as_deref().and_then(|name| Some((Some(name), record.get(name)?.as_object()?)));
    vec![under.unwrap_or((None, record))]
}

/// What stands in front of a row: the value of a group, or a window, which may be late.
fn front(record: &Object<'static>, name: &str) -> String {
    let text = record.get(name).map_or_else(|| "-".to_owned(), plain);
    let is_late = name == "window" && record.get("late") == Some(&Value::Bool(true));
    if is_late { format!("{text}{LATE}") } else { text }
}

/// Why figures of a record cannot be told. What is known to its error is told below the table.
struct Doubts(HashMap<String, String>);

impl Doubts {
    fn of(record: &Object<'static>) -> Doubts {
        let unknown = record.get("@evidence").and_then(|evidence| evidence.get("unknown")?.as_list());
        let text =
            |entry: &Value<'_>, key: &str| entry.get(key).and_then(Value::as_text).unwrap_or_default().to_owned();
        let entries = unknown.into_iter().flatten().map(|entry| {
            let (code, detail) = (text(entry, "code"), text(entry, "detail"));
            let reason = if detail.is_empty() { code } else { format!("{code}: {detail}") };
            (text(entry, "path"), reason)
        });
        Doubts(entries.filter(|(_, reason)| !reason.starts_with("within-error")).collect())
    }

    fn get(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }
}

/// A measured value with three digits that count, and its unit.
fn measured(value: &Value<'_>, unit: Option<Unit>) -> String {
    let Some(number) = value.as_number().and_then(|number| number.to_f64()) else { return plain(value) };
    match unit {
        Some(unit) if unit.kind() == expr::Kind::Time => {
            let nanoseconds = number * factor(unit);
            let (word, size) = [("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9)]
                .into_iter()
                .rev()
                .find(|(_, size)| nanoseconds.abs() >= *size)
                .unwrap_or(("ns", 1.0));
            format!("{}{word}", three_digits(nanoseconds / size))
        }
        Some(unit) => format!("{}{}", three_digits(number), unit.written()),
        None => three_digits(number),
    }
}

fn factor(unit: Unit) -> f64 {
    let factor = unit.factor();
    factor.digits() as f64 * 10f64.powi(factor.exponent())
}

/// At least three digits that count; whole numbers keep all of theirs.
fn three_digits(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e15).contains(&size) {
        return format!("{number:.2e}");
    }
    let places = (2 - size.log10().floor() as i32).max(0) as usize;
    let text = format!("{number:.places$}");
    if number == number.trunc() && size >= 1.0 { format!("{number}") } else { text }
}
