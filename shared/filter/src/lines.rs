//! Lines, lent from large blocks: no allocation and no copy a line, and a line that is too long costs no memory.
//!
//! Owns line ends (LF, CR LF, the last line without one), the byte order mark and the limit of length; refuses to
//! look inside a line.

use std::ops::Range;

use memchr::memchr;

use crate::segment::{Digesting, Segment};
use crate::{Error, Filter, Input, grow, longer, seals};

/// How much is read at once: large enough that a system call costs little, small enough to stay in the cache.
const BLOCK: usize = 256 << 10;

/// The longest raw line, unless `--max-line` says otherwise.
pub const MAX_RAW_LINE: usize = 1 << 20;

/// The lines of one input.
pub struct Lines {
    input: Input,
    block: Vec<u8>,
    /// What of `block` has been read and not yet lent.
    unread: Range<usize>,
    /// Up to where `unread` is known to hold no newline.
    searched: usize,
    limit: usize,
    /// Lines lent or rejected so far.
    number: u64,
    /// Bytes from the input's start to the start of `unread`.
    offset: u64,
    /// The last line that was too long.
    rejected_at: u64,
    /// The bytes since the last seal, where lines may be seals; those before `given` in the block are in it.
    segment: Option<Digesting>,
    given: usize,
    ended: bool,
}

/// One line, without its newline.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Its bytes, less LF, CR LF and, in the first line, a byte order mark.
    pub bytes: &'a [u8],
    /// Its number, from 1 in a file that is read from its start.
    pub number: u64,
    /// Bytes from the input's start to its start.
    pub offset: u64,
    /// Bytes it takes up in the input, its newline in.
    pub length: u64,
    /// Where lines may be seals and this one begins as one: what came since the last.
    pub sealed: Option<Segment>,
}

/// Where a line stands in the block.
pub(crate) struct Found {
    pub(crate) range: Range<usize>,
    pub(crate) number: u64,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    /// Whether it ended with a newline.
    pub(crate) whole: bool,
}

impl Lines {
    /// The lines of `input`, none longer than `limit` bytes.
    pub fn new(input: Input, limit: usize) -> Self {
        Lines {
            number: input.lines_before(),
            input,
            block: Vec::new(),
            unread: 0..0,
            searched: 0,
            limit,
            offset: 0,
            rejected_at: 0,
            segment: None,
            given: 0,
            ended: false,
        }
    }

    /// Of records: lines may be seals, and what stands before one is digested.
    pub fn of_records(self) -> Self {
        Lines { segment: Some(seals::digesting(&self.input)), ..self }
    }

    /// The same from the middle of a stream on, whose segment has these bytes so far.
    pub(crate) fn in_segment(self, segment: Digesting) -> Self {
        Lines { segment: Some(segment), ..self }
    }

    /// The next line, counted in `filter.counts.lines`; `None` at the end.
    ///
    /// A line that is too long is counted as rejected, told, and passed over. Where a seal will be written, the last
    /// line of a regular file that has no newline is left out and counted `unfinished`.
    pub fn next(&mut self, filter: &mut Filter) -> Result<Option<Line<'_>>, Error> {
        loop {
            let Some(found) = self.find(filter)? else { return Ok(None) };
            if !found.whole && self.input.is_regular() && filter.sealing() {
                filter.counts.unfinished += 1;
                let place = format!("{}:{}", self.input.name(), found.number);
                filter.note("unfinished line", place, "left out: it has no newline yet");
                continue;
            }
            filter.counts.lines += 1;
            let is_seal = self.segment.is_some() && seals::begins_as_seal(&self.block[found.range.clone()]);
            let sealed = is_seal.then(|| self.end_segment(found.length));
            return Ok(Some(Line {
                bytes: &self.block[found.range],
                number: found.number,
                offset: found.offset,
                length: found.length,
                sealed,
            }));
        }
    }

    /// What messages call the input.
    pub fn name(&self) -> &str {
        self.input.name()
    }

    /// Whether the input is a regular file, which needs no seal.
    pub fn is_regular(&self) -> bool {
        self.input.is_regular()
    }

    /// The input.
    pub(crate) fn input(&self) -> &Input {
        &self.input
    }

    /// The number of the last line that was too long; 0 where there was none.
    pub(crate) fn rejected_at(&self) -> u64 {
        self.rejected_at
    }

    /// The bytes since the last seal, where the line that was found last, so long, is a seal.
    pub(crate) fn end_segment(&mut self, length: u64) -> Segment {
        let start = self.unread.start - usize::try_from(length).unwrap_or(0);
        self.give(start);
        self.given = self.unread.start;
        self.segment.as_mut().map_or(Segment { bytes: 0, digest: None }, Digesting::end)
    }

    /// Takes the block up to `to` into the segment.
    fn give(&mut self, to: usize) {
        if let (Some(segment), Some(bytes)) = (&mut self.segment, self.block.get(self.given..to)) {
            segment.add(bytes);
        }
        self.given = to;
    }

    /// The bytes of a line that was found, until the next one is asked for.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.block[range]
    }

    /// The next line's place in the block. Over-long lines are counted, told and passed over here.
    pub(crate) fn find(&mut self, filter: &mut Filter) -> Result<Option<Found>, Error> {
        loop {
            if let Some(step) = memchr(b'\n', &self.block[self.searched..self.unread.end]) {
                let newline = self.searched + step;
                if newline - self.unread.start > self.limit {
                    self.reject(filter);
                    self.lend(newline, newline + 1);
                    continue;
                }
                return Ok(Some(self.lend(newline, newline + 1)));
            }
            self.searched = self.unread.end;
            if self.unread.len() > self.limit {
                self.reject(filter);
                if !self.skip_to_newline(filter)? {
                    return Ok(None);
                }
                continue;
            }
            if self.ended || self.fill(filter)? == 0 {
                if let Some(input) = self.input.digested() {
                    filter.inputs.push(input);
                }
                self.ended = true;
                if self.unread.is_empty() {
                    return Ok(None);
                }
                let end = self.unread.end;
                return Ok(Some(self.lend(end, end)));
            }
        }
    }

    /// Gives up `unread` to `next`, and says where the line before `end` stands.
    fn lend(&mut self, end: usize, next: usize) -> Found {
        let start = self.unread.start;
        let mut range = start..end;
        if next > end && self.block[range.clone()].ends_with(b"\r") {
            range.end -= 1;
        }
        if self.number == 0 && self.block[range.clone()].starts_with(b"\xef\xbb\xbf") {
            range.start += 3;
        }
        let length = (next - start) as u64;
        let offset = self.offset;
        self.unread.start = next;
        self.searched = next;
        self.offset += length;
        self.number += 1;
        Found { range, number: self.number, offset, length, whole: next > end }
    }

    fn reject(&mut self, filter: &mut Filter) {
        filter.counts.lines += 1;
        filter.counts.rejected += 1;
        self.rejected_at = self.number + 1;
        let place = format!("{}:{}", self.input.name(), self.rejected_at);
        filter.note("rejected line", place, format!("longer than {} bytes; --max-line sets the limit", self.limit));
    }

    /// Drops the rest of a line that is too long, block by block. False where the input ended within it.
    fn skip_to_newline(&mut self, filter: &mut Filter) -> Result<bool, Error> {
        loop {
            self.offset += self.unread.len() as u64;
            self.give(self.unread.end);
            self.given = 0;
            self.unread = 0..0;
            self.searched = 0;
            if self.fill(filter)? == 0 {
                self.ended = true;
                if let Some(input) = self.input.digested() {
                    filter.inputs.push(input);
                }
                return Ok(false);
            }
            if let Some(newline) = memchr(b'\n', &self.block[self.unread.clone()]) {
                self.lend(newline, newline + 1);
                return Ok(true);
            }
        }
    }

    /// Reads one more block behind `unread`, making room first; 0 at the end.
    fn fill(&mut self, filter: &mut Filter) -> Result<usize, Error> {
        if self.block.len() - self.unread.end < BLOCK / 4 {
            self.give(self.unread.start);
            self.given = 0;
            self.block.copy_within(self.unread.clone(), 0);
            self.searched -= self.unread.start;
            self.unread = 0..self.unread.len();
            if self.block.len() - self.unread.end < BLOCK / 4 {
                // `find` gives up beyond the limit, so this does not grow without end.
                let wanted = longer(self.block.len()).max(BLOCK);
                grow(&mut self.block, wanted);
            }
        }
        let read = self.input.read(&mut self.block[self.unread.end..], filter)?;
        self.unread.end += read;
        Ok(read)
    }
}
