//! Blocks of bare numbers, one a line.
//!
//! Owns the ways through them: columns of plain decimals (`column.rs`); else four places of a block at once, so that no
//! number waits for the one before it. Whatever is not that simple goes the plain way, which is the oracle.

use filter::begins_as_seal;
use number::digits::{equal, plain, plain_long, word};
use schema::{Code, json};

use crate::groups::doubt::Kind;
use crate::groups::shared::Store;
use crate::groups::{Groups, Metric};
use crate::plan::Plan;
use crate::read::blocks::{Block, Finding, Problem, Report, Segment, Worker};
use crate::read::column::Column;
use crate::samples::counted::{Adder, Scaled};

/// How many places of a block are read at once.
const LANES: usize = 4;

/// Fewer bytes than this are read in one go.
const SHORT: usize = 4096;

/// How many bytes a column must yield for each time it stops, lest the rest of the block be read without it.
const YIELD: usize = 512;

/// How many bytes are read the other way where it stops.
const SKIPPED: usize = 48;

/// How often it may stop before that counts.
const STOPS: usize = 8;

/// Reads numbers into one metric of its own.
pub struct Numbers<'p> {
    plan: &'p Plan,
    /// The longest line.
    limit: usize,
    /// Whether every value that is no number is a finding.
    strict: bool,
    /// Which input is being read, from 0.
    pub input: usize,
    /// The samples so far, in one group and one metric.
    groups: Groups,
    metric: Metric,
    /// Lines that mean no value, by `--na`.
    absent: u64,
    column: Column,
    store: &'p Store<'p>,
}

/// What becomes of a line that the fast way does not take.
enum Line {
    Blank,
    Number,
    Absent,
    Seal,
    Invalid,
    TooLong,
    TooMany,
}

/// What was met in a block besides numbers.
#[derive(Default)]
struct Met {
    lines: u64,
    blank: u64,
    absent: u64,
    numbers: u64,
    odd: Vec<(usize, usize, Line)>,
}

impl<'p> Numbers<'p> {
    /// A worker that has read nothing yet.
    pub fn new(plan: &'p Plan, limit: usize, strict: bool, store: &'p Store<'p>, input: usize) -> Numbers<'p> {
        let groups = store.fork();
        Numbers {
            plan,
            limit,
            strict,
            input,
            groups,
            metric: Metric::default(),
            absent: 0,
            column: Column::new(),
            store,
        }
    }

    /// Gives what was read so far to the common store.
    pub fn give(&mut self) {
        let group = self.groups.place(&[]);
        let number = self.groups.metric_number("");
        let metric = std::mem::take(&mut self.metric);
        self.groups.put(group, number, metric, std::mem::take(&mut self.absent));
        self.groups = self.store.merge(std::mem::take(&mut self.groups));
    }

    /// Reads all lines.
    fn lines(&mut self, bytes: &[u8], end: usize, met: &mut Met) {
        let mut at = 0;
        let mut stops = 0;
        loop {
            if let Some(mut adder) = self.metric.samples.as_scaled().map(Scaled::adder) {
                let run = self.column.run(bytes, at, end, &mut adder);
                at = run.next;
                self.count(run.numbers, met);
            }
            if at >= end {
                return;
            }
            stops += 1;
            if stops > STOPS && at < stops * YIELD {
                return self.lanes(bytes, at, end, met);
            }
            let near = (at + SKIPPED).min(end);
            let next = memchr::memchr(b'\n', &bytes[near..end]).map_or(end, |step| near + step + 1);
            self.one_lane(bytes, at, next, met);
            at = next;
        }
    }

    /// Reads the lines from `from` to `to`, which is a line's start.
    fn one_lane(&mut self, bytes: &[u8], from: usize, to: usize, met: &mut Met) {
        let mut at = from;
        while at < to {
            let mut added = 0;
            if let Some(mut adder) = self.metric.samples.as_scaled().map(Scaled::adder) {
                while at < to
                    && let Some(next) = step(bytes, at, &mut adder)
                {
                    at = next;
                    added += 1;
                }
            }
            self.count(added, met);
            if at < to {
                at = self.odd(bytes, at, to, met);
            }
        }
    }

    fn count(&mut self, added: u64, met: &mut Met) {
        self.metric.samples.added(added);
        met.numbers += added;
        met.lines += added;
    }

    /// Reads [`LANES`] parts of the lines from `from` to `end` at once.
    fn lanes(&mut self, bytes: &[u8], from: usize, end: usize, met: &mut Met) {
        if end - from < SHORT {
            return self.one_lane(bytes, from, end, met);
        }
        let cut = |part: usize| {
            let near = from + (end - from) / LANES * part;
            near + memchr::memchr(b'\n', &bytes[near..end]).map_or(end - near, |step| step + 1)
        };
        let [a, b, c] = [cut(1), cut(2), cut(3)];
        let ends = [a, b, c, end];
        let mut at = [from, a, b, c];
        loop {
            let mut added = 0;
            let mut stopped = LANES;
            if let Some(mut adder) = self.metric.samples.as_scaled().map(Scaled::adder) {
                'read: while at[0] < ends[0] && at[1] < ends[1] && at[2] < ends[2] && at[3] < ends[3] {
                    for (lane, at) in at.iter_mut().enumerate() {
                        match step(bytes, *at, &mut adder) {
                            Some(next) => *at = next,
                            None => {
                                stopped = lane;
                                break 'read;
                            }
                        }
                        added += 1;
                    }
                }
            }
            self.count(added, met);
            if stopped == LANES {
                break;
            }
            at[stopped] = self.odd(bytes, at[stopped], ends[stopped], met);
        }
        for lane in 0..LANES {
            self.one_lane(bytes, at[lane], ends[lane], met);
        }
    }

    /// Reads the line at `at` the plain way; gives the start of the next.
    fn odd(&mut self, bytes: &[u8], at: usize, to: usize, met: &mut Met) -> usize {
        let length = memchr::memchr(b'\n', &bytes[at..]).unwrap_or(to - at);
        let line = &bytes[at..at + length];
        met.lines += 1;
        match self.plain(line) {
            Line::Number => met.numbers += 1,
            Line::Blank => met.blank += 1,
            Line::Absent => {
                self.absent += 1;
                met.absent += 1;
            }
            other => met.odd.push((at, length, other)),
        }
        at + length + 1
    }

    fn plain(&mut self, line: &[u8]) -> Line {
        let text = line.trim_ascii();
        if text.is_empty() {
            return Line::Blank;
        }
        if line.len() > self.limit {
            return Line::TooLong;
        }
        match self.plan.number(text) {
            Some((one, exact)) => {
                self.metric.rounded |= !exact;
                if self.metric.samples.add_many(one, 1) { Line::Number } else { Line::TooMany }
            }
            None if self.plan.is_none(text) => Line::Absent,
            None if begins_as_seal(text) => Line::Seal,
            None => Line::Invalid,
        }
    }
}

impl Worker for Numbers<'_> {
    fn block(&mut self, block: &Block) -> Report {
        let (bytes, end) = (block.padded(), block.end());
        let mut met = Met::default();
        self.lines(bytes, end, &mut met);
        self.metric.seen += met.numbers;
        let seals = met.odd.iter().filter(|odd| matches!(odd.2, Line::Seal)).count() as u64;
        let mut report = Report {
            newlines: met.lines,
            lines: met.lines - seals,
            used: met.numbers + met.absent,
            skipped: met.blank,
            ..Report::default()
        };
        let mut segment_from = 0;
        met.odd.sort_unstable_by_key(|odd| odd.0);
        for (at, length, line) in met.odd {
            let text = &bytes[at..at + length];
            let (problem, reason) = match line {
                Line::Seal => {
                    let before = &bytes[segment_from..at];
                    let seal = Some(text.to_vec());
                    report.segments.push(Segment { records: records(before), seal });
                    segment_from = (at + length + 1).min(end);
                    continue;
                }
                Line::TooLong => (Problem::Malformed, "a line longer than --max-line allows".to_owned()),
                Line::TooMany => (Problem::Fatal, "more than 2^63 - 1 samples in one metric".to_owned()),
                _ => {
                    self.metric.invalid += 1;
                    let place = (self.input, block.number(), at);
                    let text = text.trim_ascii();
                    self.metric.doubts().add(
                        (Kind::Value, Code::NotANumber),
                        1,
                        place,
                        || format!("text like {}", json::quote(text)),
                        || Some(self.plan.hint(text)),
                    );
                    if !self.strict {
                        report.skipped += 1;
                        continue;
                    }
                    (Problem::Invalid, self.plan.not_a_number(text.trim_ascii()))
                }
            };
            let line = memchr::memchr_iter(b'\n', &bytes[..at]).count() as u64;
            report.findings.push(Finding { line, column: None, problem, reason });
        }
        let rest = &bytes[segment_from..end];
        let all = if segment_from == 0 { met.lines - met.blank } else { records(rest) };
        report.segments.push(Segment { records: all, seal: None });
        if self.store.is_over(self.metric.samples.bytes(), 1) {
            self.give();
        }
        report
    }
}

/// How many lines are not blank.
fn records(lines: &[u8]) -> u64 {
    lines.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count() as u64
}

/// Reads the number in the line at `at`, if it is a simple one; gives the start of the next line.
#[inline(always)]
fn step(bytes: &[u8], at: usize, adder: &mut Adder<'_>) -> Option<usize> {
    let first = word(bytes.get(at..)?)?;
    let newline = equal(first, b'\n');
    if newline == 0 {
        return long_step(bytes, at, first, adder);
    }
    let length = newline.trailing_zeros() / 8;
    if length == 0 {
        return None;
    }
    match plain(first, length) {
        Some((value, places)) => adder.add(i64::from(value), places).then_some(at + length as usize + 1),
        None if first as u8 == b'-' => long_step(bytes, at, first, adder),
        None => None,
    }
}

/// As [`step`], for a line of 8 to 15 bytes after an optional sign.
#[inline(never)]
fn long_step(bytes: &[u8], at: usize, first: u64, adder: &mut Adder<'_>) -> Option<usize> {
    let negative = first as u8 == b'-';
    let at = at + usize::from(negative);
    let rest = bytes.get(at..)?;
    let (low, high) = (word(rest)?, word(rest.get(8..)?)?);
    let newlines = (equal(low, b'\n'), equal(high, b'\n'));
    let length = match newlines {
        (0, 0) => return None,
        (0, upper) => 8 + upper.trailing_zeros() / 8,
        (lower, _) => lower.trailing_zeros() / 8,
    };
    if length == 0 {
        return None;
    }
    let (value, places) = plain_long(low, high, length)?;
    let value = value as i64;
    adder.add(if negative { -value } else { value }, places).then_some(at + length as usize + 1)
}
