//! Times that are a count: seconds since the epoch, whatever their unit.
//!
//! Owns how such counts are written; whether digits alone are a time, the stamps around them say.

use jiff::{SignedDuration, Timestamp};

use crate::cursor::Cursor;

/// Epoch seconds (10 digits, a fraction, or an exponent), milliseconds (13), microseconds (16), nanoseconds (19).
pub(crate) fn epoch(cursor: &mut Cursor<'_>) -> Option<Timestamp> {
    let length = cursor.digits();
    if length == 1 && cursor.ahead(1) == Some(b'.') {
        return exponent(cursor);
    }
    if !matches!(length, 10 | 13 | 16 | 19) {
        return None;
    }
    let number: i64 = std::str::from_utf8(cursor.rest.get(..length)?).ok()?.parse().ok()?;
    cursor.skip(length);
    let stamp = match length {
        10 => Timestamp::new(number, if cursor.peek() == Some(b'.') { crate::hour::fraction(cursor) } else { 0 }),
        13 => {
            // `1772742732345.678`: a fraction of a millisecond.
            let fraction = if cursor.peek() == Some(b'.') { crate::hour::fraction(cursor) / 1_000 } else { 0 };
            Timestamp::from_millisecond(number)
                .and_then(|time| time.checked_add(SignedDuration::from_nanos(i64::from(fraction))))
        }
        16 => Timestamp::from_microsecond(number),
        _ => Timestamp::from_nanosecond(i128::from(number)),
    };
    cursor.ends_word().then_some(())?;
    stamp.ok()
}

/// `1.7727427323456e+09`, as zap writes seconds.
fn exponent(cursor: &mut Cursor<'_>) -> Option<Timestamp> {
    let whole = cursor.number(1)?;
    cursor.byte(b'.')?;
    let places = cursor.digits();
    let digits = cursor.rest.get(..places)?;
    cursor.skip(places);
    cursor.any(b"eE")?;
    let _ = cursor.byte(b'+');
    let power = usize::from(u8::try_from(cursor.short()?).ok()?);
    (power == 9 && cursor.ends_word()).then_some(())?;
    let digit = |at: usize| i64::from(digits.get(at).copied().unwrap_or(b'0') - b'0');
    let seconds = (0..9).fold(i64::from(whole), |sum, at| sum * 10 + digit(at));
    let nanoseconds = (9..18).fold(0, |sum, at| sum * 10 + digit(at));
    Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()
}

/// `@4000000069a9e9b61fffffff`: TAI64N, as multilog writes it; ten seconds ahead of the epoch since it began.
pub(crate) fn tai64n(text: &[u8]) -> Option<(Timestamp, &[u8])> {
    let digits = text.get(1..25)?;
    let hex = |part: &[u8]| std::str::from_utf8(part).ok().and_then(|part| i64::from_str_radix(part, 16).ok());
    let rest = text.get(25..)?;
    if rest.first().is_some_and(u8::is_ascii_alphanumeric) || !digits.starts_with(b"40") {
        return None;
    }
    let seconds = hex(digits.get(..16)?)? - (1 << 62) - 10;
    let nanoseconds = i32::try_from(hex(digits.get(16..)?)?).ok()?;
    let time = Timestamp::new(seconds, nanoseconds).ok()?;
    Some((time, rest))
}
