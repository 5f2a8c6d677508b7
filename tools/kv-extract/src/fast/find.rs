//! The lines that hold one text, found in the same pass that counts lines.
//!
//! Owns where such a line begins and ends, block by block; refuses to look at anything else in it.

use std::ops::Range;

use memchr::arch::all::packedpair::Pair;
use memchr::memmem::Finder;
use memchr::{memchr, memchr_iter, memchr2, memrchr};

use crate::fast::cpu::{Choice, Machine, Work, run};
use crate::fast::masks::MARGIN;
use crate::fast::masks::NEAR;

/// How many bytes are searched at once: they stay in the nearest cache.
const STRETCH: usize = 16 << 10;
/// From so many bytes of the text two are chosen that are rare.
const CHOSEN_OF: usize = MARGIN - 64;
/// How many bytes are passed over in one loop: 64 blocks, each a bit.
const RUN: usize = 64 * 64;
/// A longer text is left to the library, whose time does not grow with it.
const LONGEST: usize = 256;

/// Searches one block after the other.
#[derive(Debug)]
pub struct Search {
    finder: Finder<'static>,
    choice: Choice,
    /// Whether the library looks for the text: in its own way it is faster than ours in the portable form.
    plainly: bool,
    /// The first bytes of the text.
    text: [u8; NEAR],
    /// Two bytes of the text that are rare in logs: where the first stands in it, how far behind that the second does,
    /// and what they are.
    rare: (usize, usize, [u8; 2]),
    /// The lines of the stretch that was searched last, of which so many were given out.
    found: Vec<Range<usize>>,
    given: usize,
    /// Up to where the block at hand was searched.
    searched: usize,
    /// Behind the last line that was found.
    after: usize,
    /// How many newlines were counted.
    lines: u64,
}

impl Search {
    /// Searches for the text of `finder`, which is neither empty nor has a newline.
    pub fn new(finder: Finder<'static>, choice: Choice) -> Search {
        let text = finder.needle();
        let pair = Pair::new(text.get(..CHOSEN_OF).unwrap_or(text));
        let mut pair = pair.map_or([0, 0], |pair| [pair.index1(), pair.index2()].map(usize::from));
        pair.sort_unstable();
        let rare = (pair[0], pair[1] - pair[0], pair.map(|at| text.get(at).copied().unwrap_or_default()));
        let mut first = [0; NEAR];
        first.iter_mut().zip(text).for_each(|(first, byte)| *first = *byte);
        Search {
            plainly: !choice.is_fast() || text.len() > LONGEST,
            finder,
            choice,
            text: first,
            rare,
            found: Vec::new(),
            given: 0,
            searched: 0,
            after: 0,
            lines: 0,
        }
    }

    /// Begins with a block whose lines begin at `start`.
    pub fn begin(&mut self, start: usize) {
        self.found.clear();
        (self.given, self.searched, self.after, self.lines) = (0, start, start, 0);
    }

    /// How many lines the block has, once there is no further one that holds the text.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The next line that holds the text, its newline included; the lines of `bytes` end at `end`, and [`MARGIN`] bytes
    /// stand behind that.
    pub fn next(&mut self, bytes: &[u8], end: usize) -> Option<Range<usize>> {
        debug_assert!(bytes.len() >= end + MARGIN);
        loop {
            if let Some(line) = self.found.get(self.given) {
                self.given += 1;
                return Some(line.clone());
            }
            if self.searched >= end {
                return None;
            }
            self.found.clear();
            self.given = 0;
            let start = self.searched;
            // All stretches but the first begin where memory is aligned.
            let odd = bytes.get(start..).map_or(0, |rest| (64 - rest.as_ptr().align_offset(64) % 64) % 64);
            self.searched = end.min(start + STRETCH - odd);
            let stretch = start..self.searched;
            if self.plainly {
                self.plainly(bytes, stretch, end);
            } else {
                run(self.choice, Stretch { search: self, bytes, stretch, end });
            }
        }
    }

    /// Looks through a stretch by what the library has.
    fn plainly(&mut self, bytes: &[u8], stretch: Range<usize>, end: usize) {
        let text = |range: Range<usize>| bytes.get(range).unwrap_or_default();
        self.lines += memchr_iter(b'\n', text(stretch.clone())).count() as u64;
        let overlap = self.finder.needle().len() - 1;
        loop {
            // What begins before the stretch may end in it, and a line that was found may reach into it.
            let from = self.after.max(stretch.start.saturating_sub(overlap));
            let Some(step) = self.finder.find(text(from..stretch.end)) else { break };
            let hit = from + step;
            let start = memrchr(b'\n', text(self.after..hit)).map_or(self.after, |step| self.after + step + 1);
            self.take(start..memchr(b'\n', text(hit..end)).map_or(end, |step| hit + step + 1));
        }
    }

    fn take(&mut self, line: Range<usize>) {
        self.after = line.end;
        self.found.push(line);
    }
}

/// Whether a byte that is hardly ever there is among `bytes`: on a fast machine with fewer instructions than the library takes,
/// which also says where.
pub fn has(choice: Choice, bytes: &[u8], byte: u8) -> bool {
    if !choice.is_fast() {
        return memchr(byte, bytes).is_some();
    }
    let (runs, rest) = bytes.as_chunks::<RUN>();
    let mut found = false;
    run(choice, Has { runs, wanted: [byte], found: &mut found });
    found || memchr(byte, rest).is_some()
}

/// The same of one of two such bytes.
pub fn has_one_of(choice: Choice, bytes: &[u8], wanted: [u8; 2]) -> bool {
    if !choice.is_fast() {
        return memchr2(wanted[0], wanted[1], bytes).is_some();
    }
    let (runs, rest) = bytes.as_chunks::<RUN>();
    let mut found = false;
    run(choice, Has { runs, wanted, found: &mut found });
    found || memchr2(wanted[0], wanted[1], rest).is_some()
}

struct Has<'a, const N: usize> {
    runs: &'a [[u8; RUN]],
    wanted: [u8; N],
    found: &'a mut bool,
}

impl<const N: usize> Work for Has<'_, N> {
    #[inline(always)]
    fn run<M: Machine>(self) {
        // Many at a time, for there is nothing else in this loop.
        let look = |seen: M::Seen, bytes: &[u8; 512]| {
            let near = bytes.as_chunks::<NEAR>().0.iter();
            near.fold(seen, |seen, bytes| self.wanted.iter().fold(seen, |seen, byte| M::look_for(seen, bytes, *byte)))
        };
        let has = |run: &[u8; RUN]| M::is_seen(run.as_chunks::<512>().0.iter().fold(M::UNSEEN, look));
        *self.found = self.runs.iter().any(has);
    }
}

/// Whether one of two such bytes is in a line, neither of which is 0.
#[inline]
pub fn has_either(choice: Choice, line: &[u8], bytes: [u8; 2]) -> bool {
    if !choice.is_fast() {
        return memchr2(bytes[0], bytes[1], line).is_some();
    }
    let mut found = false;
    run(choice, HasEither { line, bytes, found: &mut found });
    found
}

struct HasEither<'a> {
    line: &'a [u8],
    bytes: [u8; 2],
    found: &'a mut bool,
}

impl Work for HasEither<'_> {
    #[inline(always)]
    fn run<M: Machine>(self) {
        let [one, other] = self.bytes;
        let look = |seen, near: &[u8; NEAR]| M::look_for(M::look_for(seen, near, one), near, other);
        let seen = match self.line.last_chunk() {
            // Some of the last bytes are looked at twice.
            Some(last) => self.line.as_chunks().0.iter().fold(look(M::UNSEEN, last), look),
            None => {
                let mut near = [0; NEAR];
                if let Some(begin) = near.get_mut(..self.line.len()) {
                    begin.copy_from_slice(self.line);
                }
                look(M::UNSEEN, &near)
            }
        };
        *self.found = M::is_seen(seen);
    }
}

/// Whether three letters or digits, given in lower case, stand in a line in any case. What is no letter may be taken for one: who
/// asks looks closer.
pub fn any_case(choice: Choice, line: &[u8], three: [u8; 3]) -> bool {
    let mut found = false;
    run(choice, AnyCase { line, three, found: &mut found });
    found
}

struct AnyCase<'a> {
    line: &'a [u8],
    three: [u8; 3],
    found: &'a mut bool,
}

impl Work for AnyCase<'_> {
    #[inline(always)]
    fn run<M: Machine>(self) {
        const WINDOW: usize = NEAR + 2;
        let [one, two, three] = self.three.map(|byte| byte | 0x20);
        // Each place by itself, so that all of them are looked at at once; what was seen is asked for once a line. (To make the
        // three bytes a list and map that, is done byte by byte.)
        let mut seen = [0_u8; NEAR];
        let mut look = |near: &[u8; WINDOW]| {
            for at in 0..NEAR {
                seen[at] |= u8::from((near[at] | 0x20) == one)
                    & u8::from((near[at + 1] | 0x20) == two)
                    & u8::from((near[at + 2] | 0x20) == three);
            }
        };
        match self.line.last_chunk() {
            Some(last) => {
                let mut rest = self.line;
                while let Some(near) = rest.first_chunk() {
                    look(near);
                    rest = rest.get(NEAR..).unwrap_or_default();
                }
                // Some of the last bytes are looked at twice.
                look(last);
            }
            None => {
                let mut near = [0; WINDOW];
                if let Some(begin) = near.get_mut(..self.line.len()) {
                    begin.copy_from_slice(self.line);
                }
                look(&near);
            }
        }
        *self.found = seen.iter().fold(0, |all, one| all | one) != 0;
    }
}

/// What is looked through at once.
struct Stretch<'a> {
    search: &'a mut Search,
    bytes: &'a [u8],
    stretch: Range<usize>,
    /// Behind all lines.
    end: usize,
}

impl Work for Stretch<'_> {
    #[inline(always)]
    fn run<M: Machine>(mut self) {
        let Search { rare: (_, apart, rare), .. } = *self.search;
        let Range { start, end } = self.stretch;
        let bytes = self.bytes;
        let from = |at: usize| bytes.get(at..).unwrap_or_default();
        let (runs, _) = from(start).get(..end - start).unwrap_or_default().as_chunks::<RUN>();
        let (ahead, _) = from(start + apart).as_chunks::<RUN>();
        for (index, (here, ahead)) in runs.iter().zip(ahead).enumerate() {
            let (newlines, mut with) = pass::<M>(here, ahead, rare);
            self.search.lines += newlines;
            while with != 0 {
                let at = start + index * RUN + 64 * with.trailing_zeros() as usize;
                with &= with.wrapping_sub(1);
                self.block::<M>(at, apart, rare, u64::MAX);
            }
        }
        // What is left is no whole run, and behind the last line there may be more.
        for at in (start + runs.len() * RUN..end).step_by(64) {
            let within = u64::MAX >> (64 - (end - at).min(64));
            let newlines = from(at).first_chunk().map_or(0, M::newlines) & within;
            self.search.lines += u64::from(newlines.count_ones());
            self.block::<M>(at, apart, rare, within);
        }
    }
}

/// How many newlines there are, and which blocks of 64 bytes have the one rare byte here and the other ahead. Nothing
/// else is done in this loop, which goes over every byte.
#[inline(always)]
fn pass<M: Machine>(here: &[u8; RUN], ahead: &[u8; RUN], [one, other]: [u8; 2]) -> (u64, u64) {
    let (here, ahead) = (here.as_chunks::<64>().0, ahead.as_chunks::<64>().0);
    let (mut newlines, mut with) = (M::NONE, 0_u64);
    for index in 0..RUN / 64 {
        let (here, ahead) = (&here[index], &ahead[index]);
        newlines = M::count_newlines(newlines, here);
        with |= u64::from(M::any_both((here, one), (ahead, other))) << index;
    }
    (M::total(newlines), with)
}

impl Stretch<'_> {
    /// Takes the lines in which the text has its rare bytes in the block at `at`.
    #[inline(always)]
    fn block<M: Machine>(&mut self, at: usize, apart: usize, [one, other]: [u8; 2], within: u64) {
        let block = |at: usize| self.bytes.get(at..).and_then(|rest| rest.first_chunk());
        let (Some(here), Some(there)) = (block(at), block(at + apart)) else { return };
        let mut places = M::both((here, one), (there, other)) & within;
        let Search { rare: (ahead, ..), text, ref finder, .. } = *self.search;
        let length = finder.needle().len();
        while places != 0 {
            let hit = at.wrapping_add(places.trailing_zeros() as usize).wrapping_sub(ahead);
            places &= places.wrapping_sub(1);
            let Some(there) = self.bytes.get(hit..).and_then(|rest| rest.first_chunk()) else { continue };
            let differ = u64::from(M::differ(&text, there)) & !(u64::MAX << length.min(NEAR));
            if differ == 0 && hit >= self.search.after && self.is_hit(hit) {
                self.search.take(self.line_start::<M>(hit)..self.line_end::<M>(hit));
            }
        }
    }

    /// Whether the rest of the text is there too.
    #[inline(always)]
    fn is_hit(&self, hit: usize) -> bool {
        let text = self.search.finder.needle();
        text.len() <= NEAR || self.bytes.get(hit..).is_some_and(|rest| rest.starts_with(text))
    }

    #[inline(always)]
    fn line_start<M: Machine>(&self, hit: usize) -> usize {
        let before = self.bytes.get(hit.wrapping_sub(64)..).and_then(|rest| rest.first_chunk());
        match before.map_or(0, M::newlines) {
            0 => {
                let after = self.search.after;
                memrchr(b'\n', self.bytes.get(after..hit).unwrap_or_default()).map_or(after, |step| after + step + 1)
            }
            newlines => hit - newlines.leading_zeros() as usize,
        }
    }

    #[inline(always)]
    fn line_end<M: Machine>(&self, hit: usize) -> usize {
        let mut at = hit;
        while let Some(block) = self.bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            let newlines = M::newlines(block);
            if newlines != 0 {
                return at.wrapping_add(newlines.trailing_zeros() as usize + 1);
            }
            at = at.wrapping_add(64);
        }
        self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::selection::finder;
    use crate::tests::{Seeded, rounds};

    /// Lines of few different bytes, so that a text is nearly met everywhere; now and then a long one.
    fn text(random: &mut Seeded) -> Vec<u8> {
        let (length, lines) = (random.below(60 << 10), 2 + random.below(300));
        let mut text: Vec<u8> =
            (0..length).map(|_| if random.below(lines) == 0 { b'\n' } else { b"abc "[random.below(4)] }).collect();
        text.push(b'\n');
        text
    }

    fn plain(text: &[u8], wanted: &[u8]) -> (Vec<Range<usize>>, u64) {
        let mut start = 0;
        let lines: Vec<_> = text
            .split_inclusive(|&byte| byte == b'\n')
            .map(|line| {
                start += line.len();
                start - line.len()..start
            })
            .collect();
        let holds = |line: &Range<usize>| text[line.clone()].windows(wanted.len()).any(|window| window == wanted);
        (lines.iter().filter(|line| holds(line)).cloned().collect(), lines.len() as u64)
    }

    #[test]
    fn a_byte_is_there_or_not() {
        for length in [0, 1, 31, 32, 33, 63, 64, 70, RUN - 1, RUN, RUN + 1, 3 * RUN + 70] {
            let mut bytes = vec![b'a'; length + 1];
            // What lies behind does not matter.
            bytes[length] = 0x1B;
            for choice in [Choice::fastest(), Choice::PORTABLE] {
                assert!(!has(choice, &bytes[..length], 0x1B), "{length}");
                assert!(!has_one_of(choice, &bytes[..length], [0, 0x1B]), "{length}");
                assert!(!has_either(choice, &bytes[..length], [0x1B, b'\\']), "{length}");
                for at in [0, 31, 32, 64, RUN - 1, RUN, 2 * RUN + 33, length.saturating_sub(1)] {
                    let Some(place) = bytes[..length].get_mut(at) else { continue };
                    *place = 0x1B;
                    assert!(has(choice, &bytes[..length], 0x1B), "{at} of {length}");
                    assert!(has_one_of(choice, &bytes[..length], [0, 0x1B]), "{at} of {length}");
                    for pair in [[0x1B, b'\\'], [b'\\', 0x1B]] {
                        assert!(has_either(choice, &bytes[..length], pair), "{at} of {length}");
                    }
                    bytes[at] = b'a';
                }
            }
        }
    }

    #[test]
    fn three_letters_in_any_case() {
        for length in 0..80 {
            let mut line = vec![b'.'; length];
            for choice in [Choice::fastest(), Choice::PORTABLE] {
                assert!(!any_case(choice, &line, *b"err"), "{length}");
                for (at, text) in (0..length.saturating_sub(2)).zip([b"err", b"ERR", b"Err"].into_iter().cycle()) {
                    line[at..at + 3].copy_from_slice(text);
                    assert!(any_case(choice, &line, *b"err"), "{at} of {length}");
                    line[at + 1] = b'x';
                    assert!(!any_case(choice, &line, *b"err"), "{at} of {length}");
                    line[at..at + 3].fill(b'.');
                }
            }
        }
        assert!(any_case(Choice::fastest(), b"a 5XX", *b"5xx"));
    }

    #[test]
    fn finds_every_line_and_counts_all() {
        for seed in 0..rounds(4_000) {
            let mut random = Seeded(seed);
            let mut lines = text(&mut random);
            // Often as long as what is compared at once, or nearly.
            let (least, more) = [(1, 6), (NEAR - 1, 3), (1, 90), (1, 2 * LONGEST)][random.below(4)];
            let length = least + random.below(more);
            let from = random.below(lines.len());
            let mut wanted: Vec<u8> =
                lines[from..].iter().copied().take(length).filter(|&byte| byte != b'\n').collect();
            if wanted.is_empty() || random.below(8) == 0 {
                wanted.push(b'd');
            }
            // Where one stretch ends and the next begins, the text stands, or nearly.
            for boundary in (STRETCH..lines.len()).step_by(STRETCH) {
                let from = boundary.saturating_sub(random.below(wanted.len() + 2 * MARGIN));
                let Some(place) = lines.get_mut(from..from + wanted.len()) else { break };
                place.copy_from_slice(&wanted);
                match random.below(4) {
                    0 => place[random.below(wanted.len())] = b'e',
                    1 => place[wanted.len() - 1] = b'e',
                    _ => (),
                }
            }
            let start = MARGIN + random.below(70);
            let mut bytes = vec![b'\n'; start];
            bytes.extend_from_slice(&lines);
            let end = bytes.len();
            // What lies behind the lines must not matter.
            bytes.resize(end + MARGIN / 2, b'\n');
            bytes.resize(end + MARGIN, wanted[0]);
            let (expected, count) = plain(&lines, &wanted);
            let expected: Vec<_> = expected.into_iter().map(|line| line.start + start..line.end + start).collect();
            for (choice, plainly) in [(Choice::fastest(), false), (Choice::PORTABLE, false), (Choice::PORTABLE, true)] {
                let mut search = Search::new(finder(std::str::from_utf8(&wanted).unwrap()), choice);
                search.plainly = plainly;
                // The second time it must have forgotten the first.
                for _ in 0..2 {
                    search.begin(start);
                    let found: Vec<_> = std::iter::from_fn(|| search.next(&bytes, end)).collect();
                    assert_eq!((&found, search.lines()), (&expected, count), "seed {seed}, {search:?}");
                }
            }
        }
    }
}
