//! One run over whole documents: load the sources, merge them, write what came of it.
//!
//! Owns the words of what can go wrong between sources and the shape of the output; refuses to know any format.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path as FilePath;

use expr::Path;
use filter::{Document as File, Error, Exit, Filter, Format as Output};
use schema::{Code, Object, Origin, Source as Provenance, Value, json};

use crate::facts::{Content, Facts};
use crate::flags::Config;
use crate::merge::{Conflict, Document};
use crate::readers::{self, Failure};
use crate::sources::{Role, Source};
use crate::stream;

/// A source and what was read of it.
pub struct Loaded {
    source: Source,
    content: Loading,
}

enum Loading {
    /// An optional source that is not there.
    Absent,
    /// A file, whole.
    File(File),
    /// A stream that was folded while it was read.
    Folded(Box<stream::Folded>),
}

/// Reads every source's file: whole, or folded where it is a stream of points.
pub fn load(config: &Config, filter: &mut Filter) -> Result<Vec<Loaded>, Error> {
    let mut sources = config.sources.clone();
    if sources.is_empty() && config.sets.is_empty() {
        sources.push(Source { name: Vec::new(), by: None, format: None, path: "-".into(), role: Role::Observed });
    }
    let mut seen: HashMap<(u64, u64), String> = HashMap::new();
    let mut loaded = Vec::with_capacity(sources.len());
    for source in sources {
        let absent = source.role == Role::Optional
            && std::fs::metadata(&source.path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
        if absent {
            loaded.push(Loaded { source, content: Loading::Absent });
            continue;
        }
        let mut input = filter.open(&source.path)?;
        let status = input.file().metadata().map_err(|error| Error::io(input.name(), &error))?;
        if source.path == FilePath::new("-") || input.is_regular() {
            if let Some(first) = seen.insert((status.dev(), status.ino()), called(&source)) {
                let reason = format!("{}: given twice, as {first} and as {}", Code::DuplicateSource, called(&source));
                return Err(Error::data(input.name(), reason));
            }
        }
        let content = if stream::is_points(source.format, input.peek(filter)?) {
            Loading::Folded(Box::new(stream::fold(input, filter)?))
        } else {
            Loading::File(filter.document_of(input)?)
        };
        loaded.push(Loaded { source, content });
    }
    Ok(loaded)
}

fn called(source: &Source) -> String {
    match source.shown() {
        name if name.is_empty() => "an unnamed source".to_owned(),
        name => name,
    }
}

/// Merges the sources, then what `--set` says.
pub fn assemble<'a>(config: &Config, loaded: &'a [Loaded], filter: &mut Filter) -> Result<Document<'a>, Error> {
    let mut document = Document::new(config.on_conflict);
    let mut merged: Vec<(Vec<String>, Value<'a>, String)> = Vec::new();
    for Loaded { source, content } in loaded {
        let (file, facts) = match content {
            Loading::Absent => {
                let detail = format!("{} is not there", source.path.display());
                put(&mut document, &mut merged, &source.name, Value::Null, &source.path.to_string_lossy())?;
                document.doubt(&source.name, &[], Code::MissingSource, &detail);
                continue;
            }
            Loading::File(file) => {
                let sealed = !file.regular && filter.sealing() && !filter.options.unsealed;
                let read = readers::read(&file.bytes, source.format, sealed);
                let reading = read.map_err(|failure| placed(file, failure))?;
                filter.counts.lines += reading.records;
                filter.counts.used += reading.records;
                document.evidence.seals.extend(reading.seals.iter().cloned());
                filter.add_upstream(reading.seals);
                (file, reading.facts)
            }
            Loading::Folded(folded) => (&folded.file, folded.facts.clone()),
        };
        let Facts { format, content, mut doubts, mut evidence, span } = facts;
        if config.as_written {
            doubts.retain(|doubt| doubt.code != Code::Inconsistent);
        }
        document.evidence.sources.push(Provenance {
            name: source.shown(),
            path: file.path.clone(),
            format: format.to_owned(),
            bytes: file.size,
            sha256: file.sha256.clone(),
            origin: if source.role == Role::Declared { Origin::Declared } else { Origin::Observed },
            from: span.from.map(|time| time.to_string()),
            to: span.to.map(|time| time.to_string()),
        });
        if source.role == Role::Declared {
            document.evidence.declared.push(source.shown());
        }
        if source.by.is_some() && matches!(&content, Content::One(Value::Object(_))) {
            // One record is a list of one: what is doubted lies below its first place.
            doubts = doubts.into_iter().map(|doubt| doubt.under("0")).collect();
            evidence = evidence.map(|evidence| {
                let mut list = Document::default();
                list.take_evidence(&["0".to_owned()], evidence);
                list.evidence
            });
        }
        let (value, places) = shaped(source, content).map_err(|reason| Error::data(file.name.clone(), reason))?;
        let keys: Vec<String> =
            value.as_object().into_iter().flat_map(Object::iter).map(|(key, _)| key.to_owned()).collect();
        put(&mut document, &mut merged, &source.name, value, &file.name)?;
        for doubt in doubts {
            let steps = replaced(doubt.steps, &places);
            if source.name.is_empty() && steps.is_empty() {
                // A doubt about a whole source that has no name is one about each of its keys.
                for key in &keys {
                    document.doubt(&[], std::slice::from_ref(key), doubt.code, &doubt.detail);
                }
            } else {
                document.doubt(&source.name, &steps, doubt.code, &doubt.detail);
            }
        }
        if let Some(mut evidence) = evidence {
            for path in evidence.declared.iter_mut().chain(evidence.unknown.iter_mut().map(|unknown| &mut unknown.path))
            {
                *path = moved(path, &places);
            }
            document.take_evidence(&source.name, evidence);
        }
    }
    for set in &config.sets {
        let value = if set.bare { expr::bare(set.text.as_bytes()).into_owned() } else { Value::from(set.text.clone()) };
        let name: Option<Vec<String>> = set
            .path
            .steps()
            .iter()
            .map(|step| match step {
                expr::Step::Name { text, .. } => Some(text.clone()),
                expr::Step::Index(place) => Some(place.to_string()),
                _ => None,
            })
            .collect();
        put(&mut document, &mut merged, &name.unwrap_or_default(), value, "--set")?;
    }
    document.evidence.seals = schema::seal::bounded(std::mem::take(&mut document.evidence.seals));
    for name in &config.expect {
        let there =
            loaded.iter().any(|loaded| !matches!(loaded.content, Loading::Absent) && loaded.source.shown() == *name);
        if !there {
            return Err(Error::data("--expect", format!("{}: no source is named {name}", Code::MissingSource)));
        }
    }
    for path in &config.require {
        if let Err((code, detail)) = document.read(path) {
            return Err(Error::data("--require", format!("{path}: {code}: {detail}")));
        }
    }
    Ok(document)
}

fn put<'a>(
    document: &mut Document<'a>,
    merged: &mut Vec<(Vec<String>, Value<'a>, String)>,
    name: &[String],
    value: Value<'a>,
    file: &str,
) -> Result<(), Error> {
    let outcome = document.merge(name, value.clone());
    merged.push((name.to_vec(), value, file.to_owned()));
    outcome.map_err(|conflict| disagreement(&conflict, merged))
}

fn disagreement(conflict: &Conflict, merged: &[(Vec<String>, Value<'_>, String)]) -> Error {
    let came = merged.last().map_or("", |(_, _, file)| file.as_str());
    let there = Path::parse(&conflict.path).ok().and_then(|path| {
        merged.iter().rev().skip(1).find(|(name, value, _)| {
            let mut alone = Document::default();
            alone.merge(name, value.clone()).is_ok() && alone.read(&path).is_ok()
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
    let reason = format!("{because}: {path} is {} in {there} and {} in {came}", shorten(first), shorten(second));
    Error::data(came, reason)
}

/// Where each record of a list went, as the keys of `NAME[PATH]`.
type Places = Vec<String>;

/// A source's value: one document as it is, records as a list or by the value of a path.
fn shaped<'a>(source: &Source, content: Content<'a>) -> Result<(Value<'a>, Places), String> {
    let records = match (content, &source.by) {
        (Content::One(value), None) => {
            if source.name.is_empty() && value.as_object().is_none() && value != Value::Null {
                return Err(format!("is {}; give it a name: NAME=FILE", value.kind()));
            }
            let nothing = source.name.is_empty() && value == Value::Null;
            return Ok((if nothing { Object::new().into() } else { value }, Vec::new()));
        }
        (Content::One(Value::Null), Some(_)) => Vec::new(),
        (Content::One(Value::List(list)), Some(_)) => list,
        (Content::One(value), Some(_)) => vec![value],
        (Content::Many(records), _) => records,
    };
    let Some(by) = &source.by else {
        if source.name.is_empty() {
            let count = records.len();
            return Err(format!("holds {count} records; name it (NAME=FILE or NAME[PATH]=FILE), or fold them with -a"));
        }
        return Ok((Value::List(records), Vec::new()));
    };
    let mut object = crate::facts::Builder::default();
    let mut places = Vec::new();
    for (number, record) in records.into_iter().enumerate() {
        let key = match by.read(&record) {
            expr::Reading::Found(Value::Text(text)) => text.to_string(),
            expr::Reading::Found(Value::Number(number)) => number.to_string(),
            expr::Reading::Found(Value::Bool(yes)) => yes.to_string(),
            expr::Reading::Found(other) => return Err(format!("{by} of record {} is {}", number + 1, other.kind())),
            _ => return Err(format!("record {} has no {by}", number + 1)),
        };
        if !object.put(key.clone(), record) {
            return Err(format!("{by} is {key:?} in two records"));
        }
        places.push(key);
    }
    Ok((Value::Object(object.build()), places))
}

fn replaced(mut steps: Vec<String>, places: &Places) -> Vec<String> {
    if let Some(first) = steps.first_mut()
        && let Some(key) = first.parse().ok().and_then(|place: usize| places.get(place))
    {
        first.clone_from(key);
    }
    steps
}

fn moved(path: &str, places: &Places) -> String {
    if places.is_empty() {
        return path.to_owned();
    }
    let steps = Path::parse(path).ok().map(|path| path.steps().to_vec()).unwrap_or_default();
    let key = match steps.first() {
        Some(expr::Step::Name { text, .. }) => text.parse().ok().and_then(|place: usize| places.get(place)),
        Some(expr::Step::Index(place)) => places.get(*place),
        _ => None,
    };
    let Some(key) = key else { return path.to_owned() };
    let rest = Path::from_steps(steps[1..].to_vec());
    let name = std::slice::from_ref(key);
    crate::merge::below(name, &rest.map_or(String::new(), |rest| rest.to_string())).unwrap_or_else(|| path.to_owned())
}

fn placed(file: &File, failure: Failure) -> Error {
    match failure.place {
        Some((line, column)) => Error::data(format!("{}:{line}:{column}", file.name), failure.reason),
        None => Error::data(file.name.clone(), failure.reason),
    }
}

/// Writes the document, `@evidence` last.
pub fn write(document: &Document<'_>, filter: &mut Filter) -> Result<Exit, Error> {
    let mut line = Vec::new();
    json::write_object(&document.values, &mut line);
    line.pop();
    if !document.values.is_empty() {
        line.push(b',');
    }
    line.extend_from_slice(b"\"@evidence\":");
    json::write_struct(&document.evidence, &mut line).map_err(|error| Error::io("stdout", &error))?;
    line.push(b'}');
    filter.line(&line)?;
    Ok(Exit::Yes)
}

/// Prints one bare value; where it cannot be told, says why and answers so.
pub fn get(path: &Path, document: &Document<'_>, filter: &mut Filter) -> Result<Exit, Error> {
    // A bare value is no record: no seal follows it.
    filter.options.format = Some(Output::Text);
    match document.read(path) {
        Ok(Value::Text(text)) => filter.text(&format!("{text}\n"))?,
        Ok(value) => {
            let mut out = Vec::new();
            json::write(&value, &mut out);
            filter.text(&format!("{}\n", String::from_utf8_lossy(&out)))?;
        }
        Err((code, detail)) => {
            filter.note("unknown", path, format!("{code}: {detail}"));
            return Ok(Exit::CannotTell);
        }
    }
    Ok(Exit::Yes)
}
