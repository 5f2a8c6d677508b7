//! The line a Nagios plugin prints, with performance data, and its exit status.
//!
//! Owns the words and ranges of the Monitoring Plugins guidelines; refuses a value where none is known: `U`.

use schema::{Check, Kind, Number, Status, Value, Verdict};

use super::{Decision, all_rows, clipped, decision, tally, visible};

/// The longest text before the performance data: a core reads 8 KiB in all.
const TEXT: usize = 1000;
/// How much performance data goes on the first line; the rest follows the long text.
const FIRST: usize = 3000;
/// How many checks the long text lists.
const LISTED: usize = 40;

/// The whole output.
pub fn render(verdict: &Verdict<'static>) -> String {
    let Decision { status, reason, gate } = decision(verdict);
    let gate = gate.map_or(String::new(), |gate| format!("gate {}: ", words(gate)));
    let reason = clipped(&words(&reason), TEXT).into_owned();
    let mut out = format!("{}: {} {gate}{reason} ({})", word(status), status.verdict(), tally(verdict));
    let nobody = schema::Group::default();
    let rows = all_rows(verdict, &nobody);
    let with_groups = verdict.groups.len() > 1;
    let mut data: Vec<(String, String)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for row in rows.iter().filter(|row| !row.check.op.is_empty()) {
        let group = if with_groups { format!("{}/", row.group.id) } else { String::new() };
        let label = label(&format!("{group}{}", row.title()));
        // A series has the same label again and again: the last value is the present one.
        match places.get(&label) {
            Some(&place) => data[place] = (label, values(&row.check)),
            None => {
                places.insert(label.clone(), data.len());
                data.push((label, values(&row.check)));
            }
        }
    }
    let mut first = 0;
    let mut length = 0;
    for (label, values) in &data {
        length += label.len() + values.len() + 2;
        if length > FIRST {
            break;
        }
        out.push_str(if first == 0 { " | " } else { " " });
        out.push_str(&format!("{label}={values}"));
        first += 1;
    }
    out.push('\n');
    for row in rows.iter().filter(|row| row.check.status > Status::Pass).take(LISTED) {
        let group = if row.group.id.is_empty() { String::new() } else { format!("{}: ", words(&row.group.id)) };
        let reason = if row.check.reason.is_empty() { &row.check.id } else { &row.check.reason };
        out.push_str(&format!("{} {group}{}\n", word(row.check.status), clipped(&words(reason), TEXT)));
    }
    if first < data.len() {
        out.push_str("further data | ");
        let rest: Vec<String> = data[first..].iter().map(|(label, values)| format!("{label}={values}")).collect();
        out.push_str(&rest.join("\n"));
        out.push('\n');
    }
    out
}

/// The plugin's exit status.
pub fn exit_status(verdict: &Verdict<'static>) -> u8 {
    match decision(verdict).status {
        Status::Pass => 0,
        Status::Warn => 1,
        Status::Fail => 2,
        Status::Skip | Status::Inconclusive => 3,
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Pass => "OK",
        Status::Warn => "WARNING",
        Status::Fail => "CRITICAL",
        Status::Skip | Status::Inconclusive => "UNKNOWN",
    }
}

/// Text in which no performance data begins.
fn words(text: &str) -> String {
    visible(text).replace('|', "\u{2502}")
}

/// A label: no `=`, and `'` doubled within its quotes.
fn label(text: &str) -> String {
    let text = words(text).replace('=', "_").replace('\'', "''");
    format!("'{}'", clipped(&text, 200))
}

/// `2400us;;~:2000`: the value, and the range within which it is well, as warning or as critical.
fn values(check: &Check<'_>) -> String {
    let unit = match check.unit.as_str() {
        unit @ ("s" | "ms" | "us") => unit,
        "seconds" => "s",
        "pct" | "percent" => "%",
        "bytes" => "B",
        _ => "",
    };
    let value = number(&check.actual).map_or("U".to_owned(), |value| format!("{value}{unit}"));
    let end = |place: usize| check.expected.as_list().and_then(|ends| ends.get(place)).and_then(number);
    let range = match check.kind {
        Kind::Max => number(&check.expected).map(|bound| format!("~:{bound}")),
        Kind::Min => number(&check.expected).map(|bound| format!("{bound}:")),
        Kind::Equal if check.op == "==" => number(&check.expected).map(|bound| format!("{bound}:{bound}")),
        Kind::Range => end(0).zip(end(1)).map(|(low, high)| format!("{low}:{high}")),
        _ => None,
    };
    match (range, check.status) {
        (None, _) => value,
        (Some(range), Status::Warn) => format!("{value};{range};"),
        (Some(range), _) => format!("{value};;{range}"),
    }
}

/// Digits without an exponent, which performance data does not know.
fn number(value: &Value<'_>) -> Option<String> {
    let number: &Number<'_> = value.as_number()?;
    let text = number.as_str();
    if text.contains(['e', 'E']) { number.to_f64().map(|value| value.to_string()) } else { Some(text.to_owned()) }
}
