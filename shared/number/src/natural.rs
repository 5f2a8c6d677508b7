//! Natural numbers of any size, and the one rounding of an exact quotient or its root to a double.
//!
//! Owns just the operations that sums, means, deviations and interpolation need; every result is exact.
//! Refuses to be fast on large operands: they are few, made once a summary.

use std::cmp::Ordering;
use std::fmt;

/// A natural number, little-endian in 64-bit limbs, without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Natural(Vec<u64>);

/// The largest power of ten that a limb holds, and how many zeros it has.
const LIMB_TEN: (u64, u32) = (10_000_000_000_000_000_000, 19);

impl Natural {
    /// Ten to the power `zeros`.
    pub fn power_of_ten(zeros: u32) -> Natural {
        let mut power = Natural::from(10u128.pow(zeros % LIMB_TEN.1));
        for _ in 0..zeros / LIMB_TEN.1 {
            power = power.times(LIMB_TEN.0);
        }
        power
    }

    /// The number `digits` writes, all of them `0` to `9`.
    pub fn from_digits(digits: &[u8]) -> Natural {
        let mut number = Natural::default();
        for part in digits.chunks(18) {
            let value = part.iter().fold(0u64, |value, digit| value * 10 + u64::from(digit.wrapping_sub(b'0') % 10));
            number = number.times(10u64.pow(part.len() as u32)).plus(&Natural::from(u128::from(value)));
        }
        number
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bits it has: 0 for 0, 1 for 1, 2 for 2 and 3.
    pub fn bits(&self) -> u32 {
        self.0.last().map_or(0, |top| self.0.len() as u32 * 64 - top.leading_zeros())
    }

    /// The number, where it fits.
    pub fn to_u128(&self) -> Option<u128> {
        match *self.0.as_slice() {
            [] => Some(0),
            [low] => Some(u128::from(low)),
            [low, high] => Some(u128::from(low) | u128::from(high) << 64),
            _ => None,
        }
    }

    /// The product with a small number.
    pub fn times(&self, factor: u64) -> Natural {
        let mut limbs = Vec::with_capacity(self.0.len() + 1);
        let mut carry = 0u128;
        for &limb in &self.0 {
            carry += u128::from(limb) * u128::from(factor);
            limbs.push(carry as u64);
            carry >>= 64;
        }
        limbs.push(carry as u64);
        Natural::trimmed(limbs)
    }

    /// The product.
    pub fn times_natural(&self, other: &Natural) -> Natural {
        let mut limbs = vec![0u64; self.0.len() + other.0.len()];
        for (place, &limb) in self.0.iter().enumerate() {
            let mut carry = 0u128;
            for (sum, &factor) in limbs.iter_mut().skip(place).zip(other.0.iter().chain(std::iter::once(&0))) {
                carry += u128::from(limb) * u128::from(factor) + u128::from(*sum);
                *sum = carry as u64;
                carry >>= 64;
            }
        }
        Natural::trimmed(limbs)
    }

    /// The sum.
    pub fn plus(&self, other: &Natural) -> Natural {
        let (long, short) = if self.0.len() >= other.0.len() { (self, other) } else { (other, self) };
        let mut limbs = Vec::with_capacity(long.0.len() + 1);
        let mut carry = 0u128;
        for (place, &limb) in long.0.iter().enumerate() {
            carry += u128::from(limb) + u128::from(short.0.get(place).copied().unwrap_or(0));
            limbs.push(carry as u64);
            carry >>= 64;
        }
        limbs.push(carry as u64);
        Natural::trimmed(limbs)
    }

    /// The difference of two numbers, the larger less the smaller, and whether `other` was the larger.
    pub fn difference(&self, other: &Natural) -> (Natural, bool) {
        let below = *self < *other;
        let (large, small) = if below { (other, self) } else { (self, other) };
        let mut limbs = Vec::with_capacity(large.0.len());
        let mut borrow = false;
        for (place, &limb) in large.0.iter().enumerate() {
            let (left, first) = limb.overflowing_sub(small.0.get(place).copied().unwrap_or(0));
            let (left, second) = left.overflowing_sub(u64::from(borrow));
            borrow = first || second;
            limbs.push(left);
        }
        (Natural::trimmed(limbs), below)
    }

    /// The number times two to the power `places`.
    pub fn shifted(&self, places: u32) -> Natural {
        let (limbs, bits) = ((places / 64) as usize, places % 64);
        let mut shifted = vec![0; limbs];
        let mut carry = 0u64;
        for &limb in &self.0 {
            shifted.push(limb << bits | carry);
            carry = limb.checked_shr(64 - bits).unwrap_or(0);
        }
        shifted.push(carry);
        Natural::trimmed(shifted)
    }

    fn halve(&mut self) {
        let mut carry = 0;
        for limb in self.0.iter_mut().rev() {
            let low = *limb & 1;
            *limb = *limb >> 1 | carry << 63;
            carry = low;
        }
        if self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    fn trimmed(mut limbs: Vec<u64>) -> Natural {
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Natural(limbs)
    }

    /// Divides in place by a limb and gives the rest.
    pub fn divide_by(&mut self, divisor: u64) -> u64 {
        let mut rest = 0u128;
        for limb in self.0.iter_mut().rev() {
            let value = rest << 64 | u128::from(*limb);
            *limb = (value / u128::from(divisor)) as u64;
            rest = value % u128::from(divisor);
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        rest as u64
    }
}

impl From<u128> for Natural {
    fn from(value: u128) -> Natural {
        Natural::trimmed(vec![value as u64, (value >> 64) as u64])
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Natural) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Natural) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl fmt::Display for Natural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.clone();
        let mut parts = Vec::new();
        while !rest.is_zero() {
            parts.push(rest.divide_by(LIMB_TEN.0));
        }
        let Some(first) = parts.pop() else { return f.write_str("0") };
        write!(f, "{first}")?;
        parts.iter().rev().try_for_each(|part| write!(f, "{part:019}"))
    }
}

/// A quotient's leading bits: `bits * 2^exponent`, and whether something was left over.
struct Leading {
    bits: u128,
    exponent: i32,
    inexact: bool,
}

/// At least 126 leading bits of a quotient that is not zero, or all of it; `exponent` is even.
fn divide(numerator: &Natural, denominator: &Natural) -> Leading {
    let mut shift = 126 - (numerator.bits() as i32 - denominator.bits() as i32);
    shift += shift & 1;
    // Both sides fit in a word: the common case, without a loop over bits.
    let (mut rest, mut step) = match shift {
        0.. => (numerator.shifted(shift as u32), denominator.clone()),
        _ => (numerator.clone(), denominator.shifted(shift.unsigned_abs())),
    };
    let places = rest.bits().saturating_sub(step.bits());
    step = step.shifted(places);
    let mut bits = 0u128;
    for _ in 0..=places {
        bits <<= 1;
        if rest >= step {
            rest = rest.difference(&step).0;
            bits |= 1;
        }
        step.halve();
    }
    Leading { bits, exponent: -shift, inexact: !rest.is_zero() }
}

/// The double nearest to `numerator / denominator`, ties to even; infinite beyond the largest.
pub fn quotient(numerator: &Natural, denominator: &Natural) -> f64 {
    if numerator.is_zero() || denominator.is_zero() {
        return 0.0;
    }
    if let (Some(above), Some(below)) = (numerator.to_u128(), denominator.to_u128()) {
        let shift = above.leading_zeros();
        let scaled = above << shift;
        // 128 bits over at most 68 leave the 55 that rounding needs, and more.
        if below >> 68 == 0 {
            let leading = Leading { bits: scaled / below, exponent: -(shift as i32), inexact: scaled % below != 0 };
            return nearest(&leading);
        }
    }
    nearest(&divide(numerator, denominator))
}

/// The double nearest to the square root of `numerator / denominator`, ties to even.
pub fn root(numerator: &Natural, denominator: &Natural) -> f64 {
    if numerator.is_zero() || denominator.is_zero() {
        return 0.0;
    }
    let square = divide(numerator, denominator);
    let bits = square.bits.isqrt();
    let inexact = square.inexact || bits * bits != square.bits;
    nearest(&Leading { bits, exponent: square.exponent / 2, inexact })
}

fn nearest(leading: &Leading) -> f64 {
    // Two bits to spare keep every shift below within the word.
    let leading = Leading {
        bits: leading.bits >> 2 | u128::from(leading.bits & 3 != 0),
        exponent: leading.exponent + 2,
        inexact: leading.inexact,
    };
    let length = 128 - leading.bits.leading_zeros() as i32;
    // The exponent of the last bit that the double can hold: 53 bits, fewer below the smallest normal.
    let last = (leading.exponent + length - 53).max(-1074);
    let drop = last - leading.exponent;
    let (mut kept, rounds_up) = if drop <= 0 {
        (leading.bits << drop.unsigned_abs().min(127), false)
    } else if drop > 127 {
        (0, false)
    } else {
        let kept = leading.bits >> drop;
        let dropped = leading.bits & ((1 << drop) - 1);
        let half = 1u128 << (drop - 1);
        (kept, dropped > half || dropped == half && (leading.inexact || kept & 1 == 1))
    };
    kept += u128::from(rounds_up);
    if last > 971 {
        return f64::INFINITY;
    }
    // The 53rd bit, where it is set, adds the one that makes a subnormal's exponent field a normal's; a carry out of
    // the rounding likewise.
    f64::from_bits((((last + 1074) as u64) << 52) + kept as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Natural {
        Natural::from_digits(text.as_bytes())
    }

    #[test]
    fn writes_what_it_reads() {
        for text in ["0", "1", "18446744073709551616", "340282366920938463463374607431768211456000000000000000000001"] {
            assert_eq!(n(text).to_string(), text);
        }
        assert_eq!(Natural::power_of_ten(40).to_string(), format!("1{}", "0".repeat(40)));
    }

    #[test]
    fn operations() {
        let (a, b) = (n("123456789012345678901234567890"), n("987654321098765432109876543210987654321"));
        assert_eq!(
            a.times_natural(&b).to_string(),
            "121932631137021795226185032733744855963362292333223746380111126352690"
        );
        assert_eq!(a.plus(&b).to_string(), "987654321222222221122222222112222222211");
        assert_eq!(b.difference(&a).0.to_string(), "987654320975308643097530864309753086431");
        assert_eq!(a.difference(&b), (b.difference(&a).0, true));
        assert_eq!(a.shifted(65), a.times(1 << 33).times(1 << 32));
    }

    #[test]
    fn quotients_are_what_a_correct_parser_reads() {
        // Every text below is a decimal quotient, so std's parser, which rounds correctly, is the oracle.
        let mut seed = 1u64;
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let digits = (seed >> 3).to_string();
            let zeros = (seed >> 7) as u32 % 345;
            let expected: f64 = format!("{digits}e-{zeros}").parse().unwrap();
            assert_eq!(quotient(&n(&digits), &Natural::power_of_ten(zeros)), expected, "{digits}e-{zeros}");
            let zeros = zeros % 290;
            let expected: f64 = format!("{digits}e{zeros}").parse().unwrap();
            let large = n(&digits).times_natural(&Natural::power_of_ten(zeros));
            assert_eq!(quotient(&large, &Natural::from(1)), expected, "{digits}e{zeros}");
        }
        for text in ["5e-324", "2.4703282292062328e-324", "2.2250738585072014e-308", "1.7976931348623157e308"] {
            let value: f64 = text.parse().unwrap();
            let (digits, exponent) = text.split_once('e').unwrap();
            let exponent: i32 = exponent.parse().unwrap();
            let places = digits.len().saturating_sub(2) as i32;
            let digits = n(&digits.replace('.', ""));
            let power = Natural::power_of_ten((exponent - places).unsigned_abs());
            let got = if exponent < 0 {
                quotient(&digits, &power)
            } else {
                quotient(&digits.times_natural(&power), &Natural::from(1))
            };
            assert_eq!(got, value, "{text}");
        }
        assert_eq!(quotient(&Natural::power_of_ten(400), &Natural::from(3)), f64::INFINITY);
    }

    #[test]
    fn roots() {
        for value in 1..5000u128 {
            assert_eq!(root(&Natural::from(value), &Natural::from(1)), (value as f64).sqrt());
            assert_eq!(root(&Natural::from(value * value), &Natural::from(49)), value as f64 / 7.0);
        }
        let huge = Natural::power_of_ten(600);
        assert_eq!(root(&huge, &Natural::from(1)), 1e300);
        assert_eq!(root(&Natural::from(1), &huge), 1e-300);
    }
}
