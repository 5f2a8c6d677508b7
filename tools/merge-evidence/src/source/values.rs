//! The JSON values in a file: one document, records a line each, or values behind one another, with their seals.
//!
//! Owns where one value ends and the next begins; every seal is held against what stood before it.

use filter::{SealCheck, begins_as_seal};
use schema::{Seal, Value, json};

use crate::facts::{Failure, located};

/// The values of a file and its seals.
#[derive(Debug, Default)]
pub struct Found<'a> {
    /// The values, in order.
    pub values: Vec<Value<'a>>,
    /// The seals, each with those it stands on.
    pub seals: Vec<Seal>,
}

impl Found<'_> {
    /// The same with values of its own.
    pub fn into_owned(self) -> Found<'static> {
        Found { values: self.values.into_iter().map(Value::into_owned).collect(), seals: self.seals }
    }
}

/// Reads every value of `bytes`. `sealed` asks for a seal at the end.
///
/// # Errors
/// The first text that is no JSON value; a seal that is missing or wrong.
pub fn all(bytes: &[u8], sealed: bool) -> Result<Found<'_>, Failure> {
    let mut found = Found::default();
    let mut check = SealCheck::default();
    let mut at = 0;
    let mut line = 1;
    // Where what the next seal counts begins.
    let mut segment = 0;
    let mut records = 0;
    while let Some(blanks) = bytes[at..].iter().position(|byte| !byte.is_ascii_whitespace()) {
        line += newlines(&bytes[at..at + blanks]);
        at += blanks;
        let end = at + length(&bytes[at..]);
        let text = &bytes[at..end];
        let value = json::parse_lazily(text).map_err(|error| located(&error, text, line))?;
        if begins_as_seal(text) {
            let start = line_start(bytes, at);
            check.records(records);
            check.bytes(&bytes[segment..start]);
            let seal = check.line(text).map_err(|fault| Failure::whole(format!("{}: {}", fault.code, fault.detail)))?;
            found.seals.push(seal);
            segment = line_end(bytes, end);
            records = 0;
        } else {
            records += 1;
            found.values.push(value);
        }
        line += newlines(text);
        at = end;
    }
    check.records(records);
    check.end(sealed).map_err(|fault| Failure::whole(format!("{}: {}", fault.code, fault.detail)))?;
    Ok(found)
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'\n').count()
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |newline| at + newline + 1)
}

/// How long the value is that `bytes` begin with: up to where its brackets close, else all of it.
pub fn length(bytes: &[u8]) -> usize {
    if !matches!(bytes.first(), Some(b'{' | b'[' | b'"')) {
        return bytes.iter().position(u8::is_ascii_whitespace).unwrap_or(bytes.len());
    }
    let mut depth = 0u64;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += 1;
                loop {
                    match bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
                        None => return bytes.len(),
                        Some(step) if bytes[at + step] == b'\\' => at += step + 2,
                        Some(step) => {
                            at += step;
                            break;
                        }
                    }
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Result<Vec<String>, Failure> {
        let found = all(text.as_bytes(), false)?;
        let text = |value: &Value<'_>| {
            let mut out = Vec::new();
            json::write(value, &mut out);
            String::from_utf8(out).unwrap()
        };
        Ok(found.values.iter().map(text).collect())
    }

    #[test]
    fn documents_lines_and_neighbours() {
        assert_eq!(texts("{\n \"a\": [1,\n {\"b\":\"}\\\"\"}]\n}\n").unwrap(), ["{\"a\":[1,{\"b\":\"}\\\"\"}]}"]);
        assert_eq!(texts("{\"a\":1}\n\n{\"a\":2}").unwrap(), ["{\"a\":1}", "{\"a\":2}"]);
        assert_eq!(texts("{\"a\":1}{\"a\":2} 3 null \"x\"").unwrap().len(), 5);
        assert_eq!(texts(" \n").unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        for (text, place, reason) in [
            ("{\"a\":1}\n{\"a\":", (2, 6), "the document ends where a JSON value should be (cut short?)"),
            ("{\"a\":1}\n\n  {\"a\":1,\"a\":2}", (3, 8), "the key \"a\" appears twice in one object"),
            ("{\"a\":1}}", (1, 1), "'}' where a JSON value should be"),
            ("it went well", (1, 1), "'i' where a JSON value should be"),
        ] {
            let failure = texts(text).unwrap_err();
            assert_eq!((failure.place, failure.reason.as_str()), (Some(place), reason), "{text}");
        }
    }

    #[test]
    fn seals_are_held_against_what_came() {
        let seal = |records: u64, bytes: u64| {
            format!("{{\"@seal\":{{\"tool\":\"x\",\"records\":{records},\"bytes\":{bytes}}}}}\n")
        };
        let good = format!("{{\"a\":1}}\n{{\"a\":2}}\n{}{{\"a\":3}}\n{}", seal(2, 16), seal(1, 8));
        let found = all(good.as_bytes(), true).unwrap();
        assert_eq!((found.values.len(), found.seals.len()), (3, 2));
        assert!(all(b"{\"a\":1}\n", true).unwrap_err().reason.starts_with("no-seal: "));
        assert!(
            all(format!("{{\"a\":1}}\n{}", seal(2, 8)).as_bytes(), false)
                .unwrap_err()
                .reason
                .starts_with("count-mismatch")
        );
        assert!(
            all(format!("{}{{\"a\":1}}\n", seal(0, 0)).as_bytes(), false).unwrap_err().reason.starts_with("no-seal")
        );
        let blank = format!("{{\"a\":1}}\n\n{}", seal(1, 8));
        assert!(all(blank.as_bytes(), false).unwrap_err().reason.starts_with("count-mismatch"));
    }
}
