//! Whether a statistic was measured: the counts that stand beside it or above it in the record.
//!
//! Owns the way from a path to the objects whose counts belong to it, and which counts the thresholds themselves read.
//! What counts what is the table of [`schema::counts`].

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use schema::counts::{self, Counts, Level};
use schema::{Code, Object, Value};

use crate::path::place_in_list;
use crate::{Path, Reading, Step};

/// The counts of the objects of one record, each object looked at once, however many statistics it has.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    /// By the address of the object, which the record keeps in its place.
    counts: RefCell<HashMap<usize, Rc<Counts>>>,
}

impl Samples {
    /// Why the statistic at `path` was not measured.
    pub(crate) fn doubt(&self, path: &Path, record: &Value<'_>) -> Option<Code> {
        self.with(path, record, counts::doubt)
    }

    /// Every value that could make the statistic at `path` one of no samples, by its place.
    pub(crate) fn watched(
        &self,
        path: &Path,
        record: &Value<'_>,
        place: &impl Fn(&Value<'_>) -> usize,
    ) -> Box<[usize]> {
        self.with(path, record, |levels| counts::watched(levels).into_iter().map(place).collect())
    }

    fn with<T>(&self, path: &Path, record: &Value<'_>, ask: impl FnOnce(&[Level<'_, '_>]) -> T) -> T {
        let trail = path.trail(record);
        let made: Vec<Rc<Counts>> = trail.iter().map(|(object, _)| self.of(object)).collect();
        let levels: Vec<Level<'_, '_>> =
            trail.iter().zip(&made).rev().map(|((object, key), counts)| Level { object, counts, key }).collect();
        ask(&levels)
    }

    fn of(&self, object: &Object<'_>) -> Rc<Counts> {
        let place = std::ptr::from_ref(object).addr();
        let mut counts = self.counts.borrow_mut();
        Rc::clone(counts.entry(place).or_insert_with(|| Rc::new(Counts::of(object))))
    }
}

impl Path {
    /// The objects on the way to what the path finds, the outermost first, each with the key that leads on; lists are
    /// left out. Empty where nothing is found.
    pub(crate) fn trail<'v, 'a>(&self, value: &'v Value<'a>) -> Vec<(&'v Object<'a>, &'v str)> {
        let mut trail = Vec::new();
        if !self.follow(value, 0, &mut trail) {
            trail.clear();
        }
        trail
    }

    fn follow<'v, 'a>(&self, value: &'v Value<'a>, from: usize, trail: &mut Vec<(&'v Object<'a>, &'v str)>) -> bool {
        let Some(step) = self.steps.get(from) else { return true };
        match (value, step) {
            (Value::Object(object), Step::Name { .. }) => {
                let keys = self.flat.get(from).map(Vec::as_slice).unwrap_or_default();
                for (place, key) in keys.iter().enumerate().rev() {
                    let Some((key, member)) = object.entry(key) else { continue };
                    trail.push((object, key));
                    if self.follow(member, from + place + 1, trail) {
                        return true;
                    }
                    trail.pop();
                }
                false
            }
            (Value::List(list), step) => {
                let place = match step {
                    Step::Index(index) => Some(*index),
                    Step::Name { text, .. } => place_in_list(text),
                    Step::Any | Step::Deep => None,
                };
                place.and_then(|place| list.get(place)).is_some_and(|child| self.follow(child, from + 1, trail))
            }
            _ => false,
        }
    }

    /// Whether what it finds may be a statistic of samples, by its last name.
    pub(crate) fn is_statistic(&self) -> bool {
        self.last_name()
            .is_some_and(|name| counts::is_statistic(name) || name.starts_with(|first: char| first.is_ascii_digit()))
    }
}

/// The counts that thresholds read by themselves: where one of them is missing, what it counts cannot be told. A zero
/// that was left out must not make a figure of no samples look measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// By the text of the object they stand in.
    by_parent: HashMap<String, Vec<Path>>,
}

impl Wanted {
    pub(crate) fn of<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Wanted {
        let mut by_parent: HashMap<String, Vec<Path>> = HashMap::new();
        for path in paths.into_iter().filter(|path| path.last_name().is_some_and(counts::is_count)) {
            let list = by_parent.entry(parent(path).to_owned()).or_default();
            if !list.contains(path) {
                list.push(path.clone());
            }
        }
        Wanted { by_parent }
    }

    /// Those that count the samples of the statistic at `path`, which may have wildcards as they have.
    pub(crate) fn of_statistic<'w>(&'w self, path: &'w Path) -> impl Iterator<Item = &'w Path> {
        let name = path.last_name().unwrap_or_default();
        let beside = if self.by_parent.is_empty() { None } else { self.by_parent.get(parent(path)) };
        beside.into_iter().flatten().filter(move |count| {
            count.last_name().is_some_and(|last| last == "count" || counts::counts_for(last, name))
        })
    }

    /// Whether one of them is missing from the record.
    pub(crate) fn is_missing(&self, path: &Path, captured: &[Vec<String>], record: &Value<'_>) -> bool {
        self.of_statistic(path).any(|count| {
            let filled = count.has_wildcard().then(|| count.fill(captured)).flatten();
            filled.as_ref().unwrap_or(count).read(record) == Reading::Missing
        })
    }
}

/// The dotted text of what a path stands in.
fn parent(path: &Path) -> &str {
    let last = path.last_name().unwrap_or_default();
    path.dotted().strip_suffix(last).unwrap_or_default()
}
