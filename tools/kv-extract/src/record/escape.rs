//! Text on its way into JSON: escapes of quoted values resolved, JSON's escapes written, bad UTF-8 replaced.
//!
//! Owns bytes in and bytes out; refuses to allocate once the buffers have grown.

use std::borrow::Cow;

/// Appends `text` as a JSON string, quotes in. Returns whether bytes that are not UTF-8 became U+FFFD.
pub fn write(text: &[u8], out: &mut Vec<u8>) -> bool {
    out.push(b'"');
    if is_copied(text) {
        out.extend_from_slice(text);
        out.push(b'"');
        return false;
    }
    let mut replaced = false;
    for chunk in text.utf8_chunks() {
        write_escaped(chunk.valid().as_bytes(), out);
        if !chunk.invalid().is_empty() {
            replaced = true;
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    out.push(b'"');
    replaced
}

/// Whether a text goes into JSON as it stands: no escape is needed, and all of it is ASCII.
pub fn is_copied(text: &[u8]) -> bool {
    // All of them, rather than up to the first that is not: many at a time.
    text.iter().fold(true, |all, &byte| all & matches!(byte, b' '..=0x7F) & (byte != b'"') & (byte != b'\\'))
}

/// Appends valid UTF-8 with JSON's escapes, as serde_json writes them.
fn write_escaped(text: &[u8], out: &mut Vec<u8>) {
    let mut copied = 0;
    for (at, &byte) in text.iter().enumerate() {
        let letter = match byte {
            b'"' | b'\\' => byte,
            0x08 => b'b',
            0x0C => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0..=0x1F => b'u',
            _ => continue,
        };
        out.extend_from_slice(&text[copied..at]);
        copied = at + 1;
        out.extend_from_slice(&[b'\\', letter]);
        if letter == b'u' {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            out.extend_from_slice(&[b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    out.extend_from_slice(&text[copied..]);
}

/// Appends the text that `quoted` stands for: JSON's escapes, Go's `\a \v \xHH \UHHHHHHHH`, and `\'`. An escape that
/// is unknown or names no character stays as it is. `\xHH` is a byte, so several of them can make one character.
pub fn unescape(quoted: &[u8], out: &mut Vec<u8>) {
    let mut rest = quoted;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let length = escape(rest, out).unwrap_or_else(|| {
            // The byte behind is copied too: in `\\x41` the second backslash must not begin an escape of its own.
            let length = rest.len().min(2);
            out.extend_from_slice(&rest[..length]);
            length
        });
        rest = &rest[length..];
    }
    out.extend_from_slice(rest);
}

/// Whether a writer of JSON may write a text otherwise than it stands: its quotes and backslashes, and what is not plain ASCII, by
/// rule, slashes and the signs of HTML by habit.
pub fn may_be_escaped(text: &[u8]) -> bool {
    text.iter().any(|byte| !matches!(byte, b' '..=b'~') || b"\"\\/<>&'+`".contains(byte))
}

/// Whether escapes may hide a text in a line: they change no plain letters and digits, so that all of those stand there.
pub fn may_hide(line: &[u8], text: &[u8]) -> bool {
    let mut runs = text.split(|byte| !byte.is_ascii_alphanumeric()).filter(|run| !run.is_empty());
    may_be_escaped(text)
        && runs.all(|run| {
            let begins = |at: usize| line.get(at..).is_some_and(|here| here.starts_with(run));
            memchr::memchr_iter(run[0], line).any(begins)
        })
}

/// What of a text stands in every line that holds it, escaped or not: the last letters and digits without a sign between them, or where
/// those are few the most; `None` where there are too few to search for.
pub fn core(text: &[u8]) -> Option<&[u8]> {
    let runs = || text.split(|byte| !byte.is_ascii_alphanumeric()).filter(|run| run.len() > 1);
    runs().rfind(|run| run.len() > 2).or_else(|| runs().max_by_key(|run| run.len()))
}

/// A line, and behind a newline the text that it stands for, as often as a program may have put JSON into JSON.
pub fn with_unescaped(line: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    const DEPTH: usize = 3;
    let mut all = line;
    let mut start = 0;
    for _ in 0..DEPTH {
        let last = all.get(start..).unwrap_or_default();
        if memchr::memchr(b'\\', last).is_none() {
            break;
        }
        let mut text = Vec::with_capacity(last.len());
        unescape(last, &mut text);
        if text == last {
            break;
        }
        start = all.len() + 1;
        let all = all.to_mut();
        all.push(b'\n');
        all.extend_from_slice(&text);
    }
    all
}

/// Resolves the escape that `text` begins with, and says how long it is.
fn escape(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let byte = match text.get(1)? {
        byte @ (b'"' | b'\\' | b'/' | b'\'') => *byte,
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0C,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0B,
        b'x' => {
            out.push(u8::try_from(hexadecimal(text.get(2..4)?)?).ok()?);
            return Some(4);
        }
        b'u' => {
            let unit = hexadecimal(text.get(2..6)?)?;
            if let Some(letter) = char::from_u32(unit) {
                push(letter, out);
                return Some(6);
            }
            // The first half of a pair that JSON needs for characters beyond U+FFFF.
            let low = text.get(6..8).filter(|&start| start == b"\\u").and_then(|_| hexadecimal(text.get(8..12)?))?;
            if !(0xD800..0xDC00).contains(&unit) || !(0xDC00..0xE000).contains(&low) {
                return None;
            }
            push(char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))?, out);
            return Some(12);
        }
        b'U' => {
            push(char::from_u32(hexadecimal(text.get(2..10)?)?)?, out);
            return Some(10);
        }
        _ => return None,
    };
    out.push(byte);
    Some(2)
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &digit| Some(sum * 16 + char::from(digit).to_digit(16)?))
}

fn push(letter: char, out: &mut Vec<u8>) {
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
}

/// `text` without its colours: itself, where it has none.
#[inline]
pub fn plain<'a>(text: &'a [u8], buffer: &'a mut Vec<u8>) -> &'a [u8] {
    if memchr::memchr(0x1B, text).is_none() {
        return text;
    }
    buffer.clear();
    without_colours(text, buffer);
    buffer
}

/// Whether a line may have colours, as they are or as JSON writes them: `\u001b[31m`.
pub fn may_be_coloured(line: &[u8]) -> bool {
    // Most lines have neither byte: one look at them is enough.
    let Some(rest) = memchr::memchr2(0x1B, b'\\', line).and_then(|at| line.get(at..)) else { return false };
    memchr::memchr(0x1B, rest).is_some() || written_escape(rest).is_some()
}

/// Where JSON writes the escape character that a colour begins with.
pub fn written_escape(line: &[u8]) -> Option<usize> {
    // A line of JSON has few backslashes: going from one to the next takes less than a search for six bytes that begins anew.
    let is_one = |at: &usize| matches!(line.get(at + 1..at + 7), Some([b'u', b'0', b'0', b'1', b'b' | b'B', b'[']));
    memchr::memchr_iter(b'\\', line).find(is_one)
}

/// `line` without its colours, also those that JSON writes, for a search in it: itself, where it has none.
pub fn searched<'a>(line: &'a [u8], buffer: &'a mut Vec<u8>) -> &'a [u8] {
    if !may_be_coloured(line) {
        return line;
    }
    let mut decoded = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = written_escape(rest) {
        decoded.extend_from_slice(&rest[..at]);
        decoded.push(0x1B);
        rest = &rest[at + 6..];
    }
    decoded.extend_from_slice(rest);
    buffer.clear();
    without_colours(&decoded, buffer);
    buffer
}

/// Appends `line` without its ANSI control sequences: colours (ESC `[`, parameters, and a final letter), links (ESC `]` up to a
/// bell or ESC `\`), and sets of characters (ESC `(B`), as `tput sgr0` writes them.
pub fn without_colours(line: &[u8], out: &mut Vec<u8>) {
    let mut rest = line;
    while let Some(at) = memchr::memchr(0x1B, rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let length = sequence(rest).unwrap_or(1);
        if length == 1 {
            out.push(0x1B);
        }
        rest = &rest[length..];
    }
    out.extend_from_slice(rest);
}

/// The length of the control sequence that `text` begins with.
fn sequence(text: &[u8]) -> Option<usize> {
    if let Some(link) = text.strip_prefix(b"\x1b]") {
        let length = memchr::memchr2(0x07, 0x1B, link)?;
        return match link.get(length..)? {
            [0x07, ..] => Some(2 + length + 1),
            [0x1B, b'\\', ..] => Some(2 + length + 2),
            _ => None,
        };
    }
    if let [0x1B, b'(' | b')', b'0' | b'A' | b'B', ..] = text {
        return Some(3);
    }
    let parameters = text.strip_prefix(b"\x1b[")?;
    let length = parameters.iter().take_while(|byte| matches!(byte, 0x20..=0x3F)).count();
    matches!(parameters.get(length)?, 0x40..=0x7E).then_some(2 + length + 1)
}

/// Appends a count in decimal digits.
pub fn write_count(count: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = count;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{Seeded, rounds};

    /// What one look says is what two plain searches say.
    #[test]
    fn colours_are_seen_as_by_plain_searches() {
        let parts: [&[u8]; 9] =
            [b"\\u001b[", b"\\u001B[", b"\\u001", b"\\", b"u001b[", b"b[", b"\x1b", b"abc", b"\\u001c"];
        let (mut coloured, mut others) = (0, 0);
        for seed in 0..rounds(4_000) {
            let mut random = Seeded(seed);
            let count = random.below(5);
            let line = (0..count).map(|_| parts[random.below(parts.len())]).collect::<Vec<_>>().concat();
            let find = |text: &[u8]| line.windows(text.len()).position(|window| window == text);
            let written = [find(b"\\u001b["), find(b"\\u001B[")].into_iter().flatten().min();
            let shown = String::from_utf8_lossy(&line);
            assert_eq!(written_escape(&line), written, "{shown:?}");
            let is_coloured = written.is_some() || line.contains(&0x1B);
            assert_eq!(may_be_coloured(&line), is_coloured, "{shown:?}");
            *if is_coloured { &mut coloured } else { &mut others } += 1;
        }
        assert!(coloured > 0 && others > 0, "{coloured} {others}");
    }
}
