//! Every folder under `testdata/verdict` is a case, and every document in one fits the schema.

use std::fs;

#[test]
fn cases() {
    testkit::run(env!("CARGO_BIN_EXE_verdict"), "verdict");
}

#[test]
fn hostile() {
    testkit::hostile(env!("CARGO_BIN_EXE_verdict"), "verdict");
}

#[test]
fn documents_fit_their_schema() {
    let mut documents = 0;
    for case in fs::read_dir(testkit::root().join("testdata/verdict")).unwrap() {
        let Ok(stdout) = fs::read(case.unwrap().path().join("stdout")) else { continue };
        let text = String::from_utf8_lossy(&stdout);
        if stdout.starts_with(b"{") && text.lines().count() == 1 && text.contains("\"all_pass\"") {
            documents += 1;
            assert_eq!(testkit::schema_errors(schema::VERDICT_SCHEMA, &stdout), Vec::<String>::new(), "{text}");
        }
    }
    assert!(documents >= 5, "{documents}");
}
