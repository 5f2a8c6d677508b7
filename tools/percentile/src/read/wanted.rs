//! Which members of a record are read at all: those that some path may lead into.
//!
//! Owns the first steps of all paths. What no path asks for stays text, so that a record of 60 MB costs little more than
//! its text. In doubt a member is wanted.

use expr::{Path, Step};
use schema::OUR_KEYS;
use schema::json::Want;

/// The members that are read.
#[derive(Debug, Default)]
pub struct Wanted {
    /// All of them: some path may begin anywhere.
    all: bool,
    /// What the paths of numbers are called that have one step.
    numbers: Vec<String>,
    /// The dotted texts of all other paths up to their first wildcard.
    others: Vec<String>,
}

impl Wanted {
    /// All members.
    pub fn all() -> Wanted {
        Wanted { all: true, ..Wanted::default() }
    }

    /// What these paths lead into: `numbers` to numbers, `others` to anything.
    pub fn new<'p>(numbers: impl Iterator<Item = &'p Path>, others: impl Iterator<Item = &'p Path>) -> Wanted {
        let mut wanted = Wanted::default();
        for path in numbers {
            match path.steps() {
                [Step::Name { text, .. }] => wanted.numbers.push(text.clone()),
                _ => wanted.put(path),
            }
        }
        others.for_each(|path| wanted.put(path));
        wanted
    }

    fn put(&mut self, path: &Path) {
        let mut start = String::new();
        for step in path.steps() {
            match step {
                Step::Name { text, .. } if start.is_empty() => start.push_str(text),
                Step::Name { text, .. } => start.push_str(&format!(".{text}")),
                Step::Index(place) => start.push_str(&format!(".{place}")),
                Step::Any | Step::Deep => break,
            }
        }
        self.all |= start.is_empty();
        self.others.push(start);
    }

    /// How much of the member `key` is wanted.
    #[inline]
    pub fn of(&self, key: &str) -> Want {
        // A flat key `a.b` is what the path a.b means, and the path a.* may mean.
        let leads = |path: &String| {
            let (short, long) = if path.len() < key.len() { (path.as_str(), key) } else { (key, path.as_str()) };
            long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if self.all || self.others.iter().any(leads) || OUR_KEYS.contains(&key) {
            Want::All
        } else if self.numbers.iter().any(|name| name == key) {
            Want::Kind
        } else {
            Want::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_path_may_lead_into_is_wanted() {
        let paths = |texts: &[&str]| texts.iter().map(|text| Path::parse(text).unwrap()).collect::<Vec<_>>();
        let (numbers, others) = (paths(&["ms", "a.b", "list[0].x"]), paths(&["route", "tags.*.n"]));
        let wanted = Wanted::new(numbers.iter(), others.iter());
        for (key, want) in [
            ("ms", Want::Kind),
            ("route", Want::All),
            ("a", Want::All),
            ("a.b", Want::All),
            ("list", Want::All),
            ("list.0", Want::All),
            ("tags.x.n", Want::All),
            ("tagsx", Want::Nothing),
            ("ab", Want::Nothing),
            ("@evidence", Want::All),
            ("other", Want::Nothing),
        ] {
            assert_eq!(wanted.of(key), want, "{key}");
        }
        assert_eq!(Wanted::new(paths(&["**.ms"]).iter(), [].iter()).of("other"), Want::All);
    }
}
