//! Tumbling windows of time: a summary of each, when a later record closes it.
//!
//! Owns which window a record belongs to, when one is printed, and which hold nothing. A late record goes to its own
//! window, which is printed again with `"late":true`. Refuses to guess a time: a record without one belongs to no window
//! known, and the figures of the window `null` that it is printed in cannot be told.

use std::collections::{BTreeMap, HashMap};

use expr::{Claims, Path, Reading};
use filter::{Error, Filter, Records, Require};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use schema::{Code, Object, Value, json};
use time::{Clock, Stamp};

use crate::flags::Config;
use crate::groups::doubt::{Found, Kind, NO_LIMIT};
use crate::groups::shared::Store;
use crate::groups::{Group, Groups, Metric, full};
use crate::options::{KEYS, Shape};
use crate::plan::Plan;
use crate::read::blocks::LineLimit;
use crate::read::left_out::{leave_out, within_grant};
use crate::read::records::{Fields, Outcome, doubted, found_at};
use crate::report::{self, Table};
use crate::session::nowhere;

/// More windows than this are not filled in.
const FILL_LIMIT: u64 = 100_000;

/// The windows of a run.
struct Windows<'r> {
    config: &'r Config,
    plan: &'r Plan,
    width: i64,
    /// The windows that are not printed yet, by their start.
    open: BTreeMap<i64, Groups>,
    /// The start of the newest window.
    newest: Option<i64>,
    /// Records without a time.
    timeless: Option<Groups>,
    /// The last window of each group, by the text of its key.
    last: HashMap<Vec<u8>, i64>,
    /// How many windows between the first and the last one of a group held nothing.
    empty: u64,
    /// The rows that were written for people.
    table: Table,
    /// The keys of the first record of all.
    first: Option<(Found, Vec<String>)>,
    /// Which fields and which paths of groups some record had.
    there: (Vec<bool>, Vec<bool>),
}

/// Reads all inputs and writes each window when it closes.
pub fn run(config: &Config, plan: &Plan, width: i64, time: &Path, filter: &mut Filter) -> Result<(), Error> {
    let store = Store::new(plan);
    let strict = filter.options.allow_rejected.is_some();
    let mut worker = Fields::new(plan, LineLimit::NONE, strict, &store, 0);
    let mut windows = Windows {
        config,
        plan,
        width,
        open: BTreeMap::new(),
        newest: None,
        timeless: None,
        last: HashMap::new(),
        empty: 0,
        table: Table::default(),
        first: None,
        there: (vec![false; plan.fields.len()], vec![false; plan.by.len()]),
    };
    // A stamp that names no zone is taken to be of UTC.
    let clock = Clock::new(TimeZone::UTC, filter.now()?);
    let mut records = Records::new(&config.files, Require::WhereSealing);
    let mut number = 0;
    let mut unlooked = 0;
    while let Some(record) = records.next(filter)? {
        let place = || format!("{}:{}", record.file, record.line);
        let value = &record.value;
        number += 1;
        let start = match start_of(value, time, width, &clock) {
            Ok(start) => start,
            Err(code) => {
                let reason = no_time(value, time, code);
                if strict {
                    leave_out(place(), reason, filter)?;
                    continue;
                }
                worker.groups = windows.timeless.take().unwrap_or_else(|| store.fork());
                let outcome = worker.take(value, (number, 0));
                let mut groups = std::mem::take(&mut worker.groups);
                if !matches!(outcome, Outcome::Skipped) {
                    filter.note("no time", place(), reason);
                    let key: Vec<&Value<'_>> = plan.by.iter().map(|path| found_at(path, value)).collect();
                    let group = groups.place(&key);
                    if let Some(doubts) = groups.doubts(group) {
                        doubts.add((Kind::Time, code), NO_LIMIT, (0, number, 0), String::new, || None);
                    }
                }
                windows.timeless = Some(groups);
                outcome.count(place(), filter)?;
                continue;
            }
        };
        if windows.newest.is_none_or(|newest| start > newest) {
            windows.close(filter)?;
            windows.newest = Some(start);
        }
        worker.groups = windows.open.remove(&start).unwrap_or_else(|| store.fork());
        let outcome = worker.take(value, (number, 0));
        windows.open.insert(start, std::mem::take(&mut worker.groups));
        outcome.count(place(), filter)?;
        unlooked += 1;
        let grown = windows.open.get(&start).map_or(0, |groups| groups.grown(unlooked));
        if grown > plan.max_memory / 16 || unlooked > LOOK {
            unlooked = 0;
            windows.look(filter)?;
        }
    }
    within_grant(filter)?;
    windows.close(filter)?;
    if let Some(mut groups) = windows.timeless.take() {
        let mut before = Object::new();
        before.insert(KEYS[0], Value::Null);
        windows.write(&mut groups, &before, filter)?;
    }
    if windows.empty > 0 && !config.fill {
        let of_each = if plan.by.is_empty() { "" } else { " of a group" };
        let windows = if windows.empty == 1 { "1 window" } else { &format!("{} windows", windows.empty) };
        let reason = format!(
            "{windows} between the first and the last{of_each} held no record; --fill prints them with count 0"
        );
        filter.note("empty windows", "--window", reason);
    }
    windows.tell_absent(filter);
    Ok(())
}

/// The start of the window that a record belongs to; else why that cannot be told.
fn start_of(value: &Value<'_>, time: &Path, width: i64, clock: &Clock) -> Result<i64, Code> {
    let claims = value.get("@evidence").map(|_| Claims::of(value));
    if let Some(code) = claims.and_then(|claims| doubted(&claims, time)) {
        return Err(code);
    }
    match time.read(value) {
        Reading::Found(Value::Null) => Err(Code::Null),
        Reading::Found(found) => nanoseconds(found, clock)
            .map(|time| time.div_euclid(width).saturating_mul(width))
            .ok_or(if found.as_number().is_some() { Code::NotANumber } else { Code::WrongType }),
        Reading::Missing => Err(Code::Missing),
        Reading::Ambiguous => Err(Code::Ambiguous),
    }
}

/// Why a record has no time, in words.
fn no_time(value: &Value<'_>, time: &Path, code: Code) -> String {
    if code == Code::Missing {
        let keys = value.as_object().map(|object| object.iter().map(|(key, _)| key).take(12).collect::<Vec<_>>());
        return format!("no field {time} (the record has {})", keys.unwrap_or_default().join(", "));
    }
    match time.read(value) {
        Reading::Found(found) => {
            let mut text = Vec::new();
            json::write(found, &mut text);
            format!(
                "{time} is not a time: {}; wanted a stamp like 2026-03-05T20:32:12Z, or epoch seconds",
                String::from_utf8_lossy(&text)
            )
        }
        _ => format!("{time} is not a time: {code}"),
    }
}

/// At most so many records go by between two looks at the memory.
const LOOK: u64 = 1 << 14;

impl Windows<'_> {
    /// Keeps all windows together within the memory; late ones are written where that does not do.
    fn look(&mut self, filter: &mut Filter) -> Result<(), Error> {
        let plan = self.plan;
        let count = self.open.len() + usize::from(self.timeless.is_some());
        let share = plan.max_memory / count.max(1);
        for groups in self.open.values_mut().chain(&mut self.timeless) {
            groups.looked();
            groups.fit(share, plan.precision);
        }
        if full(self.open.values(), plan.max_memory).is_some()
            && let Some(newest) = self.newest
        {
            let now = self.open.split_off(&newest);
            let late = std::mem::replace(&mut self.open, now);
            self.write_all(late, filter)?;
        }
        let all = self.open.values().chain(&self.timeless);
        full(all, plan.max_memory).map_or(Ok(()), |reason| Err(Error::data("--max-memory", reason)))
    }

    /// Writes all windows that are open.
    fn close(&mut self, filter: &mut Filter) -> Result<(), Error> {
        let open = std::mem::take(&mut self.open);
        self.write_all(open, filter)
    }

    /// Writes windows; those before the newest are late.
    fn write_all(&mut self, windows: BTreeMap<i64, Groups>, filter: &mut Filter) -> Result<(), Error> {
        for (start, mut groups) in windows {
            let late = self.newest.is_some_and(|newest| start < newest);
            if !late {
                self.fill(start, &groups, filter)?;
            }
            let mut before = Object::new();
            before.insert(KEYS[0], text_of(start));
            if late {
                before.insert(KEYS[1], true);
            }
            self.write(&mut groups, &before, filter)?;
        }
        Ok(())
    }

    /// Counts the windows before this one that held nothing, and with `--fill` writes them: for each group those since
    /// its last one.
    fn fill(&mut self, start: i64, groups: &Groups, filter: &mut Filter) -> Result<(), Error> {
        if groups.list.iter().all(|group| group.records == 0) {
            return Ok(());
        }
        let mut gaps: BTreeMap<i64, Vec<Vec<u8>>> = BTreeMap::new();
        for key in groups.list.iter().filter(|group| group.records > 0).map(Group::key_text) {
            let last = match self.last.get_mut(key) {
                Some(last) => std::mem::replace(last, start),
                None => {
                    self.last.insert(key.to_vec(), start);
                    continue;
                }
            };
            let empty = (start.saturating_sub(last) / self.width - 1).max(0);
            self.empty = self.empty.saturating_add(empty.unsigned_abs());
            if !self.config.fill {
                continue;
            }
            if self.empty > FILL_LIMIT {
                let from = text_of(last);
                let reason = format!(
                    "more than 100,000 windows hold nothing, the last of them from {from} to {}: a time is wrong, or \
                     --window is too narrow",
                    text_of(start)
                );
                return Err(Error::data("--fill", reason));
            }
            (1..=empty).for_each(|step| gaps.entry(last + step * self.width).or_default().push(key.to_vec()));
        }
        for (start, keys) in gaps {
            let mut empty = Groups::new(groups.names.clone(), None);
            for key in keys {
                empty.place_of(&key);
            }
            let mut before = Object::new();
            before.insert(KEYS[0], text_of(start));
            self.write(&mut empty, &before, filter)?;
        }
        Ok(())
    }

    /// Notes what the records of a window had.
    fn note(&mut self, groups: &Groups) {
        if let Some(first) = &groups.first
            && self.first.as_ref().is_none_or(|known| first.0 < known.0)
        {
            self.first = Some(first.clone());
        }
        let (fields, by) = &mut self.there;
        for (number, there) in fields.iter_mut().enumerate().filter(|(_, there)| !**there) {
            *there = groups.list.iter().filter_map(|group| group.metrics.get(number)).any(Metric::is_there);
        }
        for (number, there) in by.iter_mut().enumerate().filter(|(_, there)| !**there) {
            *there = groups.list.iter().any(|group| group.has_value(number));
        }
    }

    /// Says what is in no record of any window.
    fn tell_absent(&self, filter: &mut Filter) {
        let Some((_, keys)) = &self.first else { return };
        let (fields, by) = &self.there;
        for (path, _) in self.plan.fields.iter().zip(fields).filter(|(_, there)| !**there) {
            filter.note("absent field", path, nowhere(path, keys));
        }
        for (path, _) in self.plan.by.iter().zip(by).filter(|(_, there)| !**there) {
            filter.note("absent group", path, nowhere(path, keys));
        }
    }

    /// Writes the groups of one window.
    fn write(&mut self, groups: &mut Groups, before: &Object<'static>, filter: &mut Filter) -> Result<(), Error> {
        let plan = self.plan;
        let granted = filter.options.allow_rejected.is_some();
        // A share of all lines is known at the end only; until then what is beyond it so far is no grant.
        let within = granted && within_grant(filter).is_ok();
        if granted && !within && filter.options.allow_rejected.as_ref().is_some_and(|grant| !grant.ends_with('%')) {
            within_grant(filter)?;
        }
        self.note(groups);
        let is_filled = groups.list.iter().all(|group| group.records == 0 && group.doubts.is_none());
        if !is_filled {
            groups.read_all(&plan.ending(), within);
            if groups.list.is_empty() {
                return Ok(());
            }
        }
        groups.sort(plan.fields.len());
        if !granted {
            groups.tell_invalid(&plan.ending(), filter);
        }
        let by: Vec<String> = plan.by.iter().map(|path| path.dotted().to_owned()).collect();
        report::groups(plan, &by, groups, &Shape::Named, before, &mut self.table, filter)
    }
}

/// A window's start as it is written.
fn text_of(start: i64) -> String {
    Timestamp::from_nanosecond(i128::from(start)).map_or_else(|_| start.to_string(), |time| time.to_string())
}

/// A time in nanoseconds since 1970: a stamp as logs have them, or a number of seconds (milli-, micro-, nanoseconds from 1e11, 1e14 and
/// 1e17 on).
fn nanoseconds(value: &Value<'_>, clock: &Clock) -> Option<i64> {
    match value {
        Value::Text(text) => {
            let time = text.parse::<Timestamp>().ok().or_else(|| match clock.value(text.as_bytes()) {
                Stamp::At(time) => Some(time),
                _ => None,
            })?;
            i64::try_from(time.as_nanosecond()).ok()
        }
        Value::Number(number) => {
            let exact = expr::Decimal::from_number(number)?;
            let size = exact.abs();
            let at_least = |zeros: i32| expr::Decimal::new(1, zeros).is_some_and(|bound| size >= bound);
            let zeros = if at_least(17) {
                0
            } else if at_least(14) {
                3
            } else if at_least(11) {
                6
            } else {
                9
            };
            let scaled = exact.times(expr::Decimal::new(1, zeros)?)?.floor_to(0);
            let factor = u32::try_from(scaled.exponent()).ok().and_then(|zeros| 10i128.checked_pow(zeros))?;
            i64::try_from(scaled.digits().checked_mul(factor)?).ok()
        }
        _ => None,
    }
}
