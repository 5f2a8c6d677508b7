//! The keys under which documents and records say when they are from, and what stands there.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::clock::{Clock, Stamp};
use crate::limit::instant;
use crate::line::KEYS;

/// The keys of whole documents, beside those of lines.
const OF_DOCUMENTS: [&str; 37] = [
    "at", // what our pages give to `--stamp`
    "generated",
    "updated",
    "last_updated",
    "finished",
    "ended",
    "generated_at",
    "generatedAt",
    "collected_at",
    "created_at",
    "createdAt",
    "updated_at",
    "updatedAt",
    "measured_at",
    "started_at",
    "startedAt",
    "start_time",
    "startTime",
    "start",
    "finished_at",
    "finishedAt",
    "completed_at",
    "completedAt",
    "ended_at",
    "endedAt",
    "end_time",
    "endTime",
    "end",
    "window",
    "time_unix",
    "unix_time",
    "unix",
    "timestamp_s",
    "ts_s",
    "epoch_s",
    "epoch_ms",
    "time_s",
];

/// With which bytes the keys of each length begin, by their low six bits.
static BEGUN: [u64; 24] = begun(&OF_DOCUMENTS, begun(&KEYS, [0; 24]));

const fn bit(first: u8) -> u64 {
    1 << (first & 63)
}

/// As `known`, with these `keys` too.
const fn begun(keys: &[&str], mut known: [u64; 24]) -> [u64; 24] {
    let mut at = 0;
    while at < keys.len() {
        let key = keys[at].as_bytes();
        // Longer keys than there is room for do not compile.
        known[key.len()] |= bit(key[0]);
        at += 1;
    }
    known
}

/// The key, where it is one under which a document or a record may say when it is from.
pub fn age_key(key: &str) -> Option<&'static str> {
    // Most keys of a document are none of these: their length and first byte tell.
    let first = key.bytes().next()?;
    if BEGUN.get(key.len())? & bit(first) == 0 {
        return None;
    }
    let mut known = OF_DOCUMENTS.into_iter().chain(KEYS);
    known.find(|known| key.len() == known.len() && *known == key)
}

/// The instant that a value under such a key is: a text with its zone, or an epoch of ten digits and more. Fewer are a length
/// of time, or a number of something else.
pub fn told(text: &str) -> Option<Timestamp> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    // Nothing that is judged was measured before 1970: `-5` under `t` is something else.
    if text.starts_with('-') || digits == text.len() && digits < 10 {
        return None;
    }
    instant(text)
}

/// Between which two instants a value under such a key lies, where it does not name its zone: in `zone`, or in any there is.
/// `None` of what is no time, or has no year.
pub fn told_between(text: &str, zone: Option<&TimeZone>) -> Option<(Timestamp, Timestamp)> {
    let ends = |zone: TimeZone| {
        // Two clocks some years apart agree on what names its year.
        let at = |now: i64| match Clock::new(zone.clone(), Timestamp::from_second(now).ok()?).value(text.as_bytes()) {
            Stamp::At(time) => Some((time, time)),
            Stamp::Between(first, last, _) => Some((first, last)),
            _ => None,
        };
        at(2_000_000_000).filter(|ends| at(1_600_000_000).as_ref() == Some(ends))
    };
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b'.') && !text.contains('-') {
        return None;
    }
    match zone {
        Some(zone) => ends(zone.clone()),
        None => {
            let fixed = |hours: i8| Offset::constant(hours).to_time_zone();
            Some((ends(fixed(14))?.0, ends(fixed(-12))?.1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_without_a_zone_lie_within_a_day() {
        let between = |text: &str, zone: Option<&TimeZone>| {
            let (first, last) = told_between(text, zone)?;
            Some((first.to_string(), last.to_string()))
        };
        let found = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
        assert_eq!(between("2026-11-20 10:00:00", None), found("2026-11-19T20:00:00Z", "2026-11-20T22:00:00Z"));
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let there = found("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z");
        assert_eq!(between("2026-11-20 10:00:00", Some(&berlin)), there);
        assert!(between("2026-11-20", None).is_some());
        for text in ["", "yesterday", "12.5", "1772742732", "Nov 20 10:00:00", "10:00:00"] {
            assert_eq!(between(text, None), None, "{text}");
        }
    }

    #[test]
    fn epochs_and_stamps_with_a_zone() {
        for text in [
            "2026-03-05T20:32:12Z",
            "2026-03-05T21:32:12+01:00",
            "05/Mar/2026:20:32:12 +0000",
            "1772742732",
            "1772742732000",
            "1772742732000000",
            "1772742732000000000",
            "1.772742732e9",
        ] {
            assert_eq!(told(text).map(|time| time.as_second()), Some(1_772_742_732), "{text}");
        }
        for text in
            ["", "5", "177274273", "12.5", "2026-03-05 20:32:12", "2026-03-05", "yesterday", "-1772742732", "1e9"]
        {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn keys() {
        for key in ["t", "ts", "at", "time", "window", "date", "datetime", "time_unix", "@timestamp", "generated_at"] {
            assert_eq!(age_key(key), Some(key));
        }
        for key in OF_DOCUMENTS.into_iter().chain(KEYS) {
            assert_eq!(age_key(key), Some(key));
            assert_eq!(
                age_key(&key[1..]).is_some(),
                OF_DOCUMENTS.into_iter().chain(KEYS).any(|known| known == &key[1..])
            );
            assert_eq!(age_key(&[key, "_and_much_more_than_that"].concat()), None);
        }
        for key in ["", "p99_ms", "count", "time_to_first_byte", "window_s", "started"] {
            assert_eq!(age_key(key), None);
        }
    }
}
