//! Wilcoxon's rank-sum test of two sets of runs, by permutation: could luck alone have put the first so far below?
//!
//! Owns the chance of a split, and how many runs would tell. Up to [`EXACT`] runs all splits of the pooled mid-ranks are
//! counted (ties as they are); past that so many are drawn, by a seed that is made of the runs themselves, and the split
//! that was seen counts as one of them, which errs on the safe side (Phipson and Smyth, 2010). Refuses to assume a
//! distribution: only that the runs of both sides may be exchanged where they are alike.

/// Up to so many runs of both sides together every split is counted: C(64, 32) fits in 64 bits.
pub(crate) const EXACT: usize = 64;
/// How many splits are drawn past that; a tenth of it where there are more than a thousand runs.
const DRAWS: u64 = 99_999;
/// More runs a side than that are no advice.
const MOST_RUNS: f64 = 1000.0;

/// The chances of a split as clear as the one seen, were both sides alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Chances {
    /// That the first side lies so low.
    pub lower: f64,
    /// That it lies so high.
    pub higher: f64,
}

/// The chances for two sides whose values are given by their order: equal numbers are equal values.
pub(crate) fn chances(first: &[u32], second: &[u32]) -> Chances {
    let (ranks, sum) = doubled_ranks(first, second);
    if ranks.len() <= EXACT {
        return counted(&ranks, first.len(), sum);
    }
    let mut random = Random::of(first, second);
    let mut pool = ranks;
    let draws = if pool.len() > 1000 { DRAWS / 10 } else { DRAWS };
    let (mut low, mut high) = (1u64, 1u64);
    for _ in 0..draws {
        let mut drawn = 0;
        for at in 0..first.len() {
            let other = at + random.below(pool.len() - at);
            pool.swap(at, other);
            drawn += pool.get(at).copied().unwrap_or_default();
        }
        low += u64::from(drawn <= sum);
        high += u64::from(drawn >= sum);
    }
    let share = |count: u64| count as f64 / (draws + 1) as f64;
    Chances { lower: share(low), higher: share(high) }
}

/// The least chance that any split of so many runs has: that of the one where the sides do not meet.
pub(crate) fn least(first: usize, second: usize) -> f64 {
    // One of C(first + second, first): each step is a whole number.
    let splits = (1..=first.min(second)).fold(1.0, |splits, at| {
        let (at, larger) = (at as f64, first.max(second) as f64);
        splits * (larger + at) / at
    });
    1.0 / splits
}

/// The chance that at least so many of `all` runs lie on one side of a bound that the median run lies at (the sign test).
pub(crate) fn sign(side: usize, all: usize) -> f64 {
    let (side, all) = (side as f64, all as f64);
    // ln of C(all, k) / 2^all, from k = all downward.
    let (mut term, mut sum, mut at) = (-all * std::f64::consts::LN_2, 0.0f64, all);
    while at >= side && at >= 0.0 {
        sum += term.exp();
        term += at.ln() - (all - at + 1.0).ln();
        at -= 1.0;
    }
    sum.min(1.0)
}

/// The least number of runs that the sign test would tell at a chance of at most `rare`, if this `share` of them went on to
/// lie on one side; `None` where that is no more than half, or it takes too many.
pub(crate) fn enough_alone(share: f64, rare: f64) -> Option<u64> {
    if share <= 0.5 {
        return None;
    }
    let tells = |runs: usize| sign((share * runs as f64).floor() as usize, runs) <= rare;
    (1..=MOST_RUNS as usize).find(|runs| tells(*runs)).map(|runs| runs as u64)
}

/// How many pairs of one run of each side there are in which the first is lower, and in which both are equal.
pub(crate) fn pairs(first: &[u32], second: &[u32]) -> (u64, u64) {
    let mut sorted = second.to_vec();
    sorted.sort_unstable();
    first.iter().fold((0, 0), |(lower, equal), value| {
        let not_above = sorted.partition_point(|other| other <= value);
        let below = sorted.partition_point(|other| other < value);
        (lower + (sorted.len() - not_above) as u64, equal + (not_above - below) as u64)
    })
}

/// The least number of runs a side that would be told at a chance of at most `rare`, if the first went on to be lower in
/// this `share` of pairs; `None` where that is no more than half of them, or it takes too many.
pub(crate) fn enough(share: f64, rare: f64) -> Option<u64> {
    if share <= 0.5 {
        return None;
    }
    // So few are counted out.
    for runs in 1..=12u32 {
        let ranks: Vec<u64> = (1..=2 * u64::from(runs)).map(|rank| 2 * rank).collect();
        let total = splits(runs as usize, 2 * runs as usize);
        // The pairs in which the first is higher, in whole ones, and the rank sum that makes.
        let square = f64::from(runs * runs);
        let higher = (square - (share * square).floor()) as u64;
        let sum = u64::from(runs * (runs + 1)) + 2 * higher;
        let low: u64 = counts(&ranks, runs as usize, sum as usize).iter().sum();
        if low as f64 / total as f64 <= rare {
            return Some(u64::from(runs));
        }
    }
    let z = normal_quantile(rare);
    let tells = |runs: f64| {
        let square = runs * runs;
        (share - 0.5) * square - 0.5 >= z * (square * (2.0 * runs + 1.0) / 12.0).sqrt()
    };
    let mut runs = 13.0;
    while !tells(runs) {
        runs += 1.0;
        if runs > MOST_RUNS {
            return None;
        }
    }
    Some(runs as u64)
}

/// The place, from 0, of the ordered ratios of all pairs (first over second) that the true ratio is at least, each end
/// at a chance of at most `rare`; as many from the other end it is at most. `None` where there is none.
pub(crate) fn end(first: usize, second: usize, rare: f64) -> Option<usize> {
    if first + second > EXACT {
        return None;
    }
    let ranks: Vec<u64> = (0..(first + second) as u64).collect();
    let least = first * first.saturating_sub(1) / 2;
    // The place of the end lies in the lower half.
    let counts = counts(&ranks, first, least + first * second / 2);
    let total = splits(first, first + second);
    let (mut low, mut place) = (0, None);
    for pair in 0..=first * second / 2 {
        low += counts.get(least + pair).copied().unwrap_or_default();
        if low as f64 / total as f64 > rare {
            break;
        }
        place = Some(pair);
    }
    place
}

/// The doubled mid-ranks of all values, and their sum over the first side.
fn doubled_ranks(first: &[u32], second: &[u32]) -> (Vec<u64>, u64) {
    let mut pool: Vec<(u32, bool)> = first.iter().map(|value| (*value, true)).collect();
    pool.extend(second.iter().map(|value| (*value, false)));
    pool.sort_unstable();
    let (mut ranks, mut sum) = (Vec::with_capacity(pool.len()), 0);
    for tied in pool.chunk_by(|a, b| a.0 == b.0) {
        let rank = (2 * ranks.len() + tied.len() + 1) as u64;
        sum += rank * tied.iter().filter(|(_, is_first)| *is_first).count() as u64;
        ranks.extend(tied.iter().map(|_| rank));
    }
    (ranks, sum)
}

/// The chances of a sum of `size` of the ranks, which ascend, among all choices of as many.
fn counted(ranks: &[u64], size: usize, sum: u64) -> Chances {
    // The least sums are counted, of the smaller side, in places above the least rank; without ties every other doubled one
    // is none.
    let (least, most) = (ranks.first().copied().unwrap_or_default(), ranks.last().copied().unwrap_or_default());
    let is_larger = 2 * size > ranks.len();
    let (size, sum) = if is_larger { (ranks.len() - size, ranks.iter().sum::<u64>() - sum) } else { (size, sum) };
    let sum = sum - size as u64 * least;
    let mut places: Vec<u64> = ranks.iter().map(|rank| rank - least).collect();
    // The mean of all sums, twice: a sum above it is one as far below, from the other end.
    let is_upper = sum * ranks.len() as u64 > size as u64 * places.iter().sum::<u64>();
    let mut sum = if is_upper { size as u64 * (most - least) - sum } else { sum };
    if is_upper {
        places = places.into_iter().rev().map(|place| most - least - place).collect();
    }
    if places.iter().all(|place| place % 2 == 0) {
        places.iter_mut().for_each(|place| *place /= 2);
        sum /= 2;
    }
    let counts = counts(&places, size, sum as usize);
    let at_most: u64 = counts.iter().sum();
    let splits = splits(size, ranks.len());
    let there = counts.last().copied().unwrap_or_default();
    let share = |count: u64| count as f64 / splits as f64;
    let (outer, inner) = (share(at_most), share(splits - at_most + there));
    // A side that lies low leaves the other one high.
    if is_upper == is_larger {
        Chances { lower: outer, higher: inner }
    } else {
        Chances { lower: inner, higher: outer }
    }
}

/// How many choices there are of `size` of `all`; at most [`EXACT`], so that it fits.
fn splits(size: usize, all: usize) -> u64 {
    let choices = (1..=size as u128).fold(1, |choices: u128, at| choices * (all as u128 - at + 1) / at);
    u64::try_from(choices).unwrap_or(u64::MAX)
}

/// How many choices of `size` of the ranks, which ascend, have each sum up to `most`; at most [`EXACT`] ranks, so that no
/// count overflows. Sums that no choice reaches, or that could not end within `most`, are left out.
fn counts(ranks: &[u64], size: usize, most: usize) -> Vec<u64> {
    let width = most + 1;
    let mut table = vec![0u64; (size + 1) * width];
    if let Some(none) = table.first_mut() {
        *none = 1;
    }
    // The sums of the first ranks.
    let mut firsts = vec![0usize];
    firsts.extend(ranks.iter().scan(0, |sum, rank| {
        *sum += *rank as usize;
        Some(*sum)
    }));
    let sum = |count: usize| firsts.get(count).copied().unwrap_or(usize::MAX / 2);
    for (seen, rank) in ranks.iter().enumerate() {
        let rank = *rank as usize;
        let behind = ranks.len() - seen - 1;
        for chosen in (size.saturating_sub(behind).max(1)..=size.min(seen + 1)).rev() {
            let rest = sum(seen + 1 + size - chosen) - sum(seen + 1);
            let (low, top) = (sum(chosen - 1), most.checked_sub(rest + rank));
            let Some(top) = top.filter(|top| low <= *top) else { continue };
            let (before, at) = table.split_at_mut(chosen * width);
            let before =
                before.get((chosen - 1) * width..).and_then(|before| before.get(low..=top)).unwrap_or_default();
            let at = at.get_mut(low + rank..=top + rank).unwrap_or_default();
            for (count, more) in at.iter_mut().zip(before) {
                *count += more;
            }
        }
    }
    table.split_off(size * width)
}

/// The normal distribution's quantile of a small upper tail (Abramowitz and Stegun 26.2.23), to about 4e-4.
fn normal_quantile(tail: f64) -> f64 {
    let t = (-2.0 * tail.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    t - above / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)))
}

/// Random numbers that are the same for the same runs: SplitMix64 (Steele, Lea and Flood, 2014).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Seeded by FNV-1a of the values on both sides, in an order that does not depend on theirs.
    pub(crate) fn of(first: &[u32], second: &[u32]) -> Random {
        let mut seed = 0xcbf2_9ce4_8422_2325u64;
        for side in [first, second] {
            let mut sorted = side.to_vec();
            sorted.sort_unstable();
            for value in sorted.iter().chain([&u32::MAX]) {
                for byte in value.to_le_bytes() {
                    seed = (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
                }
            }
        }
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; the bias is below limit / 2^64.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every split, one by one.
    fn plain(first: &[u32], second: &[u32]) -> Chances {
        let all: Vec<u32> = first.iter().chain(second).copied().collect();
        let below = |side: &[u32], other: &[u32]| -> u64 {
            let (lower, equal) = pairs(side, other);
            2 * lower + equal
        };
        let seen = below(first, second);
        let (mut lower, mut higher, mut splits) = (0, 0, 0);
        for chosen in 0u32..1 << all.len() {
            if chosen.count_ones() as usize != first.len() {
                continue;
            }
            let side = |wanted: bool| -> Vec<u32> {
                let chosen = |at: &usize| (chosen >> at & 1 == 1) == wanted;
                (0..all.len()).filter(chosen).map(|at| all[at]).collect()
            };
            let drawn = below(&side(true), &side(false));
            splits += 1;
            lower += u64::from(drawn >= seen);
            higher += u64::from(drawn <= seen);
        }
        let share = |count: u64| count as f64 / splits as f64;
        Chances { lower: share(lower), higher: share(higher) }
    }

    #[test]
    fn counts_every_split() {
        let mut random = testkit::Random::new(7);
        for _ in 0..testkit::times(2_000) {
            let values = 1 + random.below(12);
            let mut side =
                |most: usize| -> Vec<u32> { (0..=random.below(most)).map(|_| random.below(values) as u32).collect() };
            let (first, second) = (side(5), side(6));
            assert_eq!(chances(&first, &second), plain(&first, &second), "{first:?} {second:?}");
        }
    }

    #[test]
    fn the_least_chance_is_that_of_sides_apart() {
        for (first, second) in [(1, 1), (3, 3), (2, 5), (5, 2), (10, 20)] {
            let below: Vec<u32> = (0..first as u32).collect();
            let above: Vec<u32> = (100..100 + second as u32).collect();
            let chances = chances(&below, &above);
            assert!((chances.lower / least(first, second) - 1.0).abs() < 1e-12, "{first} {second}");
            assert_eq!(chances.higher, 1.0);
        }
        assert_eq!(least(3, 3), 0.05);
    }

    #[test]
    fn drawn_splits_are_near_the_counted_ones() {
        // Sixty-four runs are counted, sixty-five are drawn: one run more in the middle changes little.
        let first: Vec<u32> = (0..32).map(|at| at * 2).collect();
        let second: Vec<u32> = (0..32).map(|at| at * 2 + 13).collect();
        let more: Vec<u32> = second.iter().copied().chain([45]).collect();
        let (counted, drawn) = (chances(&first, &second), chances(&first, &more));
        assert!((counted.lower - drawn.lower).abs() < 0.01, "{counted:?} {drawn:?}");
        assert_eq!(drawn, chances(&first, &more), "the same runs give the same draws");
        let turned: Vec<u32> = more.iter().rev().copied().collect();
        assert_eq!(drawn, chances(&first, &turned), "in any order");
    }

    #[test]
    fn so_many_runs_would_tell() {
        assert_eq!(enough(1.0, 0.05), Some(3));
        assert_eq!(enough(1.0, 0.01), Some(5));
        assert_eq!(enough(0.5, 0.05), None);
        assert_eq!(enough(0.51, 0.05), None);
        // What is said would do does, and one run less does not.
        for share in [0.95, 0.9, 0.8, 0.7] {
            let runs = enough(share, 0.05).unwrap() as usize;
            let chance = |runs: usize| {
                // The first side is lower in the share of pairs: all of its runs but the last few are below.
                let square = (runs * runs) as f64;
                let mut higher = (square - (share * square).floor()) as usize;
                let mut first = Vec::new();
                for _ in 0..runs {
                    let passed = higher.min(runs);
                    first.push(10 * passed as u32 + 5);
                    higher -= passed;
                }
                let second: Vec<u32> = (1..=runs as u32).map(|at| 10 * at).collect();
                chances(&first, &second).lower
            };
            assert!(chance(runs) <= 0.053, "{share}: {runs} {}", chance(runs));
            assert!(runs < 4 || chance(runs - 2) > 0.05, "{share}: {runs}");
        }
    }

    #[test]
    fn runs_on_one_side_of_a_bound() {
        assert!((sign(5, 5) - 1.0 / 32.0).abs() < 1e-15);
        assert!((sign(7, 8) - 9.0 / 256.0).abs() < 1e-15);
        assert!((sign(0, 9) - 1.0).abs() < 1e-12);
        assert!(sign(1100, 2000) < 1e-5 && sign(1100, 2000) > 1e-6);
        assert_eq!(
            (enough_alone(1.0, 0.05), enough_alone(1.0, 0.01), enough_alone(0.5, 0.05)),
            (Some(5), Some(7), None)
        );
        // A median that lies at the bound is on the wrong side by luck in at most one of twenty.
        let mut random = testkit::Random::new(50);
        for runs in [5usize, 8, 20] {
            let trials = testkit::times(40_000);
            let wrong = (0..trials).filter(|_| {
                let within = (0..runs).filter(|_| random.fraction() < 0.5).count();
                sign(within, runs) <= 0.05
            });
            let wrong = wrong.count() as f64;
            assert!(wrong <= 0.05 * trials as f64 + 4.0 * (0.05 * 0.95 * trials as f64).sqrt(), "{runs}: {wrong}");
        }
    }

    #[test]
    fn ends_of_the_ratio() {
        // Hollander and Wolfe: 5 and 5 runs, at 0.0476 the fifth smallest of 25 (U at most 4).
        assert_eq!(end(5, 5, 0.05), Some(4));
        assert_eq!(end(3, 3, 0.05), Some(0));
        assert_eq!(end(2, 2, 0.05), None);
    }

    /// Where both sides are alike, at most so many of them are told apart.
    #[test]
    fn alike_sides_are_seldom_told_apart() {
        let mut random = testkit::Random::new(11);
        for (first, second) in [(3, 3), (5, 5), (4, 9), (12, 10)] {
            let trials = testkit::times(40_000);
            let (mut lower, mut higher) = (0, 0);
            for _ in 0..trials {
                let mut side = |size: usize| -> Vec<u32> { (0..size).map(|_| random.below(50) as u32).collect() };
                let (first, second) = (side(first), side(second));
                let chances = chances(&first, &second);
                lower += u64::from(chances.lower <= 0.05);
                higher += u64::from(chances.higher <= 0.05);
            }
            // Four standard deviations.
            let most = 0.05 * trials as f64 + 4.0 * (0.05 * 0.95 * trials as f64).sqrt();
            assert!((lower as f64) < most && (higher as f64) < most, "{first} {second}: {lower} {higher} of {trials}");
        }
    }
}
