//! The parser: tokens to a tree, in one pass, with advice where a text is near to right.
//!
//! Owns the grammar of DESIGN sec. 5. Refuses trees deeper than can be walked, and says what was wanted at each place.

use crate::language::advice::{near_numbers, unknown_function};
use crate::language::lexer::{self, Token};
use crate::language::syntax::{Arithmetic, Comparison, DEPTH_LIMIT, Expr, ExprKind, Folding, Function, Span};
use crate::{Error, Path, Step};

/// A line longer than this is refused before it is looked at.
pub(crate) const LENGTH_LIMIT: usize = 64 * 1024;

const COMPARISONS: [Comparison; 6] = [
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
    Comparison::Equal,
    Comparison::NotEqual,
];

pub(crate) struct Parser<'t> {
    source: &'t str,
    tokens: Vec<(Token, Span)>,
    at: usize,
    depth: u16,
    /// Where functions over records are allowed, and whether this place is within one.
    folds: Folds,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Folds {
    None,
    Allowed,
    Within,
    /// In a slope, where one more may stand: `slope(min(x) by 10m)`.
    InSlope,
}

impl<'t> Parser<'t> {
    pub(crate) fn new(source: &'t str) -> Result<Parser<'t>, Error> {
        if source.len() > LENGTH_LIMIT {
            return Err(Error::new("the line is longer than 64 KiB", 0, 0));
        }
        Ok(Parser { source, tokens: lexer::tokens(source)?, at: 0, depth: 0, folds: Folds::None })
    }

    /// A parser of expressions over functions over records.
    pub(crate) fn aggregates(source: &'t str) -> Result<Parser<'t>, Error> {
        Ok(Parser { folds: Folds::Allowed, ..Parser::new(source)? })
    }

    /// The whole text as one expression.
    pub(crate) fn whole(mut self) -> Result<Expr, Error> {
        let expr = self.or()?;
        self.end("and, or, or the end")?;
        Ok(expr)
    }

    /// An error unless everything was read.
    pub(crate) fn end(&self, wanted: &str) -> Result<(), Error> {
        match self.peek() {
            Token::End => Ok(()),
            _ => Err(self.wanted(wanted)),
        }
    }

    pub(crate) fn source(&self) -> &'t str {
        self.source
    }

    pub(crate) fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn peek_second(&self) -> &Token {
        self.tokens.get(self.at + 1).map_or(&Token::End, |(token, _)| token)
    }

    pub(crate) fn span(&self) -> Span {
        self.tokens.get(self.at).or(self.tokens.last()).map_or_else(Span::default, |(_, span)| *span)
    }

    /// The end of the token before this one.
    pub(crate) fn last_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |(_, span)| span.end)
    }

    pub(crate) fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += usize::from(token != Token::End);
        token
    }

    pub(crate) fn take_sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), Token::Sign(found) if *found == sign);
        self.at += usize::from(there);
        there
    }

    pub(crate) fn peek_word(&self) -> Option<&str> {
        if let Token::Path(_, Some(word)) = self.peek() { Some(word) } else { None }
    }

    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let there = self.peek_word() == Some(word);
        self.at += usize::from(there);
        there
    }

    pub(crate) fn wanted(&self, wanted: &str) -> Error {
        let span = self.span();
        Error::new(format!("{} where {wanted} should be", self.peek().shown(self.source, span)), span.start, span.end)
    }

    fn written(&self, span: Span) -> &'t str {
        self.source.get(span.start..span.end).unwrap_or_default()
    }

    fn make(&self, kind: ExprKind, start: usize) -> Result<Expr, Error> {
        let expr = Expr::new(kind, Span { start, end: self.last_end() });
        if expr.depth > DEPTH_LIMIT {
            return Err(Error::new(format!("nested deeper than {DEPTH_LIMIT}"), start, self.last_end()));
        }
        Ok(expr)
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth == DEPTH_LIMIT {
            let span = self.span();
            return Err(Error::new(format!("nested deeper than {DEPTH_LIMIT}"), span.start, span.end));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    pub(crate) fn or(&mut self) -> Result<Expr, Error> {
        self.joined("or", Self::and, ExprKind::Or)
    }

    fn and(&mut self) -> Result<Expr, Error> {
        self.joined("and", Self::not, ExprKind::And)
    }

    fn joined(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Expr, Error>,
        make: fn(Vec<Expr>) -> ExprKind,
    ) -> Result<Expr, Error> {
        let start = self.span().start;
        let first = part(self)?;
        if self.peek_word() != Some(word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take_word(word) {
            parts.push(part(self)?);
        }
        for part in &parts {
            self.condition(part, word)?;
        }
        self.make(make(parts), start)
    }

    /// An error where a number or text stands in the place of a question.
    fn condition(&self, expr: &Expr, word: &str) -> Result<(), Error> {
        if expr.is_condition()
            || matches!(expr.kind, ExprKind::Path(_) | ExprKind::Call(..) | ExprKind::Fold(..) | ExprKind::Baseline(_))
        {
            return Ok(());
        }
        let message = format!("{word} joins conditions, and {:?} is none: compare it", self.written(expr.span));
        Err(Error::new(message, expr.span.start, expr.span.end))
    }

    fn not(&mut self) -> Result<Expr, Error> {
        let start = self.span().start;
        if !self.take_word("not") {
            return self.compare();
        }
        let inner = self.deeper(Self::not)?;
        self.condition(&inner, "not")?;
        self.make(ExprKind::Not(Box::new(inner)), start)
    }

    fn comparison(&self) -> Option<Comparison> {
        let Token::Sign(sign) = self.peek() else { return None };
        COMPARISONS.into_iter().find(|comparison| comparison.written() == *sign)
    }

    fn compare(&mut self) -> Result<Expr, Error> {
        let start = self.span().start;
        let left = self.sum()?;
        if self.take_word("in") {
            return self.membership(left, start);
        }
        if self.peek_word() == Some("not") && matches!(self.peek_second(), Token::Path(_, Some(word)) if word == "in") {
            let span = self.span();
            let message = format!("not goes before the comparison: not {} in …", self.written(left.span));
            return Err(Error::new(message, span.start, span.end));
        }
        let Some(operator) = self.comparison() else { return Ok(left) };
        self.at += 1;
        let right = self.sum()?;
        near_numbers(&right)?;
        if let Some(second) = self.comparison() {
            return Err(self.chain(&left, operator, &right, second));
        }
        self.make(ExprKind::Compare(operator, Box::new(left), Box::new(right)), start)
    }

    /// `1 <= x <= 5`: what it would be in this language.
    fn chain(&mut self, left: &Expr, first: Comparison, middle: &Expr, second: Comparison) -> Error {
        let span = self.span();
        self.at += 1;
        let (a, b) = (self.written(left.span), self.written(middle.span));
        let Ok(right) = self.sum() else {
            return Error::new("comparisons do not chain: join two with and", span.start, span.end);
        };
        let c = self.written(right.span);
        let advice = match (first, second) {
            (Comparison::LessOrEqual, Comparison::LessOrEqual) => format!("{b} in {a}..{c}"),
            (Comparison::GreaterOrEqual, Comparison::GreaterOrEqual) => format!("{b} in {c}..{a}"),
            (first, second) if left.has_path() || !middle.has_path() => {
                format!("{a} {} {b} and {b} {} {c}", first.written(), second.written())
            }
            (first, second) => format!("{b} {} {a} and {b} {} {c}", first.turned().written(), second.written()),
        };
        Error::new(format!("comparisons do not chain: write {advice}"), left.span.start, right.span.end)
    }

    fn membership(&mut self, left: Expr, start: usize) -> Result<Expr, Error> {
        if self.take_sign("[") {
            let mut list = Vec::new();
            if self.take_sign("]") {
                return Err(Error::new("an empty list: nothing is in it", self.last_end() - 1, self.last_end()));
            }
            loop {
                let member = self.sum()?;
                near_numbers(&member)?;
                list.push(member);
                if self.take_sign("]") {
                    return self.make(ExprKind::InList(Box::new(left), list), start);
                }
                if !self.take_sign(",") {
                    return Err(self.wanted("\",\" or \"]\""));
                }
            }
        }
        let low = self.sum()?;
        if !self.take_sign("..") {
            return Err(self.wanted("\"..\" of a range, as in x in 1..5,"));
        }
        let high = self.sum()?;
        if matches!(self.peek(), Token::Sign("..")) || self.comparison().is_some() {
            return Err(self.wanted("the end of the range"));
        }
        near_numbers(&low)?;
        near_numbers(&high)?;
        self.make(ExprKind::InRange(Box::new(left), Box::new(low), Box::new(high)), start)
    }

    fn sum(&mut self) -> Result<Expr, Error> {
        self.chained(&[("+", Arithmetic::Plus), ("-", Arithmetic::Minus)], Self::term)
    }

    fn term(&mut self) -> Result<Expr, Error> {
        self.chained(&[("*", Arithmetic::Times), ("/", Arithmetic::Over)], Self::unary)
    }

    fn chained(
        &mut self,
        operators: &[(&str, Arithmetic)],
        operand: fn(&mut Self) -> Result<Expr, Error>,
    ) -> Result<Expr, Error> {
        let start = self.span().start;
        let mut left = operand(self)?;
        loop {
            let sign = operators.iter().find(|(sign, _)| matches!(self.peek(), Token::Sign(found) if found == sign));
            let Some((sign, operator)) = sign else { return Ok(left) };
            self.at += 1;
            let right = operand(self)?;
            for side in [&left, &right] {
                if side.is_condition() || matches!(side.kind, ExprKind::Text(_) | ExprKind::Null) {
                    let message = format!("{sign:?} wants numbers, and {:?} is none", self.written(side.span));
                    return Err(Error::new(message, side.span.start, side.span.end));
                }
            }
            left = self.make(ExprKind::Arithmetic(*operator, Box::new(left), Box::new(right)), start)?;
        }
    }

    fn unary(&mut self) -> Result<Expr, Error> {
        let start = self.span().start;
        if !self.take_sign("-") {
            return self.primary();
        }
        let inner = self.deeper(Self::unary)?;
        self.make(ExprKind::Negate(Box::new(inner)), start)
    }

    fn primary(&mut self) -> Result<Expr, Error> {
        let start = self.span().start;
        match self.peek().clone() {
            Token::Number { text, value, unit } => {
                self.at += 1;
                self.make(ExprKind::Number { text, value, unit }, start)
            }
            Token::Text(text) => {
                self.at += 1;
                self.make(ExprKind::Text(text), start)
            }
            Token::Sign("(") => {
                self.at += 1;
                let mut inner = self.deeper(Self::or)?;
                if !self.take_sign(")") {
                    return Err(self.wanted("\")\""));
                }
                inner.span = Span { start, end: self.last_end() };
                Ok(inner)
            }
            Token::Sign("+") => Err(Error::new("a number has no plus before it", start, start + 1)),
            Token::Path(_, Some(word)) if matches!(self.peek_second(), Token::Sign("(")) => self.call(&word, start),
            Token::Path(path, word) => {
                let kind = match word.as_deref() {
                    Some("true") => ExprKind::Bool(true),
                    Some("false") => ExprKind::Bool(false),
                    Some("null") => ExprKind::Null,
                    Some("and" | "or" | "not" | "in") => return Err(self.wanted("a name, a number or a text")),
                    _ => self.path(path)?,
                };
                self.at += 1;
                self.make(kind, start)
            }
            _ => Err(self.wanted("a name, a number or a text")),
        }
    }

    fn path(&self, path: Path) -> Result<ExprKind, Error> {
        match path.steps().split_first() {
            Some((Step::Name { text, quoted: false }, rest)) if text == "baseline" => {
                Ok(ExprKind::Baseline(Path::from_steps(rest.to_vec())))
            }
            _ => Ok(ExprKind::Path(path)),
        }
    }

    /// A function over records; `None` where it is `min(a, b)` of several values of one.
    fn fold(&mut self, folding: Folding, start: usize) -> Result<Option<Expr>, Error> {
        let (before, span) = (self.at, self.span());
        let folds = self.folds;
        self.at += 2;
        self.folds = if folding == Folding::Slope && folds == Folds::Allowed { Folds::InSlope } else { Folds::Within };
        let (mut argument, mut condition) = (None, None);
        if self.peek_word() != Some("where") && !matches!(self.peek(), Token::Sign(")")) {
            let is_extreme = matches!(folding, Folding::Min | Folding::Max);
            if is_extreme && self.is_list() {
                (self.at, self.folds) = (before, folds);
                return Ok(None);
            }
            let value = self.deeper(Self::or)?;
            argument = Some(Box::new(if folding == Folding::Slope {
                if !self.take_word("by") {
                    return Err(self.wanted("by, as in slope(rss_mb by ts),"));
                }
                self.folds = Folds::Within;
                let place = self.deeper(Self::or)?;
                let place = self.windows(&value, place)?;
                self.make(ExprKind::By(Box::new(value), Box::new(place)), start)?
            } else {
                value
            }));
        }
        if self.take_word("where") {
            condition = Some(Box::new(self.deeper(Self::or)?));
        }
        if !self.take_sign(")") {
            return Err(self.wanted("where or \")\""));
        }
        self.folds = folds;
        if folds == Folds::Within {
            let message = format!("{}() within another function over records", folding.name());
            return Err(Error::new(message, span.start, self.last_end()));
        }
        if argument.is_none() && folding != Folding::Count {
            let message = format!("{}() wants what it goes over: {0}(x)", folding.name());
            return Err(Error::new(message, start, self.last_end()));
        }
        self.make(ExprKind::Fold(folding, argument, condition), start).map(Some)
    }

    /// The place of a slope: for one over windows (`min(x) by 10m of ts`) their width and what says the time.
    fn windows(&mut self, value: &Expr, place: Expr) -> Result<Expr, Error> {
        let start = place.span.start;
        let mut folds = 0;
        value.each_fold(&mut |_, _| folds += 1);
        let is_width = matches!(&place.kind, ExprKind::Number { unit: Some(unit), value, .. }
            if unit.kind() == crate::Kind::Time && value.signum() > 0);
        match &value.kind {
            ExprKind::Fold(folding, ..) if folds == 1 && folding.is_of_windows() && is_width => {}
            _ if folds == 0 && !is_width => return Ok(place),
            _ => {
                let message = "a slope over windows is of one figure of each: slope(min(x) by 10m), of count, sum, mean, \
                               min or max";
                return Err(Error::new(message, value.span.start, self.last_end()));
            }
        }
        let time = if self.take_word("of") {
            self.deeper(Self::or)?
        } else {
            let path = Path::parse("ts").map_err(|error| Error { start, ..error })?;
            Expr::new(ExprKind::Path(path), place.span)
        };
        self.make(ExprKind::Windows(Box::new(place), Box::new(time)), start)
    }

    /// Whether a comma stands before the parenthesis that closes this one.
    fn is_list(&self) -> bool {
        let mut depth = 0;
        for (token, _) in self.tokens.iter().skip(self.at) {
            match token {
                Token::Sign("(" | "[") => depth += 1,
                Token::Sign(")" | "]") if depth == 0 => return false,
                Token::Sign(")" | "]") => depth -= 1,
                Token::Sign(",") if depth == 0 => return true,
                _ => {}
            }
        }
        false
    }

    fn call(&mut self, name: &str, start: usize) -> Result<Expr, Error> {
        let span = self.span();
        if self.folds != Folds::None
            && let Some(folding) = Folding::from_name(name)
            && let Some(fold) = self.fold(folding, start)?
        {
            return Ok(fold);
        }
        let Some(function) = Function::from_name(name) else {
            let message = unknown_function(name, self.folds != Folds::None);
            return Err(Error::new(message, span.start, span.end));
        };
        self.at += 2;
        let mut arguments = Vec::new();
        if !self.take_sign(")") {
            loop {
                arguments.push(self.deeper(Self::or)?);
                if self.take_sign(")") {
                    break;
                }
                if !self.take_sign(",") {
                    return Err(self.wanted("\",\" or \")\""));
                }
            }
        }
        let (least, most) = function.arity();
        if arguments.len() < least || arguments.len() > most {
            let wants = if least == most { least.to_string() } else { format!("{least} to {most}") };
            let plural = if wants == "1" { "" } else { "s" };
            let message = format!("{name}() wants {wants} argument{plural}, and has {}", arguments.len());
            return Err(Error::new(message, start, self.last_end()));
        }
        self.make(ExprKind::Call(function, arguments), start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Expr, Error> {
        Parser::new(text)?.whole()
    }

    #[test]
    fn prints_what_it_read() {
        for (text, printed) in [
            ("a<=5", "a <= 5"),
            ("(a+b)*c>= -1", "(a + b) * c >= -1"),
            ("a-(b - c) == a - b - c", "a - (b - c) == a - b - c"),
            ("not (a or b) and c", "not (a or b) and c"),
            ("deploy-count == 1 + cold_deps", "deploy-count == 1 + cold_deps"),
            ("x in 1..5", "x in 1..5"),
            ("x in a .. .\"b c\"", "x in a .. .\"b c\""),
            ("x in [1,\"a\"]", "x in [1, \"a\"]"),
            ("actions.*.p95_ms * 2 <= 250ms", "actions.*.p95_ms * 2 <= 250ms"),
            ("*.a <= **.b", "*.a <= **.b"),
            ("min(a, b) <= baseline.in", "min(a, b) <= baseline.in"),
            ("p99 <= 110% * baseline", "p99 <= 110% * baseline"),
            ("((a)) == ((1))", "a == 1"),
            ("5xx_rate <= 1pct", "5xx_rate <= 1pct"),
            ("a == -(-1)", "a == --1"),
        ] {
            let tree = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(tree.to_string(), printed);
            assert_eq!(parse(printed).unwrap(), tree, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        for text in [
            "(".repeat(5000),
            "not ".repeat(5000),
            "-".repeat(5000),
            vec!["a"; 5000].join("+"),
            vec!["a"; 5000].join(" and "),
            "abs(".repeat(5000),
        ] {
            let _ = parse(&text);
        }
        assert!(parse(&vec!["a"; 5000].join(" and ")).is_ok());
        assert!(parse(&"a + ".repeat(60_000)).is_err());
    }
}
