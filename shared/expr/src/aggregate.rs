//! Aggregates: `NAME = EXPR` over the records read, as `uptime_pct = 100 * count(where ok) / count()`.
//!
//! Owns the functions over many records and their states, which merge in order and take memory that does not grow with
//! the records (`distinct` has a limit). Refuses percentiles: those are `percentile`'s.

use std::collections::HashSet;
use std::fmt;

use schema::{Code, Value};

use crate::evaluate::{self, Claims, Datum, Scene};
use crate::parser::Parser;
use crate::plan::{self, Node, Place};
use crate::quantity::WIRE_DIGITS;
use crate::syntax::{Comparison, Expr, Folding};
use crate::{Condition, Decimal, Error, Path, Quantity, Sum};

/// How many different values `distinct` keeps; past them it cannot be told.
const DISTINCT_LIMIT: usize = 1_000_000;

/// One aggregate.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Where its value goes.
    pub name: Path,
    expr: Expr,
    node: Node,
    folds: Vec<Fold>,
}

/// One function over records.
#[derive(Clone, Debug)]
struct Fold {
    folding: Folding,
    argument: Option<Node>,
    condition: Option<Condition>,
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
            let line = crate::lexer::without_comment(raw);
            if !line.trim().is_empty() {
                aggregates.push(read(line.trim_end()).map_err(|error| error.on_line(place + 1, raw))?);
            }
        }
        Ok(aggregates)
    }

    /// The state before any record.
    pub fn start(&self) -> AggregateState {
        AggregateState { records: 0, slots: self.folds.iter().map(|fold| Slot::new(fold.folding)).collect() }
    }

    /// The paths it reads, in the order they are written.
    pub fn paths(&self) -> Vec<&Path> {
        let mut paths = Vec::new();
        self.expr.each_path(&mut |path| paths.push(path));
        paths
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
    let wanted = "an aggregate is written NAME = EXPR, as in errors = count(where ok == false)";
    let start = text.len() - text.trim_start().len();
    let (name, end) =
        Path::scan(text, start).map_err(|error| Error { message: format!("{}; {wanted}", error.message), ..error })?;
    // A name that needs quotes is one with quotes, so that printing and reading give the same.
    let name = Path::parse(&name.to_string()).unwrap_or(name);
    if name.has_wildcard() {
        return Err(Error::new("the name of an aggregate has no wildcard", start, end));
    }
    let rest = text.get(end..).unwrap_or_default();
    let equals = end + rest.len() - rest.trim_start().len();
    if !text.get(equals..).is_some_and(|rest| rest.starts_with('=') && !rest.starts_with("==")) {
        return Err(Error::new(wanted, end, equals + 1));
    }
    let source = format!("{}{}", " ".repeat(equals + 1), text.get(equals + 1..).unwrap_or_default());
    let expr = Parser::aggregates(&source)?.whole()?;
    let mut folds = Vec::new();
    let node = compile(&expr, &mut folds)?;
    if folds.is_empty() {
        return Err(Error::new(
            "an aggregate goes over records: count() sum(x) mean(x) min(x) max(x) first(x) last(x) any(c) all(c) \
             longest(c) distinct(x) increase(x)",
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
            let mut unit = None;
            let argument = match argument {
                None => None,
                Some(argument) => {
                    if argument.has_wildcard() {
                        let message = "an aggregate's argument has no wildcard";
                        return Err(Error::new(message, argument.span.start, argument.span.end));
                    }
                    let typed = plan::compile(argument, Place::FREE)?;
                    if folding.keeps_unit() {
                        unit = typed.unit;
                    }
                    Some(typed.node)
                }
            };
            let condition = condition.map(|condition| Condition::of(condition.clone())).transpose()?;
            Ok((Fold { folding, argument, condition }, unit))
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

/// What an aggregate has seen.
#[derive(Clone, Debug)]
pub struct AggregateState {
    records: u64,
    slots: Vec<Slot>,
}

/// What one function has seen.
#[derive(Clone, Debug)]
struct Slot {
    /// How many records it took in.
    taken: u64,
    /// Why it cannot be told: of several reasons the first in the order of the codes, so that order does not matter.
    unknown: Option<Code>,
    held: Held,
}

#[derive(Clone, Debug)]
enum Held {
    Count,
    Sum {
        sum: Sum,
        quotients: Quantity,
    },
    Extreme {
        best: Option<Quantity>,
        /// How a number compares with the best so far to take its place.
        wins: Comparison,
    },
    First(Option<Value<'static>>),
    Last(Option<Value<'static>>),
    Truths {
        yes: bool,
        no: bool,
    },
    Runs(Runs),
    Distinct(HashSet<Vec<u8>>),
    Rise {
        first: Option<Quantity>,
        last: Option<Quantity>,
        total: Quantity,
    },
}

/// Runs of records for which something holds; two halves join.
#[derive(Clone, Copy, Debug, Default)]
struct Runs {
    all: u64,
    leading: u64,
    trailing: u64,
    longest: u64,
}

impl Runs {
    fn add(&mut self, holds: bool) {
        let one = u64::from(holds);
        self.join(Runs { all: 1, leading: one, trailing: one, longest: one });
    }

    fn join(&mut self, other: Runs) {
        let across = self.trailing + other.leading;
        self.longest = self.longest.max(other.longest).max(across);
        if self.leading == self.all {
            self.leading = across;
        }
        self.trailing = if other.trailing == other.all { self.trailing + other.all } else { other.trailing };
        self.all += other.all;
    }
}

impl AggregateState {
    /// Takes a record in.
    pub fn add(&mut self, aggregate: &Aggregate, record: &Value<'_>) {
        self.records += 1;
        let claims = Claims::of(record);
        for (fold, slot) in aggregate.folds.iter().zip(&mut self.slots) {
            slot.add(fold, record, &claims);
        }
    }

    /// Takes in what another state of the same aggregate has seen, whose records come after these.
    pub fn merge(&mut self, other: &AggregateState) {
        self.records += other.records;
        for (slot, more) in self.slots.iter_mut().zip(&other.slots) {
            slot.merge(more);
        }
    }

    /// What the aggregate comes to, or why it cannot be told.
    pub fn finish(&self, aggregate: &Aggregate) -> Result<Value<'static>, Code> {
        if self.records == 0 {
            return Err(Code::NoRecords);
        }
        let values: Vec<Result<Value<'static>, Code>> =
            self.slots.iter().zip(&aggregate.folds).map(|(slot, fold)| slot.value(fold.folding)).collect();
        // Numbers go through as they are, so that a quotient is not rounded half-way.
        let exact: Vec<Option<Quantity>> =
            self.slots.iter().zip(&aggregate.folds).map(|(slot, fold)| slot.number(fold.folding)).collect();
        let null = Value::Null;
        let claims = Claims::default();
        let scene = Scene { slots: &values, exact: &exact, ..Scene::new(&null, &claims, None, &[]) };
        match aggregate.node.evaluate(&scene) {
            Datum::Number(number) => Ok(Value::Number(number.to_number(WIRE_DIGITS))),
            Datum::Text(text) => Ok(Value::text(text.into_owned())),
            Datum::Empty => Ok(Value::text("")),
            Datum::Truth(yes) => Ok(Value::Bool(yes)),
            Datum::Whole(value) => Ok(value.clone().into_owned()),
            Datum::Null => Err(Code::Null),
            Datum::Unknown(code) => Err(code),
        }
    }
}

impl Slot {
    fn new(folding: Folding) -> Slot {
        let zero = Quantity::new(Decimal::ZERO);
        let held = match folding {
            Folding::Count => Held::Count,
            Folding::Sum | Folding::Mean => Held::Sum { sum: Sum::default(), quotients: zero },
            Folding::Min => Held::Extreme { best: None, wins: Comparison::Less },
            Folding::Max => Held::Extreme { best: None, wins: Comparison::Greater },
            Folding::First => Held::First(None),
            Folding::Last => Held::Last(None),
            Folding::Any | Folding::All => Held::Truths { yes: false, no: false },
            Folding::Longest => Held::Runs(Runs::default()),
            Folding::Distinct => Held::Distinct(HashSet::new()),
            Folding::Increase => Held::Rise { first: None, last: None, total: zero },
        };
        Slot { taken: 0, unknown: None, held }
    }

    fn lose(&mut self, code: Code) {
        self.unknown = Some(self.unknown.map_or(code, |before| before.min(code)));
    }

    fn add(&mut self, fold: &Fold, record: &Value<'_>, claims: &Claims) {
        let scene = Scene::new(record, claims, None, &[]);
        match fold.condition.as_ref().map(|condition| condition.within(&scene)) {
            None | Some(Ok(true)) => {}
            Some(Ok(false)) => return,
            Some(Err(code)) => return self.lose(code),
        }
        self.taken += 1;
        let Some(argument) = &fold.argument else { return };
        let value = argument.evaluate(&scene);
        if let Err(code) = self.take(&value) {
            self.lose(code);
        }
    }

    fn take(&mut self, value: &Datum<'_>) -> Result<(), Code> {
        match &mut self.held {
            Held::Count => {
                known(value)?;
            }
            Held::Sum { sum, quotients } => {
                let number = value.number()?;
                match number.as_decimal() {
                    Some(decimal) => sum.add(decimal),
                    None => *quotients = quotients.plus(number).ok_or(Code::Overflow)?,
                }
            }
            Held::Extreme { best, wins } => *best = Some(extreme(*wins, *best, value.number()?)?),
            Held::First(first) => {
                let value = known(value)?;
                first.get_or_insert(value);
            }
            Held::Last(last) => *last = Some(known(value)?),
            Held::Truths { yes, no } => {
                if value.truth()? {
                    *yes = true;
                } else {
                    *no = true;
                }
            }
            Held::Runs(runs) => runs.add(value.truth()?),
            Held::Distinct(seen) => {
                let mut key = Vec::new();
                schema::json::write(&known(value)?, &mut key);
                if seen.len() >= DISTINCT_LIMIT && !seen.contains(&key) {
                    return Err(Code::Overflow);
                }
                seen.insert(key);
            }
            Held::Rise { first, last, total } => {
                let number = value.number()?;
                if let Some(before) = *last {
                    *total = total.plus(rise(before, number)?).ok_or(Code::Overflow)?;
                }
                first.get_or_insert(number);
                *last = Some(number);
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: &Slot) {
        self.taken += other.taken;
        if let Some(code) = other.unknown {
            self.lose(code);
        }
        if let Err(code) = self.join(&other.held) {
            self.lose(code);
        }
    }

    fn join(&mut self, other: &Held) -> Result<(), Code> {
        match (&mut self.held, other) {
            (Held::Count, Held::Count) => {}
            (Held::Sum { sum, quotients }, Held::Sum { sum: more, quotients: rest }) => {
                sum.merge(more);
                *quotients = quotients.plus(*rest).ok_or(Code::Overflow)?;
            }
            (Held::Extreme { best, wins }, Held::Extreme { best: Some(more), .. }) => {
                *best = Some(extreme(*wins, *best, *more)?);
            }
            (Held::Extreme { .. }, Held::Extreme { best: None, .. }) => {}
            (Held::First(first), Held::First(more)) => {
                if first.is_none() {
                    first.clone_from(more);
                }
            }
            (Held::Last(last), Held::Last(more)) => {
                if more.is_some() {
                    last.clone_from(more);
                }
            }
            (Held::Truths { yes, no }, Held::Truths { yes: more_yes, no: more_no }) => {
                *yes |= more_yes;
                *no |= more_no;
            }
            (Held::Runs(runs), Held::Runs(more)) => runs.join(*more),
            (Held::Distinct(seen), Held::Distinct(more)) => {
                seen.extend(more.iter().cloned());
                if seen.len() > DISTINCT_LIMIT {
                    return Err(Code::Overflow);
                }
            }
            (Held::Rise { first, last, total }, Held::Rise { first: next, last: latest, total: more }) => {
                let mut sum = total.plus(*more).ok_or(Code::Overflow)?;
                if let (Some(before), Some(after)) = (*last, *next) {
                    sum = sum.plus(rise(before, after)?).ok_or(Code::Overflow)?;
                }
                *total = sum;
                *first = first.or(*next);
                *last = latest.or(*last);
            }
            _ => return Err(Code::NotMergeable),
        }
        Ok(())
    }

    /// The value where it is a number.
    fn number(&self, folding: Folding) -> Option<Quantity> {
        let whole = |count: u64| Some(Quantity::new(Decimal::from(count)));
        match &self.held {
            _ if self.unknown.is_some() => None,
            Held::Count => whole(self.taken),
            Held::Sum { sum, quotients } => {
                let total = Quantity::new(sum.total()?).plus(*quotients)?;
                match folding {
                    Folding::Mean if self.taken == 0 => None,
                    Folding::Mean => total.divided_by(Quantity::new(Decimal::from(self.taken))),
                    _ => Some(total),
                }
            }
            Held::Extreme { best, .. } => *best,
            Held::Runs(runs) if self.taken > 0 => whole(runs.longest),
            Held::Distinct(seen) => whole(seen.len() as u64),
            Held::Rise { total, .. } if self.taken > 1 => Some(*total),
            _ => None,
        }
    }

    fn value(&self, folding: Folding) -> Result<Value<'static>, Code> {
        // Any yes decides any(), any no decides all(), whatever else cannot be told (Kleene).
        match (&self.held, folding) {
            (Held::Truths { yes: true, .. }, Folding::Any) => return Ok(Value::Bool(true)),
            (Held::Truths { no: true, .. }, Folding::All) => return Ok(Value::Bool(false)),
            _ => {}
        }
        if let Some(code) = self.unknown {
            return Err(code);
        }
        if let Some(number) = self.number(folding) {
            return Ok(Value::Number(number.to_number(WIRE_DIGITS)));
        }
        match &self.held {
            Held::First(Some(value)) | Held::Last(Some(value)) => Ok(value.clone()),
            Held::Truths { .. } if self.taken > 0 => Ok(Value::Bool(folding == Folding::All)),
            Held::Sum { .. } if self.taken > 0 => Err(Code::Overflow),
            _ => Err(Code::NoSamples),
        }
    }
}

fn extreme(wins: Comparison, best: Option<Quantity>, number: Quantity) -> Result<Quantity, Code> {
    match best {
        Some(best) if !wins.holds(number.compare(best).ok_or(Code::Overflow)?) => Ok(best),
        _ => Ok(number),
    }
}

/// How much a counter rose; one that is lower than before was reset, and rose from zero.
fn rise(before: Quantity, now: Quantity) -> Result<Quantity, Code> {
    if now.compare(before).ok_or(Code::Overflow)?.is_lt() {
        return Ok(now);
    }
    now.minus(before).ok_or(Code::Overflow)
}

/// A value that is there.
fn known(value: &Datum<'_>) -> Result<Value<'static>, Code> {
    match value {
        Datum::Unknown(code) => Err(*code),
        Datum::Null => Err(Code::Null),
        Datum::Number(number) => Ok(Value::Number(number.to_number(WIRE_DIGITS))),
        Datum::Text(text) => Ok(Value::text(text.to_string())),
        Datum::Empty => Ok(Value::text("")),
        Datum::Truth(yes) => Ok(Value::Bool(*yes)),
        Datum::Whole(value) => Ok((*value).clone().into_owned()),
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
mod tests {
    use super::*;
    use schema::json;

    const RECORDS: [&str; 6] = [
        r#"{"ms":10,"ok":true,"op":"a","c":5}"#,
        r#"{"ms":30,"ok":false,"op":"b","c":9}"#,
        r#"{"ms":20,"ok":false,"op":"a","c":2}"#,
        r#"{"ms":0.5,"ok":true,"op":"c","c":4}"#,
        r#"{"ms":40,"ok":false,"op":"a","c":4}"#,
        r#"{"ms":1,"ok":true,"op":"a","c":10}"#,
    ];

    fn fold(text: &str, records: &[&str]) -> String {
        let aggregate = Aggregate::parse(text).unwrap_or_else(|error| panic!("{text}: {error}\n{}", error.caret()));
        let of = |records: &[&str]| {
            let mut state = aggregate.start();
            for record in records {
                state.add(&aggregate, &json::parse(record.as_bytes()).unwrap());
            }
            state
        };
        let shown = |state: &AggregateState| match state.finish(&aggregate) {
            Ok(value) => {
                let mut out = Vec::new();
                json::write(&value, &mut out);
                String::from_utf8(out).unwrap()
            }
            Err(code) => code.to_string(),
        };
        let whole = shown(&of(records));
        for cut in 0..=records.len() {
            let mut merged = of(&records[..cut]);
            merged.merge(&of(&records[cut..]));
            assert_eq!(shown(&merged), whole, "{text} cut at {cut}");
        }
        assert_eq!(Aggregate::parse(&aggregate.to_string()).unwrap(), aggregate, "{aggregate}");
        whole
    }

    #[test]
    fn functions() {
        for (text, value) in [
            ("n = count()", "6"),
            ("n = count(where ok)", "3"),
            ("n = sum(ms)", "101.5"),
            ("n = mean(ms where op == \"a\")", "17.75"),
            ("n = min(ms)", "0.5"),
            ("n = max(ms)", "40"),
            ("n = first(op)", "\"a\""),
            ("n = last(ms)", "1"),
            ("n = any(ms > 35)", "true"),
            ("n = all(ms > 35)", "false"),
            ("n = all(ms < 41)", "true"),
            ("n = any(ms > 41)", "false"),
            ("n = longest(not ok)", "2"),
            ("n = distinct(op)", "3"),
            ("n = increase(c)", "14"),
            ("uptime_pct = 100 * count(where ok) / count()", "50"),
            ("n = sum(ms * 2 where not ok) / 7", "25.714285714285714"),
            ("n = sum(ms / 3) * 3", "101.5"),
            ("n = max(mean(ms), 17)", "17"),
            ("n = count(where op == \"none\")", "0"),
            ("n = mean(ms where op == \"none\")", "no-samples"),
            ("n = all(ok where op == \"none\")", "no-samples"),
            ("n = sum(none)", "missing"),
            ("n = count(where none > 1)", "missing"),
            ("n = sum(op)", "not-a-number"),
            ("n = 1 / (count() - 6)", "division-by-zero"),
            ("n = count() > 5 and any(ok)", "true"),
        ] {
            assert_eq!(fold(text, &RECORDS), value, "{text}");
        }
        assert_eq!(fold("n = count()", &[]), "no-records");
        assert_eq!(fold("n = increase(c)", &RECORDS[..1]), "no-samples");
        assert_eq!(fold("n = any(x)", &[r#"{"x":true}"#, "{}"]), "true");
        assert_eq!(fold("n = any(x)", &[r#"{"x":false}"#, "{}"]), "missing");
    }

    #[test]
    fn errors() {
        for (text, part) in [
            ("n = ms", "say last(ms)"),
            ("n = 5", "goes over records"),
            ("n count()", "NAME = EXPR"),
            ("n = p95(ms)", "percentile"),
            ("n = count(ms", "\")\""),
            ("n = sum()", "wants"),
            ("n = sum(sum(x))", "within"),
            ("*.n = count()", "wildcard"),
            ("n = sum(a.*)", "wildcard"),
        ] {
            let error = Aggregate::parse(text).unwrap_err();
            assert!(error.to_string().contains(part), "{text}: {error}");
        }
    }
}
