//! Tumbling windows of time: a summary of each, when a later record closes it.
//!
//! Owns which window a record belongs to and when one is printed. A late record goes to its own window, which is
//! printed again with `"late":true`. Refuses to guess a time: a record without one is left out and told.

use std::collections::BTreeMap;

use expr::{Path, Reading};
use filter::{Error, Filter, Records, Require};
use jiff::Timestamp;
use schema::{Object, Value};

use crate::fields::{Fields, leave_out};
use crate::flags::Config;
use crate::groups::{Groups, full};
use crate::plan::Plan;
use crate::report::{self, Shape};
use crate::store::Store;

/// What stands in front of the groups of a window.
pub const KEYS: [&str; 2] = ["window", "late"];

/// Reads all inputs and writes each window when it closes.
pub fn run(config: &Config, plan: &Plan, width: i64, time: &Path, filter: &mut Filter) -> Result<(), Error> {
    let store = Store::new(plan);
    let strict = filter.sealing() || filter.options.allow_rejected.is_some();
    let mut worker = Fields::new(plan, usize::MAX, strict, &store, 0);
    let mut open: BTreeMap<i64, Groups> = BTreeMap::new();
    let mut newest: Option<i64> = None;
    let mut records = Records::new(&config.files, Require::WhereSealing);
    let mut number = 0;
    let mut unlooked = 0;
    while let Some(record) = records.next(filter)? {
        let place = format!("{}:{}", record.file, record.line);
        let value = record.value.clone().into_owned();
        number += 1;
        let start = match time.read(&value) {
            Reading::Found(found) => nanoseconds(found).map(|time| time.div_euclid(width).saturating_mul(width)),
            _ => None,
        };
        let Some(start) = start else {
            let reason = format!("{time} is not a time: wanted RFC 3339 or epoch seconds");
            leave_out(place, reason, filter)?;
            continue;
        };
        if newest.is_none_or(|newest| start > newest) {
            close(plan, &mut open, newest, filter)?;
            newest = Some(start);
        }
        worker.groups = open.remove(&start).unwrap_or_else(|| store.fork());
        let outcome = worker.take(&value, (number, 0));
        open.insert(start, std::mem::take(&mut worker.groups));
        outcome.count(place, filter)?;
        unlooked += 1;
        let grown = open.get(&start).map_or(0, |groups| groups.grown(unlooked));
        if grown > plan.max_memory / 16 || unlooked > LOOK {
            unlooked = 0;
            look(plan, &mut open, newest, filter)?;
        }
    }
    close(plan, &mut open, newest, filter)
}

/// At most so many records go by between two looks at the memory.
const LOOK: u64 = 1 << 14;

/// Keeps all windows together within the memory; late ones are written where that does not do.
fn look(plan: &Plan, open: &mut BTreeMap<i64, Groups>, newest: Option<i64>, filter: &mut Filter) -> Result<(), Error> {
    let share = plan.max_memory / open.len().max(1);
    for groups in open.values_mut() {
        groups.looked();
        groups.fit(share, plan.precision);
    }
    if full(open.values(), plan.max_memory).is_some()
        && let Some(newest) = newest
    {
        let now = open.split_off(&newest);
        close(plan, &mut std::mem::replace(open, now), Some(newest), filter)?;
    }
    full(open.values(), plan.max_memory).map_or(Ok(()), |reason| Err(Error::data("--max-memory", reason)))
}

/// Writes all windows that are open; those before `newest` are late.
fn close(plan: &Plan, open: &mut BTreeMap<i64, Groups>, newest: Option<i64>, filter: &mut Filter) -> Result<(), Error> {
    for (start, mut groups) in std::mem::take(open) {
        groups.sort(plan.fields.len());
        groups.tell_invalid(filter);
        let by: Vec<String> = plan.by.iter().map(|path| path.dotted().to_owned()).collect();
        let text =
            Timestamp::from_nanosecond(i128::from(start)).map_or_else(|_| start.to_string(), |time| time.to_string());
        let mut before = Object::new();
        before.insert(KEYS[0], text);
        if newest.is_some_and(|newest| start < newest) {
            before.insert(KEYS[1], true);
        }
        report::groups(plan, &by, &mut groups, &Shape::Named, &before, filter)?;
    }
    Ok(())
}

/// A time in nanoseconds since 1970: RFC 3339, or a number of seconds (milli-, micro-, nanoseconds from 1e11, 1e14 and
/// 1e17 on).
fn nanoseconds(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Text(text) => i64::try_from(text.parse::<Timestamp>().ok()?.as_nanosecond()).ok(),
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

/// Reads `90s`, `1m`, `1h30m` as nanoseconds.
pub fn width(text: &str) -> Result<i64, String> {
    let wanted = || "wanted a time like 30s, 1m or 1h".to_owned();
    let one = crate::plan::with_unit(text, expr::Unit::Nanosecond).ok_or_else(wanted)?;
    one.at_scale(0).filter(|width| *width > 0).ok_or_else(wanted)
}
