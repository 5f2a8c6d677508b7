//! The choice of machine code at run time: AVX2 where the processor has it, else what every machine can run.
//!
//! Holds the only `unsafe` of this crate: calling code that was compiled for more than the oldest x86-64, after the
//! processor was asked. Refuses to know the grammar.
#![expect(unsafe_code, reason = "a function compiled for AVX2 may be called only after the processor was asked")]

use crate::masks::{Masks, portable};

/// Makes the masks of 64 bytes.
pub trait Machine {
    /// The masks of `block`.
    fn masks(block: &[u8; 64]) -> Masks;
}

/// What every machine can run.
pub struct Portable;

impl Machine for Portable {
    #[inline(always)]
    fn masks(block: &[u8; 64]) -> Masks {
        portable(block)
    }
}

/// Work that is the same on every machine, but for the masks.
pub trait Work {
    /// Does it. Must be inlined, so that all of it is compiled for the machine it runs on.
    fn run<M: Machine>(self);
}

/// Which machine code to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Only [`Choice::fastest`] makes this true.
    avx2: bool,
}

impl Choice {
    /// What every machine can run.
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests force it"))]
    pub const PORTABLE: Choice = Choice { avx2: false };

    /// The fastest this processor has.
    pub fn fastest() -> Choice {
        #[cfg(target_arch = "x86_64")]
        return Choice { avx2: x86::is_there() };
        #[cfg(not(target_arch = "x86_64"))]
        return Choice { avx2: false };
    }

    /// Whether it is more than the portable form.
    pub fn is_fast(self) -> bool {
        self.avx2
    }
}

/// Does `work` with the machine code of `choice`.
#[inline]
pub fn run(choice: Choice, work: impl Work) {
    #[cfg(target_arch = "x86_64")]
    if choice.avx2 {
        // SAFETY: `fastest` asked the processor for every feature that `x86::run` is compiled for.
        return unsafe { x86::run(work) };
    }
    work.run::<Portable>();
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Machine, Work};
    use crate::masks::Masks;

    pub fn is_there() -> bool {
        is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt")
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub fn run(work: impl Work) {
        work.run::<Avx2>();
    }

    struct Avx2;

    impl Machine for Avx2 {
        #[inline(always)]
        fn masks(block: &[u8; 64]) -> Masks {
            // SAFETY: only `run` above names this type, and it is compiled for the same features.
            unsafe { masks(block) }
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn masks(block: &[u8; 64]) -> Masks {
        let pointer = block.as_ptr();
        // SAFETY: the block has 64 bytes, so both loads of 32 lie within it; they need no alignment.
        let (low, high) = unsafe { (_mm256_loadu_si256(pointer.cast()), _mm256_loadu_si256(pointer.add(32).cast())) };
        let (low, high) = (half(low), half(high));
        let join = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        Masks {
            sign: join(low[0], high[0]),
            newline: join(low[1], high[1]),
            blank: join(low[2], high[2]),
            quote: join(low[3], high[3]),
            special: join(low[4], high[4]),
            not_key: join(low[5], high[5]),
            not_digit: join(low[6], high[6]),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn half(bytes: __m256i) -> [u32; 7] {
        let all = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
        let is = |byte: u8| _mm256_cmpeq_epi8(bytes, all(byte));
        // There is no unsigned comparison: a byte is at most n where it is the smaller of the two.
        let at_most = |bytes: __m256i, limit: u8| _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, all(limit)), bytes);
        let mask = |vector: __m256i| {
            let mut mask = _mm256_movemask_epi8(vector).cast_unsigned();
            // SAFETY: no instruction at all. It hides where the mask is from: the compiler would else join masks as
            // vectors again, bit by bit, with 64 inserts.
            unsafe { std::arch::asm!("/* {0:e} */", inout(reg) mask, options(pure, nomem, nostack, preserves_flags)) };
            mask
        };
        let newline = is(b'\n');
        let escape = _mm256_or_si256(is(b'"'), is(b'\\'));
        // A byte above 0x7F has its highest bit set, which is the one that movemask takes.
        let special = _mm256_or_si256(_mm256_or_si256(at_most(bytes, 0x1F), bytes), escape);
        let digit = at_most(_mm256_sub_epi8(bytes, all(b'0')), 9);
        let blank = mask(at_most(bytes, b' '));
        let quote = mask(_mm256_or_si256(escape, newline));
        [mask(is(b'=')), mask(newline), blank, quote, mask(special), !mask(key(bytes)), !mask(digit)]
    }

    /// Key bytes by nibbles: a bit for each row of ASCII that holds some, looked up for both halves of the byte.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn key(bytes: __m256i) -> __m256i {
        // Rows 2: # $ % - . /   3: 0-9   4, 6: @ A-O, a-o   5, 7: P-Z _, p-z. Row 6 has no 0x60, row 7 no 0x7F.
        const TWO: i8 = 1;
        const THREE: i8 = 2;
        const FOUR: i8 = 4;
        const FIVE: i8 = 8;
        const SIX: i8 = 16;
        const SEVEN: i8 = 32;
        const ALL: i8 = FOUR | FIVE | SIX | SEVEN;
        let rows = _mm256_setr_epi8(
            0, 0, TWO, THREE, FOUR, FIVE, SIX, SEVEN, 0, 0, 0, 0, 0, 0, 0, 0, //
            0, 0, TWO, THREE, FOUR, FIVE, SIX, SEVEN, 0, 0, 0, 0, 0, 0, 0, 0,
        );
        let columns = _mm256_setr_epi8(
            THREE | FOUR | FIVE | SEVEN,
            THREE | ALL,
            THREE | ALL,
            TWO | THREE | ALL,
            TWO | THREE | ALL,
            TWO | THREE | ALL,
            THREE | ALL,
            THREE | ALL,
            THREE | ALL,
            THREE | ALL,
            ALL,
            FOUR | SIX,
            FOUR | SIX,
            TWO | FOUR | SIX,
            TWO | FOUR | SIX,
            TWO | FOUR | FIVE | SIX,
            THREE | FOUR | FIVE | SEVEN,
            THREE | ALL,
            THREE | ALL,
            TWO | THREE | ALL,
            TWO | THREE | ALL,
            TWO | THREE | ALL,
            THREE | ALL,
            THREE | ALL,
            THREE | ALL,
            THREE | ALL,
            ALL,
            FOUR | SIX,
            FOUR | SIX,
            TWO | FOUR | SIX,
            TWO | FOUR | SIX,
            TWO | FOUR | FIVE | SIX,
        );
        let low = _mm256_set1_epi8(0x0F);
        let column = _mm256_shuffle_epi8(columns, _mm256_and_si256(bytes, low));
        let row = _mm256_shuffle_epi8(rows, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), low));
        let both = _mm256_and_si256(column, row);
        // Not zero where row and column share a bit; all bits are below 128, so this comparison is a signed one.
        _mm256_cmpgt_epi8(both, _mm256_setzero_si256())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Collect<'a>(&'a [u8; 64], &'a mut Masks);

    impl Work for Collect<'_> {
        #[inline(always)]
        fn run<M: Machine>(self) {
            *self.1 = M::masks(self.0);
        }
    }

    #[test]
    fn the_fastest_masks_are_the_portable_ones() {
        for byte in 0..=255_u8 {
            for at in [0, 1, 31, 32, 63] {
                for filler in [b' ', b'a', 0x80, b'='] {
                    let mut block = [filler; 64];
                    block[at] = byte;
                    let mut fastest = Masks::default();
                    run(Choice::fastest(), Collect(&block, &mut fastest));
                    let mut plain = Masks::default();
                    run(Choice::PORTABLE, Collect(&block, &mut plain));
                    assert_eq!(fastest, plain, "byte {byte} at {at} in {filler}");
                }
            }
        }
    }
}
