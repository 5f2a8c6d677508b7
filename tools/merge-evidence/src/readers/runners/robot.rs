//! Robot Framework's output.xml: tests by their own status; a suite that failed without a failed test counts, too.
//!
//! <https://github.com/robotframework/robotframework/tree/master/doc/schema>, versions 3 to 7.

use schema::Code;

use super::tally::{Failing, Outcome, Tally, facts, outcome, seconds};
use crate::facts::Failure;
use crate::facts::{Facts, Span};
use crate::readers::xml::{self, Event};

/// Whether a text begins as output.xml does.
pub fn fits(text: &str) -> bool {
    xml::root(text) == Some("robot")
}

#[derive(Default)]
struct Reading {
    /// The suites that are open: their names joined, how deep each is, its tests so far.
    suites: Vec<(String, usize, Tally)>,
    done: Vec<(String, Tally)>,
    /// The test that is open: its name, how deep it is, what became of it.
    test: Option<(String, usize, Option<Outcome>)>,
    depth: usize,
    failing: Failing,
    elapsed: Option<String>,
    /// The failures that the statistics say of all tests.
    said: u64,
    /// The tests that they say.
    all: u64,
    span: Span,
}

/// Reads output.xml.
///
/// # Errors
/// XML that is broken or ends early.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let mut reading = Reading::default();
    xml::walk(text, |event| reading.event(event))?;
    let Reading { mut done, failing, elapsed, said, all, span, .. } = reading;
    let shown: u64 = done.iter().map(|(_, tally)| tally.failed()).sum();
    let there: u64 = done.iter().map(|(_, tally)| tally.tests()).sum();
    if said > shown || all > there {
        let mut lost = Tally::default();
        let detail = format!("its statistics say {said} failed, but {shown} are there");
        lost.unseen.add(said.saturating_sub(shown), Code::Inconsistent, detail);
        let detail = format!("its statistics say {all} tests, but {there} are there");
        lost.lost.add(all.saturating_sub(there), Code::Inconsistent, detail);
        done.push(("statistics".to_owned(), lost));
    }
    Ok(facts("robot", done, &seconds(elapsed.as_deref()), failing, span))
}

impl Reading {
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Open(element) => {
                let (depth, name) = (self.depth, element.name().to_owned());
                self.depth += 1;
                match name.as_str() {
                    "suite" if element.get("name")?.is_some() => {
                        let name = element.get("name")?.unwrap_or_default();
                        let name = self.suites.last().map_or(name.clone(), |outer| format!("{}.{name}", outer.0));
                        self.suites.push((name, depth, Tally::default()));
                    }
                    "test" => self.test = Some((element.get("name")?.unwrap_or_default(), depth, None)),
                    "status" => {
                        let status = element.get("status")?.unwrap_or_default();
                        self.span.see_text(&element.get("start")?.unwrap_or_default());
                        match (&mut self.test, self.suites.last_mut()) {
                            (Some((name, at, became)), _) if *at + 1 == depth => {
                                *became = Some(outcome(&status).unwrap_or_else(|| {
                                    let detail = format!("{name:?} is {status:?}, which is not a known status");
                                    Outcome::Unclear(Code::UnknownStatus, detail)
                                }));
                            }
                            (None, Some((name, at, tally))) if *at + 1 == depth => {
                                // Failures of the suites in it are counted where they are.
                                let inner = self
                                    .done
                                    .iter()
                                    .any(|done| done.0.starts_with(name.as_str()) && done.1.is_failed());
                                if status == "FAIL" && !tally.is_failed() && !inner {
                                    tally.errors += 1;
                                    tally.outside += 1;
                                    self.failing.push(name);
                                }
                                if self.suites.len() == 1 {
                                    self.elapsed = element.get("elapsed")?;
                                }
                            }
                            _ => {}
                        }
                    }
                    "stat" if element.get("name")?.is_none() && element.get("id")?.is_none() => {
                        let count = |key: &str| -> Result<u64, String> {
                            let Some(count) = element.get(key)? else { return Ok(0) };
                            count.parse().map_err(|_| format!("{count:?}: wanted a count"))
                        };
                        let failed = count("fail")?;
                        // The tags have rows of their own; a tag's row says no more than that of all.
                        self.said = self.said.max(failed);
                        self.all = self.all.max(failed.saturating_add(count("pass")?).saturating_add(count("skip")?));
                    }
                    _ => {}
                }
            }
            Event::Close(_) => {
                self.depth = self.depth.saturating_sub(1);
                if let Some((name, _, became)) = self.test.take_if(|test| test.1 == self.depth)
                    && let Some((suite, _, tally)) = self.suites.last_mut()
                {
                    let became =
                        became.unwrap_or_else(|| Outcome::Unclear(Code::Missing, format!("{name:?} has no status")));
                    if matches!(became, Outcome::Failure | Outcome::Error) {
                        self.failing.push(&format!("{suite}.{name}"));
                    }
                    tally.count(&became);
                } else if let Some((name, _, tally)) = self.suites.pop_if(|suite| suite.1 == self.depth)
                    && (tally.tests() > 0 || tally.is_failed())
                {
                    self.done.push((name, tally));
                }
            }
            Event::Text(_) | Event::Comment(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn said(tests: &str, suite: &str, fail: u64) -> String {
        let text = format!(
            "<robot generator='Robot 7'><suite name='A'><suite name='B'>{tests}<status status='{suite}'/></suite><status status='{suite}' start='2026-11-28T03:46:23Z' elapsed='0.5'/></suite><statistics><total><stat pass='0' fail='{fail}' skip='0'>All Tests</stat></total></statistics></robot>"
        );
        assert!(fits(&text));
        let text = test::text(&read(&text).unwrap());
        text.split(r#","suites""#).next().unwrap_or_default().to_owned()
    }

    #[test]
    fn tests_by_their_own_status() {
        let test = |name: &str, status: &str| {
            format!("<test name='{name}'><kw name='k'><status status='FAIL'/></kw><status status='{status}'/></test>")
        };
        let tests = [test("a", "PASS"), test("b", "FAIL"), test("c", "SKIP"), test("d", "NOT RUN")].concat();
        assert_eq!(
            said(&tests, "FAIL", 1),
            r#"{"tests":4,"passed":1,"failed":1,"failures":1,"errors":0,"skipped":2,"disabled":1,"ok":false,"time_ms":500"#
        );
        assert!(said(&test("a", "PASS"), "PASS", 0).contains(r#""ok":true"#));
        assert!(said(&test("a", "SKIP"), "SKIP", 0).contains(r#""ok":null"#));
        // A suite's set-up or tear-down that broke, where no test says so; failures that only the statistics say.
        assert!(said(&test("a", "PASS"), "FAIL", 0).contains(r#""failed":1,"failures":0,"errors":1"#));
        assert!(said(&test("a", "PASS"), "PASS", 1).contains(r#""ok":false"#));
        assert!(said(&test("a", "purple"), "PASS", 0).contains(r#""ok":null"#));
        // More tests than are there.
        let one = test("a", "PASS");
        let of_two = |text: &str| {
            let text = text.replace('%', &one);
            let text = crate::facts::test::text(&read(&text).unwrap());
            text.split(r#","suites""#).next().is_some_and(|text| text.contains(r#""ok":true"#))
        };
        let report = "<robot><suite name='A'>%%<status status='PASS'/></suite><statistics><total><stat pass='2' fail='0'>All Tests</stat></total></statistics></robot>";
        assert!(of_two(report) && !of_two(&report.replacen('%', "", 1)));
    }
}
