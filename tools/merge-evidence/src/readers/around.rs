//! What stands around a report in a file that took all that was printed: the notes of the tool, a banner of npm or make, and
//! what a shell says of how the run ended; and what stands before each of its lines, where a runner put it there.
//!
//! Owns where the one report lies and which lines say that the run failed; refuses to choose between two reports. JSON of
//! no known tool is not looked for: a log may hold any.

use schema::{Code, Value, json};

use super::{Failure, Format, foreign, told_by_shape, xml};
use crate::facts::{Content, Doubt, Facts};
use crate::source::values;

/// How many lines may stand before a report.
const BEFORE: usize = 1000;
/// How many places of a text are tried.
const TRIES: usize = 64;

/// A report and what stands around it.
pub struct Around<'t> {
    /// What stands before it.
    pub before: &'t str,
    /// The report.
    pub report: &'t str,
    /// The lines before it, for places.
    pub lines: usize,
    /// The first line around it that says that the run failed, with its number.
    pub failed: Option<(usize, &'t str)>,
}

/// The one report in `text`, which begins or ends with lines that are none of it; `None` where there is none, or one within
/// something that was cut: `<testsuites>` that is not closed, a list of reports that does not end.
///
/// # Errors
/// A second report behind the first, whole or not.
pub fn report(text: &str) -> Result<Option<Around<'_>>, Failure> {
    let Found::Whole(start, end) = find(text) else { return Ok(None) };
    let (before, behind) = (&text[..start], &text[end..]);
    // `[`, a report, `,`: one of a list, of which the rest is not there.
    if before.trim_end().ends_with(['[', '{', ',']) || behind.trim_start().starts_with([',', ']', '}']) {
        return Ok(None);
    }
    let more = match find(behind) {
        Found::None => None,
        Found::Whole(..) => Some((0, "more than one report in this text: give each run a file, and each file a name")),
        Found::Cut(at) => {
            Some((at, "something that was cut begins behind the report: give each run a file of its own"))
        }
    };
    if let Some((at, reason)) = more {
        let line = newlines(&text[..end + at]) + 1;
        return Err(Failure { place: Some((line, 1)), reason: reason.to_owned() });
    }
    let failed = failure(before).or_else(|| {
        let lines = newlines(&text[..end]);
        failure(behind).map(|(line, said)| (lines + line, said))
    });
    Ok(Some(Around { before, report: &text[start..end], lines: newlines(before), failed }))
}

/// The rows of a table, behind which notes stand that are none: `done`, `real 0m3.2s`. `None` where nothing does.
///
/// What is left of a row that was cut has a comma, or begins with a digit or a quote; a row of locust, which may begin with a
/// letter, has the row of all requests behind it.
pub fn before_notes(text: &str) -> Option<Around<'_>> {
    let end = text.trim_end().len();
    let mut rows = end;
    for line in text[..end].rsplit('\n') {
        let note = line.starts_with(|letter: char| letter.is_ascii_alphabetic() || matches!(letter, '[' | '>'));
        let note = note && !line.contains([',', ';', '\t']) && !foreign::is_broken(line);
        if !note && !line.trim().is_empty() {
            break;
        }
        rows = rows.saturating_sub(line.len() + 1);
    }
    (0 < rows && rows < end).then_some(())?;
    let (report, notes) = text.split_at(text[rows..].find('\n').map_or(text.len(), |newline| rows + newline + 1));
    // What begins like a report is none of the notes.
    let mut starts = std::iter::once(0).chain(notes.match_indices('\n').map(|(at, _)| at + 1));
    if starts.any(|start| notes.get(start..).is_some_and(|rest| begins(rest) || foreign::told_by_text(rest).is_some()))
    {
        return None;
    }
    let before = newlines(report);
    let failed = failure(notes).map(|(line, said)| (before + line, said));
    Some(Around { before: "", report, lines: 0, failed })
}

/// What a runner put before a line: how long it is, and who wrote it, where it says that.
type Head<'t> = (usize, &'t str);

/// A text without what a runner puts before each line: `k6-1  | ` of docker compose, the time of a CI log or of kubectl
/// (`2026-11-28T10:00:00.1234567Z `), the head of a syslog line. `None` where not every line has it, of one writer.
pub fn unprefixed(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    let kinds: [fn(&str) -> Option<Head<'_>>; 3] = [container, stamped, logged];
    let (head, writer) = kinds.iter().find_map(|head| Some((head, head(first)?.1)))?;
    let mut plain = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\r', '\n']);
        match head(body) {
            Some((end, name)) if name == writer => {
                plain.push_str(body.get(end..)?);
                plain.push('\n');
            }
            // docker compose says how its containers ended.
            None if body.trim().is_empty() || body.contains(" exited with code ") => plain.push_str(line),
            _ => return None,
        }
    }
    Some(plain)
}

/// `NAME  | `
fn container(line: &str) -> Option<Head<'_>> {
    let end = line.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '-' | '_' | '.'))?;
    let (name, rest) = line.split_at(end);
    let bar = rest.trim_start_matches(' ').strip_prefix('|')?;
    let body = bar.strip_prefix(' ').unwrap_or(bar);
    (!name.is_empty() && rest.starts_with(' ') && (bar.is_empty() || bar.starts_with(' ')))
        .then_some((line.len() - body.len(), name))
}

/// A moment with its offset, and a blank.
fn stamped(line: &str) -> Option<Head<'_>> {
    let stamp = line.split(' ').next().unwrap_or(line);
    (stamp.len() >= "2026-11-28T10:00:00Z".len() && stamp.parse::<jiff::Timestamp>().is_ok())
        .then_some(((stamp.len() + 1).min(line.len()), ""))
}

/// `Nov 28 10:00:00 host unit[123]: `
fn logged(line: &str) -> Option<Head<'_>> {
    let (month, clock) = (line.get(..4)?, line.get(7..16)?);
    let is_clock = clock.bytes().enumerate().all(|(at, byte)| match at {
        2 | 5 => byte == b':',
        8 => byte == b' ',
        _ => byte.is_ascii_digit(),
    });
    let writer = line.get(16..)?.split_once(": ").map_or(line.get(16..)?, |(writer, _)| writer);
    let words = writer.split(' ').count();
    (is_clock && month.ends_with(' ') && month.starts_with(|letter: char| letter.is_ascii_uppercase()) && words == 2)
        .then_some(((16 + writer.len() + 2).min(line.len()), writer))
}

fn newlines(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count()
}

/// What is found in a text.
enum Found {
    None,
    /// A report, from here to there.
    Whole(usize, usize),
    /// JSON or a report in XML that begins here and does not end: what stands behind may be within it.
    Cut(usize),
}

/// The first report, or the first thing that was cut.
fn find(text: &str) -> Found {
    let mut start = 0;
    let mut tries = 0;
    // The end of JSON of something else: a report within it is none.
    let mut other = 0;
    for line in text.split_inclusive('\n').take(BEFORE) {
        let rest = &text[start..];
        let ends = match line.trim_start().as_bytes().first() {
            _ if start < other => None,
            Some(b'{' | b'[') => Some(document(rest)),
            Some(b'<') => Some(element(rest)),
            // Lines of prose are told by their beginnings alone, and cheaply.
            Some(_) if tries < TRIES => Some(table(rest)),
            _ => None,
        };
        if let Some(end) = ends {
            tries += 1;
            if let Some(end) = end {
                return Found::Whole(start, start + end);
            }
            match line.trim_start().as_bytes().first() {
                Some(b'{' | b'[') if begins_json(rest) => match json_length(rest) {
                    Some(length) => other = start + length,
                    None => return Found::Cut(start),
                },
                Some(b'<') if super::is_report(rest) => return Found::Cut(start),
                _ => {}
            }
            if tries > TRIES {
                return Found::None;
            }
        }
        start += line.len();
    }
    Found::None
}

/// Whether a text begins as JSON with something in it does: `{"`, `[{`, `["`. `[INFO]` and `{a}` are none.
fn begins_json(text: &str) -> bool {
    let text = text.trim_start();
    let Some((open, rest)) = text.split_at_checked(1) else { return false };
    let first = rest.trim_start().as_bytes().first();
    match open {
        "{" => first == Some(&b'"'),
        _ => matches!(first, Some(b'{' | b'"')),
    }
}

/// How long the JSON is that `text` begins with; `None` where it is none, or does not end.
fn json_length(text: &str) -> Option<usize> {
    let blanks = text.len() - text.trim_start().len();
    let end = blanks + values::length(&text.as_bytes()[blanks..]);
    json::parse(&text.as_bytes()[..end]).ok().map(|_| end)
}

/// Whether a text begins as the JSON or the XML of a known tool does.
pub fn begins(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'{' | b'[') => document(text).is_some(),
        Some(b'<') => element(text).is_some(),
        _ => false,
    }
}

/// How long the JSON of a known tool is that `text` begins with, up to the end of its last line.
fn document(text: &str) -> Option<usize> {
    let blanks = text.len() - text.trim_start().len();
    let end = blanks + values::length(&text.as_bytes()[blanks..]);
    // iperf3 -P writes some keys once a stream into one object.
    let plain = super::bench::iperf3::without_repeats(&text.as_bytes()[..end]);
    let value = json::parse(plain.as_deref().unwrap_or(&text.as_bytes()[..end])).ok()?;
    let line_end = text[end..].find('\n').map_or(text.len(), |newline| end + newline + 1);
    let known = !matches!(told_by_shape(&value), Format::Json | Format::Jsonl | Format::Evidence | Format::Curl);
    (known && text[end..line_end].trim().is_empty()).then_some(line_end)
}

/// How long the XML of a known tool is that `text` begins with: to the end of its root.
fn element(text: &str) -> Option<usize> {
    let name = xml::root(text)?;
    super::is_report(text).then_some(())?;
    let close = format!("{name}>");
    // A prefix may stand between the slash and the name; a root without children ends itself.
    let end = memchr::memmem::rfind(text.as_bytes(), close.as_bytes())
        .filter(|&at| text[..at].rsplit('<').next().is_some_and(|tag| tag.starts_with('/')))
        .map(|at| at + close.len())
        .or_else(|| text.rfind("/>").map(|at| at + 2))?;
    let line_end = text[end..].find('\n').map_or(text.len(), |newline| end + newline + 1);
    text[end..line_end].trim().is_empty().then_some(line_end)
}

/// How long the text of a known tool is that `text` begins with: all of it, for its reader knows what follows; of a table
/// its rows.
fn table(text: &str) -> Option<usize> {
    foreign::told_by_text(super::beginning(text))?;
    let rows = if foreign::is_table(text) { before_notes(text) } else { None };
    Some(rows.map_or(text.len(), |rows| rows.report.len()))
}

/// The first line of `text` that says that the run failed, with its number.
pub fn failure(text: &str) -> Option<(usize, &str)> {
    let line = text.lines().enumerate().find(|(_, line)| says_failed(line))?;
    Some((line.0 + 1, line.1.trim()))
}

/// Whether a line is what a shell, a build tool or a package manager says of a command that failed.
pub fn says_failed(line: &str) -> bool {
    let line = line.trim();
    let begins = [
        "npm ERR!",
        "npm error ",
        "error Command failed with exit code ",
        "ELIFECYCLE ",
        "ERR_PNPM_",
        "##[error]Process completed with exit code ",
        "Error: Process completed with exit code ",
        "ERROR: Job failed",
        "Command exited with non-zero status ",
        "Command terminated by signal ",
        "error: process didn't exit successfully",
        "timeout: sending signal ",
        "timeout: the monitored command dumped core",
        "command terminated with exit code ",
        "error: test failed, to rerun pass ",
        "error: Recipe `",
        "task: Failed to run task ",
        "lerna ERR!",
        "ninja: build stopped: ",
        "FAILED: Build did NOT complete successfully",
        "FAILURE: Build failed with an exception.",
        "BUILD FAILED",
        "[INFO] BUILD FAILURE",
        "[ERROR] Failed to execute goal ",
        "ERROR: InvocationError ",
        "Out of memory: Killed process ",
        "panic: ",
    ];
    let whole = ["Segmentation fault", "Aborted", "Killed", "Bus error", "Illegal instruction", "signal: killed"];
    // What k6, systemd and a shell's script say has something of its own before it.
    let holds = [" level=error msg=\"thresholds on metrics ", " level=error msg=\"some thresholds have failed\""];
    // Who is asked to end does so by SIGTERM: a server that its script stops is no failure of the run.
    let status = |status: &str| {
        let digits = status.bytes().take_while(u8::is_ascii_digit).count();
        status
            .get(..digits)
            .and_then(|status| status.parse::<u8>().ok())
            .filter(|status| ![0, 15, 143].contains(status))
    };
    let by_systemd =
        line.split_once(": Main process exited, code=").and_then(|(_, rest)| status(rest.split_once("status=")?.1));
    let by_a_script = |line: &str| {
        let (_, rest) = line.split_once(": line ")?;
        let (number, rest) = rest.split_once(':')?;
        let said = rest.trim_start().trim_start_matches(|letter: char| letter.is_ascii_digit()).trim_start();
        let ended = ["Killed ", "Segmentation fault ", "Aborted ", "Bus error "];
        number.parse::<u64>().is_ok().then(|| ended.iter().any(|word| said.starts_with(word)))
    };
    holds.iter().any(|said| line.contains(said))
        || by_a_script(line) == Some(true)
        || by_systemd.is_some()
        || begins.iter().any(|start| line.starts_with(start))
        || whole.contains(&line.strip_suffix(" (core dumped)").unwrap_or(line))
        || line
            .rsplit_once(" exited with code ")
            .is_some_and(|(name, code)| !name.contains(' ') && status(code).is_some())
        || exit_of(line).and_then(status).is_some()
        || line.strip_prefix("exit status ").is_some_and(|status| status.parse::<u8>().is_ok_and(|status| status > 0))
        || line.strip_prefix("make").is_some_and(|rest| {
            let rest = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(rest, |(_, rest)| rest);
            rest.starts_with(": *** [")
        })
}

/// The status in a line that is nothing but how a command ended: `exit status 1`, `Process exited with code: 1`.
fn exit_of(line: &str) -> Option<&str> {
    (line.len() < 64 && line.ends_with(|last: char| last.is_ascii_digit() || last == '.')).then_some(())?;
    let word = |line: &str, word: &str| {
        line.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word)).map(|_| word.len())
    };
    let ways = [
        "exit status",
        "exit code",
        "exited with code",
        "exited with status",
        "exited with exit code",
        "exited with exit status",
        "finished with exit code",
        "returned exit code",
        "returned non-zero exit status",
    ];
    let said = ["Error: ", "command ", "process ", "script "]
        .iter()
        .fold(line, |line, who| word(line, who).map_or(line, |end| &line[end..]));
    let end = ways.iter().find_map(|way| word(said, way).filter(|end| said[*end..].starts_with([' ', ':'])))?;
    let status = said[end..].trim_start_matches([' ', ':']).trim_end_matches('.');
    status.bytes().all(|byte| byte.is_ascii_digit()).then_some(status)
}

/// What a report is worth beside a line that says that its run failed: a report of a failure stays one, nothing else of it
/// is known.
pub fn doubt(facts: &mut Facts<'_>, (line, said): (usize, &str)) {
    let ok = if let Content::One(value) = &facts.content { value.get("ok").cloned() } else { None };
    if ok != Some(Value::Bool(false)) {
        let detail = format!("line {line} says that the run failed: {said}");
        facts.doubts.push(Doubt::new(&[], Code::Inconsistent, detail));
    }
}

/// A text without the sequences that colour it or move the cursor; `None` where it has none.
pub fn uncoloured(text: &str) -> Option<String> {
    text.contains("\u{1b}[").then_some(())?;
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split("\u{1b}[");
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        // Parameters, then one letter.
        let end = part.find(|letter: char| !matches!(letter, '\u{20}'..='\u{3f}')).unwrap_or(part.len());
        let letter = part[end..].chars().next().map_or(0, char::len_utf8);
        plain.push_str(&part[end + letter..]);
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;
    use crate::readers;

    fn sample(name: &str) -> String {
        std::fs::read_to_string(testkit::root().join("testdata/merge-evidence").join(name)).unwrap()
    }

    fn read(text: &str) -> Result<(String, Vec<String>), Failure> {
        let reading = readers::read(text.as_bytes(), None, false)?;
        Ok((test::text(&reading.facts), test::doubts(&reading.facts)))
    }

    /// One green report of every kind: JSON, XML, text that is told by its first line and text that is not.
    const SAMPLES: [&str; 8] = [
        "fio/read.json",
        "k6-healthy/hs.json",
        "hey/ok.txt",
        "wrk/ok.txt",
        "ab/mix.txt",
        "redis-benchmark/short.txt",
        "stub-status/good.txt",
        "locust/good.csv",
    ];

    #[test]
    fn a_report_is_read_among_notes_banners_and_colours() {
        for name in SAMPLES {
            let text = sample(name);
            let alone = read(&text).unwrap();
            for before in [
                "note: both iodepth >= 1 and synchronous I/O engine are selected, queue depth will be capped at 1\n",
                "\n> site@1.0.0 load\n> run --json {a} [b]\n\n",
                "[INFO] {\"level\":30} it begins\n<warning> x\n",
                "{\"level\":\"info\",\"msg\":\"a line of a log\"} and more\n",
                "\u{1b}[2K\u{1b}[1G\u{1b}[33mwarn\u{1b}[0m deprecated\n",
                "make[1]: *** Deleting file 'x'\n",
            ] {
                assert_eq!(read(&format!("{before}{text}")).as_ref(), Ok(&alone), "{name} behind {before:?}");
            }
        }
        for name in &SAMPLES[..2] {
            let text = sample(name);
            let (end, alone) = (text.trim_end(), read(&text).unwrap());
            for behind in ["\nReport written to x\n", "\n\n[12:00] done {1}\n", "\nexit status 0\nKilled by nobody\n"] {
                assert_eq!(read(&format!("{end}{behind}")).as_ref(), Ok(&alone), "{name} before {behind:?}");
            }
            // Half a report is none, whatever stands before it; and behind a report no other line may begin.
            for cut in [end.len() / 2, end.len() - 1] {
                assert!(read(&format!("note: x\n{}\n", end.get(..cut).unwrap_or(end))).is_err(), "{name} cut at {cut}");
            }
            assert!(read(&format!("note: x\n{end} trailing\n")).is_err());
        }
    }

    #[test]
    fn two_reports_among_notes_are_none() {
        for name in SAMPLES {
            let text = sample(name);
            let failure = read(&format!("first run\n{text}\nsecond run\n{text}")).unwrap_err();
            assert!(
                ["more than one report", "a second report", "second run", "fields", "stub_status"]
                    .iter()
                    .any(|said| failure.reason.contains(said)),
                "{name}: {}",
                failure.reason
            );
            // Without a word before the first one, too.
            let between = read(&format!("{text}\nsecond run\n{text}"));
            assert!(between.is_err(), "{name}: {between:?}");
        }
    }

    /// A whole suite of a report that was cut, or one report of a list that was, is not the report.
    #[test]
    fn what_lies_within_something_that_was_cut_is_none() {
        let suites = "<?xml version=\"1.0\"?>\n<testsuites tests=\"2\" failures=\"1\">\n\
                      <testsuite name=\"a\" tests=\"1\" failures=\"0\"><testcase name=\"a\"/></testsuite>\n\
                      <testsuite name=\"b\" tests=\"1\" failures=\"1\"><testcase name=\"b\"><failure/></testcase></testsuite>\n\
                      </testsuites>";
        assert!(read(suites).is_ok());
        for banner in ["", "> x@1.0.0 test\n\n"] {
            for cut in (1..suites.len() - 1).filter(|&cut| suites.is_char_boundary(cut)) {
                assert!(read(&format!("{banner}{}", &suites[..cut])).is_err(), "{:?}", &suites[..cut]);
            }
        }
        for name in &SAMPLES[..2] {
            let whole = sample(name);
            let whole = whole.trim_end();
            for cut in [whole.len() / 4, whole.len() / 2, whole.len() - 1] {
                let half = &whole[..cut];
                for text in [
                    format!("{whole}\n{half}\n"),
                    format!("{half}\n{whole}\n"),
                    format!("note: x\n{half}\n{whole}\n"),
                    format!("[\n{whole}\n,\n{half}"),
                    format!("{{\"a\":\n{whole}\n,\"b\":{half}"),
                    format!("x [\n{whole}\n,\n"),
                    format!("note: x\n{whole}\n,{{"),
                ] {
                    assert!(read(&text).is_err(), "{name} cut at {cut}: {:?}", text.get(..80));
                }
            }
            // A line of a log in JSON before it is none of this.
            let alone = read(whole).unwrap();
            assert_eq!(
                read(&format!("{{\"level\":\"info\",\"msg\":\"[x\"}}\n[1/3] building\n{whole}\n")).as_ref(),
                Ok(&alone)
            );
        }
    }

    /// A report that ends within a number has not that number: `1234` cut to `12` is another latency.
    #[test]
    fn a_number_that_was_cut_is_not_read() {
        let numbers = |text: &str| -> std::collections::BTreeSet<String> {
            let parted = text.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
            parted.filter(|part| part.starts_with(|letter: char| letter.is_ascii_digit())).map(str::to_owned).collect()
        };
        for name in ["ab/mix.txt", "wrk/ok.txt", "pgbench/run.txt", "hey/ok.txt"] {
            let text = sample(name);
            let whole = numbers(&read(&text).unwrap().0);
            for cut in text.len() - 300..text.len() {
                let Ok((found, _)) = read(&text[..cut]) else { continue };
                let other: Vec<String> = numbers(&found).difference(&whole).cloned().collect();
                assert!(other.is_empty(), "{name} cut to {:?}: {other:?}", &text[cut - 20..cut]);
            }
        }
    }

    #[test]
    fn a_line_that_says_that_the_run_failed_is_heard() {
        for said in [
            "npm ERR! Test failed.  See above for more details.",
            "npm error code 1",
            "error Command failed with exit code 2.",
            " ELIFECYCLE  Command failed with exit code 1.",
            "make: *** [Makefile:3: load] Error 1",
            "make[2]: *** [load] Error 137",
            "exit status 1",
            "exit code 1",
            "Exit code: 137",
            "ERROR: script returned exit code 1",
            "Process exited with code 2.",
            "Segmentation fault (core dumped)",
            "Killed",
            "##[error]Process completed with exit code 1.",
            "Command exited with non-zero status 3",
            "load.service: Main process exited, code=exited, status=1/FAILURE",
            "bash: line 1:    77 Killed                  k6 run a.js",
            "./run.sh: line 3: 1234 Segmentation fault      (core dumped) ./load",
            "command terminated with exit code 1",
            "[ERROR] Failed to execute goal x:y:1:test (default) on project z",
            "panic: runtime error: index out of range",
            "k6-1 exited with code 99",
        ] {
            for name in SAMPLES.iter().filter(|name| !name.ends_with("csv") && !name.starts_with("stub")) {
                let (_, doubts) = read(&format!("{}\n{said}\n", sample(name))).unwrap();
                assert!(
                    doubts
                        .iter()
                        .any(|doubt| doubt.starts_with(": inconsistent: line ") && doubt.ends_with(said.trim())),
                    "{name} before {said:?}: {doubts:?}"
                );
            }
        }
        for said in [
            "./run.sh: line 9: 1234 Terminated              python3 server.py",
            "web.service: Main process exited, code=killed, status=15/TERM",
            "web-1 exited with code 143",
            "web-1 exited with code 0",
            "exit code 0",
            "Process exited with code 143",
            "exit code 1 is what we want",
            "it says exit code 1",
            // dash says so of a server that its script ended and waited for.
            "Terminated",
        ] {
            assert!(!says_failed(said), "{said}");
        }
        let tap = |more: &str| read(&format!("TAP version 14\n1..1\n{more}")).unwrap().1.len();
        assert_eq!(tap("ok 1 - a\nnpm error code 1\n"), 1);
        assert_eq!(read("> x@1.0.0 test\n\n1..2\nok 1\nok 2\n"), read("1..2\nok 1\nok 2\n"));
        assert!(read("it costs\n1..2\nor so\n").is_err());
        // What failed by its own report stays a failure.
        assert_eq!(tap("not ok 1 - a\nnpm error code 1\n"), 0);
        assert_eq!(tap("ok 1 - a\n# Killed\nexit status 0\nmake: [Makefile:3: x] Error 1 (ignored)\n"), 0);
    }

    #[test]
    fn what_a_runner_puts_before_each_line_goes() {
        let heads = |lines: &str, head: &str| lines.lines().map(|line| format!("{head}{line}\n")).collect::<String>();
        for name in SAMPLES {
            let text = sample(name);
            let alone = read(&text).unwrap();
            for head in [
                "k6-1  | ",
                "load_1 | ",
                "2026-11-28T10:00:00.1234567Z ",
                "2026-11-28T10:00:00+01:00 ",
                "Nov 28 10:00:00 ci run[77]: ",
            ] {
                assert_eq!(read(&heads(&text, head)).as_ref(), Ok(&alone), "{name} behind {head:?}");
            }
            let coloured = text.lines().map(|line| format!("\u{1b}[36mk6-1  | \u{1b}[0m{line}\n")).collect::<String>();
            assert_eq!(read(&coloured).as_ref(), Ok(&alone), "{name} in colour");
            // Lines of two containers are not one report.
            let Some(half) = text.match_indices('\n').map(|(at, _)| at + 1).nth(text.lines().count() / 2) else {
                continue;
            };
            let (before, behind) = text.split_at(half);
            if behind.trim().is_empty() {
                continue;
            }
            let mixed = [heads(before, "a  | "), heads(behind, "b  | ")].concat();
            assert_ne!(read(&mixed).as_ref(), Ok(&alone), "{name} of two containers");
        }
        let tap = |last: &str| read(&[&heads("1..1\nok 1 - a\n", "test-1  | "), last].concat()).unwrap();
        assert_eq!(tap(""), read("1..1\nok 1 - a\n").unwrap());
        assert_eq!(tap("test-1 exited with code 0\n"), tap(""));
        assert!(tap("test-1 exited with code 1\n").1[0].starts_with(": inconsistent: line 3 says that the run failed"));
        // A table of other people's that looks alike stays one.
        assert_eq!(read("a | b\na | 2\n").unwrap().0, r#"[{"a":"a","b":2}]"#);
    }

    #[test]
    fn notes_behind_a_table_are_no_rows_and_a_cut_row_is_no_note() {
        for name in
            ["hey/ok.csv", "ab/percentiles.csv", "locust/good.csv", "jmeter/header.csv", "redis-benchmark/good.csv"]
        {
            let text = sample(name);
            let (rows, alone) = (text.trim_end(), read(&text).unwrap());
            for notes in ["\ndone\n", "\n\nDone in 3.21s.\n[ci] bye\n\n", "\nexit status 0"] {
                assert_eq!(read(&format!("{rows}{notes}")).as_ref(), Ok(&alone), "{name} before {notes:?}");
                let banner = format!("\n> site@1.0.0 load\n\n{rows}{notes}");
                assert_eq!(read(&banner).as_ref(), Ok(&alone), "{name} behind a banner, before {notes:?}");
            }
            assert_eq!(read(&format!("\n\n{rows}\n")).as_ref(), Ok(&alone), "{name} behind blank lines");
            let (_, doubts) = read(&format!("{rows}\nmake: *** [load] Error 1\n")).unwrap();
            assert!(doubts.iter().any(|doubt| doubt.contains("says that the run failed")), "{name}: {doubts:?}");
            // Within a row, but not within the last number of it, which may as well be whole.
            let last = rows.rfind('\n').unwrap() + 1;
            for cut in last + 1..last + rows[last..].find([',', '"']).unwrap_or(1).max(2) {
                let part = &rows[..cut];
                assert!(read(part).is_err() || read(part).as_ref() == Ok(&alone), "{name}: {:?}", &part[last..]);
            }
        }
        let said = "Error from server: NOAUTH Authentication required.\n";
        assert!(read(&[&sample("redis-benchmark/good.csv"), said].concat()).is_err());
        let failure = read(&[said, &sample("redis-benchmark/good.csv")].concat()).unwrap_err();
        assert!(failure.reason.contains("broke off: Error from server"), "{}", failure.reason);
    }

    #[test]
    fn places_are_those_of_the_whole_text() {
        let (_, doubts) = read(&format!("note: a\n{}\nKilled\n", sample("fio/read.json").trim_end())).unwrap();
        let lines = sample("fio/read.json").trim_end().lines().count();
        assert_eq!(
            doubts.last().unwrap(),
            &format!(": inconsistent: line {} says that the run failed: Killed", lines + 2)
        );
    }

    #[test]
    fn colours_go_in_linear_time_and_leave_the_rest() {
        assert_eq!(uncoloured("a\u{1b}[1;31mb\u{1b}[0m\u{1b}[2Kc").as_deref(), Some("abc"));
        assert_eq!(uncoloured("a\u{1b}["), Some("a".to_owned()));
        assert_eq!(uncoloured("a \u{1b} b"), None);
        let nested = "\u{1b}[".repeat(100_000);
        assert_eq!(read(&nested).unwrap().1, [": no-records: the source is empty"]);
    }
}
