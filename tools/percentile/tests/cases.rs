//! The case folders of percentile.

#[test]
fn cases() {
    testkit::run(env!("CARGO_BIN_EXE_percentile"), "percentile");
}

#[test]
fn hostile() {
    testkit::hostile(env!("CARGO_BIN_EXE_percentile"), "percentile");
}
