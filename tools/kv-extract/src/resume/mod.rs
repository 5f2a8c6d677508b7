//! `--resume STATE`: only what is new since last time, across rotation by rename, copytruncate and a file that shrank.
//!
//! Owns the state file (written whole or not at all) and the search for what was rotated away; what cannot be found
//! again is an error, once, after everything else was read.

pub mod bookmark;
pub mod dated;
pub mod rotated;

use std::fs::{File, Metadata};
use std::io::Write;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use filter::{Error, Filter};
use jiff::Timestamp;

use crate::resume::bookmark::{FINGERPRINT, Intent, Place, intent, places, state_text};
use crate::resume::rotated::{Later, Rotation};

/// A part of a log that is to be read.
pub struct Part {
    /// The file.
    pub path: PathBuf,
    /// The same, open.
    pub file: File,
    /// From where on.
    pub from: u64,
    /// How many lines stand before that, where it is known.
    pub lines: Option<u64>,
    /// Whether it is the log itself, and not what was rotated away.
    pub current: bool,
}

/// The places of last time, and those of this time.
pub struct Resume {
    state: PathBuf,
    old: Vec<Place>,
    new: Vec<Place>,
    /// What was rotated last, of each log that is read from its start.
    before: Vec<(String, Place)>,
    /// Why lines may be missing: the log, and the reason.
    lost: Vec<(String, String)>,
    /// `--rotated`
    globs: Vec<String>,
    /// The logs of this run.
    pub given: Vec<PathBuf>,
    /// What is to be told of a run that was ended before it was over.
    ended: Option<String>,
}

impl Resume {
    /// Reads the state; a file that is not there is an empty one.
    pub fn read(state: &Path, globs: Vec<String>) -> Result<Resume, Error> {
        let name = state.display().to_string();
        if std::fs::metadata(state).is_ok_and(|status| !status.is_file()) {
            return Err(Error::data(name, "is not a file: --resume keeps its state in one"));
        }
        let mut ended = None;
        let old = match std::fs::read(state) {
            Ok(text) if let Some(intent) = intent(&text) => {
                let (path, device, inode) = &intent.output;
                let is_there =
                    std::fs::metadata(path).is_ok_and(|status| (status.dev(), status.ino()) == (*device, *inode));
                ended = Some(match is_there {
                    true => {
                        format!("the run before was ended when {path} was written: its contents are not read again")
                    }
                    false => format!("the run before was ended before {path} was written: its lines are read again"),
                });
                if is_there { intent.places } else { places(&text).unwrap_or_default() }
            }
            Ok(text) => places(&text).ok_or_else(|| Error::data(&*name, "is not a state of kv-extract --resume"))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Error::io(&*name, &error)),
        };
        let (new, before, lost, given) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Ok(Resume { state: state.to_owned(), old, new, before, lost, globs, given, ended })
    }

    /// What of the log at `path` is new: perhaps the rest of what was rotated away, then the log itself.
    pub fn parts(&mut self, path: &Path, filter: &mut Filter) -> Result<Vec<Part>, Error> {
        if let Some(ended) = self.ended.take() {
            filter.note("ended run", self.state.display(), ended);
        }
        let name = path.display().to_string();
        let failed = |error: std::io::Error| Error::io(&*name, &error);
        let file = File::open(path).map_err(failed)?;
        let status = file.metadata().map_err(failed)?;
        if !status.is_file() {
            return Err(Error::data(name, "is not a regular file; --resume has no place to keep in it"));
        }
        let id = |status: &Metadata| (status.dev(), status.ino());
        let ours: Vec<_> = std::fs::metadata(&self.state).iter().chain([&status]).map(id).collect();
        if !self.old.iter().any(|place| place.path == name)
            && let Some(old) = self.moved(path, &file, &status, &ours)
        {
            filter.note("moved log", &name, format!("goes on where {old} was read up to: it begins as that did"));
        }
        let place = self.old.iter().find(|place| place.path == name).cloned();
        let globs = self.globs.clone();
        let rotation = || {
            let is_in = |rotation: &Rotation| {
                place.as_ref().is_some_and(|place| match &place.before {
                    Some(before) if place.offset == 0 => before.find(rotation).is_some(),
                    _ => place.offset > 0 && place.find(rotation).is_some(),
                })
            };
            Rotation::of(path, &ours, &globs, is_in)
        };
        if let Some(place) = &place
            && place.offset > 0
            && place.is_in(&file, &status)
            && (place.offset >= FINGERPRINT || !place.began_again(&file, &status, &rotation()))
        {
            let (path, from, lines) = (path.to_owned(), place.offset, place.lines);
            return Ok(vec![Part { path, file, from, lines, current: true }]);
        }
        let rotation = rotation();
        // Looked at before the log is read: what is rotated from now on comes after it.
        if let Some(newest) = rotation.newest()
            && let Ok(file) = File::open(&newest.path)
            && let Ok(place) = Place::of(&newest.path.display().to_string(), &file, newest.status.len())
        {
            self.before.push((name.clone(), place));
        }
        if place.is_none()
            && let Some((before, bytes)) = dated::unread_before(&name, &self.old, &self.given)
        {
            let why = format!("has {bytes} bytes that were not read; name it once more, before {name}");
            self.lose(&name, &before, &why, filter);
        }
        let mut parts = Vec::new();
        if let Some(place) = place {
            let is_there = place.is_in(&file, &status);
            let later = self.rest(&place, is_there, rotation, &mut parts, filter);
            for sibling in later.siblings.iter().filter(|sibling| sibling.status.len() > 0) {
                match sibling.open().and_then(|file| Part::whole(&sibling.path, file, false)) {
                    Ok(part) => parts.push(part),
                    Err(why) => self.lose(&name, &sibling.path.display().to_string(), &why, filter),
                }
            }
            for (place, why) in &later.doubts {
                self.lose(&name, place, why, filter);
            }
        }
        parts.push(Part::whole(path, file, true).map_err(|why| Error::data(&*name, why))?);
        Ok(parts)
    }

    /// Looks for a log of last time that is now at `path`: one that is no longer there under its old path, and that the file,
    /// or what it was rotated to, begins with, up to the place and for long enough to be told from any other. It is known
    /// under its new path from then on; gives the old one.
    fn moved(&mut self, path: &Path, file: &File, status: &Metadata, ours: &[(u64, u64)]) -> Option<String> {
        let rotation = std::cell::OnceCell::new();
        let is_it = |place: &Place| {
            let is_same = (status.dev(), status.ino()) == (place.device, place.inode);
            let is_told = place.offset >= FINGERPRINT && !Path::new(&place.path).exists();
            let in_rotation =
                || place.find(rotation.get_or_init(|| Rotation::of(path, ours, &self.globs, |_| false))).is_some();
            place.offset > 0 && (is_same || is_told) && (place.matches(file, status) || (is_told && in_rotation()))
        };
        let mut found = self.old.iter().enumerate().filter(|(_, place)| is_it(place)).map(|(at, _)| at);
        // Where there are two, nobody knows which.
        let (Some(at), None) = (found.next(), found.next()) else { return None };
        let place = self.old.get_mut(at)?;
        if place.matches(file, status) {
            (place.device, place.inode) = (status.dev(), status.ino());
        }
        Some(std::mem::replace(&mut place.path, path.display().to_string()))
    }

    /// Finds the file that the log was renamed or copied to, adds what of it is new, and gives what came after it.
    fn rest(
        &mut self,
        log: &Place,
        is_there: bool,
        rotation: Rotation,
        parts: &mut Vec<Part>,
        filter: &mut Filter,
    ) -> Later {
        // An empty file is told from others by its inode alone, and that it is still there says nothing: it may have
        // been filled, copied and emptied again. Then the file that was rotated last time is what can be known again.
        let mut place = log;
        let mut found = match log.offset {
            0 if is_there => None,
            // Another file may have its inode by now.
            0 => log.find(&rotation).filter(|found| !rotation.has_others(found, log.modified)),
            _ => log.find(&rotation),
        };
        if found.is_none()
            && log.offset == 0
            && let Some(before) = &log.before
        {
            if is_there && rotation.newest().is_some_and(|newest| before.is_end_of(newest)) {
                return Later::default();
            }
            place = before;
            found = before.find(&rotation).or_else(|| before.find_compressed(&rotation));
        }
        let Some(found) = found.cloned() else {
            if place.offset > 0 {
                let why = "was rotated or cut, and its contents were not found again";
                filter.note("lost part", &log.path, why);
                self.lost.push((log.path.clone(), "what was rotated away is not found again".to_owned()));
            }
            // Without a file that was there last time, whatever was written since then is new.
            return match log.modified {
                Some(_) if place.offset == 0 => rotation.newer(0),
                Some(_) => rotation.newer(place.modified.unwrap_or(u64::MAX)),
                None => Later::default(),
            };
        };
        // Of what was rotated before, the place is one in the file as it lies there, packed or not.
        let is_whole = found.is_compressed() && !std::ptr::eq(place, log);
        if !is_whole && (found.is_compressed() || found.status.len() > place.offset) {
            let part = found.open().and_then(|file| {
                let length = file.metadata().map_err(|error| error.to_string())?.len();
                if place.offset == 0 {
                    return Part::whole(&found.path, file, false).map(Some);
                }
                let path = found.path.clone();
                let part = Part { path, file, from: place.offset, lines: place.lines, current: false };
                Ok((length > place.offset).then_some(part))
            });
            match part {
                Ok(part) => parts.extend(part),
                Err(why) => self.lose(&log.path, &found.path.display().to_string(), &why, filter),
            }
        }
        rotation.after(&found)
    }

    fn lose(&mut self, log: &str, place: &str, why: &str, filter: &mut Filter) {
        filter.note("lost part", place, why);
        self.lost.push((log.to_owned(), format!("{place} {why}")));
    }

    /// Notes that the log at `path` was read up to `offset`.
    pub fn keep(&mut self, path: &Path, file: &File, offset: u64, lines: Option<u64>) -> Result<(), Error> {
        let name = path.display().to_string();
        let mut place = Place::of(&name, file, offset).map_err(|error| Error::io(&*name, &error))?;
        place.lines = lines;
        if offset == 0 {
            let before = self.before.iter().find(|(log, _)| *log == name);
            place.before = before.map(|(_, place)| Box::new(place.clone()));
        }
        if let Some(old) = self.old.iter().find(|old| old.path == name && old.head == place.head) {
            // Nothing was read, so nothing is known that is newer.
            place.time = old.time.filter(|_| old.offset == offset);
        }
        self.new.retain(|other| other.path != name);
        self.new.push(place);
        Ok(())
    }

    /// The time of the last line, where one log alone is kept.
    pub fn time(&self, log: &Path) -> Option<Timestamp> {
        let name = log.display().to_string();
        self.old.iter().find(|place| place.path == name)?.time
    }

    /// Notes the time of the last line.
    pub fn keep_time(&mut self, time: Option<Timestamp>) {
        self.new.iter_mut().for_each(|place| place.time = time);
    }

    /// What is to be told after the rest was read, so that a gap is never a quiet one.
    pub fn loss(&self) -> Option<Error> {
        let (log, why) = self.lost.first()?;
        Some(Error::data(&**log, format!("lines may be missing: {why}")))
    }

    /// The places of this time, and those of logs that were not read.
    fn places(&self) -> Vec<Place> {
        let mut places = self.new.clone();
        places.extend(self.old.iter().filter(|old| !self.new.iter().any(|new| new.path == old.path)).cloned());
        places
    }

    /// Writes what is about to be done: to put the output, a file that `output` tells from every other one, under its
    /// name. A run that is ended from here on is understood by the next one: where the output is there under its name, its
    /// lines are not read again, else they are.
    pub fn prepare(&self, output: (String, u64, u64)) -> Result<(), Error> {
        let intent = Intent { places: self.places(), output };
        let text = state_text(&self.old, Some(&intent));
        write_whole(&self.state, &text).map_err(|error| Error::io(self.state.display().to_string(), &error))
    }

    /// Writes the state.
    pub fn write(self) -> Result<(), Error> {
        let text = state_text(&self.places(), None);
        write_whole(&self.state, &text).map_err(|error| Error::io(self.state.display().to_string(), &error))
    }
}

impl Part {
    /// A whole file.
    fn whole(path: &Path, file: File, current: bool) -> Result<Part, String> {
        let from = leading_zeros(&file).map_err(|error| format!("cannot be read: {}", error.kind()))?;
        Ok(Part { path: path.to_owned(), file, from, lines: Some(0), current })
    }
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

/// A temporary file in the same folder, synced and renamed.
fn write_whole(path: &Path, text: &[u8]) -> std::io::Result<()> {
    // A link is followed, so that it is its target that is replaced.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let path = target.as_path();
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
