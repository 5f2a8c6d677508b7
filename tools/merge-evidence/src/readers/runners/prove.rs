//! prove's own output (Test::Harness 3.44), with and without `-v`: how many tests, and which files failed.
//!
//! The answer is its `Result:` line; without one the output was cut. What was skipped within a file shows only where the
//! points stand (`-v`): else `passed` is a range.

use std::collections::BTreeSet;

use schema::Code;

use super::tally::{Failing, Outcome, Seconds, Tally, facts};
use super::tap::line::{Directive, point};
use crate::facts::Failure;
use crate::facts::{Doubt, Facts, Span};

/// Whether a text is what prove writes: a line on a file of tests, or how many files there were.
pub fn fits(text: &str) -> bool {
    text.lines().map(unstamped).any(|line| counts(line).is_some() || file(line))
}

/// A line without the time that `--timer` puts before it.
fn unstamped(line: &str) -> &str {
    let stamp = |stamp: &str| stamp.len() == 8 && stamp.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    let parts = line.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    parts.filter(|(before, _)| stamp(before)).map_or(line, |(_, rest)| rest)
}

/// `t/a.t .. ok`: whether a line tells what became of a file, or that its points follow.
fn file(line: &str) -> bool {
    let well = |became: &str| became.is_empty() || ["ok", "skipped: "].iter().any(|known| became.starts_with(known));
    became(line).is_some_and(|became| well(became) || is_broken(became))
}

/// What a line says became of a file.
fn became(line: &str) -> Option<&str> {
    let (_, became) = line.split_once(" .").filter(|(name, _)| name.ends_with(".t"))?;
    Some(became.trim_start_matches('.').trim())
}

/// Whether a file that became this had a problem: even where all its tests passed, the line of a good one is `ok`.
fn is_broken(became: &str) -> bool {
    ["All ", "Dubious", "Failed ", "No subtests run"].iter().any(|known| became.starts_with(known))
}

/// Whether a line of its own says that of the file above it: `Dubious, test returned 2`, `Failed 1/3 subtests `.
fn says_broken(line: &str) -> bool {
    is_broken(line) && ["Dubious, test returned ", "No subtests run"].iter().any(|known| line.starts_with(known))
        || ["Failed ", "All "].iter().any(|known| {
            let counted = line.strip_prefix(known).and_then(|rest| rest.split_once(" subtests"));
            counted.is_some_and(|(counted, _)| counted.bytes().all(|byte| byte.is_ascii_digit() || byte == b'/'))
        })
}

/// `Files=2, Tests=4,  1 wallclock secs …`: the files and the tests.
fn counts(line: &str) -> Option<(u64, u64)> {
    let (files, rest) = line.strip_prefix("Files=")?.split_once(", Tests=")?;
    Some((files.parse().ok()?, rest.split(',').next()?.parse().ok()?))
}

/// `t/a.t (Wstat: 256 (exited 1) Tests: 2 Failed: 1)`: the file, its wait status and its failures; none where one of them
/// is no number.
fn summary(line: &str) -> Option<(&str, Option<(u64, u64)>)> {
    let (name, rest) = line.split_once(" (Wstat: ")?;
    let number = |text: &str| text.split([' ', ')']).next().and_then(|digits| digits.parse::<u64>().ok());
    let failed = rest.split_once(" Failed: ").and_then(|(_, failed)| number(failed));
    Some((name.trim_end(), number(rest).zip(failed)))
}

/// Reads the output of one run, or of several behind each other.
///
/// # Errors
/// An output without its result: it was cut short.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let mut tally = Tally::default();
    let mut failing = Failing::default();
    let (mut tests, mut results, mut ran) = (0u64, 0, 0);
    // The points of `-v`, and those that are skipped or to do.
    let (mut points, mut skipped) = (0u64, 0u64);
    // The file that the lines below are of, whether it has failed, and the failures of this run.
    let (mut open, mut proven) = (None::<(String, bool)>, 0u64);
    // What of this run does not go with success: the line of a file; and its tests.
    let (mut odd, mut counted) = (None, 0);
    // The files that this run has told of.
    let mut files = BTreeSet::new();
    for line in text.lines().map(unstamped) {
        if became(line).is_some()
            && let Some((name, _)) = line.split_once(" .")
        {
            files.insert(name.to_owned());
        }
        if let Some(point) = point(line).filter(|point| point.number.is_some()) {
            points += 1;
            skipped += u64::from(match point.directive {
                Directive::Skip => true,
                Directive::Todo | Directive::Expected => !point.ok,
                Directive::None => false,
            });
        } else if let Some((ran_files, count)) = counts(line) {
            if files.len() as u64 > ran_files {
                odd.get_or_insert(line.trim_end());
            }
            files.clear();
            tests = tests.saturating_add(count);
            ran += 1;
            open = None;
            counted = count;
        } else if became(line).is_some_and(is_broken) || says_broken(line) {
            odd.get_or_insert(line.trim_end());
        } else if let Some((name, figures)) = summary(line) {
            let Some((status, failed)) = figures else {
                let detail = format!("{name:?}: its line of the summary cannot be read");
                tally.count(&Outcome::Unclear(Code::Malformed, detail));
                continue;
            };
            tally.failures = tally.failures.saturating_add(failed);
            let broken = status != 0 && failed == 0;
            if broken {
                tally.errors += 1;
                tally.outside += 1;
            }
            proven += failed + u64::from(broken);
            if failed > 0 || broken {
                failing.push(name);
            }
            open = Some((name.to_owned(), failed > 0 || broken));
        } else if line.trim_start().starts_with("Parse errors:")
            && let Some((name, known @ false)) = &mut open
        {
            // A plan that was not kept, with an exit status of 0.
            *known = true;
            tally.errors += 1;
            tally.outside += 1;
            proven += 1;
            failing.push(name);
        } else if let Some(result) = line.strip_prefix("Result: ") {
            results += 1;
            let failed = result.trim() != "PASS" && result.trim() != "NOTESTS";
            match (failed, proven) {
                (true, 0) => {
                    tally.errors += 1;
                    tally.outside += 1;
                }
                (false, 1..) => {
                    let detail = format!("its result is {result:?}, beside {proven} failures");
                    tally.unclear.add(1, Code::Inconsistent, detail);
                }
                (false, 0) => {
                    let tests = (result.trim() == "NOTESTS" && counted > 0).then(|| format!("{counted} tests"));
                    if let Some(odd) = odd.map(|line| format!("{line:?}")).or(tests) {
                        let detail = format!("its result is {result:?}, beside {odd}");
                        tally.unclear.add(1, Code::Inconsistent, detail);
                    }
                }
                _ => {}
            }
            (proven, odd, counted) = (0, None, 0);
        } else if ["FAILED--Further testing stopped", "Cannot detect source of "]
            .iter()
            .any(|start| line.starts_with(start))
        {
            tally.errors += 1;
            tally.outside += 1;
        }
    }
    if results == 0 || results != ran || !files.is_empty() {
        return Err(Failure::whole("no Result at the end of what prove wrote: it was cut short"));
    }
    let seen = points == tests;
    let skipped = if seen { skipped } else { 0 };
    let in_tests = tally.failed() - tally.outside;
    if in_tests + skipped > tests {
        let detail = format!("{in_tests} of {tests} tests failed and {skipped} were skipped");
        tally.unclear.add(1, Code::Inconsistent, detail);
    }
    tally.skipped = skipped;
    tally.passed = tests.saturating_sub(in_tests + skipped);
    let passed = tally.passed;
    let mut facts = facts("prove", vec![("prove".to_owned(), tally)], &Seconds::None, failing, Span::default());
    if !seen && passed > 0 {
        let detail = "prove without -v does not say which tests were skipped or to do";
        for above in [&[][..], &["suites", "prove"]] {
            for (key, low, high) in [("passed", 0, passed), ("skipped", 0, passed)] {
                let doubt = Doubt::new(&[above, &[key]].concat(), Code::Missing, detail);
                facts.doubts.push(doubt.within(Some(low.into()), Some(high.into())));
            }
        }
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    const END: &str = "Files=1, Tests=2,  1 wallclock secs ( 0.02 usr  0.01 sys +  0.07 cusr  0.01 csys =  0.11 CPU)\n";

    fn ok(text: &str) -> String {
        assert!(fits(text), "{text}");
        let facts = read(text).unwrap();
        let said = test::text(&facts);
        let ok = said.split(r#""ok":"#).nth(1).unwrap().split([',', '}']).next().unwrap().to_owned();
        let doubted = test::doubts(&facts).into_iter().filter(|doubt| !doubt.starts_with("suites/"));
        let doubted: Vec<String> =
            doubted.map(|doubt| doubt.split(':').next().unwrap_or_default().to_owned()).collect();
        format!("{ok} {}", doubted.join(" "))
    }

    #[test]
    fn its_result_and_its_summary_agree_or_nothing_passes() {
        let green = format!("t/a.t .. ok\nAll tests successful.\n{END}Result: PASS\n");
        assert_eq!(ok(&green), "true passed skipped");
        let verbose = format!(
            "a.t .. \n1..2\nok 1 - a\n    ok 1\nok 2 # skip no net\nok\nAll tests successful.\n{END}Result: PASS\n"
        );
        assert_eq!(ok(&verbose), "true ");
        assert!(test::text(&read(&verbose).unwrap()).starts_with(r#"{"tests":2,"passed":1,"failed":0,"#));
        let summary = |entry: &str, result: &str| {
            format!("a.t .. Failed 1/2 subtests\nTest Summary Report\n{entry}\n{END}Result: {result}\n")
        };
        for entry in [
            "a.t (Wstat: 256 (exited 1) Tests: 2 Failed: 1)",
            "a.t (Wstat: 1280 (exited 5) Tests: 2 Failed: 0)",
            "a.t (Wstat: 11 (Signal: SEGV) Tests: 2 Failed: 0)",
            "a.t (Wstat: 0 Tests: 2 Failed: 0)\n  Parse errors: Bad plan.  You planned 3 tests but ran 2.",
            "nothing that we know",
        ] {
            assert!(ok(&summary(entry, "FAIL")).starts_with("false"), "{entry}");
        }
        // An unexpected success is no failure to prove.
        let todo = summary("a.t (Wstat: 0 Tests: 2 Failed: 0)\n  TODO passed:   2", "PASS");
        assert!(ok(&todo.replace("Failed 1/2 subtests", "ok")).starts_with("true"));
        // A file with a problem, or tests, beside a result that knows of none.
        for became in ["Dubious, test returned 2", "Failed 1/2 subtests", "All 2 subtests passed", "No subtests run"] {
            assert!(ok(&green.replace(".. ok", &format!(".. {became}"))).starts_with("null"), "{became}");
        }
        // A run that was killed, and then a good one; and the other way round.
        let killed = "t/a.t .. ok\nt/b.t .. \nDubious, test returned 2 (wstat 512, 0x200)\nFailed 1/3 subtests \n";
        assert!(ok(&[killed, &green].concat()).starts_with("null"));
        assert!(read(&[&green, killed].concat()).is_err());
        assert!(ok(&["t/a.t .. ok\nt/b.t .. \n", &green].concat()).starts_with("null"));
        for line in ["Dubious, test returned 255 (wstat 65280, 0xff00)", "Failed 1/3 subtests ", "No subtests run "] {
            assert!(ok(&green.replace("ok\n", &format!("\n{line}\n"))).starts_with("null"), "{line}");
        }
        // A file's line comes again behind what it wrote to standard error.
        assert!(ok(&["t/a.t .. 1/? # a note\n", &green].concat()).starts_with("true"));
        assert!(ok(&green.replace("PASS", "NOTESTS")).starts_with("null"));
        assert!(ok(&summary("a.t (Wstat: 256 (exited 1) Tests: 2 Failed: x)", "PASS")).starts_with("null"));
        assert!(ok(&summary("a.t (Wstat: 256 (exited 1) Tests: 2 Failed: 1)", "PASS")).starts_with("false"));
        let none = "n.t .. skipped: no net\nFiles=1, Tests=0,  1 wallclock secs\nResult: NOTESTS\n";
        assert!(ok(none).starts_with("null"));
        // The second run of two.
        assert!(ok(&(summary("a.t (Wstat: 256 (exited 1) Tests: 2 Failed: 1)", "FAIL") + &green)).starts_with("false"));
        for text in [format!("a.t .. ok\n{END}"), "a.t .. ok\n".to_owned(), format!("{green}{END}")] {
            assert!(read(&text).unwrap_err().reason.contains("cut short"), "{text}");
        }
        assert!(!fits("it went .. ok\nResult: PASS\n"));
        assert!(fits("[12:00:01] t/a.t .. ok       33 ms ( 0.00 usr  0.01 sys +  0.02 cusr  0.00 csys =  0.03 CPU)\n"));
    }
}
