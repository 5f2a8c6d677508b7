//! Catch2's own XML, versions 2 and 3, and the JSON of version 3: test cases by their overall result.
//!
//! A case that failed as it may (`!mayfail`) is no failure and no pass: it is skipped. Run with Catch2 2.13.10; the JSON
//! is read by its source (`catch_reporter_json.cpp`).

use schema::{Code, Value};

use super::tally::{Failing, Outcome, Seconds, Tally, facts};
use crate::facts::Failure;
use crate::facts::{Facts, Span};
use crate::readers::xml::{self, Event};

/// Whether a text begins as Catch2's XML does.
pub fn fits(text: &str) -> bool {
    matches!(xml::root(text), Some("Catch" | "Catch2TestRun"))
}

/// Whether a document is Catch2's JSON.
pub fn fits_json(value: &Value<'_>) -> bool {
    value.get("test-run").is_some_and(|run| run.get("test-cases").is_some()) && value.get("metadata").is_some()
}

#[derive(Default)]
struct Reading {
    tally: Tally,
    failing: Failing,
    /// The case that is open: its name, whether it succeeded, whether something in it did not, what it skipped.
    case: Option<(String, Option<bool>, bool, u64)>,
    /// The cases that failed, and all of them, by its totals.
    said: u64,
    all: u64,
}

/// Reads the XML reporter's document.
///
/// # Errors
/// XML that is broken or ends early.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let mut reading = Reading::default();
    xml::walk(text, |event| reading.event(event))?;
    Ok(reading.finish())
}

impl Reading {
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Open(element) => match (element.name(), &mut self.case) {
                ("TestCase", _) => self.case = Some((element.get("name")?.unwrap_or_default(), None, false, 0)),
                ("Expression", Some(case)) => case.2 |= element.get("success")?.as_deref() == Some("false"),
                ("Exception" | "FatalErrorCondition" | "Failure", Some(case)) => case.2 = true,
                ("OverallResult", Some(case)) => {
                    case.1 = element.get("success")?.map(|success| success == "true");
                    case.3 = element
                        .get("skips")?
                        .map(|count| count.parse().map_err(|_| format!("{count:?}: wanted a count")))
                        .transpose()?
                        .unwrap_or(0);
                }
                ("OverallResultsCases", None) => {
                    let count = |key: &str| -> Result<u64, String> {
                        let Some(count) = element.get(key)? else { return Ok(0) };
                        count.parse().map_err(|_| format!("{count:?}: wanted a count"))
                    };
                    self.said = self.said.max(count("failures")?);
                    let mut all = 0u64;
                    for key in ["successes", "failures", "expectedFailures", "skips"] {
                        all = all.saturating_add(count(key)?);
                    }
                    self.all = self.all.max(all);
                }
                _ => {}
            },
            Event::Close("TestCase") => {
                if let Some((name, success, broken, skips)) = self.case.take() {
                    let became = match success {
                        Some(false) => Outcome::Failure,
                        Some(true) if broken || skips > 0 => Outcome::Skipped,
                        Some(true) => Outcome::Passed,
                        None if broken => Outcome::Error,
                        None => Outcome::Unclear(Code::Missing, format!("{name:?} has no result")),
                    };
                    self.count(&name, &became);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, name: &str, became: &Outcome) {
        if matches!(became, Outcome::Failure | Outcome::Error) {
            self.failing.push(name);
        }
        self.tally.count(became);
    }

    fn finish(mut self) -> Facts<'static> {
        let shown = self.tally.failed();
        if self.said > shown {
            let detail = format!("its totals say {} cases failed, but {shown} are there", self.said);
            self.tally.unseen.add(self.said - shown, Code::Inconsistent, detail);
        }
        let there = self.tally.tests();
        let detail = format!("its totals say {} cases, but {there} are there", self.all);
        self.tally.lost.add(self.all.saturating_sub(there), Code::Inconsistent, detail);
        facts("catch2", vec![("catch2".to_owned(), self.tally)], &Seconds::None, self.failing, Span::default())
    }
}

/// Reads the JSON reporter's document.
pub fn read_json(value: &Value<'_>) -> Facts<'static> {
    let mut reading = Reading::default();
    let run = value.get("test-run");
    let count = |totals: Option<&Value<'_>>, key: &str| {
        let cases = totals.and_then(|totals| totals.get("test-cases"));
        cases.and_then(|cases| cases.get(key)?.as_number()?.to_f64()).unwrap_or(0.0) as u64
    };
    let cases = run.and_then(|run| run.get("test-cases")).and_then(Value::as_list).unwrap_or_default();
    for case in cases {
        let name = case.get("test-info").and_then(|info| info.get("name")).and_then(Value::as_text).unwrap_or_default();
        let totals = case.get("totals");
        let became = if count(totals, "failed") > 0 {
            Outcome::Failure
        } else if count(totals, "skipped") + count(totals, "fail-but-ok") > 0 {
            Outcome::Skipped
        } else if count(totals, "passed") > 0 {
            Outcome::Passed
        } else {
            Outcome::Unclear(Code::Missing, format!("{name:?} has no result"))
        };
        reading.count(name, &became);
    }
    let totals = run.and_then(|run| run.get("totals"));
    reading.said = count(totals, "failed");
    let parts = ["passed", "failed", "fail-but-ok", "skipped"].map(|key| count(totals, key));
    reading.all = parts.into_iter().fold(0, u64::saturating_add);
    reading.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn shown(facts: &Facts<'_>) -> String {
        test::text(facts).split(r#","suites""#).next().unwrap_or_default().to_owned()
    }

    #[test]
    fn cases_by_their_overall_result() {
        let case = |name: &str, inside: &str| format!("<TestCase name='{name}'>{inside}</TestCase>");
        let bad = "<Expression success='false'/>";
        let text = |cases: &[String], failed: u64| {
            format!(
                "<Catch name='a'><Group>{}<OverallResultsCases successes='0' failures='{failed}'/></Group></Catch>",
                cases.concat()
            )
        };
        let all = [
            case("a", "<OverallResult success='true'/>"),
            case("b", &format!("{bad}<OverallResult success='false'/>")),
            case("may", &format!("{bad}<OverallResult success='true'/>")),
            case("skips", "<OverallResult success='true' skips='1'/>"),
        ];
        assert_eq!(
            shown(&read(&text(&all, 1)).unwrap()),
            r#"{"tests":4,"passed":1,"failed":1,"failures":1,"errors":0,"skipped":2,"disabled":0,"ok":false"#
        );
        assert!(shown(&read(&text(&all[..1], 0)).unwrap()).contains(r#""ok":true"#));
        assert!(shown(&read(&text(&all[..1], 1)).unwrap()).contains(r#""ok":false"#));
        assert!(shown(&read(&text(&[case("c", "")], 0)).unwrap()).contains(r#""ok":null"#));
        assert!(shown(&read(&text(&[], 0)).unwrap()).contains(r#""ok":null"#));
    }

    #[test]
    fn the_json_says_the_same() {
        let case = |counts: &str| format!(r#"{{"test-info":{{"name":"a"}},"totals":{{"test-cases":{{{counts}}}}}}}"#);
        let read_of = |cases: &str| {
            let text = format!(r#"{{"version":1,"metadata":{{}},"test-run":{{"test-cases":[{cases}]}}}}"#);
            let value = schema::json::parse(text.as_bytes()).unwrap();
            assert!(fits_json(&value));
            shown(&read_json(&value))
        };
        assert!(read_of(&case(r#""passed":1,"failed":0"#)).contains(r#""ok":true"#));
        assert!(read_of(&case(r#""passed":0,"failed":1"#)).contains(r#""ok":false"#));
        assert!(read_of(&case(r#""passed":0,"fail-but-ok":1"#)).contains(r#""ok":null"#));
    }
}
