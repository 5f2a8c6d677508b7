//! A sketch: counts in logarithmic buckets, each octave in equal parts (as HdrHistogram and DDSketch's fast mapping
//! have them), so that every percentile has a stated relative error and sketches merge exactly.
//!
//! Owns the buckets and when they grow coarser: as soon as their text would pass [`TEXT_LIMIT`], all pairs of buckets
//! become one (UDDSketch, Epicoco et al. 2020). That depends on the samples alone, never on their order or parts.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::stats::moments::Moments;
use number::Sample;
use number::Total;

/// How many bytes the text of the buckets may have, so that a state stays below 64 kB.
pub const TEXT_LIMIT: usize = 60_000;

/// More buckets than this cannot fit the limit: each takes four bytes at least.
const BUCKETS_LIMIT: usize = TEXT_LIMIT / 4;

/// The relative error of a sketch: the one asked for, and the parts of an octave that keep it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    /// As asked for: 0.001.
    pub error: f64,
    /// Each octave has two to this power buckets.
    octave_bits: u32,
}

impl Default for Precision {
    fn default() -> Self {
        Precision { error: 0.001, octave_bits: 9 }
    }
}

impl Precision {
    /// The precision for a relative error between 0.00001 and 0.5.
    pub fn new(error: f64) -> Option<Precision> {
        let octave_bits = (0..=16).find(|&bits| half_width(bits) <= error)?;
        (error <= 0.5).then_some(Precision { error, octave_bits })
    }
}

/// The relative error of the middle of a bucket, where an octave has two to the power `bits` of them.
fn half_width(bits: u32) -> f64 {
    1.0 / (1u64 << (bits + 1)) as f64
}

/// Counts in logarithmic buckets, and the exact sums, least and greatest of what was counted.
#[derive(Clone, Debug)]
pub struct Sketch {
    precision: Precision,
    /// How often pairs of buckets became one.
    level: u32,
    negative: BTreeMap<i32, u64>,
    zeros: u64,
    positive: BTreeMap<i32, u64>,
    count: u64,
    ends: Option<(Sample, Sample)>,
    moments: Moments,
}

impl Sketch {
    /// An empty sketch.
    pub fn new(precision: Precision) -> Sketch {
        Sketch {
            precision,
            level: 0,
            negative: BTreeMap::new(),
            zeros: 0,
            positive: BTreeMap::new(),
            count: 0,
            ends: None,
            moments: Moments::default(),
        }
    }

    /// Takes in a sample that came `count` times.
    pub fn add(&mut self, one: Sample, count: u64) {
        if count == 0 {
            return;
        }
        self.count += count;
        self.ends = Some(self.ends.map_or((one, one), |(least, most)| (least.min(one), most.max(one))));
        self.moments.add(one.mantissa(), one.exponent(), count);
        let value = one.to_f64();
        if value == 0.0 {
            self.zeros += count;
            return;
        }
        let bucket = bucket(value.abs(), self.precision.octave_bits) >> self.level;
        let side = if value < 0.0 { &mut self.negative } else { &mut self.positive };
        *side.entry(bucket).or_default() += count;
        if self.negative.len() + self.positive.len() > BUCKETS_LIMIT {
            self.coarsen();
        }
    }

    /// Takes in another sketch of the same precision.
    pub fn merge(&mut self, mut other: Sketch) {
        while self.level < other.level {
            self.coarsen();
        }
        while other.level < self.level {
            other.coarsen();
        }
        for (side, from) in [(&mut self.negative, other.negative), (&mut self.positive, other.positive)] {
            for (bucket, count) in from {
                *side.entry(bucket).or_default() += count;
            }
        }
        self.zeros += other.zeros;
        self.count += other.count;
        if let Some((low, high)) = other.ends {
            self.ends = Some(self.ends.map_or((low, high), |(least, most)| (least.min(low), most.max(high))));
        }
        let (sum, squares) = other.moments.totals();
        self.moments.merge(&sum, &squares);
        while self.negative.len() + self.positive.len() > BUCKETS_LIMIT {
            self.coarsen();
        }
    }

    /// Makes the buckets as coarse as the limit asks for; what is read from a sketch comes after this.
    pub fn settle(&mut self) {
        while self.texts().iter().map(String::len).sum::<usize>() > TEXT_LIMIT {
            self.coarsen();
        }
    }

    fn coarsen(&mut self) {
        self.level += 1;
        for side in [&mut self.negative, &mut self.positive] {
            for (bucket, count) in std::mem::take(side) {
                *side.entry(bucket >> 1).or_default() += count;
            }
        }
    }

    /// How many samples it counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The least and the greatest sample, both exact.
    pub fn ends(&self) -> Option<(Sample, Sample)> {
        self.ends
    }

    /// The exact sum and sum of squares.
    pub fn totals(&self) -> (Total, Total) {
        self.moments.totals()
    }

    /// The precision it was made with.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// How many zeros it counted.
    pub fn zeros(&self) -> u64 {
        self.zeros
    }

    /// How often its buckets grew coarser.
    pub fn level(&self) -> u32 {
        self.level
    }

    /// About how many bytes it takes up.
    pub fn bytes(&self) -> usize {
        (self.negative.len() + self.positive.len()) * 24 + size_of::<Sketch>()
    }

    /// The relative error that no percentile exceeds: the one asked for, unless the buckets had to grow coarser.
    pub fn relative_error(&self) -> f64 {
        let Some(bits) = self.precision.octave_bits.checked_sub(self.level) else {
            let ratio = 2f64.powi(1 << (self.level - self.precision.octave_bits).min(30));
            return if ratio.is_finite() { (ratio - 1.0) / (ratio + 1.0) } else { 1.0 };
        };
        self.precision.error.max(half_width(bits))
    }

    /// Estimates of the samples at `ranks` (from 1, ascending).
    pub fn select(&self, ranks: &[u64]) -> Vec<Sample> {
        self.at_ranks(ranks, |bucket| self.estimate(bucket))
    }

    /// Between what the samples at `ranks` (from 1, ascending) lie for sure: the edges of their buckets, and the least
    /// and the greatest sample.
    pub fn edges(&self, ranks: &[u64]) -> Vec<(Sample, Sample)> {
        self.at_ranks(ranks, |bucket| self.limits(bucket))
    }

    fn at_ranks<T: Copy>(&self, ranks: &[u64], of: impl Fn(Option<(bool, i32)>) -> T) -> Vec<T> {
        let mut found = Vec::with_capacity(ranks.len());
        let mut ranks = ranks.iter().peekable();
        let mut before = 0;
        for (bucket, count) in self.buckets() {
            before += count;
            if ranks.peek().is_some_and(|&&rank| rank <= before) {
                let value = of(bucket);
                while ranks.next_if(|&&rank| rank <= before).is_some() {
                    found.push(value);
                }
            }
        }
        found
    }

    /// Every bucket, ascending: whether it is negative and its number, none for zero; and how many samples it holds.
    fn buckets(&self) -> impl Iterator<Item = (Option<(bool, i32)>, u64)> {
        let negative = self.negative.iter().rev().map(|(&bucket, &count)| (Some((true, bucket)), count));
        let positive = self.positive.iter().map(|(&bucket, &count)| (Some((false, bucket)), count));
        negative.chain(std::iter::once((None, self.zeros))).chain(positive).filter(|bucket| bucket.1 > 0)
    }

    /// Calls `each` with the estimate of every bucket, ascending, and how many samples it holds.
    pub fn each(&self, mut each: impl FnMut(Sample, u64)) {
        self.buckets().for_each(|(bucket, count)| each(self.estimate(bucket), count));
    }

    fn estimate(&self, bucket: Option<(bool, i32)>) -> Sample {
        let middle = bucket.map_or(0.0, |(below, bucket)| self.middle(bucket) * if below { -1.0 } else { 1.0 });
        self.within(Sample::from_f64(middle).unwrap_or_default())
    }

    fn limits(&self, bucket: Option<(bool, i32)>) -> (Sample, Sample) {
        let Some((below, bucket)) = bucket else { return (Sample::default(), Sample::default()) };
        let edge = |bucket: i64| edge(bucket << self.level, self.precision.octave_bits);
        // A sample's nearest double decides its bucket, so that it may lie half a step outside.
        let (near, far) = (edge(i64::from(bucket)).next_down(), edge(i64::from(bucket) + 1).next_up().min(f64::MAX));
        let (low, high) = if below { (-far, -near) } else { (near, far) };
        let decimal = |edge: f64| self.within(Sample::from_f64(edge).unwrap_or_default());
        (decimal(low), decimal(high))
    }

    fn within(&self, one: Sample) -> Sample {
        self.ends.map_or(one, |(least, most)| one.clamp(least, most))
    }

    /// A value whose relative distance to every value in the bucket is within [`Sketch::relative_error`].
    fn middle(&self, bucket: i32) -> f64 {
        let bits = self.precision.octave_bits;
        let edge = |bucket: i64| edge(bucket << self.level, bits);
        let (low, high) = (edge(i64::from(bucket)), edge(i64::from(bucket) + 1));
        if self.level <= bits {
            return low + (high - low) / 2.0;
        }
        low * (2.0 / (1.0 + low / high))
    }

    /// The buckets below and above zero: the first bucket's number and its count, then steps and counts.
    pub fn texts(&self) -> [String; 2] {
        [&self.negative, &self.positive].map(|side| {
            let mut text = String::new();
            let mut last = 0;
            for (&bucket, &count) in side {
                let comma = if text.is_empty() { "" } else { "," };
                // Writing to a String cannot fail.
                let _ = write!(text, "{comma}{},{count}", bucket - last);
                last = bucket;
            }
            text
        })
    }

    /// Puts together again what [`Sketch::texts`] and the other readers gave; `None` where it does not fit together.
    pub fn restore(
        precision: Precision,
        level: u32,
        sides: [&[i64]; 2],
        zeros: u64,
        ends: Option<(Sample, Sample)>,
        totals: (Total, Total),
    ) -> Option<Sketch> {
        let mut sketch = Sketch { level: (level <= 40).then_some(level)?, zeros, ends, ..Sketch::new(precision) };
        sketch.count = zeros;
        let [negative, positive] = sides;
        for (side, numbers) in [(&mut sketch.negative, negative), (&mut sketch.positive, positive)] {
            let mut bucket = 0i64;
            for pair in numbers.chunks(2) {
                let &[step, count] = pair else { return None };
                let count = u64::try_from(count).ok().filter(|&count| count > 0)?;
                bucket = bucket.checked_add(step)?;
                let bucket = i32::try_from(bucket).ok().filter(|bucket| bucket.abs() < 1 << 28)?;
                if side.insert(bucket, count).is_some() || (side.len() > 1 && step <= 0) {
                    return None;
                }
                sketch.count = sketch.count.checked_add(count)?;
            }
        }
        sketch.moments.merge(&totals.0, &totals.1);
        (sketch.count <= i64::MAX as u64 && (sketch.count > 0) == ends.is_some()).then_some(sketch)
    }
}

/// The number of the bucket that holds a positive value: its octave and the part of it, as one integer.
///
/// By the bits alone: the same on every machine, and monotone.
fn bucket(value: f64, bits: u32) -> i32 {
    let subnormal = value < f64::MIN_POSITIVE;
    // A power of two scales exactly, also up from below the smallest normal number.
    let value = if subnormal { value * (1u64 << 60) as f64 } else { value };
    let octave = (value.to_bits() >> 52) as i32 - 1023 - if subnormal { 60 } else { 0 };
    let part = (value.to_bits() >> (52 - bits)) & ((1 << bits) - 1);
    (octave << bits) + part as i32
}

/// The lower edge of a bucket, within what doubles hold.
fn edge(bucket: i64, bits: u32) -> f64 {
    let octave = (bucket >> bits).clamp(-2000, 2000) as i32;
    let part = (bucket & ((1 << bits) - 1)) as f64 / (1u64 << bits) as f64;
    // In two steps, since a subnormal's power of two alone is out of powi's reach.
    let edge = (1.0 + part) * 2f64.powi(octave / 2) * 2f64.powi(octave - octave / 2);
    edge.clamp(f64::from_bits(1), f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Sketch {
        let mut sketch = Sketch::new(Precision::default());
        for value in values {
            sketch.add(Sample::parse(value.as_bytes()).unwrap(), 1);
        }
        sketch.settle();
        sketch
    }

    #[test]
    fn buckets_are_monotone_and_hold_their_values() {
        let mut last = i32::MIN;
        for value in [5e-324, 1.5e-323, 1e-310, 2.3e-308, 1e-300, 0.1, 0.99, 1.0, 1.002, 1.004, 2.0, 3e10, 1.7e308] {
            let number = bucket(value, 9);
            assert!(number > last, "{value}");
            last = number;
            assert!(edge(i64::from(number), 9) <= value && value <= edge(i64::from(number) + 1, 9), "{value}");
        }
    }

    #[test]
    fn wide_ranges_grow_coarser_and_keep_the_error_they_state() {
        let mut sketch = Sketch::new(Precision::default());
        let mut all = Vec::new();
        let mut seed = 9u64;
        for _ in 0..60_000 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let value = f64::from_bits(seed ^ seed >> 31);
            if let Some(one) = Sample::from_f64(value) {
                sketch.add(one, 1);
                all.push(one);
            }
        }
        sketch.settle();
        all.sort();
        assert!(sketch.level() > 0 && sketch.relative_error() < 1.0);
        let ranks: Vec<u64> = (1..=all.len() as u64).collect();
        for (estimate, exact) in sketch.select(&ranks).iter().zip(&all) {
            let (estimate, exact) = (estimate.to_f64(), exact.to_f64());
            let allowed = sketch.relative_error() * exact.abs();
            assert!((estimate - exact).abs() <= allowed * (1.0 + 1e-12), "{estimate} {exact}");
        }
        assert!(sketch.texts().iter().map(String::len).sum::<usize>() <= TEXT_LIMIT);
    }

    #[test]
    fn every_sample_lies_between_the_edges_of_its_bucket() {
        for (precision, values) in [
            (Precision::default(), ["1", "2", "-3.5", "0", "1e300", "5e-324", "1000", "1001", "0.1", "-0.3"]),
            (
                Precision::new(0.05).unwrap(),
                ["-1e-300", "7", "7.0001", "199.81", "199.82", "95", "1", "300", "64", "0"],
            ),
        ] {
            let mut all: Vec<Sample> = values.iter().map(|text| Sample::parse(text.as_bytes()).unwrap()).collect();
            let mut sketch = Sketch::new(precision);
            all.iter().for_each(|&one| sketch.add(one, 1));
            for _ in 0..12 {
                all.sort();
                let ranks: Vec<u64> = (1..=all.len() as u64).collect();
                for ((low, high), one) in sketch.edges(&ranks).iter().zip(&all) {
                    assert!(low <= one && one <= high, "{low:?} {one:?} {high:?}");
                }
                sketch.coarsen();
            }
        }
    }

    #[test]
    fn merging_parts_gives_the_whole() {
        let whole = of(&["1", "2", "-3.5", "0", "1e300", "5e-324", "1000", "1001"]);
        let mut left = of(&["1001", "0", "5e-324"]);
        let right = of(&["1", "-3.5", "1000", "2", "1e300"]);
        left.merge(right);
        left.settle();
        assert_eq!(left.texts(), whole.texts());
        assert_eq!(left.totals(), whole.totals());
        assert_eq!((left.count(), left.ends(), left.level()), (whole.count(), whole.ends(), whole.level()));
    }

    #[test]
    fn precisions() {
        assert_eq!(Precision::new(0.001), Some(Precision::default()));
        assert!(Precision::new(0.6).is_none() && Precision::new(0.000_001).is_none() && Precision::new(-1.0).is_none());
        assert!(Precision::new(0.01).is_some());
    }
}
