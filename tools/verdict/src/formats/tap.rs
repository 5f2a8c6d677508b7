//! TAP: a plan, and one test a check.
//!
//! Owns the escaping of descriptions and the YAML below a test that is not ok. Refuses an empty plan: a harness takes
//! `1..0` for success. It says version 13 and means the same under 14, which reads 13: `prove` up to 3.44 (Debian 12,
//! Ubuntu 22.04) fails every stream that says 14, a PASS too.

use schema::{Status, Verdict};

use super::{actual, all_rows, bound, interval, visible};

/// The whole report.
pub fn render(verdict: &Verdict<'static>) -> String {
    let nobody = schema::Group::default();
    let rows = all_rows(verdict, &nobody);
    let mut out = format!("TAP version 13\n1..{}\n", rows.len().max(1));
    if rows.is_empty() {
        out.push_str("not ok 1 - no-checks\n");
    }
    for (number, row) in rows.iter().enumerate() {
        let check = &row.check;
        let not = if matches!(check.status, Status::Fail | Status::Inconclusive) { "not " } else { "" };
        let group = if row.group.id.is_empty() { String::new() } else { format!("{}: ", escaped(&row.group.id)) };
        let skip = if check.status == Status::Skip { " # SKIP does not apply" } else { "" };
        out.push_str(&format!("{not}ok {} - {group}{}{skip}\n", number + 1, escaped(&row.title())));
        if check.status <= Status::Pass {
            continue;
        }
        out.push_str("  ---\n");
        let code = check.code.map_or("", schema::Code::name);
        let fields = [
            ("severity", check.status.word()),
            ("message", &check.reason),
            ("code", code),
            ("actual", &actual(check)),
            ("bound", &bound(check)),
            ("interval", &interval(check)),
        ];
        for (key, value) in fields {
            if !value.is_empty() {
                out.push_str(&format!("  {key}: {}\n", quoted(value)));
            }
        }
        out.push_str("  ...\n");
    }
    out
}

/// A description: `#` would begin a directive.
fn escaped(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('#', "\\#")
}

/// A double-quoted YAML scalar, which is a JSON string.
fn quoted(text: &str) -> String {
    let mut out = Vec::new();
    schema::json::write_text(&visible(text), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
