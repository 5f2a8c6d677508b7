//! The fast way through records that all look alike: their values are found by their shape ([`schema::shapes`]).
//!
//! Owns what the values of such a line come to: group, numbers, conditions. Refuses every line it is not sure of: the strict
//! reader takes those and decides.

use expr::{Probe, Raw, Step};
use number::digits::{plain, word};
use number::{Plain, Sample};
use schema::shapes::{Cache, Run, Shapes, Span, Spans, Taken, VALUES};
use schema::{Code, Truth, Value, json};

use crate::groups::Groups;
use crate::groups::doubt::{Found, Kind};
use crate::plan::Plan;

/// Reads records of known shapes.
pub struct Scanner {
    /// How many of the keys are fields: the first of them; and how many are groups, the next.
    fields: usize,
    by: usize,
    /// `--where`, each with the places of its keys.
    conditions: Vec<(Probe, Vec<usize>)>,
    /// Whether every number is a field.
    all: bool,
    /// Which of the keys has the time, where it is asked for.
    time: Option<usize>,
    shapes: Shapes,
    /// Where every number is a field, the number of its metric for each value of each shape.
    metrics: Vec<Vec<Option<usize>>>,
    /// The groups of short keys.
    cache: Cache,
    key: Vec<u8>,
}

/// How many fields, groups and keys of conditions the fast way knows.
const FIELDS: usize = 8;
const BY: usize = 4;
const ASKED: usize = 8;

impl Scanner {
    /// A scanner for the fields of `plan`, where they are simple enough: plain keys, and conditions on values as they are;
    /// and for the `time` of each record, where that is asked for.
    pub fn new(plan: &Plan, strict: bool, time: Option<&expr::Path>) -> Option<Scanner> {
        // Where every number is a field, texts are counted; what more is said of them the plain way knows.
        let texts_differ = strict || !plan.na.is_empty() || plan.unit.is_some();
        if !plan.is_simple() || plan.all_fields && texts_differ || plan.fields.len() > FIELDS || plan.by.len() > BY {
            return None;
        }
        let plain_key = |path: &expr::Path| match path.steps() {
            [Step::Name { text, .. }] => Some(text.clone()),
            _ => None,
        };
        let mut keys: Vec<String> = plan.fields.iter().chain(&plan.by).map(plain_key).collect::<Option<_>>()?;
        // A key that is a field or a group twice would need two places.
        if (1..keys.len()).any(|place| keys.get(..place).is_some_and(|before| before.contains(&keys[place]))) {
            return None;
        }
        let named = keys.len();
        let mut conditions = Vec::new();
        for condition in &plan.conditions {
            let probe = condition.probe()?;
            let places = probe.keys().iter().map(|key| match keys.iter().position(|known| known == key) {
                Some(place) => place,
                None => {
                    keys.push(key.clone());
                    keys.len() - 1
                }
            });
            let places = places.collect();
            conditions.push((probe, places));
        }
        let time = match time.map(plain_key) {
            None => None,
            // Where every number is a field, windows are few enough to be read the plain way.
            Some(None) => return None,
            Some(Some(_)) if plan.all_fields => return None,
            Some(Some(key)) => Some(keys.iter().position(|known| *known == key).unwrap_or_else(|| {
                keys.push(key);
                keys.len() - 1
            })),
        };
        if keys.len() > named + ASKED {
            return None;
        }
        Some(Scanner {
            fields: plan.fields.len(),
            by: plan.by.len(),
            conditions,
            all: plan.all_fields,
            time,
            shapes: Shapes::new(keys)?,
            metrics: Vec::new(),
            cache: Cache::default(),
            key: Vec::new(),
        })
    }

    /// Forgets what number each group has.
    pub fn forget_groups(&mut self) {
        self.cache.clear();
        if self.all {
            // The metrics have other numbers now.
            self.shapes.clear();
        }
    }

    /// Learns the shape of a line that the strict reader has passed as `value`.
    pub fn learn(&mut self, line: &[u8], value: &Value<'_>, plan: &Plan, groups: &mut Groups) {
        let keys = || value.as_object().into_iter().flat_map(schema::Object::iter).map(|(key, _)| key);
        // A summary of this tool is looked for by its method, which only the plain way does.
        if self.all && keys().any(|key| key == "method") {
            return;
        }
        let Some(place) = self.shapes.learn(line, value) else { return };
        if self.all {
            let by = self.shapes.keys().get(self.fields..self.fields + self.by).unwrap_or_default();
            let is_field =
                |key: &str| !by.iter().any(|by| by == key) && !plan.left_out.iter().any(|left_out| left_out == key);
            if self.metrics.len() <= place {
                self.metrics.resize(place + 1, Vec::new());
            }
            self.metrics[place] = keys().map(|key| is_field(key).then(|| groups.metric_number(key))).collect();
        }
    }

    /// Reads lines from `at` on as long as they have a known shape.
    pub fn run(&mut self, bytes: &[u8], at: usize, end: usize, groups: &mut Groups) -> Run {
        let mut run = Run { next: at, ..Run::default() };
        let mut spans = Spans::default();
        while run.next < end && self.shapes.find(bytes, run.next, &mut spans) {
            match self.take(bytes, &spans, groups) {
                Taken::Used => {}
                Taken::Skipped => run.skipped += 1,
                Taken::Not => break,
            }
            run.records += 1;
            run.next = spans.end;
        }
        run.next = run.next.min(end);
        run
    }

    /// Where the time is of the line that `bytes` begin with, if it has a known shape; `spans` are those of the line before.
    pub fn time(&mut self, bytes: &[u8], spans: &mut Spans) -> Option<Span> {
        let time = self.time?;
        let is_found = self.shapes.find(bytes, 0, spans);
        spans.keys.get(time).copied().filter(|&(_, to)| is_found && to > 0)
    }

    /// As [`Scanner::run`], where every number is a field; `found` says where the line that begins there is.
    pub fn run_all(
        &mut self,
        bytes: &[u8],
        (at, end): (usize, usize),
        plan: &Plan,
        groups: &mut Groups,
        found: impl Fn(usize) -> Found,
    ) -> Run {
        let mut run = Run { next: at, ..Run::default() };
        let mut spans = Spans::default();
        let mut values = [(0, 0); VALUES];
        while run.next < end {
            let Some(shape) = self.shapes.find_all(bytes, run.next, &mut spans, &mut values) else { break };
            match self.selected(bytes, &spans) {
                Truth::Yes => {
                    if !self.take_all(bytes, shape, (&spans, &values), plan, groups, found(run.next)) {
                        break;
                    }
                }
                Truth::No => run.skipped += 1,
                Truth::Unknown => break,
            }
            run.records += 1;
            run.next = spans.end;
        }
        run.next = run.next.min(end);
        run
    }

    /// Takes in every number of a line; false, and nothing done, where a value is not plain.
    fn take_all(
        &mut self,
        bytes: &[u8],
        shape: usize,
        (spans, values): (&Spans, &[Span; VALUES]),
        plan: &Plan,
        groups: &mut Groups,
        found: Found,
    ) -> bool {
        let Some(group) = self.group(bytes, spans, groups) else { return false };
        let Some(metrics) = self.metrics.get(shape) else { return false };
        let mut numbers: [Option<Plain>; VALUES] = [None; VALUES];
        let every = || {
            let values = metrics.iter().zip(values).enumerate();
            values.filter_map(|(place, (metric, &span))| metric.map(|metric| (place, metric, span)))
        };
        for (place, _, (from, to)) in every() {
            if !matches!(bytes.get(from), Some(b'"' | b't' | b'f' | b'n')) {
                let Some(one) = number_of(bytes, from, to) else { return false };
                numbers[place] = Some(one);
            }
        }
        let numbers = &numbers;
        let leaves = every().filter_map(|(place, metric, (from, to))| match (numbers[place], bytes.get(from..to)) {
            (Some(one), _) => Some((metric, Ok(one))),
            (None, Some(b"null") | None) => None,
            (None, Some(text)) => Some((metric, Err(text))),
        });
        groups.take_all(group, leaves, |text, doubts| match text {
            [b'"', text @ .., b'"'] => {
                let words = || format!("text like {}", json::quote(text));
                doubts.add((Kind::Value, Code::NotANumber), 1, found, words, || Some(plan.hint(text)));
            }
            _ => {
                let words = || "like a boolean".to_owned();
                doubts.add((Kind::Value, Code::NotANumber), 1, found, words, || None);
            }
        });
        true
    }

    /// Whether `--where` wants the record that `spans` found; not known where a value is not plain, or not there.
    #[inline]
    fn selected(&self, bytes: &[u8], spans: &Spans) -> Truth {
        let mut all = Truth::Yes;
        for (probe, places) in &self.conditions {
            let value = |key: usize| {
                let span = places.get(key).and_then(|&place| spans.keys.get(place));
                span.map_or(Raw::Other, |&(from, to)| Raw::of_json(bytes.get(from..to).unwrap_or_default()))
            };
            all = all.and(probe.test(&value).unwrap_or(Truth::Unknown));
            if all == Truth::No {
                break;
            }
        }
        all
    }

    /// Takes in the record that `spans` found; nothing is done where a value is not plain.
    #[inline]
    pub fn take(&mut self, bytes: &[u8], spans: &Spans, groups: &mut Groups) -> Taken {
        if !self.conditions.is_empty() {
            match self.selected(bytes, spans) {
                Truth::Yes => {}
                Truth::No => return Taken::Skipped,
                Truth::Unknown => return Taken::Not,
            }
        }
        if self.take_numbers(bytes, spans, groups) { Taken::Used } else { Taken::Not }
    }

    /// Takes in the numbers of a record that is wanted; false, and nothing done, where one is not plain.
    #[inline]
    fn take_numbers(&mut self, bytes: &[u8], spans: &Spans, groups: &mut Groups) -> bool {
        if self.fields == 1
            && let Some(&(from, to)) = spans.keys.first()
            && to > 0
            && let Some(one) = number_of(bytes, from, to)
        {
            let Some(group) = self.group(bytes, spans, groups) else { return false };
            return groups.take_plain(group, &[Some(one)]);
        }
        let mut numbers = [None; FIELDS];
        for (number, &(from, to)) in numbers.iter_mut().zip(&spans.keys).take(self.fields) {
            if to == 0 {
                continue;
            }
            match number_of(bytes, from, to) {
                Some(one) => *number = Some(one),
                None if bytes.get(from..to) == Some(b"null") => {}
                None => return false,
            }
        }
        let Some(group) = self.group(bytes, spans, groups) else { return false };
        groups.take_plain(group, &numbers[..self.fields])
    }

    /// The group of the record; a new one is left to the plain way.
    #[inline(always)]
    fn group(&mut self, bytes: &[u8], spans: &Spans, groups: &Groups) -> Option<usize> {
        if self.by == 0 {
            // There is but one.
            return (!groups.list.is_empty()).then_some(0);
        }
        let span = spans.keys.get(self.fields).copied().unwrap_or_default();
        if self.by == 1
            && let Some(group) = self.cache.get(bytes, span)
        {
            return Some(group);
        }
        self.group_by_text(bytes, spans, groups)
    }

    #[inline(never)]
    fn group_by_text(&mut self, bytes: &[u8], spans: &Spans, groups: &Groups) -> Option<usize> {
        self.key.clear();
        for &(from, to) in spans.keys.iter().skip(self.fields).take(self.by) {
            self.key.extend_from_slice(if to == 0 { b"null" } else { bytes.get(from..to)? });
            self.key.push(b'\n');
        }
        let group = groups.known(&self.key)?;
        if self.by == 1 {
            self.cache.put(bytes, spans.keys.get(self.fields).copied().unwrap_or_default(), group);
        }
        Some(group)
    }
}

/// The number between `from` and `to`.
#[inline(always)]
fn number_of(bytes: &[u8], from: usize, to: usize) -> Option<Plain> {
    if to - from < 8
        && let Some((value, places)) = plain(word(bytes.get(from..)?)?, (to - from) as u32)
    {
        return Some(Plain::Short(value, places));
    }
    // One that is rounded goes the plain way, which notes it.
    Sample::read(bytes.get(from..to)?).filter(|(_, exact)| *exact).map(|(one, _)| Plain::Long(one))
}
