//! Places in files, and how they are known again when a file was renamed, copied or emptied.
//!
//! Owns the text of the state that `--resume` keeps; refuses to write it.

use std::fs::{File, Metadata};
use std::os::unix::fs::{FileExt, MetadataExt};

use jiff::Timestamp;
use schema::{Object, Value, json};

use crate::resume::rotated::{Rotation, Sibling, modified};

/// How much of a file's start, and of what stands before the place, tells it from another.
pub const FINGERPRINT: u64 = 1024;

/// Where a file was read up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's name as it was given.
    pub path: String,
    /// What tells the file from others of its time.
    pub device: u64,
    /// See `device`.
    pub inode: u64,
    /// How many bytes were read.
    pub offset: u64,
    /// A digest of the file's first bytes.
    pub head: String,
    /// A digest of the last ones before `offset`.
    pub tail: String,
    /// When the file was last written to: copies of it were made later. This and the rest are not in older states.
    pub modified: Option<u64>,
    /// How many lines stand before `offset`.
    pub lines: Option<u64>,
    /// The time of the last line that had one, where times were looked at.
    pub time: Option<Timestamp>,
    /// Of an empty log nothing can be known again: then it is the end of what was rotated last that is kept.
    pub before: Option<Box<Place>>,
}

impl Place {
    /// The place `offset` in `file`, which is called `path`.
    pub fn of(path: &str, file: &File, offset: u64) -> std::io::Result<Place> {
        let status = file.metadata()?;
        let head = digest(file, 0, offset.min(FINGERPRINT))?;
        let tail = digest(file, offset.saturating_sub(FINGERPRINT), offset.min(FINGERPRINT))?;
        Ok(Place {
            path: path.to_owned(),
            device: status.dev(),
            inode: status.ino(),
            offset,
            head,
            tail,
            modified: Some(modified(&status)),
            lines: None,
            time: None,
            before: None,
        })
    }

    /// Whether `file` still begins with all that was read.
    pub fn is_in(&self, file: &File, status: &Metadata) -> bool {
        (status.dev(), status.ino()) == (self.device, self.inode) && self.matches(file, status)
    }

    /// Whether `file`, in which it seems to be, was copied, emptied and begun again with the same few lines: then a
    /// copy goes on otherwise.
    pub fn began_again(&self, file: &File, status: &Metadata, rotation: &Rotation) -> bool {
        let since = |sibling: &&Sibling| self.modified.is_some_and(|modified| sibling.modified() >= modified);
        rotation.siblings().filter(|sibling| sibling.is_rotated()).filter(since).any(|sibling| {
            let Ok(copy) = File::open(&sibling.path) else { return false };
            let end = Place::of(&self.path, &copy, sibling.status.len());
            self.matches(&copy, &sibling.status) && !end.is_ok_and(|end| end.matches(file, status))
        })
    }

    /// Whether it is the end of `sibling`, to which nothing was done since.
    pub fn is_end_of(&self, sibling: &Sibling) -> bool {
        let then = (self.device, self.inode, self.offset, self.modified);
        (sibling.status.dev(), sibling.status.ino(), sibling.status.len(), Some(sibling.modified())) == then
    }

    /// Whether what was read of this one is what `file` begins with.
    pub fn matches(&self, file: &File, status: &Metadata) -> bool {
        status.len() >= self.offset
            && Place::of(&self.path, file, self.offset).is_ok_and(|now| now.head == self.head && now.tail == self.tail)
    }

    /// The file that this one was renamed to; else the first one that it was copied to since.
    pub fn find<'a>(&self, rotation: &'a Rotation) -> Option<&'a Sibling> {
        let matches =
            |sibling: &&Sibling| File::open(&sibling.path).is_ok_and(|file| self.matches(&file, &sibling.status));
        let renamed = rotation.siblings().find(|sibling| sibling.id() == (self.device, self.inode) && matches(sibling));
        renamed.or_else(|| {
            let since = |sibling: &&Sibling| self.modified.is_none_or(|modified| sibling.modified() >= modified);
            let copies = rotation.siblings().filter(|_| self.offset > 0).filter(since).filter(matches);
            copies.min_by_key(|sibling| sibling.modified()).or_else(|| self.find_unpacked(rotation))
        })
    }

    /// The file that this one was compressed to as soon as it was rotated.
    fn find_unpacked<'a>(&self, rotation: &'a Rotation) -> Option<&'a Sibling> {
        let since = |sibling: &&Sibling| self.modified.is_none_or(|modified| sibling.modified() >= modified);
        let packed = |sibling: &&Sibling| self.offset > 0 && sibling.is_compressed() && sibling.is_readable();
        let matches = |sibling: &&Sibling| {
            let Ok(text) = sibling.open() else { return false };
            text.metadata().is_ok_and(|status| self.matches(&text, &status))
        };
        rotation.siblings().filter(packed).filter(since).filter(matches).min_by_key(|sibling| sibling.modified())
    }

    /// The file that this one, which was rotated before, was compressed to: compressors keep the time.
    pub fn find_compressed<'a>(&self, rotation: &'a Rotation) -> Option<&'a Sibling> {
        rotation.siblings().find(|sibling| sibling.is_compressed() && Some(sibling.modified()) == self.modified)
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

/// The places that the text of a state holds.
pub fn places(text: &[u8]) -> Option<Vec<Place>> {
    let document = json::parse(text).ok()?;
    let state = document.get("@state")?;
    if state.get("tool")?.as_text()? != "kv-extract" {
        return None;
    }
    state.get("files")?.as_list()?.iter().map(place).collect()
}

fn place(value: &Value<'_>) -> Option<Place> {
    let number = |key| value.get(key)?.as_number()?.as_u64();
    let text = |key| value.get(key)?.as_text().map(str::to_owned);
    Some(Place {
        path: text("path")?,
        device: number("device")?,
        inode: number("inode")?,
        offset: number("offset")?,
        head: text("head")?,
        tail: text("tail")?,
        modified: number("modified"),
        lines: number("lines"),
        time: text("time").and_then(|time| time.parse().ok()),
        before: value.get("before").and_then(place).map(Box::new),
    })
}

/// What a run was about to do when it wrote its state: to put its output under this name, and then to keep these places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The places that the output goes up to.
    pub places: Vec<Place>,
    /// The output's name, and what tells it from every other file.
    pub output: (String, u64, u64),
}

/// What the text of a state says of a run that was not over.
pub fn intent(text: &[u8]) -> Option<Intent> {
    let document = json::parse(text).ok()?;
    let state = document.get("@state")?;
    let places = state.get("next")?.as_list()?.iter().map(place).collect::<Option<_>>()?;
    let output = state.get("output")?;
    let number = |key| output.get(key)?.as_number()?.as_u64();
    Some(Intent { places, output: (output.get("path")?.as_text()?.to_owned(), number("device")?, number("inode")?) })
}

/// The text of a state.
pub fn state_text(places: &[Place], intent: Option<&Intent>) -> Vec<u8> {
    let list = |places: &[Place]| -> Vec<Value<'static>> {
        places.iter().map(|place| Value::Object(place_object(place))).collect()
    };
    let mut state = Object::new();
    state.insert("tool", "kv-extract");
    state.insert("files", list(places));
    if let Some(Intent { places, output: (path, device, inode) }) = intent {
        state.insert("next", list(places));
        let mut output = Object::new();
        output.insert("path", path.clone());
        output.insert("device", *device);
        output.insert("inode", *inode);
        state.insert("output", output);
    }
    let mut document = Object::new();
    document.insert("@state", state);
    let mut text = Vec::new();
    json::write_object(&document, &mut text);
    text.push(b'\n');
    text
}

fn place_object(place: &Place) -> Object<'static> {
    let mut object = Object::new();
    object.insert("path", place.path.clone());
    object.insert("device", place.device);
    object.insert("inode", place.inode);
    object.insert("offset", place.offset);
    object.insert("head", place.head.clone());
    object.insert("tail", place.tail.clone());
    for (key, number) in [("modified", place.modified), ("lines", place.lines)] {
        if let Some(number) = number {
            object.insert(key, number);
        }
    }
    if let Some(time) = place.time {
        object.insert("time", time.to_string());
    }
    if let Some(before) = &place.before {
        object.insert("before", place_object(before));
    }
    object
}
