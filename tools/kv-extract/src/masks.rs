//! What 64 bytes are, as bit masks: bit n speaks of byte n.
//!
//! Owns the meaning of each mask and the portable way to make them; `machine.rs` makes the same ones faster.

/// The masks of 64 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(64))]
pub struct Masks {
    /// `=`
    pub sign: u64,
    /// A newline.
    pub newline: u64,
    /// Any byte up to a blank, newlines in.
    pub blank: u64,
    /// `"`, `\` and newlines: what may end a quoted value.
    pub quote: u64,
    /// `"`, `\`, control characters and bytes above 0x7F: what cannot be copied into JSON without a look.
    pub special: u64,
    /// Not one of the ASCII bytes that a key may hold.
    pub not_key: u64,
    /// Not a digit.
    pub not_digit: u64,
    /// Nothing: eight words are a cache line.
    pub spare: u64,
}

/// One of the masks.
pub type Which = fn(&Masks) -> u64;

impl Masks {
    /// All bits set: what lies before and behind the bytes.
    const ALL: Masks =
        Masks { sign: 0, newline: !0, blank: !0, quote: !0, special: !0, not_key: !0, not_digit: !0, spare: 0 };
}

/// The masks of a stretch of bytes, all of 64 bytes beside each other.
#[derive(Clone, Debug, Default)]
pub struct Bits(Vec<Masks>);

impl Bits {
    /// Makes room for the masks of `words` times 64 bytes.
    pub fn prepare(&mut self, words: usize) {
        if self.0.len() < words + 3 {
            self.0.resize(words + 3, Masks::ALL);
        }
        for place in [0, words + 1, words + 2] {
            if let Some(place) = self.0.get_mut(place) {
                *place = Masks::ALL;
            }
        }
    }

    /// The places of the masks, from the first one on.
    #[inline(always)]
    pub fn places(&mut self) -> &mut [Masks] {
        self.0.get_mut(1..).unwrap_or_default()
    }

    /// The masks at `word`.
    #[inline(always)]
    pub fn word(&self, word: usize) -> &Masks {
        self.0.get(word + 1).unwrap_or(&Masks::ALL)
    }

    /// The 64 bits from `at` on, the bit of `at` lowest.
    #[inline(always)]
    pub fn from(&self, at: usize, which: Which) -> u64 {
        let (word, bit) = (at / 64, at % 64);
        let Some([low, high]) = self.0.get(word + 1..).and_then(|rest| rest.first_chunk::<2>()) else { return !0 };
        // Shifting twice keeps each shift below 64.
        which(low) >> bit | which(high) << 1 << (63 - bit)
    }

    /// The 64 bits before `at`, the one before it highest.
    #[inline(always)]
    pub fn before(&self, at: usize, which: Which) -> u64 {
        let (word, bit) = (at / 64, at % 64);
        let Some([low, high]) = self.0.get(word..).and_then(|rest| rest.first_chunk::<2>()) else { return !0 };
        which(high) << 1 << (63 - bit) | which(low) >> bit
    }

    /// Whether a bit is set in the `length` bits from `at` on.
    #[inline(always)]
    pub fn any(&self, at: usize, length: usize, which: Which) -> bool {
        if length < 64 { self.from(at, which) & !(!0 << length) != 0 } else { self.next(at, which) < at + length }
    }

    /// The first bit that is set from `at` on.
    #[inline(always)]
    pub fn next(&self, at: usize, which: Which) -> usize {
        let bits = self.from(at, which);
        if bits != 0 { at + bits.trailing_zeros() as usize } else { self.next_far(at + 64, which) }
    }

    #[cold]
    #[inline(never)]
    fn next_far(&self, mut at: usize, which: Which) -> usize {
        // Ends at the ones behind the last word.
        loop {
            let bits = self.from(at, which);
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
        masks.special |= bit(!(b' '..=0x7F).contains(&byte) || byte == b'"' || byte == b'\\');
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
        bits.places()[0].blank = 1 << 63 | 1;
        bits.places()[1].blank = 1 << 5;
        let blank: Which = |masks| masks.blank;
        assert_eq!(bits.from(0, blank), 1 << 63 | 1);
        assert_eq!(bits.from(1, blank), 1 << 62);
        assert_eq!(bits.from(60, blank), 1 << 3 | 1 << 9);
        assert_eq!((bits.next(1, blank), bits.next(64, blank), bits.next(70, blank)), (63, 69, 128));
        assert!(bits.any(64, 6, blank) && !bits.any(64, 5, blank) && bits.any(1, 69, blank));
        assert_eq!(bits.before(64, blank), 1 << 63 | 1);
        assert_eq!(bits.before(70, blank), 1 << 63 | 1 << 57);
        // Before the first byte all is set.
        assert_eq!(bits.before(0, blank), !0);
        assert_eq!(bits.before(1, blank), !0);
        assert_eq!(bits.before(2, blank), !0 >> 2 | 1 << 62);
    }
}
