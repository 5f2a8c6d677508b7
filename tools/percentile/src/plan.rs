//! What the command line comes to: which fields, groups and percentiles, how to read a number, how much memory.
//!
//! Owns the defaults. Refuses options that contradict each other, with `conflicts.rs`.

use std::sync::OnceLock;

use expr::{Aggregate, Condition, Path, Unit};
use filter::{Error, Filter};
use schema::{Object, Value, json};

use crate::conflicts;
use crate::flags::Config;
use crate::groups::Ending;
use crate::options::{Asked, Parameters};
use crate::read::wanted::Wanted;
use crate::stats::definitions::Percentile;
use crate::stats::sketch::Precision;
use number::Sample;

/// The default of `--max-memory`.
const MAX_MEMORY: usize = 1 << 30;

/// More threads than this are not started unasked: reading keeps up with about so many.
const THREADS: usize = 4;

/// What is wrong with `--name` where the input holds records.
pub const UNNAMED: &str = "--name is for bare numbers; fields of records have names of their own";

/// What is to be done.
#[derive(Debug)]
pub struct Plan {
    /// The fields with a name of their own.
    pub fields: Vec<Path>,
    /// The fields with `*` or `**` in them.
    pub wildcards: Vec<Path>,
    /// Whether every number of a record is a field.
    pub all_fields: bool,
    /// Names that are no metric: groups, weights.
    pub left_out: Vec<String>,
    /// The members of a record that are read.
    pub wanted: Wanted,
    /// The paths of the groups.
    pub by: Vec<Path>,
    /// The path of the weight.
    pub weight: Option<Path>,
    /// Whether only records will do.
    pub records_only: bool,
    /// `--where`: all must be true of a record.
    pub conditions: Vec<Condition>,
    /// `-a`
    pub aggregates: Vec<Aggregate>,
    /// Whether states are read, not samples.
    pub merged: bool,
    /// Whether it turned out that no state read a record.
    pub no_records: bool,
    /// `--na`: texts that mean no value.
    pub na: Vec<String>,
    /// `--no-missing`: a record without a number is one that could not be read.
    pub no_missing: bool,
    /// What the summary of bare numbers stands under.
    pub name: Option<String>,
    /// What to sort the groups by.
    pub sort: Option<Path>,
    /// How many groups to print.
    pub top: Option<usize>,
    /// The unit that texts are converted to.
    pub unit: Option<Unit>,
    /// What to print of each metric.
    pub asked: Asked,
    /// How many bytes samples may take up.
    pub max_memory: usize,
    /// The precision of sketches.
    pub precision: Precision,
    /// Whether to sketch at once.
    pub sketch: bool,
    /// How many threads take the input apart, once it is known.
    threads: OnceLock<usize>,
}

impl Plan {
    /// Makes sense of what was said.
    pub fn new(config: &Config, filter: &Filter) -> Result<Plan, Error> {
        conflicts::check(config, &filter.options)?;
        let (wildcards, fields): (Vec<Path>, Vec<Path>) = config.fields.iter().cloned().partition(Path::has_wildcard);
        let time = config.window.and(config.time.as_ref());
        let named = config.by.iter().chain(&config.weight).chain(time);
        let left_out: Vec<String> = named.map(|path| path.dotted().to_owned()).collect();
        if let Some(path) = config.by.iter().find(|path| path.has_wildcard()) {
            return Err(Error::usage(format!("-b {path}: wanted a path without *")));
        }
        let percentiles = if config.percentiles.is_empty() {
            Percentile::parse_list("50,95,99").map_err(Error::usage)?
        } else {
            config.percentiles.clone()
        };
        let conditions = filter.options.conditions.clone();
        let records_only = !config.fields.is_empty()
            || !config.by.is_empty()
            || config.weight.is_some()
            || !config.aggregates.is_empty()
            || config.window.is_some()
            || !conditions.is_empty();
        if records_only && config.name.is_some() && !config.histogram {
            return Err(Error::usage(UNNAMED));
        }
        let wanted = if config.fields.is_empty() {
            Wanted::all()
        } else {
            let read = conditions.iter().flat_map(Condition::paths);
            let read = read.chain(config.aggregates.iter().flat_map(Aggregate::paths)).chain(&wildcards);
            Wanted::new(fields.iter(), read.chain(&config.by).chain(&config.weight).chain(time))
        };
        // First and last, runs and rises need the records in order.
        let threads = if config.aggregates.is_empty() { config.threads } else { Some(1) };
        Ok(Plan {
            all_fields: config.fields.is_empty(),
            fields,
            wildcards,
            left_out,
            wanted,
            by: config.by.clone(),
            weight: config.weight.clone(),
            records_only,
            unit: config.unit,
            conditions,
            name: config.name.clone(),
            sort: config.sort.clone(),
            top: config.top,
            asked: Asked {
                percentiles,
                method: config.method.unwrap_or_default(),
                sum: config.sum,
                sure: config.sure.clone(),
                buckets: config.hlog,
                interval: config.interval,
            },
            max_memory: config.max_memory.unwrap_or(MAX_MEMORY),
            precision: config.precision.unwrap_or_default(),
            sketch: config.sketch,
            threads: threads.map_or_else(OnceLock::new, OnceLock::from),
            aggregates: config.aggregates.clone(),
            merged: config.merge,
            no_records: false,
            na: config.na.clone(),
            no_missing: config.no_missing,
        })
    }

    /// How many threads take a large input apart. The system is asked at most once, and that takes longer than a small
    /// input does.
    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get().min(THREADS));
        *self.threads.get_or_init(cores)
    }

    /// What of this must be the same in states that are merged.
    pub fn parameters(&self) -> Parameters {
        let texts = |paths: &[Path]| paths.iter().map(|path| path.dotted().to_owned()).collect::<Vec<String>>();
        let mut reading = Object::new();
        if let Some(unit) = self.unit {
            reading.insert("unit", unit.written());
        }
        if let Some(path) = &self.weight {
            reading.insert("weight", path.dotted().to_owned());
        }
        if let Some(interval) = self.asked.interval {
            reading.insert("expected_interval", interval.number());
        }
        if self.asked.buckets {
            reading.insert("input", "hlog");
        }
        if !self.na.is_empty() {
            let mut na: Vec<&String> = self.na.iter().collect();
            na.sort();
            na.dedup();
            reading.insert("na", na.into_iter().map(|text| Value::from(text.clone())).collect::<Vec<_>>());
        }
        if self.no_missing {
            reading.insert("no_missing", true);
        }
        if !self.conditions.is_empty() {
            let mut conditions: Vec<String> = self.conditions.iter().map(Condition::to_string).collect();
            conditions.sort();
            reading.insert("where", conditions.into_iter().map(Value::from).collect::<Vec<_>>());
        }
        let fields = texts(&self.fields).into_iter().chain(self.wildcards.iter().map(Path::to_string)).collect();
        Parameters { by: texts(&self.by), fields: (!self.all_fields).then_some(fields), reading }
    }

    /// How reading ends.
    pub fn ending(&self) -> Ending<'_> {
        Ending {
            named: self.fields.len(),
            asked: self.wildcards.iter().filter_map(Path::last_name).collect(),
            no_missing: self.no_missing,
            weighed: self.weight.is_some(),
        }
    }

    /// Whether a record needs no more than its fields and groups read.
    pub fn is_simple(&self) -> bool {
        let plain = !self.all_fields && self.wildcards.is_empty() && self.weight.is_none();
        plain && self.conditions.is_empty() && self.aggregates.is_empty()
    }

    /// The number that `text` is: a JSON number, or one with a unit where `--unit` is given.
    /// Also whether it is exact.
    pub fn number(&self, text: &[u8]) -> Option<(Sample, bool)> {
        if let Some(one) = Sample::read(text) {
            return Some(one);
        }
        crate::options::with_unit(std::str::from_utf8(text).ok()?, self.unit?)
    }

    /// Whether `text` means no value, as `--na` says.
    pub fn is_none(&self, text: &[u8]) -> bool {
        self.na.iter().any(|none| none.as_bytes() == text)
    }

    /// What is wrong with a text that is no number.
    pub fn not_a_number(&self, text: &[u8]) -> String {
        format!("{} is not a number; {}", json::quote(text), self.hint(text))
    }

    /// What is wrong with a value that is no number.
    pub fn not_this_value(&self, value: &Value<'_>) -> String {
        match value {
            Value::Text(text) => {
                format!("text like {}; {}", json::quote(text.as_bytes()), self.hint(text.as_bytes()))
            }
            Value::Number(number) => format!("{}; no double holds that", json::quote(number.as_str().as_bytes())),
            Value::List(list) if list.is_empty() => "ambiguous: a flat key and a nested path have this name".to_owned(),
            other => format!("{}; wanted a number", other.kind()),
        }
    }

    /// How a text that is no number could be read.
    pub fn hint(&self, text: &[u8]) -> String {
        let letters = text.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (digits, unit) = text.split_at(text.len() - letters);
        let with_unit = || {
            let written = std::str::from_utf8(unit).ok()?;
            Sample::parse(digits)?;
            Unit::from_written(written)?;
            Some(format!("read them with --unit {written}"))
        };
        let word = |text: &[u8]| {
            let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
            if !text.is_empty() && text.iter().all(is_plain) {
                String::from_utf8_lossy(text).into_owned()
            } else {
                format!("'{}'", String::from_utf8_lossy(text).replace('\'', "'\\''"))
            }
        };
        match with_unit() {
            Some(hint) => hint,
            None if text.len() <= 40 => format!("wanted numbers (--na {} where it means no value)", word(text)),
            None => "wanted numbers".to_owned(),
        }
    }
}
