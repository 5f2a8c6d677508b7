//! What a tool writes: records and text for people, in whole lines, and how it looks.

use std::path::Path;

use schema::{Object, Value, json};
use serde::Serialize;

use crate::output::Output;
use crate::{Error, Exit, Filter, Format};

impl Filter {
    /// Whether the output is text for people: asked for, or standard output is a terminal.
    pub fn people(&self) -> bool {
        match self.options.format {
            Some(format) => format == Format::Text,
            None => self.output.terminal,
        }
    }

    /// Whether the output goes to a terminal.
    pub fn on_terminal(&self) -> bool {
        self.output.terminal
    }

    /// How many columns text for people may take: the terminal's, else 80.
    pub fn columns(&self) -> usize {
        self.output.columns().unwrap_or(80)
    }

    /// Whether text for people is coloured: `--color`, else on a terminal.
    pub fn colored(&self) -> bool {
        self.options.color.unwrap_or_default().used(self.output.terminal)
    }

    /// Where the output will be a file that is there whole or not at all: its name, and the device and the inode of what will
    /// be put there.
    ///
    /// # Errors
    /// A failed write.
    pub fn output_file(&mut self) -> Result<Option<(String, u64, u64)>, Error> {
        self.output.file_to_be()
    }

    /// One line of output; the newline is added.
    pub fn line(&mut self, line: &[u8]) -> Result<(), Error> {
        self.output.built(|buffer| buffer.extend_from_slice(line))
    }

    /// One line of output that `write` appends to the buffer, without its newline.
    pub fn built(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Error> {
        self.output.built(write)
    }

    /// Several lines that `write` appends to the buffer, each with its newline, and counts; `None` takes them back, and
    /// gives false. They are written out later: there is time to [`decide`](Filter::decide) by what they say.
    pub fn built_lines(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Option<u64>) -> Result<bool, Error> {
        self.output.built_lines(write)
    }

    /// Bytes that hold `records` whole lines of output.
    pub fn lines(&mut self, bytes: &[u8], records: u64) -> Result<(), Error> {
        self.output.lines(bytes, records)
    }

    /// One record of output.
    pub fn value(&mut self, value: &Value<'_>) -> Result<(), Error> {
        self.output.built(|buffer| json::write(value, buffer))
    }

    /// One record of output.
    pub fn object(&mut self, object: &Object<'_>) -> Result<(), Error> {
        self.output.built(|buffer| json::write_object(object, buffer))
    }

    /// One wire struct of output.
    pub fn json(&mut self, record: &impl Serialize) -> Result<(), Error> {
        let mut line = Vec::new();
        json::write_struct(record, &mut line).map_err(|error| Error::io("stdout", &error))?;
        self.line(&line)
    }

    /// Text for people, which no seal counts.
    pub fn text(&mut self, text: &str) -> Result<(), Error> {
        self.output.raw(text.as_bytes())
    }

    /// Writes out what is in the buffer. Reading does so before it waits.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.output.flush()
    }

    /// What the answer is so far. A FAIL or INCONCLUSIVE stands even if the reader of the output goes away.
    pub fn decide(&mut self, exit: Exit) {
        self.decided = exit;
    }
}

/// Writes `bytes` to `path`, whole or not at all; a device or a pipe is written in place.
///
/// # Errors
/// What could not be written, with the path.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut output = Output::open(Some(path))?;
    output.raw(bytes)?;
    output.finish()
}

/// A file that a tool writes beside its output: there whole or not at all, once it is finished; a device or a pipe is written in
/// place, and a link is followed.
pub struct Written(Output);

impl Written {
    /// Opens it.
    ///
    /// # Errors
    /// What cannot be written, with the path.
    pub fn open(path: &Path) -> Result<Written, Error> {
        Output::open(Some(path)).map(Written)
    }

    /// Writes these bytes, perhaps later.
    ///
    /// # Errors
    /// A failed write.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0.raw(bytes)
    }

    /// Writes what is left, and puts the file under its name.
    ///
    /// # Errors
    /// A failed write.
    pub fn finish(mut self) -> Result<(), Error> {
        self.0.finish()
    }
}

impl std::fmt::Debug for Written {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Written")
    }
}

/// Bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
