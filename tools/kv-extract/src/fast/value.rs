//! The common value: a short one without an escape.
//!
//! Owns the one way through the scanner that nearly every value takes, with as few branches as there are surprises in
//! logs. It refuses (`None`) whatever it is not sure of: the general way, which knows every case, takes that.

use crate::fast::cpu::Machine;
use crate::fast::key_cache::{BEHIND, Key};
use crate::fast::masks::{NEAR, ValueMasks};
use crate::grammar::prose::is_closing;
use crate::record::is_bare_json;

/// How many bytes one pair may write, those that do not count too.
pub const WRITTEN: usize = 128;
/// A number that is no longer than this has at most 17 digits.
const LONGEST_NUMBER: usize = 17;

/// What nothing is known of.
const ODD: ValueMasks = ValueMasks { ends: 1, digits: 0, dots: 0 };

/// A value, as lengths.
#[derive(Clone, Copy, Debug, Default)]
pub struct Value {
    /// The length without its quotes; 0 to 32.
    length: usize,
    /// 1 where it stands in quotes, else 0.
    quotes: usize,
    /// 1 where it is written as a text, else 0.
    is_text: usize,
    /// [`SURE`], or flags of what is in doubt.
    doubt: u8,
}

/// No doubt.
const SURE: u8 = 0;
/// As an end: the value may not end here. As a last byte: it may have to be trimmed.
const EXTENT: u8 = 1;
/// It may be a number: as a first byte and as a last one, a digit.
const DIGIT: u8 = 2;
/// It may be a number with a `-`.
const MINUS: u8 = 4;
/// It may be `true`, `false` or `null`.
const WORD: u8 = 8;
/// As a first byte: a `0`, behind which no digit may come.
const ZERO: u8 = 16;

/// How many quotes a value has that begins with this byte; 2 where this byte makes the sign none, or begins a value
/// that may not end where it seems to.
const QUOTES: [u8; 256] = {
    let mut quotes = [0; 256];
    quotes[b'"' as usize] = 1;
    quotes[b'\'' as usize] = 2;
    quotes[b'=' as usize] = 2;
    quotes[b'~' as usize] = 2;
    quotes[b'>' as usize] = 2;
    // In logfmt these may hold blanks.
    quotes[b'[' as usize] = 2;
    quotes[b'{' as usize] = 2;
    quotes
};

/// What the byte behind a value says of it, by [`QUOTES`].
const ENDS: [[u8; 256]; 4] = {
    let mut ends = [[EXTENT; 256]; 4];
    // A NUL ends none that was not cut.
    let mut byte = 1;
    while byte <= b' ' {
        ends[0][byte as usize] = SURE;
        byte += 1;
    }
    ends[1][b'"' as usize] = SURE;
    ends
};

/// What the last byte of a value says of it, by [`QUOTES`]: of a quoted one nothing.
const LASTS: [[u8; 256]; 4] = {
    let mut lasts = [[0; 256]; 4];
    let mut byte = 0;
    while byte < 128 {
        lasts[0][byte as usize] = match byte {
            b'0'..=b'9' => DIGIT | MINUS,
            b'e' | b'l' => WORD,
            // The sign itself is the last byte where the value is empty: a number may stand behind blanks.
            _ if is_closing(byte) || byte == b'=' => EXTENT,
            _ => 0,
        };
        byte += 1;
    }
    lasts
};

/// What the first byte of a value says of it.
const FIRSTS: [u8; 256] = {
    let mut firsts = [EXTENT; 256];
    let mut byte = 0;
    while byte < 128 {
        firsts[byte as usize] |= match byte {
            b'0' => DIGIT | ZERO,
            b'1'..=b'9' => DIGIT,
            b'-' => MINUS,
            b't' | b'f' | b'n' => WORD,
            _ => 0,
        };
        byte += 1;
    }
    firsts
};

/// What the first byte that is neither digit nor dot says.
const LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    letters[b'e' as usize] = DIGIT;
    letters[b'E' as usize] = DIGIT;
    letters
};

/// The value behind a sign. There is no branch in it: what comes next in a log nobody can foretell.
#[inline(always)]
pub fn value<M: Machine>(behind: &[u8; BEHIND]) -> Value {
    let quotes = usize::from(QUOTES[usize::from(behind[1])]) % 4;
    let start = 1 + quotes;
    let masks = behind[start..].first_chunk().map_or(ODD, |text| M::value(text, quotes));
    let length = masks.ends.trailing_zeros() as usize % 64;
    let end = ENDS[quotes][usize::from(behind[start + length])];
    let last = LASTS[quotes][usize::from(behind[start + length - 1])];
    let first = FIRSTS[usize::from(behind[start])];
    let both = first & last;
    // A number like `12` or `0.5` begins and ends with a digit, and has digits and one dot at most.
    let others = !u64::from(masks.digits) & !(!0 << length);
    let letters = others & !u64::from(masks.dots);
    let has_zero = u64::from(first / ZERO) & u64::from(masks.digits >> 1);
    let amiss = letters | others & others.wrapping_sub(1) | has_zero | 1 << length >> (LONGEST_NUMBER + 1);
    let is_text = amiss | u64::from(!both & DIGIT) != 0;
    // Hidden, or the compiler would make a branch of it.
    let is_text = M::hide(usize::from(is_text));
    let letter = behind[start + (letters | 1 << length).trailing_zeros() as usize % 64];
    let may_be = LETTERS[usize::from(letter)] | (u8::from(length > LONGEST_NUMBER) * DIGIT);
    let both = both & (!DIGIT | may_be);
    Value { length, quotes, is_text, doubt: end | both & (is_text as u8).wrapping_neg() }
}

/// The value behind a sign, if it is a plain number, stands in quotes, or is nothing like a number or a word of JSON: as
/// nearly all do. There are branches here, as in [`write()`].
#[inline(always)]
pub fn common<M: Machine>(behind: &[u8; BEHIND]) -> Option<Value> {
    let (length, quotes, is_text) = if let Some(length) = number::<M>(behind) {
        (length, 0, 0)
    } else if let Some(length) = quoted::<M>(behind) {
        (length, 1, 1)
    } else {
        (text::<M>(behind)?, 0, 1)
    };
    Some(Value { length, quotes, is_text, doubt: SURE })
}

/// Writes the pair of `key` and the value behind its sign, with a comma before it; how long sign and value are, and how
/// many of the written bytes count. There are branches here: where keys come in the same order, their values mostly are
/// of the same kinds. Left out are those that seldom come: words of JSON and numbers like `-1` and `1e5`.
#[inline(always)]
pub fn write<M: Machine>(key: &Key, behind: &[u8; BEHIND], out: &mut [u8; WRITTEN]) -> Option<(usize, usize)> {
    let done = |length: usize, quotes: usize, is_text: usize, out: &mut [u8; WRITTEN]| {
        let value = Value { length, quotes, is_text, doubt: SURE };
        Some((value.end(), value.write((key, key.length as usize % 64), behind, out)))
    };
    // Each writes for itself, so that what it knows of the value is known when its code is made.
    if let Some(length) = number::<M>(behind) {
        done(length, 0, 0, out)
    } else if let Some(length) = quoted::<M>(behind) {
        done(length, 1, 1, out)
    } else {
        done(text::<M>(behind)?, 0, 1, out)
    }
}

/// How long the value is, if it is a number like `1200` or `0.5`.
#[inline(always)]
fn number<M: Machine>(behind: &[u8; BEHIND]) -> Option<usize> {
    let digits = u64::from(M::digits(behind[1..].first_chunk()?));
    let mut length = (!digits).trailing_zeros() as usize % 64;
    let is_whole = length == 1 || (length > 1 && behind[1] != b'0');
    if behind[1 + length] == b'.' {
        let more = (!(digits >> (length + 1))).trailing_zeros() as usize % 64;
        if more == 0 {
            return None;
        }
        length += 1 + more;
    }
    (is_whole && is_blank(behind[1 + length]) && length <= LONGEST_NUMBER).then_some(length)
}

/// How long the value is without its quotes, if it has them and nothing odd between.
#[inline(always)]
fn quoted<M: Machine>(behind: &[u8; BEHIND]) -> Option<usize> {
    if behind[1] != b'"' {
        return None;
    }
    let length = u64::from(M::value(behind[2..].first_chunk()?, 1).ends).trailing_zeros() as usize % 64;
    (behind[2 + length] == b'"').then_some(length)
}

/// How long the value is, if it is a bare one and nothing like a number or a word of JSON.
#[inline(always)]
fn text<M: Machine>(behind: &[u8; BEHIND]) -> Option<usize> {
    let masks = M::value(behind[1..].first_chunk()?, 0);
    let length = u64::from(masks.ends).trailing_zeros() as usize % 64;
    let both = FIRSTS[usize::from(behind[1])] & LASTS[0][usize::from(behind[length])];
    let letters = !u64::from(masks.digits | masks.dots) & !(!0 << length);
    let letter = behind[1 + (letters | 1 << length).trailing_zeros() as usize % 64];
    let begins = QUOTES[usize::from(behind[1])] == 0;
    let is_text = both == 0 || (both == DIGIT && letters != 0 && LETTERS[usize::from(letter)] == 0);
    (begins && is_text && is_blank(behind[1 + length])).then_some(length)
}

/// Whether a byte ends a value whatever follows: a NUL does not.
#[inline(always)]
pub fn is_blank(byte: u8) -> bool {
    byte.wrapping_sub(1) < b' '
}

impl Value {
    /// From the sign to behind the value and its quotes.
    #[inline(always)]
    pub fn end(self) -> usize {
        self.length.wrapping_add(2 * (self.quotes % 4)).wrapping_add(1)
    }

    /// How many quotes stand before it, how long it is without them, and whether it is written as a text.
    #[inline(always)]
    pub fn parts(self) -> (usize, usize, bool) {
        (self.quotes % 2, self.length % 64, self.is_text != 0)
    }

    /// The value, if it was for this way; what was not clear about it is settled.
    #[inline(always)]
    pub fn settle(self, behind: &[u8; BEHIND]) -> Option<Value> {
        let mut is_text = self.is_text;
        if self.doubt != SURE {
            // Only a number goes out and in again: a whole `Value` would have to be in memory.
            is_text = ask(behind, self.length, self.doubt);
            if is_text > 1 {
                return None;
            }
        }
        Some(Value { is_text, ..self })
    }

    /// Writes the pair of `key`, whose length is given, and this value, and how many bytes of it count. A comma comes first.
    #[inline(always)]
    pub fn write(self, (key, length): (&Key, usize), behind: &[u8; BEHIND], out: &mut [u8; WRITTEN]) -> usize {
        // What does not count is written over by what follows.
        put(out, 0, &key.written);
        let is_text = self.is_text % 2;
        let at = length + 4 + is_text;
        if let Some(value) = behind[1 + self.quotes % 2..].first_chunk::<NEAR>() {
            put(out, at, value);
        }
        let at = at + self.length % 64;
        put(out, at, b"\"");
        at + is_text
    }
}

/// 1 for a text, 0 for what goes into JSON as it is, more for a value that is not for this way.
#[cold]
#[inline(never)]
fn ask(behind: &[u8; BEHIND], length: usize, doubt: u8) -> usize {
    match behind.get(1..1 + length) {
        Some(value) if doubt & EXTENT == 0 => usize::from(!is_bare_json(value)),
        _ => 2,
    }
}

#[inline(always)]
fn put<const N: usize>(out: &mut [u8; WRITTEN], at: usize, bytes: &[u8; N]) {
    if let Some(place) = out.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        *place = *bytes;
    }
}
