//! When an answer is certain before the end: `--of N --stop-early 'p99 <= 250'`.
//!
//! Owns the question, the counts that decide it, and the tally. Refuses chances: certain, not probable; and to read.

use expr::{Path, Unit};
use number::Sample;

use crate::options;
use crate::stats::definitions::{Method, Percentile};

/// How a figure compares with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// The signs, the longer ones first.
pub const OPERATORS: [(&str, Operator); 4] =
    [("<=", Operator::LessOrEqual), (">=", Operator::GreaterOrEqual), ("<", Operator::Less), (">", Operator::Greater)];

/// What `--stop-early` asks, as written.
#[derive(Clone, Debug)]
pub struct Question {
    text: String,
    /// What stands before the percentile: the field.
    field: Option<String>,
    /// The percentile.
    pub percentile: Percentile,
    operator: Operator,
    bound: String,
}

impl Question {
    /// Reads `p99 <= 250`, or `dur_ms.p99 <= 250ms`.
    ///
    /// # Errors
    /// What was wanted.
    pub fn parse(text: &str) -> Result<Question, String> {
        let wanted = || "wanted a percentile and its bound, as in 'p99 <= 250'".to_owned();
        let found = OPERATORS.iter().find_map(|(sign, operator)| Some((text.split_once(sign)?, *operator)));
        let ((left, bound), operator) = found.ok_or_else(wanted)?;
        let (left, bound) = (left.trim(), bound.trim());
        // `ms.p99.9`: the percentile begins at the last ".p" that is one.
        let cut = left.match_indices(".p").map(|(at, _)| at).find(|at| Percentile::parse(&left[at + 1..]).is_ok());
        let (field, name) = cut.map_or((None, left), |at| (Some(left[..at].to_owned()), &left[at + 1..]));
        if !name.starts_with('p') || bound.is_empty() || bound.contains(['<', '>', '=']) {
            return Err(wanted());
        }
        let percentile = Percentile::parse(name)?;
        Ok(Question { text: text.trim().to_owned(), field, percentile, operator, bound: bound.to_owned() })
    }
}

/// When to stop.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The question, as written.
    pub text: String,
    /// How many samples there are in all.
    pub of: u64,
    operator: Operator,
    bound: Sample,
    /// So many within the bound, or so many beyond it, decide.
    pub enough: (u64, u64),
}

impl Rule {
    /// The rule of a question about one field, whose unit a bound of another is converted to.
    ///
    /// # Errors
    /// A field that is another, a bound that is none.
    pub fn new(
        question: &Question,
        of: u64,
        method: Method,
        field: Option<&Path>,
        unit: Option<Unit>,
    ) -> Result<Rule, String> {
        let named = field.map(Path::dotted);
        if let Some(asked) = &question.field
            && named.is_some_and(|name| name != asked)
        {
            return Err(format!("--stop-early asks of {asked}, and -f reads {}", named.unwrap_or_default()));
        }
        let unit = unit.or_else(|| field.and_then(Path::unit));
        let plain = Sample::read(question.bound.as_bytes());
        let read = plain.or_else(|| options::with_unit(&question.bound, unit?));
        let Some((bound, true)) = read else {
            return Err(format!("--stop-early {:?}: {:?} is not a bound", question.text, question.bound));
        };
        let place = method.place(&question.percentile, of);
        let is_upper = matches!(question.operator, Operator::Less | Operator::LessOrEqual);
        // From which side the samples are counted that hold the figure within its bound.
        let (low, high) = (place.low, place.high);
        let enough = if is_upper { (high, of - low + 1) } else { (of - low + 1, high) };
        Ok(Rule { text: question.text.clone(), of, operator: question.operator, bound, enough })
    }

    /// Whether a sample lies within the bound.
    fn holds(&self, one: Sample) -> bool {
        let order = one.cmp(&self.bound);
        match self.operator {
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            Operator::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// How many samples are within the bound so far, and beyond it.
#[derive(Clone, Debug)]
pub struct Tally<'r> {
    rule: &'r Rule,
    within: u64,
    beyond: u64,
}

impl<'r> Tally<'r> {
    /// Of no samples yet.
    pub fn new(rule: &'r Rule) -> Tally<'r> {
        Tally { rule, within: 0, beyond: 0 }
    }

    /// Counts a sample that is known exactly.
    pub fn see(&mut self, one: Sample) {
        if self.rule.holds(one) {
            self.within += 1;
        } else {
            self.beyond += 1;
        }
    }

    /// The answer, once it is certain.
    pub fn answer(&self) -> Option<bool> {
        let (within, beyond) = self.rule.enough;
        if self.within >= within {
            Some(true)
        } else if self.beyond >= beyond {
            Some(false)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions() {
        for (text, field, name, bound) in [
            ("p99 <= 250", None, "p99", "250"),
            ("p99.9<2.5", None, "p99.9", "2.5"),
            ("dur_ms.p99 >= 250ms", Some("dur_ms"), "p99", "250ms"),
            ("a.p.p99.5 > 1", Some("a.p"), "p99.5", "1"),
        ] {
            let question = Question::parse(text).unwrap();
            assert_eq!((question.field.as_deref(), &*question.percentile.name, &*question.bound), (field, name, bound));
        }
        for text in ["p99", "p99 == 5", "mean <= 5", "p99 <=", "99 <= 5", "p101 <= 5", "p99 <= 5 <= 6", ""] {
            assert!(Question::parse(text).is_err(), "{text}");
        }
        let path = Path::parse("dur_ms").unwrap();
        let rule = |text: &str, field| {
            Rule::new(&Question::parse(text).unwrap(), 100, Method::Nearest, field, None).map(|rule| rule.bound)
        };
        assert_eq!(rule("p99 <= 2s", Some(&path)), Ok(Sample::new(2000, 0)));
        assert!(rule("p99 <= 2s", None).is_err());
        assert!(rule("other.p99 <= 2", Some(&path)).is_err());
        assert!(rule("p99 <= x", Some(&path)).is_err());
    }
}
