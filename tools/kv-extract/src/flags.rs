//! What the command line of kv-extract may say.

use std::ffi::OsString;
use std::path::PathBuf;

use filter::{Flag, OutputKind, Takes, Tool};
use schema::json;

use crate::conversion::Conversion;
use crate::extractor::Format;
use crate::picks::{Pick, Which};
use crate::record::{Duplicates, RESERVED, Shape};
use crate::selection::{Selection, finder};

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
    /// `-f`
    pub format: Format,
    /// `--pairs-by`
    pub separators: Vec<u8>,
    /// `--colon`
    pub colon: bool,
    /// What is done to each record.
    pub shape: Shape,
    /// `--source`
    pub source: bool,
}

fn text(text: &str) -> Result<memchr::memmem::Finder<'static>, String> {
    if text.is_empty() { Err("wanted some text".to_owned()) } else { Ok(finder(text)) }
}

fn pick(config: &mut Config, which: Which, text: &str) -> Result<(), String> {
    let pick = Pick::parse(which, text)?;
    if pick.name() == "lines" || config.picks.iter().any(|other| other.name() == pick.name()) {
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
        crate::text::write(value.as_bytes(), &mut json);
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
    about: "Write one JSON record for every line of each FILE, or of standard input, that holds key=value pairs.",
    more: "A pair is key=value anywhere in a line of prose; a quoted value is text, a bare one is a number only where \
           its digits can be copied unchanged. Lines without pairs are skipped and counted.",
    flags: FLAGS,
    operand,
    examples: &[
        ("kv-extract app.log", "Every line with pairs, as JSON"),
        ("kv-extract -m LATENCY_METRICS --last run.log", "The last line that holds LATENCY_METRICS"),
        ("kv-extract --last-of latency=LATENCY_METRICS --count-of deploys='deploy done' run.log", "One record of both"),
    ],
    schema: include_str!("../schema.json"),
    output: OutputKind::Records,
};

const FLAGS: &[Flag<Config>] = &[
    Flag {
        short: Some('m'),
        long: "match",
        takes: Takes::Value("TEXT", |config, value| {
            config.selection.any.push(text(value)?);
            Ok(())
        }),
        help: "Only lines that hold TEXT",
        more: "May be repeated: any of them.",
    },
    Flag {
        short: Some('v'),
        long: "without",
        takes: Takes::Value("TEXT", |config, value| {
            config.selection.none.push(text(value)?);
            Ok(())
        }),
        help: "No lines that hold TEXT",
        more: "May be repeated: none of them.",
    },
    Flag {
        short: None,
        long: "first",
        takes: Takes::Nothing(|config| config.first = true),
        help: "Only the first record",
        more: "With -m, the first line that holds TEXT decides: if it has no pairs, there is no record.",
    },
    Flag {
        short: None,
        long: "last",
        takes: Takes::Nothing(|config| config.last = true),
        help: "Only the last record",
        more: "With -m, the last line that holds TEXT decides: if it has no pairs, there is no record. A file is read \
               backward from its end.",
    },
    Flag {
        short: None,
        long: "first-of",
        takes: Takes::Value("NAME=TEXT", |config, value| pick(config, Which::First, value)),
        help: "Under NAME, the first line that holds TEXT",
        more: "With --last-of and --count-of: one record of all names, in one pass. TEXT may hold '='. A TEXT that is \
               never found is absent.",
    },
    Flag {
        short: None,
        long: "last-of",
        takes: Takes::Value("NAME=TEXT", |config, value| pick(config, Which::Last, value)),
        help: "Under NAME, the last line that holds TEXT",
        more: "",
    },
    Flag {
        short: None,
        long: "count-of",
        takes: Takes::Value("NAME=TEXT", |config, value| pick(config, Which::Count, value)),
        help: "Under NAME, how many lines hold TEXT",
        more: "0 where none does, and absent where the input had no line at all.",
    },
    Flag {
        short: Some('f'),
        long: "from",
        takes: Takes::Value("FORMAT", |config, value| {
            config.format = match value {
                "kv" => Format::Kv,
                "json" => Format::Json,
                "csv" => Format::Csv,
                "tsv" => Format::Tsv,
                _ => return Err("wanted kv, json, csv or tsv".to_owned()),
            };
            Ok(())
        }),
        help: "What lines are: kv (default), json, csv or tsv",
        more: "csv and tsv take the keys from a header.",
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
        help: "CHARS stand between pairs too, as in a=1&b=2",
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
        help: "Type of KEY: text num int bool bytes, or ns us ms s m h d",
        more: "Quoted or not. A unit is added to the name: --as took=us turns took=12ms into took_us 12000, exactly. A \
               value that does not fit is an error.",
    },
    Flag {
        short: None,
        long: "na",
        takes: Takes::Value("TEXT", |config, value| {
            config.shape.none.push(value.as_bytes().to_vec());
            Ok(())
        }),
        help: "A value TEXT means none: null",
        more: "",
    },
    Flag {
        short: None,
        long: "dup",
        takes: Takes::Value("WHICH", |config, value| {
            config.shape.duplicates = match value {
                "last" => Duplicates::Last,
                "first" => Duplicates::First,
                "array" => Duplicates::Array,
                "error" => Duplicates::Error,
                _ => return Err("wanted last, first, array or error".to_owned()),
            };
            Ok(())
        }),
        help: "Of a repeated key: last (default), first, array, error",
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
];
