//! What an evidence document says of itself under `@evidence`: its sources, and what it cannot vouch for.

use serde::{Serialize, Serializer};

use crate::fields::Fields;
use crate::{Code, Number, Seal, Value};

/// The value of `@evidence`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Evidence {
    /// Where the values came from, in the order they were given.
    pub sources: Vec<Source>,
    /// Paths below which everything is declared, not observed.
    pub declared: Vec<String>,
    /// Paths at and below which nothing can be told, and why.
    pub unknown: Vec<Unknown>,
    /// Paths on which two observed sources disagreed, and which value stands; absent where there are none.
    pub conflicts: Vec<Conflict>,
    /// Why figures are what they are, in words, what matters most first (`percentile --against`); absent where nobody says.
    pub why: Vec<String>,
    /// The seals of the streams that were read, flat.
    pub seals: Vec<Seal>,
}

/// A path on which two observed sources disagreed, where the user said which value stands.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Conflict {
    /// The path, canonical.
    pub path: String,
    /// The two values, as JSON text: what was there and what came.
    pub values: Vec<String>,
    /// The one that stands, as JSON text.
    pub taken: String,
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("sources", &self.sources)?;
        fields.put("declared", &self.declared)?;
        fields.put("unknown", &self.unknown)?;
        fields.put_if(!self.conflicts.is_empty(), "conflicts", &self.conflicts)?;
        fields.put_if(!self.why.is_empty(), "why", &self.why)?;
        fields.put("seals", &self.seals)?;
        fields.end()
    }
}

impl Serialize for Conflict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("path", &self.path)?;
        fields.put("values", &self.values)?;
        fields.put("taken", &self.taken)?;
        fields.end()
    }
}

/// One source of an evidence document.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Source {
    /// The name it stands under; `""` for one merged in at the top.
    pub name: String,
    /// The path as given; `-` for standard input.
    pub path: String,
    /// The format it was read as: `json`, `k6`, `prometheus` …
    pub format: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Whether it was observed or declared.
    pub origin: Origin,
    /// The earliest time its data tells, RFC 3339; absent where it tells none.
    pub from: Option<String>,
    /// The latest time its data tells, RFC 3339; absent where it tells none.
    pub to: Option<String>,
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("name", &self.name)?;
        fields.put("path", &self.path)?;
        fields.put("format", &self.format)?;
        fields.put("bytes", self.bytes)?;
        fields.put("sha256", &self.sha256)?;
        fields.put("origin", self.origin)?;
        fields.put_if(self.from.is_some(), "from", &self.from)?;
        fields.put_if(self.to.is_some(), "to", &self.to)?;
        fields.end()
    }
}

/// Whether a value was measured or only said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Origin {
    /// Measured by the run.
    #[default]
    Observed,
    /// Said by somebody: what was planned, asked for or claimed.
    Declared,
}

impl Origin {
    /// The word on the wire: `observed` or `declared`.
    pub fn word(self) -> &'static str {
        match self {
            Origin::Observed => "observed",
            Origin::Declared => "declared",
        }
    }

    /// The origin a word names.
    pub fn from_word(word: &str) -> Option<Origin> {
        [Origin::Observed, Origin::Declared].into_iter().find(|origin| origin.word() == word)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// A path that cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The path, canonical (DESIGN sec. 4). A read at or below it cannot be told.
    pub path: String,
    /// Why.
    pub code: Code,
    /// The facts, in words: `max < p99: 12 < 40`.
    pub detail: String,
    /// The true value is at least this; `None` where it has no lower limit.
    pub low: Option<Number<'static>>,
    /// The true value is at most this; `None` where it has no upper limit.
    ///
    /// With a limit on either side the value in the record is what was computed from what could be read, and a
    /// comparison is made with the whole interval: it is known where every value in it gives the same answer.
    pub high: Option<Number<'static>>,
}

impl Unknown {
    /// A path of which nothing is known.
    pub fn new(path: impl Into<String>, code: Code, detail: impl Into<String>) -> Unknown {
        Unknown { path: path.into(), code, detail: detail.into(), low: None, high: None }
    }

    /// Whether the true value is known to lie within a limit, so that a comparison may still be known.
    pub fn is_bounded(&self) -> bool {
        self.low.is_some() || self.high.is_some()
    }

    fn from_value(entry: &Value<'_>) -> Option<Unknown> {
        let code = Code::from_name(entry.get("code")?.as_text()?).unwrap_or(Code::UnknownStatus);
        let detail = entry.get("detail").and_then(Value::as_text).unwrap_or_default();
        let unknown = Unknown::new(entry.get("path")?.as_text()?, code, detail);
        // `Err` where a limit is there that we do not understand: then there is none, and nothing is known.
        let limit = |key: &str| match entry.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(limit) => limit.as_number().map(|number| Some(number.clone().into_owned())).ok_or(()),
        };
        Some(match (limit("low"), limit("high")) {
            (Ok(low), Ok(high)) => Unknown { low, high, ..unknown },
            _ => unknown,
        })
    }
}

impl Serialize for Unknown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("path", &self.path)?;
        fields.put("code", self.code)?;
        fields.put("detail", &self.detail)?;
        fields.put_if(self.low.is_some(), "low", &self.low)?;
        fields.put_if(self.high.is_some(), "high", &self.high)?;
        fields.end()
    }
}

impl Evidence {
    /// Reads what stands under `@evidence`. Unknown fields are ignored, an unknown code is `unknown-status`.
    ///
    /// A document made by hand may leave any field out; one that is there but of another shape is skipped, except
    /// in `declared` and `unknown`: what restricts the evidence must be understood, so an odd one is `None` as a whole.
    pub fn from_value(value: &Value<'_>) -> Option<Evidence> {
        let list = |key: &str| match value.get(key) {
            None => Some(&[][..]),
            Some(list) => list.as_list(),
        };
        value.as_object()?;
        let mut declared = Vec::new();
        for path in list("declared")? {
            declared.push(path.as_text()?.to_owned());
        }
        let mut unknown = Vec::new();
        for entry in list("unknown")? {
            unknown.push(Unknown::from_value(entry)?);
        }
        let sources = list("sources").unwrap_or_default().iter().filter_map(Source::from_value).collect();
        let seals = list("seals").unwrap_or_default().iter().filter_map(Seal::from_value).collect();
        let conflicts = list("conflicts").unwrap_or_default().iter().filter_map(Conflict::from_value).collect();
        let why = list("why").unwrap_or_default().iter().filter_map(Value::as_text).map(str::to_owned).collect();
        Some(Evidence { sources, declared, unknown, conflicts, why, seals })
    }
}

impl Conflict {
    fn from_value(value: &Value<'_>) -> Option<Conflict> {
        let text = |value: &Value<'_>| value.as_text().map(str::to_owned);
        Some(Conflict {
            path: text(value.get("path")?)?,
            values: value.get("values").and_then(Value::as_list).unwrap_or_default().iter().filter_map(text).collect(),
            taken: value.get("taken").and_then(text).unwrap_or_default(),
        })
    }
}

impl Source {
    /// Reads one element of `sources`; `None` without a name.
    pub fn from_value(value: &Value<'_>) -> Option<Source> {
        let text = |key: &str| value.get(key).and_then(Value::as_text).map(str::to_owned);
        Some(Source {
            name: text("name")?,
            path: text("path").unwrap_or_default(),
            format: text("format").unwrap_or_default(),
            bytes: value.get("bytes").and_then(Value::as_number).and_then(|bytes| bytes.as_u64()).unwrap_or(0),
            sha256: text("sha256").unwrap_or_default(),
            origin: text("origin").and_then(|word| Origin::from_word(&word)).unwrap_or_default(),
            from: text("from"),
            to: text("to"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn reads_what_it_writes() {
        let evidence = Evidence {
            sources: vec![Source {
                name: "k6".into(),
                path: "k6.json".into(),
                format: "k6".into(),
                bytes: 5,
                sha256: "ab".into(),
                from: Some("2026-03-05T20:32:12Z".into()),
                ..Source::default()
            }],
            declared: vec!["metadata".into()],
            unknown: vec![
                Unknown::new("a.b", Code::Inconsistent, "max < p99: 12 < 40"),
                Unknown { low: Number::parse("1.50"), ..Unknown::new("a.p99", Code::NotANumber, "2 of 100") },
            ],
            conflicts: vec![Conflict { path: "a".into(), values: vec!["1".into(), "2".into()], taken: "2".into() }],
            why: vec!["more came to /cart".into()],
            seals: vec![Seal { tool: "percentile".into(), schema: 1, ..Seal::default() }],
        };
        let mut text = Vec::new();
        json::write_struct(&evidence, &mut text).unwrap();
        assert_eq!(Evidence::from_value(&json::parse(&text).unwrap()), Some(evidence));
    }

    #[test]
    fn what_restricts_the_evidence_must_be_understood() {
        let read = |text: &str| Evidence::from_value(&json::parse(text.as_bytes()).unwrap());
        assert_eq!(read("{}"), Some(Evidence::default()));
        assert_eq!(read(r#"{"declared":"metadata"}"#), None);
        assert_eq!(read(r#"{"unknown":[{"path":"a"}]}"#), None);
        assert_eq!(read(r#"{"unknown":[{"path":"a","code":"new"}]}"#).unwrap().unknown[0].code, Code::UnknownStatus);
    }

    #[test]
    fn a_limit_that_is_not_understood_is_none() {
        let read = |limits: &str| {
            let text = format!(r#"{{"unknown":[{{"path":"a","code":"gap",{limits}}}]}}"#);
            let unknown = Evidence::from_value(&json::parse(text.as_bytes()).unwrap()).unwrap().unknown.remove(0);
            (unknown.low.map(|low| low.to_string()), unknown.high.map(|high| high.to_string()))
        };
        let told = |low: Option<&str>, high: Option<&str>| (low.map(str::to_owned), high.map(str::to_owned));
        assert_eq!(read(r#""low":1e400,"high":null"#), told(Some("1e400"), None));
        assert_eq!(read(r#""high":-2"#), told(None, Some("-2")));
        assert_eq!(read(r#""low":1,"high":"2""#), told(None, None));
    }
}
