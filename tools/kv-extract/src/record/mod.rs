//! A record in the making: the pairs of one line, chosen, converted, each key once, and written as JSON.
//!
//! Owns the options that change a record (`-k --drop --having --text --as --na --dup --set`); refuses I/O. One record
//! is used for every line, so that nothing is allocated once its buffers have grown.

pub mod convert;
pub mod display;
pub mod doubts;
pub mod escape;
mod keys;
pub mod kind;
pub mod nested;
pub mod number;
pub mod options;
pub mod patterns;
pub mod tally;
mod typed;
pub mod units;
mod writing;

use std::hash::RandomState;
use std::ops::Range;

use schema::Value;

use crate::grammar::prose::{Pair, Quoting};
use crate::record::options::{Duplicates, Shape};
use crate::record::tally::Tally;
use crate::record::typed::behind;
use crate::record::units::passed::Passed;
use crate::record::units::unit_words;

/// A line that cannot become a record: what was read, and what was wanted.
pub type Misfit = String;

/// The keys under which loggers say what happened.
const MESSAGES: [&[u8]; 7] = [b"msg", b"message", b"MESSAGE", b"@m", b"@mt", b"event", b"log"];

/// The keys of what wraps a line that the line may have, too, beside that of its time.
const ENVELOPE: [&[u8]; 1] = [b"stream"];

/// The five keys that are ours.
pub const RESERVED: [&[u8]; 5] = [b"@source", b"@evidence", b"@record", b"@state", b"@seal"];

/// Where a text stands: in the line, or in the record's own buffer.
#[derive(Clone, Copy, Debug)]
enum Span {
    Line(usize, usize),
    Own(usize, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A word to be typed.
    Bare,
    /// A text.
    Text,
    /// JSON, to be copied.
    Json,
}

#[derive(Clone, Copy, Debug)]
struct Field {
    key: Span,
    value: Span,
    kind: Kind,
    /// The next field of the same key, for `--dup array`; 0 for none.
    next: usize,
    /// Of the first field of a key: the last one. Fields that only continue a list have none.
    tail: Option<usize>,
    /// Of the first field of a key: whether that is among what is in doubt already.
    is_doubted: bool,
}

/// A key whose value is in doubt, and why.
#[derive(Debug)]
struct Doubt {
    key: Span,
    why: Why,
}

/// Why a value is in doubt.
#[derive(Debug)]
enum Why {
    /// The line has its key with another value, too.
    Twice,
    /// What is said of its unit.
    Unit(String),
    /// The same of a member inside of an object: the key is the path to it.
    Within(&'static str),
    /// Others stand behind it: what the line has there.
    List(String),
    /// It stands within the value of another key, which is not taken apart.
    Hidden,
}

/// The record of one line.
#[derive(Debug, Default)]
pub struct Record {
    fields: Vec<Field>,
    own: Vec<u8>,
    scratch: Vec<u8>,
    /// Places in `fields`, plus one, by hash of the key; a power of two, empty while there are few.
    table: Vec<usize>,
    hasher: RandomState,
    has: Vec<bool>,
    times: Vec<Option<Span>>,
    /// Whether keys that are left out are in it, too.
    whole: bool,
    /// The values of the key of `--in`: one, or all that the line has.
    inner: Vec<Vec<u8>>,
    /// Under `--shape`: what the line says, where it says it under a key of its own.
    message: Option<Span>,
    /// Whether it is one of an access log that does not fit: see [`crate::grammar::access_log::is_torn`].
    pub is_torn: bool,
    /// The JSON of what the record says of itself, where it says something that is kept.
    evidence: Vec<u8>,
    /// Keys whose values are in doubt.
    doubted: Vec<Doubt>,
    /// How many fields are of what stands around the text at hand.
    outer: usize,
    /// Whether that wraps the text, so that all its keys may come again inside.
    is_wrapped: bool,
    /// What was seen in all lines so far.
    pub tally: Tally,
    /// The first key that stood in a line twice with different values, of which nobody had said which one is wanted.
    pub repeated: Option<String>,
    /// The keys of which units were passed over.
    pub passed: Passed,
}

impl Record {
    /// Forgets the line before; `whole`: takes the keys that are left out, too.
    pub fn clear(&mut self, shape: &Shape, whole: bool) {
        self.whole = whole;
        self.fields.clear();
        self.own.clear();
        self.table.clear();
        self.has.clear();
        self.has.resize(shape.having.len(), false);
        self.evidence.clear();
        self.doubted.clear();
        self.inner.clear();
        self.message = None;
        self.is_torn = false;
        (self.outer, self.is_wrapped) = (0, false);
        self.times.clear();
        self.times.resize(shape.time_keys.len(), None);
    }

    /// What follows is a text within `line`: another line, where what was taken so far wraps it.
    pub fn begin_inner(&mut self, line: &[u8], is_wrapped: bool) {
        // What is found in the text has no place in the line.
        self.leave(line);
        (self.outer, self.is_wrapped) = (self.fields.len(), is_wrapped);
    }

    /// Copies all that stands in `line`.
    fn leave(&mut self, line: &[u8]) {
        let Record { fields, own, doubted, times, message, .. } = self;
        let spans = fields.iter_mut().flat_map(|field| [&mut field.key, &mut field.value]);
        let others = doubted.iter_mut().map(|doubt| &mut doubt.key).chain(times.iter_mut().flatten()).chain(message);
        for span in spans.chain(others) {
            if let Span::Line(start, end) = *span {
                let at = own.len();
                own.extend_from_slice(line.get(start..end).unwrap_or_default());
                *span = Span::Own(at, own.len());
            }
        }
    }

    /// Whether the first field of a key stands around the text at hand and is no other value of it: what wraps a line has a
    /// time of its own, as the line has.
    fn is_of_envelope(&self, line: &[u8], at: usize) -> bool {
        let Some(field) = self.fields.get(at).filter(|_| at < self.outer) else { return false };
        let (name, value) = (self.bytes(field.key, line), self.bytes(field.value, line));
        // `time=900` is how long something took.
        let is_time = || !(number::is_number(value) && value.len() < 10);
        let is_time_key = || time::KEYS.iter().any(|key| key.as_bytes() == name);
        self.is_wrapped || ENVELOPE.contains(&name) || is_time_key() && is_time()
    }

    /// Whether nothing was kept.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether every key of `--having` was seen.
    pub fn has_all(&self) -> bool {
        self.has.iter().all(|&has| has)
    }

    /// The values of the time keys that are there, the preferred one first, each with its key's place.
    pub fn times<'a>(&'a self, line: &'a [u8]) -> impl Iterator<Item = (usize, &'a [u8])> {
        let there = self.times.iter().enumerate().filter_map(|(at, span)| Some((at, (*span)?)));
        there.map(move |(at, span)| (at, self.bytes(span, line)))
    }

    /// The value of this key and what the line goes on with behind it, if the value is a part of the line.
    pub fn time_onward<'l>(&self, at: usize, line: &'l [u8]) -> Option<&'l [u8]> {
        match (*self.times.get(at)?)? {
            Span::Line(from, _) => line.get(from..),
            Span::Own(..) => None,
        }
    }

    /// Takes a pair that the grammar found in `line`.
    pub fn take_pair(&mut self, shape: &Shape, line: &[u8], pair: &Pair) -> Result<(), Misfit> {
        let is_noted = unit_words::begins_unit(line, pair.value.end)
            || unit_words::unit_behind_bracket(line, &pair.value).is_some();
        if pair.quoting == Quoting::Bare && is_noted {
            self.note_unit(shape, line, pair);
        }
        self.take_found(shape, line, pair)
    }

    /// The same of a line in which every word is a key, so that none is a unit.
    pub fn take_found(&mut self, shape: &Shape, line: &[u8], pair: &Pair) -> Result<(), Misfit> {
        if pair.quoting == Quoting::Bare {
            let key = line.get(pair.key.clone()).unwrap_or_default();
            self.note_bare(shape, line, key, pair.value.clone());
            self.note_more(shape, line, key, pair.value.clone());
            self.note_hidden(shape, line, key, pair.value.clone());
        }
        let mut place = pair.value.clone();
        let mut key = Span::Line(pair.key.start, pair.key.end);
        if shape.long_keys {
            key = self.keep(&joined(line.get(pair.key.clone()).unwrap_or_default()));
        }
        if !shape.types.is_empty() && pair.quoting != Quoting::Unclosed {
            match behind(shape, self.bytes(key, line), line, pair) {
                // `took=1.2 s`: the unit stands a blank away.
                Some((from, unit)) if from == place.end => place.end += unit,
                // `took="1.2" s`
                Some((from, unit)) => {
                    let whole = [line.get(place), line.get(from..from + unit)].map(Option::unwrap_or_default).concat();
                    let whole = self.keep(&whole);
                    return self.put(shape, line, key, whole, Kind::Bare);
                }
                None => {}
            }
        }
        let value = line.get(place.clone()).unwrap_or_default();
        let span = Span::Line(place.start, place.end);
        match pair.quoting {
            Quoting::Bare => self.put(shape, line, key, span, Kind::Bare),
            Quoting::Quoted if memchr::memchr(b'\\', value).is_some() => {
                let start = self.own.len();
                escape::unescape(value, &mut self.own);
                self.put(shape, line, key, Span::Own(start, self.own.len()), Kind::Text)
            }
            Quoting::Quoted => self.put(shape, line, key, span, Kind::Text),
            Quoting::Unclosed => {
                self.tally.unclosed += 1;
                self.put(shape, line, key, span, Kind::Text)
            }
        }
    }

    /// Takes a pair of a text that the record must not point into.
    pub fn take_copied(&mut self, shape: &Shape, text: &[u8], pair: &Pair) -> Result<(), Misfit> {
        let is_noted = unit_words::begins_unit(text, pair.value.end)
            || unit_words::unit_behind_bracket(text, &pair.value).is_some();
        if pair.quoting == Quoting::Bare && is_noted {
            self.note_unit(shape, text, pair);
        }
        if pair.quoting == Quoting::Bare {
            let key = text.get(pair.key.clone()).unwrap_or_default();
            self.note_bare(shape, text, key, pair.value.clone());
            self.note_more(shape, text, key, pair.value.clone());
            self.note_hidden(shape, text, key, pair.value.clone());
        }
        let part = |place: Range<usize>| text.get(place).unwrap_or_default();
        let long;
        let mut key = part(pair.key.clone());
        if shape.long_keys {
            long = joined(key);
            key = &long;
        }
        let value = part(pair.value.clone());
        if pair.quoting != Quoting::Unclosed
            && let Some((from, unit)) = behind(shape, key, text, pair)
        {
            return self.take_word(shape, b"", key, &[value, part(from..from + unit)].concat());
        }
        match pair.quoting {
            Quoting::Bare => self.take_word(shape, b"", key, value),
            Quoting::Quoted => {
                let key = self.keep(key);
                let start = self.own.len();
                escape::unescape(value, &mut self.own);
                self.put(shape, b"", key, Span::Own(start, self.own.len()), Kind::Text)
            }
            Quoting::Unclosed => {
                self.tally.unclosed += 1;
                self.take_text(shape, b"", key, value)
            }
        }
    }

    /// Takes what stands in a hole of a template, and the unit behind it; where that `drops` what follows, a unit nobody asked
    /// for is noted.
    pub fn take_hole(
        &mut self,
        shape: &Shape,
        line: &[u8],
        key: &[u8],
        value: Range<usize>,
        drops: bool,
    ) -> Result<(), Misfit> {
        if drops {
            if unit_words::begins_unit(line, value.end) {
                self.note_unit_of(shape, line, key, value.clone());
            }
            self.note_bare(shape, line, key, value.clone());
            self.note_more(shape, line, key, value.clone());
        }
        let conversion = shape.types.iter().find(|(typed, _)| typed == key).map(|(_, conversion)| *conversion);
        let text = line.get(value.clone()).unwrap_or_default();
        let unit = conversion.map_or(0, |conversion| conversion.unit_behind(line, text, value.end));
        self.take_bare(shape, line, key, value.start..value.end + unit)
    }

    /// Takes a bare value under `key`: both stand in the line, at these places.
    pub fn take_bare(&mut self, shape: &Shape, line: &[u8], key: &[u8], value: Range<usize>) -> Result<(), Misfit> {
        let key = self.keep(key);
        self.put(shape, line, key, Span::Line(value.start, value.end), Kind::Bare)
    }

    /// Takes a word to be typed that does not stand in the line.
    pub fn take_word(&mut self, shape: &Shape, line: &[u8], key: &[u8], value: &[u8]) -> Result<(), Misfit> {
        let (key, value) = (self.keep(key), self.keep(value));
        self.put(shape, line, key, value, Kind::Bare)
    }

    /// Takes a text that does not stand in the line as it is.
    pub fn take_text(&mut self, shape: &Shape, line: &[u8], key: &[u8], value: &[u8]) -> Result<(), Misfit> {
        let (key, value) = (self.keep(key), self.keep(value));
        self.put(shape, line, key, value, Kind::Text)
    }

    /// Takes a value that is JSON already.
    pub fn take_json(&mut self, shape: &Shape, line: &[u8], key: &[u8], json: &[u8]) -> Result<(), Misfit> {
        let (key, value) = (self.keep(key), self.keep(json));
        self.put(shape, line, key, value, Kind::Json)
    }

    /// Takes what a record that was read says of itself: what only doubts is kept, whatever keys are left out.
    pub fn take_evidence(&mut self, shape: &Shape, evidence: &Value<'_>) {
        let renamed: Vec<(&str, String)> = shape
            .types
            .iter()
            .filter_map(|(key, conversion)| {
                let key = std::str::from_utf8(key).ok()?;
                (!key.ends_with(conversion.suffix())).then(|| (key, format!("{key}{}", conversion.suffix())))
            })
            .collect();
        let kept = doubts::kept(evidence, &renamed);
        let left_out = match (evidence, &kept) {
            (Value::Object(all), Some(Value::Object(kept))) => all.len() > kept.len(),
            (Value::Object(all), None) => !all.is_empty(),
            _ => false,
        };
        self.tally.reserved += u64::from(left_out);
        match kept {
            // What a text within the record says of itself vouches for none of the record.
            Some(kept) if !self.evidence.is_empty() => self.join_evidence(&kept),
            Some(kept) => schema::json::write(&kept, &mut self.evidence),
            None => {}
        }
    }

    /// The values of the key of `--in`, once.
    pub fn take_inner(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.inner)
    }

    /// Puts back the value of the key of `--in`, in which there was no pair.
    pub fn put_back(&mut self, shape: &Shape, key: &[u8], value: &[u8]) -> Result<(), Misfit> {
        let left_out = (!shape.keep.is_empty() && !shape.keep.matches(key)) || shape.drop.matches(key);
        if left_out && !self.whole {
            return Ok(());
        }
        let (key, value) = (self.keep(key), self.keep(value));
        self.add(shape, b"", key, value, Kind::Text)
    }

    fn keep(&mut self, bytes: &[u8]) -> Span {
        let start = self.own.len();
        self.own.extend_from_slice(bytes);
        Span::Own(start, self.own.len())
    }

    fn bytes<'a>(&'a self, span: Span, line: &'a [u8]) -> &'a [u8] {
        match span {
            Span::Line(start, end) => line.get(start..end),
            Span::Own(start, end) => self.own.get(start..end),
        }
        .unwrap_or_default()
    }

    fn put(&mut self, shape: &Shape, line: &[u8], key: Span, value: Span, kind: Kind) -> Result<(), Misfit> {
        self.tally.pairs += 1;
        let name = self.bytes(key, line);
        if name.first() == Some(&b'@') && RESERVED.contains(&name) {
            self.tally.reserved += 1;
            return Ok(());
        }
        if shape.inner.as_deref() == Some(name) {
            let text = self.bytes(value, line).to_vec();
            return self.take_text_within(shape, text);
        }
        if shape.kind && MESSAGES.contains(&name) {
            self.message = Some(value);
        }
        if !shape.having.is_empty() {
            let mut has = std::mem::take(&mut self.has);
            shape.having.each_match(self.bytes(key, line), |at| has[at] = true);
            self.has = has;
        }
        let name = self.bytes(key, line);
        if let Some(at) = shape.time_keys.iter().position(|wanted| wanted == name) {
            // The grammar's last one wins, here too.
            self.times[at] = Some(value);
        }
        let name = self.bytes(key, line);
        let left_out = (!shape.keep.is_empty() && !shape.keep.matches(name)) || shape.drop.matches(name);
        if left_out && !self.whole {
            return Ok(());
        }
        if shape.none.iter().any(|none| none == self.bytes(value, line)) {
            let null = self.keep(b"null");
            return self.add(shape, line, key, null, Kind::Json);
        }
        match shape.types.iter().position(|(typed, _)| typed == name) {
            None if shape.text && kind == Kind::Bare => self.add(shape, line, key, value, Kind::Text),
            None if shape.decimal_comma && kind == Kind::Bare => self.put_european(shape, line, key, value),
            None => self.add(shape, line, key, value, kind),
            Some(at) => self.convert(shape, line, key, value, at),
        }
    }

    /// Takes a value of the key of `--in`: of several all are looked into, unless `--dup` says which one counts.
    fn take_text_within(&mut self, shape: &Shape, text: Vec<u8>) -> Result<(), Misfit> {
        let is_first = self.inner.is_empty();
        self.tally.duplicates += u64::from(!is_first);
        match shape.duplicates {
            Duplicates::Error if !is_first => return Err("the key of --in appears twice in one line".to_owned()),
            Duplicates::First if !is_first => return Ok(()),
            Duplicates::Last if shape.duplicates_said => self.inner.clear(),
            _ => {}
        }
        self.inner.push(text);
        Ok(())
    }

    /// Whether some value is in doubt.
    pub fn has_doubts(&self) -> bool {
        !self.doubted.is_empty()
    }

    /// A bare value where a comma begins the fraction: `1.234,5` is a number, and `1.5` is none.
    fn put_european(&mut self, shape: &Shape, line: &[u8], key: Span, value: Span) -> Result<(), Misfit> {
        let text = self.bytes(value, line);
        if !text.iter().any(|byte| matches!(byte, b',' | b'.')) {
            return self.add(shape, line, key, value, Kind::Bare);
        }
        match convert::european(text).filter(|text| is_bare_json(text)) {
            Some(number) => {
                let number = self.keep(&number);
                self.add(shape, line, key, number, Kind::Json)
            }
            None => self.add(shape, line, key, value, Kind::Text),
        }
    }

    /// Under `--shape`: adds the kind of the line, of what it says under a key of its own where it does.
    pub fn take_kind(&mut self, shape: &Shape, line: &[u8]) -> Result<(), Misfit> {
        let mut masked = std::mem::take(&mut self.scratch);
        masked.clear();
        kind::mask(self.message.map_or(line, |span| self.bytes(span, line)), &mut masked);
        let (key, value) = (self.keep(b"shape"), self.keep(&masked));
        self.scratch = masked;
        self.tally.pairs += 1;
        self.add(shape, line, key, value, Kind::Text)
    }

    fn add(&mut self, shape: &Shape, line: &[u8], key: Span, value: Span, kind: Kind) -> Result<(), Misfit> {
        let new = self.fields.len();
        let field = Field { key, value, kind, next: 0, tail: Some(new), is_doubted: false };
        let Some(old) = self.find_or_note(line, key, new) else {
            self.fields.push(field);
            return Ok(());
        };
        self.tally.duplicates += 1;
        let before = &self.fields[old];
        let is_other = before.kind != kind || self.bytes(before.value, line) != self.bytes(value, line);
        if is_other && !shape.duplicates_said && !self.is_of_envelope(line, old) {
            self.tally.repeated += 1;
            let name = self.bytes(key, line);
            if self.repeated.is_none() {
                self.repeated = Some(String::from_utf8_lossy(name).into_owned());
            }
            if !std::mem::replace(&mut self.fields[old].is_doubted, true) {
                self.doubted.push(Doubt { key, why: Why::Twice });
            }
        }
        match shape.duplicates {
            Duplicates::First => {}
            Duplicates::Last => {
                self.fields[old].value = value;
                self.fields[old].kind = kind;
            }
            Duplicates::Error => {
                let name = String::from_utf8_lossy(self.bytes(key, line));
                return Err(format!("the key {name:?} appears twice in one line"));
            }
            Duplicates::Array => {
                let tail = self.fields[old].tail.unwrap_or(old);
                self.fields[tail].next = new;
                self.fields[old].tail = Some(new);
                self.fields.push(Field { tail: None, ..field });
            }
        }
        Ok(())
    }
}

/// A key of several words as one: `connect time` is `connect_time`.
pub fn joined(key: &[u8]) -> Vec<u8> {
    key.iter().map(|&byte| if byte == b' ' { b'_' } else { byte }).collect()
}

/// Whether a bare word goes into JSON as it is.
pub fn is_bare_json(word: &[u8]) -> bool {
    match word.first() {
        Some(b'-' | b'0'..=b'9') => number::is_number(word),
        Some(b't' | b'f' | b'n') => matches!(word, b"true" | b"false" | b"null"),
        _ => false,
    }
}
