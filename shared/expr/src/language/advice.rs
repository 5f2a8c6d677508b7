//! Advice for words that are near to right: bounds that were meant as numbers, functions that live elsewhere.
//!
//! Owns the sentences. Refuses nothing that may be meant as it is written: a name in quotes is always a name.

use crate::language::syntax::{Expr, ExprKind, Folding, Function};
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
        let near = near_unit(letters);
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

/// The unit that somebody meant by some letters: `sec`, `MS`, `mins`.
pub(crate) fn near_unit(letters: &str) -> Option<&'static str> {
    let word = letters.to_ascii_lowercase();
    let known = match word.strip_suffix('s').filter(|rest| rest.len() > 1).unwrap_or(&word) {
        "sec" | "second" => "s",
        "msec" | "milli" | "millisecond" => "ms",
        "usec" | "micro" | "microsecond" => "us",
        "nsec" | "nano" | "nanosecond" => "ns",
        "min" | "minute" => "m",
        "hr" | "hour" => "h",
        "day" => "d",
        "byte" => "B",
        "percent" => "%",
        _ => {
            let is_near = |unit: &&str| {
                unit.eq_ignore_ascii_case(letters)
                    || (letters.len() > 1 && letters.starts_with(*unit) && unit.len() > 1)
            };
            return Unit::ALL.iter().map(|unit| unit.written()).filter(|unit| !unit.is_empty()).find(is_near);
        }
    };
    Some(known)
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
pub(crate) fn unknown_function(name: &str, folds: bool) -> String {
    let mut names = Function::ALL.map(|(_, name)| name).to_vec();
    if folds {
        names.splice(..0, Folding::ALL.map(|(_, name)| name));
    }
    if folds && matches!(name, "avg" | "average") {
        return format!("{name}() is not a function: write mean(…)");
    }
    match (name, nearest(name, names.iter().copied())) {
        (
            "count" | "sum" | "mean" | "first" | "last" | "any" | "all" | "longest" | "distinct" | "increase" | "slope",
            _,
        ) => {
            format!("{name}() is over many records: compute it with merge-evidence -a 'NAME = {name}(…)'")
        }
        ("p" | "percentile" | "quantile" | "avg", _) => {
            format!("{name}() is not a function here: compute the figure with percentile, and name its field")
        }
        (name, _) if is_percentile(name) => {
            format!("{name}() is not a function here: compute the figure with percentile, and name its field")
        }
        (_, Some(near)) => format!("{name:?} is not a function: did you mean {near}?"),
        _ => format!("{name:?} is not a function; these are: {}", names.join(" ")),
    }
}
