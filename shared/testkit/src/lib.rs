//! What the tests share: case folders, hostile inputs, a seeded generator, a check against JSON Schemas.
//!
//! Dev-only: no tool depends on it outside its tests. Panics are how it says that a test failed.
#![expect(clippy::panic, clippy::unwrap_used, clippy::expect_used, reason = "dev-only: a panic is how a test fails")]

mod cases;
mod feed;
mod hostile;
mod random;
mod schemas;
mod tools;
mod transcript;

use std::path::{Path, PathBuf};

pub use cases::run;
pub use feed::feed;
pub use hostile::hostile;
pub use random::Random;
pub use schemas::schema_errors;
pub use tools::tools;
pub use transcript::transcript;

/// The workspace's top folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("shared/testkit stands two folders below the top").to_owned()
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

/// Whether long property loops run whole: `scripts/test long` sets `EVIDENCE_LONG=1`.
pub fn long() -> bool {
    std::env::var_os("EVIDENCE_LONG").is_some_and(|value| value == "1")
}

/// How often a property loop runs: `whole` times under `scripts/test long`, else a twentieth of that.
pub fn times(whole: u64) -> u64 {
    if long() { whole } else { (whole / 20).max(1) }
}
