//! Rows of states as they come: each source once, every row of a state there.
//!
//! A state's sources are looked at once, however many rows it has, so that the work grows with the rows and the sources, not
//! with their product.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use schema::Value;

use super::{Expected, Source, few, list_digest, row_digest};
use crate::Error;

/// More rows than this no state has.
const ROWS_LIMIT: usize = 1 << 24;

/// The rows of states that have come so far.
#[derive(Default)]
pub struct Rows {
    /// Whether the same input may come under two names.
    allow_equal: bool,
    /// Every state, by the digest of its list of sources.
    states: BTreeMap<String, State>,
    /// The state each source came in, by its name.
    sources: HashMap<String, Rc<str>>,
    /// The name and part of the source that read an input, by the input's digest.
    inputs: HashMap<String, (String, Option<(u64, u64)>)>,
    /// About how many bytes the sources take up.
    bytes: usize,
}

/// One state: its sources, and which of its rows have been read.
#[derive(Default)]
struct State {
    /// In the first row.
    sources: Option<Vec<Source>>,
    /// The rows read, 64 to a word.
    read: HashMap<usize, u64>,
    count: usize,
    rows: usize,
    /// How many times it came again, where nothing was read for it.
    again: usize,
}

impl Rows {
    /// None yet; `allow_equal`: the same input may come under two names.
    pub fn new(allow_equal: bool) -> Rows {
        Rows { allow_equal, ..Rows::default() }
    }

    /// How many sources there are, and about how many bytes they take up.
    pub fn sources(&self) -> (usize, usize) {
        (self.sources.len(), self.bytes)
    }

    /// Checks that a row is what was written; `key` are the values of its group.
    ///
    /// # Errors
    /// `digest-mismatch`, in words; `None` for a state without a digest.
    pub fn is_unchanged(key: &[&Value<'_>], state: &Value<'_>) -> Option<Result<(), String>> {
        Rows::has_digest(state, &row_digest(key, state.as_object()?))
    }

    /// The same, where somebody knows what the digest should be.
    ///
    /// # Errors
    /// `digest-mismatch`, in words; `None` for a state without a digest.
    pub fn has_digest(state: &Value<'_>, digest: &str) -> Option<Result<(), String>> {
        let unchanged = state.get("digest")?.as_text()? == digest;
        let reason = "digest-mismatch: the row of the state is not what was written";
        Some(if unchanged { Ok(()) } else { Err(reason.to_owned()) })
    }

    /// Takes in a row: each comes once, and each source in one state.
    ///
    /// # Errors
    /// `duplicate-source` and `upstream-rejected`, in words; `None` for what is no state.
    pub fn part(&mut self, state: &Value<'_>, version: u64) -> Option<Result<(), String>> {
        let part: Vec<usize> = state
            .get("part")?
            .as_list()?
            .iter()
            .map(|number| usize::try_from(number.as_number()?.as_u64()?).ok())
            .collect::<Option<_>>()?;
        let &[number, rows] = part.as_slice() else { return None };
        if number == 0 || number > rows || rows > ROWS_LIMIT {
            return None;
        }
        let list = state.get("sources").map(|list| list.as_list().filter(|list| !list.is_empty()));
        let of = match (list, state.get("of")) {
            (Some(Some(list)), of) => {
                let known = list_digest(list);
                // The digest stands in every row, the list in the first.
                if of.is_some_and(|of| of.as_text() != Some(known.as_str())) || (of.is_none() && version > 1) {
                    return None;
                }
                known
            }
            (None, Some(of)) if version > 1 && number > 1 => of.as_text()?.to_owned(),
            _ => return None,
        };
        let is_new = self.states.get(&of).is_none_or(|state| state.sources.is_none());
        if let Some(Some(list)) = list.filter(|_| is_new) {
            let sources: Vec<Source> = list.iter().map(Source::read).collect::<Option<_>>()?;
            let shared: Rc<str> = of.as_str().into();
            for source in &sources {
                if let Err(reason) = self.source(source, &shared) {
                    return Some(Err(reason));
                }
            }
            self.states.entry(of.clone()).or_default().sources = Some(sources);
        }
        let state = self.states.entry(of).or_default();
        if state.rows == 0 {
            state.rows = rows;
        }
        let name = || state.sources.iter().flatten().map(Source::id).next().unwrap_or_default();
        if state.rows != rows {
            let name = name();
            return Some(Err(format!("duplicate-source: two states of {name:?}, of {} and {rows} rows", state.rows)));
        }
        let word = state.read.entry(number / 64).or_default();
        let bit = 1u64 << (number % 64);
        if *word & bit != 0 {
            // Of nothing, nothing is counted twice; how many parts there are still is.
            if rows == 1 && state.sources.iter().flatten().all(Source::is_nameless_nothing) {
                state.again += 1;
                return Some(Ok(()));
            }
            let name = name();
            return Some(Err(format!("duplicate-source: row {number} of {rows} of the state of {name:?} comes twice")));
        }
        *word |= bit;
        state.count += 1;
        Some(Ok(()))
    }

    /// Checks that a source of the state `of` is in no other, and that nobody else read the same.
    fn source(&mut self, source: &Source, of: &Rc<str>) -> Result<(), String> {
        let id = source.id();
        if source.is_nameless_nothing() {
            self.bytes += id.len() + size_of::<Source>();
            return Ok(());
        }
        if let Some(known) = self.sources.get(&id)
            && known != of
        {
            return Err(format!("duplicate-source: {id:?} is already in another state; each part counts once"));
        }
        if source.seal("").rejects_too_much() {
            let grant = source.allow_rejected.as_ref().map(|grant| format!(", allowed {grant}")).unwrap_or_default();
            return Err(format!("upstream-rejected: {id:?} rejected {} lines{grant}", source.rejected));
        }
        self.bytes += id.len() + of.len() + size_of::<Source>() + 200;
        self.sources.insert(id.clone(), Rc::clone(of));
        let Some(input) = source.input.as_ref().filter(|_| source.lines != Some(0) && !self.allow_equal) else {
            return Ok(());
        };
        if let Some((name, split)) = self.inputs.get(input) {
            // Two parts of one input may well hold the same.
            let parts = |split: Option<(u64, u64)>| split.map(|(_, parts)| parts);
            if split.is_some() && *name == source.name && parts(*split) == parts(source.split) {
                return Ok(());
            }
            let known = Source { name: name.clone(), split: *split, ..Source::default() };
            return Err(format!(
                "duplicate-source: {:?} and {id:?} read the same input (SHA-256 {}…); --allow-equal where both count",
                known.id(),
                input.get(..12).unwrap_or(input)
            ));
        }
        self.inputs.insert(input.clone(), (source.name.clone(), source.split));
        Ok(())
    }

    /// The end of all states: their sources by name, if the states are whole and the sources are those that are expected.
    /// Parts that are not there may still come, unless this is the last merge.
    ///
    /// # Errors
    /// `missing-source` or `unexpected-source`, in words.
    pub fn finish(self, expected: &Expected, is_last: bool) -> Result<Vec<Source>, Error> {
        let fault = |reason: String| Error::data("--merge", reason);
        for state in self.states.values() {
            let missing = state.rows - state.count;
            let Some(sources) = &state.sources else {
                return Err(fault(format!(
                    "missing-source: the first of {} rows of a state, which names its sources, is not there",
                    state.rows
                )));
            };
            if missing > 0 {
                let first = sources.first().map(Source::id).unwrap_or_default();
                let rows = if state.rows == 1 { "row" } else { "rows" };
                return Err(fault(format!(
                    "missing-source: {missing} of {} {rows} of the state of {first:?} are not there",
                    state.rows
                )));
            }
        }
        let mut sources: Vec<Source> = Vec::new();
        for state in self.states.into_values() {
            let list = state.sources.unwrap_or_default();
            (0..state.again).for_each(|_| sources.extend_from_slice(&list));
            sources.extend(list);
        }
        sources.sort_by_cached_key(Source::id);
        let names: Vec<String> = sources.iter().map(Source::id).collect();
        if sources.is_empty() {
            expected.check(&names).map_err(|reason| Error::data("--expect", reason))?;
            return Err(fault("no-records: no state was read".to_owned()));
        }
        if is_last {
            all_parts(&sources).map_err(fault)?;
        }
        expected.check(&names).map_err(|reason| Error::data("--expect", reason))?;
        if matches!(expected, Expected::Names(_)) {
            // Nothing of a source that was asked for by name is no evidence of it; an empty part of one input is.
            let is_empty = |source: &&Source| source.lines == Some(0) && source.split.is_none();
            let empty: Vec<String> = sources.iter().filter(is_empty).map(Source::id).collect();
            if !empty.is_empty() {
                let reason =
                    format!("missing-source: {} read no record (a part of one input may: --part K/N)", few(&empty));
                return Err(Error::data("--expect", reason));
            }
        }
        Ok(sources)
    }
}

/// Checks that of each input that was cut by `--part K/N` all N parts are there.
fn all_parts(sources: &[Source]) -> Result<(), String> {
    let mut parts: BTreeMap<(&str, u64), BTreeSet<u64>> = BTreeMap::new();
    for source in sources {
        if let Some((part, of)) = source.split {
            parts.entry((&source.name, of)).or_default().insert(part);
        }
    }
    for ((name, of), there) in parts {
        if there.len() as u64 == of {
            continue;
        }
        let missing = (1..=of).filter(|part| !there.contains(part));
        let ids = missing
            .take(6)
            .map(|part| Source { name: name.to_owned(), split: Some((part, of)), ..Source::default() }.id());
        let (ids, missing): (Vec<String>, u64) = (ids.collect(), of - there.len() as u64);
        let more = if missing > 5 { format!(" and {} more", missing - 5) } else { String::new() };
        return Err(format!("missing-source: {}{more}", few(ids.get(..ids.len().min(5)).unwrap_or_default())));
    }
    Ok(())
}
