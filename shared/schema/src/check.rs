//! A check: one threshold judged on one record.

use serde::{Serialize, Serializer};

use crate::fields::Fields;
use crate::{Code, Origin, Status, Value};

/// The shape of the comparison a check makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Kind {
    /// `>=` or `>`
    Min,
    /// `<=` or `<`
    Max,
    /// `==`, `!=` or `in [..]`
    Equal,
    /// `in A..B`
    Range,
    /// Anything else: actual false, expected true
    #[default]
    Condition,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::Min, Kind::Max, Kind::Equal, Kind::Range, Kind::Condition];

    /// The word on the wire: `min max equal range condition`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Min => "min",
            Kind::Max => "max",
            Kind::Equal => "equal",
            Kind::Range => "range",
            Kind::Condition => "condition",
        }
    }

    /// The kind a word names.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// The operators a check may name; `""` is a condition's.
const OPERATORS: [&str; 7] = ["<", "<=", ">", ">=", "==", "!=", "in"];

/// One check line. The fields up to `reason` are always there, in this order; `check-threshold` writes them all.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Check<'a> {
    /// The label, or the left side as written.
    pub id: String,
    /// The scope of the record; `""` without `-b`.
    pub scope: String,
    /// The path that was measured.
    pub metric: String,
    /// The shape of the comparison.
    pub kind: Kind,
    /// The operator as written: `<=`, `in`; `""` for a condition.
    pub op: String,
    /// What was measured, in the metric's unit; null where unknown.
    pub actual: Value<'a>,
    /// What it was compared with, in the metric's unit; null where unknown; `[low, high]` for a range.
    pub expected: Value<'a>,
    /// The metric's unit: `us`, `bytes`; `""` where it has none.
    pub unit: String,
    /// What it came to.
    pub status: Status,
    /// True for pass, false for fail and warn, null for inconclusive and skip.
    pub passed: Option<bool>,
    /// Whether a failure stands alone as the reason of its group (`else fatal`).
    pub fatal: bool,
    /// Whether the metric was observed or declared.
    pub origin: Origin,
    /// Why it cannot be told; on the wire `""` for pass, fail, warn and skip.
    pub code: Option<Code>,
    /// `p99_us=2400 > 2000`; `""` unless the threshold is violated.
    pub violation: String,
    /// The line's message, else the violation, else `ID: code`, else `""`.
    pub reason: String,
    /// The distance to the bound in the metric's unit, negative where violated.
    pub margin: Option<Value<'a>>,
    /// What the baseline has where the metric was measured, in the metric's unit; only of a threshold that reads one.
    pub before: Option<Value<'a>>,
    /// The `count` beside the metric, if there is one.
    pub samples: Option<u64>,
    /// Between what the true figure lies, where a threshold says how sure it must be.
    pub interval: Option<Interval<'a>>,
    /// What each of the nights before had of what the threshold asks them, oldest first: the figures that are known, by
    /// their paths; empty where it asks none.
    pub nights: Vec<Value<'a>>,
    /// The name in `@evidence.sources`.
    pub source: Option<String>,
    /// Whether `default(…)` stood in for a missing value.
    pub assumed: bool,
    /// The threshold's whole line, so that the check can be made again; absent for checks no line made.
    pub threshold: Option<String>,
    /// The place of its record in the group's list of evidence, from 0; only in a verdict, and only where there are
    /// several records.
    pub record: Option<u64>,
}

/// Between what the true figure of a check lies, in the metric's unit, and what that was made from.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Interval<'a> {
    /// The lower end; null where there is none.
    pub low: Value<'a>,
    /// The upper end; null where there is none.
    pub high: Value<'a>,
    /// The level of each end: 0.95.
    pub sure: Value<'a>,
    /// How many runs, or nights, it was made from; absent inside one run.
    pub runs: Option<u64>,
    /// What the bound was of each run of the baseline: a number, or its limits and why it is not known.
    pub against: Vec<Value<'a>>,
}

impl Serialize for Interval<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("low", &self.low)?;
        fields.put("high", &self.high)?;
        fields.put("sure", &self.sure)?;
        fields.put_if(self.runs.is_some(), "runs", self.runs)?;
        fields.put_if(!self.against.is_empty(), "against", &self.against)?;
        fields.end()
    }
}

impl<'a> Interval<'a> {
    fn from_value(value: &Value<'a>) -> Option<Interval<'a>> {
        let number = |key: &str| match value.get(key)? {
            end @ (Value::Number(_) | Value::Null) => Some(end.clone()),
            _ => None,
        };
        Some(Interval {
            low: number("low")?,
            high: number("high")?,
            sure: number("sure")?,
            runs: match value.get("runs") {
                None => None,
                Some(runs) => Some(runs.as_number()?.as_u64()?),
            },
            against: match value.get("against") {
                None => Vec::new(),
                Some(list) => list.as_list()?.to_vec(),
            },
        })
    }

    fn into_owned(self) -> Interval<'static> {
        Interval {
            low: self.low.into_owned(),
            high: self.high.into_owned(),
            sure: self.sure.into_owned(),
            runs: self.runs,
            against: self.against.into_iter().map(Value::into_owned).collect(),
        }
    }
}

impl Serialize for Check<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("id", &self.id)?;
        fields.put("scope", &self.scope)?;
        fields.put("metric", &self.metric)?;
        fields.put("type", self.kind)?;
        fields.put("op", &self.op)?;
        fields.put("actual", &self.actual)?;
        fields.put("expected", &self.expected)?;
        fields.put("unit", &self.unit)?;
        fields.put("status", self.status)?;
        fields.put("passed", self.passed)?;
        fields.put("fatal", self.fatal)?;
        fields.put("origin", self.origin)?;
        fields.put("code", self.code.map_or("", Code::name))?;
        fields.put("violation", &self.violation)?;
        fields.put("reason", &self.reason)?;
        fields.put_if(self.margin.is_some(), "margin", &self.margin)?;
        fields.put_if(self.before.is_some(), "before", &self.before)?;
        fields.put_if(self.samples.is_some(), "samples", self.samples)?;
        fields.put_if(self.interval.is_some(), "interval", &self.interval)?;
        fields.put_if(!self.nights.is_empty(), "nights", &self.nights)?;
        fields.put_if(self.source.is_some(), "source", &self.source)?;
        fields.put_if(self.assumed, "assumed", self.assumed)?;
        fields.put_if(self.threshold.is_some(), "threshold", &self.threshold)?;
        fields.put_if(self.record.is_some(), "record", self.record)?;
        fields.end()
    }
}

impl Check<'static> {
    /// A check that no threshold made, which cannot be told: `@stream`, a missing group.
    pub fn inconclusive(id: impl Into<String>, scope: impl Into<String>, code: Code) -> Self {
        let id = id.into();
        let reason = format!("{id}: {code}");
        let status = Status::Inconclusive;
        Check {
            id,
            scope: scope.into(),
            expected: Value::Bool(true),
            status,
            code: Some(code),
            reason,
            ..Check::default()
        }
    }
}

impl<'a> Check<'a> {
    /// Reads one check line; `Err` names the field that is missing or odd.
    ///
    /// Unknown fields are ignored. An unknown status or code, and a status that `passed` contradicts, is inconclusive
    /// with the code `unknown-status`. Only `id` and `status` must be there; a `type`, `op` or `origin` that is there must be
    /// one of its list.
    pub fn from_value(value: &Value<'a>) -> Result<Check<'a>, &'static str> {
        let object = value.as_object().ok_or("object")?;
        let text = |key: &'static str| match object.get(key) {
            None => Ok(String::new()),
            Some(value) => value.as_text().map(str::to_owned).ok_or(key),
        };
        let flag = |key: &'static str| match object.get(key) {
            None => Ok(false),
            Some(Value::Bool(yes)) => Ok(*yes),
            Some(_) => Err(key),
        };
        let word = object.get("status").and_then(Value::as_text).ok_or("status")?;
        let code_name = text("code")?;
        let mut check = Check {
            id: object.get("id").and_then(Value::as_text).ok_or("id")?.to_owned(),
            scope: text("scope")?,
            metric: text("metric")?,
            kind: listed("type", &text("type")?, Kind::from_word)?,
            op: listed("op", &text("op")?, |word| OPERATORS.contains(&word).then(|| word.to_owned()))?,
            actual: object.get("actual").cloned().unwrap_or_default(),
            expected: object.get("expected").cloned().unwrap_or_default(),
            unit: text("unit")?,
            status: Status::from_word(word).unwrap_or(Status::Inconclusive),
            passed: None,
            fatal: flag("fatal")?,
            origin: listed("origin", &text("origin")?, Origin::from_word)?,
            code: Code::from_name(&code_name),
            violation: text("violation")?,
            reason: text("reason")?,
            margin: object.get("margin").cloned(),
            before: object.get("before").cloned(),
            samples: object.get("samples").and_then(Value::as_number).and_then(|number| number.as_u64()),
            interval: match object.get("interval") {
                None => None,
                Some(interval) => Some(Interval::from_value(interval).ok_or("interval")?),
            },
            nights: match object.get("nights") {
                None => Vec::new(),
                Some(nights) => nights.as_list().ok_or("nights")?.to_vec(),
            },
            source: object.get("source").and_then(Value::as_text).map(str::to_owned),
            assumed: flag("assumed")?,
            threshold: object.get("threshold").and_then(Value::as_text).map(str::to_owned),
            record: object.get("record").and_then(Value::as_number).and_then(|place| place.as_u64()),
        };
        let contradicted = match object.get("passed") {
            None => false,
            Some(Value::Bool(yes)) => check.status.passed() != Some(*yes),
            Some(Value::Null) => check.status.passed().is_some(),
            Some(_) => return Err("passed"),
        };
        let unknown_code = !code_name.is_empty() && check.code.is_none();
        if Status::from_word(word).is_none() || unknown_code || contradicted {
            // A failure stays one: only what was no failure may become doubtful.
            if check.status != Status::Fail || contradicted {
                check.status = check.status.max(Status::Inconclusive);
            }
            check.code = Some(Code::UnknownStatus);
        }
        // A code says why something cannot be told: what passes has none.
        if check.code.is_some() && matches!(check.status, Status::Pass | Status::Warn) {
            check.status = Status::Inconclusive;
        }
        check.passed = check.status.passed();
        Ok(check)
    }

    /// The same check, owning all its text.
    pub fn into_owned(self) -> Check<'static> {
        Check {
            actual: self.actual.into_owned(),
            expected: self.expected.into_owned(),
            margin: self.margin.map(Value::into_owned),
            before: self.before.map(Value::into_owned),
            id: self.id,
            scope: self.scope,
            metric: self.metric,
            kind: self.kind,
            op: self.op,
            unit: self.unit,
            status: self.status,
            passed: self.passed,
            fatal: self.fatal,
            origin: self.origin,
            code: self.code,
            violation: self.violation,
            reason: self.reason,
            samples: self.samples,
            interval: self.interval.map(Interval::into_owned),
            nights: self.nights.into_iter().map(Value::into_owned).collect(),
            source: self.source,
            assumed: self.assumed,
            threshold: self.threshold,
            record: self.record,
        }
    }
}

impl Check<'_> {
    /// How far what was measured is from what the baseline has: the difference, and the share of the baseline where that is
    /// not 0. `None` unless both are numbers.
    pub fn change(&self) -> Option<(f64, Option<f64>)> {
        let number = |value: &Value<'_>| value.as_number()?.to_f64();
        let (before, after) = (number(self.before.as_ref()?)?, number(&self.actual)?);
        let difference = after - before;
        Some((difference, (before != 0.0).then(|| difference / before.abs())))
    }

    /// The same in words: `+36 (+5.9%)`; three digits that count.
    pub fn change_words(&self) -> Option<String> {
        let (difference, share) = self.change()?;
        let share = share.map_or(String::new(), |share| format!(" ({}%)", signed(share * 100.0)));
        Some(format!("{}{share}", signed(difference)))
    }
}

/// A number with its sign and three digits that count.
fn signed(number: f64) -> String {
    if number == 0.0 {
        return "±0".to_owned();
    }
    let size = number.abs();
    let sign = if number < 0.0 { '-' } else { '+' };
    if !(1e-4..1e15).contains(&size) {
        return format!("{sign}{size:.2e}");
    }
    let places = (2 - size.log10().floor() as i32).clamp(0, 6) as usize;
    let text = format!("{size:.places$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{sign}{text}")
}

/// The value of a word from a closed list: the default where there is none, `Err` with its key where it is not listed.
fn listed<T: Default>(key: &'static str, word: &str, from_word: fn(&str) -> Option<T>) -> Result<T, &'static str> {
    if word.is_empty() { Ok(T::default()) } else { from_word(word).ok_or(key) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn read(text: &str) -> Result<Check<'_>, &'static str> {
        Check::from_value(&json::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn reads_what_it_writes() {
        let check = Check {
            id: "p99_us".into(),
            actual: Value::from(2400),
            expected: Value::from(2000),
            kind: Kind::Max,
            op: "<=".into(),
            status: Status::Fail,
            passed: Some(false),
            margin: Some(json::parse(b"-400").unwrap()),
            before: Some(Value::from(2200)),
            samples: Some(7),
            interval: Some(Interval {
                low: Value::from(1900),
                sure: json::parse(b"0.95").unwrap(),
                runs: Some(5),
                against: vec![Value::from(2000), Value::Null],
                ..Interval::default()
            }),
            nights: vec![json::parse(b"{\"p99_us\":1900}").unwrap(), json::parse(b"{}").unwrap()],
            threshold: Some("p99_us: latency.p99_us <= 2000".into()),
            ..Check::default()
        };
        let mut text = Vec::new();
        json::write_struct(&check, &mut text).unwrap();
        assert_eq!(Check::from_value(&json::parse(&text).unwrap()), Ok(check));
    }

    #[test]
    fn a_change_has_a_sign_and_a_share() {
        let words = |before: &str, actual: &str| {
            read(&format!(r#"{{"id":"a","status":"pass","actual":{actual},"before":{before}}}"#))
                .unwrap()
                .change_words()
        };
        assert_eq!(words("614", "650").as_deref(), Some("+36 (+5.86%)"));
        assert_eq!(words("650", "614").as_deref(), Some("-36 (-5.54%)"));
        assert_eq!(words("0", "3").as_deref(), Some("+3"));
        assert_eq!(words("5", "5").as_deref(), Some("±0 (±0%)"));
        assert_eq!(words("-4", "-5").as_deref(), Some("-1 (-25%)"));
        assert_eq!((words("null", "1"), words("1", "null")), (None, None));
    }

    #[test]
    fn what_is_not_known_is_inconclusive() {
        assert_eq!(read(r#"{"id":"a","status":"great"}"#).unwrap().status, Status::Inconclusive);
        assert_eq!(read(r#"{"id":"a","status":"pass","code":"new"}"#).unwrap().status, Status::Inconclusive);
        assert_eq!(read(r#"{"id":"a","status":"pass","passed":false}"#).unwrap().status, Status::Inconclusive);
        assert_eq!(read(r#"{"id":"a","status":"fail","code":"new"}"#).unwrap().status, Status::Fail);
        assert_eq!(read(r#"{"id":"a","status":"pass","new":1}"#).unwrap().status, Status::Pass);
        assert_eq!(read(r#"{"id":"a"}"#), Err("status"));
        assert_eq!(read(r#"{"status":"pass"}"#), Err("id"));
        assert_eq!(read(r#"{"id":"a","status":"pass","passed":"yes"}"#), Err("passed"));
        for key in ["type", "op", "origin"] {
            let line = format!(r#"{{"id":"a","status":"pass","{key}":"0<="}}"#);
            assert_eq!(read(&line), Err(key));
            assert_eq!(read(&line.replace("0<=", "")).unwrap().status, Status::Pass);
        }
        assert_eq!(read("[]"), Err("object"));
    }
}
