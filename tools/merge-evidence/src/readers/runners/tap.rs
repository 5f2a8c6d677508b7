//! TAP, versions 12 to 14, and KTAP: test points counted, and held against the plan.
//!
//! Without its plan, with another number of points than it, or with none that counts (all were skipped or are still to
//! do) a run is not complete: then the counts cannot be told. `ok` follows Kleene: a point that failed is proof enough,
//! points that passed are not. What a writer's own totals say beyond the points is a doubt, never a failure.
//! <https://testanything.org/tap-version-14-specification.html>, <https://docs.kernel.org/dev-tools/ktap.html>

pub(super) mod line;
#[cfg(test)]
mod tests;

use schema::{Code, Number, Value};

use self::line::{Directive, Point, count_of, plan, point, subtest, total, unescaped, unstamped, version};
use super::junit::is_script;
use super::tally::Failing;
use crate::facts::Failure;
use crate::facts::{Builder, Content, Doubt, Facts};

/// How far into a text its version line may be, behind what else was printed.
const NOISE: usize = 1000;

/// Whether a text begins as TAP does, or has a version line within its first lines.
pub fn fits(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let mut announced = false;
    let first = text.lines().find(|line| {
        let comment = line.trim_start().strip_prefix('#').map(str::trim);
        announced |= comment.is_some_and(|comment| subtest(comment).is_some());
        !line.trim().is_empty() && comment.is_none()
    });
    let first = first.unwrap_or_default();
    // The first test of a stream may be a subtest, whose lines are indented.
    let first = if announced { first.trim_start() } else { first };
    // Behind other lines a plan is one where a numbered point follows.
    let behind = || {
        let mut lines = text.lines().take(NOISE).skip_while(|line| plan(line).is_none()).skip(1);
        lines.find_map(point).is_some_and(|point| point.number == Some(1))
    };
    plan(first).is_some()
        || point(first).is_some()
        || text.lines().take(NOISE).any(|line| version(unstamped(line)).is_some())
        || behind()
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
    /// Whether `pragma +strict` holds.
    strict: bool,
    /// Points that the old form of a plan says are still to do.
    todo: Vec<u64>,
    /// Points whose subtest follows in braces, outermost first.
    braces: Vec<Brace>,
    failing: Failing,
    /// The most failures that the writer's own totals say, and in which words.
    total: Option<(u64, String)>,
    /// Points to do that are not ok, and whether the totals count them apart: ava's `fail` has them.
    to_do: u64,
    apart: bool,
    /// Points that are failures, in subtests too.
    failures: u64,
    /// All points, those of subtests too.
    points: u64,
    /// What the writer's totals behind the last point say.
    said: Said,
    /// Whether the YAML that is open holds a point that failed: where it has no end, that may be one.
    hidden: bool,
    /// Points that are a file as a whole.
    files: u64,
    /// The first point of which it cannot be told what it says.
    unclear: Option<(Code, String)>,
    unclears: u64,
}

/// A writer's own totals but for the failures: Node's, tape's, mocha's, ava's.
#[derive(Default)]
struct Said {
    tests: Option<u64>,
    pass: Option<u64>,
    suites: u64,
}

/// A point that stands before its subtest, as node-tap writes them up to 16: `ok 1 - a {`, the subtest, `}`.
struct Brace {
    indent: usize,
    /// Its name, where it counts as passed.
    passed: Option<String>,
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
                    self.hidden = false;
                }
                self.hidden |= text.starts_with("not ok") && point(text).is_some();
                return Ok(());
            }
            self.end_yaml();
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
        } else if text == "}"
            && let Some(place) = self.braces.iter().rposition(|brace| brace.indent == indent)
        {
            let brace = self.braces.drain(place..).next();
            self.end_brace(indent, brace.and_then(|brace| brace.passed));
        } else if let Some(mut point) = point(text.strip_suffix(" {").unwrap_or(text)) {
            point.ok &= !not;
            self.take(&point, indent, text.ends_with(" {"));
        } else if let Some(pragma) = text.strip_prefix("pragma ").filter(|_| indent == 0) {
            for one in pragma.split(',').map(str::trim) {
                self.strict = one == "+strict" || self.strict && one != "-strict";
            }
        } else {
            self.not = text == "not";
            // TAP 14: under this pragma it is a failure; a shell's word behind the stream is none, so that it is a doubt.
            if self.strict && indent == 0 && !self.not && self.unclear.is_none() {
                self.unclears += 1;
                self.unclear = Some((Code::Inconsistent, format!("pragma +strict, but a line is not TAP: {text}")));
            }
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

    /// Takes note of YAML that ended without its `...`: a point in it may be one of the stream.
    fn end_yaml(&mut self) {
        self.yaml = None;
        if std::mem::take(&mut self.hidden) {
            self.unclears += 1;
            let detail = "YAML without its end has a point in it that is not ok";
            self.unclear.get_or_insert((Code::Inconsistent, detail.to_owned()));
        }
    }

    /// Takes note of the subtest that a comment announces.
    fn announce(&mut self, name: &str, indent: usize) {
        let current = self.nested.last().map_or(0, |level| level.indent);
        let within = self.nested.last().unwrap_or(&self.root).announced.is_some();
        if self.ktap || indent > current + 4 {
            return;
        }
        // One that is indented as its own points are is of the level before; within one that is announced, it is of that.
        let at = if indent > current && !within { current } else { indent };
        let Some(level) = self.level(at) else { return };
        if at == indent {
            level.leave_open();
        }
        level.announced = Some(name.to_owned());
    }

    fn comment(&mut self, comment: &str, indent: usize) {
        if let Some(name) = subtest(comment) {
            self.announce(name, indent);
        } else if let Some((key, count)) = count_of(comment).filter(|_| indent == 0) {
            match key {
                "tests" => self.said.tests = Some(count),
                "pass" => self.said.pass = Some(count),
                _ => self.said.suites = count,
            }
        } else if indent == 0 && comment.starts_with("todo ") {
            self.apart = true;
        } else if (indent == 0 || self.ktap)
            && let Some(count) = total(comment)
            && self.total.as_ref().is_none_or(|known| known.0 < count)
        {
            self.total = Some((count, format!("its own totals say \"# {comment}\"")));
        }
    }

    /// Ends a subtest in braces: its point came before it, and is the last one of its level.
    fn end_brace(&mut self, indent: usize, passed: Option<String>) {
        let Some(inner) = self.level(indent).and_then(|level| level.inner.take()) else { return };
        if let (Some(wrong), Some(name)) = (inner, passed) {
            let unclear = (Code::Inconsistent, format!("{name:?} is ok, but {wrong}"));
            self.not_passed(unclear);
        }
    }

    /// A point of the level that is open passed by its own word alone.
    fn not_passed(&mut self, unclear: (Code, String)) {
        let level = self.nested.last_mut().unwrap_or(&mut self.root);
        level.passed = level.passed.saturating_sub(1);
        self.unclears += 1;
        self.unclear.get_or_insert(unclear);
    }

    fn take(&mut self, point: &Point<'_>, indent: usize, brace: bool) {
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
        self.points += 1;
        // A test may be called `pass 1`, as tape writes its name: totals come last.
        self.said = Said::default();
        self.to_do += u64::from(root && point.directive == Directive::Todo && !point.ok);
        if counts && point.ok {
            let name = unescaped(point.name);
            let unclear = match inner {
                Some(Some(wrong)) => Some((Code::Inconsistent, format!("{name:?} is ok, but {wrong}"))),
                None if root && !brace && is_script(&name) => {
                    self.files += 1;
                    Some((
                        Code::NoSamples,
                        format!("{name:?} is a file as a whole: node --test writes that where no test of it reported"),
                    ))
                }
                _ => None,
            };
            if let Some(unclear) = unclear {
                self.not_passed(unclear);
            }
        }
        self.braces.truncate(self.braces.iter().take_while(|brace| brace.indent < indent).count());
        if brace {
            self.braces.push(Brace { indent, passed: (counts && point.ok).then(|| unescaped(point.name)) });
        }
        self.point = Some(indent);
    }

    fn finish(mut self) -> Facts<'static> {
        self.end_yaml();
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
            // node --test calls a file in which no test reported one that passed.
            _ if self.root.passed + self.root.failed == 0 && self.files > 0 && self.files == self.unclears => {
                self.unclear.clone()?
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

    /// What the writer's own totals say to have passed less often than it is there, or to be more tests than came.
    fn fewer(&self) -> Option<(Code, String)> {
        let (tests, pass) = self.said.tests.zip(self.said.pass)?;
        if tests > self.points {
            return Some((Code::Inconsistent, format!("its own totals say \"# tests {tests}\", {} came", self.points)));
        }
        let passed = self.root.passed.saturating_add(self.unclears);
        (pass.saturating_add(self.said.suites) < passed)
            .then(|| (Code::Inconsistent, format!("its own totals say \"# pass {pass}\", {passed} are ok")))
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
            // What was in the subtest, and the point of it, nobody knows.
            (Some(_), _) if self.root.unclosed.is_some() => (true, None),
            (Some(_), Some(planned)) if planned >= tests && self.bailed.is_none() => (true, Some(planned - tests)),
            _ => (true, None),
        };
        let seen = self.failures.max(failed);
        let to_do = |said: &str| if said.contains("\"# fail ") && !self.apart { self.to_do } else { 0 };
        let fewer = self.fewer();
        let total =
            self.total.filter(|(total, said)| *total > seen + to_do(said)).map(|total| (Code::Inconsistent, total.1));
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
                "tests" | "passed" | "failed" if fewer.is_some() => {
                    limits = (limits.0.filter(|_| key != "passed"), None);
                    &fewer
                }
                "tests" if self.files > 0 => {
                    limits = (Some(count - self.files.min(count)), Some(count));
                    &self.unclear
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
        let complete = incomplete.is_none() && total.is_none() && fewer.is_none();
        match incomplete.or(self.unclear).or(total).or(fewer) {
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
