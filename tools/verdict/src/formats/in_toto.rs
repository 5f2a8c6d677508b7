//! An in-toto Statement with the test-result predicate (in-toto/attestation: spec/predicates/test-result.md).
//!
//! Owns what is attested and what it is attested of; refuses to sign, and to call INCONCLUSIVE anything but FAILED.

use schema::{Evidence, Object, Status, Value, Verdict};
use sha2::{Digest, Sha256};

use super::{Decision, Row, all_rows, decision, distinct};

/// The whole statement, on one line.
pub fn render(verdict: &Verdict<'static>) -> String {
    let Decision { status, reason, .. } = decision(verdict);
    let mut predicate = Object::new();
    let result = match status {
        Status::Pass => "PASSED",
        Status::Warn => "WARNED",
        Status::Fail | Status::Inconclusive | Status::Skip => "FAILED",
    };
    predicate.insert("result", result);
    predicate.insert("configuration", vec![configuration(verdict)]);
    let nobody = schema::Group::default();
    let rows = all_rows(verdict, &nobody);
    let named = |wanted: &[Status]| -> Vec<Value<'static>> {
        let rows = rows.iter().filter(|row| wanted.contains(&row.check.status));
        rows.map(|row| Value::from(test(row))).collect()
    };
    predicate.insert("passedTests", named(&[Status::Pass]));
    predicate.insert("warnedTests", named(&[Status::Warn]));
    predicate.insert("failedTests", named(&[Status::Fail, Status::Inconclusive]));
    predicate.insert("statistics", statistics(&rows));
    predicate.insert("notExercised", not_exercised(&rows));
    // Fields of our own, which consumers must ignore: FAILED has two meanings here.
    predicate.insert("verdict", status.verdict());
    predicate.insert("reason", reason.into_owned());
    predicate.insert("chain", verdict.chain.clone());
    predicate.insert("timestamp", verdict.generated_at.clone());

    let mut statement = Object::new();
    statement.insert("_type", "https://in-toto.io/Statement/v1");
    statement.insert("subject", subjects(verdict));
    statement.insert("predicateType", "https://in-toto.io/attestation/test-result/v0.1");
    statement.insert("predicate", predicate);
    let mut out = Vec::new();
    schema::json::write_object(&statement, &mut out);
    out.push(b'\n');
    String::from_utf8_lossy(&out).into_owned()
}

/// From how many samples, or runs, each figure was made, and between what the true one lies.
fn statistics(rows: &[Row<'_>]) -> Vec<Value<'static>> {
    let told = rows.iter().filter(|row| row.check.samples.is_some() || row.check.interval.is_some());
    told.map(|row| {
        let mut object = Object::new();
        object.insert("test", test(row));
        if let Some(samples) = row.check.samples {
            object.insert("n", samples);
        }
        if let Some(interval) = &row.check.interval {
            if let Some(runs) = interval.runs {
                object.insert("runs", runs);
            }
            if !interval.against.is_empty() {
                object.insert("baselineRuns", interval.against.len() as u64);
            }
            let mut ends = Object::new();
            ends.insert("low", interval.low.clone().into_owned());
            ends.insert("high", interval.high.clone().into_owned());
            ends.insert("sure", interval.sure.clone().into_owned());
            object.insert("interval", ends);
        }
        Value::Object(object)
    })
    .collect()
}

/// What was asked and has no answer from this run: it did not apply, or the evidence does not tell.
fn not_exercised(rows: &[Row<'_>]) -> Vec<Value<'static>> {
    let open = rows.iter().filter(|row| matches!(row.check.status, Status::Skip | Status::Inconclusive));
    open.map(|row| {
        let mut object = Object::new();
        object.insert("test", test(row));
        object.insert("why", row.check.code.map_or("did not apply", schema::Code::name));
        Value::Object(object)
    })
    .collect()
}

/// What a check is called.
fn test(row: &Row<'_>) -> String {
    match row.group.id.as_str() {
        "" => row.title().into_owned(),
        group => format!("{group}: {}", row.title()),
    }
}

/// The files behind the verdict; of those that left no digest, the verdict itself.
fn subjects(verdict: &Verdict<'static>) -> Vec<Value<'static>> {
    let mut files: Vec<(String, String)> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut add = |path: &str, sha256: &str| {
        let name = if path == "-" { "stdin" } else { path };
        let file = (name.to_owned(), sha256.to_owned());
        if sha256.len() == 64 && seen.insert(file.clone()) {
            files.push(file);
        }
    };
    for group in &verdict.groups {
        for evidence in documents(group) {
            for source in &evidence.sources {
                add(&source.path, &source.sha256);
            }
        }
    }
    for input in verdict.seals.iter().flat_map(|seal| &seal.inputs).chain(&verdict.inputs) {
        add(&input.path, &input.sha256);
    }
    if files.is_empty() {
        let mut text = Vec::new();
        // A document in memory can always be written to memory.
        let _ = schema::json::write_struct(verdict, &mut text);
        text.push(b'\n');
        files.push(("verdict.json".to_owned(), digest(&text)));
    }
    // Statement v1: names should be unique.
    let mut taken = std::collections::HashSet::new();
    files.into_iter().map(|(name, sha256)| descriptor(distinct(&name, &mut taken), sha256)).collect()
}

/// What the records of a group say of their sources.
pub fn documents(group: &schema::Group<'_>) -> Vec<Evidence> {
    let of = |record: &Value<'_>| record.get("@evidence").and_then(Evidence::from_value);
    match &group.evidence {
        Value::List(records) => records.iter().filter_map(of).collect(),
        Value::Object(records) if group.document.is_some() => {
            records.iter().filter_map(|(_, record)| of(record)).collect()
        }
        record => of(record).into_iter().collect(),
    }
}

/// The thresholds, one a line as they were judged.
fn configuration(verdict: &Verdict<'_>) -> Value<'static> {
    let mut lines = String::new();
    for check in verdict.groups.iter().flat_map(|group| &group.checks) {
        if let Some(threshold) = &check.threshold {
            lines.push_str(threshold);
            lines.push('\n');
        }
    }
    descriptor("thresholds".to_owned(), digest(lines.as_bytes()))
}

fn descriptor(name: String, sha256: String) -> Value<'static> {
    let mut set = Object::new();
    set.insert("sha256", sha256);
    let mut descriptor = Object::new();
    descriptor.insert("name", name);
    descriptor.insert("digest", set);
    Value::Object(descriptor)
}

fn digest(bytes: &[u8]) -> String {
    filter::hex(&Sha256::digest(bytes))
}
