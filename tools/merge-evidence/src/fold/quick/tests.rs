//! The fast way against the plain one: the same groups of the same lines.

use expr::{Aggregate, Condition};
use schema::json;
use schema::shapes::PADDING;
use testkit::Random;

use super::super::{Plan, Taken as Plainly};
use super::*;
use crate::merge::OnConflict;

const AGGREGATES: [&str; 8] = [
    "n = count()",
    "bad = count(where status >= 500)",
    "bytes = sum(bytes)",
    "slow = max(ms)",
    "outage = longest(not ok)",
    "host = last(host)",
    "hosts = distinct(host)",
    "good_pct = 100 * count(where ok) / count()",
];

fn line(random: &mut Random, second: &mut u64) -> String {
    *second += random.below(3) as u64;
    let odd = |random: &mut Random, value: String| match random.below(60) {
        0 => "null".to_owned(),
        1 => "\"x\\ty\"".to_owned(),
        2 => "1e5".to_owned(),
        3 => "[1,2]".to_owned(),
        4 => "\"\"".to_owned(),
        5 => "-3".to_owned(),
        _ => value,
    };
    let mut members = Vec::new();
    let status = (200 + 100 * random.below(4)).to_string();
    let route = format!("\"/{}\"", ["a", "b", "a-route-with-a-long-name"][random.below(3)]);
    let host = format!("\"web{}\"", random.below(30));
    for (key, value) in [
        ("time", format!("\"2026-03-05T20:{:02}:{:02}Z\"", *second / 60 % 60, *second % 60)),
        ("route", route),
        ("status", status),
        ("ms", format!("{}.{}", random.below(90), random.below(1000))),
        ("ok", random.once_in(2).to_string()),
        ("bytes", random.below(100_000).to_string()),
        ("host", host),
    ] {
        if !random.once_in(150) {
            members.push(format!("\"{key}\":{}", odd(random, value)));
        }
    }
    let own = if random.once_in(200) { ",\"@evidence\":{\"declared\":[\"ms\"]}" } else { "" };
    let end = ["\n", "\n", "\n", "\r\n"][random.below(4)];
    format!("{{{}{own}}}{end}", members.join(","))
}

/// What all lines come to, and how many the fast way took.
fn fold(text: &str, plan: &dyn Fn() -> Groups<'static>, quickly: bool) -> (String, u64) {
    let mut bytes = text.as_bytes().to_vec();
    let end = bytes.len();
    bytes.resize(end + PADDING, b'x');
    let (mut groups, mut clock) = (plan(), Clock::default());
    let mut quick = quickly.then(|| Quick::new(&groups, Some("time")).unwrap());
    let (mut at, mut taken, mut said) = (0, 0, String::new());
    let mut counts = [0; 3];
    while at < end {
        if let Some(quick) = &mut quick {
            let run = quick.run(&bytes, (at, end), 1 << 20, &mut groups, &mut clock);
            (at, taken) = (run.next, taken + run.records);
            counts[0] += run.records - run.skipped;
            counts[1] += run.skipped;
        }
        let Some(line) = text.get(at..end).and_then(|rest| rest.split_inclusive('\n').next()) else { break };
        at += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        let value = json::parse(line.as_bytes()).unwrap();
        let time = clock.time(&value);
        match groups.record(&value, time) {
            Ok(Plainly::Used) => {
                clock.see(&value);
                counts[0] += 1;
            }
            Ok(Plainly::Skipped) => counts[1] += 1,
            Ok(Plainly::Undecided) => counts[2] += 1,
            Err(_) => {
                said.push_str("refused ");
                continue;
            }
        }
        if let Some(quick) = &mut quick {
            quick.learn(line.as_bytes(), &value);
        }
    }
    said.push_str(&format!("{counts:?} {:?} ", clock.finish()));
    let aggregates = groups.plan.aggregates;
    let (groups, declared) = groups.finish();
    said.push_str(&format!("{declared:?} "));
    for group in groups {
        said.push_str(&format!("{:?} {:?} {:?}: ", group.key, group.hole(), group.undecided.told()));
        for (aggregate, outcome) in group.results(aggregates, group.hole().is_some()) {
            let shown = outcome.value.map_err(|lost| (lost.code, lost.low, lost.high));
            said.push_str(&format!("{aggregate} -> {shown:?}; "));
        }
    }
    (said, taken)
}

#[test]
fn the_fast_way_folds_as_the_plain_one() {
    let mut quickly = 0;
    for seed in 0..testkit::times(300) {
        let mut random = Random::new(seed);
        let chosen = (0..1 + random.below(4)).map(|_| Aggregate::parse(AGGREGATES[random.below(8)]).unwrap());
        let aggregates: &'static [Aggregate] = Vec::leak(chosen.collect());
        let by: &'static Option<Path> = Box::leak(Box::new(random.once_in(2).then(|| Path::parse("route").unwrap())));
        let wanted = ["status >= 300", "ms < 80 and ok", "host != \"web3\""][random.below(3)];
        let conditions = random.once_in(2).then(|| Condition::parse(wanted).unwrap());
        let conditions: &'static [Condition] = Vec::leak(conditions.into_iter().collect());
        let plan = || Groups::new(Plan { aggregates, by: by.as_ref(), conditions, rule: OnConflict::default() });
        let mut second = 0;
        // The first record tells the key of times.
        let mut text =
            "{\"time\":\"2026-03-05T20:00:00Z\",\"route\":\"/a\",\"status\":200,\"ms\":1,\"ok\":true}\n".to_owned();
        (0..random.below(400)).for_each(|_| text.push_str(&line(&mut random, &mut second)));
        let (plain, _) = fold(&text, &plan, false);
        let (fast, taken) = fold(&text, &plan, true);
        quickly += taken;
        assert_eq!(fast, plain, "seed {seed}");
    }
    assert!(quickly > testkit::times(300) * 20, "{quickly}");
}
