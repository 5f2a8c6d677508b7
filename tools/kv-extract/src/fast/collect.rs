//! The fields of one line, by format: the common case at once, the rest by the plain readers' own places.
//!
//! Owns no grammar: where a pair is, `grammar/` says; here the most common form of each is met first.

use crate::fast::cpu::Machine;
use crate::fast::fields::{Road, Way};
use crate::fast::key_cache::{AROUND, BEHIND, LINE, SIGN};
use crate::fast::kinds::{Field, Kind};
use crate::fast::kinds::{copied_end, is_near_json};
use crate::fast::masks::NEAR;
use crate::fast::value::{self, WRITTEN};
use crate::grammar::prose::{Grammar, Quoting, is_closing, may_hold_pair, reads_quantity};
use crate::grammar::{access_log, logfmt};
use crate::record::units::lists::{UnitKind, may_go_on, more_behind};
use crate::record::units::unit_words;

impl Road {
    /// Takes the fields of the line; false where the plain way must do it.
    #[inline(always)]
    pub(super) fn collect<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        match self.way {
            Way::Json => self.json::<M>(bytes, start, end),
            Way::Logfmt => self.logfmt::<M>(bytes, start, end),
            Way::Rows(delimiter) => self.row::<M>(bytes, start, end, delimiter),
            Way::Prose(_) if self.is_plain_grammar => {
                self.prose::<M>(bytes, start, end) || {
                    self.begin();
                    self.others::<M>(bytes, start, end)
                }
            }
            Way::Access(_) => {
                self.request::<M>(bytes, start, end) || {
                    self.begin();
                    self.others::<M>(bytes, start, end)
                }
            }
            Way::Template(_) => self.template::<M>(bytes, start, end),
            Way::Prose(_) => self.others::<M>(bytes, start, end),
        }
    }

    /// The pairs of prose, if all of them are common ones whose keys were met before.
    #[inline(always)]
    pub(super) fn prose<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        // The field whose value ends at the floor, from 1; 0 where none does.
        let (mut floor, mut last) = (start, 0);
        let mut before = LINE;
        loop {
            let window = bytes.get(floor..).and_then(|rest| rest.first_chunk());
            let guess = if let Some(window) = window { self.keys.guess::<M>(before, window) } else { None };
            let (slot, at) = match guess {
                Some((slot, length)) => (slot, floor.wrapping_add(1).wrapping_add(length)),
                None => {
                    let Some(at) = next_event::<M>(bytes, floor, end) else { break };
                    let around = bytes.get(at.wrapping_sub(SIGN)..).and_then(|around| around.first_chunk());
                    let Some(around) = around else { return false };
                    let Some(slot) = self.keys.find::<M>(around) else { return false };
                    self.keys.follows(before, slot);
                    (slot, at)
                }
            };
            let count = self.count;
            let Some((key, length)) = self.common::<M>(bytes, slot, at) else { return false };
            // Where the key stands right behind the value before it, no unit is between them.
            if at.wrapping_sub(key) != floor.wrapping_add(1) {
                self.look_behind(bytes, floor, last);
            }
            (floor, last) = (at.wrapping_add(length), if self.count > count { self.count } else { 0 });
            before = slot;
            if self.writes && !self.wishes.text {
                let Some(behind) = self.chain::<M>(bytes, Behind { slot, floor, last }) else { return false };
                Behind { slot: before, floor, last } = behind;
            }
        }
        self.look_behind(bytes, floor, last);
        true
    }

    /// Takes the pairs behind this one, as long as they are common ones, their keys are those that were there last time, and
    /// nothing is done with them but to write or to pass them; where that ends. `None` where there are too many.
    #[inline(always)]
    fn chain<M: Machine>(&mut self, bytes: &[u8], behind: Behind) -> Option<Behind> {
        let Behind { mut slot, floor, mut last } = behind;
        let Road { keys, out, count, passed, kept, fields, .. } = self;
        let mut keys = keys.guesses();
        let line = keys.line;
        let room = out.bytes.len();
        let mut place = out.bytes.get_mut(out.length..).unwrap_or_default();
        let mut rest = bytes.get(floor..)?;
        let mut pairs = 0_usize;
        // How long the value is that was written last.
        let mut written_last = None;
        while let (Some(window), Some(out)) = (rest.first_chunk(), place.first_chunk_mut()) {
            let Some((next, key)) = keys.next::<M>(slot, window) else { break };
            let length = key.length as usize % NEAR;
            let Some(behind) = window[1 + length..].first_chunk() else { break };
            let value = if key.about.is_simple {
                let Some((value, written)) = value::write::<M>(key, behind, out) else { break };
                place = &mut place[written % WRITTEN..];
                pairs = pairs.wrapping_add(1);
                written_last = Some(value);
                value
            } else if key.about.is_looked_at {
                break;
            } else {
                let Some(value) = passed_over::<M>(behind) else { break };
                *passed = passed.wrapping_add(1);
                written_last = None;
                last = 0;
                value
            };
            key.line = line;
            slot = next;
            rest = &rest[length.wrapping_add(1).wrapping_add(value) % AROUND..];
        }
        let floor = bytes.len().wrapping_sub(rest.len());
        if pairs > 0 {
            out.length = room.wrapping_sub(place.len());
            *count = count.wrapping_add(pairs);
            *kept = true;
        }
        if let Some(value) = written_last {
            last = *count;
            // Only a number may have a unit behind it, and whoever looks for one looks at that.
            *fields.get_mut(last.wrapping_sub(1))? = Field {
                start: floor.wrapping_sub(value).wrapping_add(1) as u32,
                length: value.wrapping_sub(1) as u32,
                slot: slot as u16,
                kind: Kind::Json,
            };
        }
        Some(Behind { slot, floor, last })
    }

    /// Looks for a unit one blank behind the value that ends at `end`, that of the field `last`.
    #[inline(always)]
    fn look_behind(&mut self, bytes: &[u8], end: usize, last: usize) {
        if last > 0 && unit_words::begins_unit(bytes, end) {
            self.note_unit(bytes, end, last - 1);
        }
    }

    /// Takes the pair of this key whose sign is at `at`, if it is a common one; the length of the key, and that of sign and
    /// value.
    #[inline(always)]
    fn common<M: Machine>(&mut self, bytes: &[u8], slot: usize, at: usize) -> Option<(usize, usize)> {
        let around = bytes.get(at.wrapping_sub(SIGN)..)?.first_chunk()?;
        let key = self.keys.at(slot);
        let key_length = key.length as usize;
        if !key.about.is_looked_at {
            return Some((key_length, self.pass::<M>(slot, around)?));
        }
        let behind = around.last_chunk()?;
        let value = match value::common::<M>(behind) {
            Some(value) => value,
            None => value::value::<M>(behind).settle(behind)?,
        };
        self.keys.take(slot)?;
        let (step, length, is_text) = value.parts();
        let kind = if is_text || self.wishes.text { Kind::Text } else { Kind::Json };
        let is_taken = self.push_found(slot, bytes, (at.wrapping_add(1 + step), length), kind);
        is_taken.then_some((key_length, value.end()))
    }

    /// Passes over the pair whose sign is in the middle of `around` and of whose value nothing is asked, if it is a bare
    /// one: the length of sign and value. What only seems to end there is for the plain way.
    #[inline(always)]
    fn pass<M: Machine>(&mut self, slot: usize, around: &[u8; AROUND]) -> Option<usize> {
        let length = passed_over::<M>(around.last_chunk()?)?;
        self.having |= self.keys.take(slot)?.about.having;
        self.passed += 1;
        Some(length)
    }

    /// The pairs by the plain readers' places.
    #[inline(never)]
    fn others<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        let Some(line) = bytes.get(start..end) else { return false };
        // The reader is lent out of the road while the road takes its pairs.
        let way = std::mem::replace(&mut self.way, Way::Json);
        let is_sure = match &way {
            Way::Prose(grammar) => self.scan::<M>(grammar, bytes, start, line),
            Way::Access(grammar) => self.access::<M>(grammar, bytes, start, line),
            Way::Template(_) | Way::Logfmt | Way::Json | Way::Rows(_) => false,
        };
        self.way = way;
        is_sure
    }

    fn scan<M: Machine>(&mut self, grammar: &Grammar, bytes: &[u8], start: usize, line: &[u8]) -> bool {
        let mut is_sure = true;
        grammar.scan(line, |pair| {
            let key = (start + pair.key.start, start + pair.key.end);
            let value = (start + pair.value.start, start + pair.value.end);
            // A pair within a value is in doubt.
            let hides = || bytes.get(value.0..value.1).is_some_and(may_hold_pair);
            is_sure = is_sure && (pair.quoting != Quoting::Bare || !hides());
            is_sure = is_sure && self.push_pair::<M>(bytes, key, value, pair.quoting);
            if pair.quoting == Quoting::Bare && !self.wishes.text {
                // Whether others stand behind it, the plain way says.
                let behind = || bytes.get(value.0..value.1).and_then(UnitKind::of_value);
                is_sure &= bytes.get(value.1) != Some(&b',')
                    || !may_go_on(bytes, value.1)
                    || behind().and_then(|behind| more_behind(bytes, value.1, behind)).is_none();
                is_sure &= unit_words::unit_behind_bracket(bytes, &(value.0..value.1)).is_none();
                self.look_behind(bytes, value.1, self.count);
            }
        });
        is_sure
    }

    fn access<M: Machine>(&mut self, grammar: &Grammar, bytes: &[u8], start: usize, line: &[u8]) -> bool {
        let mut is_sure = true;
        let rest = access_log::fields(line, |field| {
            let column =
                access_log::NAMES.iter().position(|name| std::ptr::eq(*name, field.name) || *name == field.name);
            let quoting = if field.text { Quoting::Quoted } else { Quoting::Bare };
            let value = (start + field.place.start, start + field.place.end);
            is_sure = is_sure && column.is_some_and(|column| self.push_column::<M>(column, bytes, value, quoting));
        });
        match rest {
            // A line that does not fit is told, or an error.
            None => false,
            Some(rest) => {
                let behind = line.get(rest..).unwrap_or_default();
                is_sure && (behind.is_empty() || self.scan::<M>(grammar, bytes, start + rest, behind))
            }
        }
    }

    /// The pairs and words of logfmt.
    #[inline(always)]
    fn logfmt<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        let mut at = start;
        let mut pairs = false;
        let mut before = LINE;
        loop {
            let window = bytes.get(at..).and_then(|rest| rest.first_chunk());
            let guess = if let Some(window) = window { self.keys.guess::<M>(before, window) } else { None };
            let (slot, sign) = match guess {
                Some((slot, length)) if self.keys.take(slot).is_some() => {
                    (slot, at.wrapping_add(1).wrapping_add(length))
                }
                Some(_) => return false,
                None => {
                    while bytes.get(at).is_some_and(|&byte| byte <= b' ') && at < end {
                        at += 1;
                    }
                    if at >= end {
                        break;
                    }
                    // A key ends at its sign, at a quote, or at a blank.
                    let Some(sign) = key_end::<M>(bytes, at) else { return false };
                    match bytes.get(sign) {
                        Some(b'=') if sign > at && sign < end => {}
                        // Words, and whatever is odd: the plain reader knows them all.
                        _ => return self.words::<M>(bytes, start, end),
                    }
                    let Some(slot) = self.meet::<M>(bytes, (at, sign)) else { return false };
                    self.keys.follows(before, slot);
                    (slot, sign)
                }
            };
            before = slot;
            pairs = true;
            let value = sign + 1;
            if bytes.get(value) == Some(&b'"') {
                let Some(close) = copied_end::<M>(bytes, value + 1) else { return false };
                if bytes.get(close) != Some(&b'"') || close >= end {
                    return self.words::<M>(bytes, start, end);
                }
                if !self.push_found(slot, bytes, (value + 1, close - value - 1), Kind::Text) {
                    return false;
                }
                at = close + 1;
                continue;
            }
            let Some(near) = bytes.get(value..).and_then(|rest| rest.first_chunk::<NEAR>()) else { return false };
            if matches!(near[0], b'{' | b'[') {
                // It may hold blanks.
                return self.words::<M>(bytes, start, end);
            }
            let masks = M::value(near, 0);
            let length = masks.ends.trailing_zeros() as usize;
            let behind = value.wrapping_add(length);
            if length == 32 || bytes.get(behind).is_some_and(|&byte| !value::is_blank(byte)) {
                return self.words::<M>(bytes, start, end);
            }
            // No writer of logfmt ends a number so: the line may be prose.
            if self.wishes.of_pairs && length > 0 && bytes.get(behind.wrapping_sub(1)).copied().is_some_and(is_closing)
            {
                return self.words::<M>(bytes, start, end);
            }
            let is_json = !self.wishes.text && is_near_json(&masks, near, length);
            let kind = if is_json { Kind::Json } else { Kind::Text };
            if !self.push_found(slot, bytes, (value, length), kind) {
                return false;
            }
            at = behind;
            if self.writes && !self.wishes.text {
                let Some(found) = self.chain::<M>(bytes, Behind { slot, floor: at, last: 0 }) else { return false };
                (before, at) = (found.slot, found.floor);
            }
        }
        pairs || (self.count == 0 && !self.wishes.of_pairs)
    }

    /// The same by the plain reader.
    #[inline(never)]
    fn words<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        self.begin();
        let Some(line) = bytes.get(start..end) else { return false };
        let words = if self.wishes.of_pairs { logfmt::words } else { logfmt::words_in_brackets };
        let mut words = words(line);
        let mut pairs = false;
        for word in &mut words {
            let key = (start + word.key.start, start + word.key.end);
            // A word is a key that is true; there is no `true` in the line to point to.
            let Some((value, quoted)) = word.value else { return false };
            let text = line.get(value.clone()).unwrap_or_default();
            // A pair within it is in doubt, and what was cut may be prose.
            let is_odd = || {
                may_hold_pair(text)
                    || text.contains(&0)
                    || self.wishes.of_pairs && (reads_quantity(text) || logfmt::is_parted(line, &value))
            };
            if !quoted && is_odd() {
                return false;
            }
            pairs = true;
            let quoting = if quoted { Quoting::Quoted } else { Quoting::Bare };
            if !self.push_pair::<M>(bytes, key, (start + value.start, start + value.end), quoting) {
                return false;
            }
        }
        words.is_closed() && (pairs || (self.count == 0 && !self.wishes.of_pairs))
    }
}

/// Where a pair ends behind which others are looked for.
#[derive(Clone, Copy)]
struct Behind {
    /// The place of its key.
    slot: usize,
    /// Behind its value.
    floor: usize,
    /// Its field, from 1; 0 where it is none.
    last: usize,
}

/// The next sign, or colour, before `end`.
#[inline(always)]
fn next_event<M: Machine>(bytes: &[u8], mut from: usize, end: usize) -> Option<usize> {
    while from < end {
        let events = M::events(bytes.get(from..)?.first_chunk()?);
        if events != 0 {
            let at = from.wrapping_add(events.trailing_zeros() as usize);
            return (at < end).then_some(at);
        }
        from = from.wrapping_add(64);
    }
    None
}

/// The length of a sign and of the bare value behind it; `None` where it may be none, or may not end there.
#[inline(always)]
fn passed_over<M: Machine>(behind: &[u8; BEHIND]) -> Option<usize> {
    let near: &[u8; NEAR] = behind[1..].first_chunk()?;
    let length = M::value(near, 0).ends.trailing_zeros() as usize;
    let last = behind[length % BEHIND];
    let is_bare = length > 0
        && near.get(length).is_some_and(|&byte| value::is_blank(byte))
        && !matches!(near[0], b'\'' | b'=' | b'~' | b'>')
        && !is_closing(last);
    is_bare.then_some(1 + length)
}

/// Where a logfmt key ends.
#[inline(always)]
fn key_end<M: Machine>(bytes: &[u8], at: usize) -> Option<usize> {
    let near = bytes.get(at..)?.first_chunk()?;
    let length = M::key_ends(near).trailing_zeros() as usize;
    (length < 32).then_some(at + length)
}
