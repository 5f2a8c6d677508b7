//! Units of foreign figures: seconds and nanoseconds become milliseconds by moving the decimal point, exactly.
//!
//! Never goes through a double: the digits that come out are the digits that went in.

use schema::{Number, Value};

/// Ten to the power of this many makes milliseconds of seconds.
pub const SECONDS: i32 = 3;
/// Ten to the power of this many makes milliseconds of nanoseconds.
pub const NANOSECONDS: i32 = -6;

/// `number` times ten to the power of `places`, written without an exponent where that is short.
pub fn shifted(number: &Number<'_>, places: i32) -> Number<'static> {
    let text = number.as_str();
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let Ok(exponent) = exponent.parse::<i32>() else { return number.clone().into_owned() };
    let digits = format!("{whole}{fraction}");
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return Number::from(0u8);
    }
    // The point stands this many digits after the start of `significant`.
    let point = whole.len() as i64 - leading as i64 + i64::from(exponent) + i64::from(places);
    let length = significant.len() as i64;
    let plain = match point {
        -6..=0 => format!("{sign}0.{}{significant}", "0".repeat(point.unsigned_abs() as usize)),
        1..=21 if point >= length => format!("{sign}{significant}{}", "0".repeat((point - length) as usize)),
        1..=21 => {
            let (whole, fraction) = significant.split_at(point as usize);
            format!("{sign}{whole}.{fraction}")
        }
        _ => format!("{sign}{significant}e{:+}", point - length),
    };
    Number::parse(plain).unwrap_or_else(|| number.clone().into_owned())
}

/// The same for a value; what is no number stays what it is.
pub fn shift<'a>(value: &Value<'a>, places: i32) -> Value<'a> {
    match value {
        Value::Number(number) => Value::Number(shifted(number, places)),
        other => other.clone(),
    }
}

/// A double as a value; null where it is no number.
pub fn value(number: f64) -> Value<'static> {
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_the_point_and_nothing_else() {
        for (text, places, moved) in [
            ("0.1234", 3, "123.4"),
            ("1e-05", 3, "0.01"),
            ("23259687", -6, "23.259687"),
            ("5000000", -6, "5"),
            ("0", 3, "0"),
            ("-0.00", 3, "0"),
            ("-1.50", 3, "-1500"),
            ("1", -6, "0.000001"),
            ("1", -9, "1e-9"),
            ("12e30", 3, "12e+33"),
            ("0.30000000000000004", 3, "300.00000000000004"),
            ("100", 0, "100"),
            ("1e99999999999", 3, "1e99999999999"),
        ] {
            assert_eq!(shifted(&Number::parse(text).unwrap(), places).as_str(), moved, "{text}");
        }
    }

    #[test]
    fn agrees_with_doubles() {
        let mut state = 7u64;
        for _ in 0..2000 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let value = (state >> 11) as f64 / 1e9;
            let number = Number::from_f64(value).unwrap();
            let there = shifted(&number, 3);
            let back = shifted(&there, -3);
            assert_eq!(back.to_f64(), number.to_f64(), "{number}");
        }
    }
}
