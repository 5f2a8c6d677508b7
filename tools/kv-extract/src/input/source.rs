//! Where lines come from: files, standard input, the output of commands, and files from where we left off.
//!
//! Owns opening them in order, the exit status of a command and the place a file was read up to.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use filter::{Error, Filter, Input};
use jiff::Timestamp;

use crate::grammar::directives::Above;
use crate::input::join;
use crate::input::range::Cut;
use crate::resume::{Part, Resume};

/// One source to be read, before it is opened.
enum Origin {
    File(PathBuf),
    Command(String),
    Part(Part),
    /// A stretch of a file.
    Cut(PathBuf, Cut),
}

/// An open source.
pub struct Source {
    /// Its bytes.
    pub input: Input,
    /// What messages call it.
    pub name: String,
    /// Where in the file reading began.
    pub base: u64,
    /// Whether a last line without a newline is left for the next time.
    pub leaves_unfinished: bool,
    /// What is to be done when it was read.
    pub rest: Rest,
}

/// What is to be done when a source was read.
#[derive(Default)]
pub struct Rest {
    /// The command to wait for.
    child: Option<(Child, String)>,
    /// The file whose place is to be kept, and where reading it began.
    kept: Option<Kept>,
}

struct Kept {
    path: PathBuf,
    file: File,
    base: u64,
    /// How many lines stand before that, where it is known.
    lines: Option<u64>,
}

impl Source {
    /// Whether whoever writes may have been cut off in the last line: a pipe says nothing of how it ended, a command does.
    pub fn may_be_cut(&self) -> bool {
        !self.input.is_regular() && self.rest.child.is_none()
    }
}

/// All sources, in order.
pub struct Sources {
    waiting: VecDeque<Origin>,
    resume: Option<Resume>,
    /// The start of the first input that is no file, and whether that is all of it.
    pub sample: Option<(Vec<u8>, bool)>,
    /// The only file there is, without commands: then the lines of all sources follow each other.
    only: Option<PathBuf>,
    /// Whether a page of HTML is read as lines: else it is refused.
    pub reads_pages: bool,
    /// Where it is noted what the directives of a file say above the part that is read.
    above: Above,
}

impl Sources {
    /// Commands, then files; standard input where there is neither.
    pub fn new(files: &[PathBuf], commands: &[String], mut resume: Option<Resume>) -> Self {
        if let Some(resume) = &mut resume {
            resume.given = files.to_vec();
        }
        let commands = commands.iter().cloned().map(Origin::Command);
        let mut waiting: VecDeque<Origin> = commands.chain(files.iter().cloned().map(Origin::File)).collect();
        if waiting.is_empty() {
            waiting.push_back(Origin::File(PathBuf::from("-")));
        }
        let only = match waiting.make_contiguous() {
            [Origin::File(path)] => Some(path.clone()),
            _ => None,
        };
        Sources { waiting, resume, sample: None, only, reads_pages: false, above: Above::default() }
    }

    /// The lines of one file that begin in a stretch of it.
    pub fn of_cut(file: &Path, cut: Cut) -> Self {
        let waiting = VecDeque::from([Origin::Cut(file.to_owned(), cut)]);
        Sources { waiting, resume: None, sample: None, only: None, reads_pages: false, above: Above::default() }
    }

    /// Has what the directives say above the parts of files that are read noted there.
    pub fn note_above(&mut self, above: &Above) {
        self.above.clone_from(above);
    }

    /// The time of the last line that was read last time.
    pub fn time(&self) -> Option<Timestamp> {
        self.resume.as_ref()?.time(self.only.as_deref()?)
    }

    /// Keeps the time of the last line for the next time.
    pub fn keep_time(&mut self, time: Option<Timestamp>) {
        if let (Some(resume), Some(_)) = (&mut self.resume, &self.only) {
            resume.keep_time(time);
        }
    }

    /// Opens the next source.
    pub fn next(&mut self, filter: &mut Filter) -> Result<Option<Source>, Error> {
        let Some(origin) = self.waiting.pop_front() else { return Ok(None) };
        let source = match origin {
            Origin::Command(command) => {
                let mut source = run(&command, filter)?;
                self.look(&mut source.input, filter)?;
                source
            }
            Origin::Part(part) => open_part(part, &self.above, filter)?,
            Origin::Cut(path, cut) => open_cut(&path, cut, filter)?,
            Origin::File(path) => {
                let Some(resume) = &mut self.resume else {
                    let mut input = filter.open(&path)?;
                    self.look(&mut input, filter)?;
                    // What has no name cannot be looked at again.
                    if (!input.is_regular() || path.as_os_str() == "-") && self.sample.is_none() {
                        self.sample = Some((input.peek(filter)?.to_vec(), false));
                    }
                    let name = input.name().to_owned();
                    return Ok(Some(Source { input, name, base: 0, leaves_unfinished: false, rest: Rest::default() }));
                };
                for part in resume.parts(&path, filter)?.into_iter().rev() {
                    self.waiting.push_front(Origin::Part(part));
                }
                return self.next(filter);
            }
        };
        Ok(Some(source))
    }

    /// An error where an input is a page of HTML: no log, but most often what a server answered instead of one, and without
    /// an error in it all the same; so where it is a program or an archive. What else holds bytes that no text holds is told.
    pub fn look(&self, input: &mut filter::Input, filter: &mut Filter) -> Result<(), Error> {
        let start = input.peek(filter)?;
        if !self.reads_pages && is_page(start) {
            return Err(Error::data(
                input.name(),
                "is a page of HTML, no log: what a server answers instead of one (curl -f fails then)",
            ));
        }
        if let Some(what) = foreign(start) {
            return Err(Error::data(input.name(), format!("is {what}, no log")));
        }
        if is_binary(start) {
            filter.tell("binary", 1);
            filter.note("binary", input.name(), "contains zero bytes, as text does not: it may not be a log");
        }
        Ok(())
    }

    /// After a source was read up to `consumed` bytes behind its base.
    pub fn close(&mut self, rest: Rest, consumed: u64) -> Result<(), Error> {
        if let Some((sample, is_whole)) = &mut self.sample {
            *is_whole = consumed <= sample.len() as u64;
        }
        if let (Some(Kept { path, file, base, lines }), Some(resume)) = (rest.kept, &mut self.resume) {
            let lines = lines.map(|lines| Ok(lines + newlines(&file, base, base + consumed)?)).transpose();
            let lines = lines.map_err(|error| Error::io(path.display().to_string(), &error))?;
            resume.keep(&path, &file, base + consumed, lines)?;
        }
        let Some((mut child, name)) = rest.child else { return Ok(()) };
        let status = child.wait().map_err(|error| Error::io(&*name, &error))?;
        if status.success() { Ok(()) } else { Err(Error::data(name, format!("ended with {status}; wanted 0"))) }
    }

    /// Whether the lines of all sources follow each other: parts of one log that was rotated.
    pub fn is_one_log(&self) -> bool {
        self.resume.is_some() && self.only.is_some()
    }

    /// What is lost between the last time and this one, as far as is known.
    pub fn loss(&self) -> Option<Error> {
        self.resume.as_ref()?.loss()
    }

    /// After all was read: has the places kept for the next time, once the output is complete.
    ///
    /// Where the output is a file, the state says beforehand what will be done, so that a run that is ended in between is
    /// understood: no line is lost, and none comes twice. Where it is a pipe and the state cannot be written, the next time
    /// reads the same lines again.
    pub fn finish(&mut self, filter: &mut Filter) -> Result<(), Error> {
        let Some(resume) = self.resume.take() else { return Ok(()) };
        if let Some(output) = filter.output_file()? {
            resume.prepare(output)?;
        }
        let Some(loss) = resume.loss() else {
            filter.at_last(|| resume.write());
            return Ok(());
        };
        // What was found is written and not read again, so that the error comes once; without a seal, since lines may
        // be missing from it.
        filter.finish_unsealed()?;
        resume.write()?;
        Err(loss)
    }
}

/// Whether a text begins as a page of HTML does.
fn is_page(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
    let begins = |word: &[u8]| {
        let ends = || matches!(text.get(word.len()), Some(b'>' | b' ' | b'\t' | b'\r' | b'\n'));
        text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)) && ends()
    };
    begins(b"<!doctype html") || begins(b"<html") || begins(b"<head")
}

/// What bytes are that begin as no log does.
fn foreign(start: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 8] = [
        (b"\x7fELF", "a program (ELF)"),
        (b"\xca\xfe\xba\xbe", "a class of Java or a program"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x89PNG", "a picture (PNG)"),
        (b"%PDF-", "a PDF"),
        (b"SQLite format 3\0", "a database (SQLite)"),
        (b"LPKSHHRH", "a journal (journalctl --file prints it)"),
        (b"7z\xbc\xaf", "an archive (7z)"),
    ];
    KINDS.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, what)| *what)
}

/// Whether bytes are no text: zero bytes stand among others, and not in long runs, as copytruncate leaves them.
fn is_binary(start: &[u8]) -> bool {
    /// A longer run is a hole.
    const HOLE: usize = 16;
    /// How many short runs no text has.
    const FEW: usize = 4;
    // Most texts have none.
    let Some(rest) = memchr::memchr(0, start).and_then(|at| start.get(at..)) else { return false };
    let mut runs = rest.chunk_by(|one, other| (*one == 0) == (*other == 0));
    runs.by_ref().filter(|run| run.first() == Some(&0) && run.len() < HOLE).nth(FEW - 1).is_some()
}

/// How many newlines stand in `file` between two places. They are counted after the reading: lines that are too long,
/// and one that is left for the next time, are among those that were read.
fn newlines(file: &File, mut from: u64, to: u64) -> std::io::Result<u64> {
    let mut block = vec![0; 64 << 10];
    let mut count = 0;
    while from < to {
        let wanted = usize::try_from(to - from).unwrap_or(usize::MAX).min(block.len());
        let read = file.read_at(&mut block[..wanted], from)?;
        if read == 0 {
            break;
        }
        count += memchr::memchr_iter(b'\n', &block[..read]).count() as u64;
        from += read as u64;
    }
    Ok(count)
}

fn run(command: &str, filter: &mut Filter) -> Result<Source, Error> {
    let name = schema::json::quote(command.as_bytes());
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| Error::io(&*name, &error))?;
    let Some(pipe) = child.stdout.take() else { return Err(Error::data(name, "has no output to read")) };
    let input = filter.adopt(File::from(OwnedFd::from(pipe)), Path::new(command), &name)?;
    let rest = Rest { child: Some((child, name.clone())), kept: None };
    Ok(Source { input, name, base: 0, leaves_unfinished: false, rest })
}

/// The stretch of a file that is asked for. Messages call it by its bytes, and count its lines from there.
fn open_cut(path: &Path, cut: Cut, filter: &mut Filter) -> Result<Source, Error> {
    let mut whole = filter.open(path)?;
    let name = whole.name().to_owned();
    if !whole.is_regular() {
        return Err(Error::data(name, "is not a regular file; --range and --part want one"));
    }
    // What is compressed, or no text, shows at its start.
    whole.peek(filter)?;
    if join::is_needed(&mut whole, filter)? {
        let why =
            "has lines that a container's runtime split, which may lie in two parts; --range and --part cannot cut it";
        return Err(Error::data(name, why));
    }
    let failed = |error: std::io::Error| Error::io(&*name, &error);
    let lines = cut.lines(whole.size(), |block, at| whole.file().read_at(block, at)).map_err(failed)?;
    let mut file = File::open(path).map_err(failed)?;
    file.seek(SeekFrom::Start(lines.start)).map_err(failed)?;
    let place = format!("{name}[{}..{}]", lines.start, lines.end);
    let mut input = filter.adopt(file, path, &place)?;
    input.set_length(lines.end - lines.start);
    Ok(Source { input, name: place, base: lines.start, leaves_unfinished: false, rest: Rest::default() })
}

fn open_part(part: Part, above: &Above, filter: &mut Filter) -> Result<Source, Error> {
    let name = part.path.display().to_string();
    let failed = |error: std::io::Error| Error::io(&*name, &error);
    let mut file = part.file;
    above.note(&name, part.from, |block, at| file.read_at(block, at));
    file.seek(SeekFrom::Start(part.from)).map_err(failed)?;
    let copy = if part.current { Some(file.try_clone().map_err(failed)?) } else { None };
    let kept = copy.map(|file| Kept { path: part.path.clone(), file, base: part.from, lines: part.lines });
    let mut input = filter.adopt(file, &part.path, &name)?;
    input.set_lines_before(part.lines.unwrap_or(0));
    Ok(Source { input, name, base: part.from, leaves_unfinished: part.current, rest: Rest { child: None, kept } })
}
