//! States coming together: what is read of each, and whether they may.
//!
//! Owns the checks: each source once, every row of a state there and unchanged, the same parameters. A state's sources
//! are looked at once, however many rows it has, so that the work grows with the rows and the sources, not with their
//! product. Refuses to merge anything else: finished percentiles do not average.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use expr::{Aggregate, AggregateState};
use filter::Error;
use schema::{Code, Number, Object, Seal, Value};

use crate::groups::doubt::{Doubt, Kind};
use crate::groups::{Groups, Metric, full};
use crate::modes::source::{Source, list_digest};
use crate::modes::state::{VERSION, row_digest};
use crate::options::{Expected, Parameters, few};
use crate::samples::Samples;
use crate::stats::sketch::{Precision, Sketch};
use number::Sample;
use number::Total;

/// States coming together.
pub struct Merging {
    max_memory: usize,
    /// Whether the same input may come under two names.
    allow_equal: bool,
    groups: Groups,
    /// What has come since the memory was last looked at, in bytes.
    unlooked: usize,
    parameters: Option<Parameters>,
    /// `-a` of those.
    aggregates: Vec<Aggregate>,
    /// Every state, by the digest of its list of sources.
    states: BTreeMap<String, State>,
    /// The state each source came in, by its name.
    sources: HashMap<String, String>,
    /// The source that read an input, by the input's digest.
    inputs: HashMap<String, Source>,
    /// About how many bytes the sources take up.
    source_bytes: usize,
    precision: Option<Precision>,
    /// The precision where no state has one.
    default: Precision,
    /// Whether a state of version 1 was read, whose rows do not vouch for themselves.
    old: bool,
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
}

/// What all states came to.
pub struct Merged {
    /// The samples.
    pub groups: Groups,
    /// `-a` of the states.
    pub aggregates: Vec<Aggregate>,
    /// How they were read.
    pub parameters: Parameters,
    /// Who read them, by name.
    pub sources: Vec<Source>,
    /// Whether every row vouched for itself, so that no seal need do it.
    pub vouched: bool,
}

impl Merging {
    /// Nothing has been read yet.
    pub fn new(max_memory: usize, precision: Precision, allow_equal: bool) -> Merging {
        Merging {
            max_memory,
            allow_equal,
            default: precision,
            groups: Groups::default(),
            unlooked: 0,
            parameters: None,
            aggregates: Vec::new(),
            states: BTreeMap::new(),
            sources: HashMap::new(),
            inputs: HashMap::new(),
            source_bytes: 0,
            precision: None,
            old: false,
        }
    }

    /// Keeps the samples within the memory, from time to time or `now`.
    fn look(&mut self, now: bool) -> Result<(), String> {
        if !now && self.unlooked < self.max_memory / 8 {
            return Ok(());
        }
        self.unlooked = 0;
        if self.source_bytes > self.max_memory / 2 {
            let sources = crate::groups::doubt::grouped(self.sources.len() as u64);
            return Err(format!("{sources} sources so far do not fit half of {} bytes: allow more", self.max_memory));
        }
        // Where one is a sketch of some precision, new sketches have that one.
        let left = self.max_memory - self.source_bytes;
        self.groups.fit(left, self.precision.unwrap_or(self.default));
        full(std::iter::once(&self.groups), left).map_or(Ok(()), Err)
    }

    /// Takes in one row of a state.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn take(&mut self, record: &Value<'_>) -> Result<(), String> {
        let Some(state) = record.get("@state") else { return Err(no_state(record)) };
        let odd = || "the state is not one that this version writes".to_owned();
        let version = whole(state, "version").ok_or_else(odd)?;
        if version == 0 || version > VERSION {
            return Err(format!("the state has version {version}; this percentile reads up to {VERSION}"));
        }
        let parameters = state.get("parameters").and_then(Parameters::read).ok_or_else(odd)?;
        if version == 1 {
            self.old = true;
        } else {
            let said = state.get("digest").and_then(Value::as_text).ok_or_else(odd)?;
            let state = state.as_object().ok_or_else(odd)?;
            if said != row_digest(&keys(&parameters, record), state) {
                return Err("digest-mismatch: the row of the state is not what was written".to_owned());
            }
        }
        self.part(state, version).ok_or_else(odd)??;
        match &self.parameters {
            None => {
                self.groups = Groups::new(parameters.named().cloned().collect(), None);
                self.aggregates = parameters.aggregates().ok_or_else(odd)?;
                self.parameters = Some(parameters.clone());
            }
            Some(known) if *known == parameters => {}
            Some(known) => return Err(difference(known, &parameters)),
        }
        let Some(metrics) = state.get("metrics").and_then(Value::as_object) else { return Ok(()) };
        let records = whole(state, "records").ok_or_else(odd)?;
        let before = self.groups.list.len();
        let group = self.groups.place(&keys(&parameters, record));
        let mut fits = true;
        for (name, value) in metrics.iter() {
            let metric = self.metric(value)?.ok_or_else(odd)?;
            let known = metric.seen.saturating_add(metric.invalid).saturating_add(metric.doubtful());
            // A record without a weight is invalid for every metric, whatever else it held.
            if metric.seen > records || known > records.saturating_mul(2) {
                return Err(odd());
            }
            self.unlooked += metric.samples.bytes() + size_of::<Metric>();
            let number = self.groups.metric_number(name);
            fits &= self.groups.merge_metric(group, number, metric);
        }
        if let Some(group) = self.groups.list.get_mut(group) {
            group.records = group.records.saturating_add(records);
            group.undecided = group.undecided.saturating_add(whole(state, "undecided").unwrap_or(0));
        }
        if let Some(list) = state.get("aggregates") {
            let list = list.as_list().filter(|list| list.len() == self.aggregates.len()).ok_or_else(odd)?;
            let read = list.iter().zip(&self.aggregates);
            let read: Vec<AggregateState> = read
                .map(|(state, aggregate)| AggregateState::from_value(aggregate, state))
                .collect::<Option<_>>()
                .ok_or_else(odd)?;
            self.unlooked += read.len() * 200;
            if let Some(group) = self.groups.list.get_mut(group) {
                if group.aggregates.is_empty() {
                    group.aggregates = read;
                } else {
                    group.aggregates.iter_mut().zip(&read).for_each(|(mine, more)| mine.join(more));
                }
            }
        }
        if let Some(list) = state.get("doubts") {
            let list: Vec<Doubt> =
                list.as_list().and_then(|list| list.iter().map(Doubt::read).collect()).ok_or_else(odd)?;
            if let Some(doubts) = self.groups.doubts(group) {
                list.into_iter().for_each(|doubt| doubts.put(doubt));
            }
        }
        self.unlooked += (self.groups.list.len() - before) * 400;
        if fits { self.look(false) } else { Err("more than 2^63 - 1 samples in one metric".to_owned()) }
    }

    /// Checks that each row of a state comes once, and each source in one state.
    fn part(&mut self, state: &Value<'_>, version: u64) -> Option<Result<(), String>> {
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
            for source in &sources {
                if let Err(reason) = self.source(source, &of) {
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
            let name = name();
            return Some(Err(format!("duplicate-source: row {number} of {rows} of the state of {name:?} comes twice")));
        }
        *word |= bit;
        state.count += 1;
        Some(Ok(()))
    }

    /// Checks that a source of the state `of` is in no other, and that nobody else read the same.
    fn source(&mut self, source: &Source, of: &str) -> Result<(), String> {
        let id = source.id();
        if let Some(known) = self.sources.get(&id)
            && known != of
        {
            return Err(format!("duplicate-source: {id:?} is already in another state; each part counts once"));
        }
        if source.seal().rejects_too_much() {
            let grant = source.allow_rejected.as_ref().map(|grant| format!(", granted {grant}")).unwrap_or_default();
            return Err(format!("upstream-rejected: {id:?} rejected {} lines{grant}", source.rejected));
        }
        self.source_bytes += id.len() + of.len() + size_of::<Source>() + 200;
        self.sources.insert(id.clone(), of.to_owned());
        let Some(input) = source.input.as_ref().filter(|_| source.lines != Some(0) && !self.allow_equal) else {
            return Ok(());
        };
        if let Some(known) = self.inputs.get(input) {
            // Two parts of one input may well hold the same.
            let parts = |source: &Source| source.split.map(|(_, parts)| (source.name.clone(), parts));
            if parts(known).is_some() && parts(known) == parts(source) {
                return Ok(());
            }
            return Err(format!(
                "duplicate-source: {:?} and {id:?} read the same input (SHA-256 {}…); --allow-equal where both count",
                known.id(),
                input.get(..12).unwrap_or(input)
            ));
        }
        self.inputs.insert(input.clone(), source.clone());
        Ok(())
    }

    fn metric(&mut self, value: &Value<'_>) -> Result<Option<Metric>, String> {
        let Some(read) = read_metric(value) else { return Ok(None) };
        if let Some(sketch) = read.samples.as_sketch() {
            match self.precision {
                Some(known) if known != sketch.precision() => {
                    return Err(format!(
                        "not-mergeable: sketches of relative error {} and {}",
                        known.error,
                        sketch.precision().error
                    ));
                }
                _ => self.precision = Some(sketch.precision()),
            }
        }
        Ok(Some(read))
    }

    /// The end of all states: what they were, if they are whole and the sources are those that are expected. Parts that
    /// are not there may still come, unless this is the last merge.
    ///
    /// # Errors
    /// `missing-source` or `unexpected-source`, in words.
    pub fn finish(mut self, expected: &Expected, is_last: bool) -> Result<Merged, Error> {
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
        self.look(true).map_err(|reason| Error::data("--max-memory", reason))?;
        let mut sources: Vec<Source> = self.states.into_values().filter_map(|state| state.sources).flatten().collect();
        sources.sort_by_cached_key(Source::id);
        let names: Vec<String> = sources.iter().map(Source::id).collect();
        let Some(parameters) = self.parameters else {
            expected.check(&names).map_err(|reason| Error::data("--expect", reason))?;
            return Err(fault("no-records: no state was read".to_owned()));
        };
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
        Ok(Merged { groups: self.groups, aggregates: self.aggregates, parameters, sources, vouched: !self.old })
    }
}

/// The seals of all sources, as the streams behind them would have ended.
pub fn seals(sources: &[Source]) -> impl Iterator<Item = Seal> {
    sources.iter().flat_map(|source| source.upstream.iter().cloned().chain([source.seal()]))
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

/// More rows than this no state has.
const ROWS_LIMIT: usize = 1 << 24;

/// The values of a row's group.
fn keys<'r, 'a>(parameters: &Parameters, record: &'r Value<'a>) -> Vec<&'r Value<'a>> {
    const NULL: &Value<'static> = &Value::Null;
    parameters.by.iter().map(|name| record.get(name).unwrap_or(NULL)).collect()
}

fn whole(value: &Value<'_>, key: &str) -> Option<u64> {
    value.get(key).and_then(Value::as_number).and_then(Number::as_u64)
}

/// What is wrong with a record that holds no state.
fn no_state(record: &Value<'_>) -> String {
    let is_state = |value: &Value<'_>| value.as_text().is_some_and(|text| text.contains("\"@state\""));
    match record.as_object().and_then(|object| object.iter().find(|(_, value)| is_state(value))) {
        Some((key, _)) => format!(
            "not-mergeable: the field {key} holds a text that is a state; hand on that text itself, one state a line"
        ),
        None => "not-mergeable: the record holds no state: finished percentiles do not average; write states with \
                 --state and merge those"
            .to_owned(),
    }
}

fn read_metric(value: &Value<'_>) -> Option<Metric> {
    let whole = |key: &str| value.get(key).and_then(Value::as_number).and_then(Number::as_u64);
    let count = whole("count")?;
    let samples = match (value.get("exact"), value.get("sketch")) {
        (Some(exact), None) => read_exact(exact)?,
        (None, Some(sketch)) => Samples::from_sketch(read_sketch(sketch)?),
        _ => return None,
    };
    if samples.count() != count {
        return None;
    }
    let (seen, invalid, allowed) = (whole("seen")?, whole("invalid")?, whole("allowed").unwrap_or(0));
    let rounded = value.get("rounded") == Some(&Value::Bool(true));
    let mut metric = Metric { samples, seen, invalid, allowed, rounded, doubts: None };
    match value.get("doubts") {
        Some(list) => {
            for doubt in list.as_list()? {
                metric.doubts().put(Doubt::read(doubt)?);
            }
        }
        // A state of version 1 says how many only.
        None if invalid > allowed => metric.doubts().put(Doubt {
            kind: Kind::Value,
            code: Code::NotANumber,
            records: invalid,
            samples: invalid,
            first: ((0, 0, 0), "no number".to_owned()),
            hint: None,
        }),
        None => {}
    }
    Some(metric)
}

fn read_exact(value: &Value<'_>) -> Option<Samples> {
    let mut samples = Samples::default();
    let list = |key: &str| value.get(key).map(|list| list.as_list());
    let (scale, numbers) = match (list("steps"), list("numbers")) {
        (Some(steps), None) => (value.get("scale")?.as_number()?.as_u64().filter(|&scale| scale <= 18), steps?),
        (None, Some(numbers)) => (None, numbers?),
        _ => return None,
    };
    if scale.is_none() && value.get("steps").is_some() {
        return None;
    }
    let mut last = 0i128;
    let mut taken = 0u64;
    for pair in numbers.chunks(2) {
        let [number, count] = pair else { return None };
        let count = count.as_number()?.as_u64().filter(|&count| count > 0)?;
        let number = number.as_number()?.as_str();
        let one = match scale {
            None => Sample::parse(number.as_bytes())?,
            Some(scale) => {
                last += i128::from(number.parse::<i64>().ok()?);
                let mantissa = i64::try_from(last).ok()?;
                // Beyond a few, integers at the scale of the samples go in as they are.
                if samples.add_scaled(mantissa, scale as u8, count) {
                    taken = taken.checked_add(count).filter(|&taken| taken <= i64::MAX as u64)?;
                    continue;
                }
                Sample::new(mantissa, -(scale as i16))
            }
        };
        taken = taken.checked_add(count).filter(|&taken| taken <= i64::MAX as u64)?;
        samples.add_many(one, count).then_some(())?;
    }
    Some(samples)
}

fn read_sketch(value: &Value<'_>) -> Option<Sketch> {
    let number = |key: &str| value.get(key)?.as_number();
    let list = |key: &str| {
        value.get(key)?.as_list()?.iter().map(|number| number.as_number()?.as_i64()).collect::<Option<Vec<i64>>>()
    };
    let total = |key: &str| Total::parse(value.get(key)?.as_text()?);
    let end = |key: &str| match value.get(key)? {
        Value::Null => Some(None),
        Value::Number(number) => Sample::parse(number.as_str().as_bytes()).map(Some),
        _ => None,
    };
    let precision = Precision::new(number("relative_error")?.to_f64()?)?;
    let level = u32::try_from(number("level")?.as_u64()?).ok()?;
    let (negative, positive) = (list("negative")?, list("positive")?);
    let ends = end("min")?.zip(end("max")?);
    let totals = (total("sum")?, total("squares")?);
    Sketch::restore(precision, level, [&negative, &positive], number("zeros")?.as_u64()?, ends, totals)
}

fn difference(known: &Parameters, other: &Parameters) -> String {
    let (known, other) = (known.value(), other.value());
    let keys = known.iter().chain(other.iter()).map(|(key, _)| key);
    let key = keys.into_iter().find(|key| known.get(key) != other.get(key)).unwrap_or("parameters");
    let text = |object: &Object<'_>| {
        let mut text = Vec::new();
        schema::json::write(object.get(key).unwrap_or(&Value::Null), &mut text);
        String::from_utf8_lossy(&text).into_owned()
    };
    format!("not-mergeable: the states were read with different {key}: {} and {}", text(&known), text(&other))
}

#[cfg(test)]
mod tests;
