//! What kind of line this is, told from the line alone: JSON, JSON behind a known prefix, an access log, logfmt, prose.
//!
//! Owns the prefixes behind which a line is its JSON object, and the quick look that sends ordinary prose to the fast
//! scanner. Refuses to know other lines.

use std::ops::Range;

use memchr::memmem::Finder;
use memchr::{memchr, memchr_iter, memchr3_iter};
use schema::{Object, Value, json};

use crate::fast::braces;
use crate::fast::cpu::{Choice, Machine};
use crate::grammar::blanks;

/// What begins like a JSON object, and is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It ends too early, past its first key.
    CutShort,
    /// It has a key and its colon, and is no JSON object after that: `NaN`, a comma too many, two objects on one line. What
    /// it said is not known, so it is no prose to be passed over.
    Malformed,
    /// A lone bracket, or a list: JSON that is not one object a line.
    Spread,
    /// Prose.
    No,
}

/// The object that a line is, and where it begins: what stands before is a prefix. `Err` where it is none.
pub fn object(line: &[u8]) -> Result<(usize, Object<'_>), Broken> {
    let trimmed = blanks::without_mark(line.trim_ascii());
    match trimmed.first() {
        Some(b'{') => return whole(trimmed).map(|object| (0, object)),
        Some(b'[') if trimmed.len() == 1 || trimmed.starts_with(b"[{") => return Err(Broken::Spread),
        None => return Err(Broken::No),
        _ => {}
    }
    let Some(at) = memchr_iter(b'{', line).find(|&at| line.get(at + 1) == Some(&b'"')) else { return Err(Broken::No) };
    let (prefix, rest) = line.split_at(at);
    if !is_prefix(prefix.strip_suffix(blanks::MARK).unwrap_or(prefix)) {
        return Err(Broken::No);
    }
    whole(rest.trim_ascii_end()).map(|object| (at, object))
}

/// Why a line is refused that begins a JSON object and was cut; `None` where it is another kind of line, or an object. One whose
/// braces and quotes match was not cut: it is not read for this, since that would cost more than all else that is done with it.
pub fn cut_short(choice: Choice, line: &[u8]) -> Option<&'static str> {
    memchr(b'{', line)?;
    (!braces::are_closed(choice, line)).then(|| object(line).err()?.reason()).flatten()
}

impl Broken {
    /// Why such a line is refused; `None` where it is not.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Broken::CutShort => Some("a JSON object that is cut short"),
            Broken::Malformed => Some("a JSON object that is broken (-f json says where)"),
            Broken::Spread | Broken::No => None,
        }
    }
}

fn whole(text: &[u8]) -> Result<Object<'_>, Broken> {
    if text.len() == 1 {
        return Err(Broken::Spread);
    }
    match json::parse_lazily(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Broken::No),
        Err(error) if has_key(text) => Err(if error.unfinished { Broken::CutShort } else { Broken::Malformed }),
        Err(_) => Err(Broken::No),
    }
}

/// Whether a line is a JSON object from its first byte to its last.
pub fn is_object(line: &[u8]) -> bool {
    line.starts_with(b"{\"") && matches!(object(line), Ok((0, _)))
}

/// Whether a text that begins with a brace goes on with a key and its colon.
fn has_key(text: &[u8]) -> bool {
    let rest = text.strip_prefix(b"{").unwrap_or(text).trim_ascii_start();
    let Some(rest) = rest.strip_prefix(b"\"") else { return false };
    let Some(end) = super::prose::closing_quote(rest, 0) else { return false };
    rest.get(end + 1..).unwrap_or_default().trim_ascii_start().starts_with(b":")
}

/// Whether a line's JSON may stand behind this text: CRI, docker compose, `kubectl --prefix`, syslog, `@cee:`, zap.
fn is_prefix(prefix: &[u8]) -> bool {
    let trimmed = prefix.trim_ascii_end();
    if trimmed.ends_with(b"@cee:") {
        return true;
    }
    // zap's console form: columns parted by tabs, the time first.
    if prefix.ends_with(b"\t") {
        let columns = prefix.split(|&byte| byte == b'\t').count();
        return columns >= 3 && prefix.first().is_some_and(u8::is_ascii_digit);
    }
    if !prefix.ends_with(b" ") {
        return false;
    }
    let words: Vec<&[u8]> = trimmed.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).collect();
    let is_time = |word: &[u8]| {
        word.len() >= 19
            && word.get(4) == Some(&b'-')
            && word.get(10) == Some(&b'T')
            && word[..4].iter().all(u8::is_ascii_digit)
    };
    match words.as_slice() {
        // CRI: time, stream, tag.
        [time, b"stdout" | b"stderr", b"F" | b"P"] => is_time(time),
        // docker compose: `web-1  |`, perhaps with times.
        [_, b"|"] => true,
        [_, b"|", time] => is_time(time),
        // kubectl --prefix, perhaps with times.
        [pod] | [pod, _] if pod.starts_with(b"[pod/") && pod.ends_with(b"]") => {
            words.get(1).is_none_or(|time| is_time(time))
        }
        // docker logs --timestamps
        [time] => is_time(time),
        // RFC 5424: `<165>1 time host app pid id data`.
        [version, _, _, _, _, _, ..] if version.starts_with(b"<") && version.ends_with(b">1") => true,
        // RFC 3164 and its RFC 3339 kin: `Mar  5 20:32:12 host app[7]:`.
        [.., tag] if tag.ends_with(b":") => {
            let words = &words[..words.len() - 1];
            let words = match words.first() {
                Some(first) if first.starts_with(b"<") => {
                    let close = memchr(b'>', first).map_or(0, |at| at + 1);
                    let mut words: Vec<&[u8]> = words.to_vec();
                    words[0] = &first[close..];
                    words
                }
                _ => words.to_vec(),
            };
            match words.as_slice() {
                [month, day, time, _] | [month, day, time] => {
                    month.len() == 3
                        && month[0].is_ascii_uppercase()
                        && day.iter().all(u8::is_ascii_digit)
                        && time.get(2) == Some(&b':')
                }
                // Heroku leaves out the host: `2026-03-05T20:32:12.345678+00:00 app[web.1]:`.
                [time, _] | [time] => is_time(time),
                _ => false,
            }
        }
        _ => false,
    }
}

/// The keys of objects that may wrap a line of another program: docker's, journald's. Such objects are for the reader that
/// looks at all of their members.
pub const WRAPPERS: [&[u8]; 2] = [b"stream", b"__REALTIME_TIMESTAMP"];

/// What journalctl writes instead of a message in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// Nothing: it was too long, or its bytes are no text.
    Lost,
    /// A list of its bytes, which are this text.
    Bytes(Vec<u8>),
}

/// Why a line is refused whose message is not there.
pub const LOST: &str = "a journal's MESSAGE that is not in it, too long or no text: journalctl --all -o json writes it";

/// The key of a journal's message, as it stands in its lines.
pub const MESSAGE: &[u8] = b"\"MESSAGE\"";

/// The message of a line of journald's that does not stand in it as text: a search for text does not find it there.
pub fn hidden_message(line: &[u8]) -> Option<Hidden> {
    if line.first() != Some(&b'{') {
        return None;
    }
    let is_there = |text: &[u8]| memchr::memmem::find(line, text).is_some();
    let at = memchr::memmem::find(line, MESSAGE)?;
    let value = line.get(at + MESSAGE.len()..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let is_hidden = matches!(value, [b'n' | b'[', ..]);
    if !is_hidden || !(is_there(b"\"__REALTIME_TIMESTAMP\"") || is_there(b"\"__CURSOR\"")) {
        return None;
    }
    let bytes = value.strip_prefix(b"[").and_then(|list| list.get(..memchr(b']', list)?));
    Some(bytes.and_then(decoded).map_or(Hidden::Lost, Hidden::Bytes))
}

/// The text whose bytes are listed: `82, 69`.
fn decoded(list: &[u8]) -> Option<Vec<u8>> {
    let list = std::str::from_utf8(list).ok()?;
    let bytes: Vec<u8> = list.split(',').map(|byte| byte.trim().parse().ok()).collect::<Option<_>>()?;
    std::str::from_utf8(&bytes).is_ok().then_some(bytes)
}

/// What a line seems to be; who reads it as such must be sure, or leave it to [`Kind::Odd`]'s reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Surely as the grammar of prose reads it.
    Prose,
    /// A JSON object, if it is one from its first byte to its last.
    Object,
    /// A line of an access log, if it is one.
    Request,
    /// Logfmt, if it is nothing but pairs.
    Pairs,
    /// Whatever takes a closer look.
    Odd,
}

/// Whether a key may be one of a line that is nothing but pairs: see [`super::logfmt::is_all_pairs`].
pub fn is_pair_key(key: &[u8]) -> bool {
    key.iter().all(super::logfmt::is_plain_key)
}

/// Sorts the lines of a stretch: those that the grammar of prose reads as `auto` does, and the others.
pub struct Sorter {
    object: Finder<'static>,
    request: Finder<'static>,
    /// Whether only lines with a JSON object are told apart from prose: what `-f kv` does.
    of_prose: bool,
}

impl Default for Sorter {
    fn default() -> Sorter {
        Sorter { object: Finder::new(b"{\""), request: Finder::new(b"] \""), of_prose: false }
    }
}

impl Sorter {
    /// One for lines that are prose, but for those with a JSON object.
    pub fn of_prose() -> Sorter {
        Sorter { of_prose: true, ..Sorter::default() }
    }

    /// Whether it tells nothing but JSON objects from prose: most stretches are all prose, however their lines begin.
    pub fn is_of_prose(&self) -> bool {
        self.of_prose
    }

    /// Calls `each` with runs of lines between `range`'s ends, and what they seem to be; the last line may be without
    /// its newline.
    pub fn runs(&self, bytes: &[u8], range: Range<usize>, mut each: impl FnMut(Range<usize>, Kind)) {
        let stretch = &bytes[range.clone()];
        // A line with an object is seldom one of many.
        if self.of_prose && self.object.find(stretch).is_none() {
            return each(range, Kind::Prose);
        }
        let (objects, requests) = self.hidden(stretch);
        if !self.of_prose && !objects && !requests && all_read_alike(stretch) {
            return each(range, Kind::Prose);
        }
        let (mut start, mut kind, mut at) = (range.start, None, range.start);
        while at < range.end {
            let end = memchr(b'\n', &bytes[at..range.end]).map_or(range.end, |step| at + step + 1);
            let this = self.kind(&bytes[at..end], objects, requests);
            if kind != Some(this) {
                if let Some(kind) = kind {
                    each(start..at, kind);
                }
                (start, kind) = (at, Some(this));
            }
            at = end;
        }
        if let Some(kind) = kind {
            each(start..range.end, kind);
        }
    }

    /// Whether anything in these lines may be an object or a request, however the line begins.
    pub fn hides(&self, lines: &[u8]) -> bool {
        let (objects, requests) = self.hidden(lines);
        objects || requests
    }

    fn hidden(&self, lines: &[u8]) -> (bool, bool) {
        // Most stretches hold none of it.
        let odd = memchr::memchr2(b'{', b']', lines).is_some();
        (odd && self.object.find(lines).is_some(), odd && self.request.find(lines).is_some())
    }

    /// What a line seems to be, of lines that do not [`hide`](Self::hides) what they are.
    pub fn plain_kind(&self, line: &[u8]) -> Kind {
        self.kind(line, false, false)
    }

    fn kind(&self, line: &[u8], objects: bool, requests: bool) -> Kind {
        if self.of_prose {
            return if self.object.find(line).is_some() { Kind::Odd } else { Kind::Prose };
        }
        if line.starts_with(b"{\"") {
            return Kind::Object;
        }
        // As logfmt does, which takes every byte up to a blank for one.
        let line = line.get(line.iter().take_while(|byte| **byte <= b' ').count()..).unwrap_or_default();
        match line {
            [b'{', ..] | [b'[', b'{' | b'\r' | b'\n', ..] | [b'['] => return Kind::Odd,
            _ => {}
        }
        if objects && self.object.find(line).is_some() {
            return Kind::Odd;
        }
        if requests && self.request.find(line).is_some() {
            return Kind::Request;
        }
        // Logfmt passes over a first word with a quote in it.
        // Most lines tell by what stands before their first space, which is found many bytes at once.
        let space = memchr(b' ', line).unwrap_or(line.len());
        let may_be_pair = memchr::memchr2(b'=', b'"', line.get(..space).unwrap_or_default()).is_some()
            && line.iter().take_while(|byte| **byte > b' ').any(|byte| matches!(byte, b'=' | b'"'));
        if !may_be_pair || reads_alike(line) { Kind::Prose } else { Kind::Pairs }
    }
}

/// Whether the line begins with a word that holds no sign and no quote: then it is neither logfmt nor a lone bracket. It
/// costs one look at thirty-two bytes, in which a stamp ends.
#[inline(always)]
pub fn begins_as_prose<M: Machine>(bytes: &[u8], start: usize) -> bool {
    let Some(near) = bytes.get(start..).and_then(|rest| rest.first_chunk()) else { return false };
    let word = M::key_ends(near).trailing_zeros() as usize;
    // What ends the word must be a blank.
    BEGINS[usize::from(near[0])] && near.get(word).is_some_and(|&byte| byte <= b' ')
}

/// What lines of prose begin with.
const BEGINS: [bool; 256] = {
    let mut begins = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        begins[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'<' || byte == b'#';
        byte += 1;
    }
    begins
};

/// [`reads_alike`] of all lines of a stretch at once, by what stands beside each byte: many bytes at a time.
fn all_read_alike(stretch: &[u8]) -> bool {
    if !stretch.first().is_some_and(u8::is_ascii_alphabetic) {
        return false;
    }
    let mut bad = false;
    let behind = stretch.get(1..).unwrap_or_default();
    let second = behind.get(1..).unwrap_or_default();
    for ((&one, &two), &three) in stretch.iter().zip(behind).zip(second) {
        let closes = (one == b',') | (one == b']') | (one == b')') | (one == b';') | (one == b'}') | (one == b'>');
        let blank = two <= b' ';
        let letter = (two | 0x20).wrapping_sub(b'a') < 26;
        let last = ((one | 0x20).wrapping_sub(b'a') < 26) | (one.wrapping_sub(b'0') < 10) | (one == b'_');
        let sign = one == b'=';
        let opens = (one == b'(') | ((one | 0x20) == b'{');
        bad |= opens | (closes & blank) | (one == b'\'') | (one == b'\\');
        bad |= sign & ((two == b'=') | (two == b'~') | (two == b'>') | (two == b' '));
        bad |= (two == b'=') & !last;
        bad |= ((one == b' ') | (one == b'\n')) & !letter;
        bad |= (two == b'"') & !(sign | (three <= b' '));
    }
    // The last bytes have no neighbours to be looked at, and are a newline, or something for the slow way.
    let ends_plainly = stretch.last() == Some(&b'\n')
        && stretch.len() > 2
        && stretch[stretch.len() - 2].is_ascii_alphanumeric()
        && stretch[stretch.len() - 3] != b'"';
    // A key of more than 128 bytes holds 64 of these without a blank.
    let (blocks, _) = stretch.as_chunks::<64>();
    let long = blocks.iter().any(|block| !block.iter().fold(false, |found, &byte| found | (byte <= b' ')));
    !bad && ends_plainly && !long
}

/// Longer keys are none in prose.
const LONG: usize = 128;

/// Whether a line that begins with a pair is certainly read by the grammar of prose as logfmt reads it: no quote but the
/// double one, no value that ends in what prose would trim, no second sign behind one.
fn reads_alike(line: &[u8]) -> bool {
    let ends = |at: usize| line.get(at + 1).is_none_or(|byte| *byte <= b' ');
    let alpha = line.first().is_some_and(u8::is_ascii_alphabetic);
    alpha
        // What is in brackets is another thing in prose.
        && memchr::memchr3(b'(', b'[', b'{', line).is_none()
        && memchr3_iter(b',', b']', b')', line).all(|at| !ends(at))
        && memchr3_iter(b';', b'}', b'>', line).all(|at| !ends(at))
        && memchr(b'\'', line).is_none()
        && memchr_iter(b'=', line).all(|at| {
            let is_bounded = at <= LONG || line[at - LONG..at].iter().rev().any(|byte| *byte <= b' ');
            let last = at.checked_sub(1).map_or(0, |before| line[before]);
            let ends_key = last.is_ascii_alphanumeric() || last == b'_';
            ends_key && is_bounded && !matches!(line.get(at + 1), Some(b'=' | b'~' | b'>' | b' '))
        })
        && memchr_iter(b' ', line)
            .all(|at| line.get(at + 1).is_none_or(|byte| byte.is_ascii_alphabetic() || *byte <= b' '))
        && memchr::memchr2_iter(b'"', b'\\', line)
            .all(|at| line[at] == b'"' && (line[at.saturating_sub(1)] == b'=' || ends(at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fast::cpu::Portable;

    /// What the many-at-a-time look lets through, the look at each line lets through, too.
    #[test]
    fn what_was_cut_is_seen_without_reading_it() {
        let whole = br#"{"a":"b\\","m":"got } {","n":{"o":[1,{"p":"\"}"}]}}"#;
        for choice in [Choice::fastest(), Choice::PORTABLE] {
            assert_eq!((cut_short(choice, whole), object(whole).is_ok()), (None, true));
            for end in 5..whole.len() {
                let cut = cut_short(choice, &whole[..end]);
                assert_eq!(cut, Some("a JSON object that is cut short"), "{end}");
            }
            for line in [
                &b"took=5"[..],
                b"{",
                b"a { b \" c",
                b"msg=\"{\" took=5",
                b"fn main() {",
                b"} {",
                b"a }",
                b"{\"a\":1} \r",
            ] {
                assert_eq!(cut_short(choice, line), None);
            }
            let cut = cut_short(choice, br#"{"msg":"got }"#);
            assert_eq!(cut, Some("a JSON object that is cut short"), "within a text, behind its brace");
        }
    }

    #[test]
    fn a_stretch_is_alike_only_where_each_line_is() {
        let words: [&[u8]; 16] = [
            b"a=1",
            b"b=\"x y\"",
            b"c=x,",
            b"d",
            b"e==2",
            b"f='x'",
            b"g=h(1)",
            b"=",
            b"i.=1",
            b"7=8",
            b"k=",
            b"\"q\"=1",
            b"l=\"\"",
            b"m=a\\b",
            b"n_=1",
            b"{\"o\":1}",
        ];
        let mut state = 7_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let (mut alike, mut prose, sorter) = (0, 0, Sorter::default());
        for _ in 0..20_000 {
            let mut stretch = Vec::new();
            for _ in 0..=random(3) {
                for at in 0..=random(4) {
                    if at > 0 {
                        stretch.push(b' ');
                    }
                    stretch.extend_from_slice(words[if random(3) > 0 { random(2) } else { random(words.len()) }]);
                }
                stretch.push(b'\n');
            }
            let lines = || stretch.split_inclusive(|&byte| byte == b'\n');
            if all_read_alike(&stretch) {
                alike += 1;
                assert!(lines().all(reads_alike), "{}", String::from_utf8_lossy(&stretch));
            }
            for line in lines() {
                let padded = [line, &[b'=', b'"', b' '].repeat(11)].concat();
                if begins_as_prose::<Portable>(&padded, 0) {
                    prose += 1;
                    assert!(
                        sorter.hides(line) || sorter.plain_kind(line) == Kind::Prose,
                        "{}",
                        String::from_utf8_lossy(line)
                    );
                }
            }
        }
        assert!(alike > 500 && prose > 500, "{alike} {prose}");
    }

    #[test]
    fn messages_that_are_hidden() {
        let line = |message: &str| format!("{{\"__CURSOR\":\"s=1\",\"MESSAGE\" : {message}}}");
        let hidden = |message: &str| hidden_message(line(message).as_bytes());
        assert_eq!(hidden("null"), Some(Hidden::Lost));
        assert_eq!(hidden("[69, 82,27]"), Some(Hidden::Bytes(b"ER\x1b".to_vec())));
        assert_eq!(hidden("[69,255]"), Some(Hidden::Lost));
        assert_eq!(hidden("[69,256]"), Some(Hidden::Lost));
        assert_eq!(hidden("\"null\""), None);
        assert_eq!(hidden_message(b"{\"MESSAGE\":null}"), None);
    }

    #[test]
    fn prefixes() {
        for line in [
            r#"2026-03-05T20:32:12.3Z stdout F {"a":1}"#,
            r#"web-1  | {"a":1}"#,
            r#"[pod/web-1/app] {"a":1}"#,
            r#"[pod/web-1/app] 2026-03-05T20:32:12.3Z {"a":1}"#,
            r#"Mar  5 20:32:12 host app[7]: {"a":1}"#,
            r#"<13>Mar  5 20:32:12 host app: {"a":1}"#,
            r#"2026-03-05T20:32:12+01:00 host app: {"a":1}"#,
            r#"2026-03-05T20:32:12.345678+00:00 app[web.1]: {"a":1}"#,
            r#"<165>1 2026-03-05T20:32:12Z host app 7 ID - {"a":1}"#,
            r#"@cee:{"a":1}"#,
            r#"Mar  5 20:32:12 host app: @cee: {"a":1}"#,
            "2026-03-05T20:32:12Z\tINFO\tup\t{\"a\":1}",
            r#"  {"a":1}  "#,
        ] {
            assert!(object(line.as_bytes()).is_ok(), "{line}");
        }
        for line in [r#"sent {"a":1}"#, r#"level=info msg="x" {"a":1}"#, r#"x: {"a":1}"#, "{}x", "{a=1}", "{ a=1 }"] {
            assert_eq!(object(line.as_bytes()).err(), Some(Broken::No), "{line}");
        }
        for line in [r#"{"a":1"#, r#"{"a":"#, r#"{"a":{"b":"c"#, r#"web-1 | {"a":1"#] {
            assert_eq!(object(line.as_bytes()).err(), Some(Broken::CutShort), "{line}");
        }
        for line in [
            r#"{"a":NaN}"#,
            r#"{"a":1}{"a":9999}"#,
            r#"{"a":1},"#,
            r#"{"a":1}}"#,
            r#"{"a":1,}"#,
            r#"{"a":1}x"#,
            "{\"a\":\"\t\"}",
            r#"{"a":1,"a":2}"#,
            r#"web-1  | {"a":NaN}"#,
        ] {
            assert_eq!(object(line.as_bytes()).err(), Some(Broken::Malformed), "{line}");
        }
        for line in ["{", "[", r#"[{"a":1}]"#] {
            assert_eq!(object(line.as_bytes()).err(), Some(Broken::Spread), "{line}");
        }
    }
}
