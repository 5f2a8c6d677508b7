//! The fast way through records that all look alike: their values are found by their shape and folded where they stand.
//!
//! Owns which keys are looked for and when shapes are learned. Refuses every record of which something is not surely known:
//! the plain way (`Groups::record`) reads those, and is what this is tested against.

use expr::{Path, Probe, Raw, Step};
use schema::Truth;
use schema::Value;
use schema::shapes::{Cache, Run, Shapes, Span, Spans, Taken};

use super::Groups;
use super::intake::Clock;

/// A longer line is read the plain way.
const LONGEST: usize = 64 << 10;
/// How many lines are at most read the plain way before the fast way is tried again.
const LONGEST_PAUSE: u32 = 63;

/// Folds records of known shapes.
pub struct Quick {
    shapes: Shapes,
    spans: Spans,
    aggregates: expr::Quick,
    /// Where the keys of the aggregates are among those of the shapes.
    places: Vec<usize>,
    /// `--where`, each with the places of its keys.
    conditions: Vec<(Probe, Vec<usize>)>,
    by: Option<usize>,
    /// The key that says when a record was made, and its place.
    clock: Option<(&'static str, usize)>,
    cache: Cache,
    /// Lines of this source that had no known shape.
    strangers: u32,
    /// Whether the line at hand is one.
    stranger: bool,
    pause: u32,
    patience: u32,
}

impl Quick {
    /// The fast way for records that say their time under `clock`; none where something asked for is not found under a
    /// plain key.
    pub fn new(groups: &Groups<'_>, clock: Option<&'static str>) -> Option<Quick> {
        let plan = &groups.plan;
        if plan.aggregates.is_empty() {
            return None;
        }
        let aggregates = expr::Quick::of(plan.aggregates)?;
        let mut keys: Vec<String> = Vec::new();
        let mut place = |key: &str| match keys.iter().position(|known| known == key) {
            Some(place) => place,
            None => {
                keys.push(key.to_owned());
                keys.len() - 1
            }
        };
        let by = match plan.by.map(Path::steps) {
            None => None,
            Some([Step::Name { text, .. }]) => Some(place(text)),
            Some(_) => return None,
        };
        let mut conditions = Vec::new();
        for condition in plan.conditions {
            let probe = condition.probe()?;
            let places = probe.keys().iter().map(|key| place(key)).collect();
            conditions.push((probe, places));
        }
        let places = aggregates.keys().iter().map(|key| place(key)).collect();
        let clock = clock.map(|key| (key, place(key)));
        Some(Quick {
            shapes: Shapes::new(keys)?,
            spans: Spans::default(),
            aggregates,
            places,
            conditions,
            by,
            clock,
            cache: Cache::default(),
            strangers: 0,
            stranger: false,
            pause: 0,
            patience: 0,
        })
    }

    /// The key that says when a record was made.
    pub fn clock(&self) -> Option<&'static str> {
        self.clock.map(|(key, _)| key)
    }

    /// Another source comes.
    pub fn source(&mut self) {
        (self.strangers, self.pause, self.patience) = (0, 0, 0);
    }

    /// Takes lines from `at` on as long as they have a known shape and are no longer than `limit`. Every line before `end` is
    /// whole; behind them stand [`schema::shapes::PADDING`] more bytes.
    pub fn run(
        &mut self,
        bytes: &[u8],
        (at, end): (usize, usize),
        limit: usize,
        groups: &mut Groups<'_>,
        clock: &mut Clock,
    ) -> Run {
        let mut run = Run { next: at, ..Run::default() };
        if self.pause > 0 {
            self.pause -= 1;
            return run;
        }
        self.stranger = false;
        while run.next < end {
            if !self.shapes.find(bytes, run.next, &mut self.spans) {
                self.stranger = true;
                break;
            }
            if self.spans.end - run.next > limit {
                break;
            }
            match self.take(bytes, groups, clock) {
                Taken::Used => {}
                Taken::Skipped => run.skipped += 1,
                Taken::Not => break,
            }
            run.records += 1;
            run.next = self.spans.end;
        }
        // Where records are hardly ever taken, trying is work for nothing.
        self.patience = if run.records > 0 { 0 } else { (2 * self.patience + 1).min(LONGEST_PAUSE) };
        self.pause = if run.records > 0 { 0 } else { self.patience - 1 };
        run
    }

    /// Learns the shape of a line that the plain way has read as `record`.
    pub fn learn(&mut self, line: &[u8], record: &Value<'_>) {
        if !self.stranger || line.len() > LONGEST {
            return;
        }
        self.strangers = self.strangers.saturating_add(1);
        // A source of one record needs none; where each line is another, few are learned.
        if self.strangers > 1 && (self.strangers <= 16 || self.strangers.is_power_of_two()) {
            self.shapes.learn(line, record);
        }
    }

    #[inline]
    fn take(&mut self, bytes: &[u8], groups: &mut Groups<'_>, clock: &mut Clock) -> Taken {
        let spans = &self.spans;
        let mut wanted = Truth::Yes;
        for (probe, places) in &self.conditions {
            let value = |key: usize| raw(bytes, spans, places.get(key));
            wanted = wanted.and(probe.test(&value).unwrap_or(Truth::Unknown));
            if wanted == Truth::No {
                return Taken::Skipped;
            }
        }
        if wanted == Truth::Unknown {
            return Taken::Not;
        }
        let group = match self.by.and_then(|by| spans.keys.get(by)) {
            None => Some(0),
            // Nothing is there.
            Some((_, 0)) => None,
            Some(&span) => self.cache.get(bytes, span).or_else(|| {
                let group = groups.known(bytes.get(span.0..span.1)?)?;
                self.cache.put(bytes, span, group);
                Some(group)
            }),
        };
        // A new one is left to the plain way.
        let Some(group) = group else { return Taken::Not };
        let value = |key: usize| raw(bytes, spans, self.places.get(key));
        let time = match self.clock.map(|(_, place)| raw(bytes, spans, Some(&place))) {
            Some(Raw::Text(text) | Raw::Number(text)) => Some(text),
            _ => None,
        };
        let seconds = time.filter(|_| groups.is_paced()).and_then(|text| clock.seconds(text));
        if !groups.add_quickly(group, &self.aggregates, &value, seconds) {
            return Taken::Not;
        }
        if let Some(text) = time {
            clock.see_text(text);
        }
        Taken::Used
    }
}

/// The plain scalar under the key at a place of the shapes; one that is not there has an empty span.
#[inline(always)]
fn raw<'b>(bytes: &'b [u8], spans: &Spans, place: Option<&usize>) -> Raw<'b> {
    let span: Option<&Span> = place.and_then(|&place| spans.keys.get(place));
    span.map_or(Raw::Other, |&(from, to)| Raw::of_json(bytes.get(from..to).unwrap_or_default()))
}

#[cfg(test)]
mod tests;
