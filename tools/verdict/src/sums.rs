//! The sums of a verdict read back: its answers, its counts and its seals held against the checks it carries.
//!
//! Owns what follows from what; refuses a document that counts more than it carries: something was taken out of it.

use schema::{Check, CheckCounts, Code, Evidence, Gate, Group, GroupCounts, Seal, Status, Value, Verdict};

use crate::groups::{self, STREAM};
use crate::verify::of;
use crate::{document, ramp};

/// The group of what is said about the document's own sums.
pub const SUMS: &str = "@verdict";

/// The figures a document gives, as they stand in it; reading it makes them anew.
#[derive(Debug, Default)]
pub struct Figures {
    all_pass: Option<bool>,
    exit_code: Option<u64>,
    counts: Vec<(String, Option<u64>)>,
}

impl Figures {
    /// The figures of the document that `value` is.
    pub fn of(value: &Value<'_>) -> Figures {
        let number = |value: Option<&Value<'_>>| value.and_then(Value::as_number).and_then(|number| number.as_u64());
        let counts = value.get("counts");
        let count = |(kind, name, _): (&str, &str, u64)| {
            let found = number(counts.and_then(|counts| counts.get(kind)).and_then(|counts| counts.get(name)));
            (format!("{kind}.{name}"), found)
        };
        Figures {
            all_pass: match value.get("all_pass") {
                Some(Value::Bool(yes)) => Some(*yes),
                _ => None,
            },
            exit_code: number(value.get("recommended_exit_code")),
            counts: rows(&CheckCounts::default(), &GroupCounts::default()).map(count).to_vec(),
        }
    }
}

/// Every count by its kind and name.
fn rows(checks: &CheckCounts, groups: &GroupCounts) -> [(&'static str, &'static str, u64); 11] {
    [
        ("checks", "total", checks.total),
        ("checks", "pass", checks.pass),
        ("checks", "warn", checks.warn),
        ("checks", "inconclusive", checks.inconclusive),
        ("checks", "fail", checks.fail),
        ("checks", "skip", checks.skip),
        ("groups", "total", groups.total),
        ("groups", "pass", groups.pass),
        ("groups", "warn", groups.warn),
        ("groups", "inconclusive", groups.inconclusive),
        ("groups", "fail", groups.fail),
    ]
}

/// Whether the document's answers follow from its checks.
pub fn judge(document: &Verdict<'static>, figures: &Figures) -> Vec<Check<'static>> {
    let mut found = Vec::new();
    let mut say = |name: &str, then: Option<&str>, now: &str| {
        found.push(match then {
            None => unsaid(name),
            Some(then) if then == now => of(name, SUMS, Status::Pass, None, ""),
            Some(then) => of(name, SUMS, Status::Fail, None, &format!("{then} then, {now} of its checks")),
        });
    };
    let mut settled: Vec<(&Group<'static>, Status)> = Vec::new();
    for group in &document.groups {
        let status = Status::all(group.checks.iter().map(|check| check.status));
        let then = Status::from_verdict(&group.verdict).unwrap_or(Status::Inconclusive);
        if group.document.is_some() && !document::asked_nothing(group) {
            // Its own groups are not here to add up again; a ramp among them may be better than its worst check.
            settled.push((group, then));
            continue;
        }
        let now = if group.document.is_some() { then.and(Status::Inconclusive) } else { status };
        say(&format!("verdict of {}", crate::formats::name(group)), Some(&group.verdict), now.verdict());
        settled.push((group, now));
    }
    let (steps, faults): (Vec<_>, Vec<_>) = settled.iter().partition(|(group, _)| group.id != STREAM);
    let status = if document.ramp.is_some() {
        let faults = Status::all(faults.iter().map(|(_, status)| *status));
        ramp::judge(&steps).1.and(faults)
    } else {
        Status::all(
            settled.iter().map(|(_, status)| if *status == Status::Skip { Status::Inconclusive } else { *status }),
        )
    };
    say("verdict", Some(&document.verdict), status.verdict());
    let mut exit = status.exit_code();
    for (name, gate) in document.gates.iter() {
        let Some(gate) = Gate::from_value(gate) else { continue };
        let now = document::judge(document, &gate);
        say(&format!("gate {name}"), Some(&gate.verdict), &now.verdict);
        if document.decided_by.as_deref() == Some(name) {
            exit = Status::from_verdict(&now.verdict).unwrap_or(Status::Inconclusive).exit_code();
        }
    }
    let then = figures.exit_code.map(|code| code.to_string());
    say("recommended_exit_code", then.as_deref(), &exit.to_string());
    let all_pass = exit == 0 && !settled.is_empty() && settled.iter().all(|(_, status)| is_pass(*status));
    let then = figures.all_pass.map(|all_pass| all_pass.to_string());
    say("all_pass", then.as_deref(), &all_pass.to_string());
    found.push(counts(document, figures));
    found.extend(lines(document));
    found
}

fn is_pass(status: Status) -> bool {
    matches!(status, Status::Pass | Status::Warn)
}

/// What the document counts, held against what there is.
fn counts(document: &Verdict<'static>, figures: &Figures) -> Check<'static> {
    let mut differ = Vec::new();
    let now = rows(&document.counts.checks, &document.counts.groups);
    for ((name, then), (_, _, now)) in figures.counts.iter().zip(now) {
        match then {
            None => return unsaid("counts"),
            Some(then) if *then == now => {}
            Some(then) => differ.push(format!("{name} {then} then, {now} are here")),
        }
    }
    let status = if differ.is_empty() { Status::Pass } else { Status::Fail };
    of("counts", SUMS, status, None, &differ.join(", "))
}

fn unsaid(name: &str) -> Check<'static> {
    of(name, SUMS, Status::Inconclusive, Some(Code::Missing), "missing: the document does not say it")
}

/// The lines that the seals of its check streams count, held against the checks and records that are here.
///
/// There may be more than were sealed: claims, faults, what came unsealed, a record in each of its groups. Fewer means
/// that some were taken out. Nothing is said where the document says itself that lines are missing, where its evidence
/// was left out, and where its checks are not those that were sealed.
fn lines(document: &Verdict<'static>) -> Option<Check<'static>> {
    let ours = |seal: &Seal| seal.tool == "check-threshold";
    let mut checks = document.groups.iter().flat_map(|group| &group.checks);
    let of_sums = |scope: &str| scope == SUMS || scope.ends_with(&format!("/{SUMS}"));
    let told = checks.any(|check| check.code == Some(Code::CountMismatch) || of_sums(&check.scope));
    let bare = |group: &Group<'_>| group.evidence == Value::Null && group.checks.iter().any(|check| is_judged(check));
    let passed_on = document.seals.last().is_none_or(|seal| !ours(seal) && seal.merged.is_none());
    if told || passed_on || document.groups.iter().any(bare) {
        return None;
    }
    let records = || document.groups.iter().flat_map(groups::records);
    // Checks that became evidence are not among the checks.
    let evidence = records().filter_map(|record| Evidence::from_value(record.get("@evidence")?));
    let became_evidence: Vec<Seal> = evidence.flat_map(|evidence| evidence.seals).filter(ours).collect();
    let mut then = 0u64;
    let mut doubtful = 0u64;
    for (place, seal) in document.seals.iter().enumerate() {
        if !ours(seal) || became_evidence.contains(seal) {
            continue;
        }
        then = then.saturating_add(seal.records);
        // What stands before the seal of another tool may be what that tool read.
        if document.seals.get(place + 1).is_some_and(|next| !ours(next)) {
            doubtful = doubtful.saturating_add(seal.records);
        }
    }
    let checks = document.groups.iter().flat_map(|group| &group.checks).filter(|check| check.id != "@group").count();
    let now = (checks as u64).saturating_add(records().count() as u64).saturating_add(document.skipped);
    let lost = then.saturating_sub(now);
    let words = format!("{}: its seals count {then} lines, {now} are here", Code::CountMismatch);
    Some(match lost {
        0 => of("seals", SUMS, Status::Pass, None, ""),
        lost if lost <= doubtful => of("seals", SUMS, Status::Inconclusive, Some(Code::CountMismatch), &words),
        _ => of("seals", SUMS, Status::Fail, None, &words),
    })
}

/// Whether a check was made of a record.
fn is_judged(check: &Check<'_>) -> bool {
    matches!(check.status, Status::Pass | Status::Warn | Status::Fail)
}
