//! percentile: print exact, mergeable percentiles of numbers or of the fields of records.

mod conflicts; // which options go together
mod flags; // what the command line may say
mod groups; // who a sample belongs to, and what could not be read
mod modes; // windows, histograms, states and their merging
mod options; // what other modules are asked to do
mod plan; // what the command line comes to
mod read; // inputs into groups
mod report; // what is printed
mod samples; // the samples of one metric
mod session; // one run
mod stats; // percentiles, sums, sketches, intervals

#[cfg(test)]
mod tests; // whatever is lost of an input, no figure is given as known that would have been another

use std::process::ExitCode;

fn main() -> ExitCode {
    filter::main(&flags::TOOL, session::run)
}
