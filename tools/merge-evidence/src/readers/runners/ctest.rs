//! CTest's own Test.xml: tests by their status; one that could not be run is an error, not a skip.
//!
//! <https://github.com/Kitware/CMake>, Source/CTest/cmCTestTestHandler.cxx, run with CTest 4.4.5.

use schema::Code;

use super::tally::{Failing, Outcome, Seconds, Tally, facts};
use crate::facts::Failure;
use crate::facts::{Facts, Span};
use crate::readers::xml::{self, Event};

/// Whether a text begins as CTest's XML does.
pub fn fits(text: &str) -> bool {
    xml::root(text) == Some("Site")
}

#[derive(Default)]
struct Reading {
    tally: Tally,
    failing: Failing,
    span: Span,
    /// Whether there is a `<Testing>`: Build.xml and Configure.xml have the same root.
    testing: bool,
    listed: u64,
    /// The test that is open: its status, its name, why it ended.
    test: Option<(String, String, String)>,
    /// The names of the elements that are open.
    open: Vec<String>,
    measurement: String,
}

/// Reads Test.xml.
///
/// # Errors
/// XML that is broken or ends early; another document of CTest's.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let mut reading = Reading::default();
    xml::walk(text, |event| reading.event(event))?;
    if !reading.testing {
        return Err(Failure::whole("is CTest's, but not its Test.xml"));
    }
    let Reading { mut tally, failing, span, listed, .. } = reading;
    if listed > tally.tests() {
        let detail = format!("{listed} tests are listed, {} came", tally.tests());
        tally.lost.add(listed - tally.tests(), Code::Inconsistent, detail);
    }
    Ok(facts("ctest", vec![("ctest".to_owned(), tally)], &Seconds::None, failing, span))
}

impl Reading {
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Open(element) => {
                let name = element.name();
                self.testing |= name == "Testing";
                if name == "Test" {
                    match element.get("Status")? {
                        Some(status) => self.test = Some((status, String::new(), String::new())),
                        None => self.listed += 1,
                    }
                } else if name == "NamedMeasurement" {
                    self.measurement = element.get("name")?.unwrap_or_default();
                }
                self.open.push(name.to_owned());
            }
            Event::Text(text) => {
                let above = self.open.len().checked_sub(2).and_then(|at| self.open.get(at)).map_or("", String::as_str);
                match (self.open.last().map_or("", String::as_str), above, &mut self.test) {
                    ("Name", "Test", Some(test)) => test.1.push_str(text),
                    ("Value", "NamedMeasurement", Some(test)) if self.measurement == "Completion Status" => {
                        test.2.push_str(text)
                    }
                    ("StartTestTime" | "EndTestTime", "Testing", _) => {
                        self.span.see_seconds(text.trim().parse().unwrap_or(f64::NAN));
                    }
                    _ => {}
                }
            }
            Event::Close(name) => {
                self.open.pop();
                if name == "Test"
                    && let Some((status, name, completion)) = self.test.take()
                {
                    let became = match status.as_str() {
                        "passed" => Outcome::Passed,
                        "failed" => Outcome::Failure,
                        "notrun" if completion == "Disabled" => Outcome::Disabled,
                        "notrun" if completion.starts_with("SKIP_") => Outcome::Skipped,
                        "notrun" => Outcome::Error,
                        _ => Outcome::Unclear(
                            Code::UnknownStatus,
                            format!("{name:?} is {status:?}, which is not a known status"),
                        ),
                    };
                    if matches!(became, Outcome::Failure | Outcome::Error) {
                        self.failing.push(&name);
                    }
                    self.tally.count(&became);
                }
            }
            Event::Comment(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn a_test_that_could_not_be_run_is_no_skip() {
        let test = |name: &str, status: &str, completion: &str| {
            format!(
                "<Test Status='{status}'><Name>{name}</Name><Results><NamedMeasurement name='Completion Status'><Value>{completion}</Value></NamedMeasurement></Results></Test>"
            )
        };
        let read_of = |listed: usize, tests: &[String]| {
            let list = "<Test>./t</Test>".repeat(listed);
            let text = format!(
                "<Site Generator='ctest-4'><Testing><StartTestTime>1795837538</StartTestTime><TestList>{list}</TestList>{}</Testing></Site>",
                tests.concat()
            );
            assert!(fits(&text));
            let text = test::text(&read(&text).unwrap());
            text.split(r#","suites""#).next().unwrap_or_default().to_owned()
        };
        let good = test("a", "passed", "Completed");
        assert!(read_of(1, std::slice::from_ref(&good)).contains(r#""ok":true"#));
        let all = [
            good.clone(),
            test("b", "failed", "Completed"),
            test("c", "notrun", "Unable to find executable"),
            test("d", "notrun", "Disabled"),
            test("e", "notrun", "SKIP_RETURN_CODE=77"),
        ];
        assert_eq!(
            read_of(5, &all),
            r#"{"tests":5,"passed":1,"failed":2,"failures":1,"errors":1,"skipped":2,"disabled":1,"ok":false"#
        );
        assert!(read_of(2, &[good]).contains(r#""ok":null"#));
        assert!(read("<Site><Build/></Site>").unwrap_err().reason.contains("not its Test.xml"));
    }
}
