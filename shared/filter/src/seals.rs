//! The seals of a stream that is read: each is held against what came before it.
//!
//! Owns the count since the last seal and the verdict on it; refuses to decide what a broken seal means: a tool does.

use schema::{Code, Seal, Value, json};

use crate::Error;

/// What is wrong with a stream's seals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `no-seal` or `count-mismatch`.
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

/// Counts a stream against its seals.
#[derive(Debug, Default)]
pub struct SealCheck {
    records: u64,
    bytes: u64,
    seen: bool,
}

impl SealCheck {
    /// One line of the stream that is no seal, `bytes` long with its newline.
    pub fn count(&mut self, bytes: u64) {
        self.records += 1;
        self.bytes += bytes;
    }

    /// Many lines at once.
    pub fn count_many(&mut self, records: u64, bytes: u64) {
        self.records += records;
        self.bytes += bytes;
    }

    /// A blank line: no record, but its bytes were not there when the stream was sealed.
    pub fn count_blank(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// A line that begins as a seal: the seal, if it is one and counts right.
    pub fn line(&mut self, line: &[u8]) -> Result<Seal, Fault> {
        let cut = |error| Fault { code: Code::CountMismatch, detail: format!("the seal is cut: {error}") };
        self.seal(&json::parse(line).map_err(cut)?)
    }

    /// A line that holds `@seal`: the seal, if it is one and counts right.
    pub fn seal(&mut self, value: &Value<'_>) -> Result<Seal, Fault> {
        let (records, bytes) = (self.records, self.bytes);
        *self = SealCheck { seen: true, ..SealCheck::default() };
        let odd = || Fault { code: Code::CountMismatch, detail: "the seal is not one that we know".to_owned() };
        let seal = value.get("@seal").and_then(Seal::from_value).ok_or_else(odd)?;
        if (seal.records, seal.bytes) != (records, bytes) {
            let detail = format!(
                "the seal of {} counts {} lines and {} bytes, but {records} and {bytes} came",
                seal.tool, seal.records, seal.bytes
            );
            return Err(Fault { code: Code::CountMismatch, detail });
        }
        Ok(seal)
    }

    /// The end of the stream; `required` where a seal is asked for.
    pub fn end(&self, required: bool) -> Result<(), Fault> {
        let detail = match (self.seen, self.records) {
            (true, 0) => return Ok(()),
            (false, _) if !required => return Ok(()),
            (true, 1) => "1 line after the last seal".to_owned(),
            (true, lines) => format!("{lines} lines after the last seal"),
            (false, 0) => "the stream ended before anything came, not even a seal".to_owned(),
            (false, lines) => format!("the stream ended after {lines} lines without a seal"),
        };
        Err(Fault { code: Code::NoSeal, detail })
    }
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
