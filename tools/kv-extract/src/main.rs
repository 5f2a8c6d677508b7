//! kv-extract
fn main() {}
