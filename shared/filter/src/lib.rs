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
mod moments;
mod notes;
mod opening;
mod output;
mod records;
mod sealing;
mod seals;
mod segment;
pub mod states; // states of parts, which several tools write and merge
mod terminal;
#[cfg(test)]
mod tests;
mod usage;
mod writing;
mod written; // which files are read, and which written

use std::ffi::OsString;
use std::process::ExitCode;

use schema::{Code, Seal, Value};

pub use checks::{CheckTable, actual, bound, clipped, interval, margin, plain, rounded_figures, value, visible};
pub use document::{Document, is_html};
pub use error::Error;
pub use flags::{Common, Flag, Format, GIVEN_TWICE, OutputKind, Takes, Tool, once};
pub use input::{Input, grow, longer};
pub use lines::{Line, Lines, MAX_RAW_LINE};
pub use moments::{is_ahead, moment, time};
pub use records::{
    Event, MAX_RECORD, Next, Record, Records, Require, TOO_LONG, Unread, begins_many_lines, not_a_record,
};
pub use seals::{Fault, SealCheck, begins_as_seal, digesting, seals_among};
pub use segment::{Digesting, Segment};
pub use terminal::{Color, Row, Style, Table, paint, wrapped};
pub use writing::{Written, hex, write_whole};
pub use written::refuse_same;

use flags::Asked;
use notes::{Notes, print};
use output::Output;
use sealing::seal_asked_for;
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

    /// Has how far reading has come shown, where somebody looks.
    fn progress(&mut self, name: &str, read: u64, size: u64) {
        if let Some(progress) = &mut self.progress
            // Records that run over the same terminal say it themselves.
            && !(self.output.terminal && self.output.records > 0)
        {
            progress.read(name, read, size);
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
        let (mut kept, mut undecided) = (Ok(true), None);
        for condition in &self.options.conditions {
            match condition.answer(record) {
                Ok(true) => {}
                // One that is false decides, whatever the others are.
                Ok(false) => {
                    kept = Ok(false);
                    break;
                }
                Err(code) => {
                    kept = kept.and(Err(code));
                    undecided.get_or_insert(condition);
                }
            }
        }
        if kept != Ok(true) {
            self.counts.skipped += 1;
        }
        if let Err(code) = kept {
            if let Some(condition) = undecided {
                let cause = condition.cause(record);
                self.notes.say(
                    "--where",
                    "--where",
                    format_args!("a record is skipped, for which it is undecidable: {cause}"),
                );
            }
            self.counts.undecided += u64::from(matches!(code, Code::Missing | Code::Null));
        }
        kept
    }

    /// Says `tool: place: reason` on standard error, if it is among the first five of its kind.
    pub fn note(&mut self, kind: &'static str, place: impl std::fmt::Display, reason: impl std::fmt::Display) {
        self.notes.say(kind, place, reason);
    }

    /// Prints one line on standard error as it is, whatever `-q` says: what a tool answers there.
    pub fn say(&self, line: &str) {
        print(line);
    }
}
