//! Gates: named subsets of the checks, each with an answer of its own.
//!
//! Owns which checks a name means (DESIGN sec. 5, Id) and what a gate comes to; refuses to let a gate pass that asks
//! for a check nobody made, of which nothing applied, or that was made from a stream that was cut.

use filter::states::Expected;
use schema::{Check, Code, Gate, Object, Status, Value};

use crate::groups::reason;

/// `NAME=ID,ID,…` as the command line gives it.
pub fn parse(text: &str) -> Result<(String, Vec<String>), String> {
    let wanted = "wanted NAME=ID,ID,…";
    let (name, ids) = text.split_once('=').ok_or(wanted)?;
    let ids = names(ids).map_err(|_| wanted)?;
    if name.trim().is_empty() {
        return Err(wanted.to_owned());
    }
    Ok((name.trim().to_owned(), ids))
}

/// `A,B,C`: at least one name, none of them empty.
pub fn names(text: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    if names.iter().any(String::is_empty) { Err("wanted names with commas between: A,B".to_owned()) } else { Ok(names) }
}

/// `A,B,C`, `web[01..40]` and `@FILE`: names of groups.
pub fn groups(text: &str) -> Result<Vec<String>, String> {
    if !text.starts_with('@') && !text.contains("..") {
        // A group may well be called 3: that is a name here, no number of them.
        return names(text);
    }
    match Expected::parse(text)?.resolve()? {
        Expected::Names(names) => Ok(names),
        _ => Err("wanted names with commas between: A,B".to_owned()),
    }
}

/// Whether `name` names the check `id`: it is its id, its number, the base of its matches and repeats.
pub fn is_named(id: &str, name: &str) -> bool {
    match id.strip_prefix(name) {
        None => false,
        Some(rest) => rest.is_empty() || rest.starts_with([' ', '[']) || is_repeat(rest),
    }
}

/// `#2`: the same id a second time.
fn is_repeat(rest: &str) -> bool {
    let digits = rest.strip_prefix('#').unwrap_or_default().trim_start_matches(|digit: char| digit.is_ascii_digit());
    rest.len() > 1 && (digits.is_empty() || digits.starts_with(['[', ' '])) && rest.starts_with('#')
}

/// What the checks that `ids` name came to. `faults` are what is wrong with the streams they came in.
pub fn judge(ids: &[String], checks: &[&Check<'static>], faults: &[&Check<'static>]) -> Gate {
    let mut asked: Vec<Check<'static>> = Vec::new();
    for id in ids {
        let before = asked.len();
        asked.extend(checks.iter().filter(|check| is_named(&check.id, id)).map(|check| (*check).clone()));
        if asked.len() == before {
            asked.push(Check::inconclusive(id.clone(), "", Code::Missing));
        }
    }
    // As of a group: checks that did not apply are fine beside one that did.
    if asked.iter().all(|check| check.status == Status::Skip) {
        asked.push(Check::inconclusive(ids.join(","), "", Code::NoChecks));
    }
    asked.extend(faults.iter().map(|check| (*check).clone()));
    // A group that did not come, that nobody expected, or that is of another run leaves the answer open, too.
    asked.extend(checks.iter().filter(|check| is_of_no_answer(check)).map(|check| (*check).clone()));
    let status = Status::all(asked.iter().map(|check| check.status));
    Gate { verdict: status.verdict().to_owned(), reason: reason(asked.iter(), status), checks: ids.to_vec() }
}

/// Whether a check says of its whole group that it is not what was asked for.
fn is_of_no_answer(check: &Check<'_>) -> bool {
    let codes = [Code::MissingGroup, Code::UnexpectedGroup, Code::Stale];
    check.id == "@group" && check.code.is_some_and(|code| codes.contains(&code))
}

/// A gate as it stands in the document.
pub fn to_object(gate: &Gate) -> Object<'static> {
    let mut object = Object::new();
    object.insert("verdict", gate.verdict.clone());
    object.insert("reason", gate.reason.clone());
    object.insert("checks", gate.checks.iter().map(|id| Value::from(id.clone())).collect::<Vec<_>>());
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_checks() {
        assert!(is_named("VAL12-08 cp_availability", "VAL12-08"));
        assert!(is_named("VAL12-08", "VAL12-08"));
        assert!(is_named("actions.*.p95_ms[send]", "actions.*.p95_ms"));
        assert!(is_named("lat#2", "lat"));
        assert!(is_named("lat#2[send]", "lat"));
        for (id, name) in [("VAL12-081", "VAL12-08"), ("late", "lat"), ("lat#x", "lat"), ("lat#", "lat"), ("a", "ab")] {
            assert!(!is_named(id, name), "{id} {name}");
        }
    }

    #[test]
    fn a_gate_needs_its_checks_and_a_whole_stream() {
        let pass = Check { id: "a x".into(), status: Status::Pass, ..Check::default() };
        let skip = Check { id: "s".into(), status: Status::Skip, ..Check::default() };
        let fault = crate::chain::fault(Code::NoSeal, "");
        let ids = |text: &str| names(text).unwrap();
        let verdict = |text: &str, faults: &[&Check<'static>]| judge(&ids(text), &[&pass, &skip], faults).verdict;
        assert_eq!(verdict("a", &[]), "PASS");
        assert_eq!(verdict("a,b", &[]), "INCONCLUSIVE");
        assert_eq!(verdict("a,s", &[]), "PASS", "as in a group, what did not apply is fine beside what passed");
        assert_eq!(verdict("s", &[]), "INCONCLUSIVE");
        assert_eq!(verdict("a", &[&fault]), "INCONCLUSIVE");
        for (code, wanted) in
            [(Code::MissingGroup, "INCONCLUSIVE"), (Code::Stale, "INCONCLUSIVE"), (Code::Missing, "PASS")]
        {
            let group = Check::inconclusive("@group", "web2", code);
            assert_eq!(judge(&ids("a"), &[&pass, &group], &[]).verdict, wanted, "{code}");
        }
        assert_eq!(judge(&ids("b"), &[&pass], &[]).reason, "b: missing");
    }

    #[test]
    fn words() {
        assert_eq!(parse("d=a, b c").unwrap(), ("d".into(), vec!["a".into(), "b c".into()]));
        for text in ["", "d", "d=", "=a", "d=a,,b"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
