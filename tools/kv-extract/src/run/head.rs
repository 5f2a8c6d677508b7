//! What a part of a file (`--part`, `--range`) must know of the lines before it: which unit the first number of each key has.
//!
//! Owns how much of the file's start is read for that. A key that comes first behind it is first in its part.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::input::range::Cut;
use crate::input::unit::{Content, Unit};
use crate::record::units::passed::Passed;
use crate::run::extractor::Extractor;

/// How much of the start is read.
const HEAD: u64 = 1 << 20;

/// Reads the start of `file` as far as it lies before the part at hand, so that its numbers are compared with the same ones as in
/// a run over the whole file. What is wrong with the file is told where its part is read.
pub fn learn(extractor: &mut Extractor, file: &Path, cut: Cut) {
    let mut head = Vec::new();
    let Ok(mut opened) = File::open(file) else { return };
    let Ok(size) = opened.metadata().map(|about| about.len()) else { return };
    let before = cut.begins(size).min(HEAD);
    if opened.by_ref().take(before).read_to_end(&mut head).is_err() {
        return;
    }
    extractor.record.passed = seen(extractor, &head);
}

/// What the whole lines of a text have of units.
fn seen(extractor: &Extractor, head: &[u8]) -> Passed {
    let mut reader = extractor.fork();
    let mut out = Vec::new();
    for (text, number) in head.split_inclusive(|&byte| byte == b'\n').zip(1..) {
        let Some(text) = text.strip_suffix(b"\n") else { break };
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let unit = Unit { text, file: "", number, offset: None, lines: 1, content: Content::Line };
        if reader.selects(text) {
            out.clear();
            // A line that does not fit is told by the part that has it.
            let _ = reader.extract(&unit, &mut out);
        }
    }
    let mut passed = std::mem::take(&mut reader.record.passed);
    passed.forget_lines();
    passed
}
