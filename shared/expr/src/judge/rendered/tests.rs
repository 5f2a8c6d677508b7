//! The parts made beforehand against the slower way, byte for byte.

use super::*;
use crate::{Finding, Judge, Missing, Thresholds};

const THRESHOLDS: &str = r#"
p99_us <= 2ms
latency_ms.p99 < 200
in_s: latency_ms.p99 <= 0.2s else warn
in_min: latency_ms.p99 <= 1m
r: rate <= 1%
ratio: rate in 0..1
errors == 0 else fatal
count >= 1
up >= 99.9 "{up}"
down: up >= 50 "too \"low\""
a != 5 else warn
a2: a == 5 else inconclusive
x.y > -1.5e3
bytes_kib <= 5MiB
mode == "slow"
mode2: mode != "fast \"x\""
ok == true
not_ok: ok != true
odd \ id "scope": v <= 1e30
sum: a + errors < 100
kept: a > 1 when up > 0
"#;

const VALUES: [&str; 28] = [
    "0",
    "-0",
    "0.0",
    "-0.00",
    "0e0",
    "\"0\"",
    "1",
    "5",
    "1.50",
    "99.9",
    "100",
    "1e3",
    "2.5E-3",
    "1999",
    "2001",
    "0.000012",
    "123456789012345678",
    "0.01",
    "0.010000000000000000001",
    "null",
    "\"x\"",
    "\"\"",
    "\"a\\\"b\"",
    "\"größe\"",
    "true",
    "false",
    "{}",
    "1e400",
];

/// One record of random values; its keys stand in any order where `shuffled`.
fn record(random: &mut testkit::Random, shuffled: bool, few: bool) -> String {
    const KEYS: [&str; 13] =
        ["p99_us", "rate", "errors", "count", "up", "a", "bytes_kib", "v", "x.y", "passes", "fails", "mode", "ok"];
    let any = |random: &mut testkit::Random| {
        if few { format!("{}.{}", random.below(3000), random.below(100)) } else { random.pick(&VALUES).to_string() }
    };
    let mut members = Vec::new();
    for key in KEYS {
        if few || !random.once_in(6) {
            members.push(format!("{key:?}:{}", any(random)));
        }
    }
    members.push(format!("\"latency_ms\":{{\"p99\":{},\"count\":{}}}", any(random), any(random)));
    if shuffled {
        random.shuffle(&mut members);
    }
    let separator = if random.once_in(20) { ", " } else { "," };
    format!("{{{}}}", members.join(separator))
}

fn line(finding: Finding<'_>, fast: &mut u64) -> Vec<u8> {
    let mut line = Vec::new();
    match finding {
        Finding::Rendered(rendering) => {
            *fast += 1;
            rendering.write(&mut line);
            let (status, check) = (rendering.status(), rendering.check());
            assert_eq!(status, check.status);
            let mut again = Vec::new();
            json::write_struct(&check, &mut again).unwrap();
            assert_eq!(String::from_utf8_lossy(&line), String::from_utf8_lossy(&again));
        }
        Finding::Check(check) => json::write_struct(&check, &mut line).unwrap(),
    }
    line
}

fn plain_lines(thresholds: &Thresholds, record: &Value<'_>, scope: &str) -> Vec<String> {
    let checks = Judge::new(thresholds, None, Missing::Inconclusive).plainly().record(record, scope);
    let line = |check: Check<'_>| {
        let mut line = Vec::new();
        json::write_struct(&check, &mut line).unwrap();
        String::from_utf8(line).unwrap()
    };
    checks.into_iter().map(line).collect()
}

/// All ways over random records, read and by stencils: the same lines.
#[test]
fn the_fast_ways_say_what_the_slow_way_says() {
    let thresholds = Thresholds::parse(THRESHOLDS).unwrap();
    let mut random = testkit::Random::new(11);
    let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
    let mut stencils = judge.stencils(None);
    let (mut fast, mut fits) = (0, 0);
    for round in 0..testkit::times(200_000) {
        let (shuffled, few) = (random.once_in(3), random.once_in(2));
        let text = record(&mut random, shuffled, few);
        let value = json::parse(text.as_bytes()).unwrap();
        let scope = ["", "a \"scope\""][usize::from(round / 50 % 2 == 1)];
        let mut lines = Vec::new();
        judge
            .each(&value, scope, |finding| {
                lines.push(String::from_utf8(line(finding, &mut fast)).unwrap());
                Ok::<(), std::convert::Infallible>(())
            })
            .unwrap();
        let plain = plain_lines(&thresholds, &value, scope);
        assert_eq!(lines, plain, "{text}");
        let Some(fit) = stencils.fit(text.as_bytes()) else {
            stencils.learn(text.as_bytes(), &value);
            continue;
        };
        fits += 1;
        lines.clear();
        judge
            .each_fit(&fit, scope, |finding| {
                lines.push(String::from_utf8(line(finding, &mut fast)).unwrap());
                Ok::<(), std::convert::Infallible>(())
            })
            .unwrap();
        assert_eq!(lines, plain, "{text}");
        let (mut written, mut again) = (Vec::new(), Vec::new());
        fit.write(&mut written);
        json::write(&value, &mut again);
        assert_eq!(written, again, "{text}");
    }
    assert!(fast > 1000 && fits > 1000, "the fast ways were hardly taken: {fast}, {fits}");
}

/// Thresholds of which each is told quickly: the lines that are written in one go are the same, too.
#[test]
fn lines_written_at_once_are_the_slow_ones() {
    let lists = ["up >= 0", "p99_us <= 1500", "latency_ms.p99 <= 900", "rate > -1\nerrors < 1000.5\nbytes_kib >= 0.25"];
    let mut random = testkit::Random::new(31);
    for list in lists {
        let thresholds = Thresholds::parse(list).unwrap();
        let mut judge = Judge::new(&thresholds, None, Missing::Inconclusive);
        let mut stencils = judge.stencils(None);
        let (mut passed, mut other) = (0, 0);
        for _ in 0..testkit::times(60_000) {
            let shuffled = random.once_in(3);
            let few = random.once_in(2);
            let text = record(&mut random, shuffled, few);
            let value = json::parse(text.as_bytes()).unwrap();
            let Some(fit) = stencils.fit(text.as_bytes()) else {
                stencils.learn(text.as_bytes(), &value);
                continue;
            };
            let mut out = Vec::new();
            let Some((count, status)) = judge.write_fit(&fit, "", &mut out) else { continue };
            let plain = plain_lines(&thresholds, &value, "");
            let those: Vec<&str> = std::str::from_utf8(&out).unwrap().lines().collect();
            assert_eq!(those, plain, "{text}");
            assert_eq!(count as usize, plain.len(), "{text}");
            let passes = plain.iter().all(|line| line.contains("\"status\":\"pass\""));
            assert_eq!(status == schema::Status::Pass, passes, "{text}");
            if passes { passed += 1 } else { other += 1 }
        }
        assert!(passed > 100 && (other > 20 || list.starts_with("up")), "{list}: {passed} passed, {other} did not");
    }
}
