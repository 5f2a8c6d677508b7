//! Every record of an input, block by block: in this thread, or, once the input proves large, by several.
//!
//! Owns the order: blocks are handed out in turn and their output is written in that turn, so that the bytes are the
//! same for every number of threads.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};

use filter::{Error, Filter, MAX_RAW_LINE, Records, Require};

use crate::fast::Guessing;
use crate::fast::cpu::Choice;
use crate::input::block::{Block, BlockReader, Found};
use crate::input::join::{self, Joiner, Joins};
use crate::input::placer::{Part, Placer};
use crate::input::seals::Seals;
use crate::input::source::{Source, Sources};
use crate::input::unit::{self, Flow, Unit};
use crate::options::Threads;
use crate::record::tally::Tally;
use crate::record::units::passed::Passed;
use crate::run::after::After;
use crate::run::done::{Done, Told, Unsure};
use crate::run::extractor::{Extractor, Outcome};
use crate::run::rows::Rows;
use crate::run::spool::Held;
use crate::run::worker::Worker;
use crate::run::{Edge, Unsettled, end, extract, records};

/// From this many bytes on, threads pay.
const LARGE: u64 = 8 << 20;

/// A block with more bytes has a long line in it: such blocks are worked on one at a time, so that memory stays small.
const LONG: usize = 300 << 10;

/// How many turns may be done before their time.
const EARLY: usize = 8;

/// Every record of all sources.
pub fn all(
    sources: &mut Sources,
    joins: &Joins,
    (mut after, mut held): (Option<&mut After>, Option<&mut Held>),
    extractor: &mut Extractor,
    threads: Threads,
    of_records: bool,
    filter: &mut Filter,
) -> Result<(), Error> {
    let limit = filter.options.max_line.unwrap_or(MAX_RAW_LINE);
    let may_reject = filter.options.allow_rejected.is_some();
    // Without AVX2 the plain scanner is the faster one.
    let choice = Choice::fastest();
    let fast = choice.is_fast().then_some(Guessing::Adaptive(0));
    let worker = |extractor: &Extractor| {
        let worker = Worker::new(extractor.fork(), choice, fast, limit, may_reject);
        if of_records { worker.of_records() } else { worker }
    };
    let mut own = worker(extractor);
    let mut placer = extractor.window.is_some().then(|| Placer::new(extractor, choice, limit, of_records));
    let mut rows = Rows::new(extractor, limit, may_reject);
    let mut parts = Vec::new();
    let (mut tally, mut repeated, mut passed) = (Tally::default(), None, extractor.record.passed.clone());
    let mut unsettled = Unsettled::default();
    let mut count = None;
    while let Some(mut source) = sources.next(filter)? {
        if !of_records && matches!(joins, Joins::Containers) && join::is_needed(&mut source.input, filter)? {
            extractor.record.passed.include(&passed);
            let behind = after.as_deref_mut().zip(held.as_deref_mut());
            joined(source, sources, behind, extractor, &mut unsettled, filter)?;
            passed.include(&extractor.record.passed);
            continue;
        }
        let large = source.input.size() >= LARGE;
        let seals = match of_records {
            true => Seals::of_records(&source.input, filter),
            false => Seals::new(extractor.reader.format.reads_records(), &source.input),
        };
        let mut lines = source.input.lines_before();
        let counts_lines = extractor.source || placer.is_some() || of_records || rows.is_some();
        let may_be_cut = source.may_be_cut();
        let mut reader = BlockReader::new(source.input, limit, counts_lines, seals)
            .starting_at(source.base, source.leaves_unfinished)
            .that_may_be_cut(may_be_cut);
        if of_records {
            reader = reader.of_records();
        }
        if rows.is_some() {
            reader = reader.with_small_first();
        }
        if let Some(rows) = &mut rows {
            rows.begin();
        }
        let mut teller = Teller {
            name: &source.name,
            lines: &mut lines,
            limit,
            must_fit: of_records && !may_reject,
            tally: &mut tally,
            repeated: &mut repeated,
            passed: &mut passed,
            unsettled: &mut unsettled,
            held: held.as_deref_mut(),
        };
        let (mut block, mut done) = (Block::default(), Done::default());
        let ended = loop {
            match reader.next(&mut block, filter)? {
                Found::End(false) => break Some(Ended::Whole),
                Found::End(true) => break Some(Ended::Unfinished),
                Found::Spread => break Some(Ended::Spread),
                Found::TooLong => teller.too_long(filter)?,
                Found::Lines => {
                    let rows = rows.as_mut().inspect(|_| extractor.record.passed.include(teller.passed));
                    if !rows.is_some_and(|rows| rows.take(&mut block, &source.name, extractor, &mut done)) {
                        let who = (placer.as_mut(), after.as_deref_mut());
                        let parts = place(who, &block, &source.name, extractor, &mut parts);
                        own.know(teller.passed);
                        own.work(&block, parts, &source.name, &mut done);
                        if done.passed.is_mixed(teller.passed) {
                            own.again(teller.passed, &block, parts, &source.name, &mut done);
                        }
                    }
                    teller.write(&done, filter)?;
                }
            }
            if (large || reader.offset() >= LARGE) && *count.get_or_insert_with(|| threads.count()) > 1 {
                break None;
            }
        };
        let ended = match ended {
            Some(ended) => ended,
            None => {
                let workers = (1..threads.count()).map(|_| worker(extractor)).collect();
                let who = (placer.as_mut(), after.as_deref_mut());
                let turns = Turns::new(&mut reader, &mut teller, who, (rows.as_mut(), extractor), filter);
                many(turns, (&mut own, workers), &source.name)?
            }
        };
        if ended == Ended::Spread {
            let (input, seals) = reader.into_rest();
            let records = Records::rest_of(input, seals, Require::WhereSealing);
            extractor.record.passed.include(&passed);
            records::all(records, extractor, &mut unsettled, filter)?;
            passed.include(&extractor.record.passed);
            sources.close(source.rest, 0)?;
            continue;
        }
        if ended == Ended::Unfinished {
            filter.counts.unfinished += 1;
            let place = format!("{}:{}", source.name, lines + 1);
            filter.note("unfinished line", place, unit::UNFINISHED);
        }
        if let Some(rows) = &mut rows {
            rows.end(&source.name, filter)?;
        }
        sources.close(source.rest, reader.offset())?;
    }
    extractor.record.tally.include(tally);
    extractor.record.passed.include(&passed);
    if repeated.is_some() {
        extractor.record.repeated = repeated;
    }
    unsettled.settle(end(extractor), filter);
    Ok(())
}

/// Every record of a container's log in which a line was split: each waits for its end, so that there are no turns.
fn joined(
    source: Source,
    sources: &mut Sources,
    mut behind: Option<(&mut After, &mut Held)>,
    extractor: &mut Extractor,
    unsettled: &mut Unsettled,
    filter: &mut Filter,
) -> Result<(), Error> {
    let joiner = Joiner::new(None, filter.options.max_line.unwrap_or(MAX_RAW_LINE));
    let of_records = extractor.reader.format.reads_records();
    let reading = unit::Reading { of_records, joins: &Joins::Containers, rejects: None };
    let mut out = Vec::new();
    let mut each = |unit: Unit<'_>, filter: &mut Filter| {
        if let Some((after, held)) = &mut behind {
            match after.edge(unit.text) {
                Edge::Inside => {}
                edge => {
                    if edge == Edge::Here {
                        filter.counts.skipped += std::mem::take(&mut filter.counts.used);
                        held.clear()?;
                    }
                    filter.counts.skipped += unit.lines;
                    return Ok(Flow::Continue(()));
                }
            }
        }
        out.clear();
        match extract(extractor, &unit, &mut out, unsettled, filter)? {
            Outcome::Record => {
                filter.counts.used += unit.lines;
                match &mut behind {
                    Some((_, held)) => held.line(&out)?,
                    None => filter.line(&out)?,
                }
            }
            Outcome::Rejected => {}
            _ => filter.counts.skipped += unit.lines,
        }
        Ok(Flow::Continue(()))
    };
    unit::of_source(source, sources, &reading, Some(joiner), &mut None, filter, &mut each).map(|_| ())
}

/// How the blocks of a source ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// All was read.
    Whole,
    /// All, but for a last line without a newline.
    Unfinished,
    /// A record goes on over further lines.
    Spread,
}

/// Which lines of the block are asked for by their time: all of them, where there is no window.
fn place<'a>(
    (placer, after): (Option<&mut Placer>, Option<&mut After>),
    block: &Block,
    name: &str,
    extractor: &mut Extractor,
    parts: &'a mut Vec<Part>,
) -> Option<&'a [Part]> {
    match (placer, after) {
        (Some(placer), _) => placer.cut(block, name, extractor, parts),
        (None, Some(after)) => after.cut(block, parts),
        (None, None) => return None,
    }
    Some(parts)
}

/// Has this thread and others take turns with the input and the output; how that ended.
fn many(turns: Turns<'_, '_>, (own, workers): (&mut Worker, Vec<Worker>), name: &str) -> Result<Ended, Error> {
    let shared = Shared { turns: Mutex::new(turns), changed: Condvar::new() };
    std::thread::scope(|scope| {
        for mut worker in workers {
            let shared = &shared;
            scope.spawn(move || shared.work(&mut worker, name));
        }
        shared.work(own, name);
    });
    let turns = shared.turns.into_inner().unwrap_or_else(PoisonError::into_inner);
    turns.failed.map_or(Ok(turns.ended.unwrap_or(Ended::Whole)), Err)
}

/// What threads take turns with. Each reads a block into memory of its own, so that it stays in its core's cache.
struct Shared<'a, 'b> {
    turns: Mutex<Turns<'a, 'b>>,
    /// Something was written, or nothing is to be done any more.
    changed: Condvar,
}

/// Reading and writing: one thread at a time.
struct Turns<'a, 'b> {
    reader: &'a mut BlockReader,
    teller: &'a mut Teller<'b>,
    /// Who tells which lines lie in the window, in their order.
    placer: Option<&'a mut Placer>,
    /// Who tells which are behind the last line that holds a text, in their order.
    after: Option<&'a mut After>,
    /// Who does the blocks of a table that are not for one thread alone.
    rows: Option<&'a mut Rows>,
    extractor: &'a mut Extractor,
    filter: &'a mut Filter,
    /// How many turns began, each with something read, and how many were written.
    begun: u64,
    written: u64,
    /// Turns that are to be written once those before them are.
    early: BTreeMap<u64, Turn>,
    /// Memory for what comes next.
    spare: Vec<Done>,
    /// Whether a long line is at work: nothing else is read then, so that memory stays small.
    alone: bool,
    /// Set when all is read.
    ended: Option<Ended>,
    failed: Option<Error>,
}

/// What became of one turn.
enum Turn {
    Done(Box<Done>),
    TooLong,
    Failed(Error),
}

impl<'a, 'b> Turns<'a, 'b> {
    fn new(
        reader: &'a mut BlockReader,
        teller: &'a mut Teller<'b>,
        (placer, after): (Option<&'a mut Placer>, Option<&'a mut After>),
        (rows, extractor): (Option<&'a mut Rows>, &'a mut Extractor),
        filter: &'a mut Filter,
    ) -> Self {
        Turns {
            reader,
            teller,
            placer,
            after,
            rows,
            extractor,
            filter,
            begun: 0,
            written: 0,
            early: BTreeMap::new(),
            spare: Vec::new(),
            alone: false,
            ended: None,
            failed: None,
        }
    }

    /// Whether nothing may be read for now. Before a read that would wait, all that was read is written.
    fn must_wait(&self) -> bool {
        let at_work = self.begun > self.written;
        self.alone || self.early.len() >= EARLY || (at_work && self.reader.would_wait())
    }

    /// Takes what became of a turn, and writes all whose turn it is.
    fn finish(&mut self, number: u64, turn: Turn) {
        self.early.insert(number, turn);
        while let Some(turn) = self.early.remove(&self.written) {
            self.written += 1;
            if self.failed.is_some() {
                continue;
            }
            let outcome = match turn {
                Turn::Done(done) => {
                    let outcome = self.teller.write(&done, self.filter);
                    self.spare.push(*done);
                    outcome
                }
                Turn::TooLong => self.teller.too_long(self.filter),
                Turn::Failed(error) => Err(error),
            };
            self.failed = outcome.err();
        }
    }
}

impl Shared<'_, '_> {
    /// Takes turns until there are no more.
    fn work(&self, worker: &mut Worker, name: &str) {
        let (mut block, mut parts) = (Block::default(), Vec::new());
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = |turns| self.changed.wait(turns).unwrap_or_else(PoisonError::into_inner);
        while turns.ended.is_none() && turns.failed.is_none() {
            if turns.must_wait() {
                turns = wait(turns);
                continue;
            }
            let here = &mut *turns;
            let found = here.reader.next(&mut block, here.filter);
            turns.ended = match found {
                Ok(Found::End(true)) => Some(Ended::Unfinished),
                Ok(Found::End(false)) => Some(Ended::Whole),
                Ok(Found::Spread) => Some(Ended::Spread),
                _ => None,
            };
            if turns.ended.is_some() {
                break;
            }
            let number = turns.begun;
            turns.begun += 1;
            let turn = match found {
                Ok(Found::Lines) => {
                    let mut done = turns.spare.pop().unwrap_or_default();
                    let here = &mut *turns;
                    let rows = here.rows.as_deref_mut();
                    if rows.is_some() {
                        here.extractor.record.passed.include(here.teller.passed);
                    }
                    if rows.is_some_and(|rows| rows.take(&mut block, name, here.extractor, &mut done)) {
                        block.shrink();
                        turns.finish(number, Turn::Done(Box::new(done)));
                        self.changed.notify_all();
                        continue;
                    }
                    let who = (here.placer.as_deref_mut(), here.after.as_deref_mut());
                    let parts = place(who, &block, name, here.extractor, &mut parts);
                    let alone = block.end > LONG;
                    turns.alone |= alone;
                    while alone && turns.written < number {
                        turns = wait(turns);
                    }
                    worker.know(turns.teller.passed);
                    drop(turns);
                    worker.work(&block, parts, name, &mut done);
                    turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
                    // What units mean depends on those before, where not all of them are known to be the first of their key.
                    while done.passed.is_mixed(turns.teller.passed) || !done.passed.is_known(turns.teller.passed) {
                        if turns.written < number && turns.failed.is_none() {
                            turns = wait(turns);
                            continue;
                        }
                        if done.passed.is_mixed(turns.teller.passed) {
                            let before = turns.teller.passed.clone();
                            drop(turns);
                            worker.again(&before, &block, parts, name, &mut done);
                            turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
                        }
                        break;
                    }
                    block.shrink();
                    turns.alone &= !alone;
                    Turn::Done(Box::new(done))
                }
                Ok(_) => Turn::TooLong,
                Err(error) => {
                    turns.ended = Some(Ended::Whole);
                    Turn::Failed(error)
                }
            };
            turns.finish(number, turn);
            self.changed.notify_all();
        }
        drop(turns);
        self.changed.notify_all();
    }
}

/// Writes what came of blocks, in their order, and keeps the counts.
struct Teller<'a> {
    name: &'a str,
    /// Lines of this source so far.
    lines: &'a mut u64,
    limit: usize,
    /// Whether a line that is too long is an error.
    must_fit: bool,
    tally: &'a mut Tally,
    /// The first key that appears twice in a line with different values.
    repeated: &'a mut Option<String>,
    /// The keys of which units were passed over.
    passed: &'a mut Passed,
    unsettled: &'a mut Unsettled,
    /// Where records are kept that may still be taken back.
    held: Option<&'a mut Held>,
}

impl Teller<'_> {
    fn write(&mut self, done: &Done, filter: &mut Filter) -> Result<(), Error> {
        match &mut self.held {
            None => filter.lines(done.output.written(), done.used)?,
            Some(held) => {
                if done.again {
                    filter.counts.skipped += std::mem::take(&mut filter.counts.used);
                    held.clear()?;
                }
                held.lines(done.output.written(), done.used)?;
            }
        }
        self.tally.include(done.tally);
        self.passed.include(&done.passed);
        if self.repeated.is_none() {
            self.repeated.clone_from(&done.repeated);
        }
        let rejected = done.rejected.len() as u64 + done.more_rejected;
        let failed = u64::from(done.failed.is_some());
        filter.counts.lines += done.lines;
        filter.counts.used += done.used;
        filter.counts.rejected += rejected + failed;
        // A row may have begun before this block: its lines were skipped so far.
        filter.counts.skipped = (filter.counts.skipped + done.lines).wrapping_sub(done.used + rejected + failed);
        for (kind, list) in [("rejected line", &done.rejected), ("skipped line", &done.unknown)] {
            for told in list {
                // Written out only for the first few.
                match &told.place {
                    Some(place) => filter.note("rejected record", place, &told.reason),
                    None => filter.note(
                        kind,
                        format_args!("{}:{}", self.name, self.lines.wrapping_add(told.line).wrapping_add(1)),
                        &told.reason,
                    ),
                }
            }
        }
        for unsure in &done.unsure {
            match *unsure {
                Unsure::Records { line, count, written } => {
                    self.unsettled.add(|| format!("{}:{}", self.name, *self.lines + line + 1), count, written);
                }
                Unsure::Settled(settled) => self.unsettled.settle(Some(settled), filter),
            }
        }
        if let Some(told) = &done.failed {
            return Err(Error::data(self.place(told), told.reason.clone()));
        }
        *self.lines += done.newlines;
        Ok(())
    }

    fn too_long(&mut self, filter: &mut Filter) -> Result<(), Error> {
        filter.counts.lines += 1;
        filter.counts.rejected += 1;
        *self.lines += 1;
        let place = format!("{}:{}", self.name, *self.lines);
        filter.note("rejected line", &place, format!("longer than {} bytes; --max-line sets the limit", self.limit));
        if self.must_fit { Err(Error::data(place, filter::TOO_LONG)) } else { Ok(()) }
    }

    fn place(&self, told: &Told) -> String {
        if let Some(place) = &told.place {
            return place.clone();
        }
        format!("{}:{}", self.name, self.lines.wrapping_add(told.line).wrapping_add(1))
    }
}
