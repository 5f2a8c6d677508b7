//! A sum that is exact whatever is added in whatever order.
//!
//! Owns the digits between the largest and the smallest power of ten seen (at most some 2,000 of them, see
//! `EXPONENT_LIMIT`). Refuses to overflow before the end: only what the sum comes to must fit 38 digits.

use crate::{Decimal, Fixed};

/// Nine digits a limb.
const BASE: i64 = 1_000_000_000;
const DIGITS: i32 = 9;
/// Each addition changes a limb by less than twice the base, so that so many fit an `i64`.
const ADDITIONS: u32 = 1 << 30;

/// More digits than this no sum of decimals has.
const MOST_DIGITS: usize = 4000;

/// An exact running sum of decimals.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    /// Least significant first; each may hold many carries of either sign.
    limbs: Vec<i64>,
    /// The power of 10^9 of the first limb.
    lowest: i32,
    additions: u32,
    /// Short numbers that are not in the limbs yet.
    short: Fixed,
}

impl Sum {
    /// Adds a number.
    pub fn add(&mut self, number: Decimal) {
        if number.is_zero() {
            return;
        }
        let place = number.exponent().div_euclid(DIGITS);
        let scale = 10i64.pow(number.exponent().rem_euclid(DIGITS).unsigned_abs());
        let negative = number.signum() < 0;
        let mut digits = number.digits().unsigned_abs();
        let mut at = self.reach(place, 6);
        while digits > 0 {
            let limb = (digits % BASE as u128) as i64 * scale;
            digits /= BASE as u128;
            for part in [limb % BASE, limb / BASE] {
                if let Some(limb) = self.limbs.get_mut(at) {
                    *limb += if negative { -part } else { part };
                }
                at += 1;
            }
            at -= 1;
        }
        self.additions += 1;
        if self.additions >= ADDITIONS {
            self.carry();
        }
    }

    /// Adds a short number.
    #[inline]
    pub fn add_fixed(&mut self, number: Fixed) {
        let total = self
            .short
            .aligned(number)
            .and_then(|(a, b, places)| a.checked_add(b).map(|digits| Fixed { digits, places }));
        match total {
            Some(total) => self.short = total,
            None => {
                self.settle();
                self.short = number;
            }
        }
    }

    /// Takes the short numbers into the limbs.
    fn settle(&mut self) {
        let Fixed { digits, places } = std::mem::take(&mut self.short);
        if let Some(number) = Decimal::new(i128::from(digits), -(places as i32)) {
            self.add(number);
        }
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Sum) {
        let mut other = other.clone();
        other.settle();
        other.carry();
        self.carry();
        let at = self.reach(other.lowest, other.limbs.len() + 1);
        for (limb, more) in self.limbs.iter_mut().skip(at).zip(&other.limbs) {
            *limb += more;
        }
        self.additions += 1;
    }

    /// What it comes to; `None` past 38 digits.
    pub fn total(&self) -> Option<Decimal> {
        let (negative, digits, exponent) = self.digits();
        if digits.is_empty() {
            return Some(Decimal::ZERO);
        }
        if digits.len() > 38 {
            return None;
        }
        let value: i128 = digits.parse().ok()?;
        Decimal::new(if negative { -value } else { value }, exponent)
    }

    /// All of its digits as `-123e-4`: the same whatever was added in whatever order.
    pub fn text(&self) -> String {
        let (negative, digits, exponent) = self.digits();
        if digits.is_empty() {
            return "0".to_owned();
        }
        format!("{}{digits}e{exponent}", if negative { "-" } else { "" })
    }

    /// Reads what [`Sum::text`] writes.
    pub fn parse(text: &str) -> Option<Sum> {
        let mut sum = Sum::default();
        if text == "0" {
            return Some(sum);
        }
        let (digits, exponent) = text.split_once('e')?;
        let (negative, digits) = digits.strip_prefix('-').map_or((false, digits), |digits| (true, digits));
        let exponent: i32 = exponent.parse().ok()?;
        if digits.is_empty() || digits.len() > MOST_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        for (place, chunk) in digits.as_bytes().rchunks(36).enumerate() {
            let value: i128 = std::str::from_utf8(chunk).ok()?.parse().ok()?;
            let exponent = exponent.checked_add(i32::try_from(36 * place).ok()?)?;
            sum.add(Decimal::new(if negative { -value } else { value }, exponent)?);
        }
        Some(sum)
    }

    /// The sign, the digits without zeros at either end, and the power of ten of the last.
    fn digits(&self) -> (bool, String, i32) {
        let mut sum = self.clone();
        sum.settle();
        sum.carry();
        let negative = sum.limbs.iter().rev().find(|limb| **limb != 0).is_some_and(|limb| *limb < 0);
        if negative {
            for limb in &mut sum.limbs {
                *limb = -*limb;
            }
            sum.carry();
        }
        // Every limb but the last is now from 0 to 999,999,999, and the last is not below 0.
        let mut text = String::new();
        for limb in sum.limbs.iter().rev() {
            text.push_str(&format!("{limb:09}"));
        }
        let text = text.trim_start_matches('0');
        let digits = text.trim_end_matches('0');
        (negative, digits.to_owned(), sum.lowest * DIGITS + (text.len() - digits.len()) as i32)
    }

    /// Makes room for so many limbs from `place` on; gives where they begin.
    fn reach(&mut self, place: i32, count: usize) -> usize {
        if self.limbs.is_empty() {
            self.lowest = place;
        }
        if place < self.lowest {
            let more = self.lowest.abs_diff(place) as usize;
            self.limbs.splice(0..0, std::iter::repeat_n(0, more));
            self.lowest = place;
        }
        let at = self.lowest.abs_diff(place) as usize;
        if self.limbs.len() < at + count {
            self.limbs.resize(at + count, 0);
        }
        at
    }

    /// Brings every limb but the last into 0 .. 10^9.
    fn carry(&mut self) {
        let mut carry = 0;
        for limb in &mut self.limbs {
            let whole = *limb + carry;
            *limb = whole.rem_euclid(BASE);
            carry = whole.div_euclid(BASE);
        }
        match self.limbs.last_mut() {
            // The last limb takes its own carry back, sign and all, while it fits; else the sum grows by one.
            Some(last) if carry == -1 => *last -= BASE,
            _ if carry != 0 => self.limbs.push(carry),
            _ => {}
        }
        self.additions = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(texts: &[&str]) -> Option<String> {
        let mut sum = Sum::default();
        for text in texts {
            sum.add(Decimal::parse(text).unwrap());
        }
        sum.total().map(|total| total.to_string())
    }

    #[test]
    fn sums() {
        assert_eq!(sum(&[]).as_deref(), Some("0"));
        assert_eq!(sum(&["0.1", "0.2"]).as_deref(), Some("0.3"));
        assert_eq!(sum(&["-5", "3"]).as_deref(), Some("-2"));
        assert_eq!(sum(&["1e300", "1", "-1e300"]).as_deref(), Some("1"));
        assert_eq!(sum(&["1e-300", "-1e300", "1e300", "-1e-300"]).as_deref(), Some("0"));
        assert_eq!(sum(&["1e30", "1e-30"]), None);
        assert_eq!(sum(&["-999999999", "-1"]).as_deref(), Some("-1000000000"));
        assert_eq!(sum(&["99999999999999999999999999999999999999", "1"]).as_deref(), Some("1e38"));
    }

    #[test]
    fn order_and_parts_do_not_matter() {
        let mut random = testkit::Random::new(5);
        for _ in 0..300 {
            let mut numbers: Vec<Decimal> = (0..random.below(40))
                .map(|_| {
                    let digits = random.bits() as i64 as i128 * (1 + random.below(1_000_000) as i128);
                    Decimal::new(digits, random.below(50) as i32 - 25).unwrap()
                })
                .collect();
            let of = |numbers: &[Decimal]| {
                let mut sum = Sum::default();
                numbers.iter().for_each(|number| sum.add(*number));
                sum
            };
            let whole = of(&numbers).total();
            random.shuffle(&mut numbers);
            assert_eq!(of(&numbers).total(), whole);
            let (left, right) = numbers.split_at(random.below(numbers.len() + 1));
            let mut merged = of(left);
            merged.merge(&of(right));
            assert_eq!(merged.total(), whole);
            let slow = numbers.iter().try_fold(Decimal::ZERO, |sum, number| sum.plus(*number));
            if let Some(slow) = slow {
                assert_eq!(whole, Some(slow));
            }
        }
    }
}
