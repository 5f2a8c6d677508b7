//! The formats of load tools, benchmarks and monitoring, a row each: what insists on it, and how its texts and documents
//! are told and read.
//!
//! Owns the table alone. A tool with several outputs has several shapes in one row.

use std::collections::HashSet;

use schema::Value;

use super::bench::{fio, google_benchmark, iperf3, pgbench, pytest_benchmark, redis_benchmark, sysbench};
use super::load::{ab, artillery, autocannon, gatling, h2load, hey, jmeter, locust, siege, wrk};
use super::probe::{nagios, otel, stub_status};
use super::runners::{coverage, newman, node_json, prove, sarif};
use crate::facts::{Facts, Failure, TextReader};

/// Whether a text has a shape, by its beginning, and the reader of that shape.
pub type TextShape = (fn(&str) -> bool, TextReader);
/// The same of a JSON document.
pub type DocumentShape = (fn(&Value<'_>) -> bool, for<'a> fn(&Value<'a>) -> Facts<'a>);

/// One tool.
pub struct Foreign {
    /// The word that insists on it.
    pub word: &'static str,
    /// Its texts.
    pub texts: &'static [TextShape],
    /// Its documents.
    pub documents: &'static [DocumentShape],
}

/// All of them, in the order help shows them.
pub const FOREIGN: [Foreign; 27] = [
    Foreign {
        word: "locust",
        texts: &[(locust::fits, |text| locust::read(text))],
        documents: &[(locust::fits_json, |document| locust::read_json(document))],
    },
    Foreign {
        word: "jmeter",
        texts: &[
            (jmeter::fits_rows, |text| jmeter::read_rows(text)),
            (jmeter::fits_xml, |text| jmeter::read_xml(text)),
        ],
        documents: &[(jmeter::fits_statistics, |document| jmeter::read_statistics(document))],
    },
    Foreign { word: "autocannon", texts: &[], documents: &[(autocannon::fits, |document| autocannon::read(document))] },
    Foreign {
        word: "hey",
        texts: &[(hey::fits, |text| hey::read(text)), (hey::fits_rows, |text| hey::read_rows(text))],
        documents: &[],
    },
    Foreign { word: "wrk", texts: &[(wrk::fits, |text| wrk::read(text))], documents: &[] },
    Foreign {
        word: "ab",
        texts: &[(ab::fits, |text| ab::read(text)), (ab::fits_percentiles, |text| ab::read_percentiles(text))],
        documents: &[],
    },
    Foreign { word: "siege", texts: &[], documents: &[(siege::fits, |document| siege::read(document))] },
    Foreign { word: "h2load", texts: &[(h2load::fits, |text| h2load::read(text))], documents: &[] },
    Foreign { word: "gatling", texts: &[], documents: &[(gatling::fits, |document| gatling::read(document))] },
    Foreign { word: "artillery", texts: &[], documents: &[(artillery::fits, |document| artillery::read(document))] },
    Foreign { word: "fio", texts: &[], documents: &[(fio::fits, |document| fio::read(document))] },
    Foreign { word: "iperf3", texts: &[], documents: &[(iperf3::fits, |document| iperf3::read(document))] },
    Foreign {
        word: "redis-benchmark",
        texts: &[
            (redis_benchmark::fits_rows, |text| redis_benchmark::read_rows(text)),
            (redis_benchmark::fits, |text| redis_benchmark::read(text)),
        ],
        documents: &[],
    },
    Foreign {
        word: "pgbench",
        texts: &[
            (pgbench::fits, |text| pgbench::read(text)),
            (pgbench::fits_log, |text| pgbench::read_log(text)),
            (pgbench::fits_intervals, |text| pgbench::read_intervals(text)),
        ],
        documents: &[],
    },
    Foreign { word: "sysbench", texts: &[(sysbench::fits, |text| sysbench::read(text))], documents: &[] },
    Foreign {
        word: "pytest-benchmark",
        texts: &[],
        documents: &[(pytest_benchmark::fits, |document| pytest_benchmark::read(document))],
    },
    Foreign {
        word: "google-benchmark",
        texts: &[],
        documents: &[(google_benchmark::fits, |document| google_benchmark::read(document))],
    },
    Foreign {
        word: "jest",
        texts: &[],
        documents: &[(node_json::fits_jest, |document| node_json::read_jest(document))],
    },
    Foreign {
        word: "mocha",
        texts: &[],
        documents: &[(node_json::fits_mocha, |document| node_json::read_mocha(document))],
    },
    Foreign {
        word: "playwright",
        texts: &[],
        documents: &[(node_json::fits_playwright, |document| node_json::read_playwright(document))],
    },
    Foreign { word: "newman", texts: &[], documents: &[(newman::fits, |document| newman::read(document))] },
    Foreign { word: "sarif", texts: &[], documents: &[(sarif::fits, |document| sarif::read(document))] },
    Foreign { word: "coverage", texts: &[], documents: &[(coverage::fits, |document| coverage::read(document))] },
    Foreign { word: "prove", texts: &[(prove::fits, |text| prove::read(text))], documents: &[] },
    Foreign { word: "stub-status", texts: &[(stub_status::fits, |text| stub_status::read(text))], documents: &[] },
    Foreign { word: "nagios", texts: &[(nagios::fits, |text| nagios::read(text))], documents: &[] },
    Foreign { word: "otel", texts: &[], documents: &[(otel::fits, |document| otel::read(document))] },
];

/// The place of the tool that a word names.
pub fn from_word(word: &str) -> Option<usize> {
    FOREIGN.iter().position(|foreign| foreign.word == word)
}

/// The place of the tool whose text begins like this.
pub fn told_by_text(start: &str) -> Option<usize> {
    FOREIGN.iter().position(|foreign| foreign.texts.iter().any(|(fits, _)| fits(start)))
}

/// The place of the tool whose document this is.
pub fn told_by_shape(document: &Value<'_>) -> Option<usize> {
    FOREIGN.iter().position(|foreign| foreign.documents.iter().any(|(fits, _)| fits(document)))
}

/// How the one line of a report begins that each has once, by the tool: two of them are two reports in one file, of which
/// the reader would take some figures of one and some of the other.
const ONCE: [(&str, &str); 9] = [
    ("ab", "Concurrency Level:"),
    ("h2load", "finished in "),
    ("hey", "Summary:"),
    ("locust", "Type,Name,"),
    ("pgbench", "transaction type:"),
    ("redis-benchmark", "\"test\","),
    ("redis-benchmark", "====== "),
    ("sysbench", "General statistics:"),
    ("wrk", "Running "),
];

/// What a tool writes when a run could not begin or broke off, behind the report of another run in one file.
const BROKEN: [(&str, &str); 4] =
    [("ab", "apr_"), ("redis-benchmark", "Error from server"), ("sysbench", "FATAL:"), ("wrk", "unable to connect to")];

/// What a line begins that each report has once: of redis-benchmark the test, of the others all of it.
fn begins<'t>(word: &str, line: &'t str) -> Option<&'t str> {
    let known = ONCE.iter().any(|(tool, begins)| *tool == word && line.starts_with(begins));
    match word {
        "redis-benchmark" if known => Some(line),
        "redis-benchmark" => redis_benchmark::short(line).map(|(test, ..)| test),
        _ => known.then_some(""),
    }
}

/// Why a text is not one report of a run that ended.
fn not_one_report(word: &str, text: &str) -> Option<Failure> {
    let mut seen = HashSet::new();
    for (number, line) in text.lines().enumerate() {
        // Progress is written over by the line behind it.
        let line = line.rsplit('\r').next().unwrap_or(line);
        let reason = if begins(word, line).is_some_and(|begun| !seen.insert(begun)) {
            format!("a second report of {word} begins here: give each run a file, and each file a name")
        } else if BROKEN.iter().any(|(tool, broken)| *tool == word && line.starts_with(broken)) {
            format!("{word} says that it broke off: {}", line.trim_end())
        } else {
            continue;
        };
        return Some(Failure { place: Some((number + 1, 1)), reason });
    }
    None
}

/// Reads a text of the tool at `place`.
///
/// # Errors
/// A text that has none of the tool's shapes, what holds more than one report, and what its reader refuses.
pub fn read_text(place: usize, text: &str) -> Result<Facts<'_>, Failure> {
    let foreign = FOREIGN.get(place);
    if let Some(failure) = foreign.and_then(|foreign| not_one_report(foreign.word, text)) {
        return Err(failure);
    }
    let found = foreign.and_then(|foreign| foreign.texts.iter().find(|(fits, _)| fits(text)));
    match found {
        Some((_, read)) => read(text),
        None => Err(misfit(place)),
    }
}

/// Reads a document of the tool at `place`.
///
/// # Errors
/// A document that has none of the tool's shapes.
pub fn read_document<'a>(place: usize, document: &Value<'a>) -> Result<Facts<'a>, Failure> {
    let foreign = FOREIGN.get(place);
    let found = foreign.and_then(|foreign| foreign.documents.iter().find(|(fits, _)| fits(document)));
    found.map(|(_, read)| read(document)).ok_or_else(|| misfit(place))
}

fn misfit(place: usize) -> Failure {
    let word = FOREIGN.get(place).map_or("", |foreign| foreign.word);
    Failure::whole(format!("does not have the shape of {word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str) -> String {
        std::fs::read_to_string(testkit::root().join("testdata/merge-evidence").join(name)).unwrap()
    }

    #[test]
    fn two_reports_in_one_file_are_none() {
        for (word, file) in [
            ("ab", "ab/mix.txt"),
            ("h2load", "h2load/ok.txt"),
            ("hey", "hey/ok.txt"),
            ("locust", "locust/good.csv"),
            ("pgbench", "pgbench/run.txt"),
            ("redis-benchmark", "redis-benchmark/good.csv"),
            ("redis-benchmark", "redis-benchmark/good.txt"),
            ("redis-benchmark", "redis-benchmark/short.txt"),
            ("sysbench", "sysbench/cpu.txt"),
            ("wrk", "wrk/ok.txt"),
        ] {
            let (place, text) = (from_word(word).unwrap(), sample(file));
            assert!(read_text(place, &text).is_ok(), "{file}");
            let failure = read_text(place, &[&*text, "\n", &*text].concat()).unwrap_err();
            assert!(failure.reason.contains("a second report of"), "{file}: {}", failure.reason);
            if let Some((_, broken)) = BROKEN.iter().find(|(tool, _)| *tool == word).filter(|_| !file.ends_with(".csv"))
            {
                let failure = read_text(place, &[&*text, "\n", broken, "\n"].concat()).unwrap_err();
                assert!(failure.reason.contains("broke off"), "{file}: {}", failure.reason);
            }
        }
    }
}
