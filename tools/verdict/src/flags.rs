//! What the command line may say.
//!
//! Owns the words of `verdict`'s flags; refuses to act on them: setters only check the text.

use std::path::PathBuf;

use jiff::SignedDuration;

use expr::Path;
use filter::{Flag, GIVEN_TWICE, OutputKind, Takes, Tool, once};
use schema::{Object, Value};

use crate::answer::Terms;
use crate::formats::Form;
use crate::freshness;
use crate::gates;
use crate::reports::Report;

/// What the user said.
#[derive(Debug, Default)]
pub struct Config {
    /// The files to read; none is standard input.
    pub files: Vec<PathBuf>,
    /// `-b`
    pub by: Vec<Path>,
    /// `--claims`
    pub claims: Vec<PathBuf>,
    /// `--verify`
    pub verify: Vec<PathBuf>,
    /// `--key`
    pub key: Option<PathBuf>,
    /// `--sign`
    pub sign: Option<PathBuf>,
    /// `--format`
    pub format: Option<Form>,
    /// `--newer-than`, as written
    pub newer_than: Option<String>,
    /// `--tz`
    pub zone: Option<String>,
    /// `--label`
    pub labels: Vec<(String, String)>,
    /// `--title`
    pub title: Option<String>,
    /// `--lock-timeout`
    pub lock_timeout: Option<SignedDuration>,
    /// `--write` and `--append`
    pub reports: Vec<Report>,
    /// What the answer is held against.
    pub terms: Terms,
}

/// The tool.
pub static TOOL: Tool<Config> = Tool {
    name: "verdict",
    synopsis: "[OPTION]... [FILE]...",
    about: "Turn checks into PASS, FAIL or INCONCLUSIVE, the reason, and an exit code.",
    more: "Each FILE (standard input without one) is a stream of checks as check-threshold writes it, or a verdict \
           document, which becomes one group. One document comes out, whatever comes in: a line that is not a check, a missing seal and an empty input are INCONCLUSIVE, and say so.\n\n\
           PASS < WARN < INCONCLUSIVE < FAIL: the worst wins. The exit status is 0 for PASS and WARN, 1 for FAIL, 3 \
           for INCONCLUSIVE, and 2 on an error.",
    flags: FLAGS,
    operand: |config, path| {
        config.files.push(path.into());
        Ok(())
    },
    examples: &[
        ("percentile -f ms run.log | check-threshold 'ms.p99 <= 200' | verdict", "One gate."),
        ("verdict --expect torn_read,slow_disk checks.jsonl", "Exactly these two groups must be there."),
        ("verdict -q night/*.json", "Five harnesses make one night; silent unless something is wrong."),
    ],
    schema: schema::VERDICT_SCHEMA,
    output: OutputKind::Document,
};

const FLAGS: &[Flag<Config>] = &[
    Flag {
        short: None,
        long: "format",
        takes: Takes::Word("FORMAT", &Form::WORDS, |config, text| once(&mut config.format, Form::from_word(text)?)),
        help: "Format of the output (default: json; text on a terminal)",
        more: "json, text, markdown, html, junit, tap, csv, nagios, in-toto, prometheus, alerts, github (annotations of \
               GitHub Actions) or code-quality (GitLab; its metrics report is prometheus). INCONCLUSIVE is an \
               error in JUnit, not ok in TAP, FAILED in in-toto, UNKNOWN in Nagios, whose exit codes are 0, 1, 2 and \
               3, and 3 for an error.",
    },
    Flag {
        short: None,
        long: "write",
        takes: Takes::Word("FORMAT=FILE", &Form::WORDS, |config, text| {
            config.reports.push(Report::parse(text, false)?);
            Ok(())
        }),
        help: "Write a report as well, atomically",
        more: "May be repeated. Reports are written before standard output; if one cannot be written, the exit status is 2.",
    },
    Flag {
        short: None,
        long: "append",
        takes: Takes::Word("FORMAT=FILE", &Form::WORDS, |config, text| {
            config.reports.push(Report::parse(text, true)?);
            Ok(())
        }),
        help: "Append a report to FILE under a lock",
        more: "One write per report; alerts one per line: markdown=$GITHUB_STEP_SUMMARY, github=/dev/stderr, alerts=alerts.log. If FILE does not end with a newline, one is added first.",
    },
    Flag {
        short: None,
        long: "title",
        takes: Takes::Value("TEXT", |config, text| {
            if text.trim().is_empty() {
                return Err("wanted a name".to_owned());
            }
            once(&mut config.title, text.to_owned())
        }),
        help: "A name for reports: the service, the commit, the run",
        more: "It heads html, markdown and text, and names what github shows. --set puts facts below it.",
    },
    Flag {
        short: None,
        long: "lock-timeout",
        takes: Takes::Value("TIME", |config, text| once(&mut config.lock_timeout, freshness::duration(text)?)),
        help: "How long --append waits for the lock (default: 10s)",
        more: "Waiting is reported on standard error; after that time the exit status is 2.",
    },
    Flag {
        short: None,
        long: "label",
        takes: Takes::Value("NAME=VALUE", |config, text| {
            let (name, value) = assignment(text)?;
            if config.labels.iter().any(|(label, _)| label == name) {
                return Err(GIVEN_TWICE.to_owned());
            }
            config.labels.push((name.to_owned(), value.to_owned()));
            Ok(())
        }),
        help: "A label of every sample of --format prometheus",
        more: "May be repeated. Without it the values of --set are the labels. Two verdicts that one \
               collector reads need labels that differ: samples with the same labels are dropped.",
    },
    Flag {
        short: None,
        long: "newer-than",
        takes: Takes::Value("TIME|FILE|SPAN", |config, text| once(&mut config.newer_than, text.to_owned())),
        help: "Older input is INCONCLUSIVE (stale)",
        more: "A time, when FILE was last changed, or a span of time before now: 15m, 36h, 2d. It is compared with when a \
               document says it was made, when the data of its sources ends or, where they tell no time, when the file was \
               last changed, and when the files that a sealed stage read, or a file of checks, were. Files that are gone or have another length now do not count. What is dated more than five minutes ahead is stale, too, and so are records that nothing dates.",
    },
    Flag {
        short: None,
        long: "tz",
        takes: Takes::Value("ZONE", |config, text| once(&mut config.zone, text.to_owned())),
        help: "Zone of times in records that name none, for --newer-than",
        more: "Without it such a time is INCONCLUSIVE, stale, where it is new enough in some zones and not in others.",
    },
    Flag {
        short: Some('b'),
        long: "by",
        takes: Takes::Value("PATH", |config, text| {
            config.by.push(Path::parse(text).map_err(|error| error.to_string())?);
            Ok(())
        }),
        help: "Group by the value of PATH (default: scope)",
        more: "PATH is read from the check, else from the record it was made from; of a document, from its top.",
    },
    Flag {
        short: None,
        long: "expect",
        takes: Takes::Value("A,B,C|@FILE", |config, text| {
            config.terms.expect.extend(gates::groups(text)?);
            Ok(())
        }),
        help: "Groups that must be there, and no others",
        more: "web[01..40] means forty names; @FILE has one name a line. A group that is not there is INCONCLUSIVE, missing-group; one that was not expected, unexpected-group. With \
               --ramp a step above the first failure is not missing.",
    },
    Flag {
        short: None,
        long: "expect-groups",
        takes: Takes::Value("N", |config, text| {
            let count = text.parse().map_err(|_| "wanted a number of groups")?;
            once(&mut config.terms.expect_groups, count)
        }),
        help: "How many groups there must be",
        more: "",
    },
    Flag {
        short: None,
        long: "expect-checks",
        takes: Takes::Value("IDS", |config, text| {
            config.terms.expect_checks.extend(gates::names(text)?);
            Ok(())
        }),
        help: "Checks that must be there",
        more: "An ID names the check whose id it is, or begins with it and a blank, and all matches of its wildcard.",
    },
    Flag {
        short: None,
        long: "gate",
        takes: Takes::Value("NAME=IDS", |config, text| {
            let gate = gates::parse(text)?;
            if config.terms.gates.iter().any(|(name, _)| *name == gate.0) {
                return Err(GIVEN_TWICE.to_owned());
            }
            config.terms.gates.push(gate);
            Ok(())
        }),
        help: "Judge a named subset of the checks as well",
        more: "A gate that names a check that was not made, or whose stream was cut, is INCONCLUSIVE.",
    },
    Flag {
        short: None,
        long: "decide",
        takes: Takes::Value("GATE", |config, text| once(&mut config.terms.decide, text.to_owned())),
        help: "Let this gate set the exit code",
        more: "",
    },
    Flag {
        short: None,
        long: "ramp",
        takes: Takes::Nothing(|config| config.terms.ramp = true),
        help: "Read the groups as steps of a rising load",
        more: "The answer is the highest PASS below the first FAIL. An INCONCLUSIVE step neither ends the ramp nor passes. PASS if there is an answer, FAIL if a step failed and none passed below it.",
    },
    Flag {
        short: None,
        long: "set",
        takes: Takes::Value("KEY=VALUE", |config, text| {
            let (key, value) = assignment(text)?;
            put(config, key, expr::bare(value.as_bytes()).into_owned())
        }),
        help: "Put KEY at the top of the document",
        more: "All after the first = is the value, typed as a bare value of a log line: numbers, true, false, null, \
               else text.",
    },
    Flag {
        short: None,
        long: "set-text",
        takes: Takes::Value("KEY=TEXT", |config, text| {
            let (key, value) = assignment(text)?;
            put(config, key, Value::text(value.to_owned()))
        }),
        help: "The same, always text",
        more: "",
    },
    Flag {
        short: None,
        long: "claims",
        takes: Takes::File("FILE", |config, path| {
            config.claims.push(path);
            Ok(())
        }),
        help: "Read claimed checks; each counts only if observed, too",
        more: "May be repeated. One check a line, unsealed. A claim counts only if an observed check of the same id passes, else it is INCONCLUSIVE, claimed-only. Where the claim names a commit, an author (by) or a time \
               (at), the observation must be of that commit, by another, and later.",
    },
    Flag {
        short: None,
        long: "verify",
        takes: Takes::File("FILE", |config, path| {
            config.verify.push(path);
            Ok(())
        }),
        help: "Verify the verdict in FILE",
        more: "May be repeated: all of them must be right. Its checks are made again from the evidence and the thresholds \
               it carries, its answers and counts are added up again and compared with its seals, and the files that it names are digested again, as far as they were read then. PASS: all of it is right. FAIL: something is not, and where. INCONCLUSIVE: a file is gone, or a check carries no threshold or evidence.",
    },
    Flag {
        short: None,
        long: "key",
        takes: Takes::File("FILE", |config, path| once(&mut config.key, path)),
        help: "With --verify: the public key that must have signed",
        more: "It checks the signature next to each document, FILE.minisig, as --sign and minisign -S write it. A signature by another key, or of another document, is FAIL; without a signature it is INCONCLUSIVE, not-signed.",
    },
    Flag {
        short: None,
        long: "sign",
        takes: Takes::File("KEY", |config, path| once(&mut config.sign, path)),
        help: "Sign what goes to -o FILE, as FILE.minisig",
        more: "KEY is a secret key of minisign without a password (minisign -G -W). minisign -V can check the signature, too.",
    },
    Flag {
        short: None,
        long: "require-chain",
        takes: Takes::Nothing(|config| config.terms.require_chain = true),
        help: "INCONCLUSIVE unless all input is digested or sealed",
        more: "The code is no-seal. EVIDENCE_SEAL=1 in the environment of the whole pipeline seals every stage.",
    },
];

fn assignment(text: &str) -> Result<(&str, &str), String> {
    text.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(|| "wanted KEY=VALUE".to_owned())
}

fn put(config: &mut Config, key: &str, value: Value<'static>) -> Result<(), String> {
    let first = key.split('.').next().unwrap_or(key);
    if RESERVED.contains(&first) {
        return Err(format!("{first} is the verdict's own word"));
    }
    let path = Path::parse(key).map_err(|error| error.to_string())?;
    let mut extra: Object<'static> = std::mem::take(&mut config.terms.extra);
    let put = path.set(&mut extra, value).map_err(|error| error.to_string());
    config.terms.extra = extra;
    if put?.is_some() { Err(GIVEN_TWICE.to_owned()) } else { Ok(()) }
}

/// The fields of the document, which `--set` must not forge.
const RESERVED: &[&str] = &[
    "verdict",
    "reason",
    "all_pass",
    "recommended_exit_code",
    "decided_by",
    "counts",
    "groups",
    "gates",
    "ramp",
    "chain",
    "unsealed",
    "skipped",
    "seals",
    "inputs",
    "generated_at",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_twice_is_refused_or_added_up() {
        let given = |option: &str, texts: [&str; 2]| -> (Config, Result<(), String>) {
            let mut config = Config::default();
            let flag = FLAGS.iter().find(|flag| flag.long == option).unwrap();
            let said = texts.into_iter().try_for_each(|text| match flag.takes {
                Takes::Value(_, set) | Takes::Word(_, _, set) => set(&mut config, text),
                Takes::File(_, set) => set(&mut config, text.into()),
                Takes::Nothing(set) => {
                    set(&mut config);
                    Ok(())
                }
            });
            (config, said)
        };
        for (option, texts) in [
            ("format", ["text", "json"]),
            ("expect-groups", ["5", "1"]),
            ("decide", ["D", "E"]),
            ("gate", ["D=a", "D=b"]),
            ("set", ["mode=a", "mode=b"]),
            ("set-text", ["mode.a=a", "mode.a=b"]),
        ] {
            assert_eq!(given(option, texts).1, Err("given twice".to_owned()), "{option}");
        }
        let number = |option, texts, of: fn(&Config) -> usize| {
            let (config, said) = given(option, texts);
            assert_eq!((said, of(&config)), (Ok(()), 2), "{option}");
        };
        number("verify", ["a.json", "b.json"], |config| config.verify.len());
        number("claims", ["a.jsonl", "b.jsonl"], |config| config.claims.len());
        number("expect", ["a", "b"], |config| config.terms.expect.len());
        number("expect-checks", ["a", "b"], |config| config.terms.expect_checks.len());
        number("gate", ["D=a", "E=a"], |config| config.terms.gates.len());
        number("set", ["a=1", "b=2"], |config| config.terms.extra.len());
        number("write", ["text=a", "text=b"], |config| config.reports.len());
        number("append", ["text=a", "text=b"], |config| config.reports.len());
        number("by", ["a", "b"], |config| config.by.len());
    }
}
