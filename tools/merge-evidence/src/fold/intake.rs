//! The unnamed sources on their way into groups, and what is known of any source that was read.
//!
//! Owns `-a` and `-b` over streams of any length, provenance and staleness; refuses the same bytes twice, which would
//! count twice.

use std::collections::{BTreeSet, HashMap};

use filter::states::Source as Part;
use filter::{Document as File, Error, Filter, Input};
use jiff::Timestamp;
use schema::{Code, Evidence, Object, Origin, Seal, Source as Provenance, Value, json};

use super::quick::Quick;
use super::{Group, Groups, Plan, Refusal, Taken, state};
use crate::command;
use crate::facts::moments::{Moments, Seconds};
use crate::facts::{Content, Doubt, Facts, Failure, Span, Told};
use crate::flags::Config;
use crate::merge::Document;
use crate::readers::{self, Format, times};
use crate::source::stream;
use crate::source::{Role, Source};

/// What the unnamed sources were folded into.
pub struct Folded {
    /// The groups, in order of first appearance.
    pub groups: Vec<Group>,
    /// The aggregates that a declared value went into.
    pub declared: BTreeSet<String>,
    /// What is known of the sources.
    pub evidence: Evidence,
    /// Why what they come to is not of this run, where one source is not.
    pub stale: Option<String>,
}

/// The unnamed sources on their way into groups.
pub struct Folding<'c> {
    config: &'c Config,
    groups: Groups<'c>,
    evidence: Evidence,
    /// Who read what, where a state is written.
    parts: Vec<Part>,
    digests: HashMap<String, String>,
    /// Why what the records come to is not of this run, where one source is not.
    stale: Option<String>,
    block: Vec<u8>,
    /// The fast way, once a record was read; none where there is none.
    quick: Option<Option<Quick>>,
}

impl<'c> Folding<'c> {
    /// Nothing read yet.
    pub fn new(config: &'c Config) -> Self {
        let plan = Plan {
            aggregates: &config.aggregates,
            by: config.by.as_ref(),
            conditions: &config.conditions,
            rule: config.on_conflict.unwrap_or_default(),
        };
        let (evidence, digests) = (Evidence::default(), HashMap::new());
        Folding {
            config,
            groups: Groups::new(plan),
            evidence,
            parts: Vec::new(),
            digests,
            stale: None,
            block: Vec::new(),
            quick: None,
        }
    }

    /// Folds one source.
    ///
    /// # Errors
    /// A record that is malformed or belongs to no group; a source that was folded already.
    pub fn source(&mut self, source: &Source, mut input: Input, filter: &mut Filter) -> Result<(), Error> {
        self.groups.part();
        let (lines, rejected) = (filter.counts.lines, filter.counts.rejected);
        let seals = filter.upstream().len();
        let start = input.peek(filter)?;
        if filter::is_html(start) {
            return Err(Error::data(input.name(), readers::HTML));
        }
        // In a fold the rows of a tool's table are records, whatever the tool's reader would make of them.
        let told = source.format.or_else(|| match readers::told_by_text(start) {
            Some(Format::Foreign(_)) if readers::is_csv(start) => Some(Format::Csv),
            told => told,
        });
        let (file, format, span) = match told {
            Some(
                Format::Foreign(_)
                | Format::Csv
                | Format::Tsv
                | Format::Curl
                | Format::Tap
                | Format::Junit
                | Format::Prometheus
                | Format::Robot
                | Format::Ctest
                | Format::Catch2,
            ) if !readers::begins_as_json(start) => self.document(told, input, filter)?,
            _ => self.stream(source.format, input, filter)?,
        };
        if file.size > 0
            && let Some(first) = self.digests.insert(file.sha256.clone(), file.name.clone())
        {
            let reason = format!("{}: has the same bytes as {first}", Code::DuplicateSource);
            return Err(Error::data(file.name, reason));
        }
        // What many records came to is as old as the oldest of them.
        if let Some(doubt) = stale(self.config, &file, span, &[], filter)?.first() {
            self.stale.get_or_insert(format!("{}: {}", file.name, doubt.detail));
        }
        let mut told = provenance(source, &file, format, span);
        if self.config.state {
            let upstream = filter.upstream().get(seals..).unwrap_or_default().to_vec();
            let id = filter.options.source_id.clone();
            told.name = id.clone().unwrap_or_default();
            self.parts.push(Part {
                name: self.part_name(id, &file),
                input: Some(file.sha256.clone()),
                lines: Some(filter.counts.lines - lines),
                rejected: filter.counts.rejected - rejected,
                allow_rejected: filter.options.allow_rejected.clone(),
                unsealed: filter.options.unsealed || !file.vouched && upstream.is_empty(),
                upstream: schema::seal::bounded(upstream),
                file: Some(Box::new(told.clone())),
                span: span.from.zip(span.to),
                written: Some(filter.made_at()?),
                split: None,
            });
        }
        self.evidence.sources.push(told);
        Ok(())
    }

    /// The name of a source's part: `--source-id`, with the path where that is of several; else the digest of what was read.
    fn part_name(&self, id: Option<String>, file: &File) -> String {
        let is_one_of_many = self.config.sources.iter().filter(|source| source.name.is_empty()).count() > 1;
        match id {
            Some(id) if is_one_of_many => format!("{id}:{}", file.path),
            Some(id) => id,
            None => format!("sha256:{}", file.sha256),
        }
    }

    /// What all sources came to, not finished.
    pub fn into_part(self) -> state::Part {
        let (groups, declared, anywhere) = self.groups.into_parts();
        state::Part { sources: self.parts, groups, declared, anywhere, stale: self.stale }
    }

    /// What all sources came to.
    pub fn finish(self, filter: &mut Filter) -> Folded {
        if let Some(told) = self.groups.undecided.noted() {
            filter.note("--where", "--where", format!("{told}; what they would change is unknown"));
        }
        let (groups, declared) = self.groups.finish();
        Folded { groups, declared, evidence: self.evidence, stale: self.stale }
    }

    /// A source that is no JSON: its rows are the records.
    fn document(
        &mut self,
        told: Option<Format>,
        input: Input,
        filter: &mut Filter,
    ) -> Result<(File, &'static str, Span), Error> {
        let file = filter.document_of(input)?;
        let sealed = !file.regular && filter.sealing() && !filter.options.unsealed;
        let reading = readers::read(&file.bytes, told, sealed).map_err(|failure| placed(&file, failure))?;
        if !file.vouched && reading.seals.is_empty() {
            filter.reads_plain();
        }
        self.evidence.seals.extend(take_seals(reading.seals, &file, filter)?);
        let (format, span) = (reading.facts.format, reading.facts.span);
        let mut clock = Clock::default();
        for record in with_doubts(reading.facts) {
            filter.counts.lines += 1;
            let time = clock.time(&record);
            let taken = self.groups.record(&record, time);
            let taken = taken.map_err(|refusal| Error::data(file.name.clone(), refused(refusal)))?;
            count(taken, filter);
        }
        Ok((File { bytes: Vec::new(), ..file }, format, span))
    }

    /// Records a line each, or spread over several.
    fn stream(
        &mut self,
        insisted: Option<Format>,
        input: Input,
        filter: &mut Filter,
    ) -> Result<(File, &'static str, Span), Error> {
        if let Some(Some(quick)) = &mut self.quick {
            quick.source();
        }
        let mut records = Records {
            gathered: stream::Gathered::default(),
            format: insisted,
            span: Span::default(),
            clock: Clock::default(),
            groups: &mut self.groups,
            quick: &mut self.quick,
        };
        let (file, seals) = stream::lines(input, filter, &mut self.block, &mut records)?;
        let Records { gathered, format, mut span, clock, .. } = records;
        if let Some(rest) = gathered.rest() {
            let reason = json::parse(rest).map_or_else(|error| error.to_string(), |_| "cut short".to_owned());
            return Err(Error::data(file.name, format!("the last record: {reason} (cut short?)")));
        }
        self.evidence.seals.extend(seals);
        span.join(clock.finish());
        let word =
            format.filter(|format| !matches!(format, Format::Json | Format::Jsonl)).map_or("records", Format::word);
        Ok((file, word, span))
    }
}

/// The records of one source on their way into groups.
struct Records<'f, 'c> {
    gathered: stream::Gathered,
    format: Option<Format>,
    span: Span,
    clock: Clock,
    groups: &'f mut Groups<'c>,
    quick: &'f mut Option<Option<Quick>>,
}

impl stream::Each for Records<'_, '_> {
    fn line(&mut self, line: &[u8], filter: &mut Filter) -> Result<bool, (usize, String)> {
        let is_whole = self.gathered.is_empty();
        let Some(text) = self.gathered.line(line) else { return Ok(false) };
        filter.counts.lines += 1;
        // One that was gathered from several lines has no shape.
        let quick = self.quick.as_mut().and_then(Option::as_mut).filter(|_| is_whole);
        let taken = record(text, &mut self.format, &mut self.span, &mut self.clock, self.groups, quick)?;
        count(taken, filter);
        Ok(true)
    }

    fn many(&mut self, bytes: &[u8], within: (usize, usize), limit: usize, filter: &mut Filter) -> (usize, u64) {
        let flat = matches!(self.format, Some(Format::Json | Format::Jsonl | Format::Evidence));
        let Some(clock) = self.clock.key.filter(|_| flat && self.gathered.is_empty()) else {
            return (within.0, 0);
        };
        let clock = clock.map(|(key, _)| key);
        if !matches!(self.quick, Some(known) if known.as_ref().is_none_or(|quick| quick.clock() == clock)) {
            *self.quick = Some(Quick::new(self.groups, clock));
        }
        let Some(Some(quick)) = &mut self.quick else { return (within.0, 0) };
        let run = quick.run(bytes, within, limit, self.groups, &mut self.clock);
        if run.skipped > 0 {
            self.groups.pass_over();
        }
        filter.counts.lines += run.records;
        filter.counts.skipped += run.skipped;
        filter.counts.used += run.records - run.skipped;
        (run.next, run.records)
    }
}

/// When the records of a source were made, by the key that the first of them has.
#[derive(Default)]
pub struct Clock {
    key: Option<Option<(&'static str, bool)>>,
    moments: Moments,
    seconds: Seconds,
    /// Of times that are no RFC 3339 text: their span, and the least and the greatest epoch as it was written.
    others: Span,
    epochs: Option<(Vec<u8>, Vec<u8>)>,
}

impl Clock {
    /// The key, and what stands under it.
    fn value<'v>(&mut self, record: &'v Value<'_>) -> Option<&'v Value<'v>> {
        let (key, _) = (*self.key.get_or_insert_with(|| times::clock(record)))?;
        record.get(key)
    }

    pub(super) fn time(&mut self, record: &Value<'_>) -> Option<f64> {
        let text = self.value(record).and_then(times::text)?;
        self.seconds(text.as_bytes())
    }

    pub(super) fn see(&mut self, record: &Value<'_>) {
        if let Some(text) = self.value(record).and_then(times::text) {
            self.see_text(text.as_bytes());
        }
    }

    /// The moment that a text under its key tells, where such tell of holes.
    pub fn seconds(&mut self, text: &[u8]) -> Option<f64> {
        self.key.flatten().filter(|(_, sampled)| *sampled).and_then(|_| self.seconds.of(text))
    }

    /// Takes in what stands under its key, as text.
    pub fn see_text(&mut self, text: &[u8]) {
        // `2026-`
        if text.len() >= "2026-03-05T20:32:12".len() && text.get(4) == Some(&b'-') {
            return self.moments.see(text);
        }
        // Epochs of one length compare as texts.
        let among = |(least, most): &(Vec<u8>, Vec<u8>)| {
            least.len() == text.len()
                && most.len() == text.len()
                && (least.as_slice()..=most.as_slice()).contains(&text)
        };
        if self.epochs.as_ref().is_some_and(among) {
            return;
        }
        let Ok(words) = std::str::from_utf8(text) else { return };
        times::see(&mut self.others, words);
        if text.iter().all(u8::is_ascii_digit) {
            let (least, most) = self.epochs.get_or_insert_with(|| (text.to_vec(), text.to_vec()));
            if text < least.as_slice() {
                *least = text.to_vec();
            } else {
                *most = text.to_vec();
            }
        }
    }

    /// The span of all that was seen.
    pub(super) fn finish(self) -> Span {
        let mut span = self.others;
        span.join(self.moments.finish());
        span
    }
}

/// Takes the record that `text` is into its group.
fn record(
    text: &[u8],
    format: &mut Option<Format>,
    span: &mut Span,
    clock: &mut Clock,
    groups: &mut Groups<'_>,
    quick: Option<&mut Quick>,
) -> Result<Taken, (usize, String)> {
    let value = json::parse_lazily(text).map_err(|error| {
        let cut = if error.unfinished { " (cut short?)" } else { "" };
        (error.line_and_column(text).1, format!("{error}{cut}"))
    })?;
    if value.as_object().is_none() {
        return Err((1, format!("{} where a record should be", value.kind())));
    }
    // The first record tells the format of its source.
    let format = *format.get_or_insert_with(|| readers::told_by_shape(&value));
    let taken = match format {
        Format::Json | Format::Jsonl | Format::Evidence => {
            let time = if groups.is_paced() { clock.time(&value) } else { clock.value(&value).and(None) };
            let taken = groups.record(&value, time);
            // What was left out went into nothing.
            if matches!(taken, Ok(Taken::Used)) {
                clock.see(&value);
            }
            if let Some(quick) = quick.filter(|_| taken.is_ok()) {
                quick.learn(text, &value);
            }
            taken
        }
        _ => {
            let facts = readers::document(value, Some(format)).map_err(|failure| (1, failure.reason))?;
            span.join(facts.span);
            let mut taken = Ok(Taken::Skipped);
            for record in with_doubts(facts) {
                taken = groups.record(&record, None);
            }
            taken
        }
    };
    taken.map_err(|refusal| (1, refused(refusal)))
}

fn refused(refusal: Refusal) -> String {
    match refusal {
        Refusal::Odd(reason) => reason,
        Refusal::Conflict(conflict) => {
            let [first, second] = &conflict.values;
            let because = if conflict.because.is_empty() { Code::Conflict.name() } else { conflict.because };
            format!("{because}: {} is {first} in one record of the group and {second} in another", conflict.path)
        }
    }
}

fn count(taken: Taken, filter: &mut Filter) {
    match taken {
        Taken::Used => filter.counts.used += 1,
        Taken::Skipped | Taken::Undecided => filter.counts.skipped += 1,
    }
}

/// The records of a source, each with what is doubted of it.
fn with_doubts(facts: Facts<'_>) -> Vec<Value<'_>> {
    match facts.content {
        Content::Many(mut records) => {
            let mut places: HashMap<usize, Vec<Doubt>> = HashMap::new();
            for mut doubt in facts.doubts {
                if let Some(place) = doubt.steps.first().and_then(|step| step.parse().ok()) {
                    doubt.steps.remove(0);
                    places.entry(place).or_default().push(doubt);
                }
            }
            for (place, doubts) in places {
                if let Some(Value::Object(record)) = records.get_mut(place) {
                    say(record, &doubts);
                }
            }
            records
        }
        Content::One(Value::Object(mut object)) => {
            say(&mut object, &facts.doubts);
            vec![Value::Object(object)]
        }
        Content::One(_) => Vec::new(),
    }
}

/// Puts what is doubted of a record into it, as our own tools write it.
fn say(record: &mut Object<'_>, doubts: &[Doubt]) {
    let mut document = Document::default();
    doubts.iter().for_each(|doubt| document.doubt(&[], doubt));
    let mut said = Vec::new();
    if !document.evidence.unknown.is_empty()
        && json::write_struct(&document.evidence, &mut said).is_ok()
        && let Ok(evidence) = json::parse(&said)
    {
        record.insert("@evidence", evidence.into_owned());
    }
}

/// What `@evidence` says of a source.
pub fn provenance(source: &Source, file: &File, format: &str, span: Span) -> Provenance {
    Provenance {
        name: source.shown(),
        path: file.path.clone(),
        format: format.to_owned(),
        bytes: file.size,
        sha256: file.sha256.clone(),
        origin: if source.role == Role::Declared { Origin::Declared } else { Origin::Observed },
        from: span.from.map(|time| time.to_string()),
        to: span.to.map(|time| time.to_string()),
    }
}

/// What of a source is not of this run: all of it, or each of its values that tells another time.
///
/// # Errors
/// A bound that is neither a time nor a file.
pub fn stale(config: &Config, file: &File, span: Span, told: &[Told], filter: &Filter) -> Result<Vec<Doubt>, Error> {
    if config.unwritten.contains(&file.path) {
        let detail = "it was there before the command ran, and the command did not write it";
        return Ok(vec![Doubt::new(&[], Code::Stale, detail)]);
    }
    let changed = file.modified.and_then(|time| Timestamp::try_from(time).ok());
    if let (Some(modified), Some(began), Some(changed)) = (file.modified, config.began, changed)
        && command::predates(modified, began)
    {
        let detail = format!("last changed at {changed}, before the command began: the command did not write it");
        return Ok(vec![Doubt::new(&[], Code::Stale, detail)]);
    }
    let bound = |flag, text: &Option<String>| text.as_ref().map(|text| filter.moment(flag, text)).transpose();
    let newer_than = bound("--newer-than", &config.newer_than)?;
    let older_than = bound("--older-than", &config.older_than)?;
    let now = newer_than.map(|_| filter.now());
    let window = Window { newer_than, older_than, now };
    let unchanged = changed.zip(newer_than).filter(|(changed, bound)| changed < bound);
    let late = changed.zip(older_than).filter(|(changed, bound)| span.to.is_none() && changed > bound);
    let whole = window
        .missed_by(span)
        .or_else(|| unchanged.map(|(changed, bound)| format!("last changed at {changed}, before {bound}")))
        .or_else(|| late.map(|(changed, bound)| format!("last changed at {changed}, after {bound}")))
        .or_else(|| window.left_by(span).filter(|_| told.is_empty()));
    if let Some(detail) = whole {
        return Ok(vec![Doubt::new(&[], Code::Stale, detail)]);
    }
    let doubt = |told: &Told| {
        let detail = window.missed_by(told.span).or_else(|| window.left_by(told.span))?;
        Some(Doubt::of(told.steps.clone(), Code::Stale, detail))
    };
    Ok(told.iter().filter_map(doubt).collect())
}

/// The time of this run.
struct Window {
    newer_than: Option<Timestamp>,
    older_than: Option<Timestamp>,
    /// The present, where data must be new: what is of after that is not.
    now: Option<Timestamp>,
}

impl Window {
    /// How data of `span` lies outside.
    fn missed_by(&self, span: Span) -> Option<String> {
        let early = span.to.zip(self.newer_than).filter(|(to, bound)| precedes(*to, *bound));
        let late = span.from.zip(self.older_than).filter(|(from, bound)| from > bound);
        let nowhere = span.at_latest.filter(|_| span.to.is_none()).zip(self.newer_than);
        early
            .map(|(to, bound)| format!("its data ends at {to}, before {bound}"))
            .or_else(|| {
                let (latest, bound) = nowhere.filter(|(latest, bound)| latest < bound)?;
                Some(format!("its data ends at {latest} at the latest, whatever its zone, before {bound}"))
            })
            .or_else(|| late.map(|(from, bound)| format!("its data begins at {from}, after {bound}")))
            .or_else(|| self.ahead(span.from.or(span.at_soonest.filter(|_| span.to.is_none()))))
    }

    /// How a part of data of `span` lies outside: a mean, or a count, of more than this run is not of this run.
    fn left_by(&self, span: Span) -> Option<String> {
        let early = span.from.zip(self.newer_than).filter(|(from, bound)| precedes(*from, *bound));
        let late = span.to.zip(self.older_than).filter(|(to, bound)| to > bound);
        early
            .map(|(from, bound)| format!("its data begins at {from}, before {bound}"))
            .or_else(|| late.map(|(to, bound)| format!("its data ends at {to}, after {bound}")))
            .or_else(|| self.ahead(span.to.max(span.at_soonest)))
    }

    /// How data of `moment` is of the future.
    fn ahead(&self, moment: Option<Timestamp>) -> Option<String> {
        let (moment, now) = moment.zip(self.now).filter(|(moment, now)| filter::is_ahead(*moment, *now))?;
        Some(format!("its data is of {moment}, after the present, {now}"))
    }
}

/// Whether `moment` is before `bound`. A time in whole seconds is any of that second: the file that a run touches as
/// it starts is dated finer than what the run then says of its start.
fn precedes(moment: Timestamp, bound: Timestamp) -> bool {
    match moment.subsec_nanosecond() {
        0 => moment.as_second() < bound.as_second(),
        _ => moment < bound,
    }
}

/// Takes in the seals of a file, and gives them flat. Sources of two names may be made alike, from one ledger asked for two
/// things: they stand apart. What stands twice in one source counts twice.
///
/// # Errors
/// `duplicate-source`: the same segment stands twice in the file.
pub fn take_seals(seals: Vec<Seal>, file: &File, filter: &mut Filter) -> Result<Vec<Seal>, Error> {
    filter.begin_source();
    let mut flat = Vec::new();
    for seal in seals {
        flat.extend(seal.clone().flattened());
        filter.take_seal(seal).map_err(|fault| fault.of(&file.name))?;
    }
    filter.begin_source();
    Ok(flat)
}

/// A failure with the place where it was.
pub fn placed(file: &File, failure: Failure) -> Error {
    match failure.place {
        Some((line, column)) => Error::data(format!("{}:{line}:{column}", file.name), failure.reason),
        None => Error::data(file.name.clone(), failure.reason),
    }
}
