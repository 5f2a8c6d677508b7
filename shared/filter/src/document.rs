//! A document: a file read whole, with its size, digest and time.
//!
//! Owns the limit of size and the refusal of what is plainly no data (an HTML page); refuses to parse.

use std::path::Path;
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::records::MAX_RECORD;
use crate::{Error, Filter, Input};

/// A file that was read whole.
#[derive(Clone, Debug)]
pub struct Document {
    /// What messages call it: the path as given, or `stdin`.
    pub name: String,
    /// The path as given.
    pub path: String,
    /// Its bytes, less a byte order mark.
    pub bytes: Vec<u8>,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// When it was last changed, where it is a regular file.
    pub modified: Option<SystemTime>,
    /// Whether it is a regular file, which needs no seal.
    pub regular: bool,
    /// Whether somebody vouches for it without a seal: see [`Input::is_vouched`].
    pub vouched: bool,
}

impl Filter {
    /// Reads `path` whole; `-` is standard input.
    ///
    /// # Errors
    /// What [`Filter::open`] refuses; a document larger than `--max-line` (64 MiB).
    pub fn document(&mut self, path: &Path) -> Result<Document, Error> {
        let input = self.open(path)?;
        self.document_of(input)
    }

    /// Reads an input that the tool has opened whole.
    ///
    /// # Errors
    /// As [`Filter::document`].
    pub fn document_of(&mut self, mut input: Input) -> Result<Document, Error> {
        let limit = self.options.max_line.unwrap_or(MAX_RECORD);
        let mut bytes = Vec::new();
        let mut filled = 0;
        loop {
            if bytes.len() == filled {
                // A file that keeps its size is read into memory of its size: there may be thousands of them.
                let wanted = match usize::try_from(input.size()).unwrap_or(limit).min(limit) {
                    0 => 4 << 10,
                    size => size + 1,
                };
                bytes.resize((bytes.len() * 2).max(wanted), 0);
            }
            let read = input.read(&mut bytes[filled..], self)?;
            filled += read;
            if filled > limit {
                let reason = format!("larger than {limit} bytes; --max-line sets the limit");
                return Err(Error::data(input.name(), reason));
            }
            if read == 0 {
                break;
            }
        }
        bytes.truncate(filled);
        let sha256 = crate::hex(&Sha256::digest(&bytes));
        if bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        if let Some(input) = input.digested() {
            self.inputs.push(input);
        }
        let modified =
            if input.is_regular() { input.file().metadata().ok().and_then(|data| data.modified().ok()) } else { None };
        Ok(Document {
            name: input.name().to_owned(),
            path: input.path().to_string_lossy().into_owned(),
            size: filled as u64,
            bytes,
            sha256,
            modified,
            regular: input.is_regular(),
            vouched: input.is_vouched(),
        })
    }
}

/// Whether bytes begin as an HTML page does: what a proxy or a login page gives where JSON should be.
pub fn is_html(bytes: &[u8]) -> bool {
    let start: Vec<u8> = bytes.trim_ascii_start().iter().take(14).map(u8::to_ascii_lowercase).collect();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}
