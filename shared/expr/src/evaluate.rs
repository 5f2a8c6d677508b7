//! The evaluator: a plan and a record give a value, or the reason why it cannot be told.
//!
//! Owns Kleene's logic over data and what each odd value means. Refuses to compare text with numbers, to divide by
//! zero, and to take a declared value for a measured one.

use std::borrow::Cow;
use std::cell::Cell;

use schema::{Code, OUR_KEYS, Truth, Value};

use crate::claims::Claims;
use crate::plan::{Node, Source};
use crate::samples::{Samples, Wanted};
use crate::syntax::{Arithmetic, Comparison, Function};
use crate::{Decimal, Quantity, Reading, time};

/// The baseline that a record is compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before<'r> {
    pub record: &'r Value<'r>,
    pub claims: &'r Claims,
}

/// What an expression is evaluated on.
pub(crate) struct Scene<'r, 'c> {
    pub record: &'r Value<'r>,
    pub claims: &'r Claims,
    pub before: Option<Before<'r>>,
    /// What the wildcards of the measured path stand for.
    pub captured: &'c [Vec<String>],
    /// Set where `default(…)` stood in for something.
    pub assumed: Cell<bool>,
    /// What the folds of an aggregate came to, and exactly where that is a number.
    pub slots: &'r [Result<Value<'static>, Code>],
    pub exact: &'c [Option<Quantity>],
    /// The counts of the record's objects.
    pub samples: &'c Samples,
    /// The counts that some threshold reads itself: where one of them is missing, what it counts is unknown.
    pub wanted: Option<&'c Wanted>,
}

impl<'r, 'c> Scene<'r, 'c> {
    pub(crate) fn new(
        record: &'r Value<'r>,
        claims: &'r Claims,
        before: Option<Before<'r>>,
        captured: &'c [Vec<String>],
        samples: &'c Samples,
    ) -> Scene<'r, 'c> {
        let assumed = Cell::new(false);
        Scene { record, claims, before, captured, assumed, slots: &[], exact: &[], samples, wanted: None }
    }
}

/// What an expression comes to.
#[derive(Clone, Debug)]
pub(crate) enum Datum<'r> {
    Number(Quantity),
    Text(Cow<'r, str>),
    /// An empty text of the record: it says nothing, unless nothing is what is asked for.
    Empty,
    Truth(bool),
    Null,
    /// A list or an object, which only `len`, `min` and `max` look into.
    Whole(&'r Value<'r>),
    Unknown(Code),
}

impl Datum<'_> {
    pub(crate) fn truth(&self) -> Result<bool, Code> {
        match self {
            Datum::Truth(yes) => Ok(*yes),
            Datum::Unknown(code) => Err(*code),
            Datum::Null => Err(Code::Null),
            _ => Err(Code::WrongType),
        }
    }

    pub(crate) fn number(&self) -> Result<Quantity, Code> {
        match self {
            Datum::Number(number) => Ok(*number),
            Datum::Unknown(code) => Err(*code),
            Datum::Null => Err(Code::Null),
            Datum::Text(_) | Datum::Empty => Err(Code::NotANumber),
            Datum::Whole(Value::List(list)) if list.is_empty() => Err(Code::NoSamples),
            Datum::Truth(_) | Datum::Whole(_) => Err(Code::WrongType),
        }
    }
}

fn known<'r>(result: Result<Quantity, Code>) -> Datum<'r> {
    result.map_or_else(Datum::Unknown, Datum::Number)
}

pub(crate) fn answer<'r>(result: Result<bool, Code>) -> Datum<'r> {
    result.map_or_else(Datum::Unknown, Datum::Truth)
}

/// A truth value of a result: an unknown keeps its code beside.
pub(crate) fn truth(result: &Result<bool, Code>) -> Truth {
    match result {
        Ok(yes) => Truth::from(*yes),
        Err(_) => Truth::Unknown,
    }
}

/// One step of exact arithmetic.
pub(crate) fn calculate(operator: Arithmetic, a: Quantity, b: Quantity) -> Result<Quantity, Code> {
    let result = match operator {
        Arithmetic::Plus => a.plus(b),
        Arithmetic::Minus => a.minus(b),
        Arithmetic::Times => a.times(b),
        Arithmetic::Over if b.is_zero() => return Err(Code::DivisionByZero),
        Arithmetic::Over => a.divided_by(b),
    };
    result.ok_or(Code::Overflow)
}

impl Node {
    pub(crate) fn evaluate<'r>(&'r self, scene: &Scene<'r, '_>) -> Datum<'r> {
        match self {
            Node::Number(number) => Datum::Number(*number),
            Node::Text(text) => Datum::Text(Cow::Borrowed(text)),
            Node::Bool(yes) => Datum::Truth(*yes),
            Node::Null => Datum::Null,
            Node::Path(source) => source.read(scene),
            Node::Convert(inner, factor) => {
                known(inner.evaluate(scene).number().and_then(|number| number.times(*factor).ok_or(Code::Overflow)))
            }
            Node::Negate(inner) => known(inner.evaluate(scene).number().map(|number| -number)),
            Node::Arithmetic(operator, a, b) => known(self.arithmetic(*operator, a, b, scene)),
            Node::Compare(operator, a, b) => match (&**a, &**b) {
                (Node::Null, other) | (other, Node::Null) => answer(is_null(*operator, &other.evaluate(scene))),
                (a, b) => answer(compare(*operator, &a.evaluate(scene), &b.evaluate(scene))),
            },
            Node::InRange(a, low, high) => {
                answer(in_range(&a.evaluate(scene), &low.evaluate(scene), &high.evaluate(scene)))
            }
            Node::InList(a, list) => {
                let a = a.evaluate(scene);
                answer(any(list.iter().map(|node| compare(Comparison::Equal, &a, &node.evaluate(scene)))))
            }
            Node::Not(inner) => answer(inner.evaluate(scene).truth().map(|yes| !yes)),
            Node::And(parts) => answer(all(parts.iter().map(|part| part.evaluate(scene).truth()))),
            Node::Or(parts) => answer(any(parts.iter().map(|part| part.evaluate(scene).truth()))),
            Node::Call(function, arguments) => call(*function, arguments, scene),
            Node::Slot(at) => crate::aggregate::slot_value(scene.slots, scene.exact, *at),
        }
    }

    fn arithmetic<'r>(
        &'r self,
        operator: Arithmetic,
        a: &'r Node,
        b: &'r Node,
        scene: &Scene<'r, '_>,
    ) -> Result<Quantity, Code> {
        let (left, right) = (a.evaluate(scene).number()?, b.evaluate(scene).number()?);
        // A part of a baseline of zero is no bound: a baseline that measured nothing would pass everything.
        let nothing = |node: &Node, number: Quantity| number.is_zero() && node.is_baseline();
        if operator == Arithmetic::Times && (nothing(a, left) || nothing(b, right)) {
            return Err(Code::DivisionByZero);
        }
        calculate(operator, left, right)
    }

    fn is_baseline(&self) -> bool {
        match self {
            Node::Path(source) => source.baseline,
            Node::Convert(inner, _) | Node::Negate(inner) => inner.is_baseline(),
            _ => false,
        }
    }
}

/// False if any is false, else unknown if any is, else true (Kleene).
fn all(parts: impl Iterator<Item = Result<bool, Code>>) -> Result<bool, Code> {
    let mut unknown = None;
    for part in parts {
        match part {
            Ok(false) => return Ok(false),
            Ok(true) => {}
            Err(code) => unknown = unknown.or(Some(code)),
        }
    }
    unknown.map_or(Ok(true), Err)
}

/// True if any is true, else unknown if any is, else false.
pub(crate) fn any(parts: impl Iterator<Item = Result<bool, Code>>) -> Result<bool, Code> {
    let mut unknown = None;
    for part in parts {
        match part {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(code) => unknown = unknown.or(Some(code)),
        }
    }
    unknown.map_or(Ok(false), Err)
}

/// `x == null` asks whether a null stands there: the one question that null answers. Missing is still unknown.
fn is_null(operator: Comparison, value: &Datum<'_>) -> Result<bool, Code> {
    let null = match value {
        Datum::Null => true,
        Datum::Unknown(code) => return Err(*code),
        _ => false,
    };
    match operator {
        Comparison::Equal => Ok(null),
        Comparison::NotEqual => Ok(!null),
        _ => Err(Code::WrongType),
    }
}

/// Compares two values of one kind.
pub(crate) fn compare(operator: Comparison, a: &Datum<'_>, b: &Datum<'_>) -> Result<bool, Code> {
    let equality = matches!(operator, Comparison::Equal | Comparison::NotEqual);
    match (a, b) {
        (Datum::Number(a), Datum::Number(b)) => a.compare(*b).map(|order| operator.holds(order)).ok_or(Code::Overflow),
        (Datum::Unknown(code), _) | (_, Datum::Unknown(code)) => Err(*code),
        (Datum::Null, _) | (_, Datum::Null) => Err(Code::Null),
        (Datum::Text(a), Datum::Text(b)) if equality => Ok((a == b) == (operator == Comparison::Equal)),
        (Datum::Empty, Datum::Text(text)) | (Datum::Text(text), Datum::Empty) if equality && text.is_empty() => {
            Ok(operator == Comparison::Equal)
        }
        (Datum::Empty, Datum::Text(_) | Datum::Empty) | (Datum::Text(_), Datum::Empty) => Err(Code::Missing),
        (Datum::Truth(a), Datum::Truth(b)) if equality => Ok((a == b) == (operator == Comparison::Equal)),
        (Datum::Number(_), Datum::Text(_) | Datum::Empty) => Err(Code::WrongType),
        (Datum::Number(_), other) => Err(other.number().err().unwrap_or(Code::WrongType)),
        (other, Datum::Number(_)) => Err(other.number().err().unwrap_or(Code::WrongType)),
        (Datum::Whole(Value::List(list)), _) if list.is_empty() => Err(Code::NoSamples),
        _ => Err(Code::WrongType),
    }
}

/// Whether a number is between two, both ends in.
pub(crate) fn in_range(a: &Datum<'_>, low: &Datum<'_>, high: &Datum<'_>) -> Result<bool, Code> {
    let above = compare(Comparison::GreaterOrEqual, a, low);
    let below = compare(Comparison::LessOrEqual, a, high);
    all([above, below].into_iter())
}

fn call<'r>(function: Function, arguments: &'r [Node], scene: &Scene<'r, '_>) -> Datum<'r> {
    let Some(first) = arguments.first() else { return Datum::Unknown(Code::WrongType) };
    let number = |map: fn(Quantity) -> Option<Quantity>| {
        known(first.evaluate(scene).number().and_then(|number| map(number).ok_or(Code::Overflow)))
    };
    match function {
        Function::Abs => number(|number| Some(number.abs())),
        Function::Floor => number(|number| number.floor().map(Quantity::new)),
        Function::Round => number(round),
        Function::Min => extreme(arguments, scene, Comparison::Less),
        Function::Max => extreme(arguments, scene, Comparison::Greater),
        Function::Len => length(first, scene),
        Function::Time => match first.evaluate(scene) {
            Datum::Text(text) => known(time::seconds(&text).map(Quantity::new).ok_or(Code::NotANumber)),
            other => known(other.number()),
        },
        Function::Lower => text(first.evaluate(scene), str::to_lowercase),
        Function::Trim => text(first.evaluate(scene), |text| text.trim().to_owned()),
        Function::Default => match (first.evaluate(scene), arguments.get(1)) {
            (Datum::Unknown(Code::Missing) | Datum::Null, Some(instead)) => {
                scene.assumed.set(true);
                instead.evaluate(scene)
            }
            (value, _) => value,
        },
    }
}

/// A text made from a text; what is none is of the wrong type.
fn text<'r>(value: Datum<'r>, map: impl Fn(&str) -> String) -> Datum<'r> {
    match value {
        Datum::Text(text) => Datum::Text(map(&text).into()),
        Datum::Unknown(_) | Datum::Empty => value,
        Datum::Null => Datum::Unknown(Code::Null),
        _ => Datum::Unknown(Code::WrongType),
    }
}

/// The nearest whole number, halves away from zero.
fn round(number: Quantity) -> Option<Quantity> {
    let half = Quantity::new(Decimal::new(5, -1)?);
    let whole = Quantity::new(number.abs().plus(half)?.floor()?);
    Some(if number.signum() < 0 { -whole } else { whole })
}

/// The least or greatest of several values, of what one wildcard matches, or of one list.
fn extreme<'r>(arguments: &'r [Node], scene: &Scene<'r, '_>, wins: Comparison) -> Datum<'r> {
    let mut best: Option<Quantity> = None;
    let mut take = |number: Result<Quantity, Code>| -> Result<(), Code> {
        let number = number?;
        match best {
            Some(before) if !wins.holds(number.compare(before).ok_or(Code::Overflow)?) => {}
            _ => best = Some(number),
        }
        Ok(())
    };
    for argument in arguments {
        let value = argument.evaluate(scene);
        let taken = match &value {
            Datum::Whole(Value::List(list)) => list.iter().try_for_each(|element| take(datum(element).number())),
            value => take(value.number()),
        };
        if let Err(code) = taken {
            return Datum::Unknown(code);
        }
    }
    known(best.ok_or(Code::NoSamples))
}

/// How many elements, members, letters or matches there are.
fn length<'r>(node: &'r Node, scene: &Scene<'r, '_>) -> Datum<'r> {
    let count = |count: usize| Datum::Number(Quantity::new(Decimal::from(count as u64)));
    if let Node::Path(source) = node
        && source.wildcard
        && scene.captured.len() < source.path.wildcards()
    {
        return matched(source, scene);
    }
    match node.evaluate(scene) {
        Datum::Text(text) => count(text.chars().count()),
        Datum::Empty => count(0),
        Datum::Whole(Value::List(list)) => count(list.len()),
        Datum::Whole(Value::Object(object)) => count(object.iter().filter(|(key, _)| !OUR_KEYS.contains(key)).count()),
        Datum::Unknown(code) => Datum::Unknown(code),
        Datum::Null => Datum::Unknown(Code::Null),
        _ => Datum::Unknown(Code::WrongType),
    }
}

/// How many matches the wildcards of a path have.
fn matched<'r>(source: &Source, scene: &Scene<'r, '_>) -> Datum<'r> {
    let here = Before { record: scene.record, claims: scene.claims };
    let Some(Before { record, claims }) = (if source.baseline { scene.before } else { Some(here) }) else {
        return Datum::Unknown(Code::NoBaseline);
    };
    let matches = source.path.matches(record);
    match claims.uncounted(&source.path, record, &matches, source.measured) {
        Some(_) if source.baseline => Datum::Unknown(Code::NoBaseline),
        Some(code) => Datum::Unknown(code),
        None => Datum::Number(Quantity::new(Decimal::from(matches.len() as u64))),
    }
}

/// A value as it is compared.
pub(crate) fn datum<'r>(value: &'r Value<'r>) -> Datum<'r> {
    match value {
        Value::Null => Datum::Null,
        Value::Bool(yes) => Datum::Truth(*yes),
        Value::Number(number) => known(Decimal::from_number(number).map(Quantity::new).ok_or(Code::Overflow)),
        Value::Text(text) if text.is_empty() => Datum::Empty,
        Value::Text(text) => Datum::Text(Cow::Borrowed(text)),
        Value::List(_) | Value::Object(_) => Datum::Whole(value),
    }
}

impl Source {
    fn read<'r>(&self, scene: &Scene<'r, '_>) -> Datum<'r> {
        let filled;
        let mut source = self;
        if self.wildcard {
            let Some(path) = self.path.fill(scene.captured) else { return Datum::Unknown(Code::Missing) };
            filled = Source { path, wildcard: false, ..*self };
            source = &filled;
        }
        if !source.baseline {
            let value = source.read_in(scene.record, scene.claims, scene.samples);
            let known = !matches!(value, Datum::Unknown(_));
            if let Some(wanted) = scene.wanted.filter(|_| known && source.statistic)
                && wanted.is_missing(&self.path, scene.captured, scene.record)
            {
                return Datum::Unknown(Code::Missing);
            }
            return value;
        }
        let before = scene.before.map(|before| source.read_in(before.record, before.claims, scene.samples));
        match before {
            Some(Datum::Unknown(Code::Overflow)) => Datum::Unknown(Code::Overflow),
            None | Some(Datum::Unknown(_) | Datum::Null) => Datum::Unknown(Code::NoBaseline),
            Some(value) => value,
        }
    }

    pub(crate) fn read_in<'r>(&self, record: &'r Value<'r>, claims: &Claims, samples: &Samples) -> Datum<'r> {
        if let Some(code) = claims.unknown(&self.path) {
            return Datum::Unknown(code);
        }
        if self.measured && claims.is_declared(&self.path) {
            return Datum::Unknown(Code::Declared);
        }
        let value = match self.path.read(record) {
            Reading::Found(value) => value,
            Reading::Missing => return Datum::Unknown(Code::Missing),
            Reading::Ambiguous => return Datum::Unknown(Code::Ambiguous),
        };
        if matches!(value, Value::List(_) | Value::Object(_)) {
            if let Some(code) = claims.unknown_within(&self.path) {
                return Datum::Unknown(code);
            }
            if self.measured && claims.is_declared_within(&self.path) {
                return Datum::Unknown(Code::Declared);
            }
        }
        if self.statistic
            && let Some(code) = samples.doubt(&self.path, record)
        {
            return Datum::Unknown(code);
        }
        datum(value)
    }
}
