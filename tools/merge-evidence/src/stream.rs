//! Streams of points, folded while they are read: memory depends on the metrics, not on the length.
//!
//! Owns the reading block by block, the digest and the seals on the way; refuses a line that is no point.

use filter::{Document, Error, Filter, Input, SealCheck, begins_as_seal};
use schema::json;
use sha2::{Digest, Sha256};

use crate::facts::Facts;
use crate::readers::{Format, k6_points};

/// How much is read at once.
const BLOCK: usize = 256 << 10;

/// A stream that was read to its end.
pub struct Folded {
    /// What is known of the file; its bytes are not kept.
    pub file: Document,
    /// What its points came to.
    pub facts: Facts<'static>,
}

/// Whether an input that begins with `start` is a stream of points.
pub fn is_points(insisted: Option<Format>, start: &[u8]) -> bool {
    match insisted {
        Some(format) => format == Format::K6Points,
        None => start.split(|&byte| byte == b'\n').next().is_some_and(k6_points::fits),
    }
}

/// Reads and folds a stream of points.
///
/// # Errors
/// A line that is no point, a line past `--max-line`, a seal that is missing or wrong.
pub fn fold(mut input: Input, filter: &mut Filter) -> Result<Folded, Error> {
    let limit = filter.options.max_line.unwrap_or(filter::MAX_RECORD);
    let required = !input.is_regular() && filter.sealing() && !filter.options.unsealed;
    let mut stream = Stream { name: input.name().to_owned(), ..Stream::default() };
    let mut digest = Sha256::new();
    let mut block = vec![0; BLOCK];
    let mut filled = 0;
    let mut size = 0;
    loop {
        if filled == block.len() {
            if filled > limit {
                let place = format!("{}:{}", stream.name, stream.number + 1);
                return Err(Error::data(place, format!("longer than {limit} bytes; --max-line sets the limit")));
            }
            block.resize(filled * 2, 0);
        }
        let read = input.read(&mut block[filled..], filter)?;
        digest.update(&block[filled..filled + read]);
        size += read as u64;
        let end = filled + read;
        let whole = if read == 0 { end } else { memchr::memrchr(b'\n', &block[..end]).map_or(0, |at| at + 1) };
        stream.lines(&block[..whole], filter)?;
        block.copy_within(whole..end, 0);
        filled = end - whole;
        if read == 0 {
            break;
        }
    }
    stream.seals.end(required).map_err(|fault| stream.fault(&fault))?;
    filter.counts.lines += stream.points.lines();
    filter.counts.used += stream.points.lines();
    if let Some(digested) = input.digested() {
        filter.add_input(digested);
    }
    let file = Document {
        name: stream.name.clone(),
        path: input.path().to_string_lossy().into_owned(),
        bytes: Vec::new(),
        size,
        sha256: filter::hex(&digest.finalize()),
        modified: input.file().metadata().ok().filter(|_| input.is_regular()).and_then(|status| status.modified().ok()),
        regular: input.is_regular(),
    };
    Ok(Folded { file, facts: stream.points.finish() })
}

#[derive(Default)]
struct Stream {
    name: String,
    points: k6_points::Points,
    seals: SealCheck,
    number: u64,
}

impl Stream {
    fn lines(&mut self, bytes: &[u8], filter: &mut Filter) -> Result<(), Error> {
        let mut start = 0;
        while start < bytes.len() {
            let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
            let next = (end + 1).min(bytes.len());
            let line = &bytes[start..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let line = if self.number == 0 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
            self.number += 1;
            let length = (next - start) as u64;
            start = next;
            if line.trim_ascii().is_empty() {
                self.seals.count_blank(length);
            } else if line.starts_with(b"{\"@") && begins_as_seal(line) {
                let value = json::parse(line)
                    .map_err(|error| Error::data(format!("{}:{}", self.name, self.number), error.to_string()))?;
                let seal = self.seals.seal(&value).map_err(|fault| self.fault(&fault))?;
                filter.add_upstream(seal.flattened());
            } else {
                self.seals.count(length);
                self.points.line(line).map_err(|(column, reason)| {
                    Error::data(format!("{}:{}:{column}", self.name, self.number), reason)
                })?;
            }
        }
        Ok(())
    }

    fn fault(&self, fault: &filter::Fault) -> Error {
        Error::data(self.name.clone(), format!("{}: {}", fault.code, fault.detail))
    }
}
