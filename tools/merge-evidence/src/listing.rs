//! The document for people and for bash: every path with its value, unit and source, or one bare value.

use expr::{Path, Step};
use filter::{Error, Exit, Filter, Format};
use schema::{Object, Value, json};

use crate::flags::Config;
use crate::merge::Document;

/// Prints one bare value; where it cannot be told, says why and answers so.
pub fn get(path: &Path, documents: &[Document<'_>], filter: &mut Filter) -> Result<Exit, Error> {
    // A bare value is no record: no seal follows it.
    filter.options.format = Some(Format::Text);
    let [document] = documents else {
        let reason = format!("{path}: there are {} documents; --get reads one", documents.len());
        return Err(Error::usage(reason));
    };
    match document.read(path) {
        Ok(Value::Text(text)) => filter.text(&format!("{text}\n"))?,
        Ok(value) => filter.text(&format!("{}\n", text(&value)))?,
        Err((code, detail)) => {
            filter.note("unknown", path, format!("{code}: {detail}"));
            return Ok(Exit::CannotTell);
        }
    }
    Ok(Exit::Yes)
}

fn text(value: &Value<'_>) -> String {
    let mut out = Vec::new();
    json::write(value, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Prints every path: `k6.http_req_duration.p95_ms = 260.6    # ms, summary.json`; with `--format json` a record each.
pub fn paths(document: &Document<'_>, config: &Config, filter: &mut Filter) -> Result<(), Error> {
    let as_records = config.paths && filter.options.format == Some(Format::Json);
    if !as_records {
        filter.options.format = Some(Format::Text);
    }
    let mut leaves = Vec::new();
    walk(&document.values, &mut Vec::new(), false, &mut leaves);
    for leaf in leaves {
        let Some(path) = Path::from_keys(leaf.steps.iter().cloned()) else { continue };
        let unit = match path.unit() {
            Some(unit) => unit.name(),
            None if leaf.fraction => "fraction",
            None => "",
        };
        let source = source_of(document, &path);
        let reading = document.read(&path);
        if as_records {
            let mut record = Object::new();
            record.insert("path", path.to_string());
            match &reading {
                Ok(value) => record.insert("value", value.clone()),
                Err(_) => record.insert("value", Value::Null),
            };
            record.insert("unit", unit);
            record.insert("source", source);
            record.insert("declared", declared(document, &path));
            if let Err((code, detail)) = &reading {
                record.insert("code", code.name());
                record.insert("detail", detail.clone());
            }
            filter.object(&record)?;
            continue;
        }
        let mut remarks: Vec<String> =
            [unit, source].into_iter().filter(|text| !text.is_empty()).map(str::to_owned).collect();
        if declared(document, &path) {
            remarks.push("declared".to_owned());
        }
        let shown = match &reading {
            Ok(value) => format!("{path} = {}", text(value)),
            Err((code, detail)) => {
                remarks.push(format!("{code}: {detail}"));
                format!("{path} = ?")
            }
        };
        let remarks = if remarks.is_empty() { String::new() } else { format!("    # {}", remarks.join(", ")) };
        filter.text(&format!("{shown}{remarks}\n"))?;
    }
    Ok(())
}

struct Leaf {
    steps: Vec<String>,
    /// A rate beside its passes and fails is a part of the whole.
    fraction: bool,
}

fn walk(value: &Value<'_>, above: &mut Vec<String>, fraction: bool, leaves: &mut Vec<Leaf>) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            let parts = object.get("passes").is_some() && object.get("fails").is_some();
            for (key, value) in object.iter() {
                above.push(key.to_owned());
                walk(value, above, parts && key == "rate", leaves);
                above.pop();
            }
        }
        Value::List(list) if list.iter().any(|value| matches!(value, Value::Object(_) | Value::List(_))) => {
            for (place, value) in list.iter().enumerate() {
                above.push(place.to_string());
                walk(value, above, false, leaves);
                above.pop();
            }
        }
        _ => leaves.push(Leaf { steps: above.clone(), fraction }),
    }
}

/// The file of the source whose name is the longest that the path lies below.
fn source_of<'d>(document: &'d Document<'_>, path: &Path) -> &'d str {
    let mut best: Option<(usize, &str)> = None;
    for source in &document.evidence.sources {
        let below = source.name.is_empty() || Path::parse(&source.name).is_ok_and(|name| path.is_at_or_below(&name));
        if below && best.is_none_or(|(length, _)| source.name.len() > length) {
            best = Some((source.name.len(), if source.path == "-" { "stdin" } else { &source.path }));
        }
    }
    best.map_or("", |(_, path)| path)
}

fn declared(document: &Document<'_>, path: &Path) -> bool {
    let below = |name: &String| Path::parse(name).is_ok_and(|name| path.is_at_or_below(&name));
    document.evidence.declared.iter().any(below)
}

/// The keys of a path without wildcards, as they stand in an object.
pub fn keys(path: &Path) -> Vec<String> {
    let key = |step: &Step| match step {
        Step::Name { text, .. } => Some(text.clone()),
        Step::Index(place) => Some(place.to_string()),
        Step::Any | Step::Deep => None,
    };
    path.steps().iter().filter_map(key).collect()
}
