//! Whether a unit lies in the window, by its own time or by those of the units around it: what is not sure waits for a later
//! unit, or for the end of the file.

use jiff::{SignedDuration, Timestamp};
use time::{DATE_ALONE, MAY_BE_ZONE, Reading, Stamp, near};

use super::reading::FALLEN;
use super::{Placed, Settled, Side, Waiting, Window};
use crate::input::unit::Unit;
use crate::record::Misfit;

impl Window {
    /// The end of the file: what is settled by it.
    pub fn end(&mut self) -> Option<Settled> {
        // Where nothing had a time, that is told by another message.
        let Waiting { inside, is_unclear, is_between } = self.waiting.take().filter(|_| self.any)?;
        if std::mem::take(&mut self.lost) {
            return Some(Settled::Ahead);
        }
        if self.candidate.is_some() && !is_between && !is_unclear {
            return Some(Settled::AsThought);
        }
        // Behind the last stamp there is all time to come.
        let sure = match self.before {
            Some((Side::Inside, _)) => inside && self.until.is_none_or(|until| until > self.clock.now),
            Some((Side::After, _)) => !inside,
            _ => false,
        };
        Some(if sure && !is_unclear { Settled::AsThought } else { Settled::Unknown })
    }

    pub(super) fn side(&self, time: Timestamp) -> Side {
        if self.since.is_some_and(|since| time < since) {
            Side::Before
        } else if self.until.is_some_and(|until| time >= until) {
            Side::After
        } else {
            Side::Inside
        }
    }

    pub(super) fn settle(&mut self, reading: Reading, unit: &Unit<'_>) -> Result<Placed, Misfit> {
        self.own = None;
        let (stamp, loose) = match reading {
            Reading::Stamp { stamp, loose } => (stamp, loose),
            Reading::Continues if self.before.is_some() => {
                self.unstamped.continued += 1;
                self.own = self.before.map(|(_, time)| time);
                return Ok(self.between());
            }
            Reading::Unreadable => {
                if self.unstamped.unreadable == 0 {
                    self.unstamped.first_unreadable = unit.place();
                }
                self.unstamped.unreadable += 1;
                (Stamp::None, false)
            }
            _ => (Stamp::None, false),
        };
        match stamp {
            Stamp::Refused(reason) => Err(reason),
            Stamp::None => {
                self.unstamped.between += 1;
                Ok(self.unsure())
            }
            Stamp::Between(from, to, reason) => {
                // `2025.12.11 released` among lines with stamps: a date alone that is far from them is of a sentence.
                let is_far = |before| !near(before, from) && !near(before, to);
                let is_sentence = self.firm && !self.strict && self.before.is_some_and(|(_, before)| is_far(before));
                if is_sentence && reason.ends_with(DATE_ALONE) {
                    self.unstamped.between += 1;
                    return Ok(self.unsure());
                }
                if self.side(from) != self.side(to) && (reason.ends_with(MAY_BE_ZONE) || reason == FALLEN) {
                    // `+10 users`: its neighbours say, as of a line without a stamp.
                    self.unstamped.between += 1;
                    return Ok(self.unsure());
                }
                if self.side(from) != self.side(to) {
                    return Err(reason);
                }
                let placed = self.at(from);
                self.own = None;
                if self.unstamped.spread == 0 {
                    self.unstamped.first_spread = format!("{}: {reason}", unit.place());
                }
                self.unstamped.spread += 1;
                Ok(placed)
            }
            Stamp::At(time) if loose => {
                // Words before a stamp may be a sentence that mentions a time. Where no line of the log has another kind of
                // stamp, two of them that are near each other are none: it was quiet for a day.
                let is_far = |other| !near(other, time);
                let mut is_first = || self.strayed.replace(time).is_none_or(is_far);
                if self.before.is_some_and(|(_, before)| is_far(before)) && (self.firm || is_first()) {
                    self.unstamped.between += 1;
                    return Ok(self.unsure());
                }
                self.strayed = None;
                Ok(self.at(time))
            }
            Stamp::At(time) => {
                self.firm = true;
                Ok(self.at(time))
            }
            Stamp::Maybe(time) => Ok(self.maybe(time)),
        }
    }

    /// A unit of this time.
    pub(super) fn at(&mut self, time: Timestamp) -> Placed {
        if self.present.is_ahead(time) {
            // What waited before it lies before nobody knows what.
            let was_lost = self.lost;
            let settled = self.waiting.take().filter(|_| !was_lost).map(|_| Settled::Unknown);
            self.unstamped.ahead += 1;
            (self.any, self.candidate, self.own) = (true, None, Some(time));
            (self.waiting, self.lost) = (Some(Waiting { inside: false, is_unclear: false, is_between: false }), true);
            return Placed { inside: false, sure: false, settled };
        }
        let side = self.side(time);
        let settled = self.meets(side, time);
        self.any = true;
        (self.before, self.last, self.own, self.candidate) = (Some((side, time)), Some(time), Some(time), None);
        Placed { inside: side == Side::Inside, sure: true, settled }
    }

    /// Digits alone: a time only where the stamps around them are near. Where all stamps are digits alone, a log may have been
    /// quiet for more than a day before one of them; none of them goes back so far.
    pub(super) fn maybe(&mut self, time: Timestamp) -> Placed {
        let before = self.candidate.or(self.before.map(|(_, time)| time));
        if before.is_some_and(|before| near(before, time)) {
            return self.at(time);
        }
        let earliest = self.clock.now.saturating_sub(SignedDuration::from_hours(24 * 3653)).unwrap_or(Timestamp::MIN);
        let latest = self.clock.now.saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
        let is_back = before.is_some_and(|before| time < before);
        let may_be = !self.firm && (earliest..=latest).contains(&time);
        if is_back || !may_be {
            self.unstamped.between += 1;
            let placed = self.unsure();
            if let Some(waiting) = self.waiting.as_mut().filter(|_| may_be) {
                // It may be of its own time, too.
                waiting.is_unclear = true;
            }
            return placed;
        }
        if self.present.is_ahead(time) {
            return self.at(time);
        }
        // Those that wait for a stamp that is surely one go on waiting, unless they lie elsewhere: this is none.
        let waited = self.candidate.take().and_then(|_| self.waiting.take());
        let Placed { inside, mut settled, .. } = self.at(time);
        let mut is_unclear = false;
        match waited {
            Some(waited) if waited.inside == inside => is_unclear = waited.is_unclear,
            Some(waited) if waited.is_between || waited.is_unclear => settled = Some(Settled::Unknown),
            Some(_) => settled = Some(Settled::AsThought),
            None => {}
        }
        self.candidate = Some(time);
        self.waiting = Some(Waiting { inside, is_unclear, is_between: false });
        Placed { inside, sure: false, settled }
    }

    /// What a stamped unit says about those that waited for it.
    pub(super) fn meets(&mut self, side: Side, time: Timestamp) -> Option<Settled> {
        let Waiting { inside, is_unclear, is_between } = self.waiting.take()?;
        if std::mem::take(&mut self.lost) {
            return Some(Settled::Ahead);
        }
        match self.candidate.take() {
            Some(candidate) if near(candidate, time) && !is_between && !is_unclear => return Some(Settled::AsThought),
            Some(candidate) if !near(candidate, time) => {
                // It was a number: what waited lies before this unit, and nothing else is known.
                self.before = None;
                if !self.chooses() {
                    return Some(Settled::Misread);
                }
            }
            _ => {}
        }
        let sure = match (self.before, side) {
            (Some((Side::Inside, _)), Side::Inside) => inside,
            (Some((Side::Before, _)), Side::Before) | (Some((Side::After, _)), Side::After) => !inside,
            (None, Side::Before) => !inside,
            (None, Side::Inside) => inside && self.since.is_none(),
            _ => false,
        };
        Some(if sure && !is_unclear { Settled::AsThought } else { Settled::Unknown })
    }

    /// Where the unit before lies, with whatever waits there.
    pub(super) fn between(&mut self) -> Placed {
        if self.lost {
            return Placed { inside: false, sure: false, settled: None };
        }
        let inside = self.before.map_or(self.since.is_none(), |(side, _)| side == Side::Inside);
        Placed { inside, sure: self.waiting.is_none() || self.candidate.is_none(), settled: None }
    }

    /// A unit without a stamp of its own, between its neighbours.
    pub(super) fn unsure(&mut self) -> Placed {
        let placed = self.between();
        if self.lost {
            return placed;
        }
        // Also where nothing ends the window a later stamp may lie before it: time can go back.
        if self.since.is_none() && self.until.is_none() {
            return Placed { inside: true, sure: true, settled: None };
        }
        let is_unclear = self.waiting.is_some_and(|waiting| waiting.is_unclear);
        self.waiting = Some(Waiting { inside: placed.inside, is_unclear, is_between: true });
        Placed { sure: false, ..placed }
    }
}
