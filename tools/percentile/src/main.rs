//! percentile: print exact, mergeable percentiles of numbers or of the fields of records.
mod decimal;
mod moments;
mod natural;
mod pile;
mod rank;
mod samples;
mod sketch;
fn main() {}
