//! Checks in their groups: what each group came to, and why, in one line.
//!
//! Owns which check stands in which group, in order of first appearance, and the wording of a group's reason.
//! Refuses to know where checks come from and what is done with the answer.

use std::collections::HashMap;

use schema::{Check, Code, Document, Group, Status, Value};

/// The group of what is said about the stream itself.
pub const STREAM: &str = "@stream";

/// The groups, while checks still come.
#[derive(Debug, Default)]
pub struct Groups {
    drafts: Vec<Draft>,
    places: HashMap<String, usize>,
}

/// One group in the making.
#[derive(Debug, Default)]
pub struct Draft {
    /// Its name.
    pub id: String,
    /// Its checks as they came.
    pub checks: Vec<Check<'static>>,
    /// The records its checks were made from.
    pub records: Vec<Value<'static>>,
    /// What it came to by its own word, and why, if it is a document.
    pub document: Option<(Document, Status, String)>,
}

impl Groups {
    /// The group `id`, made if there is none.
    pub fn get_or_add(&mut self, id: &str) -> &mut Draft {
        let place = match self.places.get(id) {
            Some(&place) => place,
            None => {
                self.places.insert(id.to_owned(), self.drafts.len());
                self.drafts.push(Draft { id: id.to_owned(), ..Draft::default() });
                self.drafts.len() - 1
            }
        };
        &mut self.drafts[place]
    }

    /// Whether there is a group `id`.
    pub fn contains(&self, id: &str) -> bool {
        self.places.contains_key(id)
    }

    /// Adds a document as a group of its own: a name that is taken gets `#2`. The name it got.
    pub fn add_document(&mut self, name: &str, draft: Draft) -> String {
        let mut id = name.to_owned();
        let mut number = 2u64;
        while self.contains(&id) {
            id = format!("{name}#{number}");
            number += 1;
        }
        let place = self.get_or_add(&id);
        *place = Draft { id: id.clone(), ..draft };
        id
    }

    /// The groups in order of first appearance.
    pub fn drafts(&self) -> &[Draft] {
        &self.drafts
    }

    /// The groups in order of first appearance, to change them.
    pub fn drafts_mut(&mut self) -> &mut [Draft] {
        &mut self.drafts
    }

    /// The groups in order of first appearance, each for itself.
    pub fn into_drafts(self) -> Vec<Draft> {
        self.drafts
    }

    /// The finished groups with what each came to.
    pub fn settle(self) -> Vec<(Group<'static>, Status)> {
        self.drafts.into_iter().map(Draft::settle).collect()
    }
}

impl Draft {
    /// What its checks, and the document it is, came to.
    pub fn status(&self) -> Status {
        match &self.document {
            // The document's own word counts: a ramp passes although its last step failed.
            Some((_, status, _)) => *status,
            None => Status::all(self.checks.iter().map(|check| check.status)),
        }
    }

    /// Says why what it was made from is not to be believed: then it does not pass, whatever its checks say. A proven
    /// failure stays one.
    pub fn doubt(&mut self, code: Code, words: &str) {
        let reason = doubted(&self.id, code, words);
        self.checks.push(Check { reason, ..Check::inconclusive("@group", self.id.clone(), code) });
        if let Some((_, status, reason)) = &mut self.document
            && *status < Status::Inconclusive
        {
            *status = Status::Inconclusive;
            reason.clear();
        }
    }

    fn settle(self) -> (Group<'static>, Status) {
        let status = self.status();
        let own_reason = self.document.as_ref().map(|(_, _, reason)| reason.clone());
        let reason = match own_reason {
            Some(reason) if !reason.is_empty() => reason,
            _ => explained(reason(self.checks.iter(), status), status, self.records.iter()),
        };
        let violations = violations(&self.checks);
        let mut checks = self.checks;
        let mut records = self.records;
        let evidence = match records.len() {
            0 => Value::Null,
            1 if self.document.is_some() => records.remove(0),
            1 => {
                checks.iter_mut().for_each(|check| check.record = None);
                records.remove(0)
            }
            _ => records.into(),
        };
        let group = Group {
            id: self.id,
            verdict: status.verdict().to_owned(),
            reason,
            checks,
            violations,
            evidence,
            document: self.document.map(|(document, _, _)| document),
        };
        (group, status)
    }
}

/// What is said of a group that was made from a broken stream; the group of the stream says what broke it.
pub const NOT_WHOLE: &str = "what it was made from is not whole";

/// What is said of a group that is not to be believed.
fn doubted(id: &str, code: Code, words: &str) -> String {
    if id.is_empty() { format!("{code}: {words}") } else { format!("{id}: {code}: {words}") }
}

/// Whether a check says no more than that the stream was broken.
pub fn is_not_whole(check: &Check<'_>) -> bool {
    check.id == "@group" && check.code.is_some_and(|code| check.reason == doubted(&check.scope, code, NOT_WHOLE))
}

/// The records of a group, whatever shape its evidence has.
pub fn records<'g>(group: &'g Group<'static>) -> Vec<&'g Value<'static>> {
    match &group.evidence {
        Value::Null => Vec::new(),
        Value::List(records) => records.iter().collect(),
        Value::Object(scopes) if group.document.is_some() => scopes
            .iter()
            .flat_map(|(_, records)| match records {
                Value::List(records) => records.iter().collect(),
                record => vec![record],
            })
            .collect(),
        record => vec![record],
    }
}

/// The record at `place` of the scope `scope` of a group.
pub fn record<'g>(group: &'g Group<'static>, scope: &str, place: u64) -> Option<&'g Value<'static>> {
    let at = |records: &'g [Value<'static>]| records.get(usize::try_from(place).ok()?);
    match &group.evidence {
        Value::Null => None,
        Value::List(records) => at(records),
        Value::Object(scopes) if group.document.is_some() => match scopes.get(scope)? {
            Value::List(records) => at(records),
            record => Some(record),
        },
        record => Some(record),
    }
}

/// Why checks that came to `status` did: the reasons of those that decided it, a fatal one alone.
pub fn reason<'a>(checks: impl Iterator<Item = &'a Check<'static>> + Clone, status: Status) -> String {
    if status == Status::Pass {
        return "all checks passed".to_owned();
    }
    if status == Status::Skip {
        return Code::NoChecks.name().to_owned();
    }
    let decisive = checks.filter(|check| check.status == status);
    let fatal = status == Status::Fail && decisive.clone().any(|check| check.fatal);
    let reasons = decisive.filter(|check| !fatal || check.fatal).map(|check| said(check, Field::Reason));
    let mut line = String::new();
    for reason in reasons {
        if !line.is_empty() {
            line.push_str("; ");
        }
        line.push_str(reason);
    }
    line
}

/// A reason that ends with what the evidence says of why, where something did not pass.
pub fn explained<'r>(reason: String, status: Status, records: impl Iterator<Item = &'r Value<'static>>) -> String {
    if matches!(status, Status::Pass | Status::Skip) {
        return reason;
    }
    let first = |record: &'r Value<'static>| record.get("@evidence")?.get("why")?.as_list()?.first()?.as_text();
    match records.filter_map(first).next() {
        Some(why) => format!("{reason}; {why}"),
        None => reason,
    }
}

/// The violations of all that failed, fatal or not.
pub fn violations(checks: &[Check<'static>]) -> Vec<String> {
    let failed = checks.iter().filter(|check| check.status == Status::Fail);
    failed.map(|check| said(check, Field::Violation).to_owned()).collect()
}

enum Field {
    Reason,
    Violation,
}

/// A check made by hand may lack one of the two, or both: then its id speaks.
fn said<'a>(check: &'a Check<'_>, field: Field) -> &'a str {
    let (first, second) = match field {
        Field::Reason => (&check.reason, &check.violation),
        Field::Violation => (&check.violation, &check.reason),
    };
    let told = [first, second, &check.id].into_iter().find(|text| !text.is_empty());
    told.map_or("a check that says neither its id nor why", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, status: Status, fatal: bool) -> Check<'static> {
        Check { id: id.into(), status, fatal, reason: format!("{id} says"), ..Check::default() }
    }

    fn settled(checks: Vec<Check<'static>>) -> (Group<'static>, Status) {
        let mut groups = Groups::default();
        groups.get_or_add("g").checks = checks;
        groups.settle().remove(0)
    }

    #[test]
    fn reasons_of_those_that_decided() {
        let (group, status) = settled(vec![check("a", Status::Pass, false), check("b", Status::Pass, false)]);
        assert_eq!((group.reason.as_str(), status), ("all checks passed", Status::Pass));
        let (group, _) = settled(vec![check("a", Status::Fail, false), check("b", Status::Fail, false)]);
        assert_eq!(group.reason, "a says; b says");
        let (group, _) = settled(vec![check("a", Status::Fail, false), check("b", Status::Fail, true)]);
        assert_eq!(group.reason, "b says");
        assert_eq!(group.violations, ["a says", "b says"], "all of them, fatal or not");
        let (group, _) = settled(vec![check("a", Status::Inconclusive, true), check("b", Status::Warn, false)]);
        assert_eq!((group.reason.as_str(), group.verdict.as_str()), ("a says", "INCONCLUSIVE"));
        let (group, _) = settled(vec![check("a", Status::Fail, false), check("b", Status::Inconclusive, false)]);
        assert_eq!(group.reason, "a says", "missing data does not hide a proven failure");
    }

    #[test]
    fn nothing_asked_is_inconclusive() {
        for checks in [vec![], vec![check("a", Status::Skip, false)]] {
            let (group, _) = settled(checks);
            assert_eq!((group.verdict.as_str(), group.reason.as_str()), ("INCONCLUSIVE", "no-checks"));
        }
    }
}
