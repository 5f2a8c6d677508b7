//! The arithmetic, without I/O: exact decimals and sums, percentiles and their definitions, sketches, intervals.

pub mod binomial; // how sure a percentile is
pub mod buckets; // HdrHistogram's
pub mod certain; // what is decided before the end
pub mod definitions; // percentiles and their definitions
pub mod interval; // how far doubts move a figure
pub mod moments; // exact sums
#[cfg(test)]
mod oracle; // exact rationals, R, HdrHistogram: what all this is held against
pub mod sketch; // counts in logarithmic buckets
