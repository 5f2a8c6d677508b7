//! Units of foreign figures: seconds and nanoseconds become milliseconds by moving the decimal point, exactly.
//!
//! Never goes through a double: the digits that come out are the digits that went in.

use schema::{Number, Value};

/// Ten to the power of this many makes milliseconds of seconds.
pub const SECONDS: i32 = 3;
/// Ten to the power of this many makes milliseconds of nanoseconds.
pub const NANOSECONDS: i32 = -6;

/// `value` times ten to the power of `places`; what is no number stays what it is.
pub fn shift<'a>(value: &Value<'a>, places: i32) -> Value<'a> {
    match value {
        Value::Number(number) => Value::Number(number.shifted(places)),
        other => other.clone(),
    }
}

/// A double as a value; null where it is no number.
pub fn value(number: f64) -> Value<'static> {
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}
