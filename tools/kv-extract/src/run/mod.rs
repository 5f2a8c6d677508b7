//! The ways over the input: every record, one record, or one record of the lines that hold some tokens.
//!
//! Owns what they share: whether a unit is asked for, its record, and where `--after-last` begins.

mod after;
pub mod attempt;
mod bare;
pub mod done;
pub mod every;
pub mod extractor;
pub mod head;
pub mod last;
mod latest;
pub mod one;
pub mod parallel;
pub mod plain;
pub mod quick;
pub mod records;
pub mod rows;
pub mod spool;
pub mod tokens;
pub mod worker;

use filter::{Error, Filter, Records, Require};

use crate::grammar::Format;
use crate::grammar::table::Table;
use crate::input::Input;
use crate::input::unit::{self, Flow, Unit};
use crate::input::window::Settled;
use extractor::{Chosen, DOUBTFUL, Extractor, NO_FIT, Outcome, UNFIT, UNKNOWN};

/// Where the part of the log that is asked for begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
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
            extractor.refuse(unit, "malformed", &reason);
            unit::reject(filter, &unit.place(), &reason, unit.lines)?;
            filter.counts.skipped -= unit.lines;
            Ok(None)
        }
    }
}

/// Records of unknown time: written or left out by a guess, until a later unit settles it.
#[derive(Default)]
pub struct Unsettled {
    lines: u64,
    /// Whether they were written.
    written: bool,
    first: String,
}

impl Unsettled {
    /// Records of units of unsure time, the first of which stands there.
    fn add(&mut self, place: impl FnOnce() -> String, lines: u64, written: bool) {
        if self.lines == 0 {
            self.first = place();
        }
        self.lines += lines;
        self.written = written;
    }

    /// Where nobody can tell, that is said; under `--seal` such lines count as rejected.
    fn settle(&mut self, settled: Option<Settled>, filter: &mut Filter) {
        let Some(settled) = settled else { return };
        let lines = std::mem::take(&mut self.lines);
        if settled == Settled::AsThought || lines == 0 {
            return;
        }
        let what = if self.written { "written" } else { "left out" };
        let word = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
        let reason = if settled == Settled::Misread {
            format!(
                "{word} of no time: later stamps say that the digits there are a number, so that the time written is wrong"
            )
        } else if settled == Settled::Ahead {
            format!("{word} later than now, {what}: its clock or its zone is another one; --tz says which")
        } else {
            format!("{word} without a time at the edge of the window, {what}; before and after it are other times")
        };
        filter.note("unknown time", &self.first, reason);
        if filter.sealing() {
            filter.counts.rejected += lines;
            let place = if self.written { &mut filter.counts.used } else { &mut filter.counts.skipped };
            *place = place.saturating_sub(lines);
        }
    }
}

/// Reads a unit that may be asked for; notes in `unsettled` a record whose time is not sure.
fn extract(
    extractor: &mut Extractor,
    unit: &Unit<'_>,
    out: &mut Vec<u8>,
    unsettled: &mut Unsettled,
    filter: &mut Filter,
) -> Result<Outcome, Error> {
    let chosen = match extractor.takes(unit) {
        Ok(chosen) => chosen,
        Err(reason) => {
            extractor.refuse(unit, "malformed", &reason);
            unit::reject(filter, &unit.place(), &reason, unit.lines)?;
            return Ok(Outcome::Rejected);
        }
    };
    unsettled.settle(chosen.settled, filter);
    if !chosen.selected {
        return Ok(Outcome::Unselected);
    }
    let outcome = read(extractor, unit, out, filter)?;
    if !chosen.sure && outcome == Outcome::Record {
        unsettled.add(|| unit.place(), unit.lines, chosen.inside);
    }
    if !chosen.inside && outcome != Outcome::Rejected {
        out.clear();
        return Ok(Outcome::Unselected);
    }
    Ok(outcome)
}

/// The end of the input: what waits is settled by it.
fn end(extractor: &mut Extractor) -> Option<Settled> {
    extractor.window.as_mut()?.end()
}

fn read(extractor: &mut Extractor, unit: &Unit<'_>, out: &mut Vec<u8>, filter: &mut Filter) -> Result<Outcome, Error> {
    match extractor.extract(unit, out) {
        Ok(Outcome::Unknown) => {
            filter.note("skipped line", unit.place(), UNKNOWN);
            Ok(Outcome::Unknown)
        }
        Ok(Outcome::Doubtful) => {
            filter.note("skipped line", unit.place(), DOUBTFUL);
            Ok(Outcome::Doubtful)
        }
        Ok(Outcome::Unfit) => {
            extractor.refuse(unit, "unfit", "does not fit the template or the format");
            filter.note("skipped line", unit.place(), UNFIT);
            Ok(Outcome::Unfit)
        }
        Ok(outcome) => Ok(outcome),
        Err(reason) => {
            let code = if reason == NO_FIT { "unfit" } else { "malformed" };
            extractor.refuse(unit, code, &reason);
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
    let Input { files, sources, sealed_records, after_last, inside, joins, .. } = input;
    let mut edge = |unit: &Unit<'_>| match after_last {
        None => Edge::Inside,
        Some(text) if text.find(unit.text).is_some() => {
            *inside = true;
            Edge::Here
        }
        Some(_) if *inside => Edge::Inside,
        Some(_) => Edge::Before,
    };
    let header = || extractor.reader.header.clone();
    let table = match extractor.reader.format {
        Format::Csv => Some(Table::new(b',', header())),
        Format::Tsv => Some(Table::new(b'\t', header())),
        _ => None,
    };
    if matches!(extractor.reader.format, Format::Json) && *sealed_records {
        let records = Records::new(files, Require::WhereSealing);
        unit::records(records, filter, |_, _| Ok(false), |unit, filter| each(edge(&unit), unit, extractor, filter))?;
    } else {
        let of_records = extractor.reader.format.reads_records();
        let rejects = extractor.extras.rejects.clone();
        let reading = unit::Reading { of_records, joins, rejects: rejects.as_deref() };
        unit::lines(sources, &reading, table, filter, |unit, filter| each(edge(&unit), unit, extractor, filter))?;
    }
    Ok(())
}
