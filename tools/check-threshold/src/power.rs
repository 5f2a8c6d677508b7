//! What a threshold could see: `--check --history`.
//!
//! Owns the question asked of each night before: what would this threshold have said, and by how much would its figure have
//! had to be worse for a FAIL? Refuses to run anything: the nights are what they were, only the bound moves.

use expr::{Decimal, Missing, Quantity, Runs, Threshold, Thresholds};
use schema::Status;

/// So many nights are looked at, the last ones: each is judged by those before it.
const NIGHTS: usize = 200;

/// The nights of a scope, as each threshold judges them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Nights {
    all: usize,
    failed: usize,
    unknown: usize,
}

/// A line about each threshold and scope that has nights.
pub fn lines(thresholds: &Thresholds, history: &Runs) -> Vec<String> {
    let mut scopes: Vec<&str> = history.scopes().collect();
    scopes.sort_unstable();
    if scopes.is_empty() {
        scopes.push("");
    }
    let mut lines = Vec::new();
    for scope in scopes {
        for threshold in thresholds.iter().filter(|threshold| threshold.applies_to(scope)) {
            let place = if scope.is_empty() { String::new() } else { format!("{scope}: ") };
            lines.push(format!("{place}{}: {}", threshold.id, line(threshold, history, scope)));
        }
    }
    lines
}

fn line(threshold: &Threshold, history: &Runs, scope: &str) -> String {
    if threshold.compares_runs() {
        return "over runs: docs/sure.md has the table of what so many of them tell".to_owned();
    }
    let seen = judged(threshold, history, scope);
    if seen.all == 0 {
        return "no nights to look at".to_owned();
    }
    let Nights { all, failed, unknown } = seen;
    let mut line = format!("would have failed {failed} of {all} nights");
    if unknown > 0 {
        line.push_str(&format!(", and been INCONCLUSIVE in {unknown}"));
    }
    let Some(is_upper) = threshold.is_upper() else { return line };
    // Of the nights that are told, so many of a hundred and no fewer: the first ones have too few before them.
    let told = all - unknown;
    if told == 0 {
        return format!("{line}; warning: it cannot fail: it is INCONCLUSIVE in all of them");
    }
    let wanted = (told * 95).div_ceil(100);
    let sees = |factor: f64| {
        let factor = Decimal::parse(&format!("{factor:.6}")).map(Quantity::new);
        let worse = factor.and_then(|factor| threshold.with_bound_over(factor));
        worse.is_some_and(|worse| judged(&worse, history, scope).failed >= wanted)
    };
    let (mut blind, mut clear) = if is_upper { (1.0, 1000.0) } else { (1.0, 0.001) };
    if sees(1.0) {
        return format!("{line}; it fails as it is: nothing passes it");
    }
    if !sees(clear) {
        let how = if is_upper { "a thousand times as much" } else { "a thousandth of it" };
        return format!("{line}; warning: it cannot fail: {how} would not either, in {wanted} of {told}");
    }
    while (clear / blind - 1.0f64).abs() > 0.0002 {
        let middle = (clear * blind).sqrt();
        if sees(middle) { clear = middle } else { blind = middle }
    }
    let percent = (clear - 1.0) * 100.0;
    let percent = if percent.abs() < 10.0 { format!("{percent:+.1}") } else { format!("{percent:+.0}") };
    format!("{line}; sees {percent}% in {wanted} of {told}")
}

/// What the threshold says of each night, by those before it.
fn judged(threshold: &Threshold, history: &Runs, scope: &str) -> Nights {
    let mut thresholds = Thresholds::new();
    let mut everywhere = threshold.clone();
    everywhere.sections.clear();
    thresholds.push(everywhere);
    let mut nights = Nights::default();
    let count = history.records(scope).count();
    let before = threshold.reads_history();
    for (night, record) in history.records(scope).enumerate().skip(count.saturating_sub(NIGHTS)) {
        let past = if before { history.first(scope, night) } else { Runs::new() };
        let mut judge = expr::Judge::new(&thresholds, None, Missing::Inconclusive).with_history(&past);
        let checks = judge.record(record, scope);
        let status = expr::outcome_of(&checks);
        nights.all += 1;
        nights.failed += usize::from(status == Status::Fail);
        nights.unknown += usize::from(status == Status::Inconclusive);
    }
    nights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(threshold: &str, figures: impl Iterator<Item = i64>) -> String {
        let mut history = Runs::new();
        for figure in figures {
            let text = format!("{{\"p99_ms\":{figure},\"n\":\"x\"}}");
            let record = schema::json::parse(text.as_bytes()).unwrap().into_owned();
            assert!(history.add(expr::Baseline::of(record)));
        }
        lines(&Thresholds::parse(threshold).unwrap(), &history).join("\n")
    }

    #[test]
    fn what_a_threshold_sees() {
        let nights = || (0..40).map(|night| 180 + night * 37 % 11);
        assert_eq!(
            said("p99_ms <= 200ms", nights()),
            "p99_ms: would have failed 0 of 40 nights; sees +11% in 38 of 40"
        );
        assert_eq!(
            said("p99_ms <= 189ms", nights()),
            "p99_ms: would have failed 3 of 40 nights; sees +5.0% in 38 of 40"
        );
        assert_eq!(said("p99_ms >= 100", nights()), "p99_ms: would have failed 0 of 40 nights; sees -47% in 38 of 40");
        assert!(said("p99_ms <= 1", nights()).ends_with("it fails as it is: nothing passes it"));
        let blind = said("p99_ms <= 900s", nights());
        assert!(blind.contains("warning: it cannot fail"), "{blind}");
        let blind = said("p99_ms <= 200ms else warn", nights());
        assert!(blind.contains("warning: it cannot fail"), "{blind}");
        let blind = said("n <= 5", nights());
        assert!(blind.contains("INCONCLUSIVE in 40") && blind.contains("cannot fail"), "{blind}");
        let usual = said("p99_ms <= usual(30)", nights());
        assert_eq!(
            usual,
            "p99_ms: would have failed 0 of 40 nights, and been INCONCLUSIVE in 30; sees +5.6% in 10 of 10"
        );
    }
}
