//! iperf3's JSON (`-J`, 3.12): what was sent and what arrived, in bits a second.
//!
//! A connection that was refused ends with an `error`, an empty `end` and the exit status 0.

use schema::{Code, Number, Object, Value};

use super::{nothing, scaled};
use crate::facts::{Builder, Content, Doubt, Facts};
use crate::quantity::SECONDS;

const FIGURES: [&str; 3] = ["bits_per_s", "bytes", "duration_ms"];

/// What iperf3 writes once for each stream into one object (3.12, `-P` and `--bidir`): sizes of buffers.
const REPEATED: [&[u8]; 3] = [b"\"sock_bufsize\":", b"\"sndbuf_actual\":", b"\"rcvbuf_actual\":"];

/// The text without the lines that repeat such a key, which stay as blank ones; `None` where there are none.
pub fn without_repeats(bytes: &[u8]) -> Option<Vec<u8>> {
    memchr::memmem::find(bytes.get(..bytes.len().min(64 << 10))?, b"\"iperf 3.")?;
    let mut text = Vec::with_capacity(bytes.len());
    let mut seen = [false; REPEATED.len()];
    let mut dropped = false;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let key = REPEATED.iter().position(|key| line.trim_ascii_start().starts_with(key));
        if key.is_some_and(|key| std::mem::replace(&mut seen[key], true)) && line.trim_ascii_end().ends_with(b",") {
            dropped = true;
            text.push(b'\n');
        } else {
            text.extend_from_slice(line);
        }
    }
    dropped.then_some(text)
}

/// Whether a document has the shape of iperf3's.
pub fn fits(document: &Value<'_>) -> bool {
    ["start", "intervals", "end"].iter().all(|key| document.get(key).is_some())
        && document.get("start").is_some_and(|start| start.get("version").is_some() || start.get("connected").is_some())
}

/// Reads it: `{"sent":{"bits_per_s":…},"received":{…},"retransmits":0}`, and the way back of `--bidir` below `reverse`.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut facts = Facts { format: "iperf3", ..Facts::default() };
    let mut report = Builder::default();
    let empty = Value::Object(Object::new());
    let end = document.get("end").unwrap_or(&empty);
    let error = document.get("error").and_then(Value::as_text);
    report.put("failed", Value::Bool(error.is_some()));
    way(end, "", error, &mut report, &mut facts.doubts);
    if let Some(error) = error {
        report.put("error", error.to_owned());
    }
    let test = document.get("start").and_then(|start| start.get("test_start"));
    let both = test.and_then(|test| test.get("bidir")).and_then(Value::as_number).and_then(Number::to_f64);
    if both == Some(1.0) || end.get("sum_sent_bidir_reverse").is_some() {
        let mut reverse = Builder::default();
        let mut doubts = Vec::new();
        way(end, "_bidir_reverse", error, &mut reverse, &mut doubts);
        facts.doubts.extend(doubts.into_iter().map(|doubt| doubt.under("reverse")));
        report.put("reverse", reverse.build());
    }
    let time = document.get("start").and_then(|start| start.get("timestamp")).and_then(|time| time.get("timesecs"));
    if let Some(Value::Number(seconds)) = time {
        facts.span.see_seconds(seconds.to_f64().unwrap_or(f64::NAN));
    }
    facts.content = Content::One(Value::Object(report.build()));
    facts
}

/// What was sent and what arrived on one way, whose sums have names that end like this.
fn way<'a>(end: &Value<'a>, suffix: &str, error: Option<&str>, report: &mut Builder<'a>, doubts: &mut Vec<Doubt>) {
    let sum_of = |key: &str| end.get(&format!("{key}{suffix}")).filter(|_| error.is_none());
    for (ours, key) in [("sent", "sum_sent"), ("received", "sum_received")] {
        let Some(sum) = sum_of(key) else {
            let reason = error
                .map_or_else(|| format!("the report has no {key}{suffix}"), |error| format!("iperf3 failed: {error}"));
            let (object, nothing) = nothing(&FIGURES, Code::NoSamples, &reason);
            doubts.extend(nothing.into_iter().map(|doubt| doubt.under(ours)));
            report.put(ours, object);
            continue;
        };
        let mut into = Builder::default();
        into.put("bits_per_s", sum.get("bits_per_second").cloned().unwrap_or_default());
        into.put("bytes", sum.get("bytes").cloned().unwrap_or_default());
        into.put("duration_ms", scaled(sum.get("seconds"), SECONDS));
        report.put(ours, into.build());
    }
    if let Some(retransmits) = sum_of("sum_sent").and_then(|sum| sum.get("retransmits")) {
        report.put("retransmits", retransmits.clone());
    }
    // UDP alone: what was lost is known to the side that received.
    let udp = sum_of("sum").filter(|sum| sum.get("lost_packets").is_some());
    for (ours, key) in [
        ("jitter_ms", "jitter_ms"),
        ("packets", "packets"),
        ("lost_packets", "lost_packets"),
        ("lost_pct", "lost_percent"),
    ] {
        if let Some(value) = udp.and_then(|sum| sum.get(key)) {
            report.put(ours, value.clone());
        }
    }
    if udp.is_some_and(|sum| super::count(sum, "packets") == Some(0)) {
        for key in ["jitter_ms", "lost_pct"] {
            doubts.push(Doubt::new(&[key], Code::NoSamples, "no packet arrived"));
        }
    }
}
