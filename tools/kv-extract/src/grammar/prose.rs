//! Where the pairs of a line are: the plain scanner of key=value text, on bytes.
//!
//! Owns keys, bounds, quotes and the trimming of bare values; it lends ranges and refuses to type, to unescape or to
//! allocate. One pass: every byte is looked at a bounded number of times, whatever the line holds.

use std::ops::Range;

use memchr::{memchr, memchr2};

use crate::grammar::blanks::{self, Apart};
use crate::record::units::unit_words;

/// How many characters a key may have.
const LONGEST_KEY: usize = 128;
/// How far behind a bracket at the beginning of a value its partner is looked for.
const LONGEST_GROUP: usize = 256;

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
    /// Whether the words before a key are part of it.
    long_keys: bool,
    /// Whether `--pairs-by` names separators.
    separated: bool,
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
        Grammar { class, colon, long_keys: false, separated: !separators.is_empty() }
    }

    /// The same grammar, where the words before a key are part of it: `connect time=1` has the key `connect time`.
    pub fn with_long_keys(self) -> Self {
        Grammar { long_keys: true, ..self }
    }

    /// Whether the words before a key are part of it.
    pub fn has_long_keys(&self) -> bool {
        self.long_keys
    }

    /// Whether this is the grammar of the design as it stands.
    pub fn is_plain(&self) -> bool {
        !self.colon && !self.long_keys && self.class[..] == Grammar::default().class[..]
    }

    /// Whether signs of one's own part pairs, which logfmt does not know.
    pub fn has_separators(&self) -> bool {
        self.separated
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
        // The brackets that are open outside of values, up to `floor`.
        let mut open = Open::default();
        let mut word = Word::default();
        while let Some(sign) = self.next_sign(line, at) {
            at = sign + 1;
            let Some(&byte) = line.get(sign) else { break };
            let next = line.get(at).copied();
            if byte == b':' {
                if !matches!(next, Some(b' ' | b'"' | b'\'')) {
                    continue;
                }
            } else if is_other_sign(line.get(at..).unwrap_or_default()) {
                continue;
            }
            let before = line.get(floor..sign).unwrap_or_default();
            let mut blanks = before.iter().rev().take_while(|&&byte| byte == b' ').count();
            if before.len().checked_sub(blanks + 1).and_then(|at| before.get(at)).is_some_and(|&byte| byte >= 0x80) {
                blanks = before.len() - blanks::before(before);
            }
            let key_end = sign - blanks;
            let Some(key_start) = self.key_start(line, floor, after_quote, key_end) else { continue };
            open.take(line.get(floor..key_start).unwrap_or_default());
            let key =
                if self.long_keys { self.long_start(line, floor, key_start)..key_end } else { key_start..key_end };
            let mut start = at;
            if blanks > 0 || byte == b':' {
                start += line.get(at..).unwrap_or_default().iter().take_while(|&&byte| byte == b' ').count();
                if line.get(start).is_some_and(|&byte| byte >= 0x80) {
                    start = blanks::behind(line, start);
                }
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
                Some(b'\'') if let Some(close) = apostrophes.closing(line, start + 1, |byte| self.is(byte, BLANK)) => {
                    (start + 1..close, Quoting::Quoted, close + 1)
                }
                _ => {
                    let (value, end) = self.bare(line, start, &open, &mut word);
                    (value, Quoting::Bare, end)
                }
            };
            each(Pair { key, value, quoting });
            (floor, after_quote, at) = (end, quoting == Quoting::Quoted, end);
        }
    }

    /// The bare value that begins at `start`, and where to go on behind it.
    fn bare(&self, line: &[u8], start: usize, open: &Open, word: &mut Word) -> (Range<usize>, usize) {
        let rest = line.get(start..).unwrap_or_default();
        let special = match rest {
            [] => None,
            [b'[', ..] => self.bracketed(line, start),
            [first, ..] if self.is(*first, BLANK) => self.padded(line, start),
            _ => None,
        };
        special.unwrap_or_else(|| {
            let in_list = open.any() && word.may_be_list(line, start, |byte| self.is(byte, BLANK));
            let length = self.bare_length(line, start, open, in_list);
            (start..start + trimmed(&rest[..length]), start + length)
        })
    }

    /// How long a bare value is: up to a blank, or to a bracket that closes what was open before the key, or to one that
    /// opens before a key of its own, as in `point=Point(x=1, y=2)`; `in_list`, also at the comma before the next pair. A NUL ends
    /// it before a pair alone: what it stands within was cut, and is no number. So do blanks and signs that are none of ASCII: they
    /// may stand within a text, or a number.
    fn bare_length(&self, line: &[u8], start: usize, open: &Open, in_list: bool) -> usize {
        let rest = line.get(start..).unwrap_or_default();
        let mut own = Open::default();
        let (mut is_name, mut has_sign) = (true, false);
        // Up to where a run of such blanks was looked at.
        let mut parted = 0;
        for (at, &byte) in rest.iter().enumerate() {
            if self.is(byte, BLANK) {
                return at;
            }
            match Open::kind(byte) {
                Some((kind, true)) => {
                    let opens_pairs = if at == 0 { !self.closes(rest, kind) } else { is_name };
                    if opens_pairs && self.begins_pair(line, start + at + 1) {
                        return at;
                    }
                    own.0[kind] += 1;
                }
                Some((kind, false)) if own.0[kind] > 0 => own.0[kind] -= 1,
                Some((kind, false)) if open.0[kind] > 0 => return at,
                _ => {}
            }
            let may_part = byte == b',' && in_list && !has_sign && !own.any();
            if (may_part || byte == 0) && self.begins_pair(line, start + at + 1) {
                return at;
            }
            if byte >= 0x80 && at >= parted && self.ends_apart(rest, at, &mut parted) {
                return at;
            }
            has_sign |= byte == b'=';
            is_name &= byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$' | b'@' | b'#' | b'-');
        }
        rest.len()
    }

    /// Whether the bracket of this kind that a word begins with is closed in it, not too far away.
    fn closes(&self, rest: &[u8], kind: usize) -> bool {
        let mut depth = 0_u32;
        for &byte in rest.iter().take(LONGEST_GROUP).take_while(|&&byte| !self.is(byte, BLANK)) {
            match Open::kind(byte) {
                Some((of, true)) if of == kind => depth += 1,
                Some((of, false)) if of == kind => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return true;
            }
        }
        false
    }

    /// The number that stands alone in brackets, padded or not: `[877],`, `[  877],`.
    fn bracketed(&self, line: &[u8], start: usize) -> Option<(Range<usize>, usize)> {
        let rest = line.get(start + 1..)?;
        let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
        let rest = &rest[blanks..];
        let length = number_length(rest);
        let behind = rest.get(length..)?.strip_prefix(b"]").filter(|_| length > 0)?;
        let closing = behind.iter().take_while(|&&byte| is_closing(byte)).count();
        let ends = behind.get(closing).is_none_or(|&byte| self.is(byte, BLANK));
        let begin = start + 1 + blanks;
        ends.then_some((begin..begin + length, begin + length + 1))
    }

    /// Whether a key, its `=` and a value, each touching the next, stand at `at`.
    fn begins_pair(&self, line: &[u8], at: usize) -> bool {
        if !self.begins_with_key(line, at) {
            return false;
        }
        let rest = line.get(at..).unwrap_or_default();
        let sign = rest.iter().take_while(|&&byte| self.is(byte, KEY)).count();
        let value = rest.get(sign + 1);
        rest.get(sign) == Some(&b':') || value.is_some_and(|&byte| !self.is(byte, BLANK))
    }

    /// How much of a word of logfmt stands before a pair, or the end, that a blank or sign parts from it that is none of ASCII.
    pub fn parted(&self, line: &[u8], word: Range<usize>) -> usize {
        let rest = line.get(word.start..).unwrap_or_default();
        let mut parted = 0;
        let ends = |at: &usize| {
            *at >= parted && rest.get(*at).is_some_and(|&byte| byte >= 0x80) && self.ends_apart(rest, *at, &mut parted)
        };
        (0..word.len()).find(ends).unwrap_or(word.len())
    }

    /// Whether a bare value ends at this byte above 0x7F: at a blank that is none of ASCII, before a pair or the end; where it goes on
    /// behind such, up to where that is.
    fn ends_apart(&self, rest: &[u8], at: usize, parted: &mut usize) -> bool {
        match blanks::apart(rest, at) {
            Apart::No => false,
            Apart::End => true,
            Apart::Goes { behind, blanks } => {
                *parted = if blanks > at { blanks } else { behind };
                self.begins_with_key_apart(rest, behind)
            }
        }
    }

    /// Whether a key and its sign stand at `at`, blanks between them or none.
    fn begins_with_key_apart(&self, line: &[u8], at: usize) -> bool {
        let rest = line.get(at..).unwrap_or_default();
        let run = rest.iter().take(4 * LONGEST_KEY + 1).take_while(|&&byte| self.is(byte, KEY)).count();
        let end = at + blanks::before(&rest[..run]);
        let sign = blanks::behind(line, end);
        self.is_sign(line, sign) && self.key_start(line, at, true, end) == Some(at)
    }

    /// A number that was padded with blanks behind its sign, as `printf("min=%6d,")` does: nothing but an end of some
    /// kind or another pair may follow it, since `user= 5 items` has no user.
    fn padded(&self, line: &[u8], start: usize) -> Option<(Range<usize>, usize)> {
        let rest = line.get(start..)?;
        let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
        let begin = start + blanks;
        let rest = rest.get(blanks..).filter(|rest| blanks > 0 && begins_as_number(rest))?;
        let length = rest.iter().position(|&byte| self.is(byte, BLANK)).unwrap_or(rest.len());
        let word = &rest[..length];
        let number = trimmed(word);
        let behind = length + rest[length..].iter().take_while(|&&byte| byte == b' ').count();
        let ends = number < length || behind == rest.len() || self.begins_with_key(line, begin + behind);
        (ends && !word.contains(&b'=')).then_some((begin..begin + number, begin + length))
    }

    /// Where a key begins with the words before it: up to three, parted by one blank each, none of them a level or the
    /// unit of the value before.
    fn long_start(&self, line: &[u8], floor: usize, mut start: usize) -> usize {
        for _ in 0..3 {
            let before = line.get(floor..start).unwrap_or_default();
            let Some((b' ', before)) = before.split_last().map(|(last, before)| (*last, before)) else { break };
            let is_word = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-');
            let length = before.iter().rev().take(32).take_while(|&&byte| is_word(byte)).count();
            let (before, word) = before.split_at(before.len() - length);
            let bounded = before.last().is_none_or(|&byte| self.is(byte, BOUND));
            let is_unit = before == b" " && floor > 0 && unit_words::is_unit(word);
            if !word.first().is_some_and(u8::is_ascii_alphabetic) || !bounded || is_unit || is_level(word) {
                break;
            }
            start = floor + before.len();
        }
        start
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
        let run = line.get(end - length..end)?;
        let odd = blanks::up_to_last(run);
        let start = end - length + odd;
        let key = line.get(start..end)?;
        let bounded = match start.checked_sub(1) {
            _ if odd > 0 => true,
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
        self.is_sign(line, sign) && self.key_start(line, at, true, sign) == Some(at)
    }

    /// Whether a sign of a pair stands at `at`.
    fn is_sign(&self, line: &[u8], at: usize) -> bool {
        let behind = line.get(at + 1..).unwrap_or_default();
        let next = behind.first().copied();
        match line.get(at) {
            Some(b'=') => !is_other_sign(behind),
            Some(b':') => self.colon && matches!(next, Some(b' ' | b'"' | b'\'')),
            _ => false,
        }
    }
}

/// Whether what stands behind a `=` makes it another sign: `a==b`, `a=~b`, `a=>b`. `took=~900` and `took=>900` say about how much,
/// or more than what.
fn is_other_sign(behind: &[u8]) -> bool {
    match behind {
        [b'=', ..] => true,
        [b'~' | b'>', next, ..] => !next.is_ascii_digit(),
        [b'~' | b'>'] => true,
        _ => false,
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

/// How many brackets of each kind are open.
#[derive(Clone, Copy, Debug, Default)]
struct Open([u32; 3]);

impl Open {
    /// Which kind of bracket a byte is, and whether it opens.
    fn kind(byte: u8) -> Option<(usize, bool)> {
        Some(match byte {
            b'(' => (0, true),
            b'[' => (1, true),
            b'{' => (2, true),
            b')' => (0, false),
            b']' => (1, false),
            b'}' => (2, false),
            _ => return None,
        })
    }

    /// Whether any is.
    fn any(&self) -> bool {
        self.0.iter().any(|&count| count > 0)
    }

    /// Takes note of a text between values.
    fn take(&mut self, text: &[u8]) {
        for (kind, opens) in text.iter().filter_map(|&byte| Open::kind(byte)) {
            let count = &mut self.0[kind];
            *count = if opens { *count + 1 } else { count.saturating_sub(1) };
        }
    }
}

/// The word that was looked at last: all up to a blank. Each is looked through once, however many pairs it holds.
#[derive(Default)]
struct Word {
    end: usize,
    /// Behind its last byte that says that several pairs may stand in it.
    last: usize,
}

impl Word {
    /// Whether the word from `at` on may be several pairs that commas part, as in `{id=42,state=RUNNING}`.
    fn may_be_list(&mut self, line: &[u8], at: usize, is_blank: impl Fn(u8) -> bool) -> bool {
        if at >= self.end {
            let rest = line.get(at..).unwrap_or_default();
            let length = rest.iter().position(|&byte| is_blank(byte)).unwrap_or(rest.len());
            self.end = at + length;
            self.last = at + list_length(&rest[..length]);
        }
        at < self.last
    }
}

/// How much of a word may be several pairs: up to its last bracket or quote, or all of it, if it ends in what closes
/// something.
fn list_length(word: &[u8]) -> usize {
    let is_mark = |byte: &u8| *byte == b'"' || Open::kind(*byte).is_some();
    match word.last() {
        Some(&last) if is_closing(last) => word.len(),
        _ => word.iter().rposition(is_mark).map_or(0, |at| at + 1),
    }
}

/// Whether a word may be several pairs that commas part.
pub fn may_be_list(word: &[u8]) -> bool {
    memchr(b',', word).is_some() && list_length(word) > 0
}

/// The keys of the pairs that stand in a bare value, each behind a comma: `5,status=200`. What looks like a path has commas
/// and signs of its own: `/a,b=c`; so has what is a list of pairs itself: `cn=admin,dc=example`.
pub fn hidden_keys(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_list = || memchr2(b'=', b',', value).is_some_and(|at| value.get(at) == Some(&b'='));
    let is_path = || !begins_as_number(value) && value.iter().any(|byte| b"/\\?&".contains(byte));
    let commas = memchr::memchr_iter(b',', if may_hold_pair(value) && !is_path() && !is_list() { value } else { b"" });
    let grammar = Grammar::default();
    commas.filter_map(move |comma| {
        let at = comma + 1;
        let key = value.get(at..)?.iter().take_while(|&&byte| CLASS[usize::from(byte)] & KEY != 0).count();
        (grammar.begins_with_key(value, at) && at + key + 1 < value.len()).then(|| value.get(at..at + key))?
    })
}

/// Whether a value may go on with a pair behind one of its commas.
pub fn may_hold_pair(word: &[u8]) -> bool {
    memchr(b',', word).is_some_and(|comma| memchr(b'=', &word[comma..]).is_some())
}

/// Words that say how grave a line is.
fn is_level(word: &[u8]) -> bool {
    const LEVELS: [&[u8]; 10] =
        [b"TRACE", b"DEBUG", b"INFO", b"NOTICE", b"WARN", b"WARNING", b"ERROR", b"CRITICAL", b"FATAL", b"SEVERE"];
    LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level))
}

/// How long a number of digits is that may have a sign and a point.
fn number_length(text: &[u8]) -> usize {
    let sign = usize::from(text.first() == Some(&b'-'));
    let digits =
        |from: usize| text.get(from..).map_or(0, |text| text.iter().take_while(|byte| byte.is_ascii_digit()).count());
    let whole = digits(sign);
    if whole == 0 {
        return 0;
    }
    let end = sign + whole;
    match digits(end + 1) {
        part if part > 0 && text.get(end) == Some(&b'.') => end + 1 + part,
        _ => end,
    }
}

fn begins_as_number(text: &[u8]) -> bool {
    matches!(text, [b'0'..=b'9', ..] | [b'-' | b'+' | b'.', b'0'..=b'9', ..])
}

/// Where single quotes close. A line that has no more closing ones is searched once, not once a pair.
#[derive(Default)]
struct Apostrophes {
    none_left: bool,
}

impl Apostrophes {
    /// The `'` that closes what was opened before `at`: one that a blank, a bracket or a comma follows, so that the
    /// one in `user's` does not.
    fn closing(&mut self, line: &[u8], mut at: usize, is_blank: impl Fn(u8) -> bool) -> Option<usize> {
        // An opening quote leaves every search in the same state, so what one did not find, a later one will not.
        if self.none_left {
            return None;
        }
        while let Some(step) = line.get(at..).and_then(|rest| memchr2(b'\'', b'\\', rest)) {
            let found = at + step;
            if line.get(found) == Some(&b'\\') {
                at = found + 2;
            } else if line.get(found + 1).is_none_or(|&byte| b"\0,;)]}|".contains(&byte) || is_blank(byte)) {
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
            0 => BOUND,
            1..=b' ' => BLANK | BOUND,
            b'0'..=b'9' => KEY | LAST | DIGIT,
            b'A'..=b'Z' | b'a'..=b'z' | b'_' | 0x80.. => KEY | LAST,
            b'.' | b'-' | b'/' => KEY | NO_FIRST,
            b'@' | b'#' | b'%' | b'$' => KEY,
            b',' | b';' | b'(' | b'[' | b'{' | b')' | b']' | b'}' | b'|' | b':' | b'<' | b'>' => BOUND,
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
    matches!(byte, b',' | b';' | b')' | b']' | b'}' | b'>' | b'.' | b':' | b'!' | b'?' | b'\'' | b'"')
}

/// Whether a word holds a bracket before those that end it: then only the line says where its value ends.
pub fn has_inner_bracket(word: &[u8]) -> bool {
    let core =
        word.len() - word.iter().rev().take_while(|&&byte| matches!(byte, b',' | b';' | b')' | b']' | b'}')).count();
    word[..core].iter().any(|&byte| Open::kind(byte).is_some())
}

/// Whether a number may stand behind the blanks that a text begins with.
pub fn may_be_padded(text: &[u8]) -> bool {
    let blanks = text.iter().take_while(|&&byte| byte == b' ').count();
    blanks > 0 && begins_as_number(&text[blanks..])
}

/// Whether the grammar of prose reads a number or a quantity where logfmt reads a text: `12.`, `12),`, `[12]`.
pub fn reads_quantity(word: &[u8]) -> bool {
    let lone = || Grammar::default().bracketed(word, 0).is_some();
    word.last().is_some_and(|&byte| is_closing(byte))
        && (quantity(word).is_some() || word.first() == Some(&b'[') && lone())
}

/// The length of the quantity that a word is, less whatever ends a sentence or closes a bracket behind it.
fn quantity(word: &[u8]) -> Option<usize> {
    let core = word.len() - word.iter().rev().take_while(|&&byte| is_closing(byte)).count();
    let is_part = |&byte: &u8| byte.is_ascii_alphanumeric() || byte >= 0x80 || b".,%+-".contains(&byte);
    // `12...` may be all that is left of `1234`.
    (begins_as_number(word) && !word[core..].starts_with(b"..") && word[..core].iter().all(is_part)).then_some(core)
}

/// The length of a bare value less trailing `,` and `;` and closing brackets without a partner in it; of a quantity also
/// less what ends a sentence: `12.`, `12):`.
pub fn trimmed(value: &[u8]) -> usize {
    let mut length = value.len();
    if !value.last().is_some_and(|&byte| is_closing(byte)) {
        return length;
    }
    if let Some(length) = quantity(value) {
        return length;
    }
    // How many closing brackets of a kind have no partner; every one behind the last opening bracket that is beyond
    // this count has none, and trailing ones are behind it.
    let mut lonely = [0_usize; 4];
    let mut open = [0_usize; 4];
    for &byte in value {
        let (kind, opens) = match byte {
            b'(' => (0, true),
            b'[' => (1, true),
            b'{' => (2, true),
            b'<' => (3, true),
            b')' => (0, false),
            b']' => (1, false),
            b'}' => (2, false),
            b'>' => (3, false),
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
            // An arrow is no bracket.
            b'>' if !matches!(length.checked_sub(2).and_then(|before| value.get(before)), Some(b'-' | b'=')) => {
                &mut lonely[3]
            }
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
