//! Blanks that are none of ASCII: the one that does not break, those of East Asia, and the byte order mark, which stands before
//! a text and in the middle of two that were joined.
//!
//! Owns which they are. No key holds one: `\u{a0}took=5` has the key `took`.

/// The byte order mark of UTF-8.
pub const MARK: &[u8] = b"\xef\xbb\xbf";

/// How long the blank is that `text` begins with; 0 where it begins with none, or with one of ASCII.
pub fn blank(text: &[u8]) -> usize {
    match text {
        [0xC2, 0x85 | 0xA0, ..] => 2,
        [0xE1, 0x9A, 0x80, ..]
        | [0xE2, 0x80, 0x80..=0x8B | 0xA8 | 0xA9 | 0xAF, ..]
        | [0xE2, 0x81, 0x9F | 0xA0, ..]
        | [0xE3, 0x80, 0x80, ..]
        | [0xEF, 0xBB, 0xBF, ..] => 3,
        _ => 0,
    }
}

/// How much of a text stands up to its last such blank, and behind.
pub fn up_to_last(text: &[u8]) -> usize {
    if text.is_ascii() {
        return 0;
    }
    let end = |at: usize| Some(at + text.get(at..).map(blank).filter(|length| *length > 0)?);
    (0..text.len()).rev().find_map(end).unwrap_or(0)
}

/// A text without the byte order mark before it.
pub fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(MARK).unwrap_or(text)
}
