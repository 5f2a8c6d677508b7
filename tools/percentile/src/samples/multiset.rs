//! A multiset of integer keys: loose ones as they came, and (key, count) pairs.
//!
//! Owns adding, compaction and selection by counting on key ranges, without a sort of everything. Refuses to know
//! what a key stands for.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// How many keys a chunk holds: large enough to be cheap, so small that no growth ever copies much.
const CHUNK: usize = 1 << 16;

/// Up to this many entries are sorted at once; more are first narrowed down by counting.
const SORTED_AT_ONCE: usize = 1 << 15;

/// How many ranges one pass of counting tells apart.
const RANGES: usize = 1 << 12;

/// An integer that samples are ordered by.
pub trait Key: Copy + Ord {
    /// How far this key lies above `low`, which is not above it.
    fn above(self, low: Self) -> u128;
    /// The key `distance` above this one, at most `high`.
    fn plus(self, distance: u128, high: Self) -> Self;
    /// `above(low) >> shift`, where that is below [`RANGES`].
    fn range(self, low: Self, shift: u32) -> usize;
}

impl Key for i64 {
    fn above(self, low: i64) -> u128 {
        u128::from(self.wrapping_sub(low) as u64)
    }
    fn plus(self, distance: u128, high: i64) -> i64 {
        let most = high.wrapping_sub(self) as u64;
        self.wrapping_add(u64::try_from(distance).unwrap_or(u64::MAX).min(most) as i64)
    }
    fn range(self, low: i64, shift: u32) -> usize {
        (self.wrapping_sub(low) as u64 >> shift) as usize
    }
}

impl Key for u128 {
    fn above(self, low: u128) -> u128 {
        self - low
    }
    fn plus(self, distance: u128, high: u128) -> u128 {
        self.saturating_add(distance).min(high)
    }
    fn range(self, low: u128, shift: u32) -> usize {
        ((self - low) >> shift) as usize
    }
}

/// Keys and how often each came.
#[derive(Clone, Debug)]
pub struct Pile<K> {
    loose: Vec<Vec<K>>,
    pairs: Vec<(K, u64)>,
}

impl<K> Default for Pile<K> {
    fn default() -> Self {
        Pile { loose: Vec::new(), pairs: Vec::new() }
    }
}

impl<K: Key> Pile<K> {
    /// Adds one key.
    pub fn push(&mut self, key: K) {
        match self.loose.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(key),
            Some(_) => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(key);
                self.loose.push(chunk);
            }
            None => self.loose.push(vec![key]),
        }
    }

    /// Adds a key that came `count` times.
    pub fn push_many(&mut self, key: K, count: u64) {
        match count {
            0 => {}
            1 => self.push(key),
            _ => self.pairs.push((key, count)),
        }
    }

    /// Takes in the keys of another.
    pub fn append(&mut self, mut other: Pile<K>) {
        // Full chunks stay in front: only the last one is added to.
        let last = other.loose.pop();
        for chunk in other.loose {
            let at = self.loose.len().saturating_sub(1);
            self.loose.insert(at, chunk);
        }
        for key in last.into_iter().flatten() {
            self.push(key);
        }
        self.pairs.extend(other.pairs);
    }

    /// How many entries it holds.
    pub fn entries(&self) -> usize {
        let loose = self.loose.len().saturating_sub(1) * CHUNK + self.loose.last().map_or(0, Vec::len);
        loose + self.pairs.len()
    }

    /// How many bytes it takes up.
    pub fn bytes(&self) -> usize {
        let loose: usize = self.loose.iter().map(Vec::capacity).sum();
        loose * size_of::<K>() + self.pairs.capacity() * size_of::<(K, u64)>()
    }

    /// Calls `each` with every key and how often it came, in no order, a key perhaps several times.
    pub fn each(&self, mut each: impl FnMut(K, u64)) {
        for &key in self.loose.iter().flatten() {
            each(key, 1);
        }
        for &(key, count) in &self.pairs {
            each(key, count);
        }
    }

    /// Makes one pair of equal keys, where that takes up less room; gives the number of bytes it needs at least.
    pub fn compact(&mut self) -> usize {
        self.pairs.sort_unstable_by_key(|pair| pair.0);
        self.pairs.dedup_by(|next, kept| {
            next.0 == kept.0 && {
                kept.1 += next.1;
                true
            }
        });
        for chunk in &mut self.loose {
            chunk.sort_unstable();
        }
        // Counted first, so that no more room is taken than is gained.
        let (mut different, mut all) = (0usize, 0u64);
        self.ascending(|_, count| {
            different += 1;
            all += count;
        });
        let as_pairs = different * size_of::<(K, u64)>();
        let as_loose = usize::try_from(all).unwrap_or(usize::MAX).saturating_mul(size_of::<K>());
        if as_pairs <= as_loose && !self.loose.is_empty() {
            let mut pairs = Vec::with_capacity(different);
            self.ascending(|key, count| pairs.push((key, count)));
            *self = Pile { loose: Vec::new(), pairs };
        } else if as_loose < as_pairs {
            for (key, count) in std::mem::take(&mut self.pairs) {
                (0..count).for_each(|_| self.push(key));
            }
        }
        as_pairs.min(as_loose)
    }

    /// Calls `each` with every different key, ascending; each chunk is sorted, and so are the pairs.
    fn ascending(&self, mut each: impl FnMut(K, u64)) {
        let chunk = |place: usize| self.loose.get(place).map_or(&[][..], Vec::as_slice);
        let mut heads: BinaryHeap<Reverse<(K, usize, usize)>> =
            (0..self.loose.len()).filter_map(|place| Some(Reverse((*chunk(place).first()?, place, 0)))).collect();
        let mut pairs = self.pairs.iter().copied().peekable();
        let mut run: Option<(K, u64)> = None;
        loop {
            let loose = heads.peek().map(|Reverse(head)| head.0);
            let pair = pairs.peek().map(|pair| pair.0);
            let (key, count) = match (loose, pair) {
                (None, None) => break,
                (Some(key), pair) if pair.is_none_or(|pair| key <= pair) => {
                    let Some(mut head) = heads.peek_mut() else { break };
                    let Reverse((_, place, at)) = *head;
                    // All that equal the head in this chunk at once.
                    let rest = chunk(place).get(at..).unwrap_or_default();
                    let same = rest.iter().take_while(|&&other| other == key).count();
                    match rest.get(same) {
                        Some(&next) => *head = Reverse((next, place, at + same)),
                        None => {
                            PeekMut::pop(head);
                        }
                    }
                    (key, same as u64)
                }
                _ => match pairs.next() {
                    Some(pair) => pair,
                    None => break,
                },
            };
            run = Some(match run {
                Some((last, sum)) if last == key => (last, sum + count),
                Some((last, sum)) => {
                    each(last, sum);
                    (key, count)
                }
                None => (key, count),
            });
        }
        if let Some((last, sum)) = run {
            each(last, sum);
        }
    }
}

/// Something that can say all its keys, as often as it is asked.
pub trait Multiset<K: Key> {
    /// Calls `each` with every key and how often it came; a key perhaps several times.
    fn visit(&self, each: impl FnMut(K, u64));
    /// How many times `visit` would call at most.
    fn entries(&self) -> usize;
}

impl<K: Key> Multiset<K> for Pile<K> {
    fn visit(&self, each: impl FnMut(K, u64)) {
        self.each(each);
    }
    fn entries(&self) -> usize {
        Pile::entries(self)
    }
}

/// The keys at `ranks` (from 1, ascending, none above the count), in the same order.
pub fn select<K: Key>(keys: &impl Multiset<K>, ranks: &[u64]) -> Vec<K> {
    if keys.entries() <= SORTED_AT_ONCE {
        return sorted(keys, None, 0, ranks);
    }
    let mut ends: Option<(K, K)> = None;
    keys.visit(|key, _| {
        ends = Some(ends.map_or((key, key), |(low, high)| (low.min(key), high.max(key))));
    });
    ends.map_or_else(Vec::new, |(low, high)| within(keys, low, high, 0, ranks))
}

/// The keys at `ranks` between `low` and `high`, below which there are `below` samples.
fn within<K: Key>(keys: &impl Multiset<K>, low: K, high: K, below: u64, ranks: &[u64]) -> Vec<K> {
    let span = high.above(low);
    if span == 0 {
        return vec![low; ranks.len()];
    }
    let shift = (128 - span.leading_zeros()).saturating_sub(RANGES.trailing_zeros());
    let mut counts = vec![0u64; RANGES];
    let mut entries = vec![0u32; RANGES];
    keys.visit(|key, count| {
        if key >= low && key <= high {
            let range = key.range(low, shift);
            if let (Some(sum), Some(entry)) = (counts.get_mut(range), entries.get_mut(range)) {
                *sum += count;
                *entry = entry.saturating_add(1);
            }
        }
    });
    let mut found = Vec::with_capacity(ranks.len());
    let mut before = below;
    let mut ranks = ranks;
    for (range, (&count, &entry)) in counts.iter().zip(&entries).enumerate() {
        let inside = ranks.iter().take_while(|&&rank| rank <= before + count).count();
        if inside > 0 {
            let (here, rest) = ranks.split_at(inside);
            ranks = rest;
            let from = low.plus((range as u128) << shift, high);
            let to = low.plus((((range as u128) + 1) << shift) - 1, high);
            found.extend(if entry as usize <= SORTED_AT_ONCE {
                sorted(keys, Some((from, to)), before, here)
            } else {
                within(keys, from, to, before, here)
            });
        }
        before += count;
    }
    found
}

fn sorted<K: Key>(keys: &impl Multiset<K>, ends: Option<(K, K)>, below: u64, ranks: &[u64]) -> Vec<K> {
    let mut pairs = Vec::new();
    keys.visit(|key, count| {
        if ends.is_none_or(|(low, high)| key >= low && key <= high) {
            pairs.push((key, count));
        }
    });
    pairs.sort_unstable_by_key(|pair| pair.0);
    let mut found = Vec::with_capacity(ranks.len());
    let mut before = below;
    let mut ranks = ranks.iter().peekable();
    for (key, count) in pairs {
        before += count;
        while ranks.next_if(|&&rank| rank <= before).is_some() {
            found.push(key);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(seed: &mut u64) -> u64 {
        *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        *seed ^ *seed >> 31
    }

    #[test]
    fn selects_what_a_sort_gives() {
        let mut seed = 3;
        for (many, spread) in [(10, 5), (1000, 3), (200_000, 1 << 40), (200_000, 7), (300_000, u64::MAX)] {
            let mut pile: Pile<i64> = Pile::default();
            let mut all = Vec::new();
            for _ in 0..many {
                let key = ((random(&mut seed) % spread) as i64).wrapping_sub((spread / 2) as i64);
                let count = if random(&mut seed).is_multiple_of(50) { 3 } else { 1 };
                pile.push_many(key, count);
                (0..count).for_each(|_| all.push(key));
            }
            all.sort_unstable();
            let ranks: Vec<u64> =
                (1..=20).map(|part| (all.len() * part / 20) as u64).filter(|&rank| rank > 0).collect();
            let expected: Vec<i64> = ranks.iter().map(|&rank| all[rank as usize - 1]).collect();
            assert_eq!(select(&pile, &ranks), expected);
            let mut wide: Pile<u128> = Pile::default();
            pile.each(|key, count| wide.push_many((i128::from(key) - i128::from(i64::MIN)) as u128 * 977, count));
            let expected: Vec<u128> =
                expected.iter().map(|&key| (i128::from(key) - i128::from(i64::MIN)) as u128 * 977).collect();
            assert_eq!(select(&wide, &ranks), expected);
            pile.compact();
            assert_eq!(select(&pile, &ranks).len(), ranks.len());
            let mut again = Vec::new();
            pile.each(|key, count| (0..count).for_each(|_| again.push(key)));
            again.sort_unstable();
            assert_eq!(again, all);
        }
    }

    #[test]
    fn appending_keeps_all() {
        let mut whole: Pile<i64> = Pile::default();
        for part in 0..5 {
            let mut pile = Pile::default();
            (0..CHUNK as i64 + part * 1000).for_each(|key| pile.push(key));
            whole.append(pile);
        }
        let mut count = 0;
        whole.each(|_, _| count += 1);
        assert_eq!((count, whole.entries()), (5 * CHUNK + 10_000, 5 * CHUNK + 10_000));
    }
}
