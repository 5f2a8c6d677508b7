//! Every folder under `testdata/verdict` is a case.

#[test]
fn cases() {
    testkit::run(env!("CARGO_BIN_EXE_verdict"), "verdict");
}
