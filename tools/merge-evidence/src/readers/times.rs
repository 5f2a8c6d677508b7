//! When documents and records are from, as they say themselves.

use std::borrow::Cow;

use schema::{Object, Value, json};

use crate::facts::Span;

/// Keys under which documents and records say when they were made; of several the first here that tells a time is asked.
const PLAIN: [&str; 14] = [
    "timestamp",
    "time",
    "ts",
    "generated_at",
    "collected_at",
    "created_at",
    "started_at",
    "start_time",
    "start",
    "finished_at",
    "ended_at",
    "end_time",
    "end",
    "@timestamp",
];

/// Of these the times tell no holes: a window in which nothing happened is not written, and nobody had to look.
const WINDOWS: [&str; 1] = ["window"];

/// The key under which a record says when it was made, and whether the times under it tell of holes.
pub fn clock(record: &Value<'_>) -> Option<(&'static str, bool)> {
    let tells = |value: &Value<'_>| text(value).is_some_and(|text| is_time(&text));
    let others = record.as_object()?.iter().filter_map(|(key, _)| ::time::age_key(key));
    let told = PLAIN.into_iter().chain(others).find(|key| record.get(key).is_some_and(tells))?;
    Some((told, !WINDOWS.contains(&told)))
}

/// The times of a document. Keys that may tell of another thing (the `date` of a release) count where no plainer one does.
pub fn of(object: &Object<'_>) -> Span {
    let mut plain = Span::default();
    let mut others = Span::default();
    for (key, value) in object.iter().filter(|(key, _)| ::time::age_key(key).is_some()) {
        if let Some(text) = text(value) {
            see(if PLAIN.contains(&key) { &mut plain } else { &mut others }, &text);
        }
    }
    if plain == Span::default() { others } else { plain }
}

/// Widens a span by a text or an epoch.
pub fn see(span: &mut Span, text: &str) {
    match ::time::told(text) {
        Some(moment) => span.see(moment),
        None => span.see_text(text),
    }
}

fn is_time(text: &str) -> bool {
    let mut span = Span::default();
    see(&mut span, text);
    span != Span::default()
}

/// A text, or a number as it was written.
pub fn text<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    match value {
        Value::Text(text) => Some(Cow::Borrowed(text)),
        Value::Number(_) => {
            let mut out = Vec::new();
            json::write(value, &mut out);
            String::from_utf8(out).ok().map(Cow::Owned)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> String {
        let span = of(json::parse(text.as_bytes()).unwrap().as_object().unwrap());
        format!(
            "{:?}..{:?} {}",
            span.from.map(|time| time.as_second()),
            span.to.map(|time| time.as_second()),
            span.at_latest.is_some()
        )
    }

    #[test]
    fn documents_say_when_they_are_from() {
        assert_eq!(span(r#"{"t":"2026-03-05T20:32:12Z","p99":5}"#), "Some(1772742732)..Some(1772742732) false");
        assert_eq!(
            span(r#"{"time_unix":1772742732,"endTime":1772742792000}"#),
            "Some(1772742732)..Some(1772742792) false"
        );
        assert_eq!(span(r#"{"window":"2026-03-05T20:32:12Z"}"#), "Some(1772742732)..Some(1772742732) false");
        assert_eq!(span(r#"{"date":"2026-03-05"}"#), "None..None true");
        // A plain key is believed alone.
        assert_eq!(
            span(r#"{"date":"2020-01-01","ts":"2026-03-05T20:32:12Z"}"#),
            "Some(1772742732)..Some(1772742732) false"
        );
        // A length of time, and keys that say nothing of age.
        assert_eq!(
            span(r#"{"time":12.5,"t":3,"end":100,"seen":1772742732,"p99":"2026-03-05T20:32:12Z"}"#),
            "None..None false"
        );
    }

    #[test]
    fn the_clock_of_records() {
        let clock = |text: &str| clock(&json::parse(text.as_bytes()).unwrap());
        assert_eq!(clock(r#"{"t":1772742732,"time":"x"}"#), Some(("t", true)));
        assert_eq!(clock(r#"{"created":1772742732,"time":12.5,"ts":"2026-03-05 20:32:12"}"#), Some(("ts", true)));
        for value in ["1772742732", "1772742732.5", "1772742732000", "\"1772742732\"", "\"05/Mar/2026:20:32:12 +0000\""]
        {
            assert_eq!(clock(&format!(r#"{{"ms":5,"at":{value}}}"#)), Some(("at", true)), "{value}");
        }
        assert_eq!(clock(r#"{"window":"2026-03-05T20:32:12Z"}"#), Some(("window", false)));
        assert_eq!(clock(r#"{"t":17,"time":"x","ms":5}"#), None);
    }
}
