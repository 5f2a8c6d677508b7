//! One run: from what was asked to what is answered.
//!
//! Owns the order in which things happen; refuses to compute: the modules it calls do.

use std::path::PathBuf;

use expr::{Aggregate, Path, Unit};
use filter::states::Source;
use filter::{Error, Exit, Filter, Lines, Next, Records, Require};
use jiff::Timestamp;
use schema::{Code, Value, json};
use sha2::{Digest, Sha256};

use crate::flags::Config;
use crate::groups::shared;
use crate::groups::{Groups, Metric};
use crate::modes::merge::{Merged, Merging, seals};
use crate::modes::state::Bounds;
use crate::modes::thin::Thin;
use crate::modes::{histogram, state, why, window};
use crate::options::{KEYS, Parameters, Shape};
use crate::plan::{Plan, UNNAMED};
use crate::read::histogram_log;
use crate::read::key::Key;
use crate::read::left_out::within_grant;
use crate::report::names::Outline;
use crate::report::{Table, plot};
use crate::{read, report};

/// Reads the samples and writes their summaries.
pub fn run(mut config: Config, filter: &mut Filter) -> Result<Exit, Error> {
    if !config.merge && config.against.is_empty() {
        // States say themselves where they come from.
        config.files = filter.each_once(config.files);
    }
    let mut plan = Plan::new(&config, filter)?;
    if !config.against.is_empty() {
        why::run(&config, &plan, filter)?;
        return Ok(Exit::Yes);
    }
    foresee(&config, &plan)?;
    if let Some(mean) = plan.aggregates.iter().find_map(Aggregate::averages_percentiles) {
        let code = Code::NotMergeable;
        return Err(Error::usage(format!("-a: {code}: {mean}: {}", code.remedy())));
    }
    for percentile in &plan.asked.percentiles {
        if let Some(meant) = percentile.of_share() {
            let asked = percentile.name.trim_start_matches('p');
            filter.note("-p", "-p", format!("{asked} asks for {asked} percent; did you mean {meant}?"));
        }
    }
    if let (Some(width), Some(time), false) = (config.window, &config.time, config.state) {
        window::run(&config, &plan, width, time, filter)?;
        return Ok(Exit::Yes);
    }
    if config.histogram {
        let records = histogram::records(&config, &plan, filter)?;
        let by: Vec<String> = plan.by.iter().map(|path| path.dotted().to_owned()).collect();
        report::write(&plan, &by, records, filter)?;
        return Ok(Exit::Yes);
    }
    let read = if config.merge {
        merge(&config, &mut plan, filter)?
    } else if config.hlog {
        logs(&config, &plan, filter)?
    } else {
        gather(&config, &plan, filter)?
    };
    plan.asked.buckets = read.parameters.reading.get("input").is_some();
    let unit = read.parameters.reading.get("unit").and_then(Value::as_text);
    plan.unit = unit.and_then(Unit::from_written).or(plan.unit);
    print(&config, &plan, read, filter)?;
    Ok(Exit::Yes)
}

/// Looks at what of the output is known before anything is read: a mistake is told at once, not after hours of input.
fn foresee(config: &Config, plan: &Plan) -> Result<(), Error> {
    let texts = |paths: &[Path]| paths.iter().map(|path| path.dotted().to_owned()).collect::<Vec<String>>();
    let shape = if config.histogram { Shape::Bare } else { Shape::Named };
    let before = if config.window.is_some() { &KEYS[..] } else { &[] };
    let outline = Outline::new(plan, before, &texts(&plan.by), &texts(&plan.fields), &shape)?;
    let is_whole = config.histogram || !plan.all_fields && plan.wildcards.is_empty();
    match plan.sort.as_ref().filter(|_| is_whole) {
        Some(path) => outline.sorts_by(path).map_err(Error::usage),
        None => Ok(()),
    }
}

/// What was read: samples, how, and of which sources.
struct Gathered {
    groups: Groups,
    /// How many metrics were asked for by name: they stay in that order.
    named: usize,
    parameters: Parameters,
    sources: Vec<Source>,
}

/// Reads numbers or records.
fn gather(config: &Config, plan: &Plan, filter: &mut Filter) -> Result<Gathered, Error> {
    let store = shared::Store::new(plan);
    let mut digest = config.state.then(Sha256::new);
    let held = match &plan.early {
        Some(rule) => read::early::read(plan, rule, &config.files, &store, filter)?,
        None => read::read(plan, &config.files, &store, &mut digest, filter)?,
    };
    let mut groups = store.into_groups()?;
    if plan.keys.is_empty() {
        groups.place(&[]);
    }
    if plan.keys.is_empty() && held.is_none() && !plan.records_only {
        groups.metric_number("");
    }
    let (ending, granted) = (plan.ending(), filter.options.allow_rejected.is_some());
    if config.state {
        groups.read_part(&ending, granted);
    } else {
        groups.read_all(&ending, granted);
    }
    within_grant(filter)?;
    if let Some(rule) = &plan.early {
        read::early::leave_open(&mut groups, rule, filter);
    }
    if !granted {
        groups.tell_invalid(&ending, filter);
    }
    if filter.counts.lines == 0 && filter.counts.unfinished == 0 && !config.state {
        filter.note("no input", "input", "there is no line in it");
    }
    absent_fields(&groups, plan, filter);
    absent_values(&groups, plan, filter);
    absent_groups(&groups, plan, filter);
    groups.tell_groupless(filter);
    if let Some(interval) = config.interval
        && !groups.correct(interval, plan.max_memory)
    {
        let reason = "too much to correct exactly: a larger interval, or more --max-memory";
        return Err(Error::data("--expected-interval", reason));
    }
    let mut sources = Vec::new();
    if let Some(digest) = digest {
        let mut source = source(config, filter::hex(&digest.finalize()), filter)?;
        let time = |nanoseconds: i64| Timestamp::from_nanosecond(i128::from(nanoseconds)).ok();
        source.span = groups.span.and_then(|(from, to)| time(from).zip(time(to)));
        sources.push(source);
    }
    Ok(Gathered { groups, named: plan.fields.len(), parameters: plan.parameters(), sources })
}

/// Who this run is, where it writes a state: what it read, and what was wrong with that.
fn source(config: &Config, digest: String, filter: &Filter) -> Result<Source, Error> {
    let name = match (&filter.options.source_id, config.part) {
        (Some(name), _) => name.clone(),
        (None, Some(_)) => String::new(),
        (None, None) => format!("sha256:{digest}"),
    };
    let stdin = config.files.is_empty() || config.files.iter().any(|path| path.as_os_str() == "-");
    Ok(Source {
        name,
        split: config.part,
        input: Some(digest),
        lines: Some(filter.counts.lines),
        rejected: filter.counts.rejected,
        allow_rejected: filter.options.allow_rejected.clone(),
        unsealed: filter.options.unsealed || stdin && filter.upstream().is_empty(),
        upstream: schema::seal::bounded(filter.upstream().to_vec()),
        written: Some(filter.made_at()?),
        ..Source::default()
    })
}

/// Says which paths of groups are in no record, and what is there.
fn absent_groups(groups: &Groups, plan: &Plan, filter: &mut Filter) {
    let Some((_, keys)) = &groups.first else { return };
    for (place, key) in plan.keys.iter().enumerate() {
        let Key::Path(path) = key else { continue };
        if groups.list.iter().any(|group| group.records > 0) && groups.list.iter().all(|group| !group.has_value(place))
        {
            filter.note("absent group", path, nowhere(path, keys));
        }
    }
}

/// That no record has what a path reads; what the first one has, and what of that is near.
pub fn nowhere(path: &Path, keys: &[String]) -> String {
    let near = expr::nearest(path.dotted(), keys.iter().map(String::as_str));
    let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    format!("no record has it; the first one has {}{near}", keys.join(", "))
}

/// Says which keys of `-a` are in no record, as far as the first shows it.
fn absent_values(groups: &Groups, plan: &Plan, filter: &mut Filter) {
    let Some((_, keys)) = &groups.first else { return };
    for path in plan.aggregates.iter().flat_map(Aggregate::paths) {
        let first = path.dotted().split(['.', '[']).next().unwrap_or_default();
        if !keys.iter().any(|key| key == first)
            && let Some(near) = expr::nearest(path.dotted(), keys.iter().map(String::as_str))
        {
            filter.note(
                "absent value",
                format!("-a: {path}"),
                format!("the first record does not have it; did you mean {near}?"),
            );
        }
    }
}

/// Says which fields are in no record, and what is there; and which are in hardly any.
fn absent_fields(groups: &Groups, plan: &Plan, filter: &mut Filter) {
    let Some((_, keys)) = &groups.first else { return };
    for (number, path) in plan.fields.iter().enumerate() {
        let metrics = || groups.list.iter().filter_map(|group| group.metrics.get(number));
        let is_there = metrics().any(Metric::is_there);
        let records = groups.list.iter().map(|group| group.records).fold(0, u64::saturating_add);
        if !is_there && records > 0 {
            filter.note("absent field", path, nowhere(path, keys));
            continue;
        }
        // Mixed logs have fields that half of the lines lack. One that hardly any has may have got another name.
        let have = metrics().map(Metric::records).fold(0, u64::saturating_add);
        if records >= MANY && have.saturating_mul(RARE) < records {
            let others = keys.iter().map(String::as_str).filter(|key| *key != path.dotted());
            let near =
                expr::nearest(path.dotted(), others).map_or(String::new(), |near| format!("; is it {near} now?"));
            let reason = format!(
                "{have} of {records} records have it, and the figures are of those alone (--no-missing where each should){near}"
            );
            filter.note("rare field", path, reason);
        }
    }
}

/// Of so many records and more it is told that hardly any has a field.
const MANY: u64 = 100;
/// A field that fewer than one record in so many has is rare.
const RARE: u64 = 20;

/// Reads HdrHistogram logs.
fn logs(config: &Config, plan: &Plan, filter: &mut Filter) -> Result<Gathered, Error> {
    let mut groups = Groups::new(Vec::new(), None);
    let mut tagged = false;
    let mut digest = Sha256::new();
    let stdin = [PathBuf::from("-")];
    for path in if config.files.is_empty() { &stdin[..] } else { &config.files } {
        let lines = Lines::new(filter.open(path)?, histogram_log::limit(filter));
        tagged |= histogram_log::read(lines, &mut groups, &mut digest, filter)?;
    }
    let mut parameters = plan.parameters();
    parameters.by = if tagged { vec!["tag".to_owned()] } else { Vec::new() };
    if !tagged {
        // One group without a key; an empty log has it, too.
        let number = groups.list.pop();
        groups = Groups::new(groups.names.clone(), None);
        let place = groups.place(&[]);
        if let (Some(from), Some(to)) = (number, groups.list.get_mut(place)) {
            to.records = from.records;
            to.metrics = from.metrics;
        }
    }
    within_grant(filter)?;
    if config.state && filter.options.source_id.is_none() && config.part.is_none() {
        return Err(Error::usage("--hlog --state wants --source-id NAME or --part K/N"));
    }
    let mut sources = Vec::new();
    if config.state {
        sources.push(source(config, filter::hex(&digest.finalize()), filter)?);
    }
    Ok(Gathered { groups, named: 0, parameters, sources })
}

/// Writes states, distributions, or summaries with what was asked for beside them.
fn print(config: &Config, plan: &Plan, read: Gathered, filter: &mut Filter) -> Result<(), Error> {
    let Gathered { mut groups, named, parameters, sources } = read;
    groups.sort(named);
    if config.state {
        let bounds = Bounds::new(plan.max_memory, plan.precision, config.max_state);
        return state::write(&mut groups, &bounds, &parameters, &sources, filter);
    }
    let bare =
        parameters.fields.is_none() && parameters.window().is_none() && groups.names.iter().all(String::is_empty);
    if !bare && plan.name.is_some() {
        return Err(Error::usage(UNNAMED));
    }
    if bare && groups.names.is_empty() {
        filter.note("no numbers", "input", "no field is a number");
    }
    let names = groups.names.clone();
    let drawn = if config.plot || config.hgrm { groups.list.len() } else { 0 };
    for place in 0..drawn {
        groups.finish(place);
        let Some(group) = groups.list.get(place) else { continue };
        for (name, metric) in names.iter().zip(&group.metrics) {
            let title = title(&group.key(), name);
            if config.plot {
                let columns = filter.columns();
                plot::bars(metric, &title, columns, config.ascii).iter().for_each(|line| filter.say(line));
            }
            if config.hgrm {
                let (sum, squares) = metric.samples.totals();
                let count = metric.samples.count();
                let number = |number: Option<schema::Number<'_>>| number.and_then(|number| number.to_f64());
                let (mean, deviation) = (number(sum.mean(count)), number(sum.deviation(&squares, count)));
                filter.text(&format!(
                    "#[{title}]\n{}",
                    plot::distribution(&metric.samples, plan.asked.buckets, mean, deviation)
                ))?;
            }
        }
    }
    if config.hgrm {
        return Ok(());
    }
    if let Some(width) = parameters.window() {
        return window::write_merged(config, plan, width, &parameters, groups, filter);
    }
    if config.fill {
        return Err(Error::usage("--fill: the states have no windows"));
    }
    let shape = if bare { Shape::Bare } else { Shape::Named };
    report::groups(plan, &parameters.by, &mut groups, &shape, &schema::Object::new(), &mut Table::default(), filter)
}

/// What a picture is called: the group and the metric.
fn title(key: &[schema::Value<'_>], name: &str) -> String {
    let words = key.iter().map(report::plain).chain((!name.is_empty()).then(|| name.to_owned()));
    let title = words.collect::<Vec<_>>().join(" ");
    if title.is_empty() { "all".to_owned() } else { title }
}

/// Reads states and puts them together.
fn merge(config: &Config, plan: &mut Plan, filter: &mut Filter) -> Result<Gathered, Error> {
    let expected = config.expected.clone().resolve().map_err(|reason| Error::data("--expect", reason))?;
    let mut merging = Merging::new(plan.max_memory, plan.precision, filter.options.allow_equal);
    let mut records = Records::new(&config.files, Require::Rows);
    let mut thin = Thin::default();
    // What is taken apart is a state, whole: anything else the plain way reads, and says what is wrong with it.
    while let Some(next) = records
        .next_or(filter, |text| thin.take(text) && json::parse(&thin.text).is_ok_and(|record| thin.is_of(&record)))?
    {
        let (outcome, file, line) = match next {
            Next::Record(record) => (merging.take(&record.value), record.file, record.line),
            Next::Taken { file, line } => {
                let record = json::parse(&thin.text).unwrap_or(Value::Null);
                (merging.take_row(&record, Some(&thin)), file, line)
            }
        };
        outcome.map_err(|reason| Error::data(format!("{file}:{line}"), reason))?;
        filter.counts.used += 1;
    }
    let fault = records.fault();
    let Merged { mut groups, aggregates, parameters, sources, vouched } = merging.finish(&expected, !config.state)?;
    plan.aggregates = aggregates;
    if let Some(text) = &config.newer_than {
        filter::states::all_new("--newer-than", text, &sources, filter)?;
    }
    // Rows that vouch for themselves may come in any order; of others the seals must be right.
    match fault {
        Some(fault) if !vouched => return Err(fault),
        _ => {}
    }
    filter.replace_upstream(vouched, seals(&sources));
    let read = |source: &Source| source.lines.map(|lines| lines.saturating_sub(source.rejected));
    plan.merged_records = sources.iter().map(read).try_fold(0, |all: u64, read| all.checked_add(read?)).unwrap_or(0);
    plan.no_records = sources.iter().all(|source| source.lines == Some(0));
    let wildcards = parameters.wildcards();
    let ending = parameters.ending(&wildcards);
    let named = ending.named;
    // Of windows each is read to its end by itself.
    if parameters.window().is_none() || config.state {
        if !config.state {
            groups.read_all(&ending, false);
        }
        groups.tell_invalid(&ending, filter);
    }
    Ok(Gathered { groups, named, parameters, sources })
}
