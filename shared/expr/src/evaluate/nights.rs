//! The nights before the record at hand, as figures: `usual(N)` and `trend(x)` of them.
//!
//! Nights before the last jump (`change`) are cut off. Refuses a figure of fewer nights than it wants: `too-few-runs`.

use schema::Code;

use crate::evaluate::datum::Datum;
use crate::evaluate::interval::float;
use crate::record::runs::Run;
use crate::statistics::change;
use crate::statistics::slope::{self, Exact};
use crate::{Decimal, Quantity};

/// So many nights are looked at, the last ones.
const MOST: usize = 1000;

/// The last nights, each with its place among all.
pub(crate) fn looked_at(past: &[Run]) -> impl Iterator<Item = (usize, &Run)> {
    past.iter().enumerate().skip(past.len().saturating_sub(MOST))
}

/// The fewest nights, tonight among them, that have a trend where nobody says how sure.
pub(crate) const FEWEST: usize = 4;

/// Whether more than a quarter of the nights from the first of a series to the last are without a figure: it may have been any.
pub(crate) fn has_holes(series: &[(usize, Quantity)], nights: usize) -> bool {
    let from = series.first().map_or(nights, |(night, _)| *night);
    4 * series.len() < 3 * nights.saturating_sub(from)
}

/// What is left of a series, each figure with the place of its night, since the last jump.
pub(crate) fn since_the_last_jump(mut nights: Vec<(usize, Quantity)>) -> Vec<(usize, Quantity)> {
    let figures: Vec<f64> = nights.iter().map(|(_, figure)| float(*figure)).collect();
    nights.drain(..change::last(&figures));
    nights
}

/// `usual(N)`: the most (`greatest`), or the least, of the last N nights.
pub(crate) fn usual<'r>(series: &[(usize, Quantity)], all: usize, nights: usize, greatest: bool) -> Datum<'r> {
    let last = series.len().checked_sub(nights).and_then(|from| series.get(from..));
    let Some(last) = last.filter(|last| !has_holes(last, all)) else { return Datum::Unknown(Code::TooFewRuns) };
    let figures = last.iter().map(|(_, figure)| *figure);
    let wins = if greatest { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less };
    let best = figures.reduce(|best, figure| if figure.compare(best) == Some(wins) { figure } else { best });
    best.map_or(Datum::Unknown(Code::TooFewRuns), Datum::Number)
}

/// The slope of a series, a night, and of how many nights; ends at a chance of `rare`.
pub(crate) fn trend(nights: &[(usize, Quantity)], rare: f64) -> Result<(Exact, usize), Code> {
    let all = nights.last().map_or(0, |(night, _)| night + 1);
    if nights.len() < FEWEST || has_holes(nights, all) {
        return Err(Code::TooFewRuns);
    }
    let place = |night: usize| Quantity::new(Decimal::from(night as u64));
    let points: Vec<(Quantity, Quantity)> = nights.iter().map(|(night, figure)| (place(*night), *figure)).collect();
    let slope = slope::exactly(&points, rare).ok_or(Code::TooFewRuns)?;
    Ok((slope, points.len()))
}
