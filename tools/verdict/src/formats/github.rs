//! GitHub annotations: a workflow command for each check that did not pass, which GitHub Actions shows beside the run.
//!
//! Owns the escapes of workflow commands. Refuses to flood: GitHub shows ten of a kind a step, so that the worst come first
//! and the rest is counted. A run that passed has one notice.

use schema::{Status, Verdict};

use super::{all_rows, bound, collapsed, decision, failing, tally, value};

/// How many annotations of one kind GitHub shows for a step.
const SHOWN: usize = 10;

/// The commands, one a line.
pub fn render(verdict: &Verdict<'static>, title: Option<&str>) -> String {
    let nobody = schema::Group::default();
    let title = title.unwrap_or("verdict");
    let decided = decision(verdict);
    let mut rows = all_rows(verdict, &nobody);
    rows.retain(|row| row.check.status > Status::Pass);
    rows.sort_by_key(|row| std::cmp::Reverse(row.check.status));
    let mut out = String::new();
    let head = format!("{}: {} ({})", decided.status.verdict(), collapsed(&decided.reason), tally(verdict));
    out.push_str(&command(decided.status, title, &head));
    let mut left_out = 0;
    let mut counts = [0usize; 2];
    for row in &rows {
        let check = &row.check;
        let Some(count) = counts.get_mut(usize::from(is_error(check.status))) else { continue };
        *count += 1;
        // The summary is one of them.
        if *count + usize::from(is_error(check.status) == is_error(decided.status)) > SHOWN {
            left_out += 1;
            continue;
        }
        let group = if row.group.id.is_empty() { String::new() } else { format!("{}: ", row.group.id) };
        let name = format!("{title}: {} {group}{}", check.status.verdict(), row.title());
        let mut words = if check.op.is_empty() || check.reason != check.violation && !check.reason.is_empty() {
            check.reason.clone()
        } else {
            format!("{}, wanted {}", value(check), bound(check))
        };
        if let Some(code) = check.code {
            words.push_str(&format!(": {}: {}", code.meaning(), code.remedy()));
        }
        if let Some(failing) = failing(row) {
            words.push_str(&format!("; {failing}"));
        }
        out.push_str(&command(check.status, &name, &words));
    }
    if left_out > 0 {
        let words = format!("and {left_out} more checks that did not pass");
        out.push_str(&format!("{}: {}\n", property(title), data(&words)));
    }
    out
}

/// FAIL and INCONCLUSIVE end the run: both are errors.
fn is_error(status: Status) -> bool {
    status >= Status::Inconclusive
}

fn command(status: Status, title: &str, words: &str) -> String {
    let kind = match status {
        _ if is_error(status) => "error",
        Status::Warn => "warning",
        _ => "notice",
    };
    format!("::{kind} title={}::{}\n", property(title), data(words))
}

/// The text of a command: a new line would end it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which a colon or a comma would end, too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        let line = command(Status::Fail, "a: b, c", "100% of\nit::error::x");
        assert_eq!(line, "::error title=a%3A b%2C c::100%25 of%0Ait::error::x\n");
    }
}
