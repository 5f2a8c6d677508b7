//! How lines are written, and the pairs of one in its format.
//!
//! Owns the choice of a reader; each format's own rules stand in the module of its name.

pub mod access_log;
pub mod auto;
pub mod blanks;
pub mod directives;
pub mod frames;
pub mod island;
pub mod logfmt;
pub mod prometheus;
pub mod prose;
#[cfg(test)]
pub mod prose_model;
pub mod repeated;
pub mod table;
pub mod template;
pub mod utf16;

use std::ops::Range;

use schema::{Object, Value, json};

use crate::grammar::auto::Broken;
use crate::grammar::logfmt::Word;
use crate::grammar::prometheus::{Kind, Sample};
use crate::grammar::prose::{Grammar, Pair, Quoting};
use crate::grammar::table::Table;
use crate::grammar::template::Template;
use crate::input::unit::{Content, Unit};
use crate::record::options::Shape;
use crate::record::{Misfit, Record};
use crate::record::{doubts, escape, nested};

/// How lines are written.
#[derive(Clone, Debug, Default)]
pub enum Format {
    /// `key=value` anywhere in prose.
    Kv,
    /// Line by line: JSON where it is an object, an access log, logfmt where it is nothing but pairs, else as
    /// [`Format::Kv`].
    #[default]
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
    /// The names of a table's columns, where it has no header.
    pub header: Vec<Vec<u8>>,
    sample: Sample,
    scratch: Vec<u8>,
    /// The line at hand with its JSON hidden, and where that is.
    masked: Vec<u8>,
    islands: Vec<Range<usize>>,
}

impl PairReader {
    /// A reader with buffers of its own.
    pub fn new(grammar: Grammar, format: Format) -> Self {
        PairReader { grammar, format, ..PairReader::default() }
    }

    /// Whether keys do not stand in the lines: those of templates, access logs and tables.
    pub fn columns_are_given(&self) -> bool {
        !matches!(self.format, Format::Auto | Format::Kv | Format::Logfmt | Format::Json)
    }

    /// Puts the pairs of `unit` into `record`; `line` is its text without colours. With `--in KEY`, those in the value of
    /// KEY, too.
    pub fn read(&mut self, unit: &Unit<'_>, line: &[u8], shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
        self.read_line(unit, line, shape, record)?;
        let Some(key) = &shape.inner else { return Ok(()) };
        for text in record.take_inner() {
            let before = record.tally.pairs;
            record.begin_inner(line, false);
            self.read_inner(text.trim_ascii_end(), shape, record)?;
            if record.tally.pairs == before {
                record.put_back(shape, key, &text)?;
            }
        }
        Ok(())
    }

    fn read_line(&mut self, unit: &Unit<'_>, line: &[u8], shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
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
            Format::Kv if auto::is_object(line) => {
                record.tally.objects += 1;
                Ok(())
            }
            Format::Kv => self.read_prose(line, shape, record),
            Format::Auto => self.read_any(line, shape, record),
            Format::Logfmt => read_logfmt(logfmt::words_in_brackets, line, shape, record),
            Format::Clf => self.read_clf(line, shape, record),
            Format::Prometheus => self.read_sample(line, shape, record),
            Format::Template(template) => read_template(template, &self.grammar, line, shape, record),
            Format::Json | Format::Csv | Format::Tsv => match json::parse_lazily(line) {
                Ok(Value::Object(object)) => self.read_object(&object, shape, record),
                Ok(other) => Err(format!("{} where a JSON object should be", other.kind())),
                Err(error) => Err(error.to_string()),
            },
        }
    }

    fn read_prose(&mut self, line: &[u8], shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
        self.scan_prose(line, record, |record, pair| record.take_pair(shape, line, &pair))
    }

    /// Has `take` every pair of a text, but for what stands in JSON inside it: that is a value, or it is passed over, counted.
    fn scan_prose(
        &mut self,
        text: &[u8],
        record: &mut Record,
        mut take: impl FnMut(&mut Record, Pair) -> Result<(), Misfit>,
    ) -> Result<(), Misfit> {
        island::mask(text, &mut self.masked, &mut self.islands);
        let islands = &self.islands;
        let scanned = if islands.is_empty() { text } else { self.masked.as_slice() };
        let mut outcome = Ok(());
        // Islands and pairs come in the order of the line.
        let (mut next, mut values) = (0, 0);
        self.grammar.scan(scanned, |pair| {
            if outcome.is_ok() {
                while let Some(island) = islands.get(next).filter(|island| island.start < pair.value.end) {
                    values += usize::from(island.start >= pair.value.start);
                    next += 1;
                }
                outcome = take(record, pair);
            }
        });
        record.tally.embedded += u64::from(values < islands.len());
        outcome
    }

    fn read_any(&mut self, line: &[u8], shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
        match auto::object(line) {
            Ok((at, object)) => {
                let prefix = line.get(..at).unwrap_or_default();
                self.read_prose(prefix, shape, record)?;
                if !record.is_empty() {
                    record.begin_inner(line, false);
                }
                return self.read_wrapped(&object, shape, record);
            }
            Err(Broken::Spread) => {
                record.tally.spread += 1;
                return Ok(());
            }
            Err(broken) => {
                if let Some(reason) = broken.reason() {
                    return Err(reason.to_owned());
                }
            }
        }
        let opens = |at: usize| matches!(line.get(at + 1..), Some([b' ', b'"', ..]));
        if memchr::memchr_iter(b']', line).any(opens) {
            if access_log::fields(line, |_| {}).is_some() {
                return self.read_clf(line, shape, record);
            }
            if access_log::is_torn(line) {
                record.is_torn = true;
                return Ok(());
            }
        }
        if !self.grammar.has_separators() && logfmt::is_all_pairs(line) && island::first(line, 0).is_none() {
            return read_logfmt(logfmt::words, line, shape, record);
        }
        self.read_prose(line, shape, record)
    }

    /// The members of an object; where it wraps a line of another program (docker's `log` beside `stream` and `time`,
    /// journald's `MESSAGE`), what that line says, too.
    fn read_wrapped(&mut self, object: &Object<'_>, shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
        if let Some(Value::Null | Value::List(_)) = object.get("MESSAGE")
            && object.get("__REALTIME_TIMESTAMP").is_some()
        {
            let mut line = Vec::new();
            json::write_object(object, &mut line);
            let Some(auto::Hidden::Bytes(message)) = auto::hidden_message(&line) else {
                return Err(auto::LOST.to_owned());
            };
            let mut object = object.clone();
            object.insert("MESSAGE", Value::Text(String::from_utf8_lossy(&message).into_owned().into()));
            return self.read_wrapped(&object, shape, record);
        }
        let text = |key: &str| object.get(key).and_then(|value| value.as_text());
        let inner = match text("log") {
            Some(log) if object.get("stream").is_some() && object.get("time").is_some() => Some(("log", log)),
            _ if object.get("__REALTIME_TIMESTAMP").is_some() => text("MESSAGE").map(|log| ("MESSAGE", log)),
            _ => None,
        };
        let Some((key, inner)) = inner else { return self.read_object(object, shape, record) };
        let mut outer = object.clone();
        if key == "log" {
            outer.remove(key);
        }
        self.read_object(&outer, shape, record)?;
        let before = record.tally.pairs;
        // The line is JSON: nothing in the record points into it.
        record.begin_inner(b"", true);
        self.read_inner(inner.trim_end().as_bytes(), shape, record)?;
        if record.tally.pairs == before && key == "log" {
            record.take_text(shape, b"", b"log", inner.as_bytes())?;
        }
        Ok(())
    }

    /// The pairs of a text that is a value: nothing in the record points into it.
    fn read_inner(&mut self, text: &[u8], shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
        let mut buffer = Vec::new();
        let text = escape::plain(text, &mut buffer);
        match auto::object(text) {
            Ok((_, object)) => return self.read_object(&object, shape, record),
            Err(Broken::CutShort) => return Err("a JSON object inside another one that is cut short".to_owned()),
            Err(Broken::Malformed) => return Err("a JSON object inside another one that is broken".to_owned()),
            Err(_) => {}
        }
        self.scan_prose(text, record, |record, pair| record.take_copied(shape, text, &pair))
    }

    fn read_object(&mut self, object: &Object<'_>, shape: &Shape, record: &mut Record) -> Result<(), Misfit> {
        object.iter().try_for_each(|(key, value)| self.read_member(key, value, shape, record))
    }

    /// One member of a JSON object.
    pub fn read_member(
        &mut self,
        key: &str,
        value: &Value<'_>,
        shape: &Shape,
        record: &mut Record,
    ) -> Result<(), Misfit> {
        match value {
            value if key == doubts::KEY => record.take_evidence(shape, value),
            Value::Text(text) => {
                let mut buffer = Vec::new();
                let text = escape::plain(text.as_bytes(), &mut buffer);
                record.take_text(shape, b"", key.as_bytes(), text)?;
            }
            value => {
                self.scratch.clear();
                let mut forms = Vec::new();
                let nested = match value {
                    Value::Object(object) if !shape.types.is_empty() => {
                        nested::convert(shape, key, object, &mut forms)?
                    }
                    _ => None,
                };
                record.note_forms(&forms);
                match &nested {
                    Some(object) => json::write_object(object, &mut self.scratch),
                    None => json::write(value, &mut self.scratch),
                }
                record.take_json(shape, b"", key.as_bytes(), &self.scratch)?;
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
        read_pairs(&self.grammar, line, rest..line.len(), shape, record)
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
        if cell == b"-" && table.has_directives() {
            record.take_json(shape, b"", name, b"null")?;
        } else {
            record.take_word(shape, b"", name, cell)?;
        }
    }
    Ok(())
}

fn read_logfmt(
    words_of: fn(&[u8]) -> logfmt::Words<'_>,
    line: &[u8],
    shape: &Shape,
    record: &mut Record,
) -> Result<(), Misfit> {
    let mut words = words_of(line);
    // A line of words alone is prose; one pair makes it logfmt.
    if !words.any(|word| word.value.is_some()) && words.is_closed() {
        return Ok(());
    }
    let mut words = words_of(line);
    for Word { key, value } in &mut words {
        let name = line.get(key.clone()).unwrap_or_default();
        if std::str::from_utf8(name).is_err() {
            continue;
        }
        let name = name.get(..blanks::before(name)).unwrap_or_default();
        let odd = blanks::up_to_last(name);
        let (key, name) = (key.start + odd..key.start + name.len(), name.get(odd..).unwrap_or_default());
        if name.is_empty() {
            continue;
        }
        match value {
            None => record.take_word(shape, line, name, b"true")?,
            Some((value, quoted)) => {
                let quoting = if quoted { Quoting::Quoted } else { Quoting::Bare };
                record.take_found(shape, line, &Pair { key, value, quoting })?;
            }
        }
    }
    if words.is_closed() { Ok(()) } else { Err("a text without its closing quote".to_owned()) }
}

fn read_template(
    template: &Template,
    grammar: &Grammar,
    line: &[u8],
    shape: &Shape,
    record: &mut Record,
) -> Result<(), Misfit> {
    let mut outcome = Ok(());
    template.read(line, |name, kind, place| {
        if outcome.is_err() {
            return;
        }
        let value = line.get(place.clone()).unwrap_or_default();
        let key = name.as_bytes();
        outcome = match kind {
            template::Kind::Pairs => read_pairs(grammar, line, place, shape, record),
            // `-` is how servers write that there is nothing.
            kind if kind.is_none(value) => record.take_json(shape, line, key, b"null"),
            template::Kind::List if value.contains(&b' ') => record.take_json(shape, line, key, &list(value)),
            _ => record.take_hole(shape, line, key, place, template.drops_unit(name)),
        };
    });
    outcome
}

/// The pairs of a part of a line.
fn read_pairs(
    grammar: &Grammar,
    line: &[u8],
    place: Range<usize>,
    shape: &Shape,
    record: &mut Record,
) -> Result<(), Misfit> {
    let mut outcome = Ok(());
    let start = place.start;
    grammar.scan(line.get(place).unwrap_or_default(), |mut pair| {
        pair.key = pair.key.start + start..pair.key.end + start;
        pair.value = pair.value.start + start..pair.value.end + start;
        if outcome.is_ok() {
            outcome = record.take_pair(shape, line, &pair);
        }
    });
    outcome
}

/// `10.0.0.7:80, 10.0.0.8:80` as a JSON list; nginx parts groups of upstreams by ` : `.
fn list(value: &[u8]) -> Vec<u8> {
    let mut json = vec![b'['];
    let words = value.split(|&byte| byte == b' ').map(|word| word.strip_suffix(b",").unwrap_or(word));
    for word in words.filter(|word| !word.is_empty() && *word != b":") {
        if json.len() > 1 {
            json.push(b',');
        }
        if crate::record::is_bare_json(word) {
            json.extend_from_slice(word);
        } else if word == b"-" {
            json.extend_from_slice(b"null");
        } else {
            escape::write(word, &mut json);
        }
    }
    json.push(b']');
    json
}
