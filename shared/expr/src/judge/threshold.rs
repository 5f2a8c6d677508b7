//! A threshold: what one line says good means, taken apart.
//!
//! Owns what can be asked of it. How a line is read is `language::line`'s, how several stand together `thresholds`'.

use crate::evaluate::interval::float;
use crate::evaluate::plan::Node;
use crate::language::section::Section;
use crate::language::syntax::{Comparison, Expr, ExprKind, Function};
use crate::{Decimal, Path, Quantity, Unit};

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

    /// What its level leaves to luck.
    pub(crate) fn rare(&self) -> f64 {
        let left = self.sure.and_then(|level| Decimal::ONE.minus(level));
        left.map_or(0.0, |left| float(Quantity::new(left)))
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

/// Whether two sections may be of one scope.
pub(crate) fn meet(one: &Section, other: &Section) -> bool {
    one.matches(&other.name) || other.matches(&one.name) || (one.name.contains('*') && other.name.contains('*'))
}

/// Whether two thresholds may apply to one record.
pub(crate) fn overlap(a: &Threshold, b: &Threshold) -> bool {
    a.sections.is_empty()
        || b.sections.is_empty()
        || a.sections.iter().any(|one| b.sections.iter().any(|other| meet(one, other)))
}
