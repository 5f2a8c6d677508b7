//! kv-extract: one JSON record for every log line that holds pairs.

mod conversion;
mod glob;
mod grammar;
#[cfg(test)]
mod model;
mod number;
mod record;
#[cfg(test)]
mod tests;
mod text;

fn main() {}
