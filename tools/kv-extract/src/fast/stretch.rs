//! Whole lines on the field road: where each ends, what becomes of it, and its record.
//!
//! Owns the order of the steps of a line, and its writer. A line that the road is not sure of is begun anew the plain way.

use std::ops::Range;

use memchr::memchr;
use schema::Truth;

use crate::fast::buffer::Output;
use crate::fast::cpu::{Choice, Machine, Work, run};
use crate::fast::fields::{Ask, Road, key_at};
use crate::fast::lines::{Counted, has_bracket};
use crate::grammar::auto::{Sorter, begins_as_prose};

/// How much memory for values that had to be made is kept from line to line.
const SCRATCH: usize = 64 << 10;

impl Road {
    /// Appends the records of the whole lines in these ranges, as [`crate::fast::Scanner::lines`] does.
    pub fn lines(
        &mut self,
        choice: Choice,
        bytes: &[u8],
        ranges: &[Range<usize>],
        sorter: Option<&Sorter>,
        output: &mut Output,
        ask: &mut dyn Ask,
    ) -> Option<Counted> {
        self.keys.make_room();
        let mut counted = None;
        let (sorts, has_escape) = (sorter.is_some(), false);
        let (from, counts) = ((0, 0, None), Counted::default());
        // The road has it while lines are at work, so that a field can be written where it is found.
        std::mem::swap(&mut self.out, output);
        let failed = ask.failed();
        let stretch = Stretch { road: self, bytes, sorts, has_escape, ask, from, failed, counted: counts };
        run(choice, Stretches { stretch, ranges, sorter, counted: &mut counted });
        std::mem::swap(&mut self.out, output);
        counted
    }
}

/// Some runs of whole lines.
struct Stretches<'a> {
    stretch: Stretch<'a>,
    ranges: &'a [Range<usize>],
    sorter: Option<&'a Sorter>,
    counted: &'a mut Option<Counted>,
}

impl Work for Stretches<'_> {
    #[inline(always)]
    fn run<M: Machine>(mut self) {
        let bytes = self.stretch.bytes;
        let lines = |range: &Range<usize>| bytes.get(range.clone()).unwrap_or_default();
        if let Some(sorter) = self.sorter
            && self.ranges.iter().any(|range| has_bracket::<M>(bytes, range))
            && self.ranges.iter().any(|range| sorter.hides(lines(range)))
        {
            return;
        }
        self.stretch.has_escape = self.ranges.iter().any(|range| memchr(0x1B, lines(range)).is_some());
        for range in self.ranges {
            self.stretch.lines::<M>(range);
        }
        *self.counted = Some(self.stretch.counted);
    }
}

/// Whole lines without a gap.
struct Stretch<'a> {
    pub road: &'a mut Road,
    pub bytes: &'a [u8],
    /// Whether lines that do not begin as prose are others'.
    pub sorts: bool,
    /// Whether some line has an escape character.
    pub has_escape: bool,
    pub ask: &'a mut dyn Ask,
    /// Where `@source` is asked for: a line's beginning, its number, and the bytes before it where they count.
    pub from: (usize, u64, Option<u64>),
    /// Whether a line failed: no further one is looked at.
    pub failed: bool,
    pub counted: Counted,
}

/// What becomes of a line.
enum Fate {
    Record,
    Nothing,
    Plain,
}

impl Stretch<'_> {
    #[inline(always)]
    fn lines<M: Machine>(&mut self, range: &Range<usize>) {
        let mut at = range.start;
        if self.road.wishes.source {
            self.begin_source(at);
        }
        while at < range.end && !self.failed {
            let start = at;
            let end = line_end::<M>(self.bytes, start, range.end);
            at = end + 1;
            self.counted.lines += 1;
            let is_record = if self.sorts && !begins_as_prose::<M>(self.bytes, start) {
                self.counted.others += 1;
                let is_record = self.ask.other(start, end, &mut self.road.out);
                self.failed = self.ask.failed();
                is_record
            } else {
                self.line::<M>(start, end)
            };
            self.from.1 = self.from.1.wrapping_add(1);
            self.counted.records += u64::from(is_record);
        }
        for buffer in [&mut self.road.scratch, &mut self.road.unescaped] {
            if buffer.capacity() > SCRATCH {
                *buffer = Vec::new();
            }
        }
    }

    #[inline(always)]
    fn line<M: Machine>(&mut self, start: usize, newline: usize) -> bool {
        let cr = newline > start && self.bytes.get(newline.wrapping_sub(1)) == Some(&b'\r');
        let end = newline - usize::from(cr);
        let fate = self.fate::<M>(start, end);
        if !self.road.units.is_empty() && !matches!(fate, Fate::Plain) {
            self.road.count_units(self.bytes);
        }
        if matches!(fate, Fate::Record) {
            return true;
        }
        // Whatever was written of it is not there.
        self.road.out.truncate(self.road.first);
        if matches!(fate, Fate::Nothing) {
            return false;
        }
        let is_record = self.ask.plain(start, newline, &mut self.road.out);
        self.failed = self.ask.failed();
        is_record
    }

    #[inline(always)]
    fn fate<M: Machine>(&mut self, start: usize, end: usize) -> Fate {
        let bytes = self.bytes;
        self.road.first = self.road.out.len();
        let Some(line) = bytes.get(start..end) else { return Fate::Plain };
        if self.has_escape && memchr(0x1B, line).is_some() {
            return Fate::Plain;
        }
        // A pair of a line is written with less than four times its bytes: `k=` is the shortest.
        self.road.line_room = 4 * line.len() + self.road.room;
        self.road.out.reserve(self.road.line_room);
        self.road.begin();
        if !self.road.collect::<M>(bytes, start, end) {
            return Fate::Plain;
        }
        let road = &mut *self.road;
        let pairs = (road.count + road.passed) as u64;
        if pairs == 0 {
            return if road.wishes.pairless { Fate::Plain } else { Fate::Nothing };
        }
        // Conversions first: where one does not fit, that is told.
        if !road.typed.is_empty() && !road.convert(bytes) {
            return Fate::Plain;
        }
        road.tally.pairs += pairs;
        if road.having != road.wishes.having {
            return Fate::Nothing;
        }
        if !road.wishes.probes.is_empty() {
            match road.truth(bytes) {
                None => {
                    road.tally.pairs -= pairs;
                    return Fate::Plain;
                }
                Some(Truth::Yes) => {}
                Some(Truth::No) => return Fate::Nothing,
                // Which of the unknown are doubtful, the plain way knows.
                Some(Truth::Unknown) if !road.lacks_all() => {
                    road.tally.pairs -= pairs;
                    return Fate::Plain;
                }
                Some(Truth::Unknown) => {
                    road.tally.undecided += 1;
                    self.ask.unknown(start);
                    return Fate::Nothing;
                }
            }
        }
        if !road.kept {
            return Fate::Nothing;
        }
        self.write(start);
        Fate::Record
    }

    /// Appends the record of the fields, or what ends it.
    #[inline(always)]
    fn write(&mut self, start: usize) {
        let Road { keys, columns, fields, count, out, scratch, writes, wishes, .. } = &mut *self.road;
        if !*writes {
            out.reserve(scratch.len());
            for field in fields.iter().take(*count) {
                let key = key_at(keys, columns, field.slot);
                if key.about.is_written {
                    out.field(key, self.bytes, scratch, *field);
                }
            }
        }
        if !wishes.set.is_empty() {
            out.append(&wishes.set);
        }
        if wishes.source {
            self.source(start);
        }
        let out = &mut self.road.out;
        out.close(self.road.first);
    }

    /// Asks what the `@source` of the line there is; those of the lines behind it follow from it.
    #[cold]
    #[inline(never)]
    fn begin_source(&mut self, start: usize) {
        let (file, number, offset) = self.ask.source(start);
        let (known, written) = &mut self.road.source;
        if *known != file || written.is_empty() {
            file.clone_into(known);
            written.clear();
            crate::run::extractor::begin_source(file, written);
        }
        self.from = (start, number, offset);
    }

    fn source(&mut self, start: usize) {
        let (begin, number, offset) = self.from;
        let offset = offset.map(|offset| offset + (start - begin) as u64);
        let Road { source: (_, written), out, .. } = &mut *self.road;
        // Two counts have at most twenty digits each.
        let mut pen = out.pen(written.len() + 64);
        pen.copy_all(written);
        pen.count(number);
        if let Some(offset) = offset {
            pen.copy_all(b",\"offset\":");
            pen.count(offset);
        }
        pen.put(*b"}", 1);
        out.length = pen.at;
    }
}

/// Where the line ends that begins at `at`: its newline, which stands before `end`.
#[inline(always)]
fn line_end<M: Machine>(bytes: &[u8], mut at: usize, end: usize) -> usize {
    while at < end {
        let newlines = bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(1, M::newlines);
        if newlines != 0 {
            return at + newlines.trailing_zeros() as usize;
        }
        at += 64;
    }
    end - 1
}
