//! The records of a report: groups in order, their summaries, what to sort them by, and the table for people.
//!
//! Owns what stands where. Refuses to round a number anywhere but in the table.

pub mod names; // what a record will hold
pub mod plot; // pictures
pub mod summary; // what is said of one metric
mod table; // rows for people
#[cfg(test)]
mod tests; // how seldom an interval is wrong

use std::cmp::Reverse;

use expr::{Aggregate, AggregateState, Path, Reading};
use filter::{Error, Filter};
use schema::{Code, Number, Object, Unknown, Value};

use crate::groups::Groups;
use crate::groups::doubt::Kind;
use crate::options::{KEYS, Shape};
use crate::plan::Plan;
use crate::report::names::Outline;
use crate::report::summary::{Records, summary};
pub use crate::report::table::Table;
use number::Sample;

/// Writes the records of all groups, sorted and cut as asked for, each with `before` in front; for people rows of `table`,
/// which goes on with the next groups.
///
/// A group's samples are let go of as soon as its record is written.
pub fn groups(
    plan: &Plan,
    by: &[String],
    groups: &mut Groups,
    shape: &Shape,
    before: &Object<'static>,
    table: &mut Table,
    filter: &mut Filter,
) -> Result<(), Error> {
    let names = groups.names.clone();
    let mut list = Vec::new();
    let front = if before.is_empty() { &[] } else { &KEYS[..] };
    if let Some(path) = plan.sort.as_ref().filter(|_| !names.is_empty()) {
        let outline = Outline::new(plan, front, by, &names, shape)?;
        if let Err(reason) = outline.sorts_by(path) {
            // A window that lacks a field is no reason to end a run: others may have it.
            if before.is_empty() {
                return Err(Error::usage(reason));
            }
            filter.note("--sort", before.get("window").map(plain).unwrap_or_default(), reason);
        }
    } else if plan.all_fields || !plan.wildcards.is_empty() || plan.merged {
        // What was asked for by name was looked at before anything was read.
        Outline::new(plan, front, by, &names, shape)?;
    }
    let told = Told {
        none: if plan.merged { plan.no_records } else { filter.counts.lines == 0 },
        read: if plan.merged {
            plan.merged_records
        } else {
            filter.counts.lines.saturating_sub(filter.counts.rejected)
        },
        rejected: rejected(filter),
    };
    let places = order(plan, by, groups, shape, &told);
    let left_out = groups.list.len() - places.len();
    if left_out > 0 && !filter.people() {
        filter.tell("groups_left_out", left_out as u64);
        if before.is_empty() {
            let groups = if left_out == 1 { "group" } else { "groups" };
            filter.note("--top", "--top", format!("leaves out {left_out} {groups}, which no gate after this will see"));
        }
    }
    for place in places {
        let record = record(plan, by, groups, place, shape, before, &told);
        if filter.people() {
            list.push(record);
        } else {
            filter.object(&record)?;
        }
        groups.forget(place);
    }
    if filter.people() {
        let columns: Vec<String> = before.iter().map(|(key, _)| key.to_owned()).take(1).chain(by.to_vec()).collect();
        let text = table.text(plan, &columns, &names, &list, filter.columns());
        filter.text(&text)?;
    }
    Ok(())
}

/// What a record says of the whole run.
struct Told {
    /// The input held no record at all.
    none: bool,
    /// How many records were read; 0 where that is not known.
    read: u64,
    /// How many lines were rejected, and the grant of them.
    rejected: Option<(u64, String)>,
}

/// How many lines were rejected, and the grant of them; `None` where none were.
pub fn rejected(filter: &Filter) -> Option<(u64, String)> {
    let grant = filter.options.allow_rejected.clone()?;
    (filter.counts.rejected > 0).then_some((filter.counts.rejected, grant))
}

/// The record of one group.
fn record(
    plan: &Plan,
    by: &[String],
    groups: &mut Groups,
    place: usize,
    shape: &Shape,
    before: &Object<'static>,
    told: &Told,
) -> Object<'static> {
    groups.finish(place);
    let Some(group) = groups.list.get_mut(place) else { return before.clone() };
    let mut members: Vec<(String, Value<'static>)> =
        before.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    members.extend(by.iter().cloned().zip(group.key()));
    let mut unknown = Vec::new();
    let records = Records { all: group.records, undecided: group.undecided, none: told.none };
    for (name, metric) in groups.names.iter().zip(&mut group.metrics) {
        let summary = summary(metric, records, &plan.asked);
        let above = match shape {
            Shape::Bare => plan.name.as_ref(),
            Shape::Named => Some(name),
        };
        unknown.extend(summary.unknown.into_iter().map(|entry| placed(above, entry)));
        match above {
            None => members.extend(summary.object.into_iter().map(|(key, value)| (key.into_owned(), value))),
            Some(name) => members.push((name.clone(), Value::Object(summary.object))),
        }
    }
    let mut record: Object<'static> = members.into_iter().collect();
    // What may not belong here, or belong here as well, puts an aggregate in doubt as it does a count.
    let membership = |kind| matches!(kind, Kind::Where | Kind::Time | Kind::Group);
    let doubt = group.doubts.as_ref().and_then(|doubts| {
        doubts.iter().find(|doubt| membership(doubt.kind)).map(|doubt| (doubt.code, doubt.detail()))
    });
    // A condition that could be told of no record at all asks for what is not there: then none chosen says nothing.
    let none = group.undecided >= told.read;
    aggregates(plan, &group.aggregates, none, doubt, &mut record, &mut unknown);
    if before.get(KEYS[2]) == Some(&Value::Bool(true)) {
        unknown.extend(parts(plan, &record, before.len() + by.len()));
    }
    evidence(&mut record, unknown, told.rejected.as_ref());
    record
}

/// The figures of a window that came late: they are of a part of it, since the other part has been printed. What only
/// grows with more records is at least what it is of this part. Those from the place `from` on are the record's figures.
fn parts(plan: &Plan, record: &Object<'static>, from: usize) -> Vec<Unknown> {
    let figures = record.iter().skip(from).flat_map(|(name, value)| match value {
        Value::Object(summary) => summary.iter().map(|(key, value)| (Some(name), key, value)).collect::<Vec<_>>(),
        value => vec![(None, name, value)],
    });
    let counts = |name: &str| {
        let counts = plan.aggregates.iter().find(|aggregate| aggregate.name.dotted() == name).map(|aggregate| {
            let text = aggregate.to_string();
            let made = text.split_once('=').map_or("", |(_, made)| made.trim());
            made.starts_with("count(") && made.ends_with(')') && !made.contains(['/', '*', '+', '-', '<', '>'])
        });
        counts.unwrap_or(false)
    };
    let figures = figures.filter_map(|(above, key, value)| {
        let Value::Number(number) = value else { return None };
        let grows = above.is_some_and(|_| matches!(key, "count" | "max")) || above.is_none() && counts(key);
        Some(Unknown {
            path: path_below(above.map(str::to_owned).as_ref(), key),
            code: Code::Gap,
            detail: LATE.to_owned(),
            low: grows.then(|| number.clone().into_owned()),
            high: None,
        })
    });
    figures.collect()
}

/// What is said of a part of a window.
const LATE: &str =
    "a part of this window was printed before: sort the records by time, or merge states (--state, then --merge)";

/// An entry of a figure, with the path that leads to it: below the summary's name, if it has one.
pub fn placed(above: Option<&String>, entry: Unknown) -> Unknown {
    Unknown { path: path_below(above, &entry.path), ..entry }
}

/// The path of a figure below the name of its summary, if that has one.
fn path_below(above: Option<&String>, key: &str) -> String {
    let keys = || above.map(String::as_str).into_iter().chain([key]);
    let dotted = keys().collect::<Vec<_>>().join(".");
    let path = Path::parse(&dotted).ok().filter(|path| path.dotted() == dotted && !path.has_wildcard());
    path.or_else(|| Path::from_keys(keys())).map_or(dotted, |path| path.to_string())
}

/// Puts what cannot be told into a record, and what was rejected.
pub fn evidence(record: &mut Object<'static>, unknown: Vec<Unknown>, rejected: Option<&(u64, String)>) {
    if unknown.is_empty() && rejected.is_none() {
        return;
    }
    let mut evidence = Object::new();
    evidence.insert("sources", Vec::new());
    evidence.insert("declared", Vec::new());
    let entries = unknown.into_iter().map(|entry| {
        let mut object = Object::new();
        object.insert("path", entry.path);
        object.insert("code", entry.code.name());
        object.insert("detail", entry.detail);
        for (key, limit) in [("low", entry.low), ("high", entry.high)] {
            if let Some(limit) = limit {
                object.insert(key, Value::Number(limit));
            }
        }
        Value::Object(object)
    });
    evidence.insert("unknown", entries.collect::<Vec<_>>());
    if let Some((count, grant)) = rejected {
        evidence.insert("rejected", *count);
        evidence.insert("allow_rejected", grant.clone());
    }
    evidence.insert("seals", Vec::new());
    record.insert("@evidence", evidence);
}

/// The places of the groups that are written, in order.
fn order(plan: &Plan, by: &[String], groups: &mut Groups, shape: &Shape, told: &Told) -> Vec<usize> {
    let names = groups.names.clone();
    let mut places: Vec<usize> = (0..groups.list.len()).collect();
    arrange(plan, &names, &mut places, |&place| record(plan, by, groups, place, shape, &Object::new(), told));
    places
}

/// Sorts and cuts groups as asked for, by what stands in the record of each.
fn arrange<T>(plan: &Plan, names: &[String], groups: &mut Vec<T>, mut record: impl FnMut(&T) -> Object<'static>) {
    let count = Path::from_keys(["count"]);
    if let Some(path) = plan.sort.as_ref().or_else(|| plan.top.and(count.as_ref())) {
        // Groups with values that could not be read first, for they may be the largest and --top must not cut them off; then
        // the largest, without samples last; the order of the groups among equals.
        groups.sort_by_cached_key(|group| {
            let record = record(group);
            let doubted = record.get("@evidence").and_then(|evidence| evidence.get("unknown")?.as_list());
            let doubted = doubted.is_some_and(|unknown| !unknown.is_empty());
            Reverse((doubted, sort_key(path, names.iter().chain(plan.name.as_ref()), record)))
        });
    }
    groups.truncate(plan.top.unwrap_or(usize::MAX));
}

/// Puts the values of `-a` into a record, null and among the unknown where one cannot be told; none can where records
/// are doubted, or where none was looked at (`none`).
fn aggregates(
    plan: &Plan,
    states: &[AggregateState],
    none: bool,
    doubt: Option<(Code, String)>,
    record: &mut Object<'static>,
    unknown: &mut Vec<Unknown>,
) {
    for (place, aggregate) in plan.aggregates.iter().enumerate() {
        let start = aggregate.start();
        let state = states.get(place).unwrap_or(&start);
        let made = if none { state.finish(aggregate) } else { state.finish_chosen(aggregate) };
        let made = made.map_err(|code| (code, if code == Code::Missing { lacking(aggregate) } else { String::new() }));
        let value = match doubt.clone().map_or(made, Err) {
            Ok(value) => value,
            Err((code, detail)) => {
                unknown.push(Unknown { path: aggregate.name.to_string(), code, detail, low: None, high: None });
                Value::Null
            }
        };
        let is_known = value != Value::Null;
        put(record, &aggregate.name, value);
        if is_known && let Some(state) = states.get(place) {
            let level =
                plan.asked.sure.as_ref().map_or_else(|| Number::parse(SURE), |level| Some(level.share.number()));
            let ends = level.map(|level| state.ends(aggregate, level)).unwrap_or_default();
            ends.into_iter().for_each(|(path, end)| put(record, &path, end));
        }
    }
}

/// What a record lacks, and what can be done about it: nothing where more than one path could be meant.
fn lacking(aggregate: &Aggregate) -> String {
    match aggregate.paths().as_slice() {
        [path] if !path.has_wildcard() => format!(
            "a record has no {path}: default({path}, …) gives it a value, kv-extract --having {path} leaves it out"
        ),
        _ => String::new(),
    }
}

/// The level of a slope's ends where `--sure` says none.
const SURE: &str = "0.95";

/// Puts a value at a path; under its dotted name where something else is in the way.
fn put(record: &mut Object<'static>, path: &Path, value: Value<'static>) {
    if path.set(record, value.clone()).is_err() {
        record.insert(path.dotted().to_owned(), value);
    }
}

/// The number a path means in a record, or in the summary of its first field.
fn sort_key<'n>(path: &Path, mut names: impl Iterator<Item = &'n String>, record: Object<'static>) -> Option<Sample> {
    let record = Value::Object(record);
    let in_summary = |value: &Value<'_>| match path.read(value) {
        Reading::Found(Value::Number(number)) => Sample::parse(number.as_str().as_bytes()),
        _ => None,
    };
    in_summary(&record).or_else(|| names.find_map(|name| in_summary(record.get(name)?)))
}

/// Writes records that each hold one summary, sorted and cut as asked for: JSON, or a table for people.
pub fn write(plan: &Plan, by: &[String], mut records: Vec<Object<'static>>, filter: &mut Filter) -> Result<(), Error> {
    arrange(plan, &[], &mut records, Object::clone);
    if !filter.people() {
        return records.iter().try_for_each(|record| filter.object(record));
    }
    let text = Table::default().text(plan, by, &[], &records, filter.columns());
    filter.text(&text)
}

/// A value as it stands in a cell: control characters of a group's name do not reach the terminal.
pub fn plain(value: &Value<'_>) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Text(text) => text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect(),
        other => {
            let mut text = Vec::new();
            schema::json::write(other, &mut text);
            String::from_utf8_lossy(&text).into_owned()
        }
    }
}
