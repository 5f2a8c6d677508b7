//! The common pair: a short key of ASCII, a short value without an escape, a bound before it.
//!
//! Owns the one way through the scanner that nearly every pair takes, with as few branches as there are surprises in
//! logs. It refuses (`None`) whatever it is not sure of: the general way, which knows every case, takes that.

use crate::grammar::{is_bound, is_closing, is_last, is_letter};
use crate::masks::{Which, Window};

/// Where the sign stands in the bytes around it.
pub const SIGN: usize = 40;
/// How many bytes around a sign are looked at.
const NEAR: usize = 128;
/// How many bytes one pair may write, those that do not count too.
pub const WRITTEN: usize = 128;
/// The longest key and the longest value.
const LONGEST: usize = 32;
/// A number that is no longer than this has at most 17 digits.
const LONGEST_NUMBER: usize = 17;

/// A pair, as lengths.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The length of the key, which ends at the sign; 1 to 32.
    pub key: usize,
    /// The length of the value, without its quotes; 0 to 32.
    value: usize,
    /// 1 where it stands in quotes, else 0.
    pub quotes: usize,
    /// 1 where it is written as a text, else 0.
    is_text: usize,
    /// From the sign to behind the value and its quotes.
    pub end: usize,
    /// The first eight bytes of the key, zeros behind it.
    head: u64,
}

/// How many quotes a value has that begins with this byte; 2 where this byte makes the sign none, or begins a value that
/// may not end where it seems to.
const QUOTES: [u8; 256] = {
    let mut quotes = [0; 256];
    quotes[b'"' as usize] = 1;
    quotes[b'\'' as usize] = 2;
    quotes[b'=' as usize] = 2;
    quotes[b'~' as usize] = 2;
    quotes[b'>' as usize] = 2;
    quotes
};

/// A part of a number like `12` or `0.5`, which goes into JSON as it is.
const PLAIN: u8 = 1;
/// The dot of a number.
const DOT: u8 = PLAIN;
/// Another part of a number: of `-12`, `1.5e-3`.
const OTHER: u8 = 2;

/// What a byte is in a number; 0 where it is in none.
#[inline(always)]
fn part(byte: u8) -> u8 {
    const PARTS: [u8; 256] = {
        let mut parts = [0; 256];
        let mut digit = b'0';
        while digit <= b'9' {
            parts[digit as usize] = PLAIN | OTHER;
            digit += 1;
        }
        parts[b'.' as usize] = DOT;
        parts[b'e' as usize] = OTHER;
        parts[b'E' as usize] = OTHER;
        parts[b'-' as usize] = OTHER;
        parts
    };
    PARTS[usize::from(byte)]
}

/// Whether a value may have to be trimmed of its last byte: first for bare values, then for quoted ones.
const CLOSING: [bool; 512] = {
    let mut closing = [false; 512];
    let mut byte = 0_u8;
    while byte < 128 {
        closing[byte as usize] = is_closing(byte);
        byte += 1;
    }
    closing
};

/// The pair whose sign stands at [`SIGN`] in `near`. `before`: which of the bytes before the sign cannot be in a key, the
/// nearest one highest; `window`: what the bytes are from so many behind the sign.
#[inline(always)]
pub fn pair<'a>(near: &[u8; NEAR], before: u64, window: impl Fn(usize) -> Window<'a>) -> Option<Pair> {
    let key = before.leading_zeros() as usize;
    if !(1..=LONGEST).contains(&key) {
        return None;
    }
    let (bound, first, last) = (near[SIGN - 1 - key], near[SIGN - key], near[SIGN - 1]);
    let quotes = usize::from(QUOTES[usize::from(near[SIGN + 1])]);
    if !(is_bound(bound) & is_letter(first) & is_last(last)) || quotes > 1 {
        return None;
    }
    let start = SIGN + 1 + quotes;
    let window = window(1 + quotes);
    let (blank, quote) = (window.get(Which::Blank), window.get(Which::Quote));
    let value = (if quotes == 1 { quote } else { blank }).trailing_zeros() as usize;
    if value > LONGEST {
        return None;
    }
    let within = !(!0 << value);
    // In quotes it must end with one: not with an escape, nor with the line.
    let is_open = u64::from(near[start + value] ^ b'"') * quotes as u64;
    if window.get(Which::Special) & within | is_open != 0 {
        return None;
    }
    let (first, last) = (near[start], near[start + value - 1]);
    if CLOSING[usize::from(last) | quotes << 8] {
        return None;
    }
    let others = window.get(Which::NotDigit) & within;
    let rest = others & others.wrapping_sub(1);
    // Where all are digits, `other` is the first of them.
    let (other, second) = (part(near[start + first_of(others)]), part(near[start + first_of(rest)]));
    let has_ends = last.is_ascii_digit() & (first.is_ascii_digit() | (first == b'-')) & (quotes == 0);
    let has_zero = (first == b'0') & near[start + 1].is_ascii_digit();
    let is_number = has_ends & (rest == 0) & (other & PLAIN != 0) & !has_zero & (value <= LONGEST_NUMBER);
    // An address has a second dot, a hash has letters: these are not in doubt. One branch that is hardly ever taken,
    // where four conditions would be four branches that nobody can foretell.
    let doubt = [has_ends, is_number, other == 0, (second == DOT) & (first != b'-')];
    if doubt.iter().fold(0, |all, &each| all << 1 | u8::from(each)) == 0b1000 {
        return None;
    }
    let is_json = is_number | is_word(head(near, start, value)) & (quotes == 0);
    Some(Pair {
        key,
        value,
        quotes,
        is_text: usize::from(!is_json),
        end: 1 + value + 2 * quotes,
        head: head(near, SIGN - key, key),
    })
}

/// The place of the first bit, below [`LONGEST`].
#[inline(always)]
fn first_of(bits: u64) -> usize {
    bits.trailing_zeros() as usize % LONGEST
}

/// Whether a value of which these are all the bytes is `true`, `false` or `null`.
#[inline(always)]
fn is_word(bytes: u64) -> bool {
    const TRUE: u64 = u64::from_le_bytes(*b"true\0\0\0\0");
    const NULL: u64 = u64::from_le_bytes(*b"null\0\0\0\0");
    const FALSE: u64 = u64::from_le_bytes(*b"false\0\0\0");
    (bytes == TRUE) | (bytes == NULL) | (bytes == FALSE)
}

/// The first eight bytes of a text, the first one lowest, zeros behind its end. An empty text counts as one byte.
#[inline(always)]
pub fn head(bytes: &[u8], at: usize, length: usize) -> u64 {
    let eight = bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u64::from_le_bytes(*bytes));
    eight & !0 >> (64 - 8 * length.clamp(1, 8))
}

impl Pair {
    /// Where the key's bit stands among 512: the word, and the bit in it.
    #[inline(always)]
    pub fn hash(&self) -> (usize, u64) {
        hash(self.head, self.key)
    }

    /// Writes the pair as JSON, with what comes before it; how many bytes of it count.
    #[inline(always)]
    pub fn write(&self, near: &[u8; NEAR], is_first: bool, out: &mut [u8; WRITTEN]) -> usize {
        put(out, 0, &[if is_first { b'{' } else { b',' }, b'"']);
        copy(near, SIGN - self.key, out, 2);
        let mut at = 2 + self.key;
        // What does not count is written over by what follows.
        put(out, at, b"\":\"\"");
        at += 2 + self.is_text;
        copy(near, SIGN + 1 + self.quotes, out, at);
        at += self.value;
        put(out, at, b"\"");
        at + self.is_text
    }
}

/// The word and the bit for a key of this length that begins with these bytes.
#[inline(always)]
pub fn hash(head: u64, length: usize) -> (usize, u64) {
    let hash = (head ^ (length as u64) << 59).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((hash >> 61) as usize & 7, 1 << (hash >> 55 & 63))
}

#[inline(always)]
fn put<const N: usize>(out: &mut [u8; WRITTEN], at: usize, bytes: &[u8; N]) {
    if let Some(place) = out.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        *place = *bytes;
    }
}

/// Copies the most that a key or a value may have.
#[inline(always)]
fn copy(near: &[u8; NEAR], from: usize, out: &mut [u8; WRITTEN], at: usize) {
    if let Some(bytes) = near.get(from..).and_then(|rest| rest.first_chunk::<LONGEST>()) {
        put(out, at, bytes);
    }
}
