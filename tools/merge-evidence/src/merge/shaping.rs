//! The shape a source takes in the document: one value as it is, records as a list or by the value of a path.
//!
//! Owns where each record went, so that what is doubted of it goes there too; does no I/O.

use std::collections::HashSet;

use expr::{Condition, Path, Reading, Step};
use schema::Value;

use crate::facts::{Builder, Content, Doubt, Facts};
use crate::fold::{Undecided, chosen};
use crate::merge::{Document, below};
use crate::source::Source;

/// A source in its shape.
pub struct Shaped<'a> {
    /// Its value; none where there is nothing to merge.
    pub value: Option<Value<'a>>,
    /// Records that `--where` left out.
    pub skipped: u64,
    /// Records of which `--where` cannot tell: they are there, and in doubt.
    pub undecided: Undecided,
}

impl<'a> Shaped<'a> {
    fn of(value: Option<Value<'a>>) -> Self {
        Shaped { value, skipped: 0, undecided: Undecided::default() }
    }
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
                return Ok(Shaped::of(Some(value)));
            }
            return match value {
                Value::Null => Ok(Shaped::of(None)),
                value => Err(format!("is {}; give it a name: NAME=FILE", value.kind())),
            };
        }
        (Content::One(Value::Null), Some(_)) => Vec::new(),
        (Content::One(Value::List(list)), Some(_)) => list.into_vec(),
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
            return Ok(Shaped::of(None));
        }
        let count = records.len();
        return Err(format!("has {count} records; name it (NAME=FILE or NAME[PATH]=FILE), or fold them with -a or -b"));
    }
    let mut places: Vec<Option<String>> = Vec::with_capacity(records.len());
    let mut skipped = 0;
    let mut undecided = Undecided::default();
    let mut open: Vec<Doubt> = Vec::new();
    let mut open_keys = HashSet::new();
    let mut list = Vec::new();
    let mut object = Builder::default();
    for (number, record) in records.into_iter().enumerate() {
        let doubt = match chosen(conditions, &record) {
            Ok(true) => None,
            Ok(false) => {
                skipped += 1;
                places.push(None);
                continue;
            }
            Err(code) => {
                undecided.add(code, 1);
                undecided.because(conditions, &record);
                Some(Doubt::new(&[], code, format!("--where is undecidable for it: {}", code.meaning())))
            }
        };
        let Some(by) = &source.by else {
            let place = list.len().to_string();
            open.extend(doubt.map(|doubt| doubt.under(&place)));
            places.push(Some(place));
            list.push(record);
            continue;
        };
        let key = match by.read(&record) {
            Reading::Found(Value::Text(text)) => text.to_string(),
            Reading::Found(Value::Number(number)) => number.to_string(),
            Reading::Found(Value::Bool(yes)) => yes.to_string(),
            other => {
                let Some(doubt) = doubt else {
                    return Err(match other {
                        Reading::Found(other) => format!("{by} of record {} is {}", number + 1, other.kind()),
                        _ => format!("record {} has no {by}", number + 1),
                    });
                };
                // It may belong, and nobody knows where.
                open.push(doubt);
                places.push(None);
                continue;
            }
        };
        match doubt {
            Some(doubt) => {
                object.put(key.clone(), record);
                open.push(doubt.under(&key));
                open_keys.insert(key.clone());
            }
            None if open_keys.contains(&key) => *object.entry(&key) = record,
            None if !object.put(key.clone(), record) => return Err(format!("{by} is {key:?} in two records")),
            None => {}
        }
        places.push(Some(key));
    }
    moved(facts, &places);
    facts.doubts.extend(open);
    let value = if source.by.is_some() { object.build().into() } else { list.into() };
    Ok(Shaped { value: Some(value), skipped, undecided })
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
