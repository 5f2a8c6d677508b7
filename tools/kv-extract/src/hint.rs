//! What to say where no line gave a record: what the lines look like, and the option to try.
//!
//! Owns a look at the start of the first file; it reads that file again and never what cannot be read twice.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use crate::grammar::prose::Grammar;
use crate::run::extractor::Extractor;

/// How much is looked at.
const SAMPLE: u64 = 64 << 10;
/// How many keys are named.
const KEYS: usize = 8;

/// Why `lines` lines gave no record, as far as the start of the first of `files` shows it.
pub fn nothing(lines: u64, files: &[PathBuf], extractor: &Extractor) -> String {
    let lines = if lines == 1 { "1 line gave no record".to_owned() } else { format!("{lines} lines gave no record") };
    let narrowed = extractor.shape.narrows() || !extractor.shape.having.is_empty();
    let seen = sample(files).map(|text| look(&text)).unwrap_or_default();
    if narrowed && !seen.keys.is_empty() {
        let keys: Vec<&str> = seen.keys.iter().map(String::as_str).take(KEYS).collect();
        let more = if seen.keys.len() > KEYS { ", …" } else { "" };
        return format!("{lines}: none has a key that is asked for; there are {}{more}", keys.join(", "));
    }
    if !extractor.selection.is_empty() {
        return format!("{lines}: -m and -v choose none that has pairs");
    }
    if narrowed || !extractor.conditions.is_empty() {
        return format!("{lines} that is asked for");
    }
    let advice = if seen.colons > 0 {
        "they look like 'key: value': --colon"
    } else if seen.commas > 0 {
        "they look like a table: -f csv"
    } else if seen.tabs > 0 {
        "they look like a table: -f tsv"
    } else {
        "none holds key=value, a JSON object or an access log's fields; --parse reads lines by a template"
    };
    format!("{lines}: {advice}")
}

/// What a sample shows.
#[derive(Default)]
struct Seen {
    keys: BTreeSet<String>,
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

fn look(text: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let (plain, colon) = (Grammar::new(b"", false), Grammar::new(b"", true));
    let count = |line: &[u8], wanted: u8| line.iter().filter(|byte| **byte == wanted).count();
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
        colon.scan(line, |_| seen.colons += 1);
        let (commas, tabs) = (count(line, b','), count(line, b'\t'));
        match columns {
            None => columns = Some((commas, tabs)),
            Some((first, _)) if first > 0 && first == commas => seen.commas += 1,
            Some((_, first)) if first > 0 && first == tabs => seen.tabs += 1,
            Some(_) => {}
        }
    }
    seen
}
