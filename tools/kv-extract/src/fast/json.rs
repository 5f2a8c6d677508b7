//! The members of a JSON object on one line, each looked at once.
//!
//! Owns the strict grammar of what it takes (RFC 8259): members of scalars, lists and objects without blanks that must
//! be taken out. The strict reader of `schema` is its oracle and takes all the rest: escapes that are written another
//! way, keys that stand twice, keys with escapes, deep nesting, and whatever is wrong.

use crate::fast::cpu::Machine;
use crate::fast::fields::Road;
use crate::fast::key_cache::LINE;
use crate::fast::kinds::Kind;
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
        if byte(start) != b'{' {
            return false;
        }
        let mut at = start + 1;
        if byte(at) == b'}' {
            return at + 1 == end;
        }
        // Members that are written as they stand, from the comma or brace before the first of them on: they are copied at
        // once.
        let mut copied = (start, start);
        let mut last = LINE;
        loop {
            let before = at.wrapping_sub(1);
            let is_padded = byte(at) == b' ';
            at = at.wrapping_add(usize::from(is_padded));
            let Some(near) = bytes.get(at..).and_then(|rest| rest.first_chunk()) else { return false };
            let (slot, mut value) = match self.keys.next_member::<M>(last, near) {
                Some((slot, length)) => (slot, at.wrapping_add(length)),
                None => {
                    let Some((slot, value)) = self.member::<M>(bytes, at, last) else { return false };
                    (slot, value)
                }
            };
            last = slot;
            let is_padded = is_padded | (byte(value) == b' ');
            value = value.wrapping_add(usize::from(byte(value) == b' '));
            let (kind, from, to) = match byte(value) {
                b'"' => {
                    let Some(quote) = copied_end::<M>(bytes, value + 1) else { return false };
                    if byte(quote) == b'"' {
                        at = quote + 1;
                        (Kind::Text, value + 1, quote)
                    } else {
                        let Some(past) = odd_text(bytes, value, quote, end) else { return false };
                        if !self.wishes.is_plain {
                            return false;
                        }
                        at = past;
                        (Kind::Made, value, past)
                    }
                }
                _ => {
                    at = match scalar::<M>(bytes, value) {
                        Some(past) => past,
                        None => {
                            let Some(past) = nested::<M>(bytes, value, end, 0) else { return false };
                            past
                        }
                    };
                    let past = at;
                    (Kind::Json, value, past)
                }
            };
            let about = self.keys.at(slot).about;
            if !about.is_looked_at {
                self.having |= about.having;
                self.passed = self.passed.wrapping_add(1);
            } else if self.writes && about.is_simple && !is_padded {
                self.count = self.count.wrapping_add(1);
                self.kept = true;
                if copied.1 != before {
                    self.copy(bytes, copied);
                    copied.0 = before;
                }
                copied.1 = at;
            } else {
                self.copy(bytes, copied);
                copied = (at, at);
                let is_taken = if kind == Kind::Made {
                    let start = self.scratch.len();
                    self.scratch.extend_from_slice(bytes.get(from..to).unwrap_or_default());
                    self.push_made(slot, start)
                } else {
                    self.push_found(slot, bytes, (from, to.wrapping_sub(from)), kind)
                };
                if !is_taken {
                    return false;
                }
            }
            match byte(at) {
                b',' => at += 1,
                b'}' => {
                    self.copy(bytes, copied);
                    return at + 1 == end;
                }
                _ => return false,
            }
        }
    }

    /// Copies members as they stand.
    #[inline(always)]
    fn copy(&mut self, bytes: &[u8], (from, to): (usize, usize)) {
        if from < to {
            self.out.append(bytes.get(from..to).unwrap_or_default());
        }
    }

    /// The place of the key of the member at `at`, which no guess was right about, and where its value begins.
    #[inline(never)]
    fn member<M: Machine>(&mut self, bytes: &[u8], at: usize, last: usize) -> Option<(usize, usize)> {
        if bytes.get(at) != Some(&b'"') {
            return None;
        }
        let key = at + 1;
        let length = M::value(bytes.get(key..)?.first_chunk()?, 1).ends.trailing_zeros() as usize;
        let close = key + length;
        if length == NEAR || bytes.get(close..close + 2) != Some(b"\":") {
            return None;
        }
        let slot = self.meet::<M>(bytes, (key, close))?;
        self.keys.follows(last, slot);
        Some((slot, close + 2))
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
