//! Reports of benchmarks: how long an operation takes, or how many there are a second.

pub mod fio;
pub mod google_benchmark;
pub mod hyperfine;
pub mod iperf3;
pub mod memtier;
pub mod pgbench;
pub mod pytest_benchmark;
pub mod redis_benchmark;
pub mod sysbench;

use schema::{Number, Object, Value};

use crate::facts::Doubt;

/// Takes a report and its doubts in under `name`.
fn put<'a>(
    (report, doubted): (Value<'a>, Vec<Doubt>),
    name: &str,
    into: &mut crate::facts::Builder<'a>,
    doubts: &mut Vec<Doubt>,
) {
    let unique = (1..).map(|n: u64| if n == 1 { name.to_owned() } else { format!("{name}#{n}") });
    let name = unique.into_iter().find(|name| !into.has(name)).unwrap_or_default();
    doubts.extend(doubted.into_iter().map(|doubt| doubt.under(&name)));
    into.put(name, report);
}

/// An object of numbers of which `unknown` cannot be told, for one reason.
fn nothing(keys: &[&str], code: schema::Code, reason: &str) -> (Object<'static>, Vec<Doubt>) {
    let members = keys.iter().map(|key| ((*key).to_owned(), Value::Null)).collect();
    (members, keys.iter().map(|key| Doubt::new(&[key], code, reason)).collect())
}

/// A share of a whole as a text such as `99.000000`, without the zeros at its end.
fn rank(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// A number times ten to the power of `places`; what is none is null.
fn scaled(value: Option<&Value<'_>>, places: i32) -> Value<'static> {
    match value {
        Some(Value::Number(number)) => Value::Number(number.shifted(places)),
        _ => Value::Null,
    }
}

/// How many places the point moves to make milliseconds of a unit of time.
fn places(unit: &str) -> Option<i32> {
    Some(match unit {
        "ns" => crate::quantity::NANOSECONDS,
        "us" => -3,
        "ms" => 0,
        "s" => crate::quantity::SECONDS,
        _ => return None,
    })
}

/// The number under `key`, as a count.
fn count(value: &Value<'_>, key: &str) -> Option<u64> {
    value.get(key).and_then(Value::as_number).and_then(Number::as_u64)
}
