//! Short texts and what each stands for: groups are found without a hash table.
//!
//! Owns texts of up to sixteen bytes, known by two words and their length. Refuses longer ones, and forgets what another text
//! pushed out of its place.

use number::digits::word;

use super::Span;

/// How many places there are.
const PLACES: usize = 256;

/// A text of up to 16 bytes: its first and its last eight, and its length.
type Short = (u64, u64, usize);

/// A place that holds no text: no text is so long.
const EMPTY: (Short, usize) = ((0, 0, usize::MAX), 0);

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
    /// What the text at `span` stands for, where that is known. Behind it stand eight more bytes.
    #[inline]
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
    let length = to.checked_sub(from).filter(|length| *length <= 16)?;
    let rest = bytes.get(from..)?;
    let mask = first(length);
    // With the length, these two words are the whole text.
    let key = (word(rest)? & mask, word(rest.get(length.saturating_sub(8)..)?)? & mask, length);
    let mixed = (key.0 ^ key.1.rotate_left(29) ^ length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
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
            bytes.extend_from_slice(b"abcdefgh");
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
