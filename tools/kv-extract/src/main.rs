//! kv-extract: one JSON record for every log line that holds pairs.

mod fast;
mod flags;
mod grammar;
mod hint;
mod input;
mod near;
mod options;
mod plan;
mod record;
mod rejects;
mod resume;
mod run;
mod stages;
#[cfg(test)]
mod tests;

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
    if asked.tries {
        run::attempt::attempt(&mut asked.input, &mut asked.extractor, filter)?;
    } else if !asked.picks.is_empty() {
        run::tokens::pick(&mut asked.picks, &mut asked.input, &mut asked.extractor, asked.threads, filter)?;
    } else if asked.first || asked.last {
        run::one::one(asked.first, &mut asked.input, &mut asked.extractor, asked.threads, filter)?;
    } else {
        run::every::all(&mut asked.input, &mut asked.extractor, asked.threads, filter)?;
    }
    if let Some(window) = &asked.extractor.window {
        asked.input.sources.keep_time(window.last());
    }
    asked.finish(filter)?;
    Ok(Exit::Yes)
}
