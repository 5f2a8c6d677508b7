//! The small language all five filters share: values, paths, exact numbers, expressions, thresholds and aggregates.
//!
//! Owns DESIGN sec. 3 (bare values), 4 and 5: from a threshold line and a record to a check.
//! Refuses to read a file, a clock or the environment: it does no I/O, and no input makes it panic.

mod evaluate; // an expression and a record: a value, or why there is none
mod fold; // aggregates over records
mod judge; // thresholds over records and runs: checks
mod language; // text: words, the tree, lines, what is wrong with them
mod record; // what a record holds: paths, claims, counts, shapes
mod statistics; // the figures that intervals and tests of runs stand on
#[cfg(test)]
mod tests; // the tables of docs/sure.md, made again

pub use evaluate::condition::Condition;
pub use evaluate::formula::Formula;
pub use evaluate::probe::{Probe, Raw};
pub use evaluate::route::route;
pub use fold::aggregate::{Aggregate, AggregateState, Order};
pub use fold::quick::Quick;
pub use judge::rendered::Rendering;
pub use judge::threshold::{After, Missing, Severity, Threshold};
pub use judge::thresholds::Thresholds;
pub use judge::{Finding, Judge, RECORD_ID, outcome_of};
pub use language::error::{Error, nearest};
pub use language::lint::{lint, lint_bounds};
pub use language::section::Section;
pub use language::syntax::{Comparison, Span};
pub use number::{Decimal, Kind, Quantity, Sum, Unit};
pub use record::bare::bare;
pub use record::claims::{Claims, Doubt};
pub use record::path::{Path, Reading, Step, names_percentile};
pub use record::runs::{Baseline, Runs, tells_copies};
pub use record::stencil::{Fit, Stencils};
pub use record::survey::Survey;
pub use record::wildcard::Match;
pub use statistics::binomial;
