//! The common and the combined log format of web servers.
//!
//! Owns the places of the fields of one line; refuses a line that has not all of the common ones.

use std::ops::Range;

use memchr::{memchr, memchr2};

/// The names of all fields.
pub const NAMES: [&str; 12] =
    ["host", "ident", "user", "time", "method", "path", "protocol", "request", "status", "bytes", "referer", "agent"];

/// A field's name, where it stands, and whether its escapes are to be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The key it is written under.
    pub name: &'static str,
    /// Its place in the line.
    pub place: Range<usize>,
    /// Whether it is text whatever it looks like: it stood in quotes or brackets.
    pub text: bool,
}

/// The fields of a line, and where the rest of it begins; `None` where it is not in this format.
///
/// `host ident user [time] "method path protocol" status bytes`, then perhaps `"referer" "agent"`. A `-` is a field
/// that is not there.
pub fn fields(line: &[u8], mut each: impl FnMut(Field)) -> Option<usize> {
    let mut at = 0;
    let word = |at: &mut usize| {
        let start = *at;
        let length = memchr(b' ', line.get(start..)?).unwrap_or(line.len() - start);
        *at = start + length + 1;
        (length > 0).then_some(start..start + length)
    };
    let host = word(&mut at)?;
    let ident = word(&mut at)?;
    let user_start = at;
    // A user's name may hold blanks; the bracket of the time ends it.
    let bracket = user_start + memchr(b'[', line.get(user_start..)?)?;
    let user = user_start..bracket.checked_sub(1).filter(|&end| end > user_start && line[end] == b' ')?;
    let time_end = bracket + memchr(b']', &line[bracket..])?;
    let time = bracket + 1..time_end;
    at = time_end + 1;
    let request = quoted(line, &mut at)?;
    skip_blank(line, &mut at)?;
    let status = word(&mut at)?;
    if status.len() != 3 || !line[status.clone()].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let bytes = word(&mut at)?;
    if !line[bytes.clone()].iter().all(|byte| byte.is_ascii_digit()) && &line[bytes.clone()] != b"-" {
        return None;
    }
    let mut field = |name, place: Range<usize>, text| {
        if line.get(place.clone()) != Some(b"-") {
            each(Field { name, place, text });
        }
    };
    field("host", host, true);
    field("ident", ident, true);
    field("user", user, true);
    field("time", time, true);
    let mut words = request.clone();
    for name in ["method", "path"] {
        let length = memchr(b' ', &line[words.clone()]);
        match (length, name) {
            // A request that is not `METHOD PATH PROTOCOL` stands whole, so that nothing of it is lost.
            (None, "method") => {
                field("request", request.clone(), true);
                words = request.end..request.end;
                break;
            }
            _ => {
                let end = length.map_or(words.end, |length| words.start + length);
                field(name, words.start..end, true);
                words = (end + 1).min(words.end)..words.end;
            }
        }
    }
    if !words.is_empty() {
        field("protocol", words, true);
    }
    field("status", status, false);
    field("bytes", bytes, false);
    let mut rest = at.min(line.len());
    for name in ["referer", "agent"] {
        let mut ahead = rest.saturating_sub(1);
        let Some(place) = quoted(line, &mut ahead) else { break };
        field(name, place, true);
        rest = ahead.min(line.len());
        rest += usize::from(line.get(rest) == Some(&b' '));
    }
    Some(rest)
}

fn skip_blank(line: &[u8], at: &mut usize) -> Option<()> {
    (line.get(*at) == Some(&b' ')).then(|| *at += 1)
}

/// A text in double quotes behind one blank; `at` goes behind it.
fn quoted(line: &[u8], at: &mut usize) -> Option<Range<usize>> {
    let mut ahead = *at;
    skip_blank(line, &mut ahead)?;
    if line.get(ahead) != Some(&b'"') {
        return None;
    }
    let start = ahead + 1;
    let mut search = start;
    loop {
        let found = search + memchr2(b'"', b'\\', line.get(search..)?)?;
        if line[found] == b'"' {
            *at = found + 1;
            return Some(start..found);
        }
        search = found + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(Vec<(&'static str, &str)>, &str)> {
        let mut found = Vec::new();
        let rest = fields(line.as_bytes(), |field| found.push((field.name, &line[field.place])))?;
        Some((found, &line[rest..]))
    }

    #[test]
    fn common_and_combined() {
        let common = r#"1.2.3.4 - bob [29/Apr/2025:17:35:43 +0000] "GET /a?b=1 HTTP/2.0" 200 453"#;
        let fields = vec![
            ("host", "1.2.3.4"),
            ("user", "bob"),
            ("time", "29/Apr/2025:17:35:43 +0000"),
            ("method", "GET"),
            ("path", "/a?b=1"),
            ("protocol", "HTTP/2.0"),
            ("status", "200"),
            ("bytes", "453"),
        ];
        assert_eq!(read(common), Some((fields.clone(), "")));
        let combined = format!("{common} \"-\" \"curl/8 (\\\"x\\\")\" rt=0.5");
        let mut more = fields;
        more.push(("agent", "curl/8 (\\\"x\\\")"));
        assert_eq!(read(&combined), Some((more, "rt=0.5")));
    }

    #[test]
    fn odd_requests_and_other_lines() {
        let odd = r#"h - - [t] "-" 400 -"#;
        assert_eq!(read(odd), Some((vec![("host", "h"), ("time", "t"), ("status", "400")], "")));
        let odd = r#"h - - [t] "\x16\x03" 400 0"#;
        assert_eq!(read(odd).unwrap().0[2], ("request", "\\x16\\x03"));
        for line in [
            "",
            "a",
            "h - -",
            "h - - [t]",
            "h - - [t] \"GET",
            "h - - [t] \"GET /\" 20x 1",
            "INFO a=1 b=[2] \"x\" 200 1",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
