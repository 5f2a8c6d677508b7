//! The hot case: a path compared with a constant, whose check line is written from parts made beforehand.
//!
//! Owns nothing that `outcome` does not say in its own, slower way: the two are tested against each other, byte for byte.
//! Refuses everything else: what cannot be told, needs more than the record, or says something of itself goes that way.

use std::cell::Cell;
use std::cmp::Ordering;

use schema::{Check, Code, Number, Status, Value, json};

use crate::evaluate::plan::Node;
use crate::judge::outcome::check::whole;
use crate::judge::threshold::{Part, Severity, Shape, Threshold};
use crate::record::samples::Wanted;
use crate::record::stencil::{Fit, Kind, Scalar};
use crate::record::survey::Survey;
use crate::{Comparison, Decimal, Path, Reading};
use number::{Fixed, append};

/// Stands in the parts of a line where a number will stand.
const NUMBER: &str = "7777777";
/// Stands where the actual value is shown for people: a character of private use.
const SHOWN: &str = "\u{F8FF}";

/// A threshold whose line is made but for what a record says.
#[derive(Debug)]
pub(crate) struct Rendered {
    path: Path,
    /// Where the value stood in the record before.
    place: Cell<usize>,
    /// Whether it is a statistic: records in which a count is not simply above zero go the slow way.
    statistic: bool,
    /// Whether it cannot be negative: a minus goes the slow way.
    never_negative: bool,
    /// The most that it can be, where it is a share: what is more goes the slow way.
    most: Option<Fixed>,
    /// The counts of its samples that a threshold reads itself, so that they must not be missing.
    wanted: Vec<Path>,
    samples: Option<Path>,
    samples_place: Cell<usize>,
    /// The place of `path` among those of a stencil; behind it stand `samples` and `wanted`.
    first: usize,
    operator: Comparison,
    /// For a number below, at and above its bound: whether that holds, and whether the margin is turned.
    below_at_above: [(bool, bool); 3],
    bound: Bound,
    /// The bound as a whole number of so many decimals, where it is a short one.
    short_bound: Option<Fixed>,
    /// `{"id":"…","scope":`
    head: Vec<u8>,
    /// `,"metric":…,"actual":`
    middle: Vec<u8>,
    /// `,"expected":…,"reason":""`, and of a number `,"margin":`
    passed: Vec<u8>,
    /// The same of a violation; `None` where it must be worded the slow way.
    violated: Option<Violated>,
    /// `,"threshold":"…"}`, and a newline
    tail: Vec<u8>,
    /// About how long a line is.
    length: usize,
    /// The line up to the value, with the scope at hand.
    front: Vec<u8>,
}

/// What stands behind the value of a threshold that is violated.
#[derive(Debug)]
struct Violated {
    status: Status,
    /// Cut where the value is shown.
    pieces: Vec<Vec<u8>>,
    /// By how much it is multiplied there.
    factor: Option<Fixed>,
}

/// How far a value is from its bound.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
enum Margin {
    None,
    Fixed,
    /// Not a short number: it is computed again where it is written.
    Long,
}

/// What a value is compared with.
#[derive(Debug)]
enum Bound {
    Number(Decimal),
    Text(String),
    Bool(bool),
}

/// A record that was read, or one that fits a stencil.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Record<'r, 's> {
    /// With what was found out about it.
    Read(&'r Value<'s>, &'r Survey),
    Fit(&'r Fit<'s>),
}

impl<'r, 's> Record<'r, 's> {
    pub(crate) fn value(self) -> &'r Value<'s> {
        match self {
            Record::Read(value, _) => value,
            Record::Fit(fit) => fit.value(),
        }
    }
}

/// A threshold that a record passes or violates: enough to write its check. Flat, and lent rather than moved: there are
/// many.
#[derive(Debug)]
pub struct Rendering<'p> {
    rendered: &'p Rendered,
    actual: Scalar<'p>,
    samples: Scalar<'p>,
    margin: Margin,
    distance: Fixed,
    violated: Option<&'p Violated>,
    /// The number as it is shown in a violation.
    shown: Fixed,
}

impl Rendered {
    /// The parts of a threshold's line; `None` where it is not of the hot kind. `first` is the place of its paths among
    /// those of a stencil.
    pub(crate) fn of(threshold: &Threshold, wanted: &Wanted, first: usize) -> Option<Rendered> {
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
        let plain = threshold.sure.is_none()
            && threshold.given.is_none()
            && threshold.when.is_none()
            && threshold.after.is_none();
        if !plain || source.wildcard || source.baseline || source.least.is_some() {
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
        let mark = Number::from(NUMBER.parse::<u64>().ok()?);
        let check = Check {
            expected: match &bound {
                Bound::Number(bound) => Value::Number(bound.to_number()),
                Bound::Text(text) => Value::text(text.as_str()),
                Bound::Bool(yes) => Value::Bool(*yes),
            },
            actual: Value::Number(mark.clone()),
            margin: Some(Value::Number(mark)),
            ..threshold.check_that_passes()
        };
        let number = matches!(bound, Bound::Number(_));
        let cut = Cut::of(&check, number)?;
        Some(Rendered {
            path: source.path.clone(),
            place: Cell::new(0),
            statistic: source.statistic,
            never_negative: source.never_negative,
            most: source.most.and_then(|most| Fixed::read(most.to_string().as_bytes())),
            wanted: if source.statistic {
                wanted.of_statistic(&source.path).into_iter().cloned().collect()
            } else {
                Vec::new()
            },
            samples,
            samples_place: Cell::new(0),
            first,
            operator: *operator,
            below_at_above: [Ordering::Less, Ordering::Equal, Ordering::Greater]
                .map(|order| (operator.holds(order), is_turned(*operator, order))),
            short_bound: match &bound {
                Bound::Number(number) => Fixed::read(number.to_string().as_bytes()),
                _ => None,
            },
            violated: Violated::of(threshold, check, &bound, *operator),
            bound,
            length: cut.length + 64,
            head: cut.head,
            middle: cut.middle,
            passed: cut.end,
            tail: [cut.tail.as_slice(), b"\n"].concat(),
            front: Vec::new(),
        })
    }

    /// The paths that it reads, in the order of their places.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        [&self.path].into_iter().chain(&self.samples).chain(&self.wanted)
    }

    /// Makes ready for records of this scope, given as JSON.
    pub(crate) fn enter(&mut self, scope: &[u8]) {
        self.front = [&self.head, scope, &self.middle].concat();
    }

    /// Appends the whole line of a check that passes, with its newline, in the hottest case: a short number that is compared with
    /// one, and plain counts. False, and nothing appended, in every other: then [`Rendered::rendering`] says the same.
    #[inline(always)]
    pub(crate) fn write_passed(&self, fit: &Fit<'_>, out: &mut Vec<u8>) -> bool {
        let (Some(bound), Some((actual, text))) = (self.short_bound, fit.fixed(self.first)) else { return false };
        let behind = self.first + 1;
        let samples = match &self.samples {
            None => None,
            Some(_) => match fit.fixed(behind) {
                Some((count, text)) if count.places == 0 && count.digits >= 0 && text.first() != Some(&b'-') => {
                    Some(text)
                }
                Some(_) => return false,
                None if fit.is_missing(behind) => None,
                None => return false,
            },
        };
        if self.never_negative && actual.digits < 0 || self.is_beyond(actual) {
            return false;
        }
        let Some((number, bound, places)) = actual.aligned(bound) else { return false };
        let Some(above) = number.checked_sub(bound) else { return false };
        let turned = match self.below_at_above.get((above.signum() + 1) as usize) {
            Some((true, turned)) => *turned,
            _ => return false,
        };
        let Some(digits) = (if turned { above.checked_neg() } else { Some(above) }) else { return false };
        if self.statistic {
            let wanted = behind + usize::from(self.samples.is_some());
            if !fit.is_counted(self.first) || (0..self.wanted.len()).any(|place| fit.is_missing(wanted + place)) {
                return false;
            }
        }
        out.reserve(self.length);
        out.extend_from_slice(&self.front);
        append(text, out);
        out.extend_from_slice(&self.passed);
        Fixed { digits, places }.write(out);
        if let Some(samples) = samples {
            out.extend_from_slice(b",\"samples\":");
            append(samples, out);
        }
        out.extend_from_slice(&self.tail);
        true
    }

    /// What the record says, where it is told quickly: that it passes, or how it is violated.
    #[inline(always)]
    pub(crate) fn rendering<'p>(&'p self, record: Record<'p, '_>) -> Option<Rendering<'p>> {
        let behind = self.first + 1;
        let (actual, samples) = match record {
            Record::Read(value, counts) => {
                let samples = self.samples.as_ref().map(|path| path.read_near(value, &self.samples_place, counts));
                (
                    Scalar::of(self.path.read_near(value, &self.place, counts)),
                    samples.map_or(Scalar::MISSING, Scalar::of),
                )
            }
            Record::Fit(fit) => {
                let samples = if self.samples.is_some() { fit.scalar(behind) } else { Scalar::MISSING };
                (fit.scalar(self.first), samples)
            }
        };
        if self.never_negative
            && matches!(actual.kind, Kind::Fixed | Kind::Number)
            && actual.text.first() == Some(&b'-')
        {
            return None;
        }
        if self.most.is_some() && (actual.kind != Kind::Fixed || self.is_beyond(actual.short)) {
            return None;
        }
        let (mut margin, mut distance) = (Margin::None, Fixed::ZERO);
        let holds = match &self.bound {
            Bound::Number(bound) => {
                let short = self.short_bound.filter(|_| actual.kind == Kind::Fixed);
                if let Some((number, bound, places)) = short.and_then(|bound| actual.short.aligned(bound)) {
                    let above = number.checked_sub(bound)?;
                    let (holds, turned) = *self.below_at_above.get((above.signum() + 1) as usize)?;
                    let digits = if turned { above.checked_neg()? } else { above };
                    (margin, distance) = (Margin::Fixed, Fixed { digits, places });
                    holds
                } else {
                    margin = Margin::Long;
                    self.long_margin(*bound, actual)?.0
                }
            }
            Bound::Text(bound) if actual.kind == Kind::Text => self.equal(bound.as_bytes() == actual.text),
            Bound::Bool(bound) if actual.is_truth() => self.equal(*bound == (actual.kind == Kind::Yes)),
            Bound::Text(_) | Bound::Bool(_) => return None,
        };
        // The slow way looks closer at every count that is not simply above zero.
        let counted = !self.statistic
            || match record {
                Record::Read(value, counts) => {
                    let there = |path: &Path| path.read(value) != Reading::Missing;
                    // Which statistics are missing beside it is looked for there, too.
                    let any = || vec!["p99".to_owned()];
                    counts.doubt_without(&self.path, value, &any).is_none()
                        && !counts.is_misplaced(&self.path, value)
                        && self.wanted.iter().all(there)
                }
                Record::Fit(fit) => {
                    let behind = behind + usize::from(self.samples.is_some());
                    fit.is_counted(self.first)
                        && (0..self.wanted.len()).all(|place| fit.scalar(behind + place).kind != Kind::Missing)
                }
            };
        if !counted {
            return None;
        }
        let mut violated = None;
        let mut shown = Fixed::ZERO;
        if !holds {
            let found = self.violated.as_ref()?;
            shown = found.shown(actual)?;
            violated = Some(found);
        }
        Some(Rendering { rendered: self, actual, samples, margin, distance, violated, shown })
    }

    /// Whether a share is more than all of it.
    #[inline]
    fn is_beyond(&self, actual: Fixed) -> bool {
        self.most.is_some_and(|most| actual.aligned(most).is_none_or(|(actual, most, _)| actual > most))
    }

    /// Whether a number holds, and how far it is from the bound, for numbers of any length.
    fn long_margin(&self, bound: Decimal, actual: Scalar<'_>) -> Option<(bool, Decimal)> {
        if !matches!(actual.kind, Kind::Fixed | Kind::Number) {
            return None;
        }
        let number = Decimal::parse(std::str::from_utf8(actual.text).ok()?).filter(|number| number.is_measurable())?;
        let order = number.cmp(&bound);
        let distance = if is_turned(self.operator, order) { bound.minus(number) } else { number.minus(bound) };
        Some((self.operator.holds(order), distance?))
    }

    fn equal(&self, equal: bool) -> bool {
        equal == (self.operator == Comparison::Equal)
    }
}

/// Whether the margin is how far a number is below its bound, not above it.
fn is_turned(operator: Comparison, order: Ordering) -> bool {
    match operator {
        Comparison::Less | Comparison::LessOrEqual => true,
        Comparison::Greater | Comparison::GreaterOrEqual => false,
        // The distance from what should be equal is negative, from what should not positive.
        Comparison::Equal => order.is_gt(),
        Comparison::NotEqual => order.is_lt(),
    }
}

/// The line of a check, cut at its marks.
struct Cut {
    head: Vec<u8>,
    middle: Vec<u8>,
    end: Vec<u8>,
    tail: Vec<u8>,
    length: usize,
}

impl Cut {
    /// `None` where an id or a path looks like one of the marks: it would be cut in the wrong place.
    fn of(check: &Check<'_>, number: bool) -> Option<Cut> {
        let mut line = Vec::new();
        json::write_struct(check, &mut line).ok()?;
        let text = String::from_utf8(line).ok()?;
        if text.matches("\"scope\":\"\"").count() != 1 || text.matches(NUMBER).count() != 2 {
            return None;
        }
        let (head, rest) = text.split_once("\"scope\":\"\"")?;
        let (middle, rest) = rest.split_once(&format!("\"actual\":{NUMBER}"))?;
        let (end, tail) = rest.split_once(&format!(",\"margin\":{NUMBER}"))?;
        let margin = if number { ",\"margin\":" } else { "" };
        Some(Cut {
            head: format!("{head}\"scope\":").into_bytes(),
            middle: format!("{middle}\"actual\":").into_bytes(),
            end: format!("{end}{margin}").into_bytes(),
            tail: tail.as_bytes().to_vec(),
            length: text.len(),
        })
    }
}

impl Violated {
    fn of(threshold: &Threshold, passed: Check<'_>, bound: &Bound, operator: Comparison) -> Option<Violated> {
        let status = match threshold.severity {
            Severity::Fail | Severity::Fatal => Status::Fail,
            Severity::Warn => Status::Warn,
            Severity::Inconclusive => return None,
        };
        let (factor, letters) = match bound {
            Bound::Number(_) => threshold.shown_unit(),
            Bound::Text(_) | Bound::Bool(_) => (None, ""),
        };
        let bound_shown = match (bound, factor) {
            (Bound::Number(bound), None) => bound.to_string(),
            (Bound::Number(bound), Some(factor)) => bound.times(factor.as_decimal()?)?.to_string(),
            (Bound::Bool(yes), _) => yes.to_string(),
            (Bound::Text(text), _) => {
                let mut quoted = Vec::new();
                json::write_text(text, &mut quoted);
                String::from_utf8(quoted).ok()?
            }
        };
        let factor = match factor {
            Some(factor) => Some(Fixed::read(factor.as_decimal()?.to_string().as_bytes())?),
            None => None,
        };
        let id = &threshold.id;
        let violation = format!("{id}={SHOWN}{letters} {} {bound_shown}{letters}", operator.negated().written());
        let mut reason = String::new();
        for part in &threshold.parts {
            match part {
                Part::Text(text) => reason.push_str(text),
                Part::Path(_) => return None,
            }
        }
        let marks = if threshold.parts.is_empty() { 2 } else { 1 };
        let check = Check {
            status,
            passed: status.passed(),
            fatal: threshold.severity == Severity::Fatal,
            reason: if threshold.parts.is_empty() { violation.clone() } else { reason },
            violation,
            ..passed
        };
        let cut = Cut::of(&check, matches!(bound, Bound::Number(_)))?;
        let end = String::from_utf8(cut.end).ok()?;
        let pieces: Vec<Vec<u8>> = end.split(SHOWN).map(|piece| piece.as_bytes().to_vec()).collect();
        (pieces.len() == marks + 1).then_some(Violated { status, pieces, factor })
    }

    /// The number that it shows; `None` where the value is not quickly shown.
    fn shown(&self, actual: Scalar<'_>) -> Option<Fixed> {
        match actual.kind {
            Kind::Fixed => {
                let Fixed { digits, places } = actual.short;
                let Some(factor) = self.factor else { return Some(actual.short) };
                Some(Fixed { digits: digits.checked_mul(factor.digits)?, places: places + factor.places })
            }
            Kind::Text if actual.text.iter().all(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\') => {
                Some(Fixed::ZERO)
            }
            Kind::Yes | Kind::No => Some(Fixed::ZERO),
            _ => None,
        }
    }
}

impl Rendering<'_> {
    /// What it came to.
    pub fn status(&self) -> Status {
        self.violated.map_or(Status::Pass, |violated| violated.status)
    }

    /// Appends the check's line, without a newline.
    #[inline]
    pub fn write(&self, line: &mut Vec<u8>) {
        let rendered = self.rendered;
        line.reserve(rendered.length);
        line.extend_from_slice(&rendered.front);
        match self.actual.kind {
            Kind::Fixed | Kind::Number => append(self.actual.text, line),
            Kind::Text => json::write_text(std::str::from_utf8(self.actual.text).unwrap_or_default(), line),
            Kind::Yes => line.extend_from_slice(b"true"),
            Kind::No => line.extend_from_slice(b"false"),
            Kind::Missing | Kind::Odd => line.extend_from_slice(b"null"),
        }
        match self.violated {
            None => line.extend_from_slice(&rendered.passed),
            Some(violated) => {
                for (place, piece) in violated.pieces.iter().enumerate() {
                    if place > 0 {
                        self.show(line);
                    }
                    line.extend_from_slice(piece);
                }
            }
        }
        match (self.margin, &rendered.bound) {
            (Margin::Fixed, _) => self.distance.write(line),
            (Margin::Long, Bound::Number(bound)) => {
                if let Some((_, distance)) = rendered.long_margin(*bound, self.actual) {
                    distance.write(line);
                }
            }
            _ => {}
        }
        let Scalar { kind, text, short } = self.samples;
        if kind == Kind::Fixed && short.places == 0 && text.first() != Some(&b'-') {
            line.extend_from_slice(b",\"samples\":");
            append(text, line);
        } else if matches!(kind, Kind::Fixed | Kind::Number) {
            let number = std::str::from_utf8(text).ok().and_then(Decimal::parse);
            if let Some(count) = number.and_then(whole) {
                line.extend_from_slice(format!(",\"samples\":{count}").as_bytes());
            }
        }
        line.extend_from_slice(rendered.tail.strip_suffix(b"\n").unwrap_or_default());
    }

    /// The value as it stands in a violation, which is itself a text.
    fn show(&self, line: &mut Vec<u8>) {
        match self.actual.kind {
            Kind::Fixed => self.shown.write(line),
            Kind::Yes => line.extend_from_slice(b"true"),
            Kind::No => line.extend_from_slice(b"false"),
            Kind::Text => {
                line.extend_from_slice(b"\\\"");
                line.extend_from_slice(self.actual.text);
                line.extend_from_slice(b"\\\"");
            }
            Kind::Number | Kind::Missing | Kind::Odd => {}
        }
    }

    /// The same check as a struct: its own line, read.
    pub fn check(&self) -> Check<'static> {
        let mut line = Vec::new();
        self.write(&mut line);
        let value = json::parse(&line).unwrap_or_default();
        Check::from_value(&value).map_or_else(|_| Check::inconclusive("", "", Code::Malformed), Check::into_owned)
    }
}

#[cfg(test)]
mod tests;
