//! Figures that cannot be: a negative duration, a p50 above the p95, a share of more than all.
//!
//! Each is `inconsistent` and proves nothing (`record::survey`, `evaluate`), with one exception: a bound that they break whatever
//! they were meant to be stays broken.

use schema::{Code, Value, counts};

use super::{Outcome, Subject};
use crate::evaluate::datum::Datum;
use crate::evaluate::plan::Node;
use crate::evaluate::{self, Scene};
use crate::judge::threshold::Threshold;
use crate::language::syntax::Comparison;
use crate::{Path, Reading};

impl Threshold {
    /// The two sides as they were read, where what cannot be breaks the bound all the same.
    pub(super) fn impossible_and_broken<'r>(
        &'r self,
        operator: Comparison,
        (left, right): (&'r Node, &'r Node),
        subject: &Subject<'r>,
        captured: &[Vec<String>],
    ) -> Option<(Datum<'r>, Datum<'r>)> {
        // What is negative and cannot be is no proof that it lies below a bound; that it does not reach one is.
        // So it is with what is more than all of it and a bound from above.
        let proves = match operator {
            Comparison::Equal | Comparison::NotEqual => false,
            Comparison::GreaterOrEqual | Comparison::Greater => true,
            // An interval is of the figure as it was meant, which an impossible one does not tell.
            Comparison::LessOrEqual | Comparison::Less => self.sure.is_none(),
        };
        if !proves {
            return None;
        }
        let scene = Scene { impossible: true, ..subject.scene(captured) };
        let sides = (left.evaluate(&scene), right.evaluate(&scene));
        (evaluate::compare(operator, &sides.0, &sides.1) == Ok(false)).then_some(sides)
    }

    /// Why it cannot be, where no evidence says it.
    pub(super) fn why_impossible(
        &self,
        outcome: &Outcome<'_>,
        subject: &Subject<'_>,
        code: Code,
    ) -> Option<&'static str> {
        if code != Code::Inconsistent {
            return None;
        }
        let is_below_zero = |path: &Path| match subject.survey.read(path, subject.record) {
            Reading::Found(Value::Number(number)) => number.to_f64().is_some_and(|number| number < 0.0),
            _ => false,
        };
        let filled = || self.paths().into_iter().filter_map(|path| path.fill(&outcome.captured));
        if filled().any(|path| path.is_never_negative() && is_below_zero(&path)) {
            return Some("it is negative, which what it counts or times never is");
        }
        if filled().any(|path| subject.survey.is_misplaced(&path, subject.record)) {
            return Some("it is below a figure of a lower rank, or above one of a higher");
        }
        if filled().any(|path| path.last_name().is_some_and(|last| counts::most_of_share(last).is_some())) {
            return Some("it is a share of more than all");
        }
        if filled().any(|path| path.last_name().is_some_and(counts::is_rate_of_outcomes)) {
            return Some("it is a share of more than all: a name without a unit is a fraction, from 0 to 1");
        }
        self.sure.map(|_| "it is outside its own interval")
    }
}
