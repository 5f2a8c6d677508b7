//! The answer: what came in, held against what was asked for, becomes one verdict document.
//!
//! Owns expectations, the order in which things are decided, and the document's reason. Refuses to read or write: the
//! answer stands before anything is written.

use schema::{Check, Code, Group, Object, Ramp, Seal, Status, Verdict};

use crate::chain::{self, Link};
use crate::claims::{Testimonies, Testimony, Witnesses};
use crate::gates;
use crate::groups::{self, Groups, STREAM};
use crate::ramp;

/// How many groups a document's reason names.
const NAMED_GROUPS: usize = 8;

/// What was asked for on the command line.
#[derive(Debug, Default)]
pub struct Terms {
    /// `--expect`: the groups that must be there, and no others.
    pub expect: Vec<String>,
    /// `--expect-groups`
    pub expect_groups: Option<u64>,
    /// `--expect-checks`
    pub expect_checks: Vec<String>,
    /// `--gate`: names with the ids of their checks.
    pub gates: Vec<(String, Vec<String>)>,
    /// `--decide`
    pub decide: Option<String>,
    /// `--ramp`
    pub ramp: bool,
    /// `--require-chain`
    pub require_chain: bool,
    /// `--set` and `--set-text`
    pub extra: Object<'static>,
    /// The present, RFC 3339.
    pub generated_at: String,
}

/// What came in.
#[derive(Debug, Default)]
pub struct Case {
    /// The checks in their groups.
    pub groups: Groups,
    /// What is wrong with the streams.
    pub faults: Vec<Check<'static>>,
    /// What check lines said of themselves, to bear claims out.
    pub testimonies: Testimonies,
    /// The claims among the checks.
    pub claims: Vec<Claim>,
    /// The seals that were read, flat.
    pub seals: Vec<Seal>,
    /// Whether what the seals tell of lost lines was looked at already, document by document (`--verify`).
    pub losses_told: bool,
    /// Whether `--unsealed` let checks in that no seal vouches for.
    pub unsealed: bool,
    /// How many check lines `--where` left out, here and in the documents that were read.
    pub skipped: u64,
    /// Links that no seal tells of: streams that came unsealed, and documents.
    pub links: Vec<Link>,
}

/// Where a claim stands among the checks, and what it says of itself.
#[derive(Debug)]
pub struct Claim {
    /// Its group.
    pub group: String,
    /// Its place among the group's checks.
    pub place: usize,
    /// Its commit, author and time.
    pub testimony: Testimony,
}

/// The verdict on `case` under `terms`.
pub fn settle(mut case: Case, terms: Terms) -> Verdict<'static> {
    let Terms {
        expect,
        expect_groups,
        expect_checks,
        gates,
        decide,
        ramp: is_ramp,
        require_chain,
        extra,
        generated_at,
    } = terms;
    let claims = std::mem::take(&mut case.claims);
    let witnesses =
        if claims.is_empty() { Witnesses::default() } else { Witnesses::of(&case.groups, &case.testimonies) };
    for claim in claims {
        if let Some(check) = case.groups.get_or_add(&claim.group).checks.get_mut(claim.place) {
            *check = witnesses.judge(&claim.group, std::mem::take(check), &claim.testimony);
        }
    }
    expect_checks_named(&mut case, &expect_checks);
    let chain = judge_chain(&mut case, require_chain);
    expect_groups_named(&mut case, &expect, expect_groups, is_ramp);
    if !case.faults.is_empty() {
        let faults = std::mem::take(&mut case.faults);
        case.groups.get_or_add(STREAM).checks.extend(faults);
    }

    let settled = case.groups.settle();
    let found: Vec<(&Group<'static>, Status)> = settled.iter().map(|(group, status)| (group, *status)).collect();
    let (ramp, status, reason) = sum_up(&found, is_ramp);
    let (steps, faults): (Vec<_>, Vec<_>) = settled.iter().partition(|(group, _)| group.id != STREAM);
    let mut verdict = Verdict {
        extra,
        verdict: status.verdict().to_owned(),
        reason,
        recommended_exit_code: status.exit_code(),
        ramp,
        chain: chain.word().to_owned(),
        unsealed: case.unsealed,
        skipped: case.skipped,
        generated_at,
        ..Verdict::default()
    };

    let checks: Vec<&Check<'static>> = steps.iter().flat_map(|(group, _)| &group.checks).collect();
    let at_fault: Vec<&Check<'static>> = faults.iter().flat_map(|(group, _)| &group.checks).collect();
    for (name, ids) in &gates {
        let gate = gates::judge(ids, &checks, &at_fault);
        if decide.as_ref() == Some(name) {
            verdict.recommended_exit_code =
                Status::from_verdict(&gate.verdict).unwrap_or(Status::Inconclusive).exit_code();
            verdict.decided_by = Some(name.clone());
        }
        verdict.gates.insert(name.clone(), gates::to_object(&gate));
    }
    // Where a gate decides otherwise, `all_pass` must not tell the opposite of the exit code.
    verdict.all_pass = verdict.recommended_exit_code == 0
        && !settled.is_empty()
        && settled.iter().all(|(_, status)| status.exit_code() == 0 && *status != Status::Skip);
    verdict.groups = settled.into_iter().map(|(group, _)| group).collect();
    verdict.seals = schema::seal::bounded(case.seals);
    verdict.count();
    verdict
}

/// What groups come to together, and why: as steps of a ramp, or the worst of them.
pub fn sum_up(settled: &[(&Group<'static>, Status)], is_ramp: bool) -> (Option<Ramp>, Status, String) {
    if !is_ramp {
        let status = Status::all(settled.iter().map(|(_, status)| written(*status)));
        return (None, status, overall(settled.iter().copied(), status));
    }
    let (steps, faults): (Vec<_>, Vec<_>) = settled.iter().copied().partition(|(group, _)| group.id != STREAM);
    let fault = Status::all(faults.iter().map(|(_, status)| *status));
    let (found, status) = ramp::judge(&steps);
    let mut reason = ramp::answer(&found);
    if !found.next_limit.is_empty() {
        reason = format!("{reason}; next limit: {}", found.next_limit);
    }
    match fault > status {
        true => (Some(found), fault, overall(faults.into_iter(), fault)),
        false => (Some(found), status, reason),
    }
}

/// Of what was asked nothing is written as INCONCLUSIVE.
fn written(status: Status) -> Status {
    if status == Status::Skip { Status::Inconclusive } else { status }
}

fn judge_chain(case: &mut Case, required: bool) -> Link {
    let told = case.groups.drafts().iter().flat_map(|group| &group.checks);
    if !case.losses_told && !told.into_iter().any(|check| check.code == Some(Code::UpstreamRejected)) {
        case.faults.extend(chain::rejections(&case.seals));
    }
    let links = chain::links(&case.seals).into_iter().chain(case.links.iter().copied());
    let chain = Link::all(links);
    if required && chain != Link::Sealed {
        case.faults.push(chain::fault(Code::NoSeal, chain.lacking()));
    }
    chain
}

fn expect_checks_named(case: &mut Case, expected: &[String]) {
    for name in expected {
        let mut checks = case.groups.drafts().iter().flat_map(|group| &group.checks);
        if !checks.any(|check| gates::is_named(&check.id, name)) {
            let mut check = chain::fault(Code::Missing, "");
            check.reason = format!("{name}: {}: no such check came", Code::Missing);
            check.metric = name.clone();
            case.faults.push(check);
        }
    }
}

/// What was expected and is not there, and what is there and was not expected.
///
/// A ramp ends at its first failure, so steps above it are not missing.
fn expect_groups_named(case: &mut Case, expected: &[String], count: Option<u64>, is_ramp: bool) {
    let ours = |id: &str| id == STREAM;
    if let Some(count) = count {
        let found = case.groups.drafts().iter().filter(|group| !ours(&group.id)).count() as u64;
        if found != count {
            let code = if found < count { Code::MissingGroup } else { Code::UnexpectedGroup };
            let groups = if found == 1 { "group" } else { "groups" };
            case.faults.push(chain::fault(code, &format!("{found} {groups} came, {count} expected")));
        }
    }
    if expected.is_empty() {
        return;
    }
    for group in case.groups.drafts_mut() {
        if !ours(&group.id) && !expected.contains(&group.id) {
            group.checks.push(of_group(&group.id, Code::UnexpectedGroup));
            if let Some((_, status, reason)) = &mut group.document {
                *status = status.and(Status::Inconclusive);
                reason.clear();
            }
        }
    }
    let tripped = case.groups.drafts().iter().filter(|group| group.status() == Status::Fail);
    let trip = tripped.filter_map(|group| ramp::load(&group.id)).reduce(f64::min);
    for id in expected {
        let never_tried = is_ramp && ramp::load(id).zip(trip).is_some_and(|(load, trip)| load > trip);
        if !case.groups.contains(id) && !never_tried {
            case.groups.get_or_add(id).checks.push(of_group(id, Code::MissingGroup));
        }
    }
}

fn of_group(id: &str, code: Code) -> Check<'static> {
    let name = if id.is_empty() { "the group without a name (-b names groups)" } else { id };
    Check { reason: format!("{name}: {code}"), ..Check::inconclusive("@group", id, code) }
}

/// The reason of all groups together: of one group its own, else those that decided it with their names.
fn overall<'a>(groups: impl Iterator<Item = (&'a Group<'static>, Status)> + Clone, status: Status) -> String {
    let total = groups.clone().count();
    // Where the stream itself has a reason, those it left in doubt do not repeat it.
    let told = groups.clone().any(|(group, own)| group.id == STREAM && written(own) == status);
    let only_doubted = move |group: &Group<'_>| {
        let mut decisive = group.checks.iter().filter(|check| check.status == status);
        told && decisive.all(groups::is_not_whole)
    };
    let mut decisive =
        groups.filter(|&(group, own)| written(own) == status && !(group.id != STREAM && only_doubted(group)));
    match (total, status) {
        (0, _) => Code::NoChecks.name().to_owned(),
        (_, Status::Pass) => {
            // A ramp that was read passed although a check of it did not: what it answered says more.
            let plain = groups::reason([].iter(), status);
            let more: Vec<&Group<'_>> =
                decisive.map(|(group, _)| group).filter(|group| group.reason != plain).collect();
            match more.as_slice() {
                [] => plain,
                [only] if total == 1 => only.reason.clone(),
                more => {
                    let named: Vec<String> = more.iter().take(NAMED_GROUPS).map(|group| of(group)).collect();
                    format!("all groups passed; {}", named.join("; "))
                }
            }
        }
        (1, _) => decisive.next().map(|(group, _)| group.reason.clone()).unwrap_or_default(),
        _ => {
            let named: Vec<String> = decisive.by_ref().take(NAMED_GROUPS).map(|(group, _)| of(group)).collect();
            let further = decisive.count();
            let mut line = named.join("; ");
            if further > 0 {
                line = format!("{line}; and {further} more groups");
            }
            line
        }
    }
}

/// A group's reason with its name, where the name adds anything.
fn of(group: &Group<'_>) -> String {
    if group.id.is_empty() || group.reason.starts_with(&format!("{}: ", group.id)) {
        group.reason.clone()
    } else {
        format!("{}: {}", group.id, group.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(groups: &[&[Status]], terms: Terms) -> Verdict<'static> {
        let mut case = Case::default();
        for (number, statuses) in groups.iter().enumerate() {
            let draft = case.groups.get_or_add(&number.to_string());
            for (place, status) in statuses.iter().enumerate() {
                let id = place.to_string();
                draft.checks.push(Check { reason: id.clone(), id, status: *status, ..Check::default() });
            }
        }
        settle(case, terms)
    }

    #[test]
    fn every_list_of_statuses_up_to_six_is_its_worst_in_any_order() {
        for length in 0..=6u32 {
            for number in 0..5usize.pow(length) {
                let list: Vec<Status> = (0..length).map(|place| Status::ALL[number / 5usize.pow(place) % 5]).collect();
                let worst = list.iter().copied().max().unwrap_or(Status::Skip).verdict();
                // In one group, and each in a group of its own: where nothing was asked of a group, that counts.
                assert_eq!(settled(&[&list], Terms::default()).verdict, worst, "{list:?}");
                let alone: Vec<&[Status]> = list.chunks(1).collect();
                let skipped = list.contains(&Status::Skip) && !list.contains(&Status::Fail);
                let wanted = if skipped { "INCONCLUSIVE" } else { worst };
                assert_eq!(settled(&alone, Terms::default()).verdict, wanted, "{list:?}");
            }
        }
    }

    #[test]
    fn a_ramp_does_not_miss_the_steps_above_its_end() {
        let terms = |expect: &[&str]| Terms {
            ramp: true,
            expect: expect.iter().map(|id| (*id).to_owned()).collect(),
            ..Terms::default()
        };
        let steps: &[&[Status]] = &[&[Status::Pass], &[Status::Fail]];
        assert_eq!(settled(steps, terms(&["0", "1", "2"])).verdict, "PASS");
        let missing = settled(&[&[Status::Pass]], terms(&["0", "1"]));
        assert_eq!(missing.ramp.map(|ramp| ramp.inconclusive), Some(vec!["1".to_owned()]));
        // A step missing below the answer is told, and stops nothing.
        let mut case = Case::default();
        for (id, status) in [("1", Status::Pass), ("3", Status::Pass), ("4", Status::Fail)] {
            case.groups.get_or_add(id).checks.push(Check { status, ..Check::default() });
        }
        let verdict = settle(case, terms(&["1", "2", "3", "4"]));
        assert_eq!(
            verdict.ramp.map(|ramp| (ramp.answer, ramp.inconclusive)),
            Some((Some("3".into()), vec!["2".into()]))
        );
    }

    #[test]
    fn a_ramp_on_a_cut_stream_has_no_answer() {
        let mut case = Case::default();
        case.groups.get_or_add("1").checks.push(Check { status: Status::Pass, ..Check::default() });
        case.faults.push(chain::fault(Code::NoSeal, ""));
        let verdict = settle(case, Terms { ramp: true, ..Terms::default() });
        assert_eq!((verdict.verdict.as_str(), verdict.recommended_exit_code), ("INCONCLUSIVE", 3));
    }

    #[test]
    fn a_ramp_among_the_documents_tells_its_answer() {
        let group = |id: &str, reason: &str| {
            (Group { id: id.to_owned(), reason: reason.to_owned(), ..Group::default() }, Status::Pass)
        };
        let (soak, ramp) = (group("soak", "all checks passed"), group("max-rps", "ANSWER: max = 2000"));
        assert_eq!(overall([(&ramp.0, ramp.1)].into_iter(), Status::Pass), "ANSWER: max = 2000");
        assert_eq!(overall([(&soak.0, soak.1), (&soak.0, soak.1)].into_iter(), Status::Pass), "all checks passed");
        assert_eq!(
            overall([(&soak.0, soak.1), (&ramp.0, ramp.1)].into_iter(), Status::Pass),
            "all groups passed; max-rps: ANSWER: max = 2000"
        );
    }

    #[test]
    fn reasons_of_many_groups_are_bounded() {
        let fail: &[Status] = &[Status::Fail];
        let verdict = settled(&[fail; 20], Terms::default());
        assert!(verdict.reason.ends_with("; and 12 more groups"), "{}", verdict.reason);
    }
}
