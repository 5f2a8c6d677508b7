//! A JSON array: its elements, or, where it is long, its text until somebody looks at them.
//!
//! Owns what a long array costs. Twenty-five million numbers are 50 MB as text and 800 MB as values; a record has such an
//! array mostly where no threshold asks for it.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use crate::Value;

/// From this many bytes of text on an array stays text.
pub const LONG: usize = 1 << 20;

/// The elements of an array. It is a slice to everyone who looks at them by place; [`List::each`] walks a long one without
/// building it.
#[derive(Clone, Debug)]
pub struct List<'a>(Kept<'a>);

#[derive(Clone, Debug)]
enum Kept<'a> {
    Built(Vec<Value<'a>>),
    Text(Box<Long<'a>>),
}

/// What is asked of each element.
pub(crate) type Question<'q> = dyn FnMut(&Value<'_>) -> bool + 'q;

/// How the elements of an array's text are read; the text, brackets and all, was found right before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements {
    /// All of them.
    pub(crate) build: fn(&str) -> Vec<Value<'_>>,
    /// One after the other, up to the one of which the question is answered with no; whether it was of none.
    pub(crate) all: fn(&str, &mut Question<'_>) -> bool,
}

/// A long array that was read strictly and found right.
#[derive(Clone, Debug)]
struct Long<'a> {
    text: Cow<'a, str>,
    count: usize,
    reader: Elements,
    /// The elements, once someone asked for them. They own their text, so that a value can be used where one that lives less
    /// long is wanted.
    built: OnceLock<Vec<Value<'static>>>,
}

impl<'a> List<'a> {
    /// An array of nothing.
    pub const fn new() -> Self {
        List(Kept::Built(Vec::new()))
    }

    /// An array of so many elements, as its text.
    pub(crate) fn of_text(text: &'a str, count: usize, reader: Elements) -> Self {
        List(Kept::Text(Box::new(Long { text: Cow::Borrowed(text), count, reader, built: OnceLock::new() })))
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kept::Built(list) => list.len(),
            Kept::Text(long) => long.count,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives out the elements one after the other, those of a long array without holding more than one.
    pub fn each(&self, mut each: impl FnMut(&Value<'_>)) {
        match &self.0 {
            Kept::Built(list) => list.iter().for_each(each),
            Kept::Text(long) => {
                (long.reader.all)(&long.text, &mut |value| {
                    each(value);
                    true
                });
            }
        }
    }

    /// Whether all elements are such; those behind the first that is not are not looked at.
    pub fn all(&self, mut is: impl FnMut(&Value<'_>) -> bool) -> bool {
        match &self.0 {
            Kept::Built(list) => list.iter().all(is),
            Kept::Text(long) => (long.reader.all)(&long.text, &mut is),
        }
    }

    /// Whether one of the elements is such.
    pub fn any(&self, mut is: impl FnMut(&Value<'_>) -> bool) -> bool {
        !self.all(|value| !is(value))
    }

    /// The same array, owning all its text.
    pub fn into_owned(self) -> List<'static> {
        List(match self.0 {
            Kept::Built(list) => Kept::Built(list.into_iter().map(Value::into_owned).collect()),
            Kept::Text(long) => {
                let Long { text, count, reader, built } = *long;
                Kept::Text(Box::new(Long { text: Cow::Owned(text.into_owned()), count, reader, built }))
            }
        })
    }

    /// The elements, each with the lifetime of the array's text.
    pub fn into_vec(self) -> Vec<Value<'a>> {
        match self.0 {
            Kept::Built(list) => list,
            Kept::Text(long) => match long.text {
                Cow::Borrowed(text) => (long.reader.build)(text),
                Cow::Owned(text) => long.reader.owned(&text),
            },
        }
    }

    /// Adds an element at the end.
    pub fn push(&mut self, value: Value<'a>) {
        self.change(|list| list.push(value));
    }

    /// Whether `key` may be one of the keys within: surely where the elements are built, else where the text has it.
    pub fn may_have(&self, key: &str) -> bool {
        match &self.0 {
            Kept::Built(_) => true,
            // A key may be written with escapes.
            Kept::Text(long) => {
                [key, "\\u"].iter().any(|part| memchr::memmem::find(long.text.as_bytes(), part.as_bytes()).is_some())
            }
        }
    }

    /// Changes the elements.
    pub fn change<T>(&mut self, change: impl FnOnce(&mut Vec<Value<'a>>) -> T) -> T {
        let mut list = std::mem::take(self).into_vec();
        let changed = change(&mut list);
        *self = list.into();
        changed
    }
}

impl Elements {
    /// All of them, owning their text.
    fn owned(self, text: &str) -> Vec<Value<'static>> {
        let mut list = Vec::new();
        (self.all)(text, &mut |value| {
            list.push(value.clone().into_owned());
            true
        });
        list
    }
}

impl<'a> Deref for List<'a> {
    type Target = [Value<'a>];

    fn deref(&self) -> &[Value<'a>] {
        match &self.0 {
            Kept::Built(list) => list,
            Kept::Text(long) => long.built.get_or_init(|| long.reader.owned(&long.text)),
        }
    }
}

impl Default for List<'_> {
    fn default() -> Self {
        List::new()
    }
}

impl PartialEq for List<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kept::Text(one), Kept::Text(other)) if one.text == other.text => true,
            _ => self.len() == other.len() && **self == **other,
        }
    }
}

impl<'a> From<Vec<Value<'a>>> for List<'a> {
    fn from(list: Vec<Value<'a>>) -> Self {
        List(Kept::Built(list))
    }
}

impl<'a> FromIterator<Value<'a>> for List<'a> {
    fn from_iter<I: IntoIterator<Item = Value<'a>>>(values: I) -> Self {
        values.into_iter().collect::<Vec<_>>().into()
    }
}

impl<'a> IntoIterator for List<'a> {
    type Item = Value<'a>;
    type IntoIter = std::vec::IntoIter<Value<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_vec().into_iter()
    }
}

impl<'l, 'a> IntoIterator for &'l List<'a> {
    type Item = &'l Value<'a>;
    type IntoIter = std::slice::Iter<'l, Value<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.len()))?;
        let mut outcome = Ok(());
        self.each(|value| {
            if outcome.is_ok() {
                outcome = seq.serialize_element(value);
            }
        });
        outcome?;
        seq.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn record(elements: usize, blanks: &str) -> String {
        let rows: Vec<String> = (0..elements).map(|at| format!("{{\"n\": \"p\\u0041{at}\",\"v\":{at}.50}}")).collect();
        format!("{{\"a\":1,\"rows\":[{blanks}{}]}}", rows.join(","))
    }

    fn written(value: &Value<'_>) -> String {
        let mut out = Vec::new();
        json::write(value, &mut out);
        String::from_utf8(out).unwrap()
    }

    /// A long array is to everyone what a short one is: it writes, counts, compares, is looked into and is owned alike.
    #[test]
    fn a_long_array_reads_as_a_short_one() {
        for elements in [1, 60_000] {
            let text = record(elements, " \n");
            let value = json::parse_lazily(text.as_bytes()).unwrap();
            let Some(Value::List(list)) = value.get("rows") else { panic!("no list") };
            assert_eq!(matches!(list.0, Kept::Text(_)), elements > 1);
            assert_eq!(list.len(), elements);
            let mut seen = 0;
            list.each(|value| {
                assert_eq!(value.get("v").unwrap().as_number().unwrap().as_str(), format!("{seen}.50"));
                seen += 1;
            });
            assert_eq!(seen, elements);
            let plain = written(&value);
            let whole = json::parse(text.as_bytes()).unwrap();
            assert!(matches!(whole.get("rows"), Some(Value::List(List(Kept::Built(_))))));
            assert_eq!((&whole, written(&whole)), (&value, plain.clone()));
            let mut looked_at = 0;
            let is_below = |value: &Value<'_>| {
                looked_at += 1;
                value.get("v").unwrap().as_number().unwrap().to_f64().unwrap() < 30.0
            };
            assert_eq!(list.all(is_below), elements < 30);
            assert_eq!(looked_at, elements.min(31));
            assert!(list.any(|value| value.get("v").is_some()));
            assert_eq!(plain, record(elements, "").replace("\\u0041", "A").replace(": ", ":"));
            let owned = value.clone().into_owned();
            assert_eq!(
                list.get(elements - 1).unwrap().get("n").unwrap().as_text(),
                Some(&*format!("pA{}", elements - 1))
            );
            assert_eq!(list.get(elements), None);
            assert_eq!(written(&value), plain);
            assert_eq!(value, owned);
            assert_eq!(written(&owned), plain);
            let Some(Value::List(list)) = owned.get("rows") else { panic!("no list") };
            let mut list = list.clone();
            list.push(Value::Null);
            assert_eq!(list.into_vec().len(), elements + 1);
        }
    }

    /// What is wrong in a long array is found where it is read, at its place.
    #[test]
    fn a_long_array_is_read_as_strictly() {
        let text = record(60_000, "");
        for (old, new, message) in [
            ("\"v\":59000.50", "\"v\":059000.50", "\"059000.50\" is not a JSON number"),
            ("{\"n\": \"p\\u004159000\",", "{\"v\":1,", "the key \"v\" appears twice in one object"),
            ("59000.50},", "59000.50}", "'{' where ',' or ']' should be"),
        ] {
            let wrong = text.replacen(old, new, 1);
            assert_ne!(wrong, text);
            let error = json::parse_lazily(wrong.as_bytes()).unwrap_err();
            assert_eq!(error.message, message);
            assert!(error.offset > text.len() / 2);
        }
        let cut = &text[..text.len() - 2];
        assert!(json::parse_lazily(cut.as_bytes()).unwrap_err().unfinished);
    }
}
