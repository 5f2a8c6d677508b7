//! The case folders of kv-extract.

#[test]
fn cases() {
    testkit::run(env!("CARGO_BIN_EXE_kv-extract"), "kv-extract");
}
