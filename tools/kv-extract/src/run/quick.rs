//! One unit at a time on the field road, for units that come one by one: JSON records and rows of a table.
//!
//! Owns a line with the margins that the road wants. What the road is not sure of is left to the caller's plain way.

use filter::{Error, Filter};

use crate::fast::buffer::Output;
use crate::fast::cpu::Choice;
use crate::fast::fields::{Ask, Road};
use crate::fast::lines::STRETCH;
use crate::fast::masks::MARGIN;
use crate::grammar::auto::Kind;
use crate::grammar::table::Table;
use crate::record::tally::Tally;
use crate::run::extractor::{Extractor, UNKNOWN};

/// What became of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quickly {
    /// Its record is [`Quick::record`].
    Record,
    /// It has none.
    Nothing,
    /// Its conditions are neither true nor false.
    Unknown,
    /// The plain way must tell.
    Plain,
}

/// The field road for single units.
pub struct Quick {
    road: Road,
    choice: Choice,
    /// The unit's line between margins.
    bytes: Vec<u8>,
    output: Output,
    /// Which header the road has the columns of, and whether it takes them.
    header: Option<(u64, bool)>,
}

/// What the road asks of one unit.
struct One<'a> {
    file: &'a str,
    number: u64,
    answer: Quickly,
}

impl Ask for One<'_> {
    fn plain(&mut self, _: usize, _: usize, _: &mut Output) -> bool {
        self.answer = Quickly::Plain;
        false
    }

    fn failed(&self) -> bool {
        false
    }

    fn unknown(&mut self, _: usize) {
        self.answer = Quickly::Unknown;
    }

    fn source(&mut self, _: usize) -> (&str, u64, Option<u64>) {
        (self.file, self.number, None)
    }
}

impl Quick {
    /// The quick way of what `extractor` asks for, if there is one on this machine.
    pub fn new(extractor: &Extractor) -> Option<Quick> {
        // Whether a number alone is in doubt depends on the values before it.
        if extractor.shape.types.iter().any(|(key, conversion)| conversion.doubts_bare(key)) {
            return None;
        }
        let choice = Choice::fastest();
        let road = Road::new(extractor, Kind::Prose).filter(|_| choice.is_fast())?;
        Some(Quick { road, choice, bytes: vec![b'\n'; MARGIN], output: Output::default(), header: None })
    }

    /// Does one line of `text`.
    pub fn line(&mut self, text: &[u8], file: &str, number: u64) -> Quickly {
        if text.len() >= STRETCH || memchr::memchr(b'\n', text).is_some() {
            return Quickly::Plain;
        }
        self.bytes.truncate(MARGIN);
        self.bytes.extend_from_slice(text);
        self.bytes.push(b'\n');
        let end = self.bytes.len();
        self.bytes.extend_from_slice(&[b'\n'; MARGIN]);
        self.output.clear();
        let mut one = One { file, number, answer: Quickly::Nothing };
        let range = MARGIN..end;
        let ranges = std::slice::from_ref(&range);
        let counted = self.road.lines(self.choice, &self.bytes, ranges, None, &mut self.output, &mut one);
        if counted.is_some_and(|counted| counted.records > 0) { Quickly::Record } else { one.answer }
    }

    /// Does one row of a table, if it is a line of cells without quotes.
    pub fn row(&mut self, table: &Table, text: &[u8], file: &str, number: u64) -> Quickly {
        if !table.is_simple() {
            return Quickly::Plain;
        }
        let (header, names) = table.names();
        let is_known = match self.header {
            Some((known, takes)) if known == header => takes,
            _ => {
                let takes = self.road.set_columns(names, table.delimiter());
                self.header = Some((header, takes));
                takes
            }
        };
        if is_known { self.line(text, file, number) } else { Quickly::Plain }
    }

    /// The record of the last unit, with its newline.
    pub fn record(&self) -> &[u8] {
        self.output.written()
    }

    /// Writes the record of the last unit.
    pub fn write(&self, filter: &mut Filter) -> Result<(), Error> {
        filter.lines(self.record(), 1)
    }

    /// What was seen.
    pub fn tally(&self) -> Tally {
        self.road.tally
    }
}

/// Counts and writes what came of a unit quickly; false where the plain way must tell.
pub fn count(
    outcome: Quickly,
    quick: &Quick,
    (file, line): (&str, u64),
    lines: u64,
    filter: &mut Filter,
) -> Result<bool, Error> {
    match outcome {
        Quickly::Plain => return Ok(false),
        Quickly::Record => {
            filter.counts.used += lines;
            quick.write(filter)?;
        }
        Quickly::Nothing => filter.counts.skipped += lines,
        Quickly::Unknown => {
            filter.counts.skipped += lines;
            filter.note("unknown condition", format_args!("{file}:{line}"), UNKNOWN);
        }
    }
    Ok(true)
}
