//! What a record is grouped by: a path, a formula, or the window of its time.
//!
//! Owns the time of a record. Refuses to guess: a record of which a formula or the time cannot be told belongs to no group
//! that is known, and is in the group null with a doubt.

use std::borrow::Cow;

use expr::{Claims, Formula, Order, Path, Reading};
use jiff::Timestamp;
use schema::{Code, Value, json};
use time::{Clock, Stamp};

use crate::groups::doubt::Kind;

/// One value of a group's key.
#[derive(Debug)]
pub enum Key {
    /// `-b PATH`: null where there is nothing.
    Path(Path),
    /// `-b NAME=EXPR`
    Formula(Formula),
    /// `--window` in a state: the start of the window.
    Window(Timing, i64),
}

impl Key {
    /// The value of a record; null, and why, where it cannot be told.
    pub fn of<'v, 'a>(
        &self,
        value: &'v Value<'a>,
        claims: Option<&Claims>,
    ) -> (Cow<'v, Value<'a>>, Option<(Kind, Code)>) {
        match self {
            // One that was only declared names the group all the same; of one that its record doubts nobody knows.
            Key::Path(path) => match claims.and_then(|claims| claims.unknown(path)) {
                None => (Cow::Borrowed(found_at(path, value)), None),
                Some(code) => (Cow::Owned(Value::Null), Some((Kind::Group, code))),
            },
            Key::Formula(formula) => match formula.of(value) {
                Ok(value) => (Cow::Owned(value), None),
                // A record without what is read is in the group null, as by a path.
                Err(Code::Missing | Code::Null) => (Cow::Owned(Value::Null), None),
                Err(code) => (Cow::Owned(Value::Null), Some((Kind::Group, code))),
            },
            Key::Window(timing, width) => match timing.window(value, claims, *width) {
                Ok(start) => (Cow::Owned(Value::from(text_of(start))), None),
                Err(code) => (Cow::Owned(Value::Null), Some((Kind::Time, code))),
            },
        }
    }

    /// The paths it reads.
    pub fn paths(&self) -> Vec<&Path> {
        match self {
            Key::Path(path) => vec![path],
            Key::Formula(formula) => formula.paths(),
            Key::Window(timing, _) => vec![&timing.path],
        }
    }
}

/// `--time`: where a record's time stands.
#[derive(Clone, Debug)]
pub struct Timing {
    /// The path of it.
    pub path: Path,
    /// How stamps are read; one that names no zone is taken to be of UTC.
    pub clock: Clock,
}

impl Timing {
    /// The time of a record in nanoseconds since 1970; else why that cannot be told.
    pub fn at(&self, value: &Value<'_>, claims: Option<&Claims>) -> Result<i64, Code> {
        if let Some(code) = claims.and_then(|claims| doubted(claims, &self.path)) {
            return Err(code);
        }
        match self.path.read(value) {
            Reading::Found(Value::Null) => Err(Code::Null),
            Reading::Found(found) => nanoseconds(found, &self.clock).ok_or(if found.as_number().is_some() {
                Code::NotANumber
            } else {
                Code::WrongType
            }),
            Reading::Missing => Err(Code::Missing),
            Reading::Ambiguous => Err(Code::Ambiguous),
        }
    }

    /// The start of the window of that width that a record belongs to.
    pub fn window(&self, value: &Value<'_>, claims: Option<&Claims>, width: i64) -> Result<i64, Code> {
        self.at(value, claims).map(|time| window_of(time, width))
    }

    /// What tells whether a record is the first or the last one.
    pub fn order(&self, value: &Value<'_>, claims: Option<&Claims>) -> Order {
        Order::At(self.at(value, claims))
    }
}

/// The start of the window of that width that a time belongs to.
pub fn window_of(time: i64, width: i64) -> i64 {
    time.div_euclid(width).saturating_mul(width)
}

/// Why the record itself doubts what stands at `path`.
pub fn doubted(claims: &Claims, path: &Path) -> Option<Code> {
    claims.unknown(path).or_else(|| claims.is_declared(path).then_some(Code::Declared))
}

/// What a path finds; null where that is nothing or cannot be told.
pub fn found_at<'v, 'a>(path: &Path, value: &'v Value<'a>) -> &'v Value<'a> {
    const NOTHING: &Value<'static> = &Value::Null;
    if let Reading::Found(value) = path.read(value) { value } else { NOTHING }
}

/// Why a record has no time, in words.
pub fn no_time(value: &Value<'_>, time: &Path, code: Code) -> String {
    if code == Code::Missing {
        let keys = value.as_object().map(|object| object.iter().map(|(key, _)| key).take(12).collect::<Vec<_>>());
        return format!("no field {time} (the record has {})", keys.unwrap_or_default().join(", "));
    }
    match time.read(value) {
        Reading::Found(found) => {
            let mut text = Vec::new();
            json::write(found, &mut text);
            format!(
                "{time} is not a time: {}; wanted a stamp like 2026-03-05T20:32:12Z, or epoch seconds",
                String::from_utf8_lossy(&text)
            )
        }
        _ => format!("{time} is not a time: {code}"),
    }
}

/// A window's start as it is written.
pub fn text_of(start: i64) -> String {
    Timestamp::from_nanosecond(i128::from(start)).map_or_else(|_| start.to_string(), |time| time.to_string())
}

/// A time in nanoseconds since 1970: a stamp as logs have them, or a number of seconds (milli-, micro-, nanoseconds from 1e11, 1e14 and
/// 1e17 on).
pub fn nanoseconds(value: &Value<'_>, clock: &Clock) -> Option<i64> {
    match value {
        Value::Text(text) => {
            let time = text.parse::<Timestamp>().ok().or_else(|| match clock.value(text.as_bytes()) {
                Stamp::At(time) => Some(time),
                _ => None,
            })?;
            i64::try_from(time.as_nanosecond()).ok()
        }
        Value::Number(number) => {
            let exact = expr::Decimal::from_number(number)?;
            let size = exact.abs();
            let at_least = |zeros: i32| expr::Decimal::new(1, zeros).is_some_and(|bound| size >= bound);
            let zeros = if at_least(17) {
                0
            } else if at_least(14) {
                3
            } else if at_least(11) {
                6
            } else {
                9
            };
            let scaled = exact.times(expr::Decimal::new(1, zeros)?)?.floor_to(0);
            let factor = u32::try_from(scaled.exponent()).ok().and_then(|zeros| 10i128.checked_pow(zeros))?;
            i64::try_from(scaled.digits().checked_mul(factor)?).ok()
        }
        _ => None,
    }
}
