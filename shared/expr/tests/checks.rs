//! From threshold lines and records to checks: the texts that others depend on, word for word.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

use expr::{Baseline, Judge, Missing, Threshold, Thresholds};
use schema::{Check, Code, Kind, Status, Value, json};

fn parse(text: &str) -> Value<'_> {
    json::parse(text.as_bytes()).unwrap()
}

fn check(line: &str, record: &str) -> Check<'static> {
    let threshold = Threshold::parse(line).unwrap_or_else(|error| panic!("{line}: {error}\n{}", error.caret()));
    let mut checks = threshold.checks(&parse(record), "", None);
    assert_eq!(checks.len(), 1, "{line}");
    checks.remove(0)
}

fn status(line: &str, record: &str) -> (Status, Option<Code>) {
    let check = check(line, record);
    (check.status, check.code)
}

fn written(check: &Check<'_>) -> String {
    let mut out = Vec::new();
    json::write_struct(check, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_check_of_the_design() {
    let record = r#"{"latency":{"p99_us":2400,"count":1043},"@evidence":{"sources":[{"name":"latency"}]}}"#;
    assert_eq!(
        written(&check("p99_us: latency.p99_us <= 2000", record)),
        r#"{"id":"p99_us","scope":"","metric":"latency.p99_us","type":"max","op":"<=","actual":2400,"expected":2000,"unit":"us","status":"fail","passed":false,"fatal":false,"origin":"observed","code":"","violation":"p99_us=2400 > 2000","reason":"p99_us=2400 > 2000","margin":-400,"samples":1043,"source":"latency","threshold":"p99_us: latency.p99_us <= 2000"}"#
    );
}

/// What could not be read may have been anything: an answer that it cannot change is given all the same.
#[test]
fn numbers_between_limits() {
    let pass = (Status::Pass, None);
    let fail = (Status::Fail, None);
    let open = (Status::Inconclusive, Some(Code::NotANumber));
    let record = |limits: &str| {
        format!(
            r#"{{"p99":98,"a":1,"zero":0,"@evidence":{{"unknown":[{{"path":"p99","code":"not-a-number","detail":"2 of 100"{limits}}}]}}}}"#
        )
    };
    let (above, both) = (record(r#","low":98"#), record(r#","low":90,"high":100"#));
    for (line, record, wanted) in [
        ("p99 <= 200", &above, open),
        ("p99 <= 50", &above, fail),
        ("p99 >= 98", &above, pass),
        ("p99 > 98", &above, open),
        ("p99 == 5", &above, fail),
        ("p99 != 5", &above, pass),
        ("p99 in 1..99", &above, open),
        ("p99 in 1..50", &above, fail),
        ("p99 in [1, 2]", &above, fail),
        ("p99 <= 200 missing fail", &above, open),
        ("p99 <= 100", &both, pass),
        ("p99 < 100", &both, open),
        ("2 * p99 - a <= 199", &both, pass),
        ("p99 / 2 <= 44", &both, fail),
        ("-p99 >= -100", &both, pass),
        ("p99 * zero == 0", &both, open),
        ("a / p99 <= 5", &both, open),
        ("max(p99, a) >= 90", &both, pass),
        ("min(p99, a) <= 1", &both, pass),
        ("max(a, none) <= 0", &both, fail),
        ("p99 <= 50 and none <= 5", &both, fail),
        ("p99 == null", &both, open),
        ("default(p99, 5) <= 100", &both, pass),
    ] {
        assert_eq!(status(line, record), wanted, "{line}: {record}");
    }
    assert_eq!(check("p99 <= 50", &above).violation, "p99=98 > 50");
    assert_eq!(check("p99 <= 200", &above).reason, "p99: not-a-number: 2 of 100");
    let limits_above = r#"{"a":{"b":5},"@evidence":{"unknown":[{"path":"a","code":"stale","low":1,"high":9}]}}"#;
    assert_eq!(status("a.b <= 10", limits_above), (Status::Inconclusive, Some(Code::Stale)));
    let twice =
        r#"{"a":5,"@evidence":{"unknown":[{"path":"a","code":"stale","high":9},{"path":"a","code":"gap","high":6}]}}"#;
    assert_eq!(status("a <= 10", twice), (Status::Inconclusive, Some(Code::Stale)));
}

/// Windows of time in a row are neighbours in time: what is missing between them may have been anything.
#[test]
fn windows_in_a_row() {
    let judged = |line: &str, windows: &[(u32, u32)]| {
        let thresholds = Thresholds::parse(line).unwrap();
        let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
        let mut last = (Status::Skip, None);
        for (minute, ms) in windows {
            let record = format!(r#"{{"window":"2026-03-05T20:{minute:02}:00Z","ms":{ms}}}"#);
            let check = judge.record(&parse(&record), "").remove(0);
            last = last.max((check.status, check.code));
        }
        judge.finish().iter().fold(last, |last, check| last.max((check.status, check.code)))
    };
    let few = (Status::Inconclusive, Some(Code::TooFewFacts));
    let (pass, fail, gap) = ((Status::Pass, None), (Status::Fail, None), (Status::Inconclusive, Some(Code::Gap)));
    for (line, windows, wanted) in [
        ("ms <= 5 after 2", &[(0, 1), (1, 9), (2, 9)][..], fail),
        ("ms <= 5 after 2", &[(0, 1), (1, 9), (9, 9)], gap),
        ("ms <= 5 after 2", &[(0, 1), (1, 1), (9, 9)], gap),
        ("ms <= 5 after 3", &[(0, 1), (1, 9), (2, 9), (4, 1)], pass),
        ("ms <= 5 after 2 of 3", &[(0, 1), (1, 9), (3, 9)], fail),
        ("ms <= 5 after 2 of 9", &[(0, 9), (1, 1), (2, 1), (3, 9)], fail),
        ("ms <= 5 after 3", &[(0, 1), (1, 9), (3, 9)], gap),
        ("ms <= 5 after 3", &[(0, 1), (1, 1)], pass),
        ("ms <= 5 after 3", &[(0, 9)], few),
        ("ms <= 5 after 3", &[(0, 9), (1, 1)], few),
        ("ms <= 5 after 3", &[(0, 9), (1, 1), (2, 9)], pass),
        ("ms <= 5 else warn after 2 of 9", &[(0, 9)], few),
        ("ms <= 5", &[(0, 1), (1, 1), (9, 1)], pass),
    ] {
        assert_eq!(judged(line, windows), wanted, "{line}: {windows:?}");
    }
}

/// Windows that say how long they are need no neighbours to tell what lies between them.
#[test]
fn windows_that_say_how_long_they_are() {
    let judged = |windows: &[(&str, u32)]| {
        let thresholds = Thresholds::parse("ms <= 5 after 2").unwrap();
        let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
        let mut last = (Status::Skip, None);
        for (time, ms) in windows {
            let record = format!(r#"{{"window":"2026-03-05T{time}:00Z","window_s":60,"ms":{ms}}}"#);
            let check = judge.record(&parse(&record), "").remove(0);
            last = last.max((check.status, check.code));
        }
        last
    };
    assert_eq!(judged(&[("08:00", 9), ("20:00", 9)]), (Status::Inconclusive, Some(Code::Gap)));
    assert_eq!(judged(&[("08:00", 9), ("08:01", 9)]), (Status::Fail, None));
    assert_eq!(judged(&[("08:00", 1), ("20:00", 1)]), (Status::Pass, None));
}

/// A part of nothing bounds nothing.
#[test]
fn none_held_against_a_part_of_none() {
    let (pass, fail) = ((Status::Pass, None), (Status::Fail, None));
    let none = (Status::Inconclusive, Some(Code::NoSamples));
    let idle = r#"{"achieved_rps":0,"target_rps":0,"errors":0,"requests":0,"http_reqs":{"rate":0.0},"ok":0,"swap_used_mb":0,"swap_total_mb":0,"p99_ms":0,"limit_ms":0}"#;
    let busy = r#"{"achieved_rps":95,"target_rps":100,"errors":0,"requests":9,"http_reqs":{"rate":9},"ok":9}"#;
    for (line, record, wanted) in [
        ("achieved_rps >= 95% * target_rps", idle, none),
        ("achieved_rps >= 95% * target_rps", busy, pass),
        ("achieved_rps >= target_rps * 0.95", idle, none),
        ("95% * target_rps <= achieved_rps", idle, none),
        ("achieved_rps in 95% * target_rps .. 105% * target_rps", idle, none),
        ("achieved_rps in 95% * target_rps .. 105% * target_rps", busy, pass),
        ("errors <= 1% * requests", idle, none),
        ("errors <= 1% * requests", busy, pass),
        ("errors <= requests / 100", idle, none),
        ("errors < round(1% * requests)", idle, none),
        ("not (errors > 1% * requests)", idle, none),
        ("ok >= 90% * http_reqs.rate and errors == 0", idle, none),
        ("ok >= 90% * http_reqs.rate and errors == 0", busy, pass),
        // What nothing happens to may be none of it.
        ("swap_used_mb <= 50% * swap_total_mb", idle, pass),
        ("errors <= 1% * requests", r#"{"errors":5,"requests":0}"#, fail),
        ("achieved_rps >= 95% * target_rps", r#"{"achieved_rps":5,"target_rps":0}"#, pass),
        ("errors == requests", r#"{"errors":0,"requests":0}"#, pass),
    ] {
        assert_eq!(status(line, record), wanted, "{line}: {record}");
    }
    assert_eq!(
        check("errors <= 1% * requests", idle).reason,
        "errors: no-samples: both sides are 0, and a part of none says nothing"
    );
}

/// What is known without its count needs none, though a threshold reads one.
#[test]
fn one_latency_needs_no_count() {
    let thresholds = Thresholds::parse("requests >= 1 missing skip\nlatency_ms <= 9\nerrors.pct <= 1").unwrap();
    let judged = |record: &str| {
        let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
        judge.record(&parse(record), "").iter().map(|check| check.status).collect::<Vec<_>>()
    };
    use Status::{Fail, Inconclusive, Pass, Skip};
    assert_eq!(judged(r#"{"latency_ms":5,"errors":{"pct":0}}"#), [Skip, Pass, Pass]);
    assert_eq!(judged(r#"{"latency_ms":0,"errors":{"pct":0},"requests":0}"#), [Fail, Inconclusive, Inconclusive]);
}

/// A sibling that holds nothing is no sibling that was left out on purpose.
#[test]
fn a_wildcard_asks_what_holds_nothing_beside_its_matches() {
    let judged = |line: &str, record: &str| {
        let thresholds = Thresholds::parse(line).unwrap();
        let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
        judge
            .record(&parse(record), "")
            .iter()
            .map(|check| format!("{} {}", check.id, check.reason))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        judged("*.p95_ms <= 9", r#"{"a":{"p95_ms":5},"b":null}"#),
        ["*.p95_ms[a] ", "*.p95_ms[b] *.p95_ms[b]: missing: b is null, while others next to it have one"]
    );
    assert_eq!(judged("*.p95_ms <= 9", r#"{"a":{"p95_ms":5},"meta":{"host":"x"}}"#), ["*.p95_ms[a] "]);
    // What the evidence says is unknown there is said once.
    let unknown = r#"{"a":{"p95_ms":5},"b":null,"@evidence":{"unknown":[{"path":"b","code":"stale"}]}}"#;
    assert_eq!(judged("*.p95_ms <= 9", unknown), ["*.p95_ms[a] ", "*.p95_ms[b] *.p95_ms[b]: stale"]);
    let skipped = judged("*.p95_ms <= 9 missing skip", r#"{"a":{"p95_ms":5},"b":null}"#);
    assert_eq!(skipped, ["*.p95_ms[a] ", "*.p95_ms[b] "]);
}

/// A window of which nothing is known, as `--fill` writes it, is as good as one that is missing.
#[test]
fn windows_of_nothing_in_a_row() {
    let judged = |line: &str, windows: &[&str]| {
        let thresholds = Thresholds::parse(line).unwrap();
        let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
        let mut statuses = Vec::new();
        for (minute, ms) in windows.iter().enumerate() {
            let record = format!(r#"{{"window":"2026-03-05T20:{minute:02}:00Z","ms":{ms}}}"#);
            statuses.push(judge.record(&parse(&record), "").remove(0).status);
        }
        statuses
    };
    use Status::{Fail, Inconclusive, Pass, Skip};
    assert_eq!(judged("ms <= 5 after 2", &["9", "null", "9", "1"]), [Pass, Inconclusive, Inconclusive, Pass]);
    assert_eq!(judged("ms <= 5 after 2", &["1", "null", "9", "9"]), [Pass, Inconclusive, Inconclusive, Fail]);
    assert_eq!(judged("ms <= 5 after 2 of 3", &["9", "null", "9"]), [Pass, Inconclusive, Fail]);
    // What is left out on purpose is between nothing.
    assert_eq!(judged("ms <= 5 after 2 missing skip", &["9", "null", "9"]), [Pass, Skip, Fail]);
}

#[test]
fn sure_holds_the_bound_against_an_interval() {
    let (pass, fail) = ((Status::Pass, None), (Status::Fail, None));
    let (noise, few) =
        ((Status::Inconclusive, Some(Code::WithinNoise)), (Status::Inconclusive, Some(Code::TooFewFacts)));
    let ms =
        r#"{"ms":{"count":71,"p99":171,"p99_low":150,"p99_high":null,"p50":9,"p50_low":8,"p50_high":11,"sure":0.95}}"#;
    for (line, record, wanted) in [
        ("ms.p99 <= 200 sure 95%", ms, noise),
        ("ms.p99 <= 100 sure 95%", ms, fail),
        ("ms.p99 <= 160 sure 95%", ms, noise),
        ("ms.p99 >= 150 sure 95%", ms, pass),
        ("ms.p50 <= 11 sure 95%", ms, pass),
        ("ms.p50 < 11 sure 95%", ms, noise),
        ("ms.p50 in 8..11 sure 95%", ms, pass),
        ("ms.p50 <= 11 sure 99%", ms, few),
        ("ms.p95 <= 11 sure 95%", r#"{"ms":{"p95":5}}"#, few),
        ("2 * ms.p50 <= 22 sure 95%", ms, pass),
        ("bad / all <= 0.1% sure 95%", r#"{"bad":0,"all":1000}"#, noise),
        ("bad / all <= 0.1% sure 95%", r#"{"bad":0,"all":2995}"#, pass),
        ("bad / all <= 0.1% sure 95%", r#"{"bad":0,"all":2994}"#, noise),
        ("bad / all <= 0.1% sure 95%", r#"{"bad":9,"all":1000}"#, fail),
        ("ok / (ok + bad) >= 99% sure 95%", r#"{"bad":0,"ok":299}"#, pass),
        ("100 * bad / all <= 0.1 sure 95%", r#"{"bad":0,"all":2995}"#, pass),
        ("retries / requests <= 50% sure 95%", r#"{"retries":5,"requests":3}"#, few),
        ("retries / requests <= 1% sure 95%", r#"{"retries":5,"requests":3000}"#, few),
        ("100 * http.retry_count / requests <= 1 sure 95%", r#"{"http":{"retry_count":0},"requests":3000}"#, few),
        (
            "failed_attempts / (ok_attempts + failed_attempts) <= 1% sure 95%",
            r#"{"failed_attempts":0,"ok_attempts":299}"#,
            pass,
        ),
        ("retried / requests <= 1% sure 95%", r#"{"retried":5,"requests":3000}"#, pass),
        ("bad / all <= 50% sure 95%", r#"{"bad":0.5,"all":3}"#, few),
        ("bad / all <= 0.1% sure 95%", r#"{"bad":0,"all":0}"#, (Status::Inconclusive, Some(Code::DivisionByZero))),
        ("rate <= 1% sure 95%", r#"{"rate":0.01,"passes":1,"fails":99}"#, noise),
        ("rate <= 1% sure 95%", r#"{"rate":0,"passes":0,"fails":299}"#, pass),
        ("error_rate <= 1% sure 95%", r#"{"error_rate":0,"requests":299}"#, pass),
        ("error_pct <= 1% sure 95%", r#"{"error_pct":33.3333333,"count":3}"#, fail),
        ("error_rate <= 1% sure 95%", r#"{"error_rate":0}"#, few),
        // So many a second.
        ("rate >= 5 sure 95%", r#"{"rate":10,"count":1000}"#, few),
        ("rate >= 30% sure 95%", r#"{"rate":0.5,"count":1000}"#, few),
        ("rate <= 30% sure 95%", r#"{"rate":0.5,"count":1000,"passes":7,"fails":993}"#, few),
        // More than all of them: nobody knows what is meant.
        (
            "error_rate <= 1% sure 95%",
            r#"{"error_rate":10,"requests":100}"#,
            (Status::Inconclusive, Some(Code::Inconsistent)),
        ),
        ("max <= 5 sure 95%", r#"{"max":3,"count":9}"#, few),
        ("ms.p99 <= 200 sure 95% missing fail", "{}", (Status::Fail, None)),
    ] {
        assert_eq!(status(line, record), wanted, "{line}: {record}");
    }
    for (line, record, reason) in [
        (
            "ms.p99 <= 200 sure 95%",
            ms,
            "ms.p99: within-noise: ms.p99=171, n=71 has no upper end at 95%; at least 299 samples",
        ),
        (
            "bad / all <= 0.1% sure 95%",
            r#"{"bad":0,"all":1000}"#,
            "bad / all: within-noise: bad / all = 0 of 1000, up to 0.299% at 95%; 0 of 2995 would do",
        ),
        (
            "bad / all <= 1% sure 95%",
            r#"{"bad":5,"all":1000}"#,
            "bad / all: within-noise: bad / all = 5 of 1000, up to 1.05% at 95%; 6 of 1182 would do",
        ),
    ] {
        assert_eq!(check(line, record).reason, reason, "{line}: {record}");
    }
    let thresholds = Thresholds::parse("sure 95%\nms.p50 <= 11 \"{ms.p50}\"\nms.max <= 5\n").unwrap();
    let lines: Vec<&str> = thresholds.iter().map(|threshold| threshold.line.as_str()).collect();
    assert_eq!(lines, ["ms.p50 <= 11 sure 95% \"{ms.p50}\"", "ms.max <= 5"]);
    assert_eq!(thresholds.notes(), ["ms.max: it has no interval: judged as it is"]);
    for thresholds in ["a / b <= 1% sure 95", "a / b <= 1% sure 100%", "a / b <= 1 and c < 2 sure 95%", "x sure 95%"] {
        assert!(Threshold::parse(thresholds).is_err(), "{thresholds}");
    }
}

/// What could not be read moves a figure, and luck does besides: limits alone are no interval.
#[test]
fn sure_of_what_could_not_be_read_in_part() {
    let unknown = |path: &str, limits: &str| {
        format!(r#""@evidence":{{"unknown":[{{"path":"{path}","code":"not-a-number","detail":""{limits}}}]}}"#)
    };
    let ms = |limits: &str| {
        let unknown = unknown("ms.p50", limits);
        format!(r#"{{"ms":{{"count":71,"p50":10,"p50_low":8,"p50_high":13,"sure":0.95}},{unknown}}}"#)
    };
    let doubt = (Status::Inconclusive, Some(Code::NotANumber));
    for (bound, limits, wanted) in [
        (14, r#","low":10,"high":11"#, (Status::Pass, None)),
        (12, r#","low":10,"high":11"#, doubt),
        (9, r#","low":10,"high":11"#, doubt),
        (7, r#","low":10,"high":11"#, (Status::Fail, None)),
        (14, r#","low":10,"high":20"#, doubt),
        (20, r#","low":10,"high":20"#, (Status::Pass, None)),
        (20, r#","low":10"#, doubt),
        (7, r#","low":10"#, (Status::Fail, None)),
        (7, r#","low":5,"high":20"#, doubt),
        (14, "", doubt),
    ] {
        assert_eq!(status(&format!("ms.p50 <= {bound} sure 95%"), &ms(limits)), wanted, "{bound} {limits}");
    }
    let count = |limits: &str| format!(r#"{{"bad":0,"all":1000,{}}}"#, unknown("bad", limits));
    for (line, limits, wanted) in [
        ("bad / all <= 1% sure 95%", r#","low":0,"high":3"#, (Status::Pass, None)),
        ("bad / all <= 0.5% sure 95%", r#","low":0,"high":3"#, doubt),
        ("bad / all <= 0.5%", r#","low":0,"high":3"#, (Status::Pass, None)),
        ("bad / all <= 1% sure 95%", r#","low":30"#, (Status::Fail, None)),
        ("bad / all <= 1% sure 95%", r#","low":12"#, doubt),
        ("bad / all <= 1% sure 95%", r#","high":2000"#, doubt),
    ] {
        assert_eq!(status(line, &count(limits)), wanted, "{line} {limits}");
    }
    let trials = format!(r#"{{"bad":0,"all":1000,{}}}"#, unknown("all", r#","low":1000,"high":1001"#));
    assert_eq!(status("bad / all <= 1% sure 95%", &trials), doubt);
    // An end that is in doubt is none.
    let end = r#"{"ms":{"count":71,"p50":10,"p50_low":8,"p50_high":13,"sure":0.95}"#;
    for path in ["ms.p50_high", "ms.sure"] {
        let record = format!("{end},{}}}", unknown(path, ""));
        let too_few = (Status::Inconclusive, Some(Code::TooFewFacts));
        assert_eq!(status("ms.p50 <= 20 sure 95%", &record), too_few, "{path}");
    }
}

/// At a true share on the wrong side of the bound an answer that is sure is wrong in at most one of twenty runs.
#[test]
fn sure_is_wrong_no_more_often_than_it_says() {
    let mut random = testkit::Random::new(2026);
    let threshold = Threshold::parse("bad / all <= 2% sure 95%").unwrap();
    for all in [30, 100, 300, 1000, 3000] {
        for (per_mille, wrong) in [(21, Status::Pass), (20, Status::Pass), (19, Status::Fail)] {
            let (runs, mut count) = (testkit::times(8_000), 0);
            for _ in 0..runs {
                let bad = (0..all).filter(|_| random.below(1000) < per_mille).count();
                let record = format!(r#"{{"bad":{bad},"all":{all}}}"#);
                count += u32::from(threshold.checks(&parse(&record), "", None)[0].status == wrong);
            }
            // Four standard errors above 5 %.
            let most = 0.05 + 4.0 * (0.05 * 0.95 / f64::from(u32::try_from(runs).unwrap())).sqrt();
            let share = f64::from(count) / f64::from(u32::try_from(runs).unwrap());
            assert!(share <= most, "{all} at {per_mille} of 1000: {wrong:?} in {share}");
        }
    }
}

#[test]
fn violations_in_words() {
    for (line, record, violation) in [
        ("E2 p95: p95_ms <= 100ms", r#"{"p95_ms":143}"#, "E2 p95=143ms > 100ms"),
        ("p99_us <= 2ms", r#"{"p99_us":2400}"#, "p99_us=2.4ms > 2ms"),
        ("rate <= 1%", r#"{"rate":0.02}"#, "rate=2% > 1%"),
        ("up: uptime_pct >= 99.9", r#"{"uptime_pct":99.5}"#, "up=99.5 < 99.9"),
        ("a == 1 + b", r#"{"a":5,"b":3}"#, "a=5 != 4"),
        ("mode == \"degraded\"", r#"{"mode":"baseline"}"#, "mode=\"baseline\" != \"degraded\""),
        ("x in 1..5", r#"{"x":7}"#, "x=7 not in 1..5"),
        ("p_ms in 1ms..5ms", r#"{"p_ms":7}"#, "p_ms=7ms not in 1ms..5ms"),
        ("x in [1, 2]", r#"{"x":7}"#, "x=7 not in [1, 2]"),
        ("a == 0 and b == 0", r#"{"a":0,"b":1}"#, "a == 0 and b == 0"),
        ("ok / (ok + bad) >= 99%", r#"{"ok":2,"bad":1}"#, "ok / (ok + bad)=66.6667% < 99%"),
        ("ok / n >= 0.333333", r#"{"ok":999999,"n":3000000}"#, "ok / n=0.333333 < 0.333333"),
    ] {
        if violation.ends_with("0.333333 < 0.333333") {
            assert_eq!(check(line, record).status, Status::Pass);
            continue;
        }
        assert_eq!(check(line, record).violation, violation, "{line}");
    }
    let fatal = "process_exit.sim == 0 and process_exit.tester == 0 else fatal \"process_rc(sim={process_exit.sim},tester={process_exit.tester})\"";
    let check = check(fatal, r#"{"process_exit":{"sim":3}}"#);
    assert_eq!((check.status, check.fatal, check.kind), (Status::Fail, true, Kind::Condition));
    assert_eq!(check.reason, "process_rc(sim=3,tester=?)");
    assert_eq!((check.actual, check.expected), (Value::Bool(false), Value::Bool(true)));
}

#[test]
fn cannot_tell() {
    for (record, code) in [
        ("{}", Code::Missing),
        (r#"{"p99":null}"#, Code::Null),
        (r#"{"p99":"NaN"}"#, Code::NotANumber),
        (r#"{"p99":""}"#, Code::NotANumber),
        (r#"{"p99":"5"}"#, Code::NotANumber),
        (r#"{"p99":true}"#, Code::WrongType),
        (r#"{"p99":[]}"#, Code::NoSamples),
        (r#"{"p99":{}}"#, Code::WrongType),
        (r#"{"p99":0,"count":0}"#, Code::NoSamples),
        (r#"{"p99":1e999999}"#, Code::Overflow),
        (r#"{"p99":1,"@evidence":{"declared":["p99"]}}"#, Code::Declared),
        (r#"{"p99":1,"@evidence":{"unknown":[{"path":"p99","code":"inconsistent","detail":""}]}}"#, Code::Inconsistent),
        (r#"{"p99":1,"@evidence":{"declared":5}}"#, Code::Malformed),
    ] {
        assert_eq!(status("p99 <= 200", record), (Status::Inconclusive, Some(code)), "{record}");
    }
    assert_eq!(status("a / b <= 1", r#"{"a":1,"b":0}"#), (Status::Inconclusive, Some(Code::DivisionByZero)));
    assert_eq!(status("a.b <= 1", r#"{"a":{"b":1},"a.b":1}"#), (Status::Inconclusive, Some(Code::Ambiguous)));
    assert_eq!(status("x <= y", r#"{"x":1,"y":2,"@evidence":{"declared":["y"]}}"#), (Status::Pass, None));
    assert_eq!(check("p99 <= 200", "{}").reason, "p99: missing");
}

#[test]
fn clauses() {
    let given = "r: ok / (ok + bad) >= 99% given ok + bad > 0";
    assert_eq!(status(given, r#"{"ok":0,"bad":0}"#), (Status::Inconclusive, Some(Code::GivenNotMet)));
    assert_eq!(status(given, r#"{"ok":99,"bad":1}"#), (Status::Pass, None));
    let when = "x <= 1 when mode == \"degraded\"";
    assert_eq!(status(when, r#"{"x":5,"mode":"baseline"}"#), (Status::Skip, None));
    assert_eq!(status(when, r#"{"x":5,"mode":"degraded"}"#), (Status::Fail, None));
    assert_eq!(status(when, r#"{"x":1}"#), (Status::Inconclusive, Some(Code::Missing)));
    assert_eq!(status("x <= 1 else warn", r#"{"x":5}"#), (Status::Warn, None));
    assert_eq!(status("x <= 1 else inconclusive", r#"{"x":5}"#), (Status::Inconclusive, Some(Code::Violated)));
    assert_eq!(status("x <= 1 missing fail", "{}"), (Status::Fail, None));
    assert_eq!(status("x <= 1 missing skip", "{}"), (Status::Skip, None));
    assert!(check("default(x, 0) <= 1", "{}").assumed);
}

#[test]
fn wildcards_make_one_check_a_match() {
    let threshold = Threshold::parse("actions.*.p95_ms <= limits.*.p95_ms").unwrap();
    let record =
        r#"{"actions":{"send":{"p95_ms":5},"read":{"p95_ms":9}},"limits":{"send":{"p95_ms":6},"read":{"p95_ms":6}}}"#;
    let checks = threshold.checks(&parse(record), "", None);
    let ids: Vec<_> = checks.iter().map(|check| (check.id.as_str(), check.status)).collect();
    assert_eq!(ids, [("actions.*.p95_ms[send]", Status::Pass), ("actions.*.p95_ms[read]", Status::Fail)]);
    assert_eq!(checks[1].metric, "actions.read.p95_ms");
    let none = threshold.checks(&parse("{}"), "", None);
    assert_eq!((none[0].status, none[0].code), (Status::Inconclusive, Some(Code::Missing)));
}

/// The worst status of a line's checks, and the id and code of the first check that has it.
fn worst(line: &str, record: &str) -> (Status, String, Option<Code>) {
    let threshold = Threshold::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    let checks = threshold.checks(&parse(record), "", None);
    let status = checks.iter().map(|check| check.status).max().unwrap();
    let check = checks.into_iter().find(|check| check.status == status).unwrap();
    (status, check.id, check.code)
}

#[test]
fn wildcards_ask_for_what_is_listed_as_unknown() {
    let listed = |record: &str, path: &str, code: &str| {
        let path = path.replace('"', "\\\"");
        format!(
            "{{{record},\"@evidence\":{{\"unknown\":[{{\"path\":\"{path}\",\"code\":\"{code}\",\"detail\":\"\"}}]}}}}"
        )
    };
    let one = r#""api":{"p95_ms":100}"#;
    for (record, path, line, id) in [
        // A source that is not there, as merge-evidence writes it.
        (r#""api":{"p95_ms":100},"db":null"#, "db", "*.p95_ms <= 250ms", "*.p95_ms[db]"),
        (r#""api":{"p95_ms":100},"db":null"#, "db", "**.p95_ms <= 250ms", "**.p95_ms[db]"),
        (r#""api":{"p95_ms":100},"db":null"#, "db", "len(**.p95_ms) >= 1", "len(**.p95_ms)"),
        (one, "db", "*.p95_ms <= 250ms", "*.p95_ms[db]"),
        (one, "db.p95_ms", "*.p95_ms <= 250ms", "*.p95_ms[db]"),
        (one, "a.b.p95_ms", "**.p95_ms <= 250ms", "**.p95_ms[a.b]"),
        (one, "a.b", "**.p95_ms <= 250ms", "**.p95_ms[a.b]"),
        (one, ".\"a.b\"", "*.p95_ms <= 250ms", "*.p95_ms[a.b]"),
        (one, ".\"db.p95_ms\"", "*.p95_ms <= 250ms", "*.p95_ms[db]"),
        (one, "api", "**.p95_ms <= 250ms", "**.p95_ms[api]"),
        (one, "not a path", "**.p95_ms <= 250ms", "**.p95_ms[api]"),
        (r#""a":{"x":1}"#, "a.y", "a.* <= 5", "a.*[y]"),
        (r#""a":{"x":1}"#, "a.x", "a.* <= 5", "a.*[x]"),
        (r#""a":{"x":1}"#, "a", "a.* <= 5", "a.*[x]"),
        (r#""a":{"x":1}"#, "a.y", "a.** <= 5", "a.**[y]"),
        (r#""a":{"x":1}"#, "a.y.z", "a.** <= 5", "a.**[y.z]"),
        (r#""b":1"#, "a", "a.* <= 5", "a.*"),
        (r#""a":{"x":{"b":{"y":1}}}"#, "a.z", "a.*.b.* <= 5", "a.*.b.*[z,*]"),
        (r#""l":[{"p":1}]"#, "l[1]", "l.*.p <= 5", "l.*.p[1]"),
        (r#""a":{"x":1}"#, "a.x", "len(a.*) >= 1", "len(a.*)"),
        (r#""a":{"x":1},"y":1"#, "a.z", "y <= 1 given len(a.*) >= 1", "y"),
        (r#""a":{"x":1},"y":1"#, "a.z", "y <= 1 when len(a.*) >= 1", "y"),
        (r#""a":{"x":1},"y":1"#, "a.z", "len(a.*) <= 5 and y == 1", "len(a.*) <= 5 and y == 1"),
    ] {
        let got = worst(line, &listed(record, path, "stale"));
        assert_eq!(got, (Status::Inconclusive, id.to_owned(), Some(Code::Stale)), "{record} {path} {line}");
    }
    for (record, path, line) in [
        (one, "db", "api.* <= 250"),
        (one, "other.p99_ms.x", "*.p95_ms <= 250ms"),
        (one, "db.p99_ms", "*.p95_ms <= 250ms"),
        // A number stands there, and has nothing below it.
        (r#""api":{"p95_ms":100,"p99_ms":900}"#, "api.p99_ms", "**.p95_ms <= 250ms"),
        (r#""a":{"x":1},"b":2"#, "b", "len(a.*) >= 1"),
        (one, "@source.x", "**.p95_ms <= 250ms"),
    ] {
        assert_eq!(worst(line, &listed(record, path, "stale")).0, Status::Pass, "{record} {path} {line}");
    }
    // A failure that is proven is not hidden behind it.
    assert_eq!(worst("*.p95_ms <= 50ms", &listed(one, "db", "stale")).0, Status::Fail);
}

#[test]
fn wildcards_read_flat_keys() {
    for (record, line, status, id) in [
        (r#"{"api.p95_ms":900,"db":{"p95_ms":10}}"#, "**.p95_ms <= 250ms", Status::Fail, "**.p95_ms[api]"),
        (r#"{"api.p95_ms":900,"db":{"p95_ms":10}}"#, "*.p95_ms <= 250ms", Status::Fail, "*.p95_ms[api]"),
        (r#"{"http.status":500,"http":{"x":1}}"#, "http.* <= 300", Status::Fail, "http.*[status]"),
        (r#"{"http.status":500,"http":{"x":1}}"#, "http.** <= 300", Status::Fail, "http.**[status]"),
        (r#"{"a.b.p":9,"a":{"x":{"p":1}}}"#, "a.*.p <= 5", Status::Fail, "a.*.p[b]"),
        (r#"{"a.b":{"p":9},"a":{"x":{"p":1}}}"#, "a.*.p <= 5", Status::Fail, "a.*.p[b]"),
        (r#"{"a.b":{"c.p":9},"a":{"x":{"p":1}}}"#, "a.**.p <= 5", Status::Fail, "a.**.p[b.c]"),
        (r#"{"x":{"a.b.p":9},"y":{"p":1}}"#, "**.p <= 5", Status::Fail, "**.p[x.a.b]"),
        (r#"{"x":{"a.b":9}}"#, "x.*.* <= 5", Status::Fail, "x.*.*[a,b]"),
        (r#"{"stages[0].vu":9,"x":{"vu":1}}"#, "*.vu <= 5", Status::Fail, "*.vu[stages[0]]"),
        (r#"{"s[0].vu":9,"s":[{"x":1}]}"#, "s[0].* <= 5", Status::Fail, "s[0].*[vu]"),
        // Both are there, and nobody can tell which is meant.
        (r#"{"api.p95_ms":9,"api":{"p95_ms":9}}"#, "*.p95_ms <= 250ms", Status::Inconclusive, "*.p95_ms[api]"),
        (r#"{"api.p95_ms":9,"api":{"p95_ms":9}}"#, "**.p95_ms <= 250ms", Status::Inconclusive, "**.p95_ms[api]"),
        (r#"{"api.p95_ms":9,"api":{"p95_ms":9}}"#, "len(**.p95_ms) >= 1", Status::Inconclusive, "len(**.p95_ms)"),
        // A flat key that a wildcard takes whole is what it was.
        (r#"{"a.b":{"p":1}}"#, "*.p <= 5", Status::Pass, "*.p[a.b]"),
        (r#"{"GET /a.html":{"p":1}}"#, "*.* <= 5", Status::Pass, "*.*[GET /a.html,p]"),
        (r#"{"a.b":1,"@source.p":9}"#, "** <= 5", Status::Fail, "**[@source.p]"),
        (r#"{"a":{"p":1},"@source.p":9}"#, "*.p <= 5", Status::Pass, "*.p[a]"),
        // In a flat key a * in the middle is one name: nor would it match a nested one.
        (r#"{"a.b.c.p":9,"a":{"x":{"p":1}}}"#, "a.*.p <= 5", Status::Pass, "a.*.p[x]"),
        (r#"{"x.p":1,"y.p":2,"z.q":3}"#, "len(*.p) == 2", Status::Pass, "len(*.p)"),
        (r#"{"a.b.c":1}"#, "len(**) == 1", Status::Pass, "len(**)"),
    ] {
        let got = worst(line, record);
        assert_eq!((got.0, got.1.as_str()), (status, id), "{record} {line}");
    }
    // Deeper than any path: not passed over.
    let deep = format!("{{\"p\":1,\"x\":{}{{\"p\":9}}{}}}", "{\"a\":".repeat(70), "}".repeat(70));
    assert_eq!(worst("**.p <= 5", &deep).0, Status::Inconclusive);
    // Each way through flat keys is gone once: this is no more work than there are keys and steps.
    let mut nested = "1".to_owned();
    for _ in 0..60 {
        nested = format!("{{\"a.b\":{nested}}}");
    }
    assert_eq!(worst(&format!("{}** <= 5", "*.".repeat(30)), &nested).0, Status::Pass);
    let long = format!("{{\"{}\":1}}", ["a"; 3000].join("."));
    assert_eq!(worst("*.*.*.*.*.*.*.*.p <= 5", &long).0, Status::Inconclusive);
    assert_eq!(worst("**.a.a.*.q <= 5", &long).0, Status::Inconclusive);
}

#[test]
fn a_count_of_matches_stands_on_evidence() {
    let declared = r#"{"plan":{"x":1},"y":1,"@evidence":{"declared":["plan"]}}"#;
    for line in ["len(plan) >= 1", "len(plan.*) >= 1", "len(**) >= 1", "y <= 1 given len(plan.*) >= 1"] {
        assert_eq!(status(line, declared), (Status::Inconclusive, Some(Code::Declared)), "{line}");
    }
    for line in ["y <= 1 when len(plan.*) >= 1", "y <= len(plan.*)"] {
        assert_eq!(status(line, declared), (Status::Pass, None), "{line}");
    }
    let within = r#"{"plan":{"x":{"n":1}},"@evidence":{"declared":["plan.x.n"]}}"#;
    assert_eq!(status("len(plan.*) >= 1", within), (Status::Inconclusive, Some(Code::Declared)));
    assert_eq!(status("len(a.*) >= 0", r#"{"@evidence":"odd"}"#), (Status::Inconclusive, Some(Code::Malformed)));
    // What the baseline holds is counted there.
    let line = Threshold::parse("len(a.*) >= len(baseline.a.*)").unwrap();
    let with = |baseline: &str| {
        let baseline = Baseline::of(parse(baseline).into_owned());
        let check = line.checks(&parse(r#"{"a":{"x":1}}"#), "", Some(&baseline)).remove(0);
        (check.status, check.code)
    };
    assert_eq!(with(r#"{"a":{"x":1}}"#), (Status::Pass, None));
    assert_eq!(with(r#"{"a":{"x":1,"y":1}}"#), (Status::Fail, None));
    assert_eq!(with(r#"{"@evidence":"odd"}"#), (Status::Inconclusive, Some(Code::NoBaseline)));
}

#[test]
fn sections_scopes_and_nothing() {
    let thresholds = Thresholds::parse("a <= 1\n[x, \"y z\"]\nb <= 1\n\n[perf-*]\nc <= 1 # so\n").unwrap();
    let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
    let mut ids = |record: &str, scope: &str| {
        let checks = judge.record(&parse(record), scope);
        checks.iter().map(|check| check.id.clone()).collect::<Vec<_>>().join(",")
    };
    assert_eq!(ids(r#"{"a":1}"#, "x"), "a,b");
    assert_eq!(ids(r#"{"a":1}"#, "perf-1"), "a,c");
    assert_eq!(ids(r#"{"a":1}"#, "other"), "a");
    let left = judge.finish();
    assert_eq!(left.len(), 1);
    assert_eq!(
        (left[0].scope.as_str(), left[0].code, left[0].reason.as_str()),
        ("y z", Some(Code::MissingGroup), "b: missing-group")
    );
    let empty = Judge::new(&thresholds, None, Missing::Inconclusive).finish();
    assert_eq!(empty.len(), 4);
    assert!(empty.iter().all(|check| check.code == Some(Code::NoRecords)));
}

#[test]
fn runs_of_violations() {
    let thresholds = Thresholds::parse("stuck == 0 else warn after 3").unwrap();
    let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
    let mut statuses = Vec::new();
    for stuck in ["1", "1", "null", "1", "0", "1"] {
        let text = format!("{{\"stuck\":{stuck}}}");
        statuses.push(judge.record(&parse(&text), "")[0].status);
    }
    use Status::{Inconclusive, Pass, Warn};
    assert_eq!(statuses, [Pass, Pass, Inconclusive, Warn, Pass, Pass]);
}

#[test]
fn an_interval_that_its_figure_lies_outside_of_decides_nothing() {
    let with = |low: &str, middle: &str, high: &str| {
        let record =
            format!(r#"{{"p99_ms":{middle},"p99_ms_low":{low},"p99_ms_high":{high},"count":900,"sure":0.95}}"#);
        let check = Threshold::parse("p99_ms <= 120ms sure 95%").unwrap().checks(&parse(&record), "", None).remove(0);
        (check.status, check.code, check.reason)
    };
    assert_eq!(with("90", "100", "110").0, Status::Pass);
    assert_eq!(with("100", "100", "100").0, Status::Pass);
    assert_eq!(with("null", "100", "110").0, Status::Pass);
    for (low, middle, high) in [("90", "150", "110"), ("90", "80", "110"), ("110", "100", "90"), ("null", "150", "110")]
    {
        let (status, code, reason) = with(low, middle, high);
        assert_eq!((status, code), (Status::Inconclusive, Some(Code::Inconsistent)), "{low} {middle} {high}");
        assert!(reason.ends_with("it is outside its own interval"), "{reason}");
    }
}

/// The best that a run can have bounds the next one from above, and from below it bounds nothing.
#[test]
fn a_baseline_without_errors_is_a_bound() {
    let with = |line: &str, before: &str, record: &str| {
        let baseline = Baseline::of(parse(before).into_owned());
        let check = Threshold::parse(line).unwrap().checks(&parse(record), "", Some(&baseline)).remove(0);
        (check.status, check.code)
    };
    let nothing = (Status::Inconclusive, Some(Code::DivisionByZero));
    for key in ["errors", "http_errors", "failed", "timeouts_total", "error_count"] {
        let (zero, one) = (format!(r#"{{"{key}":0}}"#), format!(r#"{{"{key}":1}}"#));
        assert_eq!(with(&format!("{key} <= 110% * baseline"), &zero, &zero), (Status::Pass, None), "{key}");
        assert_eq!(with(&format!("{key} <= 110% * baseline"), &zero, &one), (Status::Fail, None), "{key}");
        assert_eq!(with(&format!("{key} <= baseline * 2 + 1"), &zero, &one), (Status::Pass, None), "{key}");
        assert_eq!(with(&format!("{key} >= 90% * baseline"), &zero, &one), nothing, "{key}");
    }
    for key in ["requests", "p99_ms", "error_rate"] {
        let zero = format!(r#"{{"{key}":0}}"#);
        assert_eq!(with(&format!("{key} <= 110% * baseline"), &zero, &zero), nothing, "{key}");
    }
}

#[test]
fn baselines() {
    let line = "p99_ms <= 110% * baseline";
    let threshold = Threshold::parse(line).unwrap();
    let with = |document: &str, record: &str| {
        let baseline = Baseline::of(parse(document).into_owned());
        let check = threshold.checks(&parse(record), "", Some(&baseline)).remove(0);
        (check.status, check.code)
    };
    assert_eq!(with(r#"{"p99_ms":100}"#, r#"{"p99_ms":110}"#), (Status::Pass, None));
    assert_eq!(with(r#"{"p99_ms":100}"#, r#"{"p99_ms":111}"#), (Status::Fail, None));
    assert_eq!(with(r#"{"p99_ms":0}"#, r#"{"p99_ms":0}"#), (Status::Inconclusive, Some(Code::DivisionByZero)));
    assert_eq!(with("{}", r#"{"p99_ms":0}"#), (Status::Inconclusive, Some(Code::NoBaseline)));
    let verdict = r#"{"verdict":"PASS","groups":[{"id":"","verdict":"PASS","evidence":{"p99_ms":100}}]}"#;
    assert_eq!(with(verdict, r#"{"p99_ms":110}"#), (Status::Pass, None));
    let failed = verdict.replace("\"PASS\",\"g", "\"FAIL\",\"g");
    assert_eq!(with(&failed, r#"{"p99_ms":110}"#), (Status::Inconclusive, Some(Code::NoBaseline)));
    assert_eq!(threshold.checks(&parse(r#"{"p99_ms":1}"#), "", None)[0].code, Some(Code::NoBaseline));
    assert_eq!(with(r#"{"p99_ms":1e999999}"#, r#"{"p99_ms":1}"#), (Status::Inconclusive, Some(Code::Overflow)));
    let group = r#"{"id":"","verdict":"PASS","evidence":{"p99_ms":100}}"#;
    for (document, passes) in [
        (format!(r#"{{"verdict":"PASS","recommended_exit_code":0,"groups":[{group}]}}"#), true),
        (format!(r#"{{"verdict":"WARN","groups":[{group}]}}"#), true),
        // A gate decided, and it did not pass.
        (format!(r#"{{"verdict":"PASS","recommended_exit_code":3,"groups":[{group}]}}"#), false),
        (format!(r#"{{"verdict":"PASS","recommended_exit_code":1,"groups":[{group}]}}"#), false),
        (format!(r#"{{"verdict":"PASS","recommended_exit_code":"0","groups":[{group}]}}"#), false),
        (format!(r#"{{"verdict":"PASS","recommended_exit_code":null,"groups":[{group}]}}"#), false),
        (format!(r#"{{"verdict":"UNSURE","groups":[{group}]}}"#), false),
        (format!(r#"{{"verdict":"PASS","groups":[{group},{group}]}}"#), false),
        (r#"{"verdict":"PASS","groups":[{"verdict":"PASS","evidence":{"p99_ms":100}}]}"#.to_owned(), false),
        (r#"{"verdict":"PASS","groups":7}"#.to_owned(), false),
        // Of another shape than ours, but it says that it failed.
        (r#"{"verdict":"FAIL","p99_ms":100}"#.to_owned(), false),
        (r#"{"verdict":"PASS","recommended_exit_code":3,"p99_ms":100}"#.to_owned(), false),
        (r#"[{"p99_ms":100}]"#.to_owned(), false),
    ] {
        let wanted = if passes { (Status::Pass, None) } else { (Status::Inconclusive, Some(Code::NoBaseline)) };
        assert_eq!(with(&document, r#"{"p99_ms":110}"#), wanted, "{document}");
    }
}

/// A part of a share is a share, in the unit of what it is compared with.
#[test]
fn a_part_of_a_share() {
    let record = r#"{"success_ratio":0.5,"error_pct":2,"cpu_pct":44,"limit_pct":50,"share":0.44,"errors":2,"total":9}"#;
    for (line, bound) in [
        ("success_ratio >= 90% * baseline", Ok("0.45")),
        ("error_pct <= 110% * baseline", Ok("2.2")),
        ("error_pct <= baseline * 110%", Ok("2.2")),
        ("error_pct <= 150% * baseline + 0.5%", Ok("3.5")),
        ("error_pct <= 100% * baseline.success_ratio", Ok("50")),
        ("cpu_pct <= 90% * limit_pct", Ok("45")),
        ("cpu_pct <= limit_pct * 90% - 0.5%", Ok("44.5")),
        ("cpu_pct <= limit_pct * 90%", Ok("45")),
        ("cpu_pct <= 90% * 50%", Ok("45")),
        ("cpu_pct >= 80% * 90% * limit_pct", Ok("36")),
        // As before: without a unit on the left it is a fraction, and of something else it is a part.
        ("share <= 90% * limit_pct", Ok("0.45")),
        ("errors <= limit_pct * total", Ok("4.5")),
        // Nobody can tell which it is.
        ("cpu_pct <= 100 * (90% * limit_pct)", Err("cpu_pct is a share, and ")),
        ("cpu_pct <= 90% * limit_pct + 1", Err("cpu_pct is a share, and ")),
        ("cpu_pct <= 90% * share", Err("cpu_pct is a share, and ")),
        ("limit_pct >= 100 * errors / total", Err("limit_pct is a share, and ")),
    ] {
        match (Threshold::parse(line), bound) {
            (Ok(threshold), Ok(bound)) => {
                let baseline = Baseline::of(parse(record).into_owned());
                let check = threshold.checks(&parse(record), "", Some(&baseline)).remove(0);
                let expected = check.expected.as_number().map(|number| number.as_str().to_owned());
                assert_eq!((check.status, expected.as_deref()), (Status::Pass, Some(bound)), "{line}");
            }
            (Err(error), Err(begins)) => assert!(error.to_string().starts_with(begins), "{line}: {error}"),
            (parsed, _) => panic!("{line}: {parsed:?}"),
        }
    }
}

#[test]
fn a_count_that_is_asked_for_must_be_there() {
    let thresholds = Thresholds::parse("ms.p99 <= 5\nms.count >= 1 when full\n[x]\nop.count > 0\n").unwrap();
    let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
    let mut first = |record: &str| {
        let check = judge.record(&parse(record), "").remove(0);
        (check.status, check.code)
    };
    let zero = r#"{"ms":{"p99":0,"count":0},"full":false}"#;
    assert_eq!(first(zero), (Status::Inconclusive, Some(Code::NoSamples)));
    // The zero left out does not make the figure look measured.
    assert_eq!(first(r#"{"ms":{"p99":0},"full":false}"#), (Status::Inconclusive, Some(Code::Missing)));
    assert_eq!(first(r#"{"ms":{"p99":0,"count":1},"full":false}"#), (Status::Pass, None));
    // Nobody asks for this count here: the threshold that does is another scope's.
    let other = Thresholds::parse("op.p99 <= 5\n[x]\nop.count > 0\n").unwrap();
    let mut judge = Judge::new(&other, None, Missing::Inconclusive);
    assert_eq!(judge.record(&parse(r#"{"op":{"p99":1}}"#), "")[0].status, Status::Pass);
    assert_eq!(judge.record(&parse(r#"{"op":{"p99":1}}"#), "x")[0].code, Some(Code::Missing));
}

/// A count of what happens and a time that was measured are never below zero; a difference may be.
#[test]
fn what_cannot_be_negative() {
    for (line, record, code) in [
        ("errors <= 0", r#"{"errors":-1}"#, Some(Code::Inconsistent)),
        ("errors == 0 else warn", r#"{"errors":-1.0}"#, Some(Code::Inconsistent)),
        ("p99_ms <= 200", r#"{"p99_ms":-1}"#, Some(Code::Inconsistent)),
        ("dur_ms.p99 <= 200", r#"{"dur_ms":{"p99":-0.5}}"#, Some(Code::Inconsistent)),
        ("*.errors_total <= 5", r#"{"a":{"errors_total":-5}}"#, Some(Code::Inconsistent)),
        ("errors / requests <= 1%", r#"{"errors":1,"requests":-7}"#, Some(Code::Inconsistent)),
        ("errors <= 0", r#"{"errors":-0}"#, None),
        ("offset_ms.p99 <= 200", r#"{"offset_ms":{"p99":-5}}"#, None),
        ("change.p99_ms <= 5", r#"{"change":{"p99_ms":-5}}"#, None),
        ("errors_delta <= 5", r#"{"errors_delta":-5}"#, None),
        ("error_budget <= 5", r#"{"error_budget":-5}"#, None),
    ] {
        let thresholds = Thresholds::parse(line).unwrap();
        let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
        let check = judge.record(&parse(record), "").remove(0);
        let wanted = if code.is_some() { Status::Inconclusive } else { Status::Pass };
        assert_eq!((check.status, check.code), (wanted, code), "{line}: {record}");
    }
}

/// What is missing is named, where it is not what was measured; commas in numbers are told, and nothing controls a terminal.
#[test]
fn messages_name_what_is_wrong() {
    for (line, wanted) in [
        ("p99_ms <= 200 when mood == \"x\"", "p99_ms: missing: there is no mood"),
        ("p99_ms <= 200 given reqs > 0", "p99_ms: missing: there is no reqs"),
        ("p99_ms <= 110% * basline", "p99_ms: missing: there is no basline"),
        ("p95_ms <= 110% * basline", "p95_ms: missing"),
    ] {
        let check = Threshold::parse(line).unwrap().checks(&parse(r#"{"p99_ms":5}"#), "", None).remove(0);
        assert_eq!(check.reason, wanted, "{line}");
    }
    for line in ["p99_ms <= 1,000", "p99_ms <= 0,2s"] {
        assert!(Threshold::parse(line).unwrap_err().message.contains("a number has no comma"), "{line}");
        assert!(Thresholds::parse(line).unwrap_err().message.contains("a number has no comma"), "{line}");
    }
    assert!(Threshold::parse("x in [1,2]").is_ok());
    assert!(Threshold::parse("p99ms <= 200ms").unwrap_err().message.contains("rename it to p99_ms"));
    assert!(Threshold::parse("terms <= 200ms").unwrap_err().message.ends_with("write terms * 1ms"));
    assert!(!Threshold::parse("p99 \u{1b}[31m <=< \0 5").unwrap_err().caret().contains(['\u{1b}', '\0']));
}
