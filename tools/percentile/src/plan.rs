//! What the command line comes to: which fields, groups and percentiles, how to read a number, how much memory.
//!
//! Owns the defaults. Refuses options that contradict each other, with `conflicts.rs`.

use std::sync::OnceLock;

use expr::{Aggregate, Condition, Formula, Path, Unit};
use filter::{Common, Error, Filter};
use jiff::tz::TimeZone;
use schema::{Object, Value, json};
use time::Clock;

use crate::conflicts;
use crate::flags::Config;
use crate::groups::Ending;
use crate::options::{Asked, KEYS, Parameters};
use crate::read::key::{Key, Timing};
use crate::read::wanted::Wanted;
use crate::stats::certain::Rule;
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
    /// What the groups are called by; a window, if there is one, is not among them.
    pub by: Vec<Path>,
    /// What a record is grouped by: what `by` calls, behind the window in a state.
    pub keys: Vec<Key>,
    /// `--time`
    pub timing: Option<Timing>,
    /// The width of the windows of a state, in nanoseconds.
    pub window: Option<i64>,
    /// Whether the first and the last time of the records are to be told.
    pub tells_span: bool,
    /// Whether `-a` asks which record was first or last.
    pub reads_order: bool,
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
    /// How many records the states were read from; 0 where one does not say.
    pub merged_records: u64,
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
    /// `--of`, `--stop-early`
    pub early: Option<Rule>,
    /// How many threads take the input apart, once it is known.
    threads: OnceLock<usize>,
}

/// When to stop before the end.
fn early(config: &Config, common: &Common) -> Result<Option<Rule>, Error> {
    let Some((question, of)) = config.stop_early.as_ref().zip(config.of) else { return Ok(None) };
    if common.allow_rejected.is_some() {
        let reason = "what is rejected is not among the samples that the rest is counted by";
        return Err(Error::usage(format!("--stop-early and --allow-rejected do not go together: {reason}")));
    }
    let field = match &*config.fields {
        [] => None,
        [field] if !field.has_wildcard() => Some(field),
        _ => return Err(Error::usage("--stop-early is of one field: -f PATH, without *")),
    };
    let method = config.method.unwrap_or_default();
    Rule::new(question, of, method, field, config.unit).map(Some).map_err(Error::usage)
}

impl Plan {
    /// Makes sense of what was said.
    pub fn new(config: &Config, filter: &Filter) -> Result<Plan, Error> {
        conflicts::check(config, &filter.options)?;
        let (wildcards, fields): (Vec<Path>, Vec<Path>) = config.fields.iter().cloned().partition(Path::has_wildcard);
        let time = config.window.and(config.time.as_ref());
        let read: Vec<&Path> = config.formulas.iter().flatten().flat_map(Formula::paths).collect();
        let named = config.by.iter().chain(&config.weight).chain(time).chain(read);
        let left_out: Vec<String> = named.map(|path| path.dotted().to_owned()).collect();
        if let Some(path) = config.by.iter().find(|path| path.has_wildcard()) {
            return Err(Error::usage(format!("-b {path}: wanted a path without *")));
        }
        let percentiles = if config.percentiles.is_empty() {
            Percentile::parse_list("50,95,99").map_err(Error::usage)?
        } else {
            config.percentiles.clone()
        };
        let mut percentiles = percentiles;
        let early = early(config, &filter.options)?;
        if let Some(asked) = config.stop_early.as_ref().map(|question| &question.percentile)
            && !percentiles.contains(asked)
        {
            percentiles.push(asked.clone());
        }
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
        if config.histogram && config.formulas.iter().any(Option::is_some) {
            return Err(Error::usage(
                "--histogram and -b NAME=EXPR do not go together: buckets are counts, no records",
            ));
        }
        let clock = || Clock::new(TimeZone::UTC, filter.now());
        let timing = config.time.as_ref().map(|path| Timing { path: path.clone(), clock: clock() });
        let in_state = config.window.filter(|_| config.state);
        let window = in_state.zip(timing.clone()).map(|(width, timing)| Key::Window(timing, width));
        let keys = config.by.iter().zip(&config.formulas).map(|(path, formula)| match formula {
            Some(formula) => Key::Formula(formula.clone()),
            None => Key::Path(path.clone()),
        });
        let keys: Vec<Key> = window.into_iter().chain(keys).collect();
        if config.state {
            let timed = timing.is_some();
            if let Some(aggregate) = config.aggregates.iter().find(|aggregate| !aggregate.joins_in_any_order(timed)) {
                let way = if aggregate.joins_in_any_order(true) { ": say --time" } else { "" };
                let reason = "needs the records in order, and parts come in any";
                return Err(Error::usage(format!("--state and -a '{aggregate}': it {reason}{way}")));
            }
        }
        let wanted = if config.fields.is_empty() {
            Wanted::all()
        } else {
            let read = conditions.iter().flat_map(Condition::paths);
            let read = read.chain(config.aggregates.iter().flat_map(Aggregate::paths)).chain(&wildcards);
            let read = read.chain(keys.iter().flat_map(Key::paths)).chain(&config.time);
            Wanted::new(fields.iter(), read.chain(&config.weight))
        };
        // First and last, runs and rises need the records in order.
        let in_any_order = config.aggregates.iter().all(|aggregate| aggregate.joins_in_any_order(false));
        let threads = if in_any_order { config.threads } else { Some(1) };
        let reads_order = config.aggregates.iter().any(Aggregate::reads_order);
        Ok(Plan {
            all_fields: config.fields.is_empty(),
            fields,
            wildcards,
            left_out,
            wanted,
            by: config.by.clone(),
            keys,
            tells_span: config.state && timing.is_some(),
            timing,
            window: in_state,
            reads_order,
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
            early,
            threads: threads.map_or_else(OnceLock::new, OnceLock::from),
            aggregates: config.aggregates.clone(),
            merged: config.merge,
            no_records: false,
            merged_records: 0,
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
        if !self.aggregates.is_empty() {
            let texts = self.aggregates.iter().map(|aggregate| Value::from(aggregate.to_string()));
            reading.insert("aggregates", texts.collect::<Vec<_>>());
        }
        if let Some(timing) = &self.timing {
            reading.insert("time", timing.path.dotted().to_owned());
        }
        let formulas: Vec<Value<'static>> = self
            .keys
            .iter()
            .filter_map(
                |key| if let Key::Formula(formula) = key { Some(Value::from(formula.to_string())) } else { None },
            )
            .collect();
        if !formulas.is_empty() {
            reading.insert("formulas", formulas);
        }
        let mut by = texts(&self.by);
        if let Some(width) = self.window {
            reading.insert("window_ns", width.unsigned_abs());
            by.insert(0, KEYS[0].to_owned());
        }
        let fields = texts(&self.fields).into_iter().chain(self.wildcards.iter().map(Path::to_string)).collect();
        Parameters { by, fields: (!self.all_fields).then_some(fields), reading }
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

    /// Whether a record needs no more than its fields and groups read, if `--where` wants it.
    pub fn is_simple(&self) -> bool {
        let plain = self.wildcards.is_empty() && self.weight.is_none();
        let by_paths = self.keys.iter().all(|key| matches!(key, Key::Path(_)));
        plain && by_paths && self.aggregates.is_empty() && !self.tells_span
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
            Value::Number(number) => {
                format!("{}; a 64-bit float cannot represent that", json::quote(number.as_str().as_bytes()))
            }
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
        let is_words = std::str::from_utf8(text).is_ok_and(|text| !text.contains(char::is_control));
        match with_unit() {
            Some(hint) => hint,
            None if Sample::parse(text).is_some() => {
                "they are numbers in quotes, which kv-extract --as NAME=num takes off".to_owned()
            }
            None if is_comma_fraction(text) => {
                "wanted a decimal point: tr , . changes it, kv-extract --decimal , reads tables of such numbers"
                    .to_owned()
            }
            None if text.split(|byte| b" \t;".contains(byte)).all(|part| Sample::parse(part).is_some()) => {
                "wanted one number a line; kv-extract -f csv reads tables".to_owned()
            }
            None if text.len() <= 40 && is_words => {
                format!("wanted numbers (--na {} where it means no value)", word(text))
            }
            // Words and signs, not one text in place of a number: a line of a log or a table.
            None if text.iter().any(|byte| b" \t,;=".contains(byte)) => {
                "wanted numbers; kv-extract turns a log or a table into records".to_owned()
            }
            None => "wanted numbers".to_owned(),
        }
    }
}

/// Whether a text is a number with a decimal comma: `1,5`; `1,234` may be grouped by thousands.
fn is_comma_fraction(text: &[u8]) -> bool {
    let mut parts = text.split(|byte| *byte == b',');
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    parts.next().is_some_and(|whole| digits(whole.strip_prefix(b"-").unwrap_or(whole)))
        && parts.next().is_some_and(|part| digits(part) && part.len() != 3)
        && parts.next().is_none()
}
