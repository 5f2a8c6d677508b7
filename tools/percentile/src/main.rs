//! percentile: print exact, mergeable percentiles of numbers or of the fields of records.

mod binomial; // how sure a percentile is
mod blocks; // inputs in blocks, on threads
mod column; // bare numbers, 64 bytes at once
mod decimal; // one sample
mod digits; // short numbers in machine words
mod doubt; // what could not be read
mod fields; // blocks of records
mod flags; // what the command line may say
mod groups; // who a sample belongs to
mod histogram; // Prometheus buckets
mod hlog; // HdrHistogram logs
mod interval; // how far doubts move a figure
mod layout; // records alike to the byte
mod merging; // states coming together
mod modes; // which options go together
mod moments; // exact sums
mod natural; // numbers of any size
mod numbers; // blocks of bare numbers
#[cfg(test)]
mod oracle; // exact rationals, R, HdrHistogram: what all this is held against
mod outline; // what a record will hold
mod pile; // multisets of keys
mod places; // groups by hash
mod plan; // what the command line comes to
mod plot; // pictures
mod rank; // percentiles and their definitions
mod reading; // inputs into groups
mod report; // what is printed, and the table
mod samples; // the samples of one metric
mod scaled; // integers at a power of ten
mod scan; // records that look alike
mod session; // one run
mod sketch; // counts in logarithmic buckets
mod source; // who read what
mod state; // what merges, as text
mod store; // where workers' groups come together
mod summary; // what is said of one metric
mod window; // spans of time

use std::process::ExitCode;

fn main() -> ExitCode {
    filter::main(&flags::TOOL, session::run)
}
