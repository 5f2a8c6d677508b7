//! Functions over records: what each has seen, how two halves join, what it comes to.
//!
//! Owns one state a function, whose size does not grow with the records (`distinct` has a limit). Refuses to guess:
//! a record that cannot be told makes the whole cannot tell, but where Kleene's `any` and `all` decide without it.

pub(crate) mod aggregate; // `NAME = EXPR` over records
pub(crate) mod quick; // of flat values
mod wire; // as JSON, for states

use std::collections::{BTreeMap, HashSet};

use schema::{Code, Value};

use crate::Condition;
use crate::evaluate::Scene;
use crate::evaluate::datum::Datum;
use crate::evaluate::interval::Interval;
use crate::evaluate::plan::Node;
use crate::evaluate::time;
use crate::language::syntax::{Comparison, Folding};
use crate::record::claims::Claims;
use crate::record::survey::Survey;
use crate::statistics::slope;
use crate::{Decimal, Quantity, Sum};
use number::{Fixed, WIRE_DIGITS};

/// One function over records.
#[derive(Clone, Debug)]
pub(crate) struct Fold {
    pub folding: Folding,
    pub argument: Option<Node>,
    /// By what a slope is.
    pub by: Option<Node>,
    pub condition: Option<Condition>,
    /// Of a slope over windows of time.
    pub windows: Option<Box<Windows>>,
}

impl Fold {
    /// Whether what it says is about every moment: a record that was not made, since nobody looked, may have changed it.
    /// First and last are of records that are there, a counter's rise is seen behind the hole, and a count of all
    /// records is that of those that were made.
    pub(crate) fn spans_time(&self) -> bool {
        match self.folding {
            Folding::Count => self.condition.is_some(),
            Folding::First | Folding::Last | Folding::Increase | Folding::Slope => false,
            _ => true,
        }
    }
}

/// Windows of time, each with one figure.
#[derive(Clone, Debug)]
pub(crate) struct Windows {
    /// In seconds.
    pub width: Quantity,
    /// What says the time of a record, where nobody else does (`--time`).
    pub time: Node,
    pub figure: Fold,
}

/// How many different values `distinct` keeps; past them it cannot be told.
const DISTINCT_LIMIT: usize = 1_000_000;

/// What one function has seen.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    /// How many records it took in.
    taken: u64,
    /// Of how many records it is not known whether it takes them in.
    open: u64,
    /// How many records it took in without being able to read their value.
    unread: u64,
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
        /// The same where it is a short number that was taken in quickly.
        short: Option<Fixed>,
        /// How a number compares with the best so far to take its place.
        wins: Comparison,
    },
    First(Option<Seen>),
    Last(Option<Seen>),
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
    /// The points of a slope: place and value.
    Slope(Vec<(Quantity, Quantity)>),
    /// The figures of a slope's windows, by how many widths after 1970 each begins.
    Windows(BTreeMap<i64, Slot>),
}

/// The value of a first or last record.
#[derive(Clone, Debug)]
struct Seen {
    /// Its time in nanoseconds since 1970, where records are in the order of their times; else they are as they came.
    at: Option<i64>,
    /// None where several parts had one at this time, and not the same.
    value: Option<Value<'static>>,
}

/// What tells which record is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// They are as they come.
    Given,
    /// By their times, of which this is the record's in nanoseconds since 1970; or why it has none.
    At(Result<i64, Code>),
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

impl Slot {
    pub(crate) fn new(fold: &Fold) -> Slot {
        let zero = Quantity::new(Decimal::ZERO);
        let held = match fold.folding {
            Folding::Count => Held::Count,
            Folding::Sum | Folding::Mean => Held::Sum { sum: Sum::default(), quotients: zero },
            Folding::Min => Held::Extreme { best: None, short: None, wins: Comparison::Less },
            Folding::Max => Held::Extreme { best: None, short: None, wins: Comparison::Greater },
            Folding::First => Held::First(None),
            Folding::Last => Held::Last(None),
            Folding::Any | Folding::All => Held::Truths { yes: false, no: false },
            Folding::Longest => Held::Runs(Runs::default()),
            Folding::Distinct => Held::Distinct(HashSet::new()),
            Folding::Slope if fold.windows.is_some() => Held::Windows(BTreeMap::new()),
            Folding::Slope => Held::Slope(Vec::new()),
            Folding::Increase => Held::Rise { first: None, last: None, total: zero },
        };
        Slot { taken: 0, open: 0, unread: 0, unknown: None, held }
    }

    fn lose(&mut self, code: Code) {
        self.unknown = Some(self.unknown.map_or(code, |before| before.min(code)));
    }

    /// So many more records that it may take in or not.
    pub(crate) fn leave_open(&mut self, code: Code, records: u64) {
        self.open = self.open.saturating_add(records);
        self.lose(code);
    }

    pub(crate) fn add(&mut self, fold: &Fold, record: &Value<'_>, claims: &Claims, order: Order) {
        let survey = Survey::default();
        let scene = Scene::new(record, claims, None, &[], &survey);
        match fold.condition.as_ref().map(|condition| condition.within(&scene)) {
            None | Some(Ok(true)) => {}
            Some(Ok(false)) => return,
            Some(Err(code)) => return self.leave_open(code, 1),
        }
        self.taken += 1;
        if let Some(windows) = &fold.windows {
            let scene = Scene::new(record, claims, None, &[], &survey);
            if let Err(code) = self.take_window(windows, &scene, order) {
                self.unread += 1;
                self.lose(code);
            }
            return;
        }
        let Some(argument) = &fold.argument else { return };
        let value = argument.evaluate(&scene);
        let taken = match &fold.by {
            None => self.take(&value, order),
            Some(by) => self.take_point(&by.evaluate(&scene), &value),
        };
        if let Err(code) = taken {
            self.unread += 1;
            self.lose(code);
        }
    }

    /// A point of a slope: a time stamp is so many seconds.
    fn take_point(&mut self, place: &Datum<'_>, value: &Datum<'_>) -> Result<(), Code> {
        let place = match place {
            Datum::Text(text) => Quantity::new(time::seconds(text).ok_or(Code::NotANumber)?),
            other => other.number()?,
        };
        let point = (place, value.number()?);
        let Held::Slope(points) = &mut self.held else { return Err(Code::WrongType) };
        if points.len() >= slope::MOST {
            return Err(Code::Overflow);
        }
        points.push(point);
        Ok(())
    }

    /// Puts a record into its window.
    fn take_window(&mut self, windows: &Windows, scene: &Scene<'_, '_>, order: Order) -> Result<(), Code> {
        let time = match order {
            Order::At(at) => {
                let second = Quantity::new(Decimal::from(1_000_000_000u64));
                Quantity::new(Decimal::from(at?)).divided_by(second).ok_or(Code::Overflow)?
            }
            Order::Given => match windows.time.evaluate(scene) {
                Datum::Text(text) => Quantity::new(time::seconds(&text).ok_or(Code::NotANumber)?),
                other => other.number()?,
            },
        };
        let widths = time.divided_by(windows.width).and_then(Quantity::floor).ok_or(Code::Overflow)?;
        let widths = widths.to_number().as_i64().ok_or(Code::Overflow)?;
        let Held::Windows(held) = &mut self.held else { return Err(Code::WrongType) };
        if held.len() >= slope::MOST && !held.contains_key(&widths) {
            return Err(Code::Overflow);
        }
        let slot = held.entry(widths).or_insert_with(|| Slot::new(&windows.figure));
        slot.add(&windows.figure, scene.record, scene.claims, order);
        Ok(())
    }

    /// Whether it is a slope.
    pub(crate) fn is_slope(&self) -> bool {
        matches!(self.held, Held::Slope(_) | Held::Windows(_))
    }

    /// Why it cannot be told.
    fn lost(&self) -> Option<Code> {
        match &self.held {
            Held::Windows(held) => held.values().filter_map(Slot::lost).chain(self.unknown).min(),
            _ => self.unknown,
        }
    }

    /// The points of a slope that is known; windows into which no record went have none.
    fn points(&self, fold: &Fold) -> Option<Vec<(Quantity, Quantity)>> {
        if self.lost().is_some() {
            return None;
        }
        match (&self.held, &fold.windows) {
            (Held::Slope(points), _) => Some(points.clone()),
            (Held::Windows(held), Some(windows)) => {
                let point = |(widths, slot): (&i64, &Slot)| {
                    let place = Quantity::new(Decimal::from(*widths)).times(windows.width)?;
                    Some((place, slot.number(&windows.figure)?))
                };
                Some(held.iter().filter_map(point).collect())
            }
            _ => None,
        }
    }

    /// The ends of a slope that is known, each wrong by a chance of at most `rare`.
    pub(crate) fn ends(&self, fold: &Fold, rare: f64) -> (Option<Quantity>, Option<Quantity>) {
        let slope = self.points(fold).and_then(|points| slope::exactly(&points, rare));
        slope.map_or((None, None), |slope| (slope.low, slope.high))
    }

    fn take(&mut self, value: &Datum<'_>, order: Order) -> Result<(), Code> {
        let at = || match order {
            Order::Given => Ok(None),
            Order::At(at) => at.map(Some),
        };
        match &mut self.held {
            // `count(ok)` is meant as `count(where ok)` by most who write it, and would count what is false as well.
            Held::Count if matches!(value, Datum::Truth(false)) => return Err(Code::WrongType),
            Held::Count => {
                value.value()?;
            }
            Held::Sum { sum, quotients } => {
                let number = value.number()?;
                match number.as_decimal() {
                    Some(decimal) => sum.add(decimal),
                    None => *quotients = quotients.plus(number).ok_or(Code::Overflow)?,
                }
            }
            Held::Extreme { best, short, wins } => {
                *best = Some(extreme(*wins, *best, value.number()?)?);
                *short = None;
            }
            Held::First(first) => {
                let (value, at) = (value.value()?, at()?);
                if first.as_ref().is_none_or(|seen| at < seen.at) {
                    *first = Some(Seen { at, value: Some(value) });
                }
            }
            Held::Last(last) => {
                let (value, at) = (value.value()?, at()?);
                if last.as_ref().is_none_or(|seen| at >= seen.at) {
                    *last = Some(Seen { at, value: Some(value) });
                }
            }
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
                schema::json::write(&value.value()?, &mut key);
                if seen.len() >= DISTINCT_LIMIT && !seen.contains(&key) {
                    return Err(Code::Overflow);
                }
                seen.insert(key);
            }
            Held::Slope(_) | Held::Windows(_) => return Err(Code::WrongType),
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

    /// Takes in the counts of another, and why it cannot be told.
    fn count_in(&mut self, other: &Slot) {
        // A state says these counts; no sum of them may overflow.
        self.taken = self.taken.saturating_add(other.taken);
        self.open = self.open.saturating_add(other.open);
        self.unread = self.unread.saturating_add(other.unread);
        if let Some(code) = other.unknown {
            self.lose(code);
        }
    }

    pub(crate) fn merge(&mut self, other: &Slot) {
        self.count_in(other);
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
            (Held::Extreme { best, short, wins }, Held::Extreme { best: Some(more), .. }) => {
                *best = Some(extreme(*wins, *best, *more)?);
                *short = None;
            }
            (Held::Extreme { .. }, Held::Extreme { best: None, .. }) => {}
            (Held::First(first), Held::First(more)) => {
                if more.as_ref().is_some_and(|more| first.as_ref().is_none_or(|seen| more.at < seen.at)) {
                    first.clone_from(more);
                }
            }
            (Held::Last(last), Held::Last(more)) => {
                if more.as_ref().is_some_and(|more| last.as_ref().is_none_or(|seen| more.at >= seen.at)) {
                    last.clone_from(more);
                }
            }
            (Held::Truths { yes, no }, Held::Truths { yes: more_yes, no: more_no }) => {
                *yes |= more_yes;
                *no |= more_no;
            }
            (Held::Runs(runs), Held::Runs(more)) => runs.join(*more),
            (Held::Slope(points), Held::Slope(more)) => {
                if points.len() + more.len() > slope::MOST {
                    return Err(Code::Overflow);
                }
                points.extend(more);
            }
            (Held::Windows(held), Held::Windows(more)) => {
                for (widths, slot) in more {
                    if let Some(before) = held.get_mut(widths) {
                        before.merge(slot);
                    } else {
                        held.insert(*widths, slot.clone());
                    }
                }
                if held.len() > slope::MOST {
                    return Err(Code::Overflow);
                }
            }
            (Held::Distinct(seen), Held::Distinct(more)) => {
                let room = DISTINCT_LIMIT.saturating_sub(seen.len());
                let new: Vec<&Vec<u8>> = more.iter().filter(|key| !seen.contains(*key)).collect();
                seen.extend(new.iter().take(room).map(|key| (*key).clone()));
                if new.len() > room {
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

    /// Where it cannot be told: the least and the most that it can be, whatever the records are that could not be read.
    pub(crate) fn limits(&self) -> (Option<Quantity>, Option<Quantity>) {
        let whole = |count: u64| Some(Quantity::new(Decimal::from(count)));
        match &self.held {
            Held::Count => (whole(self.taken - self.unread.min(self.taken)), whole(self.taken + self.open)),
            // Another record can only take its place.
            Held::Extreme { best, wins: Comparison::Greater, .. } => (*best, None),
            Held::Extreme { best, .. } => (None, *best),
            Held::Distinct(seen) => (whole(seen.len() as u64), None),
            _ => (None, None),
        }
    }

    /// Between which limits it lies where records are missing that may have been anything; `None` where they change
    /// nothing.
    pub(crate) fn unseen(&self, fold: &Fold) -> Option<Interval> {
        let (low, high) = match (&self.held, fold.folding) {
            // What is decided stays decided (Kleene).
            (Held::Truths { yes: true, .. }, Folding::Any) | (Held::Truths { no: true, .. }, Folding::All) => {
                return None;
            }
            (_, Folding::First | Folding::Last | Folding::Increase | Folding::Slope) => return None,
            // More of them can only make it more.
            (Held::Count | Held::Runs(_) | Held::Distinct(_), _) => (self.number(fold), None),
            (Held::Extreme { .. }, _) if self.is_known() => self.limits(),
            _ => (None, None),
        };
        Some(Interval { low, high, ..Interval::unlimited(Code::Gap) })
    }

    /// Whether it can be told.
    pub(crate) fn is_known(&self) -> bool {
        self.lost().is_none()
    }

    /// The value where it is a number.
    pub(crate) fn number(&self, fold: &Fold) -> Option<Quantity> {
        let whole = |count: u64| Some(Quantity::new(Decimal::from(count)));
        match &self.held {
            _ if self.lost().is_some() => None,
            Held::Count => whole(self.taken),
            Held::Sum { sum, quotients } => {
                let total = Quantity::new(sum.total()?).plus(*quotients)?;
                match fold.folding {
                    // The sum of nothing is not 0: a metric that nobody wrote would be a counter at rest.
                    _ if self.taken == 0 => None,
                    Folding::Mean => total.divided_by(Quantity::new(Decimal::from(self.taken))),
                    _ => Some(total),
                }
            }
            Held::Extreme { best, .. } => *best,
            Held::Runs(runs) if self.taken > 0 => whole(runs.longest),
            Held::Distinct(seen) => whole(seen.len() as u64),
            Held::Rise { total, .. } if self.taken > 1 => Some(*total),
            Held::Slope(_) | Held::Windows(_) => Some(slope::exactly(&self.points(fold)?, 0.5)?.middle),
            _ => None,
        }
    }

    pub(crate) fn value(&self, fold: &Fold) -> Result<Value<'static>, Code> {
        let folding = fold.folding;
        // Any yes decides any(), any no decides all(), whatever else cannot be told (Kleene).
        match (&self.held, folding) {
            (Held::Truths { yes: true, .. }, Folding::Any) => return Ok(Value::Bool(true)),
            (Held::Truths { no: true, .. }, Folding::All) => return Ok(Value::Bool(false)),
            _ => {}
        }
        if let Some(code) = self.lost() {
            return Err(code);
        }
        if let Some(number) = self.number(fold) {
            return Ok(Value::Number(number.to_number(WIRE_DIGITS)));
        }
        match &self.held {
            Held::First(Some(seen)) | Held::Last(Some(seen)) => seen.value.clone().ok_or(Code::Conflict),
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
