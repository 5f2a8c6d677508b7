//! The small language all five filters share: values, paths, exact numbers, expressions, thresholds and aggregates.
//!
//! Owns DESIGN sec. 3 (bare values), 4 and 5: from a threshold line and a record to a check.
//! Refuses to read a file, a clock or the environment: it does no I/O, and no input makes it panic.

mod advice;
mod aggregate;
mod bare;
pub mod binomial;
mod change;
mod claims;
mod condition;
mod error;
mod evaluate;
mod fold;
mod formula;
mod interval;
mod judge;
mod lexer;
mod line;
mod lint;
mod named;
mod outcome;
mod over_runs;
mod parser;
mod past;
mod path;
mod placement;
mod plan;
mod probe;
mod rank;
mod rendered;
mod route;
mod samples;
mod section;
mod slope;
mod stencil;
mod sure;
mod survey;
mod syntax;
mod threshold;
mod time;
#[cfg(test)]
mod told;
mod wildcard;
mod word;

pub use aggregate::{Aggregate, AggregateState, Order};
pub use bare::bare;
pub use claims::{Claims, Doubt};
pub use condition::Condition;
pub use error::{Error, nearest};
pub use fold::quick::Quick;
pub use formula::Formula;
pub use judge::{Baseline, Finding, Judge, RECORD_ID, outcome_of};
pub use lint::{lint, lint_bounds};
pub use number::{Decimal, Kind, Quantity, Sum, Unit};
pub use past::Runs;
pub use path::{Path, Reading, Step, names_percentile};
pub use probe::{Probe, Raw};
pub use rendered::Rendering;
pub use route::route;
pub use section::Section;
pub use stencil::{Fit, Stencils};
pub use survey::Survey;
pub use syntax::{Comparison, Span};
pub use threshold::{After, Missing, Severity, Threshold, Thresholds};
pub use wildcard::Match;
