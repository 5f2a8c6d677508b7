//! `--first-of`, `--last-of`, `--count-of`: one record of what stands in the first or last line of each token, and
//! how many lines hold it.
//!
//! Owns which line a name stands for; the line that holds the token decides, pairs or not: an older line would be
//! evidence of something else.

use memchr::memmem::Finder;

use crate::{people, text};

/// Which line of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The first one.
    First,
    /// The last one.
    Last,
    /// None: how many there are.
    Count,
}

/// One name, its token, and what was found.
#[derive(Clone, Debug)]
pub struct Pick {
    name: String,
    /// The token.
    pub token: Finder<'static>,
    /// Which line.
    pub which: Which,
    found: Option<Found>,
    count: u64,
}

#[derive(Clone, Debug, Default)]
struct Found {
    json: Vec<u8>,
    /// The unit it stands in, and how many lines of it nobody has counted as used.
    unit: u64,
    lines: u64,
}

impl Pick {
    /// Reads `NAME=TEXT`; TEXT may hold `=`.
    pub fn parse(which: Which, text: &str) -> Result<Pick, String> {
        match text.split_once('=') {
            Some((name, token)) if !name.is_empty() && !token.is_empty() => {
                Ok(Pick { name: name.to_owned(), token: crate::selection::finder(token), which, found: None, count: 0 })
            }
            _ => Err("wanted NAME=TEXT, like latency=LATENCY_METRICS".to_owned()),
        }
    }

    /// The name it is written under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this line's record may be wanted.
    pub fn wants(&self, line: &[u8]) -> bool {
        (self.which != Which::First || self.found.is_none()) && self.token.find(line).is_some()
    }

    /// Takes the record of unit number `unit`, which holds the token and has `lines` that are not counted as used.
    pub fn take(&mut self, json: &[u8], unit: u64, lines: u64) {
        let found = self.found.get_or_insert_default();
        found.json.clear();
        found.json.extend_from_slice(json);
        (found.unit, found.lines) = (unit, lines);
    }

    /// Forgets what was found: the part of the log that is asked for begins here.
    pub fn restart(&mut self) {
        self.found = None;
        self.count = 0;
    }

    /// Counts a unit that holds the token.
    pub fn count(&mut self) {
        self.count += 1;
    }
}

/// How many lines stand in the record that were not counted already.
pub fn used(picks: &[Pick]) -> u64 {
    let found = picks.iter().filter_map(|pick| pick.found.as_ref());
    let mut units: Vec<(u64, u64)> = found.map(|found| (found.unit, found.lines)).collect();
    units.sort_unstable();
    units.dedup_by_key(|(unit, _)| *unit);
    units.iter().map(|(_, lines)| lines).sum()
}

/// Appends the one record; `lines` is how many were read, where that is known; `set` are the keys of `--set`; `people`:
/// as text for people.
pub fn write(picks: &[Pick], lines: Option<u64>, set: &[(Vec<u8>, Vec<u8>)], people: bool, out: &mut Vec<u8>) {
    let record = out.len();
    out.push(b'{');
    let start = out.len();
    let key = |name: &[u8], out: &mut Vec<u8>| {
        if out.len() > start {
            out.push(b',');
        }
        text::write(name, out);
        out.push(b':');
    };
    let is_set = |name: &[u8]| set.iter().any(|(key, _)| key == name);
    for pick in picks.iter().filter(|pick| !is_set(pick.name.as_bytes())) {
        match (&pick.found, pick.which) {
            (_, Which::Count) if lines != Some(0) => {
                key(pick.name.as_bytes(), out);
                text::write_count(pick.count, out);
            }
            (Some(found), _) => {
                key(pick.name.as_bytes(), out);
                out.extend_from_slice(&found.json);
            }
            _ => {}
        }
    }
    if let Some(lines) = lines
        && !is_set(b"lines")
    {
        key(b"lines", out);
        text::write_count(lines, out);
    }
    for (name, json) in set {
        key(name, out);
        out.extend_from_slice(json);
    }
    out.push(b'}');
    if people {
        people::rewrite(out, record);
    }
}
