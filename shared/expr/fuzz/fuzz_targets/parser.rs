//! See `properties::parser`.
#![no_main]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic is how a fuzzer fails")]

#[path = "../properties.rs"]
#[expect(dead_code, reason = "each target calls one of them")]
mod properties;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::parser(bytes));
