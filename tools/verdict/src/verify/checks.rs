//! The checks of a group made again from the evidence and thresholds it carries, and held against those it has.
//!
//! Owns what *the same check* means: every field that follows from a threshold and a record. Refuses to vouch for a
//! check that carries no threshold or no evidence, however well it looks.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use expr::{Judge, Missing, RECORD_ID, Runs, Threshold, Thresholds};
use schema::{Check, Code, Group, Status, Value};

use crate::groups::{self, STREAM};
use crate::verify::finding::{SOURCES, SUMS, holds, of};
use crate::verify::runs;

/// What is asked of the checks of a document.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
    /// Whether this version made them, so that their words must be the same, too.
    pub words: bool,
    /// Whether checks were left out (`--where`), so that others of the same id may be gone.
    pub gaps: bool,
}

/// Each check of a group made again.
pub fn again(group: &Group<'static>, terms: Terms, over_runs: &[Check<'static>]) -> Vec<Check<'static>> {
    let mut scopes: HashMap<&str, Scope<'_>> = HashMap::new();
    for check in &group.checks {
        let scope = scopes.entry(&check.scope).or_default();
        let place = check.record.unwrap_or(0);
        if scope.places.last() != Some(&place) && !scope.places.contains(&place) {
            scope.places.push(place);
        }
        if let Some(line) = check.threshold.as_deref()
            && scope.known.insert(line)
        {
            scope.lines.push(line);
        }
    }
    for (name, scope) in &mut scopes {
        scope.prepare(group, name);
    }
    let ids: HashSet<&str> = group.checks.iter().map(|check| check.id.as_str()).collect();
    let mut seen: HashSet<(&str, &str, u64)> = HashSet::new();
    let mut counted: HashMap<(&str, &str, u64), usize> = HashMap::new();
    let mut found = Vec::new();
    for check in &group.checks {
        let name = check.scope.as_str();
        let (Some(line), Some(scope)) = (check.threshold.as_deref(), scopes.get(name)) else {
            found.push(unmade(check));
            continue;
        };
        if runs::is_over_runs(check) {
            found.push(compare_runs(check, line, over_runs, terms, &ids));
            continue;
        }
        let place = check.record.unwrap_or(0);
        *counted.entry((name, line, place)).or_default() += 1;
        let outcome = scope.faults.get(line);
        found.push(match outcome {
            None if scope.of_nights.contains(line) => scope.compare_nights(check, line, place, terms, &ids),
            Some((code, words)) => of(&check.id, name, Status::Inconclusive, Some(*code), &format!("{code}: {words}")),
            None if !seen.insert((name, &check.id, place)) => {
                of(&check.id, name, Status::Fail, None, "two checks of one record have this id")
            }
            None => scope.compare(check, line, place, terms, &ids),
        });
    }
    for scope in scopes.values().filter(|_| !terms.gaps) {
        for wanted in scope.at_the_end() {
            let same = |check: &&Check<'_>| check.scope == wanted.scope && check.reason == wanted.reason;
            if !group.checks.iter().any(|check| same(&check) && check.status == wanted.status) {
                let words = format!("left out: {}", wanted.reason);
                found.push(of(&wanted.id, &wanted.scope, Status::Fail, None, &words));
            }
        }
    }
    for ((name, line, place), count) in counted {
        let Some(scope) = scopes.get(name).filter(|scope| scope.is_made_alone(line)) else { continue };
        let wanted = scope.made(line, place).len();
        if count < wanted {
            let words = format!("{} of its {wanted} checks were left out", wanted - count);
            found.push(of(line, name, Status::Fail, None, &words));
        }
    }
    found
}

/// Whether a comparison over runs comes out the same.
fn compare_runs(
    check: &Check<'static>,
    line: &str,
    over_runs: &[Check<'static>],
    terms: Terms,
    ids: &HashSet<&str>,
) -> Check<'static> {
    let same = |made: &&Check<'static>| {
        made.scope == check.scope && made.threshold.as_deref() == Some(line) && matches_of(made) == matches_of(check)
    };
    let Some(made) = over_runs.iter().find(same) else {
        return of(&check.id, &check.scope, Status::Fail, None, "the evidence does not give this check");
    };
    let differ = differing(made, check, terms, ids);
    if differ.is_empty() {
        return Check { metric: check.metric.clone(), ..holds(&check.id, &check.scope) };
    }
    let words = if made.status == check.status {
        format!("of the evidence it has another {}", differ.join(", "))
    } else {
        format!("{} then, {} of the evidence", check.status, made.status)
    };
    of(&check.id, &check.scope, Status::Fail, None, &words)
}

/// A check that no threshold made.
fn unmade(check: &Check<'static>) -> Check<'static> {
    // What is said of a stream or a group has but a reason of its own.
    let code = check.code.unwrap_or(Code::Missing);
    let expected = check.id == STREAM && code == Code::Missing;
    let plain = Check {
        reason: check.reason.clone(),
        // Of a check that was expected and did not come, its name.
        metric: if expected { check.metric.clone() } else { String::new() },
        record: check.record,
        ..Check::inconclusive(check.id.clone(), check.scope.clone(), code)
    };
    let known = [STREAM, "@group", "@record", SUMS, SOURCES].contains(&check.id.as_str());
    if check.status == Status::Inconclusive && check.id.starts_with('@') && (*check != plain || !known) {
        let differ = if known { fields(&plain, check, true).join(", ") } else { "id".to_owned() };
        let words = format!("its {differ} is not that of a fault");
        return of(&check.id, &check.scope, Status::Fail, None, &words);
    }
    match check.status {
        // A failure that was made a skip and lost its threshold must not go unseen.
        Status::Pass | Status::Warn | Status::Skip => {
            let words = "missing: it carries no threshold";
            of(&check.id, &check.scope, Status::Inconclusive, Some(Code::Missing), words)
        }
        Status::Inconclusive | Status::Fail => of(&check.id, &check.scope, Status::Skip, None, ""),
    }
}

/// The checks made again, by the line of the threshold and the place of the record.
type Made = HashMap<(String, u64), Vec<Check<'static>>>;

/// The checks of one scope: its records, the thresholds that they were held against, and what those make.
#[derive(Default)]
struct Scope<'g> {
    name: String,
    places: Vec<u64>,
    lines: Vec<&'g str>,
    known: HashSet<&'g str>,
    records: Vec<(u64, &'g Value<'static>)>,
    thresholds: Thresholds,
    /// Those that ask the nights before, which each check carries.
    of_nights: HashSet<&'g str>,
    /// Why the checks of a line cannot be made again.
    faults: HashMap<&'g str, (Code, String)>,
    plain: OnceCell<Made>,
    /// The same under each other `--missing`, of which a document does not tell.
    others: [OnceCell<Made>; 2],
    /// The same, each threshold alone: a document may hold but some of those that were asked together.
    alone: OnceCell<Made>,
}

/// The other `--missing` by their words.
const OTHERS: [(&str, Missing); 2] = [("fail", Missing::Fail), ("skip", Missing::Skip)];

impl<'g> Scope<'g> {
    fn prepare(&mut self, group: &'g Group<'static>, name: &str) {
        self.name = name.to_owned();
        let records: Option<Vec<(u64, &'g Value<'static>)>> =
            self.places.iter().map(|place| Some((*place, groups::record(group, name, *place)?))).collect();
        let absent = records.is_none();
        self.records = records.unwrap_or_default();
        for line in &self.lines {
            match Threshold::parse(line) {
                Err(error) => {
                    self.faults.insert(line, (Code::Malformed, error.to_string()));
                }
                Ok(threshold) => {
                    if threshold.reads_baseline() {
                        self.faults.insert(line, (Code::NoBaseline, "its baseline is not in the document".to_owned()));
                    } else if absent {
                        self.faults.insert(line, (Code::Missing, "it carries no evidence".to_owned()));
                    } else if threshold.reads_history() {
                        self.of_nights.insert(line);
                    }
                    self.thresholds.push(threshold);
                }
            }
        }
    }

    /// Whether the checks of a line follow from the records and thresholds of the scope alone.
    fn is_made_alone(&self, line: &str) -> bool {
        !self.faults.contains_key(line) && !self.of_nights.contains(line)
    }

    /// Whether a check that asks the nights before comes out the same of those it carries.
    fn compare_nights(
        &self,
        check: &Check<'static>,
        line: &str,
        place: u64,
        terms: Terms,
        ids: &HashSet<&str>,
    ) -> Check<'static> {
        // Copies were left out when it was made, or allowed.
        let mut history = Runs::with_copies(true);
        check.nights.iter().for_each(|night| history.add_record(self.name.clone(), night.clone()));
        let made = |missing: Missing| {
            let mut judge = Judge::new(&self.thresholds, None, missing).with_history(&history);
            let records = self.records.iter().take_while(|(at, _)| *at <= place);
            let made = records.map(|(_, record)| judge.record(record, &self.name)).last().unwrap_or_default();
            let same =
                |made: &Check<'_>| made.threshold.as_deref() == Some(line) && matches_of(made) == matches_of(check);
            made.into_iter().find(same)
        };
        let mut now = made(Missing::Inconclusive);
        for (word, missing) in OTHERS {
            let same = |made: &Check<'static>| differing(made, check, terms, ids).is_empty();
            if now.as_ref().is_some_and(same) {
                return Check { metric: check.metric.clone(), ..holds(&check.id, &check.scope) };
            }
            if made(missing).as_ref().is_some_and(same) {
                let words =
                    format!("missing: it is so only under --missing {word}: write \"missing {word}\" at the threshold");
                return of(&check.id, &check.scope, Status::Inconclusive, Some(Code::Missing), &words);
            }
        }
        let words = match now.take() {
            Some(now) if now.status != check.status => {
                format!("{} then, {} of the nights it carries", check.status, now.status)
            }
            Some(now) => {
                format!("of the nights it carries it has another {}", differing(&now, check, terms, ids).join(", "))
            }
            None => "the evidence does not give this check".to_owned(),
        };
        of(&check.id, &check.scope, Status::Fail, None, &words)
    }

    fn run(&self, thresholds: &Thresholds, missing: Missing, made: &mut Made) {
        let mut judge = Judge::new(thresholds, None, missing);
        for (place, record) in &self.records {
            for check in judge.record(record, &self.name) {
                let line = check.threshold.clone().unwrap_or_default();
                made.entry((line, *place)).or_default().push(check);
            }
        }
    }

    fn plain(&self) -> &Made {
        self.plain.get_or_init(|| {
            let mut made = Made::new();
            self.run(&self.thresholds, Missing::Inconclusive, &mut made);
            made
        })
    }

    /// What is told of all records together: that they are too few for an `after`.
    fn at_the_end(&self) -> Vec<Check<'static>> {
        let after = self.thresholds.iter().any(|threshold| threshold.after.is_some());
        if !after || self.lines.iter().any(|line| !self.is_made_alone(line)) {
            return Vec::new();
        }
        let mut judge = Judge::new(&self.thresholds, None, Missing::Inconclusive);
        for (_, record) in &self.records {
            judge.record(record, &self.name);
        }
        let mut checks = judge.finish();
        checks.retain(|check| check.code == Some(Code::TooFewFacts) && check.id == RECORD_ID);
        checks
    }

    fn made(&self, line: &str, place: u64) -> &[Check<'static>] {
        self.plain().get(&(line.to_owned(), place)).map_or(&[], Vec::as_slice)
    }

    /// Whether `check`, made of the record at `place`, comes out the same.
    fn compare(
        &self,
        check: &Check<'static>,
        line: &str,
        place: u64,
        terms: Terms,
        ids: &HashSet<&str>,
    ) -> Check<'static> {
        let key = (line.to_owned(), place);
        let nearest = |made: &Made| {
            let same = made.get(&key)?.iter().filter(|made| matches_of(made) == matches_of(check));
            same.map(|made| differing(made, check, terms, ids)).min_by_key(Vec::len)
        };
        let alone = || {
            self.alone.get_or_init(|| {
                let mut made = Made::new();
                for line in &self.lines {
                    if let Ok(threshold) = Threshold::parse(line) {
                        let mut one = Thresholds::new();
                        one.push(threshold);
                        self.run(&one, Missing::Inconclusive, &mut made);
                    }
                }
                made
            })
        };
        let differ = nearest(self.plain());
        let same = |differ: Option<Vec<&'static str>>| differ.is_some_and(|differ| differ.is_empty());
        if differ.as_ref().is_some_and(Vec::is_empty) || (terms.gaps && same(nearest(alone()))) {
            return Check { metric: check.metric.clone(), ..holds(&check.id, &check.scope) };
        }
        for ((word, missing), cell) in OTHERS.iter().zip(&self.others) {
            let made = cell.get_or_init(|| {
                let mut made = Made::new();
                self.run(&self.thresholds, *missing, &mut made);
                made
            });
            if same(nearest(made)) {
                // Whoever edits one inconclusive check to a skip leaves the same trace.
                let words =
                    format!("missing: it is so only under --missing {word}: write \"missing {word}\" at the threshold");
                return of(&check.id, &check.scope, Status::Inconclusive, Some(Code::Missing), &words);
            }
        }
        let now = self.made(line, place).iter().find(|made| matches_of(made) == matches_of(check));
        let words = match (now, differ) {
            (Some(now), _) if now.status != check.status => {
                format!("{} then, {} of the evidence", check.status, now.status)
            }
            (Some(now), _) if now.actual != check.actual || now.expected != check.expected => {
                let plain = crate::formats::plain;
                let figures =
                    |check: &Check<'static>| format!("{} against {}", plain(&check.actual), plain(&check.expected));
                format!("{} then, {} of the evidence", figures(check), figures(now))
            }
            (Some(_), Some(differ)) => format!("of the evidence it has another {}", differ.join(", ")),
            _ => "the evidence does not give this check".to_owned(),
        };
        of(&check.id, &check.scope, Status::Fail, None, &words)
    }
}

/// The fields in which a check differs from the same one made again.
fn differing(made: &Check<'static>, check: &Check<'static>, terms: Terms, ids: &HashSet<&str>) -> Vec<&'static str> {
    let undecided = check.id == "pass" && check.code == Some(Code::Undecided) && made.code == Some(Code::Violated);
    let mut made = made.clone();
    if undecided {
        // --pass beside --fail, of which neither holds.
        made.code = check.code;
        made.reason = format!("{}: {}", check.id, Code::Undecided);
    }
    let mut differ = fields(&made, check, terms.words);
    if made.id != check.id && numbered(&made.id).0 == numbered(&check.id).0 {
        // The number of one that stands a second time tells of lines that need not be here.
        let (base, number) = numbered(&check.id);
        let before = match number {
            0 | 1 => true,
            2 => ids.contains(base.as_str()),
            number => {
                let (start, rest) = base.split_at(base.rfind('[').unwrap_or(base.len()));
                ids.contains(format!("{start}#{}{rest}", number - 1).as_str())
            }
        };
        if before || terms.gaps {
            differ.retain(|field| *field != "id");
            if !made.reason.is_empty() && made.reason.replace(&made.id, &check.id) == check.reason {
                differ.retain(|field| *field != "reason");
            }
        }
    }
    differ
}

/// The names of the fields in which two checks differ; those what a version may say otherwise only where `words` are wanted.
fn fields(made: &Check<'static>, check: &Check<'static>, words: bool) -> Vec<&'static str> {
    let Check { id, scope: _, metric, kind, op, actual, expected, unit, status, passed, fatal, origin, code, .. } =
        made;
    let Check { violation, reason, margin, samples, interval, nights, source, assumed, .. } = made;
    let same = [
        ("id", *id == check.id),
        ("metric", *metric == check.metric),
        ("type", *kind == check.kind),
        ("op", *op == check.op),
        ("actual", *actual == check.actual),
        ("expected", *expected == check.expected),
        ("unit", *unit == check.unit),
        ("status", *status == check.status),
        ("passed", *passed == check.passed),
        ("fatal", *fatal == check.fatal),
        ("origin", *origin == check.origin),
        ("code", *code == check.code),
        ("margin", *margin == check.margin),
        ("interval", *interval == check.interval),
        ("nights", *nights == check.nights),
        ("samples", !words || *samples == check.samples),
        ("source", *source == check.source),
        ("assumed", *assumed == check.assumed),
        ("violation", !words || *violation == check.violation),
        ("reason", !words || *reason == check.reason),
    ];
    same.into_iter().filter(|(_, same)| !same).map(|(field, _)| field).collect()
}

/// `[send]` of `actions.*.p95_ms#2[send]`: what a wildcard matched.
fn matches_of<'c>(check: &'c Check<'_>) -> &'c str {
    check.id.rfind('[').and_then(|from| check.id.get(from..)).unwrap_or_default()
}

/// `lat[send]` and 2 of `lat#2[send]`; 1 of an id without a number.
fn numbered(id: &str) -> (String, u64) {
    let end = id.rfind('[').unwrap_or(id.len());
    let (start, rest) = id.split_at(end);
    match start.rsplit_once('#').map(|(base, digits)| (base, digits.parse::<u64>())) {
        Some((base, Ok(number))) if number > 1 => (format!("{base}{rest}"), number),
        _ => (id.to_owned(), 1),
    }
}
