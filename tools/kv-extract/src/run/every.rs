//! Every record of the input.
//!
//! Owns the counts (`lines = used + skipped + rejected`) and what `--after-last` takes back.

use filter::{Error, Filter};

use crate::grammar::Format;
use crate::input::Input;
use crate::input::join::Joins;
use crate::input::unit::{Content, Flow};
use crate::options::Threads;
use crate::run::extractor::{Extractor, Outcome};
use crate::run::quick::{Quick, count};
use crate::run::spool::Held;
use crate::run::{Edge, Unsettled, each, end, extract, may_conclude, parallel};

/// Every record, by several threads where the input is large.
pub fn all(input: &mut Input, extractor: &mut Extractor, threads: Threads, filter: &mut Filter) -> Result<(), Error> {
    // The time of a row stands in one of its cells.
    let by_lines = !matches!(extractor.reader.format, Format::Csv | Format::Tsv) || extractor.window.is_none();
    let joins_records = matches!(input.joins, Joins::Records(_));
    // What is written of a line's own time, and kept of what is refused, is done one line after the other.
    let by_time = extractor.stamp.is_some() || extractor.extras.stages.is_some();
    let in_turn = joins_records || by_time || extractor.extras.rejects.is_some();
    if by_lines && !in_turn && input.after_last.is_none() && !input.resumes {
        let of_records = matches!(extractor.reader.format, Format::Json) && input.sealed_records;
        return parallel::all(&mut input.sources, &input.joins, extractor, threads, of_records, filter);
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
    match held {
        None => Ok(()),
        Some(held) if may_conclude(input, extractor, filter)? => held.write(filter),
        Some(_) => Ok(()),
    }
}
