//! Whether a statistic was measured: the counts that stand beside it or above it in the record.
//!
//! Owns the way from a path to the objects whose counts belong to it, and which counts the thresholds themselves read.
//! What counts what is the table of [`schema::counts`].

use std::collections::HashMap;

use schema::{Object, Value, counts};

use crate::path::place_in_list;
use crate::{Path, Reading, Step, Survey};

impl Path {
    /// The objects on the way to what the path finds, the outermost first, each with the key that leads on; lists are
    /// left out. Empty where nothing is found.
    pub(crate) fn trail<'v, 'a>(&self, value: &'v Value<'a>, survey: &Survey) -> Vec<(&'v Object<'a>, &'v str)> {
        let mut trail = Vec::new();
        if !self.follow(value, 0, survey, &mut trail) {
            trail.clear();
        }
        trail
    }

    fn follow<'v, 'a>(
        &self,
        value: &'v Value<'a>,
        from: usize,
        survey: &Survey,
        trail: &mut Vec<(&'v Object<'a>, &'v str)>,
    ) -> bool {
        let Some(step) = self.steps.get(from) else { return true };
        match (value, step) {
            (Value::Object(object), Step::Name { .. }) => {
                let keys = self.flat.get(from).map(Vec::as_slice).unwrap_or_default();
                for (place, key) in keys.iter().enumerate().rev() {
                    let Some((key, member)) = survey.get(object, key) else { continue };
                    trail.push((object, key));
                    if self.follow(member, from + place + 1, survey, trail) {
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
                place.and_then(|place| list.get(place)).is_some_and(|child| self.follow(child, from + 1, survey, trail))
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
    pub(crate) fn is_missing(
        &self,
        path: &Path,
        captured: &[Vec<String>],
        record: &Value<'_>,
        survey: &Survey,
    ) -> bool {
        self.of_statistic(path).any(|count| {
            let filled = count.has_wildcard().then(|| count.fill(captured)).flatten();
            survey.read(filled.as_ref().unwrap_or(count), record) == Reading::Missing
        })
    }
}

/// The dotted text of what a path stands in.
fn parent(path: &Path) -> &str {
    let last = path.last_name().unwrap_or_default();
    path.dotted().strip_suffix(last).unwrap_or_default()
}
