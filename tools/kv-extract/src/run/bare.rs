//! Keys that have numbers without a unit, or texts that are a number and its unit, for where others of their numbers have one a blank
//! away: `took=900` and `took=12ms` beside `took=2 s`.
//!
//! Owns when a block is searched for them, which the fast ways do not see. Of a key that had a unit every block is; of others
//! the first few, so that a log without units costs nothing more.

use std::collections::HashMap;

use crate::fast::key_cache::Keys;
use crate::record::units::passed::{Forms, Passed, forms};

/// In how many blocks a key is looked for that had no unit so far.
const LOOKS: u8 = 4;
/// How many values of a key without a unit a blank away are looked at in each for one that touches its number.
const TOUCHED: usize = 64;
/// How many keys are looked for.
const KEYS: usize = 1024;

/// What one worker knows.
#[derive(Debug, Default)]
pub struct Bare {
    /// Of each key, in how many blocks it was looked for in vain; [`LOOKS`] once that is enough, or it was found.
    looks: HashMap<Vec<u8>, u8>,
    /// Keys that had a unit before.
    with_unit: Vec<String>,
}

impl Bare {
    /// Knows which keys had a unit before.
    pub fn know(&mut self, before: &Passed) {
        for key in before.with_unit() {
            if !self.with_unit.iter().any(|known| known == key) {
                self.with_unit.push(key.to_owned());
            }
        }
    }

    /// Notes in `passed`, which has the units of these lines, the keys that have numbers without one; where not the `whole` block
    /// is asked for, only of those that have a unit. In a `template` no `key=` stands before a number, so that whether each has
    /// the unit is seen line by line alone: there such a key counts as one that has numbers without it.
    pub fn look<'k>(
        &mut self,
        lines: &[u8],
        caches: impl Iterator<Item = &'k Keys>,
        (whole, template): (bool, bool),
        passed: &mut Passed,
    ) {
        self.know(passed);
        for key in &self.with_unit {
            let forms = if template { Forms { is_bare: true, touched: None } } else { forms(lines, key, usize::MAX) };
            if forms.is_bare {
                passed.add_bare(key.as_bytes());
            }
            if let Some(unit) = forms.touched {
                passed.add_touched(key.as_bytes(), unit);
            }
        }
        if !whole || template {
            return;
        }
        for key in caches.flat_map(Keys::names) {
            if !self.looks.contains_key(key) && self.looks.len() < KEYS {
                self.looks.insert(key.to_vec(), 0);
            }
            let Some(looks) = self.looks.get_mut(key).filter(|looks| **looks < LOOKS) else { continue };
            *looks += 1;
            let Ok(key) = std::str::from_utf8(key) else { continue };
            let forms = forms(lines, key, TOUCHED);
            if forms.is_bare {
                passed.add_bare(key.as_bytes());
                *looks = LOOKS;
            }
            if let Some(unit) = forms.touched {
                passed.add_touched(key.as_bytes(), unit);
            }
        }
    }
}
