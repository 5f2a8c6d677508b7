//! Some whole lines at work: what the two ways through them, `walk.rs` and `predict.rs`, share.
//!
//! Owns the line at hand, the pair at a sign in its common and its general form, and what is counted.

use std::ops::Range;

use memchr::{memchr, memchr3};

use crate::fast::buffer::Output;
use crate::fast::cpu::Machine;
use crate::fast::key_cache::{AROUND, Keys, Noted};
use crate::fast::value;
use crate::grammar::auto::{self, Sorter};
use crate::grammar::blanks;
use crate::grammar::prose::{
    has_inner_bracket, is_bound, is_closing, is_first, is_key, is_last, may_be_list, may_be_padded, may_hold_pair,
    trimmed,
};
use crate::record::tally::Tally;
use crate::record::units::lists::{self, UnitKind};
use crate::record::units::passed::Passed;
use crate::record::units::unit_words;
use crate::record::{escape, is_bare_json};

/// How many bytes can be looked through at once.
pub const STRETCH: usize = 16 << 10;
/// Where no sign is looked at any more: the line was done by the plain scanner.
pub const DONE: usize = usize::MAX;
/// The longest key that this scanner takes.
const LONGEST_KEY: usize = 55;

/// What became of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Lines looked at.
    pub lines: u64,
    /// Those with a record.
    pub records: u64,
    /// Those that did not begin as prose.
    pub others: u64,
}

impl Counted {
    /// Adds what was counted elsewhere.
    pub fn include(&mut self, other: Counted) {
        self.lines += other.lines;
        self.records += other.records;
        self.others += other.others;
    }
}

/// What is used again for all lines.
#[derive(Debug, Default)]
pub struct Memory {
    /// Where the signs, newlines and colours are.
    pub events: Vec<u32>,
    /// The keys met so far.
    pub keys: Keys,
    /// For values that need a look at every byte.
    scratch: Vec<u8>,
    /// What was seen.
    pub tally: Tally,
    /// Units behind numbers of lines that may still turn out to be for the plain scanner: where the numbers end.
    pub units: Vec<(usize, usize)>,
    /// The unit that was found last, with its blanks.
    last_unit: Vec<u8>,
    /// The keys of which units were passed over.
    pub passed: Passed,
}

impl Memory {
    /// Takes account of the units that were found, each behind a word `key=number`.
    #[cold]
    #[inline(never)]
    pub fn count_units(&mut self, bytes: &[u8]) {
        for (end, length) in self.units.drain(..) {
            let before = bytes.get(..end).unwrap_or_default();
            let word = before.iter().rposition(|&byte| byte <= b' ').map_or(before, |at| &before[at + 1..]);
            let Some(sign) = memchr(b'=', word) else { continue };
            let unit = bytes.get(end..end + length).unwrap_or_default().trim_ascii_start();
            let (Ok(unit), (key, number)) = (std::str::from_utf8(unit), word.split_at(sign)) else { continue };
            if number.get(1..).is_some_and(crate::record::number::is_number) {
                self.tally.passed += 1;
                self.passed.add(key, unit);
            }
        }
    }
}

/// Some whole lines.
pub struct Lines<'a, F> {
    pub memory: &'a mut Memory,
    pub bytes: &'a [u8],
    pub ranges: &'a [Range<usize>],
    pub output: &'a mut Output,
    /// Does one line the plain way, appending its record and newline; says whether there is one.
    pub plain: F,
    pub line: Line,
    pub counted: Counted,
    /// Where lines that do not begin as prose are left to `plain`: who tells whether they may hide what they are.
    pub sorter: Option<&'a Sorter>,
}

/// Whether lines have any of the brackets of [`Machine::see`]; what stands up to 63 bytes behind them counts, too.
#[inline(always)]
pub fn has_bracket<M: Machine>(bytes: &[u8], range: &Range<usize>) -> bool {
    M::is_seen(see_brackets::<M>(M::UNSEEN, bytes, range))
}

/// What is seen of these lines, after what was seen before.
#[inline(always)]
pub fn see_brackets<M: Machine>(mut seen: M::Seen, bytes: &[u8], range: &Range<usize>) -> M::Seen {
    let mut at = range.start;
    while at < range.end {
        let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk()) else { break };
        seen = M::see(seen, block);
        at = at.wrapping_add(64);
    }
    seen
}

/// Where the line at hand begins.
#[derive(Clone, Copy, Default)]
pub struct Line {
    /// Among the bytes.
    start: usize,
    /// In the output.
    output: usize,
    /// What the tally was.
    replaced: u64,
}

/// What the walk does next.
enum Step {
    /// The pair was written, or there was none; no sign before this place is looked at.
    On(usize),
    /// The line is for the plain scanner.
    Plain,
}

impl<'a, F: FnMut(usize, usize, bool, &mut Output) -> bool> Lines<'a, F> {
    #[inline(always)]
    pub fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    /// Whether lines may be something else than prose, however they begin; `brackets` where they have such as that takes.
    pub fn may_hide(&self, brackets: bool) -> bool {
        let lines = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        brackets && self.sorter.is_some_and(|sorter| self.ranges.iter().any(|range| sorter.hides(lines(range))))
    }

    /// Begins with a line; where it is not for this scanner, it is done, and no sign of it is looked at.
    #[inline(always)]
    #[must_use]
    pub fn begin_line<M: Machine>(&mut self, start: usize) -> usize {
        self.line = Line { start, output: self.output.len(), replaced: self.memory.tally.replaced };
        self.memory.keys.next_line();
        if self.sorter.is_some() && !auto::begins_as_prose::<M>(self.bytes, start) { self.other_line() } else { start }
    }

    /// Has the line at hand done the plain way.
    #[cold]
    #[inline(never)]
    fn other_line(&mut self) -> usize {
        let Line { start, .. } = self.line;
        let rest = self.rest(start);
        let end = start + memchr(b'\n', rest).unwrap_or(rest.len());
        let is_record = (self.plain)(start, end, true, self.output);
        self.counted.records += u64::from(is_record);
        self.counted.others += 1;
        DONE
    }

    #[inline(always)]
    pub fn end_line(&mut self, pairs: usize) {
        self.counted.lines = self.counted.lines.wrapping_add(1);
        if pairs > 0 {
            self.output.reserve(2);
            let at = self.output.length;
            if let Some(end) = self.output.bytes.get_mut(at..at.wrapping_add(2)) {
                end.copy_from_slice(b"}\n");
            }
            self.output.length = at.wrapping_add(2);
            // Every pair wrote a comma before it.
            if let Some(first) = self.output.bytes.get_mut(self.line.output) {
                *first = b'{';
            }
            self.counted.records = self.counted.records.wrapping_add(1);
            self.memory.tally.pairs = self.memory.tally.pairs.wrapping_add(pairs as u64);
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
                self.memory.tally.replaced = replaced;
                // The plain scanner sees them itself.
                self.memory.units.truncate(self.memory.units.iter().take_while(|(at, _)| *at < start).count());
                let is_record = (self.plain)(start, end, false, self.output);
                self.counted.records += u64::from(is_record);
                (DONE, 0)
            }
        }
    }

    /// Looks for a unit one blank behind a value that ends at `end`. It does no harm to look twice.
    #[inline(always)]
    pub fn look_behind(&mut self, end: usize) {
        // Behind all lines there is a margin: whatever stands there has four bytes.
        if let Some(&[last, b' ' | b'\t', first, second]) =
            self.bytes.get(end.wrapping_sub(1)..).and_then(|rest| rest.first_chunk::<4>())
            && last.is_ascii_digit()
            && unit_words::may_be_unit(first, second)
        {
            self.note_unit(end);
        }
    }

    #[cold]
    #[inline(never)]
    fn note_unit(&mut self, end: usize) {
        if self.memory.units.last().is_some_and(|&(noted, _)| noted == end) {
            return;
        }
        // Mostly it is the one that was found last.
        let last = &mut self.memory.last_unit;
        let rest = self.bytes.get(end..).unwrap_or_default();
        let is_last = !last.is_empty()
            && rest.starts_with(last)
            && matches!(rest.get(last.len()..), Some([byte, next, ..]) if *byte <= b' ' && !b":-~.t+".contains(next) && *next < 0x80);
        if !is_last {
            let Some(unit) = unit_words::unit_word(self.bytes, end) else { return };
            let length = unit_words::blanks(self.bytes, end) + unit.len();
            last.clear();
            last.extend_from_slice(rest.get(..length).unwrap_or_default());
        }
        self.memory.units.push((end, self.memory.last_unit.len()));
    }

    /// Writes the pair whose sign is in the middle of `around`, if it is a common one; its key's place
    /// and length, and the length of sign and value.
    #[inline(always)]
    pub fn common_at<M: Machine>(&mut self, around: &[u8; AROUND]) -> Option<(usize, usize, usize)> {
        let (slot, key, line) = self.memory.keys.find_key::<M>(around)?;
        let behind = around.last_chunk()?;
        let value = value::value::<M>(behind).settle(behind)?;
        if std::mem::replace(&mut key.line, line) == line {
            return None; // the line had it before
        }
        let key_length = key.length as usize % 64;
        let out = self.output.bytes.get_mut(self.output.length..)?.first_chunk_mut()?;
        self.output.length = self.output.length.wrapping_add(value.write((key, key_length), behind, out));
        Some((slot, key_length, value.end()))
    }

    /// The pair whose sign is at `at`.
    #[inline(never)]
    fn pair<M: Machine>(&mut self, at: usize, floor: usize, pairs: &mut usize) -> Step {
        let no_pair = Step::On(floor);
        let next = self.byte(at + 1);
        if next == b'=' {
            return no_pair;
        }
        // `took=~900`: about so much.
        if matches!(next, b'~' | b'>') {
            return if self.byte(at + 2).is_ascii_digit() { Step::Plain } else { no_pair };
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
        if self.memory.keys.note::<M>(self.bytes, start, length) != Noted::New {
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
        if escape::is_copied(value) {
            self.write(key, start, value.len(), true, pairs);
        } else {
            self.text(key, start, value.len(), pairs);
        }
        Step::On(start + value.len() + 1)
    }

    #[inline(always)]
    fn bare(&mut self, key: (usize, usize), start: usize, pairs: &mut usize) -> Step {
        let rest = self.rest(start);
        let end = rest.iter().position(|&byte| value::is_blank(byte)).unwrap_or(rest.len());
        let mut value = rest.get(..end).unwrap_or_default();
        // What the line before it says of its brackets, the plain scanner knows.
        let is_odd = has_inner_bracket(value)
            || value == b"["
            || may_be_list(value)
            || may_hold_pair(value)
            || value.contains(&0);
        if is_odd || (value.is_empty() && may_be_padded(rest)) {
            return Step::Plain;
        }
        if value.last().copied().is_some_and(is_closing) {
            value = &value[..trimmed(value)];
        }
        if is_bare_json(value) {
            if unit_words::begins_unit(self.bytes, start + end) {
                // It counts the units that are passed over.
                return Step::Plain;
            }
            if lists::more_behind(self.bytes, start + value.len(), UnitKind::Nothing).is_some() {
                return Step::Plain;
            }
            self.write(key, start, value.len(), false, pairs);
        } else if escape::is_copied(value) {
            self.write(key, start, value.len(), true, pairs);
        } else if blanks::may_be_parted(value) {
            return Step::Plain;
        } else {
            self.text(key, start, value.len(), pairs);
        }
        Step::On(start + end)
    }

    /// Writes a pair whose value needs a look at every byte: something in it needs an escape, or is not ASCII.
    #[cold]
    #[inline(never)]
    fn text(&mut self, (key, key_length): (usize, usize), value: usize, length: usize, pairs: &mut usize) {
        let memory = &mut *self.memory;
        let text = |start: usize, length: usize| self.bytes.get(start..start + length).unwrap_or_default();
        memory.scratch.clear();
        memory.tally.replaced += u64::from(escape::write(text(value, length), &mut memory.scratch));
        self.output.append(b",\"");
        self.output.append(text(key, key_length));
        self.output.append(b"\":");
        self.output.append(&memory.scratch);
        *pairs += 1;
    }
}
