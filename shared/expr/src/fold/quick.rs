//! Functions over records whose values stand under single keys, taken in where they stand: nothing is parsed into a tree.
//!
//! Owns the common functions: of one key, or of a condition that a [`Probe`](crate::Probe) knows. Refuses, before anything
//! was taken in, every record of which something is not surely known here: [`AggregateState::add`] says the same in its
//! wider way, and is what this is tested against.

use std::borrow::Cow;

use number::Fixed;
use schema::{Truth, Value};

use super::{Held, Slot};
use crate::evaluate::datum::Datum;
use crate::evaluate::plan::Node;
use crate::evaluate::probe::{Place, Raw, Test};
use crate::fold::Fold;
use crate::language::syntax::Folding;
use crate::{Aggregate, AggregateState, Decimal, Order, Quantity};

/// How many functions are taken in at most.
const MOST: usize = 32;

/// Aggregates ready for the values of a few keys.
#[derive(Clone, Debug)]
pub struct Quick {
    keys: Vec<String>,
    /// For each aggregate its functions, in order.
    folds: Vec<Vec<QuickFold>>,
}

#[derive(Clone, Debug)]
struct QuickFold {
    condition: Option<Test>,
    argument: Argument,
}

#[derive(Clone, Debug)]
enum Argument {
    None,
    /// A number is wanted.
    Number(Place),
    /// Any value is.
    Value(Place),
    Truth(Test),
}

/// What a function takes in of a record.
#[derive(Clone, Copy)]
enum Take<'v> {
    /// The record is none of its.
    Nothing,
    /// That there is one.
    One,
    Number(Fixed),
    Text(&'v str),
    Truth(bool),
}

impl Quick {
    /// The same aggregates for flat values; `None` where one of them is not one of the common ones.
    pub fn of(aggregates: &[Aggregate]) -> Option<Quick> {
        let mut keys = Vec::new();
        let folds = aggregates.iter().map(|aggregate| {
            aggregate.folds().iter().map(|fold| QuickFold::of(fold, &mut keys)).collect::<Option<Vec<_>>>()
        });
        let folds: Vec<Vec<QuickFold>> = folds.collect::<Option<_>>()?;
        (folds.iter().map(Vec::len).sum::<usize>() <= MOST).then_some(Quick { keys, folds })
    }

    /// The keys whose values it asks for, by place.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Takes a record into the states of the aggregates, if all of it is surely known: else nothing is done. `value` gives
    /// what stands under the key at a place; the record says nothing of itself.
    #[inline]
    pub fn add<'v>(&self, states: &mut [AggregateState], value: &impl Fn(usize) -> Raw<'v>) -> bool {
        let mut takes = [Take::Nothing; MOST];
        for (fold, take) in self.folds.iter().flatten().zip(&mut takes) {
            let Some(found) = fold.take(value) else { return false };
            *take = found;
        }
        let mut takes = takes.iter();
        for (state, folds) in states.iter_mut().zip(&self.folds) {
            for (slot, take) in state.one_more().iter_mut().zip(takes.by_ref().take(folds.len())) {
                slot.take_quickly(*take);
            }
        }
        true
    }
}

impl QuickFold {
    fn of(fold: &Fold, keys: &mut Vec<String>) -> Option<QuickFold> {
        if fold.by.is_some() || fold.windows.is_some() {
            return None;
        }
        let condition = match &fold.condition {
            None => None,
            Some(condition) => Some(Test::of(condition.node(), keys)?),
        };
        let argument = match (&fold.argument, fold.folding) {
            (None, _) => Argument::None,
            (Some(node), Folding::Any | Folding::All | Folding::Longest) => Argument::Truth(Test::of(node, keys)?),
            (Some(Node::Path(source)), folding) => {
                let place = Place::of(source, keys)?;
                match folding {
                    Folding::Sum | Folding::Mean | Folding::Min | Folding::Max | Folding::Increase => {
                        Argument::Number(place)
                    }
                    Folding::First | Folding::Last | Folding::Distinct | Folding::Count => Argument::Value(place),
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(QuickFold { condition, argument })
    }

    #[inline(always)]
    fn take<'v>(&self, value: &impl Fn(usize) -> Raw<'v>) -> Option<Take<'v>> {
        match self.condition.as_ref().map(|condition| condition.test(value)) {
            None | Some(Some(Truth::Yes)) => {}
            Some(Some(Truth::No)) => return Some(Take::Nothing),
            Some(Some(Truth::Unknown) | None) => return None,
        }
        let number = |text: &[u8]| Fixed::scan(text).filter(|(length, _)| *length == text.len())?.1;
        match &self.argument {
            Argument::None => Some(Take::One),
            Argument::Number(place) => match place.read(value)? {
                Raw::Number(text) => number(text).map(Take::Number),
                _ => None,
            },
            Argument::Value(place) => match place.read(value)? {
                Raw::Number(text) => number(text).map(Take::Number),
                Raw::Text(text) => std::str::from_utf8(text).ok().map(Take::Text),
                Raw::Bool(yes) => Some(Take::Truth(yes)),
                Raw::Missing | Raw::Null | Raw::Other => None,
            },
            Argument::Truth(test) => match test.test(value)? {
                Truth::Yes => Some(Take::Truth(true)),
                Truth::No => Some(Take::Truth(false)),
                Truth::Unknown => None,
            },
        }
    }
}

impl Slot {
    #[inline(always)]
    fn take_quickly(&mut self, take: Take<'_>) {
        if matches!(take, Take::Nothing) {
            return;
        }
        self.taken += 1;
        match (&mut self.held, take) {
            (Held::Count, Take::Truth(false)) => self.take_widely(take),
            (Held::Count, _) | (_, Take::One | Take::Nothing) => {}
            (Held::Sum { sum, .. }, Take::Number(number)) => sum.add_fixed(number),
            (Held::Extreme { short: Some(short), wins, .. }, Take::Number(number))
                if number.aligned(*short).is_some_and(|(number, best, _)| !wins.holds(number.cmp(&best))) => {}
            (Held::Truths { yes, no }, Take::Truth(truth)) => {
                *yes |= truth;
                *no |= !truth;
            }
            (Held::Runs(runs), Take::Truth(truth)) => runs.add(truth),
            // The same value again.
            (Held::Last(Some(seen)), Take::Text(text))
                if seen.at.is_none() && matches!(&seen.value, Some(Value::Text(known)) if *known == text) => {}
            (Held::First(Some(seen)), _) if seen.at.is_none() => {}
            (_, take) => self.take_widely(take),
        }
    }

    fn take_widely(&mut self, take: Take<'_>) {
        let datum = match take {
            Take::Number(Fixed { digits, places }) => {
                match Decimal::new(i128::from(digits), -(places as i32)).map(Quantity::new) {
                    Some(number) => Datum::Number(number),
                    None => return,
                }
            }
            Take::Text("") => Datum::Empty,
            Take::Text(text) => Datum::Text(Cow::Borrowed(text)),
            Take::Truth(yes) => Datum::Truth(yes),
            Take::Nothing | Take::One => return,
        };
        if let Err(code) = self.take(&datum, Order::Given) {
            self.unread += 1;
            self.lose(code);
            return;
        }
        if let (Held::Extreme { best, short, .. }, Take::Number(number)) = (&mut self.held, take) {
            let now = Decimal::new(i128::from(number.digits), -(number.places as i32)).map(Quantity::new);
            *short = (*best == now).then_some(number);
        }
    }
}

#[cfg(test)]
mod tests;
