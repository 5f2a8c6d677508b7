//! A condition on a record: `--where COND` of every tool, and the `where` of aggregates.
//!
//! Owns reading and testing one. Refuses nothing that a threshold's `when` takes: declared values may be read.

use std::fmt;

use schema::{Code, Object, Truth, Value};

use crate::evaluate::plan::{self, Node, Place};
use crate::evaluate::{self, Scene};
use crate::language::parser::Parser;
use crate::language::syntax::{Expr, ExprKind};
use crate::record::claims::Claims;
use crate::record::survey::Survey;
use crate::{Error, Path, Reading, nearest};

/// A question about a record.
#[derive(Clone, Debug)]
pub struct Condition {
    expr: Expr,
    node: Node,
}

impl Condition {
    /// Reads a condition that is the whole text.
    pub fn parse(text: &str) -> Result<Condition, Error> {
        let read = || {
            let expr = Parser::new(text)?.whole()?;
            Condition::of(expr)
        };
        read().map_err(|error: Error| error.on_line(1, text))
    }

    pub(crate) fn of(expr: Expr) -> Result<Condition, Error> {
        let may_be = matches!(expr.kind, ExprKind::Path(_) | ExprKind::Call(..));
        if !expr.is_condition() && !may_be {
            return Err(Error::new("a condition is wanted: compare it", expr.span.start, expr.span.end));
        }
        let mut wildcard = None;
        expr.each_path(&mut |path| {
            if path.has_wildcard() {
                wildcard.get_or_insert(path);
            }
        });
        if let Some(path) = wildcard {
            return Err(Error::new(format!("{path}: a condition is about one record and has no wildcard"), 0, 0));
        }
        let node = plan::compile(&expr, Place::FREE)?.node;
        Ok(Condition { expr, node })
    }

    /// Whether it is true of the record.
    pub fn test(&self, record: &Value<'_>) -> Truth {
        evaluate::truth(&self.answer(record))
    }

    /// The same, with the reason where it cannot be told.
    pub fn answer(&self, record: &Value<'_>) -> Result<bool, Code> {
        let claims = Claims::of(record);
        let survey = Survey::default();
        self.within(&Scene::new(record, &claims, None, &[], &survey))
    }

    /// What of a record keeps the condition from an answer: the keys that it lacks, with one that is near, else of which
    /// types those are that it has. Written only where it is shown.
    pub fn cause<'c>(&'c self, record: &'c Value<'c>) -> impl fmt::Display + 'c {
        Cause { condition: self, record }
    }

    pub(crate) fn node(&self) -> &Node {
        &self.node
    }

    pub(crate) fn within<'r>(&'r self, scene: &Scene<'r, '_>) -> Result<bool, Code> {
        self.node.evaluate(scene).truth()
    }

    /// The paths it reads, in the order they are written.
    pub fn paths(&self) -> Vec<&Path> {
        let mut paths = Vec::new();
        self.expr.each_path(&mut |path| paths.push(path));
        paths
    }
}

struct Cause<'c> {
    condition: &'c Condition,
    record: &'c Value<'c>,
}

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut gone, mut found) = (Vec::new(), Vec::new());
        for path in self.condition.paths() {
            match path.read(self.record) {
                Reading::Missing => gone.push(path.to_string()),
                Reading::Ambiguous => found.push(format!("{path} is ambiguous")),
                Reading::Found(value) => found.push(format!("{path} is {}", value.kind())),
            }
        }
        if gone.is_empty() {
            return write!(f, "its {}", found.join(", "));
        }
        write!(f, "it has no {}", gone.join(", no "))?;
        let keys = || self.record.as_object().into_iter().flat_map(Object::iter).map(|(key, _)| key);
        match gone.iter().find_map(|name| nearest(name, keys())) {
            Some(near) => write!(f, "; did you mean {near}?"),
            None => Ok(()),
        }
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Condition) -> bool {
        self.expr == other.expr
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.expr)
    }
}
