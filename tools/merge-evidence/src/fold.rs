//! Records folded while they are read: aggregates over all of them, or over each group; memory depends on the groups.
//!
//! Owns which group a record belongs to and what a group comes to; refuses the mean of finished percentiles.

pub mod intake;

use std::collections::{BTreeSet, HashMap};

use expr::{Aggregate, AggregateState, Condition, Path, Reading};
use schema::{Code, Number, Value, json};

use crate::facts::Doubt;
use crate::facts::cadence::{Cadence, Hole};
use crate::merge::{Conflict, Document, OnConflict};
use crate::readers::understood;

/// What to fold, and by what.
pub struct Plan<'p> {
    /// `-a` and `-A`
    pub aggregates: &'p [Aggregate],
    /// `-b`
    pub by: Option<&'p Path>,
    /// `--where`
    pub conditions: &'p [Condition],
    /// `--on-conflict`, for records of one group that are merged because there are no aggregates.
    pub rule: OnConflict,
}

/// One group, or all records.
pub struct Group {
    /// The value of `-b`'s path.
    pub key: Option<Value<'static>>,
    states: Vec<AggregateState>,
    cadence: Cadence,
    /// Without aggregates, the group's records merged.
    pub merged: Document<'static>,
}

/// The groups so far.
pub struct Groups<'p> {
    plan: Plan<'p>,
    groups: Vec<Group>,
    places: HashMap<Vec<u8>, usize>,
    key: Vec<u8>,
    /// Paths that a record declares.
    declared: BTreeSet<String>,
}

/// An aggregate that cannot be told.
pub struct Lost {
    /// Why.
    pub code: Code,
    /// The least it can be, where that is known.
    pub low: Option<Number<'static>>,
    /// The most it can be, where that is known.
    pub high: Option<Number<'static>>,
}

/// Why a record cannot be taken in.
pub enum Refusal {
    /// It has no value at `-b`'s path, or an `@evidence` that cannot be read.
    Odd(String),
    /// It disagrees with another record of its group.
    Conflict(Conflict),
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was folded.
    Used,
    /// `--where` is false or unknown of it.
    Skipped,
}

impl<'p> Groups<'p> {
    /// No records yet. Without `-b` there is one group from the start.
    pub fn new(plan: Plan<'p>) -> Self {
        let mut groups =
            Groups { plan, groups: Vec::new(), places: HashMap::new(), key: Vec::new(), declared: BTreeSet::new() };
        if groups.plan.by.is_none() {
            let group = groups.group(None);
            groups.groups.push(group);
        }
        groups
    }

    /// What comes next is of another file.
    pub fn part(&mut self) {
        self.groups.iter_mut().for_each(|group| group.cadence.part());
    }

    /// Takes one record in, which is of `time`, in seconds since 1970, where it says so.
    ///
    /// # Errors
    /// A record that belongs to no group, or disagrees with its group.
    pub fn record(&mut self, record: &Value<'_>, time: Option<f64>) -> Result<Taken, Refusal> {
        if self.plan.conditions.iter().any(|condition| condition.answer(record) != Ok(true)) {
            return Ok(Taken::Skipped);
        }
        let place = match self.plan.by {
            None => 0,
            Some(by) => self.place(by, record)?,
        };
        let group = &mut self.groups[place];
        if let Some(time) = time {
            group.cadence.see(time);
        }
        if self.plan.aggregates.is_empty() {
            group.merge(record)?;
        } else {
            if let Some(said) = record.get("@evidence") {
                self.declared.extend(understood(said).ok_or_else(odd_evidence)?.declared);
            }
            for (aggregate, state) in self.plan.aggregates.iter().zip(&mut group.states) {
                state.add(aggregate, record);
            }
        }
        Ok(Taken::Used)
    }

    fn place(&mut self, by: &Path, record: &Value<'_>) -> Result<usize, Refusal> {
        let value = match by.read(record) {
            Reading::Found(value @ (Value::Text(_) | Value::Number(_) | Value::Bool(_))) => value,
            Reading::Found(other) => return Err(Refusal::Odd(format!("{by} is {}; wanted a text", other.kind()))),
            Reading::Missing => return Err(Refusal::Odd(format!("the record has no {by}"))),
            Reading::Ambiguous => return Err(Refusal::Odd(format!("{by} is ambiguous"))),
        };
        self.key.clear();
        json::write(value, &mut self.key);
        if let Some(&place) = self.places.get(&self.key) {
            return Ok(place);
        }
        let group = self.group(Some(value.clone().into_owned()));
        self.places.insert(self.key.clone(), self.groups.len());
        self.groups.push(group);
        Ok(self.groups.len() - 1)
    }

    fn group(&self, key: Option<Value<'static>>) -> Group {
        let states = self.plan.aggregates.iter().map(Aggregate::start).collect();
        Group { key, states, cadence: Cadence::default(), merged: Document::new(self.plan.rule) }
    }

    /// The groups, in order of first appearance, and the names of the aggregates that a declared value went into: what
    /// is made of what was planned was not measured either.
    pub fn finish(self) -> (Vec<Group>, BTreeSet<String>) {
        let paths: Vec<Path> = self.declared.iter().filter_map(|path| Path::parse(path).ok()).collect();
        let planned = |read: &&Path| {
            paths.iter().any(|path| read.has_wildcard() || read.is_at_or_below(path) || path.is_at_or_below(read))
        };
        let made = self.plan.aggregates.iter().filter(|aggregate| aggregate.paths().iter().any(planned));
        (self.groups, made.map(|aggregate| aggregate.name.to_string()).collect())
    }
}

fn odd_evidence() -> Refusal {
    Refusal::Odd("its @evidence is not one that we know".to_owned())
}

impl Group {
    fn merge(&mut self, record: &Value<'_>) -> Result<(), Refusal> {
        let mut record = record.clone().into_owned();
        if let Value::Object(object) = &mut record {
            if let Some(said) = object.remove("@evidence") {
                self.merged.take_evidence(&[], understood(&said).ok_or_else(odd_evidence)?);
            }
            for key in schema::OUR_KEYS {
                object.remove(key);
            }
        }
        self.merged.merge(&[], record).map_err(Refusal::Conflict)
    }

    /// What each aggregate comes to: its path and value, or why it cannot be told.
    pub fn results<'s>(
        &'s self,
        aggregates: &'s [Aggregate],
    ) -> impl Iterator<Item = (&'s Aggregate, Result<Value<'static>, Lost>)> {
        aggregates.iter().zip(&self.states).map(|(aggregate, state)| {
            let result = state.finish(aggregate).map_err(|code| {
                let (low, high) = state.limits(aggregate);
                Lost { code, low, high }
            });
            (aggregate, result)
        })
    }

    /// The widest hole between its records, where they come at a steady pace.
    pub fn hole(&self) -> Option<Hole> {
        self.cadence.hole(false)
    }

    /// What contradicts itself in the records that were merged.
    pub fn doubts(&self) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        crate::relations::generic(&self.merged.values, &mut Vec::new(), &mut doubts);
        crate::relations::joined(doubts)
    }
}
