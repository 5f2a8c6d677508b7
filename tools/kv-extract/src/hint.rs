//! What to say where no line gave a record: what the lines look like, and the option to try.
//!
//! Owns a look at the start of the first file; it reads that file again and never what cannot be read twice.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use crate::grammar::Format;
use crate::grammar::prose::Grammar;
use crate::record::number::is_number;
use crate::run::extractor::Extractor;

/// How much is looked at.
const SAMPLE: u64 = 64 << 10;
/// How many keys are named.
const KEYS: usize = 8;

/// Why `lines` lines gave no record, as far as the start of the first of `files` shows it.
pub fn nothing(lines: u64, files: &[PathBuf], stream: Option<&[u8]>, extractor: &Extractor) -> String {
    let lines = if lines == 1 { "1 line gave no record".to_owned() } else { format!("{lines} lines gave no record") };
    let narrowed = extractor.shape.narrows() || !extractor.shape.having.is_empty();
    let text = sample(files);
    let seen = text.as_deref().or(stream).map(|text| look(text, extractor)).unwrap_or_default();
    if narrowed && !seen.keys.is_empty() && extractor.selection.is_empty() {
        let keys: Vec<&str> = seen.keys.iter().map(String::as_str).take(KEYS).collect();
        let more = if seen.keys.len() > KEYS { ", …" } else { "" };
        let near =
            extractor.shape.keep.names().chain(extractor.shape.having.names()).find_map(|name| near(name, &seen));
        let within = extractor.shape.keep.names().chain(extractor.shape.having.names());
        let within = within.filter_map(|name| Some((name, holder(name, &seen)?))).next();
        let near = match (within, near) {
            (Some((name, key)), _) => {
                format!("; {name} may stand within {key}: -k {key} keeps all of it, --where reads {name}")
            }
            (None, Some(near)) => format!("; perhaps {near} is meant"),
            (None, None) => String::new(),
        };
        return format!("{lines}: none has a key that is asked for; there are {}{more}{near}", keys.join(", "));
    }
    if !extractor.selection.any.is_empty() && extractor.selection.none.is_empty() {
        return format!("{lines}: none contains the text of -m");
    }
    if !extractor.selection.is_empty() {
        return format!("{lines}: -m and -v choose none that has pairs");
    }
    if narrowed || !extractor.conditions.is_empty() {
        return format!("{lines} that is asked for");
    }
    let advice = if seen.requests > 0 {
        "they look like an access log: -f clf"
    } else if seen.colons > 0 {
        "they look like 'key: value': --colon"
    } else if seen.commas > 0 {
        "they look like a table: -f csv"
    } else if seen.tabs > 0 {
        "they look like a table: -f tsv"
    } else {
        "none has key=value, a JSON object or an access log's fields; --parse reads lines by a template"
    };
    format!("{lines}: {advice}")
}

/// Names of keys that were asked for and that no line has, each with the option that names it and what is near. Told only
/// where all of the input can be looked at: a key may be rare.
pub fn missing(files: &[PathBuf], stream: Option<&[u8]>, extractor: &Extractor) -> Vec<String> {
    let shape = &extractor.shape;
    let types = shape.types.iter().filter_map(|(key, _)| std::str::from_utf8(key).ok()).map(|key| ("--as", key));
    let keep = shape.keep.names().map(|key| ("-k", key));
    let inner = shape.inner.iter().filter_map(|key| std::str::from_utf8(key).ok()).map(|key| ("--in", key));
    let names: Vec<(&str, &str)> = types.chain(keep).chain(inner).collect();
    if names.is_empty() || extractor.reader.columns_are_given() {
        return Vec::new();
    }
    let text = sample(files);
    let Some(seen) = text.as_deref().or(stream).map(|text| look(text, extractor)) else { return Vec::new() };
    let is_made =
        |name: &str| (name == "shape" && shape.kind) || (name == "stage" && extractor.extras.stages.is_some());
    let is_stamp = |name: &str| extractor.stamp.as_deref() == Some(name.as_bytes());
    let is_set =
        |name: &str| is_made(name) || is_stamp(name) || shape.set.iter().any(|(key, _)| key == name.as_bytes());
    let is_met = |word: &str| match stream {
        Some(stream) if text.is_none() => holds_word(stream, &memchr::memmem::Finder::new(word)),
        _ => files.iter().any(|path| file_holds(path, word.as_bytes())),
    };
    let is_there = |name: &str| {
        let plain = name.split('_').next().filter(|_| shape.long_keys).unwrap_or(name);
        // Inside an object: `httpRequest.latency`.
        let mut inner = name.match_indices('.').filter(|(dot, _)| seen.keys.contains(&name[..*dot]));
        is_met(plain)
            || inner.any(|(dot, _)| (dot..name.len()).any(|at| name[at..].starts_with('.') && is_met(&name[at + 1..])))
    };
    let mut told = Vec::new();
    for (option, name) in names {
        if option == "-k"
            && !seen.keys.contains(name)
            && !is_set(name)
            && let Some(key) = holder(name, &seen)
            && !is_met(name)
        {
            told.push(format!("-k {name}: members of objects are not kept alone; -k {key} keeps all of {key}"));
            continue;
        }
        if seen.keys.contains(name) || is_set(name) || is_there(name) {
            continue;
        }
        let near = near(name, &seen).map_or(String::new(), |near| format!(", perhaps {near} is meant"));
        told.push(format!("{option} {name}: no line has this key{near}"));
    }
    told
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
fn holds_word(text: &[u8], word: &memchr::memmem::Finder<'_>) -> bool {
    let is_key = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte));
    let length = word.needle().len();
    word.find_iter(text).any(|at| {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        !is_key(before) && !is_key(text.get(at + length))
    })
}

/// Whether a text stands anywhere in a file; true, too, where that cannot be told.
fn file_holds(path: &PathBuf, text: &[u8]) -> bool {
    let Ok(mut file) = File::open(path) else { return true };
    if !file.metadata().is_ok_and(|status| status.is_file()) {
        return true;
    }
    let finder = memchr::memmem::Finder::new(text);
    let mut block = vec![0; 256 << 10];
    let mut kept = 0;
    loop {
        let Ok(read) = file.read(&mut block[kept..]) else { return true };
        if read == 0 {
            return false;
        }
        let length = kept + read;
        if holds_word(&block[..length], &finder) {
            return true;
        }
        kept = length.min(text.len() + 1).min(block.len() / 2);
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
        seen.requests += usize::from(crate::grammar::access_log::fields(line, |_| {}).is_some());
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
