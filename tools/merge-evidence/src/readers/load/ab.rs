//! ApacheBench's report, and the percentiles of `ab -e` (2.3): whole milliseconds in the text.
//!
//! An answer of another length than the first is a failure to ab, and an answer of 500 is none; here both are. ab gives up
//! at the first refused connection.

use schema::{Code, Number, Value};

use super::{Load, Of, Said, behind, first_count, number};
use crate::facts::Failure;
use crate::facts::{Content, Doubt, Facts};
use crate::quantity::{SECONDS, shift};
use crate::relations::Rounding;

/// Whether a text is ab's report.
pub fn fits(text: &str) -> bool {
    text.trim_start().starts_with("This is ApacheBench,")
}

/// Reads a report.
///
/// # Errors
/// A report that was cut short; a run that ab gave up is unknown as a whole.
pub fn read(text: &str) -> Result<Facts<'_>, Failure> {
    let Some(complete) = behind(text, "Complete requests:").and_then(first_count) else {
        let last = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        let said = last.rsplit("...").next().unwrap_or(last);
        let mut facts = Facts { format: "ab", ..Facts::default() };
        facts.content = Content::One(Value::Null);
        facts.doubts.push(Doubt::new(&[], Code::NoSamples, format!("ab gave up: {said}")));
        return Ok(facts);
    };
    // The last of the figures that every run has: without it the count may be the beginning of one.
    if !behind(text, "Transfer rate:").is_some_and(|rate| rate.ends_with("received")) {
        return Err(Failure::whole("no \"Transfer rate:\" at its end: the report of ab was cut short"));
    }
    let mut load = Load::new("ab", Of::Answers, Of::Answers, Rounding { absolute: 1.0, relative: 0.0 });
    let said = behind(text, "Failed requests:").and_then(first_count);
    let bad = behind(text, "Non-2xx responses:").map_or(Some(0), first_count);
    let told = said.is_some() && bad.is_some();
    let (said, bad) = (said.unwrap_or(0), bad.unwrap_or(0));
    let parts = behind(text, "(Connect:").map(|rest| format!("Connect:{rest}")).unwrap_or_default();
    let part = |name: &str| {
        let found = parts.split([',', ')']).find_map(|part| part.trim().strip_prefix(name));
        found.and_then(|count| count.trim_start_matches(':').trim().parse::<u64>().ok()).unwrap_or(0)
    };
    let length = part("Length");
    // A request that could not be written is none of ab's failed ones.
    let unwritten = behind(text, "Write errors:").map_or(Some(0), first_count);
    let told = told && unwritten.is_some();
    let unwritten = unwritten.unwrap_or(0);
    let lost = part("Connect") + part("Receive") + part("Exceptions") + unwritten;
    if unwritten > 0 {
        load.error_kinds.push(("write".to_owned(), unwritten.into()));
    }
    for name in ["Connect", "Receive", "Length", "Exceptions"] {
        if part(name) > 0 {
            load.error_kinds.push((name.to_lowercase(), part(name).into()));
        }
    }
    load.requests = Said::count(complete);
    let failed = said.saturating_add(bad).saturating_add(unwritten).min(complete.max(said.saturating_add(unwritten)));
    load.failed = if told { Said::count(failed) } else { Said::never("the report does not say how many failed") };
    load.unanswered = Said::count(lost);
    load.rate = Said::of(behind(text, "Requests per second:").and_then(|rest| rest.split(' ').next()).map(number));
    load.duration_ms = Said::of(
        behind(text, "Time taken for tests:")
            .and_then(|rest| rest.split(' ').next())
            .map(|seconds| shift(&number(seconds), SECONDS)),
    );
    load.more.push(("non_2xx".to_owned(), bad.into()));
    load.more.push(("other_length".to_owned(), length.into()));
    // The rows of this table are of one length, unless a number is wider than its column: a shorter one ends within the
    // longest time.
    let row =
        |label: &str| text.lines().find(|line| line.trim_start().starts_with(label)).map(|line| line.trim_end().len());
    let is_cut = row("Total:") < row("Connect:");
    if let Some(line) = behind(text, "Total:").filter(|line| !is_cut && line.split_whitespace().count() >= 5) {
        let words: Vec<&str> = line.split_whitespace().collect();
        for (name, word) in ["min_ms", "mean_ms", "stddev_ms", "p50_ms", "max_ms"].iter().zip(words) {
            load.latency.push(((*name).to_owned(), number(word)));
        }
    }
    let ranks = text.lines().filter_map(|line| {
        let (rank, time) = line.trim().split_once('%')?;
        Some((rank.parse::<u64>().ok()?, time.split_whitespace().next()?))
    });
    let mut ranks: Vec<(u64, &str)> = ranks.collect();
    // The longest request comes last: without it the report was cut, maybe within the number before.
    if ranks.last().is_some_and(|(rank, _)| *rank < 100) {
        ranks.pop();
    }
    for (rank, time) in ranks.into_iter().filter(|(rank, _)| *rank != 50 && *rank < 100) {
        load.latency.push((format!("p{rank}_ms"), number(time)));
    }
    for name in ["min_ms", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms"] {
        load.latency_lacks
            .push((name, "ab did not print it: -d and -S leave it out, and so does a report that was cut"));
    }
    let mut facts = load.finish();
    if length > 0 && bad > 0 {
        // One answer may be of another length and of a bad status, too: it is counted once or twice.
        let (low, high) = (Number::from(said.max(bad)), Number::from(said.saturating_add(bad)));
        for name in ["failed", "errors", "success_ratio"] {
            let doubt =
                Doubt::new(&[name], Code::Inconsistent, "answers of another length may be those of a bad status");
            let counts = name != "success_ratio";
            let (low, high) = (Some(low.clone()).filter(|_| counts), Some(high.clone()).filter(|_| counts));
            facts.doubts.push(Doubt { low, high, ..doubt });
        }
    }
    Ok(facts)
}

/// Whether a text is what `ab -e` writes.
pub fn fits_percentiles(text: &str) -> bool {
    text.starts_with("Percentage served,Time in ms")
}

/// Reads the percentiles of `ab -e`.
///
/// # Errors
/// A row of another shape.
pub fn read_percentiles(text: &str) -> Result<Facts<'_>, Failure> {
    let mut load = Load::new("ab", Of::Answers, Of::Answers, Rounding { absolute: 0.001, relative: 0.0 });
    // A row that does not end may end within its number.
    let (rows, cut) = text.rsplit_once('\n').unwrap_or((text, ""));
    if !cut.is_empty() {
        let place = Some((rows.lines().count() + 1, 1));
        return Err(Failure { place, reason: "the last row does not end: the file of ab was cut short".to_owned() });
    }
    let (mut decimals, mut last) = (None, 0);
    // ab sorts its times, and of 50 requests or fewer it reads past the last of them, in the upper half of its rows: from
    // where they fall they are none.
    let (mut most, mut fell) = (0.0, false);
    let greatest = text.lines().find_map(|row| number(row.strip_prefix("100,")?).as_number()?.to_f64());
    for (at, row) in text.lines().enumerate().skip(1).filter(|(_, row)| !row.is_empty()) {
        let wrong = || Failure { place: Some((at + 1, 1)), reason: "not a row of ab's percentiles".to_owned() };
        let (rank, time) = row.split_once(',').ok_or_else(wrong)?;
        let rank: u64 = rank.parse().map_err(|_| wrong())?;
        // ab writes all times with as many decimals.
        let written = time.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        if *decimals.get_or_insert(written) != written {
            return Err(wrong());
        }
        let name = match rank {
            0 => "min_ms".to_owned(),
            100 => "max_ms".to_owned(),
            rank => format!("p{rank}_ms"),
        };
        last = rank;
        let time = number(time);
        let figure = time.as_number().and_then(Number::to_f64).unwrap_or(0.0);
        fell |= rank > 50 && (figure < most || greatest.is_some_and(|greatest| figure > greatest));
        most = figure.max(most);
        if fell && rank < 100 {
            let detail = "ab read past its last time, as it does of 50 requests or fewer";
            load.limits.push(Doubt::new(&[&name], Code::Inconsistent, detail));
        } else {
            load.latency.push((name, time));
        }
    }
    if last < 99 {
        return Err(Failure::whole("no row of 99 % at its end: the file of ab was cut short"));
    }
    let never = "ab's file of percentiles does not say";
    (load.requests, load.failed, load.unanswered) = (Said::never(never), Said::never(never), Said::never(never));
    (load.rate, load.duration_ms, load.count) = (Said::never(never), Said::never(never), Some(Said::never(never)));
    load.latency_lacks = vec![("mean_ms", never)];
    Ok(load.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn of_few_requests_the_last_rows_are_none() {
        let row = |rank: usize| match rank {
            100 => "19.900".to_owned(),
            // What lies behind the times may be anything.
            99 => "812.000".to_owned(),
            95.. => "0.000".to_owned(),
            rank => format!("{}.5", 10 + rank / 10).replace(".5", ".500"),
        };
        let rows: Vec<String> = (0..=100).map(|rank| format!("{rank},{}", row(rank))).collect();
        let text = format!("Percentage served,Time in ms\n{}\n", rows.join("\n"));
        let facts = read_percentiles(&text).unwrap();
        let doubted = test::doubts(&facts).into_iter().filter(|doubt| doubt.starts_with("latency/p"));
        let doubted: Vec<String> = doubted.map(|doubt| doubt.split(':').next().unwrap().to_owned()).collect();
        assert_eq!(doubted, ["p95", "p96", "p97", "p98", "p99"].map(|rank| format!("latency/{rank}_ms")));
        let text = test::text(&facts);
        assert!(text.contains(r#""p90_ms":19.500"#) && text.contains(r#""max_ms":19.900"#), "{text}");
    }
}
