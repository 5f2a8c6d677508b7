//! The judge: thresholds over a stream of records, with what must be remembered between them.
//!
//! Owns runs of violations, sections that matched nothing, and what an empty stream comes to.
//! Refuses to forget a record: every one gives at least one check.

pub(crate) mod outcome; // one threshold, one record
pub(crate) mod over_runs; // several runs a side
pub(crate) mod past; // runs and nights beside the record at hand
pub(crate) mod rendered; // the hot case, written from parts
pub(crate) mod streak; // violations in a row
pub(crate) mod sure; // intervals held against bounds
pub(crate) mod threshold; // what a line asks for
pub(crate) mod thresholds; // a file of them

use std::collections::HashMap;

use schema::{Check, Code, Object, Status, Value, json};

use crate::evaluate::Before;
use crate::judge::outcome::{Outcome, Subject};
use crate::judge::over_runs::OverRuns;

use crate::judge::rendered::{Record, Rendered, Rendering};
use crate::judge::streak::{Enough, Known, Streak, Windows};
use crate::judge::threshold::{After, Missing, Threshold};
use crate::judge::thresholds::Thresholds;
use crate::record::claims::Claims;
use crate::record::runs::{self, Baseline, Runs};
use crate::record::samples::Wanted;
use crate::record::stencil::{Fit, Stencils};
use crate::record::survey::Survey;
use crate::{Path, Section};

/// The id of a check that stands for a whole record to which no threshold applies.
pub const RECORD_ID: &str = "@record";

/// How many records are at most judged the slow way before the quick one is tried again.
const LONGEST_PAUSE: u32 = 63;

/// What a threshold came to on a record.
#[derive(Debug)]
pub enum Finding<'f> {
    /// It passes or is violated, and nothing about it is odd: the check is written without being made.
    Rendered(&'f Rendering<'f>),
    /// The check.
    Check(Box<Check<'static>>),
}

impl Finding<'_> {
    /// What it came to.
    pub fn status(&self) -> Status {
        match self {
            Finding::Rendered(rendering) => rendering.status(),
            Finding::Check(check) => check.status,
        }
    }

    /// The check.
    pub fn into_check(self) -> Check<'static> {
        match self {
            Finding::Rendered(rendering) => rendering.check(),
            Finding::Check(check) => *check,
        }
    }
}

/// Thresholds at work on a stream.
#[derive(Debug)]
pub struct Judge<'t> {
    thresholds: &'t Thresholds,
    rendered: Vec<Option<Rendered>>,
    baseline: Option<&'t Baseline>,
    /// The comparisons over runs, where several records are judged together.
    over_runs: Option<OverRuns<'t>>,
    /// Whether constant bounds, too, are of all records together.
    runs_alone: bool,
    /// The nights before.
    history: Option<&'t Runs>,
    missing: Missing,
    /// For each threshold with `after`, the last records of each check and scope: whether they violate.
    runs: HashMap<(usize, String, String), Streak>,
    /// The names of sections that no record has matched yet, with the place of their threshold.
    unmatched: Vec<(usize, &'t Section)>,
    /// Whether thresholds that compare with the baseline are skipped.
    skips_baseline: bool,
    windows: Windows,
    /// Whether any threshold counts records in a row.
    has_runs: bool,
    records: u64,
    /// How many records are not tried to be told quickly, and how many after the next one that is not.
    pause: u32,
    patience: u32,
    /// The scope of the record before.
    scope: Option<String>,
    /// The counts that the thresholds at work read: those of this scope, where there are sections.
    wanted: Wanted,
    /// The scope that these are of.
    wanted_in: Option<String>,
    sectioned: bool,
}

/// The counts that thresholds read by themselves: `latency.count >= 100`.
fn counts_read<'t>(thresholds: impl IntoIterator<Item = &'t Threshold>) -> Wanted {
    Wanted::of(thresholds.into_iter().flat_map(|threshold| threshold.paths()))
}

impl<'t> Judge<'t> {
    /// A judge who has seen no record.
    pub fn new(thresholds: &'t Thresholds, baseline: Option<&'t Baseline>, missing: Missing) -> Judge<'t> {
        let names =
            |(place, threshold): (usize, &'t Threshold)| threshold.sections.iter().map(move |name| (place, name));
        let wanted = counts_read(thresholds);
        let mut places = 0;
        let rendered = thresholds.iter().map(|threshold| {
            let rendered = Rendered::of(threshold, &wanted, places)?;
            places += rendered.paths().count();
            Some(rendered)
        });
        let rendered = rendered.collect();
        Judge {
            thresholds,
            rendered,
            baseline,
            over_runs: None,
            runs_alone: false,
            history: None,
            missing,
            runs: HashMap::new(),
            unmatched: thresholds.iter().enumerate().flat_map(names).collect(),
            skips_baseline: false,
            windows: Windows::default(),
            has_runs: thresholds.iter().any(|threshold| threshold.after.is_some()),
            records: 0,
            pause: 0,
            patience: 0,
            scope: None,
            wanted,
            wanted_in: None,
            sectioned: thresholds.iter().any(|threshold| !threshold.sections.is_empty()),
        }
    }

    /// The same judge, where there is no baseline yet and need not be: what compares with it is skipped.
    pub fn before_any_baseline(mut self) -> Judge<'t> {
        self.skips_baseline = true;
        self
    }

    /// The same judge, who holds what compares with a baseline and says how sure against all of these runs at once.
    pub fn over_runs(mut self, baselines: &'t Runs) -> Judge<'t> {
        self.over_runs = Some(OverRuns::new(baselines));
        self
    }

    /// The same judge of records that are runs of one thing: a constant bound that says how sure is held against all of
    /// them at once, too.
    pub fn of_runs(mut self, baselines: &'t Runs) -> Judge<'t> {
        self.over_runs.get_or_insert_with(|| OverRuns::new(baselines));
        self.runs_alone = true;
        self
    }

    /// The bounds that a comparison over runs was made with: to make it again.
    pub fn give(&mut self, check: &Check<'_>) {
        let Some((line, interval)) = check.threshold.as_deref().zip(check.interval.as_ref()) else { return };
        let threshold = self.thresholds.iter().find(|threshold| threshold.line == line);
        // `actions.*.p95_ms[send]`: what the wildcard stands for.
        let named = check.id.strip_suffix(']').and_then(|id| id.rsplit_once('[')).map(|(_, name)| name.to_owned());
        let matched = threshold.filter(|threshold| threshold.each.is_some()).and(named);
        if let Some(over_runs) = &mut self.over_runs {
            over_runs.give(line, &check.scope, matched, &interval.against);
        }
    }

    /// How many records were copies of runs that were there: they count once.
    pub fn copies(&self) -> usize {
        self.over_runs.as_ref().map_or(0, OverRuns::again)
    }

    /// The same judge, who knows the nights before: what `usual` and `trend` are of.
    pub fn with_history(mut self, history: &'t Runs) -> Judge<'t> {
        self.history = Some(history);
        self
    }

    /// The same judge without the fast way: what that is tested against.
    #[cfg(test)]
    pub(crate) fn plainly(mut self) -> Judge<'t> {
        self.rendered.clear();
        self
    }

    /// The checks of one record.
    pub fn record(&mut self, record: &Value<'_>, scope: &str) -> Vec<Check<'static>> {
        let mut checks = Vec::new();
        let each = self.each(record, scope, |finding| {
            checks.push(finding.into_check());
            Ok::<(), std::convert::Infallible>(())
        });
        match each {
            Ok(()) => checks,
            Err(never) => match never {},
        }
    }

    /// Stencils for the records of this judge, which also tell what stands at the path of the scope.
    pub fn stencils(&self, scope: Option<&Path>) -> Stencils {
        Stencils::new(self.rendered.iter().flatten().flat_map(Rendered::paths).cloned().collect(), scope)
    }

    /// Whether a threshold asks for something at or below the member `key` of a record, or may do so.
    pub fn asks(&self, key: &str) -> bool {
        self.rendered
            .iter()
            .any(|rendered| rendered.as_ref().is_none_or(|rendered| rendered.paths().any(|path| path.leads_into(key))))
    }

    /// Calls `sink` with what each threshold comes to on one record, in order; at least once.
    ///
    /// # Errors
    /// Only those of `sink`.
    pub fn each<E>(
        &mut self,
        record: &Value<'_>,
        scope: &str,
        sink: impl FnMut(Finding<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let survey = Survey::default();
        self.judge(Record::Read(record, &survey), &survey, &Claims::of(record), scope, sink)
    }

    /// The same for a record that fits one of this judge's [`stencils`](Judge::stencils).
    ///
    /// # Errors
    /// Only those of `sink`.
    pub fn each_fit<E>(
        &mut self,
        fit: &Fit<'_>,
        scope: &str,
        sink: impl FnMut(Finding<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        // A record that says something of itself fits no stencil.
        self.judge(Record::Fit(fit), &Survey::default(), &Claims::default(), scope, sink)
    }

    /// Appends the check lines of a record that fits, each with its newline: how many, and the worst status. `None` where
    /// not every threshold is told quickly; then `out` may end in a part of them, and nothing has been judged.
    pub fn write_fit(&mut self, fit: &Fit<'_>, scope: &str, out: &mut Vec<u8>) -> Option<(u64, Status)> {
        if self.pause > 0 {
            self.pause -= 1;
            return None;
        }
        self.enter(scope);
        let written = self.write_all(fit, scope, out).filter(|(lines, _)| *lines > 0);
        // Where records are hardly ever told quickly, trying is work for nothing.
        self.patience = if written.is_some() { 0 } else { (2 * self.patience + 1).min(LONGEST_PAUSE) };
        self.pause = self.patience;
        if written.is_some() {
            self.records += 1;
            self.unmatched.retain(|(_, section)| !section.matches(scope));
        }
        written
    }

    fn write_all(&self, fit: &Fit<'_>, scope: &str, out: &mut Vec<u8>) -> Option<(u64, Status)> {
        let mut written = (0, Status::Pass);
        for (threshold, rendered) in self.thresholds.iter().zip(&self.rendered) {
            if !threshold.applies_to(scope) {
                continue;
            }
            let rendered = rendered.as_ref()?;
            if rendered.write_passed(fit, out) {
                written.0 += 1;
                continue;
            }
            let rendering = rendered.rendering(Record::Fit(fit))?;
            written = (written.0 + 1, written.1.max(rendering.status()));
            rendering.write(out);
            out.push(b'\n');
        }
        Some(written)
    }

    /// What each threshold came to on a record that [`write_fit`](Judge::write_fit) has written, and nothing else.
    pub fn again<'f>(&'f self, fit: &'f Fit<'_>, scope: &str) -> impl Iterator<Item = Rendering<'f>> {
        let applies = self.thresholds.iter().map(move |threshold| threshold.applies_to(scope));
        let those = applies.zip(&self.rendered).filter_map(|(applies, rendered)| rendered.as_ref().filter(|_| applies));
        those.filter_map(|rendered| rendered.rendering(Record::Fit(fit)))
    }

    fn judge<E>(
        &mut self,
        record: Record<'_, '_>,
        survey: &Survey,
        claims: &Claims,
        scope: &str,
        mut sink: impl FnMut(Finding<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.records += 1;
        let before =
            self.baseline.and_then(|baseline| baseline.run(scope)).map(|(record, claims)| Before { record, claims });
        let mut wanted = std::mem::take(&mut self.wanted);
        let window = if self.has_runs { self.windows.see(record.value()) } else { None };
        if self.sectioned && self.wanted_in.as_deref() != Some(scope) {
            self.wanted_in = Some(scope.to_owned());
            wanted = counts_read(self.thresholds.iter().filter(|threshold| threshold.applies_to(scope)));
        }
        self.unmatched.retain(|(_, section)| !section.matches(scope));
        self.enter(scope);
        if let Some(over_runs) = &mut self.over_runs {
            over_runs.begin(record.value(), scope);
        }
        // Where tonight's record was put beside those of the nights before, it is none of them.
        let mut past = self.history.map_or(&[][..], |history| history.of(scope));
        while let Some(((night, _), before)) = past.split_last()
            && !self.history.is_some_and(Runs::allows_copies)
            && runs::is_same_run(record.value(), night)
        {
            past = before;
        }
        let mut result = Ok(());
        let mut any = false;
        for (place, threshold) in self.thresholds.iter().enumerate() {
            if result.is_err() {
                break;
            }
            if !threshold.applies_to(scope) {
                continue;
            }
            any = true;
            let rendered = self.rendered.get(place).and_then(Option::as_ref).filter(|_| claims.is_empty());
            if let Some(rendering) = rendered.and_then(|rendered| rendered.rendering(record)) {
                result = sink(Finding::Rendered(&rendering));
                continue;
            }
            let subject = Subject { record: record.value(), claims, before, scope, survey, wanted: &wanted, past };
            if let Some(over_runs) = self
                .over_runs
                .as_mut()
                .filter(|_| threshold.compares_runs() || self.runs_alone && threshold.bounds_runs())
            {
                over_runs.add(place, threshold, &subject);
                continue;
            }
            let skipped = self.skips_baseline && threshold.reads_baseline();
            for mut outcome in threshold.outcomes(&subject) {
                outcome.skipped |= skipped;
                let run = match threshold.after {
                    None => Enough::Yes,
                    Some(after) => {
                        let matched = outcome.matched.clone().unwrap_or_default();
                        let (status, _) = threshold.status(&outcome, true, self.missing);
                        let known = match outcome.holds {
                            Ok(holds) if !outcome.skipped => Known::Holds(holds),
                            _ if status == Status::Inconclusive => Known::No,
                            _ => Known::Skipped,
                        };
                        let run = self.runs.entry((place, matched, scope.to_owned())).or_default();
                        run.add(known, window, &self.windows, after)
                    }
                };
                if let Enough::Unknown(code, words) = run
                    && outcome.holds == Ok(false)
                {
                    outcome.doubt(code, words);
                }
                let check = threshold.check(&outcome, &subject, run != Enough::No, self.missing);
                if result.is_ok() {
                    result = sink(Finding::Check(Box::new(check)));
                }
            }
        }
        self.wanted = wanted;
        if !any {
            return sink(Finding::Check(Box::new(Check::inconclusive(RECORD_ID, scope, Code::NoChecks))));
        }
        result
    }

    /// Makes the lines ready for a scope, where it is not that of the record before.
    fn enter(&mut self, scope: &str) {
        if self.scope.as_deref() == Some(scope) {
            return;
        }
        self.scope = Some(scope.to_owned());
        let mut text = Vec::new();
        json::write_text(scope, &mut text);
        self.rendered.iter_mut().flatten().for_each(|rendered| rendered.enter(&text));
    }

    /// The checks of a threshold with `after` that could not have failed, where some of the few records violate it.
    fn too_few(&self, place: usize, threshold: &Threshold) -> Vec<Check<'static>> {
        let Some(After { violations, .. }) = threshold.after else { return Vec::new() };
        let few = |run: &Streak| run.judged.0 < violations && run.judged.1 > 0;
        let mut those: Vec<_> = self.runs.iter().filter(|((at, ..), run)| *at == place && few(run)).collect();
        those.sort_by(|((_, a, scope_of_a), _), ((_, b, scope_of_b), _)| (scope_of_a, a).cmp(&(scope_of_b, b)));
        those
            .into_iter()
            .map(|((_, matched, scope), run)| {
                let id = threshold.check_id(Some(matched));
                let (judged, violating) = run.judged;
                let words = format!("{violating} of {judged} violates, and it takes {violations} to fail");
                let words = if violating == 1 { words } else { words.replace("violates", "violate") };
                // It is of all records together: each has its own check of that id.
                let check = Check::inconclusive(RECORD_ID, scope, Code::TooFewFacts);
                Check { reason: format!("{id}: {}: {words}", Code::TooFewFacts), ..check }
            })
            .collect()
    }

    /// The checks of a scope that the baseline has, or the `night` before, and of which no record came: what compares with
    /// that is missing there. A section that no record matched says so itself.
    pub fn vanished(&self, scope: &str, night: bool) -> Vec<Check<'static>> {
        let record = Value::Object(Object::new());
        let claims = Claims::of(&record);
        let survey = Survey::default();
        let subject = Subject {
            record: &record,
            claims: &claims,
            before: None,
            scope,
            survey: &survey,
            wanted: &self.wanted,
            past: &[],
        };
        let told = |at: usize| self.unmatched.iter().any(|(place, section)| *place == at && section.matches(scope));
        let those = self.thresholds.iter().enumerate();
        let compares =
            |threshold: &Threshold| if night { threshold.reads_nights() } else { threshold.reads_baseline() };
        let those = those.filter(|(at, threshold)| threshold.applies_to(scope) && compares(threshold) && !told(*at));
        those
            .map(|(_, threshold)| {
                let from = if night { "the night before" } else { "the baseline" };
                let words = format!("{from} has this group, and the records have none of it");
                let outcome = Outcome::over_runs(
                    (Err(Code::Missing), false),
                    (None, None),
                    threshold.metric.clone(),
                    None,
                    Some(words),
                    false,
                    None,
                );
                threshold.check(&outcome, &subject, true, self.missing)
            })
            .collect()
    }

    /// Over how many comparisons of runs Holm's rule goes; 0 where none was made.
    pub fn comparisons(&self) -> usize {
        self.over_runs.as_ref().map_or(0, |over_runs| over_runs.finish(self.thresholds, self.missing).1)
    }

    /// The checks of what is told at the end: comparisons over runs, sections no record matched, and every threshold
    /// where there was no record.
    pub fn finish(&self) -> Vec<Check<'static>> {
        let over_runs = self.over_runs.as_ref().map(|over_runs| over_runs.finish(self.thresholds, self.missing).0);
        let mut checks = over_runs.unwrap_or_default();
        for (place, threshold) in self.thresholds.iter().enumerate() {
            if threshold.sections.is_empty() && self.records == 0 {
                checks.push(threshold.check_of_nothing("", Code::NoRecords));
            }
            checks.extend(self.too_few(place, threshold));
            for (_, section) in self.unmatched.iter().filter(|(at, _)| *at == place) {
                let code = if self.records == 0 { Code::NoRecords } else { Code::MissingGroup };
                checks.push(threshold.check_of_nothing(&section.name, code));
            }
        }
        checks
    }
}

impl Threshold {
    /// The checks of this threshold on one record by itself: runs (`after`) are taken as long enough.
    pub fn checks(&self, record: &Value<'_>, scope: &str, baseline: Option<&Baseline>) -> Vec<Check<'static>> {
        let claims = Claims::of(record);
        let before =
            baseline.and_then(|baseline| baseline.run(scope)).map(|(record, claims)| Before { record, claims });
        let wanted = counts_read([self]);
        let survey = Survey::default();
        let subject = Subject { record, claims: &claims, before, scope, survey: &survey, wanted: &wanted, past: &[] };
        self.outcomes(&subject)
            .iter()
            .map(|outcome| self.check(outcome, &subject, true, Missing::Inconclusive))
            .collect()
    }
}

/// What checks come to together.
pub fn outcome_of<'c>(checks: impl IntoIterator<Item = &'c Check<'c>>) -> Status {
    Status::all(checks.into_iter().map(|check| check.status))
}
