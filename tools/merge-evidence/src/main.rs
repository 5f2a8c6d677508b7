//! merge-evidence: many documents become one evidence document that says where each value came from.

mod command; // a run whose exit status is evidence
mod facts; // what a reader makes of a source
mod flags; // what the command line may say
mod fold; // records into aggregates and groups
mod listing; // --paths, --get and text for people
mod merge; // sources into one document
mod quantity; // units of foreign figures
mod readers; // one file a format
mod relations; // what must hold between figures
mod session; // from the command line to the documents
mod source; // NAME[PATH]:FORMAT=FILE, and the bytes behind it
#[cfg(test)]
mod tests; // over all readers at once

use std::process::ExitCode;

use filter::{Error, Exit, Filter};

fn main() -> ExitCode {
    filter::main(&flags::TOOL, run)
}

fn run(mut config: flags::Config, filter: &mut Filter) -> Result<Exit, Error> {
    session::prepare(&mut config, filter)?;
    let merged = if config.merge { Some(fold::state::merge(&mut config, filter)?) } else { None };
    command::run(&mut config, filter)?;
    let loaded = session::load(&config, merged, filter)?;
    if let Some(part) = &loaded.part {
        fold::state::write(&config, part, filter)?;
        return Ok(Exit::Yes);
    }
    let documents = session::assemble(&config, &loaded, filter)?;
    if let Some(path) = &config.get {
        return listing::get(path, &documents, filter);
    }
    for document in &documents {
        if config.paths || filter.people() {
            listing::paths(document, config.paths, filter)?;
        } else {
            session::write(document, filter)?;
        }
    }
    Ok(Exit::Yes)
}
