//! The examples of the page, run.

#[test]
fn examples() {
    testkit::transcript("tools/kv-extract/README.md");
}
