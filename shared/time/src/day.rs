//! The date of a stamp: which numbers and names stand there, before it is known in which order.

use jiff::civil::Date;

use crate::cursor::Cursor;

/// A date that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Day {
    /// All of it.
    Full(Date),
    /// A month and a day of some year.
    Yearless(i8, i8),
    /// Two or three numbers whose order is not written: the first, the second, the year where it has four digits, and
    /// the third where it has two.
    Numbers(i8, i8, Third),
}

/// What follows two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Third {
    Nothing,
    Year(i16),
    Short(i8),
    /// Of a date with dots or a name of its month, the second number, in which the day mostly comes first: `05.03.26`.
    Clear(i8),
}

/// How the time of day is written behind a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    /// With colons, behind a blank, a `T` or another mark.
    Any,
    /// The same; without a time it is no date.
    WithTime,
    /// Digits alone may follow: the date had no marks either.
    Compact,
}

const MONTHS: [&[u8; 3]; 12] =
    [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
const MONTHS_WHOLE: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&[u8; 3]; 7] = [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];
const WEEKDAYS_WHOLE: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// A name, whole or its first three letters, with a capital first letter; which one it is.
fn name(cursor: &mut Cursor<'_>, short: &[&[u8; 3]], whole: &[&str]) -> Option<usize> {
    let letters = cursor.letters();
    let word = cursor.rest.get(..letters)?;
    word.first().is_some_and(u8::is_ascii_uppercase).then_some(())?;
    let at = if letters == 3 {
        short.iter().position(|name| word.eq_ignore_ascii_case(&name[..]))?
    } else {
        whole.iter().position(|name| word.eq_ignore_ascii_case(name.as_bytes()))?
    };
    cursor.skip(letters);
    Some(at)
}

/// `Mar`, `March`.
pub(crate) fn month(cursor: &mut Cursor<'_>) -> Option<i8> {
    name(cursor, &MONTHS, &MONTHS_WHOLE).and_then(|at| i8::try_from(at + 1).ok())
}

/// `Thu`, `Thursday`, and a comma.
pub(crate) fn weekday(cursor: &mut Cursor<'_>) -> Option<()> {
    name(cursor, &WEEKDAYS, &WEEKDAYS_WHOLE)?;
    let _ = cursor.byte(b',');
    Some(())
}

fn full(year: i32, month: i8, day: i8) -> Option<Day> {
    Date::new(i16::try_from(year).ok()?, month, day).ok().map(Day::Full)
}

/// The year that two digits mean.
pub(crate) fn century(year: i8) -> i16 {
    let year = i16::from(year);
    if year < 70 { 2000 + year } else { 1900 + year }
}

/// The date at the cursor, and how its time may follow.
pub(crate) fn day(cursor: &mut Cursor<'_>) -> Option<(Day, Joint)> {
    let first = cursor.peek()?;
    if first.is_ascii_digit() {
        return digits_first(cursor);
    }
    if !first.is_ascii_uppercase() {
        return None;
    }
    // klog: `I0305 20:32:12`, glog with its year: `I20260305 20:32:12`.
    if matches!(first, b'I' | b'W' | b'E' | b'F' | b'D' | b'V')
        && cursor.ahead(1).is_some_and(|byte| byte.is_ascii_digit())
    {
        cursor.skip(1);
        return match cursor.digits() {
            4 => {
                let (month, day) = (cursor.small(2)?, cursor.small(2)?);
                yearless(month, day)
            }
            8 => compact(cursor).map(|day| (day, Joint::Any)),
            // CockroachDB: `I260305 20:32:12.345678 14 file.go:7`.
            6 => {
                let year = i32::from(century(cursor.small(2)?));
                full(year, cursor.small(2)?, cursor.small(2)?).map(|day| (day, Joint::WithTime))
            }
            _ => None,
        };
    }
    let mut ahead = *cursor;
    if weekday(&mut ahead).is_some() {
        (ahead.blanks() == 1).then_some(())?;
        *cursor = ahead;
        return if ahead.peek()?.is_ascii_digit() { digits_first(cursor) } else { month_first(cursor) };
    }
    month_first(cursor)
}

fn yearless(month: i8, day: i8) -> Option<(Day, Joint)> {
    // 2024 has every day there is.
    Date::new(2024, month, day).ok()?;
    Some((Day::Yearless(month, day), Joint::Any))
}

/// `Mar  5`, `Mar 05, 2026`, `Mar-05`, `Mar 5 2026`.
fn month_first(cursor: &mut Cursor<'_>) -> Option<(Day, Joint)> {
    let month = month(cursor)?;
    let mark = cursor.any(b" -/.")?;
    if mark == b' ' {
        (cursor.blanks() <= 1).then_some(())?;
    }
    let day = cursor.short()?;
    let mut ahead = *cursor;
    let comma = ahead.byte(b',').is_some();
    let parted = if mark == b' ' { ahead.blanks() == 1 } else { ahead.byte(mark).is_some() };
    // `Mar 5 2026 20:32`: four digits that no colon follows.
    if parted && ahead.digits() == 4 {
        let year = ahead.number(4)?;
        if ahead.peek() != Some(b':') {
            *cursor = ahead;
            return full(year, month, day).map(|day| (day, Joint::Any));
        }
    }
    if comma {
        cursor.skip(1);
    }
    yearless(month, day)
}

/// Eight digits.
fn compact(cursor: &mut Cursor<'_>) -> Option<Day> {
    let year = cursor.number(4)?;
    full(year, cursor.small(2)?, cursor.small(2)?)
}

fn digits_first(cursor: &mut Cursor<'_>) -> Option<(Day, Joint)> {
    match cursor.digits() {
        4 => year_first(cursor),
        8 => compact(cursor).map(|day| (day, Joint::Compact)),
        6 => {
            let year = i32::from(century(cursor.small(2)?));
            full(year, cursor.small(2)?, cursor.small(2)?).map(|day| (day, Joint::Compact))
        }
        1..=2 => short_first(cursor),
        _ => None,
    }
}

/// `2026-03-05`, `2026/03/05`, `2026.03.05`, `2026-064`, `2026 Mar 05 Thu`, and `0305`, a month and a day.
fn year_first(cursor: &mut Cursor<'_>) -> Option<(Day, Joint)> {
    let start = *cursor;
    let year = cursor.number(4)?;
    if cursor.peek().is_some_and(|byte| !byte.is_ascii()) {
        return with_signs(cursor, year);
    }
    let mark = cursor.any(b"-/. ")?;
    if mark == b' ' && cursor.ahead(2) == Some(b':') {
        *cursor = start;
        let (month, day) = (cursor.small(2)?, cursor.small(2)?);
        return yearless(month, day);
    }
    if cursor.peek()?.is_ascii_alphabetic() {
        let month = month(cursor)?;
        cursor.byte(mark)?;
        let _ = if mark == b' ' { cursor.blanks() } else { 0 };
        let day = full(year, month, cursor.short()?)?;
        let mut ahead = *cursor;
        if ahead.blanks() == 1 && weekday(&mut ahead).is_some() {
            *cursor = ahead;
        }
        return Some((day, Joint::Any));
    }
    (mark != b' ').then_some(())?;
    if mark == b'-' && cursor.digits() == 3 {
        let day = cursor.number(3)?;
        let date = Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
        (1..=i32::from(date.days_in_year())).contains(&day).then_some(())?;
        let date = date.checked_add(jiff::Span::new().days(i64::from(day - 1))).ok()?;
        return Some((Day::Full(date), Joint::Any));
    }
    // `2026. 3. 5.`, as Korean programs write it.
    let is_apart = mark == b'.' && cursor.byte(b' ').is_some();
    let month = cursor.short()?;
    cursor.byte(mark)?;
    if is_apart {
        cursor.byte(b' ')?;
    }
    let day = cursor.short()?;
    if is_apart {
        cursor.byte(b'.')?;
    }
    full(year, month, day).map(|day| (day, Joint::Any))
}

/// `2026年3月5日`, as programs of China, Japan and Korea write it, perhaps with a weekday behind it.
fn with_signs(cursor: &mut Cursor<'_>, year: i32) -> Option<(Day, Joint)> {
    const SIGNS: [[&str; 3]; 2] = [["\u{5e74}", "\u{6708}", "\u{65e5}"], ["\u{b144}", "\u{c6d4}", "\u{c77c}"]];
    let [of_year, of_month, of_day] =
        SIGNS.into_iter().find(|[of_year, ..]| cursor.rest.starts_with(of_year.as_bytes()))?;
    cursor.text(of_year.as_bytes())?;
    cursor.blanks();
    let month = cursor.short()?;
    cursor.text(of_month.as_bytes())?;
    cursor.blanks();
    let day = cursor.short()?;
    cursor.text(of_day.as_bytes())?;
    // `(木)`, ` 木曜日`
    let mut ahead = *cursor;
    ahead.blanks();
    let is_part = |byte: &&u8| !byte.is_ascii() || matches!(byte, b'(' | b')');
    let length = ahead.rest.iter().take(16).take_while(is_part).count();
    let weekday = std::str::from_utf8(ahead.rest.get(..length)?).ok()?;
    if weekday.ends_with([')', '\u{65e5}', '\u{c77c}']) || weekday.starts_with("\u{661f}\u{671f}") {
        ahead.skip(length);
        *cursor = ahead;
    }
    full(year, month, day).map(|day| (day, Joint::Any))
}

/// `05 Mar 2026`, `05/Mar/2026`, `5.3.2026`, `03/05/2026`, `26/03/05`, `03-05`.
fn short_first(cursor: &mut Cursor<'_>) -> Option<(Day, Joint)> {
    let digits = cursor.digits();
    let first = cursor.short()?;
    // Forge: `05Mar2026 20:32:12`.
    if digits == 2 && cursor.peek()?.is_ascii_alphabetic() {
        let month = month(cursor)?;
        (cursor.digits() == 4).then_some(())?;
        return full(cursor.number(4)?, month, first).map(|day| (day, Joint::WithTime));
    }
    let mark = cursor.any(b"-/. ")?;
    if cursor.peek()?.is_ascii_alphabetic() {
        let month = month(cursor)?;
        if mark == b' ' {
            let _ = cursor.byte(b',');
        }
        let mut ahead = *cursor;
        // Bacula: `05-Mar 20:32 director JobId 7`.
        if mark == b'-' && matches!(ahead.rest, [b' ', b'0'..=b'2', b'0'..=b'9', b':', ..]) {
            return yearless(month, first);
        }
        ahead.byte(mark)?;
        let year = match ahead.digits() {
            4 => ahead.number(4)?,
            2 if ahead.ahead(2) != Some(b':') => {
                let year = ahead.small(2)?;
                *cursor = ahead;
                return Some((Day::Numbers(first, month, Third::Clear(year)), Joint::Any));
            }
            // `05 Mar 20:32:12`
            _ if mark == b' ' => return yearless(month, first),
            _ => return None,
        };
        *cursor = ahead;
        return full(year, month, first).map(|day| (day, Joint::Any));
    }
    (mark != b' ').then_some(())?;
    if mark == b'/' && cursor.peek() == Some(b' ') {
        cursor.skip(1);
    }
    let second = cursor.short()?;
    let mut ahead = *cursor;
    if ahead.byte(mark).is_some() {
        let third = match ahead.digits() {
            4 => Third::Year(i16::try_from(ahead.number(4)?).ok()?),
            2 if digits == 2 || mark == b'/' => Third::Short(ahead.small(2)?),
            _ => return None,
        };
        *cursor = ahead;
        if mark == b'.' {
            // Days come first where dots part them. Two digits of a year alone may be a version.
            return match third {
                Third::Year(year) => full(i32::from(year), second, first).map(|day| (day, Joint::Any)),
                Third::Short(year) => Some((Day::Numbers(first, second, Third::Clear(year)), Joint::WithTime)),
                Third::Nothing | Third::Clear(_) => None,
            };
        }
        // WebSphere: `3/5/26 20:32:12:345 UTC`.
        let joint = if digits == 2 || matches!(third, Third::Year(_)) { Joint::Any } else { Joint::WithTime };
        return Some((Day::Numbers(first, second, third), joint));
    }
    (digits == 2).then_some(())?;
    if mark == b'-' {
        // Android's logcat: the month first, as in ISO.
        return yearless(first, second);
    }
    Some((Day::Numbers(first, second, Third::Nothing), Joint::Any))
}

/// In which order days, months and years stand where nothing else tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// Day, month, year.
    DayFirst,
    /// Month, day, year.
    MonthFirst,
    /// Year, month, day.
    YearFirst,
}

impl DateOrder {
    /// Reads `dmy`, `mdy` or `ymd`.
    ///
    /// # Errors
    /// What was wanted.
    pub fn parse(text: &str) -> Result<DateOrder, String> {
        match text {
            "dmy" => Ok(DateOrder::DayFirst),
            "mdy" => Ok(DateOrder::MonthFirst),
            "ymd" => Ok(DateOrder::YearFirst),
            _ => Err("wanted dmy, mdy or ymd".to_owned()),
        }
    }
}

/// A year behind the time: `20:32:12 2026`.
pub(crate) fn year_behind(cursor: &mut Cursor<'_>) -> Option<i16> {
    let mut ahead = *cursor;
    (ahead.blanks() == 1 && ahead.digits() == 4).then_some(())?;
    let year = ahead.number(4)?;
    let ends = ahead.peek().is_none_or(|byte| byte.is_ascii_whitespace() || b"])},;:|\"'>".contains(&byte));
    ((1970..2100).contains(&year) && ends).then_some(())?;
    *cursor = ahead;
    i16::try_from(year).ok()
}
