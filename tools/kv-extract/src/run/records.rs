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
    let (mut out, mut large) = (Vec::new(), Vec::new());
    let selection = extractor.selection.clone();
    let mut quick = Quick::new(extractor);
    // A large record is done by one that keeps no more than a member of it.
    let mut streams = extractor.window.is_none().then(|| extractor.fork());
    let by_text = |unread: Unread<'_>, filter: &mut Filter| {
        // What is not asked for must be a record all the same.
        if !selection.takes(unread.text) {
            return Ok(false);
        }
        large.clear();
        match streams.as_mut().and_then(|streams| streams.stream(unread.text, (unread.file, unread.line), &mut large)) {
            Some(Outcome::Record) => {
                filter.counts.used += 1;
                filter.line(&large)?;
                return Ok(true);
            }
            Some(outcome) => {
                filter.counts.skipped += 1;
                if let Some(told) = outcome.told() {
                    let place = format_args!("{}:{}", unread.file, unread.line);
                    filter.note("unknown condition", place, told);
                }
                return Ok(true);
            }
            None => {}
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
    if let Some(streams) = streams {
        extractor.record.tally.include(streams.record.tally);
    }
    if let Some(quick) = quick {
        extractor.record.tally.include(quick.tally());
    }
    Ok(())
}
