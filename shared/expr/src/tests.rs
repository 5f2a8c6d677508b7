//! Tests over the whole language that belong to no one file.

mod power_tables;
