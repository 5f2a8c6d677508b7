//! Where thresholds come from: files and arguments, in the order given.
//!
//! Owns the places of errors: file, line, column and a caret. Refuses to judge with none.

use expr::{Threshold, Thresholds};
use filter::{Error, Filter};

use crate::flags::{Config, Written};

/// Every threshold of the command line, read whole before the first record.
pub fn read(config: &Config, filter: &mut Filter) -> Result<Thresholds, Error> {
    let mut thresholds = Thresholds::new();
    for written in &config.thresholds {
        match written {
            Written::File(path) => {
                let document = filter.document(path)?;
                let text = std::str::from_utf8(&document.bytes).map_err(|bad| {
                    Error::data(format!("{}: byte {}", document.name, bad.valid_up_to()), "bytes that are not UTF-8")
                })?;
                thresholds.add(text).map_err(|error| wrong(&document.name, Some(error.line), &error))?;
            }
            Written::Argument(text) => {
                if is_file(text) {
                    let reason = format!("{text:?} is a file: read it with -t, or give it with -i if it is evidence");
                    return Err(Error::usage(reason));
                }
                let threshold = Threshold::parse(text).map_err(|error| wrong("threshold", None, &error))?;
                thresholds.push(threshold);
            }
        }
    }
    if let Some(scope) = &config.only {
        thresholds.only(scope);
    }
    if thresholds.is_empty() {
        return Err(Error::usage(match &config.only {
            Some(scope) => format!("no threshold applies to {scope:?}"),
            None => "no thresholds: give some, or a file of them with -t".to_owned(),
        }));
    }
    for note in thresholds.notes() {
        filter.note("threshold", "thresholds", note);
    }
    Ok(thresholds)
}

/// A text without a blank or an operator that is the name of a file.
fn is_file(text: &str) -> bool {
    !text.contains(['<', '>', '=', ' ']) && std::path::Path::new(text).is_file()
}

fn wrong(name: &str, line: Option<usize>, error: &expr::Error) -> Error {
    let line = line.map_or(String::new(), |line| format!("{line}:"));
    let place = format!("{name}:{line}{}", error.column());
    let caret = error.caret();
    let reason = if caret.is_empty() { error.to_string() } else { format!("{error}\n{caret}") };
    Error::data(place, reason)
}
