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
    commit: Said,
    by: Said,
    at: Said,
}

/// What a line says under one key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Said {
    /// Nothing: the key is not there.
    #[default]
    Nothing,
    /// The text of it; of a number (a commit of digits only is one to whoever typed it) its digits.
    Text(String),
    /// Null, an empty text, a list or an object: nothing can be held against it.
    Odd,
}

impl Said {
    fn of(value: Option<&Value<'_>>) -> Said {
        match value {
            None => Said::Nothing,
            Some(Value::Text(text)) if !text.is_empty() => Said::Text(text.to_string()),
            Some(Value::Number(number)) => Said::Text(number.to_string()),
            Some(Value::Bool(yes)) => Said::Text(yes.to_string()),
            Some(_) => Said::Odd,
        }
    }

    /// The time it tells: RFC 3339, or seconds or milliseconds since 1970.
    fn time(&self) -> Option<Timestamp> {
        match self {
            // Digits alone are what `epoch` takes them for, or nothing.
            Said::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => epoch(text),
            Said::Text(text) => text.parse().ok().or_else(|| time::instant(text)),
            Said::Nothing | Said::Odd => None,
        }
    }
}

/// Ten digits and a fraction are seconds, thirteen digits milliseconds; what others mean is not in them.
fn epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match (whole.len(), fraction.len()) {
        _ if !are_digits(whole) || !are_digits(fraction) => None,
        (10, ..=9) => Timestamp::new(whole.parse().ok()?, format!("{fraction:0<9}").parse().ok()?).ok(),
        (13, 0) => Timestamp::from_millisecond(whole.parse().ok()?).ok(),
        _ => None,
    }
}

/// The observed checks by their id: what bears claims out.
#[derive(Debug, Default)]
pub struct Witnesses(HashMap<String, Vec<Witness>>);

/// An observed check.
#[derive(Debug)]
struct Witness {
    group: String,
    status: Status,
    testimony: Testimony,
}

/// What check lines said of themselves, by group and place; most say nothing.
pub type Testimonies = HashMap<(String, usize), Testimony>;

impl Testimony {
    /// Reads `commit`, `by` and `at` of a check line.
    pub fn of(line: &Value<'_>) -> Testimony {
        let said = |key: &str| Said::of(line.get(key));
        Testimony { commit: said("commit"), by: said("by"), at: said("at") }
    }

    /// Whether the line says nothing of itself.
    pub fn is_empty(&self) -> bool {
        *self == Testimony::default()
    }

    /// Whether this observation bears `claim` out; else why not.
    ///
    /// What the claim says of itself, the observation must say too: silence about the commit proves no commit.
    fn bears_out(&self, claim: &Testimony) -> Result<(), &'static str> {
        match &claim.commit {
            Said::Nothing => {}
            Said::Odd => return Err("its commit cannot be compared"),
            Said::Text(_) if self.commit == claim.commit => {}
            Said::Text(_) => return Err("observed of another commit"),
        }
        match (&claim.by, &self.by) {
            (Said::Nothing, _) => {}
            (Said::Odd, _) => return Err("its author cannot be compared"),
            (Said::Text(claimed), Said::Text(by)) if by != claimed => {}
            _ => return Err("observed only by its author"),
        }
        if claim.at != Said::Nothing {
            let claimed = claim.at.time().ok_or("its time cannot be compared")?;
            if self.at.time().is_none_or(|at| at <= claimed) {
                return Err("not observed since");
            }
        }
        Ok(())
    }
}

impl Witness {
    /// Whether this observation bears out a claim that something holds; else why not.
    fn bears_out(&self, claim: &Testimony) -> Result<(), &'static str> {
        match self.status {
            Status::Pass | Status::Warn => self.testimony.bears_out(claim),
            Status::Skip => Err("the observed check was skipped"),
            Status::Inconclusive => Err("the observed check is inconclusive"),
            Status::Fail => Err("the observed check failed"),
        }
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
                    witnesses.add(&draft.id, check, testimony);
                }
            }
        }
        witnesses
    }

    /// Adds an observed check of the group `group`.
    fn add(&mut self, group: &str, check: &Check<'static>, testimony: Testimony) {
        let witness = Witness { group: group.to_owned(), status: check.status, testimony };
        self.0.entry(check.id.clone()).or_default().push(witness);
    }

    /// The claim as it counts: as it is where an observation bears it out, else `claimed-only`.
    ///
    /// A claim of the group `""` is borne out in any group; a claimed failure stays one.
    pub fn judge(&self, group: &str, mut claim: Check<'static>, testimony: &Testimony) -> Check<'static> {
        claim.origin = Origin::Declared;
        let mut why = "";
        for witness in self.0.get(&claim.id).into_iter().flatten() {
            if group.is_empty() || witness.group == group {
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
    use schema::json;

    fn testimony(line: &str) -> Testimony {
        Testimony::of(&json::parse(line.as_bytes()).unwrap())
    }

    fn judged(claim: &str, witness: Option<(Status, &str)>) -> Check<'static> {
        let check = Check { id: "B1".into(), status: Status::Pass, passed: Some(true), ..Check::default() };
        let mut witnesses = Witnesses::default();
        if let Some((status, line)) = witness {
            witnesses.add("", &Check { status, ..check.clone() }, testimony(line));
        }
        witnesses.judge("", check, &testimony(claim))
    }

    #[test]
    fn claimed_is_not_verified() {
        const CLAIM: &str = r#"{"commit":"c1","by":"ann","at":"2026-03-05T10:00:00Z"}"#;
        assert_eq!(judged(CLAIM, None).reason, "B1: claimed-only");
        for (claim, witness, why) in [
            (CLAIM, r#"{"commit":"c1","by":"bob","at":"2026-03-05T11:00:00Z"}"#, ""),
            (CLAIM, r#"{"commit":"c2","by":"bob","at":"2026-03-05T11:00:00Z"}"#, "observed of another commit"),
            (CLAIM, r#"{"commit":"c1","by":"ann","at":"2026-03-05T11:00:00Z"}"#, "observed only by its author"),
            (CLAIM, r#"{"commit":"c1","by":"bob","at":"2026-03-05T09:00:00Z"}"#, "not observed since"),
            (CLAIM, "{}", "observed of another commit"),
            // What asks for nothing is borne out by any observation.
            ("{}", "{}", ""),
            ("{}", r#"{"commit":"c2","by":null,"at":7}"#, ""),
            // A commit of digits only is a number to kv-extract.
            (r#"{"commit":1234567}"#, r#"{"commit":1234567}"#, ""),
            (r#"{"commit":1234567}"#, r#"{"commit":"1234567"}"#, ""),
            (r#"{"commit":"1234567"}"#, r#"{"commit":1234567}"#, ""),
            (r#"{"commit":1234567}"#, r#"{"commit":7654321}"#, "observed of another commit"),
            (r#"{"commit":1234567}"#, "{}", "observed of another commit"),
            (r#"{"commit":null}"#, r#"{"commit":null}"#, "its commit cannot be compared"),
            (r#"{"commit":""}"#, r#"{"commit":""}"#, "its commit cannot be compared"),
            (r#"{"commit":["c1"]}"#, r#"{"commit":["c1"]}"#, "its commit cannot be compared"),
            (r#"{"commit":"c1"}"#, r#"{"commit":null}"#, "observed of another commit"),
            (r#"{"by":7}"#, r#"{"by":8}"#, ""),
            (r#"{"by":7}"#, r#"{"by":"7"}"#, "observed only by its author"),
            (r#"{"by":"ann"}"#, "{}", "observed only by its author"),
            (r#"{"by":"ann"}"#, r#"{"by":null}"#, "observed only by its author"),
            (r#"{"by":"ann"}"#, r#"{"by":""}"#, "observed only by its author"),
            (r#"{"by":null}"#, r#"{"by":"bob"}"#, "its author cannot be compared"),
            (r#"{"by":""}"#, r#"{"by":"bob"}"#, "its author cannot be compared"),
            // 2026-03-05T20:32:12Z, in seconds and milliseconds.
            (r#"{"at":1772742732}"#, r#"{"at":1772742733}"#, ""),
            (r#"{"at":1772742732}"#, r#"{"at":1772742732.5}"#, ""),
            (r#"{"at":1772742732}"#, r#"{"at":1772742732001}"#, ""),
            (r#"{"at":1772742732000}"#, r#"{"at":"2026-03-05T20:32:13Z"}"#, ""),
            (r#"{"at":"2026-03-05T20:32:12Z"}"#, r#"{"at":1772742733}"#, ""),
            (r#"{"at":1772742732}"#, r#"{"at":1772742732}"#, "not observed since"),
            (r#"{"at":1772742732}"#, r#"{"at":1772742731999}"#, "not observed since"),
            (r#"{"at":1772742732}"#, r#"{"at":"2026-03-05T20:32:11Z"}"#, "not observed since"),
            (r#"{"at":1772742732}"#, r#"{"at":99999999999}"#, "not observed since"),
            (r#"{"at":1772742732}"#, "{}", "not observed since"),
            (r#"{"at":5}"#, r#"{"at":1772742732}"#, "its time cannot be compared"),
            (r#"{"at":"yesterday"}"#, r#"{"at":1772742732}"#, "its time cannot be compared"),
            (r#"{"at":null}"#, r#"{"at":1772742732}"#, "its time cannot be compared"),
        ] {
            let check = judged(claim, Some((Status::Pass, witness)));
            let wanted = match why {
                "" => (Status::Pass, None, String::new()),
                why => (Status::Inconclusive, Some(Code::ClaimedOnly), format!("B1: claimed-only ({why})")),
            };
            assert_eq!((check.status, check.code, check.reason), wanted, "{claim} {witness}");
        }
    }

    #[test]
    fn only_what_was_observed_to_hold_bears_a_claim_out() {
        for (status, why) in [
            (Status::Pass, ""),
            (Status::Warn, ""),
            (Status::Skip, "B1: claimed-only (the observed check was skipped)"),
            (Status::Inconclusive, "B1: claimed-only (the observed check is inconclusive)"),
            (Status::Fail, "B1: claimed-only (the observed check failed)"),
        ] {
            assert_eq!(judged("{}", Some((status, "{}"))).reason, why, "{status:?}");
        }
    }

    #[test]
    fn a_claimed_failure_stays_one() {
        let check = Check { id: "B1".into(), status: Status::Fail, ..Check::default() };
        assert_eq!(Witnesses::default().judge("", check, &Testimony::default()).status, Status::Fail);
    }
}
