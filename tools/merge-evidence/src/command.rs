//! `--command NAME='CMD'`: the exit status of a run is evidence, and a report that the run did not write is not of it.
//!
//! Owns running a command by `sh -c` and the look at the sources before and after; refuses to delete or to judge anything.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path as FilePath, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::{Duration, SystemTime};

use expr::Path;
use filter::{Error, Filter};

use crate::flags::Config;
use crate::source::Role;

/// One `--command`.
#[derive(Clone, Debug)]
pub struct Command {
    /// Where its `exit` is put.
    pub name: Path,
    /// What `sh -c` runs.
    pub text: String,
    /// Its exit status; of one that a signal ended 128 and the signal's number, as in a shell. `None` until it ran.
    pub exit: Option<u8>,
}

/// How coarse the times of files may be: a file changed twice within this shows one time.
const TICK: Duration = Duration::from_millis(20);

/// How long before the command began a file of its run may have been changed, by the clock of another machine: what is
/// older was copied with its time (`cp -p`, `tar x`), and is of another run.
const APART: Duration = Duration::from_secs(60);

/// Whether a file that was changed then is older than the command that began then.
pub fn predates(changed: SystemTime, began: SystemTime) -> bool {
    began.duration_since(changed).is_ok_and(|before| before > APART)
}

/// When a file was changed, and which file it is.
#[derive(PartialEq, Eq)]
struct Stamp([i64; 4], [u64; 3]);

/// Runs every command, one after another, its standard output on our standard error; then takes note of the sources that
/// none of them wrote.
///
/// # Errors
/// A shell that cannot be started.
pub fn run(config: &mut Config, filter: &mut Filter) -> Result<(), Error> {
    if config.commands.is_empty() {
        return Ok(());
    }
    let observed = config.sources.iter().filter(|source| source.role != Role::Declared);
    let paths: Vec<PathBuf> = observed.map(|source| source.path.clone()).collect();
    let before: Vec<Option<Stamp>> = paths.iter().map(|path| stamp(path)).collect();
    settle(&paths);
    config.began = Some(SystemTime::now());
    for command in &mut config.commands {
        let output = std::io::stderr();
        let output = std::os::fd::AsFd::as_fd(&output).try_clone_to_owned();
        let failed = |error: &std::io::Error| Error::io("--command", error);
        let mut shell = Process::new("sh");
        shell.arg("-c").arg(&command.text).stdin(Stdio::null()).stdout(output.map_err(|error| failed(&error))?);
        let status = shell.status().map_err(|error| Error::io("--command: sh", &error))?;
        let signal = || status.signal().and_then(|signal| u8::try_from(128 + signal).ok());
        let exit = status.code().and_then(|code| u8::try_from(code).ok()).or_else(signal).unwrap_or(u8::MAX);
        if exit != 0 {
            filter.note("exit", &command.name, format!("{:?} ended with {exit}", command.text));
        }
        command.exit = Some(exit);
    }
    for (path, before) in paths.into_iter().zip(before) {
        if before.is_some() && before == stamp(&path) {
            config.unwritten.push(path.to_string_lossy().into_owned());
        }
    }
    Ok(())
}

/// The stamp of a regular file; `None` for anything else.
fn stamp(path: &FilePath) -> Option<Stamp> {
    let status = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let times = [status.mtime(), status.mtime_nsec(), status.ctime(), status.ctime_nsec()];
    Some(Stamp(times, [status.dev(), status.ino(), status.size()]))
}

/// Waits until a change shows: a file that was changed just now, and again at once, may keep its time.
fn settle(paths: &[PathBuf]) {
    let now = SystemTime::now();
    let changed = paths.iter().filter_map(|path| std::fs::metadata(path).ok()?.modified().ok());
    let fresh = |time: SystemTime| now.duration_since(time).map_or(true, |age| age < TICK);
    if changed.into_iter().any(fresh) {
        std::thread::sleep(TICK);
    }
}
