//! The output: standard output, or a file that is there whole or not at all.
//!
//! Owns the buffer, the temporary file, and the count and digest a seal will carry; every write is checked, and a failed one is
//! never lost (a `BufWriter` that is dropped on a full disk says nothing).

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, FlockOperation, OFlags, flock, fstat};

use crate::segment::{Digesting, Segment};
use crate::{Error, input::PIPE_SIZE};

/// Where the buffer is written out.
const FULL: usize = 256 << 10;
/// What is at least this long is written as it stands: copying it would cost more than one more write.
const LARGE: usize = 32 << 10;

/// How a file is opened whose name somebody else may have chosen.
const NOT_FOLLOWED: i32 = (OFlags::NOFOLLOW.bits() | OFlags::NONBLOCK.bits()) as i32;

/// Where the output goes.
pub(crate) struct Output {
    file: File,
    name: String,
    buffer: Vec<u8>,
    /// The temporary file and what it becomes.
    temporary: Option<(PathBuf, PathBuf)>,
    pub(crate) terminal: bool,
    /// The file that will be replaced, as the system knows it.
    replaces: Option<(u64, u64)>,
    /// Lines since the last seal.
    pub(crate) records: u64,
    /// Bytes since the last seal, where one will come.
    segment: Option<Digesting>,
    /// Up to where the buffer is in the segment.
    sealed: usize,
}

impl Output {
    /// Opens standard output, or `path`.
    pub(crate) fn open(path: Option<&Path>) -> Result<Output, Error> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else { return Output::stdout() };
        let name = path.display().to_string();
        let failed = |error: std::io::Error| Error::io(&*name, &error);
        match std::fs::metadata(path) {
            Ok(status) if status.is_dir() => return Err(Error::data(name, "is a directory; wanted a file to write")),
            Ok(status) if !status.is_file() => {
                let file = OpenOptions::new().write(true).open(path).map_err(failed)?;
                return Ok(Output::new(file, name, None));
            }
            _ => {}
        }
        // A link is followed, so that it is its target that is replaced.
        let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let Some(file_name) = target.file_name() else { return Err(Error::data(name, "is not the name of a file")) };
        let (file, temporary) = temporary(&target, file_name).map_err(failed)?;
        let replaces = std::fs::metadata(&target).ok().map(|status| (status.dev(), status.ino()));
        remove_left_over(&target, file_name);
        let mut output = Output::new(file, name, Some((temporary, target)));
        output.replaces = replaces;
        Ok(output)
    }

    /// Whether this file will be replaced by the output.
    pub(crate) fn replaces(&self, file: &File) -> bool {
        self.replaces.is_some_and(|own| file.metadata().is_ok_and(|status| (status.dev(), status.ino()) == own))
    }

    /// The name, the device and the inode of the file that the output becomes.
    pub(crate) fn file_to_be(&mut self) -> Result<Option<(String, u64, u64)>, Error> {
        let Some((_, target)) = &self.temporary else { return Ok(None) };
        let status = self.file.metadata().map_err(|error| Error::io(&*self.name, &error))?;
        Ok(Some((target.display().to_string(), status.dev(), status.ino())))
    }

    fn stdout() -> Result<Output, Error> {
        if crate::descriptors::stdout_closed() {
            return Err(Error::data("stdout", "is closed; wanted somewhere to write"));
        }
        // A copy of the descriptor: std's own Stdout looks for newlines in everything.
        let copy = std::io::stdout().as_fd().try_clone_to_owned();
        let file = File::from(copy.map_err(|error| Error::io("stdout", &error))?);
        if fstat(&file).is_ok_and(|status| FileType::from_raw_mode(status.st_mode) == FileType::Fifo) {
            let _ = rustix::pipe::fcntl_setpipe_size(&file, PIPE_SIZE);
        }
        Ok(Output::new(file, "stdout".to_owned(), None))
    }

    fn new(file: File, name: String, temporary: Option<(PathBuf, PathBuf)>) -> Output {
        let terminal = rustix::termios::isatty(&file);
        Output {
            file,
            name,
            buffer: Vec::new(),
            temporary,
            terminal,
            replaces: None,
            records: 0,
            segment: None,
            sealed: 0,
        }
    }

    /// How many columns the terminal has.
    pub(crate) fn columns(&self) -> Option<usize> {
        let size = rustix::termios::tcgetwinsize(&self.file).ok()?;
        (size.ws_col > 0).then_some(usize::from(size.ws_col))
    }

    /// Digests what is written from here on: a seal will come.
    pub(crate) fn digest(&mut self) {
        self.segment = Some(Digesting::default());
    }

    /// The bytes that a seal here vouches for.
    pub(crate) fn segment(&mut self) -> Segment {
        self.include();
        self.segment.as_mut().map_or(Segment { bytes: 0, digest: None }, Digesting::end)
    }

    /// Takes what is in the buffer into the segment: in one piece, which a checksum is fast at.
    fn include(&mut self) {
        if let (Some(segment), Some(bytes)) = (&mut self.segment, self.buffer.get(self.sealed..)) {
            segment.add(bytes);
        }
        self.sealed = self.buffer.len();
    }

    /// Counted bytes that hold `records` whole lines.
    pub(crate) fn lines(&mut self, bytes: &[u8], records: u64) -> Result<(), Error> {
        self.records += records;
        if bytes.len() < LARGE {
            self.buffer.extend_from_slice(bytes);
            return self.settle();
        }
        self.flush()?;
        if let Some(segment) = &mut self.segment {
            segment.add(bytes);
        }
        self.write_out(bytes)
    }

    /// A line built in the buffer itself: `write` appends it without its newline.
    pub(crate) fn built(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Error> {
        write(&mut self.buffer);
        self.buffer.push(b'\n');
        self.records += 1;
        self.settle()
    }

    /// Several lines built in the buffer itself: `write` appends them with their newlines and says how many; where it says
    /// `None`, what it appended is taken back. They are written out before the next ones, not here.
    pub(crate) fn built_lines(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Option<u64>) -> Result<bool, Error> {
        self.settle()?;
        let start = self.buffer.len();
        let Some(records) = write(&mut self.buffer) else {
            self.buffer.truncate(start);
            return Ok(false);
        };
        self.records += records;
        Ok(true)
    }

    /// Bytes that no seal counts.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() >= LARGE {
            self.flush()?;
            return self.write_out(bytes);
        }
        self.include();
        self.buffer.extend_from_slice(bytes);
        self.sealed = self.buffer.len();
        self.settle()
    }

    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        self.include();
        let buffer = std::mem::take(&mut self.buffer);
        let written = if buffer.is_empty() { Ok(()) } else { self.write_out(&buffer) };
        self.buffer = buffer;
        self.buffer.clear();
        self.sealed = 0;
        written
    }

    /// Writes out what is left; a temporary file becomes the file it stands for.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        self.flush()?;
        let Some((temporary, target)) = self.temporary.take() else { return Ok(()) };
        let finished = self.file.sync_all().and_then(|()| std::fs::rename(&temporary, &target));
        finished.map_err(|error| {
            let _ = std::fs::remove_file(&temporary);
            Error::io(&*self.name, &error)
        })
    }

    /// Takes back a file that did not become whole.
    pub(crate) fn abandon(&mut self) {
        if let Some((temporary, _)) = self.temporary.take() {
            let _ = std::fs::remove_file(temporary);
        }
    }

    fn settle(&mut self) -> Result<(), Error> {
        if self.buffer.len() >= FULL || self.terminal { self.flush() } else { Ok(()) }
    }

    fn write_out(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.terminal {
            crate::terminal::clear();
        }
        self.file.write_all(bytes).map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Error::reader_gone(),
            _ => Error::io(&*self.name, &error),
        })
    }
}

/// A new file beside `target`, locked for as long as its writer lives.
fn temporary(target: &Path, file_name: &OsStr) -> std::io::Result<(File, PathBuf)> {
    let temporary = target.with_file_name(hidden(file_name, &std::process::id().to_string()));
    loop {
        let file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        // Where the file system knows no locks, nobody takes it for left over either.
        let _ = flock(&file, FlockOperation::NonBlockingLockExclusive);
        // Another run may have taken it for left over before it was locked.
        if file.metadata()?.nlink() > 0 {
            return Ok((file, temporary));
        }
    }
}

/// Removes what killed writers of `target` left beside it: temporary files that nobody holds a lock on any more.
fn remove_left_over(target: &Path, file_name: &OsStr) {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let digits = |name: &OsStr| {
            let name = name.as_bytes().strip_prefix(b".")?.strip_prefix(file_name.as_bytes())?.strip_prefix(b".")?;
            let digits = name.strip_suffix(b".tmp")?;
            (!digits.is_empty() && digits.iter().all(u8::is_ascii_digit)).then(|| digits.to_vec())
        };
        if digits(&name).is_none_or(|digits| digits == std::process::id().to_string().as_bytes()) {
            continue;
        }
        let path = entry.path();
        // No link is followed and no pipe waited for: the name alone proves nothing.
        let Ok(file) = OpenOptions::new().write(true).custom_flags(NOT_FOLLOWED).open(&path) else { continue };
        let is_file = file.metadata().is_ok_and(|status| status.is_file());
        if is_file && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let _ = std::fs::remove_file(&path);
        }
    }
}

/// `.NAME.PID.tmp`
fn hidden(file_name: &OsStr, process: &str) -> OsString {
    let mut hidden = OsString::from(".");
    hidden.push(file_name);
    hidden.push(format!(".{process}.tmp"));
    hidden
}

impl Drop for Output {
    fn drop(&mut self) {
        self.abandon();
    }
}
