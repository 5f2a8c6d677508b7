//! The present, where a window is of the last while: what is later than now has a wrong clock.
//!
//! Owns that a stream may last: `tail -F` goes on long behind the moment at which its reader began.

use jiff::{SignedDuration, Timestamp};

/// How far ahead of now a clock may be.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);

/// Up to when lines are of the present.
#[derive(Clone, Debug, Default)]
pub struct Present {
    latest: Option<Timestamp>,
    /// Whether it goes on: not where `--now` says what it is.
    goes_on: bool,
}

impl Present {
    /// The present that began at `now`.
    pub fn of(now: Timestamp, goes_on: bool) -> Present {
        Present { latest: now.checked_add(AHEAD).ok(), goes_on }
    }

    /// Whether a time lies behind it. The clock is asked only where it may have gone on.
    pub fn is_ahead(&mut self, time: Timestamp) -> bool {
        let is_ahead = |latest: Option<Timestamp>| latest.is_some_and(|latest| time > latest);
        if is_ahead(self.latest) && self.goes_on {
            self.latest = self.latest.max(Timestamp::now().checked_add(AHEAD).ok());
        }
        is_ahead(self.latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_goes_on() {
        let now = Timestamp::now();
        let minutes = |count| now.checked_add(SignedDuration::from_mins(count)).unwrap();
        let mut stream = Present::of(minutes(-30), true);
        let mut given = Present::of(minutes(-30), false);
        for (time, of_stream, of_given) in
            [(-30, false, false), (-5, false, true), (0, false, true), (9, true, true), (-29, false, false)]
        {
            assert_eq!(
                (stream.is_ahead(minutes(time)), given.is_ahead(minutes(time))),
                (of_stream, of_given),
                "{time}"
            );
        }
        assert!(!Present::default().is_ahead(minutes(9)), "a window that is not of the last while");
    }
}
