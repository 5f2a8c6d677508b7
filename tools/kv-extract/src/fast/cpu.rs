//! The choice of machine code at run time: AVX2 where the processor has it, else what every machine can run.
//!
//! Holds the only `unsafe` of this crate: calling code that was compiled for more than the oldest x86-64, after the
//! processor was asked. Refuses to know the grammar.
#![expect(unsafe_code, reason = "a function compiled for AVX2 may be called only after the processor was asked")]

use crate::fast::masks::{self, NEAR, ValueMasks};

/// Makes masks of bytes; `masks.rs` says what each means.
pub trait Machine {
    /// What the scanner stops at.
    fn events(block: &[u8; 64]) -> u64;
    /// Newlines.
    fn newlines(block: &[u8; 64]) -> u64;
    /// How many newlines there were in up to 64 blocks.
    type Newlines: Copy;
    /// None so far.
    const NONE: Self::Newlines;
    /// One block more.
    fn count_newlines(before: Self::Newlines, block: &[u8; 64]) -> Self::Newlines;
    /// Their number.
    fn total(newlines: Self::Newlines) -> u64;
    /// Where each of two blocks has the byte that goes with it.
    fn both(first: (&[u8; 64], u8), second: (&[u8; 64], u8)) -> u64;
    /// Whether bytes were seen in blocks.
    type Seen: Copy;
    /// None so far.
    const UNSEEN: Self::Seen;
    /// One block more in which brackets are looked for: those that an object may open, and that a time may close.
    fn see(before: Self::Seen, block: &[u8; 64]) -> Self::Seen;
    /// Some bytes more in which one is looked for.
    fn look_for(before: Self::Seen, bytes: &[u8; NEAR], byte: u8) -> Self::Seen;
    /// Whether there was one.
    fn is_seen(seen: Self::Seen) -> bool;
    /// Whether there is such a place.
    fn any_both(first: (&[u8; 64], u8), second: (&[u8; 64], u8)) -> bool;
    /// Bytes up to a blank.
    fn blanks(bytes: &[u8; NEAR]) -> u32;
    /// What ends a key of logfmt.
    fn key_ends(bytes: &[u8; NEAR]) -> u32;
    /// Where two texts differ.
    fn differ(one: &[u8; NEAR], other: &[u8; NEAR]) -> u32;
    /// Digits.
    fn digits(bytes: &[u8; NEAR]) -> u32;
    /// What ends a value, and its digits.
    fn value(bytes: &[u8; NEAR], quotes: usize) -> ValueMasks;
    /// The same number, of which the compiler is not to know how it was made: it would make a branch of a choice that none can
    /// foretell.
    fn hide(number: usize) -> usize;
}

/// What every machine can run.
pub struct Portable;

impl Machine for Portable {
    #[inline(always)]
    fn events(block: &[u8; 64]) -> u64 {
        masks::events(block)
    }

    #[inline(always)]
    fn newlines(block: &[u8; 64]) -> u64 {
        masks::newlines(block)
    }

    type Newlines = u64;
    const NONE: u64 = 0;

    #[inline(always)]
    fn count_newlines(before: u64, block: &[u8; 64]) -> u64 {
        before + u64::from(masks::newlines(block).count_ones())
    }

    #[inline(always)]
    fn total(newlines: u64) -> u64 {
        newlines
    }

    type Seen = bool;
    const UNSEEN: bool = false;

    #[inline(always)]
    fn see(before: bool, block: &[u8; 64]) -> bool {
        before | masks::has_bracket(block)
    }

    #[inline(always)]
    fn look_for(before: bool, bytes: &[u8; NEAR], byte: u8) -> bool {
        before | masks::has(bytes, byte)
    }

    #[inline(always)]
    fn is_seen(seen: bool) -> bool {
        seen
    }

    #[inline(always)]
    fn both(first: (&[u8; 64], u8), second: (&[u8; 64], u8)) -> u64 {
        masks::both(first, second)
    }

    #[inline(always)]
    fn any_both(first: (&[u8; 64], u8), second: (&[u8; 64], u8)) -> bool {
        masks::both(first, second) != 0
    }

    #[inline(always)]
    fn blanks(bytes: &[u8; NEAR]) -> u32 {
        masks::blanks(bytes)
    }

    #[inline(always)]
    fn key_ends(bytes: &[u8; NEAR]) -> u32 {
        masks::key_ends(bytes)
    }

    #[inline(always)]
    fn differ(one: &[u8; NEAR], other: &[u8; NEAR]) -> u32 {
        masks::differ(one, other)
    }

    #[inline(always)]
    fn digits(bytes: &[u8; NEAR]) -> u32 {
        masks::digits(bytes)
    }

    #[inline(always)]
    fn value(bytes: &[u8; NEAR], quotes: usize) -> ValueMasks {
        masks::value(bytes, quotes)
    }

    #[inline(always)]
    fn hide(number: usize) -> usize {
        std::hint::black_box(number)
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
    use crate::fast::masks::{NEAR, ValueMasks};

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

    // SAFETY of every call below: only `run` above names this type, and it is compiled for the same features.
    impl Machine for Avx2 {
        #[inline(always)]
        fn events(block: &[u8; 64]) -> u64 {
            // SAFETY: see above.
            unsafe { halves(block, block, |half, _| are_any(half, &EVENTS)) }
        }

        #[inline(always)]
        fn newlines(block: &[u8; 64]) -> u64 {
            // SAFETY: see above.
            unsafe { halves(block, block, |half, _| is(half, b'\n')) }
        }

        /// A count in each byte.
        type Newlines = __m256i;
        // SAFETY: any 32 bytes are one.
        const NONE: __m256i = unsafe { std::mem::zeroed() };

        #[inline(always)]
        fn count_newlines(before: __m256i, block: &[u8; 64]) -> __m256i {
            // SAFETY: see above.
            unsafe {
                let [low, high] = load_both(block);
                // A byte that is one becomes -1.
                _mm256_sub_epi8(_mm256_sub_epi8(before, is(low, b'\n')), is(high, b'\n'))
            }
        }

        #[inline(always)]
        fn total(newlines: __m256i) -> u64 {
            // SAFETY: see above.
            unsafe { sum(newlines) }
        }

        type Seen = __m256i;
        // SAFETY: any 32 bytes are one.
        const UNSEEN: __m256i = unsafe { std::mem::zeroed() };

        #[inline(always)]
        fn see(before: __m256i, block: &[u8; 64]) -> __m256i {
            // SAFETY: see above.
            unsafe {
                let [low, high] = load_both(block);
                _mm256_or_si256(before, _mm256_or_si256(are_any(low, &BRACKETS), are_any(high, &BRACKETS)))
            }
        }

        #[inline(always)]
        fn look_for(before: __m256i, bytes: &[u8; NEAR], byte: u8) -> __m256i {
            // SAFETY: see above.
            unsafe { _mm256_or_si256(before, is(load(bytes), byte)) }
        }

        #[inline(always)]
        fn is_seen(seen: __m256i) -> bool {
            // SAFETY: see above.
            unsafe { mask(seen) != 0 }
        }

        #[inline(always)]
        fn any_both((first, one): (&[u8; 64], u8), (second, other): (&[u8; 64], u8)) -> bool {
            // SAFETY: see above.
            unsafe {
                let ([low, high], [low_ahead, high_ahead]) = (load_both(first), load_both(second));
                let low = _mm256_and_si256(is(low, one), is(low_ahead, other));
                let high = _mm256_and_si256(is(high, one), is(high_ahead, other));
                mask(_mm256_or_si256(low, high)) != 0
            }
        }

        #[inline(always)]
        fn both((first, one): (&[u8; 64], u8), (second, other): (&[u8; 64], u8)) -> u64 {
            // SAFETY: see above.
            unsafe { halves(first, second, |first, second| _mm256_and_si256(is(first, one), is(second, other))) }
        }

        #[inline(always)]
        fn blanks(bytes: &[u8; NEAR]) -> u32 {
            // SAFETY: see above.
            unsafe { mask(at_most(load(bytes), b' ')) }
        }

        #[inline(always)]
        fn key_ends(bytes: &[u8; NEAR]) -> u32 {
            // SAFETY: see above.
            unsafe { key_ends(load(bytes)) }
        }

        #[inline(always)]
        fn differ(one: &[u8; NEAR], other: &[u8; NEAR]) -> u32 {
            // SAFETY: see above.
            unsafe { !mask(_mm256_cmpeq_epi8(load(one), load(other))) }
        }

        #[inline(always)]
        fn digits(bytes: &[u8; NEAR]) -> u32 {
            // SAFETY: see above.
            unsafe { mask(digits(load(bytes))) }
        }

        #[inline(always)]
        fn value(bytes: &[u8; NEAR], quotes: usize) -> ValueMasks {
            // SAFETY: see above.
            unsafe { value(load(bytes), quotes) }
        }

        #[inline(always)]
        fn hide(mut number: usize) -> usize {
            // SAFETY: no instruction at all.
            unsafe { std::arch::asm!("/* {0} */", inout(reg) number, options(pure, nomem, nostack, preserves_flags)) };
            number
        }
    }

    const EVENTS: [u8; 32] = stops(b"=\n\x1B", 0);
    const BRACKETS: [u8; 32] = stops(b"{]", 0);

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: there are 32 bytes; the load needs no alignment.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn mask(vector: __m256i) -> u32 {
        _mm256_movemask_epi8(vector).cast_unsigned()
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load_both(block: &[u8; 64]) -> [__m256i; 2] {
        // SAFETY: there are 64 bytes; the loads need no alignment.
        unsafe { [_mm256_loadu_si256(block.as_ptr().cast()), _mm256_loadu_si256(block.as_ptr().add(32).cast())] }
    }

    /// The sum of all bytes.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn sum(bytes: __m256i) -> u64 {
        let sums = _mm256_sad_epu8(bytes, _mm256_setzero_si256());
        let pairs = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
        (_mm_cvtsi128_si64(pairs) + _mm_extract_epi64::<1>(pairs)).cast_unsigned()
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn is(bytes: __m256i, byte: u8) -> __m256i {
        _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()))
    }

    /// Bytes that are among the letters of a table that [`stops`] made with nothing alike.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn are_any(bytes: __m256i, table: &[u8; 32]) -> __m256i {
        _mm256_cmpeq_epi8(_mm256_shuffle_epi8(load(table), bytes), bytes)
    }

    /// There is no unsigned comparison: a byte is at most n where it is the smaller of the two.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn at_most(bytes: __m256i, limit: u8) -> __m256i {
        _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(limit.cast_signed())), bytes)
    }

    /// The mask that `of` makes of either half of two blocks, as one.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn halves(one: &[u8; 64], other: &[u8; 64], of: impl Fn(__m256i, __m256i) -> __m256i) -> u64 {
        let ([low, high], [other_low, other_high]) = (load_both(one), load_both(other));
        let (mut low, mut high) = (mask(of(low, other_low)), mask(of(high, other_high)));
        // SAFETY: no instruction at all. It hides where the masks are from: the compiler would else join the two as
        // vectors again, bit by bit, with 64 inserts.
        unsafe {
            std::arch::asm!("/* {0:e} {1:e} */", inout(reg) low, inout(reg) high, options(pure, nomem, nostack, preserves_flags));
        }
        u64::from(high) << 32 | u64::from(low)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn key_ends(bytes: __m256i) -> u32 {
        mask(_mm256_or_si256(at_most(bytes, b' '), _mm256_or_si256(is(bytes, b'='), is(bytes, b'"'))))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn digits(bytes: __m256i) -> __m256i {
        at_most(_mm256_sub_epi8(bytes, _mm256_set1_epi8(b'0'.cast_signed())), 9)
    }

    /// A table with this for bytes of this low half.
    const fn with(mut table: [u8; 32], low: u8, wanted: u8) -> [u8; 32] {
        table[low as usize] = wanted;
        table[low as usize + 16] = wanted;
        table
    }

    /// A table for a shuffle: at the low half of each of `letters`, that letter with the bits of `alike` set.
    const fn stops(letters: &[u8], alike: u8) -> [u8; 32] {
        // No byte that is looked up: those above 0x7F give 0.
        let mut table = [0xFF; 32];
        let mut at = 0;
        while at < letters.len() {
            let low = (letters[at] & 0xF) as usize;
            table[low] = letters[at] | alike;
            table[low + 16] = letters[at] | alike;
            at += 1;
        }
        table
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn value(bytes: __m256i, quotes: usize) -> ValueMasks {
        // As signed numbers, bytes above 0x7F are below 0, and so below the last that cannot be copied. By the low half of a
        // byte, the one that stops. A bare value's brackets do so, too: two with the same low half differ in one bit, which is
        // set before they are compared. `|` comes with them, as it differs so from a backslash, and `=`, which differs from a
        // bracket in two bits.
        const SIGN: u8 = b'=' & 0xF;
        const BARE: [[u8; 32]; 4] =
            [[b' '; 32], with(stops(b"\"()[\\", 0x20), SIGN, b'=' | 0x60), with([0x20; 32], SIGN, 0x60), [0; 32]];
        const QUOTED: [[u8; 32]; 4] = [[b' ' - 1; 32], stops(b"\"\\", 0), [0; 32], [0; 32]];
        // One beside the other, so that all are found from one place; the fourth only rounds their size up.
        static TABLES: [[[u8; 32]; 4]; 2] = [BARE, QUOTED];
        let [last, stops, alike, _] = &TABLES[quotes & 1];
        let stop = _mm256_shuffle_epi8(load(stops), bytes);
        let alike = _mm256_shuffle_epi8(load(alike), bytes);
        let escape = _mm256_cmpeq_epi8(stop, _mm256_or_si256(bytes, alike));
        let copied = _mm256_andnot_si256(escape, _mm256_cmpgt_epi8(bytes, load(last)));
        ValueMasks { ends: !mask(copied), digits: mask(digits(bytes)), dots: mask(is(bytes, b'.')) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Answers = ([u64; 3], [u32; 4], [ValueMasks; 2], [bool; 3]);

    struct Ask<'a>(&'a [u8; 64], &'a mut Option<Answers>);

    impl Work for Ask<'_> {
        #[inline(always)]
        fn run<M: Machine>(self) {
            let (low, high) = (self.0.first_chunk().unwrap(), self.0.last_chunk().unwrap());
            let values = [0, 1].map(|quotes| M::value(low, quotes));
            let blocks = [M::events(self.0), M::newlines(self.0), M::both((self.0, b'='), (self.0, self.0[31]))];
            *self.1 = Some((
                blocks,
                [M::blanks(low), M::differ(low, high), M::digits(low), M::key_ends(low)],
                values,
                [
                    M::is_seen(M::see(M::UNSEEN, self.0)),
                    M::is_seen(M::look_for(M::UNSEEN, low, 0x1B)),
                    M::is_seen(M::look_for(M::UNSEEN, low, self.0[32])),
                ],
            ));
        }
    }

    #[test]
    fn the_fastest_masks_are_the_portable_ones() {
        for byte in 0..=255_u8 {
            for at in [0, 1, 31, 32, 63] {
                for filler in [b' ', b'a', 0x80, b'='] {
                    let mut block = [filler; 64];
                    block[at] = byte;
                    let (mut fastest, mut plain) = (None, None);
                    run(Choice::fastest(), Ask(&block, &mut fastest));
                    run(Choice::PORTABLE, Ask(&block, &mut plain));
                    assert!(plain.is_some());
                    assert_eq!(fastest, plain, "byte {byte} at {at} in {filler}");
                }
            }
        }
    }
}
