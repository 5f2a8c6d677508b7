//! What k6 calls its metrics and statistics, and what we call them: shared by the summaries and the points.
//!
//! Owns the names: `avg` is `mean`, `med` is `p50`, and a metric that holds times or bytes has its unit in the names of
//! its statistics (`p95_ms`). What a metric holds the run says (`contains`); where it does not, k6's own are known.

use schema::{Object, Value};

use crate::facts::Builder;

/// What a metric's figures are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contains {
    /// Times, in milliseconds.
    Time,
    /// Bytes.
    Data,
    /// Anything else.
    #[default]
    Default,
}

/// How a metric is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A sum that only grows.
    Counter,
    /// The last value, and the least and largest.
    Gauge,
    /// The share of points that are not 0.
    Rate,
    /// Statistics of all points.
    Trend,
}

impl Kind {
    /// The kind that k6's word for it names.
    pub fn from_word(word: &str) -> Option<Kind> {
        Some(match word {
            "counter" => Kind::Counter,
            "gauge" => Kind::Gauge,
            "rate" => Kind::Rate,
            "trend" => Kind::Trend,
            _ => return None,
        })
    }
}

/// The metrics of k6 itself (`metrics/builtin.go`, and its modules; 0.57 and 1.1).
const BUILT_IN: [(&str, Kind, Contains); 39] = [
    ("http_req_duration", Kind::Trend, Contains::Time),
    ("http_req_blocked", Kind::Trend, Contains::Time),
    ("http_req_connecting", Kind::Trend, Contains::Time),
    ("http_req_tls_handshaking", Kind::Trend, Contains::Time),
    ("http_req_sending", Kind::Trend, Contains::Time),
    ("http_req_waiting", Kind::Trend, Contains::Time),
    ("http_req_receiving", Kind::Trend, Contains::Time),
    ("http_req_looking_up", Kind::Trend, Contains::Time),
    ("iteration_duration", Kind::Trend, Contains::Time),
    ("group_duration", Kind::Trend, Contains::Time),
    ("ws_connecting", Kind::Trend, Contains::Time),
    ("ws_session_duration", Kind::Trend, Contains::Time),
    ("ws_ping", Kind::Trend, Contains::Time),
    ("grpc_req_duration", Kind::Trend, Contains::Time),
    ("browser_http_req_duration", Kind::Trend, Contains::Time),
    ("browser_web_vital_fcp", Kind::Trend, Contains::Time),
    ("browser_web_vital_fid", Kind::Trend, Contains::Time),
    ("browser_web_vital_inp", Kind::Trend, Contains::Time),
    ("browser_web_vital_lcp", Kind::Trend, Contains::Time),
    ("browser_web_vital_ttfb", Kind::Trend, Contains::Time),
    ("browser_web_vital_cls", Kind::Trend, Contains::Default),
    ("data_sent", Kind::Counter, Contains::Data),
    ("data_received", Kind::Counter, Contains::Data),
    ("browser_data_sent", Kind::Counter, Contains::Data),
    ("browser_data_received", Kind::Counter, Contains::Data),
    ("http_reqs", Kind::Counter, Contains::Default),
    ("iterations", Kind::Counter, Contains::Default),
    ("dropped_iterations", Kind::Counter, Contains::Default),
    ("ws_sessions", Kind::Counter, Contains::Default),
    ("ws_msgs_sent", Kind::Counter, Contains::Default),
    ("ws_msgs_received", Kind::Counter, Contains::Default),
    ("grpc_streams", Kind::Counter, Contains::Default),
    ("grpc_streams_msgs_sent", Kind::Counter, Contains::Default),
    ("grpc_streams_msgs_received", Kind::Counter, Contains::Default),
    ("checks", Kind::Rate, Contains::Default),
    ("http_req_failed", Kind::Rate, Contains::Default),
    ("browser_http_req_failed", Kind::Rate, Contains::Default),
    ("vus", Kind::Gauge, Contains::Default),
    ("vus_max", Kind::Gauge, Contains::Default),
];

/// A metric's name without its tags: `http_req_duration` of `http_req_duration{status:200}`.
fn base(name: &str) -> &str {
    name.split('{').next().unwrap_or(name)
}

/// How k6 counts one of its own metrics.
pub fn kind(name: &str) -> Option<Kind> {
    BUILT_IN.iter().find(|row| row.0 == base(name)).map(|row| row.1)
}

/// What a metric holds: by its `contains`, else by k6's own names.
pub fn contains(name: &str, said: Option<&str>) -> Contains {
    match said {
        Some("time") => Contains::Time,
        Some("data") => Contains::Data,
        _ => BUILT_IN.iter().find(|row| row.0 == base(name)).map_or(Contains::Default, |row| row.2),
    }
}

/// Whether a trend may well be 0 in every sample: a kept connection takes no time to open.
pub fn may_be_zero(name: &str) -> bool {
    let opening = ["http_req_connecting", "http_req_tls_handshaking", "http_req_blocked", "http_req_looking_up"];
    opening.contains(&base(name))
}

/// What a statistic of a metric is called with us, unit and all.
pub fn statistic(contains: Contains, statistic: &str) -> String {
    let plain = match statistic {
        "avg" => "mean".to_owned(),
        "med" => "p50".to_owned(),
        _ => match statistic.strip_prefix("p(").and_then(|rest| rest.strip_suffix(')')) {
            Some(rank) => format!("p{rank}"),
            None => statistic.to_owned(),
        },
    };
    let counts = matches!(statistic, "count" | "rate" | "passes" | "fails" | "samples");
    match contains {
        Contains::Time if !counts => format!("{plain}_ms"),
        Contains::Data if statistic != "rate" && statistic != "samples" => format!("{plain}_bytes"),
        _ => plain,
    }
}

/// Puts a metric in. `vus_max`, how many users there were at most, is one number: `k6.vus_max`; what else k6 says of it
/// stands beside it, as `k6.vus_max.min` and so on.
pub fn put<'a>(name: &str, metric: Object<'a>, summary: &mut Builder<'a>) {
    match metric.get("max").cloned() {
        Some(max @ Value::Number(_)) if name == "vus_max" => {
            summary.put(name.to_owned(), max);
            for (key, value) in metric {
                summary.put(format!("{name}.{key}"), value);
            }
        }
        _ => {
            summary.put(name.to_owned(), metric);
        }
    }
}
