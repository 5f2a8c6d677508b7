//! Alerts: one line for each check that did not pass, to append to a log that people and `kv-extract` read.
//!
//! Owns the line, `TIME ALERT metric=actual threshold=expected …`; refuses a value that would read back as another.

use schema::{Status, Value, Verdict};

use super::{all_rows, clipped, plain, visible};

/// The longest text of one value: a line is one write.
const LONGEST: usize = 1000;

/// The lines, each without its newline; none where all passed.
pub fn lines(verdict: &Verdict<'static>) -> Vec<String> {
    let nobody = schema::Group::default();
    let rows = all_rows(verdict, &nobody);
    let bad = rows.iter().filter(|row| row.check.status > Status::Pass);
    bad.map(|row| {
        let check = &row.check;
        let word = match check.status {
            Status::Fail => "ALERT",
            Status::Warn => "WARN",
            _ => "UNKNOWN",
        };
        let mut line = format!("{} {word}", verdict.generated_at);
        if !check.op.is_empty() {
            let metric = [&check.metric, &check.id].into_iter().find(|name| is_key(name));
            line.push_str(&format!(" {}={}", metric.map_or("actual", String::as_str), value(&check.actual)));
            line.push_str(&format!(" threshold={}", value(&check.expected)));
            if !check.unit.is_empty() {
                line.push_str(&format!(" unit={}", text(&check.unit)));
            }
        }
        line.push_str(&format!(" check={}", text(&check.id)));
        if !row.group.id.is_empty() {
            line.push_str(&format!(" group={}", text(&row.group.id)));
        }
        if let Some(code) = check.code {
            line.push_str(&format!(" code={code}"));
        }
        line.push_str(&format!(" reason={}", text(&check.reason)));
        for (key, extra) in verdict.extra.iter().filter(|(key, _)| is_key(key)) {
            line.push_str(&format!(" {key}={}", value(extra)));
        }
        line
    })
    .collect()
}

/// All lines, for standard output.
pub fn render(verdict: &Verdict<'static>) -> String {
    lines(verdict).into_iter().map(|line| line + "\n").collect()
}

/// Whether a name can stand before `=` (DESIGN sec. 3).
fn is_key(name: &str) -> bool {
    let inner = |letter: char| letter.is_ascii_alphanumeric() || "_.-/@#%$".contains(letter) || !letter.is_ascii();
    let last = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || !letter.is_ascii();
    name.len() <= 128
        && name.chars().all(inner)
        && !name.starts_with(['.', '-', '/'])
        && name.ends_with(last)
        && !name.bytes().all(|byte| byte.is_ascii_digit())
        && visible(name) == name
}

fn value(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Text(words) => text(words),
        Value::List(_) | Value::Object(_) => text(&plain(value)),
        Value::Number(_) | Value::Bool(_) => plain(value),
    }
}

/// A text that reads back as this text: quoted where it would be a number, or end too early.
fn text(words: &str) -> String {
    let shown = visible(words);
    let shown = clipped(&shown, LONGEST);
    let bare = !shown.is_empty()
        && shown.chars().all(|letter| letter.is_alphanumeric() || "_.-/@#%$:+".contains(letter))
        && expr::bare(shown.as_bytes()).as_text().is_some();
    if bare {
        return shown.into_owned();
    }
    let mut quoted = Vec::new();
    schema::json::write_text(&shown, &mut quoted);
    String::from_utf8_lossy(&quoted).into_owned()
}
