//! Short texts and what each stands for: groups are found without a hash table.
//!
//! Owns texts of up to sixteen bytes, known by two words and their length. Refuses longer ones, and forgets what another text
//! pushed out of its place.

use super::Span;

/// How many places there are.
const PLACES: usize = 256;

/// A text of up to 16 bytes of ASCII as two words: where it is shorter, its last byte is its length with the highest bit set,
/// and so no letter.
type Short = (u64, u64);

/// A place that holds no text.
const EMPTY: (Short, usize) = ((u64::MAX, u64::MAX), 0);

/// What is kept of sixteen bytes that begin with a text of each length, and what is added.
const KEPT: [(u64, u64, u64); 17] = {
    let mut kept = [(0, 0, 0); 17];
    let mut length = 0;
    while length <= 16 {
        let all = if length < 16 { (1_u128 << (8 * length)) - 1 } else { u128::MAX };
        let tag = if length < 16 { (0x80 | length as u64) << 56 } else { 0 };
        kept[length] = (all as u64, (all >> 64) as u64, tag);
        length += 1;
    }
    kept
};

/// What short texts stand for.
#[derive(Debug)]
pub struct Cache {
    places: Box<[(Short, usize); PLACES]>,
}

impl Default for Cache {
    fn default() -> Cache {
        Cache { places: Box::new([EMPTY; PLACES]) }
    }
}

impl Cache {
    /// What the ASCII text at `span` stands for, where that is known. Behind it stand sixteen more bytes.
    #[inline(always)]
    pub fn get(&self, bytes: &[u8], span: Span) -> Option<usize> {
        let (key, place) = key(bytes, span)?;
        self.places.get(place).filter(|(known, _)| *known == key).map(|(_, value)| *value)
    }

    /// Keeps what it stands for.
    #[inline]
    pub fn put(&mut self, bytes: &[u8], span: Span, value: usize) {
        if let Some((key, place)) = key(bytes, span)
            && let Some(slot) = self.places.get_mut(place)
        {
            *slot = (key, value);
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.places.fill(EMPTY);
    }
}

#[inline(always)]
fn key(bytes: &[u8], (from, to): Span) -> Option<(Short, usize)> {
    let &(low, high, tag) = KEPT.get(to.wrapping_sub(from))?;
    let text = u128::from_le_bytes(*bytes.get(from..)?.first_chunk()?);
    let key = (text as u64 & low, (text >> 64) as u64 & high | tag);
    let mixed = (key.0 ^ key.1.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Some((key, (mixed >> 56) as usize))
}

/// The first `length` bytes of a word; all for eight or more.
#[inline(always)]
pub(super) fn first(length: usize) -> u64 {
    if length < 8 { !(u64::MAX << (8 * length)) } else { u64::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_what_was_put() {
        let mut random = testkit::Random::new(3);
        let mut cache = Cache::default();
        let mut known = std::collections::HashMap::new();
        let mut found = 0;
        for number in 0..20_000 {
            let text: Vec<u8> = (0..random.below(20)).map(|_| *random.pick(b"ab\0")).collect();
            let mut bytes = text.clone();
            bytes.extend_from_slice(b"abcdefghabcdefgh");
            match cache.get(&bytes, (0, text.len())) {
                Some(value) => {
                    found += 1;
                    assert_eq!(known.get(&text), Some(&value), "{text:?}");
                }
                None => {
                    cache.put(&bytes, (0, text.len()), number);
                    known.insert(text, number);
                }
            }
        }
        assert!(found > 1000, "{found}");
    }
}
