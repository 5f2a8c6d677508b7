//! Inputs cut at newlines into blocks, which workers on threads of their own take apart.
//!
//! Owns reading, cutting, over-long and unfinished lines, and the order in which the workers' reports are heard.
//! Refuses to know what a line holds. Whatever order the blocks are worked in, the reports are heard in the input's.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

use filter::{Digesting, Error, Filter, Input, SealCheck, digesting, seals_among};
use sha2::{Digest, Sha256};

/// How much a block holds, unless one line is longer.
const BLOCK: usize = 512 << 10;

/// Newlines behind every block, so that words and vectors can be loaded at its end.
pub const PADDING: usize = schema::shapes::PADDING;

/// Whole lines of an input.
pub struct Block {
    bytes: Vec<u8>,
    /// Where the lines end; newlines follow.
    end: usize,
    number: u64,
    /// What came before each seal in it, in order.
    sealed: Vec<filter::Segment>,
}

impl Block {
    /// The lines, with [`PADDING`] newlines behind them.
    pub fn padded(&self) -> &[u8] {
        &self.bytes
    }

    /// Where the lines end.
    pub fn end(&self) -> usize {
        self.end
    }

    /// Its place among the blocks of the input, from 0.
    pub fn number(&self) -> u64 {
        self.number
    }
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is no record, or too long: an error, unless `--allow-rejected` grants it.
    Malformed,
    /// A value in it is no number: told in the output, and rejected where that is granted.
    Invalid,
    /// It makes the whole run an error.
    Fatal,
}

/// Something a worker found.
#[derive(Debug)]
pub struct Finding {
    /// The line in the block, from 0.
    pub line: u64,
    /// The column, where it is known.
    pub column: Option<usize>,
    /// What kind of thing.
    pub problem: Problem,
    /// In words.
    pub reason: String,
}

/// Lines up to a seal or the block's end.
#[derive(Debug, Default)]
pub struct Segment {
    /// Lines that are no seal and not blank.
    pub records: u64,
    /// The line with the seal, if one ends the segment.
    pub seal: Option<Vec<u8>>,
}

/// What a worker says of one block.
#[derive(Debug, Default)]
pub struct Report {
    /// All lines, seals and blanks too.
    pub newlines: u64,
    /// Lines as the seal counts them.
    pub lines: u64,
    /// Of those, the ones that went into the output.
    pub used: u64,
    /// Of those, the ones left out.
    pub skipped: u64,
    /// The segments, in order.
    pub segments: Vec<Segment>,
    /// What was found, in order.
    pub findings: Vec<Finding>,
    /// What came before each seal; the reader knows it.
    pub sealed: Vec<filter::Segment>,
}

impl Report {
    fn of(worker: &mut impl Worker, block: &mut Block) -> Report {
        Report { sealed: std::mem::take(&mut block.sealed), ..worker.block(block) }
    }
}

/// How long a line may be.
#[derive(Clone, Copy, Debug)]
pub struct LineLimit {
    /// In bytes.
    pub bytes: usize,
    /// What allows no more, in words.
    pub by: &'static str,
}

impl LineLimit {
    /// Any line will do.
    pub const NONE: LineLimit = LineLimit { bytes: usize::MAX, by: "" };
}

/// Takes blocks apart.
pub trait Worker: Send {
    /// Takes one block apart.
    fn block(&mut self, block: &Block) -> Report;
}

/// Reads `input` to its end through the workers: one, and as many as `threads` says where it has more than a block. Those
/// that are not there yet are hired.
///
/// # Errors
/// A failed read, what a worker found that is an error, a seal that is missing or wrong.
pub fn pump<W: Worker>(
    mut input: Input,
    (workers, hire): (&mut Vec<W>, impl Fn() -> W),
    threads: impl FnOnce() -> usize,
    limit: LineLimit,
    digest: &mut Option<Sha256>,
    filter: &mut Filter,
) -> Result<(), Error> {
    let mut cutter = Cutter {
        limit: limit.bytes,
        digest: digest.take(),
        rest: Vec::new(),
        number: 0,
        dropping: false,
        ended: false,
        spare: Vec::new(),
        first: true,
        segment: digesting(&input),
    };
    let mut hearing = Hearing::new(&input, limit);
    let first = cutter.next(&mut input, filter, &mut hearing)?;
    let Some(first) = first else {
        *digest = cutter.finish(input, filter);
        return hearing.end(filter);
    };
    let wanted = if cutter.ended { 1 } else { threads() };
    while workers.len() < wanted {
        workers.push(hire());
    }
    if let ([worker], _) | ([worker, ..], true) = (workers.as_mut_slice(), cutter.ended) {
        let mut next = Some(first);
        while let Some(mut block) = next {
            let report = Report::of(worker, &mut block);
            hearing.hear(block.number, report, filter)?;
            cutter.reuse(block.bytes);
            next = cutter.next(&mut input, filter, &mut hearing)?;
        }
        *digest = cutter.finish(input, filter);
        return hearing.end(filter);
    }
    let (send, receive) = sync_channel::<Block>(workers.len());
    let receive = Mutex::new(receive);
    std::thread::scope(|scope| {
        let (tell, told) = channel::<(u64, Report, Vec<u8>)>();
        for worker in workers.iter_mut() {
            let (receive, tell) = (&receive, tell.clone());
            scope.spawn(move || {
                while let Some(mut block) = take(receive) {
                    let report = Report::of(worker, &mut block);
                    if tell.send((block.number, report, block.bytes)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tell);
        let outcome = feed(first, send, &told, &mut cutter, &mut input, &mut hearing, filter);
        for (number, report, bytes) in told {
            if outcome.is_ok() {
                hearing.hear(number, report, filter)?;
            }
            drop(bytes);
        }
        outcome
    })?;
    *digest = cutter.finish(input, filter);
    hearing.end(filter)
}

fn take(receive: &Mutex<Receiver<Block>>) -> Option<Block> {
    receive.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Sends blocks to the workers and hears what they say meanwhile; the channel closes when this returns.
fn feed(
    first: Block,
    send: SyncSender<Block>,
    told: &Receiver<(u64, Report, Vec<u8>)>,
    cutter: &mut Cutter,
    input: &mut Input,
    hearing: &mut Hearing,
    filter: &mut Filter,
) -> Result<(), Error> {
    let mut next = Some(first);
    let mut under_way = 0usize;
    while let Some(block) = next {
        under_way += block.bytes.len();
        // Workers only go away when this side does.
        if send.send(block).is_err() {
            return Ok(());
        }
        // Records that fill blocks of their own are worked one at a time: each takes up its text.
        loop {
            let heard = if under_way > UNDER_WAY { told.recv().ok() } else { told.try_recv().ok() };
            let Some((number, report, bytes)) = heard else { break };
            under_way = under_way.saturating_sub(bytes.len());
            hearing.hear(number, report, filter)?;
            cutter.reuse(bytes);
        }
        next = cutter.next(input, filter, hearing)?;
    }
    Ok(())
}

/// More bytes than this are not with the workers.
const UNDER_WAY: usize = 8 << 20;

/// Cuts an input into blocks.
struct Cutter {
    /// The digest of all inputs, where the source has no other name.
    digest: Option<Sha256>,
    limit: usize,
    /// The beginning of a line whose end has not been read.
    rest: Vec<u8>,
    number: u64,
    /// Within a line that is too long.
    dropping: bool,
    ended: bool,
    spare: Vec<Vec<u8>>,
    first: bool,
    /// The bytes since the last seal.
    segment: Digesting,
}

impl Cutter {
    fn next(&mut self, input: &mut Input, filter: &mut Filter, hearing: &mut Hearing) -> Result<Option<Block>, Error> {
        if self.ended {
            return Ok(None);
        }
        let mut bytes = self.spare.pop().unwrap_or_default();
        let mut filled = self.rest.len();
        filter::grow(&mut bytes, BLOCK.max(filled) + PADDING);
        bytes[..filled].copy_from_slice(&self.rest);
        self.rest.clear();
        loop {
            let room = bytes.len() - PADDING;
            while filled < room {
                let read = input.read(&mut bytes[filled..room], filter)?;
                if read == 0 {
                    self.ended = true;
                    break;
                }
                if let (Some(digest), Some(read)) = (&mut self.digest, bytes.get(filled..filled + read)) {
                    digest.update(read);
                }
                filled += read;
            }
            if self.first && bytes[..filled].starts_with(b"\xef\xbb\xbf") {
                self.segment.add(&bytes[..3]);
                bytes.copy_within(3..filled, 0);
                filled -= 3;
            }
            self.first = false;
            if self.dropping {
                let Some(newline) = memchr::memchr(b'\n', &bytes[..filled]) else {
                    self.segment.add(&bytes[..filled]);
                    filled = 0;
                    if self.ended {
                        return Ok(None);
                    }
                    continue;
                };
                self.dropping = false;
                self.segment.add(&bytes[..=newline]);
                bytes.copy_within(newline + 1..filled, 0);
                filled -= newline + 1;
                continue;
            }
            let end = match memchr::memrchr(b'\n', &bytes[..filled]) {
                Some(newline) => newline + 1,
                None => 0,
            };
            let long = filled - end > self.limit;
            if end == 0 && !long && !self.ended {
                // One line fills the block: twice as much, up to the limit and what tells that it is too long.
                let wider = (2 * room).min(self.limit.saturating_add(BLOCK)).max(room + 1);
                bytes.resize(wider + PADDING, 0);
                continue;
            }
            let mut end = end;
            if long {
                self.dropping = true;
                hearing.too_long.push(self.number);
            } else if !self.ended {
                self.rest.extend_from_slice(&bytes[end..filled]);
            } else if end < filled && !hearing.unfinished(filter) {
                // The last line has no newline: one of the padding's ends it.
                end = filled;
            }
            if end == 0 && !long {
                return Ok(None);
            }
            let sealed = self.sealed(&bytes[..end]);
            if long {
                self.segment.add(&bytes[end..filled]);
            }
            bytes.truncate(end);
            bytes.resize(end + PADDING, b'\n');
            let block = Block { bytes, end, number: self.number, sealed };
            self.number += 1;
            return Ok(Some(block));
        }
    }

    /// Keeps the room of a block for another, unless a long line filled it.
    fn reuse(&mut self, bytes: Vec<u8>) {
        if bytes.capacity() <= 2 * BLOCK + PADDING {
            self.spare.push(bytes);
        }
    }

    /// What came before each seal in `bytes`; here, where they are still in the cache.
    fn sealed(&mut self, bytes: &[u8]) -> Vec<filter::Segment> {
        let mut sealed = Vec::new();
        let mut from = 0;
        for seal in seals_among(bytes) {
            self.segment.add(&bytes[from..seal.start]);
            sealed.push(self.segment.end());
            from = (seal.end + 1).min(bytes.len());
        }
        self.segment.add(&bytes[from..]);
        sealed
    }

    fn finish(self, mut input: Input, filter: &mut Filter) -> Option<Sha256> {
        if let Some(digested) = input.digested() {
            filter.add_input(digested);
        }
        self.digest
    }
}

/// Hears reports in the order of the blocks.
struct Hearing {
    name: String,
    regular: bool,
    early: BTreeMap<u64, Report>,
    heard: u64,
    newlines: u64,
    seals: SealCheck,
    /// Blocks behind which a line was too long.
    too_long: Vec<u64>,
    limit: LineLimit,
}

impl Hearing {
    fn new(input: &Input, limit: LineLimit) -> Hearing {
        Hearing {
            name: input.name().to_owned(),
            regular: input.is_regular(),
            early: BTreeMap::new(),
            heard: 0,
            newlines: 0,
            seals: SealCheck::of_lines(input),
            too_long: Vec::new(),
            limit,
        }
    }

    /// Whether a last line without its newline is left out: somebody may be writing it.
    fn unfinished(&self, filter: &mut Filter) -> bool {
        if !(self.regular && filter.sealing()) {
            return false;
        }
        filter.counts.unfinished += 1;
        filter.note("unfinished line", &self.name, "the last line has no newline yet; it is left out");
        true
    }

    fn hear(&mut self, number: u64, report: Report, filter: &mut Filter) -> Result<(), Error> {
        self.early.insert(number, report);
        while let Some(report) = self.early.remove(&self.heard) {
            self.judge(report, filter)?;
            if self.too_long.contains(&self.heard) {
                self.newlines += 1;
                self.seals.records(1);
                filter.counts.lines += 1;
                filter.counts.rejected += 1;
                let place = format!("{}:{}", self.name, self.newlines);
                if filter.options.allow_rejected.is_none() {
                    return Err(Error::data(place, format!("a line longer than {}", self.limit.by)));
                }
                filter.note("rejected line", place, format!("longer than {}", self.limit.by));
            }
            self.heard += 1;
        }
        Ok(())
    }

    fn judge(&mut self, report: Report, filter: &mut Filter) -> Result<(), Error> {
        filter.counts.lines += report.lines;
        filter.counts.used += report.used;
        filter.counts.skipped += report.skipped;
        for finding in report.findings {
            let line = self.newlines + finding.line + 1;
            let place = match finding.column {
                Some(column) => format!("{}:{line}:{column}", self.name),
                None => format!("{}:{line}", self.name),
            };
            let granted = filter.options.allow_rejected.is_some();
            match finding.problem {
                Problem::Fatal => return Err(Error::data(place, finding.reason)),
                Problem::Malformed if !granted => return Err(Error::data(place, finding.reason)),
                Problem::Invalid if !granted => {
                    filter.counts.skipped += 1;
                    filter.note("left out", place, finding.reason);
                }
                Problem::Malformed | Problem::Invalid => {
                    filter.counts.rejected += 1;
                    filter.note("rejected", place, finding.reason);
                }
            }
        }
        self.newlines += report.newlines;
        let mut sealed = report.sealed.into_iter();
        for segment in report.segments {
            self.seals.records(segment.records);
            if let Some((line, sealed)) = segment.seal.zip(sealed.next()) {
                let seal = self.seals.line_after(&line, sealed).map_err(|fault| fault.of(&self.name))?;
                filter.take_seal(seal).map_err(|fault| fault.of(&self.name))?;
            }
        }
        Ok(())
    }

    fn end(&self, filter: &mut Filter) -> Result<(), Error> {
        let required = filter.sealing() && !filter.options.unsealed && !self.regular;
        self.seals.end_of_input(required, filter).map_err(|fault| fault.of(&self.name))
    }
}
