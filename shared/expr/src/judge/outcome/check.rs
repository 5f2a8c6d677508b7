//! An outcome as the check that is written: figures, bound, margin, what the evidence beside it says.
//!
//! Owns the fields of a check (DESIGN sec. 6); its words are in `words`.

use schema::{Check, Code, Kind, Origin, Status, Value};

use super::{Expected, Outcome, Subject};
use crate::evaluate::Before;
use crate::evaluate::datum::Datum;
use crate::evaluate::interval::Interval;
use crate::evaluate::plan::Node;
use crate::judge::past;
use crate::judge::threshold::{Missing, Severity, Shape, Threshold};
use crate::language::syntax::Comparison;
use crate::{Decimal, Path, Quantity, Reading, Unit};

/// What the baseline has where `path` was measured: a number that nothing doubts.
fn before(path: &Path, subject: &Subject<'_>) -> Option<Value<'static>> {
    let Before { record, claims } = subject.before?;
    match subject.survey.read(path, record) {
        Reading::Found(value @ Value::Number(_)) if claims.doubt(path).is_none() => Some(value.clone().into_owned()),
        _ => None,
    }
}

impl Threshold {
    /// The whole check of an outcome.
    pub(crate) fn check(
        &self,
        outcome: &Outcome<'_>,
        subject: &Subject<'_>,
        run: bool,
        default: Missing,
    ) -> Check<'static> {
        let (status, code) = self.status(outcome, run, default);
        let id = self.check_id(outcome.matched.as_deref());
        let violated = outcome.holds == Ok(false) && !matches!(status, Status::Pass | Status::Skip);
        let mut violation = match &outcome.noise {
            _ if !violated => String::new(),
            Some(told) if told.starts_with(&id) => told.clone(),
            Some(told) => format!("{id}: {told}"),
            None => self.violation(&id, outcome),
        };
        if let (Status::Fail, Err(code)) = (status, outcome.holds) {
            violation = format!("{id}: {code}");
        }
        let reason = match status {
            Status::Pass | Status::Skip => String::new(),
            _ if !self.parts.is_empty() => self.message(outcome, subject),
            _ if !violation.is_empty() => violation.clone(),
            _ => code.map_or_else(String::new, |code| {
                let gone = self.operand_gone(outcome, subject, code);
                match outcome.noise.as_deref().or(self.detail(outcome, subject, code)).or(gone.as_deref()) {
                    Some(detail) => format!("{id}: {code}: {detail}"),
                    None => format!("{id}: {code}"),
                }
            }),
        };
        let (actual, expected) = outcome.values(subject);
        let metric_path = outcome.metric.as_ref();
        let declared = metric_path.is_some_and(|path| subject.claims.is_declared(path));
        Check {
            id,
            scope: subject.scope.to_owned(),
            metric: metric_path.map_or_else(|| self.left_text.clone(), Path::to_string),
            kind: self.kind(),
            op: self.operator().to_owned(),
            actual,
            expected,
            unit: self.unit.map_or("", Unit::name).to_owned(),
            status,
            passed: status.passed(),
            fatal: self.severity == Severity::Fatal && violated,
            origin: if declared || code == Some(Code::Declared) { Origin::Declared } else { Origin::Observed },
            code,
            violation,
            reason,
            margin: self.margin(outcome).map(|margin| Value::Number(margin.to_number(number::WIRE_DIGITS))),
            before: metric_path.filter(|_| self.reads_baseline()).and_then(|path| before(path, subject)),
            samples: metric_path.and_then(|path| samples(path, subject)),
            interval: outcome.interval.clone(),
            nights: self.nights(outcome, subject),
            source: metric_path.and_then(|path| subject.claims.source(path)).map(str::to_owned),
            assumed: outcome.assumed,
            record: None,
            threshold: Some(self.line.clone()),
        }
    }

    /// What the nights before had of what is asked of them.
    fn nights(&self, outcome: &Outcome<'_>, subject: &Subject<'_>) -> Vec<Value<'static>> {
        if subject.past.is_empty() || !self.reads_history() {
            return Vec::new();
        }
        let mut nodes: Vec<&Node> = match &self.shape {
            Shape::Compare { left, right, .. } => vec![left, right],
            Shape::Range { left, low, high } => vec![left, low, high],
            Shape::List { left, list } => std::iter::once(left).chain(list).collect(),
            Shape::Condition(node) => vec![node],
        };
        nodes.extend([&self.given, &self.when].into_iter().flatten());
        past::carried(&nodes, &subject.scene(&outcome.captured))
    }

    /// The check of this threshold where there was nothing to judge: no records, a section without one.
    pub(crate) fn check_of_nothing(&self, scope: &str, code: Code) -> Check<'static> {
        Check {
            metric: self.metric_text(),
            kind: self.kind(),
            op: self.operator().to_owned(),
            expected: match &self.shape {
                Shape::Condition(_) => Value::Bool(true),
                _ => self.constant_bound().unwrap_or_default(),
            },
            unit: self.unit.map_or("", Unit::name).to_owned(),
            threshold: Some(self.line.clone()),
            ..Check::inconclusive(self.id.clone(), scope, code)
        }
    }

    /// The check of this threshold on a record that passes it, without what the record says.
    pub(crate) fn check_that_passes(&self) -> Check<'static> {
        Check {
            id: self.id.clone(),
            metric: self.metric_text(),
            kind: self.kind(),
            op: self.operator().to_owned(),
            unit: self.unit.map_or("", Unit::name).to_owned(),
            status: Status::Pass,
            passed: Some(true),
            threshold: Some(self.line.clone()),
            ..Check::default()
        }
    }

    pub(crate) fn constant_bound(&self) -> Option<Value<'static>> {
        match &self.shape {
            Shape::Compare { right, .. } => constant(right),
            Shape::Range { low, high, .. } => Some(vec![constant(low)?, constant(high)?].into()),
            Shape::List { list, .. } => Some(Value::List(list.iter().map(constant).collect::<Option<_>>()?)),
            Shape::Condition(_) => None,
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match &self.shape {
            Shape::Compare { operator, .. } => match operator {
                Comparison::Less | Comparison::LessOrEqual => Kind::Max,
                Comparison::Greater | Comparison::GreaterOrEqual => Kind::Min,
                Comparison::Equal | Comparison::NotEqual => Kind::Equal,
            },
            Shape::Range { .. } => Kind::Range,
            Shape::List { .. } => Kind::Equal,
            Shape::Condition(_) => Kind::Condition,
        }
    }

    pub(crate) fn operator(&self) -> &'static str {
        match &self.shape {
            Shape::Compare { operator, .. } => operator.written(),
            Shape::Range { .. } | Shape::List { .. } => "in",
            Shape::Condition(_) => "",
        }
    }

    /// The distance to the bound, negative where it is violated.
    fn margin(&self, outcome: &Outcome<'_>) -> Option<Quantity> {
        let actual = outcome.actual.number().ok()?;
        match (&self.shape, &outcome.expected) {
            (Shape::Compare { operator, .. }, Expected::One(expected)) => {
                let expected = expected.number().ok()?;
                match operator {
                    Comparison::Less | Comparison::LessOrEqual => expected.minus(actual),
                    Comparison::Greater | Comparison::GreaterOrEqual => actual.minus(expected),
                    Comparison::Equal => Some(-actual.minus(expected)?.abs()),
                    Comparison::NotEqual => Some(actual.minus(expected)?.abs()),
                }
            }
            (_, Expected::Range(ends)) => {
                let [low, high] = &**ends;
                let (above, below) = (actual.minus(low.number().ok()?)?, high.number().ok()?.minus(actual)?);
                Some(if above.compare(below)?.is_lt() { above } else { below })
            }
            _ => None,
        }
    }
}

impl Outcome<'_> {
    /// `actual` and `expected` of the check; two numbers that differ never look equal.
    fn values(&self, subject: &Subject<'_>) -> (Value<'static>, Value<'static>) {
        let actual = match self.metric.as_ref().map(|path| subject.survey.read(path, subject.record)) {
            // The number's own text, as long as it was read and nothing was computed.
            Some(Reading::Found(Value::Number(number))) if self.actual.number().is_ok() => {
                Value::Number(number.clone().into_owned())
            }
            _ => value(&self.actual),
        };
        match &self.expected {
            Expected::One(expected) => match (self.actual.number(), expected.number()) {
                (Ok(a), Ok(b)) if a.as_decimal().is_none() || b.as_decimal().is_none() => {
                    let (a, b) = a.numbers_apart(b);
                    (Value::Number(a), Value::Number(b))
                }
                _ => (actual, value(expected)),
            },
            Expected::Range(ends) => (actual, Value::List(ends.iter().map(value).collect())),
            Expected::List(list) => (actual, Value::List(list.iter().map(value).collect())),
            Expected::Holds if self.matched.is_none() && matches!(self.actual, Datum::Unknown(_)) => {
                (Value::Null, Value::Bool(true))
            }
            Expected::Holds => (actual, Value::Bool(true)),
        }
    }
}

/// The `count` beside a metric.
pub(crate) fn samples(path: &Path, subject: &Subject<'_>) -> Option<u64> {
    if path.last_name() == Some("count") {
        return None;
    }
    let count = match path.parent() {
        Some(parent) => parent.child("count"),
        None => Path::from_keys(["count"]),
    }?;
    match subject.survey.read(&count, subject.record) {
        Reading::Found(Value::Number(number)) => {
            number.as_u64().or_else(|| Decimal::from_number(number).and_then(whole))
        }
        _ => None,
    }
}

/// The number where it is a whole one that is not negative.
pub(crate) fn whole(number: Decimal) -> Option<u64> {
    let tens = 10i128.checked_pow(u32::try_from(number.exponent()).ok()?)?;
    u64::try_from(number.digits().checked_mul(tens)?).ok()
}

fn value(datum: &Datum<'_>) -> Value<'static> {
    match datum {
        Datum::Number(number) => Value::Number(number.to_number(number::WIRE_DIGITS)),
        Datum::Text(text) => Value::text(text.to_string()),
        Datum::Empty => Value::text(""),
        Datum::Truth(yes) => Value::Bool(*yes),
        Datum::Whole(value) => (*value).clone().into_owned(),
        // What could be read; the code beside it says that it is not all.
        Datum::Between(Interval { shown: Some(number), .. }) => Value::Number(number.to_number(number::WIRE_DIGITS)),
        Datum::Null | Datum::Unknown(_) | Datum::Between(_) => Value::Null,
    }
}

fn constant(node: &Node) -> Option<Value<'static>> {
    match node {
        Node::Number(number) => Some(value(&Datum::Number(*number))),
        Node::Text(text) => Some(Value::text(text.clone())),
        Node::Bool(yes) => Some(Value::Bool(*yes)),
        _ => None,
    }
}
