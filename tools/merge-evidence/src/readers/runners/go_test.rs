//! `go test -json`: every test and subtest by its last event, in the suites that the packages are.
//!
//! What began and has no result failed where its package did; a package without a result was cut off. Lines that are no
//! JSON are what the go command says beside it: `FAIL pkg [build failed]`. Run with Go 1.19; `build-fail` is of 1.24.
//! <https://pkg.go.dev/cmd/test2json>

use std::collections::HashMap;

use schema::{Code, Value, json};

use super::tally::{Failing, Outcome, Seconds, Tally, facts};
use crate::facts::Failure;
use crate::facts::{Facts, Span};
use crate::readers::around;

/// How many lines may stand before the first event.
const BEFORE: usize = 50;

/// Whether a text begins as the events of `go test -json` do.
pub fn fits(bytes: &[u8]) -> bool {
    let lines = bytes.split(|&byte| byte == b'\n').take(BEFORE);
    let event = lines.map(|line| line.trim_ascii()).find(|line| line.starts_with(b"{"));
    event.and_then(|line| json::parse_lazily(line).ok()).is_some_and(|event| {
        let text = |key: &str| event.get(key).and_then(Value::as_text);
        text("Action").is_some_and(is_action) && (text("Package").is_some() || text("ImportPath").is_some())
    })
}

fn is_action(word: &str) -> bool {
    matches!(
        word,
        "start"
            | "run"
            | "pause"
            | "cont"
            | "pass"
            | "bench"
            | "fail"
            | "output"
            | "skip"
            | "attr"
            | "build-output"
            | "build-fail"
    )
}

#[derive(Default)]
struct Package {
    /// The tests in the order of their first event, with their result so far.
    tests: Vec<(String, Option<Outcome>)>,
    places: HashMap<String, usize>,
    result: Option<Outcome>,
    reruns: u64,
}

/// Reads the events of a run.
///
/// # Errors
/// An event that is no JSON.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let mut packages: Vec<(String, Package)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let (mut failing, mut span) = (Failing::default(), Span::default());
    let mut beside: Vec<String> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if !line.starts_with('{') {
            if line == "FAIL" || line.starts_with("FAIL\t") || line.starts_with("FAIL ") {
                beside.push(line.split_whitespace().nth(1).unwrap_or_default().to_owned());
            } else if broken(line) {
                beside.push(String::new());
            }
            continue;
        }
        let event = json::parse(line.as_bytes()).map_err(|error| {
            let cut = if error.unfinished { " (cut short?)" } else { "" };
            Failure {
                place: Some((number + 1, error.line_and_column(line.as_bytes()).1)),
                reason: format!("{error}{cut}"),
            }
        })?;
        let word = |key: &str| event.get(key).and_then(Value::as_text).unwrap_or_default();
        span.see_text(word("Time"));
        let action = word("Action");
        if action == "build-fail" {
            beside.push(word("ImportPath").split(' ').next().unwrap_or_default().to_owned());
        }
        let name = word("Package");
        if name.is_empty() {
            continue;
        }
        let place = *places.entry(name.to_owned()).or_insert_with(|| {
            packages.push((name.to_owned(), Package::default()));
            packages.len() - 1
        });
        packages[place].1.event(action, word("Test"));
    }
    let mut suites: Vec<(String, Tally)> =
        packages.into_iter().map(|(name, package)| package.finish(name, &mut failing)).collect();
    for name in beside {
        if suites.iter().any(|(suite, tally)| (name.is_empty() || *suite == name) && tally.is_failed()) {
            continue;
        }
        failing.push(&name);
        suites.push((name, Tally { errors: 1, outside: 1, ..Tally::default() }));
    }
    Ok(facts("go-test", suites, &Seconds::None, failing, span))
}

/// Whether a line beside the events says that a process broke or that the command failed.
fn broken(line: &str) -> bool {
    ["panic: ", "fatal error: ", "signal: "].iter().any(|start| line.starts_with(start)) || around::says_failed(line)
}

impl Package {
    fn event(&mut self, action: &str, test: &str) {
        let became = match action {
            "pass" | "bench" => Some(Outcome::Passed),
            "fail" => Some(Outcome::Failure),
            "skip" => Some(Outcome::Skipped),
            _ => None,
        };
        if test.is_empty() {
            if became.is_some() && self.result != Some(Outcome::Failure) {
                self.result = became;
            }
            return;
        }
        let place = *self.places.entry(test.to_owned()).or_insert_with(|| {
            self.tests.push((test.to_owned(), None));
            self.tests.len() - 1
        });
        let result = &mut self.tests[place].1;
        match (&result, became) {
            (Some(_), None) if action == "run" => self.reruns += 1,
            // What failed once failed: -count runs a test again, and the package fails all the same.
            (Some(Outcome::Failure), _) | (_, None) => {}
            (_, became) => *result = became,
        }
    }

    fn finish(self, name: String, failing: &mut Failing) -> (String, Tally) {
        let mut tally = Tally { reruns: self.reruns, ..Tally::default() };
        let failed = self.result == Some(Outcome::Failure);
        for (test, became) in self.tests {
            let became = became.unwrap_or_else(|| match failed {
                true => Outcome::Error,
                false => Outcome::Unclear(Code::Missing, format!("{name}.{test} began and has no result")),
            });
            if matches!(became, Outcome::Failure | Outcome::Error) {
                failing.push(&format!("{name}.{test}"));
            }
            tally.count(&became);
        }
        if failed && !tally.is_failed() {
            tally.errors += 1;
            tally.outside += 1;
            failing.push(&name);
        }
        if self.result.is_none() {
            tally.lost.add(
                1,
                Code::Missing,
                format!("the package {name} has no result: the run may have stopped early"),
            );
        }
        (name, tally)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn read_of(events: &[&str]) -> String {
        let line = |event: &&str| match event.split(' ').collect::<Vec<_>>().as_slice() {
            [first, ..] if ["FAIL", "exit", "panic:", "signal:", "ok"].iter().any(|word| first.starts_with(word)) => {
                format!("{event}\n")
            }
            [action, package] => {
                format!("{{\"Time\":\"2026-11-28T03:55:49Z\",\"Action\":\"{action}\",\"Package\":\"{package}\"}}\n")
            }
            [action, package, test] => {
                format!("{{\"Action\":\"{action}\",\"Package\":\"{package}\",\"Test\":\"{test}\"}}\n")
            }
            _ => format!("{event}\n"),
        };
        let text: String = events.iter().map(line).collect();
        assert!(fits(text.as_bytes()), "{text}");
        test::text(&read(&text).unwrap()).split(r#","suites""#).next().unwrap_or_default().to_owned()
    }

    #[test]
    fn tests_by_their_last_event() {
        assert_eq!(
            read_of(&["run m A", "run m A/x", "pass m A/x", "pass m A", "run m S", "skip m S", "pass m"]),
            r#"{"tests":3,"passed":2,"failed":0,"failures":0,"errors":0,"skipped":1,"disabled":0,"ok":true"#
        );
        for (events, wanted) in [
            (&["run m A", "fail m A", "fail m"][..], r#""failed":1,"failures":1"#),
            // A test that ended the process, and one that never ended.
            (&["run m A", "pass m A", "run m B", "fail m"], r#""failed":1,"failures":0,"errors":1"#),
            (&["run m A", "pass m A", "fail m"], r#""failed":1,"failures":0,"errors":1"#),
            (&["run m A", "pass m A"], r#""ok":null"#),
            (&["run m A", "pass m"], r#""ok":null"#),
            (&["skip m"], r#""ok":null"#),
            (&["run m A", "pass m A", "pass m", "skip n"], r#""ok":true"#),
            (&["run m A", "pass m A", "pass m", "FAIL\tn [build failed]"], r#""ok":false"#),
            (&["run m A", "fail m A", "run m A", "pass m A", "fail m"], r#""ok":false"#),
            (&["run m A", "pass m A", "pass m", "exit status 1"], r#""failed":1,"failures":0,"errors":1"#),
            (&["run m A", "pass m A", "pass m", "panic: runtime error: index out of range"], r#""ok":false"#),
            (&["run m A", "pass m A", "pass m", "signal: killed"], r#""ok":false"#),
            // The command's words beside a failure that the events show are the same failure.
            (&["run m A", "fail m A", "fail m", "FAIL\tm\t0.01s", "exit status 1"], r#""failed":1,"failures":1"#),
            (&["run m A", "pass m A", "pass m", "ok m 0.01s", "exit status 0"], r#""ok":true"#),
        ] {
            assert!(read_of(events).contains(wanted), "{events:?}: {}", read_of(events));
        }
        assert!(!fits(b"{\"Action\":\"dance\",\"Package\":\"m\"}\n") && !fits(b"{\"a\":1}\n"));
        assert!(read("{\"Action\":\"run\",\"Package\":\"m\"}\n{\"Act").is_err());
    }
}
