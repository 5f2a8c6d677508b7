//! What an evidence document says of itself: which paths are declared, and which nobody can tell.
//!
//! Owns which entries a path, or a path with wildcards, falls under. Refuses to read values, but to see what is there.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use schema::{Code, Evidence, Number, Unknown, Value};

use crate::evaluate::datum::{Datum, limited};
use crate::evaluate::interval::Interval;
use crate::record::path::covers;
use crate::{Decimal, Match, Path, Quantity, Reading, Step};

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
    fn of(entry: Unknown, path: Path) -> Doubt {
        let decimal = |number: &Option<Number<'_>>| number.as_ref().and_then(Decimal::from_number);
        let turned = decimal(&entry.low).zip(decimal(&entry.high)).is_some_and(|(low, high)| low > high);
        // Limits with nothing between them were written by a fault, and limit nothing.
        let (low, high) = if turned { (None, None) } else { (entry.low, entry.high) };
        Doubt { path, code: entry.code, detail: entry.detail, low, high }
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
        limited(Interval { low, high, code: self.code, shown })
    }
}

/// What a path that a record gives under `@evidence` speaks of. It may mean more than was meant, never less.
enum Reach {
    /// What stands there, and all below.
    At(Path),
    /// What stands where the wildcards begin: all that they could stand for, and perhaps more.
    Below(Path),
    /// The whole record.
    All,
}

impl Reach {
    fn of(text: &str, record: &Value<'_>) -> Reach {
        match Path::parse(text) {
            Ok(path) if path.has_wildcard() => {
                let named = |step: &Step| !matches!(step, Step::Any | Step::Deep);
                let before = path.steps().iter().take_while(|step| named(step)).cloned();
                Path::from_steps(before.collect()).map_or(Reach::All, Reach::Below)
            }
            Ok(path) => Reach::At(path),
            // A key that somebody wrote without the quotes that it needs.
            Err(_) if !text.is_empty() && record.get(text).is_some() => {
                Path::from_keys([text]).map_or(Reach::All, Reach::At)
            }
            Err(_) => Reach::All,
        }
    }
}

/// What an evidence document says of itself, ready to be asked: what is declared, what is unknown, its sources.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    declared: Vec<String>,
    unknown: Vec<Doubt>,
    /// The places in `unknown` by dotted text, the first of each.
    places: BTreeMap<String, usize>,
    sources: Vec<String>,
    /// Nothing of the record can be told: `@evidence` says so, or is not understood.
    all: Option<Doubt>,
    /// All of the record was declared.
    all_declared: bool,
}

impl Claims {
    /// What `record` says under `@evidence`.
    pub fn of(record: &Value<'_>) -> Claims {
        let Some(value) = record.get("@evidence") else { return Claims::default() };
        let mut claims = Claims::default();
        let Some(evidence) = Evidence::from_value(value) else {
            claims.doubt_all(Unknown::new("", Code::Malformed, ""));
            return claims;
        };
        let mut doubled = Vec::new();
        for entry in evidence.unknown {
            let (path, entry) = match Reach::of(&entry.path, record) {
                Reach::At(path) => (path, entry),
                Reach::Below(path) => (path, Unknown { low: None, high: None, ..entry }),
                Reach::All => {
                    claims.doubt_all(entry);
                    continue;
                }
            };
            let place = claims.unknown.len();
            match claims.places.entry(path.dotted().to_owned()) {
                Entry::Vacant(entry) => {
                    entry.insert(place);
                }
                // Limits that two entries give were each found without the other.
                Entry::Occupied(entry) => doubled.extend([*entry.get(), place]),
            }
            claims.unknown.push(Doubt::of(entry, path));
        }
        for place in doubled {
            if let Some(doubt) = claims.unknown.get_mut(place) {
                (doubt.low, doubt.high) = (None, None);
            }
        }
        for text in &evidence.declared {
            match Reach::of(text, record) {
                Reach::At(path) | Reach::Below(path) => claims.declared.push(path.dotted().to_owned()),
                Reach::All => claims.all_declared = true,
            }
        }
        let names = evidence.sources.into_iter().map(|source| source.name);
        claims.sources = names.filter(|name| !name.is_empty()).collect();
        claims
    }

    fn doubt_all(&mut self, entry: Unknown) {
        if let (None, Some(path)) = (&self.all, Path::from_keys(["@evidence"])) {
            self.all = Some(Doubt::of(Unknown { low: None, high: None, ..entry }, path));
        }
    }

    /// Whether the document says nothing of itself.
    pub(crate) fn is_empty(&self) -> bool {
        self.declared.is_empty()
            && self.unknown.is_empty()
            && self.sources.is_empty()
            && self.all.is_none()
            && !self.all_declared
    }

    /// Why nothing can be told at `path`, where the document says so.
    pub fn unknown(&self, path: &Path) -> Option<Code> {
        self.doubt(path).map(|doubt| doubt.code)
    }

    /// What is said of `path`, or of what it stands in.
    pub fn doubt(&self, path: &Path) -> Option<&Doubt> {
        if self.all.is_some() || self.unknown.is_empty() {
            return self.all.as_ref();
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
        if let Some(all) = &self.all {
            return Some(all.code);
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
        self.all_declared || self.declared.iter().any(|below| covers(path.dotted(), below))
    }

    /// Whether what stands at `path` was declared, not observed.
    pub fn is_declared(&self, path: &Path) -> bool {
        self.all_declared || self.declared.iter().any(|above| covers(above, path.dotted()))
    }

    /// Whether something that was declared may stand at, above or below `path`, or at one of its matches.
    pub fn may_be_declared(&self, path: &Path) -> bool {
        let any = self.all_declared || !self.declared.is_empty();
        any && (path.has_wildcard() || self.is_declared(path) || self.is_declared_within(path))
    }

    /// The name of the source that `path` came from, where it stands under one.
    pub fn source(&self, path: &Path) -> Option<&str> {
        let below = self.sources.iter().filter(|name| covers(name, path.dotted()));
        below.max_by_key(|name| name.len()).map(String::as_str)
    }
}
