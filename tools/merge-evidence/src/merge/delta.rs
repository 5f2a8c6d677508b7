//! The difference of two snapshots: what each number rose by between BEFORE and AFTER, walking both sides.
//!
//! Owns what appeared, disappeared and was reset. A counter that is lower than before was reset: its rise cannot be
//! told. A number that is on one side only is no change, but for a counter that appeared: it counted from 0. What is a
//! counter the source says (`# TYPE`); only where it does not, the name does.

use std::collections::HashMap;

use expr::{Decimal, Path};
use schema::{Code, Object, Value};

use crate::facts::Doubt;

/// The difference of two snapshots.
#[derive(Debug, Default)]
pub struct Delta {
    /// Which of the members at the top are counters, as far as the sources say so.
    counters: HashMap<String, bool>,
    /// The tree of both, each number replaced by AFTER less BEFORE.
    pub values: Value<'static>,
    /// Paths that only AFTER has.
    pub appeared: Vec<String>,
    /// Paths that only BEFORE has.
    pub disappeared: Vec<String>,
    /// Counters that are lower than before.
    pub reset: Vec<String>,
    /// Paths below `values` that cannot be told.
    pub doubts: Vec<Doubt>,
}

/// Walks both snapshots. `counters` is what they say of the members at their top.
pub fn between(before: &Value<'_>, after: &Value<'_>, counters: HashMap<String, bool>) -> Delta {
    let mut delta = Delta { counters, ..Delta::default() };
    let mut steps = Vec::new();
    delta.values = delta.walk(Some(before), Some(after), &mut steps).unwrap_or_else(|| Object::new().into());
    delta
}

/// Whether a name is that of a counter, by the conventions of Prometheus and of our reader of pods. The `count` of a
/// summary is none: it says how many samples one run had.
fn is_counter_name(steps: &[String]) -> bool {
    let counts = ["_total", "_count", "_sum", "_bucket"];
    steps.iter().any(|step| counts.iter().any(|end| step.ends_with(end)))
        || steps.last().is_some_and(|step| step == "restarts")
}

impl Delta {
    fn is_counter(&self, steps: &[String]) -> bool {
        let said = steps.first().and_then(|name| self.counters.get(name));
        said.copied().unwrap_or_else(|| is_counter_name(steps))
    }

    fn walk(
        &mut self,
        before: Option<&Value<'_>>,
        after: Option<&Value<'_>>,
        steps: &mut Vec<String>,
    ) -> Option<Value<'static>> {
        match (before, after) {
            (Some(Value::Object(_)), Some(Value::Object(_)) | None) | (None, Some(Value::Object(_))) => {
                Some(self.objects(before, after, steps).into())
            }
            (Some(Value::Number(low)), Some(Value::Number(high))) => {
                let (exact_low, exact_high) = (Decimal::from_number(low)?, Decimal::from_number(high)?);
                if exact_high < exact_low && self.is_counter(steps) {
                    self.reset.push(shown(steps));
                    let detail = format!("the counter was reset: {low} before, {high} after");
                    return Some(self.unknown(steps, Code::Inconsistent, detail));
                }
                match exact_high.minus(exact_low) {
                    Some(difference) => Some(Value::Number(difference.to_number())),
                    None => Some(self.unknown(steps, Code::Overflow, format!("{high} - {low}"))),
                }
            }
            (None, Some(Value::Number(high))) => {
                self.appeared.push(shown(steps));
                if self.is_counter(steps) {
                    return Some(Value::Number(high.clone().into_owned()));
                }
                Some(self.unknown(steps, Code::Missing, format!("it is {high} after, and was not there before")))
            }
            (Some(Value::Number(low)), None) => {
                self.disappeared.push(shown(steps));
                Some(self.unknown(steps, Code::Missing, format!("it was {low} before, and is not there after")))
            }
            (Some(Value::Number(_)), Some(other)) | (Some(other), Some(Value::Number(_))) => {
                let detail = format!("a number on one side, {} on the other", other.kind());
                Some(self.unknown(steps, Code::WrongType, detail))
            }
            // Texts, lists and the like have no difference.
            (Some(_), None) => {
                self.disappeared.push(shown(steps));
                None
            }
            (None, Some(_)) => {
                self.appeared.push(shown(steps));
                None
            }
            _ => None,
        }
    }

    fn objects(
        &mut self,
        before: Option<&Value<'_>>,
        after: Option<&Value<'_>>,
        steps: &mut Vec<String>,
    ) -> Object<'static> {
        let members = |value: Option<&Value<'_>>| {
            value
                .and_then(Value::as_object)
                .map(|object| {
                    object
                        .iter()
                        .map(|(key, value)| (key.to_owned(), value.clone().into_owned()))
                        .collect::<HashMap<_, _>>()
                })
                .unwrap_or_default()
        };
        let (old, new) = (members(before), members(after));
        let order = |value: Option<&Value<'_>>| -> Vec<String> {
            value.and_then(Value::as_object).into_iter().flat_map(Object::iter).map(|(key, _)| key.to_owned()).collect()
        };
        let mut keys = order(before);
        keys.extend(order(after).into_iter().filter(|key| !old.contains_key(key)));
        let mut differences = Vec::new();
        for key in keys {
            steps.push(key.clone());
            if let Some(difference) = self.walk(old.get(&key), new.get(&key), steps) {
                differences.push((key, difference));
            }
            steps.pop();
        }
        differences.into_iter().collect()
    }

    fn unknown(&mut self, steps: &[String], code: Code, detail: String) -> Value<'static> {
        self.doubts.push(Doubt::of(steps.to_vec(), code, detail));
        Value::Null
    }
}

fn shown(steps: &[String]) -> String {
    Path::from_keys(steps.iter().cloned()).map_or(String::new(), |path| path.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(before: &str, after: &str) -> (String, Delta) {
        typed(before, after, &[])
    }

    fn typed(before: &str, after: &str, counters: &[(&str, bool)]) -> (String, Delta) {
        let (before, after) =
            (schema::json::parse(before.as_bytes()).unwrap(), schema::json::parse(after.as_bytes()).unwrap());
        let counters = counters.iter().map(|&(name, counts)| (name.to_owned(), counts)).collect();
        let delta = between(&before, &after, counters);
        let mut out = Vec::new();
        schema::json::write(&delta.values, &mut out);
        (String::from_utf8(out).unwrap(), delta)
    }

    #[test]
    fn rises_falls_and_resets() {
        let (text, delta) = delta(
            r#"{"req_total":{"200":10,"404":1},"heap_bytes":5.5,"up_total":9,"v":"1.0","old":3}"#,
            r#"{"req_total":{"200":15,"500":2},"heap_bytes":5.25,"up_total":2,"v":"1.1","temp":7}"#,
        );
        assert_eq!(
            text,
            r#"{"req_total":{"200":5,"404":null,"500":2},"heap_bytes":-0.25,"up_total":null,"old":null,"temp":null}"#
        );
        assert_eq!(delta.reset, ["up_total"]);
        assert_eq!(delta.appeared, ["req_total.500", "temp"]);
        assert_eq!(delta.disappeared, ["req_total.404", "old"]);
        let details: Vec<&str> = delta.doubts.iter().map(|doubt| doubt.detail.as_str()).collect();
        assert_eq!(
            details,
            [
                "it was 1 before, and is not there after",
                "the counter was reset: 9 before, 2 after",
                "it was 3 before, and is not there after",
                "it is 7 after, and was not there before",
            ]
        );
    }

    #[test]
    fn what_the_source_says_goes_before_the_name() {
        let (text, delta) = typed(
            r#"{"errs":10,"pool_total":9,"g":7,"h":{"le":3}}"#,
            r#"{"errs":3,"pool_total":2,"g":5,"new":4,"h":{"le":1}}"#,
            &[("errs", true), ("pool_total", false), ("new", true), ("h", true)],
        );
        assert_eq!(text, r#"{"errs":null,"pool_total":-7,"g":-2,"h":{"le":null},"new":4}"#);
        assert_eq!(delta.reset, ["errs", "h.le"]);
    }

    #[test]
    fn the_count_of_a_summary_is_no_counter() {
        let (text, delta) = delta(r#"{"ms":{"count":200,"p99":7}}"#, r#"{"ms":{"count":100,"p99":9}}"#);
        assert_eq!((text.as_str(), delta.reset.len()), (r#"{"ms":{"count":-100,"p99":2}}"#, 0));
    }

    #[test]
    fn a_difference_is_exact() {
        assert_eq!(delta(r#"{"a":0.1}"#, r#"{"a":0.3}"#).0, r#"{"a":0.2}"#);
        assert_eq!(delta(r#"{"a":18446744073709551615}"#, r#"{"a":18446744073709551616}"#).0, r#"{"a":1}"#);
        assert_eq!(delta(r#"{"a":1}"#, r#"{"a":"1"}"#).0, r#"{"a":null}"#);
    }
}
