//! The shape a source takes in the document: one value as it is, records as a list or by the value of a path.
//!
//! Owns where each record went, so that what is doubted of it goes there too; does no I/O.

use expr::{Condition, Path, Reading, Step};
use schema::Value;

use crate::facts::{Builder, Content, Facts};
use crate::merge::{Document, below};
use crate::source::Source;

/// A source in its shape.
pub struct Shaped<'a> {
    /// Its value; none where there is nothing to merge.
    pub value: Option<Value<'a>>,
    /// Records that `--where` left out.
    pub skipped: u64,
}

/// Gives `facts` the shape that the source asks for; what is doubted moves with its record.
///
/// # Errors
/// Records without a name to stand under, without the key to stand by, or with the same one.
pub fn shape<'a>(source: &Source, facts: &mut Facts<'a>, conditions: &[Condition]) -> Result<Shaped<'a>, String> {
    let content = std::mem::take(&mut facts.content);
    let records = match (content, &source.by) {
        (Content::One(value), None) => {
            if !source.name.is_empty() || value.as_object().is_some() {
                return Ok(Shaped { value: Some(value), skipped: 0 });
            }
            return match value {
                Value::Null => Ok(Shaped { value: None, skipped: 0 }),
                value => Err(format!("is {}; give it a name: NAME=FILE", value.kind())),
            };
        }
        (Content::One(Value::Null), Some(_)) => Vec::new(),
        (Content::One(Value::List(list)), Some(_)) => list,
        (Content::One(value), Some(_)) => {
            // One record is a list of one: what is doubted lies below its first place.
            for doubt in &mut facts.doubts {
                doubt.steps.insert(0, "0".to_owned());
            }
            facts.evidence = facts.evidence.take().map(|evidence| {
                let mut list = Document::default();
                list.take_evidence(&["0".to_owned()], evidence);
                list.evidence
            });
            vec![value]
        }
        (Content::Many(records), _) => records,
    };
    if source.name.is_empty() {
        if records.is_empty() {
            return Ok(Shaped { value: None, skipped: 0 });
        }
        let count = records.len();
        return Err(format!(
            "holds {count} records; name it (NAME=FILE or NAME[PATH]=FILE), or fold them with -a or -b"
        ));
    }
    let mut places: Vec<Option<String>> = Vec::with_capacity(records.len());
    let mut skipped = 0;
    let mut list = Vec::new();
    let mut object = Builder::default();
    for (number, record) in records.into_iter().enumerate() {
        if conditions.iter().any(|condition| condition.answer(&record) != Ok(true)) {
            skipped += 1;
            places.push(None);
            continue;
        }
        let Some(by) = &source.by else {
            places.push(Some(list.len().to_string()));
            list.push(record);
            continue;
        };
        let key = match by.read(&record) {
            Reading::Found(Value::Text(text)) => text.to_string(),
            Reading::Found(Value::Number(number)) => number.to_string(),
            Reading::Found(Value::Bool(yes)) => yes.to_string(),
            Reading::Found(other) => return Err(format!("{by} of record {} is {}", number + 1, other.kind())),
            _ => return Err(format!("record {} has no {by}", number + 1)),
        };
        if !object.put(key.clone(), record) {
            return Err(format!("{by} is {key:?} in two records"));
        }
        places.push(Some(key));
    }
    moved(facts, &places);
    let value = if source.by.is_some() { object.build().into() } else { Value::List(list) };
    Ok(Shaped { value: Some(value), skipped })
}

/// Moves what is doubted of each record to where it went.
fn moved(facts: &mut Facts<'_>, places: &[Option<String>]) {
    facts.doubts.retain_mut(|doubt| {
        let Some(first) = doubt.steps.first_mut() else { return true };
        let Some(place) = first.parse().ok().and_then(|place: usize| places.get(place)) else { return true };
        match place {
            Some(key) => first.clone_from(key),
            None => return false,
        }
        true
    });
    let Some(evidence) = &mut facts.evidence else { return };
    evidence.declared = evidence.declared.iter().filter_map(|path| path_moved(path, places)).collect();
    evidence.unknown.retain_mut(|unknown| match path_moved(&unknown.path, places) {
        Some(path) => {
            unknown.path = path;
            true
        }
        None => false,
    });
}

fn path_moved(path: &str, places: &[Option<String>]) -> Option<String> {
    let steps = Path::parse(path).ok().map(|path| path.steps().to_vec()).unwrap_or_default();
    let place = match steps.first() {
        Some(Step::Name { text, .. }) => text.parse().ok().and_then(|place: usize| places.get(place)),
        Some(Step::Index(place)) => places.get(*place),
        _ => None,
    };
    let Some(place) = place else { return Some(path.to_owned()) };
    let key = place.as_ref()?;
    let rest = Path::from_steps(steps.get(1..).unwrap_or_default().to_vec());
    below(std::slice::from_ref(key), &rest.map_or(String::new(), |rest| rest.to_string()))
}
