//! What is read: lines, rows of a table, or JSON records, one unit after the other from all files.
//!
//! Owns the order of the inputs and the count of what is no unit (headers); refuses to look for pairs.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use filter::{Error, Event, Filter, Lines, MAX_RAW_LINE, Record, Records, Unread};
use schema::Value;

use crate::grammar::table::{Fed, Table};
use crate::input::join::{self, Joined, Joiner, Joins, Taken};
use crate::input::seals::Seals;
use crate::input::source::{Source, Sources};
use crate::rejects::Rejects;

/// One line, row or record.
pub struct Unit<'a> {
    /// Its text as it was read.
    pub text: &'a [u8],
    /// The file it stands in.
    pub file: &'a str,
    /// Its line, from 1.
    pub number: u64,
    /// Bytes from the file's start to its start, where that is known.
    pub offset: Option<u64>,
    /// How many lines it takes up.
    pub lines: u64,
    /// What the reader knows of it beside its text.
    pub content: Content<'a>,
}

/// What was read.
pub enum Content<'a> {
    /// A line of text.
    Line,
    /// A row of a table.
    Row(&'a Table),
    /// A JSON record.
    Value(Value<'a>),
}

impl Unit<'_> {
    /// `run.log:17`
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.number)
    }
}

/// Whether to read on.
pub type Flow = ControlFlow<()>;

/// What lines are made of.
pub struct Reading<'a> {
    /// Whether seals may be among them.
    pub of_records: bool,
    /// How they are joined to records.
    pub joins: &'a Joins,
    /// Where the rows are kept that are none.
    pub rejects: Option<&'a Mutex<Rejects>>,
}

/// Calls `each` with every line of `sources`, or with every row where there is a `table`. Seals are checked and no
/// units.
pub fn lines(
    sources: &mut Sources,
    reading: &Reading<'_>,
    mut table: Option<Table>,
    filter: &mut Filter,
    mut each: impl FnMut(Unit<'_>, &mut Filter) -> Result<Flow, Error>,
) -> Result<(), Error> {
    while let Some(mut source) = sources.next(filter)? {
        let limit = filter.options.max_line.unwrap_or(MAX_RAW_LINE);
        let joiner = match reading.joins {
            Joins::Records(start) => Some(Joiner::new(Some(start.clone()), limit)),
            Joins::Containers if join::is_needed(&mut source.input, filter)? => Some(Joiner::new(None, limit)),
            _ => None,
        };
        if of_source(source, sources, reading, joiner, &mut table, filter, &mut each)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// The same of one source.
pub fn of_source(
    source: Source,
    sources: &mut Sources,
    reading: &Reading<'_>,
    mut joiner: Option<Joiner>,
    table: &mut Option<Table>,
    filter: &mut Filter,
    each: &mut impl FnMut(Unit<'_>, &mut Filter) -> Result<Flow, Error>,
) -> Result<Flow, Error> {
    let of_records = reading.of_records;
    {
        let (name, base, leaves_unfinished) = (source.name.clone(), source.base, source.leaves_unfinished);
        let limit = filter.options.max_line.unwrap_or(MAX_RAW_LINE);
        let may_be_cut = filter.sealing() && source.may_be_cut();
        let mut seals = Seals::new(of_records, &source.input);
        let mut lines = Lines::new(source.input, limit);
        if of_records {
            lines = lines.of_records();
        }
        let mut consumed = 0;
        if let Some(table) = table {
            table.restart();
        }
        while let Some(line) = lines.next(filter)? {
            if leaves_unfinished && line.length == line.bytes.len() as u64 {
                // Somebody may be writing it; the next time reads it whole, so that it is not lost.
                filter.counts.lines -= 1;
                break;
            }
            if may_be_cut && line.length == line.bytes.len() as u64 && !is_whole(line.bytes) {
                filter.counts.lines -= 1;
                filter.counts.unfinished += 1;
                filter.note("unfinished line", format_args!("{name}:{}", line.number), UNFINISHED);
                break;
            }
            if line.offset > consumed {
                seals.left_out();
            }
            consumed = line.offset + line.length;
            let text = line.bytes;
            if seals.line(&line, &name, filter)? {
                filter.counts.skipped += 1;
                continue;
            }
            if let Some(joiner) = &mut joiner {
                match joiner.take(text, line.number, base + line.offset) {
                    Taken::Alone => {}
                    Taken::Held => continue,
                    Taken::Ready => {
                        if give(joiner.ready(), &name, filter, each)?.is_break() {
                            return Ok(Flow::Break(()));
                        }
                        continue;
                    }
                }
            }
            let mut unit = Unit {
                text,
                file: &name,
                number: line.number,
                offset: Some(base + line.offset),
                lines: 1,
                content: Content::Line,
            };
            if let Some(table) = table.as_mut() {
                let has_header = table.has_header();
                match table.feed(text) {
                    Ok(Fed::More) if table.raw().len() > limit => {
                        let place = format!("{name}:{}", line.number + 1 - table.lines);
                        let reason = format!("a row longer than {limit} bytes, in which a quoted cell is not closed");
                        return Err(Error::data(place, reason + "; --max-line sets the limit"));
                    }
                    Ok(Fed::More) => {
                        // A blank line is no row; a line inside one is counted with it.
                        filter.counts.skipped += u64::from(!table.is_open());
                        continue;
                    }
                    Ok(Fed::Header) => {
                        filter.counts.skipped += table.lines;
                        continue;
                    }
                    // Without a header no row has names, so none can be granted.
                    Err(reason) if !has_header => return Err(Error::data(unit.place(), reason)),
                    Err(reason) => {
                        if let Some(rejects) = reading.rejects {
                            let mut rejects = rejects.lock().unwrap_or_else(PoisonError::into_inner);
                            rejects.keep(&name, unit.number, "malformed", &reason, table.raw());
                        }
                        reject(filter, &unit.place(), &reason, table.lines)?;
                        continue;
                    }
                    Ok(Fed::Row) => {}
                }
                unit.number = unit.number + 1 - table.lines;
                unit.offset = None;
                unit.lines = table.lines;
                unit.text = table.raw();
                unit.content = Content::Row(table);
            }
            if each(unit, filter)?.is_break() {
                return Ok(Flow::Break(()));
            }
        }
        if let Some(joiner) = &mut joiner {
            match joiner.held() {
                // The rest of a part may be written only after this: the next time reads all of it.
                Some((first, lines)) if leaves_unfinished => {
                    consumed = first - base;
                    filter.counts.lines -= lines;
                }
                _ => {
                    while joiner.end() {
                        if give(joiner.ready(), &name, filter, each)?.is_break() {
                            return Ok(Flow::Break(()));
                        }
                    }
                }
            }
        }
        if let Some(table) = &table
            && table.is_open()
        {
            reject(filter, &name, "the file ends inside a quoted cell", table.lines)?;
        }
        seals.end(&name, filter)?;
        sources.close(source.rest, consumed)?;
    }
    Ok(Flow::Continue(()))
}

/// Lends what was joined.
fn give(
    joined: &Joined,
    file: &str,
    filter: &mut Filter,
    each: &mut impl FnMut(Unit<'_>, &mut Filter) -> Result<Flow, Error>,
) -> Result<Flow, Error> {
    let Joined { text, number, offset, lines, fault } = joined;
    let offset = Some(*offset);
    let unit = Unit { text, file, number: *number, offset, lines: *lines, content: Content::Line };
    match fault {
        None => each(unit, filter),
        Some(reason) => reject(filter, &unit.place(), reason, *lines).map(|()| Flow::Continue(())),
    }
}

/// Calls `each` with every one of `records` that `quick` does not do from its text: it says whether it did.
pub fn records(
    mut records: Records,
    filter: &mut Filter,
    mut quick: impl FnMut(Unread<'_>, &mut Filter) -> Result<bool, Error>,
    mut each: impl FnMut(Unit<'_>, &mut Filter) -> Result<Flow, Error>,
) -> Result<(), Error> {
    while let Some(next) = records.next_unread(filter)? {
        let event = match next {
            Ok(unread) => {
                filter.counts.lines += 1;
                if quick(unread, filter)? {
                    continue;
                }
                // It is written as it is read: nobody asks for what is in its lists.
                unread.read_asked(|_| false)
            }
            // One that is too long was counted and told where it was found.
            Err(Event::Malformed { .. }) if filter.options.allow_rejected.is_some() => continue,
            Err(event) => event,
        };
        match event {
            Event::Record(Record { value, text, file, line }) => {
                let content = Content::Value(value);
                let unit = Unit { text, file, number: line, offset: None, lines: 1, content };
                if each(unit, filter)?.is_break() {
                    return Ok(());
                }
            }
            Event::Malformed { place, reason } if filter.options.allow_rejected.is_some() => {
                filter.counts.rejected += 1;
                filter.note("rejected record", place, reason);
            }
            Event::Malformed { place, reason } => return Err(Error::data(place, reason)),
            Event::Fault { place, code, detail } => return Err(Error::data(place, format!("{code}: {detail}"))),
        }
    }
    Ok(())
}

/// Counts `lines` that are not what they should be; an error unless `--allow-rejected` grants some.
pub fn reject(filter: &mut Filter, place: &str, reason: &str, lines: u64) -> Result<(), Error> {
    filter.counts.rejected += lines;
    if filter.options.allow_rejected.is_none() {
        return Err(Error::data(place, reason));
    }
    filter.note("rejected line", place, reason);
    Ok(())
}

/// What is told of a last line without its newline.
pub const UNFINISHED: &str = "left out: it has no newline yet";

/// Whether the last line of a pipe is surely all of it, though it has no newline: a JSON object that is closed.
pub fn is_whole(line: &[u8]) -> bool {
    line.trim_ascii().ends_with(b"}") && matches!(schema::json::parse(line.trim_ascii()), Ok(schema::Value::Object(_)))
}
