//! What the command line of check-threshold may say: one table for parsing, help, man page and completions.
//!
//! Owns the words. Refuses to act: setters check the text, `sources` and `stream` make sense of the whole.

use std::path::PathBuf;

use expr::{Decimal, Missing, Path, Quantity};
use filter::{Flag, OutputKind, Takes, Tool, once};

use crate::metrics::Better;
use crate::nagios::Range;

/// Where thresholds are written.
#[derive(Debug)]
pub enum Written {
    /// In a file.
    File(PathBuf),
    /// On the command line.
    Argument(String),
}

/// When to stop before the end of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopEarly {
    /// At the first FAIL: so is the answer.
    Fail,
    /// Once every threshold has failed: no record to come changes which did.
    Decided,
}

/// What the user said.
#[derive(Debug, Default)]
pub struct Config {
    /// `-t` and operands, in order.
    pub thresholds: Vec<Written>,
    /// `-i`: the evidence; none is standard input.
    pub inputs: Vec<PathBuf>,
    /// `-b`
    pub by: Option<Path>,
    /// `--only`
    pub only: Option<String>,
    /// `--sure`, as a fraction
    pub sure: Option<Decimal>,
    /// `--allow-empty`
    pub allow_empty: bool,
    /// `--baseline`, `--optional-baseline`
    pub baseline: Vec<PathBuf>,
    /// Whether the baseline may not be there yet.
    pub optional_baseline: bool,
    /// `--within-run`
    pub within_run: bool,
    /// `--over-runs`
    pub over_runs: bool,
    /// `--history`
    pub history: Vec<PathBuf>,
    /// `--missing`
    pub missing: Option<Missing>,
    /// `--exit-zero`
    pub exit_zero: bool,
    /// `--no-record`
    pub no_record: bool,
    /// `--last`
    pub last: Option<usize>,
    /// `--stop-early`
    pub stop_early: Option<StopEarly>,
    /// `--warning`
    pub warning: Option<Range>,
    /// `--critical`
    pub critical: Option<Range>,
    /// Ranges that other readers take for others.
    pub doubtful: Vec<String>,
    /// `--k6`
    pub k6: Vec<PathBuf>,
    /// `--pass`
    pub pass: Option<String>,
    /// `--fail`
    pub fail: Option<String>,
    /// `--list`
    pub list: bool,
    /// `--check`
    pub check: bool,
    /// `--suggest`
    pub suggest: Option<Quantity>,
    /// `--changed`, as written
    pub changed: Option<String>,
    /// `--better`
    pub better: Vec<(glob::Pattern, Better)>,
}

/// A share like 20% as the number it is.
fn share(text: &str) -> Result<Quantity, String> {
    let number = text.strip_suffix('%').or_else(|| text.strip_suffix("pct")).and_then(Decimal::parse);
    let share = number.filter(|number| number.signum() >= 0).and_then(|number| number.times(Decimal::new(1, -2)?));
    share.map(Quantity::new).ok_or_else(|| match Decimal::parse(text) {
        Some(_) => format!("wanted a share like 20%; did you mean {text}%?"),
        None => "wanted a share like 20%".to_owned(),
    })
}

/// A level like 95% as the fraction it is.
fn level(text: &str) -> Result<Decimal, String> {
    let percent = text.strip_suffix('%').and_then(Decimal::parse);
    let level = percent.and_then(|percent| percent.times(Decimal::new(1, -2)?));
    let half = Decimal::new(5, -1).unwrap_or(Decimal::ONE);
    level
        .filter(|level| *level >= half && *level < Decimal::ONE)
        .ok_or_else(|| "wanted a level from 50% to below 100%".to_owned())
}

/// The tool.
pub static TOOL: Tool<Config> = Tool {
    name: "check-threshold",
    synopsis: "[-t FILE]... [OPTION]... [THRESHOLD]... < EVIDENCE",
    about: "Judge each record by thresholds: one check a line, with what was measured and why.",
    more: "Each THRESHOLD says what good means: 'p99_us <= 2ms', 'errors / requests < 1% given requests > 0'. It is checked \
           against each record of the evidence. What is missing, null, not a number or without samples is INCONCLUSIVE and never a pass.\n\n\
           The exit status is the outcome: 0 where all passed or only warn, 1 where one failed, 3 where one is \
           inconclusive, 2 on an error.",
    flags: FLAGS,
    operand: |config, text| {
        let text = text.into_string().map_err(|_| "is not UTF-8".to_owned())?;
        config.thresholds.push(Written::Argument(text));
        Ok(())
    },
    examples: &[
        ("echo '{\"p99_ms\":143}' | check-threshold 'p99_ms <= 200ms'", "One bound."),
        ("percentile -f ms -b op run.jsonl | check-threshold -b op 'ms.p99 <= 200' 'ms.count >= 1000'", "By group."),
        ("check-threshold -t slo.thresholds -i evidence.json | verdict", "Thresholds in a file."),
    ],
    schema: schema::CHECK_SCHEMA,
    output: OutputKind::Checks,
};

const FLAGS: &[Flag<Config>] = &[
    Flag {
        short: Some('t'),
        long: "thresholds",
        takes: Takes::File("FILE", |config, path| {
            config.thresholds.push(Written::File(path));
            Ok(())
        }),
        help: "Read thresholds from FILE, one per line; may be repeated",
        more: "Lines before the first [section] apply to every record, those below it to the records of that scope (-b).",
    },
    Flag {
        short: Some('i'),
        long: "input",
        takes: Takes::File("FILE", |config, path| {
            config.inputs.push(path);
            Ok(())
        }),
        help: "Read the evidence from FILE; may be repeated",
        more: "Without it evidence is read from standard input.",
    },
    Flag {
        short: Some('b'),
        long: "by",
        takes: Takes::Value("PATH", |config, text| {
            once(&mut config.by, Path::parse(text).map_err(|error| error.to_string())?)
        }),
        help: "Use the value at PATH as the scope of a record",
        more: "Sections of a threshold file are chosen by it, runs (after N) are counted within it.",
    },
    Flag {
        short: None,
        long: "only",
        takes: Takes::Value("NAME", |config, text| once(&mut config.only, text.to_owned())),
        help: "Judge only by the thresholds of the scope NAME",
        more: "Records of other scopes are left out; without -b every record is of this scope.",
    },
    Flag {
        short: None,
        long: "sure",
        takes: Takes::Value("LEVEL", |config, text| once(&mut config.sure, level(text)?)),
        help: "Compare bounds with intervals of this level: 95%",
        more: "For percentiles that percentile --sure wrote, and for counts of counts (errors / requests). All of the \
               interval inside is a pass, all of it outside a failure, else it is INCONCLUSIVE, within-noise. A figure without an interval is judged as it is, and named on standard error.",
    },
    Flag {
        short: None,
        long: "allow-empty",
        takes: Takes::Nothing(|config| config.allow_empty = true),
        help: "Allow a file of thresholds that has none",
        more: "Otherwise a file without a threshold (with --only: without one for that name) is an error: after a full disk or a failed template everything would pass.",
    },
    Flag {
        short: None,
        long: "baseline",
        takes: Takes::File("FILE", |config, path| {
            config.baseline.push(path);
            Ok(())
        }),
        help: "What to compare with: a verdict that passed, or evidence",
        more: "A verdict that did not pass cannot be a baseline: what compares with it is INCONCLUSIVE. With -b the file may \
               have several records, one a line: each is the baseline of its scope. Repeated, or a pattern in quotes \
               ('main/*.json'), each file is a run: a threshold with sure compares all of them with all records of \
               its scope, and answers once.",
    },
    Flag {
        short: None,
        long: "optional-baseline",
        takes: Takes::File("FILE", |config, path| {
            config.optional_baseline = true;
            config.baseline.push(path);
            Ok(())
        }),
        help: "The same, but FILE need not exist yet",
        more: "If FILE does not exist, comparisons with it are skipped: the first run of a new metric. A \
               baseline that did not pass, or is cut, is not skipped.",
    },
    Flag {
        short: None,
        long: "within-run",
        takes: Takes::Nothing(|config| config.within_run = true),
        help: "With sure, compare one run with one baseline by the intervals inside each",
        more: "It says that the samples of these two runs differ, not that the next run would: runs differ among \
               themselves, which only several of them show. Each side takes half of the error: for sure 95% \
               both want percentile --sure 97.5%.",
    },
    Flag {
        short: None,
        long: "over-runs",
        takes: Takes::Nothing(|config| config.over_runs = true),
        help: "The records are runs of one thing: one answer over all of them",
        more: "Of thresholds that say how sure: 'mean_ms <= 200 sure 95%' passes where so many runs are within the bound that \
               their median is (the sign test), which takes five runs at the least. Those with a baseline are over runs \
               where there are several in any case.",
    },
    Flag {
        short: None,
        long: "history",
        takes: Takes::File("FILE", |config, path| {
            config.history.push(path);
            Ok(())
        }),
        help: "The nights before, for usual(N) and trend(x): 'night/*.json'",
        more: "One run a file or a line, the oldest first; the files of a pattern in the order of the numbers in their \
               names. Nights before the last jump are cut off. A verdict that did not pass is left out.",
    },
    Flag {
        short: None,
        long: "missing",
        takes: Takes::Word("fail|skip", &["fail", "skip", "inconclusive"], |config, text| {
            let missing = match text {
                "fail" => Missing::Fail,
                "skip" => Missing::Skip,
                "inconclusive" => Missing::Inconclusive,
                _ => return Err("wanted fail, skip or inconclusive".to_owned()),
            };
            once(&mut config.missing, missing)
        }),
        help: "What missing evidence counts as (default: inconclusive)",
        more: "A threshold's own missing clause takes precedence.",
    },
    Flag {
        short: None,
        long: "exit-zero",
        takes: Takes::Nothing(|config| config.exit_zero = true),
        help: "Exit 0 whatever the outcome: the next tool decides",
        more: "",
    },
    Flag {
        short: None,
        long: "no-record",
        takes: Takes::Nothing(|config| config.no_record = true),
        help: "Leave the records out of the output",
        more: "A verdict then carries no evidence and cannot be verified again.",
    },
    Flag {
        short: None,
        long: "last",
        takes: Takes::Value("N", |config, text| {
            let count = text.parse().ok().filter(|count| (1..=1_000_000).contains(count));
            once(&mut config.last, count.ok_or("wanted a whole number above zero")?)
        }),
        help: "Judge only the last N records of each scope",
        more: "They are kept until the input ends.",
    },
    Flag {
        short: None,
        long: "stop-early",
        takes: Takes::Value("fail|decided", |config, text| {
            let when = match text {
                "fail" => StopEarly::Fail,
                "decided" => StopEarly::Decided,
                _ => return Err("wanted fail or decided".to_owned()),
            };
            once(&mut config.stop_early, when)
        }),
        help: "End at the first FAIL, or once every threshold has one",
        more: "Nothing more is read, and the program that writes into the pipe ends with SIGPIPE: no later record can undo a FAIL. The seal says after how many records (stopped). A PASS needs them all.",
    },
    Flag {
        short: None,
        long: "warning",
        takes: Takes::Value("RANGE", |config, text| {
            let range = range(config, text)?;
            once(&mut config.warning, range)
        }),
        help: "Nagios range that warns; operands are then metrics",
        more: "10 is 0:10, 10: has no end, ~:10 no start, @10:20 alerts inside. Both ends belong to the range. The \
               canonical form is in the id of the check.",
    },
    Flag {
        short: None,
        long: "critical",
        takes: Takes::Value("RANGE", |config, text| {
            let range = range(config, text)?;
            once(&mut config.critical, range)
        }),
        help: "Nagios range that fails; operands are then metrics",
        more: "",
    },
    Flag {
        short: None,
        long: "k6",
        takes: Takes::File("FILE", |config, path| {
            config.k6.push(path);
            Ok(())
        }),
        help: "Read k6's options.thresholds from FILE (JSON)",
        more: "Its texts are taken verbatim, p(95)<500; abortOnFail is left to k6. The evidence is k6's summary, \
               best as merge-evidence reads it. A metric without samples is INCONCLUSIVE; k6 passes it.",
    },
    Flag {
        short: None,
        long: "pass",
        takes: Takes::Value("EXPR", |config, text| once(&mut config.pass, text.to_owned())),
        help: "PASS if EXPR is true; see --fail",
        more: "With --fail: both is FAIL, neither is INCONCLUSIVE, undecided. Alone: FAIL if it is false. \
               Given once: several conditions are one, joined by and.",
    },
    Flag {
        short: None,
        long: "fail",
        takes: Takes::Value("EXPR", |config, text| once(&mut config.fail, text.to_owned())),
        help: "FAIL if EXPR is true; see --pass",
        more: "Given once: several conditions are one, joined by or.",
    },
    Flag {
        short: None,
        long: "list",
        takes: Takes::Nothing(|config| config.list = true),
        help: "Print the thresholds as JSON, which -t reads back",
        more: "No evidence is read.",
    },
    Flag {
        short: None,
        long: "check",
        takes: Takes::Nothing(|config| config.check = true),
        help: "Check the thresholds themselves",
        more: "No evidence is read. With --history it says for each threshold what it would have answered in the nights before, how much worse its figure would have to be to FAIL in 95 of 100 of them, and warns about one that cannot fail.",
    },
    Flag {
        short: None,
        long: "suggest",
        takes: Takes::Value("SHARE", |config, text| once(&mut config.suggest, share(text)?)),
        help: "Draft thresholds from these values, with SHARE of slack",
        more: "As a person would write them from a run that passed: ok == true, failed == 0, tests >= 100, a latency at \
               most so much, a rate at least so much, rounded to three digits. Buckets, times of day, sums and unknown values get none; a figure whose name does not say which way is worse is left out, and a run that failed is refused. It is a draft for a file of thresholds: read it and thin it out.",
    },
    Flag {
        short: None,
        long: "changed",
        takes: Takes::Value("SHARE", |config, text| {
            share(text)?;
            once(&mut config.changed, text.to_owned())
        }),
        help: "Check that nothing got worse than the baseline by more",
        more: "A check of each figure that the record and --baseline both have, the one that moved most first. Names say which way is worse: latencies, sizes and errors up, rates down; other figures may move neither way (--better). Counts of samples, buckets, minima and deviations are not compared. A figure that only the baseline \
               has is missing.",
    },
    Flag {
        short: None,
        long: "better",
        takes: Takes::Value("PATH=WAY", |config, text| {
            config.better.push(Better::parse(text)?);
            Ok(())
        }),
        help: "For --changed: PATH is better down, up, same or none",
        more: "PATH may have wildcards, 'score.*=up'; the last match decides. same: it may move neither way; none: it is not compared.",
    },
];

fn range(config: &mut Config, text: &str) -> Result<Range, String> {
    if Range::is_doubtful(text) {
        config.doubtful.push(text.to_owned());
    }
    Range::parse(text)
}
