//! h2load's report (nghttp2 1.52): text with units in the values.
//!
//! A request that was refused is counted as failed and as errored; the ones that failed are both the refused and the bad
//! answers. Which statistics there are its header says: newer ones have percentiles.

use schema::Code;

use super::{Load, Of, Said, behind, milliseconds, number};
use crate::facts::Failure;
use crate::facts::{Doubt, Facts};
use crate::relations::Rounding;

/// Whether a text is such a report.
pub fn fits(text: &str) -> bool {
    text.trim_start().starts_with("starting benchmark...") && text.contains("spawning thread #0")
}

/// Reads a report.
///
/// # Errors
/// A report without its counts: it was cut short.
pub fn read(text: &str) -> Result<Facts<'_>, Failure> {
    let mut load = Load::new("h2load", Of::Answers, Of::Answers, Rounding { absolute: 0.01, relative: 0.005 });
    let (Some(finished), Some(requests)) = (behind(text, "finished in "), behind(text, "requests: ")) else {
        return Err(Failure::whole("no \"requests:\" line: the report of h2load was cut short"));
    };
    // Before its end, and the last line of it.
    for (label, named) in [("status codes: ", "status codes:"), ("req/s ", "req/s")] {
        if behind(text, label).is_none() {
            return Err(Failure::whole(format!("no {named:?} line: the report of h2load was cut short")));
        }
    }
    let mut parts = finished.split(',').map(str::trim);
    load.duration_ms = Said::of(parts.next().and_then(milliseconds));
    load.rate = Said::of(parts.next().and_then(|rate| rate.strip_suffix(" req/s")).map(number));
    let count = |word: &str| {
        let found = requests.split(',').find_map(|part| part.trim().strip_suffix(word).map(str::trim));
        found.and_then(|count| count.parse::<u64>().ok())
    };
    let wanted = |word: &str| count(word).ok_or_else(|| Failure::whole(format!("no count before {:?}", word.trim())));
    let (total, succeeded, failed) = (wanted(" total")?, wanted(" succeeded")?, wanted(" failed")?);
    let (errored, timeout) = (wanted(" errored")?, wanted(" timeout")?);
    load.requests = Said::count(total);
    load.failed = Said::count(failed);
    load.unanswered = Said::count(errored.max(timeout));
    load.count = Some(Said::count(wanted(" done")?));
    for (name, count) in [("errored", errored), ("timeout", timeout)] {
        if count > 0 {
            load.error_kinds.push((name.to_owned(), count.into()));
        }
    }
    let mut bad = 0;
    for part in behind(text, "status codes: ").unwrap_or_default().split(',') {
        if let Some((count, class)) = part.trim().split_once(' ')
            && let Ok(count) = count.parse::<u64>()
        {
            bad += if class.starts_with(['2', '3']) { 0 } else { count };
            load.status_codes.push((class.to_owned(), count.into()));
        }
    }
    let header = text.lines().find(|line| line.trim_start().starts_with("min ")).unwrap_or_default();
    let names: Vec<&str> = header.split_whitespace().collect();
    let row = behind(text, "time for request:").unwrap_or_default();
    for (name, word) in names.iter().zip(row.split_whitespace()) {
        let name = match *name {
            "sd" => "stddev_ms".to_owned(),
            "median" => "p50_ms".to_owned(),
            "+/-" => break,
            name => format!("{name}_ms"),
        };
        load.latency.push((name, milliseconds(word).unwrap_or_default()));
    }
    for name in ["p50_ms", "p90_ms", "p95_ms", "p99_ms"] {
        load.latency_lacks.push((name, "this version of h2load does not print it"));
    }
    let mut facts = load.finish();
    if succeeded + failed != total {
        let detail = format!("succeeded + failed != total: {succeeded} + {failed} != {total}");
        for name in ["requests", "failed", "errors"] {
            facts.doubts.push(Doubt::new(&[name], Code::Inconsistent, detail.clone()));
        }
    } else if bad.max(errored).max(timeout) > failed {
        let detail = format!("failed < bad answers, errored or timed out ones: {failed} < {bad}, {errored}, {timeout}");
        for name in ["failed", "errors", "success_ratio"] {
            facts.doubts.push(Doubt::new(&[name], Code::Inconsistent, detail.clone()));
        }
    }
    Ok(facts)
}
