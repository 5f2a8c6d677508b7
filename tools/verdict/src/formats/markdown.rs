//! Markdown for a CI job's summary: the answer first, what did not pass below it, the rest folded away.
//!
//! Owns the escaping: every text that is not ours stands in a code span, where nothing is a link, a mention or a tag.
//! Refuses raw HTML but for `details`, `summary` and `br`.

use filter::margin;
use schema::{Status, Verdict};

use super::{
    Decision, Row, all_rows, bound, clipped, codes, collapsed, decision, failing, interval, name, tally, value, visible,
};
use crate::ramp;

/// How many checks are listed in all: GitHub cuts a summary at 1 MiB.
const LISTED: usize = 2000;
/// The longest run of backticks that may fence: renderers give up on those past 80, and what they hold leaks.
const LONGEST_FENCE: usize = 16;
/// The longest text in a table.
const CELL: usize = 200;

/// The whole report.
pub fn render(verdict: &Verdict<'static>, title: Option<&str>) -> String {
    let mut out = title.map_or_else(String::new, |title| format!("## {}\n\n", code(title)));
    let Decision { status, reason, gate } = decision(verdict);
    out.push_str(&format!("### {} {}", mark(status), status.verdict()));
    if let Some(gate) = gate {
        out.push_str(&format!(" · gate {}", code(gate)));
    }
    out.push_str(&format!("\n\n{}\n\n", code(&collapsed(&reason))));
    let groups = verdict.counts.groups.total;
    let groups = if groups == 1 { "1 group".to_owned() } else { format!("{groups} groups") };
    let made = code(&verdict.generated_at);
    out.push_str(&format!("{} · {groups} · chain: {} · {made}\n\n", tally(verdict), code(&verdict.chain)));
    if let Some(found) = &verdict.ramp {
        out.push_str(&format!("{}\n\n", code(&ramp::answer(found))));
        if !found.next_limit.is_empty() {
            out.push_str(&format!("Next limit: {}\n\n", code(&found.next_limit)));
        }
    }
    gates(verdict, &mut out);
    let nobody = schema::Group::default();
    let rows = all_rows(verdict, &nobody);
    let (bad, good): (Vec<&Row<'_>>, Vec<&Row<'_>>) = rows.iter().partition(|row| row.check.status > Status::Pass);
    let with_groups = verdict.groups.len() > 1;
    table(&bad, with_groups, LISTED, &mut out);
    for code in codes(verdict) {
        out.push_str(&format!("- `{}`: {}: {}\n", code.name(), code.meaning(), code.remedy()));
    }
    out.push('\n');
    if with_groups {
        folded(&format!("{} groups", verdict.groups.len()), &mut out, |out| {
            out.push_str("| | group | reason |\n|---|---|---|\n");
            for group in verdict.groups.iter().take(LISTED) {
                let status = Status::from_verdict(&group.verdict).unwrap_or(Status::Inconclusive);
                let reason = cell(&collapsed(&group.reason));
                out.push_str(&format!("| {} {} | {} | {reason} |\n", mark(status), group.verdict, cell(&name(group))));
            }
        });
    }
    if !good.is_empty() {
        let checks = if good.len() == 1 { "check" } else { "checks" };
        folded(&format!("{} {checks} passed or skipped", good.len()), &mut out, |out| {
            table(&good, with_groups, LISTED.saturating_sub(bad.len()), out);
        });
    }
    if !verdict.extra.is_empty() {
        for (key, value) in verdict.extra.iter() {
            out.push_str(&format!("- {} = {}\n", code(key), code(&super::plain(value))));
        }
    }
    out
}

fn gates(verdict: &Verdict<'_>, out: &mut String) {
    if verdict.gates.is_empty() {
        return;
    }
    out.push_str("| gate | | reason |\n|---|---|---|\n");
    for (name, gate) in verdict.gates.iter() {
        let Some(gate) = schema::Gate::from_value(gate) else { continue };
        let status = Status::from_verdict(&gate.verdict).unwrap_or(Status::Inconclusive);
        out.push_str(&format!(
            "| {} | {} {} | {} |\n",
            cell(name),
            mark(status),
            gate.verdict,
            cell(&collapsed(&gate.reason))
        ));
    }
    out.push('\n');
}

fn table(rows: &[&Row<'_>], with_groups: bool, limit: usize, out: &mut String) {
    if rows.is_empty() {
        return;
    }
    let group = if with_groups { " group |" } else { "" };
    let line = if with_groups { "---|" } else { "" };
    let compares = rows.iter().any(|row| row.check.change_words().is_some());
    let (change, cut) = if compares { (" change |", "--:|") } else { ("", "") };
    let with_interval = rows.iter().any(|row| row.check.interval.is_some());
    let (ends, under) = if with_interval { (" low..high |", "---|") } else { ("", "") };
    out.push_str(&format!(
        "| |{group} check | actual | bound | margin |{ends}{change} why |\n|---|{line}---|--:|---|--:|{under}{cut}---|\n"
    ));
    for row in rows.iter().take(limit) {
        let check = &row.check;
        let change = match check.change_words() {
            _ if !compares => String::new(),
            Some(words) => format!(" {} |", cell(&words)),
            None => " |".to_owned(),
        };
        let group = if with_groups { format!(" {} |", cell(&name(row.group))) } else { String::new() };
        let ends = if with_interval { format!(" {} |", cell(&interval(check))) } else { String::new() };
        let failing = failing(row).map_or_else(String::new, |words| format!("<br>{}", cell(&words)));
        let why = if check.reason.is_empty() { check.code.map_or("", schema::Code::name) } else { &check.reason };
        out.push_str(&format!(
            "| {} {} |{group} {} | {} | {} | {} |{ends}{change} {}{failing} |\n",
            mark(check.status),
            check.status,
            cell(&row.title()),
            cell(&value(check)),
            cell(&bound(check)),
            cell(&margin(check)),
            cell(why)
        ));
    }
    if rows.len() > limit {
        out.push_str(&format!("\n… and {} more\n", rows.len() - limit));
    }
    out.push('\n');
}

fn folded(summary: &str, out: &mut String, inner: impl FnOnce(&mut String)) {
    out.push_str(&format!("<details><summary>{summary}</summary>\n\n"));
    inner(out);
    out.push_str("\n</details>\n\n");
}

fn mark(status: Status) -> &'static str {
    match status {
        Status::Pass => "✅",
        Status::Warn => "⚠️",
        Status::Fail => "❌",
        Status::Inconclusive => "❔",
        Status::Skip => "⏭️",
    }
}

/// A code span in a table, which takes a pipe for a border unless a backslash protects it, and takes two of those for
/// one.
fn cell(text: &str) -> String {
    let span = code(&clipped(text, CELL));
    let mut inner = String::with_capacity(span.len());
    let mut before = '\0';
    for letter in span.chars() {
        match letter {
            '|' if before == '\\' => inner.push('\u{2502}'),
            '|' => inner.push_str("\\|"),
            _ => inner.push(letter),
        }
        before = letter;
    }
    inner
}

/// A code span that holds `text` and ends where it ends (CommonMark 0.31 sec. 6.1).
fn code(text: &str) -> String {
    let mut shown = visible(text);
    if shown.is_empty() {
        return String::new();
    }
    let mut longest = shown.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    if longest > LONGEST_FENCE {
        shown = shown.replace('`', "\\u{60}").into();
        longest = 0;
    }
    let fence = "`".repeat(longest + 1);
    let blanks = shown.starts_with(' ') && shown.ends_with(' ');
    let pad = if shown.starts_with('`') || shown.ends_with('`') || blanks { " " } else { "" };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::{cell, code};

    #[test]
    fn code_spans_end_where_their_text_ends() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a|b"), "`a|b`");
        assert_eq!(cell("a|b"), "`a\\|b`");
        assert_eq!(cell("a\\|b"), "`a\\│b`");
        assert_eq!(code("\n"), "`\\n`");
        assert_eq!(code(&"`".repeat(17)), format!("`{}`", "\\u{60}".repeat(17)));
    }
}
