//! Tumbling windows of time: a summary of each, when a later record closes it.
//!
//! Owns which window a record belongs to, when one is printed, and which hold nothing. A window stays open for a while after
//! its end (the grace of a watermark), since lines of one second stand in any order. A record that is later than that goes to its
//! own window, which is printed again with `"late":true`. Refuses to guess a time: a record without one belongs to no window
//! known, and the figures of the window `null` that it is printed in cannot be told.

use std::collections::{BTreeMap, HashMap};

use expr::{Claims, Path};
use filter::{Error, Event, Filter, Records, Require};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use schema::shapes::{PADDING, Spans};
use schema::{Number, Object, Value, json};
use time::Clock;

use crate::flags::Config;
use crate::groups::doubt::{Found, Kind, NO_LIMIT};
use crate::groups::shared::Store;
use crate::groups::{Ending, Group, Groups, Metric, full};
use crate::options::{KEYS, Parameters, Shape};
use crate::plan::Plan;
use crate::read::blocks::LineLimit;
use crate::read::key::{Timing, no_time, text_of, window_of};
use crate::read::left_out::{leave_out, within_grant};
use crate::read::records::{Fields, Outcome};
use crate::report::{self, Table};
use crate::session::nowhere;

/// More windows than this are not filled in.
const FILL_LIMIT: u64 = 100_000;

/// How long a window stays open after its end, by the times of the records, in nanoseconds; no longer than it is wide. A log that
/// says when its requests began is out of order by as long as they took.
const GRACE: i64 = 30_000_000_000;

/// From this length on, less memory is worth more time.
const LONG: usize = 4 << 10;

/// The windows of a run.
struct Windows<'r> {
    config: &'r Config,
    plan: &'r Plan,
    width: i64,
    /// What the groups are called by.
    by: Vec<String>,
    /// How reading ends.
    ending: Ending<'r>,
    /// Whether the groups were merged from states: what their parts were granted was granted there.
    merged: bool,
    /// The windows that are not printed yet, by their start.
    open: BTreeMap<i64, Groups>,
    /// The start of the newest window.
    newest: Option<i64>,
    /// The start of the newest window that was printed: whatever comes for it, or for one before it, is late.
    closed: Option<i64>,
    /// The time from which on a window is due.
    due: i64,
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
    let mut worker = Fields::new(plan, LineLimit::NONE, strict, &store, 0).timed(time);
    let mut windows = Windows::new(config, plan, width);
    let timing = Timing { path: time.clone(), clock: Clock::new(TimeZone::UTC, filter.now()) };
    let mut records = Records::new(&config.files, Require::WhereSealing);
    let mut number = 0;
    let mut unlooked = 0;
    let (mut line, mut spans, mut minute) = (Vec::new(), Spans::default(), Minute::default());
    // The window whose groups the worker has: records of one follow each other.
    let mut here = None;
    while let Some(next) = records.next_unread(filter)? {
        let unread = match next {
            Ok(unread) => unread,
            // One that is too long was counted and told where it was found.
            Err(Event::Malformed { .. }) if strict => continue,
            Err(Event::Fault { place, code, detail }) => return Err(Error::data(place, format!("{code}: {detail}"))),
            Err(Event::Malformed { place, reason }) => return Err(Error::data(place, reason)),
            Err(Event::Record(_)) => continue,
        };
        filter.counts.lines += 1;
        // Most records look like one before them: only their values are read.
        let quickly = (unread.text.len() <= LONG)
            .then(|| {
                line.clear();
                line.extend_from_slice(unread.text);
                line.resize(unread.text.len() + 1 + PADDING, b'\n');
                let (from, to) = worker.time_of(&line, &mut spans)?;
                minute.time(line.get(from..to)?, &timing.clock)
            })
            .flatten();
        if let Some(time) = quickly {
            windows.enter(time, &mut here, &mut worker, &store, filter)?;
            if let Some(outcome) = worker.take_found(&line, &spans) {
                number += 1;
                outcome.count(|| format!("{}:{}", unread.file, unread.line), filter)?;
                unlooked += 1;
                windows.look_now_and_then(&mut unlooked, &mut here, &mut worker, filter)?;
                continue;
            }
        }
        // A long record is read only as far as it is wanted, but for the first, whose keys are all told.
        let is_known = windows.first.is_some() || worker.groups.first.is_some();
        let wanted = (is_known && unread.text.len() > LONG)
            .then(|| json::parse_only(unread.text, &mut |key| plan.wanted.of(key)));
        let value = match wanted {
            Some(Ok(value)) if value.as_object().is_some() => value,
            _ => match unread.read() {
                Event::Record(record) => record.value,
                Event::Malformed { place, reason } if strict => {
                    filter.counts.rejected += 1;
                    filter.note("rejected record", place, reason);
                    continue;
                }
                Event::Malformed { place, reason } => return Err(Error::data(place, reason)),
                Event::Fault { place, code, detail } => {
                    return Err(Error::data(place, format!("{code}: {detail}")));
                }
            },
        };
        let value = &value;
        let place = || format!("{}:{}", unread.file, unread.line);
        number += 1;
        let claims = value.get("@evidence").map(|_| Claims::of(value));
        let moment = match timing.at(value, claims.as_ref()) {
            Ok(moment) => moment,
            Err(code) => {
                // What is told names keys that nobody wanted.
                let whole = json::parse(unread.text);
                let reason = no_time(whole.as_ref().unwrap_or(value), time, code);
                if strict {
                    leave_out(place(), reason, filter)?;
                    continue;
                }
                windows.put_back(&mut here, &mut worker.groups);
                worker.groups = windows.timeless.take().unwrap_or_else(|| store.fork());
                let outcome = worker.take(whole.as_ref().unwrap_or(value), (number, 0));
                let mut groups = std::mem::take(&mut worker.groups);
                if !matches!(outcome, Outcome::Skipped) {
                    filter.note("no time", place(), reason);
                    let key: Vec<_> = plan.keys.iter().map(|key| key.of(value, claims.as_ref()).0).collect();
                    let group = groups.place(&key.iter().map(|key| &**key).collect::<Vec<_>>());
                    if let Some(doubts) = groups.doubts(group) {
                        doubts.add((Kind::Time, code), NO_LIMIT, (0, number, 0), String::new, || None);
                    }
                }
                windows.timeless = Some(groups);
                outcome.count(place, filter)?;
                continue;
            }
        };
        windows.enter(moment, &mut here, &mut worker, &store, filter)?;
        let outcome = worker.take(value, (number, 0));
        if matches!(outcome, Outcome::Used | Outcome::Skipped) {
            worker.learn(unread.text, value);
        }
        outcome.count(place, filter)?;
        unlooked += 1;
        windows.look_now_and_then(&mut unlooked, &mut here, &mut worker, filter)?;
    }
    windows.put_back(&mut here, &mut worker.groups);
    within_grant(filter)?;
    windows.close(filter)?;
    if let Some(mut groups) = windows.timeless.take() {
        let mut before = Object::new();
        before.insert(KEYS[0], Value::Null);
        windows.write(&mut groups, &before, filter)?;
    }
    windows.tell_empty(filter);
    windows.tell_absent(filter);
    Ok(())
}

/// Writes the windows of merged states in the order of time, the one without a time last.
pub fn write_merged(
    config: &Config,
    plan: &Plan,
    width: i64,
    parameters: &Parameters,
    groups: Groups,
    filter: &mut Filter,
) -> Result<(), Error> {
    let mut windows = Windows::new(config, plan, width);
    windows.by = parameters.by.iter().skip(1).cloned().collect();
    let wildcards = parameters.wildcards();
    windows.ending = parameters.ending(&wildcards);
    windows.merged = true;
    let mut timeless = None;
    for (start, groups) in groups.by_first_key() {
        let time = start.as_text().and_then(|text| text.parse::<Timestamp>().ok());
        match time.and_then(|time| i64::try_from(time.as_nanosecond()).ok()) {
            Some(start) => drop(windows.open.insert(start, groups)),
            None => timeless = Some(groups),
        }
    }
    windows.close(filter)?;
    if let Some(mut groups) = timeless {
        let mut before = Object::new();
        before.insert(KEYS[0], Value::Null);
        windows.write(&mut groups, &before, filter)?;
    }
    windows.tell_empty(filter);
    Ok(())
}

/// At most so many records go by between two looks at the memory.
const LOOK: u64 = 1 << 14;

/// Reads the stamps of one minute of UTC without the calendar: `"2026-03-05T20:32:12.345Z"`.
#[derive(Default)]
struct Minute {
    /// The stamp's text up to its seconds, and the minute's time in nanoseconds.
    known: Option<([u8; BEFORE_SECONDS], i64)>,
}

/// How much of such a stamp, with its quote, stands before its seconds.
const BEFORE_SECONDS: usize = 18;

impl Minute {
    /// The time that a text of JSON is, in nanoseconds; `None` where it is written another way.
    fn time(&mut self, text: &[u8], clock: &Clock) -> Option<i64> {
        let (before, rest) = text.split_first_chunk::<BEFORE_SECONDS>()?;
        let [tens @ b'0'..=b'5', ones @ b'0'..=b'9', fraction @ .., b'Z', b'"'] = rest else { return None };
        let mut nanoseconds = i64::from((tens - b'0') * 10 + (ones - b'0')) * 1_000_000_000;
        match fraction {
            [] => {}
            [b'.', digits @ ..] if (1..=9).contains(&digits.len()) => {
                let mut unit = 100_000_000;
                for digit in digits {
                    if !digit.is_ascii_digit() {
                        return None;
                    }
                    nanoseconds += i64::from(digit - b'0') * unit;
                    unit /= 10;
                }
            }
            _ => return None,
        }
        if let Some((known, minute)) = &self.known
            && known == before
        {
            return minute.checked_add(nanoseconds);
        }
        // The calendar says what the first stamp of a minute is.
        let value = Value::from(std::str::from_utf8(text.get(1..text.len() - 1)?).ok()?.to_owned());
        let time = crate::read::key::nanoseconds(&value, clock).filter(|_| text.first() == Some(&b'"'))?;
        let is_whole = before.get(11..12) == Some(b"T") && before.last() == Some(&b':');
        self.known = is_whole.then(|| Some((*before, time.checked_sub(nanoseconds)?))).flatten();
        Some(time)
    }
}

impl<'r> Windows<'r> {
    fn new(config: &'r Config, plan: &'r Plan, width: i64) -> Windows<'r> {
        Windows {
            config,
            plan,
            width,
            by: plan.by.iter().map(|path| path.dotted().to_owned()).collect(),
            ending: plan.ending(),
            merged: false,
            open: BTreeMap::new(),
            newest: None,
            closed: None,
            due: i64::MAX,
            timeless: None,
            last: HashMap::new(),
            empty: 0,
            table: Table::default(),
            first: None,
            there: (vec![false; plan.fields.len()], vec![false; plan.by.len()]),
        }
    }

    /// Goes on in the window of `time`, whose groups the worker gets.
    fn enter(
        &mut self,
        time: i64,
        here: &mut Option<i64>,
        worker: &mut Fields<'_>,
        store: &Store<'_>,
        filter: &mut Filter,
    ) -> Result<(), Error> {
        let start = window_of(time, self.width);
        if *here == Some(start) && time < self.due {
            return Ok(());
        }
        self.put_back(here, &mut worker.groups);
        if time >= self.due {
            self.close_due(time, filter)?;
        }
        self.newest = Some(self.newest.map_or(start, |newest| newest.max(start)));
        self.due = self.due.min(self.due_of(start));
        worker.change_groups(self.open.remove(&start).unwrap_or_else(|| store.fork()));
        *here = Some(start);
        Ok(())
    }

    /// When the window that begins at `start` is due: some time after its end, or with the next window where it is late already.
    fn due_of(&self, start: i64) -> i64 {
        let (width, is_late) = (self.width, self.closed.is_some_and(|closed| start <= closed));
        let from = if is_late { self.newest.unwrap_or(start) } else { start };
        from.saturating_add(width).saturating_add(if is_late { 0 } else { width.min(GRACE) })
    }

    /// Writes the windows that are due at `time`.
    fn close_due(&mut self, time: i64, filter: &mut Filter) -> Result<(), Error> {
        let due: Vec<i64> = self.open.keys().copied().filter(|start| self.due_of(*start) <= time).collect();
        let due = due.into_iter().filter_map(|start| self.open.remove_entry(&start)).collect();
        self.write_all(due, filter)?;
        self.due = self.open.keys().map(|start| self.due_of(*start)).min().unwrap_or(i64::MAX);
        Ok(())
    }

    /// Looks at the memory whenever it may have grown by a part of what is granted.
    fn look_now_and_then(
        &mut self,
        unlooked: &mut u64,
        here: &mut Option<i64>,
        worker: &mut Fields<'_>,
        filter: &mut Filter,
    ) -> Result<(), Error> {
        if worker.groups.grown(*unlooked) > self.plan.max_memory / 16 || *unlooked > LOOK {
            *unlooked = 0;
            self.put_back(here, &mut worker.groups);
            self.look(filter)?;
        }
        Ok(())
    }

    /// Takes back the groups of the window at hand.
    fn put_back(&mut self, here: &mut Option<i64>, groups: &mut Groups) {
        if let Some(start) = here.take() {
            self.open.insert(start, std::mem::take(groups));
        }
    }

    /// Says how many windows held nothing, where they were not printed; the seal counts them.
    fn tell_empty(&self, filter: &mut Filter) {
        if self.empty == 0 || self.config.fill {
            return;
        }
        filter.counts.empty_windows = filter.counts.empty_windows.saturating_add(self.empty);
        let of_each = if self.by.is_empty() { "" } else { " of a group" };
        let windows = if self.empty == 1 { "1 window" } else { &format!("{} windows", self.empty) };
        let reason = format!(
            "{windows} between the first and the last{of_each} had no records; --fill prints them with count 0"
        );
        filter.note("empty windows", "--window", reason);
    }

    /// Keeps all windows together within the memory; those before the newest are written where that does not do.
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
            let before = std::mem::replace(&mut self.open, now);
            self.write_all(before, filter)?;
        }
        let all = self.open.values().chain(&self.timeless);
        full(all, plan.max_memory).map_or(Ok(()), |reason| Err(Error::data("--max-memory", reason)))
    }

    /// Writes all windows that are open.
    fn close(&mut self, filter: &mut Filter) -> Result<(), Error> {
        let open = std::mem::take(&mut self.open);
        self.write_all(open, filter)
    }

    /// Writes windows; those that were printed before, and those before one that was, are late.
    fn write_all(&mut self, windows: BTreeMap<i64, Groups>, filter: &mut Filter) -> Result<(), Error> {
        for (start, mut groups) in windows {
            let late = self.closed.is_some_and(|closed| start <= closed);
            if !late {
                self.fill(start, &groups, filter)?;
                self.closed = Some(start);
            }
            let mut before = self.front(start);
            if late {
                before.insert(KEYS[2], true);
            }
            self.write(&mut groups, &before, filter)?;
        }
        Ok(())
    }

    /// What stands in front of the window that begins at `start`: with how long it is, two are known to be neighbours.
    fn front(&self, start: i64) -> Object<'static> {
        let mut before = Object::new();
        before.insert(KEYS[0], text_of(start));
        before.insert(KEYS[1], Number::from(self.width.unsigned_abs()).shifted(-9));
        before
    }

    /// Counts the windows before this one that held nothing, and with `--fill` writes them: for each group those since
    /// its last one.
    fn fill(&mut self, start: i64, groups: &Groups, filter: &mut Filter) -> Result<(), Error> {
        let none = !has_records(groups);
        let is_shown = |group: &&Group| group.records > 0 || group.doubts.is_some() || none && group.undecided > 0;
        let mut gaps: BTreeMap<i64, Vec<Vec<u8>>> = BTreeMap::new();
        for key in groups.list.iter().filter(is_shown).map(Group::key_text) {
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
                    "more than 100,000 windows are empty, the last of them from {from} to {}: a time is wrong, or \
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
            self.write(&mut empty, &self.front(start), filter)?;
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
        let granted = !self.merged && filter.options.allow_rejected.is_some();
        // A share of all lines is known at the end only; until then what is beyond it so far is no grant.
        let within = granted && within_grant(filter).is_ok();
        if granted && !within && filter.options.allow_rejected.as_ref().is_some_and(|grant| !grant.ends_with('%')) {
            within_grant(filter)?;
        }
        self.note(groups);
        if has_records(groups) {
            groups.read_all(&self.ending, within);
            if groups.list.is_empty() {
                return Ok(());
            }
        } else if groups.list.iter().any(|group| group.undecided > 0) {
            groups.read_undecided(&self.ending);
        }
        groups.sort(self.ending.named);
        if !granted {
            groups.tell_invalid(&self.ending, filter);
        }
        report::groups(plan, &self.by, groups, &Shape::Named, before, &mut self.table, filter)
    }
}

/// Whether a record went into a window, or may have. One that has only such as `--where` cannot decide is written with them: it is
/// not known to be empty. Beside others they are left out, as where there are no windows: half of a log's lines may lack a field.
fn has_records(groups: &Groups) -> bool {
    groups.list.iter().any(|group| group.records > 0 || group.doubts.is_some())
}
