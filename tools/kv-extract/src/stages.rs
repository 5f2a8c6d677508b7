//! `--stage-from FILE`: which stage of a run the time of a line lies in.
//!
//! Owns the table (stage, from, to, parted by tabs) and the search in it; refuses to know where times come from. A time that
//! lies in two stages or in none has no stage, and is counted.

use jiff::Timestamp;
use time::{Clock, limit};

use crate::record::escape;

/// The stages, as stretches of time that do not overlap.
#[derive(Debug, Default)]
pub struct Stages {
    /// Where each stretch begins, and the JSON of its stage's name; `None` where there is none, or more than one.
    stretches: Vec<(Timestamp, Option<Vec<u8>>, bool)>,
    /// Times in no stage.
    pub outside: u64,
    /// Times in more than one.
    pub overlapping: u64,
}

impl Stages {
    /// Reads the table: a stage begins at `from` and ends before `to`, or never where that is empty. A first line that names
    /// the columns is passed over.
    ///
    /// # Errors
    /// The line that is not a stage, and why.
    pub fn parse(text: &str, clock: &Clock) -> Result<Stages, String> {
        let mut edges: Vec<(Timestamp, bool, usize)> = Vec::new();
        let mut names: Vec<Vec<u8>> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            if line.trim().is_empty() || (number == 1 && cells.first() == Some(&"stage")) {
                continue;
            }
            let wrong = |reason: &str| format!("line {number}: {reason}; wanted stage, from and to, parted by tabs");
            let (name, from, to) = match cells.as_slice() {
                [name, from, to] => (*name, *from, *to),
                [name, from] => (*name, *from, ""),
                _ => return Err(wrong("not three cells")),
            };
            let from = limit(from, clock).map_err(|reason| wrong(&reason))?;
            let at = names.len();
            edges.push((from, true, at));
            if !to.is_empty() {
                let to = limit(to, clock).map_err(|reason| wrong(&reason))?;
                if to <= from {
                    return Err(wrong("it ends before it begins"));
                }
                edges.push((to, false, at));
            }
            let mut json = Vec::new();
            escape::write(name.as_bytes(), &mut json);
            names.push(json);
        }
        if names.is_empty() {
            return Err("has no stage; wanted stage, from and to, parted by tabs".to_owned());
        }
        // Where one ends and the next begins, the end comes first.
        edges.sort_by_key(|(time, begins, _)| (*time, *begins));
        let (mut open, mut stretches) = (std::collections::BTreeSet::new(), Vec::new());
        for (time, begins, at) in edges {
            if begins {
                open.insert(at);
            } else {
                open.remove(&at);
            }
            let name = if open.len() == 1 { open.first().and_then(|at| names.get(*at)).cloned() } else { None };
            stretches.push((time, name, open.len() > 1));
        }
        Ok(Stages { stretches, ..Stages::default() })
    }

    /// The JSON of the name of the stage that this time lies in.
    pub fn at(&mut self, time: Option<Timestamp>) -> Option<&[u8]> {
        let behind = time.map_or(0, |time| self.stretches.partition_point(|(from, _, _)| *from <= time));
        let Some((_, name, overlaps)) = behind.checked_sub(1).and_then(|at| self.stretches.get(at)) else {
            self.outside += 1;
            return None;
        };
        match name {
            Some(name) => return Some(name),
            None if *overlaps => self.overlapping += 1,
            None => self.outside += 1,
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    #[test]
    fn each_time_has_one_stage_or_none() {
        let clock = Clock::new(TimeZone::UTC, Timestamp::UNIX_EPOCH);
        let text = "stage\tfrom\tto\nwarm-up\t2026-03-05T20:00:00Z\t2026-03-05T20:05:00Z\n\
                    hold\t2026-03-05T20:05:00Z\t2026-03-05T20:10:00Z\nodd\t2026-03-05T20:09:00Z\t2026-03-05T20:11:00Z\n\
                    late\t2026-03-05T21:00:00Z\t\n";
        let mut stages = Stages::parse(text, &clock).unwrap();
        for (time, wanted) in [
            ("2026-03-05T19:59:59Z", None),
            ("2026-03-05T20:00:00Z", Some("\"warm-up\"")),
            ("2026-03-05T20:05:00Z", Some("\"hold\"")),
            ("2026-03-05T20:09:30Z", None),
            ("2026-03-05T20:10:30Z", Some("\"odd\"")),
            ("2026-03-05T20:30:00Z", None),
            ("2026-03-06T00:00:00Z", Some("\"late\"")),
        ] {
            let got = stages.at(Some(time.parse().unwrap())).map(|name| String::from_utf8(name.to_vec()).unwrap());
            assert_eq!(got.as_deref(), wanted, "{time}");
        }
        assert_eq!((stages.at(None).map(<[u8]>::to_vec), stages.outside, stages.overlapping), (None, 3, 1));
        for bad in ["", "a\n", "a\t2026-03-05\t2026-03-04\n", "a\tsoon\t\n"] {
            assert!(Stages::parse(bad, &clock).is_err(), "{bad}");
        }
    }
}
