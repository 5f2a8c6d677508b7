//! merge-evidence: many documents become one evidence document that says where each value came from.

mod cadence; // how often samples come, and holes between them
mod command; // a run whose exit status is evidence
mod delta; // the difference of two snapshots
mod facts; // what a reader makes of a source
mod flags; // what the command line may say
mod fold; // records into aggregates and groups
#[cfg(test)]
mod fuzz; // damaged sources
mod intake; // streams into groups; provenance and staleness
mod listing; // --paths, --get and text for people
mod merge; // sources into one document
mod moments; // the earliest and latest of many times
mod quantity; // units of foreign figures
mod readers; // one file a format
mod relations; // what must hold between figures
mod session; // from the command line to the documents
mod shaping; // one value, a list, or an object by the value of a path
mod sources; // NAME[PATH]:FORMAT=FILE
mod stream; // inputs too long to hold
mod values; // the JSON values of a file

use std::process::ExitCode;

use filter::{Error, Exit, Filter};

fn main() -> ExitCode {
    filter::main(&flags::TOOL, run)
}

fn run(mut config: flags::Config, filter: &mut Filter) -> Result<Exit, Error> {
    session::prepare(&mut config, filter)?;
    command::run(&mut config, filter)?;
    let loaded = session::load(&config, filter)?;
    let documents = session::assemble(&config, &loaded, filter)?;
    if let Some(path) = &config.get {
        return listing::get(path, &documents, filter);
    }
    for document in &documents {
        if config.paths || filter.people() {
            listing::paths(document, &config, filter)?;
        } else {
            session::write(document, filter)?;
        }
    }
    Ok(Exit::Yes)
}
