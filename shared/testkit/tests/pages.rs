//! The examples of the pages that speak of more than one tool, run.

#[test]
fn the_readme_is_true() {
    testkit::transcript("README.md");
}

#[test]
fn the_page_of_the_fault_suite_is_true() {
    testkit::transcript("scripts/fault-suite.d/README.md");
}
