//! Prometheus and OpenMetrics text: one sample a line.
//!
//! Owns names, labels and their escapes, values and timestamps; refuses a line that is neither a sample nor a comment.

use crate::record::convert::Conversion;
use crate::record::escape;
use crate::record::number;

/// One sample, as the JSON of its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The metric's name, as text.
    pub name: Vec<u8>,
    /// The labels, as a JSON object.
    pub labels: Vec<u8>,
    /// The value, as JSON: a number, or `"NaN"`, `"+Inf"`, `"-Inf"`.
    pub value: Vec<u8>,
    /// Milliseconds since 1970, as a JSON number; empty where the line has none.
    pub timestamp: Vec<u8>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A sample.
    Sample,
    /// A comment, a help or type line, or blank.
    Comment,
}

impl Sample {
    /// Reads one line into this sample; `Err` says what was wanted.
    pub fn read(&mut self, line: &[u8]) -> Result<Kind, String> {
        for part in [&mut self.name, &mut self.labels, &mut self.value, &mut self.timestamp] {
            part.clear();
        }
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            return Ok(Kind::Comment);
        }
        let name = line.iter().take_while(|&&byte| !matches!(byte, b'{' | b' ' | b'\t')).count();
        self.name.extend_from_slice(&line[..name]);
        let mut rest = line[name..].trim_ascii_start();
        self.labels.push(b'{');
        if let Some(inside) = rest.strip_prefix(b"{") {
            rest = self.read_labels(inside)?;
        }
        self.labels.push(b'}');
        if self.name.is_empty() {
            return Err("wanted the name of a metric".to_owned());
        }
        if std::str::from_utf8(&self.name).is_err() {
            return Err("a name that is not UTF-8".to_owned());
        }
        // An OpenMetrics exemplar stands behind the sample.
        let rest = rest.split(|&byte| byte == b'#').next().unwrap_or_default();
        let mut words = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let value = words.next().ok_or("wanted a value behind the name")?;
        read_value(value, &mut self.value)?;
        if let Some(timestamp) = words.next() {
            read_timestamp(timestamp, &mut self.timestamp)?;
        }
        match words.next() {
            None => Ok(Kind::Sample),
            Some(word) => Err(format!("{} behind the timestamp", schema::json::quote(word))),
        }
    }

    /// Reads `a="b",c="d"}`; a quoted word without `=` is the metric's name.
    fn read_labels<'a>(&mut self, mut rest: &'a [u8]) -> Result<&'a [u8], String> {
        let mut names: Vec<Vec<u8>> = Vec::new();
        loop {
            rest = rest.trim_ascii_start();
            if let Some(behind) = rest.strip_prefix(b"}") {
                return Ok(behind);
            }
            let mut name = Vec::new();
            if rest.starts_with(b"\"") {
                rest = quoted(rest, &mut name)?.trim_ascii_start();
                if !rest.starts_with(b"=") {
                    if !self.name.is_empty() {
                        return Err("two names of one metric".to_owned());
                    }
                    self.name = name;
                    rest = separator(rest)?;
                    continue;
                }
            } else {
                let length = rest
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.'))
                    .count();
                name.extend_from_slice(&rest[..length]);
                rest = rest[length..].trim_ascii_start();
            }
            let value = rest.strip_prefix(b"=").filter(|_| !name.is_empty());
            let value = value.ok_or("wanted labels like {code=\"200\"}")?.trim_ascii_start();
            if names.contains(&name) {
                return Err(format!("the label {} stands twice", schema::json::quote(&name)));
            }
            let mut text = Vec::new();
            rest = quoted(value, &mut text)?;
            if self.labels.len() > 1 {
                self.labels.push(b',');
            }
            escape::write(&name, &mut self.labels);
            self.labels.push(b':');
            escape::write(&text, &mut self.labels);
            names.push(name);
            rest = separator(rest)?;
        }
    }
}

fn separator(rest: &[u8]) -> Result<&[u8], String> {
    let rest = rest.trim_ascii_start();
    match rest.first() {
        Some(b',') => Ok(&rest[1..]),
        Some(b'}') => Ok(rest),
        _ => Err("wanted ',' or '}' behind a label".to_owned()),
    }
}

/// A text in double quotes, its three escapes resolved; gives back what is behind it.
fn quoted<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], String> {
    let mut rest = text.strip_prefix(b"\"").ok_or("wanted a text in double quotes")?;
    loop {
        let at = memchr::memchr2(b'"', b'\\', rest).ok_or("a text without its closing quote")?;
        out.extend_from_slice(&rest[..at]);
        if rest[at] == b'"' {
            return Ok(&rest[at + 1..]);
        }
        match rest.get(at + 1) {
            Some(b'n') => out.push(b'\n'),
            Some(&byte @ (b'"' | b'\\')) => out.push(byte),
            Some(&byte) => out.extend_from_slice(&[b'\\', byte]),
            None => return Err("a text without its closing quote".to_owned()),
        }
        rest = &rest[at + 2..];
    }
}

fn read_value(word: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
    let is = |names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()));
    if is(&["NaN"]) {
        out.extend_from_slice(b"\"NaN\"");
    } else if is(&["+Inf", "Inf", "+Infinity", "Infinity"]) {
        out.extend_from_slice(b"\"+Inf\"");
    } else if is(&["-Inf", "-Infinity"]) {
        out.extend_from_slice(b"\"-Inf\"");
    } else if number::is_number(word) {
        out.extend_from_slice(word);
    } else if !Conversion::Num.convert(word, out) {
        return Err(format!("{} is not a number, NaN, +Inf or -Inf", schema::json::quote(word)));
    }
    Ok(())
}

/// Milliseconds; OpenMetrics writes seconds with a point.
fn read_timestamp(word: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
    let is_seconds = word.contains(&b'.');
    let fits = if is_seconds {
        let mut seconds = word.to_vec();
        seconds.push(b's');
        Conversion::parse("ms").is_ok_and(|milliseconds| milliseconds.convert(&seconds, out))
    } else {
        Conversion::Int.convert(word, out)
    };
    if fits { Ok(()) } else { Err(format!("{} is not a timestamp", schema::json::quote(word))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<String, String> {
        let mut sample = Sample::default();
        if sample.read(line.as_bytes())? == Kind::Comment {
            return Ok(String::new());
        }
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Ok(format!(
            "{} {} {} {}",
            text(&sample.name),
            text(&sample.labels),
            text(&sample.value),
            text(&sample.timestamp)
        ))
    }

    #[test]
    fn samples() {
        for (line, expected) in [
            ("up 1", "up {} 1 "),
            ("up{} 1 1395066363000", "up {} 1 1395066363000"),
            ("a{code=\"200\",m=\"x\\\"\\n\\\\\",} 1027 1", "a {\"code\":\"200\",\"m\":\"x\\\"\\n\\\\\"} 1027 1"),
            ("b { le = \"+Inf\" } +Inf", "b {\"le\":\"+Inf\"} \"+Inf\" "),
            ("c NaN", "c {} \"NaN\" "),
            ("c -Inf", "c {} \"-Inf\" "),
            ("d 1.458255915e9", "d {} 1.458255915e9 "),
            ("d 1e10", "d {} 1e10 "),
            ("{\"my.metric\",\"lä.bel\"=\"v\"} 5", "my.metric {\"lä.bel\":\"v\"} 5 "),
            ("e_total 17.0 1520879607.789 # {id=\"x\"} 0.67", "e_total {} 17.0 1520879607789"),
            ("# HELP a b", ""),
            ("", ""),
        ] {
            assert_eq!(read(line).as_deref(), Ok(expected), "{line}");
        }
        for line in [
            "up",
            "up x",
            "up 1 2 3",
            "a{b} 1",
            "a{b=\"c} 1",
            "{} 1",
            "a{b=\"1\",b=\"2\"} 1",
            "a 1 x",
            "a{b=\"c\" d=\"e\"} 1",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
