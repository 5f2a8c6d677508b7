//! Comparisons over runs made again: from the records of the candidates, which a document carries, and the bounds of the
//! baselines, which stand in the interval of the check.
//!
//! Owns which checks these are. They are made all at once: Holm's rule goes over all comparisons of a command. Refuses to look
//! behind the bounds: the baselines themselves are not in the document.

use std::collections::HashSet;

use expr::{Judge, Missing, Runs, Threshold, Thresholds};
use schema::{Check, Group, Value, Verdict};

/// Whether a check was made of several runs together.
pub fn is_over_runs(check: &Check<'_>) -> bool {
    let runs = check.interval.as_ref().is_some_and(|interval| interval.runs.is_some());
    let read = || check.threshold.as_deref().and_then(|line| Threshold::parse(line).ok());
    runs && read().is_some_and(|threshold| threshold.compares_runs() || threshold.bounds_runs())
}

/// The checks of all comparisons over runs of a document, made again.
pub fn again(document: &Verdict<'static>) -> Vec<Check<'static>> {
    let mut thresholds = Thresholds::new();
    let mut lines = HashSet::new();
    let told: Vec<(&Group<'static>, &Check<'static>)> = document
        .groups
        .iter()
        .flat_map(|group| group.checks.iter().map(move |check| (group, check)))
        .filter(|(_, check)| is_over_runs(check))
        .collect();
    for line in told.iter().filter_map(|(_, check)| check.threshold.as_deref()) {
        if lines.insert(line)
            && let Ok(threshold) = Threshold::parse(line)
        {
            thresholds.push(threshold);
        }
    }
    if told.is_empty() {
        return Vec::new();
    }
    // Copies among the candidates count where they were let in then.
    let none = Runs::with_copies(document.seals.iter().any(|seal| seal.tool == "check-threshold" && seal.allow_equal));
    let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive).of_runs(&none);
    told.iter().for_each(|(_, check)| judge.give(check));
    let mut seen = HashSet::new();
    for (group, check) in told {
        if seen.insert((&group.id, &check.scope)) {
            for record in records(group, &check.scope) {
                judge.record(record, &check.scope);
            }
        }
    }
    judge.finish()
}

/// The records of a scope of a group.
fn records<'g>(group: &'g Group<'static>, scope: &str) -> Vec<&'g Value<'static>> {
    let listed = |value: &'g Value<'static>| match value {
        Value::Null => Vec::new(),
        Value::List(records) => records.iter().collect(),
        record => vec![record],
    };
    match &group.evidence {
        Value::Object(scopes) if group.document.is_some() => scopes.get(scope).map(listed).unwrap_or_default(),
        records => listed(records),
    }
}
