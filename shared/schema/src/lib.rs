//! What the five filters say to each other: documents, seals, evidence, checks and verdicts.
//!
//! Owns the types of the wire, their JSON, the reason codes and the three-valued algebra.
//! Refuses to read a file, a clock or the environment: it does no I/O, so every other crate can stand on it.

pub mod counts;
pub mod json;

mod check;
mod code;
mod evidence;
mod fields;
mod list;
pub mod seal;
pub mod shapes;
mod status;
mod value;
mod verdict;

pub use check::{Check, Interval, Kind};
pub use code::Code;
pub use evidence::{Conflict, Evidence, Origin, Source, Unknown};
pub use list::List;
pub use number::Number;
pub use seal::{Input, SCHEMA_VERSION, Seal, UPSTREAM_LIMIT};
pub use status::{Status, Truth};
pub use value::{Object, Value};
pub use verdict::{CheckCounts, Counts, Document, Gate, Group, GroupCounts, Ramp, Verdict};

/// The five keys that are ours; everything else in a record is the user's.
pub const OUR_KEYS: [&str; 5] = ["@source", "@evidence", "@record", "@state", "@seal"];

/// JSON Schema (2020-12) of the seal line.
pub const SEAL_SCHEMA: &str = include_str!("../schemas/seal.json");
/// JSON Schema (2020-12) of the value of `@evidence`.
pub const EVIDENCE_SCHEMA: &str = include_str!("../schemas/evidence.json");
/// JSON Schema (2020-12) of a check line.
pub const CHECK_SCHEMA: &str = include_str!("../schemas/check.json");
/// JSON Schema (2020-12) of a verdict document.
pub const VERDICT_SCHEMA: &str = include_str!("../schemas/verdict.json");
