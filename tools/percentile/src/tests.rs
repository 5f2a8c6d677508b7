//! What could not be read may have been anything: whatever is lost of an input, no figure is given as known that the
//! whole input would have had otherwise, and what is known stays known.
use std::collections::BTreeMap;
use std::ffi::OsString;

use serde_json::Value;
use testkit::Random;

use crate::{flags, session};

/// What percentile writes, run in this process.
fn written(arguments: &[&str], input: &str) -> String {
    let (output, status) = testkit::in_process(input.as_bytes(), |from, to| {
        let words = arguments.iter().map(OsString::from).chain(["-o".into(), to.into(), from.into()]);
        filter::status(&flags::TOOL, 2, words, session::run)
    });
    assert_eq!(status, 0, "{arguments:?}: {input}");
    String::from_utf8(output).unwrap()
}

/// The records that percentile writes; a seal is none.
fn run(arguments: &[&str], input: &str) -> Vec<Value> {
    let text = written(arguments, input);
    let records = text.lines().map(|line| serde_json::from_str(line).unwrap());
    records.filter(|record: &Value| record.get("@seal").is_none()).collect()
}

/// The figures of a record by their path.
fn figures(record: &Value, prefix: &str, all: &mut BTreeMap<String, f64>) {
    for (key, value) in record.as_object().unwrap() {
        let path = format!("{prefix}{key}");
        match value {
            Value::Number(number) if key != "relative_error" => drop(all.insert(path, number.as_f64().unwrap())),
            Value::Object(_) if key != "@evidence" => figures(value, &format!("{path}."), all),
            _ => {}
        }
    }
}

/// What a record says of each of its figures: the limits it lies in.
fn limits(record: &Value) -> BTreeMap<String, (f64, f64)> {
    let mut all = BTreeMap::new();
    figures(record, "", &mut all);
    let mut limits: BTreeMap<String, (f64, f64)> =
        all.into_iter().map(|(path, value)| (path, (value, value))).collect();
    for entry in record.pointer("/@evidence/unknown").and_then(Value::as_array).into_iter().flatten() {
        let limit = |key: &str, none: f64| entry.get(key).map_or(none, |limit| limit.as_f64().unwrap());
        let path = entry["path"].as_str().unwrap().to_owned();
        limits.insert(path, (limit("low", f64::NEG_INFINITY), limit("high", f64::INFINITY)));
    }
    limits
}

/// What of a record tells its group and window.
fn name(record: &Value) -> String {
    format!("{} {}", record.get("op").unwrap_or(&Value::Null), record.get("window").unwrap_or(&Value::Null))
}

/// Figures that say what was read, not what was measured.
const READ: [&str; 5] = ["count", "missing", "invalid", "undecided", "doubtful"];

struct Record {
    time: String,
    op: usize,
    ms: String,
    weight: usize,
    size: usize,
}

impl Record {
    fn line(&self) -> String {
        let Record { time, op, ms, weight, size } = self;
        format!("{{\"ts\":{time},\"op\":{op},\"ms\":{ms},\"n\":{weight},\"size\":{size}}}\n")
    }
}

#[test]
fn whatever_is_lost_no_figure_is_known_that_would_have_been_another() {
    let mut random = Random::new(61);
    let forms: [&[&str]; 9] = [
        &["-f", "ms"],
        &["-f", "ms", "-b", "op", "-m", "r7"],
        &["-f", "ms", "-b", "op", "--weight", "n"],
        &["-f", "ms", "--sketch", "--relative-error", "5%", "-m", "r6"],
        &["-f", "ms", "-b", "op", "--window", "1m", "--time", "ts"],
        &[
            "-f",
            "ms",
            "-b",
            "op",
            "--no-missing",
            "--where",
            "size >= 5",
            "-a",
            "n = count()",
            "-a",
            "most = max(size)",
        ],
        &["-f", "*", "-b", "op"],
        &["-b", "op", "-m", "r8"],
        &["-f", "ms", "--expected-interval", "30"],
    ];
    let (mut doubted, mut bounded) = (0, 0);
    for round in 0..testkit::times(100_000) {
        let form = forms[round as usize % forms.len()];
        let uses = |option: &str| form.contains(&option);
        let mut records: Vec<Record> = (0..1 + random.below(40))
            .map(|_| Record {
                time: (1_700_000_000 + random.below(200)).to_string(),
                op: random.below(2),
                ms: format!("{}.{}", random.below(90), random.below(10)),
                weight: 1 + random.below(3),
                size: random.below(10),
            })
            .collect();
        let arguments = [form, &["-p", "5,50,99", "--sum"]].concat();
        records.sort_by(|a, b| a.time.cmp(&b.time));
        let whole: String = records.iter().map(Record::line).collect();
        let mut lost = String::new();
        for record in &records {
            let line = record.line();
            if !random.once_in(8) {
                lost.push_str(&line);
                continue;
            }
            let text = ["\"timeout\"", "1e400", "true", "\"\"", "[1]", "\"NaN\""][random.below(6)];
            let field = match random.below(3) {
                0 if uses("--weight") => format!("\"n\":{}", record.weight),
                1 if uses("--where") => format!("\"size\":{}", record.size),
                2 if uses("--window") => format!("\"ts\":{}", record.time),
                _ => format!("\"ms\":{}", record.ms),
            };
            let key = field.split(':').next().unwrap();
            // For conditions 1e400 is a number like any other.
            let text = if key == "\"size\"" && text == "1e400" { "null" } else { text };
            let changed = if random.once_in(3) {
                let code = ["stale", "declared-by-hand", "not-a-number"][random.below(3)];
                let path = key.trim_matches('"');
                format!(
                    "{},\"@evidence\":{{\"unknown\":[{{\"path\":\"{path}\",\"code\":\"{code}\"}}]}}}}\n",
                    line.trim_end().strip_suffix('}').unwrap()
                )
            } else {
                line.replace(&field, &format!("{key}:{text}"))
            };
            lost.push_str(&changed);
        }
        let truth: BTreeMap<String, Value> =
            run(&arguments, &whole).into_iter().map(|record| (name(&record), record)).collect();
        // A record without a time may belong to any window: the one of those says so by itself.
        let all = run(&arguments, &lost);
        let timeless = all.iter().any(|record| record.get("window").is_some_and(Value::is_null));
        for record in all {
            if record.get("window").is_some_and(Value::is_null) {
                let limits = limits(&record);
                assert_eq!(limits["ms.p50"], (f64::NEG_INFINITY, f64::INFINITY), "{record}");
                continue;
            }
            let Some(truth) = truth.get(&name(&record)).filter(|_| !timeless) else { continue };
            let got = limits(&record);
            for (path, (wanted_low, wanted_high)) in limits(truth) {
                let key = path.rsplit('.').next().unwrap();
                let of_other = path.starts_with("size.") || path.starts_with("n.") || path.starts_with("ts.");
                if READ.contains(&key) || of_other || path == "op" {
                    continue;
                }
                let Some(&(low, high)) = got.get(&path) else {
                    // Where no field is named, one that never holds a number is no metric: nothing is said of it.
                    assert!(!uses("ms"), "{arguments:?}: no {path}\n{lost}\n{record}");
                    continue;
                };
                assert!(
                    low <= wanted_high && high >= wanted_low,
                    "{arguments:?}: {path} is {wanted_low}..{wanted_high}, not {low}..{high}\n{lost}\n{record}"
                );
                doubted += usize::from((low, high) != (wanted_low, wanted_high));
                bounded += usize::from(low.is_finite() || high.is_finite());
            }
        }
        if form == forms[0] {
            // And what nothing was lost of is known.
            assert!(run(&arguments, &whole).iter().all(|record| record.get("@evidence").is_none()));
        }
    }
    assert!(doubted > 0 && bounded > 0);
}

#[test]
fn with_no_missing_a_record_without_the_field_is_lost() {
    let mut random = Random::new(67);
    for _ in 0..testkit::times(100_000) {
        let values: Vec<usize> = (0..2 + random.below(30)).map(|_| random.below(100)).collect();
        let gone = random.below(values.len());
        let text = |lost: bool| -> String {
            let line = |(place, value): (usize, &usize)| match place {
                place if lost && place == gone => {
                    ["{\"x\":1}\n", "{\"ms\":null}\n", "{\"ms\":\"-\"}\n"][place % 3].to_owned()
                }
                _ => format!("{{\"ms\":{value}}}\n"),
            };
            values.iter().enumerate().map(line).collect()
        };
        let arguments = ["-f", "ms", "-p", "10,50,99", "--no-missing", "--na", "-"];
        let (whole, lost) = (run(&arguments, &text(false)), run(&arguments, &text(true)));
        let (whole, lost) = (limits(&whole[0]), limits(&lost[0]));
        for key in ["min", "mean", "p10", "p50", "p99", "max"] {
            let (path, truth) = (format!("ms.{key}"), whole[&format!("ms.{key}")].0);
            assert!(lost[&path].0 <= truth && truth <= lost[&path].1, "{key} {values:?} {gone}");
        }
        assert_eq!(lost["ms.invalid"], (1.0, 1.0));
    }
}

/// What was declared was not measured: no aggregate of it is known, also where states are merged.
#[test]
fn an_aggregate_of_what_was_declared_is_declared() {
    let said = |declared: &str| {
        let line = |value: u32, said: &str| format!("{{\"g\":1,\"x\":{{\"p\":{value}}},\"y\":{value}{said}}}\n");
        line(3, "") + &line(5, &format!(",\"@evidence\":{{\"declared\":[{declared}]}}"))
    };
    for form in ["max(x.p)", "sum(x.p)", "mean(2 * x.p + y)", "count(where x.p > 9)", "distinct(x.p)"] {
        for declared in ["\"x.p\"", "\"x\"", "\"*\"", "\"y\",\"x\""] {
            let aggregate = format!("m = {form}");
            let code = |record: &Value| {
                let unknown = record["@evidence"]["unknown"].as_array().unwrap().clone();
                unknown.iter().find(|entry| entry["path"] == "m").map(|entry| entry["code"].clone())
            };
            for group in [&[][..], &["-b", "g"]] {
                let record = &run(&[&["-f", "y", "-a", &aggregate], group].concat(), &said(declared))[0];
                assert_eq!(code(record), Some(Value::from("declared")), "{form} {declared} {record}");
                // A part that another joins.
                let state = [&["-f", "y", "-a", &aggregate, "--state"], group].concat();
                let record = &run(&["--merge"], &written(&state, &said(declared)))[0];
                assert_eq!(code(record), Some(Value::from("declared")), "{form} {declared} {record}");
            }
        }
        let record = &run(&["-f", "y", "-a", &format!("m = {form}")], &said("\"other\""))[0];
        assert!(record.get("@evidence").is_none(), "{form} {record}");
    }
}

/// What `--where` cannot decide keeps its group and its window, whichever part it was read in.
#[test]
fn parts_say_the_same_of_records_that_a_condition_cannot_decide() {
    let mut random = Random::new(71);
    let forms: [&[&str]; 6] = [
        &["-f", "ms"],
        &["-f", "ms", "-b", "op"],
        &["--window", "10s", "--time", "t"],
        &["-f", "ms", "--window", "10s", "--time", "t"],
        &["-f", "ms", "-b", "op", "--window", "10s", "--time", "t"],
        &["-a", "n = count()", "-a", "kinds = distinct(ms)", "-b", "op"],
    ];
    let mut undecided = 0;
    for round in 0..testkit::times(20_000) {
        let form = forms[round as usize % forms.len()];
        let mut times: Vec<usize> = (0..1 + random.below(8)).map(|_| random.below(60)).collect();
        times.sort_unstable();
        let lines: Vec<String> = times
            .iter()
            .map(|second| {
                let ms = ["\"ms\":5,", "\"ms\":1,", "\"ms\":null,", "", ""][random.below(5)];
                format!("{{{ms}\"op\":{},\"t\":{}}}\n", random.below(2), 1_700_000_000 + second)
            })
            .collect();
        let asked = [form, &["--where", "ms > 2"]].concat();
        let single = run(&asked, &lines.concat());
        undecided += usize::from(single.iter().any(|record| record.to_string().contains("undecided")));
        let count = 1 + random.below(3);
        let mut parts = vec![String::new(); count];
        for line in &lines {
            parts[random.below(count)].push_str(line);
        }
        let states: String = (0..count)
            .map(|place| {
                written(&[&asked[..], &["--state", "--source-id", &place.to_string()]].concat(), &parts[place])
            })
            .collect();
        assert_eq!(run(&["--merge"], &states), single, "{asked:?} {parts:?}");
        // No window is written twice.
        let filled = [&asked[..], &["--fill"]].concat();
        if asked.contains(&"--window") {
            let names: Vec<String> = run(&filled, &lines.concat()).iter().map(name).collect();
            let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
            assert_eq!(distinct.len(), names.len(), "{lines:?} {names:?}");
        }
    }
    assert!(undecided > 0);
}
