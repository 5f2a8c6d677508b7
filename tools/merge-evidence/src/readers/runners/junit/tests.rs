//! Reports of the writers, each with its dialect.

use schema::json;

use super::*;
use crate::facts::test;

#[test]
fn suites_and_what_became_of_their_tests() {
    let text = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="all" tests="5" failures="1" errors="1" time="1.5">
  <testsuite name="a" tests="3" failures="1" errors="0" skipped="1" time="0.25" timestamp="2026-03-05T20:32:12Z">
<testcase classname="A" name="one &lt;1&gt;" time="0.1"/>
<testcase classname="A" name="two"><failure message="x">trace <![CDATA[<b>]]></failure><error/></testcase>
<testcase classname="A" name="three"><skipped/></testcase>
  </testsuite>
  <testsuite name="b" tests="2"><testcase name="four"><error/></testcase><testcase name="five"></testcase></testsuite>
</testsuites>"#;
    assert!(fits(text));
    let facts = read(text).unwrap();
    assert_eq!(test::doubts(&facts), [""; 0]);
    assert_eq!(
        test::text(&facts),
        r#"{"tests":5,"passed":2,"failed":2,"failures":1,"errors":1,"skipped":1,"disabled":0,"ok":false,"time_ms":1500,"suites":{"a":{"tests":3,"passed":1,"failed":1,"failures":1,"errors":0,"skipped":1,"disabled":0,"ok":false,"time_ms":250},"b":{"tests":2,"passed":1,"failed":1,"failures":0,"errors":1,"skipped":0,"disabled":0,"ok":false}},"failing":["A.two","four"]}"#
    );
}

/// What a report says: its counts that differ from 0 and `ok`, then the paths at the top that are doubted.
fn said(text: &str) -> String {
    let facts = read(text).unwrap();
    let Content::One(value) = &facts.content else { panic!() };
    let mut words = Vec::new();
    for (key, value) in value.as_object().unwrap().iter().take_while(|(key, _)| *key != "suites") {
        let mut shown = Vec::new();
        json::write(value, &mut shown);
        let shown = String::from_utf8(shown).unwrap();
        if shown != "0" {
            words.push(format!("{key}={shown}"));
        }
    }
    let mut doubted: Vec<&str> =
        facts.doubts.iter().filter(|doubt| doubt.steps.len() == 1).map(|doubt| doubt.steps[0].as_str()).collect();
    doubted.sort_unstable();
    if !doubted.is_empty() {
        words.push(format!("? {}", doubted.join(" ")));
    }
    words.join(" ")
}

#[test]
fn fewer_cases_than_a_suite_says_are_a_doubt_and_not_a_failure() {
    for (text, wanted) in [
        // Nothing says that what is not there did not fail.
        (
            r#"<testsuite name="a" tests="3"><testcase name="x"/></testsuite>"#,
            "tests=1 passed=1 ok=null ? disabled errors failed failures ok passed skipped tests",
        ),
        // pytest: subtests are counted and not written.
        (
            r#"<testsuite name="a" tests="3" failures="0" errors="0" skipped="0"><testcase name="x"/></testsuite>"#,
            "tests=1 passed=1 ok=null ? disabled errors failed failures ok passed skipped tests",
        ),
        (
            r#"<testsuite tests="3" failures="0"><testcase name="x"/></testsuite>"#,
            "tests=1 passed=1 ok=null ? disabled errors failed failures ok passed skipped tests",
        ),
        // pytest counts subtests that passed, and writes none of them.
        (
            r#"<testsuite name="pytest" tests="3" failures="0" errors="0" skipped="0"><testcase name="x"/></testsuite>"#,
            "tests=1 passed=1 ok=true ? passed tests",
        ),
        // PHPUnit writes no case of a class that is skipped as a whole.
        (
            r#"<testsuite tests="3" failures="0" skipped="2"><testcase name="x"/></testsuite>"#,
            "tests=1 passed=1 ok=true ? passed skipped tests",
        ),
        (
            r#"<testsuite tests="1" failures="-1"><testcase name="x"/></testsuite>"#,
            "tests=1 passed=1 ok=null ? disabled errors failed failures ok passed skipped tests",
        ),
        (
            r#"<testsuite tests="1" failures="0" aborted="true"><testcase name="x"/></testsuite>"#,
            "tests=1 passed=1 ok=null ? disabled errors failed failures ok passed skipped tests",
        ),
        // A failure stays one.
        (
            r#"<testsuite tests="3" failures="1"><testcase name="x"><failure/></testcase></testsuite>"#,
            "tests=1 failed=1 failures=1 ok=false ? disabled errors failed failures passed skipped tests",
        ),
        // More failures than are shown are failures.
        (r#"<testsuite tests="0" errors="2"/>"#, "failed=2 ok=false ? errors failed failures passed skipped tests"),
        (
            r#"<testsuite tests="2" failures="1"><testcase name="x"/><testcase name="y"/></testsuite>"#,
            "tests=2 passed=2 failed=1 ok=false ? errors failed failures",
        ),
    ] {
        assert_eq!(said(text), wanted, "{text}");
    }
}

#[test]
fn more_cases_than_a_suite_says_are_no_loss() {
    for (text, wanted) in [
        // mocha: failures is always 0, the errors are the failures.
        (
            r#"<testsuite tests="1" failures="0" errors="1" skipped="0"><testcase name="x"><failure/></testcase></testsuite>"#,
            "tests=1 failed=1 failures=1 ok=false",
        ),
        // pytest: a test that failed and whose tear-down broke is there twice.
        (
            r#"<testsuite tests="1" failures="1" errors="1"><testcase name="x"><failure/></testcase><testcase name="x"><error/></testcase></testsuite>"#,
            "tests=1 failed=1 failures=1 errors=1 reruns=1 ok=false",
        ),
        // pytest-rerunfailures: an attempt that failed is a case that passed.
        (
            r#"<testsuite tests="1" failures="0" errors="0"><testcase name="x"/><testcase name="x"/></testsuite>"#,
            "tests=1 passed=1 flaky=1 reruns=1 ok=true",
        ),
        // Node: a suite counts what is directly in it.
        (
            r#"<testsuites><testsuite name="a" tests="2" failures="0"><testcase name="x"/><testsuite name="b" tests="2" failures="0"><testcase name="y"/><testcase name="z"/></testsuite></testsuite></testsuites>"#,
            "tests=3 passed=3 ok=true",
        ),
        // jest: a todo is not counted, and has no mark.
        (
            r#"<testsuites tests="2" failures="0"><testsuite tests="2" failures="0" skipped="1"><testcase name="x"/><testcase name="todo"/><testcase name="z"><skipped/></testcase></testsuite></testsuites>"#,
            "tests=3 passed=2 skipped=1 ok=true ? passed skipped",
        ),
        (
            r#"<testsuite tests="0" failures="0"><testcase name="todo"/></testsuite>"#,
            "tests=1 passed=1 ok=null ? errors failed failures ok passed skipped tests",
        ),
        // Catch2: assertions are counted.
        (
            r#"<testsuites><testsuite name="t" errors="0" failures="2" skipped="0" tests="9" hostname="tbd"><testcase name="x"><failure/><failure/></testcase><testcase name="y"/></testsuite></testsuites>"#,
            "tests=2 passed=1 failed=1 failures=1 ok=false",
        ),
    ] {
        assert_eq!(said(text), wanted, "{text}");
    }
}

#[test]
fn what_did_not_run_is_no_pass() {
    let unclear = "ok=null ? disabled errors failed failures ok passed skipped tests";
    for (case, wanted) in [
        (r#"<testcase name="a" status="notrun" result="suppressed"/>"#, "disabled=1 "),
        (r#"<testcase name="a" status="disabled"/>"#, "disabled=1 "),
        (r#"<testcase name="a" status="run" result="skipped"><skipped/></testcase>"#, ""),
    ] {
        let wanted = format!("tests=1 skipped=1 {wanted}ok=null ? errors failed failures ok passed skipped tests");
        assert_eq!(said(&format!("<testsuite>{case}</testsuite>")), wanted, "{case}");
    }
    for (case, wanted) in [
        (r#"<testcase name="a" status="run" result="completed"/>"#, "tests=1 passed=1 ok=true"),
        (r#"<testcase name="a"><system-out>x</system-out></testcase>"#, "tests=1 passed=1 ok=true"),
        (r#"<testcase name="a" status="failed"/>"#, "tests=1 failed=1 failures=1 ok=false"),
        (r#"<testcase name="a" result="ERROR"><system-out/></testcase>"#, "tests=1 failed=1 errors=1 ok=false"),
        (r#"<testcase name="a" status="purple"/>"#, &format!("tests=1 {unclear}")),
        (r#"<testcase name="a"><blocked/></testcase>"#, &format!("tests=1 {unclear}")),
        (r#"<testcase name="a" status="passed"><blocked/></testcase>"#, "tests=1 passed=1 ok=true"),
        (
            r#"<testcase name="a"><flakyFailure><failure/></flakyFailure></testcase>"#,
            "tests=1 passed=1 flaky=1 reruns=1 ok=true",
        ),
        (r#"<testcase name="a"><failure/><rerunFailure/></testcase>"#, "tests=1 failed=1 failures=1 reruns=1 ok=false"),
        // CTest: a program that was never built.
        (
            r#"<testcase name="a" status="notrun"><skipped message="Unable to find executable"/></testcase>"#,
            "tests=1 failed=1 errors=1 ok=false",
        ),
    ] {
        assert_eq!(said(&format!("<testsuite>{case}</testsuite>")), wanted, "{case}");
    }
}

#[test]
fn a_failure_behind_a_skip_is_a_failure() {
    let case = r#"<testcase name="a"><skipped/><failure/></testcase><testcase name="b"/>"#;
    for (suite, wanted) in [
        ("", "tests=2 passed=1 failed=1 failures=1 ok=false"),
        (r#" tests="2" failures="1""#, "tests=2 passed=1 failed=1 failures=1 ok=false"),
        // The suite does not count it.
        (r#" tests="2" failures="0""#, "tests=2 passed=1 ok=null ? disabled errors failed failures ok passed skipped"),
    ] {
        assert_eq!(said(&format!("<testsuite{suite}>{case}</testsuite>")), wanted, "{suite}");
    }
    for skip in [r#"<skipped type="todo" message="true"/>"#, r#"<skipped message="TEST_CASE tagged with !mayfail"/>"#] {
        let text = format!("<testsuite><testcase name=\"a\">{skip}<failure/></testcase><testcase/></testsuite>");
        assert_eq!(said(&text), "tests=2 passed=1 skipped=1 ok=true", "{skip}");
    }
}

#[test]
fn any_root_and_any_prefix() {
    let wanted = "tests=2 passed=1 failed=1 failures=1 ok=false";
    let inner = r#"<testsuite name="a"><testcase name="x"><failure/></testcase></testsuite><testsuite name="b"><testcase name="y"/></testsuite>"#;
    for text in [
        format!("<testrun name='r' tests='2' ignored=''>{inner}</testrun>"),
        format!("<!DOCTYPE r SYSTEM 'x.dtd'><r>{inner}</r>"),
        format!("<j:testsuites xmlns:j='u'>{}</j:testsuites>", inner.replace("</", "</j:").replace("<t", "<j:t")),
        "<r><testcase name='x'><failure/></testcase><testcase name='y'/></r>".to_owned(),
    ] {
        assert!(fits(&text));
        assert_eq!(said(&text), wanted, "{text}");
    }
    assert!(!fits("<robot><suite><test name='<testcase'/></suite></robot>") && !fits("<html><testcase/></html>"));
    assert_eq!(read("<r><a/></r>").unwrap_err().reason, "contains no test suite");
}

#[test]
fn skipped_tests_prove_nothing() {
    let all = "tests passed failed failures errors skipped ok";
    for (text, unknown, ok) in [
        (r#"<testsuite><testcase name="x"><skipped/></testcase></testsuite>"#, all, "null"),
        (r#"<testsuite><skipped/><testcase name="x"><skipped/></testcase></testsuite>"#, all, "null"),
        (r#"<testsuite><testcase name="x"><skipped/></testcase><testcase name="y"/></testsuite>"#, "", "true"),
        (
            r#"<testsuite><testcase name="x"><skipped/></testcase><error/></testsuite>"#,
            "tests passed failures skipped",
            "false",
        ),
    ] {
        let facts = read(text).unwrap();
        let doubts = test::doubts(&facts);
        let top: Vec<&str> = doubts.iter().filter_map(|doubt| doubt.split_once(": ")).map(|parts| parts.0).collect();
        let top: Vec<&str> = top.into_iter().filter(|path| !path.contains('/')).collect();
        assert_eq!(top.join(" "), unknown, "{text}");
        assert!(test::text(&facts).contains(&format!(r#""ok":{ok},"suites""#)), "{text}");
        for doubt in doubts {
            assert!(doubt.ends_with(": no-samples: no test was run: all 1 were skipped"), "{doubt}");
        }
    }
    let two = r#"<testsuites><testsuite name="a"><testcase name="x"><skipped/></testcase></testsuite><testsuite name="b"><testcase name="y"/></testsuite></testsuites>"#;
    assert!(test::doubts(&read(two).unwrap()).iter().all(|doubt| doubt.starts_with("suites/a/")));
}

#[test]
fn what_breaks_outside_of_a_test_counts() {
    for (text, wanted) in [
        (
            r#"<testsuite name="s" tests="1"><testcase name="x"/><error message="setup failed"/></testsuite>"#,
            "tests=1 passed=1 failed=1 errors=1 ok=false",
        ),
        (
            r#"<testsuites><testsuite name="s"><testcase name="x"/></testsuite><failure/></testsuites>"#,
            "tests=1 passed=1 failed=1 failures=1 ok=false",
        ),
        (r#"<testsuite name="s"><error/></testsuite>"#, "failed=1 errors=1 ok=false ? failures passed skipped tests"),
        (
            r#"<testsuite name="s" errors="0"><testcase name="x"/><error/></testsuite>"#,
            "tests=1 passed=1 failed=1 errors=1 ok=false",
        ),
        (
            r#"<testsuite tests="1"><system-err>boom</system-err></testsuite>"#,
            "ok=null ? disabled errors failed failures ok passed skipped tests",
        ),
    ] {
        assert_eq!(said(text), wanted, "{text}");
    }
}

#[test]
fn a_count_that_is_none_is_refused() {
    for (text, place, reason) in [
        ("<testsuite tests=\"2\" failures=\"two\"/>", (1, 1), r#"failures="two": wanted a count"#),
        ("<testsuites>\n <testsuite tests=\"1.5\"/>\n</testsuites>", (2, 2), r#"tests="1.5": wanted a count"#),
    ] {
        let failure = read(text).unwrap_err();
        assert_eq!((failure.place, failure.reason.as_str()), (Some(place), reason));
    }
    for text in ["tests=\" 0 \"", "failures=\"\"", "skipped=\"-1\"", "tests=\"0.0\""] {
        assert!(read(&format!("<testsuite {text}/>")).is_ok(), "{text}");
    }
}

#[test]
fn no_tests_prove_nothing_and_a_cut_text_is_refused() {
    let facts = read("<testsuites/>").unwrap();
    assert!(test::doubts(&facts).contains(&"ok: no-samples: no test was run".to_owned()));
    for text in
        ["<testsuite><testcase name=\"x\"/>", "<testsuite", "<testsuite></a>", "<a/>", "", "<testsuites/><testsuites/>"]
    {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn words_of_a_case_under_other_names() {
    for (case, wanted) in [
        (r#"<testcase name="a" success="false"/>"#, "tests=1 failed=1 failures=1 ok=false failing=[\"a\"]"),
        (r#"<testcase name="a" outcome="Failed"/>"#, "tests=1 failed=1 failures=1 ok=false failing=[\"a\"]"),
        (r#"<testcase name="a" success="True" executed="True"/>"#, "tests=1 passed=1 ok=true"),
        // What is no word of ours there is another thing of the writer's.
        (r#"<testcase name="a" state="Hessen" outcome="purple"/>"#, "tests=1 passed=1 ok=true"),
        (
            r#"<testcase name="a" executed="False"/>"#,
            "tests=1 skipped=1 disabled=1 ok=null ? errors failed failures ok passed skipped tests",
        ),
    ] {
        let text = said(&format!("<testsuite>{case}</testsuite>"));
        assert_eq!(text.split(" failing").next(), wanted.split(" failing").next(), "{case}");
    }
}

#[test]
fn doctest_counts_assertions() {
    let suite = |failures: &str, more: &str, case: &str| {
        said(&format!(
            r#"<testsuites><testsuite name="a.out" errors="0" failures="{failures}" tests="4"{more}>{case}</testsuite></testsuites>"#
        ))
    };
    let case = r#"<testcase classname="a.cpp" name="x" time="0.000023" status="run"/>"#;
    assert_eq!(suite("0", "", case), "tests=1 passed=1 ok=true");
    assert!(suite("1", "", case).contains("ok=false"));
    // Another writer's loss is one.
    assert!(suite("0", "", &case.replace("a.cpp", "A")).contains("ok=null"));
    assert!(suite("0", r#" time="1""#, case).contains("ok=null"));
    assert!(suite("0", "", "").contains("ok=null"));
}

#[test]
fn a_failure_told_by_attributes_alone() {
    for (suite, case) in [
        (r#"status="failed""#, ""),
        (r#"result="Failed""#, ""),
        (r#"success="false""#, ""),
        (r#"failed="1""#, ""),
        (r#"failures="0" failure="1""#, ""),
        (r#"error="1""#, ""),
        ("", r#"failures="1""#),
        ("", r#"errors="1" failures="0""#),
        ("", r#"failure="expected 1 to be 2""#),
    ] {
        let text = said(&format!(r#"<testsuite name="a" tests="1" {suite}><testcase name="x" {case}/></testsuite>"#));
        assert!(text.contains("ok=false"), "{suite} {case}: {text}");
    }
    for (suite, case) in [
        (r#"status="passed" success="true" failed="0" error="""#, ""),
        (r#"status="Hessen""#, r#"failures="0" errors="0" failure="" error="false" skipped="false""#),
    ] {
        let text = said(&format!(r#"<testsuite name="a" tests="1" {suite}><testcase name="x" {case}/></testsuite>"#));
        assert_eq!(text, "tests=1 passed=1 ok=true", "{suite} {case}");
    }
    let skipped = said(r#"<testsuite name="a" tests="1"><testcase name="x" skipped="true"/></testsuite>"#);
    assert!(skipped.contains("skipped=1 ok=null"), "{skipped}");
    // An attribute that appears twice may say two things.
    assert!(read(r#"<testsuite tests="1" failures="0" failures="1"><testcase name="a"/></testsuite>"#).is_err());
}

#[test]
fn vitest_gives_tests_that_never_ran_no_time() {
    let ok = |times: &[&str]| {
        let cases: String = times
            .iter()
            .map(|time| format!("<testcase classname=\"c\" name=\"t\" time=\"{time}\"></testcase>"))
            .collect();
        let suite =
            format!("<testsuite name=\"c.test.js\" tests=\"{}\" failures=\"0\">{cases}</testsuite>", times.len());
        let report = said(&format!("<testsuites name=\"vitest tests\" tests=\"{}\">{suite}</testsuites>", times.len()));
        report.split(' ').find_map(|word| word.strip_prefix("ok=")).unwrap_or_default().to_owned()
    };
    // The worker died after its first test, or before it.
    assert_eq!(ok(&["0.001234567", "0", "0"]), "null");
    assert_eq!(ok(&["0", "0"]), "null");
    assert_eq!(ok(&["0.001234567", "0.000812"]), "true");
    // A browser's clock is coarse: what is short takes nothing.
    assert_eq!(ok(&["0.0012", "0", "0.0001"]), "true");
}

#[test]
fn node_s_totals_count_tests_and_what_holds_them() {
    let node = |totals: &str| {
        format!(
            r#"<testsuites><testsuite name="top"><testcase name="a" classname="test"/><testcase name="b" classname="test"/></testsuite><testcase name="c" classname="test"/>{totals}</testsuites>"#
        )
    };
    // A test that holds others is written as a suite, and counted.
    for tests in [3, 4] {
        assert_eq!(said(&node(&format!("<!-- tests {tests} --><!-- fail 0 -->"))), said(&node("")));
    }
    let facts = read(&node("<!-- tests 9 --><!-- fail 0 -->")).unwrap();
    let detail = "ok: inconsistent: its own totals say tests 9, but it has 3";
    assert!(test::doubts(&facts).iter().any(|doubt| doubt == detail), "{:?}", test::doubts(&facts));
    assert!(test::text(&facts).contains(r#""ok":null"#));
}

/// As TAP::Formatter::JUnit 0.11 writes what prove ran: its cases do not say what was skipped, the TAP behind them does.
#[test]
fn points_that_do_not_count_are_no_passes_of_perl() {
    let report = |errors: u64, cases: &str, tap: &str| {
        said(&format!(
            "<testsuites><testsuite failures=\"0\" tests=\"3\" errors=\"{errors}\" name=\"g_t\">{cases}\
             <system-out><![CDATA[{tap}1..3\n]]></system-out><system-err></system-err></testsuite></testsuites>"
        ))
    };
    let cases =
        "<testcase name=\"1 - a\"></testcase><testcase name=\"2\"></testcase><testcase name=\"3 - c\"></testcase>";
    assert_eq!(report(0, cases, "ok 1 - a\nok 2\nok 3 - c\n"), "tests=3 passed=3 ok=true");
    assert_eq!(
        report(0, cases, "ok 1 - a\nok 2 # skip x\nnot ok 3 - c # TODO y\n"),
        "tests=3 passed=1 skipped=2 ok=true"
    );
    assert!(
        report(0, cases, "ok 1 - a # skip\nok 2 # skip x\nnot ok 3 - c # TODO & SKIP y\n")
            .ends_with("ok=null ? errors failed failures ok passed skipped tests")
    );
    let late = cases.replace("3 - c\">", "3 - c\"><error type=\"TodoTestSucceeded\" message=\"y\"/>");
    assert_eq!(report(1, &late, "ok 1 - a\nok 2\nok 3 - c # TODO y\n"), "tests=3 passed=2 skipped=1 ok=true");
    assert!(report(2, &late, "ok 1 - a\nok 2\nok 3 - c # TODO y\n").contains("ok=false"));
    // Other cases are not named by numbers.
    let named = cases.replace("1 - a", "a");
    assert_eq!(report(0, &named, "ok 1 - a\nok 2 # skip x\nok 3 - c\n"), "tests=3 passed=3 ok=true");
}

#[test]
fn tests_that_a_suite_calls_disabled_are_not_known_to_be_none() {
    let cases = "<testcase name=\"a\"/><testcase name=\"b\"/>";
    for (said_so, text) in [
        ("disabled", format!("<testsuite tests=\"2\" disabled=\"1\">{cases}</testsuite>")),
        (
            "disabled",
            format!("<testsuites tests=\"2\" disabled=\"1\"><testsuite name=\"s\">{cases}</testsuite></testsuites>"),
        ),
        ("skipped", format!("<testsuite tests=\"2\" notrun=\"1\">{cases}</testsuite>")),
        ("skipped", format!("<testsuite tests=\"2\" pending=\"1\">{cases}</testsuite>")),
    ] {
        let doubts = test::doubts(&read(&text).unwrap());
        for path in ["disabled", "passed", "skipped"].into_iter().filter(|path| *path != "disabled" || said_so == *path)
        {
            assert!(
                doubts
                    .iter()
                    .any(|doubt| doubt.starts_with(&format!("{path}: inconsistent"))
                        || doubt.contains(&format!("{path} "))),
                "{path} {text} {doubts:?}"
            );
        }
        assert!(doubts.iter().any(|doubt| doubt.contains(&format!("says {said_so} 1"))), "{doubts:?}");
    }
}

#[test]
fn what_a_suite_says_and_no_case_shows() {
    let doubts = |text: &str| test::doubts(&read(text).unwrap()).join(" | ");
    let below = "<testsuite name=\"m\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"-1\"><testcase name=\"a\"/></testsuite>";
    assert!(doubts(below).contains("ok: inconsistent: skipped is -1"), "{}", doubts(below));
    let flaky = "<testsuite name=\"s\" tests=\"1\" failures=\"0\" flakes=\"1\"><testcase name=\"a\"/></testsuite>";
    assert!(said(flaky).contains("flaky=1"), "{}", said(flaky));
}

#[test]
fn a_test_that_failed_and_broke_is_of_both_kinds_and_one_test() {
    let suite = |sums: &str, cases: &str| said(&format!(r#"<testsuite name="s" {sums}>{cases}</testsuite>"#));
    let (first, second) = (r#"<testcase name="a"><failure/><error/></testcase>"#, r#"<testcase name="b"/>"#);
    let counts = "tests=2 passed=1 failed=1 failures=1 errors=1 ok=false";
    assert_eq!(suite(r#"tests="2" failures="1" errors="1""#, &format!("{first}{second}")), counts);
    assert_eq!(suite("", &format!("{first}{second}")), counts);
    let reversed = first.replace("<failure/><error/>", "<error/><failure/>");
    assert_eq!(suite(r#"tests="2" failures="1" errors="1""#, &format!("{reversed}{second}")), counts);
    // Its suite may count it once.
    assert_eq!(
        suite(r#"tests="2" failures="1" errors="0""#, &format!("{first}{second}")),
        "tests=2 passed=1 failed=1 failures=1 ok=false"
    );
    // pytest writes the case twice: its failure, and the error of its teardown.
    let twice = r#"<testcase name="a"><failure/></testcase><testcase name="a"><error/></testcase>"#;
    assert_eq!(
        suite(r#"tests="1" failures="1" errors="1""#, twice),
        "tests=1 failed=1 failures=1 errors=1 reruns=1 ok=false"
    );
}

#[test]
fn node_s_total_of_passes_is_no_less_than_what_passed() {
    let text = |pass: u64| {
        said(&format!(
            "<testsuites>\n<testsuite name=\"d\"><testcase name=\"a\" classname=\"test\"/></testsuite>\n<testcase name=\"b\" classname=\"test\"/>\n<!-- tests 2 -->\n<!-- suites 1 -->\n<!-- pass {pass} -->\n<!-- fail 0 -->\n</testsuites>"
        ))
    };
    assert_eq!(text(2), "tests=2 passed=2 ok=true");
    assert!(text(0).contains("ok=null"), "{}", text(0));
    assert!(text(1).contains("? passed"), "{}", text(1));
}

#[test]
fn sums_of_other_words_count_and_none_is_below_0() {
    let case = r#"<testcase name="a"/><testcase name="b"/>"#;
    let ok = |sums: &str| {
        let text = said(&format!(r#"<testsuite name="s" tests="2" failures="0" {sums}>{case}</testsuite>"#));
        text.split(' ').find_map(|word| word.strip_prefix("ok=").map(str::to_owned)).unwrap()
    };
    for sums in ["", r#"flakes="1""#, r#"passed="2""#, r#"skipped="0" blocked="0""#, r#"aborted="0""#] {
        assert_eq!(ok(sums), "true", "{sums}");
    }
    for sums in ["skips", "skip", "ignored", "disabled", "flakes", "pending"] {
        assert_eq!(ok(&format!(r#"{sums}="-1""#)), "null", "{sums}");
    }
    for sums in [r#"blocked="2""#, r#"not_run="2""#, r#"passed="0""#] {
        assert_eq!(ok(sums), "null", "{sums}");
    }
    for sums in ["broken", "crashed", "aborted", "timeouts"] {
        assert_eq!(ok(&format!(r#"{sums}="1""#)), "false", "{sums}");
    }
    let passed = said(&format!(r#"<testsuite name="s" tests="2" failures="0" passed="1">{case}</testsuite>"#));
    assert!(passed.contains("ok=true") && passed.contains("? passed"), "{passed}");
}
