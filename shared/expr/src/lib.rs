//! The small language all five filters share: values, paths, exact numbers, expressions, thresholds and aggregates.
//!
//! Owns DESIGN sec. 3 (bare values), 4 and 5: from a threshold line and a record to a check.
//! Refuses to read a file, a clock or the environment: it does no I/O, and no input makes it panic.

mod bare;
mod decimal;
mod error;
mod path;
mod unit;
mod word;

pub use bare::bare;
pub use decimal::Decimal;
pub use error::{Error, nearest};
pub use path::{Match, Path, Reading, Step};
pub use unit::{Kind, Unit};
