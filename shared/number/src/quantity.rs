//! Exact quotients: what a sum, a product or a division comes to, kept as a pair of decimals.
//!
//! Owns division and the printing of what does not end. Refuses to round before a comparison: pairs are compared
//! crosswise, and what does not fit 38 digits is `None` (`overflow`).

use std::cmp::Ordering;

use crate::decimal::write_digits;
use crate::{Decimal, Number};

/// How many digits a quotient that does not end is written with in a document.
pub const WIRE_DIGITS: usize = 17;
/// How many it is written with for people.
pub const TEXT_DIGITS: usize = 6;

/// An exact number: a decimal divided by a decimal above zero.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    top: Decimal,
    bottom: Decimal,
}

impl Quantity {
    /// The decimal itself.
    pub fn new(decimal: Decimal) -> Quantity {
        Quantity { top: decimal, bottom: Decimal::ONE }
    }

    /// The decimal it is, where it is one that ends within 38 digits.
    pub fn as_decimal(self) -> Option<Decimal> {
        (self.bottom == Decimal::ONE).then_some(self.top)
    }

    /// The two decimals it is the quotient of, in lowest terms, the second above zero.
    pub fn parts(self) -> (Decimal, Decimal) {
        (self.top, self.bottom)
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.top.is_zero()
    }

    /// -1, 0 or 1.
    pub fn signum(self) -> i32 {
        self.top.signum()
    }

    /// Without its sign.
    pub fn abs(self) -> Quantity {
        Quantity { top: self.top.abs(), bottom: self.bottom }
    }

    /// The sum; `None` past 38 digits.
    pub fn plus(self, other: Quantity) -> Option<Quantity> {
        if self.bottom == other.bottom {
            return Quantity::of(self.top.plus(other.top)?, self.bottom);
        }
        let top = self.top.times(other.bottom)?.plus(other.top.times(self.bottom)?)?;
        Quantity::of(top, self.bottom.times(other.bottom)?)
    }

    /// The difference; `None` past 38 digits.
    pub fn minus(self, other: Quantity) -> Option<Quantity> {
        self.plus(-other)
    }

    /// The product; `None` past 38 digits.
    pub fn times(self, other: Quantity) -> Option<Quantity> {
        Quantity::of(self.top.times(other.top)?, self.bottom.times(other.bottom)?)
    }

    /// The quotient; `None` past 38 digits and for a divisor of zero.
    pub fn divided_by(self, other: Quantity) -> Option<Quantity> {
        Quantity::of(self.top.times(other.bottom)?, self.bottom.times(other.top)?)
    }

    /// Which is greater; `None` where the crosswise products do not fit.
    pub fn compare(self, other: Quantity) -> Option<Ordering> {
        if self.bottom == other.bottom {
            return Some(self.top.cmp(&other.top));
        }
        if self.signum() != other.signum() {
            return Some(self.signum().cmp(&other.signum()));
        }
        Some(self.top.times(other.bottom)?.cmp(&other.top.times(self.bottom)?))
    }

    /// The whole number at or below it; `None` past 38 digits.
    pub fn floor(self) -> Option<Decimal> {
        if let Some(decimal) = self.as_decimal() {
            return Some(decimal.floor_to(0));
        }
        let shift = self.top.exponent() - self.bottom.exponent();
        let scale = 10i128.checked_pow(shift.unsigned_abs());
        let (top, bottom) = (self.top.digits(), self.bottom.digits());
        let whole = if shift >= 0 {
            top.checked_mul(scale?)?.div_euclid(bottom)
        } else {
            // A divisor past 38 digits leaves nothing but the sign.
            scale
                .and_then(|scale| bottom.checked_mul(scale))
                .map_or(if top < 0 { -1 } else { 0 }, |bottom| top.div_euclid(bottom))
        };
        Decimal::new(whole, 0)
    }

    /// The number, exact where it ends, else with so many significant digits, the last one rounded.
    pub fn to_number(self, digits: usize) -> Number<'static> {
        Number::parse(self.text(digits)).unwrap_or_else(|| Number::from(0u64))
    }

    fn text(self, digits: usize) -> String {
        if let Some(decimal) = self.as_decimal() {
            return decimal.to_string();
        }
        let (top, bottom) = (self.top.digits().unsigned_abs(), self.bottom.digits().unsigned_abs());
        let mut rest = top % bottom;
        let mut written: Vec<u8> = match top / bottom {
            0 => Vec::new(),
            whole => whole.to_string().into_bytes(),
        };
        let mut exponent = self.top.exponent() - self.bottom.exponent();
        while written.len() <= digits.max(1) && rest != 0 {
            let digit;
            (digit, rest) = next_digit(rest, bottom);
            if digit > 0 || !written.is_empty() {
                written.push(b'0' + digit);
            }
            exponent -= 1;
        }
        exponent += round(&mut written, digits.max(1));
        let mut out = String::new();
        let text = String::from_utf8(written).unwrap_or_default();
        // Writing into a String does not fail.
        let _ = write_digits(self.signum() < 0, &text, exponent, &mut out);
        out
    }

    /// Both as texts for people that stand in the order of the numbers: as many digits as that takes.
    pub fn texts_apart(self, other: Quantity) -> (String, String) {
        self.apart(other, TEXT_DIGITS)
    }

    /// Both as numbers for a document that stand in the order of the numbers.
    pub fn numbers_apart(self, other: Quantity) -> (Number<'static>, Number<'static>) {
        let (a, b) = self.apart(other, WIRE_DIGITS);
        let number = |text| Number::parse(text).unwrap_or_else(|| Number::from(0u64));
        (number(a), number(b))
    }

    fn apart(self, other: Quantity, least: usize) -> (String, String) {
        let order = self.compare(other);
        // Two quotients of 38 digits differ within 77.
        for digits in least..80 {
            let (a, b) = (self.text(digits), other.text(digits));
            let shown = match (Decimal::parse(&a), Decimal::parse(&b)) {
                (Some(a), Some(b)) => Some(a.cmp(&b)),
                _ if a == b => Some(Ordering::Equal),
                _ => order,
            };
            if shown == order {
                return (a, b);
            }
        }
        (self.text(least), other.text(least))
    }

    /// In lowest form: the divisor above zero, a decimal where it ends.
    fn of(top: Decimal, bottom: Decimal) -> Option<Quantity> {
        if bottom == Decimal::ONE {
            return Some(Quantity { top, bottom });
        }
        if bottom.is_zero() {
            return None;
        }
        if top.is_zero() {
            return Some(Quantity::new(Decimal::ZERO));
        }
        let (top, bottom) = if bottom.signum() < 0 { (-top, -bottom) } else { (top, bottom) };
        let common = greatest_common_divisor(top.digits().unsigned_abs(), bottom.digits().unsigned_abs());
        let common = i128::try_from(common).ok()?;
        let (mut a, mut b) = (top.digits() / common, bottom.digits() / common);
        let mut exponent = top.exponent() - bottom.exponent();
        // A divisor of only twos and fives ends: each is turned into a ten.
        let (mut twos, mut fives, mut left) = (0u32, 0u32, b);
        while left % 2 == 0 {
            (left, twos) = (left / 2, twos + 1);
        }
        while left % 5 == 0 {
            (left, fives) = (left / 5, fives + 1);
        }
        if left == 1
            && let Some(by) =
                if twos > fives { 5i128.checked_pow(twos - fives) } else { 2i128.checked_pow(fives - twos) }
            && let Some(scaled) = a.checked_mul(by)
        {
            (a, b) = (scaled, 1);
            exponent -= twos.max(fives) as i32;
        }
        Some(Quantity { top: Decimal::new(a, exponent)?, bottom: Decimal::new(b, 0)? })
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Quantity) -> bool {
        self.compare(*other) == Some(Ordering::Equal)
    }
}

impl From<Decimal> for Quantity {
    fn from(decimal: Decimal) -> Quantity {
        Quantity::new(decimal)
    }
}

impl std::ops::Neg for Quantity {
    type Output = Quantity;

    fn neg(self) -> Quantity {
        Quantity { top: -self.top, bottom: self.bottom }
    }
}

/// The next digit of `rest / bottom` and what is left; ten times the rest need not fit, so it is added up.
fn next_digit(rest: u128, bottom: u128) -> (u8, u128) {
    let (mut digit, mut sum) = (0, 0);
    for _ in 0..10 {
        sum += rest;
        if sum >= bottom {
            sum -= bottom;
            digit += 1;
        }
    }
    (digit, sum)
}

/// Rounds the digits half up to so many, without zeros at the end; gives the power of ten that was taken off.
fn round(digits: &mut Vec<u8>, keep: usize) -> i32 {
    let mut power = 0;
    if digits.len() > keep {
        power = (digits.len() - keep) as i32;
        let up = digits.get(keep).is_some_and(|digit| *digit >= b'5');
        digits.truncate(keep);
        if up {
            while digits.last() == Some(&b'9') {
                digits.pop();
                power += 1;
            }
            match digits.last_mut() {
                Some(digit) => *digit += 1,
                None => digits.push(b'1'),
            }
        }
    }
    while digits.len() > 1 && digits.last() == Some(&b'0') {
        digits.pop();
        power += 1;
    }
    power
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(text: &str) -> Quantity {
        Quantity::new(Decimal::parse(text).unwrap())
    }

    fn over(a: &str, b: &str) -> Quantity {
        q(a).divided_by(q(b)).unwrap()
    }

    #[test]
    fn quotients_that_end_are_decimals() {
        for (a, b, printed) in
            [("1", "4", "0.25"), ("61", "64", "0.953125"), ("-3", "0.5", "-6"), ("1e3", "8", "125"), ("6", "3", "2")]
        {
            assert_eq!(over(a, b).as_decimal().unwrap().to_string(), printed);
        }
    }

    #[test]
    fn quotients_that_do_not_end() {
        assert_eq!(over("1", "3").text(6), "0.333333");
        assert_eq!(over("2", "3").text(6), "0.666667");
        assert_eq!(over("-2000", "3").text(6), "-666.667");
        assert_eq!(over("1", "3000").text(3), "0.000333");
        assert_eq!(over("2999999", "3").text(6), "1000000");
        assert_eq!(over("2999999", "3").text(17), "999999.66666666667");
        assert_eq!(over("1e30", "7").text(6), "1.42857e29");
        assert_eq!(over("1", "3").times(q("3")).unwrap(), q("1"));
        assert_eq!(over("1", "3").plus(over("1", "6")).unwrap(), q("0.5"));
        assert_eq!(over("1", "3").compare(q("0.33333333333333333")), Some(Ordering::Greater));
        assert_eq!(q("1").divided_by(q("0")).map(|q| q.text(3)), None);
    }

    #[test]
    fn numbers_that_differ_never_look_equal() {
        assert_eq!(
            over("1", "3").texts_apart(q("0.3333333333")),
            ("0.33333333333".to_owned(), "0.3333333333".to_owned())
        );
        assert_eq!(over("2", "3").texts_apart(q("0.666667")), ("0.6666667".to_owned(), "0.666667".to_owned()));
    }

    #[test]
    fn floors() {
        assert_eq!(over("7", "3").floor().unwrap().to_string(), "2");
        assert_eq!(over("-7", "3").floor().unwrap().to_string(), "-3");
        assert_eq!(over("7e5", "3").floor().unwrap().to_string(), "233333");
        assert_eq!(over("7e-50", "3").floor().unwrap().to_string(), "0");
    }
}
