//! The fields of one line whose keys do not stand in it: access logs, templates and tables.
//!
//! Owns the places of the most common form of each, and their one writer where nothing is asked of them; the rest is told
//! by the plain readers' own places.

use memchr::{memchr, memchr2, memrchr};

use crate::fast::buffer::{Output, pair};
use crate::fast::cpu::Machine;
use crate::fast::fields::{Road, Way};
use crate::fast::key_cache::Key;
use crate::fast::kinds::is_text;
use crate::fast::masks::NEAR;
use crate::grammar::access_log;
use crate::grammar::prose::Quoting;
use crate::grammar::template::Place;
use crate::record::units::{passed, unit_words};

/// How many fields of a template are taken here.
const TEMPLATE: usize = 32;

/// None yet.
const NO_PLACE: Place = (0, 0, 0, Quoting::Bare);

/// How many fields an access log's line has before its pairs.
const REQUEST: usize = 11;

/// Values on their way into the output, which do not count before all of them are there.
struct Cells<'a> {
    rest: &'a mut [u8],
    written: usize,
}

impl<'a> Cells<'a> {
    #[inline(always)]
    fn new(out: &'a mut Output) -> Cells<'a> {
        Cells { rest: out.bytes.get_mut(out.length..).unwrap_or_default(), written: 0 }
    }

    /// Writes the value at this place; false where it does not go into JSON as it stands.
    #[inline(always)]
    fn write<M: Machine>(&mut self, key: &Key, bytes: &[u8], (from, to): (usize, usize), bare: bool) -> bool {
        let length = to.wrapping_sub(from);
        let Some(is_text) = is_text::<M>(bytes, from, length, bare) else { return false };
        let Some(place) = self.rest.get_mut(self.written..) else { return false };
        let Some(written) = pair(place, key, bytes, (from, length), is_text) else { return false };
        self.written = self.written.wrapping_add(written);
        true
    }
}

impl Road {
    /// The fields of an access log's line as nearly all are: `host ident user [time] "METHOD path protocol" status bytes
    /// "referer" "agent"`, then pairs. Each byte is looked for once; false for whatever is written another way.
    #[inline(always)]
    pub(super) fn request<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        // All places first: one loop takes the fields, so that its code is made for the machine at hand.
        let mut fields = [NO_PLACE; REQUEST];
        let Some((count, rest)) = request_places::<M>(bytes, start, end, &mut fields) else { return false };
        // A `-` is a field that is not there.
        if !self.columns::<M>(bytes, fields.get(..count).unwrap_or_default(), true) {
            return false;
        }
        if rest >= end {
            return true;
        }
        // A word that is no pair is one field more, which the plain way names.
        let word = find::<M>(bytes, rest, end, b' ').unwrap_or(end);
        let is_pair = find::<M>(bytes, rest, word, b'=').is_some();
        is_pair && self.is_plain_grammar && bytes.get(rest) != Some(&b'"') && self.prose::<M>(bytes, rest, end)
    }

    /// What stands in the holes of a template.
    #[inline(always)]
    pub(super) fn template<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        let (Way::Template(template), Some(line)) = (&self.way, bytes.get(start..end)) else { return false };
        // The places first: one loop takes the fields, so that its code is made for the machine at hand.
        let (mut places, mut count, mut is_sure) = ([(0, 0, 0, Quoting::Bare); TEMPLATE], 0, true);
        if template.is_short() {
            let Some(count) = template.places::<M>(bytes, start, end, &mut places) else { return false };
            let places = places.get(..count).unwrap_or_default();
            return !self.drops_unit(bytes, places) && self.columns::<M>(bytes, places, false);
        }
        let fits = template.read_once(line, |_, kind, place| {
            // `-` is none where a number is wanted; what is a list or pairs is not for this road.
            let is_none = line.get(place.clone()).is_some_and(|value| kind.is_none(value));
            match places.get_mut(count) {
                Some(known) if !is_none => *known = (count, start + place.start, start + place.end, Quoting::Bare),
                _ => is_sure = false,
            }
            count += 1;
        });
        // A line that does not fit is told, or an error.
        let places = places.get(..count).unwrap_or_default();
        fits && is_sure && !self.drops_unit(bytes, places) && self.columns::<M>(bytes, places, false)
    }

    /// Whether a unit may stand in a hole that is dropped, which the plain way notes.
    #[inline(always)]
    fn drops_unit(&mut self, bytes: &[u8], places: &[Place]) -> bool {
        let ends = |&at: &usize| places.get(at).is_some_and(|&(_, _, to, _)| unit_words::begins_unit(bytes, to));
        if self.unit_columns.iter().any(ends) {
            return true;
        }
        if !self.bare_columns.is_empty() {
            self.note_bare(bytes, places);
        }
        false
    }

    /// Notes the columns with a number that has no unit, each once.
    #[cold]
    #[inline(never)]
    fn note_bare(&mut self, bytes: &[u8], places: &[Place]) {
        let Road { bare_columns, columns, units_of, .. } = self;
        bare_columns.retain(|&at| {
            let Some(&(column, from, to, _)) = places.get(at) else { return true };
            let is_bare = passed::is_bare_number(bytes, from, to);
            if is_bare && let Some(key) = columns.get(column) {
                units_of.add_bare(key.written.get(2..2 + key.length as usize).unwrap_or_default());
            }
            !is_bare
        });
    }

    /// Takes the values of columns from their places; where it `leaves_out` a `-`, that is none.
    #[inline(always)]
    fn columns<M: Machine>(&mut self, bytes: &[u8], places: &[Place], leaves_out: bool) -> bool {
        let is_none = |from: usize, to: usize| leaves_out && to == from + 1 && bytes.get(from) == Some(&b'-');
        if self.are_simple {
            let Road { columns, out, count, wishes, .. } = self;
            let mut line = Cells::new(out);
            // A loop, and no closure, so that its code is made for the machine at hand.
            let mut is_written = true;
            for &(column, from, to, quoting) in places {
                if is_none(from, to) {
                    continue;
                }
                let bare = quoting == Quoting::Bare && !wishes.text;
                let Some(key) = columns.get(column) else { return false };
                is_written = line.write::<M>(key, bytes, (from, to), bare);
                if !is_written {
                    break;
                }
                *count = count.wrapping_add(1);
            }
            if is_written {
                let written = line.written;
                out.length = out.length.wrapping_add(written);
                self.kept = self.count > 0;
                return true;
            }
            self.begin();
        }
        for &(column, from, to, quoting) in places {
            if !is_none(from, to) && !self.push_column::<M>(column, bytes, (from, to), quoting) {
                return false;
            }
        }
        true
    }

    /// The cells of a row.
    #[inline(always)]
    pub(super) fn row<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize, delimiter: u8) -> bool {
        if start == end {
            return false;
        }
        if self.are_simple && self.simple_row::<M>(bytes, start, end, delimiter) {
            return true;
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

    /// Writes the cells of a row, if none of them is in quotes or odd.
    #[inline(always)]
    fn simple_row<M: Machine>(&mut self, bytes: &[u8], start: usize, end: usize, delimiter: u8) -> bool {
        let Road { columns, out, wishes, .. } = self;
        let bare = !wishes.text;
        let mut line = Cells::new(out);
        let mut columns = columns.iter();
        let (mut block, mut cell) = (start, start);
        loop {
            let Some(near) = bytes.get(block..).and_then(|rest| rest.first_chunk()) else { return false };
            let left = end.wrapping_sub(block);
            let within = if left < 64 { !(u64::MAX << left) } else { u64::MAX };
            if M::both((near, b'"'), (near, b'"')) & within != 0 {
                return false;
            }
            // The line's end is a cell's, too.
            let mut ends = M::both((near, delimiter), (near, delimiter)) & within | (within.wrapping_add(1));
            while ends != 0 {
                let at = block.wrapping_add(ends.trailing_zeros() as usize);
                ends &= ends.wrapping_sub(1);
                let Some(key) = columns.next() else { return false };
                if !line.write::<M>(key, bytes, (cell, at), bare) {
                    return false;
                }
                cell = at.wrapping_add(1);
            }
            if left < 64 {
                break;
            }
            block = block.wrapping_add(64);
        }
        if columns.next().is_some() {
            return false;
        }
        let written = line.written;
        out.length = out.length.wrapping_add(written);
        self.count = self.columns.len();
        self.kept = true;
        true
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

/// The fields of an access log's line; how many there are, and where what is behind them begins.
#[inline(always)]
fn request_places<M: Machine>(
    bytes: &[u8],
    start: usize,
    end: usize,
    fields: &mut [Place; REQUEST],
) -> Option<(usize, usize)> {
    // What stands before the time: three words, and the bracket that is the first one of the line.
    let near = bytes.get(start..)?.first_chunk()?;
    let brackets = M::both((near, b'['), (near, b'['));
    let before = (brackets & brackets.wrapping_neg()).wrapping_sub(1);
    let host = M::both((near, b' '), (near, b' ')) & before;
    let ident = host & host.wrapping_sub(1);
    let user = ident & ident.wrapping_sub(1);
    let at = |mask: u64| mask.trailing_zeros() as usize;
    let bracket = at(brackets);
    let are_words = brackets != 0
        && user != 0
        && user & user.wrapping_sub(1) == 0
        && at(user).wrapping_add(1) == bracket
        && at(host) > 0
        && at(ident) > at(host).wrapping_add(1)
        && at(user) > at(ident).wrapping_add(1);
    if !are_words {
        return None;
    }
    let (host, ident) = (start.wrapping_add(at(host)), start.wrapping_add(at(ident)));
    let (user, bracket) = (start.wrapping_add(at(user)), start.wrapping_add(bracket));
    // Three words that end in an address may be who asked, behind a prefix.
    let is_dash = ident == host.wrapping_add(2) && bytes.get(host.wrapping_add(1)) == Some(&b'-');
    if !is_dash && bytes.get(bracket.wrapping_sub(2)).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    // The time, and the request, of which the end is mostly near.
    let near: &[u8; 64] = bytes.get(bracket..)?.first_chunk()?;
    let quotes = M::both((near, b'"'), (near, b'"'));
    let time = at(M::both((near, b']'), (near, b']')));
    let is_date = near[3] == b'/' && near[7] == b'/' && near[12] == b':' && (13..48).contains(&time);
    if !is_date || near[(time + 1) % 64] != b' ' || near[(time + 2) % 64] != b'"' {
        return None;
    }
    let behind = u64::MAX << (time + 3);
    let opens = bracket.wrapping_add(time).wrapping_add(3);
    let closing = quotes & behind;
    let protects = M::both((near, b'\\'), (near, b'\\')) & behind;
    let closes = if closing == 0 || protects != 0 {
        find_quote::<M>(bytes, opens, end)?
    } else {
        bracket.wrapping_add(at(closing))
    };
    // All that stands before it is in the line, where it is.
    if closes >= end {
        return None;
    }
    let blanks = M::both((near, b' '), (near, b' ')) & behind;
    let method = if blanks == 0 { find::<M>(bytes, opens, closes, b' ')? } else { bracket.wrapping_add(at(blanks)) };
    if method <= opens || method >= closes {
        return None;
    }
    let path = method.wrapping_add(1).wrapping_add(path_end(bytes.get(method.wrapping_add(1)..closes)?)?);
    let status = closes.wrapping_add(2);
    let near: &[u8; NEAR] = bytes.get(status..)?.first_chunk()?;
    let digits = M::digits(near);
    let length = (digits >> 4).trailing_ones() as usize;
    let size = status.wrapping_add(4).wrapping_add(length.max(usize::from(near[4] == b'-')));
    let is_status = bytes.get(closes.wrapping_add(1)) == Some(&b' ') && digits & 7 == 7 && near[3] == b' ';
    // The longest is less than what is looked at.
    let is_size = size > status.wrapping_add(4) && length < NEAR - 4 && size <= end;
    if !is_status || !is_size || (size < end && bytes.get(size) != Some(&b' ')) {
        return None;
    }
    let byte = |at: usize| if at < end { bytes.get(at).copied().unwrap_or(b'\n') } else { b'\n' };
    let (text, bare) = (Quoting::Quoted, Quoting::Bare);
    let first = access_log::HOST;
    const KNOWN: usize = 9;
    *fields = [
        (first, start, host, text),
        (first + 1, host.wrapping_add(1), ident, text),
        (first + 2, ident.wrapping_add(1), user, text),
        (first + 3, bracket.wrapping_add(1), opens.wrapping_sub(3), text),
        (first + 4, opens, method, text),
        (first + 5, method.wrapping_add(1), path, text),
        (first + 6, path.wrapping_add(1), closes, text),
        (first + 8, status, status.wrapping_add(3), bare),
        (first + 9, status.wrapping_add(4), size, bare),
        NO_PLACE,
        NO_PLACE,
    ];
    let (mut count, mut rest) = (KNOWN, size.wrapping_add(1));
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

/// Where the path ends in what stands behind the method: at the last blank, behind which the protocol must stand; mostly that
/// is `HTTP/1.1`.
#[inline(always)]
fn path_end(request: &[u8]) -> Option<usize> {
    if let [path @ .., b' ', b'H', b'T', b'T', b'P', b'/', b'1'..=b'3', b'.', b'0'..=b'9'] = request {
        return (!path.is_empty()).then_some(path.len());
    }
    let path = memrchr(b' ', request).filter(|&path| path > 0)?;
    request.get(path + 1..)?.starts_with(b"HTTP/").then_some(path)
}
