//! Aggregates: `NAME = EXPR` over the records read, as `uptime_pct = 100 * count(where ok) / count()`.
//!
//! Owns the names, the arithmetic over functions of records, and states that merge in order. Refuses percentiles:
//! those are `percentile`'s.

use std::fmt;

use schema::{Code, Number, Object, Value};

use crate::evaluate::datum::Datum;
use crate::evaluate::interval::Interval;
use crate::evaluate::plan::{self, Node, Place};
use crate::evaluate::{self, Scene};
pub use crate::fold::Order;
use crate::fold::{Fold, Slot, Windows};
use crate::language::named::Named;
use crate::language::parser::Parser;
use crate::language::syntax::{Arithmetic, Expr, ExprKind, Folding};
use crate::record::claims::Claims;
use crate::record::survey::Survey;
use crate::{Condition, Error, Path, Quantity};
use number::WIRE_DIGITS;

/// One aggregate.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Where its value goes.
    pub name: Path,
    expr: Expr,
    node: Node,
    folds: Vec<Fold>,
}

impl Aggregate {
    /// Reads `NAME = EXPR`.
    pub fn parse(text: &str) -> Result<Aggregate, Error> {
        read(text).map_err(|error| error.on_line(1, text))
    }

    /// Reads a file of aggregates, one a line, with comments; the error is the first, with its line.
    pub fn parse_lines(text: &str) -> Result<Vec<Aggregate>, Error> {
        let mut aggregates = Vec::new();
        for (place, raw) in text.strip_prefix('\u{feff}').unwrap_or(text).split('\n').enumerate() {
            let raw = raw.strip_suffix('\r').unwrap_or(raw);
            let line = crate::language::lexer::without_comment(raw);
            if !line.trim().is_empty() {
                aggregates.push(read(line.trim_end()).map_err(|error| error.on_line(place + 1, raw))?);
            }
        }
        Ok(aggregates)
    }

    pub(crate) fn folds(&self) -> &[Fold] {
        &self.folds
    }

    /// The state before any record.
    pub fn start(&self) -> AggregateState {
        AggregateState { records: 0, slots: self.folds.iter().map(Slot::new).collect() }
    }

    /// Where it would average or add up finished percentiles, which has no meaning: the part of it that does, as written.
    pub fn averages_percentiles(&self) -> Option<String> {
        averaged(&self.expr)
    }

    /// Whether what it says is about every moment of a series (an extreme, a mean, a sum, a share of the time), so that a
    /// hole in the series may have changed it.
    pub fn spans_time(&self) -> bool {
        self.folds.iter().any(Fold::spans_time)
    }

    /// Whether what it has seen of several parts joins in any order; `timed`: each record says its time.
    pub fn joins_in_any_order(&self, timed: bool) -> bool {
        self.folds.iter().all(|fold| fold.folding.joins_in_any_order(timed))
    }

    /// Where a slope's ends are written, and their level: `NAME_low`, `NAME_high`, and `sure` beside them; nothing for what
    /// is no slope, or is made of several.
    pub fn ends(&self) -> Option<[Path; 3]> {
        let slopes = self.folds.iter().filter(|fold| fold.folding == Folding::Slope).count();
        let name = self.name.last_name().filter(|_| slopes == 1)?;
        let beside = |key: &str| match self.name.parent() {
            Some(parent) => parent.child(key),
            None => Path::from_keys([key]),
        };
        Some([beside(&format!("{name}_low"))?, beside(&format!("{name}_high"))?, beside("sure")?])
    }

    /// Whether it asks which record was first or last.
    pub fn reads_order(&self) -> bool {
        self.folds.iter().any(|fold| matches!(fold.folding, Folding::First | Folding::Last))
    }

    /// The paths it reads, in the order they are written.
    pub fn paths(&self) -> Vec<&Path> {
        let mut paths = Vec::new();
        self.expr.each_path(&mut |path| paths.push(path));
        paths
    }
}

/// The mean or sum over records of an expression in which a percentile is read, or the sum of two percentiles.
fn averaged(expr: &Expr) -> Option<String> {
    let found = match &expr.kind {
        ExprKind::Fold(Folding::Mean | Folding::Sum, Some(argument), _) => reads_percentile(argument),
        ExprKind::Arithmetic(Arithmetic::Plus, a, b) => reads_percentile(a) && reads_percentile(b),
        _ => false,
    };
    if found {
        return Some(expr.to_string());
    }
    let mut inner = None;
    expr.each_child(&mut |child| {
        if inner.is_none() {
            inner = averaged(child);
        }
    });
    inner
}

/// Whether the number that an expression comes to is made of a percentile; what only chooses records does not count.
fn reads_percentile(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Path(path) => path.is_percentile(),
        ExprKind::Fold(Folding::Count | Folding::Distinct | Folding::Longest, ..) => false,
        ExprKind::Fold(_, argument, _) => argument.as_deref().is_some_and(reads_percentile),
        _ if expr.is_condition() => false,
        _ => {
            let mut found = false;
            expr.each_child(&mut |child| found |= reads_percentile(child));
            found
        }
    }
}

impl PartialEq for Aggregate {
    fn eq(&self, other: &Aggregate) -> bool {
        self.name == other.name && self.expr == other.expr
    }
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, self.expr)
    }
}

fn read(text: &str) -> Result<Aggregate, Error> {
    const NAMED: Named = Named { what: "an aggregate", example: "errors = count(where ok == false)" };
    let (name, source) = NAMED.split(text)?;
    let expr = Parser::aggregates(&source)?.whole()?;
    let mut folds = Vec::new();
    let node = compile(&expr, &mut folds)?;
    if folds.is_empty() {
        return Err(Error::new(
            "an aggregate goes over records: count() sum(x) mean(x) min(x) max(x) first(x) last(x) any(c) all(c) \
             longest(c) distinct(x) increase(x) slope(x by ts)",
            expr.span.start,
            expr.span.end,
        ));
    }
    Ok(Aggregate { name, expr, node, folds })
}

/// Replaces each fold by its slot, and compiles the rest.
fn compile(expr: &Expr, folds: &mut Vec<Fold>) -> Result<Node, Error> {
    let mut error = None;
    let replaced = expr.replace_folds(&mut |folding, argument, condition, span| {
        let made = || -> Result<(Fold, Option<crate::Unit>), Error> {
            let (mut unit, mut by) = (None, None);
            let condition = condition.map(|condition| Condition::of(condition.clone())).transpose()?;
            if let Some(windows) = argument.map(windows).transpose()?.flatten() {
                let windows = Some(Box::new(windows));
                return Ok((Fold { folding, argument: None, by, condition, windows }, None));
            }
            let argument = match argument {
                None => None,
                Some(argument) => {
                    if argument.has_wildcard() {
                        let message = "an aggregate's argument has no wildcard";
                        return Err(Error::new(message, argument.span.start, argument.span.end));
                    }
                    if folding.reads_numbers() && argument.is_condition() {
                        let message = match folding {
                            Folding::Count => {
                                format!("this counts every record, true or false: write count(where {argument})")
                            }
                            _ => {
                                format!("this is true or false, and no number: count(where {argument}) counts records")
                            }
                        };
                        return Err(Error::new(message, argument.span.start, argument.span.end));
                    }
                    let argument = match &argument.kind {
                        ExprKind::By(value, place) => {
                            by = Some(plan::compile(place, Place::FREE)?.node);
                            value
                        }
                        _ => argument,
                    };
                    let typed = plan::compile(argument, Place::FREE)?;
                    if folding.keeps_unit() {
                        unit = typed.unit;
                    }
                    Some(typed.node)
                }
            };
            Ok((Fold { folding, argument, by, condition, windows: None }, unit))
        };
        match made() {
            Ok((fold, unit)) => {
                folds.push(fold);
                (folds.len() - 1, unit)
            }
            Err(found) => {
                error.get_or_insert(Error { start: found.start.max(span.start), ..found });
                (0, None)
            }
        }
    });
    if let Some(error) = error {
        return Err(error);
    }
    let mut bare = None;
    replaced.each_path(&mut |path| {
        bare.get_or_insert_with(|| path.clone());
    });
    if let Some(path) = bare {
        let message = format!("{path} is a value of one record: say last({path}), sum({path}), max({path}) …");
        return Err(Error::new(message, expr.span.start, expr.span.end));
    }
    Ok(plan::compile(&replaced, Place::FREE)?.node)
}

/// The windows of a slope's argument `min(x) by 10m of ts`; `None` where it is another.
fn windows(argument: &Expr) -> Result<Option<Windows>, Error> {
    let ExprKind::By(value, place) = &argument.kind else { return Ok(None) };
    let ExprKind::Windows(width, time) = &place.kind else { return Ok(None) };
    let (ExprKind::Fold(folding, inner, condition), ExprKind::Number { value: width, unit: Some(unit), .. }) =
        (&value.kind, &width.kind)
    else {
        return Ok(None);
    };
    if value.has_wildcard() {
        let message = "an aggregate's argument has no wildcard";
        return Err(Error::new(message, argument.span.start, argument.span.end));
    }
    let argument = inner.as_ref().map(|inner| plan::compile(inner, Place::FREE)).transpose()?;
    let condition = condition.as_ref().map(|condition| Condition::of(Expr::clone(condition))).transpose()?;
    let argument = argument.map(|typed| typed.node);
    let figure = Fold { folding: *folding, argument, by: None, condition, windows: None };
    let nanoseconds = width.times(unit.factor());
    let second = Quantity::new(crate::Decimal::from(1_000_000_000u64));
    let width = nanoseconds.and_then(|width| Quantity::new(width).divided_by(second));
    let width = width.ok_or_else(|| Error::new("no such width", place.span.start, place.span.end))?;
    Ok(Some(Windows { width, time: plan::compile(time, Place::FREE)?.node, figure }))
}

/// What an aggregate has seen.
#[derive(Clone, Debug)]
pub struct AggregateState {
    records: u64,
    slots: Vec<Slot>,
}

impl AggregateState {
    /// Takes a record in.
    pub fn add(&mut self, aggregate: &Aggregate, record: &Value<'_>) {
        self.add_in_order(aggregate, record, Order::Given);
    }

    /// One more record: its functions, to take it in.
    pub(crate) fn one_more(&mut self) -> &mut [Slot] {
        self.records += 1;
        &mut self.slots
    }

    /// Takes a record in that is first or last as `order` says.
    pub fn add_in_order(&mut self, aggregate: &Aggregate, record: &Value<'_>, order: Order) {
        self.records += 1;
        let claims = Claims::of(record);
        for (fold, slot) in aggregate.folds.iter().zip(&mut self.slots) {
            slot.add(fold, record, &claims, order);
        }
    }

    /// Takes in records of which it cannot be told, for the reason `code`, whether they belong here at all.
    pub fn leave_open(&mut self, code: Code, records: u64) {
        self.records += records;
        self.slots.iter_mut().for_each(|slot| slot.leave_open(code, records));
    }

    /// Takes in what another state of the same aggregate has seen, of which nobody knows whether it came before or after
    /// ([`Aggregate::joins_in_any_order`]).
    pub fn join(&mut self, other: &AggregateState) {
        self.records = self.records.saturating_add(other.records);
        for (slot, more) in self.slots.iter_mut().zip(&other.slots) {
            slot.join_any(more);
        }
    }

    /// As JSON: the same whatever the parts it was made of.
    pub fn to_value(&self) -> Object<'static> {
        let mut object = Object::new();
        object.insert("records", self.records);
        let folds = self.slots.iter().map(|slot| Value::Object(slot.to_value()));
        object.insert("folds", folds.collect::<Vec<_>>());
        object
    }

    /// What [`AggregateState::to_value`] has written of this aggregate; `None` for anything else.
    pub fn from_value(aggregate: &Aggregate, value: &Value<'_>) -> Option<AggregateState> {
        let slots = value.get("folds")?.as_list().filter(|slots| slots.len() == aggregate.folds.len())?;
        let slots = slots.iter().zip(&aggregate.folds).map(|(slot, fold)| Slot::from_value(fold, slot));
        Some(AggregateState {
            records: value.get("records")?.as_number()?.as_u64()?,
            slots: slots.collect::<Option<_>>()?,
        })
    }

    /// Takes in what another state of the same aggregate has seen, whose records come after these.
    pub fn merge(&mut self, other: &AggregateState) {
        self.records += other.records;
        for (slot, more) in self.slots.iter_mut().zip(&other.slots) {
            slot.merge(more);
        }
    }

    /// Where it cannot be told what the aggregate comes to: the least and the most it can be, as far as that is known.
    /// Records that cannot be read may each have been anything, but no more than one.
    pub fn limits(&self, aggregate: &Aggregate) -> (Option<Number<'static>>, Option<Number<'static>>) {
        let mut unknown = self.slots.iter().enumerate().filter(|(_, slot)| !slot.is_known());
        let (Some((place, slot)), None) = (unknown.next(), unknown.next()) else { return (None, None) };
        self.between(aggregate, place, slot.limits())
    }

    /// A slope's ends at a level, as they are written beside what it comes to: `NAME_low`, `NAME_high`, and `sure`.
    /// Nothing where it is no slope, or more is done with it than plain arithmetic.
    pub fn ends(&self, aggregate: &Aggregate, level: Number<'static>) -> Vec<(Path, Value<'static>)> {
        let slope = self.slots.iter().enumerate().find(|(_, slot)| slot.is_slope());
        let (Some((place, slot)), Some(names)) = (slope, aggregate.ends()) else { return Vec::new() };
        let rare = level.to_f64().map_or(0.0, |level| 1.0 - level);
        let ends = aggregate.folds.get(place).map_or((None, None), |fold| slot.ends(fold, rare));
        let (low, high) = self.between(aggregate, place, ends);
        let values = [low.map_or(Value::Null, Value::Number), high.map_or(Value::Null, Value::Number), level.into()];
        names.into_iter().zip(values).collect()
    }

    /// What the whole lies between where one function over records lies between two limits.
    fn between(
        &self,
        aggregate: &Aggregate,
        place: usize,
        (low, high): (Option<Quantity>, Option<Quantity>),
    ) -> (Option<Number<'static>>, Option<Number<'static>>) {
        if !is_linear(&aggregate.expr, place, &mut 0, false) {
            return (None, None);
        }
        let values: Vec<Result<Value<'static>, Code>> =
            self.slots.iter().zip(&aggregate.folds).map(|(slot, fold)| slot.value(fold)).collect();
        let exact: Vec<Option<Quantity>> =
            self.slots.iter().zip(&aggregate.folds).map(|(slot, fold)| slot.number(fold)).collect();
        let at = |limit: Option<Quantity>| {
            let mut exact = exact.clone();
            *exact.get_mut(place)? = Some(limit?);
            let (null, claims, survey) = (Value::Null, Claims::default(), Survey::default());
            let scene = Scene { slots: &values, exact: &exact, ..Scene::new(&null, &claims, None, &[], &survey) };
            match aggregate.node.evaluate(&scene) {
                Datum::Number(number) => Some(number),
                _ => None,
            }
        };
        let probe = low.or(high);
        let (low, high) = (at(low), at(high));
        // Whether the whole falls where the function rises: seen by one more.
        let one = Quantity::new(crate::Decimal::ONE);
        let falls = match (at(probe), at(probe.and_then(|probe| probe.plus(one)))) {
            (Some(here), Some(there)) => there.compare(here).is_some_and(std::cmp::Ordering::is_lt),
            _ => return (None, None),
        };
        let number = |limit: Option<Quantity>| limit.map(|limit| limit.to_number(WIRE_DIGITS));
        if falls { (number(high), number(low)) } else { (number(low), number(high)) }
    }

    /// The least and the most that it can be, as far as that is known, where a hole in the series may have changed it;
    /// `None` where the hole changes nothing.
    pub fn unseen(&self, aggregate: &Aggregate) -> Option<(Option<Number<'static>>, Option<Number<'static>>)> {
        if !aggregate.spans_time() {
            return None;
        }
        let each = self.slots.iter().zip(&aggregate.folds);
        let unseen: Vec<Option<Interval>> = each.clone().map(|(slot, fold)| slot.unseen(fold)).collect();
        let values: Vec<Result<Value<'static>, Code>> = each.clone().map(|(slot, fold)| slot.value(fold)).collect();
        let exact: Vec<Option<Quantity>> = each.map(|(slot, fold)| slot.number(fold)).collect();
        let (null, claims, survey) = (Value::Null, Claims::default(), Survey::default());
        let scene =
            Scene { slots: &values, exact: &exact, unseen: &unseen, ..Scene::new(&null, &claims, None, &[], &survey) };
        let number = |limit: Option<Quantity>| limit.map(|limit| limit.to_number(WIRE_DIGITS));
        match aggregate.node.evaluate(&scene) {
            Datum::Between(interval) => Some((number(interval.low), number(interval.high))),
            Datum::Unknown(_) => Some((None, None)),
            _ => None,
        }
    }

    /// What the aggregate comes to, or why it cannot be told.
    pub fn finish(&self, aggregate: &Aggregate) -> Result<Value<'static>, Code> {
        if self.records == 0 {
            return Err(Code::NoRecords);
        }
        self.finish_chosen(aggregate)
    }

    /// What the aggregate comes to where records were read, and a condition may have chosen none of them: a count of none
    /// is 0, and a minimum of none cannot be told.
    pub fn finish_chosen(&self, aggregate: &Aggregate) -> Result<Value<'static>, Code> {
        let values: Vec<Result<Value<'static>, Code>> =
            self.slots.iter().zip(&aggregate.folds).map(|(slot, fold)| slot.value(fold)).collect();
        // Numbers go through as they are, so that a quotient is not rounded half-way.
        let exact: Vec<Option<Quantity>> =
            self.slots.iter().zip(&aggregate.folds).map(|(slot, fold)| slot.number(fold)).collect();
        let null = Value::Null;
        let survey = Survey::default();
        let claims = Claims::default();
        let scene = Scene { slots: &values, exact: &exact, ..Scene::new(&null, &claims, None, &[], &survey) };
        aggregate.node.evaluate(&scene).value()
    }
}

/// Whether the value of the `wanted`-th function over records stands once in plain arithmetic, and in no divisor: then
/// what the whole comes to rises or falls with it all the way.
fn is_linear(expr: &Expr, wanted: usize, next: &mut usize, divisor: bool) -> bool {
    match &expr.kind {
        ExprKind::Number { .. } => true,
        ExprKind::Fold(..) => {
            *next += 1;
            !(divisor && *next - 1 == wanted)
        }
        ExprKind::Negate(a) => is_linear(a, wanted, next, divisor),
        ExprKind::Arithmetic(operator, a, b) => {
            let left = is_linear(a, wanted, next, divisor);
            is_linear(b, wanted, next, divisor || *operator == Arithmetic::Over) && left
        }
        _ => false,
    }
}

/// The value of a slot, for the expression over the folds.
pub(crate) fn slot_value<'r>(
    values: &'r [Result<Value<'static>, Code>],
    exact: &[Option<Quantity>],
    at: usize,
) -> Datum<'r> {
    if let Some(Some(number)) = exact.get(at) {
        return Datum::Number(*number);
    }
    match values.get(at) {
        Some(Ok(value)) => evaluate::datum(value),
        Some(Err(code)) => Datum::Unknown(*code),
        None => Datum::Unknown(Code::NoSamples),
    }
}

#[cfg(test)]
mod tests;
