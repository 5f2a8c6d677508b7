//! Why a share over a bound changed: `--over 250 --against base.state now.state`.
//!
//! Owns the split of the change into groups, each into *mix* (the group has another part of all samples) and *slower* (another
//! part of its own samples lies over the bound), as Kitagawa (1955) split it: nothing is left over and the order of the two
//! sides does not matter. A group of one side alone is mix. Refuses sketches, whose samples are known to a bucket only.

use std::collections::BTreeMap;
use std::path::PathBuf;

use expr::{Path, Unit};
use filter::states::{Expected, few};
use filter::{Error, Filter, Records, Require};
use number::{Decimal, Quantity, Sample};
use schema::{Code, Number, Object, Unknown, Value, json};

use crate::flags::Config;
use crate::groups::doubt::Reach;
use crate::modes::merge::{Merged, Merging, seals};

use crate::plan::Plan;
use crate::report;

/// How many groups the words name.
const NAMED: usize = 5;
/// To so many digits each term is divided out; what is written has 17.
const DIGITS: usize = 25;
/// And to so many places, so that terms of any size can be added up exactly.
const PLACES: i32 = 30;

/// The samples of a group on one side: how many, and how many of them over the bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    all: u64,
    over: u64,
}

/// The groups of one side, by their names.
#[derive(Debug, Default)]
struct Side {
    groups: BTreeMap<String, Count>,
    /// Why the counts cannot be told.
    doubt: Option<(Code, String)>,
    sum: Count,
}

/// What a group adds to the change.
#[derive(Clone, Debug)]
struct Part {
    name: String,
    before: Count,
    now: Count,
    mix: Decimal,
    slower: Decimal,
}

impl Part {
    fn change(&self) -> Decimal {
        self.mix.plus(self.slower).unwrap_or_default()
    }
}

/// Reads both sides and writes one record: the shares, their change, its parts and the words.
pub fn run(config: &Config, plan: &Plan, filter: &mut Filter) -> Result<(), Error> {
    let Some(bound) = &config.over else { return Err(Error::usage("--against wants --over BOUND")) };
    let (before, field, unit) = side(config, plan, &config.against, bound, filter)?;
    let (now, other, same) = side(config, plan, &config.files, bound, filter)?;
    if field != other || unit != same {
        return Err(Error::data("--against", format!("the states are not of one field: {field} and {other}")));
    }
    let mut record = Object::new();
    record.insert("field", field.clone());
    record.insert("over", bound.clone());
    record.insert("before", counts(before.sum));
    record.insert("now", counts(now.sum));
    let mut unknown = Vec::new();
    let mut why = Vec::new();
    let parts = match (&before.doubt, &now.doubt) {
        (None, None) if before.sum.all > 0 && now.sum.all > 0 => split(&before, &now),
        (None, None) => {
            let detail = format!("{} samples before, {} now", before.sum.all, now.sum.all);
            doubt(&mut unknown, Code::NoSamples, &detail);
            Some(Vec::new())
        }
        (Some((code, detail)), _) | (None, Some((code, detail))) => {
            doubt(&mut unknown, *code, detail);
            unknown.extend(["before", "now"].map(|path| Unknown::new(path, *code, detail.clone())));
            Some(Vec::new())
        }
    };
    let Some(mut parts) = parts else {
        return Err(Error::data("--against", "too many samples to split exactly"));
    };
    parts.sort_by(|a, b| b.change().abs().cmp(&a.change().abs()).then_with(|| a.name.cmp(&b.name)));
    let sum = |figure: fn(&Part) -> Decimal| {
        parts.iter().try_fold(Decimal::ZERO, |sum, part| sum.plus(figure(part))).unwrap_or_default()
    };
    let written = |figure: Decimal| {
        if unknown.is_empty() { rounded(figure) } else { Value::Null }
    };
    record.insert("change", written(sum(Part::change)));
    record.insert("mix", written(sum(|part| part.mix)));
    record.insert("slower", written(sum(|part| part.slower)));
    let mut groups = Object::new();
    for part in &parts {
        let mut group = Object::new();
        group.insert("before", counts(part.before));
        group.insert("now", counts(part.now));
        group.insert("change", written(part.change()));
        group.insert("mix", written(part.mix));
        group.insert("slower", written(part.slower));
        groups.insert(part.name.clone(), group);
    }
    record.insert("groups", groups);
    if unknown.is_empty() {
        why = words(&field, bound, &before, &now, &parts);
    }
    report::evidence(&mut record, unknown, None);
    if !why.is_empty() {
        let mut evidence = match record.remove("@evidence") {
            Some(Value::Object(evidence)) => evidence,
            _ => Object::new(),
        };
        evidence.insert("why", why.iter().map(|line| Value::from(line.clone())).collect::<Vec<_>>());
        record.insert("@evidence", evidence);
    }
    if filter.people() {
        return why.iter().try_for_each(|line| filter.text(&format!("{line}\n")));
    }
    filter.object(&record)
}

fn doubt(unknown: &mut Vec<Unknown>, code: Code, detail: &str) {
    let paths = ["change", "mix", "slower", "groups"];
    unknown.extend(paths.map(|path| Unknown::new(path, code, detail)));
}

/// A count and the share that it is.
fn counts(count: Count) -> Object<'static> {
    let mut object = Object::new();
    object.insert("count", count.all);
    object.insert("over", count.over);
    let share = term(count.over, 1, count.all, 1).filter(|_| count.all > 0);
    object.insert("share", share.map_or(Value::Null, rounded));
    object
}

/// As it is written: the nearest double.
fn rounded(figure: Decimal) -> Value<'static> {
    let double = figure.to_number().to_f64();
    double.and_then(Number::from_f64).map_or(Value::Null, Value::Number)
}

/// Reads the states of one side; also which field they are of, and in which unit its texts were read.
fn side(
    config: &Config,
    plan: &Plan,
    files: &[PathBuf],
    bound: &str,
    filter: &mut Filter,
) -> Result<(Side, String, Option<Unit>), Error> {
    let mut merging = Merging::new(plan.max_memory, plan.precision, filter.options.allow_equal);
    let mut records = Records::new(files, Require::Rows);
    while let Some(record) = records.next(filter)? {
        let place = || format!("{}:{}", record.file, record.line);
        merging.take(&record.value).map_err(|reason| Error::data(place(), reason))?;
        filter.counts.used += 1;
    }
    let fault = records.fault();
    let Merged { mut groups, parameters, sources, vouched, .. } = merging.finish(&Expected::Any, true)?;
    match fault {
        Some(fault) if !vouched => return Err(fault),
        _ => {}
    }
    filter.replace_upstream(vouched, seals(&sources));
    let wildcards = parameters.wildcards();
    groups.read_all(&parameters.ending(&wildcards), false);
    let asked = config.fields.first().map(|path| path.dotted().to_owned());
    let field = match (asked, &*groups.names) {
        (Some(asked), names) if names.contains(&asked) => asked,
        (None, [one]) => one.clone(),
        (None, []) => String::new(),
        (asked, names) => {
            let wanted =
                asked.map_or_else(|| "say which with -f".to_owned(), |asked| format!("{asked} is none of them"));
            return Err(Error::data("--against", format!("the states have {}: {wanted}", few(names))));
        }
    };
    let unit = parameters.reading.get("unit").and_then(Value::as_text).and_then(Unit::from_written);
    let unit = unit.or_else(|| Path::parse(&field).ok()?.unit());
    let limit = Sample::read(bound.as_bytes()).or_else(|| crate::options::with_unit(bound, unit?));
    let Some((limit, true)) = limit else {
        return Err(Error::usage(format!("--over {bound}: wanted a number, with a unit where {field} has one")));
    };
    let mut chosen = Vec::new();
    for path in &config.by {
        let place = parameters.by.iter().position(|name| name == path.dotted());
        chosen.push(place.ok_or_else(|| {
            Error::data("--against", format!("-b {path}: the states have the groups {}", few(&parameters.by)))
        })?);
    }
    let number = groups.names.iter().position(|name| *name == field);
    let mut side = Side::default();
    for place in 0..groups.list.len() {
        groups.finish(place);
        let Some(group) = groups.list.get(place) else { continue };
        let values = group.key();
        let mut texts: Vec<String> = values.iter().map(text).collect();
        if !chosen.is_empty() {
            texts = chosen.iter().filter_map(|place| texts.get(*place).cloned()).collect();
        }
        let metric = number.and_then(|number| group.metrics.get(number));
        let doubts = group.doubts.as_deref().into_iter().chain(metric.and_then(|metric| metric.doubts.as_deref()));
        if let Some(reach) = Reach::of(doubts) {
            side.doubt.get_or_insert((reach.code, reach.detail));
        }
        let Some(metric) = metric else { continue };
        if metric.samples.as_sketch().is_some() {
            return Err(Error::data(
                "--against",
                "a state is a sketch, which does not keep single samples: it cannot say on which side of the bound they are",
            ));
        }
        let mut count = Count { all: metric.samples.count(), over: 0 };
        metric.samples.each(|one, many| {
            if one > limit {
                count.over += many;
            }
        });
        let name = if texts.is_empty() { "all".to_owned() } else { texts.join(" ") };
        let held = side.groups.entry(name).or_default();
        for sum in [held, &mut side.sum] {
            sum.all = sum.all.saturating_add(count.all);
            sum.over = sum.over.saturating_add(count.over);
        }
    }
    Ok((side, field, unit))
}

/// The value of a group as it is called: a text without quotes, where that is not what another value looks like.
fn text(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) if !text.is_empty() && json::parse(text.as_bytes()).is_err() => text.to_string(),
        other => {
            let mut text = Vec::new();
            json::write(other, &mut text);
            String::from_utf8_lossy(&text).into_owned()
        }
    }
}

/// `a b / c d`, to [`DIGITS`] digits.
fn term(a: u64, b: u64, c: u64, d: u64) -> Option<Decimal> {
    let product = |a: u64, b: u64| Some(Quantity::new(Decimal::from(a).times(Decimal::from(b))?));
    let figure = product(a, b)?.divided_by(product(c, d)?)?.to_number(DIGITS);
    Decimal::from_number(&figure).map(|figure| figure.floor_to(PLACES))
}

/// The parts of the change from one side to the other; `None` where the counts are too large for that.
fn split(before: &Side, now: &Side) -> Option<Vec<Part>> {
    let mut names: Vec<&String> = before.groups.keys().chain(now.groups.keys()).collect();
    names.sort();
    names.dedup();
    names.into_iter().map(|name| part(name, before, now)).collect()
}

fn part(name: &str, before: &Side, now: &Side) -> Option<Part> {
    let of = |side: &Side| side.groups.get(name).copied().unwrap_or_default();
    let (was, is, was_all, is_all) = (of(before), of(now), before.sum, now.sum);
    let half = |sum: Decimal| sum.times(Decimal::new(5, -1)?);
    // Of a side without the group its share is that of the other: nothing of it is slower.
    let (old, new) = match (was.all, is.all) {
        (0, 0) => {
            return Some(Part {
                name: name.to_owned(),
                before: was,
                now: is,
                mix: Decimal::ZERO,
                slower: Decimal::ZERO,
            });
        }
        (0, _) => (is, is),
        (_, 0) => (was, was),
        _ => (was, is),
    };
    // With w the group's part of all samples and r its share over the bound, w r and w R for each of both sides.
    let own = [
        term(was.all, old.over, was_all.all, old.all)?,
        term(was.all, new.over, was_all.all, new.all)?,
        term(is.all, old.over, is_all.all, old.all)?,
        term(is.all, new.over, is_all.all, new.all)?,
    ];
    let all = [
        term(was.all, was_all.over, was_all.all, was_all.all)?,
        term(was.all, is_all.over, was_all.all, is_all.all)?,
        term(is.all, was_all.over, is_all.all, was_all.all)?,
        term(is.all, is_all.over, is_all.all, is_all.all)?,
    ];
    // (w0 + w1) (r1 - r0) / 2
    let slower = half(own[1].plus(own[3])?.minus(own[0])?.minus(own[2])?)?;
    // (w1 - w0) (r0 + r1 - R0 - R1) / 2
    let difference = |list: [Decimal; 4]| list[2].plus(list[3])?.minus(list[0])?.minus(list[1]);
    let mix = half(difference(own)?.minus(difference(all)?)?)?;
    mix.plus(slower)?;
    Some(Part { name: name.to_owned(), before: was, now: is, mix, slower })
}

/// What happened, in words: one line for all, and one for each of the groups that matter most.
fn words(field: &str, bound: &str, before: &Side, now: &Side, parts: &[Part]) -> Vec<String> {
    let share = |count: Count| percent(term(count.over, 100, count.all, 1).unwrap_or_default());
    let mut first = format!("{field} over {bound}: {}% before, {}% now", share(before.sum), share(now.sum));
    let told: Vec<&Part> = parts.iter().filter(|part| !part.change().is_zero()).take(NAMED).collect();
    for (place, part) in told.iter().take(2).enumerate() {
        let (word, figure) =
            if part.slower.abs() >= part.mix.abs() { ("slower", part.slower) } else { ("mix", part.mix) };
        let before = if place == 0 { ": " } else { ", " };
        first.push_str(&format!("{before}{} {word} {}", part.name, points(figure)));
    }
    let mut lines = vec![first];
    for part in told {
        lines.push(format!(
            "{}: {} points, {} slower and {} mix; {} of {} before, {} of {} now",
            part.name,
            points(part.change()),
            points(part.slower),
            points(part.mix),
            part.before.over,
            part.before.all,
            part.now.over,
            part.now.all
        ));
    }
    lines
}

fn percent(figure: Decimal) -> String {
    let three = figure.to_number().to_f64().and_then(|double| format!("{double:.2e}").parse().ok());
    three.and_then(Number::from_f64).map_or_else(String::new, |number| number.to_string())
}

/// A part of a share in points of a hundred, with its sign.
fn points(figure: Decimal) -> String {
    let text = percent(figure.times(Decimal::from(100u64)).unwrap_or_default());
    if figure.signum() > 0 { format!("+{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use testkit::Random;

    use super::*;

    fn side(groups: &[(&str, u64, u64)]) -> Side {
        let mut side = Side::default();
        for (name, all, over) in groups {
            side.groups.insert((*name).to_owned(), Count { all: *all, over: *over });
            side.sum.all += all;
            side.sum.over += over;
        }
        side
    }

    fn figure(decimal: Decimal) -> f64 {
        decimal.to_number().to_f64().unwrap()
    }

    #[test]
    fn only_slower_and_only_mix() {
        // One group got slower; the parts of all samples stayed.
        let parts = split(&side(&[("a", 100, 1), ("b", 100, 10)]), &side(&[("a", 200, 22), ("b", 200, 20)])).unwrap();
        let found: Vec<(f64, f64)> = parts.iter().map(|part| (figure(part.mix), figure(part.slower))).collect();
        assert_eq!(found, [(0.0, 0.05), (0.0, 0.0)]);
        // Each is as slow as before, and more came to the slow one.
        let parts = split(&side(&[("a", 100, 1), ("b", 100, 10)]), &side(&[("a", 100, 1), ("b", 300, 30)])).unwrap();
        assert!(parts.iter().all(|part| part.slower.is_zero()));
        // A new group, which is slower than the rest, is mix.
        let parts = split(&side(&[("a", 100, 1)]), &side(&[("a", 100, 1), ("b", 100, 50)])).unwrap();
        assert!(parts.iter().all(|part| part.slower.is_zero()) && parts[1].mix.signum() > 0);
    }

    /// Nothing is left over, and from there to here is the opposite of from here to there.
    #[test]
    fn the_parts_make_the_whole() {
        let mut random = Random::new(250);
        for _ in 0..testkit::times(20_000) {
            let mut any = || {
                let groups = 1 + random.below(6);
                let groups: Vec<(&str, u64, u64)> = (0..groups)
                    .map(|at| {
                        let all = random.below(if at == 0 { 1 << 40 } else { 1000 }) as u64;
                        (["a", "b", "c", "d", "e", "f"][random.below(6)], all, random.below(all as usize + 1) as u64)
                    })
                    .collect();
                let mut once: Vec<(&str, u64, u64)> = Vec::new();
                groups.into_iter().for_each(|group| {
                    if once.iter().all(|one| one.0 != group.0) {
                        once.push(group)
                    }
                });
                side(&once)
            };
            let (before, now) = (any(), any());
            if before.sum.all == 0 || now.sum.all == 0 {
                continue;
            }
            let parts = split(&before, &now).unwrap();
            let sum = parts.iter().fold(Decimal::ZERO, |sum, part| sum.plus(part.change()).unwrap());
            let share = |sum: Count| term(sum.over, 1, sum.all, 1).unwrap();
            let change = share(now.sum).minus(share(before.sum)).unwrap();
            assert!(figure(sum.minus(change).unwrap()).abs() < 1e-22, "{before:?} {now:?}");
            let back = split(&now, &before).unwrap();
            for (one, other) in parts.iter().zip(&back) {
                assert!(figure(one.slower.plus(other.slower).unwrap()).abs() < 1e-22, "{one:?} {other:?}");
                assert!(figure(one.mix.plus(other.mix).unwrap()).abs() < 1e-22, "{one:?} {other:?}");
            }
        }
    }
}
