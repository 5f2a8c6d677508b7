//! How far a zone is ahead of UTC, in digits: `+08:00`, `-0800`, `+01`, the `-5` of `GMT-5`.
//!
//! Owns which digits behind a sign are an offset. What may be one and may be a number of the line is told in `zone.rs`.

use jiff::tz::Offset;

use crate::cursor::Cursor;

/// No place on Earth is further away than fourteen hours.
pub(crate) const MOST: i32 = 14 * 60;

/// `+08:00`, `-0800`, `+01`.
pub(crate) fn offset(cursor: &mut Cursor<'_>, spaced: bool) -> Option<Offset> {
    offset_of(cursor, spaced, false)
}

/// The same; behind microseconds three digits count minutes.
pub(crate) fn offset_of(cursor: &mut Cursor<'_>, spaced: bool, counts_minutes: bool) -> Option<Offset> {
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
        // DB2 counts minutes, behind its microseconds.
        3 if !spaced && counts_minutes => {
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
        // `-1234 left`: no place is so many minutes off.
        (minutes % 15 == 0).then_some(())?;
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

/// The sign and the digits that stand at a text's begin, if a blank or its end is behind them.
pub(crate) fn signed_word(text: &[u8]) -> Option<&[u8]> {
    let digits = text.get(1..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (word, behind) = text.split_at(1 + digits);
    let ends = match behind {
        [b':', b' ', ..] => true,
        behind => behind.first().is_none_or(|byte| byte.is_ascii_whitespace() || b"])},;|\"'>".contains(byte)),
    };
    (digits > 0 && ends).then_some(word)
}

/// `GMT-5`, `UTC+05:30`, `UTC+0530`.
pub(crate) fn hours(cursor: &mut Cursor<'_>) -> Option<Offset> {
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
