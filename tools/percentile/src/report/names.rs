//! What a record of the output holds, before there are samples: every name, and whose it is.
//!
//! Refuses two values under one name, and to sort by a number that no record has.

use std::collections::HashMap;

use expr::{Aggregate, Path, Reading};
use filter::Error;
use schema::{Object, Value};

use crate::groups::Metric;
use crate::options::Shape;
use crate::plan::Plan;
use crate::report::summary::{Records, summary};

/// The names of a record of groups.
pub struct Outline {
    record: Object<'static>,
    /// The keys that are there, whose each is, and what stands under it until all are put.
    owners: Vec<(String, String, Value<'static>)>,
    /// The place of each key among them.
    places: HashMap<String, usize>,
    /// The groups and the values of `-a`, or a summary that is the record.
    own: Vec<String>,
    /// What the summaries stand under.
    metrics: Vec<String>,
    /// What a summary holds.
    numbers: Vec<String>,
}

impl Outline {
    /// The outline of a record with `before` in front, grouped `by`, of metrics with these names.
    ///
    /// # Errors
    /// Two of these would stand under one name.
    pub fn new(plan: &Plan, before: &[&str], by: &[String], names: &[String], shape: &Shape) -> Result<Outline, Error> {
        let mut outline = Outline {
            record: Object::new(),
            owners: Vec::new(),
            places: HashMap::new(),
            own: by.to_vec(),
            metrics: Vec::new(),
            numbers: Vec::new(),
        };
        for key in before {
            outline.put(key, "--window", Value::from(true))?;
        }
        for name in by {
            outline.put(name, &format!("-b {name}"), Value::Null)?;
        }
        let mut blank = summary(&mut Metric::default(), Records::default(), &plan.asked).object;
        let is_number = |value: &Value<'_>| matches!(value, Value::Number(_) | Value::Null);
        let numbers = blank.iter().filter(|(_, value)| is_number(value)).map(|(key, _)| key.to_owned()).collect();
        match (shape, &plan.name) {
            (Shape::Bare, None) => {
                for (key, value) in blank {
                    outline.put(&key, "the summary", value)?;
                }
                outline.own.splice(0..0, numbers);
            }
            (Shape::Bare, Some(name)) => {
                outline.put(name, &format!("--name {name}"), blank)?;
                outline.metrics.push(name.clone());
                outline.numbers = numbers;
            }
            (Shape::Named, _) => {
                // Not in every summary, but nothing else may stand there.
                for key in ["invalid", "allowed", "doubtful", "undecided"] {
                    blank.insert(key, 0);
                }
                blank.insert("approximate", Object::new());
                for name in names {
                    outline.put(name, &format!("the field {name}"), blank.clone())?;
                }
                outline.metrics = names.to_vec();
                outline.numbers = numbers;
            }
        }
        let members = outline.owners.iter_mut().map(|(key, _, value)| (key.clone(), std::mem::take(value)));
        outline.record = members.collect();
        plan.aggregates.iter().try_for_each(|aggregate| outline.set(&aggregate.name))?;
        // Slopes of one place share the level beside them, and a summary's is the same.
        let mut levels: Vec<Path> = Vec::new();
        for [low, high, level] in plan.aggregates.iter().filter_map(Aggregate::ends) {
            outline.set(&low)?;
            outline.set(&high)?;
            let is_there = level.read(&Value::Object(outline.record.clone())) != Reading::Missing;
            let is_said = levels.contains(&level) || (is_there && plan.asked.sure.is_some());
            if !is_said {
                outline.set(&level)?;
                levels.push(level);
            }
        }
        Ok(outline)
    }

    /// Puts in what stands under a key.
    fn put(&mut self, key: &str, owner: &str, value: impl Into<Value<'static>>) -> Result<(), Error> {
        if let Some((_, other, there)) = self.places.get(key).and_then(|&place| self.owners.get_mut(place)) {
            if other != owner {
                return Err(both(other, owner, key));
            }
            *there = value.into();
            return Ok(());
        }
        self.places.insert(key.to_owned(), self.owners.len());
        self.owners.push((key.to_owned(), owner.to_owned(), value.into()));
        Ok(())
    }

    /// Puts in a value of `-a`, whose path may lead into what is there.
    fn set(&mut self, path: &Path) -> Result<(), Error> {
        let key = path.dotted();
        let is_taken = !matches!(path.read(&Value::Object(self.record.clone())), Reading::Missing);
        // What a group's value holds is not known: it may be an object.
        let above = |name: &str| key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let related = |name: &str| name.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')) || above(name);
        let clash = self
            .owners
            .iter()
            .find(|(taken, owner, _)| is_taken && related(taken) || owner.starts_with("-b ") && above(taken));
        if let Some((_, other, _)) = clash {
            return Err(both(other, &format!("-a {path}"), key));
        }
        if path.set(&mut self.record, Value::Null).is_err() {
            self.record.insert(key.to_owned(), Value::Null);
        }
        self.owners.push((key.to_owned(), format!("-a {path}"), Value::Null));
        self.own.push(key.to_owned());
        Ok(())
    }

    /// Whether there is what `--sort` names.
    ///
    /// # Errors
    /// What there is, in words.
    pub fn sorts_by(&self, path: &Path) -> Result<(), String> {
        let is_number = |value: &Value<'_>| matches!(path.read(value), Reading::Found(Value::Number(_) | Value::Null));
        let of_metrics = || self.metrics.iter().filter_map(|name| self.record.get(name)).any(is_number);
        if of_metrics() || is_number(&Value::Object(self.record.clone())) {
            return Ok(());
        }
        let mut there = self.own.join(", ");
        if !self.metrics.is_empty() {
            let comma = if there.is_empty() { "" } else { "; " };
            there.push_str(&format!("{comma}of {}: {}", self.metrics.join(", "), self.numbers.join(", ")));
        }
        Err(format!("--sort {path}: the output has no such number; it has {there}"))
    }
}

fn both(one: &str, other: &str, key: &str) -> Error {
    Error::usage(format!("{one} and {other} would both be written as {key:?}"))
}
