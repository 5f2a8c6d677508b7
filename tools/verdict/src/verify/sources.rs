//! The files a verdict speaks of, as they are now.
//!
//! Owns the digest of as much of a file as was read then, so that a log that has only grown is still the same; refuses
//! to read more than that into memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use schema::{Evidence, Verdict};
use sha2::{Digest, Sha256};

use crate::groups;

/// A file that the document speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Named {
    /// The path as it was given then.
    pub path: String,
    /// How much of it was read.
    pub bytes: u64,
    /// The digest of that.
    pub sha256: String,
}

/// The files that `document` speaks of, each once; standard input is none.
pub fn sources(document: &Verdict<'static>) -> Vec<Named> {
    let mut files: Vec<Named> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut add = |path: &str, bytes: u64, sha256: &str| {
        let file = Named { path: path.to_owned(), bytes, sha256: sha256.to_owned() };
        if !matches!(path, "" | "-" | "stdin") && sha256.len() == 64 && seen.insert(file.clone()) {
            files.push(file);
        }
    };
    for record in document.groups.iter().flat_map(groups::records) {
        let Some(evidence) = record.get("@evidence").and_then(Evidence::from_value) else { continue };
        for source in evidence.sources {
            add(&source.path, source.bytes, &source.sha256);
        }
        for input in evidence.seals.iter().flat_map(|seal| &seal.inputs) {
            add(&input.path, input.bytes, &input.sha256);
        }
    }
    for input in document.seals.iter().flat_map(|seal| &seal.inputs).chain(&document.inputs) {
        add(&input.path, input.bytes, &input.sha256);
    }
    files
}

/// How a file is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// What was read then stands there still.
    Same,
    /// It has another digest, or is shorter: what it was and is, in words.
    Changed(String),
    /// It cannot be read, and why.
    Gone(String),
}

/// The folders of the documents that `document`, itself at `path`, was made of: as named then, and seen from its own.
pub fn folders(document: &Verdict<'static>, path: &Path) -> Vec<PathBuf> {
    let named = document.groups.iter().filter_map(|group| Path::new(&group.document.as_ref()?.path).parent());
    let mut folders: Vec<PathBuf> = Vec::new();
    for folder in named {
        let seen = path.parent().map(|parent| parent.join(folder));
        for folder in seen.into_iter().chain([folder.to_owned()]) {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
    }
    folders
}

/// How `file` is now: where it was, else beside the document, else beside one of those that the document was made of,
/// whose `folders` these are.
pub fn state(file: &Named, document: &Path, folders: &[PathBuf]) -> State {
    let places = places(file, document, folders);
    // Two of those folders may have a file of that name.
    let mut states: Vec<State> = places.iter().map(|place| held(file, place)).collect();
    match states.iter().position(|state| *state == State::Same) {
        Some(_) => State::Same,
        None if states.is_empty() => held(file, Path::new(&file.path)),
        None => states.swap_remove(0),
    }
}

/// Where `file` may be: the one place where it was or beside the document, else every folder that has it.
fn places(file: &Named, document: &Path, folders: &[PathBuf]) -> Vec<PathBuf> {
    let path = Path::new(&file.path);
    let beside = document.parent().map(|folder| folder.join(path));
    if let Some(found) = [Some(path.to_owned()), beside].into_iter().flatten().find(|place| place.exists()) {
        return vec![found];
    }
    folders.iter().map(|folder| folder.join(path)).filter(|place| place.exists()).collect()
}

/// The documents that `document` was made of, as far as their files are still what they were, by their paths.
pub fn documents(
    document: &Verdict<'static>,
    files: &[(Named, State)],
    path: &Path,
    folders: &[PathBuf],
) -> Vec<(String, Verdict<'static>)> {
    let said: Vec<&str> =
        document.groups.iter().filter_map(|group| Some(group.document.as_ref()?.path.as_str())).collect();
    let mut found = Vec::new();
    for (file, _) in files.iter().filter(|(file, state)| *state == State::Same && said.contains(&file.path.as_str())) {
        let place = places(file, path, folders).into_iter().find(|place| held(file, place) == State::Same);
        let text = place.and_then(|place| {
            let mut text = Vec::new();
            File::open(place).ok()?.take(file.bytes).read_to_end(&mut text).ok()?;
            Some(text)
        });
        // A file with several documents, or with checks, is none of those that can be told apart by their path.
        let read = text.and_then(|text| Verdict::from_value(&schema::json::parse(&text).ok()?).ok());
        found.extend(read.map(|read| (file.path.clone(), read)));
    }
    found
}

/// The file at `path` held against what was read then.
fn held(file: &Named, path: &Path) -> State {
    match digest(path, file.bytes) {
        Ok((_, now)) if now != file.sha256 => State::Changed(format!("SHA-256 {} then, {now} now", file.sha256)),
        Ok((read, _)) if read < file.bytes => State::Changed(format!("{} bytes then, {read} now", file.bytes)),
        Ok(_) => State::Same,
        Err(error) => State::Gone(match error.kind() {
            io::ErrorKind::NotFound => "no such file".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        }),
    }
}

/// SHA-256 of the first `limit` bytes, and how many there were.
fn digest(path: &Path, limit: u64) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::other("is a directory"));
    }
    let mut file = file.by_ref().take(limit);
    let mut sum = Sha256::new();
    let mut block = vec![0; 1 << 18];
    let mut all: u64 = 0;
    loop {
        let read = match file.read(&mut block) {
            Ok(0) => return Ok((all, filter::hex(&sum.finalize()))),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        all = all.saturating_add(read as u64);
        sum.update(block.get(..read).unwrap_or_default());
    }
}
