//! What a reader makes of one source: its values, what it cannot vouch for, and the time span its data tells.
//!
//! Owns no format and does no I/O. Paths in here are steps below the source; where the source stands in the document
//! is the merger's business.

pub mod cadence;
pub mod moments;

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::Timestamp;
use schema::{Code, Evidence, Number, Object, Value};

use crate::facts::cadence::Hole;

/// One source, read.
#[derive(Clone, Debug, Default)]
pub struct Facts<'a> {
    /// The format it was read as: a word of `readers::FORMATS`.
    pub format: &'static str,
    /// Its values.
    pub content: Content<'a>,
    /// What cannot be told, and why.
    pub doubts: Vec<Doubt>,
    /// What the source already said of itself, where one of our tools wrote it.
    pub evidence: Option<Evidence>,
    /// The earliest and latest time its data tells.
    pub span: Span,
    /// Those of its values that tell times of their own; where none does, `span` is that of all.
    pub told: Vec<Told>,
    /// The series in which there is a hole: the steps to the series, and its widest hole.
    pub holes: Vec<(Vec<String>, Hole)>,
    /// Of the members at its top, which count only upwards (`true`) and which may fall: what the source itself says.
    pub counters: HashMap<String, bool>,
}

/// Why a source cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Line and column, where there is one place.
    pub place: Option<(usize, usize)>,
    /// What was wrong there.
    pub reason: String,
}

impl Failure {
    /// A failure of the source as a whole.
    pub fn whole(reason: impl Into<String>) -> Self {
        Failure { place: None, reason: reason.into() }
    }
}

impl Facts<'_> {
    /// The same with values of its own.
    pub fn into_owned(self) -> Facts<'static> {
        let content = match self.content {
            Content::One(value) => Content::One(value.into_owned()),
            Content::Many(list) => Content::Many(list.into_iter().map(Value::into_owned).collect()),
        };
        let Facts { format, doubts, evidence, span, told, holes, counters, .. } = self;
        Facts { format, content, doubts, evidence, span, told, holes, counters }
    }
}

/// A reader of a whole text.
pub type TextReader = for<'a> fn(&'a str) -> Result<Facts<'a>, Failure>;

/// The values of a source: one, or several records.
#[derive(Clone, Debug, PartialEq)]
pub enum Content<'a> {
    /// One value, mostly an object.
    One(Value<'a>),
    /// Several records, which need a name, `-a` or `-b`.
    Many(Vec<Value<'a>>),
}

impl Default for Content<'_> {
    fn default() -> Self {
        Content::One(Value::Object(Object::new()))
    }
}

/// A path below the source that cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The steps from the source's root; none for the whole source.
    pub steps: Vec<String>,
    /// Why.
    pub code: Code,
    /// The facts, in words.
    pub detail: String,
    /// The true value is at least this; `None` where it has no lower limit.
    pub low: Option<Number<'static>>,
    /// The true value is at most this; `None` where it has no upper limit.
    pub high: Option<Number<'static>>,
}

impl Doubt {
    /// A doubt about the value at `steps`, of which nothing is known.
    pub fn of(steps: Vec<String>, code: Code, detail: impl Into<String>) -> Self {
        Doubt { steps, code, detail: detail.into(), low: None, high: None }
    }

    /// A doubt about the value at `steps`.
    pub fn new(steps: &[&str], code: Code, detail: impl Into<String>) -> Self {
        Doubt::of(steps.iter().map(|&step| step.to_owned()).collect(), code, detail)
    }

    /// The same doubt about a value that lies between two limits, either of which may be absent.
    pub fn within(mut self, low: Option<Number<'static>>, high: Option<Number<'static>>) -> Self {
        (self.low, self.high) = (low, high);
        self
    }

    /// The same doubt seen from one step further up.
    pub fn under(mut self, step: &str) -> Self {
        self.steps.insert(0, step.to_owned());
        self
    }
}

/// A value that tells when it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The steps from the source's root; none for the whole source.
    pub steps: Vec<String>,
    /// Its first and its last time.
    pub span: Span,
}

impl Told {
    /// The same seen from one step further up.
    pub fn under(mut self, step: &str) -> Self {
        self.steps.insert(0, step.to_owned());
        self
    }
}

/// The earliest and the latest moment that was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The earliest.
    pub from: Option<Timestamp>,
    /// The latest.
    pub to: Option<Timestamp>,
    /// The latest that a time without its offset can be, if it was told where the day ends last. JUnit's stamps are such.
    pub at_latest: Option<Timestamp>,
    /// The same where the day begins first: of all such times the last one is not before it.
    pub at_soonest: Option<Timestamp>,
}

/// Where the day ends last.
const WEST: jiff::tz::Offset = jiff::tz::Offset::constant(-12);
/// Where it begins first.
const EAST: jiff::tz::Offset = jiff::tz::Offset::constant(14);

impl Span {
    /// Widens the span by one moment.
    pub fn see(&mut self, moment: Timestamp) {
        self.from = Some(self.from.map_or(moment, |from| from.min(moment)));
        self.to = Some(self.to.map_or(moment, |to| to.max(moment)));
    }

    /// Widens the span by seconds since 1970, where they are a time.
    pub fn see_seconds(&mut self, seconds: f64) {
        if seconds.is_finite()
            && let Ok(since) = jiff::SignedDuration::try_from_secs_f64(seconds)
            && let Ok(moment) = Timestamp::from_duration(since)
        {
            self.see(moment);
        }
    }

    /// Widens the span by an RFC 3339 text, where it is one; a text without its offset tells no moment, but one that it is
    /// not after.
    pub fn see_text(&mut self, text: &str) {
        // Most keys that may tell a time are not there.
        if text.len() < "2026-03-05".len() {
            return;
        }
        if let Ok(moment) = text.parse() {
            self.see(moment);
        } else if let Ok(local) = text.parse::<jiff::civil::DateTime>() {
            self.at_soonest = self.at_soonest.max(EAST.to_timestamp(local).ok());
            // A date alone is any time of its day.
            let day = text.len() == "2026-03-05".len();
            let local =
                if day { local.checked_add(jiff::SignedDuration::from_hours(24)).unwrap_or(local) } else { local };
            self.at_latest = self.at_latest.max(WEST.to_timestamp(local).ok());
        }
    }

    /// Both spans together.
    pub fn join(&mut self, other: Span) {
        for moment in [other.from, other.to].into_iter().flatten() {
            self.see(moment);
        }
        self.at_latest = self.at_latest.max(other.at_latest);
        self.at_soonest = self.at_soonest.max(other.at_soonest);
    }
}

/// An object under construction, whose members are found by hash: [`Object`] itself searches from its start.
#[derive(Debug, Default)]
pub struct Builder<'a> {
    members: Vec<(Cow<'a, str>, Value<'a>)>,
    places: HashMap<String, usize>,
}

impl<'a> Builder<'a> {
    /// Puts `value` under `key`; `false`, and nothing changed, where there is one already.
    pub fn put(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) -> bool {
        let key = key.into();
        if self.places.contains_key(key.as_ref()) {
            return false;
        }
        self.places.insert(key.to_string(), self.members.len());
        self.members.push((key, value.into()));
        true
    }

    /// The value under `key`, put there as `null` where there was none.
    pub fn entry(&mut self, key: &str) -> &mut Value<'a> {
        let place = match self.places.get(key) {
            Some(&place) => place,
            None => {
                let place = self.members.len();
                self.places.insert(key.to_owned(), place);
                self.members.push((Cow::Owned(key.to_owned()), Value::Null));
                place
            }
        };
        &mut self.members[place].1
    }

    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.places.get(key).and_then(|&place| self.members.get(place)).map(|(_, value)| value)
    }

    /// Whether there is a member `key`.
    pub fn has(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    /// The finished object.
    pub fn build(self) -> Object<'a> {
        self.members.into_iter().collect()
    }
}

/// The number under `key`, as a double; `None` where there is none.
pub fn float(value: &Value<'_>, key: &str) -> Option<f64> {
    value.get(key)?.as_number()?.to_f64()
}

/// The place of a JSON error in a text of which `before` bytes went before.
pub fn located(error: &schema::json::Error, text: &[u8], first_line: usize) -> Failure {
    let (line, column) = error.line_and_column(text);
    let cut = if error.unfinished { " (cut short?)" } else { "" };
    Failure { place: Some((first_line + line - 1, column)), reason: format!("{error}{cut}") }
}

#[cfg(test)]
pub mod test {
    use super::*;

    /// The content of a source as JSON text.
    pub fn text(facts: &Facts<'_>) -> String {
        let mut out = Vec::new();
        match &facts.content {
            Content::One(value) => schema::json::write(value, &mut out),
            Content::Many(list) => schema::json::write(&list.clone().into(), &mut out),
        }
        String::from_utf8(out).unwrap()
    }

    /// The doubts of a source, one a line: `path: code: detail`.
    pub fn doubts(facts: &Facts<'_>) -> Vec<String> {
        facts
            .doubts
            .iter()
            .map(|doubt| format!("{}: {}: {}", doubt.steps.join("/"), doubt.code, doubt.detail))
            .collect()
    }
}
