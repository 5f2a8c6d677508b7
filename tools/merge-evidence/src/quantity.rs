//! Units of foreign figures: seconds and nanoseconds become milliseconds by moving the decimal point, exactly; and
//! numbers as other places write them.
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

/// A number as people of any place write it. A comma is taken where it can only be one thing: `1,234.5` and `1,234,567`
/// group digits, `1.234,5`, `1,5` and `0,025` have it for the decimal point; `12,345` is either, and no number.
pub fn decimal(text: &str) -> Option<Number<'static>> {
    let plain = match (text.matches(',').count(), text.matches('.').count()) {
        (0, _) => Some(text.to_owned()),
        (1, 1..) if text.find(',') > text.rfind('.') => text
            .split_once(',')
            .filter(|(whole, _)| grouped(whole, '.'))
            .map(|_| text.replace('.', "").replace(',', ".")),
        (1.., 1) => text.split_once('.').filter(|(whole, _)| grouped(whole, ',')).map(|_| text.replace(',', "")),
        (2.., 0) => grouped(text, ',').then(|| text.replace(',', "")),
        (1, 0) if !grouped(text, ',') || text.starts_with('0') => Some(text.replace(',', ".")),
        _ => None,
    };
    plain.and_then(Number::parse)
}

/// Whether a text is digits in groups of three, the first of one to three.
fn grouped(text: &str, separator: char) -> bool {
    let mut groups = text.split(separator);
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && digits(first))
        && groups.all(|group| group.len() == 3 && digits(group))
}
