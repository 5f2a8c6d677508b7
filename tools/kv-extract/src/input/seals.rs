//! Seals that stand among the lines of a source: each is held against what came before it.
//!
//! Owns what a seal means in each format: where JSON is read, it is checked; elsewhere a source that ends with one is
//! refused, since its lines are records and no text. Refuses to read anything else in a line.

use filter::{Error, Filter, Input, Line, SealCheck, begins_as_seal};
use memchr::memrchr;

/// Looks at every line of one source.
#[derive(Debug, Default)]
pub struct Seals {
    check: SealCheck,
    /// Whether lines may be JSON records.
    of_records: bool,
    /// Whether the first line is still to come: it decides whether this is a stream of records.
    undecided: bool,
    /// Whether the last line began as a seal.
    is_last: bool,
    /// Whether the stream must end with a seal.
    required: bool,
}

impl Seals {
    /// For a source whose lines may be JSON records, or are none.
    pub fn new(of_records: bool, input: &Input) -> Seals {
        let check = if of_records { SealCheck::of(input) } else { SealCheck::of_lines(input) };
        Seals { check, of_records, undecided: of_records, is_last: false, required: false }
    }

    /// For a source of JSON records and nothing else.
    pub fn of_records(input: &Input, filter: &Filter) -> Seals {
        let required = filter.sealing() && !input.is_regular() && !filter.options.unsealed;
        Seals { check: SealCheck::of(input), of_records: true, undecided: false, is_last: false, required }
    }

    /// What is known of the seals so far, for who reads on.
    pub fn into_check(self) -> SealCheck {
        self.check
    }

    /// Some whole lines of the source called `name`; how many of them are neither blank nor seals, where they may be
    /// records. Those that are left out in between are told by
    /// [`Seals::passed_over`] and [`Seals::left_out`].
    ///
    /// # Errors
    /// A seal that does not count what came before it.
    pub fn lines(&mut self, lines: &[u8], name: &str, filter: &mut Filter) -> Result<u64, Error> {
        self.decide(lines);
        if self.of_records && memchr::memmem::find(lines, b"\"@seal\"").is_none() {
            // Most blocks hold no seal, and are looked at as a whole.
            let filled = filled(lines);
            self.is_last = false;
            self.check.records(filled);
            self.check.bytes(lines);
            return Ok(filled);
        }
        let mut all = 0;
        if self.of_records {
            let mut given = 0;
            let mut at = 0;
            for line in lines.split_inclusive(|&byte| byte == b'\n') {
                self.is_last = begins_as_seal(line);
                if self.is_last {
                    self.check.bytes(&lines[given..at]);
                    let seal = self.check.line(line).map_err(|fault| fault.of(name))?;
                    filter.take_seal(seal).map_err(|fault| fault.of(name))?;
                    given = at + line.len();
                } else {
                    let filled = u64::from(!line.trim_ascii().is_empty());
                    self.check.records(filled);
                    all += filled;
                }
                at += line.len();
            }
            self.check.bytes(&lines[given..]);
        } else {
            let last = lines.strip_suffix(b"\n").unwrap_or(lines);
            self.is_last = begins_as_seal(&last[memrchr(b'\n', last).map_or(0, |newline| newline + 1)..]);
        }
        Ok(all)
    }

    /// One line of `lines` [of records](filter::Lines::of_records); whether it is a seal.
    ///
    /// # Errors
    /// As [`Seals::lines`].
    pub fn line(&mut self, line: &Line<'_>, name: &str, filter: &mut Filter) -> Result<bool, Error> {
        self.decide(line.bytes);
        self.is_last = begins_as_seal(line.bytes);
        let Some(segment) = line.sealed else {
            self.check.records(u64::from(self.of_records && !line.bytes.trim_ascii().is_empty()));
            return Ok(false);
        };
        let seal = self.check.line_after(line.bytes, segment).map_err(|fault| fault.of(name))?;
        filter.take_seal(seal).map_err(|fault| fault.of(name))?;
        Ok(true)
    }

    /// A stream of records begins with one: what begins with prose has no seal to be held to, and need not be counted.
    fn decide(&mut self, text: &[u8]) {
        if self.undecided && !text.trim_ascii_start().is_empty() {
            self.undecided = false;
            self.of_records = text.trim_ascii_start().starts_with(b"{");
        }
    }

    /// Bytes of a line that is too long.
    pub fn passed_over(&mut self, bytes: &[u8]) {
        if self.of_records {
            self.check.bytes(bytes);
        }
    }

    /// The end of a line that was passed over.
    pub fn left_out(&mut self) {
        self.check.records(1);
    }

    /// The source's end.
    ///
    /// # Errors
    /// Lines behind the last seal; a sealed stream where none can be checked.
    pub fn end(&self, name: &str, filter: &mut Filter) -> Result<(), Error> {
        if self.is_last && !self.of_records {
            return Err(Error::data(name, "ends with a seal: its lines are JSON records; wanted -f json or -f auto"));
        }
        self.check.end_of_input(self.required, filter).map_err(|fault| fault.of(name))
    }
}

/// How many of these whole lines are not blank.
fn filled(lines: &[u8]) -> u64 {
    let mut start = 0;
    let mut filled = 0;
    for newline in memchr::memchr_iter(b'\n', lines) {
        // Most lines begin with what is no blank.
        let is_filled = lines.get(start).is_some_and(|byte| *byte > b' ')
            || lines.get(start..newline).is_some_and(|line| !line.trim_ascii().is_empty());
        filled += u64::from(is_filled);
        start = newline + 1;
    }
    filled
}
