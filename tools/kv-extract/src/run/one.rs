//! `--first` and `--last`: one record.
//!
//! Owns which line decides. Where a seal will be written, the rest of the input is counted too.

use filter::{Error, Filter};

use crate::grammar::Format;
use crate::input::Input;
use crate::input::backward::Tail;
use crate::input::selection::finder;
use crate::input::unit::Flow;
use crate::options::Threads;
use crate::run::extractor::{DOUBTFUL, Extractor, Outcome, UNKNOWN};
use crate::run::latest::Latest;
use crate::run::{Edge, Unsettled, each, end, extract, last, may_conclude};

/// After so many lines that were not what is asked for, the file is read forward: one look at each costs less then.
const MISSES: u32 = 256;

/// The first or the last record. Where a seal will be written, the rest of the input is counted too.
pub fn one(
    first: bool,
    input: &mut Input,
    extractor: &mut Extractor,
    threads: Threads,
    filter: &mut Filter,
) -> Result<(), Error> {
    if !first && from_end(input, extractor, threads, filter)? {
        return Ok(());
    }
    let mut found: Option<(Vec<u8>, u64)> = None;
    let mut decided = false;
    let mut out = Vec::new();
    let mut unsettled = Unsettled::default();
    let mut latest = if first { None } else { Latest::new(input, extractor) };
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
                if let Some(latest) = &mut latest {
                    latest.forget();
                }
                return Ok(Flow::Continue(()));
            }
        }
        out.clear();
        if let Some(latest) = &mut latest {
            latest.enter(unit.file, extractor);
        }
        match extract(extractor, &unit, &mut out, &mut unsettled, filter)? {
            Outcome::Rejected => filter.counts.skipped -= unit.lines,
            Outcome::Record => {
                decided = true;
                if let Some(latest) = &mut latest {
                    latest.take(Some((std::mem::take(&mut out), unit.lines)), &unit, extractor);
                    return Ok(Flow::Continue(()));
                }
                let (json, lines) = found.get_or_insert_default();
                std::mem::swap(json, &mut out);
                *lines = unit.lines;
            }
            // The line that was asked for says nothing; another one would be evidence of something else.
            Outcome::NoPairs | Outcome::Unfit if !extractor.selection.any.is_empty() => {
                found = None;
                decided = true;
                if let Some(latest) = &mut latest {
                    latest.take(None, &unit, extractor);
                }
            }
            _ => {}
        }
        Ok(if stops && decided { Flow::Break(()) } else { Flow::Continue(()) })
    })?;
    unsettled.settle(end(extractor), filter);
    if let Some(latest) = latest {
        found = latest.end(extractor, filter).flatten();
    }
    let Some((json, lines)) = found else { return Ok(()) };
    filter.counts.skipped -= lines;
    filter.counts.used += lines;
    if (!first || input.after_last.is_some()) && !may_conclude(input, extractor, filter)? {
        return Ok(());
    }
    filter.line(&json)
}

/// `--last`, read backward; false where that does not give it.
fn from_end(input: &Input, extractor: &mut Extractor, threads: Threads, filter: &mut Filter) -> Result<bool, Error> {
    let marks = match extractor.selection.any.as_slice() {
        // Without `-m`, a line with pairs holds a sign, in the formats that have one.
        [] if matches!(extractor.reader.format, Format::Kv | Format::Logfmt)
            && extractor.reader.grammar.has_one_sign() =>
        {
            vec![finder("=")]
        }
        // An object has a brace, an access log quotes.
        [] if matches!(extractor.reader.format, Format::Auto) && extractor.reader.grammar.has_one_sign() => {
            vec![finder("="), finder("{"), finder("\"")]
        }
        [] => return Ok(false),
        any => any.to_vec(),
    };
    let Some(opened) = last::open(input, extractor, filter)? else { return Ok(false) };
    let mut tail = Tail::new(&opened, threads, filter);
    if tail.ends_with_seal()? {
        return last::forward(&opened);
    }
    let mut out = Vec::new();
    let mut unknown = Vec::new();
    let mut misses = 0;
    let mut end = tail.size()?;
    loop {
        let hit = tail.last_hits(end, &marks)?.into_iter().flatten().max();
        // Colours may stand within a text that is asked for.
        if !extractor.selection.any.is_empty() && tail.may_hide() {
            // All of it is read again.
            filter.counts.rejected = 0;
            return last::forward(&opened);
        }
        let Some(hit) = hit else { break };
        let line = tail.line(hit)?;
        end = line.start;
        out.clear();
        match last::read(extractor, &tail, &line, &mut out, filter)? {
            Outcome::Record => {
                filter.counts.used += 1;
                filter.line(&out)?;
                break;
            }
            // The line that was asked for says nothing; another one would be evidence of something else.
            Outcome::NoPairs | Outcome::Unfit if !extractor.selection.any.is_empty() => break,
            Outcome::Unknown => unknown.push((tail.place(&line), UNKNOWN)),
            Outcome::Doubtful => unknown.push((tail.place(&line), DOUBTFUL)),
            _ => {}
        }
        misses += 1;
        if misses == MISSES && filter.counts.rejected == 0 {
            return last::forward(&opened);
        }
    }
    filter.counts.backward = true;
    for (place, why) in unknown {
        filter.note("skipped line", place, why);
    }
    Ok(true)
}
