//! The numbers of a record, for thresholds that nobody has written yet: `--changed`.
//!
//! Owns what moved and how far. Refuses to judge: it writes lines of the language.

use std::collections::HashSet;

use expr::{Decimal, Path, Quantity, Reading, Step, Survey, Threshold};
use schema::{OUR_KEYS, Value};

/// Every number of a record with its path, in the order of the document; our five keys are left out.
pub fn numbers(record: &Value<'_>) -> Vec<(Path, Decimal)> {
    fn walk(value: &Value<'_>, keys: &mut Vec<String>, found: &mut Vec<(Path, Decimal)>) {
        match value {
            Value::Number(number) => {
                let path = Path::from_keys(keys.iter().map(String::as_str));
                found.extend(path.zip(Decimal::from_number(number)));
            }
            Value::Object(object) => {
                for (key, child) in object.iter().filter(|(key, _)| !OUR_KEYS.contains(key)) {
                    keys.push(key.to_owned());
                    walk(child, keys, found);
                    keys.pop();
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(record, &mut Vec::new(), &mut found);
    // What a path does not read back alone is ambiguous, and no threshold on it could be told.
    let survey = Survey::default();
    found.retain(|(path, _)| matches!(survey.read(path, record), Reading::Found(_)));
    found
}

/// Every number of a record with its path, in lists, too: `None` where it is past 38 digits. Where the numbers are too
/// deep for a path, what holds them is named instead: it is none, and so cannot be told.
fn all_numbers(record: &Value<'_>) -> Vec<(Path, Option<Decimal>)> {
    fn walk(value: &Value<'_>, steps: &mut Vec<Step>, found: &mut Vec<(Path, Option<Decimal>)>) {
        let fits = steps.len() < Path::STEP_LIMIT;
        let mut child = |step: Step, child: &Value<'_>| {
            steps.push(step);
            walk(child, steps, found);
            steps.pop();
        };
        match value {
            Value::Object(object) if fits => {
                for (key, value) in object.iter().filter(|(key, _)| !OUR_KEYS.contains(key)) {
                    child(Step::Name { text: key.to_owned(), quoted: false }, value);
                }
            }
            Value::List(list) if fits => {
                for (place, value) in list.iter().enumerate() {
                    child(Step::Index(place), value);
                }
            }
            Value::Number(number) => {
                found.extend(Path::from_steps(steps.clone()).map(|path| (path, Decimal::from_number(number))));
            }
            Value::Object(_) | Value::List(_) => {
                found.extend(Path::from_steps(steps.clone()).map(|path| (path, None)));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(record, &mut Vec::new(), &mut found);
    found
}

/// Three digits, away from what was measured, so that what was measured passes.
pub fn rounded(number: Quantity, up: bool) -> Option<Decimal> {
    let near = number.to_number(17);
    let number = Decimal::from_number(&near)?;
    if number.is_zero() {
        return Some(number);
    }
    let magnitude = number.digits().unsigned_abs().checked_ilog10()? as i32 + 1 + number.exponent();
    let places = 3 - magnitude;
    let floor = number.floor_to(places);
    if up && floor != number { floor.plus(Decimal::new(1, -places)?) } else { Some(floor) }
}

/// `--changed`: a threshold for each number that the baseline has too, the one that moved most first; behind them those
/// of the baseline that are no longer there. What cannot be compared gets its threshold as well, which says why.
pub fn changed(record: &Value<'_>, baseline: &Value<'_>, most: &str) -> Result<Vec<Threshold>, expr::Error> {
    let survey = Survey::default();
    let mut moved: Vec<(f64, Path, bool)> = Vec::new();
    for (path, now) in all_numbers(record) {
        let before = match survey.read(&path, baseline) {
            Reading::Found(Value::Number(before)) => Decimal::from_number(before),
            Reading::Found(Value::Object(_) | Value::List(_)) | Reading::Ambiguous => None,
            Reading::Found(_) | Reading::Missing => continue,
        };
        moved.push((share_moved(now, before), path, before.is_some_and(Decimal::is_zero)));
    }
    // What came from zero moved without measure: it stands first; the rest by how far it moved, the order kept.
    moved.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
    for (path, before) in all_numbers(baseline) {
        if !matches!(survey.read(&path, record), Reading::Found(Value::Number(_))) {
            moved.push((f64::INFINITY, path, before.is_some_and(Decimal::is_zero)));
        }
    }
    let mut named = HashSet::new();
    moved.retain(|(_, path, _)| named.insert(path.clone()));
    let line = |path: &Path, from_zero: bool| {
        if from_zero {
            return format!("{path} == baseline");
        }
        format!("{path}: abs({path} - baseline) / abs(baseline) <= {most}")
    };
    moved.iter().map(|(_, path, from_zero)| Threshold::parse(&line(path, *from_zero))).collect()
}

/// How far a number moved, as a share of what it was, to put the furthest first; without measure where that cannot be
/// told.
fn share_moved(now: Option<Decimal>, before: Option<Decimal>) -> f64 {
    let share = now.zip(before).and_then(|(now, before)| {
        let distance = Quantity::new(now).minus(Quantity::new(before))?.abs();
        distance.divided_by(Quantity::new(before.abs()))?.to_number(17).to_f64()
    });
    share.unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::json;

    #[test]
    fn changes_most_first() {
        let before = json::parse(br#"{"a":100,"b":100,"z":0,"only":1}"#).unwrap();
        let now = json::parse(br#"{"b":105,"a":50,"z":3,"new":1}"#).unwrap();
        let thresholds = changed(&now, &before, "10%").unwrap();
        let ids: Vec<&str> = thresholds.iter().map(|threshold| threshold.id.as_str()).collect();
        assert_eq!(ids, ["z", "a", "b", "only"]);
        assert_eq!(thresholds[3].checks(&now, "", None)[0].code, Some(schema::Code::Missing));
    }
}
