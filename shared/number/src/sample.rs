//! One sample: an exact decimal number of at most 18 digits and a bit (a 64-bit integer times a power of ten).
//!
//! Owns reading it from text, its order and its text. A number with more digits is read as its nearest double,
//! and that as the shortest decimal that names it. Refuses what is not a JSON number, and what no double holds.

use crate::Number;

use crate::natural::{Natural, quotient};

/// An exact decimal, `mantissa * 10^exponent`, in the one form without trailing zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Sample {
    mantissa: i64,
    exponent: i16,
}

/// Exponents of ten beyond this are left to doubles, which end long before.
const EXPONENT_LIMIT: i64 = 400;

impl Sample {
    /// `mantissa * 10^exponent`; the exponent is within a few hundred of zero.
    pub fn new(mantissa: i64, exponent: i16) -> Sample {
        if mantissa == 0 {
            return Sample::default();
        }
        let (mut mantissa, mut exponent) = (mantissa, exponent);
        while mantissa % 10 == 0 {
            mantissa /= 10;
            exponent += 1;
        }
        Sample { mantissa, exponent }
    }

    /// The number that `text` is in JSON's grammar; `None` for any other text, and for one no double holds.
    pub fn parse(text: &[u8]) -> Option<Sample> {
        Sample::read(text).map(|(one, _)| one)
    }

    /// The same, and whether it is exact: a number with too many digits is read as its nearest double.
    pub fn read(text: &[u8]) -> Option<(Sample, bool)> {
        let negative = text.first() == Some(&b'-');
        let digits = text.get(usize::from(negative)..)?;
        let whole = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if whole == 0 || whole > 1 && digits.first() == Some(&b'0') {
            return None;
        }
        let mut rest = digits.get(whole..)?;
        let mut fraction: &[u8] = &[];
        if let [b'.', tail @ ..] = rest {
            let places = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if places == 0 {
                return None;
            }
            fraction = tail.get(..places)?;
            rest = tail.get(places..)?;
        }
        let mut exponent = 0i64;
        if let [b'e' | b'E', tail @ ..] = rest {
            let sign = matches!(tail.first(), Some(b'+' | b'-'));
            let below = tail.first() == Some(&b'-');
            let power = tail.get(usize::from(sign)..)?;
            if power.is_empty() || !power.iter().all(u8::is_ascii_digit) {
                return None;
            }
            let size = power.iter().fold(0i64, |size, digit| (size * 10 + i64::from(digit - b'0')).min(1_000_000_000));
            exponent = if below { -size } else { size };
        } else if !rest.is_empty() {
            return None;
        }
        if let Some(exact) = Sample::exact(negative, digits.get(..whole)?, fraction, exponent) {
            return Some((exact, true));
        }
        Some((Sample::from_f64(std::str::from_utf8(text).ok()?.parse().ok()?)?, false))
    }

    /// The number from its digits, where they fit.
    fn exact(negative: bool, whole: &[u8], fraction: &[u8], exponent: i64) -> Option<Sample> {
        let zeros = fraction.iter().rev().take_while(|&&digit| digit == b'0').count();
        let fraction = fraction.get(..fraction.len() - zeros)?;
        let mut mantissa = 0i64;
        for digit in whole.iter().chain(fraction) {
            mantissa = mantissa.checked_mul(10)?.checked_add(i64::from(digit - b'0'))?;
        }
        if mantissa == 0 {
            return Some(Sample::default());
        }
        let exponent = exponent - fraction.len() as i64;
        let digits = i64::from(mantissa.ilog10());
        // Within what a double holds for sure; the edges are left to its parser.
        if exponent + digits >= 308 || exponent + digits < -307 || exponent.abs() > EXPONENT_LIMIT {
            return None;
        }
        Some(Sample::new(if negative { -mantissa } else { mantissa }, exponent as i16))
    }

    /// The shortest decimal that names `value`; `None` for NaN and the infinities.
    pub fn from_f64(value: f64) -> Option<Sample> {
        let (negative, digits, exponent) = crate::text::shortest(value)?;
        let (mantissa, exponent) = (digits.parse::<i64>().ok()?, i16::try_from(exponent).ok()?);
        Some(Sample::new(if negative { -mantissa } else { mantissa }, exponent))
    }

    /// The digits as an integer with its sign.
    pub fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// The power of ten that the digits are multiplied with.
    pub fn exponent(self) -> i16 {
        self.exponent
    }

    /// The number times `10^scale`, where that is a 64-bit integer.
    pub fn at_scale(self, scale: u8) -> Option<i64> {
        let power = i32::from(self.exponent) + i32::from(scale);
        if self.mantissa == 0 {
            return Some(0);
        }
        self.mantissa.checked_mul(10i64.checked_pow(u32::try_from(power).ok()?)?)
    }

    /// A key that orders all decimals: sign, place of the first digit, digits.
    pub fn key(self) -> u128 {
        const ZERO: u128 = 1 << 127;
        let digits = u128::from(self.mantissa.unsigned_abs());
        let Some(length) = digits.checked_ilog10() else { return ZERO };
        let place = (i32::from(self.exponent) + length as i32 + 0x4000) as u128;
        let size = (place << 64) | (digits * 10u128.pow(18 - length));
        if self.mantissa < 0 { ZERO - size } else { ZERO + size }
    }

    /// The decimal whose key is `key`.
    pub fn from_key(key: u128) -> Sample {
        const ZERO: u128 = 1 << 127;
        let size = key.abs_diff(ZERO);
        let mut digits = size as u64;
        if digits == 0 {
            return Sample::default();
        }
        let mut exponent = (size >> 64) as i32 - 0x4000 - 18;
        while digits.is_multiple_of(10) {
            digits /= 10;
            exponent += 1;
        }
        let mantissa = digits as i64;
        Sample::new(if key < ZERO { -mantissa } else { mantissa }, exponent as i16)
    }

    /// The double nearest to it.
    pub fn to_f64(self) -> f64 {
        let size = self.mantissa.unsigned_abs();
        let power = i32::from(self.exponent);
        let value = if size < 1 << 53 && (-22..=22).contains(&power) {
            // Both factors are exact doubles, so the one operation rounds correctly (Clinger 1990).
            if power < 0 { size as f64 / 10f64.powi(-power) } else { size as f64 * 10f64.powi(power) }
        } else {
            let digits = Natural::from(u128::from(size));
            let scale = Natural::power_of_ten(power.unsigned_abs());
            if power < 0 {
                quotient(&digits, &scale)
            } else {
                quotient(&digits.times_natural(&scale), &Natural::from(1))
            }
        };
        if self.mantissa < 0 { -value } else { value }
    }

    /// Its text as a JSON number, every digit: `12.345`, `9007199254740993`, `1e300`.
    pub fn number(self) -> Number<'static> {
        let digits = self.mantissa.unsigned_abs().to_string();
        Number::of_digits(self.mantissa < 0, &digits, i32::from(self.exponent))
    }
}

/// A number as it was read.
#[derive(Clone, Copy, Debug)]
pub enum Plain {
    /// Digits, and how many of them follow the point.
    Short(u32, u32),
    /// Any other.
    Long(Sample),
}

impl PartialOrd for Sample {
    fn partial_cmp(&self, other: &Sample) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sample {
    fn cmp(&self, other: &Sample) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Sample {
        Sample::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn texts() {
        for (text, written) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("12.3450", "12.345"),
            ("1e2", "100"),
            ("1E+05", "100000"),
            ("-0.00012", "-0.00012"),
            ("1e-5", "0.00001"),
            ("1e-6", "0.000001"),
            ("1.25e-7", "0.000000125"),
            ("1e-8", "1e-8"),
            ("9007199254740993", "9007199254740993"),
            ("9223372036854775807", "9223372036854775807"),
            ("18446744073709551615", "18446744073709552000"),
            ("0.1234567890123456789012345", "0.12345678901234568"),
            ("1e300", "1e300"),
            ("5e-324", "5e-324"),
            ("1e-400", "0"),
            ("1.7976931348623157e308", "1.7976931348623157e308"),
            ("0.000000000000000000000000000000000000000000000000e5", "0"),
        ] {
            let got = read(text).number().to_string();
            assert_eq!(got.parse::<f64>().unwrap(), written.parse::<f64>().unwrap(), "{text}");
            if !written.ends_with("552000") {
                assert_eq!(got, written, "{text}");
            }
        }
        for text in ["", "-", "01", "+1", "1.", ".5", "1e", "NaN", "inf", "1 ", "1e400", "-1e309", "0x1", "12ms"] {
            assert_eq!(Sample::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn keys_order_and_read_back() {
        let texts = [
            "-1e300", "-5", "-4.5", "-1e-320", "0", "5e-324", "0.1", "0.11", "1", "9", "10", "10.5", "99", "1e18",
            "1e300",
        ];
        let all: Vec<Sample> = texts.iter().map(|text| read(text)).collect();
        for pair in all.windows(2) {
            assert!(pair[0] < pair[1], "{pair:?}");
        }
        for one in all {
            assert_eq!(Sample::from_key(one.key()), one);
        }
    }

    #[test]
    fn doubles_read_back() {
        let mut seed = 7u64;
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let value = f64::from_bits(seed ^ seed >> 29);
            if value.is_finite() {
                let decimal = Sample::from_f64(value).unwrap();
                assert_eq!(decimal.to_f64(), value + 0.0);
                assert_eq!(decimal.number().to_f64(), Some(value));
                assert_eq!(Sample::parse(decimal.number().as_str().as_bytes()), Some(decimal));
            }
        }
    }
}
