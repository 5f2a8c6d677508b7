//! What the command line of percentile may say: one table for parsing, help, man page and completions.
//!
//! Owns the words. Refuses to act: setters check the text, `plan.rs` makes sense of the whole.

use std::path::PathBuf;

use expr::{Aggregate, Formula, Path, Unit};
use filter::{Flag, OutputKind, Takes, Tool, once};

use filter::states::Expected;

use crate::options::MOST_THREADS;
use crate::stats::certain::Question;
use crate::stats::definitions::{Level, Method, Percentile};
use crate::stats::sketch::Precision;
use number::Sample;

/// What the user said.
#[derive(Debug, Default)]
pub struct Config {
    /// The files, in order; none is standard input.
    pub files: Vec<PathBuf>,
    /// `-f`
    pub fields: Vec<Path>,
    /// `-p`
    pub percentiles: Vec<Percentile>,
    /// `-b`: what the groups are called by
    pub by: Vec<Path>,
    /// `-b NAME=EXPR`: of each of those what it is computed by, where it is
    pub formulas: Vec<Option<Formula>>,
    /// `--name`
    pub name: Option<String>,
    /// `-m`
    pub method: Option<Method>,
    /// `--sum`
    pub sum: bool,
    /// `--sure`
    pub sure: Option<Level>,
    /// `--unit`
    pub unit: Option<Unit>,
    /// `--na`
    pub na: Vec<String>,
    /// `--no-missing`
    pub no_missing: bool,
    /// `--weight`
    pub weight: Option<Path>,
    /// `--sketch`, `--relative-error`
    pub sketch: bool,
    /// `--relative-error`
    pub precision: Option<Precision>,
    /// `--sort`
    pub sort: Option<Path>,
    /// `--top`
    pub top: Option<usize>,
    /// `-a`
    pub aggregates: Vec<Aggregate>,
    /// `--state`
    pub state: bool,
    /// `--merge`
    pub merge: bool,
    /// `--newer-than`, as written
    pub newer_than: Option<String>,
    /// `--expect`
    pub expected: Expected,
    /// `--part`: which of how many parts of an input this run reads.
    pub part: Option<(u64, u64)>,
    /// `--max-state`: how long the text of exact samples in a state may be.
    pub max_state: Option<usize>,
    /// `--window`, in nanoseconds
    pub window: Option<i64>,
    /// `--time`
    pub time: Option<Path>,
    /// `--fill`
    pub fill: bool,
    /// `--histogram`
    pub histogram: bool,
    /// `--hlog`
    pub hlog: bool,
    /// `--expected-interval`
    pub interval: Option<Sample>,
    /// `--plot`
    pub plot: bool,
    /// `--ascii`
    pub ascii: bool,
    /// `--hgrm`
    pub hgrm: bool,
    /// `--of`
    pub of: Option<u64>,
    /// `--over`
    pub over: Option<String>,
    /// `--against`
    pub against: Vec<PathBuf>,
    /// `--stop-early`
    pub stop_early: Option<Question>,
    /// `--threads`
    pub threads: Option<usize>,
    /// `--max-memory`
    pub max_memory: Option<usize>,
}

/// The words of `--method`.
const METHODS: [&str; 11] = ["nearest-rank", "linear", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9"];

/// The tool.
pub static TOOL: Tool<Config> = Tool {
    name: "percentile",
    synopsis: "[-f PATH]... [-p LIST] [-b PATH]... [OPTION]... [FILE]...",
    about: "Print exact percentiles of numbers, one a line, or of the fields of records.",
    more: MORE,
    flags: &[
        Flag {
            short: Some('f'),
            long: "field",
            takes: Takes::Value("PATHS", |config, text| {
                for one in paths(text)? {
                    if !config.fields.contains(&one) {
                        config.fields.push(one);
                    }
                }
                Ok(())
            }),
            help: "Fields of the records to read (default: all numbers)",
            more: "A comma list; may be repeated. A field a.b.c is in the output under the one key \"a.b.c\", which \
                   the path a.b.c reads back; * and ** take every field they match.",
        },
        Flag {
            short: Some('p'),
            long: "percentiles",
            takes: Takes::Value("LIST", |config, text| {
                for one in Percentile::parse_list(text)? {
                    if !config.percentiles.contains(&one) {
                        config.percentiles.push(one);
                    }
                }
                Ok(())
            }),
            help: "Percentiles from 0 to 100 (default: 50,95,99)",
            more: "p0 is the minimum and p100 the maximum. Ranks are exact: 55 of 100 samples is the 55th.",
        },
        Flag {
            short: Some('b'),
            long: "by",
            takes: Takes::Value("PATHS", |config, text| {
                let read = match Formula::parse_key(text) {
                    Ok(formula) => vec![(formula.name.clone(), Some(formula))],
                    Err(error) => match paths(text) {
                        Ok(paths) => paths.into_iter().map(|path| (path, None)).collect(),
                        Err(_) if text.contains('=') || text.ends_with(')') => return Err(error.to_string()),
                        Err(reason) => return Err(reason),
                    },
                };
                for (path, formula) in read {
                    config.by.push(path);
                    config.formulas.push(formula);
                }
                Ok(())
            }),
            help: "One summary for each value of these fields",
            more: "Groups are printed in the order of their values; a record without the field is in the group null. \
                   NAME=EXPR computes the value: -b 'hour = floor(time(ts) / 3600)'; so does a function alone: -b 'route(path)'.",
        },
        Flag {
            short: Some('m'),
            long: "method",
            takes: Takes::Word("NAME", &METHODS, |config, text| once(&mut config.method, Method::parse(text)?)),
            help: "nearest-rank (default), linear, or r1 to r9",
            more: "The nine definitions of Hyndman and Fan (1996), as R's quantile(type=) numbers them. With n sorted \
                   samples and p from 0 to 1: nearest-rank = r1 is the sample ceil(p n); r2 the mean of two where p n \
                   is whole; r3 the nearest even one; the others interpolate at r4: p n, r5: p n + 1/2, r6: p (n + 1), \
                   r7 = linear: p (n - 1) + 1, r8: p (n + 1/3) + 1/3, r9: p (n + 1/4) + 3/8.",
        },
        Flag {
            short: None,
            long: "name",
            takes: Takes::Value("NAME", |config, text| {
                if text.is_empty() {
                    return Err("wanted a name".to_owned());
                }
                once(&mut config.name, text.to_owned())
            }),
            help: "Put the summary of bare numbers under NAME",
            more: "",
        },
        Flag {
            short: None,
            long: "sum",
            takes: Takes::Nothing(|config| config.sum = true),
            help: "Print the exact sum, too",
            more: "",
        },
        Flag {
            short: None,
            long: "sure",
            takes: Takes::Value("LEVEL", |config, text| once(&mut config.sure, Level::parse(text)?)),
            help: "Print a confidence interval for each percentile: 95%",
            more: "p99_low and p99_high: with so much confidence each, the p99 of all requests that might have come is at \
                   least and at most that. By order statistics and exact binomial ranks: no distribution is assumed, only that samples are independent. With too few samples there is no such end (null): the upper end of p99 at 95% takes at least 299.",
        },
        Flag {
            short: None,
            long: "unit",
            takes: Takes::Value("UNIT", |config, text| {
                let unit = Unit::from_written(text).ok_or("wanted a unit like ms, s, us, B, kB, MiB")?;
                once(&mut config.unit, unit)
            }),
            help: "Read texts like 12ms or 1.5s, as UNIT",
            more: "Plain numbers are taken to be in UNIT already.",
        },
        Flag {
            short: None,
            long: "na",
            takes: Takes::Value("TEXT", |config, text| {
                config.na.push(text.to_owned());
                Ok(())
            }),
            help: "A text that means no value, like -; may be repeated",
            more: "Such a value is missing, not invalid. Any other text where a number should be makes the figures that it could change unknown (not-a-number), unless --allow-rejected tolerates it.",
        },
        Flag {
            short: None,
            long: "no-missing",
            takes: Takes::Nothing(|config| config.no_missing = true),
            help: "Count a record without the field as invalid",
            more: "Without this, records that lack the field are counted as missing and change no figure.",
        },
        Flag {
            short: None,
            long: "weight",
            takes: Takes::Value("PATH", |config, text| once(&mut config.weight, path(text)?)),
            help: "Count each record as often as this field says",
            more: "A whole number; 0 leaves the record out. A record without it is invalid.",
        },
        Flag {
            short: None,
            long: "sketch",
            takes: Takes::Nothing(|config| config.sketch = true),
            help: "Use a sketch with a stated error from the start",
            more: "Counts in logarithmic buckets. Without this, percentiles are exact until --max-memory is reached, \
                   and the output says \"approximate\" where they are not.",
        },
        Flag {
            short: None,
            long: "relative-error",
            takes: Takes::Value("ERROR", |config, text| {
                let error = text.strip_suffix('%').map_or_else(|| text.parse(), |t| t.parse().map(|e: f64| e / 100.0));
                let precision = error.ok().and_then(Precision::new);
                once(&mut config.precision, precision.ok_or("wanted a relative error from 0.00001 to 0.5")?)
            }),
            help: "The relative error of a sketch (default: 0.001)",
            more: "",
        },
        Flag {
            short: None,
            long: "max-memory",
            takes: Takes::Value("SIZE", |config, text| once(&mut config.max_memory, size(text)?)),
            help: "Be exact within SIZE (default: 1GiB), then sketch",
            more: "",
        },
        Flag {
            short: None,
            long: "sort",
            takes: Takes::Value("PATH", |config, text| once(&mut config.sort, path(text)?)),
            help: "Print the groups by this output value, largest first",
            more: "A path into the output: latency_ms.p99, or just p99 where there is one field. Groups with values that could \
                   not be read come first, whatever their figures say.",
        },
        Flag {
            short: None,
            long: "top",
            takes: Takes::Value("N", |config, text| once(&mut config.top, text.parse().map_err(|_| "wanted a count")?)),
            help: "Print only the first N groups, by count unless --sort",
            more: "",
        },
        Flag {
            short: Some('a'),
            long: "aggregate",
            takes: Takes::Value("NAME=EXPR", |config, text| {
                config.aggregates.push(Aggregate::parse(text).map_err(|error| error.to_string())?);
                Ok(())
            }),
            help: "Compute a value as well, in the same pass",
            more: "'errors = count(where ok == false)'; functions: count sum mean min max first last any all longest \
                   distinct increase, each with an optional 'where COND'. first, last, longest and increase read with one \
                   thread, since their order counts; in a state, first and last need --time, and the other two are not possible.",
        },
        Flag {
            short: None,
            long: "state",
            takes: Takes::Nothing(|config| config.state = true),
            help: "Write mergeable states instead of summaries",
            more: "Exact as long as the samples are, else (and with --sketch at once) a sketch of at most 64 kB. Each \
                   state names its source: --source-id, else the digest of its input.",
        },
        Flag {
            short: None,
            long: "merge",
            takes: Takes::Nothing(|config| config.merge = true),
            help: "Read states and summarize them together",
            more: "The output is the same to the byte for every partition and order of the input. With --state, writes the merged \
                   state.",
        },
        Flag {
            short: None,
            long: "expect",
            takes: Takes::Value("NAMES|N|@FILE", |config, text| {
                config.expected = Expected::parse(text)?;
                Ok(())
            }),
            help: "With --merge: the sources that must be there, or how many",
            more: "A source that is missing (missing-source), and one that is not expected (unexpected-source), is an \
                   error. web[01..40] means forty names; @FILE has one name a line.",
        },
        Flag {
            short: None,
            long: "part",
            takes: Takes::Value("K/N", |config, text| once(&mut config.part, crate::options::split(text)?)),
            help: "With --state: this input is part K of N",
            more: "The part is the state's source, so that a task that ran twice is found, and --merge knows without \
                   --expect whether all N parts are there. With --source-id, parts of the input of that name.",
        },
        Flag {
            short: None,
            long: "newer-than",
            takes: Takes::Value("TIME|FILE|SPAN", |config, text| once(&mut config.newer_than, text.to_owned())),
            help: "With --merge: older sources are an error, stale",
            more: "A time, when FILE was last changed, or how long ago (15m). A state written with --time says when its data begins and ends; any other, when it was written.",
        },
        Flag {
            short: None,
            long: "max-state",
            takes: Takes::Value("SIZE", |config, text| once(&mut config.max_state, size(text)?)),
            help: "With --state: stay exact up to this much text per group",
            more: "Longer ones become a sketch (default: 48 MiB, and a sixteenth of --max-memory at most).",
        },
        Flag {
            short: None,
            long: "window",
            takes: Takes::Value("WIDTH", |config, text| once(&mut config.window, crate::options::width(text)?)),
            help: "One summary for each span of this width: 30s, 1m, 1h",
            more: "Windows begin at multiples of the width since 1970. Each is printed when a record comes that is \
                   half a minute past its end (a width, if that is less); a later one goes to its own window, printed \
                   again with \"late\":true.",
        },
        Flag {
            short: None,
            long: "time",
            takes: Takes::Value("PATH", |config, text| once(&mut config.time, path(text)?)),
            help: "The field with the record's time, for --window and -a",
            more: "With it first(x) and last(x) of -a go by time, not by the order of the input. RFC 3339 or another stamp of a log (without a zone, of UTC), or a number of seconds since 1970 (from \
                   1e11 on of ms, from 1e14 of us, from 1e17 of ns).",
        },
        Flag {
            short: None,
            long: "fill",
            takes: Takes::Nothing(|config| config.fill = true),
            help: "Print empty windows, too, with count 0",
            more: "Works with --merge of states that have windows, too. With -b, for each group: those between its first and its last window. More than 100,000 are an error.",
        },
        Flag {
            short: None,
            long: "histogram",
            takes: Takes::Nothing(|config| config.histogram = true),
            help: "Read Prometheus buckets: le and a cumulative count",
            more: "Records with le (or labels.le) and value (or -f PATH); counts of one le add up. Percentiles are \
                   interpolated as histogram_quantile does, which the method says; min, mean and max are not known.",
        },
        Flag {
            short: None,
            long: "hlog",
            takes: Takes::Nothing(|config| config.hlog = true),
            help: "Read HdrHistogram interval logs, tags as groups",
            more: "Versions 0 to 2. All intervals are merged at three significant digits; percentiles and max are \
                   the highest value of their bucket, mean and stddev are made from the middles.",
        },
        Flag {
            short: None,
            long: "expected-interval",
            takes: Takes::Value("VALUE", |config, text| {
                let interval = Sample::parse(text.as_bytes()).filter(|interval| interval.mantissa() > 0);
                once(&mut config.interval, interval.ok_or("wanted a number above 0")?)
            }),
            help: "Correct for requests not sent while one was slow",
            more: "HdrHistogram's correction of coordinated omission: a value above VALUE also counts as that value minus VALUE, minus twice VALUE, and so on down to VALUE. The count is then higher than the number of samples read.",
        },
        Flag {
            short: None,
            long: "plot",
            takes: Takes::Nothing(|config| config.plot = true),
            help: "Draw a histogram of each metric on standard error",
            more: "",
        },
        Flag {
            short: None,
            long: "ascii",
            takes: Takes::Nothing(|config| config.ascii = true),
            help: "Draw it in ASCII",
            more: "",
        },
        Flag {
            short: None,
            long: "hgrm",
            takes: Takes::Nothing(|config| config.hgrm = true),
            help: "Print percentile distributions for HdrHistogram's plotter",
            more: "Text, not records, so it has no seal.",
        },
        Flag {
            short: None,
            long: "of",
            takes: Takes::Value("N", |config, text| {
                let of = text.replace(['_', ','], "").parse().ok().filter(|of| (1..=i64::MAX as u64).contains(of));
                once(&mut config.of, of.ok_or("wanted how many samples there are in all")?)
            }),
            help: "With --stop-early: how many samples there are in all",
            more: "If fewer come, the rest are samples of unknown value: code stopped.",
        },
        Flag {
            short: None,
            long: "stop-early",
            takes: Takes::Value("QUESTION", |config, text| once(&mut config.stop_early, Question::parse(text)?)),
            help: "End as soon as the answer is certain: 'p99 <= 250'",
            more: "Once more of N are over the bound than the percentile allows, or enough are within it, nothing more is read, and the program that writes into the pipe ends with SIGPIPE. Every figure is unknown then (stopped), within \
                   the limits that are certain: check-threshold gives the same answer as for the whole input. The seal \
                   says after how many lines. Reads with one thread.",
        },
        Flag {
            short: None,
            long: "over",
            takes: Takes::Value("BOUND", |config, text| once(&mut config.over, text.to_owned())),
            help: "With --against: split the share of samples over BOUND",
            more: "",
        },
        Flag {
            short: None,
            long: "against",
            takes: Takes::File("STATE", |config, path| {
                config.against.push(path);
                Ok(())
            }),
            help: "Say why more samples are over a bound than in STATE",
            more: "The inputs are states, too. One record: the share over --over BOUND before and now, and how much of its \
                   change each group made, by mix (more or fewer of all samples are of it) and by slower (more or fewer of \
                   its own are over). Both add up to the whole. @evidence.why has it in words, which verdict adds to its reason. -f names the field, -b the groups of the states; several STATEs are merged.",
        },
        Flag {
            short: None,
            long: "threads",
            takes: Takes::Value("N", |config, text| {
                let threads = text.parse().ok().filter(|threads| (1..=MOST_THREADS).contains(threads));
                once(&mut config.threads, threads.ok_or("wanted 1 to 64")?)
            }),
            help: "Read with N threads (default: one a core, at most 4)",
            more: "The output is the same for every N.",
        },
    ],
    operand: |config, path| {
        config.files.push(path.into());
        Ok(())
    },
    examples: &[("percentile -f latency_ms -b op", "Count, mean and tail of a field of the records, by operation.")],
    schema: include_str!("../schemas/summary.json"),
    output: OutputKind::Records,
};

const MORE: &str = "The input is one number a line, or one JSON record per line; its first byte says which. The output is \
one record a group: count, missing (records without a number), min, mean, stddev (of a sample: n - 1), the percentiles, \
max and the method. Without samples count is 0 and every figure null, never 0. All sums are exact, so that no order of the input changes a \
bit of the output.\n\nPercentiles cannot be averaged: records that contain finished ones are refused as not-mergeable.";

fn path(text: &str) -> Result<Path, String> {
    Path::parse(text).map_err(|error| error.to_string())
}

/// A comma list of paths; commas in quotes belong to a path.
fn paths(text: &str) -> Result<Vec<Path>, String> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for letter in text.chars() {
        match letter {
            ',' if !quoted => {
                parts.push(String::new());
                continue;
            }
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
        if let Some(last) = parts.last_mut() {
            last.push(letter);
        }
    }
    parts.iter().map(|part| path(part.trim())).collect()
}

/// `512MiB`, `1GB`, or plain bytes.
fn size(text: &str) -> Result<usize, String> {
    const UNITS: [(&str, usize); 9] = [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("kB", 1000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("K", 1 << 10),
        ("M", 1 << 20),
        ("G", 1 << 30),
    ];
    let (digits, factor) =
        UNITS.iter().find_map(|&(unit, factor)| Some((text.strip_suffix(unit)?, factor))).unwrap_or((text, 1));
    let wanted = || "wanted a size like 512MiB".to_owned();
    digits.trim_end_matches('B').parse::<usize>().ok().and_then(|size| size.checked_mul(factor)).ok_or_else(wanted)
}
