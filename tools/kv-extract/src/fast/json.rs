//! The members of a JSON object on one line, each looked at once.
//!
//! Owns the strict grammar of what it takes (RFC 8259): members of scalars, lists and objects without blanks that must
//! be taken out. The strict reader of `schema` is its oracle and takes all the rest: escapes that are written another
//! way, keys that stand twice, keys with escapes, deep nesting, and whatever is wrong.

use crate::fast::cpu::Machine;
use crate::fast::fields::{Kind, Road};
use crate::fast::kinds::copied_end;
use crate::fast::masks::NEAR;

/// How deep values may nest here.
const DEEPEST: usize = 8;
/// How many members an object in a value may have here.
const MEMBERS: usize = 16;

impl Road {
    /// Takes the members of the line's object; false where the strict reader must look.
    #[inline(always)]
    pub(super) fn json<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(b'\n');
        let mut at = start;
        if byte(at) != b'{' {
            return false;
        }
        at += 1;
        if byte(at) == b'}' {
            return at + 1 == end;
        }
        loop {
            if byte(at) == b' ' {
                at += 1;
            }
            if byte(at) != b'"' {
                return false;
            }
            let key = at + 1;
            let Some(near) = bytes.get(key..).and_then(|rest| rest.first_chunk()) else { return false };
            let length = M::value(near, 1).ends.trailing_zeros() as usize;
            let close = key + length;
            if length == NEAR || byte(close) != b'"' || byte(close + 1) != b':' {
                return false;
            }
            let Some(slot) = self.meet::<M>(bytes, (key, close)) else { return false };
            at = close + 2;
            if byte(at) == b' ' {
                at += 1;
            }
            let value = at;
            let kind = match byte(at) {
                b'"' => {
                    let Some(quote) = copied_end::<M>(bytes, at + 1) else { return false };
                    at = quote + 1;
                    if byte(quote) == b'"' {
                        if !self.push_found(slot, bytes, (value + 1, quote - value - 1), Kind::Text) {
                            return false;
                        }
                        None
                    } else {
                        let Some(past) = odd_text(bytes, value, quote, end) else { return false };
                        at = past;
                        if !self.wishes.is_plain {
                            return false;
                        }
                        let from = self.scratch.len();
                        self.scratch.extend_from_slice(bytes.get(value..past).unwrap_or_default());
                        if !self.push(slot, from, past - value, Kind::Made) {
                            return false;
                        }
                        None
                    }
                }
                _ => {
                    let Some(past) = scalar::<M>(bytes, at).or_else(|| nested::<M>(bytes, at, end, 0)) else {
                        return false;
                    };
                    at = past;
                    Some(Kind::Json)
                }
            };
            if let Some(kind) = kind
                && !self.push_found(slot, bytes, (value, at - value), kind)
            {
                return false;
            }
            match byte(at) {
                b',' => at += 1,
                b'}' => return at + 1 == end,
                _ => return false,
            }
        }
    }
}

/// Behind the number or word at `at`.
#[inline(always)]
fn scalar<M: Machine>(bytes: &[u8], at: usize) -> Option<usize> {
    let near: &[u8; NEAR] = bytes.get(at..)?.first_chunk()?;
    match near[0] {
        b'-' | b'0'..=b'9' => number::<M>(bytes, near, at),
        b't' => near.starts_with(b"true").then_some(at + 4),
        b'f' => near.starts_with(b"false").then_some(at + 5),
        b'n' => near.starts_with(b"null").then_some(at + 4),
        _ => None,
    }
}

/// Behind the number at `at`, in JSON's grammar; what comes behind it is the caller's to look at.
#[inline(always)]
fn number<M: Machine>(bytes: &[u8], near: &[u8; NEAR], at: usize) -> Option<usize> {
    let digits = M::digits(near);
    let sign = usize::from(near[0] == b'-');
    let whole = (!(digits >> sign)).trailing_zeros() as usize;
    if whole == 0 || sign + whole >= NEAR - 1 || (whole > 1 && near[sign] == b'0') {
        return None;
    }
    let mut length = sign + whole;
    if near[length] == b'.' {
        let places = (!(digits >> (length + 1))).trailing_zeros() as usize;
        if places == 0 || length + 1 + places >= NEAR {
            return None;
        }
        length += 1 + places;
    }
    let behind = bytes.get(at + length)?;
    // An exponent is the strict reader's.
    (!matches!(behind, b'e' | b'E' | b'.' | b'-' | b'+' | b'0'..=b'9')).then_some(at + length)
}

/// Behind the text that opens at `open` and has something odd at `odd`: where it is written back as it stands.
#[cold]
#[inline(never)]
fn odd_text(bytes: &[u8], open: usize, odd: usize, end: usize) -> Option<usize> {
    let mut at = odd;
    loop {
        match bytes.get(at..end)? {
            [b'"', ..] => break,
            // Those that are written as they were read.
            [b'\\', b'"' | b'\\' | b'n' | b'r' | b't' | b'b' | b'f', ..] => at += 2,
            [b' '..=0x5B | 0x5D..=0xFF, ..] => at += 1,
            _ => return None,
        }
    }
    std::str::from_utf8(bytes.get(open..at)?).is_ok().then_some(at + 1)
}

/// Behind the list or object at `at`, if it is written back as it stands.
#[inline(never)]
fn nested<M: Machine>(bytes: &[u8], at: usize, end: usize, depth: usize) -> Option<usize> {
    let open = *bytes.get(at)?;
    if depth == DEEPEST || !matches!(open, b'{' | b'[') {
        return None;
    }
    let close = open + 2;
    let mut at = at + 1;
    if bytes.get(at) == Some(&close) {
        return Some(at + 1);
    }
    let mut keys = [(0, 0); MEMBERS];
    let mut count = 0;
    loop {
        if open == b'{' {
            if bytes.get(at) != Some(&b'"') {
                return None;
            }
            let past = copied_end::<M>(bytes, at + 1)?;
            if bytes.get(past..past + 2) != Some(b"\":") || past >= end {
                return None;
            }
            let key = bytes.get(at..past)?;
            if keys.iter().take(count).any(|&(from, to)| bytes.get(from..to) == Some(key)) {
                return None;
            }
            *keys.get_mut(count)? = (at, past);
            count += 1;
            at = past + 2;
        }
        at = match bytes.get(at)? {
            b'"' => {
                let past = copied_end::<M>(bytes, at + 1)?;
                if bytes.get(past) == Some(&b'"') { past + 1 } else { odd_text(bytes, at, past, end)? }
            }
            b'{' | b'[' => nested::<M>(bytes, at, end, depth + 1)?,
            _ => scalar::<M>(bytes, at)?,
        };
        match bytes.get(at)? {
            b',' => at += 1,
            &byte if byte == close => return Some(at + 1),
            _ => return None,
        }
    }
}
