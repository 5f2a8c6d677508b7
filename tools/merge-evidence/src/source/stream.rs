//! Streams of points, folded while they are read: memory depends on the metrics, not on the length.
//!
//! Owns the reading block by block, the digest and the seals on the way; refuses a line that is no point.

use filter::{Document, Error, Filter, Input, SealCheck, begins_as_seal};
use schema::shapes::PADDING;
use schema::{Seal, json};
use sha2::{Digest, Sha256};

use crate::facts::Facts;
use crate::readers::Format;
use crate::readers::k6::points as k6_points;
use crate::readers::load::jmeter;

/// How much is read at once.
const BLOCK: usize = 256 << 10;

/// A stream that was read to its end.
pub struct Folded {
    /// What is known of the file; its bytes are not kept.
    pub file: Document,
    /// What its points came to.
    pub facts: Facts<'static>,
    /// Its seals, flat.
    pub seals: Vec<Seal>,
}

/// What is folded line by line.
pub enum Points {
    /// k6's points.
    K6(k6_points::Points),
    /// JMeter's rows.
    Jmeter(jmeter::Results),
}

/// How an input that begins with `start` is folded line by line, if it is one of the formats that can be.
pub fn points_of(insisted: Option<Format>, start: &[u8]) -> Option<Points> {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let first = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let may_be = |word: &str| insisted.is_none_or(|format| format.word() == word);
    if insisted == Some(Format::K6Points) || (may_be("k6-points") && k6_points::fits(first)) {
        return Some(Points::K6(k6_points::Points::default()));
    }
    (may_be("jmeter") && jmeter::fits(first)).then(|| Points::Jmeter(jmeter::Results::default()))
}

impl Points {
    fn lines(&self) -> u64 {
        match self {
            Points::K6(points) => points.lines(),
            Points::Jmeter(results) => results.lines(),
        }
    }

    fn finish(self) -> Result<Facts<'static>, String> {
        match self {
            Points::K6(points) => Ok(points.finish()),
            Points::Jmeter(results) if results.rest() => {
                Err("the quotes of the last row are open: the file was cut short".to_owned())
            }
            Points::Jmeter(results) => Ok(results.finish()),
        }
    }
}

/// Reads and folds a stream of points.
///
/// # Errors
/// A line that is no point, and what [`lines`] refuses.
pub fn points(mut points: Points, input: Input, filter: &mut Filter) -> Result<Folded, Error> {
    let rejected = filter.counts.rejected;
    let (file, seals) = lines(input, filter, &mut Vec::new(), &mut points)?;
    filter.counts.lines += points.lines();
    filter.counts.used += points.lines() - (filter.counts.rejected - rejected).min(points.lines());
    let facts = points.finish().map_err(|reason| Error::data(file.name.clone(), reason))?;
    Ok(Folded { file, facts, seals })
}

/// What takes the lines of a stream.
pub trait Each {
    /// Takes a line: column and reason where it is wrong, else whether a record ends with it.
    fn line(&mut self, line: &[u8], filter: &mut Filter) -> Result<bool, (usize, String)>;

    /// Takes as many lines of `bytes` as it knows a faster way for, from the first place on; before the second every line is
    /// whole, and behind them stand [`schema::shapes::PADDING`] more bytes. None is longer than `limit`. Gives where it
    /// stopped and how many records it took, one a line.
    fn many(&mut self, _: &[u8], (at, _): (usize, usize), _limit: usize, _: &mut Filter) -> (usize, u64) {
        (at, 0)
    }
}

impl Each for Points {
    fn line(&mut self, line: &[u8], _: &mut Filter) -> Result<bool, (usize, String)> {
        match self {
            Points::K6(points) => points.line(line),
            Points::Jmeter(results) => results.line(line),
        }
        .map(|()| true)
    }

    fn many(&mut self, bytes: &[u8], (at, end): (usize, usize), limit: usize, _: &mut Filter) -> (usize, u64) {
        match self {
            Points::K6(_) => (at, 0),
            Points::Jmeter(results) => results.many(bytes, (at, end), limit),
        }
    }
}

/// Gives `each` every line of `input` that is neither blank nor a seal, and tells what the file was and what seals it had.
///
/// `block` is the memory to read into, so that thousands of files share it.
///
/// # Errors
/// A line that `each` refuses or that is longer than `--max-line`; a seal that is missing or wrong; a failed read.
pub fn lines(
    mut input: Input,
    filter: &mut Filter,
    block: &mut Vec<u8>,
    each: &mut impl Each,
) -> Result<(Document, Vec<Seal>), Error> {
    let limit = filter.options.max_line.unwrap_or(filter::MAX_RECORD);
    let before = filter.upstream().len();
    let required = !input.is_regular() && filter.sealing() && !filter.options.unsealed;
    let mut stream = Stream { name: input.name().to_owned(), seals: SealCheck::of(&input), number: 0 };
    let mut digest = Sha256::new();
    filter::grow(block, BLOCK + PADDING);
    let mut filled = 0;
    let mut size = 0;
    loop {
        let room = block.len() - PADDING;
        if filled == room {
            if filled > limit {
                let place = format!("{}:{}", stream.name, stream.number + 1);
                return Err(Error::data(place, format!("longer than {limit} bytes; --max-line sets the limit")));
            }
            // New memory, which stays untouched where nothing is read into it.
            let mut larger = vec![0; filled * 2 + PADDING];
            larger[..filled].copy_from_slice(&block[..filled]);
            *block = larger;
        }
        let room = block.len() - PADDING;
        let read = input.read(&mut block[filled..room], filter)?;
        digest.update(&block[filled..filled + read]);
        size += read as u64;
        let end = filled + read;
        let whole = if read == 0 { end } else { memchr::memrchr(b'\n', &block[..end]).map_or(0, |at| at + 1) };
        stream.lines(block, whole, filter, limit, each)?;
        block.copy_within(whole..end, 0);
        filled = end - whole;
        if read == 0 {
            break;
        }
    }
    stream.seals.end_of_input(required, filter).map_err(|fault| stream.fault(&fault))?;
    if let Some(digested) = input.digested() {
        filter.add_input(digested);
    }
    let seals = filter.upstream().get(before..).unwrap_or_default().to_vec();
    let file = Document {
        name: stream.name.clone(),
        path: input.path().to_string_lossy().into_owned(),
        bytes: Vec::new(),
        size,
        sha256: filter::hex(&digest.finalize()),
        modified: input.file().metadata().ok().filter(|_| input.is_regular()).and_then(|status| status.modified().ok()),
        regular: input.is_regular(),
        vouched: input.is_vouched(),
    };
    Ok((file, seals))
}

struct Stream {
    name: String,
    seals: SealCheck,
    number: u64,
}

impl Stream {
    /// The lines that end at `whole`.
    fn lines(
        &mut self,
        block: &[u8],
        whole: usize,
        filter: &mut Filter,
        limit: usize,
        each: &mut impl Each,
    ) -> Result<(), Error> {
        let bytes = &block[..whole];
        // Behind a last line without its newline stands what is none of it.
        let ready = if bytes.ends_with(b"\n") { whole } else { memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1) };
        let mut start = 0;
        // What the seals have not been given yet.
        let mut given = 0;
        while start < bytes.len() {
            if start < ready {
                let (next, records) = each.many(block, (start, ready), limit, filter);
                self.number += records;
                self.seals.records(records);
                start = next;
                if start >= bytes.len() {
                    break;
                }
            }
            let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
            let next = (end + 1).min(bytes.len());
            let line = &bytes[start..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let line = if self.number == 0 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
            self.number += 1;
            let begin = start;
            start = next;
            if line.len() > limit {
                let reason = format!("longer than {limit} bytes; --max-line sets the limit");
                return Err(Error::data(format!("{}:{}", self.name, self.number), reason));
            }
            if line.trim_ascii_start().is_empty() {
                continue;
            }
            if line.first() == Some(&b'{') && line.get(1) == Some(&b'"') && line.get(2) != Some(&b'@')
                || !begins_as_seal(line)
            {
                match each.line(line, filter) {
                    Ok(record) => self.seals.records(u64::from(record)),
                    Err((column, reason)) => {
                        let place = format!("{}:{}:{column}", self.name, self.number);
                        if filter.options.allow_rejected.is_none() {
                            return Err(Error::data(place, reason));
                        }
                        self.seals.records(1);
                        filter.counts.rejected += 1;
                        filter.note("rejected record", place, reason);
                    }
                }
            } else {
                self.seals.bytes(&bytes[given..begin]);
                given = next;
                let seal = self.seals.line(line).map_err(|fault| self.fault(&fault))?;
                filter.take_seal(seal).map_err(|fault| self.fault(&fault))?;
            }
        }
        self.seals.bytes(&bytes[given..]);
        Ok(())
    }

    fn fault(&self, fault: &filter::Fault) -> Error {
        Error::data(self.name.clone(), format!("{}: {}", fault.code, fault.detail))
    }
}

/// Records that may stand on several lines each, as `jq` prints them.
#[derive(Debug, Default)]
pub struct Gathered {
    text: Vec<u8>,
    depth: json::Depth,
}

impl Gathered {
    /// Takes a line; the text of the record that it completes, if it does.
    pub fn line<'t>(&'t mut self, line: &'t [u8]) -> Option<&'t [u8]> {
        if self.is_empty() {
            self.text.clear();
            if line.trim_ascii_end().ends_with(b"}") || !line.trim_ascii_start().starts_with(b"{") {
                return Some(line);
            }
        } else {
            self.text.push(b'\n');
        }
        self.text.extend_from_slice(line);
        self.depth.read(line);
        if self.depth.open() {
            return None;
        }
        self.depth = json::Depth::default();
        Some(&self.text)
    }

    /// Whether no record is under way.
    pub fn is_empty(&self) -> bool {
        !self.depth.open()
    }

    /// What was gathered and never completed.
    pub fn rest(&self) -> Option<&[u8]> {
        self.depth.open().then_some(&self.text)
    }
}
