//! The case folders of merge-evidence, and the odd inputs every tool meets.

#[test]
fn cases() {
    testkit::run(env!("CARGO_BIN_EXE_merge-evidence"), "merge-evidence");
}

#[test]
fn hostile() {
    testkit::hostile(env!("CARGO_BIN_EXE_merge-evidence"), "merge-evidence");
}

#[test]
fn what_every_case_writes_fits_the_schema() {
    let folder = testkit::root().join("testdata/merge-evidence");
    let mut seen = 0;
    for case in std::fs::read_dir(folder).unwrap() {
        let Ok(stdout) = std::fs::read_to_string(case.unwrap().path().join("stdout")) else { continue };
        for line in stdout.lines().filter(|line| line.contains("\"@evidence\":")) {
            let line = line.trim_end().as_bytes();
            let document = schema::json::parse(line).unwrap();
            let mut evidence = Vec::new();
            schema::json::write(document.get("@evidence").unwrap(), &mut evidence);
            // A case that hides versions or digests still has their shape.
            assert_eq!(testkit::schema_errors(schema::EVIDENCE_SCHEMA, &evidence), [""; 0], "{}", stdout);
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}
