//! What an evidence document says of itself: which paths are declared, and which nobody can tell.
//!
//! Owns which entries a path, or a path with wildcards, falls under. Refuses to read values, but to see what is there.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use schema::{Code, Evidence, Number, Unknown, Value};

use crate::evaluate::{self, Datum};
use crate::interval::Interval;
use crate::path::covers;
use crate::{Decimal, Match, Path, Quantity, Reading};

/// One path that cannot be told, and why.
#[derive(Clone, Debug)]
pub struct Doubt {
    path: Path,
    /// Why.
    pub code: Code,
    /// The facts, in words; may be empty.
    pub detail: String,
    low: Option<Number<'static>>,
    high: Option<Number<'static>>,
}

impl Doubt {
    fn of(entry: Unknown) -> Option<Doubt> {
        Some(Doubt {
            path: path(&entry.path)?,
            code: entry.code,
            detail: entry.detail,
            low: entry.low,
            high: entry.high,
        })
    }

    /// What is known of the value all the same.
    pub(crate) fn datum<'r>(&self, path: &Path, reading: Reading<'_, '_>) -> Datum<'r> {
        if self.path.dotted() != path.dotted() {
            return Datum::Unknown(self.code);
        }
        let quantity = |number: &Number<'_>| Decimal::from_number(number).map(Quantity::new);
        let (low, high) = (self.low.as_ref().and_then(quantity), self.high.as_ref().and_then(quantity));
        let shown = match reading {
            Reading::Found(Value::Number(number)) => quantity(number),
            _ => None,
        };
        evaluate::limited(Interval { low, high, code: self.code, shown })
    }
}

/// A path that does not parse is compared as it stands: it can only make more unknown, not less.
fn path(text: &str) -> Option<Path> {
    Path::parse(text).ok().or_else(|| Path::from_keys([text]))
}

/// What an evidence document says of itself, ready to be asked: what is declared, what is unknown, its sources.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    declared: Vec<String>,
    unknown: Vec<Doubt>,
    /// The places in `unknown` by dotted text, the first of each.
    places: BTreeMap<String, usize>,
    sources: Vec<String>,
    /// `@evidence` is there and not understood: nothing of the record can be told.
    broken: Option<Doubt>,
}

impl Claims {
    /// What `record` says under `@evidence`.
    pub fn of(record: &Value<'_>) -> Claims {
        let Some(value) = record.get("@evidence") else { return Claims::default() };
        let Some(evidence) = Evidence::from_value(value) else {
            let nothing = Doubt::of(Unknown::new("@evidence", Code::Malformed, ""));
            return Claims { broken: nothing, ..Claims::default() };
        };
        let mut unknown: Vec<Doubt> = evidence.unknown.into_iter().filter_map(Doubt::of).collect();
        let mut places = BTreeMap::new();
        let mut doubled = Vec::new();
        for (place, doubt) in unknown.iter().enumerate() {
            match places.entry(doubt.path.dotted().to_owned()) {
                Entry::Vacant(entry) => {
                    entry.insert(place);
                }
                // Limits that two entries give were each found without the other.
                Entry::Occupied(entry) => doubled.extend([*entry.get(), place]),
            }
        }
        for place in doubled {
            if let Some(doubt) = unknown.get_mut(place) {
                (doubt.low, doubt.high) = (None, None);
            }
        }
        Claims {
            unknown,
            places,
            declared: evidence.declared.iter().filter_map(|text| Some(path(text)?.dotted().to_owned())).collect(),
            sources: evidence.sources.into_iter().map(|source| source.name).filter(|name| !name.is_empty()).collect(),
            broken: None,
        }
    }

    /// Whether the document says nothing of itself.
    pub(crate) fn is_empty(&self) -> bool {
        self.declared.is_empty() && self.unknown.is_empty() && self.sources.is_empty() && self.broken.is_none()
    }

    /// Why nothing can be told at `path`, where the document says so.
    pub fn unknown(&self, path: &Path) -> Option<Code> {
        self.doubt(path).map(|doubt| doubt.code)
    }

    /// What is said of `path`, or of what it stands in.
    pub fn doubt(&self, path: &Path) -> Option<&Doubt> {
        if self.broken.is_some() || self.unknown.is_empty() {
            return self.broken.as_ref();
        }
        let dotted = path.dotted();
        let above = dotted.match_indices('.').filter_map(|(end, _)| dotted.get(..end));
        let place = above.chain([dotted]).find_map(|text| self.places.get(text))?;
        self.unknown.get(*place)
    }

    /// Why a list or an object at `path` cannot be told as a whole: because of something in it.
    pub(crate) fn unknown_within(&self, path: &Path) -> Option<Code> {
        let below = self.places.range(path.dotted().to_owned()..).next();
        let inside = format!("{}.", path.dotted());
        let further = || self.places.range(inside.clone()..).next();
        let is_within = |(below, _): &(&String, &usize)| covers(path.dotted(), below);
        let (_, place) = below.filter(is_within).or_else(|| further().filter(is_within))?;
        self.unknown.get(*place).map(|doubt| doubt.code)
    }

    /// The paths that cannot be told and lie where the wildcards of `pattern` match, or above: with the code, and what
    /// the wildcards stand for there. What `record` holds there need not be, since none of it can be told.
    fn unknown_among<'c>(
        &'c self,
        pattern: &'c Path,
        record: &'c Value<'c>,
    ) -> impl Iterator<Item = (&'c Path, Code, Vec<Vec<String>>)> {
        self.unknown.iter().filter_map(move |doubt| {
            let Doubt { path: place, code, .. } = doubt;
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
        if self.broken.is_some() {
            return Some(Code::Malformed);
        }
        // What has limits is there.
        let mut absent = self.unknown_among(pattern, record).filter(|(place, ..)| !self.is_limited(place));
        if let Some((_, code, _)) = absent.next() {
            return Some(code);
        }
        let declared = |path: &Path| self.is_declared(path) || self.is_declared_within(path);
        if measured && matches.iter().any(|found| declared(&found.path)) {
            return Some(Code::Declared);
        }
        matches.iter().any(|found| found.reading == Reading::Ambiguous).then_some(Code::Ambiguous)
    }

    fn is_limited(&self, place: &Path) -> bool {
        self.doubt(place).is_some_and(|doubt| doubt.path == *place && (doubt.low.is_some() || doubt.high.is_some()))
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
