//! wrk's report (4.1.0, 4.2.0): text with units in the values.
//!
//! wrk counts an answer that took longer than its time-out (2 s by default) as a request, and leaves its time out of the
//! latency; requests that were never answered it does not count at all.

use schema::{Code, Number};

use super::{Load, Of, Said, behind, first_count, milliseconds, number};
use crate::facts::Failure;
use crate::facts::{Doubt, Facts};
use crate::relations::Rounding;

/// Whether a text is such a report.
pub fn fits(text: &str) -> bool {
    let first = text.trim_start();
    first.starts_with("Running ") && first.lines().next().is_some_and(|line| line.contains(" test @ "))
}

/// Reads a report.
///
/// # Errors
/// A report without its last lines: it was cut short.
pub fn read(text: &str) -> Result<Facts<'_>, Failure> {
    let mut load = Load::new("wrk", Of::Answers, Of::Answers, Rounding { absolute: 0.01, relative: 0.005 });
    let summary = text.lines().find_map(|line| line.trim().split_once(" requests in "));
    let (Some((requests, rest)), Some(rate)) = (summary, behind(text, "Requests/sec:")) else {
        return Err(Failure::whole("no \"Requests/sec\" at its end: the report of wrk was cut short"));
    };
    // The last line: without it the rate may be the beginning of one.
    if behind(text, "Transfer/sec:").is_none() {
        return Err(Failure::whole("no \"Transfer/sec\" at its end: the report of wrk was cut short"));
    }
    let requests: u64 = requests.trim().parse().map_err(|_| Failure::whole("no count before \"requests in\""))?;
    load.duration_ms = Said::of(rest.split(',').next().and_then(milliseconds));
    load.rate = Said::of(Some(number(rate)));
    // wrk leaves the line out where there were none, and has all four counts where there is one.
    let errors = behind(text, "Socket errors:");
    let error = |name: &str| {
        let found = |errors: &str| {
            let part = errors.split(',').find_map(|part| part.trim().strip_prefix(name))?;
            part.trim().parse::<u64>().ok()
        };
        let count = errors.map_or(Some(0), found);
        count.ok_or_else(|| Failure::whole(format!("no count of the socket errors {name:?}")))
    };
    let bad = behind(text, "Non-2xx or 3xx responses:").map_or(Some(0), first_count);
    let bad = bad.ok_or_else(|| Failure::whole("no count after \"Non-2xx or 3xx responses\""))?;
    let lost = error("connect")? + error("read")? + error("write")?;
    let late = error("timeout")?;
    for kind in ["connect", "read", "write", "timeout"] {
        let count = error(kind)?;
        if count > 0 {
            load.error_kinds.push((kind.to_owned(), count.into()));
        }
    }
    load.requests = Said::count(requests + lost);
    load.failed = match requests {
        0 if lost + late == 0 => Said::never("wrk does not count requests that were never answered"),
        _ => Said::count(lost + late + bad),
    };
    load.unanswered = match requests {
        0 if lost + late == 0 => Said::never("wrk does not count requests that were never answered"),
        _ => Said::count(lost),
    };
    load.count = Some(Said::count(requests.saturating_sub(late)));
    load.more.push(("non_2xx_3xx".to_owned(), bad.into()));
    if let Some(line) = behind(text, "Latency ") {
        let words: Vec<&str> = line.split_whitespace().collect();
        for (name, word) in ["mean_ms", "stddev_ms", "max_ms"].iter().zip(&words) {
            load.latency.push(((*name).to_owned(), milliseconds(word).unwrap_or_default()));
        }
    }
    for line in text.lines() {
        if let Some((rank, time)) = line.trim().split_once('%')
            && rank.parse::<f64>().is_ok()
            && let Some(time) = milliseconds(time)
        {
            let rank = rank.strip_suffix(".000").unwrap_or(rank);
            load.latency.push((format!("p{rank}_ms"), time));
        }
    }
    if late > 0 {
        // The true figures can only be higher.
        for (name, value) in &load.latency {
            let low = value.as_number().cloned().map(Number::into_owned).filter(|_| name != "stddev_ms");
            let reason = format!("{late} answers took longer than the time-out, and are left out of it");
            load.limits.push(Doubt { low, ..Doubt::new(&[name], Code::Missing, reason) });
        }
    }
    load.latency_lacks = vec![
        ("min_ms", "wrk does not print it"),
        ("p50_ms", "wrk prints it with --latency alone"),
        ("p90_ms", "wrk prints it with --latency alone"),
        ("p95_ms", "wrk prints 50, 75, 90 and 99 %"),
        ("p99_ms", "wrk prints it with --latency alone"),
    ];
    Ok(load.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn socket_errors_have_four_counts_or_none() {
        let report = |errors: &str| {
            format!(
                "Running 2s test @ http://127.0.0.1/\n  2 threads and 4 connections\n  10 requests in 2.00s, 1.00KB read\n\
                 {errors}Requests/sec:      5.00\nTransfer/sec:      1.00KB\n"
            )
        };
        let whole = "  Socket errors: connect 0, read 3, write 0, timeout 5\n";
        assert!(read(&report(whole)).is_ok() && read(&report("")).is_ok());
        for errors in [
            "  Socket errors: \n",
            "  Socket errors: Non-2xx or 3xx responses: 7712\n",
            "  Socket errors: connect 0, read 3, write 0\n",
            "  Socket errors: connect 0, read 3, timeout 5\n",
            "  Socket errors: connect 0, r\n",
        ] {
            assert!(read(&report(errors)).is_err(), "{errors}");
        }
        let lost = report(whole).replace("read 3", "read\0\0");
        let text = report(whole);
        assert!(crate::readers::read(text.as_bytes(), None, false).is_ok_and(|reading| reading.facts.format == "wrk"));
        let torn = report(whole).replace("1.00KB read", "1.00\0\0 read");
        for text in [lost, torn] {
            assert!(crate::readers::read(text.as_bytes(), None, false).is_err(), "{text:?}");
        }
    }
}
