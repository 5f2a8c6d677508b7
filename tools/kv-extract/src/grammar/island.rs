//! JSON inside a line of prose: `INFO {"dur":900,"msg":"x dur=12"}`, `payload={"a":1} took=3`.
//!
//! Owns where such a text begins and ends, by its brackets and quotes alone; what is inside is no pair of the line's own. It
//! refuses to read it. One pass: every byte is looked at a bounded number of times.

use std::ops::Range;

use memchr::{memchr, memmem};

/// What hides the inside of an island: a byte that no key holds and that bounds none, nor ends a value.
const MASK: u8 = b'*';

/// The first JSON object, or list of some, at `from` or behind it; up to the end of the line where it is not closed.
pub fn first(line: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    let mut quoted = from..from;
    loop {
        let brace = at + memchr(b'{', line.get(at..)?)?;
        at = brace + 1;
        if line.get(at) != Some(&b'"') {
            continue;
        }
        if let Some(end) = doubled(line, brace) {
            return Some(brace..end);
        }
        let Some(close) = super::prose::closing_quote(line, brace + 2) else { continue };
        // `err="expected {" got=":"`: the brace ends a text of the line's own.
        let key = line.get(brace + 2..close)?;
        if !is_plain_key(key) && is_quoted(line, brace, &mut quoted) {
            continue;
        }
        let behind = line.get(close + 1..)?;
        if !behind.trim_ascii_start().starts_with(b":") {
            continue;
        }
        let start = if brace > from && line.get(brace - 1) == Some(&b'[') { brace - 1 } else { brace };
        return Some(start..end(line, start));
    }
}

/// Where an object ends that stands in a field of a table, each of its quotes twice: `"{""took"":900}"`.
fn doubled(line: &[u8], brace: usize) -> Option<usize> {
    let key = line.get(brace + 1..)?.strip_prefix(b"\"\"")?;
    let close = memmem::find(key.get(..key.len().min(128))?, b"\"\"")?;
    let behind = key.get(close + 2..)?;
    (close > 0 && behind.trim_ascii_start().starts_with(b":")).then_some(())?;
    let mut at = line.len() - behind.len();
    // A quote that stands alone ends the field.
    loop {
        let Some(quote) = memchr(b'"', line.get(at..)?) else { return Some(line.len()) };
        at += quote + 1;
        if line.get(at) != Some(&b'"') {
            return Some(at - 1);
        }
        at += 1;
    }
}

/// Whether a key looks like one of an object: most begin with a letter, and none has the sign of a pair.
fn is_plain_key(key: &[u8]) -> bool {
    key.first().is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte >= 0x80 || b"_@$.".contains(&byte))
        && memchr(b'=', key).is_none()
}

/// Whether the byte at `at` stands in the quotes of a value. `quoted` is the value that was looked at last.
fn is_quoted(line: &[u8], at: usize, quoted: &mut Range<usize>) -> bool {
    while quoted.end <= at {
        let opened = line.get(quoted.end..at).and_then(|text| memmem::find(text, b"=\""));
        let start = opened.map(|step| quoted.end + step + 2);
        let Some((start, close)) = start.and_then(|start| Some((start, super::prose::closing_quote(line, start)?)))
        else {
            // The next one looks no further back.
            *quoted = at..at;
            return false;
        };
        *quoted = start..close + 1;
    }
    quoted.contains(&at)
}

/// Behind the bracket that closes the one at `start`; the end of the line where none does.
fn end(line: &[u8], start: usize) -> usize {
    closed(line, start).unwrap_or(line.len())
}

/// Behind the bracket that closes the one at `start`, if one does.
pub fn closed(line: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_u32;
    let mut at = start;
    while let Some(&byte) = line.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b'"' => at = super::prose::closing_quote(line, at + 1)?,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Puts `line` into `masked` with the insides of its islands hidden, and gives back where they are; nothing is done where
/// there are none. All places stay where they were.
pub fn mask(line: &[u8], masked: &mut Vec<u8>, islands: &mut Vec<Range<usize>>) {
    islands.clear();
    let mut at = 0;
    while let Some(island) = first(line, at) {
        at = island.end;
        islands.push(island);
    }
    if islands.is_empty() {
        return;
    }
    masked.clear();
    masked.extend_from_slice(line);
    for island in &*islands {
        // The brackets stay, as bounds of what stands beside them.
        let is_closed = island.end > island.start + 1 && matches!(line.get(island.end - 1), Some(b'}' | b']'));
        let inside = island.start + 1..island.end - usize::from(is_closed);
        if let Some(inside) = masked.get_mut(inside) {
            inside.fill(MASK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn islands(line: &str) -> Vec<&str> {
        let (mut masked, mut islands) = (Vec::new(), Vec::new());
        mask(line.as_bytes(), &mut masked, &mut islands);
        islands.into_iter().map(|island| &line[island]).collect()
    }

    #[test]
    fn islands_are_whole() {
        for (line, expected) in [
            (r#"INFO {"dur":900,"msg":"x dur=12"}"#, vec![r#"{"dur":900,"msg":"x dur=12"}"#]),
            (r#"a={"b":{"c":"}"}},d {"e" : 1}f"#, vec![r#"{"b":{"c":"}"}}"#, r#"{"e" : 1}"#]),
            (r#"x [{"a":1}, {"b":"]"}] y"#, vec![r#"[{"a":1}, {"b":"]"}]"#]),
            (r#"cut {"a":"x dur=12"#, vec![r#"{"a":"x dur=12"#]),
            (r#"cut {"a":1 dur=12"#, vec![r#"{"a":1 dur=12"#]),
            (r#"none {"a"=>1, "b"=>2} {"c"} {"{"{"#, vec![]),
            (r#"err="expected {" got=":" took=9000"#, vec![]),
            (r#"err="expected {",got=":" took=9000"#, vec![]),
            (r#"a="x" err="expected {" but ": b" {"c":1}"#, vec![r#"{"c":1}"#]),
            (r#"payload="{"a":"x dur=12"}" took=5"#, vec![r#"{"a":"x dur=12"}"#]),
            (r#"5" disk {" a":"x dur=12"}"#, vec![r#"{" a":"x dur=12"}"#]),
            (r#"a="b" {" c":1}"#, vec![r#"{" c":1}"#]),
            (r#"{"a\"":1}{"b":2}"#, vec![r#"{"a\"":1}"#, r#"{"b":2}"#]),
            // In a field of a table.
            (
                r#"x,"{""m"":""x dur=12"",""e"":"""",""dur"":900}",b=1"#,
                vec![r#"{""m"":""x dur=12"",""e"":"""",""dur"":900}"#],
            ),
            (r#"x,"{""m"":""x dur=12"#, vec![r#"{""m"":""x dur=12"#]),
            (r#"x {""} {"" a=1"#, vec![]),
        ] {
            assert_eq!(islands(line), expected, "{line}");
        }
    }

    #[test]
    fn a_hostile_line_is_looked_at_once() {
        for word in
            ["{\"\"", "{\"\"a\"\":", "=\"{\" =\":", "=\"{\" ", "{\"", "{\"\\\"", "{\"a\":", "[{\"a\":\"", "{\"a\" "]
        {
            // A look at every byte for every word would take some minutes.
            let line = word.repeat(100_000);
            let begun = std::time::Instant::now();
            islands(&line);
            assert!(begun.elapsed().as_secs() < 60, "{word}");
        }
    }
}
