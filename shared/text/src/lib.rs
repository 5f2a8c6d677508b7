//! Text formats of others that more than one tool reads, each read in one place.
//!
//! Owns grammar only: what a line is made of, and what must be true within a family. What a tool makes of it is the tool's.

pub mod prometheus;
