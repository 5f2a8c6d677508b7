//! Where in a line its stamp is, and what a line without one is to the line before it.
//!
//! Owns what may stand before a stamp: a level, a name, a host, brackets. A sentence that mentions a time has none.

use jiff::civil::Time;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, Stamp};
use crate::cursor::Cursor;
use crate::zone::Zone;

/// The keys whose value may be the time of a line, the preferred one first.
pub const KEYS: [&str; 48] = [
    "time",
    "ts",
    "t",
    "timestamp",
    "@timestamp",
    "Timestamp",
    "@t",
    "eventTime",
    "datetime",
    "date",
    "asctime",
    "time_local",
    "time_iso8601",
    "instant",
    "eventtime",
    "start_time",
    "_time",
    "timeMillis",
    "__REALTIME_TIMESTAMP",
    "timeStamp",
    "time_stamp",
    "TimeStamp",
    "TIMESTAMP",
    "Time",
    "DateTime",
    "dateTime",
    "date_time",
    "Date",
    "dt",
    "log_time",
    "logTime",
    "event_time",
    "EventTime",
    "eventTimestamp",
    "TimeGenerated",
    "TimeCreated",
    "requestTime",
    "stageTimestamp",
    "StartUTC",
    "timestamp_ms",
    "time_ms",
    "ts_ms",
    "timeUnixNano",
    "epoch",
    "created",
    "EdgeStartTimestamp",
    "EventTimestampMs",
    "reqTimeSec",
];

/// Of those, the ones that as often say when something else was: an order, a user.
pub const OF_OTHERS: [&str; 6] = ["date", "Date", "dt", "start_time", "created", "requestTime"];

/// What a line says about its own time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It has this stamp; `loose`: behind words that may be a sentence.
    Stamp {
        /// The stamp.
        stamp: Stamp,
        /// Whether plain words stand before it.
        loose: bool,
    },
    /// It has a time of day that is not understood.
    Unreadable,
    /// It has none, and looks like the rest of the line before it.
    Continues,
    /// It has none.
    None,
}

/// How many words may stand before a stamp, how many of them plain ones, and how far it may be.
const WORDS: usize = 10;
const PLAIN: usize = 2;
const FAR: usize = 200;

impl Clock {
    /// The time that `line` says of itself, at its start or behind a prefix.
    pub fn line(&self, line: &[u8]) -> Reading {
        // A file that was cut while it was written begins with NULs.
        let line = line.get(line.iter().take_while(|byte| **byte == 0).count()..).unwrap_or_default();
        // Two files that were joined have the mark of the second in their middle.
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let text = line.trim_ascii_start();
        if text.is_empty() {
            return Reading::Continues;
        }
        let is_indented = text.len() < line.len();
        // `"2026-03-05 20:32:12","ERROR"`, as a table of commas has it.
        let quoted = || text.strip_prefix(b"\"").filter(|_| !is_indented).and_then(|inside| self.enclosed(inside));
        if let Some(stamp) = self.at(text).or_else(|| audit(text)).or_else(|| self.report(text)).or_else(quoted) {
            return Reading::Stamp { stamp, loose: false };
        }
        if let Some(reading) = self.behind_prefix(text) {
            return reading;
        }
        if is_indented || continues(text) {
            // What has a clock of its own, or is a record of its own, is no rest of another line.
            return match text {
                _ if has_clock(text) => Reading::Unreadable,
                [b'{', b'"', .., b'}'] => Reading::None,
                _ => Reading::Continues,
            };
        }
        if has_time_of_day(text) { Reading::Unreadable } else { Reading::None }
    }

    /// Whether a line begins with its stamp, with nothing but a bracket or a priority before it.
    pub fn begins_line(&self, line: &[u8]) -> bool {
        self.at(line.trim_ascii_start()).is_some()
    }

    /// A stamp here, perhaps in brackets or behind the priority of syslog.
    fn at(&self, text: &[u8]) -> Option<Stamp> {
        match *text.first()? {
            b'[' | b'(' => {
                let inside = text.get(1..)?;
                if let Some(base) = self.base
                    && let Some(time) = uptime(inside)
                {
                    return Some(match base.checked_add(time) {
                        Ok(moment) => crate::clock::local(moment, &self.zone),
                        Err(error) => Stamp::Refused(error.to_string()),
                    });
                }
                if let Some(stamp) = self.chromium(inside) {
                    return Some(stamp);
                }
                let inside = inside.trim_ascii_start();
                // tornado: `[W 261128 07:34:57 web:1]`, a letter for the level.
                let behind = match inside {
                    [b'D' | b'I' | b'W' | b'E' | b'C', b' ', rest @ ..] => rest,
                    // GemFire: `[info 2026/03/05 20:32:12.345 UTC server1`.
                    [b'a'..=b'z', ..] => {
                        let letters = Cursor::new(inside).letters();
                        let (word, rest) = inside.split_at(letters);
                        rest.strip_prefix(b" ").filter(|_| is_level(word)).unwrap_or(inside)
                    }
                    _ => inside,
                };
                self.enclosed(behind)
            }
            b'<' => {
                let digits = Cursor::new(text.get(1..)?).digits();
                if !(1..=3).contains(&digits) || text.get(digits + 1) != Some(&b'>') {
                    return self.begins(text.get(1..)?).map(|(stamp, _)| stamp);
                }
                let text = text.get(digits + 2..)?;
                // RFC 5424: a version stands before the time.
                self.begins(text.strip_prefix(b"1 ").unwrap_or(text)).map(|(stamp, _)| stamp)
            }
            // WebLogic's own log: `####<Mar 05, 2026 8:32:12,345 PM UTC> <Notice>`.
            b'#' => self.begins(text.strip_prefix(b"####<")?).map(|(stamp, _)| stamp),
            // Cisco marks a clock that is not set.
            b'*' | b'.' => {
                let mut cursor = Cursor::new(text.get(1..)?);
                crate::day::month(&mut cursor)?;
                self.begins(text.get(1..)?).map(|(stamp, _)| stamp)
            }
            _ => self.begins(text).map(|(stamp, _)| stamp),
        }
    }

    /// A stamp within brackets or quotes, of which the zone may stand behind them.
    fn enclosed(&self, inside: &[u8]) -> Option<Stamp> {
        let (stamp, rest) = self.begins(inside)?;
        match crate::zone::behind_bracket(rest).filter(|_| self.format.is_none()) {
            Some(zone) => Some(self.behind_zone(inside.get(..inside.len() - rest.len())?, stamp, zone)),
            None => Some(stamp),
        }
    }

    /// The same stamp as read, where this zone stood before it or apart from it: it counts where the stamp says none itself.
    fn behind_zone(&self, text: &[u8], stamp: Stamp, zone: Zone) -> Stamp {
        let by = |zone: TimeZone| Clock { zone, ..self.clone() }.at(text);
        let fixed = |seconds: i32| Offset::from_seconds(seconds).map(Offset::to_time_zone);
        let (Ok(one), Ok(other)) = (fixed(0), fixed(-(11 * 3600 + 59 * 60 + 7))) else { return stamp };
        let read = by(one);
        if read == by(other) {
            return stamp;
        }
        match (zone, read) {
            (Zone::Offset(offset), _) => by(offset.to_time_zone()).unwrap_or(stamp),
            (Zone::Named(zone), _) => by(zone).unwrap_or(stamp),
            (zone, Some(Stamp::At(time))) => self.place(TimeZone::UTC.to_datetime(time), zone),
            _ => stamp,
        }
    }

    /// Chromium's form, perhaps behind the numbers of a process and a thread: `[7:7:0305/203212.345678:ERROR:file.cc(12)]`.
    fn chromium(&self, inside: &[u8]) -> Option<Stamp> {
        let mut cursor = Cursor::new(inside);
        for _ in 0..2 {
            let digits = cursor.digits();
            if digits > 0 && cursor.ahead(digits) == Some(b':') {
                cursor.skip(digits + 1);
            }
        }
        (cursor.digits() == 4 && cursor.ahead(4) == Some(b'/')).then_some(())?;
        let (month, day) = (cursor.small(2)?, cursor.small(2)?);
        cursor.skip(1);
        (cursor.digits() == 6).then_some(())?;
        let (hour, minute, second) = (cursor.small(2)?, cursor.small(2)?, cursor.small(2)?);
        let fraction = if cursor.peek() == Some(b'.') { crate::hour::fraction(&mut cursor) } else { 0 };
        cursor.byte(b':')?;
        self.yearless(month, day, Time::new(hour, minute, second, fraction).ok()?)
    }

    /// Erlang's old form: `=INFO REPORT==== 5-Mar-2026::20:32:12 ===`.
    fn report(&self, text: &[u8]) -> Option<Stamp> {
        let near = text.strip_prefix(b"=")?.get(..FAR.min(text.len() - 1))?;
        let at = near.windows(12).position(|window| window == b" REPORT==== ")?;
        self.begins(near.get(at + 12..)?).map(|(stamp, _)| stamp)
    }

    /// A stamp behind a few words. Where one of them is a time that was not understood, a later one is of the sentence:
    /// `20:32:12.345 [main] token of 2026-03-01 10:00:00`.
    fn behind_prefix(&self, text: &[u8]) -> Option<Reading> {
        let mut at = 0;
        let mut plain = 0;
        // Another clock, once a date alone was passed.
        let mut then: Option<Clock> = None;
        for _ in 0..WORDS {
            let rest = text.get(at..)?;
            let token = token(rest)?;
            let word = rest.get(..token)?;
            plain += usize::from(is_plain(word));
            at += token;
            let blanks = text.get(at..)?.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            at += blanks;
            let rest = text.get(at..)?;
            if at > FAR || rest.is_empty() {
                return None;
            }
            let found = match then.as_ref().unwrap_or(self).at(rest) {
                // ROS: `[INFO] [1772742732.345678901] [node]: up`.
                Some(stamp @ Stamp::Maybe(_)) if rest.starts_with(b"[") && is_level(unwrapped(word).trim_ascii()) => {
                    stamp
                }
                // Digits behind a word are digits.
                Some(Stamp::Maybe(_) | Stamp::None) | None => continue,
                Some(Stamp::Between(_, last, reason)) if reason.ends_with(crate::clock::DATE_ALONE) => {
                    // `2005.11.09 host Nov 9 12:01:01`: it says the year of a stamp that has none.
                    then = Some(Clock { now: last, ..self.clone() });
                    continue;
                }
                Some(stamp) => stamp,
            };
            // `[CET] 2026-03-05 20:32:12`
            let before = word.strip_suffix(b":").unwrap_or(word);
            let found =
                match crate::zone::alone(before.trim_ascii_start()).or_else(|| crate::zone::alone(unwrapped(before))) {
                    Some(zone) if self.format.is_none() => self.behind_zone(rest, found, zone),
                    _ => found,
                };
            let in_brackets = matches!(rest.first(), Some(b'[' | b'('));
            if plain > PLAIN && !in_brackets {
                return None;
            }
            // `00:00:12.345  2026-03-05 20:32:12 up`: so long after the start.
            let is_elapsed = |passed: &&[u8]| passed.starts_with(b"00:") && !passed.trim_ascii().contains(&b' ');
            let passed = text.get(..at).filter(|passed| !is_elapsed(passed)).and_then(passed_clock);
            if passed.is_some_and(|(seconds, within)| !agrees(&found, seconds, within)) {
                return Some(Reading::Unreadable);
            }
            // What a tab parts is a column, whatever its word.
            let is_column = text.get(..at).is_some_and(|before| before.ends_with(b"\t"));
            // `Backup Set (2026-03-01 10:00:00) is gone`
            let loose = if in_brackets { plain > 1 } else { plain > 0 && !is_column };
            return Some(Reading::Stamp { stamp: found, loose });
        }
        None
    }
}

/// Whether a line begins with a time of day that says another time than this stamp of one of its keys, so that the key is no
/// time of the line's: `20:32:12 ERROR order created=2026-03-01T10:00:00Z`.
pub fn begins_otherwise(line: &[u8], stamp: &Stamp) -> bool {
    let text = line.get(..FAR.min(line.len())).unwrap_or_default().trim_ascii_start();
    let head = text.get(..text.iter().position(|byte| matches!(byte, b'=' | b'{')).unwrap_or(text.len()).min(64));
    let Some((head, clock)) = head.and_then(|head| Some((head, passed_clock(head)?))) else { return false };
    // `Done in 00:00:12 ts=…` is a sentence.
    let before = head.split(|byte| *byte == b':').next().unwrap_or_default();
    !before.split(|byte| !byte.is_ascii_alphanumeric()).any(is_plain) && !agrees(stamp, clock.0, clock.1)
}

/// Whether a value of a key that says a line's time is a time of day, which another key does not say: `time=20:32:12`.
pub fn is_clock_of_another(value: &[u8], stamp: &Stamp) -> bool {
    passed_clock(value.trim_ascii()).is_some_and(|(seconds, within)| !agrees(stamp, seconds, within))
}

/// A time of day in what was passed over, in seconds, and how near another one is that says the same: `20:32:12`, `8:32 PM`, and
/// `20:32`, where it is a word.
fn passed_clock(passed: &[u8]) -> Option<(i32, i32)> {
    let mut from = 0;
    while let Some(colon) = passed.get(from..)?.iter().position(|byte| *byte == b':') {
        let at = from + colon;
        from = at + 1;
        let digits = passed.get(..at)?.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let start = at - digits;
        let before = |back: usize| start.checked_sub(back).and_then(|at| passed.get(at)).copied().unwrap_or(b' ');
        // `00:20:32:12:…` is the address of a network card.
        if before(1).is_ascii_alphanumeric() || (before(1) == b':' && before(2).is_ascii_alphanumeric()) {
            continue;
        }
        let mut cursor = Cursor::new(passed.get(start..)?);
        let Some(hour) = crate::hour::clock(&mut cursor) else { continue };
        let has_half = passed.get(at..passed.len() - cursor.rest.len())?.iter().any(u8::is_ascii_alphabetic);
        let is_word = || {
            let opens =
                before(1).is_ascii_whitespace() || (b"[(<".contains(&before(1)) && before(2).is_ascii_whitespace());
            opens
                && digits == 2
                && cursor.peek().is_none_or(|byte| byte.is_ascii_whitespace() || b"])>,".contains(&byte))
        };
        let seconds = i32::from(hour.time.hour()) * 3600 + i32::from(hour.time.minute()) * 60;
        if hour.seconds {
            return Some((seconds + i32::from(hour.time.second()), 5));
        }
        if has_half || (!hour.seconds && is_word()) {
            return Some((seconds, 65));
        }
    }
    None
}

/// Whether a stamp lies at this time of day in some zone, as the second of two writers has it: `[20:32:12] 2026-03-05 20:32:11 up`.
fn agrees(stamp: &Stamp, seconds: i32, within: i32) -> bool {
    // Zones are quarters of an hour apart.
    const QUARTER: i64 = 900;
    let Stamp::At(time) = stamp else { return false };
    let apart = (time.as_second() - i64::from(seconds)).rem_euclid(QUARTER);
    apart.min(QUARTER - apart) <= i64::from(within)
}

/// What stands in the brackets of a word.
fn unwrapped(word: &[u8]) -> &[u8] {
    match word {
        [b'[', inside @ .., b']'] | [b'(', inside @ .., b')'] => inside,
        word => word,
    }
}

/// The length of the word that `text` begins with: a group in brackets, or all up to a blank or a colon that a digit
/// follows. A pair ends the search: its key says what it is.
fn token(text: &[u8]) -> Option<usize> {
    let first = *text.first()?;
    let partner = match first {
        b'[' => b']',
        b'(' => b')',
        b'{' => b'}',
        b'<' => b'>',
        _ => 0,
    };
    if partner != 0
        && let Some(end) = text.iter().take(FAR).position(|&byte| byte == partner)
    {
        return Some(end + 1);
    }
    for (at, &byte) in text.iter().enumerate().take(FAR) {
        match byte {
            b' ' | b'\t' => return Some(at),
            b'=' | b'"' => return None,
            // Ethereum's clients: `ERROR[03-05|20:32:12.345]`; Tendermint: `E[2026-03-05|20:32:12.345]`.
            b'[' if (1..=5).contains(&at)
                && text.get(..at).is_some_and(|level| level.iter().all(u8::is_ascii_uppercase))
                && text.get(at + 1).is_some_and(u8::is_ascii_digit) =>
            {
                return Some(at);
            }
            // `INFO:2026-03-05`, `run.log:2026-…`, `INFO|2026-…`
            b':' | b'|' if text.get(at + 1..at + 5).is_some_and(|year| year.iter().all(u8::is_ascii_digit)) => {
                return Some(at + 1);
            }
            _ => {}
        }
    }
    None
}

/// Whether a word may be one of a sentence: nothing but small letters behind its first, and no level.
fn is_plain(word: &[u8]) -> bool {
    word.len() > 1
        && word.iter().all(u8::is_ascii_alphabetic)
        && word.iter().skip(1).any(u8::is_ascii_lowercase)
        && !is_level(word)
}

fn is_level(word: &[u8]) -> bool {
    const LEVELS: [&[u8]; 20] = [
        b"trace",
        b"debug",
        b"info",
        b"information",
        b"notice",
        b"warn",
        b"warning",
        b"error",
        b"err",
        b"crit",
        b"critical",
        b"severe",
        b"fatal",
        b"alert",
        b"emerg",
        b"emergency",
        b"panic",
        b"verbose",
        b"finer",
        b"finest",
    ];
    LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level))
}

/// Whether a line that begins at its margin is the rest of the one before: a stack trace, what closes a block.
fn continues(text: &[u8]) -> bool {
    const STARTS: [&[u8]; 13] = [
        b"at ",
        b"Caused by",
        b"Suppressed:",
        b"... ",
        b"Traceback",
        b"During handling",
        b"The above exception",
        b"File \"",
        b"}",
        b")",
        b"]",
        b"goroutine ",
        b"|",
    ];
    if STARTS.iter().any(|start| text.starts_with(start)) || ends_text(text) {
        return true;
    }
    // `java.lang.IllegalStateException: x`, `ValueError: x`
    let name =
        text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$')).count();
    let (name, rest) = text.split_at(name);
    (name.ends_with(b"Exception") || name.ends_with(b"Error"))
        && name.len() > 5
        && matches!(rest.first(), None | Some(b':'))
}

/// Whether a line that begins with a quote closes a text with it, or is a member of an object: `"}`, `"key": 1`.
fn ends_text(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"\"") else { return false };
    let closes = rest.first().is_none_or(|byte| b",;)]}".contains(byte));
    let key = rest.iter().take(FAR).position(|byte| *byte == b'"');
    closes || key.and_then(|key| rest.get(key + 1)).is_some_and(|byte| *byte == b':')
}

/// Whether a line begins with a time of day, perhaps in a bracket or behind an `at`: `[20:32:12] ERROR`.
fn has_clock(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"at ").unwrap_or(text);
    let text = text.strip_prefix(b"[").or_else(|| text.strip_prefix(b"\"")).unwrap_or(text);
    let clock = crate::hour::clock(&mut Cursor::new(text));
    text.get(..8).is_some_and(has_time_of_day) || clock.is_some_and(|hour| hour.seconds && !hour.short)
}

/// `type=SYSCALL msg=audit(1772742732.345:12): …`, perhaps behind `node=host`: seconds, and the number of the event.
fn audit(text: &[u8]) -> Option<Stamp> {
    if !text.starts_with(b"type=") && !text.starts_with(b"node=") {
        return None;
    }
    let near = text.get(..FAR).unwrap_or(text);
    let at = near.windows(10).position(|window| window == b"msg=audit(")?;
    let mut cursor = Cursor::new(text.get(at + 10..)?);
    (cursor.digits() == 10).then_some(())?;
    let seconds: i64 = std::str::from_utf8(cursor.rest.get(..10)?).ok()?.parse().ok()?;
    cursor.skip(10);
    (cursor.peek() == Some(b'.')).then_some(())?;
    let nanoseconds = crate::hour::fraction(&mut cursor);
    cursor.byte(b':')?;
    Timestamp::new(seconds, nanoseconds).ok().map(Stamp::At)
}

/// Whether the first part of a line holds `20:32:12`.
fn has_time_of_day(text: &[u8]) -> bool {
    let near = text.get(..64).unwrap_or(text);
    near.windows(8).enumerate().any(|(at, window)| {
        let shape = window.iter().enumerate().all(|(place, byte)| match place {
            2 | 5 => *byte == b':',
            _ => byte.is_ascii_digit(),
        });
        // `00:20:32:12:…` is the address of a network card.
        let before = |back: usize| at.checked_sub(back).and_then(|before| near.get(before)).copied().unwrap_or(b' ');
        let runs_on = before(1).is_ascii_alphanumeric() || (before(1) == b':' && before(2).is_ascii_alphanumeric());
        shape && !runs_on
    })
}

/// `    1.234567]`, `0.123s]`: so long after the start.
fn uptime(inside: &[u8]) -> Option<SignedDuration> {
    let mut cursor = Cursor::new(inside);
    cursor.blanks();
    let digits = cursor.digits();
    (1..=9).contains(&digits).then_some(())?;
    let seconds = i64::from(cursor.number(digits)?);
    cursor.peek().filter(|byte| *byte == b'.')?;
    let nanoseconds = crate::hour::fraction(&mut cursor);
    let _ = cursor.byte(b's');
    cursor.byte(b']')?;
    Some(SignedDuration::new(seconds, nanoseconds))
}

/// Whether two times are near enough for digits alone to be one of them.
pub fn near(one: Timestamp, other: Timestamp) -> bool {
    one.duration_since(other).abs() <= SignedDuration::from_hours(24)
}
