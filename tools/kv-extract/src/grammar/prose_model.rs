//! The grammar of key=value text once more, slow and plain, as the oracle of the scanners.
//!
//! Written from the design's words alone: it tries every place, keeps no state but what was consumed, and is quadratic.

use std::ops::Range;

use crate::grammar::prose::{Pair, Quoting};

fn is_blank(byte: u8) -> bool {
    (1..=0x20).contains(&byte)
}

/// A blank that is none of ASCII, or a mark that has no width.
fn is_odd_blank(letter: char) -> bool {
    const MARKS: &str = "\u{feff}\u{180e}\u{200b}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2060}\u{2061}\
        \u{2062}\u{2063}\u{2064}\u{2066}\u{2067}\u{2068}\u{2069}";
    !letter.is_ascii() && letter.is_whitespace() || MARKS.contains(letter)
}

/// The same, or a sign of East Asia.
fn is_odd(letter: char) -> bool {
    is_odd_blank(letter) || "、。，：；｜（）〈〉《》「」『』【】".contains(letter)
}

/// The end of the odd sign at `at`, if there is one of these.
fn odd(line: &[u8], at: usize, is_odd: fn(char) -> bool) -> Option<usize> {
    if line.get(at) == Some(&0xA0) {
        // Latin-1
        return (at == 0 || line[at - 1] < 0x80).then_some(at + 1);
    }
    let end = (at + 1..=line.len().min(at + 4)).find(|&end| std::str::from_utf8(&line[at..end]).is_ok())?;
    std::str::from_utf8(&line[at..end]).ok()?.chars().all(is_odd).then_some(end)
}

/// Behind all odd blanks and spaces at `at`.
fn behind_blanks(line: &[u8], at: usize) -> usize {
    let next = if line.get(at) == Some(&b' ') { Some(at + 1) } else { odd(line, at, is_odd_blank) };
    next.map_or(at, |next| behind_blanks(line, next))
}

/// The characters of a key from `start` to `end`, or none where a byte is neither a key character nor UTF-8.
fn key_characters(line: &[u8], start: usize, end: usize) -> Option<Vec<char>> {
    let text = std::str::from_utf8(&line[start..end]).ok()?;
    let is_key = |letter: char| letter.is_ascii_alphanumeric() || "_.-/@#%$".contains(letter) || letter > '\u{7f}';
    text.chars().all(|letter| is_key(letter) && !is_odd(letter)).then(|| text.chars().collect())
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
    let number = line.get(at + 2).is_some_and(u8::is_ascii_digit);
    line.get(at) == Some(&b'=')
        && match line.get(at + 1) {
            Some(b'=') => false,
            Some(b'~' | b'>') => number,
            _ => true,
        }
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
        b'>' => b'<',
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

const CLOSING: &[u8] = b",;)]}>.:!?'\"";

fn bracket(byte: u8) -> Option<(u8, bool)> {
    match byte {
        b'(' | b')' => Some((b'(', byte == b'(')),
        b'[' | b']' => Some((b'[', byte == b'[')),
        b'{' | b'}' => Some((b'{', byte == b'{')),
        _ => None,
    }
}

/// How many brackets of this kind are open at the end of these bytes, where closing ones too many do nothing.
fn open(bytes: impl Iterator<Item = u8>, kind: u8) -> u32 {
    bytes
        .filter_map(bracket)
        .filter(|(of, _)| *of == kind)
        .fold(0, |depth: u32, (_, opens)| if opens { depth + 1 } else { depth.saturating_sub(1) })
}

fn begins_as_number(text: &[u8]) -> bool {
    let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    digit(0) || (text.first().is_some_and(|byte| b"+-.".contains(byte)) && digit(1))
}

/// The text without whatever may stand behind a number, if it is a number, perhaps with a unit, then.
fn quantity(word: &[u8]) -> Option<usize> {
    let core = (0..=word.len()).find(|&end| word[end..].iter().all(|byte| CLOSING.contains(byte)))?;
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte > 0x7f || b".,%+-".contains(byte);
    let is_cut = word.get(core..core + 2) == Some(b"..");
    (begins_as_number(word) && !is_cut && word[..core].iter().all(is_part)).then_some(core)
}

fn word_end(line: &[u8], start: usize) -> usize {
    (start..line.len()).find(|&at| is_blank(line[at])).unwrap_or(line.len())
}

/// Whether `key=` stands at `at`.
fn begins_with_key(line: &[u8], at: usize) -> Option<usize> {
    let sign = (at..line.len()).find(|&sign| is_sign(line, sign))?;
    is_key(line, at, sign).then_some(sign)
}

/// Less what is trimmed from a word that ends as it stands.
fn trimmed(word: &[u8]) -> usize {
    if let Some(core) = quantity(word) {
        return core;
    }
    let mut length = word.len();
    while length > 0
        && match word[length - 1] {
            b',' | b';' => true,
            b')' | b']' | b'}' => !has_partner(word, length - 1),
            b'>' => {
                !has_partner(word, length - 1)
                    && !word[..length - 1].ends_with(b"-")
                    && !word[..length - 1].ends_with(b"=")
            }
            _ => false,
        }
    {
        length -= 1;
    }
    length
}

/// A bare value: where it begins and ends, and where it is consumed to. `taken` says which bytes are of values.
fn bare(line: &[u8], start: usize, key: usize, taken: &[bool]) -> (Range<usize>, usize) {
    let spaces = |at: usize| (at..line.len()).find(|&at| line[at] != b' ').unwrap_or(line.len());
    let end = word_end(line, start);
    // A number that was padded.
    let padded = spaces(start);
    if padded > start && begins_as_number(&line[padded..]) {
        let end = word_end(line, padded);
        let word = &line[padded..end];
        let length = trimmed(word);
        let behind = spaces(end);
        let ends = length < word.len() || behind == line.len() || begins_with_key(line, behind).is_some();
        if ends && !word.contains(&b'=') {
            return (padded..padded + length, end);
        }
    }
    // A number alone in brackets.
    if line.get(start) == Some(&b'[') {
        let begin = spaces(start + 1);
        if let Some(close) = (begin..line.len()).find(|&at| line[at] == b']') {
            let text = std::str::from_utf8(&line[begin..close]).unwrap_or("x");
            let digits = text.strip_prefix('-').unwrap_or(text);
            let is_number = match digits.split_once('.') {
                Some((whole, part)) => {
                    [whole, part].iter().all(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
                }
                None => !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()),
            };
            let behind = &line[close + 1..word_end(line, close)];
            if is_number && behind.iter().all(|byte| CLOSING.contains(byte)) {
                return (begin..close, close + 1);
            }
        }
    }
    // Somewhere in a list in brackets.
    let before_key = || (0..key).filter(|&at| !taken[at]).map(|at| line[at]);
    let ends_closed = end > start && CLOSING.contains(&line[end - 1]);
    let is_list = b"([{".iter().any(|&kind| open(before_key(), kind) > 0)
        && (ends_closed || line[start..end].iter().any(|&byte| byte == b'"' || bracket(byte).is_some()));
    for at in start..end {
        let before = &line[start..at];
        if odd(line, at, is_odd).is_some() {
            let (mut behind, mut blank) = (at, true);
            while let Some(next) = odd(line, behind, is_odd) {
                blank &= odd(line, behind, is_odd_blank).is_some();
                behind = next;
            }
            let ends = blank && line.get(behind).is_none_or(|&byte| is_blank(byte));
            let key = behind_blanks(line, behind);
            let has_key = (key..line.len())
                .filter(|&end| is_key(line, key, end))
                .any(|end| is_sign(line, behind_blanks(line, end)));
            if ends || has_key {
                return (start..start + trimmed(before), at);
            }
        }
        if line[at] == 0 {
            let sign = begins_with_key(line, at + 1);
            if sign.is_some_and(|sign| line.get(sign + 1).is_some_and(|&byte| !is_blank(byte))) {
                return (start..start + trimmed(before), at);
            }
        }
        if is_list && line[at] == b',' && !before.contains(&b'=') {
            let sign = begins_with_key(line, at + 1);
            let is_pair = sign.is_some_and(|sign| line.get(sign + 1).is_some_and(|&byte| !is_blank(byte)));
            if is_pair && b"([{".iter().all(|&kind| open(before.iter().copied(), kind) == 0) {
                return (start..start + trimmed(before), at);
            }
        }
        let Some((kind, opens)) = bracket(line[at]) else { continue };
        if opens {
            let sign = begins_with_key(line, at + 1);
            let is_pair = sign.is_some_and(|sign| line.get(sign + 1).is_some_and(|&byte| !is_blank(byte)));
            let is_name = before.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.$@#-".contains(byte));
            let group = &line[at..end.min(at + 256)];
            let is_closed = (1..=group.len()).any(|length| open(group[..length].iter().copied(), kind) == 0);
            if is_pair && if before.is_empty() { !is_closed } else { is_name } {
                return (start..start + trimmed(before), at);
            }
        } else if open(before.iter().copied(), kind) == 0 && open(before_key(), kind) > 0 {
            return (start..start + trimmed(before), at);
        }
    }
    (start..start + trimmed(&line[start..end]), end)
}

/// Every pair of a line.
pub fn pairs(line: &[u8]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut taken = vec![false; line.len()];
    let mut consumed = 0; // bytes that belong to the pair before
    let mut closed_at = None; // the byte after a closed quote
    for sign in 0..line.len() {
        if sign < consumed || !is_sign(line, sign) {
            continue;
        }
        let mut key_end = sign;
        let blank_start = |end: usize| {
            (consumed..end).rev().take(3).find(|&at| line[at..end] == *b" " || odd(line, at, is_odd_blank) == Some(end))
        };
        while let Some(start) = blank_start(key_end) {
            key_end = start;
        }
        let follows_odd = |at: usize| (at.saturating_sub(3)..at).any(|start| odd(line, start, is_odd) == Some(at));
        let is_bound = |at: usize| {
            at == 0
                || at > consumed && follows_odd(at)
                || closed_at == Some(at)
                || is_blank(line[at - 1])
                || b"\0,;([{)]}|:<>".contains(&line[at - 1])
        };
        // The longest run of key characters backward: no shorter one can follow a bound, since none is a bound.
        let Some(start) = (consumed..key_end).find(|&start| is_bound(start) && is_key(line, start, key_end)) else {
            continue;
        };
        let key = start..key_end;
        let spaced = key_end < sign;
        let mut value_start = sign + 1;
        if spaced {
            value_start = behind_blanks(line, value_start);
        }
        let skipped = value_start > sign + 1;
        let next_key =
            (value_start..line.len()).find(|&end| is_sign(line, end)).is_some_and(|end| is_key(line, value_start, end));
        if skipped && next_key {
            pairs.push(Pair { key, value: sign + 1..sign + 1, quoting: Quoting::Bare });
            consumed = value_start;
            closed_at = Some(consumed); // what stands before it is a blank
            continue;
        }
        let follows = |at: usize| match line.get(at + 1) {
            None => true,
            Some(&byte) => is_blank(byte) || b"\0,;)]}|".contains(&byte),
        };
        let first = line.get(value_start).copied();
        if first == Some(b'"') {
            let inside = value_start + 1;
            match close(line, inside, b'"', |_| true) {
                Some(end) => {
                    pairs.push(Pair { key, value: inside..end, quoting: Quoting::Quoted });
                    consumed = end + 1;
                    closed_at = Some(consumed);
                    taken[value_start..consumed].fill(true);
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
            taken[value_start..consumed].fill(true);
            continue;
        }
        let (value, end) = bare(line, value_start, start, &taken);
        pairs.push(Pair { key, value, quoting: Quoting::Bare });
        taken[value_start..end].fill(true);
        consumed = end;
    }
    pairs
}
