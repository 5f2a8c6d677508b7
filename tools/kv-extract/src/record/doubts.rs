//! What a record that is read says of itself under `@evidence`: `declared` and `unknown` are kept, since they only
//! doubt; what would vouch for it (`sources`, `seals`) is not ours to repeat.
//!
//! Owns which entries are kept and where their paths lie in the record that is written; refuses to judge them.

use schema::{Object, Value};

/// Under which a record speaks of itself.
pub const KEY: &str = "@evidence";

/// The doubts of `evidence`, with those of a key that was renamed under its new name, too; `None` where it has none.
/// What is not understood is kept as it is: whoever reads it then knows that nothing can be told.
pub fn kept<'a>(evidence: &Value<'a>, renamed: &[(&str, String)]) -> Option<Value<'a>> {
    let Value::Object(evidence) = evidence else { return Some(evidence.clone()) };
    let mut kept = Object::new();
    for member in ["declared", "unknown"] {
        let Some(entries) = evidence.get(member) else { continue };
        let Value::List(list) = entries else {
            kept.insert(member, entries.clone());
            continue;
        };
        let mut list = list.clone();
        for (old, new) in renamed {
            let again: Vec<Value<'_>> = list.iter().filter(|entry| path(entry) == Some(old)).cloned().collect();
            again.into_iter().for_each(|entry| list.push(at(entry, new.clone())));
        }
        if !list.is_empty() {
            kept.insert(member, list);
        }
    }
    (!kept.is_empty()).then_some(kept.into())
}

/// The entries of both. A member that is not understood in one of them is kept as it is: nothing can be told then.
pub fn joined<'a>(mut evidence: Object<'a>, more: &Object<'a>) -> Value<'a> {
    for (member, entries) in more.iter() {
        match (evidence.get(member), entries) {
            (Some(Value::List(_)), Value::List(entries)) => {
                entries.iter().for_each(|entry| push(&mut evidence, member, entry.clone()));
            }
            (Some(Value::List(_)) | None, entries) => {
                evidence.insert(member.to_owned(), entries.clone());
            }
            (Some(_), _) => {}
        }
    }
    evidence.into()
}

/// Adds to `evidence` the doubts of a record that stands under `name`, and takes them out of that record.
pub fn lift<'a>(record: &mut Object<'a>, name: &str, evidence: &mut Object<'a>) {
    let Some(own) = record.remove(KEY) else { return };
    let Value::Object(own) = own else {
        // It is not understood, so nothing of this record can be told.
        push(evidence, "unknown", unknown(name, "malformed", "its @evidence is not understood"));
        return;
    };
    for (member, entries) in own {
        let Value::List(list) = entries else { continue };
        for entry in list {
            let Some(path) = path(&entry) else { continue };
            let below = format!("{}.{}", step(name), path.trim_start_matches('.'));
            push(evidence, &member, at(entry, below));
        }
    }
}

/// An entry of `unknown`.
pub fn unknown<'a>(path: &str, code: &'static str, detail: impl Into<String>) -> Value<'a> {
    let mut entry = Object::new();
    entry.insert("path", Value::Text(path.to_owned().into()));
    entry.insert("code", Value::Text(code.into()));
    entry.insert("detail", Value::Text(detail.into().into()));
    entry.into()
}

/// Adds an entry to a list of `evidence`.
pub fn push<'a>(evidence: &mut Object<'a>, member: &str, entry: Value<'a>) {
    match evidence.get_mut(member) {
        Some(Value::List(list)) => list.push(entry),
        _ => {
            evidence.insert(member.to_owned(), vec![entry]);
        }
    }
}

/// A key as the first step of a path.
pub fn step(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if !name.is_empty() && name.chars().all(is_plain) {
        return name.to_owned();
    }
    format!(".{}", schema::json::quote(name.as_bytes()))
}

fn path<'v>(entry: &'v Value<'_>) -> Option<&'v str> {
    match entry {
        Value::Text(path) => Some(path),
        Value::Object(entry) => entry.get("path")?.as_text(),
        _ => None,
    }
}

/// The same entry of another path.
fn at<'a>(mut entry: Value<'a>, path: String) -> Value<'a> {
    match &mut entry {
        Value::Object(entry) => {
            entry.insert("path", Value::Text(path.into()));
        }
        entry => *entry = Value::Text(path.into()),
    }
    entry
}
