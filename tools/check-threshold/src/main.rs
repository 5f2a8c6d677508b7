//! check-threshold: judge records by thresholds, one check a line.
//!
//! Joins sources, stream and brief. The outcome is decided before it is written; nothing passes that was not measured.
mod brief; // the outcome in one line
mod flags; // what the command line may say
mod sources; // where thresholds come from
mod stream; // records in, checks out
mod table; // checks for people

use std::process::ExitCode;

use expr::Baseline;
use filter::{Error, Exit, Filter, Format};
use schema::json;

use flags::Config;

fn main() -> ExitCode {
    filter::main(&flags::TOOL, run)
}

fn run(config: Config, filter: &mut Filter) -> Result<Exit, Error> {
    if filter.options.quiet && filter.options.output.is_none() {
        // Nothing on standard output means no seal either: what is asked for is the exit status and one line.
        filter.options.format = Some(Format::Text);
    }
    let thresholds = sources::read(&config, filter)?;
    let baseline = baseline(&config, filter)?;
    let status = stream::judge(&config, &thresholds, baseline.as_ref(), filter)?;
    Ok(stream::exit(status, &config))
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
    if !verdict {
        filter.note("baseline", &document.name, "plain evidence: whether that run passed is not known");
    } else if baseline.is_empty() {
        filter.note("baseline", &document.name, "no baseline: its verdict did not pass, or carries no evidence");
    }
    Ok(Some(baseline))
}
