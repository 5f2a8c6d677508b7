//! The rows of a table, block by block: what is a line to itself is the workers', and the rest is done here, in its order.
//!
//! Owns the header of the source at hand, and whether a cell is open: quoted cells may go on over lines, and over blocks.

use std::ops::Range;
use std::sync::Arc;

use filter::{Error, Filter};
use memchr::{memchr, memchr_iter, memchr2, memrchr};

use crate::grammar::Format;
use crate::grammar::table::{Fed, Header, Table};
use crate::input::block::Block;
use crate::input::unit::{self, Content, Unit};
use crate::run::done::{Done, tell, told_of};
use crate::run::extractor::{Extractor, Outcome};

/// The table at hand.
pub struct Rows {
    table: Table,
    header: Option<Arc<Header>>,
    limit: usize,
    may_reject: bool,
    out: Vec<u8>,
}

impl Rows {
    /// For the tables that `extractor` reads, if it does.
    pub fn new(extractor: &Extractor, limit: usize, may_reject: bool) -> Option<Rows> {
        let delimiter = match extractor.reader.format {
            Format::Csv => b',',
            Format::Tsv => b'\t',
            _ => return None,
        };
        let table = Table::new(delimiter, extractor.reader.header.clone());
        Some(Rows { table, header: None, limit, may_reject, out: Vec::new() })
    }

    /// Begins another source.
    pub fn begin(&mut self) {
        self.table.restart();
        self.header = None;
    }

    /// The end of the source.
    ///
    /// # Errors
    /// Where a cell is still open, unless it may be rejected.
    pub fn end(&mut self, name: &str, filter: &mut Filter) -> Result<(), Error> {
        if self.table.is_open() {
            // Its lines were passed over as long as it was open.
            filter.counts.skipped -= self.table.lines;
            unit::reject(filter, name, "the file ends inside a quoted cell", self.table.lines)?;
        }
        Ok(())
    }

    /// Does the lines of a block, of which some are no rows to themselves; false where each is one, so that the block is for
    /// a worker.
    pub fn take(&mut self, block: &mut Block, file: &str, extractor: &mut Extractor, done: &mut Done) -> bool {
        // What is not asked for must be a row all the same, which the table says.
        let is_for_workers = self.table.has_begun()
            && self.table.has_header()
            && !self.table.is_open()
            && !self.table.has_directives()
            && extractor.selection.is_empty()
            && are_closed(block.lines(), self.table.delimiter());
        if is_for_workers {
            if self.header.is_none() {
                self.header = self.table.header().map(Arc::new);
            }
            block.header.clone_from(&self.header);
            return false;
        }
        self.header = None;
        done.clear();
        let mut start = block.start;
        for newline in memchr_iter(b'\n', block.lines()) {
            let line = start..block.start + newline;
            start = line.end + 1;
            done.newlines += 1;
            self.line(block, line, file, extractor, done);
            if done.failed.is_some() {
                break;
            }
        }
        done.lines = done.newlines;
        done.passed.include(&extractor.record.passed);
        true
    }

    fn line(&mut self, block: &Block, line: Range<usize>, file: &str, extractor: &mut Extractor, done: &mut Done) {
        let index = done.newlines - 1;
        let text = block.bytes.get(line).unwrap_or_default();
        if text.len() > self.limit {
            return self.reject(
                index,
                format!("longer than {} bytes; --max-line sets the limit", self.limit),
                1,
                true,
                done,
            );
        }
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let has_header = self.table.has_header();
        match self.table.feed(text) {
            Ok(Fed::More) if self.table.raw().len() > self.limit => {
                let reason = format!("a row longer than {} bytes, in which a quoted cell is not closed", self.limit);
                let first = (index + 1).wrapping_sub(self.table.lines);
                done.failed = Some(told_of(first, reason + "; --max-line sets the limit"));
                return;
            }
            Ok(Fed::More | Fed::Header) => return,
            // Without a header no row has names, so none can be granted.
            Err(reason) => {
                return self.reject(index, reason, self.table.lines, self.may_reject && has_header, done);
            }
            Ok(Fed::Row) => {}
        }
        let lines = self.table.lines;
        let first = (index + 1).wrapping_sub(lines);
        let unit = Unit {
            text: self.table.raw(),
            file,
            number: block.number.wrapping_add(first),
            offset: None,
            lines,
            content: Content::Row(&self.table),
        };
        if !extractor.selection.takes(unit.text) {
            return;
        }
        self.out.clear();
        match extractor.extract(&unit, &mut self.out) {
            Ok(Outcome::Record) => {
                done.used += lines;
                self.out.push(b'\n');
                done.output.append(&self.out);
            }
            Ok(outcome) => tell(&mut done.unknown, first, outcome.told()),
            Err(reason) => self.reject(first, reason, lines, self.may_reject, done),
        }
    }

    fn reject(&self, line: u64, reason: String, lines: u64, may: bool, done: &mut Done) {
        if may {
            tell(&mut done.rejected, line, Some(&reason));
            done.more_rejected += lines - 1;
        } else {
            done.failed = Some(told_of(line, reason));
        }
    }
}

/// Whether each of these whole lines ends its row: no quoted cell goes on behind one, and no row ends within one.
fn are_closed(lines: &[u8], delimiter: u8) -> bool {
    let mut returns = memchr_iter(b'\r', lines);
    if !returns.all(|at| lines.get(at + 1) == Some(&b'\n')) {
        return false;
    }
    let find = |from: usize, one: u8, other: u8| {
        lines.get(from..).and_then(|rest| memchr2(one, other, rest)).map_or(lines.len(), |step| from + step)
    };
    let mut at = 0;
    while let Some(step) = lines.get(at..).and_then(|rest| memchr(b'"', rest)) {
        let quote = at + step;
        let mut cell = lines.get(at..quote).and_then(|before| memrchr(b'\n', before)).map_or(at, |step| at + step + 1);
        // A quote within a cell is one of its bytes; one at its start opens it.
        loop {
            if lines.get(cell) == Some(&b'"') {
                let mut closing = find(cell + 1, b'"', b'\n');
                while lines.get(closing) == Some(&b'"') && lines.get(closing + 1) == Some(&b'"') {
                    closing = find(closing + 2, b'"', b'\n');
                }
                if lines.get(closing) != Some(&b'"') {
                    return false;
                }
                cell = closing + 1;
            }
            let end = find(cell, delimiter, b'\n');
            if lines.get(end) != Some(&delimiter) {
                at = end + 1;
                break;
            }
            cell = end + 1;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{Seeded, rounds};

    /// Where all lines are told to be closed, each is a row of the library's to itself.
    #[test]
    fn closed_lines_are_rows() {
        let mut closed = 0;
        for seed in 0..rounds(20_000) {
            let mut random = Seeded(seed);
            let mut text = Vec::new();
            for _ in 0..1 + random.below(24) {
                text.push(b"a\"\",,\n\nb \"\r"[random.below(11)]);
            }
            text.push(b'\n');
            if !are_closed(&text, b',') {
                continue;
            }
            closed += 1;
            let mut table = Table::new(b',', vec![b"x".to_vec()]);
            table.restart();
            for line in text.split_inclusive(|&byte| byte == b'\n') {
                let line = line.strip_suffix(b"\n").unwrap_or(line);
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                _ = table.feed(line);
                assert!(!table.is_open(), "{:?}", String::from_utf8_lossy(&text));
                let cells = table.feed(b"z");
                assert!(cells == Ok(Fed::Row), "{:?} {cells:?}", String::from_utf8_lossy(&text));
            }
        }
        assert!(closed > 100, "{closed}");
    }
}
