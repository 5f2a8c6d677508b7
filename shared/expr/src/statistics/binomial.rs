//! The binomial distribution: its probabilities, which percentile takes the ranks of order statistics from, and one-sided
//! limits of a share by Clopper and Pearson (1934), from its tails.
//!
//! Owns the arithmetic: terms by Loader's saddle point (2000), whose relative error is below 1e-13 at any size, summed
//! from the largest outwards. Limits are widened by three parts in 1e13, so that rounding never makes one too narrow. Past a
//! thousand million trials the limit is Chernoff's, which is a little wider and certain.

use std::f64::consts::PI;

/// More trials than this are not summed.
const SUMMED: f64 = 1e9;
/// By how much a limit is widened for what rounding may have cost.
const ROOM: f64 = 3e-13;

/// The least share of which so few as `hits` of `trials` would be seen with a probability of at most `1 - level`: the
/// true share is at most that, at this level. 1 where all of them hit.
pub(crate) fn upper(hits: f64, trials: f64, level: f64) -> f64 {
    let rare = 1.0 - level;
    if hits >= trials {
        return 1.0;
    }
    let limit = if hits == 0.0 {
        -(rare.ln() / trials).exp_m1()
    } else {
        solve(hits / trials, 1.0, |share| tail(hits, trials, share, false) <= rare)
    };
    (limit * (1.0 + ROOM)).min(1.0)
}

/// Whether [`upper`] is at most `share`, in one step.
pub(crate) fn is_rare(hits: f64, trials: f64, share: f64, level: f64) -> bool {
    // From the mean down the tail is the greater half.
    let rare = (1.0 - level) * (1.0 - ROOM);
    hits < trials && share > hits / trials && tail(hits, trials, share, false) <= rare
}

/// The same from below: the true share is at least that. 0 where none hit.
pub(crate) fn lower(hits: f64, trials: f64, level: f64) -> f64 {
    let rare = 1.0 - level;
    if hits <= 0.0 {
        return 0.0;
    }
    let limit = if hits == trials {
        (rare.ln() / trials).exp()
    } else {
        // From the other end: the greatest share that is too small.
        solve(hits / trials, 0.0, |share| tail(hits, trials, share, true) <= rare)
    };
    (limit * (1.0 - ROOM)).max(0.0)
}

/// The share nearest to `from` on the way to `to` at which it is `rare`; nearer to `to` it is rarer.
fn solve(from: f64, to: f64, rare: impl Fn(f64) -> bool) -> f64 {
    let (mut common, mut seldom) = (from, to);
    for _ in 0..200 {
        let middle = common + (seldom - common) / 2.0;
        if middle == common || middle == seldom {
            break;
        }
        if rare(middle) { seldom = middle } else { common = middle }
    }
    seldom
}

/// The probability of at most `hits` (`above`: at least) of `trials` at this share, where that is the outer tail.
fn tail(hits: f64, trials: f64, share: f64, above: bool) -> f64 {
    if trials > SUMMED {
        return (-deviance(hits, trials * share) - deviance(trials - hits, trials * (1.0 - share))).exp();
    }
    let odds = share / (1.0 - share);
    let mut term = probability(hits, trials, share, 1.0 - share);
    let (mut sum, mut at) = (term, hits);
    loop {
        if above {
            if at >= trials {
                break;
            }
            term *= (trials - at) / (at + 1.0) * odds;
            at += 1.0;
        } else {
            if at <= 0.0 {
                break;
            }
            term *= at / (trials - at + 1.0) / odds;
            at -= 1.0;
        }
        sum += term;
        if term < sum * 1e-18 {
            break;
        }
    }
    sum
}

/// The probability of exactly `hits` of `trials`, of which each hits with the probability `share`, and else misses with
/// `other`: C. Loader, Fast and Accurate Computation of Binomial Probabilities, 2000.
pub fn probability(hits: f64, trials: f64, share: f64, other: f64) -> f64 {
    let misses = trials - hits;
    if hits == 0.0 {
        return (trials * (-share).ln_1p()).exp();
    }
    if misses == 0.0 {
        return (trials * (-other).ln_1p()).exp();
    }
    let exponent = stirling(trials)
        - stirling(hits)
        - stirling(misses)
        - deviance(hits, trials * share)
        - deviance(misses, trials * other);
    (trials / (2.0 * PI * hits * misses)).sqrt() * exponent.exp()
}

/// What Stirling's formula leaves out of the logarithm of `n!`.
fn stirling(n: f64) -> f64 {
    if n < 16.0 {
        let mut factorial = 0.0;
        let mut factor = 2.0;
        while factor <= n {
            factorial += f64::ln(factor);
            factor += 1.0;
        }
        return factorial - ((n + 0.5) * n.ln() - n + 0.5 * (2.0 * PI).ln());
    }
    let square = n * n;
    let tail = 1.0 / 1680.0 - (1.0 / 1188.0 - 691.0 / 360_360.0 / square) / square;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - tail / square) / square) / square) / n
}

/// `x ln(x / mean) + mean - x`, without the loss where the two are near to each other.
fn deviance(x: f64, mean: f64) -> f64 {
    if x == 0.0 {
        return mean;
    }
    let distance = x - mean;
    if distance.abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() - distance;
    }
    let ratio = distance / (x + mean);
    let (mut sum, mut power) = (distance * ratio, 2.0 * x * ratio);
    for odd in 1..1000 {
        power *= ratio * ratio;
        let next = sum + power / f64::from(2 * odd + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with SciPy: see the head of the table.
    const TABLE: &str = include_str!("../../../../testdata/outside/clopper_pearson.csv");

    /// To twelve digits, and never nearer to the share than they are.
    #[test]
    fn limits_are_those_of_the_beta_distribution() {
        let mut checked = 0;
        for line in TABLE.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let cells: Vec<f64> = line.split(',').take(5).map(|cell| cell.parse().unwrap()).collect();
            let [hits, trials, level, low, high] = cells[..] else { panic!("{line}") };
            let (lowest, highest) = (lower(hits, trials, level), upper(hits, trials, level));
            let near = |a: f64, b: f64| (a - b).abs() <= 5e-13 * b.abs();
            assert!(near(lowest, low) && near(highest, high), "{line}: {lowest:e} {highest:e}");
            assert!(lowest <= low * (1.0 + 1e-14) && highest >= high * (1.0 - 1e-14), "{line}: {lowest:e} {highest:e}");
            checked += 1;
        }
        assert!(checked > 70, "{checked}");
    }
}
