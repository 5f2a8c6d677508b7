//! A verdict document that was read, as one group: its checks under their groups' names, and what it comes to.
//!
//! Owns how far a document is believed: never further than its groups, its checks, its exit code and the gate that set
//! it. Refuses a document that was asked nothing, whatever its word says.

use schema::{Check, Code, Document, Gate, Group, Object, Status, Value, Verdict};

use crate::groups::{Draft, STREAM};
use crate::{gates, ramp};

/// What a document that was read is as a group: its checks under their groups' names, its evidence by those names.
///
/// `contradiction` is what it says against itself.
pub fn as_group(document: Verdict<'static>, contradiction: Option<String>, path: &str) -> Draft {
    let word = Status::from_verdict(&document.verdict).unwrap_or(Status::Inconclusive);
    let own =
        Document { path: path.to_owned(), generated_at: document.generated_at.clone(), chain: document.chain.clone() };
    // Whoever wrote a better word over its groups, or over what decided its exit code, is not believed.
    let of_groups = word.and(of_groups(&document));
    let decision = decision(&document);
    let believed = of_groups.and(decision.status);
    let status = if contradiction.is_some() { believed.and(Status::Inconclusive) } else { believed };
    let mut draft = Draft::default();
    if document.groups.is_empty() && word < Status::Inconclusive {
        draft.checks.push(doubt("", Status::Inconclusive, Code::NoChecks, Code::NoChecks.name()));
    }
    let mut evidence: Vec<(String, Value<'static>)> = Vec::new();
    for group in document.groups {
        let inner = group.document.is_some();
        if asked_nothing(&group) && Status::from_verdict(&group.verdict) < Some(Status::Inconclusive) {
            draft.checks.push(doubt(&group.id, Status::Inconclusive, Code::NoChecks, Code::NoChecks.name()));
        }
        match group.evidence {
            Value::Null => {}
            Value::Object(object) if inner => {
                evidence.extend(object.into_iter().map(|(scope, record)| (format!("{}/{scope}", group.id), record)));
            }
            record => {
                evidence.push((group.id.clone(), record));
            }
        }
        for check in group.checks {
            let scope = if inner { format!("{}/{}", group.id, check.scope) } else { group.id.clone() };
            draft.checks.push(Check { scope, ..check });
        }
    }
    if decision.status > of_groups {
        draft.checks.push(decision);
    }
    if let Some(words) = contradiction.filter(|_| believed < Status::Inconclusive) {
        draft.checks.push(doubt("", Status::Inconclusive, Code::Inconsistent, &words));
    }
    let reason = if status == word { document.reason } else { String::new() };
    if !evidence.is_empty() {
        draft.records.push(Value::Object(evidence.into_iter().collect::<Object<'static>>()));
    }
    draft.document = Some((own, status, reason));
    draft
}

/// Whether a group has no check that applied.
pub fn asked_nothing(group: &Group<'_>) -> bool {
    group.checks.iter().all(|check| check.status == Status::Skip)
}

/// What the groups of a document come to, each no better than its checks; those of a ramp are its steps.
fn of_groups(document: &Verdict<'static>) -> Status {
    let settled = document.groups.iter().map(|group| {
        let word = Status::from_verdict(&group.verdict).unwrap_or(Status::Inconclusive);
        let checks = match Status::all(group.checks.iter().map(|check| check.status)) {
            Status::Skip => Status::Inconclusive,
            // A ramp among its groups may be better than the worst check of it.
            _ if group.document.is_some() => Status::Skip,
            status => status,
        };
        (group, word.and(checks))
    });
    if document.ramp.is_none() {
        return match Status::all(settled.map(|(_, status)| status)) {
            Status::Skip => Status::Inconclusive,
            status => status,
        };
    }
    let (steps, faults): (Vec<_>, Vec<_>) = settled.partition(|(group, _)| group.id != STREAM);
    ramp::judge(&steps).1.and(Status::all(faults.into_iter().map(|(_, status)| status)))
}

/// What the exit code of a document says, and the gate that set it, which is no better than the checks it names.
fn decision(document: &Verdict<'static>) -> Check<'static> {
    let said = match document.recommended_exit_code {
        0 => Status::Skip,
        1 => Status::Fail,
        _ => Status::Inconclusive,
    };
    let code = document.recommended_exit_code;
    let contradiction = doubt("", said, Code::Inconsistent, &format!("its exit code is {code}"));
    let Some(name) = &document.decided_by else { return contradiction };
    let Some(gate) = document.gates.get(name).and_then(Gate::from_value) else {
        let nowhere = format!("gate {name}: it decided, and is not there");
        return doubt("", said.and(Status::Inconclusive), Code::Inconsistent, &nowhere);
    };
    let now = judge(document, &gate);
    let of = |gate: &Gate| Status::from_verdict(&gate.verdict).unwrap_or(Status::Inconclusive);
    let (status, reason) = if of(&now) > of(&gate) { (of(&now), now.reason) } else { (of(&gate), gate.reason) };
    // A gate can be worse than all checks only where one that it asks for is not there.
    if status < said { contradiction } else { doubt("", status, Code::Missing, &format!("gate {name}: {reason}")) }
}

/// A gate of a document judged again.
pub fn judge(document: &Verdict<'static>, gate: &Gate) -> Gate {
    let (mut checks, mut faults) = (Vec::new(), Vec::new());
    for group in &document.groups {
        if group.id == STREAM { &mut faults } else { &mut checks }.extend(&group.checks);
    }
    gates::judge(&gate.checks, &checks, &faults)
}

/// A check that says why a document, or its group `scope`, is not believed.
fn doubt(scope: &str, status: Status, code: Code, words: &str) -> Check<'static> {
    let reason = if scope.is_empty() { words.to_owned() } else { format!("{scope}: {words}") };
    Check {
        status,
        passed: status.passed(),
        code: (status == Status::Inconclusive).then_some(code),
        violation: if status == Status::Fail { reason.clone() } else { String::new() },
        reason,
        ..Check::inconclusive("@group", scope, code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::Groups;

    fn check(id: &str, status: Status) -> Check<'static> {
        Check { id: id.into(), status, reason: format!("{id} says"), ..Check::default() }
    }

    fn group(id: &str, checks: Vec<Check<'static>>) -> Group<'static> {
        Group { id: id.into(), verdict: "PASS".into(), checks, ..Group::default() }
    }

    /// What a document that calls itself PASS is taken for, and why.
    fn read(document: Verdict<'static>) -> (Status, String) {
        let document = Verdict { verdict: "PASS".into(), reason: "its own word".into(), ..document };
        let mut groups = Groups::default();
        groups.add_document("x", as_group(document, None, "x.json"));
        let (group, status) = groups.settle().remove(0);
        (status, group.reason)
    }

    fn of(groups: Vec<Group<'static>>) -> Verdict<'static> {
        Verdict { groups, ..Verdict::default() }
    }

    #[test]
    fn it_is_no_better_than_its_checks() {
        let inner = group("x", vec![check("a", Status::Fail)]);
        assert_eq!(read(of(vec![inner])), (Status::Fail, "a says".into()));
        let inner = group("x", vec![check("a", Status::Pass), check("b", Status::Skip)]);
        assert_eq!(read(of(vec![inner])), (Status::Pass, "its own word".into()));
    }

    #[test]
    fn asked_nothing_it_proves_nothing() {
        let pass = || group("a", vec![check("a", Status::Pass)]);
        let skipped = |id: &str| group(id, vec![check("s", Status::Skip)]);
        let inner = |group: Group<'static>| Group { document: Some(Document::default()), ..group };
        for (groups, why) in [
            (vec![], "no-checks"),
            (vec![group("", vec![])], "no-checks"),
            (vec![skipped("")], "no-checks"),
            (vec![pass(), group("b", vec![])], "b: no-checks"),
            (vec![skipped("b"), pass()], "b: no-checks"),
            (vec![pass(), inner(skipped("b"))], "b: no-checks"),
            (vec![inner(group("b", vec![]))], "b: no-checks"),
        ] {
            assert_eq!(read(of(groups.clone())), (Status::Inconclusive, why.to_owned()), "{groups:?}");
        }
        let ramp = Verdict { ramp: Some(schema::Ramp::default()), ..of(vec![group("500", vec![])]) };
        assert_eq!(read(ramp), (Status::Inconclusive, "500: no-checks".into()));
    }

    #[test]
    fn a_ramp_is_no_better_than_its_steps() {
        let ramp = |steps: &[Status]| {
            let step = |(status, id): (&Status, &str)| group(id, vec![check("a", *status)]);
            let groups = steps.iter().zip(["500", "1k"]).map(step).collect();
            read(Verdict { ramp: Some(schema::Ramp::default()), ..of(groups) }).0
        };
        assert_eq!(ramp(&[Status::Pass, Status::Fail]), Status::Pass, "the second step was the limit");
        assert_eq!(ramp(&[Status::Fail, Status::Pass]), Status::Fail, "forged");
        assert_eq!(ramp(&[Status::Inconclusive, Status::Inconclusive]), Status::Inconclusive, "forged");
    }

    #[test]
    fn it_is_no_better_than_what_decided_its_exit_code() {
        let gate = |verdict: &str, checks: &[&str]| Gate {
            verdict: verdict.to_owned(),
            reason: "the gate says".to_owned(),
            checks: checks.iter().map(|id| (*id).to_owned()).collect(),
        };
        let pass = gate("PASS", &["a"]);
        for (code, decided_by, gate, status, why) in [
            (0, None, &pass, Status::Pass, "its own word"),
            (3, None, &pass, Status::Inconclusive, "its exit code is 3"),
            (1, None, &pass, Status::Fail, "its exit code is 1"),
            (0, Some("D"), &pass, Status::Pass, "its own word"),
            (3, Some("D"), &pass, Status::Inconclusive, "its exit code is 3"),
            (3, Some("D"), &gate("INCONCLUSIVE", &["b"]), Status::Inconclusive, "gate D: the gate says"),
            (0, Some("D"), &gate("INCONCLUSIVE", &["b"]), Status::Inconclusive, "gate D: the gate says"),
            (0, Some("D"), &gate("PASS", &["b"]), Status::Inconclusive, "gate D: b: missing"),
            (1, Some("D"), &gate("FAIL", &["a"]), Status::Fail, "gate D: the gate says"),
            (0, Some("E"), &pass, Status::Inconclusive, "gate E: it decided, and is not there"),
        ] {
            let mut document = of(vec![group("", vec![check("a", Status::Pass)])]);
            document.recommended_exit_code = code;
            document.decided_by = decided_by.map(str::to_owned);
            document.gates.insert("D", gates::to_object(gate));
            assert_eq!(read(document), (status, why.to_owned()), "{code} {decided_by:?} {gate:?}");
        }
    }
}
