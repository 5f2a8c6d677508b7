//! The merging itself: sources become one document, and two that disagree are found.
//!
//! Owns where a source's values stand, what counts as a disagreement, and `@evidence`; does no I/O. But for
//! `--on-conflict first|last` the outcome does not depend on the order of the sources.

pub mod delta;
pub mod shaping;

use std::borrow::Cow;
use std::collections::HashMap;

use expr::{Decimal, Path, Reading as Found, names_percentile};
use schema::{Code, Conflict as Settled, Evidence, Object, Unknown, Value};

use crate::facts::Doubt;

/// How many lines of why a document carries.
const MOST_WORDS: usize = 20;

/// What becomes of a path on which two observed sources disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// It is an error that names both.
    #[default]
    Refuse,
    /// The first source wins.
    First,
    /// The last source wins.
    Last,
    /// The smaller number wins.
    Min,
    /// The larger number wins.
    Max,
}

/// Two values for one path.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The path, canonical.
    pub path: String,
    /// Why the two cannot be merged, where it is not simply that they differ.
    pub because: &'static str,
    /// The value that was there and the one that came, as JSON.
    pub values: [String; 2],
}

/// A document under construction.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// What was merged so far: an object.
    pub values: Value<'a>,
    /// What it says of itself.
    pub evidence: Evidence,
    rule: OnConflict,
}

impl Default for Document<'_> {
    fn default() -> Self {
        Document::new(OnConflict::default())
    }
}

impl<'a> Document<'a> {
    /// An empty document.
    pub fn new(rule: OnConflict) -> Self {
        Document { values: Object::new().into(), evidence: Evidence::default(), rule }
    }

    /// Merges `value` in under the keys `name`; none is the top.
    ///
    /// # Errors
    /// The first path on which it disagrees with what is there.
    pub fn merge(&mut self, name: &[String], value: Value<'a>) -> Result<(), Conflict> {
        let mut path = Vec::new();
        let wrapped = name.iter().rev().fold(value, |value, key| {
            let object: Object<'a> = [(key.clone(), value)].into_iter().collect();
            Value::Object(object)
        });
        let mut ruling = Ruling { rule: self.rule, settled: &mut self.evidence.conflicts };
        merge(&mut self.values, wrapped, &mut path, &mut ruling)
    }

    /// Takes in a doubt about a source that stands under the keys `name`.
    pub fn doubt(&mut self, name: &[String], doubt: &Doubt) {
        // A path has its limit; what lies deeper is covered by what stands above it.
        let keys = name.iter().chain(&doubt.steps).take(STEPS).cloned();
        if let Some(path) = Path::from_keys(keys) {
            let unknown = Unknown::new(path.to_string(), doubt.code, doubt.detail.clone());
            let cut = name.len() + doubt.steps.len() > STEPS;
            let (low, high) = if cut { (None, None) } else { (doubt.low.clone(), doubt.high.clone()) };
            self.evidence.unknown.push(Unknown { low, high, ..unknown });
        }
    }

    /// Takes in what a source already said of itself, seen from where it stands now.
    pub fn take_evidence(&mut self, name: &[String], evidence: Evidence) {
        for path in evidence.declared {
            self.evidence.declared.extend(below(name, &path));
        }
        for mut unknown in evidence.unknown {
            if let Some(path) = below(name, &unknown.path) {
                unknown.path = path;
                self.evidence.unknown.push(unknown);
            }
        }
        for mut source in evidence.sources {
            source.name = match source.name.as_str() {
                "" => below(name, "").unwrap_or_default(),
                inner => below(name, inner).unwrap_or_default(),
            };
            self.evidence.sources.push(source);
        }
        for mut conflict in evidence.conflicts {
            if let Some(path) = below(name, &conflict.path) {
                conflict.path = path;
                self.evidence.conflicts.push(conflict);
            }
        }
        for line in evidence.why {
            if !self.evidence.why.contains(&line) && self.evidence.why.len() < MOST_WORDS {
                self.evidence.why.push(line);
            }
        }
        self.evidence.seals.extend(evidence.seals);
    }

    /// What stands at `path`: its value, or why it cannot be told.
    pub fn read(&self, path: &Path) -> Result<Value<'a>, (Code, String)> {
        let covering = self
            .evidence
            .unknown
            .iter()
            .find(|unknown| Path::parse(&unknown.path).is_ok_and(|unknown| path.is_at_or_below(&unknown)));
        if let Some(unknown) = covering {
            return Err((unknown.code, unknown.detail.clone()));
        }
        match path.read(&self.values) {
            Found::Found(Value::Null) => Err((Code::Null, Code::Null.meaning().to_owned())),
            Found::Found(value) => Ok(value.clone()),
            Found::Missing => Err((Code::Missing, Code::Missing.meaning().to_owned())),
            Found::Ambiguous => Err((Code::Ambiguous, Code::Ambiguous.meaning().to_owned())),
        }
    }
}

/// The keys of a path without wildcards, as they stand in an object.
pub fn keys(path: &Path) -> Vec<String> {
    let key = |step: &expr::Step| match step {
        expr::Step::Name { text, .. } => Some(text.clone()),
        expr::Step::Index(place) => Some(place.to_string()),
        expr::Step::Any | expr::Step::Deep => None,
    };
    path.steps().iter().filter_map(key).collect()
}

/// The path `inner` seen from above the keys `name`, canonical; `None` where it is no path.
pub fn below(name: &[String], inner: &str) -> Option<String> {
    let mut steps: Vec<expr::Step> =
        name.iter().map(|key| expr::Step::Name { text: key.clone(), quoted: false }).collect();
    if !inner.is_empty() {
        steps.extend(Path::parse(inner).ok()?.steps().iter().cloned());
    }
    steps.truncate(STEPS);
    Path::from_steps(steps).map(|path| path.to_string())
}

/// The rule, and what it settled so far.
struct Ruling<'r> {
    rule: OnConflict,
    settled: &'r mut Vec<Settled>,
}

fn merge<'a>(
    into: &mut Value<'a>,
    from: Value<'a>,
    path: &mut Vec<String>,
    ruling: &mut Ruling<'_>,
) -> Result<(), Conflict> {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => objects(into, from, path, ruling),
        (into, from) if same(into, &from) => {
            // Two texts of one number: the shorter, so that the order of the sources does not show.
            let (there, came) = (text(into), text(&from));
            if (came.len(), &came) < (there.len(), &there) {
                *into = from;
            }
            Ok(())
        }
        (into, from) => {
            let shown = Path::from_keys(path.iter().cloned()).map_or(String::new(), |path| path.to_string());
            let values = [text(into), text(&from)];
            match chosen(into, &from, path, ruling.rule) {
                Ok(came) => {
                    let [there, newcomer] = &values;
                    let taken = if came { newcomer.clone() } else { there.clone() };
                    ruling.settled.push(Settled { path: shown, values: values.to_vec(), taken });
                    if came {
                        *into = from;
                    }
                    Ok(())
                }
                Err(because) => Err(Conflict { path: shown, because, values }),
            }
        }
    }
}

/// Whether the value that came stands instead of the one that was there.
fn chosen(into: &Value<'_>, from: &Value<'_>, path: &[String], rule: OnConflict) -> Result<bool, &'static str> {
    match rule {
        OnConflict::Refuse if is_percentile(path) => Err(Code::NotMergeable.name()),
        OnConflict::Refuse => Err(""),
        OnConflict::First => Ok(false),
        OnConflict::Last => Ok(true),
        OnConflict::Min | OnConflict::Max if is_percentile(path) => Err(Code::NotMergeable.name()),
        OnConflict::Min | OnConflict::Max => {
            let number = |value: &Value<'_>| value.as_number().and_then(Decimal::from_number);
            match (number(into), number(from)) {
                (Some(there), Some(came)) => Ok(if rule == OnConflict::Min { came < there } else { came > there }),
                _ => Err("not two numbers"),
            }
        }
    }
}

/// Whether a path ends in a finished percentile (`p99`, `p95_ms`), which no rule can merge.
fn is_percentile(path: &[String]) -> bool {
    path.last().is_some_and(|name| names_percentile(name))
}

/// How many steps of a path are told apart.
const STEPS: usize = 60;

/// Objects past this size are searched by hash.
const FEW: usize = 16;

fn objects<'a>(
    into: &mut Object<'a>,
    from: Object<'a>,
    path: &mut Vec<String>,
    ruling: &mut Ruling<'_>,
) -> Result<(), Conflict> {
    if into.is_empty() {
        *into = from;
        return Ok(());
    }
    if from.len() <= FEW || into.len() <= FEW {
        for (key, value) in from {
            match into.get_mut(&key) {
                None => {
                    into.insert(key, value);
                }
                Some(there) => {
                    path.push(key.into_owned());
                    merge(there, value, path, ruling)?;
                    path.pop();
                }
            }
        }
        return Ok(());
    }
    let mut members: Vec<(Cow<'a, str>, Value<'a>)> = std::mem::take(into).into_iter().collect();
    let mut places: HashMap<String, usize> =
        members.iter().enumerate().map(|(place, (key, _))| (key.to_string(), place)).collect();
    let mut outcome = Ok(());
    for (key, value) in from {
        match places.get(key.as_ref()) {
            None => {
                places.insert(key.to_string(), members.len());
                members.push((key, value));
            }
            Some(&place) => {
                path.push(key.into_owned());
                outcome = merge(&mut members[place].1, value, path, ruling);
                if outcome.is_err() {
                    break;
                }
                path.pop();
            }
        }
    }
    *into = members.into_iter().collect();
    outcome
}

/// Whether two values say the same: numbers by their value, all else as it stands.
fn same(a: &Value<'_>, b: &Value<'_>) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || matches!((Decimal::from_number(a), Decimal::from_number(b)), (Some(a), Some(b)) if a == b)
        }
        (a, b) => a == b,
    }
}

fn text(value: &Value<'_>) -> String {
    let mut out = Vec::new();
    schema::json::write(value, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(value: &Value<'_>) -> Value<'static> {
        match value {
            Value::Object(object) => {
                let mut members: Vec<(String, Value<'static>)> =
                    object.iter().map(|(key, value)| (key.to_owned(), sorted(value))).collect();
                members.sort_by(|a, b| a.0.cmp(&b.0));
                Value::Object(members.into_iter().collect())
            }
            other => other.clone().into_owned(),
        }
    }

    /// A random source: a few keys of few names, nested, so that sources meet.
    fn random_value(random: &mut testkit::Random, depth: usize) -> Value<'static> {
        match random.below(if depth > 2 { 3 } else { 6 }) {
            0 => Value::from(random.below(2) as u64),
            1 => Value::Number(schema::Number::parse(*random.pick(&["1", "1.0", "1e0", "10e-1", "0.5", "7"])).unwrap()),
            2 => Value::from(*random.pick(&["x", "y"])).into_owned(),
            _ => {
                let members = (0..random.below(4)).map(|_| {
                    let key = *random.pick(&["a", "b", "c", "p99_ms", "a.b"]);
                    (key, random_value(random, depth + 1))
                });
                Value::Object(members.collect::<Vec<_>>().into_iter().collect())
            }
        }
    }

    fn merged(sources: &[(Vec<String>, Value<'static>)], rule: OnConflict) -> Option<Value<'static>> {
        let mut document = Document::new(rule);
        for (name, value) in sources {
            document.merge(name, value.clone()).ok()?;
        }
        Some(sorted(&document.values))
    }

    #[test]
    fn the_order_of_the_sources_does_not_show() {
        let mut random = testkit::Random::new(41);
        let (mut agreed, mut refused) = (0, 0);
        for _ in 0..testkit::times(100_000) {
            let mut sources: Vec<(Vec<String>, Value<'static>)> = (0..2 + random.below(3))
                .map(|_| {
                    let name: &[&str] = [&[][..], &["n"][..], &["n", "a"][..]][random.below(3)];
                    let members = (0..random.below(4))
                        .map(|_| (*random.pick(&["a", "b", "n", "p99_ms"]), random_value(&mut random, 0)));
                    let value = Value::Object(members.collect::<Vec<_>>().into_iter().collect());
                    (name.iter().map(|&key| key.to_owned()).collect(), value)
                })
                .collect();
            for rule in [OnConflict::Refuse, OnConflict::Min, OnConflict::Max] {
                let first = merged(&sources, rule);
                match first {
                    Some(_) => agreed += 1,
                    None => refused += 1,
                }
                for _ in 0..3 {
                    random.shuffle(&mut sources);
                    assert_eq!(merged(&sources, rule), first, "{rule:?} {sources:?}");
                }
            }
        }
        assert!(agreed > 100 && refused > 100, "{agreed} {refused}");
    }

    #[test]
    fn large_objects_merge_as_small_ones_do() {
        let object = |range: std::ops::Range<u64>| -> Value<'static> {
            Value::Object(range.map(|key| (format!("k{key}"), Value::from(key))).collect())
        };
        let mut document = Document::default();
        document.merge(&[], object(0..1000)).unwrap();
        document.merge(&[], object(500..1500)).unwrap();
        assert_eq!(sorted(&document.values), sorted(&object(0..1500)));
        let clash: Value<'_> = Value::Object((0..1000).map(|key| (format!("k{key}"), Value::from("x"))).collect());
        assert_eq!(document.merge(&[], clash).unwrap_err().path, "k0");
    }

    #[test]
    fn percentiles_are_not_merged_by_min_or_max() {
        for (rule, because) in [(OnConflict::Max, "not-mergeable"), (OnConflict::Refuse, "not-mergeable")] {
            let mut document = Document::new(rule);
            let p99 = |value: u64| -> Value<'static> {
                Value::Object([("p99_ms", Value::from(value))].into_iter().collect())
            };
            document.merge(&["k6".to_owned()], p99(1)).unwrap();
            document.merge(&["k6".to_owned()], p99(1)).unwrap();
            assert_eq!(document.merge(&["k6".to_owned()], p99(2)).unwrap_err().because, because);
        }
    }
}
