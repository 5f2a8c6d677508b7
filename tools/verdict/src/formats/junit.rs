//! JUnit XML, as the common CI servers read it: a suite a group, a test a check.
//!
//! Owns the XML: INCONCLUSIVE is an error, characters that XML cannot hold stand as their numbers. Refuses a suite
//! that is greener than its group.

use std::collections::HashSet;

use schema::{Status, Verdict};

use super::{Row, all_rows, name, visible};

/// The whole report.
pub fn render(verdict: &Verdict<'static>) -> String {
    let nobody = schema::Group { id: "@verdict".to_owned(), ..schema::Group::default() };
    let rows = all_rows(verdict, &nobody);
    let total = Counts::of(&rows);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!("<testsuites name=\"verdict\" {}>\n", total.attributes()));
    let mut from = 0;
    while let Some(first) = rows.get(from) {
        let same = rows[from..].iter().take_while(|row| std::ptr::eq(row.group, first.group)).count();
        suite(&rows[from..from + same], verdict, &mut out);
        from += same;
    }
    out.push_str("</testsuites>\n");
    out
}

#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn of(rows: &[Row<'_>]) -> Counts {
        let count = |status| rows.iter().filter(|row| row.check.status == status).count();
        Counts {
            tests: rows.len(),
            failures: count(Status::Fail),
            errors: count(Status::Inconclusive),
            skipped: count(Status::Skip),
        }
    }

    /// What a suite and all of them say. `skipped` is a suite's alone: the schema that Jenkins reads by has none for all.
    fn attributes(&self) -> String {
        let Counts { tests, failures, errors, .. } = self;
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"0\"")
    }
}

fn suite(rows: &[Row<'_>], verdict: &Verdict<'static>, out: &mut String) {
    let Some(first) = rows.first() else { return };
    let counts = Counts::of(rows);
    // Jenkins wants a stamp without its zone, and takes it for UTC.
    let stamp = verdict.generated_at.trim_end_matches('Z');
    let stamp = if stamp.is_empty() { String::new() } else { format!(" timestamp=\"{}\"", escaped(stamp)) };
    out.push_str(&format!(
        "  <testsuite name=\"{}\" {} skipped=\"{}\"{stamp}>\n",
        escaped(&name(first.group)),
        counts.attributes(),
        counts.skipped
    ));
    if !verdict.extra.is_empty() {
        out.push_str("    <properties>\n");
        for (key, value) in verdict.extra.iter() {
            let (key, value) = (escaped(key), escaped(&super::plain(value)));
            out.push_str(&format!("      <property name=\"{key}\" value=\"{value}\"/>\n"));
        }
        out.push_str("    </properties>\n");
    }
    let mut taken = HashSet::new();
    for row in rows {
        // Readers merge tests of one name: of several records each has its own.
        let title = super::distinct(&row.title(), &mut taken);
        test(row, &title, out);
    }
    out.push_str("  </testsuite>\n");
}

fn test(row: &Row<'_>, title: &str, out: &mut String) {
    let check = &row.check;
    out.push_str(&format!(
        "    <testcase name=\"{}\" classname=\"{}\" time=\"0\"",
        escaped(title),
        escaped(&name(row.group))
    ));
    let reason = escaped(&check.reason);
    let code = check.code.map_or("", schema::Code::name);
    let (element, kind) = match check.status {
        Status::Pass => {
            out.push_str("/>\n");
            return;
        }
        Status::Warn => {
            out.push_str(&format!(">\n      <system-out>WARN {reason}</system-out>\n    </testcase>\n"));
            return;
        }
        Status::Skip => {
            out.push_str(">\n      <skipped/>\n    </testcase>\n");
            return;
        }
        Status::Fail => ("failure", "violated"),
        Status::Inconclusive => ("error", code),
    };
    let threshold = check.threshold.as_deref().map_or(String::new(), escaped);
    out.push_str(&format!(
        ">\n      <{element} message=\"{reason}\" type=\"{kind}\">{threshold}</{element}>\n    </testcase>\n"
    ));
}

/// A text that means itself in an attribute and between tags.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in visible(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            letter => out.push(letter),
        }
    }
    out
}
