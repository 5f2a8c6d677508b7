//! Whether a statistic was measured: the counts that stand beside it or above it in the record.
//!
//! Owns the way from a path to the objects whose counts belong to it, and which counts the thresholds themselves read.
//! What counts what is the table of [`schema::counts`].

use std::collections::{HashMap, HashSet};

use schema::{Code, Object, Value, counts};

use crate::record::path::place_in_list;
use crate::{Path, Reading, Step, Survey};

/// One object on the way to a value.
pub(crate) struct Place<'v, 'a> {
    pub object: &'v Object<'a>,
    /// The key that leads on.
    pub key: &'v str,
    /// How many steps of the path lead to the object.
    from: usize,
}

impl Path {
    /// The objects on the way to what the path finds, the outermost first; lists are left out. Empty where nothing is
    /// found.
    pub(crate) fn trail<'v, 'a>(&self, value: &'v Value<'a>, survey: &Survey) -> Vec<Place<'v, 'a>> {
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
        trail: &mut Vec<Place<'v, 'a>>,
    ) -> bool {
        let Some(step) = self.steps.get(from) else { return true };
        match (value, step) {
            (Value::Object(object), Step::Name { .. }) => {
                let keys = self.flat.get(from).map(Vec::as_slice).unwrap_or_default();
                for (place, key) in keys.iter().enumerate().rev() {
                    let Some((key, member)) = survey.get(object, key) else { continue };
                    trail.push(Place { object, key, from });
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
        let of_gatling = || match self.steps().rchunks_exact(2).next() {
            Some([Step::Name { text: above, .. }, Step::Name { text: name, .. }]) => {
                counts::is_statistic_of(above, name)
            }
            _ => false,
        };
        self.last_name()
            .is_some_and(|name| counts::may_be_of_none(name) || name.starts_with(|first: char| first.is_ascii_digit()))
            || of_gatling()
    }
}

impl Path {
    /// Whether what it finds is how much happened, or was meant to: see [`counts::is_of_what_happens`].
    pub(crate) fn is_of_what_happens(&self) -> bool {
        let names = self.steps().iter().rev().map_while(|step| match step {
            Step::Name { text, .. } => Some(text.as_str()),
            _ => None,
        });
        counts::is_of_what_happens(&names.collect::<Vec<_>>())
    }

    /// Whether what it finds cannot be negative, by its last name; a name above may say that it is a difference.
    pub(crate) fn is_never_negative(&self) -> bool {
        let names = || {
            self.steps().iter().filter_map(|step| match step {
                Step::Name { text, .. } => Some(text.as_str()),
                _ => None,
            })
        };
        let last = names().next_back();
        let unit = names().rev().nth(1);
        let difference = names().any(counts::is_difference);
        // `dur_ms.p99`: the unit stands above.
        let with_unit = |last: &str| unit.is_some_and(|unit| counts::is_never_negative(&format!("{unit}_{last}")));
        !difference
            && last.is_some_and(|last| counts::is_never_negative(last) || counts::is_statistic(last) && with_unit(last))
    }
}

/// The counts that thresholds read by themselves: where one of them is missing, what it counts cannot be told. A zero
/// that was left out must not make a figure of no samples look measured. And the statistics that they read: one that is
/// missing beside an `n` of zero must not make that `n` look like the count of something else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Counts by the text of the object they stand in, and there by the stem that they are of.
    by_parent: HashMap<String, HashMap<String, Vec<Path>>>,
    /// Statistics by the text of the object they stand in, and of the two around it.
    statistics: HashMap<String, Vec<Path>>,
}

impl Wanted {
    pub(crate) fn of<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Wanted {
        let mut wanted = Wanted::default();
        let mut seen = HashSet::new();
        for path in paths.into_iter().filter(|path| seen.insert(*path)) {
            if let Some(last) = path.last_name().filter(|last| counts::is_count(last)) {
                let here = wanted.by_parent.entry(parent(path).to_owned()).or_default();
                here.entry(counts::stem_of_count(last)).or_default().push(path.clone());
            } else if path.is_statistic() {
                for around in objects_around(path) {
                    wanted.statistics.entry(parent(&around).to_owned()).or_default().push(path.clone());
                }
            }
        }
        wanted
    }

    /// The counts in an object that count the samples of a statistic to which `keys` lead from there, the innermost
    /// first. A `count` beside it always may.
    fn counting<'w>(&'w self, object: &str, keys: &[&str]) -> impl Iterator<Item = &'w Path> {
        // One that is known without its count: above zero it says itself that something was measured.
        let is_known_alone = |key: &&str| counts::may_be_of_none(key) && !counts::is_statistic(key);
        let here = self.by_parent.get(object).filter(|_| !keys.first().is_some_and(is_known_alone));
        let stem = if here.is_some() { counts::stem_of_statistic(keys) } else { String::new() };
        let own = here.and_then(|here| here.get(&stem)).filter(|_| !stem.is_empty());
        let any = here.and_then(|here| here.get(""));
        let counts = |count: &&Path| {
            count.last_name().is_some_and(|last| (keys.len() == 1 && last == "count") || counts::counts_for(last, keys))
        };
        let found: Vec<&Path> = own.into_iter().chain(any).flatten().filter(counts).collect();
        found.into_iter()
    }

    /// Why the statistic at `path`, which was read, was not measured: statistics that thresholds read may be missing
    /// beside it.
    pub(crate) fn doubt(
        &self,
        path: &Path,
        captured: &[Vec<String>],
        record: &Value<'_>,
        survey: &Survey,
    ) -> Option<Code> {
        let left_out = || {
            let mut missing = Vec::new();
            for around in objects_around(path) {
                for other in self.statistics.get(parent(&around)).into_iter().flatten() {
                    let filled = other.has_wildcard().then(|| other.fill(captured)).flatten();
                    if survey.read(filled.as_ref().unwrap_or(other), record) == Reading::Missing {
                        let name = other.last_name().unwrap_or_default();
                        missing.push(name.to_owned());
                        // One percentile is enough.
                        if counts::is_percentile(name) {
                            return missing;
                        }
                    }
                }
            }
            missing
        };
        let filled = path.has_wildcard().then(|| path.fill(captured)).flatten();
        survey.doubt_without(filled.as_ref().unwrap_or(path), record, &left_out)
    }

    /// Those that could count the samples of the statistic at `path`, which may have wildcards as they have: beside it,
    /// or above it, in whichever object of its steps it stands.
    pub(crate) fn of_statistic<'w>(&'w self, path: &Path) -> Vec<&'w Path> {
        let mut found = Vec::new();
        if self.by_parent.is_empty() {
            return found;
        }
        let mut keys: Vec<&str> = Vec::new();
        let mut flat = String::new();
        for around in objects_around(path) {
            let Some(step) = path.steps().len().checked_sub(keys.len() + 1).and_then(|place| path.steps().get(place))
            else {
                break;
            };
            let key = if let Step::Name { text, .. } = step { text.as_str() } else { "*" };
            keys.push(key);
            flat = if flat.is_empty() { key.to_owned() } else { format!("{key}.{flat}") };
            found.extend(self.counting(parent(&around), &keys));
            if keys.len() > 1 {
                found.extend(self.counting(parent(&around), &[&flat]));
            }
        }
        let mut seen = HashSet::new();
        found.retain(|count| seen.insert(*count));
        found
    }

    /// Whether one of them is missing from the record, and no other count that is nearer decides.
    pub(crate) fn is_missing(
        &self,
        path: &Path,
        captured: &[Vec<String>],
        record: &Value<'_>,
        survey: &Survey,
    ) -> bool {
        if self.by_parent.is_empty() {
            return false;
        }
        let fill = |path: &Path| path.has_wildcard().then(|| path.fill(captured)).flatten();
        let is_missing = |count: &Path| survey.read(fill(count).as_ref().unwrap_or(count), record) == Reading::Missing;
        let filled = fill(path);
        let filled = filled.as_ref().unwrap_or(path);
        let trail = filled.trail(record, survey);
        // The steps of a `**` are as many as it stands for.
        let more = filled.steps().len().saturating_sub(path.steps().len());
        let decided = survey.decided(filled, record).unwrap_or(usize::MAX);
        let mut keys = Vec::new();
        for (level, place) in trail.iter().rev().enumerate() {
            keys.push(place.key);
            if level > decided {
                break;
            }
            // Thresholds name the object with its wildcards, or by the name that one of them stands for.
            let object = |path: &Path, steps: usize| {
                let object = Path::from_steps(path.steps().get(..steps).unwrap_or_default().to_vec());
                object.as_ref().map_or_else(String::new, |object| format!("{}.", object.dotted()))
            };
            let mut texts = vec![object(path, place.from.saturating_sub(more))];
            if path.has_wildcard() {
                texts.push(object(filled, place.from));
            }
            if texts.iter().any(|text| self.counting(text, &keys).any(is_missing)) {
                return true;
            }
        }
        // A flat key that is missing may have stood beside it by the steps of its path.
        let name = path.last_name().unwrap_or_default();
        self.counting(parent(path), &[name]).any(is_missing)
    }
}

/// What leads to the object that a path stands in and to those around it, each as the path of something in it.
fn objects_around(path: &Path) -> impl Iterator<Item = Path> {
    std::iter::successors(Some(path.clone()), Path::parent).take(ABOVE + 1)
}

/// How many objects around it a count may stand.
const ABOVE: usize = 2;

/// The dotted text of what a path stands in.
fn parent(path: &Path) -> &str {
    let last = path.last_name().unwrap_or_default();
    path.dotted().strip_suffix(last).unwrap_or_default()
}
