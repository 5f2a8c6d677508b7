//! What the command line of merge-evidence may say.

use std::ffi::OsString;
use std::path::PathBuf;

use expr::{Aggregate, Condition, Kind, Path, Step, Unit};
use filter::{Flag, OutputKind, Takes, Tool, once};

use crate::command::Command;
use crate::merge::OnConflict;
use crate::source::{Role, Source};

/// What the user asked for.
#[derive(Debug, Default)]
pub struct Config {
    /// The sources, in the order given.
    pub sources: Vec<Source>,
    /// `--set` and `--set-text`, in the order given.
    pub sets: Vec<Set>,
    /// `--command`, in the order given.
    pub commands: Vec<Command>,
    /// The sources that no command wrote, by their paths as given.
    pub unwritten: Vec<String>,
    /// When the first of them began.
    pub began: Option<std::time::SystemTime>,
    /// `--require`
    pub require: Vec<Path>,
    /// `--expect`
    pub expect: Vec<String>,
    /// `--on-conflict`
    pub on_conflict: Option<OnConflict>,
    /// `--as-written`
    pub as_written: bool,
    /// `--get`
    pub get: Option<Path>,
    /// `--paths`
    pub paths: bool,
    /// `--delta`
    pub delta: bool,
    /// `--newer-than`, as written
    pub newer_than: Option<String>,
    /// `--older-than`, as written
    pub older_than: Option<String>,
    /// `--every`: how far apart the samples of a series may be, in seconds, and of which source where one is named.
    pub every: Vec<(Option<Path>, f64)>,
    /// `-a`
    pub aggregates: Vec<Aggregate>,
    /// `-A`
    pub aggregate_files: Vec<PathBuf>,
    /// `-b`
    pub by: Option<Path>,
    /// `--state`
    pub state: bool,
    /// `--merge`
    pub merge: bool,
    /// `--where`: all of them must be true of a record.
    pub conditions: Vec<Condition>,
}

/// One `--set` or `--set-text`.
#[derive(Debug)]
pub struct Set {
    /// Where.
    pub path: Path,
    /// The text after the first `=`.
    pub text: String,
    /// Whether it is typed as a bare value (`--set`).
    pub bare: bool,
}

fn set(config: &mut Config, text: &str, bare: bool) -> Result<(), String> {
    let (path, value) = text.split_once('=').ok_or("wanted PATH=VALUE")?;
    config.sets.push(Set { path: place(path)?, text: value.to_owned(), bare });
    Ok(())
}

fn command(config: &mut Config, text: &str) -> Result<(), String> {
    let (name, text) = text.split_once('=').ok_or("wanted NAME='CMD'")?;
    if text.trim().is_empty() {
        return Err("wanted a command after '='".to_owned());
    }
    config.commands.push(Command { name: place(name)?, text: text.to_owned(), exit: None });
    Ok(())
}

/// A path at which a value can be put.
fn place(text: &str) -> Result<Path, String> {
    let path = Path::parse(text).map_err(|error| error.message)?;
    if path.has_wildcard() {
        return Err("a path with a wildcard is not one place".to_owned());
    }
    if path.steps().iter().any(|step| matches!(step, Step::Index(_))) {
        return Err("wanted names: a place in a list cannot be set".to_owned());
    }
    if path
        .steps()
        .first()
        .is_some_and(|step| matches!(step, Step::Name { text, .. } if schema::OUR_KEYS.contains(&text.as_str())))
    {
        return Err("that is a key of our own".to_owned());
    }
    Ok(path)
}

fn every(config: &mut Config, text: &str) -> Result<(), String> {
    let (name, duration) = match text.split_once('=') {
        Some((name, duration)) => (Some(Path::parse(name).map_err(|error| error.message)?), duration),
        None => (None, text),
    };
    let wanted = || "wanted a duration such as 15s or 5m".to_owned();
    let digits = duration.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = Unit::from_written(duration.get(digits.len()..).unwrap_or_default());
    let unit = unit.filter(|unit| unit.kind() == Kind::Time).ok_or_else(wanted)?;
    let factor = unit.factor().to_number().to_f64().unwrap_or(f64::NAN);
    let base = Unit::Second.factor().to_number().to_f64().unwrap_or(f64::NAN);
    let seconds = digits.parse::<f64>().map_err(|_| wanted())? * factor / base;
    if !(seconds > 0.0 && seconds.is_finite()) {
        return Err(wanted());
    }
    config.every.push((name, seconds));
    Ok(())
}

/// A message with the line and a caret under the place.
fn pictured(error: &expr::Error) -> String {
    format!("{}\n{}", error.message, error.caret())
}

fn source(config: &mut Config, path: PathBuf, role: Role) -> Result<(), String> {
    config.sources.push(Source::parse(path.as_os_str(), role)?);
    Ok(())
}

/// merge-evidence
pub const TOOL: Tool<Config> = Tool {
    name: "merge-evidence",
    synopsis: "[OPTION]... [[NAME=]FILE]...",
    about: "Merge documents into one evidence document that says where each value came from.",
    more: "A named source goes under its name, an unnamed one is merged in at the top; '-' is standard input. \
           A source of several records needs a name: NAME=FILE makes a list, NAME[PATH]=FILE an object by the value \
           of PATH. Each source is read as the format that it looks like; NAME:FORMAT=FILE says which format it is.",
    flags: &[
        Flag {
            short: None,
            long: "declared",
            takes: Takes::File("NAME=FILE", |config, path| source(config, path, Role::Declared)),
            help: "A source that says what was planned, not what was measured",
            more: "A declared value may be the bound of a check, never what is checked.",
        },
        Flag {
            short: None,
            long: "optional",
            takes: Takes::File("NAME=FILE", |config, path| source(config, path, Role::Optional)),
            help: "A source that may be absent: then it is unknown",
            more: "",
        },
        Flag {
            short: None,
            long: "set",
            takes: Takes::Value("PATH=VALUE", |config, text| set(config, text, true)),
            help: "Put VALUE at PATH, typed as kv-extract types it",
            more: "VALUE is everything after the first '='; nothing is trimmed.",
        },
        Flag {
            short: None,
            long: "set-text",
            takes: Takes::Value("PATH=TEXT", |config, text| set(config, text, false)),
            help: "Put TEXT at PATH, as text",
            more: "",
        },
        Flag {
            short: None,
            long: "command",
            takes: Takes::Value("NAME=CMD", command),
            help: "Run CMD by sh -c first; its status is NAME.exit",
            more: "Its standard output goes to standard error. If a signal ended it, the status is 128 plus its number. A source that was there before and that no command wrote is stale; nothing is deleted. \
                   May be repeated.",
        },
        Flag {
            short: None,
            long: "require",
            takes: Takes::Value("PATH", |config, text| {
                config.require.push(Path::parse(text).map_err(|error| error.message)?);
                Ok(())
            }),
            help: "Stop with 2 unless PATH has a value that is known",
            more: "",
        },
        Flag {
            short: None,
            long: "expect",
            takes: Takes::Value("NAME,NAME...", |config, text| {
                config.expect.extend(text.split(',').filter(|name| !name.is_empty()).map(str::to_owned));
                Ok(())
            }),
            help: "Stop with 2 unless a source of each NAME is there",
            more: "",
        },
        Flag {
            short: None,
            long: "on-conflict",
            takes: Takes::Word("first|last|min|max", &["first", "last", "min", "max"], |config, text| {
                let rule = match text {
                    "first" => OnConflict::First,
                    "last" => OnConflict::Last,
                    "min" => OnConflict::Min,
                    "max" => OnConflict::Max,
                    _ => return Err("wanted first, last, min or max".to_owned()),
                };
                once(&mut config.on_conflict, rule)
            }),
            help: "Which value wins when two sources disagree",
            more: "Without it a disagreement is an error that names both.",
        },
        Flag {
            short: None,
            long: "as-written",
            takes: Takes::Nothing(|config| config.as_written = true),
            help: "Skip the consistency checks within a source",
            more: "Without it a source whose figures contradict each other (p99 below p50) is inconsistent, and a check on them is INCONCLUSIVE.",
        },
        Flag {
            short: None,
            long: "newer-than",
            takes: Takes::Value("TIME|FILE|SPAN", |config, text| once(&mut config.newer_than, text.to_owned())),
            help: "Data older than TIME, FILE's change, or SPAN (15m) is stale",
            more: "A series, a record of a list and a source of an evidence document are each judged by their own times, from the first to the last; any other source by all its times. The file's last change counts \
                   too; a pipe without times counts as current. Declared sources are not judged.",
        },
        Flag {
            short: None,
            long: "older-than",
            takes: Takes::Value("TIME|FILE|SPAN", |config, text| once(&mut config.older_than, text.to_owned())),
            help: "Also reject data newer than TIME",
            more: "If a source has no times, the file's last change counts.",
        },
        Flag {
            short: None,
            long: "every",
            takes: Takes::Value("[NAME=]DUR", every),
            help: "Samples up to DUR apart are not a gap in a series",
            more: "A range of Prometheus, and records that come at a steady pace, have a gap where a distance is over 5 times the usual one: their minimum, mean and share of the time are then unknown (gap). With --every a distance of up to one and a half DUR is not a gap, and a longer one is. NAME= limits it to one source.",
        },
        Flag {
            short: Some('a'),
            long: "aggregate",
            takes: Takes::Value("NAME=EXPR", |config, text| {
                config.aggregates.push(Aggregate::parse(text).map_err(|error| pictured(&error))?);
                Ok(())
            }),
            help: "Aggregate the records of unnamed sources as NAME",
            more: "EXPR is made of count() sum(x) mean(x) min(x) max(x) first(x) last(x) any(c) all(c) longest(c) \
                   distinct(x) increase(x), each with an optional 'where COND'. A record that lacks x makes the \
                   aggregate unknown unless 'where' leaves it out. Percentiles are what the tool percentile is for.",
        },
        Flag {
            short: Some('A'),
            long: "aggregates",
            takes: Takes::File("FILE", |config, path| {
                config.aggregate_files.push(path);
                Ok(())
            }),
            help: "Read aggregates from FILE, one a line",
            more: "",
        },
        Flag {
            short: Some('b'),
            long: "by",
            takes: Takes::Value("PATH", |config, text| {
                once(&mut config.by, Path::parse(text).map_err(|error| error.message)?)
            }),
            help: "One document for each value of PATH",
            more: "With -a the aggregates of each group; without, the group's records merged into one.",
        },
        Flag {
            short: None,
            long: "where",
            takes: Takes::Value("COND", |config, text| {
                config.conditions.push(Condition::parse(text).map_err(|error| pictured(&error))?);
                Ok(())
            }),
            help: "Only records for which COND is true",
            more: "It applies to sources of several records. A record for which COND is undecidable may have belonged: what it would change is unknown, with the reason; in a list it stays, as unknown. default(x, 0) gives x a value where a record has none. May be repeated: all must be true.",
        },
        Flag {
            short: None,
            long: "state",
            takes: Takes::Nothing(|config| config.state = true),
            help: "Write a mergeable state of the fold, a row a group",
            more: "Its name is --source-id, else the digest of what was read. first, last, longest, increase and slopes need all records in order, so they have no state.",
        },
        Flag {
            short: None,
            long: "merge",
            takes: Takes::Nothing(|config| config.merge = true),
            help: "The unnamed sources are states: put them together",
            more: "In any order and in any tree of merges it writes what one run over all sources would have written. The same source \
                   twice, a lost and a changed row are errors. --expect names the sources: web1,web2, web[01..40], a number, \
                   or @FILE. With --state, writes the merged state.",
        },
        Flag {
            short: None,
            long: "delta",
            takes: Takes::Nothing(|config| config.delta = true),
            help: "The difference of two sources, BEFORE and AFTER",
            more: "Written as delta, with lists of the paths that appeared, disappeared and were reset. The increase of a counter that was reset is unknown.",
        },
        Flag {
            short: None,
            long: "paths",
            takes: Takes::Nothing(|config| config.paths = true),
            help: "List every path with its value, unit and source",
            more: "",
        },
        Flag {
            short: None,
            long: "get",
            takes: Takes::Value("PATH", |config, text| {
                once(&mut config.get, Path::parse(text).map_err(|error| error.message)?)
            }),
            help: "Print the bare value at PATH; exit 3 where it is unknown",
            more: "",
        },
    ],
    operand: |config: &mut Config, operand: OsString| source(config, operand.into(), Role::Observed),
    examples: &[
        ("merge-evidence k6=summary.json | check-threshold -t slo.thresholds", "Judge a k6 run"),
        (
            "merge-evidence -a 'uptime_pct = 100 * count(where health == \"ok\") / count()' rounds.jsonl",
            "Fold a stream",
        ),
        ("merge-evidence --delta before.prom after.prom", "Counter increase between two scrapes"),
    ],
    schema: schema::EVIDENCE_SCHEMA,
    output: OutputKind::Records,
};
