//! k6: its summaries, in three forms, and its points.

pub mod line;
mod machine;
pub mod names;
pub mod points;
pub mod summary;
