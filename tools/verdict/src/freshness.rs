//! Freshness: whether what was read is of this run, or left over from another (`--newer-than`).
//!
//! Owns the bound and what is held against it: when a document says it was made, when the data of its sources ends, when
//! a file of checks, or one that a source or a stage read, was last changed. Refuses to guess: a document that does not say
//! when it was made is stale.

use std::time::SystemTime;

use filter::Error;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use schema::{Code, Evidence, Object, Seal, Value, json};

use crate::groups::{Draft, Groups};

/// How far the clock of another machine may be ahead: a document dated later than that was not made yet.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// A span of time as the command line gives it: `15m`, `36h`, `2d`, `10s`.
///
/// # Errors
/// What was wanted.
pub fn duration(text: &str) -> Result<SignedDuration, String> {
    let wanted = || "wanted a span of time like 15m, 36h or 2d".to_owned();
    let span: Span = text.parse().map_err(|_| wanted())?;
    let days = SpanRelativeTo::days_are_24_hours();
    let duration = span.to_duration(days).ok().filter(|duration| duration.is_positive());
    duration.ok_or_else(wanted)
}

/// What must be newer than what.
#[derive(Clone, Copy, Debug)]
pub struct Freshness {
    after: Timestamp,
    now: Timestamp,
}

impl Freshness {
    /// The bound that `text` gives: a time, a span of time before `now`, or when a file was last changed.
    ///
    /// # Errors
    /// A text that is none of them.
    pub fn parse(text: &str, now: Timestamp) -> Result<Freshness, Error> {
        if let Ok(after) = filter::time(text) {
            return Ok(Freshness { after, now });
        }
        if let Some(after) = duration(text).ok().and_then(|duration| now.checked_sub(duration).ok()) {
            return Ok(Freshness { after, now });
        }
        let after = changed(text);
        after.map(|after| Freshness { after, now }).ok_or_else(|| {
            Error::usage(format!(
                "--newer-than: {}: wanted a time like 2026-03-05T20:32:12Z, a span like 15m, or a file that is there",
                json::quote(text.as_bytes())
            ))
        })
    }

    /// Why a document made at `generated_at` is not of this run.
    pub fn document(&self, generated_at: &str) -> Option<String> {
        let Freshness { after, now } = self;
        match generated_at.parse::<Timestamp>() {
            Err(_) => Some("it does not say when it was made".to_owned()),
            Ok(made) if precedes(made, *after) => Some(format!("made at {made}, before {after}")),
            Ok(made) if now.checked_add(AHEAD).is_ok_and(|latest| made > latest) => {
                Some(format!("made at {made}, after the present, {now}"))
            }
            Ok(_) => None,
        }
    }

    /// Why the checks in `file` are not of this run; a pipe has no time of its own.
    pub fn checks(&self, file: &str) -> Option<String> {
        let changed = changed(if file == "stdin" { "/dev/stdin" } else { file })?;
        (changed < self.after).then(|| format!("{file} was last changed at {changed}, before {}", self.after))
    }

    /// Says of each group that is not of this run that it is stale. `seals` are those of the checks that were read as such,
    /// not in a document.
    pub fn judge(&self, groups: &mut Groups, seals: &[Seal]) {
        let read = self.read(seals).or_else(|| self.told(groups));
        for draft in groups.drafts_mut() {
            let of_stream = || if draft.document.is_none() { read.clone() } else { None };
            if let Some(words) = self.group(draft).or_else(of_stream) {
                draft.doubt(Code::Stale, &words);
            }
        }
    }

    /// Why the records of the checks, all together, are not of this run: the latest time that they say is before. That of an
    /// early window, or of the first stage of a run, is no doubt where the last is of this run. A start says nothing of the end,
    /// and a window ends as far behind its start as its next neighbour begins.
    fn told(&self, groups: &Groups) -> Option<String> {
        let checked = groups.drafts().iter().filter(|draft| draft.document.is_none());
        let members = checked.flat_map(|draft| &draft.records).filter_map(Value::as_object).flat_map(Object::iter);
        let mut told = None;
        let mut windows = Vec::new();
        for (key, value) in members {
            let is_start = ["start", "Start", "created"].iter().any(|start| key.starts_with(start));
            let Some(key) = time::age_key(key).filter(|_| !is_start) else { continue };
            let Some(moment) = moment_of(value) else { continue };
            if key == "window" {
                windows.push(moment);
            } else if told.is_none_or(|(latest, _)| moment > latest) {
                told = Some((moment, key));
            }
        }
        let (latest, key) = told.max(end_of(windows).map(|end| (end, "window")))?;
        precedes(latest, self.after)
            .then(|| format!("the records end at {latest}, before {}, as their {key:?} says", self.after))
    }

    fn group(&self, draft: &Draft) -> Option<String> {
        let made = draft.document.as_ref().and_then(|(document, ..)| self.document(&document.generated_at));
        made.or_else(|| draft.records.iter().find_map(|record| self.record(record, draft.document.is_some())))
    }

    /// Of a record, or of one of those in an object by scope.
    fn record(&self, record: &Value<'_>, by_scope: bool) -> Option<String> {
        match record {
            Value::Object(scopes) if by_scope => scopes.iter().find_map(|(_, record)| self.record(record, false)),
            Value::List(records) => records.iter().find_map(|record| self.record(record, false)),
            record => {
                let evidence = record.get("@evidence").and_then(Evidence::from_value)?;
                let after = self.after;
                evidence.sources.iter().find_map(|source| {
                    let Some(to) = source.to.as_ref().and_then(|to| to.parse::<Timestamp>().ok()) else {
                        return self.unchanged(&source.path, source.bytes);
                    };
                    precedes(to, after).then(|| format!("the data of {} ends at {to}, before {after}", source.path))
                })
            }
        }
    }
}

impl Freshness {
    /// Why what stages read from files is not of this run: none of a stage's files was changed since. The rotated part of a
    /// log may be old, and so may thresholds and baselines beside the evidence of this run.
    fn read(&self, seals: &[Seal]) -> Option<String> {
        seals.iter().find_map(|seal| {
            // Of a check-threshold the evidence comes last. What comes by a pipe is in no list: a check-threshold's files may all be thresholds then.
            let upstream = seal.upstream.as_deref().unwrap_or_default();
            let by_pipe = seal.plain > 0 || !upstream.is_empty();
            let reads = match seal.tool.as_str() {
                "check-threshold" => !by_pipe,
                // Its sources stand in the evidence, each with the time of its data.
                "merge-evidence" | "verdict" => false,
                _ => true,
            };
            let files = seal.inputs.iter().map(|input| self.unchanged(&input.path, input.bytes));
            let old: Option<Vec<String>> = if reads { files.collect() } else { None };
            old.and_then(|old| old.into_iter().next_back()).or_else(|| self.read(upstream))
        })
    }

    /// Why a file that was read is not of this run. Only one that is still there, as large as what was read of it, can tell.
    fn unchanged(&self, path: &str, bytes: u64) -> Option<String> {
        let changed = changed(path).filter(|_| std::fs::metadata(path).is_ok_and(|file| file.len() == bytes))?;
        (changed < self.after).then(|| format!("{path} was last changed at {changed}, before {}", self.after))
    }
}

/// When the last of several windows ends, by the least distance between two of them; of one alone nobody knows.
fn end_of(mut starts: Vec<Timestamp>) -> Option<Timestamp> {
    starts.sort_unstable();
    starts.dedup();
    let width = starts.windows(2).map(|pair| pair[1].duration_since(pair[0])).min()?;
    starts.last()?.checked_add(width).ok()
}

/// The moment that a member of a record tells under such a key. A time without a zone tells none.
fn moment_of(value: &Value<'_>) -> Option<Timestamp> {
    match value {
        Value::Text(text) => time::told(text),
        Value::Number(_) => {
            let mut text = Vec::new();
            json::write(value, &mut text);
            time::told(std::str::from_utf8(&text).ok()?)
        }
        _ => None,
    }
}

/// Whether `moment` is before `bound`. A time in whole seconds is any of that second: the file that a run touches as it
/// starts is dated finer than what the run then says of itself.
fn precedes(moment: Timestamp, bound: Timestamp) -> bool {
    match moment.subsec_nanosecond() {
        0 => moment.as_second() < bound.as_second(),
        _ => moment < bound,
    }
}

/// When a regular file was last changed.
fn changed(path: &str) -> Option<Timestamp> {
    let status = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let changed: SystemTime = status.modified().ok()?;
    Timestamp::try_from(changed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(text: &str) -> Freshness {
        Freshness::parse(text, "2026-03-05T12:00:00Z".parse().unwrap()).unwrap()
    }

    #[test]
    fn spans_and_times() {
        assert_eq!(bound("15m").after.to_string(), "2026-03-05T11:45:00Z");
        assert_eq!(bound("1d").after.to_string(), "2026-03-04T12:00:00Z");
        assert_eq!(bound("2026-03-01T00:00:00Z").after.to_string(), "2026-03-01T00:00:00Z");
        for text in ["", "-15m", "0s", "15", "no-such-file"] {
            let parsed = Freshness::parse(text, Timestamp::UNIX_EPOCH);
            // A bare number is epoch seconds.
            assert_eq!(parsed.is_err(), text != "15", "{text}");
        }
    }

    #[test]
    fn documents_of_another_day_are_stale() {
        for (made, stale) in [
            ("2026-03-05T11:50:00Z", false),
            ("2026-03-05T11:45:00Z", false),
            ("2026-03-05T11:44:59Z", true),
            ("2001-01-01T00:00:00Z", true),
            ("2026-03-05T12:04:00Z", false),
            ("2101-01-01T00:00:00Z", true),
            ("", true),
            ("yesterday", true),
        ] {
            assert_eq!(bound("15m").document(made).is_some(), stale, "{made}");
        }
    }
}
