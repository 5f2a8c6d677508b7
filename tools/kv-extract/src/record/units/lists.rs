//! Values that go on behind the first one: `0.100, 30.000` and `0.1 : 30.0`, as nginx writes what each upstream of one
//! request took, and ranges: `12 - 15 ms`.
//!
//! Owns where such a list ends; says of no value what it is worth. What is no list surely is none: `took=5, 3 retries`.

use super::unit_words::{PERCENT, blanks, is_doubtful, is_unit_byte, word_at, worth};

/// What stands between the two ends of a range, a blank behind the first.
const RANGES: [&str; 9] = ["...", "..", "\u{2026}", "-", "\u{2010}", "\u{2013}", "\u{2014}", "\u{2212}", "~"];
/// The same as a word, and what stands between a figure and how far it may be off.
const OTHERS: [&str; 4] = ["to", "\u{b1}", "+/-", "+-"];

/// What the numbers of a list have behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitKind {
    /// Nothing.
    Nothing,
    /// A unit of time.
    Time,
    /// One of size.
    Size,
    /// `%`.
    Percent,
}

impl UnitKind {
    /// What a unit makes of its number.
    pub fn of(unit: &str) -> Option<UnitKind> {
        match worth(unit) {
            _ if unit == PERCENT => Some(UnitKind::Percent),
            Some((true, _)) => Some(UnitKind::Time),
            Some((false, _)) => Some(UnitKind::Size),
            None => is_doubtful(unit).then_some(UnitKind::Size),
        }
    }

    /// The same of a value that its unit touches, if it has one: `5ms`.
    pub fn of_value(value: &[u8]) -> Option<UnitKind> {
        let letters = value.iter().rev().take_while(|&&byte| is_unit_byte(byte) || byte == b'%').count();
        match value.split_at(value.len() - letters) {
            (_, []) => Some(UnitKind::Nothing),
            (_, unit) => std::str::from_utf8(unit).ok().and_then(UnitKind::of),
        }
    }
}

/// No list has more behind it that is looked at.
const LONGEST: usize = 64;

/// Whether others may stand behind the value that ends at `end`: most are seen to stand alone at once.
#[inline]
pub fn may_go_on(line: &[u8], end: usize) -> bool {
    let sign = match line.get(end..) {
        Some([b',', ..]) => end,
        Some([b' ', b' ' | b'\t' | b':', ..]) => end + blanks(line, end),
        Some([b' ', first, second, ..]) if may_be_range(*first, *second) => return range_sign(line, end).is_some(),
        _ => return false,
    };
    let next = sign + 1 + blanks(line, sign + 1);
    let begins = matches!(line.get(next), Some(b'0'..=b'9' | b'-'));
    begins && next > sign + 1 && matches!(line.get(sign), Some(b',' | b':'))
}

/// How much stands behind the value that ends at `end` and goes on with others of its kind; `None` where the value stands
/// alone. It does not look behind the end of the line.
pub fn more_behind(line: &[u8], end: usize, behind: UnitKind) -> Option<usize> {
    may_go_on(line, end).then_some(())?;
    if let Some(sign) = range_sign(line, end) {
        return range(line, end, sign, behind);
    }
    let mut at = end;
    let places = places(line.get(..end).unwrap_or_default());
    let mut is_alike = places > 0;
    for _ in 0..LONGEST {
        let Some(next) = other(line, at, behind) else { break };
        let text = line.get(at..next).unwrap_or_default();
        is_alike &= text.ends_with(b"-") || self::places(text) == places;
        at = next;
    }
    // `0.100, 30.000 GET`: with as many decimals each they are of one kind, whatever follows.
    let is_apart = || blanks(line, at) > 0;
    (at > end && (ends(line, at) || is_alike && is_apart())).then_some(at - end)
}

/// Whether a sign of a range may begin with these two bytes.
#[inline]
pub fn may_be_range(first: u8, second: u8) -> bool {
    match first {
        b'-' | b'~' => second == b' ' || second.is_ascii_digit(),
        b'.' => second == b'.',
        b't' => second == b'o',
        b'+' => matches!(second, b'/' | b'-'),
        _ => matches!((first, second), (0xC2, 0xB1) | (0xE2, 0x80 | 0x88)),
    }
}

/// The sign of a range that stands one blank behind the value that ends at `end`, and a number behind it.
pub fn range_sign(line: &[u8], end: usize) -> Option<&str> {
    let rest = line.get(end..)?.strip_prefix(b" ")?;
    let sign = RANGES.iter().chain(&OTHERS).find(|sign| rest.starts_with(sign.as_bytes()))?;
    let behind = rest.get(sign.len()..)?;
    let gap = blanks(rest, sign.len());
    // `12 -15` are two numbers.
    let is_apart = gap > 0 || matches!(*sign, ".." | "..." | "\u{2026}" | "~");
    let is_number = behind.get(gap).is_some_and(u8::is_ascii_digit);
    (is_apart && is_number).then_some(*sign)
}

/// A text without the sign of a range that it ends in, as a word of its own.
pub fn before_range_sign(text: &str) -> Option<&str> {
    let before = |sign: &&str| text.strip_suffix(*sign).filter(|before| before.is_empty() || before.ends_with(' '));
    RANGES.iter().chain(&OTHERS).find_map(before)
}

/// How much of a range stands behind its first value, which ends at `end`: a number that is more, with a unit, or where a list may
/// end, too. `12 +/- 3` is 12, but of `12 +/- 3 ms` the unit is that of both.
fn range(line: &[u8], end: usize, sign: &str, behind: UnitKind) -> Option<usize> {
    let start = end + 1 + sign.len();
    let start = start + blanks(line, start);
    let rest = line.get(start..)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let digits = digits - usize::from(rest.get(digits - 1) == Some(&b'.'));
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<f64>().ok();
    let last = number(rest.get(..digits)?)?;
    let number_end = start + digits;
    let gap = blanks(line, number_end);
    let unit = word_at(line, number_end + gap).filter(|word| UnitKind::of(word).is_some());
    if matches!(sign, "\u{b1}" | "+/-" | "+-") {
        return unit.filter(|_| behind == UnitKind::Nothing).map(|unit| number_end + gap + unit.len() - end);
    }
    if behind != UnitKind::Nothing && unit.and_then(UnitKind::of) != Some(behind) {
        return None;
    }
    // The first value, and the unit of both where they have one each.
    let before = line.get(..end)?;
    let letters = before.iter().rev().take_while(|&&byte| is_unit_byte(byte) || byte == b'%').count();
    let (before, own) = before.split_at(before.len() - letters);
    let before = before.trim_ascii_end();
    let is_part = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
    let length = before.iter().rev().take(32).take_while(is_part).count();
    let first = number(before.get(before.len() - length..)?)?;
    let worth_of = |unit: &str| worth(unit).map_or(1.0, |(_, worth)| worth as f64);
    let is_more = match (std::str::from_utf8(own), unit) {
        (Ok(own), Some(unit)) if !own.is_empty() => first * worth_of(own) < last * worth_of(unit),
        _ => first < last,
    };
    match unit {
        Some(unit) if is_more => Some(number_end + gap + unit.len() - end),
        None if is_more && ends_here(line, number_end) => Some(number_end - end),
        _ => None,
    }
}

/// How many decimals the number has that a text ends in.
fn places(text: &[u8]) -> usize {
    let places = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    match text.len().checked_sub(places + 1).and_then(|at| text.get(at)) {
        Some(b'.') => places,
        _ => 0,
    }
}

/// Where the value ends that stands behind a comma or a colon at `at`: a number with what is `behind` such, or `-`.
fn other(line: &[u8], at: usize, behind: UnitKind) -> Option<usize> {
    let sign = match line.get(at)? {
        b',' => at,
        b' ' => at + Some(blanks(line, at)).filter(|&gap| line.get(at + gap) == Some(&b':'))?,
        _ => return None,
    };
    let gap = blanks(line, sign + 1);
    let start = sign + 1 + gap;
    let rest = line.get(start..).filter(|_| gap > 0)?;
    let minus = usize::from(rest.first() == Some(&b'-'));
    let digits = rest.get(minus..)?;
    // A comma within may begin the fraction.
    let is_part = |at: usize| match digits.get(at) {
        Some(b',') => digits.get(at + 1).is_some_and(u8::is_ascii_digit),
        byte => byte.is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.'),
    };
    let mut length = (0..digits.len()).take_while(|&at| is_part(at)).count();
    if !digits.first().is_some_and(u8::is_ascii_digit) {
        return (minus == 1 && !digits.first().is_some_and(|&byte| byte.is_ascii_graphic() && byte != b','))
            .then_some(start + 1);
    }
    // What ends a sentence is no part of the number.
    length -= usize::from(digits.get(length - 1) == Some(&b'.'));
    if digits.iter().take(length).filter(|&&byte| byte == b'.').count() > 1 {
        return None;
    }
    let end = start + minus + length;
    if behind == UnitKind::Nothing {
        return Some(end);
    }
    let gap = blanks(line, end);
    let unit = word_at(line, end + gap)?;
    (UnitKind::of(unit) == Some(behind)).then_some(end + gap + unit.len())
}

/// Whether a list may end there: at the end of the line, at a bracket or a quote, before another pair or number.
fn ends(line: &[u8], at: usize) -> bool {
    let gap = blanks(line, at);
    let next = line.get(at + gap..).unwrap_or_default();
    let may_end =
        matches!(next, [b'"' | b'\'' | b'[' | b'(' | b'{' | b'<' | b'|' | b'0'..=b'9', ..] | [b'-', b' ', ..]);
    gap > 0 && may_end || ends_here(line, at)
}

/// The same, but not before a number or what may be no list's: the last number may be of what follows.
fn ends_here(line: &[u8], at: usize) -> bool {
    let is_end = |at: usize| matches!(line.get(at), None | Some(b'\n' | b'\r' | 0x1b));
    let gap = blanks(line, at);
    let next = line.get(at + gap..).unwrap_or_default();
    if is_end(at + gap) {
        return true;
    }
    match (gap, next) {
        (0, [sign @ (b'.' | b',' | b';'), ..]) => {
            let gap = blanks(line, at + 1);
            let is_apart = gap > 0 || *sign == b';';
            is_end(at + 1 + gap) || is_apart && begins_pair(line.get(at + 1 + gap..).unwrap_or_default())
        }
        (0, [b')' | b']' | b'}' | b'>' | b'"' | b'\'' | b'`' | b'|', ..]) => true,
        (0, _) => false,
        _ => begins_pair(next),
    }
}

/// Whether a word begins with a key and its sign.
fn begins_pair(text: &[u8]) -> bool {
    let key = text.iter().take(128).take_while(|&&byte| crate::grammar::prose::is_key(byte) || byte >= 0x80).count();
    key > 0 && text.get(key) == Some(&b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_go_on() {
        for (line, expected) in [
            ("0.100, 30.000", ", 30.000"),
            ("0.1 : 30.0", " : 30.0"),
            ("-, 0.2", ", 0.2"),
            ("0.1, -", ", -"),
            ("0.1, - up=x", ", -"),
            ("0.1, 0.2 : 0.3, 0.4", ", 0.2 : 0.3, 0.4"),
            ("0.1, 30.0 up=x", ", 30.0"),
            ("0.1, 30.0, up=x", ", 30.0"),
            ("0.1, 30.0 \"GET\"", ", 30.0"),
            ("0.1, 30.0 10.0.0.1:80", ", 30.0"),
            ("0.1, 30.0)", ", 30.0"),
            ("0.1, 30.0.", ", 30.0"),
            ("0.1, 30.0\nx", ", 30.0"),
            ("0.1, 30.0\r\n", ", 30.0"),
            ("0.1,  -30", ",  -30"),
            ("0.100, 30.000 GET /a", ", 30.000"),
            ("0.100 : -, 30.000 GET /a", " : -, 30.000"),
            ("0.10, 30.000 GET /a", ""),
            ("0.100, 30.000x", ""),
            ("1.5, 2,5", ", 2,5"),
            ("0.1, 0.2;x=1", ", 0.2"),
            ("5, 7,x=1", ""),
            ("5, done", ""),
            ("5, 3 retries", ""),
            ("5, 3retries", ""),
            ("5, 2026-03-05", ""),
            ("5, 20:32:12", ""),
            ("5, b=2", ""),
            ("5, 10.0.0.1", ""),
            ("5,6", ""),
            ("5 : done", ""),
            ("5 : 3 retries", ""),
            ("5 - 3", ""),
            ("12 - 15", " - 15"),
            ("12 - 15 ms", " - 15 ms"),
            ("12 \u{2013} 15 ms left", " \u{2013} 15 ms"),
            ("12 .. 15 up=x", " .. 15"),
            ("12 ..15)", " ..15"),
            ("12 to 15 s", " to 15 s"),
            ("12 +/- 3 ms", " +/- 3 ms"),
            ("12 +/- 3", ""),
            ("12 - 15 users", ""),
            ("12 -15", ""),
            ("12 - 200 \"GET /\"", ""),
            ("512 - 5.3 ms", ""),
            ("12 - 2026-03-05", ""),
            ("12 - 15:30", ""),
            ("12 - done", ""),
            ("5 total 7", ""),
            ("5, - done", ""),
            ("5, -x", ""),
            ("5, 7 ms", ""),
            ("5,\n7", ""),
            ("5 :\n7", ""),
            ("5", ""),
        ] {
            let value = line.find([' ', ',']).unwrap_or(line.len());
            let length = more_behind(line.as_bytes(), value, UnitKind::Nothing).unwrap_or(0);
            assert_eq!(&line[value..value + length], expected, "{line}");
        }
        for (line, expected) in [
            ("5ms, 7ms", ", 7ms"),
            ("5ms, 7 ms x=1", ", 7 ms"),
            ("5ms : 1.5s", " : 1.5s"),
            ("5ms, -", ", -"),
            ("5ms, 3 kB", ""),
            ("5ms, 3", ""),
            ("5ms, 7ms left", ""),
            ("5%, 7%", ", 7%"),
            ("5ms - 7ms", " - 7ms"),
            ("900ms - 1.5 s", " - 1.5 s"),
            ("5ms - 7", ""),
            ("5s - 7ms", ""),
            ("5ms +/- 7ms", ""),
            ("5kB, 7 bytes", ", 7 bytes"),
        ] {
            let value = line.find([' ', ',']).unwrap_or(line.len());
            let behind = UnitKind::of_value(&line.as_bytes()[..value]).unwrap();
            let length = more_behind(line.as_bytes(), value, behind).unwrap_or(0);
            assert_eq!(&line[value..value + length], expected, "{line}");
        }
    }
}
