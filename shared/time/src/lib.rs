//! Times as logs and people write them: one reader for all tools.
//!
//! Owns which texts are times, which instants they are, and what is said of those that cannot be placed. A stamp is
//! read rightly or it is none: what could be two instants is refused by name, never guessed. No I/O but the zone
//! database, which jiff reads.

mod abbreviations;
mod clock;
mod cursor;
mod day;
mod epoch;
mod format;
mod hour;
mod limit;
mod line;
mod offset;
mod told;
mod zone;

pub use abbreviations::{is_abbreviation, may_be_long};
pub use clock::{Clock, DATE_ALONE, MAY_BE_ZONE, Stamp};
pub use day::DateOrder;
pub use format::time_format;
pub use limit::{ago, instant, limit, span};
pub use line::{KEYS, OF_OTHERS, Reading, begins_otherwise, is_clock_of_another, near};
pub use told::{age_key, told, told_between};
pub use zone::may_be_apart;
