//! `--since`, `--until` and `--stamp`: when each unit was written, and whether that lies in the window.
//!
//! Owns whose time a unit has. One without a stamp that looks like the rest of the line before belongs to it; any other
//! one lies between its stamped neighbours, so that some answers are settled only by a later unit. Nothing is
//! inherited from another file.

use filter::Error;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use time::{Clock, DATE_ALONE, KEYS, MAY_BE_ZONE, Reading, Stamp, near};

use crate::grammar::PairReader;
use crate::grammar::directives::Directives;
use crate::input::minute::Minute;
use crate::input::present::Present;
use crate::input::unit::{Content, Unit};
use crate::record::options::Shape;
use crate::record::{Misfit, Record};

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

/// Whether a value is a number: digits, which may have a point.
fn is_digits(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

/// Whether the value of a time surely says no zone: it ends in a digit, with no sign near.
fn says_no_zone(value: &[u8]) -> bool {
    let tail = value.get(value.len().saturating_sub(6)..).unwrap_or_default();
    value.last() != Some(&b'Z') && !is_digits(value) && !tail.contains(&b'+')
}

/// Whether a line may name a zone under one of [`ZONES`].
fn names_zone(line: &[u8]) -> bool {
    use memchr::memmem::find;
    [&b"tz"[..], b"TZ", b"zone", b"Zone", b"ffset"].iter().any(|part| find(line, part).is_some())
}

/// Whether a value is likely to name a zone.
fn is_zone(value: &[u8]) -> bool {
    match value {
        [b'+' | b'-', rest @ ..] => rest.first().is_some_and(u8::is_ascii_digit),
        [b'(' | b'[', ..] => true,
        [first, ..] => {
            first.is_ascii_uppercase() && value.len() > 2 && !value.eq_ignore_ascii_case(b"local")
                || time::is_abbreviation(value)
                // `"utcOffset":60`: of what, nobody knows.
                || first.is_ascii_digit() && value.iter().all(u8::is_ascii_digit)
        }
        [] => false,
    }
}

/// Whether a value names a zone and nothing else: `+01:00`, `-0500`, `CET`, `Europe/Berlin`.
fn is_surely_zone(value: &[u8]) -> bool {
    match value {
        [b'+' | b'-', digits @ ..] => {
            let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b':';
            matches!(digits.len(), 4 | 5) && digits.iter().all(is_part)
        }
        [first, ..] => time::is_abbreviation(value) || first.is_ascii_uppercase() && value.contains(&b'/'),
        [] => false,
    }
}

/// Keys under which the zone of the line's time stands: `date=2026-03-06 time=01:32:12 tz="+0500"`.
const ZONES: [&str; 19] = [
    "tz",
    "timezone",
    "time_zone",
    "timeZone",
    "TimeZone",
    "Timezone",
    "TZ",
    "tz_offset",
    "tzOffset",
    "timezone_offset",
    "timezoneOffset",
    "utc_offset",
    "utcOffset",
    "UtcOffset",
    "gmt_offset",
    "gmtOffset",
    "timeOffset",
    "zone",
    "offset",
];
/// How many of them, the last ones, mostly name something else.
const LOOSE: usize = 2;

/// How far a time of day falls at least where midnight was passed: more than lines go back in disorder, or clocks are set back.
const FALL: SignedDuration = SignedDuration::from_hours(2);
/// What is said of the lines behind such a fall: the reason of a [`Stamp::Between`] that their neighbours may settle.
const FALLEN: &str = "midnight may have been passed since the day that --date says: read each day with its own --date";

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
            strict: key.is_some(),
            times,
            shape,
            inner: None,
            record: Record::default(),
            file: None,
            one_log: false,
            before: None,
            firm: false,
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
            return None;
        }
        let settled = self.end();
        (self.before, self.firm, self.candidate) = (None, false, None);
        (self.falls, self.in_day) = (0, None);
        self.said = Directives::default();
        self.in_utc(false);
        // The first row of a table may be of another zone than the lines before it.
        self.forget_minutes();
        settled
    }

    fn forget_minutes(&mut self) {
        (self.minute, self.value_minute) = (Minute::default(), Minute::of_values());
    }

    /// Whether times that name no zone are of UTC, or of the zone in use.
    fn in_utc(&mut self, is_utc: bool) {
        if is_utc == self.zone.is_some() || self.clock.format.is_some() || self.clock.zone == TimeZone::UTC {
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

    /// The end of the file: what is settled by it.
    pub fn end(&mut self) -> Option<Settled> {
        // Where nothing had a time, that is told by another message.
        let Waiting { inside, is_unclear, is_between } = self.waiting.take().filter(|_| self.any)?;
        if std::mem::take(&mut self.lost) {
            return Some(Settled::Ahead);
        }
        if self.candidate.is_some() && !is_between && !is_unclear {
            return Some(Settled::AsThought);
        }
        // Behind the last stamp there is all time to come.
        let sure = match self.before {
            Some((Side::Inside, _)) => inside && self.until.is_none_or(|until| until > self.clock.now),
            Some((Side::After, _)) => !inside,
            _ => false,
        };
        Some(if sure && !is_unclear { Settled::AsThought } else { Settled::Unknown })
    }

    fn read(&mut self, unit: &Unit<'_>, line: &[u8], reader: &mut PairReader) -> Result<Reading, Misfit> {
        if self.strict {
            return self.key_stamp(unit, line, reader).map(|stamp| match stamp {
                Stamp::None => Reading::None,
                stamp => Reading::Stamp { stamp, loose: false },
            });
        }
        let reading = self.clock.line(line);
        match reading {
            Reading::Stamp { loose: true, .. } if self.firm => {}
            Reading::Stamp { stamp: Stamp::At(time), loose: false } => {
                let ask = |line: &[u8]| match self.clock.line(line) {
                    Reading::Stamp { stamp: Stamp::At(time), loose: false } => Some(time),
                    _ => None,
                };
                self.minute.learn(line, time, ask);
                return Ok(reading);
            }
            Reading::Stamp { .. } => return Ok(reading),
            _ => {}
        }
        let reading = if matches!(reading, Reading::Stamp { .. }) { Reading::None } else { reading };
        Ok(match self.key_stamp(unit, line, reader)? {
            Stamp::None => reading,
            stamp => Reading::Stamp { stamp, loose: false },
        })
    }

    /// The time of the first key whose value is one.
    fn key_stamp(&mut self, unit: &Unit<'_>, line: &[u8], reader: &mut PairReader) -> Result<Stamp, Misfit> {
        let outer = self.stamp_of(unit, line, reader, false)?;
        if outer != Stamp::None || self.inner.is_none() {
            return Ok(outer);
        }
        self.stamp_of(unit, line, reader, true)
    }

    /// The same, `inside` with the keys of the line inside, too.
    fn stamp_of(
        &mut self,
        unit: &Unit<'_>,
        line: &[u8],
        reader: &mut PairReader,
        inside: bool,
    ) -> Result<Stamp, Misfit> {
        let shape = self.inner.as_ref().filter(|_| inside).unwrap_or(&self.shape);
        self.record.clear(shape, false);
        if reader.read(unit, line, shape, &mut self.record).is_err() {
            // What is wrong with the line is told where its record is made, if it is one that is wanted.
            return Ok(Stamp::None);
        }
        let mut date = None;
        let mut day_time = None;
        let mut zone = None;
        // The first key whose value is a time decides; digits alone only where no other one is far from them.
        let (mut digits, mut found) = (None, None);
        for (at, value) in self.record.times(line) {
            if at >= self.times {
                let is_loose = at >= self.times + ZONES.len() - LOOSE;
                if !is_loose || is_surely_zone(value) {
                    zone = zone.or(Some(value));
                }
                continue;
            }
            if found.is_some() {
                continue;
            }
            match self.clock.value(value) {
                Stamp::None if self.strict => {
                    let value = schema::json::quote(value);
                    return Err(format!("--time: {value} is not a time like 2026-03-05T20:32:12Z or epoch seconds"));
                }
                Stamp::None => {
                    day_time = day_time.or(matches!(KEYS.get(at), Some(&("time" | "Time"))).then_some(value));
                }
                Stamp::Between(..) if !self.strict && matches!(KEYS.get(at), Some(&("date" | "Date"))) => {
                    date = Some(value)
                }
                Stamp::At(time) if !self.strict && is_digits(value) => digits = digits.or(Some(time)),
                stamp => found = Some((value, stamp)),
            }
        }
        // `date=2026-03-05 time=20:32:12`
        let both;
        if let (None, Some(date), Some(time)) = (&found, date, day_time) {
            both = [date, b" ", time].concat();
            found = Some((&both, self.clock.value(&both)));
        }
        Ok(match (found, digits) {
            (Some((value, stamp @ Stamp::At(time))), digits) if digits.is_none_or(|digits| !near(digits, time)) => {
                self.in_zone(value, stamp, zone)
            }
            (_, Some(time)) => Stamp::At(time),
            (Some((value, stamp)), None) => self.in_zone(value, stamp, zone),
            (None, None) => Stamp::None,
        })
    }

    /// What a value says about time, of a line that names a zone under a key of its own: it counts where the value does not
    /// say one.
    fn in_zone(&self, value: &[u8], stamp: Stamp, zone: Option<&[u8]>) -> Stamp {
        let zone = zone.map(<[u8]>::trim_ascii).filter(|zone| is_zone(zone) && self.clock.format.is_none());
        let Some(mut zone) = zone else { return stamp };
        // So much ahead of UTC, whatever the unit.
        if zone.iter().all(|byte| *byte == b'0') {
            zone = b"UTC";
        }
        // A time that reads the same by a clock that no place has says its zone itself.
        let nowhere = jiff::tz::Offset::from_seconds(-(11 * 3600 + 59 * 60 + 7)).map(jiff::tz::Offset::to_time_zone);
        let is_local = |zone| Clock { zone, ..self.clock.clone() }.value(value) != stamp;
        if !nowhere.is_ok_and(is_local) {
            return stamp;
        }
        let plain = [value, b" ", zone].concat();
        match self.clock.value(&plain) {
            Stamp::None | Stamp::Maybe(_) => {
                let zone = schema::json::quote(zone);
                Stamp::Refused(format!(
                    "the line says the zone {zone}, which is not understood: --time-format says what is read, --tz its zone"
                ))
            }
            stamp => stamp,
        }
    }

    /// The same reading, where `--date` says the day of the file's first line alone: behind times that fell by hours it is that day
    /// or a later one.
    fn in_days(
        &mut self,
        reading: Reading,
        unit: &Unit<'_>,
        line: &[u8],
        reader: &mut PairReader,
    ) -> Result<Reading, Misfit> {
        let Reading::Stamp { stamp: Stamp::At(time), loose } = reading else { return Ok(reading) };
        let before = self.in_day.replace(time).or(self.before.map(|(_, time)| time));
        let is_fall = before.is_some_and(|before| before.duration_since(time) > FALL);
        if self.falls == 0 && !is_fall {
            return Ok(reading);
        }
        // A stamp that says its day is the same whatever --date says.
        let base = self.clock.base;
        self.clock.base = base.and_then(|base| base.checked_add(SignedDuration::from_hours(48)).ok());
        let other = self.read(unit, line, reader);
        self.clock.base = base;
        if other? == reading {
            return Ok(reading);
        }
        self.falls += i64::from(is_fall);
        self.unstamped.fallen += u64::from(is_fall);
        let latest = time.saturating_add(SignedDuration::from_hours(24 * self.falls)).unwrap_or(Timestamp::MAX);
        Ok(Reading::Stamp { stamp: Stamp::Between(time, latest, FALLEN.to_owned()), loose })
    }

    fn side(&self, time: Timestamp) -> Side {
        if self.since.is_some_and(|since| time < since) {
            Side::Before
        } else if self.until.is_some_and(|until| time >= until) {
            Side::After
        } else {
            Side::Inside
        }
    }

    fn settle(&mut self, reading: Reading, unit: &Unit<'_>) -> Result<Placed, Misfit> {
        self.own = None;
        let (stamp, loose) = match reading {
            Reading::Stamp { stamp, loose } => (stamp, loose),
            Reading::Continues if self.before.is_some() => {
                self.unstamped.continued += 1;
                self.own = self.before.map(|(_, time)| time);
                return Ok(self.between());
            }
            Reading::Unreadable => {
                if self.unstamped.unreadable == 0 {
                    self.unstamped.first_unreadable = unit.place();
                }
                self.unstamped.unreadable += 1;
                (Stamp::None, false)
            }
            _ => (Stamp::None, false),
        };
        match stamp {
            Stamp::Refused(reason) => Err(reason),
            Stamp::None => {
                self.unstamped.between += 1;
                Ok(self.unsure())
            }
            Stamp::Between(from, to, reason) => {
                // `2025.12.11 released` among lines with stamps: a date alone that is far from them is of a sentence.
                let is_far = |before| !near(before, from) && !near(before, to);
                let is_sentence = self.firm && !self.strict && self.before.is_some_and(|(_, before)| is_far(before));
                if is_sentence && reason.ends_with(DATE_ALONE) {
                    self.unstamped.between += 1;
                    return Ok(self.unsure());
                }
                if self.side(from) != self.side(to) && (reason.ends_with(MAY_BE_ZONE) || reason == FALLEN) {
                    // `+10 users`: its neighbours say, as of a line without a stamp.
                    self.unstamped.between += 1;
                    return Ok(self.unsure());
                }
                if self.side(from) != self.side(to) {
                    return Err(reason);
                }
                let placed = self.at(from);
                self.own = None;
                if self.unstamped.spread == 0 {
                    self.unstamped.first_spread = format!("{}: {reason}", unit.place());
                }
                self.unstamped.spread += 1;
                Ok(placed)
            }
            Stamp::At(time) if loose => {
                // Words before a stamp may be a sentence that mentions a time.
                if self.before.is_some_and(|(_, before)| !near(before, time)) {
                    self.unstamped.between += 1;
                    return Ok(self.unsure());
                }
                Ok(self.at(time))
            }
            Stamp::At(time) => {
                self.firm = true;
                Ok(self.at(time))
            }
            Stamp::Maybe(time) => Ok(self.maybe(time)),
        }
    }

    /// A unit of this time.
    fn at(&mut self, time: Timestamp) -> Placed {
        if self.present.is_ahead(time) {
            // What waited before it lies before nobody knows what.
            let was_lost = self.lost;
            let settled = self.waiting.take().filter(|_| !was_lost).map(|_| Settled::Unknown);
            self.unstamped.ahead += 1;
            (self.any, self.candidate, self.own) = (true, None, Some(time));
            (self.waiting, self.lost) = (Some(Waiting { inside: false, is_unclear: false, is_between: false }), true);
            return Placed { inside: false, sure: false, settled };
        }
        let side = self.side(time);
        let settled = self.meets(side, time);
        self.any = true;
        (self.before, self.last, self.own, self.candidate) = (Some((side, time)), Some(time), Some(time), None);
        Placed { inside: side == Side::Inside, sure: true, settled }
    }

    /// Digits alone: a time only where the stamps around them are near. Where all stamps are digits alone, a log may have been
    /// quiet for more than a day before one of them; none of them goes back so far.
    fn maybe(&mut self, time: Timestamp) -> Placed {
        let before = self.candidate.or(self.before.map(|(_, time)| time));
        if before.is_some_and(|before| near(before, time)) {
            return self.at(time);
        }
        let earliest = self.clock.now.saturating_sub(SignedDuration::from_hours(24 * 3653)).unwrap_or(Timestamp::MIN);
        let latest = self.clock.now.saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
        let is_back = before.is_some_and(|before| time < before);
        let may_be = !self.firm && (earliest..=latest).contains(&time);
        if is_back || !may_be {
            self.unstamped.between += 1;
            let placed = self.unsure();
            if let Some(waiting) = self.waiting.as_mut().filter(|_| may_be) {
                // It may be of its own time, too.
                waiting.is_unclear = true;
            }
            return placed;
        }
        if self.present.is_ahead(time) {
            return self.at(time);
        }
        // Those that wait for a stamp that is surely one go on waiting, unless they lie elsewhere: this is none.
        let waited = self.candidate.take().and_then(|_| self.waiting.take());
        let Placed { inside, mut settled, .. } = self.at(time);
        let mut is_unclear = false;
        match waited {
            Some(waited) if waited.inside == inside => is_unclear = waited.is_unclear,
            Some(waited) if waited.is_between || waited.is_unclear => settled = Some(Settled::Unknown),
            Some(_) => settled = Some(Settled::AsThought),
            None => {}
        }
        self.candidate = Some(time);
        self.waiting = Some(Waiting { inside, is_unclear, is_between: false });
        Placed { inside, sure: false, settled }
    }

    /// What a stamped unit says about those that waited for it.
    fn meets(&mut self, side: Side, time: Timestamp) -> Option<Settled> {
        let Waiting { inside, is_unclear, is_between } = self.waiting.take()?;
        if std::mem::take(&mut self.lost) {
            return Some(Settled::Ahead);
        }
        match self.candidate.take() {
            Some(candidate) if near(candidate, time) && !is_between && !is_unclear => return Some(Settled::AsThought),
            Some(candidate) if !near(candidate, time) => {
                // It was a number: what waited lies before this unit, and nothing else is known.
                self.before = None;
                if !self.chooses() {
                    return Some(Settled::Misread);
                }
            }
            _ => {}
        }
        let sure = match (self.before, side) {
            (Some((Side::Inside, _)), Side::Inside) => inside,
            (Some((Side::Before, _)), Side::Before) | (Some((Side::After, _)), Side::After) => !inside,
            (None, Side::Before) => !inside,
            (None, Side::Inside) => inside && self.since.is_none(),
            _ => false,
        };
        Some(if sure && !is_unclear { Settled::AsThought } else { Settled::Unknown })
    }

    /// Where the unit before lies, with whatever waits there.
    fn between(&mut self) -> Placed {
        if self.lost {
            return Placed { inside: false, sure: false, settled: None };
        }
        let inside = self.before.map_or(self.since.is_none(), |(side, _)| side == Side::Inside);
        Placed { inside, sure: self.waiting.is_none() || self.candidate.is_none(), settled: None }
    }

    /// A unit without a stamp of its own, between its neighbours.
    fn unsure(&mut self) -> Placed {
        let placed = self.between();
        if self.lost {
            return placed;
        }
        // Also where nothing ends the window a later stamp may lie before it: time can go back.
        if self.since.is_none() && self.until.is_none() {
            return Placed { inside: true, sure: true, settled: None };
        }
        let is_unclear = self.waiting.is_some_and(|waiting| waiting.is_unclear);
        self.waiting = Some(Waiting { inside: placed.inside, is_unclear, is_between: true });
        Placed { sure: false, ..placed }
    }
}
