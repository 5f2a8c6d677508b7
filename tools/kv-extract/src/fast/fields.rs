//! The field road: lines of any format become fields (key, span, kind), which are tested, and written once.
//!
//! Owns the fields of the line at hand. A reader of `collect.rs` or `json.rs` finds them, `kinds.rs` says what a value is,
//! `asked.rs` answers what is asked of it, and `stretch.rs` goes from line to line and writes. Whatever one of them is not
//! sure of, the plain way does again from the line's start, so that the records are the plain way's byte for byte.

use memchr::memchr;

use crate::fast::buffer::Output;
use crate::fast::cpu::{Choice, Machine, Work, run};
use crate::fast::key_cache::{Key, Keys, Met};
use crate::fast::kinds::{Field, Kind, is_copied, is_json, near_kind};
use crate::fast::masks::NEAR;
use crate::fast::wishes::{WANTED, Wishes};
use crate::grammar::Format;
use crate::grammar::auto::Kind as LineKind;
use crate::grammar::prose::{Grammar, Quoting};
use crate::grammar::template::Template;
use crate::record::escape;
use crate::record::tally::Tally;
use crate::record::units::lists::{UnitKind, more_behind};
use crate::record::units::passed::Passed;
use crate::run::extractor::Extractor;

/// How many fields a line may have here.
const FIELDS: usize = 128;
/// From this place on, keys are those of columns.
const COLUMNS: usize = 1 << 15;

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
    pub(super) fields: Box<[Field; FIELDS]>,
    pub(super) count: usize,
    /// Which field has each value that is wanted, plus one; the first place is of those that are not.
    pub(super) wanted: [u8; WANTED + 1],
    pub(super) having: u16,
    pub(super) kept: bool,
    /// The fields that have a type.
    pub(super) typed: Vec<u8>,
    /// Values that had to be made.
    pub(super) scratch: Vec<u8>,
    /// A text whose escapes were resolved.
    pub(super) unescaped: Vec<u8>,
    /// `,"@source":{"file":…,"line":` of this file.
    pub(super) source: (String, Vec<u8>),
    /// The keys of columns, where they do not stand in the line.
    pub(super) columns: Vec<Key>,
    /// The columns of a template behind which a unit would be dropped.
    pub(super) unit_columns: Vec<usize>,
    /// Those of them that had no number without a unit so far.
    pub(super) bare_columns: Vec<usize>,
    /// Fields of the line with a unit one blank behind, which nobody asked for.
    pub(super) units: Vec<u8>,
    /// The keys of which units were passed over.
    pub units_of: Passed,
    /// Whether fields are written as they are found: nothing that is asked of a line chooses among lines.
    pub(super) writes: bool,
    /// Whether nothing is done with the values of columns but to write them.
    pub(super) are_simple: bool,
    /// The records, while lines are at work.
    pub(super) out: Output,
    /// Where the line at hand begins in them.
    pub(super) first: usize,
    /// How many bytes more than four times its own a line may write.
    pub(super) room: usize,
    /// How many the line at hand may write.
    pub(super) line_room: usize,
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
        // What separators of one's own part is no logfmt.
        let kind = if kind == LineKind::Pairs && grammar.has_separators() { LineKind::Prose } else { kind };
        let mut names: Vec<&[u8]> = Vec::new();
        let access = |names: &mut Vec<&[u8]>| {
            names.extend(crate::grammar::access_log::NAMES.map(str::as_bytes));
            Way::Access(grammar.clone())
        };
        let mut unit_columns = Vec::new();
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
                let columns = template.columns()?;
                unit_columns.extend((0..columns.len()).filter(|&at| template.drops_unit(columns[at])));
                names.extend(columns.into_iter().map(str::as_bytes));
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
        let mut road = Road {
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
            bare_columns: unit_columns.clone(),
            unit_columns,
            units: Vec::new(),
            units_of: Passed::default(),
            writes: wishes.chooses_nothing(),
            are_simple: false,
            out: Output::default(),
            first: 0,
            room: 0,
            line_room: 0,
            tally: Tally::default(),
            wishes,
        };
        road.know_room();
        Some(road)
    }

    /// Knows what its columns, and what is set, take to write.
    fn know_room(&mut self) {
        let columns: usize = self.columns.iter().map(|key| usize::from(key.opens) + NEAR).sum();
        self.room = columns + self.wishes.set.len() + 2 * NEAR;
        self.are_simple = self.writes && self.columns.iter().all(|key| key.about.is_simple);
    }

    /// Forgets what was seen of units.
    pub fn forget_units(&mut self) {
        self.units_of.clear();
        self.bare_columns.clone_from(&self.unit_columns);
    }

    /// The keys that were met.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The names of the columns from now on; false where one of them is not for this road.
    pub fn set_columns(&mut self, names: &[Vec<u8>], delimiter: u8) -> bool {
        self.way = Way::Rows(delimiter);
        self.columns.clear();
        for name in names {
            let (about, suffix) = self.wishes.about(name);
            self.columns.push(Key::named(name, suffix, about, 0));
        }
        self.know_room();
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
        let writes = std::mem::replace(&mut self.road.writes, false);
        self.road.begin();
        *self.is_read = self.road.collect::<M>(self.bytes, self.start, self.end);
        self.road.writes = writes;
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
        if self.writes {
            self.out.truncate(self.first);
        }
    }

    #[inline(always)]
    pub(super) fn key(&self, slot: u16) -> &Key {
        key_at(&self.keys, &self.columns, slot)
    }

    /// Takes a field; false where the line is not for this road.
    #[inline(always)]
    fn push(&mut self, bytes: &[u8], slot: usize, start: usize, length: usize, kind: Kind) -> bool {
        let about = self.key(slot as u16).about;
        let Some(place) = self.fields.get_mut(self.count) else { return false };
        *place = Field { start: start as u32, length: length as u32, slot: slot as u16, kind };
        self.count = self.count.wrapping_add(1);
        self.having |= about.having;
        self.kept |= about.is_kept;
        if about.is_plain {
            return false;
        }
        if self.writes {
            return !about.is_written && about.typed == 0 || self.write_field(bytes, self.count - 1);
        }
        if about.typed != 0 {
            self.typed.push((self.count - 1) as u8);
        }
        if let Some(place) = self.wanted.get_mut(usize::from(about.wanted)) {
            *place = self.count as u8;
        }
        true
    }

    /// Writes the field at `at`, converted where it has a type; false where the plain way must do that.
    #[inline(never)]
    fn write_field(&mut self, bytes: &[u8], at: usize) -> bool {
        let Some(&field) = self.fields.get(at) else { return false };
        let Some(field) = self.converted(bytes, field) else { return false };
        let Road { keys, columns, out, scratch, line_room, .. } = self;
        let key = key_at(keys, columns, field.slot);
        if key.about.is_written {
            // What is made may be longer than what it is made of: the rest of the line has its room all the same.
            out.reserve(field.length as usize + 2 * NEAR + *line_room);
            out.field(key, bytes, scratch, field);
        }
        true
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
        if self.writes {
            let Road { keys, columns, out, fields, count, kept, .. } = self;
            let key = key_at(keys, columns, slot as u16);
            if key.about.is_simple {
                let Some(place) = fields.get_mut(*count) else { return false };
                *place = Field { start: start as u32, length: length as u32, slot: slot as u16, kind };
                *count = count.wrapping_add(1);
                *kept = true;
                out.pair(key, bytes, (start, length), kind == Kind::Text);
                return true;
            }
        }
        self.push_asked(slot, bytes, (start, length), kind)
    }

    /// The same of a value of which something is asked.
    #[inline(always)]
    fn push_asked(&mut self, slot: usize, bytes: &[u8], (start, length): (usize, usize), kind: Kind) -> bool {
        let is_none = !self.wishes.none.is_empty() && {
            let value = bytes.get(start..start + length);
            self.wishes.none.iter().any(|none| Some(none.as_slice()) == value)
        };
        if is_none
            && (self.key(slot as u16).about.suffix > 0 // it keeps the name that it has
                || more_behind(bytes, start + length, UnitKind::Nothing).is_some())
        {
            return false;
        }
        self.push(bytes, slot, start, length, if is_none { Kind::Null } else { kind })
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
        self.push_made(slot, start)
    }

    /// Takes a value that stands in the scratch buffer from `start` on.
    pub(super) fn push_made(&mut self, slot: usize, start: usize) -> bool {
        self.push(&[], slot, start, self.scratch.len() - start, Kind::Made)
    }
}

/// The key of a slot: one that was met, or a column's.
#[inline(always)]
pub(super) fn key_at<'k>(keys: &'k Keys, columns: &'k [Key], slot: u16) -> &'k Key {
    let slot = usize::from(slot);
    if slot < COLUMNS { keys.at(slot) } else { columns.get(slot - COLUMNS).unwrap_or(keys.at(0)) }
}

const _: () = assert!(FIELDS < 256);
