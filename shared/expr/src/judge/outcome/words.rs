//! An outcome in words: the violation, the message, why it cannot be told.

use schema::{Code, Value};

use super::{Expected, Outcome, Subject};
use crate::evaluate::datum::Datum;
use crate::evaluate::plan;
use crate::judge::sure::{self, Facts};
use crate::judge::threshold::{Part, Shape, Threshold};
use crate::language::syntax::Comparison;
use crate::{Path, Quantity, Reading, Unit};

impl Threshold {
    /// What is missing, where it is not what was measured.
    pub(super) fn operand_gone(&self, outcome: &Outcome<'_>, subject: &Subject<'_>, code: Code) -> Option<String> {
        let there = |path: &Path| subject.survey.read(path, subject.record) != Reading::Missing;
        let measured = outcome.metric.as_ref().is_some_and(|path| !path.has_wildcard() && there(path));
        let filled = self.paths().into_iter().filter_map(|path| path.fill(&outcome.captured));
        let of_record = |path: &Path| !path.has_wildcard() && !path.to_string().starts_with("baseline");
        let gone = filled.filter(of_record).find(|path| !there(path));
        gone.filter(|_| code == Code::Missing && measured).map(|path| format!("there is no {path}"))
    }

    /// What the evidence itself says of why something cannot be told.
    pub(super) fn detail<'s>(&self, outcome: &Outcome<'_>, subject: &Subject<'s>, code: Code) -> Option<&'s str> {
        let said = |path: &Path| {
            let doubt = subject.claims.doubt(path).filter(|doubt| doubt.code == code)?;
            Some(doubt.detail.as_str()).filter(|detail| !detail.is_empty())
        };
        let read = self.paths().into_iter().filter_map(|path| path.fill(&outcome.captured));
        let mut read = outcome.metric.clone().into_iter().chain(read);
        read.find_map(|path| said(&path)).or_else(|| self.why_impossible(outcome, subject, code))
    }

    /// By how much figures are multiplied in a violation, and with which unit's letters they stand: those of the bound.
    pub(crate) fn shown_unit(&self) -> (Option<Quantity>, &'static str) {
        match (self.unit, self.bound_unit) {
            (Some(from), Some(to)) => (Some(plan::factor(from, to)), to.written()),
            // A share on a name without a unit was taken as the fraction it is.
            (None, Some(to)) => (Some(plan::factor(Unit::Ratio, to)), to.written()),
            _ => (None, ""),
        }
    }

    /// A number in the unit that the bound was written in, to three digits.
    pub(crate) fn written(&self, number: Quantity) -> String {
        let (factor, letters) = self.shown_unit();
        let number = factor.map_or(Some(number), |factor| number.times(factor)).unwrap_or(number);
        format!("{}{letters}", sure::three_digits(number).unwrap_or(number).to_number(3))
    }

    /// Why the interval does not tell, and how much more would.
    pub(super) fn noise(&self, facts: Facts, actual: &Datum<'_>, expected: &Expected<'_>) -> String {
        let (factor, letters) = self.shown_unit();
        let write = |number: Quantity| {
            let number = factor.map_or(Some(number), |factor| number.times(factor)).unwrap_or(number);
            format!("{}{letters}", number.to_number(3))
        };
        let bound = match (&self.shape, expected) {
            (Shape::Compare { operator, .. }, Expected::One(bound)) => (*operator, bound.number().ok()),
            _ => (Comparison::LessOrEqual, None),
        };
        let left = self.metric.as_ref().map_or_else(|| self.left_text.clone(), Path::to_string);
        sure::wording(&left, facts, actual, bound, self.sure.unwrap_or_default(), &write)
    }

    /// `p99_us=2400 > 2000`: in the unit the bound was written in.
    pub(super) fn violation(&self, id: &str, outcome: &Outcome<'_>) -> String {
        let (factor, letters) = self.shown_unit();
        let convert = |datum: &Datum<'_>| {
            let number = datum.number().ok()?;
            factor.map_or(Some(number), |factor| number.times(factor))
        };
        let both = |a: &Datum<'_>, b: &Datum<'_>| match (convert(a), convert(b)) {
            (Some(a), Some(b)) => {
                let (a, b) = a.texts_apart(b);
                (format!("{a}{letters}"), format!("{b}{letters}"))
            }
            _ => (text(a), text(b)),
        };
        match (&self.shape, &outcome.expected) {
            (Shape::Compare { operator, .. }, Expected::One(expected)) => {
                let (actual, expected) = both(&outcome.actual, expected);
                format!("{id}={actual} {} {expected}", operator.negated().written())
            }
            (_, Expected::Range(ends)) => {
                let [low, high] = &**ends;
                let (_, shown_low) = both(&outcome.actual, low);
                let (actual, shown_high) = both(&outcome.actual, high);
                format!("{id}={actual} not in {shown_low}..{shown_high}")
            }
            (_, Expected::List(list)) => {
                let shown: Vec<String> = list.iter().map(|member| both(&outcome.actual, member).1).collect();
                let actual = list.first().map_or_else(String::new, |member| both(&outcome.actual, member).0);
                format!("{id}={actual} not in [{}]", shown.join(", "))
            }
            _ => self.condition_text.clone(),
        }
    }

    /// The message with its paths filled in, `?` where nothing can be told.
    pub(super) fn message(&self, outcome: &Outcome<'_>, subject: &Subject<'_>) -> String {
        let mut message = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => message.push_str(text),
                Part::Path(path) => {
                    let filled = path.fill(&outcome.captured);
                    message.push_str(&filled.map_or_else(|| "?".to_owned(), |path| read_text(&path, subject)));
                }
            }
        }
        message
    }
}

/// A value of the record as it stands in a message.
fn read_text(path: &Path, subject: &Subject<'_>) -> String {
    if subject.claims.unknown(path).is_some() {
        return "?".to_owned();
    }
    match subject.survey.read(path, subject.record) {
        Reading::Found(Value::Text(text)) => text.to_string(),
        Reading::Found(Value::Null) | Reading::Missing | Reading::Ambiguous => "?".to_owned(),
        Reading::Found(value) => {
            let mut out = Vec::new();
            schema::json::write(value, &mut out);
            String::from_utf8_lossy(&out).into_owned()
        }
    }
}

/// A value for people: texts in quotes.
fn text(datum: &Datum<'_>) -> String {
    let mut out = Vec::new();
    match datum {
        Datum::Number(number) => return number.to_number(number::TEXT_DIGITS).to_string(),
        Datum::Text(text) => schema::json::write_text(text, &mut out),
        Datum::Empty => return "\"\"".to_owned(),
        Datum::Truth(yes) => return yes.to_string(),
        Datum::Null => return "null".to_owned(),
        Datum::Whole(value) => schema::json::write(value, &mut out),
        Datum::Unknown(_) | Datum::Between(_) => return "?".to_owned(),
    }
    String::from_utf8_lossy(&out).into_owned()
}
