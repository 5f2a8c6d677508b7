//! What a threshold comes to on a record: whether it holds, and the figures that say so.
//!
//! Refuses state: runs of violations are counted in `judge`.

pub(crate) mod check; // the check that is written
mod impossible; // figures that cannot be, and what they prove all the same
mod words; // the violation and the reason

use schema::{Code, Status, Value};

use crate::evaluate::datum::{Datum, limited};
use crate::evaluate::interval::Interval;
use crate::evaluate::plan::Node;
use crate::evaluate::{self, Before, Scene};
use crate::judge::past;
use crate::judge::sure::{self, Facts};
use crate::judge::threshold::{Missing, Severity, Shape, Threshold};
use crate::language::syntax::Comparison;
use crate::record::claims::Claims;
use crate::record::runs::Run;
use crate::record::samples::Wanted;
use crate::record::survey::Survey;
use crate::record::wildcard::name;
use crate::record::without::Without;
use crate::{Decimal, Path, Quantity};

/// What a threshold came to on one record, before runs of violations and severities are looked at.
pub(crate) struct Outcome<'r> {
    /// Whether it holds.
    pub holds: Result<bool, Code>,
    /// Why it was not asked: `when` is false.
    pub skipped: bool,
    actual: Datum<'r>,
    expected: Expected<'r>,
    assumed: bool,
    /// The measured path with its wildcards filled in.
    metric: Option<Path>,
    captured: Vec<Vec<String>>,
    /// What the wildcards stand for.
    pub matched: Option<String>,
    /// How much more would tell.
    noise: Option<String>,
    /// Between what the true figure lies.
    interval: Option<schema::Interval<'static>>,
}

enum Expected<'r> {
    One(Box<Datum<'r>>),
    Range(Box<[Datum<'r>; 2]>),
    List(Vec<Datum<'r>>),
    Holds,
}

impl<'r> Expected<'r> {
    fn each(&mut self, each: impl Fn(&mut Datum<'r>)) {
        match self {
            Expected::One(one) => each(one),
            Expected::Range(ends) => ends.iter_mut().for_each(each),
            Expected::List(list) => list.iter_mut().for_each(each),
            Expected::Holds => {}
        }
    }
}

/// Whether it is a number, or lies between limits: those of what could not be read say nothing of luck.
fn is_figure(datum: &Datum<'_>) -> bool {
    matches!(datum, Datum::Number(_) | Datum::Between(_))
}

/// A number between limits as the one that is shown for it.
fn settle(datum: &mut Datum<'_>) {
    if let Datum::Between(Interval { shown, low, high, .. }) = datum
        && let Some(number) = shown.or(*low).or(*high)
    {
        *datum = Datum::Number(number);
    }
}

/// The record a threshold is judged on.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'r> {
    pub record: &'r Value<'r>,
    pub claims: &'r Claims,
    pub before: Option<Before<'r>>,
    pub scope: &'r str,
    /// The counts of the record's objects.
    pub survey: &'r Survey,
    /// The counts that the thresholds at work read.
    pub wanted: &'r Wanted,
    /// The nights before.
    pub past: &'r [Run],
}

impl<'r> Subject<'r> {
    /// What an expression is evaluated on, with what the wildcards stand for.
    pub(crate) fn scene<'c>(&self, captured: &'c [Vec<String>]) -> Scene<'r, 'c>
    where
        'r: 'c,
    {
        let Subject { record, claims, before, survey, wanted, past, .. } = *self;
        Scene { wanted: Some(wanted), past, ..Scene::new(record, claims, before, captured, survey) }
    }
}

impl Outcome<'_> {
    /// Nobody can tell whether it holds: why, and what more there is to say of that.
    pub(crate) fn doubt(&mut self, code: Code, words: Option<&str>) {
        self.holds = Err(code);
        if let Some(words) = words {
            self.noise = Some(words.to_owned());
        }
    }
}

impl Threshold {
    /// What this threshold comes to on a record: one outcome, or one a match of its wildcard.
    pub(crate) fn outcomes<'r>(&'r self, subject: &Subject<'r>) -> Vec<Outcome<'r>> {
        let Some(each) = &self.each else { return vec![self.outcome(subject, &[], None)] };
        let (matches, without) = each.matches_and_those_without(subject.record);
        // What is listed as unknown may be absent, and is asked for all the same: what is there must not pass alone.
        let unmatched = subject.claims.unmatched(each, subject.record, &matches);
        let above = subject.claims.unknown(each);
        if matches.is_empty() && (unmatched.is_empty() || above.is_some()) {
            let code = above.unwrap_or(Code::Missing);
            return vec![Outcome {
                holds: Err(code),
                skipped: false,
                actual: Datum::Unknown(code),
                expected: Expected::Holds,
                assumed: false,
                metric: self.metric.clone(),
                captured: Vec::new(),
                matched: None,
                noise: None,
                interval: None,
            }];
        }
        let mut outcomes = Vec::new();
        for found in matches {
            // Ambiguous before every wildcard was reached: the path read is that far, and reading it says so.
            outcomes.push(self.outcome(subject, &found.captured, Some(found.name())));
        }
        // What is listed as unknown there says why.
        let without: Vec<Without> = without.into_iter().filter(|one| !unmatched.contains(&one.captured)).collect();
        for captured in unmatched {
            outcomes.push(self.outcome(subject, &captured, Some(name(&captured))));
        }
        for Without { captured, words } in without {
            let mut outcome = self.outcome(subject, &captured, Some(name(&captured)));
            if outcome.holds == Err(Code::Missing) {
                outcome.noise = Some(words);
            }
            outcomes.push(outcome);
        }
        outcomes
    }

    fn outcome<'r>(&'r self, subject: &Subject<'r>, captured: &[Vec<String>], matched: Option<String>) -> Outcome<'r> {
        let scene = subject.scene(captured);
        let mut actual;
        let mut facts = None;
        let mut is_of_none = false;
        let mut expected = Expected::Holds;
        let mut holds = match &self.shape {
            Shape::Compare { operator, left, right } => {
                let (mut a, mut b) = (left.evaluate(&scene), right.evaluate(&scene));
                self.surely(left, &scene, &mut a, &mut facts);
                if facts.is_some() && self.reads_baseline() {
                    self.surely_bound(right, &scene, &mut b);
                }
                is_of_none = evaluate::none_of_none(&[(left, &a), (right, &b)], &scene);
                let mut holds = if is_of_none { Err(Code::NoSamples) } else { evaluate::compare(*operator, &a, &b) };
                if holds == Err(Code::Inconsistent)
                    && let Some(sides) = self.impossible_and_broken(*operator, (left, right), subject, captured)
                {
                    ((a, b), holds) = (sides, Ok(false));
                }
                (actual, expected) = (a, Expected::One(Box::new(b)));
                holds
            }
            Shape::Range { left, low, high } => {
                let nodes = [left, low, high];
                let (mut a, low, high) = (left.evaluate(&scene), low.evaluate(&scene), high.evaluate(&scene));
                self.surely(left, &scene, &mut a, &mut facts);
                let sides: Vec<_> = nodes.into_iter().zip([&a, &low, &high]).collect();
                is_of_none = evaluate::none_of_none(&sides, &scene);
                let holds = if is_of_none { Err(Code::NoSamples) } else { evaluate::in_range(&a, &low, &high) };
                (actual, expected) = (a, Expected::Range(Box::new([low, high])));
                holds
            }
            Shape::List { left, list } => {
                let a = left.evaluate(&scene);
                let list: Vec<Datum<'_>> = list.iter().map(|node| node.evaluate(&scene)).collect();
                let holds = evaluate::any(list.iter().map(|member| evaluate::compare(Comparison::Equal, &a, member)));
                (actual, expected) = (a, Expected::List(list));
                holds
            }
            Shape::Condition(node) => {
                let holds = node.evaluate(&scene).truth();
                actual = evaluate::answer(holds);
                holds
            }
        };
        let noise = match holds {
            Err(Code::WithinNoise) => facts.map(|facts| self.noise(facts, &actual, &expected)),
            Err(Code::TooFewRuns) => self.too_few(&scene),
            Err(Code::UnitMismatch) if self.left().is_some_and(evaluate::may_be_minimum) => Some(
                "a name that ends in _min may be a minimum's: dur_ms_min says its unit, dur_minutes are minutes"
                    .to_owned(),
            ),
            Err(Code::NoSamples) if is_of_none => Some("both sides are 0, and a part of none says nothing".to_owned()),
            Err(Code::TooFewFacts) => self.level().and_then(|level| sure::lacking(self.left()?, &scene, level)),
            _ => None,
        };
        let interval = facts.and_then(|facts| self.written_interval(facts, &actual));
        if holds.is_ok() {
            // It is the same for all that it could be: what was read stands for it.
            settle(&mut actual);
            expected.each(settle);
        }
        let mut skipped = false;
        if let Some(given) = &self.given {
            match given.evaluate(&scene).truth() {
                Ok(true) => {}
                Ok(false) => holds = Err(Code::GivenNotMet),
                Err(code) => holds = Err(code),
            }
        }
        if let Some(when) = &self.when {
            match when.evaluate(&scene).truth() {
                Ok(true) => {}
                Ok(false) => skipped = true,
                Err(code) => holds = Err(code),
            }
        }
        let metric = match &self.metric {
            Some(path) if path.has_wildcard() => path.fill(captured).or_else(|| Some(path.clone())),
            metric => metric.clone(),
        };
        let assumed = scene.assumed.get();
        Outcome {
            holds,
            skipped,
            actual,
            expected,
            assumed,
            metric,
            captured: captured.to_vec(),
            matched,
            noise,
            interval,
        }
    }

    /// An interval as a check carries it.
    fn written_interval(&self, facts: Facts, actual: &Datum<'_>) -> Option<schema::Interval<'static>> {
        let Datum::Between(Interval { low, high, .. }) = actual else { return None };
        let end =
            |end: &Option<Quantity>| end.map_or(Value::Null, |end| Value::Number(end.to_number(number::WIRE_DIGITS)));
        Some(schema::Interval {
            low: end(low),
            high: end(high),
            sure: Value::Number(self.sure?.to_number()),
            runs: if let Facts::Trend { nights } = facts { Some(nights as u64) } else { None },
            against: Vec::new(),
        })
    }

    /// Where an answer must be sure: the interval in the place of the number.
    fn surely<'r>(&self, left: &Node, scene: &Scene<'r, '_>, actual: &mut Datum<'r>, facts: &mut Option<Facts>) {
        let Some(level) = self.level().filter(|_| is_figure(actual)) else { return };
        *actual = match sure::interval(left, scene, level) {
            Ok((interval, found)) => {
                *facts = Some(found);
                limited(interval)
            }
            Err(code) => Datum::Unknown(actual.between().unwrap_or(code)),
        };
    }

    /// The same for a bound that is made of a baseline.
    fn surely_bound<'r>(&self, right: &Node, scene: &Scene<'r, '_>, bound: &mut Datum<'r>) {
        let Some(level) = self.level().filter(|_| is_figure(bound)) else { return };
        *bound = match sure::interval(right, scene, level) {
            Ok((interval, _)) => limited(interval),
            Err(code) => Datum::Unknown(code),
        };
    }

    /// The left side, where there is one.
    fn left(&self) -> Option<&Node> {
        match &self.shape {
            Shape::Compare { left, .. } | Shape::Range { left, .. } => Some(left),
            _ => None,
        }
    }

    /// The level of one side: where the baseline has an interval, too, each takes half of what may go wrong.
    fn level(&self) -> Option<Decimal> {
        let level = self.sure?;
        if !self.reads_baseline() {
            return Some(level);
        }
        Decimal::ONE.plus(level)?.times(Decimal::new(5, -1)?)
    }

    /// Why there are too few nights.
    fn too_few(&self, scene: &Scene<'_, '_>) -> Option<String> {
        let nodes: Vec<&Node> = match &self.shape {
            Shape::Compare { left, right, .. } => vec![left, right],
            Shape::Range { left, low, high } => vec![left, low, high],
            _ => Vec::new(),
        };
        past::wording(&nodes, scene, self.rare())
    }

    /// The status of an outcome: `run` says whether enough records in a row violate.
    pub(crate) fn status(&self, outcome: &Outcome<'_>, run: bool, default: Missing) -> (Status, Option<Code>) {
        if outcome.skipped {
            return (Status::Skip, None);
        }
        match outcome.holds {
            Ok(true) => (Status::Pass, None),
            Ok(false) if !run => (Status::Pass, None),
            Ok(false) => match self.severity {
                Severity::Fail | Severity::Fatal => (Status::Fail, None),
                Severity::Warn => (Status::Warn, None),
                Severity::Inconclusive => (Status::Inconclusive, Some(Code::Violated)),
            },
            Err(code @ (Code::Missing | Code::Null | Code::NoSamples)) => match self.missing.unwrap_or(default) {
                Missing::Fail => (Status::Fail, None),
                Missing::Skip => (Status::Skip, None),
                Missing::Inconclusive => (Status::Inconclusive, Some(code)),
            },
            Err(code) => (Status::Inconclusive, Some(code)),
        }
    }

    /// The id of the check that a match makes.
    pub(crate) fn check_id(&self, matched: Option<&str>) -> String {
        match matched {
            Some(name) if !name.is_empty() => format!("{}[{name}]", self.id),
            _ => self.id.clone(),
        }
    }
}

impl Outcome<'_> {
    /// What several runs came to together; `skipped` beside the answer.
    pub(crate) fn over_runs(
        (holds, skipped): (Result<bool, Code>, bool),
        (actual, expected): (Option<Quantity>, Option<Quantity>),
        metric: Option<Path>,
        matched: Option<String>,
        words: Option<String>,
        assumed: bool,
        interval: Option<schema::Interval<'static>>,
    ) -> Outcome<'static> {
        let code = holds.err().unwrap_or(Code::Missing);
        let datum = |number: Option<Quantity>| number.map_or(Datum::Unknown(code), Datum::Number);
        Outcome {
            holds,
            skipped,
            actual: datum(actual),
            expected: Expected::One(Box::new(datum(expected))),
            assumed,
            metric,
            captured: Vec::new(),
            matched,
            noise: words,
            interval,
        }
    }
}
