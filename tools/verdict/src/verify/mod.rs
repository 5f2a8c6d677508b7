//! A verdict read back: everything in it that follows from the rest is made again and held against it.
//!
//! Owns what *holds* means: the same figures, the same statuses, the same words where this version wrote them, nothing
//! left out. [`checks`] and [`runs`] make the checks again, [`sums`] what was summed up from them, [`fields`] looks for what is gone
//! or odd, [`names`] for names that no record has, [`sources`] at the files it was made of.

pub mod checks;
pub mod fields;
pub mod finding;
pub mod names;
pub mod runs;
pub mod sources;
pub mod sums;

use schema::{Check, Code, Status, Verdict};

use crate::groups::Groups;
use crate::verify::checks::Terms;
use crate::verify::finding::{SOURCES, SUMS, of};
use crate::verify::sources::{Named, State};
use crate::verify::sums::Figures;

/// The version of the tools that are built together.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What verifying `document` found, as groups of checks: those that hold pass. `fields` is what was found of its text.
pub fn judge(
    document: &Verdict<'static>,
    figures: &Figures,
    fields: Check<'static>,
    files: &[(Named, State)],
    documents: &[(String, Verdict<'static>)],
) -> Groups {
    let mut found = Groups::default();
    let words = is_ours(document);
    let terms = Terms { words, gaps: document.skipped > 0 };
    let over_runs = runs::again(document);
    for group in &document.groups {
        let checks = checks::again(group, terms, &over_runs);
        // What says only that something was missing then can neither hold nor fail now.
        if checks.iter().any(|check| check.status != Status::Skip) {
            found.get_or_add(&group.id).checks = checks;
        }
    }
    let sums = &mut found.get_or_add(SUMS).checks;
    *sums = sums::judge(document, figures, words);
    sums.extend(names::judge(document));
    sums.push(fields);
    for (file, state) in files {
        let (status, code, words) = match state {
            State::Same => (Status::Pass, None, String::new()),
            State::Changed(how) => (Status::Fail, None, format!("{}: {how}", Code::SourceChanged)),
            State::Gone(why) => (Status::Inconclusive, Some(Code::SourceGone), format!("{}: {why}", Code::SourceGone)),
        };
        found.get_or_add(SOURCES).checks.push(of(&file.path, SOURCES, status, code, &words));
    }
    for (path, inner) in documents {
        found.get_or_add(SOURCES).checks.extend(sums::inner(document, path, inner));
    }
    found
}

/// Whether tools of this version made its checks, so that they would use the same words today.
pub fn is_ours(document: &Verdict<'static>) -> bool {
    let mut judges = document.seals.iter().filter(|seal| seal.tool == "check-threshold").peekable();
    judges.peek().is_some() && judges.all(|seal| seal.version == VERSION && seal.schema == schema::SCHEMA_VERSION)
}
