//! The minute at hand: a stamp that differs from one before it only in its seconds is told without a calendar. One of UTC
//! is told of its whole day, which has no gaps.
//!
//! Owns which bytes of a stamp decide its minute. What a stamp means is never worked out here: the reader of `time` is
//! asked for the first and the last second of a minute, and where they do not lie 59 seconds apart, every line is its own
//! to read. A leap second, a change of the clocks and every other form are left to it.

use jiff::{SignedDuration, Timestamp};

/// `2026-03-05T20:32:`
const DATE: usize = 17;
/// `2026-03-05T`
const DAY: usize = 11;
/// The seconds of a day but the last.
const LAST_OF_DAY: i64 = 86_399;
/// How many ways to go on behind the seconds are known at once: `Z `, ` INFO `, ` WARN `.
const TAILS: usize = 8;
/// How long the text may be that decides the zone.
const TAIL: usize = 16;

/// What stands behind the seconds as far as it may say something of the zone, and when the minute begins then.
#[derive(Debug)]
struct Tail {
    bytes: Vec<u8>,
    /// Whether a zone may stand behind it, apart from its time: in a bracket, behind a bar.
    parts: bool,
    /// The minute's first second, since the epoch.
    start: i64,
}

/// The minute that was read last.
#[derive(Debug, Default)]
pub struct Minute {
    /// Whether the stamp is all of its text: a value, and no line.
    is_value: bool,
    /// A stamp up to its minute, with what stands before it.
    prefix: Vec<u8>,
    tails: Vec<Tail>,
    /// The day of a stamp of UTC that was read last, with what stands before it, and its first second.
    day: Option<(Vec<u8>, i64)>,
    /// The one that was read last by the calendar. A minute that is met twice is worth being known.
    seen: Vec<u8>,
    /// A line with other seconds.
    asked: Vec<u8>,
}

impl Minute {
    /// For stamps that are values from their first byte to their last.
    pub fn of_values() -> Minute {
        Minute { is_value: true, ..Minute::default() }
    }

    /// The time of `text`, if it is of the minute at hand.
    #[inline]
    pub fn read(&self, text: &[u8]) -> Option<Timestamp> {
        let Some(rest) = text.strip_prefix(self.prefix.as_slice()).filter(|_| !self.tails.is_empty()) else {
            return self.read_in_day(text);
        };
        let (second, nanosecond, rest) = seconds(rest)?;
        let fits = |tail: &&Tail| {
            if self.is_value {
                return rest == tail.bytes;
            }
            rest.starts_with(&tail.bytes) && (!tail.parts || is_no_zone(rest, tail.bytes.len()))
        };
        let tail = self.tails.iter().find(fits)?;
        Timestamp::new(tail.start + second, nanosecond).ok()
    }

    /// The time of `text`, if it is of UTC and of the day at hand.
    #[inline]
    fn read_in_day(&self, text: &[u8]) -> Option<Timestamp> {
        let (prefix, start) = self.day.as_ref()?;
        let rest = text.strip_prefix(prefix.as_slice())?;
        let [h @ b'0'..=b'2', hh @ b'0'..=b'9', b':', m @ b'0'..=b'5', mm @ b'0'..=b'9', b':', rest @ ..] = rest else {
            return None;
        };
        let two = |tens: u8, ones: u8| i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
        let (hours, minutes) = (two(*h, *hh), two(*m, *mm));
        let (second, nanosecond, rest) = seconds(rest)?;
        let is_whole = hours < 24 && ends_utc(rest, self.is_value);
        is_whole.then(|| Timestamp::new(start + 3600 * hours + 60 * minutes + second, nanosecond).ok()).flatten()
    }

    /// Takes note of the day of a `text`, if it is of UTC.
    fn learn_day(&mut self, text: &[u8], lead: usize, time: Timestamp, ask: impl Fn(&[u8]) -> Option<Timestamp>) {
        let Some((prefix, rest)) = text.split_at_checked(lead + DAY) else { return };
        let is_utc = rest.get(DATE - DAY..).and_then(seconds).is_some_and(|(_, _, rest)| ends_utc(rest, self.is_value));
        let is_known = self.day.as_ref().is_some_and(|(known, _)| known == prefix);
        if is_known || !is_utc || !is_date(text.get(lead..lead + DATE).unwrap_or_default()) {
            return;
        }
        let mut asked = text.to_vec();
        let mut at = |clock: &[u8; 8]| {
            asked.get_mut(lead + DAY..lead + DAY + clock.len())?.copy_from_slice(clock);
            ask(&asked)
        };
        let (Some(first), Some(last)) = (at(b"00:00:00"), at(b"23:59:59")) else { return };
        let start = first.as_second();
        if last.duration_since(first) != SignedDuration::from_secs(LAST_OF_DAY) || start < 0 {
            return;
        }
        self.day = Some((prefix.to_vec(), start));
        if self.read_in_day(text) != Some(time) {
            self.day = None;
        }
    }

    /// Takes note of a `text` whose time the calendar gave, if `ask` gives times that go on evenly for its whole minute.
    pub fn learn(&mut self, text: &[u8], time: Timestamp, ask: impl Fn(&[u8]) -> Option<Timestamp>) {
        let lead = usize::from(matches!(text.first(), Some(b'[' | b'(')));
        let Some((prefix, rest)) = text.split_at_checked(lead + DATE) else { return };
        if self.seen != prefix {
            self.seen.clear();
            self.seen.extend_from_slice(prefix);
            return self.learn_day(text, lead, time, ask);
        }
        if !is_date(prefix.get(lead..).unwrap_or_default()) {
            return;
        }
        let Some((second, nanosecond, rest)) = seconds(rest) else { return };
        let (length, parts) = if self.is_value { (rest.len(), false) } else { tail(rest).unwrap_or((0, false)) };
        let Some(bytes) = rest.get(..length).filter(|tail| tail.len() <= TAIL && (self.is_value || length > 0)) else {
            return;
        };
        let bytes = bytes.to_vec();
        let mut at = |second: &[u8; 2]| {
            self.asked.clear();
            self.asked.extend_from_slice(text);
            self.asked.get_mut(lead + DATE..lead + DATE + 2)?.copy_from_slice(second);
            ask(&self.asked)
        };
        let (Some(first), Some(last)) = (at(b"00"), at(b"59")) else { return };
        let start = first.as_second();
        let is_even = last.duration_since(first) == SignedDuration::from_secs(59)
            && first.subsec_nanosecond() == nanosecond
            && Timestamp::new(start + second, nanosecond).ok() == Some(time)
            && start >= 0;
        if !is_even {
            return;
        }
        if self.prefix != prefix || self.tails.len() == TAILS {
            self.tails.clear();
            self.prefix.clear();
            self.prefix.extend_from_slice(prefix);
        }
        self.tails.push(Tail { bytes, parts, start });
        if self.asked.capacity() > 64 << 10 {
            self.asked = Vec::new();
        }
    }
}

/// Whether `Z` ends the stamp, and nothing behind it can say otherwise.
fn ends_utc(rest: &[u8], is_value: bool) -> bool {
    if is_value { rest == b"Z" } else { matches!(rest, [b'Z', b' ' | b'\t' | b']' | b')', ..]) }
}

/// The seconds that a text begins with, their fraction in nanoseconds, and what stands behind.
#[inline]
fn seconds(text: &[u8]) -> Option<(i64, i32, &[u8])> {
    let [tens @ b'0'..=b'5', ones @ b'0'..=b'9', rest @ ..] = text else { return None };
    let second = i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
    let [b'.' | b',', rest @ ..] = rest else {
        // Digits that run on, and those behind a colon, are the calendar's.
        return (!matches!(rest.first(), Some(b'0'..=b'9' | b':'))).then_some((second, 0, rest));
    };
    let (mut nanosecond, mut places) = (0, 0);
    while let Some(digit @ b'0'..=b'9') = rest.get(places) {
        if places == 9 {
            return None;
        }
        nanosecond = nanosecond * 10 + i32::from(digit - b'0');
        places += 1;
    }
    const SCALE: [i32; 10] = [1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    let scale = SCALE.get(places).filter(|_| places > 0)?;
    Some((second, nanosecond * scale, rest.get(places..)?))
}

/// `2026-03-05T20:32:`
fn is_date(text: &[u8]) -> bool {
    text.len() == DATE
        && text.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => matches!(byte, b'-' | b'/'),
            10 => matches!(byte, b'T' | b' '),
            13 | 16 => *byte == b':',
            _ => byte.is_ascii_digit(),
        })
}

/// How long the text behind the seconds is that may say something of the zone, what ends it in; whether a zone may stand
/// behind it that is apart.
fn tail(rest: &[u8]) -> Option<(usize, bool)> {
    let is_end = |at: usize| matches!(rest.get(at), Some(b' ' | b'\t' | b']' | b')'));
    let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
    let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_.+-/".contains(byte);
    match rest.get(blanks)? {
        b'\t' if blanks == 0 => is_no_zone(rest, 1).then_some((1, true)),
        b']' | b')' if blanks == 0 => is_no_zone(rest, 1).then_some((1, true)),
        // `Z`, `+01:00`
        b'Z' if blanks == 0 => is_end(1).then_some((2, false)),
        b'+' | b'-' if blanks == 0 => {
            let length = 1 + rest.iter().skip(1).take_while(|byte| byte.is_ascii_digit() || **byte == b':').count();
            is_end(length).then_some((length + 1, false))
        }
        _ if blanks == 0 => None,
        b'[' | b'(' | b'{' | b'<' | b'"' | b'\'' | b',' | b'|' | b'@' => {
            is_no_zone(rest, blanks + 1).then_some((blanks + 1, true))
        }
        b'-' => (rest.get(blanks + 1) == Some(&b' ') && is_no_zone(rest, blanks + 2)).then_some((blanks + 2, true)),
        b'+' => None,
        byte if byte.is_ascii_alphabetic() => {
            let length = blanks + rest.iter().skip(blanks).take_while(is_word).count();
            // `UTC +05:00`
            let is_utc = matches!(rest.get(blanks..length), Some(b"UTC" | b"GMT" | b"UT" | b"utc" | b"gmt"));
            // `Eastern Standard Time`: a word in capitals alone is mostly a level.
            let word = rest.get(blanks..length).unwrap_or_default();
            let may_be_name = byte.is_ascii_uppercase() && (word.len() < 4 || word.iter().any(u8::is_ascii_lowercase));
            let parts = is_utc || may_be_name;
            // What stands behind it is not learnt with it: `Uhr MEZ`.
            (is_end(length) && (!parts || is_no_zone(rest, length + 1))).then_some((length + 1, parts))
        }
        byte if byte.is_ascii() => Some((blanks + 1, false)),
        _ => None,
    }
}

/// Whether what begins at `at`, or a blank or more behind it, is surely no zone that stands apart from its time.
fn is_no_zone(rest: &[u8], at: usize) -> bool {
    let behind = rest.get(at..).unwrap_or_default();
    let behind = behind.trim_ascii_start();
    // `] [UTC]`
    let behind = behind.strip_prefix(b"[").or_else(|| behind.strip_prefix(b"(")).unwrap_or(behind);
    !time::may_be_apart(behind) && !time::may_be_long(behind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use time::{Clock, Reading, Stamp};

    /// What the minute says is what the calendar says, for lines that begin alike and go on in every way.
    #[test]
    fn a_minute_is_what_the_calendar_says() {
        let now = "2026-06-01T00:00:00Z".parse().unwrap();
        let tails = [
            "Z ",
            "Z\t",
            "Z",
            "+01:00 ",
            "+0100 ",
            "-03:00 x",
            "+01:00 (CET) ",
            "Z] ",
            " INFO ",
            "  INFO ",
            " UTC ",
            " PM ",
            " p.m. ",
            " [main] ",
            " [Europe/Berlin] ",
            " [a/b] ",
            " - x",
            " -3 x",
            " +02:00 ",
            " CEST ",
            " CST ",
            "\t",
            "] ",
            "] -0500 ",
            "] EST ",
            "] [UTC] ",
            "] (+0100) ",
            "] Asia/Tokyo ",
            "] UTC+5 ",
            "] +1000 ",
            "] -5 ",
            "] est ",
            ") -05:00 ",
            "][-0500] ",
            "]  -0500 ",
            "\" -0500 ",
            " Europe/Berlin ",
            " 12 ",
            " 2026 ",
            ":12 ",
            ", x ",
            " (CET) ",
            "x ",
            "",
            " Europe/Berl",
            " GMT-5 ",
            " GMT-5:30 ",
            " é",
            " (EST) ",
            " (a) ",
            " [EST] ",
            " [UTC+5] ",
            " [+0500] ",
            " | UTC | ",
            " | INFO | ",
            "|x",
            " \"x",
            " \"Asia/Tokyo\" ",
            ", UTC ",
            " , x",
            "\tEST\t",
            "\tx\t",
            " - EST ",
            " - Mx ",
            " @ x",
            " UTC +05:00 ",
            " UTC -x ",
            " EST5EDT ",
            " CET/CEST ",
            " utc ",
            " \u{2212}05:00 ",
            "\u{202f}PM ",
            " p. m. ",
            " Pacific x ",
            " Pacific Standard Time ",
            " SA Pacific Standard Time ",
            " SA x ",
            " (Pacific Daylight Time) ",
            " Standard Time ",
            " UTC\u{2212}5 ",
            " EST5 ",
            " Utc ",
            " +5:30 ",
            " +0000 UTC m=+0.1 ",
            "Z,12",
            " UTC:1.2",
            " ET ",
            " MET x ",
            " -1234 ",
            " Uhr MEZ ",
            " Uhr x ",
            " 'CET' ",
            " 'x' ",
            " (CET +0100) ",
            " (+0100, CET) ",
            " Zulu ",
            " est ",
            " ist ",
            " LMT ",
            " (est) ",
            " (ist) ",
            " +5 ",
            " -10 x ",
            " +530 ",
            "+530 ",
            " UTC +5 ",
            " UTC +05 ",
            " UTC+530 ",
            " [+01] ",
            " (+1) ",
            " (UTC +1) ",
            "/EST ",
            ";EST ",
            ":EST ",
            " /EST ",
            " ; EST ",
            " \u{4e0b}\u{5348} ",
            "\u{4e0b}\u{5348} ",
            " Coordinated Universal Time ",
            "Z[UTC] ",
            "+01:00 (a b) ",
        ];
        let dates =
            ["2026-03-05T20:32:", "2026-03-05 20:32:", "[2026-03-05 20:32:", "2026/10/25 02:30:", "2026-03-29 02:30:"];
        // Minutes of the same day, and one that is none.
        let others =
            ["2026-03-05T00:00:", "2026-03-05T23:59:", "2026-03-05T24:00:", "2026-03-05 20:61:", "2026/10/25 01:30:"];
        let fractions = ["", ".5", ",250", ".123456789", ".1234567891", ":123", "."];
        let mut known = 0;
        for zone in ["Europe/Berlin", "UTC", "America/Chicago"] {
            let clock = Clock::new(TimeZone::get(zone).unwrap(), now);
            for (date, other) in dates.into_iter().zip(others) {
                let mut minute = Minute::default();
                let mut values = Minute::of_values();
                for round in 0..3 {
                    for tail in tails {
                        for fraction in fractions {
                            for second in ["00", "07", "59", "60", "6"] {
                                let date = if second == "59" || round == 1 { other } else { date };
                                let line = format!("{date}{second}{fraction}{tail}a=1");
                                let read = |line: &[u8]| match clock.line(line) {
                                    Reading::Stamp { stamp: Stamp::At(time), loose: false } => Some(time),
                                    _ => None,
                                };
                                let (got, wanted) = (minute.read(line.as_bytes()), read(line.as_bytes()));
                                known += u32::from(got.is_some());
                                assert!(got.is_none() || got == wanted, "{zone} {line}: {got:?} {wanted:?}");
                                if let Some(time) = wanted {
                                    minute.learn(line.as_bytes(), time, read);
                                }
                                let value = format!("{date}{second}{fraction}{tail}");
                                let read = |value: &[u8]| match clock.value(value) {
                                    Stamp::At(time) => Some(time),
                                    _ => None,
                                };
                                let (got, wanted) = (values.read(value.as_bytes()), read(value.as_bytes()));
                                assert!(got.is_none() || got == wanted, "{zone} {value}: {got:?} {wanted:?}");
                                if let Some(time) = wanted {
                                    values.learn(value.as_bytes(), time, read);
                                }
                                if round == 2 && fraction == ".5" && tail == "Z " && second == "07" {
                                    // Just learnt, so that it is known, where it is one at all.
                                    assert_eq!(minute.read(line.as_bytes()), clock_time(&clock, &line), "{line}");
                                }
                            }
                        }
                    }
                }
            }
        }
        assert!(known > 2_000, "{known}");
    }

    fn clock_time(clock: &Clock, line: &str) -> Option<Timestamp> {
        match clock.line(line.as_bytes()) {
            Reading::Stamp { stamp: Stamp::At(time), .. } => Some(time),
            _ => None,
        }
    }
}
