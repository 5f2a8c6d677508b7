//! The groups of records, the metrics of each and their samples.
//!
//! Owns where a value of a record goes: a sample, missing, or invalid; and the order of groups. Refuses to let memory
//! grow beyond what was granted: then every metric becomes a sketch, and that depends on the samples alone.

use std::cmp::Ordering;
use std::collections::HashMap;

use expr::{Aggregate, AggregateState};
use filter::Filter;
use schema::{Value, json};

use crate::decimal::Decimal;
use crate::samples::Samples;
use crate::scan::Plain;
use crate::sketch::Precision;

/// One metric of one group.
#[derive(Clone, Debug, Default)]
pub struct Metric {
    /// Its samples.
    pub samples: Samples,
    /// How many records gave a number.
    pub seen: u64,
    /// How many records held something else there.
    pub invalid: u64,
    /// The first of those.
    pub example: Option<Example>,
}

/// A value that is no number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The input, the block and the place in the block: what comes first is the smallest.
    place: (usize, u64, usize),
    /// `text like "87ms"`
    pub words: String,
    /// `read them with --unit ms`, where that would help
    pub hint: Option<String>,
}

impl Metric {
    /// Keeps the example that comes first.
    pub fn example(&mut self, place: (usize, u64, usize), words: impl FnOnce() -> String, hint: Option<String>) {
        if self.example.as_ref().is_none_or(|example| place < example.place) {
            self.example = Some(Example { place, words: words(), hint });
        }
    }

    /// Takes in the samples of another; false where there would be too many.
    pub fn merge(&mut self, other: Metric) -> bool {
        // A state says these counts; no sum of them may overflow.
        self.seen = self.seen.saturating_add(other.seen);
        self.invalid = self.invalid.saturating_add(other.invalid);
        if let Some(Example { place, words, hint }) = other.example {
            self.example(place, || words, hint);
        }
        self.samples.merge(other.samples)
    }
}

/// One group: the records that have the same values under `-b`.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Those values.
    pub key: Vec<Value<'static>>,
    /// How many records it has.
    pub records: u64,
    /// Its metrics, in the order of [`Groups::names`]; perhaps fewer.
    pub metrics: Vec<Metric>,
    /// The values of `-a`.
    pub aggregates: Vec<AggregateState>,
}

impl Group {
    /// The metric with the number `place`.
    pub fn metric(&mut self, place: usize) -> &mut Metric {
        if self.metrics.len() <= place {
            self.metrics.resize_with(place + 1, Metric::default);
        }
        &mut self.metrics[place]
    }
}

/// All groups.
#[derive(Debug, Default)]
pub struct Groups {
    /// The names of the metrics.
    pub names: Vec<String>,
    /// The groups in order of appearance, until [`Groups::sort`].
    pub list: Vec<Group>,
    places: HashMap<Vec<u8>, usize>,
    /// What new metrics begin as: exact, or a sketch.
    sketched: Option<Precision>,
    key_text: Vec<u8>,
}

impl Groups {
    /// No groups yet, of metrics with these names.
    pub fn new(names: Vec<String>, sketched: Option<Precision>) -> Groups {
        Groups { names, sketched, ..Groups::default() }
    }

    /// The place of the group with this key.
    pub fn place(&mut self, key: &[&Value<'_>]) -> usize {
        self.key_text.clear();
        for value in key {
            json::write(value, &mut self.key_text);
            self.key_text.push(b'\n');
        }
        if let Some(&place) = self.places.get(&self.key_text) {
            return place;
        }
        let place = self.list.len();
        self.places.insert(self.key_text.clone(), place);
        let key = key.iter().map(|&value| value.clone().into_owned()).collect();
        let mut group = Group { key, ..Group::default() };
        for metric in 0..self.names.len() {
            group.metric(metric).samples = self.empty();
        }
        self.list.push(group);
        place
    }

    /// The place of the group whose key has this text: the JSON of each value and a newline.
    pub fn known(&self, key_text: &[u8]) -> Option<usize> {
        self.places.get(key_text).copied()
    }

    /// Takes in the groups of others that were read elsewhere; false where there would be too many samples.
    pub fn merge(&mut self, other: Groups) -> bool {
        let numbers: Vec<usize> = other.names.iter().map(|name| self.metric_number(name)).collect();
        if self.sketched.is_none() {
            self.sketched = other.sketched;
        }
        let mut fits = true;
        for group in other.list {
            let key: Vec<&Value<'_>> = group.key.iter().collect();
            let place = self.place(&key);
            let empty = self.empty();
            let Some(mine) = self.list.get_mut(place) else { continue };
            mine.records = mine.records.saturating_add(group.records);
            if mine.aggregates.is_empty() {
                mine.aggregates = group.aggregates;
            } else {
                mine.aggregates.iter_mut().zip(&group.aggregates).for_each(|(mine, more)| mine.merge(more));
            }
            mine.metrics.resize_with(numbers.len().max(mine.metrics.len()), || Metric {
                samples: empty.clone(),
                ..Metric::default()
            });
            for (&number, metric) in numbers.iter().zip(group.metrics) {
                fits &= mine.metric(number).merge(metric);
            }
        }
        fits
    }

    /// An empty set of groups for a worker: the same metrics, the same form.
    pub fn fork(&self) -> Groups {
        Groups::new(self.names.clone(), self.sketched)
    }

    /// The number of the metric with this name.
    pub fn metric_number(&mut self, name: &str) -> usize {
        if let Some(number) = self.names.iter().position(|known| known == name) {
            return number;
        }
        self.names.push(name.to_owned());
        self.names.len() - 1
    }

    /// Takes in a sample; false where there would be too many.
    pub fn take(&mut self, group: usize, metric: usize, one: Decimal, count: u64) -> bool {
        let empty = self.empty();
        let Some(group) = self.list.get_mut(group) else { return true };
        if group.metrics.len() <= metric {
            group.metrics.resize_with(metric + 1, || Metric { samples: empty.clone(), ..Metric::default() });
        }
        let metric = group.metric(metric);
        metric.seen += 1;
        metric.samples.add_many(one, count)
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
            let one = match *number {
                None => continue,
                Some(Plain::Short(value, places)) => {
                    metric.seen += 1;
                    if let Some(scaled) = metric.samples.as_scaled()
                        && scaled.hold(i64::from(value), places)
                    {
                        metric.samples.added(1);
                        continue;
                    }
                    Decimal::new(i64::from(value), -(places as i16))
                }
                Some(Plain::Long(one)) => {
                    metric.seen += 1;
                    one
                }
            };
            metric.samples.add_many(one, 1);
        }
        true
    }

    /// A metric without samples.
    pub fn empty_metric(&self) -> Metric {
        Metric { samples: self.empty(), ..Metric::default() }
    }

    /// Puts a metric that was filled elsewhere in its place; all its records had this metric.
    pub fn put(&mut self, group: usize, number: usize, metric: Metric) {
        if let Some(group) = self.list.get_mut(group) {
            group.records += metric.seen + metric.invalid;
            *group.metric(number) = metric;
        }
    }

    /// Counts one more record in a group.
    pub fn record(&mut self, group: usize, aggregates: &[Aggregate], record: &Value<'_>) {
        let Some(group) = self.list.get_mut(group) else { return };
        group.records += 1;
        if group.aggregates.len() < aggregates.len() {
            group.aggregates = aggregates.iter().map(Aggregate::start).collect();
        }
        for (state, aggregate) in group.aggregates.iter_mut().zip(aggregates) {
            state.add(aggregate, record);
        }
    }

    /// Every record of the group held this metric, however many samples that were.
    pub fn seen_all(&mut self, group: usize, metric: usize) {
        if let Some(group) = self.list.get_mut(group) {
            group.metric(metric).seen = group.records;
        }
    }

    /// Counts a value that is no number.
    pub fn invalid(
        &mut self,
        group: usize,
        metric: usize,
        place: (usize, u64, usize),
        words: impl FnOnce() -> String,
        hint: Option<String>,
    ) {
        let empty = self.empty();
        let Some(group) = self.list.get_mut(group) else { return };
        if group.metrics.len() <= metric {
            group.metrics.resize_with(metric + 1, || Metric { samples: empty.clone(), ..Metric::default() });
        }
        let metric = group.metric(metric);
        metric.invalid += 1;
        metric.example(place, words, hint);
    }

    fn empty(&self) -> Samples {
        self.sketched.map_or_else(Samples::default, Samples::sketched)
    }

    /// About how many bytes all samples take up.
    pub fn bytes(&self) -> usize {
        const OVERHEAD: usize = 256;
        let of = |group: &Group| group.metrics.iter().map(|metric| OVERHEAD + metric.samples.bytes()).sum::<usize>();
        self.list.iter().map(of).sum()
    }

    /// Keeps the samples within `limit` bytes: makes them compact, and sketches if that is not enough.
    ///
    /// Whether it comes to sketches depends on the samples alone: if what they need at least is more than half.
    pub fn fit(&mut self, limit: usize, precision: Precision) {
        if self.sketched.is_some() {
            return;
        }
        let most: usize = self.metrics().map(|metric| metric.samples.needs_at_most()).sum();
        if most <= limit / 2 && self.bytes() <= limit / 4 * 3 {
            return;
        }
        let needed: usize = self.metrics().map(|metric| metric.samples.compact()).sum();
        if needed > limit / 2 {
            self.sketched = Some(precision);
            for metric in self.metrics() {
                metric.samples.sketch(precision);
            }
        }
    }

    /// Corrects every metric for coordinated omission; false where that cannot be done.
    pub fn correct(&mut self, interval: Decimal) -> bool {
        self.metrics().all(|metric| metric.samples.correct(interval))
    }

    fn metrics(&mut self) -> impl Iterator<Item = &mut Metric> {
        self.list.iter_mut().flat_map(|group| &mut group.metrics)
    }

    /// Says once for each metric how many values were no numbers.
    pub fn tell_invalid(&self, filter: &mut Filter) {
        for (number, name) in self.names.iter().enumerate() {
            let metrics = || self.list.iter().filter_map(|group| group.metrics.get(number));
            let count = metrics().map(|metric| metric.invalid).fold(0, u64::saturating_add);
            let first = metrics().filter_map(|metric| metric.example.as_ref()).min_by_key(|example| example.place);
            let Some(first) = first else { continue };
            let place = if name.is_empty() { "input" } else { name };
            let hint = first.hint.as_deref().unwrap_or("wanted numbers");
            let values = if count == 1 { "value is" } else { "values are" };
            filter.note("invalid values", place, format!("{} {values} {}; {hint}", grouped(count), first.words));
        }
    }

    /// Puts groups in the order of their keys, and metrics that were found in the order of their names.
    pub fn sort(&mut self, names_as_given: usize) {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        if let Some(found) = order.get_mut(names_as_given..) {
            found.sort_by(|&a, &b| self.names.get(a).cmp(&self.names.get(b)));
        }
        let empty = self.empty();
        for group in &mut self.list {
            group.metrics.resize_with(self.names.len(), || Metric { samples: empty.clone(), ..Metric::default() });
            let mut metrics: Vec<Metric> = std::mem::take(&mut group.metrics);
            group.metrics = order.iter().filter_map(|&at| metrics.get_mut(at).map(std::mem::take)).collect();
        }
        self.names = order.iter().filter_map(|&at| self.names.get(at).cloned()).collect();
        self.list.sort_by(|a, b| keys(&a.key, &b.key));
        self.places.clear();
    }
}

/// A count with commas: `1,994`.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Orders keys value by value: null, booleans, numbers by size, texts, the rest by its text.
fn keys(a: &[Value<'_>], b: &[Value<'_>]) -> Ordering {
    a.iter().zip(b).map(|(a, b)| values(a, b)).find(|order| order.is_ne()).unwrap_or(a.len().cmp(&b.len()))
}

fn values(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    let rank = |value: &Value<'_>| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::Text(_) => 3,
        _ => 4,
    };
    let text = |value: &Value<'_>| {
        let mut text = Vec::new();
        json::write(value, &mut text);
        text
    };
    let by_size = |a: &Value<'_>, b: &Value<'_>| {
        let number = |value: &Value<'_>| Decimal::parse(value.as_number()?.as_str().as_bytes());
        Some(number(a)?.cmp(&number(b)?))
    };
    rank(a)
        .cmp(&rank(b))
        .then_with(|| match (a, b) {
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            _ => by_size(a, b).unwrap_or(Ordering::Equal),
        })
        .then_with(|| text(a).cmp(&text(b)))
}
