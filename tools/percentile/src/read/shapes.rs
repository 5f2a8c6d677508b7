//! The fast way through records that all look alike: a line is held against the text between the values of a line
//! that the strict JSON reader has passed before, and only the values are read.
//!
//! Owns the shapes and the reading of scalar values. Refuses every line it is not sure of (another shape, an escape, a
//! byte above 0x7F, a number or a literal that is not plain): the strict reader takes those and decides.

use expr::{Probe, Raw, Step};
use schema::{Code, OUR_KEYS, Truth, Value, json};
use wide::u8x16;

use crate::groups::Groups;
use crate::groups::doubt::{Found, Kind};
use crate::plan::Plan;
use crate::read::digits::{no_digits, plain, word};
use crate::read::layout::{Layout, Layouts};
use number::{Plain, Sample};

/// How many shapes are kept.
const SHAPES: usize = 4;

/// How many values a shape may have.
const VALUES: usize = 64;

/// How many groups are found without a hash table.
const CACHED: usize = 256;

/// A key of up to 16 bytes: its first and its last eight, and its length.
type Short = (u64, u64, usize);

/// A place of the cache that holds no group.
const EMPTY: (Short, usize) = ((0, 0, usize::MAX), 0);

/// Reads records of known shapes.
pub struct Scanner {
    /// The keys of the fields and of the groups.
    fields: Vec<String>,
    by: Vec<String>,
    /// `--where`, each with the places of its keys among `asked`.
    conditions: Vec<(Probe, Vec<usize>)>,
    /// The keys that conditions ask for.
    asked: Vec<String>,
    /// Whether every number is a field.
    all: bool,
    shapes: Vec<Shape>,
    layouts: Layouts,
    next_shape: usize,
    /// Short keys as two words and a length, and their groups; a length that no key has where there is none.
    cache: Box<[(Short, usize); CACHED]>,
    key: Vec<u8>,
}

/// The text between the values of a record, and what each value is for.
struct Shape {
    values: Vec<Slot>,
    /// What stands behind the last value.
    tail: Literal,
}

struct Slot {
    /// What stands before the value.
    before: Literal,
    role: Role,
    /// Its place among the keys that conditions ask for.
    asked: Option<usize>,
}

/// A text that a line is held against: up to sixteen bytes by two words, which overlap or are the same.
struct Literal {
    bytes: Vec<u8>,
    head: u64,
    tail: u64,
    /// Where the second word begins.
    second: usize,
    /// What of the words is compared.
    mask: u64,
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

/// The first `length` bytes of a word; all for eight or more.
#[inline(always)]
fn first(length: usize) -> u64 {
    if length < 8 { !(u64::MAX << (8 * length)) } else { u64::MAX }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    None,
    Field(usize),
    By(usize),
    /// A field where every number is one: the number of its metric.
    Every(usize),
}

/// How far a run came.
pub struct Scanned {
    /// The start of the line it did not take, or the end.
    pub next: usize,
    /// How many records it read.
    pub records: u64,
    /// Of those, how many `--where` does not want.
    pub skipped: u64,
}

/// What becomes of a line of a known shape.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    Used,
    /// `--where` does not want it.
    Skipped,
    /// Only the strict reader knows.
    Not,
}

/// A line being read: where the values are that matter.
#[derive(Clone, Copy, Default)]
struct Spans {
    fields: [(usize, usize); FIELDS],
    by: [(usize, usize); BY],
    asked: [(usize, usize); ASKED],
    end: usize,
}

impl Spans {
    /// Those of the line from `at` to `end`, which has this layout.
    #[inline(always)]
    fn set(&mut self, layout: &Layout, at: usize, end: usize) {
        let from = |&(from, to): &(usize, usize)| if to == 0 { (0, 0) } else { (at + from, at + to) };
        self.fields.iter_mut().zip(&layout.fields).for_each(|(span, within)| *span = from(within));
        self.by.iter_mut().zip(&layout.by).for_each(|(span, within)| *span = from(within));
        self.asked.iter_mut().zip(&layout.asked).for_each(|(span, within)| *span = from(within));
        self.end = end;
    }
}

/// How many fields, groups and keys of conditions the fast way knows.
const FIELDS: usize = 8;
const BY: usize = 4;
const ASKED: usize = 8;

impl Scanner {
    /// A scanner for the fields of `plan`, where they are simple enough: plain keys, and conditions on values as they are.
    pub fn new(plan: &Plan, strict: bool) -> Option<Scanner> {
        // Where every number is a field, texts are counted; what more is said of them the plain way knows.
        let texts_differ = strict || !plan.na.is_empty() || plan.unit.is_some();
        if !plan.is_simple() || plan.all_fields && texts_differ || plan.fields.len() > FIELDS || plan.by.len() > BY {
            return None;
        }
        let plain_key = |path: &expr::Path| match path.steps() {
            [Step::Name { text, .. }] => Some(text.clone()),
            _ => None,
        };
        let fields: Vec<String> = plan.fields.iter().map(plain_key).collect::<Option<_>>()?;
        let by: Vec<String> = plan.by.iter().map(plain_key).collect::<Option<_>>()?;
        let mut asked: Vec<String> = Vec::new();
        let mut conditions = Vec::new();
        for condition in &plan.conditions {
            let probe = condition.probe()?;
            let places = probe.keys().iter().map(|key| match asked.iter().position(|known| known == key) {
                Some(place) => place,
                None => {
                    asked.push(key.clone());
                    asked.len() - 1
                }
            });
            let places = places.collect();
            conditions.push((probe, places));
        }
        if asked.len() > ASKED {
            return None;
        }
        // A key that is a field or a group twice would need two roles.
        let mut all: Vec<&String> = fields.iter().chain(&by).collect();
        all.sort();
        all.dedup();
        (all.len() == fields.len() + by.len()).then(|| Scanner {
            fields,
            by,
            conditions,
            asked,
            all: plan.all_fields,
            shapes: Vec::new(),
            layouts: Layouts::default(),
            next_shape: 0,
            cache: Box::new([EMPTY; CACHED]),
            key: Vec::new(),
        })
    }

    /// Forgets what number each group has.
    pub fn forget_groups(&mut self) {
        self.cache.fill(EMPTY);
        if self.all {
            // The metrics have other numbers now.
            self.shapes.clear();
        }
    }

    /// Learns the shape of a line that the strict reader has passed as `value`.
    pub fn learn(&mut self, line: &[u8], value: &Value<'_>, plan: &Plan, groups: &mut Groups) {
        let Some(mut shape) = self.shape(line, value) else { return };
        // A line that was not taken for what it holds has no new shape.
        if self.shapes.iter().any(|known| known.is(&shape)) {
            return;
        }
        if self.all {
            let keys = value.as_object().into_iter().flat_map(schema::Object::iter).map(|(key, _)| key);
            for (slot, key) in shape.values.iter_mut().zip(keys) {
                // A summary of this tool is looked for by its method, which only the plain way does.
                if key == "method" {
                    return;
                }
                if slot.role == Role::None && !plan.left_out.iter().any(|left_out| left_out == key) {
                    slot.role = Role::Every(groups.metric_number(key));
                }
            }
        }
        if self.shapes.len() < SHAPES {
            self.shapes.push(shape);
        } else if let Some(place) = self.shapes.get_mut(self.next_shape % SHAPES) {
            *place = shape;
            self.next_shape += 1;
        }
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
            let role = if let Some(place) = self.fields.iter().position(|field| field == key) {
                Role::Field(place)
            } else if let Some(place) = self.by.iter().position(|by| by == key) {
                Role::By(place)
            } else {
                Role::None
            };
            let asked = self.asked.iter().position(|asked| asked == key);
            values.push(Slot { before: Literal::new(line.get(at..start)?), role, asked });
            at = start + end;
        }
        let tail = line.get(at..)?;
        // Between the values there is punctuation and keys, no value that was passed over.
        (tail.trim_ascii() == b"}").then(|| Shape { values, tail: Literal::new(tail) })
    }

    /// Reads lines from `at` on as long as they have a known shape.
    pub fn run(&mut self, bytes: &[u8], at: usize, end: usize, groups: &mut Groups) -> Scanned {
        let mut scanned = Scanned { next: at, records: 0, skipped: 0 };
        let mut spans = Spans::default();
        let mut last = 0;
        // Whether the spans are of another shape than `last`.
        let mut stale = false;
        while scanned.next < end {
            if let Some((layout, next)) = self.layouts.find(bytes, scanned.next) {
                spans.set(layout, scanned.next, next);
                stale = true;
            } else {
                if stale {
                    spans = Spans::default();
                    stale = false;
                }
                if !self.shapes.get(last).is_some_and(|shape| shape.read(bytes, scanned.next, &mut spans)) {
                    let other = (0..self.shapes.len()).find(|&place| {
                        spans = Spans::default();
                        self.shapes.get(place).is_some_and(|shape| shape.read(bytes, scanned.next, &mut spans))
                    });
                    let Some(other) = other else { break };
                    last = other;
                }
                if self.layouts.wants()
                    && let Some(layout) = self.layout(bytes, scanned.next, last, &spans)
                {
                    self.layouts.keep(layout);
                }
            }
            match self.take(bytes, &spans, groups) {
                Taken::Used => {}
                Taken::Skipped => scanned.skipped += 1,
                Taken::Not => break,
            }
            scanned.records += 1;
            scanned.next = spans.end;
        }
        scanned.next = scanned.next.min(end);
        scanned
    }

    /// As [`Scanner::run`], where every number is a field; `found` says where the line that begins there is.
    pub fn run_all(
        &mut self,
        bytes: &[u8],
        (at, end): (usize, usize),
        plan: &Plan,
        groups: &mut Groups,
        found: impl Fn(usize) -> Found,
    ) -> Scanned {
        let mut scanned = Scanned { next: at, records: 0, skipped: 0 };
        let mut line = Line { spans: Spans::default(), values: [(0, 0); VALUES] };
        let mut last = 0;
        while scanned.next < end {
            let is_read = |place: usize, line: &mut Line| {
                line.spans = Spans::default();
                self.shapes.get(place).is_some_and(|shape| shape.read_all(bytes, scanned.next, line))
            };
            if !is_read(last, &mut line) {
                let Some(other) = (0..self.shapes.len()).find(|&place| is_read(place, &mut line)) else { break };
                last = other;
            }
            match self.selected(bytes, &line.spans) {
                Truth::Yes => {
                    if !self.take_all(bytes, last, &line, plan, groups, found(scanned.next)) {
                        break;
                    }
                }
                Truth::No => scanned.skipped += 1,
                Truth::Unknown => break,
            }
            scanned.records += 1;
            scanned.next = line.spans.end;
        }
        scanned.next = scanned.next.min(end);
        scanned
    }

    /// Takes in every number of a line; false, and nothing done, where a value is not plain.
    fn take_all(
        &mut self,
        bytes: &[u8],
        shape: usize,
        line: &Line,
        plan: &Plan,
        groups: &mut Groups,
        found: Found,
    ) -> bool {
        let Some(group) = self.group(bytes, &line.spans, groups) else { return false };
        let Some(shape) = self.shapes.get(shape) else { return false };
        let mut numbers: [Option<Plain>; VALUES] = [None; VALUES];
        let every = || {
            let spans = shape.values.iter().zip(&line.values).enumerate();
            spans.filter_map(|(place, (slot, &span))| match slot.role {
                Role::Every(metric) => Some((place, metric, span)),
                _ => None,
            })
        };
        for (place, _, (from, to)) in every() {
            if !matches!(bytes.get(from), Some(b'"' | b't' | b'f' | b'n')) {
                let Some(one) = number_of(bytes, from, to) else { return false };
                numbers[place] = Some(one);
            }
        }
        let numbers = &numbers;
        let leaves = every().filter_map(|(place, metric, (from, to))| match (numbers[place], bytes.get(from..to)) {
            (Some(one), _) => Some((metric, Ok(one))),
            (None, Some(b"null") | None) => None,
            (None, Some(text)) => Some((metric, Err(text))),
        });
        groups.take_all(group, leaves, |text, doubts| match text {
            [b'"', text @ .., b'"'] => {
                let words = || format!("text like {}", json::quote(text));
                doubts.add((Kind::Value, Code::NotANumber), 1, found, words, || Some(plan.hint(text)));
            }
            _ => {
                let words = || "like a boolean".to_owned();
                doubts.add((Kind::Value, Code::NotANumber), 1, found, words, || None);
            }
        });
        true
    }

    /// The layout of the line at `at`, which has this shape and was found to hold these spans.
    fn layout(&self, bytes: &[u8], at: usize, shape: usize, spans: &Spans) -> Option<Layout> {
        let values = self.shapes.get(shape)?.values(bytes, at)?;
        let within = |spans: &[(usize, usize)]| {
            spans.iter().map(|&(from, to)| if to == 0 { (0, 0) } else { (from - at, to - at) }).collect::<Vec<_>>()
        };
        let (fields, by) = (spans.fields.get(..self.fields.len())?, spans.by.get(..self.by.len())?);
        let asked = spans.asked.get(..self.asked.len())?;
        Layout::new(bytes.get(at..spans.end)?, &values, [within(fields), within(by), within(asked)])
    }

    /// Whether `--where` wants the record that `spans` found; not known where a value is not plain, or not there.
    #[inline]
    fn selected(&self, bytes: &[u8], spans: &Spans) -> Truth {
        let mut all = Truth::Yes;
        for (probe, places) in &self.conditions {
            let value = |key: usize| {
                let span = places.get(key).and_then(|&place| spans.asked.get(place));
                span.map_or(Raw::Other, |&span| raw(bytes, span))
            };
            all = all.and(probe.test(&value).unwrap_or(Truth::Unknown));
            if all == Truth::No {
                break;
            }
        }
        all
    }

    /// Takes in the record that `spans` found; nothing is done where a value is not plain.
    #[inline]
    fn take(&mut self, bytes: &[u8], spans: &Spans, groups: &mut Groups) -> Taken {
        if !self.conditions.is_empty() {
            match self.selected(bytes, spans) {
                Truth::Yes => {}
                Truth::No => return Taken::Skipped,
                Truth::Unknown => return Taken::Not,
            }
        }
        if self.take_numbers(bytes, spans, groups) { Taken::Used } else { Taken::Not }
    }

    /// Takes in the numbers of a record that is wanted; false, and nothing done, where one is not plain.
    #[inline]
    fn take_numbers(&mut self, bytes: &[u8], spans: &Spans, groups: &mut Groups) -> bool {
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
        let (from, to) = spans.by.first().copied().unwrap_or_default();
        let known = match self.by.len() {
            0 => return groups.known(b""),
            1 if to - from <= 16 => {
                let rest = bytes.get(from..)?;
                let second = (to - from).saturating_sub(8);
                let mask = first(to - from);
                // With the length, these two words are the whole key.
                let key = (word(rest)? & mask, word(rest.get(second..)?)? & mask, to - from);
                let mixed = (key.0 ^ key.1.rotate_left(29) ^ key.2 as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let slot = self.cache.get_mut((mixed >> 56) as usize)?;
                if slot.0 == key {
                    return Some(slot.1);
                }
                Some((slot, key))
            }
            _ => None,
        };
        self.key.clear();
        for &(from, to) in spans.by.iter().take(self.by.len()) {
            self.key.extend_from_slice(if to == 0 { b"null" } else { bytes.get(from..to)? });
            self.key.push(b'\n');
        }
        let group = groups.known(&self.key)?;
        if let Some((slot, key)) = known {
            *slot = (key, group);
        }
        Some(group)
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
        let mut at = at;
        for slot in &self.values {
            let Some(from) = slot.before.end(bytes, at) else { return false };
            let Some(to) = scalar(bytes, from) else { return false };
            match slot.role {
                Role::None | Role::Every(_) => {}
                Role::Field(place) => spans.fields[place] = (from, to),
                Role::By(place) => spans.by[place] = (from, to),
            }
            if let Some(place) = slot.asked {
                spans.asked[place] = (from, to);
            }
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
}

/// A line of which every value matters.
struct Line {
    spans: Spans,
    values: [(usize, usize); VALUES],
}

impl Shape {
    /// As [`Shape::read`], with the span of every value.
    fn read_all(&self, bytes: &[u8], at: usize, line: &mut Line) -> bool {
        let mut at = at;
        for (slot, span) in self.values.iter().zip(&mut line.values) {
            let Some(from) = slot.before.end(bytes, at) else { return false };
            let Some(to) = scalar(bytes, from) else { return false };
            *span = (from, to);
            if let Role::By(place) = slot.role {
                line.spans.by[place] = (from, to);
            }
            if let Some(place) = slot.asked {
                line.spans.asked[place] = (from, to);
            }
            at = to;
        }
        let Some(end) = self.tail.end(bytes, at) else { return false };
        match bytes.get(end) {
            Some(b'\n') => line.spans.end = end + 1,
            Some(b'\r') if bytes.get(end + 1) == Some(&b'\n') => line.spans.end = end + 2,
            _ => return false,
        }
        true
    }
}

impl Shape {
    /// Where the values are in the line at `at`, which has this shape; from its start on.
    fn values(&self, bytes: &[u8], at: usize) -> Option<Vec<(usize, usize)>> {
        let mut next = at;
        let find = |slot: &Slot| {
            let from = slot.before.end(bytes, next)?;
            next = scalar(bytes, from)?;
            Some((from - at, next - at))
        };
        self.values.iter().map(find).collect()
    }
}

/// The plain scalar of a span, for a condition; one that is not there has an empty span.
#[inline(always)]
fn raw(bytes: &[u8], (from, to): (usize, usize)) -> Raw<'_> {
    match bytes.get(from..to) {
        None | Some([]) => Raw::Missing,
        Some([b'"', text @ .., b'"']) => Raw::Text(text),
        Some(b"true") => Raw::Bool(true),
        Some(b"false") => Raw::Bool(false),
        Some(b"null") => Raw::Null,
        Some(number) => Raw::Number(number),
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
    // One that is rounded goes the plain way, which notes it.
    Sample::read(bytes.get(from..to)?).filter(|(_, exact)| *exact).map(|(one, _)| Plain::Long(one))
}

/// A copy with newlines behind it, as a block has.
fn padded(text: &[u8]) -> Vec<u8> {
    let mut padded = text.to_vec();
    padded.resize(text.len() + crate::read::blocks::PADDING, b'\n');
    padded
}
