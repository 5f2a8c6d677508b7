//! Words and quoted texts: where one ends, which need quotes, which are reserved.
//!
//! Owns what a name is made of, for paths and expressions alike. Refuses nothing itself: its callers say what is wrong.

use std::fmt;

use crate::{Error, Unit};

/// Words that are never a path's first step unless quoted.
pub(crate) const RESERVED: [&str; 8] = ["true", "false", "null", "and", "or", "not", "in", "baseline"];

/// Signs that people paste for comparisons stand in no name, so that `p99≤200` is a mistake and no metric.
fn is_letter(letter: char) -> bool {
    let foreign_sign = matches!(letter, '\u{2260}' | '\u{2264}' | '\u{2265}');
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '@' | '#' | '$') || (!letter.is_ascii() && !foreign_sign)
}

/// The byte after the word that starts at `at`: letters, digits, `_ @ # $`, non-ASCII, and `-` between two of them.
pub(crate) fn end(text: &str, at: usize) -> usize {
    let mut end = at;
    let mut letters = text.get(at..).unwrap_or_default().char_indices().peekable();
    while let Some((place, letter)) = letters.next() {
        let inside = is_letter(letter)
            || (letter == '-' && place > 0 && letters.peek().is_some_and(|(_, next)| is_letter(*next)));
        if !inside {
            break;
        }
        end = at + place + letter.len_utf8();
    }
    end
}

/// Whether `text` can stand after a dot without quotes.
pub(crate) fn is_step(text: &str) -> bool {
    !text.is_empty() && end(text, 0) == text.len()
}

/// Whether `text` can begin a path without quotes.
pub(crate) fn is_name(text: &str) -> bool {
    is_step(text) && !text.starts_with('#') && !RESERVED.contains(&text) && !looks_numeric(text)
}

/// Whether `text` is a number or a number with a unit, or near enough that a reader would take it for one.
fn looks_numeric(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && number(text, 0).is_some_and(|(_, end)| end == text.len())
}

/// What a number in a text is: its digits, and the unit or multiplier that touches them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scanned {
    /// The byte after the digits.
    pub digits_end: usize,
    /// The unit.
    pub unit: Option<Unit>,
    /// The power of ten that `k M G` stand for.
    pub multiplier: i32,
}

/// The number that starts at `at`, and the byte after its unit; `None` where the word there is a name.
pub(crate) fn number(text: &str, at: usize) -> Option<(Scanned, usize)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(at);
    if whole == 0 {
        return None;
    }
    let mut end = at + whole;
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    let mut ends = vec![end];
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            ends.insert(0, end + 1 + sign + exponent);
        }
    }
    for digits_end in ends {
        if bytes.get(digits_end) == Some(&b'%') {
            return Some((Scanned { digits_end, unit: Some(Unit::Percent), multiplier: 0 }, digits_end + 1));
        }
        let word_end = self::end(text, digits_end);
        // A `-` is part of a word only between two letters: here the digits are the first of them.
        let minus = bytes.get(digits_end) == Some(&b'-')
            && text.get(digits_end + 1..).and_then(|rest| rest.chars().next()).is_some_and(is_letter);
        let (unit, multiplier) = match text.get(digits_end..word_end)? {
            "" if minus => continue,
            "" => (None, 0),
            "k" => (None, 3),
            "M" => (None, 6),
            "G" => (None, 9),
            letters => match Unit::from_written(letters) {
                Some(unit) => (Some(unit), 0),
                None => continue,
            },
        };
        return Some((Scanned { digits_end, unit, multiplier }, word_end));
    }
    None
}

/// The text in double quotes that starts at `at`, its escapes resolved as JSON's, and the byte after it.
pub(crate) fn quoted(text: &str, at: usize) -> Result<(String, usize), Error> {
    let rest = text.get(at..).unwrap_or_default();
    let mut escaped = false;
    let close = rest.bytes().enumerate().skip(1).find(|&(_, byte)| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    let Some((close, _)) = close else {
        return Err(Error::new("a text without its closing quote", at, text.len()));
    };
    let literal = rest.get(..=close).unwrap_or_default();
    match schema::json::parse(literal.as_bytes()) {
        Ok(value) => Ok((value.as_text().unwrap_or_default().to_owned(), at + close + 1)),
        Err(error) => Err(Error::new(error.message, at + error.offset, at + close + 1)),
    }
}

/// Writes `text` in double quotes, as [`quoted`] reads it.
pub(crate) fn write_quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = Vec::with_capacity(text.len() + 2);
    schema::json::write_text(text, &mut out);
    f.write_str(&String::from_utf8_lossy(&out))
}
