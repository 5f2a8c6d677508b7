//! `--try-parse`: what of the first lines fits a template, and how far.
//!
//! Owns the answer about each line; refuses to make records of the others.

use filter::{Error, Filter};

use crate::grammar::Format;
use crate::input::Input;
use crate::input::unit::Flow;
use crate::record::escape;
use crate::run::each;
use crate::run::extractor::{Extractor, Outcome};

/// How many lines are looked at.
const LINES: u64 = 20;

/// One record for each of the first lines, and how many of them fit.
pub fn attempt(input: &mut Input, extractor: &mut Extractor, filter: &mut Filter) -> Result<(), Error> {
    let Format::Template(template) = extractor.reader.format.clone() else { return Ok(()) };
    extractor.strict = false;
    let (mut seen, mut fitting) = (0, 0);
    let mut out = Vec::new();
    each(input, extractor, filter, |_, unit, extractor, filter| {
        if seen == LINES {
            return Ok(Flow::Break(()));
        }
        seen += 1;
        out.clear();
        out.extend_from_slice(b"{\"line\":");
        escape::write_count(unit.number, &mut out);
        match template.miss(unit.text) {
            None => {
                fitting += 1;
                out.extend_from_slice(b",\"fits\":true,\"record\":");
                let start = out.len();
                // What the options refuse is no matter of the template.
                if !matches!(extractor.extract(&unit, &mut out), Ok(Outcome::Record)) {
                    out.truncate(start);
                    out.extend_from_slice(b"null");
                }
                filter.counts.used += unit.lines;
            }
            Some((fitted, wanted)) => {
                let (read, rest) = unit.text.split_at(fitted.min(unit.text.len()));
                for (key, text) in [
                    (&b",\"fits\":false,\"wanted\":"[..], wanted.as_bytes()),
                    (b",\"at\":", rest),
                    (b",\"behind\":", read),
                ] {
                    out.extend_from_slice(key);
                    escape::write(text, &mut out);
                }
                filter.counts.skipped += unit.lines;
            }
        }
        out.push(b'}');
        filter.line(&out)?;
        Ok(Flow::Continue(()))
    })?;
    filter.note("template", "--try-parse", format!("{fitting} of {seen} lines fit"));
    Ok(())
}
