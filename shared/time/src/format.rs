//! `--time-format`: stamps in the words of `strftime`.
//!
//! Owns which formats decide an instant, and how a line is read by one; refuses those that leave the day, the hour or the half of
//! the day open.

use jiff::civil::{DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

use crate::clock::{Clock, Stamp};
use crate::cursor::Cursor;
use crate::zone::{Zone, zone};

/// Whether stamps can be read by a format of `strftime`.
///
/// # Errors
/// What it lacks: a directive that is unknown or decides nothing, a day or an hour, which half of the day is meant.
pub fn time_format(format: &str) -> Result<(), String> {
    let mut letters = Vec::new();
    let mut rest = format.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            letters.extend(rest.by_ref().find(|byte| !byte.is_ascii_digit() && !b"-_^#:.".contains(byte)));
        }
    }
    let has = |wanted: &[u8]| letters.iter().any(|letter| wanted.contains(letter));
    if has(b"Z") {
        return Err(
            "%Z decides nothing, since several zones have one abbreviation: leave it out, and say --tz".to_owned()
        );
    }
    if has(b"Il") && !has(b"pP") {
        return Err("%I and %l may be morning or evening: say %p, too, or %H or %k".to_owned());
    }
    let noon = DateTime::constant(2026, 3, 5, 20, 32, 12, 345_678_000).to_zoned(TimeZone::UTC);
    let parts = noon
        .and_then(|noon| jiff::fmt::strtime::format(format, &noon))
        .and_then(|text| BrokenDownTime::parse(format, text))
        .map_err(|error| error.to_string())?;
    let has_day = parts.to_date().is_ok() || (parts.month().is_some() && parts.day().is_some());
    let is_time_alone = parts.year().is_none() && parts.month().is_none() && parts.day().is_none();
    let decides = match parts.hour() {
        Some(_) => has_day || is_time_alone,
        None => has_day && parts.minute().is_none() && parts.second().is_none(),
    };
    if parts.to_timestamp().is_err() && !decides {
        return Err("wanted a day and an hour, like %Y-%m-%d %H:%M:%S".to_owned());
    }
    Ok(())
}

impl Clock {
    /// By `--time-format`, which is the only form there is then. A fraction behind its seconds and a zone behind its end
    /// belong to it as they do elsewhere.
    pub(crate) fn formatted<'a>(&self, format: &str, text: &'a [u8]) -> Option<(Stamp, &'a [u8])> {
        let (parts, length) = BrokenDownTime::parse_prefix(format, text).ok()?;
        let mut cursor = Cursor::new(text.get(length..)?);
        if let Ok(time) = parts.to_timestamp() {
            return Some((Stamp::At(time), cursor.rest));
        }
        let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        if is_digit(text.get(..length)?.last()) && is_digit(cursor.rest.first()) {
            return None;
        }
        if parts.hour().is_none() {
            // An instant of that day, as it is where no format is said.
            let date = match (parts.to_date(), parts.month(), parts.day()) {
                (Ok(date), ..) => date,
                (Err(_), Some(month), Some(day)) => match self.year(month, day, Time::midnight(), &Zone::None) {
                    Ok(date) => date,
                    Err(reason) => return Some((Stamp::Refused(reason), cursor.rest)),
                },
                _ => return None,
            };
            return Some((self.day(date)?, cursor.rest));
        }
        let mut time = parts.to_time().ok()?;
        if parts.second().is_some() && time.subsec_nanosecond() == 0 && is_digit(text.get(..length)?.last()) {
            time = time.with().subsec_nanosecond(crate::hour::fraction(&mut cursor)).build().ok()?;
        }
        let zone = match parts.iana_time_zone() {
            Some(name) => TimeZone::get(name).map_or_else(|_| Zone::Unknown(name.to_owned()), Zone::Named),
            None => parts.offset().map_or_else(|| zone(&mut cursor), Zone::Offset),
        };
        // The format says what belongs to the stamp.
        let zone = if let Zone::Doubtful(..) = zone { Zone::None } else { zone };
        let date = match (parts.to_date(), parts.month(), parts.day()) {
            (Ok(date), ..) => date,
            (Err(_), Some(month), Some(day)) => match self.year(month, day, time, &zone) {
                Ok(date) => date,
                Err(reason) => return Some((Stamp::Refused(reason), cursor.rest)),
            },
            (Err(_), None, None) => self.base?.date(),
            _ => return None,
        };
        Some((self.place(DateTime::from_parts(date, time), zone), cursor.rest))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn formats_that_decide_nothing_are_refused() {
        for format in
            ["%d.%m.%Y %H-%M", "%Y%m%d", "%s", "%H:%M:%S", "%b %d %k:%M", "%Y-%j %I %p", "%-d.%-m.%y", "%d %b"]
        {
            assert_eq!(super::time_format(format), Ok(()), "{format}");
        }
        for format in
            ["%I:%M", "%b %d %l:%M:%S", "%M:%S", "%Y-%m", "%d %H", "%Y", "%d.%m.%Y %M", "%H:%M %Z", "%%H", "abc", ""]
        {
            assert!(super::time_format(format).is_err(), "{format}");
        }
    }
}
