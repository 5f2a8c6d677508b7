//! merge-evidence: many documents become one evidence document that says where each value came from.

mod facts;
mod flags;
mod merge;
mod quantity;
mod readers;
mod relations;
mod session;
mod sources;
mod stream;
mod values;

use std::process::ExitCode;

use filter::{Error, Exit, Filter};

fn main() -> ExitCode {
    filter::main(&flags::TOOL, run)
}

fn run(config: flags::Config, filter: &mut Filter) -> Result<Exit, Error> {
    let documents = session::load(&config, filter)?;
    let document = session::assemble(&config, &documents, filter)?;
    match &config.get {
        Some(path) => session::get(path, &document, filter),
        None => session::write(&document, filter),
    }
}
