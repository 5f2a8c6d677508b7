//! Strict reading of a record of which only some members are wanted: the rest is checked as strictly and stays text.
//!
//! Owns what a member that nobody wants costs: eight bytes a key while its object is open, and nothing else. The whole
//! reader is the oracle: what it refuses is refused here, for the same reason at the same place.

use std::borrow::Cow;

use super::{DEPTH_LIMIT, Error, FEW_KEYS, Members, Read, Reader, plain, utf8};
use crate::{Object, Value};

/// How much of a member of a record is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Nothing: it is as if it were not there.
    Nothing,
    /// A scalar whole; a list or an object only as one that is not empty, or empty.
    Kind,
    /// All of it, a long array as its text until somebody looks into it.
    Text,
    /// All of it.
    All,
}

/// Reads one JSON document as [`super::parse`] does, and of an object builds only the members that `wants` asks for; it
/// is asked about every key in order.
///
/// # Errors
/// Those of [`super::parse`].
pub fn parse_only<'a>(text: &'a [u8], wants: &mut dyn FnMut(&str) -> Want) -> Result<Value<'a>, Error> {
    let text = utf8(text)?;
    let mut reader = Reader::of(text);
    reader.blanks();
    if reader.peek() != Some(b'{') || u32::try_from(text.len()).is_err() {
        return super::parse(text.as_bytes());
    }
    let value = reader.members(wants).map_err(|error| *error)?;
    reader.blanks();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(*reader.wrong("the end of the document")),
    }
}

/// Reads one JSON document as [`super::parse`] does, and gives out the members of the object that it is one after the other,
/// so that no more than one is held; false, with none given out, where it is no object. What was given out counts only
/// where no error comes.
///
/// # Errors
/// Those of [`super::parse`].
pub fn each_member(text: &[u8], each: &mut dyn FnMut(&str, &Value<'_>)) -> Result<bool, Error> {
    let text = utf8(text)?;
    let mut reader = Reader::of(text);
    reader.blanks();
    if reader.peek() != Some(b'{') || u32::try_from(text.len()).is_err() {
        return Ok(false);
    }
    let mut given = Given { keys: Keys::default(), each };
    let outcome = reader.pairs(&mut given);
    given.keys.each_once(&reader).and(outcome).map_err(|error| *error)?;
    reader.blanks();
    match reader.peek() {
        None => Ok(true),
        Some(_) => Err(*reader.wrong("the end of the document")),
    }
}

/// Members that are given out.
struct Given<'e> {
    keys: Keys,
    each: &'e mut dyn FnMut(&str, &Value<'_>),
}

impl<'a> Members<'a> for Given<'_> {
    fn key(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        self.keys.key(reader)
    }

    fn value(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        let key = self.keys.last(reader)?;
        let value = reader.built()?;
        (self.each)(&key, &value);
        Ok(())
    }
}

/// Members of which some are wanted.
struct Wanted<'a, 'w> {
    keys: Keys,
    wants: &'w mut dyn FnMut(&str) -> Want,
    members: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Members<'a> for Wanted<'a, '_> {
    fn key(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        self.keys.key(reader)
    }

    fn value(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        let key = self.keys.last(reader)?;
        let value = match (self.wants)(&key) {
            Want::Nothing => return reader.check(),
            Want::Kind => reader.kind()?,
            want => {
                reader.whole = want == Want::All;
                reader.built()?
            }
        };
        self.members.push((key, value));
        Ok(())
    }
}

/// The keys of an object of which nothing is wanted.
#[derive(Default)]
struct Keys {
    /// Where the text of each begins, at its quote, and ends.
    spans: Vec<(u32, u32)>,
    /// Whether one of them has escapes.
    escaped: bool,
}

impl<'a> Members<'a> for Keys {
    fn key(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        let key_at = reader.at as u32;
        self.escaped |= reader.check_string()?;
        self.spans.push((key_at, reader.at as u32));
        Ok(())
    }

    fn value(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        reader.check()
    }
}

impl<'a> Reader<'a> {
    /// The members of the outermost object that are wanted.
    fn members(&mut self, wants: &mut dyn FnMut(&str) -> Want) -> Read<Value<'a>> {
        let mut wanted = Wanted { keys: Keys::default(), wants, members: Vec::new() };
        let outcome = self.pairs(&mut wanted);
        wanted.keys.each_once(self)?;
        outcome?;
        Ok(Value::Object(Object::distinct(wanted.members)))
    }

    /// A scalar whole; of a list or an object that begins here whether it is empty.
    fn kind(&mut self) -> Read<Value<'a>> {
        let from = self.at;
        match self.peek() {
            Some(b'{') => {
                self.check()?;
                Ok(Value::Object(Object::new()))
            }
            Some(b'[') => {
                self.check()?;
                // One null stands for whatever is in it.
                let is_empty = self.text[from + 1..self.at - 1].trim_ascii().is_empty();
                Ok(if is_empty { Vec::new() } else { vec![Value::Null] }.into())
            }
            _ => self.built(),
        }
    }

    fn built(&mut self) -> Read<Value<'a>> {
        let mut value = Value::Null;
        self.value(&mut value)?;
        Ok(value)
    }

    /// Reads a value and builds nothing.
    pub(super) fn check(&mut self) -> Read<()> {
        self.blanks();
        match self.peek() {
            Some(b'"') => drop(self.check_string()?),
            Some(b'{' | b'[') if self.depth == DEPTH_LIMIT => {
                return Err(self.error(self.at, format!("nested deeper than {DEPTH_LIMIT}")));
            }
            Some(b'{') => {
                let mut keys = Keys::default();
                let outcome = self.pairs(&mut keys);
                keys.each_once(self)?;
                outcome?;
            }
            Some(b'[') => self.elements(&mut |reader| reader.check())?,
            // Numbers and words are borrowed or nothing at all.
            _ => drop(self.built()?),
        }
        Ok(())
    }

    /// Reads a text whose opening quote is here; whether it has escapes.
    fn check_string(&mut self) -> Read<bool> {
        let open = self.at;
        let mut escaped = false;
        self.at += 1;
        loop {
            self.at += plain(self.bytes.get(self.at..).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                _ => {
                    // What is wrong is said by whoever would build the text.
                    self.at = open;
                    return self.string().map(|_| escaped);
                }
            }
        }
    }
}

impl Keys {
    /// The text of the key that was read last.
    fn last<'a>(&self, reader: &mut Reader<'a>) -> Read<Cow<'a, str>> {
        let key_at = self.spans.last().map_or(reader.at, |span| span.0 as usize);
        let after = std::mem::replace(&mut reader.at, key_at);
        let key = reader.string()?;
        reader.at = after;
        Ok(key)
    }

    /// An error where a key came twice: it was there before anything that is wrong behind it.
    fn each_once(&mut self, reader: &Reader<'_>) -> Read<()> {
        match self.repeated(reader) {
            Some((at, key)) => Err(reader.error(at, format!("the key {key:?} appears twice in one object"))),
            None => Ok(()),
        }
    }

    /// The first key that was there before, and where it stands again.
    fn repeated(&mut self, reader: &Reader<'_>) -> Option<(usize, String)> {
        let raw = |&(from, to): &(u32, u32)| reader.text.get(from as usize + 1..to as usize - 1).unwrap_or_default();
        let text = |span: &(u32, u32)| -> Cow<'_, str> {
            let mut inner = Reader { at: span.0 as usize, ..Reader::of(reader.text) };
            if self.escaped { inner.string().unwrap_or_default() } else { raw(span).into() }
        };
        if self.spans.len() <= FEW_KEYS {
            let is_known = |(place, span): &(usize, &(u32, u32))| {
                self.spans
                    .iter()
                    .take(*place)
                    .any(|before| if self.escaped { text(before) == text(span) } else { raw(before) == raw(span) })
            };
            let (_, span) = self.spans.iter().enumerate().find(is_known)?;
            return Some((span.0 as usize, text(span).into_owned()));
        }
        let mut spans = std::mem::take(&mut self.spans);
        // Of equal keys the one that stands first comes first.
        spans.sort_unstable_by(|a, b| text(a).cmp(&text(b)).then(a.0.cmp(&b.0)));
        let again = spans.windows(2).filter(|pair| matches!(pair, [a, b] if text(a) == text(b)));
        let first = again.filter_map(|pair| pair.get(1)).min_by_key(|span| span.0)?;
        Some((first.0 as usize, text(first).into_owned()))
    }
}
