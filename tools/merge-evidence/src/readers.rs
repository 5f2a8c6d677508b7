//! What a source is: told by its shape, or insisted on, and then read by the reader of that format.
//!
//! Owns the telling apart and the refusal of what is plainly no evidence; each format's own file owns the rest.

mod hyperfine;
mod k6_summary;
mod oha;
mod pods;
mod vegeta;

use expr::Path;
use schema::{Code, Evidence, Object, Seal, Value, json};

use crate::facts::{Content, Doubt, Facts, Span};
use crate::relations;
use crate::values;

/// The formats, and the words that insist on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON document, or records.
    Json,
    /// A document one of our tools wrote.
    Evidence,
    /// k6's end-of-test summary, new or old.
    K6,
    /// `kubectl get pods -o json`
    Pods,
    /// oha's JSON.
    Oha,
    /// vegeta's JSON report.
    Vegeta,
    /// hyperfine's export.
    Hyperfine,
    /// Comma-separated values with a header.
    Csv,
}

const FORMATS: [(Format, &str); 8] = [
    (Format::Json, "json"),
    (Format::Evidence, "evidence"),
    (Format::K6, "k6"),
    (Format::Pods, "pods"),
    (Format::Oha, "oha"),
    (Format::Vegeta, "vegeta"),
    (Format::Hyperfine, "hyperfine"),
    (Format::Csv, "csv"),
];

impl Format {
    /// The words, in the order help shows them.
    pub fn words() -> impl Iterator<Item = &'static str> {
        FORMATS.iter().map(|row| row.1)
    }

    /// The format a word names.
    pub fn from_word(word: &str) -> Option<Format> {
        FORMATS.iter().find(|row| row.1 == word).map(|row| row.0)
    }
}

/// Why a source cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Line and column, where there is one place.
    pub place: Option<(usize, usize)>,
    /// What was wrong there.
    pub reason: String,
}

impl Failure {
    /// A failure of the source as a whole.
    pub fn whole(reason: impl Into<String>) -> Self {
        Failure { place: None, reason: reason.into() }
    }
}

/// A source, read, and the seals that stood in it.
#[derive(Clone, Debug, Default)]
pub struct Reading<'a> {
    /// What the reader made of it.
    pub facts: Facts<'a>,
    /// Its seals, checked, flat.
    pub seals: Vec<Seal>,
    /// Records read.
    pub records: u64,
}

/// Reads a source. `sealed` asks for a seal at its end.
///
/// # Errors
/// Text that is no document of the format; a seal that is missing or wrong.
pub fn read(bytes: &[u8], insisted: Option<Format>, sealed: bool) -> Result<Reading<'_>, Failure> {
    if filter::is_html(bytes) {
        return Err(Failure::whole("is an HTML page where data should be: look at the URL and the login"));
    }
    let found = values::all(bytes, sealed)?;
    let mut reading = Reading { records: found.values.len() as u64, seals: found.seals, ..Reading::default() };
    let mut values = found.values;
    let mut facts = match (values.pop(), values.is_empty()) {
        (None, _) => Facts {
            format: "json",
            content: Content::One(Value::Null),
            doubts: vec![Doubt::new(&[], Code::NoRecords, "the source is empty")],
            ..Facts::default()
        },
        (Some(single), true) => document(single, insisted)?,
        (Some(last), false) => {
            values.push(last);
            records(values, insisted)?
        }
    };
    facts.doubts = relations::joined(std::mem::take(&mut facts.doubts));
    reading.facts = facts;
    Ok(reading)
}

fn records(values: Vec<Value<'_>>, insisted: Option<Format>) -> Result<Facts<'_>, Failure> {
    let mut all = Facts { format: "json", ..Facts::default() };
    let mut list = Vec::with_capacity(values.len());
    for (place, value) in values.into_iter().enumerate() {
        if value.as_object().is_none() {
            return Err(Failure::whole(format!("{} among records; wanted objects", value.kind())));
        }
        let facts = document(value, insisted)?;
        let step = place.to_string();
        all.format = facts.format;
        all.span.join(facts.span);
        all.doubts.extend(facts.doubts.into_iter().map(|doubt| doubt.under(&step)));
        if let Some(evidence) = facts.evidence {
            let all = all.evidence.get_or_insert_with(Evidence::default);
            all.sources.extend(evidence.sources);
            all.seals.extend(evidence.seals);
            all.declared.extend(evidence.declared.iter().filter_map(|path| below(&step, path)));
            for mut unknown in evidence.unknown {
                if let Some(path) = below(&step, &unknown.path) {
                    unknown.path = path;
                    all.unknown.push(unknown);
                }
            }
        }
        let Content::One(value) = facts.content else { continue };
        list.push(value);
    }
    all.content = Content::Many(list);
    Ok(all)
}

fn below(step: &str, path: &str) -> Option<String> {
    let path = Path::parse(path).ok()?;
    let mut steps = vec![expr::Step::Name { text: step.to_owned(), quoted: false }];
    steps.extend(path.steps().iter().cloned());
    Path::from_steps(steps).map(|path| path.to_string())
}

fn document(value: Value<'_>, insisted: Option<Format>) -> Result<Facts<'_>, Failure> {
    let format = insisted.unwrap_or_else(|| told_by_shape(&value));
    let fits = match format {
        Format::K6 => k6_summary::fits(&value),
        Format::Pods => pods::fits(&value),
        Format::Oha => oha::fits(&value),
        Format::Vegeta => vegeta::fits(&value),
        Format::Hyperfine => hyperfine::fits(&value),
        Format::Evidence => value.get("@evidence").is_some(),
        Format::Json | Format::Csv => true,
    };
    if !fits {
        let word = FORMATS.iter().find(|row| row.0 == format).map_or("", |row| row.1);
        return Err(Failure::whole(format!("does not have the shape of {word}")));
    }
    Ok(match format {
        Format::K6 => k6_summary::read(&value),
        Format::Pods => pods::read(&value),
        Format::Oha => oha::read(&value),
        Format::Vegeta => vegeta::read(&value),
        Format::Hyperfine => hyperfine::read(&value),
        Format::Json | Format::Csv | Format::Evidence => own(value)?,
    })
}

fn told_by_shape(value: &Value<'_>) -> Format {
    let shapes: [(fn(&Value<'_>) -> bool, Format); 6] = [
        (|value| value.get("@evidence").is_some(), Format::Evidence),
        (k6_summary::fits, Format::K6),
        (vegeta::fits, Format::Vegeta),
        (oha::fits, Format::Oha),
        (pods::fits, Format::Pods),
        (hyperfine::fits, Format::Hyperfine),
    ];
    shapes.iter().find(|(fits, _)| fits(value)).map_or(Format::Json, |row| row.1)
}

/// Plain JSON, and what our own tools write: values as they are, `@evidence` taken in.
fn own(mut value: Value<'_>) -> Result<Facts<'_>, Failure> {
    let mut facts = Facts { format: "json", ..Facts::default() };
    if let Value::Object(object) = &mut value {
        if let Some(said) = object.remove("@evidence") {
            let understood = Evidence::from_value(&said);
            facts.evidence = Some(understood.ok_or_else(|| Failure::whole("its @evidence is not one that we know"))?);
            facts.format = "evidence";
        }
        for key in schema::OUR_KEYS {
            object.remove(key);
        }
        facts.span = told_times(object);
    }
    relations::generic(&value, &mut Vec::new(), &mut facts.doubts);
    facts.content = Content::One(value);
    Ok(facts)
}

/// Keys under which documents say when they were made. Only a text with its offset from UTC is a moment.
const TIMES: [&str; 14] = [
    "timestamp",
    "time",
    "ts",
    "generated_at",
    "collected_at",
    "created_at",
    "started_at",
    "start_time",
    "start",
    "finished_at",
    "ended_at",
    "end_time",
    "end",
    "@timestamp",
];

fn told_times(object: &Object<'_>) -> Span {
    let mut span = Span::default();
    for key in TIMES {
        span.see_text(object.get(key).and_then(Value::as_text).unwrap_or_default());
    }
    span
}

/// The place of a JSON error in a text of which `before` bytes went before.
pub fn located(error: &json::Error, text: &[u8], first_line: usize) -> Failure {
    let (line, column) = error.line_and_column(text);
    let cut = if error.unfinished { " (cut short?)" } else { "" };
    Failure { place: Some((first_line + line - 1, column)), reason: format!("{error}{cut}") }
}
