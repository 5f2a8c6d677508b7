//! Records over several lines: those of `--record-start`, and lines that a container's runtime has split.
//!
//! Owns what belongs together and the text of the whole; refuses to read it. Containerd marks a part with `P` and the
//! last one with `F`, docker leaves the newline out of all but the last; both split at 16 KiB, and the lines of standard
//! output and standard error come mixed.

use std::fs::File;
use std::os::unix::fs::FileExt;

use filter::{Error, Filter, Input};
use jiff::tz::TimeZone;
use memchr::memmem;
use time::{Clock, Reading};

/// From this length on, a text of docker's without its newline is a part.
const SPLIT: usize = 16 << 10;
/// What stands between docker's text and the stream it came from.
const DOCKER: &[u8] = b"\",\"stream\":\"";
/// How much is looked through at once.
const BLOCK: usize = 256 << 10;

/// Where a record begins.
#[derive(Clone, Debug)]
pub enum Start {
    /// At a line that begins with a time.
    Stamp(Clock),
    /// At a line that begins so: `*` is any text, `?` any byte, `[0-9a]` one of these.
    Glob(Vec<Piece>),
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This byte.
    Byte(u8),
    /// Any byte.
    Any,
    /// One of these ranges.
    Class(Vec<(u8, u8)>),
    /// Any text.
    Many,
}

impl Start {
    /// Reads a pattern; the word `stamp` stands for a line that begins with a time.
    pub fn parse(text: &str) -> Result<Start, String> {
        if text == "stamp" {
            return Ok(Start::Stamp(Clock::new(TimeZone::UTC, jiff::Timestamp::UNIX_EPOCH)));
        }
        let wanted = || "wanted how a line begins, like '# Time:' or '[IWEF][0-9]', or the word stamp".to_owned();
        let mut pieces = Vec::new();
        let mut bytes = text.bytes().peekable();
        while let Some(byte) = bytes.next() {
            pieces.push(match byte {
                b'*' => Piece::Many,
                b'?' => Piece::Any,
                b'\\' => Piece::Byte(bytes.next().ok_or_else(wanted)?),
                b'[' => {
                    let mut ranges = Vec::new();
                    loop {
                        let low = bytes.next().ok_or_else(wanted)?;
                        if low == b']' && !ranges.is_empty() {
                            break;
                        }
                        let high =
                            if bytes.next_if_eq(&b'-').is_some() { bytes.next().ok_or_else(wanted)? } else { low };
                        ranges.push((low, high));
                    }
                    Piece::Class(ranges)
                }
                byte => Piece::Byte(byte),
            });
        }
        if pieces.iter().all(|piece| *piece == Piece::Many) {
            return Err(wanted());
        }
        Ok(Start::Glob(pieces))
    }

    fn begins(&self, line: &[u8]) -> bool {
        match self {
            Start::Stamp(clock) => matches!(clock.line(line), Reading::Stamp { loose: false, .. }),
            Start::Glob(pieces) => begins(pieces, line),
        }
    }
}

/// Whether a line begins as the pieces say. After each `*` the shortest text is tried first, and only the last one is
/// tried again: what an earlier one took cannot matter.
fn begins(pieces: &[Piece], line: &[u8]) -> bool {
    let (mut piece, mut at) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while let Some(wanted) = pieces.get(piece) {
        let fits = match (wanted, line.get(at)) {
            (Piece::Many, _) => {
                again = Some((piece + 1, at));
                piece += 1;
                continue;
            }
            (Piece::Byte(wanted), Some(byte)) => wanted == byte,
            (Piece::Any, Some(_)) => true,
            (Piece::Class(ranges), Some(byte)) => ranges.iter().any(|(low, high)| (low..=high).contains(&byte)),
            (_, None) => return false,
        };
        if fits {
            (piece, at) = (piece + 1, at + 1);
            continue;
        }
        let Some((behind, from)) = again else { return false };
        again = Some((behind, from + 1));
        (piece, at) = (behind, from + 1);
    }
    true
}

/// How lines are joined.
#[derive(Clone, Debug, Default)]
pub enum Joins {
    /// Not at all.
    #[default]
    None,
    /// Where a container's runtime has split them.
    Containers,
    /// Into records that begin so.
    Records(Start),
}

/// Lines that belong together, joined.
#[derive(Debug, Default)]
pub struct Joined {
    /// Their text.
    pub text: Vec<u8>,
    /// The number of the first one.
    pub number: u64,
    /// Bytes from the input's start to the first one.
    pub offset: u64,
    /// How many they are.
    pub lines: u64,
    /// Why they are no record, where they are none.
    pub fault: Option<String>,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is a record by itself.
    Alone,
    /// It is a part of one.
    Held,
    /// [`Joiner::ready`] is a record.
    Ready,
}

/// Joins the lines of one input.
pub struct Joiner {
    start: Option<Start>,
    limit: usize,
    /// What is not whole yet: of records one, of containers one for each stream.
    held: [Joined; 2],
    ready: Joined,
    /// Whether a line began a record.
    begun: bool,
    /// The number of the last line.
    last: u64,
}

impl Joiner {
    /// Joins lines to no more than `limit` bytes; by `start`, else as a container's runtime split them.
    pub fn new(start: Option<Start>, limit: usize) -> Joiner {
        Joiner { start, limit, held: Default::default(), ready: Joined::default(), begun: false, last: 0 }
    }

    /// The record that is whole.
    pub fn ready(&self) -> &Joined {
        &self.ready
    }

    /// Takes one line.
    pub fn take(&mut self, line: &[u8], number: u64, offset: u64) -> Taken {
        self.last = number;
        match &self.start {
            Some(start) => {
                let begins = start.begins(line);
                self.take_line(begins, line, number, offset)
            }
            None => self.take_part(line, number, offset),
        }
    }

    fn take_line(&mut self, begins: bool, line: &[u8], number: u64, offset: u64) -> Taken {
        let limit = self.limit;
        let held = &mut self.held[0];
        self.begun |= begins;
        if begins && held.lines > 0 {
            std::mem::swap(held, &mut self.ready);
            held.begin(line, number, offset);
            return Taken::Ready;
        }
        if held.lines == 0 {
            held.begin(line, number, offset);
        } else {
            held.add(b"\n", limit);
            held.add(line, limit);
            held.lines += 1;
        }
        Taken::Held
    }

    fn take_part(&mut self, line: &[u8], number: u64, offset: u64) -> Taken {
        let limit = self.limit;
        let Some(part) = cri(line).or_else(|| docker(line)) else { return Taken::Alone };
        let held = &mut self.held[usize::from(part.is_error)];
        if held.lines == 0 && !part.goes_on {
            return Taken::Alone;
        }
        if held.lines == 0 {
            held.begin(part.before, number, offset);
            held.add(part.tag, limit);
        } else {
            held.lines += 1;
        }
        held.add(part.text, limit);
        if part.goes_on {
            return Taken::Held;
        }
        held.add(part.behind, limit);
        std::mem::swap(held, &mut self.ready);
        held.lines = 0;
        Taken::Ready
    }

    /// The end of the input: whether [`Joiner::ready`] is one more. A part whose end never came is a fault, and so are
    /// lines of which none begins a record: joined, the last of them would hide what the others say.
    pub fn end(&mut self) -> bool {
        let is_part = self.start.is_none();
        self.held.sort_by_key(|held| (held.lines == 0, held.number));
        let held = &mut self.held[0];
        if held.lines == 0 {
            return false;
        }
        if is_part && held.fault.is_none() {
            held.fault = Some("a part of a container's line, whose end is not there".to_owned());
        }
        if !is_part && !self.begun {
            let lines = if held.lines == 1 { "line" } else { "lines" };
            held.fault = Some(format!("none of {} {lines} begins as --record-start says", held.lines));
        }
        std::mem::swap(held, &mut self.ready);
        held.lines = 0;
        true
    }

    /// Where the first line begins that is held, if one is, and how many are; `None`, too, where others came after it.
    pub fn held(&self) -> Option<(u64, u64)> {
        let held = || self.held.iter().filter(|held| held.lines > 0);
        let first = held().min_by_key(|held| held.offset)?;
        let lines = held().map(|held| held.lines).sum();
        (self.last + 1 - first.number == lines).then_some((first.offset, lines))
    }
}

impl Joined {
    fn begin(&mut self, text: &[u8], number: u64, offset: u64) {
        self.text.clear();
        self.text.extend_from_slice(text);
        (self.number, self.offset, self.lines, self.fault) = (number, offset, 1, None);
    }

    fn add(&mut self, text: &[u8], limit: usize) {
        if self.text.len() + text.len() > limit {
            self.fault = Some(format!("a record longer than {limit} bytes; --max-line sets the limit"));
        } else if self.fault.is_none() {
            self.text.extend_from_slice(text);
        }
    }
}

/// A line of a container.
struct Part<'a> {
    /// What begins the whole.
    before: &'a [u8],
    /// What says that it is whole.
    tag: &'static [u8],
    text: &'a [u8],
    /// What ends the whole.
    behind: &'a [u8],
    goes_on: bool,
    is_error: bool,
}

/// `2026-03-05T20:32:12.3Z stdout P text`
fn cri(line: &[u8]) -> Option<Part<'_>> {
    let space = line.iter().take(48).position(|&byte| byte == b' ')?;
    let time = line.get(..space)?;
    let is_time = time.len() >= 20 && time.get(4) == Some(&b'-') && time.get(10) == Some(&b'T');
    let rest = line.get(space + 1..).filter(|_| is_time)?;
    let is_error = rest.starts_with(b"stderr ");
    if !is_error && !rest.starts_with(b"stdout ") {
        return None;
    }
    let tag = rest.get(7..)?;
    let goes_on = match tag {
        [b'P', b' ' | b':', ..] => true,
        [b'F', b' ' | b':', ..] => false,
        _ => return None,
    };
    let text = memchr::memchr(b' ', tag).map_or(&tag[tag.len()..], |blank| &tag[blank + 1..]);
    // The whole is read as a line of its own.
    Some(Part { before: line.get(..space + 8)?, tag: b"F ", text, behind: b"", goes_on, is_error })
}

/// `{"log":"text","stream":"stdout","time":"…"}`
fn docker(line: &[u8]) -> Option<Part<'_>> {
    let rest = line.strip_prefix(b"{\"log\":\"")?;
    let end = memmem::rfind(rest, DOCKER)?;
    let (text, behind) = rest.split_at(end);
    let is_error = behind.get(DOCKER.len()..)?.starts_with(b"stderr");
    let goes_on = text.len() >= SPLIT && !text.ends_with(b"\\n");
    Some(Part { before: b"{\"log\":\"", tag: b"", text, behind, goes_on, is_error })
}

/// Whether the lines of `input` must be joined: its first line is one of a container, and, where all of it can be looked
/// at, one is split.
pub fn is_needed(input: &mut Input, filter: &mut Filter) -> Result<bool, Error> {
    let start = input.peek(filter)?;
    let first = memchr::memchr(b'\n', start).map_or(start, |end| &start[..end]);
    let is_cri = cri(first).is_some();
    let is_docker = first.starts_with(b"{\"log\":\"") && memmem::find(start, b"\"stream\":").is_some();
    if !is_cri && !is_docker {
        return Ok(false);
    }
    if !input.is_regular() {
        return Ok(true);
    }
    has_parts(input.file(), is_cri).map_err(|error| Error::io(input.name(), &error))
}

/// Whether a file has a line that is a part.
fn has_parts(file: &File, is_cri: bool) -> std::io::Result<bool> {
    let tags = [memmem::Finder::new(b" stdout P "), memmem::Finder::new(b" stderr P ")];
    let docker = memmem::Finder::new(DOCKER);
    let mut block = vec![0; BLOCK];
    let (mut at, mut kept) = (0, 0);
    loop {
        let read = file.read_at(&mut block[kept..], at)?;
        if read == 0 {
            return Ok(false);
        }
        at += read as u64;
        let text = &block[..kept + read];
        let is_part = if is_cri {
            tags.iter().any(|tag| tag.find(text).is_some())
        } else {
            docker.find_iter(text).any(|end| end >= 2 && &text[end - 2..end] != b"\\n")
        };
        if is_part {
            return Ok(true);
        }
        // What begins here may end in the next block.
        let length = text.len();
        kept = length.min(DOCKER.len() + 2);
        block.copy_within(length - kept..length, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(start: Option<&str>, lines: &[&str]) -> Vec<(String, u64, u64)> {
        let mut joiner = Joiner::new(start.map(|start| Start::parse(start).unwrap()), 1 << 20);
        let mut found = Vec::new();
        let take = |joined: &Joined, found: &mut Vec<_>| {
            let text = joined.fault.clone().unwrap_or(String::from_utf8(joined.text.clone()).unwrap());
            found.push((text, joined.number, joined.lines));
        };
        for (number, line) in (1..).zip(lines) {
            match joiner.take(line.as_bytes(), number, 0) {
                Taken::Alone => found.push(((*line).to_owned(), number, 1)),
                Taken::Held => {}
                Taken::Ready => take(joiner.ready(), &mut found),
            }
        }
        while joiner.end() {
            take(joiner.ready(), &mut found);
        }
        found
    }

    #[test]
    fn parts_of_both_streams_are_joined() {
        let time = "2026-03-05T20:32:12.3Z";
        let lines = [
            format!("{time} stdout P took=12"),
            format!("{time} stderr P id=7"),
            format!("{time} stderr F 8 end"),
            format!("{time} stdout F 345 x"),
            format!("{time} stdout F alone=1"),
            format!("{time} stderr P lost=1"),
        ];
        let found = joined(None, &lines.each_ref().map(String::as_str));
        let expected = [
            (format!("{time} stderr F id=78 end"), 2, 2),
            (format!("{time} stdout F took=12345 x"), 1, 2),
            (lines[4].clone(), 5, 1),
            ("a part of a container's line, whose end is not there".to_owned(), 6, 1),
        ];
        assert_eq!(found, expected);
        let text = "x".repeat(SPLIT);
        let line = |text: &str| format!(r#"{{"log":"{text}","stream":"stdout","time":"t"}}"#);
        let lines = [line(&text), line("y\\n"), line("short"), line("z\\n")];
        let found = joined(None, &lines.each_ref().map(String::as_str));
        assert_eq!(found, [(line(&(text + "y\\n")), 1, 2), (lines[2].clone(), 3, 1), (lines[3].clone(), 4, 1)]);
    }

    #[test]
    fn records_begin_where_the_pattern_is() {
        let lines = ["# Time: 1", "# Query_time: 2", "select 1;", "# Time: 2", "x"];
        let expected = [("# Time: 1\n# Query_time: 2\nselect 1;".to_owned(), 1, 3), ("# Time: 2\nx".to_owned(), 4, 2)];
        assert_eq!(joined(Some("# Time:"), &lines), expected);
        let lines = ["head", "2026-03-05 20:32:12 ERROR a", "\tat b", "2026-03-05 20:32:13 INFO c"];
        assert_eq!(joined(Some("stamp"), &lines).iter().map(|(_, at, _)| *at).collect::<Vec<_>>(), [1, 2, 4]);
        for (pattern, line, fits) in [
            ("[IWEF]????", "I0305 x", true),
            ("[IWEF]????", "I03", false),
            ("[0-9][0-9]:", "20:32", true),
            ("*ERROR", "a ERRO ERROR b", true),
            ("*a*b?", "xxaxxb", false),
            ("\\*", "*", true),
        ] {
            let Start::Glob(pieces) = Start::parse(pattern).unwrap() else { panic!() };
            assert_eq!(begins(&pieces, line.as_bytes()), fits, "{pattern} {line}");
        }
        for bad in ["", "*", "[a", "\\"] {
            assert!(Start::parse(bad).is_err(), "{bad}");
        }
    }
}
