//! What a worker writes, by place: bytes that do not count yet are written over by what follows.
//!
//! Owns the room there is; refuses to know what is written.

use crate::fast::key_cache::Key;
use crate::fast::kinds::{Field, Kind};
use crate::fast::masks::{MARGIN, NEAR};

/// How many bytes a pair writes at once, those that do not count too.
const PAIR: usize = 128;

/// Output that is written by place: what lies behind `length` is not there yet.
#[derive(Debug, Default)]
pub struct Output {
    pub(crate) bytes: Vec<u8>,
    pub(crate) length: usize,
}

impl Output {
    /// What was written.
    pub fn written(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Forgets what was written.
    pub fn clear(&mut self) {
        self.length = 0;
    }

    /// How much was written.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Takes back all but `length` bytes.
    #[inline(always)]
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// Gives memory back that one odd block took.
    pub fn shrink(&mut self, limit: usize) {
        if self.length == 0 && self.bytes.len() > limit {
            self.bytes = Vec::new();
        }
    }

    /// Appends bytes of any length.
    pub fn append(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        if let Some(place) = self.bytes.get_mut(self.length..self.length + bytes.len()) {
            place.copy_from_slice(bytes);
            self.length += bytes.len();
        }
    }

    /// Makes room for `more` bytes and a margin.
    #[inline(always)]
    pub fn reserve(&mut self, more: usize) {
        if self.length.wrapping_add(more).wrapping_add(MARGIN) > self.bytes.len() {
            self.grow(more);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) {
        let wanted = (self.length + more + MARGIN).max(self.bytes.len() * 2).max(4 << 10);
        filter::grow(&mut self.bytes, wanted);
    }

    /// Appends a key, and a value of `from` at this place and of this length as it stands, between quotes where it is a text.
    /// There must be room for it, and a margin.
    #[inline(always)]
    pub fn pair(&mut self, key: &Key, from: &[u8], (at, length): (usize, usize), is_text: bool) {
        let Some(place) = self.bytes.get_mut(self.length..) else { return };
        self.length = self.length.wrapping_add(pair(place, key, from, (at, length), is_text).unwrap_or(0));
    }

    /// Appends a field, whatever its kind. There must be room for it, and a margin.
    #[inline(always)]
    pub(super) fn field(&mut self, key: &Key, from: &[u8], made: &[u8], field: Field) {
        let (at, length) = (field.start as usize, field.length as usize);
        match field.kind {
            Kind::Json | Kind::Text => self.pair(key, from, (at, length), field.kind == Kind::Text),
            Kind::Made | Kind::Null => {
                self.append(key.written.get(..usize::from(key.opens)).unwrap_or_default());
                let value = if field.kind == Kind::Null { Some(&b"null"[..]) } else { made.get(at..at + length) };
                self.append(value.unwrap_or_default());
            }
        }
    }

    /// Closes the record that begins at `first`: each of its pairs wrote a comma before it.
    #[inline(always)]
    pub fn close(&mut self, first: usize) {
        self.reserve(2);
        if let Some(end) = self.bytes.get_mut(self.length..self.length.wrapping_add(2)) {
            end.copy_from_slice(b"}\n");
        }
        self.length = self.length.wrapping_add(2);
        if let Some(comma) = self.bytes.get_mut(first) {
            *comma = b'{';
        }
    }

    /// A pen at the end, where there is room for `more` bytes.
    #[inline(always)]
    pub fn pen(&mut self, more: usize) -> Pen<'_> {
        self.reserve(more);
        Pen { at: self.length, bytes: &mut self.bytes }
    }
}

/// Writes by place, without looking after room: its place is a register, where an `Output`'s is memory.
pub struct Pen<'a> {
    bytes: &'a mut [u8],
    /// Where it stands.
    pub at: usize,
}

impl Pen<'_> {
    /// Writes `N` bytes of which only the first `length` count.
    #[inline(always)]
    pub fn put<const N: usize>(&mut self, bytes: [u8; N], length: usize) {
        if let Some(place) = self.bytes.get_mut(self.at..).and_then(|rest| rest.first_chunk_mut::<N>()) {
            *place = bytes;
        }
        self.at = self.at.wrapping_add(length);
    }

    /// Copies `length` bytes of `from` at `at`; reads and writes up to 31 bytes more, which do not count.
    #[inline(always)]
    pub fn copy(&mut self, from: &[u8], at: usize, length: usize) {
        if let Some(source) = from.get(at..).and_then(|rest| rest.first_chunk::<32>()) {
            self.put(*source, length.min(32));
        }
        if length > 32 {
            self.copy_rest(from, at + 32, length - 32);
        }
    }

    /// Copies all of `from`.
    pub fn copy_all(&mut self, from: &[u8]) {
        if let Some(place) = self.bytes.get_mut(self.at..self.at + from.len()) {
            place.copy_from_slice(from);
        }
        self.at += from.len();
    }

    /// Writes a count in decimal digits.
    pub fn count(&mut self, count: u64) {
        const EIGHT: u64 = 100_000_000;
        if count >= EIGHT {
            self.count(count / EIGHT);
            self.put(eight((count % EIGHT) as u32), 8);
            return;
        }
        let digits = eight(count as u32);
        // The zeros before the first digit do not count, but for one that stands alone.
        let zeros = (u64::from_le_bytes(digits) ^ 0x3030_3030_3030_3030 | 1 << 56).trailing_zeros() / 8;
        let digits = u64::from_le_bytes(digits) >> (8 * zeros);
        self.put(digits.to_le_bytes(), 8 - zeros as usize);
    }

    #[inline(never)]
    fn copy_rest(&mut self, from: &[u8], at: usize, length: usize) {
        let place = self.bytes.get_mut(self.at..self.at + length);
        if let (Some(place), Some(source)) = (place, from.get(at..at + length)) {
            place.copy_from_slice(source);
        }
        self.at += length;
    }
}

/// Writes a key and a value as [`Output::pair`] does; how many bytes of it count. `None` where there is no room.
#[inline(always)]
pub fn pair(place: &mut [u8], key: &Key, from: &[u8], (at, length): (usize, usize), is_text: bool) -> Option<usize> {
    if length > NEAR {
        return long_pair(place, key, from.get(at..at.wrapping_add(length))?, is_text);
    }
    let room = place.first_chunk_mut::<PAIR>()?;
    let value = from.get(at..)?.first_chunk::<NEAR>()?;
    // What does not count is written over by what follows.
    let opens = usize::from(key.opens % 64) + usize::from(is_text);
    put(room, 0, &key.written);
    put(room, opens, value);
    let end = opens.wrapping_add(length % 64);
    put(room, end, b"\"");
    Some(end.wrapping_add(usize::from(is_text)))
}

#[inline(never)]
fn long_pair(place: &mut [u8], key: &Key, value: &[u8], is_text: bool) -> Option<usize> {
    let opens = usize::from(key.opens) + usize::from(is_text);
    place.get_mut(..opens)?.copy_from_slice(key.written.get(..opens)?);
    let end = opens + value.len();
    place.get_mut(opens..end)?.copy_from_slice(value);
    *place.get_mut(end)? = b'"';
    Some(end + usize::from(is_text))
}

#[inline(always)]
fn put<const N: usize>(out: &mut [u8; PAIR], at: usize, bytes: &[u8; N]) {
    if let Some(place) = out.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        *place = *bytes;
    }
}

/// The eight decimal digits of a number below 10^8: two fours, four twos and eight ones at once.
fn eight(number: u32) -> [u8; 8] {
    let fours = u64::from(number / 10_000) | u64::from(number % 10_000) << 32;
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let twos = hundreds | (fours - hundreds * 100) << 16;
    let tens = ((twos * 103) >> 10) & 0x000F_000F_000F_000F;
    let ones = tens | (twos - tens * 10) << 8;
    (ones | 0x3030_3030_3030_3030).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_written_in_decimal() {
        let mut output = Output::default();
        let near = (0..20).flat_map(|power| [0, 1, 2].map(|step| (10_u64.pow(power) + step).wrapping_sub(1)));
        let spread = (0..200_000_u64).map(|step| step.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (step % 64));
        for count in near.chain(spread).chain((0..100_000).chain([u64::MAX])) {
            output.clear();
            let mut pen = output.pen(64);
            pen.count(count);
            output.length = pen.at;
            assert_eq!(output.written(), count.to_string().as_bytes());
        }
    }
}
