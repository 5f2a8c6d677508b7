//! What is read: files, standard input, commands; lines, rows and records of them.
//!
//! Owns where the input comes from and which of it is asked for; refuses to look for pairs.

pub mod backward;
pub mod block;
pub mod join;
pub mod minute;
pub mod order;
pub mod placer;
pub mod present;
pub mod range;
pub mod seals;
pub mod selection;
pub mod source;
pub mod unit;
pub mod window;

use std::path::PathBuf;

use memchr::memmem::Finder;

use join::Joins;
use source::Sources;

/// What is read, and from where on.
pub struct Input {
    /// The files as given.
    pub files: Vec<PathBuf>,
    /// Where lines come from.
    pub sources: Sources,
    /// Whether records come from files alone, whose seals can be checked.
    pub sealed_records: bool,
    /// Whether there are no commands.
    pub only_files: bool,
    /// How lines are joined to records.
    pub joins: Joins,
    /// Whether a place is kept for the next time.
    pub resumes: bool,
    /// `--after-last`
    pub after_last: Option<Finder<'static>>,
    /// Whether a line held that text.
    pub inside: bool,
}
