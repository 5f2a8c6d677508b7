//! The buckets of HdrHistogram at three significant digits: where the one that holds a value begins, ends, and has its
//! middle.

/// Histograms are brought together at three significant digits, as HdrHistogram's own tools do.
const HALF_BITS: u32 = 10;

/// The lowest value of the bucket that holds `value`.
pub fn lowest(value: i64) -> i64 {
    let shift = shift(value);
    value >> shift << shift
}

/// The highest value that counts the same as `value`: what a percentile is given as.
pub fn highest(value: i64) -> i64 {
    lowest(value) + (1 << shift(value)) - 1
}

/// The middle of the bucket that holds `value`: what means are made from.
pub fn middle(value: i64) -> i64 {
    lowest(value) + (1 << shift(value) >> 1)
}

fn shift(value: i64) -> u32 {
    (64 - value.leading_zeros()).saturating_sub(HALF_BITS + 1)
}
