//! How often the samples of a series come, and whether a hole is in it: part of the time in which nobody looked.
//!
//! Owns the rule of what is sampled and what is a hole; constant memory, for any number of samples. Distances are kept in
//! classes of about 2 %, so that their median is known as closely. Random arrivals, as in a log of requests, are not
//! sampled: their distances spread, and a long one says nothing.

use std::collections::BTreeMap;

/// Distances by their size: of each class how many there are, and their sum in nanoseconds.
pub type Classes = BTreeMap<i32, (u64, u128)>;

/// A distance is a hole where it is over so many times the median.
const HOLE: f64 = 5.0;
/// A record stream counts as sampled only where its median distance is at least this long, in seconds: below it are
/// the arrivals of requests, which a generator may space evenly.
const SLOWEST_REQUESTS: f64 = 1.0;

/// A second.
const NANOSECONDS: f64 = 1e9;

/// The times of one series, in the order they came.
#[derive(Clone, Debug, Default)]
pub struct Cadence {
    first: Option<f64>,
    last: Option<f64>,
    /// Distances by class: how many, and their sum in nanoseconds, which comes to the same in any order.
    classes: Classes,
    count: u64,
    widest: Option<(f64, f64)>,
    /// A time before the one before it: several series are mixed here, and no distance means anything.
    mixed: bool,
}

/// A stretch of time without a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hole {
    /// The last sample before it, in seconds since 1970.
    pub from: f64,
    /// The first sample after it.
    pub to: f64,
    /// How far apart samples usually are, in seconds.
    pub usual: f64,
    /// Whether samples stand on both sides of it; else the series begins behind it or ends before it.
    pub inside: bool,
}

impl Cadence {
    /// Takes the time of the next sample, in seconds since 1970.
    pub fn see(&mut self, time: f64) {
        self.first.get_or_insert(time);
        if let Some(last) = self.last.replace(time) {
            let distance = time - last;
            if distance < 0.0 {
                self.mixed = true;
                return;
            }
            let class = if distance > 0.0 { (distance.log2() * 32.0).floor() as i32 } else { i32::MIN };
            let (count, sum) = self.classes.entry(class).or_default();
            *count += 1;
            *sum += (distance * NANOSECONDS).round() as u128;
            self.count += 1;
            if self.widest.is_none_or(|(from, to)| distance > to - from) {
                self.widest = Some((last, time));
            }
        }
    }

    /// The next sample is of another file: what lies between is no distance.
    pub fn part(&mut self) {
        self.last = None;
    }

    /// What of it a state has: the classes, the widest distance, and whether no distance means anything.
    pub fn parts(&self) -> (&Classes, Option<(f64, f64)>, bool) {
        (&self.classes, self.widest, self.mixed)
    }

    /// One that a state had.
    pub fn of(classes: Classes, widest: Option<(f64, f64)>, mixed: bool) -> Cadence {
        let count = classes.values().fold(0u64, |sum, (count, _)| sum.saturating_add(*count));
        Cadence { classes, widest, mixed, count, ..Cadence::default() }
    }

    /// Takes in what was seen of other files.
    pub fn join(&mut self, other: &Cadence) {
        for (class, (more, length)) in &other.classes {
            let (count, sum) = self.classes.entry(*class).or_default();
            *count = count.saturating_add(*more);
            *sum = sum.saturating_add(*length);
        }
        self.count = self.count.saturating_add(other.count);
        self.mixed |= other.mixed;
        // Of two that are as wide the earlier, in whatever order they come.
        let wider = |one: (f64, f64), other: (f64, f64)| {
            let width = (one.1 - one.0).total_cmp(&(other.1 - other.0));
            if width.then(other.0.total_cmp(&one.0)).is_ge() { one } else { other }
        };
        self.widest = match (self.widest, other.widest) {
            (Some(mine), Some(theirs)) => Some(wider(mine, theirs)),
            (mine, theirs) => mine.or(theirs),
        };
    }

    /// The widest hole, where the series is one that is `sampled` by its kind, or that comes at a steady pace: 9 of 10
    /// distances within half of the median.
    pub fn hole(&self, sampled: bool) -> Option<Hole> {
        let usual = self.median()?;
        let (from, to) = self.widest?;
        if self.mixed || usual <= 0.0 || to - from <= HOLE * usual {
            return None;
        }
        (sampled || (usual >= SLOWEST_REQUESTS && self.steady(usual))).then_some(Hole { from, to, usual, inside: true })
    }

    /// Its first and its last time.
    pub fn ends(&self) -> Option<(f64, f64)> {
        self.first.zip(self.last)
    }

    /// How far apart its samples usually are, in seconds.
    pub fn usual(&self) -> Option<f64> {
        self.median().filter(|usual| *usual > 0.0)
    }

    /// Where a sampled series begins late or ends early, beside others that were sampled from `from` to `to`, every
    /// `usual` seconds: the longer of the two stretches.
    pub fn short_of(&self, from: f64, to: f64, usual: f64) -> Option<Hole> {
        let (first, last) = self.ends()?;
        let usual = self.usual().unwrap_or(usual);
        let (from, to) = if first - from > to - last { (from, first) } else { (last, to) };
        (!self.mixed && usual > 0.0 && to - from > HOLE * usual).then_some(Hole { from, to, usual, inside: false })
    }

    fn median(&self) -> Option<f64> {
        let mut below = 0;
        self.classes.values().find_map(|&(count, sum)| {
            below += count;
            (below * 2 >= self.count).then_some(mean(&(count, sum)))
        })
    }

    fn steady(&self, usual: f64) -> bool {
        let near = self.classes.values().filter(|class| (mean(class) - usual).abs() <= usual / 2.0);
        near.map(|(count, _)| count).sum::<u64>() * 10 >= self.count * 9
    }
}

/// The mean distance of a class, in seconds.
fn mean(&(count, sum): &(u64, u128)) -> f64 {
    sum as f64 / NANOSECONDS / count as f64
}

impl Hole {
    /// Its length in seconds.
    pub fn length(&self) -> f64 {
        self.to - self.from
    }

    /// The facts, in words.
    pub fn told(&self) -> String {
        let moment = |seconds: f64| {
            let since = jiff::SignedDuration::try_from_secs_f64(seconds).unwrap_or_default();
            jiff::Timestamp::from_duration(since).map_or(String::new(), |time| time.to_string())
        };
        format!(
            "no sample from {} to {}: {}s, where they come every {}s; --every DUR allows it",
            moment(self.from),
            moment(self.to),
            rounded(self.length()),
            rounded(self.usual)
        )
    }
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hole(times: impl IntoIterator<Item = f64>, sampled: bool) -> Option<f64> {
        let mut cadence = Cadence::default();
        times.into_iter().for_each(|time| cadence.see(time));
        cadence.hole(sampled).map(|hole| hole.length())
    }

    #[test]
    fn an_hour_without_a_sample_is_a_hole() {
        assert_eq!(hole([0.0, 15.0, 3600.0, 3615.0], true), Some(3585.0));
        assert_eq!(hole([0.0, 15.0, 30.0, 105.0], true), None);
        assert_eq!(hole([0.0, 15.0], true), None);
        assert_eq!(hole([0.0, 15.0, 3600.0, 3615.0], false), None);
        let steady = (0..100).map(|n| f64::from(n) * 60.0 + if n > 50 { 3600.0 } else { 0.0 });
        assert_eq!(hole(steady, false), Some(3660.0));
    }

    #[test]
    fn a_series_that_ends_early_or_begins_late_is_not_whole() {
        let mut cadence = Cadence::default();
        (10..=20).for_each(|n| cadence.see(f64::from(n) * 15.0));
        let short = |from: f64, to: f64| cadence.short_of(from, to, 15.0).map(|hole| (hole.from, hole.to));
        assert_eq!(short(150.0, 300.0), None);
        assert_eq!(short(150.0, 375.0), None);
        assert_eq!(short(150.0, 390.0), Some((300.0, 390.0)));
        assert_eq!(short(0.0, 300.0), Some((0.0, 150.0)));
        let mut one = Cadence::default();
        one.see(0.0);
        assert_eq!(one.short_of(0.0, 600.0, 15.0).map(|hole| hole.length()), Some(600.0));
        assert_eq!(Cadence::default().short_of(0.0, 600.0, 15.0), None);
    }

    #[test]
    fn random_arrivals_have_no_holes() {
        let mut random = testkit::Random::new(5);
        for _ in 0..200 {
            let mut now = 0.0;
            let arrivals: Vec<f64> = (0..2000)
                .map(|_| {
                    let share = (random.below(1 << 20) as f64 + 1.0) / f64::from(1 << 20);
                    now += -share.ln() * 7.0;
                    now
                })
                .collect();
            assert_eq!(hole(arrivals, false), None);
        }
    }

    #[test]
    fn mixed_series_and_steady_requests_are_not_judged() {
        let two = (0..50).map(|n| f64::from(n) * 60.0).chain((0..50).map(|n| f64::from(n) * 60.0));
        assert_eq!(hole(two, false), None);
        let requests = (0..100).map(|n| f64::from(n) * 0.1 + if n > 50 { 3.0 } else { 0.0 });
        assert_eq!(hole(requests, false), None);
    }
}
