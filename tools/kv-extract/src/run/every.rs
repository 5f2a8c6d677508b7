//! Every record of the input.
//!
//! Owns the counts (`lines = used + skipped + rejected`) and what `--after-last` takes back.

use filter::{Error, Filter, Unread};

use crate::grammar::Format;
use crate::input::Input;
use crate::input::join::Joins;
use crate::input::unit::{self, Content, Flow};
use crate::options::Threads;
use crate::run::extractor::{Extractor, Outcome, UNKNOWN};
use crate::run::quick::{Quick, Quickly};
use crate::run::spool::Held;
use crate::run::{Edge, Unsettled, each, end, extract, may_conclude, parallel};

/// Every record, by several threads where the input is large.
pub fn all(input: &mut Input, extractor: &mut Extractor, threads: Threads, filter: &mut Filter) -> Result<(), Error> {
    let by_lines = match extractor.reader.format {
        Format::Csv | Format::Tsv => false,
        Format::Json => !input.sealed_records,
        _ => true,
    };
    let joins_records = matches!(input.joins, Joins::Records(_));
    let in_turn = joins_records || extractor.extras.rejects.is_some();
    if by_lines && !in_turn && extractor.window.is_none() && input.after_last.is_none() && !input.resumes {
        return parallel::all(&mut input.sources, &input.joins, extractor, threads, filter);
    }
    let is_open = extractor.window.is_none() && input.after_last.is_none();
    match Quick::new(extractor).filter(|_| is_open) {
        Some(quick) if matches!(extractor.reader.format, Format::Json) && input.sealed_records => {
            records(input, extractor, quick, filter)
        }
        quick => in_order(input, extractor, quick, filter),
    }
}

/// Every JSON record, read by the strict reader only where the field road does not take it.
fn records(input: &Input, extractor: &mut Extractor, mut quick: Quick, filter: &mut Filter) -> Result<(), Error> {
    let mut out = Vec::new();
    let selection = extractor.selection.clone();
    let mut unsettled = Unsettled::default();
    let by_text = |unread: Unread<'_>, filter: &mut Filter| {
        // What is not asked for must be a record all the same.
        if !selection.takes(unread.text) {
            return Ok(false);
        }
        let place = (unread.file, unread.line);
        count(quick.line(unread.text, place.0, place.1), &quick, place, 1, filter)
    };
    unit::records(&input.files, filter, by_text, |unit, filter| {
        out.clear();
        match extract(extractor, &unit, &mut out, &mut unsettled, filter)? {
            Outcome::Record => {
                filter.counts.used += unit.lines;
                filter.line(&out)?;
            }
            Outcome::Rejected => {}
            _ => filter.counts.skipped += unit.lines,
        }
        Ok(Flow::Continue(()))
    })?;
    extractor.record.tally.include(quick.tally());
    Ok(())
}

/// Counts and writes what came of a unit quickly; false where the plain way must tell.
fn count(
    outcome: Quickly,
    quick: &Quick,
    (file, line): (&str, u64),
    lines: u64,
    filter: &mut Filter,
) -> Result<bool, Error> {
    match outcome {
        Quickly::Plain => return Ok(false),
        Quickly::Record => {
            filter.counts.used += lines;
            quick.write(filter)?;
        }
        Quickly::Nothing => filter.counts.skipped += lines,
        Quickly::Unknown => {
            filter.counts.skipped += lines;
            filter.note("unknown condition", format_args!("{file}:{line}"), UNKNOWN);
        }
    }
    Ok(true)
}

/// Every record, one unit after the other: time, markers and rows make each depend on those before it.
fn in_order(
    input: &mut Input,
    extractor: &mut Extractor,
    mut quick: Option<Quick>,
    filter: &mut Filter,
) -> Result<(), Error> {
    let mut held = input.after_last.is_some().then(Held::default);
    let mut out = Vec::new();
    let mut unsettled = Unsettled::default();
    each(input, extractor, filter, |edge, unit, extractor, filter| {
        match edge {
            Edge::Inside => {}
            edge => {
                if matches!(edge, Edge::Here) {
                    filter.counts.skipped += std::mem::take(&mut filter.counts.used);
                    held.get_or_insert_default().clear()?;
                }
                filter.counts.skipped += unit.lines;
                return Ok(Flow::Continue(()));
            }
        }
        if let (Some(quick), Content::Row(table)) = (&mut quick, &unit.content)
            && extractor.selection.takes(unit.text)
        {
            let place = (unit.file, unit.number);
            if count(quick.row(table, unit.text, place.0, place.1), quick, place, unit.lines, filter)? {
                return Ok(Flow::Continue(()));
            }
        }
        out.clear();
        match extract(extractor, &unit, &mut out, &mut unsettled, filter)? {
            Outcome::Record => {
                filter.counts.used += unit.lines;
                match &mut held {
                    Some(held) => held.line(&out)?,
                    None => filter.line(&out)?,
                }
            }
            Outcome::Rejected => {}
            _ => filter.counts.skipped += unit.lines,
        }
        Ok(Flow::Continue(()))
    })?;
    if let Some(quick) = quick {
        extractor.record.tally.include(quick.tally());
    }
    unsettled.settle(end(extractor), filter);
    match held {
        None => Ok(()),
        Some(held) if may_conclude(input, extractor, filter)? => held.write(filter),
        Some(_) => Ok(()),
    }
}
