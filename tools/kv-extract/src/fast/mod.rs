//! The fast scanner: many lines at once by bit masks, JSON written straight out.
//!
//! Owns the plain case (unquoted and double-quoted values, keys of ASCII); every line with anything else in it is left
//! to the plain scanner, whose records are these byte for byte: the tests hold one against the other.

mod asked;
pub mod braces;
pub mod buffer;
mod collect;
pub mod columns;
pub mod cpu;
pub mod fields;
pub mod find;
mod json;
pub mod key_cache;
mod kinds;
pub mod lines;
pub mod masks;
#[cfg(test)]
pub mod oracle;
pub mod predict;
mod stretch;
pub mod value;
pub mod walk;
pub mod wishes;

use std::ops::Range;

use crate::grammar::auto::Sorter;
use buffer::Output;
use cpu::{Choice, run};
use lines::{Counted, Line, Lines, Memory};
use predict::Follow;
use walk::Walk;

/// How many batches are looked through sign by sign before keys are guessed again.
const UNGUESSED: u32 = 64;

/// Whether the next key is guessed, or every sign looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guessing {
    /// As long as guesses are mostly right; now and then it is tried again. Holds how many batches to go until then.
    Adaptive(u32),
    /// In all lines.
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests force it"))]
    Always,
    /// In none.
    Never,
}

/// Buffers, used again every time.
#[derive(Debug)]
pub struct Scanner {
    /// What both ways use.
    pub memory: Memory,
    guessing: Guessing,
}

impl Scanner {
    /// A scanner that knows no key yet.
    pub fn new(guessing: Guessing) -> Scanner {
        Scanner { memory: Memory::default(), guessing }
    }

    /// Appends the records of the whole lines in these ranges of `bytes`: the last byte of each is a newline, as is the
    /// one before it, and all of them together have at most [`lines::STRETCH`] bytes. [`masks::MARGIN`] bytes must stand before and
    /// behind; `plain` is called with the start and end of a line that is not for this scanner, and appends its record
    /// and newline, if it has one.
    ///
    /// With a `sorter`, as `-f auto` has one, `plain` is called too for each line that does not begin as prose, and is told
    /// so; `None`, with nothing done, where lines may be something else however they begin.
    pub fn lines(
        &mut self,
        choice: Choice,
        bytes: &[u8],
        ranges: &[Range<usize>],
        sorter: Option<&Sorter>,
        output: &mut Output,
        plain: impl FnMut(usize, usize, bool, &mut Output) -> bool,
    ) -> Option<Counted> {
        self.memory.keys.make_room();
        // A common pair is written with three bytes more than it has; where there is no room after all, its line is
        // left to the plain scanner.
        output.reserve(4 * ranges.iter().map(Range::len).sum::<usize>());
        if let Guessing::Adaptive(batches @ 1..) = &mut self.guessing {
            *batches -= 1;
        }
        let walks = matches!(self.guessing, Guessing::Adaptive(1..) | Guessing::Never);
        let before = self.memory.tally.pairs;
        let (line, counted) = (Line::default(), Counted::default());
        let (mut done, mut guessed) = (None, 0);
        let lines = Lines { memory: &mut self.memory, bytes, ranges, output, plain, line, counted, sorter };
        if walks {
            run(choice, Walk { lines, done: &mut done });
        } else {
            run(choice, Follow { lines, done: &mut done, guessed: &mut guessed });
        }
        if let (false, Guessing::Adaptive(batches)) = (walks, &mut self.guessing) {
            *batches = if 2 * guessed >= self.memory.tally.pairs - before { 0 } else { UNGUESSED };
        }
        if !self.memory.units.is_empty() {
            self.memory.count_units(bytes);
        }
        done
    }
}
