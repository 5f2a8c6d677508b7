//! Exact decimals: an integer of at most 38 digits times a power of ten.
//!
//! Owns the arithmetic under every comparison: what does not fit is `None` (`overflow`), nothing is ever rounded.
//! Refuses division: that is [`Quantity`](crate::Quantity)'s, which keeps both halves.

use std::cmp::Ordering;
use std::fmt;

use crate::Number;

/// The largest integer of 38 digits.
const LARGEST: u128 = 10u128.pow(38) - 1;

/// Powers of ten beyond this are not looked at: no measurement has them, and sums of them would need memory.
pub const EXPONENT_LIMIT: i32 = 1_000;

/// An exact decimal number: `digits × 10^exponent`, always in lowest form (no zero at the end, zero has exponent 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal { digits: 0, exponent: 0 };
    /// One.
    pub const ONE: Decimal = Decimal { digits: 1, exponent: 0 };

    /// `digits × 10^exponent`; `None` past 38 digits.
    pub fn new(digits: i128, exponent: i32) -> Option<Decimal> {
        if digits == 0 {
            return Some(Decimal::ZERO);
        }
        let (mut digits, mut exponent) = (digits, i64::from(exponent));
        if let Ok(mut few) = i64::try_from(digits) {
            // Division of 64 bits is many times faster than of 128, and nearly all numbers fit.
            while few % 10 == 0 {
                few /= 10;
                exponent += 1;
            }
            digits = i128::from(few);
        } else {
            while digits % 10 == 0 {
                digits /= 10;
                exponent += 1;
            }
        }
        if digits.unsigned_abs() > LARGEST {
            return None;
        }
        let exponent = i32::try_from(exponent).ok().filter(|exponent| exponent.abs() <= EXPONENT_LIMIT)?;
        Some(Decimal { digits, exponent })
    }

    /// Whether it is within what a double holds: what is beyond was not measured, but written by a fault.
    pub fn is_measurable(self) -> bool {
        let places = self.digits.unsigned_abs().checked_ilog10().map_or(0, |places| i64::from(places) + 1);
        places + i64::from(self.exponent) <= 308
    }

    /// The exact value of a number's text; `None` past 38 digits.
    pub fn from_number(number: &Number<'_>) -> Option<Decimal> {
        Decimal::read(number.as_str())
    }

    /// The exact value of `text`, which is a JSON number; `None` past 38 digits, and for what is none.
    pub fn parse(text: &str) -> Option<Decimal> {
        Decimal::read(Number::parse(text)?.as_str())
    }

    /// A short plain integer or decimal, which most numbers are, without the general reader's wide arithmetic.
    fn read_short(text: &[u8]) -> Option<Decimal> {
        if text.len() > 18 {
            return None;
        }
        let (negative, unsigned) = match text {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, text),
        };
        let mut digits: i64 = 0;
        let mut point = None;
        for (at, &byte) in unsigned.iter().enumerate() {
            match byte {
                b'0'..=b'9' => digits = digits * 10 + i64::from(byte - b'0'),
                b'.' => point = Some(at),
                _ => return None,
            }
        }
        if digits == 0 {
            return Some(Decimal::ZERO);
        }
        let mut exponent = point.map_or(0, |at| at as i32 + 1 - unsigned.len() as i32);
        while digits % 10 == 0 {
            digits /= 10;
            exponent += 1;
        }
        Some(Decimal { digits: i128::from(if negative { -digits } else { digits }), exponent })
    }

    fn read(text: &str) -> Option<Decimal> {
        if let Some(short) = Decimal::read_short(text.as_bytes()) {
            return Some(short);
        }
        let (mantissa, power) = match text.find(['e', 'E']) {
            Some(at) => (text.get(..at)?, text.get(at + 1..)?),
            None => (text, "0"),
        };
        let (negative, unsigned) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let mut digits: u128 = 0;
        // Zeros are held back until a digit follows: those at the end cost no precision.
        let mut zeros: i64 = 0;
        let mut after_point = None;
        for byte in unsigned.bytes() {
            if byte == b'.' {
                after_point = Some(0i64);
                continue;
            }
            if let Some(count) = &mut after_point {
                *count += 1;
            }
            if byte == b'0' {
                zeros += i64::from(digits != 0);
                continue;
            }
            if zeros > 38 {
                return None;
            }
            let scale = 10u128.checked_pow(zeros as u32 + 1)?;
            digits = digits.checked_mul(scale)?.checked_add(u128::from(byte - b'0'))?;
            if digits > LARGEST {
                return None;
            }
            zeros = 0;
        }
        if digits == 0 {
            return Some(Decimal::ZERO);
        }
        let power: i64 = power.strip_prefix('+').unwrap_or(power).parse().ok()?;
        let exponent = power.checked_add(zeros)?.checked_sub(after_point.unwrap_or(0))?;
        let digits = i128::try_from(digits).ok()?;
        Decimal::new(if negative { -digits } else { digits }, i32::try_from(exponent).ok()?)
    }

    /// The integer before the power of ten.
    pub fn digits(self) -> i128 {
        self.digits
    }

    /// The power of ten.
    pub fn exponent(self) -> i32 {
        self.exponent
    }

    /// -1, 0 or 1.
    pub fn signum(self) -> i32 {
        self.digits.signum() as i32
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// Without its sign.
    pub fn abs(self) -> Decimal {
        Decimal { digits: self.digits.abs(), exponent: self.exponent }
    }

    /// The sum; `None` past 38 digits.
    pub fn plus(self, other: Decimal) -> Option<Decimal> {
        let (high, low) = if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        if high.digits == 0 {
            return Some(low);
        }
        let scale = 10i128.checked_pow(high.exponent.abs_diff(low.exponent))?;
        Decimal::new(high.digits.checked_mul(scale)?.checked_add(low.digits)?, low.exponent)
    }

    /// The difference; `None` past 38 digits.
    pub fn minus(self, other: Decimal) -> Option<Decimal> {
        self.plus(-other)
    }

    /// The product; `None` past 38 digits.
    pub fn times(self, other: Decimal) -> Option<Decimal> {
        let exponent = self.exponent + other.exponent;
        if let Some(digits) = self.digits.checked_mul(other.digits) {
            return Decimal::new(digits, exponent);
        }
        // Fives and twos may meet: 2^60 × 5^60 is one digit. Each power of ten is taken out of both first.
        let (mut a, mut b, mut tens) = (self.digits, other.digits, 0);
        while a % 2 == 0 && b % 5 == 0 || a % 5 == 0 && b % 2 == 0 {
            if a % 2 == 0 && b % 5 == 0 {
                (a, b) = (a / 2, b / 5);
            } else {
                (a, b) = (a / 5, b / 2);
            }
            tens += 1;
        }
        Decimal::new(a.checked_mul(b)?, exponent + tens)
    }

    /// The decimal nearest below with no more than `places` digits after the point (negative: before it).
    pub fn floor_to(self, places: i32) -> Decimal {
        let drop = -places - self.exponent;
        if drop <= 0 || self.digits == 0 {
            return self;
        }
        let cut = match 10i128.checked_pow(drop.unsigned_abs()) {
            Some(scale) => self.digits.div_euclid(scale),
            None => -i128::from(self.digits < 0),
        };
        Decimal::new(cut, -places).unwrap_or(Decimal::ZERO)
    }

    /// The number, in its shortest plain form: `0.25`, `1200`; with an exponent past 21 digits before or 7 zeros after the point.
    pub fn to_number(self) -> Number<'static> {
        Number::of_digits(self.digits < 0, &self.digits.unsigned_abs().to_string(), self.exponent)
    }

    /// Appends the number as it is displayed.
    pub fn write(self, out: &mut Vec<u8>) {
        let plain = u64::try_from(self.digits.unsigned_abs()).ok().filter(|_| (-18..=20).contains(&self.exponent));
        let Some(mut digits) = plain else { return out.extend_from_slice(self.to_string().as_bytes()) };
        let magnitude = self.magnitude();
        // As Display does it: very long and very small numbers are written with an exponent.
        if magnitude > 21 || magnitude <= -7 {
            return out.extend_from_slice(self.to_string().as_bytes());
        }
        let places = self.exponent.min(0).unsigned_abs() as usize;
        let mut text = [b'0'; 24];
        let mut at = text.len();
        let mut count = 0;
        while digits > 0 || count <= places {
            if count == places && places > 0 {
                at -= 1;
                if let Some(letter) = text.get_mut(at) {
                    *letter = b'.';
                }
            }
            at -= 1;
            if let Some(letter) = text.get_mut(at) {
                *letter = b'0' + (digits % 10) as u8;
            }
            digits /= 10;
            count += 1;
        }
        if self.digits < 0 {
            out.push(b'-');
        }
        out.extend_from_slice(text.get(at..).unwrap_or_default());
        out.extend(std::iter::repeat_n(b'0', self.exponent.max(0).unsigned_abs() as usize));
    }

    /// How many digits stand before the point, less the zeros after it: 1 for 5, 3 for 120, 0 for 0.5, -1 for 0.05.
    pub fn magnitude(self) -> i32 {
        self.digits.unsigned_abs().checked_ilog10().map_or(0, |log| log as i32 + 1) + self.exponent
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Decimal {
        Decimal::new(i128::from(number), 0).unwrap_or(Decimal::ZERO)
    }
}

impl From<u64> for Decimal {
    fn from(number: u64) -> Decimal {
        Decimal::new(i128::from(number), 0).unwrap_or(Decimal::ZERO)
    }
}

impl std::ops::Neg for Decimal {
    type Output = Decimal;

    fn neg(self) -> Decimal {
        Decimal { digits: -self.digits, exponent: self.exponent }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        let (a, b) = (self.digits, other.digits);
        if self.exponent == other.exponent || a.signum() != b.signum() || a == 0 {
            return a.cmp(&b);
        }
        // Few digits and a small gap: scaling fits, and nothing needs counting.
        let gap = self.exponent.abs_diff(other.exponent);
        if gap <= 18
            && let (Ok(a), Ok(b)) = (i64::try_from(a), i64::try_from(b))
            && let Some(scale) = 10i64.checked_pow(gap)
        {
            let (a, b, scale) = (i128::from(a), i128::from(b), i128::from(scale));
            return if self.exponent > other.exponent { (a * scale).cmp(&b) } else { a.cmp(&(b * scale)) };
        }
        let by_magnitude = self.magnitude().cmp(&other.magnitude());
        if by_magnitude != Ordering::Equal {
            return if a < 0 { by_magnitude.reverse() } else { by_magnitude };
        }
        // The same number of digits before the point: the one with the higher power has fewer digits, so scaling it fits.
        let scale = 10i128.checked_pow(gap).unwrap_or(1);
        if self.exponent > other.exponent { (a * scale).cmp(&b) } else { a.cmp(&(b * scale)) }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_digits(self.digits < 0, &self.digits.unsigned_abs().to_string(), self.exponent, f)
    }
}

/// Writes `digits × 10^exponent`: plain, but with an exponent past 21 digits before or 6 zeros after the point.
pub fn write_digits(negative: bool, digits: &str, exponent: i32, f: &mut impl fmt::Write) -> fmt::Result {
    let sign = if negative { "-" } else { "" };
    let point = digits.len() as i32 + exponent;
    if exponent >= 0 && point <= 21 {
        return write!(f, "{sign}{digits}{:0<1$}", "", exponent as usize);
    }
    if exponent < 0 && point > 0 {
        let (whole, part) = digits.split_at_checked(point as usize).unwrap_or((digits, "0"));
        return write!(f, "{sign}{whole}.{part}");
    }
    if point > -7 && point <= 0 {
        return write!(f, "{sign}0.{:0<1$}{digits}", "", point.unsigned_abs() as usize);
    }
    let (whole, part) = digits.split_at_checked(1).unwrap_or((digits, ""));
    let dot = if part.is_empty() { "" } else { "." };
    write!(f, "{sign}{whole}{dot}{part}e{}", point - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Decimal {
        Decimal::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn reads_and_prints() {
        for (text, printed) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("1.50", "1.5"),
            ("1200", "1200"),
            ("1e5", "100000"),
            ("12e-3", "0.012"),
            ("1e-05", "0.00001"),
            ("1e-9", "1e-9"),
            ("1.5e30", "1.5e30"),
            ("-2.5e-7", "-0.00000025"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("18446744073709551616", "18446744073709551616"),
            ("0.00000000000000000000000000000000000000000000001", "1e-47"),
            ("99999999999999999999999999999999999999", "9.9999999999999999999999999999999999999e37"),
            ("1000000000000000000000000000000000000000000", "1e42"),
            ("10000000000000000000000.5", "10000000000000000000000.5"),
        ] {
            assert_eq!(read(text).to_string(), printed, "{text}");
            let mut written = Vec::new();
            read(text).write(&mut written);
            assert_eq!(String::from_utf8(written).unwrap(), printed);
            assert_eq!(read(printed), read(text), "{printed}");
        }
    }

    #[test]
    fn beyond_38_digits_is_overflow() {
        assert_eq!(Decimal::parse("999999999999999999999999999999999999999"), None);
        assert_eq!(Decimal::parse("1e99999"), None);
        assert_eq!(
            read("99999999999999999999999999999999999999").plus(Decimal::ONE).map(|d| d.to_string()).as_deref(),
            Some("1e38")
        );
        assert_eq!(read("99999999999999999999999999999999999998e1").plus(Decimal::ONE), None);
        assert_eq!(read("1e30").plus(read("1e-30")), None);
        let twos = Decimal::new(1 << 100, 0).unwrap();
        let fives = Decimal::new(5i128.pow(54), 0).unwrap();
        assert_eq!(
            twos.times(fives).unwrap().to_string(),
            format!("{}e54", 1u128 << 46).replace("70368744177664e54", "7.0368744177664e67")
        );
    }

    #[test]
    fn sums_are_exact() {
        assert_eq!(read("0.1").plus(read("0.2")), Some(read("0.3")));
        assert_eq!(read("1").minus(read("0.9")), Some(read("0.1")));
        assert_eq!(read("1.1").times(read("1.1")), Some(read("1.21")));
    }

    #[test]
    fn order_is_that_of_the_numbers() {
        let sorted = [
            "-1e40", "-12", "-1.5", "-0.1", "-1e-40", "0", "1e-40", "0.1", "0.11", "1", "9", "10", "10.5", "11", "1e40",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(read(a).cmp(&read(b)), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn order_agrees_with_differences() {
        let mut random = 7u64;
        let mut next = || {
            random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            random >> 33
        };
        for _ in 0..20_000 {
            let mut any = || Decimal::new(i128::from(next() % 2000) - 1000, (next() % 7) as i32 - 3).unwrap();
            let (a, b) = (any(), any());
            assert_eq!(a.cmp(&b), a.minus(b).unwrap().signum().cmp(&0));
            assert_eq!(a.plus(b), b.plus(a));
            assert_eq!(a.times(b), b.times(a));
            assert_eq!(read(&a.to_string()), a);
            let mut written = Vec::new();
            a.write(&mut written);
            assert_eq!(String::from_utf8(written).unwrap(), a.to_string());
        }
    }

    #[test]
    fn floors() {
        assert_eq!(read("1.29").floor_to(1), read("1.2"));
        assert_eq!(read("-1.29").floor_to(1), read("-1.3"));
        assert_eq!(read("1299").floor_to(-2), read("1200"));
        assert_eq!(read("1e-60").floor_to(0), read("0"));
        assert_eq!(read("-1e-60").floor_to(0), read("-1"));
    }
}
