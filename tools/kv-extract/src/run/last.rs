//! What `--last` and `--last-of` share where they read a file backward, from its end.
//!
//! Owns when that gives what reading forward gives; refuses pipes, and whatever needs the lines counted.

use std::fs::File;
use std::io::{self, Seek};
use std::os::fd::AsFd;
use std::path::Path;

use filter::{Error, Filter};

use crate::grammar::Format;
use crate::input::Input;
use crate::input::backward::{Line, Tail};
use crate::input::join::{self, Joins};
use crate::input::unit::{Content, Unit, reject};
use crate::run::extractor::{Extractor, Outcome};

/// The file to be read backward, if that gives what is asked for.
pub fn open(input: &Input, extractor: &Extractor, filter: &mut Filter) -> Result<Option<filter::Input>, Error> {
    let by_lines = !matches!(extractor.reader.format, Format::Csv | Format::Tsv | Format::Json);
    let in_order = input.after_last.is_some() || extractor.window.is_some() || extractor.source || input.resumes;
    let in_order = in_order || matches!(input.joins, Joins::Records(_)) || extractor.extras.rejects.is_some();
    let [path] = input.files.as_slice() else { return Ok(None) };
    // Standard input is looked at only where it is a file from its start on; a pipe is read by those who read forward.
    let is_there = if path == Path::new("-") {
        io::stdin().as_fd().try_clone_to_owned().map(File::from).is_ok_and(|mut file| {
            file.metadata().is_ok_and(|status| status.is_file()) && file.stream_position().is_ok_and(|at| at == 0)
        })
    } else {
        std::fs::metadata(path).is_ok_and(|status| status.is_file())
    };
    if !by_lines || in_order || !input.only_files || !is_there || filter.sealing() {
        return Ok(None);
    }
    let mut opened = filter.open(path)?;
    input.sources.look(&mut opened, filter)?; // what is compressed, or no log, is refused here
    // A message of a journal may be hidden from a search, and may be the last one that holds what is asked for.
    let start = opened.peek(filter)?;
    if start.first() == Some(&b'{') && memchr::memmem::find(start, b"\"__REALTIME_TIMESTAMP\"").is_some() {
        forward(&opened)?;
        return Ok(None);
    }
    if matches!(input.joins, Joins::Containers) && join::is_needed(&mut opened, filter)? {
        forward(&opened)?;
        return Ok(None);
    }
    Ok(Some(opened))
}

/// The record of a line that was found, if it is one that is asked for.
pub fn read(
    extractor: &mut Extractor,
    tail: &Tail<'_>,
    line: &Line,
    out: &mut Vec<u8>,
    filter: &mut Filter,
) -> Result<Outcome, Error> {
    let place = || tail.place(line);
    if line.bytes.len() as u64 > tail.limit {
        reject(filter, &place(), &format!("longer than {} bytes; --max-line sets the limit", tail.limit), 1)?;
        return Ok(Outcome::Rejected);
    }
    let mut text = line.bytes.strip_suffix(b"\r").unwrap_or(&line.bytes);
    if line.start == 0 {
        text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    }
    let unit = Unit { text, file: tail.name, number: 0, offset: Some(line.start), lines: 1, content: Content::Line };
    let outcome = match extractor.takes(&unit) {
        Ok(chosen) if chosen.is_wanted() => extractor.extract(&unit, out),
        Ok(_) => Ok(Outcome::Unselected),
        Err(reason) => Err(reason),
    };
    outcome.or_else(|reason| reject(filter, &place(), &reason, 1).map(|()| Outcome::Rejected))
}

/// Leaves the file to those who read it forward.
pub fn forward(opened: &filter::Input) -> Result<bool, Error> {
    opened.file().rewind().map(|()| false).map_err(|error| Error::io(opened.name(), &error))
}
