//! The evidence behind the figures: each value of a record with a place to link to, and each source.
//!
//! Owns those places; refuses to print more of a record than a person would read.

use std::collections::HashMap;

use expr::{Path, Reading};
use schema::{Check, Evidence, Group, Object, Source, Value};

use super::{escaped, long};
use crate::formats::plain;
use crate::groups::{record, records};

/// How many values of a record are listed, and how many records of a series.
const VALUES: usize = 400;
const RECORDS: usize = 3;

/// Where the values of the evidence stand on the page.
#[derive(Default)]
pub struct Places {
    /// By the value's address in the document, which lives as long as this.
    anchors: HashMap<*const Value<'static>, String>,
    /// All sources, and which of them each group has under which name.
    sources: Vec<Source>,
    names: HashMap<(usize, String), usize>,
}

impl Places {
    /// Gives places to the values that will be listed.
    pub fn of(groups: &[Group<'static>]) -> Places {
        let mut places = Places::default();
        let mut known = HashMap::new();
        for (number, group) in groups.iter().enumerate() {
            for (_, record) in listed(group) {
                for (count, (_, value)) in leaves(record).into_iter().take(VALUES).enumerate() {
                    let anchor = format!("e{number}-{}-{count}", places.anchors.len());
                    places.anchors.insert(std::ptr::from_ref(value), anchor);
                }
            }
            for record in records(group) {
                let Some(evidence) = record.get("@evidence").and_then(Evidence::from_value) else { continue };
                for source in evidence.sources {
                    let key = (source.name.clone(), source.path.clone(), source.sha256.clone());
                    let place = *known.entry(key).or_insert_with(|| {
                        places.sources.push(source.clone());
                        places.sources.len() - 1
                    });
                    places.names.entry((number, source.name)).or_insert(place);
                }
            }
        }
        places
    }

    /// `text` as a link to the value the check was made from, where that is listed.
    pub fn link(&self, group: &Group<'static>, check: &Check<'static>, text: &str) -> String {
        match self.anchor(group, check) {
            Some(anchor) => format!("<a href=\"#{anchor}\">{text}</a>"),
            None => text.to_owned(),
        }
    }

    /// The name of a check's source, as a link to it where it is known.
    pub fn source(&self, group: usize, name: &str) -> String {
        let shown = long(name, 60);
        match self.names.get(&(group, name.to_owned())) {
            Some(place) => format!("<a href=\"#s{place}\">{shown}</a>"),
            None => shown,
        }
    }

    fn anchor(&self, group: &Group<'static>, check: &Check<'static>) -> Option<&str> {
        let record = record(group, &check.scope, check.record.unwrap_or(0))?;
        let Reading::Found(value) = Path::parse(&check.metric).ok()?.read(record) else { return None };
        self.anchors.get(&std::ptr::from_ref(value)).map(String::as_str)
    }

    /// The listed evidence of one group.
    pub fn list(&self, group: &Group<'static>, out: &mut String) {
        let shown = listed(group);
        let total = records(group).len();
        if shown.is_empty() {
            return;
        }
        let words = if total == 1 { "the evidence".to_owned() } else { format!("the evidence: {total} records") };
        out.push_str(&format!("<details class=\"more\"><summary>{words}</summary>"));
        for (title, record) in &shown {
            if !title.is_empty() {
                out.push_str(&format!("<div class=\"pad\"><b>{}</b></div>", long(title, 120)));
            }
            out.push_str("<table class=\"evidence\"><tbody>");
            let all = leaves(record);
            for (path, value) in all.iter().take(VALUES) {
                let anchor = self.anchors.get(&std::ptr::from_ref(*value)).map_or("", String::as_str);
                out.push_str(&format!(
                    "<tr id=\"{anchor}\"><td><code>{}</code></td><td class=\"num\">{}</td></tr>",
                    long(path, 120),
                    long(&plain(value), 120)
                ));
            }
            if all.len() > VALUES {
                let more = all.len() - VALUES;
                out.push_str(&format!("<tr><td>… and {more} more values, in the JSON document</td><td></td></tr>"));
            }
            out.push_str("</tbody></table>");
        }
        if total > shown.len() {
            let more = total - shown.len();
            out.push_str(&format!("<div class=\"pad\">… and {more} more records, in the JSON document</div>"));
        }
        out.push_str("</details>");
    }

    /// The table of all sources.
    pub fn list_sources(&self, out: &mut String) {
        if self.sources.is_empty() {
            return;
        }
        out.push_str(
            "<h2>Sources</h2><div class=\"card\"><table class=\"stack\"><thead><tr><th>name</th><th>file</th><th>read \
             as</th><th>from … to</th><th>SHA-256</th></tr></thead><tbody>",
        );
        for (place, source) in self.sources.iter().enumerate() {
            let name = if source.name.is_empty() { "(top)" } else { &source.name };
            let span = match (&source.from, &source.to) {
                (Some(from), Some(to)) => format!("{} … {}", escaped(from), escaped(to)),
                (from, to) => from.as_ref().or(to.as_ref()).map_or(String::new(), |time| escaped(time)),
            };
            out.push_str(&format!(
                "<tr id=\"s{place}\"><td><b>{}</b></td><td data-label=\"file\">{} <small>({} bytes)</small></td>\
                 <td data-label=\"read as\">{}, {}</td><td data-label=\"from … to\">{span}</td>\
                 <td data-label=\"SHA-256\"><code>{}</code></td></tr>",
                long(name, 80),
                long(&source.path, 160),
                source.bytes,
                escaped(&source.format),
                source.origin.word(),
                long(&source.sha256, 64)
            ));
        }
        out.push_str("</tbody></table></div>");
    }
}

/// The records that are listed, with a title where there are several: of a series the last few.
fn listed<'g>(group: &'g Group<'static>) -> Vec<(String, &'g Value<'static>)> {
    match &group.evidence {
        Value::Object(records) if group.document.is_some() => {
            let whole = records.iter().filter(|(_, record)| record.as_list().is_none());
            whole.take(40).map(|(scope, record)| (scope.to_owned(), record)).collect()
        }
        Value::List(records) if records.len() > 1 => {
            let from = records.len().saturating_sub(RECORDS);
            let shown = records.iter().enumerate().skip(from);
            shown.map(|(place, record)| (format!("record {}", place + 1), record)).collect()
        }
        _ => records(group).into_iter().map(|record| (String::new(), record)).collect(),
    }
}

/// The values of a record that hold no others, with their paths; our own keys left out.
fn leaves<'v>(record: &'v Value<'static>) -> Vec<(String, &'v Value<'static>)> {
    let mut found = Vec::new();
    match record {
        Value::Object(object) => walk_object(object, "", &mut found),
        value => found.push(("value".to_owned(), value)),
    }
    found
}

fn walk_object<'v>(object: &'v Object<'static>, above: &str, found: &mut Vec<(String, &'v Value<'static>)>) {
    for (key, value) in object.iter() {
        if above.is_empty() && schema::OUR_KEYS.contains(&key) {
            continue;
        }
        let key = Path::from_keys([key]).map_or_else(|| key.to_owned(), |path| path.to_string());
        let key = if above.is_empty() { key } else { format!(".{}", key.trim_start_matches('.')) };
        walk(value, format!("{above}{key}"), found);
    }
}

fn walk<'v>(value: &'v Value<'static>, path: String, found: &mut Vec<(String, &'v Value<'static>)>) {
    match value {
        Value::Object(object) if !object.is_empty() => walk_object(object, &path, found),
        Value::List(list) if !list.is_empty() => {
            for (place, value) in list.iter().enumerate() {
                walk(value, format!("{path}[{place}]"), found);
            }
        }
        value => found.push((path, value)),
    }
}
