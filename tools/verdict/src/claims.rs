//! Claims: what somebody says was done, held against what somebody else observed.
//!
//! Owns when an observed check bears a claim out: the same id, the same commit, later, and by another. Refuses to let
//! a claim that nobody bore out count as anything but `claimed-only`.

use std::collections::HashMap;

use jiff::Timestamp;
use schema::{Check, Code, Origin, Status, Value};

use crate::groups::Groups;

/// What a check line says of itself beside the check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Testimony {
    commit: Option<String>,
    by: Option<String>,
    at: Option<String>,
}

/// The observed checks by their id: what bears claims out.
#[derive(Debug, Default)]
pub struct Witnesses(HashMap<String, Vec<(String, Testimony)>>);

/// What check lines said of themselves, by group and place; most say nothing.
pub type Testimonies = HashMap<(String, usize), Testimony>;

impl Testimony {
    /// Reads `commit`, `by` and `at` of a check line.
    pub fn of(line: &Value<'_>) -> Testimony {
        let text = |key: &str| line.get(key).and_then(Value::as_text).map(str::to_owned);
        Testimony { commit: text("commit"), by: text("by"), at: text("at") }
    }

    /// Whether the line says nothing of itself.
    pub fn is_empty(&self) -> bool {
        *self == Testimony::default()
    }

    /// Whether this observation bears `claim` out; else why not.
    ///
    /// What the claim says of itself, the observation must say too: silence about the commit proves no commit.
    fn bears_out(&self, claim: &Testimony) -> Result<(), &'static str> {
        if claim.commit.is_some() && self.commit != claim.commit {
            return Err("observed of another commit");
        }
        if claim.by.is_some() && (self.by.is_none() || self.by == claim.by) {
            return Err("observed by nobody but its author");
        }
        if let Some(claimed) = &claim.at {
            let time = |text: &str| text.parse::<Timestamp>().ok();
            let later = self.at.as_deref().and_then(time).zip(time(claimed)).is_some_and(|(at, claimed)| at > claimed);
            if !later {
                return Err("not observed since");
            }
        }
        Ok(())
    }
}

impl Witnesses {
    /// The observed checks of `groups`, with what their lines said.
    pub fn of(groups: &Groups, said: &Testimonies) -> Witnesses {
        let mut witnesses = Witnesses::default();
        for draft in groups.drafts().iter().filter(|draft| draft.document.is_none()) {
            for (place, check) in draft.checks.iter().enumerate() {
                if check.origin == Origin::Observed {
                    let testimony = said.get(&(draft.id.clone(), place)).cloned().unwrap_or_default();
                    witnesses.add(&draft.id, &check.id, testimony);
                }
            }
        }
        witnesses
    }

    /// Adds an observed check of the group `group`.
    pub fn add(&mut self, group: &str, id: &str, testimony: Testimony) {
        self.0.entry(id.to_owned()).or_default().push((group.to_owned(), testimony));
    }

    /// The claim as it counts: as it is where an observation bears it out, else `claimed-only`.
    ///
    /// A claim of the group `""` is borne out in any group; a claimed failure stays one.
    pub fn judge(&self, group: &str, mut claim: Check<'static>, testimony: &Testimony) -> Check<'static> {
        claim.origin = Origin::Declared;
        let mut why = "";
        for (place, witness) in self.0.get(&claim.id).into_iter().flatten() {
            if group.is_empty() || place == group {
                match witness.bears_out(testimony) {
                    Ok(()) => return claim,
                    Err(reason) => why = reason,
                }
            }
        }
        if claim.status < Status::Inconclusive {
            claim.status = Status::Inconclusive;
            claim.passed = None;
            claim.code = Some(Code::ClaimedOnly);
            claim.reason = format!("{}: {}", claim.id, Code::ClaimedOnly);
            if !why.is_empty() {
                claim.reason = format!("{} ({why})", claim.reason);
            }
        }
        claim
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn testimony(commit: &str, by: &str, at: &str) -> Testimony {
        Testimony { commit: Some(commit.into()), by: Some(by.into()), at: Some(at.into()) }
    }

    #[test]
    fn claimed_is_not_verified() {
        let claim = testimony("c1", "ann", "2026-03-05T10:00:00Z");
        let judged = |witness: Option<Testimony>| {
            let mut witnesses = Witnesses::default();
            if let Some(witness) = witness {
                witnesses.add("", "B1", witness);
            }
            let check = Check { id: "B1".into(), status: Status::Pass, passed: Some(true), ..Check::default() };
            witnesses.judge("", check, &claim)
        };
        assert_eq!(judged(None).reason, "B1: claimed-only");
        assert_eq!(judged(Some(testimony("c1", "bob", "2026-03-05T11:00:00Z"))).status, Status::Pass);
        for (witness, why) in [
            (testimony("c2", "bob", "2026-03-05T11:00:00Z"), "another commit"),
            (testimony("c1", "ann", "2026-03-05T11:00:00Z"), "nobody but its author"),
            (testimony("c1", "bob", "2026-03-05T09:00:00Z"), "not observed since"),
            (Testimony::default(), "another commit"),
        ] {
            let check = judged(Some(witness));
            assert_eq!((check.status, check.code), (Status::Inconclusive, Some(Code::ClaimedOnly)));
            assert!(check.reason.contains(why), "{}", check.reason);
        }
    }

    #[test]
    fn a_claimed_failure_stays_one() {
        let check = Check { id: "B1".into(), status: Status::Fail, ..Check::default() };
        assert_eq!(Witnesses::default().judge("", check, &Testimony::default()).status, Status::Fail);
    }
}
