//! Where thresholds come from: files, arguments, Nagios ranges, k6's options, in the order given.
//!
//! Owns the places of errors: file, line, column and a caret. Refuses to judge with none.

use expr::{Missing, Path, Threshold, Thresholds};
use filter::{Document, Error, Filter};

use crate::flags::{Config, Written};
use crate::{k6, listing};

/// What every record is held against.
#[derive(Debug)]
pub struct Rules {
    /// The thresholds, but for those that depend on where a record keeps its figures.
    pub thresholds: Thresholds,
    /// Those of k6.
    pub k6: Vec<k6::Rule>,
}

/// Everything the command line asks for, read whole before the first record.
pub fn read(config: &Config, filter: &mut Filter) -> Result<Rules, Error> {
    let mut thresholds = Thresholds::new();
    let ranges = config.warning.is_some() || config.critical.is_some();
    for written in &config.thresholds {
        match written {
            Written::File(path) => {
                let document = filter.document(path)?;
                let before = thresholds.len();
                file(&document, &mut thresholds)?;
                let scope = config.only.as_deref();
                let applies = |threshold: &Threshold| scope.is_none_or(|scope| threshold.applies_to(scope));
                if !config.allow_empty && !thresholds.iter().skip(before).any(applies) {
                    let whose = scope.map_or(String::new(), |scope| format!(" for {scope:?}"));
                    let reason =
                        format!("has no thresholds{whose}, so nothing would be checked (--allow-empty allows it)");
                    return Err(Error::data(&*document.name, reason));
                }
            }
            Written::Argument(text) if ranges => metric(config, text, &mut thresholds)?,
            Written::Argument(text) => thresholds.push(argument(config, text, "threshold")?),
        }
    }
    if ranges && config.thresholds.is_empty() {
        return Err(Error::usage("--warning and --critical want the metrics they are for: --critical 90 cpu_pct"));
    }
    for text in &config.doubtful {
        filter.note("range", text, "read as the range from 0; write 0: or ~: to say which is meant");
    }
    if let Some(fail) = &config.fail {
        thresholds.push(decided("--fail", fail, &format!("fail: not ({fail})"))?);
    }
    if let Some(pass) = &config.pass {
        // Neither one nor the other is no failure: it is undecided.
        let clause = if config.fail.is_some() { " else inconclusive" } else { "" };
        thresholds.push(decided("--pass", pass, &format!("pass: ({pass}){clause}"))?);
    }
    let mut rules = Vec::new();
    for path in &config.k6 {
        let document = filter.document(path)?;
        rules.extend(k6::read_bytes(&document.bytes).map_err(|reason| Error::data(&*document.name, reason))?);
    }
    let mut notes = Vec::new();
    if let Some(level) = config.sure {
        let others = thresholds.sure(level, 0);
        notes.extend(others.iter().map(|id| format!("{id}: has no interval for --sure: judged as it is")));
    }
    if let Some(scope) = &config.only {
        notes.extend(without_section(&thresholds, scope));
        thresholds.only(scope);
    }
    let makes_its_own = config.suggest.is_some() || config.changed.is_some();
    if thresholds.is_empty() && rules.is_empty() && !makes_its_own {
        return Err(Error::usage(match &config.only {
            Some(scope) => format!("no threshold applies to {scope:?}"),
            None => "no thresholds: give some, or a file of them with -t".to_owned(),
        }));
    }
    notes.extend(expr::lint(&thresholds));
    notes.extend(expr::lint_bounds(&thresholds));
    if config.by.is_none() && thresholds.iter().any(|threshold| !threshold.sections.is_empty()) {
        notes.push("there are sections and no -b: no record has a scope, so none matches them".to_owned());
    }
    if config.history.is_empty() && thresholds.iter().any(Threshold::reads_history) {
        notes.push("usual() and trend() without --history FILE: those checks will be INCONCLUSIVE".to_owned());
    }
    if config.baseline.is_empty() && thresholds.iter().any(Threshold::reads_baseline) {
        notes.push("baseline without --baseline FILE: those checks will be INCONCLUSIVE".to_owned());
    }
    for note in notes {
        if config.check {
            filter.say(&format!("check-threshold: thresholds: {note}"));
        } else {
            filter.note("lint", "thresholds", note);
        }
    }
    Ok(Rules { thresholds, k6: rules })
}

/// There are sections, and none is for the scope that alone is judged: a slip would leave out what was meant.
fn without_section(thresholds: &Thresholds, scope: &str) -> Option<String> {
    let sections = || thresholds.iter().flat_map(|threshold| &threshold.sections);
    if sections().next().is_none() || sections().any(|section| section.matches(scope)) {
        return None;
    }
    let near = expr::nearest(scope, sections().map(|section| section.name.as_str()));
    let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    Some(format!("no section is for {scope:?}: only what comes before the sections applies{near}"))
}

fn file(document: &Document, thresholds: &mut Thresholds) -> Result<(), Error> {
    let text = std::str::from_utf8(&document.bytes).map_err(|bad| {
        Error::data(format!("{}: byte {}", document.name, bad.valid_up_to()), "bytes that are not UTF-8")
    })?;
    if let Some(reason) = listing::no_thresholds(text) {
        return Err(Error::data(&*document.name, reason));
    }
    if listing::is_list(text) {
        return listing::read(text, thresholds)
            .map_err(|(line, reason)| Error::data(format!("{}:{line}", document.name), reason));
    }
    thresholds.add(text).map_err(|error| wrong(&document.name, Some(error.line), &error))
}

fn argument(config: &Config, text: &str, place: &str) -> Result<Threshold, Error> {
    if is_file(text) {
        // A pattern behind --baseline that the shell has spread: its first file went there, the others came here.
        let reason = match config.baseline.is_empty() {
            true => format!("{text:?} is a file: read it with -t, or give it with -i if it is evidence"),
            false => format!(
                "{text:?} is a file: repeat --baseline before each, or quote a pattern, as in --baseline 'main/*.json'; \
                 -i names evidence, -t thresholds"
            ),
        };
        return Err(Error::usage(reason));
    }
    if matches!(text.trim(), "<" | "<=" | ">" | ">=" | "==" | "!=" | "in" | "and" | "or") {
        let reason =
            format!("{text:?} by itself: a threshold is one argument, so quote the whole of it: 'p99_ms <= 200'");
        return Err(Error::usage(reason));
    }
    Threshold::parse(text).map_err(|error| wrong(place, None, &error))
}

/// One side of `--pass` and `--fail`; a mistake is shown in what the user wrote.
fn decided(option: &str, text: &str, line: &str) -> Result<Threshold, Error> {
    expr::Condition::parse(text).map_err(|error| wrong(option, None, &error))?;
    Threshold::parse(line).map_err(|error| Error::usage(format!("{option}: {text:?}: {error}")))
}

/// The thresholds that the Nagios ranges are on one metric, the graver first.
fn metric(config: &Config, text: &str, thresholds: &mut Thresholds) -> Result<(), Error> {
    let path = Path::parse(text).map_err(|error| wrong("metric", None, &error))?;
    let missing = match config.missing {
        Some(Missing::Skip) => " missing skip",
        Some(Missing::Fail) => " missing fail",
        _ => "",
    };
    let ranges = [(&config.critical, "critical", ""), (&config.warning, "warning", " else warn")];
    for (range, word, clause) in ranges {
        if let Some(range) = range {
            let threshold = range
                .threshold(&path, word, &format!("{clause}{missing}"))
                .map_err(|error| Error::usage(format!("--{word}: {error}")))?;
            thresholds.push(threshold);
        }
    }
    Ok(())
}

/// A text without a blank or an operator that is the name of a file.
fn is_file(text: &str) -> bool {
    !text.contains(['<', '>', '=', ' ']) && std::path::Path::new(text).is_file()
}

fn wrong(name: &str, line: Option<usize>, error: &expr::Error) -> Error {
    let line = line.map_or(String::new(), |line| format!("{line}:"));
    let place = format!("{name}:{line}{}", error.column());
    let caret = error.caret();
    let reason = if caret.is_empty() { error.to_string() } else { format!("{error}\n{caret}") };
    Error::data(place, reason)
}
