//! Every record of an input, block by block: in this thread, or, once the input proves large, by several.
//!
//! Owns the order: blocks are handed out in turn and their output is written in that turn, so that the bytes are the
//! same for every number of threads.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::Scope;

use filter::{Error, Filter, MAX_RAW_LINE};

use crate::block::{Block, BlockReader, Found};
use crate::extractor::Extractor;
use crate::machine::Choice;
use crate::record::Tally;
use crate::source::Sources;
use crate::worker::{Done, Threads, Told, Worker, lost_worker};

/// From this many bytes on, threads pay.
const LARGE: u64 = 8 << 20;

/// A block with more bytes has a long line in it: such blocks are worked on one at a time, so that memory stays small.
const LONG: usize = 300 << 10;

/// A block on its way to a worker and back.
#[derive(Default)]
struct Job {
    block: Block,
    done: Done,
}

/// A worker thread: jobs go in and come out in one order.
struct Hand {
    jobs: SyncSender<Box<Job>>,
    results: Receiver<Box<Job>>,
    /// How many jobs it has.
    has: usize,
}

/// How many jobs a worker thread has at most: one at work and one so that it never waits for the next.
const MOST: usize = 2;

/// Blocks on their way, in the order in which they were read.
struct Turns<'a> {
    hands: Vec<Hand>,
    turns: VecDeque<Turn>,
    own: &'a mut Worker,
    name: &'a str,
}

/// Who has a block.
enum Turn {
    /// It was done by this thread.
    Own(Box<Job>),
    /// A worker thread, by its place.
    Hand(usize),
}

impl Turns<'_> {
    /// Gives a block to a worker thread that has room for it; with none, does it here.
    fn give(&mut self, mut job: Box<Job>) -> Result<(), Error> {
        let turn = match self.hands.iter_mut().enumerate().min_by_key(|(_, hand)| hand.has) {
            Some((place, hand)) if hand.has < MOST => {
                hand.has += 1;
                hand.jobs.send(job).map_err(|_| lost_worker())?;
                Turn::Hand(place)
            }
            _ => {
                self.own.work(&job.block, self.name, &mut job.done);
                Turn::Own(job)
            }
        };
        self.turns.push_back(turn);
        Ok(())
    }

    /// The block whose turn it is, if it is done; with `wait` as soon as it is.
    fn take(&mut self, wait: bool) -> Result<Option<Box<Job>>, Error> {
        let Some(turn) = self.turns.pop_front() else { return Ok(None) };
        let place = match turn {
            Turn::Own(job) => return Ok(Some(job)),
            Turn::Hand(place) => place,
        };
        let Some(hand) = self.hands.get_mut(place) else { return Err(lost_worker()) };
        let job = match wait {
            true => hand.results.recv().map_err(|_| lost_worker())?,
            false => match hand.results.try_recv() {
                Ok(job) => job,
                Err(TryRecvError::Disconnected) => return Err(lost_worker()),
                Err(TryRecvError::Empty) => {
                    self.turns.push_front(turn);
                    return Ok(None);
                }
            },
        };
        hand.has -= 1;
        Ok(Some(job))
    }
}

/// Every record of all sources.
pub fn all(
    sources: &mut Sources,
    extractor: &mut Extractor,
    threads: Threads,
    filter: &mut Filter,
) -> Result<(), Error> {
    let limit = filter.options.max_line.unwrap_or(MAX_RAW_LINE);
    let may_reject = filter.options.allow_rejected.is_some();
    // Without AVX2 the plain scanner is the faster one.
    let choice = Choice::fastest();
    let worker = |extractor: &Extractor| Worker::new(extractor.fork(), choice, choice.is_fast(), limit, may_reject);
    let mut own = worker(extractor);
    let mut tally = Tally::default();
    let mut count = None;
    while let Some(source) = sources.next(filter)? {
        let large = source.input.size() >= LARGE;
        let mut reader = BlockReader::new(source.input, limit, extractor.source);
        let mut lines = 0;
        let mut teller = Teller { name: &source.name, lines: &mut lines, limit, tally: &mut tally };
        let mut job = Job::default();
        let ended = loop {
            match reader.next(&mut job.block, filter)? {
                Found::End(unfinished) => break Some(unfinished),
                Found::TooLong => teller.too_long(filter),
                Found::Lines => {
                    own.work(&job.block, &source.name, &mut job.done);
                    teller.write(&mut job, filter)?;
                }
            }
            if (large || reader.offset() >= LARGE) && *count.get_or_insert_with(|| threads.count()) > 1 {
                break None;
            }
        };
        let ended = match ended {
            Some(unfinished) => unfinished,
            None => {
                // This thread works too.
                let workers = (1..threads.count()).map(|_| worker(extractor)).collect();
                many(&mut reader, (&mut own, workers), &source.name, &mut teller, filter)?
            }
        };
        if ended {
            filter.counts.unfinished += 1;
            let place = format!("{}:{}", source.name, lines + 1);
            filter.note("unfinished line", place, "left out: it has no newline yet");
        }
        sources.close(source.rest, reader.offset())?;
    }
    extractor.record.tally.include(tally);
    Ok(())
}

/// Hands blocks to workers, and takes their output in the order of the blocks.
fn many(
    reader: &mut BlockReader,
    (own, workers): (&mut Worker, Vec<Worker>),
    name: &str,
    teller: &mut Teller<'_>,
    filter: &mut Filter,
) -> Result<bool, Error> {
    let shared: Arc<str> = Arc::from(name);
    std::thread::scope(|scope| {
        let hands = workers.into_iter().map(|worker| hire(scope, worker, Arc::clone(&shared))).collect::<Vec<_>>();
        // Enough that no thread waits while the block whose turn it is takes longer than others.
        let most = 2 * hands.len() + 3;
        let mut turns = Turns { hands, turns: VecDeque::new(), own, name };
        let mut spare: Vec<Box<Job>> = Vec::new();
        loop {
            let waits = turns.turns.len() >= most || (!turns.turns.is_empty() && reader.would_wait());
            if let Some(mut job) = turns.take(waits)? {
                teller.write(&mut job, filter)?;
                job.block.shrink();
                spare.push(job);
                continue;
            }
            let mut job = spare.pop().unwrap_or_default();
            let found = reader.next(&mut job.block, filter)?;
            if found == Found::Lines && job.block.end <= LONG {
                turns.give(job)?;
                continue;
            }
            while let Some(mut job) = turns.take(true)? {
                teller.write(&mut job, filter)?;
            }
            match found {
                Found::End(unfinished) => return Ok(unfinished),
                Found::TooLong => teller.too_long(filter),
                Found::Lines => {
                    turns.own.work(&job.block, name, &mut job.done);
                    teller.write(&mut job, filter)?;
                }
            }
        }
    })
}

/// Starts a worker thread.
fn hire<'scope>(scope: &'scope Scope<'scope, '_>, mut worker: Worker, name: Arc<str>) -> Hand {
    let (jobs, waiting) = sync_channel::<Box<Job>>(MOST);
    let (finished, results) = sync_channel::<Box<Job>>(MOST);
    scope.spawn(move || {
        while let Ok(mut job) = waiting.recv() {
            worker.work(&job.block, &name, &mut job.done);
            if finished.send(job).is_err() {
                break;
            }
        }
    });
    Hand { jobs, results, has: 0 }
}

/// Writes what came of blocks, in their order, and keeps the counts.
struct Teller<'a> {
    name: &'a str,
    /// Lines of this source so far.
    lines: &'a mut u64,
    limit: usize,
    tally: &'a mut Tally,
}

impl Teller<'_> {
    fn write(&mut self, job: &mut Job, filter: &mut Filter) -> Result<(), Error> {
        let done = &job.done;
        filter.lines(done.output.written(), done.used)?;
        self.tally.include(done.tally);
        let rejected = done.rejected.len() as u64;
        let failed = u64::from(done.failed.is_some());
        filter.counts.lines += done.lines;
        filter.counts.used += done.used;
        filter.counts.rejected += rejected + failed;
        filter.counts.skipped += done.lines - done.used - rejected - failed;
        for (kind, list) in [("rejected line", &done.rejected), ("unknown condition", &done.unknown)] {
            for told in list {
                filter.note(kind, self.place(told), &told.reason);
            }
        }
        if let Some(told) = &done.failed {
            return Err(Error::data(self.place(told), told.reason.clone()));
        }
        *self.lines += done.lines;
        Ok(())
    }

    fn too_long(&mut self, filter: &mut Filter) {
        filter.counts.lines += 1;
        filter.counts.rejected += 1;
        *self.lines += 1;
        let place = format!("{}:{}", self.name, *self.lines);
        filter.note("rejected line", place, format!("longer than {} bytes; --max-line sets the limit", self.limit));
    }

    fn place(&self, told: &Told) -> String {
        format!("{}:{}", self.name, *self.lines + told.line + 1)
    }
}
