//! Summaries of coverage as JSON, as they are: Istanbul's `coverage-summary.json` (c8, nyc, jest, vitest), coverage.py's
//! `coverage json`, `llvm-cov export`. A share of nothing (100 % of 0 lines) is unknown.
//!
//! Run with c8 12.0.0, jest 30.5.2 and pytest-cov 7.1.0; llvm-cov's by its documents.

use schema::{Code, Value};

use crate::facts::{Content, Doubt, Facts, float};

/// Below an object: how many there are, and the share of them.
const SHARES: [(&str, &str); 5] = [
    ("total", "pct"),
    ("num_statements", "percent_covered"),
    ("num_statements", "percent_covered_display"),
    ("num_branches", "percent_branches_covered"),
    ("count", "percent"),
];

/// Whether a document is a summary of coverage.
pub fn fits(document: &Value<'_>) -> bool {
    let has = |value: Option<&Value<'_>>, keys: [&str; 2]| {
        value.is_some_and(|value| keys.iter().all(|key| value.get(key).is_some()))
    };
    let istanbul = document.get("total").and_then(|total| total.get("lines"));
    let export = document.get("type").and_then(Value::as_text) == Some("llvm.coverage.json.export");
    has(istanbul, ["total", "pct"]) || has(document.get("totals"), ["num_statements", "percent_covered"]) || export
}

/// Reads a summary.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut facts = Facts { format: "coverage", ..Facts::default() };
    shares(document, &mut Vec::new(), &mut facts.doubts);
    facts.content = Content::One(document.clone());
    facts
}

/// Doubts every share of nothing.
fn shares(value: &Value<'_>, path: &mut Vec<String>, doubts: &mut Vec<Doubt>) {
    match value {
        Value::Object(object) => {
            for (total, share) in SHARES {
                // A total that cannot be read may be 0.
                let none = float(value, total).is_none_or(|total| total <= 0.0);
                if value.get(total).is_some() && value.get(share).is_some() && none {
                    let steps = path.iter().cloned().chain([share.to_owned()]).collect();
                    let detail = format!("{total} is no count above 0: nothing is known to be measured");
                    doubts.push(Doubt::of(steps, Code::NoSamples, detail));
                }
            }
            for (key, value) in object.iter() {
                path.push(key.to_owned());
                shares(value, path, doubts);
                path.pop();
            }
        }
        Value::List(list) => {
            for (place, value) in list.iter().enumerate().filter(|(_, value)| value.as_object().is_some()) {
                path.push(place.to_string());
                shares(value, path, doubts);
                path.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn doubts(text: &str) -> Vec<String> {
        let value = schema::json::parse(text.as_bytes()).unwrap();
        assert!(fits(&value), "{text}");
        test::doubts(&read(&value))
            .into_iter()
            .map(|doubt| doubt.split(':').next().unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn a_share_of_nothing_is_unknown() {
        let part = |total: &str, pct: u64| format!(r#"{{"total":{total},"covered":0,"skipped":0,"pct":{pct}}}"#);
        let istanbul =
            |lines: &str, branches: &str| doubts(&format!(r#"{{"total":{{"lines":{lines},"branches":{branches}}}}}"#));
        assert_eq!(istanbul(&part("9", 50), &part("9", 50)), [""; 0]);
        assert_eq!(istanbul(&part("0", 100), &part("9", 0)), ["total/lines/pct"]);
        assert_eq!(istanbul(&part("null", 100), &part("9", 0)), ["total/lines/pct"]);
        let python = |lines: u64| format!(r#"{{"totals":{{"num_statements":{lines},"percent_covered":100.0}}}}"#);
        assert_eq!(doubts(&python(4)), [""; 0]);
        assert_eq!(doubts(&python(0)), ["totals/percent_covered"]);
        let llvm = r#"{"type":"llvm.coverage.json.export","data":[{"totals":{"lines":{"count":0,"percent":0}}}]}"#;
        assert_eq!(doubts(llvm), ["data/0/totals/lines/percent"]);
    }
}
