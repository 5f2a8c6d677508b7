//! The language as text: from the characters of a line to a tree, and back; what is wrong with a text, and where.
//!
//! Owns the grammar. Refuses to know a record: what a tree means is `evaluate`'s and `judge`'s.

pub(crate) mod advice; // for words that are near to right
pub(crate) mod error;
pub(crate) mod lexer;
pub(crate) mod line; // one threshold line
pub(crate) mod lint; // lines that say less than they seem to
pub(crate) mod named; // `NAME = EXPR`
pub(crate) mod parser;
pub(crate) mod section; // `[name]` in a file of thresholds
pub(crate) mod syntax; // the tree
pub(crate) mod word; // words and quoted texts
