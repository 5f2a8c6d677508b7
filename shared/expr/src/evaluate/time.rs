//! RFC 3339 times to seconds since 1970, for `time("…")`.
//!
//! Owns the calendar that takes. Refuses a time without its offset: what hour it means is not in it.

use crate::Decimal;

/// The seconds since 1970-01-01T00:00:00Z of an RFC 3339 time, or of a stamp as logs write it with an offset; `None` for
/// what is none. A leap second is the second before it, as in every reader of times here.
pub(crate) fn seconds(text: &str) -> Option<Decimal> {
    rfc3339(text).or_else(|| stamp(text))
}

/// Another form: without seconds, `+0100`, an access log's. The name of a zone is none: its rules stand in files.
fn stamp(text: &str) -> Option<Decimal> {
    let is_date = text.bytes().any(|byte| byte.is_ascii_digit()) && text.contains(':');
    let named =
        text.as_bytes().windows(3).any(|at| at[0].is_ascii_lowercase() && at[1] == b'/' && at[2].is_ascii_uppercase());
    if !is_date || named || text.len() > 64 {
        return None;
    }
    let nanoseconds = time::instant(text)?.as_nanosecond();
    let whole = i64::try_from(nanoseconds.div_euclid(1_000_000_000)).ok()?;
    let fraction = Decimal::parse(&format!("0.{:09}", nanoseconds.rem_euclid(1_000_000_000)))?;
    Decimal::from(whole).plus(fraction)
}

fn rfc3339(text: &str) -> Option<Decimal> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
    };
    let signs = [bytes.get(4)?, bytes.get(7)?, bytes.get(13)?, bytes.get(16)?];
    if signs != [&b'-', &b'-', &b':', &b':'] || !matches!(bytes.get(10)?, b'T' | b't' | b' ') {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_of(year, month) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut at = 19;
    let mut fraction = Decimal::ZERO;
    if bytes.get(at) == Some(&b'.') {
        let digits = bytes.iter().skip(at + 1).take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        fraction = Decimal::parse(&format!("0.{}", text.get(at + 1..at + 1 + digits)?))?;
        at += 1 + digits;
    }
    let offset = match text.get(at..)? {
        "Z" | "z" => 0,
        rest => {
            let sign = match rest.bytes().next()? {
                b'+' => 1,
                b'-' => -1,
                _ => return None,
            };
            if rest.len() != 6 || rest.as_bytes().get(3) != Some(&b':') {
                return None;
            }
            let (hours, minutes) = (number(at + 1, at + 3)?, number(at + 4, at + 6)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            sign * (hours * 3600 + minutes * 60)
        }
    };
    let whole = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second.min(59) - offset;
    Decimal::from(whole).plus(fraction)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 (Hinnant, chrono-compatible low-level date algorithms: years begin in March).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, seconds_text) in [
            ("1970-01-01T00:00:00Z", "0"),
            ("2026-03-05T20:32:12Z", "1772742732"),
            ("2026-03-05T21:32:12.250+01:00", "1772742732.25"),
            ("2000-02-29T00:00:00Z", "951782400"),
            ("1969-12-31T23:59:59Z", "-1"),
            ("2026-05-31T05:38Z", "1780205880"),
            ("2026-03-05T21:32:12+0100", "1772742732"),
            ("05/Mar/2026:20:32:12.5 +0000", "1772742732.5"),
            ("2016-12-31T23:59:60Z", "1483228799"),
        ] {
            assert_eq!(seconds(text).map(|time| time.to_string()).as_deref(), Some(seconds_text), "{text}");
        }
        for text in ["", "2026-03-05", "2026-03-05T20:32:12", "2026-13-05T20:32:12Z", "2026-02-30T20:32:12Z", "x"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
