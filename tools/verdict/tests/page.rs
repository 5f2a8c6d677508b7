//! The page's examples are run.

#[test]
fn examples() {
    testkit::transcript("tools/verdict/README.md");
}
