//! Checks for people: a line each, in columns, as they come.
//!
//! Owns the words and widths. Refuses to wait for the end: a stream may have none.

use schema::{Check, Status, Value, json};

/// One check: what it came to, what was measured, the bound, the margin, the samples and the source.
pub fn row(check: &Check<'_>) -> String {
    let scope = if check.scope.is_empty() { String::new() } else { format!("{}: ", check.scope) };
    let what = match check.status {
        Status::Pass | Status::Skip if check.op.is_empty() => check.id.clone(),
        Status::Pass | Status::Skip => {
            let unit = unit(check);
            format!("{}={}{unit} {} {}{unit}", check.id, text(&check.actual), check.op, text(&check.expected))
        }
        _ => check.reason.clone(),
    };
    let mut beside = Vec::new();
    if let Some(margin) = &check.margin {
        beside.push(format!("margin {}{}", text(margin), unit(check)));
    }
    if let Some(samples) = check.samples {
        beside.push(format!("n={samples}"));
    }
    if let Some(source) = &check.source {
        beside.push(source.clone());
    }
    if let (Status::Inconclusive, Some(code)) = (check.status, check.code) {
        beside.push(format!("{}: {}", code.meaning(), code.remedy()));
    }
    let beside = if beside.is_empty() { String::new() } else { format!("   ({})", beside.join(", ")) };
    format!("{:<12}  {scope}{what}{beside}\n", word(check.status))
}

fn word(status: Status) -> &'static str {
    if status == Status::Skip { "SKIP" } else { status.verdict() }
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

fn text(value: &Value<'_>) -> String {
    let mut out = Vec::new();
    json::write(value, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
