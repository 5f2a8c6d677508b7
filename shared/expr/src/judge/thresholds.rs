//! Thresholds as they stand in a file: in order, with sections for scopes, each with an id of its own.
//!
//! Owns ids and files of thresholds. Refuses the first line that is wrong, with its place.

use std::collections::HashMap;

use crate::judge::sure;
use crate::judge::threshold::{Shape, Threshold, meet};
use crate::language::lexer::without_comment;
use crate::language::line::read_line;
use crate::language::section::{Section, read_sections};
use crate::{Decimal, Error};

impl Threshold {
    /// Reads one threshold line.
    pub fn parse(line: &str) -> Result<Threshold, Error> {
        read_line(line).map_err(|error| error.of_comma(line).on_line(1, line.trim_end()))
    }
}

/// Thresholds in the order they were given.
#[derive(Clone, Debug, Default)]
pub struct Thresholds {
    list: Vec<Threshold>,
    /// The ids of the list: most are new, and need not be looked for in it.
    ids: HashMap<String, Taken>,
    /// The last number that a repeated id got, by its sections.
    numbers: HashMap<(String, String), usize>,
    notes: Vec<String>,
}

impl Thresholds {
    /// None.
    pub fn new() -> Thresholds {
        Thresholds::default()
    }

    /// Reads a file of thresholds and adds them; the error is the first, with its line.
    pub fn parse(text: &str) -> Result<Thresholds, Error> {
        let mut thresholds = Thresholds::new();
        thresholds.add(text)?;
        Ok(thresholds)
    }

    /// Reads a file of thresholds and adds them behind those that are there; sections do not reach across files.
    pub fn add(&mut self, text: &str) -> Result<(), Error> {
        let mut sections = Vec::new();
        let from = self.list.len();
        let (mut first, mut whole) = (true, None);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (place, raw) in text.split('\n').enumerate() {
            let raw = raw.strip_suffix('\r').unwrap_or(raw);
            let line = without_comment(raw);
            if line.trim().is_empty() {
                continue;
            }
            if first && let Some(level) = alone(line) {
                (whole, first) = (Some(level), false);
                continue;
            }
            first = false;
            let read = if line.trim_start().starts_with('[') {
                read_sections(line).map(|read| sections = read)
            } else {
                read_line(raw).map_err(|error| error.of_comma(raw)).map(|threshold| {
                    self.push(Threshold { sections: sections.clone(), line_number: place + 1, ..threshold });
                })
            };
            read.map_err(|error| error.on_line(place + 1, raw))?;
        }
        if let Some(level) = whole {
            let others: Vec<String> = self.sure(level, from).into_iter().map(str::to_owned).collect();
            self.notes.extend(others.iter().map(|id| format!("{id}: it has no interval: judged as it is")));
        }
        Ok(())
    }

    /// Adds one threshold; an id that is there already gets `#2`, which is told.
    pub fn push(&mut self, mut threshold: Threshold) {
        let first = threshold.id.clone();
        let names: Vec<&str> = threshold.sections.iter().map(|section| section.name.as_str()).collect();
        // All numbers up to the last one of the same sections are taken there.
        let last = (first.clone(), names.join("\n"));
        let mut number = 1;
        let mut before = None;
        while let Some(line) = self.ids.get(&threshold.id).and_then(|taken| taken.line(&threshold.sections)) {
            before = before.or(Some(line));
            number = self.numbers.get(&last).copied().filter(|last| *last > number).unwrap_or(number) + 1;
            threshold.id = format!("{first}#{number}");
        }
        if number > 1 {
            self.numbers.insert(last, number);
        }
        self.ids.entry(threshold.id.clone()).or_default().take(&threshold);
        if let Some(before) = before {
            let lines = match threshold.line_number {
                line if line == before => String::new(),
                line => format!(", on lines {before} and {line}"),
            };
            let (own, line) = (&threshold.id, &threshold.line);
            // What has a label needs another one; what has none needs one.
            let name = if line.starts_with(&format!("{first}:")) {
                "give each its own name".to_owned()
            } else {
                format!("name it, as in 'NAME: {line}'")
            };
            self.notes.push(format!("two thresholds on {first:?}{lines}; this one is reported as {own}: {name}"));
        }
        self.list.push(threshold);
    }

    /// Makes every threshold from the place `from` on that may have an interval, and says no level itself, one of this
    /// level. The others are judged by the figures as they are: their ids.
    pub fn sure(&mut self, level: Decimal, from: usize) -> Vec<&str> {
        let percent = level.times(Decimal::from(100u64)).unwrap_or(level);
        let mut others = Vec::new();
        for threshold in self.list.iter_mut().skip(from).filter(|threshold| threshold.sure.is_none()) {
            let left = match &threshold.shape {
                Shape::Compare { left, .. } | Shape::Range { left, .. } => Some(left),
                _ => None,
            };
            let over_runs = threshold.reads_baseline() && threshold.runs_error().is_none();
            if !over_runs && !left.is_some_and(sure::has_interval) {
                others.push(threshold.id.as_str());
                continue;
            }
            threshold.sure = Some(level);
            // The line says all: it is what a verdict is verified by. A message stands last.
            threshold.line = match &threshold.message {
                Some(_) => threshold.canonical(),
                None => format!("{} sure {percent}%", threshold.line),
            };
        }
        others
    }

    /// Leaves only what applies to this scope.
    pub fn only(&mut self, scope: &str) {
        self.list.retain(|threshold| threshold.applies_to(scope));
        for threshold in &mut self.list {
            threshold.sections.clear();
        }
    }

    /// The thresholds in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Threshold> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// What was noticed while reading: repeated ids.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl<'t> IntoIterator for &'t Thresholds {
    type Item = &'t Threshold;
    type IntoIter = std::slice::Iter<'t, Threshold>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// `sure 95%` alone on a line.
fn alone(line: &str) -> Option<Decimal> {
    let percent = line.trim().strip_prefix("sure ")?.trim().strip_suffix('%')?;
    crate::language::line::as_level(Decimal::parse(percent)?)
}

/// Where an id is taken: by the line of the first threshold of that id there.
#[derive(Clone, Debug, Default)]
struct Taken {
    /// In every scope.
    everywhere: Option<usize>,
    /// In the sections of these names, patterns among them.
    names: HashMap<String, usize>,
    patterns: Vec<(Section, usize)>,
    first: Option<usize>,
}

impl Taken {
    /// The line of a threshold of this id that may apply where one of `sections` does.
    fn line(&self, sections: &[Section]) -> Option<usize> {
        if sections.is_empty() || self.everywhere.is_some() {
            return self.first;
        }
        sections.iter().find_map(|section| {
            let name = self.names.get(&section.name).copied();
            let pattern = || self.patterns.iter().find(|(pattern, _)| meet(pattern, section)).map(|(_, line)| *line);
            let names = || {
                let mut names = self.names.iter().filter(|_| section.name.contains('*'));
                names.find(|(name, _)| section.matches(name)).map(|(_, line)| *line)
            };
            name.or_else(pattern).or_else(names)
        })
    }

    fn take(&mut self, threshold: &Threshold) {
        let line = threshold.line_number;
        self.first.get_or_insert(line);
        if threshold.sections.is_empty() {
            self.everywhere.get_or_insert(line);
        }
        for section in &threshold.sections {
            self.names.entry(section.name.clone()).or_insert(line);
            if section.name.contains('*') {
                self.patterns.push((section.clone(), line));
            }
        }
    }
}
