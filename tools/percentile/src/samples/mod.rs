//! The samples of one metric, held exactly in the form that suits them, or as a sketch where that is asked for.
//!
//! Owns the choice: a few as they are, integers at a common power of ten (`counted.rs`), any other decimals as ordered
//! keys. Refuses to lose a digit before [`Samples::sketch`] is called.

pub mod counted; // integers at a power of ten
pub mod multiset; // multisets of keys

use crate::samples::counted::Scaled;
use crate::samples::multiset::{Key, Multiset, Pile, select};
use crate::stats::moments::Moments;
use crate::stats::sketch::{Precision, Sketch};
use number::Sample;
use number::Total;

/// Sample places that the common power of ten may have.
const SCALE_LIMIT: u8 = 18;

/// More samples than this are not made up for what was omitted.
const CORRECTIONS_LIMIT: usize = 50_000_000;

/// After so many of them the memory is looked at.
const CORRECTIONS_LOOK: usize = 1 << 16;

/// Up to this many samples stay as they are, which takes up no more room than they do.
const FEW: u64 = 32;

/// Samples of one metric.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    count: u64,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    /// Exactly those of at most [`FEW`] samples, so that a form depends on the samples alone.
    Few(Vec<Sample>),
    Scaled(Box<Scaled>),
    Wide(Box<Pile<u128>>),
    Sketch(Box<Sketch>),
}

impl Default for Form {
    fn default() -> Self {
        Form::Few(Vec::new())
    }
}

impl Samples {
    /// Samples that a sketch holds.
    pub fn from_sketch(sketch: Sketch) -> Samples {
        Samples { count: sketch.count(), form: Form::Sketch(Box::new(sketch)) }
    }

    /// How many samples there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The integers and their power of ten, where the samples have that form, for those who add many at once and say
    /// how many with [`Samples::added`].
    pub fn as_scaled(&mut self) -> Option<&mut Scaled> {
        if let Form::Scaled(scaled) = &mut self.form { Some(scaled) } else { None }
    }

    /// So many samples were added through [`Samples::as_scaled`].
    pub fn added(&mut self, count: u64) {
        self.count = self.count.saturating_add(count);
        if let Form::Scaled(scaled) = &mut self.form {
            scaled.added(count);
        }
    }

    /// Takes in a sample that came `count` times; false where there would be 2^63 of them.
    pub fn add_many(&mut self, one: Sample, count: u64) -> bool {
        let Some(sum) = self.count.checked_add(count).filter(|&sum| sum <= i64::MAX as u64) else { return false };
        self.count = sum;
        match &mut self.form {
            Form::Few(few) if sum <= FEW => {
                for _ in 0..count {
                    if few.len() == few.capacity() {
                        few.reserve_exact(few.len().max(1));
                    }
                    few.push(one);
                }
            }
            Form::Few(few) => {
                let few = std::mem::take(few);
                self.form = Form::Scaled(Box::default());
                self.count = 0;
                return few.into_iter().all(|one| self.add_more(one, 1)) && self.add_more(one, count);
            }
            _ => {
                self.count -= count;
                return self.add_more(one, count);
            }
        }
        true
    }

    /// Whether they are integers at that power of ten.
    pub fn has_scale(&self, scale: u8) -> bool {
        matches!(&self.form, Form::Scaled(scaled) if scaled.scale == scale)
    }

    /// Takes in `mantissa` at the power of ten that the samples have; false, and nothing done, where they have another.
    pub fn add_scaled(&mut self, mantissa: i64, scale: u8, count: u64) -> bool {
        let Form::Scaled(scaled) = &mut self.form else { return false };
        let sum = self.count.checked_add(count).filter(|&sum| sum <= i64::MAX as u64);
        let (true, Some(sum)) = (scaled.scale == scale, sum) else { return false };
        self.count = sum;
        if count == 1 {
            scaled.push(mantissa);
        } else {
            scaled.push_many(mantissa, count);
        }
        true
    }

    /// As [`Samples::add_many`], where there are not few.
    fn add_more(&mut self, one: Sample, count: u64) -> bool {
        let Some(sum) = self.count.checked_add(count).filter(|&sum| sum <= i64::MAX as u64) else { return false };
        self.count = sum;
        match &mut self.form {
            Form::Few(_) => return false,
            Form::Scaled(scaled) => match one.at_scale(scaled.scale) {
                Some(mantissa) if count == 1 => scaled.push(mantissa),
                Some(mantissa) => scaled.push_many(mantissa, count),
                None => {
                    self.widen(one);
                    self.count -= count;
                    return self.add_more(one, count);
                }
            },
            Form::Wide(pile) => pile.push_many(one.key(), count),
            Form::Sketch(sketch) => sketch.add(one, count),
        }
        true
    }

    /// Chooses a form that can hold `one` beside what is there.
    fn widen(&mut self, one: Sample) {
        let Form::Scaled(scaled) = &self.form else { return };
        let scale = u8::try_from(-i32::from(one.exponent())).unwrap_or(0).max(scaled.scale);
        let factor = 10i64.checked_pow(u32::from(scale - scaled.scale));
        let mut fits = scale <= SCALE_LIMIT && one.at_scale(scale).is_some();
        if let (true, Some(factor)) = (fits, factor) {
            scaled.visit(|mantissa, _| fits &= mantissa.checked_mul(factor).is_some());
        }
        let old = scaled.scale;
        if let (true, Some(factor)) = (fits, factor) {
            let mut next = Scaled::at(scale);
            scaled.visit(|mantissa, count| {
                if count == 1 {
                    next.push(mantissa.saturating_mul(factor))
                } else {
                    next.push_many(mantissa.saturating_mul(factor), count)
                }
            });
            self.form = Form::Scaled(Box::new(next));
            return;
        }
        let mut wide = Pile::default();
        scaled.visit(|mantissa, count| wide.push_many(Sample::new(mantissa, -i16::from(old)).key(), count));
        self.form = Form::Wide(Box::new(wide));
    }

    /// Takes in the samples of another; false where there would be 2^63 of them.
    pub fn merge(&mut self, other: Samples) -> bool {
        if self.count == 0 && !matches!(self.form, Form::Sketch(_)) {
            *self = other;
            return true;
        }
        let sum = self.count.checked_add(other.count).filter(|&sum| sum <= i64::MAX as u64);
        let Some(sum) = sum else { return false };
        match (&mut self.form, other.form) {
            (Form::Sketch(sketch), Form::Sketch(more)) => sketch.merge(*more),
            (Form::Wide(pile), Form::Wide(more)) => pile.append(*more),
            (Form::Scaled(mine), Form::Scaled(theirs)) if mine.scale == theirs.scale => mine.merge(*theirs),
            (_, Form::Sketch(mut sketch)) => {
                self.each(|one, count| sketch.add(one, count));
                self.form = Form::Sketch(sketch);
            }
            (Form::Few(few), form) if !matches!(form, Form::Few(_)) => {
                let few = std::mem::take(few);
                *self = Samples { count: other.count, form };
                return few.into_iter().all(|one| self.add_many(one, 1));
            }
            (_, form) => {
                Samples { count: 0, form }.each(|one, count| {
                    self.add_many(one, count);
                });
            }
        }
        self.count = sum;
        true
    }

    /// Calls `each` with every sample and how often it came; nothing for a sketch.
    pub fn each(&self, mut each: impl FnMut(Sample, u64)) {
        match &self.form {
            Form::Few(few) => few.iter().for_each(|&one| each(one, 1)),
            Form::Scaled(scaled) => {
                let exponent = -i16::from(scaled.scale);
                scaled.visit(|mantissa, count| each(Sample::new(mantissa, exponent), count));
            }
            Form::Wide(pile) => pile.each(|key, count| each(Sample::from_key(key), count)),
            Form::Sketch(_) => {}
        }
    }

    /// As [`Samples::each`], a sketch's estimates too.
    pub fn each_about(&self, mut each: impl FnMut(Sample, u64)) {
        match self.as_sketch() {
            Some(sketch) => sketch.each(each),
            None => self.each(&mut each),
        }
    }

    /// Adds the samples that were omitted while a slow one was waited for: of each value above `interval`, that less
    /// `interval` again and again, as long as it is not below `interval` (HdrHistogram's correction of coordinated
    /// omission).
    ///
    /// False where there is no exact value any more, or too much to add: to count, or to hold in `limit` bytes.
    pub fn correct(&mut self, interval: Sample, limit: usize) -> bool {
        if self.as_sketch().is_some() {
            return false;
        }
        self.compact();
        let before = self.clone();
        let mut added = 0usize;
        let mut fits = true;
        before.each(|one, count| {
            if !fits || one <= interval {
                return;
            }
            let scale = u8::try_from(-i32::from(one.exponent().min(interval.exponent()).min(0))).ok();
            let at_scale = |number: Sample| scale.and_then(|scale| number.at_scale(scale));
            let (Some(scale), Some(mut rest), Some(step)) = (scale, at_scale(one), at_scale(interval)) else {
                fits = false;
                return;
            };
            rest -= step;
            while rest >= step && fits {
                added += 1;
                fits = added <= CORRECTIONS_LIMIT && self.add_many(Sample::new(rest, -i16::from(scale)), count);
                rest -= step;
                if added.is_multiple_of(CORRECTIONS_LOOK) && self.bytes() > limit {
                    fits &= self.compact() <= limit;
                }
            }
        });
        fits
    }

    /// Every different sample, ascending, and how often it came; nothing for a sketch.
    pub fn distinct(&self) -> Vec<(Sample, u64)> {
        let mut all = Vec::new();
        match &self.form {
            Form::Scaled(scaled) => {
                let mut pairs: Vec<(i64, u64)> = Vec::new();
                scaled.visit(|mantissa, count| pairs.push((mantissa, count)));
                pairs.sort_unstable_by_key(|pair| pair.0);
                pairs.dedup_by(|next, kept| {
                    next.0 == kept.0 && {
                        kept.1 += next.1;
                        true
                    }
                });
                let exponent = -i16::from(scaled.scale);
                all.extend(pairs.into_iter().map(|(mantissa, count)| (Sample::new(mantissa, exponent), count)));
            }
            _ => {
                self.each(|one, count| all.push((one, count)));
                all.sort_unstable_by_key(|pair| pair.0);
            }
        }
        all.dedup_by(|next, kept| {
            next.0 == kept.0 && {
                kept.1 += next.1;
                true
            }
        });
        all
    }

    /// The sketch, where it is one.
    pub fn as_sketch(&self) -> Option<&Sketch> {
        if let Form::Sketch(sketch) = &self.form { Some(sketch) } else { None }
    }

    /// Whether there are so few that they take up less room than a sketch.
    pub fn are_few(&self) -> bool {
        matches!(self.form, Form::Few(_))
    }

    /// Makes a sketch of the samples.
    pub fn sketch(&mut self, precision: Precision) {
        if self.as_sketch().is_some() {
            return;
        }
        let mut sketch = Sketch::new(precision);
        self.each(|one, count| sketch.add(one, count));
        self.form = Form::Sketch(Box::new(sketch));
    }

    /// Gives a sketch its final form; exact samples need none.
    pub fn settle(&mut self) {
        if let Form::Sketch(sketch) = &mut self.form {
            sketch.settle();
        }
    }

    /// The samples at `ranks` (from 1, ascending, none above the count): exact, or a sketch's estimates.
    pub fn select(&self, ranks: &[u64]) -> Vec<Sample> {
        match &self.form {
            Form::Few(few) => {
                let mut few = few.clone();
                few.sort_unstable();
                ranks.iter().filter_map(|&rank| few.get(usize::try_from(rank).ok()?.checked_sub(1)?).copied()).collect()
            }
            Form::Scaled(scaled) => {
                let exponent = -i16::from(scaled.scale);
                select(&**scaled, ranks).into_iter().map(|mantissa| Sample::new(mantissa, exponent)).collect()
            }
            Form::Wide(pile) => select(&**pile, ranks).into_iter().map(Sample::from_key).collect(),
            Form::Sketch(sketch) => sketch.select(ranks),
        }
    }

    /// The limits of the samples at `ranks`, as [`Samples::select`] has them: exact samples are their own, of a sketch
    /// the limits of the bucket they are in.
    pub fn edges(&self, ranks: &[u64]) -> Vec<(Sample, Sample)> {
        match &self.form {
            Form::Sketch(sketch) => sketch.edges(ranks),
            _ => self.select(ranks).into_iter().map(|one| (one, one)).collect(),
        }
    }

    /// The least and the greatest sample.
    pub fn ends(&self) -> Option<(Sample, Sample)> {
        match &self.form {
            Form::Few(few) => few.iter().min().copied().zip(few.iter().max().copied()),
            Form::Scaled(scaled) => {
                let exponent = -i16::from(scaled.scale);
                let (low, high) = ends(&**scaled)?;
                Some((Sample::new(low, exponent), Sample::new(high, exponent)))
            }
            Form::Wide(pile) => ends(&**pile).map(|(low, high)| (Sample::from_key(low), Sample::from_key(high))),
            Form::Sketch(sketch) => sketch.ends(),
        }
    }

    /// The exact sum and sum of squares.
    pub fn totals(&self) -> (Total, Total) {
        let mut moments = Moments::default();
        match &self.form {
            Form::Sketch(sketch) => return sketch.totals(),
            Form::Few(few) => few.iter().for_each(|one| moments.add(one.mantissa(), one.exponent(), 1)),
            Form::Wide(pile) => pile.each(|key, count| {
                let one = Sample::from_key(key);
                moments.add(one.mantissa(), one.exponent(), count);
            }),
            Form::Scaled(scaled) => {
                let exponent = -i16::from(scaled.scale);
                // Below 2^32 no sum of fewer than 2^63 squares overflows.
                let (mut sum, mut squares) = (0i128, 0u128);
                scaled.visit(|mantissa, count| {
                    if mantissa.unsigned_abs() >> 32 == 0 {
                        sum += i128::from(mantissa) * i128::from(count);
                        squares += u128::from(mantissa.unsigned_abs().pow(2)) * u128::from(count);
                    } else {
                        moments.add(mantissa, exponent, count);
                    }
                });
                moments.add_sums(sum, squares, exponent);
            }
        }
        moments.totals()
    }

    /// About how many bytes the samples take up.
    pub fn bytes(&self) -> usize {
        match &self.form {
            Form::Few(few) => few.capacity() * size_of::<Sample>(),
            Form::Scaled(scaled) => scaled.bytes(),
            Form::Wide(pile) => size_of::<Pile<u128>>() + pile.bytes(),
            Form::Sketch(sketch) => size_of::<Sketch>() + sketch.bytes(),
        }
    }

    /// How many bytes [`Samples::compact`] would find needed, at most.
    pub fn needs_at_most(&self) -> usize {
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        let (key, entries) = match &self.form {
            Form::Few(few) => return few.len() * size_of::<Sample>(),
            Form::Scaled(scaled) => (size_of::<i64>(), scaled.entries()),
            Form::Wide(pile) => (size_of::<u128>(), pile.entries()),
            Form::Sketch(_) => return 0,
        };
        // A pair is a key and a count, to the key's alignment.
        count.saturating_mul(key).min(entries.saturating_mul(2 * key))
    }

    /// How many different samples there are at least, of compact ones.
    pub fn different_at_least(&self) -> usize {
        match &self.form {
            Form::Few(_) | Form::Sketch(_) => 0,
            // Loose keys are kept where pairs, twice their size, take up more room.
            Form::Scaled(scaled) => scaled.entries() / 2,
            Form::Wide(pile) => pile.entries() / 2,
        }
    }

    /// Makes the samples as small as they get without loss; gives how many bytes they need at least.
    ///
    /// That number depends on the samples alone.
    pub fn compact(&mut self) -> usize {
        match &mut self.form {
            Form::Few(few) => few.len() * size_of::<Sample>(),
            Form::Scaled(scaled) => scaled.compact(),
            Form::Wide(pile) => pile.compact(),
            Form::Sketch(_) => 0,
        }
    }
}

fn ends<K: Key>(keys: &impl Multiset<K>) -> Option<(K, K)> {
    let mut ends: Option<(K, K)> = None;
    keys.visit(|key, _| {
        ends = Some(ends.map_or((key, key), |(low, high)| (low.min(key), high.max(key))));
    });
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: impl IntoIterator<Item = String>) -> Samples {
        let mut samples = Samples::default();
        for text in texts {
            assert!(samples.add_many(Sample::parse(text.as_bytes()).unwrap(), 1));
        }
        samples
    }

    fn random(seed: &mut u64) -> u64 {
        *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        *seed ^ *seed >> 31
    }

    #[test]
    fn every_form_gives_what_a_sort_gives() {
        type Make = fn(u64) -> String;
        let makers: [(&str, Make); 6] = [
            ("latencies", |x| format!("{}.{:03}", x % 400, x / 1000 % 1000)),
            ("integers in a range", |x| (1_700_000_000_000 + x % 50_000).to_string()),
            ("negative", |x| format!("-{}", x % 100_000)),
            ("wide integers", |x| (x >> 2).to_string()),
            ("doubles", |x| format!("{:e}", f64::from_bits(x & !(1 << 62)))),
            ("more digits as they come", |x| format!("0.{:0width$}", x % 1000, width = 3 + (x % 14) as usize)),
        ];
        for (name, make) in makers {
            let mut seed = 5;
            let texts: Vec<String> = (0..60_000).map(|_| make(random(&mut seed))).collect();
            let samples = of(texts.clone());
            let mut sorted: Vec<Sample> = texts.iter().map(|text| Sample::parse(text.as_bytes()).unwrap()).collect();
            sorted.sort();
            let ranks = [1, 2, 30_000, 57_000, 59_400, 60_000];
            let expected: Vec<Sample> = ranks.iter().map(|&rank| sorted[rank as usize - 1]).collect();
            assert_eq!(samples.select(&ranks), expected, "{name}");
            assert_eq!(samples.ends(), Some((expected[0], expected[5])), "{name}");
            let mut moments = Moments::default();
            sorted.iter().for_each(|one| moments.add(one.mantissa(), one.exponent(), 1));
            assert_eq!(samples.totals(), moments.totals(), "{name}");
            // In parts, merged, and compacted on the way.
            let mut parts = of(texts[..100].iter().cloned());
            parts.merge(of(texts[100..40_000].iter().cloned()));
            parts.compact();
            parts.merge(of(texts[40_000..].iter().cloned()));
            assert_eq!(parts.distinct(), samples.distinct(), "{name}");
            assert_eq!(parts.select(&ranks), expected, "{name}");
            let mut copy = samples.clone();
            assert_eq!(copy.compact(), parts.compact(), "{name}");
            // And as a sketch.
            let mut whole = samples;
            whole.sketch(Precision::default());
            parts.sketch(Precision::default());
            assert_eq!(parts.totals(), whole.totals());
            let error = whole.as_sketch().unwrap().relative_error();
            for (estimate, exact) in whole.select(&ranks).iter().zip(&expected) {
                assert!(
                    (estimate.to_f64() - exact.to_f64()).abs() <= error * exact.to_f64().abs() * 1.000_001,
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn latencies_are_counted_by_value() {
        let samples = of((0..140_000).map(|x| format!("{}.{:03}", x % 100, x % 1000)));
        let Form::Scaled(scaled) = &samples.form else { panic!() };
        assert!(scaled.is_counted());
        assert!(samples.bytes() < 2 << 20);
    }

    #[test]
    fn too_many_is_refused() {
        let mut samples = Samples::default();
        let one = Sample::new(1, 0);
        assert!(samples.add_many(one, i64::MAX as u64));
        assert!(!samples.add_many(one, 1));
        assert!(!samples.merge(of(["1".to_owned()])));
        assert_eq!(samples.count(), i64::MAX as u64);
    }
}
