//! The tables of docs/sure.md, made again, seeded: how many runs, nights or samples tell what.

use schema::{Object, Status, Value};
use testkit::Random;

use crate::Baseline;
use crate::statistics::rank;
use crate::{Judge, Missing, Runs, Thresholds};

/// The page's tables, each row: what the spread or the bound is, and then for 5, 10 and 20 % how many tell.
const PAGE: &str = include_str!("../../../../docs/sure.md");

fn rows(head: &str) -> Vec<Vec<String>> {
    let start = PAGE.find(head).unwrap();
    let lines = PAGE[start..].lines().skip(2).take_while(|line| line.starts_with('|'));
    lines.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// A normal deviate, near enough: Irwin and Hall's sum of twelve.
fn normal(random: &mut Random) -> f64 {
    (0..12).map(|_| random.fraction()).sum::<f64>() - 6.0
}

/// The greatest number of pairs in which a run of one side lies beyond one of the other that luck alone leaves to at most
/// one comparison in twenty of so many `runs` a side: Mann and Whitney's distribution (1947), by their recurrence. Without
/// ties it is the answer of `rank::chances`; that one draws where it would have to count more than 64 runs.
fn critical(runs: usize) -> Option<usize> {
    // The shares of all orders of `first` and `second` runs with each number of pairs, for each `second`.
    let mut rows: Vec<Vec<f64>> = (0..=runs).map(|_| vec![1.0]).collect();
    for first in 1..=runs {
        for second in 1..=runs {
            let (m, n) = (first as f64, second as f64);
            let mut next = vec![0.0; first * second + 1];
            // The greatest run is of the first side, above all of the second, or of the second.
            for (share, before) in next.iter_mut().skip(second).zip(&rows[second]) {
                *share += before * m / (m + n);
            }
            for (share, before) in next.iter_mut().zip(&rows[second - 1]) {
                *share += before * n / (m + n);
            }
            rows[second] = next;
        }
    }
    let mut sum = 0.0;
    let beyond = rows[runs].iter().take_while(|share| {
        sum += **share;
        sum <= 0.05 * (1.0 + 1e-12)
    });
    beyond.count().checked_sub(1)
}

/// In what share of so many comparisons of `runs` a side a candidate that is `worse` by a share is told, each run off by a
/// normal deviate of so much a `spread`.
fn told(random: &mut Random, runs: usize, worse: f64, spread: f64, trials: u64) -> f64 {
    let Some(critical) = critical(runs) else { return 0.0 };
    let mut told = 0;
    for _ in 0..trials {
        let mut side = |level: f64| -> Vec<f64> {
            let mut side: Vec<f64> = (0..runs).map(|_| level.ln() + spread * normal(random)).collect();
            side.sort_by(f64::total_cmp);
            side
        };
        let (before, now) = (side(1.0), side(1.0 + worse));
        let beyond: usize = now.iter().map(|one| before.len() - before.partition_point(|other| other < one)).sum();
        told += u64::from(beyond <= critical);
    }
    told as f64 / trials as f64
}

#[test]
fn what_is_told_without_counting_is_what_is_counted() {
    let mut random = Random::new(19);
    for runs in [2, 3, 5, 12, 20, 32] {
        for _ in 0..testkit::times(400).min(40) {
            let mut order: Vec<u32> = (0..2 * runs as u32).collect();
            random.shuffle(&mut order);
            let (one, other) = order.split_at(runs);
            let beyond = rank::pairs(one, other).0 as usize;
            let told = critical(runs).is_some_and(|critical| beyond <= critical);
            assert_eq!(told, rank::chances(one, other).higher <= 0.05, "{one:?} {other:?}");
        }
    }
}

/// That so many are told in 80 of 100 cases, and one fewer in no more: each within four standard deviations.
fn is_the_least(share: &mut dyn FnMut(usize) -> f64, least: usize, floor: usize, trials: u64, what: &str) {
    let slack = 4.0 * (0.8 * 0.2 / trials as f64).sqrt();
    let (there, before) = (share(least), if least > floor { share(least - 1) } else { 0.0 });
    assert!(there >= 0.8 - slack, "{what}: {least} tell in {there}");
    assert!(before < 0.8 + slack, "{what}: {} tell in {before}", least - 1);
}

#[test]
fn the_page_says_how_many_runs_tell() {
    let rows = rows("| spread between runs |");
    assert_eq!(rows.len(), 3);
    let mut random = Random::new(80);
    for row in rows {
        let spread: f64 = row[0].trim_end_matches(" %").parse::<f64>().unwrap() / 100.0;
        for (cell, worse) in row[1..].iter().zip([0.05, 0.10, 0.20]) {
            let trials = testkit::times(4_000);
            let mut share = |runs| told(&mut random, runs, worse, spread, trials);
            is_the_least(&mut share, cell.parse().unwrap(), 3, trials, &format!("{spread} {worse}"));
        }
    }
}

fn record(value: f64) -> Value<'static> {
    let mut record = Object::new();
    record.insert("x_ms", schema::Number::from_f64(value).map_or(Value::Null, Value::Number));
    Value::Object(record)
}

/// What a trend says of nights at a level that rises by a share each, off by a normal deviate.
fn nights(random: &mut Random, nights: usize, rise: f64, noise: f64, line: &Thresholds) -> Status {
    let mut level = 200.0;
    let mut figures = Vec::new();
    for _ in 0..nights {
        figures.push(record(level * (noise * normal(random)).exp()));
        level *= 1.0 + rise;
    }
    let now = figures.pop().unwrap_or_default();
    let mut history = Runs::new();
    figures.into_iter().for_each(|night| assert!(history.add(Baseline::of(night))));
    let mut judge = Judge::new(line, None, Missing::Inconclusive).with_history(&history);
    judge.record(&now, "")[0].status
}

#[test]
fn the_page_says_by_which_night_a_rise_is_told() {
    let rows = rows("| noise of a night |");
    assert_eq!(rows.len(), 4);
    let line = Thresholds::parse("trend(x_ms) <= 0 sure 95%").unwrap();
    let mut random = Random::new(30);
    for row in rows {
        let noise: f64 = row[0].trim_end_matches(" %").parse::<f64>().unwrap() / 100.0;
        for (cell, rise) in row[1..].iter().zip([0.01, 0.02, 0.05]) {
            let trials = if noise > 0.0 { testkit::times(2_000) } else { 1 };
            let mut share = |count: usize| {
                let told = (0..trials).filter(|_| nights(&mut random, count, rise, noise, &line) == Status::Fail);
                told.count() as f64 / trials as f64
            };
            let slack = if noise > 0.0 { trials } else { u64::MAX };
            is_the_least(&mut share, cell.parse().unwrap(), 4, slack, &format!("{noise} {rise}"));
        }
    }
}

/// Of a level that does not change, how often one of thirty nights fails by luck, where each is asked.
#[test]
fn the_page_says_how_often_one_of_thirty_nights_fails_by_luck() {
    let told = PAGE.lines().skip_while(|line| !line.starts_with("Where nothing changes, such a gate"));
    let words: String = told.take(4).collect::<Vec<_>>().join(" ");
    for (level, share) in [("95%", "30"), ("99%", "7"), ("99.9%", "1")] {
        assert!(words.contains(&format!("{share} of 100 months at {level}")), "{words}");
        let share: f64 = share.parse::<f64>().unwrap() / 100.0;
        let line = Thresholds::parse(&format!("trend(x_ms) <= 0 sure {level}")).unwrap();
        let mut random = Random::new(78);
        let trials = testkit::times(1_000);
        let mut failed = 0;
        for _ in 0..trials {
            let mut history = Runs::new();
            let mut any = false;
            for _ in 0..30 {
                let now = record(200.0 * (0.03 * normal(&mut random)).exp());
                let mut judge = Judge::new(&line, None, Missing::Inconclusive).with_history(&history);
                any |= judge.record(&now, "")[0].status == Status::Fail;
                assert!(history.add(Baseline::of(now)));
            }
            failed += u64::from(any);
        }
        let slack = 4.0 * (share * (1.0 - share) / trials as f64).sqrt() + 0.01;
        assert!((failed as f64 / trials as f64 - share).abs() <= slack, "{level}: {failed} of {trials}");
    }
}

/// Nights that are all alike: each answer is wrong in at most one of twenty, at the bound (0) on either side.
#[test]
fn nights_that_are_alike_are_seldom_told_apart() {
    let line = Thresholds::parse("trend(x_ms) <= 0 sure 95%").unwrap();
    let mut random = Random::new(31);
    for count in [4, 6, 10, 20, 30, 60] {
        let trials = testkit::times(2_000);
        let (mut failed, mut passed) = (0, 0);
        for _ in 0..trials {
            let status = nights(&mut random, count, 0.0, 0.03, &line);
            failed += u64::from(status == Status::Fail);
            passed += u64::from(status == Status::Pass);
        }
        let most = 0.05 * trials as f64 + 4.0 * (0.05 * 0.95 * trials as f64).sqrt();
        assert!(failed as f64 <= most && passed as f64 <= most, "{count}: {failed} {passed} of {trials}");
    }
}

/// The chance of at most `most` of `count`, each with a chance of `share`.
fn at_most(most: u64, count: u64, share: f64) -> f64 {
    let (mut term, mut sum) = (count as f64 * (-share).ln_1p(), 0.0);
    for hit in 0..=most {
        sum += term.exp();
        term += (((count - hit) as f64 / (hit + 1) as f64) * (share / (1.0 - share))).ln();
    }
    sum
}

/// The least number of samples of which so many pass a bound on a share in 80 of 100 runs, where the true one is less.
fn samples(bound: f64, share: f64) -> u64 {
    // The most hits that pass: they would be seen in at most 5 of 100 runs at the bound itself.
    let passes = |count: u64| {
        let (mut none, mut most) = (-1i64, (bound * count as f64) as i64);
        while most - none > 1 {
            let middle = (most + none) / 2;
            if at_most(middle as u64, count, bound) <= 0.05 { none = middle } else { most = middle }
        }
        none >= 0 && at_most(none as u64, count, share) >= 0.8
    };
    let (mut low, mut high) = (1, 1);
    while !passes(high) {
        (low, high) = (high, 2 * high);
    }
    while high - low > (high / 200).max(1) {
        let middle = (low + high) / 2;
        if passes(middle) { high = middle } else { low = middle }
    }
    high
}

/// To two digits, upwards.
fn two_digits(number: u64) -> u64 {
    let unit = 10u64.pow(number.ilog10().saturating_sub(1));
    number.div_ceil(unit) * unit
}

#[test]
fn the_page_says_how_many_samples_tell() {
    let rows = rows("| what is bounded |");
    // The shares over the bound of a log-normal figure (sigma 0.5) that lies 5, 10, 20 % under it: the normal
    // distribution beyond the percentile's own deviate and ln(1.05), ln(1.1), ln(1.2) halves of it.
    let over = [[0.040_716_3, 0.033_217_7, 0.022_242_2], [0.007_676_8, 0.005_918_5, 0.003_562_0]];
    let shares = [[0.95 * 0.01, 0.9 * 0.01, 0.8 * 0.01], [0.95 * 0.001, 0.9 * 0.001, 0.8 * 0.001]];
    let wanted = [(0.05, over[0]), (0.01, over[1]), (0.01, shares[0]), (0.001, shares[1])];
    assert_eq!(rows.len(), wanted.len());
    for (row, (bound, truths)) in rows.iter().zip(wanted) {
        for (cell, truth) in row[1..].iter().zip(truths) {
            assert_eq!(cell.replace(',', ""), two_digits(samples(bound, truth)).to_string(), "{} {truth}", row[0]);
        }
    }
}
