//! Logs that have a day in their name, `app-2026-03-05.log`: each day a new one begins, and the one before stays where it is.
//!
//! Owns which of two names is of the day before; refuses to read it: that it was not read to its end is an error, once.

use std::path::{Path, PathBuf};

use crate::resume::bookmark::Place;

/// The log of the latest day before that of `path`, where it is known, is not read now, and has more than was read: its name, and
/// how many bytes.
pub fn unread_before(path: &str, known: &[Place], given: &[PathBuf]) -> Option<(String, u64)> {
    let earlier = known.iter().filter(|place| is_before(&place.path, path));
    let last = earlier.max_by_key(|place| digits(&place.path))?;
    let length = std::fs::metadata(&last.path).ok()?.len();
    let is_given = given.iter().any(|given| given == Path::new(&last.path));
    (!is_given && length > last.offset).then(|| (last.path.clone(), length - last.offset))
}

/// Whether two names differ in their day alone, and the first one is of an earlier day.
fn is_before(one: &str, other: &str) -> bool {
    let shape = |name: &str| name.replace(|letter: char| letter.is_ascii_digit(), "0");
    has_day(other) && shape(one) == shape(other) && digits(one) < digits(other)
}

fn digits(name: &str) -> String {
    name.chars().filter(char::is_ascii_digit).collect()
}

/// Whether a day stands in a name: `2026-03-05`, `20260305`, `2026.03.05`.
fn has_day(name: &str) -> bool {
    let mut parts = name.split(|letter: char| !letter.is_ascii_digit()).peekable();
    let is_year = |part: &str| part.starts_with("19") || part.starts_with("20");
    while let Some(part) = parts.next() {
        let is_month = |part: &&str| part.len() == 2;
        if is_year(part) && (part.len() >= 8 || part.len() == 4 && parts.peek().is_some_and(is_month)) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_names() {
        for (one, other) in [
            ("app-2026-03-05.log", "app-2026-03-06.log"),
            ("/l/app.20260305", "/l/app.20260306"),
            ("2026.03.31/a.log", "2026.04.01/a.log"),
            ("a-2026-03-05-23.log", "a-2026-03-06-00.log"),
        ] {
            assert!(is_before(one, other) && !is_before(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("app-1.log", "app-2.log"),
            ("app.log", "app-2026-03-06.log"),
            ("a-2026-03-05.log", "b-2026-03-06.log"),
            ("web10.log", "web11.log"),
        ] {
            assert!(!is_before(one, other) && !is_before(other, one), "{one} {other}");
        }
    }
}
