//! `--as httpRequest.latency=ms`: the types of what stands inside a JSON object.
//!
//! Owns the way from the name of a type to the member; what becomes of its value, `mod.rs` says.

use schema::{Object, Value};

use crate::record::convert::Conversion;
use crate::record::options::Shape;
use crate::record::{Misfit, converted};

/// The object under `key` with the members converted that a type names by their path; `None` where none is named. A name that
/// has a dot itself is found, too.
pub fn convert<'a>(shape: &Shape, key: &str, object: &Object<'a>) -> Result<Option<Object<'a>>, Misfit> {
    let mut changed = None;
    for (typed, conversion) in &shape.types {
        let name = std::str::from_utf8(typed).unwrap_or_default();
        let Some(path) = name.strip_prefix(key).and_then(|rest| rest.strip_prefix('.')) else { continue };
        let named = Named { shape, name, conversion: *conversion };
        if let Some(object) = named.within(changed.as_ref().unwrap_or(object), path)? {
            changed = Some(object);
        }
    }
    Ok(changed)
}

/// One type.
struct Named<'s> {
    shape: &'s Shape,
    name: &'s str,
    conversion: Conversion,
}

impl Named<'_> {
    /// An object with the member at this path converted; `None` where it has none.
    fn within<'a>(&self, object: &Object<'a>, path: &str) -> Result<Option<Object<'a>>, Misfit> {
        if let Some(value) = object.get(path) {
            let (name, value) = self.member(path, value)?;
            return Ok(Some(replaced(object, path, name, value)));
        }
        for (dot, _) in path.match_indices('.') {
            let (first, rest) = (&path[..dot], &path[dot + 1..]);
            if let Some(Value::Object(inner)) = object.get(first)
                && let Some(inner) = self.within(inner, rest)?
            {
                return Ok(Some(replaced(object, first, first.to_owned(), Value::Object(inner))));
            }
        }
        Ok(None)
    }

    /// A member's name with its unit, and what its value is by this type.
    fn member<'a>(&self, member: &str, value: &Value<'a>) -> Result<(String, Value<'a>), Misfit> {
        let text = match value {
            Value::Null => return Ok((member.to_owned(), Value::Null)),
            Value::Text(text) => text.to_string(),
            other => {
                let mut json = Vec::new();
                schema::json::write(other, &mut json);
                String::from_utf8_lossy(&json).into_owned()
            }
        };
        if self.shape.none.iter().any(|none| none == text.as_bytes()) {
            return Ok((member.to_owned(), Value::Null));
        }
        let suffix = if member.ends_with(self.conversion.suffix()) { "" } else { self.conversion.suffix() };
        let name = format!("{member}{suffix}");
        if self.conversion == Conversion::Text {
            return Ok((name, Value::Text(text.into())));
        }
        let mut json = Vec::new();
        converted(self.shape, self.name.as_bytes(), text.as_bytes(), self.conversion, &mut json)?;
        Ok((name, schema::json::parse(&json).map_err(|error| error.to_string())?.into_owned()))
    }
}

/// An object with another member in the place of one.
fn replaced<'a>(object: &Object<'a>, old: &str, name: String, value: Value<'a>) -> Object<'a> {
    let mut made = Object::new();
    for (key, other) in object.iter() {
        if key == old {
            made.insert(name.clone(), value.clone());
        } else if key != name {
            made.insert(key.to_owned(), other.clone());
        }
    }
    made
}
