//! Thresholds over runs: `p99_ms <= 110% * baseline sure 95%` of several candidates and several baselines, one answer.
//!
//! Owns the comparison: what every run measured, the two chances (`rank`), Holm's rule over all comparisons, and how many
//! runs would tell. It passes where luck alone would hardly have put the candidates so far within the bound, and fails
//! where it would hardly have put them so far beyond. Refuses to leave a run out: what one could not tell may have been
//! anything, so it lies on the wrong side for either answer.

mod ends; // between what they lie
mod words; // as people read it

use std::collections::HashMap;

use schema::{Check, Code, Value};

use crate::evaluate::Scene;
use crate::evaluate::datum::Datum;
use crate::evaluate::interval::float;
use crate::evaluate::plan::Node;
use crate::judge::outcome::{Outcome, Subject};
use crate::judge::threshold::{Missing, Shape, Threshold};
use crate::judge::thresholds::Thresholds;
use crate::language::syntax::Comparison;
use crate::record::claims::Claims;
use crate::record::runs::{Copies, Runs};
use crate::record::samples::Wanted;
use crate::record::survey::Survey;
use crate::record::wildcard::name;
use crate::statistics::rank;
use crate::{Decimal, Quantity};

/// By how much rounding may have changed a chance.
const ROOM: f64 = 1.0 + 1e-12;

/// What one run measured: limits where it is not known, and why.
#[derive(Clone, Copy, Debug)]
struct Measured {
    low: Option<Quantity>,
    high: Option<Quantity>,
    code: Option<Code>,
}

impl Measured {
    fn of(datum: &Datum<'_>) -> Measured {
        match datum {
            Datum::Between(interval) => Measured { low: interval.low, high: interval.high, code: Some(interval.code) },
            other => match other.number() {
                Ok(number) => Measured { low: Some(number), high: Some(number), code: None },
                Err(code) => Measured { low: None, high: None, code: Some(code) },
            },
        }
    }
}

/// The candidates of one threshold in one scope, for one match of its wildcard.
#[derive(Debug)]
struct Sample {
    threshold: usize,
    scope: String,
    matched: Option<String>,
    captured: Vec<Vec<String>>,
    runs: Vec<Measured>,
    /// How many records `when` left out.
    skipped: u64,
    assumed: bool,
}

/// What the runs of both sides say together.
struct Contest {
    bounds: Vec<Measured>,
    /// Whether the bound is no run's: how many runs lie on each of its sides tells (the sign test), of the median run.
    alone: bool,
    /// The chances of luck alone, where there are runs on both sides.
    within: f64,
    beyond: f64,
    /// By how much the candidates lie from the bound, at least and at most, where that is known.
    ratio: Option<(f64, f64)>,
}

/// All comparisons over runs of a stream.
#[derive(Debug)]
pub(crate) struct OverRuns<'t> {
    baselines: &'t Runs,
    /// The bounds of comparisons that are made again, by threshold, scope and match.
    given: HashMap<(String, String, Option<String>), Vec<Measured>>,
    samples: Vec<Sample>,
    copies: Copies,
    /// Whether the record at hand is one.
    is_again: bool,
    places: HashMap<(usize, String, Option<String>), usize>,
}

impl<'t> OverRuns<'t> {
    pub(crate) fn new(baselines: &'t Runs) -> OverRuns<'t> {
        OverRuns {
            baselines,
            given: HashMap::new(),
            samples: Vec::new(),
            copies: Copies { allowed: baselines.allows_copies(), ..Copies::default() },
            is_again: false,
            places: HashMap::new(),
        }
    }

    /// Begins a record: a copy of a run is no further run.
    pub(crate) fn begin(&mut self, record: &Value<'_>, scope: &str) {
        self.is_again = !self.copies.is_new(scope, record);
    }

    /// How many records were copies of others.
    pub(crate) fn again(&self) -> usize {
        self.copies.again
    }

    /// The bounds that a comparison was made with, from the interval of its check.
    pub(crate) fn give(&mut self, line: &str, scope: &str, matched: Option<String>, bounds: &[Value<'_>]) {
        let quantity = |value: &Value<'_>| value.as_number().and_then(Decimal::from_number).map(Quantity::new);
        let measured = |value: &Value<'_>| match quantity(value) {
            Some(number) => Measured { low: Some(number), high: Some(number), code: None },
            None => Measured {
                low: value.get("low").and_then(quantity),
                high: value.get("high").and_then(quantity),
                code: value.get("code").and_then(Value::as_text).and_then(Code::from_name).or(Some(Code::Missing)),
            },
        };
        let key = (line.to_owned(), scope.to_owned(), matched);
        self.given.insert(key, bounds.iter().map(measured).collect());
    }

    /// Takes in what a record is for the threshold at a place.
    pub(crate) fn add(&mut self, place: usize, threshold: &Threshold, subject: &Subject<'_>) {
        let Shape::Compare { left, .. } = &threshold.shape else { return };
        if self.is_again {
            return;
        }
        let mut matches: Vec<(Vec<Vec<String>>, Option<String>)> = Vec::new();
        match &threshold.each {
            None => matches.push((Vec::new(), None)),
            Some(each) => {
                let found = each.matches(subject.record);
                let unmatched = subject.claims.unmatched(each, subject.record, &found);
                matches.extend(found.into_iter().map(|found| (found.captured.clone(), Some(found.name()))));
                matches.extend(unmatched.into_iter().map(|captured| (captured.clone(), Some(name(&captured)))));
            }
        }
        for (captured, matched) in matches {
            let scene = subject.scene(&captured);
            let clause = |node: &Option<Node>| node.as_ref().map_or(Ok(true), |node| node.evaluate(&scene).truth());
            let mut measured = Measured::of(&left.evaluate(&scene));
            let doubt = match (clause(&threshold.given), clause(&threshold.when)) {
                (Ok(false), _) => Some(Code::GivenNotMet),
                (Err(code), _) | (_, Err(code)) => Some(code),
                _ => None,
            };
            if let Some(code) = doubt {
                measured = Measured { low: None, high: None, code: Some(code) };
            }
            let skipped = clause(&threshold.when) == Ok(false);
            let assumed = scene.assumed.get();
            let sample = self.sample(place, subject.scope, matched, captured);
            sample.assumed |= assumed;
            if skipped {
                sample.skipped += 1;
            } else {
                sample.runs.push(measured);
            }
        }
    }

    fn sample(
        &mut self,
        threshold: usize,
        scope: &str,
        matched: Option<String>,
        captured: Vec<Vec<String>>,
    ) -> &mut Sample {
        let next = self.samples.len();
        let place = *self.places.entry((threshold, scope.to_owned(), matched.clone())).or_insert(next);
        if place == next {
            let scope = scope.to_owned();
            let sample = Sample { threshold, scope, matched, captured, runs: Vec::new(), skipped: 0, assumed: false };
            self.samples.push(sample);
        }
        &mut self.samples[place]
    }

    /// The check of every comparison, in the order of the thresholds, and how many comparisons Holm's rule went over.
    pub(crate) fn finish(&self, thresholds: &Thresholds, default: Missing) -> (Vec<Check<'static>>, usize) {
        let mut order: Vec<&Sample> = self.samples.iter().collect();
        order.sort_by_key(|sample| sample.threshold);
        let pairs: Vec<(&Threshold, &Sample, Option<Contest>)> = order
            .into_iter()
            .filter_map(|sample| {
                let threshold = thresholds.iter().nth(sample.threshold)?;
                Some((threshold, sample, self.contest(threshold, sample, default)))
            })
            .collect();
        let chances: Vec<(f64, f64)> = pairs
            .iter()
            .filter_map(|(threshold, _, contest)| Some((contest.as_ref()?.beyond, threshold.rare())))
            .collect();
        let allowed = holm(&chances);
        let compared = chances.len();
        let mut next = allowed.into_iter();
        let mut checks = Vec::new();
        for (threshold, sample, contest) in pairs {
            let allowed = if contest.is_some() { next.next().unwrap_or(false) } else { false };
            checks.push(sample.check(threshold, contest, allowed, compared, default));
        }
        (checks, compared)
    }

    /// `None` where there is nothing to compare.
    fn contest(&self, threshold: &Threshold, sample: &Sample, default: Missing) -> Option<Contest> {
        let Shape::Compare { operator, right, .. } = &threshold.shape else { return None };
        let bound = |before: Option<crate::evaluate::Before<'_>>| {
            let (nothing, none, survey) = (Value::Null, Claims::default(), Survey::default());
            Measured::of(&right.evaluate(&Scene::new(&nothing, &none, before, &sample.captured, &survey)))
        };
        let alone = !threshold.reads_baseline();
        let given = self.given.get(&(threshold.line.clone(), sample.scope.clone(), sample.matched.clone()));
        let bounds: Vec<Measured> = match given {
            _ if alone => vec![bound(None)],
            Some(given) => given.clone(),
            None => {
                let runs = self.baselines.of(&sample.scope).iter();
                let before = runs.map(|run| crate::evaluate::Before { record: &run.0, claims: &run.1 });
                before.map(|before| bound(Some(before))).collect()
            }
        };
        let runs = sample.counted(threshold, default);
        let known = |side: &[Measured]| side.iter().any(|one| one.low.is_some() || one.high.is_some());
        if !known(&runs) || !known(&bounds) {
            return None;
        }
        let upper = is_upper(*operator);
        if alone {
            let limit = bounds.first()?.low.or(bounds.first()?.high)?;
            // What is not known lies on the other side than the one that is asked for.
            let surely = |within: bool| {
                let holds =
                    |number: Quantity| number.compare(limit).is_some_and(|order| operator.holds(order) == within);
                let known = |end: &Option<Quantity>| end.is_some_and(holds);
                runs.iter().filter(|run| known(&run.low) && known(&run.high)).count()
            };
            let chance = |within: bool| rank::sign(surely(within), runs.len());
            return Some(Contest { bounds, alone, within: chance(true), beyond: chance(false), ratio: None });
        }
        let chances = |first_high: bool| {
            let (first, second) = order(&runs, first_high, &bounds, !first_high);
            rank::chances(&first, &second)
        };
        // What is not known lies where it speaks against the answer that is asked for: a run higher, its bound lower.
        let high = chances(true);
        let is_known = runs.iter().chain(&bounds).all(|one| one.code.is_none());
        let low = if is_known { high } else { chances(false) };
        let (within, beyond) = if upper { (high.lower, low.higher) } else { (low.higher, high.lower) };
        let ratio = ends::ratio(&runs, &bounds, threshold.rare());
        Some(Contest { bounds, alone, within, beyond, ratio })
    }
}

impl Sample {
    /// The runs that count: with `missing skip` those without the figure do not.
    fn counted(&self, threshold: &Threshold, default: Missing) -> Vec<Measured> {
        let skips = threshold.missing.unwrap_or(default) == Missing::Skip;
        self.runs.iter().filter(|run| !(skips && run.code.is_some_and(is_absent))).copied().collect()
    }

    fn check(
        &self,
        threshold: &Threshold,
        contest: Option<Contest>,
        allowed: bool,
        compared: usize,
        default: Missing,
    ) -> Check<'static> {
        let runs = self.counted(threshold, default);
        let rare = threshold.rare();
        let lost = runs.iter().find_map(|run| run.code);
        let fails = threshold.missing.unwrap_or(default) == Missing::Fail;
        let absent = lost.filter(|code| fails && is_absent(*code));
        let skipped = runs.is_empty();
        let interval = contest.as_ref().map(|contest| ends::interval(threshold, &runs, contest));
        let (holds, actual, expected, words) = match contest {
            _ if skipped => (Err(Code::Missing), None, None, None),
            None => (Err(lost.unwrap_or(Code::NoBaseline)), None, None, None),
            Some(contest) => {
                let (first, second) = (runs.len(), contest.bounds.len());
                let lost = lost.or_else(|| contest.bounds.iter().find_map(|bound| bound.code));
                let holds = if let Some(code) = absent {
                    Err(code)
                } else if contest.within <= rare * ROOM {
                    Ok(true)
                } else if allowed {
                    Ok(false)
                } else if let Some(code) = lost {
                    Err(code)
                } else if contest.alone && rank::sign(first, first) > rare * ROOM
                    || !contest.alone && rank::least(first, second) > rare * ROOM
                {
                    Err(Code::TooFewRuns)
                } else {
                    Err(Code::WithinNoise)
                };
                let (actual, expected) = (median(&runs), median(&contest.bounds));
                let words = self.words(threshold, &runs, &contest, holds, compared);
                (holds, actual, expected, Some(words))
            }
        };
        let nothing = Value::Null;
        let (claims, survey, wanted) = (Claims::default(), Survey::default(), Wanted::default());
        let subject = Subject {
            record: &nothing,
            claims: &claims,
            before: None,
            scope: &self.scope,
            survey: &survey,
            wanted: &wanted,
            past: &[],
        };
        let outcome = Outcome::over_runs(
            (holds, skipped && self.skipped > 0),
            (actual, expected),
            threshold.metric.as_ref().and_then(|path| path.fill(&self.captured)),
            self.matched.clone(),
            words,
            self.assumed,
            interval,
        );
        threshold.check(&outcome, &subject, true, default)
    }
}

fn is_absent(code: Code) -> bool {
    matches!(code, Code::Missing | Code::Null | Code::NoSamples)
}

fn is_upper(operator: Comparison) -> bool {
    matches!(operator, Comparison::Less | Comparison::LessOrEqual)
}

/// Which of several chances are small enough, each for what its level leaves to luck, so that all of them together are
/// wrong no more often (Holm, 1979).
fn holm(chances: &[(f64, f64)]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    let relative = |at: usize| chances.get(at).map_or(f64::INFINITY, |(chance, rare)| chance / rare);
    order.sort_by(|a, b| relative(*a).total_cmp(&relative(*b)));
    let mut allowed = vec![false; chances.len()];
    for (before, at) in order.into_iter().enumerate() {
        if relative(at) * (chances.len() - before) as f64 > ROOM {
            break;
        }
        if let Some(one) = allowed.get_mut(at) {
            *one = true;
        }
    }
    allowed
}

/// The order of all values of both sides, the same number for the same value; of limits the high or the low one, and
/// where there is none past all others.
fn order(first: &[Measured], first_high: bool, second: &[Measured], second_high: bool) -> (Vec<u32>, Vec<u32>) {
    let side = |runs: &[Measured], high: bool| -> Vec<f64> {
        let past = if high { f64::INFINITY } else { f64::NEG_INFINITY };
        runs.iter().map(|run| if high { run.high } else { run.low }.map_or(past, float)).collect()
    };
    let (first, second) = (side(first, first_high), side(second, second_high));
    let mut all: Vec<f64> = first.iter().chain(&second).map(|value| value + 0.0).collect();
    all.sort_unstable_by(f64::total_cmp);
    all.dedup();
    let place = |value: &f64| all.partition_point(|other| other < value) as u32;
    (first.iter().map(place).collect(), second.iter().map(place).collect())
}

/// The middle one of what is known; of two the mean.
fn median(runs: &[Measured]) -> Option<Quantity> {
    let mut known: Vec<Quantity> = runs.iter().filter_map(|run| run.low.or(run.high)).collect();
    known.sort_by(|a, b| float(*a).total_cmp(&float(*b)));
    let half = known.len() / 2;
    let upper = known.get(half).copied()?;
    if known.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = known.get(half.checked_sub(1)?).copied()?;
    lower.plus(upper)?.divided_by(Quantity::new(Decimal::from(2u64)))
}

#[cfg(test)]
mod tests;
