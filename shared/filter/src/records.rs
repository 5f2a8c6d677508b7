//! Records: one JSON object a line (or spread over several, as `jq` prints them), with their seals checked.
//!
//! Owns where a record begins and ends, and file, line and column in what goes wrong; refuses to know what the keys
//! mean, but for `@seal`.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::{Path, PathBuf};

use schema::{Code, OUR_KEYS, Value, json};

use crate::lines::{Found, Lines};
use crate::seals::{Fault, SealCheck, begins_as_seal};
use crate::{Error, Filter, Input, is_html};

/// The longest record or document, unless `--max-line` says otherwise.
pub const MAX_RECORD: usize = 64 << 20;

/// The records of a list of inputs, one after the other.
pub struct Records {
    waiting: VecDeque<PathBuf>,
    /// An input that the tool has opened, to be read before those that wait.
    opened: Option<Input>,
    /// What is known of its seals, where somebody else has read the beginning of it.
    begun: Option<SealCheck>,
    lines: Option<Lines>,
    seals: SealCheck,
    require: Require,
    /// A record that stands on several lines is gathered here.
    gathered: Vec<u8>,
    /// A line that was found before it was its turn: behind a record that was cut, or one that was too long.
    ahead: Option<Found>,
    /// Whether the input at hand has been read to its end and its seals judged.
    judged: bool,
    /// What is wrong with the seals, where that is no error yet.
    fault: Option<Error>,
    /// Whether a file without a record is a fault.
    wants_all: bool,
}

/// Where a seal is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Require {
    /// In pipes, where `--seal` is given: of records.
    WhereSealing,
    /// Always: of check streams.
    Always,
    /// Of rows that may vouch for themselves: what is wrong with the seals among them is kept, for the tool to ask
    /// [`Records::fault`] once it knows whether they do.
    Rows,
}

/// One record.
#[derive(Debug)]
pub struct Record<'a> {
    /// The object.
    pub value: Value<'a>,
    /// Its text as it was read.
    pub text: &'a [u8],
    /// The file as given, or `stdin`.
    pub file: &'a str,
    /// The line it begins on, from 1.
    pub line: u64,
}

/// The next record, or one that was taken as text.
#[derive(Debug)]
pub enum Next<'a> {
    /// A record.
    Record(Record<'a>),
    /// One that the tool has taken.
    Taken {
        /// The file as given, or `stdin`.
        file: &'a str,
        /// The line it begins on, from 1.
        line: u64,
    },
}

/// What comes next in a stream that is read whatever comes.
#[derive(Debug)]
pub enum Event<'a> {
    /// A record.
    Record(Record<'a>),
    /// A line that is no record: its place (file, line, column) and what was wrong there.
    Malformed {
        /// `stdin:3:17`
        place: String,
        /// `',' or '}' …`
        reason: String,
    },
    /// A seal that is missing or wrong.
    Fault {
        /// The input: `stdin`.
        place: String,
        /// `no-seal`, `no-records`, `count-mismatch` or `digest-mismatch`.
        code: Code,
        /// The facts, in words.
        detail: String,
    },
}

/// A record's text, before anybody has looked whether it is one.
#[derive(Clone, Copy, Debug)]
pub struct Unread<'a> {
    /// As it was read.
    pub text: &'a [u8],
    /// The file as given, or `stdin`.
    pub file: &'a str,
    /// The line it begins on, from 1.
    pub line: u64,
}

impl<'a> Unread<'a> {
    /// The record, or what is wrong with it.
    pub fn read(self) -> Event<'a> {
        self.event(parse(self.text))
    }

    /// The same, where long lists under keys that nobody asks for stay text.
    pub fn read_asked(self, asks: impl Fn(&str) -> bool) -> Event<'a> {
        let want = |key: &str| if OUR_KEYS.contains(&key) || asks(key) { json::Want::All } else { json::Want::Text };
        match self.text.first() {
            // Of a short record nothing is long.
            Some(b'{') if self.text.len() > json::LONG => self.event(json::parse_only(self.text, &mut |key| want(key))),
            _ => self.read(),
        }
    }

    fn event(self, read: Result<Value<'a>, json::Error>) -> Event<'a> {
        let Unread { text, file, line } = self;
        match read {
            Ok(value) => Event::Record(Record { value, text, file, line }),
            Err(error) => {
                Event::Malformed { place: located(file, line, &error, text), reason: not_a_record(&error, text) }
            }
        }
    }
}

enum Text {
    Lent(Range<usize>),
    Gathered,
}

enum Step {
    Record(Text, u64),
    /// A record that was passed over, with its line.
    TooLong(u64),
    Fault(Fault),
    End,
}

/// What is said of a record that was passed over, where none may be.
pub const TOO_LONG: &str = "a record longer than --max-line allows";

impl Records {
    /// The records of `paths`; none is standard input.
    pub fn new(paths: &[PathBuf], require: Require) -> Self {
        let mut waiting: VecDeque<PathBuf> = paths.iter().cloned().collect();
        if waiting.is_empty() {
            waiting.push_back(PathBuf::from("-"));
        }
        Records {
            waiting,
            opened: None,
            begun: None,
            lines: None,
            seals: SealCheck::default(),
            require,
            gathered: Vec::new(),
            ahead: None,
            judged: false,
            fault: None,
            // A state says of an empty input that it was.
            wants_all: require == Require::Rows && paths.len() > 1,
        }
    }

    /// The same, where each of several files must hold something: one that is empty was never written.
    #[must_use]
    pub fn each_of_them(mut self) -> Self {
        self.wants_all = self.waiting.len() > 1;
        self
    }

    /// What was wrong with the seals among rows that may vouch for themselves ([`Require::Rows`]), if anything was.
    pub fn fault(&mut self) -> Option<Error> {
        self.fault.take()
    }

    /// The records of one input that the tool has opened.
    pub fn of(input: Input, require: Require) -> Self {
        let mut records = Records::new(&[], require);
        records.waiting.clear();
        records.opened = Some(input);
        records
    }

    /// The rest of an input whose beginning was read by lines and held to its seals by `seals`.
    pub fn rest_of(input: Input, seals: SealCheck, require: Require) -> Self {
        Records { begun: Some(seals), ..Records::of(input, require) }
    }

    /// The next record, counted in `filter.counts.lines`; `None` at the end of all inputs.
    ///
    /// # Errors
    /// A malformed record (unless `--allow-rejected` grants it: then it is counted, told and passed over), a seal that
    /// is missing or wrong, a failed read.
    pub fn next(&mut self, filter: &mut Filter) -> Result<Option<Record<'_>>, Error> {
        Ok(match self.next_or(filter, |_| false)? {
            Some(Next::Record(record)) => Some(record),
            Some(Next::Taken { .. }) | None => None,
        })
    }

    /// The same, but that `take` sees the text of a record first: where it takes it, the record is not read.
    ///
    /// # Errors
    /// As [`Records::next`].
    pub fn next_or(
        &mut self,
        filter: &mut Filter,
        mut take: impl FnMut(&[u8]) -> bool,
    ) -> Result<Option<Next<'_>>, Error> {
        loop {
            match self.step(filter)? {
                Step::End => return Ok(None),
                Step::Fault(fault) => {
                    return Err(fault.of(self.name()));
                }
                Step::TooLong(_) if filter.options.allow_rejected.is_some() => {}
                Step::TooLong(line) => return Err(Error::data(format!("{}:{line}", self.name()), TOO_LONG)),
                Step::Record(text, line) => {
                    filter.counts.lines += 1;
                    if filter.options.allow_rejected.is_some()
                        && let Err(error) = parse(self.text(&text))
                    {
                        filter.counts.rejected += 1;
                        let place = self.place(line, &error, &text);
                        filter.note("rejected record", place, error);
                        continue;
                    }
                    let text = self.text(&text);
                    let name = self.name();
                    if take(text) {
                        return Ok(Some(Next::Taken { file: name, line }));
                    }
                    return match parse(text) {
                        Ok(value) => Ok(Some(Next::Record(Record { value, text, file: name, line }))),
                        Err(error) => Err(Error::data(located(name, line, &error, text), not_a_record(&error, text))),
                    };
                }
            }
        }
    }

    /// The next event, for tools that give an answer whatever comes. Lines are not counted: the tool does.
    ///
    /// # Errors
    /// Only a failed read or an input that cannot be opened.
    pub fn next_event(&mut self, filter: &mut Filter) -> Result<Option<Event<'_>>, Error> {
        Ok(self.next_unread(filter)?.map(|next| next.map_or_else(|event| event, Unread::read)))
    }

    /// The same, but that a record is left as text, for those who know it without reading it.
    ///
    /// # Errors
    /// Only a failed read or an input that cannot be opened.
    pub fn next_unread(&mut self, filter: &mut Filter) -> Result<Option<Result<Unread<'_>, Event<'_>>>, Error> {
        Ok(match self.step(filter)? {
            Step::End => None,
            Step::Fault(Fault { code, detail }) => {
                Some(Err(Event::Fault { place: self.name().to_owned(), code, detail }))
            }
            Step::TooLong(line) => {
                Some(Err(Event::Malformed { place: format!("{}:{line}", self.name()), reason: TOO_LONG.to_owned() }))
            }
            Step::Record(text, line) => Some(Ok(Unread { text: self.text(&text), file: self.name(), line })),
        })
    }

    fn step(&mut self, filter: &mut Filter) -> Result<Step, Error> {
        loop {
            if self.judged {
                self.lines = None;
                self.judged = false;
            }
            if self.lines.is_none() {
                let input = match self.opened.take() {
                    Some(input) => input,
                    None => {
                        let Some(path) = self.waiting.pop_front() else { return Ok(Step::End) };
                        filter.open(Path::new(&path))?
                    }
                };
                let limit = filter.options.max_line.unwrap_or(MAX_RECORD);
                let begun = self.begun.take();
                let is_begun = begun.is_some();
                self.seals = begun.unwrap_or_else(|| SealCheck::of_lines(&input));
                let lines = Lines::new(input, limit);
                self.lines =
                    Some(if is_begun { lines.in_segment(self.seals.take_segment()) } else { lines.of_records() });
            }
            let Some(lines) = &mut self.lines else { return Ok(Step::End) };
            let rejected = filter.counts.rejected;
            let found = match self.ahead.take() {
                Some(found) => Some(found),
                None => lines.find(filter)?,
            };
            if filter.counts.rejected > rejected {
                self.seals.records(filter.counts.rejected - rejected);
                self.ahead = found;
                return Ok(Step::TooLong(lines.rejected_at()));
            }
            let Some(found) = found else {
                self.judged = true;
                if self.wants_all && lines.input().is_regular() && self.seals.is_empty() {
                    let detail = "an empty file: what should have written it failed, or wrote nothing".to_owned();
                    return Ok(Step::Fault(Fault { code: Code::NoRecords, detail }));
                }
                let plain_is_fine = match self.require {
                    Require::Always => false,
                    Require::WhereSealing | Require::Rows => !filter.sealing() || lines.input().is_regular(),
                };
                match self.seals.end_of_input(!plain_is_fine && !filter.options.unsealed, filter) {
                    Err(fault) if self.require == Require::Rows => {
                        let error = fault.of(lines.name());
                        self.fault.get_or_insert(error);
                        continue;
                    }
                    Err(fault) => return Ok(Step::Fault(fault)),
                    Ok(()) => continue,
                }
            };
            let line = lines.bytes(found.range.clone());
            if line.trim_ascii().is_empty() {
                continue;
            }
            if begins_as_seal(line) {
                let segment = lines.end_segment(found.length);
                match self.seals.line_after(lines.bytes(found.range), segment) {
                    Ok(seal) => {
                        if let Err(fault) = filter.take_seal(seal) {
                            return Ok(Step::Fault(fault));
                        }
                    }
                    Err(fault) if self.require == Require::Rows => {
                        let error = fault.of(lines.name());
                        self.fault.get_or_insert(error);
                    }
                    Err(fault) => return Ok(Step::Fault(fault)),
                }
                continue;
            }
            if !begins_many_lines(line) {
                self.seals.records(1);
                return Ok(Step::Record(Text::Lent(found.range), found.number));
            }
            return self.gather(found, filter);
        }
    }

    /// Gathers a record that goes on over further lines, up to the one that closes it.
    fn gather(&mut self, first: Found, filter: &mut Filter) -> Result<Step, Error> {
        let limit = filter.options.max_line.unwrap_or(MAX_RECORD);
        let Some(lines) = &mut self.lines else { return Ok(Step::End) };
        let mut depth = json::Depth::default();
        self.gathered.clear();
        self.gathered.extend_from_slice(lines.bytes(first.range));
        depth.read(&self.gathered);
        while depth.open() && self.gathered.len() <= limit {
            let Some(found) = lines.find(filter)? else { break };
            let line = lines.bytes(found.range.clone());
            if line.starts_with(b"{") {
                // No printer begins an inner line with a brace: the record was cut, and here is the next one.
                self.ahead = Some(found);
                break;
            }
            self.gathered.push(b'\n');
            self.gathered.extend_from_slice(line);
            let from = self.gathered.len() - line.len();
            depth.read(&self.gathered[from..]);
        }
        self.seals.records(1);
        Ok(Step::Record(Text::Gathered, first.number))
    }

    fn text(&self, text: &Text) -> &[u8] {
        match (text, &self.lines) {
            (Text::Lent(range), Some(lines)) => lines.bytes(range.clone()),
            (Text::Gathered, _) => &self.gathered,
            (Text::Lent(_), None) => &[],
        }
    }

    fn name(&self) -> &str {
        self.lines.as_ref().map_or("stdin", Lines::name)
    }

    fn place(&self, line: u64, error: &json::Error, text: &Text) -> String {
        located(self.name(), line, error, self.text(text))
    }
}

/// A record is an object.
fn parse(text: &[u8]) -> Result<Value<'_>, json::Error> {
    let value = json::parse(text).map_err(|error| match is_html(text) {
        true => json::Error { message: "an HTML page where JSON should be".to_owned(), ..error },
        false => error,
    })?;
    if value.as_object().is_some() {
        return Ok(value);
    }
    Err(json::Error {
        offset: 0,
        message: match value {
            Value::List(_) => {
                "a list where a JSON object should be: jq -c '.[]' writes its members, one a line".to_owned()
            }
            _ => format!("{} where a JSON object should be", value.kind()),
        },
        unfinished: false,
    })
}

/// What is wrong with a line that is no record, and which tool reads it where it looks like one of a log or a table.
pub fn not_a_record(error: &json::Error, line: &[u8]) -> String {
    let line = line.trim_ascii();
    let is_json = line.first().is_none_or(|first| b"{[\"".contains(first));
    let several = line.iter().any(|byte| b" \t,;=".contains(byte));
    match several && !is_json {
        true => format!("{error}; kv-extract turns a log or a table into records"),
        false => error.to_string(),
    }
}

fn located(name: &str, line: u64, error: &json::Error, text: &[u8]) -> String {
    let (inner, column) = error.line_and_column(text);
    format!("{name}:{}:{column}", line + inner as u64 - 1)
}

/// Whether a line opens a record that it does not close.
pub fn begins_many_lines(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.starts_with(b"{") && !line.ends_with(b"}")
}
