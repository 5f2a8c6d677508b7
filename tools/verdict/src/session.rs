//! One run: from what was asked to what is answered.
//!
//! Owns the order in which things happen; refuses to compute: the modules it calls do.

use std::path::Path;

use filter::{Error, Event, Exit, Filter, Records, Require};
use schema::{Status, Value, Verdict};

use crate::flags::Config;
use crate::formats::{Form, Look, nagios};
use crate::freshness::Freshness;
use crate::intake::Intake;
use crate::signature::{self, PublicKey, Signer};
use crate::verify::{fields, sources, sums};
use crate::{answer, chain, formats, reports, verify};

/// The most lines `-q` says, for cron.
const BRIEF_LINES: usize = 25;

/// Reads everything, decides, and only then writes.
pub fn run(mut config: Config, filter: &mut Filter) -> Result<Exit, Error> {
    if let Some(gate) = &config.terms.decide
        && !config.terms.gates.iter().any(|(name, _)| name == gate)
    {
        return Err(Error::usage(format!("--decide: {gate:?}: wanted the name of a --gate")));
    }
    config.terms.generated_at = format!("{:.0}", filter.made_at()?);
    let now = filter.now();
    let newer_than =
        config.newer_than.as_ref().map(|text| Freshness::parse(text, now)?.in_zone(config.zone.as_deref()));
    let newer_than = newer_than.transpose()?;
    if config.zone.is_some() && newer_than.is_none() {
        return Err(Error::usage("--tz is of --newer-than: wanted that, too"));
    }
    let signer = config.sign.as_ref().map(|key| Signer::new(key, filter.options.output.as_deref())).transpose()?;
    if config.key.is_some() && config.verify.is_empty() {
        return Err(Error::usage("--key is of --verify: wanted --verify FILE"));
    }
    let key = config.key.as_ref().map(|path| PublicKey::read(path)).transpose()?;
    refuse_to_overwrite(&config, filter)?;
    let mut holds = Vec::new();
    let mut case = answer::Case::default();
    match config.verify.as_slice() {
        [] => case = read(&config, newer_than, filter)?,
        _ if newer_than.is_some() => return Err(Error::usage("--newer-than is of the FILEs, and --verify takes none")),
        _ if !config.files.is_empty() => return Err(Error::usage("--verify takes no other FILE")),
        [path] => holds.extend(verify(path, "", key.as_ref(), &mut case, filter)?),
        paths => {
            for path in paths {
                let name = path.to_string_lossy();
                holds.extend(
                    verify(path, &name, key.as_ref(), &mut case, filter)?.map(|holds| format!("{name}: {holds}")),
                );
            }
        }
    }
    let mut verdict = answer::settle(case, config.terms);
    if verdict.verdict == Status::Pass.verdict() && !holds.is_empty() {
        verdict.reason = holds.join("; ");
    }
    verdict.inputs = filter.inputs().to_vec();
    let exit = exit(&verdict, config.format);
    filter.decide(exit);
    let title = config.title.as_deref();
    let file = Look { columns: 80, colored: false, title, labels: &config.labels };
    for report in &config.reports {
        report.write(&verdict, &file, config.lock_timeout.unwrap_or(reports::LOCK_TIMEOUT), filter)?;
    }
    if filter.options.quiet {
        for line in formats::text::brief(&verdict, BRIEF_LINES) {
            filter.say(&format!("verdict: {line}"));
        }
        if filter.options.output.is_none() {
            return Ok(exit);
        }
    }
    match config.format.unwrap_or(if filter.people() { Form::Text } else { Form::Json }) {
        Form::Json => {
            let mut line = Vec::new();
            schema::json::write_struct(&verdict, &mut line).map_err(|error| Error::io("stdout", &error))?;
            line.push(b'\n');
            signer.map(|signer| signer.sign(&line, filter)).transpose()?;
            filter.lines(&line, 1)?;
        }
        form => {
            let look = Look { columns: filter.columns(), colored: filter.colored(), ..file };
            let text = form.render(&verdict, &look);
            signer.map(|signer| signer.sign(text.as_bytes(), filter)).transpose()?;
            filter.text(&text)?;
        }
    }
    // The process ends here: giving back a hundred thousand checks one by one is a tenth of the run.
    std::mem::forget(verdict);
    Ok(exit)
}

/// A report would take the place of what it is of, or of another report.
fn refuse_to_overwrite(config: &Config, filter: &Filter) -> Result<(), Error> {
    let written = config.reports.iter().map(|report| ("--write", report.replaces()));
    let written: Vec<_> = std::iter::once(("-o", filter.options.output.as_deref())).chain(written).collect();
    let by_pipe = (config.files.is_empty() && config.verify.is_empty()).then_some(Path::new("-"));
    let named = [&config.files, &config.claims, &config.verify].into_iter().flatten();
    let read = named.chain(&config.key).chain(&config.sign).map(|path| &**path).chain(by_pipe);
    filter::refuse_same(&written, read)
}

/// Reads a verdict back and holds it against what it carries, in groups of the name `name` where it is one of several.
/// What to say where it holds.
fn verify(
    path: &Path,
    name: &str,
    key: Option<&PublicKey>,
    case: &mut answer::Case,
    filter: &mut Filter,
) -> Result<Option<String>, Error> {
    let document = filter.document(path)?;
    let named = |id: &str| match (name, id) {
        ("", id) => id.to_owned(),
        (name, "") => name.to_owned(),
        (name, id) => format!("{name}/{id}"),
    };
    if let Some(key) = key {
        let check = signature::judge(path, &document, key);
        case.groups.get_or_add(&named(signature::SIGNATURE)).checks.push(check);
    }
    let parsed = schema::json::parse(&document.bytes).map_err(|error| error.to_string());
    let read = parsed.and_then(|value| match Verdict::from_value(&value) {
        Ok(read) => {
            let (figures, fields) = (sums::Figures::of(&value), fields::judge(&read, &value));
            Ok((read, figures, fields))
        }
        Err(field) => Err(format!("is not a verdict: its {field:?} is missing or invalid")),
    });
    let (read, figures, fields) = match read {
        Ok(read) => read,
        Err(reason) => {
            let reason = format!("{}: {reason}", document.name);
            case.faults.push(chain::fault(schema::Code::Malformed, &reason));
            return Ok(None);
        }
    };
    let folders = sources::folders(&read, path);
    let files = sources::sources(&read).into_iter().map(|file| {
        let state = sources::state(&file, path, &folders);
        (file, state)
    });
    let files: Vec<_> = files.collect();
    let documents = sources::documents(&read, &files, path, &folders);
    for group in verify::judge(&read, &figures, fields, &files, &documents).into_drafts() {
        case.groups.get_or_add(&named(&group.id)).checks.extend(group.checks);
    }
    // A document that says itself that lines were lost holds; one that is silent about it does not.
    let mut checks = read.groups.iter().flat_map(|group| &group.checks);
    if !checks.any(|check| check.code == Some(schema::Code::UpstreamRejected)) {
        case.faults.extend(chain::rejections(&read.seals));
    }
    case.losses_told = true;
    case.links.push(chain::Link::from_word(&read.chain));
    case.seals.extend(read.seals);
    Ok(Some(format!("the verdict {} is confirmed: {}", read.verdict, read.reason)))
}

/// Reads every stream to its end, whatever comes.
fn read(config: &Config, newer_than: Option<Freshness>, filter: &mut Filter) -> Result<answer::Case, Error> {
    let mut intake = Intake::new(config.by.clone(), newer_than, filter.options.allow_equal);
    let mut records = Records::new(&config.files, Require::Always);
    while let Some(event) = records.next_event(filter)? {
        let seals = filter.upstream().len();
        match event {
            Event::Record(record) => {
                // Of the lines that are checks; a record that goes with them, or a document, is not chosen from.
                let is_check = record.value.get("status").is_some();
                let place = || format!("{}:{}", record.file, record.line);
                match if is_check { filter.chooses(&record.value) } else { Ok(true) } {
                    Ok(true) => {
                        if let Err(reason) = intake.line(&record.value, record.file, seals) {
                            intake.malformed(&place(), &reason);
                        }
                    }
                    Ok(false) => {}
                    // One that passed changes nothing, whether it counts or not.
                    Err(_) if matches!(record.value.get("status").and_then(Value::as_text), Some("pass" | "skip")) => {}
                    Err(code) => intake.undecided(&place(), code),
                }
            }
            Event::Malformed { place, reason } => intake.malformed(&place, &reason),
            Event::Fault { place, code, detail } => intake.fault(&place, code, &detail, seals),
        }
    }
    for path in &config.claims {
        let document = filter.document(path)?;
        for (number, line) in document.bytes.split(|&byte| byte == b'\n').enumerate() {
            if line.trim_ascii().is_empty() {
                continue;
            }
            let claimed = match schema::json::parse(line) {
                Ok(claim) => intake.claim(&claim),
                Err(error) => Err(error.to_string()),
            };
            if let Err(reason) = claimed {
                intake.malformed(&format!("{}:{}", document.name, number + 1), &reason);
            }
        }
    }
    let mut case = intake.finish(filter.upstream().to_vec());
    case.skipped = case.skipped.saturating_add(filter.counts.skipped);
    Ok(case)
}

fn exit(verdict: &Verdict<'static>, format: Option<Form>) -> Exit {
    match verdict.recommended_exit_code {
        _ if format == Some(Form::Nagios) => Exit::Status(nagios::exit_status(verdict)),
        0 => Exit::Yes,
        1 => Exit::No,
        _ => Exit::CannotTell,
    }
}
