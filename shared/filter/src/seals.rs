//! The seals of a stream that is read: each is held against what came before it.
//!
//! Owns the count and the digest since the last seal and the verdict on them; refuses to decide what a broken seal means:
//! a tool does.

use std::ops::Range;

use schema::{Code, Seal, json};

use crate::segment::{self, Digesting, Segment};
use crate::{Error, Filter, Input};

/// What is wrong with a stream's seals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `no-seal`, `count-mismatch` or `digest-mismatch`.
    pub code: Code,
    /// The facts, in words.
    pub detail: String,
}

impl Fault {
    /// For a tool that stops there: the error in the stream of this name.
    pub fn of(&self, name: &str) -> Error {
        Error::data(name, format!("{}: {}", self.code, self.detail))
    }
}

/// Holds a stream against its seals.
#[derive(Debug, Default)]
pub struct SealCheck {
    records: u64,
    segment: Digesting,
    seen: bool,
    vouched: bool,
    /// Whether a seal was held to its counts alone, since what came before it was not digested.
    undigested: bool,
}

/// The field that ends a seal of schema 2: XXH3 of the seal's own text before this field, so that a seal that was
/// changed is none.
const OWN_DIGEST: &str = ",\"own_digest\":\"";

impl SealCheck {
    /// For an input whose bytes are given as they are read: digested, where a seal may come (see [`Input::may_be_sealed`]).
    pub fn of(input: &Input) -> SealCheck {
        SealCheck { segment: digesting(input), vouched: input.is_vouched(), ..SealCheck::default() }
    }

    /// The same for an input whose bytes its `Lines` keep: see [`Lines::of_records`](crate::Lines::of_records).
    pub fn of_lines(input: &Input) -> SealCheck {
        SealCheck { vouched: input.is_vouched(), ..SealCheck::default() }
    }

    /// The bytes since the last seal, for somebody else to go on with.
    pub(crate) fn take_segment(&mut self) -> Digesting {
        std::mem::take(&mut self.segment)
    }

    /// Lines of the stream that are neither blank nor seals.
    pub fn records(&mut self, count: u64) {
        self.records += count;
    }

    /// Whether nothing came: neither a record nor a seal.
    pub(crate) fn is_empty(&self) -> bool {
        !self.seen && self.records == 0
    }

    /// The stream's bytes, in order, newlines and blank lines in, but for the lines of the seals.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.segment.add(bytes);
    }

    /// A line that begins as a seal, behind the bytes that were given: the seal, if it is one and all came before it that
    /// it vouches for.
    pub fn line(&mut self, line: &[u8]) -> Result<Seal, Fault> {
        let segment = self.segment.end();
        self.line_after(line, segment)
    }

    /// The same, where somebody else kept the bytes.
    pub fn line_after(&mut self, line: &[u8], segment: Segment) -> Result<Seal, Fault> {
        let records = std::mem::take(&mut self.records);
        self.seen = true;
        let line = line.trim_ascii();
        let fault = |code, detail: &str| Fault { code, detail: detail.to_owned() };
        let value =
            json::parse(line).map_err(|error| fault(Code::CountMismatch, &format!("the seal is cut: {error}")))?;
        let seal = value.get("@seal").and_then(Seal::from_value);
        let seal = seal.ok_or_else(|| fault(Code::CountMismatch, "the seal is not one that we know"))?;
        if !is_own(line, &seal) {
            return Err(fault(Code::DigestMismatch, &format!("the seal of {} was changed", seal.tool)));
        }
        if (seal.records, seal.bytes) != (records, segment.bytes) {
            let detail = format!(
                "the seal of {} counts {} lines and {} bytes, but {records} and {} came",
                seal.tool, seal.records, seal.bytes, segment.bytes
            );
            return Err(Fault { code: Code::CountMismatch, detail });
        }
        if let Some(sealed) = &seal.digest {
            match segment.digest.map(segment::hex) {
                Some(came) if came == *sealed => {}
                Some(came) => {
                    let detail = format!(
                        "the bytes before the seal of {} are not those that it sealed: XXH3 {sealed} then, {came} now",
                        seal.tool
                    );
                    return Err(Fault { code: Code::DigestMismatch, detail });
                }
                None => self.undigested = true,
            }
        }
        Ok(seal)
    }

    /// The end of an input, as [`SealCheck::end`]; one that nothing vouches for is counted.
    pub fn end_of_input(&self, required: bool, filter: &mut Filter) -> Result<(), Fault> {
        if !self.seen && !self.vouched {
            filter.reads_plain();
        }
        self.end(required).map_err(|mut fault| {
            // What may be meant, where the stage before did not die. A stream of checks always has a seal.
            fault.detail += match (self.seen, self.records, filter.tool) {
                (true, ..) => "",
                (false, 0, "verdict") => "; check-threshold -q writes none",
                (false, 0, _) | (false, _, "verdict") => "",
                (false, ..) => "; --unsealed accepts a plain one",
            };
            fault
        })
    }

    /// The end of the stream; `required` where a seal is asked for.
    pub fn end(&self, required: bool) -> Result<(), Fault> {
        let detail = match (self.seen, self.records) {
            (true, 0) if self.undigested => "the file was written to while it was read".to_owned(),
            (true, 0) => return Ok(()),
            (false, _) if !required => return Ok(()),
            (true, 1) => "1 line after the last seal".to_owned(),
            (true, lines) => format!("{lines} lines after the last seal"),
            (false, 0) => "no input at all: the command before failed or wrote nothing".to_owned(),
            (false, 1) => "the stream ended after 1 line without a seal".to_owned(),
            (false, lines) => format!("the stream ended after {lines} lines without a seal"),
        };
        Err(Fault { code: Code::NoSeal, detail })
    }
}

/// What counts and digests the segments of an input.
pub fn digesting(input: &Input) -> Digesting {
    if input.may_be_sealed() { Digesting::default() } else { Digesting::only_counting() }
}

/// Ends the text of a seal, `{"@seal":{…` without its closing braces, with its own digest.
pub(crate) fn close(line: &mut Vec<u8>) {
    let digest = segment::hex(segment::xxh3(line));
    line.extend_from_slice(OWN_DIGEST.as_bytes());
    line.extend_from_slice(digest.as_bytes());
    line.extend_from_slice(b"\"}}");
}

/// Whether a seal's text is the one that was written. A seal of schema 1 has no digest of its own; one that has it is held
/// to it, whatever its schema says.
fn is_own(line: &[u8], seal: &Seal) -> bool {
    let Some(at) = memchr::memmem::rfind(line, OWN_DIGEST.as_bytes()) else {
        return seal.schema < 2 && seal.digest.is_none();
    };
    let mut whole = line[..at].to_vec();
    close(&mut whole);
    whole == line && (seal.schema < 2 || seal.digest.is_some())
}

/// Where the lines of `bytes` that begin as seals stand, without their newlines.
pub fn seals_among(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for hit in memchr::memmem::find_iter(bytes, b"\"@seal\"") {
        if found.last().is_some_and(|last| hit < last.end) {
            continue;
        }
        // Blanks may stand before it, and no more: what is looked at for each hit is bounded by the line's own start.
        let start = hit - bytes[..hit].iter().rev().take_while(|&&byte| byte != b'\n' && is_opening(byte)).count();
        let begins = start == 0 || bytes[start - 1] == b'\n';
        if begins && begins_as_seal(&bytes[start..]) {
            let end = memchr::memchr(b'\n', &bytes[hit..]).map_or(bytes.len(), |step| hit + step);
            found.push(start..end);
        }
    }
    found
}

/// What may stand before the key of a seal in its line.
fn is_opening(byte: u8) -> bool {
    byte == b'{' || byte.is_ascii_whitespace()
}

/// Whether a line begins as a seal does: an object whose first key is `@seal`.
pub fn begins_as_seal(line: &[u8]) -> bool {
    let after = |bytes: &[u8], byte: u8| {
        let blanks = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        bytes[blanks..].first().filter(|&&found| found == byte).map(|_| blanks + 1)
    };
    let Some(brace) = after(line, b'{') else { return false };
    let Some(quote) = after(&line[brace..], b'"') else { return false };
    line[brace + quote..].starts_with(b"@seal\"")
}
