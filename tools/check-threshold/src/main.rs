//! check-threshold: judge records by thresholds, one check a line.
//!
//! The outcome is decided before it is written; nothing passes that was not measured.

mod brief; // the outcome in one line
mod flags; // what the command line may say
mod k6; // k6's thresholds
mod listing; // thresholds as JSON
mod metrics; // the numbers of a record
mod nagios; // Nagios ranges
mod power; // what a threshold could see
mod runs; // baselines and the nights before
mod session; // one run
mod sources; // where thresholds come from
mod stream; // records in, checks out
mod suggest; // thresholds from a run that passed

use std::process::ExitCode;

fn main() -> ExitCode {
    filter::main(&flags::TOOL, session::run)
}
