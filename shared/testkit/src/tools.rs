//! The five tools, built, for the tests that run more than one of them.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// The folder that holds the five tools, built from what is in the work tree.
pub fn tools() -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let cargo = std::env::var("CARGO").unwrap_or("cargo".to_owned());
        let built =
            Command::new(cargo).args(["build", "--quiet", "--locked", "--bins"]).current_dir(crate::root()).status();
        assert!(built.is_ok_and(|status| status.success()), "the tools do not build");
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or(crate::root().join("target"), PathBuf::from);
        target.join("debug")
    };
    FOLDER.get_or_init(build).clone()
}
