//! Less evidence never makes a better answer: the property this project stands on.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use expr::{Judge, Missing, Path, Step, Thresholds};
use schema::{Object, Status, Value, json};
use testkit::Random;

type Names = [&'static str; 8];

/// Names that say nothing of one another, and names of statistics beside what counts their samples.
const FAMILIES: [Names; 6] = [
    ["a", "b", "c_ms", "d_us", "e.f", "g.h.count", "g.h.p99", "mode"],
    ["n", "p99", "max", "mean", "min", "h.n", "h.p50", "mode"],
    ["N", "h.p99", "h.max", "h.min", "h.percentiles.95", "max", "min", "mode"],
    ["count", "g.p99", "g.max", "g.count", "requests", "g.values.p95", "g_count", "mode"],
    ["passes", "fails", "rate", "requests", "p95_ms", "error_rate", "samples", "mode"],
    ["latency_ms_count", "latency_ms_p99", "totalCount", "median", "count", "h.latencyCount", "h.latencyP99", "mode"],
];

fn number(random: &mut Random) -> String {
    (*random.pick(&["0", "1", "-1", "0.5", "2", "3", "10", "1e3", "0.1", "33.3"])).to_owned()
}

fn name(random: &mut Random, names: &Names) -> String {
    (*random.pick(names)).to_owned()
}

/// A sum over names and numbers; the first operand is a name.
fn sum(random: &mut Random, names: &Names, depth: usize) -> String {
    let mut text = name(random, names);
    while depth > 0 && random.once_in(3) {
        let operand = if random.once_in(2) { number(random) } else { sum(random, names, depth - 1) };
        text = format!("({text} {} {operand})", random.pick(&["+", "-", "*", "/"]));
    }
    match random.below(12) {
        0 => format!("abs({text})"),
        1 => format!("max({text}, {})", name(random, names)),
        2 => format!("min({text}, {})", number(random)),
        3 => format!("round({text})"),
        _ => text,
    }
}

fn condition(random: &mut Random, names: &Names, depth: usize) -> String {
    if depth > 0 && random.once_in(3) {
        let (a, b) = (condition(random, names, depth - 1), condition(random, names, depth - 1));
        return match random.below(3) {
            0 => format!("({a} and {b})"),
            1 => format!("({a} or {b})"),
            _ => format!("not ({a})"),
        };
    }
    let left = sum(random, names, 2);
    let right = if random.once_in(4) { sum(random, names, 1) } else { number(random) };
    match random.below(9) {
        0 => format!("{left} in 0..{}", random.pick(&["1", "5", "100"])),
        1 => format!("{left} in [0, 1, {right}]"),
        2 => format!("mode == \"{}\"", random.pick(&["x", "y"])),
        3 => format!("mode != \"{}\"", random.pick(&["x", "y"])),
        _ => format!("{left} {} {right}", random.pick(&["<", "<=", ">", ">=", "==", "!="])),
    }
}

fn threshold(random: &mut Random, names: &Names) -> String {
    let mut line = condition(random, names, 2);
    if random.once_in(4) {
        line.push_str(&format!(" given {}", condition(random, names, 1)));
    }
    if random.once_in(4) {
        line.push_str(&format!(" when {}", condition(random, names, 1)));
    }
    if random.once_in(4) {
        let clause: &&str = random.pick(&[" else warn", " else inconclusive", " else fatal"]);
        line.push_str(clause);
    }
    line
}

fn record(random: &mut Random, names: &Names) -> Value<'static> {
    let mut object = Object::new();
    // Some records have nearly all names, some hardly any: one that lacks most says what little stands there to be.
    let lacks = *random.pick(&[8, 8, 2]);
    let zeros = random.once_in(3);
    for &name in names {
        if random.once_in(lacks) {
            continue;
        }
        let value = match random.below(20) {
            0 => "null".to_owned(),
            1 => "\"text\"".to_owned(),
            2 => "true".to_owned(),
            _ if name != "mode" && zeros && !random.once_in(4) => "0".to_owned(),
            _ if name == "mode" => (*random.pick(&["\"x\"", "\"y\"", "\"z\""])).to_owned(),
            _ => number(random),
        };
        let value = json::parse(value.as_bytes()).unwrap().into_owned();
        let path = Path::parse(name).unwrap();
        // Some logs hold flat keys, some nested ones.
        if random.once_in(3) {
            object.insert(name, value);
        } else {
            path.set(&mut object, value).unwrap();
        }
    }
    Value::Object(object)
}

/// The record without what a path means in it.
fn without(record: &Value<'static>, path: &Path) -> Value<'static> {
    let mut record = record.clone();
    let keys: Vec<&str> =
        path.steps().iter().map(|step| if let Step::Name { text, .. } = step { text } else { "" }).collect();
    remove(&mut record, &keys);
    record
}

fn remove(value: &mut Value<'static>, keys: &[&str]) {
    let Value::Object(object) = value else { return };
    for count in 1..=keys.len() {
        let (head, rest) = keys.split_at(count);
        let key = head.join(".");
        if rest.is_empty() {
            object.remove(&key);
        } else if let Some(inner) = object.get_mut(&key) {
            remove(inner, rest);
        }
    }
}

/// The record with something else in the place of a number that a path means; `None` where there is none.
fn spoiled(record: &Value<'static>, path: &Path, instead: &str) -> Option<Value<'static>> {
    fn place<'v>(value: &'v mut Value<'static>, keys: &[&str]) -> Option<&'v mut Value<'static>> {
        let count = (1..=keys.len()).find(|count| value.get(&keys[..*count].join(".")).is_some())?;
        let Value::Object(object) = value else { return None };
        let inner = object.get_mut(&keys[..count].join("."))?;
        if count == keys.len() { Some(inner) } else { place(inner, &keys[count..]) }
    }
    let mut record = record.clone();
    let keys: Vec<&str> =
        path.steps().iter().map(|step| if let Step::Name { text, .. } = step { text } else { "" }).collect();
    let found = place(&mut record, &keys)?;
    found.as_number()?;
    *found = json::parse(instead.as_bytes()).unwrap().into_owned();
    Some(record)
}

fn outcome(thresholds: &Thresholds, record: &Value<'static>) -> Status {
    let mut judge = Judge::new(thresholds, None, Missing::Inconclusive);
    Status::all(judge.record(record, "").iter().map(|check| check.status))
}

/// Whether a threshold asks two names to be equal, or not to be.
fn compares_names(line: &str) -> bool {
    ["== ", "!= "].iter().any(|operator| {
        let mut parts = line.split(operator);
        parts.next();
        parts.any(|rest| rest.trim_start_matches(['(', ' ']).starts_with(|first: char| first.is_ascii_alphabetic()))
    })
}

#[test]
fn leaving_out_a_value_never_makes_a_pass() {
    let mut random = Random::new(4);
    let (mut cases, mut passes, mut fails) = (0, 0, 0);
    while cases < testkit::times(100_000) {
        let names = random.pick(&FAMILIES);
        let lines: Vec<String> = (0..=random.below(3)).map(|_| threshold(&mut random, names)).collect();
        // Units may not fit together by chance: those lines say nothing here.
        let Ok(thresholds) = Thresholds::parse(&lines.join("\n")) else { continue };
        let record = record(&mut random, names);
        let before = outcome(&thresholds, &record);
        for path in thresholds.iter().flat_map(|threshold| threshold.paths()) {
            let less = without(&record, path);
            let after = outcome(&thresholds, &less);
            let better = matches!(after, Status::Pass | Status::Warn) && after < before;
            assert!(!better, "{lines:?} without {path}: {before} became {after} on {record:?}");
            for instead in ["null", "\"timeout\"", "1e400", "-1e400", "\"\""] {
                // Where two names are asked to be equal and one is a text, the other may well be meant to be one.
                if instead.starts_with('"') && lines.iter().any(|line| compares_names(line)) {
                    continue;
                }
                let Some(spoiled) = spoiled(&record, path, instead) else { continue };
                let after = outcome(&thresholds, &spoiled);
                let better = matches!(after, Status::Pass | Status::Warn) && after < before;
                assert!(!better, "{lines:?} with {path} {instead}: {before} became {after} on {record:?}");
            }
            cases += 1;
            passes += u64::from(before == Status::Pass);
            fails += u64::from(before == Status::Fail);
        }
    }
    assert!(passes > cases / 100 && fails > cases / 20, "{passes} passes and {fails} fails of {cases}");
}

const LETTERS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/// A condition over names that are used once each, so that nothing but the lost one decides.
fn of_names(random: &mut Random, names: &mut Vec<&'static str>, depth: usize) -> String {
    if depth > 0 && names.len() > 1 && random.once_in(2) {
        let (a, b) = (of_names(random, names, depth - 1), of_names(random, names, depth - 1));
        return match random.below(3) {
            0 => format!("({a} and {b})"),
            1 => format!("({a} or {b})"),
            _ => format!("not ({a} and {b})"),
        };
    }
    let name = names.pop().unwrap();
    let operator = *random.pick(&["<", "<=", ">", ">="]);
    let bound = random.below(9);
    match random.below(4) {
        0 if !names.is_empty() => format!("max({name}, {}) {operator} {bound}", names.pop().unwrap()),
        1 if !names.is_empty() => format!("min({name}, {}) {operator} {bound}", names.pop().unwrap()),
        2 => format!("{name} in {bound}..{}", bound + 3),
        _ => format!("{name} {operator} {bound}"),
    }
}

/// What is lost does not undo a failure that it could not have undone, whatever it was.
#[test]
fn a_proven_failure_stays_one() {
    let mut random = Random::new(77);
    let (mut proven, mut open) = (0, 0);
    for _ in 0..testkit::times(40_000) {
        let mut names = LETTERS.to_vec();
        let line = of_names(&mut random, &mut names, 2);
        let Ok(thresholds) = Thresholds::parse(&line) else { continue };
        let mut object = Object::new();
        for name in LETTERS {
            object.insert(name, Value::from(random.below(12) as u64));
        }
        let record = Value::Object(object);
        if outcome(&thresholds, &record) != Status::Fail {
            continue;
        }
        for path in thresholds.iter().flat_map(|threshold| threshold.paths()) {
            let with = |value: &str| outcome(&thresholds, &spoiled(&record, path, value).unwrap());
            let could = ["-1000", "1000"]
                .into_iter()
                .map(str::to_owned)
                .chain((-2..26).map(|half| format!("{}", f64::from(half) / 2.0)));
            let undone = could.into_iter().any(|value| with(&value) != Status::Fail);
            for lost in ["null", "\"x\"", "1e400"] {
                let after = with(lost);
                assert_ne!(after, Status::Pass, "{line} without {path}");
                assert!(undone || after == Status::Fail, "{line} without {path}: {after} on {record:?}");
            }
            if undone { open += 1 } else { proven += 1 }
        }
    }
    assert!(proven > 100 && open > 100, "{proven} {open}");
}
