//! The lines that begin with `#` in the extended log format of W3C, as IIS, CloudFront and Tomcat write it: `#Fields: date time …`.
//!
//! Owns what they say of the zone of the times below them. The standard has those in GMT: <https://www.w3.org/TR/WD-logfile.html>.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How much of the start of a file, and of what stands right before the place where reading begins, is looked at.
const HEAD: u64 = 64 << 10;
const NEAR: u64 = 1 << 20;

/// What the directives of files say that stand before the place where reading begins, by the names of the files: who opens them notes
/// it, who reads times asks.
#[derive(Clone, Debug, Default)]
pub struct Above(Arc<Mutex<HashMap<String, Directives>>>);

impl Above {
    /// Notes what stands before `base` in the file that `read` reads, at a place, into a buffer. Only a file that begins with `#` has
    /// directives.
    pub fn note(&self, name: &str, base: u64, mut read: impl FnMut(&mut [u8], u64) -> std::io::Result<usize>) {
        let mut directives = Directives::default();
        let (head, near) = (base.min(HEAD), base.saturating_sub(NEAR).max(base.min(HEAD)));
        for (from, to) in [(0, head), (near, base)] {
            let mut text = vec![0; usize::try_from(to - from).unwrap_or(0)];
            let length = read(&mut text, from).unwrap_or(0);
            if from == 0 && text.first() != Some(&b'#') {
                return;
            }
            let lines = text.get(..length).unwrap_or_default().split(|&byte| byte == b'\n');
            lines.filter(|line| line.first() == Some(&b'#')).for_each(|line| directives.take(line));
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), directives);
    }

    /// What stands above the part of this file that is read.
    pub fn of(&self, name: &str) -> Option<Directives> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

/// What the directives of a file said so far.
#[derive(Clone, Debug, Default)]
pub struct Directives {
    /// Whether the columns have a time of day, and none has its zone.
    has_time: bool,
    /// `#Time Format: Local`, as the firewall of Windows has it.
    is_local: bool,
}

impl Directives {
    /// Takes a line that begins with `#`; most are no directive.
    pub fn take(&mut self, line: &[u8]) {
        if let Some(names) = line.strip_prefix(b"#Fields:") {
            let has = |wanted: &[u8]| names.split(u8::is_ascii_whitespace).any(|name| name == wanted);
            // Flash Media Server has a column for the zone, since its times are local.
            self.has_time = has(b"time") && !has(b"tz");
        } else if let Some(format) = line.strip_prefix(b"#Time Format:") {
            self.is_local = !matches!(format.trim_ascii(), b"UTC" | b"GMT");
        }
    }

    /// Whether times below them are of UTC where they name no zone.
    pub fn are_of_utc(&self) -> bool {
        self.has_time && !self.is_local
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_directives_say_of_times() {
        for (lines, expected) in [
            (&["#Fields: date time c-ip"][..], true),
            (&["#Software: Microsoft Internet Information Services 10.0", "#Fields: time c-ip"], true),
            (&["#Fields:\tdate\ttime\tx"], true),
            (&["#Time Format: UTC", "#Fields: date time"], true),
            (&["#Time Format: Local", "#Fields: date time action"], false),
            (&["#Fields: x-event date time tz"], false),
            (&["#Fields: date-time,client-ip"], false),
            (&["#Fields: date time-taken"], false),
            (&["#fields\tts\tuid"], false),
            (&["# Fields: date time", "#Date: 2026-03-05 20:32:12"], false),
            (&["#Fields: date time", "#Fields: a b"], false),
            (&[], false),
        ] {
            let mut directives = Directives::default();
            lines.iter().for_each(|line| directives.take(line.as_bytes()));
            assert_eq!(directives.are_of_utc(), expected, "{lines:?}");
        }
    }
}
