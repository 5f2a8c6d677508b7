//! Reading backward: the last line that holds a text, touching no more of the file than it must.
//!
//! Owns the search from the end; blocks are searched forward, which processors do fastest, and from a few MiB on by
//! several threads. Refuses pipes, and whatever needs the lines counted.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use filter::{Error, Filter, MAX_RAW_LINE};
use memchr::memmem::Finder;
use memchr::{memchr, memrchr};

use crate::options::Threads;
use crate::record::escape;

/// The first block is small: what is asked for is most often near the end.
const FIRST: u64 = 64 << 10;
/// The others are large enough for a system call to cost little, and still fit a core's cache.
const BLOCK: u64 = 512 << 10;
/// Past this many bytes, several threads search.
const FAR: u64 = 8 << 20;

/// A regular file read from its end.
pub struct Tail<'a> {
    file: &'a File,
    pub name: &'a str,
    /// The longest line that is looked at.
    pub limit: u64,
    threads: Threads,
    buffer: Vec<u8>,
    /// Whether what was searched has colours or escapes, which may stand within a text that is looked for.
    may_hide: AtomicBool,
}

/// A line that was found: where it begins, and its bytes up to its newline.
pub struct Line {
    /// Where it begins.
    pub start: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl<'a> Tail<'a> {
    pub fn new(input: &'a filter::Input, threads: Threads, filter: &Filter) -> Self {
        let limit = filter.options.max_line.unwrap_or(MAX_RAW_LINE) as u64;
        Tail {
            file: input.file(),
            name: input.name(),
            limit,
            threads,
            buffer: Vec::new(),
            may_hide: AtomicBool::new(false),
        }
    }

    fn failed(&self, error: &io::Error) -> Error {
        Error::io(self.name, error)
    }

    pub fn size(&self) -> Result<u64, Error> {
        self.file.metadata().map(|status| status.len()).map_err(|error| self.failed(&error))
    }

    /// Whether a text may stand in the blocks that were searched, and was not found: within colours, or written with escapes.
    pub fn may_hide(&self) -> bool {
        self.may_hide.load(Ordering::Relaxed)
    }

    /// Notes whether what was read may hide one of `tokens`.
    fn note_hiding(&self, bytes: &[u8], tokens: &[Finder<'static>]) {
        let is_escaped = || tokens.iter().any(|token| escape::may_be_escaped(token.needle()));
        if escape::may_be_coloured(bytes) || memchr(b'\\', bytes).is_some() && is_escaped() {
            self.may_hide.store(true, Ordering::Relaxed);
        }
    }

    pub fn place(&self, line: &Line) -> String {
        format!("{}: byte {}", self.name, line.start)
    }

    /// Whether the last line is a seal: then all that it counts must be read.
    pub fn ends_with_seal(&mut self) -> Result<bool, Error> {
        let Some(last) = self.size()?.checked_sub(1) else { return Ok(false) };
        Ok(filter::begins_as_seal(&self.line(last)?.bytes))
    }

    /// Where the last hit of each of `tokens` begins that lies wholly before `end`.
    pub fn last_hits(&mut self, end: u64, tokens: &[Finder<'static>]) -> Result<Vec<Option<u64>>, Error> {
        let mut hits = vec![None; tokens.len()];
        let (mut high, mut size) = (end, FIRST);
        while high > 0 && hits.iter().any(Option::is_none) && end - high < FAR {
            let low = high.saturating_sub(size);
            let mut buffer = std::mem::take(&mut self.buffer);
            search(self.file, (low, high, end), tokens, &mut hits, &mut buffer).map_err(|error| self.failed(&error))?;
            let searched = buffer.get(..usize::try_from(high - low).unwrap_or(0)).unwrap_or_default();
            self.note_hiding(searched, tokens);
            self.buffer = buffer;
            (high, size) = (low, BLOCK);
        }
        if high > 0 && hits.iter().any(Option::is_none) {
            self.search_far(high, end, tokens, &mut hits)?;
        }
        Ok(hits)
    }

    /// The same by several threads: each takes every so many-th block, and gives up behind what another has found.
    fn search_far(
        &self,
        high: u64,
        end: u64,
        tokens: &[Finder<'static>],
        hits: &mut [Option<u64>],
    ) -> Result<(), Error> {
        let threads = self.threads.count() as u64;
        // The place of each token's last hit so far; a block below all of them is of no use.
        let found: Vec<AtomicU64> = hits.iter().map(|hit| AtomicU64::new(hit.map_or(0, |hit| hit + 1))).collect();
        let failure = Mutex::new(None);
        let work = |number: u64| {
            let mut buffer = Vec::new();
            let mut block = number;
            while let Some(high) = high.checked_sub(block * BLOCK).filter(|&high| high > 0) {
                if found.iter().all(|place| place.load(Ordering::Relaxed) > high) {
                    return;
                }
                let mut own = vec![None; tokens.len()];
                for (own, place) in own.iter_mut().zip(&found) {
                    // A token that was found behind this block is not looked for in it.
                    *own = Some(place.load(Ordering::Relaxed)).filter(|&place| place > high);
                }
                if let Err(error) =
                    search(self.file, (high.saturating_sub(BLOCK), high, end), tokens, &mut own, &mut buffer)
                {
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    return;
                }
                let length = usize::try_from(BLOCK.min(high)).unwrap_or(0);
                self.note_hiding(buffer.get(..length).unwrap_or_default(), tokens);
                for (own, place) in own.into_iter().zip(&found) {
                    if let Some(hit) = own.filter(|&hit| hit < high) {
                        place.fetch_max(hit + 1, Ordering::Relaxed);
                    }
                }
                block += threads;
            }
        };
        std::thread::scope(|scope| {
            for number in 1..threads {
                scope.spawn(move || work(number));
            }
            work(0);
        });
        if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(self.failed(&error));
        }
        for (hit, place) in hits.iter_mut().zip(found) {
            *hit = hit.or(place.into_inner().checked_sub(1));
        }
        Ok(())
    }

    /// The line that holds the byte at `hit`. Of one that is too long, as much as shows that it is.
    pub fn line(&mut self, hit: u64) -> Result<Line, Error> {
        let limit = self.limit + 2;
        let mut start = hit;
        let mut before = Vec::new();
        let mut step = 4 << 10;
        while start > 0 && hit - start <= limit {
            let low = start.saturating_sub(step);
            let mut block = vec![0; usize::try_from(start - low).unwrap_or(0)];
            self.file.read_exact_at(&mut block, low).map_err(|error| self.failed(&error))?;
            if let Some(newline) = memrchr(b'\n', &block) {
                start = low + newline as u64 + 1;
                before.push(block.split_off(newline + 1));
                break;
            }
            before.push(block);
            (start, step) = (low, step * 2);
        }
        let mut bytes: Vec<u8> = before.into_iter().rev().flatten().collect();
        let mut end = hit;
        let mut block = vec![0; 4 << 10];
        while end - start <= limit {
            let read = self.file.read_at(&mut block, end).map_err(|error| self.failed(&error))?;
            let length = memchr(b'\n', &block[..read]);
            bytes.extend_from_slice(&block[..length.unwrap_or(read)]);
            end += read as u64;
            if length.is_some() || read == 0 {
                break;
            }
        }
        Ok(Line { start, bytes })
    }
}

/// Searches the bytes from `low` up to `high`, and what of a token that begins there lies behind, for the last hit of
/// each of `tokens` that has none yet.
fn search(
    file: &File,
    (low, high, end): (u64, u64, u64),
    tokens: &[Finder<'static>],
    hits: &mut [Option<u64>],
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    let overlap = tokens.iter().map(|token| token.needle().len()).max().unwrap_or(1) as u64 - 1;
    let length = usize::try_from((high + overlap).min(end) - low).unwrap_or(0);
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
    file.read_exact_at(&mut buffer[..length], low)?;
    for (token, hit) in tokens.iter().zip(hits) {
        if hit.is_some() {
            continue;
        }
        let mut at = 0;
        while let Some(step) = token.find(&buffer[at..length]) {
            *hit = Some(low + (at + step) as u64);
            // A line further at once: many hits in one line are one.
            at += step + 1;
            at += memchr(b'\n', &buffer[at..length]).unwrap_or(0);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::selection::finder;
    use std::io::Write;

    #[test]
    fn hits_at_every_place_are_found() {
        let path = std::env::temp_dir().join(format!("kv-extract-tail-{}", std::process::id()));
        let mut file = File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let size = FAR + 3 * BLOCK + 17;
        let filler = vec![b'.'; size as usize];
        file.write_all(&filler).unwrap();
        let tokens = [finder("TOKEN"), finder("OTHER"), finder("absent")];
        let near = [0, FIRST, FIRST + BLOCK, FAR, FAR + BLOCK, size - 5];
        let places = near.iter().flat_map(|&place| (0..7).map(move |step| (place + step).saturating_sub(6)));
        for from_end in places.filter(|place| *place <= size - 5) {
            let place = size - 5 - from_end;
            file.write_all_at(b"TOKEN", place).unwrap();
            for threads in ["1", "3"].map(|count| Threads::parse(count).unwrap()) {
                let mut tail = Tail {
                    file: &file,
                    name: "x",
                    limit: 1 << 20,
                    threads,
                    buffer: Vec::new(),
                    may_hide: AtomicBool::new(false),
                };
                assert_eq!(tail.last_hits(size, &tokens).unwrap(), [Some(place), None, None], "{from_end}");
            }
            file.write_all_at(b".....", place).unwrap();
        }
    }
}
