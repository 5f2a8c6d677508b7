//! The text format of Prometheus, for node_exporter's textfile collector.
//!
//! Owns the metric names and the labels that tell one verdict from another; refuses a timestamp on a sample (the collector rejects those): when it was made is a metric
//! of its own, so that an old file can be alerted on.

use std::collections::HashMap;

use jiff::Timestamp;
use schema::{Check, Status, Value, Verdict};

use super::{all_rows, decision, plain, visible};

/// Labels of our own, which no other may hide.
const OWN: [&str; 5] = ["verdict", "status", "group", "check", "unit"];

/// The whole file. Every sample has `labels`, else what `--set` gave: a collector drops one of two samples that are alike.
pub fn render(verdict: &Verdict<'static>, labels: &[(String, String)]) -> String {
    let mut out = String::new();
    let common = common(verdict, labels);
    let with = |own: &str| match (common.is_empty(), own.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("{{{own}}}"),
        (false, true) => format!("{{{common}}}"),
        (false, false) => format!("{{{common},{own}}}"),
    };
    let decided = decision(verdict).status.verdict();
    family(&mut out, "verdict_state", "1 for the verdict that was reached, 0 for the others.");
    for status in [Status::Pass, Status::Warn, Status::Inconclusive, Status::Fail] {
        let is = u8::from(status.verdict() == decided);
        out.push_str(&format!("verdict_state{} {is}\n", with(&format!("verdict=\"{}\"", status.verdict()))));
    }
    family(&mut out, "verdict_exit_code", "0 for PASS and WARN, 1 for FAIL, 3 for INCONCLUSIVE.");
    out.push_str(&format!("verdict_exit_code{} {}\n", with(""), verdict.recommended_exit_code));
    if let Ok(time) = verdict.generated_at.parse::<Timestamp>() {
        family(&mut out, "verdict_timestamp_seconds", "When the verdict was made, in seconds since 1970.");
        out.push_str(&format!("verdict_timestamp_seconds{} {}\n", with(""), time.as_second()));
    }
    let counts = &verdict.counts.checks;
    family(&mut out, "verdict_checks", "How many checks came to what.");
    for (word, count) in [
        ("pass", counts.pass),
        ("warn", counts.warn),
        ("inconclusive", counts.inconclusive),
        ("fail", counts.fail),
        ("skip", counts.skip),
    ] {
        out.push_str(&format!("verdict_checks{} {count}\n", with(&format!("status=\"{word}\""))));
    }
    if !verdict.groups.is_empty() {
        family(&mut out, "verdict_group_exit_code", "The same for each group.");
        for group in &verdict.groups {
            let status = Status::from_verdict(&group.verdict).unwrap_or(Status::Inconclusive);
            let own = with(&format!("group=\"{}\"", label(&group.id)));
            out.push_str(&format!("verdict_group_exit_code{own} {}\n", status.exit_code()));
        }
    }
    checks(verdict, with, &mut out);
    if !verdict.extra.is_empty() {
        family(&mut out, "verdict_info", "What --set gave.");
        let mut all: Vec<(String, String)> = Vec::new();
        let given = labels.iter().map(|(key, value)| (key.as_str(), value.clone()));
        for (key, value) in given.chain(verdict.extra.iter().map(|(key, value)| (key, plain(value)))) {
            let key = label_name(key);
            if !all.iter().any(|(name, _)| *name == key) {
                all.push((key, label(&value)));
            }
        }
        out.push_str(&format!("verdict_info{{{}}} 1\n", joined(&all)));
    }
    out
}

/// The labels of every sample.
fn common(verdict: &Verdict<'static>, labels: &[(String, String)]) -> String {
    let mut all: Vec<(String, String)> = Vec::new();
    let mut add = |key: &str, value: &str| {
        let mut key = label_name(key);
        if OWN.contains(&key.as_str()) {
            key = format!("set_{key}");
        }
        if !all.iter().any(|(name, _)| *name == key) {
            all.push((key, label(value)));
        }
    };
    for (key, value) in labels {
        add(key, value);
    }
    if labels.is_empty() {
        for (key, value) in verdict.extra.iter() {
            if matches!(value, Value::Text(_) | Value::Number(_) | Value::Bool(_)) {
                add(key, &plain(value));
            }
        }
    }
    joined(&all)
}

fn joined(labels: &[(String, String)]) -> String {
    labels.iter().map(|(key, value)| format!("{key}=\"{value}\"")).collect::<Vec<_>>().join(",")
}

/// One sample a check: of a series the worst state and the last figures.
fn checks(verdict: &Verdict<'static>, with: impl Fn(&str) -> String, out: &mut String) {
    let nobody = schema::Group::default();
    let rows = all_rows(verdict, &nobody);
    let mut order: Vec<(String, Status, &Check<'static>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for row in &rows {
        let labels = format!("group=\"{}\",check=\"{}\"", label(&row.group.id), label(&row.title()));
        match places.get(&labels) {
            Some(&place) => {
                let (_, status, check) = &mut order[place];
                *status = status.and(row.check.status);
                *check = &row.check;
            }
            None => {
                places.insert(labels.clone(), order.len());
                order.push((labels, row.check.status, &row.check));
            }
        }
    }
    if order.is_empty() {
        return;
    }
    family(out, "verdict_check_state", "1 for each check, with what it came to.");
    for (labels, status, _) in &order {
        let own = with(&format!("{labels},status=\"{}\"", status.word()));
        out.push_str(&format!("verdict_check_state{own} 1\n"));
    }
    let actual: Figure = |check| &check.actual;
    let bound: Figure = |check| &check.expected;
    for (name, help, figure) in [
        ("verdict_check_actual", "What was measured, in the unit of the check.", actual),
        ("verdict_check_bound", "What it was compared with, in the same unit.", bound),
    ] {
        let mut lines = String::new();
        for (labels, _, check) in &order {
            if let Some(number) = figure(check).as_number() {
                let own = with(&format!("{labels},unit=\"{}\"", label(&check.unit)));
                lines.push_str(&format!("{name}{own} {number}\n"));
            }
        }
        if !lines.is_empty() {
            family(out, name, help);
            out.push_str(&lines);
        }
    }
}

type Figure = for<'c> fn(&'c Check<'static>) -> &'c Value<'static>;

fn family(out: &mut String, name: &str, help: &str) {
    out.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
}

fn label(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('"', "\\\"")
}

/// Letters, digits and `_`, not beginning with a digit or with `__`.
fn label_name(key: &str) -> String {
    let name: String = key.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    let name = name.trim_start_matches('_').to_ascii_lowercase();
    if name.starts_with(|first: char| first.is_ascii_digit()) || name.is_empty() { format!("key_{name}") } else { name }
}
