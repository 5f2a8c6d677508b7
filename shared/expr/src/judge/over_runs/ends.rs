//! Between what the candidates of a comparison over runs lie, as its check carries it, and what it was made from.

use schema::{Code, Value};

use super::{Contest, Measured, ROOM, median};
use crate::Quantity;
use crate::evaluate::interval::{exact, float};
use crate::judge::threshold::Threshold;
use crate::statistics::rank;

/// What a comparison over runs was made from, and between what the candidates lie: the ratio's ends times the bound.
pub(super) fn interval(threshold: &Threshold, runs: &[Measured], contest: &Contest) -> schema::Interval<'static> {
    let write = |number: Quantity| Value::Number(number.to_number(number::WIRE_DIGITS));
    let end = |share: f64| {
        // A ratio of doubles: its last digits are noise.
        let times = (1.0 + share) * float(median(&contest.bounds)?);
        exact(format!("{times:.11e}").parse().ok()?).map(write)
    };
    let (low, high) = if contest.alone {
        median_ends(runs, threshold.rare())
    } else {
        (contest.ratio.and_then(|(low, _)| end(low)), contest.ratio.and_then(|(_, high)| end(high)))
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

/// By how much the candidates lie from the bound, as a part of it: both ends by ranks of the ratios of all pairs.
pub(super) fn ratio(runs: &[Measured], bounds: &[Measured], rare: f64) -> Option<(f64, f64)> {
    let place = rank::end(runs.len(), bounds.len(), rare)?;
    let known = |side: &[Measured]| -> Option<Vec<f64>> {
        side.iter().map(|run| run.low.filter(|_| run.code.is_none()).map(float).filter(|value| *value > 0.0)).collect()
    };
    let (first, second) = (known(runs)?, known(bounds)?);
    let mut ratios: Vec<f64> = first.iter().flat_map(|one| second.iter().map(move |other| one / other - 1.0)).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    Some((*ratios.get(place)?, *ratios.get(ratios.len().checked_sub(place + 1)?)?))
}
