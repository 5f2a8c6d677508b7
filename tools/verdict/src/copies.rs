//! Documents that are one and the same under two names: a copy of another job's document says nothing of this job.
//!
//! Owns what makes two documents one: the same file, or the same checks of evidence that their seals name. Refuses to call
//! alike what may be so by chance: two jobs that found the same few figures.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;

use schema::{Verdict, json};

/// The documents that were read.
#[derive(Debug, Default)]
pub struct Copies {
    allowed: bool,
    /// Which document a file was, by its place on the disk.
    files: HashMap<(u64, u64), String>,
    /// The file that documents come from now: several in one are several.
    file: String,
    /// Which document had such checks and seals.
    sealed: HashMap<Vec<u8>, String>,
}

impl Copies {
    /// None; `allowed`: copies count (`--allow-equal`).
    pub fn new(allowed: bool) -> Copies {
        Copies { allowed, ..Copies::default() }
    }

    /// Why a document, the one called `name`, is that of another; `None` where it is its own.
    pub fn of(&mut self, document: &Verdict<'_>, file: &str, name: &str) -> Option<String> {
        if self.allowed {
            return None;
        }
        let is_next = self.file != file;
        self.file = file.to_owned();
        let place = std::fs::metadata(file).ok().filter(|status| is_next && status.is_file());
        let again = place.and_then(|status| self.files.insert((status.dev(), status.ino()), name.to_owned()));
        if let Some(other) = again {
            return Some(format!("it is the file of {other}"));
        }
        if !document.seals.iter().any(schema::Seal::tells_copies) {
            return None;
        }
        let mut text = Vec::new();
        json::write_struct(&(&document.groups, &document.seals), &mut text).ok()?;
        let other = self.sealed.insert(text, name.to_owned())?;
        Some(format!("it has the checks and the seals of {other}: --allow-equal where both count"))
    }
}
