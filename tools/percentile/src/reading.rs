//! Reading inputs into groups: bare numbers, or records and their fields.
//!
//! Owns telling the two apart, what counts as used, skipped, missing and invalid, and the words for what is wrong.
//! Refuses to take text for a number unless `--unit` says how.

use std::path::PathBuf;

use expr::{Path, Reading};
use filter::{Error, Filter, Lines, MAX_RAW_LINE, Records, Require, SealCheck, begins_as_seal};
use schema::{OUR_KEYS, Object, Value, json};

use crate::decimal::Decimal;
use crate::groups::Groups;
use crate::plan::Plan;

/// How many records go by between two looks at the memory.
const LOOK: u64 = 1 << 14;

/// What an input was found to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Bare numbers.
    Numbers,
    /// Records.
    Records,
}

/// Reads all inputs; what they held, `None` where all were empty.
pub fn read(plan: &Plan, files: &[PathBuf], groups: &mut Groups, filter: &mut Filter) -> Result<Option<Held>, Error> {
    let stdin = [PathBuf::from("-")];
    let mut held = None;
    for path in if files.is_empty() { &stdin } else { files } {
        let mut input = filter.open(path)?;
        let name = input.name().to_owned();
        let start = input.peek(filter)?;
        let first = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start().first().copied();
        if filter::is_html(start) {
            return Err(Error::data(name, "is an HTML page; wanted numbers or records"));
        }
        if first == Some(b'[') {
            return Err(Error::data(name, "is a JSON list; wanted one number or one record a line (jq -c '.[]')"));
        }
        let found = match first {
            Some(b'{') => Some(Held::Records),
            _ if plan.records_only => Some(Held::Records),
            Some(_) => Some(Held::Numbers),
            None => None,
        };
        if let (Some(before), Some(now)) = (held, found)
            && before != now
        {
            return Err(Error::data(name, "does not hold what the inputs before it hold: numbers, or records"));
        }
        held = held.or(found);
        match found {
            Some(Held::Records) => records(plan, Records::of(input, Require::WhereSealing), groups, filter)?,
            _ => numbers(plan, Lines::new(input, filter.options.max_line.unwrap_or(MAX_RAW_LINE)), groups, filter)?,
        }
    }
    Ok(held)
}

fn numbers(plan: &Plan, mut lines: Lines, groups: &mut Groups, filter: &mut Filter) -> Result<(), Error> {
    let name = lines.name().to_owned();
    let regular = lines.is_regular();
    let group = groups.place(&[]);
    let metric = groups.metric_number("");
    let mut seals = SealCheck::default();
    let fault = |fault: filter::Fault| Error::data(name.clone(), format!("{}: {}", fault.code, fault.detail));
    while let Some(line) = lines.next(filter)? {
        let (number, length, text) = (line.number, line.length, line.bytes.trim_ascii());
        if begins_as_seal(text) {
            let value =
                json::parse(text).map_err(|error| Error::data(format!("{name}:{number}"), error.to_string()))?;
            let seal = seals.seal(&value).map_err(fault)?;
            filter.add_upstream(seal.flattened());
            filter.counts.lines -= 1;
            continue;
        }
        if text.is_empty() {
            seals.count_blank(length);
            filter.counts.skipped += 1;
            continue;
        }
        seals.count(length);
        match plan.number(text) {
            Some(one) => {
                filter.counts.used += 1;
                if !groups.add(group, metric, one, 1) {
                    return Err(too_many(&name));
                }
            }
            None => {
                let reason = plan.not_a_number(text);
                let place = format!("{name}:{number}");
                invalid(place, reason, filter)?;
                groups.list[group].metric(metric).invalid += 1;
            }
        }
        groups.list[group].records += 1;
        if number.is_multiple_of(LOOK) {
            groups.fit(plan.max_memory, plan.precision);
        }
    }
    let required = filter.sealing() && !filter.options.unsealed && !regular;
    seals.end(required).map_err(fault)
}

/// Counts a value that is no number, and says so; under `--seal` it is an error unless it is granted.
fn invalid(place: String, reason: String, filter: &mut Filter) -> Result<(), Error> {
    if filter.options.allow_rejected.is_some() {
        filter.counts.rejected += 1;
    } else if filter.sealing() {
        return Err(Error::data(place, reason));
    } else {
        filter.counts.skipped += 1;
    }
    filter.note("invalid value", place, reason);
    Ok(())
}

fn too_many(name: &str) -> Error {
    Error::data(name, "has more than 2^63 - 1 samples in one metric")
}

fn records(plan: &Plan, mut records: Records, groups: &mut Groups, filter: &mut Filter) -> Result<(), Error> {
    while let Some(record) = records.next(filter)? {
        let value = record.value;
        let place = (record.file.to_owned(), record.line);
        take(plan, &value, &place, groups, filter)?;
        if place.1.is_multiple_of(LOOK) {
            groups.fit(plan.max_memory, plan.precision);
        }
    }
    Ok(())
}

/// Takes in one record.
fn take(
    plan: &Plan,
    value: &Value<'_>,
    place: &(String, u64),
    groups: &mut Groups,
    filter: &mut Filter,
) -> Result<(), Error> {
    let at = || format!("{}:{}", place.0, place.1);
    let count = match &plan.weight {
        None => 1,
        Some(path) => match path.read(value) {
            Reading::Found(Value::Number(number)) if number.as_u64().is_some() => number.as_u64().unwrap_or(0),
            _ => return invalid(at(), format!("{path} is not a whole number to weigh the record by"), filter),
        },
    };
    let key: Vec<&Value<'_>> = plan.by.iter().map(|path| found(path, value)).collect();
    let group = groups.place(&key);
    groups.list[group].records += 1;
    let mut used = true;
    let mut one =
        |name: usize, path: &dyn std::fmt::Display, value: &Value<'_>, groups: &mut Groups, filter: &mut Filter| {
            match value {
                Value::Null => Ok(()),
                Value::Number(number) if let Some(one) = plan.number(number.as_str().as_bytes()) => {
                    if groups.add(group, name, one, count) { Ok(()) } else { Err(too_many(&place.0)) }
                }
                Value::Text(text)
                    if plan.unit.is_some()
                        && let Some(one) = plan.number(text.as_bytes()) =>
                {
                    if groups.add(group, name, one, count) {
                        Ok(())
                    } else {
                        Err(too_many(&place.0))
                    }
                }
                _ => {
                    let reason = format!("{path} is {}", plan.not_this_value(value));
                    groups.list[group].metric(name).invalid += 1;
                    used = false;
                    invalid(at(), reason, filter)
                }
            }
        };
    for (number, path) in plan.fields.iter().enumerate() {
        match path.read(value) {
            Reading::Found(value) => one(number, path, value, groups, filter)?,
            Reading::Missing => {}
            Reading::Ambiguous => {
                one(number, path, &Value::List(Vec::new()), groups, filter)?;
            }
        }
    }
    if plan.all_fields || !plan.wildcards.is_empty() {
        let mut leaves = Vec::new();
        if plan.all_fields {
            numeric_leaves(value, &mut String::new(), &mut leaves);
        }
        for path in &plan.wildcards {
            for found in path.matches(value) {
                if let Reading::Found(value @ Value::Number(_)) = found.reading {
                    leaves.push((found.path.dotted().to_owned(), value));
                }
            }
        }
        for (name, value) in leaves {
            if !plan.left_out.contains(&name) {
                let number = groups.metric_number(&name);
                one(number, &name, value, groups, filter)?;
            }
        }
    }
    if used {
        filter.counts.used += 1;
    }
    Ok(())
}

/// What a path finds; null where that is nothing or cannot be told.
fn found<'v, 'a>(path: &Path, value: &'v Value<'a>) -> &'v Value<'a> {
    const NOTHING: &Value<'static> = &Value::Null;
    if let Reading::Found(value) = path.read(value) { value } else { NOTHING }
}

/// Every number in an object and the objects in it, by its dotted name; our five keys and lists are left out.
fn numeric_leaves<'v, 'a>(value: &'v Value<'a>, prefix: &mut String, leaves: &mut Vec<(String, &'v Value<'a>)>) {
    let Some(object): Option<&Object<'a>> = value.as_object() else { return };
    for (key, member) in object.iter() {
        if prefix.is_empty() && OUR_KEYS.contains(&key) {
            continue;
        }
        let length = prefix.len();
        if length > 0 {
            prefix.push('.');
        }
        prefix.push_str(key);
        match member {
            Value::Number(number) if Decimal::parse(number.as_str().as_bytes()).is_some() => {
                leaves.push((prefix.clone(), member));
            }
            Value::Object(_) => numeric_leaves(member, prefix, leaves),
            _ => {}
        }
        prefix.truncate(length);
    }
}
