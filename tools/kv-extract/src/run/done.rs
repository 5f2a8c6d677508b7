//! What became of a block of lines: the records, what is to be told of single lines, and the counts.
//!
//! Owns how much of it is kept from block to block; refuses to say it: that is done in the order of the blocks.

use crate::fast::buffer::Output;
use crate::input::window::Settled;
use crate::record::tally::Tally;
use crate::record::units::passed::Passed;

/// How many messages of a block are kept; the rest is only counted.
const TOLD: usize = 8;
/// How much output memory is kept from block to block.
pub(super) const KEPT: usize = 2 << 20;

/// Something to be told of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The line in its block, from 0; a row may begin before it.
    pub line: u64,
    /// Its place, where it is more than its file and its line.
    pub place: Option<String>,
    /// Why; empty where it is only counted.
    pub reason: String,
}

/// What is to be told of lines whose time was not sure, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsure {
    /// So many records, whether they are written, and which line of the block has the first.
    Records {
        /// The line, from 0.
        line: u64,
        /// How many.
        count: u64,
        /// Whether they are written.
        written: bool,
    },
    /// What became of all so far.
    Settled(Settled),
}

/// What became of a block.
#[derive(Debug, Default)]
pub struct Done {
    /// The records.
    pub output: Output,
    /// Lines with a record.
    pub used: u64,
    /// Whether what came before these records is not asked for.
    pub again: bool,
    /// Lines read; of JSON records, those that are neither blank nor seals.
    pub lines: u64,
    /// All lines.
    pub newlines: u64,
    /// Lines that are not what they should be.
    pub rejected: Vec<Told>,
    /// How many lines they are, but for one each.
    pub more_rejected: u64,
    /// Lines for which `--where` cannot be told.
    pub unknown: Vec<Told>,
    /// Where the work stopped, since no line may be rejected.
    pub failed: Option<Told>,
    /// What is not sure of the time of some lines, and what is settled of it.
    pub unsure: Vec<Unsure>,
    /// What was seen.
    pub tally: Tally,
    /// The first key that appears twice in a line with different values.
    pub repeated: Option<String>,
    /// The keys of which units were passed over.
    pub passed: Passed,
}

impl Done {
    /// Empties it.
    pub fn clear(&mut self) {
        let mut output = std::mem::take(&mut self.output);
        output.clear();
        output.shrink(KEPT);
        let mut passed = std::mem::take(&mut self.passed);
        passed.clear();
        *self = Done { output, passed, ..Done::default() };
    }
}
/// Tells something of a line, written out only for the first few; nothing where there is no reason.
pub fn tell(list: &mut Vec<Told>, line: u64, reason: Option<&str>) {
    let Some(reason) = reason else { return };
    list.push(told_of(line, if list.len() < TOLD { reason.to_owned() } else { String::new() }));
}

/// This, told of a line.
pub fn told_of(line: u64, reason: String) -> Told {
    Told { line, place: None, reason }
}
