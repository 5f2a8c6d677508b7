//! Text for people: a table that can be read on a terminal and in a mail.
//!
//! Owns what stands in it and in which order; refuses control characters, and colours where nobody asked for them, so that
//! a mail shows what a terminal does.

use std::borrow::Cow;

use filter::{CheckTable, Row, Style, Table, paint, rounded_figures, wrapped};
use schema::{Check, Code, Group, Status, Verdict};

use super::{Decision, Look, all_rows, clipped, codes, collapsed, decision, name, rows, status, tally, visible};
use crate::{groups, ramp};

/// How many groups that passed a table lists; where there are more, it counts them.
const PASSED: usize = 20;
/// The longest source in the first line.
const CELL: usize = 44;
/// How many checks that did not pass a table lists.
const ALL_CHECKS: usize = 60;

/// The longest line of `-q`.
const BRIEF_LINE: usize = 400;
/// The longest beginning of a paragraph under which its later lines leave room.
const HANGING: usize = 24;

/// The whole report.
pub fn render(verdict: &Verdict<'static>, look: &Look<'_>) -> String {
    let mut out = String::new();
    if let Some(title) = look.title {
        line(&mut out, &paint(&visible(title), Style::Head, look.colored));
    }
    headline(verdict, look, &mut out);
    if let Some(found) = &verdict.ramp {
        line(&mut out, &visible(&ramp::answer(found)));
        if !found.next_limit.is_empty() {
            paragraph(&mut out, "Next limit:", Style::Plain, &visible(&found.next_limit), look);
        }
    }
    for (name, gate) in verdict.gates.iter() {
        let Some(gate) = schema::Gate::from_value(gate) else { continue };
        let front = format!("gate {}: {} ", visible(name), gate.verdict);
        paragraph(&mut out, &front, Style::Plain, &visible(&collapsed(&gate.reason)), look);
    }
    if verdict.groups.len() > 1 {
        group_table(verdict, look, &mut out);
    }
    checks(verdict, look, &mut out);
    out.push('\n');
    paragraph(&mut out, "", Style::Plain, &chain(verdict), look);
    // What no check says: that there was none.
    let nobody = Group::default();
    let told: Vec<Code> = all_rows(verdict, &nobody).iter().filter_map(|row| row.check.code).collect();
    for code in codes(verdict).into_iter().filter(|code| !told.contains(code)) {
        let words = format!("{}: {}", code.meaning(), code.remedy());
        paragraph(&mut out, &format!("{}:", code.name()), Style::Plain, &words, look);
    }
    for (key, value) in verdict.extra.iter() {
        line(&mut out, &format!("{} = {}", visible(key), visible(&super::plain(value))));
    }
    out
}

/// What `-q` says on standard error: nothing on PASS, else at most `limit` lines.
pub fn brief(verdict: &Verdict<'static>, limit: usize) -> Vec<String> {
    let Decision { status: decided, reason, gate } = decision(verdict);
    if decided == Status::Pass {
        return Vec::new();
    }
    let mut bad: Vec<_> = verdict
        .groups
        .iter()
        .flat_map(rows)
        .filter(|row| row.check.status > Status::Pass && !groups::is_not_whole(&row.check))
        .collect();
    // The worst come first: where they say all that the reason says, it is not said twice.
    bad.sort_by_key(|row| std::cmp::Reverse(row.check.status));
    let by_checks =
        gate.is_none() && verdict.ramp.is_none() && verdict.groups.iter().all(|group| group.document.is_none());
    let bad: Vec<String> = bad
        .iter()
        .map(|row| {
            let (told, id) = (told(&row.check), &row.group.id);
            let told = rounded_figures(&told).into_owned();
            let named = id.is_empty() || told.starts_with(&format!("{id}: "));
            let told = if named { told } else { format!("{id}: {told}") };
            format!("{} {}", row.check.status.verdict(), clipped(&visible(&told), BRIEF_LINE))
        })
        .collect();
    let mut lines = match bad.as_slice() {
        [only] if verdict.ramp.is_none() && gate.is_none() => vec![only.clone()],
        [_, _, ..] if by_checks => bad,
        _ => {
            let words = clipped(&visible(&collapsed(&reason)), BRIEF_LINE).into_owned();
            let plain = format!("{} {words}", decided.verdict());
            let gate = gate.map_or(String::new(), |gate| format!("gate {}: ", visible(gate)));
            let mut lines = vec![format!("{} {gate}{words}", decided.verdict())];
            lines.extend(bad.into_iter().filter(|line| *line != plain));
            lines
        }
    };
    for code in codes(verdict) {
        lines.push(format!("{}: {}", code.name(), code.remedy()));
    }
    if lines.len() > limit {
        let more = lines.len() - limit + 1;
        lines.truncate(limit - 1);
        lines.push(format!("and {more} more lines"));
    }
    lines
}

/// `missing: p99`, so that the code stands first; a message of the user's own stands as it is.
fn told(check: &Check<'_>) -> String {
    match check.code {
        Some(code) if check.reason == format!("{}: {code}", check.id) => format!("{code}: {}", check.id),
        _ if check.reason.is_empty() => check.id.clone(),
        _ => check.reason.clone(),
    }
}

/// The first reasons of several, as many as a few lines hold: each of them has a row below.
fn leading(reason: &str) -> Cow<'_, str> {
    if reason.chars().count() <= BRIEF_LINE {
        return Cow::Borrowed(reason);
    }
    let start: String = reason.chars().take(BRIEF_LINE).collect();
    match start.rfind("; ") {
        Some(end) => Cow::Owned(format!("{}; …", start.get(..end).unwrap_or_default())),
        None => clipped(reason, BRIEF_LINE),
    }
}

fn headline(verdict: &Verdict<'static>, look: &Look<'_>, out: &mut String) {
    let Decision { status: decided, reason, gate } = decision(verdict);
    let gate = gate.map_or(String::new(), |gate| format!("gate {}: ", visible(gate)));
    let mut facts = Vec::new();
    let mut checks = verdict.groups.iter().flat_map(|group| &group.checks);
    if let Some(check) = checks.find(|check| check.status == decided && decided > Status::Pass) {
        facts.extend(check.samples.map(|samples| format!("n={samples}")));
        facts.extend(check.source.as_deref().map(|source| clipped(&visible(source), CELL).into_owned()));
    }
    let mut facts = facts.join(", ");
    if !facts.is_empty() {
        facts.push_str("; ");
    }
    let word = decided.verdict();
    let reason = format!("{gate}{}", leading(&visible(&collapsed(&reason))));
    let facts = format!("({facts}{})", tally(verdict));
    let front = format!("{word} ");
    let outcome = Style::Outcome(decided);
    let whole = format!("{reason}   {facts}");
    if front.len() + 1 + whole.chars().count() <= look.columns {
        paragraph(out, &front, outcome, &whole, look);
    } else {
        paragraph(out, &front, outcome, &reason, look);
        paragraph(out, &" ".repeat(front.len()), Style::Plain, &facts, look);
    }
    if gate.is_empty() {
        return;
    }
    let front = format!("all checks: {} ", status(verdict).verdict());
    paragraph(out, &front, Style::Plain, &visible(&collapsed(&verdict.reason)), look);
}

/// The groups, those that did not pass first.
fn group_table(verdict: &Verdict<'static>, look: &Look<'_>, out: &mut String) {
    let mut groups: Vec<(Status, &Group<'static>)> = verdict
        .groups
        .iter()
        .map(|group| (Status::from_verdict(&group.verdict).unwrap_or(Status::Inconclusive), group))
        .collect();
    groups.sort_by_key(|(status, _)| std::cmp::Reverse(*status));
    let passed = groups.iter().filter(|(status, _)| *status <= Status::Pass).count();
    if passed > PASSED {
        groups.retain(|(status, _)| *status > Status::Pass);
    }
    let rows: Vec<Row> = groups
        .into_iter()
        .map(|(status, group)| Row {
            cells: vec![
                group.verdict.clone(),
                name(group).into_owned(),
                clipped(&visible(&collapsed(&group.reason)), BRIEF_LINE).into_owned(),
            ],
            style: Style::Outcome(status),
            note: String::new(),
        })
        .collect();
    out.push('\n');
    out.push_str(&Table::new(&["OUTCOME", "GROUP", "REASON"], &[], &[]).render(
        &rows,
        "  ",
        look.columns,
        look.colored,
    ));
    if passed > PASSED {
        let more = if rows.is_empty() { "" } else { " more" };
        line(out, &format!("  … and {passed}{more} groups that passed"));
    }
}

fn checks(verdict: &Verdict<'static>, look: &Look<'_>, out: &mut String) {
    let with_groups = verdict.groups.len() > 1;
    let nobody = Group::default();
    let (mut table, mut bad, mut left_out) = (CheckTable::default(), 0, 0);
    for row in all_rows(verdict, &nobody) {
        if row.check.status > Status::Pass {
            bad += 1;
            if bad > ALL_CHECKS {
                left_out += 1;
                continue;
            }
        }
        let group = if with_groups { name(row.group).into_owned() } else { String::new() };
        table.add(&row.check, &row.title(), &group, &super::failing(&row).unwrap_or_default());
    }
    if table.is_empty() {
        return;
    }
    out.push('\n');
    out.push_str(&table.show("  ", look.columns, look.colored));
    if left_out > 0 {
        line(out, &format!("  … and {left_out} more checks that did not pass"));
    }
}

/// `sealed end to end: kv-extract, percentile, check-threshold; made 2026-03-05T20:32:12Z`
fn chain(verdict: &Verdict<'_>) -> String {
    let mut tools: Vec<String> = Vec::new();
    for seal in &verdict.seals {
        let mut words = seal.tool.clone();
        if seal.rejected > 0 {
            words = format!("{words} rejected {}", seal.rejected);
            if let Some(allowed) = &seal.allow_rejected {
                words = format!("{words}, allowed {allowed}");
            }
        }
        if seal.unsealed {
            words.push_str(" read unsealed");
        }
        if seal.empty_windows > 0 {
            let windows = if seal.empty_windows == 1 { "window" } else { "windows" };
            words.push_str(&format!(" left out {} empty {windows}", seal.empty_windows));
        }
        if !tools.contains(&words) {
            tools.push(words);
        }
    }
    if verdict.unsealed {
        tools.push("checks that came unsealed".to_owned());
    }
    let tools = if tools.is_empty() { String::new() } else { format!(": {}", visible(&tools.join(", "))) };
    let chain = match verdict.chain.as_str() {
        "sealed" => "sealed end to end",
        "plain" => "not sealed",
        chain => chain,
    };
    format!("{}{tools}; made {}", visible(chain), visible(&verdict.generated_at))
}

/// `front`, a blank and `words`; where that is longer than a line, in several, the later ones under the beginning of the words.
fn paragraph(out: &mut String, front: &str, style: Style, words: &str, look: &Look<'_>) {
    let gap = if front.is_empty() { "" } else { " " };
    let before = front.chars().count() + gap.len();
    if before + words.chars().count() <= look.columns {
        return line(out, &format!("{}{gap}{words}", paint(front, style, look.colored)));
    }
    // A long name in front would leave no room.
    let (front, words, indent) = if before <= HANGING {
        (format!("{}{gap}", paint(front, style, look.colored)), Cow::Borrowed(words), before)
    } else {
        (String::new(), Cow::Owned(format!("{front}{gap}{words}")), 0)
    };
    for (number, words) in wrapped(&words, look.columns.saturating_sub(indent)).iter().enumerate() {
        let front = if number == 0 { front.clone() } else { " ".repeat(indent) };
        line(out, &format!("{front}{words}"));
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}
