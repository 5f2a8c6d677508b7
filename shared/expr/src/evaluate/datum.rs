//! What an expression comes to: a value, limits between which a number lies, or why it cannot be told.
//!
//! Owns which of them count as a number, a truth or a text. Refuses to evaluate anything.

use std::borrow::Cow;

use number::WIRE_DIGITS;
use schema::{Code, Value};

use crate::Quantity;
use crate::evaluate::interval::Interval;

/// What an expression comes to.
#[derive(Clone, Debug)]
pub(crate) enum Datum<'r> {
    Number(Quantity),
    Text(Cow<'r, str>),
    /// An empty text of the record: it says nothing, unless nothing is what is asked for.
    Empty,
    Truth(bool),
    Null,
    /// A list or an object, which only `len`, `min` and `max` look into.
    Whole(&'r Value<'r>),
    /// A number that is only known to lie between limits.
    Between(Interval),
    Unknown(Code),
}

impl Datum<'_> {
    pub(crate) fn truth(&self) -> Result<bool, Code> {
        match self {
            Datum::Truth(yes) => Ok(*yes),
            Datum::Unknown(code) | Datum::Between(Interval { code, .. }) => Err(*code),
            Datum::Null => Err(Code::Null),
            _ => Err(Code::WrongType),
        }
    }

    pub(crate) fn number(&self) -> Result<Quantity, Code> {
        match self {
            Datum::Number(number) => Ok(*number),
            Datum::Unknown(code) | Datum::Between(Interval { code, .. }) => Err(*code),
            Datum::Null => Err(Code::Null),
            Datum::Text(_) | Datum::Empty => Err(Code::NotANumber),
            Datum::Whole(Value::List(list)) if list.is_empty() => Err(Code::NoSamples),
            Datum::Truth(_) | Datum::Whole(_) => Err(Code::WrongType),
        }
    }

    /// A value that is there, as it is written; else why there is none.
    pub(crate) fn value(&self) -> Result<Value<'static>, Code> {
        match self {
            Datum::Number(number) => Ok(Value::Number(number.to_number(WIRE_DIGITS))),
            Datum::Text(text) => Ok(Value::text(text.to_string())),
            Datum::Empty => Ok(Value::text("")),
            Datum::Truth(yes) => Ok(Value::Bool(*yes)),
            Datum::Whole(value) => Ok((*value).clone().into_owned()),
            Datum::Null => Err(Code::Null),
            Datum::Unknown(code) | Datum::Between(Interval { code, .. }) => Err(*code),
        }
    }

    /// The limits of a number, both the same where it is known; `code` is why another one is not.
    pub(crate) fn limits(&self, code: Code) -> Option<Interval> {
        match self {
            Datum::Between(interval) => Some(*interval),
            Datum::Number(number) => Some(Interval::exactly(*number, code)),
            _ => None,
        }
    }

    /// Why a number that lies between limits is not known.
    pub(crate) fn between(&self) -> Option<Code> {
        if let Datum::Between(interval) = self { Some(interval.code) } else { None }
    }
}

/// Whether a text stands where a figure would, had there been one: `timeout`, `n/a`. An empty one is a field that is not set.
pub(crate) fn is_no_figure(text: &str) -> bool {
    const WORDS: [&str; 21] = [
        "-",
        "--",
        "?",
        "n/a",
        "na",
        "nan",
        "nil",
        "null",
        "none",
        "undefined",
        "unknown",
        "missing",
        "unavailable",
        "unreachable",
        "timeout",
        "timed out",
        "error",
        "failed",
        "failure",
        "refused",
        "aborted",
    ];
    let text = text.trim();
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

pub(crate) fn limited<'r>(interval: Interval) -> Datum<'r> {
    if interval.is_unlimited() { Datum::Unknown(interval.code) } else { Datum::Between(interval) }
}
