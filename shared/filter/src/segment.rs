//! A segment: the lines from one seal to the next, counted and digested.
//!
//! Owns the digest (XXH3 of 128 bits) and its hexadecimal text; refuses to know what a line is. It is a checksum, which
//! tells accidents and no forger: whoever can write a stream can write its seal.

use std::fmt;

use twox_hash::XxHash3_128;

/// The bytes of a segment that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// How many, newlines in.
    pub bytes: u64,
    /// Their XXH3; `None` where they were not digested, since the file had no seal at its end when it was opened.
    pub digest: Option<u128>,
}

/// A segment that is still being read or written.
#[derive(Default)]
pub struct Digesting {
    bytes: u64,
    off: bool,
    /// Absent until the first byte: most runs see no seal at all.
    state: Option<Box<XxHash3_128>>,
}

impl Digesting {
    /// Counts bytes only: where no seal will be held against them.
    pub fn only_counting() -> Digesting {
        Digesting { off: true, ..Digesting::default() }
    }

    /// The next bytes of the segment.
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        if !self.off && !bytes.is_empty() {
            self.state.get_or_insert_with(|| Box::new(XxHash3_128::new())).write(bytes);
        }
    }

    /// The segment so far; the next one begins.
    pub fn end(&mut self) -> Segment {
        let bytes = std::mem::take(&mut self.bytes);
        let state = self.state.take();
        let digest = (!self.off).then(|| state.map_or_else(|| xxh3(b""), |state| state.finish_128()));
        Segment { bytes, digest }
    }
}

impl fmt::Debug for Digesting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Digesting").field("bytes", &self.bytes).field("off", &self.off).finish()
    }
}

/// XXH3 of 128 bits, without a seed.
pub(crate) fn xxh3(bytes: &[u8]) -> u128 {
    XxHash3_128::oneshot(bytes)
}

/// A digest as a seal carries it: 32 lower-case hexadecimal digits, as `xxhsum -H2` prints them.
pub(crate) fn hex(digest: u128) -> String {
    format!("{digest:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_xxh3_however_it_is_cut() {
        // As xxhsum 0.8 -H2 prints them.
        for (text, digest) in [
            ("", "99aa06d3014798d86001c324468d497f"),
            ("a", "a96faf705af16834e6c632b61e964e1f"),
            ("abc", "06b05ab6733a618578af5f94892f3950"),
        ] {
            assert_eq!(hex(xxh3(text.as_bytes())), digest, "{text}");
        }
        let bytes: Vec<u8> = (0..5000u32).map(|number| (number * 7 % 251) as u8).collect();
        for cut in [0, 1, 16, 17, 128, 240, 241, 255, 256, 1023, 1024, 1025, 4999] {
            let mut digesting = Digesting::default();
            digesting.add(&bytes[..cut]);
            digesting.add(&bytes[cut..]);
            assert_eq!(digesting.end(), Segment { bytes: 5000, digest: Some(xxh3(&bytes)) }, "{cut}");
            assert_eq!(digesting.end(), Segment { bytes: 0, digest: Some(xxh3(b"")) });
        }
    }
}
