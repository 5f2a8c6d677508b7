//! Checks that contradict themselves: one says that it passed, and its figure breaks its bound, or is none.
//!
//! Owns what such a check is taken for. A check made by jq passes where nothing was measured: there null is less than any number,
//! and a text is more. Refuses to judge: what else cannot be compared stays as it was said.

use std::cmp::Ordering;

use expr::{Decimal, Thresholds};
use schema::{Check, Code, Status, Value, json};

/// Takes a check that says it passed for one that cannot be told, where what it says of itself proves that it did not.
pub fn resolve(check: &mut Check<'static>) {
    if check.status != Status::Pass {
        return;
    }
    if let Some((code, words)) = unmeasured(check) {
        check.status = Status::Inconclusive;
        check.passed = None;
        check.code = Some(code);
        check.reason = format!("{}: {code}: it says pass, and {words}", check.id);
        return;
    }
    if !is_broken(check) || passes_all_the_same(check) {
        return;
    }
    let shown = |value: &Value<'_>| {
        let mut text = Vec::new();
        json::write(value, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    };
    let (actual, expected) = (shown(&check.actual), shown(&check.expected));
    let words = format!("it says pass, but {actual} {} {expected} is false", check.op);
    check.status = Status::Inconclusive;
    check.passed = None;
    check.code = Some(Code::Inconsistent);
    check.reason = format!("{}: {}: {words}", check.id, Code::Inconsistent);
}

/// Why nothing was measured that could have passed, in the check's own words: it has no figure where a number bounds one. Of no samples
/// a figure may be known all the same (a rate of drops, a queue), as its threshold has found.
fn unmeasured(check: &Check<'_>) -> Option<(Code, &'static str)> {
    let is_bounded = matches!(check.op.as_str(), "<" | "<=" | ">" | ">=") && check.expected.as_number().is_some();
    match &check.actual {
        _ if !is_bounded || check.interval.is_some() => None,
        Value::Null => Some((Code::Null, "it has no figure")),
        Value::Number(_) => None,
        // A shell that quotes its numbers.
        Value::Text(text) if Decimal::parse(text.trim()).is_some() => None,
        _ => Some((Code::NotANumber, "its figure is not a number")),
    }
}

fn is_broken(check: &Check<'_>) -> bool {
    // An interval is held against the bound in the place of the figure.
    if check.interval.is_some() {
        return false;
    }
    let order = |bound: &Value<'_>| order(&check.actual, bound);
    match (check.op.as_str(), &check.expected) {
        ("in", Value::List(ends)) => match &ends[..] {
            [low, high] if check.kind == schema::Kind::Range => {
                order(low) == Some(Ordering::Less) || order(high) == Some(Ordering::Greater)
            }
            members => !members.is_empty() && members.iter().all(|member| is_other(&check.actual, member)),
        },
        ("<" | "<=", bound) => order(bound) == Some(Ordering::Greater),
        (">" | ">=", bound) => order(bound) == Some(Ordering::Less),
        ("==", bound) => is_other(&check.actual, bound),
        _ => false,
    }
}

/// How two numbers lie; nearly all are told apart as doubles.
fn order(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    let (Value::Number(a), Value::Number(b)) = (a, b) else { return None };
    match a.to_f64()?.partial_cmp(&b.to_f64()?)? {
        Ordering::Equal => Some(Ordering::Equal),
        _ => Some(Decimal::from_number(a)?.cmp(&Decimal::from_number(b)?)),
    }
}

/// Whether two plain values are of one kind, and not the same.
fn is_other(a: &Value<'_>, b: &Value<'_>) -> bool {
    match (a, b) {
        (Value::Number(_), Value::Number(_)) => order(a, b).is_some_and(Ordering::is_ne),
        (Value::Text(a), Value::Text(b)) => a != b,
        (Value::Bool(a), Value::Bool(b)) => a != b,
        _ => false,
    }
}

/// Whether its threshold lets a violation pass: `after 3`, of which this was not the third.
fn passes_all_the_same(check: &Check<'_>) -> bool {
    let threshold = check.threshold.as_deref().and_then(|line| Thresholds::parse(line).ok());
    threshold.is_some_and(|thresholds| thresholds.iter().any(|threshold| threshold.after.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_that_its_own_figures_deny() {
        for (fields, wanted) in [
            (r#""op":"<=","actual":9,"expected":5"#, Status::Inconclusive),
            (r#""op":"<","actual":9,"expected":5"#, Status::Inconclusive),
            (r#""op":">=","actual":4,"expected":5"#, Status::Inconclusive),
            (r#""op":"==","actual":4,"expected":5"#, Status::Inconclusive),
            (r#""op":"==","actual":"down","expected":"up""#, Status::Inconclusive),
            (r#""op":"==","actual":false,"expected":true"#, Status::Inconclusive),
            (r#""op":"in","type":"range","actual":9,"expected":[1,5]"#, Status::Inconclusive),
            (r#""op":"in","type":"equal","actual":9,"expected":[1,5]"#, Status::Inconclusive),
            (r#""op":"<=","actual":9,"expected":5,"threshold":"x <= 5""#, Status::Inconclusive),
            (r#""op":"<=","actual":9,"expected":5,"threshold":"x <= 5 after 3""#, Status::Pass),
            (r#""op":"<=","actual":5,"expected":9"#, Status::Pass),
            (r#""op":"<=","actual":5,"expected":5"#, Status::Pass),
            (r#""op":"<","actual":5,"expected":5"#, Status::Pass),
            (r#""op":"!=","actual":5,"expected":5.0"#, Status::Pass),
            (r#""op":"==","actual":5.0,"expected":5"#, Status::Pass),
            (r#""op":"in","type":"range","actual":3,"expected":[1,5]"#, Status::Pass),
            (r#""op":"in","type":"equal","actual":"a","expected":["b","a"]"#, Status::Pass),
            // What jq makes of a figure that is missing, and of a timeout.
            (r#""op":"<=","actual":null,"expected":5"#, Status::Inconclusive),
            (r#""op":"<=","expected":5"#, Status::Inconclusive),
            (r#""op":">=","actual":"timeout","expected":5"#, Status::Inconclusive),
            (r#""op":"<=","actual":"","expected":5"#, Status::Inconclusive),
            (r#""op":"<=","actual":true,"expected":5"#, Status::Inconclusive),
            (r#""op":"<=","actual":0,"expected":5,"samples":0"#, Status::Pass),
            (r#""op":"<=","actual":"3","expected":5"#, Status::Pass),
            (r#""op":"==","actual":null,"expected":null"#, Status::Pass),
            (r#""actual":null"#, Status::Pass),
            (r#""op":"","actual":true,"expected":true"#, Status::Pass),
            (r#""op":"<=","actual":9,"expected":5,"interval":{"low":1,"high":4,"sure":0.95}"#, Status::Pass),
        ] {
            let line = format!(r#"{{"id":"x","scope":"","status":"pass","passed":true,{fields}}}"#);
            let value = json::parse(line.as_bytes()).unwrap();
            let mut check = Check::from_value(&value).unwrap().into_owned();
            resolve(&mut check);
            assert_eq!(check.status, wanted, "{line}");
        }
    }
}
