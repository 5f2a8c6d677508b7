//! The verdict: one document that carries the answer, the checks behind it and the evidence behind those.

use serde::Serialize;

use crate::{Check, Object, Seal, Status, Value};

/// The document `verdict` writes. What `--set` gave stands before these fields, at the top (`extra`).
#[derive(Clone, Debug, PartialEq, Default, Serialize)]
pub struct Verdict<'a> {
    /// What `--set` and `--set-text` gave: `mode`, `run_id`.
    #[serde(flatten)]
    pub extra: Object<'a>,
    /// `PASS`, `WARN`, `INCONCLUSIVE` or `FAIL`.
    pub verdict: String,
    /// Why, in one line.
    pub reason: String,
    /// Whether every group passed.
    pub all_pass: bool,
    /// 0, 1 or 3.
    pub recommended_exit_code: u8,
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
    /// The seals behind it, flat.
    pub seals: Vec<Seal>,
    /// When it was made, RFC 3339.
    pub generated_at: String,
}

/// How many checks and groups came to what.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Of the checks.
    pub checks: CheckCounts,
    /// Of the groups.
    pub groups: GroupCounts,
}

/// Checks by status.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
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

/// Groups by verdict.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Default, Serialize)]
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
    /// The record the checks were made from; null where it was left out.
    pub evidence: Value<'a>,
}

/// A named subset of checks.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Gate {
    /// `PASS`, `WARN`, `INCONCLUSIVE` or `FAIL`.
    pub verdict: String,
    /// Why, in one line.
    pub reason: String,
    /// The ids it asks for.
    pub checks: Vec<String>,
}

/// The groups read as steps of a rising load.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Ramp {
    /// The id of the highest step that passed below the first that failed; null where none did.
    pub answer: Option<String>,
    /// The id of the first step that failed; null where none did.
    pub tripped: Option<String>,
    /// Why that step failed; `""` where none did.
    pub next_limit: String,
    /// The ids of the steps that could not be told.
    pub inconclusive: Vec<String>,
}
