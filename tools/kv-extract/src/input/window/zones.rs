//! The zone that a line names under a key of its own, apart from its time: under which keys, and whether a value is one.

/// Whether a value is a number: digits, which may have a point.
pub(super) fn is_digits(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

/// Whether the value of a time surely says no zone: it ends in a digit, with no sign near.
pub(super) fn says_no_zone(value: &[u8]) -> bool {
    let tail = value.get(value.len().saturating_sub(6)..).unwrap_or_default();
    value.last() != Some(&b'Z') && !is_digits(value) && !tail.contains(&b'+')
}

/// Whether a line may name a zone under one of [`ZONES`].
pub(super) fn names_zone(line: &[u8]) -> bool {
    use memchr::memmem::find;
    [&b"tz"[..], b"TZ", b"zone", b"Zone", b"ffset"].iter().any(|part| find(line, part).is_some())
}

/// Whether a value is likely to name a zone.
pub(super) fn is_zone(value: &[u8]) -> bool {
    match value {
        [b'+' | b'-', rest @ ..] => rest.first().is_some_and(u8::is_ascii_digit),
        [b'(' | b'[', ..] => true,
        [first, ..] => {
            first.is_ascii_uppercase() && value.len() > 2 && !value.eq_ignore_ascii_case(b"local")
                || time::is_abbreviation(value)
                // `"utcOffset":60`: of what, nobody knows.
                || first.is_ascii_digit() && value.iter().all(u8::is_ascii_digit)
        }
        [] => false,
    }
}

/// Whether a value names a zone and nothing else: `+01:00`, `-0500`, `CET`, `Europe/Berlin`.
pub(super) fn is_surely_zone(value: &[u8]) -> bool {
    match value {
        [b'+' | b'-', digits @ ..] => {
            let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b':';
            matches!(digits.len(), 4 | 5) && digits.iter().all(is_part)
        }
        [first, ..] => time::is_abbreviation(value) || first.is_ascii_uppercase() && value.contains(&b'/'),
        [] => false,
    }
}

/// Keys under which the zone of the line's time stands: `date=2026-03-06 time=01:32:12 tz="+0500"`.
pub(super) const ZONES: [&str; 19] = [
    "tz",
    "timezone",
    "time_zone",
    "timeZone",
    "TimeZone",
    "Timezone",
    "TZ",
    "tz_offset",
    "tzOffset",
    "timezone_offset",
    "timezoneOffset",
    "utc_offset",
    "utcOffset",
    "UtcOffset",
    "gmt_offset",
    "gmtOffset",
    "timeOffset",
    "zone",
    "offset",
];
/// How many of them, the last ones, mostly name something else.
pub(super) const LOOSE: usize = 2;
