//! `--since` and `--until`: which units lie in the time that is asked for.
//!
//! Owns whose time a unit has: its line's start, else a key; one without a stamp belongs to the one before it.

use filter::Error;
use jiff::Timestamp;

use crate::grammar::PairReader;
use crate::input::stamp::{Clock, Stamp};
use crate::input::unit::Unit;
use crate::record::options::Shape;
use crate::record::{Misfit, Record};

/// The keys that are looked at without `--time`, in this order.
const KEYS: [&str; 5] = ["time", "ts", "t", "timestamp", "@timestamp"];

/// A window of time, and whether the unit before lay in it.
pub struct Window {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    clock: Clock,
    /// `--time`: then nothing else is looked at, and it must be readable.
    strict: bool,
    shape: Shape,
    record: Record,
    inside: bool,
    /// The time of the last unit that had a stamp.
    last: Option<Timestamp>,
    /// Whether any unit had a stamp.
    pub any: bool,
}

impl Window {
    /// From `since` on and before `until`; the time is that of `key`, where one is named.
    pub fn new(since: Option<Timestamp>, until: Option<Timestamp>, key: Option<&str>, clock: Clock) -> Self {
        let keys = key.map_or(KEYS.to_vec(), |key| vec![key]);
        let mut shape =
            Shape { time_keys: keys.iter().map(|key| key.as_bytes().to_vec()).collect(), ..Shape::default() };
        shape.drop.all();
        Window {
            since,
            until,
            clock,
            strict: key.is_some(),
            shape,
            record: Record::default(),
            inside: false,
            last: None,
            any: false,
        }
    }

    /// Goes on from a unit of this time, perhaps one of an earlier run.
    pub fn go_on(&mut self, time: Timestamp) {
        self.any = true;
        self.last = Some(time);
        let after = self.since.is_none_or(|since| time >= since);
        self.inside = after && self.until.is_none_or(|until| time < until);
    }

    /// The time of the last unit that had a stamp.
    pub fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// An error where no line had a time, though there were `lines`: then nothing is known of the window.
    pub fn may_conclude(&self, lines: u64) -> Result<(), Error> {
        if self.any || lines == 0 {
            return Ok(());
        }
        Err(Error::data("input", "no line has a time that can be read; --time KEY names the key of one"))
    }

    /// Whether `unit` lies in the window; `line` is its text without colours.
    pub fn holds(&mut self, unit: &Unit<'_>, line: &[u8], reader: &mut PairReader) -> Result<bool, Misfit> {
        let stamp = if self.strict { Stamp::None } else { self.clock.line_start(line) };
        let stamp = match stamp {
            Stamp::None => self.key_stamp(unit, line, reader)?,
            stamp => stamp,
        };
        match stamp {
            Stamp::None => {}
            Stamp::Refused(reason) => return Err(reason),
            Stamp::At(time) => self.go_on(time),
        }
        Ok(self.inside)
    }

    fn key_stamp(&mut self, unit: &Unit<'_>, line: &[u8], reader: &mut PairReader) -> Result<Stamp, Misfit> {
        self.record.clear(&self.shape, false);
        if reader.read(unit, line, &self.shape, &mut self.record).is_err() {
            // What is wrong with the line is told where its record is made, if it is one that is wanted.
            return Ok(Stamp::None);
        }
        let Some(value) = self.record.time(line) else { return Ok(Stamp::None) };
        match self.clock.value(value) {
            Stamp::None if self.strict => {
                let value = schema::json::quote(value);
                Err(format!("--time: {value} is not a time like 2026-03-05T20:32:12Z or epoch seconds"))
            }
            stamp => Ok(stamp),
        }
    }
}
