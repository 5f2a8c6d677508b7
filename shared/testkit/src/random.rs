//! A seeded generator (splitmix64, Steele et al. 2014): the same cases on every machine.

/// Numbers that only look random.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator; the same seed gives the same numbers.
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is above 0.
    pub fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.bits()) * limit as u128) >> 64) as usize
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of `list`.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// A fraction from 0 up to 1.
    pub fn fraction(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Shuffles `list` (Fisher and Yates).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }

    /// `bytes` with a few of them changed, removed, doubled or cut off: for fuzz loops.
    pub fn mutated(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut mutated = bytes.to_vec();
        for _ in 0..=self.below(4) {
            if mutated.is_empty() {
                mutated.push(self.bits() as u8);
                continue;
            }
            let at = self.below(mutated.len());
            match self.below(6) {
                0 => mutated[at] = self.bits() as u8,
                1 => {
                    mutated.remove(at);
                }
                2 => mutated.insert(at, *self.pick(b"\"'{}[]()=:,.\\ \n\t-+0e")),
                3 => mutated.truncate(at),
                4 => mutated[at] ^= 1 << self.below(8),
                _ => {
                    let end = (at + 1 + self.below(8)).min(mutated.len());
                    let piece = mutated[at..end].to_vec();
                    mutated.splice(at..at, piece);
                }
            }
        }
        mutated
    }
}
