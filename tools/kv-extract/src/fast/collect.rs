//! The fields of one line, by format: the common case at once, the rest by the plain readers' own places.
//!
//! Owns no grammar: where a pair is, `grammar/` says; here the most common form of each is met first.

use memchr::{memchr, memchr2, memrchr};

use crate::fast::cpu::Machine;
use crate::fast::fields::{Kind, Road, Way};
use crate::fast::key_cache::{AROUND, SIGN};
use crate::fast::kinds::{copied_end, is_near_json};
use crate::fast::value;
use crate::grammar::prose::{Grammar, Quoting, is_closing, reads_quantity};
use crate::grammar::{access_log, logfmt, template};
use crate::record::unit_words;

/// How many fields of a template are taken here.
const TEMPLATE: usize = 32;

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

    /// The fields of an access log's line as nearly all are: `host ident user [time] "METHOD path protocol" status bytes
    /// "referer" "agent"`, then pairs. Each byte is looked for once; false for whatever is written another way.
    #[inline(always)]
    fn request<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        // All places first: one loop takes the fields, so that its code is made for the machine at hand.
        let mut fields = [(0, start, start, Quoting::Quoted); access_log::HOST + 12];
        let Some((count, rest)) = request_places::<M>(bytes, start, end, &mut fields) else { return false };
        for &(column, from, to, quoting) in fields.iter().take(count) {
            // A `-` is a field that is not there.
            let is_none = to == from + 1 && bytes.get(from) == Some(&b'-');
            if !is_none && !self.push_column::<M>(column, bytes, (from, to), quoting) {
                return false;
            }
        }
        if rest >= end {
            return true;
        }
        // A word that is no pair is one field more, which the plain way names.
        let word = find::<M>(bytes, rest, end, b' ').unwrap_or(end);
        let is_pair = find::<M>(bytes, rest, word, b'=').is_some();
        is_pair && self.is_plain_grammar && bytes.get(rest) != Some(&b'"') && self.prose::<M>(bytes, rest, end)
    }

    /// The pairs of prose, if all of them are common ones whose keys were met before.
    #[inline(always)]
    fn prose<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        // The field whose value ends at the floor, from 1; 0 where none does.
        let (mut block, mut floor, mut last) = (start, start, 0);
        while block < end {
            let Some(mut events) = bytes.get(block..).and_then(|rest| rest.first_chunk()).map(M::events) else {
                return false;
            };
            while events != 0 {
                let at = block.wrapping_add(events.trailing_zeros() as usize);
                events &= events.wrapping_sub(1);
                if at >= end {
                    break;
                }
                if at < floor {
                    continue;
                }
                let before = self.count;
                let Some((key, length)) = self.common::<M>(bytes, at) else { return false };
                // Where the key stands right behind the value before it, no unit is between them.
                if at.wrapping_sub(key) != floor.wrapping_add(1) {
                    self.look_behind(bytes, floor, last);
                }
                floor = at.wrapping_add(length);
                last = if self.count > before { self.count } else { 0 };
            }
            block = block.wrapping_add(64);
        }
        self.look_behind(bytes, floor, last);
        true
    }

    /// Looks for a unit one blank behind the value that ends at `end`, that of the field `last`.
    #[inline(always)]
    fn look_behind(&mut self, bytes: &[u8], end: usize, last: usize) {
        if last > 0 && unit_words::begins_unit(bytes, end) {
            self.note_unit(bytes, end, last - 1);
        }
    }

    /// Takes the pair whose sign is at `at`, if it is a common one; the length of the key, and that of sign and value.
    #[inline(always)]
    fn common<M: Machine>(&mut self, bytes: &[u8], at: usize) -> Option<(usize, usize)> {
        let around = bytes.get(at.wrapping_sub(SIGN)..)?.first_chunk()?;
        let slot = self.keys.find::<M>(around)?;
        let key = self.keys.at(slot);
        let key_length = key.length as usize;
        if !key.about.is_looked_at {
            return Some((key_length, self.pass::<M>(slot, around)?));
        }
        let behind = around.last_chunk()?;
        let value = value::value::<M>(behind).settle(behind)?;
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
        let near = around.get(SIGN + 1..)?.first_chunk()?;
        let length = M::value(near, 0).ends.trailing_zeros() as usize;
        let last = *around.get((SIGN + length) % AROUND)?;
        let is_bare = length > 0
            && near.get(length).is_some_and(|&byte| byte <= b' ')
            && !matches!(near[0], b'\'' | b'=' | b'~' | b'>')
            && !is_closing(last);
        if !is_bare {
            return None;
        }
        self.having |= self.keys.take(slot)?.about.having;
        self.passed += 1;
        Some(1 + length)
    }

    /// What stands in the holes of a template.
    #[inline(always)]
    fn template<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        let (Way::Template(template), Some(line)) = (&self.way, bytes.get(start..end)) else { return false };
        // The places first: one loop takes the fields, so that its code is made for the machine at hand.
        let (mut places, mut count, mut is_sure) = ([(0, 0); TEMPLATE], 0, true);
        if template.is_short() {
            let Some(count) = template.places::<M>(bytes, start, end, &mut places) else { return false };
            return self.holes::<M>(bytes, places.get(..count).unwrap_or_default());
        }
        let fits = template.read_once(line, |_, kind, place| {
            // `-` is none where a number is wanted; what is a list or pairs is not for this road.
            let is_none = kind != template::Kind::Any && line.get(place.clone()) == Some(b"-");
            match places.get_mut(count) {
                Some(known) if !is_none => *known = (start + place.start, start + place.end),
                _ => is_sure = false,
            }
            count += 1;
        });
        // A line that does not fit is told, or an error.
        fits && is_sure && self.holes::<M>(bytes, places.get(..count).unwrap_or_default())
    }

    #[inline(always)]
    fn holes<M: Machine>(&mut self, bytes: &[u8], places: &[(usize, usize)]) -> bool {
        for (column, &value) in places.iter().enumerate() {
            if !self.push_column::<M>(column, bytes, value, Quoting::Bare) {
                return false;
            }
        }
        true
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
            is_sure = is_sure && self.push_pair::<M>(bytes, key, value, pair.quoting);
            if pair.quoting == Quoting::Bare && !self.wishes.text {
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
        loop {
            while bytes.get(at).is_some_and(|&byte| byte <= b' ') && at < end {
                at += 1;
            }
            if at >= end {
                break;
            }
            let key = at;
            // A key ends at its sign, at a quote, or at a blank.
            let Some(sign) = key_end::<M>(bytes, at) else { return false };
            match bytes.get(sign) {
                Some(b'=') if sign > key && sign < end => {}
                // Words, and whatever is odd: the plain reader knows them all.
                _ => return self.words::<M>(bytes, start, end),
            }
            let Some(slot) = self.meet::<M>(bytes, (key, sign)) else { return false };
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
            let Some(masks) = bytes.get(value..).and_then(|rest| rest.first_chunk()).map(|near| M::value(near, 0))
            else {
                return false;
            };
            let length = masks.ends.trailing_zeros() as usize;
            let behind = value.wrapping_add(length);
            if length == 32 || bytes.get(behind).is_some_and(|&byte| byte > b' ') {
                return self.words::<M>(bytes, start, end);
            }
            // No writer of logfmt ends a number so: the line may be prose.
            if self.wishes.of_pairs && length > 0 && bytes.get(behind.wrapping_sub(1)).copied().is_some_and(is_closing)
            {
                return self.words::<M>(bytes, start, end);
            }
            let kind = match bytes.get(value..).and_then(|rest| rest.first_chunk()) {
                Some(window) if !self.wishes.text && is_near_json(&masks, window, length) => Kind::Json,
                _ => Kind::Text,
            };
            if !self.push_found(slot, bytes, (value, length), kind) {
                return false;
            }
            at = behind;
        }
        pairs || (self.count == 0 && !self.wishes.of_pairs)
    }

    /// The same by the plain reader.
    #[inline(never)]
    fn words<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        self.begin();
        let Some(line) = bytes.get(start..end) else { return false };
        let mut words = logfmt::words(line);
        let mut pairs = false;
        for word in &mut words {
            let key = (start + word.key.start, start + word.key.end);
            // A word is a key that is true; there is no `true` in the line to point to.
            let Some((value, quoted)) = word.value else { return false };
            if self.wishes.of_pairs && !quoted && reads_quantity(line.get(value.clone()).unwrap_or_default()) {
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

    /// The cells of a row.
    #[inline(always)]
    fn row<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize, delimiter: u8) -> bool {
        if start == end {
            return false;
        }
        let (mut block, mut column, mut cell) = (start, 0, start);
        while block < end {
            let Some(near) = bytes.get(block..).and_then(|rest| rest.first_chunk()) else { return false };
            let within = u64::MAX >> (64 - (end - block).min(64));
            if M::both((near, b'"'), (near, b'"')) & within != 0 {
                return self.quoted_row::<M>(bytes, start, end, delimiter);
            }
            let mut ends = M::both((near, delimiter), (near, delimiter)) & within;
            while ends != 0 {
                let at = block.wrapping_add(ends.trailing_zeros() as usize);
                ends &= ends.wrapping_sub(1);
                if !self.push_column::<M>(column, bytes, (cell, at), Quoting::Bare) {
                    return false;
                }
                (column, cell) = (column.wrapping_add(1), at.wrapping_add(1));
            }
            block = block.wrapping_add(64);
        }
        column.wrapping_add(1) == self.columns.len() && self.push_column::<M>(column, bytes, (cell, end), Quoting::Bare)
    }

    /// The cells of a row of which some stand in quotes; one that holds quotes is for the plain way.
    #[inline(always)]
    fn quoted_row<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize, delimiter: u8) -> bool {
        self.begin();
        let (mut column, mut cell) = (0, start);
        loop {
            let find = |from: usize, byte: u8| bytes.get(from..end).and_then(|rest| memchr(byte, rest));
            let (value, behind) = if cell < end && bytes.get(cell) == Some(&b'"') {
                let Some(length) = find(cell + 1, b'"') else { return false };
                ((cell + 1, cell + 1 + length), cell + length + 2)
            } else {
                let next = find(cell, delimiter).map_or(end, |step| cell + step);
                ((cell, next), next)
            };
            if column >= self.columns.len() || !self.push_column::<M>(column, bytes, value, Quoting::Bare) {
                return false;
            }
            column += 1;
            if behind == end {
                return column == self.columns.len();
            }
            if bytes.get(behind) != Some(&delimiter) {
                return false;
            }
            cell = behind + 1;
        }
    }
}

/// Where a byte stands next in a line that ends at `end`.
#[inline(always)]
fn find<M: Machine>(bytes: &[u8], from: usize, end: usize, byte: u8) -> Option<usize> {
    let near = bytes.get(from..)?.first_chunk()?;
    let found = M::both((near, byte), (near, byte));
    if found == 0 {
        return find_further(bytes, from, end, byte);
    }
    let at = from.wrapping_add(found.trailing_zeros() as usize);
    (at < end).then_some(at)
}

#[cold]
#[inline(never)]
fn find_further(bytes: &[u8], from: usize, end: usize, byte: u8) -> Option<usize> {
    memchr(byte, bytes.get(from..end)?).map(|step| from + step)
}

/// Where a quote closes, behind nothing that a backslash protects.
#[inline(always)]
fn find_quote<M: Machine>(bytes: &[u8], from: usize, end: usize) -> Option<usize> {
    let near = bytes.get(from..)?.first_chunk()?;
    let quotes = M::both((near, b'"'), (near, b'"'));
    let protects = M::both((near, b'\\'), (near, b'\\'));
    if quotes == 0 {
        return find_quote_further(bytes, from, end);
    }
    let is_sure = protects & (quotes & quotes.wrapping_neg()).wrapping_sub(1) == 0;
    let at = from.wrapping_add(quotes.trailing_zeros() as usize);
    (at < end && is_sure).then_some(at)
}

#[cold]
#[inline(never)]
fn find_quote_further(bytes: &[u8], from: usize, end: usize) -> Option<usize> {
    let found = from + memchr2(b'"', b'\\', bytes.get(from..end)?)?;
    (bytes.get(found) == Some(&b'"')).then_some(found)
}

/// A field of an access log: its column, where it begins and ends, and whether it is a text.
type Place = (usize, usize, usize, Quoting);

/// The fields of an access log's line; how many there are, and where what is behind them begins.
#[inline(always)]
fn request_places<M: Machine>(
    bytes: &[u8],
    start: usize,
    end: usize,
    fields: &mut [Place; access_log::HOST + 12],
) -> Option<(usize, usize)> {
    let byte = |at: usize| if at < end { bytes.get(at).copied().unwrap_or(b'\n') } else { b'\n' };
    let host = find::<M>(bytes, start, end, b' ').filter(|&at| at > start)?;
    let ident = find::<M>(bytes, host + 1, end, b' ').filter(|&at| at > host + 1)?;
    let user = find::<M>(bytes, ident + 1, end, b' ').filter(|&at| at > ident + 1)?;
    let bracket = user + 1;
    let is_date = byte(bracket) == b'['
        && byte(bracket + 3) == b'/'
        && byte(bracket + 7) == b'/'
        && byte(bracket + 12) == b':'
        // Another bracket before it would be where the time begins.
        && memchr(b'[', bytes.get(start..user)?).is_none();
    if !is_date {
        return None;
    }
    let time = find::<M>(bytes, bracket, end, b']')?;
    let opens = time + 2;
    if byte(time + 1) != b' ' || byte(opens) != b'"' {
        return None;
    }
    let closes = find_quote::<M>(bytes, opens + 1, end)?;
    let method = find::<M>(bytes, opens + 1, closes, b' ').filter(|&at| at > opens + 1)?;
    let path = method + 1 + memrchr(b' ', bytes.get(method + 1..closes)?)?;
    let status = closes + 2;
    let is_request = path > method + 1
        && bytes.get(path + 1..closes)?.starts_with(b"HTTP/")
        && byte(closes + 1) == b' '
        && byte(status).is_ascii_digit()
        && byte(status + 1).is_ascii_digit()
        && byte(status + 2).is_ascii_digit()
        && byte(status + 3) == b' ';
    if !is_request {
        return None;
    }
    let size = find::<M>(bytes, status + 4, end, b' ').unwrap_or(end);
    let digits = bytes.get(status + 4..size)?;
    if digits != b"-" && (digits.is_empty() || !digits.iter().all(u8::is_ascii_digit)) {
        return None;
    }
    let (text, bare) = (Quoting::Quoted, Quoting::Bare);
    let first = access_log::HOST;
    let known = [
        (first, start, host, text),
        (first + 1, host + 1, ident, text),
        (first + 2, ident + 1, user, text),
        (first + 3, bracket + 1, time, text),
        (first + 4, opens + 1, method, text),
        (first + 5, method + 1, path, text),
        (first + 6, path + 1, closes, text),
        (first + 8, status, status + 3, bare),
        (first + 9, status + 4, size, bare),
    ];
    for (place, field) in fields.iter_mut().zip(known) {
        *place = field;
    }
    let (mut count, mut rest) = (known.len(), size + 1);
    for column in [first + 10, first + 11] {
        if byte(rest) != b'"' {
            break;
        }
        let close = find_quote::<M>(bytes, rest + 1, end)?;
        *fields.get_mut(count)? = (column, rest + 1, close, text);
        count += 1;
        rest = close + 1;
        if rest < end {
            // What runs on behind a quote is for the plain way.
            if byte(rest) != b' ' {
                return None;
            }
            rest += 1;
        }
    }
    Some((count, rest))
}

/// Where a logfmt key ends.
#[inline(always)]
fn key_end<M: Machine>(bytes: &[u8], at: usize) -> Option<usize> {
    let near = bytes.get(at..)?.first_chunk()?;
    let length = M::key_ends(near).trailing_zeros() as usize;
    (length < 32).then_some(at + length)
}
