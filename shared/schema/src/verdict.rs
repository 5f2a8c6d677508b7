//! The verdict: one document that carries the answer, the checks behind it and the evidence behind those.

use serde::{Serialize, Serializer};

use crate::fields::Fields;
use crate::{Check, Input, Object, Seal, Status, Value};

/// The document `verdict` writes. What `--set` gave stands before these fields, at the top (`extra`).
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Verdict<'a> {
    /// What `--set` and `--set-text` gave: `mode`, `run_id`.
    pub extra: Object<'a>,
    /// `PASS`, `WARN`, `INCONCLUSIVE` or `FAIL`.
    pub verdict: String,
    /// Why, in one line.
    pub reason: String,
    /// Whether every group passed, and what decides the exit code did too.
    pub all_pass: bool,
    /// 0, 1 or 3: of `verdict`, or of the gate in `decided_by`.
    pub recommended_exit_code: u8,
    /// The gate that decides the exit code (`--decide`); absent where the whole verdict does.
    pub decided_by: Option<String>,
    /// How many checks and groups came to what.
    pub counts: Counts,
    /// The groups in order of first appearance.
    pub groups: Vec<Group<'a>>,
    /// The gates of `--gate`, by name.
    pub gates: Object<'a>,
    /// What `--ramp` found; null without it.
    pub ramp: Option<Ramp>,
    /// `sealed`, `partly sealed` or `plain`.
    pub chain: String,
    /// Whether checks came that no seal vouches for, since `--unsealed` let them in; absent where not.
    pub unsealed: bool,
    /// How many check lines `--where` left out; absent where none.
    pub skipped: u64,
    /// The seals behind it, flat.
    pub seals: Vec<Seal>,
    /// The regular files that were read for it, digested; absent where there are none.
    pub inputs: Vec<Input>,
    /// When it was made, RFC 3339.
    pub generated_at: String,
}

impl Serialize for Verdict<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        for (key, value) in self.extra.iter() {
            fields.put(key, value)?;
        }
        fields.put("verdict", &self.verdict)?;
        fields.put("reason", &self.reason)?;
        fields.put("all_pass", self.all_pass)?;
        fields.put("recommended_exit_code", self.recommended_exit_code)?;
        fields.put_if(self.decided_by.is_some(), "decided_by", &self.decided_by)?;
        fields.put("counts", &self.counts)?;
        fields.put("groups", &self.groups)?;
        fields.put("gates", &self.gates)?;
        fields.put("ramp", &self.ramp)?;
        fields.put("chain", &self.chain)?;
        fields.put_if(self.unsealed, "unsealed", self.unsealed)?;
        fields.put_if(self.skipped > 0, "skipped", self.skipped)?;
        fields.put("seals", &self.seals)?;
        fields.put_if(!self.inputs.is_empty(), "inputs", &self.inputs)?;
        fields.put("generated_at", &self.generated_at)?;
        fields.end()
    }
}

/// How many checks and groups came to what.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Counts {
    /// Of the checks.
    pub checks: CheckCounts,
    /// Of the groups.
    pub groups: GroupCounts,
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("checks", &self.checks)?;
        fields.put("groups", &self.groups)?;
        fields.end()
    }
}

/// Checks by status.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CheckCounts {
    /// All of them.
    pub total: u64,
    /// Those that hold.
    pub pass: u64,
    /// Those violated that count as warnings.
    pub warn: u64,
    /// Those that cannot be told.
    pub inconclusive: u64,
    /// Those violated.
    pub fail: u64,
    /// Those that did not apply.
    pub skip: u64,
}

impl Serialize for CheckCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("total", self.total)?;
        fields.put("pass", self.pass)?;
        fields.put("warn", self.warn)?;
        fields.put("inconclusive", self.inconclusive)?;
        fields.put("fail", self.fail)?;
        fields.put("skip", self.skip)?;
        fields.end()
    }
}

/// Groups by verdict.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct GroupCounts {
    /// All of them.
    pub total: u64,
    /// Those that passed.
    pub pass: u64,
    /// Those that passed with warnings.
    pub warn: u64,
    /// Those that cannot be told.
    pub inconclusive: u64,
    /// Those that failed.
    pub fail: u64,
}

impl Serialize for GroupCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("total", self.total)?;
        fields.put("pass", self.pass)?;
        fields.put("warn", self.warn)?;
        fields.put("inconclusive", self.inconclusive)?;
        fields.put("fail", self.fail)?;
        fields.end()
    }
}

impl CheckCounts {
    /// Counts one check.
    pub fn add(&mut self, status: Status) {
        self.total += 1;
        *match status {
            Status::Skip => &mut self.skip,
            Status::Pass => &mut self.pass,
            Status::Warn => &mut self.warn,
            Status::Inconclusive => &mut self.inconclusive,
            Status::Fail => &mut self.fail,
        } += 1;
    }
}

impl GroupCounts {
    /// Counts one group; one of which nothing was asked is inconclusive.
    pub fn add(&mut self, status: Status) {
        self.total += 1;
        *match status {
            Status::Pass => &mut self.pass,
            Status::Warn => &mut self.warn,
            Status::Skip | Status::Inconclusive => &mut self.inconclusive,
            Status::Fail => &mut self.fail,
        } += 1;
    }
}

/// One group: the checks of one scope, or a verdict document that was read.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Group<'a> {
    /// The scope, or the value of `-b PATH`.
    pub id: String,
    /// `PASS`, `WARN`, `INCONCLUSIVE` or `FAIL`.
    pub verdict: String,
    /// Why, in one line.
    pub reason: String,
    /// Its checks in the order they came.
    pub checks: Vec<Check<'a>>,
    /// The violations of all failed checks, fatal or not.
    pub violations: Vec<String>,
    /// The record the checks were made from, the list of them where there are several (`record` of a check is its
    /// place there), an object by scope where the group is a document; null where they were left out.
    pub evidence: Value<'a>,
    /// The verdict document this group is; absent for a group of checks.
    pub document: Option<Document>,
}

impl Serialize for Group<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("id", &self.id)?;
        fields.put("verdict", &self.verdict)?;
        fields.put("reason", &self.reason)?;
        fields.put("checks", &self.checks)?;
        fields.put("violations", &self.violations)?;
        fields.put("evidence", &self.evidence)?;
        fields.put_if(self.document.is_some(), "document", &self.document)?;
        fields.end()
    }
}

/// What a group says of the verdict document it was read from.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Document {
    /// The file as given; `-` for standard input.
    pub path: String,
    /// When that document was made; `""` where it does not say.
    pub generated_at: String,
    /// How far it was sealed itself: `sealed`, `partly sealed` or `plain`.
    pub chain: String,
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("path", &self.path)?;
        fields.put("generated_at", &self.generated_at)?;
        fields.put("chain", &self.chain)?;
        fields.end()
    }
}

/// A named subset of checks.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Gate {
    /// `PASS`, `WARN`, `INCONCLUSIVE` or `FAIL`.
    pub verdict: String,
    /// Why, in one line.
    pub reason: String,
    /// The ids it asks for.
    pub checks: Vec<String>,
}

impl Serialize for Gate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("verdict", &self.verdict)?;
        fields.put("reason", &self.reason)?;
        fields.put("checks", &self.checks)?;
        fields.end()
    }
}

/// The groups read as steps of a rising load.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Ramp {
    /// The id of the highest step that passed below the first that failed; null where none did.
    pub answer: Option<String>,
    /// The id of the first step that failed; null where none did.
    pub tripped: Option<String>,
    /// Why that step failed; `""` where none did.
    pub next_limit: String,
    /// The ids of the steps that could not be told.
    pub inconclusive: Vec<String>,
    /// The id of the lowest step; null where there was none.
    pub lowest: Option<String>,
}

impl Serialize for Ramp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("answer", &self.answer)?;
        fields.put("tripped", &self.tripped)?;
        fields.put("next_limit", &self.next_limit)?;
        fields.put("inconclusive", &self.inconclusive)?;
        fields.put("lowest", &self.lowest)?;
        fields.end()
    }
}

impl Verdict<'static> {
    /// Reads a verdict document; `Err` names the field that is missing or odd.
    ///
    /// Unknown fields are ignored and not kept; an unknown word in `verdict` is INCONCLUSIVE, and an odd exit code 3;
    /// where there is none it is that of the word. `extra` holds the members before `verdict`, which is where `--set`
    /// puts them.
    pub fn from_value(value: &Value<'_>) -> Result<Verdict<'static>, &'static str> {
        let object = value.as_object().ok_or("object")?;
        let own = |(key, value): (&str, &Value<'_>)| (key.to_owned(), value.clone().into_owned());
        let extra: Object<'static> = object.iter().take_while(|(key, _)| *key != "verdict").map(own).collect();
        let mut groups = Vec::new();
        for group in object.get("groups").and_then(Value::as_list).ok_or("groups")? {
            groups.push(Group::from_value(group)?);
        }
        let mut seals = Vec::new();
        for seal in object.get("seals").and_then(Value::as_list).unwrap_or_default() {
            seals.push(Seal::from_value(seal).ok_or("seals")?);
        }
        let gates =
            object.get("gates").and_then(Value::as_object).into_iter().flat_map(Object::iter).map(own).collect();
        let status = word(value)?;
        let code = value.get("recommended_exit_code").and_then(Value::as_number).and_then(|code| code.as_u64());
        let mut verdict = Verdict {
            extra,
            verdict: status.verdict().to_owned(),
            reason: text(value, "reason"),
            all_pass: value.get("all_pass") == Some(&Value::Bool(true)),
            recommended_exit_code: match value.get("recommended_exit_code").map(|_| code) {
                None => status.exit_code(),
                Some(Some(0)) => 0,
                Some(Some(1)) => 1,
                _ => 3,
            },
            decided_by: value.get("decided_by").and_then(Value::as_text).map(str::to_owned),
            counts: Counts::default(),
            groups,
            gates,
            ramp: value.get("ramp").and_then(Ramp::from_value),
            chain: text(value, "chain"),
            unsealed: value.get("unsealed") == Some(&Value::Bool(true)),
            skipped: value.get("skipped").and_then(Value::as_number).and_then(|count| count.as_u64()).unwrap_or(0),
            seals,
            inputs: value
                .get("inputs")
                .and_then(Value::as_list)
                .unwrap_or_default()
                .iter()
                .filter_map(Input::from_value)
                .collect(),
            generated_at: text(value, "generated_at"),
        };
        verdict.count();
        Ok(verdict)
    }
}

impl Verdict<'_> {
    /// Counts the checks and the groups anew.
    pub fn count(&mut self) {
        self.counts = Counts::default();
        for group in &self.groups {
            self.counts.groups.add(Status::from_verdict(&group.verdict).unwrap_or(Status::Inconclusive));
            for check in &group.checks {
                self.counts.checks.add(check.status);
            }
        }
    }
}

impl Group<'static> {
    fn from_value(value: &Value<'_>) -> Result<Group<'static>, &'static str> {
        let mut checks = Vec::new();
        for check in value.get("checks").and_then(Value::as_list).ok_or("checks")? {
            checks.push(Check::from_value(check)?.into_owned());
        }
        let violations = value.get("violations").and_then(Value::as_list).unwrap_or_default();
        Ok(Group {
            id: value.get("id").and_then(Value::as_text).ok_or("id")?.to_owned(),
            verdict: word(value)?.verdict().to_owned(),
            reason: text(value, "reason"),
            checks,
            violations: violations.iter().filter_map(Value::as_text).map(str::to_owned).collect(),
            evidence: value.get("evidence").cloned().unwrap_or_default().into_owned(),
            document: value.get("document").map(|document| Document {
                path: text(document, "path"),
                generated_at: text(document, "generated_at"),
                chain: text(document, "chain"),
            }),
        })
    }
}

impl Gate {
    /// Reads one member of `gates`.
    pub fn from_value(value: &Value<'_>) -> Option<Gate> {
        Some(Gate {
            verdict: word(value).ok()?.verdict().to_owned(),
            reason: text(value, "reason"),
            checks: texts(value, "checks"),
        })
    }
}

impl Ramp {
    fn from_value(value: &Value<'_>) -> Option<Ramp> {
        value.as_object()?;
        let optional = |key| value.get(key).and_then(Value::as_text).map(str::to_owned);
        Some(Ramp {
            answer: optional("answer"),
            tripped: optional("tripped"),
            next_limit: text(value, "next_limit"),
            inconclusive: texts(value, "inconclusive"),
            lowest: optional("lowest"),
        })
    }
}

/// The status `verdict` names; an unknown word is inconclusive, none at all is no verdict.
fn word(value: &Value<'_>) -> Result<Status, &'static str> {
    let word = value.get("verdict").and_then(Value::as_text).ok_or("verdict")?;
    Ok(Status::from_verdict(word).unwrap_or(Status::Inconclusive))
}

fn text(value: &Value<'_>, key: &str) -> String {
    value.get(key).and_then(Value::as_text).unwrap_or_default().to_owned()
}

fn texts(value: &Value<'_>, key: &str) -> Vec<String> {
    let list = value.get(key).and_then(Value::as_list).unwrap_or_default();
    list.iter().filter_map(Value::as_text).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn reads_what_it_writes() {
        let check =
            Check { id: "a".into(), status: Status::Fail, passed: Some(false), record: Some(1), ..Check::default() };
        let mut extra = Object::new();
        extra.insert("mode", "degraded");
        extra.insert("load", json::parse(b"1.50").unwrap());
        let mut verdict = Verdict {
            extra,
            verdict: "FAIL".into(),
            reason: "a".into(),
            recommended_exit_code: 1,
            decided_by: Some("D".into()),
            groups: vec![Group {
                id: "g".into(),
                verdict: "FAIL".into(),
                reason: "a".into(),
                checks: vec![check],
                violations: vec!["a=1 > 0".into()],
                evidence: json::parse(br#"[{"a":1},{"a":2.50}]"#).unwrap(),
                document: Some(Document { path: "x.json".into(), ..Document::default() }),
            }],
            ramp: Some(Ramp { answer: Some("500".into()), next_limit: "a=1 > 0".into(), ..Ramp::default() }),
            chain: "sealed".into(),
            skipped: 2,
            seals: vec![Seal { tool: "percentile".into(), schema: 1, ..Seal::default() }],
            inputs: vec![Input { path: "x".into(), bytes: 1, sha256: "0".repeat(64) }],
            generated_at: "2026-03-05T20:32:12Z".into(),
            ..Verdict::default()
        };
        verdict.count();
        let mut text = Vec::new();
        json::write_struct(&verdict, &mut text).unwrap();
        assert_eq!(Verdict::from_value(&json::parse(&text).unwrap()), Ok(verdict));
    }

    #[test]
    fn an_unknown_word_is_inconclusive_and_a_broken_check_is_no_document() {
        let read = |text: &str| Verdict::from_value(&json::parse(text.as_bytes()).unwrap());
        assert_eq!(read(r#"{"verdict":"GREAT","groups":[]}"#).unwrap().verdict, "INCONCLUSIVE");
        for (text, code) in [
            (r#"{"verdict":"PASS","groups":[]}"#, 0),
            (r#"{"verdict":"FAIL","groups":[]}"#, 1),
            (r#"{"verdict":"PASS","recommended_exit_code":3,"groups":[]}"#, 3),
            (r#"{"verdict":"PASS","recommended_exit_code":"0","groups":[]}"#, 3),
            (r#"{"verdict":"PASS","recommended_exit_code":null,"groups":[]}"#, 3),
        ] {
            assert_eq!(read(text).unwrap().recommended_exit_code, code, "{text}");
        }
        assert_eq!(read(r#"{"verdict":"PASS"}"#), Err("groups"));
        assert_eq!(read(r#"{"groups":[]}"#), Err("verdict"));
        let group = r#"{"verdict":"PASS","groups":[{"id":"a","verdict":"PASS","checks":[{"id":"x"}]}]}"#;
        assert_eq!(read(group), Err("status"));
    }
}
