//! The words that names of counts and statistics are made of, and how a name falls apart into them.

/// Words of a count.
pub const COUNTS: [&str; 3] = ["count", "counts", "cnt"];
/// Words of samples.
pub const SAMPLES: [&str; 6] = ["samples", "sample", "observations", "measurements", "datapoints", "values"];
/// Words of what happens, each of which may be measured once.
pub const EVENTS: [&str; 24] = [
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
    "iterations",
    "iters",
    "executions",
    "trials",
    "txns",
    "pings",
    "commands",
];
/// Those of them that may hold many samples or none: an iteration without a request is one.
pub const ROUNDS: [&str; 8] = ["rounds", "runs", "iterations", "iters", "executions", "trials", "events", "hits"];
/// Words of what may be the samples of a distribution, or another thing: they count where all of it is zero or null.
pub const PERHAPS: [&str; 41] = [
    "points",
    "rps",
    "qps",
    "tps",
    "throughput",
    "total",
    "completed",
    "succeeded",
    "successes",
    "successful",
    "processed",
    "finished",
    "handled",
    "served",
    "attempts",
    "messages",
    "msgs",
    "records",
    "rows",
    "items",
    "batches",
    "tx",
    "txs",
    "txn",
    "jobs",
    "tasks",
    "visits",
    "searches",
    "lookups",
    "statements",
    "commits",
    "packets",
    "sent",
    "received",
    "nreq",
    "sessions",
    "users",
    "reads",
    "writes",
    "inserts",
    "orders",
];
/// Words of what became of something, before or behind its name: `messages_received`, `completed_jobs`.
pub const BECAME: [&str; 22] = [
    "received",
    "recv",
    "sent",
    "processed",
    "handled",
    "served",
    "completed",
    "finished",
    "succeeded",
    "successful",
    "consumed",
    "produced",
    "delivered",
    "published",
    "acked",
    "read",
    "written",
    "executed",
    "fetched",
    "ingested",
    "committed",
    "sampled",
];
/// Words of looks at something, of which the share that found it well is its uptime.
pub const LOOKS: [&str; 7] = ["probes", "checks", "rounds", "pings", "polls", "scrapes", "heartbeats"];
/// Words before one of what happens, of which those may be the samples: `http_reqs`, `successful_requests`.
pub const KINDS: [&str; 16] = [
    "http",
    "https",
    "grpc",
    "tcp",
    "sql",
    "db",
    "api",
    "web",
    "completed",
    "successful",
    "succeeded",
    "finished",
    "processed",
    "handled",
    "served",
    "sent",
];
/// Words before a count that leave it what it is: `total_requests`, `numSamples`, `n_requests`.
pub const AMOUNTS: [&str; 9] = ["total", "num", "number", "of", "nr", "sum", "n", "nb", "no"];
/// Words of what goes wrong: none of them is the best that a run can have, not a run that measured nothing. Like all that
/// is counted where it happens, there are never fewer than none.
pub const FAULTS: [&str; 12] = [
    "errors",
    "failures",
    "failed",
    "fails",
    "timeouts",
    "crashes",
    "panics",
    "restarts",
    "retries",
    "drops",
    "dropped",
    "violations",
];
/// Words of what stands beside figures and has none itself.
pub const APART: [&str; 46] = [
    "meta",
    "metadata",
    "info",
    "tag",
    "tags",
    "label",
    "labels",
    "annotations",
    "config",
    "configuration",
    "option",
    "options",
    "settings",
    "params",
    "parameters",
    "args",
    "env",
    "environment",
    "context",
    "extra",
    "extras",
    "custom",
    "attributes",
    "properties",
    "thresholds",
    "error",
    "err",
    "failure",
    "warning",
    "warnings",
    "exception",
    "exceptions",
    "distribution",
    "note",
    "notes",
    "comment",
    "comments",
    "message",
    "reason",
    "description",
    "parent",
    "previous",
    "baseline",
    "setup",
    "teardown",
    "debug",
];
/// Words of what one request may have more than one of: so many of so many requests are no share of them.
pub const SEVERAL: [&str; 11] = [
    "retries",
    "retry",
    "attempts",
    "redirects",
    "reconnects",
    "reconnections",
    "retransmits",
    "retransmissions",
    "redeliveries",
    "resends",
    "bytes",
];
/// Words of how something ended, a share of all of it is between none and all.
pub const OUTCOMES: [&str; 26] = [
    "success",
    "successes",
    "successful",
    "ok",
    "pass",
    "passed",
    "fail",
    "failed",
    "failure",
    "failures",
    "error",
    "errors",
    "hit",
    "hits",
    "miss",
    "misses",
    "uptime",
    "availability",
    "available",
    "coverage",
    "timeout",
    "timeouts",
    "drop",
    "dropped",
    "rejected",
    "valid",
];
/// Words of what ended well, and of what did not, which together are all that ended.
pub const ENDED: [&[&str]; 2] = [
    &["success", "successes", "successful", "succeeded", "ok", "oks", "good", "pass", "passes", "passed"],
    &["fail", "fails", "failed", "failure", "failures", "error", "errors", "err", "errs", "ko", "kos", "nok", "bad"],
];
/// Words of a share where they stand alone: of what, its object says.
pub const SHARES: [&str; 5] = ["pct", "percent", "percentage", "%", "ratio"];
/// Words of what is counted now and then, or asked for, beside what it is of: `target_rps`, `expected_requests`.
pub const ASKED: [&str; 16] = [
    "target",
    "wanted",
    "expected",
    "planned",
    "offered",
    "configured",
    "requested",
    "intended",
    "scheduled",
    "actual",
    "achieved",
    "observed",
    "measured",
    "current",
    "all",
    "in",
];
/// Words of what else is counted where it happens.
pub const HAPPENINGS: [&str; 9] =
    ["passes", "passed", "requests", "reqs", "responses", "iterations", "transactions", "tests", "skipped"];
/// Words of what is the difference of two: it may be negative.
pub const SIGNED: [&str; 26] = [
    "offset",
    "offsets",
    "skew",
    "drift",
    "delta",
    "change",
    "changed",
    "diff",
    "difference",
    "gain",
    "loss",
    "saved",
    "saving",
    "relative",
    "trend",
    "slope",
    "increase",
    "decrease",
    "growth",
    "regression",
    "deviation",
    "residual",
    "bias",
    "adjusted",
    "net",
    "vs",
];
/// What is read, not made of samples that could be none.
pub const GAUGES: [&str; 26] = [
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
pub const UPTIMES: [&str; 4] = ["uptime", "availability", "available", "coverage"];
/// What a rate counts a second of, so that a rate of zero is an answer.
pub const THROUGHPUTS: [&str; 20] = [
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
/// Words of how many a second there are of something.
pub const PACES: [&str; 8] = ["rps", "qps", "tps", "iops", "throughput", "arrivals", "hits", "pace"];
/// Words of times.
pub const TIMES: [&str; 14] = [
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

/// Words of how long something took, which is never less than nothing.
pub const TAKEN: [&str; 9] = ["latency", "latencies", "duration", "durations", "dur", "rtt", "ttfb", "elapsed", "took"];

/// Whether a word is a unit of time.
pub fn is_time(word: &str) -> bool {
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

/// Whether a word is that of latencies.
pub fn is_latency(word: &str) -> bool {
    matches!(word, "latency" | "latencies")
}

/// Whether a word is a unit of size.
pub fn is_size(word: &str) -> bool {
    matches!(word, "bytes" | "b" | "kb" | "mb" | "gb" | "tb" | "kib" | "mib" | "gib" | "tib")
}

/// Whether a word is the plural of another: `queries` of `query`.
pub fn is_plural(word: &str, of: &str) -> bool {
    word.strip_suffix("ies").is_some_and(|stem| of.strip_suffix('y') == Some(stem))
        || word.strip_suffix('s').is_some_and(|stem| stem == of)
}

/// Objects that only hold statistics together.
pub fn is_wrapper(name: &str) -> bool {
    matches!(
        name.to_ascii_lowercase().as_str(),
        "percentile" | "percentiles" | "quantile" | "quantiles" | "values" | "stats" | "statistics" | "summary"
    )
}

/// The words of a key in lower case: `latencyP99`, `latency_ms.p99.9` and `Request Count` have two, three and two. A
/// point between digits is part of its word.
pub fn words(key: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let letters: Vec<char> = key.chars().collect();
    let mut before = ' ';
    for (place, &letter) in letters.iter().enumerate() {
        let next = letters.get(place + 1).copied().unwrap_or(' ');
        let joins = letter.is_alphanumeric()
            || letter == '%'
            || (letter == '.' && before.is_ascii_digit() && next.is_ascii_digit());
        // `latencyMs`, `p95Ms`, and `totalN`; but not the M of `RPM`.
        let rises = letter.is_uppercase()
            && (before.is_lowercase() || (before.is_ascii_digit() && next.is_lowercase() && next != ' '));
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
pub fn stem(name: &str) -> Vec<String> {
    words(name).into_iter().filter(|word| !is_time(word) && !is_size(word)).collect()
}
