//! What `sure 95%` promises, by simulation: a threshold on a percentile passes in at most one of twenty runs where the true
//! figure is on the wrong side of its bound, and fails in at most one of twenty where it is on the right one, whatever the
//! distribution and however few the samples.
//!
//! A run is summarized and judged as `percentile --sure 95% | check-threshold` does. Ends of the interval of state rows that
//! were merged, and of samples that were counted by weight, are the same: they are made of the same ranks.

use expr::Threshold;
use schema::{Object, Status, Value};
use testkit::Random;

use crate::groups::Metric;
use crate::options::Asked;
use crate::report::summary::{Records, summary};
use crate::stats::definitions::{Level, Method, Percentile};
use number::Sample;

/// A distribution by its quantile function.
type Quantile = fn(f64) -> f64;

/// The quantile of the normal distribution, to about 4e-4: any increasing function would do.
fn normal(u: f64) -> f64 {
    let (side, share) = if u < 0.5 { (-1.0, u) } else { (1.0, 1.0 - u) };
    let t = (-2.0 * share.max(1e-300).ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    side * (t - above / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308))))
}

/// A sample as it is read: a whole number of millionths, so that ties are ties and the true percentile is one of them.
fn millionths(value: f64) -> i64 {
    (value * 1e6).round() as i64
}

const SHARES: [(&str, f64); 3] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)];

/// How many of so many answers were wrong: passed beyond, failed within, of an upper bound and of a lower one.
type Wrong = [u64; 4];

/// The answers of `runs` runs of `count` samples: a threshold on each side of the truth, of each percentile.
fn wrong(random: &mut Random, quantile: Quantile, count: usize, runs: u64) -> [Wrong; 3] {
    let asked = Asked {
        percentiles: SHARES.map(|(name, _)| Percentile::parse(name).unwrap()).to_vec(),
        method: Method::Nearest,
        sum: false,
        sure: Some(Level::parse("95%").unwrap()),
        buckets: false,
        interval: None,
    };
    let thresholds = SHARES.map(|(name, share)| {
        let truth = millionths(quantile(share - 1e-12));
        // The nearest bounds that the truth is beyond, and within.
        [
            (format!("x.{name} <= {} sure 95%", truth - 1), Status::Pass),
            (format!("x.{name} <= {truth} sure 95%"), Status::Fail),
            (format!("x.{name} >= {} sure 95%", truth + 1), Status::Pass),
            (format!("x.{name} >= {truth} sure 95%"), Status::Fail),
        ]
        .map(|(line, wrong)| (Threshold::parse(&line).unwrap(), wrong))
    });
    let mut counted = [[0; 4]; 3];
    for _ in 0..runs {
        let mut metric = Metric::default();
        for _ in 0..count {
            assert!(metric.samples.add_many(Sample::new(millionths(quantile(random.fraction())), 0), 1));
        }
        metric.seen = count as u64;
        let made = summary(&mut metric, Records { all: count as u64, ..Records::default() }, &asked);
        assert!(made.unknown.is_empty());
        let mut record = Object::new();
        record.insert("x", made.object);
        let record = Value::Object(record);
        for (counted, thresholds) in counted.iter_mut().zip(&thresholds) {
            for (counted, (threshold, wrong)) in counted.iter_mut().zip(thresholds) {
                *counted += u64::from(threshold.checks(&record, "", None)[0].status == *wrong);
            }
        }
    }
    counted
}

fn seldom_wrong(name: &str, seed: u64, quantile: Quantile) {
    let mut random = Random::new(seed);
    let runs = testkit::times(2000);
    let (mut all, mut together) = (0, [0; 4]);
    for count in [30, 71, 300, 1000, 10_000] {
        for (figures, (share, _)) in wrong(&mut random, quantile, count, runs).into_iter().zip(SHARES) {
            all += runs;
            // Four standard deviations of a count whose share is one of twenty.
            let most = 0.05 * runs as f64 + 4.0 * (0.05 * 0.95 * runs as f64).sqrt() + 1.0;
            for (side, (count_wrong, together)) in figures.into_iter().zip(&mut together).enumerate() {
                assert!(
                    count_wrong as f64 <= most,
                    "{name}, {count} samples, {share}: {side} in {count_wrong} of {runs}"
                );
                *together += count_wrong;
            }
        }
    }
    for (side, wrong) in together.into_iter().enumerate() {
        assert!(wrong as f64 <= 0.05 * all as f64, "{name}: {side} in {wrong} of {all}");
    }
    // It is not that nothing is ever told; a constant is always told right.
    assert!(together.iter().sum::<u64>() > 0 || name == "constant", "{name}");
}

#[test]
fn log_normal() {
    seldom_wrong("log-normal", 1, |u| (normal(u) * 0.8 + 3.0).exp());
}

#[test]
fn two_peaks() {
    seldom_wrong("two peaks", 2, |u| if u < 0.7 { 10.0 + 3.0 * (u / 0.7) } else { 200.0 + 50.0 * (u - 0.7) });
}

#[test]
fn whole_numbers_with_ties() {
    seldom_wrong("ties", 3, |u| (u * 12.0).floor());
}

#[test]
fn heavy_tail() {
    seldom_wrong("heavy tail", 4, |u| (1.0 - u).powf(-1.0 / 1.1));
}

#[test]
fn constant() {
    seldom_wrong("constant", 5, |_| 7.0);
}
