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
mod tests {
    use schema::json;
    use testkit::Random;

    use super::*;
    use crate::modes::state::{Bounds, bound, record};
    use crate::options::Asked;
    use crate::report::summary::{Records, summary};
    use crate::stats::definitions::{Level, Method, Percentile};

    fn parameters() -> Parameters {
        Parameters { by: vec!["op".to_owned()], fields: Some(vec!["x".to_owned()]), reading: Object::new() }
    }

    /// The groups of samples, as one run would have read them.
    fn groups(samples: &[(u8, Sample)], sketch: bool) -> Groups {
        let mut groups = Groups::new(vec!["x".to_owned()], sketch.then(Precision::default));
        for &(op, one) in samples {
            let value = Value::Number(Number::from(op));
            let group = groups.place(&[&value]);
            groups.record(group, &[], &Value::Null, None, expr::Order::Given);
            assert!(groups.take(group, 0, one, 1));
        }
        groups.sort(1);
        bounded(&mut groups);
        groups
    }

    fn bounded(groups: &mut Groups) {
        let bounds = Bounds::new(1 << 30, Precision::default(), None);
        (0..groups.list.len()).for_each(|place| bound(groups, place, &bounds));
    }

    fn named(names: &[String]) -> Vec<Source> {
        names.iter().map(|name| Source { name: name.clone(), ..Source::default() }).collect()
    }

    fn text(groups: &Groups, sources: &[Source]) -> Vec<u8> {
        let mut text = Vec::new();
        for place in 0..groups.list.len().max(1) {
            json::write_object(&record(groups, place, &parameters(), sources), &mut text);
            text.push(b'\n');
        }
        text
    }

    /// The states in `texts` merged: the state's text, and the summaries'.
    fn merged(texts: &[Vec<u8>]) -> (Vec<u8>, Vec<u8>, Vec<Source>) {
        let mut merging = Merging::new(1 << 30, Precision::default(), false);
        for line in texts.iter().flat_map(|text| text.split(|&byte| byte == b'\n')).filter(|line| !line.is_empty()) {
            merging.take(&json::parse(line).unwrap()).unwrap();
        }
        let Merged { mut groups, sources, .. } = merging.finish(&Expected::Count(texts.len()), true).unwrap();
        groups.sort(1);
        bounded(&mut groups);
        (text(&groups, &sources), summaries(&mut groups), sources)
    }

    fn summaries(groups: &mut Groups) -> Vec<u8> {
        let percentiles = Percentile::parse_list("0,50,99,99.9").unwrap();
        let asked = Asked {
            percentiles,
            method: Method::R7,
            sum: true,
            sure: Level::parse("95%").ok(),
            buckets: false,
            interval: None,
        };
        let mut text = Vec::new();
        for group in &mut groups.list {
            for metric in &mut group.metrics {
                json::write_object(&summary(metric, Records::default(), &asked).object, &mut text);
                text.push(b'\n');
            }
        }
        text
    }

    fn sample(random: &mut Random, kind: usize) -> Sample {
        let text = match kind {
            0 => format!("{}.{:03}", random.below(500), random.below(1000)),
            1 => format!("-{}", random.below(9)),
            2 => format!("{}e{}", random.below(100_000), random.below(600) as i64 - 300),
            3 => format!("{}", random.below(1 << 60)),
            _ => format!("0.{:017}", random.below(1 << 50)),
        };
        Sample::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn every_partition_and_order_merges_to_the_same_bytes() {
        let mut random = Random::new(41);
        for round in 0..testkit::times(100_000) {
            let sketch = round % 2 == 0;
            let kinds = 1 + random.below(5);
            let mut samples: Vec<(u8, Sample)> = Vec::new();
            for _ in 0..1 + random.below(40) {
                let kind = random.below(kinds);
                samples.push((random.below(3) as u8, sample(&mut random, kind)));
            }
            let mut whole = groups(&samples, sketch);
            let wanted = summaries(&mut whole);
            for at in (1..samples.len()).rev() {
                samples.swap(at, random.below(at + 1));
            }
            let count = 1 + random.below(6);
            let mut parts: Vec<Vec<(u8, Sample)>> = vec![Vec::new(); count];
            for sample in &samples {
                parts[random.below(count)].push(*sample);
            }
            let names: Vec<String> = (0..count).map(|part| format!("web{part}")).collect();
            let mut states: Vec<Vec<u8>> = parts
                .iter()
                .zip(&names)
                .map(|(part, name)| text(&groups(part, sketch), &named(std::slice::from_ref(name))))
                .collect();
            let (state, summary, _) = merged(&states);
            assert_eq!(String::from_utf8(summary), String::from_utf8(wanted.clone()));
            assert_eq!(String::from_utf8(text(&whole, &named(&names))), String::from_utf8(state.clone()));
            // In another order and in two steps, as a tree would merge them.
            states.reverse();
            if count > 2 {
                let (first, rest) = states.split_at(count / 2);
                let mut merging = Merging::new(1 << 30, Precision::default(), false);
                for line in
                    first.iter().flat_map(|text| text.split(|&byte| byte == b'\n')).filter(|line| !line.is_empty())
                {
                    merging.take(&json::parse(line).unwrap()).unwrap();
                }
                let Merged { mut groups, sources, .. } = merging.finish(&Expected::Any, true).unwrap();
                groups.sort(1);
                bounded(&mut groups);
                let mut merging = Merging::new(1 << 30, Precision::default(), false);
                let half = text(&groups, &sources);
                for line in std::iter::once(&half).chain(rest).flat_map(|text| text.split(|&byte| byte == b'\n')) {
                    if !line.is_empty() {
                        merging.take(&json::parse(line).unwrap()).unwrap();
                    }
                }
                let Merged { mut groups, sources, .. } = merging.finish(&Expected::Any, true).unwrap();
                groups.sort(1);
                bounded(&mut groups);
                assert_eq!(text(&groups, &sources), state);
            }
        }
    }

    #[test]
    fn a_sketch_state_is_small_whatever_the_input() {
        let mut random = Random::new(3);
        let samples: Vec<(u8, Sample)> = (0..60_000).map(|_| (0, sample(&mut random, 2))).collect();
        let text = text(&groups(&samples, true), &named(&["a".to_owned()]));
        assert!(text.len() <= 64_000, "{}", text.len());
    }

    /// The row as if it had been written so: with its digests put right.
    fn written_so(text: &str) -> Value<'static> {
        let mut record = json::parse(text.as_bytes()).unwrap().into_owned().as_object().unwrap().clone();
        let mut state = record.get("@state").unwrap().as_object().unwrap().clone();
        let of = list_digest(state.get("sources").and_then(Value::as_list).unwrap());
        state.insert("of", of);
        let key = record.get("op").cloned();
        let digest = row_digest(&key.iter().collect::<Vec<_>>(), &state);
        state.insert("digest", digest);
        record.insert("@state", state);
        Value::Object(record)
    }

    fn refusal(row: &Value<'_>) -> Option<String> {
        Merging::new(1 << 30, Precision::default(), false).take(row).err()
    }

    #[test]
    fn what_is_no_state_is_refused() {
        let good = groups(&[(1, Sample::new(5, 0))], false);
        let good = String::from_utf8(text(&good, &named(&["a".to_owned()]))).unwrap();
        assert_eq!(refusal(&json::parse(good.as_bytes()).unwrap()), None);
        assert_eq!(refusal(&written_so(&good)), None);
        for (from, to) in [
            ("\"version\":2", "\"version\":3"),
            ("[1,1]", "[2,1]"),
            ("[1,1]", "[0,1]"),
            ("[{\"name\":\"a\"}]", "[]"),
            ("[{\"name\":\"a\"}]", "[{\"name\":7}]"),
            ("[{\"name\":\"a\"}]", "[{\"name\":\"a\",\"split\":[2,1]}]"),
            ("\"steps\":[5,1]", "\"steps\":[5]"),
            ("\"steps\":[5,1]", "\"steps\":[5,-1]"),
            ("\"steps\":[5,1]", "\"steps\":[5,2]"),
            ("\"scale\":0", "\"scale\":99"),
            ("\"records\":1", "\"records\":0"),
            ("\"seen\":1", "\"seen\":\"1\""),
        ] {
            assert!(good.contains(from), "{good}");
            let changed = good.replace(from, to);
            assert!(refusal(&written_so(&changed)).is_some(), "{from} {to}");
            // And by its digest alone, which is asked first.
            let reason = refusal(&json::parse(changed.as_bytes()).unwrap()).unwrap();
            assert!(to.contains("version") || reason.starts_with("digest-mismatch"), "{reason}");
        }
    }

    #[test]
    fn one_changed_digit_of_a_row_is_seen() {
        let mut random = Random::new(83);
        let samples: Vec<(u8, Sample)> = (0..40).map(|_| (1, sample(&mut random, 0))).collect();
        let good = text(&groups(&samples, false), &named(&["web1".to_owned()]));
        for (place, &byte) in good.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
            let mut changed = good.clone();
            changed[place] = if byte == b'9' { b'1' } else { byte + 1 };
            if let Ok(row) = json::parse(&changed) {
                assert!(refusal(&row).is_some(), "{}", String::from_utf8_lossy(&changed));
            }
        }
    }

    #[test]
    fn rows_of_version_1_are_still_read() {
        let row = |source: &str, steps: &str| {
            let text = format!(
                "{{\"@state\":{{\"version\":1,\"sources\":[{source}],\"part\":[1,1],\"parameters\":{{\"by\":[],\"fields\":null}},\
                 \"records\":2,\"metrics\":{{\"\":{{\"seen\":1,\"invalid\":1,\"count\":1,\"exact\":{{\"scale\":0,\"steps\":{steps}}}}}}}}}}}"
            );
            json::parse(text.as_bytes()).unwrap().into_owned()
        };
        let mut merging = Merging::new(1 << 30, Precision::default(), false);
        merging.take(&row("\"a\"", "[5,1]")).unwrap();
        merging.take(&row("\"b\",\"c\"", "[7,1]")).unwrap();
        assert!(merging.take(&row("\"c\"", "[7,1]")).unwrap_err().starts_with("duplicate-source"));
        let merged = merging.finish(&Expected::Any, true);
        let Ok(Merged { groups, sources, vouched: false, .. }) = merged else { panic!("{:?}", merged.err()) };
        assert_eq!(sources.iter().map(Source::id).collect::<Vec<_>>(), ["a", "b", "c"]);
        // That something could not be read is not forgotten.
        assert_eq!(groups.list[0].metrics[0].doubts.as_ref().map(|doubts| doubts.records(Kind::Value)), Some(2));
    }

    #[test]
    fn what_came_twice_and_what_is_missing_is_named() {
        let state = |source: Source| text(&groups(&[(1, Sample::new(5, 0))], false), &[source]);
        let merged = |sources: Vec<Source>, allow_equal: bool| {
            let mut merging = Merging::new(1 << 30, Precision::default(), allow_equal);
            for source in sources {
                merging.take(&json::parse(&state(source)).unwrap())?;
            }
            merging.finish(&Expected::Any, true).map(|merged| merged.sources.len()).map_err(|error| error.to_string())
        };
        let source = |name: &str, split: Option<(u64, u64)>, input: &str| Source {
            name: name.to_owned(),
            split,
            input: Some(input.to_owned()),
            lines: Some(1),
            ..Source::default()
        };
        let code = |answer: Result<usize, String>| {
            answer.map_err(|reason| {
                reason.trim_start_matches("--merge: ").split(':').next().unwrap_or_default().to_owned()
            })
        };
        let twice = vec![source("a", None, "1"), source("b", None, "1")];
        assert_eq!(code(merged(twice.clone(), false)), Err("duplicate-source".to_owned()));
        assert_eq!(merged(twice, true), Ok(2));
        // Parts of one input may hold the same; a part that ran twice is one counted twice.
        let part = |part, input: &str| source("", Some((part, 2)), input);
        assert_eq!(merged(vec![part(1, "1"), part(2, "1")], false), Ok(2));
        assert_eq!(code(merged(vec![part(1, "1"), part(1, "2")], false)), Err("duplicate-source".to_owned()));
        assert_eq!(code(merged(vec![part(1, "1")], false)), Err("missing-source".to_owned()));
        let empty = Source { lines: Some(0), ..source("x", None, "0") };
        assert_eq!(merged(vec![empty.clone(), Source { name: "y".to_owned(), ..empty }], false), Ok(2));
        let refused = Source { rejected: 3, allow_rejected: Some("2".to_owned()), ..source("z", None, "3") };
        assert_eq!(code(merged(vec![refused], false)), Err("upstream-rejected".to_owned()));
    }
}
