//! What comparisons over runs come to, and by simulation how seldom they are wrong.

use schema::{Object, Status};

use super::*;
use crate::Judge;
use crate::judge::Baseline;

fn record(name: &'static str, value: f64) -> Value<'static> {
    let mut object = Object::new();
    object.insert(name, Value::Number(schema::Number::from_f64(value).unwrap()));
    Value::Object(object)
}

fn judged(line: &str, before: &[Value<'static>], now: &[Value<'static>], missing: Missing) -> Vec<Check<'static>> {
    held(&Thresholds::parse(line).unwrap(), before, now, missing)
}

fn held(
    thresholds: &Thresholds,
    before: &[Value<'static>],
    now: &[Value<'static>],
    missing: Missing,
) -> Vec<Check<'static>> {
    let mut runs = Runs::new();
    before.iter().for_each(|record| assert!(runs.add(Baseline::of(record.clone()))));
    let mut judge = Judge::new(thresholds, None, missing).over_runs(&runs);
    for record in now {
        assert!(judge.record(record, "").is_empty(), "one answer, at the end");
    }
    judge.finish()
}

fn statuses(line: &str, before: &[f64], now: &[f64]) -> Vec<Status> {
    let records = |values: &[f64]| -> Vec<Value<'static>> { values.iter().map(|value| record("x", *value)).collect() };
    let checks = judged(line, &records(before), &records(now), Missing::Inconclusive);
    checks.iter().map(|check| check.status).collect()
}

#[test]
fn three_runs_a_side_tell_what_is_apart() {
    let (low, high) = ([100.0, 101.0, 102.0], [111.0, 112.0, 115.0]);
    assert_eq!(statuses("x <= baseline sure 95%", &high, &low), [Status::Pass]);
    assert_eq!(statuses("x <= baseline sure 95%", &low, &high), [Status::Fail]);
    assert_eq!(statuses("x >= baseline sure 95%", &low, &high), [Status::Pass]);
    assert_eq!(statuses("x >= baseline sure 95%", &high, &low), [Status::Fail]);
    assert_eq!(statuses("x <= 120% * baseline sure 95%", &low, &high), [Status::Pass]);
    assert_eq!(statuses("x <= baseline + 5 sure 95%", &low, &high), [Status::Fail]);
    // The same runs cannot be told at a level that three a side never reach.
    assert_eq!(statuses("x <= baseline sure 99%", &low, &high), [Status::Inconclusive]);
    // What is the same is at the bound: nothing shows that it is within.
    assert_eq!(statuses("x <= baseline sure 95%", &[5.0; 9], &[5.0; 9]), [Status::Inconclusive]);
    assert_eq!(statuses("x <= 101% * baseline sure 95%", &[5.0; 9], &[5.0; 9]), [Status::Pass]);
}

#[test]
fn one_run_a_side_is_too_few() {
    let checks = judged("x <= baseline sure 95%", &[record("x", 5.0)], &[record("x", 500.0)], Missing::Inconclusive);
    assert_eq!(checks[0].code, Some(Code::TooFewRuns));
    assert!(checks[0].reason.ends_with("at least 3 runs a side"), "{}", checks[0].reason);
}

#[test]
fn what_is_not_known_speaks_against_either_answer() {
    let before: Vec<Value<'static>> = [10.0; 4].map(|value| record("x", value)).to_vec();
    let with = |value: f64, unknown: usize| {
        let mut now: Vec<Value<'static>> = vec![record("x", value); 9];
        now.extend((0..unknown).map(|_| record("y", 1.0)));
        now
    };
    let answer = |now: &[Value<'static>], missing| {
        let check = judged("x <= baseline sure 95%", &before, now, missing).remove(0);
        (check.status, check.code)
    };
    // One in ten may lie anywhere and changes nothing; five may.
    assert_eq!(answer(&with(5.0, 1), Missing::Inconclusive), (Status::Pass, None));
    assert_eq!(answer(&with(50.0, 1), Missing::Inconclusive), (Status::Fail, None));
    assert_eq!(answer(&with(5.0, 5), Missing::Inconclusive), (Status::Inconclusive, Some(Code::Missing)));
    assert_eq!(answer(&with(50.0, 5), Missing::Inconclusive), (Status::Inconclusive, Some(Code::Missing)));
    assert_eq!(answer(&with(5.0, 5), Missing::Skip), (Status::Pass, None));
    assert_eq!(answer(&with(5.0, 1), Missing::Fail).0, Status::Fail);
    let none: Vec<Value<'static>> = vec![record("y", 1.0); 4];
    assert_eq!(answer(&none, Missing::Inconclusive), (Status::Inconclusive, Some(Code::Missing)));
    let checks = judged("x <= baseline sure 95%", &none, &with(5.0, 0), Missing::Inconclusive);
    assert_eq!(checks[0].code, Some(Code::NoBaseline));
}

#[test]
fn a_constant_is_held_against_all_runs() {
    let judged = |line: &str, values: &[f64]| {
        let thresholds = Thresholds::parse(line).unwrap();
        let none = Runs::new();
        let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive).of_runs(&none);
        values.iter().for_each(|value| assert!(judge.record(&record("x", *value), "").is_empty()));
        judge.finish().remove(0)
    };
    let runs = [101.0, 102.0, 103.0, 104.0, 105.0, 106.0];
    let passed = judged("x <= 110 sure 95%", &runs);
    assert_eq!(passed.status, Status::Pass);
    let interval = passed.interval.unwrap();
    assert_eq!((interval.runs, interval.low, interval.high), (Some(6), Value::from(101), Value::from(106)));
    assert_eq!(judged("x <= 106 sure 95%", &runs).status, Status::Pass);
    assert_eq!(judged("x < 106 sure 95%", &runs).code, Some(Code::WithinNoise));
    assert_eq!(judged("x <= 100 sure 95%", &runs).status, Status::Fail);
    assert_eq!(judged("x >= 100 sure 95%", &runs).status, Status::Pass);
    let few = judged("x <= 110 sure 95%", &runs[..4]);
    assert_eq!(few.code, Some(Code::TooFewRuns));
    assert!(few.reason.ends_with("in 4 runs: within the bound in 4 of 4; at least 5 runs"), "{}", few.reason);
    // Without a level each record is judged by itself.
    let thresholds = Thresholds::parse("x <= 110").unwrap();
    let none = Runs::new();
    let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive).of_runs(&none);
    assert_eq!(judge.record(&record("x", 5.0), "").len(), 1);
}

/// What a document carries is enough to make a comparison again.
#[test]
fn comparisons_are_made_again() {
    let thresholds = Thresholds::parse("x <= 110% * baseline sure 95%\nx <= 2 * baseline sure 95%").unwrap();
    let mut runs = Runs::new();
    for value in [100.0, 101.0, 103.5, 107.0] {
        assert!(runs.add(Baseline::of(record("x", value))));
    }
    let now = [120.0, 121.0, 125.0, 119.5, 130.0].map(|value| record("x", value));
    let made = |mut judge: Judge<'_>| {
        now.iter().for_each(|record| assert!(judge.record(record, "").is_empty()));
        judge.finish()
    };
    let first = made(Judge::new(&thresholds, None, Missing::Inconclusive).over_runs(&runs));
    assert_eq!(first.iter().map(|check| check.status).collect::<Vec<_>>(), [Status::Fail, Status::Pass]);
    let none = Runs::new();
    let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive).of_runs(&none);
    first.iter().for_each(|check| judge.give(check));
    assert_eq!(made(judge), first);
}

#[test]
fn holm_goes_over_all_comparisons() {
    assert_eq!(holm(&[(0.01, 0.05), (0.04, 0.05), (0.03, 0.05)]), [true, false, false]);
    assert_eq!(holm(&[(0.01, 0.05), (0.04, 0.05), (0.02, 0.05)]), [true, true, true]);
    assert_eq!(holm(&[(0.06, 0.05)]), [false]);
    // Each by its own level.
    assert_eq!(holm(&[(0.02, 0.10), (0.004, 0.01)]), [true, true]);
    let (low, high) = ([1.0, 2.0, 3.0], [7.0, 8.0, 9.0]);
    // A chance of one in twenty is enough for one comparison, and not for two.
    assert_eq!(
        statuses("x <= baseline sure 95%\nx <= 101% * baseline sure 95%", &low, &high),
        [Status::Inconclusive; 2]
    );
}

/// A run: its level, and how far this run is from it.
fn run(random: &mut testkit::Random, level: f64, spread: f64) -> f64 {
    // Irwin and Hall: near to normal, its standard deviation one.
    let normal: f64 = (0..12).map(|_| random.fraction()).sum::<f64>() - 6.0;
    level * (spread * normal).exp()
}

/// Runs that spread so much: of the same code, and of code whose true ratio lies at the bound.
fn seldom_wrong(spread: f64) {
    let mut random = testkit::Random::new(2024);
    let [same_level, at_bound] =
        ["x <= baseline sure 95%", "x <= 110% * baseline sure 95%"].map(|line| Thresholds::parse(line).unwrap());
    for (first, second) in [(3, 3), (5, 5), (5, 12), (20, 20)] {
        let trials = testkit::times(8_000);
        let (mut false_fail, mut false_pass, mut fail_at_bound, mut pass_of_same) = (0, 0, 0, 0);
        for _ in 0..trials {
            let mut side = |level: f64, size: usize| -> Vec<Value<'static>> {
                (0..size).map(|_| record("x", run(&mut random, level, spread))).collect()
            };
            let (before, same, worse) = (side(200.0, second), side(200.0, first), side(220.0, first));
            let one = |thresholds: &Thresholds, now: &[Value<'static>]| {
                held(thresholds, &before, now, Missing::Inconclusive)[0].status
            };
            let answer = one(&same_level, &same);
            false_fail += u64::from(answer == Status::Fail);
            pass_of_same += u64::from(answer == Status::Pass);
            let answer = one(&at_bound, &worse);
            false_pass += u64::from(answer == Status::Pass);
            fail_at_bound += u64::from(answer == Status::Fail);
        }
        let most = 0.05 * trials as f64 + 4.0 * (0.05 * 0.95 * trials as f64).sqrt();
        let all = [false_fail, false_pass, fail_at_bound, pass_of_same];
        assert!(all.iter().all(|wrong| *wrong as f64 <= most), "{spread} {first} {second}: {all:?} of {trials}");
        // It is not that nothing is ever told.
        assert!(spread == 0.0 || all.iter().sum::<u64>() > 0, "{spread} {first} {second}");
    }
}

#[test]
fn seldom_wrong_without_a_spread() {
    seldom_wrong(0.0);
}

#[test]
fn seldom_wrong_at_a_spread_of_three_percent() {
    seldom_wrong(0.03);
}

#[test]
fn seldom_wrong_at_a_spread_of_eight_percent() {
    seldom_wrong(0.08);
}

#[test]
fn seldom_wrong_at_a_spread_of_fifteen_percent() {
    seldom_wrong(0.15);
}
