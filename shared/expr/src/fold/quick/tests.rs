//! The quick way against the wide one: the same states, for any records.

use schema::json;
use testkit::Random;

use super::*;

const AGGREGATES: [&str; 16] = [
    "n = count()",
    "n = count(where status >= 500)",
    "n = sum(ms)",
    "n = 100 * count(where ok) / count()",
    "n = mean(ms where route == \"/a\")",
    "n = min(ms)",
    "n = max(ms)",
    "n = first(route)",
    "n = last(route)",
    "n = last(ms)",
    "n = any(ms > 90)",
    "n = all(ok)",
    "n = longest(not ok)",
    "n = distinct(route)",
    "n = distinct(ms)",
    "n = increase(ms)",
];

fn value(random: &mut Random) -> String {
    match random.below(24) {
        0 => "null".to_owned(),
        1 => "\"\"".to_owned(),
        2 => "\"x\"".to_owned(),
        3 => "{\"b\":1}".to_owned(),
        4 => "1e3".to_owned(),
        5 => "1e400".to_owned(),
        6 => "123456789012345678901234567890".to_owned(),
        7 => "-0.50".to_owned(),
        8 => "true".to_owned(),
        _ => format!("{}.{}", random.below(100), random.below(1000)),
    }
}

fn record(random: &mut Random) -> String {
    let odd = random.once_in(4);
    let mut members = vec![
        format!(
            "\"ms\":{}",
            if odd { value(random) } else { format!("{}.{:03}", random.below(100), random.below(1000)) }
        ),
        format!("\"ok\":{}", if odd { value(random) } else { random.once_in(2).to_string() }),
        format!("\"status\":{}", if odd { value(random) } else { (200 + random.below(400)).to_string() }),
        format!("\"route\":{}", if odd { value(random) } else { format!("\"/{}\"", ["a", "b", "c"][random.below(3)]) }),
    ];
    if random.once_in(20) {
        members.remove(random.below(4));
    }
    format!("{{{}}}", members.join(","))
}

#[test]
fn quick_states_are_what_wide_ones_are() {
    let mut quickly = 0;
    for seed in 0..testkit::times(2_000) {
        let mut random = Random::new(seed);
        let aggregates: Vec<Aggregate> =
            (0..1 + random.below(4)).map(|_| Aggregate::parse(AGGREGATES[random.below(16)]).unwrap()).collect();
        let quick = Quick::of(&aggregates).unwrap();
        let start = || aggregates.iter().map(Aggregate::start).collect::<Vec<_>>();
        let (mut fast, mut plain, mut cut) = (start(), start(), start());
        for _ in 0..random.below(60) {
            let text = record(&mut random);
            let record = json::parse(text.as_bytes()).unwrap();
            let mut add = |states: &mut [AggregateState]| {
                if quick.add(states, &|place| Raw::of(record.get(&quick.keys()[place]))) {
                    quickly += 1;
                    return;
                }
                states.iter_mut().zip(&aggregates).for_each(|(state, aggregate)| state.add(aggregate, &record));
            };
            add(&mut fast);
            add(&mut cut);
            plain.iter_mut().zip(&aggregates).for_each(|(state, aggregate)| state.add(aggregate, &record));
            if random.once_in(6) {
                // As if what follows were of another block.
                let mut before = std::mem::replace(&mut cut, start());
                before.iter_mut().zip(&start()).for_each(|(state, more)| state.merge(more));
                let rest = std::mem::replace(&mut cut, before);
                cut.iter_mut().zip(&rest).for_each(|(state, more)| state.merge(more));
            }
        }
        for ((aggregate, plain), others) in aggregates.iter().zip(&plain).zip(fast.iter().zip(&cut)) {
            for other in [others.0, others.1] {
                assert_eq!(other.finish(aggregate), plain.finish(aggregate), "{aggregate} of seed {seed}");
                assert_eq!(other.limits(aggregate), plain.limits(aggregate), "{aggregate} of seed {seed}");
                if aggregate.joins_in_any_order(true) {
                    assert_eq!(other.to_value(), plain.to_value(), "{aggregate} of seed {seed}");
                }
            }
        }
    }
    assert!(quickly > testkit::times(2_000) * 10, "{quickly}");
}

#[test]
fn what_is_not_common_is_left_to_the_wide_way() {
    for text in ["n = sum(a + b)", "n = slope(a by ts)", "n = max(p99_ms)", "n = count(where abs(a) > 1)"] {
        assert!(Quick::of(&[Aggregate::parse(text).unwrap()]).is_none(), "{text}");
    }
}
