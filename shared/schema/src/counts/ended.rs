//! How many ended well, and how many badly: together they count what a share of outcomes, or a distribution, is made of.

use super::keys::{Kind, Statistic};
use super::words::{AMOUNTS, ENDED, EVENTS, PERHAPS, words};
use super::{Level, is_none};
use crate::Object;

/// How many ended well and badly, by the places of those counts: together they are what a share of outcomes is made of.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// Those that ended well.
    pub well: Vec<usize>,
    badly: Vec<usize>,
}

impl Ended {
    /// Looks at every key once.
    pub fn of(object: &Object<'_>) -> Ended {
        let [well, badly] = ENDED.map(|words| {
            let named = object.iter().enumerate().filter(|(_, (key, _))| may_end(key) && is_ended(key, words));
            named.map(|(place, _)| place).collect()
        });
        Ended { well, badly }
    }

    /// Whether both are counted.
    pub fn are_both(&self) -> bool {
        !self.well.is_empty() && !self.badly.is_empty()
    }

    /// Whether a key is that of a share of these: `success_rate`, `failed_pct`; not `hit_rate`, nor `checkout_success_rate`.
    fn are_of(&self, key: &str) -> bool {
        self.are_both() && Statistic::of(key, false).is_some_and(|statistic| {
            statistic.kind == Kind::Share
                && matches!(statistic.stem.as_slice(), [one] if ENDED.iter().any(|words| words.contains(&one.as_str())))
        })
    }

    /// Whether the share that a level leads to is one of none: neither ended well nor badly.
    pub fn is_none_of(&self, level: &Level<'_, '_>) -> bool {
        self.are_of(level.key) && self.is_none(level.object)
    }

    /// Whether none of what `object` has ended.
    pub fn is_none(&self, object: &Object<'_>) -> bool {
        let none = |place: &usize| object.at(*place).is_some_and(|(_, value)| is_none(value));
        self.are_both() && self.well.iter().chain(&self.badly).all(none)
    }
}

/// Whether a key is worth a closer look: most are not.
fn may_end(key: &str) -> bool {
    const PARTS: [&[u8]; 8] = [b"ok", b"ucc", b"ood", b"pass", b"ail", b"err", b"ko", b"bad"];
    let bytes = key.as_bytes();
    PARTS.iter().any(|part| bytes.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part)))
}

/// Whether a key counts what ended as one of `list` says: `ok`, `ok_count`, `tests_passed`, `failedRequests`.
fn is_ended(key: &str, list: &[&str]) -> bool {
    let mut all = words(key);
    all.retain(|word| word != "count" && !AMOUNTS.contains(&word.as_str()));
    let thing =
        |word: &String| word == "tests" || [&EVENTS[..], &PERHAPS].iter().any(|list| list.contains(&word.as_str()));
    let ended = |word: &String| list.contains(&word.as_str());
    match all.as_slice() {
        [one] => ended(one),
        [one, other] => thing(one) && ended(other) || ended(one) && thing(other),
        _ => false,
    }
}
