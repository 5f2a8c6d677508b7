//! What stands around a report in a file that took all that was printed: the notes of the tool, a banner of npm or make, and
//! what a shell says of how the run ended; and what stands before each of its lines, where a runner put it there.
//!
//! Owns where the one report lies; refuses to choose between two reports. Which lines say that the run failed: `ending`. JSON of
//! no known tool is not looked for: a log may hold any.

mod ending;
mod job;

use schema::{Code, Value, json};

use super::{Failure, Format, foreign, told_by_shape, xml};
use crate::facts::{Content, Doubt, Facts};
use crate::source::values;
pub use ending::{ended, failure, said_by, says_failed};

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
    /// What stands behind it.
    pub behind: &'t str,
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
        Found::Cut(at) => Some((at, "something begins after the report and was cut: give each run a file of its own")),
    };
    if let Some((at, reason)) = more {
        let line = newlines(&text[..end + at]) + 1;
        return Err(Failure { place: Some((line, 1)), reason: reason.to_owned() });
    }
    for (part, lines) in [(before, 0), (behind, newlines(&text[..end]))] {
        if let Some(line) = rest_of_another(part) {
            let reason = "the end of another report, whose beginning is not there: give each run a file of its own";
            return Err(Failure { place: Some((lines + line, 1)), reason: reason.to_owned() });
        }
    }
    let failed = failure(before).or_else(|| {
        let lines = newlines(&text[..end]);
        ended(behind).map(|(line, said)| (lines + line, said))
    });
    Ok(Some(Around { before, report: &text[start..end], behind, lines: newlines(before), failed }))
}

/// The rows of a table, behind which notes stand that are none: `done`, `real 0m3.2s`. `None` where nothing does.
///
/// What is left of a row that was cut has a comma, or begins with a digit or a quote; a row of locust, which may begin with a
/// letter, has the row of all requests behind it.
pub fn before_notes(text: &str) -> Option<Around<'_>> {
    let end = text.trim_end().len();
    let mut rows = end;
    for line in text[..end].rsplit('\n') {
        if !is_note(line, &[',', ';', '\t']) && !line.trim().is_empty() {
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
    let failed = ended(notes).map(|(line, said)| (before + line, said));
    Some(Around { before: "", report, behind: notes, lines: 0, failed })
}

/// Whether a line among the rows of a table, whose cells have these separators, is none of them.
pub fn is_note(line: &str, separators: &[char]) -> bool {
    line.starts_with(|letter: char| letter.is_ascii_alphabetic() || matches!(letter, '[' | '>'))
        && !line.contains(separators)
        && !foreign::is_broken(line)
}

/// The line of what stands around a report that ends a report, in JSON or XML, that does not begin there: a bracket that
/// closes what nothing opened, alone or behind a member; an element that ends and did not begin.
fn rest_of_another(part: &str) -> Option<usize> {
    const ELEMENTS: [&str; 8] =
        ["testsuites", "testsuite", "testcase", "robot", "Site", "Catch", "Catch2TestRun", "testResults"];
    let mut open = 0usize;
    for (number, line) in part.lines().enumerate() {
        let line = line.trim();
        let ends = line.match_indices("</").any(|(at, _)| {
            let name = line.get(at + 2..).unwrap_or_default();
            let (name, rest) = name.split_at(name.find('>').unwrap_or(0));
            rest.starts_with('>') && ELEMENTS.contains(&name) && !line.contains(&format!("<{name}"))
        });
        // Prose has brackets, too: `array]` closes nothing.
        let alone = !line.is_empty() && line.bytes().all(|byte| matches!(byte, b'}' | b']' | b',' | b' '));
        let closes = alone || line.contains("\":") && line.trim_end_matches(',').ends_with(['}', ']']);
        let mut deficit = false;
        for byte in line.bytes() {
            match byte {
                b'{' | b'[' => open += 1,
                b'}' | b']' if open == 0 => deficit = true,
                b'}' | b']' => open -= 1,
                _ => {}
            }
        }
        if ends || deficit && closes {
            return Some(number + 1);
        }
    }
    None
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
mod tests;
