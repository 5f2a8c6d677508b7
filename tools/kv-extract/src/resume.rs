//! `--resume STATE`: only what is new since last time, across rotation by rename, copytruncate and a file that shrank.
//!
//! Owns the state file (written whole or not at all) and the search for what was rotated away; what cannot be found
//! again is an error, once, after everything else was read.

use std::fs::{File, Metadata};
use std::io::Write;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use filter::{Error, Filter};
use schema::{Object, Value, json};

/// How much of a file's start, and of what stands before the place, tells it from another.
const FINGERPRINT: u64 = 1024;

/// A part of a log that is to be read.
pub struct Part {
    /// The file.
    pub path: PathBuf,
    /// The same, open.
    pub file: File,
    /// From where on.
    pub from: u64,
    /// Whether it is the log itself, and not what was rotated away.
    pub current: bool,
}

/// Where a file was read up to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    path: String,
    device: u64,
    inode: u64,
    offset: u64,
    /// Digests of the file's first bytes and of the last ones before `offset`.
    head: String,
    tail: String,
}

/// The places of last time, and those of this time.
pub struct Resume {
    state: PathBuf,
    old: Vec<Place>,
    new: Vec<Place>,
    /// What was rotated away and not found again.
    lost: Vec<String>,
}

impl Resume {
    /// Reads the state; a file that is not there is an empty one.
    pub fn read(state: &Path) -> Result<Resume, Error> {
        let name = state.display().to_string();
        let old = match std::fs::read(state) {
            Ok(text) => places(&text).ok_or_else(|| Error::data(&*name, "is not a state of kv-extract --resume"))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Error::io(&*name, &error)),
        };
        Ok(Resume { state: state.to_owned(), old, new: Vec::new(), lost: Vec::new() })
    }

    /// What of the log at `path` is new: perhaps the rest of what was rotated away, then the log itself.
    pub fn parts(&mut self, path: &Path, filter: &mut Filter) -> Result<Vec<Part>, Error> {
        let name = path.display().to_string();
        let failed = |error: std::io::Error| Error::io(&*name, &error);
        let file = File::open(path).map_err(failed)?;
        let status = file.metadata().map_err(failed)?;
        if !status.is_file() {
            return Err(Error::data(name, "is not a regular file; --resume has no place to keep in it"));
        }
        let mut parts = Vec::new();
        let mut from = 0;
        if let Some(place) = self.old.iter().find(|place| place.path == name).cloned() {
            if place.is_in(&file, &status) {
                from = place.offset;
            } else {
                match rotated(path, &place) {
                    Some(rest) => parts.extend(rest),
                    None if place.offset == 0 => {}
                    None => {
                        filter.note("lost part", &name, "was rotated or cut, and what stood in it is not found again");
                        self.lost.push(name.clone());
                    }
                }
                from = leading_zeros(&file).map_err(failed)?;
            }
        } else {
            from = from.max(leading_zeros(&file).map_err(failed)?);
        }
        parts.push(Part { path: path.to_owned(), file, from, current: true });
        Ok(parts)
    }

    /// Notes that the log at `path` was read up to `offset`.
    pub fn keep(&mut self, path: &Path, file: &File, offset: u64) -> Result<(), Error> {
        let name = path.display().to_string();
        let place = Place::of(&name, file, offset).map_err(|error| Error::io(&*name, &error))?;
        self.new.retain(|other| other.path != name);
        self.new.push(place);
        Ok(())
    }

    /// Writes the state. Then says what was lost, so that a gap is never a quiet one.
    pub fn write(self) -> Result<(), Error> {
        let name = self.state.display().to_string();
        let mut places = self.new;
        places.extend(
            self.old.into_iter().filter(|old| !places.iter().any(|new| new.path == old.path)).collect::<Vec<_>>(),
        );
        write_whole(&self.state, &state_text(&places)).map_err(|error| Error::io(&*name, &error))?;
        match self.lost.first() {
            None => Ok(()),
            Some(log) => Err(Error::data(&**log, "lines may be missing: what was rotated away is not found again")),
        }
    }
}

impl Place {
    fn of(path: &str, file: &File, offset: u64) -> std::io::Result<Place> {
        let status = file.metadata()?;
        let head = digest(file, 0, offset.min(FINGERPRINT))?;
        let tail = digest(file, offset.saturating_sub(FINGERPRINT), offset.min(FINGERPRINT))?;
        Ok(Place { path: path.to_owned(), device: status.dev(), inode: status.ino(), offset, head, tail })
    }

    /// Whether `file` still begins with all that was read.
    fn is_in(&self, file: &File, status: &Metadata) -> bool {
        (status.dev(), status.ino()) == (self.device, self.inode) && self.matches(file, status)
    }

    fn matches(&self, file: &File, status: &Metadata) -> bool {
        status.len() >= self.offset
            && Place::of(&self.path, file, self.offset).is_ok_and(|now| now.head == self.head && now.tail == self.tail)
    }
}

/// The file that the log was renamed or copied to, from the old place on, and those that were rotated after it.
fn rotated(path: &Path, place: &Place) -> Option<Vec<Part>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let base = path.file_name()?.to_str()?.to_owned();
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.len() > base.len() && name.starts_with(&base))
        .collect();
    names.sort();
    let open = |name: &str| {
        let path = folder.join(name);
        let file = File::open(&path).ok()?;
        let status = file.metadata().ok().filter(Metadata::is_file)?;
        Some((path, file, status))
    };
    let candidates = || names.iter().filter_map(|name| Some((name, open(name)?)));
    let renamed = candidates().find(|(_, (_, file, status))| place.is_in(file, status));
    let found = renamed.or_else(|| {
        if place.offset == 0 {
            return None;
        }
        candidates().find(|(_, (_, file, status))| place.matches(file, status))
    });
    let (name, (path, file, status)) = found?;
    let changed = status.modified().ok();
    let mut parts = vec![Part { path, file, from: place.offset, current: false }];
    // Rotated more than once: app.log.3 is the rest of what was read, app.log.2 and app.log.1 came after it.
    let number = name.strip_prefix(&format!("{base}.")).and_then(|number| number.parse::<u32>().ok());
    for newer in (1..number.unwrap_or(1).min(1000)).rev() {
        let (path, file, status) = open(&format!("{base}.{newer}"))?;
        if status.modified().ok() < changed {
            continue; // Numbered the other way round: it was read before.
        }
        parts.push(Part { path, file, from: 0, current: false });
    }
    Some(parts)
}

/// How many zero bytes a file begins with: what copytruncate leaves before the next line of a writer that kept its place.
fn leading_zeros(file: &File) -> std::io::Result<u64> {
    let mut block = vec![0; 64 << 10];
    let mut at = 0;
    loop {
        let read = file.read_at(&mut block, at)?;
        let zeros = block[..read].iter().take_while(|&&byte| byte == 0).count();
        at += zeros as u64;
        if zeros < read || read == 0 {
            return Ok(at);
        }
    }
}

fn digest(file: &File, from: u64, length: u64) -> std::io::Result<String> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    file.read_exact_at(&mut bytes, from)?;
    // FNV-1a in 128 bits: it tells logs apart, it does not guard a secret.
    let hash = bytes.iter().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, &byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013B)
    });
    Ok(format!("{hash:032x}"))
}

fn places(text: &[u8]) -> Option<Vec<Place>> {
    let document = json::parse(text).ok()?;
    let state = document.get("@state")?;
    if state.get("tool")?.as_text()? != "kv-extract" {
        return None;
    }
    let place = |value: &Value<'_>| {
        let number = |key| value.get(key)?.as_number()?.as_u64();
        let text = |key| value.get(key)?.as_text().map(str::to_owned);
        Some(Place {
            path: text("path")?,
            device: number("device")?,
            inode: number("inode")?,
            offset: number("offset")?,
            head: text("head")?,
            tail: text("tail")?,
        })
    };
    state.get("files")?.as_list()?.iter().map(place).collect()
}

fn state_text(places: &[Place]) -> Vec<u8> {
    let mut files = Vec::new();
    for place in places {
        let mut object = Object::new();
        object.insert("path", place.path.clone());
        object.insert("device", place.device);
        object.insert("inode", place.inode);
        object.insert("offset", place.offset);
        object.insert("head", place.head.clone());
        object.insert("tail", place.tail.clone());
        files.push(Value::Object(object));
    }
    let mut state = Object::new();
    state.insert("tool", "kv-extract");
    state.insert("files", files);
    let mut document = Object::new();
    document.insert("@state", state);
    let mut text = Vec::new();
    json::write_object(&document, &mut text);
    text.push(b'\n');
    text
}

/// A temporary file in the same folder, synced and renamed.
fn write_whole(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(text)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}
