//! Wildcards of paths: `*` is any one step, `**` any number, and what they stood for in each match.
//!
//! Owns the walk through a document, into flat keys too: there `*` is one name between dots, or all that is left of the
//! key. Refuses our five keys, which no wildcard matches.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use schema::{OUR_KEYS, Value};

use crate::record::path::place_in_list;
use crate::record::without::{Siblings, Without};
use crate::{Path, Reading, Step};

/// One place that a path with wildcards matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Match<'v, 'a> {
    /// The keys that each wildcard stands for, in the order of the wildcards.
    pub captured: Vec<Vec<String>>,
    /// The path with its wildcards filled in.
    pub path: Path,
    /// What stands there; never missing.
    pub reading: Reading<'v, 'a>,
}

impl Match<'_, '_> {
    /// What the wildcards stand for, as it is shown in an id: `send`, `a.b` of a `**`, `a,b` of two `*`.
    pub fn name(&self) -> String {
        name(&self.captured)
    }
}

/// What wildcards stand for, as it is shown in an id.
pub(crate) fn name(captured: &[Vec<String>]) -> String {
    let parts: Vec<String> = captured.iter().map(|keys| keys.join(".")).collect();
    parts.join(",")
}

impl Path {
    /// Every place in `value` that the path matches, in the order of the document; of a path without wildcards the
    /// one it reads. Our five keys are not matched.
    pub fn matches<'v, 'a>(&self, value: &'v Value<'a>) -> Vec<Match<'v, 'a>> {
        let mut walk = Walk::of(self);
        walk.at(value, 0);
        walk.finish().0
    }

    /// The same, and the places beside them that hold nothing where these hold what is asked for.
    pub(crate) fn matches_and_those_without<'v, 'a>(&self, value: &'v Value<'a>) -> (Vec<Match<'v, 'a>>, Vec<Without>) {
        let mut walk = Walk { without: Some(Vec::new()), ..Walk::of(self) };
        walk.at(value, 0);
        walk.finish()
    }

    /// The path with its wildcards replaced by what those of another path stand for, in order; `None` where it has
    /// more wildcards than that.
    pub fn fill(&self, captured: &[Vec<String>]) -> Option<Path> {
        let mut captured = captured.iter();
        let mut steps = Vec::new();
        for step in &self.steps {
            match step {
                Step::Any | Step::Deep => {
                    steps.extend(captured.next()?.iter().map(|key| Step::Name { text: key.clone(), quoted: false }));
                }
                step => steps.push(step.clone()),
            }
        }
        Path::from_steps(steps)
    }

    /// What the wildcards stand for where `place` is what the path matches, or lies above it; `None` where it is
    /// neither. A `*` below `place` stands for itself.
    pub(crate) fn meets(&self, place: &Path) -> Option<Vec<Vec<String>>> {
        let mut names = Vec::new();
        for step in place.steps() {
            let from = names.len();
            match step {
                Step::Name { text, .. } => names.extend(text.split('.').map(|name| (Cow::Borrowed(name), 0))),
                Step::Index(index) => names.push((Cow::Owned(index.to_string()), 0)),
                Step::Any => names.push((Cow::Borrowed("*"), 0)),
                Step::Deep => names.push((Cow::Borrowed("**"), 0)),
            }
            let end = names.len();
            names.iter_mut().skip(from).for_each(|(_, step_end)| *step_end = end);
        }
        let mut captured = Vec::new();
        if !meet(&self.steps, &names, 0, &mut captured, &mut BTreeSet::new()) {
            return None;
        }
        let wildcards = self.steps.iter().filter(|step| matches!(step, Step::Any | Step::Deep));
        let stands_for = wildcards.zip(captured).map(|(step, range)| {
            let keys: Vec<String> =
                names.get(range).unwrap_or_default().iter().map(|(name, _)| name.to_string()).collect();
            match step {
                Step::Any if keys.is_empty() => vec!["*".to_owned()],
                // A step with dots in it.
                Step::Any => vec![keys.join(".")],
                _ => keys,
            }
        });
        Some(stands_for.collect())
    }
}

/// Whether `steps` lead to the end of `names` or below it, from the name `at` on. Beside each name stands where its
/// step ends. What was `tried` before was so in vain.
fn meet(
    steps: &[Step],
    names: &[(Cow<'_, str>, usize)],
    at: usize,
    captured: &mut Vec<Range<usize>>,
    tried: &mut BTreeSet<(usize, usize)>,
) -> bool {
    if !tried.insert((steps.len(), at)) {
        return false;
    }
    let Some((step, rest)) = steps.split_first() else { return at == names.len() };
    let Some((_, step_end)) = names.get(at) else {
        captured.extend(steps.iter().filter(|step| matches!(step, Step::Any | Step::Deep)).map(|_| at..at));
        return true;
    };
    let index;
    let text = match step {
        Step::Any | Step::Deep => {
            let ends = if *step == Step::Any {
                [at + 1..at + 2, *step_end..step_end + 1]
            } else {
                [at..names.len() + 1, 0..0]
            };
            for end in ends.into_iter().flatten() {
                let last = names.get(at..end).and_then(<[_]>::last);
                if last.is_some_and(|(name, _)| OUR_KEYS.contains(&&**name)) {
                    return false;
                }
                captured.push(at..end);
                if meet(rest, names, end, captured, tried) {
                    return true;
                }
                captured.pop();
            }
            return false;
        }
        Step::Name { text, .. } => text.as_str(),
        Step::Index(number) => {
            index = number.to_string();
            &index
        }
    };
    let same = text.split('.').zip(names.iter().skip(at)).all(|(wanted, (name, _))| wanted == name);
    same && meet(rest, names, names.len().min(at + text.split('.').count()), captured, tried)
}

/// A walk through a document, and what it has found.
struct Walk<'p, 'v, 'a> {
    path: &'p Path,
    /// The keys down to where it is.
    keys: Vec<String>,
    /// Those of them that each wildcard stands for.
    captured: Vec<Range<usize>>,
    /// Values under flat keys, with how much of the key was left and the step it was entered with. A flat key is read
    /// in many ways; each is gone once, or their number would double with every such key on the way down.
    entered: BTreeSet<(usize, usize, usize)>,
    found: Vec<Match<'v, 'a>>,
    /// What lacks what others beside it have, where that is asked for.
    without: Option<Vec<Without>>,
}

impl<'p, 'v, 'a> Walk<'p, 'v, 'a> {
    fn of(path: &'p Path) -> Walk<'p, 'v, 'a> {
        Walk {
            path,
            keys: Vec::new(),
            captured: Vec::new(),
            entered: BTreeSet::new(),
            found: Vec::new(),
            without: None,
        }
    }

    fn finish(mut self) -> (Vec<Match<'v, 'a>>, Vec<Without>) {
        if !self.entered.is_empty() {
            once_each(&mut self.found);
        }
        (self.found, self.without.unwrap_or_default())
    }

    /// The steps behind `from`, from `value` on.
    fn at(&mut self, value: &'v Value<'a>, from: usize) {
        let path = self.path;
        let rest = path.steps.get(from..).unwrap_or_default();
        let plain = rest.iter().take_while(|step| !matches!(step, Step::Any | Step::Deep)).count();
        if plain > 0 {
            // The steps up to the next wildcard are read as a path of their own, flat keys and all.
            let Some(run) = rest.get(..plain).map(<[Step]>::to_vec).and_then(Path::from_steps) else { return };
            let before = self.keys.len();
            self.keys.extend(rest.iter().take(plain).map(key));
            match run.read(value) {
                Reading::Missing => {}
                Reading::Found(value) => self.at(value, from + plain),
                Reading::Ambiguous => self.hit(Reading::Ambiguous),
            }
            if from + plain < path.steps.len() {
                self.beyond(value, from, from + plain);
            }
            self.keys.truncate(before);
            return;
        }
        match rest.first() {
            Some(Step::Any) => self.children(value, from, self.keys.len()),
            Some(Step::Deep) => {
                self.descend(value, from, self.keys.len());
            }
            _ => self.hit(Reading::Found(value)),
        }
    }

    /// Each child, which the wildcard `from` takes by its key; and those of them that hold nothing where others hold it.
    fn children(&mut self, value: &'v Value<'a>, from: usize, start: usize) {
        let path = self.path;
        let rest = path.steps.get(from + 1..).unwrap_or_default();
        let mut siblings = Siblings::default();
        each_child(value, |key, child| {
            if self.child(key, child, from, start) {
                siblings.has(child);
            } else if self.without.is_some() {
                siblings.has_not(key, child, rest);
            }
        });
        let Some(without) = &mut self.without else { return };
        for (key, words) in siblings.without(value, path.last_name().is_some_and(schema::counts::may_be_of_none)) {
            let ranges = self.captured.iter().map(|range| self.keys.get(range.clone()).unwrap_or_default().to_vec());
            let here = self.keys.iter().skip(start).cloned().chain([key.to_owned()]).collect();
            let further =
                rest.iter().filter(|step| matches!(step, Step::Any | Step::Deep)).map(|_| vec!["*".to_owned()]);
            without.push(Without { captured: ranges.chain([here]).chain(further).collect(), words });
        }
    }

    /// `**`: the rest of the path here, and below every child. Depth is that of the document, which its reader bounds.
    /// Whether something was found here.
    fn descend(&mut self, value: &'v Value<'a>, from: usize, start: usize) -> bool {
        let before = self.found.len();
        // A path that ends in ** means the values, not the objects and lists that hold them.
        let last = from + 1 == self.path.steps.len();
        if !last || !is_whole(value) {
            self.captured.push(start..self.keys.len());
            self.at(value, from + 1);
            self.captured.pop();
        }
        let is_here = self.found.len() > before;
        self.children(value, from, start);
        is_here
    }

    /// A child that the wildcard `from`, which stands for what lies behind `start`, takes by its key: whether it has what is
    /// asked for.
    fn child(&mut self, key: &str, child: &'v Value<'a>, from: usize, start: usize) -> bool {
        if !key.contains('.') {
            return self.take_all(key, child, from, start);
        }
        let before = self.found.len();
        self.take(key, child, from, start, true);
        self.found.len() > before
    }

    fn take_all(&mut self, key: &str, child: &'v Value<'a>, from: usize, start: usize) -> bool {
        self.keys.push(key.to_owned());
        let is_there = if self.path.steps.get(from) == Some(&Step::Deep) {
            self.descend(child, from, start)
        } else {
            let before = self.found.len();
            self.captured.push(start..self.keys.len());
            self.at(child, from + 1);
            self.captured.pop();
            self.found.len() > before
        };
        self.keys.pop();
        is_there
    }

    /// Flat keys that begin with the plain steps `at..to` and go on: `a.*` is in the key `a.b`, too.
    fn beyond(&mut self, value: &'v Value<'a>, at: usize, to: usize) {
        let path = self.path;
        let Some(step) = path.steps.get(at) else { return };
        match value {
            Value::Object(object) => {
                for (place, flat) in path.flat.get(at).into_iter().flatten().enumerate() {
                    let next = at + place + 1;
                    if next < to {
                        if let Some(child) = object.get(flat) {
                            self.beyond(child, next, to);
                        }
                    } else if !matches!(step, Step::Name { quoted: true, .. }) {
                        for (key, child) in object.iter() {
                            if let Some(rest) = key.strip_prefix(flat.as_str()).filter(|rest| goes_on(rest)) {
                                self.inside(rest, child, to, false);
                            }
                        }
                    }
                }
            }
            Value::List(list) if at + 1 < to => {
                if let Some(child) = place_in_list(&key(step)).and_then(|place| list.get(place)) {
                    self.beyond(child, at + 1, to);
                }
            }
            _ => {}
        }
    }

    /// The steps behind `from` in what is left of a flat key, which begins where a name ended; a wildcard has taken it
    /// `whole`, too, or it was found by its beginning.
    fn inside(&mut self, rest: &str, child: &'v Value<'a>, from: usize, whole: bool) {
        let path = self.path;
        let step = path.steps.get(from);
        if !self.enters(rest, child, from) {
            return;
        }
        if rest.is_empty() {
            return self.at(child, from);
        }
        let start = self.keys.len();
        let name = rest.strip_prefix('.').unwrap_or(rest);
        let after = match step {
            Some(Step::Name { text, quoted: false }) => name.strip_prefix(text.as_str()).filter(|_| name != rest),
            Some(Step::Index(index)) => rest.strip_prefix(&format!("[{index}]")),
            // `*.*` means what is in the object under "a.b", and not that object.
            Some(Step::Any) if whole && from + 1 == path.steps.len() && is_whole(child) => None,
            Some(Step::Any) => return self.take(name, child, from, start, whole),
            Some(Step::Deep) => {
                self.captured.push(start..start);
                self.inside(rest, child, from + 1, whole);
                self.captured.pop();
                return self.take(name, child, from, start, whole);
            }
            _ => None,
        };
        if let (Some(after), Some(step)) = (after.filter(|after| after.is_empty() || goes_on(after)), step) {
            self.keys.push(key(step));
            self.inside(after, child, from + 1, whole);
            self.keys.pop();
        }
    }

    /// The wildcard `from` takes all that is left of a flat key, or names at its beginning: `*` one, `**` any number.
    fn take(&mut self, text: &str, child: &'v Value<'a>, from: usize, start: usize, whole: bool) {
        if OUR_KEYS.contains(&text) {
            return;
        }
        let deep = self.path.steps.get(from) == Some(&Step::Deep);
        if self.enters("", child, if deep { from } else { from + 1 }) {
            self.take_all(text, child, from, start);
        }
        let depth = self.keys.len();
        let mut rest = text;
        while let Some((name, behind)) = rest.split_once('.') {
            if OUR_KEYS.contains(&name) {
                break;
            }
            self.keys.push(name.to_owned());
            self.captured.push(start..self.keys.len());
            self.inside(rest.get(name.len()..).unwrap_or_default(), child, from + 1, whole);
            self.captured.pop();
            if !deep {
                break;
            }
            rest = behind;
        }
        self.keys.truncate(depth);
    }

    fn enters(&mut self, rest: &str, child: &'v Value<'a>, step: usize) -> bool {
        self.entered.insert((std::ptr::from_ref(child).addr(), rest.len(), step))
    }

    fn hit(&mut self, reading: Reading<'v, 'a>) {
        let keys = |range: &Range<usize>| self.keys.get(range.clone()).unwrap_or_default().to_vec();
        let captured = self.captured.iter().map(keys).collect();
        // Ambiguous before all wildcards were reached: the match has no name of its own, the path is as far as it came.
        self.found.push(match Path::from_keys(self.keys.iter().map(String::as_str)) {
            Some(path) => Match { captured, path, reading },
            // Deeper than any path reads; what is there is not passed over, but it cannot be told.
            None => Match { captured, path: self.path.clone(), reading: Reading::Ambiguous },
        });
    }
}

/// A flat key and a nested path that the wildcards take for the same are one match, which is ambiguous.
fn once_each(found: &mut Vec<Match<'_, '_>>) {
    let mut places = HashMap::new();
    let mut kept: Vec<Match<'_, '_>> = Vec::new();
    for one in std::mem::take(found) {
        match places.entry(one.captured.clone()) {
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(one);
            }
            Entry::Occupied(place) => {
                if let Some(before) = kept.get_mut(*place.get()) {
                    before.reading = Reading::Ambiguous;
                }
            }
        }
    }
    *found = kept;
}

/// Whether what is left of a flat key begins behind a whole name.
fn goes_on(rest: &str) -> bool {
    rest.starts_with(['.', '['])
}

fn is_whole(value: &Value<'_>) -> bool {
    matches!(value, Value::Object(_) | Value::List(_))
}

/// The key that a plain step is.
fn key(step: &Step) -> String {
    match step {
        Step::Index(index) => index.to_string(),
        Step::Name { text, .. } => text.clone(),
        Step::Any | Step::Deep => String::new(),
    }
}

fn each_child<'v, 'a>(value: &'v Value<'a>, mut each: impl FnMut(&str, &'v Value<'a>)) {
    match value {
        Value::Object(object) => {
            for (key, child) in object.iter().filter(|(key, _)| !OUR_KEYS.contains(key)) {
                each(key, child);
            }
        }
        Value::List(list) => {
            for (place, child) in list.iter().enumerate() {
                each(&place.to_string(), child);
            }
        }
        _ => {}
    }
}
