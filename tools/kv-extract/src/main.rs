//! kv-extract: one JSON record for every log line that holds pairs.

mod asked;
mod block;
mod clf;
mod common;
mod conversion;
mod extractor;
mod flags;
mod follow;
mod format;
mod glob;
mod grammar;
mod held;
mod keys;
mod logfmt;
mod machine;
mod masks;
#[cfg(test)]
mod model;
mod number;
mod output;
mod passes;
mod people;
mod picks;
mod place;
mod prometheus;
mod record;
mod resume;
mod rotation;
mod scanner;
mod seals;
mod search;
mod selection;
mod source;
mod stamp;
mod stream;
mod table;
mod tail;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod unit;
mod window;
mod worker;

use std::process::ExitCode;

use filter::{Error, Exit, Filter};

use flags::Config;

fn main() -> ExitCode {
    filter::main(&flags::TOOL, run)
}

fn run(config: Config, filter: &mut Filter) -> Result<Exit, Error> {
    let mut asked = config.settle(filter)?;
    if let (Some(window), Some(time)) = (&mut asked.extractor.window, asked.input.sources.time()) {
        window.go_on(time);
    }
    if !asked.picks.is_empty() {
        passes::pick(&mut asked.picks, &mut asked.input, &mut asked.extractor, asked.threads, filter)?;
    } else if asked.first || asked.last {
        passes::one(asked.first, &mut asked.input, &mut asked.extractor, asked.threads, filter)?;
    } else {
        passes::all(&mut asked.input, &mut asked.extractor, asked.threads, filter)?;
    }
    if let Some(window) = &asked.extractor.window {
        asked.input.sources.keep_time(window.last());
    }
    asked.finish(filter)?;
    Ok(Exit::Yes)
}
