//! Prometheus' text exposition and OpenMetrics, row by row: good pages are read with their values, bad ones are refused or
//! told.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

use std::process::Command;

use schema::{Value, json};

/// The values that are there, NaN and the infinities as NaN, in one order.
fn leaves(value: &Value<'_>, into: &mut Vec<f64>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(_, value)| leaves(value, into)),
        Value::Number(number) => into.push(number.to_f64().unwrap()),
        Value::Null => into.push(f64::NAN),
        other => panic!("{other:?}"),
    }
    into.sort_by(f64::total_cmp);
}

#[test]
fn rows() {
    let rows = std::fs::read_to_string(testkit::root().join("testdata/exposition/rows.tsv")).unwrap();
    let mut seen = 0;
    for row in rows.lines().filter(|row| !row.starts_with('#')) {
        let mut cells = row.split('\t');
        let wanted = cells.next().unwrap();
        let page = testkit::unescaped(cells.nth(1).unwrap());
        let mut command = Command::new(env!("CARGO_BIN_EXE_merge-evidence"));
        let output = testkit::feed(command.args(["x:prometheus=-"]).env_remove("EVIDENCE_SEAL"), &page);
        seen += 1;
        if !output.status.success() {
            assert_eq!(wanted, "refused", "{row}\n{}", String::from_utf8_lossy(&output.stderr));
            continue;
        }
        let document = json::parse(output.stdout.trim_ascii_end()).unwrap();
        let mut found = Vec::new();
        leaves(document.get("x").unwrap(), &mut found);
        let unknown = document.get("@evidence").unwrap().get("unknown").and_then(Value::as_list).map_or(0, <[_]>::len);
        // NaN and the infinities are no numbers to compare, and are always told.
        let odd = found.iter().filter(|value| value.is_nan()).count();
        let answered = match wanted {
            "told" => unknown > 0,
            "good" | "passed" => unknown == odd,
            _ => false,
        };
        assert!(answered, "{row}\n{}", String::from_utf8_lossy(&output.stdout));
        let Some(values) = cells.next() else { continue };
        let number = |word: &str| word.parse::<f64>().ok().filter(|value| value.is_finite()).unwrap_or(f64::NAN);
        let mut values: Vec<f64> = values.split(' ').map(number).collect();
        values.sort_by(f64::total_cmp);
        assert_eq!(format!("{found:?}"), format!("{values:?}"), "{row}");
    }
    assert!(seen > 150, "{seen}");
}
