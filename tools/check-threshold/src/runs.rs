//! The files of other runs: baselines, and the nights before.
//!
//! Owns which files a pattern means (`'night/*.json'`, in the order in which people count: night-2 before night-10), that
//! a file counts once, and what is a run in them. Refuses a pattern without a file, and one baseline for all where there
//! are several.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use expr::{Baseline, Runs};
use filter::{Document, Error, Filter};
use schema::{Number, Value, json};

use crate::flags::Config;
use crate::sources::Rules;
use crate::stream;

/// What thresholds compare with beside the record.
#[derive(Debug, Default)]
pub struct Others {
    /// The scopes of the last night of the history.
    pub last_night: BTreeSet<String>,
    /// The one baseline.
    pub baseline: Option<Baseline>,
    /// The baselines of comparisons over runs.
    pub runs: Option<Runs>,
    /// The nights before.
    pub history: Option<Runs>,
}

/// The files that names and patterns mean, each once. A name that is a file means it, whatever its letters.
pub fn files(names: &[PathBuf], filter: &mut Filter) -> Result<Vec<PathBuf>, Error> {
    let mut files: Vec<PathBuf> = Vec::new();
    for name in names {
        let mut found = vec![name.clone()];
        let text = name.to_string_lossy();
        if text.contains(['*', '?', '[']) && !name.exists() {
            let matches = glob::glob(&text).map_err(|error| Error::usage(format!("{text}: {error}")))?;
            found = matches.filter_map(Result::ok).filter(|file| file.is_file()).collect();
            if found.is_empty() {
                return Err(Error::data(text, "no file of such a name"));
            }
            found.sort_by(|a, b| counted(&a.to_string_lossy(), &b.to_string_lossy()));
        }
        files.extend(found);
    }
    Ok(filter.each_once(files))
}

/// The order of two names, numbers in them by their value.
fn counted(a: &str, b: &str) -> Ordering {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (mut a, mut b) = (a, b);
    loop {
        let (one, other) = (digits(a), digits(b));
        if one > 0 && other > 0 {
            let ((x, rest_a), (y, rest_b)) = (a.split_at(one), b.split_at(other));
            let (x, y) = (x.trim_start_matches('0'), y.trim_start_matches('0'));
            let order = x.len().cmp(&y.len()).then_with(|| x.cmp(y));
            if order.is_ne() {
                return order;
            }
            (a, b) = (rest_a, rest_b);
            continue;
        }
        let (mut rest_a, mut rest_b) = (a.chars(), b.chars());
        match (rest_a.next(), rest_b.next()) {
            (None, None) => return Ordering::Equal,
            (x, y) if x != y => return x.cmp(&y),
            _ => (a, b) = (rest_a.as_str(), rest_b.as_str()),
        }
    }
}

/// Reads what the thresholds compare with.
pub fn read(config: &Config, rules: &Rules, filter: &mut Filter) -> Result<Others, Error> {
    let mut others = Others::default();
    let inputs: Vec<PathBuf> = config.inputs.iter().filter_map(|input| input.canonicalize().ok()).collect();
    let is_input = |file: &PathBuf| file.canonicalize().is_ok_and(|file| file.is_file() && inputs.contains(&file));
    if !config.history.is_empty() {
        let mut history = Runs::with_copies(filter.options.allow_equal);
        for file in files(&config.history, filter)? {
            if is_input(&file) {
                filter.note("history", file.display(), "the record itself: no night before it");
                continue;
            }
            let scopes = add(&file, config, &mut history, "history", filter)?;
            if !scopes.is_empty() {
                // A file may hold many nights, a line for each scope of each: the last of them are as many as there are scopes.
                let all: BTreeSet<&String> = scopes.iter().collect();
                others.last_night = scopes.iter().rev().take(all.len()).cloned().collect();
            }
        }
        others.history = Some(history);
    }
    if config.baseline.is_empty() {
        return Ok(others);
    }
    let mut there = config.baseline.clone();
    if config.optional_baseline {
        there.retain(|path| path.as_os_str() == "-" || path.exists() || path.to_string_lossy().contains('*'));
        if there.is_empty() {
            let names: Vec<String> = config.baseline.iter().map(|path| path.display().to_string()).collect();
            filter.note("baseline", names.join(", "), "not there yet: what compares with it is skipped");
            return Ok(others);
        }
    }
    let there = files(&there, filter)?;
    if let Some(itself) = there.iter().find(|file| is_input(file)) {
        let reason = "it is among the records, too: nothing is its own baseline";
        return Err(Error::usage(format!("--baseline {}: {reason}", itself.display())));
    }
    let over_runs = !config.within_run && rules.thresholds.iter().any(expr::Threshold::compares_runs);
    if !over_runs {
        let [one] = &*there else {
            let reason = "several baselines are compared with several runs: say how sure, as in \
                          'p99_ms <= 110% * baseline sure 95%'";
            return Err(Error::usage(reason));
        };
        others.baseline = baseline(one, config, filter)?;
        return Ok(others);
    }
    for threshold in rules.thresholds.iter().filter(|threshold| threshold.reads_baseline()) {
        let reason = match threshold.runs_error() {
            Some(reason) if threshold.sure.is_some() => reason,
            _ if threshold.sure.is_none() && there.len() > 1 => {
                "there are several baselines: say how sure, as in sure 95%"
            }
            _ => continue,
        };
        return Err(Error::usage(format!("{}: {reason}", threshold.id)));
    }
    if (config.changed.is_some() || !rules.k6.is_empty()) && there.len() > 1 {
        return Err(Error::usage("--changed and --k6 go with one baseline"));
    }
    let mut runs = Runs::with_copies(filter.options.allow_equal);
    for file in &there {
        add(file, config, &mut runs, "baseline", filter)?;
    }
    if let [one] = &*there
        && rules.thresholds.iter().any(|threshold| threshold.reads_baseline() && threshold.sure.is_none())
    {
        others.baseline = baseline(one, config, filter)?;
    }
    others.runs = Some(runs);
    Ok(others)
}

/// Adds the runs of a file: a verdict, a document, or records, one a line, each of them a run. Their scopes, in their order.
fn add(
    path: &Path,
    config: &Config,
    runs: &mut Runs,
    kind: &'static str,
    filter: &mut Filter,
) -> Result<Vec<String>, Error> {
    let mut scopes = Vec::new();
    let document = filter.document(path)?;
    let values = match json::parse(&document.bytes) {
        Ok(value) => vec![value.into_owned()],
        Err(error) => match several(&document, &error)? {
            Some(values) => values,
            None => return Err(broken(&document, &error)),
        },
    };
    let before = runs.again();
    for value in values {
        let scope = config.by.as_ref().map(|by| stream::scope_of(by, &value)).unwrap_or_default();
        if Baseline::is_verdict(&value) || scope.is_empty() {
            let run = Baseline::of(value);
            scopes.extend(run.scopes().map(|(scope, _)| scope.to_owned()));
            if !runs.add(run) {
                filter.note(kind, &document.name, "no run: its verdict did not pass, or carries no evidence");
            }
        } else {
            scopes.push(scope.clone());
            runs.add_record(scope, value);
        }
    }
    if runs.again() > before {
        filter.note(kind, &document.name, "a copy of a run before it: each run counts once");
    }
    Ok(scopes)
}

/// The document of `--baseline`; what it is not is told.
fn baseline(path: &Path, config: &Config, filter: &mut Filter) -> Result<Option<Baseline>, Error> {
    let document = filter.document(path)?;
    let value = match json::parse(&document.bytes) {
        Ok(value) => value,
        Err(error) => match several(&document, &error)?.map(<[Value<'static>; 1]>::try_from) {
            None => return Err(broken(&document, &error)),
            // One record and its seal.
            Some(Ok([value])) => value,
            Some(Err(values)) => {
                let Some(by) = &config.by else {
                    let reason = "more than one record: give the key of their scope with -b";
                    let (line, column) = error.line_and_column(&document.bytes);
                    return Err(Error::data(format!("{}:{line}:{column}", document.name), reason));
                };
                let records = values.into_iter().map(|value| (stream::scope_of(by, &value), value)).collect();
                filter.note("baseline", &document.name, "raw evidence: nothing says whether that run passed");
                return Ok(Some(Baseline::by_scope(records)));
            }
        },
    };
    let verdict = Baseline::is_verdict(&value);
    let scope = config.by.as_ref().filter(|_| !verdict).map(|by| stream::scope_of(by, &value)).unwrap_or_default();
    // A record that names its scope is the baseline of that one, as it is among several.
    let baseline = if scope.is_empty() {
        Baseline::of(value.into_owned())
    } else {
        Baseline::by_scope(vec![(scope, value.into_owned())])
    };
    if baseline.is_empty() {
        filter.note("baseline", &document.name, "no baseline: its verdict did not pass, or carries no evidence");
    } else if !verdict {
        filter.note("baseline", &document.name, "raw evidence: nothing says whether that run passed");
    }
    Ok(Some(baseline))
}

fn broken(document: &Document, error: &json::Error) -> Error {
    let (line, column) = error.line_and_column(&document.bytes);
    Error::data(format!("{}:{line}:{column}", document.name), error.to_string())
}

/// The records of a file that is no single document, one a line; `None` where it is none of records either. A seal at
/// the end must count them: a file that was cut is none.
fn several(document: &Document, error: &json::Error) -> Result<Option<Vec<Value<'static>>>, Error> {
    if error.line_and_column(&document.bytes).0 < 2 || !document.bytes.starts_with(b"{\"") {
        return Ok(None);
    }
    let mut records = Vec::new();
    let mut sealed = 0;
    for (place, line) in document.bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let name = format!("{}:{}", document.name, place + 1);
        let value = json::parse(line).map_err(|error| Error::data(&*name, error.to_string()))?;
        let Some(seal) = value.get("@seal") else {
            records.push(value.into_owned());
            continue;
        };
        let counted = seal.get("records").and_then(Value::as_number).and_then(Number::as_u64);
        let there = records.len() - sealed;
        if counted != Some(there as u64) {
            return Err(Error::data(name, format!("the seal counts other records than the {there} that are there")));
        }
        sealed = records.len();
    }
    Ok(Some(records))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted_as_people_do() {
        let mut names = ["night-10.json", "night-2.json", "night-02b.json", "a10/9", "a9/10", "night-2"];
        names.sort_by(|a, b| counted(a, b));
        assert_eq!(names, ["a9/10", "a10/9", "night-2", "night-2.json", "night-02b.json", "night-10.json"]);
    }
}
