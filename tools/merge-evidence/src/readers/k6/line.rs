//! A line of k6's granular output as k6 itself writes it, scanned without a tree: there are millions of them.
//!
//! Owns the fast path only: whatever is not exactly that shape is the general reader's, which the tests hold it against.

use schema::Number;

/// The parts of a point's line.
pub struct Point<'a> {
    /// The metric's name.
    pub metric: &'a [u8],
    /// Its time, as text.
    pub time: &'a [u8],
    /// Its value, a JSON number.
    pub value: &'a [u8],
}

/// Reads the line of a point as k6 writes it, with its keys in either of the orders that k6 has used.
///
/// Whatever is not exactly that (an escape, blanks, another key) is `None`, and the general reader's. `known` are tags that
/// were read before: all points of a request have the same.
pub fn point<'a>(line: &'a [u8], known: &mut Vec<u8>) -> Option<Point<'a>> {
    // One pass that the compiler makes wide: no escape, no control character.
    let odd = line.iter().fold(false, |odd, &byte| odd | (byte < 0x20) | (byte == b'\\'));
    if odd || std::str::from_utf8(line).is_err() {
        return None;
    }
    if let Some(rest) = line.strip_prefix(b"{\"metric\":\"") {
        let (metric, rest) = text(rest)?;
        let (data, rest) = data(rest.strip_prefix(b",\"type\":\"Point\",\"data\":")?, known)?;
        return (rest == b"}").then_some(Point { metric, ..data });
    }
    let (data, rest) = data(line.strip_prefix(b"{\"type\":\"Point\",\"data\":")?, known)?;
    let (metric, rest) = text(rest.strip_prefix(b",\"metric\":\"")?)?;
    (rest == b"}").then_some(Point { metric, ..data })
}

/// `{"time":"…","value":…,"tags":…}`, and what follows it.
fn data<'a>(bytes: &'a [u8], known: &mut Vec<u8>) -> Option<(Point<'a>, &'a [u8])> {
    let (time, rest) = text(bytes.strip_prefix(b"{\"time\":\"")?)?;
    let rest = rest.strip_prefix(b",\"value\":")?;
    let end = memchr::memchr(b',', rest)?;
    let (value, rest) = rest.split_at(end);
    number(std::str::from_utf8(value).ok()?)?;
    let rest = rest.strip_prefix(b",\"tags\":")?;
    let rest = match rest.strip_prefix(b"null") {
        Some(rest) => rest,
        None if !known.is_empty() && rest.starts_with(known) => &rest[known.len()..],
        None => {
            let after = tags(rest)?;
            known.clear();
            known.extend_from_slice(&rest[..rest.len() - after.len()]);
            after
        }
    };
    Some((Point { metric: b"", time, value }, rest.strip_prefix(b"}")?))
}

/// An object of texts whose keys ascend, so that none appears twice; what follows it.
fn tags(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.strip_prefix(b"{")?;
    if let Some(rest) = rest.strip_prefix(b"}") {
        return Some(rest);
    }
    let mut before: &[u8] = b"";
    let mut first = true;
    loop {
        let (key, after) = text(rest.strip_prefix(b"\"")?)?;
        if !first && key <= before {
            return None;
        }
        let (_, after) = text(after.strip_prefix(b":\"")?)?;
        (before, first) = (key, false);
        match after.split_first()? {
            (b',', after) => rest = after,
            (b'}', after) => return Some(after),
            _ => return None,
        }
    }
}

/// The text up to its closing quote, and what follows it.
fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'"', bytes)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

/// A JSON number as a double, and where it is short and without an exponent as an integer of some decimals.
pub fn number(text: &str) -> Option<(f64, Option<(i64, usize)>)> {
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, bytes),
    };
    let mut value = 0i64;
    let mut decimals = None;
    let plain = digits.len() <= 18
        && digits.first()?.is_ascii_digit()
        && digits.last()?.is_ascii_digit()
        && !(digits.len() > 1 && digits.starts_with(b"0") && !digits.starts_with(b"0."))
        && digits.iter().all(|&byte| match byte {
            b'0'..=b'9' => {
                value = value * 10 + i64::from(byte - b'0');
                decimals = decimals.map(|decimals| decimals + 1);
                true
            }
            b'.' if decimals.is_none() => {
                decimals = Some(0usize);
                true
            }
            _ => false,
        });
    if !plain {
        return Some((Number::parse(text)?.to_f64()?, None));
    }
    let decimals = decimals.unwrap_or(0);
    let signed = if negative { -value } else { value };
    // Both fit a double exactly, so the quotient is the nearest double (Clinger 1990).
    let exact = value < 1 << 53 && decimals < POWERS.len();
    let double = if exact { signed as f64 / POWERS[decimals] } else { text.parse().ok()? };
    Some((double, Some((signed, decimals))))
}

const POWERS: [f64; 20] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19];

#[cfg(test)]
mod tests {
    use schema::json;

    use super::super::points::tests::LINES;
    use super::*;

    #[test]
    fn the_scanner_agrees_with_the_general_reader() {
        // The plain way is the oracle: every line, and every damaged one, must come to the same.
        let mut random = testkit::Random::new(11);
        let mut known = Vec::new();
        let lines: Vec<&[u8]> = LINES.lines().map(str::as_bytes).collect();
        for _ in 0..testkit::times(200_000) {
            let line = {
                let line = *random.pick(&lines);
                random.mutated(line)
            };
            let Some(found) = point(&line, &mut known) else { continue };
            let Ok(value) = json::parse(&line) else {
                panic!("{}", String::from_utf8_lossy(&line));
            };
            let data = value.get("data").unwrap();
            assert_eq!(value.get("metric").unwrap().as_text().unwrap().as_bytes(), found.metric);
            assert_eq!(data.get("time").unwrap().as_text().unwrap().as_bytes(), found.time);
            assert_eq!(data.get("value").unwrap().as_number().unwrap().as_str().as_bytes(), found.value);
        }
    }

    #[test]
    fn numbers_are_what_the_grammar_says() {
        let mut random = testkit::Random::new(5);
        for _ in 0..testkit::times(200_000) {
            let length = 1 + random.below(22);
            let text: String = (0..length).map(|_| *random.pick(&['0', '1', '9', '5', '.', '-', 'e'])).collect();
            let parsed = Number::parse(text.clone()).and_then(|number| number.to_f64());
            assert_eq!(number(&text).map(|(double, _)| double), parsed, "{text}");
        }
    }
}
