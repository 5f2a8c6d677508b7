//! The field road: lines of any format become fields (key, span, kind), which are tested, and written once.
//!
//! Owns the line at hand and its writer. A reader of `collect.rs` or `json.rs` finds the fields; whatever it is not sure
//! of, the plain way does again from the line's start, so that the records are the plain way's byte for byte.

use std::ops::Range;

use expr::Raw;
use memchr::memchr;
use schema::Truth;

use crate::fast::buffer::Output;
use crate::fast::cpu::{Choice, Machine, Work, run};
use crate::fast::key_cache::{Key, Keys, Met};
use crate::fast::lines::{Counted, has_bracket};
use crate::fast::masks::{NEAR, ValueMasks};
use crate::fast::wishes::{WANTED, Wishes};
use crate::grammar::Format;
use crate::grammar::auto::{Kind as LineKind, Sorter, begins_as_prose};
use crate::grammar::prose::{Grammar, Quoting};
use crate::grammar::template::Template;
use crate::record::passed::Passed;
use crate::record::{Tally, escape, is_bare_json, unit_words};
use crate::run::extractor::Extractor;

/// How many fields a line may have here.
const FIELDS: usize = 128;
/// From this place on, keys are those of columns.
const COLUMNS: usize = 1 << 15;
/// How much memory for values that had to be made is kept from line to line.
const SCRATCH: usize = 64 << 10;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As it stands: a number, a word of JSON, a list or an object.
    Json,
    /// Between quotes, as it stands.
    Text,
    /// As it stands in the scratch buffer: JSON that had to be made.
    Made,
    /// `null`, whatever stands there.
    Null,
}

/// One pair of the line at hand.
#[derive(Clone, Copy, Debug)]
struct Field {
    start: u32,
    length: u32,
    slot: u16,
    kind: Kind,
}

const NO_FIELD: Field = Field { start: 0, length: 0, slot: 0, kind: Kind::Null };

/// How the lines are read.
#[derive(Debug)]
pub(super) enum Way {
    Prose(Grammar),
    Logfmt,
    Access(Grammar),
    Template(Template),
    Json,
    Rows(u8),
}

/// What the plain way does for the fast one.
pub trait Ask {
    /// Does the line that begins and ends there, appending its record and newline; whether there is one.
    fn plain(&mut self, start: usize, end: usize, output: &mut Output) -> bool;
    /// The same of one that does not begin as prose.
    fn other(&mut self, start: usize, end: usize, output: &mut Output) -> bool {
        self.plain(start, end, output)
    }
    /// Whether a line failed: no further one is looked at.
    fn failed(&self) -> bool;
    /// Tells of a line for which the conditions are neither true nor false.
    fn unknown(&mut self, start: usize);
    /// What a line's `@source` is: the file, the line's number, and the bytes before it where they count.
    fn source(&mut self, start: usize) -> (&str, u64, Option<u64>);
}

/// Turns lines into records by their fields.
#[derive(Debug)]
pub struct Road {
    pub(super) keys: Keys,
    pub(super) wishes: Wishes,
    pub(super) way: Way,
    /// Whether prose is read by the grammar of the design as it stands.
    pub(super) is_plain_grammar: bool,
    /// How many pairs the line has of whose values nothing is asked.
    pub(super) passed: usize,
    fields: Box<[Field; FIELDS]>,
    pub(super) count: usize,
    /// Which field has each value that is wanted, plus one; the first place is of those that are not.
    wanted: [u8; WANTED + 1],
    pub(super) having: u16,
    kept: bool,
    /// The fields that have a type.
    typed: Vec<u8>,
    /// Values that had to be made.
    pub(super) scratch: Vec<u8>,
    /// A text whose escapes were resolved.
    unescaped: Vec<u8>,
    /// `,"@source":{"file":…,"line":` of this file.
    source: (String, Vec<u8>),
    /// The keys of columns, where they do not stand in the line.
    pub(super) columns: Vec<Key>,
    /// Fields of the line with a unit one blank behind, which nobody asked for.
    units: Vec<u8>,
    /// The keys of which units were passed over.
    pub units_of: Passed,
    /// What was seen.
    pub tally: Tally,
}

impl Road {
    /// The road that does what `extractor` asks for, if there is one; under `-f auto`, for lines of this kind.
    pub fn new(extractor: &Extractor, kind: LineKind) -> Option<Road> {
        Road::with(Wishes::of(extractor)?, extractor, kind)
    }

    /// The road to the values of the time keys of the window.
    pub fn of_times(extractor: &Extractor, kind: LineKind) -> Option<Road> {
        Road::with(Wishes::of_values(extractor.window.as_ref()?.time_keys())?, extractor, kind)
    }

    fn with(mut wishes: Wishes, extractor: &Extractor, kind: LineKind) -> Option<Road> {
        let grammar = &extractor.reader.grammar;
        if grammar.has_long_keys() {
            return None;
        }
        let mut names: Vec<&[u8]> = Vec::new();
        let access = |names: &mut Vec<&[u8]>| {
            names.extend(crate::grammar::access_log::NAMES.map(str::as_bytes));
            Way::Access(grammar.clone())
        };
        let way = match &extractor.reader.format {
            Format::Kv => Way::Prose(grammar.clone()),
            Format::Auto => {
                wishes = wishes.of_kind(kind);
                match kind {
                    LineKind::Prose => Way::Prose(grammar.clone()),
                    LineKind::Object => Way::Json,
                    LineKind::Request => access(&mut names),
                    LineKind::Pairs => Way::Logfmt,
                    LineKind::Odd => return None,
                }
            }
            Format::Logfmt => Way::Logfmt,
            Format::Json => Way::Json,
            Format::Clf => access(&mut names),
            Format::Template(template) => {
                names.extend(template.columns()?.into_iter().map(str::as_bytes));
                Way::Template(template.clone())
            }
            Format::Csv => Way::Rows(b','),
            Format::Tsv => Way::Rows(b'\t'),
            _ => return None,
        };
        let column = |name: &&[u8]| {
            let (about, suffix) = wishes.about(name);
            Key::named(name, suffix, about, 0)
        };
        let columns: Vec<Key> = names.iter().map(column).collect();
        Some(Road {
            keys: Keys::default(),
            way,
            is_plain_grammar: grammar.is_plain(),
            passed: 0,
            fields: Box::new([NO_FIELD; FIELDS]),
            count: 0,
            wanted: [0; WANTED + 1],
            having: 0,
            kept: false,
            typed: Vec::with_capacity(FIELDS),
            scratch: Vec::new(),
            unescaped: Vec::new(),
            source: (String::new(), Vec::new()),
            columns,
            units: Vec::new(),
            units_of: Passed::default(),
            tally: Tally::default(),
            wishes,
        })
    }

    /// The names of the columns from now on; false where one of them is not for this road.
    pub fn set_columns(&mut self, names: &[Vec<u8>], delimiter: u8) -> bool {
        self.way = Way::Rows(delimiter);
        self.columns.clear();
        for name in names {
            let (about, suffix) = self.wishes.about(name);
            self.columns.push(Key::named(name, suffix, about, 0));
        }
        names.len() < FIELDS && self.columns.iter().all(|key| !key.about.is_plain)
    }

    /// The first value that is wanted of those that the line has, as it stands there; `None` where it has none, and
    /// where the plain way must look.
    pub fn first_wanted<'a>(&mut self, choice: Choice, bytes: &'a [u8], start: usize, end: usize) -> Option<&'a [u8]> {
        let mut is_read = false;
        run(choice, Reading { road: self, bytes, start, end, is_read: &mut is_read });
        let field = (0..self.wishes.wanted()).find_map(|wanted| self.field(wanted as u8)).filter(|_| is_read)?;
        let is_there = matches!(field.kind, Kind::Text | Kind::Json);
        bytes.get(field.start as usize..(field.start + field.length) as usize).filter(|_| is_there)
    }

    /// Whether the line is surely what its format wants.
    pub fn reads(&mut self, choice: Choice, bytes: &[u8], start: usize, end: usize) -> bool {
        let mut is_read = false;
        run(choice, Reading { road: self, bytes, start, end, is_read: &mut is_read });
        is_read
    }

    /// Appends the records of the whole lines in these ranges, as [`crate::fast::Scanner::lines`] does.
    pub fn lines(
        &mut self,
        choice: Choice,
        bytes: &[u8],
        ranges: &[Range<usize>],
        sorter: Option<&Sorter>,
        output: &mut Output,
        ask: &mut dyn Ask,
    ) -> Option<Counted> {
        self.keys.make_room();
        let mut counted = None;
        let (sorts, has_escape) = (sorter.is_some(), false);
        let (from, counts) = ((0, 0, None), Counted::default());
        let stretch = Stretch { road: self, bytes, sorts, has_escape, output, ask, from, counted: counts };
        run(choice, Stretches { stretch, ranges, sorter, counted: &mut counted });
        counted
    }
}

/// Some runs of whole lines.
struct Stretches<'a> {
    stretch: Stretch<'a>,
    ranges: &'a [Range<usize>],
    sorter: Option<&'a Sorter>,
    counted: &'a mut Option<Counted>,
}

impl Work for Stretches<'_> {
    #[inline(always)]
    fn run<M: Machine>(mut self) {
        let bytes = self.stretch.bytes;
        let lines = |range: &Range<usize>| bytes.get(range.clone()).unwrap_or_default();
        if let Some(sorter) = self.sorter
            && self.ranges.iter().any(|range| has_bracket::<M>(bytes, range))
            && self.ranges.iter().any(|range| sorter.hides(lines(range)))
        {
            return;
        }
        self.stretch.has_escape = self.ranges.iter().any(|range| memchr(0x1B, lines(range)).is_some());
        for range in self.ranges {
            self.stretch.lines::<M>(range);
        }
        *self.counted = Some(self.stretch.counted);
    }
}

/// One line, of which only the fields are looked at.
struct Reading<'a> {
    road: &'a mut Road,
    bytes: &'a [u8],
    start: usize,
    end: usize,
    is_read: &'a mut bool,
}

impl Work for Reading<'_> {
    #[inline(always)]
    fn run<M: Machine>(self) {
        self.road.begin();
        *self.is_read = self.road.collect::<M>(self.bytes, self.start, self.end);
    }
}

/// Whole lines without a gap.
struct Stretch<'a> {
    road: &'a mut Road,
    bytes: &'a [u8],
    /// Whether lines that do not begin as prose are others'.
    sorts: bool,
    /// Whether some line has an escape character.
    has_escape: bool,
    output: &'a mut Output,
    ask: &'a mut dyn Ask,
    /// Where `@source` is asked for: a line's beginning, its number, and the bytes before it where they count.
    from: (usize, u64, Option<u64>),
    counted: Counted,
}

/// What becomes of a line.
enum Fate {
    Record,
    Nothing,
    Plain,
}

impl Stretch<'_> {
    #[inline(always)]
    fn lines<M: Machine>(&mut self, range: &Range<usize>) {
        let mut at = range.start;
        if self.road.wishes.source {
            self.begin_source(at);
        }
        while at < range.end && !self.ask.failed() {
            let start = at;
            let end = line_end::<M>(self.bytes, start, range.end);
            at = end + 1;
            self.counted.lines += 1;
            let is_record = if self.sorts && !begins_as_prose::<M>(self.bytes, start) {
                self.counted.others += 1;
                self.ask.other(start, end, self.output)
            } else {
                self.line::<M>(start, end)
            };
            self.from.1 = self.from.1.wrapping_add(1);
            self.counted.records += u64::from(is_record);
        }
        for buffer in [&mut self.road.scratch, &mut self.road.unescaped] {
            if buffer.capacity() > SCRATCH {
                *buffer = Vec::new();
            }
        }
    }

    #[inline(always)]
    fn line<M: Machine>(&mut self, start: usize, newline: usize) -> bool {
        let cr = newline > start && self.bytes.get(newline.wrapping_sub(1)) == Some(&b'\r');
        let end = newline - usize::from(cr);
        let fate = self.fate::<M>(start, end);
        if !self.road.units.is_empty() && !matches!(fate, Fate::Plain) {
            self.road.count_units(self.bytes);
        }
        match fate {
            Fate::Record => true,
            Fate::Nothing => false,
            Fate::Plain => self.ask.plain(start, newline, self.output),
        }
    }

    #[inline(always)]
    fn fate<M: Machine>(&mut self, start: usize, end: usize) -> Fate {
        let bytes = self.bytes;
        let Some(line) = bytes.get(start..end) else { return Fate::Plain };
        if self.has_escape && memchr(0x1B, line).is_some() {
            return Fate::Plain;
        }
        self.road.begin();
        if !self.road.collect::<M>(bytes, start, end) {
            return Fate::Plain;
        }
        let road = &mut *self.road;
        let pairs = (road.count + road.passed) as u64;
        if pairs == 0 {
            return if road.wishes.pairless { Fate::Plain } else { Fate::Nothing };
        }
        // Conversions first: where one does not fit, that is told.
        if !road.typed.is_empty() && !road.convert(bytes) {
            return Fate::Plain;
        }
        road.tally.pairs += pairs;
        if road.having != road.wishes.having {
            return Fate::Nothing;
        }
        if !road.wishes.probes.is_empty() {
            match road.truth(bytes) {
                None => {
                    road.tally.pairs -= pairs;
                    return Fate::Plain;
                }
                Some(Truth::Yes) => {}
                Some(Truth::No) => return Fate::Nothing,
                // Which of the unknown are doubtful, the plain way knows.
                Some(Truth::Unknown) if !road.lacks_all() => {
                    road.tally.pairs -= pairs;
                    return Fate::Plain;
                }
                Some(Truth::Unknown) => {
                    road.tally.undecided += 1;
                    self.ask.unknown(start);
                    return Fate::Nothing;
                }
            }
        }
        if !road.kept {
            return Fate::Nothing;
        }
        self.write(start, end);
        Fate::Record
    }

    /// Appends the record of the fields.
    #[inline(always)]
    fn write(&mut self, start: usize, end: usize) {
        let road = &*self.road;
        let first = self.output.len();
        let most = end.wrapping_sub(start) + (NEAR + 16) * road.count + road.scratch.len() + road.wishes.set.len() + 64;
        let mut pen = self.output.pen(most);
        for field in road.fields.iter().take(road.count) {
            let key = road.key(field.slot);
            if !key.about.is_written {
                continue;
            }
            let is_text = usize::from(field.kind == Kind::Text);
            pen.put(key.written, key.length as usize + usize::from(key.about.suffix) + 4 + is_text);
            let (at, length) = (field.start as usize, field.length as usize);
            match field.kind {
                Kind::Json => pen.copy(self.bytes, at, length),
                Kind::Text => {
                    pen.copy(self.bytes, at, length);
                    pen.put(*b"\"", 1);
                }
                Kind::Made => pen.copy_all(road.scratch.get(at..at + length).unwrap_or_default()),
                Kind::Null => pen.put(*b"null", 4),
            }
        }
        if !road.wishes.set.is_empty() {
            pen.copy_all(&road.wishes.set);
        }
        let at = pen.at;
        self.output.length = at;
        if road.wishes.source {
            self.source(start);
        }
        let mut pen = self.output.pen(2);
        pen.put(*b"}\n", 2);
        self.output.length = pen.at;
        if let Some(comma) = self.output.bytes.get_mut(first) {
            *comma = b'{';
        }
    }

    /// Asks what the `@source` of the line there is; those of the lines behind it follow from it.
    #[cold]
    #[inline(never)]
    fn begin_source(&mut self, start: usize) {
        let (file, number, offset) = self.ask.source(start);
        let (known, written) = &mut self.road.source;
        if *known != file || written.is_empty() {
            file.clone_into(known);
            written.clear();
            crate::run::extractor::begin_source(file, written);
        }
        self.from = (start, number, offset);
    }

    fn source(&mut self, start: usize) {
        let (begin, number, offset) = self.from;
        let offset = offset.map(|offset| offset + (start - begin) as u64);
        let written = &self.road.source.1;
        // Two counts have at most twenty digits each.
        let mut pen = self.output.pen(written.len() + 64);
        pen.copy_all(written);
        pen.count(number);
        if let Some(offset) = offset {
            pen.copy_all(b",\"offset\":");
            pen.count(offset);
        }
        pen.put(*b"}", 1);
        self.output.length = pen.at;
    }
}

impl Road {
    #[inline(always)]
    pub(super) fn begin(&mut self) {
        self.keys.next_line();
        self.count = 0;
        self.passed = 0;
        self.having = 0;
        self.kept = false;
        self.typed.clear();
        self.wanted = [0; WANTED + 1];
        self.scratch.clear();
        self.units.clear();
    }

    /// Notes a unit one blank behind the field at `at`, if that is a number of prose which ends at `end`.
    #[cold]
    #[inline(never)]
    pub(super) fn note_unit(&mut self, bytes: &[u8], end: usize, at: usize) {
        let Some(field) = self.fields.get(at) else { return };
        let about = self.key(field.slot).about;
        let is_number = || bytes.get(end.wrapping_sub(field.length as usize)..end).is_some_and(is_bare_json);
        if field.kind == Kind::Json
            && about.is_kept
            && about.typed == 0
            && unit_words::unit_word(bytes, end).is_some()
            && is_number()
        {
            self.units.push(at as u8);
        }
    }

    /// Counts the units of the line.
    #[cold]
    #[inline(never)]
    fn count_units(&mut self, bytes: &[u8]) {
        let Road { keys, columns, fields, units, units_of, tally, .. } = self;
        for &at in &*units {
            let Some(field) = fields.get(usize::from(at)) else { continue };
            let Some(unit) = unit_words::unit_word(bytes, (field.start + field.length) as usize) else { continue };
            let key = key_at(keys, columns, field.slot);
            units_of.add(key.written.get(2..2 + key.length as usize).unwrap_or_default(), unit);
            tally.passed += 1;
        }
    }

    #[inline(always)]
    fn key(&self, slot: u16) -> &Key {
        key_at(&self.keys, &self.columns, slot)
    }

    /// Takes a field; false where the line is not for this road.
    #[inline(always)]
    pub(super) fn push(&mut self, slot: usize, start: usize, length: usize, kind: Kind) -> bool {
        let about = self.key(slot as u16).about;
        let Some(place) = self.fields.get_mut(self.count) else { return false };
        *place = Field { start: start as u32, length: length as u32, slot: slot as u16, kind };
        self.count = self.count.wrapping_add(1);
        self.having |= about.having;
        self.kept |= about.is_kept;
        if about.typed != 0 {
            self.typed.push((self.count - 1) as u8);
        }
        if let Some(place) = self.wanted.get_mut(usize::from(about.wanted)) {
            *place = self.count as u8;
        }
        !about.is_plain
    }

    /// Takes a column's value, typed as a bare word where it may be.
    #[inline(always)]
    pub(super) fn push_column<M: Machine>(
        &mut self,
        column: usize,
        bytes: &[u8],
        (start, end): (usize, usize),
        quoting: Quoting,
    ) -> bool {
        self.push_value::<M>(COLUMNS + column, bytes, (start, end), quoting)
    }

    /// Takes a pair whose key stands anywhere in the bytes.
    #[inline(always)]
    pub(super) fn push_pair<M: Machine>(
        &mut self,
        bytes: &[u8],
        key: (usize, usize),
        value: (usize, usize),
        quoting: Quoting,
    ) -> bool {
        match self.meet::<M>(bytes, key) {
            Some(slot) => self.push_value::<M>(slot, bytes, value, quoting),
            None => false,
        }
    }

    /// The place of a key that the line had not so far.
    #[inline(always)]
    pub(super) fn meet<M: Machine>(&mut self, bytes: &[u8], (start, end): (usize, usize)) -> Option<usize> {
        let Road { keys, wishes, columns, .. } = self;
        let length = end.wrapping_sub(start);
        let about = |key: &[u8]| {
            let (mut about, suffix) = wishes.about(key);
            // A key that a column has too is a repeated one.
            about.is_plain |= columns.iter().any(|column| {
                column.written.get(2..2 + column.length as usize) == Some(key) && column.length as usize == key.len()
            });
            (about, suffix)
        };
        match keys.meet::<M>(bytes, start, length, about) {
            Met::At(slot) => Some(slot),
            Met::Unsure => None,
        }
    }

    #[inline(always)]
    fn push_value<M: Machine>(
        &mut self,
        slot: usize,
        bytes: &[u8],
        (start, end): (usize, usize),
        quoting: Quoting,
    ) -> bool {
        let length = end.wrapping_sub(start);
        let bare = quoting == Quoting::Bare && !self.wishes.text;
        let kind = match quoting {
            Quoting::Unclosed => return false,
            _ if length <= NEAR => near_kind::<M>(bytes, start, length, bare),
            _ if bare && is_json::<M>(bytes, start, length) => Some(Kind::Json),
            _ => is_copied::<M>(bytes, start, length).then_some(Kind::Text),
        };
        match kind {
            Some(kind) => self.push_found(slot, bytes, (start, length), kind),
            None => self.push_odd(slot, bytes.get(start..end).unwrap_or_default(), quoting),
        }
    }

    /// Takes a value whose kind is known and that is not made.
    #[inline(always)]
    pub(super) fn push_found(
        &mut self,
        slot: usize,
        bytes: &[u8],
        (start, length): (usize, usize),
        kind: Kind,
    ) -> bool {
        let is_none = !self.wishes.none.is_empty() && {
            let value = bytes.get(start..start + length);
            self.wishes.none.iter().any(|none| Some(none.as_slice()) == value)
        };
        if is_none && self.key(slot as u16).about.suffix > 0 {
            return false; // it keeps the name that it has
        }
        self.push(slot, start, length, if is_none { Kind::Null } else { kind })
    }

    /// Takes a text in which something must be escaped or unescaped.
    #[cold]
    #[inline(never)]
    pub(super) fn push_odd(&mut self, slot: usize, value: &[u8], quoting: Quoting) -> bool {
        if !self.wishes.is_plain || std::str::from_utf8(value).is_err() {
            return false;
        }
        let start = self.scratch.len();
        if quoting == Quoting::Quoted && memchr(b'\\', value).is_some() {
            self.unescaped.clear();
            escape::unescape(value, &mut self.unescaped);
            if escape::write(&self.unescaped, &mut self.scratch) {
                return false;
            }
        } else {
            escape::write(value, &mut self.scratch);
        }
        self.push(slot, start, self.scratch.len() - start, Kind::Made)
    }

    /// Converts the values of the keys that have a type; false where one does not fit, or the plain way must tell.
    fn convert(&mut self, bytes: &[u8]) -> bool {
        for number in 0..self.typed.len() {
            let Some(at) = self.typed.get(number).map(|&at| usize::from(at)) else { return false };
            let Some(&field) = self.fields.get(at) else { return false };
            let about = self.key(field.slot).about;
            let Some(conversion) = usize::from(about.typed).checked_sub(1).and_then(|at| self.wishes.types.get(at))
            else {
                continue;
            };
            // What is left out is converted only for conditions, which the plain way looks after.
            if !about.is_kept && self.wishes.probes.is_empty() {
                continue;
            }
            let value = bytes.get(field.start as usize..(field.start + field.length) as usize).unwrap_or_default();
            let made = match field.kind {
                Kind::Null => continue,
                Kind::Made => return false,
                Kind::Text | Kind::Json if *conversion == crate::record::convert::Conversion::Text => {
                    if !escape::is_copied(value) {
                        return false;
                    }
                    Field { kind: Kind::Text, ..field }
                }
                // A plain number is itself, as most are.
                Kind::Json if conversion.keeps(value) => continue,
                _ => {
                    // A unit may stand a blank away, also behind a quote or a bracket.
                    let behind = bytes.get((field.start + field.length) as usize..).unwrap_or_default();
                    if conversion.has_unit()
                        && matches!(behind, [b' ' | b'\t', ..] | [b'"' | b'\'' | b']' | b')' | b'}', b' ' | b'\t', ..])
                    {
                        return false;
                    }
                    let start = self.scratch.len();
                    if !conversion.convert(value, &mut self.scratch) {
                        return false;
                    }
                    Field {
                        start: start as u32,
                        length: (self.scratch.len() - start) as u32,
                        kind: Kind::Made,
                        ..field
                    }
                }
            };
            if let Some(place) = self.fields.get_mut(at) {
                *place = made;
            }
        }
        true
    }

    /// The field of the value that is wanted there.
    #[inline(always)]
    fn field(&self, wanted: u8) -> Option<Field> {
        let at = self.wanted.get(usize::from(wanted) + 1).copied().unwrap_or(0);
        usize::from(at).checked_sub(1).and_then(|at| self.fields.get(at)).copied()
    }

    /// Whether the line has nothing at all of what conditions ask for.
    fn lacks_all(&self) -> bool {
        let places = self.wishes.probes.iter().flat_map(|(_, places)| places);
        places.into_iter().all(|&place| self.field(place).is_none_or(|field| field.kind == Kind::Null))
    }

    /// What all conditions say together; `None` where only the plain way knows.
    #[inline(always)]
    fn truth(&self, bytes: &[u8]) -> Option<Truth> {
        let mut all = Truth::Yes;
        for (probe, places) in &self.wishes.probes {
            let value = |at: usize| {
                let Some(field) = places.get(at).and_then(|&place| self.field(place)) else { return Raw::Missing };
                let text =
                    || bytes.get(field.start as usize..(field.start + field.length) as usize).unwrap_or_default();
                match field.kind {
                    Kind::Null => Raw::Null,
                    Kind::Text => Raw::Text(text()),
                    Kind::Made => Raw::Other,
                    Kind::Json => match text() {
                        text @ [b'-' | b'0'..=b'9', ..] => Raw::Number(text),
                        b"true" => Raw::Bool(true),
                        b"false" => Raw::Bool(false),
                        b"null" => Raw::Null,
                        _ => Raw::Other,
                    },
                }
            };
            all = all.and(probe.test(&value)?);
        }
        Some(all)
    }
}

/// The key of a slot: one that was met, or a column's.
#[inline(always)]
fn key_at<'k>(keys: &'k Keys, columns: &'k [Key], slot: u16) -> &'k Key {
    let slot = usize::from(slot);
    if slot < COLUMNS { keys.at(slot) } else { columns.get(slot - COLUMNS).unwrap_or(keys.at(0)) }
}

/// Where the line ends that begins at `at`: its newline, which stands before `end`.
#[inline(always)]
fn line_end<M: Machine>(bytes: &[u8], mut at: usize, end: usize) -> usize {
    while at < end {
        let newlines = bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(1, M::newlines);
        if newlines != 0 {
            return at + newlines.trailing_zeros() as usize;
        }
        at += 64;
    }
    end - 1
}

/// How a value of at most [`NEAR`] bytes is written that goes into JSON as it stands; `bare` where it may be more than a
/// text.
#[inline(always)]
fn near_kind<M: Machine>(bytes: &[u8], start: usize, length: usize, bare: bool) -> Option<Kind> {
    let window = bytes.get(start..).and_then(|rest| rest.first_chunk::<NEAR>())?;
    let masks = M::value(window, 1);
    let inside = ((1_u64 << (length % 64)) - 1) as u32;
    if masks.ends & inside != 0 {
        // No word of JSON and no number has such a byte.
        return None;
    }
    Some(if bare && is_near_json(&masks, window, length) { Kind::Json } else { Kind::Text })
}

/// Whether the first `length` bytes, at most [`NEAR`], are JSON as they stand; `masks` are those of the bytes.
#[inline(always)]
pub(super) fn is_near_json(masks: &ValueMasks, window: &[u8; NEAR], length: usize) -> bool {
    let inside = ((1_u64 << (length % 64)) - 1) as u32;
    if is_plain_number(masks, inside, window[0], window[1]) {
        return true;
    }
    let may_be = match window[0] {
        // The first byte that is neither digit nor dot can only be that of an exponent.
        b'0'..=b'9' => {
            let others = !(masks.digits | masks.dots) & inside;
            let other = window.get(others.trailing_zeros() as usize).copied();
            others == 0 || matches!(other, Some(b'e' | b'E'))
        }
        b'-' | b't' | b'f' | b'n' => true,
        _ => false,
    };
    may_be && is_bare_json(window.get(..length).unwrap_or_default())
}

/// Whether all that `inside` says of a value is digits, with at most one dot among them, so few that the number goes into
/// JSON as it stands. Others may be such, too.
#[inline(always)]
fn is_plain_number(masks: &ValueMasks, inside: u32, first: u8, second: u8) -> bool {
    let dots = masks.dots & inside;
    let ends = (inside & 1) | (inside & !(inside >> 1));
    inside != 0
        && inside <= 0x1_FFFF
        && (masks.digits | dots) & inside == inside
        && dots & dots.wrapping_sub(1) == 0
        && masks.digits & ends == ends
        && (first != b'0' || inside == 1 || second == b'.')
}

/// Whether a bare word is JSON as it stands.
#[inline(always)]
fn is_json<M: Machine>(bytes: &[u8], start: usize, length: usize) -> bool {
    let Some(window) = bytes.get(start..).and_then(|rest| rest.first_chunk::<NEAR>()) else { return false };
    match window[0] {
        _ if length == 0 => false,
        b'1'..=b'9' if length <= 17 && M::digits(window).trailing_ones() as usize >= length => true,
        b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => is_bare_json(bytes.get(start..start + length).unwrap_or_default()),
        _ => false,
    }
}

/// Whether a text goes into JSON as it stands.
#[inline(always)]
pub(super) fn is_copied<M: Machine>(bytes: &[u8], mut start: usize, mut length: usize) -> bool {
    while let Some(window) = bytes.get(start..).and_then(|rest| rest.first_chunk::<NEAR>()) {
        let clean = M::value(window, 1).ends.trailing_zeros() as usize;
        if clean >= length.min(NEAR) {
            if length <= NEAR {
                return true;
            }
            start += NEAR;
            length -= NEAR;
            continue;
        }
        return false;
    }
    false
}

/// Where a text ends that may go on as it stands: at the first byte that is a quote, a backslash or odd.
#[inline(always)]
pub(super) fn copied_end<M: Machine>(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let ends = M::value(bytes.get(at..)?.first_chunk()?, 1).ends;
        if ends != 0 {
            return Some(at + ends.trailing_zeros() as usize);
        }
        at += NEAR;
    }
}

const _: () = assert!(FIELDS < 256);
