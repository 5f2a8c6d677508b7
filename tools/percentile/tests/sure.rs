//! What `--sure 95%` promises, by simulation: an end of the interval is beyond the true percentile in at most one of
//! twenty runs, whatever the distribution and however few the samples.

use std::fmt::Write as _;
use std::process::Command;

use testkit::{Random, feed};

/// A distribution by its quantile function.
type Quantile = fn(f64) -> f64;

/// Log-normal, two peaks, whole numbers with ties, a heavy tail, a constant.
const DISTRIBUTIONS: [(&str, Quantile); 5] = [
    ("log-normal", |u| (normal(u) * 0.8 + 3.0).exp()),
    ("two peaks", |u| if u < 0.7 { 10.0 + 3.0 * (u / 0.7) } else { 200.0 + 50.0 * (u - 0.7) }),
    ("ties", |u| (u * 12.0).floor()),
    ("heavy tail", |u| (1.0 - u).powf(-1.0 / 1.1)),
    ("constant", |_| 7.0),
];

/// The quantile of the normal distribution, to about 4e-4: any increasing function would do.
fn normal(u: f64) -> f64 {
    let (side, share) = if u < 0.5 { (-1.0, u) } else { (1.0, 1.0 - u) };
    let t = (-2.0 * share.max(1e-300).ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    side * (t - above / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308))))
}

/// What the text of a sample says: the true percentile is one of these texts, so that ties are ties.
fn text(value: f64) -> String {
    format!("{value:.6}")
}

#[test]
fn an_end_is_wrong_in_at_most_one_of_twenty_runs() {
    let mut random = Random::new(95);
    let runs = usize::try_from(testkit::times(2000)).unwrap();
    let (mut all, mut low_wrong, mut high_wrong) = (0u32, 0u32, 0u32);
    for (name, quantile) in DISTRIBUTIONS {
        for count in [30, 71, 300, 1000, 10_000] {
            let runs = if count > 1000 { runs / 10 } else { runs };
            let mut input = String::new();
            for run in 0..runs {
                for _ in 0..count {
                    writeln!(input, "{{\"run\":{run},\"x\":{}}}", text(quantile(random.fraction()))).unwrap();
                }
            }
            let mut command = Command::new(env!("CARGO_BIN_EXE_percentile"));
            let arguments = ["-f", "x", "-b", "run", "-p", "50,90,99", "--sure", "95%"];
            let output = feed(command.args(arguments).env_remove("EVIDENCE_SEAL"), input.as_bytes());
            assert!(output.status.success());
            let mut wrong = [[0u32; 2]; 3];
            let mut seen = 0;
            for line in String::from_utf8(output.stdout).unwrap().lines() {
                let record: serde_json::Value = serde_json::from_str(line).unwrap();
                seen += 1;
                for (place, (key, share)) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)].into_iter().enumerate() {
                    let end = |side: &str| record["x"][format!("{key}_{side}")].as_f64();
                    let truth: f64 = text(quantile(share - 1e-12)).parse().unwrap();
                    // A bound below the truth would pass, one at the truth would fail.
                    wrong[place][0] += u32::from(end("high").is_some_and(|high| high < truth));
                    wrong[place][1] += u32::from(end("low").is_some_and(|low| low > truth));
                }
            }
            assert_eq!(seen, runs);
            for (place, [high, low]) in wrong.into_iter().enumerate() {
                all += seen as u32;
                high_wrong += high;
                low_wrong += low;
                // Four standard deviations of a count whose share is one of twenty.
                let most = 0.05 * seen as f64 + 4.0 * (0.05 * 0.95 * seen as f64).sqrt() + 1.0;
                assert!(
                    f64::from(high) <= most,
                    "{name}, {count} samples, percentile {place}: {high} of {seen} too low"
                );
                assert!(
                    f64::from(low) <= most,
                    "{name}, {count} samples, percentile {place}: {low} of {seen} too high"
                );
            }
        }
    }
    let share = |wrong: u32| f64::from(wrong) / f64::from(all);
    assert!(share(high_wrong) <= 0.05 && share(low_wrong) <= 0.05, "{high_wrong} {low_wrong} of {all}");
    // It is not that nothing is ever told.
    assert!(high_wrong + low_wrong > 0);
}
