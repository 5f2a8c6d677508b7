//! Records folded while they are read: aggregates over all of them, or over each group; memory depends on the groups.
//!
//! Owns which group a record belongs to and what a group comes to; refuses the mean of finished percentiles.

pub mod intake;
mod quick; // records of known shapes
pub mod state; // folds of parts

use std::collections::{BTreeSet, HashMap};

use expr::{Aggregate, AggregateState, Claims, Condition, Path, Quick, Raw, Reading};
use schema::{Code, Number, Object, Value, json};

use crate::facts::Doubt;
use crate::facts::cadence::{Cadence, Hole};
use crate::merge::{Conflict, Document, OnConflict};
use crate::readers::understood;

/// The level of a slope's ends.
const SURE: &str = "0.95";

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
#[derive(Default)]
pub struct Group {
    /// The value of `-b`'s path.
    pub key: Option<Value<'static>>,
    /// Where the first of its records was: the source, and the group's place among those so far.
    first: (usize, u64),
    states: Vec<AggregateState>,
    cadence: Cadence,
    /// Without aggregates, the group's records merged.
    pub merged: Document<'static>,
    /// Records of which `--where` cannot tell whether they belong here.
    pub undecided: Undecided,
    /// Whether `--where` left out others, so that none in it is a count of 0.
    passed_over: bool,
}

/// Records of which `--where` cannot tell: they belong, or they do not.
#[derive(Clone, Debug, Default)]
pub struct Undecided {
    /// How many.
    pub count: u64,
    /// Why: of several reasons the first in the order of the codes.
    pub code: Option<Code>,
    /// What the first that was read lacks; no part of a state.
    pub cause: Option<String>,
    /// Without aggregates, the keys that they would have put into the group.
    keys: BTreeSet<String>,
}

impl Undecided {
    /// Takes in so many that cannot be told for the reason `code`.
    pub fn add(&mut self, code: Code, records: u64) {
        self.count += records;
        self.code = Some(self.code.map_or(code, |before| before.min(code)));
    }

    /// Keeps what `record` lacks, the first of all.
    pub fn because(&mut self, conditions: &[Condition], record: &Value<'_>) {
        if self.cause.is_none() {
            let cause = conditions.iter().find(|condition| condition.answer(record).is_err());
            self.cause = cause.map(|condition| condition.cause(record).to_string());
        }
    }

    /// The facts, in words, for people.
    pub fn noted(&self) -> Option<String> {
        let cause = self.cause.as_ref().map_or(String::new(), |cause| format!("; the first: {cause}"));
        self.told().map(|told| format!("{told}{cause}"))
    }

    /// The facts, in words.
    pub fn told(&self) -> Option<String> {
        let records = if self.count == 1 { "1 record".to_owned() } else { format!("{} records", self.count) };
        self.code.map(|code| format!("is undecidable for {records} ({code})"))
    }
}

/// Whether a record is chosen by all conditions; where that cannot be told, why.
///
/// # Errors
/// The reason why it cannot be told.
pub fn chosen(conditions: &[Condition], record: &Value<'_>) -> Result<bool, Code> {
    let mut chosen = Ok(true);
    for condition in conditions {
        match condition.answer(record) {
            Ok(true) => {}
            // One that is false decides, whatever the others cannot tell (Kleene).
            Ok(false) => return Ok(false),
            Err(code) => chosen = Err(chosen.map_or_else(|before: Code| before.min(code), |_| code)),
        }
    }
    chosen
}

/// The groups so far.
pub struct Groups<'p> {
    plan: Plan<'p>,
    groups: Vec<Group>,
    places: HashMap<Vec<u8>, usize>,
    key: Vec<u8>,
    /// Paths that a record declares.
    declared: BTreeSet<String>,
    /// How many sources there were before the one at hand; none yet is 0, too.
    source: usize,
    begun: bool,
    /// All records of which `--where` cannot tell.
    pub undecided: Undecided,
    /// Those of them that do not say of which group they would be.
    anywhere: Undecided,
    /// Whether an aggregate is about every moment, so that holes between the records matter.
    paced: bool,
    /// Whether there was a record of which `--where` is surely false: then a count of none is 0, as it is of `count(where …)`.
    passed_over: bool,
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

/// What an aggregate comes to.
pub struct Outcome {
    /// Its value, or why it cannot be told.
    pub value: Result<Value<'static>, Lost>,
    /// What a hole between the records leaves of it, where it may have changed it.
    pub unseen: Option<Lost>,
    /// A slope's ends.
    pub ends: Vec<(Path, Value<'static>)>,
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
    /// `--where` is false of it.
    Skipped,
    /// `--where` cannot tell of it: what the group comes to is in doubt.
    Undecided,
}

impl<'p> Groups<'p> {
    /// No records yet. Without `-b` there is one group from the start.
    pub fn new(plan: Plan<'p>) -> Self {
        let mut groups = Groups {
            plan,
            groups: Vec::new(),
            places: HashMap::new(),
            key: Vec::new(),
            declared: BTreeSet::new(),
            source: 0,
            begun: false,
            undecided: Undecided::default(),
            anywhere: Undecided::default(),
            paced: false,
            passed_over: false,
        };
        groups.paced = groups.plan.aggregates.iter().any(Aggregate::spans_time);
        if groups.plan.by.is_none() {
            let group = groups.group(None);
            groups.groups.push(group);
        }
        groups
    }

    /// Whether the times of the records matter to what they come to.
    pub fn is_paced(&self) -> bool {
        self.paced
    }

    /// Notes that there was a record that `--where` left out.
    pub fn pass_over(&mut self) {
        self.passed_over = true;
    }

    /// What comes next is of another file.
    pub fn part(&mut self) {
        self.source += usize::from(std::mem::replace(&mut self.begun, true));
        self.groups.iter_mut().for_each(|group| group.cadence.part());
    }

    /// Takes one record in, which is of `time`, in seconds since 1970, where it says so.
    ///
    /// # Errors
    /// A record that belongs to no group, or disagrees with its group.
    pub fn record(&mut self, record: &Value<'_>, time: Option<f64>) -> Result<Taken, Refusal> {
        match chosen(self.plan.conditions, record) {
            Ok(true) => {}
            Ok(false) => {
                self.passed_over = true;
                return Ok(Taken::Skipped);
            }
            Err(code) => {
                self.take_undecided(record, code);
                return Ok(Taken::Undecided);
            }
        }
        let place = match self.plan.by {
            None => 0,
            Some(by) => self.place(by, record)?,
        };
        let group = &mut self.groups[place];
        if let Some(time) = time.filter(|_| self.paced) {
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

    /// Takes in a record of which `--where` cannot tell, for the reason `code`.
    fn take_undecided(&mut self, record: &Value<'_>, code: Code) {
        let place = match self.plan.by {
            None => Some(0),
            Some(by) => self.place(by, record).ok(),
        };
        self.undecided.add(code, 1);
        self.undecided.because(self.plan.conditions, record);
        let Some(group) = place.and_then(|place| self.groups.get_mut(place)) else {
            self.anywhere.add(code, 1);
            return;
        };
        group.leave_open(code, 1);
        if self.plan.aggregates.is_empty() {
            let keys = record.as_object().into_iter().flat_map(Object::iter).map(|(key, _)| key);
            group.undecided.keys.extend(keys.filter(|key| !schema::OUR_KEYS.contains(key)).map(str::to_owned));
        }
    }

    /// The place of the group whose key is this JSON text, where a record has made it.
    fn known(&self, key: &[u8]) -> Option<usize> {
        self.places.get(key).copied()
    }

    /// Takes a record into the group at `place`, if all that is asked of it is surely known: else nothing is done.
    #[inline]
    fn add_quickly<'v>(
        &mut self,
        place: usize,
        quick: &Quick,
        value: &impl Fn(usize) -> Raw<'v>,
        time: Option<f64>,
    ) -> bool {
        let Some(group) = self.groups.get_mut(place) else { return false };
        if !quick.add(&mut group.states, value) {
            return false;
        }
        if let Some(time) = time {
            group.cadence.see(time);
        }
        true
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
        let merged = Document::new(self.plan.rule);
        Group { key, first: (self.source, self.groups.len() as u64), states, merged, ..Group::default() }
    }

    /// Groups that were folded elsewhere.
    fn of(plan: Plan<'p>, groups: Vec<Group>, declared: BTreeSet<String>, anywhere: Undecided) -> Self {
        let mut all = Groups { declared, ..Groups::new(plan) };
        for undecided in groups.iter().map(|group| &group.undecided).chain([&anywhere]) {
            if let Some(code) = undecided.code {
                all.undecided.add(code, undecided.count);
            }
        }
        // Without -b there is one group from the start, which no record need be in.
        if all.plan.by.is_some() || !groups.is_empty() {
            all.groups = groups;
        }
        all.anywhere = anywhere;
        all
    }

    /// What is not finished: the groups, the paths that a record declares, and the records that belong nowhere.
    fn into_parts(self) -> (Vec<Group>, BTreeSet<String>, Undecided) {
        (self.groups, self.declared, self.anywhere)
    }

    /// The groups, in order of first appearance, and the names of the aggregates that a declared value went into: what
    /// is made of what was planned was not measured either.
    pub fn finish(mut self) -> (Vec<Group>, BTreeSet<String>) {
        if let Some(code) = self.anywhere.code {
            for group in &mut self.groups {
                group.leave_open(code, self.anywhere.count);
            }
        }
        if self.plan.by.is_none() {
            self.groups.iter_mut().for_each(|group| group.passed_over = self.passed_over);
        }
        // Read as every stage reads them: one with a wildcard, or that is no path, means more and not nothing.
        let mut said = Object::new();
        said.insert("declared", self.declared.iter().map(|path| Value::from(path.clone())).collect::<Vec<_>>());
        let mut record = Object::new();
        record.insert("@evidence", said);
        let claims = Claims::of(&Value::Object(record));
        let planned = |read: &&Path| claims.may_be_declared(read);
        let made = self.plan.aggregates.iter().filter(|aggregate| aggregate.paths().iter().any(planned));
        (self.groups, made.map(|aggregate| aggregate.name.to_string()).collect())
    }
}

fn odd_evidence() -> Refusal {
    Refusal::Odd("its @evidence is not one that we know".to_owned())
}

impl Group {
    /// Takes in what another part has folded of this group.
    fn join(&mut self, states: &[AggregateState], cadence: &Cadence, undecided: &Undecided) {
        self.states.iter_mut().zip(states).for_each(|(mine, more)| mine.join(more));
        self.cadence.join(cadence);
        if let Some(code) = undecided.code {
            self.undecided.add(code, undecided.count);
        }
    }

    fn leave_open(&mut self, code: Code, records: u64) {
        self.undecided.add(code, records);
        self.states.iter_mut().for_each(|state| state.leave_open(code, records));
    }

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

    /// What each aggregate comes to; `holed` where a hole is between its records.
    pub fn results<'s>(
        &'s self,
        aggregates: &'s [Aggregate],
        holed: bool,
    ) -> impl Iterator<Item = (&'s Aggregate, Outcome)> {
        aggregates.iter().zip(&self.states).map(move |(aggregate, state)| {
            let unseen = if holed { state.unseen(aggregate) } else { None };
            let value = if self.passed_over { state.finish_chosen(aggregate) } else { state.finish(aggregate) };
            let value = value.map_err(|code| {
                // What was not seen may lie outside of the limits of what could not be read.
                let (low, high) = if unseen.is_some() { (None, None) } else { state.limits(aggregate) };
                Lost { code, low, high }
            });
            let unseen = unseen.map(|(low, high)| Lost { code: Code::Gap, low, high });
            let level = Number::parse(SURE).filter(|_| value.is_ok());
            let ends = level.map(|level| state.ends(aggregate, level)).unwrap_or_default();
            (aggregate, Outcome { value, unseen, ends })
        })
    }

    /// The widest hole between its records, where they come at a steady pace.
    pub fn hole(&self) -> Option<Hole> {
        self.cadence.hole(false)
    }

    /// What undecided records would have put into the group, had they belonged to it; without aggregates.
    pub fn left_open(&self) -> Vec<Doubt> {
        let (Some(code), Some(told)) = (self.undecided.code, self.undecided.told()) else { return Vec::new() };
        self.undecided.keys.iter().map(|key| Doubt::new(&[key], code, format!("--where {told}"))).collect()
    }

    /// What contradicts itself in the records that were merged.
    pub fn doubts(&self) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        crate::relations::generic(&self.merged.values, &mut Vec::new(), &mut doubts);
        crate::relations::joined(doubts)
    }
}
