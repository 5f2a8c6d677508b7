//! Sums and sums of squares, exact, so that no order of the samples changes a bit of the mean or the deviation.
//!
//! Owns the accumulators: one a power of ten, in integers wide enough never to overflow. What is rounded once from them is
//! [`Total`]'s.

use std::collections::BTreeMap;

use number::Total;
use number::natural::Natural;

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

#[cfg(test)]
mod tests {
    use number::Sample;

    use super::*;

    fn totals(texts: &[&str]) -> (Total, Total) {
        let mut moments = Moments::default();
        for text in texts {
            let one = Sample::parse(text.as_bytes()).unwrap();
            moments.add(one.mantissa(), one.exponent(), 1);
        }
        moments.totals()
    }

    #[test]
    fn sums_are_decimal_and_exact() {
        let (sum, squares) = totals(&["0.1", "0.2", "1e300", "-1e300"]);
        assert_eq!(sum.text(), "3e-1");
        assert_eq!(sum.number().unwrap().as_str(), "0.3");
        assert_eq!(squares.text().split('e').next().unwrap().len(), 603);
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
        assert_eq!(squares, Total::new(false, one.times(u64::MAX >> 2).times(2), 0));
    }
}
