//! fio's JSON (`--output-format=json`, 3.33): by job and direction, nanoseconds become milliseconds.
//!
//! `latency` is the whole time of an operation, `completion` the part after it was submitted; fio gives percentiles of the
//! latter. A direction that did nothing has zeros for statistics: they are of no operation.

use schema::{Code, Number, Object, Value};

use super::{count, put, rank, scaled};
use crate::facts::{Builder, Content, Doubt, Facts, float};
use crate::quantity::NANOSECONDS;
use crate::relations::{self, Figure};

/// Whether a document has the shape of fio's.
pub fn fits(document: &Value<'_>) -> bool {
    document.get("fio version").is_some() && document.get("jobs").is_some_and(|jobs| jobs.as_list().is_some())
}

/// Reads it: `{"job":{"error":0,"read":{"operations":…,"iops":…,"latency":{"mean_ms":…}}}}`.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut facts = Facts { format: "fio", ..Facts::default() };
    let mut report = Builder::default();
    let mut named: Vec<(&str, Vec<Value<'a>>)> = Vec::new();
    for job in document.get("jobs").and_then(Value::as_list).unwrap_or_default() {
        let name = job.get("jobname").and_then(Value::as_text).unwrap_or("job");
        let (figures, mut doubts) = one(job);
        if let Some((ran, planned)) = broke_off(document, job) {
            let detail = format!("the job ran {ran} ms of its {planned} ms (time_based): the run broke off");
            doubts.push(Doubt::new(&[], Code::Inconsistent, detail));
        }
        match named.iter_mut().find(|(of, _)| *of == name) {
            Some((_, jobs)) => jobs.push(figures.clone()),
            None => named.push((name, vec![figures.clone()])),
        }
        put((figures, doubts), name, &mut report, &mut facts.doubts);
    }
    for (name, jobs) in named.iter().filter(|(_, jobs)| jobs.len() > 1) {
        let mut doubts = between(&jobs.iter().collect::<Vec<_>>(), &mut Vec::new());
        if let Some(error) = jobs.iter().skip(1).find_map(|job| ended_early(job, "total_errors")) {
            let sides = jobs.iter().filter_map(Value::as_object).flat_map(Object::iter);
            let mut sides: Vec<&str> =
                sides.filter(|(_, side)| side.as_object().is_some()).map(|(side, _)| side).collect();
            sides.dedup();
            doubts.extend(sides.into_iter().map(|side| ended(side, error)));
        }
        facts.doubts.extend(doubts.into_iter().map(|doubt| doubt.under(name)));
    }
    let report = report.build();
    if report.is_empty() {
        facts.doubts.push(Doubt::new(&[], Code::NoSamples, "the report has no jobs"));
    }
    if let Some(Value::Number(seconds)) = document.get("timestamp") {
        facts.span.see_seconds(seconds.to_f64().unwrap_or(f64::NAN));
    }
    facts.content = Content::One(Value::Object(report));
    facts
}

/// How many milliseconds a job ran that fio lets run for all of its `runtime` (`time_based`), and those, where it ended
/// long before: of reports of one run (`--status-interval`) the last is missing.
fn broke_off(document: &Value<'_>, job: &Value<'_>) -> Option<(f64, f64)> {
    /// What may end such a job earlier.
    const EARLIER: [&str; 7] =
        ["exitall", "exit_what", "number_ios", "fill_device", "steadystate", "ss", "latency_target"];
    let option = |name: &str| {
        let of = |place: Option<&Value<'_>>| place?.get(name)?.as_text().map(str::to_owned);
        of(job.get("job options")).or_else(|| of(document.get("global options")))
    };
    if option("time_based").is_none_or(|on| on == "0") || EARLIER.iter().any(|name| option(name).is_some()) {
        return None;
    }
    let planned = option("runtime").or_else(|| option("timeout"))?;
    let planned = match planned.parse::<f64>() {
        Ok(seconds) => seconds * 1000.0,
        Err(_) if planned.contains(':') => clock(&planned)? * 1000.0,
        Err(_) => time::span(&planned)?.as_secs_f64() * 1000.0,
    };
    let ran = ["read", "write", "trim"].iter().filter_map(|side| float(job.get(side)?, "runtime")).fold(0.0, f64::max);
    (ran < planned * 0.9).then_some((ran, planned))
}

/// The error that a job ended with. With continue_on_error, and only then, it counts its errors and goes on.
fn ended_early(job: &Value<'_>, counted: &str) -> Option<f64> {
    float(job, "error").filter(|error| *error != 0.0 && job.get(counted).is_none())
}

fn ended(direction: &str, error: f64) -> Doubt {
    let detail = format!("the job ended with error {error}: its figures are of what came before");
    Doubt::new(&[direction], Code::Inconsistent, detail)
}

/// The seconds of `1:30:00`.
fn clock(text: &str) -> Option<f64> {
    text.split(':').try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok()?))
}

/// What must hold between the figures of a direction: fio divides by the milliseconds that it ran.
fn paced(side: &Value<'_>, shown: &Value<'_>, direction: &str) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let Some(ran) = float(side, "runtime") else { return doubts };
    for (rate, count) in [("iops", "operations"), ("bytes_per_s", "bytes")] {
        let figure = |name: &str| Figure::at(shown, &[name]);
        let (Some(rate), Some(count), Some(duration)) = (figure(rate), figure(count), figure("duration_ms")) else {
            continue;
        };
        // The rate of bytes is cut to a whole number.
        if rate.value >= 0.0 && (rate.value * ran / 1000.0 - count.value).abs() > ran / 1000.0 {
            let broken = relations::paced(&rate, &count, &duration, ran / 1000.0);
            doubts.extend(broken.into_iter().map(|doubt| doubt.under(direction)));
        }
    }
    doubts
}

/// What differs between jobs of one name (`numjobs=2` without group_reporting): the plain name stands for all of them, so
/// that each figure lies between those of its jobs.
fn between(jobs: &[&Value<'_>], steps: &mut Vec<String>) -> Vec<Doubt> {
    let Some((first, rest)) = jobs.split_first() else { return Vec::new() };
    if let Some(members) = first.as_object() {
        let mut doubts = Vec::new();
        for (key, _) in members.iter() {
            steps.push(key.to_owned());
            let null = Value::Null;
            let values: Vec<&Value<'_>> = jobs.iter().map(|job| job.get(key).unwrap_or(&null)).collect();
            doubts.extend(between(&values, steps));
            steps.pop();
        }
        return doubts;
    }
    if rest.iter().all(|value| value == first) {
        return Vec::new();
    }
    let path: Vec<&str> = steps.iter().map(String::as_str).collect();
    let doubt = Doubt::new(&path, Code::Ambiguous, format!("{} jobs have this name, and differ", jobs.len()));
    let numbers: Vec<&Number<'_>> = jobs.iter().filter_map(|job| job.as_number()).collect();
    let float = |number: &Number<'_>| number.to_f64().unwrap_or(f64::NAN);
    let mut ranked = numbers.clone();
    ranked.sort_by(|one, other| float(one).total_cmp(&float(other)));
    let own = |number: Option<&&Number<'_>>| number.map(|number| (*number).clone().into_owned());
    let limits = (own(ranked.first()), own(ranked.last()));
    vec![if numbers.len() == jobs.len() { doubt.within(limits.0, limits.1) } else { doubt }]
}

/// Whether documents are the reports of one run, one after the other (`--status-interval`): the last has all of it. They
/// have the same jobs, did no less each time, and began at the same moment, which an earlier run cannot have.
pub fn are_one_run(documents: &[Value<'_>]) -> bool {
    const SAME_MS: f64 = 400.0;
    const RAN_MS: f64 = 500.0;
    let states: Option<Vec<State>> = documents.iter().map(State::of).collect();
    let (Some(states), true) = (states, documents.len() > 1 && documents.iter().all(fits)) else { return false };
    states.windows(2).all(|pair| {
        let [before, after] = pair else { return false };
        before.jobs == after.jobs
            && before.ran_ms >= RAN_MS
            && before.ran_ms <= after.ran_ms
            && (before.began_ms - after.began_ms).abs() <= SAME_MS
            && before.operations.iter().zip(&after.operations).all(|(before, after)| before <= after)
    })
}

/// How far a run was when it was reported.
struct State {
    jobs: Vec<String>,
    operations: Vec<f64>,
    ran_ms: f64,
    began_ms: f64,
}

impl State {
    fn of(document: &Value<'_>) -> Option<State> {
        let mut state = State { jobs: Vec::new(), operations: Vec::new(), ran_ms: 0.0, began_ms: 0.0 };
        for job in document.get("jobs")?.as_list()? {
            state.jobs.push(job.get("jobname")?.as_text()?.to_owned());
            for direction in ["read", "write", "trim"] {
                let side = job.get(direction)?;
                state.operations.push(float(side, "total_ios")?);
                state.ran_ms = state.ran_ms.max(float(side, "runtime")?);
            }
        }
        state.began_ms = float(document, "timestamp_ms")? - state.ran_ms;
        Some(state)
    }
}

fn one<'a>(job: &Value<'a>) -> (Value<'a>, Vec<Doubt>) {
    let mut doubts = Vec::new();
    let mut report = Builder::default();
    for (name, key) in [("error", "error"), ("total_errors", "total_err")] {
        if let Some(value) = job.get(key) {
            report.put(name, value.clone());
        }
    }
    let broken = ended_early(job, "total_err");
    for direction in ["read", "write", "trim"] {
        let Some(side) = job.get(direction) else { continue };
        let mut into = Builder::default();
        let operations = count(side, "total_ios");
        for (name, key) in [
            ("operations", "total_ios"),
            ("bytes", "io_bytes"),
            ("bytes_per_s", "bw_bytes"),
            ("iops", "iops"),
            ("duration_ms", "runtime"),
            ("short", "short_ios"),
            ("dropped", "drop_ios"),
        ] {
            if let Some(value) = side.get(key) {
                into.put(name, value.clone());
            }
        }
        for (name, key) in [("latency", "lat_ns"), ("completion", "clat_ns"), ("submission", "slat_ns")] {
            let Some(figures) = side.get(key) else { continue };
            let none = count(figures, "N") == Some(0) || operations == Some(0);
            let summary = statistics(figures, none);
            if none {
                let keys = summary.iter().map(|(key, _)| key).filter(|key| *key != "count");
                doubts.extend(
                    keys.map(|key| Doubt::new(&[direction, name, key], Code::NoSamples, "no operation was timed")),
                );
            }
            let summary = Value::Object(summary);
            if !none {
                doubts.extend(relations::ordered_within(
                    &summary,
                    &[direction.to_owned(), name.to_owned()],
                    // The classes of fio's histogram are up to 1/64 wide.
                    relations::Rounding { absolute: 0.0, relative: 0.016 },
                ));
            }
            into.put(name, summary);
        }
        let shown = Value::Object(into.build());
        doubts.extend(paced(side, &shown, direction));
        if let Some(error) = broken {
            doubts.push(ended(direction, error));
        }
        report.put(direction, shown);
    }
    (Value::Object(report.build()), doubts)
}

fn statistics(figures: &Value<'_>, none: bool) -> Object<'static> {
    let mut summary = Builder::default();
    let shown = |value: Option<&Value<'_>>| if none { Value::Null } else { scaled(value, NANOSECONDS) };
    if let Some(Value::Number(count)) = figures.get("N") {
        summary.put("count", Value::Number(count.clone().into_owned()));
    }
    for (name, key) in [("min_ms", "min"), ("mean_ms", "mean"), ("max_ms", "max"), ("stddev_ms", "stddev")] {
        if let Some(value) = figures.get(key) {
            summary.put(name, shown(Some(value)));
        }
    }
    for (text, value) in figures.get("percentile").and_then(Value::as_object).into_iter().flat_map(Object::iter) {
        summary.put(format!("p{}_ms", rank(text)), shown(Some(value)));
    }
    summary.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;
    use crate::readers;

    fn report(at_ms: u64, ran_ms: u64, operations: u64, name: &str) -> String {
        let side = |operations: u64, ran: u64| {
            format!(
                r#"{{"io_bytes":4096,"iops":50.0,"runtime":{ran},"total_ios":{operations},"lat_ns":{{"min":900,"max":9000,"mean":5000.0,"stddev":1.0,"N":{operations}}}}}"#
            )
        };
        format!(
            r#"{{"fio version":"fio-3.33","timestamp_ms":{at_ms},"jobs":[{{"jobname":"{name}","error":0,"read":{},"write":{},"trim":{}}}]}}"#,
            side(operations, ran_ms),
            side(0, 0),
            side(0, 0)
        )
    }

    #[test]
    fn the_name_of_two_jobs_stands_for_both() {
        let job = |error: u64, max: u64| {
            format!(
                r#"{{"jobname":"a","error":{error},"read":{{"total_ios":10,"lat_ns":{{"min":900,"max":{max},"mean":5000.0,"N":10}}}}}}"#
            )
        };
        let of = |jobs: &[String]| {
            let text = format!(r#"{{"fio version":"fio-3.33","jobs":[{}]}}"#, jobs.join(","));
            let reading = readers::read(text.as_bytes(), None, false).unwrap();
            let high = |doubt: &Doubt| doubt.high.as_ref().and_then(Number::to_f64);
            let doubts = reading.facts.doubts.iter().map(|doubt| (doubt.steps.join("/"), high(doubt)));
            doubts.collect::<Vec<_>>()
        };
        assert_eq!(of(&[job(0, 9000), job(0, 9000)]), []);
        assert_eq!(
            of(&[job(0, 9000), job(28, 9000), job(0, 90_000)]),
            [
                ("a#2/read".to_owned(), None),
                ("a/error".to_owned(), Some(28.0)),
                ("a/read/latency/max_ms".to_owned(), Some(0.09)),
                ("a/read".to_owned(), None)
            ]
        );
    }

    #[test]
    fn a_job_that_runs_by_time_runs_for_all_of_it() {
        let of = |options: &str, ran: u64| {
            let text = report(1_049_407, ran, 151, "a")
                .replace(r#","jobs""#, &format!(r#","global options":{{{options}}},"jobs""#));
            let reading = readers::read(text.as_bytes(), None, false).unwrap();
            test::doubts(&reading.facts).iter().filter(|doubt| doubt.contains("broke off")).count()
        };
        for (options, ran, broke) in [
            (r#""time_based":"1","runtime":"3""#, 1891, 1),
            (r#""time_based":"1","runtime":"3s""#, 1891, 1),
            (r#""time_based":"1","runtime":"1m""#, 1891, 1),
            (r#""time_based":"1","timeout":"3""#, 1891, 1),
            (r#""time_based":"1","runtime":"0:01:00""#, 1891, 1),
            (r#""time_based":"1","runtime":"3""#, 2999, 0),
            (r#""time_based":"1","runtime":"1500ms""#, 1501, 0),
            (r#""time_based":"1""#, 1891, 0),
            (r#""runtime":"3""#, 1891, 0),
            (r#""time_based":"0","runtime":"3""#, 1891, 0),
            (r#""time_based":"1","runtime":"3","exitall":"1""#, 1891, 0),
        ] {
            assert_eq!(of(options, ran), broke, "{options} {ran}");
        }
    }

    #[test]
    fn a_job_that_ended_with_an_error_broke_off_and_rates_are_of_counts() {
        let of = |from: &str, to: &str| {
            let text = report(1_049_407, 2000, 100, "a").replacen(from, to, 1);
            let reading = readers::read(text.as_bytes(), None, false).unwrap();
            test::doubts(&reading.facts).into_iter().filter(|doubt| doubt.starts_with("a/read")).collect::<Vec<_>>()
        };
        let said =
            |doubts: &[String], path: &str| doubts.iter().any(|doubt| doubt.starts_with(&format!("a/read{path}: ")));
        assert_eq!(of("{", "{"), [""; 0]);
        assert!(said(&of(r#""error":0"#, r#""error":28"#), ""));
        assert!(!said(&of(r#""error":0"#, r#""error":28,"total_err":3"#), ""));
        for (from, to) in [
            (r#""iops":50.0"#, r#""iops":5000.0"#),
            (r#""runtime":2000"#, r#""runtime":0"#),
            (r#""total_ios":100"#, r#""total_ios":0"#),
        ] {
            assert!(said(&of(from, to), "/iops"), "{to}");
        }
    }

    #[test]
    fn of_reports_of_one_run_the_last_counts_and_two_runs_are_two() {
        // As fio 3.33 writes them with --status-interval=1.
        let run = [report(1047274, 873, 45, "a"), report(1048274, 1873, 95, "a"), report(1049407, 3001, 151, "a")];
        let text = run.join("\n");
        let reading = readers::read(text.as_bytes(), None, false).unwrap();
        assert!(test::text(&reading.facts).contains(r#"{"a":{"error":0,"read":{"operations":151,"#));
        let other = |last: String| {
            let text = [run[0].clone(), last].join("\n");
            let reading = readers::read(text.as_bytes(), None, false).unwrap();
            matches!(reading.facts.content, Content::Many(_))
        };
        assert!(!other(run[1].clone()));
        assert!(other(report(1049407, 1500, 151, "a")), "another run of the same job");
        assert!(other(report(1048274, 1873, 40, "a")), "fewer operations");
        assert!(other(report(1048274, 1873, 95, "b")), "another job");
        assert!(other(report(1047274, 873, 45, "a").replace("timestamp_ms", "when")), "no time");
    }
}
