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
    fn what_is_no_time_tells_nothing() {
        let mut moments = Moments::default();
        for text in ["", "yesterday", "2026-03-05T20:32:12", "1772742732"] {
            moments.see(text.as_bytes());
        }
        assert_eq!(moments.finish(), Span::default());
    }
}
