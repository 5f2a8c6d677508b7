//! Between which order statistics a percentile of the population lies at a stated level of confidence.
//!
//! No distribution is assumed: of n independent samples those below the percentile are binomial, so that the ends are
//! ranks (David and Nagaraja, Order Statistics, 2003, sec. 7.1); ties make them only surer. Probabilities of single
//! ranks are Loader's saddle-point form, good to about 1e-14. Where one comes within 1e-11 of the level, whole numbers
//! decide; past 2000 samples such a rank is not taken, which errs to the safe side.

use std::cmp::Ordering;

use expr::binomial::probability;

use crate::stats::definitions::{Level, Percentile};
use number::natural::Natural;

/// How far from the level a probability must be to count as beyond it.
const MARGIN: f64 = 1e-11;

/// Up to so many samples whole numbers decide what comes that near.
const WHOLE: u64 = 2000;

/// More samples than this need no exact ranks: a thousand more on each side than the normal ones are nothing.
const EXACT: u64 = 1 << 43;

/// The ranks, from 1, of the samples that are at most and at least the percentile, each at `level`; `None` where so few
/// samples have no such rank.
pub fn ranks(percentile: &Percentile, count: u64, level: &Level) -> (Option<u64>, Option<u64>) {
    let (p, q) = percentile.shares();
    if p <= 0.0 || q <= 0.0 || count == 0 {
        return (None, None);
    }
    let n = count as f64;
    let (mean, deviation) = (n * p, (n * p * q).sqrt());
    let z = normal_quantile(level.value);
    if count > EXACT {
        let reach = z * deviation + 1000.0;
        return (Some((mean - reach).max(1.0) as u64), Some((mean + reach).min(n) as u64));
    }
    let at = |offset: f64| ((mean + offset).floor().max(0.0) as u64).min(count);
    let beyond = |k: u64, share: f64, upper: bool| {
        let distance = cumulative(k, count, p, q) - share;
        if distance.abs() > MARGIN {
            return distance.total_cmp(&0.0);
        }
        // Past what whole numbers decide, as if it were on the wrong side of either.
        let unsure = if upper { Ordering::Less } else { Ordering::Greater };
        if count <= WHOLE { exactly(k, count, percentile, level, upper) } else { unsure }
    };
    // The greatest k that at most 1 - level of all runs reach, as a rank the one behind it.
    let low = last(at(-z * deviation), count, |k| beyond(k, 1.0 - level.value, false).is_le());
    // The first k that at least level of all runs do not pass: one further than the last that they may.
    let below = last(at(z * deviation), count, |k| beyond(k, level.value, true).is_lt());
    let high = below.map_or(1, |k| k + 2);
    (low.map(|k| k + 1), (high <= count).then_some(high))
}

/// How the probability of at most `k` compares with the level (`upper`), or with what the level leaves.
fn exactly(k: u64, count: u64, percentile: &Percentile, level: &Level, upper: bool) -> Ordering {
    let (below, all) = percentile.parts();
    let above = all - below;
    // The sum of binomial(count, i) below^i above^(k - i), by Horner's rule.
    let mut choose = Natural::from(1);
    let (mut sum, mut power) = (Natural::from(1), Natural::from(1));
    for i in 1..=k.min(count) {
        choose = choose.times(count - i + 1);
        choose.divide_by(i);
        power = power.times(below);
        sum = sum.times(above).plus(&choose.times_natural(&power));
    }
    for _ in k.min(count)..count {
        sum = sum.times(above);
    }
    let mut whole = Natural::from(1);
    (0..count).for_each(|_| whole = whole.times(all));
    let (share, of) = level.parts();
    sum.times(of).cmp(&whole.times(if upper { share } else { of - share }))
}

/// The greatest k up to `count` for which a condition holds that holds for all below it; found from near it.
fn last(near: u64, count: u64, holds: impl Fn(u64) -> bool) -> Option<u64> {
    let mut k = near;
    // Gallop away from the guess, then halve.
    let mut step = 1;
    let (mut good, mut bad);
    if holds(k) {
        good = k;
        loop {
            if good == count {
                return Some(good);
            }
            k = good.saturating_add(step).min(count);
            if !holds(k) {
                bad = k;
                break;
            }
            good = k;
            step *= 2;
        }
    } else {
        bad = k;
        loop {
            if bad == 0 {
                return None;
            }
            k = bad.saturating_sub(step);
            if holds(k) {
                good = k;
                break;
            }
            bad = k;
            step *= 2;
        }
    }
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if holds(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    Some(good)
}

/// The probability that at most `k` of `count` samples lie below.
fn cumulative(k: u64, count: u64, p: f64, q: f64) -> f64 {
    if k >= count {
        return 1.0;
    }
    let n = count as f64;
    if (k as f64) < n * p { tail(k, count, p, q) } else { 1.0 - tail(count - k - 1, count, q, p) }
}

/// The sum of the probabilities of 0 to `k`, where these rise.
fn tail(k: u64, count: u64, p: f64, q: f64) -> f64 {
    let n = count as f64;
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut at = k as f64;
    while at > 0.0 {
        term *= at * q / ((n - at + 1.0) * p);
        let next = sum + term;
        if next == sum {
            break;
        }
        sum = next;
        at -= 1.0;
    }
    sum * probability(k as f64, n, p, q)
}

/// The quantile of the normal distribution, to about 4e-4 (Abramowitz and Stegun 26.2.23): where to begin looking.
fn normal_quantile(level: f64) -> f64 {
    let t = (-2.0 * (1.0 - level).ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    t - above / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with SciPy: see the head of the table.
    const TABLE: &str = include_str!("../../../../testdata/outside/binomial_ranks.csv");

    #[test]
    fn agrees_with_scipy() {
        let mut checked = 0;
        for line in TABLE.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let percentile = Percentile::parse(cells[0]).unwrap();
            let (count, level): (u64, Level) = (cells[1].parse().unwrap(), Level::parse(cells[2]).unwrap());
            let wanted = (cells[3].parse().ok(), cells[4].parse().ok());
            assert_eq!(ranks(&percentile, count, &level), wanted, "{line}");
            checked += 1;
        }
        assert!(checked > 500, "{checked}");
    }

    /// Of the samples 1 to n an order statistic is its rank.
    #[test]
    fn agrees_with_scipys_order_statistics() {
        let table = include_str!("../../../../testdata/outside/order_statistics.csv");
        let mut checked = 0;
        for line in table.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let percentile = Percentile::parse(cells[0]).unwrap();
            let (count, level): (u64, Level) = (cells[1].parse().unwrap(), Level::parse(cells[2]).unwrap());
            assert_eq!(ranks(&percentile, count, &level), (cells[3].parse().ok(), cells[4].parse().ok()), "{line}");
            checked += 1;
        }
        assert!(checked > 100, "{checked}");
    }

    #[test]
    fn few_samples_have_no_upper_end() {
        let p99 = Percentile::parse("99").unwrap();
        let level = Level::parse("95%").unwrap();
        assert_eq!(ranks(&p99, 298, &level).1, None);
        assert_eq!(ranks(&p99, 299, &level).1, Some(299));
        // 0.9 of one sample is 0.9 exactly: a tie, which no double decides.
        assert_eq!(ranks(&Percentile::parse("10").unwrap(), 1, &Level::parse("90%").unwrap()).1, Some(1));
    }

    /// Sums all probabilities, the slow and obvious way.
    #[test]
    fn agrees_with_plain_sums() {
        for text in ["1", "10", "50", "90", "99.9"] {
            let percentile = Percentile::parse(text).unwrap();
            let (p, q) = percentile.shares();
            for count in [1u64, 2, 5, 30, 60] {
                let mut each = vec![q.powi(count as i32)];
                for k in 1..=count {
                    let last = each[k as usize - 1];
                    each.push(last * (count - k + 1) as f64 / k as f64 * p / q);
                }
                let mut sum = 0.0;
                for (k, one) in each.iter().enumerate() {
                    sum += one;
                    assert!((cumulative(k as u64, count, p, q) - sum).abs() < 1e-9, "{text} {count} {k}");
                }
            }
        }
    }
}
