//! The sources of a state: who read what, so that a merge can tell what is missing, what came twice and what was wrong.
//!
//! A source is named by `--source-id`, by `--part K/N`, or by the digest of its input. Two sources that read the same
//! records are one counted twice, whatever they are called, unless they are parts of one `--part K/N`.

use jiff::Timestamp;
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
    /// What evidence says of it, where a tool tells that: its path, format and size.
    pub file: Option<Box<schema::Source>>,
    /// The first and the last time that its data tells.
    pub span: Option<(Timestamp, Timestamp)>,
    /// When it was read. No digest is of it: a part that was read again is the same part.
    pub written: Option<Timestamp>,
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

    /// Its seal: what the tool of that name would have said at the end of a sealed stream.
    pub fn seal(&self, tool: &str) -> Seal {
        Seal {
            tool: tool.to_owned(),
            version: crate::VERSION.to_owned(),
            schema: schema::SCHEMA_VERSION,
            lines: self.lines,
            rejected: self.rejected,
            allow_rejected: self.allow_rejected.clone(),
            unsealed: self.unsealed,
            source: Some(self.id()),
            ..Seal::default()
        }
    }

    /// Why it is not of the time from `bound` to `now`: its data ends before that, or, where it tells no time, it was read
    /// before; or it is of later.
    pub fn stale(&self, bound: Timestamp, now: Timestamp) -> Option<String> {
        let id = self.id();
        let last = self.span.map(|(_, to)| to).or(self.written);
        if let Some(last) = last.filter(|last| crate::is_ahead(*last, now)) {
            return Some(format!("{id:?} is of {last}, which is not yet: it is {now}"));
        }
        match (self.span, self.written) {
            (Some((_, to)), _) if to < bound => Some(format!("{id:?}: its data ends at {to}, before {bound}")),
            (Some((from, _)), _) if from < bound => Some(format!("{id:?}: its data begins at {from}, before {bound}")),
            (None, Some(written)) if written < bound => {
                Some(format!("{id:?} was read at {written}, before {bound}, and its data has no times"))
            }
            (None, None) => Some(format!("{id:?} does not tell when it was read")),
            _ => None,
        }
    }

    /// Whether it is an empty input that nobody has named: several of those have one name, the digest of nothing.
    pub fn is_nameless_nothing(&self) -> bool {
        self.lines == Some(0) && self.split.is_none() && self.name.starts_with("sha256:")
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
            let seals = self.upstream.iter().filter_map(as_value);
            object.insert("upstream", seals.collect::<Vec<_>>());
        }
        if let Some((from, to)) = self.span {
            object.insert("from", from.to_string());
            object.insert("to", to.to_string());
        }
        if let Some(file) = self.file.as_deref().and_then(as_value) {
            object.insert("file", file);
        }
        if let Some(written) = self.written {
            object.insert(WRITTEN, written.to_string());
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
        let time = |key: &str| match value.get(key) {
            None => Some(None),
            Some(text) => text.as_text()?.parse().ok().map(Some),
        };
        let file = match value.get("file") {
            None => None,
            Some(file) => Some(Box::new(schema::Source::from_value(file)?)),
        };
        Some(Source {
            name: text("name")??,
            split,
            input: text("input").unwrap_or(None),
            lines: value.get("lines").map(whole).unwrap_or(None),
            rejected: value.get("rejected").map_or(Some(0), whole)?,
            allow_rejected: text("allow_rejected").unwrap_or(None),
            unsealed: value.get("unsealed") == Some(&Value::Bool(true)),
            upstream,
            file,
            span: time("from")?.zip(time("to")?),
            written: time(WRITTEN)?,
        })
    }
}

/// The key of the one thing that no digest is of.
const WRITTEN: &str = "written";

fn as_value(of: &impl serde::Serialize) -> Option<Value<'static>> {
    let mut text = Vec::new();
    json::write_struct(of, &mut text).ok()?;
    json::parse(&text).ok().map(Value::into_owned)
}

/// 128 bits of the SHA-256 of a text, in hexadecimal digits.
pub fn digest(text: &[u8]) -> String {
    crate::hex(Sha256::digest(text).get(..16).unwrap_or_default())
}

/// The sources of a state as its rows have them. Made once a state: with as many sources as groups, once a row would be
/// their square.
pub struct Listed {
    list: Vec<Value<'static>>,
    /// What each row knows the list by.
    pub digest: String,
}

impl Listed {
    /// The list of these sources.
    pub fn of(sources: &[Source]) -> Listed {
        let list: Vec<Value<'static>> = sources.iter().map(|source| Value::Object(source.value())).collect();
        let digest = list_digest(&list);
        Listed { list, digest }
    }

    /// The list, which is the first row's alone.
    pub fn take(&mut self) -> Vec<Value<'static>> {
        std::mem::take(&mut self.list)
    }
}

/// The digest that the rows of a state know its list of sources by.
pub fn list_digest(list: &[Value<'_>]) -> String {
    let mut text = Vec::new();
    for source in list {
        write_source(source, &mut text);
        text.push(b'\n');
    }
    digest(&text)
}

/// The digest of a row: of the values of its group, and of all that the state says but the digest.
pub fn row_digest(key: &[&Value<'_>], state: &Object<'_>) -> String {
    digest(&row_text(key, state))
}

/// The text that a row's digest is of.
pub fn row_text(key: &[&Value<'_>], state: &Object<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    for value in key {
        json::write(value, &mut text);
        text.push(b'\n');
    }
    for (key, value) in state.iter().filter(|(key, _)| *key != "digest") {
        json::write_text(key, &mut text);
        text.push(b':');
        match value {
            Value::List(sources) if key == "sources" => {
                text.push(b'[');
                for (place, source) in sources.iter().enumerate() {
                    text.extend_from_slice(if place > 0 { b"," } else { b"" });
                    write_source(source, &mut text);
                }
                text.push(b']');
            }
            _ => json::write(value, &mut text),
        }
        text.push(b'\n');
    }
    text
}

/// Writes a source without the time at which it was read.
fn write_source(source: &Value<'_>, text: &mut Vec<u8>) {
    let Value::Object(object) = source else { return json::write(source, text) };
    text.push(b'{');
    for (place, (key, value)) in object.iter().filter(|(key, _)| *key != WRITTEN).enumerate() {
        text.extend_from_slice(if place > 0 { b"," } else { b"" });
        json::write_text(key, text);
        text.push(b':');
        json::write(value, text);
    }
    text.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;

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
                file: Some(Box::new(schema::Source { path: "run.log".into(), bytes: 7, ..schema::Source::default() })),
                span: Some(("2026-03-05T12:00:00Z".parse().unwrap(), "2026-03-05T12:00:01.5Z".parse().unwrap())),
                written: Some("2026-03-06T00:00:00Z".parse().unwrap()),
            },
        ] {
            assert_eq!(Source::read(&Value::Object(source.value())), Some(source));
        }
    }

    #[test]
    fn what_is_old_is_stale() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let bound = time("2026-03-05T12:00:00Z");
        let (before, after) = (time("2026-03-05T11:00:00Z"), time("2026-03-05T13:00:00Z"));
        let source = |span, written| Source { name: "web1".into(), span, written, ..Source::default() };
        let word = |source: &Source| source.stale(bound, time("2026-03-05T14:00:00Z")).unwrap_or_default();
        assert_eq!(word(&source(Some((after, after)), Some(before))), "");
        assert_eq!(word(&source(None, Some(after))), "");
        assert!(word(&source(Some((before, before)), Some(after))).contains("ends at 2026-03-05T11:00:00Z"));
        assert!(word(&source(Some((before, after)), Some(after))).contains("begins at"));
        assert!(word(&source(None, Some(before))).contains("was read at"));
        assert!(word(&source(None, None)).contains("does not tell"));
        let later = time("2026-03-05T14:06:00Z");
        assert!(word(&source(None, Some(later))).contains("which is not yet"));
        assert!(word(&source(Some((after, later)), Some(after))).contains("which is not yet"));
    }

    #[test]
    fn when_a_source_was_read_is_in_no_digest() {
        let of = |written: Option<&str>| {
            let source =
                Source { name: "a".into(), written: written.map(|text| text.parse().unwrap()), ..Source::default() };
            let list = vec![Value::Object(source.value())];
            let mut state = Object::new();
            state.insert("sources", list.clone());
            state.insert("records", 1u64);
            (list_digest(&list), row_digest(&[], &state))
        };
        assert_eq!(of(None), of(Some("2026-03-05T12:00:00Z")));
        assert_eq!(of(Some("2026-03-05T13:00:00Z")), of(Some("2026-03-05T12:00:00Z")));
    }
}
