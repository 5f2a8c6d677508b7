//! merge-evidence
fn main() {}
