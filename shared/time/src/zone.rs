//! What a stamp says of its zone: `Z`, `+08:00`, `-03`, `GMT-5`, `Europe/Berlin`, `CEST`.
//!
//! An abbreviation names several zones (CST is used in Chicago, Shanghai and Havana), so that it decides nothing
//! alone: it must be one that the zone in use has at that time, else the stamp is refused.

use jiff::tz::{Offset, TimeZone};

use crate::cursor::Cursor;

/// What stands where a zone may.
#[derive(Clone, Debug)]
pub(crate) enum Zone {
    /// Nothing.
    None,
    /// So much ahead of UTC.
    Offset(Offset),
    /// A zone of the database.
    Named(TimeZone),
    /// An abbreviation.
    Short(String),
    /// Something that names a zone and is none that is known.
    Unknown(String),
}

/// Abbreviations and a zone that uses each, for the advice.
const SHORT: &[(&str, &str)] = &[
    ("ACDT", "Australia/Adelaide"),
    ("ACST", "Australia/Adelaide"),
    ("ADT", "America/Halifax"),
    ("AEDT", "Australia/Sydney"),
    ("AEST", "Australia/Sydney"),
    ("AFT", "Asia/Kabul"),
    ("AKDT", "America/Anchorage"),
    ("AKST", "America/Anchorage"),
    ("ALMT", "Asia/Almaty"),
    ("AMT", "America/Manaus"),
    ("ART", "America/Argentina/Buenos_Aires"),
    ("AST", "America/Halifax"),
    ("AWST", "Australia/Perth"),
    ("AZT", "Asia/Baku"),
    ("BDT", "Asia/Dhaka"),
    ("BOT", "America/La_Paz"),
    ("BRST", "America/Sao_Paulo"),
    ("BRT", "America/Sao_Paulo"),
    ("BST", "Europe/London"),
    ("CAT", "Africa/Maputo"),
    ("CDT", "America/Chicago"),
    ("CEST", "Europe/Berlin"),
    ("CET", "Europe/Berlin"),
    ("CLST", "America/Santiago"),
    ("CLT", "America/Santiago"),
    ("COT", "America/Bogota"),
    ("CST", "America/Chicago"),
    ("EAT", "Africa/Nairobi"),
    ("ECT", "America/Guayaquil"),
    ("EDT", "America/New_York"),
    ("EEST", "Europe/Athens"),
    ("EET", "Europe/Athens"),
    ("EST", "America/New_York"),
    ("GST", "Asia/Dubai"),
    ("HDT", "America/Adak"),
    ("HKT", "Asia/Hong_Kong"),
    ("HST", "Pacific/Honolulu"),
    ("ICT", "Asia/Bangkok"),
    ("IDT", "Asia/Jerusalem"),
    ("IRDT", "Asia/Tehran"),
    ("IRST", "Asia/Tehran"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("KST", "Asia/Seoul"),
    ("MDT", "America/Denver"),
    ("MEST", "Europe/Berlin"),
    ("MESZ", "Europe/Berlin"),
    ("MEZ", "Europe/Berlin"),
    ("MMT", "Asia/Yangon"),
    ("MSD", "Europe/Moscow"),
    ("MSK", "Europe/Moscow"),
    ("MST", "America/Denver"),
    ("MYT", "Asia/Kuala_Lumpur"),
    ("NDT", "America/St_Johns"),
    ("NPT", "Asia/Kathmandu"),
    ("NST", "America/St_Johns"),
    ("NZDT", "Pacific/Auckland"),
    ("NZST", "Pacific/Auckland"),
    ("PDT", "America/Los_Angeles"),
    ("PET", "America/Lima"),
    ("PHT", "Asia/Manila"),
    ("PKT", "Asia/Karachi"),
    ("PST", "America/Los_Angeles"),
    ("PYT", "America/Asuncion"),
    ("SAMT", "Europe/Samara"),
    ("SAST", "Africa/Johannesburg"),
    ("SGT", "Asia/Singapore"),
    ("SST", "Pacific/Pago_Pago"),
    ("TRT", "Europe/Istanbul"),
    ("UYT", "America/Montevideo"),
    ("UZT", "Asia/Tashkent"),
    ("VET", "America/Caracas"),
    ("WAST", "Africa/Windhoek"),
    ("WAT", "Africa/Lagos"),
    ("WEST", "Europe/Lisbon"),
    ("WET", "Europe/Lisbon"),
    ("WIB", "Asia/Jakarta"),
    ("WIT", "Asia/Jayapura"),
    ("WITA", "Asia/Makassar"),
    ("YEKT", "Asia/Yekaterinburg"),
    ("NOVT", "Asia/Novosibirsk"),
    ("KRAT", "Asia/Krasnoyarsk"),
    ("IRKT", "Asia/Irkutsk"),
    ("VLAT", "Asia/Vladivostok"),
    ("MAGT", "Asia/Magadan"),
    ("PETT", "Asia/Kamchatka"),
    ("OMST", "Asia/Omsk"),
    ("ChST", "Pacific/Guam"),
    ("CHST", "Pacific/Guam"),
    ("FJT", "Pacific/Fiji"),
    ("TOT", "Pacific/Tongatapu"),
    ("CVT", "Atlantic/Cape_Verde"),
    ("AZOT", "Atlantic/Azores"),
    ("EGST", "America/Nuuk"),
    ("WGT", "America/Nuuk"),
    ("PMST", "America/Miquelon"),
    ("ULAT", "Asia/Ulaanbaatar"),
    ("HOVT", "Asia/Hovd"),
    ("LHST", "Australia/Lord_Howe"),
];

/// A zone whose clocks use this abbreviation.
pub(crate) fn example(short: &str) -> Option<&'static str> {
    SHORT.iter().find(|(name, _)| *name == short).map(|(_, zone)| *zone)
}

/// The zone that stands at the cursor, which goes behind it: at once, or apart.
pub(crate) fn zone(cursor: &mut Cursor<'_>) -> Zone {
    match near(cursor) {
        Zone::None => apart(cursor).unwrap_or(Zone::None),
        found => found,
    }
}

/// Abbreviations that are seldom anything else, for where a word may be one.
const COMMON: [&str; 36] = [
    "UTC", "GMT", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "AKST", "AKDT", "CET", "CEST", "MEZ", "MESZ",
    "EET", "EEST", "WET", "WEST", "BST", "IST", "JST", "KST", "MSK", "AEST", "AEDT", "ACST", "ACDT", "AWST", "NZST",
    "NZDT", "HKT", "SGT", "SAST", "PKT",
];

/// Ends of the names that Windows and Java write out.
const LONG: [&[u8]; 3] = [b"Standard Time", b"Daylight Time", b"Summer Time"];
/// How far such a name may go.
const LONGEST: usize = 48;

/// `Eastern Standard Time`, `E. Africa Standard Time`: written out, such a name is no zone of the database.
fn long_name(cursor: &mut Cursor<'_>) -> Option<Zone> {
    let near = cursor.rest.get(..LONGEST.min(cursor.rest.len()))?;
    let ends = |name: &&[u8]| memmem(near, name).map(|at| at + name.len());
    let length = LONG.iter().filter_map(ends).min()?;
    let name = near.get(..length)?;
    let is_name = name.split(|&byte| byte == b' ').all(|word| {
        let letters = word.strip_suffix(b".").unwrap_or(word);
        word.first().is_some_and(u8::is_ascii_uppercase) && letters.iter().all(u8::is_ascii_alphabetic)
    });
    is_name.then_some(())?;
    cursor.skip(length);
    cursor.ends_word().then(|| Zone::Unknown(String::from_utf8_lossy(name).into_owned()))
}

fn memmem(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// Whether the name of a zone may go on here that is written out.
pub fn may_be_long(text: &[u8]) -> bool {
    let near = text.get(..LONGEST.min(text.len())).unwrap_or_default();
    text.first().is_some_and(u8::is_ascii_uppercase) && near.windows(5).any(|window| window == b" Time")
}

/// Whether a zone may begin here, which stands apart from its time: behind a bracket, a quote, a comma, a bar.
pub fn may_be_apart(text: &[u8]) -> bool {
    let word = apart_word(text);
    let letters = word.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let short = std::str::from_utf8(&word[..letters]).unwrap_or_default();
    matches!(word.first(), Some(b'+' | b'-')) || word.contains(&b'/') || COMMON.contains(&short)
}

/// The word of a zone.
fn apart_word(text: &[u8]) -> &[u8] {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"/_+-:".contains(byte);
    text.get(..text.iter().take(48).take_while(is_part).count()).unwrap_or_default()
}

/// A zone in brackets or quotes, or behind a mark: `(EST)`, `[+0500]`, `| UTC`, `,Europe/Berlin`. What is no zone surely is none.
fn apart(cursor: &mut Cursor<'_>) -> Option<Zone> {
    let mut ahead = *cursor;
    let blanks = ahead.blanks();
    let close = match ahead.peek()? {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        b'"' if blanks > 0 => b'"',
        b',' | b'|' | b'@' | b'-' | b'\t' => 0,
        _ => return None,
    };
    ahead.skip(1);
    if close == 0 {
        ahead.blanks();
    }
    let mut long = ahead;
    if close == b')'
        && let Some(found) = long_name(&mut long)
    {
        long.byte(close)?;
        *cursor = long;
        return Some(found);
    }
    let word = apart_word(ahead.rest);
    let mut inside = Cursor::new(word);
    let found = match word.first()? {
        b'+' | b'-' if close != 0 && word.len() >= 5 => Zone::Offset(offset(&mut inside, false)?),
        letter if letter.is_ascii_alphabetic() => {
            let letters = inside.letters();
            let short = std::str::from_utf8(word.get(..letters)?).ok()?;
            if word.contains(&b'/') || matches!(short, "UTC" | "GMT") {
                let name = inside;
                match self::word(&mut inside, false) {
                    Zone::None => Zone::Named(named(name.rest).inspect(|_| inside.skip(name.rest.len()))?),
                    found => found,
                }
            } else if COMMON.contains(&short) {
                inside.skip(letters);
                Zone::Short(short.to_owned())
            } else {
                return None;
            }
        }
        _ => return None,
    };
    inside.rest.is_empty().then_some(())?;
    ahead.skip(word.len());
    match close {
        0 => {
            ahead.peek().is_none_or(|byte| byte.is_ascii_whitespace() || b"])},;|\"'>".contains(&byte)).then_some(())?
        }
        close => ahead.byte(close)?,
    }
    *cursor = ahead;
    Some(found)
}

/// A zone that stands at once behind its time. Behind a blank `+10 users` and `UTCfoo` are words.
fn near(cursor: &mut Cursor<'_>) -> Zone {
    let mut ahead = *cursor;
    let spaced = ahead.blanks();
    if spaced > 1 {
        return Zone::None;
    }
    let spaced = spaced == 1;
    let found = match ahead.peek() {
        Some(b'+' | b'-') => match offset(&mut ahead, spaced) {
            Some(offset) => Zone::Offset(offset),
            None => no_offset(&mut ahead),
        },
        Some(b'[') => bracketed(&mut ahead),
        // A minus that is none of ASCII.
        Some(0xE2) if ahead.rest.starts_with("\u{2212}".as_bytes()) => {
            if ahead.ahead(3).is_some_and(|byte| byte.is_ascii_digit()) {
                ahead.skip(3);
                let digits = ahead.digits();
                let text = format!("\u{2212}{}", String::from_utf8_lossy(&ahead.rest[..digits]));
                ahead.skip(digits);
                Zone::Unknown(text)
            } else {
                Zone::None
            }
        }
        Some(letter) if letter.is_ascii_alphabetic() => match word(&mut ahead, spaced) {
            Zone::None => long_name(&mut ahead).unwrap_or(Zone::None),
            found => found,
        },
        _ => Zone::None,
    };
    match found {
        Zone::None => return Zone::None,
        // `+02:00[Europe/Berlin]` and `+0200 (CEST)` say it twice.
        Zone::Offset(_) => {
            let mut behind = ahead;
            if matches!(bracketed(&mut behind), Zone::Named(_)) {
                ahead = behind;
            } else {
                comment(&mut ahead);
                again(&mut ahead);
            }
        }
        _ => {}
    }
    *cursor = ahead;
    found
}

/// `+08:00`, `-0800`, `+01`.
fn offset(cursor: &mut Cursor<'_>, spaced: bool) -> Option<Offset> {
    let mut ahead = *cursor;
    let sign = if ahead.any(b"+-")? == b'-' { -1 } else { 1 };
    let digits = ahead.digits();
    let (hours, minutes) = match digits {
        2 => {
            let hours = ahead.number(2)?;
            match ahead.byte(b':') {
                Some(()) => (hours, ahead.number(2)?),
                None => (hours, 0),
            }
        }
        4 => (ahead.number(2)?, ahead.number(2)?),
        1 if ahead.ahead(1) == Some(b':') => {
            let hours = ahead.number(1)?;
            ahead.skip(1);
            (hours, ahead.number(2)?)
        }
        // DB2 counts minutes.
        3 if !spaced => {
            let minutes = ahead.number(3)?;
            (minutes / 60, minutes % 60)
        }
        _ => return None,
    };
    if ahead.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // No place on Earth is further away than +14:00; `+2000 points` is a number.
    (hours <= 14 && minutes < 60).then_some(())?;
    if spaced {
        let ends = ahead.peek().is_none_or(|byte| byte.is_ascii_whitespace() || b"])},;:|\"'>".contains(&byte));
        ends.then_some(())?;
        // `-03 [17]` and `-03 LOG:` are PostgreSQL's; `+10 users` is a number. One that begins with a zero is no number.
        if digits == 2
            && cursor.rest.get(1) != Some(&b'0')
            && ahead.ahead(0).is_some_and(|byte| byte == b' ')
            && cursor.rest.get(3) != Some(&b':')
        {
            let mut behind = ahead;
            behind.blanks();
            let capitals = behind.rest.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
            (behind.peek().is_none_or(|byte| b"[(|".contains(&byte)) || capitals >= 3).then_some(())?;
        }
    } else if !ahead.ends_word() {
        return None;
    }
    let offset = Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()?;
    *cursor = ahead;
    Some(offset)
}

/// `+25:00`, `+01:60`: written as an offset, and none that there is. What hour it means is not known.
fn no_offset(cursor: &mut Cursor<'_>) -> Zone {
    let shape = cursor.rest.get(1..6).unwrap_or_default();
    let is_one = shape.iter().enumerate().all(|(at, byte)| if at == 2 { *byte == b':' } else { byte.is_ascii_digit() });
    if shape.len() < 5 || !is_one {
        return Zone::None;
    }
    let text = String::from_utf8_lossy(cursor.rest.get(..6).unwrap_or_default()).into_owned();
    cursor.skip(6);
    Zone::Unknown(text)
}

/// `[Europe/Berlin]`, which touches what is before it.
fn bracketed(cursor: &mut Cursor<'_>) -> Zone {
    let Some(inside) = cursor.rest.strip_prefix(b"[") else { return Zone::None };
    let Some(end) = inside.iter().take(64).position(|&byte| byte == b']') else { return Zone::None };
    match named(&inside[..end]) {
        Some(zone) => {
            cursor.skip(end + 2);
            Zone::Named(zone)
        }
        None => Zone::None,
    }
}

/// ` (CEST)`: what is said a second time.
fn comment(cursor: &mut Cursor<'_>) {
    let mut ahead = *cursor;
    ahead.blanks();
    if ahead.byte(b'(').is_some() {
        let letters = ahead.letters();
        ahead.skip(letters);
        if (3..=5).contains(&letters) && ahead.byte(b')').is_some() {
            *cursor = ahead;
        }
    }
}

/// `+0000 UTC m=+0.0123`: what Go says a second time, and its clock that only goes forward.
fn again(cursor: &mut Cursor<'_>) {
    let mut ahead = *cursor;
    let letters = ahead.rest.iter().skip(1).take_while(|byte| byte.is_ascii_uppercase()).count();
    let is_zone = |word: &[u8]| std::str::from_utf8(word).is_ok_and(|word| word == "UTC" || example(word).is_some());
    if ahead.byte(b' ').is_none() || !ahead.rest.get(..letters).is_some_and(is_zone) {
        return;
    }
    ahead.skip(letters);
    if !ahead.ends_word() {
        return;
    }
    *cursor = ahead;
    if ahead.text(b" m=").is_some() && ahead.any(b"+-").is_some() {
        let length = ahead.rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        ahead.skip(length);
        if length > 0 && ahead.ends_word() {
            *cursor = ahead;
        }
    }
}

fn named(name: &[u8]) -> Option<TimeZone> {
    let name = std::str::from_utf8(name).ok()?;
    (name.contains('/') && !name.starts_with('/') && !name.contains("..")).then_some(())?;
    TimeZone::get(name).ok()
}

/// Letters: UTC and its kin, a name of the database, an abbreviation.
fn word(cursor: &mut Cursor<'_>, spaced: bool) -> Zone {
    let mut ahead = *cursor;
    for utc in [&b"UTC"[..], b"GMT", b"UT", b"utc", b"gmt", b"Utc"] {
        let mut behind = ahead;
        if behind.text(utc).is_none() || behind.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            continue;
        }
        if matches!(behind.peek(), Some(b'+' | b'-')) {
            let Some(offset) = hours(&mut behind) else { break };
            *cursor = behind;
            return Zone::Offset(offset);
        }
        if !behind.ends_word() {
            break;
        }
        *cursor = behind;
        if behind.rest.starts_with("\u{2212}".as_bytes()) {
            return Zone::Unknown("UTC\u{2212}".to_owned());
        }
        // `UTC +05:00`
        let mut apart = behind;
        if apart.blanks() == 1
            && matches!(apart.rest, [b'+' | b'-', _, _, b':', ..])
            && let Some(offset) = offset(&mut apart, true)
        {
            *cursor = apart;
            return Zone::Offset(offset);
        }
        return Zone::Offset(Offset::UTC);
    }
    if matches!(ahead.peek(), Some(b'Z' | b'z')) && !ahead.ahead(1).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        // A small one a blank away is a word.
        if !(spaced && ahead.peek() == Some(b'z')) {
            ahead.skip(1);
            *cursor = ahead;
            return Zone::Offset(Offset::UTC);
        }
    }
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(byte);
    let length = ahead.rest.iter().take(48).take_while(is_name).count();
    let name = &ahead.rest[..length];
    if name.contains(&b'/') && name.first().is_some_and(u8::is_ascii_uppercase) {
        if let Some(zone) = named(name) {
            ahead.skip(length);
            *cursor = ahead;
            return Zone::Named(zone);
        }
        // `CET/CEST`: one of the two.
        let is_short = |part: &[u8]| std::str::from_utf8(part).is_ok_and(|part| example(part).is_some());
        if name.split(|&byte| byte == b'/').all(is_short) {
            ahead.skip(length);
            *cursor = ahead;
            return Zone::Unknown(String::from_utf8_lossy(name).into_owned());
        }
        return Zone::None;
    }
    // `EST5EDT`: the rule of a zone, and the name of one.
    if let Some(zone) = ruled(name) {
        ahead.skip(length);
        *cursor = ahead;
        return zone;
    }
    let letters = ahead.letters();
    let short = std::str::from_utf8(&ahead.rest[..letters]).unwrap_or_default();
    let mut behind = ahead;
    behind.skip(letters);
    if example(short).is_some() && behind.ends_word() {
        *cursor = behind;
        return Zone::Short(short.to_owned());
    }
    // Letters that touch the time and are no zone that is known: it may be one all the same.
    if !spaced
        && (3..=5).contains(&letters)
        && short.bytes().all(|byte| byte.is_ascii_uppercase())
        && behind.ends_word()
    {
        *cursor = behind;
        return Zone::Unknown(short.to_owned());
    }
    Zone::None
}

/// `EST5EDT`, `PST8PDT`, `EST5`: an abbreviation, hours, and the abbreviation of the summer, if there is one.
fn ruled(name: &[u8]) -> Option<Zone> {
    let text = std::str::from_utf8(name).ok()?;
    let hours = text.find(|letter: char| letter.is_ascii_digit())?;
    let (standard, behind) = text.split_at(hours);
    let summer = behind.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let is_rule = match summer {
        "" => COMMON.contains(&standard),
        summer => example(standard).is_some() && example(summer).is_some(),
    };
    (is_rule && behind.len() - summer.len() <= 2).then_some(())?;
    Some(TimeZone::get(text).map_or_else(|_| Zone::Unknown(text.to_owned()), Zone::Named))
}

/// `GMT-5`, `UTC+05:30`, `UTC+0530`.
fn hours(cursor: &mut Cursor<'_>) -> Option<Offset> {
    let mut ahead = *cursor;
    let sign = if ahead.any(b"+-")? == b'-' { -1 } else { 1 };
    let (hours, minutes) = match ahead.digits() {
        4 => (ahead.number(2)?, ahead.number(2)?),
        count @ 1..=2 => {
            let hours = ahead.number(count)?;
            if ahead.peek() == Some(b':') && ahead.ahead(1).is_some_and(|byte| byte.is_ascii_digit()) {
                ahead.skip(1);
                (hours, ahead.number(2)?)
            } else {
                (hours, 0)
            }
        }
        _ => return None,
    };
    (hours <= 14 && minutes < 60 && ahead.ends_word()).then_some(())?;
    let offset = Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()?;
    *cursor = ahead;
    Some(offset)
}
