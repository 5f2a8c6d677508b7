//! What happened, in an object beside that of a statistic: autocannon's `requests.total` of `latency.p99`, k6's `http_reqs.count`
//! of `http_req_duration.p95`.
//!
//! Owns which objects those are and where their amount stands. Refuses to doubt a figure above zero: something was measured then.

use super::keys::Count;
use super::words::{EVENTS, ROUNDS, is_wrapper, words};
use super::{is_none, is_positive};
use crate::{Object, Value};

/// The places of such objects in one that holds them.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside(Vec<usize>);

impl Beside {
    pub(super) fn of(object: &Object<'_>) -> Beside {
        let members = object.iter().enumerate();
        Beside(members.filter(|(_, (key, value))| amount(key, value).is_some()).map(|(place, _)| place).collect())
    }

    /// Whether nothing happened by what they say, but for the object under `own`.
    pub(super) fn are_none(&self, object: &Object<'_>, own: &str) -> bool {
        let mut others = self.0.iter().filter_map(|place| object.at(*place)).filter(|(key, _)| *key != own).peekable();
        others.peek().is_some() && others.all(|(key, value)| amount(key, value).is_some_and(is_none))
    }

    /// All that they say, whatever it is now.
    pub(super) fn amounts<'v, 'a>(&self, object: &'v Object<'a>) -> impl Iterator<Item = &'v Value<'a>> {
        self.0.iter().filter_map(|place| object.at(*place)).filter_map(|(key, value)| amount(key, value))
    }
}

/// How much happened, by an object that is named for it (`requests`, `http_reqs`, `numberOfRequests`), or that holds a count of it
/// (`summary`).
fn amount<'v, 'a>(key: &str, value: &'v Value<'a>) -> Option<&'v Value<'a>> {
    let Value::Object(object) = value else { return None };
    let is_number = |value: &&Value<'_>| matches!(value, Value::Number(_));
    if is_wrapper(key) {
        let is_count = |key: &str| matches!(Count::of(key), Some(Count::Own | Count::Samples | Count::Events));
        return object.iter().find(|(key, _)| is_count(key)).map(|(_, value)| value).filter(is_number);
    }
    // A run or an iteration may be of many, and no hits are an answer.
    let counts = |word: &str| EVENTS.contains(&word) && !ROUNDS.contains(&word);
    let is_event = || words(key).last().is_some_and(|word| counts(word));
    let happened = matches!(Count::of(key), Some(Count::Events | Count::Looks | Count::Perhaps)) && is_event();
    let object = object.get("values").and_then(Value::as_object).unwrap_or(object);
    let found = ["total", "count"].iter().filter_map(|key| object.get(key)).find(is_number).filter(|_| happened)?;
    // A rate above zero is none of nothing.
    let is_idle = |(_, value): (&str, &Value<'_>)| !matches!(value, Value::Number(number) if is_positive(number));
    (!is_none(found) || object.iter().all(is_idle)).then_some(found)
}
