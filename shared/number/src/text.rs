//! A JSON number kept as the text it was read as, so that no digit is lost on its way through.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::decimal::write_digits;

/// A number in JSON's grammar (RFC 8259 sec. 6), as text: `12`, `-0.50`, `1e-05`.
///
/// Never NaN or infinite, never rounded; two numbers are equal here only if their texts are.
/// Arithmetic on numbers lives in the `expr` crate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number<'a>(Cow<'a, str>);

impl<'a> Number<'a> {
    /// The number that `text` is, or `None` where it does not match JSON's number grammar to its end.
    pub fn parse(text: impl Into<Cow<'a, str>>) -> Option<Self> {
        let text = text.into();
        (length(text.as_bytes()) == Some(text.len())).then_some(Number(text))
    }

    /// A number whose text the caller has already matched against the grammar.
    pub fn matched(text: &'a str) -> Self {
        Number(Cow::Borrowed(text))
    }

    /// `digits × 10^exponent`, with its sign: plain, but with an exponent past 21 digits before the point or 6 zeros after it.
    ///
    /// This is the one printer of all five tools: `0.000001`, `123456789012345678901`, `1e-8`. `digits` are `0` to `9`, without
    /// zeros in front.
    pub fn of_digits(negative: bool, digits: &str, exponent: i32) -> Number<'static> {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = write_digits(negative, digits, exponent, &mut text);
        Number(Cow::Owned(text))
    }

    /// The number times ten to the power of `places`: the point moves, exactly, and no digit is lost. As it stands where its
    /// exponent is out of all measure.
    pub fn shifted(&self, places: i32) -> Number<'static> {
        let (negative, text) = self.as_str().strip_prefix('-').map_or((false, self.as_str()), |rest| (true, rest));
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let digits = digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Number::from(0u8);
        }
        let moved =
            |power: i64| power + i64::from(places) + digits.len() as i64 - (significant.len() + fraction.len()) as i64;
        let exponent = power.parse::<i32>().ok().map(|power| moved(i64::from(power)));
        match exponent.filter(|exponent| exponent.unsigned_abs() < 1_000_000_000) {
            Some(exponent) => Number::of_digits(negative, significant, exponent as i32),
            None => self.clone().into_owned(),
        }
    }

    /// The shortest decimal that reads back as `value` (ryu, Adams 2018), as [`Number::of_digits`] prints it; `None` for NaN and
    /// the infinities.
    pub fn from_f64(value: f64) -> Option<Number<'static>> {
        let (negative, digits, exponent) = shortest(value)?;
        Some(Number::of_digits(negative, &digits, exponent))
    }

    /// The number's text, as it was read.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as an integer, where its text is one (no `.`, no exponent) and it fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The number as an unsigned integer, where its text is one and it fits.
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// The double nearest to the number; `None` where that is infinite.
    pub fn to_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// The same number with a text of its own.
    pub fn into_owned(self) -> Number<'static> {
        Number(Cow::Owned(self.0.into_owned()))
    }
}

/// The shortest decimal that reads back as `value`: its sign, its digits without zeros in front, and their power of ten.
pub(crate) fn shortest(value: f64) -> Option<(bool, String, i32)> {
    if !value.is_finite() {
        return None;
    }
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format_finite(value);
    let (mantissa, power) = text.split_once('e').unwrap_or((text, "0"));
    let (negative, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let exponent = power.parse::<i32>().ok()? - i32::try_from(fraction.len()).ok()?;
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() { Some((negative, "0".to_owned(), 0)) } else { Some((negative, digits.to_owned(), exponent)) }
}

macro_rules! from_integer {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Number<'static> {
            fn from(value: $integer) -> Self {
                Number(Cow::Owned(value.to_string()))
            }
        }
    )*};
}
from_integer!(u8, u16, u32, u64, u128, usize, i32, i64, i128);

impl fmt::Display for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Number<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A RawValue is the one way to hand serde_json digits that it must not touch.
        serde_json::from_str::<&serde_json::value::RawValue>(&self.0)
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

/// How many bytes at the start of `text` are a JSON number, taking as many as fit the grammar.
pub fn length(text: &[u8]) -> Option<usize> {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(text.first() == Some(&b'-'));
    match text.get(at) {
        Some(b'0') => at += 1,
        Some(b'1'..=b'9') => at += digits(at),
        _ => return None,
    }
    if text.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return None;
        }
        at += 1 + sign + exponent;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar() {
        for yes in ["0", "-0", "12", "1.50", "1e5", "1E+05", "-0.1e-7"] {
            assert!(Number::parse(yes).is_some(), "{yes}");
        }
        for no in ["", "-", "+1", "01", "1.", ".5", "1e", "1e+", "nan", "inf", "1 ", "0x1"] {
            assert!(Number::parse(no).is_none(), "{no}");
        }
    }

    #[test]
    fn one_float_printer() {
        let print = |value| Number::from_f64(value).map(|number| number.to_string());
        assert_eq!(print(0.1).as_deref(), Some("0.1"));
        assert_eq!(print(5.0).as_deref(), Some("5"));
        assert_eq!(print(1e16).as_deref(), Some("10000000000000000"));
        assert_eq!(print(-1.5e-5).as_deref(), Some("-0.000015"));
        assert_eq!(print(1e21).as_deref(), Some("1e21"));
        assert_eq!(print(1e-8).as_deref(), Some("1e-8"));
        assert_eq!(print(f64::NAN), None);
        assert_eq!(print(f64::INFINITY), None);
    }

    #[test]
    fn shifting_moves_the_point_and_nothing_else() {
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
            ("12e30", 3, "1.2e34"),
            ("0.30000000000000004", 3, "300.00000000000004"),
            ("100", 0, "100"),
            ("1e99999999999", 3, "1e99999999999"),
            ("1e2147483647", 3, "1e2147483647"),
            ("-120.50e-3", 5, "-12050"),
        ] {
            assert_eq!(Number::parse(text).unwrap().shifted(places).as_str(), moved, "{text}");
        }
    }

    #[test]
    fn shifting_agrees_with_doubles() {
        let mut state = 7u64;
        for _ in 0..2000 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let value = (state >> 11) as f64 / 1e9;
            let number = Number::from_f64(value).unwrap();
            let there = number.shifted(3);
            let back = there.shifted(-3);
            assert_eq!(back.to_f64(), number.to_f64(), "{number}");
        }
    }
}
