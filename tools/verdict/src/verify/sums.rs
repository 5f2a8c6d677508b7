//! The sums of a verdict read back: its answers, its counts and its seals held against the checks it carries.
//!
//! Owns what follows from what; refuses a document that counts more than it carries: something was taken out of it.

use schema::{Check, CheckCounts, Code, Evidence, Gate, Group, GroupCounts, Number, Seal, Status, Value, Verdict};

use crate::chain::{self, Link};
use crate::groups::{self, Draft, STREAM};
use crate::verify::finding::{SOURCES, SUMS, compared, holds, of, unsaid};
use crate::{answer, document};

/// The figures a document gives, as they stand in it; reading it makes them anew.
#[derive(Debug, Default)]
pub struct Figures {
    all_pass: Option<bool>,
    exit_code: Option<u64>,
    counts: Vec<(String, Option<u64>)>,
    /// What stands where one of them should, and is none.
    odd: Option<String>,
}

impl Figures {
    /// The figures of the document that `value` is.
    pub fn of(value: &Value<'_>) -> Figures {
        let number = |value: Option<&Value<'_>>| value.and_then(Value::as_number).and_then(whole);
        let counts = value.get("counts");
        let count = |(kind, name, _): (&str, &str, u64)| {
            let found = number(counts.and_then(|counts| counts.get(kind)).and_then(|counts| counts.get(name)));
            (format!("{kind}.{name}"), found)
        };
        let counts: Vec<_> = rows(&CheckCounts::default(), &GroupCounts::default()).map(count).to_vec();
        Figures {
            odd: odd(value),
            all_pass: match value.get("all_pass") {
                Some(Value::Bool(yes)) => Some(*yes),
                _ => None,
            },
            exit_code: number(value.get("recommended_exit_code")),
            counts,
        }
    }

    /// What the document says against itself: other counts than those of what it carries; not all passed, where its exit code is
    /// that of a pass; seals that do not add up, or of more lines than are here. A document made by hand need not count.
    pub fn contradiction(&self, document: &Verdict<'static>) -> Option<String> {
        let of_counts = || self.differing(document).next();
        let of_answer = || {
            let says_no = self.all_pass == Some(false) && document.recommended_exit_code == 0;
            let undecided = document.groups.iter().any(document::asked_nothing);
            (says_no && !undecided && document.ramp.is_none() && document.decided_by.is_none())
                .then(|| "its all_pass is false, and its exit code 0".to_owned())
        };
        let of_seals = || {
            let seal = document.seals.iter().find(|seal| !seal.adds_up())?;
            Some(format!("{}: its lines are not used + skipped + rejected", seal.tool))
        };
        let of_lines = || lines(document).filter(|lines| lines.status == Status::Fail).map(|lines| lines.reason);
        self.odd.clone().or_else(of_counts).or_else(of_answer).or_else(of_seals).or_else(of_lines)
    }

    /// The counts that are others than those of what the document carries.
    fn differing(&self, document: &Verdict<'static>) -> impl Iterator<Item = String> {
        let now = rows(&document.counts.checks, &document.counts.groups);
        self.counts.iter().zip(now).filter_map(|((name, then), (_, _, now))| {
            then.filter(|then| *then != now).map(|then| format!("{name} {then} then, {now} are here"))
        })
    }
}

/// A count as it may be written: jq 1.5 and others make 1.0 of 1.
fn whole(number: &Number<'_>) -> Option<u64> {
    number.as_u64().or_else(|| {
        let double = number.to_f64().filter(|double| (0.0..1e15).contains(double) && double.fract() == 0.0);
        double.map(|double| double as u64)
    })
}

/// What stands where a count, or the answer, should, and is none. Null is as good as nothing.
fn odd(value: &Value<'_>) -> Option<String> {
    let there = |value: &Value<'_>| *value != Value::Null;
    if value.get("all_pass").is_some_and(|all_pass| there(all_pass) && !matches!(all_pass, Value::Bool(_))) {
        return Some("its all_pass is neither true nor false".to_owned());
    }
    let counts = value.get("counts").filter(|counts| there(counts))?;
    if counts.as_object().is_none() {
        return Some("its counts are not an object".to_owned());
    }
    rows(&CheckCounts::default(), &GroupCounts::default()).into_iter().find_map(|(kind, name, _)| {
        let of_kind = counts.get(kind).filter(|of_kind| there(of_kind))?;
        if of_kind.as_object().is_none() {
            return Some(format!("its counts.{kind} is not an object"));
        }
        let count = of_kind.get(name).filter(|count| there(count))?;
        count.as_number().and_then(whole).is_none().then(|| format!("its counts.{kind}.{name} is not a count"))
    })
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

/// Whether the document's answers follow from its checks; `words` says whether its words must, too.
pub fn judge(document: &Verdict<'static>, figures: &Figures, words: bool) -> Vec<Check<'static>> {
    let mut found = Vec::new();
    let mut say = |name: &str, then: Option<&str>, now: &str| {
        found.push(match then {
            None => unsaid(name),
            Some(then) if then == now => holds(name, SUMS),
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
    let (ramp, status, reason) = answer::sum_up(&settled, document.ramp.is_some());
    say("verdict", Some(&document.verdict), status.verdict());
    let mut exit = status.exit_code();
    let mut decided = document.decided_by.is_none();
    for (name, gate) in document.gates.iter() {
        let Some(gate) = Gate::from_value(gate) else { continue };
        let now = document::judge(document, &gate);
        say(&format!("gate {name}"), Some(&gate.verdict), &now.verdict);
        if words && gate.reason != now.reason {
            say(&format!("reason of gate {name}"), Some(&gate.reason), &now.reason);
        }
        if document.decided_by.as_deref() == Some(name) {
            decided = true;
            exit = Status::from_verdict(&now.verdict).unwrap_or(Status::Inconclusive).exit_code();
        }
    }
    if !decided {
        say("decided_by", document.decided_by.as_deref(), "no such gate");
    }
    let then = figures.exit_code.map(|code| code.to_string());
    say("recommended_exit_code", then.as_deref(), &exit.to_string());
    let all_pass = exit == 0 && !settled.is_empty() && settled.iter().all(|(_, status)| is_pass(*status));
    let then = figures.all_pass.map(|all_pass| all_pass.to_string());
    say("all_pass", then.as_deref(), &all_pass.to_string());
    if let (Some(then), Some(now)) = (&document.ramp, &ramp) {
        let steps = |list: &[String]| list.join(",");
        let some = |step: &Option<String>| step.clone().unwrap_or_else(|| "none".to_owned());
        for (name, then, now) in [
            ("ramp.answer", some(&then.answer), some(&now.answer)),
            ("ramp.tripped", some(&then.tripped), some(&now.tripped)),
            ("ramp.lowest", some(&then.lowest), some(&now.lowest)),
            ("ramp.inconclusive", steps(&then.inconclusive), steps(&now.inconclusive)),
            ("ramp.next_limit", then.next_limit.clone(), now.next_limit.clone()),
        ] {
            if then != now {
                found.push(compared(name, &then, &now));
            }
        }
    }
    for (group, status) in &settled {
        let name = crate::formats::name(group);
        if group.violations != groups::violations(&group.checks) {
            let words = "they are not those of its checks";
            found.push(of(&format!("violations of {name}"), SUMS, Status::Fail, None, words));
        }
        let reason = groups::reason(group.checks.iter(), *status);
        let reason = groups::explained(reason, *status, groups::records(group).into_iter());
        if words && group.document.is_none() && group.reason != reason {
            found.push(compared(&format!("reason of {name}"), &group.reason, &reason));
        }
    }
    // Of a document that is itself the outcome of --verify, its reason tells what held.
    let verified = document.groups.iter().any(|group| group.id == SUMS);
    if words && !verified {
        found.push(compared("reason", &document.reason, &reason));
    }
    if !verified {
        found.push(links(document));
    }
    for seal in document.seals.iter().filter(|seal| !seal.adds_up()) {
        let words = format!("{}: its lines are not used + skipped + rejected", seal.tool);
        found.push(of("seals", SUMS, Status::Fail, None, &words));
    }
    found.push(counts(document, figures));
    found.extend(lines(document));
    found
}

/// The chain that the seals tell of, and whether the document says the same.
fn links(document: &Verdict<'static>) -> Check<'static> {
    let of_documents = document.groups.iter().filter_map(|group| group.document.as_ref());
    let of_documents: Vec<Link> = of_documents.map(|inner| Link::from_word(&inner.chain)).collect();
    let unsealed = document.unsealed.then_some(Link::Plain);
    let told = |seals: Vec<Link>, more: Option<Link>| {
        Link::all(seals.into_iter().chain(of_documents.iter().copied()).chain(unsealed).chain(more)).word()
    };
    let mut words = vec![told(chain::links(&document.seals), None)];
    let old = document.seals.iter().any(|seal| seal.schema == 1);
    if old {
        // What version 0.1 took for sealed.
        words.push(told(chain::links_of_schema_1(&document.seals), None));
    }
    let mut checks = document.groups.iter().flat_map(|group| &group.checks);
    let broken = checks.any(|check| {
        let of_stream = check.id == STREAM || check.id == "@group";
        of_stream && matches!(check.code, Some(Code::NoSeal | Code::CountMismatch | Code::DigestMismatch))
    });
    if broken || of_documents.len() > 1 {
        // A stream that came without its seal, and several documents in one, leave a plain link.
        words.push(told(chain::links(&document.seals), Some(Link::Plain)));
    }
    if document.seals.iter().any(|seal| seal.merged.is_some()) {
        // Seals that were added up no longer tell which stage stood before which.
        let all = document.seals.iter().all(|seal| seal.plain == 0 && !seal.unsealed);
        words.extend([Link::Partly.word(), if all { Link::Sealed.word() } else { Link::Plain.word() }]);
    }
    match words.iter().any(|word| *word == document.chain) {
        true => holds("chain", SUMS),
        false => compared("chain", &document.chain, words.first().unwrap_or(&"")),
    }
}

/// What `document` says of the document at `path` that it was made of, held against that one.
pub fn inner(document: &Verdict<'static>, path: &str, inner: &Verdict<'static>) -> Vec<Check<'static>> {
    let mut found = Vec::new();
    for group in &document.groups {
        let Some(said) = group.document.as_ref().filter(|said| said.path == path) else { continue };
        let Draft { checks, document: own, .. } = document::as_group(inner.clone(), None, path);
        let Some((own, status, reason)) = own else { continue };
        let mut differ = Vec::new();
        if said.generated_at != own.generated_at {
            differ.push("generated_at");
        }
        if said.chain != own.chain {
            differ.push("chain");
        }
        // What is said of it here may have made it worse, never better.
        let then = Status::from_verdict(&group.verdict).unwrap_or(Status::Inconclusive);
        if then < status {
            differ.push("verdict");
        } else if then == status && !reason.is_empty() && group.reason != reason {
            differ.push("reason");
        }
        // Past a limit seals are added up.
        let listed = document.seals.iter().all(|seal| seal.merged.is_none());
        if listed && !inner.seals.iter().all(|seal| document.seals.contains(seal)) {
            differ.push("seals");
        }
        let mut of_inner = checks.iter();
        // A document made with --where has some of them.
        if !group.checks.iter().filter(|check| check.id != "@group").all(|check| of_inner.any(|own| own == check)) {
            differ.push("checks");
        }
        let words = format!("another {} than that document", differ.join(", "));
        let status = if differ.is_empty() { Status::Pass } else { Status::Fail };
        let name = format!("{path} as {}", group.id);
        found.push(of(&name, SOURCES, status, None, if differ.is_empty() { "" } else { &words }));
    }
    found
}

fn is_pass(status: Status) -> bool {
    matches!(status, Status::Pass | Status::Warn)
}

/// What the document counts, held against what there is.
fn counts(document: &Verdict<'static>, figures: &Figures) -> Check<'static> {
    if figures.counts.iter().any(|(_, then)| then.is_none()) {
        return unsaid("counts");
    }
    let differ: Vec<String> = figures.differing(document).collect();
    let status = if differ.is_empty() { Status::Pass } else { Status::Fail };
    of("counts", SUMS, status, None, &differ.join(", "))
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
