//! One run: from what was asked to what is answered.
//!
//! Owns the order in which things happen; refuses to compute: the modules it calls do.

use expr::Baseline;
use filter::{Error, Exit, Filter, Format, Records, Require};
use schema::json;

use crate::flags::Config;
use crate::{listing, metrics, sources, stream};

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
        return suggest(&config, margin, filter);
    }
    let baseline = baseline(&config, filter)?;
    if config.changed.is_some() && baseline.is_none() {
        return Err(Error::usage("--changed wants --baseline FILE"));
    }
    let status = stream::judge(&config, &rules, baseline.as_ref(), filter)?;
    Ok(stream::exit(status, &config))
}

/// `--suggest`: thresholds for the evidence at hand, with a section for each record that has a scope.
fn suggest(config: &Config, margin: expr::Quantity, filter: &mut Filter) -> Result<Exit, Error> {
    let mut records = Records::new(&config.inputs, Require::WhereSealing);
    while let Some(record) = records.next(filter)? {
        let scope = config.by.as_ref().map(|path| stream::scope_of(path, &record.value)).unwrap_or_default();
        let lines = metrics::suggest(&record.value, margin);
        if !scope.is_empty() {
            let mut quoted = Vec::new();
            json::write_text(&scope, &mut quoted);
            filter.text(&format!("[{}]\n", String::from_utf8_lossy(&quoted)))?;
        }
        for line in lines {
            filter.text(&format!("{line}\n"))?;
        }
    }
    Ok(Exit::Yes)
}

/// The document of `--baseline`; what it is not is told.
fn baseline(config: &Config, filter: &mut Filter) -> Result<Option<Baseline>, Error> {
    let Some(path) = &config.baseline else { return Ok(None) };
    let document = filter.document(path)?;
    let value = json::parse(&document.bytes).map_err(|error| {
        let (line, column) = error.line_and_column(&document.bytes);
        Error::data(format!("{}:{line}:{column}", document.name), error.to_string())
    })?;
    let verdict = Baseline::is_verdict(&value);
    let baseline = Baseline::of(value.into_owned());
    if baseline.is_empty() {
        filter.note("baseline", &document.name, "no baseline: its verdict did not pass, or carries no evidence");
    } else if !verdict {
        filter.note("baseline", &document.name, "plain evidence: whether that run passed is not known");
    }
    Ok(Some(baseline))
}
