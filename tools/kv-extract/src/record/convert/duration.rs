//! Durations: `1m30.5s`, `0:00:57.876`, `PT1M30S`.
//!
//! Owns their spellings; refuses to round.

use super::Unit;
use super::decimal::Decimal;
use crate::record::units::unit_words::spelling;

/// `0:00:57.876` and `01:02`: hours, minutes and seconds, in seconds.
pub(super) fn clock(text: &str) -> Option<Decimal> {
    if !text.contains(':') {
        return None;
    }
    let (days, text) = match text.split_once('-') {
        Some((days, text)) if !days.is_empty() && days.bytes().all(|byte| byte.is_ascii_digit()) => {
            (days.parse().ok()?, text)
        }
        _ => (0_u128, text),
    };
    let parts: Vec<&str> = text.split(':').collect();
    let (hours, minutes, seconds) = match parts.as_slice() {
        [hours, minutes, seconds] => (hours.parse::<u128>().ok()?, minutes, seconds),
        [minutes, seconds] if days == 0 => (0, minutes, seconds),
        _ => return None,
    };
    let is_pair = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = seconds.split('.').next()?;
    (is_pair(whole) && whole < "60" && (is_pair(minutes) || parts.len() == 2)).then_some(())?;
    let minutes: u128 = minutes.parse().ok()?;
    (minutes < 60 || parts.len() == 2).then_some(())?;
    let (seconds, rest) = Decimal::leading(seconds)?;
    rest.is_empty().then_some(())?;
    let before = days.checked_mul(86_400)?.checked_add(hours.checked_mul(3600)?)?.checked_add(minutes * 60)?;
    Decimal { digits: before, places: 0 }.plus(seconds)
}

/// `PT1M30S`, `P1DT2H`, in seconds. Months and years have no length.
pub(super) fn iso(text: &str) -> Option<Decimal> {
    let mut rest = text.strip_prefix('P')?;
    let mut total = Decimal { digits: 0, places: 0 };
    let (mut in_time, mut any) = (false, false);
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('T') {
            (in_time, rest) = (!in_time && !behind.is_empty(), behind);
            in_time.then_some(())?;
            continue;
        }
        let (amount, behind) = Decimal::leading(rest)?;
        let seconds = match (behind.chars().next()?, in_time) {
            ('W', false) => 604_800,
            ('D', false) => 86_400,
            ('H', true) => 3600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return None,
        };
        total = total.plus(amount.times(seconds)?)?;
        any = true;
        rest = behind.get(1..)?;
    }
    any.then_some(total)
}

/// Nanoseconds.
pub(super) const MINUTE: u128 = 60_000_000_000;

/// `1m30.5s` in `unit`. A number without a unit is in `unit` already.
pub(super) fn duration(text: &str, unit: Unit) -> Option<Decimal> {
    let (amount, rest) = Decimal::leading(text)?;
    if rest.is_empty() {
        return Some(amount.reduced());
    }
    if let Some((power, "")) = exponent(rest) {
        return Some(amount.shifted(power)?.reduced());
    }
    let mut total = Decimal { digits: 0, places: 0 };
    let mut rest = text;
    let mut larger = u128::MAX;
    while !rest.is_empty() {
        let (mut amount, mut behind) = Decimal::leading(rest)?;
        if let Some((power, after)) = exponent(behind) {
            (amount, behind) = (amount.shifted(power)?, after);
        }
        let behind = behind.trim_start();
        let letters = behind
            .find(|letter: char| letter.is_ascii_digit() || letter == '.' || letter == ' ')
            .unwrap_or(behind.len());
        let (name, behind) = behind.split_at(letters);
        let bare = name.strip_suffix(',').filter(|_| behind.starts_with(' ')).unwrap_or(name);
        let (_, nanoseconds) = spelling(bare)?;
        // `1 hour, 2 minutes` is one, `12 s, 5 ms` may be two.
        (bare.len() == name.len() || nanoseconds >= MINUTE).then_some(())?;
        // `12ms,13ms` are two durations, and a fraction stands at the end alone.
        (nanoseconds < larger && (behind.is_empty() || amount.places == 0)).then_some(())?;
        larger = nanoseconds;
        total = total.plus(amount.times(nanoseconds)?)?;
        rest = behind.trim_start();
        // `1 minute and 3 seconds`
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    total.divided(unit.nanoseconds)
}

/// `e-3`, and what follows.
fn exponent(text: &str) -> Option<(i32, &str)> {
    let rest = text.strip_prefix(['e', 'E'])?;
    let (negative, digits) = match rest.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, rest.strip_prefix('+').unwrap_or(rest)),
    };
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let power: i32 = digits.get(..length).filter(|digits| !digits.is_empty() && digits.len() <= 2)?.parse().ok()?;
    Some((if negative { -power } else { power }, digits.get(length..)?))
}

#[cfg(test)]
mod tests {
    use super::super::tests::convert;

    #[test]
    fn durations_are_exact() {
        for (unit, text, expected) in [
            ("us", "12ms", "12000"),
            ("us", "1m30.5s", "90500000"),
            ("ms", "360.541µs", "0.360541"),
            ("ms", "360.541us", "0.360541"),
            ("ms", "12", "12"),
            ("ms", "12.50", "12.5"),
            ("s", "1h 2m 3s", "3723"),
            ("m", "90s", "1.5"),
            ("h", "45m", "0.75"),
            ("d", "6h", "0.25"),
            ("ns", "-1.5us", "-1500"),
            ("s", "0ms", "0"),
            ("s", "1ns", "0.000000001"),
            ("ms", "2 seconds", "2000"),
            ("d", "86400s", "1"),
            ("s", "0:00:57.876", "57.876"),
            ("ms", "00:01:02", "62000"),
            ("s", "1:02", "62"),
            ("s", "1-02:03:04", "93784"),
            ("s", "PT1M30S", "90"),
            ("m", "P1DT2H", "1560"),
            ("ms", "1.5e-3s", "1.5"),
            ("d", "2w", "14"),
            ("ms", "12 msec", "12"),
            ("ms", "1,234", "1234"),
            ("ms", "1,234.5 s", "1234500"),
            ("s", "1 min 30 s", "90"),
            ("s", "1 hour, 2 minutes", "3720"),
            ("s", "1 minute and 3 seconds", "63"),
            ("s", "1 hour, 2 minutes, and 3 seconds", "3723"),
            ("ms", "12 MS", "12"),
            ("s", "3 Secs", "3"),
            ("ms", "12 microsec", "0.012"),
        ] {
            assert_eq!(convert(unit, text).as_deref(), Some(expected), "{text} as {unit}");
        }
        for (unit, text) in [
            ("s", "1:2:3"),
            ("s", "00:61"),
            ("s", "P1M"),
            ("s", "PT"),
            ("ms", "1,5"),
            ("ms", "0,500 s"),
            ("ms", "1.234,5"),
            ("m", "1s"),
            ("ms", ""),
            ("ms", "abc"),
            ("ms", "12x"),
            ("ms", "1m2"),
            ("ms", "12ms,13ms"),
            ("ms", "12ms 13ms"),
            ("ms", "12 s, 5 ms"),
            ("ms", "1 min, 12 s, 5 ms"),
            ("ms", "1.5s 200ms"),
            ("ms", "1 000 ms"),
            ("ms", "1:05 h"),
            ("ms", "ms"),
            ("d", "1ms"),
        ] {
            assert_eq!(convert(unit, text), None, "{text} as {unit}");
        }
    }
}
