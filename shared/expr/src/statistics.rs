//! The figures that intervals and comparisons of runs stand on: exact ranks, permutations, slopes, change points.
//!
//! Owns the arithmetic and its rounding to the safe side. Refuses to know what the numbers mean.

pub mod binomial;
pub(crate) mod change; // since when a series is what it is now
pub(crate) mod rank; // Wilcoxon's test by permutation
pub(crate) mod slope; // Theil and Sen's
