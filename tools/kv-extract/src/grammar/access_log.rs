//! The common and the combined log format of web servers.
//!
//! Owns the places of the fields of one line; refuses a line that has not all of the common ones.

use std::ops::Range;

use memchr::{memchr, memchr2};

/// The names of all fields.
pub const NAMES: [&str; 21] = [
    "vhost", "extra_1", "extra_2", "extra_3", "extra_4", "extra_5", "extra_6", "extra_7", "extra_8", "host", "ident",
    "user", "time", "method", "path", "protocol", "request", "status", "bytes", "referer", "agent",
];

/// The place among [`NAMES`] of the first one that is always there; those behind it follow in the order of a line.
pub const HOST: usize = 9;

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
    let (client, bracket) = client(line)?;
    let mut at;
    let time_end = bracket + memchr(b']', &line[bracket..])?;
    let time = bracket + 1..time_end;
    at = time_end + 1;
    let word = |at: &mut usize| {
        let start = *at;
        let length = memchr(b' ', line.get(start..)?).unwrap_or(line.len() - start);
        *at = start + length + 1;
        (length > 0).then_some(start..start + length)
    };
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
        let is_nobody = place.is_empty() && place.start < bracket;
        if line.get(place.clone()) != Some(b"-") && !is_nobody {
            each(Field { name, place, text });
        }
    };
    if let Some(vhost) = client.vhost {
        field("vhost", vhost, true);
    }
    field("host", client.host, true);
    field("ident", client.ident, true);
    field("user", client.user, true);
    field("time", time, true);
    for (name, place) in request_words(line, request) {
        field(name, place, true);
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
    // What else stands there, by its place; pairs are not ours.
    let mut behind = rest;
    for name in EXTRA {
        behind += line.get(behind..).unwrap_or_default().iter().take_while(|byte| **byte == b' ').count();
        let mut ahead = behind.saturating_sub(1);
        if let Some(place) = quoted(line, &mut ahead).filter(|_| line.get(behind) == Some(&b'"')) {
            behind = ahead;
            field(name, place, true);
            continue;
        }
        let mut ahead = behind;
        let Some(mut place) = word(&mut ahead) else { break };
        if line[place.clone()].contains(&b'=') {
            break;
        }
        place.end = list_end(line, place.end);
        behind = place.end;
        field(name, place, false);
    }
    Some(rest)
}

/// Whether a line of which [`fields`] makes nothing is one of an access log all the same, with a quote in its path, a status
/// that is no one number, or its end cut off. A format of one's own, which goes on with other words behind the request, is
/// another thing.
pub fn is_torn(line: &[u8]) -> bool {
    let Some((_, bracket)) = client(line).filter(|(_, bracket)| is_date(line, *bracket)) else { return false };
    let Some(length) = memchr(b']', line.get(bracket..).unwrap_or_default()) else { return false };
    let mut at = bracket + length + 1;
    if !line.get(at..).unwrap_or_default().starts_with(b" \"") {
        return false;
    }
    let start = at;
    let Some(request) = quoted(line, &mut at) else { return true };
    let rest = line.get(at..).unwrap_or_default();
    if rest.first() != Some(&b' ') {
        return true;
    }
    let holds_protocol = |text: &[u8]| memchr::memmem::find(text, b" HTTP/").is_some();
    if !holds_protocol(line.get(start..request.end).unwrap_or_default()) && holds_protocol(rest) {
        return true;
    }
    let mut words = rest.trim_ascii_start().split(|&byte| byte == b' ');
    let status = words.next().unwrap_or_default();
    let is_of = |word: &[u8], more: &[u8]| word.iter().all(|byte| byte.is_ascii_digit() || more.contains(byte));
    match (status.len(), words.next()) {
        (0, _) => true,
        (1, _) if status == b"-" => true,
        (1 | 2, None) => is_of(status, b""),
        (3, bytes) if is_of(status, b"") => is_of(bytes.unwrap_or_default(), b"/,-"),
        (4.., _) => status[..3].iter().all(u8::is_ascii_digit) && status[3] == b',' && is_of(status, b","),
        _ => false,
    }
}

/// Where the words end that one field holds: nginx parts what it says of several upstreams by `, ` and ` : `.
fn list_end(line: &[u8], mut end: usize) -> usize {
    loop {
        let rest = line.get(end..).unwrap_or_default();
        let sign = match rest {
            [b' ', b':', b' ', ..] => 3,
            [b' ', ..] if end > 0 && line.get(end - 1) == Some(&b',') => 1,
            _ => return end,
        };
        let next = rest.get(sign..).unwrap_or_default();
        let length = memchr(b' ', next).unwrap_or(next.len());
        let word = &next[..length];
        if word.is_empty() || word.starts_with(b"\"") || word.contains(&b'=') {
            return end;
        }
        end += sign + length;
    }
}

/// Names for what stands behind the format.
const EXTRA: [&str; 8] = ["extra_1", "extra_2", "extra_3", "extra_4", "extra_5", "extra_6", "extra_7", "extra_8"];

/// Who asked: what stands before the time.
struct Client {
    vhost: Option<Range<usize>>,
    host: Range<usize>,
    ident: Range<usize>,
    user: Range<usize>,
}

/// The client, and where the bracket of the time is: the first one with a date in it, else the first one.
///
/// `host ident user`, perhaps with a virtual host before it (vhost_combined), what a syslog puts there, or a list of
/// addresses (X-Forwarded-For). A user's name may hold blanks.
fn client(line: &[u8]) -> Option<(Client, usize)> {
    let mut brackets = memchr::memchr_iter(b'[', line);
    let first = brackets.next()?;
    let bracket = if is_date(line, first) { first } else { brackets.find(|&at| is_date(line, at)).unwrap_or(first) };
    let end = bracket.checked_sub(1).filter(|&end| line[end] == b' ')?;
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < end {
        let length = memchr(b' ', &line[at..end]).unwrap_or(end - at);
        if length > 0 {
            words.push(at..at + length);
        }
        at += length + 1;
    }
    let is = |place: &Range<usize>, text: &[u8]| &line[place.clone()] == text;
    // aiohttp's own form: who asked, and no ident or user.
    if let Some(last) = words.last()
        && let Some(address) = last_address(line, last)
        && !words.iter().rev().nth(1).is_some_and(|before| is(before, b"-"))
    {
        let none = address.end..address.end;
        return Some((Client { vhost: None, host: address, ident: none.clone(), user: none }, bracket));
    }
    let in_list = words.iter().take_while(|place| line[(*place).clone()].ends_with(b",")).count();
    let (client, rest) = match words.as_slice() {
        [host, ident, user] => {
            (Client { vhost: None, host: host.clone(), ident: ident.clone(), user: user.clone() }, 0)
        }
        // A list of addresses is the host as a whole.
        [first, .., ident, user] if in_list > 0 && in_list + 3 == words.len() => {
            let host = first.start..words[in_list].end;
            (Client { vhost: None, host, ident: ident.clone(), user: user.clone() }, 0)
        }
        [host, ident, user, .., last] if is(ident, b"-") && in_list == 0 => {
            (Client { vhost: None, host: host.clone(), ident: ident.clone(), user: user.start..last.end }, 0)
        }
        [.., host, ident, user] if words.len() > 3 => {
            (Client { vhost: None, host: host.clone(), ident: ident.clone(), user: user.clone() }, words.len() - 3)
        }
        _ => return None,
    };
    let vhost = if rest == 1 { words.first().cloned() } else { None };
    Some((Client { vhost, ..client }, bracket))
}

/// Whether the bracket at `at` opens a date: `[05/Mar/2026:`.
fn is_date(line: &[u8], at: usize) -> bool {
    let text = line.get(at + 1..at + 13).unwrap_or_default();
    text.len() == 12 && text[2] == b'/' && text[6] == b'/' && text[11] == b':'
}

/// The address of four numbers that a word is, or ends in behind a colon: `INFO:aiohttp.access:127.0.0.1`.
fn last_address(line: &[u8], word: &Range<usize>) -> Option<Range<usize>> {
    let text = line.get(word.clone())?;
    let start = text.iter().rposition(|&byte| byte == b':').map_or(0, |at| at + 1);
    let mut parts = 0;
    for part in text.get(start..)?.split(|&byte| byte == b'.') {
        (1..=3).contains(&part.len()).then_some(())?;
        part.iter().all(u8::is_ascii_digit).then_some(())?;
        parts += 1;
    }
    (parts == 4).then_some(word.start + start..word.end)
}

/// `METHOD PATH PROTOCOL`; a request that is none is given whole, so that nothing of it is lost.
fn request_words(line: &[u8], request: Range<usize>) -> Vec<(&'static str, Range<usize>)> {
    let text = &line[request.clone()];
    let Some(method) = memchr(b' ', text) else { return vec![("request", request)] };
    let path = request.start + method + 1;
    let mut words = vec![("method", request.start..request.start + method)];
    // A path may hold blanks; the protocol is the last word.
    match memchr::memrchr(b' ', &line[path..request.end]) {
        Some(last) if line[path + last + 1..request.end].starts_with(b"HTTP/") => {
            words.push(("path", path..path + last));
            words.push(("protocol", path + last + 1..request.end));
        }
        Some(_) => {
            let length = memchr(b' ', &line[path..request.end]).unwrap_or(0);
            words.push(("path", path..path + length));
            words.push(("protocol", path + length + 1..request.end));
        }
        None => words.push(("path", path..request.end)),
    }
    words.retain(|(_, place)| !place.is_empty());
    words
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
    fn torn_lines_and_formats_of_ones_own() {
        let line = |rest: &str| format!("10.0.0.1 - - [05/Mar/2026:20:32:13 +0000] {rest}");
        for rest in [
            "\"GET /a\"b HTTP/1.1\" 502 0",
            "\"GET /a\" b HTTP/1.1\" 502 0",
            "\"GET /a HTTP/1.1\" - 0",
            "\"GET /a HTTP/1.1\" 502,503 0",
            "\"GET /a HTTP/1.1\" 502, 503 0",
            "\"GET /a HTTP/1.1\" 502 5/7",
            "\"GET /a HTTP/1.1\" 502",
            "\"GET /a HTTP/1.1\" 50",
            "\"GET /a HTTP/1.1\"",
            "\"GET /a HT",
        ] {
            let line = line(rest);
            assert!(is_torn(line.as_bytes()) && read(&line).is_none(), "{line}");
        }
        for rest in [
            "",
            "GET /a",
            "\"GET /a HTTP/1.1\" rt=0.005 status=200",
            "\"GET /a HTTP/1.1\" 0.005 200",
            "\"GET /a HTTP/1.1\" 200 0.005",
            "\"GET /a HTTP/1.1\" 200 5ms",
            "\"GET /a HTTP/1.1\" 200 \"-\"",
            "\"GET /a HTTP/1.1\" \"host\" 200 5",
            "\"GET /a HTTP/1.1\" status=200",
            "\"boom\" at worker 7",
        ] {
            assert!(!is_torn(line(rest).as_bytes()), "{rest}");
        }
        assert!(!is_torn(b"h - - [t] \"GET"));
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
