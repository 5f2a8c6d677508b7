//! The type of a bare value (DESIGN sec. 3): `true false null`, a JSON number that no reader would round, else text.
//!
//! Owns the one decision all five tools share about what `007`, `1e10` or `NaN` is.
//! Refuses to change a digit: a number keeps its text, and what would be rounded stays text.

use std::borrow::Cow;

use schema::{Number, Value};

/// A double tells every decimal of so many significant digits from its neighbours.
const DIGITS: usize = 17;

/// The value that a bare (unquoted) text stands for. Bytes that are not UTF-8 become U+FFFD.
pub fn bare(text: &[u8]) -> Value<'_> {
    match text {
        b"true" => return Value::Bool(true),
        b"false" => return Value::Bool(false),
        b"null" => return Value::Null,
        _ => {}
    }
    match String::from_utf8_lossy(text) {
        Cow::Borrowed(text) => number(text).map_or(Value::Text(Cow::Borrowed(text)), Value::Number),
        lossy => Value::Text(lossy),
    }
}

/// The number that a bare text is, where it is one.
fn number(text: &str) -> Option<Number<'_>> {
    let first = *text.as_bytes().first()?;
    if first != b'-' && !first.is_ascii_digit() {
        return None;
    }
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)),
        None => (text, None),
    };
    let fits = match exponent {
        None if !mantissa.contains('.') => text.parse::<u64>().is_ok() || text.parse::<i64>().is_ok(),
        None => decimal_fits(mantissa, 0),
        Some(exponent) => {
            let marked = mantissa.contains('.') || exponent.starts_with(['+', '-']);
            // An exponent too long to read is beyond a double, unless the mantissa is zero.
            let power = exponent.strip_prefix('+').unwrap_or(exponent).parse::<i32>().unwrap_or(i32::MAX);
            marked && decimal_fits(mantissa, power)
        }
    };
    // The grammar is looked at last: it is what refuses `007`, `+5`, `1.` and `12ms`.
    if fits { Number::parse(text) } else { None }
}

/// Whether a decimal has at most 17 significant digits and is zero or within 1e-307 … 1e308.
fn decimal_fits(mantissa: &str, power: i32) -> bool {
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let point = unsigned.find('.').unwrap_or(unsigned.len());
    let mut significant = 0;
    let mut first = None;
    let mut only_a_one = true;
    for (place, digit) in unsigned.bytes().filter(|byte| *byte != b'.').enumerate() {
        if first.is_some() || digit != b'0' {
            only_a_one &= if first.is_none() { digit == b'1' } else { digit == b'0' };
            first.get_or_insert(place);
            significant += 1;
        }
    }
    let Some(first) = first else { return true };
    let magnitude = point as i64 - 1 - first as i64 + i64::from(power);
    significant <= DIGITS && ((-307..=307).contains(&magnitude) || (only_a_one && magnitude == 308))
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::json;

    #[test]
    fn the_table_of_numbers() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/numbers.jsonl");
        let Ok(table) = std::fs::read(path) else { return };
        let mut rows = 0;
        for line in table.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let row = json::parse(line).unwrap();
            let text = row.get("text").and_then(Value::as_text).unwrap();
            let wanted = row.get("recommended").and_then(|row| row.get("json")).and_then(Value::as_text).unwrap();
            let mut written = Vec::new();
            json::write(&bare(text.as_bytes()), &mut written);
            assert_eq!(String::from_utf8(written).unwrap(), wanted, "{text:?}");
            rows += 1;
        }
        assert_eq!(rows, 148);
    }

    #[test]
    fn what_would_be_rounded_stays_text() {
        for number in ["0", "-0", "12", "1e-05", "2.5e3", "18446744073709551615", "0.1", "1e+308", "0e-999999999999"] {
            assert!(matches!(bare(number.as_bytes()), Value::Number(_)), "{number}");
        }
        for text in
            ["", "007", "+5", ".5", "0x1f", "12ms", "NaN", "inf", "12e45", "1.1e+308", "1e-308", "1e+9999999999"]
        {
            assert!(matches!(bare(text.as_bytes()), Value::Text(_)), "{text}");
        }
        assert_eq!(bare(b"a\xffb"), Value::from("a\u{fffd}b"));
    }
}
