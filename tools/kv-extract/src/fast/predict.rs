//! Lines whose keys come in the order they came in before: most of what one program logs again and again.
//!
//! Owns the guess which key comes next. Where it is right, nothing is searched for; where it is not, the next sign is
//! searched for and done as `lines.rs` does it. It refuses to know what keys and values are.

use crate::fast::buffer::Output;
use crate::fast::cpu::{Machine, Work};
use crate::fast::key_cache::{AROUND, LINE, SIGN};
use crate::fast::lines::{Counted, DONE, Lines, see_brackets};
use crate::fast::masks::NEAR;
use crate::fast::value::{self, WRITTEN};

/// Where a guess stands: behind a pair.
#[derive(Clone, Copy)]
struct Behind {
    /// The place of its key.
    slot: usize,
    /// Behind its value.
    end: usize,
}

/// Guesses every key.
pub struct Follow<'a, 'b, F> {
    pub lines: Lines<'b, F>,
    pub done: &'a mut Option<Counted>,
    /// How many pairs were guessed.
    pub guessed: &'a mut u64,
}

impl<F: FnMut(usize, usize, bool, &mut Output) -> bool> Work for Follow<'_, '_, F> {
    #[inline(always)]
    fn run<M: Machine>(mut self) {
        if self.lines.sorter.is_some() {
            let (ranges, bytes) = (self.lines.ranges.iter(), self.lines.bytes);
            let seen = ranges.fold(M::UNSEEN, |seen, range| see_brackets::<M>(seen, bytes, range));
            if self.lines.may_hide(M::is_seen(seen)) {
                return;
            }
        }
        'all: for range in self.lines.ranges {
            let mut start = range.start;
            while start < range.end {
                let floor = self.lines.begin_line::<M>(start);
                let Some(next) = self.lines.follow_line::<M>(start, floor, self.guessed) else { break 'all };
                start = next;
            }
        }
        *self.done = Some(self.lines.counted);
    }
}

impl<F: FnMut(usize, usize, bool, &mut Output) -> bool> Lines<'_, F> {
    /// One line; where the next one begins.
    #[inline(always)]
    fn follow_line<M: Machine>(&mut self, start: usize, mut floor: usize, guessed: &mut u64) -> Option<usize> {
        let (mut from, mut pairs) = (start, 0_usize);
        let (mut last, mut may_guess) = (Some(LINE), true);
        loop {
            let at = self.next_event::<M>(from)?;
            from = at.wrapping_add(1);
            match self.bytes.get(at)? {
                b'\n' => {
                    self.end_line(pairs);
                    return Some(from);
                }
                b'=' if at < floor => (), // within a value; a colour there is one all the same
                b'=' => {
                    let behind = if std::mem::take(&mut may_guess) {
                        // As if the line's beginning were a key, and what stands before its first key the value.
                        let length = self.memory.keys.guessed_length(LINE);
                        Behind { slot: LINE, end: at.wrapping_sub(length).wrapping_sub(1) }
                    } else if let Some(found) = self.found::<M>(last, at) {
                        pairs = pairs.wrapping_add(1);
                        found
                    } else {
                        last = None;
                        (floor, pairs) = self.uncommon::<M>(at, floor, pairs);
                        continue;
                    };
                    let (behind, more) = self.guess::<M>(behind);
                    (pairs, *guessed) = (pairs.wrapping_add(more), guessed.wrapping_add(more as u64));
                    if behind.slot == LINE {
                        from = at;
                        continue;
                    }
                    if self.bytes.get(behind.end) == Some(&b'\n') {
                        self.end_line(pairs);
                        return Some(behind.end.wrapping_add(1));
                    }
                    self.look_behind(behind.end);
                    (last, from, floor) = (Some(behind.slot), behind.end, behind.end);
                }
                _ if floor == DONE => (),
                _ => (floor, pairs) = self.uncommon::<M>(at, floor, pairs),
            }
        }
    }

    /// The next sign, newline or colour.
    #[inline(always)]
    fn next_event<M: Machine>(&self, mut from: usize) -> Option<usize> {
        loop {
            let events = M::events(self.bytes.get(from..)?.first_chunk()?);
            if events != 0 {
                return Some(from.wrapping_add(events.trailing_zeros() as usize));
            }
            from = from.wrapping_add(64);
        }
    }

    /// Writes the pair whose sign is at `at`, if it is a common one: the first behind `last` or a gap.
    #[inline(always)]
    fn found<M: Machine>(&mut self, last: Option<usize>, at: usize) -> Option<Behind> {
        let (slot, _, length) = self.common_at::<M>(self.bytes.get(at.wrapping_sub(SIGN)..)?.first_chunk()?)?;
        if let Some(last) = last {
            self.memory.keys.follows(last, slot);
        }
        Some(Behind { slot, end: at.wrapping_add(length) })
    }

    /// Writes the pairs behind this one, as long as they are common ones and their keys as guessed; where that ends, and
    /// how many there were.
    #[inline(always)]
    fn guess<M: Machine>(&mut self, Behind { mut slot, end }: Behind) -> (Behind, usize) {
        let mut keys = self.memory.keys.guesses();
        let line = keys.line;
        let room = self.output.bytes.len();
        let mut out = self.output.bytes.get_mut(self.output.length..).unwrap_or_default();
        let Some(mut rest) = self.bytes.get(end..) else { return (Behind { slot, end }, 0) };
        let mut pairs = 0_usize;
        while let (Some(window), Some(place)) = (rest.first_chunk(), out.first_chunk_mut()) {
            let Some((next, key)) = keys.next::<M>(slot, window) else { break };
            let length = key.length as usize % NEAR;
            let Some(behind) = window[1 + length..].first_chunk() else { break };
            let Some((value, written)) = value::write::<M>(key, behind, place) else { break };
            key.line = line;
            (slot, pairs) = (next, pairs.wrapping_add(1));
            rest = &rest[length.wrapping_add(1).wrapping_add(value) % AROUND..];
            out = &mut out[written % WRITTEN..];
        }
        self.output.length = room.wrapping_sub(out.len());
        (Behind { slot, end: self.bytes.len().wrapping_sub(rest.len()) }, pairs)
    }
}
