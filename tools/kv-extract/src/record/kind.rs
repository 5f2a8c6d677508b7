//! `--shape`: a line's kind, by a fixed masking of what differs from line to line.
//!
//! Owns the masking, which is the same for every line and every run, so that the kinds of two nights can be compared:
//! whatever holds a digit is `#`, what stands in quotes `"#"`, a path `/#`. Linear in the line.

use memchr::memchr;

const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
/// From so many letters on, a word of hexadecimal digits alone is an id.
const ID: usize = 8;

/// Whether a byte stands between words.
fn parts(byte: u8) -> bool {
    byte <= b' ' || b",;()[]{}<>|=\"'`!?".contains(&byte)
}

/// Appends the kind of `line` to `out`.
pub fn mask(line: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    let mut no_apostrophe = false;
    while let Some(&byte) = line.get(at) {
        if byte <= b' ' {
            at += line[at..].iter().take_while(|&&byte| byte <= b' ').count();
            if !out.is_empty() && at < line.len() {
                out.push(b' ');
            }
            continue;
        }
        if byte == b'"' || byte == b'\'' {
            let opens = at == 0 || line.get(at - 1).is_some_and(|&before| parts(before) || before == b':');
            let close = if !opens || (byte == b'\'' && no_apostrophe) {
                None
            } else if byte == b'"' {
                crate::grammar::prose::closing_quote(line, at + 1)
            } else {
                let found = memchr(b'\'', &line[at + 1..]).map(|step| at + 1 + step);
                no_apostrophe = found.is_none();
                found
            };
            match close {
                Some(close) => {
                    out.extend_from_slice(b"\"#\"");
                    at = close + 1;
                }
                None => {
                    out.push(byte);
                    at += 1;
                }
            }
            continue;
        }
        if parts(byte) {
            out.push(byte);
            at += 1;
            continue;
        }
        let mut length = line[at..].iter().take_while(|&&byte| !parts(byte)).count();
        if is_path(&line[at..at + length]) {
            // A query belongs to it.
            length = line[at..].iter().take_while(|&&byte| byte > b' ' && !b"\"'`,;)]}>|".contains(&byte)).count();
        }
        word(&line[at..at + length], out);
        at += length;
    }
    while out.last() == Some(&b' ') {
        out.pop();
    }
}

/// Whether a word is a path or a URL.
fn is_path(word: &[u8]) -> bool {
    let begins = word.starts_with(b"/") || word.starts_with(b"./") || word.starts_with(b"~/");
    (begins && word.len() > 1) || memchr::memmem::find(word, b"://").is_some()
}

fn word(word: &[u8], out: &mut Vec<u8>) {
    // What ends a sentence or a label stays.
    let core = word.len() - word.iter().rev().take_while(|byte| matches!(byte, b'.' | b':')).count();
    let (word, behind) = word.split_at(core);
    let is_id = word.len() >= ID && word.iter().all(u8::is_ascii_hexdigit);
    // The name of a month or a day belongs to a time if a number is its neighbour.
    let is_part = MONTHS.contains(&word) || DAYS.contains(&word);
    if is_path(word) {
        out.extend_from_slice(b"/#");
    } else if word.iter().any(u8::is_ascii_digit) || is_id || is_part {
        // Times and lists of numbers, of however many words, are one.
        if out.ends_with(b"# ") {
            out.pop();
        } else if !out.ends_with(b"#") {
            out.push(b'#');
        }
    } else {
        out.extend_from_slice(word);
    }
    out.extend_from_slice(behind);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_masked() {
        for (lines, expected) in [
            (
                &[
                    "2026-03-05 20:32:12.345 ERROR [worker-7] no route to 10.0.0.7:80 after 12ms (try 3)",
                    "Mar  5 20:32:12 ERROR [worker-12] no route to web3:8080 after 1.5s (try 11)",
                ][..],
                "# ERROR [#] no route to # after # (try #)",
            ),
            (
                &[
                    "user=\"bob smith\" id=550e8400-e29b-41d4-a716-446655440000 path=/a/b took=12",
                    "user=\"x\" id=deadbeef path=/c?x=1 took=0.5",
                ],
                "user=\"#\" id=# path=/# took=#",
            ),
            (&["can't open 'a b': No such file", "can't open 'c': No such file"], "can't open \"#\": No such file"),
            (&["GET https://h/x?y=1 failed.", "GET http://h/ failed."], "GET /#"),
            (&["", "   "], ""),
        ] {
            for line in lines {
                let mut out = Vec::new();
                mask(line.as_bytes(), &mut out);
                let got = String::from_utf8(out).unwrap();
                assert!(got.starts_with(expected), "{line}: {got}");
            }
        }
    }
}
