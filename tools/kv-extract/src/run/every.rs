//! Every record of the input.
//!
//! Owns the counts (`lines = used + skipped + rejected`) and what `--after-last` takes back.

use filter::{Error, Filter, MAX_RAW_LINE};

use crate::grammar::Format;
use crate::input::Input;
use crate::input::join::Joins;
use crate::input::unit::{Content, Flow};
use crate::options::Threads;
use crate::run::after::After;
use crate::run::extractor::{Extractor, Outcome};
use crate::run::quick::{Quick, count};
use crate::run::spool::Held;
use crate::run::{Edge, Unsettled, each, end, extract, may_conclude, parallel};

/// Every record, by several threads where the input is large.
pub fn all(input: &mut Input, extractor: &mut Extractor, threads: Threads, filter: &mut Filter) -> Result<(), Error> {
    // The time of a row stands in one of its cells.
    let is_table = matches!(extractor.reader.format, Format::Csv | Format::Tsv);
    let by_lines = !is_table || extractor.window.is_none();
    let joins_records = matches!(input.joins, Joins::Records(_));
    // What is written of a line's own time, and kept of what is refused, is done one line after the other.
    let by_time = extractor.stamp.is_some() || extractor.extras.stages.is_some();
    let in_turn = joins_records || by_time || extractor.extras.rejects.is_some();
    let of_records = matches!(extractor.reader.format, Format::Json) && input.sealed_records;
    // Where a window is asked for, lines before the marker say nothing of the time of others; a row may hold it anywhere.
    let of_lines = !of_records && extractor.window.is_none() && !is_table;
    if by_lines && !in_turn && (input.after_last.is_none() || of_lines) {
        let limit = filter.options.max_line.unwrap_or(MAX_RAW_LINE);
        let reads_records = extractor.reader.format.reads_records();
        let mut after = input.after_last.clone().map(|text| After::new(text, input.inside, limit, reads_records));
        let mut held = after.is_some().then(Held::default);
        let behind = (after.as_mut(), held.as_mut());
        parallel::all(&mut input.sources, &input.joins, behind, extractor, threads, of_records, filter)?;
        input.inside = after.is_some_and(|after| after.inside);
        return conclude(held, input, extractor, filter);
    }
    let is_open = extractor.window.is_none() && input.after_last.is_none();
    let quick = Quick::new(extractor).filter(|_| is_open);
    in_order(input, extractor, quick, filter)
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
    conclude(held, input, extractor, filter)
}

/// Writes what was held back, once it is known that no more of it is taken back.
fn conclude(held: Option<Held>, input: &Input, extractor: &Extractor, filter: &mut Filter) -> Result<(), Error> {
    match held {
        None => Ok(()),
        Some(held) if may_conclude(input, extractor, filter)? => held.write(filter),
        Some(_) => Ok(()),
    }
}
