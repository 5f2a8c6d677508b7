//! Theil and Sen's slope: the median of the slopes of all pairs of points, with its interval by ranks.
//!
//! Owns the slope, its ends, and Kendall's distribution behind them (Sen, 1968): exact up to [`EXACT`] points, past that
//! normal, a pair further out. Ties of values make it only wider, points at one place are as steep as can be. Doubles find
//! the pair, whose slope is then an exact quotient: what is made of it is rounded once, at the end. Refuses more than
//! [`MOST`] points: the pairs of as many are what memory is given for.

use std::cmp::Ordering;

use crate::evaluate::interval::{exact, float};
use crate::{Decimal, Quantity};

/// Up to so many points the chances of all orders are counted.
const EXACT: usize = 200;
/// More points than this are refused.
pub(crate) const MOST: usize = 2000;

/// A slope of points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slope {
    /// The median slope.
    pub middle: f64,
    /// The true slope is at least and at most that, each at the level asked for; `None` where so few points have no end.
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// The slope of `points`, (place, value) in any order, with ends that are wrong by a chance of at most `rare` each; `None`
/// where all are at one place, or there are too many.
pub(crate) fn slope(points: &[(f64, f64)], rare: f64) -> Option<Slope> {
    if points.len() > MOST {
        return None;
    }
    let mut slopes = Vec::with_capacity(points.len() * points.len().saturating_sub(1) / 2);
    // Pairs of one place: they may be as steep as can be, either way.
    let mut upright = 0;
    for (at, one) in points.iter().enumerate() {
        for other in points.iter().skip(at + 1) {
            if one.0 == other.0 {
                upright += 1;
            } else {
                slopes.push((other.1 - one.1) / (other.0 - one.0));
            }
        }
    }
    slopes.sort_unstable_by(f64::total_cmp);
    let nth = |place: usize| slopes.get(place).copied();
    let Places { middle: (one, other), ends } = places(points.len(), slopes.len(), upright, rare)?;
    let middle = if one == other { nth(one)? } else { f64::midpoint(nth(one)?, nth(other)?) };
    let (low, high) = (ends.and_then(|(low, _)| nth(low)), ends.and_then(|(_, high)| nth(high)));
    Some(Slope { middle, low, high })
}

/// Which of the ordered slopes of all pairs are the middle, one or two of them, and the ends.
struct Places {
    middle: (usize, usize),
    ends: Option<(usize, usize)>,
}

fn places(points: usize, slopes: usize, upright: usize, rare: f64) -> Option<Places> {
    let last = slopes.checked_sub(1)?;
    let low = place(points, rare).and_then(|place| place.checked_sub(upright));
    let ends = low.and_then(|low| Some((low, last.checked_sub(low)?)));
    Some(Places { middle: (last / 2, slopes / 2), ends })
}

/// A slope as exact quotients of what was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exact {
    /// The median slope.
    pub middle: Quantity,
    /// The true slope is at least and at most that, as in [`Slope`].
    pub low: Option<Quantity>,
    pub high: Option<Quantity>,
}

/// The slope of `points`, each known exactly; the same whatever their order. `None` where [`slope`] has none.
pub(crate) fn exactly(points: &[(Quantity, Quantity)], rare: f64) -> Option<Exact> {
    if points.len() > MOST {
        return None;
    }
    let order = |a: &Quantity, b: &Quantity| a.compare(*b).unwrap_or(Ordering::Equal);
    let mut points = points.to_vec();
    points.sort_by(|a, b| order(&a.0, &b.0).then_with(|| order(&a.1, &b.1)));
    // Places since the first one: stamps of this century leave a double few digits for a second's parts.
    let first = points.first()?.0;
    let doubles: Vec<(f64, f64)> = points
        .iter()
        .map(|point| (point.0.minus(first).map_or_else(|| float(point.0) - float(first), float), float(point.1)))
        .collect();
    let mut slopes: Vec<(f64, u16, u16)> = Vec::with_capacity(points.len() * points.len().saturating_sub(1) / 2);
    let mut upright = 0;
    for (at, one) in doubles.iter().enumerate() {
        for (more, other) in doubles.iter().enumerate().skip(at + 1) {
            if one.0 == other.0 {
                upright += 1;
            } else {
                // At most MOST of them.
                slopes.push(((other.1 - one.1) / (other.0 - one.0), at as u16, more as u16));
            }
        }
    }
    slopes.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
    let nth = |place: usize| {
        let (double, one, other) = slopes.get(place)?;
        let (one, other) = (points.get(usize::from(*one))?, points.get(usize::from(*other))?);
        let quotient = || other.1.minus(one.1)?.divided_by(other.0.minus(one.0)?);
        quotient().or_else(|| figure(*double))
    };
    let Places { middle: (one, other), ends } = places(points.len(), slopes.len(), upright, rare)?;
    let (one, other) = (nth(one)?, nth(other)?);
    let half = |sum: Quantity| sum.divided_by(Quantity::new(Decimal::from(2u64)));
    let middle = if order(&one, &other).is_eq() {
        one
    } else {
        one.plus(other).and_then(half).or_else(|| figure(f64::midpoint(float(one), float(other))))?
    };
    Some(Exact { middle, low: ends.and_then(|(low, _)| nth(low)), high: ends.and_then(|(_, high)| nth(high)) })
}

/// A slope as a decimal where the quotient has more digits than are kept: twelve, for a double's last ones are noise.
fn figure(slope: f64) -> Option<Quantity> {
    exact(format!("{slope:.11e}").parse().ok()?)
}

/// The least number of points of which any slope could be told at a chance of at most `rare`.
pub(crate) fn least(rare: f64) -> u64 {
    let (mut points, mut orders) = (1u32, 1.0);
    while 1.0 / orders > rare {
        points += 1;
        orders *= f64::from(points);
    }
    u64::from(points.max(2))
}

/// The place, from 0, of the ordered slopes which the true one is below by a chance of at most `rare`: so many pairs of
/// a series without a slope are out of order, or fewer.
fn place(points: usize, rare: f64) -> Option<usize> {
    if points > EXACT {
        let n = points as f64;
        let (pairs, variance) = (n * (n - 1.0) / 2.0, n * (n - 1.0) * (2.0 * n + 5.0) / 72.0);
        let place = pairs / 2.0 - normal_quantile(rare) * variance.sqrt() - 2.0;
        return (place >= 0.0).then_some(place as usize);
    }
    // The shares of all orders of so many points with each number of pairs out of order.
    let mut shares = vec![1.0f64];
    for point in 2..=points {
        let mut next = vec![0.0; shares.len() + point - 1];
        let mut sum = 0.0;
        for at in 0..next.len() {
            sum += shares.get(at).copied().unwrap_or_default();
            sum -= at.checked_sub(point).and_then(|gone| shares.get(gone)).copied().unwrap_or_default();
            if let Some(share) = next.get_mut(at) {
                *share = (sum / point as f64).max(0.0);
            }
        }
        shares = next;
    }
    let (mut sum, mut place) = (0.0, None);
    for (pairs, share) in shares.iter().enumerate() {
        sum += share;
        // Rounding may have cost a little, which must not make an end nearer.
        if sum > rare * (1.0 + 1e-12) {
            break;
        }
        place = Some(pairs);
    }
    place
}

/// The normal distribution's quantile of a small upper tail (Abramowitz and Stegun 26.2.23), to about 4e-4.
pub(crate) fn normal_quantile(tail: f64) -> f64 {
    let t = (-2.0 * tail.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    t - above / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_points_that_rise_are_told() {
        let points: Vec<(f64, f64)> = (0..4).map(|at| (f64::from(at), 200.0 * 1.02f64.powi(at))).collect();
        let slope = slope(&points, 0.05).unwrap();
        // The flattest of all pairs is the first one.
        assert_eq!(slope.low, Some(points[1].1 - points[0].1));
        assert!(slope.middle > 4.0 && slope.high.unwrap() > slope.middle, "{slope:?}");
        assert_eq!(super::slope(&points[..3], 0.05).unwrap().low, None);
        assert_eq!((least(0.05), least(0.01)), (4, 5));
    }

    #[test]
    fn places_are_those_of_kendall() {
        // Hollander, Wolfe and Chicken (2014), table A.30: P(K >= k) for n = 4 (6), 5 (8), 10 (21 -> 0.0363), K = pairs - 2 out.
        assert_eq!(place(3, 0.05), None);
        assert_eq!(place(4, 0.05), Some(0));
        assert_eq!(place(5, 0.05), Some(1));
        assert_eq!(place(10, 0.05), Some(12));
        // The normal distribution takes over where both are alike.
        let exact = place(200, 0.05).unwrap();
        let n = 200.0f64;
        let normal = n * (n - 1.0) / 4.0 - normal_quantile(0.05) * (n * (n - 1.0) * (2.0 * n + 5.0) / 72.0).sqrt();
        assert!((exact as f64 - normal).abs() < 3.0, "{exact} {normal}");
    }

    #[test]
    fn the_slowest_way_agrees() {
        let mut random = testkit::Random::new(5);
        for _ in 0..testkit::times(400) {
            // All orders of five values: of so many the end is wrong.
            let rise = random.below(7) as f64 - 3.0;
            let noise: Vec<f64> = (0..6).map(|_| random.below(1000) as f64).collect();
            let mut orders = vec![Vec::new()];
            for _ in 0..6 {
                orders = orders
                    .into_iter()
                    .flat_map(|order: Vec<usize>| {
                        (0..6)
                            .filter(|next| !order.contains(next))
                            .map(|next| [&order[..], &[next]].concat())
                            .collect::<Vec<_>>()
                    })
                    .collect();
            }
            let (mut above, mut below) = (0, 0);
            for order in &orders {
                let points: Vec<(f64, f64)> =
                    order.iter().enumerate().map(|(at, one)| (at as f64, noise[*one] + rise * at as f64)).collect();
                let slope = slope(&points, 0.05).unwrap();
                above += usize::from(slope.low.unwrap() > rise + 1e-9);
                below += usize::from(slope.high.unwrap() < rise - 1e-9);
            }
            assert!(above * 20 <= orders.len() && below * 20 <= orders.len(), "{above} {below} of {}", orders.len());
        }
    }

    #[test]
    fn points_at_one_place_widen() {
        let apart: Vec<(f64, f64)> = (0..8).map(|at| (f64::from(at), f64::from(at))).collect();
        let mut twice = apart.clone();
        twice[7].0 = 6.0;
        let (apart, twice) = (slope(&apart, 0.05).unwrap(), slope(&twice, 0.05).unwrap());
        assert!(twice.low <= apart.low && twice.high >= apart.high, "{apart:?} {twice:?}");
        assert_eq!(slope(&[(1.0, 1.0), (1.0, 2.0)], 0.05), None);
        assert_eq!(slope(&vec![(0.0, 0.0); MOST + 1], 0.05), None);
    }
}
