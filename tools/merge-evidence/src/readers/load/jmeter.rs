//! JMeter's results: JTL as CSV with and without its header, folded while it is read; JTL as XML; the `statistics.json` of
//! its report (2.13 to 5.6).
//!
//! Times are whole milliseconds, so that percentiles over millions of rows are exact (nearest rank) in little memory. A
//! request without an answer (`Non HTTP response code`) is in no latency: how long it took to be refused is none.

mod rows; // the fast way through plain rows

use std::collections::HashMap;

use schema::shapes::{Cache, Span};
use schema::{Code, Object, Value};

use super::{Load, Of, Said, Whole};
use crate::facts::Failure;
use crate::facts::{self, Builder, Doubt, Facts, float};
use crate::quantity;
use crate::readers::around;
use crate::relations::Rounding;

/// JMeter writes whole milliseconds.
const ROUNDING: Rounding = Rounding { absolute: 1.0, relative: 0.0 };

/// What JMeter writes in place of a status where there was no answer.
const NO_ANSWER: &str = "Non HTTP response code";

/// The results so far.
#[derive(Debug, Default)]
pub struct Results {
    columns: Option<Columns>,
    /// The columns that are read, from left to right, and which cell of a row each is.
    order: [(usize, usize); 5],
    /// A row whose quotes are still open at the end of its line.
    open: Vec<u8>,
    /// Lines behind the rows that are none: what JMeter or a shell says where the rows went to its standard output.
    notes: String,
    labels: Vec<Label>,
    places: HashMap<Vec<u8>, usize>,
    last: usize,
    /// The labels that are short.
    short: Cache,
    codes: Vec<Seen>,
    code_places: HashMap<Vec<u8>, usize>,
    last_code: usize,
    short_codes: Cache,
    /// The first begin and the last end, in milliseconds since 1970.
    from: Option<u64>,
    to: Option<u64>,
    lines: u64,
}

#[derive(Debug, Default)]
struct Label {
    name: Vec<u8>,
    requests: u64,
    failed: u64,
    unanswered: u64,
    times: Whole,
}

/// A status, and how many rows had it.
#[derive(Debug, Default)]
struct Seen {
    code: Vec<u8>,
    /// Whether it says that there was none.
    unanswered: bool,
    count: u64,
}

/// What a row says beside its label and its code.
#[derive(Clone, Copy, Debug)]
struct Row {
    /// Milliseconds since 1970; none where it is written as a date.
    stamp: Option<u64>,
    elapsed: u64,
    good: bool,
}

impl Row {
    /// # Errors
    /// A time that is no whole number, a success that is neither true nor false.
    #[inline]
    fn of([stamp, elapsed, _, _, success]: [&[u8]; 5]) -> Result<Row, String> {
        let elapsed = whole(elapsed)
            .ok_or_else(|| format!("{} is not a whole number of milliseconds", schema::json::quote(elapsed)))?;
        let good = match success {
            // Spreadsheets write both in capitals.
            said if said.eq_ignore_ascii_case(b"true") => true,
            said if said.eq_ignore_ascii_case(b"false") => false,
            other => return Err(format!("{} where true or false should be", schema::json::quote(other))),
        };
        Ok(Row { stamp: whole(stamp), elapsed, good })
    }
}

/// Where the columns are that are read.
#[derive(Clone, Copy, Debug)]
struct Columns {
    separator: u8,
    count: usize,
    stamp: usize,
    elapsed: usize,
    label: usize,
    code: usize,
    success: usize,
}

/// The order of columns where no header says it (`jmeter.save.saveservice.print_field_names=false`).
const DEFAULT: Columns = Columns { separator: b',', count: 0, stamp: 0, elapsed: 1, label: 2, code: 3, success: 7 };

impl Columns {
    fn of_header(line: &[u8]) -> Option<Columns> {
        let text = std::str::from_utf8(line).ok()?.trim_start_matches('\u{feff}');
        let separator = [',', ';', '\t'].into_iter().find(|separator| text.contains(*separator))?;
        let names: Vec<&str> = text.split(separator).map(|name| name.trim_matches('"')).collect();
        let find = |wanted: &str| names.iter().position(|name| *name == wanted);
        Some(Columns {
            separator: u8::try_from(separator).ok()?,
            count: names.len(),
            stamp: find("timeStamp")?,
            elapsed: find("elapsed")?,
            label: find("label")?,
            code: find("responseCode")?,
            success: find("success")?,
        })
    }

    /// The columns that are read, from left to right, and which of the five each is.
    fn ordered(&self) -> [(usize, usize); 5] {
        let mut columns = [(self.stamp, 0), (self.elapsed, 1), (self.label, 2), (self.code, 3), (self.success, 4)];
        columns.sort_unstable();
        columns
    }

    /// The columns of rows without a header, where this is such a row: a stamp, a time, and `true` or `false`.
    fn of_row(line: &[u8]) -> Option<Columns> {
        let cells: Vec<&[u8]> = line.split(|&byte| byte == b',').collect();
        let digits =
            |cell: Option<&&[u8]>| cell.is_some_and(|cell| !cell.is_empty() && cell.iter().all(u8::is_ascii_digit));
        let stamp = digits(cells.first()) && cells.first().is_some_and(|cell| cell.len() == 13);
        let judged = cells
            .get(DEFAULT.success)
            .is_some_and(|cell| cell.eq_ignore_ascii_case(b"true") || cell.eq_ignore_ascii_case(b"false"));
        (stamp && digits(cells.get(1)) && judged && cells.len() >= 10)
            .then_some(Columns { count: cells.len(), ..DEFAULT })
    }
}

/// Whether a text is JTL as CSV, by its first line.
pub fn fits(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Columns::of_header(line).is_some() || Columns::of_row(line).is_some()
}

impl Results {
    /// Takes one line.
    ///
    /// # Errors
    /// A row that does not fit the header: the column and the reason.
    pub fn line(&mut self, line: &[u8]) -> Result<(), (usize, String)> {
        let Some(columns) = self.columns else {
            let columns = Columns::of_header(line).or_else(|| Columns::of_row(line));
            let wanted = || (1, format!("{}: wanted the header of JMeter's results", schema::json::quote(line)));
            let columns = columns.ok_or_else(wanted)?;
            self.columns = Some(columns);
            self.order = columns.ordered();
            return if Columns::of_row(line).is_some() { self.row(line, columns) } else { Ok(()) };
        };
        if self.open.is_empty() && self.note(line) {
            return Ok(());
        }
        if !self.notes.is_empty() {
            return Err((1, "a row after a line that is not one".to_owned()));
        }
        if !self.open.is_empty() || memchr::memchr(b'"', line).is_some() {
            return self.quoted(line, columns);
        }
        self.row(line, columns)
    }

    /// Takes a line that is no row, where it is one that may stand behind the rows.
    fn note(&mut self, line: &[u8]) -> bool {
        const MOST: usize = 64 << 10;
        let text = std::str::from_utf8(line).unwrap_or_default();
        let is_note = around::is_note(text, &[',', ';', '\t']) && self.notes.len() < MOST;
        if is_note {
            self.notes.push_str(text);
            self.notes.push('\n');
        }
        is_note
    }

    /// How many lines were read.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// What was begun and never ended: a row whose quotes are open.
    pub fn rest(&self) -> bool {
        !self.open.is_empty()
    }

    fn row(&mut self, line: &[u8], columns: Columns) -> Result<(), (usize, String)> {
        let mut cells = [&b""[..]; 5];
        let mut rest = line;
        let mut place = 0;
        for (column, slot) in self.order {
            while let Some(end) = memchr::memchr(columns.separator, rest).filter(|_| place < column) {
                rest = &rest[end + 1..];
                place += 1;
            }
            if place == column {
                cells[slot] = &rest[..memchr::memchr(columns.separator, rest).unwrap_or(rest.len())];
            }
        }
        // Behind the last that is read, cells are only counted.
        let count = place + memchr::memchr_iter(columns.separator, rest).count() + 1;
        self.take(cells, count, columns)
    }

    /// A row with quotes, which may go on over the end of its line.
    fn quoted(&mut self, line: &[u8], columns: Columns) -> Result<(), (usize, String)> {
        if !self.open.is_empty() {
            self.open.push(b'\n');
        }
        self.open.extend_from_slice(line);
        if memchr::memchr_iter(b'"', &self.open).count() % 2 == 1 {
            return Ok(());
        }
        let text = std::mem::take(&mut self.open);
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).delimiter(columns.separator).from_reader(text.as_slice());
        let mut row = csv::ByteRecord::new();
        if !reader.read_byte_record(&mut row).is_ok_and(|read| read) {
            return Err((1, "a row that is not CSV".to_owned()));
        }
        let cell = |at: usize| row.get(at).unwrap_or_default();
        let cells = [columns.stamp, columns.elapsed, columns.label, columns.code, columns.success].map(cell);
        self.take(cells, row.len(), columns)
    }

    fn take(&mut self, cells: [&[u8]; 5], count: usize, columns: Columns) -> Result<(), (usize, String)> {
        self.lines += 1;
        if count != columns.count {
            return Err((1, format!("{count} cells where the header has {}", columns.count)));
        }
        let row = Row::of(cells).map_err(|reason| (1, reason))?;
        let (label, code) = (self.label(cells[2]), self.code(cells[3]));
        self.add(row, label, code);
        Ok(())
    }

    /// Takes a row of the label and the code at these places.
    #[inline]
    fn add(&mut self, row: Row, label: usize, code: usize) {
        // A stamp may be written as a date, by the user's own pattern.
        if let Some(stamp) = row.stamp {
            self.from = Some(self.from.map_or(stamp, |from| from.min(stamp)));
            let end = stamp.saturating_add(row.elapsed);
            self.to = Some(self.to.map_or(end, |to| to.max(end)));
        }
        let mut answered = true;
        if let Some(seen) = self.codes.get_mut(code) {
            seen.count += 1;
            answered = row.good || !seen.unanswered;
        }
        if let Some(there) = self.labels.get_mut(label) {
            there.requests += 1;
            there.failed += u64::from(!row.good);
            there.unanswered += u64::from(!answered);
            if answered {
                there.times.see(row.elapsed, 1);
            }
        }
    }

    fn code(&mut self, code: &[u8]) -> usize {
        let known = found(&self.codes, self.last_code, code, |seen| &seen.code, &self.code_places);
        self.last_code = known.unwrap_or_else(|| {
            self.code_places.insert(code.to_owned(), self.codes.len());
            let unanswered = code.starts_with(NO_ANSWER.as_bytes());
            self.codes.push(Seen { code: code.to_owned(), unanswered, count: 0 });
            self.codes.len() - 1
        });
        self.last_code
    }

    fn label(&mut self, label: &[u8]) -> usize {
        self.last = found(&self.labels, self.last, label, |known| &known.name, &self.places).unwrap_or_else(|| {
            self.places.insert(label.to_owned(), self.labels.len());
            self.labels.push(Label { name: label.to_owned(), ..Label::default() });
            self.labels.len() - 1
        });
        self.last
    }

    /// As [`Results::label`], of a text behind which eight more bytes stand.
    #[inline]
    fn label_at(&mut self, bytes: &[u8], span: Span) -> usize {
        self.short.get(bytes, span).unwrap_or_else(|| {
            let place = self.label(bytes.get(span.0..span.1).unwrap_or_default());
            self.short.put(bytes, span, place);
            place
        })
    }

    /// As [`Results::code`], of a text behind which eight more bytes stand.
    #[inline]
    fn code_at(&mut self, bytes: &[u8], span: Span) -> usize {
        self.short_codes.get(bytes, span).unwrap_or_else(|| {
            let place = self.code(bytes.get(span.0..span.1).unwrap_or_default());
            self.short_codes.put(bytes, span, place);
            place
        })
    }

    /// What the rows come to: all requests, and those of each label below `by_label`.
    pub fn finish(self) -> Facts<'static> {
        let mut all = Label::default();
        for label in &self.labels {
            all.requests += label.requests;
            all.failed += label.failed;
            all.unanswered += label.unanswered;
            all.times.merge(&label.times);
        }
        let span = self.from.zip(self.to);
        let mut load = all.load(span);
        let (mut codes, mut kinds): (Vec<_>, Vec<_>) = self
            .codes
            .iter()
            .map(|seen| (String::from_utf8_lossy(&seen.code).into_owned(), Value::from(seen.count)))
            .partition(|(code, _)| !code.starts_with(NO_ANSWER));
        codes.sort_by(|a, b| a.0.cmp(&b.0));
        kinds.sort_by(|a, b| a.0.cmp(&b.0));
        (load.status_codes, load.error_kinds) = (codes, kinds);
        let mut by_label = Builder::default();
        let mut doubts = Vec::new();
        for label in &self.labels {
            let (report, doubted) = label.load(span).report();
            let name = String::from_utf8_lossy(&label.name).into_owned();
            if by_label.put(name.clone(), report) {
                doubts.extend(doubted.into_iter().map(|doubt| doubt.under(&name).under("by_label")));
            }
        }
        load.more.push(("by_label".to_owned(), by_label.build().into()));
        let mut facts = load.finish();
        facts.doubts.extend(doubts);
        if let Some((line, said)) = around::ended(&self.notes) {
            around::doubt(&mut facts, (self.lines as usize + 1 + line, said));
        }
        let mut told = facts::Span::default();
        for moment in [self.from, self.to].into_iter().flatten() {
            told.see_seconds(moment as f64 / 1000.0);
        }
        facts.span = told;
        facts
    }
}

/// Where the item of this name is: the one of the row before, else one of the first few, else by its hash.
fn found<T>(
    items: &[T],
    last: usize,
    name: &[u8],
    named: impl Fn(&T) -> &[u8],
    places: &HashMap<Vec<u8>, usize>,
) -> Option<usize> {
    if items.get(last).is_some_and(|item| named(item) == name) {
        return Some(last);
    }
    let near = items.iter().take(NEAR).position(|item| named(item) == name);
    near.or_else(|| if items.len() > NEAR { places.get(name).copied() } else { None })
}

/// How many names are compared before one is hashed: most plans have no more.
const NEAR: usize = 16;

impl Label {
    fn load(&self, span: Option<(u64, u64)>) -> Load<'static> {
        let mut load = Load::new("jmeter", Of::Answers, Of::Requests, ROUNDING);
        load.requests = Said::count(self.requests);
        load.failed = Said::count(self.failed);
        load.unanswered = Said::count(self.unanswered);
        load.count = Some(Said::count(self.times.count()));
        let milliseconds = span.map(|(from, to)| to - from).filter(|length| *length > 0);
        load.duration_ms = Said::of(milliseconds.map(Value::from));
        load.rate = Said::of(milliseconds.map(|length| quantity::value(self.requests as f64 * 1000.0 / length as f64)));
        load.latency = self.times.statistics(0);
        for name in ["min_ms", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms"] {
            load.latency_lacks.push((name, "no answer was timed"));
        }
        load
    }
}

fn whole(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits.iter().try_fold(0u64, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0')))
}

/// Whether a text is JTL as CSV, by its first line.
pub fn fits_rows(text: &str) -> bool {
    text.lines().next().is_some_and(|line| fits(line.as_bytes()))
}

/// Reads JTL as CSV, whole.
///
/// # Errors
/// A row that does not fit the header, or whose quotes are open at the end.
pub fn read_rows(text: &str) -> Result<Facts<'static>, Failure> {
    let mut results = Results::default();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let placed = |(column, reason)| Failure { place: Some((number + 1, column)), reason };
        results.line(line.as_bytes()).map_err(placed)?;
    }
    if results.rest() {
        return Err(Failure::whole("the quotes of the last row are open: the file was cut short"));
    }
    Ok(results.finish())
}

/// Whether a text is JTL as XML.
pub fn fits_xml(text: &str) -> bool {
    let start = text.get(..text.len().min(400)).or_else(|| text.get(..text.len().min(200))).unwrap_or(text);
    start.trim_start().starts_with('<') && start.contains("<testResults")
}

/// Reads JTL as XML. Samples within a sample are parts of it, and are not counted.
///
/// # Errors
/// XML that is malformed or cut short, or that goes on behind its end; a sample without its time.
pub fn read_xml(text: &str) -> Result<Facts<'static>, Failure> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut results = Results { columns: Some(Columns { count: 5, ..DEFAULT }), ..Results::default() };
    let mut depth = 0;
    let mut ended = false;
    loop {
        let event = reader.read_event().map_err(|error| Failure::whole(format!("not JMeter's XML: {error}")))?;
        let sample = match &event {
            Event::Start(tag) | Event::Empty(tag) if depth == 1 => {
                matches!(tag.name().as_ref(), "httpSample" | "sample").then_some(tag)
            }
            _ => None,
        };
        if let Some(tag) = sample {
            let mut cells: [Vec<u8>; 5] = Default::default();
            for attribute in tag.attributes() {
                let attribute = attribute.map_err(|error| Failure::whole(format!("not JMeter's XML: {error}")))?;
                let Some(slot) = ["ts", "t", "lb", "rc", "s"].iter().position(|key| *key == attribute.key.as_ref())
                else {
                    continue;
                };
                let plain = quick_xml::escape::unescape(&attribute.value);
                let plain = plain.map_err(|error| Failure::whole(format!("not JMeter's XML: {error}")))?;
                cells[slot] = plain.as_bytes().to_vec();
            }
            let columns = Columns { count: 5, ..DEFAULT };
            let borrowed = cells.each_ref().map(Vec::as_slice);
            results.take(borrowed, 5, columns).map_err(|(_, reason)| Failure::whole(format!("a sample: {reason}")))?;
        }
        match event {
            Event::Start(_) | Event::Empty(_) if ended => {
                return Err(Failure::whole(
                    "a second report of jmeter after </testResults>: give each run a file, and each file a name",
                ));
            }
            Event::Start(_) => depth += 1,
            Event::End(_) => {
                depth -= 1;
                ended |= depth == 0;
            }
            Event::Eof if ended && depth == 0 => break,
            Event::Eof => return Err(Failure::whole("no </testResults> at its end: the file was cut short")),
            _ => {}
        }
    }
    Ok(results.finish())
}

/// Whether a document is the `statistics.json` of JMeter's report.
pub fn fits_statistics(document: &Value<'_>) -> bool {
    let entries = document.as_object();
    entries.is_some_and(|entries| {
        !entries.is_empty()
            && entries.iter().all(|(_, entry)| {
                ["sampleCount", "errorCount", "meanResTime", "pct1ResTime"].iter().all(|key| entry.get(key).is_some())
            })
    })
}

/// Reads `statistics.json`. Its three percentiles are 90, 95 and 99, unless the user has set others.
pub fn read_statistics<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut all = None;
    let mut most_failed: f64 = 0.0;
    let mut by_label = Builder::default();
    let mut doubts = Vec::new();
    for (label, entry) in document.as_object().into_iter().flat_map(Object::iter) {
        let mut load = Load::new("jmeter", Of::Requests, Of::Requests, ROUNDING);
        load.requests = Said::of(entry.get("sampleCount").cloned());
        load.failed = Said::of(entry.get("errorCount").cloned());
        load.unanswered = Said::never("the statistics do not tell requests without an answer from bad answers");
        load.rate = Said::of(entry.get("throughput").cloned());
        load.duration_ms = match (float(entry, "sampleCount"), float(entry, "throughput")) {
            (Some(count), Some(rate)) if rate > 0.0 => Said::Value(quantity::value(count / rate * 1000.0)),
            _ => Said::default(),
        };
        for (name, key) in [
            ("min_ms", "minResTime"),
            ("mean_ms", "meanResTime"),
            ("p50_ms", "medianResTime"),
            ("p90_ms", "pct1ResTime"),
            ("p95_ms", "pct2ResTime"),
            ("p99_ms", "pct3ResTime"),
            ("max_ms", "maxResTime"),
        ] {
            if let Some(value) = entry.get(key) {
                load.latency.push((name.to_owned(), value.clone()));
            }
        }
        if label == "Total" {
            all = Some(load);
            continue;
        }
        most_failed = most_failed.max(float(entry, "errorCount").unwrap_or(0.0));
        let (report, doubted) = load.report();
        if by_label.put(label.to_owned(), report) {
            doubts.extend(doubted.into_iter().map(|doubt| doubt.under(label).under("by_label")));
        }
    }
    let mut load = all.unwrap_or_else(|| Load::new("jmeter", Of::Requests, Of::Requests, ROUNDING));
    load.more.push(("by_label".to_owned(), by_label.build().into()));
    let mut facts = load.finish();
    facts.doubts.extend(doubts);
    facts.doubts.extend(contradicted(document.get("Total"), most_failed));
    facts
}

/// The failures of all requests against the percentage beside them, and against those of each label: a transaction that
/// failed has a request that did.
fn contradicted(total: Option<&Value<'_>>, most_failed: f64) -> Vec<Doubt> {
    let of = |key: &str| total.and_then(|total| float(total, key));
    let Some((requests, failed)) = of("sampleCount").zip(of("errorCount")).filter(|(requests, _)| *requests > 0.0)
    else {
        return Vec::new();
    };
    let share = failed * 100.0 / requests;
    // JMeter writes the percentage as a float of 32 bits.
    let detail = match of("errorPct").filter(|percent| (percent - share).abs() > 0.01) {
        Some(percent) => format!("errorPct != errorCount / sampleCount: {percent} != {share}"),
        None if most_failed > failed => format!("{most_failed} requests of one label failed, but {failed} of all"),
        None => return Vec::new(),
    };
    ["failed", "errors", "success_ratio"].map(|name| Doubt::new(&[name], Code::Inconsistent, detail.clone())).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    const ROWS: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,Latency,Connect\n\
        1772740800000,120,home,200,OK,t 1-1,true,12,100,5\n\
        1772740800500,80,\"a, b\",500,\"said \"\"no\"\"\n and more\",t 1-1,false,12,70,0\n\
        1772740801000,3,home,Non HTTP response code: java.net.ConnectException,refused,t 1-1,false,0,0,3\n";

    fn results(text: &str) -> Facts<'static> {
        let mut results = Results::default();
        text.lines().for_each(|line| results.line(line.as_bytes()).unwrap());
        assert!(!results.rest());
        results.finish()
    }

    #[test]
    fn rows_fold_by_label_and_a_refused_one_is_no_time() {
        assert!(fits(ROWS.lines().next().unwrap().as_bytes()));
        let facts = results(ROWS);
        let text = test::text(&facts);
        assert!(text.starts_with(r#"{"requests":3,"failed":2,"errors":2,"unanswered":1,"success_ratio":0.3333333333333333,"rate":2.991026919242273,"rate_of":"requests","duration_ms":1003,"latency":{"count":2,"min_ms":80,"mean_ms":100,"p50_ms":80,"#), "{text}");
        assert!(text.contains(r#""by_label":{"home":{"requests":2,"failed":1,"#), "{text}");
        assert_eq!(test::doubts(&facts).len(), 7, "{:?}", test::doubts(&facts));
    }

    #[test]
    fn rows_without_a_header_and_xml_read_alike() {
        let row = "1772740800000,120,home,200,OK,t 1-1,text,true,,12,0,1,1,null,100,0,5";
        assert!(fits(row.as_bytes()));
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?><testResults version="1.2">
            <httpSample t="120" lt="100" ts="1772740800000" s="true" lb="home" rc="200" rm="O&lt;K"><httpSample t="9" ts="1" s="false" lb="part" rc="404"/></httpSample></testResults>"#;
        assert!(fits_xml(xml));
        let (rows, xml) = (test::text(&results(row)), test::text(&read_xml(xml).unwrap()));
        assert_eq!(rows, xml);
        assert!(read_xml("<testResults><sample t=\"1\" s=\"true\" lb=\"a\"/>").is_err());
        let one = "<testResults><sample t=\"1\" ts=\"1\" s=\"true\" lb=\"a\" rc=\"\"/></testResults>\n";
        assert!(read_xml(one).is_ok());
        assert!(read_xml(&one.repeat(2)).unwrap_err().reason.starts_with("a second report"));
        assert_eq!(test::text(&results(&row.replace("true", "TRUE"))), test::text(&results(row)));
    }

    #[test]
    fn statistics_that_contradict_themselves_are_no_ground() {
        let entry = |failed: u64, percent: f64| {
            format!(
                r#"{{"sampleCount":100,"errorCount":{failed},"errorPct":{percent},"meanResTime":9,"pct1ResTime":20,"throughput":10}}"#
            )
        };
        let doubts = |total: &str, label: &str| {
            let text = format!(r#"{{"Total":{total},"home":{label}}}"#);
            let document = schema::json::parse(text.as_bytes()).unwrap();
            assert!(fits_statistics(&document));
            let doubts = test::doubts(&read_statistics(&document));
            doubts.into_iter().filter(|doubt| doubt.starts_with("failed: inconsistent")).collect::<Vec<_>>()
        };
        assert_eq!(doubts(&entry(0, 0.0), &entry(0, 0.0)), [""; 0]);
        assert_eq!(doubts(&entry(33, 33.000_001), &entry(33, 33.0)), [""; 0]);
        assert_eq!(
            doubts(&entry(0, 12.0), &entry(0, 0.0)),
            ["failed: inconsistent: errorPct != errorCount / sampleCount: 12 != 0"]
        );
        assert_eq!(
            doubts(&entry(0, 0.0), &entry(50, 50.0)),
            ["failed: inconsistent: 50 requests of one label failed, but 0 of all"]
        );
    }

    #[test]
    fn notes_may_stand_behind_the_rows() {
        let rows = "timeStamp,elapsed,label,responseCode,success\n1772740800000,12,home,200,true\n";
        let read = |text: &str| {
            let mut results = Results::default();
            for line in text.lines().filter(|line| !line.is_empty()) {
                results.line(line.as_bytes())?;
            }
            Ok(results.finish())
        };
        let alone = read(rows).unwrap();
        for notes in ["Tidying up ...    @ Sat Nov 28\n", "\n> done\n[10:00] uploaded\n"] {
            let facts = read(&[rows, notes].concat()).unwrap();
            assert_eq!((test::text(&facts), test::doubts(&facts)), (test::text(&alone), test::doubts(&alone)));
        }
        let failed: Result<Facts<'_>, (usize, String)> = read(&[rows, "Tidying up\nKilled\n"].concat());
        assert_eq!(
            test::doubts(&failed.unwrap()).last().unwrap(),
            ": inconsistent: line 4 says that the run failed: Killed"
        );
        for wrong in ["Tidying up\n1772740800000,12,home,200,true\n", "17727408000\n", "home,200\n"] {
            let read: Result<Facts<'_>, (usize, String)> = read(&[rows, wrong].concat());
            assert!(read.is_err(), "{wrong}");
        }
    }
}
