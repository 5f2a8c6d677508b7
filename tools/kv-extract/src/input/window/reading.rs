//! Which time a unit has: its own stamp, or the first key whose value is one, in the zone and of the day that the line,
//! the file or an option says.

use jiff::{SignedDuration, Timestamp};
use time::{Clock, DATE_ALONE, KEYS, OF_OTHERS, Reading, Stamp, begins_otherwise, is_clock_of_another, near};

use super::Window;
use super::zones::{LOOSE, ZONES, is_digits, is_surely_zone, is_zone};
use crate::grammar::PairReader;
use crate::input::placer::begins_with_pair;
use crate::input::unit::{Content, Unit};
use crate::record::Misfit;

/// How far a time of day falls at least where midnight was passed: more than lines go back in disorder, or clocks are set back.
const FALL: SignedDuration = SignedDuration::from_hours(2);
/// What is said of the lines behind such a fall: the reason of a [`Stamp::Between`] that their neighbours may settle.
pub(super) const FALLEN: &str =
    "midnight may have been passed since the day that --date says: read each day with its own --date";

impl Window {
    pub(super) fn read(&mut self, unit: &Unit<'_>, line: &[u8], reader: &mut PairReader) -> Result<Reading, Misfit> {
        if self.strict {
            return self.key_stamp(unit, line, reader).map(|stamp| match stamp {
                Stamp::None => Reading::None,
                stamp => Reading::Stamp { stamp, loose: false },
            });
        }
        let reading = self.clock.line(line);
        match reading {
            Reading::Stamp { loose: true, .. } if self.firm => {}
            Reading::Stamp { stamp: Stamp::At(time), loose: false } if self.is_of_sentence(line, time) => {
                return Ok(Reading::None);
            }
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
            stamp if reading == Reading::Unreadable && begins_otherwise(line, &stamp) => reading,
            // `ERROR: user=bob created=2026-03-01T10:00:00Z`: of the user, where the log's lines have stamps of their own.
            stamp => {
                let is_prose = matches!(unit.content, Content::Line) && !line.trim_ascii_start().starts_with(b"{");
                let loose = self.of_other && is_prose && !begins_with_pair(line);
                Reading::Stamp { stamp, loose }
            }
        })
    }

    /// Whether a stamp behind a level or a name is one that a sentence mentions: it is far from those before it, in a log
    /// whose lines begin with theirs: `ERROR 2026-03-01 10:00:00 backup is gone`. The second of two that are near each other
    /// is none: the log goes on in another form.
    fn is_of_sentence(&mut self, line: &[u8], time: Timestamp) -> bool {
        let starts = *self.starts.get_or_insert_with(|| self.clock.begins_line(line));
        let is_far = |other| !near(other, time);
        if !starts || !self.before.is_some_and(|(_, before)| is_far(before)) || self.clock.begins_line(line) {
            self.strayed = None;
            return false;
        }
        let is_first = self.strayed.replace(time).is_none_or(is_far);
        self.starts = Some(is_first);
        is_first
    }

    /// The time of the first key whose value is one.
    pub(super) fn key_stamp(&mut self, unit: &Unit<'_>, line: &[u8], reader: &mut PairReader) -> Result<Stamp, Misfit> {
        let outer = self.stamp_of(unit, line, reader, false)?;
        if outer != Stamp::None || self.inner.is_none() {
            return Ok(outer);
        }
        self.stamp_of(unit, line, reader, true)
    }

    /// The same, `inside` with the keys of the line inside, too.
    pub(super) fn stamp_of(
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
        self.of_other = false;
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
            let (value, stamp) = match self.clock.value(value) {
                Stamp::Between(from, to, reason) if reason.ends_with(DATE_ALONE) => {
                    // `ts=2026-03-05 20:32:12 level=info`: without quotes the value ends at the blank.
                    let onward = self.record.time_onward(at, line).and_then(|text| self.clock.value_onward(text));
                    onward.unwrap_or((value, Stamp::Between(from, to, reason)))
                }
                stamp => (value, stamp),
            };
            match stamp {
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
                stamp => {
                    self.of_other = KEYS.get(at).is_some_and(|key| OF_OTHERS.contains(key));
                    found = Some((value, stamp));
                }
            }
        }
        // `time=20:32:12 created=2026-03-01T10:00:00Z`
        if let (Some(clock), Some((_, stamp))) = (day_time, &found)
            && self.of_other
            && is_clock_of_another(clock, stamp)
        {
            return Ok(Stamp::None);
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
    pub(super) fn in_zone(&self, value: &[u8], stamp: Stamp, zone: Option<&[u8]>) -> Stamp {
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
    pub(super) fn in_days(
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
}
