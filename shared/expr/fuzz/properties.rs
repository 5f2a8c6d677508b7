//! What must hold of any bytes: of a line, of a line and a record, of thresholds and a stream of records.
//!
//! Called by the tests with seeded mutations and by cargo-fuzz with its own. Each panics where something does not hold.

use expr::{Aggregate, Condition, Finding, Judge, Missing, Path, Threshold, Thresholds};
use schema::{Status, json};

/// Whatever is read is printed and read back the same; an error has its place in the line.
pub fn parser(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Threshold::parse(&text) {
        Ok(threshold) => {
            let printed = threshold.canonical();
            let again = Threshold::parse(&printed).unwrap_or_else(|error| {
                let short: String = text.chars().take(200).collect();
                panic!("{short:?} prints what does not read back: {error}")
            });
            assert!(again == threshold, "{text:.200} prints {printed:.200}");
            assert!(again.canonical() == printed, "{text:.200} prints {printed:.200}");
        }
        Err(error) => {
            assert!(error.start <= error.end);
            assert!(!error.message.is_empty() && !error.message.contains('\n'), "{error:?}");
            let _ = error.caret();
        }
    }
    if let Ok(condition) = Condition::parse(&text) {
        assert!(Condition::parse(&condition.to_string()).is_ok_and(|again| again == condition), "{text:.200}");
    }
    if let Ok(aggregate) = Aggregate::parse(&text) {
        assert!(Aggregate::parse(&aggregate.to_string()).is_ok_and(|again| again == aggregate), "{text:.200}");
    }
    if let Ok(path) = Path::parse(&text) {
        assert_eq!(Path::parse(&path.to_string()).unwrap().dotted(), path.dotted(), "{text:?}");
    }
    let _ = Thresholds::parse(&text).map(|thresholds| expr::lint(&thresholds));
}

/// A line and a record, cut at the first newline: every check is whole and says what it came to.
pub fn evaluator(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Some((line, record)) = text.split_once('\n') else { return };
    let (Ok(threshold), Ok(record)) = (Threshold::parse(line), json::parse(record.as_bytes())) else { return };
    for check in threshold.checks(&record, "scope", None) {
        assert_eq!(check.passed, check.status.passed());
        assert_eq!(check.code.is_some(), check.status == Status::Inconclusive, "{line}: {check:?}");
        assert_eq!(check.reason.is_empty(), matches!(check.status, Status::Pass | Status::Skip), "{line}: {check:?}");
        let mut out = Vec::new();
        json::write_struct(&check, &mut out).unwrap();
        let read = json::parse(&out).unwrap();
        assert_eq!(schema::Check::from_value(&read).map(|check| check.status), Ok(check.status));
    }
}

/// Thresholds up to an empty line, then records, a line each: told without reading a record or by reading it, every
/// check says the same, and a stream without a record passes nothing.
pub fn judge(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Some((thresholds, records)) = text.split_once("\n\n") else { return };
    let Ok(thresholds) = Thresholds::parse(thresholds) else { return };
    // Runs of violations are counted by each judge for itself, so there is one for each way.
    let mut plain = Judge::new(&thresholds, None, Missing::Inconclusive);
    let mut swift = Judge::new(&thresholds, None, Missing::Inconclusive);
    let mut stencils = swift.stencils(None);
    let mut any = false;
    for line in records.lines() {
        let read = json::parse(line.as_bytes()).ok().filter(|value| value.as_object().is_some());
        let fit = stencils.fit(line.as_bytes());
        let Some(record) = read else {
            assert!(fit.is_none(), "{line} fits and is no record");
            continue;
        };
        any = true;
        let mut lines = Vec::new();
        for check in plain.record(&record, "") {
            json::write_struct(&check, &mut lines).unwrap();
            lines.push(b'\n');
        }
        let mut swiftly = Vec::new();
        let mut sink = |finding: Finding<'_>| {
            match finding {
                Finding::Rendered(rendering) => rendering.write(&mut swiftly),
                Finding::Check(check) => json::write_struct(&check, &mut swiftly).unwrap(),
            }
            swiftly.push(b'\n');
            Ok::<(), std::convert::Infallible>(())
        };
        match fit {
            Some(fit) => {
                let Ok(()) = swift.each_fit(&fit, "", &mut sink);
                let mut all = Vec::new();
                if swift.write_fit(&fit, "", &mut all).is_some() {
                    assert_eq!(String::from_utf8_lossy(&all), String::from_utf8_lossy(&lines), "{text}");
                }
            }
            None => {
                let Ok(()) = swift.each(&record, "", &mut sink);
                stencils.learn(line.as_bytes(), &record);
            }
        }
        assert_eq!(String::from_utf8_lossy(&swiftly), String::from_utf8_lossy(&lines), "{text}");
    }
    if !any {
        assert!(plain.finish().iter().all(|check| check.status == Status::Inconclusive), "{text}");
    }
}
