//! The checks of a group on the page: a row each, or, of a series of records, a line over time for each check.
//!
//! Owns which of the two it is; refuses to leave out a check that did not pass without saying so.

use filter::{margin, rounded_figures};
use schema::{Check, Group, Status, Value, Verdict};

use super::evidence::Places;
use super::plot::{self, Curve, Point};
use super::{bar, escaped, long, pill};
use crate::formats::{Row, bound, failing, interval, plain, rows, value};
use crate::groups::record;
use crate::ramp;

/// From how many checks of one id on they are a series.
const SERIES: usize = 3;
/// How many rows a group lists; failures first.
const ROWS: usize = 200;
/// How many checks that passed are listed; where there are more, they are to unfold.
const PASSED: usize = 20;
/// How many of the checks in series that did not pass are listed below the lines.
const BAD: usize = 20;
/// How many lines a group or the ramp draws.
const PLOTS: usize = 40;
const CURVES: usize = 8;

/// How many letters of a figure fit into its column.
const COLUMN: usize = 14;

/// All checks of a group.
pub fn list(number: usize, group: &Group<'static>, places: &Places, out: &mut String) {
    let rows = rows(group);
    let mut series: Vec<(String, Vec<&Check<'static>>)> = Vec::new();
    let mut places_of = std::collections::HashMap::new();
    for row in &rows {
        let title = row.title();
        let place = match places_of.get(&title) {
            Some(&place) => place,
            None => {
                series.push((title.clone().into_owned(), Vec::new()));
                places_of.insert(title, series.len() - 1);
                series.len() - 1
            }
        };
        if let Some((_, list)) = series.get_mut(place) {
            list.push(&row.check);
        }
    }
    let is_series = |list: &[&Check<'static>]| list.len() >= SERIES;
    let mut single: Vec<(&str, &Check<'static>)> = Vec::new();
    let mut drawn = 0;
    let mut bad: Vec<(&str, &Check<'static>)> = Vec::new();
    for (title, list) in &series {
        if is_series(list) && drawn < PLOTS {
            drawn += 1;
            figure(group, title, list, out);
            bad.extend(list.iter().filter(|check| check.status > Status::Pass).map(|check| (title.as_str(), *check)));
        } else {
            single.extend(list.iter().map(|check| (title.as_str(), *check)));
        }
    }
    let (bad_single, passed): (Vec<_>, Vec<_>) = single.iter().partition(|(_, check)| check.status > Status::Pass);
    // Of many checks those that passed are folded, as on a terminal.
    if passed.len() > PASSED && !bad_single.is_empty() {
        table(number, group, &bad_single, places, ROWS, out);
        out.push_str(&format!("<details class=\"more\"><summary>{} checks passed</summary>", passed.len()));
        table(number, group, &passed, places, ROWS.saturating_sub(bad_single.len()), out);
        out.push_str("</details>");
    } else {
        table(number, group, &single, places, ROWS, out);
    }
    if !bad.is_empty() {
        // The worst first; a stable order within.
        bad.sort_by_key(|(_, check)| std::cmp::Reverse(check.status));
        let words = if bad.len() == 1 {
            "1 check of these series".to_owned()
        } else {
            format!("{} checks of these series", bad.len())
        };
        out.push_str(&format!("<details class=\"more\"><summary>{words} did not pass</summary>"));
        table(number, group, &bad, places, BAD, out);
        out.push_str("</details>");
    }
}

fn table(
    number: usize,
    group: &Group<'static>,
    list: &[(&str, &Check<'static>)],
    places: &Places,
    limit: usize,
    out: &mut String,
) {
    if list.is_empty() {
        return;
    }
    let mut order: Vec<&(&str, &Check<'static>)> = list.iter().collect();
    order.sort_by_key(|(_, check)| std::cmp::Reverse(check.status));
    out.push_str(
        "<table class=\"checks\"><thead><tr><th></th><th>check</th><th>actual against bound</th><th class=\"num\">actual</th>\
         <th>bound</th><th class=\"num\">margin</th><th>from</th></tr></thead><tbody>",
    );
    for (title, check) in order.iter().take(limit) {
        row(number, group, title, check, places, out);
    }
    out.push_str("</tbody></table>");
    if list.len() > limit {
        let more = list.len() - limit;
        out.push_str(&format!("<div class=\"pad\">… and {more} more checks, in the JSON document</div>"));
    }
}

fn row(number: usize, group: &Group<'static>, title: &str, check: &Check<'static>, places: &Places, out: &mut String) {
    let class = check.status.word();
    let mut small = String::new();
    if check.status > Status::Pass && !check.reason.is_empty() {
        // The id stands right above: where the reason begins with it, only the rest is said.
        let rest =
            check.reason.strip_prefix(&check.id).and_then(|rest| rest.strip_prefix(": ").or(rest.strip_prefix('=')));
        let said = rounded_figures(rest.filter(|_| title == check.id).unwrap_or(&check.reason));
        small.push_str(&format!(" <small class=\"why-not\">{}</small>", whole(&said, 240)));
    }
    if let Some(code) = check.code.filter(|_| check.status == Status::Inconclusive) {
        small.push_str(&format!(" <small>{}: {}</small>", code.meaning(), code.remedy()));
    }
    if let Some(failing) = failing(&Row { group, check: std::borrow::Cow::Borrowed(check) }) {
        small.push_str(&format!(" <small class=\"why-not\">{}</small>", long(&failing, 400)));
    }
    if let Some(change) = check.change_words() {
        small.push_str(&format!(" <small>{} compared with the baseline</small>", escaped(&change)));
    }
    if !check.metric.is_empty() && check.metric != check.id {
        small.push_str(&format!(" <small><code>{}</code></small>", long(&check.metric, 120)));
    }
    if check.assumed {
        small.push_str(" <small>a default was used for a missing value</small>");
    }
    let measured = value(check);
    let ends = interval(check);
    let between = if ends.is_empty() { String::new() } else { format!(", {ends}") };
    let words = escaped(&format!("{title}: {measured}{between}, wanted {}", bound(check)));
    let ends = if ends.is_empty() { String::new() } else { format!(" <small>{}</small>", escaped(&unit_kept(&ends))) };
    let drawing = bar::bar(check, &words);
    let none = if drawing.is_empty() { " none" } else { "" };
    let margin = margin(check);
    // No line ends within a number; a text may be longer than its column.
    let class_of = |value: &Value<'_>| if value.as_number().is_some() { " fig" } else { "" };
    let (figure, limit) = (class_of(&check.actual), class_of(&check.expected));
    let mut from = Vec::new();
    if let Some(source) = &check.source {
        from.push(places.source(number, source));
    }
    if let Some(samples) = check.samples {
        from.push(format!("<span>n = {samples}</span>"));
    }
    if check.origin == schema::Origin::Declared {
        from.push("declared".to_owned());
    }
    out.push_str(&format!(
        "<tr class=\"{class}\"><td>{}</td><td class=\"name\">{}{small}</td><td class=\"bar{none}\">{drawing}</td>\
         <td class=\"num{figure}\" data-label=\"actual\">{}{ends}</td><td class=\"lim{limit}\" data-label=\"bound\">{}</td>\
         <td class=\"num{figure}\" data-label=\"margin\">{}</td><td class=\"src\" data-label=\"from\">{}</td></tr>",
        pill(check.status, class),
        whole(title, 160),
        places.link(group, check, &long(&unit_kept(&measured), 60)),
        long(&unit_kept(&bound(check)), 60),
        long(&unit_kept(&margin), 40),
        from.join(", ")
    ));
}

/// A figure whose unit stays on its line: `99.5 %` has a blank at which a narrow column would part it; where both are
/// longer than a column, the unit may go below.
fn unit_kept(text: &str) -> String {
    if text.chars().count() > COLUMN && !text.contains('→') {
        return text.to_owned();
    }
    let mut kept = String::with_capacity(text.len() + 4);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(' ') {
        kept.push_str(before);
        let is_unit = after.starts_with(|first: char| first.is_alphabetic() || first == '%');
        kept.push(if is_unit && before.ends_with(|last: char| last.is_ascii_digit()) { '\u{a0}' } else { ' ' });
        rest = after;
    }
    kept + rest
}

/// A text that may be very long: clipped, with the whole of it to unfold.
fn whole(text: &str, limit: usize) -> String {
    let clip = long(text, limit);
    if text.chars().nth(limit).is_none() {
        return clip;
    }
    format!("{clip}<details class=\"whole\"><summary>the whole text</summary><p>{}</p></details>", escaped(text))
}

/// One check over a series of records.
fn figure(group: &Group<'static>, title: &str, list: &[&Check<'static>], out: &mut String) {
    let points: Vec<Point> = list
        .iter()
        .map(|check| Point {
            value: check.actual.as_number().and_then(|number| number.to_f64()).filter(|_| !check.op.is_empty()),
            status: check.status,
        })
        .collect();
    let worst = list.iter().max_by_key(|check| check.status);
    let status = worst.map_or(Status::Skip, |check| check.status);
    let count = |wanted: Status| list.iter().filter(|check| check.status == wanted).count();
    let mut tally = format!("{} of {} passed", count(Status::Pass), list.len());
    for (wanted, words) in [(Status::Fail, "failed"), (Status::Warn, "warned"), (Status::Inconclusive, "inconclusive")]
    {
        if count(wanted) > 0 {
            tally.push_str(&format!(", {} {words}", count(wanted)));
        }
    }
    let asked = list.last().map(|check| bound(check)).unwrap_or_default();
    let span = span(&points, list.last().map_or("", |check| check.unit.as_str()));
    let label = |check: Option<&&Check<'static>>, other: &str| {
        check
            .and_then(|check| moment(record(group, &check.scope, check.record.unwrap_or(0))?))
            .map_or(other.to_owned(), |time| long(&time, 32))
    };
    let (first, last) = (label(list.first(), "1"), label(list.last(), &list.len().to_string()));
    let limits = list.last().and_then(|check| bar::limits(check)).unwrap_or_default();
    let words = escaped(&format!("{title}: {tally}"));
    out.push_str(&format!(
        "<figure class=\"plot {}\"><figcaption>{} <b>{}</b> <small>{} {span}{tally}</small></figcaption>{}\
         <p class=\"axis\"><span>{first}</span><span>{last}</span></p></figure>",
        status.word(),
        pill(status, status.word()),
        long(title, 160),
        long(&asked, 60),
        plot::line(&points, limits, &words)
    ));
}

/// `· 20 … 612 ms, last 31 ·`
fn span(points: &[Point], unit: &str) -> String {
    let known: Vec<f64> = points.iter().filter_map(|point| point.value).collect();
    let Some(last) = known.last() else { return "· ".to_owned() };
    let low = known.iter().copied().fold(f64::INFINITY, f64::min);
    let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let unit = if unit.is_empty() { String::new() } else { format!(" {}", escaped(unit)) };
    format!("· {} … {}{unit}, last {} · ", plot::short(low), plot::short(high), plot::short(*last))
}

/// The time a record tells, under one of the names that logs use.
fn moment(record: &Value<'_>) -> Option<String> {
    let keys = ["ts", "time", "at", "timestamp", "started_at", "start_time", "date", "round"];
    let value = keys.iter().find_map(|key| record.get(key))?;
    matches!(value, Value::Text(_) | Value::Number(_)).then(|| plain(value))
}

/// The ramp: of each check the share of its bound, step by step.
pub fn ramp_plot(verdict: &Verdict<'static>) -> String {
    let groups = ramp::in_order(verdict.groups.iter().filter(|group| group.id != crate::groups::STREAM).collect());
    let steps: Vec<(String, Status)> = groups
        .iter()
        .map(|group| (long(&group.id, 12), Status::from_verdict(&group.verdict).unwrap_or(Status::Inconclusive)))
        .collect();
    let mut names: Vec<&str> = Vec::new();
    for check in groups.iter().flat_map(|group| &group.checks) {
        if share(check).is_some() && !names.contains(&check.id.as_str()) && names.len() < CURVES {
            names.push(&check.id);
        }
    }
    let curves: Vec<Curve> = names
        .iter()
        .map(|name| Curve {
            name: long(name, 60),
            shares: groups
                .iter()
                .map(|group| group.checks.iter().find(|check| check.id == *name).and_then(share))
                .collect(),
        })
        .collect();
    if steps.is_empty() { String::new() } else { plot::ramp(&steps, &curves) }
}

/// How much of its bound a check uses up: 1 at the bound, more beyond it.
fn share(check: &Check<'static>) -> Option<f64> {
    let measured = check.actual.as_number()?.to_f64()?;
    let share = match bar::limits(check)? {
        (None, Some(high)) if high > 0.0 => measured / high,
        (Some(low), None) if measured > 0.0 => low / measured,
        _ => return None,
    };
    (share.is_finite() && share >= 0.0).then_some(share)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_unit_is_not_parted_from_its_figure() {
        for (text, kept) in [
            ("99.5 %", "99.5\u{a0}%"),
            ("<= 200 ms", "<= 200\u{a0}ms"),
            ("171 .. 202 ms", "171 .. 202\u{a0}ms"),
            ("-3 ms, 5 of 7", "-3\u{a0}ms, 5\u{a0}of 7"),
            ("true", "true"),
            ("", ""),
        ] {
            assert_eq!(super::unit_kept(text), kept);
        }
    }
}
