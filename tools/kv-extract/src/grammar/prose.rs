//! Where the pairs of a line are: the plain scanner of key=value text, on bytes.
//!
//! Owns keys, bounds, quotes and the trimming of bare values; it lends ranges and refuses to type, to unescape or to
//! allocate. One pass: every byte is looked at a bounded number of times, whatever the line holds.

use std::ops::Range;

use memchr::{memchr, memchr2};

/// How many characters a key may have.
const LONGEST_KEY: usize = 128;

/// What a byte may be. A byte above 0x7F is a key byte where it is part of valid UTF-8.
const KEY: u8 = 1;
const BOUND: u8 = 2;
/// Ends a bare value.
const BLANK: u8 = 4;
/// May not begin a key, though it may stand in one.
const NO_FIRST: u8 = 8;
/// May end a key.
const LAST: u8 = 16;
const DIGIT: u8 = 32;
/// Between a key and its value.
const SIGN: u8 = 64;

/// How a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoting {
    /// Not quoted: a number, a word, a text.
    Bare,
    /// In quotes: a text, with escapes.
    Quoted,
    /// After a `"` that nothing closes: a text as it stands.
    Unclosed,
}

/// One pair, as places in its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The key.
    pub key: Range<usize>,
    /// The value, without its quotes.
    pub value: Range<usize>,
    /// How it was written.
    pub quoting: Quoting,
}

/// What separates: the grammar of the design, or as `--pairs-by` and `--colon` change it.
#[derive(Clone, Debug)]
pub struct Grammar {
    class: [u8; 256],
    colon: bool,
}

impl Default for Grammar {
    fn default() -> Self {
        Grammar::new(b"", false)
    }
}

impl Grammar {
    /// The grammar where each of `separators` also stands between pairs, and, with `colon`, `key: value` is one.
    pub fn new(separators: &[u8], colon: bool) -> Self {
        let mut class = CLASS;
        for &byte in separators {
            class[usize::from(byte)] = BLANK | BOUND;
        }
        class[usize::from(b'=')] |= SIGN;
        if colon {
            class[usize::from(b':')] |= SIGN;
        }
        Grammar { class, colon }
    }

    /// Whether this is the grammar of the design as it stands.
    pub fn is_plain(&self) -> bool {
        !self.colon && self.class[..] == Grammar::default().class[..]
    }

    /// Whether only `=` makes a pair.
    pub fn has_one_sign(&self) -> bool {
        !self.colon
    }

    fn is(&self, byte: u8, class: u8) -> bool {
        self.class[usize::from(byte)] & class != 0
    }

    /// Calls `each` with every pair of `line`, in order. `line` holds no newline and no colour sequence.
    pub fn scan(&self, line: &[u8], mut each: impl FnMut(Pair)) {
        // Nothing before `floor` can be part of a key; `after_quote` says whether it is a bound itself.
        let mut floor = 0;
        let mut after_quote = true;
        let mut at = 0;
        let mut apostrophes = Apostrophes::default();
        while let Some(sign) = self.next_sign(line, at) {
            at = sign + 1;
            let Some(&byte) = line.get(sign) else { break };
            let next = line.get(at).copied();
            if byte == b':' {
                if !matches!(next, Some(b' ' | b'"' | b'\'')) {
                    continue;
                }
            } else if matches!(next, Some(b'=' | b'~' | b'>')) {
                continue;
            }
            let before = line.get(floor..sign).unwrap_or_default();
            let blanks = before.iter().rev().take_while(|&&byte| byte == b' ').count();
            let key_end = sign - blanks;
            let Some(key_start) = self.key_start(line, floor, after_quote, key_end) else { continue };
            let key = key_start..key_end;
            let mut start = at;
            if blanks > 0 || byte == b':' {
                start += line.get(at..).unwrap_or_default().iter().take_while(|&&byte| byte == b' ').count();
                if start > at && self.begins_with_key(line, start) {
                    each(Pair { key, value: at..at, quoting: Quoting::Bare });
                    (floor, after_quote, at) = (start, true, start);
                    continue;
                }
            }
            let (value, quoting, end) = match line.get(start) {
                Some(b'"') => match closing_quote(line, start + 1) {
                    Some(close) => (start + 1..close, Quoting::Quoted, close + 1),
                    None => (start + 1..line.len(), Quoting::Unclosed, line.len()),
                },
                Some(b'\'') if let Some(close) = apostrophes.closing(line, start + 1) => {
                    (start + 1..close, Quoting::Quoted, close + 1)
                }
                _ => {
                    let rest = line.get(start..).unwrap_or_default();
                    let length = rest.iter().position(|&byte| self.is(byte, BLANK)).unwrap_or(rest.len());
                    let end = start + length;
                    (start..start + trimmed(&rest[..length]), Quoting::Bare, end)
                }
            };
            each(Pair { key, value, quoting });
            (floor, after_quote, at) = (end, quoting == Quoting::Quoted, end);
        }
    }

    fn next_sign(&self, line: &[u8], at: usize) -> Option<usize> {
        let rest = line.get(at..)?;
        let step = if self.colon { memchr2(b'=', b':', rest) } else { memchr(b'=', rest) }?;
        Some(at + step)
    }

    /// Where the key that ends at `end` begins, if one does. Nothing before `floor` is looked at.
    fn key_start(&self, line: &[u8], floor: usize, floor_is_bound: bool, end: usize) -> Option<usize> {
        // A character has at most four bytes, so a longer run is too long whatever it holds.
        let lowest = floor.max(end.saturating_sub(4 * LONGEST_KEY + 1));
        let before = line.get(lowest..end)?;
        let length = before.iter().rev().take_while(|&&byte| self.is(byte, KEY)).count();
        let start = end - length;
        let key = line.get(start..end)?;
        let bounded = match start.checked_sub(1) {
            _ if start == floor => floor_is_bound,
            Some(before) => self.is(*line.get(before)?, BOUND),
            None => true,
        };
        let (first, last) = (*key.first()?, *key.last()?);
        if !bounded || self.is(first, NO_FIRST) || !self.is(last, LAST) || self.is_number(key) {
            return None;
        }
        let characters = if key.is_ascii() { key.len() } else { std::str::from_utf8(key).ok()?.chars().count() };
        (characters <= LONGEST_KEY).then_some(start)
    }

    fn is_number(&self, key: &[u8]) -> bool {
        key.iter().all(|&byte| self.is(byte, DIGIT))
    }

    /// Whether a key with its sign touching it stands at `at`: then the value before it is empty.
    fn begins_with_key(&self, line: &[u8], at: usize) -> bool {
        let rest = line.get(at..).unwrap_or_default();
        let length = rest.iter().take(4 * LONGEST_KEY + 1).take_while(|&&byte| self.is(byte, KEY)).count();
        let sign = at + length;
        let next = line.get(sign + 1).copied();
        let is_sign = match line.get(sign) {
            Some(b'=') => !matches!(next, Some(b'=' | b'~' | b'>')),
            Some(b':') => self.colon && matches!(next, Some(b' ' | b'"' | b'\'')),
            _ => false,
        };
        is_sign && self.key_start(line, at, true, sign) == Some(at)
    }
}

/// The `"` that closes what was opened before `at`.
pub fn closing_quote(line: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let found = at + memchr2(b'"', b'\\', line.get(at..)?)?;
        if line.get(found) == Some(&b'"') {
            return Some(found);
        }
        at = found + 2;
    }
}

/// Where single quotes close. A line that has no more closing ones is searched once, not once a pair.
#[derive(Default)]
struct Apostrophes {
    none_left: bool,
}

impl Apostrophes {
    /// The `'` that closes what was opened before `at`: one that a blank, a bracket or a comma follows, so that the
    /// one in `user's` does not.
    fn closing(&mut self, line: &[u8], mut at: usize) -> Option<usize> {
        // An opening quote leaves every search in the same state, so what one did not find, a later one will not.
        if self.none_left {
            return None;
        }
        while let Some(step) = line.get(at..).and_then(|rest| memchr2(b'\'', b'\\', rest)) {
            let found = at + step;
            if line.get(found) == Some(&b'\\') {
                at = found + 2;
            } else if matches!(line.get(found + 1), None | Some(0..=b' ' | b',' | b';' | b')' | b']' | b'}' | b'|')) {
                return Some(found);
            } else {
                at = found + 1;
            }
        }
        self.none_left = true;
        None
    }
}

const fn classes() -> [u8; 256] {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            0..=b' ' => BLANK | BOUND,
            b'0'..=b'9' => KEY | LAST | DIGIT,
            b'A'..=b'Z' | b'a'..=b'z' | b'_' | 0x80.. => KEY | LAST,
            b'.' | b'-' | b'/' => KEY | NO_FIRST,
            b'@' | b'#' | b'%' | b'$' => KEY,
            b',' | b';' | b'(' | b'[' | b'{' | b'|' | b':' | b'<' | b'>' => BOUND,
            _ => 0,
        };
        byte += 1;
    }
    class
}

/// The classes of the default grammar, for the fast scanner too.
const CLASS: [u8; 256] = classes();

/// Whether a key may follow this ASCII byte.
#[inline(always)]
pub fn is_bound(byte: u8) -> bool {
    CLASS[byte as usize] & BOUND != 0
}

/// Whether this ASCII byte may begin a key that is not one of ours.
#[inline(always)]
pub fn is_first(byte: u8) -> bool {
    CLASS[byte as usize] & (KEY | NO_FIRST) == KEY && byte != b'@'
}

/// Whether this is an ASCII byte that a key may hold.
#[inline(always)]
pub fn is_key(byte: u8) -> bool {
    byte < 0x80 && CLASS[byte as usize] & KEY != 0
}

/// Whether this ASCII byte may end a key.
#[inline(always)]
pub fn is_last(byte: u8) -> bool {
    CLASS[byte as usize] & LAST != 0
}

/// Whether a bare value may have to be trimmed of this byte.
#[inline(always)]
pub const fn is_closing(byte: u8) -> bool {
    matches!(byte, b',' | b';' | b')' | b']' | b'}')
}

/// The length of a bare value less trailing `,` and `;` and closing brackets without a partner in it.
pub fn trimmed(value: &[u8]) -> usize {
    let mut length = value.len();
    if !matches!(value.last(), Some(b',' | b';' | b')' | b']' | b'}')) {
        return length;
    }
    // How many closing brackets of a kind have no partner; every one behind the last opening bracket that is beyond
    // this count has none, and trailing ones are behind it.
    let mut lonely = [0_usize; 3];
    let mut open = [0_usize; 3];
    for &byte in value {
        let (kind, opens) = match byte {
            b'(' => (0, true),
            b'[' => (1, true),
            b'{' => (2, true),
            b')' => (0, false),
            b']' => (1, false),
            b'}' => (2, false),
            _ => continue,
        };
        if opens {
            lonely[kind] = 0;
            open[kind] += 1;
        } else if open[kind] > 0 {
            open[kind] -= 1;
        } else {
            lonely[kind] += 1;
        }
    }
    while let Some(&byte) = value[..length].last() {
        let lonely = match byte {
            b',' | b';' => {
                length -= 1;
                continue;
            }
            b')' => &mut lonely[0],
            b']' => &mut lonely[1],
            b'}' => &mut lonely[2],
            _ => break,
        };
        if *lonely == 0 {
            break;
        }
        *lonely -= 1;
        length -= 1;
    }
    length
}
