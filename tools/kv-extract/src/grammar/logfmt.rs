//! Logfmt: a line of nothing but `key=value` and words, parted by blanks.
//!
//! Owns what a word is there: a bare one is a key that is true, and a bare value keeps its commas and brackets.

use std::ops::Range;

use crate::grammar::prose::{Grammar, closing_quote, reads_quantity};
use crate::grammar::{blanks, island};

/// A key and its value; a word without `=` has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The key.
    pub key: Range<usize>,
    /// The value, and whether it stood in quotes.
    pub value: Option<(Range<usize>, bool)>,
}

/// The words of a line, one after the other.
pub struct Words<'a> {
    line: &'a [u8],
    at: usize,
    is_closed: bool,
    /// Whether a bracket that begins a value may hold blanks.
    encloses: bool,
}

/// The words of `line`, whatever stands in brackets.
pub fn words(line: &[u8]) -> Words<'_> {
    Words { line, at: 0, is_closed: true, encloses: false }
}

/// The words of `line`, of which a value in brackets is one, with its blanks: `data={"a": 1, "b": 2}`, `ids=[1, 2]`.
pub fn words_in_brackets(line: &[u8]) -> Words<'_> {
    Words { encloses: true, ..words(line) }
}

impl Words<'_> {
    /// False once a quote was met that is never closed: there are no words behind it.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Where the first byte is from `from` on that `ends` a run.
    fn run(&self, from: usize, ends: impl Fn(u8) -> bool) -> usize {
        let rest = self.line.get(from..).unwrap_or_default();
        from + rest.iter().position(|&byte| ends(byte)).unwrap_or(rest.len())
    }

    /// Where the bare value ends that begins at `start`.
    fn bare_end(&mut self, start: usize) -> usize {
        if self.encloses && matches!(self.line.get(start), Some(b'{' | b'[')) {
            match island::closed(self.line, start) {
                Some(end) if self.line.get(end).is_none_or(|&byte| byte <= b' ') => return end,
                Some(_) => {}
                // It was looked for up to the line's end, once.
                None => self.encloses = false,
            }
        }
        // A NUL within a value says that it was cut.
        let end = self.run(start, |byte| (1..=b' ').contains(&byte));
        let value = self.line.get(start..end).unwrap_or_default();
        if blanks::may_be_parted(value) { start + Grammar::default().parted(self.line, start..end) } else { end }
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        while self.is_closed {
            let start = self.run(self.at, |byte| byte > b' ');
            if start >= self.line.len() {
                return None;
            }
            let end = self.run(start, |byte| byte <= b' ' || byte == b'=' || byte == b'"');
            let key = start..end;
            if self.line.get(end) != Some(&b'=') {
                // A quote inside a key makes the rest of the word nothing we know.
                self.at = self.run(end, |byte| byte <= b' ');
                if self.at == end {
                    return Some(Word { key, value: None });
                }
                continue;
            }
            let value = end + 1;
            let (value, quoted) = if self.line.get(value) == Some(&b'"') {
                let Some(close) = closing_quote(self.line, value + 1) else {
                    self.is_closed = false;
                    return None;
                };
                self.at = close + 1;
                (value + 1..close, true)
            } else {
                self.at = self.bare_end(value);
                (value..self.at, false)
            };
            if !key.is_empty() {
                return Some(Word { key, value: Some((value, quoted)) });
            }
        }
        None
    }
}

/// What keys are made of in lines that are nothing but pairs.
pub fn is_plain_key(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-/@".contains(byte)
}

/// Whether a line is nothing but pairs, so that logfmt reads it better than the grammar of prose. No writer of logfmt puts
/// a full stop or a bracket behind a number, and none a NUL within one.
pub fn is_all_pairs(line: &[u8]) -> bool {
    let is_pair = |word: &Word| {
        let is_value = |(place, quoted): &(Range<usize>, bool)| {
            let value = line.get(place.clone()).unwrap_or_default();
            *quoted || !reads_quantity(value) && !value.contains(&0) && !is_parted(line, place)
        };
        word.value.as_ref().is_some_and(is_value) && line[word.key.clone()].iter().all(is_plain_key)
    };
    let mut words = words(line);
    let Some(first) = words.next() else { return false };
    is_pair(&first) && words.all(|word| is_pair(&word)) && words.is_closed()
}

/// Whether a bare value ends in the sign that parts its pair from the next one: `level=ERROR, took=5`. The last one of a
/// line keeps its comma: `tags=a,b,`.
pub fn is_parted(line: &[u8], value: &Range<usize>) -> bool {
    let last = line.get(value.clone()).and_then(<[u8]>::last);
    let behind = || line.get(value.end..).unwrap_or_default();
    matches!(last, Some(b',' | b';')) && !behind().trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_pairs() {
        let line = br#"a=1 b="x \"y\"" c d= e=(f,"#;
        let mut found = Vec::new();
        let mut words = words(line);
        for word in &mut words {
            let text = |range: Range<usize>| String::from_utf8(line[range].to_vec()).unwrap();
            found.push((text(word.key), word.value.map(|(value, _)| text(value))));
        }
        assert!(words.is_closed());
        let expected = [("a", Some("1")), ("b", Some("x \\\"y\\\"")), ("c", None), ("d", Some("")), ("e", Some("(f,"))];
        assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value.map(str::to_owned))));
        let values = |line: &str| -> Vec<String> {
            let value = |word: Word| line[word.value.unwrap().0].to_owned();
            words_in_brackets(line.as_bytes()).map(value).collect()
        };
        assert_eq!(values(r#"a=1 data={"a": 1, "b": [2, "}"]} c=3"#), ["1", r#"{"a": 1, "b": [2, "}"]}"#, "3"]);
        assert_eq!(values("ids=[1, 2] x=[] c=3"), ["[1, 2]", "[]", "3"]);
        assert_eq!(values("ids=[1,2]x c=[3"), ["[1,2]x", "[3"]);
        assert!(is_all_pairs(b"level=info msg=\"a b\""));
        assert!(!is_all_pairs(b"level=info plain"));
        assert!(!is_all_pairs(b"a=\"x"));
        assert!(!is_all_pairs(b"level=ERROR, took=5"));
        assert!(!is_all_pairs(b"level=ERROR; took=5"));
        assert!(is_all_pairs(b"took=5 tags=a,b,\r"));
        assert!(!is_all_pairs(b""));
    }
}
