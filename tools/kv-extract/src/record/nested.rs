//! `--as httpRequest.latency=ms`: the types of what stands inside a JSON object.
//!
//! Owns the way from the name of a type to the member; what becomes of its value, `mod.rs` says.

use schema::{Object, Value};

use crate::record::convert::Conversion;
use crate::record::options::Shape;
use crate::record::typed::converted;
use crate::record::{Misfit, doubts};

/// Whether a member of the type at this place is a number alone, and the path to it.
pub struct Form {
    pub at: usize,
    pub is_bare: bool,
    pub path: String,
}

/// The object under `key` with the members converted that a type names by their path; `None` where none is named. A name that
/// has a dot itself is found, too.
pub fn convert<'a>(
    shape: &Shape,
    key: &str,
    object: &Object<'a>,
    forms: &mut Vec<Form>,
) -> Result<Option<Object<'a>>, Misfit> {
    let mut changed = None;
    for (at, (typed, conversion)) in shape.types.iter().enumerate() {
        let name = std::str::from_utf8(typed).unwrap_or_default();
        let Some(path) = name.strip_prefix(key).and_then(|rest| rest.strip_prefix('.')) else { continue };
        let mut named = Named { shape, name, conversion: *conversion, at, forms };
        if let Some(object) = named.within(changed.as_ref().unwrap_or(object), &doubts::step(key), path)? {
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
    at: usize,
    forms: &'s mut Vec<Form>,
}

impl Named<'_> {
    /// An object, which stands at `place`, with the member at this path converted; `None` where it has none.
    fn within<'a>(&mut self, object: &Object<'a>, place: &str, path: &str) -> Result<Option<Object<'a>>, Misfit> {
        let below = |name: &str| format!("{place}.{}", doubts::step(name).trim_start_matches('.'));
        if let Some(value) = object.get(path) {
            let (name, value, is_bare) = self.member(path, value)?;
            if let Some(is_bare) = is_bare {
                self.forms.push(Form { at: self.at, is_bare, path: below(&name) });
            }
            return Ok(Some(replaced(object, path, name, value)));
        }
        for (dot, _) in path.match_indices('.') {
            let (first, rest) = (&path[..dot], &path[dot + 1..]);
            if let Some(Value::Object(inner)) = object.get(first)
                && let Some(inner) = self.within(inner, &below(first), rest)?
            {
                return Ok(Some(replaced(object, first, first.to_owned(), Value::Object(inner))));
            }
        }
        Ok(None)
    }

    /// A member's name with its unit, what its value is by this type, and whether it is a number alone.
    fn member<'a>(&self, member: &str, value: &Value<'a>) -> Result<(String, Value<'a>, Option<bool>), Misfit> {
        let text = match value {
            Value::Null => return Ok((member.to_owned(), Value::Null, None)),
            Value::Text(text) => text.to_string(),
            other => {
                let mut json = Vec::new();
                schema::json::write(other, &mut json);
                String::from_utf8_lossy(&json).into_owned()
            }
        };
        if self.shape.none.iter().any(|none| none == text.as_bytes()) {
            return Ok((member.to_owned(), Value::Null, None));
        }
        let suffix = if member.ends_with(self.conversion.suffix()) { "" } else { self.conversion.suffix() };
        let name = format!("{member}{suffix}");
        if self.conversion == Conversion::Text {
            return Ok((name, Value::Text(text.into()), None));
        }
        let mut json = Vec::new();
        converted(self.shape, self.name.as_bytes(), text.as_bytes(), self.conversion, &mut json)?;
        let form = self.conversion.form(self.name.as_bytes(), text.as_bytes());
        Ok((name, schema::json::parse(&json).map_err(|error| error.to_string())?.into_owned(), form))
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
