//! Thresholds: one line says what good means; a file of them has sections for scopes.
//!
//! Owns what a threshold is, ids, and files of them. Refuses the first line that is wrong, with its place.

use std::collections::HashMap;

use crate::evaluate::plan::Node;
use crate::judge::sure;
use crate::language::lexer::without_comment;
use crate::language::line::read_line;
use crate::language::section::{Section, read_sections};
use crate::language::syntax::{Comparison, Expr, ExprKind, Function};
use crate::{Decimal, Error, Path, Quantity, Unit};

/// What a violation counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Severity {
    /// It fails.
    #[default]
    Fail,
    /// It warns.
    Warn,
    /// It cannot be told, `violated`.
    Inconclusive,
    /// It fails, and its reason stands alone.
    Fatal,
}

impl Severity {
    pub(crate) const WORDS: [(&'static str, Severity); 4] = [
        ("fail", Severity::Fail),
        ("warn", Severity::Warn),
        ("inconclusive", Severity::Inconclusive),
        ("fatal", Severity::Fatal),
    ];

    /// The word after `else`.
    pub fn word(self) -> &'static str {
        Severity::WORDS.iter().find(|(_, severity)| *severity == self).map_or("", |(word, _)| word)
    }
}

/// What missing evidence counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It fails.
    Fail,
    /// It is left out.
    Skip,
    /// It cannot be told.
    Inconclusive,
}

/// How many records of one scope must violate before the check does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// So many of them
    pub violations: u64,
    /// of so many in a row.
    pub of: u64,
}

/// The parts of a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Text(String),
    Path(Path),
}

/// The shape of the main expression.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Compare { operator: Comparison, left: Node, right: Node },
    Range { left: Node, low: Node, high: Node },
    List { left: Node, list: Vec<Node> },
    Condition(Node),
}

/// One threshold.
#[derive(Clone, Debug)]
pub struct Threshold {
    /// The id: the label, or the left side as written; `#2` where it stands a second time.
    pub id: String,
    /// The label.
    pub label: Option<String>,
    /// The line as written, without its comment.
    pub line: String,
    /// The sections it stands in; none: it applies to every record.
    pub sections: Vec<Section>,
    /// What a violation counts as.
    pub severity: Severity,
    /// How often it must be violated.
    pub after: Option<After>,
    /// What missing evidence counts as, where the line says so.
    pub missing: Option<Missing>,
    /// How sure the answer must be, as a fraction: the bound is held against an interval.
    pub sure: Option<Decimal>,
    /// The line of the file, counted from 1.
    pub line_number: usize,
    pub(crate) expr: Expr,
    pub(crate) given_expr: Option<Expr>,
    pub(crate) when_expr: Option<Expr>,
    pub(crate) message: Option<String>,
    pub(crate) parts: Vec<Part>,
    pub(crate) shape: Shape,
    pub(crate) given: Option<Node>,
    pub(crate) when: Option<Node>,
    /// The path that was measured, where the left side is one.
    pub(crate) metric: Option<Path>,
    /// The left side as written.
    pub(crate) left_text: String,
    /// The condition as written.
    pub(crate) condition_text: String,
    pub(crate) unit: Option<Unit>,
    /// The unit the bound was written in.
    pub(crate) bound_unit: Option<Unit>,
    /// The path whose wildcards make one check a match.
    pub(crate) each: Option<Path>,
}

impl Threshold {
    /// Reads one threshold line.
    pub fn parse(line: &str) -> Result<Threshold, Error> {
        read_line(line).map_err(|error| error.of_comma(line).on_line(1, line.trim_end()))
    }

    /// The line in its one canonical form: parse, print, parse gives the same threshold.
    pub fn canonical(&self) -> String {
        let mut out = String::new();
        if let Some(label) = &self.label {
            out.push_str(&format!("{label}: "));
        }
        out.push_str(&self.expr.to_string());
        if let Some(given) = &self.given_expr {
            out.push_str(&format!(" given {given}"));
        }
        if let Some(when) = &self.when_expr {
            out.push_str(&format!(" when {when}"));
        }
        if self.severity != Severity::Fail {
            out.push_str(&format!(" else {}", self.severity.word()));
        }
        if let Some(After { violations, of }) = self.after {
            out.push_str(&format!(" after {violations}"));
            if of != violations {
                out.push_str(&format!(" of {of}"));
            }
        }
        if let Some(percent) = self.sure.and_then(|level| level.times(Decimal::from(100u64))) {
            out.push_str(&format!(" sure {percent}%"));
        }
        match self.missing {
            Some(Missing::Fail) => out.push_str(" missing fail"),
            Some(Missing::Skip) => out.push_str(" missing skip"),
            _ => {}
        }
        if let Some(message) = &self.message {
            let mut text = Vec::new();
            schema::json::write_text(message, &mut text);
            out.push(' ');
            out.push_str(&String::from_utf8_lossy(&text));
        }
        out
    }

    /// The shape of its comparison.
    pub fn check_kind(&self) -> schema::Kind {
        self.kind()
    }

    /// Its operator as written; `""` for a condition.
    pub fn check_operator(&self) -> &'static str {
        self.operator()
    }

    /// The unit of what is measured.
    pub fn unit(&self) -> Option<Unit> {
        self.unit
    }

    /// Its message, as written.
    pub fn message_text(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Its `given` and its `when`, as they are printed.
    pub fn clauses(&self) -> (Option<String>, Option<String>) {
        (self.given_expr.as_ref().map(Expr::to_string), self.when_expr.as_ref().map(Expr::to_string))
    }

    /// The number or text it compares with, where that is a constant, in the metric's unit.
    pub fn bound(&self) -> Option<schema::Value<'static>> {
        self.constant_bound()
    }

    /// Whether it applies to a record of this scope.
    pub fn applies_to(&self, scope: &str) -> bool {
        self.sections.is_empty() || self.sections.iter().any(|section| section.matches(scope))
    }

    /// The paths it reads from the record, in the order they are written.
    pub fn paths(&self) -> Vec<&Path> {
        let mut paths = Vec::new();
        for expr in [Some(&self.expr), self.given_expr.as_ref(), self.when_expr.as_ref()].into_iter().flatten() {
            expr.each_path(&mut |path| paths.push(path));
        }
        paths
    }

    /// What is measured, as written: the left side, or the whole condition.
    pub fn metric_text(&self) -> String {
        self.metric.as_ref().map_or_else(|| self.left_text.clone(), Path::to_string)
    }

    /// Whether it compares runs: it says how sure, and its bound is made of a baseline.
    pub fn compares_runs(&self) -> bool {
        self.sure.is_some() && self.reads_baseline()
    }

    /// Whether it speaks of the nights before (`usual`, `trend`).
    pub fn reads_nights(&self) -> bool {
        let of_nights = |expr: &Expr| matches!(&expr.kind, ExprKind::Call(Function::Usual | Function::Trend, _));
        any(&self.expr, &of_nights)
    }

    /// Whether several runs may be held against its bound, which no run of a baseline has a part in.
    pub fn bounds_runs(&self) -> bool {
        let ExprKind::Compare(operator, left, right) = &self.expr.kind else { return false };
        let is_sided = !matches!(operator, Comparison::Equal | Comparison::NotEqual);
        let of_nights = |expr: &Expr| matches!(&expr.kind, ExprKind::Call(Function::Usual | Function::Trend, _));
        let constant = !right.has_path() && !any(right, &is_baseline) && !any(right, &of_nights);
        self.sure.is_some()
            && is_sided
            && constant
            && !any(left, &of_nights)
            && !any(left, &is_baseline)
            && self.after.is_none()
    }

    /// Why it cannot compare runs, where it cannot.
    pub fn runs_error(&self) -> Option<&'static str> {
        let ExprKind::Compare(operator, left, right) = &self.expr.kind else {
            return Some("runs are compared by one comparison, such as p99_ms <= 110% * baseline");
        };
        if matches!(operator, Comparison::Equal | Comparison::NotEqual) {
            return Some("runs are compared by <= or >=, not for equality");
        }
        if any(left, &is_baseline) {
            return Some("runs are compared with the baseline on the right: p99_ms <= 110% * baseline");
        }
        if !any(right, &is_baseline) || right.has_path() {
            return Some("the bound of runs is made of the baseline alone: p99_ms <= 110% * baseline");
        }
        self.after.is_some().then_some("after N counts records in a row, and runs are judged together")
    }

    /// Whether its bound is one from above; `None` where it is none of one side, or is of the nights before and what would
    /// change with the figure is not the bound alone.
    pub fn is_upper(&self) -> Option<bool> {
        match &self.shape {
            Shape::Compare { left: Node::Trend(_), .. } => None,
            Shape::Compare { operator: Comparison::Less | Comparison::LessOrEqual, .. } => Some(true),
            Shape::Compare { operator: Comparison::Greater | Comparison::GreaterOrEqual, .. } => Some(false),
            _ => None,
        }
    }

    /// The same threshold with its bound divided by a factor: what it says is what it would say, were the figure so much
    /// greater. Its line still has the old one.
    pub fn with_bound_over(&self, factor: Quantity) -> Option<Threshold> {
        let share = Quantity::new(Decimal::ONE).divided_by(factor)?;
        let mut worse = self.clone();
        let Shape::Compare { right, .. } = &mut worse.shape else { return None };
        *right = match std::mem::replace(right, Node::Null) {
            Node::Number(bound) => Node::Number(bound.times(share)?),
            bound => Node::Convert(Box::new(bound), share),
        };
        Some(worse)
    }

    /// Whether it looks at the nights before.
    pub fn reads_history(&self) -> bool {
        let past = |expr: &Expr| matches!(expr.kind, ExprKind::Call(Function::Usual | Function::Trend, _));
        [Some(&self.expr), self.given_expr.as_ref(), self.when_expr.as_ref()]
            .into_iter()
            .flatten()
            .any(|expr| any(expr, &past))
    }

    /// Whether it looks at a baseline.
    pub fn reads_baseline(&self) -> bool {
        [Some(&self.expr), self.given_expr.as_ref(), self.when_expr.as_ref()]
            .into_iter()
            .flatten()
            .any(|expr| any(expr, &is_baseline))
    }
}

fn is_baseline(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Baseline(_))
}

/// Whether something is so of an expression, or of a part of it.
fn any(expr: &Expr, is: &dyn Fn(&Expr) -> bool) -> bool {
    let mut found = is(expr);
    expr.each_child(&mut |child| found |= any(child, is));
    found
}

impl PartialEq for Threshold {
    fn eq(&self, other: &Threshold) -> bool {
        let parts = |threshold: &Threshold| {
            let Threshold { label, expr, given_expr, when_expr, severity, after, missing, message, .. } =
                threshold.clone();
            (label, expr, given_expr, when_expr, severity, after, missing, message)
        };
        parts(self) == parts(other)
    }
}

/// Thresholds in the order they were given.
#[derive(Clone, Debug, Default)]
pub struct Thresholds {
    list: Vec<Threshold>,
    /// The ids of the list: most are new, and need not be looked for in it.
    ids: HashMap<String, Taken>,
    /// The last number that a repeated id got, by its sections.
    numbers: HashMap<(String, String), usize>,
    notes: Vec<String>,
}

impl Thresholds {
    /// None.
    pub fn new() -> Thresholds {
        Thresholds::default()
    }

    /// Reads a file of thresholds and adds them; the error is the first, with its line.
    pub fn parse(text: &str) -> Result<Thresholds, Error> {
        let mut thresholds = Thresholds::new();
        thresholds.add(text)?;
        Ok(thresholds)
    }

    /// Reads a file of thresholds and adds them behind those that are there; sections do not reach across files.
    pub fn add(&mut self, text: &str) -> Result<(), Error> {
        let mut sections = Vec::new();
        let from = self.list.len();
        let (mut first, mut whole) = (true, None);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (place, raw) in text.split('\n').enumerate() {
            let raw = raw.strip_suffix('\r').unwrap_or(raw);
            let line = without_comment(raw);
            if line.trim().is_empty() {
                continue;
            }
            if first && let Some(level) = alone(line) {
                (whole, first) = (Some(level), false);
                continue;
            }
            first = false;
            let read = if line.trim_start().starts_with('[') {
                read_sections(line).map(|read| sections = read)
            } else {
                read_line(raw).map_err(|error| error.of_comma(raw)).map(|threshold| {
                    self.push(Threshold { sections: sections.clone(), line_number: place + 1, ..threshold });
                })
            };
            read.map_err(|error| error.on_line(place + 1, raw))?;
        }
        if let Some(level) = whole {
            let others: Vec<String> = self.sure(level, from).into_iter().map(str::to_owned).collect();
            self.notes.extend(others.iter().map(|id| format!("{id}: there is no interval of it: judged as it is")));
        }
        Ok(())
    }

    /// Adds one threshold; an id that is there already gets `#2`, which is told.
    pub fn push(&mut self, mut threshold: Threshold) {
        let first = threshold.id.clone();
        let names: Vec<&str> = threshold.sections.iter().map(|section| section.name.as_str()).collect();
        // All numbers up to the last one of the same sections are taken there.
        let last = (first.clone(), names.join("\n"));
        let mut number = 1;
        let mut before = None;
        while let Some(line) = self.ids.get(&threshold.id).and_then(|taken| taken.line(&threshold.sections)) {
            before = before.or(Some(line));
            number = self.numbers.get(&last).copied().filter(|last| *last > number).unwrap_or(number) + 1;
            threshold.id = format!("{first}#{number}");
        }
        if number > 1 {
            self.numbers.insert(last, number);
        }
        self.ids.entry(threshold.id.clone()).or_default().take(&threshold);
        if let Some(before) = before {
            let lines = match threshold.line_number {
                line if line == before => String::new(),
                line => format!(", on lines {before} and {line}"),
            };
            let (own, line) = (&threshold.id, &threshold.line);
            // What has a label needs another one; what has none needs one.
            let name = if line.starts_with(&format!("{first}:")) {
                "give each its own name".to_owned()
            } else {
                format!("name it, as in 'NAME: {line}'")
            };
            self.notes.push(format!("two thresholds on {first:?}{lines}; this one is reported as {own}: {name}"));
        }
        self.list.push(threshold);
    }

    /// Makes every threshold from the place `from` on that may have an interval, and says no level itself, one of this
    /// level. The others are judged by the figures as they are: their ids.
    pub fn sure(&mut self, level: Decimal, from: usize) -> Vec<&str> {
        let percent = level.times(Decimal::from(100u64)).unwrap_or(level);
        let mut others = Vec::new();
        for threshold in self.list.iter_mut().skip(from).filter(|threshold| threshold.sure.is_none()) {
            let left = match &threshold.shape {
                Shape::Compare { left, .. } | Shape::Range { left, .. } => Some(left),
                _ => None,
            };
            let over_runs = threshold.reads_baseline() && threshold.runs_error().is_none();
            if !over_runs && !left.is_some_and(sure::has_interval) {
                others.push(threshold.id.as_str());
                continue;
            }
            threshold.sure = Some(level);
            // The line says all: it is what a verdict is verified by. A message stands last.
            threshold.line = match &threshold.message {
                Some(_) => threshold.canonical(),
                None => format!("{} sure {percent}%", threshold.line),
            };
        }
        others
    }

    /// Leaves only what applies to this scope.
    pub fn only(&mut self, scope: &str) {
        self.list.retain(|threshold| threshold.applies_to(scope));
        for threshold in &mut self.list {
            threshold.sections.clear();
        }
    }

    /// The thresholds in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Threshold> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// What was noticed while reading: repeated ids.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl<'t> IntoIterator for &'t Thresholds {
    type Item = &'t Threshold;
    type IntoIter = std::slice::Iter<'t, Threshold>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// `sure 95%` alone on a line.
fn alone(line: &str) -> Option<Decimal> {
    let percent = line.trim().strip_prefix("sure ")?.trim().strip_suffix('%')?;
    crate::language::line::as_level(Decimal::parse(percent)?)
}

/// Where an id is taken: by the line of the first threshold of that id there.
#[derive(Clone, Debug, Default)]
struct Taken {
    /// In every scope.
    everywhere: Option<usize>,
    /// In the sections of these names, patterns among them.
    names: HashMap<String, usize>,
    patterns: Vec<(Section, usize)>,
    first: Option<usize>,
}

impl Taken {
    /// The line of a threshold of this id that may apply where one of `sections` does.
    fn line(&self, sections: &[Section]) -> Option<usize> {
        if sections.is_empty() || self.everywhere.is_some() {
            return self.first;
        }
        sections.iter().find_map(|section| {
            let name = self.names.get(&section.name).copied();
            let pattern = || self.patterns.iter().find(|(pattern, _)| meet(pattern, section)).map(|(_, line)| *line);
            let names = || {
                let mut names = self.names.iter().filter(|_| section.name.contains('*'));
                names.find(|(name, _)| section.matches(name)).map(|(_, line)| *line)
            };
            name.or_else(pattern).or_else(names)
        })
    }

    fn take(&mut self, threshold: &Threshold) {
        let line = threshold.line_number;
        self.first.get_or_insert(line);
        if threshold.sections.is_empty() {
            self.everywhere.get_or_insert(line);
        }
        for section in &threshold.sections {
            self.names.entry(section.name.clone()).or_insert(line);
            if section.name.contains('*') {
                self.patterns.push((section.clone(), line));
            }
        }
    }
}

/// Whether two sections may be of one scope.
fn meet(one: &Section, other: &Section) -> bool {
    one.matches(&other.name) || other.matches(&one.name) || (one.name.contains('*') && other.name.contains('*'))
}

/// Whether two thresholds may apply to one record.
pub(crate) fn overlap(a: &Threshold, b: &Threshold) -> bool {
    a.sections.is_empty()
        || b.sections.is_empty()
        || a.sections.iter().any(|one| b.sections.iter().any(|other| meet(one, other)))
}
