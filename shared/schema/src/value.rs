//! A JSON document: numbers as text, keys in order and each once, text borrowed from the line where it can be.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::{List, Number};

/// A JSON value. Unlike `serde_json::Value` it keeps each number's text and each object's order of keys.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value<'a> {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as its text
    Number(Number<'a>),
    /// A string, its escapes resolved
    Text(Cow<'a, str>),
    /// An array
    List(List<'a>),
    /// An object
    Object(Object<'a>),
}

impl<'a> Value<'a> {
    /// A text that borrows or owns.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Value::Text(text.into())
    }

    /// The text of a string; `None` for every other kind.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    /// The number, where it is one.
    pub fn as_number(&self) -> Option<&Number<'a>> {
        if let Value::Number(number) = self { Some(number) } else { None }
    }

    /// The elements of an array; `None` for every other kind.
    pub fn as_list(&self) -> Option<&[Value<'a>]> {
        if let Value::List(list) = self { Some(list) } else { None }
    }

    /// The object, where it is one.
    pub fn as_object(&self) -> Option<&Object<'a>> {
        if let Value::Object(object) = self { Some(object) } else { None }
    }

    /// The member `key` of an object; `None` where there is none or this is no object.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.as_object()?.get(key)
    }

    /// What the value is called in messages: `null`, `a boolean`, `a number`, `text`, `a list`, `an object`.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }

    /// The same value, owning all its text.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(yes) => Value::Bool(yes),
            Value::Number(number) => Value::Number(number.into_owned()),
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::List(list) => Value::List(list.into_owned()),
            Value::Object(object) => Value::Object(object.into_owned()),
        }
    }
}

impl From<bool> for Value<'_> {
    fn from(yes: bool) -> Self {
        Value::Bool(yes)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(Cow::Owned(text))
    }
}

impl<'a> From<Number<'a>> for Value<'a> {
    fn from(number: Number<'a>) -> Self {
        Value::Number(number)
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Value::Number(number.into())
    }
}

impl<'a> From<Object<'a>> for Value<'a> {
    fn from(object: Object<'a>) -> Self {
        Value::Object(object)
    }
}

impl<'a> From<List<'a>> for Value<'a> {
    fn from(list: List<'a>) -> Self {
        Value::List(list)
    }
}

impl<'a> From<Vec<Value<'a>>> for Value<'a> {
    fn from(list: Vec<Value<'a>>) -> Self {
        Value::List(list.into())
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(yes) => serializer.serialize_bool(*yes),
            Value::Number(number) => number.serialize(serializer),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(list) => list.serialize(serializer),
            Value::Object(object) => object.serialize(serializer),
        }
    }
}

/// An object: its members in the order they were read or put, each key once.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Object<'a> {
    /// An empty object.
    pub fn new() -> Self {
        Object(Vec::new())
    }

    /// Members that the reader has already found to have each key once.
    pub(crate) fn distinct(members: Vec<(Cow<'a, str>, Value<'a>)>) -> Self {
        Object(members)
    }

    /// The member `key`.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The member at a place, counted from 0.
    pub fn at(&self, place: usize) -> Option<(&str, &Value<'a>)> {
        self.0.get(place).map(|(key, value)| (&**key, value))
    }

    /// The member `key`, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value<'a>> {
        self.0.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Puts `value` under `key`, in the place of what was there, else at the end; gives back what was there.
    pub fn insert(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) -> Option<Value<'a>> {
        let (key, value) = (key.into(), value.into());
        match self.get_mut(&key) {
            Some(old) => Some(std::mem::replace(old, value)),
            None => {
                self.0.push((key, value));
                None
            }
        }
    }

    /// Takes the member `key` out, keeping the order of the rest.
    pub fn remove(&mut self, key: &str) -> Option<Value<'a>> {
        let at = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.remove(at).1)
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// The members in order, to change their values.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&str, &mut Value<'a>)> {
        self.0.iter_mut().map(|(key, value)| (&**key, value))
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same object, owning all its text.
    pub fn into_owned(self) -> Object<'static> {
        let own = |(key, value): (Cow<'a, str>, Value<'a>)| (Cow::Owned(key.into_owned()), value.into_owned());
        Object(self.0.into_iter().map(own).collect())
    }
}

/// Members in order, each key once: where a key comes again, its last value stands in the first one's place.
impl<'a, K: Into<Cow<'a, str>>> FromIterator<(K, Value<'a>)> for Object<'a> {
    fn from_iter<I: IntoIterator<Item = (K, Value<'a>)>>(members: I) -> Self {
        let mut places = std::collections::HashMap::new();
        let mut object: Vec<(Cow<'a, str>, Value<'a>)> = Vec::new();
        for (key, value) in members {
            let key = key.into();
            match places.entry(key.clone()) {
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(object.len());
                    object.push((key, value));
                }
                std::collections::hash_map::Entry::Occupied(place) => object[*place.get()].1 = value,
            }
        }
        Object(object)
    }
}

impl<'a> IntoIterator for Object<'a> {
    type Item = (Cow<'a, str>, Value<'a>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
