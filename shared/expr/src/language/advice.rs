//! Advice for words that are near to right: bounds that were meant as numbers, functions that live elsewhere.
//!
//! Owns the sentences. Refuses nothing that may be meant as it is written: a name in quotes is always a name.

use crate::language::syntax::{Expr, ExprKind, Function};
use crate::{Error, Step, Unit, nearest};

/// An error where a bound is a word that somebody meant as a number: `100mb`, `1m30s`, `5-3`.
pub(crate) fn near_numbers(expr: &Expr) -> Result<(), Error> {
    if let ExprKind::Path(path) = &expr.kind
        && let [Step::Name { text, quoted: false }] = path.steps()
        && is_grouped(text)
    {
        let plain = text.replace('_', "");
        let message = format!("a number has no '_': write {plain} (a name is written .{text:?})");
        return Err(Error::new(message, expr.span.start, expr.span.end));
    }
    if let ExprKind::Path(path) = &expr.kind
        && let [Step::Name { text, quoted: false }] = path.steps()
        && text.starts_with(|first: char| first.is_ascii_digit())
        && !text.contains('_')
    {
        let letters = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        let digits = text.len() - letters.len();
        let near = Unit::ALL.iter().map(|unit| unit.written()).find(|unit| {
            !unit.is_empty()
                && (unit.eq_ignore_ascii_case(letters)
                    || (letters.len() > 1 && letters.starts_with(unit) && unit.len() > 1))
        });
        let advice = match near {
            _ if letters.contains('-') => format!("write {}", text.replace('-', " - ")),
            _ if letters.contains(|letter: char| letter.is_ascii_digit()) => {
                "write it in one unit, as in 90s".to_owned()
            }
            Some(unit) => format!("did you mean {}{unit}?", text.get(..digits).unwrap_or_default()),
            None => "units are ns us ms s m h d, B kB MB GB TB KiB MiB GiB TiB, % pct ppm, and k M G".to_owned(),
        };
        let message = format!("{text:?} is a name, and begins as a number: {advice} (a name is written .{text:?})");
        return Err(Error::new(message, expr.span.start, expr.span.end));
    }
    let mut result = Ok(());
    expr.each_child(&mut |child| {
        if result.is_ok() {
            result = near_numbers(child);
        }
    });
    result
}

/// Whether a word is a number whose digits are parted by threes, as in `1_000` and `10_000ms`.
fn is_grouped(word: &str) -> bool {
    let digits = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let mut groups = digits.split('_');
    let all_digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    digits.contains('_')
        && groups.next().is_some_and(|first| first.len() <= 3 && all_digits(first))
        && groups.all(|group| group.len() == 3 && all_digits(group))
}

fn is_percentile(name: &str) -> bool {
    name.strip_prefix('p').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What to say of a function that is none.
pub(crate) fn unknown_function(name: &str) -> String {
    let names = Function::ALL.map(|(_, name)| name);
    match (name, nearest(name, names)) {
        (
            "count" | "sum" | "mean" | "first" | "last" | "any" | "all" | "longest" | "distinct" | "increase" | "slope",
            _,
        ) => {
            format!("{name}() goes over many records: make it with merge-evidence -a 'NAME = {name}(…)'")
        }
        ("p" | "percentile" | "quantile" | "avg", _) => {
            format!("{name}() is no function here: make the figure with percentile, and name its field")
        }
        (name, _) if is_percentile(name) => {
            format!("{name}() is no function here: make the figure with percentile, and name its field")
        }
        (_, Some(near)) => format!("{name:?} is no function: did you mean {near}?"),
        _ => format!("{name:?} is no function: there are {}", names.join(" ")),
    }
}
