//! Readers of what test runners write: how many tests there were, and what became of them.
//!
//! Each format's file owns its reading; `tally` owns the counting, the names and the doubts they share. XML as such is
//! `readers::xml`, since load tools write it, too.

pub mod catch2;
pub mod coverage;
pub mod ctest;
pub mod go_test;
pub mod junit;
pub mod mochawesome;
pub mod newman;
pub mod node_json;
pub mod prove;
pub mod robot;
pub mod sarif;
mod tally;
pub mod tap;
pub mod test_json;
