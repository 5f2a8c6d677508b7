//! A scrape: Prometheus' text exposition, and OpenMetrics, told apart by its `# EOF`.
//!
//! Owns the line grammar and what must hold of histograms and summaries. A scrape whose last line has no newline was cut short.

use std::collections::HashMap;

use schema::{Code, Number, Object, Value};

use super::Failure;
use super::prometheus_api::named;
use crate::facts::{Builder, Content, Doubt, Facts, Span, Told};
use crate::relations::{ROUNDING, close};

/// Whether a text begins as a scrape does.
pub fn fits(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.next().is_some_and(|line| {
        ["# HELP ", "# TYPE ", "# UNIT ", "# EOF"].iter().any(|start| line.starts_with(start))
            || (!line.starts_with('#') && sample(line).is_ok())
    })
}

/// One sample line.
struct Sample<'a> {
    name: &'a str,
    labels: Vec<(&'a str, String)>,
    value: &'a str,
    time: Option<&'a str>,
}

/// Reads a scrape: `{"up":1,"http_requests_total":{"code=200,method=get":1027}}`.
///
/// # Errors
/// A line that is neither a sample nor a comment; a last line without its newline.
pub fn read(text: &str) -> Result<Facts<'_>, Failure> {
    let mut facts = Facts { format: "prometheus", ..Facts::default() };
    let failure = |line: usize, reason: String| Failure { place: Some((line, 1)), reason };
    let mut report = Builder::default();
    let mut keys: HashMap<String, HashMap<String, usize>> = HashMap::new();
    let mut objects: HashMap<String, Vec<(String, Value<'static>)>> = HashMap::new();
    let mut ladders: HashMap<(String, &str), Vec<Rung>> = HashMap::new();
    let mut moments = Vec::new();
    let mut ended = false;
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        if line.trim().is_empty() {
            continue;
        }
        if ended {
            return Err(failure(number, "a line after # EOF".to_owned()));
        }
        if line.starts_with('#') {
            ended = line.trim_end() == "# EOF";
            kind(line, &mut facts.counters);
            continue;
        }
        let sample = sample(line).map_err(|reason| failure(number, reason))?;
        let key = named(sample.labels.iter().map(|(name, value)| (*name, value.as_str())));
        let (value, doubt) = figure(sample.value);
        let steps: Vec<&str> = if key.is_empty() { vec![sample.name] } else { vec![sample.name, &key] };
        if let Some(moment) = sample.time.and_then(|time| time.parse::<f64>().ok()) {
            moments.push((steps.iter().map(|&step| step.to_owned()).collect(), moment));
        }
        if let Some((code, detail)) = doubt {
            facts.doubts.push(Doubt::new(&steps, code, detail));
        }
        let label = if sample.name.ends_with("_bucket") { "le" } else { "quantile" };
        if let Some(rung) = Rung::of(&sample, label) {
            ladders.entry((sample.name.to_owned(), label)).or_default().push(rung);
        }
        let members = objects.entry(sample.name.to_owned()).or_default();
        if members.is_empty() {
            report.entry(sample.name);
        }
        if keys.entry(sample.name.to_owned()).or_default().insert(key.clone(), number).is_some() {
            return Err(failure(number, format!("the series {} stands twice", steps.join(" "))));
        }
        members.push((key, value));
    }
    if !text.is_empty() && !text.ends_with('\n') {
        return Err(failure(text.lines().count(), "the last line has no newline: the scrape was cut short".to_owned()));
    }
    for ((metric, label), mut rungs) in ladders {
        rungs.sort_by(|a, b| a.series.cmp(&b.series).then(a.bound.total_cmp(&b.bound)));
        facts.doubts.extend(disorder(&metric, label, &rungs));
        if let Some(name) = metric.strip_suffix("_bucket") {
            let count = format!("{name}_count");
            let counts = objects.get(&count).map_or(&[][..], Vec::as_slice);
            facts.doubts.extend(uncounted(&metric, &rungs, &count, counts));
        }
    }
    for (name, mut members) in objects {
        *report.entry(&name) = match members.as_mut_slice() {
            [(key, value)] if key.is_empty() => std::mem::take(value),
            _ => {
                let named = members
                    .into_iter()
                    .map(|(key, value)| if key.is_empty() { ("{}".to_owned(), value) } else { (key, value) });
                Value::Object(named.collect::<Object>())
            }
        };
    }
    facts.doubts.sort_by(|a, b| a.steps.cmp(&b.steps));
    for (steps, moment) in moments {
        let mut span = Span::default();
        // OpenMetrics stamps in seconds, the older format in milliseconds.
        span.see_seconds(if ended { moment } else { moment / 1000.0 });
        facts.span.join(span);
        facts.told.push(Told { steps, span });
    }
    facts.content = Content::One(Value::Object(report.build()));
    Ok(facts)
}

/// What a `# TYPE` line says of the samples of its family: which count only upwards.
fn kind(line: &str, counters: &mut HashMap<String, bool>) {
    let mut words = line.split_ascii_whitespace();
    let (Some("#"), Some("TYPE"), Some(name), Some(kind)) = (words.next(), words.next(), words.next(), words.next())
    else {
        return;
    };
    let mut say = |ends: &[&str], counts: bool| {
        counters.extend(ends.iter().map(|end| (format!("{name}{end}"), counts)));
    };
    match kind {
        "counter" => say(&["", "_total"], true),
        "gauge" | "info" | "stateset" => say(&["", "_info"], false),
        "histogram" | "summary" => {
            say(&["_bucket", "_count", "_sum"], true);
            say(&[""], false);
        }
        "gaugehistogram" => say(&["_bucket", "_gcount", "_gsum"], false),
        // Unknown and untyped: the name decides.
        _ => {}
    }
}

fn figure(text: &str) -> (Value<'static>, Option<(Code, String)>) {
    if let Some(number) = Number::parse(text.to_owned()) {
        return (Value::Number(number), None);
    }
    // Go writes and reads more than JSON does: +5, .5, 5. and the words.
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => (crate::quantity::value(value), None),
        _ => (Value::Null, Some((Code::NotANumber, format!("the value is {text}")))),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':') || byte > 0x7f)
        && !text.starts_with(|first: char| first.is_ascii_digit())
}

fn sample(line: &str) -> Result<Sample<'_>, String> {
    let wanted = || format!("{}: wanted NAME{{LABELS}} VALUE", schema::json::quote(line.as_bytes()));
    let end = line.find(['{', ' ', '\t']).ok_or_else(wanted)?;
    let (name, rest) = line.split_at(end);
    if !is_name(name) {
        return Err(wanted());
    }
    let (labels, rest) = match rest.strip_prefix('{') {
        None => (Vec::new(), rest),
        Some(rest) => labels(rest).ok_or_else(wanted)?,
    };
    // An exemplar stands behind a `#`.
    let rest = rest.split(" # ").next().unwrap_or_default();
    let mut words = rest.split_ascii_whitespace();
    let value = words.next().ok_or_else(wanted)?;
    let time = words.next();
    let number = |text: &str| text.parse::<f64>().is_ok();
    if words.next().is_some() || !number(value) || !time.is_none_or(number) {
        return Err(wanted());
    }
    Ok(Sample { name, labels, value, time })
}

type Labels<'a> = Vec<(&'a str, String)>;

/// The labels up to `}`, and what follows it.
fn labels(text: &str) -> Option<(Labels<'_>, &str)> {
    let mut labels = Vec::new();
    let mut rest = text.trim_start();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        let (name, after) = rest.split_once('=')?;
        let name = name.trim();
        let mut letters = after.trim_start().strip_prefix('"')?.char_indices();
        let body = after.trim_start().strip_prefix('"')?;
        let mut value = String::new();
        let end = loop {
            match letters.next()? {
                (at, '"') => break at,
                (_, '\\') => match letters.next()?.1 {
                    'n' => value.push('\n'),
                    letter @ ('\\' | '"') => value.push(letter),
                    letter => value.extend(['\\', letter]),
                },
                (_, letter) => value.push(letter),
            }
        };
        if !is_name(name) {
            return None;
        }
        labels.push((name, value));
        rest = body.get(end + 1..)?.trim_start();
        rest = match rest.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if rest.starts_with('}') => rest,
            None => return None,
        };
    }
}

/// One bucket of a histogram, or one quantile of a summary: whose it is, its bound and its value.
struct Rung {
    series: String,
    key: String,
    bound: f64,
    value: f64,
}

impl Rung {
    fn of(sample: &Sample<'_>, label: &str) -> Option<Rung> {
        let bound = sample.labels.iter().find(|(name, _)| *name == label)?.1.parse().ok()?;
        let others = sample.labels.iter().filter(|(name, _)| *name != label);
        Some(Rung {
            series: named(others.map(|(name, value)| (*name, value.as_str()))),
            key: named(sample.labels.iter().map(|(name, value)| (*name, value.as_str()))),
            bound,
            value: sample.value.parse().ok().filter(|value: &f64| !value.is_nan())?,
        })
    }
}

/// A bucket counts all that is in the ones below it, and no quantile is less than a lower one.
fn disorder(metric: &str, label: &str, rungs: &[Rung]) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    for pair in rungs.windows(2) {
        let [low, high] = pair else { continue };
        if low.series == high.series && high.value < low.value && !close(high.value, low.value, ROUNDING) {
            let detail = format!("{label}={} < {label}={}: {} < {}", high.bound, low.bound, high.value, low.value);
            doubts.push(Doubt::new(&[metric, &low.key], Code::Inconsistent, detail.clone()));
            doubts.push(Doubt::new(&[metric, &high.key], Code::Inconsistent, detail));
        }
    }
    doubts
}

/// The bucket without a bound counts all samples, and no other one more than all.
fn uncounted(metric: &str, buckets: &[Rung], count: &str, counts: &[(String, Value<'_>)]) -> Vec<Doubt> {
    let number = |value: &Value<'_>| value.as_number().and_then(Number::to_f64);
    let counts: HashMap<&str, f64> =
        counts.iter().filter_map(|(series, value)| Some((series.as_str(), number(value)?))).collect();
    let mut doubts = Vec::new();
    for buckets in buckets.chunk_by(|a, b| a.series == b.series) {
        let Some(last) = buckets.last() else { continue };
        let Some(&all) = counts.get(last.series.as_str()) else { continue };
        let part = last.bound.is_finite() && last.value < all;
        if part || close(last.value, all, ROUNDING) {
            continue;
        }
        let detail = format!("le={} and {count} do not agree: {} and {all}", last.bound, last.value);
        doubts.push(Doubt::new(&[metric, &last.key], Code::Inconsistent, detail.clone()));
        let steps: &[&str] = if last.series.is_empty() { &[count] } else { &[count, &last.series] };
        doubts.push(Doubt::new(steps, Code::Inconsistent, detail));
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn a_scrape() {
        let text = "# HELP http_requests_total The total.\n# TYPE http_requests_total counter\nhttp_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\nhttp_requests_total{method=\"post\",code=\"400\"}    3 1395066363000\n\nmsdos{path=\"C:\\\\DIR\\\\F.TXT\",error=\"no:\\n\\\"F\\\"\",} 1.458255915e9\nup 1\nwierd_seconds{problem=\"div\"} +Inf -3982045\nrpc{quantile=\"0.99\"} NaN\nrpc_sum 1.7560473e+07\n";
        assert!(fits(text));
        let facts = read(text).unwrap();
        assert_eq!(
            test::text(&facts),
            r#"{"http_requests_total":{"code=200,method=post":1027,"code=400,method=post":3},"msdos":{"error=no:\n\"F\",path=C:\\DIR\\F.TXT":1.458255915e9},"up":1,"wierd_seconds":{"div":null},"rpc":{"0.99":null},"rpc_sum":1.7560473e+07}"#
        );
        assert_eq!(
            test::doubts(&facts),
            ["rpc/0.99: not-a-number: the value is NaN", "wierd_seconds/div: not-a-number: the value is +Inf"]
        );
        assert_eq!(facts.span.to.unwrap().to_string(), "2014-03-17T14:26:03Z");
    }

    #[test]
    fn openmetrics() {
        let text =
            "# TYPE foo counter\nfoo_total{a=\"b\"} 17.0 1520879607.789 # {trace_id=\"x\"} 0.67 1520879608\n# EOF\n";
        let facts = read(text).unwrap();
        assert_eq!(test::text(&facts), r#"{"foo_total":{"b":17.0}}"#);
        assert!(facts.span.to.unwrap().to_string().starts_with("2018-03-12T18:33:27.789"));
    }

    #[test]
    fn buckets_only_grow() {
        let text = "h_bucket{le=\"0.1\"} 5\nh_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 9\nh_sum 1\nh_count 9\n";
        assert_eq!(
            test::doubts(&read(text).unwrap()),
            ["h_bucket/0.1: inconsistent: le=1 < le=0.1: 3 < 5", "h_bucket/1: inconsistent: le=1 < le=0.1: 3 < 5"]
        );
    }

    #[test]
    fn the_bucket_without_a_bound_counts_all() {
        for (text, wanted) in [
            (
                "h_bucket{le=\"1\"} 5\nh_bucket{le=\"+Inf\"} 5\nh_sum 1\nh_count 7\n",
                "h_bucket/+Inf h_count: le=inf and h_count do not agree: 5 and 7",
            ),
            (
                "h_count{a=\"x\",b=\"y\"} 7\nh_count{a=\"z\",b=\"y\"} 5\nh_bucket{a=\"x\",b=\"y\",le=\"+Inf\"} 9\nh_bucket{a=\"z\",b=\"y\",le=\"+Inf\"} 5\n",
                "h_bucket/a=x,b=y,le=+Inf h_count/a=x,b=y: le=inf and h_count do not agree: 9 and 7",
            ),
            ("h_bucket{le=\"1\"} 8\nh_count 7\n", "h_bucket/1 h_count: le=1 and h_count do not agree: 8 and 7"),
            ("h_bucket{le=\"1\"} 5\nh_count 7\n", ""),
            ("h_bucket{le=\"+Inf\"} 7.0\nh_count 7\n", ""),
            ("h_bucket{le=\"+Inf\"} 7\n", ""),
        ] {
            let doubts = read(text).unwrap().doubts;
            let paths: Vec<String> = doubts.iter().map(|doubt| doubt.steps.join("/")).collect();
            let said = doubts.first().map_or(String::new(), |doubt| format!("{}: {}", paths.join(" "), doubt.detail));
            assert_eq!(said, wanted, "{text}");
        }
    }

    #[test]
    fn quantiles_only_grow() {
        let text = "rpc{quantile=\"0.99\"} 5\nrpc{quantile=\"0.5\"} 10\nrpc{quantile=\"0.9\"} NaN\nother{quantile=\"0.5\"} 1\nother{quantile=\"0.99\"} 1\n";
        assert_eq!(
            test::doubts(&read(text).unwrap()),
            [
                "rpc/0.5: inconsistent: quantile=0.99 < quantile=0.5: 5 < 10",
                "rpc/0.9: not-a-number: the value is NaN",
                "rpc/0.99: inconsistent: quantile=0.99 < quantile=0.5: 5 < 10"
            ]
        );
    }

    #[test]
    fn what_is_no_scrape() {
        for (text, line, reason) in [
            ("up 1\nup", 2, "\"up\": wanted NAME{LABELS} VALUE"),
            ("up 1\ndown 1", 2, "the last line has no newline: the scrape was cut short"),
            ("up 1\nup 2\n", 2, "the series up stands twice"),
            ("up 1\n# EOF\nup 2\n", 3, "a line after # EOF"),
            ("up 1\nup{a=\"b} 2\n", 2, "\"up{a=\\\"b} 2\": wanted NAME{LABELS} VALUE"),
            ("up 1\nup 1 2 3\n", 2, "\"up 1 2 3\": wanted NAME{LABELS} VALUE"),
        ] {
            let failure = read(text).unwrap_err();
            assert_eq!((failure.place.unwrap().0, failure.reason.as_str()), (line, reason));
        }
        assert!(!fits("it went well\n"));
    }
}
