//! Thresholds over runs: `p99_ms <= 110% * baseline sure 95%` of several candidates and several baselines, one answer.
//!
//! Owns the comparison: what every run measured, the two chances (`rank`), Holm's rule over all comparisons, and how many
//! runs would tell. It passes where luck alone would hardly have put the candidates so far within the bound, and fails
//! where it would hardly have put them so far beyond. Refuses to leave a run out: what one could not tell may have been
//! anything, so it lies on the wrong side for either answer.

use std::collections::HashMap;

use schema::{Check, Code, Value};

use crate::claims::Claims;
use crate::evaluate::{Datum, Scene};
use crate::interval::{exact, float};
use crate::outcome::{Outcome, Subject};
use crate::past::Runs;
use crate::plan::Node;
use crate::rank;
use crate::samples::Wanted;
use crate::survey::Survey;
use crate::syntax::Comparison;
use crate::threshold::{Missing, Shape, Threshold, Thresholds};
use crate::wildcard::name;
use crate::{Decimal, Path, Quantity};

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
}

/// All comparisons over runs of a stream.
#[derive(Debug)]
pub(crate) struct OverRuns<'t> {
    baselines: &'t Runs,
    /// The bounds of comparisons that are made again, by threshold, scope and match.
    given: HashMap<(String, String, Option<String>), Vec<Measured>>,
    samples: Vec<Sample>,
    places: HashMap<(usize, String, Option<String>), usize>,
}

impl<'t> OverRuns<'t> {
    pub(crate) fn new(baselines: &'t Runs) -> OverRuns<'t> {
        OverRuns { baselines, given: HashMap::new(), samples: Vec::new(), places: HashMap::new() }
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
            .filter_map(|(threshold, _, contest)| Some((contest.as_ref()?.beyond, rare(threshold))))
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
            return Some(Contest { bounds, alone, within: chance(true), beyond: chance(false) });
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
        Some(Contest { bounds, alone, within, beyond })
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
        let rare = rare(threshold);
        let lost = runs.iter().find_map(|run| run.code);
        let fails = threshold.missing.unwrap_or(default) == Missing::Fail;
        let absent = lost.filter(|code| fails && is_absent(*code));
        let skipped = runs.is_empty();
        let interval = contest.as_ref().map(|contest| interval(threshold, &runs, contest));
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

    /// `p99_ms=212ms in 5 runs against 205ms in 6: lower in 9 of 30 pairs, -2% .. +9% at 95%; 9 runs a side would tell`.
    fn words(
        &self,
        threshold: &Threshold,
        runs: &[Measured],
        contest: &Contest,
        holds: Result<bool, Code>,
        compared: usize,
    ) -> String {
        let Shape::Compare { operator, .. } = &threshold.shape else { return String::new() };
        let upper = is_upper(*operator);
        let metric = threshold.metric.as_ref().and_then(|path| path.fill(&self.captured));
        let left = metric.map_or_else(|| threshold.left_text.clone(), |path| Path::to_string(&path));
        let write =
            |number: Option<Quantity>| number.map_or_else(|| "?".to_owned(), |number| threshold.written(number));
        let many = |count: usize| if count == 1 { "1 run".to_owned() } else { format!("{count} runs") };
        let (first, second) = (runs.len(), contest.bounds.len());
        let bounds = &contest.bounds;
        if contest.alone {
            return alone_words(threshold, &left, runs, contest, holds, upper);
        }
        let mut words =
            format!("{left}={} in {} against {} in {second}", write(median(runs)), many(first), write(median(bounds)));
        let (one, other) = order(runs, true, bounds, false);
        let (lower, equal) = rank::pairs(&one, &other);
        let all = (first * second) as u64;
        let (side, count) = if upper { ("within", lower + equal) } else { ("within", all - lower) };
        words.push_str(&format!(": {side} the bound in {count} of {all} pairs"));
        let rare = rare(threshold);
        let percent = threshold.sure.and_then(|level| level.times(Decimal::from(100u64))).unwrap_or_default();
        if let Some((low, high)) = ratio(runs, bounds, rare) {
            words.push_str(&format!(", {} .. {} at {percent}%", signed(low), signed(high)));
        }
        let share = (lower as f64 + equal as f64 / 2.0) / all as f64;
        let share = if upper { share } else { 1.0 - share };
        let held = rare / compared.max(1) as f64;
        match holds {
            Ok(_) => {}
            Err(Code::TooFewRuns) => {
                let least = rank::enough(1.0, rare).unwrap_or_default();
                words.push_str(&format!("; at least {least} runs a side"));
            }
            // More runs help where those that were read do.
            Err(Code::WithinNoise) => {
                let more = if share > 0.5 { rank::enough(share, rare) } else { rank::enough(1.0 - share, held) };
                if let Some(more) = more.filter(|more| *more > first.min(second) as u64) {
                    words.push_str(&format!("; about {more} runs a side would tell"));
                } else if contest.beyond <= rare * ROOM {
                    words.push_str(&format!("; one of {compared} comparisons, which by Holm want more"));
                }
            }
            Err(_) => {}
        }
        if holds == Ok(false) && compared > 1 {
            words.push_str(&format!(" (by Holm over {compared} comparisons)"));
        }
        words
    }
}

/// `mean_ms=212ms in 5 runs: within the bound in 5 of them; at least 7 runs`.
fn alone_words(
    threshold: &Threshold,
    left: &str,
    runs: &[Measured],
    contest: &Contest,
    holds: Result<bool, Code>,
    upper: bool,
) -> String {
    let all = runs.len();
    let value = median(runs).map_or_else(|| "?".to_owned(), |number| threshold.written(number));
    let bound = median(&contest.bounds).map(float);
    let within = runs.iter().filter_map(|run| run.low.or(run.high)).filter(|number| {
        bound.is_some_and(|bound| if upper { float(*number) <= bound } else { float(*number) >= bound })
    });
    let within = within.count();
    let plural = if all == 1 { "" } else { "s" };
    let mut words = format!("{left}={value} in {all} run{plural}: within the bound in {within} of {all}");
    let share = within.max(all - within) as f64 / all as f64;
    let more = match holds {
        Err(Code::TooFewRuns) => rank::enough_alone(1.0, rare(threshold)).map(|runs| format!("; at least {runs} runs")),
        Err(Code::WithinNoise) => {
            let more = rank::enough_alone(share, rare(threshold)).filter(|more| *more > all as u64);
            more.map(|more| format!("; about {more} runs would tell"))
        }
        _ => None,
    };
    words.push_str(&more.unwrap_or_default());
    words
}

/// What a comparison over runs was made from, and between what the candidates lie: the ratio's ends times the bound.
fn interval(threshold: &Threshold, runs: &[Measured], contest: &Contest) -> schema::Interval<'static> {
    let write = |number: Quantity| Value::Number(number.to_number(number::WIRE_DIGITS));
    let ends = if contest.alone { None } else { ratio(runs, &contest.bounds, rare(threshold)) };
    let end = |share: f64| {
        // A ratio of doubles: its last digits are noise.
        let times = (1.0 + share) * float(median(&contest.bounds)?);
        exact(format!("{times:.11e}").parse().ok()?).map(write)
    };
    let (low, high) = if contest.alone {
        median_ends(runs, rare(threshold))
    } else {
        (ends.and_then(|(low, _)| end(low)), ends.and_then(|(_, high)| end(high)))
    };
    let against = contest.bounds.iter().map(|bound| match (bound.low, bound.code) {
        (Some(number), None) => write(number),
        _ => {
            let mut object = schema::Object::new();
            for (key, limit) in [("low", bound.low), ("high", bound.high)] {
                limit.map(|limit| object.insert(key, write(limit)));
            }
            object.insert("code", bound.code.unwrap_or(Code::Missing).name());
            Value::Object(object)
        }
    });
    schema::Interval {
        low: low.unwrap_or_default(),
        high: high.unwrap_or_default(),
        sure: threshold.sure.map_or(Value::Null, |sure| Value::Number(sure.to_number())),
        runs: Some(runs.len() as u64),
        against: if contest.alone { Vec::new() } else { against.collect() },
    }
}

/// Between what the median run lies, each end at a chance of at most `rare`: order statistics, by the sign test.
fn median_ends(runs: &[Measured], rare: f64) -> (Option<Value<'static>>, Option<Value<'static>>) {
    let all = runs.len();
    let Some(place) = (1..=all).rev().find(|place| rank::sign(all - place + 1, all) <= rare * ROOM) else {
        return (None, None);
    };
    let side = |end: fn(&Measured) -> Option<Quantity>, none: f64| {
        let mut ends: Vec<(f64, Option<Quantity>)> =
            runs.iter().map(|run| (end(run).map_or(none, float), end(run))).collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        ends
    };
    let write = |end: Option<&(f64, Option<Quantity>)>| {
        end.and_then(|(_, end)| Some(Value::Number((*end)?.to_number(number::WIRE_DIGITS))))
    };
    let (low, high) = (side(|run| run.low, f64::NEG_INFINITY), side(|run| run.high, f64::INFINITY));
    (write(low.get(place - 1)), write(high.get(all - place)))
}

fn is_absent(code: Code) -> bool {
    matches!(code, Code::Missing | Code::Null | Code::NoSamples)
}

fn is_upper(operator: Comparison) -> bool {
    matches!(operator, Comparison::Less | Comparison::LessOrEqual)
}

/// What the level of a threshold leaves to luck.
pub(crate) fn rare(threshold: &Threshold) -> f64 {
    let left = threshold.sure.and_then(|level| Decimal::ONE.minus(level));
    left.map_or(0.0, |left| float(Quantity::new(left)))
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

/// By how much the candidates lie from the bound, as a part of it: both ends by ranks of the ratios of all pairs.
fn ratio(runs: &[Measured], bounds: &[Measured], rare: f64) -> Option<(f64, f64)> {
    let place = rank::end(runs.len(), bounds.len(), rare)?;
    let known = |side: &[Measured]| -> Option<Vec<f64>> {
        side.iter().map(|run| run.low.filter(|_| run.code.is_none()).map(float).filter(|value| *value > 0.0)).collect()
    };
    let (first, second) = (known(runs)?, known(bounds)?);
    let mut ratios: Vec<f64> = first.iter().flat_map(|one| second.iter().map(move |other| one / other - 1.0)).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    Some((*ratios.get(place)?, *ratios.get(ratios.len().checked_sub(place + 1)?)?))
}

fn signed(share: f64) -> String {
    let percent = exact(format!("{:.1e}", share * 100.0).parse().unwrap_or_default());
    let text = percent.map_or_else(|| "?".to_owned(), |percent| percent.to_number(3).to_string());
    if share > 0.0 { format!("+{text}%") } else { format!("{text}%") }
}

#[cfg(test)]
mod tests {
    use schema::{Object, Status};

    use super::*;
    use crate::Judge;
    use crate::judge::Baseline;

    fn record(name: &'static str, value: f64) -> Value<'static> {
        let mut object = Object::new();
        object.insert(name, Value::Number(schema::Number::from_f64(value).unwrap()));
        Value::Object(object)
    }

    fn judged(line: &str, before: &[Value<'static>], now: &[Value<'static>], missing: Missing) -> Vec<Check<'static>> {
        let thresholds = Thresholds::parse(line).unwrap();
        let mut runs = Runs::new();
        before.iter().for_each(|record| assert!(runs.add(Baseline::of(record.clone()))));
        let mut judge = Judge::new(&thresholds, None, missing).over_runs(&runs);
        for record in now {
            assert!(judge.record(record, "").is_empty(), "one answer, at the end");
        }
        judge.finish()
    }

    fn statuses(line: &str, before: &[f64], now: &[f64]) -> Vec<Status> {
        let records =
            |values: &[f64]| -> Vec<Value<'static>> { values.iter().map(|value| record("x", *value)).collect() };
        let checks = judged(line, &records(before), &records(now), Missing::Inconclusive);
        checks.iter().map(|check| check.status).collect()
    }

    #[test]
    fn three_runs_a_side_tell_what_is_apart() {
        let (low, high) = ([100.0, 101.0, 102.0], [111.0, 112.0, 115.0]);
        assert_eq!(statuses("x <= baseline sure 95%", &high, &low), [Status::Pass]);
        assert_eq!(statuses("x <= baseline sure 95%", &low, &high), [Status::Fail]);
        assert_eq!(statuses("x >= baseline sure 95%", &low, &high), [Status::Pass]);
        assert_eq!(statuses("x >= baseline sure 95%", &high, &low), [Status::Fail]);
        assert_eq!(statuses("x <= 120% * baseline sure 95%", &low, &high), [Status::Pass]);
        assert_eq!(statuses("x <= baseline + 5 sure 95%", &low, &high), [Status::Fail]);
        // The same runs cannot be told at a level that three a side never reach.
        assert_eq!(statuses("x <= baseline sure 99%", &low, &high), [Status::Inconclusive]);
        // What is the same is at the bound: nothing shows that it is within.
        assert_eq!(statuses("x <= baseline sure 95%", &[5.0; 9], &[5.0; 9]), [Status::Inconclusive]);
        assert_eq!(statuses("x <= 101% * baseline sure 95%", &[5.0; 9], &[5.0; 9]), [Status::Pass]);
    }

    #[test]
    fn one_run_a_side_is_too_few() {
        let checks =
            judged("x <= baseline sure 95%", &[record("x", 5.0)], &[record("x", 500.0)], Missing::Inconclusive);
        assert_eq!(checks[0].code, Some(Code::TooFewRuns));
        assert!(checks[0].reason.ends_with("at least 3 runs a side"), "{}", checks[0].reason);
    }

    #[test]
    fn what_is_not_known_speaks_against_either_answer() {
        let before: Vec<Value<'static>> = [10.0; 4].map(|value| record("x", value)).to_vec();
        let with = |value: f64, unknown: usize| {
            let mut now: Vec<Value<'static>> = vec![record("x", value); 9];
            now.extend((0..unknown).map(|_| record("y", 1.0)));
            now
        };
        let answer = |now: &[Value<'static>], missing| {
            let check = judged("x <= baseline sure 95%", &before, now, missing).remove(0);
            (check.status, check.code)
        };
        // One in ten may lie anywhere and changes nothing; five may.
        assert_eq!(answer(&with(5.0, 1), Missing::Inconclusive), (Status::Pass, None));
        assert_eq!(answer(&with(50.0, 1), Missing::Inconclusive), (Status::Fail, None));
        assert_eq!(answer(&with(5.0, 5), Missing::Inconclusive), (Status::Inconclusive, Some(Code::Missing)));
        assert_eq!(answer(&with(50.0, 5), Missing::Inconclusive), (Status::Inconclusive, Some(Code::Missing)));
        assert_eq!(answer(&with(5.0, 5), Missing::Skip), (Status::Pass, None));
        assert_eq!(answer(&with(5.0, 1), Missing::Fail).0, Status::Fail);
        let none: Vec<Value<'static>> = vec![record("y", 1.0); 4];
        assert_eq!(answer(&none, Missing::Inconclusive), (Status::Inconclusive, Some(Code::Missing)));
        let checks = judged("x <= baseline sure 95%", &none, &with(5.0, 0), Missing::Inconclusive);
        assert_eq!(checks[0].code, Some(Code::NoBaseline));
    }

    #[test]
    fn a_constant_is_held_against_all_runs() {
        let judged = |line: &str, values: &[f64]| {
            let thresholds = Thresholds::parse(line).unwrap();
            let none = Runs::new();
            let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive).of_runs(&none);
            values.iter().for_each(|value| assert!(judge.record(&record("x", *value), "").is_empty()));
            judge.finish().remove(0)
        };
        let runs = [101.0, 102.0, 103.0, 104.0, 105.0, 106.0];
        let passed = judged("x <= 110 sure 95%", &runs);
        assert_eq!(passed.status, Status::Pass);
        let interval = passed.interval.unwrap();
        assert_eq!((interval.runs, interval.low, interval.high), (Some(6), Value::from(101), Value::from(106)));
        assert_eq!(judged("x <= 106 sure 95%", &runs).status, Status::Pass);
        assert_eq!(judged("x < 106 sure 95%", &runs).code, Some(Code::WithinNoise));
        assert_eq!(judged("x <= 100 sure 95%", &runs).status, Status::Fail);
        assert_eq!(judged("x >= 100 sure 95%", &runs).status, Status::Pass);
        let few = judged("x <= 110 sure 95%", &runs[..4]);
        assert_eq!(few.code, Some(Code::TooFewRuns));
        assert!(few.reason.ends_with("in 4 runs: within the bound in 4 of 4; at least 5 runs"), "{}", few.reason);
        // Without a level each record is judged by itself.
        let thresholds = Thresholds::parse("x <= 110").unwrap();
        let none = Runs::new();
        let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive).of_runs(&none);
        assert_eq!(judge.record(&record("x", 5.0), "").len(), 1);
    }

    /// What a document carries is enough to make a comparison again.
    #[test]
    fn comparisons_are_made_again() {
        let thresholds = Thresholds::parse("x <= 110% * baseline sure 95%\nx <= 2 * baseline sure 95%").unwrap();
        let mut runs = Runs::new();
        for value in [100.0, 101.0, 103.5, 107.0] {
            assert!(runs.add(Baseline::of(record("x", value))));
        }
        let now = [120.0, 121.0, 125.0, 119.5, 130.0].map(|value| record("x", value));
        let made = |mut judge: Judge<'_>| {
            now.iter().for_each(|record| assert!(judge.record(record, "").is_empty()));
            judge.finish()
        };
        let first = made(Judge::new(&thresholds, None, Missing::Inconclusive).over_runs(&runs));
        assert_eq!(first.iter().map(|check| check.status).collect::<Vec<_>>(), [Status::Fail, Status::Pass]);
        let none = Runs::new();
        let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive).of_runs(&none);
        first.iter().for_each(|check| judge.give(check));
        assert_eq!(made(judge), first);
    }

    #[test]
    fn holm_goes_over_all_comparisons() {
        assert_eq!(holm(&[(0.01, 0.05), (0.04, 0.05), (0.03, 0.05)]), [true, false, false]);
        assert_eq!(holm(&[(0.01, 0.05), (0.04, 0.05), (0.02, 0.05)]), [true, true, true]);
        assert_eq!(holm(&[(0.06, 0.05)]), [false]);
        // Each by its own level.
        assert_eq!(holm(&[(0.02, 0.10), (0.004, 0.01)]), [true, true]);
        let (low, high) = ([1.0, 2.0, 3.0], [7.0, 8.0, 9.0]);
        // A chance of one in twenty is enough for one comparison, and not for two.
        assert_eq!(
            statuses("x <= baseline sure 95%\nx <= 101% * baseline sure 95%", &low, &high),
            [Status::Inconclusive; 2]
        );
    }

    /// A run: its level, and how far this run is from it.
    fn run(random: &mut testkit::Random, level: f64, spread: f64) -> f64 {
        // Irwin and Hall: near to normal, its standard deviation one.
        let normal: f64 = (0..12).map(|_| random.fraction()).sum::<f64>() - 6.0;
        level * (spread * normal).exp()
    }

    #[test]
    fn seldom_wrong_at_the_bound_and_for_the_same_code() {
        let mut random = testkit::Random::new(2024);
        for spread in [0.0, 0.03, 0.08, 0.15] {
            for (first, second) in [(3, 3), (5, 5), (5, 12), (20, 20)] {
                let trials = testkit::times(8_000);
                let (mut false_fail, mut false_pass, mut fail_at_bound) = (0, 0, 0);
                for _ in 0..trials {
                    let mut side = |level: f64, size: usize| -> Vec<f64> {
                        (0..size).map(|_| run(&mut random, level, spread)).collect()
                    };
                    let (before, same, worse) = (side(200.0, second), side(200.0, first), side(220.0, first));
                    let one = |line: &str, now: &[f64]| statuses(line, &before, now)[0];
                    false_fail += u64::from(one("x <= baseline sure 95%", &same) == Status::Fail);
                    let at_bound = one("x <= 110% * baseline sure 95%", &worse);
                    false_pass += u64::from(at_bound == Status::Pass);
                    fail_at_bound += u64::from(at_bound == Status::Fail);
                }
                let most = 0.05 * trials as f64 + 4.0 * (0.05 * 0.95 * trials as f64).sqrt();
                for wrong in [false_fail, false_pass, fail_at_bound] {
                    assert!(
                        wrong as f64 <= most,
                        "{spread} {first} {second}: {false_fail} {false_pass} {fail_at_bound}"
                    );
                }
            }
        }
    }
}
