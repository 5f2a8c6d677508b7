//! The names of groups and the scopes of checks, held against the records that they are read from.
//!
//! Owns that none of them is made up: a scope is a value of the record, a group is a scope, or what `-b` read of the record and
//! of the check. Refuses to say which path that was: a document does not tell it.

use std::collections::HashSet;

use schema::{Check, Group, Status, Value, Verdict, json};

use crate::groups;
use crate::verify::finding::{SUMS, of};

/// What of a document has a name that its records do not give; nothing where all have theirs.
pub fn judge(document: &Verdict<'static>) -> Vec<Check<'static>> {
    let mut found = Vec::new();
    // `--only NAME` without `-b` gives all records one scope, which stands in none of them.
    let scopes: HashSet<&str> = document.groups.iter().flat_map(made).map(|check| &*check.scope).collect();
    // What is read as a document has a group of its own, and its own name.
    for (place, group) in document.groups.iter().enumerate().filter(|(_, group)| group.document.is_none()) {
        let records = groups::records(group);
        if records.is_empty() {
            continue;
        }
        let mut fail = |field: String, name: &str, of_what: &str| {
            let words = format!("{name:?} is no {of_what}");
            found.push(of(&field, SUMS, Status::Fail, None, &words));
        };
        let other = made(group).find(|check| check.scope != group.id);
        if let Some(check) = other
            && !is_joined(&group.id, check, &records)
        {
            fail(format!("groups[{place}].id"), &group.id, "scope of its checks, and no value of its record");
            continue;
        }
        let of_record = |scope: &str| scopes.len() == 1 || records.iter().any(|record| holds(record, scope));
        if let Some(check) = made(group).find(|check| !check.scope.is_empty() && !of_record(&check.scope)) {
            fail(format!("groups[{place}].checks"), &check.scope, "scope that its record gives");
        }
    }
    found
}

/// The checks that a threshold made of a record. One that cannot be told may be of a group that never came.
fn made<'g>(group: &'g Group<'static>) -> impl Iterator<Item = &'g Check<'static>> {
    group.checks.iter().filter(|check| check.threshold.is_some() && check.status != Status::Inconclusive)
}

/// Whether a value, or one in it, is the text of a scope.
fn holds(value: &Value<'_>, scope: &str) -> bool {
    text(value).is_some_and(|text| text == scope)
        || match value {
            Value::Object(object) => object.iter().any(|(_, value)| holds(value, scope)),
            Value::List(list) => list.iter().any(|value| holds(value, scope)),
            _ => false,
        }
        // A scope may be a whole object or list: no name that people give begins so.
        || scope.starts_with(['{', '[']) && written(value) == scope
}

/// Whether a name is values of a record or of a check, with a blank between two of them.
fn is_joined(name: &str, check: &Check<'static>, records: &[&Value<'static>]) -> bool {
    let mut known = HashSet::new();
    records.iter().for_each(|record| collect(record, &mut known));
    let mut out = Vec::new();
    let written = json::write_struct(check, &mut out).ok().and_then(|()| json::parse(&out).ok());
    written.iter().for_each(|check| collect(check, &mut known));
    let mut ends = vec![0];
    while let Some(at) = ends.pop() {
        let rest = &name[at..];
        for (end, _) in rest.match_indices(' ').chain([(rest.len(), "")]) {
            if known.contains(&rest[..end]) {
                if end == rest.len() && end > 0 {
                    return true;
                }
                ends.push(at + end + 1);
            }
        }
    }
    false
}

fn collect(value: &Value<'_>, known: &mut HashSet<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(_, value)| collect(value, known)),
        Value::List(list) => list.iter().for_each(|value| collect(value, known)),
        value => known.extend(text(value)),
    }
}

/// A scalar as a name.
fn text(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

fn written(value: &Value<'_>) -> String {
    let mut out = Vec::new();
    json::write(value, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
