//! The interval a percentile is known to lie in, where samples could not be read or are known to their bucket only.
//!
//! Owns the one argument: samples of unknown value move a percentile no further than if all of them were below
//! everything, or above. An end of the interval that they could move without limit is absent.

use schema::Number;

use crate::stats::definitions::{Method, Percentile, Place};
use number::Sample;
use number::Total;

/// Where a percentile stands at least and at most, as places among the samples that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// With all that was lost below everything; `None` where that place is not among the samples.
    pub low: Option<Place>,
    /// With all that was lost above everything.
    pub high: Option<Place>,
}

impl Span {
    /// The span of a percentile of `count` samples that were read and `lost` ones that were not.
    pub fn of(method: Method, percentile: &Percentile, count: u64, lost: u64) -> Span {
        let all = count.checked_add(lost).filter(|&all| all > 0 && all <= i64::MAX as u64);
        let Some(all) = all else { return Span { low: None, high: None } };
        let place = method.place(percentile, all);
        let low = (place.low > lost).then(|| Place { low: place.low - lost, high: place.high - lost, ..place });
        Span { low, high: (place.high <= count).then_some(place) }
    }

    /// The ranks of the samples that its ends stand between.
    pub fn ranks(&self) -> impl Iterator<Item = u64> {
        [self.low, self.high].into_iter().flatten().flat_map(|place| [place.low, place.high])
    }

    /// The least and the greatest value; `edges` gives the limits of the sample at a rank.
    pub fn ends(&self, edges: impl Fn(u64) -> Option<(Sample, Sample)>) -> [Option<Number<'static>>; 2] {
        let low = self.low.and_then(|place| between(place, |rank| edges(rank).map(|edges| edges.0)));
        let high = self.high.and_then(|place| between(place, |rank| edges(rank).map(|edges| edges.1)));
        [low, high]
    }
}

/// The value at a place, where `at` gives the sample at a rank.
pub fn between(place: Place, at: impl Fn(u64) -> Option<Sample>) -> Option<Number<'static>> {
    let low = at(place.low)?;
    if place.above == 0 {
        return Some(low.number());
    }
    let high = at(place.high)?;
    if low == high { Some(low.number()) } else { Total::between(low, high, place.above, place.parts) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::Random;

    #[test]
    fn whatever_was_lost_the_percentile_lies_between() {
        let mut random = Random::new(29);
        let number = |number: &Number<'_>| number.to_f64().unwrap();
        for _ in 0..testkit::times(50_000) {
            let mut known: Vec<i64> = (0..random.below(30)).map(|_| random.below(50) as i64).collect();
            known.sort_unstable();
            let lost: Vec<i64> = (0..random.below(5)).map(|_| random.below(90) as i64 - 20).collect();
            let mut all = [&known[..], &lost[..]].concat();
            all.sort_unstable();
            if all.is_empty() {
                continue;
            }
            let method = Method::ALL[random.below(10)];
            let percentile = Percentile::parse(&format!("{}.{}", random.below(100), random.below(10))).unwrap();
            let at = |list: &[i64], rank: u64| Some(Sample::new(*list.get(rank as usize - 1)?, 0));
            let truth = between(method.place(&percentile, all.len() as u64), |rank| at(&all, rank)).unwrap();
            let span = Span::of(method, &percentile, known.len() as u64, lost.len() as u64);
            let [low, high] = span.ends(|rank| at(&known, rank).map(|one| (one, one)));
            assert!(low.as_ref().is_none_or(|low| number(low) <= number(&truth)), "{known:?} {lost:?} {low:?}");
            assert!(high.as_ref().is_none_or(|high| number(high) >= number(&truth)), "{known:?} {lost:?} {high:?}");
            if lost.is_empty() {
                assert_eq!((low.as_ref(), high.as_ref()), (Some(&truth), Some(&truth)));
            }
        }
    }

    #[test]
    fn the_interval_is_no_wider_than_it_must_be() {
        let p99 = Percentile::parse("99").unwrap();
        // 98 good ones and 2 that could not be read: rank 99 of 100.
        assert_eq!(Span::of(Method::Nearest, &p99, 98, 2).low.map(|place| place.low), Some(97));
        assert_eq!(Span::of(Method::Nearest, &p99, 98, 2).high, None);
        let p50 = Percentile::parse("50").unwrap();
        assert_eq!(Span::of(Method::Nearest, &p50, 98, 2).high.map(|place| place.low), Some(50));
    }
}
