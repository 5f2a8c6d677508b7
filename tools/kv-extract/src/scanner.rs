//! The fast scanner: many lines at once by 64-byte masks, JSON written straight out.
//!
//! Owns the plain case (unquoted and double-quoted values, keys of ASCII); every line with anything else in it is left
//! to the plain scanner, whose records are these byte for byte: the tests hold one against the other.

use crate::grammar::{is_bound, is_closing, is_first, is_last, trimmed};
use crate::machine::{Choice, Machine, Work, run};
use crate::masks::Bits;
use crate::record::{Tally, is_bare_json};
use crate::text;

/// How many bytes are turned into masks at once: the masks stay in the nearest cache.
pub const STRETCH: usize = 16 << 10;
/// How many bytes before and behind the lines must be there to be read.
pub const MARGIN: usize = 64;
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
    sign: Bits,
    newline: Bits,
    blank: Bits,
    quote: Bits,
    odd: Bits,
    not_key: Bits,
    not_digit: Bits,
    /// Where the keys of the line at hand are.
    keys: Vec<(u32, u32)>,
    /// For values that need a look at every byte.
    scratch: Vec<u8>,
    /// What was seen.
    pub tally: Tally,
}

/// Output that is written by place: what lies behind `length` is not there yet.
#[derive(Debug, Default)]
pub struct Output {
    bytes: Vec<u8>,
    length: usize,
}

impl Output {
    /// What was written.
    pub fn written(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Forgets what was written.
    pub fn clear(&mut self) {
        self.length = 0;
    }

    /// How much was written.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Takes back all but `length` bytes.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// Gives memory back that one odd block took.
    pub fn shrink(&mut self, limit: usize) {
        if self.length == 0 && self.bytes.len() > limit {
            self.bytes = Vec::new();
        }
    }

    /// Appends bytes of any length.
    pub fn append(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        if let Some(place) = self.bytes.get_mut(self.length..self.length + bytes.len()) {
            place.copy_from_slice(bytes);
            self.length += bytes.len();
        }
    }

    /// Makes room for `more` bytes and a margin.
    #[inline(always)]
    fn reserve(&mut self, more: usize) {
        if self.length + more + MARGIN > self.bytes.len() {
            self.grow(more);
        }
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        let wanted = (self.length + more + MARGIN).max(self.bytes.len() * 2).max(64 << 10);
        self.bytes.resize(wanted, 0);
    }

    /// Writes `N` bytes of which only the first `length` count.
    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: [u8; N], length: usize) {
        if let Some(place) = self.bytes.get_mut(self.length..).and_then(|rest| rest.first_chunk_mut::<N>()) {
            *place = bytes;
            self.length += length;
        }
    }

    /// Copies `length` bytes of `from` at `at`; reads and writes up to 31 bytes more, which do not count.
    #[inline(always)]
    fn copy(&mut self, from: &[u8], at: usize, length: usize) {
        let source = from.get(at..).and_then(|rest| rest.first_chunk::<32>());
        if let (true, Some(source)) = (length <= 32, source) {
            self.put(*source, length);
        } else if let Some(source) = from.get(at..at + length) {
            self.append(source);
        }
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
    counted: Counted,
    done: &'a mut Counted,
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
        let counted = Counted::default();
        run(choice, Stretch { scanner: self, bytes, start, end, output, plain, counted, done: &mut done });
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
        let scanner = &mut *self.scanner;
        let words = (self.end - self.start).div_ceil(64);
        for bits in [
            &mut scanner.sign,
            &mut scanner.newline,
            &mut scanner.blank,
            &mut scanner.quote,
            &mut scanner.odd,
            &mut scanner.not_key,
            &mut scanner.not_digit,
        ] {
            bits.prepare(words);
        }
        let Some(bytes) = self.bytes.get(self.start..) else { return };
        let (blocks, _) = bytes.as_chunks::<64>();
        for (word, block) in blocks.iter().take(words).enumerate() {
            let masks = M::masks(block);
            scanner.sign.put(word, masks.sign);
            scanner.newline.put(word, masks.newline);
            scanner.blank.put(word, masks.blank);
            scanner.quote.put(word, masks.quote);
            scanner.odd.put(word, masks.odd);
            scanner.not_key.put(word, masks.not_key);
            scanner.not_digit.put(word, masks.not_digit);
        }
    }

    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(self.start + at).copied().unwrap_or(b'\n')
    }

    #[inline(always)]
    fn walk(&mut self) {
        let length = self.end - self.start;
        let mut line_start = 0;
        let mut line_output = self.output.len();
        let mut line_replaced = self.scanner.tally.replaced;
        let mut floor = 0;
        let mut after_quote = false;
        let mut pairs = 0;
        let mut seen = 0_u64;
        for word in 0..length.div_ceil(64) {
            let newlines = self.scanner.newline.word(word);
            let mut events = self.scanner.sign.word(word) | newlines;
            while events != 0 {
                let bit = events & events.wrapping_neg();
                let at = word * 64 + events.trailing_zeros() as usize;
                events ^= bit;
                if at >= length {
                    return;
                }
                if newlines & bit != 0 {
                    self.counted.lines += 1;
                    if pairs > 0 {
                        self.output.put(*b"}\n", 2);
                        self.counted.records += 1;
                        self.scanner.tally.pairs += pairs as u64;
                    }
                    line_start = at + 1;
                    line_output = self.output.len();
                    line_replaced = self.scanner.tally.replaced;
                    floor = line_start;
                    after_quote = false;
                    pairs = 0;
                    seen = 0;
                    continue;
                }
                if at < floor {
                    continue;
                }
                match self.pair(at, floor, after_quote, &mut pairs, &mut seen) {
                    Step::On(next) => {
                        if next > floor {
                            floor = next;
                            after_quote = self.byte(next - 1) == b'"';
                        }
                    }
                    Step::Plain => {
                        let end = self.scanner.newline.next(at);
                        self.output.truncate(line_output);
                        self.scanner.tally.replaced = line_replaced;
                        let (from, to) = (self.start + line_start, self.start + end);
                        self.counted.records += u64::from((self.plain)(from, to, self.output));
                        line_output = self.output.len();
                        // The rest of the line is done: no sign in it is looked at.
                        floor = end;
                        pairs = 0;
                    }
                }
            }
        }
    }

    /// The pair whose sign is at `at`.
    #[inline(always)]
    fn pair(&mut self, at: usize, floor: usize, after_quote: bool, pairs: &mut usize, seen: &mut u64) -> Step {
        let no_pair = Step::On(floor);
        let next = self.byte(at + 1);
        if matches!(next, b'=' | b'~' | b'>') {
            return no_pair;
        }
        let run = self.scanner.not_key.before(at);
        let key_length = run.leading_zeros() as usize;
        let key_start = at.wrapping_sub(key_length);
        // One byte before the stretch there is a newline.
        let before = self.bytes.get((self.start + key_start).wrapping_sub(1)).copied().unwrap_or(b'\n');
        if key_length == 0 {
            return if before == b' ' || before > 0x7F { Step::Plain } else { no_pair };
        }
        if key_length == 64 || before > 0x7F {
            return Step::Plain;
        }
        let first = self.byte(key_start);
        if !is_first(first) {
            return if first == b'@' { Step::Plain } else { no_pair };
        }
        let bounded = is_bound(before) || (after_quote && key_start == floor);
        if !bounded || !is_last(self.byte(at - 1)) {
            return no_pair;
        }
        if first.is_ascii_digit() && self.scanner.not_digit.next(key_start) == at {
            return no_pair;
        }
        if !self.is_new(key_start, key_length, *pairs, seen) {
            return Step::Plain;
        }
        let start = at + 1;
        match next {
            b'"' => self.quoted(key_start, key_length, start + 1, pairs),
            b'\'' => Step::Plain,
            _ => self.bare(key_start, key_length, start, next, pairs),
        }
    }

    /// Whether no pair of this line has this key; notes it.
    #[inline(always)]
    fn is_new(&mut self, start: usize, length: usize, pairs: usize, seen: &mut u64) -> bool {
        let eight = self.bytes.get(self.start + start..).and_then(|rest| rest.first_chunk::<8>());
        let mut hash = u64::from_le_bytes(eight.copied().unwrap_or_default());
        if length < 8 {
            hash &= !(!0 << (8 * length));
        }
        hash = (hash ^ (length as u64) << 59).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let bit = 1_u64 << (hash >> 58);
        if pairs == 0 {
            self.scanner.keys.clear();
        }
        if *seen & bit != 0 && self.is_repeated(start, length) || pairs >= PAIRS {
            return false;
        }
        *seen |= bit;
        self.scanner.keys.push((start as u32, length as u32));
        true
    }

    #[cold]
    fn is_repeated(&self, start: usize, length: usize) -> bool {
        let text = |start: usize, length: usize| self.bytes.get(self.start + start..self.start + start + length);
        let key = text(start, length);
        self.scanner.keys.iter().any(|&(other, long)| long as usize == length && text(other as usize, length) == key)
    }

    /// Writes what stands before a value, with room for one of `length` bytes.
    #[inline(always)]
    fn key(&mut self, start: usize, length: usize, pairs: usize, value_length: usize) {
        self.output.reserve(length + value_length + 16);
        self.output.put(if pairs == 0 { *b"{\"" } else { *b",\"" }, 2);
        self.output.copy(self.bytes, self.start + start, length);
    }

    #[inline(always)]
    fn quoted(&mut self, key: usize, key_length: usize, start: usize, pairs: &mut usize) -> Step {
        let close = self.scanner.quote.next(start);
        if self.byte(close) != b'"' {
            return Step::Plain; // an escape, or nothing closes it
        }
        let length = close - start;
        self.key(key, key_length, *pairs, length);
        self.output.put(*b"\":\"", 3);
        if self.scanner.odd.next(start) < close {
            // Behind the quote that was written, the text writes its own.
            self.output.truncate(self.output.len() - 1);
            self.text(start, length);
        } else {
            self.output.copy(self.bytes, self.start + start, length);
            self.output.put(*b"\"", 1);
        }
        *pairs += 1;
        Step::On(close + 1)
    }

    #[inline(always)]
    fn bare(&mut self, key: usize, key_length: usize, start: usize, first: u8, pairs: &mut usize) -> Step {
        let end = self.scanner.blank.next(start);
        let mut length = end - start;
        if is_closing(self.byte(end - 1)) {
            length = self.bytes.get(self.start + start..self.start + end).map_or(0, trimmed);
        }
        self.key(key, key_length, *pairs, length);
        self.output.put(*b"\":", 2);
        let digits = if first.is_ascii_digit() { self.scanner.not_digit.next(start) - start } else { 0 };
        if digits >= length && length > 0 && length <= 18 && (first != b'0' || length == 1) {
            self.output.copy(self.bytes, self.start + start, length);
        } else {
            let value_end = start + length;
            let plain = self.scanner.quote.next(start) >= value_end && self.scanner.odd.next(start) >= value_end;
            if !plain {
                self.text(start, length);
            } else if matches!(first, b'0'..=b'9' | b'-' | b't' | b'f' | b'n')
                && self.bytes.get(self.start + start..self.start + value_end).is_some_and(is_bare_json)
            {
                self.output.copy(self.bytes, self.start + start, length);
            } else {
                self.output.put(*b"\"", 1);
                self.output.copy(self.bytes, self.start + start, length);
                self.output.put(*b"\"", 1);
            }
        }
        *pairs += 1;
        Step::On(end)
    }

    /// Writes a value byte by byte: something in it needs an escape, or is not ASCII.
    #[cold]
    fn text(&mut self, start: usize, length: usize) {
        let scanner = &mut *self.scanner;
        scanner.scratch.clear();
        let value = self.bytes.get(self.start + start..self.start + start + length).unwrap_or_default();
        scanner.tally.replaced += u64::from(text::write(value, &mut scanner.scratch));
        self.output.append(&scanner.scratch);
    }
}
