//! What a source is: told by its shape, or insisted on, and then read by the reader of that format.
//!
//! Owns the telling apart and the refusal of what is plainly no evidence; each format's own file owns the rest.

mod around;
mod bench;
mod commas;
mod foreign;
mod impossible;
pub mod k6;
pub mod load;
mod probe;
mod prometheus;
mod runners;
mod table;
pub mod times; // when documents and records are from
mod xml;

use bench::hyperfine;
use expr::Path;
use k6::summary as k6_summary;
use load::{oha, vegeta};
use probe::{curl, pods};
use prometheus::{api as prometheus_api, scrape as prometheus_text};
use runners::{catch2, ctest, go_test, junit, robot, tap, test_json};
use schema::{Code, Evidence, Origin, Seal, Value};

use crate::facts::{Content, Doubt, Facts, Failure, Span, TextReader, Told};
use crate::merge::{Document, keys};
use crate::relations;
use crate::source::values;

/// The formats, and the words that insist on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON document, or records.
    Json,
    /// JSON records, also where there is only one.
    Jsonl,
    /// A document one of our tools wrote.
    Evidence,
    /// k6's end-of-test summary, new or old.
    K6,
    /// k6's granular output, a point a line.
    K6Points,
    /// A scrape, or answers of the HTTP API.
    Prometheus,
    /// `kubectl get pods -o json`
    Pods,
    /// oha's JSON.
    Oha,
    /// vegeta's JSON report.
    Vegeta,
    /// hyperfine's export.
    Hyperfine,
    /// JUnit XML.
    Junit,
    /// TAP.
    Tap,
    /// `go test -json`, an event a line.
    GoTest,
    /// Robot Framework's output.xml.
    Robot,
    /// CTest's own Test.xml.
    Ctest,
    /// `--gtest_output=json`
    Gtest,
    /// Catch2's own XML and JSON.
    Catch2,
    /// `pytest --json-report`
    PytestJson,
    /// `curl -w`: `%{json}` or a list.
    Curl,
    /// Comma-separated values with a header.
    Csv,
    /// Tab-separated values with a header.
    Tsv,
    /// A tool of the table of `foreign`, by its place there.
    Foreign(usize),
}

const FORMATS: [(Format, &str); 21] = [
    (Format::Json, "json"),
    (Format::Jsonl, "jsonl"),
    (Format::Evidence, "evidence"),
    (Format::K6, "k6"),
    (Format::K6Points, "k6-points"),
    (Format::Prometheus, "prometheus"),
    (Format::Pods, "pods"),
    (Format::Oha, "oha"),
    (Format::Vegeta, "vegeta"),
    (Format::Hyperfine, "hyperfine"),
    (Format::Junit, "junit"),
    (Format::Tap, "tap"),
    (Format::GoTest, "go-test"),
    (Format::Robot, "robot"),
    (Format::Ctest, "ctest"),
    (Format::Gtest, "gtest"),
    (Format::Catch2, "catch2"),
    (Format::PytestJson, "pytest-json"),
    (Format::Curl, "curl"),
    (Format::Csv, "csv"),
    (Format::Tsv, "tsv"),
];

impl Format {
    /// The words, in the order help shows them.
    pub fn words() -> impl Iterator<Item = &'static str> {
        FORMATS.iter().map(|row| row.1).chain(foreign::FOREIGN.iter().map(|foreign| foreign.word))
    }

    /// The word that insists on the format.
    pub fn word(self) -> &'static str {
        match self {
            Format::Foreign(place) => foreign::FOREIGN.get(place).map_or("", |foreign| foreign.word),
            _ => FORMATS.iter().find(|row| row.0 == self).map_or("", |row| row.1),
        }
    }

    /// The format a word names.
    pub fn from_word(word: &str) -> Option<Format> {
        let found = FORMATS.iter().find(|row| row.1 == word).map(|row| row.0);
        found.or_else(|| foreign::from_word(word).map(Format::Foreign))
    }
}

/// What is said of a page that a proxy or a login gave.
pub const HTML: &str = "is an HTML page where data should be: look at the URL and the login";

/// A source, read, and the seals that stood in it.
#[derive(Clone, Debug, Default)]
pub struct Reading<'a> {
    /// What the reader made of it.
    pub facts: Facts<'a>,
    /// Its seals, checked, each with those it stands on.
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
        return Err(Failure::whole(HTML));
    }
    match xml::decoded(bytes)? {
        Some(text) => read_decoded(text.as_bytes(), insisted, sealed).map(Reading::into_owned),
        None => read_decoded(bytes, insisted, sealed),
    }
}

fn read_decoded(bytes: &[u8], insisted: Option<Format>, sealed: bool) -> Result<Reading<'_>, Failure> {
    if !sealed
        && let Ok(text) = std::str::from_utf8(bytes)
        && let Some(plain) = around::unprefixed(around::uncoloured(text).as_deref().unwrap_or(text))
        && let Ok(reading) = read_lines(&plain, insisted)
        && is_known(reading.facts.format)
    {
        return Ok(reading.into_owned());
    }
    let failure = match read_alone(bytes, insisted, sealed) {
        Err(failure) if !sealed => failure,
        reading => return reading,
    };
    let Ok(text) = std::str::from_utf8(bytes) else { return Err(failure) };
    match around::uncoloured(text) {
        Some(plain) => {
            let reading = read_alone(plain.as_bytes(), insisted, false);
            reading.or_else(|failure| read_within(&plain, insisted, failure)).map(Reading::into_owned)
        }
        None => read_within(text, insisted, failure),
    }
}

/// Reads a text whose lines have lost what stood before each.
fn read_lines(text: &str, insisted: Option<Format>) -> Result<Reading<'_>, Failure> {
    read_alone(text.as_bytes(), insisted, false).or_else(|failure| read_within(text, insisted, failure))
}

/// Whether a format is that of a tool, which nothing else looks like.
fn is_known(word: &str) -> bool {
    !["json", "jsonl", "evidence", "csv", "tsv", "curl"].contains(&word)
}

/// Of so many samples no two runs measure the same.
const SAMPLES: f64 = 30.0;

/// Whether a source is a report of times that were measured, of so many samples that no other run has the same: load tools
/// and benchmarks. Reports of tests need not have times, and counters may stand still.
pub fn measured(facts: &Facts<'_>) -> bool {
    const WORDS: [&str; 8] =
        ["k6", "k6-points", "oha", "vegeta", "fio", "redis-benchmark", "memtier", "google-benchmark"];
    fn holds(value: &Value<'_>, depth: usize) -> bool {
        value.as_object().is_some_and(|object| {
            object.iter().any(|(key, value)| match value {
                Value::Number(number) => {
                    ["requests", "count", "samples", "operations"].contains(&key)
                        && number.to_f64().is_some_and(|count| count >= SAMPLES)
                }
                Value::Object(_) => depth > 0 && holds(value, depth - 1),
                _ => false,
            })
        })
    }
    let known = WORDS.contains(&facts.format) || foreign::loads(facts.format);
    known && matches!(&facts.content, Content::One(value) if holds(value, 4))
}

/// Reads a text that is a report and nothing else.
fn read_alone(bytes: &[u8], insisted: Option<Format>, sealed: bool) -> Result<Reading<'_>, Failure> {
    if insisted == Some(Format::GoTest) || insisted.is_none() && go_test::fits(bytes) {
        return text(bytes, sealed, &|text| go_test::read(text));
    }
    let format = insisted.or_else(|| told_by_text(bytes));
    let mut reading = match format {
        Some(_) if begins_as_json(bytes) => documents(bytes, insisted, sealed)?,
        Some(Format::Foreign(place)) => text(bytes, sealed, &|text| foreign::read_text(place, text))?,
        format => match format.and_then(reader_of_text) {
            Some(read) => text(bytes, sealed, &|text| read(text))?,
            None => documents(bytes, insisted, sealed)?,
        },
    };
    // These readers leave out lines that they do not know.
    if matches!(format, Some(Format::Foreign(_) | Format::Tap))
        && !begins_as_json(bytes)
        && let Ok(text) = std::str::from_utf8(bytes)
        && let Some(failed) = around::ended(text).or_else(|| around::said_by(reading.facts.format, text, false))
    {
        around::doubt(&mut reading.facts, failed);
    }
    let impossible = impossible::doubts(&reading.facts);
    reading.facts.doubts.extend(impossible);
    reading.facts.doubts = relations::joined(std::mem::take(&mut reading.facts.doubts));
    Ok(reading)
}

/// Reads the one report that stands in a text among other lines; `failure` is why the text as a whole is none.
fn read_within(text: &str, insisted: Option<Format>, failure: Failure) -> Result<Reading<'_>, Failure> {
    // What has the shape of a tool's text, and is wrong, holds no second one.
    let found = match told_by_text(text.as_bytes()) {
        Some(Format::Foreign(_)) if foreign::is_table(text) => around::before_notes(text),
        Some(Format::Foreign(_)) => None,
        _ => around::report(text)?,
    };
    let Some(found) = found else { return Err(failure) };
    if let Some(Format::Foreign(place)) = told_by_text(found.report.as_bytes())
        && let Some((line, reason)) = foreign::broke_off(place, found.before)
    {
        return Err(Failure { place: Some((line, 1)), reason });
    }
    if foreign::is_table(found.report)
        && let Some(line) = foreign::row_of_another(found.before, found.report)
    {
        let reason = "rows of another table come before the header: give each run a file".to_owned();
        return Err(Failure { place: Some((line, 1)), reason });
    }
    let mut reading = read_alone(found.report.as_bytes(), insisted, false).map_err(|mut failure| {
        failure.place = failure.place.map(|(line, column)| (line + found.lines, column));
        failure
    })?;
    let tool = reading.facts.format;
    let failed = found.failed.or_else(|| around::said_by(tool, found.before, true)).or_else(|| {
        let lines = found.lines + found.report.matches('\n').count();
        around::said_by(tool, found.behind, false).map(|(line, said)| (lines + line, said))
    });
    if let Some(failed) = failed {
        around::doubt(&mut reading.facts, failed);
    }
    Ok(reading)
}

impl Reading<'_> {
    /// The same with values of its own.
    fn into_owned(self) -> Reading<'static> {
        Reading { facts: self.facts.into_owned(), seals: self.seals, records: self.records }
    }
}

/// Whether a text begins as XML that one of the readers knows.
fn is_report(text: &str) -> bool {
    told_by_text(text.as_bytes()).is_some_and(|format| {
        matches!(format, Format::Junit | Format::Robot | Format::Ctest | Format::Catch2 | Format::Foreign(_))
    })
}

/// What is said of other XML.
const NO_REPORT: &str = "is XML, but no report of tests that we know";
/// What is said where a seal is asked of a format that has none.
const UNSEALED: &str = "no-seal: a format of others has no seal; --unsealed lets it in";

/// The reader of a format that is no JSON, or need not be.
fn reader_of_text(format: Format) -> Option<TextReader> {
    Some(match format {
        Format::Prometheus => |text| prometheus_text::read(text),
        Format::Junit => |text| junit::read(text),
        Format::Robot => |text| robot::read(text),
        Format::Ctest => |text| ctest::read(text),
        Format::Catch2 => |text| catch2::read(text),
        Format::Tap => |text| tap::read(text),
        Format::Curl => |text| curl::read_list(text),
        Format::Csv => |text| table::csv(text),
        Format::Tsv => |text| table::tsv(text),
        _ => return None,
    })
}

/// Whether a text begins as a JSON object or list does.
pub fn begins_as_json(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    match start.first() {
        Some(b'[') => !marked(&start[1..]),
        // The quoted name of a metric stands in braces, too: {"http.server.requests"} 5
        Some(b'{') => {
            let line = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
            !line.get(..LONGEST_NAME.min(line.len())).is_some_and(quoted_metric)
        }
        _ => false,
    }
}

/// Whether what stands behind a bracket is the time or the level of a line: `[13:20:44] …`, `[2026-11-28 …`, `[INFO] …`.
fn marked(behind: &[u8]) -> bool {
    let end = behind.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(behind.len());
    match behind.get(..end).unwrap_or_default() {
        [] | b"true" | b"false" | b"null" => false,
        // What a shell says of a job: `[1] 4711`, `[1]+  Done   ./server`.
        [b'0'..=b'9', ..] if behind.get(end) == Some(&b']') => {
            let line =
                behind.get(end + 1..).unwrap_or_default().split(|&byte| byte == b'\n').next().unwrap_or_default();
            let said = line.trim_ascii_start();
            matches!(line.first(), Some(b' ' | b'\t' | b'+' | b'-'))
                && said.first().is_some_and(|&byte| !b",]}[".contains(&byte))
        }
        [b'0'..=b'9', ..] => matches!(behind.get(end), Some(b':' | b'-' | b'/')),
        _ => true,
    }
}

/// How far the quoted name of a metric, and its labels, are looked for.
const LONGEST_NAME: usize = 4096;

fn quoted_metric(line: &[u8]) -> bool {
    let text = std::str::from_utf8(line).unwrap_or_default();
    text.starts_with("{\"") && matches!(text::prometheus::line(text), Ok(text::prometheus::Line::Sample(_)))
}

/// The format that a text which is no JSON has, by how it begins; none for JSON and for what is unknown.
pub fn told_by_text(bytes: &[u8]) -> Option<Format> {
    if begins_as_json(bytes) {
        return None;
    }
    let start = &bytes[..bytes.len().min(SHAPE)];
    let start = match xml::decoded(start) {
        Ok(Some(text)) => text.into(),
        _ => String::from_utf8_lossy(start),
    };
    let start = if bytes.len() <= SHAPE { &start } else { whole_lines(&start) };
    if let Some(place) = foreign::told_by_text(start) {
        return Some(Format::Foreign(place));
    }
    let shapes: [(bool, Format); 10] = [
        (robot::fits(start), Format::Robot),
        (ctest::fits(start), Format::Ctest),
        (catch2::fits(start), Format::Catch2),
        (junit::fits(start), Format::Junit),
        (tap::fits(start), Format::Tap),
        (curl::fits_list(start), Format::Curl),
        (prometheus_text::fits(start), Format::Prometheus),
        (table::fits(start, '\t'), Format::Tsv),
        (table::SEPARATORS.into_iter().any(|separator| table::fits(start, separator)), Format::Csv),
        (table::fits_column(start), Format::Csv),
    ];
    shapes.iter().find(|row| row.0).map(|row| row.1)
}

/// Whether a text begins as a table with commas does.
pub fn is_csv(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(SHAPE)]);
    table::fits(&start, ',')
}

/// The part of a text that tells its format.
fn beginning(text: &str) -> &str {
    if text.len() <= SHAPE {
        return text;
    }
    let end = (0..=SHAPE).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    whole_lines(&text[..end])
}

/// The last line of a part may be half a line.
fn whole_lines(part: &str) -> &str {
    part.rfind('\n').map_or(part, |newline| &part[..newline])
}

/// How much of a text tells its format.
const SHAPE: usize = 64 << 10;

/// Reads a text, which may be a part of what is read.
type ReadText<'r> = dyn for<'a> Fn(&'a str) -> Result<Facts<'a>, Failure> + 'r;

fn text<'a>(bytes: &'a [u8], sealed: bool, read: &ReadText<'_>) -> Result<Reading<'a>, Failure> {
    if sealed {
        return Err(Failure::whole(UNSEALED));
    }
    let text = std::str::from_utf8(bytes).map_err(|bad| {
        let line = bytes[..bad.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count() + 1;
        Failure { place: Some((line, 1)), reason: "bytes that are not UTF-8".to_owned() }
    })?;
    let facts = read(text)?;
    let records = if let Content::Many(records) = &facts.content { records.len() as u64 } else { 1 };
    Ok(Reading { facts, seals: Vec::new(), records })
}

fn documents(bytes: &[u8], insisted: Option<Format>, sealed: bool) -> Result<Reading<'_>, Failure> {
    let found = match values::all(bytes, sealed) {
        // iperf3 -P writes some keys once a stream into one object.
        Err(failure) => match bench::iperf3::without_repeats(bytes) {
            Some(text) => values::all(&text, sealed).map(values::Found::into_owned),
            None => Err(failure),
        },
        found => found,
    };
    let found = found.map_err(|mut failure| {
        if failure.place == Some((1, 1)) && insisted.is_none() {
            if bytes.trim_ascii_start().starts_with(b"<") {
                return Failure::whole(NO_REPORT);
            }
            failure.reason.push_str(", and it does not look like any other format either; NAME:FORMAT=FILE names one, kv-extract reads logs");
        }
        failure
    })?;
    let mut reading = Reading { records: found.values.len() as u64, seals: found.seals, ..Reading::default() };
    let mut values = found.values;
    reading.facts = match (values.pop(), values.is_empty()) {
        (None, _) => Facts {
            format: "json",
            content: Content::One(Value::Null),
            doubts: vec![Doubt::new(&[], Code::NoRecords, "the source is empty")],
            ..Facts::default()
        },
        (Some(single), true) if insisted != Some(Format::Jsonl) => document(single, insisted)?,
        (Some(last), _) => {
            values.push(last);
            let one_run = !matches!(insisted, Some(Format::Json | Format::Jsonl)) && bench::fio::are_one_run(&values);
            match values.pop_if(|_| one_run) {
                Some(last) => document(last, insisted)?,
                None => records(values, insisted)?,
            }
        }
    };
    Ok(reading)
}

fn records(values: Vec<Value<'_>>, insisted: Option<Format>) -> Result<Facts<'_>, Failure> {
    let mut all = Facts { format: "json", ..Facts::default() };
    let mut list = Vec::with_capacity(values.len());
    for (place, value) in values.into_iter().enumerate() {
        if value.as_object().is_none() {
            return Err(Failure::whole(format!("{} among records; wanted objects", value.kind())));
        }
        let mut facts = document(value, insisted)?;
        let step = place.to_string();
        all.format = facts.format;
        all.span.join(facts.span);
        if facts.told.is_empty() && facts.span != Span::default() {
            facts.told.push(Told { steps: Vec::new(), span: facts.span });
        }
        all.told.extend(facts.told.into_iter().map(|told| told.under(&step)));
        all.doubts.extend(facts.doubts.into_iter().map(|doubt| doubt.under(&step)));
        all.holes.extend(facts.holes.into_iter().map(|(mut steps, hole)| {
            steps.insert(0, step.clone());
            (steps, hole)
        }));
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

/// Reads one JSON document.
///
/// # Errors
/// A document that has not the shape insisted on.
pub fn document(value: Value<'_>, insisted: Option<Format>) -> Result<Facts<'_>, Failure> {
    let format = insisted.unwrap_or_else(|| told_by_shape(&value));
    type Reader = for<'a> fn(&Value<'a>) -> Facts<'a>;
    let (fits, read): (fn(&Value<'_>) -> bool, Reader) = match format {
        Format::Json | Format::Jsonl => return own(value),
        Format::Foreign(place) => return foreign::read_document(place, &value),
        Format::Evidence => (|value| value.get("@evidence").is_some(), |_| Facts::default()),
        Format::K6 => (k6_summary::fits, |value| k6_summary::read(value)),
        Format::Pods => (pods::fits, |value| pods::read(value)),
        Format::Oha => (oha::fits, |value| oha::read(value)),
        Format::Vegeta => (vegeta::fits, |value| vegeta::read(value)),
        Format::Hyperfine => (hyperfine::fits, |value| hyperfine::read(value)),
        Format::Prometheus => (
            |value| {
                prometheus_api::fits(value) || matches!(value, Value::List(list) if prometheus_api::is_result(list))
            },
            |value| prometheus_api::read(value),
        ),
        Format::Curl => (curl::fits, |value| curl::read(value)),
        Format::Gtest => (test_json::fits_gtest, |value| test_json::read_gtest(value)),
        Format::PytestJson => (test_json::fits_pytest, |value| test_json::read_pytest(value)),
        Format::Catch2 => (catch2::fits_json, |value| catch2::read_json(value)),
        Format::GoTest | Format::Robot | Format::Ctest => (|_| false, |_| Facts::default()),
        Format::K6Points | Format::Junit | Format::Tap | Format::Csv | Format::Tsv => (|_| false, |_| Facts::default()),
    };
    if !fits(&value) {
        return Err(Failure::whole(format!("does not have the shape of {}", format.word())));
    }
    if format == Format::Evidence { own(value) } else { Ok(read(&value)) }
}

/// A format of documents, and whether a document has its shape.
type Shape = (Format, fn(&Value<'_>) -> bool);

const SHAPES: [Shape; 11] = [
    (Format::Evidence, |value| value.get("@evidence").is_some()),
    (Format::K6, k6_summary::fits),
    (Format::Vegeta, vegeta::fits),
    (Format::Oha, oha::fits),
    (Format::Pods, pods::fits),
    (Format::Hyperfine, hyperfine::fits),
    (Format::Curl, curl::fits),
    (Format::Gtest, test_json::fits_gtest),
    (Format::PytestJson, test_json::fits_pytest),
    (Format::Catch2, catch2::fits_json),
    (Format::Prometheus, prometheus_api::fits),
];

pub fn told_by_shape(value: &Value<'_>) -> Format {
    let found = SHAPES.iter().find(|(_, fits)| fits(value)).map(|row| row.0);
    found.or_else(|| foreign::told_by_shape(value).map(Format::Foreign)).unwrap_or(Format::Json)
}

/// Plain JSON, and what our own tools write: values as they are, `@evidence` taken in.
fn own(mut value: Value<'_>) -> Result<Facts<'_>, Failure> {
    let mut facts = Facts { format: "json", ..Facts::default() };
    if let Value::Object(object) = &mut value {
        facts.span = times::of(object);
        if let Some(said) = object.remove("@evidence") {
            let evidence = understood(&said).ok_or_else(|| Failure::whole("its @evidence is not one that we know"))?;
            facts.told.push(Told { steps: Vec::new(), span: facts.span });
            // A plan is made before the run, and may be about the time after it.
            for source in evidence.sources.iter().filter(|source| source.origin != Origin::Declared) {
                let mut span = Span::default();
                span.see_text(source.from.as_deref().unwrap_or_default());
                span.see_text(source.to.as_deref().unwrap_or_default());
                facts.span.join(span);
                let steps = Path::parse(&source.name).map_or(Vec::new(), |path| keys(&path));
                facts.told.push(Told { steps, span });
            }
            facts.evidence = Some(evidence);
            facts.format = "evidence";
        }
        for key in schema::OUR_KEYS {
            object.remove(key);
        }
    }
    let mut inner = Document::default();
    lift(&mut value, &mut Vec::new(), &mut inner)?;
    if inner.evidence != Evidence::default() {
        let said = facts.evidence.get_or_insert_with(Evidence::default);
        said.declared.extend(inner.evidence.declared);
        said.unknown.extend(inner.evidence.unknown);
        said.sources.extend(inner.evidence.sources);
    }
    relations::generic(&value, &mut Vec::new(), &mut facts.doubts);
    facts.content = Content::One(value);
    Ok(facts)
}

/// What a document says of itself, where every path that restricts it can be read.
pub fn understood(said: &Value<'_>) -> Option<Evidence> {
    let evidence = Evidence::from_value(said)?;
    let paths = evidence.declared.iter().chain(evidence.unknown.iter().map(|unknown| &unknown.path));
    paths.into_iter().all(|path| Path::parse(path).is_ok()).then_some(evidence)
}

/// Takes out every `@evidence` further down (a verdict carries that of its groups): what it restricts stays restricted.
fn lift(value: &mut Value<'_>, above: &mut Vec<String>, into: &mut Document<'_>) -> Result<(), Failure> {
    match value {
        Value::Object(object) => {
            if !above.is_empty()
                && let Some(said) = object.remove("@evidence")
            {
                let odd = || Failure::whole(format!("the @evidence in {} is not one that we know", above.join(".")));
                into.take_evidence(above, understood(&said).ok_or_else(odd)?);
            }
            for (key, value) in object.iter_mut() {
                if matches!(value, Value::Object(_) | Value::List(_)) {
                    above.push(key.to_owned());
                    lift(value, above, into)?;
                    above.pop();
                }
            }
        }
        Value::List(list) if list.may_have("@evidence") => list.change(|list| {
            for (place, value) in list.iter_mut().enumerate() {
                if matches!(value, Value::Object(_) | Value::List(_)) {
                    above.push(place.to_string());
                    lift(value, above, into)?;
                    above.pop();
                }
            }
            Ok(())
        })?,
        _ => {}
    }
    Ok(())
}
