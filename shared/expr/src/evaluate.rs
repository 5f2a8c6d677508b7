//! The evaluator: a plan and a record give a value, or the reason why it cannot be told.
//!
//! Owns Kleene's logic over data and what each odd value means. Refuses to compare text with numbers, to divide by
//! zero, and to take a declared value for a measured one.

pub(crate) mod condition; // `--where`
pub(crate) mod datum; // what an expression comes to
pub(crate) mod formula; // `NAME = EXPR` of one record
pub(crate) mod interval; // a number between two limits
pub(crate) mod nights; // what `usual` and `trend` make of the nights before
pub(crate) mod plan; // what an expression means, made once a line
pub(crate) mod probe; // a condition on a line that is no record yet
pub(crate) mod route; // `route(path)`
pub(crate) mod time; // `time("…")`

use std::borrow::Cow;
use std::cell::Cell;

use schema::{Code, OUR_KEYS, Truth, Value};

use crate::evaluate::datum::{Datum, limited};
use crate::evaluate::interval::Interval;
use crate::evaluate::plan::{Least, Node, Source};
use crate::language::syntax::{Arithmetic, Comparison, Function};
use crate::record::claims::Claims;
use crate::record::runs::Run;
use crate::record::samples::Wanted;
use crate::record::survey::Survey;
use crate::statistics::slope::Exact;
use crate::{Decimal, Quantity, Reading};

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
    /// Of folds that are only known to lie between limits, where a hole in the series may have changed them.
    pub unseen: &'c [Option<Interval>],
    /// The counts of the record's objects.
    pub survey: &'c Survey,
    /// The counts that some threshold reads itself: where one of them is missing, what it counts is unknown.
    pub wanted: Option<&'c Wanted>,
    /// The nights before.
    pub past: &'r [Run],
    /// Whether a number that there cannot be, below zero or above all of a share, is taken as it is.
    pub impossible: bool,
}

impl<'r, 'c> Scene<'r, 'c> {
    pub(crate) fn new(
        record: &'r Value<'r>,
        claims: &'r Claims,
        before: Option<Before<'r>>,
        captured: &'c [Vec<String>],
        survey: &'c Survey,
    ) -> Scene<'r, 'c> {
        let assumed = Cell::new(false);
        Scene {
            record,
            claims,
            before,
            captured,
            assumed,
            slots: &[],
            exact: &[],
            unseen: &[],
            survey,
            wanted: None,
            past: &[],
            impossible: false,
        }
    }

    /// The nights whose figure is known, each with its place, since the last jump.
    pub(crate) fn nights(&self, node: &Node) -> Vec<(usize, Quantity)> {
        let known = nights::looked_at(self.past).filter_map(|(night, (record, claims))| {
            let there = Scene::new(record, claims, None, self.captured, self.survey);
            Some((night, node.evaluate(&there).number().ok()?))
        });
        nights::since_the_last_jump(known.collect())
    }

    /// The slope of the nights up to the record at hand, a night, and of how many; ends at a chance of `rare`.
    pub(crate) fn trend(&self, node: &Node, rare: f64) -> Result<(Exact, usize), Code> {
        let now = node.evaluate(self).number()?;
        let mut nights = self.nights(node);
        nights.push((self.past.len(), now));
        nights::trend(&nights, rare)
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
            Node::Convert(inner, factor) => match inner.evaluate(scene) {
                Datum::Between(interval) => limited(interval.times(*factor)),
                value => known(value.number().and_then(|number| number.times(*factor).ok_or(Code::Overflow))),
            },
            Node::Negate(inner) => match inner.evaluate(scene) {
                Datum::Between(interval) => limited(interval.negated()),
                value => known(value.number().map(|number| -number)),
            },
            Node::Arithmetic(operator, a, b) => Node::arithmetic(*operator, a, b, scene),
            Node::Compare(operator, a, b) => match (&**a, &**b) {
                (Node::Null, other) | (other, Node::Null) => answer(is_null(*operator, &other.evaluate(scene))),
                (a, b) => answer(match (a.evaluate(scene), b.evaluate(scene)) {
                    (left, right) if none_of_none(&[(a, &left), (b, &right)], scene) => Err(Code::NoSamples),
                    (left, right) => compare(*operator, &left, &right),
                }),
            },
            Node::InRange(a, low, high) => {
                let sides = [(&**a, &a.evaluate(scene)), (low, &low.evaluate(scene)), (high, &high.evaluate(scene))];
                answer(match sides {
                    sides if none_of_none(&sides, scene) => Err(Code::NoSamples),
                    [(_, a), (_, low), (_, high)] => in_range(a, low, high),
                })
            }
            Node::InList(a, list) => {
                let a = a.evaluate(scene);
                answer(any(list.iter().map(|node| compare(Comparison::Equal, &a, &node.evaluate(scene)))))
            }
            Node::Not(inner) => answer(inner.evaluate(scene).truth().map(|yes| !yes)),
            Node::And(parts) => answer(all(parts.iter().map(|part| part.evaluate(scene).truth()))),
            Node::Or(parts) => answer(any(parts.iter().map(|part| part.evaluate(scene).truth()))),
            Node::Usual { source, nights, greatest } => {
                let series = scene.nights(&Node::Path(Source::clone(source)));
                nights::usual(&series, scene.past.len(), *nights, *greatest)
            }
            Node::Trend(inner) => known(scene.trend(inner, 0.5).map(|(slope, _)| slope.middle)),
            Node::Call(function, arguments) => call(*function, arguments, scene),
            Node::Slot(at) => match scene.unseen.get(*at) {
                Some(Some(interval)) => limited(*interval),
                _ => crate::fold::aggregate::slot_value(scene.slots, scene.exact, *at),
            },
        }
    }

    fn arithmetic<'r>(operator: Arithmetic, a: &'r Node, b: &'r Node, scene: &Scene<'r, '_>) -> Datum<'r> {
        let (left, right) = (a.evaluate(scene), b.evaluate(scene));
        // A part of a baseline of zero is no bound: a baseline that measured nothing would pass everything, or nothing.
        let nothing = |node: &Node, side: &Datum<'_>| {
            node.is_baseline_that_bounds_above_zero() && matches!(side, Datum::Number(number) if number.is_zero())
        };
        if operator == Arithmetic::Times && (nothing(a, &left) || nothing(b, &right)) {
            return Datum::Unknown(Code::DivisionByZero);
        }
        match (operator, &left, &right) {
            (Arithmetic::Over, Datum::Between(_), Datum::Number(divisor)) if divisor.is_zero() => {
                Datum::Unknown(Code::DivisionByZero)
            }
            (Arithmetic::Over, Datum::Between(a), Datum::Number(b)) => limited(a.divided_by(*b)),
            (Arithmetic::Times, Datum::Between(a), Datum::Number(b))
            | (Arithmetic::Times, Datum::Number(b), Datum::Between(a)) => limited(a.times(*b)),
            (Arithmetic::Plus | Arithmetic::Minus, a, b)
                if let Some(code) = a.between().or(b.between())
                    && let (Some(a), Some(b)) = (a.limits(code), b.limits(code)) =>
            {
                limited(a.plus(if operator == Arithmetic::Minus { b.negated() } else { b }))
            }
            _ => known(left.number().and_then(|a| calculate(operator, a, right.number()?))),
        }
    }

    /// Whether it is a constant part of how much happened: `95% * target_rps`, `requests / 100`.
    fn is_part_of_what_happens(&self) -> bool {
        let happens = |node: &Node| matches!(node, Node::Path(source) if source.happens);
        match self {
            Node::Arithmetic(Arithmetic::Times, a, b) => match (&**a, &**b) {
                (Node::Number(_), path) | (path, Node::Number(_)) => happens(path),
                _ => false,
            },
            Node::Arithmetic(Arithmetic::Over, path, by) => matches!(**by, Node::Number(_)) && happens(path),
            Node::Convert(inner, _) => inner.is_part_of_what_happens(),
            Node::Call(Function::Round | Function::Floor, arguments) => {
                arguments.first().is_some_and(Node::is_part_of_what_happens)
            }
            _ => false,
        }
    }

    /// Whether it is a figure of the baseline of which zero says nothing.
    fn is_baseline_that_bounds_above_zero(&self) -> bool {
        match self {
            Node::Path(source) => source.baseline && !source.none_bounds,
            Node::Convert(inner, _) | Node::Negate(inner) => inner.is_baseline_that_bounds_above_zero(),
            _ => false,
        }
    }
}

/// Whether a threshold holds none of something against a part of what did not happen at all: a run that did nothing has no
/// errors, and is as fast as it should be.
pub(crate) fn none_of_none(sides: &[(&Node, &Datum<'_>)], scene: &Scene<'_, '_>) -> bool {
    scene.wanted.is_some()
        && sides.iter().any(|(node, _)| node.is_part_of_what_happens())
        && sides.iter().all(|(_, side)| matches!(side, Datum::Number(number) if number.is_zero()))
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
        Datum::Unknown(code) | Datum::Between(Interval { code, .. }) => return Err(*code),
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
        (Datum::Between(a), other) if let Some(b) = other.limits(a.code) => a.compare(operator, b),
        (Datum::Number(a), Datum::Between(b)) => Interval::exactly(*a, b.code).compare(operator, *b),
        (Datum::Between(Interval { code, .. }), Datum::Null | Datum::Text(_)) => Err(*code),
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
        // These have nodes of their own.
        Function::Usual | Function::Trend => Datum::Unknown(Code::TooFewRuns),
        Function::Lower => text(first.evaluate(scene), str::to_lowercase),
        Function::Trim => text(first.evaluate(scene), |text| text.trim().to_owned()),
        Function::Route => text(first.evaluate(scene), route::route),
        Function::Default => match (first.evaluate(scene), arguments.get(1)) {
            (Datum::Unknown(Code::Missing) | Datum::Null, Some(instead)) => {
                scene.assumed.set(true);
                instead.evaluate(scene)
            }
            (value, _) => value,
        },
        Function::Contains => holds(arguments, scene, |text, part| text.contains(part)),
        Function::StartsWith => holds(arguments, scene, |text, part| text.starts_with(part)),
        Function::EndsWith => holds(arguments, scene, |text, part| text.ends_with(part)),
    }
}

/// Whether a text has a part in it, where both are texts.
fn holds<'r>(arguments: &'r [Node], scene: &Scene<'r, '_>, has: impl Fn(&str, &str) -> bool) -> Datum<'r> {
    let [text, part] = arguments else { return Datum::Unknown(Code::WrongType) };
    let known = match (text.evaluate(scene), part.evaluate(scene)) {
        (Datum::Text(text), Datum::Text(part)) => Ok(has(&text, &part)),
        (Datum::Unknown(code) | Datum::Between(Interval { code, .. }), _)
        | (_, Datum::Unknown(code) | Datum::Between(Interval { code, .. })) => Err(code),
        (Datum::Null, _) | (_, Datum::Null) => Err(Code::Null),
        (Datum::Empty, Datum::Text(_) | Datum::Empty) | (Datum::Text(_), Datum::Empty) => Err(Code::Missing),
        _ => Err(Code::WrongType),
    };
    known.map_or_else(Datum::Unknown, Datum::Truth)
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

/// The least or greatest of several values, or of one list. Where one of them is not known, the others limit the answer:
/// the greatest of 9 and something is at least 9.
fn extreme<'r>(arguments: &'r [Node], scene: &Scene<'r, '_>, wins: Comparison) -> Datum<'r> {
    let mut best: Option<Quantity> = None;
    let mut open: Option<Interval> = None;
    let mut take = |value: &Datum<'_>| -> Result<(), Code> {
        let interval = match value.number() {
            Ok(number) => {
                match best {
                    Some(before) if !wins.holds(number.compare(before).ok_or(Code::Overflow)?) => {}
                    _ => best = Some(number),
                }
                return Ok(());
            }
            Err(code) => value.limits(code).unwrap_or(Interval::unlimited(code)),
        };
        open = Some(open.map_or(interval, |before| winner(wins, before, interval)));
        Ok(())
    };
    for argument in arguments {
        let value = argument.evaluate(scene);
        let taken = match &value {
            Datum::Whole(Value::List(list)) if !list.is_empty() => {
                list.iter().try_for_each(|element| take(&datum(element)))
            }
            value => take(value),
        };
        if let Err(code) = taken {
            return Datum::Unknown(code);
        }
    }
    match (open, best) {
        (None, best) => known(best.ok_or(Code::NoSamples)),
        (Some(open), None) => limited(open),
        (Some(open), Some(best)) => limited(winner(wins, open, Interval::exactly(best, open.code))),
    }
}

fn winner(wins: Comparison, a: Interval, b: Interval) -> Interval {
    if wins == Comparison::Greater { a.greatest(b) } else { a.least(b) }
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
        Datum::Unknown(code) | Datum::Between(Interval { code, .. }) => Datum::Unknown(code),
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
        Value::Number(number) => {
            let decimal = Decimal::from_number(number).filter(|decimal| decimal.is_measurable());
            known(decimal.map(Quantity::new).ok_or(Code::Overflow))
        }
        Value::Text(text) if text.is_empty() => Datum::Empty,
        Value::Text(text) => Datum::Text(Cow::Borrowed(text)),
        Value::List(_) | Value::Object(_) => Datum::Whole(value),
    }
}

/// Whether a share is more than all of it, by more than its writer may have rounded.
pub(crate) fn is_more(share: Quantity, most: Decimal) -> bool {
    const MILLION: u64 = 1_000_000;
    let most = Quantity::new(most);
    let rounded = most.divided_by(Quantity::new(Decimal::from(MILLION))).and_then(|part| most.plus(part));
    rounded.is_some_and(|rounded| share.compare(rounded) == Some(std::cmp::Ordering::Greater))
}

/// Whether a node is a figure whose name ends in `_min`, where that may not be minutes.
pub(crate) fn may_be_minimum(node: &Node) -> bool {
    matches!(node, Node::Path(source) if source.least.is_some())
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
            let value = source.read_in(scene.record, scene.claims, scene.survey);
            if source.is_impossible(&value, scene)
                || !scene.impossible && source.is_misplaced(&value, scene.record, scene)
            {
                return Datum::Unknown(Code::Inconsistent);
            }
            let known = !matches!(value, Datum::Unknown(_));
            if known && source.is_minimum(scene.record, scene.survey) {
                return Datum::Unknown(Code::UnitMismatch);
            }
            if let Some(wanted) = scene.wanted.filter(|_| known && source.statistic) {
                if wanted.is_missing(&self.path, scene.captured, scene.record, scene.survey) {
                    return Datum::Unknown(Code::Missing);
                }
                if let Some(code) = wanted.doubt(&self.path, scene.captured, scene.record, scene.survey) {
                    return Datum::Unknown(code);
                }
            }
            return value;
        }
        let before = scene.before.map(|before| source.read_in(before.record, before.claims, scene.survey));
        match before {
            Some(Datum::Unknown(Code::Overflow)) => Datum::Unknown(Code::Overflow),
            None | Some(Datum::Unknown(_) | Datum::Between(_) | Datum::Null) => Datum::Unknown(Code::NoBaseline),
            Some(value) if source.is_impossible(&value, scene) => Datum::Unknown(Code::NoBaseline),
            Some(value) => match scene.before {
                Some(before) if source.is_misplaced(&value, before.record, scene) => Datum::Unknown(Code::NoBaseline),
                _ => value,
            },
        }
    }

    /// Whether a threshold reads a number below zero, or above all of a share, where there can be none. A condition that
    /// selects records takes it as it is.
    fn is_impossible(&self, value: &Datum<'_>, scene: &Scene<'_, '_>) -> bool {
        let Datum::Number(number) = value else { return false };
        scene.wanted.is_some()
            && !scene.impossible
            && (self.never_negative && number.signum() < 0 || self.most.is_some_and(|most| is_more(*number, most)))
    }

    /// Whether the figure, whose name ends in `_min`, is a minimum: its unit is not that of minutes.
    fn is_minimum(&self, record: &Value<'_>, survey: &Survey) -> bool {
        match self.least {
            None => false,
            Some(Least::Anyhow) => true,
            Some(Least::BesideOthers) => {
                let trail = self.path.trail(record, survey);
                let stem = self.path.last_name().and_then(|name| name.strip_suffix("min"));
                let Some((last, stem)) = trail.last().zip(stem) else { return false };
                let is_other = |rest: &str| {
                    let percentile = rest
                        .strip_prefix('p')
                        .is_some_and(|rank| rank.starts_with(|digit: char| digit.is_ascii_digit()));
                    percentile || matches!(rest, "max" | "avg" | "mean" | "med" | "median" | "stddev" | "std" | "sum")
                };
                last.object.iter().any(|(key, _)| key.strip_prefix(stem).is_some_and(is_other))
            }
        }
    }

    /// Whether a threshold reads a figure that is below one of a lower rank beside it, as a p99 below the median is.
    fn is_misplaced(&self, value: &Datum<'_>, record: &Value<'_>, scene: &Scene<'_, '_>) -> bool {
        self.statistic
            && scene.wanted.is_some()
            && matches!(value, Datum::Number(_))
            && scene.survey.is_misplaced(&self.path, record)
    }

    pub(crate) fn read_in<'r>(&self, record: &'r Value<'r>, claims: &Claims, survey: &Survey) -> Datum<'r> {
        if let Some(doubt) = claims.doubt(&self.path) {
            let declared = self.measured && claims.is_declared(&self.path);
            return if declared {
                Datum::Unknown(doubt.code)
            } else {
                doubt.datum(&self.path, survey.read(&self.path, record))
            };
        }
        if self.measured && claims.is_declared(&self.path) {
            return Datum::Unknown(Code::Declared);
        }
        let value = match survey.read(&self.path, record) {
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
            && let Some(code) = survey.doubt(&self.path, record)
        {
            return Datum::Unknown(code);
        }
        datum(value)
    }
}
