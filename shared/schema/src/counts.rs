//! "No samples" has many names: which keys are statistics of samples, and which keys count those samples.
//!
//! Owns the one table of such names that check-threshold and every reader use (`counts/words.rs`; what a key is by them
//! is in `counts/keys.rs`). A statistic whose count is zero was not
//! measured, whatever its figure says. Refuses to doubt counts, gauges, and the rate of a counter beside its own count:
//! a zero there is an answer.
//!
//! | statistic | counted by |
//! |---|---|
//! | `p99 p(99) p99.9_ms 99% 99th 0.99 min mean avg average median max stddev …`, alone or with a stem (`latency_ms_p99`, `p99_latency`, `latencyP99`) | a count of the same stem (`latency_ms_count`, `latency_samples`, `latencyCount`), else `count totalCount samples …`, else events (`requests transactions rounds Request Count …`), else `n N`, `total completed messages http_reqs …` |
//! | shares: `error_rate success_ratio failed_pct` | the same but for a count of their own stem: `error_count` is what they are made of; else `success` and `failure`, `passed` and `failed` … together; above zero, a `total`, too |
//! | `uptime_pct availability` | `count samples probes rounds checks polls …` |
//! | `pct percent`: of what its object is named for | `samples`, events; above zero, a `total` |
//! | `latency_ms response_time`, where it is zero | what counts the percentiles |
//! | `rate` | `passes` and `fails` together, `samples`, events; a `count` beside it is the counter's own |
//!
//! The count stands beside the statistic, or one object above it, where objects such as `percentiles` and `values` count
//! as none (`counts/known.rs` has three load tools of which other names say it). There a family's own count (`latency_count` beside `latency: {…}`) belongs to it, too. Events count only
//! figures of a time or without a unit and stem: `requests: 0` says nothing about `memory_max`. A figure of zero is of none, too, where
//! what happened stands in an object beside it and is none: `requests.total` of `latency.p99`, `http_reqs.count`, `summary.count`. `n` and `total` count only beside
//! or above a percentile, a mean, or a least and a greatest, which are all zero or null; `total` beside a share of zero, too.

use std::collections::HashMap;

mod beside;
mod ended;
mod keys;
mod known;
mod order;
#[cfg(test)]
mod tests;
mod words;

pub use self::keys::{is_apart, is_of_what_happens};
pub use self::known::is_statistic_of;
pub use self::order::{Order, Resolution};

use self::beside::Beside;
use self::ended::Ended;
use self::keys::{Count, Kind, Statistic, may_count};
use self::words::{
    FAULTS, GAUGES, HAPPENINGS, OUTCOMES, ROUNDS, SEVERAL, SIGNED, TAKEN, TIMES, UPTIMES, is_latency, is_plural,
    is_wrapper, words,
};
use crate::{Code, Number, Object, Value};

/// Whether a key is that of a statistic of samples: it means nothing where there are none.
pub fn is_statistic(key: &str) -> bool {
    Statistic::of(key, false).is_some_and(|statistic| !matches!(statistic.kind, Kind::Portion | Kind::Single))
}

/// Whether what a key names may be that of no samples: a statistic, `pct` alone, or one latency of all that happened.
pub fn may_be_of_none(key: &str) -> bool {
    Statistic::of(key, false).is_some()
}

/// Whether a key is that of a finished percentile: `p99`, `P95_ms`, `p(95)`, `med`, `99%`, `latency_p99`.
pub fn is_percentile(key: &str) -> bool {
    Statistic::of(key, false).is_some_and(|statistic| statistic.kind == Kind::Percentile)
}

/// Whether a key says how many samples something has: `count`, `latency_ms_count`, `totalCount`, `Request Count`, `n`.
pub fn is_count(key: &str) -> bool {
    Count::of(key).is_some_and(|count| !matches!(count, Count::Perhaps | Count::Checks))
}

/// Whether a key counts what goes wrong: `errors`, `failed_total`, `http_5xx_errors`, no rate. A zero of it is a good run.
pub fn is_fault(key: &str) -> bool {
    let all = words(key);
    // `error_count`
    let is_counted = all.last().is_some_and(|word| word == "count");
    let is = |word: &str| FAULTS.contains(&word) || is_counted && FAULTS.contains(&format!("{word}s").as_str());
    happening(&all).is_some_and(is) && all.iter().all(|word| !is_rate(word))
}

/// The word that says what is counted.
fn happening(words: &[String]) -> Option<&str> {
    words.iter().rev().map(String::as_str).find(|word| !matches!(*word, "total" | "count"))
}

/// Whether what a key names cannot be negative: a count of things that happen, or a percentile, a mean or an end of times
/// that were measured, or any figure of how long requests took. What is a difference of two (`offset`, `drift`, `delta`) may be, and so may what no word names.
pub fn is_never_negative(key: &str) -> bool {
    let all = words(key);
    if all.iter().any(|word| SIGNED.contains(&word.as_str())) {
        return false;
    }
    if Count::of(key).is_some_and(|count| count.rank() < Count::RANKS) {
        return true;
    }
    if happening(&all).is_some_and(|word| FAULTS.contains(&word) || HAPPENINGS.contains(&word)) {
        return all.iter().all(|word| !is_rate(word));
    }
    if most_of_share(key).is_some() || is_rate_of_outcomes(key) {
        return true;
    }
    Statistic::of(key, false).is_some_and(|statistic| {
        let of_time = statistic.kind == Kind::Percentile && statistic.timed;
        // The mean, the least and the greatest of any time may be those of an offset; not those of what a request took.
        let took = matches!(statistic.kind, Kind::Percentile | Kind::Mean | Kind::Least | Kind::Greatest)
            && statistic.stem.iter().any(|word| TAKEN.contains(&word.as_str()));
        (of_time || took) && !statistic.stem.iter().any(|word| GAUGES.contains(&word.as_str()))
    })
}

/// The most that a share of outcomes can be by its name, in the unit of the name: 1 of `success_ratio` and `error_rate`, 100
/// of `uptime_pct`; `None` of what is no such share. A `_rate` may be one a second: see [`is_rate_of_outcomes`].
pub fn most_of_share(key: &str) -> Option<u32> {
    let all = words(key);
    let (last, before) = all.split_last()?;
    before.last().filter(|word| OUTCOMES.contains(&word.as_str()))?;
    match last.as_str() {
        "ratio" => Some(1),
        "pct" | "percent" | "%" => Some(100),
        "ppm" => Some(1_000_000),
        _ => None,
    }
}

/// Whether a key is that of a rate of outcomes, which is a share or so many a second: `error_rate`, `success_rate`.
pub fn is_rate_of_outcomes(key: &str) -> bool {
    matches!(words(key).as_slice(), [.., outcome, rate] if rate == "rate" && OUTCOMES.contains(&outcome.as_str()))
}

/// Whether a key names an object of statistics, where a plain number is the name of a percentile: `percentiles`, `latency`.
pub fn holds_statistics(key: &str) -> bool {
    is_wrapper(key) || words(key).iter().any(|word| is_latency(word))
}

/// Whether a name is that of a difference of two, which may be negative.
pub fn is_difference(key: &str) -> bool {
    words(key).iter().any(|word| SIGNED.contains(&word.as_str()))
}

fn is_rate(word: &str) -> bool {
    matches!(word, "rate" | "ratio" | "pct" | "percent" | "budget" | "remaining" | "left" | "score" | "margin")
}

/// The statistics of one object that have no samples, by a count in the same object: each key, and why.
///
/// The code is `no-samples` where the count is zero or less; `null`, `not-a-number` and `overflow` where it is a null, a
/// text or a number that nobody counts to: it may be a zero.
pub fn without_samples<'v>(object: &'v Object<'_>) -> Vec<(&'v str, Code)> {
    let counts = Counts::of(object);
    let keys = object.iter().map(|(key, _)| key);
    keys.filter_map(|key| Some((key, doubt(&[Level { object, counts: &counts, key }])?))).collect()
}

/// Whether a count with the key `count` would count the samples of a statistic. `keys` lead from the object of the count
/// to the statistic, the innermost first: one key where the count stands beside it.
pub fn counts_for(count: &str, keys: &[&str]) -> bool {
    match (Count::of(count), Statistic::seen(keys, keys.len().saturating_sub(1))) {
        (Some(Count::Letter | Count::Perhaps), Some(_)) => true,
        (Some(count), Some((statistic, above))) => counted(&count, &statistic, above, false),
        _ => false,
    }
}

/// The stem that a count counts the samples of, in words; empty where it may count those of any.
pub fn stem_of_count(count: &str) -> String {
    if let Some(Count::Of(stem)) = Count::of(count) { stem.join(" ") } else { String::new() }
}

/// The stem of a statistic, in words, as [`counts_for`] sees it; empty where it has none.
pub fn stem_of_statistic(keys: &[&str]) -> String {
    let seen = Statistic::seen(keys, keys.len().saturating_sub(1));
    seen.map(|(statistic, _)| statistic.stem.join(" ")).unwrap_or_default()
}

/// One object on the way to a value, its counts, and the key that leads on.
#[derive(Clone, Copy, Debug)]
pub struct Level<'v, 'a> {
    /// The object.
    pub object: &'v Object<'a>,
    /// Its counts.
    pub counts: &'v Counts,
    /// The key of the next object, or of the value.
    pub key: &'v str,
}

/// Why a statistic was not measured. `levels` lead to it: the object that has it, and those around it, the innermost
/// first.
pub fn doubt(levels: &[Level<'_, '_>]) -> Option<Code> {
    doubt_without(levels, &Vec::new)
}

/// The same where statistics were left out: `left_out` gives the keys of those that should stand beside or below the
/// counts. They weigh as if they stood there and were null, so that leaving one out does not take its doubt away.
pub fn doubt_without(levels: &[Level<'_, '_>], left_out: &dyn Fn() -> Vec<String>) -> Option<Code> {
    for (found, level, statistic, above) in places(levels) {
        let counting = found.deciding(level.object, &statistic, (above, figure(levels)), left_out);
        if !counting.is_empty() || (!above && found.has_own_count(&statistic)) {
            let parts = counting.iter().filter(|(count, _)| *count == Count::Part).count();
            let none = parts < 2 || counting.iter().all(|(_, value)| is_none(value));
            let doubts = counting.iter().map(|(count, value)| match value {
                Value::Number(number) if is_beyond(number) => Some(Code::Overflow),
                Value::Number(_) if *count == Count::Part && (parts < 2 || !none) => None,
                Value::Number(_) => is_none(value).then_some(Code::NoSamples),
                Value::Null => Some(Code::Null),
                _ => Some(Code::NotANumber),
            });
            return doubts.flatten().next();
        }
    }
    let is_of_none = |(found, level, statistic, _): (&Counts, &Level<'_, '_>, Statistic, bool)| {
        found.ended.is_none(level.object)
            && found.is_nothing(&statistic, left_out)
            && !matches!(statistic.kind, Kind::Share | Kind::Rate | Kind::Portion)
    };
    let is_zero = figure(levels).is_some_and(is_none);
    let is_beside_none = |(found, level, statistic, above): &(&Counts, &Level<'_, '_>, Statistic, bool)| {
        statistic.kind != Kind::Single
            && counted(&Count::Events, statistic, *above, false)
            && found.beside.are_none(level.object, level.key)
    };
    if is_zero && (known::are_none(levels) || places(levels).iter().any(is_beside_none)) {
        return Some(Code::NoSamples);
    }
    let is_share_of_none = || levels.first().is_some_and(|level| level.counts.ended.is_none_of(level));
    (is_share_of_none() || places(levels).into_iter().any(is_of_none)).then_some(Code::NoSamples)
}

/// The counts that a statistic was made of: one, or `passes` and `fails`, which are added. `None` where nothing says.
pub fn samples<'v, 'a>(levels: &[Level<'v, 'a>]) -> Option<Vec<&'v Number<'a>>> {
    let (found, statistic, above) = places(levels).into_iter().find_map(|(counts, level, statistic, above)| {
        let found = counts.deciding(level.object, &statistic, (above, figure(levels)), &Vec::new);
        (!found.is_empty()).then_some((found, statistic, above))
    })?;
    let parts = found.iter().filter(|(count, _)| *count == Count::Part).count();
    let wanted = if statistic.kind == Kind::Rate && !above && parts > 0 { 2 } else { 1 };
    let numbers: Vec<&Number<'a>> = found.iter().filter_map(|(_, value)| value.as_number()).take(wanted).collect();
    (numbers.len() == wanted).then_some(numbers)
}

/// Whether a key is that of a share of what was counted: `rate`, `error_rate`, `success_pct`.
pub fn is_share(key: &str) -> bool {
    Statistic::of(key, false).is_some_and(|statistic| matches!(statistic.kind, Kind::Share | Kind::Rate))
}

/// Whether a key is `rate` alone: a share of what is counted beside it in parts (`passes`, `fails`), or so many a second.
pub fn is_plain_rate(key: &str) -> bool {
    Statistic::of(key, false).is_some_and(|statistic| statistic.kind == Kind::Rate)
}

/// The word of a key that counts what one request may have several of, such as its retries: however few they are, they are
/// no share of the requests.
pub fn several(key: &str) -> Option<&'static str> {
    let words = words(key);
    SEVERAL.into_iter().find(|several| words.iter().any(|word| word == several))
}

/// Every value that could make a statistic one of no samples, whatever it is now. Where all of them are numbers above
/// zero, [`doubt`] finds nothing.
pub fn watched<'v, 'a>(levels: &[Level<'v, 'a>]) -> Vec<&'v Value<'a>> {
    let mut watched = Vec::new();
    for (found, level, statistic, above) in places(levels) {
        let those = found.list.iter().filter(|(count, _)| counted(count, &statistic, above, true));
        let those = found.of_stem(&statistic).iter().chain(those.map(|(_, place)| place));
        watched.extend(those.filter_map(|place| Some(level.object.at(*place)?.1)));
    }
    for (found, level, ..) in places(levels) {
        watched.extend(found.beside.amounts(level.object));
    }
    watched.extend(known::amounts(levels));
    for (found, level, ..) in places(levels).iter().filter(|(found, ..)| found.ended.are_both()) {
        watched.extend(found.ended.well.iter().filter_map(|place| Some(level.object.at(*place)?.1)));
    }
    watched
}

/// The objects whose counts belong to a statistic, with what the statistic is to each: the one that has it, and the
/// next around it, or more where that one only holds statistics together.
fn places<'l, 'v, 'a>(levels: &'l [Level<'v, 'a>]) -> Vec<(&'v Counts, &'l Level<'v, 'a>, Statistic, bool)> {
    let keys: Vec<&str> = levels.iter().map(|level| level.key).collect();
    let mut places = Vec::new();
    for (place, level) in levels.iter().enumerate() {
        let Some((statistic, above)) = Statistic::seen(&keys, place) else { break };
        places.push((level.counts, level, statistic, above));
    }
    places
}

/// Which of the objects on the way to a statistic has the count that decides: its place in `levels`.
pub fn decided(levels: &[Level<'_, '_>]) -> Option<usize> {
    places(levels).iter().position(|(found, level, statistic, above)| {
        !found.deciding(level.object, statistic, (*above, figure(levels)), &Vec::new).is_empty()
            || (!above && found.has_own_count(statistic))
    })
}

/// The counts of one object: made once, asked for each of its statistics.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// What each counts, and its place in the object, but for those of one stem.
    list: Vec<(Count, usize)>,
    /// The places of the counts of one stem, by that stem: there may be thousands.
    of: HashMap<Vec<String>, Vec<usize>>,
    /// The kinds of the statistics there, where there is an `n` and they are all zero or null.
    nothing: Option<Vec<Kind>>,
    ended: Ended,
    beside: Beside,
}

impl Counts {
    /// Looks at every key once.
    pub fn of(object: &Object<'_>) -> Counts {
        let mut counts = Counts::default();
        for (place, (key, value)) in object.iter().enumerate().filter(|(_, (key, _))| may_count(key)) {
            if !matches!(value, Value::Object(_) | Value::List(_))
                && let Some(count) = Count::of(key)
            {
                match count {
                    Count::Of(stem) => counts.of.entry(stem).or_default().push(place),
                    count => counts.list.push((count, place)),
                }
            }
        }
        counts.ended = Ended::of(object);
        counts.beside = Beside::of(object);
        // What was looked up was a hit or a miss: no hits is not nothing where there are misses.
        let misses = |(key, value): (&str, &Value<'_>)| {
            words(key).last().is_some_and(|word| word == "misses")
                && matches!(value, Value::Number(number) if is_positive(number))
        };
        if counts.list.iter().any(|(count, _)| *count == Count::Events) && object.iter().any(misses) {
            counts.list.retain(|(_, place)| {
                object.at(*place).is_none_or(|(key, _)| words(key).last().is_none_or(|word| word != "hits"))
            });
        }
        if counts.ended.are_both() || counts.list.iter().any(|(count, _)| count.rank() == Count::RANKS) {
            counts.nothing = nothing(object);
        }
        counts
    }

    /// The places of the counts of what a statistic is of.
    fn of_stem(&self, statistic: &Statistic) -> &[usize] {
        if self.of.is_empty() || !counts_stem(statistic, &statistic.stem) {
            return &[];
        }
        self.of.get(&statistic.stem).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether an `n` counts: there is a distribution, and all of it is zero, null or left out. Beside a `total` a share is
    /// one, too.
    fn is_nothing(&self, statistic: &Statistic, left_out: &dyn Fn() -> Vec<String>) -> bool {
        let Some(kinds) = &self.nothing else { return false };
        matches!(statistic.kind, Kind::Share | Kind::Single) || is_distribution(kinds) || {
            let others = left_out();
            let others = others.iter().filter_map(|key| Some(Statistic::of(key, true)?.kind));
            is_distribution(&kinds.iter().copied().chain(others).collect::<Vec<_>>())
        }
    }

    /// Whether the rate of a counter stands beside that counter's own count.
    fn has_own_count(&self, statistic: &Statistic) -> bool {
        match statistic.kind {
            Kind::Rate | Kind::Portion => self.list.iter().any(|(count, _)| *count == Count::Own),
            Kind::Share => self.of.contains_key(&statistic.stem),
            _ => false,
        }
    }

    /// The counts that decide: those nearest to the statistic in meaning. A truth counts nothing.
    fn deciding<'v, 'a>(
        &self,
        object: &'v Object<'a>,
        statistic: &Statistic,
        (above, figure): (bool, Option<&Value<'_>>),
        left_out: &dyn Fn() -> Vec<String>,
    ) -> Vec<(Count, &'v Value<'a>)> {
        let is_above = matches!(figure, Some(Value::Number(number)) if is_positive(number));
        if statistic.kind == Kind::Single && is_above {
            return Vec::new();
        }
        // More than none of a total of none.
        let is_more = is_above
            && !above
            && matches!(statistic.kind, Kind::Share | Kind::Portion)
            && !statistic.stem.iter().any(|word| LOOKED_AT.contains(&word.as_str()));
        let nearest = self.of_stem(statistic).iter();
        let nearest = nearest.filter_map(|place| Some((Count::Of(statistic.stem.clone()), object.at(*place)?.1)));
        let nearest: Vec<_> = nearest.filter(|(_, value)| !matches!(value, Value::Bool(_))).collect();
        if !nearest.is_empty() {
            return nearest;
        }
        for rank in 1..=Count::RANKS {
            let here = self.list.iter().filter(|(count, _)| count.rank() == rank);
            let nothing = rank == Count::RANKS && self.is_nothing(statistic, left_out);
            let is_total = |place: usize| object.at(place).is_some_and(|(key, _)| key.eq_ignore_ascii_case("total"));
            let here = here.filter(|(count, place)| {
                counted(count, statistic, above, nothing) || rank == Count::RANKS && is_more && is_total(*place)
            });
            let here = here.filter_map(|(count, place)| object.at(*place).map(|(key, value)| (count, key, value)));
            let mut found: Vec<_> = here.filter(|(.., value)| !matches!(value, Value::Bool(_))).collect();
            if !found.is_empty() {
                if found.len() > 1 && found.iter().all(|(count, ..)| matches!(count, Count::Events | Count::Looks)) {
                    happened(&mut found, statistic, figure);
                }
                return found.into_iter().map(|(count, _, value)| (count.clone(), value)).collect();
            }
        }
        Vec::new()
    }
}

/// Of several counts of what happens beside a statistic, those that are the count of its samples: the one that it is named
/// for (`queries` of `query_p99`); else, where the figure is above zero, those above zero. A run, a round or an iteration
/// is no sample by itself, and vouches for none; nor does it for a figure of zero that something above zero happened.
fn happened(found: &mut Vec<(&Count, &str, &Value<'_>)>, statistic: &Statistic, figure: Option<&Value<'_>>) {
    let is_above =
        |value: &Value<'_>| matches!(value, Value::Number(number) if is_positive(number) && !is_beyond(number));
    let is_named = |key: &str| {
        let words = words(key);
        statistic.stem.iter().any(|stem| words.iter().any(|word| word == stem || is_plural(word, stem)))
    };
    if found.iter().any(|(_, key, _)| is_named(key)) {
        found.retain(|(_, key, _)| is_named(key));
    } else if figure.is_some_and(is_above)
        && found
            .iter()
            .any(|(_, key, value)| is_above(value) && !words(key).iter().any(|word| ROUNDS.contains(&&**word)))
    {
        found.retain(|(.., value)| is_above(value));
    }
}

/// The figure that levels lead to.
fn figure<'v>(levels: &[Level<'v, '_>]) -> Option<&'v Value<'v>> {
    let level = levels.first()?;
    level.object.get(level.key)
}

/// Whether the count of a stem is one of what the statistic was made of.
fn counts_stem(statistic: &Statistic, stem: &[String]) -> bool {
    !matches!(statistic.kind, Kind::Share | Kind::Rate | Kind::Portion) && *stem == statistic.stem && !stem.is_empty()
}

/// Whether a count is one of what the statistic was made of. `nothing`: whether an `n` would count.
fn counted(count: &Count, statistic: &Statistic, above: bool, nothing: bool) -> bool {
    let plain = !matches!(statistic.kind, Kind::Share | Kind::Rate | Kind::Portion);
    let timed = statistic.timed || statistic.stem.iter().any(|word| TIMES.contains(&&**word));
    let read = !timed && statistic.stem.iter().any(|word| GAUGES.contains(&&**word));
    let gauge = read && statistic.kind != Kind::Percentile;
    let looks = statistic.kind == Kind::Share && statistic.stem.iter().any(|word| LOOKED_AT.contains(&word.as_str()));
    match count {
        Count::Of(stem) => counts_stem(statistic, stem),
        Count::Part => statistic.kind == Kind::Rate && !above,
        Count::Own => !gauge && !matches!(statistic.kind, Kind::Rate | Kind::Portion),
        Count::Samples => !gauge,
        Count::Checks => looks,
        Count::Looks if looks => true,
        Count::Events | Count::Looks => {
            let share = statistic.kind == Kind::Share && !statistic.stem.iter().any(|word| UPTIMES.contains(&&**word));
            let bare = statistic.stem.is_empty() && !statistic.sized && statistic.kind != Kind::Rate;
            !read && (timed || share || bare)
        }
        Count::Letter => plain && nothing && !gauge && statistic.kind != Kind::Single,
        Count::Perhaps => {
            nothing && !gauge && (plain || matches!(statistic.kind, Kind::Share | Kind::Portion) && !above)
        }
    }
}

/// The kinds of the statistics in an object and in the objects of it, where all of them are zero or null; `None` where
/// one of them is neither.
fn nothing(object: &Object<'_>) -> Option<Vec<Kind>> {
    let mut kinds = Vec::new();
    statistics(object, false, 2, &mut kinds).then_some(kinds)
}

fn statistics(object: &Object<'_>, within: bool, depth: usize, kinds: &mut Vec<Kind>) -> bool {
    object.iter().all(|(key, value)| {
        if let Value::Object(inner) = value {
            // What has a count of its own is counted by that.
            let apart = inner.iter().any(|(key, _)| Count::of(key).is_some());
            let within = is_wrapper(key) || words(key).iter().any(|word| is_latency(word));
            return apart || depth == 0 || statistics(inner, within, depth - 1, kinds);
        }
        let Some(statistic) = Statistic::of(key, within) else { return true };
        if matches!(statistic.kind, Kind::Portion | Kind::Single) {
            return true;
        }
        let zero = match value {
            Value::Number(number) => is_beyond(number) || (!is_positive(number) && !number.as_str().starts_with('-')),
            // What could not be read may be a zero as well.
            Value::Null | Value::Text(_) => true,
            Value::Object(_) | Value::List(_) => return true,
            Value::Bool(_) => false,
        };
        kinds.push(statistic.kind);
        zero
    })
}

/// A percentile, a mean, or a least and a greatest.
fn is_distribution(kinds: &[Kind]) -> bool {
    let has = |kind: Kind| kinds.contains(&kind);
    has(Kind::Percentile) || has(Kind::Mean) || (has(Kind::Least) && has(Kind::Greatest))
}

/// Words of shares that only a look at something finds.
const LOOKED_AT: [&str; 3] = ["uptime", "availability", "available"];

/// Whether a count counts nothing.
fn is_none(value: &Value<'_>) -> bool {
    matches!(value, Value::Number(number) if !is_positive(number))
}

/// Whether a number is above zero, however it is written.
fn is_positive(number: &Number<'_>) -> bool {
    let text = number.as_str();
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    !text.starts_with('-') && mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// Whether a number is none that was counted: beyond what a double holds, or so near to zero that a double is zero.
fn is_beyond(number: &Number<'_>) -> bool {
    // Nearly all counts are a few digits.
    if number.as_str().len() < 20 && !number.as_str().contains(['e', 'E']) {
        return false;
    }
    number.to_f64().is_none_or(|value| value == 0.0 && is_positive(number))
}
