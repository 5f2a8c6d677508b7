//! CSV and TSV: rows under the names of a header, quotes and newlines in cells taken as people write them; the tables of W3C
//! and Zeek, whose `#fields` name the columns.
//!
//! Owns the joining of lines into rows and the cells of the row at hand; the csv-core library does the quoting.

use std::collections::HashSet;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::grammar::directives::Directives;

/// What became of a line that was fed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// It was, or ended, the header.
    Header,
    /// It ended a row.
    Row,
    /// A cell goes on in the next line, or the line was blank.
    More,
}

/// What the columns of a table are called, and what stands between its cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Another number for each header.
    pub number: u64,
    /// The names.
    pub names: Vec<Vec<u8>>,
    /// What stands between cells.
    pub delimiter: u8,
}

/// The header and the row at hand.
pub struct Table {
    reader: Reader,
    delimiter: u8,
    /// What was asked for: a header may say otherwise.
    asked: u8,
    /// The names of the columns, where no line has them.
    given: Option<Vec<Vec<u8>>>,
    /// Whether lines that begin with `#` say something of the table, and what.
    directives: bool,
    said: Directives,
    /// Whether cells are parted by one blank or more, as W3C has it.
    by_blanks: bool,
    /// Whether a line of the file was read.
    begun: bool,
    /// How many headers were read.
    headers: u64,
    /// Whether the row is one line of cells without quotes.
    simple: bool,
    names: Option<Vec<Vec<u8>>>,
    /// The row's lines as they were read.
    raw: Vec<u8>,
    /// The row's cells, one after the other, and where each ends.
    cells: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    ended: usize,
    open: bool,
    /// How many lines the row takes up so far.
    pub lines: u64,
}

impl Table {
    /// A table whose cells stand between `delimiter`s, with columns of these names; where there are none, the first line
    /// has them.
    pub fn new(delimiter: u8, names: Vec<Vec<u8>>) -> Self {
        Table {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            asked: delimiter,
            given: (!names.is_empty()).then_some(names),
            directives: false,
            said: Directives::default(),
            by_blanks: false,
            begun: false,
            headers: 0,
            simple: false,
            names: None,
            raw: Vec::new(),
            cells: vec![0; 1024],
            ends: vec![0; 64],
            filled: 0,
            ended: 0,
            open: false,
            lines: 0,
        }
    }

    /// A table whose header was read elsewhere.
    pub fn under(header: &Header) -> Self {
        let mut table = Table::new(header.delimiter, header.names.clone());
        table.restart();
        table.begun = true;
        table
    }

    /// The header at hand.
    pub fn header(&self) -> Option<Header> {
        let names = self.names.clone()?;
        Some(Header { number: self.headers, names, delimiter: self.delimiter })
    }

    /// Begins a new file, which has a header of its own.
    pub fn restart(&mut self) {
        self.part_by(self.asked);
        self.names.clone_from(&self.given);
        self.headers += u64::from(self.given.is_some());
        (self.open, self.directives, self.by_blanks, self.begun) = (false, false, false, false);
        self.said = Directives::default();
    }

    fn part_by(&mut self, delimiter: u8) {
        self.delimiter = delimiter;
        self.reader = ReaderBuilder::new().delimiter(delimiter).build();
    }

    /// Whether its columns were named by a line that begins with `#`, and `-` is how it writes that there is nothing.
    pub fn has_directives(&self) -> bool {
        self.directives
    }

    /// The row at hand, where the comma behind its time of day parts cells and begins no fraction of a second: `10:00:00,5`.
    pub fn with_parted_time(&self, row: &[u8]) -> Option<Vec<u8>> {
        /// No stamp goes further into a row.
        const FAR: usize = 64;
        let head = row.get(..row.len().min(FAR)).filter(|_| self.delimiter == b',')?;
        let is_time = |at: &usize| {
            let before = row.get(at.saturating_sub(3)..*at).unwrap_or_default();
            matches!(before, [b':', b'0'..=b'9', b'0'..=b'9']) && row.get(at + 1).is_some_and(u8::is_ascii_digit)
        };
        let at = memchr::memchr_iter(b',', head).find(is_time)?;
        let is_within_quotes = row[..at].iter().filter(|byte| **byte == b'"').count() % 2 == 1;
        (!is_within_quotes).then(|| [&row[..at], b" ", &row[at + 1..]].concat())
    }

    /// What its lines that begin with `#` said.
    pub fn directives(&self) -> &Directives {
        &self.said
    }

    /// What a first line says of how cells are parted: Excel's `sep=;`, or a header without a comma. True where the line says
    /// nothing else.
    fn begin(&mut self, line: &[u8]) -> bool {
        self.begun = true;
        if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] = *line {
            self.part_by(delimiter);
            return true;
        }
        self.directives =
            [&b"#separator"[..], b"#fields", b"#Fields:", b"#Version:", b"#Software:", b"#Date:", b"#Time Format:"]
                .iter()
                .any(|word| line.starts_with(word));
        if self.asked == b',' && !self.directives && !line.contains(&b',') {
            let delimiter = [b';', b'|', b'\t'].into_iter().find(|delimiter| line.contains(delimiter));
            if let Some(delimiter) = delimiter {
                self.part_by(delimiter);
            }
        }
        false
    }

    /// A line that begins with `#`: the names of the columns, or something else.
    fn directive(&mut self, line: &[u8]) -> Result<Fed, String> {
        self.by_blanks = false;
        self.said.take(line);
        let (names, delimiter) = match line.strip_prefix(b"#Fields:") {
            Some(names) if names.trim_ascii().contains(&b'\t') => (names.trim_ascii(), b'\t'),
            Some(names) => {
                self.part_by(b' ');
                (self.by_blanks, self.names) = (true, None);
                let names = names.split(u8::is_ascii_whitespace).filter(|name| !name.is_empty());
                return self.read_names(names.map(<[u8]>::to_vec).collect());
            }
            None => match line.strip_prefix(b"#fields") {
                Some([delimiter, names @ ..]) => (names, *delimiter),
                _ => return Ok(Fed::More),
            },
        };
        self.part_by(delimiter);
        self.names = None;
        self.read_names(names.split(|&byte| byte == delimiter).map(<[u8]>::to_vec).collect())
    }

    /// Whether the file's header was read.
    pub fn has_header(&self) -> bool {
        self.names.is_some()
    }

    /// Whether a line of the file was read: it may say how cells are parted.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// Whether a row has begun that no line has ended.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Whether the row is one line of cells without quotes.
    pub fn is_simple(&self) -> bool {
        self.simple
    }

    /// What stands between cells.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Which header is the one at hand, and the names of its columns.
    pub fn names(&self) -> (u64, &[Vec<u8>]) {
        (self.headers, self.names.as_deref().unwrap_or_default())
    }

    /// The row as it was read.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Takes one more line, without its newline. `Err` says what is wrong with the header or the row.
    pub fn feed(&mut self, line: &[u8]) -> Result<Fed, String> {
        if !self.begun && !line.is_empty() && self.begin(line) {
            return Ok(Fed::More);
        }
        if self.directives && !self.open && line.first() == Some(&b'#') {
            self.lines = 1;
            return self.directive(line);
        }
        if !self.open {
            self.raw.clear();
            (self.filled, self.ended, self.lines) = (0, 0, 0);
        } else {
            self.raw.push(b'\n');
        }
        self.raw.extend_from_slice(line);
        self.lines += 1;
        let single;
        let mut line = line;
        if self.by_blanks && !self.open && self.has_header() {
            // CloudFront parts its names by blanks, and its cells by tabs.
            if line.contains(&b'\t') {
                self.part_by(b'\t');
                self.by_blanks = false;
            } else if line.first() == Some(&b' ')
                || line.last() == Some(&b' ')
                || memchr::memmem::find(line, b"  ").is_some()
            {
                single = one_blank(line);
                line = &single;
            }
        }
        self.simple =
            !self.open && self.has_header() && !line.is_empty() && memchr::memchr2(b'"', b'\r', line).is_none();
        if self.simple {
            self.split(line);
            // Whoever looks at the cells alone would not know what `-` is.
            self.simple = !self.directives;
            return self.row();
        }
        for mut input in [line, b"\n"] {
            loop {
                let (result, read, wrote, ends) =
                    self.reader.read_record(input, &mut self.cells[self.filled..], &mut self.ends[self.ended..]);
                input = &input[read..];
                self.filled += wrote;
                self.ended += ends;
                match result {
                    ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                    ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                    ReadRecordResult::Record => return self.row(),
                    ReadRecordResult::InputEmpty | ReadRecordResult::End => break,
                }
            }
        }
        self.open = !self.raw.trim_ascii().is_empty();
        Ok(Fed::More)
    }

    /// The cells of a line without quotes, as the library finds them.
    fn split(&mut self, line: &[u8]) {
        if self.cells.len() < line.len() {
            self.cells.resize(line.len(), 0);
        }
        let mut rest = line;
        loop {
            let length = memchr::memchr(self.delimiter, rest).unwrap_or(rest.len());
            self.cells[self.filled..self.filled + length].copy_from_slice(&rest[..length]);
            self.filled += length;
            if self.ended == self.ends.len() {
                self.ends.resize(self.ends.len() * 2, 0);
            }
            self.ends[self.ended] = self.filled;
            self.ended += 1;
            match rest.get(length + 1..) {
                Some(behind) => rest = behind,
                None => break,
            }
        }
    }

    fn row(&mut self) -> Result<Fed, String> {
        self.open = false;
        let Some(names) = &self.names else {
            let names = self.cells().map(<[u8]>::to_vec).collect();
            return self.read_names(names);
        };
        if names.len() != self.ended {
            return Err(format!("{} cells under a header of {}", self.ended, names.len()));
        }
        Ok(Fed::Row)
    }

    fn read_names(&mut self, names: Vec<Vec<u8>>) -> Result<Fed, String> {
        let mut seen = HashSet::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            if std::str::from_utf8(name).is_err() {
                return Err(format!("column {} has a name that is not UTF-8", at + 1));
            }
            if !seen.insert(name.as_slice()) {
                let name = schema::json::quote(name);
                return Err(format!(
                    "the column {name} appears twice in the header; --header a,b,c names the columns of a file without one"
                ));
            }
        }
        self.names = Some(names);
        self.headers += 1;
        Ok(Fed::Header)
    }

    fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ended).map(|at| {
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.cells[start..self.ends[at]]
        })
    }

    /// The row's cells with the names of their columns.
    pub fn row_cells(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let names = self.names.as_deref().unwrap_or_default();
        names.iter().map(Vec::as_slice).zip(self.cells())
    }
}

/// A line with one blank for each run of them outside quotes, and none at its ends.
fn one_blank(line: &[u8]) -> Vec<u8> {
    let mut single = Vec::with_capacity(line.len());
    let mut quoted = false;
    for &byte in line.trim_ascii() {
        quoted ^= byte == b'"';
        if quoted || byte != b' ' || single.last() != Some(&b' ') {
            single.push(byte);
        }
    }
    single
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[&str]) -> Vec<Vec<(String, String)>> {
        let mut table = Table::new(b',', Vec::new());
        let mut rows = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        for line in lines {
            if table.feed(line.as_bytes()).unwrap() == Fed::Row {
                rows.push(table.row_cells().map(|(name, cell)| (text(name), text(cell))).collect());
            }
        }
        rows
    }

    #[test]
    fn quotes_newlines_and_empty_cells() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            rows(&["a,b", "", "1,\"x \"\"y\"\"", "z\"", ",", "\"\",2"]),
            vec![
                vec![pair("a", "1"), pair("b", "x \"y\"\nz")],
                vec![pair("a", ""), pair("b", "")],
                vec![pair("a", ""), pair("b", "2")],
            ]
        );
    }

    #[test]
    fn cells_of_w3c() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let wanted = vec![vec![pair("date", "2026-03-05"), pair("time", "20:32:12"), pair("x", "a  b")]];
        for lines in [
            ["#Version: 1.0", "#Fields: date time x", "2026-03-05 20:32:12 \"a  b\""],
            ["#Version: 1.0", "#Fields:  date   time  x ", " 2026-03-05   20:32:12  \"a  b\" "],
            ["#Version: 1.0", "#Fields: date time x", "2026-03-05\t20:32:12\ta  b"],
            ["#Version: 1.0", "#Fields: date\ttime\tx", "2026-03-05\t20:32:12\ta  b"],
        ] {
            assert_eq!(rows(&lines), wanted, "{lines:?}");
        }
    }

    #[test]
    fn wrong_widths_are_told() {
        let mut table = Table::new(b'\t', Vec::new());
        assert_eq!(table.feed(b"a\tb"), Ok(Fed::Header));
        assert_eq!(table.feed(b"1"), Err("1 cells under a header of 2".to_owned()));
        assert_eq!(table.feed(b"1\t2"), Ok(Fed::Row));
        assert!(Table::new(b',', Vec::new()).feed(b"a,a").is_err());
    }
}
