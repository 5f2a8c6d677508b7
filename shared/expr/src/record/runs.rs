//! Records of other runs: the baseline that a scope is compared with, several runs a side, the nights before.
//!
//! Owns which documents are such runs, by scope, and what a copy of a run is. Refuses a verdict that did not pass as a run.

use std::collections::{HashMap, HashSet};

use schema::{Number, Value, counts};

use crate::record::claims::Claims;

/// One run's record and what it says of itself.
pub(crate) type Run = (Value<'static>, Claims);

/// What thresholds compare with beside the record.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// One document for each scope; of plain evidence one for all.
    scopes: HashMap<String, Run>,
    all: Option<Run>,
}

impl Baseline {
    /// The baseline that a document is: a verdict that is PASS or WARN, or plain evidence. A verdict that did not pass
    /// is none.
    pub fn of(document: Value<'static>) -> Baseline {
        let with_claims = |record: Value<'static>| {
            let claims = Claims::of(&record);
            (record, claims)
        };
        if !Baseline::is_verdict(&document) {
            let all = document.as_object().is_some().then(|| with_claims(document));
            return Baseline { scopes: HashMap::new(), all };
        }
        let passed = |value: &Value<'_>| matches!(value.get("verdict").and_then(Value::as_text), Some("PASS" | "WARN"));
        let mut scopes = HashMap::new();
        let mut seen = HashSet::new();
        // The answer of that run was its exit status, which a gate may have decided (`--decide`), and not for PASS.
        let code = document.get("recommended_exit_code");
        let is_zero = |code: &Value<'_>| code.as_number().and_then(Number::as_u64) == Some(0);
        if passed(&document) && code.is_none_or(is_zero) && !counts_more(&document) {
            for group in document.get("groups").and_then(Value::as_list).unwrap_or_default() {
                let Some(id) = group.get("id").and_then(Value::as_text) else { continue };
                if !seen.insert(id) {
                    // Which of two groups of one name is meant, nobody can tell.
                    scopes.remove(id);
                } else if passed(group)
                    && has_passed(group)
                    && let Some(evidence @ Value::Object(_)) = group.get("evidence")
                {
                    scopes.insert(id.to_owned(), with_claims(evidence.clone()));
                }
            }
        }
        Baseline { scopes, all: None }
    }

    /// The baseline of several records, each for its scope. Of two records of one scope neither is one: nobody can say
    /// which is meant.
    pub fn by_scope(records: Vec<(String, Value<'static>)>) -> Baseline {
        let mut scopes = HashMap::new();
        let mut seen = HashSet::new();
        for (scope, record) in records {
            if seen.insert(scope.clone()) {
                let claims = Claims::of(&record);
                scopes.insert(scope, (record, claims));
            } else {
                scopes.remove(&scope);
            }
        }
        Baseline { scopes, all: None }
    }

    /// Whether a document is a verdict, be it of another shape than ours: what says that it failed is no evidence.
    pub fn is_verdict(document: &Value<'_>) -> bool {
        let is_ours = document.get("groups").is_some() || document.get("recommended_exit_code").is_some();
        match document.get("verdict") {
            Some(Value::Text(_)) if is_ours => true,
            Some(Value::Text(verdict)) => FAILED.iter().any(|word| verdict.eq_ignore_ascii_case(word)),
            Some(Value::Bool(passed)) => !passed,
            _ => false,
        }
    }

    /// Whether there is nothing to compare with: the verdict did not pass, or carries no evidence.
    pub fn is_empty(&self) -> bool {
        self.all.is_none() && self.scopes.is_empty()
    }

    /// The evidence of a scope, where there is some.
    pub fn evidence(&self, scope: &str) -> Option<&Value<'static>> {
        self.scopes.get(scope).or(self.all.as_ref()).map(|(record, _)| record)
    }

    /// The scopes that have evidence of their own, with it.
    pub fn scopes(&self) -> impl Iterator<Item = (&str, &Value<'static>)> {
        self.scopes.iter().map(|(scope, (record, _))| (scope.as_str(), record))
    }

    /// The evidence of each scope, and that of all.
    pub(crate) fn into_parts(self) -> (HashMap<String, Run>, Option<Run>) {
        (self.scopes, self.all)
    }

    /// The run that a scope is compared with.
    pub(crate) fn run(&self, scope: &str) -> Option<&Run> {
        self.scopes.get(scope).or(self.all.as_ref())
    }
}

/// What verdicts of other shapes call a run that did not pass.
const FAILED: [&str; 6] = ["fail", "failed", "failure", "error", "inconclusive", "unknown"];

/// How the checks of a group came out.
fn statuses<'v>(group: &'v Value<'_>) -> impl Iterator<Item = &'v str> {
    let checks = group.get("checks").and_then(Value::as_list).unwrap_or_default();
    checks.iter().map(|check| check.get("status").and_then(Value::as_text).unwrap_or_default())
}

/// Whether a group is no worse than its word: it is no better than its checks, and one of them applied. Without a list of checks,
/// as others write it, its word and its evidence are all there is.
fn has_passed(group: &Value<'_>) -> bool {
    if group.get("checks").is_none() {
        return true;
    }
    statuses(group).all(|status| matches!(status, "pass" | "warn" | "skip"))
        && statuses(group).any(|status| status != "skip")
}

/// Whether a verdict counts more that failed, or cannot be told, than it carries: somebody took those out.
fn counts_more(document: &Value<'_>) -> bool {
    let groups = document.get("groups").and_then(Value::as_list).unwrap_or_default();
    ["fail", "inconclusive"].iter().any(|kind| {
        let counts = document.get("counts").and_then(|counts| counts.get("checks"));
        let told = counts.and_then(|counts| counts.get(kind)).and_then(Value::as_number).and_then(Number::as_u64);
        let here = groups.iter().flat_map(statuses).filter(|status| status == kind).count();
        told.is_some_and(|told| told > here as u64)
    })
}

/// Records of other runs, in the order they were added.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    scopes: HashMap<String, Vec<Run>>,
    all: Vec<Run>,
    copies: Copies,
}

/// The runs that are there, by their text: a copy of a run is no further run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Copies {
    pub(crate) there: HashSet<Vec<u8>>,
    /// How many records were copies.
    pub again: usize,
    /// Whether copies count, too.
    pub allowed: bool,
}

impl Copies {
    /// Whether a record of a scope is no copy of one before it. Only what names its sources by their digests can be one, or
    /// holds figures of many samples: others may be alike by chance.
    pub(crate) fn is_new(&mut self, scope: &str, record: &Value<'_>) -> bool {
        if self.allowed || !(names_sources(record) || is_of_many(record, DEPTH)) {
            return true;
        }
        let mut text = [scope.as_bytes(), b"\0"].concat();
        schema::json::write(record, &mut text);
        let is_new = self.there.insert(text);
        self.again += usize::from(!is_new);
        is_new
    }
}

fn names_sources(record: &Value<'_>) -> bool {
    let sources = record.get("@evidence").and_then(|evidence| evidence.get("sources")).and_then(Value::as_list);
    sources.is_some_and(|sources| sources.iter().any(|source| source.get("sha256").is_some()))
}

/// Whether a record names the evidence that it was made from by its digest, so that another one of the same text is of the same
/// evidence. Of a table of records two jobs may ask for other lines each, and find the same few figures.
pub fn tells_copies(record: &Value<'_>) -> bool {
    let sources = record.get("@evidence").and_then(|evidence| evidence.get("sources")).and_then(Value::as_list);
    let is = |source: &Value<'_>, key: &str, text: &str| source.get(key).and_then(Value::as_text) == Some(text);
    let is_read = |source: &Value<'_>| {
        let is_empty = source.get("bytes").and_then(Value::as_number).is_none_or(|bytes| bytes.as_u64() == Some(0));
        source.get("sha256").is_some() && !is_empty && !is(source, "origin", "declared")
    };
    let of_lines = |source: &Value<'_>| is(source, "format", "records");
    sources.is_some_and(|sources| {
        sources.iter().any(is_read) && (!sources.iter().any(of_lines) || is_of_many(record, DEPTH))
    })
}

/// Figures of so many samples agree in all of two runs only where one is a copy.
const MANY: u64 = 30;
/// So deep such figures are looked for.
const DEPTH: usize = 4;

/// Whether a record holds the statistics of many samples: a count of at least [`MANY`] beside a mean or a percentile.
fn is_of_many(record: &Value<'_>, depth: usize) -> bool {
    let Some(object) = record.as_object() else { return false };
    let is_many = |value: &Value<'_>| value.as_number().and_then(Number::as_u64).is_some_and(|count| count >= MANY);
    let counted = object.iter().any(|(key, value)| is_many(value) && counts::is_count(key));
    let has_figure = |(key, value): (&str, &Value<'_>)| value.as_number().is_some() && counts::is_statistic(key);
    counted && object.iter().any(has_figure)
        || depth > 0
            && object.iter().any(|(key, below)| !schema::OUR_KEYS.contains(&key) && is_of_many(below, depth - 1))
}

/// Whether a record is that of a run that is there.
pub(crate) fn is_same_run(record: &Value<'_>, other: &Value<'_>) -> bool {
    record == other && (names_sources(record) || is_of_many(record, DEPTH))
}

impl Runs {
    /// None.
    pub fn new() -> Runs {
        Runs::default()
    }

    /// None; `allow_equal`: runs that agree in every figure count, each of them.
    pub fn with_copies(allow_equal: bool) -> Runs {
        Runs { copies: Copies { allowed: allow_equal, ..Copies::default() }, ..Runs::default() }
    }

    /// Whether copies count.
    pub(crate) fn allows_copies(&self) -> bool {
        self.copies.allowed
    }

    /// How many records were those of runs that were there, and count once.
    pub fn again(&self) -> usize {
        self.copies.again
    }

    /// Adds the run that a baseline is of, in each of its scopes; false where it is none.
    pub fn add(&mut self, baseline: Baseline) -> bool {
        let is_run = !baseline.is_empty();
        let (scopes, all) = baseline.into_parts();
        for (scope, run) in scopes {
            if self.copies.is_new(&scope, &run.0) {
                self.scopes.entry(scope).or_default().push(run);
            }
        }
        if let Some(run) = all.filter(|run| self.copies.is_new("", &run.0)) {
            self.all.push(run);
        }
        is_run
    }

    /// Adds a run of one scope.
    pub fn add_record(&mut self, scope: String, record: Value<'static>) {
        let claims = Claims::of(&record);
        if self.copies.is_new(&scope, &record) {
            self.scopes.entry(scope).or_default().push((record, claims));
        }
    }

    /// The scopes that have runs of their own.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.keys().map(String::as_str)
    }

    /// The runs of a scope: those of plain evidence are of every scope.
    pub(crate) fn of(&self, scope: &str) -> &[Run] {
        self.scopes.get(scope).unwrap_or(&self.all)
    }

    /// The first runs of a scope, as those of a stream without one.
    pub fn first(&self, scope: &str, count: usize) -> Runs {
        Runs {
            scopes: HashMap::new(),
            copies: Copies::default(),
            all: self.of(scope).iter().take(count).cloned().collect(),
        }
    }

    /// The records of a scope.
    pub fn records(&self, scope: &str) -> impl Iterator<Item = &Value<'static>> {
        self.of(scope).iter().map(|(record, _)| record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_that_asked_nothing_or_lost_what_failed_is_no_baseline() {
        let document = |checks: &str, more: &str| {
            format!(
                r#"{{"verdict":"PASS",{more}"groups":[{{"id":"","verdict":"PASS","checks":[{checks}],"evidence":{{"p99":5}}}}]}}"#
            )
        };
        let check = |status: &str| format!(r#"{{"id":"a","status":"{status}"}}"#);
        let both = format!("{},{}", check("skip"), check("warn"));
        for (text, is_run) in [
            (document(&check("pass"), ""), true),
            (document(&both, ""), true),
            (document(&check("pass"), r#""counts":{"checks":{"total":1,"pass":1,"fail":0}},"#), true),
            (document("", ""), false),
            (document(&check("skip"), ""), false),
            (document(&check("odd"), ""), false),
            (document(&check("fail"), ""), false),
            (document(&check("pass"), r#""counts":{"checks":{"fail":2}},"#), false),
            (document(&check("pass"), r#""counts":{"checks":{"inconclusive":1}},"#), false),
            (r#"{"verdict":"PASS","groups":[]}"#.to_owned(), false),
            (r#"{"verdict":"failed","p99":5}"#.to_owned(), false),
            (r#"{"verdict":"ERROR","p99":5}"#.to_owned(), false),
            (r#"{"verdict":false,"p99":5}"#.to_owned(), false),
            (r#"{"verdict":"ok","p99":5}"#.to_owned(), true),
            (r#"{"p99":5}"#.to_owned(), true),
        ] {
            let document = schema::json::parse(text.as_bytes()).unwrap().into_owned();
            assert_eq!(!Baseline::of(document).is_empty(), is_run, "{text}");
        }
    }

    #[test]
    fn sources_by_their_digests_tell_copies() {
        let source = |fields: &str| format!(r#"{{"name":"x","path":"x","sha256":"0",{fields}}}"#);
        let (k6, records) = (source(r#""bytes":9,"format":"k6""#), source(r#""bytes":9,"format":"records""#));
        for (fields, sources, wanted) in [
            (r#""p99":5"#, k6.as_str(), true),
            (r#""p99":5"#, &format!("{k6},{k6}"), true),
            (r#""p99":5"#, "", false),
            (r#""p99":5"#, &source(r#""bytes":0,"format":"k6""#), false),
            (r#""p99":5"#, &source(r#""bytes":9,"format":"k6","origin":"declared""#), false),
            (r#""errors":0"#, &records, false),
            (r#""errors":0"#, &format!("{k6},{records}"), false),
            (r#""count":30,"p99":5"#, &records, true),
        ] {
            let text = format!(r#"{{{fields},"@evidence":{{"sources":[{sources}]}}}}"#);
            assert_eq!(tells_copies(&schema::json::parse(text.as_bytes()).unwrap()), wanted, "{text}");
        }
        assert!(!tells_copies(&schema::json::parse(br#"{"p99":5}"#).unwrap()));
    }

    #[test]
    fn figures_of_many_samples_that_agree_are_a_copy() {
        let again = |text: &str, allowed: bool| {
            let value = schema::json::parse(text.as_bytes()).unwrap();
            let mut copies = Copies { allowed, ..Copies::default() };
            assert!(copies.is_new("", &value));
            !copies.is_new("", &value)
        };
        assert!(again(r#"{"count":100,"p99":5}"#, false));
        assert!(again(r#"{"ms":{"count":30,"mean":1.5}}"#, false));
        assert!(!again(r#"{"ms":{"count":30,"mean":1.5}}"#, true));
        for text in [r#"{"count":29,"p99":5}"#, r#"{"count":100,"errors":0}"#, r#"{"p99":5}"#, r#"{"x":5}"#] {
            assert!(!again(text, false), "{text}");
        }
    }
}
