//! One input: a file, or standard input; read in large blocks, digested where a seal will speak of it.
//!
//! Owns opening and the refusals that go with it (a directory, a terminal, a closed descriptor, a compressed file,
//! UTF-16); refuses to know what a line or a record is.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};
use rustix::io::retry_on_intr;
use sha2::{Digest, Sha256};

use crate::{Error, Filter, begins_as_seal};

/// The size a pipe on standard input or output is enlarged to, where the system allows.
pub(crate) const PIPE_SIZE: usize = 1 << 20;

/// How much is read to tell what an input is.
const PEEKED: usize = 64 << 10;

/// An open input.
pub struct Input {
    file: File,
    path: PathBuf,
    name: String,
    regular: bool,
    vouched: bool,
    size: u64,
    read: u64,
    digest: Option<Sha256>,
    ended: bool,
    /// What [`Input::peek`] has read, and how much of it has been given out.
    peeked: Vec<u8>,
    given: usize,
    /// How many lines stand before the place where reading begins.
    lines_before: u64,
    /// How many bytes may still be read, where only a part of a file is.
    left: Option<u64>,
    /// Whether the tool reads what a command prints, which an error may advise.
    pub(crate) reads_commands: bool,
}

/// What the system says of a file that is not there.
pub(crate) const ABSENT: &str = "no such file or directory";

impl Input {
    /// Opens `path`; `-` is standard input.
    pub(crate) fn open(path: &Path, digest: bool) -> Result<Input, Error> {
        let stdin = path == Path::new("-");
        let name = if stdin { "stdin".to_owned() } else { path.display().to_string() };
        let file = if stdin {
            if crate::descriptors::stdin_closed() {
                return Err(Error::data(name, "is closed; wanted input"));
            }
            // A copy of the descriptor: std's own Stdin would read ahead into a buffer of its own.
            let copy = std::io::stdin().as_fd().try_clone_to_owned();
            File::from(copy.map_err(|error| Error::io(&*name, &error))?)
        } else {
            File::open(path).map_err(|error| match advice(path).filter(|_| error.kind() == ErrorKind::NotFound) {
                Some(advice) => Error::data(&*name, format!("{ABSENT}; {advice}")),
                None => Error::io(&*name, &error),
            })?
        };
        let input = Input::adopt(file, path, name, digest, stdin)?;
        let vouched = input.regular && !stdin;
        Ok(Input { vouched, ..input })
    }

    /// An input of a file that is open, at the place it is at.
    pub(crate) fn adopt(file: File, path: &Path, name: String, digest: bool, stdin: bool) -> Result<Input, Error> {
        let status = fstat(&file).map_err(|error| Error::io(&*name, &error.into()))?;
        let kind = FileType::from_raw_mode(status.st_mode);
        if kind == FileType::Directory {
            return Err(Error::data(name, "is a directory; wanted a file"));
        }
        if stdin && rustix::termios::isatty(&file) {
            return Err(Error::usage("stdin is a terminal: name a FILE, or pipe something in"));
        }
        if kind == FileType::Fifo {
            // Refused where the user's pipes already hold as much as they may: then it stays as it is.
            let _ = rustix::pipe::fcntl_setpipe_size(&file, PIPE_SIZE);
        }
        let regular = kind == FileType::RegularFile;
        let size = if regular { u64::try_from(status.st_size).unwrap_or(0) } else { 0 };
        let digest = (digest && regular).then(Sha256::new);
        Ok(Input {
            file,
            path: path.to_owned(),
            name,
            regular,
            vouched: true,
            size,
            read: 0,
            digest,
            ended: false,
            peeked: Vec::new(),
            given: 0,
            lines_before: 0,
            left: None,
            reads_commands: false,
        })
    }

    /// What messages call it: the path as given, or `stdin`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path as given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many lines stand before the place where reading begins.
    pub fn lines_before(&self) -> u64 {
        self.lines_before
    }

    /// Says how many lines stand before the place where reading begins, so that lines have the numbers of the file's.
    pub fn set_lines_before(&mut self, lines: u64) {
        self.lines_before = lines;
    }

    /// Says that only `length` bytes are read from here on, so that the rest of the file is not looked at.
    pub fn set_length(&mut self, length: u64) {
        (self.left, self.size) = (Some(length), length);
    }

    /// Gives back `bytes` that were read last: they are read again, and digested once.
    pub fn unread(&mut self, bytes: &[u8]) {
        let left = self.peeked.get(self.given..).unwrap_or_default();
        self.peeked = [bytes, left].concat();
        self.given = 0;
    }

    /// Whether it is a regular file, which needs no seal since it can be digested and read again.
    pub fn is_regular(&self) -> bool {
        self.regular
    }

    /// Whether somebody vouches for it without a seal: a file that can be digested and read again under its name, or what
    /// the tool opened itself (a command, whose status it looks at).
    pub fn is_vouched(&self) -> bool {
        self.vouched
    }

    /// The size a regular file had when it was opened; 0 for a stream.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The file itself, for those who read it other than forward. What they read is not digested.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Whether a seal may end it. Of a stream nobody knows; a file is looked at from its end, so that one without a seal,
    /// which is the rule, is not digested for nothing.
    pub fn may_be_sealed(&self) -> bool {
        const LOOKED_AT: usize = 4 << 10;
        let Ok(size) = usize::try_from(self.size) else { return true };
        if !self.regular || size < LOOKED_AT {
            return true;
        }
        let mut block = [0; LOOKED_AT];
        if rustix::io::pread(&self.file, &mut block[..], (size - LOOKED_AT) as u64) != Ok(LOOKED_AT) {
            return true;
        }
        let last = block.trim_ascii_end();
        memchr::memrchr(b'\n', last).is_none_or(|newline| begins_as_seal(&last[newline + 1..]))
    }

    /// Reads up to `block.len()` bytes; 0 at the end. Flushes `filter`'s output first where the read would wait.
    ///
    /// # Errors
    /// A failed read; on the first block, a compressed file or UTF-16, named as such.
    pub fn read(&mut self, block: &mut [u8], filter: &mut Filter) -> Result<usize, Error> {
        if self.given < self.peeked.len() {
            let left = &self.peeked[self.given..];
            let taken = left.len().min(block.len());
            block[..taken].copy_from_slice(&left[..taken]);
            self.given += taken;
            return Ok(taken);
        }
        if self.ended || block.is_empty() {
            return Ok(0);
        }
        self.flush_before_waiting(filter)?;
        let most = self.most(block.len());
        let block = &mut block[..most];
        let read = loop {
            match self.file.read(block) {
                Ok(read) => break read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::io(&*self.name, &error)),
            }
        };
        self.note(&block[..read])?;
        if self.ended {
            crate::terminal::clear();
        } else if self.size > 0 {
            filter.progress(&self.name, self.read, self.size);
        }
        Ok(read)
    }

    /// The first bytes of the input, so that a tool can tell what it is; they are read again afterwards. Empty at the
    /// end.
    ///
    /// # Errors
    /// As [`Input::read`].
    pub fn peek(&mut self, filter: &mut Filter) -> Result<&[u8], Error> {
        if self.given == self.peeked.len() && !self.ended {
            self.flush_before_waiting(filter)?;
            // Memory that a small input does not need stays untouched.
            let mut start = Vec::with_capacity(PEEKED);
            let failed = |error: rustix::io::Errno| Error::io(&*self.name, &error.into());
            if self.left.is_some() {
                start.resize(self.most(PEEKED), 0);
                let read = retry_on_intr(|| rustix::io::read(&self.file, &mut start[..])).map_err(failed)?;
                start.truncate(read);
            } else {
                retry_on_intr(|| rustix::io::read(&self.file, spare_capacity(&mut start))).map_err(failed)?;
            }
            self.note(&start)?;
            (self.peeked, self.given) = (start, 0);
        }
        Ok(&self.peeked[self.given..])
    }

    /// How many of `wanted` bytes may be read.
    fn most(&self, wanted: usize) -> usize {
        self.left.map_or(wanted, |left| usize::try_from(left).unwrap_or(usize::MAX).min(wanted))
    }

    fn flush_before_waiting(&self, filter: &mut Filter) -> Result<(), Error> {
        if self.would_wait() { filter.flush() } else { Ok(()) }
    }

    /// Takes note of what was read: nothing at the end.
    fn note(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.read == 0 {
            self.refuse_foreign(bytes)?;
        }
        self.ended = bytes.is_empty();
        self.read += bytes.len() as u64;
        self.left = self.left.map(|left| left - bytes.len() as u64);
        if let Some(digest) = &mut self.digest {
            digest.update(bytes);
        }
        Ok(())
    }

    /// At the end of the input: what a seal says of it, if it is a regular file that was digested.
    pub fn digested(&mut self) -> Option<schema::Input> {
        let digest = self.digest.take()?;
        let path = self.path.to_string_lossy().into_owned();
        Some(schema::Input { path, bytes: self.read, sha256: crate::hex(&digest.finalize()) })
    }

    /// Whether the next read would wait for whoever writes.
    pub fn would_wait(&self) -> bool {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        !self.regular && matches!(poll(&mut [PollFd::new(&self.file, PollFlags::IN)], Some(&now)), Ok(0))
    }

    /// Refuses what is plainly not text as we read it, and says what makes it so.
    fn refuse_foreign(&self, start: &[u8]) -> Result<(), Error> {
        const KINDS: [(&[u8], &str, &str); 4] = [
            (b"\x1f\x8b", "gzip", "zcat"),
            (b"\x28\xb5\x2f\xfd", "zstd", "zstdcat"),
            (b"\xfd7zXZ\x00", "xz", "xzcat"),
            (b"BZh", "bzip2", "bzcat"),
        ];
        for (magic, name, reader) in KINDS {
            if start.starts_with(magic) {
                let mut reason = format!("is compressed with {name}; pipe it through {reader}");
                if self.reads_commands && self.regular {
                    reason.push_str(&format!(", or say --command '{name} -dc {}'", self.path.display()));
                }
                return Err(Error::data(&*self.name, reason));
            }
        }
        // UTF-32 begins as UTF-16 of the same order does, and iconv reads either by its mark.
        // XML says its own encoding: who reads it decodes it.
        let xml = matches!(start, [0xff, 0xfe, b'<', 0, ..] | [0xfe, 0xff, 0, b'<', ..]);
        if !xml && (start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff")) {
            return Err(Error::data(&*self.name, "is UTF-16; pipe it through iconv -f UTF-16 -t UTF-8"));
        }
        if let Some(order) = unmarked_utf16(start) {
            return Err(Error::data(
                &*self.name,
                format!("is UTF-16 without its mark; pipe it through iconv -f UTF-16{order} -t UTF-8"),
            ));
        }
        Ok(())
    }
}

/// What was probably meant by the name of a file that is not there.
fn advice(path: &Path) -> Option<String> {
    let name = path.to_str()?;
    if name.contains(" < ") || name.contains(" > ") || name.contains("<=") || name.contains(">=") {
        return Some("a threshold is an argument of check-threshold".to_owned());
    }
    if let Some(near) = near_file(path) {
        return Some(format!("did you mean {near}?"));
    }
    name.contains(['*', '?']).then(|| "no file matches this pattern, or it was quoted".to_owned())
}

/// The file beside the one that is not there whose name is near to its name.
fn near_file(path: &Path) -> Option<String> {
    /// Of a folder of more files not all are looked at.
    const LOOKED_AT: usize = 1000;
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let names = entries.flatten().take(LOOKED_AT).filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    let near = expr::nearest(name, names.iter().map(String::as_str))?;
    Some(folder.map_or_else(|| near.to_owned(), |folder| folder.join(near).display().to_string()))
}

/// The byte order of text in UTF-16 that has no mark, as the tail of a Windows log has none: of each pair of bytes one, always
/// the same, is zero and the other is not. A hole of zeros, as copytruncate leaves it, has pairs of two.
fn unmarked_utf16(start: &[u8]) -> Option<&'static str> {
    let pairs = start.get(..start.len().min(64))?.chunks_exact(2);
    if pairs.len() < 4 {
        return None;
    }
    let all = |zero: usize| pairs.clone().all(|pair| pair.get(zero) == Some(&0) && pair.get(1 - zero) != Some(&0));
    if all(1) {
        Some("LE")
    } else if all(0) {
        Some("BE")
    } else {
        None
    }
}

/// Makes a buffer for [`Input::read`] at least so long. A new one is not written to: memory that a small input does not
/// need stays untouched, and starting a tool costs as little as the input is small.
pub fn grow(buffer: &mut Vec<u8>, length: usize) {
    if buffer.is_empty() {
        *buffer = vec![0; length];
    } else if buffer.len() < length {
        buffer.resize(length, 0);
    }
}

/// How long a buffer of this length becomes where a line does not fit: by a share of its length, so that the copies stay
/// linear; of a long one only a quarter more, since what is made is written to, and half of it may stay unused.
pub fn longer(length: usize) -> usize {
    length + if length < 8 << 20 { length } else { length / 4 }
}
