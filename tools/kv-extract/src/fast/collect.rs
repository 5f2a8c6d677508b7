//! The fields of one line, by format: the common case at once, the rest by the plain readers' own places.
//!
//! Owns no grammar: where a pair is, `grammar/` says; here the most common form of each is met first.

use memchr::{memchr, memchr2, memrchr};

use crate::fast::cpu::Machine;
use crate::fast::fields::{Kind, Road, Way};
use crate::fast::key_cache::{AROUND, SIGN};
use crate::fast::value;
use crate::grammar::prose::{Grammar, Quoting, is_closing, reads_quantity};
use crate::grammar::{access_log, logfmt, template};
use crate::record::convert;

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
            Way::Prose(_) | Way::Template(_) => self.others::<M>(bytes, start, end),
        }
    }

    /// The fields of an access log's line as nearly all are: `host ident user [time] "METHOD path protocol" status bytes
    /// "referer" "agent"`, then pairs. Each byte is looked for once; false for whatever is written another way.
    #[inline(always)]
    fn request<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        let Some(line) = bytes.get(start..end) else { return false };
        let byte = |at: usize| line.get(at).copied().unwrap_or(b'\n');
        let blank = |from: usize| line.get(from..).and_then(|rest| memchr(b' ', rest)).map(|step| from + step);
        // A quote that closes, behind nothing that a backslash protects.
        let quote = |from: usize| {
            let found = from + memchr2(b'"', b'\\', line.get(from..)?)?;
            (byte(found) == b'"').then_some(found)
        };
        let places = || {
            let bracket = memchr(b'[', line)?;
            let is_date =
                byte(bracket + 3) == b'/' && byte(bracket + 7) == b'/' && byte(bracket + 12) == b':' && bracket > 0;
            let host = blank(0).filter(|&at| is_date && at > 0)?;
            let ident = blank(host + 1).filter(|&at| at > host + 1)?;
            let user = blank(ident + 1).filter(|&at| at > ident + 1 && at + 1 == bracket)?;
            let time = bracket + memchr(b']', line.get(bracket..)?)?;
            let opens = time + 2;
            let closes = quote(opens + 1).filter(|_| byte(time + 1) == b' ' && byte(opens) == b'"')?;
            let method = blank(opens + 1).filter(|&at| at > opens + 1 && at < closes)?;
            let path = method + 1 + memrchr(b' ', line.get(method + 1..closes)?)?;
            let protocol = line.get(path + 1..closes)?;
            let status = closes + 2;
            let is_request = path > method + 1
                && protocol.starts_with(b"HTTP/")
                && byte(closes + 1) == b' '
                && line.get(status..status + 3)?.iter().all(u8::is_ascii_digit)
                && byte(status + 3) == b' ';
            let size = blank(status + 4).unwrap_or(line.len());
            let digits = line.get(status + 4..size).filter(|_| is_request)?;
            let is_size = digits == b"-" || (!digits.is_empty() && digits.iter().all(u8::is_ascii_digit));
            is_size.then_some([host, ident, user, bracket, time, opens, closes, method, path, status, size])
        };
        let Some([host, ident, user, bracket, time, opens, closes, method, path, status, size]) = places() else {
            return false;
        };
        let mut is_sure = true;
        let mut field = |road: &mut Road, column: usize, from: usize, to: usize, quoting: Quoting| {
            // A `-` is a field that is not there.
            if to != from + 1 || byte(from) != b'-' {
                is_sure = is_sure && road.push_column::<M>(column, bytes, (start + from, start + to), quoting);
            }
        };
        for (column, from, to) in [
            (access_log::HOST, 0, host),
            (access_log::HOST + 1, host + 1, ident),
            (access_log::HOST + 2, ident + 1, user),
            (access_log::HOST + 3, bracket + 1, time),
            (access_log::HOST + 4, opens + 1, method),
            (access_log::HOST + 5, method + 1, path),
            (access_log::HOST + 6, path + 1, closes),
        ] {
            field(self, column, from, to, Quoting::Quoted);
        }
        field(self, access_log::HOST + 8, status, status + 3, Quoting::Bare);
        field(self, access_log::HOST + 9, status + 4, size, Quoting::Bare);
        let mut rest = size + 1;
        for column in [access_log::HOST + 10, access_log::HOST + 11] {
            if byte(rest) != b'"' {
                break;
            }
            let Some(close) = quote(rest + 1) else { return false };
            field(self, column, rest + 1, close, Quoting::Quoted);
            rest = close + 1;
            if rest < line.len() {
                // What runs on behind a quote is for the plain way.
                if byte(rest) != b' ' {
                    return false;
                }
                rest += 1;
            }
        }
        if !is_sure || rest >= line.len() {
            return is_sure;
        }
        // A word that is no pair is one field more, which the plain way names.
        let word = blank(rest).unwrap_or(line.len());
        let is_pair = line.get(rest..word).is_some_and(|word| memchr(b'=', word).is_some());
        is_pair && self.is_plain_grammar && byte(rest) != b'"' && self.prose::<M>(bytes, start + rest, end)
    }

    /// The pairs of prose, if all of them are common ones whose keys were met before.
    #[inline(always)]
    fn prose<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        let (mut block, mut floor) = (start, start);
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
                let Some(length) = self.common::<M>(bytes, at) else { return false };
                floor = at.wrapping_add(length);
            }
            block = block.wrapping_add(64);
        }
        true
    }

    /// Takes the pair whose sign is at `at`, if it is a common one; the length of sign and value.
    #[inline(always)]
    fn common<M: Machine>(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let around = bytes.get(at.wrapping_sub(SIGN)..)?.first_chunk()?;
        let slot = self.keys.find::<M>(around)?;
        let about = self.keys.at(slot).about;
        if !about.is_looked_at {
            return self.pass::<M>(slot, around);
        }
        let behind = around.last_chunk()?;
        let value = value::value::<M>(behind).settle(behind)?;
        self.keys.take(slot)?;
        let (step, length, is_text) = value.parts();
        let kind = if is_text || self.wishes.text { Kind::Text } else { Kind::Json };
        let is_taken = self.push_found(slot, bytes, (at.wrapping_add(1 + step), length), kind);
        if about.is_kept && kind == Kind::Json && convert::begins_unit(bytes, at.wrapping_add(value.end())) {
            self.note_unit(bytes, at.wrapping_add(value.end()));
        }
        is_taken.then_some(value.end())
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

    /// The pairs by the plain readers' places.
    #[inline(never)]
    fn others<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        let Some(line) = bytes.get(start..end) else { return false };
        // The reader is lent out of the road while the road takes its pairs.
        let way = std::mem::replace(&mut self.way, Way::Json);
        let mut is_sure = true;
        match &way {
            Way::Prose(grammar) => is_sure = self.scan::<M>(grammar, bytes, start, line),
            Way::Access(grammar) => is_sure = self.access::<M>(grammar, bytes, start, line),
            Way::Template(template) => {
                let mut column = 0;
                let fits = template.read_once(line, |_, kind, place| {
                    // `-` is none where a number is wanted; what is a list or pairs is not for this road.
                    let is_none = line.get(place.clone()) == Some(b"-") && kind != template::Kind::Any;
                    is_sure = is_sure && !is_none;
                    let value = (start + place.start, start + place.end);
                    is_sure = is_sure && self.push_column::<M>(column, bytes, value, Quoting::Bare);
                    column += 1;
                });
                // A line that does not fit is told, or an error.
                is_sure = is_sure && fits;
            }
            Way::Logfmt | Way::Json | Way::Rows(_) => is_sure = false,
        }
        self.way = way;
        is_sure
    }

    fn scan<M: Machine>(&mut self, grammar: &Grammar, bytes: &[u8], start: usize, line: &[u8]) -> bool {
        let mut is_sure = true;
        grammar.scan(line, |pair| {
            let key = (start + pair.key.start, start + pair.key.end);
            let value = (start + pair.value.start, start + pair.value.end);
            is_sure = is_sure && self.push_pair::<M>(bytes, key, value, pair.quoting);
            if pair.quoting == Quoting::Bare && !self.wishes.text && convert::begins_unit(bytes, value.1) {
                self.note_unit(bytes, value.1);
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
                let Some(close) = super::fields::copied_end::<M>(bytes, value + 1) else { return false };
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
            let kind = if !self.wishes.text && super::fields::is_json::<M>(bytes, value, length) {
                Kind::Json
            } else {
                Kind::Text
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

    /// The cells of a row without quotes.
    #[inline(always)]
    fn row<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize, delimiter: u8) -> bool {
        let Some(line) = bytes.get(start..end) else { return false };
        if line.is_empty() || memchr(b'"', line).is_some() || memchr(b'\r', line).is_some() {
            return false;
        }
        let (mut column, mut cell) = (0, start);
        while let Some(step) = bytes.get(cell..end).and_then(|rest| memchr(delimiter, rest)) {
            if !self.push_column::<M>(column, bytes, (cell, cell + step), Quoting::Bare) {
                return false;
            }
            (column, cell) = (column + 1, cell + step + 1);
        }
        column + 1 == self.columns.len() && self.push_column::<M>(column, bytes, (cell, end), Quoting::Bare)
    }
}

/// Where a logfmt key ends.
#[inline(always)]
fn key_end<M: Machine>(bytes: &[u8], at: usize) -> Option<usize> {
    let near = bytes.get(at..)?.first_chunk()?;
    let length = M::key_ends(near).trailing_zeros() as usize;
    (length < 32).then_some(at + length)
}
