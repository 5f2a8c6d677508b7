//! The words for units of time and size, and where one stands behind a number.
//!
//! Owns where a unit ends and which words are doubtful; what each is worth is [`number::words`]. Refuses to compute with them:
//! `convert/` does.

use std::ops::Range;

use number::words::{SIZES, TIMES};

use super::lists::{self, UnitKind};

/// Ends of names that say a unit, and how that is written behind a number. What may mean something else (`_min`, `_m`) says
/// none.
const OF_NAMES: [(&str, &str); 32] = [
    ("milliseconds", "ms"),
    ("millis", "ms"),
    ("msecs", "ms"),
    ("msec", "ms"),
    ("ms", "ms"),
    ("microseconds", "us"),
    ("micros", "us"),
    ("usecs", "us"),
    ("usec", "us"),
    ("us", "us"),
    ("nanoseconds", "ns"),
    ("nanos", "ns"),
    ("nsecs", "ns"),
    ("nsec", "ns"),
    ("ns", "ns"),
    ("seconds", "s"),
    ("secs", "s"),
    ("sec", "s"),
    ("s", "s"),
    ("minutes", "min"),
    ("hours", "h"),
    ("days", "d"),
    ("kb", "kB"),
    ("mb", "MB"),
    ("gb", "GB"),
    ("tb", "TB"),
    ("kib", "KiB"),
    ("mib", "MiB"),
    ("gib", "GiB"),
    ("tib", "TiB"),
    ("ratio", ""),
    ("ppm", ""),
];

/// The unit that numbers under this key have by its name, as it is written behind a number: `took_s`, `durationMs`. That of a
/// ratio cannot be written.
pub fn of_name(key: &str) -> Option<&'static str> {
    let ends = |word: &str| {
        let start = key.len().checked_sub(word.len())?;
        let (before, last) = (key.get(..start)?, key.get(start..)?);
        let parted = before.ends_with(['_', '.', '-', '/']);
        // `durationMs`, but no `Ss` of a word in capitals.
        let camel = word.len() > 1
            && last.starts_with(|letter: char| letter.is_ascii_uppercase())
            && before.ends_with(|letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit());
        ((parted || camel) && last.eq_ignore_ascii_case(word)).then_some(())
    };
    OF_NAMES.iter().find(|(word, _)| ends(word).is_some()).map(|(_, unit)| *unit)
}

/// The unit of time, of size or of a share that stands behind the number that ends at `end` in `line`, if one does: a
/// blank or a few behind it, and no tab before a single letter, since that may be a column of its own. Where others stand behind
/// it, as in `5 ms, 7 ms`, with the sign that is between them; of `0.1 : 30.0` that sign alone.
pub fn unit_word(line: &[u8], end: usize) -> Option<&str> {
    let gap = blanks(line, end);
    let word = line.get(end + gap..).filter(|_| gap > 0)?;
    if word.first() == Some(&b':') {
        return lists::more_behind(line, end, UnitKind::Nothing).map(|_| ":");
    }
    if let Some(sign) = lists::range_sign(line, end)
        && lists::more_behind(line, end, UnitKind::Nothing).is_some()
    {
        return Some(sign);
    }
    let length = word.iter().take(LONGEST_UNIT + 1).position(|&byte| !is_unit_byte(byte) && byte != b'%');
    let (word, behind) = word.split_at(length.unwrap_or(word.len().min(LONGEST_UNIT + 1)));
    let ends = |behind: &[u8]| match behind {
        // `a=5 k:d=6` has a key of its own there.
        [b':', next, ..] => *next <= b' ',
        [byte, ..] => !byte.is_ascii_alphanumeric() && !b"=_-/".contains(byte),
        [] => true,
    };
    // `5 MB/s` is no `5 kB/s` either.
    let rate = match behind {
        [b'/', rest @ ..] if word.len() > 1 => {
            1 + rest.iter().take(LONGEST_UNIT).take_while(|byte| byte.is_ascii_alphabetic()).count()
        }
        _ => 0,
    };
    let is_near = word.len() > 1 || word == b"%" || !line.get(end..end + gap)?.contains(&b'\t');
    if rate == 1 || !ends(behind.get(rate..)?) || !is_near || !is_shaped_as_a_unit(word) {
        return None;
    }
    let unit = std::str::from_utf8(word).ok().filter(|word| is_unit(word.as_bytes()) || UNREAD.contains(word))?;
    if rate > 0 {
        return std::str::from_utf8(line.get(end + gap..end + gap + unit.len() + rate)?).ok();
    }
    let behind = end + gap + unit.len();
    let more = |kind| lists::more_behind(line, behind, kind);
    if matches!(line.get(behind), Some(b',' | b' ')) && UnitKind::of(unit).and_then(more).is_some() {
        let sign = match lists::range_sign(line, behind) {
            Some(sign) => 1 + sign.len(),
            None => 1 + line.get(behind..)?.iter().position(|byte| matches!(byte, b',' | b':'))?,
        };
        return std::str::from_utf8(line.get(end + gap..behind + sign)?).ok();
    }
    Some(unit)
}

/// The unit behind the brackets in which the number stands alone that is at this place, if there is one: `[5] ms`, `[  5] ms`.
pub fn unit_behind_bracket<'a>(line: &'a [u8], number: &Range<usize>) -> Option<&'a str> {
    (line.get(number.end) == Some(&b']')).then_some(())?;
    let before = line.get(..number.start)?.trim_ascii_end();
    before.ends_with(b"[").then(|| unit_word(line, number.end + 1)).flatten()
}

/// A unit as [`unit_word()`] finds it, without the sign behind which others of a list stand; whether there is such a sign.
pub fn without_list(unit: &str) -> (&str, bool) {
    match unit.strip_suffix([',', ':']).or_else(|| lists::before_range_sign(unit)) {
        Some(unit) => (unit.trim_end(), true),
        None => (unit, false),
    }
}

/// How many blanks and tabs stand at `at`.
pub fn blanks(line: &[u8], at: usize) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    let plain = rest.iter().take(FURTHEST).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    // Behind a blank may be one that is none of ASCII.
    let is_odd = plain > 0 && rest.get(plain).is_some_and(|&byte| byte >= 0x80);
    if is_odd { crate::grammar::blanks::behind(rest, plain).min(FURTHEST) } else { plain }
}

/// No unit is looked for further behind its number.
const FURTHEST: usize = 16;

/// The sign of a percentage.
pub const PERCENT: &str = "%";

/// Units of which only some know what they are worth, so that only numbers with the same one compare; and `%`.
pub(in crate::record) const UNREAD: [&str; 28] = [
    "kb", "Kb", "mb", "Mb", "gb", "Gb", "bit", "bits", "kbit", "Mbit", "Gbit", "month", "months", "year", "years",
    "bps", "Bps", "kbps", "Kbps", "kBps", "Mbps", "MBps", "Gbps", "Hz", "kHz", "MHz", "GHz", PERCENT,
];

/// The unit in this place of the tables.
const fn name_at(at: usize) -> &'static [u8] {
    if at < TIMES.len() {
        TIMES[at].0.as_bytes()
    } else if at < TIMES.len() + SIZES.len() {
        SIZES[at - TIMES.len()].0.as_bytes()
    } else {
        UNREAD[at - TIMES.len() - SIZES.len()].as_bytes()
    }
}

/// Whether the unit in this place may be written with any letters as capitals.
const fn in_any_case(at: usize) -> bool {
    let length = name_at(at).len();
    at < TIMES.len() && length > 1 || at < TIMES.len() + SIZES.len() && length > 3
}

/// How many units there are.
const NAMES: usize = TIMES.len() + SIZES.len() + UNREAD.len();

/// Which bit each byte has among those that stand in a unit: a letter its own, all bytes above 0x7F one, and the lowest
/// whatever may end a word; the highest of all is no unit's.
const LETTERS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let one = byte as u8;
        table[byte] = match one {
            b'a'..=b'z' => 1 + one - b'a',
            b'A'..=b'Z' => 27 + one - b'A',
            0x80.. => 53,
            b'0'..=b'9' | b'=' | b'_' | b'-' | b'/' => 63,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// Of each first byte, the bits of what comes second in a unit.
const SECOND: [u64; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < NAMES {
        let name = name_at(at);
        if !name.is_empty() {
            let second = if name.len() > 1 { LETTERS[name[1] as usize] } else { 0 };
            table[name[0] as usize] |= 1 << second;
            // Behind a second blank.
            table[b' ' as usize] |= 1 << LETTERS[name[0] as usize] | 1 << LETTERS[b' ' as usize];
            if in_any_case(at) {
                let (lower, upper) = (name[1].to_ascii_lowercase(), name[1].to_ascii_uppercase());
                let seconds = 1 << LETTERS[lower as usize] | 1 << LETTERS[upper as usize];
                table[name[0].to_ascii_lowercase() as usize] |= seconds;
                table[name[0].to_ascii_uppercase() as usize] |= seconds;
                table[b' ' as usize] |= 1 << LETTERS[name[0].to_ascii_uppercase() as usize];
            }
        }
        at += 1;
    }
    // A colon between blanks: others stand behind it.
    table[b':' as usize] |= 1 << LETTERS[b' ' as usize];
    // What `lists.rs` takes for a range, or more.
    let ends = 1 << LETTERS[b' ' as usize] | 1 << LETTERS[b'5' as usize];
    table[b'-' as usize] |= ends;
    table[b'~' as usize] |= ends;
    table[b'.' as usize] |= 1 << LETTERS[b'.' as usize];
    table[b'+' as usize] |= 1 << LETTERS[b'-' as usize];
    table[b't' as usize] |= 1 << LETTERS[b'o' as usize];
    table[0xE2] |= 1 << LETTERS[0x80];
    table[b'\t' as usize] = table[b' ' as usize];
    table
};

/// Whether a unit may begin with these two bytes: most words do not.
#[inline(always)]
pub fn may_be_unit(first: u8, second: u8) -> bool {
    SECOND[usize::from(first)] >> LETTERS[usize::from(second)] & 1 == 1
}

/// Whether a unit may stand one blank behind the number that ends at `end`.
#[inline(always)]
pub fn begins_unit(line: &[u8], end: usize) -> bool {
    let Some(&[last, blank, first, second]) = line.get(end.wrapping_sub(1)..).and_then(|rest| rest.first_chunk::<4>())
    else {
        return ends_in_unit(line, end);
    };
    matches!(blank, b' ' | b'\t') && last.is_ascii_digit() && may_be_unit(first, second)
}

/// The same where the line ends behind a unit of one letter, if it is one.
#[cold]
fn ends_in_unit(line: &[u8], end: usize) -> bool {
    let rest = line.get(end.wrapping_sub(1)..).unwrap_or_default();
    matches!(*rest, [last, b' ', first] if last.is_ascii_digit() && may_be_unit(first, b' '))
}

/// No unit is longer.
const LONGEST_UNIT: usize = 12;

pub(in crate::record) fn is_unit_byte(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// Words that may mean two things, or are no unit that is known exactly: what a machine counts in, single capitals, units of
/// other languages. Those of four letters and more may be written with any as capitals.
const DOUBTFUL: &[&str] = &[
    "b",
    "%",
    "S",
    "H",
    "cs",
    "ds",
    "ps",
    "P",
    "E",
    "Pi",
    "Ei",
    "tick",
    "ticks",
    "clocks",
    "jiffy",
    "jiffies",
    "cycles",
    "blocks",
    "pages",
    "sectors",
    "month",
    "months",
    "year",
    "years",
    "fortnight",
    "fortnights",
    "decades",
    // German, Dutch, Scandinavian
    "Sek",
    "Sekunde",
    "Sekunden",
    "Minuten",
    "Stunde",
    "Stunden",
    "Tage",
    "Tagen",
    "Wochen",
    "Millisekunde",
    "Millisekunden",
    "Mikrosekunden",
    "Nanosekunden",
    "seconden",
    "minuten",
    "uur",
    "dagen",
    "milliseconden",
    "sekund",
    "sekunder",
    "sekundy",
    "minuter",
    // French, Spanish, Portuguese, Italian
    "seconde",
    "secondes",
    "heure",
    "heures",
    "jours",
    "milliseconde",
    "millisecondes",
    "microsecondes",
    "segundo",
    "segundos",
    "minuto",
    "minutos",
    "hora",
    "horas",
    "dias",
    "d\u{ed}as",
    "milisegundos",
    "milissegundos",
    "microsegundos",
    "secondi",
    "minuti",
    "giorni",
    "millisecondi",
    "microsecondi",
    "octet",
    // Russian
    "\u{43c}\u{441}",
    "\u{441}\u{435}\u{43a}",
    "\u{43c}\u{438}\u{43d}",
    // Chinese, Japanese, Korean
    "\u{79d2}",
    "\u{6beb}\u{79d2}",
    "\u{5fae}\u{79d2}",
    "\u{7eb3}\u{79d2}",
    "\u{5206}",
    "\u{5206}\u{949f}",
    "\u{5c0f}\u{65f6}",
    "\u{5929}",
    "\u{cd08}",
    "\u{bc00}\u{b9ac}\u{cd08}",
];

/// The words and letters that make a unit larger or smaller, and what they are put before: `centiseconds`, `Kbit`, `Mbps`.
const PREFIXES: [&str; 35] = [
    "", "k", "m", "g", "t", "p", "e", "ki", "mi", "gi", "ti", "pi", "ei", "kilo", "mega", "giga", "tera", "peta",
    "exa", "kibi", "mebi", "gibi", "tebi", "pebi", "exbi", "hecto", "deca", "deci", "centi", "milli", "micro", "nano",
    "pico", "femto", "atto",
];
const PREFIXED: [&str; 12] =
    ["b", "bit", "bits", "bps", "byte", "bytes", "octet", "octets", "sec", "secs", "second", "seconds"];

/// Whether a word may mean two things, or is a unit whose worth is not known exactly.
pub(in crate::record) fn is_doubtful(word: &str) -> bool {
    let is_listed = |other: &&str| word == *other || word.len() > 3 && word.eq_ignore_ascii_case(other);
    let is_prefixed = |prefix: &&str| {
        let (Some(begin), Some(rest)) = (word.get(..prefix.len()), word.get(prefix.len()..)) else { return false };
        begin.eq_ignore_ascii_case(prefix) && PREFIXED.iter().any(|unit| rest.eq_ignore_ascii_case(unit))
    };
    let may_be = DOUBTFUL.iter().any(is_listed) || PREFIXES.iter().any(is_prefixed) || is_octets(word);
    may_be && !is_unit(word.as_bytes())
}

/// Whether a word is a size as France writes it: `Mo`, `Kio`.
fn is_octets(word: &str) -> bool {
    let prefix = word.strip_suffix('o').map(|prefix| prefix.strip_suffix('i').unwrap_or(prefix));
    prefix.is_some_and(|prefix| matches!(prefix, "k" | "K" | "M" | "G" | "T" | "P"))
}

/// Whether a unit begins and ends with the first and the last byte of `word` and is as long: of most words none does.
#[inline(always)]
fn is_shaped_as_a_unit(word: &[u8]) -> bool {
    /// Of each first byte, a bit for each length, and the bits of the last bytes.
    const SHAPES: [(u16, u64); 256] = {
        let mut shapes = [(0, 0); 256];
        let mut at = 0;
        while at < NAMES {
            let name = name_at(at);
            assert!(name.len() <= LONGEST_UNIT);
            if !name.is_empty() {
                let (first, last) = (name[0], name[name.len() - 1]);
                let shape = &mut shapes[first as usize];
                shape.0 |= 1 << name.len();
                shape.1 |= 1 << LETTERS[last as usize];
                if in_any_case(at) {
                    let (lower, upper) = (last.to_ascii_lowercase(), last.to_ascii_uppercase());
                    let lasts = 1 << LETTERS[lower as usize] | 1 << LETTERS[upper as usize];
                    let lengths = 1 << name.len();
                    let (lower, upper) = (first.to_ascii_lowercase() as usize, first.to_ascii_uppercase() as usize);
                    shapes[lower] = (shapes[lower].0 | lengths, shapes[lower].1 | lasts);
                    shapes[upper] = (shapes[upper].0 | lengths, shapes[upper].1 | lasts);
                }
            }
            at += 1;
        }
        shapes
    };
    let (Some(&first), Some(&last)) = (word.first(), word.last()) else { return false };
    let (lengths, lasts) = SHAPES[usize::from(first)];
    word.len() <= LONGEST_UNIT && lengths >> word.len() & 1 == 1 && lasts >> LETTERS[usize::from(last)] & 1 == 1
}

/// Whether a word is a unit of time or of size.
pub fn is_unit(word: &[u8]) -> bool {
    !word.is_empty() && std::str::from_utf8(word).is_ok_and(|word| worth(word).is_some())
}

/// What a unit is worth, and whether it is one of time: nanoseconds, or bytes.
pub fn worth(unit: &str) -> Option<(bool, u128)> {
    let time = spelling(unit).map(|(_, worth)| (true, worth));
    time.or_else(|| size(unit).map(|worth| (false, worth)))
}

/// Whether numbers with these units compare as they stand.
pub fn compare(unit: &str, other: &str) -> bool {
    let per = |unit: &str| unit.find('/').unwrap_or(unit.len());
    let ((one, per_one), (two, per_two)) = (unit.split_at(per(unit)), other.split_at(per(other)));
    match (worth(one), worth(two)) {
        (Some(worth), Some(of_other)) => worth == of_other && per_one == per_two,
        _ => unit == other,
    }
}

/// The unit of time that a word is, in nanoseconds. Of a word of several letters it does not matter which are capitals.
pub(in crate::record) fn spelling(word: &str) -> Option<(&'static str, u128)> {
    let exact = TIMES.iter().find(|(name, _)| *name == word);
    let any = || TIMES.iter().find(|(name, _)| word.len() > 1 && name.eq_ignore_ascii_case(word));
    exact.or_else(any).copied()
}

/// The unit of size that a word is, in bytes. Of words like `bytes` it does not matter which letters are capitals.
pub(in crate::record) fn size(word: &str) -> Option<u128> {
    let exact = SIZES.iter().find(|(name, _)| *name == word);
    let any = || SIZES.iter().find(|(name, _)| name.len() > 3 && name.eq_ignore_ascii_case(word));
    exact.or_else(any).map(|(_, bytes)| *bytes)
}

/// The word of letters one blank behind `end`, if it ends like one.
pub(in crate::record) fn word_behind(line: &[u8], end: usize) -> Option<&str> {
    if line.get(end) == Some(&b' ') { word_at(line, end + 1) } else { None }
}

/// The word of letters at `at`, if it ends like one.
pub(in crate::record) fn word_at(line: &[u8], at: usize) -> Option<&str> {
    let rest = line.get(at..)?;
    let length = rest.iter().take_while(|byte| is_unit_byte(**byte) || **byte == b'%').count();
    let (word, behind) = rest.split_at(length);
    let ends = behind.first().is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'=' && *byte != b'_');
    std::str::from_utf8(word).ok().filter(|word| ends && !word.is_empty())
}
