//! The grammar of key=value text once more, slow and plain, as the oracle of the scanners.
//!
//! Written from the design's words alone: it tries every place, keeps no state but what was consumed, and is quadratic.

use crate::grammar::prose::{Pair, Quoting};

fn is_blank(byte: u8) -> bool {
    byte <= 0x20
}

/// The characters of a key from `start` to `end`, or none where a byte is neither a key character nor UTF-8.
fn key_characters(line: &[u8], start: usize, end: usize) -> Option<Vec<char>> {
    let text = std::str::from_utf8(&line[start..end]).ok()?;
    let is_key = |letter: char| letter.is_ascii_alphanumeric() || "_.-/@#%$".contains(letter) || letter > '\u{7f}';
    text.chars().all(is_key).then(|| text.chars().collect())
}

fn is_key(line: &[u8], start: usize, end: usize) -> bool {
    let Some(letters) = key_characters(line, start, end) else { return false };
    let (Some(&first), Some(&last)) = (letters.first(), letters.last()) else { return false };
    letters.len() <= 128
        && !".-/".contains(first)
        && (last.is_ascii_alphanumeric() || last == '_' || last > '\u{7f}')
        && !letters.iter().all(char::is_ascii_digit)
}

fn is_sign(line: &[u8], at: usize) -> bool {
    line.get(at) == Some(&b'=') && !matches!(line.get(at + 1), Some(b'=' | b'~' | b'>'))
}

/// The end of a quoted value: the first quote that no backslash protects and that `closes` accepts.
fn close(line: &[u8], start: usize, quote: u8, closes: impl Fn(usize) -> bool) -> Option<usize> {
    let mut protected = false;
    for (at, &byte) in line.iter().enumerate().skip(start) {
        if protected {
            protected = false;
        } else if byte == b'\\' {
            protected = true;
        } else if byte == quote && closes(at) {
            return Some(at);
        }
    }
    None
}

/// Whether the closing bracket at `at` has a partner before it in `value`.
fn has_partner(value: &[u8], at: usize) -> bool {
    let open = match value[at] {
        b')' => b'(',
        b']' => b'[',
        _ => b'{',
    };
    let mut depth = 0;
    for &byte in &value[..at] {
        if byte == open {
            depth += 1;
        } else if byte == value[at] && depth > 0 {
            depth -= 1;
        }
    }
    depth > 0
}

/// Every pair of a line.
pub fn pairs(line: &[u8]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut consumed = 0; // bytes that belong to the pair before
    let mut closed_at = None; // the byte after a closed quote
    for sign in 0..line.len() {
        if sign < consumed || !is_sign(line, sign) {
            continue;
        }
        let mut key_end = sign;
        while key_end > consumed && line[key_end - 1] == b' ' {
            key_end -= 1;
        }
        let is_bound = |at: usize| {
            at == 0 || closed_at == Some(at) || is_blank(line[at - 1]) || b",;([{|:<>".contains(&line[at - 1])
        };
        // The longest run of key characters backward: no shorter one can follow a bound, since none is a bound.
        let Some(start) = (consumed..key_end).find(|&start| is_bound(start) && is_key(line, start, key_end)) else {
            continue;
        };
        let key = start..key_end;
        let spaced = key_end < sign;
        let mut value_start = sign + 1;
        while spaced && line.get(value_start) == Some(&b' ') {
            value_start += 1;
        }
        let skipped = value_start > sign + 1;
        let next_key =
            (value_start..line.len()).find(|&end| is_sign(line, end)).is_some_and(|end| is_key(line, value_start, end));
        if skipped && next_key {
            pairs.push(Pair { key, value: sign + 1..sign + 1, quoting: Quoting::Bare });
            consumed = value_start;
            continue;
        }
        let follows = |at: usize| match line.get(at + 1) {
            None => true,
            Some(&byte) => is_blank(byte) || b",;)]}|".contains(&byte),
        };
        let first = line.get(value_start).copied();
        if first == Some(b'"') {
            let inside = value_start + 1;
            match close(line, inside, b'"', |_| true) {
                Some(end) => {
                    pairs.push(Pair { key, value: inside..end, quoting: Quoting::Quoted });
                    consumed = end + 1;
                    closed_at = Some(consumed);
                }
                None => {
                    pairs.push(Pair { key, value: inside..line.len(), quoting: Quoting::Unclosed });
                    consumed = line.len();
                }
            }
            continue;
        }
        if first == Some(b'\'')
            && let Some(end) = close(line, value_start + 1, b'\'', follows)
        {
            pairs.push(Pair { key, value: value_start + 1..end, quoting: Quoting::Quoted });
            consumed = end + 1;
            closed_at = Some(consumed);
            continue;
        }
        let mut end = value_start;
        while end < line.len() && !is_blank(line[end]) {
            end += 1;
        }
        let word = &line[value_start..end];
        let mut length = word.len();
        while length > 0
            && match word[length - 1] {
                b',' | b';' => true,
                b')' | b']' | b'}' => !has_partner(word, length - 1),
                _ => false,
            }
        {
            length -= 1;
        }
        pairs.push(Pair { key, value: value_start..value_start + length, quoting: Quoting::Bare });
        consumed = end;
    }
    pairs
}
