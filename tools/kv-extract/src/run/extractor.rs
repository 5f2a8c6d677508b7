//! One unit in, one record out: the unit is chosen, its pairs are read, and JSON is appended.
//!
//! Owns the order of the steps; refuses I/O and knows nothing of other lines, but for the time they give it.

use std::sync::{Arc, Mutex, PoisonError};

use expr::Condition;
use schema::{Code, json};
use time::Clock;

use crate::grammar::auto::{self, Hidden};
use crate::grammar::utf16;
use crate::grammar::{Format, PairReader};
use crate::input::selection::Selection;
use crate::input::unit::{Content, Unit};
use crate::input::window::{Placed, Settled, Window};
use crate::record::display;
use crate::record::doubts;
use crate::record::escape;
use crate::record::options::Shape;
use crate::record::{Misfit, Record};
use crate::rejects::Rejects;
use crate::stages::Stages;

/// What became of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is not one that was asked for.
    Unselected,
    /// It holds no pair.
    NoPairs,
    /// It has pairs, but not those that are wanted.
    Unwanted,
    /// It cannot be told whether it is wanted, since it lacks what is asked for.
    Unknown,
    /// It cannot be told whether it is wanted, since what is asked for is not what it should be.
    Doubtful,
    /// It does not fit the template or the format.
    Unfit,
    /// Its record was appended.
    Record,
    /// It is not what it should be, and that was told.
    Rejected,
}

impl Outcome {
    /// What is told of a unit that may have been asked for.
    pub fn told(self) -> Option<&'static str> {
        match self {
            Outcome::Unknown => Some(UNKNOWN),
            Outcome::Doubtful => Some(DOUBTFUL),
            Outcome::Unfit => Some(UNFIT),
            _ => None,
        }
    }
}

/// Whether a unit is one of those that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Whether it lies in the window of time; a guess, where it is not sure.
    pub inside: bool,
    /// Whether `-m` and `-v` choose it.
    pub selected: bool,
    /// Whether its time is settled.
    pub sure: bool,
    /// What is settled now about the units before that were not sure.
    pub settled: Option<Settled>,
}

impl Chosen {
    /// Whether its record is wanted, as far as is known.
    pub fn is_wanted(self) -> bool {
        self.inside && self.selected
    }
}

/// Whether a unit is among those that `--where`, `--having` and `--parse` choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// Its record does not say.
    CannotTell,
}

/// What is told of a unit for which a condition is neither true nor false.
pub const UNKNOWN: &str = "skipped: --where reads a key that is absent or null here";
/// What is told of a unit whose value is not what a condition wants.
pub const DOUBTFUL: &str = "skipped: --where compares a value that is of another type here";
/// What is told of a unit that does not fit.
pub const UNFIT: &str = "skipped: does not fit the template or the format";

/// What a line is refused for that has a quote which nothing closes: what stands behind it may be text or pairs.
pub const UNCLOSED: &str = "a text without its closing quote";

/// What a line is refused for that begins as one of an access log and goes on as none.
pub const TORN: &str = "a line of an access log that does not fit the format (-f clf)";

/// What a line is refused for that does not fit.
pub const NO_FIT: &str = "does not fit the template or the format";

/// What is seldom asked of units: then each is done by itself.
#[derive(Default)]
pub struct Extras {
    /// `--stage-from`: the stages of the run.
    pub stages: Option<Stages>,
    /// What times are read by where files are compared: `--last` over several.
    pub clock: Option<Clock>,
    /// `--rejects`: where what was refused is kept.
    pub rejects: Option<Arc<Mutex<Rejects>>>,
}

/// From this many bytes on a JSON record is read a member at a time, where it can be.
const LARGE: usize = if cfg!(test) { 64 } else { 1 << 20 };

/// All that is asked of one unit.
pub struct Extractor {
    /// Which lines.
    pub selection: Selection,
    /// When.
    pub window: Option<Window>,
    /// `--stamp`: the key of the line's own time.
    pub stamp: Option<Vec<u8>>,
    /// How pairs are read.
    pub reader: PairReader,
    /// What is done to a record.
    pub shape: Shape,
    /// `--where`
    pub conditions: Vec<Condition>,
    /// `--source`
    pub source: bool,
    /// Whether a line that does not fit the template or the format is an error.
    pub strict: bool,
    /// Whether a record is written as text for people.
    pub people: bool,
    /// What is seldom asked.
    pub extras: Extras,
    /// The record at hand, and what was seen in all of them.
    pub record: Record,
    /// The line at hand without its colours.
    pub plain: Vec<u8>,
}

impl Extractor {
    /// Another one that does the same, with buffers of its own; the time of lines is not among what it looks at.
    pub fn fork(&self) -> Extractor {
        Extractor {
            selection: self.selection.clone(),
            window: None,
            stamp: None,
            reader: PairReader::new(self.reader.grammar.clone(), self.reader.format.clone()),
            shape: self.shape.clone(),
            conditions: self.conditions.clone(),
            source: self.source,
            strict: self.strict,
            people: self.people,
            extras: Extras::default(),
            record: Record::default(),
            plain: Vec::new(),
        }
    }

    /// Whether a record is every pair of its line as it stands, so that the fast scanner can write it.
    pub fn is_plain(&self) -> bool {
        matches!(self.reader.format, Format::Kv | Format::Auto)
            && self.reader.grammar.is_plain()
            && self.shape.is_plain()
            && self.conditions.is_empty()
            && !self.source
            && !self.people
            && self.extras.rejects.is_none()
            && self.extras.stages.is_none()
    }

    /// Whether anything but the time chooses among the units.
    pub fn chooses(&self) -> bool {
        self.chooses_records() || !self.selection.is_empty() || matches!(self.reader.format, Format::Template(_))
    }

    /// Whether nothing but `-m` and `-v` chooses.
    pub fn selects_lines_alone(&self) -> bool {
        !self.chooses_records() && !matches!(self.reader.format, Format::Template(_))
    }

    /// Whether a unit of this outcome is among those that are asked for.
    pub fn keeps(&self, outcome: Option<Outcome>) -> Kept {
        match outcome {
            Some(Outcome::Record) => Kept::Yes,
            Some(Outcome::Unknown | Outcome::Doubtful | Outcome::Rejected) => Kept::CannotTell,
            // A line that does not fit the template has no fields that a condition could look at.
            Some(Outcome::Unfit) if !self.conditions.is_empty() => Kept::CannotTell,
            _ => Kept::No,
        }
    }

    /// Whether records are chosen by what is in them.
    pub fn chooses_records(&self) -> bool {
        !self.conditions.is_empty() || !self.shape.having.is_empty()
    }

    /// Whether the unit is one of those that `-m`, `-v`, `--since` and `--until` ask for.
    pub fn takes(&mut self, unit: &Unit<'_>) -> Result<Chosen, Misfit> {
        let mut chosen = Chosen { inside: true, selected: true, sure: true, settled: None };
        if self.window.is_some() {
            // Every unit is looked at, since the next one may have to go by its time.
            let placed = self.place(unit)?;
            chosen = Chosen { inside: placed.inside, selected: true, sure: placed.sure, settled: placed.settled };
            if let Some(key) = &self.stamp {
                let time = self.window.as_ref().and_then(Window::own);
                self.shape.set.retain(|(other, _)| other != key);
                if let Some(time) = time {
                    self.shape.set.insert(0, (key.clone(), format!("\"{time}\"").into_bytes()));
                }
            }
        }
        if let (Some(stages), Some(window)) = (&mut self.extras.stages, &self.window) {
            self.shape.set.retain(|(other, _)| other != b"stage");
            if chosen.inside
                && let Some(name) = stages.at(window.own())
            {
                self.shape.set.push((b"stage".to_vec(), name.to_vec()));
            }
        }
        chosen.selected = (chosen.inside || !chosen.sure) && self.selects(unit.text);
        Ok(chosen)
    }

    /// Whether `-m` and `-v` choose this line: by its text, and by that of a message that does not stand in it as text. One
    /// that is lost may be any.
    pub fn selects(&self, line: &[u8]) -> bool {
        let may_hide = !self.selection.is_empty() && self.reader.format.reads_records();
        match Some(line).filter(|_| may_hide).and_then(auto::hidden_message) {
            Some(Hidden::Lost) => true,
            Some(Hidden::Bytes(text)) => self.selection.takes(&[line, b" ", &text].concat()),
            None => self.selection.takes(line),
        }
    }

    /// Keeps what was refused, where that is asked for.
    pub fn refuse(&self, unit: &Unit<'_>, code: &str, reason: &str) {
        if let Some(rejects) = &self.extras.rejects {
            let mut rejects = rejects.lock().unwrap_or_else(PoisonError::into_inner);
            rejects.keep(unit.file, unit.number, code, reason, unit.text);
        }
    }

    /// Where the unit lies in time: in the window, where there is none.
    pub fn place(&mut self, unit: &Unit<'_>) -> Result<Placed, Misfit> {
        match &mut self.window {
            Some(window) => {
                // Most lines have a stamp of the minute or the day at hand.
                let settled = window.enter(unit.file);
                if let Content::Row(table) = &unit.content
                    && let Some(row) = table.with_parted_time(unit.text)
                {
                    let placed = window.place(unit, &row, &mut self.reader)?;
                    return Ok(Placed { settled: settled.or(placed.settled), ..placed });
                }
                if let Some(inside) = window.place_line(unit.text) {
                    return Ok(Placed { inside, sure: true, settled });
                }
                let placed = window.place(unit, escape::plain(unit.text, &mut self.plain), &mut self.reader)?;
                Ok(Placed { settled: settled.or(placed.settled), ..placed })
            }
            None => Ok(Placed { inside: true, sure: true, settled: None }),
        }
    }

    /// Appends the record of `unit` to `out`, without its newline; leaves `out` as it was where there is none.
    pub fn extract(&mut self, unit: &Unit<'_>, out: &mut Vec<u8>) -> Result<Outcome, Misfit> {
        let start = out.len();
        let mut outcome = self.render(unit, !self.conditions.is_empty(), out)?;
        if outcome == Outcome::Record && !self.conditions.is_empty() {
            outcome = keeps(&self.conditions, &out[start..]);
            self.record.tally.undecided += u64::from(outcome == Outcome::Unknown);
            self.record.tally.doubtful += u64::from(outcome == Outcome::Doubtful);
            if outcome == Outcome::Record && self.shape.narrows() {
                out.truncate(start);
                let tally = self.record.tally;
                outcome = self.render(unit, false, out)?;
                // What was seen in the line was counted, and noted, the first time.
                self.record.tally = tally;
            }
        }
        if outcome != Outcome::Record {
            out.truncate(start);
        } else if self.people {
            display::rewrite(out, start);
        }
        Ok(outcome)
    }

    /// Appends the record of a JSON record that is large, a member at a time, so that neither its tree nor its fields are
    /// held; of what conditions ask for, only the members that they name. `None`, with `out` as it was, where a member may
    /// have to know another one or something is wrong with the text, which [`Extractor::extract`] tells.
    pub fn stream(&mut self, text: &[u8], (file, number): (&str, u64), out: &mut Vec<u8>) -> Option<Outcome> {
        if text.len() < LARGE || self.shape.inner.is_some() || self.shape.kind || self.window.is_some() || self.people {
            return None;
        }
        let asked = Asked::of(&self.shape, &self.conditions)?;
        let Extractor { reader, shape, record, conditions, .. } = self;
        let (start, tally) = (out.len(), record.tally);
        record.clear(shape, false);
        out.push(b'{');
        let begun = out.len();
        let mut named = vec![b'{'];
        let (mut any, mut are_alone) = (false, true);
        let read = json::each_member(text, &mut |key, value| {
            // What does not fit its type is told with the whole record, and so is a key that another one becomes.
            are_alone &= reader.read_member(key, value, shape, record).is_ok() && !asked.becomes(key);
            // What the record says of itself may be of a value that a condition names.
            are_alone &= key != doubts::KEY || conditions.is_empty();
            // A doubt is written behind all members.
            are_alone &= !record.has_doubts();
            any |= !record.is_empty();
            record.write_members(shape, b"", begun, out);
            record.forget_fields();
            if asked.names(key) {
                if named.len() > 1 {
                    named.push(b',');
                }
                escape::write(key.as_bytes(), &mut named);
                named.push(b':');
                json::write(value, &mut named);
            }
        });
        if read != Ok(true) || !are_alone {
            record.tally = tally;
            out.truncate(start);
            return None;
        }
        named.push(b'}');
        let pairs = record.tally.pairs - tally.pairs;
        let mut outcome = match pairs {
            0 => Outcome::NoPairs,
            _ if record.tally.reserved - tally.reserved == pairs || !record.has_all() => Outcome::Unwanted,
            _ => keeps(conditions, &named),
        };
        record.tally.undecided += u64::from(outcome == Outcome::Unknown);
        record.tally.doubtful += u64::from(outcome == Outcome::Doubtful);
        if outcome == Outcome::Record && !any {
            outcome = Outcome::Unwanted;
        }
        if outcome == Outcome::Record {
            record.write_end(shape, b"", begun, out);
            if self.source {
                write_source(file, number, None, out);
            }
            out.push(b'}');
        } else {
            out.truncate(start);
        }
        Some(outcome)
    }

    /// Appends the record of `unit`; `whole` with the keys that `-k` and `--drop` leave out, which conditions may read.
    fn render(&mut self, unit: &Unit<'_>, whole: bool, out: &mut Vec<u8>) -> Result<Outcome, Misfit> {
        if utf16::is_line(unit.text) {
            if self.strict {
                return Err(utf16::REASON.to_owned());
            }
            self.record.tally.unfit += 1;
            return Ok(Outcome::Unfit);
        }
        let before = self.record.tally.pairs;
        let line = escape::plain(unit.text, &mut self.plain);
        self.record.clear(&self.shape, whole);
        let unclosed = self.record.tally.unclosed;
        self.reader.read(unit, line, &self.shape, &mut self.record)?;
        if self.strict && self.record.tally.unclosed > unclosed {
            return Err(UNCLOSED.to_owned());
        }
        if self.record.is_torn {
            if self.strict {
                return Err(TORN.to_owned());
            }
            self.record.tally.unfit += 1;
            return Ok(Outcome::Unfit);
        }
        if self.shape.kind && !line.trim_ascii().is_empty() {
            self.record.take_kind(&self.shape, line)?;
        }
        if self.record.tally.pairs == before {
            if !matches!(self.reader.format, Format::Template(_) | Format::Clf) || line.trim_ascii().is_empty() {
                if self.selection.any.is_empty() {
                    return Ok(Outcome::NoPairs);
                }
                // It was asked for: its time, or what else is known without its pairs, is its record.
                let is_known = self.source || !self.shape.set.is_empty();
                if !is_known || self.shape.narrows() || !self.shape.having.is_empty() {
                    self.record.tally.unpaired += 1;
                    return Ok(Outcome::NoPairs);
                }
                out.push(b'{');
                let start = out.len();
                self.record.write_end(&self.shape, line, start, out);
                if self.source {
                    write_source(unit.file, unit.number, unit.offset, out);
                }
                if out.get(start) == Some(&b',') {
                    out.remove(start);
                }
                out.push(b'}');
                return Ok(Outcome::Record);
            }
            if self.strict {
                return Err(NO_FIT.to_owned());
            }
            self.record.tally.unfit += 1;
            return Ok(Outcome::Unfit);
        }
        if self.record.is_empty() || !self.record.has_all() {
            return Ok(Outcome::Unwanted);
        }
        self.record.write(&self.shape, line, out);
        if self.source {
            write_source(unit.file, unit.number, unit.offset, out);
        }
        out.push(b'}');
        Ok(Outcome::Record)
    }
}

/// What is asked of single members of a record that is read a member at a time.
struct Asked {
    /// The keys that conditions name.
    named: Vec<String>,
    /// The keys that those with a type become, where they are others.
    renamed: Vec<Vec<u8>>,
}

impl Asked {
    /// `None` where the members alone do not answer it: a condition that is none of the common ones, or one on a value that
    /// is not what it was.
    fn of(shape: &Shape, conditions: &[Condition]) -> Option<Asked> {
        let mut named: Vec<String> = Vec::new();
        for condition in conditions {
            named.extend(condition.probe()?.keys().iter().cloned());
        }
        let renamed = shape.types.iter().filter(|(key, conversion)| !key.ends_with(conversion.suffix().as_bytes()));
        let renamed: Vec<Vec<u8>> =
            renamed.map(|(key, conversion)| [key, conversion.suffix().as_bytes()].concat()).collect();
        let is_changed = |key: &String| {
            let key = key.as_bytes();
            key.starts_with(b"@")
                || shape.types.iter().any(|(typed, _)| typed == key)
                || shape.set.iter().any(|(set, _)| set == key)
                || renamed.iter().any(|renamed| renamed == key)
        };
        // What is left out is converted for conditions, so that it may not fit.
        let converts_more = !shape.types.is_empty() && shape.narrows();
        let is_plain = shape.none.is_empty() && !converts_more && !named.iter().any(is_changed);
        (conditions.is_empty() || is_plain).then_some(Asked { named, renamed })
    }

    fn names(&self, key: &str) -> bool {
        self.named.iter().any(|named| named == key)
    }

    fn becomes(&self, key: &str) -> bool {
        self.renamed.iter().any(|renamed| renamed == key.as_bytes())
    }
}

fn keeps(conditions: &[Condition], record: &[u8]) -> Outcome {
    if conditions.is_empty() {
        return Outcome::Record;
    }
    let Ok(value) = json::parse(record) else { return Outcome::Doubtful };
    let mut outcome = Outcome::Record;
    for condition in conditions {
        match condition.answer(&value) {
            Ok(true) => {}
            Ok(false) => return Outcome::Unwanted,
            // A record that lacks what is asked for is most often of another kind.
            Err(Code::Missing | Code::Null) if outcome == Outcome::Record => outcome = Outcome::Unknown,
            Err(Code::Missing | Code::Null) => {}
            Err(_) => outcome = Outcome::Doubtful,
        }
    }
    outcome
}

/// Appends the beginning of the member that says where a record was read: all that is the same for its file.
pub fn begin_source(file: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"@source\":{\"file\":");
    escape::write(file.as_bytes(), out);
    out.extend_from_slice(b",\"line\":");
}

/// Appends the last member of a record that says where it was read.
pub fn write_source(file: &str, number: u64, offset: Option<u64>, out: &mut Vec<u8>) {
    begin_source(file, out);
    escape::write_count(number, out);
    if let Some(offset) = offset {
        out.extend_from_slice(b",\"offset\":");
        escape::write_count(offset, out);
    }
    out.push(b'}');
}
