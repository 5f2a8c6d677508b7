//! What 64 bytes are, as bit masks: bit n speaks of byte n.
//!
//! Owns the meaning of each mask and the portable way to make them; `machine.rs` makes the same ones faster.

/// The masks of 64 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Masks {
    /// `=`
    pub sign: u64,
    /// A newline.
    pub newline: u64,
    /// Any byte up to a blank, newlines in.
    pub blank: u64,
    /// `"`, `\` and newlines: what may end a quoted value.
    pub quote: u64,
    /// Control characters and bytes above 0x7F: what cannot be copied into JSON without a look.
    pub odd: u64,
    /// Not one of the ASCII bytes that a key may hold.
    pub not_key: u64,
    /// Not a digit.
    pub not_digit: u64,
}

/// One mask after the other for a stretch of bytes, with a word of ones on either side.
#[derive(Clone, Debug, Default)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// Makes room for `words` masks, and forgets what was there.
    pub fn prepare(&mut self, words: usize) {
        if self.0.len() < words + 3 {
            self.0.resize(words + 3, !0);
        }
        self.0[0] = !0;
        self.0[words + 1] = !0;
        self.0[words + 2] = !0;
    }

    /// Puts the mask of the 64 bytes at `word` times 64.
    #[inline(always)]
    pub fn put(&mut self, word: usize, mask: u64) {
        if let Some(place) = self.0.get_mut(word + 1) {
            *place = mask;
        }
    }

    /// The mask at `word`.
    #[inline(always)]
    pub fn word(&self, word: usize) -> u64 {
        self.0.get(word + 1).copied().unwrap_or(!0)
    }

    /// The 64 bits from `at` on, the bit of `at` lowest.
    #[inline(always)]
    pub fn from(&self, at: usize) -> u64 {
        let (word, bit) = (at / 64, at % 64);
        // Shifting twice keeps each shift below 64.
        self.word(word) >> bit | self.word(word + 1) << 1 << (63 - bit)
    }

    /// The 64 bits before `at`, the one before it highest.
    #[inline(always)]
    pub fn before(&self, at: usize) -> u64 {
        let (word, bit) = (at / 64, at % 64);
        // The word before the first one is ones: `0` is that one's place.
        let lower = self.0.get(word).copied().unwrap_or(!0);
        self.word(word) << 1 << (63 - bit) | lower >> bit
    }

    /// The first bit that is set from `at` on.
    #[inline(always)]
    pub fn next(&self, at: usize) -> usize {
        let bits = self.from(at);
        if bits != 0 { at + bits.trailing_zeros() as usize } else { self.next_far(at + 64) }
    }

    #[cold]
    fn next_far(&self, mut at: usize) -> usize {
        // Ends at the word of ones behind the last one.
        loop {
            let bits = self.from(at);
            if bits != 0 {
                return at + bits.trailing_zeros() as usize;
            }
            at += 64;
        }
    }
}

/// The same masks made byte by byte.
#[inline(always)]
pub fn portable(block: &[u8; 64]) -> Masks {
    let mut masks = Masks::default();
    for (at, &byte) in block.iter().enumerate() {
        let bit = |is: bool| u64::from(is) << at;
        masks.sign |= bit(byte == b'=');
        masks.newline |= bit(byte == b'\n');
        masks.blank |= bit(byte <= b' ');
        masks.quote |= bit(byte == b'"' || byte == b'\\' || byte == b'\n');
        masks.odd |= bit(!(b' '..=0x7F).contains(&byte));
        let is_key =
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/' | b'@' | b'#' | b'%' | b'$');
        masks.not_key |= bit(!is_key);
        masks.not_digit |= bit(!byte.is_ascii_digit());
    }
    masks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_across_words() {
        let mut bits = Bits::default();
        bits.prepare(2);
        bits.put(0, 1 << 63 | 1);
        bits.put(1, 1 << 5);
        assert_eq!(bits.from(0), 1 << 63 | 1);
        assert_eq!(bits.from(1), 1 << 62);
        assert_eq!(bits.from(60), 1 << 3 | 1 << 9);
        assert_eq!((bits.next(1), bits.next(64), bits.next(70)), (63, 69, 128));
        assert_eq!(bits.before(64), 1 << 63 | 1);
        assert_eq!(bits.before(70), 1 << 63 | 1 << 57);
        // Before the first byte all is set.
        assert_eq!(bits.before(0), !0);
        assert_eq!(bits.before(1), !0);
        assert_eq!(bits.before(2), !0 >> 2 | 1 << 62);
    }
}
