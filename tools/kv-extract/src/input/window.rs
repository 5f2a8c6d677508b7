//! `--since`, `--until` and `--stamp`: when each unit was written, and whether that lies in the window.
//!
//! Owns whose time a unit has. One without a stamp that looks like the rest of the line before belongs to it; any other
//! one lies between its stamped neighbours, so that some answers are settled only by a later unit. Nothing is
//! inherited from another file.

mod neighbours;
mod reading;
mod zones;

use filter::Error;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use time::{Clock, KEYS, Stamp, near};

use crate::grammar::PairReader;
use crate::grammar::directives::{Above, Directives};
use crate::input::minute::Minute;
use crate::input::present::Present;
use crate::input::unit::{Content, Unit};
use crate::record::options::Shape;
use crate::record::{Misfit, Record};
use zones::{ZONES, is_digits, names_zone, says_no_zone};

/// Where a time lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Before,
    Inside,
    After,
}

/// What is known of a unit's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Whether it lies in the window; a guess, where it is not sure.
    pub inside: bool,
    /// Whether that is settled. Else [`Placed::settled`] of a later unit tells.
    pub sure: bool,
    /// What is settled now about the units that were not sure.
    pub settled: Option<Settled>,
}

/// What became of the units that were not sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// They lie where they were taken to lie.
    AsThought,
    /// Nobody can tell: their neighbours lie on different sides of an edge.
    Unknown,
    /// Without a window: the digits that were taken for their time are none.
    Misread,
    /// Nobody can tell: they are later than now, so that their clock, or its zone, is another one.
    Ahead,
}

/// How many units had no stamp that could be used.
#[derive(Clone, Debug, Default)]
pub struct Unstamped {
    /// Those that belong to the one before.
    pub continued: u64,
    /// Those that lie between their neighbours.
    pub between: u64,
    /// Of those, the ones with a time of day that is not understood, and the place of the first.
    pub unreadable: u64,
    /// See `unreadable`.
    pub first_unreadable: String,
    /// Units whose time is not one instant, and what is said of the first: a date alone, a local time that happens twice.
    pub spread: u64,
    /// See `spread`.
    pub first_spread: String,
    /// Units that are later than now, where the window is of the last while.
    pub ahead: u64,
    /// How often a time whose day `--date` says lies hours before the one it follows: midnight was passed, or another log begins.
    pub fallen: u64,
    /// Whether times were read as of UTC, though another zone is in use.
    pub of_utc: bool,
    /// Units outside the window.
    pub outside: u64,
}

/// Units that wait to be settled.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    /// Whether they were taken to lie in the window.
    inside: bool,
    /// Whether one of them may have a time of its own, far from those around it.
    is_unclear: bool,
    /// Whether some have no stamp at all, and lie between others.
    is_between: bool,
}

/// A window of time, and what is known from the units before.
pub struct Window {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    /// Up to when lines may be in it, where it is of the last while.
    present: Present,
    /// Whether the units that wait are later than that.
    lost: bool,
    clock: Clock,
    /// The zone in use, where that of the file at hand is another one, and what its lines that begin with `#` said.
    zone: Option<TimeZone>,
    said: Directives,
    /// What those say that stand above the part of a file that is read.
    pub above: Above,
    /// `--time`: then nothing else is looked at, and it must be readable.
    strict: bool,
    /// How many of the keys that are looked for are those of times; the others name zones.
    times: usize,
    shape: Shape,
    /// The same with `--in`: for lines that have no time but in the line inside.
    inner: Option<Shape>,
    record: Record,
    /// The file of the last unit; whether the first one was seen.
    file: Option<String>,
    /// Whether all files are parts of one log, each going on where the one before ends.
    one_log: bool,
    /// The side of the last unit with a stamp in this file, and its time.
    before: Option<(Side, Timestamp)>,
    /// Whether a stamp was seen in this file that stands where stamps stand.
    firm: bool,
    /// The last stamp behind words that was far from those before it, while no other kind was seen.
    strayed: Option<Timestamp>,
    /// Whether the first stamp of this file stands at the start of its line.
    starts: Option<bool>,
    /// Whether the time of the unit at hand is that of a key which as often says when something else was.
    of_other: bool,
    /// The time that digits alone may mean, while no other stamp has said so.
    candidate: Option<Timestamp>,
    /// The units that wait to be settled, where some do.
    waiting: Option<Waiting>,
    /// The time of the unit at hand, where it has one of its own or belongs to one.
    own: Option<Timestamp>,
    /// The time of the last unit that had a stamp.
    last: Option<Timestamp>,
    /// Whether any unit had a stamp.
    any: bool,
    /// How often the times of this file fell whose day `--date` says.
    falls: i64,
    /// The last time of this file, as `--date` has it.
    in_day: Option<Timestamp>,
    /// The minute of the last stamp at the start of a line, and of the last one that is the value of a key.
    minute: Minute,
    value_minute: Minute,
    /// How many units were placed without the calendar.
    #[cfg(test)]
    quickly: u64,
    /// What had none.
    pub unstamped: Unstamped,
}

impl Window {
    /// From `since` on and before `until`; the time is that of `key`, where one is named.
    pub fn new(since: Option<Timestamp>, until: Option<Timestamp>, key: Option<&str>, clock: Clock) -> Self {
        let mut keys = key.map_or(KEYS.to_vec(), |key| vec![key]);
        let times = keys.len();
        keys.extend(ZONES);
        let mut shape =
            Shape { time_keys: keys.iter().map(|key| key.as_bytes().to_vec()).collect(), ..Shape::default() };
        shape.drop.all();
        Window {
            since,
            until,
            present: Present::default(),
            lost: false,
            clock,
            zone: None,
            said: Directives::default(),
            above: Above::default(),
            strict: key.is_some(),
            times,
            shape,
            inner: None,
            record: Record::default(),
            file: None,
            one_log: false,
            before: None,
            firm: false,
            strayed: None,
            starts: None,
            of_other: false,
            candidate: None,
            waiting: None,
            own: None,
            last: None,
            any: false,
            falls: 0,
            in_day: None,
            minute: Minute::default(),
            value_minute: Minute::of_values(),
            #[cfg(test)]
            quickly: 0,
            unstamped: Unstamped::default(),
        }
    }

    /// How many units were placed without the calendar.
    #[cfg(test)]
    pub fn placed_quickly(&self) -> u64 {
        self.quickly
    }

    /// The keys whose values may be times, the preferred one first.
    pub fn time_keys(&self) -> &[Vec<u8>] {
        self.shape.time_keys.get(..self.times).unwrap_or_default()
    }

    /// Whether only the value of `--time` counts.
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    /// Whether a line with a stamp of its own says nothing of other lines, so that its time is all that matters.
    fn is_settled(&self) -> bool {
        self.waiting.is_none() && self.candidate.is_none()
    }

    /// Whether the unit with this line, without colours in its stamp, lies in the window, where that is told by the
    /// minute at hand: what [`Window::place`] says of it, without the calendar. The file is the one at hand.
    #[inline]
    pub fn place_line(&mut self, line: &[u8]) -> Option<bool> {
        if !self.is_settled() || self.strict {
            return None;
        }
        let time = self.minute.read(line).filter(|time| !self.present.is_ahead(*time))?;
        self.firm = true;
        self.strayed = None;
        Some(self.stamped(time))
    }

    /// The same of a unit whose `line` has no stamp, and whose preferred time key has this value.
    #[inline]
    pub fn place_value(&mut self, line: &[u8], value: &[u8]) -> Option<bool> {
        if !self.is_settled() || says_no_zone(value) && names_zone(line) {
            return None;
        }
        // Digits may be a length of time, where another key has the time.
        let is_other = |time| self.before.is_some_and(|(_, before)| !near(before, time));
        let time = match self.value_minute.read(value) {
            Some(time) => time,
            None => {
                let ask = |value: &[u8]| match self.clock.value(value) {
                    Stamp::At(time) => Some(time),
                    _ => None,
                };
                let time = ask(value)?;
                if is_digits(value) && is_other(time) {
                    return None;
                }
                self.value_minute.learn(value, time, ask);
                time
            }
        };
        if self.present.is_ahead(time) {
            return None;
        }
        self.firm = true;
        Some(self.stamped(time))
    }

    #[inline]
    fn stamped(&mut self, time: Timestamp) -> bool {
        #[cfg(test)]
        {
            self.quickly += 1;
        }
        let inside = self.at(time).inside;
        self.unstamped.outside += u64::from(!inside);
        inside
    }

    /// Goes on from a unit of an earlier run, in the same log.
    pub fn go_on(&mut self, time: Timestamp) {
        self.any = true;
        self.last = Some(time);
        self.before = Some((self.side(time), time));
    }

    /// The window is of the last while: what is later than now, which may go on, is of unknown time.
    pub fn of_the_last_while(&mut self, goes_on: bool) {
        if self.until.is_none() {
            self.present = Present::of(self.clock.now, goes_on);
        }
    }

    /// All files are parts of one log.
    pub fn of_one_log(&mut self) {
        self.one_log = true;
    }

    /// The time of the last unit that had a stamp.
    pub fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// The time of the unit that was placed last, for `--stamp`.
    pub fn own(&self) -> Option<Timestamp> {
        self.own
    }

    /// Whether lines are chosen by their time.
    pub fn chooses(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// Whether any line had a time.
    pub fn has_time(&self) -> bool {
        self.any
    }

    /// A line without a time of its own has that of the line under this key.
    pub fn look_into(&mut self, key: Option<&[u8]>) {
        self.inner = key.map(|key| Shape { inner: Some(key.to_vec()), ..self.shape.clone() });
    }

    /// An error where no line had a time, though there were `lines`: then nothing is known of the window.
    pub fn may_conclude(&self, lines: u64) -> Result<(), Error> {
        if self.any || lines == 0 || (self.since.is_none() && self.until.is_none()) {
            return Ok(());
        }
        let mut reason = "no line has a time that can be read; --time KEY names the key of one".to_owned();
        if self.unstamped.unreadable > 0 {
            reason.push_str(", --time-format its form, --date the day of a time alone (the first is ");
            reason.push_str(&self.unstamped.first_unreadable);
            reason.push(')');
        }
        Err(Error::data("input", reason))
    }

    /// Whether `unit` lies in the window; `line` is its text without colours.
    pub fn place(&mut self, unit: &Unit<'_>, line: &[u8], reader: &mut PairReader) -> Result<Placed, Misfit> {
        let ended = self.enter(unit.file);
        match &unit.content {
            Content::Row(table) => self.in_utc(table.directives().are_of_utc()),
            _ if line.first() == Some(&b'#') => {
                self.said.take(line);
                self.in_utc(self.said.are_of_utc());
            }
            _ => {}
        }
        let mut reading = self.read(unit, line, reader)?;
        if self.clock.base.is_some() {
            reading = self.in_days(reading, unit, line, reader)?;
        }
        let placed = self.settle(reading, unit)?;
        self.unstamped.outside += u64::from(!placed.inside);
        // What waited in the file before was settled by its end.
        Ok(Placed { settled: ended.or(placed.settled), ..placed })
    }

    /// Begins another file, if this is one; what is settled by the end of the one before.
    pub fn enter(&mut self, file: &str) -> Option<Settled> {
        if self.file.as_deref() == Some(file) {
            return None;
        }
        let is_first = self.file.replace(file.to_owned()).is_none();
        if is_first || self.one_log {
            self.begin_below(file);
            return None;
        }
        let settled = self.end();
        (self.before, self.firm, self.candidate) = (None, false, None);
        (self.strayed, self.starts) = (None, None);
        (self.falls, self.in_day) = (0, None);
        self.said = Directives::default();
        self.in_utc(false);
        // The first row of a table may be of another zone than the lines before it.
        self.forget_minutes();
        self.begin_below(file);
        settled
    }

    /// Begins within a file: its directives stand above.
    fn begin_below(&mut self, file: &str) {
        if let Some(said) = self.above.of(file) {
            self.said = said;
            self.in_utc(self.said.are_of_utc());
        }
    }

    fn forget_minutes(&mut self) {
        (self.minute, self.value_minute) = (Minute::default(), Minute::of_values());
    }

    /// Whether times that name no zone are of UTC, or of the zone in use.
    fn in_utc(&mut self, is_utc: bool) {
        let is_anyhow = self.zone.is_none() && self.clock.zone == TimeZone::UTC;
        if is_utc == self.zone.is_some() || self.clock.format.is_some() || is_anyhow {
            return;
        }
        self.forget_minutes();
        match self.zone.take() {
            Some(zone) => self.clock.zone = zone,
            None => {
                self.unstamped.of_utc |= self.clock.zone.to_offset(self.clock.now).seconds() != 0;
                self.zone = Some(std::mem::replace(&mut self.clock.zone, TimeZone::UTC));
            }
        }
    }
}
