//! The shape of a record: a line is held against the text between the values of a line that the strict JSON reader has
//! passed before, and only where its values are is found out.
//!
//! Owns the shapes and where plain scalar values end. Refuses every line it is not sure of (another shape, an escape, a byte
//! above 0x7F, a number or a literal that is not plain): the strict reader takes those and decides.

mod cache; // short texts, as groups are named by
mod layout; // lines of a shape whose values have known lengths

use number::digits::{no_digits, word};
use wide::u8x16;

pub use self::cache::Cache;
use self::cache::first;
use self::layout::{Layout, Layouts};
use crate::{Number, OUR_KEYS, Value, json};

/// How many shapes are kept.
const SHAPES: usize = 4;

/// How many values a shape may have.
pub const VALUES: usize = 64;

/// How many keys may be asked for.
pub const KEYS: usize = 24;

/// What must stand behind the lines, so that words and vectors can be loaded at their end: so many bytes.
pub const PADDING: usize = 80;

/// Where a value begins and ends; two zeros where there is none.
pub type Span = (usize, usize);

/// Finds the values of records of known shapes.
#[derive(Debug)]
pub struct Shapes {
    /// The keys that are asked for.
    keys: Vec<String>,
    list: Vec<Shape>,
    layouts: Layouts,
    /// Which shape the next one replaces.
    next: usize,
    /// The shape of the line before.
    last: usize,
    /// Whether the spans are of another shape than `last`.
    stale: bool,
}

/// Where the values of a line are that matter.
#[derive(Clone, Copy, Debug)]
pub struct Spans {
    /// By the place of their key.
    pub keys: [Span; KEYS],
    /// Behind the newline.
    pub end: usize,
}

/// How far a run over lines of known shapes came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    /// The start of the line it did not take, or the end.
    pub next: usize,
    /// How many records it took.
    pub records: u64,
    /// Of those, how many `--where` does not want.
    pub skipped: u64,
}

/// What becomes of a line of a known shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Its values were taken in.
    Used,
    /// `--where` does not want it.
    Skipped,
    /// Only the plain way knows; nothing was taken in.
    Not,
}

/// The text between the values of a record, and what each value is for.
#[derive(Debug)]
struct Shape {
    values: Vec<Slot>,
    /// What stands behind the last value.
    tail: Literal,
}

#[derive(Debug)]
struct Slot {
    /// What stands before the value.
    before: Literal,
    /// The place of its key among those that are asked for.
    key: Option<usize>,
}

/// A text that a line is held against: up to sixteen bytes by two words, which overlap or are the same.
#[derive(Debug)]
struct Literal {
    bytes: Vec<u8>,
    head: u64,
    tail: u64,
    /// Where the second word begins.
    second: usize,
    /// What of the words is compared.
    mask: u64,
}

impl Default for Spans {
    fn default() -> Spans {
        Spans { keys: [(0, 0); KEYS], end: 0 }
    }
}

impl Literal {
    fn new(bytes: &[u8]) -> Literal {
        let length = bytes.len();
        let second = length.saturating_sub(8);
        let words = padded(bytes);
        let at = |place: usize| words.get(place..).and_then(word).unwrap_or(0);
        Literal { bytes: bytes.to_vec(), head: at(0), tail: at(second), second, mask: first(length) }
    }

    /// Where the text ends, if it stands at `at`.
    #[inline(always)]
    fn end(&self, line: &[u8], at: usize) -> Option<usize> {
        let length = self.bytes.len();
        let same = if length <= 16 {
            let head = word(line.get(at..)?)? ^ self.head;
            let tail = word(line.get(at + self.second..)?)? ^ self.tail;
            (head | tail) & self.mask == 0
        } else {
            starts_with(line, at, &self.bytes)
        };
        same.then_some(at + length)
    }
}

impl Shapes {
    /// No shape yet; `keys`, all of them different, are those whose values are asked for. None where they are too many.
    pub fn new(keys: Vec<String>) -> Option<Shapes> {
        (keys.len() <= KEYS).then(|| Shapes {
            keys,
            list: Vec::new(),
            layouts: Layouts::default(),
            next: 0,
            last: 0,
            stale: false,
        })
    }

    /// The keys that are asked for.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Learns the shape of a line that the strict reader has passed as `value`: its place. None where it has none, or one
    /// that is known: then the line was not taken for what it holds.
    pub fn learn(&mut self, line: &[u8], value: &Value<'_>) -> Option<usize> {
        let shape = self.shape(line, value)?;
        if self.list.iter().any(|known| known.is(&shape)) {
            return None;
        }
        if self.list.len() < SHAPES {
            self.list.push(shape);
            return Some(self.list.len() - 1);
        }
        let place = self.next % SHAPES;
        *self.list.get_mut(place)? = shape;
        self.next += 1;
        self.stale = true;
        Some(place)
    }

    fn shape(&self, line: &[u8], value: &Value<'_>) -> Option<Shape> {
        let object = value.as_object()?;
        // What a record says of itself is read by the plain way.
        let speaks = object.iter().any(|(key, _)| OUR_KEYS.contains(&key));
        if object.is_empty() || object.len() > VALUES || !line.is_ascii() || speaks {
            return None;
        }
        let mut values = Vec::with_capacity(object.len());
        let mut at = 0;
        for (key, value) in object.iter() {
            // The key's text stands where the reader found it; blanks and the colon follow it.
            let mut quoted = Vec::new();
            json::write_text(key, &mut quoted);
            let step = memchr::memmem::find(line.get(at..)?, &quoted)?;
            let wanted: &[u8] = if at == 0 { b"{" } else { b"," };
            if line.get(at..at + step)?.trim_ascii() != wanted {
                return None;
            }
            let mut start = at + step + quoted.len();
            let blank = |byte: &u8| byte.is_ascii_whitespace();
            start += line.get(start..)?.iter().take_while(|byte| blank(byte)).count();
            if line.get(start) != Some(&b':') {
                return None;
            }
            start += 1;
            start += line.get(start..)?.iter().take_while(|byte| blank(byte)).count();
            let end = scalar(&padded(line.get(start..)?), 0)?;
            // What was found must be the value that the reader has read.
            let mut text = Vec::new();
            json::write(value, &mut text);
            if line.get(start..start + end)? != text.as_slice() {
                return None;
            }
            let key = self.keys.iter().position(|asked| asked == key);
            values.push(Slot { before: Literal::new(line.get(at..start)?), key });
            at = start + end;
        }
        let tail = line.get(at..)?;
        // Between the values there is punctuation and keys, no value that was passed over.
        (tail.trim_ascii() == b"}").then(|| Shape { values, tail: Literal::new(tail) })
    }

    /// Where the values are of the line at `at`, if it has a known shape. Behind the lines stand [`PADDING`] more bytes.
    /// `spans` are those of the line before.
    #[inline(always)]
    pub fn find(&mut self, bytes: &[u8], at: usize, spans: &mut Spans) -> bool {
        if let Some((layout, next)) = self.layouts.find(bytes, at) {
            for (span, &(from, to)) in spans.keys.iter_mut().zip(&layout.keys) {
                *span = if to == 0 { (0, 0) } else { (at + from, at + to) };
            }
            spans.end = next;
            self.stale = true;
            return true;
        }
        self.search(bytes, at, spans)
    }

    #[inline]
    fn search(&mut self, bytes: &[u8], at: usize, spans: &mut Spans) -> bool {
        if self.stale {
            *spans = Spans::default();
            self.stale = false;
        }
        if !self.list.get(self.last).is_some_and(|shape| shape.read(bytes, at, spans)) {
            let other = (0..self.list.len()).find(|&place| {
                *spans = Spans::default();
                self.list.get(place).is_some_and(|shape| shape.read(bytes, at, spans))
            });
            let Some(other) = other else {
                // What was tried may have left spans of its own.
                self.stale = true;
                return false;
            };
            self.last = other;
        }
        if self.layouts.wants()
            && let Some(layout) = self.layout(bytes, at, spans)
        {
            self.layouts.keep(layout);
        }
        true
    }

    /// As [`Shapes::find`], and where every value of the line is, in order: the place of its shape.
    #[inline]
    pub fn find_all(
        &mut self,
        bytes: &[u8],
        at: usize,
        spans: &mut Spans,
        values: &mut [Span; VALUES],
    ) -> Option<usize> {
        self.stale = true;
        let mut is_read = |place: usize| {
            *spans = Spans::default();
            self.list.get(place).is_some_and(|shape| shape.read_all(bytes, at, spans, values))
        };
        if !is_read(self.last) {
            self.last = (0..self.list.len()).find(|&place| is_read(place))?;
        }
        Some(self.last)
    }

    /// How many values the shape at `place` has.
    pub fn width(&self, place: usize) -> usize {
        self.list.get(place).map_or(0, |shape| shape.values.len())
    }

    /// Forgets all shapes.
    pub fn clear(&mut self) {
        self.list.clear();
    }

    /// The layout of the line at `at`, which has the shape of `last` and was found to hold these spans.
    fn layout(&self, bytes: &[u8], at: usize, spans: &Spans) -> Option<Layout> {
        let values = self.list.get(self.last)?.values(bytes, at)?;
        let keys = spans.keys.get(..self.keys.len())?;
        let within = keys.iter().map(|&(from, to)| if to == 0 { (0, 0) } else { (from - at, to - at) }).collect();
        Layout::new(bytes.get(at..spans.end)?, &values, within)
    }
}

impl Shape {
    /// Whether another has the same text between its values.
    fn is(&self, other: &Shape) -> bool {
        let texts = |shape: &Shape| shape.values.iter().map(|slot| slot.before.bytes.clone()).collect::<Vec<_>>();
        self.tail.bytes == other.tail.bytes && texts(self) == texts(other)
    }

    /// Whether the line at `at` has this shape; if so, where the values are that matter. What the shape does not have
    /// stays as it is.
    #[inline]
    fn read(&self, bytes: &[u8], at: usize, spans: &mut Spans) -> bool {
        self.each(bytes, at, spans, |_, _| {})
    }

    /// As [`Shape::read`], with the span of every value.
    fn read_all(&self, bytes: &[u8], at: usize, spans: &mut Spans, values: &mut [Span; VALUES]) -> bool {
        self.each(bytes, at, spans, |place, span| {
            if let Some(value) = values.get_mut(place) {
                *value = span;
            }
        })
    }

    #[inline(always)]
    fn each(&self, bytes: &[u8], at: usize, spans: &mut Spans, mut each: impl FnMut(usize, Span)) -> bool {
        let mut at = at;
        for (place, slot) in self.values.iter().enumerate() {
            let Some(from) = slot.before.end(bytes, at) else { return false };
            let Some(to) = scalar(bytes, from) else { return false };
            if let Some(span) = slot.key.and_then(|key| spans.keys.get_mut(key)) {
                *span = (from, to);
            }
            each(place, (from, to));
            at = to;
        }
        let Some(end) = self.tail.end(bytes, at) else { return false };
        match bytes.get(end) {
            Some(b'\n') => spans.end = end + 1,
            Some(b'\r') if bytes.get(end + 1) == Some(&b'\n') => spans.end = end + 2,
            _ => return false,
        }
        true
    }

    /// Where the values are in the line at `at`, which has this shape; from its start on.
    fn values(&self, bytes: &[u8], at: usize) -> Option<Vec<Span>> {
        let mut next = at;
        let find = |slot: &Slot| {
            let from = slot.before.end(bytes, next)?;
            next = scalar(bytes, from)?;
            Some((from - at, next - at))
        };
        self.values.iter().map(find).collect()
    }
}

#[inline(always)]
fn starts_with(bytes: &[u8], at: usize, start: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(start))
}

/// The end of the plain scalar that begins at `at`: a text without escapes, a number, a literal.
#[inline(always)]
fn scalar(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => text(bytes, at + 1),
        b'-' | b'0'..=b'9' => number(bytes, at),
        b't' if starts_with(bytes, at, b"true") => Some(at + 4),
        b'f' if starts_with(bytes, at, b"false") => Some(at + 5),
        b'n' if starts_with(bytes, at, b"null") => Some(at + 4),
        _ => None,
    }
}

/// Behind the quote that closes a text; `None` where something else than plain ASCII comes first.
#[inline(always)]
fn text(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    loop {
        let letters = u8x16::new(*bytes.get(at..)?.first_chunk::<16>()?);
        let control = letters.min(u8x16::splat(0x1f)).cmp_eq(letters);
        let stop = letters.cmp_eq(u8x16::splat(b'"')) | letters.cmp_eq(u8x16::splat(b'\\')) | control;
        // The mask takes the highest bits: those of bytes above 0x7F are set.
        let stop = (stop | letters).move_mask();
        if stop != 0 {
            at += stop.trailing_zeros() as usize;
            return (bytes.get(at) == Some(&b'"')).then_some(at + 1);
        }
        at += 16;
    }
}

/// The end of a JSON number: digits, perhaps a fraction; signs and exponents go the plain way byte by byte.
#[inline(always)]
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let letters = word(bytes.get(at..)?)?;
    let mut stops = no_digits(letters);
    let mut length = stops.trailing_zeros() / 8;
    let leading = letters as u8 == b'0' && length > 1;
    if length > 0 && length < 8 && !leading {
        if letters >> (8 * length) & 0xff == u64::from(b'.') {
            let whole = length;
            stops &= stops - 1;
            length = stops.trailing_zeros() / 8;
            if length == 8 || length == whole + 1 {
                return long_number(bytes, at);
            }
        }
        if matches!((letters >> (8 * length)) as u8, b',' | b'}' | b' ') {
            return Some(at + length as usize);
        }
    }
    long_number(bytes, at)
}

#[inline(never)]
fn long_number(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let length = rest.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E')).count();
    let text = std::str::from_utf8(rest.get(..length)?).ok()?;
    Number::parse(text).map(|_| at + length)
}

/// A copy with newlines behind it, as lines have.
fn padded(text: &[u8]) -> Vec<u8> {
    let mut padded = text.to_vec();
    padded.resize(text.len() + PADDING, b'\n');
    padded
}

#[cfg(test)]
mod tests;
