//! SARIF 2.1.0, what analysers of code write: what they found, by how grave it is.
//!
//! Nothing found is only as good as the analysis: a log without runs, a run without its list of results (the standard says
//! that it is absent where nothing was scanned), one that says that it did not succeed, and one with errors of its own are
//! doubts, of which what was found is the least. <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use schema::{Code, Number, Object, Value};

use crate::facts::{Builder, Content, Doubt, Facts, Span};

/// Whether a document has the shape of a log of SARIF.
pub fn fits(document: &Value<'_>) -> bool {
    let runs = document.get("runs").and_then(Value::as_list);
    let version = document.get("version").and_then(Value::as_text);
    let schema = document.get("$schema").and_then(Value::as_text).unwrap_or_default();
    let driven = |run: &Value<'_>| run.get("tool").is_some_and(|tool| tool.get("driver").is_some());
    version.is_some_and(|version| version.starts_with("2."))
        && runs.is_some_and(|runs| if runs.is_empty() { schema.contains("sarif") } else { runs.iter().all(driven) })
}

/// The counts of one analyser, or of all of them.
#[derive(Default)]
struct Found {
    findings: u64,
    errors: u64,
    warnings: u64,
    notes: u64,
    /// Of no consequence, as the analyser says of its own accord.
    unrated: u64,
    suppressed: u64,
    passed: u64,
    /// What the analyser leaves to people, and what it calls by a word that is not in the standard.
    open: u64,
    /// Why more may be there than was found.
    doubt: Option<(Code, String)>,
}

impl Found {
    fn doubt(&mut self, code: Code, detail: String) {
        self.doubt.get_or_insert((code, detail));
    }

    fn join(&mut self, other: &Found) {
        self.findings += other.findings;
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.notes += other.notes;
        self.unrated += other.unrated;
        self.suppressed += other.suppressed;
        self.passed += other.passed;
        self.open += other.open;
        if let Some((code, detail)) = &other.doubt {
            self.doubt(*code, detail.clone());
        }
    }

    fn report(&self, above: &[&str], doubts: &mut Vec<Doubt>) -> Object<'static> {
        let mut report = Builder::default();
        let open = (self.open > 0)
            .then(|| (Code::Undecided, format!("{} results are open, or for people to review", self.open)));
        for (key, count, may_rise) in [
            ("findings", self.findings, true),
            ("errors", self.errors, true),
            ("warnings", self.warnings, true),
            ("notes", self.notes, true),
            ("unrated", self.unrated, true),
            ("open", self.open, false),
            ("suppressed", self.suppressed, false),
            ("passed", self.passed, false),
        ] {
            report.put(key, count);
            let reason = self.doubt.as_ref().or(open.as_ref().filter(|_| may_rise));
            if let Some((code, detail)) = reason {
                let high = if self.doubt.is_some() { None } else { Some(Number::from(count + self.open)) };
                let doubt = Doubt::new(&[above, &[key]].concat(), *code, detail.clone());
                doubts.push(doubt.within(Some(Number::from(count)), high));
            }
        }
        report.build()
    }
}

/// Reads a log: `{"findings":…,"errors":…,"warnings":…,"notes":…,"by_tool":{…}}`.
pub fn read(document: &Value<'_>) -> Facts<'static> {
    let runs = document.get("runs").and_then(Value::as_list).unwrap_or_default();
    let (mut all, mut span) = (Found::default(), Span::default());
    let mut tools: Vec<(String, Found)> = Vec::new();
    for run in runs {
        let name = text(run.get("tool").and_then(|tool| tool.get("driver")), "name").to_owned();
        let found = of_run(run, &name, &mut span);
        all.join(&found);
        match tools.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => known.join(&found),
            None => tools.push((name, found)),
        }
    }
    if runs.is_empty() {
        all.doubt(Code::NoSamples, "the log has no run: nothing was analysed".to_owned());
    }
    let mut doubts = Vec::new();
    let mut report = all.report(&[], &mut doubts);
    let mut by_tool = Builder::default();
    for (name, found) in &tools {
        by_tool.put(name.clone(), found.report(&["by_tool", name], &mut doubts));
    }
    report.insert("by_tool", Value::Object(by_tool.build()));
    Facts { format: "sarif", content: Content::One(Value::Object(report)), doubts, span, ..Facts::default() }
}

fn text<'v>(value: Option<&'v Value<'_>>, key: &str) -> &'v str {
    value.and_then(|value| value.get(key)).and_then(Value::as_text).unwrap_or_default()
}

fn list<'v, 'a>(value: &'v Value<'a>, key: &str) -> &'v [Value<'a>] {
    value.get(key).and_then(Value::as_list).unwrap_or_default()
}

fn of_run(run: &Value<'_>, name: &str, span: &mut Span) -> Found {
    let mut found = Found::default();
    for invocation in list(run, "invocations") {
        for key in ["startTimeUtc", "endTimeUtc"] {
            span.see_text(text(Some(invocation), key));
        }
        // It is required, and a text or a null does not say that all went well.
        if invocation.get("executionSuccessful") != Some(&Value::Bool(true)) {
            found.doubt(Code::Missing, format!("{name:?} does not say that its run succeeded"));
        }
        for key in ["toolExecutionNotifications", "toolConfigurationNotifications"] {
            if let Some(error) = list(invocation, key).iter().find(|note| text(Some(note), "level") == "error") {
                let message = text(error.get("message"), "text");
                let message = message.lines().next().unwrap_or_default();
                found.doubt(Code::Missing, format!("{name:?} had an error of its own: {message}"));
            }
        }
    }
    match run.get("results") {
        Some(Value::List(results)) => {
            for result in results {
                count(&mut found, run, result);
            }
        }
        _ => found.doubt(Code::Missing, format!("{name:?} has no list of results: nothing was scanned")),
    }
    found
}

fn count(found: &mut Found, run: &Value<'_>, result: &Value<'_>) {
    // What a baseline had, and is no more.
    if text(Some(result), "baselineState") == "absent" {
        return;
    }
    let suppressions = list(result, "suppressions");
    let accepted = |one: &Value<'_>| !matches!(text(Some(one), "status"), "rejected" | "underReview");
    if !suppressions.is_empty() && suppressions.iter().all(accepted) {
        found.suppressed += 1;
        return;
    }
    let kind = text(Some(result), "kind");
    match kind {
        "" | "fail" => {
            found.findings += 1;
            let level = match text(Some(result), "level") {
                "" => rule_level(run, result),
                level => level,
            };
            *match level {
                "error" => &mut found.errors,
                "note" => &mut found.notes,
                "none" => &mut found.unrated,
                _ => &mut found.warnings,
            } += 1;
        }
        "pass" => found.passed += 1,
        "notApplicable" | "informational" => {}
        _ => found.open += 1,
    }
}

/// The level that a rule gives its results, where they have none of their own. A rule is that of the driver, or of the
/// extension that the result names.
fn rule_level<'v>(run: &'v Value<'_>, result: &'v Value<'_>) -> &'v str {
    let tool = run.get("tool");
    let driver = tool.and_then(|tool| tool.get("driver"));
    let extensions = tool.map_or(&[][..], |tool| list(tool, "extensions"));
    let place = |value: Option<&Value<'_>>| value.and_then(Value::as_number)?.as_str().parse::<usize>().ok();
    let reference = result.get("rule");
    let component = reference.and_then(|rule| rule.get("toolComponent"));
    let owner = match place(component.and_then(|component| component.get("index"))) {
        Some(at) => extensions.get(at),
        None => driver,
    };
    let at = place(result.get("ruleIndex")).or_else(|| place(reference?.get("index")));
    let rule = owner.zip(at).and_then(|(owner, at)| list(owner, "rules").get(at));
    let named = match text(Some(result), "ruleId") {
        "" => text(reference, "id"),
        named => named,
    };
    let known = |rule: &&'v Value<'_>| !named.is_empty() && text(Some(rule), "id") == named;
    let all = || driver.into_iter().chain(extensions).flat_map(|owner| list(owner, "rules"));
    let rule = rule.or_else(|| all().find(|rule| known(rule)));
    match rule.map_or("", |rule| text(rule.get("defaultConfiguration"), "level")) {
        "" => "warning",
        level => level,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    fn read_of(runs: &str) -> (String, Vec<String>) {
        let text = format!(
            r#"{{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{runs}]}}"#
        );
        let document = schema::json::parse(text.as_bytes()).unwrap();
        assert!(fits(&document), "{text}");
        let facts = read(&document);
        (test::text(&facts), test::doubts(&facts))
    }

    fn run(rest: &str) -> String {
        format!(
            r#"{{"tool":{{"driver":{{"name":"t","rules":[{{"id":"R","defaultConfiguration":{{"level":"error"}}}},{{"id":"N","defaultConfiguration":{{"level":"note"}}}}]}}}}{rest}}}"#
        )
    }

    #[test]
    fn levels_come_from_the_result_its_rule_or_the_standard() {
        let results = r#","results":[{"ruleId":"R"},{"ruleIndex":1},{"ruleId":"X"},{"level":"none"},{"level":"error"},{"kind":"pass"},{"kind":"informational"},{"baselineState":"absent"},{"level":"error","suppressions":[{"kind":"inSource"}]},{"level":"error","suppressions":[{"kind":"external","status":"rejected"}]}]"#;
        let (text, doubts) = read_of(&run(results));
        assert!(
            text.starts_with(r#"{"findings":6,"errors":3,"warnings":1,"notes":1,"unrated":1,"open":0,"suppressed":1,"passed":1,"by_tool":{"t":{"findings":6,"#),
            "{text}"
        );
        assert_eq!(doubts, [""; 0]);
        assert_eq!(read_of(&run(r#","results":[]"#)).1, [""; 0]);
    }

    #[test]
    fn a_rule_may_be_of_an_extension() {
        let with = |result: &str| {
            let rule =
                |level: &str| format!(r#""rules":[{{"id":"{level}","defaultConfiguration":{{"level":"{level}"}}}}]"#);
            let (driver, extension) = (rule("note"), rule("error"));
            let run = format!(
                r#"{{"tool":{{"driver":{{"name":"t",{driver}}},"extensions":[{{"name":"e",{extension}}}]}},"results":[{result}]}}"#
            );
            read_of(&run).0.contains(r#""errors":1,"warnings":0,"notes":0"#)
        };
        assert!(with(r#"{"ruleId":"x","rule":{"index":0,"toolComponent":{"index":0}}}"#));
        assert!(with(r#"{"ruleId":"error"}"#));
        assert!(with(r#"{"rule":{"id":"error"}}"#));
        assert!(!with(r#"{"ruleIndex":0}"#));
        assert!(!with(r#"{"rule":{"index":0}}"#));
    }

    #[test]
    fn nothing_found_is_as_good_as_the_analysis() {
        let cut = r#","results":[],"invocations":[{"executionSuccessful":false}]"#;
        let own = r#","results":[],"invocations":[{"executionSuccessful":true,"toolExecutionNotifications":[{"level":"error","message":{"text":"cannot parse"}}]}]"#;
        for (runs, wanted) in [
            (String::new(), "findings: no-samples: the log has no run: nothing was analysed"),
            (run(""), "findings: missing: \"t\" has no list of results: nothing was scanned"),
            (run(r#","results":null"#), "findings: missing: \"t\" has no list of results: nothing was scanned"),
            (run(cut), "findings: missing: \"t\" does not say that its run succeeded"),
            (run(own), "errors: missing: \"t\" had an error of its own: cannot parse"),
            (
                run(r#","results":[{"kind":"review"}]"#),
                "findings: undecided: 1 results are open, or for people to review",
            ),
        ] {
            let (_, doubts) = read_of(&runs);
            assert!(doubts.contains(&wanted.to_owned()), "{doubts:?}");
        }
    }
}
