//! Text for people: a table that can be read on a terminal and in a mail.
//!
//! Owns its columns; refuses colours and control characters, so that a mail shows what a terminal does.

use schema::{Check, Group, Status, Verdict};

use super::{
    Decision, actual, all_rows, bound, clipped, codes, collapsed, decision, name, rows, status, tally, visible,
};
use crate::{groups, ramp};

/// The longest cell of a table.
const CELL: usize = 44;
/// The longest reason in a table; the first line shows it whole.
const REASON: usize = 120;
/// How many checks a table lists before it keeps to those that are not PASS, and how many of those.
const ALL_CHECKS: usize = 60;

/// The longest line of `-q`.
const BRIEF_LINE: usize = 400;

/// The whole report.
pub fn render(verdict: &Verdict<'static>) -> String {
    let mut out = String::new();
    headline(verdict, &mut out);
    if let Some(found) = &verdict.ramp {
        line(&mut out, &visible(&ramp::answer(found)));
        if !found.next_limit.is_empty() {
            line(&mut out, &format!("Next limit: {}", visible(&found.next_limit)));
        }
    }
    for (name, gate) in verdict.gates.iter() {
        let Some(gate) = schema::Gate::from_value(gate) else { continue };
        line(&mut out, &format!("gate {}: {}  {}", visible(name), gate.verdict, visible(&collapsed(&gate.reason))));
    }
    if verdict.groups.len() > 1 {
        group_table(verdict, &mut out);
    }
    checks(verdict, &mut out);
    out.push('\n');
    line(&mut out, &chain(verdict));
    for code in codes(verdict) {
        line(&mut out, &format!("{}: {}: {}", code.name(), code.meaning(), code.remedy()));
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
            let named = id.is_empty() || told.starts_with(&format!("{id}: "));
            let told = if named { told } else { format!("{id}: {told}") };
            format!("{} {}", row.check.status.verdict(), clipped(&visible(&told), BRIEF_LINE))
        })
        .collect();
    let mut lines = match bad.as_slice() {
        [only] if verdict.ramp.is_none() => vec![only.clone()],
        [_, _, ..] if by_checks => bad,
        _ => {
            let mut lines =
                vec![format!("{} {}", decided.verdict(), clipped(&visible(&collapsed(&reason)), BRIEF_LINE))];
            let further: Vec<String> = bad.into_iter().filter(|line| *line != lines[0]).collect();
            lines.extend(further);
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

fn headline(verdict: &Verdict<'static>, out: &mut String) {
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
    line(out, &format!("{}  {gate}{}   ({facts}{})", decided.verdict(), visible(&collapsed(&reason)), tally(verdict)));
    if gate.is_empty() {
        return;
    }
    line(out, &format!("all checks: {}  {}", status(verdict).verdict(), visible(&collapsed(&verdict.reason))));
}

fn group_table(verdict: &Verdict<'static>, out: &mut String) {
    let mut table = vec![["group", "verdict", "reason"].map(str::to_owned)];
    for group in &verdict.groups {
        table.push([
            name(group).into_owned(),
            group.verdict.clone(),
            clipped(&visible(&collapsed(&group.reason)), REASON).into_owned(),
        ]);
    }
    out.push('\n');
    aligned(&table, &[], out);
}

fn checks(verdict: &Verdict<'static>, out: &mut String) {
    let total: usize = verdict.groups.iter().map(|group| group.checks.len()).sum();
    let with_groups = verdict.groups.len() > 1;
    let mut table = Vec::new();
    let mut left_out = 0;
    let nobody = Group::default();
    for row in all_rows(verdict, &nobody) {
        let check = &row.check;
        let shown = total <= ALL_CHECKS || (check.status > Status::Pass && table.len() < ALL_CHECKS);
        if !shown {
            left_out += 1;
            continue;
        }
        let cell = |text: String| clipped(&visible(&text), CELL).into_owned();
        let mut cells = vec![check.status.word().to_owned()];
        if with_groups {
            cells.push(cell(row.group.id.clone()));
        }
        let margin = check.margin.as_ref().map_or(String::new(), super::plain);
        let code = check.code.map_or(String::new(), |code| code.name().to_owned());
        cells.extend([cell(row.title().into_owned()), cell(actual(check)), cell(bound(check)), cell(margin), code]);
        table.push(cells);
    }
    if table.is_empty() {
        return;
    }
    let mut head = vec!["check".to_owned()];
    if with_groups {
        head.push("group".to_owned());
    }
    head.extend(["id", "actual", "bound", "margin", "code"].map(str::to_owned));
    let first = head.len() - 4;
    table.insert(0, head);
    out.push('\n');
    aligned(&table, &[first, first + 2], out);
    if left_out > 0 {
        line(out, &format!("… and {left_out} more checks"));
    }
}

/// `chain: sealed (kv-extract, percentile, check-threshold); 2026-03-05T20:32:12Z`
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
    let tools = if tools.is_empty() { String::new() } else { format!(" ({})", visible(&tools.join(", "))) };
    format!("chain: {}{tools}; {}", visible(&verdict.chain), visible(&verdict.generated_at))
}

fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}

/// Columns two blanks apart; those in `right` end where the others begin.
fn aligned<R: AsRef<[String]>>(table: &[R], right: &[usize], out: &mut String) {
    let columns = table.iter().map(|row| row.as_ref().len()).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = table.iter().filter_map(|row| row.as_ref().get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in table {
        let mut text = String::new();
        for (column, (cell, &width)) in row.as_ref().iter().zip(&widths).enumerate() {
            if width == 0 {
                continue;
            }
            let blanks = " ".repeat(width.saturating_sub(cell.chars().count()));
            text.push_str("  ");
            if right.contains(&column) {
                text.push_str(&blanks);
                text.push_str(cell);
            } else {
                text.push_str(cell);
                text.push_str(&blanks);
            }
        }
        line(out, &text);
    }
}
