//! Whether the braces and quotes of a line close: what was cut off in the middle of a JSON object has some that do not.
//!
//! Owns that alone, 64 bytes at a time, so that a line need not be read to see that it is whole.

use crate::fast::cpu::{Choice, Machine, Work, run};

/// Whether as many braces close as open, those within texts apart, and the last text ends.
pub fn are_closed(choice: Choice, line: &[u8]) -> bool {
    let mut found = false;
    run(choice, Closed { line, found: &mut found });
    found
}

struct Closed<'a> {
    line: &'a [u8],
    found: &'a mut bool,
}

/// What a block leaves to the next one.
#[derive(Default)]
struct State {
    depth: i64,
    /// All ones within a text.
    text: u64,
    /// 1 where the last byte escapes the next one.
    escapes: u64,
}

impl Work for Closed<'_> {
    #[inline(always)]
    fn run<M: Machine>(self) {
        let mut state = State::default();
        let (blocks, rest) = self.line.as_chunks();
        blocks.iter().for_each(|block| state.add::<M>(block));
        if !rest.is_empty() {
            let mut block = [0; 64];
            block.iter_mut().zip(rest).for_each(|(byte, rest)| *byte = *rest);
            state.add::<M>(&block);
        }
        *self.found = state.depth == 0 && state.text == 0;
    }
}

impl State {
    #[inline(always)]
    fn add<M: Machine>(&mut self, block: &[u8; 64]) {
        let mask = |byte: u8| M::both((block, byte), (block, byte));
        let quotes = mask(b'"') & !self.escaped(mask(b'\\'));
        // Each bit is whether the quotes up to it are odd.
        let text = [1, 2, 4, 8, 16, 32].iter().fold(quotes, |text, step| text ^ (text << step)) ^ self.text;
        self.text = if text >> 63 == 1 { u64::MAX } else { 0 };
        let count = |braces: u64| i64::from((braces & !text).count_ones());
        self.depth += count(mask(b'{')) - count(mask(b'}'));
    }

    /// The bytes that a backslash stands before that is not escaped itself: of a run of them every second one is.
    #[inline(always)]
    fn escaped(&mut self, backslashes: u64) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        if backslashes == 0 {
            return std::mem::take(&mut self.escapes);
        }
        let backslashes = backslashes & !self.escapes;
        let behind = backslashes << 1 | self.escapes;
        let odd_starts = backslashes & !EVEN & !behind;
        // A run that begins at an odd place carries to behind its end, which tells its length.
        let (sums, carries) = odd_starts.overflowing_add(backslashes);
        self.escapes = u64::from(carries);
        (EVEN ^ sums << 1) & behind
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{Seeded, rounds};

    /// Byte by byte.
    fn plainly(line: &[u8]) -> bool {
        let (mut depth, mut is_text, mut is_escaped) = (0, false, false);
        for &byte in line {
            match byte {
                _ if is_escaped => {
                    is_escaped = false;
                    depth += if is_text { 0 } else { i64::from(byte == b'{') - i64::from(byte == b'}') };
                }
                b'\\' => is_escaped = true,
                b'"' => is_text = !is_text,
                b'{' if !is_text => depth += 1,
                b'}' if !is_text => depth -= 1,
                _ => {}
            }
        }
        depth == 0 && !is_text
    }

    #[test]
    fn closed_or_not_as_byte_by_byte() {
        let mut closed = 0;
        for seed in 0..rounds(20_000) {
            let mut random = Seeded(seed);
            let length = random.below(200);
            // Runs of backslashes lie across the ends of blocks.
            let pieces: [&[u8]; 8] = [b"{", b"}", b"\"", b"\\", b"\\\\\\", b"a", b"{}", b"            "];
            let mut line = Vec::new();
            while line.len() < length {
                line.extend_from_slice(pieces[random.below(pieces.len())]);
            }
            for choice in [Choice::fastest(), Choice::PORTABLE] {
                assert_eq!(are_closed(choice, &line), plainly(&line), "{}", String::from_utf8_lossy(&line));
            }
            closed += u64::from(plainly(&line));
        }
        assert!(closed > 0);
    }
}
