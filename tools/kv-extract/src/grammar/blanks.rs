//! What parts words and is none of ASCII: the blank that does not break, those of East Asia with its commas and brackets, marks
//! that show nothing, and the byte order mark, which stands before a text and in the middle of two that were joined.
//!
//! Owns which they are. No key holds one: `\u{a0}took=5` has the key `took`; and no value goes on behind one with a pair.

/// The byte order mark of UTF-8.
pub const MARK: &[u8] = b"\xef\xbb\xbf";

/// How long the blank is that stands at `at` and is none of ASCII; 0 where there is none.
fn blank(text: &[u8], at: usize) -> usize {
    match text.get(at..).unwrap_or_default() {
        [0xC2, 0x85 | 0xA0, ..] => 2,
        // Latin-1 has the blank that does not break in one byte, which in UTF-8 never stands behind one of ASCII.
        [0xA0, ..] if at.checked_sub(1).and_then(|before| text.get(before)).is_none_or(u8::is_ascii) => 1,
        [0xE1, 0x9A, 0x80, ..]
        | [0xE1, 0xA0, 0x8E, ..]
        | [0xE2, 0x80, 0x80..=0x8B | 0x8E | 0x8F | 0xA8..=0xAF, ..]
        | [0xE2, 0x81, 0x9F..=0xA4 | 0xA6..=0xA9, ..]
        | [0xE3, 0x80, 0x80, ..]
        | [0xEF, 0xBB, 0xBF, ..] => 3,
        _ => 0,
    }
}

/// The same of a blank or a sign that parts words: East Asia's comma, full stop, colon, semicolon, bar and brackets.
fn part(text: &[u8], at: usize) -> usize {
    match text.get(at..).unwrap_or_default() {
        [0xE3, 0x80, 0x81 | 0x82 | 0x88..=0x91, ..]
        | [0xEF, 0xBC, 0x88 | 0x89 | 0x8C | 0x9A | 0x9B, ..]
        | [0xEF, 0xBD, 0x9C, ..] => 3,
        _ => blank(text, at),
    }
}

/// What stands at `at`, where a word may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// Nothing that parts words.
    No,
    /// Blanks, up to an end of the word: one of ASCII, or that of the text.
    End,
    /// Blanks and signs.
    Goes {
        /// Where the word goes on behind them, or another one begins.
        behind: usize,
        /// Behind the last sign, from where on there are only blanks.
        blanks: usize,
    },
}

/// What stands at `at`: a byte above 0x7F.
pub fn apart(text: &[u8], at: usize) -> Apart {
    let (mut end, mut blanks) = (at, at);
    loop {
        match (blank(text, end), part(text, end)) {
            (0, 0) if end == at => return Apart::No,
            (0, 0) if blanks == at && text.get(end).is_none_or(|byte| (1..=b' ').contains(byte)) => return Apart::End,
            (0, 0) => return Apart::Goes { behind: behind(text, end), blanks },
            (0, sign) => (end, blanks) = (end + sign, end + sign),
            (blank, _) => end += blank,
        }
    }
}

/// Where a run of such blanks and of spaces ends that begins at `at`.
pub fn behind(text: &[u8], mut at: usize) -> usize {
    loop {
        match blank(text, at) {
            0 if text.get(at) == Some(&b' ') => at += 1,
            0 => return at,
            length => at += length,
        }
    }
}

/// How much of a text stands before a run of such blanks and of spaces at its end.
pub fn before(text: &[u8]) -> usize {
    let mut end = text.len();
    while let Some(&last) = end.checked_sub(1).and_then(|last| text.get(last)) {
        let ends = |length: &usize| end.checked_sub(*length).is_some_and(|at| blank(text, at) == *length);
        match (1..=3).find(ends) {
            _ if last == b' ' => end -= 1,
            Some(length) => end -= length,
            None => break,
        }
    }
    end
}

/// How much of a text stands up to its last such blank or sign, and behind.
pub fn up_to_last(text: &[u8]) -> usize {
    if text.is_ascii() {
        return 0;
    }
    let end = |at: usize| Some(at + Some(part(text, at)).filter(|length| *length > 0)?);
    (0..text.len()).rev().find_map(end).unwrap_or(0)
}

/// Whether a word may hold such a blank or sign.
pub fn may_be_parted(word: &[u8]) -> bool {
    !word.is_ascii() && (0..word.len()).any(|at| part(word, at) > 0)
}

/// A text without the byte order mark before it.
pub fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(MARK).unwrap_or(text)
}
