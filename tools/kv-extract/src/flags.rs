//! What the command line of kv-extract may say.

use std::ffi::OsString;
use std::path::PathBuf;

use expr::Condition;
use filter::{Flag, GIVEN_TWICE, OutputKind, Takes, Tool, once};
use memchr::memmem::Finder;
use schema::json;
use time::DateOrder;

use crate::grammar::Format;
use crate::grammar::template::Template;
use crate::input::join::Start;
use crate::input::range::Cut;
use crate::input::selection::{Selection, finder};
use crate::options::Threads;
use crate::record::RESERVED;
use crate::record::convert::Conversion;
use crate::record::options::{Duplicates, Shape};
use crate::run::tokens::{Pick, Which};

/// What the user said.
#[derive(Default)]
pub struct Config {
    /// The files, in order.
    pub files: Vec<PathBuf>,
    /// `-m`, `-v`
    pub selection: Selection,
    /// `--first`
    pub first: bool,
    /// `--last`
    pub last: bool,
    /// `--first-of`, `--last-of`, `--count-of`
    pub picks: Vec<Pick>,
    /// `--after-last`
    pub after_last: Option<Finder<'static>>,
    /// `-f`
    pub format: Format,
    /// Whether `-f` was said.
    pub format_given: bool,
    /// `--parse`
    pub template: Option<Template>,
    /// `--try-parse`
    pub tries: bool,
    /// `--header`
    pub header: Vec<Vec<u8>>,
    /// `--record-start`
    pub record_start: Option<Start>,
    /// `--stage-from`
    pub stages: Option<PathBuf>,
    /// `--rejects`
    pub rejects: Option<PathBuf>,
    /// `--pairs-by`
    pub separators: Vec<u8>,
    /// `--colon`
    pub colon: bool,
    /// What is done to each record.
    pub shape: Shape,
    /// `--where`
    pub conditions: Vec<Condition>,
    /// `--source`
    pub source: bool,
    /// `--since`, `--until`, `--time` and `--tz`, as written.
    pub since: Option<String>,
    /// See `since`.
    pub until: Option<String>,
    /// See `since`.
    pub time_key: Option<String>,
    /// See `since`.
    pub zone: Option<String>,
    /// `--stamp`
    pub stamp: Option<String>,
    /// `--time-format`
    pub time_format: Option<String>,
    /// `--date-order`
    pub date_order: Option<DateOrder>,
    /// `--date`, as written.
    pub date: Option<String>,
    /// `--resume`
    pub resume: Option<PathBuf>,
    /// `--rotated`
    pub rotated: Vec<String>,
    /// `--range`, `--part`
    pub cut: Option<Cut>,
    /// `--command`
    pub commands: Vec<String>,
    /// `--stats`
    pub stats: bool,
    /// `--threads`
    pub threads: Threads,
}

fn text(text: &str) -> Result<Finder<'static>, String> {
    match text {
        "" => Err("wanted some text".to_owned()),
        _ if text.contains('\n') => Err("no line contains a newline; wanted text of one line".to_owned()),
        _ => Ok(finder(text)),
    }
}

fn pick(config: &mut Config, which: Which, text: &str) -> Result<(), String> {
    let pick = Pick::parse(which, text)?;
    if matches!(pick.name(), "lines" | "matched" | "@evidence")
        || config.picks.iter().any(|other| other.name() == pick.name())
    {
        return Err(format!("the name {} is taken", json::quote(pick.name().as_bytes())));
    }
    config.picks.push(pick);
    Ok(())
}

fn set(config: &mut Config, text: &str, typed: bool) -> Result<(), String> {
    let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
        return Err("wanted KEY=VALUE".to_owned());
    };
    if RESERVED.contains(&key.as_bytes()) {
        return Err("this key is not yours to set".to_owned());
    }
    let mut json = Vec::new();
    if typed {
        json::write(&expr::bare(value.as_bytes()), &mut json);
    } else {
        crate::record::escape::write(value.as_bytes(), &mut json);
    }
    config.shape.set.retain(|(other, _)| other != key.as_bytes());
    config.shape.set.push((key.as_bytes().to_vec(), json));
    Ok(())
}

fn operand(config: &mut Config, path: OsString) -> Result<(), String> {
    config.files.push(path.into());
    Ok(())
}

/// kv-extract.
pub const TOOL: Tool<Config> = Tool {
    name: "kv-extract",
    synopsis: "[-m TEXT]... [-k KEYS] [FILE]...",
    about: "Write one JSON record for every line of each FILE, or of standard input, that contains key=value pairs.",
    more: "A pair is key=value anywhere in a line of prose; a quoted value is text, a bare one is a number only where \
           its digits can be copied unchanged. Lines without pairs are skipped and counted.",
    flags: FLAGS,
    operand,
    examples: &[
        ("kv-extract app.log", "Every line with pairs, as JSON"),
        ("kv-extract -m LATENCY_METRICS --last run.log", "The last line containing LATENCY_METRICS"),
        ("kv-extract --last-of latency=LATENCY_METRICS --count-of deploys='deploy done' run.log", "One record of both"),
    ],
    schema: include_str!("../schema.json"),
    output: OutputKind::Records,
};

/// What may be said.
pub const FLAGS: &[Flag<Config>] = &[
    Flag {
        short: Some('m'),
        long: "match",
        takes: Takes::Value("TEXT", |config, value| {
            config.selection.any.push(text(value)?);
            Ok(())
        }),
        help: "Only lines containing TEXT",
        more: "May be repeated: any of them.",
    },
    Flag {
        short: Some('v'),
        long: "without",
        takes: Takes::Value("TEXT", |config, value| {
            config.selection.none.push(text(value)?);
            Ok(())
        }),
        help: "No lines containing TEXT",
        more: "May be repeated: none of them.",
    },
    Flag {
        short: None,
        long: "after-last",
        takes: Takes::Value("TEXT", |config, value| once(&mut config.after_last, text(value)?)),
        help: "Only what follows the last line containing TEXT",
        more: "This run's part of an appended log. If no line contains TEXT, nothing follows it.",
    },
    Flag {
        short: None,
        long: "first",
        takes: Takes::Nothing(|config| config.first = true),
        help: "Only the first record",
        more: "With -m, the first line containing TEXT decides: if it has no pairs, there is no record.",
    },
    Flag {
        short: None,
        long: "last",
        takes: Takes::Nothing(|config| config.last = true),
        help: "Only the last record",
        more: "With -m, the last line containing TEXT decides: if it has no pairs, there is no record. A file is read \
               backward from its end.",
    },
    Flag {
        short: None,
        long: "first-of",
        takes: Takes::Value("NAME=TEXT", |config, value| pick(config, Which::First, value)),
        help: "Under NAME, the first line containing TEXT",
        more: "With --last-of and --count-of: one record of all names, in one pass. TEXT may contain '='. A TEXT that is \
               never found is absent.",
    },
    Flag {
        short: None,
        long: "last-of",
        takes: Takes::Value("NAME=TEXT", |config, value| pick(config, Which::Last, value)),
        help: "Under NAME, the last line containing TEXT",
        more: "",
    },
    Flag {
        short: None,
        long: "count-of",
        takes: Takes::Value("NAME=TEXT", |config, value| pick(config, Which::Count, value)),
        help: "Under NAME, how many lines contain TEXT",
        more: "0 where none does, unknown where lines may mean it in another spelling, and absent where no line was in the window. With -m, -v, --where, --having or --parse, \
               'matched' beside 'lines' says how many lines those chose.",
    },
    Flag {
        short: Some('f'),
        long: "from",
        takes: Takes::Word(
            "FORMAT",
            &["auto", "kv", "logfmt", "json", "csv", "tsv", "clf", "prometheus"],
            |config, value| {
                if std::mem::replace(&mut config.format_given, true) {
                    return Err(GIVEN_TWICE.to_owned());
                }
                config.format = match value {
                    "auto" => Format::Auto,
                    "kv" => Format::Kv,
                    "logfmt" => Format::Logfmt,
                    "json" => Format::Json,
                    "csv" => Format::Csv,
                    "tsv" => Format::Tsv,
                    "clf" => Format::Clf,
                    "prometheus" => Format::Prometheus,
                    _ => return Err("wanted auto, kv, logfmt, json, csv, tsv, clf or prometheus".to_owned()),
                };
                Ok(())
            },
        ),
        help: "auto (default) kv logfmt json csv tsv clf prometheus",
        more: "auto detects line by line: JSON, JSON after the prefix of a container or a syslog, access logs, logfmt and prose; csv and tsv take the keys from a header; clf is \
               the common and the combined log format; prometheus gives name, labels, value and timestamp_ms.",
    },
    Flag {
        short: None,
        long: "in",
        takes: Takes::Value("KEY", |config, value| {
            if value.is_empty() {
                return Err("wanted a key".to_owned());
            }
            once(&mut config.shape.inner, value.as_bytes().to_vec())
        }),
        help: "Also read the pairs within the value of KEY",
        more: "As in a field 'message' or 'log' that contains a line of another program: prose or JSON.",
    },
    Flag {
        short: None,
        long: "parse",
        takes: Takes::Value("TEMPLATE", |config, value| once(&mut config.template, Template::parse(value)?)),
        help: "Lines without '=': '{ip} {} \"{method} {path}\"'",
        more: "A hole takes up to the next literal; '{}' is dropped; '{*}' takes the pairs of the rest; '{{' and '}}' are \
               braces. {status:int}, num, span, word and list limit what a hole matches. Or the name of a template: nginx \
               nginx-ingress haproxy envoy alb postgresql. Lines that do not fit are skipped and reported; under --seal they are rejected.",
    },
    Flag {
        short: None,
        long: "try-parse",
        takes: Takes::Value("TEMPLATE", |config, value| {
            config.tries = true;
            once(&mut config.template, Template::parse(value)?)
        }),
        help: "Try TEMPLATE on the first lines, show what fits and how far",
        more: "For each of the first 20 lines: its record, or its number, how much of it fits, and what was expected there.",
    },
    Flag {
        short: None,
        long: "header",
        takes: Takes::Value("NAMES", |config, value| {
            if !config.header.is_empty() {
                return Err(GIVEN_TWICE.to_owned());
            }
            config.header = value.split(',').map(|name| name.trim().as_bytes().to_vec()).collect();
            let mut names: Vec<_> = config.header.iter().collect();
            names.sort_unstable();
            names.dedup();
            if names.len() < config.header.len() || config.header.iter().any(Vec::is_empty) {
                return Err("wanted the names of the columns, like a,b,c, each once".to_owned());
            }
            Ok(())
        }),
        help: "Names of the columns of csv or tsv without a header: a,b,c",
        more: "",
    },
    Flag {
        short: None,
        long: "decimal",
        takes: Takes::Value("CHAR", |config, value| match value {
            "," | "." => {
                config.shape.decimal_comma = value == ",";
                Ok(())
            }
            _ => Err("wanted , or .".to_owned()),
        }),
        help: "Decimal separator: , or . (default)",
        more: "With ',' 1.234,5 is 1234.5, and 1.5 is not a number.",
    },
    Flag {
        short: None,
        long: "record-start",
        takes: Takes::Value("PATTERN", |config, value| once(&mut config.record_start, Start::parse(value)?)),
        help: "Join lines into records that begin like this: '# Time:'",
        more: "* is any text, ? any byte, [0-9] one of these; the word stamp is a line that begins with a time. What comes \
               before the first such line is a record of its own.",
    },
    Flag {
        short: None,
        long: "stage-from",
        takes: Takes::File("FILE", |config, path| once(&mut config.stages, path)),
        help: "Add the stage that a line's time is in",
        more: "FILE has a line for each stage: its name, from and to, separated by tabs; the end is not part of it. A line in two stages, or in \
               none, has no stage; how many is reported.",
    },
    Flag {
        short: None,
        long: "shape",
        takes: Takes::Nothing(|config| config.shape.kind = true),
        help: "Add the line's kind under shape: numbers and names masked",
        more: "Whatever has a digit becomes #, a quoted text \"#\", a path /#; of a record with a message, the message's. Every line has one, so that kinds can be counted and compared with last night's.",
    },
    Flag {
        short: None,
        long: "rejects",
        takes: Takes::File("FILE", |config, path| once(&mut config.rejects, path)),
        help: "Write lines that were refused or did not fit to FILE",
        more: "One record a line: file, line, code, reason, text; --in text reads it again.",
    },
    Flag {
        short: None,
        long: "pairs-by",
        takes: Takes::Value("CHARS", |config, value| {
            if value.is_empty()
                || !value.is_ascii()
                || value.bytes().any(|byte| byte.is_ascii_alphanumeric() || byte == b'=')
            {
                return Err("wanted separators like '&;'".to_owned());
            }
            config.separators.extend_from_slice(value.as_bytes());
            Ok(())
        }),
        help: "CHARS separate pairs too, as in a=1&b=2",
        more: "",
    },
    Flag {
        short: None,
        long: "colon",
        takes: Takes::Nothing(|config| config.colon = true),
        help: "'key: value' is a pair too",
        more: "The colon touches the key, and a blank or a quote follows it.",
    },
    Flag {
        short: None,
        long: "long-keys",
        takes: Takes::Nothing(|config| config.shape.long_keys = true),
        help: "'connect time=1' has the key connect_time",
        more: "Up to three words before a key are part of it, so that 'connect time=' and 'total time=' are two.",
    },
    Flag {
        short: Some('k'),
        long: "keys",
        takes: Takes::Value("KEYS", |config, value| config.shape.keep.add(value)),
        help: "Only these keys, with wildcards: p99_us,http.*",
        more: "",
    },
    Flag {
        short: None,
        long: "drop",
        takes: Takes::Value("KEYS", |config, value| config.shape.drop.add(value)),
        help: "None of these keys",
        more: "",
    },
    Flag {
        short: None,
        long: "having",
        takes: Takes::Value("KEYS", |config, value| config.shape.having.add(value)),
        help: "Only lines that have all of these keys",
        more: "",
    },
    Flag {
        short: None,
        long: "text",
        takes: Takes::Nothing(|config| config.shape.text = true),
        help: "Keep every bare value as text",
        more: "",
    },
    Flag {
        short: None,
        long: "as",
        takes: Takes::Value("KEY=TYPE", |config, value| {
            let Some((key, word)) = value.rsplit_once('=').filter(|(key, _)| !key.is_empty()) else {
                return Err("wanted KEY=TYPE, like took=us".to_owned());
            };
            config.shape.types.retain(|(other, _)| other != key.as_bytes());
            config.shape.types.push((key.as_bytes().to_vec(), Conversion::parse(word)?));
            Ok(())
        }),
        help: "Type: text num int bool bytes pct, or ns us ms s m h d",
        more: "Quoted or not. A unit is added to the name: --as took=us turns took=12ms into took_us 12000, exactly, and \
               --as ok=pct ok=99.5% into ok_pct 99.5. A value that does not fit is an error, as 5% is for num.",
    },
    Flag {
        short: None,
        long: "na",
        takes: Takes::Value("TEXT", |config, value| {
            config.shape.none.push(value.as_bytes().to_vec());
            Ok(())
        }),
        help: "Read the value TEXT as null",
        more: "",
    },
    Flag {
        short: None,
        long: "dup",
        takes: Takes::Word("WHICH", &["last", "first", "array", "error"], |config, value| {
            config.shape.duplicates_said = true;
            config.shape.duplicates = match value {
                "last" => Duplicates::Last,
                "first" => Duplicates::First,
                "array" => Duplicates::Array,
                "error" => Duplicates::Error,
                _ => return Err("wanted last, first, array or error".to_owned()),
            };
            Ok(())
        }),
        help: "Which value of a repeated key: last (default), first, array, error",
        more: "",
    },
    Flag {
        short: None,
        long: "set",
        takes: Takes::Value("KEY=VALUE", |config, value| set(config, value, true)),
        help: "Add KEY to every record, typed as in a log line",
        more: "",
    },
    Flag {
        short: None,
        long: "set-text",
        takes: Takes::Value("KEY=TEXT", |config, value| set(config, value, false)),
        help: "Add KEY to every record, as text",
        more: "",
    },
    Flag {
        short: None,
        long: "source",
        takes: Takes::Nothing(|config| config.source = true),
        help: "Add @source: file, line and offset",
        more: "",
    },
    Flag {
        short: None,
        long: "where",
        takes: Takes::Value("COND", |config, value| {
            config.conditions.push(Condition::parse(value).map_err(|error| error.to_string())?);
            Ok(())
        }),
        help: "Only the records for which COND is true",
        more: "Records for which COND is undecidable, since a field is absent or of another type, are skipped; their number is reported. May be repeated: all must be true.",
    },
    Flag {
        short: None,
        long: "since",
        takes: Takes::Value("TIME", |config, value| once(&mut config.since, value.to_owned())),
        help: "Only lines from TIME on, or that long ago: 15m",
        more: "The time is that of the line's start, else of the first of the keys time ts t timestamp @timestamp and the \
               like whose value is one. A line without one belongs to the line before it if it looks like its continuation; otherwise it counts as between its neighbours. docs/stamps.md has every form.",
    },
    Flag {
        short: None,
        long: "until",
        takes: Takes::Value("TIME", |config, value| once(&mut config.until, value.to_owned())),
        help: "Only lines before TIME",
        more: "",
    },
    Flag {
        short: None,
        long: "time",
        takes: Takes::Value("KEY", |config, value| once(&mut config.time_key, value.to_owned())),
        help: "The time of a line is the value of KEY",
        more: "A value that is not a time is an error.",
    },
    Flag {
        short: None,
        long: "tz",
        takes: Takes::Value("ZONE", |config, value| once(&mut config.zone, value.to_owned())),
        help: "Zone of times that name none (default: the system's)",
        more: "A local time that happens twice or never is refused if it matters which one is meant.",
    },
    Flag {
        short: None,
        long: "stamp",
        takes: Takes::Value("KEY", |config, value| {
            if value.is_empty() || RESERVED.contains(&value.as_bytes()) {
                return Err("wanted a key".to_owned());
            }
            once(&mut config.stamp, value.to_owned())
        }),
        help: "Put the line's own time under KEY, in UTC",
        more: "As RFC 3339, for percentile --window and whatever else reads times; a line without a time has no KEY.",
    },
    Flag {
        short: None,
        long: "time-format",
        takes: Takes::Value("FORMAT", |config, value| {
            time::time_format(value)?;
            once(&mut config.time_format, value.to_owned())
        }),
        help: "How times are written, as in strftime: '%d.%m.%Y %H-%M'",
        more: "Then no other form is looked for.",
    },
    Flag {
        short: None,
        long: "date-order",
        takes: Takes::Word("ORDER", &["dmy", "mdy", "ymd"], |config, value| {
            once(&mut config.date_order, DateOrder::parse(value)?)
        }),
        help: "Order of dates like 03/05/2026: dmy, mdy or ymd",
        more: "Without it a date that may be read in more than one order is refused.",
    },
    Flag {
        short: None,
        long: "date",
        takes: Takes::Value("DATE", |config, value| once(&mut config.date, value.to_owned())),
        help: "The date of times that have none; the start of uptimes",
        more: "As in 2026-03-05, or 2026-03-05T20:00:00 where lines count from a start.",
    },
    Flag {
        short: None,
        long: "resume",
        takes: Takes::File("STATE", |config, path| once(&mut config.resume, path)),
        help: "Only what is new since last time, kept in STATE",
        more: "Follows rotation by rename, by copytruncate, into a folder next to the log, before the extension, and by gzip and zstd; and finds a log that moved to another path by how it begins. A last line without its newline waits for the next time.",
    },
    Flag {
        short: None,
        long: "rotated",
        takes: Takes::Value("GLOB", |config, value| {
            if value.is_empty() || value.ends_with('/') {
                return Err("wanted names like /var/log/old/app-*.log*".to_owned());
            }
            config.rotated.push(value.to_owned());
            Ok(())
        }),
        help: "With --resume: what the log was rotated to",
        more: "Without it: the files next to the log (app.log.1, app-20260301.log.gz), else those of such names in a folder next to it. Read where compressed with gzip or zstd. The last part of GLOB may have * and ?. May be repeated.",
    },
    Flag {
        short: None,
        long: "range",
        takes: Takes::Value("OFFSET,LENGTH", |config, value| once(&mut config.cut, Cut::range(value)?)),
        help: "Only the lines that begin in these bytes of FILE",
        more: "A line that begins there is read to its end, so that ranges laid end to end give every line once. Without LENGTH, to \
               the end. One FILE, of lines: not csv and tsv, nor what looks at other lines (times, --last, --record-start).",
    },
    Flag {
        short: None,
        long: "part",
        takes: Takes::Value("K/N", |config, value| once(&mut config.cut, Cut::part(value)?)),
        help: "Only the Kth of N parts of FILE, of the same size",
        more: "As --range; the parts 1/N to N/N have every line once.",
    },
    Flag {
        short: None,
        long: "command",
        takes: Takes::Value("CMD", |config, value| {
            config.commands.push(value.to_owned());
            Ok(())
        }),
        help: "Read the output of CMD, which must end with status 0",
        more: "May be repeated; run by sh, before the files are read.",
    },
    Flag {
        short: None,
        long: "stats",
        takes: Takes::Nothing(|config| config.stats = true),
        help: "Print what was counted on standard error, as JSON",
        more: "",
    },
    Flag {
        short: None,
        long: "threads",
        takes: Takes::Value("N", |config, value| {
            config.threads = Threads::parse(value)?;
            Ok(())
        }),
        help: "Threads for inputs over 8 MiB (default: cores, at most 4)",
        more: "The output is the same for every N.",
    },
];
