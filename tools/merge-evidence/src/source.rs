//! The sources that the command line names: `[NAME[:FORMAT][[PATH]]=]FILE`.
//!
//! Owns the grammar of an operand; refuses to open anything.

pub mod stream;
pub mod values;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use expr::{Path, Step};

use crate::readers::Format;

/// One source as the user named it.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The keys it stands under; none for one merged in at the top.
    pub name: Vec<String>,
    /// `NAME[PATH]=FILE`: its records become an object by the value of PATH.
    pub by: Option<Path>,
    /// The format insisted on.
    pub format: Option<Format>,
    /// The file; `-` is standard input.
    pub path: PathBuf,
    /// How it was given.
    pub role: Role,
}

/// How a source was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// As an operand: measured, and must be there.
    Observed,
    /// `--optional`: measured, and may be absent.
    Optional,
    /// `--declared`: said, not measured.
    Declared,
}

impl Source {
    /// Reads an operand, or the value of `--declared` or `--optional`, which want a name.
    ///
    /// # Errors
    /// What was wanted.
    pub fn parse(operand: &OsStr, role: Role) -> Result<Source, String> {
        let bytes = operand.as_bytes();
        // A file whose name holds `=` is written with its folder: `./a=b.json`.
        let split = bytes.iter().position(|&byte| byte == b'=').filter(|&at| !bytes[..at].contains(&b'/'));
        let Some(at) = split else {
            if role != Role::Observed {
                return Err("wanted NAME=FILE".to_owned());
            }
            return Ok(Source { name: Vec::new(), by: None, format: None, path: operand.into(), role });
        };
        let name = std::str::from_utf8(&bytes[..at]).map_err(|_| "the name is not UTF-8".to_owned())?;
        let path = PathBuf::from(OsString::from_vec(bytes[at + 1..].to_vec()));
        if path.as_os_str().is_empty() {
            return Err("wanted a file after '='".to_owned());
        }
        let (name, by, format) = named(name)?;
        Ok(Source { name, by, format, path, role })
    }

    /// The name as it stands in messages and in `@evidence`; `""` at the top.
    pub fn shown(&self) -> String {
        Path::from_keys(self.name.iter().cloned()).map_or(String::new(), |path| path.to_string())
    }
}

/// The keys of a name, the path to stand by, the format insisted on.
type Named = (Vec<String>, Option<Path>, Option<Format>);

fn named(text: &str) -> Result<Named, String> {
    let (mut name, mut by, mut format) = (text, None, None);
    loop {
        if let Some(rest) = name.strip_suffix(']')
            && let Some((before, path)) = rest.split_once('[')
            && by.is_none()
        {
            by = Some(Path::parse(path).map_err(|error| error.message)?);
            name = before;
        } else if let Some((before, word)) = name.rsplit_once(':')
            && !word.contains(['"', ']'])
            && format.is_none()
        {
            let known = Format::from_word(word);
            format = Some(known.ok_or_else(|| {
                let near = expr::nearest(word, Format::words()).map_or(String::new(), |near| format!(": {near}?"));
                format!("{word:?} is not a format{near} (one of {})", Format::words().collect::<Vec<_>>().join(" "))
            })?);
            name = before;
        } else {
            break;
        }
    }
    let path = Path::parse(name).map_err(|error| error.message)?;
    let mut keys = Vec::new();
    for step in path.steps() {
        match step {
            Step::Name { text, .. } if !text.is_empty() => keys.push(text.clone()),
            _ => return Err("wanted a name, or names joined by dots, before '='".to_owned()),
        }
    }
    match keys.first() {
        Some(first) if schema::OUR_KEYS.contains(&first.as_str()) => Err(format!("{first} is a key of our own")),
        _ => Ok((keys, by, format)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(String, Option<String>, Option<Format>, String), String> {
        let source = Source::parse(OsStr::new(text), Role::Observed)?;
        let by = source.by.as_ref().map(Path::to_string);
        Ok((source.shown(), by, source.format, source.path.to_string_lossy().into_owned()))
    }

    #[test]
    fn operands() {
        let ok = |name: &str, by: Option<&str>, format, path: &str| {
            Ok((name.to_owned(), by.map(str::to_owned), format, path.to_owned()))
        };
        assert_eq!(parse("k6.json"), ok("", None, None, "k6.json"));
        assert_eq!(parse("-"), ok("", None, None, "-"));
        assert_eq!(parse("./a=b.json"), ok("", None, None, "./a=b.json"));
        assert_eq!(parse("k6=a=b.json"), ok("k6", None, None, "a=b.json"));
        assert_eq!(parse("prom.gateway-restarts=-"), ok("prom.gateway-restarts", None, None, "-"));
        assert_eq!(parse("actions[op]=-"), ok("actions", Some("op"), None, "-"));
        assert_eq!(parse("a[tags.op]:json=x"), ok("a", Some("tags.op"), Some(Format::Json), "x"));
        assert_eq!(parse("a:k6-points=x"), ok("a", None, Some(Format::K6Points), "x"));
        assert_eq!(parse("a:csv[op]=x"), ok("a", Some("op"), Some(Format::Csv), "x"));
        for wrong in ["=x", "a=", "a..b=x", "a:xml=x", "a[0]b=x", "@evidence=x", "*=x", "a[=x"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert!(Source::parse(OsStr::new("x.json"), Role::Declared).is_err());
    }
}
