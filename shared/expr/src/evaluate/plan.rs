//! What an expression means: units converted, sides told apart, baselines given their paths. Made once a line.
//!
//! Owns the rules of units (DESIGN sec. 5). Refuses a unit of another kind, and one on a name that has none.

use schema::counts;

use crate::evaluate::time;
use crate::language::syntax::{Arithmetic, Comparison, Expr, ExprKind, Function};
use crate::{Decimal, Error, Kind, Path, Quantity, Unit};

/// An expression ready to be evaluated.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Number(Quantity),
    Text(String),
    Bool(bool),
    Null,
    Path(Source),
    /// The value times a factor: a conversion of units.
    Convert(Box<Node>, Quantity),
    Negate(Box<Node>),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    InRange(Box<Node>, Box<Node>, Box<Node>),
    InList(Box<Node>, Vec<Node>),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Call(Function, Vec<Node>),
    /// `usual(N)`: the most (`greatest`) or the least of the last nights.
    Usual {
        source: Box<Source>,
        nights: usize,
        greatest: bool,
    },
    /// `trend(x)`: the slope over the nights.
    Trend(Box<Node>),
    /// What a fold of an aggregate came to.
    Slot(usize),
}

/// Where a value is read.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub path: Path,
    /// Whether it is a statistic of samples: none of them make it unknown.
    pub statistic: bool,
    /// Whether it cannot be negative, by its name and those above it.
    pub never_negative: bool,
    /// The most that it can be, by its name: it is a share.
    pub most: Option<Decimal>,
    /// Whether it must have been observed: it stands on the left, or in `given`.
    pub measured: bool,
    /// Whether it is read from the baseline.
    pub baseline: bool,
    /// Whether it is how much happened, of which no part is a bound where nothing did.
    pub happens: bool,
    /// When its name, which ends in `_min`, says a minimum and not minutes.
    pub least: Option<Least>,
    /// Whether none of it bounds something: a baseline without errors says that there may be none.
    pub none_bounds: bool,
    pub wildcard: bool,
}

/// When a name such as `dur_min`, compared with a time, is that of a minimum, whose unit nobody says, and not one of minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Least {
    /// Where others of its kind stand beside it: `dur_max`, `dur_p99`.
    BesideOthers,
    /// Anyhow: nobody limits minutes by milliseconds.
    Anyhow,
}

/// What kind of a text gave a node its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    /// Plain numbers: they take any unit.
    Plain,
    /// Numbers with a unit.
    Bound,
    /// Values of the record or the baseline.
    Data,
    /// Texts, truths, null: never with a unit.
    Other,
}

/// A node, the unit of its value, and what it was made of.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    pub node: Node,
    pub unit: Option<Unit>,
    made: Made,
    /// Whether it is the product of shares: a fraction, though it has no unit.
    fraction: bool,
}

/// The place an expression stands in.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    /// Whether paths here must have been observed.
    pub measured: bool,
    /// Whether what stands on the left of a comparison must have been observed.
    pub left_measured: bool,
    /// The path that `baseline` alone means.
    pub same: Option<&'p Path>,
    /// Whether the nights before may be asked for.
    pub past: bool,
    /// The operator of the comparison that this is the right side of.
    pub operator: Option<Comparison>,
}

impl Node {
    /// Calls `each` with this node and every one below it.
    pub(crate) fn each<'n>(&'n self, each: &mut dyn FnMut(&'n Node)) {
        each(self);
        match self {
            Node::Number(_)
            | Node::Text(_)
            | Node::Bool(_)
            | Node::Null
            | Node::Path(_)
            | Node::Usual { .. }
            | Node::Slot(_) => {}
            Node::Convert(a, _) | Node::Negate(a) | Node::Not(a) | Node::Trend(a) => a.each(each),
            Node::Arithmetic(_, a, b) | Node::Compare(_, a, b) => {
                a.each(each);
                b.each(each);
            }
            Node::InRange(a, b, c) => {
                a.each(each);
                b.each(each);
                c.each(each);
            }
            Node::InList(a, list) => {
                a.each(each);
                list.iter().for_each(|node| node.each(each));
            }
            Node::And(list) | Node::Or(list) | Node::Call(_, list) => list.iter().for_each(|node| node.each(each)),
        }
    }
}

impl Place<'_> {
    /// The main expression of a threshold: its left sides are measured.
    pub(crate) const THRESHOLD: Place<'static> = Place::of(true, true);
    /// What a threshold stands on: all of it is measured.
    pub(crate) const GIVEN: Place<'static> = Place::of(true, true);
    /// Where declared values may be read.
    pub(crate) const FREE: Place<'static> = Place::of(false, false);

    const fn of(measured: bool, past: bool) -> Place<'static> {
        Place { measured, left_measured: measured, same: None, past, operator: None }
    }
}

/// Compiles an expression and the rest of it.
pub(crate) fn compile(expr: &Expr, place: Place<'_>) -> Result<Typed, Error> {
    let data = |node, unit| Ok(Typed { node, unit, made: Made::Data, fraction: false });
    let other = |node| Ok(Typed { node, unit: None, made: Made::Other, fraction: false });
    match &expr.kind {
        ExprKind::Number { value, unit, .. } => {
            let made = if unit.is_some() { Made::Bound } else { Made::Plain };
            Ok(Typed { node: Node::Number(Quantity::new(*value)), unit: *unit, made, fraction: false })
        }
        ExprKind::Text(text) => other(Node::Text(text.clone())),
        ExprKind::Bool(yes) => other(Node::Bool(*yes)),
        ExprKind::Null => other(Node::Null),
        ExprKind::Path(path) => data(Node::Path(source(path, place.measured, false)), path.unit()),
        ExprKind::Baseline(path) => {
            let Some(path) = path.as_ref().or(place.same) else {
                let message = "baseline alone wants one path on the left: write baseline.PATH";
                return Err(error(message, expr));
            };
            // From above only: whatever a run has is at least a part of none.
            let is_upper = matches!(place.operator, Some(Comparison::Less | Comparison::LessOrEqual));
            let none_bounds = is_upper && path.last_name().is_some_and(counts::is_fault);
            data(Node::Path(Source { none_bounds, ..source(path, false, true) }), path.unit())
        }
        ExprKind::Negate(inner) => {
            let inner = number(inner, place)?;
            let node = match inner.node {
                Node::Number(number) => Node::Number(-number),
                node => Node::Negate(Box::new(node)),
            };
            Ok(Typed { node, ..inner })
        }
        ExprKind::Arithmetic(operator, left, right) => arithmetic(*operator, left, right, place),
        ExprKind::Call(function, arguments) => call(*function, arguments, expr, place),
        ExprKind::Compare(operator, left, right) => {
            let (left, right) = sides(*operator, left, right, place)?;
            other(Node::Compare(*operator, Box::new(left.node), Box::new(right.node)))
        }
        ExprKind::InRange(left, low, high) => {
            let (left, low, high) = range(left, low, high, place)?;
            other(Node::InRange(Box::new(left.node), Box::new(low.node), Box::new(high.node)))
        }
        ExprKind::InList(left, list) => {
            let (left, list) = members(left, list, place)?;
            other(Node::InList(Box::new(left.node), list.into_iter().map(|typed| typed.node).collect()))
        }
        ExprKind::Slot(at, unit) => data(Node::Slot(*at), *unit),
        ExprKind::By(..) | ExprKind::Windows(..) => Err(error("by is allowed only in slope()", expr)),
        ExprKind::Fold(folding, ..) => {
            Err(error(&format!("{}() is over many records, and here there is one", folding.name()), expr))
        }
        ExprKind::Not(inner) => other(Node::Not(Box::new(compile(inner, place)?.node))),
        ExprKind::And(parts) => other(Node::And(nodes(parts, place)?)),
        ExprKind::Or(parts) => other(Node::Or(nodes(parts, place)?)),
    }
}

/// Both sides of a comparison, in one unit; the left one's where it has one.
pub(crate) fn sides(
    operator: Comparison,
    left: &Expr,
    right: &Expr,
    place: Place<'_>,
) -> Result<(Typed, Typed), Error> {
    let (compiled_left, place) = left_side(left, place)?;
    let place = Place { operator: Some(operator), ..place };
    let compiled_right = compile(right, place)?;
    let is_fraction = compiled_left.unit.is_none()
        && compiled_right.made == Made::Bound
        && compiled_right.unit.is_some_and(|unit| unit.kind() == Kind::Share);
    let bound = compiled_right.unit.filter(|_| compiled_right.made == Made::Bound);
    let (mut compiled_left, compiled_right) = same_unit(compiled_left, left, compiled_right, right)?;
    note_least(&mut compiled_left, bound);
    if is_fraction
        && let Node::Path(source) = &mut compiled_left.node
        && source.path.last_name().is_some_and(counts::is_rate_of_outcomes)
    {
        // Compared with a percentage it is a share, not so many a second.
        source.most = Some(Decimal::ONE);
    }
    Ok((compiled_left, compiled_right))
}

/// Notes of a name that ends in `_min`, and that a time bounds, when that is no minutes.
fn note_least(left: &mut Typed, bound: Option<Unit>) {
    let Node::Path(source) = &mut left.node else { return };
    let ends_so = source.path.last_name().is_some_and(|name| name.ends_with("_min"));
    if ends_so && source.path.unit() == Some(Unit::Minute) {
        source.least = match bound {
            Some(Unit::Nanosecond | Unit::Microsecond | Unit::Millisecond) => Some(Least::Anyhow),
            Some(Unit::Second) => Some(Least::BesideOthers),
            _ => None,
        };
    }
}

/// A range and what is to be in it, in one unit.
pub(crate) fn range(left: &Expr, low: &Expr, high: &Expr, place: Place<'_>) -> Result<(Typed, Typed, Typed), Error> {
    let (compiled_left, place) = left_side(left, place)?;
    let compiled_low = compile(low, place)?;
    let bound = compiled_low.unit.filter(|_| compiled_low.made == Made::Bound);
    let (compiled_left, compiled_low) = same_unit(compiled_left, left, compiled_low, low)?;
    let (mut compiled_left, compiled_high) = same_unit(compiled_left, left, compile(high, place)?, high)?;
    note_least(&mut compiled_left, bound);
    if let (Node::Number(a), Node::Number(b)) = (&compiled_low.node, &compiled_high.node)
        && a.compare(*b) == Some(std::cmp::Ordering::Greater)
    {
        return Err(Error::new("the range is empty: its low end is above its high end", low.span.start, high.span.end));
    }
    Ok((compiled_left, compiled_low, compiled_high))
}

/// A list and what is to be in it, in one unit.
pub(crate) fn members(left: &Expr, list: &[Expr], place: Place<'_>) -> Result<(Typed, Vec<Typed>), Error> {
    let (mut compiled_left, place) = left_side(left, place)?;
    let mut members = Vec::new();
    for expr in list {
        let member;
        (compiled_left, member) = same_unit(compiled_left, left, compile(expr, place)?, expr)?;
        members.push(member);
    }
    Ok((compiled_left, members))
}

/// The left side, and the place its right side stands in.
fn left_side<'e>(left: &'e Expr, place: Place<'_>) -> Result<(Typed, Place<'e>), Error> {
    let mut paths = Vec::new();
    left.each_path(&mut |path| paths.push(path));
    // `abs(x - baseline)` means the x there, too: the one path of the left side.
    let same = match paths.split_first() {
        Some((first, rest)) if rest.iter().all(|path| path == first) => Some(*first),
        _ => None,
    };
    let compiled = compile(left, Place { measured: place.left_measured, same, operator: None, ..place })?;
    // A clause that stands on evidence stands on both sides; a threshold's bound may be declared.
    Ok((compiled, Place { measured: false, same, operator: None, ..place }))
}

fn nodes(parts: &[Expr], place: Place<'_>) -> Result<Vec<Node>, Error> {
    parts.iter().map(|part| Ok(compile(part, place)?.node)).collect()
}

fn source(path: &Path, measured: bool, baseline: bool) -> Source {
    let statistic = path.is_statistic();
    let never_negative = path.is_never_negative();
    let most = path.last_name().and_then(counts::most_of_share).map(|most| Decimal::from(u64::from(most)));
    Source {
        path: path.clone(),
        statistic,
        never_negative,
        most,
        measured,
        baseline,
        happens: !baseline && path.is_of_what_happens(),
        none_bounds: false,
        least: None,
        wildcard: path.has_wildcard(),
    }
}

fn number(expr: &Expr, place: Place<'_>) -> Result<Typed, Error> {
    let typed = compile(expr, place)?;
    if typed.made == Made::Other {
        return Err(error("a number is wanted here", expr));
    }
    Ok(typed)
}

fn convert(typed: Typed, from: Unit, to: Unit) -> Typed {
    if from == to {
        return Typed { unit: Some(to), ..typed };
    }
    let factor = factor(from, to);
    let node = match typed.node {
        Node::Number(number) => match number.times(factor) {
            Some(number) => Node::Number(number),
            None => Node::Convert(Box::new(Node::Number(number)), factor),
        },
        node => Node::Convert(Box::new(node), factor),
    };
    Typed { node, unit: Some(to), made: typed.made, fraction: false }
}

/// How many of `to` one of `from` is.
pub(crate) fn factor(from: Unit, to: Unit) -> Quantity {
    Quantity::new(from.factor()).divided_by(Quantity::new(to.factor())).unwrap_or(Quantity::new(Decimal::ONE))
}

/// A share as the fraction it is, without a unit; everything else as it is.
fn as_fraction(typed: Typed) -> Typed {
    match typed.unit {
        Some(unit) if unit.kind() == Kind::Share => {
            Typed { unit: None, fraction: true, ..convert(typed, unit, Unit::Ratio) }
        }
        _ => typed,
    }
}

fn is_share(typed: &Typed) -> bool {
    typed.fraction || typed.unit.is_some_and(|unit| unit.kind() == Kind::Share)
}

/// `90% * baseline` beside the share that it is a part of: a share, too.
fn as_share_beside(typed: Typed, other: &Typed) -> Typed {
    match other.unit {
        Some(unit) if typed.fraction && unit.kind() == Kind::Share && other.made == Made::Data => {
            convert(typed, Unit::Ratio, unit)
        }
        _ => typed,
    }
}

/// Brings two values that are compared or added into one unit.
fn same_unit(left: Typed, left_expr: &Expr, right: Typed, right_expr: &Expr) -> Result<(Typed, Typed), Error> {
    if left.made == Made::Other || right.made == Made::Other {
        return Ok((left, right));
    }
    let left = as_share_beside(left, &right);
    let right = as_share_beside(right, &left);
    match (left.unit, right.unit) {
        (Some(to), Some(from)) if to.kind() == from.kind() => Ok((left, convert(right, from, to))),
        (Some(to), Some(from)) => {
            let message = format!(
                "{} is {} and {} is {}: write {}",
                shown(left_expr),
                to.kind().words(),
                shown(right_expr),
                from.kind().words(),
                example(to)
            );
            Err(error(&message, right_expr))
        }
        (None, None) => Ok((left, right)),
        // A percentage beside a name without a unit: a hundred times too much or too little, and nobody can tell which.
        (Some(unit), None) if is_doubtful(&left, unit, &right) => Err(doubtful(left_expr, right_expr)),
        (None, Some(unit)) if is_doubtful(&right, unit, &left) => Err(doubtful(right_expr, left_expr)),
        (Some(unit), None) => {
            let left = without_a_name(left, left_expr, unit, right.made, right_expr)?;
            Ok((left, right))
        }
        (None, Some(unit)) => {
            let right = without_a_name(right, right_expr, unit, left.made, left_expr)?;
            Ok((left, right))
        }
    }
}

fn is_doubtful(with: &Typed, unit: Unit, met: &Typed) -> bool {
    unit.kind() == Kind::Share && with.made == Made::Data && met.made == Made::Data
}

fn doubtful(with: &Expr, met: &Expr) -> Error {
    let message = format!(
        "{} is a share, and {} has no unit in its name: name that one with its unit, too, or take the share of \
         something, as in errors <= limit_pct * total",
        shown(with),
        shown(met)
    );
    error(&message, met)
}

/// `with` has a unit and what it meets has none: a plain number takes it, a name must have one of its own.
fn without_a_name(with: Typed, with_expr: &Expr, unit: Unit, met: Made, met_expr: &Expr) -> Result<Typed, Error> {
    if met == Made::Plain || with.made == Made::Data {
        return Ok(with);
    }
    if unit.kind() == Kind::Share {
        return Ok(as_fraction(with));
    }
    let (bound, name) = (shown(with_expr), shown(met_expr));
    let renamed = match &met_expr.kind {
        ExprKind::Path(path) => path.last_name().and_then(|name| {
            // `p99ms` has the letters already, and wants the sign between.
            let letters = suffix(unit);
            let cut = name.strip_suffix(&*letters).filter(|rest| rest.ends_with(|last: char| last.is_ascii_digit()))?;
            Some(format!("{cut}_{letters}"))
        }),
        _ => None,
    };
    let kind = unit.kind().words();
    let message = match (renamed, &met_expr.kind) {
        (Some(renamed), _) => format!(
            "{bound} is {kind}, and {name} has no unit in its name: rename it to {renamed} where it is written, or write \
             {name} * 1{}",
            unit.written()
        ),
        (None, ExprKind::Path(_)) => format!(
            "{bound} is {kind}, and {name} has no unit in its name: if it is in {}, write {name} * 1{}",
            unit.written(),
            unit.written()
        ),
        (None, _) => {
            format!(
                "{bound} is {kind}, and {name} has no unit in its names: leave the unit off, or multiply by 1{}",
                unit.written()
            )
        }
    };
    Err(error(&message, with_expr))
}

fn suffix(unit: Unit) -> String {
    match unit {
        Unit::Hour => "hours".to_owned(),
        Unit::Day => "days".to_owned(),
        _ => unit.name().to_lowercase(),
    }
}

fn example(unit: Unit) -> String {
    match unit.kind() {
        Kind::Time => format!("a time, such as 5{}", unit.written()),
        Kind::Size => format!("a size, such as 5{}", unit.written()),
        Kind::Share => "a share, such as 5%".to_owned(),
    }
}

fn shown(expr: &Expr) -> String {
    let text = expr.to_string();
    if text.chars().count() > 40 { "this".to_owned() } else { text }
}

fn error(message: &str, expr: &Expr) -> Error {
    Error::new(message, expr.span.start, expr.span.end)
}

fn arithmetic(operator: Arithmetic, left_expr: &Expr, right_expr: &Expr, place: Place<'_>) -> Result<Typed, Error> {
    let (left, right) = (number(left_expr, place)?, number(right_expr, place)?);
    let made = match (left.made, right.made) {
        (Made::Plain, Made::Plain) => Made::Plain,
        (Made::Plain | Made::Bound, Made::Plain | Made::Bound) => Made::Bound,
        _ => Made::Data,
    };
    let shares = is_share(&left) && is_share(&right);
    let mut fraction = false;
    let (left, right, unit) = match operator {
        Arithmetic::Plus | Arithmetic::Minus => {
            let (left, right) = same_unit(left, left_expr, right, right_expr)?;
            let unit = left.unit.or(right.unit);
            fraction = shares && unit.is_none();
            (left, right, unit)
        }
        Arithmetic::Times => {
            // 95% of something is a part of it; twice a percentage is a percentage.
            let left = if right.made == Made::Plain { left } else { as_fraction(left) };
            let right = if left.made == Made::Plain { right } else { as_fraction(right) };
            fraction = shares && left.unit.or(right.unit).is_none();
            let unit = match (left.unit, right.unit) {
                (Some(_), Some(_)) => None,
                (a, b) => a.or(b),
            };
            (left, right, unit)
        }
        Arithmetic::Over => match (left.unit, right.unit) {
            (Some(to), Some(from)) if to.kind() == from.kind() => (left, convert(right, from, to), None),
            (_, Some(unit)) if unit.kind() == Kind::Share => {
                let unit = left.unit;
                (left, as_fraction(right), unit)
            }
            (_, Some(_)) => (left, right, None),
            (unit, None) => (left, right, unit),
        },
    };
    let folded = match (&left.node, &right.node) {
        (Node::Number(a), Node::Number(b)) => crate::evaluate::calculate(operator, *a, *b).ok(),
        _ => None,
    };
    let node = match folded {
        Some(number) => Node::Number(number),
        None => Node::Arithmetic(operator, Box::new(left.node), Box::new(right.node)),
    };
    // A constant whose units cancelled is a plain number again.
    let made = if made == Made::Bound && unit.is_none() { Made::Plain } else { made };
    Ok(Typed { node, unit, made, fraction })
}

/// `usual(30)`, on the right of a comparison of one path.
fn usual(arguments: &[Expr], expr: &Expr, place: Place<'_>) -> Result<Typed, Error> {
    let greatest = match place.operator {
        Some(Comparison::Less | Comparison::LessOrEqual) => true,
        Some(Comparison::Greater | Comparison::GreaterOrEqual) => false,
        _ => return Err(error("usual() is a bound: write p99_ms <= usual(30)", expr)),
    };
    let (true, Some(path)) = (place.past, place.same) else {
        return Err(error("usual() wants one path on the left: write p99_ms <= usual(30)", expr));
    };
    let nights = match arguments {
        [Expr { kind: ExprKind::Number { value, unit: None, .. }, .. }] => value.to_string().parse().ok(),
        _ => None,
    };
    let Some(nights) = nights.filter(|nights| (1..=1000).contains(nights)) else {
        return Err(error("usual() wants how many nights, from 1 to 1000: usual(30)", expr));
    };
    let source = Box::new(source(path, false, false));
    Ok(Typed { node: Node::Usual { source, nights, greatest }, unit: path.unit(), made: Made::Data, fraction: false })
}

fn call(function: Function, arguments: &[Expr], expr: &Expr, place: Place<'_>) -> Result<Typed, Error> {
    let mut nodes = Vec::new();
    let mut unit = None;
    let mut made = Made::Data;
    match function {
        Function::Usual => return usual(arguments, expr, place),
        Function::Trend => {
            let [argument] = arguments else { return Err(error("trend() wants what it is of: trend(p99_ms)", expr)) };
            if !place.past {
                return Err(error("trend() is of the nights before, which only a threshold has", expr));
            }
            let typed = number(argument, place)?;
            return Ok(Typed { node: Node::Trend(Box::new(typed.node)), unit: typed.unit, made, fraction: false });
        }
        Function::Len | Function::Lower | Function::Trim | Function::Route => {
            for argument in arguments {
                nodes.push(compile(argument, place)?.node);
            }
        }
        Function::Contains | Function::StartsWith | Function::EndsWith => {
            for argument in arguments {
                nodes.push(compile(argument, place)?.node);
            }
            let wanted = |message: &str| error(&format!("{}() {message}", function.name()), expr);
            match nodes.as_slice() {
                [Node::Number(_) | Node::Bool(_) | Node::Null, _]
                | [_, Node::Number(_) | Node::Bool(_) | Node::Null] => {
                    return Err(wanted("wants texts: contains(message, \"timeout\")"));
                }
                [_, Node::Text(part)] if part.is_empty() => return Err(wanted("wants a part that is not empty")),
                _ => {}
            }
            made = Made::Other;
        }
        Function::Time => {
            unit = Some(Unit::Second);
            for argument in arguments {
                if let ExprKind::Text(text) = &argument.kind
                    && time::seconds(text).is_none()
                {
                    return Err(error("a time is written \"2026-03-05T20:32:12Z\"", argument));
                }
                nodes.push(compile(argument, place)?.node);
            }
        }
        Function::Default => {
            let [value, instead] = arguments else { return Err(error("default() wants two arguments", expr)) };
            let (value, instead) = same_unit(compile(value, place)?, value, compile(instead, place)?, instead)?;
            unit = value.unit;
            nodes = vec![value.node, instead.node];
        }
        Function::Abs | Function::Round | Function::Floor | Function::Min | Function::Max => {
            let mut first: Option<(Typed, &Expr)> = None;
            for argument in arguments {
                let typed = number(argument, place)?;
                match first.take() {
                    None => first = Some((typed, argument)),
                    Some((before, before_expr)) => {
                        let (before, typed) = same_unit(before, before_expr, typed, argument)?;
                        nodes.push(typed.node);
                        first = Some((before, before_expr));
                    }
                }
            }
            if let Some((typed, _)) = first {
                unit = typed.unit;
                made = typed.made;
                nodes.insert(0, typed.node);
            }
        }
    }
    if !expr.has_path() && made == Made::Plain && nodes.iter().any(|node| !matches!(node, Node::Number(_))) {
        made = Made::Data;
    }
    Ok(Typed { node: Node::Call(function, nodes), unit, made, fraction: false })
}
