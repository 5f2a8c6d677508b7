//! Lint: thresholds that read well and say less than they seem to.
//!
//! Owns what is worth a word before a run. Refuses to be an error: every line here is valid.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use crate::evaluate::plan::Node;
use crate::judge::threshold::{Severity, Shape, overlap};
use crate::language::syntax::{Arithmetic, Comparison, Expr, ExprKind, Function};
use crate::{Decimal, Path, Quantity, Threshold, Thresholds};

/// What there is to say about thresholds, one sentence each.
pub fn lint(thresholds: &Thresholds) -> Vec<String> {
    let mut notes = thresholds.notes().to_vec();
    let list: Vec<&Threshold> = thresholds.iter().collect();
    let mut by_metric: HashMap<&Path, Vec<&Threshold>> = HashMap::new();
    for b in &list {
        let Some(metric) = b.metric.as_ref().filter(|_| b.when.is_none()) else { continue };
        let same = by_metric.entry(metric).or_default();
        for a in same.iter().filter(|a| overlap(a, b)) {
            notes.extend(contradiction(a, b));
            notes.extend(silent_warning(a, b).or_else(|| silent_warning(b, a)));
        }
        // Each is compared with the first of its metric only: a file of thousands for one metric was made by a program.
        if same.len() < COMPARED {
            same.push(b);
        }
    }
    let counted = Counted::of(&list);
    for threshold in &list {
        if let Some(path) = &threshold.each
            && !counted.counts(path)
        {
            let whole = before_wildcard(path).map_or_else(|| path.to_string(), |path| path.to_string());
            notes.push(format!(
                "{}: a * sees what is there: say how much must be there, as in len({whole}) >= 1",
                threshold.id
            ));
        }
    }
    notes
}

/// Bounds that cannot be missed, or are a hundred times what was meant, one sentence each.
pub fn lint_bounds(thresholds: &Thresholds) -> Vec<String> {
    thresholds.iter().filter_map(toothless).collect()
}

/// With how many thresholds of the same metric one is compared.
const COMPARED: usize = 32;

fn bound(threshold: &Threshold) -> Option<(Comparison, Quantity)> {
    match &threshold.shape {
        Shape::Compare { operator, right: Node::Number(bound), .. } => Some((*operator, *bound)),
        _ => None,
    }
}

fn is_upper(operator: Comparison) -> bool {
    matches!(operator, Comparison::Less | Comparison::LessOrEqual)
}

fn is_lower(operator: Comparison) -> bool {
    matches!(operator, Comparison::Greater | Comparison::GreaterOrEqual)
}

/// No count, time or size that a run can have is as great.
const BEYOND: &str = "1e30";

/// Words of shares that are parts of a whole: never more than all of it.
const PARTS: [&str; 16] = [
    "error",
    "errors",
    "fail",
    "failed",
    "failure",
    "failures",
    "success",
    "loss",
    "drop",
    "dropped",
    "timeout",
    "timeouts",
    "hit",
    "availability",
    "uptime",
    "coverage",
];

/// A bound that cannot be missed, or that is a hundred times what was meant.
fn toothless(threshold: &Threshold) -> Option<String> {
    let line = &threshold.line;
    if let Shape::Compare { right: Node::Arithmetic(Arithmetic::Times, a, b), .. } = &threshold.shape
        && let (Node::Number(times), Node::Path(source)) | (Node::Path(source), Node::Number(times)) = (&**a, &**b)
        && source.baseline
        && times.compare(Quantity::new(Decimal::from(20u64)))?.is_ge()
    {
        let times = times.to_number(number::TEXT_DIGITS);
        return Some(format!("{line}: that is {times} times the baseline: {times}% of it is {times}% * baseline"));
    }
    // `p99 >= 0 else inconclusive` asks for the figure.
    let (operator, bound) = bound(threshold).filter(|_| threshold.severity != Severity::Inconclusive)?;
    let path = threshold.metric.as_ref()?;
    let name = path.last_name()?;
    let far = Quantity::new(Decimal::parse(BEYOND)?);
    if is_upper(operator) && bound.compare(far)?.is_ge() || is_lower(operator) && (-bound).compare(far)?.is_ge() {
        return Some(format!("{line}: this cannot fail: nothing that is measured is so far from 0"));
    }
    if is_lower(operator) && path.is_never_negative() {
        let order = bound.compare(Quantity::new(Decimal::ZERO))?;
        let never = order.is_lt() || (order.is_eq() && operator == Comparison::GreaterOrEqual);
        return never.then(|| format!("{line}: this cannot fail: there are never fewer than none"));
    }
    // Against a percentage `rate` is a share, whatever of.
    let is_share =
        threshold.unit.is_none() && threshold.bound_unit.is_some_and(|unit| unit.kind() == crate::Kind::Share);
    let words = path.to_string().to_lowercase();
    let part = is_share && name == "rate"
        || words.split(|letter: char| !letter.is_alphanumeric()).any(|word| PARTS.contains(&word));
    if !is_upper(operator) || !part || !schema::counts::is_share(name) {
        return None;
    }
    let whole = match threshold.unit {
        Some(unit) if unit.kind() == crate::Kind::Share => crate::evaluate::plan::factor(crate::Unit::Ratio, unit),
        _ => Quantity::new(Decimal::ONE),
    };
    let order = bound.compare(whole)?;
    let never = order.is_gt() || (order.is_eq() && operator == Comparison::LessOrEqual);
    let whole = whole.to_number(number::TEXT_DIGITS);
    never.then(|| format!("{line}: this cannot fail: a share is never more than the whole, {whole}"))
}

/// `x <= 5` beside `x >= 10`: no value passes both.
fn contradiction(a: &Threshold, b: &Threshold) -> Option<String> {
    let ((a_operator, a_bound), (b_operator, b_bound)) = (bound(a)?, bound(b)?);
    let (upper, lower, low, high) = if is_upper(a_operator) && is_lower(b_operator) {
        (a_operator, b_operator, b_bound, a_bound)
    } else if is_lower(a_operator) && is_upper(b_operator) {
        (b_operator, a_operator, a_bound, b_bound)
    } else {
        if a_operator == Comparison::Equal && b_operator == Comparison::Equal && a_bound != b_bound {
            return Some(format!("{} and {} contradict each other: no value passes both", a.line, b.line));
        }
        return None;
    };
    let strict = upper == Comparison::Less || lower == Comparison::Greater;
    match low.compare(high)? {
        Ordering::Greater => {}
        Ordering::Equal if strict => {}
        _ => return None,
    }
    Some(format!("{} and {} contradict each other: no value passes both", a.line, b.line))
}

/// A warning whose bound is no nearer than that of a failure: the failure is always first.
fn silent_warning(warn: &Threshold, fail: &Threshold) -> Option<String> {
    if warn.severity != Severity::Warn || !matches!(fail.severity, Severity::Fail | Severity::Fatal) {
        return None;
    }
    let ((warn_operator, warn_bound), (fail_operator, fail_bound)) = (bound(warn)?, bound(fail)?);
    let order = warn_bound.compare(fail_bound)?;
    // At the bound itself `x < 3 else warn` warns where `x <= 3` does not fail yet.
    let strict = |operator: Comparison| matches!(operator, Comparison::Less | Comparison::Greater);
    let nearer = order.is_eq() && strict(warn_operator) && !strict(fail_operator);
    let silent = (is_upper(warn_operator) && is_upper(fail_operator) && order.is_ge() && !nearer)
        || (is_lower(warn_operator) && is_lower(fail_operator) && order.is_le() && !nearer);
    silent.then(|| format!("{}: this warning never fires before {} fails", warn.line, fail.line))
}

/// What the thresholds count: `len(actions)` for `actions.*.p95_ms`.
#[derive(Default)]
struct Counted<'t> {
    paths: HashSet<&'t Path>,
    /// Whether one counts the matches of a wildcard, whichever it is.
    matches: bool,
}

impl<'t> Counted<'t> {
    fn of(list: &[&'t Threshold]) -> Counted<'t> {
        fn walk<'t>(expr: &'t Expr, counted: &mut Counted<'t>) {
            if let ExprKind::Call(Function::Len, arguments) = &expr.kind {
                for argument in arguments {
                    if let ExprKind::Path(path) = &argument.kind {
                        counted.matches |= path.has_wildcard();
                        counted.paths.insert(path);
                    }
                }
            }
            expr.each_child(&mut |child| walk(child, counted));
        }
        let mut counted = Counted::default();
        list.iter().for_each(|threshold| walk(&threshold.expr, &mut counted));
        counted
    }

    fn counts(&self, each: &Path) -> bool {
        self.matches
            || self.paths.contains(each)
            || before_wildcard(each).is_some_and(|path| self.paths.contains(&path))
    }
}

fn before_wildcard(path: &Path) -> Option<Path> {
    let plain = path.steps().iter().take_while(|step| !matches!(step, crate::Step::Any | crate::Step::Deep));
    Path::from_steps(plain.cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes() {
        for (text, part) in [
            ("x <= 400\nx <= 500 else warn", "never fires"),
            ("x >= 10 else warn\nx >= 20", "never fires"),
            ("x <= 5\nx >= 10", "contradict"),
            ("x < 5\nx >= 5", "contradict"),
            ("x == 5\nx == 6", "contradict"),
            ("x <= 5\nx <= 6", "this one is reported as x#2: name it, as in 'NAME: x <= 6'"),
            ("a.*.p95 <= 6", "len(a) >= 1"),
        ] {
            let notes = lint(&Thresholds::parse(text).unwrap());
            assert!(notes.iter().any(|note| note.contains(part)), "{text}: {notes:?}");
        }
        for text in [
            "x <= 500\nw: x <= 400 else warn",
            "x <= 5\ny: x >= 5",
            "x <= 3\nw: x < 3 else warn",
            "x >= 3\nw: x > 3 else warn",
            "a.*.p95 <= 6\nlen(a) >= 3",
            "[a]\nx <= 5\n[b]\nx >= 10",
        ] {
            assert_eq!(lint(&Thresholds::parse(text).unwrap()), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn bounds() {
        for (text, part) in [
            ("http_req_failed.rate <= 1", "cannot fail"),
            ("error_rate < 1.5", "cannot fail"),
            ("error_pct <= 100", "cannot fail"),
            ("errors >= 0", "cannot fail"),
            ("requests > -1", "cannot fail"),
            ("p99 <= 1e300", "cannot fail"),
            ("p99_ms < 1e31s", "cannot fail"),
            ("balance >= -1e40", "cannot fail"),
            ("rate <= 200%", "cannot fail"),
            ("http_req_failed.rate <= 100%", "cannot fail"),
            ("p99_ms <= 110 * baseline", "110% * baseline"),
            ("rps >= baseline * 90", "90% * baseline"),
        ] {
            let notes = lint_bounds(&Thresholds::parse(text).unwrap());
            assert!(notes.len() == 1 && notes[0].contains(part), "{text}: {notes:?}");
        }
        for text in [
            "error_pct <= 99\nx: error_rate < 1\ncpu_pct <= 400\nchange_pct <= 100\nhttp_reqs.rate <= 1",
            "errors > 0\noffset_ms >= 0\nheadroom >= 0\np99_ms >= 0 else inconclusive",
            "size_bytes <= 9223372036854775807\nrate <= 99%\nx: rate <= 200\nballoon >= -1e9",
            "p99_ms <= 110% * baseline\nrps <= 2 * baseline",
        ] {
            assert_eq!(lint_bounds(&Thresholds::parse(text).unwrap()), Vec::<String>::new(), "{text}");
        }
    }

    /// What is said of two thresholds is so for every value: quarters from -1 to 5 have one on each bound and between.
    #[test]
    fn what_is_said_is_so() {
        let judged = |line: &str, value: f64| {
            let record = schema::json::parse(format!("{{\"x\":{value}}}").as_bytes()).unwrap().into_owned();
            let thresholds = Thresholds::parse(line).unwrap();
            let mut judge = crate::Judge::new(&thresholds, None, crate::Missing::Inconclusive);
            judge.record(&record, "").iter().all(|check| check.status == schema::Status::Pass)
        };
        let grid = || (-4..=20).map(|quarter| f64::from(quarter) / 4.0);
        let lines: Vec<String> = ["<", "<=", ">", ">=", "=="]
            .iter()
            .flat_map(|operator| [1, 2, 3].map(|bound| format!("x {operator} {bound}")))
            .collect();
        let (mut silent, mut contrary) = (0, 0);
        for fail in &lines {
            for other in &lines {
                let notes = lint(&Thresholds::parse(&format!("{fail}\nw: {other} else warn")).unwrap());
                let never = notes.iter().any(|note| note.contains("never fires"));
                let always_first = grid().all(|value| judged(other, value) || !judged(fail, value));
                let same_side = |side: char| fail.contains(side) && other.contains(side);
                if same_side('<') || same_side('>') {
                    assert_eq!(never, always_first, "{other} else warn beside {fail}");
                } else {
                    assert!(!never, "{other} else warn beside {fail}");
                }
                silent += usize::from(never);
                if fail == other {
                    continue;
                }
                let notes = lint(&Thresholds::parse(&format!("{fail}\nb: {other}")).unwrap());
                let contradict = notes.iter().any(|note| note.contains("contradict"));
                let none = grid().all(|value| !judged(fail, value) || !judged(other, value));
                assert!(!contradict || none, "{fail} and {other}");
                contrary += usize::from(contradict);
            }
        }
        assert!(silent > 10 && contrary > 10, "{silent} {contrary}");
    }
}
