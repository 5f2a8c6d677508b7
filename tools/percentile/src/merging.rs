//! States coming together: what is read of each, and whether they may.
//!
//! Owns the checks: each source once, every record of a state there, the same parameters. Refuses to merge anything
//! else: finished percentiles do not average.

use std::collections::BTreeMap;

use filter::Error;
use schema::{Number, Object, Value};

use crate::decimal::Decimal;
use crate::groups::{Groups, Metric, full};
use crate::moments::Total;
use crate::samples::Samples;
use crate::sketch::{Precision, Sketch};
use crate::state::{Bounds, Parameters, VERSION, bound};

/// States coming together.
pub struct Merging {
    max_memory: usize,
    groups: Groups,
    /// What has come since the memory was last looked at, in bytes.
    unlooked: usize,
    parameters: Option<Parameters>,
    /// The state each source came in, by its list of sources.
    sources: BTreeMap<String, Vec<String>>,
    /// Which records of a state have been read, and how many it has.
    parts: BTreeMap<Vec<String>, Vec<bool>>,
    precision: Option<Precision>,
    /// The precision where no state has one.
    default: Precision,
}

impl Merging {
    /// Nothing has been read yet.
    pub fn new(max_memory: usize, precision: Precision) -> Merging {
        Merging {
            max_memory,
            default: precision,
            groups: Groups::default(),
            unlooked: 0,
            parameters: None,
            sources: BTreeMap::new(),
            parts: BTreeMap::new(),
            precision: None,
        }
    }

    /// Keeps the samples within the memory, from time to time or `now`.
    fn look(&mut self, now: bool) -> Result<(), String> {
        if !now && self.unlooked < self.max_memory / 8 {
            return Ok(());
        }
        self.unlooked = 0;
        // Where one is a sketch of some precision, new sketches have that one.
        self.groups.fit(self.max_memory, self.precision.unwrap_or(self.default));
        full(std::iter::once(&self.groups), self.max_memory).map_or(Ok(()), Err)
    }

    /// Takes in one record of a state.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn take(&mut self, record: &Value<'_>) -> Result<(), String> {
        let Some(state) = record.get("@state") else {
            return Err("not-mergeable: the record holds no state: finished percentiles do not average; write states \
                        with --state and merge those"
                .to_owned());
        };
        let odd = || "the state is not one that this version writes".to_owned();
        let whole = |value: &Value<'_>, key: &str| value.get(key).and_then(Value::as_number).and_then(Number::as_u64);
        match whole(state, "version") {
            Some(VERSION) => {}
            Some(version) => return Err(format!("the state has version {version}; this percentile reads {VERSION}")),
            None => return Err(odd()),
        }
        let parameters = state.get("parameters").and_then(Parameters::read).ok_or_else(odd)?;
        self.part(state).ok_or_else(odd)??;
        match &self.parameters {
            None => self.parameters = Some(parameters.clone()),
            Some(known) if *known == parameters => {}
            Some(known) => return Err(difference(known, &parameters)),
        }
        let Some(metrics) = state.get("metrics").and_then(Value::as_object) else { return Ok(()) };
        const NULL: &Value<'static> = &Value::Null;
        let key: Vec<&Value<'_>> = parameters.by.iter().map(|name| record.get(name).unwrap_or(NULL)).collect();
        let mut groups = Groups::default();
        let group = groups.place(&key);
        let mut fits = true;
        for (name, value) in metrics.iter() {
            let metric = self.metric(value)?.ok_or_else(odd)?;
            let number = groups.metric_number(name);
            groups.list.iter_mut().for_each(|group| *group.metric(number) = metric.clone());
        }
        if let Some(group) = groups.list.get_mut(group) {
            group.records = whole(state, "records").ok_or_else(odd)?;
            let seen = group.metrics.iter().map(|metric| metric.seen.saturating_add(metric.invalid)).max().unwrap_or(0);
            if seen > group.records {
                return Err(odd());
            }
        }
        self.unlooked += groups.bytes();
        fits &= self.groups.merge(groups);
        if fits { self.look(false) } else { Err("more than 2^63 - 1 samples in one metric".to_owned()) }
    }

    /// Checks that a source comes once, in one state, and each of its records once.
    fn part(&mut self, state: &Value<'_>) -> Option<Result<(), String>> {
        let sources: Vec<String> = state
            .get("sources")?
            .as_list()?
            .iter()
            .map(|text| text.as_text().map(str::to_owned))
            .collect::<Option<_>>()?;
        let part: Vec<usize> = state
            .get("part")?
            .as_list()?
            .iter()
            .map(|number| usize::try_from(number.as_number()?.as_u64()?).ok())
            .collect::<Option<_>>()?;
        let &[number, parts] = part.as_slice() else { return None };
        if sources.is_empty() || number == 0 || number > parts || parts > PARTS_LIMIT {
            return None;
        }
        for source in &sources {
            let known = self.sources.entry(source.clone()).or_insert_with(|| sources.clone());
            if *known != sources {
                return Some(Err(format!(
                    "duplicate-source: {source:?} is already in another state; each part counts once"
                )));
            }
        }
        let read = self.parts.entry(sources).or_default();
        if read.is_empty() {
            read.resize(parts, false);
        }
        if read.len() != parts {
            return Some(Err(format!(
                "duplicate-source: two states of the same sources, of {} and {parts} records",
                read.len()
            )));
        }
        let slot = read.get_mut(number - 1)?;
        if std::mem::replace(slot, true) {
            let names = state.get("sources").and_then(Value::as_list).unwrap_or_default();
            let first = names.first().and_then(Value::as_text).unwrap_or_default();
            return Some(Err(format!("duplicate-source: record {number} of {parts} of {first:?} comes twice")));
        }
        Some(Ok(()))
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

    /// The end of all states: what they were, if they are whole and the sources are those that are expected.
    ///
    /// # Errors
    /// `missing-source`, in words.
    pub fn finish(mut self, expected: &Expected) -> Result<(Groups, Parameters, Vec<String>), Error> {
        let fault = |reason: String| Error::data("--merge", reason);
        for (sources, read) in &self.parts {
            let missing = read.iter().filter(|part| !**part).count();
            if missing > 0 {
                let first = sources.first().map_or("", String::as_str);
                return Err(fault(format!(
                    "missing-source: {missing} of {} records of the state of {first:?} are not there",
                    read.len()
                )));
            }
        }
        self.look(true).map_err(|reason| Error::data("--max-memory", reason))?;
        let sources: Vec<String> = self.sources.into_keys().collect();
        expected.check(&sources).map_err(|reason| Error::data("--expect", reason))?;
        let Some(parameters) = self.parameters else {
            return Err(fault("no-records: no state was read".to_owned()));
        };
        let bounds = Bounds::new(self.max_memory, self.precision.unwrap_or(self.default));
        (0..self.groups.list.len()).for_each(|place| bound(&mut self.groups, place, &bounds));
        Ok((self.groups, parameters, sources))
    }
}

/// More records than this no state has.
const PARTS_LIMIT: usize = 1 << 24;

fn read_metric(value: &Value<'_>) -> Option<Metric> {
    let whole = |key: &str| value.get(key).and_then(Value::as_number).and_then(Number::as_u64);
    let count = whole("count")?;
    let samples = match (value.get("exact"), value.get("sketch")) {
        (Some(exact), None) => read_exact(exact)?,
        (None, Some(sketch)) => Samples::from_sketch(read_sketch(sketch)?),
        _ => return None,
    };
    (samples.count() == count).then_some(Metric {
        samples,
        seen: whole("seen")?,
        invalid: whole("invalid")?,
        allowed: 0,
        doubts: None,
    })
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
    for pair in numbers.chunks(2) {
        let [number, count] = pair else { return None };
        let count = count.as_number()?.as_u64().filter(|&count| count > 0)?;
        let number = number.as_number()?.as_str();
        let one = match scale {
            None => Decimal::parse(number.as_bytes())?,
            Some(scale) => {
                last += number.parse::<i128>().ok().filter(|step| step.abs() < 1 << 65)?;
                Decimal::new(i64::try_from(last).ok()?, -(scale as i16))
            }
        };
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
        Value::Number(number) => Decimal::parse(number.as_str().as_bytes()).map(Some),
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

/// What `--expect` says of the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    #[default]
    Any,
    /// So many.
    Count(usize),
    /// These, and no others.
    Names(Vec<String>),
}

impl Expected {
    /// Reads a count, or a comma list of names.
    pub fn parse(text: &str) -> Result<Expected, String> {
        if let Ok(count) = text.parse() {
            return Ok(Expected::Count(count));
        }
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        if names.iter().any(String::is_empty) {
            return Err("wanted names like web1,web2 or a count".to_owned());
        }
        Ok(Expected::Names(names))
    }

    fn check(&self, sources: &[String]) -> Result<(), String> {
        match self {
            Expected::Any => Ok(()),
            Expected::Count(count) if *count == sources.len() => Ok(()),
            Expected::Count(count) => {
                Err(format!("missing-source: {} of {count} sources are there: {}", sources.len(), sources.join(", ")))
            }
            Expected::Names(names) => {
                let absent: Vec<&str> =
                    names.iter().filter(|name| !sources.contains(name)).map(String::as_str).collect();
                if !absent.is_empty() {
                    return Err(format!("missing-source: {}", absent.join(", ")));
                }
                match sources.iter().find(|source| !names.contains(source)) {
                    Some(source) => Err(format!("{source:?} was not expected")),
                    None => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use schema::json;
    use testkit::Random;

    use super::*;
    use crate::rank::{Method, Percentile};
    use crate::state::record;
    use crate::summary::{Asked, Records, summary};

    fn parameters() -> Parameters {
        Parameters { by: vec!["op".to_owned()], fields: Some(vec!["x".to_owned()]), reading: Object::new() }
    }

    /// The groups of samples, as one run would have read them.
    fn groups(samples: &[(u8, Decimal)], sketch: bool) -> Groups {
        let mut groups = Groups::new(vec!["x".to_owned()], sketch.then(Precision::default));
        for &(op, one) in samples {
            let value = Value::Number(Number::from(op));
            let group = groups.place(&[&value]);
            groups.record(group, &[], &Value::Null);
            assert!(groups.take(group, 0, one, 1));
        }
        groups.sort(1);
        let bounds = Bounds::new(1 << 30, Precision::default());
        (0..groups.list.len()).for_each(|place| bound(&mut groups, place, &bounds));
        groups
    }

    fn text(groups: &Groups, sources: &[String]) -> Vec<u8> {
        let mut text = Vec::new();
        for place in 0..groups.list.len().max(1) {
            json::write_object(&record(groups, place, &parameters(), sources), &mut text);
            text.push(b'\n');
        }
        text
    }

    /// The states in `texts` merged: the state's text, and the summaries'.
    fn merged(texts: &[Vec<u8>]) -> (Vec<u8>, Vec<u8>, Vec<String>) {
        let mut merging = Merging::new(1 << 30, Precision::default());
        for line in texts.iter().flat_map(|text| text.split(|&byte| byte == b'\n')).filter(|line| !line.is_empty()) {
            merging.take(&json::parse(line).unwrap()).unwrap();
        }
        let (mut groups, _, sources) = merging.finish(&Expected::Count(texts.len())).unwrap();
        groups.sort(1);
        (text(&groups, &sources), summaries(&mut groups), sources)
    }

    fn summaries(groups: &mut Groups) -> Vec<u8> {
        let percentiles = Percentile::parse_list("0,50,99,99.9").unwrap();
        let asked = Asked { percentiles, method: Method::R7, sum: true, buckets: false, interval: None };
        let mut text = Vec::new();
        for group in &mut groups.list {
            for metric in &mut group.metrics {
                json::write_object(&summary(metric, Records::default(), &asked).object, &mut text);
                text.push(b'\n');
            }
        }
        text
    }

    fn sample(random: &mut Random, kind: usize) -> Decimal {
        let text = match kind {
            0 => format!("{}.{:03}", random.below(500), random.below(1000)),
            1 => format!("-{}", random.below(9)),
            2 => format!("{}e{}", random.below(100_000), random.below(600) as i64 - 300),
            3 => format!("{}", random.below(1 << 60)),
            _ => format!("0.{:017}", random.below(1 << 50)),
        };
        Decimal::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn every_partition_and_order_merges_to_the_same_bytes() {
        let mut random = Random::new(41);
        for round in 0..testkit::times(100_000) {
            let sketch = round % 2 == 0;
            let kinds = 1 + random.below(5);
            let mut samples: Vec<(u8, Decimal)> = Vec::new();
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
            let mut parts: Vec<Vec<(u8, Decimal)>> = vec![Vec::new(); count];
            for sample in &samples {
                parts[random.below(count)].push(*sample);
            }
            let names: Vec<String> = (0..count).map(|part| format!("web{part}")).collect();
            let mut states: Vec<Vec<u8>> = parts
                .iter()
                .zip(&names)
                .map(|(part, name)| text(&groups(part, sketch), std::slice::from_ref(name)))
                .collect();
            let (state, summary, _) = merged(&states);
            assert_eq!(String::from_utf8(summary), String::from_utf8(wanted.clone()));
            assert_eq!(String::from_utf8(text(&whole, &names)), String::from_utf8(state.clone()));
            // In another order and in two steps, as a tree would merge them.
            states.reverse();
            if count > 2 {
                let (first, rest) = states.split_at(count / 2);
                let mut merging = Merging::new(1 << 30, Precision::default());
                for line in
                    first.iter().flat_map(|text| text.split(|&byte| byte == b'\n')).filter(|line| !line.is_empty())
                {
                    merging.take(&json::parse(line).unwrap()).unwrap();
                }
                let (mut groups, _, sources) = merging.finish(&Expected::Any).unwrap();
                groups.sort(1);
                let mut merging = Merging::new(1 << 30, Precision::default());
                let half = text(&groups, &sources);
                for line in std::iter::once(&half).chain(rest).flat_map(|text| text.split(|&byte| byte == b'\n')) {
                    if !line.is_empty() {
                        merging.take(&json::parse(line).unwrap()).unwrap();
                    }
                }
                let (mut groups, _, sources) = merging.finish(&Expected::Any).unwrap();
                groups.sort(1);
                assert_eq!(text(&groups, &sources), state);
            }
        }
    }

    #[test]
    fn a_sketch_state_is_small_whatever_the_input() {
        let mut random = Random::new(3);
        let samples: Vec<(u8, Decimal)> = (0..60_000).map(|_| (0, sample(&mut random, 2))).collect();
        let text = text(&groups(&samples, true), &["a".to_owned()]);
        assert!(text.len() <= 64_000, "{}", text.len());
    }

    #[test]
    fn what_is_no_state_is_refused() {
        let good = String::from_utf8(text(&groups(&[(1, Decimal::new(5, 0))], false), &["a".to_owned()])).unwrap();
        let refusal = |text: &str| {
            let mut merging = Merging::new(1 << 30, Precision::default());
            merging.take(&json::parse(text.as_bytes()).unwrap()).err()
        };
        assert_eq!(refusal(&good), None);
        for (from, to) in [
            ("\"version\":1", "\"version\":2"),
            ("[1,1]", "[2,1]"),
            ("[1,1]", "[0,1]"),
            ("[\"a\"]", "[]"),
            ("\"steps\":[5,1]", "\"steps\":[5]"),
            ("\"steps\":[5,1]", "\"steps\":[5,-1]"),
            ("\"steps\":[5,1]", "\"steps\":[5,2]"),
            ("\"scale\":0", "\"scale\":99"),
            ("\"records\":1", "\"records\":0"),
            ("\"seen\":1", "\"seen\":\"1\""),
        ] {
            assert!(good.contains(from), "{good}");
            assert!(refusal(&good.replace(from, to)).is_some(), "{from} {to}");
        }
    }
}
