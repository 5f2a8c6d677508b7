//! The ways over the input: every record, one record, or one record of the lines that hold some tokens.
//!
//! Owns what they share: whether a unit is asked for, its record, and where `--after-last` begins.

pub mod every;
pub mod extractor;
pub mod last;
pub mod one;
pub mod parallel;
pub mod spool;
pub mod tokens;
pub mod worker;

use filter::{Error, Filter};

use crate::grammar::Format;
use crate::grammar::table::Table;
use crate::input::Input;
use crate::input::unit::{self, Flow, Unit};
use extractor::{Chosen, Extractor, Outcome, UNKNOWN};

/// Where the part of the log that is asked for begins.
enum Edge {
    /// This unit is before it, as far as is known.
    Before,
    /// This unit is the last one before it.
    Here,
    /// This unit is in it.
    Inside,
}

/// Whether what only the end of the input can say may be said: only where the run can end well. Where lines of a
/// rotated log are lost, that is told once the places are kept.
fn may_conclude(input: &Input, extractor: &Extractor, filter: &Filter) -> Result<bool, Error> {
    if let Some(window) = &extractor.window {
        window.may_conclude(filter.counts.lines)?;
    }
    filter.may_conclude()?;
    Ok(input.sources.loss().is_none())
}

/// Whether the unit is one that is asked for; `None` where its time cannot be told, and it is rejected.
fn chosen(extractor: &mut Extractor, unit: &Unit<'_>, filter: &mut Filter) -> Result<Option<Chosen>, Error> {
    match extractor.takes(unit) {
        Ok(chosen) => Ok(Some(chosen)),
        Err(reason) => {
            unit::reject(filter, &unit.place(), &reason, unit.lines)?;
            filter.counts.skipped -= unit.lines;
            Ok(None)
        }
    }
}

fn extract(
    extractor: &mut Extractor,
    unit: &Unit<'_>,
    out: &mut Vec<u8>,
    filter: &mut Filter,
) -> Result<Outcome, Error> {
    match extractor.takes(unit) {
        Ok(Chosen::Yes) => read(extractor, unit, out, filter),
        Ok(_) => Ok(Outcome::Unselected),
        Err(reason) => {
            unit::reject(filter, &unit.place(), &reason, unit.lines)?;
            Ok(Outcome::Rejected)
        }
    }
}

fn read(extractor: &mut Extractor, unit: &Unit<'_>, out: &mut Vec<u8>, filter: &mut Filter) -> Result<Outcome, Error> {
    match extractor.extract(unit, out) {
        Ok(Outcome::Unknown) => {
            filter.note("unknown condition", unit.place(), UNKNOWN);
            Ok(Outcome::Unknown)
        }
        Ok(outcome) => Ok(outcome),
        Err(reason) => {
            unit::reject(filter, &unit.place(), &reason, unit.lines)?;
            Ok(Outcome::Rejected)
        }
    }
}

fn each(
    input: &mut Input,
    extractor: &mut Extractor,
    filter: &mut Filter,
    mut each: impl FnMut(Edge, Unit<'_>, &mut Extractor, &mut Filter) -> Result<Flow, Error>,
) -> Result<(), Error> {
    let Input { files, sources, sealed_records, after_last, inside, .. } = input;
    let mut edge = |unit: &Unit<'_>| match after_last {
        None => Edge::Inside,
        Some(text) if text.find(unit.text).is_some() => {
            *inside = true;
            Edge::Here
        }
        Some(_) if *inside => Edge::Inside,
        Some(_) => Edge::Before,
    };
    let table = match extractor.reader.format {
        Format::Csv => Some(Table::new(b',')),
        Format::Tsv => Some(Table::new(b'\t')),
        _ => None,
    };
    if matches!(extractor.reader.format, Format::Json) && *sealed_records {
        unit::records(files, filter, |unit, filter| each(edge(&unit), unit, extractor, filter))?;
    } else {
        let of_records = extractor.reader.format.reads_records();
        unit::lines(sources, of_records, table, filter, |unit, filter| each(edge(&unit), unit, extractor, filter))?;
    }
    Ok(())
}
