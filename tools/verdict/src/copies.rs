//! Documents that are one and the same under two names: a copy of another job's document says nothing of this job.
//!
//! Owns what makes two documents one: the same file, or the same checks of evidence that their seals, or the evidence itself,
//! name by digests. Refuses to call alike what may be so by chance: two jobs that found the same few figures.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;

use schema::{Check, Verdict, json};

use crate::groups;

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
    /// Which document had such checks of such evidence.
    named: HashMap<Vec<u8>, String>,
}

impl Copies {
    /// None; `allowed`: copies count (`--allow-equal`).
    pub fn new(allowed: bool) -> Copies {
        Copies { allowed, ..Copies::default() }
    }

    /// Why a document, the one called `name`, is that of another; `None` where it is its own.
    pub fn of(&mut self, document: &Verdict<'static>, file: &str, name: &str) -> Option<String> {
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
        let mut found = None;
        if document.seals.iter().any(schema::Seal::tells_copies) {
            let mut text = Vec::new();
            json::write_struct(&(&document.groups, &document.seals), &mut text).ok()?;
            found = self.sealed.insert(text, name.to_owned()).map(|other| ("seals", other));
        }
        if let Some(text) = evidence(document) {
            let other = self.named.insert(text, name.to_owned()).map(|other| ("evidence", other));
            found = found.or(other);
        }
        found
            .map(|(what, other)| format!("it has the checks and the {what} of {other}: --allow-equal where both count"))
    }
}

/// The checks of a document and the evidence they were made from, under whatever names of groups; `None` where that does not
/// name what it was made from.
fn evidence(document: &Verdict<'static>) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    for group in &document.groups {
        let records = groups::records(group);
        if records.is_empty() || !records.into_iter().all(expr::tells_copies) {
            return None;
        }
        for check in &group.checks {
            let check = Check { scope: String::new(), ..check.clone() };
            json::write_struct(&check, &mut text).ok()?;
        }
        json::write(&group.evidence, &mut text);
    }
    (!text.is_empty()).then_some(text)
}
