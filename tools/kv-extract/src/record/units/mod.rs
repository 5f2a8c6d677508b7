//! Units that stand behind numbers: their words, which keys had which, and what is in doubt for them.

pub mod lists;
pub mod notes;
pub mod passed;
pub mod unit_words;
