//! Where the group of a key is in the list of groups: an open hash table of places, since the keys are in the list.
//!
//! Owns hashes and places; refuses to hold keys: whoever asks compares them.

use std::hash::{BuildHasher, RandomState};

/// Places by hash.
#[derive(Debug, Default)]
pub struct Places {
    slots: Vec<Slot>,
    count: usize,
    hasher: RandomState,
}

/// A place and one, zero where there is none (half of the slots at least); and the key's hash, which few keys share.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u32,
    place: u32,
}

impl Places {
    /// What a place takes up at most: the table has up to four slots for each.
    pub const MOST: usize = 4 * size_of::<Slot>();

    /// The place of `key`; `is_at` says whether it stands at one.
    pub fn get(&self, key: &[u8], is_at: impl Fn(usize) -> bool) -> Option<usize> {
        let hash = self.hash(key);
        for (_, slot) in self.from(hash) {
            let place = (slot.place as usize).checked_sub(1)?;
            if slot.hash == hash && is_at(place) {
                return Some(place);
            }
        }
        None
    }

    /// Notes that `key`, which is not there yet, stands at `place`.
    pub fn insert(&mut self, key: &[u8], place: usize) {
        self.count += 1;
        if self.count * 2 > self.slots.len() {
            let more = vec![Slot::default(); (self.count * 4).next_power_of_two().max(16)];
            let before = std::mem::replace(&mut self.slots, more);
            before.into_iter().filter(|slot| slot.place > 0).for_each(|slot| self.put(slot));
        }
        if let Ok(place) = u32::try_from(place + 1) {
            self.put(Slot { hash: self.hash(key), place });
        }
    }

    fn hash(&self, key: &[u8]) -> u32 {
        self.hasher.hash_one(key) as u32
    }

    /// The slots from where a key of this hash may be on, round and round.
    fn from(&self, hash: u32) -> impl Iterator<Item = (usize, Slot)> {
        let mask = self.slots.len().wrapping_sub(1);
        let steps = (hash as usize)..(hash as usize).saturating_add(self.slots.len());
        steps.filter_map(move |at| Some((at & mask, *self.slots.get(at & mask)?)))
    }

    fn put(&mut self, slot: Slot) {
        let free = self.from(slot.hash).find(|(_, there)| there.place == 0);
        if let Some(there) = free.and_then(|(at, _)| self.slots.get_mut(at)) {
            *there = slot;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_at_its_place() {
        let keys: Vec<String> = (0..10_000).map(|number| format!("key {number}")).collect();
        let mut places = Places::default();
        for (place, key) in keys.iter().enumerate() {
            assert_eq!(places.get(key.as_bytes(), |at| keys[at] == *key), None);
            places.insert(key.as_bytes(), place);
        }
        for (place, key) in keys.iter().enumerate() {
            assert_eq!(places.get(key.as_bytes(), |at| keys[at] == *key), Some(place));
        }
        assert!(places.slots.len() * size_of::<Slot>() <= keys.len() * Places::MOST * 2);
    }
}
