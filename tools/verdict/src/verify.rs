//! A verdict read back: its checks made again from the evidence and thresholds it carries, its sources digested again;
//! its sums are `sums`'s.
//!
//! Owns what *holds* means: the same figures, the same statuses, nothing left out. Refuses to vouch for a check that
//! carries no threshold or no evidence, however well it looks.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use expr::{Judge, Missing, Threshold, Thresholds};
use schema::{Check, Code, Evidence, Group, Status, Verdict};

use crate::groups::{self, Groups};
use crate::sources::State;
use crate::sums::{self, Figures, SUMS};

/// The group of what is said about its sources.
const SOURCES: &str = "@sources";

/// A file that the document speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Named {
    /// The path as it was given then.
    pub path: String,
    /// How much of it was read.
    pub bytes: u64,
    /// The digest of that.
    pub sha256: String,
}

/// The files that `document` speaks of, each once; standard input is none.
pub fn sources(document: &Verdict<'static>) -> Vec<Named> {
    let mut files: Vec<Named> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut add = |path: &str, bytes: u64, sha256: &str| {
        let file = Named { path: path.to_owned(), bytes, sha256: sha256.to_owned() };
        if !matches!(path, "" | "-" | "stdin") && sha256.len() == 64 && seen.insert(file.clone()) {
            files.push(file);
        }
    };
    for record in document.groups.iter().flat_map(groups::records) {
        let Some(evidence) = record.get("@evidence").and_then(Evidence::from_value) else { continue };
        for source in evidence.sources {
            add(&source.path, source.bytes, &source.sha256);
        }
        for input in evidence.seals.iter().flat_map(|seal| &seal.inputs) {
            add(&input.path, input.bytes, &input.sha256);
        }
    }
    for input in document.seals.iter().flat_map(|seal| &seal.inputs).chain(&document.inputs) {
        add(&input.path, input.bytes, &input.sha256);
    }
    files
}

/// The folders of the documents that `document`, itself at `path`, was made of: as named then, and seen from its own.
pub fn folders(document: &Verdict<'static>, path: &Path) -> Vec<PathBuf> {
    let named = document.groups.iter().filter_map(|group| Path::new(&group.document.as_ref()?.path).parent());
    let mut folders: Vec<PathBuf> = Vec::new();
    for folder in named {
        let seen = path.parent().map(|parent| parent.join(folder));
        for folder in seen.into_iter().chain([folder.to_owned()]) {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
    }
    folders
}

/// What verifying `document` found, as groups of checks: those that hold pass.
pub fn judge(document: &Verdict<'static>, figures: &Figures, files: &[(Named, State)]) -> Groups {
    let mut found = Groups::default();
    for group in &document.groups {
        let checks = again(group);
        // What says only that something was missing then can neither hold nor fail now.
        if checks.iter().any(|check| check.status != Status::Skip) {
            found.get_or_add(&group.id).checks = checks;
        }
    }
    found.get_or_add(SUMS).checks = sums::judge(document, figures);
    for (file, state) in files {
        let (status, code, words) = match state {
            State::Same => (Status::Pass, None, String::new()),
            State::Changed(now) => {
                let words = format!("{}: SHA-256 {} then, {now} now", Code::SourceChanged, file.sha256);
                (Status::Fail, None, words)
            }
            State::Gone(why) => (Status::Inconclusive, Some(Code::SourceGone), format!("{}: {why}", Code::SourceGone)),
        };
        found.get_or_add(SOURCES).checks.push(of(&file.path, SOURCES, status, code, &words));
    }
    found
}

/// What was found of `id`, with `words` where it does not hold.
pub fn of(id: &str, scope: &str, status: Status, code: Option<Code>, words: &str) -> Check<'static> {
    Check {
        status,
        passed: status.passed(),
        code,
        reason: if words.is_empty() { String::new() } else { format!("{id}: {words}") },
        violation: if status == Status::Fail { format!("{id}: {words}") } else { String::new() },
        ..Check::inconclusive(id, scope, Code::Missing)
    }
}

/// Each check of a group made again.
fn again(group: &Group<'static>) -> Vec<Check<'static>> {
    let mut by_scope: HashMap<&str, Vec<u64>> = HashMap::new();
    for check in &group.checks {
        let places = by_scope.entry(&check.scope).or_default();
        let place = check.record.unwrap_or(0);
        if places.last() != Some(&place) {
            places.push(place);
        }
    }
    let mut made: HashMap<(&str, &str), Outcome> = HashMap::new();
    let mut counted: HashMap<(&str, &str, u64), usize> = HashMap::new();
    let mut found = Vec::new();
    for check in &group.checks {
        let Some(line) = check.threshold.as_deref() else {
            found.push(match check.status {
                // A failure that was made a skip and lost its threshold must not go unseen.
                Status::Pass | Status::Warn | Status::Skip => of(
                    &check.id,
                    &check.scope,
                    Status::Inconclusive,
                    Some(Code::Missing),
                    "missing: it carries no threshold",
                ),
                Status::Inconclusive | Status::Fail => of(&check.id, &check.scope, Status::Skip, None, ""),
            });
            continue;
        };
        let scope = check.scope.as_str();
        let remade = made.entry((scope, line)).or_insert_with(|| {
            let places = by_scope.get(scope).map(Vec::as_slice).unwrap_or_default();
            Remade::of(group, line, scope, places)
        });
        let place = check.record.unwrap_or(0);
        *counted.entry((scope, line, place)).or_default() += 1;
        found.push(match remade {
            Err((code, words)) => of(&check.id, scope, Status::Inconclusive, Some(*code), &format!("{code}: {words}")),
            Ok(remade) => remade.compare(check, place),
        });
    }
    for ((scope, line, place), count) in counted {
        if let Some(Ok(remade)) = made.get(&(scope, line)) {
            let wanted = remade.plain.get(&place).map_or(0, Vec::len);
            if count < wanted {
                let words = format!("{} of its {wanted} checks were left out", wanted - count);
                found.push(of(line, scope, Status::Fail, None, &words));
            }
        }
    }
    found
}

/// The checks made again, or why they cannot be.
type Outcome = Result<Remade, (Code, String)>;

/// The checks one threshold makes of the records of one scope, by the place of the record.
struct Remade {
    plain: HashMap<u64, Vec<Check<'static>>>,
    /// The same under each `--missing`, of which a document does not tell.
    others: [(&'static str, HashMap<u64, Vec<Check<'static>>>); 2],
}

impl Remade {
    fn of(group: &Group<'static>, line: &str, scope: &str, places: &[u64]) -> Outcome {
        let threshold = Threshold::parse(line).map_err(|error| (Code::Malformed, error.to_string()))?;
        if threshold.reads_baseline() {
            return Err((Code::NoBaseline, "its baseline is not in the document".to_owned()));
        }
        let mut records = Vec::new();
        for place in places {
            let record = groups::record(group, scope, *place);
            records.push((*place, record.ok_or((Code::Missing, "it carries no evidence".to_owned()))?));
        }
        let mut thresholds = Thresholds::new();
        thresholds.push(threshold);
        let run = |missing| -> HashMap<u64, Vec<Check<'static>>> {
            let mut judge = Judge::new(&thresholds, None, missing);
            records.iter().map(|(place, record)| (*place, judge.record(record, scope))).collect()
        };
        let others = [("fail", run(Missing::Fail)), ("skip", run(Missing::Skip))];
        Ok(Remade { plain: run(Missing::Inconclusive), others })
    }

    /// Whether `check`, made of the record at `place`, comes out the same.
    fn compare(&self, check: &Check<'static>, place: u64) -> Check<'static> {
        let same = |made: &HashMap<u64, Vec<Check<'static>>>| {
            made.get(&place).is_some_and(|made| made.iter().any(|made| alike(made, check)))
        };
        if same(&self.plain) {
            let held = of(&check.id, &check.scope, Status::Pass, None, "");
            return Check { metric: check.metric.clone(), ..held };
        }
        if let Some((word, _)) = self.others.iter().find(|(_, made)| same(made)) {
            // Whoever edits one inconclusive check to a skip leaves the same trace.
            let words =
                format!("missing: it is so only under --missing {word}: write \"missing {word}\" at the threshold");
            return of(&check.id, &check.scope, Status::Inconclusive, Some(Code::Missing), &words);
        }
        let now =
            self.plain.get(&place).and_then(|made| made.iter().find(|made| matches_of(made) == matches_of(check)));
        let words = match now {
            None => "the evidence gives no such check".to_owned(),
            Some(now) if now.status != check.status => format!("{} then, {} of the evidence", check.status, now.status),
            Some(now) => {
                let figures = |check: &Check<'static>| {
                    format!(
                        "{} against {}",
                        crate::formats::plain(&check.actual),
                        crate::formats::plain(&check.expected)
                    )
                };
                format!("{} then, {} of the evidence", figures(check), figures(now))
            }
        };
        of(&check.id, &check.scope, Status::Fail, None, &words)
    }
}

fn alike(made: &Check<'static>, check: &Check<'static>) -> bool {
    made.status == check.status
        && made.code == check.code
        && made.fatal == check.fatal
        && made.actual == check.actual
        && made.expected == check.expected
        && matches_of(made) == matches_of(check)
}

/// `[send]` of `actions.*.p95_ms#2[send]`: what a wildcard matched.
fn matches_of<'c>(check: &'c Check<'_>) -> &'c str {
    check.id.rfind('[').and_then(|from| check.id.get(from..)).unwrap_or_default()
}
