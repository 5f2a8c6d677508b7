//! What can go wrong in a filter: one line, `place: reason`, and the exit status 2 (141 where the reader went away).
//!
//! Owns the wording's shape; refuses to print: `filter::main` alone does.

use std::fmt;
use std::io;

/// Why a filter could not do its work.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    place: String,
    reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Usage,
    Data,
    Io,
    ReaderGone,
}

impl Error {
    /// The command line asks for something that cannot be.
    pub fn usage(reason: impl Into<String>) -> Self {
        Error { kind: Kind::Usage, place: String::new(), reason: reason.into() }
    }

    /// The data at `place` (`run.log:17`) is not what it should be.
    pub fn data(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Error { kind: Kind::Data, place: place.into(), reason: reason.into() }
    }

    /// Reading or writing at `place` failed.
    pub fn io(place: impl Into<String>, error: &io::Error) -> Self {
        let reason = match error.raw_os_error() {
            // The system's own words, without Rust's "(os error 28)".
            Some(number) => {
                let text = io::Error::from_raw_os_error(number).to_string();
                text.rsplit_once(" (os error").map_or(text.clone(), |(words, _)| words.to_owned())
            }
            None => error.to_string(),
        };
        Error { kind: Kind::Io, place: place.into(), reason: lower_first(&reason) }
    }

    /// Whoever read our output went away: no message, status 141.
    pub(crate) fn reader_gone() -> Self {
        Error { kind: Kind::ReaderGone, place: String::new(), reason: String::new() }
    }

    /// Whether the reader of our output went away.
    pub fn is_reader_gone(&self) -> bool {
        self.kind == Kind::ReaderGone
    }

    /// Whether the command line was at fault, so that a look at `--help` may help.
    pub(crate) fn is_usage(&self) -> bool {
        self.kind == Kind::Usage
    }

    /// The reason alone, without the place.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The place alone; `""` for usage.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { f.write_str(&self.reason) } else { write!(f, "{}: {}", self.place, self.reason) }
    }
}

impl std::error::Error for Error {}

/// "No space left on device" reads as "no space left on device" after a colon; "I/O error" stays.
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}
