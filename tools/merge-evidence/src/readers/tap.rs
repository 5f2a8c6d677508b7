//! TAP, versions 12 to 14: test points counted, and held against the plan.
//!
//! Without its plan, with another number of points than it, or with none that counts (all were skipped or are still to
//! do) a run is not complete: then the counts cannot be told.
//! `ok` follows Kleene: a point that failed is proof enough, points that passed are not.

use schema::{Code, Value};

use super::Failure;
use crate::facts::{Builder, Content, Doubt, Facts};

/// How many names of failed points are carried along.
const NAMES_LIMIT: usize = 100;

/// Whether a text begins as TAP does.
pub fn fits(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
    first.starts_with("TAP version ") || plan(first).is_some() || point(first).is_some()
}

/// Reads a stream: `{"planned":…,"tests":…,"passed":…,"ok":…,"complete":…}`.
///
/// # Errors
/// Two plans.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let mut facts = Facts { format: "tap", ..Facts::default() };
    let mut planned: Option<u64> = None;
    let mut bailed: Option<String> = None;
    let mut why_none = None;
    let (mut tests, mut passed, mut failed, mut skipped, mut todo) = (0u64, 0u64, 0u64, 0u64, 0u64);
    let mut failing: Vec<Value<'static>> = Vec::new();
    let mut out_of_order = None;
    for (number, line) in text.lines().enumerate() {
        // Subtests and diagnostics are indented; the point below a subtest sums it up.
        if let Some(reason) = line.trim_start().strip_prefix("Bail out!") {
            bailed = Some(reason.trim().to_owned());
            break;
        }
        if let Some((count, reason)) = plan(line) {
            if planned.is_some() {
                return Err(Failure { place: Some((number + 1, 1)), reason: "a second plan".to_owned() });
            }
            planned = Some(count);
            why_none = reason;
        } else if let Some(point) = point(line) {
            tests += 1;
            if point.number.is_some_and(|number| number != tests) {
                out_of_order.get_or_insert(tests);
            }
            match (point.ok, point.directive) {
                (_, Directive::Skip) => skipped += 1,
                (_, Directive::Todo) => todo += 1,
                (true, Directive::None) => passed += 1,
                (false, Directive::None) => {
                    failed += 1;
                    if failing.len() < NAMES_LIMIT {
                        failing.push(Value::from(point.name.to_owned()));
                    }
                }
            }
        }
    }
    let incomplete = match (&bailed, planned) {
        (Some(reason), _) => Some((Code::Missing, format!("the run bailed out: {reason}"))),
        (None, None) => Some((Code::Missing, format!("{tests} tests and no plan: the run may have stopped early"))),
        (None, Some(planned)) if planned != tests => {
            Some((Code::Inconsistent, format!("{planned} tests were planned, {tests} came")))
        }
        (None, Some(0)) => {
            Some((Code::NoSamples, format!("no test was run: {}", why_none.unwrap_or("the plan is 1..0"))))
        }
        _ if passed + failed == 0 => {
            Some((Code::NoSamples, format!("no test that counts was run: {skipped} skipped, {todo} todo")))
        }
        _ => out_of_order
            .map(|place| (Code::Inconsistent, format!("test points are out of order or twice at point {place}"))),
    };
    let mut report = Builder::default();
    if let Some(planned) = planned {
        report.put("planned", planned);
    }
    for (key, count) in [("tests", tests), ("passed", passed), ("failed", failed), ("skipped", skipped), ("todo", todo)]
    {
        report.put(key, count);
        if let Some((code, detail)) = &incomplete {
            facts.doubts.push(Doubt::new(&[key], *code, detail.clone()));
        }
    }
    let complete = incomplete.is_none();
    match incomplete {
        Some((code, detail)) if failed == 0 && bailed.is_none() => {
            report.put("ok", Value::Null);
            facts.doubts.push(Doubt::new(&["ok"], code, detail));
        }
        _ => {
            report.put("ok", failed == 0 && bailed.is_none());
        }
    }
    report.put("complete", complete);
    if !failing.is_empty() {
        report.put("failing", failing);
    }
    facts.content = Content::One(Value::Object(report.build()));
    Ok(facts)
}

/// `1..N`, and why it is none.
fn plan(line: &str) -> Option<(u64, Option<&str>)> {
    let rest = line.strip_prefix("1..")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (count, rest) = rest.split_at(digits);
    let rest = rest.trim();
    let reason = rest.strip_prefix('#').map(str::trim);
    (rest.is_empty() || reason.is_some()).then_some(())?;
    Some((count.parse().ok()?, reason.filter(|reason| !reason.is_empty())))
}

struct Point<'a> {
    ok: bool,
    number: Option<u64>,
    name: &'a str,
    directive: Directive,
}

#[derive(Clone, Copy)]
enum Directive {
    None,
    Skip,
    Todo,
}

fn point(line: &str) -> Option<Point<'_>> {
    let (ok, rest) = match line.strip_prefix("not ok") {
        Some(rest) => (false, rest),
        None => (true, line.strip_prefix("ok")?),
    };
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let rest = rest.trim();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = rest.split_at(digits);
    let (name, directive) = match directive(rest) {
        Some((at, directive)) => (rest.get(..at).unwrap_or(rest), directive),
        None => (rest, Directive::None),
    };
    let name = name.trim();
    let name = name.strip_prefix("- ").unwrap_or(name);
    Some(Point { ok, number: number.parse().ok(), name, directive })
}

/// The first `#` that is not escaped and that `skip` or `todo` follows.
fn directive(text: &str) -> Option<(usize, Directive)> {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        if letter == '#' && !escaped {
            let word: String =
                text.get(at + 1..)?.trim_start().chars().take(4).collect::<String>().to_ascii_lowercase();
            match word.as_str() {
                "skip" => return Some((at, Directive::Skip)),
                "todo" => return Some((at, Directive::Todo)),
                _ => {}
            }
        }
        escaped = letter == '\\' && !escaped;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn read_of(text: &str) -> (String, Vec<String>) {
        assert!(fits(text), "{text}");
        let facts = read(text).unwrap();
        (test::text(&facts), test::doubts(&facts))
    }

    #[test]
    fn a_complete_run() {
        let (text, doubts) = read_of(
            "TAP version 14\n1..5\nok 1 - opened\nnot ok 2 - first line\n  ---\n  ok: no\n  ...\n    ok 1 - inner\n    1..1\nok 3 - sub\nnot ok 4 later # TODO not yet\nok 5 # skip no network\n",
        );
        assert_eq!(
            text,
            r#"{"planned":5,"tests":5,"passed":2,"failed":1,"skipped":1,"todo":1,"ok":false,"complete":true,"failing":["first line"]}"#
        );
        assert_eq!(doubts, [""; 0]);
    }

    #[test]
    fn without_its_plan_a_run_is_not_complete() {
        let (text, doubts) = read_of("ok 1\nok 2\n");
        assert!(text.ends_with(r#""ok":null,"complete":false}"#), "{text}");
        assert_eq!(doubts.len(), 6);
        assert_eq!(doubts[5], "ok: missing: 2 tests and no plan: the run may have stopped early");
        let (_, doubts) = read_of("1..3\nok 1\nok 2\n");
        assert_eq!(doubts[0], "tests: inconsistent: 3 tests were planned, 2 came");
    }

    #[test]
    fn a_failure_is_proof_also_in_part_of_a_run() {
        let (text, doubts) = read_of("1..3\nok 1\nnot ok 2 - boom\n");
        assert!(text.contains(r#""ok":false,"complete":false"#), "{text}");
        assert!(doubts.iter().all(|doubt| !doubt.starts_with("ok:")), "{doubts:?}");
        let (text, _) = read_of("1..3\nok 1\nBail out! no database\n");
        assert!(text.contains(r#""ok":false,"complete":false"#), "{text}");
    }

    #[test]
    fn points_that_do_not_count_prove_nothing() {
        for (text, detail) in [
            ("1..2\nok 1 # SKIP\nok 2 # SKIP\n", "2 skipped, 0 todo"),
            ("1..2\nok 1 # skip no network\nnot ok 2 # TODO later\n", "1 skipped, 1 todo"),
        ] {
            let (text, doubts) = read_of(text);
            assert!(text.ends_with(r#""ok":null,"complete":false}"#), "{text}");
            assert_eq!(doubts.len(), 6);
            assert_eq!(doubts[5], format!("ok: no-samples: no test that counts was run: {detail}"));
        }
        assert_eq!(read_of("1..2\nok 1 # SKIP\nok 2\n").1, [""; 0]);
    }

    #[test]
    fn nothing_run_and_points_twice() {
        assert_eq!(read_of("1..0 # SKIP no docker\n").1[5], "ok: no-samples: no test was run: SKIP no docker");
        assert_eq!(
            read_of("1..2\nok 1\nok 1\n").1[0],
            "tests: inconsistent: test points are out of order or twice at point 2"
        );
        assert!(read("1..1\nok 1\n1..1\n").is_err());
        assert!(!fits("okay then\n"));
    }
}
