//! The hot case: a path compared with a number passes, and its check line is written from parts made beforehand.
//!
//! Owns nothing that `outcome` does not say in its own, slower way: the two are tested against each other, byte for byte.
//! Refuses everything else: what does not pass, needs more than the record, or says something of itself goes that way.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;

use schema::{Check, Number, Value, json};

use crate::evaluate::Claims;
use crate::plan::Node;
use crate::short::Short;
use crate::threshold::{Missing, Shape, Threshold};
use crate::{Comparison, Decimal, Path, Reading};

/// A threshold whose line is made but for what a record says.
#[derive(Debug)]
pub(crate) struct Rendered {
    path: Path,
    /// Where the value stood in the record before.
    place: Cell<usize>,
    /// The paths of counts that make the value unknown where they are zero: such records go the slow way.
    counts: Vec<Path>,
    /// Whether one of them is read by a threshold itself, so that it must not be missing.
    counts_wanted: bool,
    samples: Option<Path>,
    samples_place: Cell<usize>,
    /// Whether `samples` is the one count that makes the value unknown.
    samples_count: bool,
    operator: Comparison,
    bound: Bound,
    /// The bound as a whole number of so many decimals, where it is a short one.
    short_bound: Option<Short>,
    /// `{"id":"…","scope":`
    head: Vec<u8>,
    /// `,"metric":…,"actual":`
    middle: Vec<u8>,
    /// `,"expected":…,"reason":""`, and of a number `,"margin":`
    end: Vec<u8>,
    /// `,"threshold":"…"}`
    tail: Vec<u8>,
    /// About how long a line is.
    length: usize,
    /// The scope of the record before, and the line up to the value.
    front: RefCell<(Vec<u8>, Vec<u8>)>,
}

/// How far a value is from its bound.
#[derive(Clone, Copy, Debug)]
enum Margin {
    None,
    Short(Short),
    Long(Decimal),
}

/// What a value is compared with.
#[derive(Debug)]
enum Bound {
    Number(Decimal),
    Text(String),
    Bool(bool),
}

/// A threshold that a record passes: enough to write its check.
#[derive(Debug)]
pub struct Passed<'p> {
    pub(crate) rendered: &'p Rendered,
    pub(crate) threshold: &'p Threshold,
    pub(crate) record: &'p Value<'p>,
    pub(crate) claims: &'p Claims,
    pub(crate) scope: &'p str,
    /// The scope as JSON.
    pub(crate) scope_text: &'p [u8],
    actual: &'p Value<'p>,
    samples: Option<Reading<'p, 'p>>,
    margin: Margin,
}

impl Rendered {
    /// The parts of a threshold's line; `None` where it is not of the hot kind.
    pub(crate) fn of(threshold: &Threshold, counts: &[String]) -> Option<Rendered> {
        let Shape::Compare { operator, left: Node::Path(source), right } = &threshold.shape else {
            return None;
        };
        let equality = matches!(operator, Comparison::Equal | Comparison::NotEqual);
        let bound = match right {
            Node::Number(number) => Bound::Number(number.as_decimal()?),
            Node::Text(text) if equality && !text.is_empty() => Bound::Text(text.clone()),
            Node::Bool(yes) if equality => Bound::Bool(*yes),
            _ => return None,
        };
        let plain = threshold.given.is_none() && threshold.when.is_none() && threshold.after.is_none();
        if !plain || source.wildcard || source.baseline {
            return None;
        }
        let samples = match source.path.last_name() {
            Some("count") => None,
            _ => match source.path.parent() {
                Some(parent) => parent.child("count"),
                None => Path::from_keys(["count"]),
            },
        };
        // The line of a check with a mark in each open place, cut at the marks.
        let mark = Number::from(7_777_777u64);
        let expected = match &bound {
            Bound::Number(bound) => Value::Number(bound.to_number()),
            Bound::Text(text) => Value::text(text.as_str()),
            Bound::Bool(yes) => Value::Bool(*yes),
        };
        let check = Check {
            expected,
            actual: Value::Number(mark.clone()),
            margin: Some(Value::Number(mark)),
            ..threshold.check_that_passes()
        };
        let mut line = Vec::new();
        json::write_struct(&check, &mut line).ok()?;
        let text = String::from_utf8(line).ok()?;
        let (head, rest) = text.split_once("\"scope\":\"\"")?;
        let (middle, rest) = rest.split_once("\"actual\":7777777")?;
        let (end, tail) = rest.split_once(",\"margin\":7777777")?;
        // An id or a path that looks like one of the marks would be cut in the wrong place: it takes the slow way.
        if text.matches("\"scope\":\"\"").count() > 1 || text.matches(":7777777").count() > 2 {
            return None;
        }
        let margin = if matches!(bound, Bound::Number(_)) { ",\"margin\":" } else { "" };
        Some(Rendered {
            path: source.path.clone(),
            place: Cell::new(0),
            samples_count: source.samples.len() == 1 && source.samples.first() == samples.as_ref(),
            counts: source.samples.clone(),
            counts_wanted: source.samples.iter().any(|path| counts.iter().any(|count| count == path.dotted())),
            samples,
            samples_place: Cell::new(0),
            operator: *operator,
            short_bound: match &bound {
                Bound::Number(number) => Short::read(number.to_string().as_bytes()),
                _ => None,
            },
            bound,
            head: format!("{head}\"scope\":").into_bytes(),
            middle: format!("{middle}\"actual\":").into_bytes(),
            end: format!("{end}{margin}").into_bytes(),
            tail: tail.as_bytes().to_vec(),
            length: text.len() + 64,
            front: RefCell::default(),
        })
    }

    /// The pass, where the record passes and nothing about it is odd.
    pub(crate) fn passed<'p>(
        &'p self,
        threshold: &'p Threshold,
        record: &'p Value<'p>,
        claims: &'p Claims,
        scope: &'p str,
        scope_text: &'p [u8],
    ) -> Option<Passed<'p>> {
        let Reading::Found(actual) = self.path.read_near(record, &self.place) else { return None };
        let margin = match (&self.bound, actual) {
            (Bound::Number(bound), Value::Number(actual)) => self.margin(*bound, actual)?,
            (Bound::Text(bound), Value::Text(actual)) if !actual.is_empty() => self.equal(bound.as_str() == actual)?,
            (Bound::Bool(bound), Value::Bool(actual)) => self.equal(bound == actual)?,
            _ => return None,
        };
        let plain = |count: Reading<'_, '_>| match count {
            Reading::Found(Value::Number(number)) => {
                Short::read(number.as_str().as_bytes()).is_some_and(|count| count.digits > 0)
            }
            Reading::Missing => !self.counts_wanted,
            _ => false,
        };
        let samples = self.samples.as_ref().map(|path| path.read_near(record, &self.samples_place));
        // The slow way looks closer at every count that is not simply above zero.
        let counted = match samples {
            Some(samples) if self.samples_count => plain(samples),
            _ => self.counts.iter().all(|count| plain(count.read(record))),
        };
        if !counted {
            return None;
        }
        Some(Passed { rendered: self, threshold, record, claims, scope, scope_text, actual, margin, samples })
    }

    /// The margin of a number that passes.
    fn margin(&self, bound: Decimal, actual: &Number<'_>) -> Option<Margin> {
        if let Some(short) = self.short_bound
            && let Some(number) = Short::read(actual.as_str().as_bytes())
            && let Some((number, bound, places)) = number.aligned(short)
        {
            let digits =
                self.distance(number.cmp(&bound), || number.checked_sub(bound), || bound.checked_sub(number))?;
            return Some(Margin::Short(Short { digits: digits?, places }));
        }
        let number = Decimal::from_number(actual)?;
        let distance = self.distance(number.cmp(&bound), || number.minus(bound), || bound.minus(number))?;
        Some(Margin::Long(distance?))
    }

    /// The distance on the side that the operator wants; `None` where it does not hold.
    fn distance<T>(&self, order: Ordering, above: impl Fn() -> T, below: impl Fn() -> T) -> Option<T> {
        if !self.operator.holds(order) {
            return None;
        }
        Some(match self.operator {
            Comparison::Less | Comparison::LessOrEqual => below(),
            Comparison::Greater | Comparison::GreaterOrEqual => above(),
            Comparison::Equal | Comparison::NotEqual if order.is_lt() => below(),
            Comparison::Equal | Comparison::NotEqual => above(),
        })
    }

    /// No margin, where two values of no number are equal or not as is wanted.
    fn equal(&self, equal: bool) -> Option<Margin> {
        (equal == (self.operator == Comparison::Equal)).then_some(Margin::None)
    }
}

impl Passed<'_> {
    /// Appends the check's line, without a newline.
    pub fn write(&self, line: &mut Vec<u8>) {
        let rendered = self.rendered;
        line.reserve(rendered.length);
        let mut front = rendered.front.borrow_mut();
        // Most records have the scope of the one before: what stands before the value is then one piece.
        if front.0 != self.scope_text {
            front.0 = self.scope_text.to_vec();
            front.1 = [&rendered.head, self.scope_text, &rendered.middle].concat();
        }
        line.extend_from_slice(&front.1);
        match self.actual {
            Value::Number(number) => line.extend_from_slice(number.as_str().as_bytes()),
            actual => json::write(actual, line),
        }
        line.extend_from_slice(&rendered.end);
        match self.margin {
            Margin::None => {}
            Margin::Long(margin) => margin.write(line),
            Margin::Short(margin) => {
                if !margin.write(line)
                    && let Some(margin) = Decimal::new(i128::from(margin.digits), -(margin.places as i32))
                {
                    margin.write(line);
                }
            }
        }
        if let Some(Reading::Found(Value::Number(count))) = self.samples {
            let text = count.as_str().as_bytes();
            // Anything but a plain whole number is looked at the slow way.
            let whole = if text.len() < 19 && text.iter().all(u8::is_ascii_digit) {
                line.extend_from_slice(b",\"samples\":");
                line.extend_from_slice(text);
                None
            } else {
                crate::outcome::samples(&rendered.path, self.record)
            };
            if let Some(count) = whole {
                line.extend_from_slice(format!(",\"samples\":{count}").as_bytes());
            }
        }
        line.extend_from_slice(&rendered.tail);
    }

    /// The same check as a struct.
    pub fn check(&self) -> Check<'static> {
        let subject = crate::outcome::Subject {
            record: self.record,
            claims: self.claims,
            before: None,
            scope: self.scope,
            counts: &[],
        };
        let mut outcomes = self.threshold.outcomes(&subject);
        match outcomes.pop() {
            Some(outcome) => self.threshold.check(&outcome, &subject, true, Missing::Inconclusive),
            None => self.threshold.check_of_nothing(self.scope, schema::Code::Missing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Finding, Judge, Thresholds};

    const THRESHOLDS: &str = r#"
p99_us <= 2ms
latency_ms.p99 < 200
r: rate <= 1%
errors == 0
count >= 1
up >= 99.9 "{up}"
a != 5 else warn
x.y > -1.5e3
bytes_kib <= 5MiB
mode == "slow"
mode2: mode != "fast \"x\""
ok == true
odd \ id "scope": v <= 1e30
"#;

    /// Both ways over random records: the same lines.
    #[test]
    fn the_fast_way_says_what_the_slow_way_says() {
        let thresholds = Thresholds::parse(THRESHOLDS).unwrap();
        let values = [
            "0",
            "-0",
            "0.0",
            "-0.00",
            "0e0",
            "\"0\"",
            "1",
            "5",
            "1.50",
            "99.9",
            "100",
            "1e3",
            "2.5E-3",
            "1999",
            "2001",
            "123456789012345678",
            "0.01",
            "0.010000000000000000001",
            "null",
            "\"x\"",
            "true",
            "{}",
            "1e400",
            "-7",
        ];
        let keys =
            ["p99_us", "rate", "errors", "count", "up", "a", "bytes_kib", "v", "x.y", "passes", "fails", "mode", "ok"];
        let mut random = testkit::Random::new(11);
        let mut fast = 0;
        for _ in 0..testkit::times(200_000) {
            let mut members = Vec::new();
            for key in keys {
                if !random.once_in(6) {
                    members.push(format!("{key:?}:{}", random.pick(&values)));
                }
            }
            members.push(format!(
                "\"latency_ms\":{{\"p99\":{},\"count\":{}}}",
                random.pick(&values),
                random.pick(&values)
            ));
            random.shuffle(&mut members);
            let text = format!("{{{}}}", members.join(","));
            let record = json::parse(text.as_bytes()).unwrap();
            let scope = if random.once_in(2) { "" } else { "a \"scope\"" };
            let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
            let mut lines = Vec::new();
            let each = judge.each(&record, scope, |finding| {
                let mut line = Vec::new();
                match finding {
                    Finding::Passed(passed) => {
                        fast += 1;
                        passed.write(&mut line);
                        let mut slow = Vec::new();
                        json::write_struct(&passed.check(), &mut slow)?;
                        assert_eq!(String::from_utf8_lossy(&line), String::from_utf8_lossy(&slow), "{text}");
                    }
                    Finding::Check(check) => json::write_struct(&check, &mut line)?,
                }
                lines.push(line);
                Ok::<(), std::io::Error>(())
            });
            each.unwrap();
            let slow: Vec<Vec<u8>> = Judge::new(&thresholds, None, Missing::Inconclusive)
                .plainly()
                .record(&record, scope)
                .into_iter()
                .map(|check| {
                    let mut line = Vec::new();
                    json::write_struct(&check, &mut line).unwrap();
                    line
                })
                .collect();
            assert_eq!(lines, slow, "{text}");
        }
        assert!(fast > 1000, "the fast way was hardly taken: {fast}");
    }
}
