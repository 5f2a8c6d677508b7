//! The document for people and for bash: every path with its value, unit and source, or one bare value.

use std::collections::HashMap;

use expr::Path;
use filter::{Error, Exit, Filter, Format};
use schema::{Code, Object, Value, json};

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
            let near = if code == Code::Missing { near(path, document) } else { None };
            let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
            filter.note("unknown", path, format!("{code}: {detail}{near}"));
            return Ok(Exit::CannotTell);
        }
    }
    Ok(Exit::Yes)
}

/// How many paths are looked at for a near one.
const LOOKED_AT: usize = 10_000;

/// The path of the document that may be meant: one that is near, else the only one that goes on where this one ends.
fn near(path: &Path, document: &Document<'_>) -> Option<String> {
    let mut leaves = Vec::new();
    walk(&document.values, &mut Vec::new(), false, &mut leaves);
    let shown = |leaf: &Leaf<'_, '_>| Path::from_keys(leaf.steps.iter().cloned()).map(|path| path.to_string());
    let known: Vec<String> = leaves.iter().take(LOOKED_AT).filter_map(shown).collect();
    let asked = path.to_string();
    let mut longer = known.iter().filter(|known| known.strip_prefix(&asked).is_some_and(|rest| rest.starts_with('_')));
    match (longer.next(), longer.next()) {
        (Some(one), None) => Some(one.clone()),
        _ => expr::nearest(&asked, known.iter().map(String::as_str)).map(str::to_owned),
    }
}

fn text(value: &Value<'_>) -> String {
    let mut out = Vec::new();
    json::write(value, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Prints every path: `k6.http_req_duration.p95_ms = 260.6    # ms, summary.json`; with `--format json`, where they were
/// `asked` for by --paths, a record each.
pub fn paths(document: &Document<'_>, asked: bool, filter: &mut Filter) -> Result<(), Error> {
    let as_records = asked && filter.options.format == Some(Format::Json);
    if !as_records {
        filter.options.format = Some(Format::Text);
    }
    let index = Index::of(document);
    let mut leaves = Vec::new();
    walk(&document.values, &mut Vec::new(), false, &mut leaves);
    for leaf in leaves {
        let Some(path) = Path::from_keys(leaf.steps.iter().cloned()) else { continue };
        let unit = match path.unit() {
            Some(unit) => unit.name(),
            None if leaf.fraction => "fraction",
            None => "",
        };
        let source = index.sources.find(&path).copied().unwrap_or_default();
        let declared = index.declared.find(&path).is_some();
        let reading = match index.unknown.find(&path) {
            Some((code, detail)) => Err((*code, (*detail).to_owned())),
            None if leaf.value == &Value::Null => Err((Code::Null, Code::Null.meaning().to_owned())),
            None => Ok(leaf.value),
        };
        if as_records {
            let mut record = Object::new();
            record.insert("path", path.to_string());
            match &reading {
                Ok(value) => record.insert("value", (*value).clone()),
                Err(_) => record.insert("value", Value::Null),
            };
            record.insert("unit", unit);
            record.insert("source", source);
            record.insert("declared", declared);
            if let Err((code, detail)) = &reading {
                record.insert("code", code.name());
                record.insert("detail", detail.clone());
            }
            filter.object(&record)?;
            continue;
        }
        let mut remarks: Vec<String> =
            [unit, source].into_iter().filter(|text| !text.is_empty()).map(str::to_owned).collect();
        if declared {
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

/// What a document says of itself, found by path: there may be thousands of sources and of leaves.
struct Index<'d> {
    unknown: Covering<(Code, &'d str)>,
    declared: Covering<()>,
    sources: Covering<&'d str>,
}

impl<'d> Index<'d> {
    fn of(document: &'d Document<'_>) -> Self {
        let evidence = &document.evidence;
        let mut index =
            Index { unknown: Covering::default(), declared: Covering::default(), sources: Covering::default() };
        for unknown in &evidence.unknown {
            index.unknown.put(&unknown.path, (unknown.code, unknown.detail.as_str()));
        }
        for path in &evidence.declared {
            index.declared.put(path, ());
        }
        for source in &evidence.sources {
            index.sources.put(&source.name, if source.path == "-" { "stdin" } else { source.path.as_str() });
        }
        index
    }
}

/// Things said of a path and all below it. The first that is said of a path stands.
struct Covering<T>(HashMap<String, T>);

impl<T> Default for Covering<T> {
    fn default() -> Self {
        Covering(HashMap::new())
    }
}

impl<T> Covering<T> {
    fn put(&mut self, path: &str, said: T) {
        let dotted = Path::parse(path).map_or(String::new(), |path| path.dotted().to_owned());
        self.0.entry(dotted).or_insert(said);
    }

    /// What is said of the nearest path at or above `path`.
    fn find(&self, path: &Path) -> Option<&T> {
        let mut above = path.dotted();
        loop {
            if let Some(said) = self.0.get(above) {
                return Some(said);
            }
            above = match above.rfind('.') {
                Some(at) => above.get(..at)?,
                None if above.is_empty() => return None,
                None => "",
            };
        }
    }
}

struct Leaf<'v, 'a> {
    steps: Vec<String>,
    value: &'v Value<'a>,
    /// A rate beside its passes and fails is a part of the whole.
    fraction: bool,
}

fn walk<'v, 'a>(value: &'v Value<'a>, above: &mut Vec<String>, fraction: bool, leaves: &mut Vec<Leaf<'v, 'a>>) {
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
        _ => leaves.push(Leaf { steps: above.clone(), value, fraction }),
    }
}
