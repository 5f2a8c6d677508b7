//! What the tests share: case folders, hostile inputs, a seeded generator, a check against JSON Schemas.
//!
//! Dev-only: no tool depends on it outside its tests. Panics are how it says that a test failed.
#![expect(clippy::panic, clippy::unwrap_used, clippy::expect_used, reason = "dev-only: a panic is how a test fails")]

mod cases;
mod feed;
mod hostile;
mod in_process;
mod random;
mod schemas;
mod tools;
mod transcript;

use std::path::{Path, PathBuf};

pub use cases::run;
pub use feed::feed;
pub use hostile::hostile;
pub use in_process::in_process;
pub use random::Random;
pub use schemas::schema_errors;
pub use tools::tools;
pub use transcript::transcript;

/// The workspace's top folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("shared/testkit stands two folders below the top").to_owned()
}

/// The bytes of a cell in which `\n`, `\t` and `\\` are escapes.
pub fn unescaped(cell: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(cell.len());
    let mut rest = cell.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next() {
                Some(b'n') => b'\n',
                Some(b't') => b'\t',
                Some(b'\\') => b'\\',
                other => panic!("\\{other:?} in {cell}"),
            },
            byte => byte,
        });
    }
    bytes
}

/// The text of a file of data from outside, beside the workspace; `None` where there is no such folder.
pub fn outside(name: &str) -> Option<String> {
    std::fs::read_to_string(outside_path(name)?).ok()
}

/// The path of a file or folder of data from outside; `None` where it is absent.
pub fn outside_path(name: &str) -> Option<PathBuf> {
    let path = root().join("../shared").join(name);
    path.exists().then_some(path)
}

/// How much of the whole a property loop runs, in percent: 5, or what the environment variable `EVIDENCE_LONG` says, which
/// `scripts/test long` sets to 100.
fn percent() -> u64 {
    match std::env::var("EVIDENCE_LONG").as_deref() {
        Ok("1") => 100,
        Ok(percent) => percent.parse().unwrap_or(5).clamp(1, 100),
        Err(_) => 5,
    }
}

/// Whether long property loops run whole.
pub fn long() -> bool {
    percent() == 100
}

/// How often a property loop runs, of `whole` times: all of them under `scripts/test long`, else a twentieth.
pub fn times(whole: u64) -> u64 {
    (whole * percent() / 100).max(1)
}
