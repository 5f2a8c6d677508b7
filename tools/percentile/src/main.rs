//! percentile
fn main() {}
