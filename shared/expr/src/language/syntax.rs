//! The tree of an expression, and how it is written: parse, print, parse gives the same tree.
//!
//! Owns what an expression is made of. Refuses meaning: units and sides are looked at in `compile`, values in `evaluate`.

use std::fmt;

use crate::language::word;
use crate::{Decimal, Path, Unit};

/// How deep an expression may nest, so that nothing that walks it runs out of stack.
pub(crate) const DEPTH_LIMIT: u16 = 100;

/// Where in its line something stands, in bytes. Two trees are equal wherever they stand, so all spans are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl PartialEq for Span {
    fn eq(&self, _: &Span) -> bool {
        true
    }
}

/// `<` `<=` `>` `>=` `==` `!=`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the operator of its name")]
pub enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

impl Comparison {
    /// The operator as it is written.
    pub fn written(self) -> &'static str {
        match self {
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
        }
    }

    /// The one that holds where this one does not.
    pub fn negated(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::GreaterOrEqual,
            Comparison::LessOrEqual => Comparison::Greater,
            Comparison::Greater => Comparison::LessOrEqual,
            Comparison::GreaterOrEqual => Comparison::Less,
            Comparison::Equal => Comparison::NotEqual,
            Comparison::NotEqual => Comparison::Equal,
        }
    }

    /// The same with its sides swapped.
    pub fn turned(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same => same,
        }
    }

    /// Whether it holds for two numbers in this order.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
        }
    }
}

/// `+` `-` `*` `/`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Plus,
    Minus,
    Times,
    Over,
}

impl Arithmetic {
    fn written(self) -> &'static str {
        match self {
            Arithmetic::Plus => "+",
            Arithmetic::Minus => "-",
            Arithmetic::Times => "*",
            Arithmetic::Over => "/",
        }
    }
}

/// The functions of expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Abs,
    Min,
    Max,
    Round,
    Floor,
    Len,
    Time,
    Lower,
    Trim,
    Route,
    Default,
    Contains,
    StartsWith,
    EndsWith,
    Usual,
    Trend,
}

impl Function {
    pub(crate) const ALL: [(Function, &'static str); 16] = [
        (Function::Abs, "abs"),
        (Function::Min, "min"),
        (Function::Max, "max"),
        (Function::Round, "round"),
        (Function::Floor, "floor"),
        (Function::Len, "len"),
        (Function::Time, "time"),
        (Function::Lower, "lower"),
        (Function::Trim, "trim"),
        (Function::Route, "route"),
        (Function::Default, "default"),
        (Function::Contains, "contains"),
        (Function::StartsWith, "starts_with"),
        (Function::EndsWith, "ends_with"),
        (Function::Usual, "usual"),
        (Function::Trend, "trend"),
    ];

    pub(crate) fn from_name(name: &str) -> Option<Function> {
        Function::ALL.iter().find(|(_, known)| *known == name).map(|(function, _)| *function)
    }

    pub(crate) fn name(self) -> &'static str {
        Function::ALL.iter().find(|(function, _)| *function == self).map_or("", |(_, name)| name)
    }

    /// The least and the most arguments.
    pub(crate) fn arity(self) -> (usize, usize) {
        match self {
            Function::Min | Function::Max => (1, 20),
            Function::Default | Function::Contains | Function::StartsWith | Function::EndsWith => (2, 2),
            _ => (1, 1),
        }
    }
}

/// The functions over many records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folding {
    Count,
    Sum,
    Mean,
    Min,
    Max,
    First,
    Last,
    Any,
    All,
    Longest,
    Distinct,
    Increase,
    Slope,
}

impl Folding {
    pub(crate) const ALL: [(Folding, &'static str); 13] = [
        (Folding::Count, "count"),
        (Folding::Sum, "sum"),
        (Folding::Mean, "mean"),
        (Folding::Min, "min"),
        (Folding::Max, "max"),
        (Folding::First, "first"),
        (Folding::Last, "last"),
        (Folding::Any, "any"),
        (Folding::All, "all"),
        (Folding::Longest, "longest"),
        (Folding::Distinct, "distinct"),
        (Folding::Increase, "increase"),
        (Folding::Slope, "slope"),
    ];

    /// Whether a condition is no argument of it: it counts or reckons with what its argument is, and a condition always is something.
    pub(crate) fn reads_numbers(self) -> bool {
        use Folding::{Count, Increase, Max, Mean, Min, Slope, Sum};
        matches!(self, Count | Sum | Mean | Min | Max | Increase | Slope)
    }

    pub(crate) fn from_name(name: &str) -> Option<Folding> {
        Folding::ALL.iter().find(|(_, known)| *known == name).map(|(folding, _)| *folding)
    }

    pub(crate) fn name(self) -> &'static str {
        Folding::ALL.iter().find(|(folding, _)| *folding == self).map_or("", |(_, name)| name)
    }

    /// Whether it may be the figure of a window that a slope goes over.
    pub(crate) fn is_of_windows(self) -> bool {
        matches!(self, Folding::Count | Folding::Sum | Folding::Mean | Folding::Min | Folding::Max)
    }

    /// Whether what it comes to is in the unit of its argument.
    pub(crate) fn keeps_unit(self) -> bool {
        use Folding::{All, Any, Count, Distinct, Longest, Slope};
        !matches!(self, Count | Any | All | Longest | Distinct | Slope)
    }
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expr {
    pub kind: ExprKind,
    pub span: Span,
    pub depth: u16,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExprKind {
    /// The number as written, its unit's letters in; its value without the unit.
    Number {
        text: String,
        value: Decimal,
        unit: Option<Unit>,
    },
    Text(String),
    Bool(bool),
    Null,
    Path(Path),
    /// `baseline`, or `baseline.PATH`
    Baseline(Option<Path>),
    Call(Function, Vec<Expr>),
    /// A function over records: its argument, and which records.
    Fold(Folding, Option<Box<Expr>>, Option<Box<Expr>>),
    /// `x by ts`, in `slope` alone.
    By(Box<Expr>, Box<Expr>),
    /// `10m of ts`, the place of a slope over windows of time.
    Windows(Box<Expr>, Box<Expr>),
    /// What a fold came to; only in a compiled aggregate.
    Slot(usize, Option<Unit>),
    Negate(Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    InRange(Box<Expr>, Box<Expr>, Box<Expr>),
    InList(Box<Expr>, Vec<Expr>),
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
}

/// Takes a fold, its argument and its condition, and gives it a slot and a unit.
type FoldSlot<'f> = dyn FnMut(Folding, Option<&Expr>, Option<&Expr>, Span) -> (usize, Option<Unit>) + 'f;

impl Expr {
    pub(crate) fn new(kind: ExprKind, span: Span) -> Expr {
        let mut expr = Expr { kind, span, depth: 0 };
        let mut deepest = 0;
        expr.each_child(&mut |child| deepest = child.depth.max(deepest));
        expr.depth = deepest.saturating_add(1);
        expr
    }

    /// Calls `each` with every part one level down, in the order they are written.
    pub(crate) fn each_child<'e>(&'e self, each: &mut dyn FnMut(&'e Expr)) {
        match &self.kind {
            ExprKind::Number { .. }
            | ExprKind::Text(_)
            | ExprKind::Bool(_)
            | ExprKind::Null
            | ExprKind::Path(_)
            | ExprKind::Slot(..)
            | ExprKind::Baseline(_) => {}
            ExprKind::Fold(_, argument, condition) => {
                [argument, condition].into_iter().flatten().for_each(|part| each(part));
            }
            ExprKind::Negate(a) | ExprKind::Not(a) => each(a),
            ExprKind::Arithmetic(_, a, b)
            | ExprKind::Compare(_, a, b)
            | ExprKind::By(a, b)
            | ExprKind::Windows(a, b) => {
                each(a);
                each(b);
            }
            ExprKind::InRange(a, b, c) => {
                each(a);
                each(b);
                each(c);
            }
            ExprKind::InList(a, list) => {
                each(a);
                list.iter().for_each(each);
            }
            ExprKind::Call(_, list) | ExprKind::And(list) | ExprKind::Or(list) => list.iter().for_each(each),
        }
    }

    /// Calls `each` with every path of the record, in the order they are written.
    pub(crate) fn each_path<'e>(&'e self, each: &mut dyn FnMut(&'e Path)) {
        if let ExprKind::Path(path) = &self.kind {
            each(path);
        }
        self.each_child(&mut |child| child.each_path(each));
    }

    /// Calls `each` with every function over records and its condition, in the order they are written.
    pub(crate) fn each_fold<'e>(&'e self, each: &mut dyn FnMut(Folding, Option<&'e Expr>)) {
        if let ExprKind::Fold(folding, _, condition) = &self.kind {
            each(*folding, condition.as_deref());
        }
        self.each_child(&mut |child| child.each_fold(each));
    }

    /// Whether a path with a wildcard is in it.
    pub(crate) fn has_wildcard(&self) -> bool {
        let mut found = false;
        self.each_path(&mut |path| found |= path.has_wildcard());
        found
    }

    /// The same tree with every fold replaced by the slot that `slot` gives it.
    pub(crate) fn replace_folds(&self, slot: &mut FoldSlot<'_>) -> Expr {
        let mut again = |expr: &Expr| Box::new(expr.replace_folds(slot));
        let kind = match &self.kind {
            ExprKind::Negate(a) => ExprKind::Negate(again(a)),
            ExprKind::Not(a) => ExprKind::Not(again(a)),
            ExprKind::Arithmetic(operator, a, b) => ExprKind::Arithmetic(*operator, again(a), again(b)),
            ExprKind::Compare(operator, a, b) => ExprKind::Compare(*operator, again(a), again(b)),
            ExprKind::InRange(a, b, c) => ExprKind::InRange(again(a), again(b), again(c)),
            ExprKind::InList(a, list) => ExprKind::InList(again(a), list.iter().map(|expr| *again(expr)).collect()),
            ExprKind::Call(function, list) => ExprKind::Call(*function, list.iter().map(|expr| *again(expr)).collect()),
            ExprKind::And(list) => ExprKind::And(list.iter().map(|expr| *again(expr)).collect()),
            ExprKind::Or(list) => ExprKind::Or(list.iter().map(|expr| *again(expr)).collect()),
            ExprKind::Fold(folding, argument, condition) => {
                let (at, unit) = slot(*folding, argument.as_deref(), condition.as_deref(), self.span);
                ExprKind::Slot(at, unit)
            }
            leaf => leaf.clone(),
        };
        Expr { kind, span: self.span, depth: self.depth }
    }

    /// Whether a path of the record is in it.
    pub(crate) fn has_path(&self) -> bool {
        let mut found = false;
        self.each_path(&mut |_| found = true);
        found
    }

    /// Whether it is a question and not a number.
    pub(crate) fn is_condition(&self) -> bool {
        matches!(
            self.kind,
            ExprKind::Compare(..)
                | ExprKind::InRange(..)
                | ExprKind::InList(..)
                | ExprKind::Not(_)
                | ExprKind::And(_)
                | ExprKind::Or(_)
                | ExprKind::Bool(_)
        )
    }

    /// How tightly it binds: an operand of a tighter place gets parentheses.
    fn rank(&self) -> u8 {
        match &self.kind {
            ExprKind::Or(_) => 0,
            ExprKind::And(_) => 1,
            ExprKind::Not(_) => 2,
            ExprKind::Compare(..) | ExprKind::InRange(..) | ExprKind::InList(..) => 3,
            ExprKind::Arithmetic(Arithmetic::Plus | Arithmetic::Minus, ..) => 4,
            ExprKind::Arithmetic(..) => 5,
            ExprKind::Negate(_) => 6,
            _ => 7,
        }
    }

    fn write(&self, at_least: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rank() < at_least {
            f.write_str("(")?;
            self.write(0, f)?;
            return f.write_str(")");
        }
        let list = |list: &[Expr], between: &str, rank: u8, f: &mut fmt::Formatter<'_>| {
            for (place, expr) in list.iter().enumerate() {
                if place > 0 {
                    f.write_str(between)?;
                }
                expr.write(rank, f)?;
            }
            Ok(())
        };
        match &self.kind {
            ExprKind::Number { text, .. } => f.write_str(text),
            ExprKind::Text(text) => word::write_quoted(text, f),
            ExprKind::Bool(yes) => write!(f, "{yes}"),
            ExprKind::Null => f.write_str("null"),
            ExprKind::Path(path) => write!(f, "{path}"),
            ExprKind::Baseline(None) => f.write_str("baseline"),
            ExprKind::Baseline(Some(path)) => write!(f, "baseline{}", path.below()),
            ExprKind::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                list(arguments, ", ", 0, f)?;
                f.write_str(")")
            }
            ExprKind::Fold(folding, argument, condition) => {
                write!(f, "{}(", folding.name())?;
                if let Some(argument) = argument {
                    argument.write(0, f)?;
                }
                if let Some(condition) = condition {
                    f.write_str(if argument.is_some() { " where " } else { "where " })?;
                    condition.write(0, f)?;
                }
                f.write_str(")")
            }
            ExprKind::By(a, b) => {
                a.write(0, f)?;
                f.write_str(" by ")?;
                b.write(0, f)
            }
            ExprKind::Windows(width, time) => {
                width.write(0, f)?;
                f.write_str(" of ")?;
                time.write(0, f)
            }
            ExprKind::Slot(at, _) => write!(f, "${at}"),
            ExprKind::Negate(a) => {
                f.write_str("-")?;
                a.write(6, f)
            }
            ExprKind::Arithmetic(operator, a, b) => {
                let rank = self.rank();
                a.write(rank, f)?;
                write!(f, " {} ", operator.written())?;
                b.write(rank + 1, f)
            }
            ExprKind::Compare(operator, a, b) => {
                a.write(4, f)?;
                write!(f, " {} ", operator.written())?;
                b.write(4, f)
            }
            ExprKind::InRange(a, low, high) => {
                a.write(4, f)?;
                f.write_str(" in ")?;
                low.write(4, f)?;
                // A path that begins with a dot would make three of them.
                let dotted = matches!(&high.kind, ExprKind::Path(path) if path.to_string().starts_with('.'));
                f.write_str(if dotted { " .. " } else { ".." })?;
                high.write(4, f)
            }
            ExprKind::InList(a, values) => {
                a.write(4, f)?;
                f.write_str(" in [")?;
                list(values, ", ", 4, f)?;
                f.write_str("]")
            }
            ExprKind::Not(a) => {
                f.write_str("not ")?;
                a.write(2, f)
            }
            ExprKind::And(parts) => list(parts, " and ", 2, f),
            ExprKind::Or(parts) => list(parts, " or ", 1, f),
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(0, f)
    }
}
