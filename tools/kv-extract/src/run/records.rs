//! JSON records of which one goes on over several lines.
//!
//! Owns their counts; where one line is one record, blocks of lines on all threads are the way (`parallel`).

use filter::{Error, Filter, Records, Unread};

use crate::input::unit::{self, Flow};
use crate::run::extractor::{Extractor, Outcome};
use crate::run::quick::{Quick, count};
use crate::run::{Unsettled, extract};

/// The records of an input in which one goes on over several lines, each looked at by the strict reader only where the
/// field road does not take it.
pub fn all(
    records: Records,
    extractor: &mut Extractor,
    unsettled: &mut Unsettled,
    filter: &mut Filter,
) -> Result<(), Error> {
    let mut out = Vec::new();
    let selection = extractor.selection.clone();
    let mut quick = Quick::new(extractor);
    let by_text = |unread: Unread<'_>, filter: &mut Filter| {
        // What is not asked for must be a record all the same.
        if !selection.takes(unread.text) {
            return Ok(false);
        }
        let Some(quick) = &mut quick else { return Ok(false) };
        let place = (unread.file, unread.line);
        count(quick.line(unread.text, place.0, place.1), quick, place, 1, filter)
    };
    unit::records(records, filter, by_text, |unit, filter| {
        out.clear();
        match extract(extractor, &unit, &mut out, unsettled, filter)? {
            Outcome::Record => {
                filter.counts.used += unit.lines;
                filter.line(&out)?;
            }
            Outcome::Rejected => {}
            _ => filter.counts.skipped += unit.lines,
        }
        Ok(Flow::Continue(()))
    })?;
    if let Some(quick) = quick {
        extractor.record.tally.include(quick.tally());
    }
    Ok(())
}
