//! Other runs beside the record at hand: several baselines, or the nights before, in order, by scope.
//!
//! Owns which documents are such runs, and what `usual(N)` and `trend(x)` make of them. Nights before the last jump
//! (`change`) are cut off. Refuses a verdict that did not pass as a run, and a figure of fewer nights than it wants:
//! `too-few-runs`.

use std::collections::{HashMap, HashSet};

use schema::{Code, Object, Value};

use crate::evaluate::interval::Interval;
use crate::evaluate::interval::float;
use crate::evaluate::plan::{Node, Source};
use crate::evaluate::{Datum, Scene};
use crate::judge::Baseline;
use crate::record::claims::Claims;
use crate::statistics::change;
use crate::statistics::slope::{self, Exact};
use crate::{Decimal, Quantity, Reading};

/// One run's record and what it says of itself.
pub(crate) type Run = (Value<'static>, Claims);

/// So many nights are looked at, the last ones.
const MOST: usize = 1000;

/// Records of other runs, in the order they were added.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    scopes: HashMap<String, Vec<Run>>,
    all: Vec<Run>,
    copies: Copies,
}

/// The runs that are there, by their text: a copy of a run is no further run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Copies {
    there: HashSet<Vec<u8>>,
    /// How many records were copies.
    pub again: usize,
}

impl Copies {
    /// Whether a record of a scope is no copy of one before it. Only what names its sources by their digests can be one:
    /// figures without may be alike by chance.
    pub(crate) fn is_new(&mut self, scope: &str, record: &Value<'_>) -> bool {
        if !names_sources(record) {
            return true;
        }
        let mut text = [scope.as_bytes(), b"\0"].concat();
        schema::json::write(record, &mut text);
        let is_new = self.there.insert(text);
        self.again += usize::from(!is_new);
        is_new
    }
}

fn names_sources(record: &Value<'_>) -> bool {
    let sources = record.get("@evidence").and_then(|evidence| evidence.get("sources")).and_then(Value::as_list);
    sources.is_some_and(|sources| sources.iter().any(|source| source.get("sha256").is_some()))
}

/// Whether a record is that of a run that is there.
pub(crate) fn is_same_run(record: &Value<'_>, other: &Value<'_>) -> bool {
    record == other && names_sources(record)
}

impl Runs {
    /// None.
    pub fn new() -> Runs {
        Runs::default()
    }

    /// How many records were those of runs that were there, and count once.
    pub fn again(&self) -> usize {
        self.copies.again
    }

    /// Adds the run that a baseline is of, in each of its scopes; false where it is none.
    pub fn add(&mut self, baseline: Baseline) -> bool {
        let is_run = !baseline.is_empty();
        let (scopes, all) = baseline.into_parts();
        for (scope, run) in scopes {
            if self.copies.is_new(&scope, &run.0) {
                self.scopes.entry(scope).or_default().push(run);
            }
        }
        if let Some(run) = all.filter(|run| self.copies.is_new("", &run.0)) {
            self.all.push(run);
        }
        is_run
    }

    /// Adds a run of one scope.
    pub fn add_record(&mut self, scope: String, record: Value<'static>) {
        let claims = Claims::of(&record);
        if self.copies.is_new(&scope, &record) {
            self.scopes.entry(scope).or_default().push((record, claims));
        }
    }

    /// The scopes that have runs of their own.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.keys().map(String::as_str)
    }

    /// The runs of a scope: those of plain evidence are of every scope.
    pub(crate) fn of(&self, scope: &str) -> &[Run] {
        self.scopes.get(scope).unwrap_or(&self.all)
    }

    /// The first runs of a scope, as those of a stream without one.
    pub fn first(&self, scope: &str, count: usize) -> Runs {
        Runs {
            scopes: HashMap::new(),
            copies: Copies::default(),
            all: self.of(scope).iter().take(count).cloned().collect(),
        }
    }

    /// The records of a scope.
    pub fn records(&self, scope: &str) -> impl Iterator<Item = &Value<'static>> {
        self.of(scope).iter().map(|(record, _)| record)
    }
}

/// A series of nights: the place of each that is known, and its figure.
fn series(node: &Node, scene: &Scene<'_, '_>) -> Vec<(usize, Quantity)> {
    let from = scene.past.len().saturating_sub(MOST);
    let nights = scene.past.iter().enumerate().skip(from);
    let known = nights.filter_map(|(night, (record, claims))| {
        let there = Scene::new(record, claims, None, scene.captured, scene.survey);
        Some((night, node.evaluate(&there).number().ok()?))
    });
    let mut nights: Vec<(usize, Quantity)> = known.collect();
    let figures: Vec<f64> = nights.iter().map(|(_, figure)| float(*figure)).collect();
    nights.drain(..change::last(&figures));
    nights
}

/// `usual(N)`: the most (`greatest`), or the least, of the last N nights.
pub(crate) fn usual<'r>(source: &Source, nights: usize, greatest: bool, scene: &Scene<'r, '_>) -> Datum<'r> {
    let series = series(&Node::Path(source.clone()), scene);
    let Some(from) = series.len().checked_sub(nights) else { return Datum::Unknown(Code::TooFewRuns) };
    let figures = series.into_iter().skip(from).map(|(_, figure)| figure);
    let wins = if greatest { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less };
    let best = figures.reduce(|best, figure| if figure.compare(best) == Some(wins) { figure } else { best });
    best.map_or(Datum::Unknown(Code::TooFewRuns), Datum::Number)
}

/// The slope of the nights up to the record at hand, a night, and of how many; ends at a chance of `rare`.
pub(crate) fn trend(node: &Node, scene: &Scene<'_, '_>, rare: f64) -> Result<(Exact, usize), Code> {
    let now = node.evaluate(scene).number()?;
    let mut nights = series(node, scene);
    nights.push((scene.past.len(), now));
    let place = |night: usize| Quantity::new(Decimal::from(night as u64));
    let points: Vec<(Quantity, Quantity)> = nights.iter().map(|(night, figure)| (place(*night), *figure)).collect();
    let slope = slope::exactly(&points, rare).ok_or(Code::TooFewRuns)?;
    Ok((slope, points.len()))
}

/// The slope as a bound is held against it.
pub(crate) fn trend_interval(node: &Node, scene: &Scene<'_, '_>, rare: f64) -> Result<(Interval, usize), Code> {
    let (slope, nights) = trend(node, scene, rare)?;
    if slope.low.is_none() && slope.high.is_none() {
        return Err(Code::TooFewRuns);
    }
    let Exact { middle, low, high } = slope;
    Ok((Interval { low, high, code: Code::WithinNoise, shown: Some(middle) }, nights))
}

/// What each night had of what `nodes` ask the nights: the figures that are known, by their paths, as a record that gives
/// the same answers.
pub(crate) fn carried(nodes: &[&Node], scene: &Scene<'_, '_>) -> Vec<Value<'static>> {
    let mut asked: Vec<Node> = Vec::new();
    for node in nodes {
        node.each(&mut |node| match node {
            Node::Usual { source, .. } => asked.push(Node::Path(Source::clone(source))),
            Node::Trend(inner) => inner.each(&mut |node| {
                if matches!(node, Node::Path(_)) {
                    asked.push(node.clone());
                }
            }),
            _ => {}
        });
    }
    let from = scene.past.len().saturating_sub(MOST);
    let nights = scene.past.iter().skip(from).map(|(record, claims)| {
        let there = Scene::new(record, claims, None, scene.captured, scene.survey);
        let mut night = Object::new();
        for node in &asked {
            let Node::Path(source) = node else { continue };
            let path = if source.wildcard { source.path.fill(scene.captured) } else { Some(source.path.clone()) };
            if let Some(path) = path
                && node.evaluate(&there).number().is_ok()
                && let Reading::Found(value) = scene.survey.read(&path, record)
            {
                night.insert(path.dotted().to_owned(), value.clone().into_owned());
            }
        }
        Value::Object(night)
    });
    nights.collect()
}

/// Why there are too few nights, where that is so.
pub(crate) fn wording(nodes: &[&Node], scene: &Scene<'_, '_>, rare: f64) -> Option<String> {
    let mut wanted: Option<(usize, usize, String)> = None;
    for node in nodes {
        node.each(&mut |node| {
            let (there, least, words) = match node {
                Node::Usual { source, nights, .. } => {
                    (series(&Node::Path(Source::clone(source)), scene).len(), *nights, format!("usual({nights})"))
                }
                Node::Trend(inner) => {
                    let least = usize::try_from(slope::least(rare)).unwrap_or(usize::MAX);
                    (series(inner, scene).len() + 1, least, "trend()".to_owned())
                }
                _ => return,
            };
            if there < least && wanted.is_none() {
                wanted = Some((there, least, words));
            }
        });
    }
    let (there, least, words) = wanted?;
    let all = scene.past.len();
    let cut = if all > there { format!(" of {all}, since the last jump or without a figure") } else { String::new() };
    let plural = if there == 1 { "night" } else { "nights" };
    Some(format!(
        "{words} wants {least} nights, and there {} {there}{cut}",
        if plural == "night" { "is" } else { "are" }
    ))
}

#[cfg(test)]
mod tests {
    use schema::{Check, Status};

    use super::*;
    use crate::{Judge, Missing, Thresholds};

    fn record(value: f64) -> Value<'static> {
        let mut object = Object::new();
        object.insert("x_ms", Value::Number(schema::Number::from_f64(value).unwrap()));
        Value::Object(object)
    }

    fn judged(line: &str, nights: &[f64], now: f64) -> Check<'static> {
        let thresholds = Thresholds::parse(line).unwrap();
        let mut history = Runs::new();
        nights.iter().for_each(|night| assert!(history.add(Baseline::of(record(*night)))));
        Judge::new(&thresholds, None, Missing::Inconclusive).with_history(&history).record(&record(now), "").remove(0)
    }

    fn rising(nights: i32) -> Vec<f64> {
        (0..nights).map(|night| 200.0 * 1.02f64.powi(night)).collect()
    }

    #[test]
    fn two_percent_a_night_are_told_by_the_sixth() {
        let told = |night: i32| {
            let nights = rising(night);
            let (now, before) = nights.split_last().unwrap();
            judged("trend(x_ms) <= 0 sure 95%", before, *now).status
        };
        assert_eq!(told(3), Status::Inconclusive);
        (4..=30).for_each(|night| assert_eq!(told(night), Status::Fail, "{night}"));
        // What lets each night through by itself.
        assert!(rising(30).windows(2).all(|pair| pair[1] <= 1.1 * pair[0]));
    }

    #[test]
    fn usual_is_the_most_of_the_last_nights() {
        let nights: Vec<f64> = (0..30).map(|night| 200.0 + f64::from(night * 37 % 11)).collect();
        assert_eq!(judged("x_ms <= usual(30)", &nights, 210.0).status, Status::Pass);
        let check = judged("x_ms <= usual(30)", &nights, 211.0);
        assert_eq!((check.status, &*check.violation), (Status::Fail, "x_ms=211 > 210"));
        assert_eq!(judged("x_ms >= usual(30)", &nights, 199.0).status, Status::Fail);
        assert_eq!(judged("x_ms <= 110% * usual(30)", &nights, 211.0).status, Status::Pass);
        let check = judged("x_ms <= usual(31)", &nights, 1.0);
        assert_eq!(check.code, Some(Code::TooFewRuns));
        assert!(check.reason.ends_with("usual(31) wants 31 nights, and there are 30"), "{}", check.reason);
    }

    #[test]
    fn nights_before_a_jump_say_nothing() {
        let mut nights: Vec<f64> = (0..30).map(|night| 400.0 + f64::from(night * 37 % 11)).collect();
        nights.extend((0..12).map(|night| 200.0 + f64::from(night * 37 % 11)));
        assert_eq!(judged("x_ms <= usual(10)", &nights, 300.0).status, Status::Fail);
        let check = judged("x_ms <= usual(30)", &nights, 300.0);
        assert_eq!(check.code, Some(Code::TooFewRuns), "{}", check.reason);
        assert!(check.reason.contains("there are 12 of 42"), "{}", check.reason);
    }

    /// Of nights that are all alike, one in thirty-one is above the thirty before it.
    #[test]
    fn usual_is_passed_by_luck_alone_in_one_of_thirty_one() {
        let mut random = testkit::Random::new(31);
        let trials = testkit::times(20_000);
        let mut above = 0;
        for _ in 0..trials {
            let mut nights: Vec<f64> = (0..31).map(|_| random.fraction()).collect();
            let now = nights.pop().unwrap();
            above += u64::from(judged("x_ms <= usual(30)", &nights, now).status == Status::Fail);
        }
        let (mean, deviation) = (trials as f64 / 31.0, (trials as f64 / 31.0 * 30.0 / 31.0).sqrt());
        assert!((above as f64 - mean).abs() <= 4.0 * deviation + 0.02 * mean, "{above} of {trials}");
    }
}
