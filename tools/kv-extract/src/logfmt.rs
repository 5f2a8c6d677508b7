//! Logfmt: a line of nothing but `key=value` and words, parted by blanks.
//!
//! Owns what a word is there: a bare one is a key that is true, and a bare value keeps its commas and brackets.

use std::ops::Range;

use memchr::memchr2;

/// A key and its value; a word without `=` has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The key.
    pub key: Range<usize>,
    /// The value, and whether it stood in quotes.
    pub value: Option<(Range<usize>, bool)>,
}

/// Calls `each` with every word of `line`; false where a quote is never closed.
pub fn words(line: &[u8], mut each: impl FnMut(Word)) -> bool {
    let mut at = 0;
    let run = |from: usize, ends: fn(u8) -> bool| {
        line.get(from..)
            .unwrap_or_default()
            .iter()
            .position(|&byte| ends(byte))
            .map_or(line.len(), |length| from + length)
    };
    loop {
        at = run(at, |byte| byte > b' ');
        if at >= line.len() {
            return true;
        }
        let end = run(at, |byte| byte <= b' ' || byte == b'=' || byte == b'"');
        let key = at..end;
        if line.get(end) != Some(&b'=') {
            // A quote inside a key makes the rest of the word nothing we know.
            let word_end = run(end, |byte| byte <= b' ');
            if word_end == end {
                each(Word { key, value: None });
            }
            at = word_end;
            continue;
        }
        let start = end + 1;
        let (value, quoted) = if line.get(start) == Some(&b'"') {
            let mut search = start + 1;
            let close = loop {
                let Some(step) = line.get(search..).and_then(|rest| memchr2(b'"', b'\\', rest)) else { return false };
                if line[search + step] == b'"' {
                    break search + step;
                }
                search += step + 2;
            };
            at = close + 1;
            (start + 1..close, true)
        } else {
            at = run(start, |byte| byte <= b' ');
            (start..at, false)
        };
        if !key.is_empty() {
            each(Word { key, value: Some((value, quoted)) });
        }
    }
}

/// Whether a line is nothing but pairs, so that logfmt reads it better than the grammar of prose.
pub fn is_all_pairs(line: &[u8]) -> bool {
    let mut pairs = 0;
    let mut other = false;
    let closed = words(line, |word| {
        if word.value.is_some()
            && line[word.key].iter().all(|&byte| byte.is_ascii_alphanumeric() || b"_.-/@".contains(&byte))
        {
            pairs += 1;
        } else {
            other = true;
        }
    });
    closed && pairs > 0 && !other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_pairs() {
        let line = br#"a=1 b="x \"y\"" c d= e=(f,"#;
        let mut found = Vec::new();
        assert!(words(line, |word| {
            let text = |range: Range<usize>| String::from_utf8(line[range].to_vec()).unwrap();
            found.push((text(word.key), word.value.map(|(value, _)| text(value))));
        }));
        let expected = [("a", Some("1")), ("b", Some("x \\\"y\\\"")), ("c", None), ("d", Some("")), ("e", Some("(f,"))];
        assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value.map(str::to_owned))));
        assert!(is_all_pairs(b"level=info msg=\"a b\""));
        assert!(!is_all_pairs(b"level=info plain"));
        assert!(!is_all_pairs(b"a=\"x"));
        assert!(!is_all_pairs(b""));
    }
}
