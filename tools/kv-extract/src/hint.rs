//! What to say where no line gave a record: what the lines look like, and the option to try.
//!
//! Owns a look at the start of the first file; it reads that file again and never what cannot be read twice.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::PathBuf;

use memchr::memmem::Finder;
use schema::json;

use crate::grammar::Format;
use crate::grammar::prose::Grammar;
use crate::input::selection::Selection;
use crate::record::number::is_number;
use crate::run::extractor::Extractor;

/// How much is looked at.
const SAMPLE: u64 = 64 << 10;
/// How many keys are named.
const KEYS: usize = 8;

/// Why `lines` lines gave no record, as far as the start of the first of `files` shows it; without `lines`, where they were
/// not all read. Of a stream its start is known, which is all of it where `is_whole`.
pub fn nothing(
    lines: Option<u64>,
    files: &[PathBuf],
    (stream, is_whole): (Option<&[u8]>, bool),
    extractor: &Extractor,
) -> String {
    let what = match lines {
        None => "no record".to_owned(),
        Some(1) => "1 line gave no record".to_owned(),
        Some(lines) => format!("{lines} lines gave no record"),
    };
    let log = Log::new(files, stream, is_whole, extractor);
    let shape = &extractor.shape;
    let narrowed = shape.narrows() || !shape.having.is_empty();
    let alone = !narrowed && extractor.conditions.is_empty();
    let selection = &extractor.selection;
    let mut reasons = Vec::new();
    // A line that was chosen and has no pairs was told.
    if !selection.any.is_empty() && !log.has_a_line_of(selection).unwrap_or(!alone) {
        reasons.push(match selection.any.as_slice() {
            [one] => format!("none contains {}", json::quote(one.needle())),
            _ => "none contains a text of -m".to_owned(),
        });
    }
    reasons.extend(log.absent_keys());
    if !reasons.is_empty() {
        return format!("{what}: {}", reasons.join("; and "));
    }
    if !selection.is_empty() {
        let pairs = if alone { "pairs" } else { "what else is asked for" };
        let options = match (selection.any.is_empty(), selection.none.is_empty()) {
            (false, true) => "-m chooses",
            (true, false) => "-v leaves",
            _ => "-m and -v choose",
        };
        return format!("{what}: no line that {options} has {pairs}");
    }
    if !extractor.conditions.is_empty() {
        return format!("{what}: --where is true of none");
    }
    if narrowed {
        return format!("{what}: none has a key that is asked for");
    }
    let seen = &log.seen;
    let advice = if seen.requests > 0 {
        "they look like an access log: -f clf"
    } else if seen.colons > 0 {
        "they look like 'key: value': --colon"
    } else if seen.commas > 0 {
        "they look like a table: -f csv"
    } else if seen.tabs > 0 {
        "they look like a table: -f tsv"
    } else if matches!(extractor.reader.format, Format::Csv | Format::Tsv) {
        "the first line is the header, and there is no row below it"
    } else {
        "none has key=value, a JSON object or an access log's fields; --parse reads lines by a template"
    };
    format!("{what}: {advice}")
}

/// Names of keys that were asked for and that no line has, each with the option that names it and what is near. Told only
/// where all of the input can be looked at: a key may be rare.
pub fn missing(files: &[PathBuf], stream: Option<&[u8]>, extractor: &Extractor) -> Vec<String> {
    let shape = &extractor.shape;
    let types = shape.types.iter().filter_map(|(key, _)| std::str::from_utf8(key).ok()).map(|key| ("--as", key));
    let keep = shape.keep.names().map(|key| ("-k", key));
    let inner = shape.inner.iter().filter_map(|key| std::str::from_utf8(key).ok()).map(|key| ("--in", key));
    let conditions = condition_keys(extractor);
    let read = conditions.iter().map(|key| ("--where", key.as_str()));
    let names: Vec<(&str, &str)> = types.chain(keep).chain(inner).chain(read).collect();
    if names.is_empty() || extractor.reader.columns_are_given() {
        return Vec::new();
    }
    let log = Log::new(files, stream, true, extractor);
    if log.text().is_none() {
        return Vec::new();
    }
    let seen = &log.seen;
    let mut told = Vec::new();
    for (option, name) in names {
        if option == "-k"
            && !seen.keys.contains(name)
            && !is_made(name, extractor)
            && let Some(key) = holder(name, seen)
            && !log.has_word(name)
        {
            told.push(format!("-k {name}: members of objects are not kept alone; -k {key} keeps all of {key}"));
            continue;
        }
        if log.has_key(name) {
            continue;
        }
        let near = near(name, seen).map_or(String::new(), |near| format!("; did you mean {near}?"));
        told.push(format!("{option} {name}: no line has this key{near}"));
    }
    told
}

/// The keys that `--where` reads.
pub fn condition_keys(extractor: &Extractor) -> Vec<String> {
    let mut keys = Vec::new();
    for path in extractor.conditions.iter().flat_map(|condition| condition.paths()) {
        let key = path.to_string();
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// Whether the record has a key that no line has: one that an option makes.
fn is_made(name: &str, extractor: &Extractor) -> bool {
    let shape = &extractor.shape;
    let is_typed = |key: &[u8]| {
        // `--as took=us` makes `took_us`.
        name.as_bytes().strip_prefix(key).is_some_and(|rest| rest.starts_with(b"_"))
    };
    name.starts_with('@')
        || (name == "shape" && shape.kind)
        || (name == "stage" && extractor.extras.stages.is_some())
        || extractor.stamp.as_deref() == Some(name.as_bytes())
        || shape.set.iter().any(|(key, _)| key == name.as_bytes())
        || shape.types.iter().any(|(key, _)| is_typed(key))
}

/// What can be looked at again of the input: its first file, or the start of a stream.
struct Log<'a> {
    files: &'a [PathBuf],
    sample: Option<Vec<u8>>,
    stream: Option<&'a [u8]>,
    /// Whether the start of the stream is all of it.
    is_whole: bool,
    extractor: &'a Extractor,
    seen: Seen,
}

impl<'a> Log<'a> {
    fn new(files: &'a [PathBuf], stream: Option<&'a [u8]>, is_whole: bool, extractor: &'a Extractor) -> Log<'a> {
        let mut log = Log { files, sample: sample(files), stream, is_whole, extractor, seen: Seen::default() };
        log.seen = log.text().map(|text| look(text, extractor)).unwrap_or_default();
        log
    }

    fn text(&self) -> Option<&[u8]> {
        self.sample.as_deref().or(self.stream)
    }

    /// Whether a line has a text of `-m`, in any spelling where it is among the first; `None` where that is not known.
    fn has_a_line_of(&self, selection: &Selection) -> Option<bool> {
        let any = Selection { any: selection.any.clone(), none: Vec::new() };
        let text = self.text()?;
        if text.split(|&byte| byte == b'\n').any(|line| any.takes(line)) {
            return Some(true);
        }
        let is_in = |finder: &Finder<'_>| self.files.iter().any(|path| is_in_file(path, finder, |_, _| true));
        match self.sample {
            Some(_) => Some(any.any.iter().any(is_in)),
            None => self.is_whole.then_some(false),
        }
    }

    /// Whether the input has a word, with nothing beside it that a key might hold; true, too, where that is not known.
    fn has_word(&self, word: &str) -> bool {
        let finder = Finder::new(word);
        match self.stream {
            Some(stream) if self.sample.is_none() => !self.is_whole || stands_alone(stream, &finder),
            _ => self.files.iter().any(|path| is_in_file(path, &finder, is_alone)),
        }
    }

    /// Whether a record may have a key.
    fn has_key(&self, name: &str) -> bool {
        let keys = &self.seen.keys;
        if keys.contains(name) || is_made(name, self.extractor) {
            return true;
        }
        let plain = name.split('_').next().filter(|_| self.extractor.shape.long_keys).unwrap_or(name);
        // Inside an object: `httpRequest.latency`.
        let mut inner = name.match_indices('.').filter(|(dot, _)| keys.contains(&name[..*dot]));
        self.has_word(plain)
            || inner.any(|(dot, _)| {
                (dot..name.len()).any(|at| name[at..].starts_with('.') && self.has_word(&name[at + 1..]))
            })
    }

    /// A key that is asked for and that no line has, with those that there are.
    fn absent_keys(&self) -> Option<String> {
        let (seen, shape) = (&self.seen, &self.extractor.shape);
        if seen.keys.is_empty() {
            return None;
        }
        let names = || shape.keep.names().chain(shape.having.names());
        let conditions = condition_keys(self.extractor);
        let columns = self.extractor.reader.columns_are_given();
        let read = conditions.iter().map(String::as_str).find(|name| !columns && !self.has_key(name));
        let absent = names().find(|name| !self.has_key(name));
        let alone = self.extractor.selection.is_empty() && conditions.is_empty();
        let what = match (absent, read) {
            (Some(name), _) if !alone => format!("none has the key {name}"),
            (_, Some(name)) => format!("--where reads {name}, which none has"),
            _ if alone && (shape.narrows() || !shape.having.is_empty()) => {
                "none has a key that is asked for".to_owned()
            }
            _ => return None,
        };
        let within = names().find_map(|name| Some((name, holder(name, seen)?)));
        let near = names().chain(read).filter(|name| !seen.keys.contains(*name)).find_map(|name| near(name, seen));
        let advice = match (within, near) {
            (Some((name, key)), _) => {
                format!("; {name} may be inside {key}: -k {key} keeps all of it, --where reads {name}")
            }
            (None, Some(near)) => format!("; did you mean {near}?"),
            (None, None) => String::new(),
        };
        let keys: Vec<&str> = seen.keys.iter().map(String::as_str).take(KEYS).collect();
        let more = if seen.keys.len() > KEYS { ", …" } else { "" };
        Some(format!("{what}; keys here: {}{more}{advice}", keys.join(", ")))
    }
}

/// What is told of a table whose header holds numbers: most likely its first row, which is lost as one.
pub fn header(files: &[PathBuf], stream: Option<&[u8]>, extractor: &Extractor) -> Option<&'static str> {
    let delimiter = match extractor.reader.format {
        Format::Csv => b',',
        Format::Tsv => b'\t',
        Format::Auto | Format::Kv => {
            let text = sample(files);
            let text = text.as_deref().or(stream)?;
            let fields = |word: &[u8]| text.split(|&byte| byte == b'\n').take(8).any(|line| line.starts_with(word));
            return if fields(b"#Fields:") {
                Some("has a line #Fields, which names columns: -f csv reads them")
            } else if fields(b"#fields\t") {
                Some("has a line #fields, which names columns: -f tsv reads them")
            } else {
                None
            };
        }
        _ => return None,
    };
    if !extractor.reader.header.is_empty() {
        return None;
    }
    let text = sample(files);
    let text = text.as_deref().or(stream)?;
    let first = text.split(|&byte| byte == b'\n').next()?.trim_ascii_end();
    let mut numbers = first.split(|&byte| byte == delimiter).filter(|cell| is_number(cell));
    numbers.next().map(|_| "the header, the first line, has numbers for names; --header a,b,c names the columns of a table without one")
}

/// The key of an object in which a name may stand: `http` of `http.latency`.
fn holder<'a>(name: &str, seen: &'a Seen) -> Option<&'a str> {
    let before = name.match_indices('.').map(|(dot, _)| name.get(..dot).unwrap_or_default());
    before.filter_map(|key| seen.keys.get(key)).map(String::as_str).next()
}

/// The key that a name may stand for.
fn near<'a>(name: &str, seen: &'a Seen) -> Option<&'a str> {
    let keys = || seen.keys.iter().map(String::as_str);
    let holds = |key: &&str| name.len() > 2 && key.len() > 2 && (key.contains(name) || name.contains(key));
    expr::nearest(name, keys()).or_else(|| keys().find(holds))
}

/// Whether a text has a word, with nothing beside it that a key might hold.
fn stands_alone(text: &[u8], word: &Finder<'_>) -> bool {
    word.find_iter(text).any(|at| is_alone(text, at..at + word.needle().len()))
}

fn is_alone(text: &[u8], word: Range<usize>) -> bool {
    let is_key = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte));
    let before = word.start.checked_sub(1).and_then(|before| text.get(before));
    !is_key(before) && !is_key(text.get(word.end))
}

/// Whether a file has a text in a place that `counts`; true, too, where that cannot be seen.
fn is_in_file(path: &PathBuf, finder: &Finder<'_>, counts: impl Fn(&[u8], Range<usize>) -> bool) -> bool {
    let Ok(mut file) = File::open(path) else { return true };
    if !file.metadata().is_ok_and(|status| status.is_file()) {
        return true;
    }
    let length_of_word = finder.needle().len();
    let mut block = vec![0; 256 << 10];
    let mut kept = 0;
    loop {
        let Ok(read) = file.read(&mut block[kept..]) else { return true };
        if read == 0 {
            return false;
        }
        let length = kept + read;
        let text = &block[..length];
        if finder.find_iter(text).any(|at| counts(text, at..at + length_of_word)) {
            return true;
        }
        kept = length.min(length_of_word + 1).min(block.len() / 2);
        block.copy_within(length - kept..length, 0);
    }
}

/// What a sample shows.
#[derive(Default)]
struct Seen {
    keys: BTreeSet<String>,
    /// Lines of an access log.
    requests: usize,
    colons: usize,
    commas: usize,
    tabs: usize,
}

fn sample(files: &[PathBuf]) -> Option<Vec<u8>> {
    let path = files.first()?;
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    File::open(path).ok()?.take(SAMPLE).read_to_end(&mut text).ok()?;
    Some(text)
}

/// How many commas of a line may part cells: none of a sentence, and none that begins a fraction (`20:32:12,345`).
fn cells(line: &[u8]) -> usize {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    memchr::memchr_iter(b',', line)
        .filter(|&at| {
            let is_fraction = is_digit(line.get(at.wrapping_sub(1)))
                && is_digit(line.get(at.wrapping_sub(2)))
                && line.get(at + 1..at + 4).is_some_and(|fraction| fraction.iter().all(u8::is_ascii_digit));
            line.get(at + 1) != Some(&b' ') && !is_fraction
        })
        .count()
}

fn look(text: &[u8], extractor: &Extractor) -> Seen {
    let mut seen = Seen::default();
    let (plain, colon) = (&extractor.reader.grammar, Grammar::new(b"", true));
    let mut columns = None;
    for line in text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).take(200) {
        if let Ok((_, object)) = crate::grammar::auto::object(line) {
            seen.keys.extend(object.iter().map(|(key, _)| key.to_owned()));
            continue;
        }
        plain.scan(line, |pair| {
            if seen.keys.len() < 64 {
                seen.keys.insert(String::from_utf8_lossy(&line[pair.key]).into_owned());
            }
        });
        let mut names = Vec::new();
        if crate::grammar::access_log::fields(line, |field| names.push(field.name)).is_some() {
            seen.requests += 1;
            seen.keys.extend(names.into_iter().map(str::to_owned));
        }
        colon.scan(line, |_| seen.colons += 1);
        let (commas, tabs) = (cells(line), line.iter().filter(|byte| **byte == b'\t').count());
        match columns {
            None => columns = Some((commas, tabs)),
            Some((first, _)) if first > 0 && first == commas => seen.commas += 1,
            Some((_, first)) if first > 0 && first == tabs => seen.tabs += 1,
            Some(_) => {}
        }
    }
    seen
}
