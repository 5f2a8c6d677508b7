//! The fast scanner: many lines at once by 64-byte masks, JSON written straight out.
//!
//! Owns the plain case (unquoted and double-quoted values, keys of ASCII); every line with anything else in it is left
//! to the plain scanner, whose records are these byte for byte: the tests hold one against the other.

use crate::common;
use crate::grammar::{is_bound, is_closing, is_first, is_last, trimmed};
use crate::machine::{Choice, Machine, Work, run};
pub use crate::masks::STRETCH;
use crate::masks::{Bits, WINDOW, Which};
use crate::output::Output;
use crate::record::{Tally, is_bare_json};
use crate::text;

/// How many bytes before and behind the lines must be there to be read.
pub const MARGIN: usize = 128;
/// How many pairs a line may have here.
const PAIRS: usize = 64;

/// What became of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Lines looked at.
    pub lines: u64,
    /// Those with a record.
    pub records: u64,
}

/// Masks and buffers, used again for every stretch.
#[derive(Debug, Default)]
pub struct Scanner {
    bits: Bits,
    events: Events,
    keys: Keys,
    /// For values that need a look at every byte.
    scratch: Vec<u8>,
    /// What was seen.
    pub tally: Tally,
}

/// The keys of the line at hand.
#[derive(Debug)]
struct Keys {
    /// A bit for each hash that was met.
    seen: [u64; 8],
    /// Where each begins, and how long it is.
    places: [(u32, u32); PAIRS],
}

impl Default for Keys {
    fn default() -> Self {
        Keys { seen: [0; 8], places: [(0, 0); PAIRS] }
    }
}

/// Where the signs and newlines of a stretch are.
#[derive(Debug)]
struct Events([u16; STRETCH + 64]);

impl Default for Events {
    fn default() -> Self {
        Events([0; STRETCH + 64])
    }
}

/// The lines of one stretch, all whole.
struct Stretch<'a, F> {
    scanner: &'a mut Scanner,
    bytes: &'a [u8],
    start: usize,
    end: usize,
    output: &'a mut Output,
    /// Does one line the plain way, appending its record and newline; says whether there is one.
    plain: F,
    line: Line,
    counted: Counted,
    done: &'a mut Counted,
}

/// Where the line at hand begins.
#[derive(Clone, Copy, Default)]
struct Line {
    /// In the stretch.
    start: usize,
    /// In the output.
    output: usize,
    /// What the tally was.
    replaced: u64,
}

/// Where the walk is.
#[derive(Clone, Copy, Default)]
struct Place {
    /// No sign before this place is looked at.
    floor: usize,
    /// Whether a closing quote stands before that.
    after_quote: bool,
    /// How many pairs of this line were written.
    pairs: usize,
}

impl Scanner {
    /// Appends the records of the whole lines in `bytes[start..end]`, the last byte of which is a newline, as is the
    /// one before `start`. [`MARGIN`] bytes must stand before and behind; `plain` is called with the start and end of
    /// a line that is not for this scanner, and appends its record and newline, if it has one.
    pub fn lines(
        &mut self,
        choice: Choice,
        bytes: &[u8],
        (start, end): (usize, usize),
        output: &mut Output,
        plain: impl FnMut(usize, usize, &mut Output) -> bool,
    ) -> Counted {
        let mut done = Counted::default();
        let (line, counted) = (Line::default(), Counted::default());
        run(choice, Stretch { scanner: self, bytes, start, end, output, plain, line, counted, done: &mut done });
        done
    }
}

impl<F: FnMut(usize, usize, &mut Output) -> bool> Work for Stretch<'_, F> {
    #[inline(always)]
    fn run<M: Machine>(mut self) {
        self.read::<M>();
        self.walk();
        *self.done = self.counted;
    }
}

/// What the walk does next.
enum Step {
    /// The pair was written, or there was none; no sign before this place is looked at.
    On(usize),
    /// The line is for the plain scanner.
    Plain,
}

impl<F: FnMut(usize, usize, &mut Output) -> bool> Stretch<'_, F> {
    #[inline(always)]
    fn read<M: Machine>(&mut self) {
        let words = (self.end - self.start).div_ceil(64);
        let Some(bytes) = self.bytes.get(self.start..) else { return };
        let (blocks, _) = bytes.as_chunks::<64>();
        for (word, block) in blocks.iter().take(words).enumerate() {
            self.scanner.bits.put(word, &M::masks(block));
        }
        self.scanner.bits.end(words);
    }

    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(self.start + at).copied().unwrap_or(b'\n')
    }

    /// Notes where the signs and newlines are; how many there are.
    #[inline(always)]
    fn find_events(&mut self, length: usize) -> usize {
        let Scanner { bits, events, .. } = &mut *self.scanner;
        let mut count = 0;
        for word in 0..length.div_ceil(64) {
            let mut found = bits.word(word, Which::Sign) | bits.word(word, Which::Newline);
            let more = found.count_ones() as usize;
            let Some(places) = events.0.get_mut(count..) else { break };
            // Four at once, of which those that are too many are written over: few words have more.
            for four in places.as_chunks_mut::<4>().0.iter_mut().take(more.div_ceil(4)) {
                for place in four {
                    *place = (word * 64) as u16 | (found.trailing_zeros() as u16 & 63);
                    found &= found.wrapping_sub(1);
                }
            }
            count += more;
        }
        // Behind the last newline there may be more.
        while count > 0 && usize::from(events.0[count - 1]) >= length {
            count -= 1;
        }
        count
    }

    #[inline(always)]
    fn walk(&mut self) {
        let length = self.end - self.start;
        let count = self.find_events(length);
        self.begin_line(0);
        let mut place = Place::default();
        for event in 0..count {
            let at = usize::from(self.scanner.events.0[event]);
            if self.byte(at) == b'\n' {
                self.end_line(place.pairs);
                self.begin_line(at + 1);
                place = Place { floor: at + 1, ..Place::default() };
            } else if at >= place.floor {
                match self.common(at, &mut place.pairs) {
                    Some(next) => (place.floor, place.after_quote) = next,
                    None => place = self.uncommon(at, place),
                }
            }
        }
    }

    #[inline(always)]
    fn begin_line(&mut self, start: usize) {
        self.line = Line { start, output: self.output.len(), replaced: self.scanner.tally.replaced };
        self.scanner.keys.seen = [0; 8];
    }

    #[inline(always)]
    fn end_line(&mut self, pairs: usize) {
        self.counted.lines += 1;
        if pairs > 0 {
            let mut pen = self.output.pen(2);
            pen.put(*b"}\n", 2);
            self.output.length = pen.at;
            self.counted.records += 1;
            self.scanner.tally.pairs += pairs as u64;
        }
    }

    /// The pair whose sign is at `at`, if there is one, in whatever way it takes.
    #[cold]
    #[inline(never)]
    fn uncommon(&mut self, at: usize, mut place: Place) -> Place {
        match self.pair(at, place.floor, place.after_quote, &mut place.pairs) {
            Step::On(next) if next > place.floor => {
                Place { floor: next, after_quote: self.byte(next - 1) == b'"', ..place }
            }
            Step::On(_) => place,
            Step::Plain => {
                let end = self.scanner.bits.next(at, Which::Newline);
                let Line { start, output, replaced } = self.line;
                self.output.truncate(output);
                self.scanner.tally.replaced = replaced;
                let is_record = (self.plain)(self.start + start, self.start + end, self.output);
                self.counted.records += u64::from(is_record);
                // The rest of the line is done: no sign in it is looked at.
                Place { floor: end, ..Place::default() }
            }
        }
    }

    /// Writes the pair whose sign is at `at`, if it is a common one; the place behind its value, and whether a quote
    /// stands before that.
    #[inline(always)]
    fn common(&mut self, at: usize, pairs: &mut usize) -> Option<(usize, bool)> {
        let near = self.bytes.get((self.start + at).wrapping_sub(common::SIGN)..)?.first_chunk()?;
        let bits = &self.scanner.bits;
        let pair = common::pair(near, bits.before(at, Which::NotKey), |step| bits.window(at + step))?;
        let keys = &mut self.scanner.keys;
        let place = keys.places.get_mut(*pairs)?;
        let (word, bit) = pair.hash();
        *place = ((at as u32).wrapping_sub(pair.key as u32), pair.key as u32);
        let met = keys.seen[word];
        keys.seen[word] |= bit;
        if met & bit != 0 && self.is_repeated(at - pair.key, pair.key, *pairs) {
            return None;
        }
        // Where there is no room left, the general way makes some.
        let out = self.output.bytes.get_mut(self.output.length..)?.first_chunk_mut()?;
        self.output.length += pair.write(near, *pairs == 0, out);
        *pairs += 1;
        Some((at + pair.end, pair.quotes == 1))
    }

    /// The pair whose sign is at `at`.
    #[inline(never)]
    fn pair(&mut self, at: usize, floor: usize, after_quote: bool, pairs: &mut usize) -> Step {
        let no_pair = Step::On(floor);
        let next = self.byte(at + 1);
        if matches!(next, b'=' | b'~' | b'>') {
            return no_pair;
        }
        let length = self.scanner.bits.before(at, Which::NotKey).leading_zeros() as usize;
        let start = at.wrapping_sub(length);
        // One byte before the stretch there is a newline.
        let before = self.bytes.get((self.start + start).wrapping_sub(1)).copied().unwrap_or(b'\n');
        if length == 0 {
            return if before == b' ' || before > 0x7F { Step::Plain } else { no_pair };
        }
        if length >= WINDOW || before > 0x7F {
            return Step::Plain;
        }
        let first = self.byte(start);
        if !is_first(first) {
            return if first == b'@' { Step::Plain } else { no_pair };
        }
        let bounded = is_bound(before) || (after_quote && start == floor);
        if !bounded || !is_last(self.byte(at - 1)) {
            return no_pair;
        }
        if first.is_ascii_digit() && self.scanner.bits.next(start, Which::NotDigit) == at {
            return no_pair;
        }
        if !self.is_new(start, length, *pairs) {
            return Step::Plain;
        }
        match next {
            b'"' => self.quoted((start, length), at + 2, pairs),
            b'\'' => Step::Plain,
            _ => self.bare((start, length), at + 1, next, pairs),
        }
    }

    /// Whether no pair of this line has this key; notes it.
    #[inline(always)]
    fn is_new(&mut self, start: usize, length: usize, pairs: usize) -> bool {
        let (word, bit) = common::hash(common::head(self.bytes, self.start + start, length), length);
        let keys = &mut self.scanner.keys;
        let Some(place) = keys.places.get_mut(pairs) else { return false };
        *place = (start as u32, length as u32);
        let met = keys.seen[word] & bit != 0;
        keys.seen[word] |= bit;
        !met || !self.is_repeated(start, length, pairs)
    }

    #[cold]
    #[inline(never)]
    fn is_repeated(&self, start: usize, length: usize, pairs: usize) -> bool {
        let text = |start: usize, length: usize| self.bytes.get(self.start + start..self.start + start + length);
        let key = text(start, length);
        let before = self.scanner.keys.places.iter().take(pairs);
        before.copied().any(|(other, long)| long as usize == length && text(other as usize, length) == key)
    }

    /// Writes a pair whose value is copied: as it stands, or between quotes.
    #[inline(always)]
    fn write(
        &mut self,
        (key, key_length): (usize, usize),
        value: usize,
        length: usize,
        is_text: bool,
        pairs: &mut usize,
    ) {
        let mut pen = self.output.pen(key_length + length + 16);
        pen.put(if *pairs == 0 { *b"{\"" } else { *b",\"" }, 2);
        pen.copy(self.bytes, self.start + key, key_length);
        // What does not count is written over by what follows.
        pen.put(*b"\":\"\"", 2 + usize::from(is_text));
        pen.copy(self.bytes, self.start + value, length);
        pen.put(*b"\"", usize::from(is_text));
        self.output.length = pen.at;
        *pairs += 1;
    }

    #[inline(always)]
    fn quoted(&mut self, key: (usize, usize), start: usize, pairs: &mut usize) -> Step {
        let close = self.scanner.bits.next(start, Which::Quote);
        if self.byte(close) != b'"' {
            return Step::Plain; // an escape, or nothing closes it
        }
        let length = close - start;
        if self.scanner.bits.any(start, length, Which::Special) {
            self.text(key, start, length, pairs);
        } else {
            self.write(key, start, length, true, pairs);
        }
        Step::On(close + 1)
    }

    #[inline(always)]
    fn bare(&mut self, key: (usize, usize), start: usize, first: u8, pairs: &mut usize) -> Step {
        let end = self.scanner.bits.next(start, Which::Blank);
        let mut length = end - start;
        let mut last = self.byte(end - 1);
        if is_closing(last) {
            length = self.bytes.get(self.start + start..self.start + end).map_or(0, trimmed);
            last = self.byte((start + length).wrapping_sub(1));
        }
        let is_digits = !self.scanner.bits.any(start, length, Which::NotDigit);
        let is_integer = is_digits && length > 0 && length <= 18 && (first != b'0' || length == 1);
        let mut is_text = !is_integer;
        if is_text {
            if self.scanner.bits.any(start, length, Which::Special) {
                self.text(key, start, length, pairs);
                return Step::On(end);
            }
            // A number ends with a digit; the three words end with e and l.
            let may_be = if matches!(first, b'0'..=b'9' | b'-') {
                last.is_ascii_digit()
            } else {
                matches!(first, b't' | b'f' | b'n') && matches!(length, 4 | 5)
            };
            is_text =
                !may_be || !self.bytes.get(self.start + start..self.start + start + length).is_some_and(is_bare_json);
        }
        self.write(key, start, length, is_text, pairs);
        Step::On(end)
    }

    /// Writes a pair whose value needs a look at every byte: something in it needs an escape, or is not ASCII.
    #[cold]
    #[inline(never)]
    fn text(&mut self, (key, key_length): (usize, usize), value: usize, length: usize, pairs: &mut usize) {
        let scanner = &mut *self.scanner;
        let text = |start: usize, length: usize| {
            self.bytes.get(self.start + start..self.start + start + length).unwrap_or_default()
        };
        scanner.scratch.clear();
        scanner.tally.replaced += u64::from(text::write(text(value, length), &mut scanner.scratch));
        self.output.append(if *pairs == 0 { b"{\"" } else { b",\"" });
        self.output.append(text(key, key_length));
        self.output.append(b"\":");
        self.output.append(&scanner.scratch);
        *pairs += 1;
    }
}
