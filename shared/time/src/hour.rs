//! The time of a day: `20:32:12.345`, `8:32 PM`, `203212`.

use jiff::civil::Time;

use crate::cursor::Cursor;

/// A time of day that was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hour {
    pub time: Time,
    /// One digit, perhaps behind a blank, and neither AM nor PM: a clock of twelve hours writes so, too.
    pub short: bool,
    /// Whether the seconds were there.
    pub seconds: bool,
    /// Whether dots part it, as DB2 writes it.
    pub dotted: bool,
}

/// `20:32:12`, with a fraction behind `.`, `,` or `:`, with AM or PM; `20:32`.
pub(crate) fn clock(cursor: &mut Cursor<'_>) -> Option<Hour> {
    let mut ahead = *cursor;
    let before = half_before(&mut ahead);
    let digits = ahead.digits();
    let hour = ahead.short()?;
    ahead.byte(b':')?;
    let minute = ahead.small(2)?;
    let mut second = 0;
    let mut seconds = false;
    let mut nanosecond = 0;
    if ahead.peek() == Some(b':') {
        ahead.skip(1);
        second = ahead.small(2)?;
        seconds = true;
        nanosecond = fraction(&mut ahead);
    }
    if ahead.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut short = digits == 1;
    let hour = match before.or_else(|| half(&mut ahead)) {
        None => hour,
        // `20:32:12 PM` says it twice.
        Some(true) if (13..24).contains(&hour) => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(is_later) => {
            short = false;
            hour % 12 + if is_later { 12 } else { 0 }
        }
    };
    // `20:32:12 Uhr MEZ`
    let mut behind = ahead;
    if behind.text(b" Uhr").is_some() && behind.ends_word() {
        ahead = behind;
    }
    // A leap second is the second before it.
    let time = Time::new(hour, minute, if second == 60 { 59 } else { second }, nanosecond).ok()?;
    *cursor = ahead;
    Some(Hour { time, short, seconds, dotted: false })
}

/// `203212`, with a fraction behind `.` or `,`.
pub(crate) fn compact(cursor: &mut Cursor<'_>) -> Option<Hour> {
    let mut ahead = *cursor;
    let digits = ahead.digits();
    let (hour, minute) = (ahead.small(2)?, ahead.small(2)?);
    let second = if digits == 6 { ahead.small(2)? } else { 0 };
    (digits == 6 || digits == 4).then_some(())?;
    let nanosecond = if digits == 6 { fraction(&mut ahead) } else { 0 };
    let time = Time::new(hour, minute, if second == 60 { 59 } else { second }, nanosecond).ok()?;
    *cursor = ahead;
    Some(Hour { time, short: false, seconds: digits == 6, dotted: false })
}

/// `20.32.12`, as DB2 writes it behind its date and a dash.
pub(crate) fn dotted(cursor: &mut Cursor<'_>) -> Option<Hour> {
    let mut ahead = *cursor;
    let hour = ahead.small(2)?;
    ahead.byte(b'.')?;
    let minute = ahead.small(2)?;
    ahead.byte(b'.')?;
    let second = ahead.small(2)?;
    let nanosecond = fraction(&mut ahead);
    let time = Time::new(hour, minute, if second == 60 { 59 } else { second }, nanosecond).ok()?;
    *cursor = ahead;
    Some(Hour { time, short: false, seconds: true, dotted: true })
}

/// The nanoseconds of a fraction, which is passed over; 0 where there is none.
pub(crate) fn fraction(cursor: &mut Cursor<'_>) -> i32 {
    let least = match cursor.peek() {
        Some(b'.' | b',') => 1,
        // `20:32:12:345`; fewer digits may be the number of a line.
        Some(b':') => 3,
        _ => return 0,
    };
    let mut ahead = *cursor;
    ahead.skip(1);
    let places = ahead.digits();
    if places < least {
        return 0;
    }
    let mut nanosecond = 0;
    let mut scale = 100_000_000;
    for digit in &ahead.rest[..places] {
        nanosecond += i32::from(digit - b'0') * scale;
        scale /= 10;
    }
    ahead.skip(places);
    *cursor = ahead;
    nanosecond
}

/// The halves of a day in other scripts, as programs write them for the people of a country; whether it is the later one.
const HALVES: [(&str, bool); 23] = [
    ("上午", false),
    ("下午", true),
    ("凌晨", false),
    ("早上", false),
    ("晚上", true),
    ("午前", false),
    ("午後", true),
    ("오전", false),
    ("오후", true),
    ("π.μ.", false),
    ("μ.μ.", true),
    ("πμ", false),
    ("μμ", true),
    ("ص", false),
    ("م", true),
    ("ق.ظ.", false),
    ("ب.ظ.", true),
    ("ÖÖ", false),
    ("ÖS", true),
    ("ก่อนเที่ยง", false),
    ("หลังเที่ยง", true),
    ("לפנה״צ", false),
    ("אחה״צ", true),
];

/// The half of a day at the cursor that is not written in ASCII.
fn foreign_half(cursor: &mut Cursor<'_>) -> Option<bool> {
    if cursor.peek()?.is_ascii() {
        return None;
    }
    let (text, is_later) = HALVES.iter().find(|(text, _)| cursor.rest.starts_with(text.as_bytes()))?;
    cursor.skip(text.len());
    Some(*is_later)
}

/// The half of a day before its time: `下午 8:32`, `下午8:32`, `PM 8:32`.
fn half_before(cursor: &mut Cursor<'_>) -> Option<bool> {
    let first = cursor.peek()?;
    if first.is_ascii_digit() {
        return None;
    }
    let mut ahead = *cursor;
    let is_later = match first {
        b'A' | b'P' => {
            ahead.skip(1);
            ahead.byte(b'M')?;
            first == b'P'
        }
        _ => foreign_half(&mut ahead)?,
    };
    ahead.spaces();
    ahead.peek()?.is_ascii_digit().then_some(())?;
    *cursor = ahead;
    Some(is_later)
}

/// AM or PM, perhaps behind a blank, which does not break in what Java and JavaScript write: whether it is the later half of the day.
fn half(cursor: &mut Cursor<'_>) -> Option<bool> {
    let mut ahead = *cursor;
    ahead.spaces();
    if let Some(is_later) = foreign_half(&mut ahead) {
        // What goes on is another word.
        ahead.peek().is_none_or(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric()).then_some(())?;
        *cursor = ahead;
        return Some(is_later);
    }
    let is_later = match ahead.peek()?.to_ascii_lowercase() {
        b'a' => false,
        b'p' => true,
        _ => return None,
    };
    ahead.skip(1);
    let dots = ahead.byte(b'.').is_some();
    if dots {
        // `p. m.`, as Spanish has it.
        ahead.spaces();
    }
    ahead.any(b"mM")?;
    if dots {
        ahead.byte(b'.')?;
    }
    // `8:32:12 PMZ`, `PMGMT`: its zone touches it.
    let is_zone = || {
        let word = ahead.rest.get(..ahead.letters()).unwrap_or_default();
        word == b"Z" || crate::zone::alone(word).is_some()
    };
    (ahead.ends_word() || is_zone()).then_some(())?;
    *cursor = ahead;
    Some(is_later)
}
