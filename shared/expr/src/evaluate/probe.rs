//! A condition on the flat values of a log line, tested where they stand: nothing is parsed into a tree or copied.
//!
//! Owns the common conditions: single keys compared with constants, joined by `and`, `or` and `not`. Everything else, and
//! every value that is not surely known here, is left to [`Condition::test`], which says the same in its wider way.

use schema::Truth;

use crate::evaluate::plan::{Node, Source};
use crate::language::syntax::Comparison;
use crate::{Condition, Path, Quantity, Step};
use number::Fixed;

/// What stands under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raw<'a> {
    /// The record has no such key.
    Missing,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number in JSON's grammar, as its text.
    Number(&'a [u8]),
    /// A text, its escapes resolved.
    Text(&'a [u8]),
    /// Anything else: only the wider way knows what to do with it.
    Other,
}

impl<'a> Raw<'a> {
    /// What a record that was read in full has under a key.
    #[cfg(test)]
    pub(crate) fn of(value: Option<&'a schema::Value<'_>>) -> Raw<'a> {
        use schema::Value;
        match value {
            None => Raw::Missing,
            Some(Value::Null) => Raw::Null,
            Some(Value::Bool(yes)) => Raw::Bool(*yes),
            Some(Value::Number(number)) => Raw::Number(number.as_str().as_bytes()),
            Some(Value::Text(text)) => Raw::Text(text.as_bytes()),
            Some(_) => Raw::Other,
        }
    }

    /// The plain scalar that this JSON text is; what is empty is missing. A text has no escapes.
    #[inline(always)]
    pub fn of_json(text: &'a [u8]) -> Raw<'a> {
        match text {
            [] => Raw::Missing,
            [b'"', text @ .., b'"'] => Raw::Text(text),
            b"true" => Raw::Bool(true),
            b"false" => Raw::Bool(false),
            b"null" => Raw::Null,
            number => Raw::Number(number),
        }
    }
}

/// A condition ready to be tested on the values of a few keys.
#[derive(Clone, Debug)]
pub struct Probe {
    keys: Vec<String>,
    test: Test,
}

#[derive(Clone, Debug)]
pub(crate) enum Test {
    Compare(Place, Comparison, Constant),
    Range(Place, Fixed, Fixed),
    List(Place, Vec<Constant>),
    IsNull(Place, Comparison),
    Is(Place),
    Not(Box<Test>),
    And(Vec<Test>),
    Or(Vec<Test>),
}

#[derive(Clone, Debug)]
pub(crate) enum Constant {
    Number(Fixed),
    Text(Vec<u8>),
    Bool(bool),
}

/// The places of keys in the probe's list.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    key: usize,
    /// A list or an object under one of these could hold the path, too.
    above: Vec<usize>,
}

impl Condition {
    /// The same condition for flat values; `None` where it is not one of the common ones.
    pub fn probe(&self) -> Option<Probe> {
        let mut keys = Vec::new();
        let test = Test::of(self.node(), &mut keys)?;
        Some(Probe { keys, test })
    }
}

impl Probe {
    /// The keys whose values it asks for, by place.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Whether it holds; `None` where only [`Condition::test`] knows. `value` gives what stands under the key at a place.
    #[inline]
    pub fn test<'v>(&self, value: &impl Fn(usize) -> Raw<'v>) -> Option<Truth> {
        self.test.test(value)
    }
}

impl Test {
    pub(crate) fn of(node: &Node, keys: &mut Vec<String>) -> Option<Test> {
        Some(match node {
            Node::Path(source) => Test::Is(Place::of(source, keys)?),
            Node::Not(inner) => Test::Not(Box::new(Test::of(inner, keys)?)),
            Node::And(parts) => Test::And(parts.iter().map(|part| Test::of(part, keys)).collect::<Option<_>>()?),
            Node::Or(parts) => Test::Or(parts.iter().map(|part| Test::of(part, keys)).collect::<Option<_>>()?),
            Node::Compare(operator, a, b) => match (&**a, &**b) {
                (Node::Path(source), Node::Null) | (Node::Null, Node::Path(source)) => {
                    Test::IsNull(Place::of(source, keys)?, *operator)
                }
                (Node::Path(source), constant) => {
                    Test::Compare(Place::of(source, keys)?, *operator, Constant::of(constant)?)
                }
                (constant, Node::Path(source)) => {
                    Test::Compare(Place::of(source, keys)?, operator.turned(), Constant::of(constant)?)
                }
                _ => return None,
            },
            Node::InRange(a, low, high) => match (&**a, Constant::of(low)?, Constant::of(high)?) {
                (Node::Path(source), Constant::Number(low), Constant::Number(high)) => {
                    Test::Range(Place::of(source, keys)?, low, high)
                }
                _ => return None,
            },
            Node::InList(a, list) => match &**a {
                Node::Path(source) => {
                    Test::List(Place::of(source, keys)?, list.iter().map(Constant::of).collect::<Option<_>>()?)
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    pub(crate) fn test<'v>(&self, value: &impl Fn(usize) -> Raw<'v>) -> Option<Truth> {
        match self {
            Test::Compare(place, operator, constant) => constant.compare(*operator, place.read(value)?),
            Test::Range(place, low, high) => match place.read(value)? {
                Raw::Number(text) => {
                    let number = short(text)?;
                    let above = order(Comparison::GreaterOrEqual, number, *low)?;
                    Some(above.and(order(Comparison::LessOrEqual, number, *high)?))
                }
                _ => Some(Truth::Unknown),
            },
            Test::List(place, list) => {
                let raw = place.read(value)?;
                list.iter()
                    .try_fold(Truth::No, |all, constant| Some(or(all, constant.compare(Comparison::Equal, raw)?)))
            }
            Test::IsNull(place, operator) => {
                let is_null = match place.read(value)? {
                    Raw::Missing => return Some(Truth::Unknown),
                    raw => raw == Raw::Null,
                };
                Some(match operator {
                    Comparison::Equal => is_null.into(),
                    Comparison::NotEqual => (!is_null).into(),
                    _ => Truth::Unknown,
                })
            }
            Test::Is(place) => Some(match place.read(value)? {
                Raw::Bool(yes) => yes.into(),
                _ => Truth::Unknown,
            }),
            Test::Not(inner) => Some(not(inner.test(value)?)),
            // What one part says for sure is enough, but a part that the wider way must look at is asked first.
            Test::And(parts) => parts.iter().try_fold(Truth::Yes, |all, part| Some(all.and(part.test(value)?))),
            Test::Or(parts) => parts.iter().try_fold(Truth::No, |all, part| Some(or(all, part.test(value)?))),
        }
    }
}

fn not(truth: Truth) -> Truth {
    match truth {
        Truth::Yes => Truth::No,
        Truth::No => Truth::Yes,
        Truth::Unknown => Truth::Unknown,
    }
}

fn or(a: Truth, b: Truth) -> Truth {
    not(not(a).and(not(b)))
}

fn short(text: &[u8]) -> Option<Fixed> {
    let (length, short) = Fixed::scan(text)?;
    short.filter(|_| length == text.len())
}

fn order(operator: Comparison, a: Fixed, b: Fixed) -> Option<Truth> {
    let (a, b, _) = a.aligned(b)?;
    Some(operator.holds(a.cmp(&b)).into())
}

impl Constant {
    fn of(node: &Node) -> Option<Constant> {
        Some(match node {
            Node::Number(number) => Constant::Number(Constant::number(*number)?),
            Node::Text(text) => Constant::Text(text.clone().into_bytes()),
            Node::Bool(yes) => Constant::Bool(*yes),
            _ => return None,
        })
    }

    fn number(number: Quantity) -> Option<Fixed> {
        let number = number.as_decimal()?.to_number();
        short(number.as_str().as_bytes())
    }

    /// `raw` compared with this; unknown where the two are of different kinds.
    #[inline]
    fn compare(&self, operator: Comparison, raw: Raw<'_>) -> Option<Truth> {
        let equality = matches!(operator, Comparison::Equal | Comparison::NotEqual);
        let equal = match (raw, self) {
            (Raw::Number(text), Constant::Number(number)) => return order(operator, short(text)?, *number),
            (Raw::Text(a), Constant::Text(b)) if equality && (!a.is_empty() || b.is_empty()) => a == b.as_slice(),
            (Raw::Bool(a), Constant::Bool(b)) if equality => a == *b,
            _ => return Some(Truth::Unknown),
        };
        Some((equal == (operator == Comparison::Equal)).into())
    }
}

impl Place {
    pub(crate) fn of(source: &Source, keys: &mut Vec<String>) -> Option<Place> {
        // Whether a statistic was measured is told by counts beside it and above it.
        if source.measured || source.baseline || source.wildcard || source.statistic || source.least.is_some() {
            return None;
        }
        let mut place = |key: &str| match keys.iter().position(|other| other == key) {
            Some(at) => at,
            None => {
                keys.push(key.to_owned());
                keys.len() - 1
            }
        };
        let names = names(&source.path)?;
        let (key, above) = names.split_last()?;
        let above = above.iter().map(|name| place(name)).collect();
        let key = place(key);
        Some(Place { key, above })
    }

    #[inline]
    pub(crate) fn read<'v>(&self, value: &impl Fn(usize) -> Raw<'v>) -> Option<Raw<'v>> {
        let raw = value(self.key);
        let is_sure = raw != Raw::Other && self.above.iter().all(|&at| value(at) != Raw::Other);
        is_sure.then_some(raw)
    }
}

/// The flat keys that a path begins with, the whole of it last.
fn names(path: &Path) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    let many = path.steps().len() > 1;
    for step in path.steps() {
        let Step::Name { text, quoted } = step else { return None };
        if *quoted && many {
            return None;
        }
        names.push(match names.last() {
            Some(before) => format!("{before}.{text}"),
            None => text.clone(),
        });
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::json;

    /// Every condition of a few hundred on every record of a few hundred: the probe says what the condition says, or
    /// nothing.
    #[test]
    fn probes_say_what_conditions_say() {
        const VALUES: [&str; 22] = [
            "500",
            "-1",
            "0",
            "0.50",
            "499.99",
            "500.0",
            "1e3",
            "12345678901234567",
            "123456789012345678901",
            "true",
            "false",
            "null",
            "\"\"",
            "\"500\"",
            "\"GET\"",
            "\"é\"",
            "[]",
            "[1]",
            "{}",
            "{\"b\":500}",
            "{\"b\":{\"c\":1}}",
            "{\"count\":0}",
        ];
        const PATHS: [&str; 7] = ["a", "a.b", "a.b.c", "x.y", ".\"a b\"", "count", "dur_ms"];
        const TESTS: [&str; 18] = [
            "P >= 500",
            "P < 500",
            "P == 500",
            "P != 0.5",
            "500 > P",
            "P == \"GET\"",
            "P != \"GET\"",
            "P == \"\"",
            "P == true",
            "P",
            "not P == 500",
            "P in 1..500",
            "P in [500, \"GET\", true]",
            "P == null",
            "P != null",
            "P > -1 and P < 500 or P == \"GET\"",
            "P < \"GET\"",
            "P == 1000",
        ];
        let mut known = 0;
        for path in PATHS {
            for text in TESTS {
                let condition = Condition::parse(&text.replace('P', path)).unwrap();
                let probe = condition.probe().unwrap();
                for value in VALUES {
                    for other in VALUES {
                        for keys in [
                            ["a", "zz"],
                            ["a.b", "a"],
                            ["x.y", "count"],
                            ["x.y", "x"],
                            ["a b", "count"],
                            ["a.b.c", "a.b"],
                            ["dur_ms", "a"],
                        ] {
                            let record = format!("{{\"{}\":{value},\"{}\":{other}}}", keys[0], keys[1]);
                            let record = json::parse(record.as_bytes()).unwrap();
                            let got = probe.test(&|at| Raw::of(record.get(&probe.keys()[at])));
                            known += usize::from(got.is_some());
                            assert!(got.is_none_or(|got| got == condition.test(&record)), "{condition} {record:?}");
                        }
                    }
                }
            }
        }
        assert!(known > 350_000, "{known}");
    }

    #[test]
    fn what_is_not_common_is_left_to_the_condition() {
        for text in ["a > b", "abs(a) > 5", "a + 1 > 5", "len(a) > 1", "default(a, 0) > 1", "a[0] > 1", "p99_us > 1"] {
            assert!(Condition::parse(text).unwrap().probe().is_none(), "{text}");
        }
    }
}
