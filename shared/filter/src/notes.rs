//! Messages on standard error: `tool: place: reason`, the first five of a kind and then a count.
//!
//! Owns what is said and how often; a standard error that cannot be written to is nobody's failure.

use std::fmt::Display;
use std::io::Write;

/// How many messages of a kind are printed in full.
const SHOWN: u64 = 5;

/// The messages of one run.
#[derive(Debug, Default)]
pub struct Notes {
    tool: &'static str,
    quiet: bool,
    kinds: Vec<(&'static str, u64)>,
}

impl Notes {
    /// No messages yet.
    pub fn new(tool: &'static str, quiet: bool) -> Self {
        Notes { tool, quiet, kinds: Vec::new() }
    }

    /// Says one message of `kind`, if it is among the first five of its kind.
    pub fn say(&mut self, kind: &'static str, place: impl Display, reason: impl Display) {
        let count = match self.kinds.iter_mut().find(|(name, _)| *name == kind) {
            Some((_, count)) => count,
            None => {
                self.kinds.push((kind, 0));
                let Some((_, count)) = self.kinds.last_mut() else { return };
                count
            }
        };
        *count += 1;
        if *count <= SHOWN && !self.quiet {
            print(format_args!("{}: {place}: {reason}", self.tool));
        }
    }

    /// At the end: how many of each kind were not printed.
    pub fn finish(&mut self) {
        for (kind, count) in self.kinds.drain(..) {
            if count > SHOWN && !self.quiet {
                print(format_args!("{}: {kind}: {} more like these", self.tool, count - SHOWN));
            }
        }
    }
}

/// One line on standard error, in one write; where that is closed there is nobody to tell.
pub fn print(line: impl Display) {
    crate::terminal::clear();
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}
