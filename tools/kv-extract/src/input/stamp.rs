//! Times as logs write them: read from the start of a line, or from a value.
//!
//! Owns the forms and their order; a local time that a time zone has twice or never is refused, not guessed.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

/// What a stamp without a zone or a year is read with.
#[derive(Clone, Debug)]
pub struct Clock {
    /// The zone of stamps that name none.
    pub zone: TimeZone,
    /// The present, for stamps without a year: they are taken to lie at most a day ahead of it.
    pub now: Timestamp,
}

/// What a text was found to say about time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// It begins with a time.
    At(Timestamp),
    /// It begins with a time that cannot be placed, for this reason.
    Refused(String),
    /// It does not begin with a time.
    None,
}

/// Reads digits and marks one after the other; every step fails at once where the form is another one.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self, wanted: u8) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        (*first == wanted).then_some(())?;
        self.rest = rest;
        Some(())
    }

    fn any(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        wanted.contains(first).then_some(())?;
        self.rest = rest;
        Some(*first)
    }

    /// A number of exactly `digits` digits.
    fn number(&mut self, digits: usize) -> Option<i32> {
        let (number, rest) = self.rest.split_at_checked(digits)?;
        let value =
            number.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i32::from(byte - b'0')))?;
        self.rest = rest;
        Some(value)
    }

    fn small(&mut self, digits: usize) -> Option<i8> {
        i8::try_from(self.number(digits)?).ok()
    }

    /// A day of a month, padded with a blank or a zero.
    fn day(&mut self) -> Option<i8> {
        if self.byte(b' ').is_some() { self.small(1) } else { self.small(2).or_else(|| self.small(1)) }
    }

    fn month(&mut self) -> Option<i8> {
        const NAMES: [&[u8]; 12] =
            [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
        let (name, rest) = self.rest.split_at_checked(3)?;
        let month = NAMES.iter().position(|month| *month == name)?;
        self.rest = rest;
        i8::try_from(month + 1).ok()
    }

    fn weekday(&mut self) -> Option<()> {
        const NAMES: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
        let (name, rest) = self.rest.split_at_checked(3)?;
        NAMES.contains(&name).then_some(())?;
        self.rest = rest;
        Some(())
    }

    /// `20:32:12`, and a fraction behind `.` or `,`.
    fn time(&mut self) -> Option<Time> {
        let hour = self.small(2)?;
        self.byte(b':')?;
        let minute = self.small(2)?;
        self.byte(b':')?;
        let second = self.small(2)?;
        let mut nanosecond = 0;
        if let [b'.' | b',', digit, ..] = self.rest
            && digit.is_ascii_digit()
        {
            self.rest = &self.rest[1..];
            let mut scale = 100_000_000;
            while let Some((digit, rest)) = self.rest.split_first()
                && digit.is_ascii_digit()
            {
                nanosecond += i32::from(digit - b'0') * scale;
                scale /= 10;
                self.rest = rest;
            }
        }
        // A leap second is the second before it.
        Time::new(hour, minute, second.min(59), nanosecond).ok()
    }

    /// `Z`, `UTC`, `+08:00`, `-0800`, behind at most one blank; behind one, `+10 users` and `UTCfoo` are words.
    fn offset(&mut self) -> Option<Offset> {
        let mut ahead = Reader { rest: self.rest };
        let spaced = ahead.byte(b' ').is_some();
        if let Some(rest) = ahead.rest.strip_prefix(b"UTC").or_else(|| ahead.rest.strip_prefix(b"GMT")) {
            if spaced && rest.first().is_some_and(u8::is_ascii_alphanumeric) {
                return None;
            }
            self.rest = rest;
            return Some(Offset::UTC);
        }
        if let Some(rest) = ahead.rest.strip_prefix(b"Z") {
            // `Z` a blank away may begin a word.
            if spaced && rest.first().is_some_and(u8::is_ascii_alphanumeric) {
                return None;
            }
            self.rest = rest;
            return Some(Offset::UTC);
        }
        let sign = if ahead.any(b"+-")? == b'-' { -1 } else { 1 };
        let hours = ahead.number(2)?;
        let colon = ahead.byte(b':').is_some();
        let minutes = ahead.number(2).or(if colon || spaced { None } else { Some(0) })?;
        if spaced {
            // No place on Earth is further away than +14:00; `+2000 points` is a number.
            let ends =
                ahead.rest.first().is_none_or(|byte| byte.is_ascii_whitespace() || b"])},;:|\"'>".contains(byte));
            (ends && hours <= 14 && minutes < 60).then_some(())?;
        }
        let offset = Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()?;
        self.rest = ahead.rest;
        Some(offset)
    }

    /// Whether the stamp ends here: no letter or digit runs on.
    fn ends(&self) -> Option<()> {
        (!self.rest.first().is_some_and(u8::is_ascii_alphanumeric)).then_some(())
    }
}

impl Clock {
    /// The time that `line` begins with, behind a `[` or a syslog `<13>`.
    pub fn line_start(&self, line: &[u8]) -> Stamp {
        let mut text = line.trim_ascii_start();
        if let [b'<', rest @ ..] = text {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits > 0 && digits <= 3 && rest.get(digits) == Some(&b'>') {
                text = &rest[digits + 1..];
                // RFC 5424: a version stands before the time.
                text = text.strip_prefix(b"1 ").unwrap_or(text);
            }
        }
        self.begins(text.strip_prefix(b"[").unwrap_or(text), false)
    }

    /// The time that a value is, from its first byte to its last.
    pub fn value(&self, value: &[u8]) -> Stamp {
        let value = value.trim_ascii();
        self.begins(value.strip_prefix(b"[").and_then(|value| value.strip_suffix(b"]")).unwrap_or(value), true)
    }

    fn begins(&self, text: &[u8], whole: bool) -> Stamp {
        // Most lines begin with no time; the first byte tells most of them.
        match text.first() {
            Some(byte) if byte.is_ascii_alphanumeric() => {}
            _ => return Stamp::None,
        }
        let done = |reader: &Reader<'_>| if whole { reader.rest.is_empty().then_some(()) } else { reader.ends() };
        if let Some((moment, offset)) = dated(text, &done) {
            return self.place(moment, offset);
        }
        if let Some(moment) = self.undated(text, &done) {
            return moment;
        }
        epoch(text, &done).map_or(Stamp::None, Stamp::At)
    }

    fn place(&self, moment: DateTime, offset: Option<Offset>) -> Stamp {
        if let Some(offset) = offset {
            return offset.to_timestamp(moment).map_or_else(|error| Stamp::Refused(error.to_string()), Stamp::At);
        }
        let ambiguous = self.zone.to_ambiguous_timestamp(moment);
        if ambiguous.is_ambiguous() {
            let zone = self.zone.iana_name().unwrap_or("the local zone");
            return Stamp::Refused(format!(
                "the local time {moment} happens twice or never in {zone}; --tz UTC, or log an offset"
            ));
        }
        ambiguous.unambiguous().map_or_else(|error| Stamp::Refused(error.to_string()), Stamp::At)
    }

    /// Stamps without a year: syslog's `Mar  5 20:32:12` and klog's `I0305 20:32:12.345678`.
    fn undated(&self, text: &[u8], done: &impl Fn(&Reader<'_>) -> Option<()>) -> Option<Stamp> {
        let mut reader = Reader { rest: text };
        let (month, day) = match reader.any(b"IWEF") {
            Some(_) if text.get(1).is_some_and(u8::is_ascii_digit) => (reader.small(2)?, reader.small(2)?),
            _ => {
                reader = Reader { rest: text };
                let month = reader.month()?;
                reader.byte(b' ')?;
                (month, reader.day()?)
            }
        };
        reader.byte(b' ')?;
        let time = reader.time()?;
        done(&reader)?;
        let now = self.zone.to_datetime(self.now);
        let latest = now.checked_add(1.day()).unwrap_or(now);
        // The last year in which it does not lie ahead; 29 February may be eight years back.
        let moment = (0..=8).find_map(|back| {
            let date = Date::new(latest.year() - back, month, day).ok()?;
            Some(DateTime::from_parts(date, time)).filter(|moment| *moment <= latest)
        });
        Some(moment.map_or_else(
            || Stamp::Refused("a month and a day that no year has".to_owned()),
            |moment| self.place(moment, None),
        ))
    }
}

/// Stamps with a year: RFC 3339 and its looser kin, Go's and nginx's slashes, Apache's two forms.
fn dated(text: &[u8], done: &impl Fn(&Reader<'_>) -> Option<()>) -> Option<(DateTime, Option<Offset>)> {
    let mut reader = Reader { rest: text };
    if let Some(year) = reader.number(4) {
        let mark = reader.any(b"-/")?;
        let month = reader.small(2)?;
        reader.byte(mark)?;
        let day = reader.small(2)?;
        reader.any(b"Tt _")?;
        let time = reader.time()?;
        let offset = reader.offset();
        done(&reader)?;
        let date = Date::new(i16::try_from(year).ok()?, month, day).ok()?;
        return Some((DateTime::from_parts(date, time), offset));
    }
    // 05/Mar/2026:20:32:12 +0000
    let apache = |mut reader: Reader<'_>| {
        let day = reader.small(2)?;
        let mark = reader.any(b"/-")?;
        let month = reader.month()?;
        reader.byte(mark)?;
        let year = reader.number(4)?;
        reader.any(b": ")?;
        let time = reader.time()?;
        let offset = reader.offset();
        done(&reader)?;
        let date = Date::new(i16::try_from(year).ok()?, month, day).ok()?;
        Some((DateTime::from_parts(date, time), offset))
    };
    if let Some(found) = apache(Reader { rest: text }) {
        return Some(found);
    }
    // Thu Mar 05 20:32:12.345678 2026
    let mut reader = Reader { rest: text };
    reader.weekday()?;
    reader.byte(b' ')?;
    let month = reader.month()?;
    reader.byte(b' ')?;
    let day = reader.day()?;
    reader.byte(b' ')?;
    let time = reader.time()?;
    reader.byte(b' ')?;
    let year = reader.number(4)?;
    done(&reader)?;
    Some((DateTime::from_parts(Date::new(i16::try_from(year).ok()?, month, day).ok()?, time), None))
}

/// Epoch seconds (10 digits and a fraction), milliseconds (13), microseconds (16), nanoseconds (19).
fn epoch(text: &[u8], done: &impl Fn(&Reader<'_>) -> Option<()>) -> Option<Timestamp> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    let number: i64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let mut reader = Reader { rest };
    let stamp = match length {
        10 => {
            let mut nanosecond = 0;
            if let [b'.', rest @ ..] = reader.rest {
                let places = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                for (at, digit) in rest[..places].iter().enumerate().take(9) {
                    nanosecond += i32::from(digit - b'0') * 10_i32.pow(8 - at as u32);
                }
                reader.rest = &rest[places..];
            }
            Timestamp::new(number, nanosecond)
        }
        13 => Timestamp::from_millisecond(number),
        16 => Timestamp::from_microsecond(number),
        19 => Timestamp::from_nanosecond(i128::from(number)),
        _ => return None,
    };
    done(&reader)?;
    stamp.ok()
}

/// `--since` and `--until`: how long ago (`15m`, `-1h30m`), a time, or a day.
pub fn limit(text: &str, clock: &Clock) -> Result<Timestamp, String> {
    let wanted = || "wanted how long ago (15m), or a time like 2026-03-05T20:32:12Z".to_owned();
    let mut digits = Vec::new();
    let ago = text.strip_prefix('-').unwrap_or(text);
    let has_unit = ago.ends_with(|letter: char| letter.is_ascii_alphabetic()) && !ago.contains([':', '-', '+']);
    let nanoseconds = crate::record::convert::Conversion::parse("ns")?;
    if has_unit && nanoseconds.convert(ago.as_bytes(), &mut digits) {
        let length: i64 =
            std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse().ok()).ok_or_else(wanted)?;
        return clock.now.checked_sub(length.nanoseconds()).map_err(|_| wanted());
    }
    if let Ok(date) = text.parse::<Date>()
        && text.len() == 10
    {
        return match clock.place(date.to_datetime(Time::midnight()), None) {
            Stamp::At(time) => Ok(time),
            Stamp::Refused(reason) => Err(reason),
            Stamp::None => Err(wanted()),
        };
    }
    match clock.value(text.as_bytes()) {
        Stamp::At(time) => Ok(time),
        Stamp::Refused(reason) => Err(reason),
        Stamp::None => Err(wanted()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(zone: &str) -> Clock {
        Clock { zone: TimeZone::get(zone).unwrap(), now: "2026-03-06T12:00:00Z".parse().unwrap() }
    }

    fn at(text: &str) -> Stamp {
        Stamp::At(text.parse().unwrap())
    }

    #[test]
    fn the_forms_of_logs() {
        let clock = clock("UTC");
        for (line, expected) in [
            ("2026-03-05T20:32:12.345Z INFO x", "2026-03-05T20:32:12.345Z"),
            ("2026-03-05T20:32:12+08:00 x", "2026-03-05T12:32:12Z"),
            ("2026-03-05 20:32:12,123 INFO", "2026-03-05T20:32:12.123Z"),
            ("2026/03/05 20:32:12 [error] x", "2026-03-05T20:32:12Z"),
            ("2026-03-05 20:32:12 +0100 x", "2026-03-05T19:32:12Z"),
            ("2026-03-05 20:32:12 +01:00", "2026-03-05T19:32:12Z"),
            ("2026-03-05 20:32:12 -0130, x", "2026-03-05T22:02:12Z"),
            ("[2026-03-05 20:32:12 +0100] x", "2026-03-05T19:32:12Z"),
            ("2026-03-05 20:32:12+01 x", "2026-03-05T19:32:12Z"),
            // Words that begin as an offset does.
            ("2026-03-05 20:32:12 +100 points", "2026-03-05T20:32:12Z"),
            ("2026-03-05 20:32:12 +10 users", "2026-03-05T20:32:12Z"),
            ("2026-03-05 20:32:12 -1 x", "2026-03-05T20:32:12Z"),
            ("2026-03-05 20:32:12 +2000 points", "2026-03-05T20:32:12Z"),
            ("2026-03-05 20:32:12 +0175 x", "2026-03-05T20:32:12Z"),
            ("2026-03-05 20:32:12 +01000 x", "2026-03-05T20:32:12Z"),
            ("2026-03-05 20:32:12 -0100ms", "2026-03-05T20:32:12Z"),
            ("2026-03-05 20:32:12 +0100.5 x", "2026-03-05T20:32:12Z"),
            ("2026-03-05 20:32:12 +10:0 x", "2026-03-05T20:32:12Z"),
            ("2026-03-05 20:32:12 UTCfoo x", "2026-03-05T20:32:12Z"),
            ("[2026-03-05T20:32:12Z] x", "2026-03-05T20:32:12Z"),
            ("<13>1 2026-03-05T20:32:12Z host", "2026-03-05T20:32:12Z"),
            ("Mar  5 20:32:12 host x", "2026-03-05T20:32:12Z"),
            ("<34>Oct 11 22:14:15 host x", "2025-10-11T22:14:15Z"),
            ("Feb 29 00:00:00 host", "2024-02-29T00:00:00Z"),
            ("I0305 20:32:12.345678   1 a.go:1] x", "2026-03-05T20:32:12.345678Z"),
            ("05/Mar/2026:20:32:12 +0200 x", "2026-03-05T18:32:12Z"),
            ("[Thu Mar 05 20:32:12.345678 2026] [error]", "2026-03-05T20:32:12.345678Z"),
            ("1772742732 x", "2026-03-05T20:32:12Z"),
            ("1772742732.5 x", "2026-03-05T20:32:12.5Z"),
            ("1772742732345 x", "2026-03-05T20:32:12.345Z"),
            ("2026-03-05T20:32:60Z x", "2026-03-05T20:32:59Z"),
        ] {
            assert_eq!(clock.line_start(line.as_bytes()), at(expected), "{line}");
        }
        for line in [
            "",
            "INFO x",
            "20:32:12 x",
            "12 a=1",
            "2026-13-05T00:00:00Z",
            "Marvin 5",
            "123456789012 x",
            "Error: x",
            "I0 x",
        ] {
            assert_eq!(clock.line_start(line.as_bytes()), Stamp::None, "{line}");
        }
        assert_eq!(clock.value(b"2026-03-05T20:32:12Z x"), Stamp::None);
        assert_eq!(clock.value(b"05/Mar/2026:20:32:12 +0200"), at("2026-03-05T18:32:12Z"));
    }

    #[test]
    fn local_times_that_happen_twice_are_refused() {
        let clock = clock("Europe/Berlin");
        assert_eq!(clock.line_start(b"2025-07-01 12:00:00 x"), at("2025-07-01T10:00:00Z"));
        assert!(matches!(clock.line_start(b"2025-10-26 02:30:00 x"), Stamp::Refused(_)));
        assert!(matches!(clock.line_start(b"2025-03-30 02:30:00 x"), Stamp::Refused(_)));
        assert_eq!(clock.line_start(b"2025-10-26T02:30:00+02:00 x"), at("2025-10-26T00:30:00Z"));
    }

    #[test]
    fn limits() {
        let clock = clock("UTC");
        for (text, expected) in [
            ("15m", "2026-03-06T11:45:00Z"),
            ("-15m", "2026-03-06T11:45:00Z"),
            ("1h30m", "2026-03-06T10:30:00Z"),
            ("2026-03-05", "2026-03-05T00:00:00Z"),
            ("2026-03-05 20:32:12", "2026-03-05T20:32:12Z"),
            ("2026-03-05T20:32:12Z", "2026-03-05T20:32:12Z"),
            ("1772742732", "2026-03-05T20:32:12Z"),
        ] {
            assert_eq!(limit(text, &clock), Ok(expected.parse().unwrap()), "{text}");
        }
        for text in ["", "soon", "15", "15x", "2026-13-01"] {
            assert!(limit(text, &clock).is_err(), "{text}");
        }
    }
}
