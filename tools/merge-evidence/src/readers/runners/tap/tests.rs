//! Streams of the writers, and the examples of TAP 14.

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
fn what_is_no_tap_is_a_doubt_where_the_stream_forbids_it() {
    let ok = |pragma: &str, line: &str| {
        let (text, doubts) = read_of(&format!("TAP version 14\n{pragma}1..1\n{line}ok 1\n"));
        let doubted = doubts.iter().any(|doubt| doubt.starts_with("ok: inconsistent: pragma +strict"));
        assert_eq!(doubted, text.contains(r#""ok":null"#), "{text}");
        !doubted
    };
    assert!(ok("", "garbage\n") && ok("pragma +strict\n", "# a comment\n") && ok("pragma -strict\n", "garbage\n"));
    assert!(!ok("pragma +strict\n", "garbage\n") && !ok("pragma +bail, +strict\n", "okay\n"));
    assert!(ok("pragma +strict\npragma -strict\n", "garbage\n"));
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
fn a_total_of_failures_may_have_the_points_to_do() {
    // As ava 7 ends a run with a todo; Node counts them apart.
    let run = "TAP version 13\nok 1 - a\nnot ok 2 - later # TODO\n\n1..2\n# tests 2\n# pass 1\n";
    let ok = |end: &str| read_of(&format!("{run}{end}")).0.contains(r#""ok":true"#);
    assert!(ok("# skip 0\n# fail 1\n") && ok("# fail 0\n# todo 1\n"));
    assert!(!ok("# fail 2\n") && !ok("# fail 1\n# todo 1\n") && !ok("# cancelled 1\n"));
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

/// What a stream comes to: `ok`, its counts that differ from 0, and whether there are doubts.
fn said(text: &str) -> String {
    let facts = read(text).unwrap();
    let Content::One(value) = &facts.content else { panic!() };
    let count = |key: &str| value.get(key).and_then(|count| count.as_number()?.to_f64()).unwrap_or(0.0);
    let counts = ["tests", "passed", "failed", "skipped", "todo"].map(|key| (key, count(key)));
    let counts: Vec<String> =
        counts.iter().filter(|row| row.1 > 0.0).map(|(key, count)| format!("{key} {count}")).collect();
    let ok = match value.get("ok") {
        Some(Value::Bool(true)) if facts.doubts.is_empty() => "ok",
        Some(Value::Bool(false)) => "not ok",
        Some(Value::Null) => "unknown",
        _ => "odd",
    };
    format!("{ok}: {}", counts.join(" "))
}

#[test]
fn directives_are_those_of_tap_14() {
    for (point, wanted) in [
        ("ok 1 - must be skipped test # SKIP", "skipped"),
        ("ok 1 - must not be skipped test \\# SKIP", "passed"),
        ("ok 1 - may skip, but should warn #skip", "skipped"),
        ("ok 1 - do it later # Skipped", "skipped"),
        ("ok 1 - works on windows # Skipped: only run on windows", "skipped"),
        ("ok 1 # skip this test is skipped", "skipped"),
        ("ok 1 not skipped: https://example.com/page.html#skip is a url", "passed"),
        ("ok 1 - #SkIp case insensitive, so this is skipped", "skipped"),
        ("ok 1 - hello # todo", "todo"),
        ("ok 1 - hello \\# todo", "passed"),
        ("ok 1 - hello # todo hash \\# character", "todo"),
        ("ok 1 - hello \\\\# todo hash # character", "passed"),
        ("ok 1 - hello \\\\ # todo hash # character", "todo"),
        ("ok 1 - hello # description # todo", "passed"),
        ("ok 1 - hello \\\\\\\\\\\\\\# todo", "passed"),
        ("ok 1 - issue #5 # SKIP no network", "skipped"),
        ("not ok 1 focus moves to #skip-nav", "failed"),
        ("not ok 1 shows #todo-list", "failed"),
        ("not ok 1 - GET https://example.com/page.html#skip is a url", "failed"),
        ("not ok 1 - hello # description # todo", "failed"),
        ("not ok 1 Hamlette # TODOORNOTTODO", "failed"),
        ("not ok 1 # TODO bend space and time", "todo"),
        ("not ok 1 # skip", "skipped"),
        ("not ok 1 # todos", "todo"),
        ("not ok 1 - a # XFAIL", "failed"),
        ("not ok 1 - sub # time=143.73ms", "failed"),
    ] {
        let text = said(&format!("1..2\n{point}\nok 2\n"));
        let both = if wanted == "passed" { "passed 2".to_owned() } else { format!("{wanted} 1") };
        assert!(text.contains(&both), "{point}: {text}");
    }
}

#[test]
fn subtests_end_with_a_point_of_their_own() {
    for (text, wanted) in [
        ("1..1\n# Subtest: a\n    ok 1\n    1..1\nok 1 - a\n", "ok: tests 1 passed 1"),
        ("        ok 1 - twice\n        1..1\n    ok 1 - parent\n    1..1\nok 1\n1..1\n", "ok: tests 1 passed 1"),
        ("1..2\n    # Subtest: a\n    ok 1\n    1..1\nok 1 - a\nok 2\n", "ok: tests 2 passed 2"),
        ("1..1\nok 1 - a\n# Subtest: x\n    not ok 1 - boom\n    1..1\n", "not ok: tests 1 passed 1 failed 1"),
        ("1..1\nok 1 - a\n# Subtest: x\n", "unknown: tests 1 passed 1"),
        ("1..1\nok 1 - a\n    ok 1 - boom\n    1..1\n", "not ok: tests 1 passed 1 failed 1"),
        (
            "1..1\n# Subtest: a\n    ok 1\n# Subtest: b\n    ok 1\n    1..1\nok 1 - b\n",
            "not ok: tests 1 passed 1 failed 1",
        ),
        ("1..1\n# Subtest: outer\n    not ok 1\n    1..1\nok 1 - outer\n", "unknown: tests 1"),
        ("1..1\n# Subtest: outer\n    ok 1\n    1..2\nok 1 - outer\n", "unknown: tests 1"),
        ("1..1\n# Subtest: outer\n    not ok 1 # TODO\n    1..1\nok 1 - outer\n", "ok: tests 1 passed 1"),
        ("1..1\n# Subtest: outer\n    not ok 1\n    1..1\nnot ok 1 - outer # TODO\n", "unknown: tests 1 todo 1"),
        // What is printed by the way is no subtest.
        ("1..1\nok 1 - a\n  ok, that was it\n      at ok (x.js:1)\n", "ok: tests 1 passed 1"),
    ] {
        assert_eq!(said(text), wanted, "{text}");
    }
}

#[test]
fn a_writers_own_totals_are_a_doubt() {
    for (comment, wanted) in [
        ("# fail 1", "unknown"),
        ("# fail 0", "ok"),
        ("# failed pages: 3", "ok"),
        ("# fail 3 times and succeed", "ok"),
        ("# cancelled 2", "unknown"),
        ("# { total: 2, pass: 1, fail: 1 }", "unknown"),
        ("# { total: 2, pass: 2 }", "ok"),
        ("# Looks like your test exited with 5 just after 2.", "unknown"),
        ("# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:0 error:1", "unknown"),
        ("# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:0 error:0", "ok"),
    ] {
        assert_eq!(said(&format!("1..1\nok 1\n{comment}\n")).split(':').next(), Some(wanted), "{comment}");
        assert!(said(&format!("1..1\nnot ok 1\n{comment}\n")).starts_with("not ok"), "{comment}");
    }
}

#[test]
fn noise_before_the_version_yaml_and_bail_outs() {
    for (text, wanted) in [
        ("building\nTAP version 13\n1..1\nok 1\n", "ok: tests 1 passed 1"),
        ("\u{feff}TAP version 14\r\n1..1\r\nok 1 - a # SKIP\r\n", "unknown: tests 1 skipped 1"),
        ("1..2\nok 1\nBAIL OUT! no disk\n", "not ok: tests 1 passed 1"),
        ("1..1\nnot ok 1\n  ---\n  out: |\n  Bail out! of the child\n  ok 2\n  ...\n", "not ok: tests 1 failed 1"),
        ("1..1\nok 1\n  ---\n  out: |\n    Bail out! of the child\n    ok 2\n  ...\n", "ok: tests 1 passed 1"),
        ("1..1\n# Subtest: a\n    Bail out!\n", "not ok: "),
        ("1..2\nok 1\nnot\nok 2\n", "not ok: tests 2 passed 1 failed 1"),
        ("1..3 todo 2;\nok 1\nnot ok 2\nok 3\n", "ok: tests 3 passed 2 todo 1"),
        ("1..1\nok 1 - app/orders.test.mjs\n", "unknown: tests 1"),
        ("1..1\nok 2nd try\n", "ok: tests 1 passed 1"),
    ] {
        assert!(fits(text), "{text}");
        assert_eq!(said(text), wanted, "{text}");
    }
}

#[test]
fn the_kernel_s_dialect() {
    let text = "[    0.060000] KTAP version 1\n[    0.060000] 1..1\n  KTAP version 1\n  # Subtest: example\n  1..2\n  # a: initializing\n  ok 1 a\n  not ok 2 b # XFAIL known\n# example: pass:1 fail:0 skip:0 total:2\n[    0.1] ok 1 example\n# Totals: pass:1 fail:0 skip:0 total:1\n";
    assert!(fits(text));
    assert_eq!(said(text), "ok: tests 1 passed 1");
    assert_eq!(said(&text.replace(" # XFAIL known", "")), "unknown: tests 1");
    assert_eq!(said(&text.replace("ok 1 example", "not ok 1 example")), "not ok: tests 1 failed 1");
}

#[test]
fn subtests_in_braces_belong_to_the_point_before_them() {
    let said = |text: &str| {
        let (text, _) = read_of(text);
        text.split(r#""ok":"#).nth(1).unwrap().split(',').next().unwrap().to_owned()
    };
    // node-tap 16 with several jobs; the name of a file is no file as a whole there.
    let run = "1..2\nok 1 - a.js # time=5ms {\n    ok 1 - one {\n        ok 1\n        1..1\n    }\n    1..1\n}\n\nok 2 - b\n";
    assert_eq!(said(run), "true");
    assert_eq!(said(&run.replacen("        ok 1", "        not ok 1", 1)), "null");
    assert_eq!(said(&run.replacen("    ok 1 - one", "    not ok 1 - one", 1)), "null");
    assert_eq!(said(&run.replacen("ok 1 - a.js", "not ok 1 - a.js", 1)), "false");
    // An excused point excuses its subtest.
    assert_eq!(said("1..2\nok 1\nnot ok 2 - s # TODO x {\n    not ok 1 - a\n    1..1\n}\n"), "true");
    // A name may end in a brace, and what is cut before its end has no end.
    assert_eq!(said("1..2\nok 1 - parses {\nok 2\n}\n"), "true");
    assert_eq!(said("1..1\nok 1 - s {\n    not ok 1 - a\n    1..1\n"), "false");
    // A number that no plan has.
    assert_eq!(said("1..1\nok 99999999999999999999999\n"), "null");
}

#[test]
fn a_subtest_that_is_only_announced_may_have_failed() {
    let facts = read("1..1\nok 1 - a\n# Subtest: x\n").unwrap();
    let failed = facts.doubts.iter().find(|doubt| doubt.steps.last().is_some_and(|last| last == "failed")).unwrap();
    assert!(failed.high.is_none(), "{failed:?}");
}

#[test]
fn totals_behind_the_last_point_are_no_less_than_what_came() {
    let run = "TAP version 13\n# a\nok 1 x\nok 2 y\n\n1..2\n";
    for (end, wanted) in [
        ("# tests 2\n# pass  2\n\n# ok\n", "ok"),
        ("# tests 2\n# pass  1\n", "unknown"),
        ("# tests 3\n# pass 2\n# fail 0\n", "unknown"),
        // Suites are points, and no tests: node --test counts them apart; mocha leaves out what is pending.
        ("# tests 1\n# suites 1\n# pass 1\n# fail 0\n", "ok"),
        ("# tests 1\n# suites 0\n# pass 1\n# fail 0\n", "unknown"),
        ("# pass 1\n", "ok"),
        ("# pass 1 of 2 pages\n# tests begin\n", "ok"),
    ] {
        assert_eq!(said(&format!("{run}{end}")).split(':').next(), Some(wanted), "{end}");
    }
    // A test may be called so.
    assert!(said("TAP version 13\n# tests 9\n# pass 1\nok 1 x\nok 2 y\n1..2\n").starts_with("ok"));
    let nested = "# Subtest: a\n    ok 1 - b\n    ok 2 - c\n    1..2\nok 1 - a\n1..1\n# tests 3\n# pass 3\n";
    assert!(said(nested).starts_with("ok") && said(&nested.replace("tests 3", "tests 4")).starts_with("unknown"));
}

#[test]
fn more_words_of_a_writer_are_a_doubt() {
    assert!(said("1..1\nok 1\n# bats warning: Executed 1 instead of expected 2 tests\n").starts_with("unknown"));
    let kernel = "KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: s\n    1..1\n    ok 1 a\n# s: pass:1 fail:0 skip:0 total:1\nok 1 s\n";
    assert_eq!(said(kernel), "ok: tests 1 passed 1");
    assert!(said(&kernel.replace("pass:1 fail:0", "pass:0 fail:1")).starts_with("unknown"));
    // YAML that nothing ends may have swallowed a point.
    let swallowed = "1..2\nok 1\n  ---\n  a: 1\n  not ok 2\nok 2\n";
    assert!(said(swallowed).starts_with("unknown"));
    assert!(said(&swallowed.replace("not ok 2", "not ok 2\n  ...")).starts_with("ok"));
}

#[test]
fn a_subtest_may_be_announced_as_far_in_as_its_points() {
    for (text, wanted) in [
        ("# Subtest: hello\n    ok 1\n    1..1\nok 1 - hello\n1..1\n", "ok: tests 1 passed 1"),
        ("    # Subtest: hello\n    ok 1\n    1..1\nok 1 - hello\n1..1\n", "ok: tests 1 passed 1"),
        ("1..1\nok 1 - a\n    # Subtest: x\n", "unknown: tests 1 passed 1"),
        ("1..1\n    # Subtest: x\nok 1 - x\n", "ok: tests 1 passed 1"),
        ("1..1\n# Subtest: a\n    # Subtest: b\n    ok 1 - b\n    1..1\nok 1 - a\n", "ok: tests 1 passed 1"),
        ("1..1\nok 1 - z\n# Subtest: a\n    # Subtest: b\n", "not ok: tests 1 passed 1 failed 1"),
        // What only begins with the word announces nothing.
        ("1..1\nok 1 - a\n# Subtests are fine\n# Subtest coverage: 80\n", "ok: tests 1 passed 1"),
    ] {
        assert!(fits(text), "{text}");
        assert_eq!(said(text), wanted, "{text}");
    }
}

#[test]
fn a_file_as_a_whole_is_no_test() {
    let facts = |text: &str| test::doubts(&read(text).unwrap()).join("; ");
    let alone = facts("1..1\nok 1 - /home/me/my site/a.test.js\n");
    assert!(alone.contains("tests: no-samples: ") && alone.contains("ok: no-samples: "), "{alone}");
    let beside = facts("1..2\nok 1 - a\nok 2 - C:\\\\my site\\\\a.test.js\n");
    assert!(beside.contains("tests: no-samples: "), "{beside}");
    let read = read("1..2\nok 1 - a\nok 2 - b.test.js\n").unwrap();
    let tests = read.doubts.iter().find(|doubt| doubt.steps == ["tests"]).unwrap();
    let limits = [&tests.low, &tests.high].map(|limit| limit.as_ref().unwrap().to_string());
    assert_eq!(limits, ["1", "2"]);
    // A test may have the name of a script in its own.
    assert!(said("1..1\nok 1 - loads /a/b.js\n").starts_with("ok"));
}

#[test]
fn what_go_says_of_a_package_is_no_point() {
    assert!(!fits("ok  \texample.com/x\t0.003s\n"));
}
