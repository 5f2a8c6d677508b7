//! kv-extract: one JSON record for every log line that holds pairs.

mod conversion;
mod extractor;
mod flags;
mod glob;
mod grammar;
#[cfg(test)]
mod model;
mod number;
mod picks;
mod record;
mod selection;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod unit;

use std::path::PathBuf;
use std::process::ExitCode;

use filter::{Error, Exit, Filter};

use extractor::{Extractor, Format, Outcome};
use flags::Config;
use grammar::Grammar;
use picks::{Pick, Which};
use table::Table;
use unit::{Flow, Unit};

fn main() -> ExitCode {
    filter::main(&flags::TOOL, run)
}

fn run(mut config: Config, filter: &mut Filter) -> Result<Exit, Error> {
    if config.first && config.last || (config.first || config.last) && !config.picks.is_empty() {
        return Err(Error::usage("--first, --last and the options ending in -of exclude each other"));
    }
    if config.files.is_empty() {
        config.files.push(PathBuf::from("-"));
    }
    let grammar = Grammar::new(&config.separators, config.colon);
    let (selection, shape) = (config.selection, config.shape);
    let mut extractor = Extractor::new(selection, grammar, config.format, shape, config.source);
    if !config.picks.is_empty() {
        pick(&mut config.picks, &config.files, &mut extractor, filter)?;
    } else if config.first || config.last {
        one(config.first, &config.files, &mut extractor, filter)?;
    } else {
        all(&config.files, &mut extractor, filter)?;
    }
    let reserved = extractor.record.tally.reserved;
    if reserved > 0 {
        filter.note(
            "reserved key",
            "input",
            format!("{reserved} pairs left out: their keys are ours (@source @evidence @record @state @seal)"),
        );
    }
    Ok(Exit::Yes)
}

/// Every record.
fn all(files: &[PathBuf], extractor: &mut Extractor, filter: &mut Filter) -> Result<(), Error> {
    let mut out = Vec::new();
    each(files, extractor.format, filter, |unit, filter| {
        out.clear();
        match extract(extractor, &unit, &mut out, filter)? {
            Outcome::Record => {
                filter.counts.used += unit.lines;
                filter.line(&out)?;
            }
            Outcome::Rejected => {}
            _ => filter.counts.skipped += unit.lines,
        }
        Ok(Flow::Continue(()))
    })
}

/// The first or the last record. Where a seal will be written, the rest of the input is counted too.
fn one(first: bool, files: &[PathBuf], extractor: &mut Extractor, filter: &mut Filter) -> Result<(), Error> {
    let mut found: Option<(Vec<u8>, u64)> = None;
    let mut decided = false;
    let mut out = Vec::new();
    each(files, extractor.format, filter, |unit, filter| {
        filter.counts.skipped += unit.lines;
        if first && decided {
            return Ok(Flow::Continue(()));
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
        Ok(if first && decided && !filter.sealing() { Flow::Break(()) } else { Flow::Continue(()) })
    })?;
    let Some((json, lines)) = found else { return Ok(()) };
    filter.counts.skipped -= lines;
    filter.counts.used += lines;
    filter.line(&json)
}

/// One record of the first and last lines and the counts of tokens.
fn pick(picks: &mut [Pick], files: &[PathBuf], extractor: &mut Extractor, filter: &mut Filter) -> Result<(), Error> {
    let set = std::mem::take(&mut extractor.shape.set);
    let mut out = Vec::new();
    let mut units = 0;
    each(files, extractor.format, filter, |unit, filter| {
        filter.counts.skipped += unit.lines;
        units += 1;
        if !extractor.takes(&unit) {
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
        let outcome = extract(extractor, &unit, &mut out, filter)?;
        if outcome == Outcome::Rejected && !counted {
            filter.counts.skipped -= unit.lines;
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
    let lines = filter.counts.lines;
    filter.built(|out| picks::write(picks, Some(lines), &set, out))
}

fn extract(
    extractor: &mut Extractor,
    unit: &Unit<'_>,
    out: &mut Vec<u8>,
    filter: &mut Filter,
) -> Result<Outcome, Error> {
    if !extractor.takes(unit) {
        return Ok(Outcome::Unselected);
    }
    match extractor.extract(unit, out) {
        Ok(outcome) => Ok(outcome),
        Err(reason) => {
            unit::reject(filter, &unit.place(), &reason, unit.lines)?;
            Ok(Outcome::Rejected)
        }
    }
}

fn each(
    files: &[PathBuf],
    format: Format,
    filter: &mut Filter,
    each: impl FnMut(Unit<'_>, &mut Filter) -> Result<Flow, Error>,
) -> Result<(), Error> {
    let table = match format {
        Format::Json => return unit::records(files, filter, each).map(|_| ()),
        Format::Csv => Some(Table::new(b',')),
        Format::Tsv => Some(Table::new(b'\t')),
        Format::Kv | Format::Logfmt => None,
    };
    unit::lines(files, table, filter, each).map(|_| ())
}
