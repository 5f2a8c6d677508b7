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

/// Reads `3/8`.
///
/// # Errors
/// What was wanted.
pub fn split(text: &str) -> Result<(u64, u64), String> {
    let wanted = || "wanted K/N, as 3/8: the third of eight parts".to_owned();
    let (part, parts) = text.split_once('/').ok_or_else(wanted)?;
    let (part, parts) = (part.parse().map_err(|_| wanted())?, parts.parse().map_err(|_| wanted())?);
    if parts > PARTS || !(1..=parts).contains(&part) { Err(wanted()) } else { Ok((part, parts)) }
}

/// More parts than this no input is cut into.
const PARTS: u64 = 1 << 24;

/// 128 bits of the SHA-256 of a text, in hexadecimal digits.
pub fn digest(text: &[u8]) -> String {
    filter::hex(Sha256::digest(text).get(..16).unwrap_or_default())
}

/// What `--expect` says of the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    #[default]
    Any,
    /// So many.
    Count(usize),
    /// These, and no others.
    Names(Vec<String>),
    /// Those that a file names, one a line.
    File(String),
}

/// More names than this a range does not stand for.
const RANGE: u64 = 1_000_000;

impl Expected {
    /// Reads a count, a comma list of names and ranges `web[01..40]`, or `@FILE`.
    ///
    /// # Errors
    /// What was wanted.
    pub fn parse(text: &str) -> Result<Expected, String> {
        if let Ok(count) = text.parse() {
            return Ok(Expected::Count(count));
        }
        if let Some(file) = text.strip_prefix('@') {
            return Ok(Expected::File(file.to_owned()));
        }
        let mut names = Vec::new();
        for name in text.split(',') {
            names.extend(range(name.trim())?);
        }
        if names.iter().any(String::is_empty) {
            return Err("wanted names like web1,web2 or web[01..40], a count, or @FILE".to_owned());
        }
        Ok(Expected::Names(names))
    }

    /// The names of a file, where one is to be read.
    ///
    /// # Errors
    /// The file cannot be read, or names nothing.
    pub fn resolve(self) -> Result<Expected, String> {
        let Expected::File(path) = self else { return Ok(self) };
        let text = std::fs::read_to_string(&path).map_err(|error| format!("@{path}: {error}"))?;
        let mut names = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            names.extend(range(line)?);
        }
        if names.is_empty() { Err(format!("@{path}: the file names no source")) } else { Ok(Expected::Names(names)) }
    }

    /// Whether the sources are those that are expected.
    ///
    /// # Errors
    /// `missing-source` or `unexpected-source`, in words.
    pub fn check(&self, sources: &[String]) -> Result<(), String> {
        match self {
            Expected::Any | Expected::File(_) => Ok(()),
            Expected::Count(count) if *count == sources.len() => Ok(()),
            Expected::Count(count) => {
                let code = if sources.len() < *count { "missing-source" } else { "unexpected-source" };
                Err(format!("{code}: {} sources where {count} are expected: {}", sources.len(), few(sources)))
            }
            Expected::Names(names) => {
                let there: std::collections::BTreeSet<&String> = sources.iter().collect();
                let wanted: std::collections::BTreeSet<&String> = names.iter().collect();
                let absent: Vec<&String> = wanted.difference(&there).copied().collect();
                if !absent.is_empty() {
                    return Err(format!("missing-source: {}", few(&absent)));
                }
                let more: Vec<&String> = there.difference(&wanted).copied().collect();
                if more.is_empty() { Ok(()) } else { Err(format!("unexpected-source: {}", few(&more))) }
            }
        }
    }
}

/// The names that `web[01..40]` stands for, with as many digits as are written; any other text stands for itself.
fn range(text: &str) -> Result<Vec<String>, String> {
    let parts = || {
        let (before, rest) = text.split_once('[')?;
        let (inside, after) = rest.split_once(']')?;
        let (from, to) = inside.split_once("..")?;
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (are_digits(from) && are_digits(to)).then_some((before, from, to, after))
    };
    let Some((before, from, to, after)) = parts() else { return Ok(vec![text.to_owned()]) };
    let wrong = || format!("{text:?}: wanted a range like web[01..40] of at most 1,000,000 names");
    let (first, last): (u64, u64) = (from.parse().map_err(|_| wrong())?, to.parse().map_err(|_| wrong())?);
    if last < first || last - first >= RANGE {
        return Err(wrong());
    }
    let width = from.len();
    Ok((first..=last).map(|number| format!("{before}{number:0width$}{after}")).collect())
}

/// At most five names, and how many more there are.
pub fn few<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(5).map(T::as_ref).collect();
    let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_counts() {
        let names = |text: &str| {
            Expected::parse(text).map(|expected| match expected {
                Expected::Names(names) => names.join(" "),
                other => format!("{other:?}"),
            })
        };
        assert_eq!(names("web[08..11]").as_deref(), Ok("web08 web09 web10 web11"));
        assert_eq!(names("a, b[1..2].x").as_deref(), Ok("a b1.x b2.x"));
        assert_eq!(names("web[1]").as_deref(), Ok("web[1]"));
        assert_eq!(names("3").as_deref(), Ok("Count(3)"));
        assert!(names("w[2..1]").is_err() && names("w[1..2000000]").is_err() && names("a,,b").is_err());
        let there: Vec<String> = (1..=9).map(|number| format!("web{number}")).collect();
        let check =
            |text: &str| Expected::parse(text).unwrap().check(&there).unwrap_or_else(|reason| panic!("{reason}"));
        check("web[1..9]");
        check("9");
        let refused = |text: &str| Expected::parse(text).unwrap().check(&there).unwrap_err();
        assert_eq!(
            refused("8"),
            "unexpected-source: 9 sources where 8 are expected: web1, web2, web3, web4, web5 and 4 more"
        );
        assert_eq!(refused("web[1..17]"), "missing-source: web10, web11, web12, web13, web14 and 3 more");
        assert_eq!(refused("web[1..8]"), "unexpected-source: web9");
    }

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
