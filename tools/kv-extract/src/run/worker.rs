//! One block in, its records out: what each thread does.
//!
//! Owns the choice between the fast scanner and the plain one, line by line; refuses I/O.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

use crate::fast::buffer::Output;
use crate::fast::cpu::Choice;
use crate::fast::fields::{Ask, Road};
use crate::fast::find::Search;
use crate::fast::lines::{Counted, STRETCH};
use crate::fast::{Guessing, Scanner};
use crate::grammar::Format;
use crate::grammar::auto::Sorter;
use crate::input::block::Block;
use crate::input::unit::{Content, Unit};
use crate::record::Tally;
use crate::run::extractor::{DOUBTFUL, Extractor, Outcome, UNFIT, UNKNOWN};

/// How many messages of a block are kept; the rest is only counted.
const TOLD: usize = 8;
/// How many bytes are looked through at once, if no line is longer.
const BATCH: usize = 8192;
/// How much output memory is kept from block to block.
const KEPT: usize = 2 << 20;

/// Something to be told of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The line in its block, from 0.
    pub line: u64,
    /// Why; empty where it is only counted.
    pub reason: String,
}

/// What became of a block.
#[derive(Debug, Default)]
pub struct Done {
    /// The records.
    pub output: Output,
    /// Lines with a record.
    pub used: u64,
    /// Lines read.
    pub lines: u64,
    /// Lines that are not what they should be.
    pub rejected: Vec<Told>,
    /// Lines for which `--where` cannot be told.
    pub unknown: Vec<Told>,
    /// Where the work stopped, since no line may be rejected.
    pub failed: Option<Told>,
    /// What was seen.
    pub tally: Tally,
    /// The first key that stands twice in a line with different values.
    pub repeated: Option<String>,
}

impl Done {
    fn clear(&mut self) {
        let mut output = std::mem::take(&mut self.output);
        output.clear();
        output.shrink(KEPT);
        *self = Done { output, ..Done::default() };
    }
}

/// Turns blocks into records.
pub struct Worker {
    extractor: Extractor,
    scanner: Scanner,
    choice: Choice,
    /// Whether the fast scanner gives the records that are asked for.
    is_plain_shape: bool,
    /// The field road, where it gives them.
    road: Option<Road>,
    limit: usize,
    may_reject: bool,
    scratch: Vec<u8>,
    /// The lines that the fast scanner is to look at.
    ranges: Vec<Range<usize>>,
    /// Finds the lines, where they are those that hold one text.
    search: Option<Search>,
    /// Under `-f auto`: which lines are prose.
    sorter: Option<Sorter>,
    runs: Vec<(Range<usize>, bool)>,
}

/// What the plain scanner needs beside the fast one.
struct Plain<'a> {
    extractor: &'a mut Extractor,
    scratch: &'a mut Vec<u8>,
    block: &'a Block,
    file: &'a str,
    limit: usize,
    may_reject: bool,
    rejected: &'a mut Vec<Told>,
    unknown: &'a mut Vec<Told>,
    failed: &'a mut Option<Told>,
    /// Up to where lines are counted, and how many there are before it.
    counted: (usize, u64),
}

impl Worker {
    /// A worker with buffers of its own.
    ///
    /// With `fast`, the fast scanner is used where it gives the records that are asked for.
    pub fn new(extractor: Extractor, choice: Choice, fast: Option<Guessing>, limit: usize, may_reject: bool) -> Self {
        let is_plain_shape = fast.is_some() && extractor.is_plain();
        let sorter = matches!(extractor.reader.format, Format::Auto).then(Sorter::default);
        let search = extractor.selection.single().map(|finder| Search::new(finder, choice));
        let road = if fast.is_some() && !is_plain_shape { Road::new(&extractor) } else { None };
        Worker {
            extractor,
            scanner: Scanner::new(fast.unwrap_or(Guessing::Never)),
            choice,
            is_plain_shape,
            road,
            limit,
            may_reject,
            scratch: Vec::new(),
            ranges: Vec::new(),
            search,
            sorter,
            runs: Vec::new(),
        }
    }

    /// Does one block.
    pub fn work(&mut self, block: &Block, file: &str, done: &mut Done) {
        done.clear();
        self.scanner.memory.tally = Tally::default();
        self.extractor.record.tally = Tally::default();
        self.extractor.record.repeated = None;
        let Worker {
            extractor,
            scanner,
            choice,
            is_plain_shape,
            road,
            limit,
            may_reject,
            scratch,
            ranges,
            search,
            sorter,
            runs,
        } = self;
        let Done { output, rejected, unknown, failed, .. } = &mut *done;
        if let Some(search) = search {
            search.begin(block.start);
        }
        if let Some(road) = road {
            road.tally = Tally::default();
        }
        let unselected = extractor.selection.is_empty();
        // A line longer than a stretch is always for the plain scanner, which looks at the limit.
        let fast = (*is_plain_shape || road.is_some()) && *limit >= STRETCH;
        let mut plain = Plain {
            extractor,
            scratch,
            block,
            file,
            limit: *limit,
            may_reject: *may_reject,
            rejected,
            unknown,
            failed,
            counted: (block.start, 0),
        };
        let (mut counted, mut plain_used, mut plain_lines) = (Counted::default(), 0, 0_u64);
        let mut scan = |ranges: &mut Vec<Range<usize>>, plain: &mut Plain<'_>, output: &mut Output| {
            let done = match road.as_mut() {
                Some(road) => road.lines(*choice, &block.bytes, ranges, output, plain),
                None => {
                    let one = |from: usize, to: usize, output: &mut Output| plain.record(from, to, output);
                    scanner.lines(*choice, &block.bytes, ranges, output, one)
                }
            };
            counted.include(done);
            ranges.clear();
        };
        let mut length = 0;
        let mut at = block.start;
        while plain.failed.is_none() {
            let next = match search.as_mut() {
                Some(search) => {
                    let Some(line) = search.next(&block.bytes, block.end) else { break };
                    at = line.start;
                    line.end
                }
                None if at >= block.end => break,
                None if unselected => stretch_end(block, at),
                None => memchr(b'\n', &block.bytes[at..block.end]).map_or(block.end, |step| at + step + 1),
            };
            let stretch = at..next;
            let takes = search.is_some() || unselected || plain.takes(&block.bytes[stretch.clone()]);
            if length + stretch.len() > BATCH {
                scan(ranges, &mut plain, output);
                length = 0;
            }
            if takes && fast && stretch.len() <= STRETCH {
                length += stretch.len();
                runs.clear();
                match sorter {
                    Some(sorter) => sorter.runs(&block.bytes, stretch, |run, is_prose| runs.push((run, is_prose))),
                    None => runs.push((stretch, true)),
                }
                for (run, is_prose) in runs.drain(..) {
                    if !is_prose {
                        // What stands before it is written first.
                        scan(ranges, &mut plain, output);
                        plain_lines += 1;
                        plain_used += plain.each_line(run.start, run.end, output);
                        continue;
                    }
                    match ranges.last_mut() {
                        Some(last) if last.end == run.start => last.end = run.end,
                        _ => ranges.push(run),
                    }
                }
            } else if takes {
                plain_lines += 1;
                plain_used += plain.each_line(at, next, output);
            }
            at = next;
        }
        scan(ranges, &mut plain, output);
        let used = counted.records + plain_used;
        let tally = plain.extractor.record.tally;
        let repeated = plain.extractor.record.repeated.take();
        if plain.scratch.capacity() > KEPT {
            *plain.scratch = Vec::new();
        }
        done.used = used;
        done.repeated = repeated;
        done.lines = match &done.failed {
            // Lines behind the one that failed were not read.
            Some(told) => told.line + 1,
            None if let Some(search) = search => search.lines(),
            // The scanner meets every newline anyway.
            None if fast && unselected && plain_lines == 0 => counted.lines,
            None => memchr_iter(b'\n', block.lines()).count() as u64,
        };
        done.tally = scanner.memory.tally;
        done.tally.include(tally);
        if let Some(road) = road {
            done.tally.include(road.tally);
        }
    }
}

/// Behind the last whole line of a stretch that begins at `at`; of one line, if it is longer.
fn stretch_end(block: &Block, at: usize) -> usize {
    let limit = block.end.min(at + BATCH);
    match memrchr(b'\n', &block.bytes[at..limit]) {
        Some(step) => at + step + 1,
        None => memchr(b'\n', &block.bytes[limit..block.end]).map_or(block.end, |step| limit + step + 1),
    }
}

impl Plain<'_> {
    fn takes(&self, line: &[u8]) -> bool {
        self.extractor.selection.takes(line)
    }

    /// Every line from `at` up to `end`; gives back how many have a record.
    fn each_line(&mut self, mut at: usize, end: usize, output: &mut Output) -> u64 {
        let mut used = 0;
        while at < end && self.failed.is_none() {
            let newline = memchr(b'\n', &self.block.bytes[at..end]).map_or(end, |step| at + step);
            used += u64::from(self.record(at, newline, output));
            at = newline + 1;
        }
        used
    }

    /// One line; appends its record and newline, and says whether there is one.
    fn record(&mut self, from: usize, to: usize, output: &mut Output) -> bool {
        if self.failed.is_some() {
            return false;
        }
        if to - from > self.limit {
            self.reject(from, format!("longer than {} bytes; --max-line sets the limit", self.limit), true);
            return false;
        }
        let text = &self.block.bytes[from..to];
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let number = if self.extractor.source { self.block.number + self.lines_before(from) } else { 0 };
        let offset = self.block.offset + (from - self.block.start) as u64;
        let unit = Unit { text, file: self.file, number, offset: Some(offset), lines: 1, content: Content::Line };
        self.scratch.clear();
        match self.extractor.extract(&unit, self.scratch) {
            Ok(Outcome::Record) => {
                self.scratch.push(b'\n');
                output.append(self.scratch);
                true
            }
            Ok(Outcome::Unknown) => {
                let line = self.lines_before(from);
                tell(self.unknown, line, || UNKNOWN.to_owned());
                false
            }
            Ok(Outcome::Doubtful) => {
                let line = self.lines_before(from);
                tell(self.unknown, line, || DOUBTFUL.to_owned());
                false
            }
            Ok(Outcome::Unfit) => {
                let line = self.lines_before(from);
                tell(self.unknown, line, || UNFIT.to_owned());
                false
            }
            Ok(_) => false,
            Err(reason) => {
                self.reject(from, reason, self.may_reject);
                false
            }
        }
    }

    fn reject(&mut self, from: usize, reason: String, may: bool) {
        let line = self.lines_before(from);
        if may {
            tell(self.rejected, line, || reason);
        } else {
            *self.failed = Some(Told { line, reason });
        }
    }

    /// How many lines of the block stand before `at`. Asked in order, so that each byte is counted once.
    fn lines_before(&mut self, at: usize) -> u64 {
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
        tell(self.unknown, line, || UNKNOWN.to_owned());
    }

    fn source(&mut self, start: usize) -> (&str, u64, Option<u64>) {
        let number = self.block.number + self.lines_before(start);
        (self.file, number, Some(self.block.offset + (start - self.block.start) as u64))
    }
}

fn tell(list: &mut Vec<Told>, line: u64, reason: impl FnOnce() -> String) {
    let reason = if list.len() < TOLD { reason() } else { String::new() };
    list.push(Told { line, reason });
}
