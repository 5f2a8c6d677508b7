//! GitLab's code-quality report: a JSON list of findings, one for each check that did not pass, which a merge request shows.
//!
//! Owns its fields (Code Climate's issue: description, check_name, fingerprint, severity, location). Refuses to change a
//! fingerprint from run to run: it is made of the group and the check alone, so that GitLab knows what is new and what is
//! fixed.

use schema::{Object, Status, Value, Verdict, json};
use sha2::{Digest, Sha256};

use super::{all_rows, bound, failing, value};

/// The list.
pub fn render(verdict: &Verdict<'static>) -> String {
    let nobody = schema::Group::default();
    let mut taken = std::collections::HashSet::new();
    let mut list = Vec::new();
    let rows = all_rows(verdict, &nobody);
    for row in rows.iter().filter(|row| row.check.status > Status::Pass) {
        let check = &row.check;
        let group = if row.group.id.is_empty() { String::new() } else { format!("{}: ", row.group.id) };
        let mut words = if check.op.is_empty() || check.reason != check.violation && !check.reason.is_empty() {
            format!("{group}{}", check.reason)
        } else {
            format!("{group}{}: {}, wanted {}", row.title(), value(check), bound(check))
        };
        if let Some(failing) = failing(row) {
            words.push_str(&format!("; {failing}"));
        }
        let name = super::distinct(&format!("{}\n{}", row.group.id, row.title()), &mut taken);
        let severity = match check.status {
            Status::Fail => "critical",
            Status::Inconclusive => "major",
            _ => "minor",
        };
        // A finding must lie in a file: the source that was measured, else the thresholds of the job.
        let path = check.source.as_deref().unwrap_or("verdict");
        let mut lines = Object::new();
        lines.insert("begin", 1u64);
        let mut location = Object::new();
        location.insert("path", path);
        location.insert("lines", Value::Object(lines));
        let mut finding = Object::new();
        finding.insert("description", format!("{}: {words}", check.status.verdict()));
        finding.insert("check_name", row.title().into_owned());
        finding.insert("fingerprint", filter::hex(&Sha256::digest(name.as_bytes())));
        finding.insert("severity", severity);
        finding.insert("location", Value::Object(location));
        list.push(Value::Object(finding));
    }
    let mut text = Vec::new();
    json::write(&list.into(), &mut text);
    text.push(b'\n');
    String::from_utf8_lossy(&text).into_owned()
}
