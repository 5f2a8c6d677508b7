//! Times that a person says: `15m` ago, a time, a day.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};

use number::words::TIMES;

use crate::clock::{Clock, Stamp};

/// A length of time: `15m`, `1h30m`, `1.5s`, `2w`. `None` where it is none, or not a whole number of nanoseconds.
pub fn span(text: &str) -> Option<SignedDuration> {
    let mut total: i128 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let length = rest.find(|letter: char| !(letter.is_ascii_digit() || letter == '.')).unwrap_or(rest.len());
        let (number, behind) = rest.split_at(length);
        // `2 hours`
        let behind = behind.strip_prefix(' ').unwrap_or(behind);
        let letters = behind.find(|letter: char| letter.is_ascii_digit() || letter == ' ').unwrap_or(behind.len());
        let (name, behind) = behind.split_at(letters);
        let unit = i128::try_from(TIMES.iter().find(|(unit, _)| *unit == name)?.1).ok()?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty())
            || whole.len() > 18
            || fraction.len() > 18
            || fraction.contains('.')
        {
            return None;
        }
        let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
        let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        let nanoseconds = digits.checked_mul(unit)?;
        if nanoseconds % scale != 0 {
            return None;
        }
        total = total.checked_add(nanoseconds / scale)?;
        rest = behind.trim_start();
    }
    Some(SignedDuration::from_nanos_i128(total))
}

/// The instant so long before `now`: `15m`, `-1h30m`, `2 hours ago`. `None` where the text is no length of time with a unit,
/// or one past all calendars.
pub fn ago(text: &str, now: Timestamp) -> Option<Timestamp> {
    let length = match text.strip_suffix("ago").filter(|length| length.ends_with(' ')) {
        Some(length) => length.trim_end(),
        None => text.strip_prefix('-').unwrap_or(text),
    };
    let has_unit = length.ends_with(|letter: char| letter.is_alphabetic()) && !length.contains([':', '-', '+', '/']);
    now.checked_sub(has_unit.then(|| span(length))??).ok()
}

/// `--since` and `--until`: how long ago (`15m`, `-1h30m`, `2 hours ago`), a time, or a day, which begins at its midnight.
///
/// # Errors
/// What was wanted, or why the time cannot be placed.
pub fn limit(text: &str, clock: &Clock) -> Result<Timestamp, String> {
    let wanted =
        || "wanted how long ago (15m), a day (2026-03-05, yesterday), or a time like 2026-03-05T20:32:12Z".to_owned();
    if let Some(time) = ago(text, clock.now) {
        return Ok(time);
    }
    // A day begins at its midnight; what logs write in a form of their own says nothing of what a person types.
    let clock = Clock { format: None, ..clock.clone() };
    let today = clock.zone.to_datetime(clock.now).date();
    let day = match text {
        "today" => Some(today),
        "yesterday" => today.yesterday().ok(),
        "now" => return Ok(clock.now),
        _ => text.parse::<Date>().ok().filter(|_| text.len() == 10),
    };
    let is_day = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    if is_day && day.is_none() {
        return Err("there is no such day".to_owned());
    }
    if let Some(date) = day {
        return clock
            .zone
            .to_ambiguous_timestamp(date.to_datetime(Time::midnight()))
            .compatible()
            .map_err(|error| error.to_string());
    }
    match clock.value(text.as_bytes()) {
        Stamp::At(time) | Stamp::Maybe(time) => Ok(time),
        // `5 Mar 2026`, `05.03.2026`
        Stamp::Between(first, last, _) if last.duration_since(first) >= SignedDuration::from_hours(22) => Ok(first),
        Stamp::Between(_, _, reason) | Stamp::Refused(reason) => Err(reason),
        Stamp::None => Err(wanted()),
    }
}

/// An instant as a document or the command line gives it: RFC 3339 and its kin with a zone, or an epoch. A time
/// without a zone is none.
pub fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>()
        && text.trim_start_matches('-').len() < 12
    {
        return Timestamp::from_second(seconds).ok();
    }
    // Two clocks half a day and some years apart agree only on what names its zone and its year.
    let with = |hours: i8, now: i64| {
        let zone = jiff::tz::Offset::constant(hours).to_time_zone();
        match Clock::new(zone, Timestamp::from_second(now).ok()?).value(text.as_bytes()) {
            Stamp::At(time) => Some(time),
            _ => None,
        }
    };
    let time = with(0, 2_000_000_000)?;
    (with(12, 1_600_000_000) == Some(time)).then_some(time)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn lengths() {
        for (text, seconds) in [("15m", 900), ("1h30m", 5400), ("1.5s", 1), ("2w", 1_209_600), ("1h 2m 3s", 3723)] {
            assert_eq!(span(text).map(|span| span.as_secs()), Some(seconds), "{text}");
        }
        for text in ["", "15", "m", "1.2.3s", "15x", "1ns5"] {
            assert_eq!(span(text), None, "{text}");
        }
    }

    #[test]
    fn limits() {
        let clock = Clock::new(TimeZone::UTC, "2026-03-06T12:00:00Z".parse().unwrap());
        for (text, expected) in [
            ("15m", "2026-03-06T11:45:00Z"),
            ("-15m", "2026-03-06T11:45:00Z"),
            ("1h30m", "2026-03-06T10:30:00Z"),
            ("2026-03-05", "2026-03-05T00:00:00Z"),
            ("2026-03-05 20:32:12", "2026-03-05T20:32:12Z"),
            ("2026-03-05T20:32:12Z", "2026-03-05T20:32:12Z"),
            ("1772742732", "2026-03-05T20:32:12Z"),
            ("2 hours ago", "2026-03-06T10:00:00Z"),
            ("2 hours", "2026-03-06T10:00:00Z"),
            ("1 day 2 minutes ago", "2026-03-05T11:58:00Z"),
            ("15m ago", "2026-03-06T11:45:00Z"),
            ("now", "2026-03-06T12:00:00Z"),
            ("yesterday", "2026-03-05T00:00:00Z"),
            ("28.11.2025", "2025-11-28T00:00:00Z"),
            ("5 Mar 2026", "2026-03-05T00:00:00Z"),
            ("2026/03/05", "2026-03-05T00:00:00Z"),
        ] {
            assert_eq!(limit(text, &clock), Ok(expected.parse().unwrap()), "{text}");
        }
        for text in [
            "",
            "soon",
            "15",
            "15x",
            "2026-13-01",
            "last week",
            "2 ago",
            "ago",
            "in 2 hours",
            "11/28/2026",
            "3/4/2026",
            "20:30",
        ] {
            assert!(limit(text, &clock).is_err(), "{text}");
        }
    }

    #[test]
    fn instants_name_their_zone() {
        for text in [
            "2026-03-05T20:32:12Z",
            "2026-03-05t20:32:12z",
            "2026-03-05T21:32:12+01:00",
            "2026-03-05T21:32:12+0100",
            "05/Mar/2026:20:32:12 +0000",
            "Thu, 05 Mar 2026 20:32:12 GMT",
            "1772742732",
        ] {
            assert_eq!(instant(text), Some("2026-03-05T20:32:12Z".parse().unwrap()), "{text}");
        }
        for text in ["2026-03-05 20:32:12", "Mar  5 20:32:12", "Mar  5 20:32:12 UTC", "2026-03-05", "soon", ""] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
