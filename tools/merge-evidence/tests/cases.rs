//! The case folders of merge-evidence, and the odd inputs every tool meets.

#[test]
fn cases() {
    testkit::run(env!("CARGO_BIN_EXE_merge-evidence"), "merge-evidence");
}

#[test]
fn hostile() {
    testkit::hostile(env!("CARGO_BIN_EXE_merge-evidence"), "merge-evidence");
}
