//! Reading inputs into groups: bare numbers, or records and their fields.
//!
//! Owns telling the two apart, and records that stand on several lines. Refuses a mix of both, lists and pages.

pub mod bare; // blocks of bare numbers
pub mod blocks; // inputs in blocks, on threads
mod column; // bare numbers, 64 bytes at once
pub mod early; // only until the answer is certain
pub mod histogram_log; // HdrHistogram logs
pub mod key; // what a record is grouped by
pub mod left_out; // records that are not what they should be
pub mod records; // blocks of records
mod shapes; // records that look alike
pub mod wanted; // the members of a record that are read

use std::path::PathBuf;

use filter::{Error, Filter, Input, MAX_RAW_LINE, MAX_RECORD, Records, Require};

use sha2::{Digest, Sha256};

use crate::groups::shared::Store;
use crate::plan::Plan;
use crate::read::bare::Numbers;
use crate::read::blocks::{LineLimit, pump};
use crate::read::records::Fields;

/// What an input was found to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Bare numbers.
    Numbers,
    /// Records, each on a line of its own.
    Records,
    /// Records that stand on several lines.
    LongRecords,
}

/// Reads all inputs; whether they held records, `None` where all were empty.
pub fn read(
    plan: &Plan,
    files: &[PathBuf],
    store: &Store<'_>,
    digest: &mut Option<Sha256>,
    filter: &mut Filter,
) -> Result<Option<bool>, Error> {
    let stdin = [PathBuf::from("-")];
    let files = if files.is_empty() { &stdin } else { files };
    let strict = filter.options.allow_rejected.is_some();
    let limit = |default: usize| filter.options.max_line.unwrap_or(default);
    let lines = LineLimit { bytes: limit(MAX_RAW_LINE), by: "--max-line allows" };
    let records = record_limit(plan, limit(MAX_RECORD));
    let mut fields: Vec<Fields<'_>> = Vec::new();
    let mut numbers: Vec<Numbers<'_>> = Vec::new();
    let mut held = None;
    for (place, path) in files.iter().enumerate() {
        let mut input = filter.open(path)?;
        let found = look(plan, &mut input, filter)?;
        let are_records = found.map(|found| found != Held::Numbers);
        if let (Some(before), Some(now)) = (held, are_records)
            && before != now
        {
            return Err(Error::data(
                input.name(),
                "mixes kinds: the inputs before it are the other of numbers and records",
            ));
        }
        held = held.or(are_records);
        if found == Some(Held::Numbers) {
            numbers.iter_mut().for_each(|worker| worker.input = place);
            let hire = || Numbers::new(plan, lines.bytes, strict, store, place);
            pump(input, (&mut numbers, hire), || plan.threads(), lines, digest, filter)?;
            continue;
        }
        fields.iter_mut().for_each(|worker| worker.input = place);
        let hire = || Fields::new(plan, records, strict, store, place);
        if found == Some(Held::LongRecords) {
            let mut worker = fields.pop().unwrap_or_else(hire);
            one_by_one(input, &mut worker, digest, filter)?;
            fields.push(worker);
        } else {
            pump(input, (&mut fields, hire), || plan.threads(), records, digest, filter)?;
        }
    }
    let unsure: u64 = fields.iter().map(|worker| worker.unsure).sum();
    if unsure > 0 {
        let records = if unsure == 1 { "1 record" } else { &format!("{unsure} records") };
        let cause = fields.iter().find_map(|worker| worker.cause.as_deref()).unwrap_or_default();
        filter.note("--where", "--where", format!("is undecidable for {records}, skipped; the first: {cause}"));
    }
    numbers.iter_mut().for_each(Numbers::give);
    fields.iter_mut().for_each(Fields::give);
    Ok(held)
}

/// How long a record may be: its text is part of what the run takes up.
fn record_limit(plan: &Plan, asked: usize) -> LineLimit {
    let room = plan.max_memory / 4 + RECORD_ROOM;
    if asked <= room {
        LineLimit { bytes: asked, by: "--max-line allows" }
    } else {
        LineLimit { bytes: room, by: "--max-memory has room for" }
    }
}

/// A record may be as long as this whatever the memory is.
const RECORD_ROOM: usize = 12 << 20;

/// Tells what an input holds by its beginning.
fn look(plan: &Plan, input: &mut Input, filter: &mut Filter) -> Result<Option<Held>, Error> {
    let name = input.name().to_owned();
    let start = input.peek(filter)?;
    if filter::is_html(start) {
        return Err(Error::data(name, "is an HTML page; wanted numbers or records"));
    }
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let line = start.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    Ok(match start.first() {
        None => None,
        Some(b'[') => {
            return Err(Error::data(name, "is a JSON list; wanted one number or one record a line (jq -c '.[]')"));
        }
        Some(b'{') if !line.ends_with(b"}") && line.len() < start.len() => Some(Held::LongRecords),
        Some(b'{') => Some(Held::Records),
        Some(_) if plan.records_only => Some(Held::Records),
        Some(_) => Some(Held::Numbers),
    })
}

/// Reads records that stand on several lines, as `jq` prints them.
fn one_by_one(
    input: Input,
    worker: &mut Fields<'_>,
    digest: &mut Option<Sha256>,
    filter: &mut Filter,
) -> Result<(), Error> {
    let mut records = Records::of(input, Require::WhereSealing);
    let mut number = 0;
    while let Some(record) = records.next(filter)? {
        let place = format!("{}:{}", record.file, record.line);
        if let Some(digest) = digest {
            digest.update(record.text);
            digest.update(b"\n");
        }
        worker.take(&record.value, (number, 0)).count(|| place, filter)?;
        number += 1;
        worker.look().map_err(|reason| Error::data("--max-memory", reason))?;
    }
    Ok(())
}
