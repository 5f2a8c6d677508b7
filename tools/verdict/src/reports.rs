//! Reports beside the output: files written whole or not at all, and files appended to under a lock.
//!
//! Owns how they are written; refuses to write one in part: what could not be appended whole is taken back.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use filter::{Error, Filter};
use jiff::SignedDuration;
use rustix::fs::{FlockOperation, flock};
use schema::Verdict;

use crate::formats::{Form, Look, alerts};

/// How long a lock is waited for, unless `--lock-timeout` says otherwise.
pub const LOCK_TIMEOUT: SignedDuration = SignedDuration::from_secs(10);
/// How often it is looked whether the lock is free.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

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

    /// The file that it replaces: nothing that is there is lost by appending.
    pub fn replaces(&self) -> Option<&Path> {
        (!self.append).then_some(&*self.path)
    }

    /// Writes the report on `verdict` as `look` has it. For a lock it waits no longer than `patience`.
    ///
    /// # Errors
    /// What could not be written, with the file; a lock that somebody else kept.
    pub fn write(
        &self,
        verdict: &Verdict<'static>,
        look: &Look<'_>,
        patience: SignedDuration,
        filter: &mut Filter,
    ) -> Result<(), Error> {
        if !self.append {
            let text = self.form.render(verdict, look);
            return filter::write_whole(&self.path, text.as_bytes()).map_err(|error| self.named(error));
        }
        let place = self.path.display().to_string();
        let open = OpenOptions::new().append(true).create(true).open(&self.path);
        let mut file = open.map_err(|error| Error::io(&*place, &error))?;
        if !locked(&file, patience, || filter.note("lock", &place, "waits for the lock that another process has"))
            .map_err(|error| Error::io(&*place, &error))?
        {
            let reason =
                format!("another process kept its lock for {patience:#}; --lock-timeout sets how long to wait");
            return Err(Error::data(place, reason));
        }
        match self.form {
            // A line each: whoever follows the log sees whole alerts, whatever else appends.
            Form::Alerts => {
                append(&mut file, &self.path, |_| alerts::lines(verdict).into_iter().map(|line| line + "\n").collect())
            }
            Form::Csv => append(&mut file, &self.path, |empty| {
                let text = self.form.render(verdict, look);
                let body = text.split_once('\n').map_or("", |(_, body)| body).to_owned();
                vec![if empty { text } else { body }]
            }),
            form => append(&mut file, &self.path, |_| vec![form.render(verdict, look)]),
        }
        .map_err(|error| Error::io(place, &error))
    }

    /// A reader that left a pipe is here a report that could not be written.
    fn named(&self, error: Error) -> Error {
        if error.is_reader_gone() { Error::data(self.path.display().to_string(), "its reader has gone") } else { error }
    }
}

/// Waits for an exclusive lock; false where it was not had in time. `waits` is called once, if there is need to wait.
fn locked(file: &File, patience: SignedDuration, mut waits: impl FnMut()) -> io::Result<bool> {
    let patience = Duration::try_from(patience).unwrap_or_default();
    let since = Instant::now();
    let mut told = false;
    loop {
        match flock(file.as_fd(), FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(true),
            Err(rustix::io::Errno::INTR) => {}
            // A file system without locks: one write in append mode is all there is.
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::INVAL | rustix::io::Errno::NOLCK) => return Ok(true),
            Err(rustix::io::Errno::WOULDBLOCK) if since.elapsed() >= patience => return Ok(false),
            Err(rustix::io::Errno::WOULDBLOCK) => {
                if !std::mem::replace(&mut told, true) {
                    waits();
                }
                std::thread::sleep(LOOK_AGAIN);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Appends `texts` to `file`, which is locked, each by one write; `texts` is told whether the file is empty.
fn append(file: &mut File, path: &Path, texts: impl FnOnce(bool) -> Vec<String>) -> io::Result<()> {
    let before = file.metadata()?;
    let mut texts = texts(before.len() == 0);
    // What a killed process left of a line must not swallow the first of ours.
    if before.is_file()
        && before.len() > 0
        && !ends_with_newline(path, before.len())?
        && let Some(first) = texts.first_mut()
        && !first.is_empty()
    {
        first.insert(0, '\n');
    }
    let result = texts.iter().try_for_each(|text| write_once(file, text.as_bytes()));
    if result.is_err() && before.is_file() {
        let _ = file.set_len(before.len());
    }
    result
    // Closing the file gives the lock back.
}

fn ends_with_newline(path: &Path, length: u64) -> io::Result<bool> {
    let mut last = [0];
    match File::open(path) {
        Ok(file) => file.read_exact_at(&mut last, length - 1)?,
        // It may be written and not read: a line too many does no harm.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(false),
        Err(error) => return Err(error),
    }
    Ok(last == *b"\n")
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
