//! JSON in and out: a strict reader (RFC 8259) that keeps number texts and refuses duplicate keys, and the one writer.

use std::borrow::Cow;
use std::fmt;
use std::io;

use serde::Serialize;

mod depth; // which lines of a printed record belong together
mod only; // records of which some members are wanted

pub use crate::list::LONG;
use crate::list::{Elements, Question};
use crate::{List, Number, Object, Value};

pub use depth::Depth;
pub use only::{Want, each_member, parse_only};

/// How deep arrays and objects may nest.
pub const DEPTH_LIMIT: usize = 128;

/// Room made for the members of an object at once.
const USUAL_KEYS: usize = 8;

/// Objects up to this size are searched for a repeated key member by member, larger ones by sorting.
const FEW_KEYS: usize = 16;

/// About how many of the keys of an object are sorted at once, in no more than so many parts.
const SORTED_AT_ONCE: usize = 1 << 16;
const MOST_PARTS: usize = 64;

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
    read(text, true)
}

/// The same, but that a list of more than a megabyte stays text until somebody looks into it: for documents that are handed on.
///
/// # Errors
/// Those of [`parse`].
pub fn parse_lazily(text: &[u8]) -> Result<Value<'_>, Error> {
    read(text, false)
}

fn read(text: &[u8], whole: bool) -> Result<Value<'_>, Error> {
    let text = utf8(text)?;
    let mut reader = Reader { whole, ..Reader::of(text) };
    let mut value = Value::Null;
    reader.document(&mut value).map_err(|error| *error)?;
    Ok(value)
}

/// How a list that stayed text is read.
const ELEMENTS: Elements = Elements { build: elements, all: all_elements };

/// The elements of an array whose text, which begins at its bracket, was read and found right.
fn elements(text: &str) -> Vec<Value<'_>> {
    let (mut reader, mut list) = (Reader::of(text), Vec::new());
    let outcome = reader.elements(&mut |reader| {
        list.push(Value::Null);
        list.last_mut().map_or(Ok(()), |place| reader.value(place))
    });
    debug_assert!(outcome.is_ok());
    list
}

/// The same, one after the other, up to the one of which `is` says no; whether it said so of none.
fn all_elements(text: &str, is: &mut Question<'_>) -> bool {
    let mut reader = Reader::of(text);
    let outcome = reader.elements(&mut |reader| {
        let mut value = Value::Null;
        reader.value(&mut value)?;
        // An error ends the walk.
        if is(&value) { Ok(()) } else { Err(reader.error(reader.at, String::new())) }
    });
    outcome.is_ok()
}

fn utf8(text: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(text).map_err(|bad| Error {
        offset: bad.valid_up_to(),
        message: "bytes that are not UTF-8".to_owned(),
        unfinished: bad.error_len().is_none(),
    })
}

/// Reads from `text`. Values are written where they will stand, and errors are boxed: moving them about cost half of
/// the time.
struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    /// Whether long arrays are built, too: somebody asks for what is in them.
    whole: bool,
}

type Read<T> = Result<T, Box<Error>>;

/// What becomes of the members of an object: built, built in part, or only checked. The walk itself is one for all.
trait Members<'a> {
    /// Reads the key that begins here.
    fn key(&mut self, reader: &mut Reader<'a>) -> Read<()>;

    /// Reads the value behind that key.
    fn value(&mut self, reader: &mut Reader<'a>) -> Read<()>;
}

/// Members built whole.
struct Built<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Members<'a> for Built<'a> {
    #[inline]
    fn key(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        let key_at = reader.at;
        let key = reader.string()?;
        if self.0.len() < FEW_KEYS && self.0.iter().any(|(name, _)| *name == key) {
            return Err(reader.error(key_at, format!("the key {key:?} appears twice in one object")));
        }
        if self.0.is_empty() {
            self.0.reserve(USUAL_KEYS);
        }
        self.0.push((key, Value::Null));
        Ok(())
    }

    #[inline]
    fn value(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        self.0.last_mut().map_or(Ok(()), |(_, place)| reader.value(place))
    }
}

impl<'a> Reader<'a> {
    fn of(text: &'a str) -> Self {
        Reader { text, bytes: text.as_bytes(), at: 0, depth: 0, whole: false }
    }

    fn document(&mut self, place: &mut Value<'a>) -> Read<()> {
        self.value(place)?;
        self.blanks();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.wrong("the end of the document")),
        }
    }

    fn value(&mut self, place: &mut Value<'a>) -> Read<()> {
        self.blanks();
        match self.peek() {
            Some(b'"') => *place = Value::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => *place = Value::Number(self.number()?),
            Some(b'{' | b'[') if self.depth == DEPTH_LIMIT => {
                return Err(self.error(self.at, format!("nested deeper than {DEPTH_LIMIT}")));
            }
            Some(b'{') => self.object(place)?,
            Some(b'[') => {
                let (start, mut list, mut checked) = (self.at, Vec::new(), 0);
                self.elements(&mut |reader| {
                    if reader.at - start > LONG && !reader.whole {
                        // From here on it is only checked; what was built of it gives its room back.
                        checked += 1 + std::mem::take(&mut list).len();
                        return reader.check();
                    }
                    list.push(Value::Null);
                    list.last_mut().map_or(Ok(()), |place| reader.value(place))
                })?;
                *place = match checked {
                    0 => list.into(),
                    count => Value::List(List::of_text(&self.text[start..self.at], count, ELEMENTS)),
                };
            }
            Some(b't') => *place = self.word("true", Value::Bool(true))?,
            Some(b'f') => *place = self.word("false", Value::Bool(false))?,
            Some(b'n') => *place = self.word("null", Value::Null)?,
            _ => return Err(self.wrong("a JSON value")),
        }
        Ok(())
    }

    /// Builds the object that begins here.
    fn object(&mut self, place: &mut Value<'a>) -> Read<()> {
        let (start, depth) = (self.at, self.depth);
        let mut built = Built(Vec::new());
        let outcome = self.pairs(&mut built);
        let Built(members) = built;
        // A key that came twice was there before anything that is wrong behind it.
        if members.len() > FEW_KEYS
            && let Some(again) = repeated(&members)
        {
            (self.at, self.depth) = (start, depth);
            let key_at = self.place_of_key(again)?;
            let key = members.get(again).map(|(key, _)| key.to_string()).unwrap_or_default();
            return Err(self.error(key_at, format!("the key {key:?} appears twice in one object")));
        }
        outcome?;
        *place = Value::Object(Object::distinct(members));
        Ok(())
    }

    /// Walks the object that begins here, and gives each key and value to `members`.
    #[inline]
    fn pairs(&mut self, members: &mut impl Members<'a>) -> Read<()> {
        self.depth += 1;
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            self.depth -= 1;
            return Ok(());
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a key in double quotes"));
            }
            members.key(self)?;
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(self.wrong("':'"));
            }
            self.at += 1;
            self.blanks();
            members.value(self)?;
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.wrong("',' or '}'")),
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }

    /// Walks the list that begins here; `element` reads each element.
    #[inline]
    fn elements(&mut self, element: &mut impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.depth += 1;
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            self.depth -= 1;
            return Ok(());
        }
        loop {
            element(self)?;
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.wrong("',' or ']'")),
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }

    /// Where the key of a member stands, in an object that begins here and whose members were read up to there.
    fn place_of_key(&mut self, member: usize) -> Read<usize> {
        self.at += 1;
        for _ in 0..member {
            self.blanks();
            self.check()?;
            self.blanks();
            self.at += 1;
            self.check()?;
            self.blanks();
            self.at += 1;
        }
        self.blanks();
        Ok(self.at)
    }

    fn number(&mut self) -> Read<Number<'a>> {
        let start = self.at;
        let length = number::length(&self.bytes[start..]).unwrap_or(0);
        let goes_on = matches!(self.bytes.get(start + length), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'));
        if length > 0 && !goes_on {
            self.at += length;
            return Ok(Number::matched(&self.text[start..self.at]));
        }
        let word = self.bytes[start..].iter().position(|byte| b",]} \t\r\n".contains(byte));
        let end = word.map_or(self.bytes.len(), |length| start + length);
        let message = format!("{} is not a JSON number", quote(&self.bytes[start..end]));
        Err(Box::new(Error { offset: start, message, unfinished: end == self.bytes.len() }))
    }

    fn word(&mut self, word: &'static str, value: Value<'a>) -> Read<Value<'a>> {
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
    fn string(&mut self) -> Read<Cow<'a, str>> {
        let start = self.at + 1;
        let end = start + plain(&self.bytes[start..]);
        if self.bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(Cow::Borrowed(&self.text[start..end]));
        }
        self.string_with_escapes().map(Cow::Owned)
    }

    fn string_with_escapes(&mut self) -> Read<String> {
        let open = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            self.at += plain(&self.bytes[start..]);
            text.push_str(&self.text[start..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(control) => {
                    return Err(self.error(self.at, format!("a control character (0x{control:02x}) inside a text")));
                }
                None => {
                    let mut error = self.error(open, "a text without its closing quote".to_owned());
                    error.unfinished = true;
                    return Err(error);
                }
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
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
            _ => return Err(self.error(start, format!("{} is not a JSON escape", quote(&self.bytes[start..self.at])))),
        })
    }

    fn four_hex(&mut self, escape: usize) -> Read<u32> {
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

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn wrong(&self, wanted: &str) -> Box<Error> {
        match self.text[self.at..].chars().next() {
            None => {
                let message = format!("the document ends where {wanted} should be");
                Box::new(Error { offset: self.at, message, unfinished: true })
            }
            Some(found) => self.error(self.at, format!("{found:?} where {wanted} should be")),
        }
    }

    fn error(&self, offset: usize, message: String) -> Box<Error> {
        Box::new(Error { offset, message, unfinished: false })
    }
}

/// How many bytes at the start of `bytes` need no look inside a text: no quote, no backslash, no control character.
///
/// Eight at a time (Mycroft's test for a byte below a bound, as in "Bit Twiddling Hacks"); the rest one by one.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let mut at = 0;
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*word);
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let backslash = zero(word ^ (ONES * u64::from(b'\\')));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (quote | backslash | control) & HIGH;
        if found != 0 {
            // A borrow can only raise a false alarm above the first true one, so the lowest is right.
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes[at..].iter().take_while(|&&byte| byte != b'"' && byte != b'\\' && byte >= 0x20).count();
    at + rest
}

/// The first member whose key was there before. By sorting places, four bytes a key: a set of the keys took more room
/// than the record.
fn repeated(members: &[(Cow<'_, str>, Value<'_>)]) -> Option<usize> {
    let key = |place: &u32| members.get(*place as usize).map(|(key, _)| key.as_bytes());
    u32::try_from(members.len()).ok()?;
    // Equal keys are in one part, whose places alone are in memory: beside the members they cost next to nothing.
    let count = (members.len() / SORTED_AT_ONCE).next_power_of_two().min(MOST_PARTS);
    let part = |key: &str| {
        let ending = key.bytes().rev().take(8);
        let mixed = ending.fold(0u32, |mixed, byte| (mixed ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        (mixed >> 16) as usize % count
    };
    let parts: Vec<u8> = members.iter().map(|(key, _)| part(key) as u8).collect();
    let mut places = Vec::new();
    let mut found: Option<u32> = None;
    for number in 0..count {
        places.clear();
        places.extend(memchr::memchr_iter(number as u8, &parts).map(|place| place as u32));
        // Of equal keys the one that stands first comes first.
        places.sort_unstable_by(|a, b| key(a).cmp(&key(b)).then(a.cmp(b)));
        let again = places.windows(2).filter(|pair| matches!(pair, [a, b] if key(a) == key(b)));
        found = again.filter_map(|pair| pair.get(1)).copied().chain(found).min();
    }
    found.map(|place| place as usize)
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
            let mut is_first = true;
            list.each(|value| {
                if !std::mem::take(&mut is_first) {
                    out.push(b',');
                }
                write(value, out);
            });
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
    loop {
        let at = copied + plain(&bytes[copied..]);
        out.extend_from_slice(&bytes[copied..at]);
        let Some(&byte) = bytes.get(at) else { break };
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
mod tests;
