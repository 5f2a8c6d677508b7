//! What a value is, by masks: JSON as it stands, a text that is copied, or neither.
//!
//! Owns the pair of a line as it lies there, and the short answer for short values; the plain way's own questions are its oracle.

use crate::fast::cpu::Machine;
use crate::fast::masks::{NEAR, ValueMasks};
use crate::record::is_bare_json;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As it stands: a number, a word of JSON, a list or an object.
    Json,
    /// Between quotes, as it stands.
    Text,
    /// As it stands in the scratch buffer: JSON that had to be made.
    Made,
    /// `null`, whatever stands there.
    Null,
}

/// One pair of the line at hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub start: u32,
    pub length: u32,
    pub slot: u16,
    pub kind: Kind,
}

/// How a value of at most [`NEAR`] bytes is written that goes into JSON as it stands; `bare` where it may be more than a
/// text.
#[inline(always)]
pub(super) fn near_kind<M: Machine>(bytes: &[u8], start: usize, length: usize, bare: bool) -> Option<Kind> {
    let window = bytes.get(start..).and_then(|rest| rest.first_chunk::<NEAR>())?;
    let masks = M::value(window, 1);
    let inside = ((1_u64 << (length % 64)) - 1) as u32;
    if masks.ends & inside != 0 {
        // No word of JSON and no number has such a byte.
        return None;
    }
    Some(if bare && is_near_json(&masks, window, length) { Kind::Json } else { Kind::Text })
}

/// Whether a value is written as a text, which goes into JSON as it stands; `None` where it does not. `bare` where it may be
/// more than a text.
#[inline(always)]
pub(super) fn is_text<M: Machine>(bytes: &[u8], start: usize, length: usize, bare: bool) -> Option<bool> {
    let kind = match length {
        0..=NEAR => near_kind::<M>(bytes, start, length, bare)?,
        _ => far_kind::<M>(bytes, start, length, bare)?,
    };
    Some(kind == Kind::Text)
}

/// How a value of more bytes is written.
#[inline(always)]
fn far_kind<M: Machine>(bytes: &[u8], start: usize, length: usize, bare: bool) -> Option<Kind> {
    match bare && is_json::<M>(bytes, start, length) {
        true => Some(Kind::Json),
        false => is_copied::<M>(bytes, start, length).then_some(Kind::Text),
    }
}

/// Whether the first `length` bytes, at most [`NEAR`], are JSON as they stand; `masks` are those of the bytes.
#[inline(always)]
pub(super) fn is_near_json(masks: &ValueMasks, window: &[u8; NEAR], length: usize) -> bool {
    let inside = ((1_u64 << (length % 64)) - 1) as u32;
    if is_plain_number(masks, inside, window[0], window[1]) {
        return true;
    }
    let may_be = match window[0] {
        // The first byte that is neither digit nor dot can only be that of an exponent.
        b'0'..=b'9' => {
            let others = !(masks.digits | masks.dots) & inside;
            let other = window.get(others.trailing_zeros() as usize).copied();
            others == 0 || matches!(other, Some(b'e' | b'E'))
        }
        b'-' | b't' | b'f' | b'n' => true,
        _ => false,
    };
    may_be && is_bare_json(window.get(..length).unwrap_or_default())
}

/// Whether all that `inside` says of a value is digits, with at most one dot among them, so few that the number goes into
/// JSON as it stands. Others may be such, too.
#[inline(always)]
fn is_plain_number(masks: &ValueMasks, inside: u32, first: u8, second: u8) -> bool {
    let dots = masks.dots & inside;
    let ends = (inside & 1) | (inside & !(inside >> 1));
    inside != 0
        && inside <= 0x1_FFFF
        && (masks.digits | dots) & inside == inside
        && dots & dots.wrapping_sub(1) == 0
        && masks.digits & ends == ends
        && (first != b'0' || inside == 1 || second == b'.')
}

/// Whether a bare word is JSON as it stands.
#[inline(always)]
pub(super) fn is_json<M: Machine>(bytes: &[u8], start: usize, length: usize) -> bool {
    let Some(window) = bytes.get(start..).and_then(|rest| rest.first_chunk::<NEAR>()) else { return false };
    match window[0] {
        _ if length == 0 => false,
        b'1'..=b'9' if length <= 17 && M::digits(window).trailing_ones() as usize >= length => true,
        b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => is_bare_json(bytes.get(start..start + length).unwrap_or_default()),
        _ => false,
    }
}

/// Whether a text goes into JSON as it stands.
#[inline(always)]
pub(super) fn is_copied<M: Machine>(bytes: &[u8], mut start: usize, mut length: usize) -> bool {
    while let Some(window) = bytes.get(start..).and_then(|rest| rest.first_chunk::<NEAR>()) {
        let clean = M::value(window, 1).ends.trailing_zeros() as usize;
        if clean >= length.min(NEAR) {
            if length <= NEAR {
                return true;
            }
            start += NEAR;
            length -= NEAR;
            continue;
        }
        return false;
    }
    false
}

/// Where a text ends that may go on as it stands: at the first byte that is a quote, a backslash or odd.
#[inline(always)]
pub(super) fn copied_end<M: Machine>(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let ends = M::value(bytes.get(at..)?.first_chunk()?, 1).ends;
        if ends != 0 {
            return Some(at + ends.trailing_zeros() as usize);
        }
        at += NEAR;
    }
}
