//! "No samples" has many names: which keys are statistics of samples, and which keys count those samples.
//!
//! Owns the one table of such names that check-threshold and every reader use. A statistic whose count is zero was not
//! measured, whatever its figure says. Refuses to doubt counts, gauges, and the rate of a counter beside its own count:
//! a zero there is an answer.
//!
//! | statistic | counted by |
//! |---|---|
//! | `p99 p(99) p99.9_ms 99% 99th 0.99 min mean avg average median max stddev …`, alone or with a stem (`latency_ms_p99`, `p99_latency`, `latencyP99`) | a count of the same stem (`latency_ms_count`, `latency_samples`, `latencyCount`), else `count totalCount samples …`, else events (`requests transactions rounds Request Count …`), else `n N` |
//! | shares: `error_rate success_ratio failed_pct` | the same but for a count of their own stem: `error_count` is what they are made of |
//! | `rate` | `passes` and `fails` together, `samples`, events; a `count` beside it is the counter's own |
//!
//! The count stands beside the statistic, or one object above it, where objects such as `percentiles` and `values` count
//! as none. There a family's own count (`latency_count` beside `latency: {…}`) belongs to it, too. Events count only
//! figures of a time or without a unit and stem: `requests: 0` says nothing about `memory_max`. `n` counts only beside a
//! percentile, a mean, or a least and a greatest, which are all zero or null.

use crate::{Code, Number, Object, Value};

/// What a key is a statistic of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Statistic {
    kind: Kind,
    /// The words of the key without those of the statistic and of the unit.
    stem: Vec<String>,
    timed: bool,
    sized: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Percentile,
    Mean,
    Least,
    Greatest,
    Spread,
    /// `error_rate`
    Share,
    /// `rate`
    Rate,
}

/// What a key counts, the nearest to the statistic first.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Count {
    /// `latency_ms_count`: the samples of that stem.
    Of(Vec<String>),
    /// `count`
    Own,
    /// `samples`, `totalCount`
    Samples,
    /// `requests`, `Request Count`
    Events,
    /// `passes`, `fails`: together they count what a rate is made of.
    Part,
    /// `n`, `N`
    Letter,
}

/// Whether a key is that of a statistic of samples: it means nothing where there are none.
pub fn is_statistic(key: &str) -> bool {
    Statistic::of(key, false).is_some()
}

/// Whether a key is that of a finished percentile: `p99`, `P95_ms`, `p(95)`, `med`, `99%`, `latency_p99`.
pub fn is_percentile(key: &str) -> bool {
    Statistic::of(key, false).is_some_and(|statistic| statistic.kind == Kind::Percentile)
}

/// Whether a key says how many samples something has: `count`, `latency_ms_count`, `totalCount`, `Request Count`, `n`.
pub fn is_count(key: &str) -> bool {
    Count::of(key).is_some()
}

/// The statistics of one object that have no samples, by a count in the same object: each key, and why.
///
/// The code is `no-samples` where the count is zero or less; `null`, `not-a-number` and `overflow` where it is a null, a
/// text or a number that nobody counts to: it may be a zero.
pub fn without_samples<'v>(object: &'v Object<'_>) -> Vec<(&'v str, Code)> {
    let counts = Counts::of(object);
    let keys = object.iter().map(|(key, _)| key);
    keys.filter_map(|key| Some((key, doubt(&[Level { object, counts: &counts, key }])?))).collect()
}

/// Whether a count with the key `count` beside a statistic with the key `statistic` would count its samples.
pub fn counts_for(count: &str, statistic: &str) -> bool {
    match (Count::of(count), Statistic::of(statistic, true)) {
        (Some(Count::Letter), Some(_)) => true,
        (Some(count), Some(statistic)) => counted(&count, &statistic, false, false),
        _ => false,
    }
}

/// One object on the way to a value, its counts, and the key that leads on.
#[derive(Clone, Copy, Debug)]
pub struct Level<'v, 'a> {
    /// The object.
    pub object: &'v Object<'a>,
    /// Its counts.
    pub counts: &'v Counts,
    /// The key of the next object, or of the value.
    pub key: &'v str,
}

/// Why a statistic was not measured. `levels` lead to it: the object that has it, and those around it, the innermost
/// first.
pub fn doubt(levels: &[Level<'_, '_>]) -> Option<Code> {
    for (found, level, statistic, above) in places(levels) {
        let counting = found.deciding(level.object, &statistic, above);
        if !counting.is_empty() || (!above && found.has_own_count(&statistic)) {
            let parts = counting.iter().filter(|(count, _)| *count == Count::Part).count();
            let none = parts < 2 || counting.iter().all(|(_, value)| is_none(value));
            let doubts = counting.iter().map(|(count, value)| match value {
                Value::Number(number) if is_beyond(number) => Some(Code::Overflow),
                Value::Number(_) if *count == Count::Part && (parts < 2 || !none) => None,
                Value::Number(_) => is_none(value).then_some(Code::NoSamples),
                Value::Null => Some(Code::Null),
                _ => Some(Code::NotANumber),
            });
            return doubts.flatten().next();
        }
    }
    None
}

/// The counts that a statistic was made of: one, or `passes` and `fails`, which are added. `None` where nothing says.
pub fn samples<'v, 'a>(levels: &[Level<'v, 'a>]) -> Option<Vec<&'v Number<'a>>> {
    let (found, statistic, above) = places(levels).into_iter().find_map(|(counts, level, statistic, above)| {
        let found = counts.deciding(level.object, &statistic, above);
        (!found.is_empty()).then_some((found, statistic, above))
    })?;
    let parts = found.iter().filter(|(count, _)| *count == Count::Part).count();
    let wanted = if statistic.kind == Kind::Rate && !above && parts > 0 { 2 } else { 1 };
    let numbers: Vec<&Number<'a>> = found.iter().filter_map(|(_, value)| value.as_number()).take(wanted).collect();
    (numbers.len() == wanted).then_some(numbers)
}

/// Whether a key is that of a share of what was counted: `rate`, `error_rate`, `success_pct`.
pub fn is_share(key: &str) -> bool {
    Statistic::of(key, false).is_some_and(|statistic| matches!(statistic.kind, Kind::Share | Kind::Rate))
}

/// Every value that could make a statistic one of no samples, whatever it is now. Where all of them are numbers above
/// zero, [`doubt`] finds nothing.
pub fn watched<'v, 'a>(levels: &[Level<'v, 'a>]) -> Vec<&'v Value<'a>> {
    let mut watched = Vec::new();
    for (found, level, statistic, above) in places(levels) {
        let those = found.list.iter().filter(|(count, _)| counted(count, &statistic, above, true));
        watched.extend(those.filter_map(|(_, place)| Some(level.object.at(*place)?.1)));
    }
    watched
}

/// The objects whose counts belong to a statistic, with what the statistic is to each: the one that has it, and the
/// next around it, or more where that one only holds statistics together.
fn places<'l, 'v, 'a>(levels: &'l [Level<'v, 'a>]) -> Vec<(&'v Counts, &'l Level<'v, 'a>, Statistic, bool)> {
    let Some((first, around)) = levels.split_first() else { return Vec::new() };
    let within = around
        .first()
        .is_some_and(|level| is_wrapper(level.key) || words(level.key).iter().any(|word| is_latency(word)));
    let Some(statistic) = Statistic::of(first.key, within) else { return Vec::new() };
    let mut places = vec![(first.counts, first, statistic.clone(), false)];
    for level in around {
        if is_wrapper(level.key) {
            places.push((level.counts, level, statistic.clone(), false));
            continue;
        }
        let unit = words(level.key);
        let outer = Statistic {
            kind: if statistic.kind == Kind::Rate { Kind::Share } else { statistic.kind },
            stem: stem(level.key).into_iter().chain(statistic.stem).collect(),
            timed: statistic.timed || unit.iter().any(|word| is_time(word)),
            sized: statistic.sized || unit.iter().any(|word| is_size(word)),
        };
        places.push((level.counts, level, outer, true));
        break;
    }
    places
}

/// The counts of one object: made once, asked for each of its statistics.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// What each counts, and its place in the object.
    list: Vec<(Count, usize)>,
    /// Whether an `n` would count: there is a distribution, and all of it is zero or null.
    nothing: bool,
}

impl Counts {
    /// Looks at every key once.
    pub fn of(object: &Object<'_>) -> Counts {
        let mut counts = Counts::default();
        for (place, (key, value)) in object.iter().enumerate().filter(|(_, (key, _))| may_count(key)) {
            if !matches!(value, Value::Object(_) | Value::List(_))
                && let Some(count) = Count::of(key)
            {
                counts.list.push((count, place));
            }
        }
        if counts.list.iter().any(|(count, _)| *count == Count::Letter) {
            counts.nothing = is_nothing(object);
        }
        counts
    }

    /// Whether the rate of a counter stands beside that counter's own count.
    fn has_own_count(&self, statistic: &Statistic) -> bool {
        let own = |count: &Count| match (statistic.kind, count) {
            (Kind::Rate, Count::Own) => true,
            (Kind::Share, Count::Of(stem)) => *stem == statistic.stem,
            _ => false,
        };
        self.list.iter().any(|(count, _)| own(count))
    }

    /// The counts that decide: those nearest to the statistic in meaning. A truth counts nothing.
    fn deciding<'v, 'a>(
        &self,
        object: &'v Object<'a>,
        statistic: &Statistic,
        above: bool,
    ) -> Vec<(Count, &'v Value<'a>)> {
        for rank in 0..=Count::RANKS {
            let here = self.list.iter().filter(|(count, _)| count.rank() == rank);
            let here = here.filter(|(count, _)| counted(count, statistic, above, self.nothing));
            let values = here.filter_map(|(count, place)| Some((count.clone(), object.at(*place)?.1)));
            let found: Vec<_> = values.filter(|(_, value)| !matches!(value, Value::Bool(_))).collect();
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }
}

/// Whether a count is one of what the statistic was made of. `nothing`: whether an `n` would count.
fn counted(count: &Count, statistic: &Statistic, above: bool, nothing: bool) -> bool {
    let plain = !matches!(statistic.kind, Kind::Share | Kind::Rate);
    let timed = statistic.timed || statistic.stem.iter().any(|word| TIMES.contains(&&**word));
    let read = !timed && statistic.stem.iter().any(|word| GAUGES.contains(&&**word));
    let gauge = read && statistic.kind != Kind::Percentile;
    match count {
        Count::Of(stem) => plain && *stem == statistic.stem && !stem.is_empty(),
        Count::Part => statistic.kind == Kind::Rate && !above,
        Count::Own => !gauge && statistic.kind != Kind::Rate,
        Count::Samples => !gauge,
        Count::Events => {
            let share = statistic.kind == Kind::Share && !statistic.stem.iter().any(|word| UPTIMES.contains(&&**word));
            let bare = statistic.stem.is_empty() && !statistic.sized && statistic.kind != Kind::Rate;
            !read && (timed || share || bare)
        }
        Count::Letter => plain && nothing && !gauge,
    }
}

/// A percentile, a mean, or a least and a greatest, and all statistics zero or null.
fn is_nothing(object: &Object<'_>) -> bool {
    let mut kinds = Vec::new();
    for (key, value) in object.iter() {
        if let Some(statistic) = Statistic::of(key, false) {
            let zero = match value {
                Value::Number(number) => {
                    is_beyond(number) || (!is_positive(number) && !number.as_str().starts_with('-'))
                }
                // What could not be read may be a zero as well.
                Value::Null | Value::Text(_) => true,
                Value::Object(_) | Value::List(_) => continue,
                Value::Bool(_) => false,
            };
            if !zero {
                return false;
            }
            kinds.push(statistic.kind);
        }
    }
    let has = |kind: Kind| kinds.contains(&kind);
    has(Kind::Percentile) || has(Kind::Mean) || (has(Kind::Least) && has(Kind::Greatest))
}

/// Whether a count counts nothing.
fn is_none(value: &Value<'_>) -> bool {
    matches!(value, Value::Number(number) if !is_positive(number))
}

/// Whether a number is above zero, however it is written.
fn is_positive(number: &Number<'_>) -> bool {
    let text = number.as_str();
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    !text.starts_with('-') && mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// Whether a number is none that was counted: beyond what a double holds, or so near to zero that a double is zero.
fn is_beyond(number: &Number<'_>) -> bool {
    // Nearly all counts are a few digits.
    if number.as_str().len() < 20 && !number.as_str().contains(['e', 'E']) {
        return false;
    }
    number.to_f64().is_none_or(|value| value == 0.0 && is_positive(number))
}

const COUNTS: [&str; 2] = ["count", "counts"];
const SAMPLES: [&str; 6] = ["samples", "sample", "observations", "measurements", "datapoints", "values"];
const EVENTS: [&str; 17] = [
    "requests",
    "request",
    "reqs",
    "transactions",
    "transaction",
    "responses",
    "response",
    "rounds",
    "calls",
    "queries",
    "probes",
    "operations",
    "invocations",
    "runs",
    "ops",
    "events",
    "hits",
];
/// Words before a count that leave it what it is: `total_requests`, `numSamples`, `n_requests`.
const AMOUNTS: [&str; 7] = ["total", "num", "number", "of", "nr", "sum", "n"];
/// What is read, not made of samples that could be none.
const GAUGES: [&str; 26] = [
    "cpu",
    "memory",
    "mem",
    "heap",
    "rss",
    "ram",
    "swap",
    "disk",
    "connections",
    "util",
    "utilization",
    "utilisation",
    "usage",
    "used",
    "idle",
    "battery",
    "fill",
    "goroutines",
    "threads",
    "fds",
    "inodes",
    "vus",
    "saturation",
    "temperature",
    "restarts",
    "replicas",
];
/// Shares that are there without a request: of an hour, not of what was asked.
const UPTIMES: [&str; 4] = ["uptime", "availability", "available", "coverage"];
/// What a rate counts a second of, so that a rate of zero is an answer.
const THROUGHPUTS: [&str; 20] = [
    "request",
    "requests",
    "req",
    "reqs",
    "arrival",
    "sample",
    "sampling",
    "frame",
    "bit",
    "byte",
    "bytes",
    "iteration",
    "iterations",
    "message",
    "messages",
    "data",
    "transfer",
    "transaction",
    "transactions",
    "throughput",
];
/// Words of times.
const TIMES: [&str; 14] = [
    "latency",
    "latencies",
    "duration",
    "durations",
    "time",
    "times",
    "rt",
    "rtt",
    "ttfb",
    "response",
    "wait",
    "waiting",
    "delay",
    "elapsed",
];

fn is_time(word: &str) -> bool {
    matches!(
        word,
        "ns" | "us"
            | "ms"
            | "s"
            | "sec"
            | "seconds"
            | "secs"
            | "minutes"
            | "hours"
            | "h"
            | "days"
            | "millis"
            | "micros"
            | "nanos"
            | "milliseconds"
            | "microseconds"
            | "nanoseconds"
    )
}

fn is_latency(word: &str) -> bool {
    matches!(word, "latency" | "latencies")
}

fn is_size(word: &str) -> bool {
    matches!(word, "bytes" | "b" | "kb" | "mb" | "gb" | "tb" | "kib" | "mib" | "gib" | "tib")
}

/// Objects that only hold statistics together.
fn is_wrapper(name: &str) -> bool {
    matches!(
        name.to_ascii_lowercase().as_str(),
        "percentile" | "percentiles" | "quantile" | "quantiles" | "values" | "stats" | "statistics" | "summary"
    )
}

/// The words of a key in lower case: `latencyP99`, `latency_ms.p99.9` and `Request Count` have two, three and two. A
/// point between digits is part of its word.
fn words(key: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let letters: Vec<char> = key.chars().collect();
    let mut before = ' ';
    for (place, &letter) in letters.iter().enumerate() {
        let next = letters.get(place + 1).copied().unwrap_or(' ');
        let joins = letter.is_alphanumeric()
            || letter == '%'
            || (letter == '.' && before.is_ascii_digit() && next.is_ascii_digit());
        // `latencyMs`, and `totalN`; but not the M of `RPM`.
        let rises = letter.is_uppercase() && before.is_lowercase();
        if (!joins || rises) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if joins {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The words of a name without its unit.
fn stem(name: &str) -> Vec<String> {
    words(name).into_iter().filter(|word| !is_time(word) && !is_size(word)).collect()
}

impl Statistic {
    /// What a key is a statistic of. `within`: it stands among percentiles, where a plain number names one.
    fn of(key: &str, within: bool) -> Option<Statistic> {
        let all = words(key);
        let timed = all.iter().any(|word| is_time(word));
        let sized = all.iter().any(|word| is_size(word));
        let mut kind = None;
        let mut stem = Vec::new();
        let mut rest = all.iter().map(String::as_str).peekable();
        while let Some(word) = rest.next() {
            let found = figure(word, within).filter(|_| kind.is_none());
            // `p_99`, `p97_5`, `percentile_99`, statsd's `upper_95`: the digits behind belong to it.
            let named = matches!(word, "p" | "tp" | "percentile" | "quantile" | "pct" | "upper") && kind.is_none();
            let digits = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            if let Some(found) = found {
                kind = Some(found);
                if found == Kind::Percentile {
                    while rest.next_if(digits).is_some() {}
                }
            } else if named && rest.peek().is_some_and(digits) {
                kind = Some(Kind::Percentile);
                while rest.next_if(digits).is_some() {}
            } else if !is_time(word) && !is_size(word) {
                stem.push(word.to_owned());
            }
        }
        if let Some(kind) = kind {
            // `p99_pct` is a percentile of a share; `min_replicas` is a setting, and its count is another thing.
            stem.retain(|word| !matches!(word.as_str(), "pct" | "percent" | "ratio"));
            return Some(Statistic { kind, stem, timed, sized });
        }
        let share = stem.pop_if(|word| matches!(word.as_str(), "rate" | "ratio" | "pct" | "percent" | "%"))?;
        let rate = share == "rate";
        if stem.is_empty() {
            return rate.then_some(Statistic { kind: Kind::Rate, stem, timed, sized });
        }
        let throughput = rate && stem.last().is_some_and(|word| THROUGHPUTS.contains(&word.as_str()));
        let gauge = stem.iter().any(|word| GAUGES.contains(&word.as_str()));
        (!throughput && !gauge).then_some(Statistic { kind: Kind::Share, stem, timed: false, sized: false })
    }
}

/// The statistic that one word names.
fn figure(word: &str, within: bool) -> Option<Kind> {
    match word {
        "min" | "minimum" | "fastest" | "lowest" => return Some(Kind::Least),
        "max" | "maximum" | "slowest" | "highest" => return Some(Kind::Greatest),
        "mean" | "avg" | "average" => return Some(Kind::Mean),
        "med" | "median" => return Some(Kind::Percentile),
        "stddev" | "stdev" | "std" | "sd" | "variance" => return Some(Kind::Spread),
        _ => {}
    }
    let percent = |text: &str| {
        let number = text.starts_with(|first: char| first.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        number && text.parse::<f64>().is_ok_and(|number| (0.0..=100.0).contains(&number))
    };
    let letter = word.strip_prefix("tp").or_else(|| word.strip_prefix(['p', 'q'])).is_some_and(|rest| {
        // `p999` is one, too, and `tp99`.
        rest.starts_with(|first: char| first.is_ascii_digit()) && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    });
    let ordinal = ["%", "th", "st", "nd", "rd"].iter().any(|end| word.strip_suffix(end).is_some_and(percent));
    let number = percent(word) && (within || word.contains('.'));
    (letter || ordinal || number).then_some(Kind::Percentile)
}

/// Whether a key is worth a closer look: most are not.
fn may_count(key: &str) -> bool {
    const PARTS: [&[u8]; 19] = [
        b"ount",
        b"amples",
        b"ample",
        b"equest",
        b"eqs",
        b"ransaction",
        b"espons",
        b"ound",
        b"alls",
        b"uer",
        b"robes",
        b"perations",
        b"nvocations",
        b"uns",
        b"ops",
        b"vents",
        b"hits",
        b"passes",
        b"fails",
    ];
    let bytes = key.as_bytes();
    let more: [&[u8]; 3] = [b"bservation", b"easurement", b"atapoint"];
    let has = |part: &&[u8]| bytes.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part));
    bytes.len() == 1 && bytes.eq_ignore_ascii_case(b"n")
        || PARTS.iter().any(has)
        || more.iter().any(has)
        || bytes.ends_with(b"_n")
}

impl Count {
    const RANKS: u8 = 5;

    /// The nearer to the statistic, the smaller.
    fn rank(&self) -> u8 {
        match self {
            Count::Of(_) => 0,
            Count::Part => 1,
            Count::Own => 2,
            Count::Samples => 3,
            Count::Events => 4,
            Count::Letter => Count::RANKS,
        }
    }

    fn of(key: &str) -> Option<Count> {
        match key {
            "n" | "N" => return Some(Count::Letter),
            "passes" | "fails" => return Some(Count::Part),
            _ => {}
        }
        let mut all = words(key);
        // `requests_total`
        if all.len() > 1 {
            all.pop_if(|word| word == "total");
        }
        let (last, before) = all.split_last()?;
        let rest: Vec<&str> = before.iter().map(String::as_str).filter(|word| !AMOUNTS.contains(word)).collect();
        let events =
            |word: &str| EVENTS.contains(&word) && word != "request" && word != "response" && word != "transaction";
        if COUNTS.contains(&last.as_str()) {
            return Some(match rest.as_slice() {
                [] if before.is_empty() => Count::Own,
                [] => Count::Samples,
                [one] if SAMPLES.contains(one) => Count::Samples,
                [one] if EVENTS.contains(one) => Count::Events,
                _ => Count::Of(unitless(&rest)),
            });
        }
        if matches!(last.as_str(), "samples" | "observations" | "measurements" | "datapoints") {
            return Some(if rest.is_empty() { Count::Samples } else { Count::Of(unitless(&rest)) });
        }
        if last == "n" && !rest.is_empty() {
            return Some(Count::Of(unitless(&rest)));
        }
        (events(last) && rest.is_empty()).then_some(Count::Events)
    }
}

fn unitless(words: &[&str]) -> Vec<String> {
    words.iter().filter(|word| !is_time(word) && !is_size(word)).map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    /// Why each statistic of an object was not measured.
    fn doubted(text: &str) -> String {
        let Value::Object(object) = json::parse(text.as_bytes()).unwrap() else { panic!("{text}") };
        let found: Vec<String> =
            without_samples(&object).into_iter().map(|(key, code)| format!("{key}:{code}")).collect();
        found.join(" ")
    }

    #[test]
    fn what_has_no_samples() {
        for (text, wanted) in [
            (r#"{"count":0,"p99":0}"#, "p99:no-samples"),
            (r#"{"count":-1,"p99_ms":5}"#, "p99_ms:no-samples"),
            (r#"{"count":0.0,"max_ms":5}"#, "max_ms:no-samples"),
            (r#"{"count":null,"p99":5}"#, "p99:null"),
            (r#"{"count":"0","p99":5}"#, "p99:not-a-number"),
            (r#"{"count":1e400,"p99":5}"#, "p99:overflow"),
            (r#"{"count":1e-400,"p99":5}"#, "p99:overflow"),
            (r#"{"passes":1e400,"fails":0,"rate":1}"#, "rate:overflow"),
            (r#"{"n":0,"p99":"timeout","mean":0}"#, "p99:no-samples mean:no-samples"),
            (r#"{"latency_ms_count":0,"latency_ms_p99":0,"other_ms_p99":0}"#, "latency_ms_p99:no-samples"),
            (r#"{"latency_count":0,"p99_latency_ms":0}"#, "p99_latency_ms:no-samples"),
            (r#"{"latencyCount":0,"latencyP99":0}"#, "latencyP99:no-samples"),
            (r#"{"latency.count":0,"latency.p99":0}"#, "latency.p99:no-samples"),
            (r#"{"latency_p99":0,"count":0}"#, "latency_p99:no-samples"),
            (r#"{"requests":0,"p99_ms":0}"#, "p99_ms:no-samples"),
            (r#"{"error_rate":0,"count":0}"#, "error_rate:no-samples"),
            (r#"{"error_rate":0,"requests":0,"success_pct":0}"#, "error_rate:no-samples success_pct:no-samples"),
            (r#"{"totalCount":0,"p97_5":0,"average":0}"#, "p97_5:no-samples average:no-samples"),
            (
                r#"{"Request Count":0,"95%":0,"Average Response Time":0}"#,
                "95%:no-samples Average Response Time:no-samples",
            ),
            (r#"{"min":0,"max":0,"mean":0.0,"N":0}"#, "min:no-samples max:no-samples mean:no-samples"),
            (r#"{"n":0,"p99":null}"#, "p99:no-samples"),
            (r#"{"passes":0,"fails":0,"rate":0}"#, "rate:no-samples"),
            (
                r#"{"samples":0,"stddev":0,"99.000000":0,"99th":0}"#,
                "stddev:no-samples 99.000000:no-samples 99th:no-samples",
            ),
            (r#"{"transactions":0,"response_time_max":0}"#, "response_time_max:no-samples"),
        ] {
            assert_eq!(doubted(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_an_answer() {
        for text in [
            r#"{"count":0,"rate":0}"#,
            r#"{"dropped_iterations_count":0,"dropped_iterations_rate":0}"#,
            r#"{"error_count":0,"error_rate":0}"#,
            r#"{"requests":0,"memory_mb":50,"memory_max_mb":60,"cpu_pct":1,"uptime_pct":100,"restarts":0}"#,
            r#"{"count":0,"total":5,"errors":0,"value":0}"#,
            r#"{"ok":0,"n":0}"#,
            r#"{"n":0,"p99":5}"#,
            r#"{"n":0,"max":5}"#,
            r#"{"count":5,"p99":0}"#,
            r#"{"passes":3,"fails":0,"rate":1}"#,
            r#"{"requests":{"total":0},"p99":5}"#,
            r#"{"latency_count":3,"count":0,"latency_p99":5}"#,
            r#"{"request_rate":0,"count":0}"#,
            r#"{"errors_count":0,"latency_p99":5}"#,
            r#"{"count":true,"p99":5}"#,
            r#"{"passes":0,"rate":0}"#,
        ] {
            assert_eq!(doubted(text), "", "{text}");
        }
    }

    #[test]
    fn counts_above() {
        let code = |text: &str, keys: &[&str]| {
            let value = json::parse(text.as_bytes()).unwrap();
            let mut objects = Vec::new();
            let mut at = &value;
            for key in keys {
                let object = at.as_object().unwrap();
                objects.push((object, Counts::of(object), *key));
                at = at.get(key).unwrap();
            }
            let levels: Vec<Level<'_, '_>> =
                objects.iter().rev().map(|(object, counts, key)| Level { object, counts, key }).collect();
            let code = doubt(&levels).map_or("", Code::name);
            assert!(code.is_empty() || watched(&levels).iter().any(|value| is_none(value)), "{text}");
            code
        };
        assert_eq!(code(r#"{"count":0,"latency_ms":{"p99":0}}"#, &["latency_ms", "p99"]), "no-samples");
        assert_eq!(code(r#"{"d":{"0.99":0},"d_count":0}"#, &["d", "0.99"]), "no-samples");
        assert_eq!(
            code(r#"{"N":0,"min":0,"max":0,"percentile":{"99.000000":0}}"#, &["percentile", "99.000000"]),
            "no-samples"
        );
        assert_eq!(code(r#"{"requests":0,"latency":{"p99":0}}"#, &["latency", "p99"]), "no-samples");
        assert_eq!(code(r#"{"count":0,"latency":{"count":3,"p99":5}}"#, &["latency", "p99"]), "");
        assert_eq!(code(r#"{"requests":0,"memory_mb":{"max":5}}"#, &["memory_mb", "max"]), "");
        assert_eq!(code(r#"{"requests":0,"errors":{"rate":0}}"#, &["errors", "rate"]), "no-samples");
    }
}
