//! A formula: `NAME = EXPR` of one record, as `hour = floor(time(ts) / 3600)`.
//!
//! Owns the name and the expression. Refuses functions over records: those are aggregates.

use std::fmt;

use schema::{Code, Value};

use crate::claims::Claims;
use crate::evaluate::{Datum, Scene};
use crate::interval::Interval;
use crate::parser::Parser;
use crate::plan::{self, Node, Place};
use crate::survey::Survey;
use crate::syntax::Expr;
use crate::{Error, Path};
use number::WIRE_DIGITS;

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
            let wanted = "a formula is written NAME = EXPR, as in hour = floor(time(ts) / 3600)";
            let start = text.len() - text.trim_start().len();
            let (name, end) = Path::scan(text, start)
                .map_err(|error| Error { message: format!("{}; {wanted}", error.message), ..error })?;
            let rest = text.get(end..).unwrap_or_default();
            let equals = end + rest.len() - rest.trim_start().len();
            if name.has_wildcard()
                || !text.get(equals..).is_some_and(|rest| rest.starts_with('=') && !rest.starts_with("=="))
            {
                return Err(Error::new(wanted, end, equals + 1));
            }
            let source = format!("{}{}", " ".repeat(equals + 1), text.get(equals + 1..).unwrap_or_default());
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
        match self.node.evaluate(&Scene::new(record, &claims, None, &[], &survey)) {
            Datum::Number(number) => Ok(Value::Number(number.to_number(WIRE_DIGITS))),
            Datum::Text(text) => Ok(Value::text(text.into_owned())),
            Datum::Empty => Ok(Value::text("")),
            Datum::Truth(yes) => Ok(Value::Bool(yes)),
            Datum::Whole(value) => Ok(value.clone().into_owned()),
            Datum::Null => Err(Code::Null),
            Datum::Unknown(code) | Datum::Between(Interval { code, .. }) => Err(code),
        }
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
            ("x = none + 1", Err(Code::Missing)),
            ("x = route + 1", Err(Code::NotANumber)),
        ] {
            let record = json::parse(br#"{"ts":"2026-03-08T00:00:01Z","ms":12,"route":"/A"}"#).unwrap();
            let formula = Formula::parse(text).unwrap();
            let mut out = Vec::new();
            let got = formula.of(&record).map(|value| {
                json::write(&value, &mut out);
                String::from_utf8(out).unwrap()
            });
            assert_eq!(got, wanted.map(str::to_owned), "{text}");
            assert_eq!(Formula::parse(&formula.to_string()), Ok(formula.clone()), "{formula}");
        }
        for text in ["ms", "x = ", "x = count()", "x = a.*", "a.* = 1"] {
            assert!(Formula::parse(text).is_err(), "{text}");
        }
    }
}
