//! The case folders of check-threshold.

#[test]
fn cases() {
    testkit::run(env!("CARGO_BIN_EXE_check-threshold"), "check-threshold");
}

#[test]
fn hostile() {
    testkit::hostile(env!("CARGO_BIN_EXE_check-threshold"), "check-threshold");
}
