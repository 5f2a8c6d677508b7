//! A formula: `NAME = EXPR` of one record, as `hour = floor(time(ts) / 3600)`.
//!
//! Owns the name and the expression. Refuses functions over records: those are aggregates.

use std::fmt;

use schema::{Code, Value};

use crate::evaluate::Scene;
use crate::evaluate::plan::{self, Node, Place};
use crate::language::named::Named;
use crate::language::parser::Parser;
use crate::language::syntax::Expr;
use crate::record::claims::Claims;
use crate::record::survey::Survey;
use crate::{Error, Path};

/// What is computed of a record, and what it is called.
#[derive(Clone, Debug)]
pub struct Formula {
    /// What it is called.
    pub name: Path,
    expr: Expr,
    node: Node,
}

impl Formula {
    /// Reads `NAME = EXPR`.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str) -> Result<Formula, Error> {
        let read = || {
            const NAMED: Named = Named { what: "a formula", example: "hour = floor(time(ts) / 3600)" };
            let (name, source) = NAMED.split(text)?;
            let expr = Parser::new(&source)?.whole()?;
            if expr.has_wildcard() {
                return Err(Error::new(
                    "a formula is about one record and has no wildcard",
                    expr.span.start,
                    expr.span.end,
                ));
            }
            let node = plan::compile(&expr, Place::FREE)?.node;
            Ok(Formula { name, expr, node })
        };
        read().map_err(|error: Error| error.on_line(1, text))
    }

    /// Reads `NAME = EXPR`, or a function of a path alone, which is called as it is written: `route(path)`.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse_key(text: &str) -> Result<Formula, Error> {
        let is_call = text.find('(').is_some_and(|open| {
            open > 0 && text.ends_with(')') && text.bytes().take(open).all(|byte| byte.is_ascii_lowercase())
        });
        if !is_call || text.contains('"') {
            return Formula::parse(text);
        }
        Formula::parse(&format!(".\"{text}\" = {text}"))
    }

    /// What it comes to for a record.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn of(&self, record: &Value<'_>) -> Result<Value<'static>, Code> {
        let (claims, survey) = (Claims::of(record), Survey::default());
        self.node.evaluate(&Scene::new(record, &claims, None, &[], &survey)).value()
    }

    /// The paths it reads, in the order they are written.
    pub fn paths(&self) -> Vec<&Path> {
        let mut paths = Vec::new();
        self.expr.each_path(&mut |path| paths.push(path));
        paths
    }
}

impl PartialEq for Formula {
    fn eq(&self, other: &Formula) -> bool {
        self.name == other.name && self.expr == other.expr
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, self.expr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::json;

    #[test]
    fn formulas() {
        for (text, wanted) in [
            ("hour = floor(time(ts) / 3600)", Ok("492480")),
            ("h = floor(time(ts) / 3600) - 24 * floor(time(ts) / 86400)", Ok("0")),
            ("slow = ms > 10", Ok("true")),
            ("r = lower(route)", Ok("\"/a\"")),
            ("c = contains(route, \"A\")", Ok("true")),
            ("c = starts_with(route, \"A\") or ends_with(route, \"/\")", Ok("false")),
            ("c = contains(lower(route), \"a\")", Ok("true")),
            ("c = contains(ts, route)", Ok("false")),
            ("c = contains(none, \"A\")", Err(Code::Missing)),
            ("c = contains(ms, \"1\")", Err(Code::WrongType)),
            ("c = contains(empty, \"1\")", Err(Code::Missing)),
            ("c = not contains(route, \"1\")", Ok("true")),
            ("x = none + 1", Err(Code::Missing)),
            ("x = route + 1", Err(Code::NotANumber)),
        ] {
            let record = json::parse(br#"{"ts":"2026-03-08T00:00:01Z","ms":12,"route":"/A","empty":""}"#).unwrap();
            let formula = Formula::parse(text).unwrap();
            let mut out = Vec::new();
            let got = formula.of(&record).map(|value| {
                json::write(&value, &mut out);
                String::from_utf8(out).unwrap()
            });
            assert_eq!(got, wanted.map(str::to_owned), "{text}");
            assert_eq!(Formula::parse(&formula.to_string()), Ok(formula.clone()), "{formula}");
        }
        for text in [
            "ms",
            "x = ",
            "x = count()",
            "x = a.*",
            "a.* = 1",
            "c = contains(a, 1)",
            "c = contains(a)",
            "c = contains(a, \"\")",
        ] {
            assert!(Formula::parse(text).is_err(), "{text}");
        }
    }
}
