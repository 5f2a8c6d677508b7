//! Every record of an input, block by block: in this thread, or, once the input proves large, by several.
//!
//! Owns the order: blocks are handed out in turn and their output is written in that turn, so that the bytes are the
//! same for every number of threads.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use filter::{Error, Filter, MAX_RAW_LINE};

use crate::block::{Block, BlockReader, Found};
use crate::extractor::Extractor;
use crate::machine::Choice;
use crate::record::Tally;
use crate::source::Sources;
use crate::worker::{Done, Told, Worker, lost_worker};

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
    jobs: SyncSender<Job>,
    results: Receiver<Job>,
}

/// Every record of all sources.
pub fn all(sources: &mut Sources, extractor: &mut Extractor, threads: usize, filter: &mut Filter) -> Result<(), Error> {
    let limit = filter.options.max_line.unwrap_or(MAX_RAW_LINE);
    let may_reject = filter.options.allow_rejected.is_some();
    // Without AVX2 the plain scanner is the faster one.
    let choice = Choice::fastest();
    let worker = |extractor: &Extractor| Worker::new(extractor.fork(), choice, choice.is_fast(), limit, may_reject);
    let mut own = worker(extractor);
    let mut tally = Tally::default();
    while let Some(source) = sources.next(filter)? {
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
            if threads > 1 && reader.offset() >= LARGE {
                break None;
            }
        };
        let ended = match ended {
            Some(unfinished) => unfinished,
            None => {
                let workers = (0..threads).map(|_| worker(extractor)).collect();
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

/// Hands blocks to workers in turn, and takes their output in the same turn.
fn many(
    reader: &mut BlockReader,
    (own, workers): (&mut Worker, Vec<Worker>),
    name: &str,
    teller: &mut Teller<'_>,
    filter: &mut Filter,
) -> Result<bool, Error> {
    let shared: Arc<str> = Arc::from(name);
    std::thread::scope(|scope| {
        let hands: Vec<Hand> = workers
            .into_iter()
            .map(|mut worker| {
                let (jobs, waiting) = sync_channel::<Job>(2);
                let (finished, results) = sync_channel::<Job>(2);
                let name = Arc::clone(&shared);
                scope.spawn(move || {
                    while let Ok(mut job) = waiting.recv() {
                        worker.work(&job.block, &name, &mut job.done);
                        if finished.send(job).is_err() {
                            break;
                        }
                    }
                });
                Hand { jobs, results }
            })
            .collect();
        let (mut sent, mut taken) = (0, 0);
        let mut spare: Vec<Job> = Vec::new();
        let take = |taken: &mut usize, spare: &mut Vec<Job>, teller: &mut Teller<'_>, filter: &mut Filter| {
            let mut job = hands[*taken % hands.len()].results.recv().map_err(|_| lost_worker())?;
            *taken += 1;
            teller.write(&mut job, filter)?;
            job.block.shrink();
            spare.push(job);
            Ok::<(), Error>(())
        };
        loop {
            // One block more than there are workers, so that none waits for the reader.
            if sent - taken > hands.len() {
                take(&mut taken, &mut spare, teller, filter)?;
                continue;
            }
            if sent > taken && reader.would_wait() {
                take(&mut taken, &mut spare, teller, filter)?;
                continue;
            }
            let mut job = spare.pop().unwrap_or_default();
            match reader.next(&mut job.block, filter)? {
                Found::Lines if job.block.end > LONG => {
                    while sent > taken {
                        take(&mut taken, &mut spare, teller, filter)?;
                    }
                    own.work(&job.block, name, &mut job.done);
                    teller.write(&mut job, filter)?;
                }
                Found::Lines => {
                    hands[sent % hands.len()].jobs.send(job).map_err(|_| lost_worker())?;
                    sent += 1;
                }
                other => {
                    while sent > taken {
                        take(&mut taken, &mut spare, teller, filter)?;
                    }
                    match other {
                        Found::End(unfinished) => return Ok(unfinished),
                        _ => teller.too_long(filter),
                    }
                }
            }
        }
    })
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
