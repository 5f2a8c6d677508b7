//! One run: from what was asked to what is answered.
//!
//! Owns the order in which things happen; refuses to compute: the modules it calls do.

use expr::{Baseline, Path};
use filter::{Document, Error, Exit, Filter, Format, Records, Require};
use schema::{Number, Value, json};

use crate::flags::Config;
use crate::{listing, sources, stream, suggest};

/// Judges every record, whatever comes, and answers.
pub fn run(config: Config, filter: &mut Filter) -> Result<Exit, Error> {
    let asks_for_text = config.list || config.check || config.suggest.is_some();
    if asks_for_text || (filter.options.quiet && filter.options.output.is_none()) {
        // What is not a stream of checks has no seal either.
        filter.options.format = Some(Format::Text);
    }
    let rules = sources::read(&config, filter)?;
    if config.list {
        for threshold in &rules.thresholds {
            filter.text(&format!("{}\n", listing::line(threshold)))?;
        }
    }
    if config.list || config.check {
        return Ok(Exit::Yes);
    }
    if let Some(margin) = config.suggest {
        return suggestions(&config, margin, filter);
    }
    if config.changed.is_some() && config.baseline.is_none() {
        return Err(Error::usage("--changed wants --baseline FILE"));
    }
    let baseline = baseline(&config, filter)?;
    let status = stream::judge(&config, &rules, baseline.as_ref(), filter)?;
    Ok(stream::exit(status, &config))
}

/// `--suggest`: thresholds for the evidence at hand, with a section for each record that has a scope.
fn suggestions(config: &Config, margin: expr::Quantity, filter: &mut Filter) -> Result<Exit, Error> {
    let mut records = Records::new(&config.inputs, Require::WhereSealing);
    while let Some(record) = records.next(filter)? {
        let scope = config.by.as_ref().map(|path| stream::scope_of(path, &record.value)).unwrap_or_default();
        let found = suggest::suggest(&record.value, margin);
        if let Some(first) = found.failed.first() {
            let reason = format!("the run failed ({first}): a bound made from it would let the failure pass");
            return Err(Error::data("--suggest", reason));
        }
        if let Some(first) = found.unsided.first() {
            let count = found.unsided.len();
            filter.note("--suggest", "--suggest", format!("{count} left out, which no name gives a side: {first} …"));
        }
        if !scope.is_empty() {
            let mut quoted = Vec::new();
            json::write_text(&scope, &mut quoted);
            filter.text(&format!("[{}]\n", String::from_utf8_lossy(&quoted)))?;
        }
        for line in found.lines {
            filter.text(&format!("{line}\n"))?;
        }
    }
    Ok(Exit::Yes)
}

/// The document of `--baseline`; what it is not is told.
fn baseline(config: &Config, filter: &mut Filter) -> Result<Option<Baseline>, Error> {
    let Some(path) = &config.baseline else { return Ok(None) };
    if config.optional_baseline && path.as_os_str() != "-" && !path.exists() {
        filter.note("baseline", path.display(), "not there yet: what compares with it is skipped");
        return Ok(None);
    }
    let document = filter.document(path)?;
    let value = match json::parse(&document.bytes) {
        Ok(value) => value,
        Err(error) => {
            let (line, column) = error.line_and_column(&document.bytes);
            let place = format!("{}:{line}:{column}", document.name);
            if line < 2 || !document.bytes.starts_with(b"{\"") {
                return Err(Error::data(place, error.to_string()));
            }
            let Some(by) = &config.by else {
                return Err(Error::data(place, "more than one record: give the key of their scope with -b"));
            };
            let baseline = records(&document, by)?;
            filter.note("baseline", &document.name, "plain evidence: whether that run passed is not known");
            return Ok(Some(baseline));
        }
    };
    let verdict = Baseline::is_verdict(&value);
    let baseline = Baseline::of(value.into_owned());
    if baseline.is_empty() {
        filter.note("baseline", &document.name, "no baseline: its verdict did not pass, or carries no evidence");
    } else if !verdict {
        filter.note("baseline", &document.name, "plain evidence: whether that run passed is not known");
    }
    Ok(Some(baseline))
}

/// The baseline of a file of several records, one a line. A seal at the end must count them: a file that was cut is none.
fn records(document: &Document, by: &Path) -> Result<Baseline, Error> {
    let mut records = Vec::new();
    let mut sealed = 0;
    for (place, line) in document.bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let name = format!("{}:{}", document.name, place + 1);
        let value = json::parse(line).map_err(|error| Error::data(&*name, error.to_string()))?;
        let Some(seal) = value.get("@seal") else {
            records.push((stream::scope_of(by, &value), value.into_owned()));
            continue;
        };
        let counted = seal.get("records").and_then(Value::as_number).and_then(Number::as_u64);
        let there = records.len() - sealed;
        if counted != Some(there as u64) {
            return Err(Error::data(name, format!("the seal counts other records than the {there} that are there")));
        }
        sealed = records.len();
    }
    Ok(Baseline::by_scope(records))
}
