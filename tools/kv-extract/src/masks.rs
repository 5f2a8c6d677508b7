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
    /// `"`, `\`, control characters and bytes above 0x7F: what cannot be copied into JSON without a look.
    pub special: u64,
    /// Not one of the ASCII bytes that a key may hold.
    pub not_key: u64,
    /// Not a digit.
    pub not_digit: u64,
}

impl Masks {
    /// What lies behind the bytes.
    const ALL: Masks = Masks { sign: 0, newline: !0, blank: !0, quote: !0, special: !0, not_key: !0, not_digit: !0 };
}

/// One of the masks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// See [`Masks::sign`].
    Sign,
    /// See [`Masks::newline`].
    Newline,
    /// See [`Masks::blank`].
    Blank,
    /// See [`Masks::quote`].
    Quote,
    /// See [`Masks::special`].
    Special,
    /// See [`Masks::not_key`].
    NotKey,
    /// See [`Masks::not_digit`].
    NotDigit,
}

/// How many bytes can be turned into masks at once: the masks stay in the nearest cache.
pub const STRETCH: usize = 16 << 10;
/// How many bits a [`Window`] has for sure.
pub const WINDOW: usize = 56;
/// Bytes before the first and behind the last bits of a lane.
const MARGIN: usize = 8;
/// How many bytes a lane has.
const LANE: usize = MARGIN + STRETCH / 8 + 2 * MARGIN;

/// The masks of a stretch of bytes, one behind the other.
///
/// Each kind has a lane of its own, so that 56 bits from anywhere on are one load and one shift.
#[derive(Clone, Debug)]
pub struct Bits([[u8; LANE]; 7]);

impl Default for Bits {
    fn default() -> Self {
        let mut lanes = [[0xFF; LANE]; 7];
        lanes[Which::Sign as usize] = [0; LANE];
        Bits(lanes)
    }
}

impl Bits {
    /// Takes the masks of the 64 bytes at `word` times 64.
    #[inline(always)]
    pub fn put(&mut self, word: usize, masks: &Masks) {
        self.put_one(word, Which::Sign, masks.sign);
        self.put_one(word, Which::Newline, masks.newline);
        self.put_one(word, Which::Blank, masks.blank);
        self.put_one(word, Which::Quote, masks.quote);
        self.put_one(word, Which::Special, masks.special);
        self.put_one(word, Which::NotKey, masks.not_key);
        self.put_one(word, Which::NotDigit, masks.not_digit);
    }

    /// Says that there are `words` masks and no more: behind them all bits but those of signs are set.
    #[inline(always)]
    pub fn end(&mut self, words: usize) {
        for word in [words, words + 1] {
            self.put(word, &Masks::ALL);
        }
    }

    #[inline(always)]
    fn put_one(&mut self, word: usize, which: Which, mask: u64) {
        let place = self.0[which as usize].get_mut(MARGIN + 8 * word..).and_then(|rest| rest.first_chunk_mut());
        if let Some(place) = place {
            *place = mask.to_le_bytes();
        }
    }

    /// The mask at `word`.
    #[inline(always)]
    pub fn word(&self, word: usize, which: Which) -> u64 {
        self.eight(MARGIN + 8 * word, which)
    }

    #[inline(always)]
    fn eight(&self, place: usize, which: Which) -> u64 {
        let bytes = self.0[which as usize].get(place..).and_then(|rest| rest.first_chunk());
        bytes.map_or(!0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// A place from which eight bytes can be read: far behind the end all bits are the same.
    #[inline(always)]
    fn place(at: usize) -> usize {
        (at / 8).min(LANE - 8 - MARGIN) + MARGIN
    }

    /// What the bytes from `at` on are.
    #[inline(always)]
    pub fn window(&self, at: usize) -> Window<'_> {
        Window { bits: self, place: Bits::place(at), bit: at % 8 }
    }

    /// The [`WINDOW`] bits before `at`, the one before it highest, zeros behind them.
    #[inline(always)]
    pub fn before(&self, at: usize, which: Which) -> u64 {
        self.eight(Bits::place(at) - 7, which) << (8 - at % 8)
    }

    /// Whether a bit is set in the `length` bits from `at` on.
    #[inline(always)]
    pub fn any(&self, at: usize, length: usize, which: Which) -> bool {
        if length < WINDOW {
            self.window(at).get(which) & !(!0 << length) != 0
        } else {
            self.next(at, which) < at + length
        }
    }

    /// The first bit that is set from `at` on.
    #[inline(always)]
    pub fn next(&self, mut at: usize, which: Which) -> usize {
        // Ends at the ones behind the last word.
        loop {
            let bits = self.window(at).get(which);
            if bits != 0 {
                return at + bits.trailing_zeros() as usize;
            }
            at += WINDOW;
        }
    }
}

/// What at least [`WINDOW`] bytes are, the bits of the first one lowest.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    bits: &'a Bits,
    place: usize,
    bit: usize,
}

impl Window<'_> {
    /// One of the masks; zeros behind the window.
    #[inline(always)]
    pub fn get(self, which: Which) -> u64 {
        self.bits.eight(self.place, which) >> self.bit
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
        bits.put(0, &Masks { blank: 1 << 63 | 1, ..Masks::default() });
        bits.put(1, &Masks { blank: 1 << 5, ..Masks::default() });
        bits.end(2);
        let from = |at: usize| bits.window(at).get(Which::Blank) & !(!0 << WINDOW);
        assert_eq!(from(0), 1);
        assert_eq!(from(8), 1 << 55);
        assert_eq!(from(60), 1 << 3 | 1 << 9);
        let next = |at: usize| bits.next(at, Which::Blank);
        assert_eq!((next(1), next(64), next(70)), (63, 69, 128));
        let any = |at, length| bits.any(at, length, Which::Blank);
        assert!(any(64, 6) && !any(64, 5) && any(1, 69) && !any(1, 62));
        assert_eq!(bits.before(64, Which::Blank), 1 << 63);
        assert_eq!(bits.before(70, Which::Blank), 1 << 63 | 1 << 57);
        // Before the first byte all is set.
        assert_eq!(bits.before(0, Which::Blank), !0 << 8);
        assert_eq!(bits.before(2, Which::Blank), 1 << 62 | !0 << 8 >> 2);
    }
}
