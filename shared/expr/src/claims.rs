//! What an evidence document says of itself: which paths are declared, and which nobody can tell.
//!
//! Owns which entries a path, or a path with wildcards, falls under. Refuses to read values, but to see what is there.

use std::collections::BTreeSet;

use schema::{Code, Evidence, Value};

use crate::path::covers;
use crate::{Match, Path, Reading};

/// What an evidence document says of itself, ready to be asked: what is declared, what is unknown, its sources.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    declared: Vec<String>,
    unknown: Vec<(Path, Code)>,
    sources: Vec<String>,
    /// `@evidence` is there and not understood: nothing of the record can be told.
    broken: bool,
}

impl Claims {
    /// What `record` says under `@evidence`.
    pub fn of(record: &Value<'_>) -> Claims {
        let Some(value) = record.get("@evidence") else { return Claims::default() };
        let Some(evidence) = Evidence::from_value(value) else {
            return Claims { broken: true, ..Claims::default() };
        };
        // A path that does not parse is compared as it stands: it can only make more unknown, not less.
        let path = |text: &str| Path::parse(text).ok().or_else(|| Path::from_keys([text]));
        Claims {
            declared: evidence.declared.iter().filter_map(|text| Some(path(text)?.dotted().to_owned())).collect(),
            unknown: evidence.unknown.iter().filter_map(|entry| Some((path(&entry.path)?, entry.code))).collect(),
            sources: evidence.sources.into_iter().map(|source| source.name).filter(|name| !name.is_empty()).collect(),
            broken: false,
        }
    }

    /// Whether the document says nothing of itself.
    pub(crate) fn is_empty(&self) -> bool {
        self.declared.is_empty() && self.unknown.is_empty() && self.sources.is_empty() && !self.broken
    }

    /// Why nothing can be told at `path`, where the document says so.
    pub fn unknown(&self, path: &Path) -> Option<Code> {
        if self.broken {
            return Some(Code::Malformed);
        }
        self.unknown.iter().find(|(above, _)| covers(above.dotted(), path.dotted())).map(|(_, code)| *code)
    }

    /// Why a list or an object at `path` cannot be told as a whole: because of something in it.
    pub(crate) fn unknown_within(&self, path: &Path) -> Option<Code> {
        self.unknown.iter().find(|(below, _)| covers(path.dotted(), below.dotted())).map(|(_, code)| *code)
    }

    /// The paths that cannot be told and lie where the wildcards of `pattern` match, or above: with the code, and what
    /// the wildcards stand for there. What `record` holds there need not be, since none of it can be told.
    fn unknown_among<'c>(
        &'c self,
        pattern: &'c Path,
        record: &'c Value<'c>,
    ) -> impl Iterator<Item = (&'c Path, Code, Vec<Vec<String>>)> {
        self.unknown.iter().filter_map(move |(place, code)| {
            let captured = pattern.meets(place)?;
            let below = pattern.fill(&captured).is_none_or(|path| path.dotted() != place.dotted());
            // A number has nothing below it.
            let scalar =
                |reading| matches!(reading, Reading::Found(Value::Number(_) | Value::Text(_) | Value::Bool(_)));
            (!below || !scalar(place.read(record))).then_some((place, *code, captured))
        })
    }

    /// What the wildcards of `pattern` stand for where something cannot be told that none of `matches` asks for.
    pub(crate) fn unmatched(
        &self,
        pattern: &Path,
        record: &Value<'_>,
        matches: &[Match<'_, '_>],
    ) -> Vec<Vec<Vec<String>>> {
        let mut there = None;
        let mut found = BTreeSet::new();
        let mut unmatched = Vec::new();
        for (place, _, captured) in self.unknown_among(pattern, record) {
            let there: &BTreeSet<&str> =
                there.get_or_insert_with(|| matches.iter().map(|found| found.path.dotted()).collect());
            let asked = there.range(place.dotted()..).next().is_some_and(|path| covers(place.dotted(), path))
                || there
                    .range(&*format!("{}.", place.dotted())..)
                    .next()
                    .is_some_and(|path| covers(place.dotted(), path));
            if !asked && found.insert(captured.clone()) {
                unmatched.push(captured);
            }
        }
        unmatched
    }

    /// Why nobody can tell how many `matches` the wildcards of `pattern` have.
    pub(crate) fn uncounted(
        &self,
        pattern: &Path,
        record: &Value<'_>,
        matches: &[Match<'_, '_>],
        measured: bool,
    ) -> Option<Code> {
        if self.broken {
            return Some(Code::Malformed);
        }
        if let Some((_, code, _)) = self.unknown_among(pattern, record).next() {
            return Some(code);
        }
        let declared = |path: &Path| self.is_declared(path) || self.is_declared_within(path);
        if measured && matches.iter().any(|found| declared(&found.path)) {
            return Some(Code::Declared);
        }
        matches.iter().any(|found| found.reading == Reading::Ambiguous).then_some(Code::Ambiguous)
    }

    /// Whether something in a list or an object at `path` was declared.
    pub(crate) fn is_declared_within(&self, path: &Path) -> bool {
        self.declared.iter().any(|below| covers(path.dotted(), below))
    }

    /// Whether what stands at `path` was declared, not observed.
    pub fn is_declared(&self, path: &Path) -> bool {
        self.declared.iter().any(|above| covers(above, path.dotted()))
    }

    /// The name of the source that `path` came from, where it stands under one.
    pub fn source(&self, path: &Path) -> Option<&str> {
        let below = self.sources.iter().filter(|name| covers(name, path.dotted()));
        below.max_by_key(|name| name.len()).map(String::as_str)
    }
}
