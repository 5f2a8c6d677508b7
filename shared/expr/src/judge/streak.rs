//! Violations in a row: what `after` asks of the records of one check in one scope.
//!
//! Owns the windows of time that records are of, and the holes between them; refuses to take what stands side by side for
//! neighbours in time where the windows say otherwise.

use std::cmp::Ordering;
use std::collections::VecDeque;

use schema::{Code, Value};

use crate::evaluate::time;
use crate::judge::outcome::check::whole;
use crate::judge::threshold::After;
use crate::{Decimal, Quantity};

/// The last records of one check in one scope.
#[derive(Debug, Default)]
pub(crate) struct Streak {
    /// Whether each is violated; `None` for a window that nothing was written of.
    violated: VecDeque<Option<bool>>,
    /// How many of them are.
    violations: u64,
    /// How many of them nobody knows.
    holes: u64,
    /// How many records were judged, and how many of those violate.
    pub judged: (u64, u64),
    /// How many windows there were, ever, of which nobody knows: those that are missing, too.
    unknown: u64,
    /// The last window, where the records are windows of time.
    at: Option<Window>,
    /// The start of the last that was asked.
    asked: Option<Decimal>,
    /// Two windows of which nobody knew whether one is missing between them, and how many were added since, the second among them.
    unsure: Option<(Window, Window, u64)>,
    /// Why the order of the records is not that of time, where it is not.
    disorder: Option<Disorder>,
}

/// What one record says of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Holds(bool),
    /// It cannot be told.
    No,
    /// It was not asked.
    Skipped,
}

/// Whether enough in a row violate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enough {
    Yes,
    No,
    /// Nobody knows: why, and what to say of it.
    Unknown(Code, Option<&'static str>),
}

/// A window of time that a record is of (`percentile --window`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    start: Decimal,
    /// How long it says that it is.
    width: Option<Decimal>,
}

/// The windows of time that records are of: how far apart two neighbours are, where they do not say how long they are.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    newest: Option<Decimal>,
    /// The least distance so far.
    least: Option<Decimal>,
    /// Whether it is that of several: of two windows alone nobody knows whether a third lies between them.
    is_of_several: bool,
}

const UNSURE: &str = "nothing says how long a window is: give each a window_s, in seconds";

/// How records of one check in one scope are not in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disorder {
    /// A window begins before the one in front of it.
    Back,
    /// Two records are of one window.
    Twice,
}

impl Disorder {
    fn unknown(self) -> Enough {
        match self {
            Disorder::Back => Enough::Unknown(
                Code::Gap,
                Some("the windows are not in the order of time: sort them, or name by -b what each is of"),
            ),
            Disorder::Twice => Enough::Unknown(
                Code::Ambiguous,
                Some("two records of one window: name by -b what each is of, or give each once"),
            ),
        }
    }
}

impl Windows {
    /// The record's window, where it has one.
    pub fn see(&mut self, record: &Value<'_>) -> Option<Window> {
        let start = record.get("window").and_then(Value::as_text).and_then(time::seconds)?;
        let told = record.get("window_s").and_then(Value::as_number).and_then(Decimal::from_number);
        let apart = self.newest.and_then(|newest| start.minus(newest)).filter(|apart| apart.signum() > 0);
        if let Some(apart) = apart {
            self.is_of_several = self.least.is_some();
            self.least = Some(self.least.map_or(apart, |least| least.min(apart)));
        }
        self.newest = Some(self.newest.map_or(start, |newest| newest.max(start)));
        Some(Window { start, width: told.filter(|width| width.signum() > 0) })
    }

    /// How many windows are missing between two, where that is known.
    fn between(&self, before: Window, next: Window) -> Option<u64> {
        let apart = next.start.minus(before.start)?;
        if apart.signum() <= 0 {
            return Some(0);
        }
        let least = self.least.filter(|_| self.is_of_several);
        let width = before.width.or(next.width).or(least)?;
        Some(whole(Quantity::new(apart).divided_by(Quantity::new(width))?.floor()?)?.saturating_sub(1))
    }
}

impl Streak {
    /// Adds a record: whether with it enough in a row violate. An unknown one neither breaks nor lengthens the run, but for a
    /// window of time: one of which nothing is known, and one that is missing between two, may have violated or not. Windows that
    /// do not come in the order of time may be neighbours whatever stands between them.
    pub fn add(&mut self, known: Known, window: Option<Window>, windows: &Windows, after: After) -> Enough {
        if let Some(next) = window {
            let start = next.start;
            let missing = self.at.map_or(Some(0), |before| windows.between(before, next));
            if let (None, Some(before)) = (missing, self.at) {
                self.unsure = Some((before, next, 0));
            }
            let missing = missing.unwrap_or(0).min(after.of);
            (0..missing).for_each(|_| self.push(None, after.of));
            self.unknown += missing;
            self.at = self.at.filter(|before| before.start >= start).or(Some(next));
            if known != Known::Skipped {
                let disorder = match self.asked.map(|before| start.cmp(&before)) {
                    Some(Ordering::Less) => Some(Disorder::Back),
                    Some(Ordering::Equal) => Some(Disorder::Twice),
                    _ => None,
                };
                self.disorder = self.disorder.or(disorder);
                self.asked = Some(self.asked.map_or(start, |before| before.max(start)));
            }
        }
        let holds = match known {
            Known::Holds(holds) => holds,
            Known::No if window.is_some() => {
                self.push(None, after.of);
                self.unknown += 1;
                return Enough::Yes;
            }
            Known::No | Known::Skipped => return Enough::Yes,
        };
        self.push(Some(!holds), after.of);
        self.judged = (self.judged.0 + 1, self.judged.1 + u64::from(!holds));
        if let Some(disorder) = self.disorder {
            // Of fewer than it takes there is no order in which they fail.
            return if self.judged.1 + self.unknown < after.violations { Enough::No } else { disorder.unknown() };
        }
        match (self.violations >= after.violations, self.violations + self.holes >= after.violations) {
            (true, _) if self.is_unsure(windows) => Enough::Unknown(Code::Gap, Some(UNSURE)),
            (true, _) => Enough::Yes,
            (false, true) => Enough::Unknown(Code::Gap, None),
            (false, false) => Enough::No,
        }
    }

    /// Whether two of those that count may be no neighbours: what came since may have told.
    fn is_unsure(&self, windows: &Windows) -> bool {
        self.unsure.is_some_and(|(before, next, since)| {
            since < self.violated.len() as u64 && windows.between(before, next) != Some(0)
        })
    }

    /// Adds a record, or a window that is missing, and forgets all but the last `of`.
    fn push(&mut self, violated: Option<bool>, of: u64) {
        if let Some((_, _, since)) = &mut self.unsure {
            *since += 1;
        }
        self.violated.push_back(violated);
        self.violations += u64::from(violated == Some(true));
        self.holes += u64::from(violated.is_none());
        while self.violated.len() as u64 > of {
            let gone = self.violated.pop_front();
            self.violations -= u64::from(gone == Some(Some(true)));
            self.holes -= u64::from(gone == Some(None));
        }
    }
}

#[cfg(test)]
mod tests {
    use schema::{Check, Status, json};

    use super::*;
    use crate::{Judge, Missing, Thresholds};

    /// The worst status, and the codes, of windows of ten seconds: tens of seconds and figures.
    fn judged(line: &str, windows: &[(u64, u64)]) -> (Status, Vec<Code>) {
        judged_of(line, windows, r#""window_s":10,"#)
    }

    fn judged_of(line: &str, windows: &[(u64, u64)], told: &str) -> (Status, Vec<Code>) {
        let thresholds = Thresholds::parse(line).unwrap();
        let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
        let mut checks: Vec<Check<'static>> = Vec::new();
        for (at, ms) in windows {
            let text = format!(r#"{{"window":"2026-03-05T20:3{}:{}0Z",{told}"ms":{ms}}}"#, at / 6, at % 6);
            checks.extend(judge.record(&json::parse(text.as_bytes()).unwrap(), ""));
        }
        checks.extend(judge.finish());
        (crate::outcome_of(&checks), checks.iter().filter_map(|check| check.code).collect())
    }

    /// Every order of five.
    fn orders() -> Vec<Vec<usize>> {
        let mut orders = vec![vec![]];
        for next in 0..5 {
            let with = |order: &Vec<usize>| {
                let order = order.clone();
                (0..=order.len()).map(move |at| [&order[..at], &[next], &order[at..]].concat())
            };
            orders = orders.iter().flat_map(with).collect();
        }
        orders
    }

    #[test]
    fn windows_in_another_order_neither_pass_nor_fail_otherwise() {
        for (line, figures, right) in [
            ("ms <= 500 after 3", [900, 900, 900, 5, 5], Status::Fail),
            ("ms <= 500 after 2", [900, 5, 900, 5, 900], Status::Pass),
            ("ms <= 500 after 3", [900, 5, 5, 5, 5], Status::Pass),
            ("ms <= 500 after 2 of 3", [900, 5, 5, 900, 900], Status::Fail),
        ] {
            let orders = orders();
            assert_eq!(orders.len(), 120);
            for order in orders {
                let windows: Vec<_> = order.iter().map(|at| (*at as u64, figures[*at])).collect();
                let (status, _) = judged(line, &windows);
                assert!(status == right || status == Status::Inconclusive, "{line} {windows:?} {status:?}");
            }
        }
    }

    #[test]
    fn disorder_is_no_doubt_where_too_few_violate() {
        for windows in [&[(3, 5), (1, 5), (2, 5)][..], &[(1, 5), (1, 5), (2, 5), (2, 900)]] {
            assert_eq!(judged("ms <= 500 after 2", windows), (Status::Pass, vec![]), "{windows:?}");
        }
    }

    #[test]
    fn of_windows_that_do_not_say_how_long_they_are_two_alone_are_no_neighbours() {
        let judged = |windows: &[(u64, u64)]| judged_of("ms <= 500 after 2", windows, "");
        let gap = (Status::Inconclusive, vec![Code::Gap]);
        // Twelve hours, or a window that comes late: it is not known yet.
        for windows in [&[(0, 900), (30, 900)][..], &[(0, 900), (2, 900)], &[(0, 900), (2, 900), (4, 5)]] {
            assert_eq!(judged(windows), gap, "{windows:?}");
        }
        assert_eq!(
            judged(&[(0, 900), (2, 900), (1, 5)]).0,
            Status::Inconclusive,
            "{:?}",
            judged(&[(0, 900), (2, 900), (1, 5)])
        );
        for windows in
            [&[(0, 5), (1, 900), (2, 900)][..], &[(0, 5), (2, 900), (4, 900)], &[(0, 900), (1, 900), (2, 900)]]
        {
            assert_eq!(judged(windows).0, Status::Fail, "{windows:?}");
        }
        for windows in [&[(0, 5), (1, 5)][..], &[(0, 900), (1, 5), (2, 900)], &[(0, 5), (1, 900), (2, 5)]] {
            assert_eq!(judged(windows), (Status::Pass, vec![]), "{windows:?}");
        }
    }

    #[test]
    fn windows_of_two_lengths_in_one_stream() {
        let thresholds = Thresholds::parse("ms <= 500 after 2").unwrap();
        let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
        let mut judged = |scope: &str, minute: u64, seconds: u64| {
            let text = format!(r#"{{"window":"2026-03-05T20:{minute:02}:00Z","window_s":{seconds},"ms":900}}"#);
            judge.record(&json::parse(text.as_bytes()).unwrap(), scope).remove(0).status
        };
        assert_eq!([judged("a", 0, 600), judged("b", 0, 60)], [Status::Pass; 2]);
        assert_eq!(judged("b", 1, 60), Status::Fail);
        assert_eq!(judged("a", 10, 600), Status::Fail, "the next ten minutes, whatever others are");
        assert_eq!(judged("b", 10, 60), Status::Inconclusive);
    }

    #[test]
    fn it_says_which_disorder() {
        let twice = judged("ms <= 500 after 2", &[(1, 900), (1, 5), (2, 900), (2, 5)]);
        assert_eq!(twice, (Status::Inconclusive, vec![Code::Ambiguous]));
        let back = judged("ms <= 500 after 2", &[(1, 900), (2, 5), (3, 5), (0, 900)]);
        assert_eq!(back, (Status::Inconclusive, vec![Code::Gap]));
    }
}
