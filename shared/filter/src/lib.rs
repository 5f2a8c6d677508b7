//! How a filter behaves: one skeleton for all five tools.
//!
//! Owns the command line, inputs, lines, records, output, seals, messages and exit codes; refuses to know what any one
//! tool computes. `filter::main` alone parses the arguments, owns standard output, prints the error and picks the
//! status.

mod checks;
mod descriptors;
mod document;
mod error;
mod flags;
mod input;
mod lines;
mod notes;
mod output;
mod records;
mod seals;
mod segment;
pub mod states; // states of parts, which several tools write and merge
mod terminal;
#[cfg(test)]
mod tests;
mod usage;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use schema::{Code, Object, Seal, Value, json};
use serde::Serialize;

pub use checks::{CheckTable, actual, bound, clipped, interval, margin, plain, value, visible};
pub use document::{Document, is_html};
pub use error::Error;
pub use flags::{Common, Flag, Format, GIVEN_TWICE, OutputKind, Takes, Tool, once};
pub use input::{Input, grow};
pub use lines::{Line, Lines, MAX_RAW_LINE};
pub use records::{
    Event, MAX_RECORD, Next, Record, Records, Require, TOO_LONG, Unread, begins_many_lines, not_a_record,
};
pub use seals::{Fault, SealCheck, begins_as_seal, digesting, seals_among};
pub use segment::{Digesting, Segment};
pub use terminal::{Color, Row, Style, Table, paint, wrapped};

use flags::Asked;
use notes::{Notes, print};
use output::Output;
use usage::Usage;

/// The version of all five tools.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a tool that could do its work answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Exit {
    /// Done, or PASS: 0.
    #[default]
    Yes,
    /// FAIL: 1.
    No,
    /// INCONCLUSIVE: 3.
    CannotTell,
    /// An answer in the words of another convention (Nagios), which has statuses of its own.
    Status(u8),
}

impl Exit {
    /// The exit that answers with `status`.
    pub fn of(status: schema::Status) -> Exit {
        match status.exit_code() {
            0 => Exit::Yes,
            1 => Exit::No,
            _ => Exit::CannotTell,
        }
    }

    fn code(self) -> u8 {
        match self {
            Exit::Yes => 0,
            Exit::No => 1,
            Exit::CannotTell => 3,
            Exit::Status(code) => code,
        }
    }
}

/// The status of a filter that could not do its work.
const COULD_NOT: u8 = 2;
/// The status of a filter whose reader went away: what a shell shows for one that SIGPIPE ended.
const READER_GONE: u8 = 141;

/// Lines read, and what became of them: `lines = used + skipped + rejected`. They go into the seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Counts {
    /// Lines or records read; kept by [`Lines`] and [`Records`].
    pub lines: u64,
    /// Of those, the ones that went into the output; kept by the tool.
    pub used: u64,
    /// Of those, the ones left out on purpose; kept by the tool, and by [`Filter::keeps`].
    pub skipped: u64,
    /// Of those, the ones that were not what they should be.
    pub rejected: u64,
    /// Last lines without their newline that were left out.
    pub unfinished: u64,
    /// Records left out though a condition could not be told of them for another reason than that they lack something.
    pub doubtful: u64,
    /// Windows between the first and the last of their group that held nothing and were left out.
    pub empty_windows: u64,
    /// After how many lines reading stopped, since what was asked is certain; 0 where it went to the end.
    pub stopped: u64,
    /// Records that `--where` left out since they lack what it reads: part of `skipped`.
    pub undecided: u64,
    /// Whether the input was read backward, so that `lines`, `used` and `skipped` say nothing.
    pub backward: bool,
}

/// One run of a tool: its common options, its output, its messages and its counts.
pub struct Filter {
    /// The options every tool has.
    pub options: Common,
    /// Lines read, and what became of them.
    pub counts: Counts,
    tool: &'static str,
    kind: OutputKind,
    output: Output,
    notes: Notes,
    decided: Exit,
    /// The regular files read to their end, digested.
    inputs: Vec<schema::Input>,
    /// The seals read, flat.
    upstream: Vec<Seal>,
    /// The digests of those that would be copies if they came again, unless both may count.
    sealed: std::collections::HashSet<u128>,
    /// Inputs of evidence that nothing vouches for.
    plain: u64,
    /// What else is told of the lines in the seal.
    told: Vec<(String, u64)>,
    /// What is done once the output is complete.
    last: Option<Last>,
    progress: Option<terminal::Progress>,
}

type Last = Box<dyn FnOnce() -> Result<(), Error> + Send>;

/// Runs one tool: reads its command line, calls `run`, writes the seal, and says how it went.
pub fn main<C: Default>(tool: &'static Tool<C>, run: impl FnOnce(C, &mut Filter) -> Result<Exit, Error>) -> ExitCode {
    main_with(tool, COULD_NOT, run)
}

/// The same with another status for what could not be done: under Nagios 2 means CRITICAL.
pub fn main_with<C: Default>(
    tool: &'static Tool<C>,
    could_not: u8,
    run: impl FnOnce(C, &mut Filter) -> Result<Exit, Error>,
) -> ExitCode {
    ExitCode::from(status(tool, could_not, std::env::args_os().skip(1), run))
}

/// The same for these arguments instead of the process's own, with the status as a number: a test runs a tool so without
/// starting it.
pub fn status<C: Default>(
    tool: &'static Tool<C>,
    could_not: u8,
    arguments: impl IntoIterator<Item = OsString>,
    run: impl FnOnce(C, &mut Filter) -> Result<Exit, Error>,
) -> u8 {
    let started = flags::parse(tool, arguments).and_then(|asked| match asked {
        Asked::Answer(text) => answer(&text).map(|()| None),
        Asked::Run(config, common) => Filter::new(tool, common).map(|filter| Some((config, filter))),
    });
    let (config, mut filter) = match started {
        Ok(None) => return 0,
        Ok(Some(ready)) => ready,
        Err(error) => return fail(tool.name, &error, Exit::Yes, could_not),
    };
    let outcome = run(config, &mut filter).and_then(|exit| {
        filter.decided = exit;
        filter.finish()
    });
    filter.notes.finish();
    match outcome {
        Ok(()) => filter.decided.code(),
        Err(error) => {
            if !error.is_reader_gone() {
                // What was written before the failure is still true; a file that is not whole is taken back.
                let _ = filter.output.flush();
            }
            filter.output.abandon();
            fail(tool.name, &error, filter.decided, could_not)
        }
    }
}

/// Help, version and the like, on standard output.
fn answer(text: &str) -> Result<(), Error> {
    let mut output = Output::open(None)?;
    output.raw(text.as_bytes())?;
    output.finish()
}

fn fail(tool: &str, error: &Error, decided: Exit, could_not: u8) -> u8 {
    if error.is_reader_gone() {
        return if decided.code() == 0 { READER_GONE } else { decided.code() };
    }
    print(format_args!("{tool}: {error}"));
    if error.is_usage() {
        print(format_args!("{tool}: see '{tool} --help'"));
    }
    could_not
}

impl Filter {
    fn new<C>(tool: &'static Tool<C>, mut options: Common) -> Result<Filter, Error> {
        options.seal |= seal_asked_for()?;
        let output = Output::open(options.output.as_deref())?;
        let notes = Notes::new(tool.name, options.quiet);
        let shows = !options.quiet && !options.no_progress;
        let progress = if shows { terminal::Progress::new(tool.name) } else { None };
        let mut filter = Filter {
            options,
            counts: Counts::default(),
            tool: tool.name,
            kind: tool.output,
            output,
            notes,
            decided: Exit::Yes,
            inputs: Vec::new(),
            upstream: Vec::new(),
            sealed: std::collections::HashSet::new(),
            plain: 0,
            told: Vec::new(),
            last: None,
            progress,
        };
        if filter.will_seal() {
            filter.output.digest();
        }
        Ok(filter)
    }

    /// The files without those that were named before, by whatever name: what stands in a file counts once, and that is
    /// told. Standard input, a pipe and what is not there are told where they are opened.
    pub fn each_once(&mut self, files: Vec<PathBuf>) -> Vec<PathBuf> {
        let mut seen = std::collections::HashSet::new();
        let once = |file: &PathBuf| {
            let real = file.canonicalize().ok().filter(|real| real.is_file());
            let is_new = real.is_none_or(|real| seen.insert(real));
            if !is_new {
                self.note("file", file.display(), "named twice: it counts once");
            }
            is_new
        };
        files.into_iter().filter(once).collect()
    }

    /// Opens `path` to read; `-` is standard input.
    ///
    /// # Errors
    /// An absent or unreadable file, a directory, a terminal or a closed descriptor on standard input.
    pub fn open(&mut self, path: &Path) -> Result<Input, Error> {
        // A document says which files it was made from, as a seal does.
        let opened = Input::open(path, self.will_seal() || self.kind == OutputKind::Document);
        let mut input = opened.map_err(|error| self.meant_as_a_field(path, error))?;
        // Only there a command's output is the same as a file's.
        input.reads_commands = self.tool == "kv-extract";
        self.refuse_own_output(&input)?;
        if let Some(progress) = &mut self.progress {
            progress.begin();
        }
        Ok(input)
    }

    /// Of a word that is no file: which option names a field, since that may have been meant.
    fn meant_as_a_field(&self, path: &Path, error: Error) -> Error {
        let option = match self.tool {
            "percentile" => "-f",
            "kv-extract" => "-k",
            _ => return error,
        };
        let is_word = |word: &str| word != "-" && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match path.to_str().filter(|word| is_word(word) && error.reason() == input::ABSENT) {
            Some(word) => Error::data(word, format!("{}; a field is named by {option} {word}", input::ABSENT)),
            None => error,
        }
    }

    /// An input of a file that the tool opened itself (the output of a command, a file from some place on), read on
    /// from where it is.
    ///
    /// # Errors
    /// A directory.
    pub fn adopt(&mut self, file: std::fs::File, path: &Path, name: &str) -> Result<Input, Error> {
        let digest = self.will_seal() || self.kind == OutputKind::Document;
        let input = Input::adopt(file, path, name.to_owned(), digest, false)?;
        self.refuse_own_output(&input)?;
        Ok(input)
    }

    /// `TOOL x -o x` would replace what it reads.
    fn refuse_own_output(&self, input: &Input) -> Result<(), Error> {
        match input.is_regular() && self.output.replaces(input.file()) {
            true => Err(Error::usage(format!("-o: {} is read: wanted another file to write", input.name()))),
            false => Ok(()),
        }
    }

    /// Whether the output is text for people: asked for, or standard output is a terminal.
    pub fn people(&self) -> bool {
        match self.options.format {
            Some(format) => format == Format::Text,
            None => self.output.terminal,
        }
    }

    /// Whether the output goes to a terminal.
    pub fn on_terminal(&self) -> bool {
        self.output.terminal
    }

    /// How many columns text for people may take: the terminal's, else 80.
    pub fn columns(&self) -> usize {
        self.output.columns().unwrap_or(80)
    }

    /// Whether text for people is coloured: `--color`, else on a terminal.
    pub fn colored(&self) -> bool {
        self.options.color.unwrap_or_default().used(self.output.terminal)
    }

    /// Has how far reading has come shown, where somebody looks.
    fn progress(&mut self, name: &str, read: u64, size: u64) {
        if let Some(progress) = &mut self.progress
            // Records that run over the same terminal say it themselves.
            && !(self.output.terminal && self.output.records > 0)
        {
            progress.read(name, read, size);
        }
    }

    /// Whether `--seal` or `EVIDENCE_SEAL=1` asks for seals, out and in.
    pub fn sealing(&self) -> bool {
        self.options.seal
    }

    /// Whether a seal will end the output.
    fn will_seal(&self) -> bool {
        match self.kind {
            OutputKind::Document => false,
            OutputKind::Checks => !self.people(),
            OutputKind::Records => self.sealing() && !self.people(),
        }
    }

    /// Whether `--where` keeps this record. One that is left out is counted as skipped; where it cannot be told, that
    /// is said too.
    pub fn keeps(&mut self, record: &Value<'_>) -> bool {
        self.chooses(record) == Ok(true)
    }

    /// The same, with the reason where it cannot be told.
    ///
    /// # Errors
    /// `missing` or `null` where the record lacks what `--where` reads, as in a log whose lines are not all of one kind:
    /// that is counted. With any other code something stands there that cannot be read, so that it may be wanted.
    pub fn chooses(&mut self, record: &Value<'_>) -> Result<bool, Code> {
        let mut kept = Ok(true);
        for condition in &self.options.conditions {
            match condition.answer(record) {
                Ok(true) => {}
                // One that is false decides, whatever the others are.
                Ok(false) => {
                    kept = Ok(false);
                    break;
                }
                Err(code) => kept = kept.and(Err(code)),
            }
        }
        if kept != Ok(true) {
            self.counts.skipped += 1;
        }
        if let Err(code) = kept {
            self.notes.say("--where cannot tell", "--where", "undecidable for a record, which is skipped");
            self.counts.undecided += u64::from(matches!(code, Code::Missing | Code::Null));
        }
        kept
    }

    /// Says `tool: place: reason` on standard error, if it is among the first five of its kind.
    pub fn note(&mut self, kind: &'static str, place: impl std::fmt::Display, reason: impl std::fmt::Display) {
        self.notes.say(kind, place, reason);
    }

    /// Where the output will be a file that is there whole or not at all: its name, and the device and the inode of what will
    /// be put there.
    ///
    /// # Errors
    /// A failed write.
    pub fn output_file(&mut self) -> Result<Option<(String, u64, u64)>, Error> {
        self.output.file_to_be()
    }

    /// Has the seal say how many lines there were of a kind, if there were any.
    pub fn tell(&mut self, name: &str, count: u64) {
        if count > 0 {
            self.told.push((name.to_owned(), count));
        }
    }

    /// Prints one line on standard error as it is, whatever `-q` says: what a tool answers there.
    pub fn say(&self, line: &str) {
        print(line);
    }

    /// One line of output; the newline is added.
    pub fn line(&mut self, line: &[u8]) -> Result<(), Error> {
        self.output.built(|buffer| buffer.extend_from_slice(line))
    }

    /// One line of output that `write` appends to the buffer, without its newline.
    pub fn built(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Error> {
        self.output.built(write)
    }

    /// Several lines that `write` appends to the buffer, each with its newline, and counts; `None` takes them back, and
    /// gives false. They are written out later: there is time to [`decide`](Filter::decide) by what they say.
    pub fn built_lines(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Option<u64>) -> Result<bool, Error> {
        self.output.built_lines(write)
    }

    /// Bytes that hold `records` whole lines of output.
    pub fn lines(&mut self, bytes: &[u8], records: u64) -> Result<(), Error> {
        self.output.lines(bytes, records)
    }

    /// One record of output.
    pub fn value(&mut self, value: &Value<'_>) -> Result<(), Error> {
        self.output.built(|buffer| json::write(value, buffer))
    }

    /// One record of output.
    pub fn object(&mut self, object: &Object<'_>) -> Result<(), Error> {
        self.output.built(|buffer| json::write_object(object, buffer))
    }

    /// One wire struct of output.
    pub fn json(&mut self, record: &impl Serialize) -> Result<(), Error> {
        let mut line = Vec::new();
        json::write_struct(record, &mut line).map_err(|error| Error::io("stdout", &error))?;
        self.line(&line)
    }

    /// Text for people, which no seal counts.
    pub fn text(&mut self, text: &str) -> Result<(), Error> {
        self.output.raw(text.as_bytes())
    }

    /// Writes out what is in the buffer. Reading does so before it waits.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.output.flush()
    }

    /// Has `action` done once the output is complete, its seal in: an action that notes so must not come before it.
    pub fn at_last(&mut self, action: impl FnOnce() -> Result<(), Error> + Send + 'static) {
        self.last = Some(Box::new(action));
    }

    /// Completes the output without its seal: what was written stands, but something is missing from it.
    pub fn finish_unsealed(&mut self) -> Result<(), Error> {
        self.output.finish()
    }

    /// What the answer is so far. A FAIL or INCONCLUSIVE stands even if the reader of the output goes away.
    pub fn decide(&mut self, exit: Exit) {
        self.decided = exit;
    }

    /// Whether more lines were rejected so far than `--allow-rejected` grants; without it, any.
    pub fn rejects_too_much(&self) -> bool {
        let Counts { lines, rejected, .. } = self.counts;
        let allow_rejected = self.options.allow_rejected.clone();
        Seal { rejected, lines: Some(lines), allow_rejected, ..Seal::default() }.rejects_too_much()
    }

    /// The seals read so far, flat.
    pub fn upstream(&self) -> &[Seal] {
        &self.upstream
    }

    /// Takes in the seal of a segment that was read.
    ///
    /// # Errors
    /// `duplicate-source`, where the same segment was read before: it would count twice.
    pub fn take_seal(&mut self, seal: Seal) -> Result<(), seals::Fault> {
        if !self.options.allow_equal && seal.tells_copies() {
            let mut text = Vec::new();
            let written = schema::json::write_struct(&seal, &mut text);
            if written.is_ok() && !self.sealed.insert(segment::xxh3(&text)) {
                let names: Vec<&str> = seal.inputs.iter().map(|input| input.path.as_str()).take(3).collect();
                let of = if names.is_empty() { String::new() } else { format!(" of {}", names.join(", ")) };
                let detail = format!(
                    "the same segment of {}{of} was read before: it would count twice; --source-id tells equal ones of two \
                     hosts apart, --allow-equal lets both count",
                    seal.tool
                );
                return Err(seals::Fault { code: Code::DuplicateSource, detail });
            }
        }
        self.upstream.extend(seal.flattened());
        Ok(())
    }

    /// Adds seals that a tool read by itself.
    pub fn add_upstream(&mut self, seals: impl IntoIterator<Item = Seal>) {
        self.upstream.extend(seals);
    }

    /// Puts seals that a tool made out for what it read in the place of those that were read (`all`: they vouch for all of
    /// it, whatever stream it came in), or beside them.
    pub fn replace_upstream(&mut self, all: bool, seals: impl IntoIterator<Item = Seal>) {
        if all {
            self.upstream.clear();
            self.plain = 0;
        }
        self.upstream.extend(seals);
    }

    /// Counts an input of evidence that nothing vouches for: no seal, and no file that could be read again.
    pub fn reads_plain(&mut self) {
        self.plain += 1;
    }

    /// Adds a regular file that a tool digested by itself.
    pub fn add_input(&mut self, input: schema::Input) {
        self.inputs.push(input);
    }

    /// The regular files read so far, digested where a seal will be written.
    pub fn inputs(&self) -> &[schema::Input] {
        &self.inputs
    }

    /// The present: `--now`, else SOURCE_DATE_EPOCH, else the system's clock.
    pub fn now(&self) -> Result<jiff::Timestamp, Error> {
        if let Some(now) = self.options.now {
            return Ok(now);
        }
        match std::env::var("SOURCE_DATE_EPOCH") {
            Ok(text) if !text.is_empty() => {
                let wanted = || {
                    Error::usage(format!("SOURCE_DATE_EPOCH: {}: wanted epoch seconds", json::quote(text.as_bytes())))
                };
                let seconds = text.parse().map_err(|_| wanted())?;
                jiff::Timestamp::from_second(seconds).map_err(|_| wanted())
            }
            _ => Ok(jiff::Timestamp::now()),
        }
    }

    /// The moment that an option's text gives: a time, so long ago (`15m`), or when a file was last changed.
    ///
    /// # Errors
    /// A text that is none of them.
    pub fn moment(&self, flag: &str, text: &str) -> Result<jiff::Timestamp, Error> {
        if let Ok(time) = crate::time(text) {
            return Ok(time);
        }
        if let Some(time) = ::time::ago(text, self.now()?) {
            return Ok(time);
        }
        let changed = std::fs::metadata(text).and_then(|status| status.modified());
        let changed = changed.ok().and_then(|time| jiff::Timestamp::try_from(time).ok());
        changed.ok_or_else(|| {
            let read = json::quote(text.as_bytes());
            Error::usage(format!(
                "{flag}: {read}: wanted a time like 2026-03-05T20:32:12Z, how long ago (15m), or a file that is there"
            ))
        })
    }

    /// Starts a new segment: seals what was written since the last seal. Where no seal is wanted, does nothing.
    fn seal(&mut self) -> Result<(), Error> {
        if !self.will_seal() {
            return Ok(());
        }
        let counts = self.counts;
        let Counts { lines, used, skipped, rejected, unfinished, doubtful, empty_windows, stopped, .. } = counts;
        let forward = |count: u64| (!counts.backward).then_some(count);
        self.tell("undecided", counts.undecided);
        let segment = self.output.segment();
        let seal = Seal {
            tool: self.tool.to_owned(),
            version: VERSION.to_owned(),
            schema: schema::SCHEMA_VERSION,
            lines: forward(lines),
            used: forward(used),
            skipped: forward(skipped),
            rejected,
            unfinished,
            doubtful,
            told: std::mem::take(&mut self.told),
            records: self.output.records,
            bytes: segment.bytes,
            digest: segment.digest.map(segment::hex),
            source: self.options.source_id.clone(),
            allow_rejected: self.options.allow_rejected.clone(),
            unsealed: self.options.unsealed,
            plain: std::mem::take(&mut self.plain),
            empty_windows,
            stopped,
            inputs: std::mem::take(&mut self.inputs),
            merged: None,
            upstream: Some(schema::seal::bounded(std::mem::take(&mut self.upstream))),
        };
        let mut line = Vec::from(&b"{\"@seal\":"[..]);
        json::write_struct(&seal, &mut line).map_err(|error| Error::io("stdout", &error))?;
        // The seal's own digest goes before the brace that closes it.
        line.pop();
        seals::close(&mut line);
        line.push(b'\n');
        self.output.raw(&line)
    }

    /// The end of a run that went well: the seal, the rest of the output, what is done last, and whether too much was
    /// rejected.
    fn finish(&mut self) -> Result<(), Error> {
        self.seal()?;
        self.output.finish()?;
        if let Some(last) = self.last.take() {
            last()?;
        }
        self.may_conclude()
    }

    /// Whether what only the end of the input can say may be said: an error where more was rejected than is granted.
    ///
    /// # Errors
    /// How many lines were rejected.
    pub fn may_conclude(&self) -> Result<(), Error> {
        if self.kind != OutputKind::Records || !self.rejects_too_much() {
            return Ok(());
        }
        let rejected = self.counts.rejected;
        let lines_word = if rejected == 1 { "line was" } else { "lines were" };
        Err(Error::data("input", format!("{rejected} {lines_word} rejected; --allow-rejected accepts some")))
    }
}

/// A time as the command line gives it: RFC 3339, or epoch seconds.
///
/// # Errors
/// What was wanted.
pub fn time(text: &str) -> Result<jiff::Timestamp, String> {
    let epoch = text.parse::<i64>().ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    epoch
        .or_else(|| text.parse().ok())
        .or_else(|| ::time::instant(text))
        .ok_or_else(|| "wanted a time like 2026-03-05T20:32:12Z or epoch seconds".to_owned())
}

/// Writes `bytes` to `path`, whole or not at all; a device or a pipe is written in place.
///
/// # Errors
/// What could not be written, with the path.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut output = Output::open(Some(path))?;
    output.raw(bytes)?;
    output.finish()
}

/// Bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the environment asks for seals: `EVIDENCE_SEAL=1`.
fn seal_asked_for() -> Result<bool, Error> {
    match std::env::var_os("EVIDENCE_SEAL") {
        None => Ok(false),
        Some(text) if text.is_empty() || text == "0" => Ok(false),
        Some(text) if text == "1" => Ok(true),
        // A typing error here must not switch the safety off.
        Some(text) => {
            let read = json::quote(text.to_string_lossy().as_bytes());
            Err(Error::usage(format!("EVIDENCE_SEAL: {read}: wanted 1 or 0")))
        }
    }
}
