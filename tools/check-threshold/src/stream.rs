//! The stream: records in, checks out, whatever comes.
//!
//! Owns scopes, `@record` lines, the checks of a broken stream and the outcome so far. Refuses to end without one.

use expr::{Baseline, Finding, Judge, Missing, Passed, Path, Reading, Thresholds};
use filter::{Error, Event, Exit, Filter, Records, Require};
use schema::{Check, Code, Status, Value, json};

use crate::brief::Brief;
use crate::flags::Config;
use crate::table;

/// The id of checks about the stream itself.
const STREAM_ID: &str = "@stream";

/// Judges every record and says what all came to.
pub fn judge(
    config: &Config,
    thresholds: &Thresholds,
    baseline: Option<&Baseline>,
    filter: &mut Filter,
) -> Result<Status, Error> {
    let mut output = Output { status: Status::Skip, brief: Brief::default(), silent: silent(filter), config };
    let mut judge = Judge::new(thresholds, baseline, config.missing.unwrap_or(Missing::Inconclusive));
    let mut records = Records::new(&config.inputs, Require::WhereSealing);
    while let Some(event) = records.next_event(filter)? {
        match event {
            Event::Record(record) => {
                filter.counts.lines += 1;
                let scope = match (&config.by, &config.only) {
                    (Some(path), _) => scope_of(path, &record.value),
                    (None, Some(only)) => only.clone(),
                    (None, None) => String::new(),
                };
                if config.only.as_ref().is_some_and(|only| *only != scope) {
                    filter.counts.skipped += 1;
                    continue;
                }
                filter.counts.used += 1;
                if !config.no_record && !output.silent && !filter.people() {
                    write_record(&record.value, &scope, filter)?;
                }
                judge.each(&record.value, &scope, |finding| match finding {
                    Finding::Passed(passed) if !filter.people() => output.passed(&passed, filter),
                    finding => output.check(&finding.into_check(), filter),
                })?;
            }
            Event::Malformed { place, reason } => {
                filter.counts.lines += 1;
                filter.counts.rejected += 1;
                filter.note("malformed record", &place, &reason);
                output.check(&stream_check(Code::Malformed, &format!("{place}: {reason}")), filter)?;
            }
            Event::Fault { place, code, detail } => {
                filter.note("seal", &place, format!("{code}: {detail}"));
                output.check(&stream_check(code, &format!("{place}: {detail}")), filter)?;
            }
        }
    }
    for check in judge.finish() {
        output.check(&check, filter)?;
    }
    let rejecting = filter.upstream().iter().find(|seal| seal.rejects_too_much());
    if let Some(seal) = rejecting {
        let detail = format!("{} rejected {} lines", seal.tool, seal.rejected);
        output.check(&stream_check(Code::UpstreamRejected, &detail), filter)?;
    }
    if filter.options.quiet {
        output.brief.say(output.status, filter);
    }
    Ok(output.status)
}

/// `-q`: nothing on standard output, unless a file was asked for.
fn silent(filter: &Filter) -> bool {
    filter.options.quiet && filter.options.output.is_none()
}

struct Output<'c> {
    status: Status,
    brief: Brief,
    silent: bool,
    config: &'c Config,
}

impl Output<'_> {
    /// The hot case: nothing to tell anybody but the line itself.
    fn passed(&mut self, passed: &Passed<'_>, filter: &mut Filter) -> Result<(), Error> {
        if self.status < Status::Pass {
            self.status = Status::Pass;
            filter.decide(exit(self.status, self.config));
        }
        filter.built(|line| passed.write(line))
    }

    fn check(&mut self, check: &Check<'_>, filter: &mut Filter) -> Result<(), Error> {
        self.status = self.status.and(check.status);
        filter.decide(exit(self.status, self.config));
        self.brief.see(check);
        match (self.silent, filter.people()) {
            (true, _) => Ok(()),
            (false, true) => filter.text(&table::row(check)),
            (false, false) => filter.json(check),
        }
    }
}

/// The exit that answers with a status.
pub fn exit(status: Status, config: &Config) -> Exit {
    if config.exit_zero { Exit::Yes } else { Exit::of(status) }
}

fn stream_check(code: Code, detail: &str) -> Check<'static> {
    Check { reason: format!("{STREAM_ID}: {code}: {detail}"), ..Check::inconclusive(STREAM_ID, "", code) }
}

/// The scope of a record: its value as text; `""` where it has none.
fn scope_of(path: &Path, record: &Value<'_>) -> String {
    match path.read(record) {
        Reading::Found(Value::Text(text)) => text.to_string(),
        Reading::Found(Value::Null) | Reading::Missing | Reading::Ambiguous => String::new(),
        Reading::Found(value) => {
            let mut out = Vec::new();
            json::write(value, &mut out);
            String::from_utf8_lossy(&out).into_owned()
        }
    }
}

fn write_record(record: &Value<'_>, scope: &str, filter: &mut Filter) -> Result<(), Error> {
    filter.built(|line| {
        line.extend_from_slice(b"{\"@record\":");
        json::write(record, line);
        line.extend_from_slice(b",\"scope\":");
        json::write_text(scope, line);
        line.push(b'}');
    })
}
