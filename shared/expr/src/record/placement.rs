//! Putting a value where a path means: objects are made on the way, a flat key that is there is replaced.
//!
//! Owns what is made and what is refused. Refuses to go into what is no object, past a list's end, or by a wildcard.

use schema::{Object, Value};

use crate::record::path::place_in_list;
use crate::{Error, Path, Step};

impl Path {
    /// Puts `value` where the path means in `object`, making objects on the way; gives back what was there.
    ///
    /// A flat key that is there is replaced. `Err` where a step goes into something that is no object, past the end of a
    /// list, or the path has a wildcard.
    pub fn set<'a>(&self, object: &mut Object<'a>, value: Value<'a>) -> Result<Option<Value<'a>>, Error> {
        if self.has_wildcard() {
            return Err(self.error("is not one place: it has a wildcard"));
        }
        let mut root = Value::Object(std::mem::take(object));
        let result = self.set_from(&mut root, 0, value);
        if let Value::Object(root) = root {
            *object = root;
        }
        result
    }

    fn set_from<'a>(&self, target: &mut Value<'a>, from: usize, value: Value<'a>) -> Result<Option<Value<'a>>, Error> {
        let Some(step) = self.steps.get(from) else { return Ok(Some(std::mem::replace(target, value))) };
        let last = from + 1 == self.steps.len();
        match (target, step) {
            (Value::Object(object), Step::Name { text, .. }) => {
                let keys = self.flat.get(from).map(Vec::as_slice).unwrap_or_default();
                let flat = keys.iter().enumerate().skip(1).rev().find(|(_, key)| object.get(key).is_some());
                if let Some((place, key)) = flat
                    && let Some(member) = object.get_mut(key)
                {
                    return self.set_from(member, from + place + 1, value);
                }
                if last {
                    return Ok(object.insert(text.clone(), value));
                }
                if object.get(text).is_none() {
                    object.insert(text.clone(), Object::new());
                }
                match object.get_mut(text) {
                    Some(member) => self.set_from(member, from + 1, value),
                    None => Ok(None),
                }
            }
            (Value::List(list), step) => {
                let place = match step {
                    Step::Index(index) => Some(*index),
                    Step::Name { text, .. } => place_in_list(text),
                    Step::Any | Step::Deep => None,
                };
                match place {
                    Some(place) if place == list.len() && last => {
                        list.push(value);
                        Ok(None)
                    }
                    Some(place) => list.change(|list| match list.get_mut(place) {
                        Some(element) => self.set_from(element, from + 1, value),
                        None => Err(self.error("goes past the end of a list")),
                    }),
                    None => Err(self.error("goes into a list by a name")),
                }
            }
            (other, _) => Err(self.error(&format!("goes into {}", other.kind()))),
        }
    }

    fn error(&self, what: &str) -> Error {
        Error::new(format!("the path {self} {what}"), 0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::json;

    fn path(text: &str) -> Path {
        Path::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn set_makes_objects_and_refuses_others() {
        let set = |text: &str, document: &'static str| {
            let Value::Object(mut object) = json::parse(document.as_bytes()).unwrap() else { panic!() };
            path(text).set(&mut object, Value::from(9)).map_err(|error| error.to_string())?;
            let mut out = Vec::new();
            json::write_object(&object, &mut out);
            Ok::<String, String>(String::from_utf8(out).unwrap())
        };
        assert_eq!(set("a.b", "{}").unwrap(), r#"{"a":{"b":9}}"#);
        assert_eq!(set("a.b", r#"{"a":{"b":1,"c":2}}"#).unwrap(), r#"{"a":{"b":9,"c":2}}"#);
        assert_eq!(set("a.b", r#"{"a.b":1}"#).unwrap(), r#"{"a.b":9}"#);
        assert_eq!(set("l[1]", r#"{"l":[1]}"#).unwrap(), r#"{"l":[1,9]}"#);
        assert_eq!(set("l[2]", r#"{"l":[1]}"#).unwrap_err(), "the path l[2] goes past the end of a list");
        assert_eq!(set("a.b", r#"{"a":5}"#).unwrap_err(), "the path a.b goes into a number");
        assert!(set("a.*", "{}").is_err());
    }
}
