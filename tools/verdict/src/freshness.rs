//! Freshness: whether what was read is of this run, or left over from another (`--newer-than`).
//!
//! Owns the bound and what is held against it: when a document says it was made, when the data of its sources ends, when
//! a file of checks, or one that a source or a stage read, was last changed. Refuses to guess: a document that does not say
//! when it was made is stale, and so are records of which nothing tells when they are from.

use std::time::SystemTime;

use filter::Error;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use schema::{Code, Evidence, Object, Seal, Value, json};

use crate::groups::{Draft, Groups, STREAM};

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
#[derive(Clone, Debug)]
pub struct Freshness {
    after: Timestamp,
    now: Timestamp,
    /// `--tz`: that of times in records that name none.
    zone: Option<TimeZone>,
}

/// What is known of when something is from.
enum Age {
    /// It is of another run, and why.
    Old(String),
    /// It is of this run, as far as it says.
    New,
    /// Nothing tells.
    Untold,
}

impl Age {
    /// Of several: old where one is, else new where one is.
    fn all(ages: impl IntoIterator<Item = Age>) -> Age {
        let mut all = Age::Untold;
        for age in ages {
            match age {
                Age::Old(_) => return age,
                Age::New => all = Age::New,
                Age::Untold => {}
            }
        }
        all
    }

    fn of(is_old: bool, words: impl FnOnce() -> String) -> Age {
        if is_old { Age::Old(words()) } else { Age::New }
    }
}

impl Freshness {
    /// The bound that `text` gives: a time, a span of time before `now`, or when a file was last changed.
    ///
    /// # Errors
    /// A text that is none of them.
    pub fn parse(text: &str, now: Timestamp) -> Result<Freshness, Error> {
        Ok(Freshness { after: filter::moment("--newer-than", text, now)?, now, zone: None })
    }

    /// The same, with the zone of times that name none.
    ///
    /// # Errors
    /// A zone that nobody knows.
    pub fn in_zone(self, name: Option<&str>) -> Result<Freshness, Error> {
        let zone = name.map(|name| {
            let wanted = |_| {
                let name = json::quote(name.as_bytes());
                Error::usage(format!("--tz: {name}: wanted a zone like Europe/Berlin or UTC"))
            };
            TimeZone::get(name).map_err(wanted)
        });
        Ok(Freshness { zone: zone.transpose()?, ..self })
    }

    /// Why a document made at `generated_at` is not of this run.
    pub fn document(&self, generated_at: &str) -> Option<String> {
        let Freshness { after, now, .. } = self;
        match generated_at.parse::<Timestamp>() {
            Err(_) => Some("it does not say when it was made".to_owned()),
            Ok(made) if precedes(made, *after) => Some(format!("made at {made}, before {after}")),
            Ok(made) if filter::is_ahead(made, *now) => Some(format!("made at {made}, after the present, {now}")),
            Ok(_) => None,
        }
    }

    /// Why the checks in `file` are not of this run; a pipe has no time of its own.
    pub fn checks(&self, file: &str) -> Option<String> {
        let changed = changed(if file == "stdin" { "/dev/stdin" } else { file })?;
        (changed < self.after).then(|| format!("{file} was last changed at {changed}, before {}", self.after))
    }

    /// Whether the checks in `file` were made in this run, as far as a file tells.
    pub fn has_new_checks(&self, file: &str) -> bool {
        changed(if file == "stdin" { "/dev/stdin" } else { file }).is_some_and(|changed| changed >= self.after)
    }

    /// Says of each group that is not of this run that it is stale. `seals` are those of the checks that were read as such,
    /// not in a document; `is_of_new_file`: they were in files that were written since.
    pub fn judge(&self, groups: &mut Groups, seals: &[Seal], is_of_new_file: bool) {
        let mut is_untold = false;
        let read = match Age::all([self.read(seals), self.told(groups)]) {
            Age::Old(words) => Some(words),
            Age::Untold if !is_of_new_file => Some({
                is_untold = true;
                "nothing says when the records are from: give them a time (\"ts\", \"end\"; an old start says nothing of the end), \
                 or name the files that they are made of, by EVIDENCE_SEAL=1"
                    .to_owned()
            }),
            _ => None,
        };
        for draft in groups.drafts_mut() {
            let words = match self.group(draft) {
                Age::Old(words) => Some(words),
                _ if draft.document.is_some() || draft.id == STREAM => None,
                Age::New if is_untold => None,
                _ => read.clone(),
            };
            if let Some(words) = words {
                draft.doubt(Code::Stale, &words);
            }
        }
    }

    /// Whether the records of the checks, all together, are of this run: the latest time that they say. That of an
    /// early window, or of the first stage of a run, is no doubt where the last is of this run. An old start says nothing of the
    /// end, and a window ends as far behind its start as it is long, or as its next neighbour begins.
    fn told(&self, groups: &Groups) -> Age {
        let checked = groups.drafts().iter().filter(|draft| draft.document.is_none());
        let records: Vec<&Object<'_>> = checked.flat_map(|draft| &draft.records).filter_map(Value::as_object).collect();
        let mut told = Told::default();
        records.iter().for_each(|record| told.see(record, self.zone.as_ref()));
        if told.is_empty() {
            // What a record says of its whole stands in one of these.
            let about = records.iter().flat_map(|record| record.iter()).filter(|(key, _)| ABOUT.contains(key));
            about.filter_map(|(_, value)| value.as_object()).for_each(|about| told.see(about, self.zone.as_ref()));
        }
        let (after, now) = (self.after, self.now);
        let vague = told.vague.map(|(first, _, key)| (first, key));
        let moments = [told.latest, told.began, vague].into_iter().flatten();
        if let Some((ahead, key)) = moments.filter(|(moment, _)| filter::is_ahead(*moment, now)).max() {
            return Age::Old(format!("the records are of {ahead}, after the present, {now}, as their {key:?} says"));
        }
        let end = end_of(told.windows, told.width).map(|end| (end, "window"));
        match (told.latest.max(end), told.vague) {
            (Some((latest, key)), _) => Age::of(precedes(latest, after), || {
                format!("the records end at {latest}, before {after}, as their {key:?} says")
            }),
            (None, Some((_, last, key))) if precedes(last, after) => {
                Age::Old(format!("the records end before {after} in any zone, as their {key:?} says"))
            }
            (None, Some((first, _, key))) => Age::of(precedes(first, after), || {
                format!(
                    "the {key:?} of the records names no zone, and in some it is before {after}: --tz says which is meant"
                )
            }),
            // What began since is of this run; of what began before, nobody knows when it ended.
            (None, None) if told.began.is_some_and(|(began, _)| !precedes(began, after)) => Age::New,
            (None, None) => Age::Untold,
        }
    }

    fn group(&self, draft: &Draft) -> Age {
        if let Some(words) = draft.document.as_ref().and_then(|(document, ..)| self.document(&document.generated_at)) {
            return Age::Old(words);
        }
        Age::all(draft.records.iter().map(|record| self.record(record, draft.document.is_some())))
    }

    /// Of a record, or of one of those in an object by scope.
    fn record(&self, record: &Value<'_>, by_scope: bool) -> Age {
        match record {
            Value::Object(scopes) if by_scope => Age::all(scopes.iter().map(|(_, record)| self.record(record, false))),
            Value::List(records) => Age::all(records.iter().map(|record| self.record(record, false))),
            record => {
                let evidence = record.get("@evidence").and_then(Evidence::from_value);
                let sources = evidence.iter().flat_map(|evidence| &evidence.sources);
                let (after, now) = (self.after, self.now);
                Age::all(sources.map(|source| match source.to.as_ref().and_then(|to| to.parse::<Timestamp>().ok()) {
                    None => self.file(&source.path, source.bytes),
                    Some(to) if filter::is_ahead(to, now) => {
                        Age::Old(format!("the data of {} ends at {to}, after the present, {now}", source.path))
                    }
                    Some(to) => Age::of(precedes(to, after), || {
                        format!("the data of {} ends at {to}, before {after}", source.path)
                    }),
                }))
            }
        }
    }
}

impl Freshness {
    /// Whether what stages read from files is of this run: none of a stage's files was changed since. The rotated part of a
    /// log may be old, and so may thresholds and baselines beside the evidence of this run.
    fn read(&self, seals: &[Seal]) -> Age {
        Age::all(seals.iter().map(|seal| {
            // Of a check-threshold the evidence comes last. What comes by a pipe is in no list: a check-threshold's files may all be thresholds then.
            let upstream = seal.upstream.as_deref().unwrap_or_default();
            let by_pipe = seal.plain > 0 || !upstream.is_empty();
            let reads = match seal.tool.as_str() {
                "check-threshold" => !by_pipe,
                // Its sources stand in the evidence, each with the time of its data.
                "merge-evidence" | "verdict" => false,
                _ => true,
            };
            let files = seal.inputs.iter().filter(|_| reads).map(|input| self.file(&input.path, input.bytes));
            // One of this run among them is enough.
            let files = files.reduce(|before, file| match (before, file) {
                (Age::New, _) | (_, Age::New) => Age::New,
                (Age::Untold, _) | (_, Age::Untold) => Age::Untold,
                (Age::Old(_), last) => last,
            });
            Age::all([files.unwrap_or(Age::Untold), self.read(upstream)])
        }))
    }

    /// Whether a file that was read is of this run. Of an old one only what is still there, as large as what was read of it,
    /// can tell.
    fn file(&self, path: &str, bytes: u64) -> Age {
        let Some(changed) = changed(path) else { return Age::Untold };
        let is_as_read = || std::fs::metadata(path).is_ok_and(|file| file.len() == bytes);
        match changed < self.after {
            false => Age::New,
            true if is_as_read() => Age::Old(format!("{path} was last changed at {changed}, before {}", self.after)),
            true => Age::Untold,
        }
    }
}

/// The objects of a record in which it may say when all of it is from.
const ABOUT: [&str; 10] =
    ["meta", "metadata", "run", "info", "header", "summary", "report", "context", "test", "build"];

/// What records say of when they are from.
#[derive(Debug, Default)]
struct Told {
    /// The latest instant.
    latest: Option<(Timestamp, &'static str)>,
    /// The latest of those without a zone: between which instants it lies.
    vague: Option<(Timestamp, Timestamp, &'static str)>,
    /// The starts of windows, and how long the record says that each is.
    windows: Vec<Timestamp>,
    width: Option<SignedDuration>,
    /// The latest that one says it began, or that a window did; of a time without a zone, where the day begins first.
    began: Option<(Timestamp, &'static str)>,
}

impl Told {
    fn is_empty(&self) -> bool {
        self.latest.is_none() && self.vague.is_none() && self.began.is_none()
    }

    fn see(&mut self, record: &Object<'_>, zone: Option<&TimeZone>) {
        for (key, value) in record.iter() {
            let is_start = ["start", "Start", "created"].iter().any(|start| key.starts_with(start));
            let Some(key) = time::age_key(key) else { continue };
            let Some((first, last)) = moments_of(value, zone) else { continue };
            if is_start || key == "window" {
                self.began = self.began.max(Some((first, key)));
            }
            if key == "window" {
                if first == last {
                    self.windows.push(first);
                }
                let seconds = record.get("window_s").and_then(Value::as_number).and_then(schema::Number::to_f64);
                let seconds = seconds.filter(|seconds| (0.0..1e9).contains(seconds));
                self.width = self.width.max(seconds.map(SignedDuration::from_secs_f64));
            } else if first < last && !is_start {
                self.vague = self.vague.filter(|(_, before, _)| *before >= last).or(Some((first, last, key)));
            } else if !is_start {
                self.latest = self.latest.filter(|(before, _)| *before >= last).or(Some((last, key)));
            }
        }
    }
}

/// When the last of several windows ends: as long after its start as they say, else by the least distance between two of them;
/// of one alone nobody knows.
fn end_of(mut starts: Vec<Timestamp>, width: Option<SignedDuration>) -> Option<Timestamp> {
    starts.sort_unstable();
    starts.dedup();
    let apart = || starts.windows(2).map(|pair| pair[1].duration_since(pair[0])).min();
    let width = width.or_else(apart)?;
    starts.last()?.checked_add(width).ok()
}

/// Between which instants a member of a record lies that tells a time under such a key; both the same where it names its zone.
fn moments_of(value: &Value<'_>, zone: Option<&TimeZone>) -> Option<(Timestamp, Timestamp)> {
    match value {
        Value::Text(text) => match time::told(text) {
            Some(moment) => Some((moment, moment)),
            None => time::told_between(text, zone),
        },
        Value::Number(_) => {
            let mut text = Vec::new();
            json::write(value, &mut text);
            let moment = time::told(std::str::from_utf8(&text).ok()?)?;
            Some((moment, moment))
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
        // As --since means it.
        assert_eq!(bound("-15m").after.to_string(), "2026-03-05T11:45:00Z");
        assert_eq!(bound("1772668800").after.to_string(), "2026-03-05T00:00:00Z");
        for text in ["", "15", "0", "20260305", "no-such-file"] {
            assert!(Freshness::parse(text, Timestamp::UNIX_EPOCH).is_err(), "{text}");
        }
    }

    #[test]
    fn an_old_start_says_nothing_of_the_end() {
        for (record, wanted) in [
            (r#"{"start":"2026-03-05T11:50:00Z"}"#, "new"),
            (r#"{"start":"2026-03-05T11:00:00Z"}"#, "untold"),
            (r#"{"created_at":"2020-03-05T11:00:00Z"}"#, "untold"),
            (r#"{"start":"2026-03-05T11:00:00Z","end":"2026-03-05T11:50:00Z"}"#, "new"),
            (r#"{"start":"2026-03-05T11:00:00Z","end":"2026-03-05T11:10:00Z"}"#, "old"),
            (r#"{"meta":{"start":"2026-03-05T11:00:00Z"}}"#, "untold"),
            (r#"{"window":"2026-03-05T00:00:00Z"}"#, "untold"),
            (r#"{"window":"2026-03-05T00:00:00Z","window_s":86400}"#, "new"),
            (r#"{"window":"2026-03-05T00:00:00Z","window_s":3600}"#, "old"),
        ] {
            let mut groups = Groups::default();
            groups.get_or_add("").records.push(json::parse(record.as_bytes()).unwrap().into_owned());
            let told = match bound("15m").told(&groups) {
                Age::Old(_) => "old",
                Age::New => "new",
                Age::Untold => "untold",
            };
            assert_eq!(told, wanted, "{record}");
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
