//! One run: from what was asked to what is answered.
//!
//! Owns the order in which things happen; refuses to compute: the modules it calls do.

use filter::{Error, Exit, Filter, Format, Records, Require};
use schema::json;

use crate::flags::Config;
use crate::{listing, power, runs, sources, stream, suggest};

/// Judges every record, whatever comes, and answers.
pub fn run(mut config: Config, filter: &mut Filter) -> Result<Exit, Error> {
    let asks_for_text = config.list || config.check || config.suggest.is_some();
    if asks_for_text || (filter.options.quiet && filter.options.output.is_none()) {
        // What is not a stream of checks has no seal either.
        filter.options.format = Some(Format::Text);
    }
    let rules = sources::read(&config, filter)?;
    if config.list {
        for threshold in &rules.thresholds {
            filter.text(&format!("{}\n", listing::line(threshold)))?;
        }
    }
    if config.check && !config.history.is_empty() {
        let others = runs::read(&config, &rules, filter)?;
        for line in others.history.iter().flat_map(|history| power::lines(&rules.thresholds, history)) {
            filter.say(&format!("check-threshold: {line}"));
        }
    }
    if config.list || config.check {
        return Ok(Exit::Yes);
    }
    if let Some(margin) = config.suggest {
        return suggestions(&config, margin, filter);
    }
    if config.changed.is_some() && config.baseline.is_empty() {
        return Err(Error::usage("--changed wants --baseline FILE"));
    }
    if config.stop_early.is_some()
        && let Some(reason) = whole(&config, &rules)
    {
        return Err(Error::usage(format!("--stop-early: {reason}")));
    }
    config.inputs = runs::files(&config.inputs, filter)?;
    let others = runs::read(&config, &rules, filter)?;
    let status = stream::judge(&config, &rules, &others, filter)?;
    Ok(stream::exit(status, &config))
}

/// Why every record must be read, where that is so.
fn whole(config: &Config, rules: &sources::Rules) -> Option<&'static str> {
    let over_runs = !config.within_run && rules.thresholds.iter().any(expr::Threshold::compares_runs);
    match () {
        () if over_runs || config.over_runs => Some("a comparison over runs needs all of them"),
        () if config.last.is_some() => Some("--last wants the last records, which come at the end"),
        () if !rules.k6.is_empty() || config.changed.is_some() => {
            Some("--k6 and --changed make thresholds of each record")
        }
        () => None,
    }
}

/// `--suggest`: thresholds for the evidence at hand, with a section for each record that has a scope.
fn suggestions(config: &Config, margin: expr::Quantity, filter: &mut Filter) -> Result<Exit, Error> {
    let mut records = Records::new(&config.inputs, Require::WhereSealing);
    while let Some(record) = records.next(filter)? {
        let scope = config.by.as_ref().map(|path| stream::scope_of(path, &record.value)).unwrap_or_default();
        let found = suggest::suggest(&record.value, margin);
        if let Some(first) = found.failed.first() {
            let reason = format!("the run failed ({first}): a bound made from it would let the failure pass");
            return Err(Error::data("--suggest", reason));
        }
        if let Some(first) = found.unsided.first() {
            let count = found.unsided.len();
            filter.note(
                "--suggest",
                "--suggest",
                match count {
                    1 => format!("left out: {first}, since its name does not say which way is worse"),
                    _ => format!(
                        "left out: {first} and {} more, since their names do not say which way is worse",
                        count - 1
                    ),
                },
            );
        }
        if !scope.is_empty() {
            let mut quoted = Vec::new();
            json::write_text(&scope, &mut quoted);
            filter.text(&format!("[{}]\n", String::from_utf8_lossy(&quoted)))?;
        }
        for line in found.lines {
            filter.text(&format!("{line}\n"))?;
        }
    }
    Ok(Exit::Yes)
}
