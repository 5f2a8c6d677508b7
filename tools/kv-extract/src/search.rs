//! The lines that hold one text, found in the same pass that counts lines.
//!
//! Owns where such a line begins and ends, block by block; refuses to look at anything else in it.

use std::ops::Range;

use memchr::arch::all::packedpair::Pair;
use memchr::memmem::Finder;
use memchr::{memchr, memchr_iter, memrchr};

use crate::machine::{Choice, Machine, Work, run};
use crate::scanner::MARGIN;

/// How many bytes are searched at once: they stay in the nearest cache.
const STRETCH: usize = 16 << 10;
/// From so many bytes of the text two are chosen that are rare.
const CHOSEN_OF: usize = MARGIN - 64;

/// Searches one block after the other.
#[derive(Debug)]
pub struct Search {
    finder: Finder<'static>,
    choice: Choice,
    /// Two bytes of the text that are rare in logs: where the first stands in it, how far behind that the second does, and
    /// what they are.
    rare: (usize, usize, [u8; 2]),
    /// What was searched last of the block at hand.
    stretch: Range<usize>,
    /// Where its newlines are, a bit for each byte, behind 64 of which nothing is known.
    newlines: Vec<u64>,
    /// Where the first rare byte of the text may be in it: so many of these.
    places: Vec<u32>,
    found: usize,
    /// How many of them were looked at.
    looked_at: usize,
    /// How many newlines were counted.
    lines: u64,
}

/// One stretch.
struct Stretch<'a> {
    search: &'a mut Search,
    bytes: &'a [u8],
}

impl Search {
    /// Searches for the text of `finder`, which must be neither empty nor have a newline.
    pub fn new(finder: Finder<'static>, choice: Choice) -> Search {
        let text = finder.needle();
        let pair = Pair::new(text.get(..CHOSEN_OF).unwrap_or(text));
        let mut pair = pair.map_or([0, 0], |pair| [pair.index1(), pair.index2()].map(usize::from));
        pair.sort_unstable();
        let rare = (pair[0], pair[1] - pair[0], pair.map(|at| text.get(at).copied().unwrap_or_default()));
        let (newlines, places) = (vec![0; STRETCH / 64 + 1], vec![0; STRETCH]);
        Search { finder, choice, rare, stretch: 0..0, newlines, places, found: 0, looked_at: 0, lines: 0 }
    }

    /// Begins with a block whose lines begin at `start`.
    pub fn begin(&mut self, start: usize) {
        self.stretch = start..start;
        (self.found, self.looked_at, self.lines) = (0, 0, 0);
    }

    /// How many lines the block has, once there is no further one that holds the text.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The first line of `bytes[at..end]` that holds the text, its newline included. A line begins at `at`; nothing
    /// before it is asked for any more. [`MARGIN`] bytes must stand behind `end`.
    pub fn next(&mut self, bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
        loop {
            while let Some(&place) = self.places.get(self.looked_at..self.found).and_then(|places| places.first()) {
                self.looked_at += 1;
                let place = place as usize;
                let hit = (self.stretch.start + place).wrapping_sub(self.rare.0);
                if (at..end).contains(&hit) && bytes.get(hit..end)?.starts_with(self.finder.needle()) {
                    return Some(self.line_start(bytes, at, place)..self.line_end(bytes, place, end));
                }
            }
            if self.stretch.end >= end {
                return None;
            }
            // All but the first begin where memory is aligned.
            let start = self.stretch.end;
            let odd = bytes.get(start..).map_or(0, |rest| (64 - rest.as_ptr().align_offset(64) % 64) % 64);
            self.stretch = start..end.min(start + STRETCH - odd);
            (self.found, self.looked_at) = (0, 0);
            if self.choice.is_fast() {
                run(self.choice, Stretch { search: self, bytes });
            } else {
                self.plainly(bytes, end);
            }
        }
    }

    /// Looks through a stretch by what the library has.
    fn plainly(&mut self, bytes: &[u8], end: usize) {
        let Range { start, end: to } = self.stretch.clone();
        self.newlines.fill(0);
        for at in memchr_iter(b'\n', bytes.get(start..to).unwrap_or_default()) {
            self.newlines[1 + at / 64] |= 1 << (at % 64);
            self.lines += 1;
        }
        let (ahead, length) = (self.rare.0, self.finder.needle().len());
        let looked_at = start - ahead.min(start)..end.min(to + length);
        for hit in self.finder.find_iter(bytes.get(looked_at.clone()).unwrap_or_default()) {
            let place = looked_at.start + hit + ahead;
            if let (true, Some(free)) = (self.stretch.contains(&place), self.places.get_mut(self.found)) {
                *free = (place - start) as u32;
                self.found += 1;
            }
        }
    }

    /// Where the line begins that `place` of this stretch is in; not before `at`, where one does.
    #[inline]
    fn line_start(&self, bytes: &[u8], at: usize, place: usize) -> usize {
        let (word, bit, whole) = (place / 64, place % 64, self.stretch.start + place);
        // The 64 bytes before it, the last one highest.
        let before = self.newlines[word + 1] << (63 - bit) << 1 | self.newlines[word] >> bit;
        match before {
            0 => memrchr(b'\n', &bytes[at..whole]).map_or(at, |step| at + step + 1),
            _ => whole - before.leading_zeros() as usize,
        }
    }

    /// Behind the newline of the line that `place` of this stretch is in.
    #[inline]
    fn line_end(&self, bytes: &[u8], place: usize, end: usize) -> usize {
        let words = self.stretch.len().div_ceil(64);
        let mut word = place / 64;
        let mut found = self.newlines[1 + word] >> (place % 64) << (place % 64);
        while found == 0 && word + 1 < words {
            word += 1;
            found = self.newlines[1 + word];
        }
        match found {
            // It ends in another stretch.
            0 => memchr(b'\n', &bytes[self.stretch.end..end]).map_or(end, |step| self.stretch.end + step + 1),
            _ => self.stretch.start + 64 * word + found.trailing_zeros() as usize + 1,
        }
    }
}

impl Work for Stretch<'_> {
    #[inline(always)]
    fn run<M: Machine>(self) {
        let Search { rare: (_, apart, rare), ref stretch, .. } = *self.search;
        let from = |at: usize| self.bytes.get(at..).unwrap_or_default();
        let (here, ahead) = (from(stretch.start).as_chunks().0, from(stretch.start + apart).as_chunks().0);
        let (newlines, places) = (self.search.newlines.get_mut(1..).unwrap_or_default(), &mut self.search.places);
        let (mut found, mut lines) = (0_usize, 0_u64);
        let words = stretch.len().div_ceil(64);
        for (index, word) in newlines.iter_mut().enumerate().take(words) {
            let (Some(here), Some(ahead)) = (here.get(index), ahead.get(index)) else { break };
            *word = M::newlines(here);
            lines = lines.wrapping_add(u64::from(word.count_ones()));
            let mut both = M::both((here, rare[0]), (ahead, rare[1]));
            while both != 0 {
                if let Some(place) = places.get_mut(found) {
                    *place = (index as u32).wrapping_mul(64).wrapping_add(both.trailing_zeros());
                    found = found.wrapping_add(1);
                }
                both &= both.wrapping_sub(1);
            }
        }
        // Behind the last line there may be more.
        if let Some(last) = newlines.get_mut(words.wrapping_sub(1)) {
            let within = *last << (words * 64 - stretch.len()) >> (words * 64 - stretch.len());
            lines -= u64::from((*last ^ within).count_ones());
            *last = within;
        }
        self.search.found = found;
        self.search.lines += lines;
    }
}
