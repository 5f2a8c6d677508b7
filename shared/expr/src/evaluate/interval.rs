//! A number that is not known but lies between two limits: what `low` and `high` of an unknown path say.
//!
//! Owns the exact arithmetic of such limits, and the three-valued comparison: an answer that is the same for every number
//! in between is known. Refuses everything that would widen the limits: that is plainly unknown.

use std::cmp::Ordering;

use schema::Code;

use crate::language::syntax::Comparison;
use crate::{Decimal, Quantity};

/// Limits of a number, both inclusive; an absent one is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interval {
    pub low: Option<Quantity>,
    pub high: Option<Quantity>,
    /// Why it is not known.
    pub code: Code,
    /// What was computed from what could be read, where that is a number.
    pub shown: Option<Quantity>,
}

impl Interval {
    /// A number that is known, beside one that is not.
    pub(crate) fn exactly(number: Quantity, code: Code) -> Interval {
        Interval { low: Some(number), high: Some(number), code, shown: Some(number) }
    }

    /// Nothing is known but why.
    pub(crate) fn unlimited(code: Code) -> Interval {
        Interval { low: None, high: None, code, shown: None }
    }

    pub(crate) fn is_unlimited(&self) -> bool {
        self.low.is_none() && self.high.is_none()
    }

    /// Applies a step that keeps the order of numbers, or turns it.
    fn map(self, turns: bool, step: impl Fn(Quantity) -> Option<Quantity>) -> Interval {
        // A limit past 38 digits is none.
        let (low, high) = (self.low.and_then(&step), self.high.and_then(&step));
        let (low, high) = if turns { (high, low) } else { (low, high) };
        Interval { low, high, shown: self.shown.and_then(&step), ..self }
    }

    pub(crate) fn negated(self) -> Interval {
        self.map(true, |number| Some(-number))
    }

    pub(crate) fn plus(self, other: Interval) -> Interval {
        let both = |a: Option<Quantity>, b: Option<Quantity>| a?.plus(b?);
        Interval {
            low: both(self.low, other.low),
            high: both(self.high, other.high),
            shown: both(self.shown, other.shown),
            ..self
        }
    }

    /// Times a known factor; times zero nothing is left of the limits, and nothing is known.
    pub(crate) fn times(self, factor: Quantity) -> Interval {
        match factor.signum() {
            0 => Interval::unlimited(self.code),
            sign => self.map(sign < 0, |number| number.times(factor)),
        }
    }

    /// Divided by a known number that is not zero.
    pub(crate) fn divided_by(self, divisor: Quantity) -> Interval {
        match divisor.signum() {
            0 => Interval::unlimited(self.code),
            sign => self.map(sign < 0, |number| number.divided_by(divisor)),
        }
    }

    /// The greatest of two numbers, of which one at least is not known.
    pub(crate) fn greatest(self, other: Interval) -> Interval {
        Interval {
            low: pick(self.low, other.low, Ordering::Greater),
            high: self.high.zip(other.high).and_then(|(a, b)| pick(Some(a), Some(b), Ordering::Greater)),
            shown: self.shown.zip(other.shown).and_then(|(a, b)| pick(Some(a), Some(b), Ordering::Greater)),
            ..self
        }
    }

    /// The least of two numbers, of which one at least is not known.
    pub(crate) fn least(self, other: Interval) -> Interval {
        self.negated().greatest(other.negated()).negated()
    }

    /// What holds every number of both.
    pub(crate) fn and(self, other: Interval) -> Interval {
        let both =
            |a: Option<Quantity>, b: Option<Quantity>, wins| a.zip(b).and_then(|(a, b)| pick(Some(a), Some(b), wins));
        Interval {
            low: both(self.low, other.low, Ordering::Less),
            high: both(self.high, other.high, Ordering::Greater),
            ..self
        }
    }

    /// Compares every number within with every number within another: what all of them answer, else why it is unknown.
    pub(crate) fn compare(self, operator: Comparison, other: Interval) -> Result<bool, Code> {
        let below = |a: Option<Quantity>, b: Option<Quantity>| match (a, b) {
            (Some(a), Some(b)) => a.compare(b).ok_or(Code::Overflow).map(Some),
            _ => Ok(None),
        };
        // How the greatest here compares with the least there, and the other way round.
        let (top, bottom) = (below(self.high, other.low)?, below(self.low, other.high)?);
        let (less, at_most) = (top.map(Ordering::is_lt), top.map(Ordering::is_le));
        let (more, at_least) = (bottom.map(Ordering::is_gt), bottom.map(Ordering::is_ge));
        let yes = Some(true);
        let answer = match operator {
            Comparison::Less if less == yes => Some(true),
            Comparison::Less if at_least == yes => Some(false),
            Comparison::LessOrEqual if at_most == yes => Some(true),
            Comparison::LessOrEqual if more == yes => Some(false),
            Comparison::Greater if more == yes => Some(true),
            Comparison::Greater if at_most == yes => Some(false),
            Comparison::GreaterOrEqual if at_least == yes => Some(true),
            Comparison::GreaterOrEqual if less == yes => Some(false),
            // Both limits of both are one number.
            Comparison::Equal | Comparison::NotEqual if at_most == yes && at_least == yes => {
                Some(operator == Comparison::Equal)
            }
            Comparison::Equal | Comparison::NotEqual if less == yes || more == yes => {
                Some(operator == Comparison::NotEqual)
            }
            _ => None,
        };
        answer.ok_or(self.code)
    }
}

/// The one of two limits that wins; the other where one is absent.
fn pick(a: Option<Quantity>, b: Option<Quantity>, wins: Ordering) -> Option<Quantity> {
    match (a, b) {
        (Some(a), Some(b)) => a.compare(b).map(|order| if order == wins { a } else { b }),
        (one, other) => one.or(other),
    }
}

/// The nearest double of 17 digits.
pub(crate) fn float(number: Quantity) -> f64 {
    number.to_number(17).to_f64().unwrap_or(f64::INFINITY)
}

/// A double, exactly.
pub(crate) fn exact(number: f64) -> Option<Quantity> {
    Some(Quantity::new(Decimal::from_number(&schema::Number::from_f64(number)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decimal;

    fn number(number: i64) -> Quantity {
        Quantity::new(Decimal::from(number))
    }

    fn limits(low: Option<i64>, high: Option<i64>) -> Interval {
        Interval { low: low.map(number), high: high.map(number), code: Code::NotANumber, shown: None }
    }

    /// Whatever is answered is the answer for every number in between.
    #[test]
    fn an_answer_is_that_of_every_number_between() {
        let mut random = testkit::Random::new(91);
        let operators = [
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
            Comparison::Equal,
            Comparison::NotEqual,
        ];
        let (mut known, mut unknown) = (0, 0);
        let draw = |random: &mut testkit::Random| {
            let (a, b) = (random.below(7) as i64 - 3, random.below(7) as i64 - 3);
            let low = (!random.once_in(4)).then_some(a.min(b));
            let high = (!random.once_in(4)).then_some(a.max(b));
            (low, high)
        };
        let members = |(low, high): (Option<i64>, Option<i64>)| -> Vec<i64> {
            (-20..=20).filter(|n| low.is_none_or(|low| low <= *n) && high.is_none_or(|high| *n <= high)).collect()
        };
        for _ in 0..testkit::times(100_000) {
            let (a, b) = (draw(&mut random), draw(&mut random));
            let factor = random.below(5) as i64 - 2;
            let (x, y) = (limits(a.0, a.1), limits(b.0, b.1));
            let (made, exact): (Interval, fn(i64, i64, i64) -> i64) = match random.below(5) {
                0 => (x, |x, _, _| x),
                1 => (x.plus(y), |x, y, _| x + y),
                2 => (x.greatest(y), |x, y, _| x.max(y)),
                3 => (x.least(y), |x, y, _| x.min(y)),
                _ => (x.times(number(factor)), |x, _, factor| x * factor),
            };
            let bound = random.below(9) as i64 - 4;
            let operator = *random.pick(&operators);
            let answer = made.compare(operator, Interval::exactly(number(bound), Code::NotANumber));
            let all: Vec<bool> = members(a)
                .iter()
                .flat_map(|x| members(b).into_iter().map(move |y| (*x, y)))
                .map(|(x, y)| operator.holds(exact(x, y, factor).cmp(&bound)))
                .collect();
            match answer {
                Ok(answer) => {
                    known += 1;
                    assert!(all.iter().all(|each| *each == answer), "{a:?} {b:?} {operator:?} {bound}");
                }
                Err(_) => unknown += 1,
            }
        }
        assert!(known > 1_000 && unknown > 1_000, "{known} {unknown}");
    }
}
