//! hey's summary and its CSV (0.1.4): seconds with four decimals.
//!
//! The latency is that of the answers; what was refused or timed out is in no percentile, and in the CSV not at all. What
//! was not answered stands last, so the end of a summary must be proven: by its blank lines, or by its own rate.

use schema::{Code, Number};

use super::{Load, Of, Said, Whole, behind, milliseconds, number};
use crate::facts::{Doubt, Facts, Failure};
use crate::quantity;
use crate::relations::Rounding;

/// hey prints tenths of a millisecond.
const ROUNDING: Rounding = Rounding { absolute: 0.1, relative: 0.0 };

/// Whether a text is hey's summary.
pub fn fits(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.next() == Some("Summary:")
        && lines.next().is_some_and(|line| line.starts_with("Total:") && line.ends_with("secs"))
}

/// Reads a summary.
///
/// # Errors
/// A summary without its status codes: it was cut short.
pub fn read(text: &str) -> Result<Facts<'_>, Failure> {
    let Some((figures, rest)) = text.split_once("Status code distribution:") else {
        return Err(Failure::whole("no \"Status code distribution\": the summary of hey was cut short"));
    };
    let mut load = Load::new("hey", Of::Answers, Of::Answers, ROUNDING);
    let time = |label: &str| behind(figures, label).and_then(milliseconds);
    load.duration_ms = Said::of(time("Total:"));
    load.rate = Said::of(behind(figures, "Requests/sec:").map(number));
    for (name, label) in [("min_ms", "Fastest:"), ("mean_ms", "Average:"), ("max_ms", "Slowest:")] {
        load.latency.push((name.to_owned(), time(label).unwrap_or_default()));
    }
    for line in figures.lines() {
        if let Some((rank, value)) = line.trim().split_once("% in ")
            && rank.parse::<u64>().is_ok_and(|rank| rank > 0)
        {
            load.latency.push((format!("p{rank}_ms"), milliseconds(value).unwrap_or_default()));
        }
    }
    let (statuses, errors) = rest.split_once("Error distribution:").unwrap_or((rest, ""));
    let (mut answered, mut bad, mut lost) = (0u64, 0, 0);
    for (status, count) in statuses.lines().filter_map(bracketed) {
        let Some(count) = count.strip_suffix(" responses") else { continue };
        let count: u64 =
            count.trim().parse().map_err(|_| Failure::whole(format!("no count of the answers {status}")))?;
        answered += count;
        bad += if status.parse::<u16>().is_ok_and(|status| status < 400) { 0 } else { count };
        load.status_codes.push((status.to_owned(), count.into()));
    }
    for (count, message) in errors.lines().filter_map(bracketed) {
        let count: u64 = count.parse().map_err(|_| Failure::whole(format!("no count of the error {message:?}")))?;
        lost += count;
        match load.error_kinds.iter_mut().find(|(known, _)| known == message) {
            Some((_, there)) => {
                *there = (there.as_number().and_then(|there| there.as_u64()).unwrap_or(0) + count).into()
            }
            None => load.error_kinds.push((message.to_owned(), count.into())),
        }
    }
    if lost > 0 {
        // hey's own rate has the refused ones in it, which are quick.
        let seconds = behind(figures, "Total:").and_then(|total| total.split(' ').next()?.parse::<f64>().ok());
        let rate = seconds.filter(|seconds| *seconds > 0.0).map(|seconds| quantity::value(answered as f64 / seconds));
        load.rate = Said::of(rate);
    }
    load.requests = Said::count(answered + lost);
    load.failed = Said::count(bad + lost);
    load.unanswered = Said::count(lost);
    // The errors come last, and only where there were any: without the blank lines behind them a summary that was cut
    // looks like one of a run without errors. And past a million requests hey counts no more answers by their status.
    let whole = if errors.is_empty() { statuses.ends_with("\n\n\n") } else { errors.ends_with("\n\n") };
    let seen = answered + lost;
    let most = by_rate(figures);
    let proven = match most {
        Some((least, most)) => least <= seen && (whole || most == seen),
        // Without its own rate the summary may be of more than a million.
        None => false,
    };
    if !proven {
        let more = most.map(|(_, most)| most.saturating_sub(seen));
        let rate = most.map_or(String::new(), |(least, most)| format!("; by the rate there were {least} to {most}"));
        let detail = format!("{seen} requests are shown, and no end of the summary{rate}");
        for (name, count) in [("requests", seen), ("failed", bad + lost), ("errors", bad + lost), ("unanswered", lost)]
        {
            let high = more.map(|more| Number::from(count + more));
            let doubt = Doubt::new(&[name], Code::Missing, detail.clone());
            load.unsure.push(doubt.within(Some(Number::from(count)), high));
        }
        for steps in [&["success_ratio"][..], &["rate"], &["latency", "count"]] {
            load.unsure.push(Doubt::new(steps, Code::Missing, detail.clone()));
        }
    }
    load.latency_lacks = vec![
        ("p50_ms", "hey printed no such line: too few answers"),
        ("p90_ms", "hey printed no such line: too few answers"),
        ("p95_ms", "hey printed no such line: too few answers"),
        ("p99_ms", "hey prints no 99 % of fewer than 100 answers"),
    ];
    Ok(load.finish())
}

/// How many requests there were at the least and at the most, by the rate that hey prints, in which all of them are, and
/// the total time, each with four decimals.
fn by_rate(figures: &str) -> Option<(u64, u64)> {
    const HALF: f64 = 0.000_05;
    let seconds: f64 = behind(figures, "Total:")?.strip_suffix(" secs")?.trim().parse().ok()?;
    let rate: f64 = behind(figures, "Requests/sec:")?.parse().ok()?;
    (seconds >= 0.0 && rate >= 0.0).then_some(())?;
    let least = ((seconds - HALF).max(0.0) * (rate - HALF).max(0.0)).ceil();
    let most = ((seconds + HALF) * (rate + HALF)).floor();
    (most.is_finite() && most < 1e15).then_some((least as u64, most as u64))
}

/// `[200] 150 responses`
fn bracketed(line: &str) -> Option<(&str, &str)> {
    let (inside, rest) = line.trim().strip_prefix('[')?.split_once(']')?;
    Some((inside, rest.trim()))
}

const HEADER: &str = "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset";

/// Whether a text is hey's CSV (`hey -o csv`).
pub fn fits_rows(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.trim_end() == HEADER)
}

/// Reads the CSV: a row an answer.
///
/// # Errors
/// A row of another shape.
pub fn read_rows(text: &str) -> Result<Facts<'_>, Failure> {
    let mut load = Load::new("hey", Of::Answers, Of::Answers, ROUNDING);
    let mut times = Whole::default();
    let mut bad = 0u64;
    let mut codes: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for (number, row) in text.lines().enumerate().skip(1).filter(|(_, row)| !row.is_empty()) {
        let wrong = || Failure { place: Some((number + 1, 1)), reason: "not a row of hey's CSV".to_owned() };
        let cells: Vec<&str> = row.split(',').collect();
        let [time, _, _, _, _, _, status, _] = cells.as_slice() else { return Err(wrong()) };
        // Four decimals of a second: tenths of a millisecond.
        let (whole, fraction) = time.split_once('.').ok_or_else(wrong)?;
        if fraction.len() != 4 {
            return Err(wrong());
        }
        times.see(format!("{whole}{fraction}").parse().map_err(|_| wrong())?, 1);
        let status: &str = status;
        let code: u16 = status.parse().map_err(|_| wrong())?;
        bad += u64::from(code >= 400);
        *codes.entry(status).or_default() += 1;
    }
    load.count = Some(Said::count(times.count()));
    load.latency = times.statistics(-1);
    for name in ["min_ms", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms"] {
        load.latency_lacks.push((name, "no answer was timed"));
    }
    let never = "hey's CSV has no row for a request without an answer";
    (load.requests, load.failed, load.unanswered) = (Said::never(never), Said::never(never), Said::never(never));
    load.status_codes = codes.into_iter().map(|(code, count)| (code.to_owned(), count.into())).collect();
    load.more = vec![("answers".to_owned(), times.count().into()), ("failed_answers".to_owned(), bad.into())];
    if bad > 0 && bad == times.count() {
        // As everywhere: how fast failures came is no latency.
        for (name, _) in load.latency.clone() {
            load.limits.push(Doubt::new(&[&name], Code::NoSamples, format!("all {bad} answers failed")));
        }
    }
    let mut facts = load.finish();
    // What failed without an answer comes on top: the rows are the least that was asked and the least that failed.
    for doubt in &mut facts.doubts {
        doubt.low = match doubt.steps.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["requests"] => Some(Number::from(times.count())),
            ["failed" | "errors"] => Some(Number::from(bad)),
            _ => continue,
        };
    }
    Ok(facts)
}
