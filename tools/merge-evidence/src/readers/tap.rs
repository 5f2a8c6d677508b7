//! TAP, versions 12 to 14, and KTAP: test points counted, and held against the plan.
//!
//! Without its plan, with another number of points than it, or with none that counts (all were skipped or are still to
//! do) a run is not complete: then the counts cannot be told. `ok` follows Kleene: a point that failed is proof enough,
//! points that passed are not. What a writer's own totals say beyond the points is a doubt, never a failure.
//! <https://testanything.org/tap-version-14-specification.html>, <https://docs.kernel.org/dev-tools/ktap.html>

use schema::{Code, Number, Value};

use super::Failure;
use super::junit::is_script;
use super::tally::Failing;
use crate::facts::{Builder, Content, Doubt, Facts};

/// How far into a text its version line may be, behind what else was printed.
const NOISE: usize = 1000;

/// Whether a text begins as TAP does, or has a version line within its first lines.
pub fn fits(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
    plan(first).is_some()
        || point(first).is_some()
        || text.lines().take(NOISE).any(|line| version(unstamped(line)).is_some())
}

/// Reads a stream: `{"planned":…,"tests":…,"passed":…,"ok":…,"complete":…}`.
///
/// # Errors
/// Two plans.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let mut run = Run::default();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        run.line(line).map_err(|reason| Failure { place: Some((number + 1, 1)), reason })?;
        if run.bailed.is_some() {
            break;
        }
    }
    Ok(run.finish())
}

/// A stream while it is read.
#[derive(Default)]
struct Run {
    root: Level,
    /// The subtests that are open, outermost first.
    nested: Vec<Level>,
    ktap: bool,
    bailed: Option<String>,
    why_none: Option<String>,
    /// How far the YAML that is open is indented.
    yaml: Option<usize>,
    /// How far the last point is indented, where nothing but comments came after it.
    point: Option<usize>,
    /// Whether the line before was a `not` alone.
    not: bool,
    /// Points that the old form of a plan says are still to do.
    todo: Vec<u64>,
    failing: Failing,
    /// The most failures that the writer's own totals say, and in which words.
    total: Option<(u64, String)>,
    /// Points that are failures, in subtests too.
    failures: u64,
    /// The first point of which it cannot be told what it says.
    unclear: Option<(Code, String)>,
    unclears: u64,
}

/// One document: the stream itself, or a subtest.
#[derive(Default)]
struct Level {
    indent: usize,
    planned: Option<u64>,
    tests: u64,
    passed: u64,
    failed: u64,
    skipped: u64,
    todo: u64,
    out_of_order: Option<u64>,
    /// What a comment announced and no point closed yet.
    announced: Option<String>,
    /// A subtest that ended and no point closed yet: what is wrong in it, if anything.
    inner: Option<Option<String>>,
    /// The name of the first subtest that no point closed, and whether anything was in it.
    unclosed: Option<(String, bool)>,
}

impl Level {
    /// What is wrong in it, seen from the point that closes it.
    fn wrong(&self) -> Option<String> {
        match (self.failed, self.planned) {
            (1.., _) => Some(format!("{} of its tests failed", self.failed)),
            (_, Some(planned)) if planned != self.tests => {
                Some(format!("{planned} of its tests were planned, {} came", self.tests))
            }
            _ => self
                .unclosed
                .as_ref()
                .filter(|unclosed| unclosed.1)
                .map(|(name, _)| format!("{name:?} in it has no end")),
        }
    }

    /// Takes note that what was announced or ended has no point of its own.
    fn leave_open(&mut self) {
        let (name, inner) = (self.announced.take(), self.inner.take());
        if name.is_some() || inner.is_some() {
            let held = inner.is_some();
            if self.unclosed.as_ref().is_none_or(|unclosed| held && !unclosed.1) {
                self.unclosed = Some((name.unwrap_or_default(), held));
            }
        }
    }
}

impl Run {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let line = unstamped(line);
        let text = line.trim_start_matches([' ', '\t']);
        let indent = line[..line.len() - text.len()].bytes().map(|byte| if byte == b'\t' { 4 } else { 1 }).sum();
        let text = text.trim_end();
        if text.is_empty() {
            return Ok(());
        }
        if let Some(within) = self.yaml {
            if indent >= within {
                if text == "..." && indent == within {
                    self.yaml = None;
                }
                return Ok(());
            }
            self.yaml = None;
        }
        if text == "---" && self.point.is_some_and(|point| indent > point) {
            self.yaml = Some(indent);
            return Ok(());
        }
        if let Some(comment) = text.strip_prefix('#') {
            self.comment(comment.trim(), indent);
            return Ok(());
        }
        self.point = None;
        let not = std::mem::take(&mut self.not);
        if text.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("bail out!")) {
            self.bailed = Some(text[9..].trim().to_owned());
        } else if let Some(ktap) = version(text) {
            self.ktap |= ktap;
            self.level(indent);
        } else if let Some((planned, reason, todo)) = plan(text) {
            if let Some(level) = self.level(indent) {
                if level.planned.is_some() {
                    return if indent == 0 { Err("a second plan".to_owned()) } else { Ok(()) };
                }
                level.planned = Some(planned);
                if indent == 0 {
                    self.why_none = reason.map(str::to_owned);
                    self.todo = todo;
                }
            }
        } else if let Some(mut point) = point(text) {
            point.ok &= !not;
            self.take(&point, indent);
        } else {
            self.not = text == "not";
        }
        Ok(())
    }

    /// The document of a line that is indented so far; `None` where the line is no TAP.
    fn level(&mut self, indent: usize) -> Option<&mut Level> {
        let current = self.nested.last().map_or(0, |level| level.indent);
        if indent > current && !self.ktap && !(indent - current).is_multiple_of(4) {
            return None;
        }
        while let Some(level) = self.nested.pop_if(|level| level.indent > indent) {
            self.close(level, indent);
        }
        if self.nested.last().map_or(0, |level| level.indent) < indent {
            self.nested.push(Level { indent, ..Level::default() });
        }
        Some(self.nested.last_mut().unwrap_or(&mut self.root))
    }

    /// Closes a subtest: the next point outside of it is its own. `to` is how far that will be indented.
    fn close(&mut self, mut level: Level, to: usize) {
        level.leave_open();
        // What is indented deeper at once has its own parent still to come.
        if self.nested.last().map_or(0, |outer| outer.indent) < to {
            self.nested.push(Level { indent: to, ..Level::default() });
        }
        let outer = self.nested.last_mut().unwrap_or(&mut self.root);
        outer.inner = Some(level.wrong());
    }

    fn comment(&mut self, comment: &str, indent: usize) {
        if let Some(name) = comment.strip_prefix("Subtest") {
            let name = name.strip_prefix(':').unwrap_or(name).trim().to_owned();
            let current = self.nested.last().map_or(0, |level| level.indent);
            // A comment that is indented further is the subtest's own.
            if indent <= current
                && !self.ktap
                && let Some(level) = self.level(indent)
            {
                level.leave_open();
                level.announced = Some(name);
            }
        } else if indent == 0
            && let Some(count) = total(comment)
            && self.total.as_ref().is_none_or(|known| known.0 < count)
        {
            self.total = Some((count, format!("its own totals say \"# {comment}\"")));
        }
    }

    fn take(&mut self, point: &Point<'_>, indent: usize) {
        let ktap = self.ktap;
        let to_do = indent == 0 && self.todo.contains(&(self.root.tests + 1));
        let Some(level) = self.level(indent) else { return };
        let root = indent == 0;
        level.tests += 1;
        if point.number.is_some_and(|number| number != level.tests) {
            level.out_of_order.get_or_insert(level.tests);
        }
        // Of what was announced under another name this is not the end; that matters where something is wrong in it.
        let foreign = level.announced.as_ref().is_some_and(|name| !unescaped(point.name).starts_with(&unescaped(name)));
        if foreign && matches!(level.inner, Some(Some(_))) {
            level.leave_open();
        }
        let inner = level.inner.take();
        level.announced = None;
        match point.directive {
            Directive::Skip => level.skipped += 1,
            Directive::Todo => level.todo += 1,
            Directive::Expected if ktap && !point.ok => level.todo += 1,
            _ if to_do => level.todo += 1,
            _ if !point.ok => level.failed += 1,
            _ => level.passed += 1,
        }
        let counts = matches!(point.directive, Directive::None | Directive::Expected) && !to_do;
        if root && counts && !point.ok && !(ktap && point.directive == Directive::Expected) {
            self.failing.push(&unescaped(point.name));
        }
        self.failures += u64::from(counts && !point.ok);
        if counts && point.ok {
            let name = unescaped(point.name);
            let unclear = match inner {
                Some(Some(wrong)) => Some((Code::Inconsistent, format!("{name:?} is ok, but {wrong}"))),
                None if root && is_script(&name) => Some((
                    Code::NoSamples,
                    format!("{name:?} is a file as a whole: node --test writes that where no test of it reported"),
                )),
                _ => None,
            };
            if let Some(unclear) = unclear {
                let level = self.nested.last_mut().unwrap_or(&mut self.root);
                level.passed -= 1;
                self.unclears += 1;
                self.unclear.get_or_insert(unclear);
            }
        }
        self.point = Some(indent);
    }

    fn finish(mut self) -> Facts<'static> {
        while let Some(level) = self.nested.pop() {
            let to = self.nested.last().map_or(0, |outer| outer.indent);
            self.close(level, to);
        }
        self.root.leave_open();
        if let Some((name, true)) = &self.root.unclosed {
            // TAP 14: fail the test if a matching test point is not found.
            self.root.failed += 1;
            self.failing.push(if name.is_empty() { "a subtest without its test point" } else { name });
        }
        self.report()
    }

    /// Why the run is not complete, or proves nothing.
    fn incomplete(&self) -> Option<(Code, String)> {
        let Level { tests, planned, .. } = self.root;
        Some(match (&self.bailed, planned) {
            (Some(reason), _) => (Code::Missing, format!("the run bailed out: {reason}")),
            (None, None) => (Code::Missing, format!("{tests} tests and no plan: the run may have stopped early")),
            (None, Some(planned)) if planned != tests => {
                (Code::Inconsistent, format!("{planned} tests were planned, {tests} came"))
            }
            (None, Some(0)) => {
                let why = self.why_none.as_deref().unwrap_or("the plan is 1..0");
                (Code::NoSamples, format!("no test was run: {why}"))
            }
            _ if self.root.passed + self.root.failed + self.unclears == 0 => {
                let Level { skipped, todo, .. } = self.root;
                (Code::NoSamples, format!("no test that counts was run: {skipped} skipped, {todo} todo"))
            }
            _ => match (&self.root.unclosed, self.root.out_of_order) {
                (Some((name, _)), _) => (Code::Missing, format!("the subtest {name:?} has no test point that ends it")),
                (None, Some(place)) => {
                    (Code::Inconsistent, format!("test points are out of order or twice at point {place}"))
                }
                (None, None) => return None,
            },
        })
    }

    fn report(self) -> Facts<'static> {
        let mut facts = Facts { format: "tap", ..Facts::default() };
        let incomplete = self.incomplete();
        let Level { planned, tests, passed, failed, skipped, todo, out_of_order, .. } = self.root;
        let mut report = Builder::default();
        if let Some(planned) = planned {
            report.put("planned", planned);
        }
        // What came is there, whatever did not: but points that came twice may be fewer, and of none nothing is known.
        let (least, most): (bool, Option<u64>) = match (&incomplete, planned) {
            (Some((Code::NoSamples, _)), _) => (false, None),
            (Some(_), _) if out_of_order.is_some() => (false, None),
            (Some(_), Some(planned)) if planned >= tests && self.bailed.is_none() => (true, Some(planned - tests)),
            _ => (true, None),
        };
        let seen = self.failures.max(failed);
        let total = self.total.filter(|total| total.0 > seen).map(|total| (Code::Inconsistent, total.1));
        for (key, count) in
            [("tests", tests), ("passed", passed), ("failed", failed), ("skipped", skipped), ("todo", todo)]
        {
            report.put(key, count);
            let mut limits = (Some(count), most.map(|most| count + most));
            let reason = match key {
                _ if incomplete.is_some() => {
                    limits.0 = limits.0.filter(|_| least).or((key == "failed" && failed > 0).then_some(1));
                    if key == "passed" || key == "failed" {
                        limits.1 = limits.1.map(|most| most + self.unclears);
                    }
                    &incomplete
                }
                "passed" | "failed" if self.unclear.is_some() => {
                    limits.1 = Some(count + self.unclears).filter(|_| key == "passed" || total.is_none());
                    &self.unclear
                }
                "failed" if total.is_some() => {
                    limits.1 = None;
                    &total
                }
                _ => continue,
            };
            if let Some((code, detail)) = reason {
                let [low, high] = [limits.0, limits.1].map(|limit| limit.map(Number::from));
                facts.doubts.push(Doubt::new(&[key], *code, detail.clone()).within(low, high));
            }
        }
        let complete = incomplete.is_none() && total.is_none();
        match incomplete.or(self.unclear).or(total) {
            _ if failed > 0 || self.bailed.is_some() => {
                report.put("ok", false);
            }
            Some((code, detail)) => {
                report.put("ok", Value::Null);
                facts.doubts.push(Doubt::new(&["ok"], code, detail));
            }
            None => {
                report.put("ok", true);
            }
        }
        report.put("complete", complete);
        self.failing.report(&mut report);
        facts.content = Content::One(Value::Object(report.build()));
        facts
    }
}

/// A line without the time that the kernel's log puts before it: `[    0.061] ok 1`.
fn unstamped(line: &str) -> &str {
    let Some((stamp, rest)) = line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) else { return line };
    let stamp = stamp.trim();
    let digits = stamp.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if digits && !stamp.is_empty() { rest } else { line }
}

/// `TAP version 14`, `KTAP version 1`; whether it is KTAP.
fn version(text: &str) -> Option<bool> {
    let ktap = text.trim_start().starts_with("KTAP version ");
    (ktap || text.starts_with("TAP version ")).then_some(ktap)
}

/// The failures that a writer's own totals say: Node's, tape's and mocha's `fail 1` and `cancelled 1`, node-tap's
/// `{ total: 2, pass: 1, fail: 1 }`, KTAP's `Totals: pass:1 fail:1`; Test::More's `Looks like` says at least one.
fn total(comment: &str) -> Option<u64> {
    if comment.starts_with("Looks like you") || comment.starts_with("No tests run") {
        return Some(1);
    }
    if let Some((key, count)) = comment.split_once(' ')
        && matches!(key, "fail" | "failed" | "cancelled" | "failures" | "errors")
    {
        return count.trim().parse().ok();
    }
    let object = comment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let totals = object.or_else(|| comment.strip_prefix("Totals:"))?.replace(": ", ":");
    let pairs = totals.split([',', ' ']).filter_map(|pair| pair.trim().split_once(':'));
    let bad = pairs.filter(|(key, _)| matches!(*key, "fail" | "error"));
    Some(bad.filter_map(|(_, count)| count.trim().parse::<u64>().ok()).fold(0, u64::saturating_add))
}

/// `1..N`, why it is none, and the points that the old form says are to do (`1..4 todo 2 3;`).
fn plan(line: &str) -> Option<(u64, Option<&str>, Vec<u64>)> {
    let rest = line.strip_prefix("1..")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (count, rest) = rest.split_at(digits);
    let rest = rest.trim();
    let reason = rest.strip_prefix('#').map(str::trim);
    let todo = rest.strip_prefix("todo ").map(|list| {
        list.trim_end_matches(';').split_whitespace().map_while(|number| number.parse().ok()).collect::<Vec<u64>>()
    });
    (rest.is_empty() || reason.is_some() || todo.is_some()).then_some(())?;
    Some((count.parse().ok()?, reason.filter(|reason| !reason.is_empty()), todo.unwrap_or_default()))
}

struct Point<'a> {
    ok: bool,
    number: Option<u64>,
    name: &'a str,
    directive: Directive,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Directive {
    None,
    Skip,
    Todo,
    /// KTAP's XFAIL: a failure that is expected.
    Expected,
}

fn point(line: &str) -> Option<Point<'_>> {
    let (ok, rest) = match line.strip_prefix("not ok") {
        Some(rest) => (false, rest),
        None => (true, line.strip_prefix("ok")?),
    };
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let blank = rest;
    let rest = rest.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    // The number ends where a blank does not: `ok 2nd try` has none.
    let digits = if rest[digits..].starts_with(|next: char| !next.is_whitespace() && next != '#') { 0 } else { digits };
    let number = &rest[..digits];
    // What follows keeps the blank before it: a directive wants one.
    let rest = &blank[blank.len() - rest.len() + digits..];
    let rest = if digits == 0 { blank } else { rest };
    let (name, directive) = match directive(rest, ok) {
        Some((at, directive)) => (rest.get(..at).unwrap_or(rest), directive),
        None => (rest, Directive::None),
    };
    let name = name.trim();
    let name = name.strip_prefix("- ").unwrap_or(name);
    Some(Point { ok, number: number.parse().ok(), name, directive })
}

/// The directive behind the first `#` that is not escaped and has blanks about it.
///
/// TAP 14 lets a harness take one without the blanks. For a point that is ok that is taken, where a blank is before it
/// and the word is whole: then it is no pass. A point that is not ok stays a failure: `not ok 2 focus moves to #skip-nav`.
fn directive(text: &str, ok: bool) -> Option<(usize, Directive)> {
    let mut escaped = false;
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        if letter == '#' && !escaped && before.is_whitespace() {
            let after = &text[at + 1..];
            let blank = after.starts_with(char::is_whitespace) || after.is_empty();
            if blank {
                return word(after.trim_start(), ok).map(|directive| (at, directive));
            }
            let end = after.find(|next: char| !next.is_alphabetic()).unwrap_or(after.len());
            let whole = after[end..].is_empty() || after[end..].starts_with([' ', '\t', ':']);
            if ok
                && whole
                && let Some(directive) = word(&after[..end], ok)
            {
                return Some((at, directive));
            }
        }
        escaped = letter == '\\' && !escaped;
        before = letter;
    }
    None
}

/// The directive that a text begins with. TAP 14 takes any letters behind the word; of a point that is not ok only those
/// are taken that still say it: `# TODOORNOTTODO` excuses nothing.
fn word(text: &str, ok: bool) -> Option<Directive> {
    let letters: String =
        text.chars().take_while(|letter| letter.is_alphabetic()).collect::<String>().to_ascii_lowercase();
    let known = match letters.as_str() {
        "skip" | "skips" | "skipped" | "skipping" => Some(Directive::Skip),
        "todo" | "todos" => Some(Directive::Todo),
        "xfail" => Some(Directive::Expected),
        _ => None,
    };
    known.or_else(|| match letters.get(..4) {
        Some("skip") if ok => Some(Directive::Skip),
        Some("todo") if ok => Some(Directive::Todo),
        _ => None,
    })
}

/// A name without its escapes.
fn unescaped(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some(&next @ ('#' | '\\')) if letter == '\\' => {
                plain.push(next);
                letters.next();
            }
            _ => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn read_of(text: &str) -> (String, Vec<String>) {
        assert!(fits(text), "{text}");
        let facts = read(text).unwrap();
        (test::text(&facts), test::doubts(&facts))
    }

    #[test]
    fn a_complete_run() {
        let (text, doubts) = read_of(
            "TAP version 14\n1..5\nok 1 - opened\nnot ok 2 - first line\n  ---\n  ok: no\n  ...\n    ok 1 - inner\n    1..1\nok 3 - sub\nnot ok 4 later # TODO not yet\nok 5 # skip no network\n",
        );
        assert_eq!(
            text,
            r#"{"planned":5,"tests":5,"passed":2,"failed":1,"skipped":1,"todo":1,"ok":false,"complete":true,"failing":["first line"]}"#
        );
        assert_eq!(doubts, [""; 0]);
    }

    #[test]
    fn without_its_plan_a_run_is_not_complete() {
        let (text, doubts) = read_of("ok 1\nok 2\n");
        assert!(text.ends_with(r#""ok":null,"complete":false}"#), "{text}");
        assert_eq!(doubts.len(), 6);
        assert_eq!(doubts[5], "ok: missing: 2 tests and no plan: the run may have stopped early");
        let (_, doubts) = read_of("1..3\nok 1\nok 2\n");
        assert_eq!(doubts[0], "tests: inconsistent: 3 tests were planned, 2 came");
    }

    #[test]
    fn a_failure_is_proof_also_in_part_of_a_run() {
        let (text, doubts) = read_of("1..3\nok 1\nnot ok 2 - boom\n");
        assert!(text.contains(r#""ok":false,"complete":false"#), "{text}");
        assert!(doubts.iter().all(|doubt| !doubt.starts_with("ok:")), "{doubts:?}");
        let (text, _) = read_of("1..3\nok 1\nBail out! no database\n");
        assert!(text.contains(r#""ok":false,"complete":false"#), "{text}");
    }

    #[test]
    fn points_that_do_not_count_prove_nothing() {
        for (text, detail) in [
            ("1..2\nok 1 # SKIP\nok 2 # SKIP\n", "2 skipped, 0 todo"),
            ("1..2\nok 1 # skip no network\nnot ok 2 # TODO later\n", "1 skipped, 1 todo"),
        ] {
            let (text, doubts) = read_of(text);
            assert!(text.ends_with(r#""ok":null,"complete":false}"#), "{text}");
            assert_eq!(doubts.len(), 6);
            assert_eq!(doubts[5], format!("ok: no-samples: no test that counts was run: {detail}"));
        }
        assert_eq!(read_of("1..2\nok 1 # SKIP\nok 2\n").1, [""; 0]);
    }

    #[test]
    fn nothing_run_and_points_twice() {
        assert_eq!(read_of("1..0 # SKIP no docker\n").1[5], "ok: no-samples: no test was run: SKIP no docker");
        assert_eq!(
            read_of("1..2\nok 1\nok 1\n").1[0],
            "tests: inconsistent: test points are out of order or twice at point 2"
        );
        assert!(read("1..1\nok 1\n1..1\n").is_err());
        assert!(!fits("okay then\n"));
    }

    /// What a stream comes to: `ok`, its counts that differ from 0, and whether there are doubts.
    fn said(text: &str) -> String {
        let facts = read(text).unwrap();
        let Content::One(value) = &facts.content else { panic!() };
        let count = |key: &str| value.get(key).and_then(|count| count.as_number()?.to_f64()).unwrap_or(0.0);
        let counts = ["tests", "passed", "failed", "skipped", "todo"].map(|key| (key, count(key)));
        let counts: Vec<String> =
            counts.iter().filter(|row| row.1 > 0.0).map(|(key, count)| format!("{key} {count}")).collect();
        let ok = match value.get("ok") {
            Some(Value::Bool(true)) if facts.doubts.is_empty() => "ok",
            Some(Value::Bool(false)) => "not ok",
            Some(Value::Null) => "unknown",
            _ => "odd",
        };
        format!("{ok}: {}", counts.join(" "))
    }

    #[test]
    fn directives_are_those_of_tap_14() {
        for (point, wanted) in [
            ("ok 1 - must be skipped test # SKIP", "skipped"),
            ("ok 1 - must not be skipped test \\# SKIP", "passed"),
            ("ok 1 - may skip, but should warn #skip", "skipped"),
            ("ok 1 - do it later # Skipped", "skipped"),
            ("ok 1 - works on windows # Skipped: only run on windows", "skipped"),
            ("ok 1 # skip this test is skipped", "skipped"),
            ("ok 1 not skipped: https://example.com/page.html#skip is a url", "passed"),
            ("ok 1 - #SkIp case insensitive, so this is skipped", "skipped"),
            ("ok 1 - hello # todo", "todo"),
            ("ok 1 - hello \\# todo", "passed"),
            ("ok 1 - hello # todo hash \\# character", "todo"),
            ("ok 1 - hello \\\\# todo hash # character", "passed"),
            ("ok 1 - hello \\\\ # todo hash # character", "todo"),
            ("ok 1 - hello # description # todo", "passed"),
            ("ok 1 - hello \\\\\\\\\\\\\\# todo", "passed"),
            ("ok 1 - issue #5 # SKIP no network", "skipped"),
            ("not ok 1 focus moves to #skip-nav", "failed"),
            ("not ok 1 shows #todo-list", "failed"),
            ("not ok 1 - GET https://example.com/page.html#skip is a url", "failed"),
            ("not ok 1 - hello # description # todo", "failed"),
            ("not ok 1 Hamlette # TODOORNOTTODO", "failed"),
            ("not ok 1 # TODO bend space and time", "todo"),
            ("not ok 1 # skip", "skipped"),
            ("not ok 1 # todos", "todo"),
            ("not ok 1 - a # XFAIL", "failed"),
            ("not ok 1 - sub # time=143.73ms", "failed"),
        ] {
            let text = said(&format!("1..2\n{point}\nok 2\n"));
            let both = if wanted == "passed" { "passed 2".to_owned() } else { format!("{wanted} 1") };
            assert!(text.contains(&both), "{point}: {text}");
        }
    }

    #[test]
    fn subtests_end_with_a_point_of_their_own() {
        for (text, wanted) in [
            ("1..1\n# Subtest: a\n    ok 1\n    1..1\nok 1 - a\n", "ok: tests 1 passed 1"),
            ("        ok 1 - twice\n        1..1\n    ok 1 - parent\n    1..1\nok 1\n1..1\n", "ok: tests 1 passed 1"),
            ("1..2\n    # Subtest: a\n    ok 1\n    1..1\nok 1 - a\nok 2\n", "ok: tests 2 passed 2"),
            ("1..1\nok 1 - a\n# Subtest: x\n    not ok 1 - boom\n    1..1\n", "not ok: tests 1 passed 1 failed 1"),
            ("1..1\nok 1 - a\n# Subtest: x\n", "unknown: tests 1 passed 1"),
            ("1..1\nok 1 - a\n    ok 1 - boom\n    1..1\n", "not ok: tests 1 passed 1 failed 1"),
            (
                "1..1\n# Subtest: a\n    ok 1\n# Subtest: b\n    ok 1\n    1..1\nok 1 - b\n",
                "not ok: tests 1 passed 1 failed 1",
            ),
            ("1..1\n# Subtest: outer\n    not ok 1\n    1..1\nok 1 - outer\n", "unknown: tests 1"),
            ("1..1\n# Subtest: outer\n    ok 1\n    1..2\nok 1 - outer\n", "unknown: tests 1"),
            ("1..1\n# Subtest: outer\n    not ok 1 # TODO\n    1..1\nok 1 - outer\n", "ok: tests 1 passed 1"),
            ("1..1\n# Subtest: outer\n    not ok 1\n    1..1\nnot ok 1 - outer # TODO\n", "unknown: tests 1 todo 1"),
            // What is printed by the way is no subtest.
            ("1..1\nok 1 - a\n  ok, that was it\n      at ok (x.js:1)\n", "ok: tests 1 passed 1"),
        ] {
            assert_eq!(said(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_writers_own_totals_are_a_doubt() {
        for (comment, wanted) in [
            ("# fail 1", "unknown"),
            ("# fail 0", "ok"),
            ("# failed pages: 3", "ok"),
            ("# fail 3 times and succeed", "ok"),
            ("# cancelled 2", "unknown"),
            ("# { total: 2, pass: 1, fail: 1 }", "unknown"),
            ("# { total: 2, pass: 2 }", "ok"),
            ("# Looks like your test exited with 5 just after 2.", "unknown"),
            ("# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:0 error:1", "unknown"),
            ("# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:0 error:0", "ok"),
        ] {
            assert_eq!(said(&format!("1..1\nok 1\n{comment}\n")).split(':').next(), Some(wanted), "{comment}");
            assert!(said(&format!("1..1\nnot ok 1\n{comment}\n")).starts_with("not ok"), "{comment}");
        }
    }

    #[test]
    fn noise_before_the_version_yaml_and_bail_outs() {
        for (text, wanted) in [
            ("building\nTAP version 13\n1..1\nok 1\n", "ok: tests 1 passed 1"),
            ("\u{feff}TAP version 14\r\n1..1\r\nok 1 - a # SKIP\r\n", "unknown: tests 1 skipped 1"),
            ("1..2\nok 1\nBAIL OUT! no disk\n", "not ok: tests 1 passed 1"),
            ("1..1\nnot ok 1\n  ---\n  out: |\n  Bail out! of the child\n  ok 2\n  ...\n", "not ok: tests 1 failed 1"),
            ("1..1\nok 1\n  ---\n  out: |\n    Bail out! of the child\n    ok 2\n  ...\n", "ok: tests 1 passed 1"),
            ("1..1\n# Subtest: a\n    Bail out!\n", "not ok: "),
            ("1..2\nok 1\nnot\nok 2\n", "not ok: tests 2 passed 1 failed 1"),
            ("1..3 todo 2;\nok 1\nnot ok 2\nok 3\n", "ok: tests 3 passed 2 todo 1"),
            ("1..1\nok 1 - app/orders.test.mjs\n", "unknown: tests 1"),
            ("1..1\nok 2nd try\n", "ok: tests 1 passed 1"),
        ] {
            assert!(fits(text), "{text}");
            assert_eq!(said(text), wanted, "{text}");
        }
    }

    #[test]
    fn the_kernel_s_dialect() {
        let text = "[    0.060000] KTAP version 1\n[    0.060000] 1..1\n  KTAP version 1\n  # Subtest: example\n  1..2\n  # a: initializing\n  ok 1 a\n  not ok 2 b # XFAIL known\n# example: pass:1 fail:0 skip:0 total:2\n[    0.1] ok 1 example\n# Totals: pass:1 fail:0 skip:0 total:1\n";
        assert!(fits(text));
        assert_eq!(said(text), "ok: tests 1 passed 1");
        assert_eq!(said(&text.replace(" # XFAIL known", "")), "unknown: tests 1");
        assert_eq!(said(&text.replace("ok 1 example", "not ok 1 example")), "not ok: tests 1 failed 1");
    }
}
