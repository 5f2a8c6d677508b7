//! Keys that were met before, and which of them the line at hand has.
//!
//! Owns the memory of short keys, each as it is written into JSON: a log has few different ones. It refuses to know
//! what a key may be; what it is given to keep is one. None is dropped: one that finds no room is remembered for its
//! line, and where that cannot be either, the answer is [`Noted::Unknown`].

use crate::fast::cpu::Machine;
use crate::fast::masks::NEAR;

/// Where the sign stands in the bytes around it.
pub const SIGN: usize = 40;
/// How many bytes around a sign are looked at.
pub const AROUND: usize = 128;
/// How many of them are the sign and what is behind it.
pub const BEHIND: usize = AROUND - SIGN;
/// The longest key that is kept; before it one more byte must be seen to be a blank.
const LONGEST: usize = NEAR - 1;
/// How many keys are kept.
const KEPT: usize = 512;
/// How many places a key may stand in.
const PROBES: usize = 4;
/// The place that stands for the beginning of a line.
pub const LINE: usize = KEPT;
/// The places of keys, and [`LINE`].
const PLACES: usize = 2 * KEPT;
/// How often a key may be found in another place than the first before all are spread anew.
const OFTEN: u32 = 1 << 12;
/// The golden ratio, as Knuth has it (The Art of Computer Programming, 6.4).
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
/// How many keys a line may have that are not kept.
const OTHERS: usize = 64;

/// A key that was met.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))] // one line of the cache
pub struct Key {
    /// `,"key":"`, zeros behind it.
    pub written: [u8; LONGEST + 9],
    /// How long the key is: 1 to 31; more where there is none.
    pub length: u32,
    /// The line that had it last.
    pub line: u32,
    /// How many bytes of what is written stand before a value that is no text: 0 where there is no key.
    pub opens: u8,
    /// How many bytes `"key":` has, where it is written so and this is seen at once; else 0.
    pub member: u8,
    /// What is to be done with its values.
    pub about: About,
}

/// What is to be done with the values of a key, decided when the key is first met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Its lines are for the plain way.
    pub is_plain: bool,
    /// Nothing is done with its values but to write them.
    pub is_simple: bool,
    /// Anything is asked of its values; else that it is there is all that counts.
    pub is_looked_at: bool,
    /// It is kept: it makes a record of its line.
    pub is_kept: bool,
    /// It is written: kept, and not overwritten by `--set`.
    pub is_written: bool,
    /// Which value of those that conditions or the time ask for it is, from 1; 0 where it is none.
    pub wanted: u8,
    /// Which of the `--as` types it has, from 1; 0 where it has none.
    pub typed: u8,
    /// How many bytes stand behind the key where it is written: the unit of its type.
    pub suffix: u8,
    /// Which of the `--having` patterns it fits, a bit each.
    pub having: u16,
}

/// What became of a key of the line at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// No pair of this line had it; its place.
    At(usize),
    /// One had it, or may have had it, or it is too long to be kept.
    Unsure,
}

const NOTHING: About = About {
    is_plain: false,
    is_simple: true,
    is_looked_at: true,
    is_kept: true,
    is_written: true,
    wanted: 0,
    typed: 0,
    suffix: 0,
    having: 0,
};
const NONE: Key = Key { written: [0; LONGEST + 9], length: u32::MAX, line: 0, opens: 0, member: 0, about: NOTHING };

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// No pair of this line had it.
    New,
    /// One may have had it.
    Unknown,
}

/// The keys of a log.
#[derive(Debug)]
pub struct Keys {
    kept: Box<[Key; KEPT]>,
    /// The number of the line at hand. Once it begins anew, a key may seem repeated that is not.
    line: u32,
    /// The keys of this line that are not kept: where each begins, and how long it is.
    others: Vec<(usize, usize)>,
    /// Whether one found no room.
    is_full: bool,
    /// What makes the hash.
    multiplier: u64,
    /// How often a key did not stand where it is looked for first.
    misplaced: u32,
    /// Which key followed that of each place last.
    next: Box<[u16; PLACES]>,
}

impl Default for Keys {
    fn default() -> Self {
        Keys {
            kept: Box::new([NONE; KEPT]),
            line: 1,
            others: Vec::with_capacity(OTHERS),
            is_full: false,
            multiplier: MULTIPLIER,
            misplaced: 0,
            next: Box::new([0; PLACES]),
        }
    }
}

/// Keys, as long as guesses are right.
pub struct Guesses<'a> {
    kept: &'a mut [Key; KEPT],
    next: &'a [u16; PLACES],
    /// The number of the line at hand.
    pub line: u32,
}

/// Which of eight bytes the first so many are, and the last so many.
pub const FIRST: [u64; NEAR + 1] = masks(false);
const LAST: [u64; NEAR + 1] = masks(true);

const fn masks(of_last: bool) -> [u64; NEAR + 1] {
    let mut masks = [u64::MAX; NEAR + 1];
    let mut length = 0;
    while length < 8 {
        masks[length] = !(!0 << (8 * length));
        if of_last {
            masks[length] = masks[length].reverse_bits();
        }
        length += 1;
    }
    masks
}

/// Where a key of this length is looked for first, that ends where the sign stands.
#[inline(always)]
fn slot(around: &[u8; AROUND], length: usize, multiplier: u64) -> usize {
    let eight =
        |at: usize| around.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |eight| u64::from_le_bytes(*eight));
    // The first eight bytes and the last eight: of a short key both times all.
    let first = eight(SIGN - length) & FIRST[length % FIRST.len()];
    let last = eight(SIGN - 8) & LAST[length % LAST.len()];
    let mixed = first.wrapping_add(last).wrapping_add(length as u64).wrapping_mul(multiplier);
    (mixed >> (64 - KEPT.ilog2())) as usize % KEPT
}

/// Where a key may stand that is looked for at `first`.
fn slots(first: usize) -> impl Iterator<Item = usize> {
    (0..PROBES).map(move |step| (first + step) % KEPT)
}

impl Keys {
    /// Another line begins.
    #[inline(always)]
    pub fn next_line(&mut self) {
        self.line = self.line.wrapping_add(1);
        self.others.clear();
    }

    /// Forgets all keys, if there was no room for one. Does so too where two that come often have the same place:
    /// they are spread by another multiplier, until each has its own.
    pub fn make_room(&mut self) {
        let is_clash = self.misplaced >= OFTEN;
        if is_clash {
            self.multiplier = self.multiplier.wrapping_mul(MULTIPLIER); // odd, as both are
        }
        if is_clash || self.is_full {
            self.kept.fill(NONE);
            (self.is_full, self.misplaced) = (false, 0);
        }
    }

    /// The kept key that ends at the sign and has a blank before it, its place, and the number of the line at hand.
    #[inline(always)]
    pub fn find_key<M: Machine>(&mut self, around: &[u8; AROUND]) -> Option<(usize, &mut Key, u32)> {
        let slot = self.find::<M>(around)?;
        Some((slot, &mut self.kept[slot], self.line))
    }

    /// The place of the kept key that ends at the sign and has a blank before it.
    #[inline(always)]
    pub fn find<M: Machine>(&mut self, around: &[u8; AROUND]) -> Option<usize> {
        let length = M::blanks(around[SIGN - NEAR..].first_chunk()?).leading_zeros() as usize;
        let text = around[SIGN - length..].first_chunk()?;
        let slot = slot(around, length, self.multiplier);
        if is::<M>(&self.kept[slot], text, length) {
            return Some(slot);
        }
        self.find_further::<M>(text, length, slot)
    }

    #[cold]
    #[inline(never)]
    fn find_further<M: Machine>(&mut self, text: &[u8; NEAR], length: usize, first: usize) -> Option<usize> {
        let slot = slots(first).find(|&slot| is::<M>(&self.kept[slot], text, length))?;
        self.misplaced += 1;
        Some(slot)
    }

    /// The key at this place, if this line had none like it so far: now it has.
    #[inline(always)]
    pub fn take(&mut self, slot: usize) -> Option<&Key> {
        let key = &mut self.kept[slot % KEPT];
        let line = std::mem::replace(&mut key.line, self.line);
        (line != self.line).then_some(key)
    }

    /// The key at the second place followed the one at the first, or [`LINE`].
    #[inline(always)]
    pub fn follows(&mut self, last: usize, next: usize) {
        self.next[last % PLACES] = next as u16;
    }

    /// The key that is guessed to come behind the one at `last`, or [`LINE`], where `near` begins with it as JSON writes it:
    /// its place, and the length of its text and colon.
    #[inline(always)]
    pub fn next_member<M: Machine>(&mut self, last: usize, near: &[u8; NEAR]) -> Option<(usize, usize)> {
        let slot = usize::from(self.next[last % PLACES]) % KEPT;
        let key = &mut self.kept[slot];
        let length = usize::from(key.member);
        let differ = M::differ(key.written[1..].first_chunk()?, near);
        let is_there = u64::from(differ) & !(u64::MAX << (length % 64)) == 0 && length > 0 && key.line != self.line;
        if !is_there {
            return None;
        }
        key.line = self.line;
        Some((slot, length))
    }

    /// How long the key is that followed the one at this place last, or [`LINE`]; more than any where it is not known.
    #[inline(always)]
    pub fn guessed_length(&self, last: usize) -> usize {
        self.kept[usize::from(self.next[last % PLACES]) % KEPT].length as usize
    }

    /// The key that is guessed to come behind the one at `last`, or [`LINE`], where `window` begins with a blank, this key and
    /// a sign: its place and its length. Whether the line had it is not looked at.
    #[inline(always)]
    pub fn guess<M: Machine>(&self, last: usize, window: &[u8; AROUND]) -> Option<(usize, usize)> {
        let slot = usize::from(self.next[last % PLACES]) % KEPT;
        let key = &self.kept[slot];
        let length = key.length as usize;
        let is_there = length <= LONGEST
            && window[0] == b' '
            && window[1 + length] == b'='
            && is::<M>(key, window[1..].first_chunk()?, length);
        is_there.then_some((slot, length))
    }

    /// The guesses what comes next.
    #[inline(always)]
    pub fn guesses(&mut self) -> Guesses<'_> {
        Guesses { kept: &mut self.kept, next: &self.next, line: self.line }
    }

    /// This line has the key `bytes[start..start + length]`. One that is new is kept, written as `about` says: with its
    /// suffix behind it.
    #[inline(always)]
    pub fn meet<M: Machine>(
        &mut self,
        bytes: &[u8],
        start: usize,
        length: usize,
        about: impl FnOnce(&[u8]) -> (About, &'static str),
    ) -> Met {
        let end = start.wrapping_add(length);
        let around = bytes.get(end.wrapping_sub(SIGN)..).and_then(|rest| rest.first_chunk());
        let Some((around, text)) = around.zip(bytes.get(start..).and_then(|text| text.first_chunk())) else {
            return Met::Unsure;
        };
        if length.wrapping_sub(1) >= LONGEST {
            return Met::Unsure;
        }
        let first = slot(around, length, self.multiplier);
        if is::<M>(&self.kept[first], text, length) {
            let line = std::mem::replace(&mut self.kept[first].line, self.line);
            return if line == self.line { Met::Unsure } else { Met::At(first) };
        }
        self.meet_further::<M>(text, length, first, about)
    }

    #[cold]
    #[inline(never)]
    fn meet_further<M: Machine>(
        &mut self,
        text: &[u8; NEAR],
        length: usize,
        first: usize,
        about: impl FnOnce(&[u8]) -> (About, &'static str),
    ) -> Met {
        if let Some(slot) = slots(first).find(|&slot| is::<M>(&self.kept[slot], text, length)) {
            self.misplaced += 1;
            let line = std::mem::replace(&mut self.kept[slot].line, self.line);
            return if line == self.line { Met::Unsure } else { Met::At(slot) };
        }
        let Some(slot) = slots(first).find(|&slot| self.kept[slot].length == NONE.length) else {
            self.is_full = true;
            return Met::Unsure;
        };
        let (about, suffix) = about(&text[..length]);
        self.kept[slot] = Key::named(&text[..length], suffix, about, self.line);
        Met::At(slot)
    }

    /// The keys whose values are written as they stand.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        let kept =
            self.kept.iter().filter(|key| key.length != NONE.length && key.about.is_kept && key.about.typed == 0);
        kept.filter_map(|key| key.written.get(2..2 + key.length as usize))
    }

    /// The key at this place.
    #[inline(always)]
    pub fn at(&self, slot: usize) -> &Key {
        &self.kept[slot % KEPT]
    }

    /// This line has the key `bytes[start..start + length]`, all ASCII, whatever stands before it.
    pub fn note<M: Machine>(&mut self, bytes: &[u8], start: usize, length: usize) -> Noted {
        let around = (start + length).checked_sub(SIGN).and_then(|from| bytes.get(from..)?.first_chunk());
        let Some((around, text)) = around.zip(bytes.get(start..).and_then(|text| text.first_chunk())) else {
            return Noted::Unknown;
        };
        if length <= LONGEST {
            let first = slot(around, length, self.multiplier);
            if let Some(slot) = slots(first).find(|&slot| is::<M>(&self.kept[slot], text, length)) {
                let line = std::mem::replace(&mut self.kept[slot].line, self.line);
                return if line == self.line { Noted::Unknown } else { Noted::New };
            }
            if let Some(slot) = slots(first).find(|&slot| self.kept[slot].length == NONE.length) {
                self.kept[slot] = Key::new(text, length, self.line);
                return Noted::New;
            }
            self.is_full = true;
        }
        let key = bytes.get(start..start + length);
        let is_met = self.others.iter().any(|&(other, length)| bytes.get(other..other + length) == key);
        if is_met || self.others.len() == OTHERS {
            return Noted::Unknown;
        }
        self.others.push((start, length));
        Noted::New
    }
}

impl Guesses<'_> {
    /// The key that is guessed to come behind the one at `last`, or [`LINE`], and its place; if `window` begins with a
    /// blank, this key and a sign, and the line had none like it so far.
    #[inline(always)]
    pub fn next<M: Machine>(&mut self, last: usize, window: &[u8; AROUND]) -> Option<(usize, &mut Key)> {
        let slot = usize::from(self.next[last % PLACES]) % KEPT;
        let key = &mut self.kept[slot];
        let length = key.length as usize;
        let is_there = length <= LONGEST
            && window[0] == b' '
            && window[1 + length] == b'='
            && is::<M>(key, window[1..].first_chunk()?, length)
            && key.line != self.line;
        is_there.then_some((slot, key))
    }
}

impl Key {
    /// A key that is written with `suffix` behind it, where there is room for it.
    pub fn named(key: &[u8], suffix: &str, about: About, line: u32) -> Key {
        let mut text = [0; NEAR];
        let whole = key.len() + suffix.len();
        let (Some(place), true) = (text.get_mut(..whole), (1..=LONGEST).contains(&whole)) else {
            let about = About { is_plain: true, is_simple: false, ..about };
            return Key { length: key.len() as u32, line, about, ..NONE };
        };
        place[..key.len()].copy_from_slice(key);
        place[key.len()..].copy_from_slice(suffix.as_bytes());
        let written = Key::new(&text, whole, line);
        let about = About { suffix: suffix.len() as u8, is_simple: about.is_simple && !about.is_plain, ..about };
        let member = if suffix.is_empty() && whole + 3 <= NEAR { whole as u8 + 3 } else { 0 };
        Key { length: key.len() as u32, opens: whole as u8 + 4, member, about, ..written }
    }

    fn new(text: &[u8; NEAR], length: usize, line: u32) -> Key {
        let mut key = Key { length: length as u32, line, ..NONE };
        let [comma, quote, rest @ ..] = &mut key.written;
        (*comma, *quote) = (b',', b'"');
        rest[..length].copy_from_slice(&text[..length]);
        rest[length..length + 3].copy_from_slice(b"\":\"");
        key
    }
}

/// Whether this is the key whose first bytes, of so many, are `text`.
#[inline(always)]
fn is<M: Machine>(key: &Key, text: &[u8; NEAR], length: usize) -> bool {
    let Some(kept) = key.written[2..].first_chunk() else { return false };
    (M::differ(kept, text) & !(u64::MAX << (length % 64)) as u32 == 0) & (key.length as usize == length)
}
