//! The three ways over the input: every record, one record, or one record of the lines that hold some tokens.
//!
//! Owns the counts (`lines = used + skipped + rejected`) and what `--after-last` takes back.

use std::path::PathBuf;

use filter::{Error, Filter};
use memchr::memmem::Finder;

use crate::extractor::{Extractor, Outcome, UNKNOWN};
use crate::format::Format;
use crate::held::Held;
use crate::picks::{self, Pick, Which};
use crate::source::Sources;
use crate::table::Table;
use crate::unit::{self, Flow, Unit};
use crate::worker::Threads;
use crate::{stream, tail};

/// What is read, and from where on.
pub struct Input {
    /// The files as given.
    pub files: Vec<PathBuf>,
    /// Where lines come from.
    pub sources: Sources,
    /// Whether records come from files alone, whose seals can be checked.
    pub sealed_records: bool,
    /// Whether there are no commands.
    pub only_files: bool,
    /// Whether a place is kept for the next time.
    pub resumes: bool,
    /// `--after-last`
    pub after_last: Option<Finder<'static>>,
    /// Whether a line held that text.
    pub inside: bool,
}

/// Where the part of the log that is asked for begins.
enum Edge {
    /// This unit is before it, as far as is known.
    Before,
    /// This unit is the last one before it.
    Here,
    /// This unit is in it.
    Inside,
}

/// Every record, by several threads where the input is large.
pub fn all(input: &mut Input, extractor: &mut Extractor, threads: Threads, filter: &mut Filter) -> Result<(), Error> {
    let by_lines = match extractor.reader.format {
        Format::Csv | Format::Tsv => false,
        Format::Json => !input.sealed_records,
        _ => true,
    };
    if by_lines && extractor.window.is_none() && input.after_last.is_none() && !input.resumes {
        return stream::all(&mut input.sources, extractor, threads, filter);
    }
    in_order(input, extractor, filter)
}

/// Every record, one unit after the other: time, markers and rows make each depend on those before it.
fn in_order(input: &mut Input, extractor: &mut Extractor, filter: &mut Filter) -> Result<(), Error> {
    let mut held = input.after_last.is_some().then(Held::default);
    let mut out = Vec::new();
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
        match extract(extractor, &unit, &mut out, filter)? {
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
    held.map_or(Ok(()), |held| held.write(filter))
}

/// The first or the last record. Where a seal will be written, the rest of the input is counted too.
pub fn one(
    first: bool,
    input: &mut Input,
    extractor: &mut Extractor,
    threads: Threads,
    filter: &mut Filter,
) -> Result<(), Error> {
    if !first && tail::one(input, extractor, threads, filter)? {
        return Ok(());
    }
    let mut found: Option<(Vec<u8>, u64)> = None;
    let mut decided = false;
    let mut out = Vec::new();
    // A command is read to its end, since only then it has an exit status.
    let stops = first && !filter.sealing() && input.after_last.is_none() && input.only_files;
    each(input, extractor, filter, |edge, unit, extractor, filter| {
        filter.counts.skipped += unit.lines;
        match edge {
            Edge::Inside if first && decided => return Ok(Flow::Continue(())),
            Edge::Inside => {}
            Edge::Before => return Ok(Flow::Continue(())),
            Edge::Here => {
                found = None;
                decided = false;
                return Ok(Flow::Continue(()));
            }
        }
        out.clear();
        match extract(extractor, &unit, &mut out, filter)? {
            Outcome::Rejected => filter.counts.skipped -= unit.lines,
            Outcome::Record => {
                let (json, lines) = found.get_or_insert_default();
                std::mem::swap(json, &mut out);
                *lines = unit.lines;
                decided = true;
            }
            // The line that was asked for says nothing; another one would be evidence of something else.
            Outcome::NoPairs if !extractor.selection.any.is_empty() => {
                found = None;
                decided = true;
            }
            _ => {}
        }
        Ok(if stops && decided { Flow::Break(()) } else { Flow::Continue(()) })
    })?;
    let Some((json, lines)) = found else { return Ok(()) };
    filter.counts.skipped -= lines;
    filter.counts.used += lines;
    filter.line(&json)
}

/// One record of the first and last lines and the counts of tokens.
pub fn pick(
    picks: &mut [Pick],
    input: &mut Input,
    extractor: &mut Extractor,
    threads: Threads,
    filter: &mut Filter,
) -> Result<(), Error> {
    if tail::pick(picks, input, extractor, threads, filter)? {
        return Ok(());
    }
    // What is set belongs to the one record, not to each of those in it.
    let set = std::mem::take(&mut extractor.shape.set);
    let mut out = Vec::new();
    let (mut units, mut before) = (0, 0);
    each(input, extractor, filter, |edge, unit, extractor, filter| {
        filter.counts.skipped += unit.lines;
        units += 1;
        match edge {
            Edge::Inside => {}
            Edge::Before => return Ok(Flow::Continue(())),
            Edge::Here => {
                before = filter.counts.lines;
                filter.counts.skipped += std::mem::take(&mut filter.counts.used);
                picks.iter_mut().for_each(Pick::restart);
                return Ok(Flow::Continue(()));
            }
        }
        if !takes(extractor, &unit, filter)? {
            return Ok(Flow::Continue(()));
        }
        let mut counted = false;
        for pick in picks.iter_mut().filter(|pick| pick.which == Which::Count && pick.wants(unit.text)) {
            pick.count();
            counted = true;
        }
        if counted {
            filter.counts.used += unit.lines;
            filter.counts.skipped -= unit.lines;
        }
        if !picks.iter().any(|pick| pick.which != Which::Count && pick.wants(unit.text)) {
            return Ok(Flow::Continue(()));
        }
        out.clear();
        let outcome = read(extractor, &unit, &mut out, filter)?;
        if outcome == Outcome::Rejected {
            let place = if counted { &mut filter.counts.used } else { &mut filter.counts.skipped };
            *place -= unit.lines;
        }
        if outcome != Outcome::Record {
            // The token's line has nothing to say, and no older one may speak in its place.
            out.clear();
            out.extend_from_slice(b"{}");
        }
        for pick in picks.iter_mut().filter(|pick| pick.which != Which::Count && pick.wants(unit.text)) {
            let lines = if counted || outcome == Outcome::Rejected { 0 } else { unit.lines };
            pick.take(&out, units, lines);
        }
        Ok(Flow::Continue(()))
    })?;
    let used = picks::used(picks);
    filter.counts.used += used;
    filter.counts.skipped -= used;
    let lines = if input.after_last.is_none() || input.inside { filter.counts.lines - before } else { 0 };
    let people = filter.people();
    filter.built(|out| picks::write(picks, Some(lines), &set, people, out))
}

/// Whether the unit is one that is asked for; one whose time cannot be told is rejected.
fn takes(extractor: &mut Extractor, unit: &Unit<'_>, filter: &mut Filter) -> Result<bool, Error> {
    match extractor.takes(unit) {
        Ok(takes) => Ok(takes),
        Err(reason) => {
            unit::reject(filter, &unit.place(), &reason, unit.lines)?;
            filter.counts.skipped -= unit.lines;
            Ok(false)
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
        Ok(true) => read(extractor, unit, out, filter),
        Ok(false) => Ok(Outcome::Unselected),
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
