//! The fields of a verdict as they stand in its text, held against what was read of them.
//!
//! Owns that nothing a document always says is gone, and nothing in it has a shape that a reader passes over. What has
//! a name that this version does not know is of a later one, and left alone where a later one may have written it.

use std::io;

use schema::{Check, Code, Gate, Group, Object, Status, Value, Verdict, json};

use crate::verify::finding::{SUMS, of};
use crate::verify::is_ours;

/// Fields that are written only where there is something to say.
const OPTIONAL: [&str; 32] = [
    "decided_by",
    "unsealed",
    "allow_equal",
    "skipped",
    "inputs",
    "document",
    "margin",
    "before",
    "samples",
    "source",
    "assumed",
    "threshold",
    "record",
    "lines",
    "used",
    "unfinished",
    "digest",
    "allow_rejected",
    "plain",
    "empty_windows",
    "stopped",
    "interval",
    "runs",
    "against",
    "sure",
    "doubtful",
    "told",
    "merged",
    "upstream",
    "answer",
    "tripped",
    "lowest",
];
/// Top fields that `sums` looks at, or that are held against it piece by piece.
const ELSEWHERE: [&str; 5] = ["groups", "gates", "counts", "all_pass", "recommended_exit_code"];
/// How many fields are named.
const NAMED: usize = 5;

/// What is gone, and what is odd.
#[derive(Default)]
struct Findings {
    /// Whether this version wrote the document: it has no name below the top that this version does not write.
    ours: bool,
    gone: Vec<String>,
    odd: Vec<String>,
}

/// Holds `document` against `raw`, the text it was read from.
pub fn judge(document: &Verdict<'static>, raw: &Value<'_>) -> Check<'static> {
    let mut found = Findings { ours: is_ours(document), ..Findings::default() };
    let top = Verdict {
        extra: Object::new(),
        groups: Vec::new(),
        gates: Object::new(),
        seals: document.seals.clone(),
        inputs: document.inputs.clone(),
        ramp: document.ramp.clone(),
        counts: schema::Counts::default(),
        verdict: document.verdict.clone(),
        reason: document.reason.clone(),
        chain: document.chain.clone(),
        generated_at: document.generated_at.clone(),
        decided_by: document.decided_by.clone(),
        ..*document
    };
    found.members("", &written(|out| json::write_struct(&top, out)), raw, &ELSEWHERE);
    let list = |value: Option<&'_ Value<'_>>| value.and_then(Value::as_list).map_or(0, <[_]>::len);
    if list(raw.get("groups")) != document.groups.len() {
        found.odd.push("groups".to_owned());
    }
    for (place, group) in document.groups.iter().enumerate() {
        let Some(raw) = raw.get("groups").and_then(Value::as_list).and_then(|groups| groups.get(place)) else { break };
        let name = format!("groups[{place}]");
        let bare = Group { checks: Vec::new(), evidence: Value::Null, ..bare(group) };
        found.members(&name, &written(|out| json::write_struct(&bare, out)), raw, &["checks", "evidence"]);
        if raw.get("evidence").is_none() {
            found.gone.push(format!("{name}.evidence"));
        }
        let checks = raw.get("checks").and_then(Value::as_list).unwrap_or_default();
        for (place, (check, raw)) in group.checks.iter().zip(checks).enumerate() {
            found.members(&format!("{name}.checks[{place}]"), &written(|out| json::write_struct(check, out)), raw, &[]);
        }
    }
    for (name, raw) in document.gates.iter() {
        match Gate::from_value(raw) {
            Some(gate) => {
                found.members(&format!("gates.{name}"), &written(|out| json::write_struct(&gate, out)), raw, &[])
            }
            None => found.odd.push(format!("gates.{name}")),
        }
    }
    for key in ["gates", "groups"] {
        if raw.get(key).is_none() {
            found.gone.push(key.to_owned());
        }
    }
    found.check()
}

/// A group without what is large.
fn bare(group: &Group<'static>) -> Group<'static> {
    Group {
        id: group.id.clone(),
        verdict: group.verdict.clone(),
        reason: group.reason.clone(),
        violations: group.violations.clone(),
        document: group.document.clone(),
        ..Group::default()
    }
}

/// What a part of a document is as JSON; null where it cannot be written, which is like nothing that was read.
fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Value<'static> {
    let mut text = Vec::new();
    match write(&mut text) {
        Ok(()) => json::parse(&text).map_or(Value::Null, Value::into_owned),
        Err(_) => Value::Null,
    }
}

impl Findings {
    fn members(&mut self, name: &str, written: &Value<'_>, raw: &Value<'_>, without: &[&str]) {
        let (Value::Object(members), Value::Object(there)) = (written, raw) else {
            if written != raw {
                self.odd.push(name.to_owned());
            }
            return;
        };
        let named = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
        for (key, value) in members.iter().filter(|(key, _)| !without.contains(key)) {
            match there.get(key) {
                None => self.gone.push(named(key)),
                Some(raw) => self.value(&named(key), value, raw),
            }
        }
        for (key, _) in there.iter() {
            let is_foreign = OPTIONAL.contains(&key) || self.ours && !name.is_empty();
            if is_foreign && !without.contains(&key) && members.get(key).is_none() {
                self.odd.push(named(key));
            }
        }
    }

    fn value(&mut self, name: &str, written: &Value<'_>, raw: &Value<'_>) {
        match (written, raw) {
            (Value::Object(_), Value::Object(_)) => self.members(name, written, raw, &[]),
            (Value::List(list), Value::List(there)) if list.len() == there.len() => {
                for (place, (written, raw)) in list.iter().zip(there.iter()).enumerate() {
                    self.value(&format!("{name}[{place}]"), written, raw);
                }
            }
            _ if written == raw => {}
            _ => self.odd.push(name.to_owned()),
        }
    }

    fn check(&self) -> Check<'static> {
        let listed = |names: &[String]| {
            let more = names.len().saturating_sub(NAMED);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            format!("{}{more}", names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", "))
        };
        match (self.odd.as_slice(), self.gone.as_slice()) {
            ([], []) => of("fields", SUMS, Status::Pass, None, ""),
            ([], gone) => {
                let words = format!("missing: {}: the document does not say it", listed(gone));
                of("fields", SUMS, Status::Inconclusive, Some(Code::Missing), &words)
            }
            (odd, _) => of("fields", SUMS, Status::Fail, None, &format!("{}: not as verdict writes it", listed(odd))),
        }
    }
}
