//! What a worker writes, by place: bytes that do not count yet are written over by what follows.
//!
//! Owns the room there is; refuses to know what is written.

use crate::fast::masks::MARGIN;

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
    pub fn len(&self) -> usize {
        self.length
    }

    /// Takes back all but `length` bytes.
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
        if self.length + more + MARGIN > self.bytes.len() {
            self.grow(more);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) {
        let wanted = (self.length + more + MARGIN).max(self.bytes.len() * 2).max(4 << 10);
        filter::grow(&mut self.bytes, wanted);
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
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = count;
        loop {
            at -= 1;
            if let Some(digit) = digits.get_mut(at) {
                *digit = b'0' + (rest % 10) as u8;
            }
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.copy_all(digits.get(at..).unwrap_or_default());
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
