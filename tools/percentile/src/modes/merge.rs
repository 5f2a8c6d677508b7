//! States coming together: what is read of each, and whether they may.
//!
//! Owns the checks beyond those of [`filter::states`]: the same parameters, samples that are some. Refuses to merge anything
//! else: finished percentiles do not average.

use expr::{Aggregate, AggregateState};
use filter::Error;
use filter::states::{Expected, Rows, Source};
use schema::{Code, Number, Object, Seal, Value};

use crate::groups::doubt::{Doubt, Kind};
use crate::groups::{Groups, Metric, full};
use crate::modes::state::VERSION;
use crate::modes::thin::Thin;
use crate::options::Parameters;
use crate::samples::Samples;
use crate::stats::sketch::{Precision, Sketch};
use number::Sample;
use number::Total;

/// States coming together.
pub struct Merging {
    max_memory: usize,
    /// The sources, and which rows have come.
    rows: Rows,
    groups: Groups,
    /// What has come since the memory was last looked at, in bytes.
    unlooked: usize,
    parameters: Option<Parameters>,
    /// `-a` of those.
    aggregates: Vec<Aggregate>,
    precision: Option<Precision>,
    /// The precision where no state has one.
    default: Precision,
    /// Whether a state of version 1 was read, whose rows do not vouch for themselves.
    old: bool,
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
            rows: Rows::new(allow_equal),
            default: precision,
            groups: Groups::default(),
            unlooked: 0,
            parameters: None,
            aggregates: Vec::new(),
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
        let (sources, bytes) = self.rows.sources();
        if bytes > self.max_memory / 2 {
            let sources = crate::groups::doubt::grouped(sources as u64);
            return Err(format!("{sources} sources so far do not fit half of {} bytes: allow more", self.max_memory));
        }
        // Where one is a sketch of some precision, new sketches have that one.
        let left = self.max_memory - bytes;
        self.groups.fit(left, self.precision.unwrap_or(self.default));
        full(std::iter::once(&self.groups), left).map_or(Ok(()), Err)
    }

    /// Takes in one row of a state.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn take(&mut self, record: &Value<'_>) -> Result<(), String> {
        self.take_row(record, None)
    }

    /// Takes in one row, whose lists of steps are in `thin` where that is given.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn take_row(&mut self, record: &Value<'_>, thin: Option<&Thin>) -> Result<(), String> {
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
            let key = keys(&parameters, record);
            match thin {
                None => Rows::is_unchanged(&key, state).ok_or_else(odd)??,
                Some(thin) => {
                    let digest = thin.digest(&key, state.as_object().ok_or_else(odd)?);
                    Rows::has_digest(state, &digest).ok_or_else(odd)??;
                }
            }
        }
        self.rows.part(state, version).ok_or_else(odd)??;
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
        let mut lists = 0..;
        for (name, value) in metrics.iter() {
            let has_steps = value.get("exact").is_some_and(|exact| exact.get("steps").is_some());
            let steps = thin.filter(|_| has_steps).zip(lists.next()).map(|(thin, list)| thin.numbers(list));
            let number = self.groups.metric_number(name);
            let metric = self.metric(value, steps, (group, number))?.ok_or_else(odd)?;
            let known = metric.seen.saturating_add(metric.invalid).saturating_add(metric.doubtful());
            // A record without a weight is invalid for every metric, whatever else it held.
            if metric.seen > records || known > records.saturating_mul(2) {
                return Err(odd());
            }
            self.unlooked += metric.samples.bytes() + size_of::<Metric>();
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

    /// Reads a metric. Steps that were taken apart go straight to the samples of the group's metric at `place`, where those
    /// have the same scale; then there are no samples in what is given back.
    fn metric(
        &mut self,
        value: &Value<'_>,
        steps: Option<&[i64]>,
        (group, number): (usize, usize),
    ) -> Result<Option<Metric>, String> {
        let mine = steps.and_then(|_| self.groups.samples(group, number));
        let before = mine.as_ref().map_or(0, |mine| mine.bytes());
        let Some(read) = read_metric(value, steps, mine) else { return Ok(None) };
        let after = steps.and_then(|_| self.groups.samples(group, number)).map_or(0, |mine| mine.bytes());
        self.unlooked += after.saturating_sub(before);
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
        self.look(true).map_err(|reason| Error::data("--max-memory", reason))?;
        let sources = self.rows.finish(expected, is_last)?;
        let Some(parameters) = self.parameters else {
            return Err(Error::data("--merge", "no-records: no state was read"));
        };
        Ok(Merged { groups: self.groups, aggregates: self.aggregates, parameters, sources, vouched: !self.old })
    }
}

/// The seals of all sources, as the streams behind them would have ended.
pub fn seals(sources: &[Source]) -> impl Iterator<Item = Seal> {
    sources.iter().flat_map(|source| source.upstream.iter().cloned().chain([source.seal("percentile")]))
}

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
        Some((key, _)) => {
            format!("not-mergeable: the field {key} contains a state as text; pass that text itself, one state a line")
        }
        None => "not-mergeable: the record is not a state: finished percentiles do not average; write states with \
                 --state and merge those"
            .to_owned(),
    }
}

fn read_metric(value: &Value<'_>, steps: Option<&[i64]>, mine: Option<&mut Samples>) -> Option<Metric> {
    let whole = |key: &str| value.get(key).and_then(Value::as_number).and_then(Number::as_u64);
    let count = whole("count")?;
    let mut samples = Samples::default();
    let mut added = None;
    match (value.get("exact"), value.get("sketch"), steps) {
        (Some(exact), None, None) => samples = read_exact(exact)?,
        (Some(exact), None, Some(steps)) => {
            let scale = u8::try_from(exact.get("scale")?.as_number()?.as_u64()?).ok().filter(|&scale| scale <= 18)?;
            match mine.filter(|mine| mine.has_scale(scale)) {
                Some(mine) => {
                    let before = mine.count();
                    add_steps(mine, scale, steps)?;
                    added = Some(mine.count() - before);
                }
                None => add_steps(&mut samples, scale, steps)?,
            }
        }
        (None, Some(sketch), _) => samples = Samples::from_sketch(read_sketch(sketch)?),
        _ => return None,
    }
    if added.unwrap_or(samples.count()) != count {
        return None;
    }
    let (seen, invalid, allowed) = (whole("seen")?, whole("invalid")?, whole("allowed").unwrap_or(0));
    let is = |key: &str| value.get(key) == Some(&Value::Bool(true));
    let (rounded, uncounted) = (is("rounded"), is("uncounted"));
    let mut metric = Metric { samples, seen, invalid, allowed, rounded, uncounted, doubts: None };
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

/// Adds steps and counts in turns; `None` where a count is none, or there are too many.
fn add_steps(samples: &mut Samples, scale: u8, steps: &[i64]) -> Option<()> {
    let mut last = 0i64;
    for pair in steps.chunks_exact(2) {
        let &[step, count] = pair else { return None };
        last = last.checked_add(step)?;
        let count = u64::try_from(count).ok().filter(|&count| count > 0)?;
        let is_added =
            samples.add_scaled(last, scale, count) || samples.add_many(Sample::new(last, -i16::from(scale)), count);
        is_added.then_some(())?;
    }
    Some(())
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
