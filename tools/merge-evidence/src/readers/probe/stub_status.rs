//! nginx's `stub_status` page (1.22): connections now, and counters since the server started.

use std::collections::HashMap;

use schema::{Code, Object, Value};

use crate::facts::Failure;
use crate::facts::{Content, Doubt, Facts};

/// Whether a text is such a page.
pub fn fits(text: &str) -> bool {
    text.trim_start().starts_with("Active connections: ")
}

/// Reads a page: `{"active":1,"accepts_total":…,"handled_total":…,"requests_total":…,"reading":0,…}`.
///
/// # Errors
/// A page of another shape, or cut short.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let cut = || Failure::whole("not nginx's stub_status, or cut short");
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let [active, names, counts, now] = lines.as_slice() else { return Err(cut()) };
    let names: Vec<&str> = names.strip_prefix("server ").ok_or_else(cut)?.split_whitespace().collect();
    let counts: Vec<u64> = counts.split_whitespace().map_while(|count| count.parse().ok()).collect();
    if names.get(..3) != Some(&["accepts", "handled", "requests"]) || counts.len() != names.len() {
        return Err(cut());
    }
    let behind = |label: &str| {
        let (_, rest) = now.split_once(label)?;
        rest.split_whitespace().next()?.parse::<u64>().ok()
    };
    let active = active.trim_start_matches("Active connections: ").parse::<u64>().map_err(|_| cut())?;
    let [reading, writing, waiting] = ["Reading:", "Writing:", "Waiting:"].map(behind);
    let (Some(reading), Some(writing), Some(waiting)) = (reading, writing, waiting) else { return Err(cut()) };
    let mut report = Object::new();
    report.insert("active", active);
    let mut counters = HashMap::new();
    for (name, count) in names.iter().zip(&counts) {
        let name = format!("{name}_total");
        counters.insert(name.clone(), true);
        report.insert(name, *count);
    }
    for (name, count) in [("reading", reading), ("writing", writing), ("waiting", waiting)] {
        report.insert(name, count);
        counters.insert(name.to_owned(), false);
    }
    let mut doubts = Vec::new();
    if let [accepts, handled, ..] = counts.as_slice()
        && handled > accepts
    {
        let detail = format!("handled > accepts: {handled} > {accepts}");
        doubts.extend(
            ["accepts_total", "handled_total"].map(|key| Doubt::new(&[key], Code::Inconsistent, detail.clone())),
        );
    }
    let content = Content::One(Value::Object(report));
    Ok(Facts { format: "stub-status", content, doubts, counters, ..Facts::default() })
}
