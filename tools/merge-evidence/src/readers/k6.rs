//! k6: its summaries, old and new, and its points.

pub mod line;
pub mod names;
pub mod points;
pub mod summary;
