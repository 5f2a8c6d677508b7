//! The files a verdict speaks of, as they are now.
//!
//! Owns the digest of as much of a file as was read then, so that a log that has only grown is still the same; refuses
//! to read more than that into memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

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

/// How `file` is now: where it was, else beside the document, else beside one of those that the document was made of,
/// whose `folders` these are.
pub fn state(file: &Named, document: &Path, folders: &[PathBuf]) -> State {
    let path = Path::new(&file.path);
    let beside = document.parent().map(|folder| folder.join(path));
    if let Some(found) = [Some(path), beside.as_deref()].into_iter().flatten().find(|place| place.exists()) {
        return held(file, found);
    }
    // Two of those folders may have a file of that name.
    let mut states: Vec<State> = folders
        .iter()
        .map(|folder| folder.join(path))
        .filter(|place| place.exists())
        .map(|place| held(file, &place))
        .collect();
    match states.iter().position(|state| *state == State::Same) {
        Some(_) => State::Same,
        None if states.is_empty() => held(file, path),
        None => states.swap_remove(0),
    }
}

/// The file at `path` held against what was read then.
fn held(file: &Named, path: &Path) -> State {
    match digest(path, file.bytes) {
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
