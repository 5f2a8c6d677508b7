//! The five public HdrHistogram logs against what the Java library says of them.

use std::process::Command;

use schema::{Value, json};

#[test]
fn agrees_with_the_java_library() {
    let Some(folder) = testkit::outside_path("cases/percentile/hdr") else { return };
    let text = std::fs::read(folder.join("expected.json")).unwrap();
    let expected = json::parse(&text).unwrap();
    let mut checked = 0;
    for (file, wanted) in expected.as_object().unwrap().iter() {
        let tags = wanted.get("accumulated_3digits_by_tag").unwrap().as_object().unwrap();
        let levels = "0,1,5,10,25,50,75,90,95,99,99.9,99.99,99.999,100";
        let output = Command::new(env!("CARGO_BIN_EXE_percentile"))
            .args(["--hlog", "-p", levels])
            .arg(folder.join(file))
            .output()
            .unwrap();
        assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
        let records: Vec<Value<'_>> = output
            .stdout
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| json::parse(line).unwrap())
            .collect();
        assert_eq!(records.len(), tags.len(), "{file}");
        for (tag, wanted) in tags.iter() {
            let wanted = wanted.get("stats").unwrap();
            let found = records.iter().find(|record| record.get("tag").and_then(Value::as_text).unwrap_or("") == tag);
            let record = found.unwrap();
            let number = |value: &Value<'_>, key: &str| value.get(key).unwrap().as_number().unwrap().to_f64().unwrap();
            for key in ["count", "min", "max"] {
                assert_eq!(number(record, key), number(wanted, key), "{file} {tag} {key}");
            }
            let mean = number(wanted, "mean");
            assert!((number(record, "mean") - mean).abs() <= 1e-12 * mean, "{file} {tag}");
            // Java's is that of a population, ours of a sample.
            let count = number(wanted, "count");
            let deviation = number(record, "stddev") * ((count - 1.0) / count).sqrt();
            assert!((deviation - number(wanted, "stddev")).abs() <= 1e-12 * deviation, "{file} {tag} {deviation}");
            for (level, value) in wanted.get("value_at_percentile").unwrap().as_object().unwrap().iter() {
                let name = format!("p{}", level.strip_suffix(".0").unwrap_or(level));
                assert_eq!(number(record, &name), value.as_number().unwrap().to_f64().unwrap(), "{file} {tag} {name}");
                checked += 1;
            }
        }
    }
    assert!(checked >= 5 * 14, "{checked}");
}
