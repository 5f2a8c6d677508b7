//! How lines are written, and the pairs of one in its format.
//!
//! Owns the choice of a reader; each format's own rules stand in the module of its name.

pub mod access_log;
pub mod logfmt;
pub mod prometheus;
pub mod prose;
#[cfg(test)]
pub mod prose_model;
pub mod table;
pub mod template;

use schema::{Object, Value, json};

use crate::grammar::logfmt::Word;
use crate::grammar::prometheus::{Kind, Sample};
use crate::grammar::prose::{Grammar, Pair, Quoting};
use crate::grammar::table::Table;
use crate::grammar::template::Template;
use crate::input::unit::{Content, Unit};
use crate::record::options::Shape;
use crate::record::{Misfit, Record};
use crate::record::{doubts, escape};

/// How lines are written.
#[derive(Clone, Debug, Default)]
pub enum Format {
    /// `key=value` anywhere in prose.
    #[default]
    Kv,
    /// Line by line: JSON where it is an object, logfmt where it is nothing but pairs, else as [`Format::Kv`].
    Auto,
    /// Nothing but `key=value`, and words that are true.
    Logfmt,
    /// JSON objects.
    Json,
    /// Comma-separated values under a header.
    Csv,
    /// Tab-separated values under a header.
    Tsv,
    /// The common and the combined log format.
    Clf,
    /// Prometheus text.
    Prometheus,
    /// A template of the user's own.
    Template(Template),
}

impl Format {
    /// Whether a line may be a JSON record.
    pub fn reads_records(&self) -> bool {
        matches!(self, Format::Json | Format::Auto)
    }
}

/// Reads the pairs of one unit after the other.
#[derive(Debug, Default)]
pub struct PairReader {
    /// How pairs are written in prose.
    pub grammar: Grammar,
    /// How lines are.
    pub format: Format,
    sample: Sample,
    scratch: Vec<u8>,
}

impl PairReader {
    /// A reader with buffers of its own.
    pub fn new(grammar: Grammar, format: Format) -> Self {
        PairReader { grammar, format, ..PairReader::default() }
    }

    /// Puts the pairs of `unit` into `record`; `line` is its text without colours.
    pub fn read(&mut self, unit: &Unit<'_>, line: &[u8], shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
        match &unit.content {
            Content::Value(Value::Object(object)) => return self.read_object(object, shape, record),
            Content::Value(_) => return Ok(()),
            Content::Row(table) => return read_row(table, shape, record),
            Content::Line => {}
        }
        if self.format.reads_records() && (line.trim_ascii().is_empty() || filter::begins_as_seal(line)) {
            return Ok(());
        }
        match &self.format {
            Format::Kv => self.read_prose(line, shape, record),
            Format::Auto => self.read_any(line, shape, record),
            Format::Logfmt => read_logfmt(line, shape, record),
            Format::Clf => self.read_clf(line, shape, record),
            Format::Prometheus => self.read_sample(line, shape, record),
            Format::Template(template) => read_template(template, line, shape, record),
            Format::Json | Format::Csv | Format::Tsv => match json::parse(line) {
                Ok(Value::Object(object)) => self.read_object(&object, shape, record),
                Ok(other) => Err(format!("{} where a JSON object should be", other.kind())),
                Err(error) => Err(error.to_string()),
            },
        }
    }

    fn read_prose(&self, line: &[u8], shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
        let mut outcome = Ok(());
        self.grammar.scan(line, |pair| {
            if outcome.is_ok() {
                outcome = record.take_pair(shape, line, &pair);
            }
        });
        outcome
    }

    fn read_any(&mut self, line: &[u8], shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
        let trimmed = line.trim_ascii();
        if trimmed.starts_with(b"{")
            && trimmed.ends_with(b"}")
            && let Ok(Value::Object(object)) = json::parse(trimmed)
        {
            return self.read_object(&object, shape, record);
        }
        if logfmt::is_all_pairs(line) {
            return read_logfmt(line, shape, record);
        }
        self.read_prose(line, shape, record)
    }

    fn read_object(&mut self, object: &Object<'_>, shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
        for (key, value) in object.iter() {
            match value {
                value if key == doubts::KEY => record.take_evidence(shape, value),
                Value::Text(text) => record.take_text(shape, b"", key.as_bytes(), text.as_bytes())?,
                value => {
                    self.scratch.clear();
                    json::write(value, &mut self.scratch);
                    record.take_json(shape, b"", key.as_bytes(), &self.scratch)?;
                }
            }
        }
        Ok(())
    }

    fn read_clf(&mut self, line: &[u8], shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
        let mut outcome = Ok(());
        let scratch = &mut self.scratch;
        // The line's fields are looked for first, so that half of one is not taken.
        let rest = access_log::fields(line, |_| {});
        let Some(rest) = rest else { return Ok(()) };
        access_log::fields(line, |field| {
            if outcome.is_err() {
                return;
            }
            let value = line.get(field.place.clone()).unwrap_or_default();
            outcome = if field.text {
                scratch.clear();
                escape::unescape(value, scratch);
                record.take_text(shape, line, field.name.as_bytes(), scratch)
            } else {
                record.take_bare(shape, line, field.name.as_bytes(), field.place)
            };
        });
        outcome?;
        // Servers add pairs of their own behind the format: rt=0.005.
        let behind = line.get(rest..).unwrap_or_default();
        let mut outcome = Ok(());
        self.grammar.scan(behind, |mut pair| {
            pair.key = pair.key.start + rest..pair.key.end + rest;
            pair.value = pair.value.start + rest..pair.value.end + rest;
            if outcome.is_ok() {
                outcome = record.take_pair(shape, line, &pair);
            }
        });
        outcome
    }

    fn read_sample(&mut self, line: &[u8], shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
        if self.sample.read(line)? == Kind::Comment {
            return Ok(());
        }
        record.take_text(shape, line, b"name", &self.sample.name)?;
        record.take_json(shape, line, b"labels", &self.sample.labels)?;
        record.take_json(shape, line, b"value", &self.sample.value)?;
        if self.sample.timestamp.is_empty() {
            return Ok(());
        }
        record.take_json(shape, line, b"timestamp_ms", &self.sample.timestamp)
    }
}

fn read_row(table: &Table, shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
    for (name, cell) in table.row_cells() {
        record.take_word(shape, b"", name, cell)?;
    }
    Ok(())
}

fn read_logfmt(line: &[u8], shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
    let mut words = logfmt::words(line);
    // A line of words alone is prose; one pair makes it logfmt.
    if !words.any(|word| word.value.is_some()) && words.is_closed() {
        return Ok(());
    }
    let mut words = logfmt::words(line);
    for Word { key, value } in &mut words {
        let name = line.get(key.clone()).unwrap_or_default();
        if std::str::from_utf8(name).is_err() {
            continue;
        }
        match value {
            None => record.take_word(shape, line, name, b"true")?,
            Some((value, quoted)) => {
                let quoting = if quoted { Quoting::Quoted } else { Quoting::Bare };
                record.take_pair(shape, line, &Pair { key, value, quoting })?;
            }
        }
    }
    if words.is_closed() { Ok(()) } else { Err("a text without its closing quote".to_owned()) }
}

fn read_template(template: &Template, line: &[u8], shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
    if !template.read(line, |_, _| {}) {
        return Ok(());
    }
    let mut outcome = Ok(());
    template.read(line, |name, place| {
        if outcome.is_ok() {
            outcome = record.take_bare(shape, line, name.as_bytes(), place);
        }
    });
    outcome
}
