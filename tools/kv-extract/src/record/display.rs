//! A record as text for people, where the output is a terminal: `key=value key="a text"`.
//!
//! Owns how it looks and that nothing in it moves the cursor; refuses to change what the record says.

use schema::{Value, json};

use crate::record::escape;
use crate::record::number;

/// Puts text for people in the place of the record that stands in `out` from `start` on.
pub fn rewrite(out: &mut Vec<u8>, start: usize) {
    let Ok(Value::Object(record)) = json::parse(out.get(start..).unwrap_or_default()) else { return };
    let pairs: Vec<String> =
        record.iter().map(|(key, value)| format!("{}={}", word(key, false), shown(value))).collect();
    let line = pairs.join(" ");
    out.truncate(start);
    out.extend_from_slice(line.as_bytes());
}

fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => word(text, true),
        other => {
            let mut text = Vec::new();
            json::write(other, &mut text);
            visible(&String::from_utf8_lossy(&text))
        }
    }
}

/// A text as it stands where it cannot be taken for anything else, else in quotes.
fn word(text: &str, is_value: bool) -> String {
    let is_typed = is_value && (number::is_number(text.as_bytes()) || matches!(text, "true" | "false" | "null"));
    let plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !matches!(letter, '"' | '=' | '\\');
    let starts_list = is_value && text.starts_with(['{', '[']);
    if text.is_empty() || is_typed || starts_list || !text.chars().all(plain) {
        let mut quoted = Vec::new();
        escape::write(text.as_bytes(), &mut quoted);
        return visible(&String::from_utf8_lossy(&quoted));
    }
    visible(text)
}

/// Control characters, and those that turn the direction of writing, as escapes.
fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for letter in text.chars() {
        let turns =
            matches!(letter, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        if letter.is_control() || turns {
            visible.push_str(&format!("\\u{:04x}", u32::from(letter)));
        } else {
            visible.push(letter);
        }
    }
    visible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_says_what_the_record_says() {
        let text = |record: &str| {
            let mut out = record.as_bytes().to_vec();
            rewrite(&mut out, 0);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(text(r#"{"a":1,"b":"x y","c":true,"d":null,"e":1.50}"#), r#"a=1 b="x y" c=true d=null e=1.50"#);
        assert_eq!(text(r#"{"a":"1","b":"true","c":"","d":"k=v"}"#), r#"a="1" b="true" c="" d="k=v""#);
        assert_eq!(text(r#"{"a":["x",1],"b":{"c":2},"d":"[1]"}"#), r#"a=["x",1] b={"c":2} d="[1]""#);
        assert_eq!(text("{\"a\":\"\\u001b[2J\",\"b\":\"\u{202e}x\u{9b}\"}"), "a=\"\\u001b[2J\" b=\"\\u202ex\\u009b\"");
        assert_eq!(text("{}"), "");
    }
}
