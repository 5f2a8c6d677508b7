//! Change points: since when a series has been what it is now.
//!
//! Owns the place after the last jump of a series. A jump is a place before and after which the ranks lie further apart
//! than at any place in 99 of 100 orders of the same values (permutations, seeded by the values: the same series has the
//! same jumps). A steady rise is no jump: the slope is taken out first. Refuses parts of fewer than [`SHORTEST`].

use crate::statistics::rank::Random;
use crate::statistics::slope;

/// No part between two jumps is shorter.
pub(crate) const SHORTEST: usize = 5;
/// How many orders are drawn.
const DRAWS: u32 = 999;
/// By how many of them a jump may be surpassed, itself one of a thousand.
const SURPASSED: u32 = 9;

/// Where the last jump of `values` is: the place, from 0, of the first value after it; 0 where there is none.
pub(crate) fn last(values: &[f64]) -> usize {
    let mut from = 0;
    while let Some(jump) = jump(values.get(from..).unwrap_or_default()) {
        from += jump;
    }
    from
}

/// The place where a series jumps furthest, if luck does not explain it.
fn jump(values: &[f64]) -> Option<usize> {
    if values.len() < 2 * SHORTEST {
        return None;
    }
    let rise = rise(values);
    let level: Vec<f64> = values.iter().enumerate().map(|(at, value)| value - rise * at as f64).collect();
    let mut ranks = ranks(&level);
    let (seen, place) = furthest(&ranks);
    if seen <= 0.0 {
        return None;
    }
    let mut random = Random::of(&ranks, &[]);
    let mut surpassed = 0;
    for _ in 0..DRAWS {
        for left in (1..ranks.len()).rev() {
            ranks.swap(left, random.below(left + 1));
        }
        surpassed += u32::from(furthest(&ranks).0 >= seen);
        if surpassed > SURPASSED {
            return None;
        }
    }
    Some(place)
}

/// How much a series rises with each value: the flatter of the slope of all pairs, which a jump makes steep, and that of
/// pairs near to each other, few of which lie across a jump, but which a pattern that comes again (a week) makes steep.
fn rise(values: &[f64]) -> f64 {
    let points: Vec<(f64, f64)> = values.iter().enumerate().map(|(at, value)| (at as f64, *value)).collect();
    let all = slope::slope(&points, 0.5).map_or(0.0, |slope| slope.middle);
    let near = near(values);
    if all * near <= 0.0 {
        return 0.0;
    }
    if all.abs() < near.abs() { all } else { near }
}

/// The median slope of pairs that are near to each other.
fn near(values: &[f64]) -> f64 {
    let near = (values.len() / 4).max(1);
    let mut slopes: Vec<f64> = (1..=near)
        .flat_map(|apart| {
            let later = values.iter().skip(apart);
            values.iter().zip(later).map(move |(value, later)| (later - value) / apart as f64)
        })
        .collect();
    let middle = slopes.len() / 2;
    if middle >= slopes.len() { 0.0 } else { *slopes.select_nth_unstable_by(middle, f64::total_cmp).1 }
}

/// How far apart the mean ranks lie at the place where they do most, in standard deviations squared, and that place.
fn furthest(ranks: &[u32]) -> (f64, usize) {
    let n = ranks.len() as f64;
    let mean = ranks.iter().map(|rank| f64::from(*rank)).sum::<f64>() / n;
    let (mut sum, mut best) = (0.0, (0.0, 0));
    for (at, rank) in ranks.iter().enumerate() {
        sum += f64::from(*rank) - mean;
        let before = at + 1;
        if before >= SHORTEST && ranks.len() - before >= SHORTEST {
            let before = before as f64;
            let apart = sum * sum / (before * (n - before));
            if apart > best.0 {
                best = (apart, at + 1);
            }
        }
    }
    best
}

/// Doubled mid-ranks. Values that differ only by rounding are alike.
fn ranks(values: &[f64]) -> Vec<u32> {
    let most = values.iter().fold(0.0f64, |most, value| most.max(value.abs()));
    let mut order: Vec<usize> = (0..values.len()).collect();
    let value = |at: usize| values.get(at).copied().unwrap_or_default();
    order.sort_by(|a, b| value(*a).total_cmp(&value(*b)));
    let mut ranks = vec![0; values.len()];
    let mut below = 0;
    for tied in order.chunk_by(|a, b| value(*b) - value(*a) <= 1e-12 * most) {
        let rank = (2 * below + tied.len() + 1) as u32;
        for at in tied {
            if let Some(place) = ranks.get_mut(*at) {
                *place = rank;
            }
        }
        below += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noisy(random: &mut testkit::Random, level: f64, spread: f64) -> f64 {
        level * (1.0 + spread * (random.fraction() + random.fraction() + random.fraction() - 1.5))
    }

    #[test]
    fn a_jump_is_found_and_a_rise_is_none() {
        let mut random = testkit::Random::new(3);
        let (mut near, mut risen, mut still) = (0, 0, 0);
        let times = 100;
        for _ in 0..times {
            let step: Vec<f64> =
                (0..40).map(|night| noisy(&mut random, if night < 22 { 200.0 } else { 240.0 }, 0.06)).collect();
            near += usize::from(last(&step).abs_diff(22) <= 2);
            let rise: Vec<f64> =
                (0..30).map(|night| noisy(&mut random, 200.0 + 4.0 * f64::from(night), 0.06)).collect();
            risen += usize::from(last(&rise) > 0);
            let flat: Vec<f64> = (0..30).map(|_| noisy(&mut random, 200.0, 0.06)).collect();
            still += usize::from(last(&flat) > 0);
        }
        assert!(near >= 90, "{near}");
        assert!(risen <= 10 && still <= 10, "{risen} {still}");
    }

    #[test]
    fn what_is_all_alike_has_none() {
        assert_eq!(last(&[5.0; 60]), 0);
        assert_eq!(last(&(0..60).map(|at| f64::from(at) * 0.1).collect::<Vec<_>>()), 0);
        // Patterns that come again, as weeks do.
        let week: Vec<f64> = (0..60).map(|at| if at % 7 < 5 { 200.0 } else { 120.0 }).collect();
        assert_eq!(last(&week), 0);
        let pattern: Vec<f64> = (0..30).map(|at| f64::from(at * 37 % 11)).collect();
        assert_eq!(last(&pattern), 0);
        let step: Vec<f64> = (0..20).map(|at| if at < 10 { 1.0 } else { 2.0 }).collect();
        assert_eq!(last(&step), 10);
        assert_eq!(last(&step[..9]), 0);
    }
}
