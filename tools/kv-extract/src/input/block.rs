//! Blocks of whole lines, read from one input: what the fast passes work on.
//!
//! Owns where blocks are cut, the last line without a newline and lines that are too long; refuses to look at lines.

use std::sync::Arc;

use filter::{Error, Filter, Input, SealCheck, grow, longer};
use memchr::{memchr, memrchr};

use crate::fast::masks::MARGIN;
use crate::grammar::table::Header;
use crate::input::seals::Seals;
use crate::input::unit::is_whole;

/// How much is read at once: it and what is written for it stay in a core's own cache.
const BLOCK: usize = 256 << 10;

/// How much of it at first, where the first lines are looked at one by one.
const SMALL: usize = 4 << 10;

/// Some whole lines, each with its newline.
#[derive(Debug, Default)]
pub struct Block {
    /// The lines stand in `bytes[start..end]`; [`MARGIN`] bytes before and behind can be read, the one before is a
    /// newline.
    pub bytes: Vec<u8>,
    /// Where the first line begins.
    pub start: usize,
    /// Behind the last newline.
    pub end: usize,
    /// Bytes from the input's start to the first line.
    pub offset: u64,
    /// The number of the first line, where lines are counted ahead.
    pub number: u64,
    /// How many lines are neither blank nor seals, where they are JSON records.
    pub records: u64,
    /// How many lines there are, where they are counted ahead.
    pub newlines: Option<u64>,
    /// Where each line is a row: the header it is under.
    pub header: Option<Arc<Header>>,
}

impl Block {
    /// The lines.
    pub fn lines(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Gives memory back that one long line took.
    pub fn shrink(&mut self) {
        if self.bytes.len() > 2 * BLOCK + 2 * MARGIN {
            self.bytes = Vec::new();
        }
    }
}

/// What the reader found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Some lines.
    Lines,
    /// A line that is too long was passed over; it stands behind all lines found so far.
    TooLong,
    /// A record that goes on over further lines: see [`BlockReader::into_rest`].
    Spread,
    /// The end; `true` where a last line without a newline was left out.
    End(bool),
}

/// Reads one input in blocks.
pub struct BlockReader {
    input: Input,
    /// The beginning of a line whose end is not read yet.
    carry: Vec<u8>,
    limit: usize,
    offset: u64,
    /// Lines given out so far, where they are counted.
    lines: u64,
    counts_lines: bool,
    seals: Seals,
    /// Where in the file reading began.
    base: u64,
    /// Whether a last line without a newline is left for the next time.
    leaves_unfinished: bool,
    /// Whether a last line without its newline may be cut off, under a seal.
    may_be_cut: bool,
    /// Whether each line is a record, and whether one begins next that goes on over further lines.
    of_records: bool,
    is_spread: bool,
    /// How much is read at once.
    step: usize,
    /// Where a line that is passed over begins.
    long: u64,
    skipping: bool,
    ended: bool,
}

impl BlockReader {
    /// Reads `input`, whose lines may have `limit` bytes. Where `counts_lines`, each block knows its lines' numbers.
    pub fn new(input: Input, limit: usize, counts_lines: bool, seals: Seals) -> Self {
        BlockReader {
            input,
            carry: Vec::new(),
            limit,
            offset: 0,
            lines: 0,
            counts_lines,
            seals,
            base: 0,
            leaves_unfinished: false,
            may_be_cut: false,
            of_records: false,
            is_spread: false,
            step: BLOCK,
            long: 0,
            skipping: false,
            ended: false,
        }
    }

    /// The same from a place on that has `base` bytes before it; where it `leaves_unfinished`, a last line without its
    /// newline is left for the next time.
    pub fn starting_at(self, base: u64, leaves_unfinished: bool) -> Self {
        let lines = self.input.lines_before();
        BlockReader { base, leaves_unfinished, lines, ..self }
    }

    /// The same where each line is a JSON record, up to one that goes on over further lines.
    pub fn of_records(self) -> Self {
        BlockReader { of_records: true, ..self }
    }

    /// The same where the first lines are looked at one by one: they come in a small block of their own.
    pub fn with_small_first(self) -> Self {
        BlockReader { step: SMALL, ..self }
    }

    /// At a record that goes on over further lines: the input from there on, with what is known of its seals.
    pub fn into_rest(mut self) -> (Input, SealCheck) {
        self.input.unread(&self.carry);
        self.input.set_lines_before(self.lines);
        (self.input, self.seals.into_check())
    }

    /// Whether the next block may not be there yet.
    pub fn would_wait(&self) -> bool {
        self.input.would_wait()
    }

    /// How many bytes were given out.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Fills `block` with the next lines.
    pub fn next(&mut self, block: &mut Block, filter: &mut Filter) -> Result<Found, Error> {
        if self.is_spread {
            return Ok(Found::Spread);
        }
        let mut filled = MARGIN + self.carry.len();
        loop {
            if block.bytes.len() < filled + BLOCK + 2 * MARGIN {
                let wanted = if filled > 2 * BLOCK { longer(filled) } else { 0 };
                grow(&mut block.bytes, (filled + BLOCK + 2 * MARGIN).max(wanted));
            }
            if !self.carry.is_empty() || filled == MARGIN {
                block.bytes[..MARGIN].fill(b'\n');
                block.bytes[MARGIN..MARGIN + self.carry.len()].copy_from_slice(&self.carry);
                self.carry.clear();
            }
            let read =
                if self.ended { 0 } else { self.input.read(&mut block.bytes[filled..filled + self.step], filter)? };
            self.step = BLOCK;
            let fresh = filled..filled + read;
            if read == 0 {
                self.ended = true;
                return self.last(block, filled, filter);
            }
            filled += read;
            if self.skipping {
                let Some(newline) = memchr(b'\n', &block.bytes[fresh.clone()]) else {
                    self.seals.passed_over(&block.bytes[fresh]);
                    self.offset += read as u64;
                    filled = MARGIN;
                    continue;
                };
                self.skipping = false;
                self.offset += newline as u64 + 1;
                self.lines += 1;
                self.seals.passed_over(&block.bytes[fresh.start..=fresh.start + newline]);
                self.seals.left_out();
                self.carry.extend_from_slice(&block.bytes[fresh.start + newline + 1..filled]);
                return Ok(Found::TooLong);
            }
            if let Some(newline) = memrchr(b'\n', &block.bytes[fresh.clone()]) {
                let end = fresh.start + newline + 1;
                self.carry.extend_from_slice(&block.bytes[end..filled]);
                return self.give(block, end, filter);
            }
            if filled - MARGIN > self.limit {
                self.skipping = true;
                self.long = self.offset;
                self.seals.passed_over(&block.bytes[MARGIN..filled]);
                self.offset += (filled - MARGIN) as u64;
                filled = MARGIN;
            }
        }
    }

    /// The same of a source whose last line may be cut off.
    pub fn that_may_be_cut(self, may_be_cut: bool) -> Self {
        BlockReader { may_be_cut, ..self }
    }

    /// The last line, if it has no newline.
    fn last(&mut self, block: &mut Block, filled: usize, filter: &mut Filter) -> Result<Found, Error> {
        if let Some(input) = self.input.digested() {
            filter.add_input(input);
        }
        if std::mem::take(&mut self.skipping) {
            if self.leaves_unfinished {
                self.offset = self.long;
            }
            return Ok(Found::TooLong);
        }
        if filled == MARGIN {
            self.seals.end(self.input.name(), filter)?;
            return Ok(Found::End(false));
        }
        let is_left_out = self.input.is_regular() || self.may_be_cut && !is_whole(&block.bytes[MARGIN..filled]);
        if filter.sealing() && is_left_out && !self.of_records {
            self.seals.end(self.input.name(), filter)?;
            return Ok(Found::End(true));
        }
        if filled - MARGIN > self.limit {
            return Ok(Found::TooLong);
        }
        if self.leaves_unfinished {
            // Somebody may be writing it; the next time reads it whole, so that it is not lost.
            self.seals.end(self.input.name(), filter)?;
            return Ok(Found::End(false));
        }
        block.bytes[filled] = b'\n';
        let found = self.give(block, filled + 1, filter);
        // What is read again has no newline at its end.
        if self.is_spread {
            self.carry.pop();
        }
        found
    }

    fn give(&mut self, block: &mut Block, end: usize, filter: &mut Filter) -> Result<Found, Error> {
        block.start = MARGIN;
        block.header = None;
        block.end = end;
        block.offset = self.base + self.offset;
        block.number = self.lines + 1;
        if self.base == 0 && self.offset == 0 && block.lines().starts_with(b"\xef\xbb\xbf") {
            block.start += 3;
            block.bytes[block.start - 1] = b'\n';
        }
        if self.of_records
            && let Some(spread) = spread(block.lines())
        {
            block.end = block.start + spread;
            self.is_spread = true;
            let rest = block.bytes.get(block.end..end).unwrap_or_default();
            self.carry.splice(..0, rest.iter().copied());
            if spread == 0 {
                return Ok(Found::Spread);
            }
        }
        self.offset += (block.end - MARGIN) as u64;
        block.newlines = None;
        if self.counts_lines {
            let newlines = memchr::memchr_iter(b'\n', block.lines()).count() as u64;
            self.lines += newlines;
            block.newlines = Some(newlines);
        }
        block.records = self.seals.lines(block.lines(), self.input.name(), filter)?;
        Ok(Found::Lines)
    }
}

/// Where the first of these whole lines begins that opens a record and does not close it.
fn spread(lines: &[u8]) -> Option<usize> {
    let mut start = 0;
    for newline in memchr::memchr_iter(b'\n', lines) {
        // Most lines end with a brace.
        let closes = newline.checked_sub(1).and_then(|last| lines.get(last)) == Some(&b'}');
        if !closes && lines.get(start..newline).is_some_and(filter::begins_many_lines) {
            return Some(start);
        }
        start = newline + 1;
    }
    None
}
