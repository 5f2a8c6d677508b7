//! `sure 95%`: what is measured is an interval, and the bound is held against all of it.
//!
//! Owns which measured values have an interval, where it comes from, and how much more would tell. A percentile has the
//! one that `percentile --sure` wrote beside it (order statistics); a count of a count has Clopper's and Pearson's.
//! Refuses intervals of another level, and quotients that are no share of a count: `too-few-facts`.

use schema::Code;

use crate::evaluate::Scene;
use crate::evaluate::datum::Datum;
use crate::evaluate::interval::{Interval, exact, float};
use crate::evaluate::plan::{Node, Source};
use crate::judge::past;
use crate::language::syntax::{Arithmetic, Comparison};
use crate::statistics::binomial;
use crate::{Decimal, Path, Quantity, Reading};

/// What an interval was made of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Facts {
    /// The percentile of so many samples, where their number is known.
    Percentile { share: f64, samples: Option<f64> },
    /// So many of so many.
    Share { hits: f64, trials: f64 },
    /// The ends stand beside it.
    Given,
    /// The slope over so many nights.
    Trend { nights: usize },
}

/// Whether the left side of a threshold may have an interval.
pub(crate) fn has_interval(node: &Node) -> bool {
    match node {
        Node::Trend(_) => true,
        Node::Path(source) => !source.baseline && (source.path.is_percentile() || is_share(source)),
        Node::Convert(inner, _) => has_interval(inner),
        Node::Arithmetic(Arithmetic::Times, a, b) => match (&**a, &**b) {
            (Node::Number(_), other) | (other, Node::Number(_)) => has_interval(other),
            _ => false,
        },
        Node::Arithmetic(Arithmetic::Over, a, b) => match &**b {
            Node::Number(_) => has_interval(a),
            _ => true,
        },
        _ => false,
    }
}

fn is_share(source: &Source) -> bool {
    source.path.last_name().is_some_and(schema::counts::is_share)
}

/// The interval of a left side at a level, such as 0.95.
pub(crate) fn interval(node: &Node, scene: &Scene<'_, '_>, level: Decimal) -> Result<(Interval, Facts), Code> {
    match node {
        Node::Trend(inner) => {
            let rare = Decimal::ONE.minus(level).map_or(0.0, |rare| float(Quantity::new(rare)));
            let (interval, nights) = past::trend_interval(inner, scene, rare)?;
            Ok((interval, Facts::Trend { nights }))
        }
        Node::Path(source) if source.baseline => {
            let Some(before) = scene.before else { return Err(Code::NoBaseline) };
            let there = Scene::new(before.record, before.claims, None, scene.captured, scene.survey);
            let source = Source { baseline: false, ..source.clone() };
            interval_of(&source, &Node::Path(source.clone()), &there, level)
        }
        Node::Path(source) => interval_of(source, node, scene, level),
        Node::Convert(inner, factor) => {
            let (inner, facts) = interval(inner, scene, level)?;
            Ok((inner.times(*factor), facts))
        }
        Node::Arithmetic(Arithmetic::Times, a, b) => match (&**a, &**b) {
            (Node::Number(factor), other) | (other, Node::Number(factor)) => {
                let (inner, facts) = interval(other, scene, level)?;
                Ok((inner.times(*factor), facts))
            }
            _ => Err(Code::TooFewFacts),
        },
        Node::Arithmetic(Arithmetic::Over, a, b) => match (&**a, &**b) {
            (_, Node::Number(divisor)) => {
                let (inner, facts) = interval(a, scene, level)?;
                Ok((inner.divided_by(*divisor), facts))
            }
            (Node::Arithmetic(Arithmetic::Times, c, d), trials) => match (&**c, &**d) {
                (Node::Number(factor), hits) | (hits, Node::Number(factor)) => {
                    let (inner, facts) = quotient(hits, trials, scene, level)?;
                    Ok((inner.times(*factor), facts))
                }
                _ => quotient(a, trials, scene, level),
            },
            (hits, trials) => quotient(hits, trials, scene, level),
        },
        _ => Err(Code::TooFewFacts),
    }
}

/// The interval of what stands at a path.
fn interval_of(source: &Source, node: &Node, scene: &Scene<'_, '_>, level: Decimal) -> Result<(Interval, Facts), Code> {
    if !is_share(source) {
        return beside(source, node, scene, level);
    }
    let rate = node.evaluate(scene).number()?;
    let path = filled(source, scene)?;
    let unit = source
        .path
        .unit()
        .map_or(Decimal::ONE, |unit| if unit.kind() == crate::Kind::Share { unit.factor() } else { Decimal::ONE });
    let whole = Quantity::new(unit);
    let trials = scene.survey.samples(&path, scene.record).ok_or(Code::TooFewFacts)?;
    let hits = rate.times(whole).and_then(|rate| rate.times(trials)).ok_or(Code::Overflow)?;
    // The rate was rounded where it was written: the count that it is of is whole all the same.
    let near = float(hits).round();
    if (float(hits) - near).abs() > 1e-3 || near < 0.0 || near > float(trials) {
        return Err(Code::TooFewFacts);
    }
    // `rate` beside a count alone may be so many a second.
    if source.path.last_name().is_some_and(schema::counts::is_plain_rate) {
        let part = |key: &str| {
            let beside = match path.parent() {
                Some(parent) => parent.child(key)?,
                None => Path::from_keys([key])?,
            };
            match scene.survey.read(&beside, scene.record) {
                Reading::Found(schema::Value::Number(number)) => {
                    Decimal::from_number(number).map(Quantity::new).map(float)
                }
                _ => None,
            }
        };
        if part("passes").zip(part("fails")).is_none_or(|(passes, fails)| passes != near && fails != near) {
            return Err(Code::TooFewFacts);
        }
    }
    let (interval, facts) = share(near, float(trials), level)?;
    Ok((interval.divided_by(whole), facts))
}

fn filled(source: &Source, scene: &Scene<'_, '_>) -> Result<Path, Code> {
    let filled = if source.wildcard { source.path.fill(scene.captured) } else { Some(source.path.clone()) };
    filled.ok_or(Code::Missing)
}

/// What one of the trials may have several of, such as the retries of a request: a quotient of those is no share. Where both
/// are named by the same word (`failed_attempts / attempts`), it is one.
fn several(hits: &Node, trials: &Node) -> Option<&'static str> {
    let named = |node: &Node| match node {
        Node::Path(source) => source.path.last_name().and_then(schema::counts::several),
        _ => None,
    };
    let word = named(hits)?;
    let mut same = false;
    trials.each(&mut |node| same |= named(node) == Some(word));
    (!same).then_some(word)
}

fn quotient(hits: &Node, trials: &Node, scene: &Scene<'_, '_>, level: Decimal) -> Result<(Interval, Facts), Code> {
    if several(hits, trials).is_some() {
        return Err(Code::TooFewFacts);
    }
    let whole = |number: Quantity| {
        let number = number.as_decimal();
        number.filter(|number| number.exponent() >= 0 && number.signum() >= 0).ok_or(Code::TooFewFacts)
    };
    let of = |hits: Quantity, trials: Quantity| {
        let (hits, trials) = (whole(hits)?, whole(trials)?);
        if hits > trials {
            return Err(Code::TooFewFacts);
        }
        share(float(Quantity::new(hits)), float(Quantity::new(trials)), level)
    };
    let trials = trials.evaluate(scene).number()?;
    match hits.evaluate(scene) {
        Datum::Between(Interval { low, high, code, shown }) => {
            // As few, and as many, as there may have been.
            let end = |hits: Option<Quantity>| hits.map(|hits| of(hits, trials)).transpose();
            let (low, high) = (end(low)?, end(high)?);
            let shown = shown.and_then(|hits| hits.divided_by(trials));
            let (least, most) = (low.and_then(|(low, _)| low.low), high.and_then(|(high, _)| high.high));
            Ok((Interval { low: least, high: most, code, shown }, Facts::Given))
        }
        hits => of(hits.number()?, trials),
    }
}

fn share(hits: f64, trials: f64, level: Decimal) -> Result<(Interval, Facts), Code> {
    if trials < 1.0 {
        return Err(Code::NoSamples);
    }
    let chance = float(Quantity::new(level));
    let (low, high) = (binomial::lower(hits, trials, chance), binomial::upper(hits, trials, chance));
    let interval = Interval {
        low: exact(low),
        high: exact(high),
        code: Code::WithinNoise,
        shown: exact(hits).zip(exact(trials)).and_then(|(hits, trials)| hits.divided_by(trials)),
    };
    Ok((interval, Facts::Share { hits, trials }))
}

/// The interval that was written beside a figure (`percentile --sure`, a slope): `p99_low`, `p99_high`, and the level.
fn beside(source: &Source, node: &Node, scene: &Scene<'_, '_>, level: Decimal) -> Result<(Interval, Facts), Code> {
    // What could not be read moves the figure, and luck does besides: the ends are of both.
    let (shown, doubt) = match node.evaluate(scene) {
        Datum::Between(limits) => (limits.shown, Some(limits)),
        datum => (Some(datum.number()?), None),
    };
    let path = filled(source, scene)?;
    let read = |path: Option<Path>| {
        let path = path.ok_or(Code::TooFewFacts)?;
        if scene.claims.doubt(&path).is_some() || scene.claims.is_declared(&path) {
            return Err(Code::TooFewFacts);
        }
        match scene.survey.read(&path, scene.record) {
            Reading::Found(schema::Value::Null) => Ok(None),
            Reading::Found(schema::Value::Number(number)) => {
                Decimal::from_number(number).map(|number| Some(Quantity::new(number))).ok_or(Code::Overflow)
            }
            _ => Err(Code::TooFewFacts),
        }
    };
    let name = path.last_name().unwrap_or_default();
    let near = |name: &str| match path.parent() {
        Some(parent) => parent.child(name),
        None => Path::from_keys([name]),
    };
    // `p99.9` without quotes is two steps: what stands beside it stands beside both.
    let around = |key: &str| {
        let above = path.parent().filter(|_| path.is_percentile() && !schema::counts::is_statistic(name));
        above.map_or_else(
            || near(key),
            |parent| match parent.parent() {
                Some(parent) => parent.child(key),
                None => Path::from_keys([key]),
            },
        )
    };
    let carried = read(around("sure"))?;
    if carried.and_then(Quantity::as_decimal) != Some(level) {
        return Err(Code::TooFewFacts);
    }
    let (low, high) = (read(near(&format!("{name}_low")))?, read(near(&format!("{name}_high")))?);
    // An interval that its own figure lies outside of is not the figure's.
    let before = |one: Option<Quantity>, other: Option<Quantity>| {
        one.zip(other).is_some_and(|(one, other)| one.compare(other) == Some(std::cmp::Ordering::Greater))
    };
    let middle = if doubt.is_none() { shown } else { None };
    if before(low, high) || before(low, middle) || before(middle, high) {
        return Err(Code::Inconsistent);
    }
    let samples = read(around("count")).ok().flatten().map(float);
    let interval = Interval { low, high, code: Code::WithinNoise, shown };
    let interval = doubt.map_or(interval, |limits| Interval { code: limits.code, ..interval.and(limits) });
    let facts = if path.is_percentile() { Facts::Percentile { share: rank(&path), samples } } else { Facts::Given };
    Ok((interval, facts))
}

/// The share below a percentile, by its name: 0.99 of `p99_ms`.
fn rank(path: &Path) -> f64 {
    let text = path.dotted();
    let text = text.to_lowercase();
    let name = text.rsplit_once(".p").map_or(&*text, |(_, name)| name);
    let digits: String = name.trim_start_matches('p').chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    if digits.is_empty() { 0.5 } else { digits.trim_end_matches('.').parse::<f64>().map_or(0.5, |rank| rank / 100.0) }
}

/// The level of an interval that stands beside a figure, in percent.
fn carried(source: &Source, scene: &Scene<'_, '_>) -> Option<Decimal> {
    let path = filled(source, scene).ok()?;
    let beside = |key: &str| match path.parent() {
        Some(parent) => parent.child(key),
        None => Path::from_keys([key]),
    };
    let read = |key: &str| match scene.survey.read(&beside(key)?, scene.record) {
        Reading::Found(schema::Value::Number(number)) => Decimal::from_number(number),
        _ => None,
    };
    read(&format!("{}_low", path.last_name()?))?;
    read("sure")?.times(Decimal::from(100u64))
}

/// What there is no interval for the want of, at a level.
pub(crate) fn lacking(node: &Node, scene: &Scene<'_, '_>, level: Decimal) -> Option<String> {
    let percent = level.times(Decimal::from(100u64))?;
    match node {
        Node::Path(source) if source.path.is_percentile() => {
            let path = filled(source, scene).ok()?;
            Some(format!("{path} has no interval of {percent}% next to it: percentile --sure {percent}% writes one"))
        }
        Node::Path(source) if is_share(source) => {
            let path = filled(source, scene).ok()?;
            Some(format!("{path} has no count next to it that it is a share of"))
        }
        Node::Convert(inner, _) => lacking(inner, scene, level),
        Node::Arithmetic(Arithmetic::Times, a, b) => match (&**a, &**b) {
            (Node::Number(_), other) | (other, Node::Number(_)) => lacking(other, scene, level),
            _ => None,
        },
        Node::Arithmetic(Arithmetic::Over, a, b) => match &**b {
            Node::Number(_) => lacking(a, scene, level),
            trials => {
                let hits = match &**a {
                    Node::Arithmetic(Arithmetic::Times, c, d) => match (&**c, &**d) {
                        (Node::Number(_), hits) | (hits, Node::Number(_)) => hits,
                        _ => a,
                    },
                    _ => a,
                };
                if let Some(word) = several(hits, trials) {
                    return Some(format!("it is not a share: one of what it is divided by may have several {word}"));
                }
                let [hits, trials] = [hits, trials].map(|node| node.evaluate(scene).number().ok());
                let write = |number: Quantity| number.to_number(6).to_string();
                let (hits, trials) = (write(hits?), write(trials?));
                Some(format!("{hits} of {trials} is not a share: it takes whole numbers, the first at most the second"))
            }
        },
        Node::Path(source) if !source.baseline && carried(source, scene).is_some() => {
            let (path, carried) = (filled(source, scene).ok()?, carried(source, scene)?);
            Some(format!("{path} has an interval of {carried}% next to it, but none of {percent}%"))
        }
        _ => Some("one run has no interval of it; several runs, against a baseline, have one".to_owned()),
    }
}

/// Why an interval does not tell, and how much more would. `write` shows a number in the unit of the bound.
pub(crate) fn wording(
    left: &str,
    facts: Facts,
    actual: &Datum<'_>,
    (operator, bound): (Comparison, Option<Quantity>),
    level: Decimal,
    write: &dyn Fn(Quantity) -> String,
) -> String {
    let percent = level.times(Decimal::from(100u64)).unwrap_or(level);
    let chance = float(Quantity::new(level));
    let Datum::Between(Interval { low, high, shown, .. }) = actual else { return String::new() };
    let is_upper = matches!(operator, Comparison::Less | Comparison::LessOrEqual);
    let end = if is_upper { *high } else { *low };
    match facts {
        Facts::Percentile { share, samples } => {
            let value = shown.map_or_else(|| "?".to_owned(), write);
            let number = samples.map_or(String::new(), |samples| format!(", n={samples}"));
            match end {
                None => {
                    let side = if is_upper { "upper" } else { "lower" };
                    let outside = if is_upper { share } else { 1.0 - share };
                    let least = ((1.0 - chance).ln() / outside.ln()).ceil();
                    format!("{left}={value}{number} has no {side} end at {percent}%; at least {least} samples")
                }
                Some(_) => {
                    let ends = [*low, *high].map(|end| end.map_or_else(|| "…".to_owned(), write));
                    format!("{left}={value}{number}, {} .. {} at {percent}%", ends[0], ends[1])
                }
            }
        }
        Facts::Given => {
            let value = shown.and_then(three_digits).map_or_else(|| "?".to_owned(), write);
            let ends = [*low, *high].map(|end| end.and_then(three_digits).map_or_else(|| "…".to_owned(), write));
            format!("{left}={value}, {} .. {} at {percent}%", ends[0], ends[1])
        }
        Facts::Trend { nights } => {
            let value = shown.and_then(three_digits).map_or_else(|| "?".to_owned(), write);
            let ends = [*low, *high].map(|end| end.and_then(three_digits).map_or_else(|| "…".to_owned(), write));
            format!("{left}={value} a night, {} .. {} at {percent}% over {nights} nights", ends[0], ends[1])
        }
        Facts::Share { hits, trials } => {
            let up = if is_upper { "up to" } else { "at least" };
            let end = end.and_then(three_digits).map_or_else(|| "?".to_owned(), write);
            let more = bound.zip(*shown).and_then(|(bound, shown)| {
                // In units of the interval, which a conversion may have multiplied.
                let scale = float(shown) * trials / hits;
                let scale = if hits > 0.0 {
                    scale
                } else {
                    float(high.unwrap_or(shown)) / binomial::upper(hits, trials, chance)
                };
                enough(hits, trials, float(bound) / scale, chance, is_upper)
            });
            let more = more.map_or(String::new(), |(hits, trials)| format!("; {hits} of {trials} would do"));
            format!("{left} = {hits} of {trials}, {up} {end} at {percent}%{more}")
        }
    }
}

/// A limit as it is shown.
pub(crate) fn three_digits(limit: Quantity) -> Option<Quantity> {
    exact(format!("{:.2e}", float(limit)).parse().ok()?)
}

/// The least number of trials that would pass at about the same share, with its hits; `None` where that share itself
/// does not, or it would take more than is worth a word.
fn enough(hits: f64, trials: f64, bound: f64, level: f64, is_upper: bool) -> Option<(f64, f64)> {
    if !is_upper {
        // At least so many hits are at most so many misses.
        let (misses, trials) = enough(trials - hits, trials, 1.0 - bound, level, true)?;
        return Some((trials - misses, trials));
    }
    let share = hits / trials;
    if share >= bound || !(0.0..1.0).contains(&bound) {
        return None;
    }
    let passes = |hits: f64, trials: f64| hits <= trials && binomial::is_rare(hits, trials, bound, level);
    // The number of trials at which so many hits are few enough: more trials never make them too many.
    let least = |hits: f64, mut low: f64, mut high: f64| {
        while high - low > 1.0 {
            let middle = ((low + high) / 2.0).floor();
            if passes(hits, middle) { high = middle } else { low = middle }
        }
        high
    };
    let mut high = 2.0 * trials;
    while !passes((share * high).ceil(), high) {
        high *= 2.0;
        if high > MOST_TRIALS {
            return None;
        }
    }
    let mut found = ((share * high).ceil(), high);
    // Fewer hits want fewer trials, as long as they are no better a share.
    let (mut low, mut top) = (hits, found.0);
    while low <= top {
        let middle = ((low + top) / 2.0).floor();
        let trials = least(middle, trials.max(middle) - 1.0, found.1);
        if passes(middle, trials) && share * trials <= middle {
            found = (middle, trials);
            top = middle - 1.0;
        } else {
            low = middle + 1.0;
        }
    }
    Some(found)
}

/// More trials than that are no advice.
const MOST_TRIALS: f64 = 1e7;
