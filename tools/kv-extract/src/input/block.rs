//! Blocks of whole lines, read from one input: what the fast passes work on.
//!
//! Owns where blocks are cut, the last line without a newline and lines that are too long; refuses to look at lines.

use filter::{Error, Filter, Input, grow};
use memchr::{memchr, memrchr};

use crate::fast::masks::MARGIN;
use crate::input::seals::Seals;

/// How much is read at once: it and what is written for it stay in a core's own cache.
const BLOCK: usize = 256 << 10;

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
            skipping: false,
            ended: false,
        }
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
        let mut filled = MARGIN + self.carry.len();
        loop {
            if block.bytes.len() < filled + BLOCK + 2 * MARGIN {
                // Doubling, so that a long line is copied only a few times.
                let doubled = if filled > 2 * BLOCK { filled * 2 } else { 0 };
                grow(&mut block.bytes, (filled + BLOCK + 2 * MARGIN).max(doubled));
            }
            if !self.carry.is_empty() || filled == MARGIN {
                block.bytes[..MARGIN].fill(b'\n');
                block.bytes[MARGIN..MARGIN + self.carry.len()].copy_from_slice(&self.carry);
                self.carry.clear();
            }
            let read =
                if self.ended { 0 } else { self.input.read(&mut block.bytes[filled..filled + BLOCK], filter)? };
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
                self.give(block, end, filter)?;
                return Ok(Found::Lines);
            }
            if filled - MARGIN > self.limit {
                self.skipping = true;
                self.seals.passed_over(&block.bytes[MARGIN..filled]);
                self.offset += (filled - MARGIN) as u64;
                filled = MARGIN;
            }
        }
    }

    /// The last line, if it has no newline.
    fn last(&mut self, block: &mut Block, filled: usize, filter: &mut Filter) -> Result<Found, Error> {
        if let Some(input) = self.input.digested() {
            filter.add_input(input);
        }
        if std::mem::take(&mut self.skipping) {
            return Ok(Found::TooLong);
        }
        if filled == MARGIN {
            self.seals.end(self.input.name(), filter)?;
            return Ok(Found::End(false));
        }
        if filter.sealing() && self.input.is_regular() {
            self.seals.end(self.input.name(), filter)?;
            return Ok(Found::End(true));
        }
        if filled - MARGIN > self.limit {
            return Ok(Found::TooLong);
        }
        block.bytes[filled] = b'\n';
        self.give(block, filled + 1, filter)?;
        Ok(Found::Lines)
    }

    fn give(&mut self, block: &mut Block, end: usize, filter: &mut Filter) -> Result<(), Error> {
        block.start = MARGIN;
        block.end = end;
        block.offset = self.offset;
        block.number = self.lines + 1;
        if self.offset == 0 && block.lines().starts_with(b"\xef\xbb\xbf") {
            block.start += 3;
            block.bytes[block.start - 1] = b'\n';
        }
        self.offset += (end - MARGIN) as u64;
        if self.counts_lines {
            self.lines += memchr::memchr_iter(b'\n', block.lines()).count() as u64;
        }
        self.seals.lines(block.lines(), self.input.name(), filter)
    }
}
