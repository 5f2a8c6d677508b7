//! Which options go together: what each mode has no use for, and what is nothing alone.
//!
//! Owns the tables of both. Refuses an option that would be ignored: its absence could not be seen in the answer.

use filter::states::Expected;
use filter::{Common, Error};

use crate::flags::Config;

/// An option that others do not go with.
struct Mode {
    name: &'static str,
    /// Why they do not.
    why: &'static str,
    refused: &'static [&'static str],
}

const MODES: [Mode; 11] = [
    Mode {
        name: "--merge",
        why: "states bring their samples, fields and groups with them",
        refused: &[
            "--hlog",
            "--histogram",
            "--window",
            "-f",
            "-b",
            "--weight",
            "--unit",
            "--where",
            "-a",
            "--sketch",
            "--expected-interval",
            "--na",
            "--no-missing",
            "--part",
            "--time",
        ],
    },
    Mode {
        name: "--hlog",
        why: "a log brings its counts and tags with it, no records",
        refused: &[
            "--histogram",
            "--window",
            "-f",
            "-b",
            "--weight",
            "--where",
            "-a",
            "--sketch",
            "--relative-error",
            "--max-memory",
            "--expected-interval",
            "--na",
            "--no-missing",
        ],
    },
    Mode {
        name: "--histogram",
        why: "buckets have counts, not samples",
        refused: &[
            "--window",
            "--state",
            "--weight",
            "-a",
            "-m",
            "--sum",
            "--sure",
            "--sketch",
            "--relative-error",
            "--max-memory",
            "--expected-interval",
            "--plot",
            "--hgrm",
            "--na",
            "--no-missing",
        ],
    },
    Mode {
        name: "--window",
        why: "each window is a summary, written when it closes",
        refused: &["--expected-interval", "--plot", "--hgrm"],
    },
    Mode {
        name: "--state",
        why: "a state keeps samples; ask for the rest when merging",
        refused: &["-p", "-m", "--sum", "--sure", "--name", "--sort", "--top", "--fill", "--plot", "--hgrm"],
    },
    Mode {
        name: "--hgrm",
        why: "whole distributions are printed, no summaries",
        refused: &["-p", "-m", "--sum", "--sure", "--name", "--sort", "--top", "-a"],
    },
    Mode {
        name: "--expected-interval",
        why: "samples that were made up say nothing of how sure one may be",
        refused: &["--sure"],
    },
    Mode {
        name: "--weight",
        why: "an aggregate counts each record once; sum(PATH) adds the weights up",
        refused: &["-a"],
    },
    Mode {
        name: "--against",
        why: "it reads states and splits a share",
        refused: &[
            "-p",
            "-m",
            "-a",
            "--sum",
            "--sure",
            "--name",
            "--unit",
            "--weight",
            "--where",
            "--na",
            "--no-missing",
            "--sort",
            "--top",
            "--window",
            "--state",
            "--merge",
            "--expect",
            "--fill",
            "--hlog",
            "--histogram",
            "--sketch",
            "--relative-error",
            "--expected-interval",
            "--plot",
            "--hgrm",
            "--stop-early",
        ],
    },
    Mode {
        name: "--stop-early",
        why: "it asks of the samples of one stream, each of which counts once",
        refused: &[
            "-b",
            "-a",
            "--weight",
            "--where",
            "--window",
            "--state",
            "--merge",
            "--hlog",
            "--histogram",
            "--sketch",
            "--expected-interval",
        ],
    },
    Mode { name: "--sketch", why: "only exact samples can be corrected", refused: &["--expected-interval"] },
];

/// What is nothing without something else.
const PAIRS: [(&str, &[&str]); 12] = [
    ("--expect", &["--merge"]),
    ("--newer-than", &["--merge"]),
    ("--over", &["--against"]),
    ("--against", &["--over"]),
    ("--part", &["--state"]),
    ("--max-state", &["--state"]),
    ("--fill", &["--window", "--merge"]),
    ("--window", &["--time"]),
    ("--time", &["--window", "-a", "--state"]),
    ("--ascii", &["--plot"]),
    ("--of", &["--stop-early"]),
    ("--stop-early", &["--of"]),
];

/// Refuses options that do not go together, or not alone.
pub fn check(config: &Config, common: &Common) -> Result<(), Error> {
    let said = said(config, common);
    let is_said = |name: &str| said.contains(&(name, true));
    for mode in MODES.iter().filter(|mode| is_said(mode.name)) {
        if let Some(option) = mode.refused.iter().find(|option| is_said(option)) {
            return Err(Error::usage(format!("{} and {option} do not go together: {}", mode.name, mode.why)));
        }
    }
    let alone = |(option, others): &&(&str, &[&str])| is_said(option) && !others.iter().any(|other| is_said(other));
    match PAIRS.iter().find(alone) {
        Some((option, others)) => Err(Error::usage(format!("{option} wants {}", others.join(" or ")))),
        None => Ok(()),
    }
}

/// Every option of the tables, and whether it was said.
fn said(config: &Config, common: &Common) -> [(&'static str, bool); 38] {
    [
        ("-f", !config.fields.is_empty()),
        ("-p", !config.percentiles.is_empty()),
        ("-b", !config.by.is_empty()),
        ("-m", config.method.is_some()),
        ("-a", !config.aggregates.is_empty()),
        ("--name", config.name.is_some()),
        ("--sum", config.sum),
        ("--sure", config.sure.is_some()),
        ("--unit", config.unit.is_some()),
        ("--weight", config.weight.is_some()),
        ("--na", !config.na.is_empty()),
        ("--no-missing", config.no_missing),
        ("--where", !common.conditions.is_empty()),
        ("--sketch", config.sketch),
        ("--relative-error", config.precision.is_some()),
        ("--max-memory", config.max_memory.is_some()),
        ("--sort", config.sort.is_some()),
        ("--top", config.top.is_some()),
        ("--state", config.state),
        ("--merge", config.merge),
        ("--expect", config.expected != Expected::Any),
        ("--newer-than", config.newer_than.is_some()),
        ("--part", config.part.is_some()),
        ("--allow-equal", common.allow_equal),
        ("--max-state", config.max_state.is_some()),
        ("--window", config.window.is_some()),
        ("--time", config.time.is_some()),
        ("--fill", config.fill),
        ("--histogram", config.histogram),
        ("--hlog", config.hlog),
        ("--expected-interval", config.interval.is_some()),
        ("--plot", config.plot),
        ("--ascii", config.ascii),
        ("--hgrm", config.hgrm),
        ("--of", config.of.is_some()),
        ("--stop-early", config.stop_early.is_some()),
        ("--over", config.over.is_some()),
        ("--against", !config.against.is_empty()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_name_options() {
        let known = said(&Config::default(), &Common::default());
        let named = MODES.iter().flat_map(|mode| mode.refused.iter().chain([&mode.name]));
        for name in named.chain(PAIRS.iter().flat_map(|(option, others)| others.iter().chain([option]))) {
            assert!(known.contains(&(name, false)), "{name}");
        }
    }
}
