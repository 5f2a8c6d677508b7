//! A check against a JSON Schema, as far as our own schemas go: a keyword it does not know is an error.

use schema::{Value, json};

/// What of `document` does not fit `schema`, both JSON texts; empty where it fits.
pub fn schema_errors(schema: &str, document: &[u8]) -> Vec<String> {
    let root = json::parse(schema.as_bytes()).unwrap_or_else(|error| panic!("the schema: {error}"));
    match json::parse(document) {
        Err(error) => vec![format!("no JSON at {}: {error}", error.offset)],
        Ok(value) => {
            let mut errors = Vec::new();
            check(&root, &root, &value, "$", &mut errors);
            errors
        }
    }
}

fn check(root: &Value<'_>, rule: &Value<'_>, value: &Value<'_>, place: &str, errors: &mut Vec<String>) {
    let Some(keywords) = rule.as_object() else { panic!("{place}: a rule that is {}", rule.kind()) };
    for (keyword, wanted) in keywords.iter() {
        let fits = match keyword {
            "$schema" | "$defs" | "title" | "description" | "$id" | "$comment" => true,
            "$ref" => {
                let pointer = wanted.as_text().expect("$ref is text").strip_prefix("#/").expect("$ref stays here");
                let target =
                    pointer.split('/').fold(root, |at, key| at.get(key).unwrap_or_else(|| panic!("{pointer}")));
                check(root, target, value, place, errors);
                true
            }
            "type" => match wanted {
                Value::List(types) => types.iter().any(|kind| is(value, kind)),
                kind => is(value, kind),
            },
            "const" => value == wanted,
            "enum" => wanted.as_list().expect("enum is a list").contains(value),
            "minimum" => {
                let number = |value: &Value<'_>| value.as_number().and_then(|number| number.to_f64());
                number(value).is_none_or(|value| Some(value) >= number(wanted))
            }
            "minItems" => {
                let least = wanted.as_number().and_then(|number| number.as_u64()).expect("minItems is a count");
                value.as_list().is_none_or(|list| list.len() as u64 >= least)
            }
            "pattern" => value.as_text().is_none_or(|text| matches(wanted.as_text().expect("pattern is text"), text)),
            "required" => {
                for key in wanted.as_list().expect("required is a list").iter().filter_map(Value::as_text) {
                    if value.as_object().is_some_and(|object| object.get(key).is_none()) {
                        errors.push(format!("{place}: no {key:?}"));
                    }
                }
                true
            }
            "properties" => {
                for (key, rule) in wanted.as_object().expect("properties is an object").iter() {
                    if let Some(value) = value.get(key) {
                        check(root, rule, value, &format!("{place}.{key}"), errors);
                    }
                }
                true
            }
            "additionalProperties" => {
                let named = keywords.get("properties").and_then(Value::as_object);
                let others = value.as_object().map(|object| object.iter().collect::<Vec<_>>()).unwrap_or_default();
                for (key, value) in others {
                    if named.is_some_and(|named| named.get(key).is_some()) {
                        continue;
                    }
                    match wanted {
                        Value::Bool(true) => {}
                        Value::Bool(false) => errors.push(format!("{place}: {key:?} does not belong there")),
                        rule => check(root, rule, value, &format!("{place}.{key}"), errors),
                    }
                }
                true
            }
            "items" => {
                for (index, value) in value.as_list().unwrap_or_default().iter().enumerate() {
                    check(root, wanted, value, &format!("{place}[{index}]"), errors);
                }
                true
            }
            "oneOf" | "anyOf" => {
                let rules = wanted.as_list().expect("a list of rules");
                let fitting = rules.iter().filter(|rule| {
                    let mut inner = Vec::new();
                    check(root, rule, value, place, &mut inner);
                    inner.is_empty()
                });
                let count = fitting.count();
                if keyword == "oneOf" { count == 1 } else { count > 0 }
            }
            _ => panic!("{place}: the schema says {keyword:?}, which is not known here"),
        };
        if !fits {
            let mut shown = Vec::new();
            json::write(value, &mut shown);
            errors.push(format!("{place}: {keyword} does not fit {}", json::quote(&shown)));
        }
    }
}

fn is(value: &Value<'_>, kind: &Value<'_>) -> bool {
    match (kind.as_text().expect("a type is text"), value) {
        ("null", Value::Null) | ("boolean", Value::Bool(_)) | ("string", Value::Text(_)) => true,
        ("array", Value::List(_)) | ("object", Value::Object(_)) | ("number", Value::Number(_)) => true,
        ("integer", Value::Number(number)) => !number.as_str().contains(['.', 'e', 'E']),
        _ => false,
    }
}

/// The few patterns of our schemas, spelled out.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern {
        "^[0-9a-f]{64}$" => is_hex(text, 64),
        "^[0-9a-f]{32}$" => is_hex(text, 32),
        "^[0-9]+(\\.[0-9]+)?%?$" => {
            let number = text.strip_suffix('%').unwrap_or(text);
            number.split('.').count() <= 2
                && number.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        }
        _ => panic!("the schema says pattern {pattern:?}, which is not known here"),
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_named() {
        let fits = |schema: &str, text: &str| schema_errors(schema, text.as_bytes());
        assert!(fits(schema::SEAL_SCHEMA, r#"{"@seal":{}}"#)[0].contains("$.@seal: no"));
        assert!(!fits(schema::CHECK_SCHEMA, "{}").is_empty());
        assert!(!fits(schema::VERDICT_SCHEMA, "[]").is_empty());
        assert!(!fits(schema::EVIDENCE_SCHEMA, r#"{"sources":1}"#).is_empty());
        assert_eq!(fits(r#"{"type":["null","integer"]}"#, "3"), Vec::<String>::new());
        assert_eq!(fits(r#"{"type":"integer"}"#, "3.5").len(), 1);
        assert_eq!(fits(r#"{"enum":["a"]}"#, "\"b\"").len(), 1);
        assert_eq!(fits(r#"{"oneOf":[{"type":"null"},{"const":1}]}"#, "2").len(), 1);
        assert_eq!(fits(r#"{"pattern":"^[0-9a-f]{64}$"}"#, "\"0\"").len(), 1);
        assert_eq!(fits(r#"{"additionalProperties":false}"#, r#"{"a":1}"#).len(), 1);
    }

    #[test]
    fn what_the_structs_write_fits_their_schemas() {
        let mut seal = Vec::from(&b"{\"@seal\":"[..]);
        json::write_struct(
            &schema::Seal {
                schema: 1,
                upstream: Some(vec![schema::Seal { schema: 1, ..Default::default() }]),
                ..Default::default()
            },
            &mut seal,
        )
        .unwrap();
        seal.push(b'}');
        assert_eq!(schema_errors(schema::SEAL_SCHEMA, &seal), Vec::<String>::new());
        let mut check = Vec::new();
        json::write_struct(&schema::Check::inconclusive("a", "", schema::Code::Missing), &mut check).unwrap();
        assert_eq!(schema_errors(schema::CHECK_SCHEMA, &check), Vec::<String>::new());
        let mut evidence = Vec::new();
        json::write_struct(&schema::Evidence::default(), &mut evidence).unwrap();
        assert_eq!(schema_errors(schema::EVIDENCE_SCHEMA, &evidence), Vec::<String>::new());
    }
}
