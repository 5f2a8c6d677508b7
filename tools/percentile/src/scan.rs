//! The fast way through records that all look alike: a line is held against the text between the values of a line
//! that the strict JSON reader has passed before, and only the values are read.
//!
//! Owns the shapes and the reading of scalar values. Refuses every line it is not sure of (another shape, an escape, a
//! byte above 0x7F, a number or a literal that is not plain): the strict reader takes those and decides.

use expr::Step;
use schema::{Value, json};

use crate::decimal::Decimal;
use crate::digits::{equal, no_digits, plain, word};
use crate::groups::Groups;
use crate::plan::Plan;

/// How many shapes are kept.
const SHAPES: usize = 4;

/// How many values a shape may have.
const VALUES: usize = 64;

/// How many groups are found without a hash table.
const CACHED: usize = 256;

/// Reads records of known shapes.
pub struct Scanner {
    /// The keys of the fields and of the groups.
    fields: Vec<String>,
    by: Vec<String>,
    shapes: Vec<Shape>,
    next_shape: usize,
    cache: Vec<Option<(Vec<u8>, usize)>>,
    key: Vec<u8>,
}

/// The text between the values of a record, and what each value is for.
struct Shape {
    values: Vec<Slot>,
    /// What stands behind the last value.
    tail: Vec<u8>,
}

struct Slot {
    /// What stands before the value.
    before: Literal,
    role: Role,
}

/// A text that a line is held against, with its first and last eight bytes as words.
struct Literal {
    bytes: Vec<u8>,
    head: u64,
    tail: u64,
}

impl Literal {
    fn new(bytes: &[u8]) -> Literal {
        let tail = bytes.len().checked_sub(8).and_then(|from| word(bytes.get(from..)?)).unwrap_or(0);
        Literal { bytes: bytes.to_vec(), head: word(bytes).unwrap_or(0), tail }
    }

    /// Where the text ends, if it stands at `at`.
    #[inline(always)]
    fn end(&self, line: &[u8], at: usize) -> Option<usize> {
        let length = self.bytes.len();
        let same = if (8..=16).contains(&length) {
            word(line.get(at..)?)? == self.head && word(line.get(at + length - 8..)?)? == self.tail
        } else {
            starts_with(line, at, &self.bytes)
        };
        same.then_some(at + length)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    None,
    Field(usize),
    By(usize),
}

/// How far a run came.
pub struct Scanned {
    /// The start of the line it did not take, or the end.
    pub next: usize,
    /// How many records it took.
    pub records: u64,
}

/// A line being read: where the values are that matter.
#[derive(Clone, Copy, Default)]
struct Spans {
    fields: [(usize, usize); FIELDS],
    by: [(usize, usize); BY],
    end: usize,
}

/// How many fields and groups the fast way knows.
const FIELDS: usize = 8;
const BY: usize = 4;

impl Scanner {
    /// A scanner for the fields of `plan`, where they are simple enough: plain keys, no conditions.
    pub fn new(plan: &Plan) -> Option<Scanner> {
        if !plan.is_simple() || plan.fields.len() > FIELDS || plan.by.len() > BY {
            return None;
        }
        let plain_key = |path: &expr::Path| match path.steps() {
            [Step::Name { text, .. }] => Some(text.clone()),
            _ => None,
        };
        let fields: Vec<String> = plan.fields.iter().map(plain_key).collect::<Option<_>>()?;
        let by: Vec<String> = plan.by.iter().map(plain_key).collect::<Option<_>>()?;
        // A key that is asked for twice would need two roles.
        let mut all: Vec<&String> = fields.iter().chain(&by).collect();
        all.sort();
        all.dedup();
        (all.len() == fields.len() + by.len()).then(|| Scanner {
            fields,
            by,
            shapes: Vec::new(),
            next_shape: 0,
            cache: vec![None; CACHED],
            key: Vec::new(),
        })
    }

    /// Forgets what number each group has.
    pub fn forget_groups(&mut self) {
        self.cache.fill(None);
    }

    /// Learns the shape of a line that the strict reader has passed as `value`.
    pub fn learn(&mut self, line: &[u8], value: &Value<'_>) {
        let Some(shape) = self.shape(line, value) else { return };
        if self.shapes.len() < SHAPES {
            self.shapes.push(shape);
        } else if let Some(place) = self.shapes.get_mut(self.next_shape % SHAPES) {
            *place = shape;
            self.next_shape += 1;
        }
    }

    fn shape(&self, line: &[u8], value: &Value<'_>) -> Option<Shape> {
        let object = value.as_object()?;
        if object.is_empty() || object.len() > VALUES || !line.is_ascii() {
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
            let role = if let Some(place) = self.fields.iter().position(|field| field == key) {
                Role::Field(place)
            } else if let Some(place) = self.by.iter().position(|by| by == key) {
                Role::By(place)
            } else {
                Role::None
            };
            values.push(Slot { before: Literal::new(line.get(at..start)?), role });
            at = start + end;
        }
        let tail = line.get(at..)?.to_vec();
        // Between the values there is punctuation and keys, no value that was passed over.
        (tail.trim_ascii() == b"}").then_some(Shape { values, tail })
    }

    /// Reads lines from `at` on as long as they have a known shape.
    pub fn run(&mut self, bytes: &[u8], at: usize, end: usize, groups: &mut Groups) -> Scanned {
        let mut scanned = Scanned { next: at, records: 0 };
        let mut spans = Spans::default();
        let mut last = 0;
        while scanned.next < end {
            if !self.shapes.get(last).is_some_and(|shape| shape.read(bytes, scanned.next, &mut spans)) {
                let other = (0..self.shapes.len()).find(|&place| {
                    place != last
                        && self.shapes.get(place).is_some_and(|shape| shape.read(bytes, scanned.next, &mut spans))
                });
                let Some(other) = other else { break };
                last = other;
            }
            if !self.take(bytes, &spans, groups) {
                break;
            }
            scanned.records += 1;
            scanned.next = spans.end;
        }
        scanned.next = scanned.next.min(end);
        scanned
    }

    /// Takes in the record that `spans` found; false, and nothing done, where a value is not plain.
    #[inline]
    fn take(&mut self, bytes: &[u8], spans: &Spans, groups: &mut Groups) -> bool {
        let mut numbers = [None; FIELDS];
        for (number, &(from, to)) in numbers.iter_mut().zip(&spans.fields).take(self.fields.len()) {
            if to == 0 {
                continue;
            }
            match number_of(bytes, from, to) {
                Some(one) => *number = Some(one),
                None if bytes.get(from..to) == Some(b"null") => {}
                None => return false,
            }
        }
        let Some(group) = self.group(bytes, spans, groups) else { return false };
        groups.take_plain(group, &numbers[..self.fields.len()])
    }

    /// The group of the record; a new one is left to the plain way.
    #[inline]
    fn group(&mut self, bytes: &[u8], spans: &Spans, groups: &Groups) -> Option<usize> {
        let one;
        let key: &[u8] = match self.by.len() {
            0 => return groups.known(b""),
            1 => {
                let (from, to) = spans.by[0];
                one = bytes.get(from..to)?;
                one
            }
            many => {
                self.key.clear();
                for &(from, to) in spans.by.iter().take(many) {
                    self.key.extend_from_slice(if to == 0 { b"null" } else { bytes.get(from..to)? });
                    self.key.push(b'\n');
                }
                &self.key
            }
        };
        let head = word(key).unwrap_or_else(|| key.iter().fold(0, |head, &byte| head << 8 | u64::from(byte)));
        let tail = key.len().checked_sub(8).and_then(|from| word(key.get(from..)?)).unwrap_or(0);
        let mixed = (head ^ tail.rotate_left(29) ^ key.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = (mixed >> 56) as usize % CACHED;
        if let Some(Some((known, group))) = self.cache.get(place)
            && known == key
        {
            return Some(*group);
        }
        let mut text = key.to_vec();
        if self.by.len() == 1 {
            if key.is_empty() {
                text.extend_from_slice(b"null");
            }
            text.push(b'\n');
        }
        let group = groups.known(&text)?;
        let key = key.to_vec();
        if let Some(slot) = self.cache.get_mut(place) {
            *slot = Some((key, group));
        }
        Some(group)
    }
}

impl Shape {
    /// Whether the line at `at` has this shape; if so, where the values are that matter.
    #[inline]
    fn read(&self, bytes: &[u8], at: usize, spans: &mut Spans) -> bool {
        let mut at = at;
        spans.fields = Default::default();
        spans.by = Default::default();
        for slot in &self.values {
            let Some(from) = slot.before.end(bytes, at) else { return false };
            let Some(to) = scalar(bytes, from) else { return false };
            match slot.role {
                Role::None => {}
                Role::Field(place) => spans.fields[place] = (from, to),
                Role::By(place) => spans.by[place] = (from, to),
            }
            at = to;
        }
        if !starts_with(bytes, at, &self.tail) {
            return false;
        }
        let end = at + self.tail.len();
        match bytes.get(end) {
            Some(b'\n') => spans.end = end + 1,
            Some(b'\r') if bytes.get(end + 1) == Some(&b'\n') => spans.end = end + 2,
            _ => return false,
        }
        true
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
        let letters = word(bytes.get(at..)?)?;
        // Control characters borrow, those above 0x7F have their high bit; a false hit lies above a true one only.
        let control = letters.wrapping_sub(0x2020_2020_2020_2020) & !letters;
        let odd = (control | letters) & 0x8080_8080_8080_8080;
        let stop = odd | equal(letters, b'"') | equal(letters, b'\\');
        if stop != 0 {
            at += (stop.trailing_zeros() / 8) as usize;
            return (bytes.get(at) == Some(&b'"')).then_some(at + 1);
        }
        at += 8;
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
    schema::Number::parse(text).map(|_| at + length)
}

/// The number between `from` and `to`.
#[inline(always)]
fn number_of(bytes: &[u8], from: usize, to: usize) -> Option<Plain> {
    if to - from < 8
        && let Some((value, places)) = plain(word(bytes.get(from..)?)?, (to - from) as u32)
    {
        return Some(Plain::Short(value, places));
    }
    Decimal::parse(bytes.get(from..to)?).map(Plain::Long)
}

/// A number as it was read.
#[derive(Clone, Copy, Debug)]
pub enum Plain {
    /// Digits, and how many of them follow the point.
    Short(u32, u32),
    /// Any other.
    Long(Decimal),
}

/// A copy with newlines behind it, as a block has.
fn padded(text: &[u8]) -> Vec<u8> {
    let mut padded = text.to_vec();
    padded.resize(text.len() + crate::blocks::PADDING, b'\n');
    padded
}
