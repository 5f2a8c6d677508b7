//! Records that are not what they should be: rejected where that is granted, and told in any case.

use filter::{Error, Filter};

/// Passes over what is malformed where that was granted; else it is an error.
pub fn reject(place: String, reason: String, filter: &mut Filter) -> Result<(), Error> {
    if filter.options.allow_rejected.is_none() {
        return Err(Error::data(place, reason));
    }
    filter.counts.rejected += 1;
    filter.note("rejected record", place, reason);
    Ok(())
}

/// Leaves a record out that is not what it should be: rejected where that is granted, else skipped; told in any case.
pub fn leave_out(place: String, reason: String, filter: &mut Filter) -> Result<(), Error> {
    if filter.options.allow_rejected.is_some() {
        filter.counts.rejected += 1;
    } else {
        filter.counts.skipped += 1;
    }
    filter.note("left out", place, reason);
    Ok(())
}

/// Ends the run where more was rejected than is granted, before anything is written that would be taken as evidence.
pub fn within_grant(filter: &Filter) -> Result<(), Error> {
    if filter.options.allow_rejected.is_none() || !filter.rejects_too_much() {
        return Ok(());
    }
    let rejected = filter.counts.rejected;
    let lines = if rejected == 1 { "line was" } else { "lines were" };
    Err(Error::data("input", format!("{rejected} {lines} rejected; --allow-rejected accepts fewer")))
}
