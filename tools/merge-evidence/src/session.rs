//! One run: load the sources, merge or fold them, write what came of it.
//!
//! Owns the words of what can go wrong between sources and the shape of the output; refuses to know any format.

use std::collections::{HashMap, HashSet};
use std::os::unix::fs::MetadataExt;
use std::path::Path as FilePath;

use expr::{Aggregate, Path, Reading};
use filter::{Document as File, Error, Filter};
use schema::{Code, Evidence, Object, Value, json};

use crate::facts::cadence::Hole;
use crate::facts::{Content, Doubt, Facts};
use crate::flags::Config;
use crate::fold::Lost;
use crate::fold::intake::{Folded, Folding, placed, provenance, stale, take_seals};
use crate::fold::state;
use crate::merge::delta;
use crate::merge::keys;
use crate::merge::shaping;
use crate::merge::{Conflict, Document};
use crate::readers;
use crate::source::stream;
use crate::source::{Role, Source};

/// Reads the aggregates of `-A`, and refuses what cannot be asked for together.
///
/// # Errors
/// A file of aggregates that is wrong; the mean of percentiles; `--delta` of other than two sources.
pub fn prepare(config: &mut Config, filter: &mut Filter) -> Result<(), Error> {
    for path in std::mem::take(&mut config.aggregate_files) {
        let file = filter.document(&path)?;
        let text = String::from_utf8_lossy(&file.bytes);
        let read = Aggregate::parse_lines(&text);
        config.aggregates.extend(read.map_err(|error| {
            let place = format!("{}:{}:{}", file.name, error.line, error.column());
            Error::data(place, format!("{}\n{}", error.message, error.caret()))
        })?);
    }
    let names = config.aggregates.iter().map(|aggregate| &aggregate.name).chain(&config.by);
    for first in names.filter_map(|name| keys(name).into_iter().next()) {
        if schema::OUR_KEYS.contains(&first.as_str()) {
            return Err(Error::usage(format!("{first}: is a key of our own")));
        }
    }
    for aggregate in &config.aggregates {
        if let Some(mean) = aggregate.averages_percentiles() {
            let remedy = Code::NotMergeable.remedy();
            return Err(Error::usage(format!("{}: {mean}: {remedy}", Code::NotMergeable)));
        }
    }
    state::check(config)?;
    let observed = config.sources.iter().filter(|source| source.role == Role::Observed);
    if config.delta {
        if !config.commands.is_empty() {
            return Err(Error::usage("--delta: not together with --command"));
        }
        if folds(config) {
            return Err(Error::usage("--delta: not together with -a or -b"));
        }
        let names: Vec<&Vec<String>> = observed.map(|source| &source.name).collect();
        let [before, after] = names.as_slice() else {
            return Err(Error::usage(format!("--delta: wanted two sources, BEFORE and AFTER, got {}", names.len())));
        };
        if before != after {
            return Err(Error::usage("--delta: wanted the same name, or none, for BEFORE and AFTER"));
        }
    }
    Ok(())
}

fn folds(config: &Config) -> bool {
    !config.aggregates.is_empty() || config.by.is_some()
}

/// The sources, read.
pub struct Loaded {
    sources: Vec<(Source, Loading)>,
    /// What the unnamed sources were folded into, and what is known of them.
    folded: Option<Folded>,
    /// With `--state`, what they were folded into so far.
    pub part: Option<state::Part>,
}

enum Loading {
    /// An optional source that is not there.
    Absent,
    /// A file, whole.
    File(File),
    /// A stream that was folded while it was read.
    Points(Box<stream::Folded>),
}

/// Reads every source's file: whole, or folded while it is read. Unnamed sources that were states are `merged`.
///
/// # Errors
/// What cannot be opened or read; a file given twice; a record that is malformed.
pub fn load(config: &Config, merged: Option<state::Part>, filter: &mut Filter) -> Result<Loaded, Error> {
    let mut sources = config.sources.clone();
    if merged.is_none()
        && !sources.iter().any(|source| source.role == Role::Observed && source.name.is_empty())
        && (folds(config) || (sources.is_empty() && config.sets.is_empty() && config.commands.is_empty()))
    {
        sources.push(Source { name: Vec::new(), by: None, format: None, path: "-".into(), role: Role::Observed });
    }
    let mut seen: HashMap<(u64, u64), String> = HashMap::new();
    let mut loaded = Vec::with_capacity(sources.len());
    let mut folding = (folds(config) && merged.is_none()).then(|| Folding::new(config));
    for source in sources {
        let absent = source.role == Role::Optional
            && std::fs::metadata(&source.path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
        if absent {
            loaded.push((source, Loading::Absent));
            continue;
        }
        let mut input = filter.open(&source.path).map_err(|error| unspread(error, &source))?;
        let status = input.file().metadata().map_err(|error| Error::io(input.name(), &error))?;
        let identity = (status.dev(), status.ino());
        if (source.path == FilePath::new("-") || input.is_regular())
            && let Some(first) = seen.insert(identity, called(&source))
        {
            let reason = format!("{}: given twice, as {first} and as {}", Code::DuplicateSource, called(&source));
            return Err(Error::data(input.name(), reason));
        }
        if let Some(folding) = &mut folding
            && source.name.is_empty()
            && source.role == Role::Observed
        {
            folding.source(&source, input, filter)?;
            continue;
        }
        let content = match stream::points_of(source.format, input.peek(filter)?) {
            Some(points) => Loading::Points(Box::new(stream::points(points, input, filter)?)),
            None => Loading::File(filter.document_of(input)?),
        };
        loaded.push((source, content));
    }
    let (folded, part) = match (merged, folding) {
        (Some(part), _) if config.state => (None, Some(part)),
        (None, Some(folding)) if config.state => (None, Some(folding.into_part())),
        (Some(part), _) => (Some(state::folded(config, part, filter)), None),
        (None, folding) => (folding.map(|folding| folding.finish(filter)), None),
    };
    Ok(Loaded { sources: loaded, folded, part })
}

/// Says why a pattern behind `NAME=` is no file, and what to write where a file need not be there.
fn unspread(error: Error, source: &Source) -> Error {
    let text = source.path.to_string_lossy();
    if source.name.is_empty() || source.path.exists() {
        return error;
    }
    let name = source.shown();
    if !text.contains(['*', '?']) {
        let is_near = error.reason().ends_with('?') || !error.reason().starts_with("no such file");
        let way = format!("{}; if it may be absent, say --optional {name}={text}", error.reason());
        return if is_near { error } else { Error::data(text.into_owned(), way) };
    }
    let way = format!(
        "no such file: the shell does not expand a pattern after '{name}='; name each: {name}.a=FILE {name}.b=FILE"
    );
    Error::data(text.into_owned(), way)
}

fn called(source: &Source) -> String {
    match source.shown() {
        name if name.is_empty() => "an unnamed source".to_owned(),
        name => name,
    }
}

/// Merges the sources, then what `--set` says; a document for each group.
///
/// # Errors
/// Two sources that disagree; what `--require` and `--expect` ask for and is not there.
pub fn assemble<'a>(config: &Config, loaded: &'a Loaded, filter: &mut Filter) -> Result<Vec<Document<'a>>, Error> {
    let mut merger = Merger { document: Document::new(config.on_conflict.unwrap_or_default()), merged: Vec::new() };
    let mut sides = Vec::new();
    let mut nothing = HashSet::new();
    let mut measured = HashMap::new();
    for (source, content) in &loaded.sources {
        let (file, mut facts) = match content {
            Loading::Absent => {
                let detail = format!("{} is not there", source.path.display());
                merger.put(&source.name, Value::Null, &source.path.to_string_lossy())?;
                merger.document.doubt(&source.name, &Doubt::new(&[], Code::MissingSource, detail));
                continue;
            }
            Loading::File(file) => {
                let sealed = !file.regular && filter.sealing() && !filter.options.unsealed;
                let read = readers::read(&file.bytes, source.format, sealed);
                let reading = read.map_err(|failure| placed(file, failure))?;
                filter.counts.lines += reading.records;
                filter.counts.used += reading.records;
                if !file.vouched && reading.seals.is_empty() {
                    filter.reads_plain();
                }
                let seals = take_seals(reading.seals, file, filter)?;
                merger.document.evidence.seals.extend(seals);
                (file, reading.facts)
            }
            Loading::Points(folded) => {
                merger.document.evidence.seals.extend(folded.seals.iter().cloned());
                (&folded.file, folded.facts.clone())
            }
        };
        // What read nothing is not there, whatever its name says.
        if facts.doubts.iter().any(|doubt| doubt.steps.is_empty() && doubt.code == Code::NoRecords) {
            nothing.insert(source.shown());
        }
        if config.as_written {
            facts.doubts.retain(|doubt| doubt.code != Code::Inconsistent);
        }
        if source.role == Role::Observed
            && !config.delta
            && !filter.options.allow_equal
            && readers::measured(&facts)
            && let Some(first) = measured.insert(file.sha256.clone(), called(source))
        {
            let reason = format!(
                "{}: has the same bytes as {first}, and no two runs measure the same; --allow-equal counts both",
                Code::DuplicateSource
            );
            return Err(Error::data(file.name.clone(), reason));
        }
        merger.document.evidence.sources.push(provenance(source, file, facts.format, facts.span));
        if file.size == 0 {
            filter.note("empty source", &file.name, "is empty: there is nothing in it");
        }
        if source.role == Role::Declared {
            merger.document.evidence.declared.push(source.shown());
        } else {
            facts.doubts.extend(stale(config, file, facts.span, &facts.told, filter)?);
            let holes = std::mem::take(&mut facts.holes);
            for (steps, hole) in &holes {
                if let Some(detail) = open(config, &source.name, steps, hole) {
                    facts.doubts.extend(unseen(steps, &facts.content, hole, &detail));
                }
            }
        }
        let shaped = shaping::shape(source, &mut facts, &config.conditions);
        let shaped = shaped.map_err(|reason| Error::data(file.name.clone(), reason))?;
        if let Some(told) = shaped.undecided.noted() {
            filter.note(
                "--where",
                format!("{}: --where", file.name),
                format!("{told}; they stay, and count as unknown"),
            );
        }
        filter.counts.used -= shaped.skipped;
        filter.counts.skipped += shaped.skipped;
        if config.delta && source.role == Role::Observed {
            sides.push((shaped.value.unwrap_or_default(), facts));
            continue;
        }
        merger.source(source, shaped.value, facts, file)?;
    }
    if let [(before, old), (after, new)] = sides.as_slice() {
        let name = config.sources.iter().find(|source| source.role == Role::Observed).map(|source| source.name.clone());
        merger.delta(&name.unwrap_or_default(), (before, old), (after, new))?;
    }
    for set in &config.sets {
        let value = if set.bare { expr::bare(set.text.as_bytes()).into_owned() } else { Value::from(set.text.clone()) };
        merger.put(&keys(&set.path), value, "--set")?;
    }
    for command in &config.commands {
        let exit = command.exit.map_or(Value::Null, |exit| Value::from(u64::from(exit)));
        let name: Vec<String> = keys(&command.name).into_iter().chain(["exit".to_owned()]).collect();
        merger.put(&name, exit, "--command")?;
    }
    expected(config, loaded, &nothing)?;
    let mut documents = match &loaded.folded {
        None => vec![merger.document],
        Some(folded) => merger.groups(config, folded)?,
    };
    for document in &mut documents {
        document.evidence.seals = schema::seal::bounded(std::mem::take(&mut document.evidence.seals));
        for path in &config.require {
            if let Err((code, detail)) = document.read(path) {
                return Err(Error::data("--require", format!("{path}: {code}: {detail}")));
            }
        }
    }
    Ok(documents)
}

/// What `--expect` names: a source, or with `-b` a group.
fn expected(config: &Config, loaded: &Loaded, nothing: &HashSet<String>) -> Result<(), Error> {
    for name in &config.expect {
        if nothing.contains(name) {
            return Err(Error::data("--expect", format!("{}: there is no record in {name:?}", Code::NoRecords)));
        }
        let source = loaded
            .sources
            .iter()
            .any(|(source, content)| !matches!(content, Loading::Absent) && source.shown() == *name);
        let group = loaded.folded.iter().flat_map(|folded| &folded.groups).any(|group| match &group.key {
            Some(Value::Text(text)) => text == name,
            Some(Value::Number(number)) => number.as_str() == name,
            _ => false,
        });
        if !source && !group {
            let (code, what) = match config.by {
                Some(_) => (Code::MissingGroup, "group"),
                None => (Code::MissingSource, "source"),
            };
            return Err(Error::data("--expect", format!("{code}: there is no {what} {name:?}")));
        }
    }
    Ok(())
}

/// A document and what went into it, so that a disagreement can name both sides.
struct Merger<'a> {
    document: Document<'a>,
    merged: Vec<Merged<'a>>,
}

/// What was merged in: under which keys, the value, and whose it is. Of the first there is no copy: what is in the
/// document and of no other is of it.
type Merged<'a> = (Vec<String>, Option<Value<'a>>, String);

impl<'a> Merger<'a> {
    fn put(&mut self, name: &[String], mut value: Value<'a>, file: &str) -> Result<(), Error> {
        if name.is_empty()
            && let Value::Object(object) = &mut value
        {
            // Our keys are written by us alone, whatever a foreign format calls its metrics.
            for key in schema::OUR_KEYS {
                object.remove(key);
            }
        }
        let copy = (!self.merged.is_empty()).then(|| value.clone());
        let outcome = self.document.merge(name, value);
        self.merged.push((name.to_vec(), copy, file.to_owned()));
        outcome.map_err(|conflict| disagreement(&conflict, &self.merged))
    }

    fn source(
        &mut self,
        source: &Source,
        value: Option<Value<'a>>,
        facts: Facts<'a>,
        file: &File,
    ) -> Result<(), Error> {
        // A doubt about a whole source that has no name is one about each of its keys.
        let whole = |doubt: &Doubt| source.name.is_empty() && doubt.steps.is_empty();
        let object = value.as_ref().and_then(Value::as_object).filter(|_| facts.doubts.iter().any(whole));
        let keys: Vec<String> = object.into_iter().flat_map(Object::iter).map(|(key, _)| key.to_owned()).collect();
        if let Some(value) = value {
            self.put(&source.name, value, &file.name)?;
        }
        for doubt in facts.doubts {
            if whole(&doubt) {
                for key in &keys {
                    self.document.doubt(std::slice::from_ref(key), &doubt);
                }
            } else {
                self.document.doubt(&source.name, &doubt);
            }
        }
        if let Some(evidence) = facts.evidence {
            self.document.take_evidence(&source.name, evidence);
        }
        Ok(())
    }

    fn delta(
        &mut self,
        name: &[String],
        (before, old): (&Value<'a>, &Facts<'a>),
        (after, new): (&Value<'a>, &Facts<'a>),
    ) -> Result<(), Error> {
        let mut counters = old.counters.clone();
        for (name, counts) in &new.counters {
            // What one side calls a counter is one: a reset must not be taken for a fall.
            *counters.entry(name.clone()).or_default() |= counts;
        }
        let delta = delta::between(before, after, counters);
        let mut members: Vec<(&str, Value<'a>)> = vec![("delta", delta.values)];
        for (key, paths) in [("appeared", delta.appeared), ("disappeared", delta.disappeared), ("reset", delta.reset)] {
            members.push((key, paths.into_iter().map(Value::from).collect::<Vec<_>>().into()));
        }
        if let (Some(from), Some(to)) = (old.span.to, new.span.to) {
            members.push(("interval_s", crate::quantity::value(to.duration_since(from).as_secs_f64())));
        }
        self.put(name, Value::Object(members.into_iter().collect()), "--delta")?;
        let inside: Vec<String> = name.iter().cloned().chain(["delta".to_owned()]).collect();
        for doubt in delta.doubts.iter().chain(&old.doubts).chain(&new.doubts) {
            // The limits of one side are none of the difference.
            let doubt = Doubt { low: None, high: None, ..doubt.clone() };
            self.document.doubt(&inside, &doubt);
            if doubt.steps.is_empty() {
                // Of a side that is not there it cannot be told either what came and went.
                for list in ["appeared", "disappeared", "reset"] {
                    let steps = [name, &[list.to_owned()]].concat();
                    self.document.doubt(&steps, &doubt);
                }
            }
        }
        for evidence in [&old.evidence, &new.evidence].into_iter().flatten() {
            let (unknown, declared) = (evidence.unknown.clone(), evidence.declared.clone());
            self.document.take_evidence(&inside, Evidence { unknown, declared, ..Evidence::default() });
        }
        Ok(())
    }

    /// A document for each group: the named sources, the group's key, and what its records came to.
    fn groups(mut self, config: &Config, folded: &'a Folded) -> Result<Vec<Document<'a>>, Error> {
        self.document.evidence.sources.extend(folded.evidence.sources.iter().cloned());
        self.document.evidence.declared.extend(folded.declared.iter().cloned());
        // There may be as many seals as records: each group gets their sum, not all of them.
        let mut seals = std::mem::take(&mut self.document.evidence.seals);
        seals.extend(folded.evidence.seals.iter().cloned());
        let bounded = schema::seal::bounded(seals.clone());
        let mut documents = Vec::with_capacity(folded.groups.len());
        for group in &folded.groups {
            let mut merger = Merger { document: self.document.clone(), merged: self.merged.clone() };
            let own = !group.merged.evidence.seals.is_empty();
            merger.document.evidence.seals.clone_from(if own { &seals } else { &bounded });
            if let (Some(by), Some(key)) = (&config.by, &group.key) {
                merger.put(&keys(by), key.clone(), "-b")?;
            }
            merger.put(&[], group.merged.values.clone(), "the records")?;
            merger.document.take_evidence(&[], group.merged.evidence.clone());
            for doubt in group.doubts().iter().filter(|_| !config.as_written).chain(&group.left_open()) {
                merger.document.doubt(&[], doubt);
            }
            if let Some(detail) = &folded.stale {
                for (key, _) in group.merged.values.as_object().into_iter().flat_map(Object::iter) {
                    merger.document.doubt(&[key.to_owned()], &Doubt::new(&[], Code::Stale, detail));
                }
            }
            let hole = group.hole().and_then(|hole| open(config, &[], &[], &hole));
            for (aggregate, outcome) in group.results(&config.aggregates, hole.is_some()) {
                let name = keys(&aggregate.name);
                if let Some(detail) = &folded.stale {
                    merger.document.doubt(&name, &Doubt::new(&[], Code::Stale, detail));
                }
                match outcome.value {
                    Ok(value) => {
                        if let (Some(detail), Some(Lost { code, low, high })) = (&hole, outcome.unseen) {
                            merger.document.doubt(&name, &Doubt::new(&[], code, detail).within(low, high));
                        }
                        merger.put(&name, value, "-a")?;
                        for (path, end) in outcome.ends {
                            merger.put(&keys(&path), end, "-a")?;
                        }
                    }
                    Err(Lost { code, low, high }) => {
                        merger.put(&name, Value::Null, "-a")?;
                        let told = group.undecided.told().map_or(String::new(), |told| format!("; --where {told}"));
                        let detail = format!("{}: {aggregate}{told}", code.meaning());
                        merger.document.doubt(&name, &Doubt { low, high, ..Doubt::new(&[], code, detail) });
                    }
                }
            }
            documents.push(merger.document);
        }
        Ok(documents)
    }
}

/// What is wrong with a hole in the series at `steps` of a source, unless `--every` allows it.
fn open(config: &Config, name: &[String], steps: &[String], hole: &Hole) -> Option<String> {
    let path = Path::from_keys(name.iter().chain(steps).cloned());
    let about = |named: &Option<Path>| match (named, &path) {
        (None, _) => true,
        (Some(named), Some(path)) => path.is_at_or_below(named),
        (Some(_), None) => false,
    };
    // The last that fits goes: a general one may be followed by that of a name.
    match config.every.iter().rev().find(|(named, _)| about(named)) {
        Some((_, every)) if hole.length() <= every * 1.5 => None,
        _ => Some(hole.told()),
    }
}

/// What a hole leaves unknown of a series: its extremes, which can only have been further out, its mean, its share of the
/// time. Of a pod that was replaced, whose series ends early, the greatest stays known.
fn unseen(steps: &[String], content: &Content<'_>, hole: &Hole, detail: &str) -> Vec<Doubt> {
    let at = |key: &str| steps.iter().cloned().chain([key.to_owned()]).collect::<Vec<_>>();
    let series = match content {
        Content::One(value) => steps.iter().try_fold(value, |value, step| value.get(step)),
        Content::Many(records) => steps.split_first().and_then(|(first, rest)| {
            let record = records.get(first.parse::<usize>().ok()?)?;
            rest.iter().try_fold(record, |value, step| value.get(step))
        }),
    };
    let figures = ["min", "mean", "max", "uptime"].into_iter().filter(|key| hole.inside || *key != "max");
    let figures = figures.filter_map(|key| Some((key, series?.get(key)?)));
    let doubts = figures.map(|(key, value)| {
        let limit = |of: &str| value.as_number().filter(|_| key == of).map(|number| number.clone().into_owned());
        Doubt::of(at(key), Code::Gap, detail).within(limit("max"), limit("min"))
    });
    doubts.collect()
}

fn disagreement(conflict: &Conflict, merged: &[Merged<'_>]) -> Error {
    let came = merged.last().map_or("", |(_, _, file)| file.as_str());
    let there = Path::parse(&conflict.path).ok().and_then(|path| {
        merged.iter().rev().skip(1).find(|(name, value, _)| {
            let Some(value) = value else { return true };
            let mut alone = Document::default();
            // A null is a value that disagrees, though none that can be read.
            alone.merge(name, value.clone()).is_ok() && matches!(path.read(&alone.values), Reading::Found(_))
        })
    });
    let there = there.map_or("another source", |(_, _, file)| file.as_str());
    let because = match conflict.because {
        "" => Code::Conflict.name(),
        because => because,
    };
    let shorten = |text: &String| text.chars().take(60).collect::<String>();
    let [first, second] = &conflict.values;
    let path = &conflict.path;
    let mut reason = format!("{because}: {path} is {} in {there} and {} in {came}", shorten(first), shorten(second));
    // Two files of one shape under one name, or under none, are the usual cause.
    if let [.., (there, _, _), (name, _, file)] = merged
        && there == name
        && because == Code::Conflict.name()
        && !file.starts_with('-')
    {
        reason.push_str(match name.is_empty() {
            true => "; give each a name of its own: NAME=FILE",
            false => "; give each a name of its own, or fold records with -a; --on-conflict settles it",
        });
    }
    Error::data(came, reason)
}

/// How much of a document is written at once: one of tens of megabytes does not stand in memory a second time, as text.
const PART: usize = 1 << 20;

/// Writes a document, `@evidence` last.
///
/// # Errors
/// Only a failed write.
pub fn write(document: &Document<'_>, filter: &mut Filter) -> Result<(), Error> {
    let mut evidence = Vec::new();
    json::write_struct(&document.evidence, &mut evidence).map_err(|error| Error::io("stdout", &error))?;
    let mut part = vec![b'{'];
    for (key, value) in document.values.as_object().into_iter().flat_map(Object::iter) {
        json::write_text(key, &mut part);
        part.push(b':');
        write_value(value, &mut part, filter)?;
        part.push(b',');
    }
    part.extend_from_slice(b"\"@evidence\":");
    part.extend_from_slice(&evidence);
    part.extend_from_slice(b"}\n");
    filter.lines(&part, 1)
}

/// Appends a value to a part of a document, which is written out where it has become long.
fn write_value(value: &Value<'_>, part: &mut Vec<u8>, filter: &mut Filter) -> Result<(), Error> {
    if part.len() >= PART {
        filter.lines(part, 0)?;
        part.clear();
    }
    match value {
        Value::Object(object) if !object.is_empty() => {
            part.push(b'{');
            for (key, value) in object.iter() {
                json::write_text(key, part);
                part.push(b':');
                write_value(value, part, filter)?;
                part.push(b',');
            }
            close(part, b'}');
        }
        Value::List(list) if !list.is_empty() => {
            part.push(b'[');
            let mut outcome = Ok(());
            list.each(|value| {
                if outcome.is_ok() {
                    outcome = write_value(value, part, filter);
                    part.push(b',');
                }
            });
            outcome?;
            close(part, b']');
        }
        plain => json::write(plain, part),
    }
    Ok(())
}

/// A bracket in the place of the comma behind the last member.
fn close(part: &mut Vec<u8>, bracket: u8) {
    part.pop();
    part.push(bracket);
}
