//! What bytes are, as bit masks: bit n speaks of byte n.
//!
//! Owns the meaning of each mask and the portable way to make them; `cpu.rs` makes the same ones faster.

/// How many bytes before and behind the lines must be there to be read.
pub const MARGIN: usize = 128;
/// How many bytes are looked at around a sign on either side.
pub const NEAR: usize = 32;

/// What the bytes from the beginning of a value on are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueMasks {
    /// What may end it, and what cannot be copied into JSON without a look: `"`, `\`, control characters and bytes
    /// above 0x7F; of a bare one blanks, brackets, `|` and `=` too.
    pub ends: u32,
    /// Digits.
    pub digits: u32,
    /// Dots.
    pub dots: u32,
}

/// What the scanner stops at: `=`, newlines, and the escape character that colours begin with.
#[inline(always)]
pub fn events(block: &[u8; 64]) -> u64 {
    mask(block, |byte| matches!(byte, b'=' | b'\n' | 0x1B))
}

/// Newlines.
#[inline(always)]
pub fn newlines(block: &[u8; 64]) -> u64 {
    mask(block, |byte| byte == b'\n')
}

/// Whether there is a bracket that an object may open or a time may close.
#[inline(always)]
pub fn has_bracket(block: &[u8; 64]) -> bool {
    block.iter().fold(false, |has, &byte| has | (byte == b'{') | (byte == b']'))
}

/// Whether there is such a byte.
#[inline(always)]
pub fn has(bytes: &[u8; NEAR], wanted: u8) -> bool {
    bytes.iter().fold(false, |has, &byte| has | (byte == wanted))
}

/// Where the first block has its byte and the second one, at the same place, has its own.
#[inline(always)]
pub fn both((first, one): (&[u8; 64], u8), (second, other): (&[u8; 64], u8)) -> u64 {
    mask(first, |byte| byte == one) & mask(second, |byte| byte == other)
}

/// Bytes up to a blank.
#[inline(always)]
pub fn blanks(bytes: &[u8; NEAR]) -> u32 {
    mask(bytes, |byte| byte <= b' ') as u32
}

/// What ends a key of logfmt: a blank, its sign, a quote.
#[inline(always)]
pub fn key_ends(bytes: &[u8; NEAR]) -> u32 {
    mask(bytes, |byte| byte <= b' ' || byte == b'=' || byte == b'"') as u32
}

/// Where two texts differ.
#[inline(always)]
pub fn differ(one: &[u8; NEAR], other: &[u8; NEAR]) -> u32 {
    one.iter().zip(other).enumerate().fold(0, |all, (at, (one, other))| all | u32::from(one != other) << at)
}

/// Digits.
#[inline(always)]
pub fn digits(bytes: &[u8; NEAR]) -> u32 {
    mask(bytes, |byte| byte.is_ascii_digit()) as u32
}

/// See [`ValueMasks`]; `quotes` is 1 where it stands in them, else 0.
#[inline(always)]
pub fn value(bytes: &[u8; NEAR], quotes: usize) -> ValueMasks {
    let first = b'!' - u8::from(quotes == 1);
    let stops = |byte| match quotes {
        1 => matches!(byte, b'"' | b'\\'),
        _ => matches!(byte, b'"' | b'\\' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'|' | b'='),
    };
    let ends = mask(bytes, |byte| !(first..=0x7F).contains(&byte) || stops(byte));
    ValueMasks { ends: ends as u32, digits: digits(bytes), dots: mask(bytes, |byte| byte == b'.') as u32 }
}

#[inline(always)]
fn mask(bytes: &[u8], is: impl Fn(u8) -> bool) -> u64 {
    bytes.iter().enumerate().fold(0, |all, (at, &byte)| all | u64::from(is(byte)) << at)
}
