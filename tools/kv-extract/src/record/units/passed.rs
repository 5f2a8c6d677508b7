//! Units a blank away that nobody asked for: `took=900 ms` is 900, and so is `took=900 s`.
//!
//! Owns which keys were seen with which units, so that it is told once, and which numbers do not compare with the first of
//! their key; the numbers stay as they are.

use crate::record::convert::Conversion;
use crate::record::units::unit_words::{self, PERCENT};

/// How many different pairs of a key and a unit are kept.
const KEPT: usize = 256;

/// How many keys with a number without a unit are kept.
const KEPT_BARE: usize = 1024;

/// Which keys had numbers with which units behind them, and which without.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Keys whose numbers had a unit behind them, with that unit, in the order they came.
    units: Vec<(String, String)>,
    /// Keys that had a number other than 0 without a unit: where in `names` each stands, and whether that number came before
    /// any with one.
    bare: Vec<(usize, usize, bool)>,
    /// Keys that had a number with its unit touching it, which is a text (`12ms`): the unit of the first one, and whether that came before
    /// any number with its unit a blank away.
    touched: Vec<Touched>,
    /// The keys of `bare` and `touched`, and those units, one after the other, so that nothing is allocated once there was room for them.
    names: Vec<u8>,
    /// Where in that list the key stood that was looked for last: keys come in the same order again and again.
    near: usize,
    /// The first key of which a number had others behind it.
    listed: Option<String>,
    /// The first key whose value holds pairs of its own.
    hiding: Option<String>,
    /// Whether there is a number with others behind it of which nothing is said yet.
    has_list: bool,
    /// By type of `--as`: whether its first value was a number alone, and whether there are others.
    typed: Vec<TypedForms>,
}

/// Whether the values of a key with a type stand alone, or have a unit: `1.5` beside `12ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct TypedForms {
    /// Whether the first one stands alone.
    first: Option<bool>,
    /// Whether there are others than the first.
    has_other: bool,
}

/// A key of which a number has its unit touching it: where in the names the key begins, and ends before the unit, and where that does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Touched {
    key: usize,
    unit: usize,
    end: usize,
    /// Whether that came before any number with its unit a blank away.
    is_first: bool,
}

/// How a unit compares with the first one of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It is worth as much.
    Same,
    /// It is worth something else than this one.
    Other(String),
    /// It is `%`, so that the number is another one than is meant by a bound with `%`, whatever others have.
    Percent,
    /// The first number of its key had no unit.
    Bare,
    /// There are too many keys to know.
    Unknown,
    /// Others of its key are texts with a unit, which who reads them reads, and takes this number for one in the unit that he asks for.
    Touched(String),
}

impl Passed {
    /// Notes a key and its unit; how the unit compares with the first one of the key.
    pub fn add(&mut self, key: &[u8], unit: &str) -> Compared {
        let (unit, is_list) = unit_words::without_list(unit);
        self.has_list |= is_list;
        if unit.is_empty() {
            return Compared::Same;
        }
        let is_same = |(other, of): &&(String, String)| other.as_bytes() == key && of == unit;
        let is_known = self.units.iter().find(is_same).is_some();
        let compared = match self.first(key) {
            _ if unit == PERCENT => Compared::Percent,
            _ if let Some((unit, true)) = self.touched_of(key) => Compared::Touched(unit.to_owned()),
            _ if self.is_bare_first(key) && !is_plain(unit) => Compared::Bare,
            Some(first) if unit_words::compare(first, unit) => Compared::Same,
            Some(first) => Compared::Other(first.to_owned()),
            None if self.units.len() < KEPT => Compared::Same,
            None => Compared::Unknown,
        };
        if !is_known && self.units.len() < KEPT {
            self.units.push((String::from_utf8_lossy(key).into_owned(), unit.to_owned()));
        }
        compared
    }

    /// Notes a key with a number that its unit touches, so that it is a text; the unit that was passed over of the first number of the
    /// key, where that came before.
    pub fn add_touched(&mut self, key: &[u8], unit: &str) -> Option<&str> {
        if self.touched_of(key).is_none() && self.touched.len() < KEPT {
            let is_first = self.first(key).is_none();
            let start = self.names.len();
            self.names.extend_from_slice(key);
            self.names.extend_from_slice(unit.as_bytes());
            let (unit, end) = (start + key.len(), self.names.len());
            self.touched.push(Touched { key: start, unit, end, is_first });
        }
        let is_later = self.touched_of(key).is_some_and(|(_, is_first)| !is_first);
        self.first(key).filter(|_| is_later)
    }

    /// The keys whose numbers their units touch, each with the first unit, and whether that came before any that was passed over.
    fn touched_keys(&self) -> impl Iterator<Item = (&[u8], &str, bool)> {
        self.touched.iter().map(|&Touched { key, unit, end, is_first }| {
            let text = |from: usize, to: usize| self.names.get(from..to).unwrap_or_default();
            (text(key, unit), std::str::from_utf8(text(unit, end)).unwrap_or_default(), is_first)
        })
    }

    /// The first unit that touches a number of this key.
    fn touched_of(&self, key: &[u8]) -> Option<(&str, bool)> {
        self.touched_keys().find(|(other, ..)| *other == key).map(|(_, unit, is_first)| (unit, is_first))
    }

    /// Notes a key of which a number has others behind it, where that was said of it.
    pub fn add_list(&mut self, key: &[u8]) {
        self.listed.get_or_insert_with(|| String::from_utf8_lossy(key).into_owned());
    }

    /// Notes a key whose value holds pairs of its own.
    pub fn add_hiding(&mut self, key: &[u8]) {
        self.hiding.get_or_insert_with(|| String::from_utf8_lossy(key).into_owned());
    }

    /// Notes a value of the type at this place, and whether it is a number alone; whether the first one is otherwise.
    pub fn add_typed(&mut self, at: usize, is_bare: bool) -> bool {
        if self.typed.len() <= at {
            self.typed.resize(at + 1, TypedForms::default());
        }
        let Some(forms) = self.typed.get_mut(at) else { return false };
        let is_other = *forms.first.get_or_insert(is_bare) != is_bare;
        forms.has_other |= is_other;
        is_other
    }

    /// What the first value of the type at this place was.
    fn first_typed(&self, at: usize) -> Option<bool> {
        self.typed.get(at)?.first
    }

    /// Notes a number that has no unit and is not 0; the unit of the first one of its key, where that had one.
    pub fn add_bare(&mut self, key: &[u8]) -> Option<&str> {
        if !self.is_bare(key) && self.bare.len() < KEPT_BARE {
            let is_first = self.first(key).is_none();
            self.near = self.bare.len();
            let start = self.names.len();
            self.names.extend_from_slice(key);
            self.bare.push((start, self.names.len(), is_first));
        }
        if self.units.is_empty() || self.is_bare_first(key) {
            return None;
        }
        self.first(key).filter(|first| !is_plain(first))
    }

    /// Whether a key had a number without a unit.
    fn is_bare(&mut self, key: &[u8]) -> bool {
        let is_at = |at: usize| self.bare.get(at).is_some_and(|(from, to, _)| self.names.get(*from..*to) == Some(key));
        let found = [self.near + 1, self.near].into_iter().chain(0..self.bare.len()).find(|&at| is_at(at));
        self.near = found.unwrap_or(self.near);
        found.is_some()
    }

    /// The keys that had a number without a unit, each with whether that came first.
    fn bare_keys(&self) -> impl Iterator<Item = (&[u8], bool)> {
        self.bare.iter().map(|&(from, to, is_first)| (self.names.get(from..to).unwrap_or_default(), is_first))
    }

    /// Whether the first number of a key had no unit.
    fn is_bare_first(&self, key: &[u8]) -> bool {
        self.bare_keys().any(|(other, is_first)| is_first && other == key)
    }

    /// The first unit of a key.
    fn first(&self, key: &[u8]) -> Option<&str> {
        self.units.iter().find(|(other, _)| other.as_bytes() == key).map(|(_, unit)| unit.as_str())
    }

    /// The keys that had a unit that is not that of a number alone.
    pub fn with_unit(&self) -> impl Iterator<Item = &str> {
        self.units.iter().filter(|(_, unit)| !is_plain(unit)).map(|(key, _)| key.as_str())
    }

    /// Adds what was seen later.
    pub fn include(&mut self, other: &Passed) {
        self.has_list |= other.has_list;
        if self.listed.is_none() {
            self.listed.clone_from(&other.listed);
        }
        if self.hiding.is_none() {
            self.hiding.clone_from(&other.hiding);
        }
        // In the order they came: those without a unit that were first, then those with one.
        for (key, _) in other.bare_keys().filter(|(_, is_first)| *is_first) {
            self.add_bare(key);
        }
        for (key, unit, _) in other.touched_keys().filter(|(_, _, is_first)| *is_first) {
            self.add_touched(key, unit);
        }
        for (key, unit) in &other.units {
            self.add(key.as_bytes(), unit);
        }
        for (key, unit, _) in other.touched_keys().filter(|(_, _, is_first)| !is_first) {
            self.add_touched(key, unit);
        }
        for (key, _) in other.bare_keys().filter(|(_, is_first)| !is_first) {
            self.add_bare(key);
        }
        for (at, forms) in other.typed.iter().enumerate() {
            for is_bare in forms.first.into_iter().chain(forms.first.filter(|_| forms.has_other).map(|first| !first)) {
                self.add_typed(at, is_bare);
            }
        }
    }

    /// Whether, of units that came behind those `before`, some do not compare with the first one of their key, or may not; a key
    /// has numbers with a unit and without one; or a number has others behind it.
    pub fn is_mixed(&self, before: &Passed) -> bool {
        let differs = |(key, unit): &(String, String)| {
            let first = before.first(key.as_bytes()).or_else(|| self.first(key.as_bytes()));
            unit == PERCENT
                || first.is_some_and(|first| !unit_words::compare(first, unit))
                || before.units.len() == KEPT && before.first(key.as_bytes()).is_none()
        };
        let has_bare = |key: &str| self.bare_keys().chain(before.bare_keys()).any(|(other, _)| other == key.as_bytes());
        let has_unit = |key: &[u8]| self.first(key).or_else(|| before.first(key)).is_some();
        let is_touched = |key: &str| before.touched_of(key.as_bytes()).is_some();
        let is_mixed = |(at, forms): (usize, &TypedForms)| {
            let first = before.first_typed(at).or(forms.first);
            forms.has_other || forms.first != first && forms.first.is_some()
        };
        self.has_list
            || self.typed.iter().enumerate().any(is_mixed)
            || self.units.len() == KEPT
            || self.touched_keys().any(|(key, ..)| has_unit(key))
            || self.units.iter().any(|(key, _)| is_touched(key))
            || self.units.iter().any(differs)
            || self.with_unit().chain(before.with_unit()).any(has_bare)
    }

    /// Whether what comes first of every key here is known from those `before`: nothing that comes in between can change what
    /// compares.
    pub fn is_known(&self, before: &Passed) -> bool {
        self.units.iter().all(|(key, _)| before.first(key.as_bytes()).is_some())
            && self.touched_keys().all(|(key, ..)| before.touched_of(key).is_some())
            && self.bare_keys().all(|(key, _)| before.bare_keys().any(|(other, _)| other == key))
            && (0..self.typed.len()).all(|at| self.first_typed(at).is_none() || before.first_typed(at).is_some())
    }

    /// Forgets what is told of single lines; what the first numbers of keys have stays.
    pub fn forget_lines(&mut self) {
        (self.listed, self.hiding, self.has_list) = (None, None, false);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.units.clear();
        self.bare.clear();
        self.touched.clear();
        self.names.clear();
        self.listed = None;
        self.hiding = None;
        self.has_list = false;
        self.typed.clear();
    }

    /// What is told of values with a type of which some have a unit and some have none, by these types.
    pub fn told_typed(&self, types: &[(Vec<u8>, Conversion)]) -> Option<String> {
        let at = self.typed.iter().position(|forms| forms.has_other)?;
        let (key, _) = types.get(at)?;
        Some(format!(
            "the key {} has a unit in some lines and none in others, so that those of its numbers that differ from the first are in \
             doubt",
            schema::json::quote(key)
        ))
    }

    /// What is told of numbers that have others behind them, where that was so `count` times.
    pub fn told_lists(&self, count: u64) -> Option<String> {
        let key = schema::json::quote(self.listed.as_ref()?.as_bytes());
        let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
        Some(format!(
            "the number of {key} has others after it, as in a range, or as nginx writes them for several upstreams, so that it is in \
             doubt ({times}); a hole of --parse such as {{name:list}} takes all of them"
        ))
    }

    /// What is told of values that hold pairs of their own, where that was so `count` times.
    pub fn told_hiding(&self, count: u64) -> Option<String> {
        let key = schema::json::quote(self.hiding.as_ref()?.as_bytes());
        let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
        Some(format!(
            "the value of {key} contains pairs separated by commas, which are not split ({times}); --pairs-by , splits them"
        ))
    }

    /// What is told of it, where something was passed over `count` times.
    pub fn told(&self, count: u64) -> Option<String> {
        let (first, unit) = self.units.first()?;
        let times = match count {
            0 => "in another part".to_owned(),
            1 => "once".to_owned(),
            count => format!("{count} times"),
        };
        // A key with two units first: its numbers do not compare.
        for (key, other) in &self.units {
            let one = self.first(key.as_bytes()).unwrap_or(other);
            if !unit_words::compare(one, other) {
                return Some(format!(
                    "the key {} has {one} in some lines and {other} in others, a blank after its number, so that its numbers do not \
                     compare, and those with another unit than {one} are in doubt (units ignored {times}); --as \
                     {key}=UNIT reads them",
                    schema::json::quote(key.as_bytes())
                ));
            }
        }
        for (key, other) in &self.units {
            if let Some((touched, _)) = self.touched_of(key.as_bytes()) {
                return Some(format!(
                    "the key {} has {other} a blank after its number in some lines and is a text with {touched} in others, so that \
                     who reads the texts takes the numbers for something else, and those after the first are in doubt (units \
                     ignored {times})",
                    schema::json::quote(key.as_bytes())
                ));
            }
        }
        for (key, other) in &self.units {
            if !is_plain(other) && self.bare_keys().any(|(bare, _)| bare == key.as_bytes()) {
                return Some(format!(
                    "the key {} has {other} in some lines, a blank after its number, and nothing in others, so that its numbers do not \
                     compare, and those that differ from the first are in doubt (units ignored {times})",
                    schema::json::quote(key.as_bytes())
                ));
            }
        }
        if count == 0 {
            return None;
        }
        let key = schema::json::quote(first.as_bytes());
        let reads = match unit.as_str() {
            PERCENT => format!("; --as {first}=pct reads it"),
            // What only some know the worth of is not read.
            unit if unit_words::worth(unit.split('/').next().unwrap_or(unit)).is_none() => String::new(),
            _ => format!("; --as {first}=UNIT reads it"),
        };
        Some(format!("the {unit} a blank after the number of {key} is ignored ({times}){reads}"))
    }
}

/// Whether a number with this unit is worth what the number alone is.
fn is_plain(unit: &str) -> bool {
    unit_words::worth(unit) == Some((false, 1))
}

/// How the numbers of a key stand in some lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forms<'l> {
    /// Whether one that is not 0 has no unit behind it.
    pub is_bare: bool,
    /// The unit that touches one.
    pub touched: Option<&'l str>,
}

/// How the numbers of the pairs `key=number` in these lines stand, of which `most` are looked at for units that touch them. What stands
/// in a text is taken for a pair, too: who is told so looks again.
pub fn forms<'l>(lines: &'l [u8], key: &str, most: usize) -> Forms<'l> {
    let sign = format!("{key}=");
    let mut forms = Forms::default();
    for (count, at) in memchr::memmem::find_iter(lines, &sign).enumerate() {
        let before = at.checked_sub(1).and_then(|before| lines.get(before)).copied().unwrap_or(b' ');
        if before.is_ascii_alphanumeric() || b"_.-/@".contains(&before) {
            continue;
        }
        let value = lines.get(at + sign.len()..).unwrap_or_default();
        let length = value.iter().take_while(|&&byte| byte > b' ' && !b",;)]}\"'".contains(&byte)).count();
        forms.is_bare |= is_bare_number(lines, at + sign.len(), at + sign.len() + length);
        if forms.touched.is_none() && count < most {
            forms.touched = touching(value.get(..length).unwrap_or_default());
        }
        if forms.is_bare && (forms.touched.is_some() || count >= most) {
            break;
        }
    }
    forms
}

/// The unit of time or of size that touches the number which a word is: `12ms`, `1m30.5s`.
pub fn touching(word: &[u8]) -> Option<&str> {
    let is_end = |byte: &u8| byte.is_ascii_alphabetic() || *byte >= 0x80;
    if !word.first().is_some_and(|byte| byte.is_ascii_digit()) || !word.last().is_some_and(is_end) {
        return None;
    }
    let letters = word.iter().rev().take_while(|byte| is_end(byte)).count();
    let (number, unit) = word.split_at(word.len() - letters);
    let is_number = number.iter().all(|byte| byte.is_ascii_alphanumeric() || b".,".contains(byte));
    std::str::from_utf8(unit).ok().filter(|unit| is_number && unit_words::is_unit(unit.as_bytes()))
}

/// Whether a number that is not 0 stands there, and no unit behind it.
pub fn is_bare_number(line: &[u8], start: usize, end: usize) -> bool {
    let number = line.get(start..end).unwrap_or_default();
    number.iter().any(|byte| matches!(byte, b'1'..=b'9'))
        && crate::record::number::is_number(number)
        && unit_words::unit_word(line, end).is_none()
        && unit_words::unit_behind_bracket(line, &(start..end)).is_none()
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
        assert!(unit_words::compare("kB/s", "KB/s") && !unit_words::compare("kB/s", "MB/s"));
        assert!(!unit_words::compare("kB/s", "kB/min") && !unit_words::compare("kB", "kB/s"));
        // Minutes are no megabytes.
        assert_eq!(passed.add(b"size", "M"), Compared::Other("m".to_owned()));
        assert!(passed.is_mixed(&Passed::default()));
        let mut later = Passed::default();
        later.add(b"took", "ms");
        assert!(!later.is_mixed(&Passed::default()) && later.is_mixed(&passed));
        assert!(!later.is_known(&Passed::default()) && later.is_known(&passed));
        // A number without a unit does not compare with one that has another than bytes.
        let mut bare = Passed::default();
        assert_eq!(bare.add_bare(b"took"), None);
        assert_eq!(bare.add(b"took", "s"), Compared::Bare);
        assert_eq!(bare.add(b"size", "B"), Compared::Same);
        assert_eq!(bare.add_bare(b"size"), None);
        assert_eq!(bare.add(b"wait", "ms"), Compared::Same);
        assert_eq!(bare.add_bare(b"wait"), Some("ms"));
        assert!(bare.is_mixed(&Passed::default()));
        let mut copy = Passed::default();
        copy.include(&bare);
        assert_eq!(copy, bare);
        let (mut one, mut other) = (Passed::default(), Passed::default());
        one.add(b"took", "s");
        other.add_bare(b"took");
        assert!(one.is_mixed(&other) && other.is_mixed(&one));
        assert!(!other.is_known(&Passed::default()) && other.is_known(&other.clone()));
        for (lines, expected) in [
            ("took=900\n", true),
            ("a took=900, b", true),
            ("took=900 s\n", false),
            ("took=0 x\ntook=0.0\n", false),
            ("mistook=900\n", false),
            ("took=900ms\n", false),
            ("took=900 s\ntook=7\n", true),
        ] {
            assert_eq!(forms(lines.as_bytes(), "took", 9).is_bare, expected, "{lines}");
        }
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
