//! Units a blank away that nobody asked for: `took=900 ms` is 900, and so is `took=900 s`.
//!
//! Owns which keys were seen with which units, so that it is told once, and which numbers do not compare with the first of
//! their key; the numbers stay as they are.

use crate::record::unit_words::{self, PERCENT};

/// How many different pairs of a key and a unit are kept.
const KEPT: usize = 256;

/// Keys whose numbers had a unit one blank behind them, with that unit, in the order they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed(Vec<(String, String)>);

/// How a unit compares with the first one of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It is worth as much.
    Same,
    /// It is worth something else than this one.
    Other(String),
    /// It is `%`, so that the number is another one than is meant by a bound with `%`, whatever others have.
    Percent,
    /// There are too many keys to know.
    Unknown,
}

impl Passed {
    /// Notes a key and its unit; how the unit compares with the first one of the key.
    pub fn add(&mut self, key: &[u8], unit: &str) -> Compared {
        let is_same = |(other, of): &&(String, String)| other.as_bytes() == key && of == unit;
        let is_known = self.0.iter().find(is_same).is_some();
        let compared = match self.first(key) {
            _ if unit == PERCENT => Compared::Percent,
            Some(first) if unit_words::compare(first, unit) => Compared::Same,
            Some(first) => Compared::Other(first.to_owned()),
            None if self.0.len() < KEPT => Compared::Same,
            None => Compared::Unknown,
        };
        if !is_known && self.0.len() < KEPT {
            self.0.push((String::from_utf8_lossy(key).into_owned(), unit.to_owned()));
        }
        compared
    }

    /// The first unit of a key.
    fn first(&self, key: &[u8]) -> Option<&str> {
        self.0.iter().find(|(other, _)| other.as_bytes() == key).map(|(_, unit)| unit.as_str())
    }

    /// Adds what was seen later.
    pub fn include(&mut self, other: &Passed) {
        for (key, unit) in &other.0 {
            self.add(key.as_bytes(), unit);
        }
    }

    /// Whether, of units that came behind those `before`, some do not compare with the first one of their key, or may not.
    pub fn is_mixed(&self, before: &Passed) -> bool {
        let differs = |(key, unit): &(String, String)| {
            let first = before.first(key.as_bytes()).or_else(|| self.first(key.as_bytes()));
            unit == PERCENT
                || first.is_some_and(|first| !unit_words::compare(first, unit))
                || before.0.len() == KEPT && before.first(key.as_bytes()).is_none()
        };
        self.0.len() == KEPT || self.0.iter().any(differs)
    }

    /// Whether the first unit of every key here is known from those `before`: nothing that comes in between can change what
    /// compares.
    pub fn is_known(&self, before: &Passed) -> bool {
        self.0.iter().all(|(key, _)| before.first(key.as_bytes()).is_some())
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What is told of it, where something was passed over `count` times.
    pub fn told(&self, count: u64) -> Option<String> {
        let (first, unit) = self.0.first()?;
        let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
        // A key with two units first: its numbers do not compare.
        for (key, other) in &self.0 {
            let one = self.first(key.as_bytes()).unwrap_or(other);
            if !unit_words::compare(one, other) {
                return Some(format!(
                    "the key {} stands with {one} and with {other} a blank behind its number, so that its numbers do not \
                     compare, and those with another unit than {one} are in doubt (units passed over {times}); --as \
                     {key}=UNIT reads them",
                    schema::json::quote(key.as_bytes())
                ));
            }
        }
        Some(format!(
            "the {unit} a blank behind the number of {} is passed over ({times}); --as {first}={} reads it",
            schema::json::quote(first.as_bytes()),
            if unit == PERCENT { "pct" } else { "UNIT" }
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_compare_by_what_they_are_worth() {
        let mut passed = Passed::default();
        assert_eq!(passed.add(b"took", "s"), Compared::Same);
        assert_eq!(passed.add(b"took", "secs"), Compared::Same);
        assert_eq!(passed.add(b"size", "m"), Compared::Same);
        assert!(!passed.is_mixed(&Passed::default()) && passed.is_known(&passed.clone()));
        assert_eq!(passed.add(b"took", "ms"), Compared::Other("s".to_owned()));
        // Minutes are no megabytes.
        assert_eq!(passed.add(b"size", "M"), Compared::Other("m".to_owned()));
        assert!(passed.is_mixed(&Passed::default()));
        let mut later = Passed::default();
        later.add(b"took", "ms");
        assert!(!later.is_mixed(&Passed::default()) && later.is_mixed(&passed));
        assert!(!later.is_known(&Passed::default()) && later.is_known(&passed));
        // Of keys that cannot be kept nothing is known.
        for at in 0..KEPT {
            passed.add(format!("k{at}").as_bytes(), "s");
        }
        assert_eq!(passed.add(b"new", "s"), Compared::Unknown);
        let mut last = Passed::default();
        last.add(b"new", "s");
        assert!(last.is_mixed(&passed) && passed.is_mixed(&Passed::default()));
    }
}
