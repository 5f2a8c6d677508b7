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
                    let detail = format!("{total} is not a count above 0: it does not show that anything was measured");
                    doubts.push(Doubt::of(steps, Code::NoSamples, detail));
                }
            }
            if let Some((share, said, counted)) = miscounted(value) {
                let steps = path.iter().cloned().chain([share.to_owned()]).collect();
                let detail = format!("{share} is not what its counts come to: {said} != {counted}");
                doubts.push(Doubt::of(steps, Code::Inconsistent, detail));
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

/// A share beside counts that come to another one: its name, what it says and what they say.
fn miscounted(value: &Value<'_>) -> Option<(&'static str, f64, f64)> {
    let of = |key: &str| float(value, key);
    let (share, said, covered, all) =
        if let (Some(said), Some(covered), Some(all)) = (of("pct"), of("covered"), of("total")) {
            ("pct", said, covered, all)
        } else if let (Some(said), Some(covered), Some(all)) =
            (of("percent_covered"), of("covered_lines"), of("num_statements"))
        {
            // With --branch its branches are in the share, too.
            let (taken, branches) = (of("covered_branches").unwrap_or(0.0), of("num_branches").unwrap_or(0.0));
            ("percent_covered", said, covered + taken, all + branches)
        } else if let (Some(said), Some(covered), Some(all)) = (of("percent"), of("covered"), of("count")) {
            ("percent", said, covered, all)
        } else {
            return None;
        };
    let counted = covered * 100.0 / all;
    // Istanbul cuts to two decimals.
    (all > 0.0 && (said - counted).abs() > 0.011).then_some((share, said, counted))
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
        assert_eq!(istanbul(&part("9", 0), &part("9", 0)), [""; 0]);
        assert_eq!(istanbul(&part("0", 100), &part("9", 0)), ["total/lines/pct"]);
        assert_eq!(istanbul(&part("null", 100), &part("9", 0)), ["total/lines/pct"]);
        let python = |lines: u64| format!(r#"{{"totals":{{"num_statements":{lines},"percent_covered":100.0}}}}"#);
        assert_eq!(doubts(&python(4)), [""; 0]);
        assert_eq!(doubts(&python(0)), ["totals/percent_covered"]);
        // A share that its own counts do not come to.
        let lines = |covered: u64, pct: &str| format!(r#"{{"total":3,"covered":{covered},"skipped":0,"pct":{pct}}}"#);
        assert_eq!(istanbul(&lines(2, "66.66"), &lines(1, "33.33")), [""; 0]);
        assert_eq!(istanbul(&lines(2, "90"), &lines(1, "33.33")), ["total/lines/pct"]);
        let branches = |percent: f64| {
            doubts(&format!(
                r#"{{"totals":{{"covered_lines":9,"num_statements":10,"covered_branches":1,"num_branches":10,"percent_covered":{percent}}}}}"#
            ))
        };
        assert_eq!((branches(50.0).len(), branches(90.0)), (0, vec!["totals/percent_covered".to_owned()]));
        let llvm = r#"{"type":"llvm.coverage.json.export","data":[{"totals":{"lines":{"count":4,"covered":1,"percent":75}}}]}"#;
        assert_eq!(doubts(llvm), ["data/0/totals/lines/percent"]);
        let llvm = r#"{"type":"llvm.coverage.json.export","data":[{"totals":{"lines":{"count":0,"percent":0}}}]}"#;
        assert_eq!(doubts(llvm), ["data/0/totals/lines/percent"]);
    }
}
