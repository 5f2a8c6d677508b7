//! The files a verdict speaks of, as they are now.
//!
//! Owns the digest of as much of a file as was read then, so that a log that has only grown is still the same; refuses
//! to read more than that into memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::verify::Named;

/// How a file is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// What was read then stands there still.
    Same,
    /// It has another digest, which is this.
    Changed(String),
    /// It cannot be read, and why.
    Gone(String),
}

/// How `file` is now: where it was, else beside the document.
pub fn state(file: &Named, document: &Path) -> State {
    let path = Path::new(&file.path);
    let beside = document.parent().map(|folder| folder.join(path)).filter(|beside| !path.exists() && beside.exists());
    match digest(beside.as_deref().unwrap_or(path), file.bytes) {
        Ok(sha256) if sha256 == file.sha256 => State::Same,
        Ok(sha256) => State::Changed(sha256),
        Err(error) => State::Gone(match error.kind() {
            io::ErrorKind::NotFound => "no such file".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        }),
    }
}

/// SHA-256 of the first `limit` bytes; of a shorter file, of all it has.
fn digest(path: &Path, limit: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::other("is a directory"));
    }
    let mut file = file.by_ref().take(limit);
    let mut sum = Sha256::new();
    let mut block = vec![0; 1 << 18];
    loop {
        let read = match file.read(&mut block) {
            Ok(0) => return Ok(filter::hex(&sum.finalize())),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        sum.update(block.get(..read).unwrap_or_default());
    }
}
