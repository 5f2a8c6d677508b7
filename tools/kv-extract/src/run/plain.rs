//! The plain way with the lines of a block: each by itself, by the reader of its format.
//!
//! Owns what a line is told as that is no record or too long, and the number of a line; it is the oracle of the fast ways.

use filter::{Event, Unread};
use memchr::{memchr, memchr_iter};

use crate::fast::buffer::Output;
use crate::fast::fields::Ask;
use crate::grammar::table::{Fed, Table};
use crate::input::block::Block;
use crate::input::unit::{Content, Unit};
use crate::record::Misfit;
use crate::run::done::{Told, Unsure, tell};
use crate::run::extractor::{Extractor, Outcome, UNKNOWN};

/// What the plain scanner needs beside the fast one.
pub struct Plain<'a> {
    pub(super) extractor: &'a mut Extractor,
    pub(super) scratch: &'a mut Vec<u8>,
    pub(super) block: &'a Block,
    pub(super) file: &'a str,
    pub(super) limit: usize,
    pub(super) may_reject: bool,
    pub(super) of_records: bool,
    pub(super) unsure: &'a mut Vec<Unsure>,
    pub(super) rejected: &'a mut Vec<Told>,
    pub(super) unknown: &'a mut Vec<Told>,
    pub(super) failed: &'a mut Option<Told>,
    /// Reads rows, where lines are such.
    pub(super) table: Option<&'a mut Table>,
    /// Up to where lines are counted, and how many there are before it.
    pub(super) counted: (usize, u64),
}

impl Plain<'_> {
    pub(super) fn takes(&self, line: &[u8]) -> bool {
        self.extractor.selects(line)
    }

    /// Every line from `at` up to `end`; gives back how many have a record.
    pub(super) fn each_line(&mut self, mut at: usize, end: usize, output: &mut Output) -> u64 {
        let mut used = 0;
        while at < end && self.failed.is_none() {
            let newline = memchr(b'\n', &self.block.bytes[at..end]).map_or(end, |step| at + step);
            used += u64::from(self.record(at, newline, output));
            at = newline + 1;
        }
        used
    }

    /// One line; appends its record and newline, and says whether there is one.
    pub(super) fn record(&mut self, from: usize, to: usize, output: &mut Output) -> bool {
        if self.failed.is_some() {
            return false;
        }
        if to - from > self.limit {
            self.reject(from, format!("longer than {} bytes; --max-line sets the limit", self.limit), true);
            if self.of_records && !self.may_reject {
                let line = self.lines_before(from);
                *self.failed = Some(Told { line, place: None, reason: filter::TOO_LONG.to_owned() });
            }
            return false;
        }
        let text = &self.block.bytes[from..to];
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let counts = self.extractor.source || self.of_records;
        let number = if counts { self.block.number + self.lines_before(from) } else { 0 };
        let mut offset = Some(self.block.offset + (from - self.block.start) as u64);
        let mut content = Content::Line;
        if self.of_records {
            if text.trim_ascii().is_empty() || filter::begins_as_seal(text) {
                return false;
            }
            self.scratch.clear();
            if let Some(outcome) = self.extractor.stream(text, (self.file, number), self.scratch) {
                return self.came(from, outcome, output);
            }
            match (Unread { text, file: self.file, line: number }).read() {
                Event::Record(record) => (content, offset) = (Content::Value(record.value), None),
                Event::Malformed { place, reason } | Event::Fault { place, detail: reason, .. } => {
                    self.reject_at(from, Some(place), reason, self.may_reject);
                    return false;
                }
            }
        }
        if let Some(table) = &mut self.table {
            offset = None;
            match table.feed(text) {
                Ok(Fed::Row) => {}
                // A blank line.
                Ok(_) => return false,
                Err(reason) => {
                    self.reject(from, reason, self.may_reject);
                    return false;
                }
            }
        }
        if let Some(table) = self.table.as_deref() {
            content = Content::Row(table);
        }
        let unit = Unit { text, file: self.file, number, offset, lines: 1, content };
        self.scratch.clear();
        match self.extractor.extract(&unit, self.scratch) {
            Ok(outcome) => self.came(from, outcome, output),
            Err(reason) => {
                self.reject(from, reason, self.may_reject);
                false
            }
        }
    }

    /// What came of the line at `from`: its record is in the scratch; whether there is one.
    pub(super) fn came(&mut self, from: usize, outcome: Outcome, output: &mut Output) -> bool {
        if outcome == Outcome::Record {
            self.scratch.push(b'\n');
            output.append(self.scratch);
            return true;
        }
        if let Some(reason) = outcome.told() {
            let line = self.lines_before(from);
            tell(self.unknown, line, Some(reason));
        }
        false
    }

    /// A line of which only that it is a record matters.
    pub(super) fn check(&mut self, from: usize, to: usize) {
        let text = self.block.bytes.get(from..to).unwrap_or_default();
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if self.failed.is_some() || text.trim_ascii().is_empty() || filter::begins_as_seal(text) {
            return;
        }
        if to - from > self.limit {
            // Told in the same way as one that is asked for.
            self.record(from, to, &mut Output::default());
            return;
        }
        let line = self.block.number + self.lines_before(from);
        if let Event::Malformed { place, reason } = (Unread { text, file: self.file, line }).read() {
            self.reject_at(from, Some(place), reason, self.may_reject);
        }
    }

    pub(super) fn reject(&mut self, from: usize, reason: Misfit, may: bool) {
        self.reject_at(from, None, reason, may);
    }

    pub(super) fn reject_at(&mut self, from: usize, place: Option<String>, reason: Misfit, may: bool) {
        let line = self.lines_before(from);
        if may {
            tell(self.rejected, line, Some(&reason));
            if let Some(told) = self.rejected.last_mut().filter(|told| !told.reason.is_empty()) {
                told.place = place;
            }
        } else {
            *self.failed = Some(Told { line, place, reason });
        }
    }

    /// A record of a line whose time is not sure.
    pub(super) fn note_unsure(&mut self, at: usize, inside: bool) {
        let line = self.lines_before(at);
        match self.unsure.last_mut() {
            Some(Unsure::Records { count, written, .. }) => (*count, *written) = (*count + 1, inside),
            _ => self.unsure.push(Unsure::Records { line, count: 1, written: inside }),
        }
    }

    /// How many lines of the block stand before `at`. Asked in order, so that each byte is counted once.
    pub(super) fn lines_before(&mut self, at: usize) -> u64 {
        let (from, before) = self.counted;
        let more = self.block.bytes.get(from..at).map_or(0, |bytes| memchr_iter(b'\n', bytes).count() as u64);
        self.counted = (at.max(from), before + more);
        before + more
    }
}

impl Ask for Plain<'_> {
    fn plain(&mut self, start: usize, end: usize, output: &mut Output) -> bool {
        self.record(start, end, output)
    }

    fn failed(&self) -> bool {
        self.failed.is_some()
    }

    fn unknown(&mut self, start: usize) {
        let line = self.lines_before(start);
        tell(self.unknown, line, Some(UNKNOWN));
    }

    fn source(&mut self, start: usize) -> (&str, u64, Option<u64>) {
        let number = self.block.number + self.lines_before(start);
        let offset = self.block.offset + (start - self.block.start) as u64;
        (self.file, number, Some(offset).filter(|_| !self.of_records && self.table.is_none()))
    }
}
