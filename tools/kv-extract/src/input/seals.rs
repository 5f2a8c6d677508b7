//! Seals that stand among the lines of a source: each is held against what came before it.
//!
//! Owns what a seal means in each format: where JSON is read, it is checked; elsewhere a source that ends with one is
//! refused, since its lines are records and no text. Refuses to read anything else in a line.

use filter::{Error, Filter, SealCheck, begins_as_seal};
use memchr::memrchr;

/// Looks at every line of one source.
#[derive(Debug, Default)]
pub struct Seals {
    check: SealCheck,
    /// Whether lines may be JSON records.
    of_records: bool,
    /// Whether the last line began as a seal.
    is_last: bool,
}

impl Seals {
    /// For a source whose lines may be JSON records, or are none.
    pub fn new(of_records: bool) -> Seals {
        Seals { of_records, ..Seals::default() }
    }

    /// Some whole lines of the source called `name`, those that are left out in between told by [`Seals::left_out`].
    ///
    /// # Errors
    /// A seal that does not count what came before it.
    pub fn lines(&mut self, lines: &[u8], name: &str, filter: &mut Filter) -> Result<(), Error> {
        if self.of_records {
            for line in lines.split_inclusive(|&byte| byte == b'\n') {
                self.line(line, line.len() as u64, name, filter)?;
            }
        } else {
            let last = lines.strip_suffix(b"\n").unwrap_or(lines);
            self.is_last = begins_as_seal(&last[memrchr(b'\n', last).map_or(0, |newline| newline + 1)..]);
        }
        Ok(())
    }

    /// One line, and how many bytes it takes up with its newline; whether it is a seal.
    ///
    /// # Errors
    /// As [`Seals::lines`].
    pub fn line(&mut self, line: &[u8], length: u64, name: &str, filter: &mut Filter) -> Result<bool, Error> {
        self.is_last = begins_as_seal(line);
        if !self.of_records {
            return Ok(false);
        }
        if !self.is_last {
            if line.trim_ascii().is_empty() {
                self.check.count_blank(length)
            } else {
                self.check.count(length)
            }
            return Ok(false);
        }
        let seal = self.check.line(line.trim_ascii_end()).map_err(|fault| fault.of(name))?;
        filter.add_upstream(seal.flattened());
        Ok(true)
    }

    /// A line of so many bytes that was passed over; none where there are no bytes.
    pub fn left_out(&mut self, length: u64) {
        self.check.count_many(u64::from(length > 0), length);
    }

    /// The source's end.
    ///
    /// # Errors
    /// Lines behind the last seal; a sealed stream where none can be checked.
    pub fn end(&self, name: &str) -> Result<(), Error> {
        if self.is_last && !self.of_records {
            return Err(Error::data(name, "ends with a seal: its lines are JSON records; wanted -f json or -f auto"));
        }
        self.check.end(false).map_err(|fault| fault.of(name))
    }
}
