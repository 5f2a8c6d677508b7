//! `NAME = EXPR`: what an aggregate and a formula are written as.
//!
//! Owns the name and where the expression begins. Refuses to read the expression: it is of one record in a formula, over
//! records in an aggregate.

use crate::{Error, Path};

/// What is written as `NAME = EXPR`.
pub(crate) struct Named {
    /// With its article: `an aggregate`.
    pub what: &'static str,
    pub example: &'static str,
}

impl Named {
    /// The name, and the expression behind blanks in place of what stands before it: an error then tells its place in `text`.
    pub(crate) fn split(&self, text: &str) -> Result<(Path, String), Error> {
        let Named { what, example } = self;
        let wanted = format!("{what} is written NAME = EXPR, as in {example}");
        let start = text.len() - text.trim_start().len();
        let (name, end) = Path::scan(text, start)
            .map_err(|error| Error { message: format!("{}; {wanted}", error.message), ..error })?;
        // A name that needs quotes is one with quotes, so that printing and reading give the same.
        let name = Path::parse(&name.to_string()).unwrap_or(name);
        if name.has_wildcard() {
            return Err(Error::new(format!("the name of {what} has no wildcard"), start, end));
        }
        let rest = text.get(end..).unwrap_or_default();
        let equals = end + rest.len() - rest.trim_start().len();
        if !text.get(equals..).is_some_and(|rest| rest.starts_with('=') && !rest.starts_with("==")) {
            return Err(Error::new(wanted, end, equals + 1));
        }
        Ok((name, format!("{}{}", " ".repeat(equals + 1), text.get(equals + 1..).unwrap_or_default())))
    }
}
