//! The earliest and latest of millions of times: compared as text while their offset from UTC stays the same.
//!
//! Owns no calendar: a moment is read only where the offset changes, and at the end.

use crate::facts::Span;

/// The earliest and latest time text.
#[derive(Debug, Default)]
pub struct Moments {
    offset: Vec<u8>,
    from: Vec<u8>,
    to: Vec<u8>,
    /// Where the offset from UTC changed on the way, moments are compared one by one.
    mixed: Span,
}

impl Moments {
    /// Takes one RFC 3339 text in; what is none tells nothing.
    pub fn see(&mut self, time: &[u8]) {
        let Some((stamp, offset)) = split(time) else { return };
        if self.offset != offset {
            self.settle();
            self.offset = offset.to_vec();
        }
        if self.from.is_empty() || stamp < self.from.as_slice() {
            self.from = stamp.to_vec();
        }
        if stamp > self.to.as_slice() {
            self.to.clear();
            self.to.extend_from_slice(stamp);
        }
    }

    /// The stamps so far as moments.
    fn settle(&mut self) {
        for stamp in [std::mem::take(&mut self.from), std::mem::take(&mut self.to)] {
            let text = [stamp.as_slice(), self.offset.as_slice()].concat();
            self.mixed.see_text(&String::from_utf8_lossy(&text));
        }
    }

    /// The span of all that was seen.
    pub fn finish(mut self) -> Span {
        self.settle();
        self.mixed
    }
}

/// A time without its offset, which compares as text where the offset is the same, and the offset.
fn split(time: &[u8]) -> Option<(&[u8], &[u8])> {
    let seconds = time.get(..19)?;
    let rest = &time[19..];
    let fraction = match rest.first() {
        Some(b'.') => 1 + rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count(),
        _ => 0,
    };
    Some((&time[..seconds.len() + fraction], &rest[fraction..]))
}

/// Times of records as seconds since 1970: the calendar is asked once a day and offset, not once a record. Those without
/// their offset are as if they were of UTC: what counts is how far apart they are.
#[derive(Debug, Default)]
pub struct Seconds {
    day: Vec<u8>,
    offset: Vec<u8>,
    midnight: f64,
}

impl Seconds {
    /// The moment that a text tells, where it is a time.
    pub fn of(&mut self, time: &[u8]) -> Option<f64> {
        let moment = if time.get(4) == Some(&b'-') { self.stamp(time) } else { epoch(time) };
        moment.or_else(|| Some(::time::told(std::str::from_utf8(time).ok()?)?.as_duration().as_secs_f64()))
    }

    /// `2026-03-05T20:32:12.5+01:00`, `2026-03-05 20:32:12,5`
    fn stamp(&mut self, time: &[u8]) -> Option<f64> {
        let (stamp, rest) = split(time)?;
        let (decimals, offset) = match rest.strip_prefix(b",") {
            Some(rest) => rest.split_at(rest.iter().take_while(|byte| byte.is_ascii_digit()).count()),
            None => (stamp.get(20..).unwrap_or_default(), rest),
        };
        let offset = if offset.is_empty() { b"Z" } else { offset };
        let digits = |from: usize| -> Option<f64> {
            let pair = stamp.get(from..from + 2)?;
            pair.iter().all(u8::is_ascii_digit).then(|| f64::from(pair[0] - b'0') * 10.0 + f64::from(pair[1] - b'0'))
        };
        let day = stamp.get(..10)?;
        if day != self.day || offset != self.offset {
            let text = [day, b"T00:00:00", offset].concat();
            let midnight: jiff::Timestamp = std::str::from_utf8(&text).ok()?.parse().ok()?;
            self.midnight = midnight.as_second() as f64;
            self.day = day.to_vec();
            self.offset = offset.to_vec();
        }
        Some(self.midnight + digits(11)? * 3600.0 + digits(14)? * 60.0 + digits(17)? + fraction(decimals))
    }
}

/// What decimals behind a point come to.
fn fraction(decimals: &[u8]) -> f64 {
    let mut place = 1.0;
    decimals.iter().fold(0.0, |sum, digit| {
        place /= 10.0;
        sum + f64::from(digit - b'0') * place
    })
}

/// Seconds since 1970, with a fraction or without, or milliseconds, microseconds, nanoseconds: by their number of digits.
fn epoch(text: &[u8]) -> Option<f64> {
    let (whole, rest) = text.split_at_checked(10)?;
    let decimals = match (rest, rest.len()) {
        ([b'.', decimals @ ..], _) => decimals,
        (thousandths, 0 | 3 | 6 | 9) => thousandths,
        _ => return None,
    };
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    if whole.starts_with(b"0") || !digits(whole) || !digits(decimals) {
        return None;
    }
    let seconds = whole.iter().fold(0u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    Some(seconds as f64 + fraction(decimals))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_reading_each() {
        let mut random = testkit::Random::new(17);
        for _ in 0..testkit::times(2_000) {
            let (mut moments, mut plain) = (Moments::default(), Span::default());
            for _ in 0..30 {
                let fraction = ["", ".5", ".05", ".499999999"][random.below(4)];
                let offset = if random.once_in(9) { "+02:00" } else { "Z" };
                let (hour, minute) = (random.below(24), random.below(60));
                let text = format!("2026-03-05T{hour:02}:{minute:02}:12{fraction}{offset}");
                moments.see(text.as_bytes());
                plain.see_text(&text);
            }
            assert_eq!(moments.finish(), plain);
        }
    }

    #[test]
    fn seconds_agree_with_the_calendar() {
        let mut random = testkit::Random::new(18);
        let mut seconds = Seconds::default();
        for _ in 0..testkit::times(20_000) {
            let fraction = ["", ".5", ".125"][random.below(3)];
            let offset = if random.once_in(9) { "+02:00" } else { "Z" };
            let (day, hour, minute) = (1 + random.below(28), random.below(24), random.below(60));
            let text = format!("2026-03-{day:02}T{hour:02}:{minute:02}:12{fraction}{offset}");
            let wanted: jiff::Timestamp = text.parse().unwrap();
            assert_eq!(seconds.of(text.as_bytes()), Some(wanted.as_duration().as_secs_f64()), "{text}");
        }
        for text in [
            "2026-03-05 20:32:12",
            "2026-03-05 20:32:12.0",
            "2026-03-05 20:32:12,000",
            "2026-03-05T21:32:12+01:00",
            "05/Mar/2026:20:32:12 +0000",
            "Thu, 05 Mar 2026 20:32:12 GMT",
            "1772742732",
            "1772742732.0",
            "1.772742732e9",
            "1772742732000",
            "1772742732000000",
            "1772742732000000000",
        ] {
            assert_eq!(seconds.of(text.as_bytes()), Some(1_772_742_732.0), "{text}");
        }
        assert_eq!(seconds.of(b"1772742732250"), Some(1_772_742_732.25));
        assert_eq!(seconds.of(b"1772742732.25"), Some(1_772_742_732.25));
        for text in
            ["", "yesterday", "2026-13-05T20:32:12Z", "2026-03-05T2x:32:12Z", "17.5", "177274273", "1772742732.x"]
        {
            assert_eq!(seconds.of(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_tells_nothing() {
        let mut moments = Moments::default();
        for text in ["", "yesterday", "2026-03-05T20:32:12", "1772742732"] {
            moments.see(text.as_bytes());
        }
        let span = moments.finish();
        assert_eq!((span.from, span.to), (None, None));
    }
}
