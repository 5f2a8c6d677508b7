//! Thresholds: one line says what good means; a file of them has sections for scopes.
//!
//! Owns lines, labels, clauses, ids and sections. Refuses a line that measures nothing, at the place where it stands.

use crate::lexer::{Token, without_comment};
use crate::parser::Parser;
use crate::plan::{self, Node, Place, Typed};
use crate::syntax::{Comparison, Expr, ExprKind, Function, Span};
use crate::{Error, Path, Unit, word};

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
    const WORDS: [(&'static str, Severity); 4] = [
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

/// The name of a section: a scope, or a pattern of scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The name without its quotes.
    pub name: String,
    /// Whether it stood in quotes, so that `*` is itself.
    pub quoted: bool,
}

impl Section {
    /// Whether the section is for this scope.
    pub fn matches(&self, scope: &str) -> bool {
        if self.quoted || !self.name.contains('*') { self.name == scope } else { matches_pattern(&self.name, scope) }
    }
}

impl std::fmt::Display for Section {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plain = |letter: char| !matches!(letter, '[' | ']' | ',' | '"' | '#' | '\\') && !letter.is_control();
        if !self.quoted && self.name.trim() == self.name && self.name.chars().all(plain) {
            f.write_str(&self.name)
        } else {
            word::write_quoted(&self.name, f)
        }
    }
}

/// Whether `text` fits a pattern in which `*` is any letters; in time linear in both but for backing up to the last `*`.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p) == text.get(t) {
            p += 1;
            t += 1;
        } else if let Some((star_p, star_t)) = star {
            star = Some((star_p, star_t + 1));
            p = star_p + 1;
            t = star_t + 1;
        } else {
            return false;
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|byte| *byte == b'*')
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
        read_line(line).map_err(|error| error.on_line(1, line.trim_end()))
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

    /// Whether it looks at a baseline.
    pub fn reads_baseline(&self) -> bool {
        fn any(expr: &Expr) -> bool {
            let mut found = matches!(expr.kind, ExprKind::Baseline(_));
            expr.each_child(&mut |child| found |= any(child));
            found
        }
        [Some(&self.expr), self.given_expr.as_ref(), self.when_expr.as_ref()].into_iter().flatten().any(any)
    }
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
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (place, raw) in text.split('\n').enumerate() {
            let raw = raw.strip_suffix('\r').unwrap_or(raw);
            let line = without_comment(raw);
            if line.trim().is_empty() {
                continue;
            }
            let read = if line.trim_start().starts_with('[') {
                read_sections(line).map(|read| sections = read)
            } else {
                read_line(raw).map(|threshold| {
                    self.push(Threshold { sections: sections.clone(), line_number: place + 1, ..threshold });
                })
            };
            read.map_err(|error| error.on_line(place + 1, raw))?;
        }
        Ok(())
    }

    /// Adds one threshold; an id that is there already gets `#2`, which is told.
    pub fn push(&mut self, mut threshold: Threshold) {
        let first = threshold.id.clone();
        let mut number = 1;
        let mut before = None;
        while let Some(other) = self.list.iter().find(|other| other.id == threshold.id && overlap(other, &threshold)) {
            before = before.or(Some(other.line_number));
            number += 1;
            threshold.id = format!("{first}#{number}");
        }
        if let Some(before) = before {
            let lines = match threshold.line_number {
                line if line == before => String::new(),
                line => format!(", on lines {before} and {line}"),
            };
            self.notes.push(format!("the id {first:?} stands more than once{lines}: this one is {}", threshold.id));
        }
        self.list.push(threshold);
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

/// Whether two thresholds may apply to one record.
pub(crate) fn overlap(a: &Threshold, b: &Threshold) -> bool {
    let meets = |one: &Section, other: &Section| {
        one.matches(&other.name) || other.matches(&one.name) || (one.name.contains('*') && other.name.contains('*'))
    };
    a.sections.is_empty()
        || b.sections.is_empty()
        || a.sections.iter().any(|one| b.sections.iter().any(|other| meets(one, other)))
}

/// The names of a line `[a, "GET /api", perf-*]`.
fn read_sections(line: &str) -> Result<Vec<Section>, Error> {
    let open = line.len() - line.trim_start().len();
    let mut sections = Vec::new();
    let mut at = open + 1;
    loop {
        at += line.get(at..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        let (name, quoted, end) = if line.as_bytes().get(at) == Some(&b'"') {
            let (name, end) = word::quoted(line, at)?;
            (name, true, end)
        } else {
            let rest = line.get(at..).unwrap_or_default();
            let end = at + rest.find([',', ']', '[', '"']).unwrap_or(rest.len());
            (line.get(at..end).unwrap_or_default().trim().to_owned(), false, end)
        };
        if name.is_empty() {
            return Err(Error::new("a section has a name: [torn_read]", at, end.max(at + 1)));
        }
        sections.push(Section { name, quoted });
        let after = end + line.get(end..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        match line.as_bytes().get(after) {
            Some(b',') => at = after + 1,
            Some(b']') => {
                let rest = line.get(after + 1..).unwrap_or_default();
                if rest.trim().is_empty() {
                    return Ok(sections);
                }
                let message = "a section stands on a line of its own: the threshold goes below it";
                return Err(Error::new(message, after + 1, line.trim_end().len()));
            }
            _ => return Err(Error::new("a section ends with \"]\"", open, line.trim_end().len())),
        }
    }
}

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
        return Err(Error::new(format!("{word} stands twice"), span.start, span.end));
    }
    Ok(())
}

fn read_line(raw: &str) -> Result<Threshold, Error> {
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
    let (mut given, mut when, mut severity, mut after, mut missing) = (None, None, None, None, None);
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
            _ => {
                return Err(advise(
                    &parser,
                    &["given", "when", "else", "after", "missing", "and", "or", "in"],
                    "a clause (given, when, else, after, missing), a message in quotes or the end",
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
        "the end (the message stands last)"
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

/// A whole number above zero.
fn count(parser: &mut Parser<'_>) -> Result<u64, Error> {
    let error = parser.wanted("a whole number above zero");
    match parser.next() {
        Token::Number { value, unit: None, .. } if value.exponent() >= 0 && value.signum() > 0 => {
            value.to_string().parse().ok().filter(|count| *count <= 1_000_000).ok_or(error)
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
            .map_err(|_| error(format!("{{{inner}}} in the message is no path: write {{{{ for a brace")))?;
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
            let (a, b) = plan::sides(left, right, Place::THRESHOLD)?;
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
            let message = if expr.has_path() { "compared with what?" } else { "nothing is measured here" };
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
        format!("what is measured stands on the left{turned}")
    } else {
        "nothing is measured here: a path of the evidence stands on the left".to_owned()
    };
    Err(Error::new(message, expr.span.start, expr.span.end))
}
