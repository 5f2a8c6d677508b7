//! One threshold line: its label, its condition, its clauses, its message.
//!
//! Owns the grammar of a line above that of expressions. Refuses a line that measures nothing, at the place where it
//! stands.

use crate::evaluate::plan::{self, Node, Place, Typed};
use crate::judge::threshold::{After, Missing, Part, Severity, Shape, Threshold};
use crate::language::lexer::{Token, without_comment};
use crate::language::parser::Parser;
use crate::language::syntax::{Expr, ExprKind, Function, Span};
use crate::{Decimal, Error, Path, Unit};

/// How many records `after` looks back over: they are kept for each check and scope.
const LONGEST_RUN: u64 = 1_000_000;

/// Where the label ends: the colon before a blank, outside quotes.
fn label_end(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let (mut quoted, mut escaped) = (false, false);
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'"' if !escaped => quoted = !quoted,
            b':' if !quoted && bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace) => return Some(at),
            _ => {}
        }
        escaped = quoted && byte == b'\\' && !escaped;
    }
    None
}

/// One clause word at most once.
fn once<T>(slot: &mut Option<T>, value: T, word: &str, span: Span) -> Result<(), Error> {
    if slot.replace(value).is_some() {
        return Err(Error::new(format!("{word} appears twice"), span.start, span.end));
    }
    Ok(())
}

pub(crate) fn read_line(raw: &str) -> Result<Threshold, Error> {
    let line = without_comment(raw).trim_end();
    let mut label = None;
    let mut source = line.to_owned();
    if let Some(end) = label_end(line) {
        let text = line.get(..end).unwrap_or_default();
        let name = text.trim();
        if name.is_empty() {
            return Err(Error::new("a label before its colon", 0, end + 1));
        }
        label = Some(name.to_owned());
        // Blanks in the label's place, so that every place in the rest is a place in the line.
        source = format!("{}{}", " ".repeat(end + 1), line.get(end + 1..).unwrap_or_default());
    }
    let mut parser = Parser::new(&source)?;
    if matches!(parser.peek(), Token::End) {
        return Err(Error::new("a threshold is wanted: p99_us <= 2000", line.len(), line.len() + 1));
    }
    let expr = parser.or()?;
    let (mut given, mut when, mut severity, mut after, mut missing, mut sure) = (None, None, None, None, None, None);
    loop {
        let span = parser.span();
        let Some(clause) = parser.peek_word().map(str::to_owned) else { break };
        match clause.as_str() {
            "given" => {
                parser.next();
                once(&mut given, parser.or()?, "given", span)?;
            }
            "when" => {
                parser.next();
                once(&mut when, parser.or()?, "when", span)?;
            }
            "else" => {
                parser.next();
                let words = Severity::WORDS.map(|(word, _)| word);
                let word = parser.peek_word().unwrap_or_default();
                let Some((_, found)) = Severity::WORDS.iter().find(|(known, _)| *known == word) else {
                    return Err(advise(&parser, &words, "fail, warn, inconclusive or fatal"));
                };
                once(&mut severity, *found, "else", span)?;
                parser.next();
            }
            "after" => {
                parser.next();
                let violations = count(&mut parser)?;
                let of = if parser.take_word("of") { count(&mut parser)? } else { violations };
                if of < violations {
                    return Err(Error::new("after N of M wants N at most M", span.start, parser.last_end()));
                }
                once(&mut after, After { violations, of }, "after", span)?;
            }
            "missing" => {
                parser.next();
                let found = match parser.peek_word() {
                    Some("fail") => Missing::Fail,
                    Some("skip") => Missing::Skip,
                    _ => return Err(parser.wanted("fail or skip")),
                };
                once(&mut missing, found, "missing", span)?;
                parser.next();
            }
            "sure" => {
                parser.next();
                let level = level(&mut parser)?;
                once(&mut sure, level, "sure", span)?;
            }
            word if Unit::from_written(word).is_some() => {
                return Err(Error::new(format!("a unit touches its number: 5{word}"), span.start, span.end));
            }
            "for" => return Err(Error::new("write after N: so many records in a row", span.start, span.end)),
            "between" => return Err(Error::new("write x in 1..5", span.start, span.end)),
            _ => {
                return Err(advise(
                    &parser,
                    &["given", "when", "else", "after", "missing", "sure", "and", "or", "in"],
                    "a clause (given, when, else, after, missing, sure), a message in quotes or the end",
                ));
            }
        }
    }
    let message_span = parser.span();
    let message = match parser.peek().clone() {
        Token::Text(text) => {
            parser.next();
            Some(text)
        }
        _ => None,
    };
    parser.end(if message.is_some() {
        "the end (the message comes last)"
    } else {
        "a comparison, a clause or the end"
    })?;
    let parts = match &message {
        Some(message) => message_parts(message, message_span)?,
        None => Vec::new(),
    };
    let written = |span: Span| parser.source().get(span.start..span.end).unwrap_or_default().trim().to_owned();
    let condition_text = written(expr.span);
    let each = wildcard_path(&expr, &given, &when, &parts)?;
    let compiled = shape(&expr)?;
    if sure.is_some() && !matches!(compiled.shape, Shape::Compare { .. } | Shape::Range { .. }) {
        let message = "sure wants one comparison, such as p99_ms <= 200ms";
        return Err(Error::new(message, expr.span.start, expr.span.end));
    }
    let left_text = compiled.left.map_or_else(|| condition_text.clone(), |left| written(left.span));
    let compile_clause = |clause: &Option<Expr>, place: Place<'_>| -> Result<Option<Node>, Error> {
        let Some(expr) = clause else { return Ok(None) };
        if !expr.is_condition() && !matches!(expr.kind, ExprKind::Path(_) | ExprKind::Call(..)) {
            return Err(Error::new("a condition is wanted here: compare it", expr.span.start, expr.span.end));
        }
        Ok(Some(plan::compile(expr, place)?.node))
    };
    Ok(Threshold {
        id: label.clone().unwrap_or_else(|| left_text.clone()),
        label,
        line: line.trim().to_owned(),
        sections: Vec::new(),
        severity: severity.unwrap_or_default(),
        after,
        missing,
        sure,
        line_number: 1,
        given: compile_clause(&given, Place::GIVEN)?,
        when: compile_clause(&when, Place::FREE)?,
        given_expr: given,
        when_expr: when,
        message,
        parts,
        shape: compiled.shape,
        metric: compiled.left.and_then(|left| match &left.kind {
            ExprKind::Path(path) => Some(path.clone()),
            _ => None,
        }),
        left_text,
        condition_text,
        unit: compiled.unit,
        bound_unit: compiled.bound_unit,
        each,
        expr,
    })
}

fn advise(parser: &Parser<'_>, words: &[&'static str], wanted: &str) -> Error {
    let mut error = parser.wanted(wanted);
    if let Some(near) = parser.peek_word().and_then(|word| crate::nearest(word, words.iter().copied())) {
        error.message.push_str(&format!("; did you mean {near}?"));
    }
    error
}

/// A level like 95%, as the fraction it is.
fn level(parser: &mut Parser<'_>) -> Result<Decimal, Error> {
    let error = parser.wanted("a level from 50% to below 100%, such as 95%,");
    match parser.next() {
        Token::Number { value, unit: Some(Unit::Percent), .. } => as_level(value).ok_or(error),
        _ => Err(error),
    }
}

/// A level in percent as the fraction it is: from a half to less than all.
pub(crate) fn as_level(percent: Decimal) -> Option<Decimal> {
    let level = percent.times(Decimal::new(1, -2)?)?;
    (level >= Decimal::new(5, -1)? && level < Decimal::ONE).then_some(level)
}

/// A whole number above zero.
fn count(parser: &mut Parser<'_>) -> Result<u64, Error> {
    let error = parser.wanted(&format!("a whole number from 1 to {LONGEST_RUN}"));
    match parser.next() {
        Token::Number { value, unit: None, .. } if value.exponent() >= 0 && value.signum() > 0 => {
            value.to_string().parse().ok().filter(|count| *count <= LONGEST_RUN).ok_or(error)
        }
        _ => Err(error),
    }
}

/// The texts and the paths in braces of a message; `{{` and `}}` are braces themselves.
fn message_parts(message: &str, span: Span) -> Result<Vec<Part>, Error> {
    let error = |text: String| Error::new(text, span.start, span.end);
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = message;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(rest.get(..at).unwrap_or_default());
        let brace = rest.get(at..at + 1).unwrap_or_default();
        let after = rest.get(at + 1..).unwrap_or_default();
        if let Some(doubled) = after.strip_prefix(brace) {
            text.push_str(brace);
            rest = doubled;
            continue;
        }
        let Some((inner, behind)) = after.split_once('}').filter(|_| brace == "{") else {
            return Err(error(format!("a lone {brace:?} in the message: write {brace}{brace} for the brace itself")));
        };
        let path = Path::parse(inner.trim())
            .map_err(|_| error(format!("{{{inner}}} in the message is not a path: write {{{{ for a brace")))?;
        parts.push(Part::Text(std::mem::take(&mut text)));
        parts.push(Part::Path(path));
        rest = behind;
    }
    text.push_str(rest);
    parts.push(Part::Text(text));
    parts.retain(|part| *part != Part::Text(String::new()));
    Ok(parts)
}

/// The path whose wildcards make one check a match: the first with one on a left side.
fn wildcard_path(
    expr: &Expr,
    given: &Option<Expr>,
    when: &Option<Expr>,
    parts: &[Part],
) -> Result<Option<Path>, Error> {
    fn each_outside_len<'e>(expr: &'e Expr, each: &mut dyn FnMut(&'e Path, Span)) {
        match &expr.kind {
            ExprKind::Call(Function::Len, _) => {}
            ExprKind::Path(path) | ExprKind::Baseline(Some(path)) if path.has_wildcard() => each(path, expr.span),
            _ => expr.each_child(&mut |child| each_outside_len(child, each)),
        }
    }
    let mut first: Option<&Path> = None;
    let mut error = None;
    for expr in [Some(expr), given.as_ref(), when.as_ref()].into_iter().flatten() {
        each_outside_len(expr, &mut |path, span| match first {
            None => first = Some(path),
            Some(first) if path.wildcards() <= first.wildcards() => {}
            Some(first) => {
                let message = format!("{path} has more wildcards than {first}, whose matches it takes");
                error.get_or_insert(Error::new(message, span.start, span.end));
            }
        });
    }
    let left = {
        let mut left = None;
        each_outside_len(expr, &mut |path, span| {
            left.get_or_insert((path, span));
        });
        left
    };
    match (left, first) {
        (None, Some(path)) => {
            Err(Error::new(format!("{path}: a wildcard here is the match of the left side, which has none"), 0, 0))
        }
        _ => error.map_or(Ok(()), Err),
    }?;
    if let Some((_, span)) = left
        && right_side_first(expr, span)
    {
        let message = "a wildcard on the right is the match of the left side, which has none";
        return Err(Error::new(message, span.start, span.end));
    }
    let wildcards = left.map_or(0, |(path, _)| path.wildcards());
    for part in parts {
        if let Part::Path(path) = part
            && path.wildcards() > wildcards
        {
            return Err(Error::new(format!("{{{path}}} in the message has more wildcards than the left side"), 0, 0));
        }
    }
    Ok(left.map(|(path, _)| path.clone()))
}

/// Whether the path at `span` stands on a right side.
fn right_side_first(expr: &Expr, span: Span) -> bool {
    let inside = |expr: &Expr| expr.span.start <= span.start && span.end <= expr.span.end;
    match &expr.kind {
        ExprKind::Compare(_, _, right) => inside(right),
        ExprKind::InRange(_, low, high) => inside(low) || inside(high),
        ExprKind::InList(_, list) => list.iter().any(inside),
        _ => {
            let mut found = false;
            expr.each_child(&mut |child| found |= inside(child) && right_side_first(child, span));
            found
        }
    }
}

struct Compiled<'e> {
    shape: Shape,
    left: Option<&'e Expr>,
    unit: Option<Unit>,
    bound_unit: Option<Unit>,
}

fn shape(expr: &Expr) -> Result<Compiled<'_>, Error> {
    measures(expr)?;
    let bound_unit = |exprs: &[&Expr]| {
        let mut unit: Option<Unit> = None;
        for expr in exprs {
            let found = match &expr.kind {
                ExprKind::Number { unit, .. } => (*unit)?,
                ExprKind::Negate(inner) => match &inner.kind {
                    ExprKind::Number { unit, .. } => (*unit)?,
                    _ => return None,
                },
                _ => return None,
            };
            if unit.is_some_and(|unit| unit != found) {
                return None;
            }
            unit = Some(found);
        }
        unit
    };
    let nodes = |list: Vec<Typed>| list.into_iter().map(|typed| typed.node).collect();
    match &expr.kind {
        ExprKind::Compare(operator, left, right)
            if !matches!(left.kind, ExprKind::Null) && !matches!(right.kind, ExprKind::Null) =>
        {
            let (a, b) = plan::sides(*operator, left, right, Place::THRESHOLD)?;
            Ok(Compiled {
                shape: Shape::Compare { operator: *operator, left: a.node, right: b.node },
                left: Some(left),
                unit: a.unit,
                bound_unit: bound_unit(&[right]),
            })
        }
        ExprKind::InRange(left, low, high) => {
            let (a, b, c) = plan::range(left, low, high, Place::THRESHOLD)?;
            Ok(Compiled {
                shape: Shape::Range { left: a.node, low: b.node, high: c.node },
                left: Some(left),
                unit: a.unit,
                bound_unit: bound_unit(&[low, high]),
            })
        }
        ExprKind::InList(left, list) => {
            let (a, members) = plan::members(left, list, Place::THRESHOLD)?;
            Ok(Compiled {
                shape: Shape::List { left: a.node, list: nodes(members) },
                left: Some(left),
                unit: a.unit,
                bound_unit: bound_unit(&list.iter().collect::<Vec<_>>()),
            })
        }
        _ => {
            let node = plan::compile(expr, Place::THRESHOLD)?.node;
            let left = matches!(expr.kind, ExprKind::Path(_)).then_some(expr);
            Ok(Compiled { shape: Shape::Condition(node), left, unit: None, bound_unit: None })
        }
    }
}

/// An error where nothing is measured: no path on the left of a comparison.
fn measures(expr: &Expr) -> Result<(), Error> {
    let (left, rights): (&Expr, Vec<&Expr>) = match &expr.kind {
        ExprKind::And(parts) | ExprKind::Or(parts) => return parts.iter().try_for_each(measures),
        ExprKind::Not(inner) => return measures(inner),
        ExprKind::Path(_) => return Ok(()),
        ExprKind::Compare(_, left, right) => (left, vec![right]),
        ExprKind::InRange(left, low, high) => (left, vec![low, high]),
        ExprKind::InList(left, list) => (left, list.iter().collect()),
        _ => {
            let message = if expr.has_path() { "compared with what?" } else { "nothing is measured here:" };
            let advice = format!("{message} a threshold is PATH < NUMBER, as in p99_us <= 2000");
            return Err(Error::new(advice, expr.span.start, expr.span.end));
        }
    };
    if left.has_path() {
        return Ok(());
    }
    let turned = match &expr.kind {
        ExprKind::Compare(operator, left, right) if right.has_path() => {
            format!(": write {right} {} {left}", operator.turned().written())
        }
        _ => String::new(),
    };
    let message = if rights.iter().any(|right| right.has_path()) {
        format!("put the metric on the left{turned}")
    } else {
        "nothing is measured here: put a path of the evidence on the left".to_owned()
    };
    Err(Error::new(message, expr.span.start, expr.span.end))
}
