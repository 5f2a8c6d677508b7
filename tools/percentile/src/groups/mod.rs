//! The groups of records, the metrics of each and their samples.
//!
//! Owns where a value of a record goes: a sample, missing, or invalid; the order of groups; and what all of it takes up.
//! Refuses to let memory grow beyond what was granted: then every metric becomes a sketch, and that depends on the
//! samples alone; the few samples of a small group wait with it until they are written.
//!
//! Long on purpose: every way into a group (a sample, a plain record, all fields, another worker's groups) keeps the same
//! account of memory, and which of them may forget it is seen only where they stand together.

pub mod doubt; // what could not be read
mod index; // groups by hash
pub mod shared; // where workers' groups come together

use std::collections::HashMap;

use expr::{Aggregate, AggregateState, Claims, Order, Path};
use filter::Filter;
use schema::{Code, Value, json};

use crate::groups::doubt::{Doubt, Doubts, Found, Kind, NO_LIMIT, grouped};
use crate::groups::index::Places;
use crate::samples::Samples;
use crate::stats::sketch::Precision;
use number::{Plain, Sample};

/// One metric of one group.
#[derive(Clone, Debug, Default)]
pub struct Metric {
    /// Its samples.
    pub samples: Samples,
    /// How many records gave a number.
    pub seen: u64,
    /// How many records held something else there.
    pub invalid: u64,
    /// How many of those `--allow-rejected` grants: they are no doubt.
    pub allowed: u64,
    /// Whether a sample is the nearest double of a number with more digits.
    pub rounded: bool,
    /// Whether a number stood there that is no sample: one beyond all doubles, or one that its record doubts.
    pub uncounted: bool,
    /// What could not be read, or only doubted.
    pub doubts: Option<Box<Doubts>>,
}

impl Metric {
    /// Whether a record held anything there.
    pub fn is_there(&self) -> bool {
        self.seen > 0 || self.invalid > 0 || self.doubts.is_some()
    }

    /// How many records held anything there.
    pub fn records(&self) -> u64 {
        self.seen.saturating_add(self.invalid).saturating_add(self.doubtful())
    }

    /// What could not be read, to count more of it.
    pub fn doubts(&mut self) -> &mut Doubts {
        self.doubts.get_or_insert_default()
    }

    /// What its samples and doubts take up.
    fn bytes(&self) -> usize {
        self.samples.bytes() + self.doubts.as_ref().map_or(0, |doubts| doubts.bytes())
    }

    /// In how many records what stood there was doubted by the record itself.
    pub fn doubtful(&self) -> u64 {
        self.doubts.as_ref().map_or(0, |doubts| doubts.records(Kind::Claim))
    }

    /// In how many records an object stood there that nobody asked for.
    fn objects(&self) -> u64 {
        self.doubts.as_ref().map_or(0, |doubts| doubts.records(Kind::Object))
    }

    /// Takes in the number of one record.
    #[inline]
    fn put(&mut self, number: Plain, sketched: Option<Precision>) {
        self.seen += 1;
        let one = match number {
            Plain::Short(value, places) => {
                if let Some(scaled) = self.samples.as_scaled()
                    && scaled.hold(i64::from(value), places)
                {
                    self.samples.added(1);
                    return;
                }
                Sample::new(i64::from(value), -(places as i16))
            }
            Plain::Long(one) => one,
        };
        self.samples.add_many(one, 1);
        self.fit(sketched);
    }

    /// Makes a sketch of more than a few samples, where sketches are wanted.
    fn fit(&mut self, sketched: Option<Precision>) {
        if let Some(precision) = sketched
            && !self.samples.are_few()
        {
            self.samples.sketch(precision);
        }
    }

    /// Takes in the samples of another; false where there would be too many.
    pub fn merge(&mut self, other: Metric) -> bool {
        // A state says these counts; no sum of them may overflow.
        self.seen = self.seen.saturating_add(other.seen);
        self.invalid = self.invalid.saturating_add(other.invalid);
        self.allowed = self.allowed.saturating_add(other.allowed);
        self.rounded |= other.rounded;
        self.uncounted |= other.uncounted;
        merge_doubts(&mut self.doubts, other.doubts.as_deref());
        self.samples.merge(other.samples)
    }
}

/// Takes in the doubts of another.
fn merge_doubts(mine: &mut Option<Box<Doubts>>, other: Option<&Doubts>) {
    for doubt in other.into_iter().flat_map(Doubts::iter) {
        mine.get_or_insert_default().put(doubt.clone());
    }
}

/// One group: the records that have the same values under `-b`.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The JSON of those values, a newline behind each.
    key: Box<[u8]>,
    /// How many records it has.
    pub records: u64,
    /// Its metrics, in the order of [`Groups::names`]; perhaps fewer.
    pub metrics: Vec<Metric>,
    /// The values of `-a`.
    pub aggregates: Vec<AggregateState>,
    /// Records of which `--where` cannot tell, since they lack what it reads.
    pub undecided: u64,
    /// What of its records cannot be told, whatever the metric.
    pub doubts: Option<Box<Doubts>>,
}

impl Group {
    /// The text of the values under `-b`.
    pub fn key_text(&self) -> &[u8] {
        &self.key
    }

    /// Whether a record went into it, or may have. The one of a run without `-b` is always there.
    pub fn is_there(&self) -> bool {
        self.records > 0 || self.doubts.is_some() || self.key.is_empty()
    }

    /// The values under `-b`.
    pub fn key(&self) -> Vec<Value<'static>> {
        let lines = self.key.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| json::parse(line).map_or(Value::Null, Value::into_owned)).collect()
    }

    /// Whether the value under the path of `-b` with this number is there, and not null.
    pub fn has_value(&self, number: usize) -> bool {
        self.key.split(|&byte| byte == b'\n').nth(number).is_some_and(|value| value != b"null")
    }

    /// What it takes up besides its samples, at least.
    fn overhead(&self) -> usize {
        GROUP + self.key.len() + self.metrics.len() * METRIC + self.aggregates.len() * AGGREGATE
    }

    /// The metric with the number `place`.
    pub fn metric(&mut self, place: usize) -> &mut Metric {
        if self.metrics.len() <= place {
            // No more room than is used: there may be very many groups.
            self.metrics.reserve_exact(place + 1 - self.metrics.len());
            self.metrics.resize_with(place + 1, Metric::default);
        }
        &mut self.metrics[place]
    }
}

/// What a group takes up at most besides its key and metrics: itself, its place in the list and among the places (both
/// may be half empty), what the allocator adds, and what it is sorted by at the end.
const GROUP: usize = 2 * size_of::<Group>() + Places::MOST + 96;

/// What a metric takes up besides its samples.
const METRIC: usize = size_of::<Metric>() + 16;

/// What a value of `-a` takes up, about.
const AGGREGATE: usize = 160;

/// How reading ends: what makes of the records that were read what is said of them.
#[derive(Clone, Debug, Default)]
pub struct Ending<'p> {
    /// So many of the first metrics were asked for by their names.
    pub named: usize,
    /// The last names of the wildcards that end in one: what they match was asked for, too.
    pub asked: Vec<&'p str>,
    /// `--no-missing`: a record without a number is one that could not be read.
    pub no_missing: bool,
    /// Whether records have weights: nobody knows how often a missing one counts.
    pub weighed: bool,
}

impl Ending<'_> {
    /// Whether a metric is one that a wildcard asks for by its last name: `*.ms`.
    fn asks_for(&self, name: &str) -> bool {
        let ends =
            |last: &&str| name.strip_suffix(*last).is_some_and(|before| before.is_empty() || before.ends_with('.'));
        name.is_empty() || self.asked.iter().any(ends)
    }
}

/// All groups.
#[derive(Debug, Default)]
pub struct Groups {
    /// The names of the metrics.
    pub names: Vec<String>,
    /// The place of each name.
    numbers: HashMap<String, usize>,
    /// The keys of the record that came first, and its place.
    pub first: Option<(Found, Vec<String>)>,
    /// The first and the last time of the records, in nanoseconds since 1970, where it is asked for.
    pub span: Option<(i64, i64)>,
    /// The groups in order of appearance, until [`Groups::sort`].
    pub list: Vec<Group>,
    places: Places,
    /// What the groups took up that came since the last look.
    grown: usize,
    /// What new metrics begin as: exact, or a sketch.
    sketched: Option<Precision>,
    key_text: Vec<u8>,
}

impl Groups {
    /// No groups yet, of metrics with these names.
    pub fn new(names: Vec<String>, sketched: Option<Precision>) -> Groups {
        let numbers = names.iter().enumerate().map(|(number, name)| (name.clone(), number)).collect();
        Groups { names, numbers, sketched, ..Groups::default() }
    }

    /// The place of the group with this key.
    pub fn place(&mut self, key: &[&Value<'_>]) -> usize {
        self.key_text.clear();
        for value in key {
            json::write(value, &mut self.key_text);
            self.key_text.push(b'\n');
        }
        let key = std::mem::take(&mut self.key_text);
        let place = self.place_of(&key);
        self.key_text = key;
        place
    }

    /// The place of the group whose key has this text, a new one if there is none.
    pub fn place_of(&mut self, key: &[u8]) -> usize {
        if let Some(place) = self.known(key) {
            return place;
        }
        let mut group = Group { key: key.into(), ..Group::default() };
        if let Some(last) = self.names.len().checked_sub(1) {
            group.metric(last);
        }
        self.grown += group.overhead();
        let place = self.list.len();
        self.list.push(group);
        self.places.insert(key, place);
        place
    }

    /// The place of the group whose key has this text: the JSON of each value and a newline.
    pub fn known(&self, key_text: &[u8]) -> Option<usize> {
        self.places.get(key_text, |place| self.list.get(place).is_some_and(|group| *group.key == *key_text))
    }

    /// Takes in the groups of others that were read elsewhere; false where there would be too many samples.
    pub fn merge(&mut self, other: Groups) -> bool {
        let numbers: Vec<usize> = other.names.iter().map(|name| self.metric_number(name)).collect();
        if self.sketched.is_none() {
            self.sketched = other.sketched;
        }
        if let Some(first) = other.first
            && self.first.as_ref().is_none_or(|known| first.0 < known.0)
        {
            self.first = Some(first);
        }
        for time in other.span.into_iter().flat_map(|(from, to)| [from, to]) {
            self.see(time);
        }
        let mut fits = true;
        for group in other.list {
            let place = self.place_of(&group.key);
            let sketched = self.sketched;
            let Some(mine) = self.list.get_mut(place) else { continue };
            mine.records = mine.records.saturating_add(group.records);
            mine.undecided = mine.undecided.saturating_add(group.undecided);
            merge_doubts(&mut mine.doubts, group.doubts.as_deref());
            if mine.aggregates.is_empty() {
                mine.aggregates = group.aggregates;
            } else {
                mine.aggregates.iter_mut().zip(&group.aggregates).for_each(|(mine, more)| mine.merge(more));
            }
            for (&number, metric) in numbers.iter().zip(group.metrics) {
                let mine = mine.metric(number);
                fits &= mine.merge(metric);
                mine.fit(sketched);
            }
        }
        fits
    }

    /// Takes in the time of a record, in nanoseconds since 1970.
    pub fn see(&mut self, time: i64) {
        self.span = Some(self.span.map_or((time, time), |(from, to)| (from.min(time), to.max(time))));
    }

    /// The samples of a group's metric.
    pub fn samples(&mut self, group: usize, number: usize) -> Option<&mut Samples> {
        Some(&mut self.list.get_mut(group)?.metric(number).samples)
    }

    /// Takes in a metric of a group; false where there would be too many samples.
    pub fn merge_metric(&mut self, group: usize, number: usize, metric: Metric) -> bool {
        let sketched = self.sketched;
        let Some(group) = self.list.get_mut(group) else { return true };
        let mine = group.metric(number);
        let fits = mine.merge(metric);
        mine.fit(sketched);
        fits
    }

    /// An empty set of groups for a worker: the same metrics, the same form.
    pub fn fork(&self) -> Groups {
        Groups::new(self.names.clone(), self.sketched)
    }

    /// The number of the metric with this name.
    pub fn metric_number(&mut self, name: &str) -> usize {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        self.numbers.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        self.names.len() - 1
    }

    /// Takes in a sample; false where there would be too many.
    pub fn take(&mut self, group: usize, metric: usize, one: Sample, count: u64) -> bool {
        let Some(group) = self.list.get_mut(group) else { return true };
        let taken = group.metric(metric);
        taken.seen += 1;
        let fits = taken.samples.add_many(one, count);
        taken.fit(self.sketched);
        fits
    }

    /// Takes in the numbers of a record that was read the fast way, in the order of the metrics.
    #[inline]
    pub fn take_plain(&mut self, group: usize, numbers: &[Option<Plain>]) -> bool {
        let Some(group) = self.list.get_mut(group) else { return false };
        if group.metrics.len() < numbers.len() {
            return false;
        }
        group.records += 1;
        for (metric, number) in group.metrics.iter_mut().zip(numbers) {
            if let Some(number) = *number {
                metric.put(number, self.sketched);
            }
        }
        true
    }

    /// Takes in what a record that was read the fast way holds for each metric: a number, or the text of something else,
    /// which `doubt` notes.
    pub fn take_all<'t>(
        &mut self,
        group: usize,
        leaves: impl Iterator<Item = (usize, Result<Plain, &'t [u8]>)>,
        mut doubt: impl FnMut(&'t [u8], &mut Doubts),
    ) {
        let sketched = self.sketched;
        let Some(group) = self.list.get_mut(group) else { return };
        group.records += 1;
        for (number, leaf) in leaves {
            let metric = group.metric(number);
            match leaf {
                Ok(number) => metric.put(number, sketched),
                Err(text) => {
                    metric.invalid += 1;
                    doubt(text, metric.doubts());
                }
            }
        }
    }

    /// Puts a metric that was filled elsewhere in its place; all its records had this metric, but for `absent` ones.
    pub fn put(&mut self, group: usize, number: usize, mut metric: Metric, absent: u64) {
        metric.fit(self.sketched);
        if let Some(group) = self.list.get_mut(group) {
            group.records += metric.seen + metric.invalid + absent;
            *group.metric(number) = metric;
        }
    }

    /// Counts one more record in a group. An aggregate that would read what the record says was declared, not measured,
    /// does not take it in: with it its answer is not known.
    pub fn record(
        &mut self,
        group: usize,
        aggregates: &[Aggregate],
        record: &Value<'_>,
        claims: Option<&Claims>,
        order: Order,
    ) {
        let Some(group) = self.list.get_mut(group) else { return };
        group.records += 1;
        if group.aggregates.len() < aggregates.len() {
            group.aggregates = aggregates.iter().map(Aggregate::start).collect();
        }
        for (state, aggregate) in group.aggregates.iter_mut().zip(aggregates) {
            if claims.is_some_and(|claims| aggregate.paths().iter().any(|path| claims.may_be_declared(path))) {
                state.leave_open(Code::Declared, 1);
            } else {
                state.add_in_order(aggregate, record, order);
            }
        }
    }

    /// Every record of the group held this metric, however many samples that were.
    pub fn seen_all(&mut self, group: usize, metric: usize) {
        if let Some(group) = self.list.get_mut(group) {
            group.metric(metric).seen = group.records;
        }
    }

    /// Counts a record that `--where` cannot decide: it lacks what is asked for.
    pub fn undecided(&mut self, group: usize) {
        if let Some(group) = self.list.get_mut(group) {
            group.undecided += 1;
        }
    }

    /// The doubts of a metric, and whether they make its values invalid.
    pub fn metric(&mut self, group: usize, metric: usize) -> Option<&mut Metric> {
        self.list.get_mut(group).map(|group| group.metric(metric))
    }

    /// The doubts of a whole group.
    pub fn doubts(&mut self, group: usize) -> Option<&mut Doubts> {
        self.list.get_mut(group).map(|group| &mut **group.doubts.get_or_insert_default())
    }

    /// The end of all reading: what never was a number is no metric unless it was asked for, what is missing is invalid
    /// where that is so, and what a group doubts each of its metrics does.
    pub fn read_all(&mut self, ending: &Ending<'_>, granted: bool) {
        self.drop_numberless(ending);
        self.drop_recordless();
        self.doubt(ending, granted);
        self.count_objects();
    }

    /// The same of a window that has undecided records alone: its groups stay.
    pub fn read_undecided(&mut self, ending: &Ending<'_>) {
        self.drop_numberless(ending);
        self.doubt(ending, false);
        self.count_objects();
    }

    /// The end of reading one part of the whole, of which a state is written. What is no number here may be one elsewhere,
    /// so that every name stays, and a group that has undecided records alone may have others there; what the part was
    /// granted is granted now.
    pub fn read_part(&mut self, ending: &Ending<'_>, granted: bool) {
        self.retain(|group| group.is_there() || group.undecided > 0);
        if granted {
            self.doubt(ending, true);
            self.list.iter_mut().for_each(|group| group.doubts = None);
        }
    }

    /// Lets go of the metrics that never were a number, and that nobody asked for by name. What has a unit in its name was
    /// to be one (`took_ms` of `"timeout"` throughout).
    fn drop_numberless(&mut self, ending: &Ending<'_>) {
        let has_unit = |name: &String| Path::from_keys([name.as_str()]).is_some_and(|path| path.unit().is_some());
        let mut seen: Vec<bool> = vec![false; self.names.len()];
        let mut meant: Vec<Option<bool>> = vec![None; self.names.len()];
        for group in &self.list {
            let names = self.names.iter().zip(&mut meant);
            for ((seen, metric), (name, meant)) in seen.iter_mut().zip(&group.metrics).zip(names) {
                *seen = *seen
                    || metric.seen > 0
                    || metric.uncounted
                    || metric.invalid > 0 && *meant.get_or_insert_with(|| has_unit(name));
            }
        }
        let named = self.names.iter().enumerate().map(|(number, name)| number < ending.named || ending.asks_for(name));
        let kept: Vec<bool> = seen.into_iter().zip(named).map(|(seen, named)| seen || named).collect();
        if !kept.contains(&false) {
            return;
        }
        for group in &mut self.list {
            let metrics = std::mem::take(&mut group.metrics);
            group.metrics = metrics.into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(one, _)| one).collect();
        }
        let names = std::mem::take(&mut self.names);
        self.names = names.into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(name, _)| name).collect();
        self.numbers = self.names.iter().enumerate().map(|(number, name)| (name.clone(), number)).collect();
    }

    /// Lets go of the groups that no record went into.
    fn drop_recordless(&mut self) {
        self.retain(Group::is_there);
    }

    /// Lets go of the groups that are not wanted.
    fn retain(&mut self, is_wanted: impl Fn(&Group) -> bool) {
        if !self.list.iter().all(&is_wanted) {
            self.list.retain(is_wanted);
            self.places = Places::default();
            for (place, group) in self.list.iter().enumerate() {
                self.places.insert(&group.key, place);
            }
        }
    }

    /// Makes invalid what is missing where that is so, hands the doubts of each group to its metrics, and takes away those
    /// that are granted.
    fn doubt(&mut self, ending: &Ending<'_>, granted: bool) {
        let count = self.names.len();
        for group in &mut self.list {
            if let Some(last) = count.checked_sub(1) {
                group.metric(last);
            }
            for metric in &mut group.metrics {
                if let Some(doubts) = &group.doubts {
                    metric.invalid = metric.invalid.saturating_add(doubts.records(Kind::Weight));
                    merge_doubts(&mut metric.doubts, Some(doubts));
                }
                let known = metric.seen.saturating_add(metric.invalid).saturating_add(metric.doubtful());
                let known = known.saturating_add(metric.objects());
                let missing = group.records.saturating_sub(known);
                if ending.no_missing && missing > 0 {
                    metric.invalid += missing;
                    let samples = if ending.weighed { NO_LIMIT } else { missing };
                    metric.doubts().put(Doubt {
                        kind: Kind::Value,
                        code: Code::Missing,
                        records: missing,
                        samples,
                        first: ((usize::MAX, 0, 0), "no number".to_owned()),
                        hint: None,
                    });
                }
                if granted && let Some(doubts) = metric.doubts.take() {
                    metric.allowed = metric.invalid;
                    for doubt in
                        doubts.iter().filter(|doubt| matches!(doubt.kind, Kind::Claim | Kind::Where | Kind::Object))
                    {
                        metric.doubts().put(doubt.clone());
                    }
                }
            }
        }
    }

    /// Makes invalid the objects that stood where other records have a number.
    fn count_objects(&mut self) {
        for metric in self.metrics() {
            metric.invalid = metric.invalid.saturating_add(metric.objects());
        }
    }

    /// About how many bytes all of it takes up.
    pub fn bytes(&self) -> usize {
        self.overhead() + self.list.iter().flat_map(|group| &group.metrics).map(Metric::bytes).sum::<usize>()
    }

    /// What the groups take up besides their samples.
    fn overhead(&self) -> usize {
        self.list.iter().map(Group::overhead).sum()
    }

    /// What was added since the last call, at most: new groups, and so many records' samples.
    pub fn grown(&self, records: u64) -> usize {
        const SAMPLE: usize = 2 * size_of::<Sample>();
        let samples = usize::try_from(records).unwrap_or(usize::MAX).saturating_mul(SAMPLE * self.names.len().max(1));
        self.grown.saturating_add(samples)
    }

    /// What was added is known.
    pub fn looked(&mut self) {
        self.grown = 0;
    }

    /// Keeps the samples within `limit` bytes: makes them compact, and sketches if that is not enough.
    ///
    /// Whether it comes to sketches depends on the samples alone: if what they and their groups need at least is more
    /// than half.
    pub fn fit(&mut self, limit: usize, precision: Precision) {
        if self.sketched.is_some() {
            return;
        }
        let most: usize = self.metrics().map(|metric| metric.samples.needs_at_most()).sum();
        if self.overhead().saturating_add(most) <= limit / 2 && self.bytes() <= limit / 4 * 3 {
            return;
        }
        let needed: usize = self.metrics().map(|metric| metric.samples.compact()).sum();
        if self.overhead().saturating_add(needed) > limit / 2 {
            self.sketched = Some(precision);
            self.metrics().for_each(|metric| metric.fit(Some(precision)));
        }
    }

    /// Where sketches are wanted, makes one of the few samples of a group, which is about to be written.
    pub fn finish(&mut self, place: usize) {
        if let (Some(precision), Some(group)) = (self.sketched, self.list.get_mut(place)) {
            group.metrics.iter_mut().for_each(|metric| metric.samples.sketch(precision));
        }
    }

    /// Lets go of the samples of a group that was written.
    pub fn forget(&mut self, place: usize) {
        if let Some(group) = self.list.get_mut(place) {
            group.metrics = Vec::new();
        }
    }

    /// Corrects every metric for coordinated omission; false where that cannot be done within `limit` bytes.
    pub fn correct(&mut self, interval: Sample, limit: usize) -> bool {
        let mut left = (limit / 2).saturating_sub(self.overhead());
        self.metrics().all(|metric| {
            let done = metric.samples.correct(interval, left);
            left = left.saturating_sub(metric.samples.bytes());
            done
        })
    }

    fn metrics(&mut self) -> impl Iterator<Item = &mut Metric> {
        self.list.iter_mut().flat_map(|group| &mut group.metrics)
    }

    /// The groups of each first value of their keys, which is taken off them.
    pub fn by_first_key(self) -> Vec<(Value<'static>, Groups)> {
        let mut parts: Vec<(Box<[u8]>, Groups)> = Vec::new();
        let mut places: HashMap<Box<[u8]>, usize> = HashMap::new();
        for mut group in self.list {
            let end = group.key.iter().position(|&byte| byte == b'\n').map_or(group.key.len(), |at| at + 1);
            let (first, rest) = group.key.split_at(end);
            let (first, rest): (Box<[u8]>, Box<[u8]>) = (first.into(), rest.into());
            let place = *places.entry(first.clone()).or_insert_with(|| {
                parts.push((first, Groups::new(self.names.clone(), self.sketched)));
                parts.len() - 1
            });
            group.key = rest;
            if let Some((_, part)) = parts.get_mut(place) {
                part.list.push(group);
            }
        }
        let value = |key: &[u8]| json::parse(key.trim_ascii_end()).map_or(Value::Null, Value::into_owned);
        parts.into_iter().map(|(key, groups)| (value(&key), groups)).collect()
    }

    /// Says once of records in how many their group or window is not known.
    pub fn tell_groupless(&self, filter: &mut Filter) {
        let mut all = Doubts::default();
        for doubt in self.list.iter().filter_map(|group| group.doubts.as_deref()).flat_map(Doubts::iter) {
            if matches!(doubt.kind, Kind::Time | Kind::Group) {
                all.put(doubt.clone());
            }
        }
        for doubt in all.iter() {
            let place = if doubt.kind == Kind::Time { "--time" } else { "-b" };
            filter.note("no group", place, doubt.detail());
        }
    }

    /// Says once for each metric how many values were no numbers; of what never was one only where it was asked for.
    pub fn tell_invalid(&self, ending: &Ending<'_>, filter: &mut Filter) {
        let mut seen = vec![false; self.names.len()];
        for group in &self.list {
            for (seen, metric) in seen.iter_mut().zip(&group.metrics) {
                *seen |= metric.seen > 0;
            }
        }
        for ((number, name), seen) in self.names.iter().enumerate().zip(seen) {
            if !seen && number >= ending.named && !ending.asks_for(name) {
                continue;
            }
            let mut all = Doubts::default();
            for doubt in self
                .list
                .iter()
                .filter_map(|group| group.metrics.get(number)?.doubts.as_deref())
                .flat_map(Doubts::iter)
                .filter(|doubt| matches!(doubt.kind, Kind::Value | Kind::Object | Kind::Claim))
            {
                all.put(doubt.clone());
            }
            let place = if name.is_empty() { "input" } else { name };
            for doubt in all.iter() {
                let hint = doubt.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
                filter.note("invalid values", place, format!("{}{hint}", doubt.detail()));
            }
        }
    }

    /// Puts groups in the order of their keys, and metrics that were found in the order of their names.
    pub fn sort(&mut self, names_as_given: usize) {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        if let Some(found) = order.get_mut(names_as_given..) {
            found.sort_by(|&a, &b| self.names.get(a).cmp(&self.names.get(b)));
        }
        for group in &mut self.list {
            if let Some(last) = self.names.len().checked_sub(1) {
                group.metric(last);
            }
            if order.iter().enumerate().any(|(place, &from)| place != from) {
                let mut metrics: Vec<Metric> = std::mem::take(&mut group.metrics);
                group.metrics = order.iter().filter_map(|&at| metrics.get_mut(at).map(std::mem::take)).collect();
            }
        }
        self.names = order.iter().filter_map(|&at| self.names.get(at).cloned()).collect();
        self.numbers = self.names.iter().enumerate().map(|(number, name)| (name.clone(), number)).collect();
        self.list.sort_by_cached_key(order_of);
        self.places = Places::default();
    }
}

/// What groups may take up beside the memory that was granted: a sketch or two, whatever it was.
const SLACK: usize = 16 << 20;

/// Why groups do not fit `limit` bytes, in words; `None` where they do. A quarter of it is the workers' own.
pub fn full<'g>(parts: impl Iterator<Item = &'g Groups> + Clone, limit: usize) -> Option<String> {
    let bytes: usize = parts.clone().map(Groups::bytes).sum();
    (bytes > limit / 4 * 3 + SLACK).then(|| {
        let groups: usize = parts.map(|groups| groups.list.len()).sum();
        let groups = if groups == 1 { "1 group".to_owned() } else { format!("{} groups", grouped(groups as u64)) };
        let limit = grouped(limit as u64);
        format!("{groups} so far do not fit {limit} bytes, even as sketches: allow more, or group by less")
    })
}

/// Bytes in the order of the groups, value by value: null, booleans, numbers by size, texts, the rest by its text.
fn order_of(group: &Group) -> Vec<u8> {
    let mut order = Vec::with_capacity(group.key.len() + 8);
    for value in group.key() {
        let rank = match value {
            Value::Null => 0,
            Value::Bool(_) => 1,
            Value::Number(_) => 2,
            Value::Text(_) => 3,
            _ => 4,
        };
        order.push(rank);
        let mut text = Vec::new();
        match &value {
            Value::Text(letters) => text.extend_from_slice(letters.as_bytes()),
            other => json::write(other, &mut text),
        }
        if let Value::Number(number) = &value {
            let size = Sample::parse(number.as_str().as_bytes()).map_or(u128::MAX, Sample::key);
            order.extend_from_slice(&size.to_be_bytes());
        }
        // A zero byte that ends the text is below any that is in it.
        for &byte in &text {
            order.push(byte);
            if byte == 0 {
                order.push(1);
            }
        }
        order.extend_from_slice(&[0, 0]);
    }
    order
}
