//! The order of several files: where it decides what is first, or what stands behind the last marker, one that their times
//! contradict is refused.
//!
//! Owns the look at how each file begins. What has no time that can be read contradicts nothing; pipes are not looked at.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use filter::Error;
use jiff::Timestamp;
use time::Clock;

use crate::grammar::PairReader;
use crate::input::unit::{Content, Unit};
use crate::input::window::Window;
use crate::record::escape;

/// How much of a file is looked at for a time.
const START: usize = 16 << 10;

/// An error where a file begins before one that is named before it.
pub fn check(files: &[PathBuf], key: Option<&str>, clock: &Clock, reader: &mut PairReader) -> Result<(), Error> {
    let mut last: Option<(&Path, Timestamp)> = None;
    for path in files {
        let Some(time) = begin(path, key, clock, reader) else { continue };
        if let Some((before, then)) = last
            && time < then
        {
            let reason = format!(
                "begins at {time}, before {}, which is named before it: --first, --first-of and --after-last want files in the order of \
                 their times",
                before.display()
            );
            return Err(Error::data(path.display().to_string(), reason));
        }
        last = Some((path, time));
    }
    Ok(())
}

/// The time of the first line that has one.
fn begin(path: &Path, key: Option<&str>, clock: &Clock, reader: &mut PairReader) -> Option<Timestamp> {
    if !std::fs::metadata(path).is_ok_and(|status| status.is_file()) {
        return None;
    }
    let mut start = vec![0; START];
    let length = File::open(path).and_then(|file| file.read_at(&mut start, 0)).ok()?;
    start.truncate(length);
    let name = path.display().to_string();
    let mut window = Window::new(None, None, key, clock.clone());
    let mut buffer = Vec::new();
    start.split_inclusive(|&byte| byte == b'\n').filter_map(|line| line.strip_suffix(b"\n")).find_map(|text| {
        let unit = Unit { text, file: &name, number: 0, offset: None, lines: 1, content: Content::Line };
        window.place(&unit, escape::plain(text, &mut buffer), reader).ok()?;
        window.own()
    })
}
