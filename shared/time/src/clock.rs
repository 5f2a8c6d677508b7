//! From a text to an instant: the forms put together, orders and zones decided or refused by name.

use std::ops::RangeInclusive;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::abbreviations::example;
use crate::cursor::Cursor;
use crate::day::{DateOrder, Day, Joint, Third, century, day, year_behind};
use crate::epoch::{epoch, tai64n};
use crate::hour::{Hour, clock, compact, dotted};
use crate::zone::{Zone, zone};

/// What stamps are read with.
#[derive(Clone, Debug)]
pub struct Clock {
    /// The zone of stamps that name none.
    pub zone: TimeZone,
    /// The present, for stamps without a year or a century: they are taken to lie at most a day ahead of it.
    pub now: Timestamp,
    /// `--date-order`
    pub order: Option<DateOrder>,
    /// `--date`: the day of stamps that are a time alone, and the start of those that count from one.
    pub base: Option<DateTime>,
    /// `--time-format`: the only form there is.
    pub format: Option<String>,
}

/// What a text was found to say about time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// This instant.
    At(Timestamp),
    /// An instant between these two, for the reason told: a local time that happens twice, a date alone.
    Between(Timestamp, Timestamp, String),
    /// Digits alone: this instant, if the stamps around it say so.
    Maybe(Timestamp),
    /// A time that cannot be placed, for this reason.
    Refused(String),
    /// No time.
    None,
}

/// The years that 1961 to 2100 are in the calendars of Iran, of Islam and of Thailand: nobody logs such years of ours.
const FOREIGN: [RangeInclusive<i16>; 2] = [1340..=1525, 2504..=2643];
/// What is said of a word behind a time that may be its zone: [`Stamp::Between`] ends in it.
pub const MAY_BE_ZONE: &str = "after the time may be its zone: --time-format says what belongs to it";
/// What is said of a date without a time of day: [`Stamp::Between`] ends in it.
pub const DATE_ALONE: &str = "a date without a time of day";
/// How far back two digits of a year are looked for.
const YEARS_BACK: i16 = 10;
/// Within how many days a log is one of these days: less than a year, since `26.03.25` and `25.03.26` are a year apart.
const RECENT: i64 = 300;

impl Clock {
    /// A clock with nothing but a zone and the present.
    pub fn new(zone: TimeZone, now: Timestamp) -> Clock {
        Clock { zone, now, order: None, base: None, format: None }
    }

    /// The time that a value is, from its first byte to its last.
    pub fn value(&self, value: &[u8]) -> Stamp {
        let value = value.trim_ascii();
        let value = value.strip_prefix(b"[").and_then(|value| value.strip_suffix(b"]")).unwrap_or(value);
        if value.first() == Some(&b'{') {
            return self.members(value);
        }
        match self.begins(value) {
            Some((stamp, [])) => match stamp {
                Stamp::Maybe(time) if (Timestamp::UNIX_EPOCH..=self.latest_epoch()).contains(&time) => Stamp::At(time),
                Stamp::Maybe(_) => Stamp::None,
                stamp => stamp,
            },
            _ => Stamp::None,
        }
    }

    /// The time that a value is which a line goes on with, where its first word is a date alone: `ts=2026-03-05 20:32:12 level=info`.
    /// What is read of `text`, and how much of it.
    pub fn value_onward<'t>(&self, text: &'t [u8]) -> Option<(&'t [u8], Stamp)> {
        let (stamp, rest) = self.begins(text).filter(|_| self.format.is_none())?;
        let is_date = matches!(&stamp, Stamp::Between(_, _, reason) if reason.ends_with(DATE_ALONE));
        let whole = text.get(..text.len() - rest.len())?;
        (!is_date && !matches!(stamp, Stamp::Maybe(_))).then_some((whole, stamp))
    }

    fn now_year(&self) -> i16 {
        self.zone.to_datetime(self.now).year()
    }

    /// Digits that mean an instant long after now are digits.
    fn latest_epoch(&self) -> Timestamp {
        self.now.saturating_add(SignedDuration::from_hours(24 * 3650)).unwrap_or(Timestamp::MAX)
    }

    /// The time that `text` begins with, and what follows it.
    pub(crate) fn begins<'a>(&self, text: &'a [u8]) -> Option<(Stamp, &'a [u8])> {
        if let Some(format) = &self.format {
            return self.formatted(format, text);
        }
        // Most words begin no time; the first byte tells most of them.
        match *text.first()? {
            b'0'..=b'9' => {}
            b'A'..=b'Z' => {}
            b'@' => return tai64n(text).map(|(time, rest)| (Stamp::At(time), rest)),
            _ => return None,
        }
        let mut cursor = Cursor::new(text);
        if let Some(stamp) = self.dated(&mut cursor) {
            return Some((stamp, cursor.rest));
        }
        let mut cursor = Cursor::new(text);
        if let Some(time) = epoch(&mut cursor) {
            return Some((Stamp::Maybe(time), cursor.rest));
        }
        let mut cursor = Cursor::new(text);
        if let Some(stamp) = self.digits(&mut cursor) {
            return Some((stamp, cursor.rest));
        }
        if let Some(base) = self.base {
            let mut cursor = Cursor::new(text);
            if let Some(hour) = clock(&mut cursor).filter(|hour| hour.seconds) {
                let zone = zone(&mut cursor);
                if cursor.ends_word() {
                    return Some((self.place(DateTime::from_parts(base.date(), hour.time), zone), cursor.rest));
                }
            }
        }
        None
    }

    /// A date and a time of day.
    fn dated(&self, cursor: &mut Cursor<'_>) -> Option<Stamp> {
        let text = cursor.rest;
        let (day, joint) = day(cursor)?;
        let before_time = *cursor;
        let Some((hour, is_compact)) = self.hour(cursor, joint) else {
            *cursor = before_time;
            return self.date_alone(day, joint, cursor);
        };
        let mut zone = if hour.dotted { crate::zone::minutes(cursor) } else { zone(cursor) };
        let mut day = day;
        if let Day::Yearless(month, number) = day
            && let Some(year) = year_behind(cursor)
        {
            day = Day::Full(Date::new(year, month, number).ok()?);
            // `20:32:12 2026 UTC`
            if matches!(zone, Zone::None) {
                zone = crate::zone::zone(cursor);
            }
        }
        // What runs on belongs to it, and is not understood.
        if !cursor.ends_word() {
            return None;
        }
        if matches!(cursor.peek(), Some(b'+' | b'-' | b':' | b'.' | b',' | b'\''))
            && cursor.ahead(1).is_some_and(|byte| byte.is_ascii_digit())
        {
            // Behind a zone another column may begin: `Z,12`, `UTC:10.0.0.7(5432)`.
            let last = text.len().checked_sub(cursor.rest.len() + 1).and_then(|at| text.get(at));
            let is_column = match cursor.peek() {
                Some(b',') => !matches!(zone, Zone::None),
                Some(b':') => !matches!(zone, Zone::None) && last.is_some_and(u8::is_ascii_alphabetic),
                _ => false,
            };
            is_column.then_some(())?;
        }
        let date = match self.date(day, hour, &zone) {
            Ok(date) => date?,
            Err(reason) => return Some(Stamp::Refused(reason)),
        };
        if FOREIGN.iter().any(|years| years.contains(&date.year())) {
            return Some(Stamp::Refused(format!(
                "{date} is of another calendar: wanted a year like {}",
                self.now_year()
            )));
        }
        let stamp = self.place(DateTime::from_parts(date, hour.time), zone);
        Some(match stamp {
            Stamp::At(time) if is_compact => Stamp::Maybe(time),
            stamp => stamp,
        })
    }

    /// `20260305203212`, with milliseconds or a fraction behind it: digits alone, where no zone says that they are a time.
    fn digits(&self, cursor: &mut Cursor<'_>) -> Option<Stamp> {
        let length = cursor.digits();
        matches!(length, 14 | 17).then_some(())?;
        let date = Date::new(cursor.number(4)?.try_into().ok()?, cursor.small(2)?, cursor.small(2)?).ok()?;
        let (hour, minute, second) = (cursor.small(2)?, cursor.small(2)?, cursor.small(2)?);
        let fraction = match length {
            17 => cursor.number(3)? * 1_000_000,
            _ if matches!(cursor.peek(), Some(b'.' | b',')) => crate::hour::fraction(cursor),
            _ => 0,
        };
        let time = Time::new(hour, minute, second, fraction).ok()?;
        let zone = zone(cursor);
        cursor.ends_word().then_some(())?;
        let is_bare = matches!(zone, Zone::None);
        Some(match self.place(DateTime::from_parts(date, time), zone) {
            Stamp::At(time) if is_bare => Stamp::Maybe(time),
            stamp => stamp,
        })
    }

    /// The time behind a date; whether all of the stamp is digits and blanks.
    fn hour(&self, cursor: &mut Cursor<'_>, joint: Joint) -> Option<(Hour, bool)> {
        let mark = cursor.peek()?;
        match mark {
            b'T' | b't' => {
                cursor.skip(1);
                if joint == Joint::Compact && cursor.ahead(2) != Some(b':') {
                    return compact(cursor).map(|hour| (hour, false));
                }
                clock(cursor).map(|hour| (hour, false))
            }
            b' ' => {
                (cursor.blanks() <= 2).then_some(())?;
                // gin: `2026/03/05 - 20:32:12`.
                if joint != Joint::Compact
                    && let [b'-' | b'|' | b'@', b' ', b'0'..=b'9', ..] = cursor.rest
                {
                    cursor.skip(2);
                    return clock(cursor).filter(|hour| hour.seconds).map(|hour| (hour, false));
                }
                // `March 5, 2026 at 8:32:12 PM UTC`, as programs write it for people.
                if let [b'a', b't', b' ', b'0'..=b'9', ..] = cursor.rest {
                    cursor.skip(3);
                    return clock(cursor).filter(|hour| hour.seconds).map(|hour| (hour, false));
                }
                if joint == Joint::Compact && cursor.digits() > 2 {
                    let hour = compact(cursor).filter(|hour| hour.seconds)?;
                    return Some((hour, true));
                }
                clock(cursor).or_else(|| zoned_dots(cursor)).map(|hour| (hour, false))
            }
            b'.' | b'_' | b'-' if joint == Joint::Compact => {
                cursor.skip(1);
                if cursor.digits() > 2 {
                    return compact(cursor).filter(|hour| hour.seconds).map(|hour| (hour, true));
                }
                clock(cursor).map(|hour| (hour, false))
            }
            // Zabbix: `20260305:203212.345`.
            b':' if joint == Joint::Compact && cursor.ahead(3) != Some(b':') => {
                cursor.skip(1);
                compact(cursor).filter(|hour| hour.seconds).map(|hour| (hour, false))
            }
            b'\t' | b'_' | b':' | b'@' => {
                cursor.skip(1);
                // Erlang: `5-Mar-2026::20:32:12`.
                let _ = if mark == b':' { cursor.byte(b':') } else { None };
                clock(cursor).map(|hour| (hour, false))
            }
            // `[2026-03-05][20:32:12]`, `2026-03-05|20:32:12`
            b']' | b'|' | b';' => {
                cursor.skip(1);
                let opens = mark == b']';
                if opens {
                    cursor.blanks();
                    cursor.byte(b'[')?;
                }
                let hour = clock(cursor).filter(|hour| hour.seconds)?;
                (!opens || cursor.peek() == Some(b']')).then_some((hour, false))
            }
            b'-' => {
                cursor.skip(1);
                clock(cursor).or_else(|| dotted(cursor)).map(|hour| (hour, false))
            }
            b',' => {
                cursor.skip(1);
                cursor.blanks();
                clock(cursor).map(|hour| (hour, false))
            }
            _ => None,
        }
    }

    /// A date without a time of day: an instant of that day.
    fn date_alone(&self, day: Day, joint: Joint, cursor: &mut Cursor<'_>) -> Option<Stamp> {
        let date = match day {
            Day::Full(date) => date,
            Day::Numbers(day, month, Third::Clear(year)) => match self.clear(day, month, year) {
                Ok(date) => date?,
                Err(reason) => return Some(Stamp::Refused(reason)),
            },
            _ => return None,
        };
        (joint == Joint::Any && cursor.peek().is_none_or(|byte| byte.is_ascii_whitespace() || b"],;".contains(&byte)))
            .then_some(())?;
        // What follows is a time that is not understood.
        let mut ahead = *cursor;
        ahead.blanks();
        if let [b'-' | b'|' | b'@', b' ', ..] = ahead.rest {
            ahead.skip(2);
        } else {
            let _ = ahead.text(b"at ");
        }
        let is_time = |at: &Cursor<'_>| at.digits() > 0 && at.ahead(at.digits()) == Some(b':');
        if is_time(&ahead) {
            return None;
        }
        // `2026-03-05 CET 20:32:12`: so is the zone of it.
        let length = ahead.rest.iter().position(|byte| *byte == b' ').unwrap_or(0);
        if ahead.rest.get(..length).is_some_and(|word| crate::zone::alone(word).is_some()) {
            ahead.skip(length + 1);
            (!is_time(&ahead)).then_some(())?;
        }
        self.day(date)
    }

    /// An instant of this day.
    pub(crate) fn day(&self, date: Date) -> Option<Stamp> {
        let start = self.zone.to_timestamp(date.to_datetime(Time::midnight())).ok()?;
        let end = self.zone.to_timestamp(date.tomorrow().ok()?.to_datetime(Time::midnight())).ok()?;
        let last = end.checked_sub(SignedDuration::from_nanos(1)).ok()?;
        Some(Stamp::Between(start, last, format!("{date} is {DATE_ALONE}")))
    }

    /// The date, where its order and its year can be known.
    fn date(&self, day: Day, hour: Hour, zone: &Zone) -> Result<Option<Date>, String> {
        match day {
            Day::Full(date) => Ok(Some(date)),
            Day::Yearless(month, number) => {
                if hour.short {
                    return Err(format!(
                        "{}:{:02}:{:02} may be morning or evening: say --time-format",
                        hour.time.hour(),
                        hour.time.minute(),
                        hour.time.second()
                    ));
                }
                self.year(month, number, hour.time, zone).map(Some)
            }
            Day::Numbers(first, second, third) => self.ordered(first, second, third, hour, zone),
        }
    }

    /// A time of a month and a day that names no zone, in the last year in which it does not lie ahead.
    pub(crate) fn yearless(&self, month: i8, day: i8, time: Time) -> Option<Stamp> {
        Date::new(2024, month, day).ok()?;
        Some(match self.year(month, day, time, &Zone::None) {
            Ok(date) => self.local(DateTime::from_parts(date, time)),
            Err(reason) => Stamp::Refused(reason),
        })
    }

    /// The last year in which a stamp does not lie ahead.
    pub(crate) fn year(&self, month: i8, day: i8, time: Time, zone: &Zone) -> Result<Date, String> {
        let zone = match zone {
            Zone::Offset(offset) => offset.to_time_zone(),
            Zone::Named(zone) => zone.clone(),
            _ => self.zone.clone(),
        };
        let now = zone.to_datetime(self.now);
        let latest = now.checked_add(1.day()).unwrap_or(now);
        // 29 February may be eight years back.
        (0..=8)
            .find_map(|back| {
                let date = Date::new(latest.year() - back, month, day).ok()?;
                (DateTime::from_parts(date, time) <= latest).then_some(date)
            })
            .ok_or_else(|| "a month and a day that no year has".to_owned())
    }

    /// The date of a day, a month that is clear and two digits of a year; or of a year, its month and a day, where that alone
    /// lies in the last years.
    fn clear(&self, a: i8, month: i8, c: i8) -> Result<Option<Date>, String> {
        let now = self.zone.to_datetime(self.now).date();
        let from_now = |days: i64| now.checked_add(days.days()).unwrap_or(now);
        let in_last = |days: i64, date: &Date| (from_now(-days)..=from_now(1)).contains(date);
        let in_last_years = |date: &Date| in_last(i64::from(YEARS_BACK) * 366, date);
        let day_first = Date::new(century(c), month, a).ok();
        let year_first = Date::new(century(a), month, c).ok();
        // A clock that is ahead has days first as any other.
        let usual = day_first.filter(|date| in_last_years(date) || (now..=from_now(RECENT)).contains(date));
        let is_of_these_days = |date: Option<Date>| date.is_some_and(|date| in_last(RECENT, &date));
        match self.order {
            Some(DateOrder::YearFirst) => Ok(year_first),
            Some(_) => Ok(day_first),
            // A log of these days is not taken for one of years ago.
            None if is_of_these_days(year_first) && usual.is_some() && !is_of_these_days(usual) => {
                let text = format!("{a:02}.{month:02}.{c:02}");
                Err(format!("{text} may be read in more than one order: say --date-order dmy or ymd"))
            }
            None => Ok(usual.or(year_first.filter(in_last_years)).or(day_first.filter(|date| *date <= now))),
        }
    }

    fn ordered(&self, a: i8, b: i8, third: Third, hour: Hour, zone: &Zone) -> Result<Option<Date>, String> {
        let allowed = |order: DateOrder| self.order.is_none_or(|given| given == order);
        let mut found: Vec<Date> = Vec::new();
        let mut add = |date: Option<Date>| {
            if let Some(date) = date
                && !found.contains(&date)
            {
                found.push(date);
            }
        };
        let text = match third {
            Third::Year(year) => {
                if allowed(DateOrder::DayFirst) {
                    add(Date::new(year, b, a).ok());
                }
                if allowed(DateOrder::MonthFirst) {
                    add(Date::new(year, a, b).ok());
                }
                format!("{a:02}/{b:02}/{year}")
            }
            Third::Short(c) => {
                let now = self.zone.to_datetime(self.now).date();
                let earliest = now.year() - YEARS_BACK;
                let latest = now.checked_add(1.day()).unwrap_or(now);
                // A century is chosen by where the date would lie; with an order given, by that alone.
                let near = |date: &Date| self.order.is_some() || (date.year() >= earliest && *date <= latest);
                if allowed(DateOrder::YearFirst) {
                    add(Date::new(century(a), b, c).ok().filter(near));
                }
                let year = century(c);
                let day_first = Date::new(year, b, a).ok().filter(|_| allowed(DateOrder::DayFirst));
                let month_first = Date::new(year, a, b).ok().filter(|_| allowed(DateOrder::MonthFirst));
                // Where one of the two may be meant, the other may be, too: that it would lie ahead decides nothing.
                if [day_first, month_first].iter().flatten().any(near) {
                    add(day_first);
                    add(month_first);
                }
                format!("{a:02}/{b:02}/{c:02}")
            }
            Third::Clear(c) => return self.clear(a, b, c),
            Third::Nothing => {
                for (order, month, day) in [(DateOrder::MonthFirst, a, b), (DateOrder::DayFirst, b, a)] {
                    let is_there = allowed(order) || (order == DateOrder::MonthFirst && allowed(DateOrder::YearFirst));
                    if is_there && Date::new(2024, month, day).is_ok() {
                        add(self.year(month, day, hour.time, zone).ok());
                    }
                }
                format!("{a:02}/{b:02}")
            }
        };
        match found.as_slice() {
            [date] => Ok(Some(*date)),
            [] => Ok(None),
            _ => Err(format!("{text} may be read in more than one order: say --date-order dmy, mdy or ymd")),
        }
    }

    pub(crate) fn place(&self, moment: DateTime, zone: Zone) -> Stamp {
        match zone {
            Zone::None => self.local(moment),
            Zone::Offset(offset) => {
                offset.to_timestamp(moment).map_or_else(|error| Stamp::Refused(error.to_string()), Stamp::At)
            }
            Zone::Named(zone) => local(moment, &zone),
            Zone::Short(short) => self.short(moment, &short),
            Zone::Unknown(name) => Stamp::Refused(format!("{name} is not a known time zone: use --time-format")),
            Zone::Doubtful(offsets, text) => self.doubtful(moment, &offsets, &text),
        }
    }

    /// A local time, or one of these offsets, since nobody can tell `+5` from a number.
    fn doubtful(&self, moment: DateTime, offsets: &[Option<Offset>], text: &str) -> Stamp {
        let read = |offset: &Option<Offset>| match offset {
            None => self.local(moment),
            Some(offset) => self.place(moment, Zone::Offset(*offset)),
        };
        let mut ends = Vec::new();
        for stamp in offsets.iter().map(read) {
            match stamp {
                Stamp::At(time) => ends.push(time),
                Stamp::Between(from, to, _) => ends.extend([from, to]),
                stamp => return stamp,
            }
        }
        let reason = format!("{text} {MAY_BE_ZONE}");
        match (ends.iter().min(), ends.iter().max()) {
            (Some(first), Some(last)) if first == last => Stamp::At(*first),
            (Some(first), Some(last)) => Stamp::Between(*first, *last, reason),
            _ => Stamp::Refused(reason),
        }
    }

    /// The instant of a local time with an abbreviation that the zone in use has at that time.
    fn short(&self, moment: DateTime, short: &str) -> Stamp {
        let candidates = match self.zone.to_ambiguous_timestamp(moment).offset() {
            AmbiguousOffset::Unambiguous { offset } => [offset, offset],
            AmbiguousOffset::Gap { before, after } | AmbiguousOffset::Fold { before, after } => [before, after],
        };
        let is_so = |time: &Timestamp| {
            let info = self.zone.to_offset_info(*time);
            let own = info.abbreviation();
            // German clocks say MEZ for CET.
            own == short || matches!((short, own), ("MEZ", "CET") | ("MESZ" | "MEST", "CEST"))
        };
        let found = candidates.iter().filter_map(|offset| offset.to_timestamp(moment).ok()).find(is_so);
        match (found, example(short)) {
            (Some(time), _) => Stamp::At(time),
            (None, Some(zone)) => Stamp::Refused(format!("{short}: say --tz {zone}")),
            (None, None) => Stamp::Refused(format!("{short}: say --tz with a zone that has it")),
        }
    }

    fn local(&self, moment: DateTime) -> Stamp {
        if self.zone.is_unknown() {
            return Stamp::Refused("TZ names no zone that is known here, and the time says none: say --tz".to_owned());
        }
        local(moment, &self.zone)
    }

    /// Members of a JSON object that is a time: `{"$date":…}`, `{"seconds":…,"nanos":…}`, `{"epochSecond":…}`.
    fn members(&self, text: &[u8]) -> Stamp {
        let member = |name: &str| {
            let name = format!("\"{name}\"");
            let at = text.windows(name.len()).position(|window| window == name.as_bytes())?;
            let rest = text.get(at + name.len()..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
            let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
            let end = rest.iter().position(|byte| b"\",}".contains(byte))?;
            rest.get(..end).map(<[u8]>::trim_ascii)
        };
        if let Some(date) = member("$numberLong").or_else(|| member("$date")) {
            return self.value(date);
        }
        let number = |name: &str| std::str::from_utf8(member(name)?).ok()?.parse::<i64>().ok();
        let Some(seconds) = number("epochSecond").or_else(|| number("seconds")) else { return Stamp::None };
        let nanos = ["nanoOfSecond", "nanos", "nanoseconds"].iter().find_map(|name| number(name)).unwrap_or(0);
        let Ok(nanos) = i32::try_from(nanos) else { return Stamp::None };
        Timestamp::new(seconds, nanos).map_or(Stamp::None, Stamp::At)
    }
}

/// `20.32.12Z`, `20.32.12 UTC`: behind a blank three numbers with dots may be a version, but not where a zone follows.
fn zoned_dots(cursor: &mut Cursor<'_>) -> Option<Hour> {
    let mut ahead = *cursor;
    let hour = dotted(&mut ahead)?;
    let behind = ahead;
    (matches!(zone(&mut ahead), Zone::Offset(_) | Zone::Named(_) | Zone::Short(_)) && ahead.ends_word())
        .then_some(())?;
    *cursor = behind;
    Some(Hour { dotted: false, ..hour })
}

pub(crate) fn local(moment: DateTime, zone: &TimeZone) -> Stamp {
    let ambiguous = zone.to_ambiguous_timestamp(moment);
    let (before, after) = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => {
            return offset.to_timestamp(moment).map_or_else(|error| Stamp::Refused(error.to_string()), Stamp::At);
        }
        AmbiguousOffset::Gap { before, after } | AmbiguousOffset::Fold { before, after } => (before, after),
    };
    let name = zone.iana_name().unwrap_or("the local zone");
    let reason = format!("the local time {moment} happens twice or never in {name}; log an offset");
    match (before.to_timestamp(moment), after.to_timestamp(moment)) {
        (Ok(one), Ok(other)) => Stamp::Between(one.min(other), one.max(other), reason),
        _ => Stamp::Refused(reason),
    }
}
