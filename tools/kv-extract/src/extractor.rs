//! One unit in, one record out: the line is chosen, its pairs are read in its format, and JSON is appended.
//!
//! Owns the order of the steps; refuses I/O and knows nothing of other lines.

use schema::{Object, Value, json};

use crate::grammar::Grammar;
use crate::record::{Misfit, Record, Shape};
use crate::selection::Selection;
use crate::table::Table;
use crate::text;
use crate::unit::{Content, Unit};

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Format {
    /// `key=value` anywhere in prose.
    #[default]
    Kv,
    /// Nothing but `key=value`, and words that are true.
    Logfmt,
    /// One JSON object.
    Json,
    /// Comma-separated values under a header.
    Csv,
    /// Tab-separated values under a header.
    Tsv,
}

/// What became of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is not one that was asked for.
    Unselected,
    /// It holds no pair.
    NoPairs,
    /// It has pairs, but not those that are wanted.
    Unwanted,
    /// Its record was appended.
    Record,
    /// It is not what it should be, and that was told.
    Rejected,
}

/// All that is asked of one unit.
pub struct Extractor {
    /// Which lines.
    pub selection: Selection,
    /// How pairs are written.
    pub grammar: Grammar,
    /// How lines are.
    pub format: Format,
    /// What is done to a record.
    pub shape: Shape,
    /// `--source`
    pub source: bool,
    /// The record at hand, and what was seen in all of them.
    pub record: Record,
    plain: Vec<u8>,
}

impl Extractor {
    /// An extractor with buffers of its own.
    pub fn new(selection: Selection, grammar: Grammar, format: Format, shape: Shape, source: bool) -> Self {
        Extractor { selection, grammar, format, shape, source, record: Record::default(), plain: Vec::new() }
    }

    /// Whether the unit holds what `-m` and `-v` ask for.
    pub fn takes(&self, unit: &Unit<'_>) -> bool {
        self.selection.takes(unit.text)
    }

    /// Appends the record of `unit` to `out`, without its newline; leaves `out` as it was where there is none.
    pub fn extract(&mut self, unit: &Unit<'_>, out: &mut Vec<u8>) -> Result<Outcome, Misfit> {
        self.record.clear(&self.shape);
        let before = self.record.tally.pairs;
        match &unit.content {
            Content::Value(Value::Object(object)) => self.read_object(object)?,
            Content::Value(_) => {}
            Content::Row(table) => self.read_row(table)?,
            Content::Line => {
                if memchr::memchr(0x1B, unit.text).is_some() {
                    let mut plain = std::mem::take(&mut self.plain);
                    plain.clear();
                    text::without_colours(unit.text, &mut plain);
                    let outcome = self.read_line(&plain).and_then(|()| self.write(unit, &plain, before, out));
                    self.plain = plain;
                    return outcome;
                }
                self.read_line(unit.text)?;
                return self.write(unit, unit.text, before, out);
            }
        }
        self.write(unit, unit.text, before, out)
    }

    fn write(&mut self, unit: &Unit<'_>, line: &[u8], before: u64, out: &mut Vec<u8>) -> Result<Outcome, Misfit> {
        if self.record.tally.pairs == before {
            return Ok(Outcome::NoPairs);
        }
        if self.record.is_empty() || !self.record.has_all() {
            return Ok(Outcome::Unwanted);
        }
        self.record.write(&self.shape, line, out);
        if self.source {
            write_source(unit, out);
        }
        out.push(b'}');
        Ok(Outcome::Record)
    }

    fn read_line(&mut self, line: &[u8]) -> Result<(), Misfit> {
        let (record, shape) = (&mut self.record, &self.shape);
        let mut outcome = Ok(());
        self.grammar.scan(line, |pair| {
            if outcome.is_ok() {
                outcome = record.take_pair(shape, line, &pair);
            }
        });
        outcome
    }

    fn read_row(&mut self, table: &Table) -> Result<(), Misfit> {
        for (name, cell) in table.row_cells() {
            self.record.take_word(&self.shape, b"", name, cell)?;
        }
        Ok(())
    }

    fn read_object(&mut self, object: &Object<'_>) -> Result<(), Misfit> {
        let mut nested = Vec::new();
        for (key, value) in object.iter() {
            let (key, shape) = (key.as_bytes(), &self.shape);
            match value {
                Value::Text(text) => self.record.take_text(shape, b"", key, text.as_bytes())?,
                value => {
                    nested.clear();
                    json::write(value, &mut nested);
                    self.record.take_json(shape, b"", key, &nested)?;
                }
            }
        }
        Ok(())
    }
}

fn write_source(unit: &Unit<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"@source\":{\"file\":");
    text::write(unit.file.as_bytes(), out);
    out.extend_from_slice(b",\"line\":");
    write_number(unit.number, out);
    if let Some(offset) = unit.offset {
        out.extend_from_slice(b",\"offset\":");
        write_number(offset, out);
    }
    out.push(b'}');
}

/// Appends a count in decimal digits.
pub fn write_number(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}
