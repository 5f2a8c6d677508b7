//! Sums and sums of squares, exact, so that no order of the samples changes a bit of the mean or the deviation.
//!
//! Owns the accumulators (one a power of ten, in integers wide enough never to overflow) and what is rounded once
//! from them. Refuses floating point until the last step.

use std::collections::BTreeMap;

use schema::Number;

use crate::stats::biguint::{Natural, quotient, root};
use crate::stats::decimal::Decimal;

/// An exact decimal of any length: `digits * 10^exponent`, without trailing zeros.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Total {
    negative: bool,
    digits: Natural,
    exponent: i32,
}

/// The sum and the sum of squares of samples of one power of ten.
#[derive(Clone, Copy, Debug, Default)]
struct Column {
    sum: i128,
    /// The squares' sum is `high * 2^128 + low`.
    high: u128,
    low: u128,
}

/// Sums while samples come in.
#[derive(Clone, Debug, Default)]
pub struct Moments {
    columns: BTreeMap<i16, Column>,
    sum: Total,
    squares: Total,
}

impl Moments {
    /// Takes in `count` samples of `mantissa * 10^exponent`; all counts together stay below 2^63.
    pub fn add(&mut self, mantissa: i64, exponent: i16, count: u64) {
        let column = self.columns.entry(exponent).or_default();
        column.sum += i128::from(mantissa) * i128::from(count);
        let square = u128::from(mantissa.unsigned_abs()).pow(2);
        let upper = (square >> 64) * u128::from(count);
        let lower = (square & u128::from(u64::MAX)) * u128::from(count);
        for (low, high) in [(lower, 0), (upper << 64, upper >> 64)] {
            let (sum, carried) = column.low.overflowing_add(low);
            column.low = sum;
            column.high += high + u128::from(carried);
        }
    }

    /// Takes in sums of samples that share a power of ten, made elsewhere.
    pub fn add_sums(&mut self, sum: i128, squares: u128, exponent: i16) {
        let column = self.columns.entry(exponent).or_default();
        column.sum += sum;
        let (low, carried) = column.low.overflowing_add(squares);
        column.low = low;
        column.high += u128::from(carried);
    }

    /// Takes in the sums of other samples.
    pub fn merge(&mut self, sum: &Total, squares: &Total) {
        self.sum = self.sum.plus(sum);
        self.squares = self.squares.plus(squares);
    }

    /// The sum and the sum of squares of all samples so far.
    pub fn totals(&self) -> (Total, Total) {
        let (mut sum, mut squares) = (self.sum.clone(), self.squares.clone());
        for (&exponent, column) in &self.columns {
            let digits = Natural::from(column.sum.unsigned_abs());
            sum = sum.plus(&Total::new(column.sum < 0, digits, i32::from(exponent)));
            let square = Natural::from(column.high).shifted(128).plus(&Natural::from(column.low));
            squares = squares.plus(&Total::new(false, square, 2 * i32::from(exponent)));
        }
        (sum, squares)
    }
}

impl Total {
    fn new(negative: bool, digits: Natural, exponent: i32) -> Total {
        if digits.is_zero() {
            return Total::default();
        }
        let text = digits.to_string();
        let zeros = text.len() - text.trim_end_matches('0').len();
        if zeros == 0 {
            return Total { negative, digits, exponent };
        }
        let kept = text.get(..text.len() - zeros).unwrap_or_default();
        Total { negative, digits: Natural::from_digits(kept.as_bytes()), exponent: exponent + zeros as i32 }
    }

    /// The total of one sample.
    pub fn of(one: Decimal) -> Total {
        let digits = Natural::from(u128::from(one.mantissa().unsigned_abs()));
        Total::new(one.mantissa() < 0, digits, i32::from(one.exponent()))
    }

    /// Reads what [`Total::text`] writes; `None` where that is not it, or beyond what sums of samples come to.
    pub fn parse(text: &str) -> Option<Total> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (digits, exponent) = digits.split_once('e').unwrap_or((digits, "0"));
        let exponent: i32 = exponent.parse().ok().filter(|exponent: &i32| exponent.abs() <= 2000)?;
        let plain = !digits.is_empty() && digits.len() <= 4000 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| Total::new(negative, Natural::from_digits(digits.as_bytes()), exponent))
    }

    /// The one text of this total: digits, and `eN` where a power of ten is left.
    pub fn text(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let power = if self.exponent == 0 { String::new() } else { format!("e{}", self.exponent) };
        format!("{sign}{}{power}", self.digits)
    }

    /// The total as a JSON number with every digit, where it has at most 40; else the double nearest to it.
    pub fn number(&self) -> Option<Number<'static>> {
        let digits = self.digits.to_string();
        let sign = if self.negative { "-" } else { "" };
        let point = digits.len() as i32 + self.exponent;
        let text = match (self.exponent, point) {
            (0.., ..=40) => format!("{sign}{digits}{}", "0".repeat(self.exponent as usize)),
            (-40..0, 1..=40) => {
                let (whole, fraction) = digits.split_at(point as usize);
                format!("{sign}{whole}.{fraction}")
            }
            (-40..0, -5..=0) => format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
            _ => return self.over(&Natural::from(1)),
        };
        Number::parse(text)
    }

    fn plus(&self, other: &Total) -> Total {
        if self.digits.is_zero() || other.digits.is_zero() {
            return if self.digits.is_zero() { other.clone() } else { self.clone() };
        }
        let exponent = self.exponent.min(other.exponent);
        let (left, right) = (self.at(exponent), other.at(exponent));
        if self.negative == other.negative {
            return Total::new(self.negative, left.plus(&right), exponent);
        }
        let (digits, swapped) = left.difference(&right);
        Total::new(self.negative != swapped, digits, exponent)
    }

    /// The digits at a power of ten that is not above this one's.
    fn at(&self, exponent: i32) -> Natural {
        self.digits.times_natural(&Natural::power_of_ten((self.exponent - exponent).unsigned_abs()))
    }

    /// The number divided by `parts`: exact where it is whole, else the nearest double.
    fn over(&self, parts: &Natural) -> Option<Number<'static>> {
        let power = Natural::power_of_ten(self.exponent.unsigned_abs());
        let (above, below) = if self.exponent < 0 {
            (self.digits.clone(), parts.times_natural(&power))
        } else {
            (self.digits.times_natural(&power), parts.clone())
        };
        if let (Some(above), Some(below)) = (above.to_u128(), below.to_u128())
            && above % below == 0
            && let Ok(whole) = i64::try_from(above / below)
        {
            return Some(Number::from(if self.negative { -whole } else { whole }));
        }
        let size = quotient(&above, &below);
        Number::from_f64(if self.negative { -size } else { size })
    }

    /// The mean of `count` samples that come to this: exact where it is whole, else the nearest double.
    pub fn mean(&self, count: u64) -> Option<Number<'static>> {
        if count == 0 { None } else { self.over(&Natural::from(u128::from(count))) }
    }

    /// The standard deviation of a sample of `count` with this sum (n - 1 below): the nearest double.
    ///
    /// `None` for fewer than two samples.
    pub fn deviation(&self, squares: &Total, count: u64) -> Option<Number<'static>> {
        if count < 2 {
            return None;
        }
        // (n Q - S S) / (n (n - 1)), all of it exact.
        let square = Total::new(false, self.digits.times_natural(&self.digits), 2 * self.exponent);
        let scaled = Total::new(false, squares.digits.times(count), squares.exponent);
        let spread = scaled.plus(&Total { negative: !square.digits.is_zero(), ..square });
        let below = Natural::from(u128::from(count) * u128::from(count - 1));
        let power = Natural::power_of_ten(spread.exponent.unsigned_abs());
        let size = if spread.exponent < 0 {
            root(&spread.digits, &below.times_natural(&power))
        } else {
            root(&spread.digits.times_natural(&power), &below)
        };
        Number::from_f64(size)
    }

    /// `low + (high - low) * above / parts`, between two samples: exact where it is whole, else the nearest double.
    pub fn between(low: Decimal, high: Decimal, above: u128, parts: u128) -> Option<Number<'static>> {
        let weigh = |one: Decimal, weight: u128| {
            let total = Total::of(one);
            Total::new(total.negative, total.digits.times_natural(&Natural::from(weight)), total.exponent)
        };
        weigh(low, parts - above).plus(&weigh(high, above)).over(&Natural::from(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(texts: &[&str]) -> (Total, Total) {
        let mut moments = Moments::default();
        for text in texts {
            let one = Decimal::parse(text.as_bytes()).unwrap();
            moments.add(one.mantissa(), one.exponent(), 1);
        }
        moments.totals()
    }

    #[test]
    fn sums_are_decimal_and_exact() {
        let (sum, squares) = totals(&["0.1", "0.2", "1e300", "-1e300"]);
        assert_eq!(sum.text(), "3e-1");
        assert_eq!(sum.number().unwrap().as_str(), "0.3");
        assert_eq!(squares.digits.to_string().len(), 603);
        assert_eq!(totals(&["9223372036854775807", "1"]).0.mean(2).unwrap().as_str(), "4611686018427387904");
        for text in ["0", "-123", "12345678901234567890123456789e-7", "5e300"] {
            assert_eq!(Total::parse(text).unwrap().text(), text);
        }
        assert_eq!(Total::parse("1.5"), None);
        assert_eq!(Total::parse("1e9999"), None);
    }

    #[test]
    fn deviation_of_what_doubles_cancel() {
        let (sum, squares) = totals(&["1000000000.1", "1000000000.2", "1000000000.3"]);
        assert_eq!(sum.deviation(&squares, 3).unwrap().as_str(), "0.1");
        assert_eq!(sum.mean(3).unwrap().as_str(), "1000000000.2");
        let (sum, squares) = totals(&["1e-300", "1", "1e300", "1.7e308"]);
        assert!(sum.deviation(&squares, 4).unwrap().to_f64().unwrap() > 8e307);
        let (sum, squares) = totals(&["7"]);
        assert_eq!(sum.deviation(&squares, 1), None);
        let (sum, squares) = totals(&["7", "7"]);
        assert_eq!(sum.deviation(&squares, 2).unwrap().as_str(), "0");
    }

    #[test]
    fn squares_carry() {
        let mut moments = Moments::default();
        moments.add(i64::MAX, 0, u64::MAX >> 2);
        moments.add(i64::MIN + 1, 0, u64::MAX >> 2);
        let (sum, squares) = moments.totals();
        assert_eq!(sum.text(), "0");
        let one = Natural::from(u128::from(i64::MAX as u64).pow(2));
        assert_eq!(squares.at(0), one.times(u64::MAX >> 2).times(2));
    }
}
