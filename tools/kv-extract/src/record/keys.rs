//! Which field of a record a key names: looked for one by one while there are few, and by hash from then on.

use std::hash::BuildHasher;

use super::{Field, Record, Span};

/// From this many keys on a repeated one is looked for by hash.
const FEW: usize = 16;

impl Record {
    /// The first field of this key; where there is none, notes that it will be `new`.
    pub(super) fn find_or_note(&mut self, line: &[u8], key: Span, new: usize) -> Option<usize> {
        let name = self.bytes(key, line);
        if self.fields.len() < FEW {
            let same = |field: &Field| field.tail.is_some() && self.bytes(field.key, line) == name;
            return self.fields.iter().position(same);
        }
        if self.table.len() < self.fields.len() * 2 {
            self.rebuild(line);
        }
        let name = self.bytes(key, line);
        let mask = self.table.len() - 1;
        // SipHash with a key of this process: a hostile line cannot choose keys that collide.
        let mut at = self.hasher.hash_one(name) as usize & mask;
        while let Some(place) = self.table[at].checked_sub(1) {
            if self.bytes(self.fields[place].key, line) == name {
                return Some(place);
            }
            at = (at + 1) & mask;
        }
        self.table[at] = new + 1;
        None
    }

    pub(super) fn rebuild(&mut self, line: &[u8]) {
        let size = (self.fields.len() * 4).next_power_of_two();
        let mut table = std::mem::take(&mut self.table);
        table.clear();
        table.resize(size, 0);
        for (place, field) in self.fields.iter().enumerate().filter(|(_, field)| field.tail.is_some()) {
            let mut at = self.hasher.hash_one(self.bytes(field.key, line)) as usize & (size - 1);
            while table[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            table[at] = place + 1;
        }
        self.table = table;
    }
}
