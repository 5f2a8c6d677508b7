//! The forms in which people and machines want to read a verdict: each a function from the document to text.
//!
//! Owns what all forms share: the rows they list, and texts made harmless. Refuses to decide anything: no form is
//! greener than the document.

use std::borrow::Cow;
use std::collections::HashSet;

use expr::{Path, Reading};
use filter::rounded_figures;
pub use filter::{actual, bound, clipped, interval, plain, value, visible};
use schema::{Check, Code, Group, Status, Value, Verdict};

use crate::groups;

pub mod alerts;
pub mod code_quality;
pub mod csv;
pub mod github;
pub mod html;
pub mod in_toto;
pub mod junit;
pub mod markdown;
pub mod nagios;
pub mod prometheus;
pub mod tap;
pub mod text;

/// A form of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The document itself.
    Json,
    /// [`text`]
    Text,
    /// [`markdown`]
    Markdown,
    /// [`html`]
    Html,
    /// [`junit`]
    Junit,
    /// [`tap`]
    Tap,
    /// [`csv`]
    Csv,
    /// [`nagios`]
    Nagios,
    /// [`in_toto`]
    InToto,
    /// [`prometheus`]
    Prometheus,
    /// [`alerts`]
    Alerts,
    /// [`github`]
    Github,
    /// [`code_quality`]
    CodeQuality,
}

/// What a report is made for, beside the verdict.
#[derive(Clone, Copy, Debug)]
pub struct Look<'t> {
    /// How many columns text for people may take.
    pub columns: usize,
    /// Whether it is coloured.
    pub colored: bool,
    /// `--title`
    pub title: Option<&'t str>,
    /// `--label`'s, which only Prometheus has.
    pub labels: &'t [(String, String)],
}

/// The forms by the words of `--format`.
const FORMS: [(&str, Form); 13] = [
    ("json", Form::Json),
    ("text", Form::Text),
    ("markdown", Form::Markdown),
    ("html", Form::Html),
    ("junit", Form::Junit),
    ("tap", Form::Tap),
    ("csv", Form::Csv),
    ("nagios", Form::Nagios),
    ("in-toto", Form::InToto),
    ("prometheus", Form::Prometheus),
    ("alerts", Form::Alerts),
    ("github", Form::Github),
    ("code-quality", Form::CodeQuality),
];

impl Form {
    /// The words of all forms.
    pub const WORDS: [&'static str; FORMS.len()] = {
        let mut words = [""; FORMS.len()];
        let mut at = 0;
        while at < FORMS.len() {
            words[at] = FORMS[at].0;
            at += 1;
        }
        words
    };

    /// The form a word names; `Err` lists those there are.
    pub fn from_word(word: &str) -> Result<Form, String> {
        let found = FORMS.iter().find(|(name, _)| *name == word).map(|(_, form)| *form);
        found.ok_or_else(|| {
            let names: Vec<&str> = FORMS.iter().map(|(name, _)| *name).collect();
            format!("wanted {}", names.join(", "))
        })
    }

    /// The verdict in this form.
    pub fn render(self, verdict: &Verdict<'static>, look: &Look<'_>) -> String {
        match self {
            Form::Json => {
                let mut text = Vec::new();
                // A document in memory can always be written to memory.
                let _ = schema::json::write_struct(verdict, &mut text);
                text.push(b'\n');
                String::from_utf8_lossy(&text).into_owned()
            }
            Form::Text => text::render(verdict, look),
            Form::Markdown => markdown::render(verdict, look.title),
            Form::Html => html::render(verdict, look.title),
            Form::Junit => junit::render(verdict),
            Form::Tap => tap::render(verdict),
            Form::Csv => csv::render(verdict),
            Form::Nagios => nagios::render(verdict),
            Form::InToto => in_toto::render(verdict),
            Form::Prometheus => prometheus::render(verdict, look.labels),
            Form::Alerts => alerts::render(verdict),
            Form::Github => github::render(verdict, look.title),
            Form::CodeQuality => code_quality::render(verdict),
        }
    }
}

/// One check of one group, as a form lists it.
#[derive(Clone, Debug)]
pub struct Row<'v> {
    /// The group it stands in.
    pub group: &'v Group<'static>,
    /// The check; one of our own where the group is worse than all its checks.
    pub check: Cow<'v, Check<'static>>,
}

impl Row<'_> {
    /// The check's id; in a document that was read also the group it stood in, where another may have the same id.
    pub fn title(&self) -> Cow<'_, str> {
        let check = self.check.as_ref();
        if self.group.document.is_none() || check.scope.is_empty() || check.id.starts_with('@') {
            return Cow::Borrowed(&check.id);
        }
        Cow::Owned(format!("{}: {}", check.scope.trim_end_matches('/'), check.id))
    }
}

/// How many tests that failed are named.
const FAILING: usize = 5;

/// The tests that failed, where a check of their number did not pass: `failing: a.B.one, a.B.two and 3 more`. Readers of
/// test reports list them as `failing` beside the counts.
pub fn failing(row: &Row<'_>) -> Option<String> {
    let check = row.check.as_ref();
    if check.status <= Status::Pass || check.metric.is_empty() {
        return None;
    }
    let record = groups::record(row.group, &check.scope, check.record.unwrap_or(0))?;
    let path = match check.metric.rsplit_once('.') {
        Some((above, _)) => format!("{above}.failing"),
        None => "failing".to_owned(),
    };
    let path = Path::parse(&path).ok()?;
    let Reading::Found(value) = path.read(record) else { return None };
    let names: Vec<&str> = value.as_list()?.iter().filter_map(Value::as_text).collect();
    let named: Vec<&str> = names.iter().copied().take(FAILING).collect();
    let more = names.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| format!("failing: {}{more}", named.join(", ")))
}

/// What decides the exit code: the whole verdict, or the gate of `--decide`.
pub struct Decision<'v> {
    /// `PASS`, `WARN`, `INCONCLUSIVE` or `FAIL`, as a status.
    pub status: Status,
    /// Why.
    pub reason: Cow<'v, str>,
    /// The gate, if it is one.
    pub gate: Option<&'v str>,
}

/// `name`, with ` #2` and so on where it is taken.
pub fn distinct(name: &str, taken: &mut HashSet<String>) -> String {
    let mut own = name.to_owned();
    let mut number = 1u64;
    while !taken.insert(own.clone()) {
        number += 1;
        own = format!("{name} #{number}");
    }
    own
}

/// The rows of `group`: its checks, and one more where those alone would look better than the group is.
pub fn rows<'v>(group: &'v Group<'static>) -> Vec<Row<'v>> {
    let mut rows: Vec<Row<'v>> = group.checks.iter().map(|check| Row { group, check: Cow::Borrowed(check) }).collect();
    let worst = Status::all(group.checks.iter().map(|check| check.status));
    let own = Status::from_verdict(&group.verdict).unwrap_or(Status::Inconclusive);
    if own > worst && own > Status::Pass {
        rows.push(Row { group, check: Cow::Owned(own_word("@group", group.id.clone(), own, &group.reason)) });
    }
    rows
}

/// The rows of all groups, and one more where the verdict is worse than they are: the document's own word.
pub fn all_rows<'v>(verdict: &'v Verdict<'static>, nobody: &'v Group<'static>) -> Vec<Row<'v>> {
    let mut rows: Vec<Row<'v>> = verdict.groups.iter().flat_map(rows).collect();
    let worst = Status::all(rows.iter().map(|row| row.check.status));
    let own = decision(verdict).status.max(status(verdict));
    if own > worst && own > Status::Pass {
        let check = own_word("@verdict", String::new(), own, &verdict.reason);
        rows.push(Row { group: nobody, check: Cow::Owned(check) });
    }
    rows
}

fn own_word(id: &str, scope: String, status: Status, reason: &str) -> Check<'static> {
    Check {
        code: (status == Status::Inconclusive).then_some(Code::NoChecks),
        status,
        passed: status.passed(),
        reason: reason.to_owned(),
        ..Check::inconclusive(id, scope, Code::NoChecks)
    }
}

/// The verdict as a status.
pub fn status(verdict: &Verdict<'_>) -> Status {
    Status::from_verdict(&verdict.verdict).unwrap_or(Status::Inconclusive)
}

/// What decides the exit code.
pub fn decision<'v>(verdict: &'v Verdict<'static>) -> Decision<'v> {
    let whole = Decision { status: status(verdict), reason: Cow::Borrowed(&verdict.reason), gate: None };
    let Some(name) = verdict.decided_by.as_deref() else { return whole };
    match verdict.gates.get(name).and_then(schema::Gate::from_value) {
        None => whole,
        Some(gate) => Decision {
            status: Status::from_verdict(&gate.verdict).unwrap_or(Status::Inconclusive),
            reason: Cow::Owned(gate.reason),
            gate: Some(name),
        },
    }
}

/// A reason in which what several checks say alike is said once, and long figures are rounded.
pub fn collapsed(reason: &str) -> Cow<'_, str> {
    let mut counted: Vec<(&str, u64)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for part in reason.split("; ") {
        let place = *places.entry(part).or_insert(counted.len());
        match counted.get_mut(place) {
            Some((_, count)) => *count += 1,
            None => counted.push((part, 1)),
        }
    }
    let said = counted.iter().map(|(part, count)| match (rounded_figures(part), count) {
        (part, 1) => part,
        (part, count) => Cow::Owned(format!("{part} ({count} times)")),
    });
    let said: Vec<Cow<'_, str>> = said.collect();
    match said.iter().all(|part| matches!(part, Cow::Borrowed(_))) {
        true => Cow::Borrowed(reason),
        false => Cow::Owned(said.join("; ")),
    }
}

/// `4 of 5 checks passed`, `4 of 5 checks passed, 2 did not apply`
pub fn tally(verdict: &Verdict<'_>) -> String {
    let counts = &verdict.counts.checks;
    let applied = counts.total.saturating_sub(counts.skip);
    let checks = if applied == 1 { "check" } else { "checks" };
    let skipped = if counts.skip == 0 { String::new() } else { format!(", {} did not apply", counts.skip) };
    format!("{} of {applied} {checks} passed{skipped}", counts.pass)
}

/// The codes that stand in the verdict, each once, in order of first appearance.
pub fn codes(verdict: &Verdict<'_>) -> Vec<Code> {
    let mut codes = Vec::new();
    for code in verdict.groups.iter().flat_map(|group| &group.checks).filter_map(|check| check.code) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    let empty = verdict.groups.iter().any(|group| group.reason == Code::NoChecks.name()) || verdict.groups.is_empty();
    if empty && !codes.contains(&Code::NoChecks) {
        codes.push(Code::NoChecks);
    }
    codes
}

/// How a group is called where it has no name.
pub fn name<'v>(group: &'v Group<'_>) -> Cow<'v, str> {
    if group.id.is_empty() { Cow::Borrowed("all records") } else { visible(&group.id) }
}
