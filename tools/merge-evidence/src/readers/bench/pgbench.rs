//! pgbench's report, its log (`--log`) and its log of intervals (`--aggregate-interval`) (15): milliseconds in the report,
//! microseconds in the logs.
//!
//! The report has no percentiles; the log has each transaction. A run that was aborted says so at its end.

use schema::{Code, Number, Value};

use crate::facts::Failure;
use crate::facts::{Content, Doubt, Facts, Span};
use crate::quantity::SECONDS;
use crate::readers::load::{Load, Of, Said, Whole, behind, first_count, milliseconds, number};
use crate::relations::Rounding;

/// Whether a text is pgbench's report.
pub fn fits(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("progress: "));
    let first = lines.next().unwrap_or_default();
    first.starts_with("pgbench (")
        || first.starts_with("pgbench: error:")
        || (["transaction type: ", "starting vacuum..."].iter().any(|start| first.starts_with(start))
            && text.contains("number of clients: "))
}

/// Reads a report.
///
/// # Errors
/// None: a run that did not end is unknown as a whole.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let error = behind(text, "pgbench: error:");
    // The last line, where anything was processed; cut within its number it has no words behind it.
    // Up to version 13 there are two: with the time to connect, and then without it.
    let mut rates = text.lines().filter_map(|line| line.trim().strip_prefix("tps = ")?.split_once(" ("));
    let tps = rates.find(|(_, of)| !of.starts_with("including connections")).map(|(tps, _)| tps);
    let processed = behind(text, "number of transactions actually processed:");
    let processed = processed.filter(|processed| tps.is_some() || *processed == "0" || processed.starts_with("0/"));
    let Some(processed) = processed else {
        let reason = error.map_or_else(
            || "the report has no number of transactions, or no tps after it: it was cut short".to_owned(),
            |error| format!("pgbench failed: {error}"),
        );
        let mut facts = Facts { format: "pgbench", ..Facts::default() };
        facts.content = Content::One(Value::Null);
        facts.doubts.push(Doubt::new(&[], Code::NoSamples, reason));
        return Ok(facts);
    };
    let mut load = Load::new("pgbench", Of::Successes, Of::Successes, Rounding { absolute: 0.001, relative: 0.0 });
    let done = processed.split(['/', ' ']).next().and_then(|count| count.parse::<u64>().ok());
    // What -L skipped since it was late already was asked for and not answered, as in the log.
    let skipped = behind(text, "number of transactions skipped:").map_or(Some(0), first_count);
    let failed = behind(text, "number of failed transactions:").and_then(first_count);
    let failed = failed.zip(skipped).map(|(failed, skipped)| failed + skipped);
    load.requests = match done {
        Some(done) => Said::count(done + failed.unwrap_or(0)),
        None => Said::default(),
    };
    load.failed = failed.map_or_else(|| Said::never("this version of pgbench does not count failures"), Said::count);
    load.unanswered = Said::never("pgbench ends a client that loses its connection");
    load.count = done.map(Said::count);
    load.rate = Said::of(tps.map(number));
    let seconds = behind(text, "duration: ").and_then(|rest| rest.strip_suffix(" s"));
    load.duration_ms = Said::of(seconds.map(|seconds| crate::quantity::shift(&number(seconds), SECONDS)));
    for (name, label) in [("mean_ms", "latency average"), ("stddev_ms", "latency stddev")] {
        if let Some(value) = behind(text, label) {
            let value = value.trim_start_matches(['=', ':', ' ']);
            load.latency.push((name.to_owned(), milliseconds(&value.replace(' ', "")).unwrap_or_default()));
        }
    }
    for name in ["min_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms"] {
        load.latency_lacks.push((name, "pgbench prints none; read the files of its --log"));
    }
    let mut facts = load.finish();
    // What pgbench says of an aborted client goes to its standard error; that fewer transactions came than were planned
    // is in the report.
    let planned = processed.split_once('/').and_then(|(_, planned)| first_count(planned));
    let short = planned.zip(done).filter(|(planned, done)| done + failed.unwrap_or(0) < *planned);
    let why = match (error, short) {
        (Some(error), _) => Some(format!("the run was aborted: {error}")),
        (None, Some((planned, done))) => {
            Some(format!("the run was aborted: {done} of {planned} transactions were processed"))
        }
        // What was skipped is said behind what failed, and the rate comes last.
        (None, None) if tps.is_none() => Some("no tps at its end: the report was cut short".to_owned()),
        (None, None) => None,
    };
    if let Some(why) = why {
        // What was printed is of a run that did not end.
        let keys = ["requests", "failed", "errors", "success_ratio", "rate", "latency"];
        facts.doubts.extend(keys.map(|key| Doubt::new(&[key], Code::Inconsistent, why.clone())));
    }
    Ok(facts)
}

/// Whether a text is a log of transactions: client, number, microseconds, script, seconds, microseconds.
pub fn fits_log(text: &str) -> bool {
    text.lines().next().is_some_and(|line| transaction(line).is_some())
}

fn transaction(line: &str) -> Option<(Option<u64>, u64)> {
    let words: Vec<&str> = line.split(' ').collect();
    if !(6..=9).contains(&words.len()) {
        return None;
    }
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<u64>().ok());
    let (_, _, _, seconds, rest) = (number(0)?, number(1)?, number(3)?, number(4)?, number(5)?);
    let time = match words.get(2).copied() {
        Some("failed" | "skipped" | "serialization" | "deadlock") => None,
        _ => Some(number(2)?),
    };
    (seconds > 1_000_000_000 && seconds < 10_000_000_000 && rest < 1_000_000).then_some((time, seconds))
}

/// Reads a log: a line a transaction.
///
/// # Errors
/// A line of another shape.
pub fn read_log(text: &str) -> Result<Facts<'static>, Failure> {
    let mut load = Load::new("pgbench", Of::Successes, Of::Successes, Rounding::default());
    let mut times = Whole::default();
    let (mut lines, mut failed) = (0, 0);
    let mut facts = Facts::default();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let wrong = || Failure { place: Some((at + 1, 1)), reason: "not a line of pgbench's log".to_owned() };
        let (time, seconds) = transaction(line).ok_or_else(wrong)?;
        lines += 1;
        match time {
            Some(time) => times.see(time, 1),
            None => failed += 1,
        }
        facts.span.see_seconds(seconds as f64);
    }
    load.requests = Said::count(lines);
    load.failed = Said::count(failed);
    load.unanswered = Said::count(0);
    load.rate = Said::never("a log of transactions does not say when the run began");
    load.duration_ms = Said::never("a log of transactions does not say when the run began");
    load.latency = times.statistics(-3);
    Ok(Facts { span: facts.span, ..load.finish() })
}

/// One line of `--log --aggregate-interval`: seconds, transactions, the sum of their microseconds and of its squares, the least
/// and the most; up to 14 the same of the lag and what was skipped, where asked for; since 15 always, then what was tried again,
/// how often, and what failed by serialization and by deadlock.
fn interval(line: &str) -> Option<Vec<u64>> {
    let cells: Vec<u64> = line.split(' ').map(|word| word.parse().ok()).collect::<Option<_>>()?;
    let began = cells.first().is_some_and(|seconds| (1_000_000_000..10_000_000_000).contains(seconds));
    (began && matches!(cells.len(), 6 | 10 | 11 | 15)).then_some(cells)
}

/// Whether a text is a log of intervals.
pub fn fits_intervals(text: &str) -> bool {
    text.lines().next().is_some_and(|line| transaction(line).is_none() && interval(line).is_some())
}

/// Reads a log of intervals. pgbench never writes its last, unfinished one (15.18, run): every count is a lower limit.
///
/// # Errors
/// A line of another shape.
pub fn read_intervals(text: &str) -> Result<Facts<'static>, Failure> {
    let mut load = Load::new("pgbench", Of::Successes, Of::Successes, Rounding::default());
    let (mut done, mut failed, mut sum) = (0u64, 0u64, 0u64);
    let (mut least, mut most) = (None::<u64>, None::<u64>);
    let mut span = Span::default();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let wrong =
            || Failure { place: Some((at + 1, 1)), reason: "not a line of pgbench's log of intervals".to_owned() };
        let cells = interval(line).ok_or_else(wrong)?;
        let cell = |place: usize| cells.get(place).copied().unwrap_or(0);
        span.see_seconds(cell(0) as f64);
        failed = [10, 13, 14].into_iter().fold(failed, |failed, place| failed.saturating_add(cell(place)));
        if cell(1) > 0 {
            done = done.saturating_add(cell(1));
            sum = sum.saturating_add(cell(2));
            least = Some(least.map_or(cell(4), |least| least.min(cell(4))));
            most = Some(most.map_or(cell(5), |most| most.max(cell(5))));
        }
    }
    let requests = done.saturating_add(failed);
    load.requests = Said::count(requests);
    load.failed = Said::count(failed);
    load.unanswered = Said::never("pgbench ends a client that loses its connection");
    load.rate = Said::never("a log of intervals lacks the last one");
    load.duration_ms = Said::never("a log of intervals lacks the last one");
    load.count = Some(Said::count(done));
    let shown = |micros: u64| Value::Number(Number::from(micros).shifted(-3));
    if let (Some(least), Some(most)) = (least, most) {
        let mean = crate::quantity::value(sum as f64 / done as f64 / 1000.0);
        let statistics = [("min_ms", shown(least)), ("mean_ms", mean), ("max_ms", shown(most))];
        load.latency = statistics.map(|(name, value)| (name.to_owned(), value)).to_vec();
    }
    for name in ["min_ms", "mean_ms", "max_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms"] {
        load.latency_lacks.push((name, "a log of intervals has no percentiles"));
    }
    let mut facts = load.finish();
    let why =
        "pgbench leaves the last interval out of such a log: read its report, or the log without --aggregate-interval";
    let mut partial = |steps: &[&str], low: Option<Number<'static>>, high: Option<Number<'static>>| {
        facts.doubts.push(Doubt::new(steps, Code::Missing, why).within(low, high));
    };
    for (key, low) in [("requests", requests), ("failed", failed), ("errors", failed)] {
        partial(&[key], Some(low.into()), None);
    }
    partial(&["success_ratio"], None, None);
    partial(&["latency", "count"], Some(done.into()), None);
    partial(&["latency", "mean_ms"], None, None);
    partial(&["latency", "min_ms"], None, least.map(|least| Number::from(least).shifted(-3)));
    partial(&["latency", "max_ms"], most.map(|most| Number::from(most).shifted(-3)), None);
    Ok(Facts { span, ..facts })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn of_two_rates_the_one_without_the_time_to_connect_counts() {
        let report = |tps: &str| {
            let text = format!(
                "transaction type: <builtin: TPC-B (sort of)>\nscaling factor: 1\nnumber of clients: 4\nduration: 10 s\n\
                 number of transactions actually processed: 8105\nlatency average = 4.936 ms\n{tps}"
            );
            test::text(&read(&text).unwrap())
        };
        let with = "tps = 810.372 (including connections establishing)\n";
        let without = "tps = 820.111 (excluding connections establishing)\n";
        assert!(report(&[with, without].concat()).contains(r#""rate":820.111"#));
        assert!(report("tps = 810.372 (without initial connection time)\n").contains(r#""rate":810.372"#));
        assert!(report("tps = 810.372 (including reconnection times)\n").contains(r#""rate":810.372"#));
        // Cut before the second one.
        assert_eq!(report(with), "null");
    }
}
