//! What a log was rotated to: the files beside it, told apart by their names and put in the order of time.
//!
//! Owns the patterns of names (numbers, dates) and what makes an order or its completeness doubtful; refuses to read.

use std::cmp::Ordering;
use std::fs::{File, Metadata};
use std::io::{Read, Seek};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{self, AtomicU64};

/// In how many folders beside a log what was rotated is looked for.
const FOLDERS: usize = 64;

/// What compressors add to a name.
const COMPRESSED: [&str; 9] = [".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".lzo", ".Z", ".zip"];

/// A file whose name begins with that of the log.
#[derive(Clone, Debug)]
pub struct Sibling {
    /// The file.
    pub path: PathBuf,
    /// When it was looked at.
    pub status: Metadata,
    name: Name,
}

/// What came to be after some time, oldest first.
#[derive(Debug, Default)]
pub struct Later {
    /// The files.
    pub siblings: Vec<Sibling>,
    /// What makes it doubtful that they are all, or in order: a place, and what is the matter there.
    pub doubts: Vec<(String, String)>,
}

/// The files beside a log, oldest first as far as names alone tell it.
pub struct Rotation {
    siblings: Vec<Sibling>,
}

impl Rotation {
    /// What `log` was rotated to, without what is among `ours` (devices and inodes): what `globs` name, else the files
    /// beside it, else those in the first folder beside it that has some (`olddir`), rather where `is_in` knows one again.
    pub fn of(log: &Path, ours: &[(u64, u64)], globs: &[String], is_in: impl Fn(&Rotation) -> bool) -> Rotation {
        if !globs.is_empty() {
            return Rotation::among(globs.iter().flat_map(|glob| named(log, glob)).collect(), ours);
        }
        let own = folder_of(log);
        let mut rotations = vec![Rotation::among(all(log, own), ours)];
        if !is_in(&rotations[0]) {
            rotations.extend(folders(own).iter().map(|folder| Rotation::among(all(log, folder), ours)));
        }
        let known = rotations.iter().position(is_in);
        let at = known.or_else(|| rotations.iter().position(|rotation| rotation.newest().is_some()));
        rotations.swap_remove(at.unwrap_or(0))
    }

    fn among(mut siblings: Vec<Sibling>, ours: &[(u64, u64)]) -> Rotation {
        siblings.retain(|sibling| !ours.contains(&sibling.id()));
        siblings.sort_by(by_name);
        // A link beside its target, and a file that is just being compressed, are there twice.
        let ids: Vec<_> = siblings.iter().map(Sibling::id).collect();
        let mut at = 0..;
        siblings.retain(|sibling| at.next().is_some_and(|at| !ids[..at].contains(&sibling.id())));
        let plain: Vec<_> = siblings.iter().filter(|other| !other.is_compressed()).cloned().collect();
        siblings.retain(|sibling| {
            !sibling.is_compressed() || !plain.iter().any(|other| by_name(other, sibling) == Ordering::Equal)
        });
        Rotation { siblings }
    }

    /// Every file.
    pub fn siblings(&self) -> impl Iterator<Item = &Sibling> {
        self.siblings.iter()
    }

    /// The one that was rotated last, of those that hold something.
    pub fn newest(&self) -> Option<&Sibling> {
        self.siblings.iter().filter(|sibling| sibling.is_rotated()).max_by_key(|sibling| sibling.modified())
    }

    /// What was rotated after `found`.
    pub fn after(&self, found: &Sibling) -> Later {
        let others = || self.siblings.iter().filter(|sibling| sibling.id() != found.id());
        let same = |sibling: &&Sibling| sibling.name.shape == found.name.shape;
        let series: Vec<&Sibling> = others().filter(same).collect();
        let mut later = match found.name.order {
            Order::Number => numbered(found, &series),
            Order::Date => {
                let newer = series.iter().filter(|sibling| sibling.name.numbers > found.name.numbers);
                Later { siblings: newer.map(|&sibling| sibling.clone()).collect(), doubts: Vec::new() }
            }
            Order::Time => by_time(found, &series),
        };
        for sibling in others().filter(|sibling| !same(sibling) && sibling.is_rotated()) {
            if sibling.modified() >= found.modified() {
                let why = format!("is not in line with {}; it is not read", found.path.display());
                later.doubts.push((sibling.path.display().to_string(), why));
            }
        }
        later
    }

    /// Whether, beside `found` and what was rotated after it, something was written since this time.
    pub fn has_others(&self, found: &Sibling, modified: Option<u64>) -> bool {
        let later = self.after(found);
        let is_known = |id: (u64, u64)| id == found.id() || later.siblings.iter().any(|sibling| sibling.id() == id);
        let others = self.siblings.iter().filter(|sibling| sibling.is_rotated() && !is_known(sibling.id()));
        modified.is_some_and(|modified| others.into_iter().any(|sibling| sibling.modified() >= modified))
    }

    /// What was rotated and written after the time `modified`, where nothing is known that came before it.
    pub fn newer(mut self, modified: u64) -> Later {
        self.siblings.retain(|sibling| sibling.is_rotated() && sibling.modified() > modified);
        let Some(first) = self.siblings.iter().min_by_key(|sibling| sibling.modified()).cloned() else {
            return Later::default();
        };
        let mut later = self.after(&first);
        later.siblings.insert(0, first);
        later
    }
}

impl Sibling {
    /// Opens it to be read.
    ///
    /// # Errors
    /// What is the matter with it.
    pub fn open(&self) -> Result<File, String> {
        let file = File::open(&self.path).map_err(|error| format!("cannot be read: {}", error.kind()))?;
        match self.name.compressed {
            None => Ok(file),
            Some(kind) => unpacked(file, kind),
        }
    }

    /// What tells it from every other file that there is.
    pub fn id(&self) -> (u64, u64) {
        (self.status.dev(), self.status.ino())
    }

    /// When it was last written to, in nanoseconds.
    pub fn modified(&self) -> u64 {
        modified(&self.status)
    }

    /// Whether its name says that it is compressed.
    pub fn is_compressed(&self) -> bool {
        self.name.compressed.is_some()
    }

    /// Whether its text can be read.
    pub fn is_readable(&self) -> bool {
        matches!(self.name.compressed, None | Some(".gz" | ".zst"))
    }

    /// Whether its name alone says that it is a rotated log, and there is something in it.
    pub fn is_rotated(&self) -> bool {
        self.name.rotated && self.status.len() > 0
    }
}

/// When a file was last written to, in nanoseconds.
pub fn modified(status: &Metadata) -> u64 {
    let [seconds, nanoseconds] = [status.mtime(), status.mtime_nsec()].map(|part| u64::try_from(part).unwrap_or(0));
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}

fn folder_of(log: &Path) -> &Path {
    log.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The folders in `folder`, by name.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut folders: Vec<PathBuf> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .take(FOLDERS)
        .collect();
    folders.sort_unstable();
    folders
}

/// The files in `folder` whose names say that `log` was rotated to them.
fn all(log: &Path, folder: &Path) -> Vec<Sibling> {
    let Some(base) = log.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let is_own = folder == folder_of(log);
    files(folder, |name| {
        // Elsewhere a file of another kind may have a name that begins so.
        let of_suffix = name.strip_prefix(base).map(Name::read).filter(|name| is_own || name.rotated);
        if name == base { None } else { of_suffix.or_else(|| Name::before_extension(name, base)) }
    })
}

/// The files that a glob names: a folder, and a name with `*` and `?`.
fn named(log: &Path, glob: &str) -> Vec<Sibling> {
    let base = log.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let (folder, pattern) = glob.rsplit_once('/').unwrap_or((".", glob));
    let folder = Path::new(if folder.is_empty() { "/" } else { folder });
    files(folder, |name| {
        if !crate::record::patterns::matches(pattern.as_bytes(), name.as_bytes()) {
            return None;
        }
        let known = name.strip_prefix(base).map(Name::read).or_else(|| Name::before_extension(name, base));
        // It was said to be one, whatever it is called.
        Some(Name { rotated: true, ..known.unwrap_or_else(|| Name::read(name)) })
    })
}

fn files(folder: &Path, name_of: impl Fn(&str) -> Option<Name>) -> Vec<Sibling> {
    let sibling = |entry: std::io::Result<std::fs::DirEntry>| {
        let file_name = entry.ok()?.file_name().into_string().ok()?;
        let name = name_of(&file_name)?;
        let path = if folder == Path::new(".") { PathBuf::from(&file_name) } else { folder.join(&file_name) };
        let status = std::fs::metadata(&path).ok().filter(Metadata::is_file)?;
        Some(Sibling { path, status, name })
    };
    std::fs::read_dir(folder).into_iter().flatten().filter_map(sibling).collect()
}

/// The text of a compressed file, in a file without a name, from its start.
fn unpacked(file: File, kind: &str) -> Result<File, String> {
    let mut text: Box<dyn Read> = match kind {
        ".gz" => Box::new(flate2::read::MultiGzDecoder::new(file)),
        ".zst" => Box::new(
            ruzstd::decoding::StreamingDecoder::new(file).map_err(|error| format!("cannot be unpacked: {error}"))?,
        ),
        kind => {
            let way = match kind {
                ".xz" | ".lzma" => "xz -dk",
                ".bz2" => "bzip2 -dk",
                ".lz4" => "lz4 -dk",
                ".lzo" => "lzop -d",
                ".Z" => "uncompress -k",
                _ => "unzip",
            };
            return Err(format!("is compressed as {kind}, and only .gz and .zst are read: {way} it next to the log"));
        }
    };
    let mut unpack = || -> std::io::Result<File> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, atomic::Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("kv-extract-{}-{number}", std::process::id()));
        let mut plain = File::options().read(true).write(true).create_new(true).open(&path)?;
        std::fs::remove_file(&path)?;
        std::io::copy(&mut text, &mut plain)?;
        plain.rewind()?;
        Ok(plain)
    };
    unpack().map_err(|error| format!("cannot be unpacked: {error}"))
}

/// Most rotate `app.log.1` to `app.log.2`; some count on, and there it is the times that say so.
fn numbered(found: &Sibling, series: &[&Sibling]) -> Later {
    let is_older = |sibling: &&Sibling| sibling.modified() <= found.modified();
    let is_newer = |sibling: &&Sibling| sibling.modified() >= found.modified();
    let (higher, lower): (Vec<&Sibling>, Vec<&Sibling>) =
        series.iter().partition(|sibling| sibling.name.numbers > found.name.numbers);
    let number = found.name.number();
    let (mut siblings, missing) = if lower.iter().all(is_newer) && higher.iter().all(is_older) {
        let lowest = lower.iter().map(|sibling| sibling.name.number()).min().unwrap_or(1).min(1);
        let missing = (lowest..number).rev().find(|&wanted| !lower.iter().any(|other| other.name.number() == wanted));
        (lower, missing)
    } else if lower.iter().all(is_older) && higher.iter().all(is_newer) {
        let highest = higher.iter().map(|sibling| sibling.name.number()).max().unwrap_or(number);
        let missing = (number + 1..highest).find(|&wanted| !higher.iter().any(|other| other.name.number() == wanted));
        // Names alone would have the highest number first.
        (higher.into_iter().rev().collect(), missing)
    } else {
        let later = by_time(found, series);
        return if later.doubts.is_empty() { later.doubted(found) } else { later };
    };
    let missing = missing.map(|missing| {
        let place = found.path.display().to_string();
        (place, format!("was followed by number {missing}, which is not there"))
    });
    let siblings = siblings.drain(..).cloned().collect();
    Later { siblings, doubts: missing.into_iter().collect() }
}

/// Where names tell no order, the times of the last writing do, unless two are the same.
fn by_time(found: &Sibling, series: &[&Sibling]) -> Later {
    let newer = series.iter().filter(|sibling| sibling.modified() >= found.modified());
    let mut siblings: Vec<Sibling> = newer.map(|&sibling| sibling.clone()).collect();
    siblings.sort_by_key(Sibling::modified);
    let times: Vec<u64> = std::iter::once(found).chain(&siblings).map(Sibling::modified).collect();
    let later = Later { siblings, doubts: Vec::new() };
    if times.is_sorted_by(|one, next| one < next) { later } else { later.doubted(found) }
}

impl Later {
    fn doubted(mut self, found: &Sibling) -> Later {
        let why = "was rotated with others, in an order that their names and times do not tell";
        self.doubts.push((found.path.display().to_string(), why.to_owned()));
        self
    }
}

/// How the order of files is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// By one number.
    Number,
    /// By numbers that begin with a year, or by seconds since 1970.
    Date,
    /// By the time they were last written to.
    Time,
}

/// What stands behind the log's name, without what a compressor added.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    /// The text with `#` for numbers and months: files of one rotation have the same.
    shape: String,
    numbers: Vec<u64>,
    order: Order,
    /// Whether the name alone says that this is a rotated log, and not something else that stands beside it
    /// (`app.log.state`, `app.log.wf`).
    rotated: bool,
    /// What a compressor added.
    compressed: Option<&'static str>,
}

impl Name {
    /// The name of a log that was rotated before its extension: `app.1.log`, `app-20260301.log.gz`.
    fn before_extension(name: &str, base: &str) -> Option<Name> {
        let (stem, extension) = base.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())?;
        let end = COMPRESSED.into_iter().find(|end| name.ends_with(end)).unwrap_or_default();
        let plain = name.strip_suffix(end)?.strip_suffix(extension)?.strip_suffix('.')?;
        let middle = plain.strip_prefix(stem).filter(|middle| !middle.is_empty())?;
        Some(Name::read(&format!("{middle}{end}"))).filter(|name| name.rotated)
    }

    fn read(suffix: &str) -> Name {
        let compressed = COMPRESSED.into_iter().find(|end| suffix.ends_with(end));
        let plain = compressed.map_or(suffix, |end| suffix.trim_end_matches(end));
        let (mut shape, mut numbers, mut lead, mut words) = (String::new(), Vec::new(), "", false);
        let mut rest = plain;
        while let Some(first) = rest.bytes().next() {
            let class = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_alphabetic());
            let length = rest.bytes().take_while(|&byte| class(byte) == class(first)).count();
            let (run, behind) = rest.split_at(length);
            rest = behind;
            match run.parse().ok().filter(|_| first.is_ascii_digit()).or_else(|| month(run)) {
                Some(number) => {
                    lead = if numbers.is_empty() { run } else { lead };
                    numbers.push(number);
                    shape.push('#');
                    if run.len() > 5 {
                        // 20260301 and 2026030112 are not to be compared.
                        shape.push_str(&run.len().to_string());
                    }
                }
                None => {
                    words |= first.is_ascii_alphabetic() && !matches!(run, "T" | "Z");
                    shape.push_str(run);
                }
            }
        }
        let order = match numbers.len() {
            0 => Order::Time,
            many if is_date(lead, many) => Order::Date,
            1 if lead.len() <= 5 => Order::Number,
            _ => Order::Time,
        };
        let rotated = match order {
            Order::Number => shape == ".#",
            Order::Date => !words && !plain.starts_with(|letter: char| letter.is_ascii_alphanumeric()),
            Order::Time => plain == ".old",
        };
        Name { shape, numbers, order, rotated, compressed }
    }

    fn number(&self) -> u64 {
        self.numbers.first().copied().unwrap_or(0)
    }
}

/// Oldest first, as far as that can be told: high numbers, early dates.
fn by_name(one: &Sibling, other: &Sibling) -> Ordering {
    let (one, other) = (&one.name, &other.name);
    let numbers = one.numbers.cmp(&other.numbers);
    one.shape.cmp(&other.shape).then(if one.order == Order::Number { numbers.reverse() } else { numbers })
}

/// Whether `count` numbers, the first of which is written `lead`, are in the order of time.
fn is_date(lead: &str, count: usize) -> bool {
    let century = lead.starts_with("19") || lead.starts_with("20");
    let month = lead.get(4..6).and_then(|month| month.parse().ok()).is_some_and(|month: u8| (1..=12).contains(&month));
    match lead.len() {
        4 => century && count > 1,
        10 | 13 => lead.starts_with('1') || century && month,
        6.. => century && month,
        _ => false,
    }
}

fn month(text: &str) -> Option<u64> {
    const NAMES: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let at = NAMES.iter().position(|name| text.eq_ignore_ascii_case(name))?;
    u64::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_before_the_extension() {
        for (name, numbers) in [
            ("app.1.log", Some(vec![1])),
            ("app-20260301.log.gz", Some(vec![20_260_301])),
            ("app-2026-03-01.0.log", Some(vec![2026, 3, 1, 0])),
            ("app.log", None),
            ("app-error.log", None),
            ("app.log.1", None),
            ("application.log", None),
        ] {
            assert_eq!(Name::before_extension(name, "app.log").map(|name| name.numbers), numbers, "{name}");
        }
    }

    #[test]
    fn names() {
        for (suffix, shape, numbers, order, rotated) in [
            (".1", ".#", &[1][..], Order::Number, true),
            (".12.gz", ".#", &[12], Order::Number, true),
            ("-20260301", "-#8", &[20_260_301], Order::Date, true),
            ("-20260301.xz", "-#8", &[20_260_301], Order::Date, true),
            (".2026-03-01", ".#-#-#", &[2026, 3, 1], Order::Date, true),
            (".2026-Mar-01.2", ".#-#-#.#", &[2026, 3, 1, 2], Order::Date, true),
            ("-20260301T1015Z", "-#8T#Z", &[20_260_301, 1015], Order::Date, true),
            ("-1772742732", "-#10", &[1_772_742_732], Order::Date, true),
            ("-01032026", "-#8", &[1_032_026], Order::Time, false),
            (".01-Mar-2026", ".#-#-#", &[1, 3, 2026], Order::Time, false),
            ("-2", "-#", &[2], Order::Number, false),
            (".old", ".old", &[], Order::Time, true),
            (".state", ".state", &[], Order::Time, false),
            (".2026-03-01.json", ".#-#-#.json", &[2026, 3, 1], Order::Date, false),
        ] {
            let name = Name::read(suffix);
            assert_eq!(name.compressed.is_some(), suffix.ends_with("z"), "{suffix}");
            let expected = (shape, numbers, order, rotated);
            assert_eq!((&*name.shape, &*name.numbers, name.order, name.rotated), expected, "{suffix}");
        }
    }
}
