//! The flag table: one entry a flag feeds parsing, help, man page and completions, so that they cannot disagree.
//!
//! Owns the words of the command line and the options common to all tools; refuses to act on them: setters only
//! check the text.

use std::ffi::OsString;
use std::path::PathBuf;

use expr::Condition;

use crate::terminal::Color;
use crate::{Error, Usage};

/// One tool: its name, its words and its flags.
pub struct Tool<C: 'static> {
    /// The name of the binary.
    pub name: &'static str,
    /// What follows the name on the usage line: `[-p LIST] [FILE]...`.
    pub synopsis: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// Further paragraphs for `--help` and the man page, separated by blank lines.
    pub more: &'static str,
    /// The tool's own flags, in the order help shows them.
    pub flags: &'static [Flag<C>],
    /// Takes an operand.
    pub operand: fn(&mut C, OsString) -> Result<(), String>,
    /// Command lines and what they are for. Each is run by the tests.
    pub examples: &'static [(&'static str, &'static str)],
    /// JSON Schema of what it writes, for `--schema`.
    pub schema: &'static str,
    /// What it writes on standard output.
    pub output: OutputKind,
}

/// What a tool writes on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputKind {
    /// Records, sealed where that is asked for.
    Records,
    /// Checks, always sealed.
    Checks,
    /// One document, never sealed.
    Document,
}

/// One flag of a tool.
pub struct Flag<C: 'static> {
    /// Its letter, if it has one.
    pub short: Option<char>,
    /// Its long name, without the dashes.
    pub long: &'static str,
    /// Its value and effect.
    pub takes: Takes<C>,
    /// What it does, within 60 columns and without a full stop.
    pub help: &'static str,
    /// What else there is to know, for `--help` and the man page; may be empty.
    pub more: &'static str,
}

/// What a flag takes, and what it does to the configuration. Setters check the text and nothing else.
pub enum Takes<C: 'static> {
    /// A switch.
    Nothing(fn(&mut C)),
    /// A value, under the name that help shows; `Err` says what was wanted.
    Value(&'static str, fn(&mut C, &str) -> Result<(), String>),
    /// The same for a value that is, or before its `=` begins with, one of these words: they are completed, and one that is
    /// near to what was written is named.
    Word(&'static str, &'static [&'static str], fn(&mut C, &str) -> Result<(), String>),
    /// A path, which need not be UTF-8.
    File(&'static str, fn(&mut C, PathBuf) -> Result<(), String>),
}

impl<C> Takes<C> {
    /// The name of the value, if the flag takes one.
    pub(crate) fn value_name(&self) -> Option<&'static str> {
        match self {
            Takes::Nothing(_) => None,
            Takes::Value(name, _) | Takes::Word(name, ..) | Takes::File(name, _) => Some(name),
        }
    }

    /// The words that the value may be, where there is a list of them.
    pub(crate) fn words(&self) -> &'static [&'static str] {
        match self {
            Takes::Word(_, words, _) => words,
            _ => &[],
        }
    }
}

/// What is said of a second value where there is one already.
pub const GIVEN_TWICE: &str = "given twice";

/// Sets what may be given once: of two values one would be dropped in silence, and with it what it asks for.
///
/// # Errors
/// There is a value already.
pub fn once<T>(place: &mut Option<T>, value: T) -> Result<(), String> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(GIVEN_TWICE.to_owned()),
    }
}

/// The options every tool has.
#[derive(Debug, Default)]
pub struct Common {
    /// `-o FILE`: where the output goes, whole or not at all.
    pub output: Option<PathBuf>,
    /// `--format`: whether text for people or JSON is insisted on.
    pub format: Option<Format>,
    /// `-q`
    pub quiet: bool,
    /// `--seal`, or `EVIDENCE_SEAL=1`
    pub seal: bool,
    /// `--unsealed`: lets a plain stream in where a sealed one is asked for.
    pub unsealed: bool,
    /// `--source-id NAME`
    pub source_id: Option<String>,
    /// `--allow-rejected N|N%`, as written.
    pub allow_rejected: Option<String>,
    /// `--allow-equal`: the same segment, input, run or night may count twice.
    pub allow_equal: bool,
    /// `--where COND`: all of them must be true of a record.
    pub conditions: Vec<Condition>,
    /// `--max-line SIZE` in bytes; `None` is 1 MiB for raw lines and 64 MiB for records and documents.
    pub max_line: Option<usize>,
    /// `--now TIME`
    pub now: Option<jiff::Timestamp>,
    /// `--color WHEN`
    pub color: Option<Color>,
    /// `--no-progress`
    pub no_progress: bool,
}

/// What standard output is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One record a line.
    Json,
    /// Text for people.
    Text,
}

/// The flags every tool has; one that a tool's own table names too is the tool's.
pub(crate) const COMMON: &[Flag<Common>] = &[
    Flag {
        short: Some('o'),
        long: "output",
        takes: Takes::File("FILE", |common, path| once(&mut common.output, path)),
        help: "Write to FILE atomically",
        more: "The whole output or none of it: a temporary file in the same folder is renamed once everything is on the \
               disk. A device or a pipe is written in place.",
    },
    Flag {
        short: None,
        long: "format",
        takes: Takes::Word("json|text", &["json", "text"], |common, text| {
            let format = match text {
                "json" => Format::Json,
                "text" => Format::Text,
                _ => return Err("wanted json or text".to_owned()),
            };
            once(&mut common.format, format)
        }),
        help: "JSON, or text to read (default: text on a terminal)",
        more: "",
    },
    Flag {
        short: None,
        long: "color",
        takes: Takes::Word("WHEN", &["auto", "always", "never"], |common, text| {
            let color = match text {
                "auto" => Color::Auto,
                "always" => Color::Always,
                "never" => Color::Never,
                _ => return Err("wanted auto, always or never".to_owned()),
            };
            once(&mut common.color, color)
        }),
        help: "Colour the text: auto (default), always, never",
        more: "auto is on a terminal only, and never where NO_COLOR is set or TERM is dumb. JSON is never coloured.",
    },
    Flag {
        short: None,
        long: "no-progress",
        takes: Takes::Nothing(|common| common.no_progress = true),
        help: "Do not show how far reading has come",
        more: "It is shown on standard error where that is a terminal and reading takes more than a second; -q hides it, too.",
    },
    Flag {
        short: Some('q'),
        long: "quiet",
        takes: Takes::Nothing(|common| common.quiet = true),
        help: "Print nothing but errors on standard error",
        more: "check-threshold and verdict then name what did not pass there, and print nothing on standard output: \
               do not use -q in front of verdict, which would have nothing to read.",
    },
    Flag {
        short: None,
        long: "where",
        takes: Takes::Value("COND", |common, text| {
            common.conditions.push(Condition::parse(text).map_err(|error| error.to_string())?);
            Ok(())
        }),
        help: "Use only the records for which COND is true",
        more: "Records for which COND is undecidable, since a field is absent or of another type, are skipped; their number is reported. May be repeated: all must be \
               true.",
    },
    Flag {
        short: None,
        long: "seal",
        takes: Takes::Nothing(|common| common.seal = true),
        help: "End with a seal, and require one from pipes of records",
        more: "EVIDENCE_SEAL=1 in the environment does the same for every stage of a pipeline: then no stage can die \
               and still leave a PASS.",
    },
    Flag {
        short: None,
        long: "unsealed",
        takes: Takes::Nothing(|common| common.unsealed = true),
        help: "Accept unsealed input, also under EVIDENCE_SEAL=1",
        more: "The seal that it writes says so.",
    },
    Flag {
        short: None,
        long: "source-id",
        takes: Takes::Value("NAME", |common, text| {
            if text.is_empty() {
                return Err("wanted a name".to_owned());
            }
            once(&mut common.source_id, text.to_owned())
        }),
        help: "Name this source in the seal",
        more: "",
    },
    Flag {
        short: None,
        long: "allow-rejected",
        takes: Takes::Value("N|N%", |common, text| {
            let number = text.strip_suffix('%').unwrap_or(text);
            let whole = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            let fits = if text.ends_with('%') {
                number.parse::<f64>().is_ok_and(|percent| percent <= 100.0)
            } else {
                number.parse::<u64>().is_ok()
            };
            if !whole || !fits {
                return Err("wanted a count like 5 or a share like 0.1%".to_owned());
            }
            once(&mut common.allow_rejected, text.to_owned())
        }),
        help: "Tolerate N unreadable lines, or N% of them",
        more: "Their number and this limit are recorded in the seal, and the verdict prints them.",
    },
    Flag {
        short: None,
        long: "allow-equal",
        takes: Takes::Nothing(|common| common.allow_equal = true),
        help: "Count equal inputs twice",
        more: "Otherwise the same sealed segment a second time, or with --merge the same input under two names, is duplicate-source: it would be counted twice. Of runs and nights that agree in every figure over 30 samples or more, only one counts.",
    },
    Flag {
        short: None,
        long: "max-line",
        takes: Takes::Value("SIZE", |common, text| {
            let size = size(text).filter(|&size| size > 0).ok_or("wanted a size like 64KiB or 1MB")?;
            once(&mut common.max_line, size)
        }),
        help: "Longest line to read (1MiB raw, 64MiB a record)",
        more: "A longer line is rejected in constant memory.",
    },
    Flag {
        short: None,
        long: "now",
        takes: Takes::Value("TIME", |common, text| once(&mut common.now, crate::time(text)?)),
        help: "Use TIME as the current time (RFC 3339 or epoch seconds)",
        more: "The default is the clock; for the time at which the output says that it was made, SOURCE_DATE_EPOCH, if it is set.",
    },
];

/// What `--generate` makes.
pub(crate) const GENERATED: [&str; 4] = ["man", "bash", "zsh", "fish"];

/// What every tool answers by itself: letter, name, value, help.
pub(crate) const ANSWERS: &[(Option<char>, &str, Option<&str>, &str)] = &[
    (None, "generate", Some("man|bash|zsh|fish"), "Print the man page, or completions for a shell"),
    (None, "schema", None, "Print the JSON Schema of what it writes"),
    (Some('h'), "help", None, "Print help (-h short, --help long)"),
    (Some('V'), "version", None, "Print the version"),
];

/// A size in bytes: digits, then nothing, `k`, `kB`, `KiB`, `M` and so on to `G`.
fn size(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "" | "B" => 1,
        "k" | "kB" => 1000,
        "K" | "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "M" | "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "G" | "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<usize>().ok()?.checked_mul(factor)
}

/// What the command line asks for.
pub(crate) enum Asked<C> {
    Run(C, Common),
    Answer(String),
}

/// Reads the command line (without the program's name) by `tool`'s table.
pub(crate) fn parse<C: Default>(
    tool: &'static Tool<C>,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Asked<C>, Error> {
    use lexopt::Arg;
    let mut config = C::default();
    let mut common = Common::default();
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next().map_err(|error| Error::usage(error.to_string()))? {
        let (short, long) = match argument {
            Arg::Value(operand) => {
                let shown = operand.to_string_lossy().into_owned();
                (tool.operand)(&mut config, operand).map_err(|wanted| Error::usage(spelled(&shown, &wanted)))?;
                continue;
            }
            Arg::Short(letter) => (Some(letter), String::new()),
            Arg::Long(name) => (None, name.to_owned()),
        };
        if let Some(flag) = find(tool.flags, short, &long) {
            set(flag, &mut config, &mut parser)?;
        } else if let Some(flag) = find(COMMON, short, &long) {
            set(flag, &mut common, &mut parser)?;
        } else {
            match (short, long.as_str()) {
                (Some('h'), _) => return Ok(Asked::Answer(Usage::new(tool).short())),
                (_, "help") => return Ok(Asked::Answer(Usage::new(tool).long())),
                (Some('V'), _) | (_, "version") => {
                    return Ok(Asked::Answer(format!("{} {}\n", tool.name, crate::VERSION)));
                }
                (_, "schema") => return Ok(Asked::Answer(tool.schema.to_owned())),
                (_, "generate") => {
                    let what = value(&mut parser, "generate")?;
                    let usage = Usage::new(tool);
                    return usage.generate(&what.to_string_lossy()).map(Asked::Answer).ok_or_else(|| {
                        let what = what.to_string_lossy();
                        Error::usage(option_wants(
                            "generate",
                            &what,
                            &near(&what, &GENERATED, "wanted man, bash, zsh or fish"),
                        ))
                    });
                }
                _ => return Err(unknown(tool, short, &long)),
            }
        }
    }
    Ok(Asked::Run(config, common))
}

fn find<C>(flags: &'static [Flag<C>], short: Option<char>, long: &str) -> Option<&'static Flag<C>> {
    flags.iter().find(|flag| match short {
        Some(_) => flag.short == short,
        None => flag.long == long,
    })
}

fn set<T>(flag: &'static Flag<T>, target: &mut T, parser: &mut lexopt::Parser) -> Result<(), Error> {
    match flag.takes {
        Takes::Nothing(set) => set(target),
        Takes::Value(_, set) => {
            let text = value(parser, flag.long)?;
            let shown = text.to_string_lossy().into_owned();
            let text = text.to_str().ok_or_else(|| Error::usage(option_wants(flag.long, &shown, "is not UTF-8")))?;
            set(target, text).map_err(|wanted| Error::usage(option_wants(flag.long, text, &wanted)))?;
        }
        Takes::Word(_, words, set) => {
            let text = value(parser, flag.long)?;
            let text = text.to_string_lossy();
            set(target, &text)
                .map_err(|wanted| Error::usage(option_wants(flag.long, &text, &near(&text, words, &wanted))))?;
        }
        Takes::File(_, set) => {
            let path = PathBuf::from(value(parser, flag.long)?);
            let shown = path.to_string_lossy().into_owned();
            set(target, path).map_err(|wanted| Error::usage(option_wants(flag.long, &shown, &wanted)))?;
        }
    }
    Ok(())
}

fn value(parser: &mut lexopt::Parser, long: &str) -> Result<OsString, Error> {
    parser.value().map_err(|_| Error::usage(format!("--{long} wants a value")))
}

/// `--limit: "abc": wanted a number`; a message that is already a picture of the text stands as it is.
fn option_wants(long: &str, text: &str, wanted: &str) -> String {
    format!("--{long}: {}", spelled(text, wanted))
}

fn spelled(text: &str, wanted: &str) -> String {
    if wanted.contains('\n') {
        wanted.to_owned()
    } else {
        format!("{}: {wanted}", schema::json::quote(text.as_bytes()))
    }
}

/// What was wanted, and the word that was meant, where one is near.
fn near(text: &str, words: &[&str], wanted: &str) -> String {
    let word = text.split_once('=').map_or(text, |(word, _)| word);
    // A word of two is known by its first, too: nearest-rank by nearst.
    let first = |near: &str| words.iter().copied().find(|word| word.split('-').next() == Some(near));
    let near = expr::nearest(word, words.iter().copied())
        .or_else(|| expr::nearest(word, words.iter().filter_map(|word| word.split('-').next())).and_then(first));
    match near {
        Some(near) => format!("{wanted}; did you mean {near}?"),
        None => wanted.to_owned(),
    }
}

/// What is said of an option that is none: the one that is near, or whose beginning or value it is.
fn unknown<C>(tool: &'static Tool<C>, short: Option<char>, long: &str) -> Error {
    let rows = || {
        let own = tool.flags.iter().map(|flag| (flag.short, flag.long, flag.takes.words()));
        let common = COMMON.iter().map(|flag| (flag.short, flag.long, flag.takes.words()));
        own.chain(common).chain(ANSWERS.iter().map(|answer| (answer.0, answer.1, [].as_slice())))
    };
    let meant = |what: &str, near: &str| Error::usage(format!("unknown option '{what}': did you mean {near}?"));
    if let Some(letter) = short {
        let what = format!("-{letter}");
        let other = |known: Option<char>| known.is_some_and(|known| known.eq_ignore_ascii_case(&letter));
        return match rows().find(|(known, ..)| other(*known)) {
            Some((Some(known), name, _)) => meant(&what, &format!("'-{known}' (--{name})")),
            _ => Error::usage(format!("unknown option '{what}'")),
        };
    }
    let what = format!("--{long}");
    // The value alone, as in --json for --format json.
    let of_value = |word: &str| {
        let takers = rows().filter(|(_, _, words)| words.contains(&word));
        let named: Vec<String> = takers.map(|(_, name, _)| format!("'--{name} {word}'")).collect();
        (!named.is_empty()).then(|| named.join(" or "))
    };
    if let Some(named) = of_value(long) {
        return meant(&what, &named);
    }
    if let Some(name) = expr::nearest(long, rows().map(|(_, name, _)| name)) {
        return meant(&what, &format!("'--{name}'"));
    }
    let begins = |name: &str| name.starts_with(long) && long.len() > 1 || name.len() > 2 && long.starts_with(name);
    let mut begun = rows().map(|(_, name, _)| name).filter(|name| begins(name));
    if let (Some(name), None) = (begun.next(), begun.next()) {
        return meant(&what, &format!("'--{name}'"));
    }
    match expr::nearest(long, rows().flat_map(|(_, _, words)| words.iter().copied())).and_then(of_value) {
        Some(named) => meant(&what, &named),
        None => match ELSEWHERE.iter().find(|(name, _)| *name == long) {
            Some((_, owner)) => Error::usage(format!("unknown option '{what}': that is an option of {owner}")),
            None => Error::usage(format!("unknown option '{what}'")),
        },
    }
}

/// Options that are looked for in the wrong tool of a pipeline, and the tool that has them.
const ELSEWHERE: [(&str, &str); 14] = [
    ("since", "kv-extract, the stage that reads the log"),
    ("until", "kv-extract, the stage that reads the log"),
    ("last", "kv-extract"),
    ("follow", "tail: tail -F FILE | kv-extract"),
    ("window", "percentile"),
    ("plot", "percentile"),
    ("paths", "merge-evidence"),
    ("get", "merge-evidence"),
    ("newer-than", "merge-evidence and verdict"),
    ("baseline", "check-threshold"),
    ("suggest", "check-threshold"),
    ("expect", "percentile --merge, merge-evidence and verdict"),
    ("write", "verdict"),
    ("require-chain", "verdict"),
];
