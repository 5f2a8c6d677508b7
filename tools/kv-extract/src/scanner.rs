//! The fast scanner: many lines at once by bit masks, JSON written straight out.
//!
//! Owns the plain case (unquoted and double-quoted values, keys of ASCII); every line with anything else in it is left
//! to the plain scanner, whose records are these byte for byte: the tests hold one against the other.

use std::ops::Range;

use memchr::{memchr, memchr3};

use crate::common;
use crate::follow::Follow;
use crate::grammar::{is_bound, is_closing, is_first, is_key, is_last, trimmed};
use crate::keys::{AROUND, Keys, Noted, SIGN};
use crate::machine::{Choice, Machine, Work, run};
use crate::output::Output;
use crate::record::{Tally, is_bare_json};
use crate::text;

/// How many bytes before and behind the lines must be there to be read.
pub const MARGIN: usize = 128;
/// How many bytes can be looked through at once.
pub const STRETCH: usize = 16 << 10;
/// Where no sign is looked at any more: the line was done by the plain scanner.
pub const DONE: usize = usize::MAX;
/// The longest key that this scanner takes.
const LONGEST_KEY: usize = 55;

/// How many batches are looked through sign by sign before keys are guessed again.
const UNGUESSED: u32 = 64;

/// Whether the next key is guessed, or every sign looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guessing {
    /// As long as guesses are mostly right; now and then it is tried again. Holds how many batches to go until then.
    Adaptive(u32),
    /// In all lines.
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests force it"))]
    Always,
    /// In none.
    Never,
}

/// What became of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Lines looked at.
    pub lines: u64,
    /// Those with a record.
    pub records: u64,
}

impl Counted {
    /// Adds what was counted elsewhere.
    pub fn include(&mut self, other: Counted) {
        self.lines += other.lines;
        self.records += other.records;
    }
}

/// Buffers, used again every time.
#[derive(Debug)]
pub struct Scanner {
    /// Where the signs, newlines and colours are.
    events: Vec<u32>,
    pub keys: Keys,
    guessing: Guessing,
    /// For values that need a look at every byte.
    scratch: Vec<u8>,
    /// What was seen.
    pub tally: Tally,
}

/// Some whole lines.
pub struct Lines<'a, F> {
    pub scanner: &'a mut Scanner,
    pub bytes: &'a [u8],
    pub ranges: &'a [Range<usize>],
    pub output: &'a mut Output,
    /// Does one line the plain way, appending its record and newline; says whether there is one.
    plain: F,
    line: Line,
    pub counted: Counted,
}

/// Where the line at hand begins.
#[derive(Clone, Copy, Default)]
struct Line {
    /// Among the bytes.
    start: usize,
    /// In the output.
    output: usize,
    /// What the tally was.
    replaced: u64,
}

impl Scanner {
    /// A scanner that knows no key yet.
    pub fn new(guessing: Guessing) -> Scanner {
        Scanner { events: Vec::new(), keys: Keys::default(), guessing, scratch: Vec::new(), tally: Tally::default() }
    }

    /// Appends the records of the whole lines in these ranges of `bytes`: the last byte of each is a newline, as is the
    /// one before it, and all of them together have at most [`STRETCH`] bytes. [`MARGIN`] bytes must stand before and
    /// behind; `plain` is called with the start and end of a line that is not for this scanner, and appends its record
    /// and newline, if it has one.
    pub fn lines(
        &mut self,
        choice: Choice,
        bytes: &[u8],
        ranges: &[Range<usize>],
        output: &mut Output,
        plain: impl FnMut(usize, usize, &mut Output) -> bool,
    ) -> Counted {
        self.keys.make_room();
        // A common pair is written with three bytes more than it has; where there is no room after all, its line is
        // left to the plain scanner.
        output.reserve(4 * ranges.iter().map(Range::len).sum::<usize>());
        if let Guessing::Adaptive(batches @ 1..) = &mut self.guessing {
            *batches -= 1;
        }
        let walks = matches!(self.guessing, Guessing::Adaptive(1..) | Guessing::Never);
        let before = self.tally.pairs;
        let (line, counted) = (Line::default(), Counted::default());
        let (mut done, mut guessed) = (Counted::default(), 0);
        let lines = Lines { scanner: self, bytes, ranges, output, plain, line, counted };
        if walks {
            run(choice, Walk { lines, done: &mut done });
        } else {
            run(choice, Follow { lines, done: &mut done, guessed: &mut guessed });
        }
        if let (false, Guessing::Adaptive(batches)) = (walks, &mut self.guessing) {
            *batches = if 2 * guessed >= self.tally.pairs - before { 0 } else { UNGUESSED };
        }
        done
    }
}

/// Looks at every sign. Work of its own, as guessing is: the code of each is made for it alone.
struct Walk<'a, 'b, F> {
    lines: Lines<'b, F>,
    done: &'a mut Counted,
}

impl<F: FnMut(usize, usize, &mut Output) -> bool> Work for Walk<'_, '_, F> {
    #[inline(always)]
    fn run<M: Machine>(mut self) {
        let count = self.lines.find_events::<M>();
        self.lines.walk::<M>(count);
        *self.done = self.lines.counted;
    }
}

/// What the walk does next.
enum Step {
    /// The pair was written, or there was none; no sign before this place is looked at.
    On(usize),
    /// The line is for the plain scanner.
    Plain,
}

impl<'a, F: FnMut(usize, usize, &mut Output) -> bool> Lines<'a, F> {
    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    /// Notes where the signs, newlines and colours are; how many there are.
    #[inline(always)]
    fn find_events<M: Machine>(&mut self) -> usize {
        let events = &mut self.scanner.events;
        let most = self.ranges.iter().map(Range::len).sum::<usize>() + 64;
        if events.len() < most {
            events.resize(most, 0);
        }
        let mut count = 0;
        for range in self.ranges {
            let (blocks, _) = self.bytes.get(range.start..).unwrap_or_default().as_chunks::<64>();
            let mut at = range.start;
            for block in blocks.iter().take(range.len().div_ceil(64)) {
                // Behind the last newline there may be more.
                let behind = 64 - range.end.saturating_sub(at).min(64);
                let mut found = M::events(block) << behind >> behind;
                let more = found.count_ones() as usize;
                let Some(places) = events.get_mut(count..) else { break };
                // Four at once, of which those that are too many are written over: few words have more.
                for four in places.as_chunks_mut::<4>().0.iter_mut().take(more.div_ceil(4)) {
                    for place in four {
                        *place = (at as u32).wrapping_add(found.trailing_zeros());
                        found &= found.wrapping_sub(1);
                    }
                }
                at += 64;
                count += more;
            }
        }
        count
    }

    #[inline(always)]
    fn walk<M: Machine>(&mut self, count: usize) {
        let mut ranges = self.ranges.iter();
        let Some(mut range) = ranges.next() else { return };
        self.begin_line(range.start);
        let events = std::mem::take(&mut self.scanner.events);
        let bytes = self.bytes;
        let (mut floor, mut pairs) = (0, 0);
        for &at in events.get(..count).unwrap_or_default() {
            let at = at as usize;
            let Some(around) = bytes.get(at.wrapping_sub(SIGN)..).and_then(|rest| rest.first_chunk()) else { break };
            match around[SIGN] {
                b'\n' => {
                    self.end_line(pairs);
                    let mut start = at.wrapping_add(1);
                    if start >= range.end {
                        let Some(next) = ranges.next() else { break };
                        (range, start) = (next, next.start);
                    }
                    self.begin_line(start);
                    (floor, pairs) = (start, 0);
                }
                // Within a value; a colour there is one all the same.
                b'=' if at < floor => (),
                b'=' => match self.common_at::<M>(around) {
                    Some((_, length)) => (floor, pairs) = (at.wrapping_add(length), pairs.wrapping_add(1)),
                    None => (floor, pairs) = self.uncommon::<M>(at, floor, pairs),
                },
                _ if floor == DONE => (),
                _ => (floor, pairs) = self.uncommon::<M>(at, floor, pairs),
            }
        }
        self.scanner.events = events;
    }

    #[inline(always)]
    pub fn begin_line(&mut self, start: usize) {
        self.line = Line { start, output: self.output.len(), replaced: self.scanner.tally.replaced };
        self.scanner.keys.next_line();
    }

    #[inline(always)]
    pub fn end_line(&mut self, pairs: usize) {
        self.counted.lines += 1;
        if pairs > 0 {
            let mut pen = self.output.pen(2);
            pen.put(*b"}\n", 2);
            self.output.length = pen.at;
            // Every pair wrote a comma before it.
            if let Some(first) = self.output.bytes.get_mut(self.line.output) {
                *first = b'{';
            }
            self.counted.records += 1;
            self.scanner.tally.pairs += pairs as u64;
        }
    }

    /// The pair whose sign is at `at`, if there is one, in whatever way it takes.
    #[cold]
    #[inline(never)]
    pub fn uncommon<M: Machine>(&mut self, at: usize, floor: usize, mut pairs: usize) -> (usize, usize) {
        let step = match self.byte(at) {
            b'=' => self.pair::<M>(at, floor, &mut pairs),
            _ => Step::Plain, // a colour
        };
        match step {
            Step::On(next) => (next, pairs),
            Step::Plain => {
                let rest = self.rest(at);
                let end = at + memchr(b'\n', rest).unwrap_or(rest.len());
                let Line { start, output, replaced } = self.line;
                self.output.truncate(output);
                self.scanner.tally.replaced = replaced;
                let is_record = (self.plain)(start, end, self.output);
                self.counted.records += u64::from(is_record);
                (DONE, 0)
            }
        }
    }

    /// Writes the pair whose sign is in the middle of `around`, if it is a common one; the length of sign and value.
    #[inline(always)]
    pub fn common_at<M: Machine>(&mut self, around: &[u8; AROUND]) -> Option<(usize, usize)> {
        let slot = self.scanner.keys.find::<M>(around)?;
        let behind = around.last_chunk()?;
        let value = common::value::<M>(behind).settle(behind)?;
        let key = self.scanner.keys.take(slot)?;
        let out = self.output.bytes.get_mut(self.output.length..)?.first_chunk_mut()?;
        self.output.length = self.output.length.wrapping_add(value.write(key, behind, out));
        Some((slot, value.end()))
    }

    /// The pair whose sign is at `at`.
    #[inline(never)]
    fn pair<M: Machine>(&mut self, at: usize, floor: usize, pairs: &mut usize) -> Step {
        let no_pair = Step::On(floor);
        let next = self.byte(at + 1);
        if matches!(next, b'=' | b'~' | b'>') {
            return no_pair;
        }
        let before = self.bytes.get(at.saturating_sub(LONGEST_KEY + 1)..at).unwrap_or_default();
        let key = before.iter().rev().take_while(|&&byte| is_key(byte)).count();
        let (before, key) = before.split_at(before.len() - key);
        let before = before.last().copied().unwrap_or(b'\n');
        let (Some(&first), Some(&last)) = (key.first(), key.last()) else {
            return if before == b' ' || before > 0x7F { Step::Plain } else { no_pair };
        };
        if key.len() > LONGEST_KEY || before > 0x7F {
            return Step::Plain;
        }
        if !is_first(first) {
            return if first == b'@' { Step::Plain } else { no_pair };
        }
        let (start, length) = (at.wrapping_sub(key.len()), key.len());
        let bounded = is_bound(before) || (before == b'"' && start == floor);
        if !bounded || !is_last(last) || key.iter().all(u8::is_ascii_digit) {
            return no_pair;
        }
        if self.scanner.keys.note::<M>(self.bytes, start, length) != Noted::New {
            return Step::Plain;
        }
        match next {
            b'"' => self.quoted((start, length), at + 2, pairs),
            b'\'' => Step::Plain,
            _ => self.bare((start, length), at + 1, pairs),
        }
    }

    /// Writes a pair whose value is copied: as it stands, or between quotes.
    #[inline(always)]
    fn write(
        &mut self,
        (key, key_length): (usize, usize),
        value: usize,
        length: usize,
        is_text: bool,
        pairs: &mut usize,
    ) {
        let mut pen = self.output.pen(key_length + length + 16);
        pen.put(*b",\"", 2);
        pen.copy(self.bytes, key, key_length);
        // What does not count is written over by what follows.
        pen.put(*b"\":\"\"", 2 + usize::from(is_text));
        pen.copy(self.bytes, value, length);
        pen.put(*b"\"", usize::from(is_text));
        self.output.length = pen.at;
        *pairs += 1;
    }

    fn rest(&self, at: usize) -> &'a [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    #[inline(always)]
    fn quoted(&mut self, key: (usize, usize), start: usize, pairs: &mut usize) -> Step {
        let rest = self.rest(start);
        let Some((value, b'"')) = memchr3(b'"', b'\\', b'\n', rest).and_then(|end| Some((rest.get(..end)?, rest[end])))
        else {
            return Step::Plain; // an escape, or nothing closes it
        };
        if text::is_copied(value) {
            self.write(key, start, value.len(), true, pairs);
        } else {
            self.text(key, start, value.len(), pairs);
        }
        Step::On(start + value.len() + 1)
    }

    #[inline(always)]
    fn bare(&mut self, key: (usize, usize), start: usize, pairs: &mut usize) -> Step {
        let rest = self.rest(start);
        let end = rest.iter().position(|&byte| byte <= b' ').unwrap_or(rest.len());
        let mut value = rest.get(..end).unwrap_or_default();
        if value.last().copied().is_some_and(is_closing) {
            value = &value[..trimmed(value)];
        }
        if is_bare_json(value) {
            self.write(key, start, value.len(), false, pairs);
        } else if text::is_copied(value) {
            self.write(key, start, value.len(), true, pairs);
        } else {
            self.text(key, start, value.len(), pairs);
        }
        Step::On(start + end)
    }

    /// Writes a pair whose value needs a look at every byte: something in it needs an escape, or is not ASCII.
    #[cold]
    #[inline(never)]
    fn text(&mut self, (key, key_length): (usize, usize), value: usize, length: usize, pairs: &mut usize) {
        let scanner = &mut *self.scanner;
        let text = |start: usize, length: usize| self.bytes.get(start..start + length).unwrap_or_default();
        scanner.scratch.clear();
        scanner.tally.replaced += u64::from(text::write(text(value, length), &mut scanner.scratch));
        self.output.append(b",\"");
        self.output.append(text(key, key_length));
        self.output.append(b"\":");
        self.output.append(&scanner.scratch);
        *pairs += 1;
    }
}
