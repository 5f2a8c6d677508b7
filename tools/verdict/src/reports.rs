//! Reports beside the output: files written whole or not at all, and files appended to under a lock.
//!
//! Owns how they are written; refuses to write one in part: what could not be appended whole is taken back.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use filter::Error;
use rustix::fs::{FlockOperation, flock};
use schema::Verdict;

use crate::formats::{Form, alerts};

/// A report that was asked for.
#[derive(Clone, Debug)]
pub struct Report {
    form: Form,
    path: PathBuf,
    append: bool,
}

impl Report {
    /// `FORMAT=FILE` as the command line gives it.
    pub fn parse(text: &str, append: bool) -> Result<Report, String> {
        let (word, path) = text.split_once('=').ok_or("wanted FORMAT=FILE")?;
        let form = Form::from_word(word)?;
        if path.is_empty() || path == "-" {
            return Err("wanted FORMAT=FILE; standard output is --format's".to_owned());
        }
        Ok(Report { form, path: PathBuf::from(path), append })
    }

    /// Writes the report on `verdict`.
    ///
    /// # Errors
    /// What could not be written, with the file.
    pub fn write(&self, verdict: &Verdict<'static>) -> Result<(), Error> {
        if !self.append {
            let text = self.form.render(verdict);
            return filter::write_whole(&self.path, text.as_bytes()).map_err(|error| self.named(error));
        }
        let place = self.path.display().to_string();
        match self.form {
            // A line each: whoever follows the log sees whole alerts, whatever else appends.
            Form::Alerts => {
                append(&self.path, |_| alerts::lines(verdict).into_iter().map(|line| line + "\n").collect())
            }
            Form::Csv => append(&self.path, |empty| {
                let text = self.form.render(verdict);
                let body = text.split_once('\n').map_or("", |(_, body)| body).to_owned();
                vec![if empty { text } else { body }]
            }),
            form => append(&self.path, |_| vec![form.render(verdict)]),
        }
        .map_err(|error| Error::io(place, &error))
    }

    /// A reader that left a pipe is here a report that could not be written.
    fn named(&self, error: Error) -> Error {
        if error.is_reader_gone() {
            Error::data(self.path.display().to_string(), "nobody reads it any more")
        } else {
            error
        }
    }
}

/// Appends `texts`, each by one write, under an exclusive lock; `texts` is told whether the file is empty.
fn append(path: &Path, texts: impl FnOnce(bool) -> Vec<String>) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    loop {
        match flock(file.as_fd(), FlockOperation::LockExclusive) {
            Ok(()) => break,
            Err(error) if io::Error::from(error).kind() == ErrorKind::Interrupted => {}
            // A file system without locks: one write in append mode is all there is.
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::INVAL | rustix::io::Errno::NOLCK) => break,
            Err(error) => return Err(error.into()),
        }
    }
    let before = file.metadata()?;
    let result = texts(before.len() == 0).iter().try_for_each(|text| write_once(&mut file, text.as_bytes()));
    if result.is_err() && before.is_file() {
        let _ = file.set_len(before.len());
    }
    result
    // Closing the file gives the lock back.
}

/// One write of all bytes; a short one is a full disk, which the next write names.
fn write_once(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    loop {
        match file.write(bytes) {
            Ok(written) if written == bytes.len() => return Ok(()),
            Ok(written) => return file.write_all(bytes.get(written..).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
