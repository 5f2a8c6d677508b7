//! Prometheus' text exposition and OpenMetrics, row by row: what a line alone tells.

use std::process::Command;

use schema::{Value, json};

#[test]
fn rows() {
    let rows = std::fs::read_to_string(testkit::root().join("testdata/exposition/rows.tsv")).unwrap();
    let mut seen = 0;
    for row in rows.lines().filter(|row| !row.starts_with('#')) {
        let mut cells = row.split('\t').skip(1);
        let (wanted, page) = (cells.next().unwrap(), testkit::unescaped(cells.next().unwrap()));
        let mut command = Command::new(env!("CARGO_BIN_EXE_kv-extract"));
        let output = testkit::feed(command.args(["-f", "prometheus", "--seal"]).env_remove("EVIDENCE_SEAL"), &page);
        let text = String::from_utf8(output.stdout).unwrap();
        let refused = output.status.code() == Some(2);
        assert_eq!(refused, wanted == "refused", "{row}\n{text}{}", String::from_utf8_lossy(&output.stderr));
        seen += 1;
        let values = cells.next().unwrap_or_default();
        // Of a series that appears twice merge-evidence has one value, and a record each is here.
        if refused || values.is_empty() || values.split(' ').count() != text.lines().count() - 1 {
            continue;
        }
        for (line, wanted) in text.lines().zip(values.split(' ')) {
            let record = json::parse(line.as_bytes()).unwrap();
            let same = match record.get("value") {
                Some(Value::Number(number)) => number.to_f64() == wanted.parse().ok(),
                Some(Value::Text(word)) => word == wanted,
                _ => false,
            };
            assert!(same, "{row}\n{line}");
        }
    }
    assert!(seen > 150, "{seen}");
}
