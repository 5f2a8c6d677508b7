//! JSON in and out: a strict reader (RFC 8259) that keeps number texts and refuses duplicate keys, and the one writer.

use std::borrow::Cow;
use std::fmt;
use std::io;

use serde::Serialize;

use crate::{Number, Object, Value, number};

/// How deep arrays and objects may nest.
pub const DEPTH_LIMIT: usize = 128;

/// Objects up to this size are searched for a repeated key member by member, larger ones by hash.
const FEW_KEYS: usize = 16;

/// Why a text is not a JSON document we take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Bytes from the start of the text to the place.
    pub offset: usize,
    /// What was wrong there, without the place: lower case, no full stop.
    pub message: String,
    /// Whether the text ended too early, so that more of it could make it whole.
    pub unfinished: bool,
}

impl Error {
    /// Line and column of the place in `text`, both counted from 1, columns in characters.
    pub fn line_and_column(&self, text: &[u8]) -> (usize, usize) {
        let before = &text[..self.offset.min(text.len())];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        (line, 1 + String::from_utf8_lossy(&before[line_start..]).chars().count())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Reads one JSON document, and nothing but blanks after it.
///
/// Duplicate keys, lone surrogates, bytes that are not UTF-8 and nesting past [`DEPTH_LIMIT`] are errors.
pub fn parse(text: &[u8]) -> Result<Value<'_>, Error> {
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(bad) => {
            let unfinished = bad.error_len().is_none();
            return Err(Error {
                offset: bad.valid_up_to(),
                message: "bytes that are not UTF-8".to_owned(),
                unfinished,
            });
        }
    };
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, depth: 0 };
    let value = reader.value()?;
    reader.blanks();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.wrong("the end of the document")),
    }
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Result<Value<'a>, Error> {
        self.blanks();
        match self.peek() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.wrong("a JSON value")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value<'a>, Error>) -> Result<Value<'a>, Error> {
        if self.depth == DEPTH_LIMIT {
            return Err(self.error(self.at, format!("nested deeper than {DEPTH_LIMIT}")));
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Result<Value<'a>, Error> {
        let mut members: Vec<(Cow<'a, str>, Value<'a>)> = Vec::new();
        let mut seen = None;
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(Object::new()));
        }
        loop {
            self.blanks();
            let key_at = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a key in double quotes"));
            }
            let key = self.string()?;
            if repeated(&members, &mut seen, &key) {
                return Err(self.error(key_at, format!("the key {key:?} stands twice in one object")));
            }
            self.blanks();
            self.expect(b':', "':'")?;
            let value = self.value()?;
            members.push((key, value));
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(Object::distinct(members)));
                }
                _ => return Err(self.wrong("',' or '}'")),
            }
        }
    }

    fn list(&mut self) -> Result<Value<'a>, Error> {
        let mut list = Vec::new();
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::List(list));
        }
        loop {
            list.push(self.value()?);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::List(list));
                }
                _ => return Err(self.wrong("',' or ']'")),
            }
        }
    }

    fn number(&mut self) -> Result<Value<'a>, Error> {
        let start = self.at;
        let length = number::length(&self.bytes[start..]).unwrap_or(0);
        match self.bytes.get(start + length) {
            Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9') => {}
            _ if length == 0 => {}
            _ => {
                self.at += length;
                return Ok(Value::Number(Number::matched(&self.text[start..self.at])));
            }
        }
        let word = self.bytes[start..].iter().position(|byte| b",]} \t\r\n".contains(byte));
        let end = word.map_or(self.bytes.len(), |length| start + length);
        let message = format!("{} is not a JSON number", quote(&self.bytes[start..end]));
        Err(Error { offset: start, message, unfinished: end == self.bytes.len() })
    }

    fn word(&mut self, word: &'static str, value: Value<'a>) -> Result<Value<'a>, Error> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(value);
        }
        let mut error = self.wrong("a JSON value");
        error.unfinished = word.as_bytes().starts_with(rest);
        Err(error)
    }

    /// A string whose opening quote is at `self.at`; borrowed where it has no escapes.
    fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        let open = self.at;
        self.at += 1;
        let start = self.at;
        let mut owned: Option<String> = None;
        let mut copied = start;
        loop {
            let Some(step) =
                self.bytes[self.at..].iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20)
            else {
                self.at = self.bytes.len();
                let mut error = self.error(open, "a text without its closing quote".to_owned());
                error.unfinished = true;
                return Err(error);
            };
            self.at += step;
            match self.bytes[self.at] {
                b'"' => {
                    let last = &self.text[copied..self.at];
                    self.at += 1;
                    return Ok(match owned {
                        None => Cow::Borrowed(last),
                        Some(mut text) => {
                            text.push_str(last);
                            Cow::Owned(text)
                        }
                    });
                }
                b'\\' => {
                    let text = owned.get_or_insert_with(String::new);
                    text.push_str(&self.text[copied..self.at]);
                    let letter = self.escape()?;
                    owned.get_or_insert_with(String::new).push(letter);
                    copied = self.at;
                }
                control => {
                    return Err(self.error(self.at, format!("a control character (0x{control:02x}) inside a text")));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let start = self.at;
        let Some(&letter) = self.bytes.get(start + 1) else {
            self.at = self.bytes.len();
            return Err(self.wrong("an escape"));
        };
        self.at += 2;
        Ok(match letter {
            b'"' | b'\\' | b'/' => letter as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.four_hex(start)?;
                let code = match unit {
                    0xD800..=0xDBFF if self.bytes[self.at..].starts_with(b"\\u") => {
                        self.at += 2;
                        let low = self.four_hex(start)?;
                        if !(0xDC00..=0xDFFF).contains(&low) {
                            return Err(self.error(start, "half of a surrogate pair".to_owned()));
                        }
                        0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
                    }
                    _ => unit,
                };
                match char::from_u32(code) {
                    Some(letter) => letter,
                    None => return Err(self.error(start, "half of a surrogate pair".to_owned())),
                }
            }
            _ => return Err(self.error(start, format!("{} is no JSON escape", quote(&self.bytes[start..self.at])))),
        })
    }

    fn four_hex(&mut self, escape: usize) -> Result<u32, Error> {
        let Some(digits) = self.bytes.get(self.at..self.at + 4) else {
            self.at = self.bytes.len();
            return Err(self.wrong("four hexadecimal digits"));
        };
        let mut unit = 0;
        for &digit in digits {
            let Some(value) = (digit as char).to_digit(16) else {
                return Err(self.error(escape, "\\u wants four hexadecimal digits".to_owned()));
            };
            unit = unit * 16 + value;
        }
        self.at += 4;
        Ok(unit)
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), Error> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.wrong(what))
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn wrong(&self, wanted: &str) -> Error {
        match self.text[self.at..].chars().next() {
            None => Error {
                offset: self.at,
                message: format!("the document ends where {wanted} should be"),
                unfinished: true,
            },
            Some(found) => self.error(self.at, format!("{found:?} where {wanted} should be")),
        }
    }

    fn error(&self, offset: usize, message: String) -> Error {
        Error { offset, message, unfinished: false }
    }
}

fn repeated<'a>(
    members: &[(Cow<'a, str>, Value<'a>)],
    seen: &mut Option<std::collections::HashSet<String>>,
    key: &str,
) -> bool {
    if members.len() < FEW_KEYS {
        return members.iter().any(|(name, _)| name == key);
    }
    let seen = seen.get_or_insert_with(|| members.iter().map(|(name, _)| name.to_string()).collect());
    !seen.insert(key.to_owned())
}

/// What was read, for a message: in double quotes, unprintable characters escaped, at most 60 characters of it.
pub fn quote(read: &[u8]) -> String {
    const SHOWN: usize = 60;
    let text = String::from_utf8_lossy(&read[..read.len().min(4 * SHOWN)]);
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if read.len() > text.len() || text.chars().count() > SHOWN {
        shown.push('…');
    }
    format!("\"{shown}\"")
}

/// Appends `value` to `out` as one line of JSON without a newline.
pub fn write(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => out.extend_from_slice(number.as_str().as_bytes()),
        Value::Text(text) => write_text(text, out),
        Value::List(list) => {
            out.push(b'[');
            for (place, value) in list.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write(value, out);
            }
            out.push(b']');
        }
        Value::Object(object) => write_object(object, out),
    }
}

/// Appends `object` to `out` as one line of JSON without a newline.
pub fn write_object(object: &Object<'_>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (place, (key, value)) in object.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_text(key, out);
        out.push(b':');
        write(value, out);
    }
    out.push(b'}');
}

/// Appends `text` to `out` as a JSON string: quotes, backslashes and control characters escaped as serde_json does.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[copied..at]);
        copied = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    out.push(b'"');
}

/// Appends a wire struct to `out` as one line of JSON without a newline, floats printed as [`Number::from_f64`] does.
///
/// # Errors
/// Only where a `Serialize` implementation reports one; those of this crate never do.
pub fn write_struct<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, OnePrinter)).map_err(io::Error::from)
}

/// serde_json's compact form, but with our one float printer.
struct OnePrinter;

impl serde_json::ser::Formatter for OnePrinter {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        match Number::from_f64(value) {
            Some(number) => writer.write_all(number.as_str().as_bytes()),
            None => writer.write_all(b"null"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str) -> String {
        let mut out = Vec::new();
        write(&parse(text.as_bytes()).unwrap(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn keeps_number_texts_and_key_order() {
        let text = r#"{"z":1.50,"a":[1e+05,-0,18446744073709551616],"m":{"k":null,"t":true}}"#;
        assert_eq!(round_trip(text), text);
    }

    #[test]
    fn escapes_resolve_and_come_back() {
        assert_eq!(round_trip(r#""a\u00e9\n\ud83d\ude00\u0001\/""#), "\"aé\\n😀\\u0001/\"");
    }

    #[test]
    fn refusals_say_where_and_what() {
        for (text, offset, message) in [
            (r#"{"a":1,"a":2}"#, 7, "the key \"a\" stands twice in one object"),
            (r#"{"a":01}"#, 5, "\"01\" is not a JSON number"),
            (r#"{"a":NaN}"#, 5, "'N' where a JSON value should be"),
            (r#"{"a":1"#, 6, "the document ends where ',' or '}' should be"),
            ("[1] x", 4, "'x' where the end of the document should be"),
            (r#""\ud800""#, 1, "half of a surrogate pair"),
            (r#""\x""#, 1, "\"\\\\x\" is no JSON escape"),
            ("\"a\u{1}\"", 2, "a control character (0x01) inside a text"),
            ("", 0, "the document ends where a JSON value should be"),
        ] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert_eq!((error.offset, error.message.as_str()), (offset, message), "{text}");
        }
        assert_eq!(parse(b"{\"a\":\n  x}").unwrap_err().line_and_column(b"{\"a\":\n  x}"), (2, 3));
    }

    #[test]
    fn every_cut_of_a_document_is_unfinished() {
        let text = r#"{"a":[1.5,"x\n\u00e9",true,null],"bc":-0.5e-3}"#;
        for cut in 0..text.len() {
            let error = parse(&text.as_bytes()[..cut]).unwrap_err();
            assert!(error.unfinished, "{:?}: {error}", &text[..cut]);
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(deep(DEPTH_LIMIT).as_bytes()).is_ok());
        assert!(parse(deep(DEPTH_LIMIT + 1).as_bytes()).is_err());
        assert!(parse(deep(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn many_keys_are_each_once() {
        let keys: Vec<String> = (0..100).map(|key| format!("\"k{key}\":{key}")).collect();
        assert!(parse(format!("{{{}}}", keys.join(",")).as_bytes()).is_ok());
        assert!(parse(format!("{{{},\"k7\":0}}", keys.join(",")).as_bytes()).is_err());
    }

    #[test]
    fn agrees_with_serde_json() {
        for text in [
            "{}",
            "[]",
            " [ 1 , 2 ] ",
            "\"\\u0000\"",
            "1e400",
            "[1,]",
            "{,}",
            "nul",
            "\"\\ud83d\"",
            "-",
            "1.",
            "\u{feff}1",
            "[1 2]",
            "{\"a\" 1}",
            "tru",
            "\"\t\"",
            "[\"\\q\"]",
            "{\"a\":{\"b\":[{}]}}",
        ] {
            // serde_json refuses numbers beyond a double; as text we keep them.
            if text == "1e400" {
                continue;
            }
            let theirs = serde_json::from_str::<serde_json::Value>(text).is_ok();
            assert_eq!(parse(text.as_bytes()).is_ok(), theirs, "{text}");
        }
    }
}
