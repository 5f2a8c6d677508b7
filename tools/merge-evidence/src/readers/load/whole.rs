//! Exact statistics of times that were written as whole numbers, in memory that grows with the different ones.

use std::collections::HashMap;

use schema::{Number, Value};

use crate::quantity;

/// How often each number was seen.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// Counts of the small numbers, which are nearly all.
    small: Vec<u64>,
    large: HashMap<u64, u64>,
    count: u64,
    sum: u128,
}

/// Numbers below this have a place of their own: a minute in milliseconds.
const SMALL: usize = 60_000;

impl Whole {
    /// Takes `times` samples of `number`.
    pub fn see(&mut self, number: u64, times: u64) {
        match usize::try_from(number) {
            Ok(place) if place < SMALL => {
                if self.small.len() <= place {
                    self.small.resize((place + 1).next_power_of_two().min(SMALL), 0);
                }
                if let Some(count) = self.small.get_mut(place) {
                    *count += times;
                }
            }
            _ => *self.large.entry(number).or_default() += times,
        }
        self.count += times;
        self.sum += u128::from(number) * u128::from(times);
    }

    /// How many samples there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Takes in what another has seen.
    pub fn merge(&mut self, other: &Whole) {
        for (number, count) in other.sorted() {
            self.see(number, count);
        }
    }

    fn sorted(&self) -> Vec<(u64, u64)> {
        let small = self.small.iter().enumerate().filter(|(_, count)| **count > 0);
        let mut all: Vec<(u64, u64)> = small.map(|(number, count)| (number as u64, *count)).collect();
        let mut large: Vec<(u64, u64)> = self.large.iter().map(|(number, count)| (*number, *count)).collect();
        large.sort_unstable();
        all.extend(large);
        all
    }

    /// `min mean p50 p90 p95 p99 max` by nearest rank, each times ten to the power of `places`, as milliseconds.
    pub fn statistics(&self, places: i32) -> Vec<(String, Value<'static>)> {
        let all = self.sorted();
        let shown = |number: u64| Value::Number(Number::from(number).shifted(places));
        let (Some((least, _)), Some((most, _))) = (all.first(), all.last()) else { return Vec::new() };
        let mean = self.sum as f64 / self.count as f64 * 10f64.powi(places);
        let mut statistics = vec![("min_ms".to_owned(), shown(*least)), ("mean_ms".to_owned(), quantity::value(mean))];
        for percent in [50u64, 90, 95, 99] {
            let rank = (self.count * percent).div_ceil(100).max(1);
            let mut below = 0;
            let found = all.iter().find(|(_, count)| {
                below += count;
                below >= rank
            });
            if let Some((number, _)) = found {
                statistics.push((format!("p{percent}_ms"), shown(*number)));
            }
        }
        statistics.push(("max_ms".to_owned(), shown(*most)));
        statistics
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_sorting() {
        let mut random = testkit::Random::new(11);
        for _ in 0..testkit::times(300) {
            let mut whole = Whole::default();
            let mut plain: Vec<u64> = (0..1 + random.below(300)).map(|_| random.below(70_000) as u64).collect();
            plain.iter().for_each(|number| whole.see(*number, 1));
            plain.sort_unstable();
            let at = |percent: usize| plain[(plain.len() * percent).div_ceil(100).max(1) - 1].to_string();
            let found: HashMap<String, String> = whole
                .statistics(0)
                .into_iter()
                .map(|(name, value)| (name, value.as_number().unwrap().to_string()))
                .collect();
            for (name, wanted) in [("p50_ms", at(50)), ("p95_ms", at(95)), ("p99_ms", at(99)), ("max_ms", at(100))] {
                assert_eq!(found[name], wanted);
            }
        }
    }
}
