//! The sources of a state: who read what, so that a merge can tell what is missing, what came twice and what was wrong.
//!
//! A source is named by `--source-id`, by `--part K/N`, or by the digest of its input. Two sources that read the same
//! records are one counted twice, whatever they are called, unless they are parts of one `--part K/N`.

use schema::{Number, Object, Seal, Value, json};
use sha2::{Digest, Sha256};

/// One source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// `--source-id`, or the digest of the input; `""` for a part that has no other name.
    pub name: String,
    /// `--part K/N`
    pub split: Option<(u64, u64)>,
    /// The digest of its input; a state of version 1 has none.
    pub input: Option<String>,
    /// How many lines or records it read; not known of a state of version 1.
    pub lines: Option<u64>,
    /// How many of them were rejected.
    pub rejected: u64,
    /// `--allow-rejected`, as written.
    pub allow_rejected: Option<String>,
    /// Whether an input was a stream that nobody sealed.
    pub unsealed: bool,
    /// The seals of the streams it read.
    pub upstream: Vec<Seal>,
}

impl Source {
    /// What it is called: `web1`, `3/8`, `run7:3/8`.
    pub fn id(&self) -> String {
        match self.split {
            None => self.name.clone(),
            Some((part, parts)) if self.name.is_empty() => format!("{part}/{parts}"),
            Some((part, parts)) => format!("{}:{part}/{parts}", self.name),
        }
    }

    /// Its seal: what it would have said at the end of a sealed stream.
    pub fn seal(&self) -> Seal {
        Seal {
            tool: "percentile".to_owned(),
            version: filter::VERSION.to_owned(),
            schema: schema::SCHEMA_VERSION,
            lines: self.lines,
            rejected: self.rejected,
            allow_rejected: self.allow_rejected.clone(),
            unsealed: self.unsealed,
            source: Some(self.id()),
            ..Seal::default()
        }
    }

    /// As a state has it.
    pub fn value(&self) -> Object<'static> {
        let mut object = Object::new();
        object.insert("name", self.name.clone());
        if let Some((part, parts)) = self.split {
            object.insert("split", vec![Value::from(part), Value::from(parts)]);
        }
        if let Some(input) = &self.input {
            object.insert("input", input.clone());
        }
        if let Some(lines) = self.lines {
            object.insert("lines", lines);
        }
        if self.rejected > 0 {
            object.insert("rejected", self.rejected);
        }
        if let Some(grant) = &self.allow_rejected {
            object.insert("allow_rejected", grant.clone());
        }
        if self.unsealed {
            object.insert("unsealed", true);
        }
        if !self.upstream.is_empty() {
            let seals = self.upstream.iter().filter_map(|seal| {
                let mut text = Vec::new();
                json::write_struct(seal, &mut text).ok()?;
                json::parse(&text).ok().map(Value::into_owned)
            });
            object.insert("upstream", seals.collect::<Vec<_>>());
        }
        object
    }

    /// What a state has.
    pub fn read(value: &Value<'_>) -> Option<Source> {
        if let Some(name) = value.as_text() {
            return Some(Source { name: name.to_owned(), ..Source::default() });
        }
        let whole = |value: &Value<'_>| value.as_number().and_then(Number::as_u64);
        let text = |key: &str| value.get(key).map(|text| text.as_text().map(str::to_owned));
        let split = match value.get("split").map(|split| split.as_list()) {
            None => None,
            Some(Some([part, parts])) => {
                let (part, parts) = (whole(part)?, whole(parts)?);
                (1..=parts).contains(&part).then_some(())?;
                Some((part, parts))
            }
            Some(_) => return None,
        };
        let mut upstream = Vec::new();
        for seal in value.get("upstream").map(|list| list.as_list()).unwrap_or(Some(&[]))? {
            upstream.push(Seal::from_value(seal)?);
        }
        Some(Source {
            name: text("name")??,
            split,
            input: text("input").unwrap_or(None),
            lines: value.get("lines").map(whole).unwrap_or(None),
            rejected: value.get("rejected").map_or(Some(0), whole)?,
            allow_rejected: text("allow_rejected").unwrap_or(None),
            unsealed: value.get("unsealed") == Some(&Value::Bool(true)),
            upstream,
        })
    }
}

/// 128 bits of the SHA-256 of a text, in hexadecimal digits.
pub fn digest(text: &[u8]) -> String {
    filter::hex(Sha256::digest(text).get(..16).unwrap_or_default())
}

/// The digest that the rows of a state know its list of sources by.
pub fn list_digest(list: &[Value<'_>]) -> String {
    let mut text = Vec::new();
    for source in list {
        json::write(source, &mut text);
        text.push(b'\n');
    }
    digest(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::split;

    #[test]
    fn a_source_reads_back() {
        for source in [
            Source { name: "web1".into(), ..Source::default() },
            Source {
                name: String::new(),
                split: Some((3, 8)),
                input: Some("00".into()),
                lines: Some(7),
                rejected: 2,
                allow_rejected: Some("5%".into()),
                unsealed: true,
                upstream: vec![Seal { tool: "kv-extract".into(), schema: schema::SCHEMA_VERSION, ..Seal::default() }],
            },
        ] {
            assert_eq!(Source::read(&Value::Object(source.value())), Some(source));
        }
        assert_eq!(split("3/8"), Ok((3, 8)));
        assert!(["0/8", "9/8", "8", "a/b", "1/99999999999"].iter().all(|text| split(text).is_err()));
    }
}
