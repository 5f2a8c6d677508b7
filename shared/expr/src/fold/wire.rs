//! What functions over records have seen, as JSON: halves that were read on different machines join as if one had read
//! them.
//!
//! Owns the form, which is the same whatever the parts were. Refuses functions that need the records in order, but for
//! `first` and `last` where each record says its time.

use std::collections::{BTreeMap, HashSet};

use schema::{Code, Number, Object, Value};

use super::{DISTINCT_LIMIT, Held, Seen, Slot};
use crate::fold::Fold;
use crate::language::syntax::Folding;
use crate::{Decimal, Quantity, Sum};

impl Folding {
    /// Whether what two parts have seen joins in any order; `timed`: each record says its time.
    pub(crate) fn joins_in_any_order(self, timed: bool) -> bool {
        match self {
            Folding::Longest | Folding::Increase => false,
            Folding::First | Folding::Last => timed,
            _ => true,
        }
    }
}

impl Slot {
    /// As a state has it.
    pub(crate) fn to_value(&self) -> Object<'static> {
        let mut object = Object::new();
        object.insert("taken", self.taken);
        for (key, count) in [("open", self.open), ("unread", self.unread)] {
            if count > 0 {
                object.insert(key, count);
            }
        }
        if let Some(code) = self.unknown {
            object.insert("unknown", code.name());
        }
        match &self.held {
            Held::Count | Held::Runs(_) | Held::Rise { .. } => {}
            Held::Sum { sum, quotients } => {
                object.insert("sum", sum.text());
                if !quotients.is_zero() {
                    object.insert("quotients", quantity_value(*quotients));
                }
            }
            Held::Extreme { best, .. } => {
                object.insert("best", best.map_or(Value::Null, quantity_value));
            }
            Held::First(seen) | Held::Last(seen) => {
                if let Some(Seen { at, value }) = seen {
                    object.insert("at", at.map_or(Value::Null, |at| Value::Number(Number::from(i128::from(at)))));
                    // One without a value is several at one time.
                    if let Some(value) = value {
                        object.insert("value", value.clone());
                    }
                }
            }
            Held::Truths { yes, no } => {
                object.insert("yes", *yes);
                object.insert("no", *no);
            }
            Held::Slope(points) => {
                // In one order, whatever that of the parts.
                let mut points = points.clone();
                let order = |a: Quantity, b: Quantity| a.compare(b).unwrap_or(std::cmp::Ordering::Equal);
                points.sort_by(|a, b| order(a.0, b.0).then_with(|| order(a.1, b.1)));
                let figures = points.into_iter().flat_map(|(place, value)| [place, value]).map(quantity_value);
                object.insert("points", figures.collect::<Vec<_>>());
            }
            Held::Windows(held) => {
                let window = |(widths, slot): (&i64, &Slot)| {
                    let widths = Value::Number(Number::from(i128::from(*widths)));
                    vec![widths, Value::Object(slot.to_value())].into()
                };
                object.insert("windows", held.iter().map(window).collect::<Vec<_>>());
            }
            // Which of too many it kept says nothing: it cannot be told.
            Held::Distinct(seen) if seen.len() >= DISTINCT_LIMIT && self.unknown.is_some() => {}
            Held::Distinct(seen) => {
                let mut texts: Vec<&Vec<u8>> = seen.iter().collect();
                texts.sort_unstable();
                let texts = texts.into_iter().map(|text| Value::from(String::from_utf8_lossy(text).into_owned()));
                object.insert("distinct", texts.collect::<Vec<_>>());
            }
        }
        object
    }

    /// What a state has.
    pub(crate) fn from_value(fold: &Fold, value: &Value<'_>) -> Option<Slot> {
        let count = |key: &str| match value.get(key) {
            None => Some(0),
            Some(count) => count.as_number()?.as_u64(),
        };
        let mut slot = Slot::new(fold);
        slot.taken = value.get("taken")?.as_number()?.as_u64()?;
        slot.open = count("open")?;
        slot.unread = count("unread")?;
        if let Some(code) = value.get("unknown") {
            slot.unknown = Some(Code::from_name(code.as_text()?).unwrap_or(Code::UnknownStatus));
        }
        slot.held = match slot.held {
            Held::Count => Held::Count,
            Held::Sum { .. } => Held::Sum {
                sum: Sum::parse(value.get("sum")?.as_text()?)?,
                quotients: match value.get("quotients") {
                    None => Quantity::new(Decimal::ZERO),
                    Some(quotients) => quantity(quotients)?,
                },
            },
            Held::Extreme { wins, .. } => Held::Extreme {
                short: None,
                best: match value.get("best")? {
                    Value::Null => None,
                    best => Some(quantity(best)?),
                },
                wins,
            },
            Held::Slope(_) => {
                let figures = value.get("points")?.as_list()?.iter().map(quantity);
                let figures = figures.collect::<Option<Vec<Quantity>>>()?;
                if figures.len() % 2 != 0 || figures.len() > 2 * crate::statistics::slope::MOST {
                    return None;
                }
                let pair = |pair: &[Quantity]| Some((*pair.first()?, *pair.get(1)?));
                Held::Slope(figures.chunks(2).map(pair).collect::<Option<Vec<_>>>()?)
            }
            Held::Windows(_) => {
                let windows = value.get("windows")?.as_list()?.iter().map(|window| {
                    let [widths, slot] = window.as_list()? else { return None };
                    let figure = &fold.windows.as_ref()?.figure;
                    Some((widths.as_number()?.as_i64()?, Slot::from_value(figure, slot)?))
                });
                let windows = windows.collect::<Option<BTreeMap<i64, Slot>>>()?;
                Held::Windows(Some(windows).filter(|windows| windows.len() <= crate::statistics::slope::MOST)?)
            }
            Held::First(_) => Held::First(seen(value)?),
            Held::Last(_) => Held::Last(seen(value)?),
            Held::Truths { .. } => {
                let truth = |key: &str| match value.get(key)? {
                    Value::Bool(truth) => Some(*truth),
                    _ => None,
                };
                Held::Truths { yes: truth("yes")?, no: truth("no")? }
            }
            Held::Distinct(_) => match value.get("distinct") {
                None if slot.unknown.is_some() => Held::Distinct(HashSet::new()),
                None => return None,
                Some(texts) => {
                    let texts = texts.as_list()?.iter();
                    Held::Distinct(texts.map(|text| Some(text.as_text()?.as_bytes().to_vec())).collect::<Option<_>>()?)
                }
            },
            Held::Runs(_) | Held::Rise { .. } => return None,
        };
        Some(slot)
    }

    /// Takes in what another part has seen, of which nobody knows whether it came before or after.
    pub(crate) fn join_any(&mut self, other: &Slot) {
        let (mine, theirs) = match (&mut self.held, &other.held) {
            (Held::First(mine), Held::First(theirs)) => (mine, theirs),
            (Held::Last(mine), Held::Last(theirs)) => (mine, theirs),
            _ => return self.merge(other),
        };
        let is_first = matches!(other.held, Held::First(_));
        match (mine.as_mut(), theirs) {
            (_, None) => {}
            (None, Some(theirs)) => *mine = Some(theirs.clone()),
            (Some(seen), Some(theirs)) => match theirs.at.cmp(&seen.at) {
                // At one time there are two: which came first is not known.
                std::cmp::Ordering::Equal if seen.value != theirs.value => seen.value = None,
                std::cmp::Ordering::Equal => {}
                order if order.is_lt() == is_first => *seen = theirs.clone(),
                _ => {}
            },
        }
        self.count_in(other);
    }
}

fn seen(value: &Value<'_>) -> Option<Option<Seen>> {
    let Some(at) = value.get("at") else { return Some(None) };
    let at = match at {
        Value::Null => None,
        at => Some(at.as_number()?.as_i64()?),
    };
    Some(Some(Seen { at, value: value.get("value").map(|value| value.clone().into_owned()) }))
}

fn quantity_value(quantity: Quantity) -> Value<'static> {
    let (top, bottom) = quantity.parts();
    if bottom == Decimal::ONE {
        return Value::Number(top.to_number());
    }
    vec![Value::Number(top.to_number()), Value::Number(bottom.to_number())].into()
}

fn quantity(value: &Value<'_>) -> Option<Quantity> {
    let decimal = |value: &Value<'_>| Decimal::from_number(value.as_number()?);
    match value {
        Value::List(pair) => match &pair[..] {
            [top, bottom] => Quantity::new(decimal(top)?).divided_by(Quantity::new(decimal(bottom)?)),
            _ => None,
        },
        one => decimal(one).map(Quantity::new),
    }
}
