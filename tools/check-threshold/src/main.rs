//! check-threshold
fn main() {}
