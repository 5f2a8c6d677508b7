//! hyperfine's `--export-json`: one summary a command, seconds become milliseconds.
//!
//! Owns the check of each summary against the times it lists. A command that failed is counted, not hidden.

use schema::{Code, Value};

use crate::facts::{Builder, Content, Doubt, Facts, float};
use crate::quantity::{SECONDS, shift};
use crate::relations;

/// hyperfine's names and ours.
const TIMES: [(&str, &str); 7] = [
    ("min", "min_ms"),
    ("mean", "mean_ms"),
    ("stddev", "stddev_ms"),
    ("median", "p50_ms"),
    ("max", "max_ms"),
    ("user", "user_ms"),
    ("system", "system_ms"),
];

/// Whether a document has the shape of an export.
pub fn fits(document: &Value<'_>) -> bool {
    let results = document.get("results").and_then(Value::as_list);
    results.is_some_and(|results| {
        !results.is_empty()
            && results
                .iter()
                .all(|result| result.get("command").and_then(Value::as_text).is_some() && result.get("mean").is_some())
    })
}

/// Reads an export: `{"sleep 0.1":{"count":10,"mean_ms":…}}`.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let mut facts = Facts { format: "hyperfine", ..Facts::default() };
    let mut commands = Builder::default();
    for result in document.get("results").and_then(Value::as_list).unwrap_or_default() {
        let command = result.get("command").and_then(Value::as_text).unwrap_or_default();
        let name = (1..)
            .map(|n: u64| if n == 1 { command.to_owned() } else { format!("{command}#{n}") })
            .find(|name| !commands.has(name))
            .unwrap_or_default();
        let times = result.get("times").and_then(Value::as_list);
        let mut summary = Builder::default();
        if let Some(times) = times {
            summary.put("count", times.len() as u64);
        }
        for (key, ours) in TIMES {
            if let Some(value) = result.get(key) {
                summary.put(ours, shift(value, SECONDS));
            }
        }
        let timed = times.map_or(0, <[Value<'_>]>::len);
        if let Some(codes) = result.get("exit_codes").and_then(Value::as_list) {
            if codes.len() < timed {
                let detail = format!("{} exit codes of {timed} runs", codes.len());
                facts.doubts.push(Doubt::new(&[&name, "failed"], Code::Missing, detail));
            }
            // hyperfine writes null for a command that a signal ended.
            let failed = codes.iter().filter(|code| code.as_number().is_none_or(|code| code.as_i64() != Some(0)));
            let failed = failed.count();
            summary.put("failed", failed as u64);
            if failed > 0 && failed == codes.len() {
                // A command that ends with an error in 10 ms is not fast.
                let keys = TIMES.iter().filter(|(key, _)| result.get(key).is_some());
                let detail = format!("all {failed} runs of the command failed");
                facts.doubts.extend(keys.map(|(_, ours)| Doubt::new(&[&name, ours], Code::NoSamples, detail.clone())));
            }
        }
        if let Some(parameters) = result.get("parameters").and_then(Value::as_object)
            && !parameters.is_empty()
        {
            summary.put("parameters", parameters.clone());
        }
        let summary = Value::Object(summary.build());
        facts.doubts.extend(relations::ordered(&summary, std::slice::from_ref(&name)));
        facts.doubts.extend(recounted(result, times, &name));
        commands.put(name, summary);
    }
    facts.doubts = relations::joined(facts.doubts);
    facts.content = Content::One(Value::Object(commands.build()));
    facts
}

/// The summary against the times it was made of: a billionth apart at most, relative.
fn recounted(result: &Value<'_>, times: Option<&[Value<'_>]>, name: &str) -> Vec<Doubt> {
    let Some(times) = times else { return Vec::new() };
    let seconds: Vec<f64> = times.iter().filter_map(|time| time.as_number()?.to_f64()).collect();
    if seconds.is_empty() || seconds.len() != times.len() {
        return vec![Doubt::new(&[name], Code::NoSamples, "no times were measured")];
    }
    let mean = seconds.iter().sum::<f64>() / seconds.len() as f64;
    let min = seconds.iter().copied().fold(f64::INFINITY, f64::min);
    let max = seconds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut doubts = Vec::new();
    for (key, ours, made) in [("mean", "mean_ms", mean), ("min", "min_ms", min), ("max", "max_ms", max)] {
        if let Some(said) = float(result, key)
            && !relations::close(said, made, 1e-9)
        {
            let detail = format!("{key} is not that of the {} times: {said} != {made}", seconds.len());
            doubts.push(Doubt::new(&[name, ours], Code::Inconsistent, detail));
        }
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn commands_and_their_times() {
        let document = schema::json::parse(
            br#"{"results":[{"command":"sleep 0.1","mean":0.102,"stddev":0.001,"median":0.102,"user":0.0005,"system":0.0007,"min":0.101,"max":0.103,"times":[0.101,0.103],"exit_codes":[0,1]},{"command":"sleep 0.1","mean":0.3,"stddev":null,"median":0.2,"min":0.2,"max":0.2,"times":[0.2],"exit_codes":[null]}]}"#,
        )
        .unwrap();
        assert!(fits(&document));
        let facts = read(&document);
        assert_eq!(
            test::text(&facts),
            r#"{"sleep 0.1":{"count":2,"min_ms":101,"mean_ms":102,"stddev_ms":1,"p50_ms":102,"max_ms":103,"user_ms":0.5,"system_ms":0.7,"failed":1},"sleep 0.1#2":{"count":1,"min_ms":200,"mean_ms":300,"stddev_ms":null,"p50_ms":200,"max_ms":200,"failed":1}}"#
        );
        let doubts = test::doubts(&facts);
        assert!(doubts.iter().any(|doubt| doubt.contains("mean is not that of the 1 times: 0.3 != 0.2")), "{doubts:?}");
    }
}
