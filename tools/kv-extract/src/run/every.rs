//! Every record of the input.
//!
//! Owns the counts (`lines = used + skipped + rejected`) and what `--after-last` takes back.

use filter::{Error, Filter};

use crate::grammar::Format;
use crate::input::Input;
use crate::input::unit::Flow;
use crate::options::Threads;
use crate::run::extractor::{Extractor, Outcome};
use crate::run::spool::Held;
use crate::run::{Edge, Unsettled, each, end, extract, may_conclude, parallel};

/// Every record, by several threads where the input is large.
pub fn all(input: &mut Input, extractor: &mut Extractor, threads: Threads, filter: &mut Filter) -> Result<(), Error> {
    let by_lines = match extractor.reader.format {
        Format::Csv | Format::Tsv => false,
        Format::Json => !input.sealed_records,
        _ => true,
    };
    if by_lines && extractor.window.is_none() && input.after_last.is_none() && !input.resumes {
        return parallel::all(&mut input.sources, extractor, threads, filter);
    }
    in_order(input, extractor, filter)
}

/// Every record, one unit after the other: time, markers and rows make each depend on those before it.
fn in_order(input: &mut Input, extractor: &mut Extractor, filter: &mut Filter) -> Result<(), Error> {
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
    unsettled.settle(end(extractor), filter);
    match held {
        None => Ok(()),
        Some(held) if may_conclude(input, extractor, filter)? => held.write(filter),
        Some(_) => Ok(()),
    }
}
