//! Lines whose keys come in no order that can be guessed: every sign is found first, then looked at.
//!
//! Owns the places of signs, newlines and colours.

use std::ops::Range;

use crate::fast::buffer::Output;
use crate::fast::cpu::{Machine, Work};
use crate::fast::key_cache::{AROUND, SIGN};
use crate::fast::lines::{Counted, DONE, Lines};

/// Looks at every sign. Work of its own, as guessing is: the code of each is made for it alone.
pub struct Walk<'a, 'b, F> {
    pub lines: Lines<'b, F>,
    pub done: &'a mut Option<Counted>,
}

impl<F: FnMut(usize, usize, bool, &mut Output) -> bool> Work for Walk<'_, '_, F> {
    #[inline(always)]
    fn run<M: Machine>(mut self) {
        let (count, brackets) = match self.lines.sorter {
            Some(_) => self.lines.find_events::<M, true>(),
            None => self.lines.find_events::<M, false>(),
        };
        if self.lines.may_hide(brackets) {
            return;
        }
        self.lines.walk::<M>(count);
        *self.done = Some(self.lines.counted);
    }
}

impl<F: FnMut(usize, usize, bool, &mut Output) -> bool> Lines<'_, F> {
    /// Notes where what stands around the signs, newlines and colours begins; how many there are, and, where that is asked
    /// for, whether there is anything that may be more than prose.
    #[inline(always)]
    fn find_events<M: Machine, const SORTS: bool>(&mut self) -> (usize, bool) {
        let events = &mut self.memory.events;
        let most = self.ranges.iter().map(Range::len).sum::<usize>() + 64;
        if events.len() < most {
            events.resize(most, 0);
        }
        let (mut count, mut seen) = (0, M::UNSEEN);
        for range in self.ranges {
            let (blocks, _) = self.bytes.get(range.start..).unwrap_or_default().as_chunks::<64>();
            let mut at = range.start;
            for block in blocks.iter().take(range.len().div_ceil(64)) {
                if SORTS {
                    seen = M::see(seen, block);
                }
                // Behind the last newline there may be more.
                let behind = 64 - range.end.saturating_sub(at).min(64);
                let mut found = M::events(block) << behind >> behind;
                let more = found.count_ones() as usize;
                let Some(places) = events.get_mut(count..) else { break };
                // Four at once, of which those that are too many are written over: few words have more.
                for four in places.as_chunks_mut::<4>().0.iter_mut().take(more.div_ceil(4)) {
                    for place in four {
                        *place = (at.wrapping_sub(SIGN) as u32).wrapping_add(found.trailing_zeros());
                        found &= found.wrapping_sub(1);
                    }
                }
                at += 64;
                count += more;
            }
        }
        (count, SORTS && M::is_seen(seen))
    }

    #[inline(always)]
    fn walk<M: Machine>(&mut self, count: usize) {
        let mut ranges = self.ranges.iter();
        let Some(mut range) = ranges.next() else { return };
        let mut floor = self.begin_line::<M>(range.start);
        let events = std::mem::take(&mut self.memory.events);
        let bytes = self.bytes;
        let mut pairs = 0_usize;
        for &from in events.get(..count).unwrap_or_default() {
            let from = from as usize;
            let Some(around) = bytes.get(from..from + AROUND).and_then(|around| around.first_chunk()) else { break };
            let at = from + SIGN;
            if around[SIGN] == b'=' {
                // Within a value: none.
                if at < floor {
                    continue;
                }
                match self.common_at::<M>(around) {
                    Some((_, key, length)) => {
                        // Where the key stands right behind the value before it, no unit is between them.
                        if at.wrapping_sub(key) != floor.wrapping_add(1) {
                            self.look_behind(floor);
                        }
                        (floor, pairs) = (at.wrapping_add(length), pairs.wrapping_add(1));
                    }
                    None => {
                        self.look_behind(floor);
                        (floor, pairs) = self.uncommon::<M>(at, floor, pairs);
                    }
                }
                continue;
            }
            // Hidden, or newlines would be asked for first, and most are signs.
            match M::hide(usize::from(around[SIGN])) as u8 {
                b'\n' => {
                    self.look_behind(floor);
                    self.end_line(pairs);
                    let mut start = at.wrapping_add(1);
                    if start >= range.end {
                        let Some(next) = ranges.next() else { break };
                        (range, start) = (next, next.start);
                    }
                    (floor, pairs) = (self.begin_line::<M>(start), 0);
                }
                // A colour within a value is one all the same.
                _ if floor == DONE => (),
                _ => (floor, pairs) = self.uncommon::<M>(at, floor, pairs),
            }
        }
        self.memory.events = events;
    }
}
