//! Samples as integers at a common power of ten: as counts by value where they lie in a small range, as latencies do,
//! else as they came.
//!
//! Owns when it goes over to counts and back, and adding many at once. Refuses to lose a digit: what does not fit the
//! power at hand is left to [`crate::samples::Samples`], which chooses another.

use crate::samples::multiset::{Key, Multiset, Pile, select};

/// From this many loose samples on, counts by value are tried.
const COUNTS_FROM: usize = 1 << 14;

/// Samples as integers, `mantissa * 10^-scale`.
#[derive(Clone, Debug, Default)]
pub struct Scaled {
    /// The power of ten.
    pub scale: u8,
    /// How many samples of the value `base`, `base + 1` and so on there are; empty where that is not worth it.
    counts: Vec<u32>,
    base: i64,
    /// How many samples are in `counts`: a count cannot overflow while this fits.
    counted: u64,
    rest: Pile<i64>,
    /// How many loose samples there must be before counts by value are tried again.
    try_at: usize,
    /// Samples that wait to be counted: many at once overlap their cache misses.
    waiting: Vec<i64>,
}

/// How many samples wait at most.
const WAITING: usize = 1 << 11;

/// How many samples may be counted by value before the counts are moved: one block more does not overflow them.
const COUNTED_LIMIT: u64 = (u32::MAX - (1 << 27)) as u64;

/// Adds integers to [`Scaled`], one at a time; whoever does so tells [`Scaled::added`] before 2^27 of them are.
pub struct Adder<'s> {
    counts: &'s mut [u32],
    base: i64,
    scale: u32,
    rest: &'s mut Pile<i64>,
}

impl Adder<'_> {
    /// Adds `value * 10^-places`; false where that does not fit the scale at hand.
    #[inline(always)]
    pub fn add(&mut self, value: i64, places: u32) -> bool {
        if places == self.scale {
            self.push(value);
            return true;
        }
        self.add_scaled(value, places)
    }

    #[inline(never)]
    fn add_scaled(&mut self, value: i64, places: u32) -> bool {
        const TENS: [i64; 19] = tens();
        let power = self.scale.checked_sub(places);
        let factor = power.and_then(|power| TENS.get(power as usize));
        let mantissa = factor.and_then(|factor| value.checked_mul(*factor));
        if let Some(mantissa) = mantissa {
            self.push(mantissa);
        }
        mantissa.is_some()
    }

    /// The number of decimal places of what is added.
    pub fn scale(&self) -> u32 {
        self.scale
    }

    /// Adds `mantissa * 10^-scale`.
    #[inline(always)]
    pub fn push(&mut self, mantissa: i64) {
        match self.counts.get_mut(mantissa.wrapping_sub(self.base) as u64 as usize) {
            Some(count) => *count = count.wrapping_add(1),
            None => self.push_rest(mantissa),
        }
    }

    #[inline(never)]
    fn push_rest(&mut self, mantissa: i64) {
        self.rest.push(mantissa);
    }
}

impl Multiset<i64> for Scaled {
    fn visit(&self, mut each: impl FnMut(i64, u64)) {
        for (key, &count) in (self.base..).zip(&self.counts) {
            if count > 0 {
                each(key, u64::from(count));
            }
        }
        for &key in &self.waiting {
            each(key, 1);
        }
        self.rest.each(each);
    }
    fn entries(&self) -> usize {
        self.counts.len() + self.waiting.len() + self.rest.entries()
    }
}

impl Scaled {
    /// None yet, at this power of ten.
    pub fn at(scale: u8) -> Scaled {
        Scaled { scale, ..Scaled::default() }
    }

    /// The parts that adding one at a time needs, in the hand.
    #[inline(always)]
    pub fn adder(&mut self) -> Adder<'_> {
        Adder { counts: &mut self.counts, base: self.base, scale: u32::from(self.scale), rest: &mut self.rest }
    }

    /// As [`Adder::add`], for samples that come one by one between those of other metrics.
    #[inline]
    pub fn hold(&mut self, value: i64, places: u32) -> bool {
        if self.counts.is_empty() || places != u32::from(self.scale) {
            return self.adder().add(value, places);
        }
        self.waiting.push(value);
        if self.waiting.len() >= WAITING {
            self.release();
        }
        true
    }

    /// Counts the samples that wait.
    pub fn release(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut adder = self.adder();
        waiting.iter().for_each(|&mantissa| adder.push(mantissa));
        waiting.clear();
        self.waiting = waiting;
    }

    /// Adds an integer at the scale at hand.
    pub fn push(&mut self, mantissa: i64) {
        self.adder().push(mantissa);
        self.added(1);
    }

    /// So many samples were added one at a time: no count may overflow, and counts by value may be worth it now.
    #[inline]
    pub fn added(&mut self, count: u64) {
        self.counted += count;
        if self.counted > COUNTED_LIMIT {
            self.drain_counts();
        }
        if self.counts.is_empty() && self.rest.entries() >= self.try_at.max(COUNTS_FROM) {
            // At every doubling, with an array that takes up no more room than the samples do.
            let entries = self.rest.entries();
            self.try_at = entries * 2;
            self.try_counts((entries * 2).next_power_of_two().min(COUNTS_LIMIT));
        }
    }

    /// Adds an integer that came `count` times.
    pub fn push_many(&mut self, mantissa: i64, count: u64) {
        let place = mantissa.wrapping_sub(self.base) as u64 as usize;
        if let (Some(sum), Ok(small)) = (self.counts.get_mut(place), u32::try_from(count))
            && self.counted + count < COUNTED_LIMIT
        {
            *sum += small;
            self.counted += count;
            return;
        }
        self.rest.push_many(mantissa, count);
    }

    /// Takes in the samples of another at the same scale.
    pub fn merge(&mut self, mut other: Scaled) {
        other.release();
        let (counts, base) = (other.counts, other.base);
        if self.counts.is_empty() && !counts.is_empty() {
            self.base = base;
            self.counts = vec![0; counts.len()];
        }
        for (key, count) in (base..).zip(counts) {
            self.push_many(key, u64::from(count));
        }
        self.rest.append(other.rest);
    }

    /// About how many bytes it takes up.
    pub fn bytes(&self) -> usize {
        size_of::<Scaled>() + self.counts.capacity() * 4 + self.waiting.capacity() * 8 + self.rest.bytes()
    }

    /// Makes it as small as it gets; gives how many bytes it needs at least, which depends on the samples alone.
    pub fn compact(&mut self) -> usize {
        self.drain_counts();
        self.counts = Vec::new();
        self.waiting = Vec::new();
        self.rest.compact()
    }

    /// Whether samples are counted by value.
    #[cfg(test)]
    pub fn is_counted(&self) -> bool {
        !self.counts.is_empty() && self.rest.entries() == 0
    }

    /// Moves all counts to pairs of value and count.
    pub fn drain_counts(&mut self) {
        self.release();
        for (key, count) in (self.base..).zip(&mut self.counts) {
            self.rest.push_many(key, u64::from(std::mem::take(count)));
        }
        self.counted = 0;
        self.rest.compact();
    }

    /// Goes over to counts by value where most of the samples at hand lie in a range that is not too large.
    fn try_counts(&mut self, limit: usize) {
        let entries = self.rest.entries() as u64;
        let ranks = [1, entries / 64, entries - entries / 64];
        let &[least, low, high] = select(&self.rest, &ranks).as_slice() else { return };
        // From zero up where that costs little, else from a little below what was seen.
        let width = high.above(low).saturating_mul(2);
        let base = if (0..=(limit / 4) as i64).contains(&least) {
            0
        } else {
            low.saturating_sub((width / 4).min(limit as u128 / 4) as i64)
        };
        let wanted = high.above(base.min(high)).saturating_mul(4).saturating_add(64);
        if high.above(base.min(high)) >= limit as u128 {
            return;
        }
        let length = usize::try_from(wanted).unwrap_or(limit).next_power_of_two().min(limit);
        self.base = base;
        self.counts = vec![0; length];
        let rest = std::mem::take(&mut self.rest);
        rest.each(|mantissa, count| self.push_many(mantissa, count));
    }
}

const fn tens() -> [i64; 19] {
    let mut tens = [1; 19];
    let mut power = 1;
    while power < 19 {
        tens[power] = tens[power - 1] * 10;
        power += 1;
    }
    tens
}

/// The longest array of counts by value: 1 MiB, which stays in the cache and lets many groups have one.
const COUNTS_LIMIT: usize = 1 << 18;
