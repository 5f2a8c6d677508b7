//! An exact decimal of any length: what sums and sums of squares of samples come to.
//!
//! Owns their arithmetic, their text in a state, and what is rounded once from them (a mean, a deviation, a value between two
//! samples). Refuses floating point until that last step.

use crate::natural::{Natural, quotient, root};
use crate::{Number, Sample};

/// An exact decimal of any length: `digits * 10^exponent`, without trailing zeros.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Total {
    negative: bool,
    digits: Natural,
    exponent: i32,
}

impl Total {
    /// `digits * 10^exponent`, with its sign.
    pub fn new(negative: bool, digits: Natural, exponent: i32) -> Total {
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
    pub fn of(one: Sample) -> Total {
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
        let point = digits.len() as i32 + self.exponent;
        let is_short = digits.len() <= 40 && point <= 40 && self.exponent >= -40;
        if is_short {
            Some(Number::of_digits(self.negative, &digits, self.exponent))
        } else {
            self.over(&Natural::from(1))
        }
    }

    /// The sum.
    pub fn plus(&self, other: &Total) -> Total {
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
    pub fn between(low: Sample, high: Sample, above: u128, parts: u128) -> Option<Number<'static>> {
        let weigh = |one: Sample, weight: u128| {
            let total = Total::of(one);
            Total::new(total.negative, total.digits.times_natural(&Natural::from(weight)), total.exponent)
        };
        weigh(low, parts - above).plus(&weigh(high, above)).over(&Natural::from(parts))
    }
}
