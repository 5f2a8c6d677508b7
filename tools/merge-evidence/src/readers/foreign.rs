//! The formats of load tools, benchmarks and monitoring, a row each: what insists on it, and how its texts and documents
//! are told and read.
//!
//! Owns the table alone. A tool with several outputs has several shapes in one row.

use std::collections::HashSet;

use schema::Value;

use super::around;
use super::bench::{fio, google_benchmark, iperf3, memtier, pgbench, pytest_benchmark, redis_benchmark, sysbench};
use super::commas;
use super::load::{ab, artillery, autocannon, bombardier, gatling, h2load, hey, jmeter, locust, siege, wrk};
use super::probe::{nagios, otel, stub_status};
use super::runners::{coverage, mochawesome, newman, node_json, prove, sarif};
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
pub const FOREIGN: [Foreign; 29] = [
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
    Foreign { word: "bombardier", texts: &[], documents: &[(bombardier::fits, |document| bombardier::read(document))] },
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
    Foreign { word: "memtier", texts: &[], documents: &[(memtier::fits, |document| memtier::read(document))] },
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
        documents: &[
            (node_json::fits_mocha, |document| node_json::read_mocha(document)),
            (mochawesome::fits, |document| mochawesome::read(document)),
        ],
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

/// The place of the tool whose text begins like this, blank lines aside.
pub fn told_by_text(start: &str) -> Option<usize> {
    let start = start.trim_start_matches(['\r', '\n']);
    FOREIGN.iter().position(|foreign| foreign.texts.iter().any(|(fits, _)| fits(start)))
}

/// The place of the tool whose document this is.
pub fn told_by_shape(document: &Value<'_>) -> Option<usize> {
    FOREIGN.iter().position(|foreign| foreign.documents.iter().any(|(fits, _)| fits(document)))
}

/// How lines begin that a report has once, by the tool, whatever blanks stand before them: where one comes again, there are
/// two reports in one file, or a part of one, of which the reader would take some figures of one and some of the other.
const ONCE: [(&str, &[&str]); 9] = [
    (
        "ab",
        &[
            "This is ApacheBench,",
            "Document Path:",
            "Concurrency Level:",
            "Time taken for tests:",
            "Complete requests:",
            "Failed requests:",
            "Total transferred:",
            "Requests per second:",
            "Transfer rate:",
            "Connection Times (ms)",
            "Percentage of the requests served",
            "100% ",
        ],
    ),
    (
        "h2load",
        &[
            "starting benchmark...",
            "finished in ",
            "requests: ",
            "status codes: ",
            "traffic: ",
            "time for request:",
            "req/s  ",
        ],
    ),
    (
        "hey",
        &[
            "Summary:",
            "Slowest:",
            "Requests/sec:",
            "Response time histogram:",
            "Latency distribution:",
            "Status code distribution:",
            "Error distribution:",
        ],
    ),
    ("locust", &["Type,Name,", "\"Type\",\"Name\",", ",Aggregated,", "\"\",\"Aggregated\","]),
    (
        "pgbench",
        &[
            "transaction type:",
            "scaling factor:",
            "number of clients:",
            "number of transactions actually processed:",
            "number of failed transactions:",
            "latency average",
            "initial connection time",
        ],
    ),
    ("redis-benchmark", &["\"test\",", "====== "]),
    (
        "sysbench",
        &[
            "Running the test with following options",
            "General statistics:",
            "total number of events:",
            "Threads fairness:",
        ],
    ),
    ("wrk", &["Running ", "Thread Stats ", "Requests/sec:", "Transfer/sec:"]),
    ("jmeter", &["timeStamp,elapsed,"]),
];

/// Of these the lines of other programs begin like them, too.
const COMMON: [&str; 6] = ["Running ", "Summary:", "requests: ", "====== ", "finished in ", "100% "];

/// What a tool writes when a run could not begin or broke off, behind the report of another run in one file.
const BROKEN: [(&str, &str); 4] =
    [("ab", "apr_"), ("redis-benchmark", "Error from server"), ("sysbench", "FATAL:"), ("wrk", "unable to connect to")];

/// Whether a line is what a tool writes where its run could not begin or broke off.
pub fn is_broken(line: &str) -> bool {
    BROKEN.iter().any(|(_, broken)| line.starts_with(broken))
}

/// The first line of what stands before a report that says that a run of its tool broke off, or that is of such a run, and
/// why the report cannot be read.
pub fn broke_off(place: usize, before: &str) -> Option<(usize, String)> {
    let word = FOREIGN.get(place).map_or("", |foreign| foreign.word);
    let says = |line: &str| BROKEN.iter().any(|(tool, broken)| *tool == word && line.starts_with(broken));
    let is_part = |line: &str| {
        let label = once(word).find(|label| line.trim_start().starts_with(**label));
        label.is_some_and(|label| !COMMON.contains(label))
    };
    before.lines().enumerate().find_map(|(number, line)| {
        let reason = if says(line) {
            format!("the run before the report broke off: {}", line.trim_end())
        } else if is_part(line) {
            format!("part of another report of {word} comes before the report: give each run a file")
        } else {
            return None;
        };
        Some((number + 1, reason))
    })
}

/// The first line of what stands before the header of a table that has as many cells: it is a row of another.
pub fn row_of_another(before: &str, table: &str) -> Option<usize> {
    let header = table.lines().next().unwrap_or_default();
    let separator = [',', ';', '\t'].into_iter().find(|separator| header.matches(*separator).count() > 1)?;
    let cells = header.matches(separator).count();
    before.lines().position(|line| line.matches(separator).count() == cells).map(|number| number + 1)
}

/// The lines that a report of a tool has once.
fn once(word: &str) -> impl Iterator<Item = &'static &'static str> {
    ONCE.iter().filter(move |(tool, _)| *tool == word).flat_map(|(_, labels)| labels.iter())
}

/// Whether a text is a table of a tool, whose rows begin with a digit, a quote or a comma.
pub fn is_table(text: &str) -> bool {
    ROWS.iter().any(|fits| fits(text.trim_start_matches(['\r', '\n'])))
}

/// Why a text of prose is not one report: one of another tool begins behind its first line.
fn another_report(place: usize, text: &str) -> Option<Failure> {
    let mut behind = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let rest = text.get(behind..).unwrap_or_default();
        behind += line.len();
        if number == 0 || line.trim().is_empty() {
            continue;
        }
        let load = |other: &usize| FOREIGN.get(*other).is_some_and(|foreign| LOADS.contains(&foreign.word));
        let other =
            told_by_text(rest).filter(load).filter(|other| *other != place || ROWS.iter().any(|rows| rows(rest)));
        if other.is_some() || around::begins(rest) {
            let reason = "another report begins here: give each run a file, and each file a name".to_owned();
            return Some(Failure { place: Some((number + 1, 1)), reason });
        }
    }
    None
}

/// Whether a word is that of a tool that makes load.
pub fn loads(word: &str) -> bool {
    const OTHERS: [&str; 5] = ["artillery", "autocannon", "bombardier", "gatling", "siege"];
    LOADS.contains(&word) || OTHERS.contains(&word)
}

/// The tools of load that write texts, which begin unmistakably.
const LOADS: [&str; 9] = ["ab", "h2load", "hey", "jmeter", "locust", "pgbench", "redis-benchmark", "sysbench", "wrk"];
/// Their tables.
const ROWS: [fn(&str) -> bool; 7] = [
    hey::fits_rows,
    ab::fits_percentiles,
    locust::fits,
    jmeter::fits_rows,
    redis_benchmark::fits_rows,
    pgbench::fits_log,
    pgbench::fits_intervals,
];

/// The tools whose report is prose, that has numbers as the locale writes them; it is the first of their texts.
const PROSE: [&str; 6] = ["ab", "h2load", "hey", "pgbench", "sysbench", "wrk"];

/// What a line begins that each report has once: of redis-benchmark the test, of the others the label.
fn begins<'t>(word: &str, line: &'t str) -> Option<&'t str> {
    let line = line.trim_start();
    let known = once(word).find(|label| line.starts_with(**label));
    match word {
        // A row of its CSV: one test.
        "redis-benchmark" if line.starts_with('"') => line.split(',').next(),
        "redis-benchmark" if known.is_some() => Some(line),
        "redis-benchmark" => redis_benchmark::short(line).map(|(test, ..)| test),
        _ => known.copied(),
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
    let blank = text.len() - text.trim_start_matches(['\r', '\n']).len();
    let (blank, text) = text.split_at(blank);
    read_from(place, text).map_err(|mut failure| {
        let before = blank.matches('\n').count();
        failure.place = failure.place.map(|(line, column)| (line + before, column));
        failure
    })
}

fn read_from(place: usize, text: &str) -> Result<Facts<'_>, Failure> {
    let Some(foreign) = FOREIGN.get(place) else { return Err(misfit(place)) };
    if let Some(failure) = not_one_report(foreign.word, text) {
        return Err(failure);
    }
    let Some(shape) = foreign.texts.iter().position(|(fits, _)| fits(text)) else {
        let plain = foreign.word == "nagios" && nagios::is_plain(text);
        return if plain { nagios::read(text) } else { Err(misfit(place)) };
    };
    let prose = shape == 0 && PROSE.contains(&foreign.word);
    // A block that a crash lost. A cell of a table may hold what it likes.
    if !is_table(text)
        && !text.starts_with('<')
        && let Some(at) = text.find('\0')
    {
        let place = Some((text.get(..at).unwrap_or_default().matches('\n').count() + 1, 1));
        return Err(Failure { place, reason: "NUL bytes in the report: a part of it was lost".to_owned() });
    }
    if prose && let Some(failure) = another_report(place, text) {
        return Err(failure);
    }
    let Some((_, read)) = foreign.texts.get(shape) else { return Err(misfit(place)) };
    match commas::plain(text).filter(|_| prose) {
        Some(plain) => {
            let mut facts = read(&plain.text)?.into_owned();
            commas::name(&mut facts, plain.odd);
            Ok(facts)
        }
        None => read(text),
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
    fn reports_of_two_tools_in_one_file_are_none() {
        let prose = ["ab/mix.txt", "h2load/ok.txt", "hey/ok.txt", "pgbench/run.txt", "sysbench/cpu.txt", "wrk/ok.txt"];
        let others = ["hey/ok.csv", "jmeter/header.csv", "locust/good.csv", "fio/read.json", "jmeter/samples.xml"];
        for first in prose {
            for second in prose.iter().chain(&others).filter(|second| **second != first) {
                let text = [sample(first), "\n".to_owned(), sample(second)].concat();
                let failure = super::super::read(text.as_bytes(), None, false).map(|reading| reading.facts.format);
                let reason = failure.map_err(|failure| failure.reason).expect_err(&[first, " then ", second].concat());
                assert!(reason.contains("report"), "{first} then {second}: {reason}");
            }
        }
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

    /// Half of a report behind another or before it is one of two, too.
    #[test]
    fn parts_of_two_reports_in_one_file_are_none() {
        for file in ["ab/mix.txt", "h2load/ok.txt", "hey/ok.txt", "pgbench/run.txt", "sysbench/cpu.txt", "wrk/ok.txt"] {
            let text = sample(file);
            let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
            for part in [1, 2] {
                let at = ends[ends.len() * part / 3];
                let (head, tail) = text.split_at(at);
                for joined in [[tail, &*text], [&*text, tail], [head, &*text], [&*text, head]] {
                    let read =
                        super::super::read(joined.concat().as_bytes(), None, false).map(|read| read.facts.format);
                    assert!(read.is_err(), "{file} in thirds, {part}: {}", joined.concat());
                }
            }
        }
    }

    #[test]
    fn rows_of_another_table_are_none_of_this() {
        for file in ["locust/good.csv", "redis-benchmark/good.csv"] {
            let text = sample(file);
            let (at, last) = (text.find('\n').unwrap() + 1, text.trim_end().rfind('\n').unwrap() + 1);
            for joined in [[&text[at..], &*text], [&text[last..], &*text], [&*text, &text[at..]]] {
                assert!(
                    super::super::read(joined.concat().as_bytes(), None, false).is_err(),
                    "{file}: {}",
                    joined.concat()
                );
            }
            let noted = ["a note, with a comma\n", &*text].concat();
            assert!(super::super::read(noted.as_bytes(), None, false).is_ok(), "{file}");
        }
    }
}
