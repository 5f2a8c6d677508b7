//! Wildcards of paths: `*` is any one step, `**` any number, and what they stood for in each match.
//!
//! Owns the walk through a document. Refuses our five keys, which no wildcard matches.

use schema::{OUR_KEYS, Value};

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
        let parts: Vec<String> = self.captured.iter().map(|keys| keys.join(".")).collect();
        parts.join(",")
    }
}

impl Path {
    /// Every place in `value` that the path matches, in the order of the document; of a path without wildcards the
    /// one it reads. Our five keys are not matched.
    pub fn matches<'v, 'a>(&self, value: &'v Value<'a>) -> Vec<Match<'v, 'a>> {
        let mut found = Vec::new();
        self.walk(value, 0, &mut Vec::new(), &mut Vec::new(), &mut found);
        found
    }

    fn walk<'v, 'a>(
        &self,
        value: &'v Value<'a>,
        from: usize,
        keys: &mut Vec<String>,
        captured: &mut Vec<Vec<String>>,
        found: &mut Vec<Match<'v, 'a>>,
    ) {
        let rest = self.steps.get(from..).unwrap_or_default();
        let plain = rest.iter().take_while(|step| !matches!(step, Step::Any | Step::Deep)).count();
        if plain > 0 {
            // The steps up to the next wildcard are read as a path of their own, flat keys and all.
            let Some(run) = rest.get(..plain).map(<[Step]>::to_vec).and_then(Path::from_steps) else { return };
            let before = keys.len();
            for step in rest.iter().take(plain) {
                keys.push(match step {
                    Step::Index(index) => index.to_string(),
                    Step::Name { text, .. } => text.clone(),
                    Step::Any | Step::Deep => String::new(),
                });
            }
            match run.read(value) {
                Reading::Missing => {}
                Reading::Found(value) => self.walk(value, from + plain, keys, captured, found),
                Reading::Ambiguous => self.found(Reading::Ambiguous, keys, captured, found),
            }
            keys.truncate(before);
            return;
        }
        match rest.first() {
            Some(Step::Any) => each_child(value, |key, child| {
                keys.push(key.to_owned());
                captured.push(vec![key.to_owned()]);
                self.walk(child, from + 1, keys, captured, found);
                captured.pop();
                keys.pop();
            }),
            Some(Step::Deep) => self.descend(value, from, keys, captured, keys.len(), found),
            _ => self.found(Reading::Found(value), keys, captured, found),
        }
    }

    /// `**`: the rest of the path here, and below every child. Depth is that of the document, which its reader bounds.
    fn descend<'v, 'a>(
        &self,
        value: &'v Value<'a>,
        from: usize,
        keys: &mut Vec<String>,
        captured: &mut Vec<Vec<String>>,
        start: usize,
        found: &mut Vec<Match<'v, 'a>>,
    ) {
        captured.push(keys.get(start..).unwrap_or_default().to_vec());
        // A path that ends in ** means the values, not the objects and lists that hold them.
        let last = from + 1 == self.steps.len();
        if !last || !matches!(value, Value::Object(_) | Value::List(_)) {
            self.walk(value, from + 1, keys, captured, found);
        }
        captured.pop();
        each_child(value, |key, child| {
            keys.push(key.to_owned());
            self.descend(child, from, keys, captured, start, found);
            keys.pop();
        });
    }

    fn found<'v, 'a>(
        &self,
        reading: Reading<'v, 'a>,
        keys: &[String],
        captured: &[Vec<String>],
        found: &mut Vec<Match<'v, 'a>>,
    ) {
        // Ambiguous before all wildcards were reached: the match has no name of its own, the path is as far as it came.
        if let Some(path) = Path::from_keys(keys.iter().map(String::as_str)) {
            found.push(Match { captured: captured.to_vec(), path, reading });
        }
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
