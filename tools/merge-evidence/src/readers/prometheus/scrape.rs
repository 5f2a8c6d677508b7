//! A scrape: Prometheus' text exposition, and OpenMetrics, told apart by its `# EOF`.
//!
//! Owns what becomes of a scrape's lines (their grammar is `text::prometheus`). A scrape whose last line has no newline was
//! cut short, and so was one of OpenMetrics without its end. A summary of a window in which nothing happened says nothing.

use std::collections::{HashMap, HashSet};

use schema::{Code, Number, Object, Value};
use text::prometheus::{self, Kind, Line, OpenMetrics, Sample};

use super::api::{SHARED, names};
use super::families::Families;
use crate::facts::{Builder, Content, Doubt, Facts, Failure, Span, Told};

/// Whether a text begins as a scrape does.
pub fn fits(text: &str) -> bool {
    prometheus::begins(text)
}

/// The samples of one metric, a series each.
#[derive(Default)]
struct Metric<'a> {
    series: Vec<Series<'a>>,
    /// Where the series of these labels is.
    places: HashMap<String, usize>,
}

/// A bucket or a quantile: its bound, its value and the key of its series.
type Rung = (f64, f64, String);

struct Series<'a> {
    labels: Vec<(String, String)>,
    value: &'a str,
    /// The time as written, and as a number.
    time: Option<f64>,
    /// Whether it appears twice, and no time says which is the later.
    twice: bool,
}

/// Reads a scrape: `{"up":1,"http_requests_total":{"code=200,method=get":1027}}`.
///
/// # Errors
/// A line that is neither a sample nor a comment; a series that appears twice; a scrape that was cut short.
pub fn read(text: &str) -> Result<Facts<'_>, Failure> {
    let mut facts = Facts { format: "prometheus", ..Facts::default() };
    let failure = |line: usize, reason: String| Failure { place: Some((line, 1)), reason };
    let mut order: Vec<String> = Vec::new();
    let mut metrics: HashMap<String, Metric<'_>> = HashMap::new();
    let mut families = Families::default();
    let mut ended = false;
    // The first escape that only OpenMetrics has: it is legal there, and refused before.
    let mut odd_escape = None;
    // What only OpenMetrics has, and where it was seen.
    let mut open_metrics = None;
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let wanted = |reason: &str| failure(number, format!("{}: {reason}", schema::json::quote(line.as_bytes())));
        let read = prometheus::line(line).map_err(wanted)?;
        if ended && !line.trim().is_empty() {
            return Err(failure(number, "a line after # EOF".to_owned()));
        }
        match read {
            Line::Nothing => {}
            Line::Unit => {
                open_metrics.get_or_insert("# UNIT");
            }
            Line::End => ended = true,
            Line::Type(name, kind) => {
                if matches!(kind, Kind::Info | Kind::StateSet) {
                    open_metrics.get_or_insert("a type info or stateset");
                }
                for (end, counts) in kind.samples() {
                    facts.counters.insert(format!("{name}{end}"), *counts);
                }
                families.take(&name, kind);
            }
            Line::Sample(sample) => {
                if let Some(proof) = sample.open_metrics {
                    open_metrics.get_or_insert(match proof {
                        OpenMetrics::Exemplar => "an exemplar",
                        OpenMetrics::Seconds => "a time in seconds",
                    });
                }
                if sample.odd_escape && odd_escape.is_none() {
                    odd_escape = Some(wanted("an escape that is none of \\n, \\\\ and \\\", and no # EOF at the end"));
                }
                // Where it has a type of its own it is a gauge that the older format may have, too.
                let family = sample.name.strip_suffix("_created").filter(|family| families.has(family));
                if family.is_some() && !families.has(&sample.name) {
                    open_metrics.get_or_insert("a sample of the kind _created");
                }
                // The older format writes the sum and the count of a gaugehistogram as those of any histogram.
                let ending = ["_gcount", "_gsum"].into_iter().find_map(|end| sample.name.strip_suffix(end));
                if ending.is_some_and(|family| families.has(family)) {
                    open_metrics.get_or_insert("a sample of the kind _gcount or _gsum");
                }
                let name = sample.name.clone().into_owned();
                let metric = metrics.entry(name).or_insert_with_key(|name| {
                    order.push(name.clone());
                    Metric::default()
                });
                metric.take(&sample).map_err(|labels| {
                    failure(
                        number,
                        format!("the series {} appears twice", [sample.name.as_ref(), &labels].join(" ").trim()),
                    )
                })?;
            }
        }
    }
    if !text.is_empty() && !text.ends_with('\n') && !ended {
        return Err(failure(text.lines().count(), "the last line has no newline: the scrape was cut short".to_owned()));
    }
    if let (Some(proof), false) = (open_metrics, ended) {
        let reason = format!("no # EOF at its end: {proof} is OpenMetrics, so the scrape was cut short");
        return Err(failure(text.lines().count(), reason));
    }
    if let Some(failure) = odd_escape.filter(|_| !ended) {
        return Err(failure);
    }
    let mut report = Builder::default();
    for (family, said) in families.torn() {
        facts.doubts.push(Doubt::new(&[family], Code::Inconsistent, said.clone()));
    }
    for name in &order {
        if let Some(metric) = metrics.get(name) {
            report.put(name.clone(), metric.value(name, ended, &families, &mut facts));
        }
    }
    for name in &order {
        if let Some(metric) = metrics.get(name) {
            related(name, metric, &metrics, &mut facts.doubts);
        }
    }
    facts.told.extend(pushed(&metrics, &order));
    if !ended && let Some(last) = order.last().and_then(|last| families.tail(last)) {
        facts.doubts.extend(cut_short(last, &metrics));
    }
    facts.doubts = joined_by_path(std::mem::take(&mut facts.doubts));
    facts.content = Content::One(Value::Object(report.build()));
    Ok(facts)
}

/// Sorted by path; of a path with several doubts of which one is that nothing was measured, that one.
fn joined_by_path(mut doubts: Vec<Doubt>) -> Vec<Doubt> {
    doubts.sort_by(|a, b| a.steps.cmp(&b.steps));
    doubts.dedup_by(|next, first| next == first);
    doubts
}

impl<'a> Metric<'a> {
    /// Takes a sample in. One series at several times is what it was last; at one time twice it is ambiguous.
    ///
    /// # Errors
    /// The series appears twice without a time: its labels.
    fn take(&mut self, sample: &Sample<'a>) -> Result<(), String> {
        // A label without a value is none: `up{zone=""}` is the series `up`.
        let labels = sample.labels.iter().filter(|(_, value)| !value.is_empty());
        let labels: Vec<(String, String)> = labels.map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let mut sorted: Vec<&(String, String)> = labels.iter().collect();
        sorted.sort_unstable();
        let key = sorted.iter().map(|(name, value)| format!("{name}\u{0}{value}\u{0}")).collect::<String>();
        let time = sample.time.and_then(|time| time.parse::<f64>().ok());
        let series = Series { labels, value: sample.value, time, twice: false };
        let Some(&place) = self.places.get(&key) else {
            self.places.insert(key, self.series.len());
            self.series.push(series);
            return Ok(());
        };
        let Some(there) = self.series.get_mut(place) else { return Ok(()) };
        match (there.time, time) {
            (Some(before), Some(now)) if before != now => {
                if now > before {
                    *there = series;
                }
                Ok(())
            }
            (Some(_), _) | (_, Some(_)) => {
                *there = Series { twice: true, ..series };
                Ok(())
            }
            _ => Err(there.labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(",")),
        }
    }

    /// The keys its series have with us.
    fn keys(&self) -> Vec<String> {
        names(self.series.iter().map(|series| series.labels.as_slice()))
    }

    fn value(&self, name: &str, seconds: bool, families: &Families, facts: &mut Facts<'a>) -> Value<'a> {
        let mut members = Vec::new();
        let mut taken = HashSet::new();
        let alone = self.series.len() == 1 && self.series.iter().all(|series| series.labels.is_empty());
        for (series, key) in self.series.iter().zip(self.keys()) {
            let key = if key.is_empty() { "{}".to_owned() } else { key };
            let steps: Vec<String> = std::iter::once(name.to_owned()).chain((!alone).then(|| key.clone())).collect();
            if !taken.insert(key.clone()) {
                facts.doubts.push(Doubt::of(steps, Code::Ambiguous, SHARED.to_owned()));
                continue;
            }
            let (value, doubt) = figure(series.value);
            if let Some((code, detail)) = doubt {
                let quantile = series.labels.iter().any(|(label, _)| label == "quantile");
                let (code, detail) = match quantile {
                    true => (Code::NoSamples, format!("the quantile is {}: nothing was observed", series.value)),
                    false => (code, detail),
                };
                facts.doubts.push(Doubt::of(steps.clone(), code, detail));
            } else if series.twice {
                let detail = "it appears twice, and no time says which is the later".to_owned();
                facts.doubts.push(Doubt::of(steps.clone(), Code::Ambiguous, detail));
            } else if let Some((code, detail)) = families.fault(name, &series.labels, series.value) {
                facts.doubts.push(Doubt::of(steps.clone(), code, detail));
            }
            if let Some(time) = series.time {
                let mut span = Span::default();
                // OpenMetrics stamps in seconds, the older format in milliseconds.
                span.see_seconds(if seconds { time } else { time / 1000.0 });
                facts.span.join(span);
                facts.told.push(Told { steps, span });
            }
            members.push((key, value));
        }
        match members.as_mut_slice() {
            [(_, value)] if alone => std::mem::take(value),
            _ => Value::Object(members.into_iter().collect::<Object>()),
        }
    }

    /// The rungs of each ladder: its labels without `label`, and bound, value and key of each rung, sorted by bound.
    fn ladders(&self, label: &str) -> Vec<(String, Vec<Rung>)> {
        let mut ladders: HashMap<String, Vec<Rung>> = HashMap::new();
        for (series, key) in self.series.iter().zip(self.keys()) {
            let Some((_, bound)) = series.labels.iter().find(|(name, _)| name == label) else { continue };
            let (Ok(bound), Ok(value)) = (bound.parse::<f64>(), series.value.parse::<f64>()) else { continue };
            if !value.is_nan() {
                ladders.entry(series.without(label)).or_default().push((bound, value, key));
            }
        }
        let mut ladders: Vec<_> = ladders.into_iter().collect();
        ladders.sort_by(|a, b| a.0.cmp(&b.0));
        ladders.iter_mut().for_each(|(_, rungs)| rungs.sort_by(|a, b| a.0.total_cmp(&b.0)));
        ladders
    }

    /// The value and key of the series with these labels.
    fn find(&self, labels: &str) -> Option<(f64, String)> {
        let mut found = self.series.iter().zip(self.keys());
        found.find_map(|(series, key)| {
            (series.without("") == labels).then(|| Some((series.value.parse().ok()?, key)))?
        })
    }
}

impl Series<'_> {
    /// Its labels but for one, in one order.
    fn without(&self, label: &str) -> String {
        let mut others: Vec<String> = self
            .labels
            .iter()
            .filter(|(name, _)| name != label)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        others.sort_unstable();
        others.join(",")
    }
}

/// What must be true between the samples of a family, and what is not.
fn related(name: &str, metric: &Metric<'_>, metrics: &HashMap<String, Metric<'_>>, doubts: &mut Vec<Doubt>) {
    let family = name.strip_suffix("_bucket");
    let (label, family) = (if family.is_some() { "le" } else { "quantile" }, family.unwrap_or(name));
    for (labels, rungs) in metric.ladders(label) {
        let ladder: Vec<prometheus::Rung> = rungs.iter().map(|(bound, value, _)| (*bound, *value)).collect();
        let key =
            |bound: f64| rungs.iter().find(|rung| rung.0.total_cmp(&bound).is_eq()).map_or("", |rung| rung.2.as_str());
        for (bound, value, key) in rungs.iter().enumerate().filter_map(|(at, rung)| twin(&rungs, at).then_some(rung)) {
            let detail = format!("two series have {label}={bound}: one says {value}");
            doubts.push(Doubt::new(&[name, key], Code::Ambiguous, detail));
        }
        for (low, high) in prometheus::disorder(&ladder, label == "quantile") {
            let detail = format!("{label}={} < {label}={}: {} < {}", high.0, low.0, high.1, low.1);
            for rung in [low, high] {
                doubts.push(Doubt::new(&[name, key(rung.0)], Code::Inconsistent, detail.clone()));
            }
        }
        let count_name = format!("{family}_count");
        let count = metrics.get(&count_name).and_then(|counts| counts.find(&labels));
        let Some((&highest, (count, count_key))) = ladder.last().zip(count) else { continue };
        if label == "le" {
            if prometheus::uncounted(highest, count) {
                let detail = format!("le={} and {count_name} do not agree: {} and {count}", highest.0, highest.1);
                doubts.push(Doubt::new(&[name, key(highest.0)], Code::Inconsistent, detail.clone()));
                let steps: &[&str] = if count_key.is_empty() { &[&count_name] } else { &[&count_name, &count_key] };
                doubts.push(Doubt::new(steps, Code::Inconsistent, detail));
            }
            continue;
        }
        // A summary keeps its last window: where nothing came, some clients write 0 for every quantile.
        let sum = metrics.get(&format!("{family}_sum")).and_then(|sums| sums.find(&labels));
        let zeros = ladder.iter().all(|rung| rung.1 == 0.0);
        let reason = match sum {
            _ if count == 0.0 => format!("{count_name} is 0"),
            Some((sum, _)) if zeros && sum > 0.0 => {
                "every quantile is 0, though the sum is not: the window is empty".to_owned()
            }
            _ => continue,
        };
        for (_, _, key) in &rungs {
            doubts.push(Doubt::new(&[name, key], Code::NoSamples, reason.clone()));
        }
    }
}

/// When what stands on a Pushgateway's page was pushed: a group keeps its values, however old, and `push_time_seconds` with
/// the group's labels says since when. Of several groups that a series may be of, the one with the most labels is its own.
fn pushed(metrics: &HashMap<String, Metric<'_>>, order: &[String]) -> Vec<Told> {
    const OWN: [&str; 2] = ["push_time_seconds", "push_failure_time_seconds"];
    let Some(groups) = metrics.get(OWN[0]) else { return Vec::new() };
    let mut told = Vec::new();
    for name in order.iter().filter(|name| !OWN.contains(&name.as_str())) {
        let Some(metric) = metrics.get(name) else { continue };
        for (series, key) in metric.series.iter().zip(metric.keys()).filter(|(series, _)| series.time.is_none()) {
            let of = |group: &&Series<'_>| {
                !group.labels.is_empty() && group.labels.iter().all(|label| series.labels.contains(label))
            };
            let group = groups.series.iter().filter(of).max_by_key(|group| group.labels.len());
            if let Some(seconds) = group.and_then(|group| group.value.parse().ok()) {
                let mut span = Span::default();
                span.see_seconds(seconds);
                told.push(Told { steps: vec![name.clone(), key], span });
            }
        }
    }
    told
}

/// What may be cut of the last family of a page without an end of its own: a summary or a histogram is followed by its
/// count, series by series.
fn cut_short(family: &str, metrics: &HashMap<String, Metric<'_>>) -> Vec<Doubt> {
    let count = format!("{family}_count");
    let mut doubts = Vec::new();
    for (name, label) in [(family.to_owned(), "quantile"), (format!("{family}_bucket"), "le")] {
        let Some(metric) = metrics.get(&name) else { continue };
        for (labels, rungs) in metric.ladders(label) {
            if metrics.get(&count).and_then(|counts| counts.find(&labels)).is_none() {
                let detail = format!("no {count} behind it, where the page ends: it may have been cut short");
                doubts.extend(rungs.iter().map(|rung| Doubt::new(&[&name, &rung.2], Code::Missing, detail.clone())));
            }
        }
    }
    doubts
}

/// Whether a rung has the bound of one beside it, which is written in another way: `le="1"`, `le="1.0"`.
fn twin(rungs: &[Rung], at: usize) -> bool {
    let bound = |at: usize| rungs.get(at).map(|rung| rung.0);
    bound(at) == bound(at + 1) || at > 0 && bound(at) == bound(at - 1)
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
            [
                "rpc/0.99: no-samples: the quantile is NaN: nothing was observed",
                "wierd_seconds/div: not-a-number: the value is +Inf"
            ]
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
                "rpc/0.9: no-samples: the quantile is NaN: nothing was observed",
                "rpc/0.99: inconsistent: quantile=0.99 < quantile=0.5: 5 < 10"
            ]
        );
    }

    #[test]
    fn names_and_labels_of_any_kind() {
        for (text, wanted) in [
            ("{\"http.server.requests\",method=\"get\"} 5\n", r#"{"http.server.requests":{"get":5}}"#),
            ("foo{a=\"x\"} 1\nfoo{b=\"x\"} 2\n", r#"{"foo":{"a=x":1,"b=x":2}}"#),
            ("# made by cron\n  up {l=\"v\"} 1\n", r#"{"up":{"v":1}}"#),
            ("a 1 1000\na 3 3000\na 2 2000\n", r#"{"a":3}"#),
            ("x{a=\"a-b\"} 1\nx{a=\"a_b\"} 2\nx{a=\"value\"} 3\nx 4\n", r#"{"x":{"a-b":1,"a_b":2,"value":3,"{}":4}}"#),
            ("x{a=\"\"} 1\n", r#"{"x":1}"#),
        ] {
            assert!(fits(text), "{text}");
            assert_eq!(test::text(&read(text).unwrap()), wanted, "{text}");
        }
    }

    #[test]
    fn two_series_of_one_name_are_ambiguous() {
        for (text, wanted) in [
            ("h{x=\"{}\"} 1\nh 2\n", "h/{}: ambiguous: two series have this name"),
            (
                "h{a=\"b,c=d\"} 1\nh{a=\"b\",c=\"d\"} 9\nh{z=\"1\"} 3\n",
                "h/a=b,c=d: ambiguous: two series have this name",
            ),
            (
                "h_bucket{le=\"1.0\"} 1\nh_bucket{le=\"1\"} 7\nh_bucket{le=\"+Inf\"} 9\n",
                "h_bucket/1: ambiguous: two series have le=1: one says 7 h_bucket/1.0: ambiguous: two series have le=1: one says 1",
            ),
            (
                "s{quantile=\"0.5\"} 1\ns{quantile=\"0.50\"} 1\n",
                "s/0.5: ambiguous: two series have quantile=0.5: one says 1 s/0.50: ambiguous: two series have quantile=0.5: one says 1",
            ),
        ] {
            assert_eq!(test::doubts(&read(text).unwrap()).join(" "), wanted, "{text}");
        }
        for text in ["up{a=\"\"} 1\nup 0\n", "up{a=\"\",b=\"c\"} 1\nup{b=\"c\"} 0\n"] {
            assert!(read(text).unwrap_err().reason.ends_with(" appears twice"), "{text}");
        }
    }

    #[test]
    fn a_summary_without_observations_says_nothing() {
        for (text, reason) in [
            ("s{quantile=\"0.5\"} 0\ns_sum 0\ns_count 0\n", "s/0.5: no-samples: s_count is 0"),
            (
                "s{quantile=\"0.5\"} 0\ns_sum 7\ns_count 5\n",
                "s/0.5: no-samples: every quantile is 0, though the sum is not: the window is empty",
            ),
            ("s{quantile=\"0.5\"} 1\ns_sum 7\ns_count 5\n", ""),
        ] {
            assert_eq!(test::doubts(&read(text).unwrap()).join(" "), reason, "{text}");
        }
    }

    #[test]
    fn a_pushed_group_is_as_old_as_its_push() {
        let text = "push_time_seconds{instance=\"\",job=\"a\"} 1.7727427e+09\npush_time_seconds{instance=\"x\",job=\"a\"} 1772742999\nerrors{instance=\"\",job=\"a\"} 0\nerrors{instance=\"x\",job=\"a\"} 0\nerrors{instance=\"\",job=\"b\"} 0\ngo_threads 9\n";
        let told = read(text).unwrap().told;
        let said = |told: &Told| format!("{} {}", told.steps.join("/"), told.span.to.unwrap().as_second());
        assert_eq!(
            told.iter().map(said).collect::<Vec<_>>(),
            ["errors/a 1772742700", "errors/instance=x,job=a 1772742999"]
        );
    }

    #[test]
    fn the_last_summary_of_a_page_has_its_count() {
        let summary = "# TYPE s summary\ns{quantile=\"0.5\"} 0\ns{quantile=\"0.99\"} 0\n";
        let histogram = "# TYPE h histogram\nh_bucket{le=\"1\"} 0\nh_bucket{le=\"+Inf\"} 0\nh_sum 0\n";
        for (text, wanted) in [
            (summary.to_owned(), "s/0.5 s/0.99"),
            (format!("{summary}s_sum 0\n"), "s/0.5 s/0.99"),
            (format!("up 1\n{histogram}"), "h_bucket/+Inf h_bucket/1"),
            (format!("{histogram}h_count 0\n"), ""),
            // Who writes no count elsewhere writes none.
            (format!("{summary}up 1\n"), ""),
            (format!("{summary}# EOF\n"), ""),
            (
                "# TYPE s summary\ns{a=\"x\",quantile=\"0.5\"} 1\ns_count{a=\"x\"} 9\ns{a=\"y\",quantile=\"0.5\"} 1\n"
                    .to_owned(),
                "s/a=y,quantile=0.5",
            ),
        ] {
            let doubts = read(&text).unwrap().doubts;
            let cut = doubts.iter().filter(|doubt| doubt.detail.contains("cut short"));
            assert_eq!(cut.map(|doubt| doubt.steps.join("/")).collect::<Vec<_>>().join(" "), wanted, "{text}");
        }
    }

    #[test]
    fn open_metrics_has_its_end() {
        for text in [
            "# TYPE a counter\na_total 1 # {id=\"x\"} 0.5\n",
            "# TYPE a counter\na_total 1\na_created 1.5e9\n",
            "# UNIT a_seconds seconds\na_seconds 1\n",
            "# TYPE b info\nb_info{version=\"1\"} 1\n",
            "# TYPE s stateset\ns{s=\"up\"} 1\n",
            "# TYPE g gaugehistogram\ng_bucket{le=\"+Inf\"} 1\ng_gcount 1\ng_gsum 1\n",
        ] {
            assert!(read(text).unwrap_err().reason.starts_with("no # EOF at its end: "), "{text}");
            assert!(read(&format!("{text}# EOF\n")).is_ok(), "{text}");
        }
        assert!(read("# TYPE a counter\na_total 1\n# TYPE a_created gauge\na_created 1.5e9\n").is_ok());
    }

    #[test]
    fn what_is_no_scrape() {
        for (text, line, reason) in [
            ("up 1\nup", 2, "\"up\": wanted NAME{LABELS} VALUE"),
            ("up 1\ndown 1", 2, "the last line has no newline: the scrape was cut short"),
            ("up 1\nup 2\n", 2, "the series up appears twice"),
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
