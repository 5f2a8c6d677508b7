//! The numbers of a record, for thresholds that nobody has written yet: `--changed`.
//!
//! Owns what moved and how far. Refuses to judge: it writes lines of the language.

use std::collections::HashSet;

use expr::{Decimal, Path, Quantity, Reading, Step, Survey, Threshold};
use schema::{OUR_KEYS, Value};

use crate::suggest::{self, Side};

/// The paths of a record's numbers, as they are written: no more than `most` of them. A record of millions of keys has
/// room for a few of their names only.
pub fn names(record: &Value<'_>, most: usize) -> Vec<String> {
    fn walk<'v>(value: &'v Value<'_>, keys: &mut Vec<&'v str>, most: usize, found: &mut Vec<String>) {
        match value {
            Value::Number(_) => found.extend(Path::from_keys(keys.iter().copied()).map(|path| path.to_string())),
            Value::Object(object) => {
                for (key, child) in object.iter().filter(|(key, _)| !OUR_KEYS.contains(key)) {
                    if found.len() >= most {
                        break;
                    }
                    keys.push(key);
                    walk(child, keys, most, found);
                    keys.pop();
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(record, &mut Vec::new(), most, &mut found);
    found
}

/// Calls `each` with every leaf of a record and the steps to it, in lists, too. Where leaves are too deep for a path, what
/// holds them is given instead.
fn leaves(value: &Value<'_>, steps: &mut Vec<Step>, each: &mut dyn FnMut(&Value<'_>, &[Step])) {
    let fits = steps.len() < Path::STEP_LIMIT;
    let mut child = |step: Step, child: &Value<'_>| {
        steps.push(step);
        leaves(child, steps, each);
        steps.pop();
    };
    match value {
        Value::Object(object) if fits => {
            for (key, value) in object.iter().filter(|(key, _)| !OUR_KEYS.contains(key)) {
                child(Step::Name { text: key.to_owned(), quoted: false }, value);
            }
        }
        Value::List(list) if fits => {
            for (place, value) in list.iter().enumerate() {
                child(Step::Index(place), value);
            }
        }
        leaf => each(leaf, steps),
    }
}

/// Every number of a record with its path: `None` where it is past 38 digits, or where numbers are too deep for a path.
fn all_numbers(record: &Value<'_>) -> Vec<(Path, Option<Decimal>)> {
    let mut found = Vec::new();
    leaves(record, &mut Vec::new(), &mut |leaf, steps| {
        let number = match leaf {
            Value::Number(number) => Decimal::from_number(number),
            Value::Object(_) | Value::List(_) => None,
            _ => return,
        };
        found.extend(Path::from_steps(steps.to_vec()).map(|path| (path, number)));
    });
    found
}

/// A truth of a record, or a word that stands for one: `"ok"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Truth(bool),
    /// A word of success.
    Good,
    /// Another text.
    Text,
    Other,
}

/// Words that say that all is well.
const GOOD: [&str; 14] = [
    "ok",
    "pass",
    "passed",
    "success",
    "successful",
    "succeeded",
    "healthy",
    "up",
    "ready",
    "available",
    "green",
    "valid",
    "true",
    "yes",
];

impl Told {
    fn of(value: &Value<'_>) -> Told {
        match value {
            Value::Bool(yes) => Told::Truth(*yes),
            Value::Text(text) if GOOD.contains(&text.to_ascii_lowercase().as_str()) => Told::Good,
            Value::Text(_) => Told::Text,
            _ => Told::Other,
        }
    }
}

/// Every truth of a record with its path, and every word of success.
fn all_truths(record: &Value<'_>) -> Vec<(Path, Told)> {
    let mut found = Vec::new();
    leaves(record, &mut Vec::new(), &mut |leaf, steps| {
        let told = Told::of(leaf);
        if matches!(told, Told::Truth(_) | Told::Good) {
            found.extend(Path::from_steps(steps.to_vec()).map(|path| (path, told)));
        }
    });
    found
}

/// The truths of the baseline, and its words of success, that must be what they were. A truth that was gained is none for
/// the worse where the name, or `--better`, says that more is better; one that was lost is one unless `--better` says so.
fn truths(record: &Value<'_>, baseline: &Value<'_>, said: &[(glob::Pattern, Better)]) -> Vec<Path> {
    let survey = Survey::default();
    let mut kept = Vec::new();
    for (path, before) in all_truths(baseline) {
        let now = match survey.read(&path, record) {
            Reading::Found(value) => Told::of(value),
            Reading::Missing | Reading::Ambiguous => Told::Other,
        };
        let better = Better::said(&path, said);
        let may = match (before, now) {
            _ if better == Some(Better::None) => true,
            (Told::Good, Told::Good) => true,
            (Told::Truth(true), Told::Truth(false)) => better == Some(Better::Down),
            (Told::Truth(false), Told::Truth(true)) => Better::of(&path, said) == Better::Up,
            _ => false,
        };
        if !may {
            kept.push(path);
        }
    }
    kept
}

/// Which way a metric may move: what `--better` says of it, else what its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less is better: it may not rise.
    Down,
    /// More is better: it may not fall.
    Up,
    /// Neither is better: it may not move.
    Same,
    /// It is nothing to compare two runs by.
    None,
}

impl Better {
    /// The words of `--better`.
    pub const WORDS: [&str; 4] = ["down", "up", "same", "none"];

    fn from_word(word: &str) -> Option<Better> {
        let place = Better::WORDS.iter().position(|known| *known == word)?;
        [Better::Down, Better::Up, Better::Same, Better::None].get(place).copied()
    }

    /// `PATH=up`; the path may have wildcards.
    pub fn parse(text: &str) -> Result<(glob::Pattern, Better), String> {
        let wanted = || "wanted PATH=down, PATH=up, PATH=same or PATH=none".to_owned();
        let (path, word) = text.rsplit_once('=').filter(|(path, _)| !path.is_empty()).ok_or_else(wanted)?;
        let better = Better::from_word(word).ok_or_else(|| match expr::nearest(word, Better::WORDS) {
            Some(near) => format!("{}; did you mean {near}?", wanted()),
            None => wanted(),
        })?;
        Ok((glob::Pattern::new(path).map_err(|error| error.to_string())?, better))
    }

    /// What `said` says of `path`, the last that fits first.
    fn said(path: &Path, said: &[(glob::Pattern, Better)]) -> Option<Better> {
        let text = path.to_string();
        said.iter().rev().find(|(pattern, _)| pattern.matches(&text)).map(|(_, better)| *better)
    }

    /// What `said` or the name says of `path`.
    fn of(path: &Path, said: &[(glob::Pattern, Better)]) -> Better {
        if let Some(better) = Better::said(path, said) {
            return better;
        }
        let keys: Vec<String> = path
            .steps()
            .iter()
            .filter_map(|step| match step {
                Step::Name { text, .. } => Some(text.clone()),
                _ => None,
            })
            .collect();
        let last = keys.last().map(String::as_str).unwrap_or_default();
        // How many samples a figure has is no figure: of two days one has more requests.
        if suggest::is_in_a_bucket(&keys)
            || schema::counts::is_count(last)
            || ["missing", "invalid", "stddev", "doubtful"].contains(&last)
        {
            return Better::None;
        }
        match suggest::side(&keys) {
            Some(Side::None) => Better::None,
            Some(Side::Most | Side::Zero) => Better::Down,
            Some(Side::Least | Side::NoLess) => Better::Up,
            None => Better::Same,
        }
    }
}

/// `--changed`: a threshold for each number that the baseline has too and that says something of a run, the one that moved
/// most first; behind them those of the baseline that are no longer there, and its truths. What cannot be compared gets its threshold as
/// well, which says why.
pub fn changed(
    record: &Value<'_>,
    baseline: &Value<'_>,
    most: &str,
    said: &[(glob::Pattern, Better)],
) -> Result<Vec<Threshold>, expr::Error> {
    let survey = Survey::default();
    let mut moved: Vec<(f64, Path, Option<Decimal>)> = Vec::new();
    for (path, now) in all_numbers(record) {
        let before = match survey.read(&path, baseline) {
            Reading::Found(Value::Number(before)) => Decimal::from_number(before),
            Reading::Found(Value::Object(_) | Value::List(_)) | Reading::Ambiguous => None,
            Reading::Found(_) | Reading::Missing => continue,
        };
        moved.push((share_moved(now, before), path, before));
    }
    // What came from zero moved without measure: it stands first; the rest by how far it moved, the order kept.
    moved.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
    for (path, before) in all_numbers(baseline) {
        if !matches!(survey.read(&path, record), Reading::Found(Value::Number(_))) {
            moved.push((f64::INFINITY, path, before));
        }
    }
    let mut named = HashSet::new();
    moved.retain(|(_, path, _)| named.insert(path.clone()));
    let share = most.trim_end_matches('%').trim_end_matches("pct");
    let hundred = |more: bool| {
        let share = Decimal::parse(share)?;
        let whole = Decimal::from(100u64);
        let sum = if more { whole.plus(share) } else { whole.plus(share.times(Decimal::new(-1, 0)?)?) };
        sum.filter(|sum| sum.signum() >= 0).map(|sum| format!("{sum}%"))
    };
    let line = |path: &Path, before: Option<Decimal>| {
        let better = Better::of(path, said);
        let plain = before.is_some_and(|before| before.signum() > 0);
        Some(match (better, before) {
            (Better::None, _) => return None,
            (Better::Same, Some(before)) if before.is_zero() => format!("{path} == baseline"),
            (Better::Same, _) => format!("{path}: abs({path} - baseline) / abs(baseline) <= {most}"),
            (Better::Down, Some(before)) if before.is_zero() => format!("{path} <= baseline"),
            (Better::Up, Some(before)) if before.is_zero() => format!("{path} >= baseline"),
            (Better::Down, _) => match hundred(true).filter(|_| plain) {
                Some(part) => format!("{path} <= {part} * baseline"),
                None => format!("{path} <= baseline + {most} * abs(baseline)"),
            },
            (Better::Up, _) => match hundred(false).filter(|_| plain) {
                Some(part) => format!("{path} >= {part} * baseline"),
                None => format!("{path} >= baseline - {most} * abs(baseline)"),
            },
        })
    };
    let lines = moved.iter().filter_map(|(_, path, before)| line(path, *before));
    let truths = truths(record, baseline, said).into_iter().filter(|path| !named.contains(path));
    lines.chain(truths.map(|path| format!("{path} == baseline"))).map(|line| Threshold::parse(&line)).collect()
}

/// How far a number moved, as a share of what it was, to put the furthest first; without measure where that cannot be
/// told.
fn share_moved(now: Option<Decimal>, before: Option<Decimal>) -> f64 {
    let share = now.zip(before).and_then(|(now, before)| {
        let distance = Quantity::new(now).minus(Quantity::new(before))?.abs();
        distance.divided_by(Quantity::new(before.abs()))?.to_number(17).to_f64()
    });
    share.unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::json;

    fn lines(before: &str, now: &str, said: &[&str]) -> Vec<String> {
        let (before, now) = (json::parse(before.as_bytes()).unwrap(), json::parse(now.as_bytes()).unwrap());
        let said: Vec<_> = said.iter().map(|text| Better::parse(text).unwrap()).collect();
        changed(&now, &before, "10%", &said).unwrap().iter().map(|threshold| threshold.canonical()).collect()
    }

    #[test]
    fn changes_most_first() {
        let before = json::parse(br#"{"a":100,"b":100,"z":0,"only":1}"#).unwrap();
        let now = json::parse(br#"{"b":105,"a":50,"z":3,"new":1}"#).unwrap();
        let thresholds = changed(&now, &before, "10%", &[]).unwrap();
        let ids: Vec<&str> = thresholds.iter().map(|threshold| threshold.id.as_str()).collect();
        assert_eq!(ids, ["z", "a", "b", "only"]);
        assert_eq!(thresholds[3].checks(&now, "", None)[0].code, Some(schema::Code::Missing));
    }

    #[test]
    fn a_truth_that_was_lost_is_a_change_for_the_worse() {
        for (before, now, said, wanted) in [
            (r#"{"ok":true}"#, r#"{"ok":false}"#, &[][..], &["ok == baseline"][..]),
            (r#"{"ok":true}"#, r#"{"ok":true}"#, &[], &["ok == baseline"]),
            (r#"{"a":{"ok":[true]}}"#, r#"{}"#, &[], &["a.ok[0] == baseline"]),
            (r#"{"ok":true}"#, r#"{"ok":"no"}"#, &[], &["ok == baseline"]),
            (r#"{"ok":true}"#, r#"{"ok":1}"#, &[], &["ok == baseline"]),
            (r#"{"ok":false}"#, r#"{"ok":true}"#, &[], &[]),
            (r#"{"failed":false}"#, r#"{"failed":true}"#, &[], &["failed == baseline"]),
            (r#"{"failed":true}"#, r#"{"failed":false}"#, &[], &["failed == baseline"]),
            (r#"{"failed":true}"#, r#"{"failed":false}"#, &["failed=down"], &[]),
            (r#"{"debug":true}"#, r#"{"debug":false}"#, &["debug=none"], &[]),
            (r#"{"status":"ok"}"#, r#"{"status":"failed"}"#, &[], &["status == baseline"]),
            (r#"{"status":"ok"}"#, r#"{}"#, &[], &["status == baseline"]),
            (r#"{"status":"ok"}"#, r#"{"status":"PASS"}"#, &[], &[]),
            (r#"{"version":"1.2","at":"x"}"#, r#"{"version":"1.3","at":"y"}"#, &[], &[]),
        ] {
            assert_eq!(lines(before, now, said), wanted, "{before} {now} {said:?}");
        }
    }

    #[test]
    fn buckets_of_a_histogram_are_not_compared_unless_asked_for() {
        let before = r#"{"lat_seconds_bucket":{"0.1":40,"+Inf":90},"h":{"buckets":{"1":2}},"errors_total":3}"#;
        let now = r#"{"lat_seconds_bucket":{"0.1":60,"+Inf":99},"h":{"buckets":{"1":9}},"errors_total":3}"#;
        assert_eq!(lines(before, now, &[]), ["errors_total <= 110% * baseline"]);
        let said = lines(before, now, &["*+Inf*=up"]);
        assert!(said.iter().any(|line| line.contains("+Inf")), "{said:?}");
    }

    #[test]
    fn what_is_better_is_no_change_for_the_worse() {
        let before = r#"{"p99_ms":100,"rps":50,"errors":0,"score":5,"ms":{"count":900,"min":1,"stddev":3,"p95":80}}"#;
        let now = r#"{"p99_ms":50,"rps":90,"errors":2,"score":9,"ms":{"count":100,"min":9,"stddev":9,"p95":81}}"#;
        let found = lines(before, now, &["score=up"]);
        let wanted =
            ["errors <= baseline", "rps >= 90% * baseline", "score >= 90% * baseline", "p99_ms <= 110% * baseline"];
        assert_eq!(found[..4], wanted);
        assert_eq!(found[4..], ["ms.p95 <= 110% * baseline"]);
        // Neither way, unless somebody says it.
        assert!(lines(before, now, &[]).iter().any(|line| line.contains("abs(score - baseline)")));
        assert!(!lines(before, now, &["sc*=none"]).iter().any(|line| line.contains("score")));
        assert_eq!(lines(r#"{"lag_ms":-5}"#, r#"{"lag_ms":-4}"#, &[]), ["lag_ms <= baseline + 10% * abs(baseline)"]);
        assert!(Better::parse("x=upp").unwrap_err().contains("did you mean up?"));
    }
}
