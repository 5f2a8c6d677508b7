//! States of folds: what was folded so far, as rows that merge to the documents of one run over everything, whatever the
//! parts, their order and the tree.
//!
//! Owns the format: a row a group, each of which stands alone ([`filter::states`]). What the whole run knows besides its
//! groups (its sources, what was declared, records that belong nowhere) is in the first row. Refuses to merge folds of other
//! aggregates, groups or conditions.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use expr::{Aggregate, AggregateState, Condition, Path};
use filter::states::{Expected, Listed, Rows, Source, row_digest};
use filter::{Error, Filter, Records, Require};
use schema::{Code, Number, Object, Seal, Value, json};

use super::intake::Folded;
use super::{Group, Groups, Plan, Undecided};
use crate::facts::cadence::Cadence;
use crate::flags::Config;

/// The version of the format, which the rows of other tools' states count with.
const VERSION: u64 = 2;

/// What tells these states from those of samples.
const KIND: &str = "fold";

/// A fold that is not finished: of one run, or of the parts that have come.
#[derive(Default)]
pub struct Part {
    /// Who read what.
    pub sources: Vec<Source>,
    /// The groups; `first` of each is a place in `sources`.
    pub groups: Vec<Group>,
    /// Paths that a record declares.
    pub declared: BTreeSet<String>,
    /// Records of which it cannot be told whether they belong, nor where.
    pub anywhere: Undecided,
    /// Why it is not of this run.
    pub stale: Option<String>,
}

/// What was folded, in the words of the command line.
#[derive(Clone, Debug, PartialEq)]
struct Parameters {
    by: Option<String>,
    aggregates: Vec<String>,
    conditions: Vec<String>,
}

impl Parameters {
    fn of(config: &Config) -> Parameters {
        Parameters {
            by: config.by.as_ref().map(ToString::to_string),
            aggregates: config.aggregates.iter().map(ToString::to_string).collect(),
            conditions: config.conditions.iter().map(ToString::to_string).collect(),
        }
    }

    fn value(&self) -> Object<'static> {
        let texts = |list: &[String]| list.iter().map(|text| Value::from(text.clone())).collect::<Vec<_>>();
        let mut object = Object::new();
        object.insert("by", self.by.clone().map_or(Value::Null, Value::from));
        object.insert("aggregates", texts(&self.aggregates));
        object.insert("where", texts(&self.conditions));
        object
    }

    fn read(value: &Value<'_>) -> Option<Parameters> {
        let texts = |key: &str| {
            value.get(key)?.as_list()?.iter().map(|text| text.as_text().map(str::to_owned)).collect::<Option<Vec<_>>>()
        };
        let by = match value.get("by")? {
            Value::Null => None,
            text => Some(text.as_text()?.to_owned()),
        };
        Some(Parameters { by, aggregates: texts("aggregates")?, conditions: texts("where")? })
    }

    /// How `other` differs, in words.
    fn difference(&self, other: &Parameters) -> String {
        let (mine, theirs) = (self.value(), other.value());
        let key = mine.iter().map(|(key, _)| key).find(|key| mine.get(key) != theirs.get(key)).unwrap_or("parameters");
        let text = |object: &Object<'_>| {
            let mut text = Vec::new();
            json::write(object.get(key).unwrap_or(&Value::Null), &mut text);
            String::from_utf8_lossy(&text).into_owned()
        };
        format!("not-mergeable: the states were folded with different {key}: {} and {}", text(&mine), text(&theirs))
    }
}

/// Refuses what a state cannot have.
///
/// # Errors
/// An aggregate that needs its records in order; options that say something of the finished document.
pub fn check(config: &Config) -> Result<(), Error> {
    if config.merge {
        let said = [
            ("-a", !config.aggregates.is_empty()),
            ("-b", config.by.is_some()),
            ("--where", !config.conditions.is_empty()),
        ];
        if let Some((option, _)) = said.iter().find(|(_, said)| *said) {
            let why = "states bring their aggregates, groups and conditions with them";
            return Err(Error::usage(format!("--merge and {option} do not go together: {why}")));
        }
    } else if config.state && config.aggregates.is_empty() {
        return Err(Error::usage("--state wants -a: what records come to; records themselves need no state"));
    }
    if !config.state {
        return Ok(());
    }
    let named = config.sources.iter().any(|source| !source.name.is_empty());
    let said = [
        ("NAME=FILE", named),
        ("--set", !config.sets.is_empty()),
        ("--command", !config.commands.is_empty()),
        ("--require", !config.require.is_empty()),
        ("--get", config.get.is_some()),
        ("--paths", config.paths),
        ("--delta", config.delta),
    ];
    if let Some((option, _)) = said.iter().find(|(_, said)| *said) {
        return Err(Error::usage(format!(
            "--state and {option} do not go together: say it where the states are merged"
        )));
    }
    if let Some(aggregate) = config.aggregates.iter().find(|aggregate| !aggregate.joins_in_any_order(false)) {
        let reason = "it needs the records in order, and parts come in any";
        return Err(Error::usage(format!("--state and -a '{aggregate}': {reason}")));
    }
    Ok(())
}

/// Writes a state, a row a group; one without a group where there is none.
///
/// # Errors
/// Only a failed write.
pub fn write(config: &Config, part: &Part, filter: &mut Filter) -> Result<(), Error> {
    let (parameters, mut sources) = (Parameters::of(config), Listed::of(&part.sources));
    for place in 0..part.groups.len().max(1) {
        filter.object(&row(&parameters, part, &mut sources, place))?;
    }
    Ok(())
}

fn row(parameters: &Parameters, part: &Part, sources: &mut Listed, place: usize) -> Object<'static> {
    let mut state = Object::new();
    state.insert("version", VERSION);
    state.insert("kind", KIND);
    state.insert("of", sources.digest.clone());
    state.insert("part", vec![Value::from(place as u64 + 1), Value::from(part.groups.len().max(1) as u64)]);
    if place == 0 {
        state.insert("sources", sources.take());
        if !part.declared.is_empty() {
            state.insert("declared", part.declared.iter().cloned().map(Value::from).collect::<Vec<_>>());
        }
        if let Some(anywhere) = undecided(&part.anywhere) {
            state.insert("anywhere", anywhere);
        }
        if let Some(stale) = &part.stale {
            state.insert("stale", stale.clone());
        }
    }
    state.insert("parameters", parameters.value());
    if let Some(group) = part.groups.get(place) {
        if let Some(key) = &group.key {
            state.insert("group", key.clone());
        }
        state.insert("first", vec![Value::from(group.first.0 as u64), Value::from(group.first.1)]);
        if let Some(undecided) = undecided(&group.undecided) {
            state.insert("undecided", undecided);
        }
        let cadence = group.cadence.value();
        if !cadence.is_empty() {
            state.insert("cadence", cadence);
        }
        let states = group.states.iter().map(|state| Value::Object(state.to_value()));
        state.insert("aggregates", states.collect::<Vec<_>>());
    }
    let digest = row_digest(&[], &state);
    state.insert("digest", digest);
    let mut object = Object::new();
    object.insert("@state", state);
    object
}

fn undecided(of: &Undecided) -> Option<Vec<Value<'static>>> {
    Some(vec![Value::from(of.count), Value::from(of.code?.name().to_owned())])
}

fn read_undecided(value: Option<&Value<'_>>) -> Option<Undecided> {
    let mut undecided = Undecided::default();
    if let Some(value) = value {
        let [count, code] = value.as_list()? else { return None };
        undecided.add(Code::from_name(code.as_text()?)?, count.as_number()?.as_u64()?);
    }
    Some(undecided)
}

/// A group of the states so far, and where the first of its records was: the state's list of sources, the place in it, and
/// the group's place among those that the source began.
struct Known {
    group: Group,
    /// By the state's list of sources.
    firsts: Vec<(String, usize, u64)>,
}

/// States coming together.
#[derive(Default)]
struct Merging {
    rows: Rows,
    parameters: Option<Parameters>,
    aggregates: Vec<Aggregate>,
    groups: HashMap<Vec<u8>, Known>,
    /// The lists of sources, by their digests: once all rows have come.
    lists: BTreeMap<String, Vec<Source>>,
    declared: BTreeSet<String>,
    anywhere: Undecided,
    stale: Option<String>,
}

impl Merging {
    fn take(&mut self, record: &Value<'_>) -> Result<(), String> {
        let Some(state) = record.get("@state") else {
            return Err(
                "not-mergeable: the record is not a state: write states with --state and merge those".to_owned()
            );
        };
        if state.get("kind").and_then(Value::as_text) != Some(KIND) {
            return Err(
                "not-mergeable: it is not a state of a fold; percentile --merge reads states of samples".to_owned()
            );
        }
        self.row(state).unwrap_or_else(|| Err("the state is not one that this version writes".to_owned()))
    }

    /// Takes in one row; `None` for what no row is.
    fn row(&mut self, state: &Value<'_>) -> Option<Result<(), String>> {
        let version = state.get("version")?.as_number()?.as_u64()?;
        if version != VERSION {
            return Some(Err(format!("the state has version {version}; this merge-evidence reads {VERSION}")));
        }
        if let Err(reason) = Rows::is_unchanged(&[], state)? {
            return Some(Err(reason));
        }
        let parameters = Parameters::read(state.get("parameters")?)?;
        if let Err(reason) = self.rows.part(state, version)? {
            return Some(Err(reason));
        }
        match &self.parameters {
            None => {
                let read = parameters.aggregates.iter().map(|text| Aggregate::parse(text).ok());
                self.aggregates = read.collect::<Option<_>>()?;
                self.parameters = Some(parameters);
            }
            Some(known) if *known == parameters => {}
            Some(known) => return Some(Err(known.difference(&parameters))),
        }
        let of = state.get("of")?.as_text()?.to_owned();
        if let Some(list) = state.get("sources") {
            self.lists.insert(of.clone(), list.as_list()?.iter().map(Source::read).collect::<Option<_>>()?);
        }
        for path in state.get("declared").map_or(Some(&[][..]), Value::as_list)? {
            self.declared.insert(path.as_text()?.to_owned());
        }
        if let Some(code) = read_undecided(state.get("anywhere"))?.code {
            self.anywhere.add(code, read_undecided(state.get("anywhere"))?.count);
        }
        if let Some(stale) = state.get("stale") {
            let stale = stale.as_text()?.to_owned();
            // Which part was looked at first says nothing.
            self.stale = Some(self.stale.take().map_or(stale.clone(), |known| known.min(stale)));
        }
        let Some(list) = state.get("aggregates") else { return Some(Ok(())) };
        let list = list.as_list().filter(|list| list.len() == self.aggregates.len())?;
        let read = list.iter().zip(&self.aggregates);
        let states: Vec<AggregateState> =
            read.map(|(state, aggregate)| AggregateState::from_value(aggregate, state)).collect::<Option<_>>()?;
        let cadence = state.get("cadence").map_or(Some(Cadence::default()), Cadence::read)?;
        let undecided = read_undecided(state.get("undecided"))?;
        let [source, place] = state.get("first")?.as_list()? else { return None };
        let first = (of, usize::try_from(source.as_number()?.as_u64()?).ok()?, place.as_number()?.as_u64()?);
        let mut key = Vec::new();
        if let Some(group) = state.get("group") {
            json::write(group, &mut key);
        }
        match self.groups.get_mut(&key) {
            Some(known) => {
                known.group.join(&states, &cadence, &undecided);
                known.firsts.push(first);
            }
            None => {
                let value = state.get("group").map(|group| group.clone().into_owned());
                let group = Group { key: value, states, cadence, undecided, ..Group::default() };
                self.groups.insert(key, Known { group, firsts: vec![first] });
            }
        }
        Some(Ok(()))
    }

    /// The whole, its sources in the order in which one run would be given them: by name and path.
    fn finish(self, expected: &Expected, is_last: bool) -> Result<(Part, Parameters, Vec<Aggregate>), Error> {
        let mut sources = self.rows.finish(expected, is_last)?;
        let odd = || Error::data("--merge", "no-records: no state was read");
        let parameters = self.parameters.ok_or_else(odd)?;
        sources.sort_by(in_order);
        let places: HashMap<String, usize> = sources.iter().map(Source::id).zip(0..).collect();
        // Where a state says that a source stands is where it stands in its own list.
        let place = |(of, source, order): (String, usize, u64)| {
            let source = self.lists.get(&of).and_then(|list| list.get(source));
            (source.and_then(|source| places.get(&source.id())).copied().unwrap_or(usize::MAX), order)
        };
        let mut groups: Vec<Group> = Vec::with_capacity(self.groups.len());
        for known in self.groups.into_values() {
            let first = known.firsts.into_iter().map(place).min().unwrap_or_default();
            groups.push(Group { first, ..known.group });
        }
        groups.sort_by_key(|group| group.first);
        let part = Part { sources, groups, declared: self.declared, anywhere: self.anywhere, stale: self.stale };
        Ok((part, parameters, self.aggregates))
    }
}

/// The order of sources: of their names and paths as evidence has them.
fn in_order(one: &Source, other: &Source) -> Ordering {
    let key =
        |source: &Source| source.file.as_ref().map(|file| (file.name.clone(), file.path.clone(), file.sha256.clone()));
    key(one).cmp(&key(other)).then_with(|| one.id().cmp(&other.id()))
}

/// Reads the unnamed sources as states; what they were folded by is then what the command line is taken to have said.
///
/// # Errors
/// A row that is no state, was changed, or comes twice; a part or a source that is not there.
pub fn merge(config: &mut Config, filter: &mut Filter) -> Result<Part, Error> {
    let (unnamed, named): (Vec<_>, Vec<_>) =
        std::mem::take(&mut config.sources).into_iter().partition(|source| source.name.is_empty());
    config.sources = named;
    let paths: Vec<_> = unnamed.into_iter().map(|source| source.path).collect();
    let expected = match config.expect.as_slice() {
        [] => Expected::Any,
        names => Expected::parse(&names.join(","))
            .and_then(Expected::resolve)
            .map_err(|reason| Error::data("--expect", reason))?,
    };
    let mut merging = Merging { rows: Rows::new(filter.options.allow_equal), ..Merging::default() };
    let mut records = Records::new(&paths, Require::Rows);
    while let Some(record) = records.next(filter)? {
        let place = || format!("{}:{}", record.file, record.line);
        merging.take(&record.value).map_err(|reason| Error::data(place(), reason))?;
        filter.counts.used += 1;
    }
    let (mut part, parameters, aggregates) = merging.finish(&expected, !config.state)?;
    // Named sources that --expect may ask for, too, are looked at where documents are made; the parts have been.
    config.expect.clear();
    config.aggregates = aggregates;
    let odd = |text: &str| Error::data("--merge", format!("{text}: is not what this version writes"));
    config.by = parameters.by.as_deref().map(|text| Path::parse(text).map_err(|_| odd(text))).transpose()?;
    config.conditions = parameters
        .conditions
        .iter()
        .map(|text| Condition::parse(text).map_err(|_| odd(text)))
        .collect::<Result<_, _>>()?;
    if let Some(text) = &config.newer_than {
        let (bound, now) = (filter.moment("--newer-than", text)?, filter.now());
        let old = part.sources.iter().find_map(|source| source.stale(bound, now));
        part.stale = part.stale.or(old);
    }
    if let Some(text) = &config.older_than {
        let bound = filter.moment("--older-than", text)?;
        let late = part.sources.iter().find(|source| source.span.is_some_and(|(_, to)| to > bound));
        part.stale = part.stale.or(late.map(|source| format!("{:?}: its data ends after {bound}", source.id())));
    }
    let seals =
        |source: &Source| source.upstream.iter().cloned().chain([source.seal("merge-evidence")]).collect::<Vec<Seal>>();
    filter.replace_upstream(true, part.sources.iter().flat_map(seals).collect::<Vec<_>>());
    Ok(part)
}

/// What the parts come to.
pub fn folded(config: &Config, part: Part, filter: &mut Filter) -> Folded {
    let mut evidence = schema::Evidence::default();
    let mut read = 0u64;
    for source in part.sources {
        read = read.saturating_add(source.lines.unwrap_or(0).saturating_sub(source.rejected));
        evidence.sources.extend(source.file.map(|file| *file));
        evidence.seals.extend(source.upstream);
    }
    let plan = Plan {
        aggregates: &config.aggregates,
        by: config.by.as_ref(),
        conditions: &config.conditions,
        rule: config.on_conflict.unwrap_or_default(),
    };
    let mut groups = Groups::of(plan, part.groups, part.declared, part.anywhere);
    // Where none was chosen, all of these were left out, but for those of which nobody can tell.
    if read > groups.undecided.count {
        groups.pass_over();
    }
    if let Some(told) = groups.undecided.noted() {
        filter.note("--where", "--where", format!("{told}; what they would change is unknown"));
    }
    let (groups, declared) = groups.finish();
    Folded { groups, declared, evidence, stale: part.stale }
}

impl Cadence {
    /// As a state has it; empty where no time was seen.
    fn value(&self) -> Object<'static> {
        let number = |value: f64| Number::from_f64(value).map_or(Value::Null, Value::Number);
        let (classes, widest, mixed) = self.parts();
        let mut object = Object::new();
        if !classes.is_empty() {
            let classes = classes.iter().map(|(class, (count, sum))| {
                let sum = Number::parse(sum.to_string()).map_or(Value::Null, Value::Number);
                vec![Value::Number(Number::from(i128::from(*class))), Value::from(*count), sum].into()
            });
            object.insert("distances", classes.collect::<Vec<_>>());
        }
        if let Some((from, to)) = widest {
            object.insert("widest", vec![number(from), number(to)]);
        }
        if mixed {
            object.insert("mixed", true);
        }
        object
    }

    /// What [`Cadence::value`] has written.
    fn read(value: &Value<'_>) -> Option<Cadence> {
        let mut classes = BTreeMap::new();
        for class in value.get("distances").map_or(Some(&[][..]), Value::as_list)? {
            let [class, count, sum] = class.as_list()? else { return None };
            let class = i32::try_from(class.as_number()?.as_i64()?).ok()?;
            classes.insert(class, (count.as_number()?.as_u64()?, sum.as_number()?.as_str().parse().ok()?));
        }
        let widest = match value.get("widest").map(Value::as_list) {
            None => None,
            Some(Some([from, to])) => Some((from.as_number()?.to_f64()?, to.as_number()?.to_f64()?)),
            Some(_) => return None,
        };
        Some(Cadence::of(classes, widest, value.get("mixed") == Some(&Value::Bool(true))))
    }
}
