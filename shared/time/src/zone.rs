//! What a stamp says of its zone: `Z`, `+08:00`, `-03`, `GMT-5`, `Europe/Berlin`, `CEST`.
//!
//! An abbreviation names several zones (CST is used in Chicago, Shanghai and Havana), so that it decides nothing
//! alone: it must be one that the zone in use has at that time, else the stamp is refused.

use jiff::tz::{Offset, TimeZone};

use crate::abbreviations::{COMMON, LONGEST, MEAN, WORDS, any_case, example, written_out};
use crate::cursor::Cursor;
use crate::offset::{MOST, hours, offset, offset_of, signed_word};

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
    /// What may be an offset and may be a word of the line: none (where there is a `None`), or one of these; and the text.
    Doubtful(Vec<Option<Offset>>, String),
}

/// Whether a word names a zone: an abbreviation that is seldom anything else, a number of hours ahead of UTC, a name of the
/// database. The zone, if it does.
pub(crate) fn alone(word: &[u8]) -> Option<Zone> {
    let mut cursor = Cursor::new(word);
    let zone = match word.first()? {
        b'+' | b'-' if word.len() >= 5 => Zone::Offset(offset(&mut cursor, false)?),
        first if first.is_ascii_uppercase() => {
            let letters = cursor.letters();
            let short = std::str::from_utf8(word.get(..letters)?).ok()?;
            let is_one = COMMON.contains(&short) && !matches!(short, "WET" | "WEST");
            (is_one || word.contains(&b'/')).then(|| self::word(&mut cursor, false))?
        }
        _ => return None,
    };
    (cursor.rest.is_empty() && !matches!(zone, Zone::None)).then_some(zone)
}

/// The zone behind the bracket or the quote that closes a stamp: `[2026-03-05 08:32:12] -0500`, `[…] [UTC]`.
pub(crate) fn behind_bracket(text: &[u8]) -> Option<Zone> {
    let [b']' | b')' | b'"', behind @ ..] = text.trim_ascii_start() else { return None };
    let behind = behind.trim_ascii_start();
    let (inside, close) = match behind {
        [b'[', inside @ ..] => (inside, b"]"),
        [b'(', inside @ ..] => (inside, b")"),
        _ => (behind, b" "),
    };
    let word = apart_word(inside);
    let rest = inside.get(word.len()..)?;
    let ends = rest.starts_with(close) || close == b" " && rest.first().is_none_or(u8::is_ascii_whitespace);
    match alone(word).filter(|_| ends)? {
        // Outside of brackets `+1000 points` may be a number. One that begins with a zero, or has a colon, is none.
        Zone::Offset(found)
            if close == b" " && matches!(word, [b'+' | b'-', b'1'..=b'9', b'0'..=b'9', b'0'..=b'9', ..]) =>
        {
            offset(&mut Cursor::new(inside), true)?;
            Some(Zone::Doubtful(vec![None, Some(found)], String::from_utf8_lossy(word).into_owned()))
        }
        zone => Some(zone),
    }
}

/// The zone that stands at the cursor, which goes behind it: at once, or apart.
pub(crate) fn zone(cursor: &mut Cursor<'_>) -> Zone {
    match near(cursor) {
        Zone::None => apart(cursor).unwrap_or(Zone::None),
        found => found,
    }
}

/// `Eastern Standard Time`, `E. Africa Standard Time`: written out, such a name is no zone of the database.
fn long_name(cursor: &mut Cursor<'_>) -> Option<Zone> {
    let name = written_out(cursor.rest)?;
    cursor.skip(name.len());
    cursor.ends_word().then(|| match name {
        b"Coordinated Universal Time" | b"Greenwich Mean Time" => Zone::Offset(Offset::UTC),
        _ => Zone::Unknown(String::from_utf8_lossy(name).into_owned()),
    })
}

/// Whether a zone may begin here, which stands apart from its time: behind a bracket, a quote, a comma, a bar.
pub fn may_be_apart(text: &[u8]) -> bool {
    let word = apart_word(text);
    let letters = word.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let short = std::str::from_utf8(&word[..letters]).unwrap_or_default();
    matches!(word.first(), Some(b'+' | b'-'))
        || word.contains(&b'/')
        || COMMON.contains(&short)
        || short == MEAN
        || any_case(short).is_some()
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
        quote @ (b'"' | b'\'') if blanks > 0 => quote,
        b',' | b'|' | b'@' | b'-' | b'\t' => 0,
        // `20:32:12/EST`: these must touch both.
        b'/' | b';' | b':' | b'.' if blanks == 0 => return touching(cursor),
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
        // `[+01]`, and `(+1)`, which may be a count.
        b'+' | b'-' if close != 0 => {
            let found = short_offset(word, &[None])?;
            inside.skip(word.len());
            found
        }
        letter if letter.is_ascii_alphabetic() => {
            let letters = inside.letters();
            let short = std::str::from_utf8(word.get(..letters)?).ok()?;
            if word.contains(&b'/') || matches!(short, "UTC" | "GMT") {
                let name = inside;
                match self::word(&mut inside, false) {
                    Zone::None => Zone::Named(named(name.rest).inspect(|_| inside.skip(name.rest.len()))?),
                    found => found,
                }
            } else if COMMON.contains(&short) || short == MEAN {
                inside.skip(letters);
                Zone::Short(short.to_owned())
            } else {
                let (upper, _) = any_case(short).filter(|(_, words)| close != 0 && words.is_empty())?;
                inside.skip(letters);
                Zone::Short(upper)
            }
        }
        _ => return None,
    };
    inside.rest.is_empty().then_some(())?;
    ahead.skip(word.len());
    // `(UTC +1)`
    let mut hours_apart = ahead;
    let found = match found {
        Zone::Offset(_) if close != 0 && matches!(word, b"UTC" | b"GMT") && hours_apart.blanks() == 1 => {
            match hours(&mut hours_apart) {
                Some(offset) => {
                    ahead = hours_apart;
                    Zone::Offset(offset)
                }
                None => found,
            }
        }
        found => found,
    };
    // `(CET +0100)`, `(+0100, CET)`
    let found = match said_twice(&ahead, &found).filter(|_| close != 0) {
        Some((length, offset)) => {
            ahead.skip(length);
            Zone::Offset(offset)
        }
        None => found,
    };
    match close {
        0 => {
            ahead.peek().is_none_or(|byte| byte.is_ascii_whitespace() || b"])},;|\"'>".contains(&byte)).then_some(())?
        }
        close => ahead.byte(close)?,
    }
    *cursor = ahead;
    Some(found)
}

/// An abbreviation and an offset, in either order, of which this is the first: how long the second is with what parts them,
/// and the offset.
fn said_twice(behind: &Cursor<'_>, first: &Zone) -> Option<(usize, Offset)> {
    let mut ahead = *behind;
    let _ = ahead.byte(b',');
    (ahead.blanks() == 1).then_some(())?;
    let word = apart_word(ahead.rest);
    let mut inside = Cursor::new(word);
    let offset = match first {
        Zone::Short(_) if word.len() >= 5 => offset(&mut inside, false).filter(|_| inside.rest.is_empty())?,
        Zone::Offset(offset) if std::str::from_utf8(word).is_ok_and(|word| example(word).is_some()) => *offset,
        _ => return None,
    };
    Some((behind.rest.len() - ahead.rest.len() + word.len(), offset))
}

/// `20:32:12/EST`, `20:32:12;UTC`: an abbreviation behind a mark, each touching the next.
fn touching(cursor: &mut Cursor<'_>) -> Option<Zone> {
    let mut ahead = *cursor;
    ahead.skip(1);
    let letters = ahead.letters();
    let short = std::str::from_utf8(ahead.rest.get(..letters)?).ok().filter(|short| COMMON.contains(short))?;
    let zone = match short {
        "UTC" | "GMT" => word(&mut ahead, false),
        short => {
            ahead.skip(letters);
            Zone::Short(short.to_owned())
        }
    };
    ahead.peek().is_none_or(|byte| byte.is_ascii_whitespace() || b"])},;|\"'>".contains(&byte)).then_some(())?;
    *cursor = ahead;
    Some(zone)
}

/// Hours of one or two digits, `+5`, `-03`, or three digits, `+530`: an offset where they begin with a zero, else what may be
/// one, or one of `others`.
fn short_offset(text: &[u8], others: &[Option<Offset>]) -> Option<Zone> {
    let sign = match text.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = text.get(1..).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    let number: i32 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let of = |minutes: i32| Offset::from_seconds(sign * minutes * 60).ok().filter(|_| minutes <= MOST);
    let found: Vec<Offset> = match digits.len() {
        1 | 2 => of(number * 60).into_iter().collect(),
        // `+530` is half past five, or so many minutes.
        3 if number % 100 < 60 => [of(number / 100 * 60 + number % 100), of(number)].into_iter().flatten().collect(),
        _ => return None,
    };
    let first = *found.first()?;
    if digits.len() == 2 && digits.first() == Some(&b'0') {
        return Some(Zone::Offset(first));
    }
    let text = String::from_utf8_lossy(text).into_owned();
    Some(Zone::Doubtful(others.iter().copied().chain(found.into_iter().map(Some)).collect(), text))
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
            None => match signed_word(ahead.rest).filter(|_| spaced).and_then(|word| short_offset(word, &[None])) {
                Some(found) => {
                    ahead.skip(signed_word(ahead.rest).map_or(0, <[u8]>::len));
                    found
                }
                None => no_offset(&mut ahead),
            },
        },
        Some(b'[') => bracketed(&mut ahead, false),
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
            if matches!(bracketed(&mut behind, true), Zone::Named(_)) {
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

/// `-060`, as DB2 writes how many minutes its time is ahead.
pub(crate) fn minutes(cursor: &mut Cursor<'_>) -> Zone {
    offset_of(cursor, false, true).map_or_else(|| zone(cursor), Zone::Offset)
}

/// `+25:00`, `+01:60`: written as an offset, and none that there is. What hour it means is not known.
/// So is `+530`, which touches its time: half past five, or minutes?
fn no_offset(cursor: &mut Cursor<'_>) -> Zone {
    if let Some(word) = signed_word(cursor.rest).filter(|word| word.len() == 4) {
        let text = String::from_utf8_lossy(word).into_owned();
        cursor.skip(4);
        return Zone::Unknown(text);
    }
    let shape = cursor.rest.get(1..6).unwrap_or_default();
    let is_one = shape.iter().enumerate().all(|(at, byte)| if at == 2 { *byte == b':' } else { byte.is_ascii_digit() });
    if shape.len() < 5 || !is_one {
        return Zone::None;
    }
    let text = String::from_utf8_lossy(cursor.rest.get(..6).unwrap_or_default()).into_owned();
    cursor.skip(6);
    Zone::Unknown(text)
}

/// `[Europe/Berlin]`; said a second time, as `Z[UTC]` of Java is, also a name of one word.
fn bracketed(cursor: &mut Cursor<'_>, is_second: bool) -> Zone {
    let Some(inside) = cursor.rest.strip_prefix(b"[") else { return Zone::None };
    let Some(end) = inside.iter().take(64).position(|&byte| byte == b']') else { return Zone::None };
    let name = &inside[..end];
    let is_word = is_second && name.len() >= 3 && name.first().is_some_and(u8::is_ascii_uppercase);
    let one_word = || std::str::from_utf8(name).ok().filter(|_| is_word).and_then(|name| TimeZone::get(name).ok());
    match named(name).or_else(one_word) {
        Some(zone) => {
            cursor.skip(end + 2);
            Zone::Named(zone)
        }
        None => Zone::None,
    }
}

/// ` (CEST)`, ` (Central European Standard Time)`: what is said a second time.
fn comment(cursor: &mut Cursor<'_>) {
    let mut ahead = *cursor;
    ahead.blanks();
    if ahead.byte(b'(').is_some() {
        let is_part = |byte: &&u8| byte.is_ascii_alphabetic() || **byte >= 0x80 || b" .'-".contains(byte);
        let length = ahead.rest.iter().take(LONGEST).take_while(is_part).count();
        ahead.skip(length);
        if length >= 3 && ahead.byte(b')').is_some() {
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
    for utc in [&b"UTC"[..], b"GMT", b"UT", b"utc", b"gmt", b"Utc", b"UCT", b"Zulu", b"ZULU"] {
        let mut behind = ahead;
        if behind.text(utc).is_none() || behind.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            continue;
        }
        if matches!(behind.peek(), Some(b'+' | b'-')) {
            let sign = behind;
            if let Some(offset) = hours(&mut behind) {
                *cursor = behind;
                return Zone::Offset(offset);
            }
            // `UTC-based` is a word, `UTC+530` none.
            let Some(word) = signed_word(sign.rest) else { break };
            behind.skip(word.len());
            *cursor = behind;
            return Zone::Unknown(format!("UTC{}", String::from_utf8_lossy(word)));
        }
        if !behind.ends_word() {
            break;
        }
        *cursor = behind;
        if behind.rest.starts_with("\u{2212}".as_bytes()) {
            return Zone::Unknown("UTC\u{2212}".to_owned());
        }
        // `UTC +05:00`, and `UTC +5`, which may be UTC and a number.
        let mut apart = behind;
        if apart.blanks() == 1 && matches!(apart.rest, [b'+' | b'-', b'0'..=b'9', ..]) {
            let start = apart;
            if let Some(offset) = offset(&mut apart, true) {
                *cursor = apart;
                return Zone::Offset(offset);
            }
            if let Some(word) = signed_word(start.rest)
                && let Some(found) = short_offset(word, &[Some(Offset::UTC)])
            {
                apart.skip(word.len());
                *cursor = apart;
                return found;
            }
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
    if (example(short).is_some() || short == MEAN) && behind.ends_word() {
        *cursor = behind;
        return Zone::Short(short.to_owned());
    }
    let is_word = spaced && behind.ends_word() && behind.peek() != Some(b'-');
    if let Some((_, minutes)) = WORDS.iter().find(|(word, _)| is_word && *word == short) {
        *cursor = behind;
        let of = |&minutes: &i32| Offset::from_seconds(minutes * 60).ok();
        return Zone::Doubtful([None].into_iter().chain(minutes.iter().map(of)).collect(), short.to_owned());
    }
    if is_word && let Some((upper, words)) = any_case(short) {
        *cursor = behind;
        let of = |&minutes: &i32| Offset::from_seconds(minutes * 60).ok();
        return match words {
            [] => Zone::Short(upper),
            words => Zone::Doubtful([None].into_iter().chain(words.iter().map(of)).collect(), short.to_owned()),
        };
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
