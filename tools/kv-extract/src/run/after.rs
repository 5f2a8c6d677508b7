//! `--after-last TEXT` in blocks: which lines of each are behind the last line so far that holds the text.
//!
//! Owns whether there was such a line. What was written before another one is taken back by whoever writes.

use memchr::memmem::Finder;
use memchr::{memchr, memrchr};

use crate::input::block::Block;
use crate::input::placer::{Part, What};
use crate::run::Edge;

/// The text, and whether a line held it.
pub struct After {
    text: Finder<'static>,
    /// Whether a line held it.
    pub inside: bool,
    /// Lines with more bytes are no units.
    limit: usize,
    /// Whether a line may be a seal, which is no unit.
    reads_records: bool,
}

impl After {
    /// For lines of at most `limit` bytes; `reads_records` where some of them may be seals.
    pub fn new(text: Finder<'static>, inside: bool, limit: usize, reads_records: bool) -> After {
        After { text, inside, limit, reads_records }
    }

    /// Where a unit lies.
    pub fn edge(&mut self, unit: &[u8]) -> Edge {
        if self.text.find(unit).is_some() {
            self.inside = true;
            return Edge::Here;
        }
        if self.inside { Edge::Inside } else { Edge::Before }
    }

    /// The parts of a block: each line that holds the text, and what is behind the first of all of them.
    pub fn cut(&mut self, block: &Block, parts: &mut Vec<Part>) {
        parts.clear();
        let lines = block.lines();
        let (mut from, mut at) = (0, 0);
        let part = |from: usize, to: usize, what| Part { range: block.start + from..block.start + to, what };
        while let Some(step) = lines.get(at..).and_then(|rest| self.text.find(rest)) {
            let hit = at + step;
            let start = lines.get(..hit).and_then(|before| memrchr(b'\n', before)).map_or(0, |newline| newline + 1);
            let newline = lines.get(hit..).and_then(|rest| memchr(b'\n', rest)).map_or(lines.len(), |step| hit + step);
            at = newline + 1;
            let line = lines.get(start..newline).unwrap_or_default();
            let unit = line.strip_suffix(b"\r").unwrap_or(line);
            let is_unit = line.len() <= self.limit && !(self.reads_records && filter::begins_as_seal(unit));
            if !is_unit || self.text.find(unit).is_none() {
                continue;
            }
            if self.inside && from < start {
                parts.push(part(from, start, What::Inside));
            }
            self.inside = true;
            parts.push(part(start, at.min(lines.len()), What::Again));
            from = at;
        }
        if self.inside && from < lines.len() {
            parts.push(part(from, lines.len(), What::Inside));
        }
    }
}
