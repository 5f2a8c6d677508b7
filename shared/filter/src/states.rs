//! States of parts, which several tools write and merge: who read what, which rows there must be, and their digests.
//!
//! Owns what makes a row stand alone, so that a shuffle may do with rows what it likes and a merge still knows that all are
//! there, unchanged, and that no part counts twice. Refuses to know what a state holds.

mod expected; // --expect
mod rows; // which rows of which states have come
mod source; // who read what

pub use expected::{Expected, few};
pub use rows::Rows;
pub use source::{Listed, Source, digest, list_digest, row_digest, row_text};

use schema::Code;

use crate::{Error, Filter};

/// Checks that every source is of the time since what `text` gives: a time, how long ago, or when a file was last changed.
///
/// # Errors
/// A text that is none of them; `stale`, with the first five of the sources that are not.
pub fn all_new(flag: &str, text: &str, sources: &[Source], filter: &Filter) -> Result<(), Error> {
    let bound = filter.moment(flag, text)?;
    let now = filter.now();
    let old: Vec<String> = sources.iter().filter_map(|source| source.stale(bound, now)).collect();
    match old.is_empty() {
        true => Ok(()),
        false => Err(Error::data(flag, format!("{}: {}", Code::Stale, few(&old)))),
    }
}
